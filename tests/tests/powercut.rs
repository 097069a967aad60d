//! Cuts the power under the whole write side, on a file system in a loop device. `HOURBOOK_POWERCUTS` sets the number of
//! cuts; see `powercut/README.md`.
#![allow(clippy::unwrap_used, reason = "all of it is a test")]

use std::path::{Path, PathBuf};
use std::process::Command;

use hourbook_tests::need;

/// Short journal files: sealing, barriers, deletions and archiving go on all the time.
const JOURNAL_BYTES: u64 = 1 << 18;

fn torture() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let path = test.parent().and_then(Path::parent).unwrap().join("examples/torture");
    assert!(path.exists(), "{} is missing: cargo build -p hourbook-tests --examples", path.display());
    path
}

#[test]
fn what_was_acknowledged_survives_a_power_cut() {
    let needs = [
        (need::root(), "root, to mount a loop device"),
        (need::program("mkfs.ext4"), "mkfs.ext4 (e2fsprogs)"),
        (need::program("python3"), "python3"),
    ];
    if !need::all("power cut", &needs) {
        return;
    }
    let runs = std::env::var("HOURBOOK_POWERCUTS").unwrap_or_else(|_| "3".into());
    let torture = torture();
    let torture = torture.display();
    let cut = Command::new("python3")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("powercut/powercut.py"))
        .args(["--runs", &runs])
        .args(["--writer", &format!("{torture} ledger-write {{dir}} {JOURNAL_BYTES}")])
        .args(["--verify", &format!("{torture} ledger-verify {{dir}} {{acked}} {JOURNAL_BYTES}")])
        .output()
        .unwrap();
    println!("{}", String::from_utf8_lossy(&cut.stdout));
    assert!(
        cut.status.success(),
        "{}{}",
        String::from_utf8_lossy(&cut.stdout),
        String::from_utf8_lossy(&cut.stderr)
    );
}
