//! How subscriptions are served.

use std::time::Duration;

/// How subscriptions are served.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Settings {
    /// How long a reader may take nothing while its queue is full.
    pub patience: Duration,
    /// How long there may be silence; then the reader is told that there is nothing.
    pub heartbeat: Duration,
    /// Subscriptions at once.
    pub at_once: usize,
    /// Entries that wait for one reader.
    pub queue: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            patience: Duration::from_secs(30),
            heartbeat: Duration::from_secs(15),
            at_once: 256,
            queue: 64,
        }
    }
}
