//! What the writer, the sealer, the archiver and all readers share.

use std::collections::VecDeque;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use parking_lot::{Mutex, RwLock};

use super::archive::Archive;
use super::archive_queue::ArchiveQueue;
use super::bundle::Bundle;
use super::contract::{NewEntry, TILE_WIDTH};
use super::error::Fatal;
use super::guard::Guard;
use super::seal_queue::SealQueue;
use super::state::State;
use super::store::Store;
use super::stream_index::{PAGE, mark};
use crate::disk::{Disk, Lock};
use crate::merkle::{Hash, root_of};

/// Decompressed bundles kept for readers, in bytes.
const CACHE_BYTES: usize = 32 << 20;
/// The most decompressed bundles kept.
const CACHE_BUNDLES: usize = 64;
/// With less room on its disk the store is left alone: a few of its segments, and what others write meanwhile.
const STORE_ROOM: u64 = 32 << 20;

/// What the writer, the sealer and all readers share.
pub(super) struct Shared {
    pub(super) dir: PathBuf,
    pub(super) disk: Disk,
    /// Written by the writer's thread (new groups) and the sealer's (sealed bundles), each for moments only.
    pub(super) state: RwLock<State>,
    pub(super) store: Store,
    /// Where the oldest bundles are, if not in the store.
    pub(super) archive: Archive,
    /// The head guard as it is on the disk. Locked while it is replaced: sealer and archiver both do.
    pub(super) guard: Mutex<Guard>,
    pub(super) seals: SealQueue,
    pub(super) archiving: ArchiveQueue,
    /// Newest used last.
    pub(super) cache: Mutex<VecDeque<(u64, Arc<Bundle>)>>,
    /// Held for as long as anybody can read.
    pub(super) _lock: Lock,
}

impl Shared {
    pub(super) fn journal_dir(&self) -> PathBuf {
        self.dir.join("journal")
    }

    /// The store, if there is not as much room on its disk as it may need.
    pub(super) fn short_of_room(&self) -> Result<Option<PathBuf>, Fatal> {
        let path = self.dir.join("store");
        Ok((self.disk.room(&path)? < STORE_ROOM).then_some(path))
    }

    fn sealed_bundle(&self, number: u64) -> Result<Arc<Bundle>, Fatal> {
        if let Some(bundle) = self.cached(number) {
            return Ok(bundle);
        }
        let bundle = Arc::new(self.read_bundle(number)?);
        let mut cache = self.cache.lock();
        cache.push_back((number, Arc::clone(&bundle)));
        let mut bytes: usize = cache.iter().map(|(_, bundle)| bundle.bytes()).sum();
        while cache.len() > CACHE_BUNDLES || (bytes > CACHE_BYTES && cache.len() > 1) {
            bytes -= cache.pop_front().map_or(0, |(_, bundle)| bundle.bytes());
        }
        Ok(bundle)
    }

    /// The one place where a sealed bundle is read, wherever it is.
    fn read_bundle(&self, number: u64) -> Result<Bundle, Fatal> {
        if !self.archive.has(number) {
            match self.stored_bundle(number) {
                // It moved meanwhile.
                Err(_) if self.archive.has(number) => {}
                read => return read,
            }
        }
        self.archive.bundle(number, &self.root_of_bundle(number))
    }

    pub(super) fn stored_bundle(&self, number: u64) -> Result<Bundle, Fatal> {
        let bundle = Bundle::parse(self.store.bundle(number)?, TILE_WIDTH as usize);
        bundle.ok_or_else(|| self.store.bundle_damaged(number, "it does not hold 256 entries"))
    }

    /// The root over the entries of a sealed bundle.
    pub(super) fn root_of_bundle(&self, number: u64) -> Hash {
        self.state.read().meta(number).expect("the bundle is sealed").hash
    }

    /// Replaces the head guard by one that is made from it; answers the new one.
    pub(super) fn replace_guard(&self, change: impl FnOnce(Guard) -> Guard) -> Result<Guard, Fatal> {
        let mut guard = self.guard.lock();
        let changed = change(guard.clone());
        changed.write(&self.disk, &self.dir)?;
        *guard = changed.clone();
        Ok(changed)
    }

    fn cached(&self, number: u64) -> Option<Arc<Bundle>> {
        let mut cache = self.cache.lock();
        let at = cache.iter().rposition(|(cached, _)| *cached == number)?;
        let found = cache.remove(at)?;
        let bundle = Arc::clone(&found.1);
        cache.push_back(found);
        Some(bundle)
    }

    /// Shows `show` the entries of a published range piece by piece, in order. What is sealed in the meantime is
    /// found in the store.
    pub(super) fn visit(&self, range: Range<u64>, mut show: impl FnMut(Piece<'_>)) -> Result<(), Fatal> {
        let mut at = range.start;
        while at < range.end {
            let state = self.state.read();
            if at >= state.sealed {
                let from = (at - state.sealed) as usize;
                let to = (range.end - state.sealed) as usize;
                state.tail.range(from..to).for_each(|entry| show(Piece::Entry(entry)));
                return Ok(());
            }
            let sealed = state.sealed;
            drop(state);
            let number = at / TILE_WIDTH;
            let end = range.end.min((number + 1) * TILE_WIDTH).min(sealed);
            let bundle = self.sealed_bundle(number)?;
            let start = number * TILE_WIDTH;
            show(Piece::Bundle(&bundle, (at - start) as usize..(end - start) as usize));
            at = end;
        }
        Ok(())
    }

    pub(super) fn leaf_hashes(&self, range: Range<u64>) -> Result<Vec<Hash>, Fatal> {
        let mut hashes = Vec::with_capacity((range.end - range.start) as usize);
        self.visit(range, |piece| match piece {
            Piece::Entry(entry) => hashes.push(entry.leaf),
            Piece::Bundle(bundle, range) => hashes.extend_from_slice(bundle.leaves(range)),
        })?;
        Ok(hashes)
    }

    /// The positions in a range that may carry a stream's fingerprint, oldest first.
    pub(super) fn stream_forward(
        &self,
        stream: u64,
        range: Range<u64>,
        max: usize,
    ) -> Result<Vec<u64>, Fatal> {
        let (mut found, mut at) = (Vec::new(), range.start);
        while found.len() < max && at < range.end {
            let page = at / PAGE;
            let blocks = {
                let state = self.state.read();
                if page >= state.streams.pages() {
                    found.extend(state.recent_positions(stream, at..range.end));
                    break;
                }
                state.streams.blocks(page, mark(stream))
            };
            found.extend(self.store.stream_places(page, blocks, stream, at..range.end)?);
            at = (page + 1) * PAGE;
        }
        found.truncate(max);
        Ok(found)
    }

    /// The same, newest first.
    pub(super) fn stream_backward(
        &self,
        stream: u64,
        range: Range<u64>,
        max: usize,
    ) -> Result<Vec<u64>, Fatal> {
        let (mut found, pages) = {
            let state = self.state.read();
            (state.recent_positions(stream, range.clone()), state.streams.pages())
        };
        found.reverse();
        // The page under the end of the range is the first one to look at.
        let mut page = pages.min(range.end.div_ceil(PAGE));
        while found.len() < max && page > 0 && page * PAGE > range.start {
            page -= 1;
            let blocks = self.state.read().streams.blocks(page, mark(stream));
            let mut places = self.store.stream_places(page, blocks, stream, range.clone())?;
            places.reverse();
            found.extend(places);
        }
        found.truncate(max);
        Ok(found)
    }

    /// Hashes of a tile level, all complete in the published tree.
    pub(super) fn hashes(&self, tile_level: u8, range: Range<u64>) -> Result<Vec<Hash>, Fatal> {
        match tile_level {
            0 => self.leaf_hashes(range),
            _ => Ok(self.state.read().hashes(tile_level, range)),
        }
    }

    /// A node of the published tree.
    pub(super) fn node(&self, level: u8, index: u64) -> Result<Hash, Fatal> {
        let width = 1_u64 << (level % 8);
        Ok(root_of(&self.hashes(level / 8, index * width..(index + 1) * width)?))
    }
}

/// A part of a range of entries.
pub(super) enum Piece<'a> {
    Entry(&'a NewEntry),
    Bundle(&'a Bundle, Range<usize>),
}
