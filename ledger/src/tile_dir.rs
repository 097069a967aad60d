//! A log in a plain directory, as C2SP tlog-tiles lays it out: entry bundles and hash tiles, a file each, under the
//! paths that [`crate::tiles`] gives them. Any static web server can serve it, and any verifier of tiles can read it.

use std::io;
use std::path::{Path, PathBuf};

use crate::disk::{Disk, DiskError, DiskFile, if_there, parent};
use crate::merkle::{Hash, leaf_hash, root_of};
use crate::tiles::{FULL_WIDTH, Tile, TileKind};

/// The ending of a file that is not written to its end.
pub const UNFINISHED: &str = ".unfinished";

/// The directory that holds `tile/`.
#[derive(Debug, Clone)]
pub struct TileDir {
    disk: Disk,
    dir: PathBuf,
    /// Whether others than the owner read hash tiles; entries they never do.
    is_public: bool,
}

impl TileDir {
    /// On the machine's own disk. Nothing is looked at or made yet.
    #[must_use]
    pub fn new(dir: &Path) -> Self {
        Self::on(&Disk::default(), dir)
    }

    /// On some disk. Nothing is looked at or made yet.
    #[must_use]
    pub fn on(disk: &Disk, dir: &Path) -> Self {
        Self { disk: disk.clone(), dir: dir.to_owned(), is_public: false }
    }

    /// One whose hash tiles are for everybody to read.
    pub(crate) fn public_on(disk: &Disk, dir: &Path) -> Self {
        Self { is_public: true, ..Self::on(disk, dir) }
    }

    /// The disk that it is on.
    pub(crate) fn disk(&self) -> &Disk {
        &self.disk
    }

    /// The same for what anybody may read.
    pub(crate) fn public(&self) -> Disk {
        if self.is_public { self.disk.public() } else { self.disk.clone() }
    }

    /// The directory itself.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Where a tile's file is.
    #[must_use]
    pub fn path(&self, tile: &Tile) -> PathBuf {
        self.dir.join(tile.to_string())
    }

    /// The bytes of a tile; `None` if there is no such file.
    ///
    /// # Errors
    /// Of the file system.
    pub fn get(&self, tile: &Tile) -> io::Result<Option<Vec<u8>>> {
        if_there(self.disk.read(&self.path(tile))).map_err(|error| error.source)
    }

    /// The bytes of a tile that must be there.
    pub(crate) fn need(&self, tile: &Tile) -> Result<Vec<u8>, TileFault> {
        let read = self.get(tile).map_err(|source| TileFault::Io { path: self.path(tile), source })?;
        read.ok_or_else(|| self.damaged(tile, "it is missing"))
    }

    pub(crate) fn damaged(&self, tile: &Tile, what: &'static str) -> TileFault {
        TileFault::Damaged { path: self.path(tile), what }
    }

    /// Writes a tile unless it is there with these bytes. Never seen in part, but not durable before the file system
    /// was synced.
    ///
    /// # Errors
    /// Of the file system.
    pub fn put(&self, tile: &Tile, bytes: &[u8]) -> io::Result<()> {
        if self.get(tile)?.is_some_and(|there| there == bytes) {
            return Ok(());
        }
        self.write(tile, bytes).and_then(|_| self.finish(tile)).map_err(|error| error.source)
    }

    /// Writes a tile under a name of its own, where no reader looks. Neither is durable: sync the file before
    /// [`TileDir::finish`] if a power cut may come in between.
    pub(crate) fn write(&self, tile: &Tile, bytes: &[u8]) -> Result<DiskFile, DiskError> {
        let path = self.unfinished(tile);
        let disk = match tile.kind {
            TileKind::Hashes(_) => self.public(),
            TileKind::Entries => self.disk.clone(),
        };
        self.public().create_dir(&self.dir.join("tile"))?;
        disk.create_dir(parent(&path))?;
        if_there(disk.remove_file(&path))?;
        let file = disk.create(&path)?;
        file.write_at(bytes, 0)?;
        Ok(file)
    }

    /// Gives a tile that was written its name. Not durable before its directory was synced.
    pub(crate) fn finish(&self, tile: &Tile) -> Result<(), DiskError> {
        self.disk.rename(&self.unfinished(tile), &self.path(tile))
    }

    fn unfinished(&self, tile: &Tile) -> PathBuf {
        let mut path = self.path(tile).into_os_string();
        path.push(UNFINISHED);
        path.into()
    }
}

/// Takes an entry bundle apart; `None` unless it is exactly `width` whole entries.
#[must_use]
pub fn entries(bundle: &[u8], width: usize) -> Option<Vec<&[u8]>> {
    let mut entries = Vec::with_capacity(width);
    let mut rest = bundle;
    while let Some((length, after)) = rest.split_first_chunk::<2>() {
        let (entry, after) = after.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        entries.push(entry);
        rest = after;
    }
    (rest.is_empty() && entries.len() == width).then_some(entries)
}

/// Why a directory does not hold the log that it should.
#[derive(Debug, thiserror::Error)]
pub enum TileFault {
    /// A file is missing, or not what the tree needs there.
    #[error("{}: {what}", path.display())]
    Damaged {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The file system.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Recomputes a log's tree from its entries, bundle by bundle, and compares every hash tile on the way.
pub struct Walk<'a> {
    dir: &'a TileDir,
    size: u64,
    /// Hashes of the tile under way, level by level.
    open: Vec<Vec<Hash>>,
    /// Tiles of each level that are complete.
    done: Vec<u64>,
}

impl<'a> Walk<'a> {
    /// A walk over the first `size` entries.
    #[must_use]
    pub fn new(dir: &'a TileDir, size: u64) -> Self {
        Self { dir, size, open: Vec::new(), done: Vec::new() }
    }

    /// Reads everything, shows every entry with its position, and answers the root.
    ///
    /// # Errors
    /// [`TileFault`], or what `show` answers.
    pub fn run<E: From<TileFault>>(
        mut self,
        mut show: impl FnMut(u64, &[u8]) -> Result<(), E>,
    ) -> Result<Hash, E> {
        for index in 0..self.size.div_ceil(FULL_WIDTH as u64) {
            let tile = self.tile(TileKind::Entries, index);
            let bytes = self.dir.need(&tile)?;
            let entries = entries(&bytes, tile.width.get());
            let entries = entries.ok_or_else(|| self.dir.damaged(&tile, "it is not whole entries"))?;
            for (position, entry) in (index * FULL_WIDTH as u64..).zip(entries) {
                show(position, entry)?;
                self.push(0, leaf_hash(entry))?;
            }
        }
        self.finish().map_err(E::from)
    }

    fn tile(&self, kind: TileKind, index: u64) -> Tile {
        Tile::at(kind, index, self.size).expect("the index lies below the size")
    }

    fn push(&mut self, level: usize, hash: Hash) -> Result<(), TileFault> {
        if self.open.len() == level {
            self.open.push(Vec::new());
            self.done.push(0);
        }
        self.open[level].push(hash);
        if self.open[level].len() < FULL_WIDTH {
            return Ok(());
        }
        let hashes = std::mem::take(&mut self.open[level]);
        self.compare(level, &hashes)?;
        self.done[level] += 1;
        self.push(level + 1, root_of(&hashes))
    }

    fn compare(&self, level: usize, hashes: &[Hash]) -> Result<(), TileFault> {
        let tile = self.tile(TileKind::Hashes(level as u8), self.done[level]);
        let fits = self.dir.need(&tile)? == hashes.concat();
        if fits { Ok(()) } else { Err(self.dir.damaged(&tile, "its hashes are not those of the entries")) }
    }

    /// Compares the tiles at the right edge and answers the root.
    fn finish(mut self) -> Result<Hash, TileFault> {
        let mut carry: Option<Hash> = None;
        for level in 0..self.open.len() {
            let hashes = std::mem::take(&mut self.open[level]);
            if !hashes.is_empty() {
                self.compare(level, &hashes)?;
            }
            // What is incomplete below hangs to the right of everything complete here, and RFC 6962 splits the nodes
            // as it would split their leaves.
            let mut nodes = hashes;
            nodes.extend(carry);
            carry = (!nodes.is_empty()).then(|| root_of(&nodes));
        }
        Ok(carry.unwrap_or(crate::merkle::EMPTY_ROOT))
    }
}

/// Whether a narrower tile of the past is the beginning of what is there now.
#[must_use]
pub fn is_prefix(past: &Tile, bytes: &[u8], now: &[u8]) -> bool {
    let whole = match past.kind {
        TileKind::Hashes(_) => bytes.len() == past.hash_bytes(),
        TileKind::Entries => entries(bytes, past.width.get()).is_some(),
    };
    whole && now.starts_with(bytes)
}
