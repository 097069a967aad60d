//! The fuzz targets without a fuzzer: every committed input and every seed is run, then damaged ones for a moment.
//!
//! `HOURBOOK_FUZZ_MILLIS` sets the moment for each target (default 200), `HOURBOOK_FUZZ_SEED` what chance does (default
//! 1). The full run under libFuzzer, guided by coverage, is `tests/fuzz/run.sh`.
#![allow(clippy::unwrap_used, reason = "all of it is a test")]

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use chacha20::rand_core::Rng as _;
use hourbook_tests::seeded::SeededRng;

mod targets;

use targets::Target;
use targets::feed::Feed;

/// No input may keep a reader busy for longer, in an unoptimised build on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

fn number(variable: &str, default: u64) -> u64 {
    let set = std::env::var(variable).ok();
    set.map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{variable} is not a number: {text}")))
}

/// Inputs in a folder, by name, so that the order is the same everywhere.
fn committed(folder: &str, target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz").join(folder).join(target);
    let Ok(entries) = std::fs::read_dir(&folder) else { return Vec::new() };
    let paths: BTreeSet<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.into_iter().map(|path| std::fs::read(path).unwrap()).collect()
}

#[expect(clippy::disallowed_methods, reason = "how long a reader takes is what is tested")]
fn now() -> Instant {
    Instant::now()
}

/// Runs one input; if it is a finding, keeps it and says where.
fn execute(target: &Target, input: &[u8]) {
    let begun = now();
    let outcome = catch_unwind(AssertUnwindSafe(|| (target.run)(input)));
    let slow = begun.elapsed() > PATIENCE;
    if outcome.is_ok() && !slow {
        return;
    }
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("fuzz-{}", target.name));
    std::fs::write(&kept, input).unwrap();
    eprintln!("{}: a finding of {} bytes is in {}", target.name, input.len(), kept.display());
    match outcome {
        Err(panic) => resume_unwind(panic),
        Ok(()) => panic!("{}: took longer than {PATIENCE:?}", target.name),
    }
}

/// One of the inputs, damaged; now and then with another one's end; sometimes nothing but chance.
fn another(dice: &mut SeededRng, inputs: &[Vec<u8>], longest: usize) -> Vec<u8> {
    let mut chance = vec![0; 256];
    dice.rng().fill_bytes(&mut chance);
    let mut input = dice.pick(inputs).clone();
    match dice.below(8) {
        0 => input = chance[..dice.below(200) as usize].to_vec(),
        1 => {
            let tail = dice.pick(inputs);
            input.truncate(dice.below(input.len() as u64 + 1) as usize);
            input.extend_from_slice(&tail[dice.below(tail.len() as u64 + 1) as usize..]);
        }
        _ => {}
    }
    Feed::new(&chance).damage(&mut input, 8);
    input.truncate(longest);
    input
}

fn short_run(name: &str) {
    let target = targets::all().into_iter().find(|target| target.name == name).unwrap();
    let mut inputs = (target.seeds)();
    assert!(!inputs.is_empty(), "{name} has nothing to start from");
    inputs.extend(committed("corpus", name));
    inputs.extend(committed("regressions", name));
    inputs.push(Vec::new());
    inputs.iter().for_each(|input| execute(&target, input));
    let seed = number("HOURBOOK_FUZZ_SEED", 1);
    let end = now() + Duration::from_millis(number("HOURBOOK_FUZZ_MILLIS", 200));
    let mut dice = SeededRng::new(seed, name);
    let mut made = 0u64;
    while now() < end {
        execute(&target, &another(&mut dice, &inputs, target.longest));
        made += 1;
    }
    println!("{name}: {} committed and seeds, {made} made with seed {seed}: no finding", inputs.len());
}

macro_rules! short_runs {
    ($($test:ident $name:literal)*) => {
        $(#[test] fn $test() { short_run($name) })*
        const TESTED: &[&str] = &[$($name),*];
    };
}

short_runs! {
    tile_path "tile-path"
    note "note"
    checkpoint "checkpoint"
    verifier_key "verifier-key"
    tlog_proof "tlog-proof"
    tree "tree"
    event "event"
    entry "entry"
    submissions "submissions"
    receipts "receipts"
    envelope_json "envelope-json"
    envelope_check "envelope-check"
    value "value"
    key_text "key-text"
    journal "journal"
    head_guard "head-guard"
    bundle "bundle"
    manifest "manifest"
    vault "vault"
    roll "roll"
    paper "paper"
    sheet "sheet"
    sheet_cells "sheet-cells"
    workbook "workbook"
    http "http"
    session_token "session-token"
    rules "rules"
    snapshot "snapshot"
}

#[test]
fn every_target_is_tested_and_has_a_corpus() {
    let names: BTreeSet<&str> = targets::all().iter().map(|target| target.name).collect();
    assert_eq!(names, TESTED.iter().copied().collect());
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    for folder in ["corpus", "regressions"] {
        let Ok(entries) = std::fs::read_dir(here.join(folder)) else { continue };
        for entry in entries {
            let folder = entry.unwrap().file_name().into_string().unwrap();
            assert!(names.contains(&*folder), "no target is named as the folder {folder}");
        }
    }
}
