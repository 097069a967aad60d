//! A disk in memory that does by a seed what disks do at the worst moment.
//!
//! - **A power cut** keeps of everything that was not synced what the seed says: whole writes or none, single sectors of
//!   a write, later writes without earlier ones, a file longer or shorter than it should be, a sector of garbage; names
//!   that were created, renamed or removed, or not; of a map any of the values that a key had since the last sync.
//! - **A failed sync** may leave what it should have written in the cache but for ever off the disk, as Linux does.
//! - **A full disk** refuses to create and to grow, also in the middle of a write, but where room was set aside before.
//! - **A slow disk** takes simulated time.
//!
//! A power cut or an error can be ordered for the n-th operation from now, whatever that is. Everything depends on the
//! seed and on the order of operations alone; nothing is done by threads.

mod faults;
mod inode;
mod rng;
mod world;

use std::fmt;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard};

use super::{Access, Backend, Changes, Disk, Lock, Map, RawFile, Tree};
pub use faults::{Counts, Fault};
use inode::Key;
#[cfg(test)]
pub(crate) use rng::SeededRng;
use world::{Kind, World};

/// A simulated disk, with the strings to pull. Clones are the same disk.
#[derive(Clone)]
pub struct SimulatedDisk(Arc<Mutex<World>>);

impl SimulatedDisk {
    /// An empty disk.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(World::new(seed))))
    }

    /// Another disk with the same on it, synced or not, on which chance falls by another seed. Nothing of it is open.
    #[must_use]
    pub fn fork(&self, seed: u64) -> Self {
        Self(Arc::new(Mutex::new(self.0.lock().fork(seed))))
    }

    /// The disk for whoever is to use it.
    #[must_use]
    pub fn disk(&self) -> Disk {
        Disk::new(Arc::new(self.clone()))
    }

    /// Lets the fault happen at the n-th operation from now; 0 is the next. Replaces an earlier order.
    pub fn order(&self, fault: Fault, after: u64) {
        let mut world = self.0.lock();
        let at = world.counts.operations + after;
        world.order = Some((at, fault));
    }

    /// Takes an order back that has not come true.
    pub fn call_off(&self) {
        self.0.lock().order = None;
    }

    /// While this holds, nothing that was ordered happens and no operation counts: for whoever looks on.
    pub fn hold_still(&self, still: bool) {
        self.0.lock().still = still;
    }

    /// Whether the power is off: every operation fails.
    #[must_use]
    pub fn is_off(&self) -> bool {
        self.0.lock().off
    }

    /// Cuts the power now. What is open is dead.
    pub fn cut_power(&self) {
        self.0.lock().off = true;
    }

    /// Brings the machine up again after a power cut, with what is left on the disk. Without one, the process was
    /// merely killed: what was written is there, synced or not. Whatever was open is dead.
    pub fn restart(&self) {
        self.0.lock().restart();
    }

    /// Lets the disk be full, or have space again.
    pub fn set_full(&self, full: bool) {
        self.0.lock().full = full;
    }

    /// Whether it is full.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.0.lock().full
    }

    /// How many microseconds an operation takes, at most; syncs take ten times as long.
    pub fn set_pace(&self, micros: u64) {
        self.0.lock().pace = micros;
    }

    /// Whether a power cut may turn a sector that was being written into garbage.
    pub fn set_garbage(&self, garbage: bool) {
        self.0.lock().garbage = garbage;
    }

    /// Microseconds that all operations took.
    #[must_use]
    pub fn elapsed(&self) -> u64 {
        self.0.lock().elapsed
    }

    /// What happened so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.0.lock().counts
    }

    /// The files in which a power cut left garbage, the last one or one before it.
    #[must_use]
    pub fn garbled(&self) -> Vec<PathBuf> {
        self.0.lock().garbled.clone()
    }

    fn enter(&self, kind: Kind) -> io::Result<MutexGuard<'_, World>> {
        let mut world = self.0.lock();
        world.enter(kind)?;
        Ok(world)
    }
}

impl fmt::Debug for SimulatedDisk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SimulatedDisk").field(&self.counts()).finish()
    }
}

impl Backend for SimulatedDisk {
    fn open(&self, path: &Path, access: Access) -> io::Result<Box<dyn RawFile>> {
        let mut world = self.enter(if access == Access::Read { Kind::Read } else { Kind::Name })?;
        let inode = match access {
            Access::Create { .. } => world.create_file(path)?,
            Access::Read | Access::Write => world.file(path)?,
        };
        Ok(Box::new(Opened { disk: self.clone(), life: world.life, inode, path: path.to_path_buf() }))
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<PathBuf>> {
        self.enter(Kind::Read)?.list(dir)
    }

    fn exists(&self, path: &Path) -> bool {
        self.0.lock().exists(path)
    }

    fn is_dir(&self, path: &Path) -> bool {
        self.0.lock().is_dir(path)
    }

    fn create_dir(&self, path: &Path, _public: bool) -> io::Result<()> {
        self.enter(Kind::Name)?.create_dir(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.enter(Kind::Name)?.rename(from, to)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.enter(Kind::Name)?.remove(path)
    }

    fn remove_dir_all(&self, path: &Path) -> io::Result<()> {
        self.enter(Kind::Name)?.remove(path)
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        self.enter(Kind::Sync)?.sync_dir(dir)
    }

    fn lock(&self, path: &Path) -> io::Result<Option<Lock>> {
        let mut world = self.enter(Kind::Name)?;
        if !world.lock(path) {
            return Ok(None);
        }
        let (life, path) = (world.life, path.to_path_buf());
        Ok(Some(Box::new(HeldLock { world: self.clone(), life, path })))
    }

    fn room(&self, _path: &Path) -> io::Result<u64> {
        Ok(if self.0.lock().full { 0 } else { u64::MAX })
    }

    fn open_map(&self, path: &Path, _cache_bytes: u64) -> io::Result<Box<dyn Map>> {
        let mut world = self.enter(Kind::Name)?;
        let inode = world.open_map(path)?;
        Ok(Box::new(Opened { disk: self.clone(), life: world.life, inode, path: path.to_path_buf() }))
    }
}

struct HeldLock {
    world: SimulatedDisk,
    life: u64,
    path: PathBuf,
}

impl Drop for HeldLock {
    fn drop(&mut self) {
        self.world.0.lock().unlock(&self.path, self.life);
    }
}

/// A file, or the map in a directory.
struct Opened {
    disk: SimulatedDisk,
    life: u64,
    inode: usize,
    path: PathBuf,
}

impl Opened {
    /// The world, if this was opened in its present life.
    fn world(&self) -> io::Result<MutexGuard<'_, World>> {
        let world = self.disk.0.lock();
        world.check_life(self.life)?;
        Ok(world)
    }

    /// The same for an operation.
    fn enter(&self, kind: Kind) -> io::Result<MutexGuard<'_, World>> {
        let mut world = self.world()?;
        world.enter(kind)?;
        Ok(world)
    }
}

impl RawFile for Opened {
    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<()> {
        let world = self.enter(Kind::Read)?;
        let start = at as usize;
        let bytes =
            start.checked_add(buffer.len()).and_then(|end| world.inodes[self.inode].bytes().get(start..end));
        buffer.copy_from_slice(bytes.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn write_at(&self, bytes: &[u8], at: u64) -> io::Result<()> {
        self.world()?.write(self.inode, bytes, at)
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.enter(Kind::Read)?.inodes[self.inode].bytes().len() as u64)
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.enter(Kind::Write)?.inodes[self.inode].set_len(length as usize);
        Ok(())
    }

    fn reserve(&self, range: Range<u64>) -> io::Result<()> {
        self.enter(Kind::Write)?.reserve(self.inode, range.end as usize)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.sync_all()
    }

    fn sync_all(&self) -> io::Result<()> {
        self.world()?.sync(self.inode)
    }
}

impl Map for Opened {
    fn get(&self, tree: Tree, key: &[u8]) -> io::Result<Option<Vec<u8>>> {
        Ok(self.enter(Kind::Read)?.inodes[self.inode].get(&Key(tree, key.to_vec())))
    }

    fn apply(&self, tree: Tree, changes: Changes) -> io::Result<()> {
        self.enter(Kind::Write)?.apply(self.inode, tree, changes)
    }

    fn flush(&self) -> io::Result<()> {
        self.enter(Kind::Write).map(drop)
    }

    fn sync(&self) -> io::Result<()> {
        self.world()?.sync_map(self.inode, &self.path)
    }
}
