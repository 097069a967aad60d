//! The Merkle tree of RFC 6962, section 2: hashes, an append-only frontier, proofs and their verification.
//!
//! Nothing here reads anything by itself. A function that needs inner nodes is given a reader
//! `Fn(level, index) -> Result<Hash, E>`: level 0 holds the leaf hashes, and node `(level, index)` is the root
//! of the complete subtree over the leaves `index * 2^level` up to `(index + 1) * 2^level`, exclusive. Only
//! nodes whose leaves all lie below the tree's size are ever asked for, so full and partial tiles suffice.

use sha2::{Digest, Sha256};
use thiserror::Error;

/// A SHA-256 digest: of a leaf, of an inner node or of the whole tree.
pub type Hash = [u8; 32];

/// The root of the tree without leaves: SHA-256 of nothing (RFC 6962, 2.1).
pub const EMPTY_ROOT: Hash = [
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27,
    0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
];

const LEAF_PREFIX: [u8; 1] = [0];
const NODE_PREFIX: u8 = 1;

/// The hash of one entry: SHA-256(0x00 || entry).
pub fn leaf_hash(entry: &[u8]) -> Hash {
    Sha256::new().chain_update(LEAF_PREFIX).chain_update(entry).finalize().into()
}

/// The hash of an inner node: SHA-256(0x01 || left || right).
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut input = [NODE_PREFIX; 65];
    input[1..33].copy_from_slice(left);
    input[33..].copy_from_slice(right);
    Sha256::digest(input).into()
}

/// The root over leaf hashes held in memory; [`EMPTY_ROOT`] for none.
pub fn root_of(leaf_hashes: &[Hash]) -> Hash {
    let mut frontier = Frontier::new();
    leaf_hashes.iter().for_each(|leaf| frontier.append(*leaf));
    frontier.root()
}

/// All that is needed of a tree to append to it and to know its root: the roots of its complete subtrees from
/// left to right, one for each one bit of the size. At most 64 hashes whatever the size (a "compact range").
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    /// The frontier of the empty tree.
    pub fn new() -> Self {
        Self::default()
    }

    /// The frontier of the first `size` leaves of a stored tree.
    ///
    /// # Errors
    /// Whatever the reader answers.
    pub fn load<E>(size: u64, read: impl Fn(u8, u64) -> Result<Hash, E>) -> Result<Self, E> {
        let peaks = peak_nodes(size).map(|(level, index)| read(level, index)).collect::<Result<_, _>>()?;
        Ok(Self { size, peaks })
    }

    /// The number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends one leaf hash.
    pub fn append(&mut self, leaf: Hash) {
        self.append_with(leaf, |_, _, _| {});
    }

    /// Appends one leaf hash and shows every node that it completes, as `(level, index, hash)`: first the leaf
    /// itself at level 0, then each ancestor whose last leaf it is, upwards.
    pub fn append_with(&mut self, leaf: Hash, mut completed: impl FnMut(u8, u64, &Hash)) {
        let position = self.size;
        let mut hash = leaf;
        completed(0, position, &hash);
        // A one bit of the old size is a peak of that level that the new leaf completes to a larger subtree.
        for level in 0..position.trailing_ones() as u8 {
            let left = self.peaks.pop().expect("there is a peak for each one bit of the size");
            hash = node_hash(&left, &hash);
            completed(level + 1, position >> (level + 1), &hash);
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    /// The root of the tree: the peaks folded from right to left.
    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev();
        let Some(last) = peaks.next() else {
            return EMPTY_ROOT;
        };
        peaks.fold(*last, |right, left| node_hash(left, &right))
    }
}

/// The complete subtrees that a tree of this size consists of, as `(level, index)`, largest first.
fn peak_nodes(size: u64) -> impl Iterator<Item = (u8, u64)> {
    (0..64).rev().filter(move |level| size >> level & 1 == 1).map(move |level| (level, (size >> level) - 1))
}

/// Why no proof can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ProveError<E> {
    /// The leaf does not exist in a tree of that size.
    #[error("leaf {index} is not in a tree of {size} leaves")]
    IndexBeyondSize {
        /// The leaf asked for.
        index: u64,
        /// The tree's leaves.
        size: u64,
    },
    /// The older tree is larger than the newer one.
    #[error("the older tree has {old} leaves, the newer one only {new}")]
    OldBeyondNew {
        /// The older tree's leaves.
        old: u64,
        /// The newer tree's leaves.
        new: u64,
    },
    /// A node could not be read.
    #[error("a tree node could not be read")]
    Read(#[source] E),
}

/// The root of the first `size` leaves of a stored tree.
///
/// # Errors
/// Whatever the reader answers.
pub fn tree_root<E>(size: u64, read: impl Fn(u8, u64) -> Result<Hash, E>) -> Result<Hash, E> {
    Ok(Frontier::load(size, read)?.root())
}

/// The audit path of leaf `index` in the tree of the first `size` leaves, from the leaf's sibling up to the
/// root's child (RFC 6962, 2.1.1).
///
/// # Errors
/// [`ProveError::IndexBeyondSize`], or [`ProveError::Read`] with the reader's error.
pub fn inclusion_proof<E>(
    index: u64,
    size: u64,
    read: impl Fn(u8, u64) -> Result<Hash, E>,
) -> Result<Vec<Hash>, ProveError<E>> {
    if index >= size {
        return Err(ProveError::IndexBeyondSize { index, size });
    }
    let (mut begin, mut end, mut proof) = (0, size, Vec::new());
    while end - begin > 1 {
        let middle = begin + split(end - begin);
        if index < middle {
            proof.push(range_root(middle, end, &read).map_err(ProveError::Read)?);
            end = middle;
        } else {
            proof.push(range_root(begin, middle, &read).map_err(ProveError::Read)?);
            begin = middle;
        }
    }
    proof.reverse();
    Ok(proof)
}

/// The proof that the tree of `new` leaves only appends to the tree of `old` leaves (RFC 6962, 2.1.2). It is
/// empty when the two are equal, and when the old tree is empty, since nothing needs to be shown then.
///
/// # Errors
/// [`ProveError::OldBeyondNew`], or [`ProveError::Read`] with the reader's error.
pub fn consistency_proof<E>(
    old: u64,
    new: u64,
    read: impl Fn(u8, u64) -> Result<Hash, E>,
) -> Result<Vec<Hash>, ProveError<E>> {
    if old > new {
        return Err(ProveError::OldBeyondNew { old, new });
    }
    if old == 0 {
        return Ok(Vec::new());
    }
    let (mut begin, mut end, mut proof) = (0, new, Vec::new());
    while end != old {
        let middle = begin + split(end - begin);
        if old <= middle {
            proof.push(range_root(middle, end, &read).map_err(ProveError::Read)?);
            end = middle;
        } else {
            proof.push(range_root(begin, middle, &read).map_err(ProveError::Read)?);
            begin = middle;
        }
    }
    // From the very left the subtree is the whole old tree, whose root the verifier has already.
    if begin > 0 {
        proof.push(range_root(begin, end, &read).map_err(ProveError::Read)?);
    }
    proof.reverse();
    Ok(proof)
}

/// The largest power of two below `width`, which is at least 2: where RFC 6962 splits a tree.
fn split(width: u64) -> u64 {
    1 << (width - 1).ilog2()
}

/// The root over the leaves from `begin` up to `end`, a range that splitting from the whole tree leads to.
fn range_root<E>(begin: u64, end: u64, read: &impl Fn(u8, u64) -> Result<Hash, E>) -> Result<Hash, E> {
    // `begin` is a multiple of the range's width rounded up to a power of two, so the peaks of the width,
    // moved to the right by `begin`, are nodes of the tree.
    let nodes = peak_nodes(end - begin).map(|(level, index)| read(level, (begin >> level) + index));
    let peaks = nodes.collect::<Result<Vec<_>, _>>()?;
    Ok(Frontier { size: end - begin, peaks }.root())
}

/// Why a proof does not convince.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum VerifyError {
    /// The leaf cannot be in a tree of that size.
    #[error("leaf {index} is not in a tree of {size} leaves")]
    IndexBeyondSize {
        /// The leaf's index.
        index: u64,
        /// The tree's leaves.
        size: u64,
    },
    /// The older tree is larger than the newer one.
    #[error("the older tree has {old} leaves, the newer one only {new}")]
    OldBeyondNew {
        /// The older tree's leaves.
        old: u64,
        /// The newer tree's leaves.
        new: u64,
    },
    /// The proof has fewer or more hashes than these sizes need.
    #[error("the proof has {0} hashes, which is not the number that these sizes need")]
    ProofLength(usize),
    /// The proof leads to another root.
    #[error("the proof leads to another root")]
    RootMismatch,
}

/// Checks that `leaf` (a leaf hash) is at `index` of the tree of `size` leaves with this root (RFC 9162,
/// 2.1.3.2, which is the verification of RFC 6962 proofs spelt out).
///
/// # Errors
/// [`VerifyError`] if it is not shown.
pub fn verify_inclusion(
    leaf: &Hash,
    index: u64,
    size: u64,
    proof: &[Hash],
    root: &Hash,
) -> Result<(), VerifyError> {
    if index >= size {
        return Err(VerifyError::IndexBeyondSize { index, size });
    }
    let mut climb = Climb { node: index, last: size - 1 };
    let mut hash = *leaf;
    for sibling in proof {
        hash = match climb.step().ok_or(VerifyError::ProofLength(proof.len()))? {
            Side::Left => node_hash(sibling, &hash),
            Side::Right => node_hash(&hash, sibling),
        };
    }
    if climb.last != 0 {
        return Err(VerifyError::ProofLength(proof.len()));
    }
    if hash != *root { Err(VerifyError::RootMismatch) } else { Ok(()) }
}

/// Checks that the tree of `new` leaves appends to the tree of `old` leaves (RFC 9162, 2.1.4.2). For an empty
/// old tree, and for equal sizes, the proof must be empty.
///
/// # Errors
/// [`VerifyError`] if it is not shown; for equal sizes also when the roots differ, which means that the log
/// has shown two faces.
pub fn verify_consistency(
    old: u64,
    new: u64,
    old_root: &Hash,
    new_root: &Hash,
    proof: &[Hash],
) -> Result<(), VerifyError> {
    if old > new {
        return Err(VerifyError::OldBeyondNew { old, new });
    }
    if old == 0 || old == new {
        return verify_trivial_consistency(old, new, [old_root, new_root], proof);
    }
    let bad_length = VerifyError::ProofLength(proof.len());
    let mut climb = Climb { node: old - 1, last: new - 1 };
    climb.skip(climb.node.trailing_ones());
    // With a power of two the old tree is itself a node of the new one, and its root is left out of the proof.
    let (start, rest) = match proof.split_first() {
        _ if old.is_power_of_two() => (*old_root, proof),
        Some((first, rest)) => (*first, rest),
        None => return Err(bad_length),
    };
    let (mut old_hash, mut new_hash) = (start, start);
    for sibling in rest {
        match climb.step().ok_or(bad_length)? {
            Side::Left => {
                old_hash = node_hash(sibling, &old_hash);
                new_hash = node_hash(sibling, &new_hash);
            }
            Side::Right => new_hash = node_hash(&new_hash, sibling),
        }
    }
    if climb.last != 0 {
        return Err(bad_length);
    }
    if (&old_hash, &new_hash) != (old_root, new_root) { Err(VerifyError::RootMismatch) } else { Ok(()) }
}

fn verify_trivial_consistency(
    old: u64,
    new: u64,
    [old_root, new_root]: [&Hash; 2],
    proof: &[Hash],
) -> Result<(), VerifyError> {
    if !proof.is_empty() {
        return Err(VerifyError::ProofLength(proof.len()));
    }
    let empty_differs = (old == 0 && *old_root != EMPTY_ROOT) || (new == 0 && *new_root != EMPTY_ROOT);
    if empty_differs || (old == new && old_root != new_root) {
        return Err(VerifyError::RootMismatch);
    }
    Ok(())
}

/// On which side of the node the next hash of a proof stands.
enum Side {
    Left,
    Right,
}

/// The way from a node to the root: its index on its level, and the index of the last node of that level.
struct Climb {
    node: u64,
    last: u64,
}

impl Climb {
    /// The side of the sibling, and one step up; `None` when the root is reached already.
    fn step(&mut self) -> Option<Side> {
        if self.last == 0 {
            return None;
        }
        if self.node & 1 == 0 && self.node < self.last {
            self.skip(1);
            return Some(Side::Right);
        }
        // The last node of a level has no right sibling: it rises unhashed until it is itself a right child.
        self.skip(self.node.trailing_zeros());
        self.skip(1);
        Some(Side::Left)
    }

    fn skip(&mut self, levels: u32) {
        self.node = self.node.checked_shr(levels).unwrap_or(0);
        self.last = self.last.checked_shr(levels).unwrap_or(0);
    }
}

#[cfg(test)]
mod tests;
