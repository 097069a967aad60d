//! kill -9, again and again, on a process that appends to a log: nothing acknowledged is lost, nothing is doubled, no
//! group is there in part. Once on the log engine alone, once on the whole write side.
//!
//! Needs the example `torture`, which `cargo test -p hourbook-tests` builds. `HOURBOOK_KILLS` sets the number of kills.
#![allow(clippy::unwrap_used, reason = "all of it is a test")]

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

/// Short enough that each run seals, raises the barrier and deletes journal files many times.
const JOURNAL_BYTES: &str = "100000";

/// What is killed: the program's words for writing and verifying, and how to tell from what it said whether it was
/// inside a commit group.
struct Subject {
    write: &'static str,
    verify: &'static str,
    inside: fn(&Killed) -> bool,
}

/// What a killed writer had said.
struct Killed {
    acked: Option<u64>,
    /// The last whole line on stderr.
    announced: String,
    said: String,
}

fn torture() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let path = test.parent().and_then(Path::parent).unwrap().join("examples/torture");
    assert!(path.exists(), "{} is missing: cargo build -p hourbook-tests --examples", path.display());
    path
}

fn last_whole_line(text: &[u8]) -> Option<String> {
    let whole = &text[..=text.iter().rposition(|byte| *byte == b'\n')?];
    whole.lines().last()?.ok()
}

/// Runs a writer and kills it some time after its first acknowledgement.
fn run_and_kill(subject: &Subject, dir: &Path, after: Duration) -> Killed {
    let mut writer = Command::new(torture());
    writer.arg(subject.write).arg(dir).arg(JOURNAL_BYTES).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = writer.spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut err = child.stderr.take().unwrap();
    let announced = thread::spawn(move || {
        let mut bytes = Vec::new();
        err.read_to_end(&mut bytes).unwrap();
        bytes
    });
    let mut acked = Vec::new();
    out.read_until(b'\n', &mut acked).unwrap();
    let rest = thread::spawn(move || {
        out.read_to_end(&mut acked).unwrap();
        acked
    });
    thread::sleep(after);
    child.kill().unwrap();
    child.wait().unwrap();
    let (acked, announced) = (rest.join().unwrap(), announced.join().unwrap());
    let said = String::from_utf8_lossy(&announced[announced.len().saturating_sub(300)..]).into_owned();
    let acked = last_whole_line(&acked).and_then(|line| line.parse().ok());
    Killed { acked, announced: last_whole_line(&announced).unwrap_or_default(), said }
}

fn verify(subject: &Subject, dir: &Path, acked: u64) {
    let mut verifier = Command::new(torture());
    verifier.arg(subject.verify).arg(dir).arg(acked.to_string()).arg(JOURNAL_BYTES);
    let verified = verifier.output().unwrap();
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
}

fn kill_again_and_again(subject: &Subject) {
    let kills: u64 = std::env::var("HOURBOOK_KILLS").map_or(50, |text| text.parse().unwrap());
    let root = tempfile::tempdir().unwrap();
    let (mut inside, mut acked) = (0, 0);
    for kill in 0..kills {
        // A log is killed several times before the next one begins, so that recoveries pile up.
        let dir = root.path().join(format!("log-{}", kill / 10));
        let killed = run_and_kill(subject, &dir, Duration::from_millis(20 + kill * 37 % 160));
        let last = killed.acked.unwrap_or_else(|| panic!("nothing was acknowledged: {}", killed.said));
        inside += u64::from((subject.inside)(&killed));
        acked += last;
        verify(subject, &dir, last);
    }
    println!("{kills} kills, {inside} of them inside a commit group, {acked} acknowledged events checked");
    assert!(inside * 10 >= kills * 6, "only {inside} of {kills} kills came inside a commit group");
}

/// A group is announced when it is handed over: without its acknowledgement the kill came inside it.
fn engine_inside(killed: &Killed) -> bool {
    killed.announced.parse::<u64>().is_ok_and(|begun| killed.acked.is_some_and(|acked| begun >= acked))
}

/// The sequencer says when it begins to commit a group and when that is durable.
fn ledger_inside(killed: &Killed) -> bool {
    killed.announced.starts_with("committing")
}

#[test]
fn the_engine_survives_kill_9() {
    kill_again_and_again(&Subject { write: "write", verify: "verify", inside: engine_inside });
}

#[test]
fn the_sequencer_and_the_vault_survive_kill_9() {
    kill_again_and_again(&Subject { write: "ledger-write", verify: "ledger-verify", inside: ledger_inside });
}
