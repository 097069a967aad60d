//! The guard of the values: a small file beside them that says how much of them must be there.
//!
//! Frames carry checksums, but a file that is cut off at a frame's end, or replaced by an older one, has only whole frames.
//! The guard is replaced (never written in place) after values became durable; so the file may hold more than it says,
//! never less. While the file is rewritten it names both the old and the new one.

use std::path::{Path, PathBuf};

use super::error::VaultError;
use super::frames::Extent;
use crate::disk::Disk;

const MAGIC: &str = "hourbook-vault 1";

/// What the values may be: one extent, two while they are rewritten. A file that begins with one of them is right.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Guard(pub(super) Vec<Extent>);

impl Guard {
    pub(super) fn path(values: &Path) -> PathBuf {
        values.with_file_name("guard")
    }

    /// Replaces the guard, durably.
    pub(super) fn write(&self, disk: &Disk, values: &Path) -> Result<(), VaultError> {
        Ok(disk.replace(&Self::path(values), &[self.text().as_bytes()])?)
    }

    /// Reads the guard.
    pub(super) fn read(disk: &Disk, values: &Path) -> Result<Self, VaultError> {
        let path = Self::path(values);
        let text = disk.read(&path)?;
        let damaged = || VaultError::Damaged { path: path.clone(), offset: 0, what: "not a guard of values" };
        std::str::from_utf8(&text).ok().and_then(Self::parse).ok_or_else(damaged)
    }

    /// The bytes that must be there at least.
    pub(super) fn least(&self) -> u64 {
        self.0.iter().map(|extent| extent.end).min().unwrap_or(0)
    }

    fn text(&self) -> String {
        let line = |extent: &Extent| format!("values {} {}\n", extent.end, hex::encode(extent.chain));
        let body = format!("{MAGIC}\n{}", self.0.iter().map(line).collect::<String>());
        let sum = crc32fast::hash(body.as_bytes());
        format!("{body}crc {sum:08x}\n")
    }

    fn parse(text: &str) -> Option<Self> {
        let mut extents = Vec::new();
        for line in text.lines().filter_map(|line| line.strip_prefix("values ")) {
            let (end, chain) = line.split_once(' ')?;
            let mut extent = Extent { end: end.parse().ok()?, chain: [0; 32] };
            hex::decode_to_slice(chain, &mut extent.chain).ok()?;
            extents.push(extent);
        }
        let guard = Self(extents);
        // It is written by a program, in one way; anything else in it is somebody else's.
        (matches!(guard.0.len(), 1 | 2) && guard.text() == text).then_some(guard)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guard_has_one_spelling() {
        let extent = |end| Extent { end, chain: [end as u8; 32] };
        for guard in [Guard(vec![extent(44)]), Guard(vec![extent(900), extent(700)])] {
            assert_eq!(Guard::parse(&guard.text()), Some(guard.clone()));
            assert_eq!(guard.least(), guard.0.iter().map(|extent| extent.end).min().unwrap());
            for other in ["".to_owned(), guard.text().replace("values ", "values 0"), guard.text() + "\n"] {
                assert_eq!(Guard::parse(&other), None, "{other}");
            }
        }
        assert_eq!(Guard::parse(&Guard(Vec::new()).text()), None);
    }
}
