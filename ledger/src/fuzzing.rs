//! Readers of files and sample events that are private otherwise, for the fuzz targets (feature `fuzzing`).

pub use crate::engine::fuzzing as engine;

use crate::domain::Event;

/// One event of every kind, and of every optional part both ways.
#[must_use]
pub fn sample_events() -> Vec<Event> {
    crate::wire::samples::all().into_iter().map(|(_, event)| event).collect()
}
