//! Readers of files and sample events that are private otherwise, for the fuzz targets (feature `fuzzing`).

pub use crate::engine::fuzzing as engine;

/// What the text of a backup's manifest says, written again; nothing if it cannot be read.
#[must_use]
pub fn read_manifest(text: &str) -> Option<String> {
    crate::backup::read_again(text)
}

use crate::domain::Event;

/// One event of every kind, and of every optional part both ways.
#[must_use]
pub fn sample_events() -> Vec<Event> {
    crate::wire::samples::all().into_iter().map(|(_, event)| event).collect()
}
