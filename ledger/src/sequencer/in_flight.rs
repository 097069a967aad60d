//! What is on its way through the sequencer, counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};

/// Chunks of batches, counted as they go to the verifiers and as the writer begins to decide them; and batches, until
/// they are answered.
#[derive(Clone, Default)]
pub(crate) struct InFlight(Arc<Counts>);

#[derive(Default)]
struct Counts {
    /// Batches that were handed in, until they are answered; nobody counts them before the writer runs.
    handed_in: AtomicI64,
    /// The writer runs.
    attended: AtomicBool,
    begun: AtomicU64,
    decided: AtomicU64,
    taken: AtomicU64,
    answered: AtomicU64,
}

impl InFlight {
    /// The writer runs from here on, and takes a batch that is alone.
    pub(super) fn attend(&self) {
        self.0.attended.store(true, Ordering::Release);
    }

    /// A batch is handed in. True if it is the only one that waits for an answer, and the writer runs.
    pub(super) fn hand_in(&self) -> bool {
        self.0.handed_in.fetch_add(1, Ordering::AcqRel) == 0 && self.0.attended.load(Ordering::Acquire)
    }

    /// A batch that was counted was not handed in after all.
    pub(super) fn hand_back(&self) {
        self.0.handed_in.fetch_sub(1, Ordering::AcqRel);
    }

    /// A batch goes to the writer, which checks it itself.
    pub(super) fn begin_lone(&self) {
        self.0.taken.fetch_add(1, Ordering::AcqRel);
    }

    /// A chunk of so many batches goes to a verifier.
    pub(super) fn begin(&self, batches: usize) {
        self.0.taken.fetch_add(batches as u64, Ordering::AcqRel);
        self.0.begun.fetch_add(1, Ordering::AcqRel);
    }

    pub(super) fn answer(&self, batches: usize) {
        self.0.handed_in.fetch_sub(batches as i64, Ordering::AcqRel);
        self.0.answered.fetch_add(batches as u64, Ordering::AcqRel);
    }

    /// Batches that wait for their answer.
    pub(super) fn unanswered(&self) -> u64 {
        let answered = self.0.answered.load(Ordering::Acquire);
        self.0.taken.load(Ordering::Acquire).saturating_sub(answered)
    }

    /// The writer begins to decide a chunk.
    pub(super) fn decide(&self) {
        self.0.decided.fetch_add(1, Ordering::AcqRel);
    }

    pub(super) fn any(&self) -> bool {
        self.0.begun.load(Ordering::Acquire) > self.decided()
    }

    pub(super) fn decided(&self) -> u64 {
        self.0.decided.load(Ordering::Acquire)
    }
}
