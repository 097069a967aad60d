//! Starts from a snapshot against starts from the beginning, with everything that a village does and the real read
//! models.
#![allow(clippy::unwrap_used, reason = "all of it is a test")]

use std::sync::Arc;

use chacha20::ChaCha20Rng;
use chacha20::rand_core::SeedableRng as _;
use hourbook_ledger::clock::ManualClock;
use hourbook_ledger::ledger::{self, Ledger, LedgerOptions};
use hourbook_projections::ReadSide;
use hourbook_tests::run::{Disturbance, Run};
use hourbook_tests::village::Setting;

/// State and read models after a start, and how many entries a snapshot spared.
#[derive(PartialEq, Eq, Debug)]
struct Opened {
    spared: u64,
    state: [u8; 32],
    models: [u8; 32],
    as_of: u64,
}

fn open(run: &Run, worth: u64) -> (Ledger, ReadSide) {
    let rng = |n| Box::new(ChaCha20Rng::from_seed([n; 32]));
    let clock = Arc::new(ManualClock::at(run.village.now()));
    let mut options = LedgerOptions::new(clock, rng(7), rng(8));
    options.derived.snapshot_worth = worth;
    let read = ReadSide::new();
    let node = ledger::open(run.village.path(), options, || Box::new(read.clone())).unwrap();
    (node, read)
}

fn opened(run: &Run, worth: u64) -> Opened {
    let (node, read) = open(run, worth);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let state = runtime.block_on(node.handle.read_state(|state, _| state.digest())).unwrap();
    let opened = Opened { spared: node.spared, state, models: read.digest(), as_of: read.as_of() };
    node.close();
    opened
}

#[test]
fn a_snapshot_and_the_tail_are_the_whole_log() {
    for seed in [21, 22] {
        let mut run = Run::new(Setting::digested(seed), Disturbance::None);
        run.act(seed, 150, 75);
        run.village.close();
        let whole = opened(&run, u64::MAX);
        assert_eq!(whole.spared, 0);
        let snapshot = opened(&run, 1);
        assert_eq!(snapshot, whole, "this one took the snapshot");
        let half = whole.as_of;
        let at_once = opened(&run, 1);
        assert_eq!(at_once, Opened { spared: half, ..whole }, "nothing is left to read");
        run.village.reopen_closed();
        run.act(seed + 100, 150, 75);
        run.village.close();
        let with_tail = opened(&run, u64::MAX);
        assert!(with_tail.spared == half && with_tail.as_of > half + 100, "{with_tail:?}");
        std::fs::remove_dir_all(run.village.path().join("log").join("snapshots")).unwrap();
        assert_eq!(opened(&run, u64::MAX), Opened { spared: 0, ..with_tail });
    }
}
