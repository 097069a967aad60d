//! The head guard: a small file beside the store that says how much of the log must be sealed in it.
//!
//! sled can lose data without noticing: it may open empty, or with gaps. The guard is what it is compared with at
//! every open. It is replaced (never written in place) after each barrier, before journal files are deleted. It also
//! remembers which bundles moved to an archive, and where that is: those the store need not hold.

use std::path::{Path, PathBuf};

use super::contract::TILE_WIDTH;
use super::error::Fatal;
use crate::disk::{Disk, if_there};
use crate::merkle::{EMPTY_ROOT, Hash};

const NAME: &str = "head";
const MAGIC: &str = "hourbook-head";
const VERSION: u32 = 1;

/// What moved to an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Archived {
    /// The oldest bundles, so many of them, are in the archive, and only there are they read.
    pub(super) bundles: u64,
    /// So many of them are gone from the store for certain.
    pub(super) cleared: u64,
    /// Where the archive is: absolute, or relative to the directory that holds the log's, so that both can move together.
    pub(super) dir: String,
}

impl Archived {
    fn is_sound(&self, sealed: u64) -> bool {
        let is_within = self.cleared <= self.bundles && self.bundles <= sealed;
        is_within && self.bundles > 0 && is_one_line(&self.dir)
    }
}

/// Whether a text can stand in a line of the guard.
pub(super) fn is_one_line(text: &str) -> bool {
    !text.is_empty() && !text.contains(char::is_control)
}

/// How much of the log is sealed for certain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Guard {
    /// Sealed bundles of 256 entries.
    pub(super) bundles: u64,
    /// The root over their entries.
    pub(super) root: Hash,
    /// What of them is in an archive, if anything.
    pub(super) archive: Option<Archived>,
}

impl Guard {
    /// Nothing is sealed.
    pub(super) const EMPTY: Self = Self { bundles: 0, root: EMPTY_ROOT, archive: None };

    /// Sealed entries.
    pub(super) fn size(&self) -> u64 {
        self.bundles * TILE_WIDTH
    }

    /// Bundles that are in an archive and nowhere else.
    pub(super) fn archived(&self) -> u64 {
        self.archive.as_ref().map_or(0, |archive| archive.bundles)
    }

    pub(super) fn path(dir: &Path) -> PathBuf {
        dir.join(NAME)
    }

    /// Replaces the guard, durably.
    pub(super) fn write(&self, disk: &Disk, dir: &Path) -> Result<(), Fatal> {
        Ok(disk.replace(&Self::path(dir), &[&self.text()])?)
    }

    /// Reads the guard; `None` if there is none.
    pub(super) fn read(disk: &Disk, dir: &Path) -> Result<Option<Self>, Fatal> {
        let path = Self::path(dir);
        if_there(disk.read(&path))?.map(|text| Self::parse(&text, &path)).transpose()
    }

    pub(super) fn text(&self) -> Vec<u8> {
        let mut body =
            format!("{MAGIC} {VERSION}\nbundles {}\nroot {}\n", self.bundles, hex::encode(self.root));
        if let Some(Archived { bundles, cleared, dir }) = &self.archive {
            body.push_str(&format!("archived {bundles}\ncleared {cleared}\narchive {dir}\n"));
        }
        let sum = crc32fast::hash(body.as_bytes());
        format!("{body}crc {sum:08x}\n").into_bytes()
    }

    pub(super) fn parse(text: &[u8], path: &Path) -> Result<Self, Fatal> {
        let damaged = |what| Fatal::GuardDamaged { path: path.to_path_buf(), what };
        let text = std::str::from_utf8(text).map_err(|_| damaged("it is not text"))?;
        let sum = text.rfind("\ncrc ").ok_or_else(|| damaged("it has no checksum"))?;
        let (body, sum) = text.split_at(sum + 1);
        if format!("crc {:08x}\n", crc32fast::hash(body.as_bytes())) != sum {
            return Err(damaged("its checksum does not fit"));
        }
        let mut lines = body.lines();
        let mut field = |name: &str| lines.next().and_then(|line| line.strip_prefix(name)?.strip_prefix(' '));
        let version =
            field(MAGIC).and_then(|v| v.parse().ok()).ok_or_else(|| damaged("it has no version"))?;
        if version != VERSION {
            return Err(Fatal::Version { path: path.to_path_buf(), found: version, known: VERSION });
        }
        // No log has so many entries that their number would not fit.
        let bundles = field("bundles").and_then(|n| n.parse().ok()).filter(|n| *n <= u64::MAX / TILE_WIDTH);
        let bundles = bundles.ok_or_else(|| damaged("it has no number of bundles"))?;
        let mut root = Hash::default();
        let digits = field("root").ok_or_else(|| damaged("it has no root"))?;
        hex::decode_to_slice(digits, &mut root).map_err(|_| damaged("its root is not one"))?;
        let archive = field("archived").map(|moved| {
            let cleared = field("cleared")?.parse().ok()?;
            let archived =
                Archived { bundles: moved.parse().ok()?, cleared, dir: field("archive")?.to_owned() };
            Some(archived).filter(|archived| archived.is_sound(bundles))
        });
        let archive =
            archive.map(|said| said.ok_or_else(|| damaged("what it says of the archive cannot be")));
        let archive = archive.transpose()?;
        let guard = Self { bundles, root, archive };
        // It is written by a program, in one way; anything more in it is somebody else's.
        if guard.text() == text.as_bytes() { Ok(guard) } else { Err(damaged("it has something else in it")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(body: &str) -> Result<Guard, Fatal> {
        let text = format!("{body}crc {:08x}\n", crc32fast::hash(body.as_bytes()));
        Guard::parse(text.as_bytes(), Path::new("head"))
    }

    #[test]
    fn a_guard_has_one_spelling() {
        let root = "ab".repeat(32);
        let body = format!("hourbook-head 1\nbundles 3\nroot {root}\n");
        let guard = parse(&body).unwrap();
        assert_eq!((guard.bundles, guard.size(), guard.root), (3, 768, [0xab; 32]));
        for other in [
            format!("{body}more\n"),
            body.replace("bundles 3", "bundles 03"),
            body.replace("bundles 3", "bundles +3"),
            body.replace('\n', "\r\n"),
            body.replace("ab", "AB"),
            body.trim_end().to_owned(),
        ] {
            assert!(matches!(parse(&other), Err(Fatal::GuardDamaged { .. })), "{other}");
        }
    }

    #[test]
    fn what_is_archived_is_remembered_and_must_be_possible() {
        let body = |rest: &str| format!("hourbook-head 1\nbundles 9\nroot {}\n{rest}", "00".repeat(32));
        let guard = parse(&body("archived 5\ncleared 3\narchive /a place/crc 1\n")).unwrap();
        let archive = Archived { bundles: 5, cleared: 3, dir: "/a place/crc 1".into() };
        assert_eq!(guard, Guard { bundles: 9, root: [0; 32], archive: Some(archive) });
        assert_eq!(Guard::parse(&guard.text(), Path::new("head")).unwrap(), guard);
        for other in [
            "archived 10\ncleared 3\narchive /a\n",
            "archived 5\ncleared 6\narchive /a\n",
            "archived 0\ncleared 0\narchive /a\n",
            "archived 5\ncleared 3\narchive \n",
            "archived 5\ncleared 3\n",
            "archived 5\ncleared 3\narchive /a\tb\n",
            "archived 5\ncleared 3\narchive /a\nmore\n",
        ] {
            assert!(matches!(parse(&body(other)), Err(Fatal::GuardDamaged { .. })), "{other}");
        }
    }

    #[test]
    fn a_number_of_bundles_that_no_log_has_is_damage() {
        let body = |bundles: u64| format!("hourbook-head 1\nbundles {bundles}\nroot {}\n", "00".repeat(32));
        assert_eq!(parse(&body(u64::MAX / 256)).unwrap().size(), u64::MAX - 255);
        assert!(matches!(parse(&body(u64::MAX / 256 + 1)), Err(Fatal::GuardDamaged { .. })));
        assert!(matches!(parse(&body(u64::MAX)), Err(Fatal::GuardDamaged { .. })));
    }
}
