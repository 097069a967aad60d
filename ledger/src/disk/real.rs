//! The machine's own disk, and sled on it.

use std::fmt;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io;
use std::ops::Range;
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt, PermissionsExt};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use parking_lot::Mutex;
use rustix::fs::{FallocateFlags, StatVfs, fallocate, fstatvfs, statvfs};
use rustix::io::{Errno, retry_on_intr};

use super::backend::{Access, Backend, Changes, Lock, Map, RawFile, Tree};
use super::error::is_short_of_descriptors;

const SEGMENT: usize = 8 << 20;
/// Five seconds in all.
const LOCK_TRIES: u32 = 250;
const LOCK_PAUSE: Duration = Duration::from_millis(20);

/// Descriptors that are kept open to be given up when there are no others.
const SPARES: usize = 16;
/// How often, and how far apart, something is opened again that could not be for want of descriptors: five seconds in all.
const SHORT_TRIES: u32 = 500;
const SHORT_PAUSE: Duration = Duration::from_millis(10);

static SPARE: Mutex<Vec<File>> = Mutex::new(Vec::new());

/// Opens something. For want of descriptors one of those kept for it is given up; when there are none left, others will
/// close theirs.
fn patiently<T>(open: impl Fn() -> io::Result<T>) -> io::Result<T> {
    for _ in 0..SHORT_TRIES {
        match open() {
            Err(error) if is_short_of_descriptors(&error) => {
                if SPARE.lock().pop().is_none() {
                    std::thread::sleep(SHORT_PAUSE);
                }
            }
            opened => {
                keep_spares();
                return opened;
            }
        }
    }
    open()
}

fn keep_spares() {
    let mut spare = SPARE.lock();
    while spare.len() < SPARES {
        let Ok(file) = File::open("/dev/null") else { return };
        spare.push(file);
    }
}

#[derive(Debug)]
pub(super) struct RealDisk;

impl Backend for RealDisk {
    fn open(&self, path: &Path, access: Access) -> io::Result<Box<dyn RawFile>> {
        let mut options = OpenOptions::new();
        options.read(true).write(access != Access::Read);
        let Access::Create { public } = access else {
            return Ok(Box::new(patiently(|| options.open(path))?));
        };
        options.create_new(true).mode(0o600);
        let file = patiently(|| options.open(path))?;
        if public {
            // Whatever the process takes away from what it creates.
            file.set_permissions(Permissions::from_mode(0o644))?;
        }
        Ok(Box::new(file))
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<PathBuf>> {
        patiently(|| fs::read_dir(dir))?.map(|entry| Ok(entry?.path())).collect()
    }

    fn exists(&self, path: &Path) -> bool {
        path.exists()
    }

    fn is_dir(&self, path: &Path) -> bool {
        path.is_dir()
    }

    fn create_dir(&self, path: &Path, public: bool) -> io::Result<()> {
        DirBuilder::new().mode(0o700).create(path)?;
        if public { fs::set_permissions(path, Permissions::from_mode(0o755)) } else { Ok(()) }
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn remove_dir_all(&self, path: &Path) -> io::Result<()> {
        fs::remove_dir_all(path)
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        patiently(|| File::open(dir))?.sync_all()
    }

    fn lock(&self, path: &Path) -> io::Result<Option<Lock>> {
        let file = patiently(|| OpenOptions::new().create(true).append(true).mode(0o600).open(path))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Box::new(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    fn room(&self, path: &Path) -> io::Result<u64> {
        Ok(room(&statvfs(path)?))
    }

    fn open_map(&self, path: &Path, cache_bytes: u64) -> io::Result<Box<dyn Map>> {
        let config = sled::Config::new()
            .path(path)
            .segment_size(SEGMENT)
            .cache_capacity(cache_bytes)
            .flush_every_ms(None);
        let dir = File::open(path)?;
        fence(|| {
            let db = open_patiently(&config)?;
            let bundles = db.open_tree("bundles")?;
            let index = db.open_tree("index")?;
            Ok(Box::new(Sled { dir, db, bundles, index }) as Box<dyn Map>)
        })
    }
}

impl RawFile for File {
    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<()> {
        self.read_exact_at(buffer, at)
    }

    fn write_at(&self, bytes: &[u8], at: u64) -> io::Result<()> {
        self.write_all_at(bytes, at)
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        File::set_len(self, length)
    }

    fn reserve(&self, range: Range<u64>) -> io::Result<()> {
        let length = range.end - range.start;
        match retry_on_intr(|| fallocate(self, FallocateFlags::KEEP_SIZE, range.start, length)) {
            Err(Errno::OPNOTSUPP | Errno::NOSYS) if room(&fstatvfs(self)?) < length => {
                Err(Errno::NOSPC.into())
            }
            Err(Errno::OPNOTSUPP | Errno::NOSYS) => Ok(()),
            done => Ok(done?),
        }
    }

    fn sync_data(&self) -> io::Result<()> {
        File::sync_data(self)
    }

    fn sync_all(&self) -> io::Result<()> {
        File::sync_all(self)
    }
}

/// What is left for those who are not root.
fn room(file_system: &StatVfs) -> u64 {
    file_system.f_bavail.saturating_mul(file_system.f_frsize)
}

/// sled can panic on damage, so every call is fenced.
struct Sled {
    /// Open for as long as the map, for the barrier.
    dir: File,
    db: sled::Db,
    bundles: sled::Tree,
    index: sled::Tree,
}

impl Sled {
    fn tree(&self, tree: Tree) -> &sled::Tree {
        match tree {
            Tree::Bundles => &self.bundles,
            Tree::Index => &self.index,
        }
    }
}

impl Map for Sled {
    fn get(&self, tree: Tree, key: &[u8]) -> io::Result<Option<Vec<u8>>> {
        fence(|| Ok(self.tree(tree).get(key)?.map(|value| value.to_vec())))
    }

    /// Not as sled's batch: that would write its buffer out twice for each batch, instead of once for each segment, and
    /// nobody needs what it gives.
    fn apply(&self, tree: Tree, changes: Changes) -> io::Result<()> {
        let tree = self.tree(tree);
        fence(|| {
            for (key, value) in changes {
                match value {
                    Some(value) => tree.insert(key, value)?,
                    None => tree.remove(key)?,
                };
            }
            Ok(())
        })
    }

    fn flush(&self) -> io::Result<()> {
        fence(|| self.db.flush()).map(drop)
    }

    /// syncfs brings to the disk all that belongs to sled, its blob files and directory included.
    fn sync(&self) -> io::Result<()> {
        Ok(rustix::fs::syncfs(&self.dir)?)
    }
}

/// sled's threads may hold its lock a moment longer than the database that this process closed before. No other process
/// can: whoever opens a store has the log's own lock. So the lock is worth waiting for, within bounds.
fn open_patiently(config: &sled::Config) -> sled::Result<sled::Db> {
    for _ in 0..LOCK_TRIES {
        match config.open() {
            Err(sled::Error::Io(error)) if error.to_string().contains("could not acquire lock") => {
                std::thread::sleep(LOCK_PAUSE);
            }
            opened => return opened,
        }
    }
    config.open()
}

/// Calls sled so that neither its errors nor its panics get further than an error.
fn fence<T>(call: impl FnOnce() -> sled::Result<T>) -> io::Result<T> {
    caught(call).map_err(io::Error::other)
}

/// What a call gives; else the text of its error, or of its panic.
pub(crate) fn caught<T, E: fmt::Display>(call: impl FnOnce() -> Result<T, E>) -> Result<T, String> {
    let called = catch_unwind(AssertUnwindSafe(call));
    called.map_or_else(|panic| Err(panic_text(&*panic)), |called| called.map_err(|error| error.to_string()))
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("it panicked: {}", text.unwrap_or("without a text"))
}
