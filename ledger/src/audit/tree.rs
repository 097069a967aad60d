//! The tree made anew from the leaves, and what it is held against: the signed root, saved checkpoints, hash tiles.

use super::finding::{Finding, Findings, Kind};
use super::source::{Source, SourceError, check_file, hashes_of, or_damage, read_tile};
use crate::checkpoint::{self, Checkpoint, CheckpointError};
use crate::merkle::{EMPTY_ROOT, Frontier, Hash};
use crate::note::VerifierKey;
use crate::tiles::{FULL_WIDTH, NodePlace, Tile, TileKind};

const WIDTH: u64 = FULL_WIDTH as u64;

/// The frontier of the first entries, from the hash tiles; nothing if one of them is not there.
pub(super) fn frontier_of(source: &dyn Source, size: u64, all: u64) -> Result<Option<Frontier>, SourceError> {
    let node = |level: u8, index: u64| {
        let place = NodePlace::of(level, index);
        let tile = Tile::at(TileKind::Hashes(place.tile_level), place.tile_index, all);
        let raw = tile.map(|tile| read_tile(source, &tile)).transpose()?.flatten();
        raw.and_then(|(raw, _)| place.hash_in(&raw))
            .ok_or_else(|| SourceError::Damaged(Kind::Damaged, "a hash tile".into()))
    };
    Ok(or_damage(Frontier::load(size, node))?.ok())
}

/// The tree over the leaves so far.
#[derive(Default)]
pub(super) struct Tree {
    frontier: Frontier,
    /// Leaves that were there at the beginning, known by the frontier alone.
    begun: u64,
    /// `levels[n]` are the nodes of tile level `n + 1` that were completed since.
    levels: Vec<Vec<Hash>>,
    /// A leaf is not known: from here on there is no root.
    broken: bool,
    /// Sizes at which the root is wanted, the next one last, with the roots found.
    wanted: Vec<u64>,
    roots: Vec<(u64, Hash)>,
}

impl Tree {
    /// An empty tree that will remember its root at these sizes.
    pub(super) fn remembering(sizes: impl IntoIterator<Item = u64>) -> Self {
        let mut wanted: Vec<u64> = sizes.into_iter().filter(|size| *size > 0).collect();
        wanted.sort_unstable_by(|a, b| b.cmp(a));
        wanted.dedup();
        Self { wanted, roots: vec![(0, EMPTY_ROOT)], ..Self::default() }
    }

    /// Goes on from a frontier whose root somebody vouches for.
    pub(super) fn begin(&mut self, frontier: Frontier) {
        self.wanted.retain(|size| *size >= frontier.size());
        if self.wanted.last() == Some(&frontier.size()) {
            self.wanted.pop();
            self.roots.push((frontier.size(), frontier.root()));
        }
        self.begun = frontier.size();
        self.frontier = frontier;
    }

    pub(super) fn append(&mut self, leaf: Option<Hash>) {
        let Some(leaf) = leaf.filter(|_| !self.broken) else {
            self.broken = true;
            return;
        };
        let levels = &mut self.levels;
        self.frontier.append_with(leaf, |level, _, hash| {
            if level == 0 || !level.is_multiple_of(8) {
                return;
            }
            let at = usize::from(level / 8) - 1;
            if levels.len() == at {
                levels.push(Vec::new());
            }
            levels[at].push(*hash);
        });
        if self.wanted.last() == Some(&self.frontier.size()) {
            self.wanted.pop();
            self.roots.push((self.frontier.size(), self.frontier.root()));
        }
    }

    /// Entries that the tree has.
    pub(super) fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// The root over all entries; nothing if a leaf is missing.
    pub(super) fn root(&self) -> Option<Hash> {
        (!self.broken).then(|| self.frontier.root())
    }

    /// The root at a size that was wanted, if the tree came so far.
    pub(super) fn root_at(&self, size: u64) -> Option<Hash> {
        self.roots.iter().find(|(at, _)| *at == size).map(|(_, root)| *root)
    }

    /// Compares the hash tiles above the leaves, those of an archive too; how many there were of both.
    pub(super) fn check_tiles(
        &self,
        source: &dyn Source,
        findings: &mut Findings,
    ) -> Result<(u64, u64), SourceError> {
        let (mut compared, mut archived) = (0, 0);
        for (level, own) in (1..).zip(&self.levels) {
            let first = self.begun >> (8 * u32::from(level));
            let end = first + own.len() as u64;
            for index in first / WIDTH..end.div_ceil(WIDTH) {
                let Some(tile) = Tile::at(TileKind::Hashes(level), index, self.size()) else { continue };
                let (from, to) = (first.max(index * WIDTH), end.min((index + 1) * WIDTH));
                let expected = &own[(from - first) as usize..(to - first) as usize];
                let within = (from - index * WIDTH) as usize..(to - index * WIDTH) as usize;
                match or_damage(read_tile(source, &tile))? {
                    Ok(Some((raw, _))) if hashes_of(&raw, FULL_WIDTH).get(within) == Some(expected) => {
                        compared += 1;
                    }
                    Ok(Some(_)) => findings.add(Finding::whole(Kind::TileMismatch, tile)),
                    Ok(None) => findings.add(Finding::whole(Kind::TileMissing, tile)),
                    Err((kind, what)) => findings.add(Finding::whole(kind, format_args!("{tile}: {what}"))),
                }
                if expected.len() == FULL_WIDTH {
                    let find = |kind, what| findings.add(Finding::whole(kind, what));
                    archived += check_file(source, &tile, Some(&expected.concat()), find)?;
                }
            }
        }
        Ok((compared, archived))
    }

    /// The partial tiles above the leaves of a tree of so many entries, a multiple of 256 that this one passed; none if
    /// the beginning was taken on trust.
    pub(super) fn partial_tiles(&self, size: u64) -> Vec<(Tile, Vec<u8>)> {
        let levels = (1..).zip(&self.levels).filter(|_| self.begun == 0);
        let tiles = levels.filter_map(|(level, own)| {
            let count = TileKind::Hashes(level).count(size);
            let tile = Tile::at(TileKind::Hashes(level), count / WIDTH, size)?;
            let nodes = own.get((count / WIDTH * WIDTH) as usize..count as usize)?;
            Some((tile, nodes.concat()))
        });
        tiles.collect()
    }
}

/// A checkpoint that the auditor kept.
#[derive(Clone, Debug)]
pub struct Saved {
    /// The file it is in.
    pub name: String,
    /// Its bytes.
    pub note: Vec<u8>,
}

/// What became of a saved checkpoint.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SavedVerdict {
    /// The file it is in.
    pub name: String,
    /// The size that it is of, if it can be read and this log signed it.
    pub size: Option<u64>,
    /// The log is a continuation of it; nothing if that could not be told.
    pub is_prefix: Option<bool>,
}

/// Reads a saved checkpoint; the log must have signed it.
pub(super) fn read_saved(
    saved: &Saved,
    key: Option<&VerifierKey>,
    findings: &mut Findings,
) -> Option<Checkpoint> {
    let read = match key {
        Some(key) => checkpoint::open(&saved.note, key, &[]).map(|verified| verified.checkpoint),
        None => Err(CheckpointError::NotSignedByLog),
    };
    read.map_err(|error| {
        findings.add(Finding::whole(Kind::SavedCheckpoint, format_args!("{}: {error}", saved.name)))
    })
    .ok()
}

/// Holds the tree against a saved checkpoint. `size` is how many entries the log claims to have.
pub(super) fn check_saved(
    name: &str,
    saved: &Checkpoint,
    tree: &Tree,
    size: u64,
    findings: &mut Findings,
) -> SavedVerdict {
    let verdict = |is_prefix| SavedVerdict { name: name.to_owned(), size: Some(saved.size), is_prefix };
    if saved.size > size {
        let what = format!("{name}: {} entries were signed, the log has {size}", saved.size);
        findings.add(Finding::at(size, Kind::TailRemoved, what));
        return verdict(Some(false));
    }
    let Some(root) = tree.root_at(saved.size) else { return verdict(None) };
    if root != saved.root {
        let (signed, found) = (hex::encode(saved.root), hex::encode(root));
        let what = format!("{name}: root at size {}: signed {signed}, recomputed {found}", saved.size);
        findings.add(Finding::whole(Kind::Forked, what));
    }
    verdict(Some(root == saved.root))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merkle::{leaf_hash, root_of};

    #[test]
    fn roots_are_remembered_at_the_sizes_wanted_and_end_at_a_gap() {
        let leaves: Vec<Hash> = (0..9u8).map(|n| leaf_hash(&[n])).collect();
        let mut tree = Tree::remembering([7, 3, 3, 0, 12]);
        leaves.iter().for_each(|leaf| tree.append(Some(*leaf)));
        assert_eq!(tree.root_at(0), Some(EMPTY_ROOT));
        assert_eq!(tree.root_at(3), Some(root_of(&leaves[..3])));
        assert_eq!(tree.root_at(7), Some(root_of(&leaves[..7])));
        assert_eq!((tree.root_at(12), tree.root()), (None, Some(root_of(&leaves))));
        tree.append(None);
        (0..4).for_each(|_| tree.append(Some(leaves[0])));
        assert_eq!((tree.size(), tree.root(), tree.root_at(12)), (9, None, None));
    }
}
