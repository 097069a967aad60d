//! What the embedded engine holds in memory: the head, the entries that are not sealed yet, and of each sealed bundle
//! 48 bytes: its subtree's root and the span of its identifiers' times.
//!
//! Hash tiles are not stored anywhere as such. Level 0 is derived from the bundles, which saves 32 bytes an entry
//! and cannot disagree with them; all levels above are the hashes kept here, an eighth of a byte an entry.

use std::collections::VecDeque;
use std::ops::{Range, RangeInclusive};
use std::sync::Arc;

use super::contract::{Group, Head, NewEntry, TILE_WIDTH};
use super::stream_index::{Fences, PAGE, StreamIndex, mark};
use crate::merkle::{Frontier, Hash, root_of};

const WIDTH: usize = TILE_WIDTH as usize;

/// The UUIDv7 times of a bundle's identifiers, milliseconds since 1970, both inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct IdTimes {
    pub(super) min: u64,
    pub(super) max: u64,
}

impl IdTimes {
    fn of(id: &[u8; 16]) -> Self {
        let mut ms = [0; 8];
        ms[2..].copy_from_slice(&id[..6]);
        let ms = u64::from_be_bytes(ms);
        Self { min: ms, max: ms }
    }

    fn join(self, other: Self) -> Self {
        Self { min: self.min.min(other.min), max: self.max.max(other.max) }
    }
}

/// What the index keeps of a sealed bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BundleMeta {
    /// The root of the subtree over its 256 entries.
    pub(super) hash: Hash,
    pub(super) times: IdTimes,
}

/// The hashes of the sealed part: `levels[n]` holds the roots of its complete subtrees of 256^(n+1) entries.
#[derive(Debug, Default)]
pub(super) struct Levels(Vec<Vec<Hash>>);

impl Levels {
    fn push(&mut self, mut hash: Hash) {
        for level in 0.. {
            if self.0.len() == level {
                self.0.push(Vec::new());
            }
            let hashes = &mut self.0[level];
            hashes.push(hash);
            if !hashes.len().is_multiple_of(WIDTH) {
                return;
            }
            hash = root_of(&hashes[hashes.len() - WIDTH..]);
        }
    }

    fn get(&self, tile_level: u8, range: Range<u64>) -> Option<&[Hash]> {
        let hashes = self.0.get(usize::from(tile_level).checked_sub(1)?)?;
        hashes.get(usize::try_from(range.start).ok()?..usize::try_from(range.end).ok()?)
    }
}

/// See the module's text. Guarded by one lock; the writer's thread adds, the sealer's thread moves.
pub(super) struct State {
    pub(super) head: Head,
    /// Entries that are in the store: a multiple of 256.
    pub(super) sealed: u64,
    /// The entries from `sealed` on.
    pub(super) tail: VecDeque<NewEntry>,
    /// Bytes of the tail's entries.
    pub(super) tail_bytes: usize,
    /// One for each bundle, the incomplete one included.
    pub(super) times: Vec<IdTimes>,
    levels: Levels,
    /// Where the sealed entries of a stream are.
    pub(super) streams: StreamIndex,
}

impl State {
    /// The state when everything below this head is sealed and nothing is above it.
    pub(super) fn sealed_only(head: Head, metas: &[BundleMeta], streams: StreamIndex) -> Self {
        let mut levels = Levels::default();
        metas.iter().for_each(|meta| levels.push(meta.hash));
        let times = metas.iter().map(|meta| meta.times).collect();
        Self { sealed: head.size, head, tail: VecDeque::new(), tail_bytes: 0, times, levels, streams }
    }

    /// Takes in a durable group. Entries that are there already are passed over, which happens in replay only.
    pub(super) fn publish(&mut self, group: &Group) {
        let known = self.head.size.saturating_sub(group.first) as usize;
        for entry in group.entries.iter().skip(known) {
            let position = self.sealed + self.tail.len() as u64;
            let times = IdTimes::of(&entry.id);
            match self.times.get_mut((position / TILE_WIDTH) as usize) {
                Some(known) => *known = known.join(times),
                None => self.times.push(times),
            }
            self.tail_bytes += entry.bytes.len();
            self.tail.push_back(entry.clone());
        }
        self.head = group.head.clone();
    }

    /// Whether a bundle is complete but not sealed.
    pub(super) fn has_bundle(&self) -> bool {
        self.tail.len() >= WIDTH
    }

    /// The entries of the oldest bundle that is complete but not sealed.
    pub(super) fn next_bundle(&self) -> Option<Vec<NewEntry>> {
        self.has_bundle().then(|| self.tail.range(..WIDTH).cloned().collect())
    }

    /// What the index is to keep of a bundle.
    pub(super) fn meta(&self, bundle: u64) -> Option<BundleMeta> {
        let index = usize::try_from(bundle).ok()?;
        let hash = self.levels.get(1, bundle..bundle + 1)?[0];
        Some(BundleMeta { hash, times: *self.times.get(index)? })
    }

    /// The oldest unsealed bundle is in the store now.
    pub(super) fn sealed_next(&mut self, hash: Hash, fences: Option<Fences>) {
        let mut marks = Vec::with_capacity(WIDTH);
        for entry in self.tail.drain(..WIDTH) {
            self.tail_bytes -= entry.bytes.len();
            marks.push(mark(entry.stream));
        }
        self.streams.push(&marks, fences);
        self.sealed += TILE_WIDTH;
        self.levels.push(hash);
    }

    /// An unsealed entry.
    pub(super) fn unsealed(&self, position: u64) -> Option<&NewEntry> {
        self.tail.get(usize::try_from(position.checked_sub(self.sealed)?).ok()?)
    }

    /// The positions in a range, behind the complete pages of the index, that may carry a fingerprint; ascending.
    pub(super) fn recent_positions(&self, stream: u64, range: Range<u64>) -> Vec<u64> {
        let first = self.streams.pages() * PAGE;
        let (wanted, mut found) = (mark(stream), Vec::new());
        let open = within(&range, first, self.sealed);
        let marks = &self.streams.open()[open.clone()];
        found.extend(
            (first + open.start as u64..).zip(marks).filter(|(_, m)| **m == wanted).map(|(at, _)| at),
        );
        let tail = within(&range, self.sealed, self.head.size);
        let entries = self.tail.range(tail.clone());
        let at = self.sealed + tail.start as u64;
        found.extend((at..).zip(entries).filter(|(_, entry)| entry.stream == stream).map(|(at, _)| at));
        found
    }

    /// The hashes of a tile level from 1 on, for nodes that are complete in the published tree.
    pub(super) fn hashes(&self, tile_level: u8, range: Range<u64>) -> Vec<Hash> {
        if let Some(hashes) = self.levels.get(tile_level, range.clone()) {
            return hashes.to_vec();
        }
        range.map(|index| self.hash(tile_level, index)).collect()
    }

    fn hash(&self, tile_level: u8, index: u64) -> Hash {
        if tile_level == 0 {
            return self.unsealed(index).map(|entry| entry.leaf).expect("below a node that is not sealed");
        }
        if let Some(hashes) = self.levels.get(tile_level, index..index + 1) {
            return hashes[0];
        }
        let below = index * TILE_WIDTH..(index + 1) * TILE_WIDTH;
        root_of(&below.map(|child| self.hash(tile_level - 1, child)).collect::<Vec<_>>())
    }

    /// The frontier of the sealed entries.
    pub(super) fn sealed_frontier(&self) -> Frontier {
        self.frontier_of(self.sealed)
    }

    /// The frontier of the first so many sealed entries.
    pub(super) fn frontier_of(&self, size: u64) -> Frontier {
        let read = |level: u8, index: u64| {
            let width = 1_u64 << (level % 8);
            let hashes = self.hashes(level / 8, index * width..(index + 1) * width);
            Ok::<_, std::convert::Infallible>(root_of(&hashes))
        };
        match Frontier::load(size, read) {
            Ok(frontier) => frontier,
            Err(never) => match never {},
        }
    }

    /// The bundles that may hold an identifier of one of these times.
    pub(super) fn bundles_for_ids(&self, id_ms: &RangeInclusive<u64>) -> Vec<u64> {
        let covers = |times: &IdTimes| times.min <= *id_ms.end() && *id_ms.start() <= times.max;
        (0..).zip(&self.times).filter(|(_, times)| covers(times)).map(|(bundle, _)| bundle).collect()
    }
}

/// What of a range of positions lies from `first` to `end`, as indexes from `first`.
fn within(range: &Range<u64>, first: u64, end: u64) -> Range<usize> {
    let clamp = |at: u64| (at.clamp(first, end) - first) as usize;
    let (start, end) = (clamp(range.start), clamp(range.end));
    start..end.max(start)
}

/// The entries' bytes, for [`super::bundle`].
pub(super) fn bytes(entries: &[NewEntry]) -> impl Iterator<Item = &Arc<[u8]>> {
    entries.iter().map(|entry| &entry.bytes)
}
