//! A disk of any kind, and its files, as the ledger uses them.

use std::fmt;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::backend::{Access, Backend, Lock, Map, RawFile};
use super::error::{DiskError, if_there};
use super::real;

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

    /// What a directory holds, but for what a new file system has in its root; nothing if it is not there.
    pub(crate) fn contents(&self, dir: &Path) -> Result<Vec<PathBuf>, DiskError> {
        let mut listed = if_there(self.list(dir))?.unwrap_or_default();
        listed.retain(|item| !item.ends_with("lost+found"));
        Ok(listed)
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
        if_there(self.remove_file(path))?.map_or(Ok(()), |()| self.sync_dir(parent(path)))
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
