//! Ledgers whose old entries are in an archive.

use std::path::Path;
use std::sync::Arc;

use chacha20::ChaCha20Rng;
use chacha20::rand_core::SeedableRng as _;
use hourbook_ledger::clock::ManualClock;
use hourbook_ledger::engine::ArchiveOptions;
use hourbook_ledger::envelope::Submission;
use hourbook_ledger::follower::LoggedEvent;
use hourbook_ledger::ledger::{LedgerError, LedgerOptions, SteppedLedger};

use crate::seeded::SeededRng;
use crate::village::{START, Village, look};

/// Appends so many events of the ledger's own, in batches.
///
/// # Panics
/// If the ledger refuses them.
pub fn fill(village: &Village, events: usize) {
    let mut dice = SeededRng::new(events as u64, "filling");
    let (hand, now) = (village.ledger().ledger.clone(), village.now());
    let people: Vec<_> = village.cast.people().map(|who| who.id()).collect();
    for begin in (0..events).step_by(200) {
        let looks = (begin..events.min(begin + 200)).map(|_| {
            let (person, by) = (*dice.pick(&people), *dice.pick(&people));
            let body = look(by, person);
            Submission { signed: hand.assert(now, dice.rng(), body), openings: Vec::new() }
        });
        village.submit(looks.collect()).expect("the ledger takes them");
    }
}

/// Moves all but the newest so many bundles of a closed ledger to an archive; answers how many are there. Nothing is
/// appended.
///
/// # Errors
/// [`LedgerError`] if the ledger does not open.
///
/// # Panics
/// If a bundle could not be moved.
pub fn archive(data: &Path, to: &Path, keep: u64) -> Result<u64, LedgerError> {
    let rng = || Box::new(ChaCha20Rng::from_seed([77; 32]));
    let mut options = LedgerOptions::new(Arc::new(ManualClock::at(START)), rng(), rng());
    options.engine.archive = Some(ArchiveOptions { dir: to.to_owned(), keep });
    let mut node = SteppedLedger::open(data, options, || Box::new(|_: Arc<Vec<LoggedEvent>>| {}))?;
    while node.work()? {}
    let archive = node.opened().reader.archive().expect("an archive was asked for");
    assert_eq!(archive.failure, None);
    node.close();
    Ok(archive.bundles)
}
