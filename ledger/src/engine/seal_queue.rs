//! What the writer's thread and the sealer's tell each other.

use std::collections::VecDeque;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use super::error::{Fatal, Retryable};
use super::journal::Closed;

/// After so long it is looked for room again.
const HELD_UP: Duration = Duration::from_millis(500);

/// How the sealer is to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// Seal what is complete and raise the barrier.
    Orderly,
    /// Leave everything as it is: the journal has it.
    AtOnce,
}

#[derive(Default)]
struct Orders {
    /// There may be a complete bundle.
    work: bool,
    /// Complete journal files, oldest first. Filled by the writer, emptied by the sealer.
    closed: VecDeque<Closed>,
    stop: Option<Stop>,
    /// Why the sealer gave up.
    failed: Option<String>,
    /// What there is no room for.
    held_up: Option<PathBuf>,
}

/// What the writer's thread and the sealer's thread tell each other.
#[derive(Default)]
pub(super) struct SealQueue {
    orders: Mutex<Orders>,
    ordered: Condvar,
    progressed: Condvar,
}

impl SealQueue {
    /// There is a bundle to seal.
    pub(super) fn bundle_is_complete(&self) {
        self.orders.lock().work = true;
        self.ordered.notify_one();
    }

    /// Journal files that can go when their entries are sealed.
    pub(super) fn closed(&self, files: impl IntoIterator<Item = Closed>) {
        let mut orders = self.orders.lock();
        orders.closed.extend(files);
        orders.work = true;
        self.ordered.notify_one();
    }

    /// Waits while `is_full`, and fails once the sealer has failed.
    pub(super) fn wait_for_room(&self, is_full: impl Fn() -> bool) -> Result<(), Fatal> {
        let mut orders = self.orders.lock();
        loop {
            if let Some(reason) = &orders.failed {
                return Err(Fatal::Sealer { reason: reason.clone() });
            }
            if !is_full() {
                return Ok(());
            }
            self.progressed.wait(&mut orders);
        }
    }

    /// Ends the sealer.
    pub(super) fn stop(&self, how: Stop) {
        self.orders.lock().stop = Some(how);
        self.ordered.notify_one();
    }

    /// What sealing waits for, if it does.
    pub(super) fn held_up(&self) -> Option<Retryable> {
        let path = self.orders.lock().held_up.clone()?;
        Some(Retryable::Full { path, source: io::ErrorKind::StorageFull.into() })
    }

    /// Notes whether there is no room for something. True if so.
    pub(super) fn note(&self, held_up: Option<PathBuf>) -> bool {
        let mut orders = self.orders.lock();
        match (&orders.held_up, &held_up) {
            (None, Some(path)) => {
                tracing::warn!(path = %path.display(), "sealing waits for room on the disk; the journal goes on");
            }
            (Some(_), None) => tracing::info!("sealing goes on"),
            _ => {}
        }
        orders.held_up = held_up;
        orders.held_up.is_some()
    }

    /// Waits a moment for room, or for the end.
    pub(super) fn pause(&self) {
        let mut orders = self.orders.lock();
        orders.work = true;
        if orders.stop.is_none() {
            self.ordered.wait_for(&mut orders, HELD_UP);
        }
    }

    pub(super) fn next_order(&self) -> Option<Stop> {
        let mut orders = self.orders.lock();
        while !orders.work && orders.stop.is_none() {
            self.ordered.wait(&mut orders);
        }
        orders.work = false;
        orders.stop
    }

    pub(super) fn must_stop_at_once(&self) -> bool {
        self.orders.lock().stop == Some(Stop::AtOnce)
    }

    pub(super) fn closed_below(&self, end: u64) -> Option<Closed> {
        self.orders.lock().closed.front().filter(|closed| closed.end <= end).cloned()
    }

    pub(super) fn forget_closed(&self) {
        self.orders.lock().closed.pop_front();
    }

    pub(super) fn fail(&self, reason: String) {
        tracing::error!(reason, "sealing stopped");
        self.orders.lock().failed = Some(reason);
    }

    /// Wakes a waiting writer. Takes the lock so that no wake-up falls between its check and its wait.
    pub(super) fn progressed(&self) {
        drop(self.orders.lock());
        self.progressed.notify_all();
    }
}
