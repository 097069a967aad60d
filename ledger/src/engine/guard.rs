//! The head guard: a small file beside the store that says how much of the log must be sealed in it.
//!
//! sled can lose data without noticing: it may open empty, or with gaps. The guard is what it is compared with at
//! every open. It is replaced (never written in place) after each barrier, before journal files are deleted.

use std::path::{Path, PathBuf};

use super::{Fatal, TILE_WIDTH};
use crate::disk::Disk;
use crate::merkle::{EMPTY_ROOT, Hash};

const NAME: &str = "head";
const MAGIC: &str = "hourbook-head";
const VERSION: u32 = 1;

/// How much of the log is sealed for certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Guard {
    /// Sealed bundles of 256 entries.
    pub(super) bundles: u64,
    /// The root over their entries.
    pub(super) root: Hash,
}

impl Guard {
    /// Nothing is sealed.
    pub(super) const EMPTY: Self = Self { bundles: 0, root: EMPTY_ROOT };

    /// Sealed entries.
    pub(super) fn size(&self) -> u64 {
        self.bundles * TILE_WIDTH
    }

    pub(super) fn path(dir: &Path) -> PathBuf {
        dir.join(NAME)
    }

    /// Replaces the guard, durably.
    pub(super) fn write(&self, disk: &Disk, dir: &Path) -> Result<(), Fatal> {
        let body = self.body();
        let sum = crc32fast::hash(body.as_bytes());
        Ok(disk.replace(&Self::path(dir), &[body.as_bytes(), format!("crc {sum:08x}\n").as_bytes()])?)
    }

    /// Reads the guard; `None` if there is none.
    pub(super) fn read(disk: &Disk, dir: &Path) -> Result<Option<Self>, Fatal> {
        let path = Self::path(dir);
        let text = match disk.read(&path) {
            Ok(text) => text,
            Err(error) if error.is_missing() => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        Self::parse(&text, &path).map(Some)
    }

    fn body(&self) -> String {
        format!("{MAGIC} {VERSION}\nbundles {}\nroot {}\n", self.bundles, hex::encode(self.root))
    }

    fn parse(text: &[u8], path: &Path) -> Result<Self, Fatal> {
        let damaged = |what| Fatal::GuardDamaged { path: path.to_path_buf(), what };
        let text = std::str::from_utf8(text).map_err(|_| damaged("it is not text"))?;
        let (body, sum) = text.split_once("crc ").ok_or_else(|| damaged("it has no checksum"))?;
        if format!("{:08x}\n", crc32fast::hash(body.as_bytes())) != sum {
            return Err(damaged("its checksum does not fit"));
        }
        let mut lines = body.lines();
        let mut field = |name: &str| lines.next().and_then(|line| line.strip_prefix(name)?.strip_prefix(' '));
        let version =
            field(MAGIC).and_then(|v| v.parse().ok()).ok_or_else(|| damaged("it has no version"))?;
        if version != VERSION {
            return Err(Fatal::Version { path: path.to_path_buf(), found: version, known: VERSION });
        }
        let bundles = field("bundles").and_then(|n| n.parse().ok());
        let bundles = bundles.ok_or_else(|| damaged("it has no number of bundles"))?;
        let mut root = Hash::default();
        let digits = field("root").ok_or_else(|| damaged("it has no root"))?;
        hex::decode_to_slice(digits, &mut root).map_err(|_| damaged("its root is not one"))?;
        Ok(Self { bundles, root })
    }
}
