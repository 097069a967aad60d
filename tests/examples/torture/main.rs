//! The program that the crash tests kill: it appends without end and says what was acknowledged, or checks what is
//! left of a log afterwards.
//!
//! ```text
//! torture write  DIR [JOURNAL_BYTES]         one line on stdout an acknowledgement: the number of events so far;
//!                                            one line on stderr before each group is handed over
//! torture verify DIR ACKED [JOURNAL_BYTES]   exit status 0 if the first ACKED events are there, once, and right
//! torture ledger-write  DIR JOURNAL_BYTES    the same through the sequencer, with signatures, rules and vault;
//! torture ledger-verify DIR ACKED JOURNAL_BYTES   stderr: a line when a group is being committed, one when it is durable
//! ```
//!
//! The journal's files are short (default 1 MiB), so that sealing, barriers and deletions happen all the time.

mod ledger;
mod subject;
mod workload;

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use subject::Subject;

const JOURNAL_BYTES: u64 = 1 << 20;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        ["write", dir] => write(Path::new(dir), JOURNAL_BYTES),
        ["write", dir, bytes] => number(bytes).and_then(|bytes| write(Path::new(dir), bytes)),
        ["verify", dir, acked] => {
            number(acked).and_then(|acked| verify(Path::new(dir), acked, JOURNAL_BYTES))
        }
        ["verify", dir, acked, bytes] => number(acked)
            .and_then(|acked| number(bytes).and_then(|bytes| verify(Path::new(dir), acked, bytes))),
        ["ledger-write", dir, bytes] => number(bytes).and_then(|bytes| ledger::write(Path::new(dir), bytes)),
        ["ledger-verify", dir, acked, bytes] => number(acked)
            .and_then(|acked| number(bytes).and_then(|bytes| ledger::verify(Path::new(dir), acked, bytes))),
        _ => Err("usage: torture [ledger-]write DIR JOURNAL_BYTES | [ledger-]verify DIR ACKED JOURNAL_BYTES"
            .to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn number(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("{text:?} is not a number"))
}

/// Appends until killed.
fn write(dir: &Path, journal_bytes: u64) -> Result<(), String> {
    let mut subject = Subject::open(dir, journal_bytes)?;
    let (mut out, mut begun) = (std::io::stdout().lock(), std::io::stderr().lock());
    loop {
        let first = subject.size();
        let group = workload::group(first);
        writeln!(begun, "{first}").map_err(|error| error.to_string())?;
        subject.append(&group)?;
        writeln!(out, "{}", subject.size()).map_err(|error| error.to_string())?;
        out.flush().map_err(|error| error.to_string())?;
    }
}

/// Checks what is there, then that it can go on, and that this survives too.
fn verify(dir: &Path, acked: u64, journal_bytes: u64) -> Result<(), String> {
    let mut subject = Subject::open(dir, journal_bytes)?;
    let size = check(&subject, acked)?;
    subject.append(&workload::group(size))?;
    drop(subject);
    check(&Subject::open(dir, journal_bytes)?, size + 1).map(|_| ())
}

fn check(subject: &Subject, acked: u64) -> Result<u64, String> {
    let size = subject.size();
    if size < acked {
        return Err(format!("{acked} events were acknowledged, {size} are there"));
    }
    if !workload::is_boundary(size) {
        return Err(format!("the log ends at {size}, inside a group"));
    }
    subject.check_head()?;
    let mut next = 0;
    subject.each(|position, bytes| {
        if position != next || bytes != workload::event(position) {
            return Err(format!("event {next} is not as it was written"));
        }
        next += 1;
        Ok(())
    })?;
    if next == size { Ok(size) } else { Err(format!("{size} events are claimed, {next} are there")) }
}
