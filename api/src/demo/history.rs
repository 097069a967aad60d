//! The town's history while it is written: its ledger, its clock, and what was read of it.

use futures::executor::block_on;
use hourbook_ledger::clock::ManualClock;
use hourbook_ledger::domain::time::{Date, Millis, Offset};
use hourbook_ledger::ledger::Ledger;
use hourbook_projections::ReadSide;

use super::DemoError;
use super::sheets::Span;
use super::submitter::EventSubmitter;
use super::town::Town;

/// The ledger's distance from UTC.
pub(super) const OFFSET: Offset = Offset(480);

/// The moment of a local date and minute.
pub(super) fn moment(date: Date, minute: i64) -> Millis {
    Millis((date.start(OFFSET).0 + minute) * 60_000)
}

/// The town's history while it is written.
pub(super) struct History<'a> {
    pub(super) town: &'a Town,
    pub(super) node: &'a Ledger,
    pub(super) clock: &'a ManualClock,
    pub(super) read: ReadSide,
    pub(super) submitter: EventSubmitter,
    pub(super) span: Span,
}

impl History<'_> {
    /// Waits until all is durable, then moves the clock.
    pub(super) fn at(&mut self, date: Date, minute: i64) -> Result<(), DemoError> {
        self.submitter.settle()?;
        self.submitter.now = moment(date, minute);
        self.clock.set(self.submitter.now);
        // What is due by then comes first, so that the order does not depend on who is faster.
        Ok(block_on(self.node.handle.tick())?)
    }

    /// Waits until all that was written is in the answers; gives the size of the log.
    pub(super) fn all_read(&mut self) -> Result<u64, DemoError> {
        self.submitter.settle()?;
        let size = self.node.reader.head().size;
        while self.read.as_of() < size {
            std::thread::yield_now();
        }
        Ok(size)
    }
}
