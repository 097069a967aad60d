//! The time of day, passed in: the rules never ask for it.

use std::sync::atomic::{AtomicI64, Ordering};

use crate::domain::time::Millis;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Milliseconds since 1970.
    fn now(&self) -> Millis;

    /// Milliseconds that have passed since some moment, whatever is done to the clock meanwhile; `None` if this clock
    /// cannot tell.
    fn passed(&self) -> Option<i64> {
        None
    }
}

/// The machine's clock.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods)] // the one place where the ambient clock is read
    fn now(&self) -> Millis {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        Millis(since.map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX)))
    }

    fn passed(&self) -> Option<i64> {
        // Unlike the monotonic clock this one goes on while the machine is suspended.
        let since = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        since.tv_sec.checked_mul(1_000)?.checked_add(since.tv_nsec / 1_000_000)
    }
}

/// A clock that stands still until it is set: for history that is recorded at its own time, and for tests.
#[derive(Debug, Default)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock that shows `at`.
    #[must_use]
    pub fn at(at: Millis) -> Self {
        Self(AtomicI64::new(at.0))
    }

    /// Sets the clock.
    pub fn set(&self, at: Millis) {
        self.0.store(at.0, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Millis {
        Millis(self.0.load(Ordering::SeqCst))
    }
}
