//! kill -9, again and again, on a process that appends to a log: nothing acknowledged is lost, nothing is doubled, no
//! group is there in part.
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

fn torture() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let path = test.parent().and_then(Path::parent).unwrap().join("examples/torture");
    assert!(path.exists(), "{} is missing: cargo build -p hourbook-tests --examples", path.display());
    path
}

fn number_in_last_line(text: &[u8]) -> Option<u64> {
    let whole = &text[..=text.iter().rposition(|byte| *byte == b'\n')?];
    whole.lines().last()?.unwrap().parse().ok()
}

/// The first lines a writer printed on each of its outputs are about where it began.
struct Killed {
    acked: Option<u64>,
    begun: Option<u64>,
    said: String,
}

/// Runs a writer and kills it some time after its first acknowledgement.
fn run_and_kill(dir: &Path, after: Duration) -> Killed {
    let mut writer = Command::new(torture());
    writer.arg("write").arg(dir).arg(JOURNAL_BYTES).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = writer.spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut err = child.stderr.take().unwrap();
    let begun = thread::spawn(move || {
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
    let (acked, begun) = (rest.join().unwrap(), begun.join().unwrap());
    let said = String::from_utf8_lossy(&begun[begun.len().saturating_sub(300)..]).into_owned();
    Killed { acked: number_in_last_line(&acked), begun: number_in_last_line(&begun), said }
}

fn verify(dir: &Path, acked: u64) {
    let verified =
        Command::new(torture()).arg("verify").arg(dir).arg(acked.to_string()).arg(JOURNAL_BYTES).output();
    let verified = verified.unwrap();
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
}

#[test]
fn no_acknowledged_event_is_lost_or_doubled_by_kill_9() {
    let kills: u64 = std::env::var("HOURBOOK_KILLS").map_or(50, |text| text.parse().unwrap());
    let root = tempfile::tempdir().unwrap();
    let (mut inside, mut acked) = (0, 0);
    for kill in 0..kills {
        // A log is killed several times before the next one begins, so that recoveries pile up.
        let dir = root.path().join(format!("log-{}", kill / 10));
        let killed = run_and_kill(&dir, Duration::from_millis(20 + kill * 37 % 160));
        let last = killed.acked.unwrap_or_else(|| panic!("nothing was acknowledged: {}", killed.said));
        // A group is announced when it is handed over: without its acknowledgement the kill came inside it.
        inside += u64::from(killed.begun.is_some_and(|begun| begun >= last));
        acked += last;
        verify(&dir, last);
    }
    println!("{kills} kills, {inside} of them inside a commit group, {acked} acknowledged events checked");
    assert!(inside * 10 >= kills * 6, "only {inside} of {kills} kills came inside a commit group");
}
