//! Where the tree lies when it is cut into tiles of 256 hashes (C2SP tlog-tiles v0.1.0): paths and widths.
//!
//! A tile of level L holds nodes of tree level 8 L. A full tile is 256 of them, 8,192 bytes, and never
//! changes; the last one of a level may be partial, 1 to 255 wide. Entries lie in bundles that are as wide as
//! the tiles of level 0. Paths here have no slash in front.

use std::fmt;
use std::num::NonZeroU8;
use std::str::FromStr;

use thiserror::Error;

use crate::checkpoint::parse_decimal;
use crate::merkle::{Hash, root_of};

/// Hashes in a full tile, and entries in a full bundle.
pub const FULL_WIDTH: usize = 256;

/// The highest level that a path may name. A tree of 64-bit size has tiles up to level 7 only.
pub const MAX_LEVEL: u8 = 63;

/// What a tile holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TileKind {
    /// Hashes of this level, at most [`MAX_LEVEL`].
    Hashes(u8),
    /// The entries themselves.
    Entries,
}

impl TileKind {
    /// How many hashes or entries of this kind a tree of `size` leaves has in all.
    pub fn count(self, size: u64) -> u64 {
        let level = if let Self::Hashes(level) = self { level } else { 0 };
        size.checked_shr(8 * u32::from(level)).unwrap_or(0)
    }
}

/// How many hashes or entries a tile has. No tile is empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TileWidth {
    /// 1 to 255: the tree ends here.
    Partial(NonZeroU8),
    /// 256: will never change.
    Full,
}

impl TileWidth {
    /// The width as a number, 1 to 256.
    pub fn get(self) -> usize {
        match self {
            Self::Partial(width) => usize::from(width.get()),
            Self::Full => FULL_WIDTH,
        }
    }
}

/// One tile, named as its path names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tile {
    /// What it holds.
    pub kind: TileKind,
    /// Its number among the tiles of its kind, from 0.
    pub index: u64,
    /// How much it holds.
    pub width: TileWidth,
}

impl Tile {
    /// Tile number `index` as a tree of `size` leaves has it, or `None` if that tree has nothing there.
    pub fn at(kind: TileKind, index: u64, size: u64) -> Option<Self> {
        let count = kind.count(size);
        let full_tiles = count >> 8;
        if index < full_tiles {
            return Some(Self { kind, index, width: TileWidth::Full });
        }
        let rest = NonZeroU8::new((count & 0xff) as u8)?;
        (index == full_tiles).then_some(Self { kind, index, width: TileWidth::Partial(rest) })
    }

    /// Whether a tree of `size` leaves has grown to this tile or past it.
    pub fn is_within(&self, size: u64) -> bool {
        Self::at(self.kind, self.index, size).is_some_and(|current| current.width >= self.width)
    }

    /// Bytes of a hash tile of this width; bundles have no fixed size.
    pub fn hash_bytes(&self) -> usize {
        self.width.get() * size_of::<Hash>()
    }
}

/// The tiles of one kind that differ between trees of `old` and `new` leaves: what must be published before
/// the larger tree may be signed. In ascending order; nothing unless the tree has grown.
pub fn changed_tiles(kind: TileKind, old: u64, new: u64) -> impl Iterator<Item = Tile> {
    let (old_count, new_count) = (kind.count(old), kind.count(new));
    let end = if new_count > old_count { new_count.div_ceil(FULL_WIDTH as u64) } else { old_count >> 8 };
    (old_count >> 8..end).filter_map(move |index| Tile::at(kind, index, new))
}

/// Where a node of the tree is found in the hash tiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NodePlace {
    /// The tile's level.
    pub tile_level: u8,
    /// The tile's number.
    pub tile_index: u64,
    /// The first of the tile's hashes that lie under the node.
    pub first: usize,
    /// How many of them do: 1 if the node itself is in the tile, else a power of two up to 128.
    pub count: usize,
}

impl NodePlace {
    /// The place of node `(level, index)`, counted as [`crate::merkle`] counts them.
    pub fn of(level: u8, index: u64) -> Self {
        // Eight tree levels make a tile level; a node between them is the root over part of one tile.
        let (tile_level, height) = (level / 8, level % 8);
        let per_tile_bits = 8 - height;
        let within = index & ((1 << per_tile_bits) - 1);
        Self {
            tile_level,
            tile_index: index >> per_tile_bits,
            first: (within as usize) << height,
            count: 1 << height,
        }
    }

    /// The node, computed from the bytes of its tile; `None` if the tile is too narrow.
    pub fn hash_in(&self, tile: &[u8]) -> Option<Hash> {
        let (hashes, _) = tile.as_chunks::<32>();
        Some(root_of(hashes.get(self.first..self.first + self.count)?))
    }
}

impl fmt::Display for Tile {
    /// The path, such as `tile/0/x001/x234/067.p/5` or `tile/entries/000`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            TileKind::Hashes(level) => write!(f, "tile/{level}/")?,
            TileKind::Entries => write!(f, "tile/entries/")?,
        }
        write_index(f, self.index)?;
        match self.width {
            TileWidth::Full => Ok(()),
            TileWidth::Partial(width) => write!(f, ".p/{width}"),
        }
    }
}

/// Groups of three digits, all but the last marked with an `x`.
fn write_index(f: &mut fmt::Formatter<'_>, index: u64) -> fmt::Result {
    let mut groups = vec![index % 1000];
    let mut rest = index / 1000;
    while rest > 0 {
        groups.push(rest % 1000);
        rest /= 1000;
    }
    groups.iter().skip(1).rev().try_for_each(|group| write!(f, "x{group:03}/"))?;
    write!(f, "{:03}", groups[0])
}

/// A path that names no tile, or names it otherwise than [`Tile`] writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("this is not the path of a tile, such as tile/0/x001/067 or tile/entries/000.p/5")]
pub struct TilePathError;

impl FromStr for Tile {
    type Err = TilePathError;

    /// Strict, for paths that strangers send: each tile has exactly one path.
    fn from_str(path: &str) -> Result<Self, TilePathError> {
        parse_path(path).ok_or(TilePathError)
    }
}

fn parse_path(path: &str) -> Option<Tile> {
    let (kind, rest) = path.strip_prefix("tile/")?.split_once('/')?;
    let kind = match kind {
        "entries" => TileKind::Entries,
        level => TileKind::Hashes(parse_small(level).filter(|level| *level <= MAX_LEVEL)?),
    };
    let (index, width) = match rest.split_once(".p/") {
        Some((index, width)) => (index, TileWidth::Partial(NonZeroU8::new(parse_small(width)?)?)),
        None => (rest, TileWidth::Full),
    };
    Some(Tile { kind, index: parse_index(index)?, width })
}

/// 0 to 255 in its only spelling.
fn parse_small(text: &str) -> Option<u8> {
    parse_decimal(text)?.try_into().ok()
}

fn parse_index(text: &str) -> Option<u64> {
    let (marked, last) = text.rsplit_once('/').map_or((None, text), |(marked, last)| (Some(marked), last));
    let mut index = 0u64;
    for (place, group) in marked.into_iter().flat_map(|marked| marked.split('/')).enumerate() {
        let value = parse_group(group.strip_prefix('x')?)?;
        // A leading group of zeros would be a second path of the same tile.
        if place == 0 && value == 0 {
            return None;
        }
        index = index.checked_mul(1000)?.checked_add(value)?;
    }
    index.checked_mul(1000)?.checked_add(parse_group(last)?)
}

fn parse_group(group: &str) -> Option<u64> {
    let three_digits = group.len() == 3 && group.bytes().all(|byte| byte.is_ascii_digit());
    if three_digits { group.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::merkle::{Frontier, inclusion_proof, leaf_hash, verify_inclusion};

    fn partial(width: u8) -> TileWidth {
        TileWidth::Partial(NonZeroU8::new(width).unwrap())
    }

    fn hashes(level: u8, index: u64, width: TileWidth) -> Tile {
        Tile { kind: TileKind::Hashes(level), index, width }
    }

    #[test]
    fn paths_are_those_of_the_specification() {
        let cases = [
            ("tile/0/x001/x234/067", hashes(0, 1_234_067, TileWidth::Full)),
            ("tile/0/000", hashes(0, 0, TileWidth::Full)),
            ("tile/63/999.p/255", hashes(63, 999, partial(255))),
            ("tile/1/x001/000.p/1", hashes(1, 1000, partial(1))),
            (
                "tile/entries/x273/136.p/112",
                Tile { kind: TileKind::Entries, index: 273_136, width: partial(112) },
            ),
            ("tile/2/x018/x446/x744/x073/x709/x551/615", hashes(2, u64::MAX, TileWidth::Full)),
        ];
        for (path, tile) in cases {
            assert_eq!(path.parse(), Ok(tile));
            assert_eq!(tile.to_string(), path);
        }
    }

    #[test]
    fn every_other_spelling_is_refused() {
        let refused = [
            "",
            "tile",
            "tile/",
            "tile/0",
            "tile/0/",
            "/tile/0/000",
            "tile/0/000/",
            "tile/0/0",
            "tile/0/0000",
            "tile/0/x000",
            "tile/0/x000/001",
            "tile/0/001/002",
            "tile/0/x001/x002",
            "tile/0/x1/002",
            "tile/0/X001/002",
            "tile/0/x001//002",
            "tile/64/000",
            "tile/00/000",
            "tile/-1/000",
            "tile/+1/000",
            "tile/0/000.p/0",
            "tile/0/000.p/256",
            "tile/0/000.p/01",
            "tile/0/000.p/",
            "tile/0/000.p",
            "tile/0/000.p/1/2",
            "tile/0/x001.p/1/002",
            "tile/0/000.p/1.p/1",
            "tile/Entries/000",
            "tile/entries",
            "tile/0/../000",
            "tile/0/00a",
            "tile/0/+12",
            "tile/0/ 12",
            "tile/0/０００",
            "tile/256/000",
            "tile/2/x018/x446/x744/x073/x709/x551/616",
            "tile/0/000\0",
            "tile/0/000?x",
            "tile/data/000",
        ];
        for path in refused {
            assert_eq!(path.parse::<Tile>(), Err(TilePathError), "{path}");
        }
    }

    #[test]
    fn widths_follow_from_the_size() {
        let at = |level, index, size| Tile::at(TileKind::Hashes(level), index, size).map(|tile| tile.width);
        assert_eq!(at(0, 0, 0), None);
        assert_eq!(at(0, 0, 1), Some(partial(1)));
        assert_eq!(at(0, 0, 256), Some(TileWidth::Full));
        assert_eq!(at(0, 1, 256), None, "never a width of 0");
        assert_eq!(at(1, 0, 255), None);
        assert_eq!(at(1, 0, 70_000), Some(TileWidth::Full));
        assert_eq!(at(1, 1, 70_000), Some(partial(17)));
        assert_eq!(at(0, 273, 70_000), Some(partial(112)));
        assert_eq!(at(2, 0, 70_000), Some(partial(1)));
        assert_eq!(at(2, 1, 70_000), None);
        assert_eq!(at(7, 0, u64::MAX), Some(partial(255)));
        assert_eq!(at(8, 0, u64::MAX), None);
        assert_eq!(at(63, 0, u64::MAX), None);
        assert_eq!(Tile::at(TileKind::Entries, 273, 70_000).unwrap().width.get(), 112);
    }

    #[test]
    fn a_narrower_tile_stays_available() {
        assert!(hashes(0, 0, partial(3)).is_within(5));
        assert!(hashes(0, 0, partial(5)).is_within(5));
        assert!(!hashes(0, 0, partial(6)).is_within(5));
        assert!(!hashes(0, 0, TileWidth::Full).is_within(255));
        assert!(hashes(0, 0, partial(255)).is_within(256));
        assert!(!hashes(0, 1, partial(1)).is_within(256));
        assert_eq!(hashes(0, 0, TileWidth::Full).hash_bytes(), 8_192);
    }

    /// The tiles of a tree, built from its nodes.
    fn tiles(leaves: &[Hash]) -> BTreeMap<(u8, u64), Vec<u8>> {
        let (mut frontier, mut tiles) = (Frontier::new(), BTreeMap::<_, Vec<u8>>::new());
        for leaf in leaves {
            frontier.append_with(*leaf, |level, index, hash| {
                if level % 8 == 0 {
                    tiles.entry((level / 8, index >> 8)).or_default().extend(hash);
                }
            });
        }
        tiles
    }

    #[test]
    fn proofs_are_made_from_tiles_alone() {
        let leaves: Vec<Hash> = (0..70_000).map(|i| leaf_hash(format!("entry {i}").as_bytes())).collect();
        let tiles = tiles(&leaves);
        for ((level, index), bytes) in &tiles {
            let tile = Tile::at(TileKind::Hashes(*level), *index, 70_000).unwrap();
            assert_eq!(bytes.len(), tile.hash_bytes(), "{tile}");
        }
        let read = |level, index| {
            let place = NodePlace::of(level, index);
            let tile = tiles.get(&(place.tile_level, place.tile_index)).ok_or("no such tile")?;
            place.hash_in(tile).ok_or("too narrow")
        };
        let root = root_of(&leaves);
        for index in [0, 1, 255, 256, 65_535, 65_536, 69_887, 69_999] {
            let proof = inclusion_proof(index, 70_000, read).unwrap();
            verify_inclusion(&leaves[index as usize], index, 70_000, &proof, &root).unwrap();
        }
        assert_eq!(NodePlace::of(7, 3), NodePlace { tile_level: 0, tile_index: 1, first: 128, count: 128 });
        assert_eq!(NodePlace::of(7, 3).hash_in(&[0; 32 * 255]), None);
    }

    proptest! {
        #[test]
        fn parsing_never_panics_and_has_one_spelling(
            any in ".{0,40}", near in "tile/(entries|[0-9]{1,2})(/x[0-9]{3}){0,7}/[0-9]{3}(\\.p/[0-9]{1,3})?",
        ) {
            for path in [any, near] {
                if let Ok(tile) = path.parse::<Tile>() {
                    prop_assert_eq!(tile.to_string(), path);
                }
            }
        }

        #[test]
        fn every_tile_comes_back(level in 0..=MAX_LEVEL, index in any::<u64>(), width in 0..=255u8) {
            let width = NonZeroU8::new(width).map_or(TileWidth::Full, TileWidth::Partial);
            let tile = hashes(level, index, width);
            prop_assert_eq!(tile.to_string().parse(), Ok(tile));
        }

        #[test]
        fn changed_tiles_are_those_that_differ(old in 0u64..200_000, grown in 0u64..2_000, level in 0u8..3) {
            let (kind, new) = (TileKind::Hashes(level), old + grown);
            let naive: Vec<Tile> = (0..=new / 256 + 1)
                .filter_map(|index| Tile::at(kind, index, new))
                .filter(|tile| Tile::at(kind, tile.index, old) != Some(*tile))
                .collect();
            prop_assert_eq!(changed_tiles(kind, old, new).collect::<Vec<_>>(), naive);
        }

        #[test]
        fn a_place_lies_within_its_tile(level in 0u8..64, index in any::<u64>()) {
            let index = index.checked_shr(level.into()).unwrap_or(0);
            let place = NodePlace::of(level, index);
            prop_assert!(place.first + place.count <= FULL_WIDTH);
        }
    }
}
