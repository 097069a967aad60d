//! The whole ledger on a simulated machine, schedule after schedule; see `src/sim`.
//!
//! `HOURBOOK_SCHEDULES` sets how many (default 60), `HOURBOOK_FIRST_SEED` the first seed (default 1), and
//! `HOURBOOK_SIM_SEED` replays a single one. `HOURBOOK_SIM_THREADS` (default 2) run schedules side by side; each schedule
//! is one thread's alone.
#![allow(clippy::unwrap_used, reason = "all of it is a test")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use hourbook_ledger::engine::OpenOptions;
use hourbook_tests::sim::{self, finding::Finding, totals::Totals};

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

/// A panic is a finding too: of the oracle's comparisons, or of an assertion in the ledger.
fn run(seed: u64, engine: &OpenOptions) -> Result<Totals, Finding> {
    catch_unwind(AssertUnwindSafe(|| sim::run(seed, engine))).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        Err(Finding { check: "panic", what: text.unwrap_or_default() })
    })
}

/// Runs these seeds on some threads until one finds something; answers the sums, and the first finding by seed.
fn run_all(first: u64, count: u64, engine: &OpenOptions) -> (Totals, Option<(u64, Finding)>) {
    let (next, totals, found) = (AtomicU64::new(first), Mutex::new(Totals::default()), Mutex::new(None));
    std::thread::scope(|scope| {
        for _ in 0..number("HOURBOOK_SIM_THREADS", 2) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + count || found.lock().unwrap().is_some() {
                        return;
                    }
                    match run(seed, engine) {
                        Ok(one) => totals.lock().unwrap().add(&one),
                        Err(finding) => {
                            let mut found = found.lock().unwrap();
                            if found.as_ref().is_none_or(|(known, _)| *known > seed) {
                                *found = Some((seed, finding));
                            }
                        }
                    }
                }
            });
        }
    });
    (totals.into_inner().unwrap(), found.into_inner().unwrap())
}

fn report(found: Option<(u64, Finding)>) {
    if let Some((seed, Finding { check, what })) = found {
        panic!("seed {seed}, check {check:?}: {what}\nreplay it with HOURBOOK_SIM_SEED={seed}");
    }
}

#[test]
fn nothing_acknowledged_is_lost_or_doubled_whatever_happens() {
    let (first, count) = match std::env::var("HOURBOOK_SIM_SEED") {
        Ok(seed) => (seed.parse().unwrap(), 1),
        Err(_) => (number("HOURBOOK_FIRST_SEED", 1), number("HOURBOOK_SCHEDULES", 60)),
    };
    let (totals, found) = run_all(first, count, &OpenOptions::default());
    println!("seeds {first} to {}:\n{totals}", first + count - 1);
    report(found);
    assert_eq!(totals.schedules, count);
    // Schedules that meet nothing show nothing.
    if count >= 20 {
        let met = [
            totals.disk.power_cuts,
            totals.kills,
            totals.torn_frames,
            totals.seals,
            totals.archived,
            totals.disk.barriers,
        ];
        assert!(met.iter().all(|met| *met > 0), "{met:?}");
        assert!(totals.resubmissions > count && totals.acknowledged > 100 * count);
    }
}

#[test]
fn a_seed_replays_exactly() {
    for seed in [3, 4] {
        let first = run(seed, &OpenOptions::default()).unwrap();
        assert_eq!(first, run(seed, &OpenOptions::default()).unwrap());
    }
}

/// Each bug is found, and the code without it passes the same seeds. `HOURBOOK_PLANTED_SCHEDULES` (default 300) bounds the
/// search.
#[cfg(feature = "planted-bugs")]
#[test]
fn each_planted_bug_is_found() {
    use hourbook_ledger::engine::Planted;
    let bound = number("HOURBOOK_PLANTED_SCHEDULES", 300);
    let mut last = 0;
    for (name, bug) in Planted::ALL {
        let engine = OpenOptions { planted: Some(bug), ..OpenOptions::default() };
        let (_, found) = run_all(1, bound, &engine);
        let (seed, Finding { check, what }) =
            found.unwrap_or_else(|| panic!("{name} passed {bound} schedules"));
        println!("{name}: found by schedule {seed}, check {check:?}: {what}");
        last = last.max(seed);
    }
    let (totals, found) = run_all(1, last, &OpenOptions::default());
    println!("without a bug:\n{totals}");
    report(found);
}
