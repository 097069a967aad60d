//! The disk as the ledger sees it: files, names in directories, and one key-value map. Whatever must survive a power cut
//! goes through here, on the machine's own disk or on a `simulated` one that loses, tears and reorders what was not
//! synced.
//!
//! What is durable when:
//! - bytes of a file: after [`DiskFile::sync_data`] or [`DiskFile::sync_all`] returned `Ok`. After it failed nobody
//!   knows, and a later sync that succeeds says nothing about what the failed one covered: write it again.
//! - names (created, renamed, removed): after [`Disk::sync_dir`] of the directory that holds them.
//! - a map's content: after [`Map::flush`] and then [`Map::sync`].

mod backend;
mod error;
mod files;
mod lot;
mod real;
#[cfg(any(test, feature = "simulated-disk"))]
pub mod simulated;

pub use backend::{Access, Backend, Changes, Lock, Map, RawFile, Tree};
pub(crate) use error::if_there;
pub use error::{DiskError, is_full, is_short_of_descriptors};
pub use files::{Appender, Disk, DiskFile, parent, successor};
pub(crate) use lot::Lot;
pub(crate) use real::caught;
