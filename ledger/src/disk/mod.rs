//! The disk as the ledger sees it: files, names in directories, and one key-value map. Whatever must survive a power cut
//! goes through here, on the machine's own disk or on a [`simulated`] one that loses, tears and reorders what was not
//! synced.
//!
//! What is durable when:
//! - bytes of a file: after [`DiskFile::sync_data`] or [`DiskFile::sync_all`] returned `Ok`. After it failed nobody
//!   knows, and a later sync that succeeds says nothing about what the failed one covered: write it again.
//! - names (created, renamed, removed): after [`Disk::sync_dir`] of the directory that holds them.
//! - a map's content: after [`Map::flush`] and then [`Map::sync`].

mod lot;
mod real;
pub mod simulated;

use std::fmt;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(crate) use lot::Lot;
pub(crate) use real::panic_text;

/// What the disk did not do.
#[derive(Debug, thiserror::Error)]
#[error("cannot {doing} {}: {source}", path.display())]
pub struct DiskError {
    /// What was being done.
    pub doing: &'static str,
    /// To which file or directory.
    pub path: PathBuf,
    /// What the system said.
    #[source]
    pub source: io::Error,
}

impl DiskError {
    /// Names what was done to what; for `map_err`.
    pub fn at(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self { doing, path, source }
    }

    /// Whether there is no room, on the disk or within a quota: it may be there again later.
    #[must_use]
    pub fn is_full(&self) -> bool {
        is_full(&self.source)
    }

    /// Whether the file or directory is not there.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        self.source.kind() == io::ErrorKind::NotFound
    }
}

/// Whether the process, or the system, has no descriptor left: nothing was done, and others will close theirs.
#[must_use]
pub fn is_short_of_descriptors(error: &io::Error) -> bool {
    use rustix::io::Errno;
    let number = error.raw_os_error();
    [Errno::MFILE, Errno::NFILE].iter().any(|errno| number == Some(errno.raw_os_error()))
}

/// Whether there is no room, on the disk or within a quota.
#[must_use]
pub fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

/// For those who write through [`io::Write`].
impl From<DiskError> for io::Error {
    fn from(error: DiskError) -> Self {
        Self::new(error.source.kind(), error)
    }
}

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

/// What a kind of disk can do. Errors are those of the system; [`Disk`] adds what was done to which path.
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

/// A disk. What is created on it is for its owner alone, unless it is asked for otherwise. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Disk {
    backend: Arc<dyn Backend>,
    public: bool,
}

impl Default for Disk {
    fn default() -> Self {
        Self::new(Arc::new(real::RealDisk))
    }
}

impl Disk {
    /// A disk of some kind; [`Disk::default`] is the machine's own.
    #[must_use]
    pub fn new(backend: Arc<dyn Backend>) -> Self {
        Self { backend, public: false }
    }

    /// The same disk; but what is created through this handle is for everybody to read.
    #[must_use]
    pub fn public(&self) -> Self {
        Self { public: true, ..self.clone() }
    }

    /// Opens an existing file for reading.
    ///
    /// # Errors
    /// [`DiskError`], as for all that follow.
    pub fn open(&self, path: &Path) -> Result<DiskFile, DiskError> {
        self.open_as(path, Access::Read, "open")
    }

    /// Opens an existing file for reading and writing.
    pub fn open_to_write(&self, path: &Path) -> Result<DiskFile, DiskError> {
        self.open_as(path, Access::Write, "open")
    }

    /// Creates a file that must not be there yet, for reading and writing. Its name is not durable.
    pub fn create(&self, path: &Path) -> Result<DiskFile, DiskError> {
        self.open_as(path, Access::Create { public: self.public }, "create")
    }

    fn open_as(&self, path: &Path, access: Access, doing: &'static str) -> Result<DiskFile, DiskError> {
        let raw = self.backend.open(path, access).map_err(DiskError::at(doing, path))?;
        Ok(DiskFile { path: path.to_path_buf(), raw })
    }

    /// The whole content of a file.
    pub fn read(&self, path: &Path) -> Result<Vec<u8>, DiskError> {
        let file = self.open(path)?;
        let length = file.len()?;
        let mut bytes = vec![0; usize::try_from(length).expect("a file that is read whole fits into memory")];
        file.read_at(&mut bytes, 0)?;
        Ok(bytes)
    }

    /// What a directory holds, in no order.
    pub fn list(&self, dir: &Path) -> Result<Vec<PathBuf>, DiskError> {
        self.backend.list(dir).map_err(DiskError::at("list", dir))
    }

    /// Whether there is something of this name.
    #[must_use]
    pub fn exists(&self, path: &Path) -> bool {
        self.backend.exists(path)
    }

    /// Whether there is a directory of this name.
    #[must_use]
    pub fn is_dir(&self, path: &Path) -> bool {
        self.backend.is_dir(path)
    }

    /// Renames a file, replacing what has the new name. Not durable before the directory is synced.
    pub fn rename(&self, from: &Path, to: &Path) -> Result<(), DiskError> {
        self.backend.rename(from, to).map_err(DiskError::at("rename", from))
    }

    /// Removes a file. Not durable before the directory is synced.
    pub fn remove_file(&self, path: &Path) -> Result<(), DiskError> {
        self.backend.remove_file(path).map_err(DiskError::at("delete", path))
    }

    /// Removes a file or a directory with all it holds. Not durable before the directory above is synced.
    pub fn remove_all(&self, path: &Path) -> Result<(), DiskError> {
        let removed = match self.is_dir(path) {
            true => self.backend.remove_dir_all(path),
            false => self.backend.remove_file(path),
        };
        removed.map_err(DiskError::at("delete", path))
    }

    /// Makes the names in a directory durable: files created, renamed or removed there.
    pub fn sync_dir(&self, dir: &Path) -> Result<(), DiskError> {
        self.backend.sync_dir(dir).map_err(DiskError::at("sync the directory", dir))
    }

    /// Creates a directory, its parents too, each durable in the directory above it.
    pub fn create_dir(&self, dir: &Path) -> Result<(), DiskError> {
        if self.is_dir(dir) {
            return Ok(());
        }
        let parent = parent(dir);
        self.create_dir(parent)?;
        self.backend.create_dir(dir, self.public).map_err(DiskError::at("create", dir))?;
        self.sync_dir(parent)
    }

    /// Locks a file, creating it if it is not there; `None` if it is locked already.
    pub fn lock(&self, path: &Path) -> Result<Option<Lock>, DiskError> {
        self.backend.lock(path).map_err(DiskError::at("lock", path))
    }

    /// Opens or creates the map in a directory, with so much memory for pages.
    pub fn open_map(&self, path: &Path, cache_bytes: u64) -> Result<Box<dyn Map>, DiskError> {
        self.backend.open_map(path, cache_bytes).map_err(DiskError::at("open the store in", path))
    }

    /// The bytes for which there is room on the file system of a file or directory.
    pub fn room(&self, path: &Path) -> Result<u64, DiskError> {
        self.backend.room(path).map_err(DiskError::at("ask for the room on the disk of", path))
    }

    /// Removes a file that a crash may have left, durably.
    pub fn remove_if_there(&self, path: &Path) -> Result<(), DiskError> {
        match self.remove_file(path) {
            Ok(()) => self.sync_dir(parent(path)),
            Err(error) if error.is_missing() => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Replaces a file so that after a power cut either the old or the new content is there, whole.
    pub fn replace(&self, path: &Path, parts: &[&[u8]]) -> Result<(), DiskError> {
        self.write_successor(path, |file| parts.iter().try_for_each(|part| file.append(part)))?;
        self.put_in_place(path)
    }

    /// Writes the successor of a file and makes it durable. Nothing has changed yet for readers of `path`.
    pub fn write_successor<E: From<DiskError>>(
        &self,
        path: &Path,
        write: impl FnOnce(&mut Appender) -> Result<(), E>,
    ) -> Result<DiskFile, E> {
        let successor = successor(path);
        self.remove_if_there(&successor)?;
        let mut appender = Appender { file: self.create(&successor)?, end: 0 };
        let finish = || -> Result<(), E> {
            write(&mut appender)?;
            Ok(appender.file.sync_all()?)
        };
        finish().inspect_err(|_| {
            // A full disk wants its room back at once; what cannot be removed now goes at the next attempt.
            let _ = self.remove_file(&successor);
        })?;
        Ok(appender.file)
    }

    /// Puts the successor of a file in its place, durably.
    pub fn put_in_place(&self, path: &Path) -> Result<(), DiskError> {
        self.rename(&successor(path), path)?;
        self.sync_dir(parent(path))
    }
}

/// The name under which a file's successor is written before it takes its place.
#[must_use]
pub fn successor(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    name.into()
}

/// The directory that holds a name.
#[must_use]
pub fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A file that is written from front to back.
#[derive(Debug)]
pub struct Appender {
    file: DiskFile,
    end: u64,
}

impl Appender {
    /// Writes behind what was written before.
    ///
    /// # Errors
    /// [`DiskError`].
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), DiskError> {
        self.file.write_at(bytes, self.end)?;
        self.end += bytes.len() as u64;
        Ok(())
    }
}

impl io::Write for Appender {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.append(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// An open file. All methods take `&self`, and offsets: it has no position of its own.
pub struct DiskFile {
    path: PathBuf,
    raw: Box<dyn RawFile>,
}

#[expect(clippy::len_without_is_empty, reason = "nobody asks")]
impl DiskFile {
    /// The name under which it was opened.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Fills the buffer from `at` on; [`io::ErrorKind::UnexpectedEof`] if the file ends before.
    ///
    /// # Errors
    /// [`DiskError`], as for all that follow.
    pub fn read_at(&self, buffer: &mut [u8], at: u64) -> Result<(), DiskError> {
        self.raw.read_at(buffer, at).map_err(DiskError::at("read", &self.path))
    }

    /// Writes all bytes at `at`. After an error some of them may be there.
    pub fn write_at(&self, bytes: &[u8], at: u64) -> Result<(), DiskError> {
        self.raw.write_at(bytes, at).map_err(DiskError::at("write", &self.path))
    }

    /// Its length in bytes.
    pub fn len(&self) -> Result<u64, DiskError> {
        self.raw.len().map_err(DiskError::at("measure", &self.path))
    }

    /// Cuts it off, or extends it with zeros.
    pub fn set_len(&self, length: u64) -> Result<(), DiskError> {
        self.raw.set_len(length).map_err(DiskError::at("cut", &self.path))
    }

    /// Has the file system set room aside for what will be written to a range, so that such a write does not find the disk
    /// full. The length stays as it is; whoever cuts the file off gives up what was set aside beyond. Where the file
    /// system cannot do that, there is room at the moment.
    pub fn reserve(&self, range: Range<u64>) -> Result<(), DiskError> {
        self.raw.reserve(range).map_err(DiskError::at("make room in", &self.path))
    }

    /// Makes its bytes and length durable (fdatasync).
    pub fn sync_data(&self) -> Result<(), DiskError> {
        self.raw.sync_data().map_err(DiskError::at("sync", &self.path))
    }

    /// The same with all that is known about the file (fsync).
    pub fn sync_all(&self) -> Result<(), DiskError> {
        self.raw.sync_all().map_err(DiskError::at("sync", &self.path))
    }
}

impl fmt::Debug for DiskFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DiskFile").field(&self.path).finish()
    }
}
