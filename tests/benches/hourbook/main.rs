//! Speed, each figure beside what the hardware gives in the same run. One JSON line a figure:
//!
//! ```text
//! cargo bench -p hourbook-tests --bench hourbook                  every figure, at 1M events
//! cargo bench -p hourbook-tests --bench hourbook -- ingest rows   some of them
//! cargo bench -p hourbook-tests --bench hourbook -- replay --size 25000000
//! cargo bench -p hourbook-tests --bench hourbook -- --smoke       whether it runs; says nothing about speed
//! ```
//!
//! Each figure runs in a process of its own, so that none inherits another's memory. Ledgers are made in the directory
//! for temporary files (`TMPDIR`) and removed; it must be on the disk that is to be measured.

#![allow(clippy::disallowed_methods)] // measures time

mod client;
mod crowd;
mod grow;
mod history;
mod ingest;
mod limits;
mod people;
mod replay;
mod report;
mod web;

use std::process::{Command, ExitCode};

use tempfile::TempDir;

/// The same as the server's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How large everything is.
pub(crate) struct Size {
    /// Members with a key.
    pub(crate) keyed: usize,
    /// Events of one turn of ingest.
    pub(crate) events: usize,
    /// Turns.
    pub(crate) turns: usize,
    /// Lone appends.
    pub(crate) lone: usize,
    /// Events of a long log.
    pub(crate) log: u64,
}

impl Size {
    fn full(log: u64) -> Self {
        Self { keyed: 12_000, events: 40_000, turns: 5, lone: 2_000, log }
    }

    fn smoke() -> Self {
        Self { keyed: 100, events: 300, turns: 1, lone: 40, log: 2_000 }
    }
}

type Run = fn(&Size);

const FIGURES: &[(&str, Run)] = &[
    ("ingest", ingest::figures),
    ("http-ingest", web::ingest),
    ("append", ingest::append),
    ("rows", ingest::rows),
    ("audit", history::audit),
    ("replay", replay::figures),
    ("start", history::start),
    ("proof", history::proof),
    ("rank", people::rank),
    ("state-digest", people::digest),
    ("memory-state", |size| people::memory(size, false)),
    ("memory-models", |size| people::memory(size, true)),
    ("reads", web::reads),
];

/// An empty directory for a ledger.
///
/// # Panics
/// If there cannot be one.
#[must_use]
pub(crate) fn directory() -> TempDir {
    tempfile::Builder::new().prefix("hourbook-bench-").tempdir().expect("a directory")
}

fn main() -> ExitCode {
    // What cargo itself adds says nothing here.
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let smoke = args.iter().any(|arg| arg == "--smoke");
    let log = args.iter().position(|arg| arg == "--size").and_then(|at| args.get(at + 1)?.parse().ok());
    let size = if smoke { Size::smoke() } else { Size::full(log.unwrap_or(1_000_000)) };
    let wanted = |name: &str| args.iter().any(|arg| arg == name);
    let chosen: Vec<_> = FIGURES.iter().filter(|(name, _)| wanted(name)).collect();
    match chosen.as_slice() {
        // What is free has to be given back at once where memory is measured, and the allocator asks only when it begins.
        [(name, run)] if !name.starts_with("memory") || std::env::var_os(GIVE_BACK).is_some() => {
            run(&size);
            ExitCode::SUCCESS
        }
        [] => each_alone(&FIGURES.iter().collect::<Vec<_>>(), &args),
        some => each_alone(some, &args),
    }
}

/// Milliseconds for which the allocator keeps what is free.
const GIVE_BACK: &str = "MIMALLOC_PURGE_DELAY";

fn each_alone(figures: &[&(&str, Run)], args: &[String]) -> ExitCode {
    let options = args.iter().filter(|arg| !FIGURES.iter().any(|(name, _)| name == arg));
    let options: Vec<&String> = options.collect();
    let own = std::env::current_exe().expect("this program has a path");
    let run = |name: &str| {
        let mut command = Command::new(&own);
        if name.starts_with("memory") {
            command.env(GIVE_BACK, "0");
        }
        command.arg(name).args(&options).status().is_ok_and(|s| s.success())
    };
    let failed: Vec<&str> = figures.iter().map(|(name, _)| *name).filter(|name| !run(name)).collect();
    if failed.is_empty() {
        return ExitCode::SUCCESS;
    }
    eprintln!("these figures could not be measured: {}", failed.join(", "));
    ExitCode::FAILURE
}
