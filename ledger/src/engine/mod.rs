//! The log engine: how an acknowledged event stays acknowledged. The [`contract`] says what every engine keeps; this one is
//! embedded: a journal, sled, and an archive of plain files.

mod archive;
mod archive_queue;
mod archiver;
mod bundle;
mod contract;
mod embedded;
mod error;
mod frame;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod guard;
mod journal;
mod options;
mod scan;
mod seal_queue;
mod sealer;
mod shared;
mod state;
mod store;
mod stream_index;

#[cfg(test)]
pub(crate) mod tests;

pub use contract::{
    ArchiveSigner, ArchiveStatus, ENTRY_OVERHEAD, GROUP_OVERHEAD, Group, Head, KnownHead, LogReader,
    LogWriter, MAX_ENTRY_BYTES, MAX_GROUP_ENTRIES, NewEntry, Order, PositionedEntries, Room, TILE_WIDTH,
    check_known, frontier_at,
};
pub use embedded::open;
pub use error::{EngineError, Fatal, Retryable, UnfitArchive};
pub use options::{ArchiveOptions, Background, OpenOptions, Opened, Planted, Recovered, Secret};

pub use crate::merkle::Hash;
