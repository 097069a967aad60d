//! Where the archiver's thread waits for work.

use std::time::Duration;

use parking_lot::{Condvar, Mutex};

/// How long a failure is left alone.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Default)]
struct Orders {
    /// There may be something to do.
    work: bool,
    stop: bool,
}

/// Where the archiver's thread waits.
#[derive(Default)]
pub(super) struct ArchiveQueue {
    orders: Mutex<Orders>,
    ordered: Condvar,
}

impl ArchiveQueue {
    /// There may be bundles to move, or to sign for.
    pub(super) fn look(&self) {
        self.orders.lock().work = true;
        self.ordered.notify_one();
    }

    /// Ends the thread between two bundles.
    pub(super) fn stop(&self) {
        self.orders.lock().stop = true;
        self.ordered.notify_one();
    }

    pub(super) fn must_stop(&self) -> bool {
        self.orders.lock().stop
    }

    /// Waits for work; after a failure not for ever. False at the end.
    pub(super) fn wait(&self, after_failure: bool) -> bool {
        let mut orders = self.orders.lock();
        while !orders.work && !orders.stop {
            match after_failure {
                true if self.ordered.wait_for(&mut orders, PATIENCE).timed_out() => break,
                true => {}
                false => self.ordered.wait(&mut orders),
            }
        }
        orders.work = false;
        !orders.stop
    }
}
