//! One program for all fuzz targets: `HOURBOOK_FUZZ_TARGET` names the one to run, the arguments are libFuzzer's.
#![no_main]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, OnceLock};

#[path = "../../targets/mod.rs"]
mod targets;

use targets::Target;

fn chosen() -> &'static Target {
    static CHOSEN: OnceLock<Target> = OnceLock::new();
    CHOSEN.get_or_init(|| {
        remember_panics();
        let target = named();
        write_seeds(&target);
        target
    })
}

/// Adds the target's own seeds to a corpus, if a folder is named, and ends.
fn write_seeds(target: &Target) {
    let Some(folder) = std::env::var_os("HOURBOOK_FUZZ_SEEDS").map(std::path::PathBuf::from) else { return };
    for (number, seed) in (target.seeds)().iter().enumerate() {
        std::fs::write(folder.join(format!("seed-{number:03}")), seed).expect("the folder can be written to");
    }
    std::process::exit(0);
}

fn named() -> Target {
    let name = std::env::var("HOURBOOK_FUZZ_TARGET").unwrap_or_default();
    targets::all().into_iter().find(|target| target.name == name).unwrap_or_else(|| {
        let names: Vec<&str> = targets::all().iter().map(|target| target.name).collect();
        eprintln!("HOURBOOK_FUZZ_TARGET must name one of: {}", names.join(" "));
        std::process::exit(2)
    })
}

static LAST_PANIC: Mutex<String> = Mutex::new(String::new());

/// libFuzzer's wrapper ends the process in the panic hook. But a reader may catch a panic of a library that it uses, and
/// answer in order: only a panic that comes out of a target is a finding.
fn remember_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let trace = std::backtrace::Backtrace::capture();
        *LAST_PANIC.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = format!("{panic}\n{trace}");
    }));
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let target = chosen();
    let bytes = &bytes[..bytes.len().min(target.longest)];
    if catch_unwind(AssertUnwindSafe(|| (target.run)(bytes))).is_err() {
        eprintln!("{}: {}", target.name, LAST_PANIC.lock().unwrap_or_else(|poisoned| poisoned.into_inner()));
        std::process::abort();
    }
});
