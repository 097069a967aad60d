//! The archive: old bundles as files of their own, in a plain directory that strangers can verify.
//!
//! It has C2SP tlog-tiles' layout: `tile/entries/…` and full hash tiles of every level, `checkpoint`, signed over exactly
//! the entries that are there, with the partial tiles above the leaves that this size needs, `log.vkey`, and a marker that
//! names the log. What is in it is read nowhere else, and nothing in it is believed: a bundle must have the root that
//! the store's index keeps of it. [`super::archiver`] fills it.

use std::collections::HashSet;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use parking_lot::Mutex;

use super::bundle::Bundle;
use super::contract::{ArchiveSigner, ArchiveStatus, TILE_WIDTH};
use super::error::{Fatal, UnfitArchive};
use super::guard::{Guard, is_one_line};
use super::options::{OpenOptions, Planted};
use super::state::{BundleMeta, State};
use crate::disk::{Disk, DiskFile, if_there, parent, successor};
use crate::merkle::{Hash, root_of};
use crate::tile_dir::TileDir;
use crate::tiles::{FULL_WIDTH, Tile, TileKind, TileWidth};

/// Names the log that an archive is of.
const MARKER: &str = "hourbook-archive";
/// The signed tree head of what is there.
pub(super) const CHECKPOINT: &str = "checkpoint";
/// The key that verifies it.
const VKEY: &str = "log.vkey";
/// The newest archived bundles that are read and checked at open; the others are looked for.
const SAMPLE: u64 = 16;
/// Bundles that lie in one directory.
const IN_DIRECTORY: usize = 1_000;

/// Bundles that are not in the store any more, or will not be.
pub(super) struct Archive {
    /// Where they are; nothing if there is no archive.
    tiles: Option<TileDir>,
    /// How many of the newest stay in the store; nothing if no more are to be moved.
    pub(super) keep: Option<u64>,
    /// So many of the oldest are read here. Written by whoever moves them, before the store forgets them.
    bundles: AtomicU64,
    pub(super) signer: OnceLock<Arc<dyn ArchiveSigner>>,
    pub(super) progress: Mutex<Progress>,
    pub(super) skip_sync: bool,
}

/// What the mover remembers from one piece of work to the next.
#[derive(Default)]
pub(super) struct Progress {
    /// The directory was seen to be this log's.
    claimed: bool,
    /// Bundles that the checkpoint in the directory is over, if it was written since the log was opened.
    pub(super) signed: u64,
    /// Why the last attempt failed.
    pub(super) failure: Option<String>,
}

impl Archive {
    /// Finds the archive that the guard remembers, or the one that is asked for, and checks that what should be there
    /// is. If it is in another place than the guard remembers, the guard is corrected, and `true` answered.
    pub(super) fn open(
        log: &Path,
        options: &OpenOptions,
        guard: &mut Guard,
        metas: &[BundleMeta],
    ) -> Result<(Self, bool), Fatal> {
        let named = options.archive.as_ref().map(|archive| name(log, &archive.dir)).transpose()?;
        let place = named.clone().or_else(|| guard.archive.as_ref().map(|archive| archive.dir.clone()));
        let archive = Self {
            tiles: place.map(|place| TileDir::public_on(&options.disk, &home(log).join(place))),
            keep: options.archive.as_ref().map(|archive| archive.keep),
            bundles: AtomicU64::new(guard.archived()),
            signer: OnceLock::new(),
            progress: Mutex::default(),
            skip_sync: options.has(Planted::UnsyncedArchive),
        };
        let Some(tiles) = &archive.tiles else { return Ok((archive, false)) };
        if guard.archived() == 0 {
            archive.look(tiles, metas.first().map(|meta| meta.hash))?;
            return Ok((archive, false));
        }
        let remembered = guard.archive.as_mut().expect("bundles are archived");
        let moved_to = named.filter(|named| *named != remembered.dir);
        archive.check(tiles, remembered.bundles, metas, moved_to.is_some())?;
        Ok((archive, moved_to.map(|named| remembered.dir = named).is_some()))
    }

    /// Whether a bundle is to be read here.
    pub(super) fn has(&self, bundle: u64) -> bool {
        bundle < self.bundles.load(Ordering::Acquire)
    }

    /// Bundles that are read here.
    pub(super) fn bundles(&self) -> u64 {
        self.bundles.load(Ordering::Acquire)
    }

    /// From now on these many of the oldest bundles are read here.
    pub(super) fn set_bundles(&self, bundles: u64) {
        self.bundles.store(bundles, Ordering::Release);
    }

    pub(super) fn status(&self) -> Option<ArchiveStatus> {
        let dir = self.tiles.as_ref()?.dir().to_owned();
        Some(ArchiveStatus { dir, bundles: self.bundles(), failure: self.progress.lock().failure.clone() })
    }

    /// Where it is, as the guard is to remember it.
    pub(super) fn place(&self, log: &Path) -> String {
        let dir = self.tiles().dir();
        let relative = dir.strip_prefix(home(log)).unwrap_or(dir);
        relative.to_str().expect("checked when the archive was named").to_owned()
    }

    pub(super) fn tiles(&self) -> &TileDir {
        self.tiles.as_ref().expect("nothing is archived without a place")
    }

    /// Reads a bundle. It must have this root.
    pub(super) fn bundle(&self, bundle: u64, root: &Hash) -> Result<Bundle, Fatal> {
        read(self.tiles(), bundle, root)
    }

    /// The file of a tile that is to be here, as it is; nothing if none is to be.
    pub(super) fn file(&self, tile: &Tile) -> Result<Option<Vec<u8>>, Fatal> {
        let is_here = Tile::at(tile.kind, tile.index, self.bundles() * TILE_WIDTH).as_ref() == Some(tile);
        if is_here { read_file(self.tiles(), tile).map(Some) } else { Ok(None) }
    }

    /// Refuses a directory that is of another log or holds something else. One that cannot be looked at stops nothing, but
    /// is noted; whether it can be written to shows when it is claimed.
    fn look(&self, tiles: &TileDir, first: Option<Hash>) -> Result<(), Fatal> {
        match (read_marker(tiles), first) {
            (Ok(Some(marker)), Some(first)) if marker != marker_of(&first) => {
                Err(unfit(tiles, UnfitArchive::OtherLog))
            }
            (Ok(Some(_)), _) => Ok(()),
            (Ok(None), _) => check_empty(tiles),
            (Err(error), _) => {
                tracing::warn!(%error, "the archive cannot be looked at: nothing is moved to it");
                self.progress.lock().failure = Some(error.to_string());
                Ok(())
            }
        }
    }

    /// Whether the directory can be looked at, before there is a bundle to claim it with.
    pub(super) fn reach(&self) -> Result<(), Fatal> {
        read_marker(self.tiles()).map(drop)
    }

    /// Makes the directory this log's, if it is free; false if that was done before. `first` is the root of the log's
    /// first bundle.
    pub(super) fn claim(&self, first: &Hash) -> Result<bool, Fatal> {
        if self.progress.lock().claimed {
            return Ok(false);
        }
        let (tiles, marker) = (self.tiles(), marker_of(first));
        tiles.public().create_dir(tiles.dir())?;
        // It may be there and not durable: the process that created it, or its sync, may have failed.
        tiles.disk().sync_dir(parent(tiles.dir()))?;
        match read_marker(tiles)? {
            Some(found) if found == marker => {}
            // The guard vouches for it: only the marker is gone or damaged.
            _ if self.bundles() > 0 => write_marker(tiles, &marker)?,
            Some(_) => return Err(unfit(tiles, UnfitArchive::OtherLog)),
            None => {
                check_empty(tiles)?;
                write_marker(tiles, &marker)?;
            }
        }
        self.progress.lock().claimed = true;
        Ok(true)
    }

    /// Checks that what was archived is there: every bundle's file, and the content of the newest.
    fn check(
        &self,
        tiles: &TileDir,
        archived: u64,
        metas: &[BundleMeta],
        is_elsewhere: bool,
    ) -> Result<(), Fatal> {
        let first = &metas[0].hash;
        if !read_marker(tiles).is_ok_and(|marker| marker == Some(marker_of(first))) {
            self.check_unmarked(tiles, first, is_elsewhere)?;
        }
        find_all(tiles, archived)?;
        let sample = archived.saturating_sub(SAMPLE)..archived;
        sample.into_iter().try_for_each(|bundle| self.bundle(bundle, &metas[bundle as usize].hash).map(drop))
    }

    /// A marker that is gone or damaged loses nothing where the archive is remembered to be: the first bundle tells whose
    /// it is. Anywhere else it is needed, or a backup would pass for an archive and be written to.
    fn check_unmarked(&self, tiles: &TileDir, first: &Hash, is_elsewhere: bool) -> Result<(), Fatal> {
        if tiles.disk().contents(tiles.dir())?.is_empty() {
            return Err(unfit(tiles, UnfitArchive::NotThere));
        }
        let is_marked = tiles.disk().exists(&tiles.dir().join(MARKER));
        match self.bundle(0, first) {
            Ok(_) if !is_elsewhere => Ok(()),
            Err(error) if !is_elsewhere && !is_marked => Err(error),
            _ if is_marked => Err(unfit(tiles, UnfitArchive::OtherLog)),
            _ => Err(unfit(tiles, UnfitArchive::Occupied)),
        }
    }
}

/// The directory that holds the log's: what an archive's place is relative to.
fn home(log: &Path) -> &Path {
    parent(log)
}

/// How the guard is to write the place of an archive down.
fn name(log: &Path, dir: &Path) -> Result<String, Fatal> {
    let refuse = |why| Fatal::ArchiveUnfit { dir: dir.to_path_buf(), why };
    let absolute =
        |path: &Path| std::path::absolute(path).map_err(Fatal::io("find the way to the archive", path));
    let (place, log) = (absolute(dir)?, absolute(log)?);
    if place.starts_with(&log) || log.starts_with(&place) {
        return Err(refuse(UnfitArchive::Nested));
    }
    let relative = place.strip_prefix(home(&log)).unwrap_or(&place);
    let text = relative.to_str().filter(|text| is_one_line(text));
    text.map(str::to_owned).ok_or_else(|| refuse(UnfitArchive::Path))
}

fn unfit(tiles: &TileDir, why: UnfitArchive) -> Fatal {
    Fatal::ArchiveUnfit { dir: tiles.dir().to_owned(), why }
}

fn marker_of(first: &Hash) -> Vec<u8> {
    format!("{MARKER} 1\nlog {}\n", hex::encode(first)).into_bytes()
}

fn read_marker(tiles: &TileDir) -> Result<Option<Vec<u8>>, Fatal> {
    Ok(if_there(tiles.disk().read(&tiles.dir().join(MARKER)))?)
}

fn write_marker(tiles: &TileDir, marker: &[u8]) -> Result<(), Fatal> {
    Ok(tiles.disk().replace(&tiles.dir().join(MARKER), &[marker])?)
}

fn check_empty(tiles: &TileDir) -> Result<(), Fatal> {
    let unfinished = successor(&tiles.dir().join(MARKER));
    match tiles.disk().contents(tiles.dir())?.iter().all(|item| *item == unfinished) {
        true => Ok(()),
        false => Err(unfit(tiles, UnfitArchive::Occupied)),
    }
}

fn damaged(tiles: &TileDir, tile: &Tile, how: &'static str) -> Fatal {
    Fatal::ArchiveDamaged { file: tiles.path(tile), what: what_is(tile), how }
}

fn missing(tiles: &TileDir, tile: &Tile) -> Fatal {
    Fatal::ArchiveMissing { file: tiles.path(tile), what: what_is(tile) }
}

fn what_is(tile: &Tile) -> String {
    match tile.kind {
        TileKind::Entries => format!("bundle {}", tile.index),
        TileKind::Hashes(level) => format!("hash tile {} of level {level}", tile.index),
    }
}

pub(super) fn full(kind: TileKind, index: u64) -> Tile {
    Tile { kind, index, width: TileWidth::Full }
}

fn read_file(tiles: &TileDir, tile: &Tile) -> Result<Vec<u8>, Fatal> {
    let unreadable =
        |source| Fatal::ArchiveUnreadable { file: tiles.path(tile), what: what_is(tile), source };
    tiles.get(tile).map_err(unreadable)?.ok_or_else(|| missing(tiles, tile))
}

fn read(tiles: &TileDir, bundle: u64, root: &Hash) -> Result<Bundle, Fatal> {
    let tile = full(TileKind::Entries, bundle);
    let raw = read_file(tiles, &tile)?;
    let bundle = Bundle::parse(raw, FULL_WIDTH);
    let bundle = bundle.ok_or_else(|| damaged(tiles, &tile, "it does not hold 256 entries"))?;
    match root_of(bundle.leaves(0..FULL_WIDTH)) == *root {
        true => Ok(bundle),
        false => Err(damaged(tiles, &tile, "its entries do not have the root that was sealed")),
    }
}

/// Looks for the files of the first so many bundles. Listing a directory costs less than asking for each of its files.
fn find_all(tiles: &TileDir, bundles: u64) -> Result<(), Fatal> {
    for first in (0..bundles).step_by(IN_DIRECTORY) {
        let listed = tiles.disk().list(parent(&tiles.path(&full(TileKind::Entries, first))));
        let there: HashSet<PathBuf> = if_there(listed)?.unwrap_or_default().into_iter().collect();
        for bundle in first..bundles.min(first + IN_DIRECTORY as u64) {
            let tile = full(TileKind::Entries, bundle);
            if !there.contains(&tiles.path(&tile)) {
                return Err(missing(tiles, &tile));
            }
        }
    }
    Ok(())
}

/// Files that are being added: written, then durable, then given their names, then those durable too. So no name ever
/// stands for half a file, and what a failed attempt left is written anew.
pub(super) struct Addition<'a> {
    tiles: &'a TileDir,
    written: Vec<(Tile, DiskFile)>,
    bytes: usize,
}

impl<'a> Addition<'a> {
    pub(super) fn new(tiles: &'a TileDir) -> Self {
        Self { tiles, written: Vec::new(), bytes: 0 }
    }

    /// Bytes written so far.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Writes a file. It may be there with the same bytes: then a crash left it, or a copy of this log put it there.
    pub(super) fn write(&mut self, tile: Tile, bytes: &[u8]) -> Result<(), Fatal> {
        let there = self.tiles.get(&tile).map_err(Fatal::io("read", &self.tiles.path(&tile)))?;
        if there.is_some_and(|there| there != bytes) {
            let how = "it is there already with other bytes; move it away if nobody needs it";
            return Err(damaged(self.tiles, &tile, how));
        }
        self.written.push((tile, self.tiles.write(&tile, bytes)?));
        self.bytes += bytes.len();
        Ok(())
    }

    /// Makes all of it durable under its names.
    pub(super) fn finish(self, skip_sync: bool) -> Result<(), Fatal> {
        if !skip_sync {
            self.written.iter().try_for_each(|(_, file)| file.sync_all())?;
        }
        let mut dirs: Vec<PathBuf> = Vec::new();
        for (tile, _) in &self.written {
            self.tiles.finish(tile)?;
            let path = self.tiles.path(tile);
            // Those above as well, for the same reason as the archive's own.
            for dir in path.ancestors().skip(1).take_while(|dir| dir.starts_with(self.tiles.dir())) {
                if !dirs.iter().any(|known| known == dir) {
                    dirs.push(dir.to_owned());
                }
            }
        }
        Ok(dirs.iter().try_for_each(|dir| self.tiles.disk().sync_dir(dir))?)
    }
}

/// The full hash tiles above the leaves that a bundle completes.
pub(super) fn completed(state: &State, bundle: u64) -> Vec<(Tile, Vec<u8>)> {
    let mut found = Vec::new();
    let (mut count, mut level) = (bundle + 1, 1);
    while count.is_multiple_of(TILE_WIDTH) {
        count /= TILE_WIDTH;
        let tile = full(TileKind::Hashes(level), count - 1);
        found.push((tile, nodes(state, level, (count - 1) * TILE_WIDTH..count * TILE_WIDTH)));
        level += 1;
    }
    found
}

/// The partial tiles that a tree of so many whole bundles has.
pub(super) fn partial(state: &State, bundles: u64) -> Vec<(Tile, Vec<u8>)> {
    let size = bundles * TILE_WIDTH;
    let levels = (1..8_u8).take_while(|level| TileKind::Hashes(*level).count(size) > 0);
    let tiles = levels.filter_map(|level| {
        let count = TileKind::Hashes(level).count(size);
        let tile = Tile::at(TileKind::Hashes(level), count / TILE_WIDTH, size)?;
        Some((tile, nodes(state, level, count / TILE_WIDTH * TILE_WIDTH..count)))
    });
    tiles.collect()
}

fn nodes(state: &State, level: u8, range: Range<u64>) -> Vec<u8> {
    state.hashes(level, range).concat()
}

/// Writes what makes the directory verifiable by itself, the checkpoint last, and removes partial tiles of earlier ones.
pub(super) fn sign(
    tiles: &TileDir,
    partials: &[(Tile, Vec<u8>)],
    signer: &dyn ArchiveSigner,
    size: u64,
    root: &Hash,
) -> Result<(), Fatal> {
    let mut addition = Addition::new(tiles);
    partials.iter().try_for_each(|(tile, bytes)| addition.write(*tile, bytes))?;
    addition.finish(false)?;
    let put = |name: &str, content: &[u8]| tiles.public().replace(&tiles.dir().join(name), &[content]);
    put(VKEY, format!("{}\n", signer.verifier_key()).as_bytes())?;
    put(CHECKPOINT, &signer.checkpoint(size, root))?;
    for level in 1..8 {
        let count = TileKind::Hashes(level).count(size);
        if count == 0 {
            break;
        }
        let (index, width) = (count / TILE_WIDTH, count % TILE_WIDTH);
        prune(tiles.disk(), &partials_of(tiles, level, index), (width > 0).then_some(width))?;
        if index > 0 {
            prune(tiles.disk(), &partials_of(tiles, level, index - 1), None)?;
        }
    }
    Ok(())
}

/// The directory of the partial tiles of an index.
fn partials_of(tiles: &TileDir, level: u8, index: u64) -> PathBuf {
    let mut path = tiles.path(&full(TileKind::Hashes(level), index)).into_os_string();
    path.push(".p");
    path.into()
}

/// Removes the partial tiles in a directory but for one width; of what a power cut brings back, the next time.
fn prune(disk: &Disk, dir: &Path, keep: Option<u64>) -> Result<(), Fatal> {
    match keep {
        None if disk.exists(dir) => disk.remove_all(dir)?,
        None => {}
        Some(width) => {
            let kept = dir.join(width.to_string());
            let others = disk.list(dir)?.into_iter().filter(|path| *path != kept);
            others.into_iter().try_for_each(|path| disk.remove_file(&path))?;
        }
    }
    Ok(())
}
