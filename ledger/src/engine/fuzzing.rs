//! The engine's readers and writers of bytes, for the fuzz targets.

use std::path::Path;

use super::bundle::Bundle;
use super::contract::Group;
pub use super::frame::Kind as FrameKind;
use super::frame::{self, FileMark};
use super::guard::Guard;
use super::scan::{self, Ending};
use crate::merkle::Hash;

/// What a walk over a journal file found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Journal {
    /// OPENING and GROUP frames, in order.
    pub groups: Vec<Group>,
    /// Whole frames.
    pub frames: usize,
    /// Where the good part ends.
    pub end: usize,
    /// Whether an END frame closes it.
    pub is_closed: bool,
    /// Whether an interrupted write follows.
    pub is_torn: bool,
}

/// The bytes of a frame of the file with this number and nonce.
///
/// # Panics
/// If the group has more than 4 GiB.
#[must_use]
pub fn journal_frame(number: u64, nonce: [u8; 16], kind: FrameKind, group: &Group) -> Vec<u8> {
    let mut bytes = Vec::new();
    let file = FileMark { number, nonce };
    assert!(frame::encode(&mut bytes, &file, kind, group), "the group fits into a frame");
    bytes
}

/// The nonce of a journal file, if its first header is good.
#[must_use]
pub fn journal_nonce(bytes: &[u8], number: u64) -> Option<[u8; 16]> {
    FileMark::of(bytes, number).map(|file| file.nonce)
}

/// Reads the bytes of a journal file.
///
/// # Errors
/// The offset of the damage.
pub fn read_journal(bytes: &[u8], file: u64) -> Result<Journal, usize> {
    let mut groups = Vec::new();
    let walk = scan::walk(bytes, file, false, |_, group| {
        groups.push(group);
        Ok(())
    });
    match walk {
        Ok(walk) => Ok(Journal {
            groups,
            frames: walk.frames,
            end: walk.last.end,
            is_closed: walk.ending == Ending::Closed,
            is_torn: walk.ending == Ending::Torn,
        }),
        Err(scan::Stop::Damage(damage)) => Err(damage.offset),
        Err(scan::Stop::Visitor(_)) => unreachable!("the visitor never fails"),
    }
}

/// The text of a head guard.
#[must_use]
pub fn guard_text(bundles: u64, root: Hash) -> Vec<u8> {
    Guard { bundles, root, archive: None }.text()
}

/// Reads a head guard: its number of bundles, its size and its root.
#[must_use]
pub fn read_guard(text: &[u8]) -> Option<(u64, u64, Hash)> {
    Guard::parse(text, Path::new("head")).ok().map(|guard| (guard.bundles, guard.size(), guard.root))
}

/// Takes a bundle apart into this many entries.
#[must_use]
pub fn split_bundle(raw: &[u8], count: usize) -> Option<Vec<Vec<u8>>> {
    let bundle = Bundle::parse(raw.to_vec(), count)?;
    assert_eq!(bundle.prefix(count), raw);
    Some((0..count).map(|index| bundle.entry(index).to_vec()).collect())
}
