//! What a kind of disk can do.

use std::fmt;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// How to open a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// An existing file, for reading.
    Read,
    /// An existing file, for reading and writing.
    Write,
    /// A new file, for reading and writing; an error if the name is taken.
    Create {
        /// For everybody to read (mode 0644); else for its owner alone (0600).
        public: bool,
    },
}

/// What a kind of disk can do. Errors are those of the system; [`super::Disk`] adds what was done to which path.
#[expect(missing_docs, reason = "each does what `Disk` says of the same name")]
pub trait Backend: fmt::Debug + Send + Sync {
    fn open(&self, path: &Path, access: Access) -> io::Result<Box<dyn RawFile>>;
    fn list(&self, dir: &Path) -> io::Result<Vec<PathBuf>>;
    fn exists(&self, path: &Path) -> bool;
    fn is_dir(&self, path: &Path) -> bool;
    fn create_dir(&self, path: &Path, public: bool) -> io::Result<()>;
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    fn remove_file(&self, path: &Path) -> io::Result<()>;
    fn remove_dir_all(&self, path: &Path) -> io::Result<()>;
    fn sync_dir(&self, dir: &Path) -> io::Result<()>;
    fn lock(&self, path: &Path) -> io::Result<Option<Lock>>;
    fn room(&self, path: &Path) -> io::Result<u64>;
    fn open_map(&self, path: &Path, cache_bytes: u64) -> io::Result<Box<dyn Map>>;
}

/// What an open file of a kind of disk can do.
#[expect(missing_docs, reason = "each does what `DiskFile` says of the same name")]
#[expect(clippy::len_without_is_empty, reason = "nobody asks")]
pub trait RawFile: Send + Sync {
    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<()>;
    fn write_at(&self, bytes: &[u8], at: u64) -> io::Result<()>;
    fn len(&self) -> io::Result<u64>;
    fn set_len(&self, length: u64) -> io::Result<()>;
    fn reserve(&self, range: Range<u64>) -> io::Result<()>;
    fn sync_data(&self) -> io::Result<()>;
    fn sync_all(&self) -> io::Result<()>;
}

/// A part of a [`Map`] with keys of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tree {
    /// Sealed bundles.
    Bundles,
    /// What is to be known of each bundle without reading it.
    Index,
}

/// Keys with their new values, or none to remove them.
pub type Changes = Vec<(Vec<u8>, Option<Vec<u8>>)>;

/// A key-value map on disk, in a directory of its own. Not trusted: it can lose what was put since the last
/// `flush` and `sync`, in any combination, and say nothing.
pub trait Map: Send + Sync {
    /// The value of a key.
    ///
    /// # Errors
    /// Whatever the map says, its panics included.
    fn get(&self, tree: Tree, key: &[u8]) -> io::Result<Option<Vec<u8>>>;

    /// Applies changes, one after the other: whoever reads meanwhile may see some of them. Not durable yet.
    ///
    /// # Errors
    /// As [`Map::get`].
    fn apply(&self, tree: Tree, changes: Changes) -> io::Result<()>;

    /// Hands everything applied so far to the file system.
    ///
    /// # Errors
    /// As [`Map::get`].
    fn flush(&self) -> io::Result<()>;

    /// Makes what was flushed durable, whatever files it lies in.
    ///
    /// # Errors
    /// Those of the system.
    fn sync(&self) -> io::Result<()>;
}

/// A lock on a file, held until it is dropped.
pub type Lock = Box<dyn Send + Sync>;
