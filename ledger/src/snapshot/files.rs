//! Snapshots as files: state derived from a log, kept to shorten the next start. Plain files and not in sled, because one
//! may have hundreds of megabytes, is read once, front to back, and would push everything else out of sled's cache and
//! through its log. A snapshot is a cache: losing one costs time only.
//!
//! `NAME.POSITION` holds `content || checksum || "HBS3"`; the position has 20 digits, so that names sort. What
//! tells the content from others comes last, so that the content is written as it is made and need not be moved once it is
//! read. The checksum is SHA-256 over the position (`u64be`), the CRC-32 (`u32be`) of each 64 KiB of the content and the
//! content's length (`u64be`). It is there for damage alone, for whoever could write the content could write the checksum,
//! too; and a start waits for it.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::disk::{self, Appender, Disk, DiskError};
use crate::merkle::Hash;

const MAGIC: [u8; 4] = *b"HBS3";
const KEPT: usize = 2;
/// Bytes that have a CRC together.
const PIECE: usize = 64 << 10;
/// Bytes that are written together.
const BUFFER: usize = 1 << 20;

/// A snapshot could not be kept or listed. The log is not touched by that.
#[derive(Debug, thiserror::Error)]
#[error("snapshot {name:?}: {source}; the log itself is whole, only the next start takes longer")]
pub struct SnapshotError {
    /// The snapshot's name.
    pub name: String,
    /// What the system said.
    #[source]
    pub source: io::Error,
}

/// Writes the content of a snapshot, front to back.
pub type WriteContent<'a> = &'a mut dyn FnMut(&mut dyn Write) -> io::Result<()>;

/// The snapshots of a log, in a directory of their own.
#[derive(Debug, Clone)]
pub struct SnapshotFiles {
    disk: Disk,
    dir: PathBuf,
}

impl SnapshotFiles {
    /// Those in a directory, which need not be there yet.
    #[must_use]
    pub fn new(disk: Disk, dir: PathBuf) -> Self {
        Self { disk, dir }
    }

    /// Keeps a snapshot of state derived from the first `position` entries, durable when this returns. The two newest of a
    /// name are kept. The name is 1 to 64 characters of `a-z`, `0-9` and `-`. The content is written as it is made: it can be
    /// gigabytes, which nobody wants to hold in memory at once.
    ///
    /// # Errors
    /// [`SnapshotError`] if it could not be kept.
    pub fn put(&self, name: &str, position: u64, content: WriteContent<'_>) -> Result<(), SnapshotError> {
        check_name(name)?;
        let Self { disk, dir } = self;
        let path = dir.join(format!("{name}.{position:020}"));
        let mut write = || -> io::Result<()> {
            disk.create_dir(dir)?;
            // It may be there and not durable: the process that created it, or its sync, may have failed.
            disk.sync_dir(disk::parent(dir))?;
            drop_unfinished(disk, dir, name)?;
            disk.write_successor(&path, |file| write_checked(file, position, content))?;
            disk.put_in_place(&path)?;
            let mut old = list(disk, dir, name)?.into_iter().rev().skip(KEPT);
            old.try_for_each(|(_, path)| disk.remove_file(&path))?;
            Ok(())
        };
        write().map_err(failed(name))
    }

    /// The newest intact snapshot of a name that is not ahead of a log of so many entries, with its position. A damaged one
    /// is passed over with a warning.
    ///
    /// # Errors
    /// [`SnapshotError`] if the snapshots cannot be listed.
    pub fn latest(&self, name: &str, size: u64) -> Result<Option<(u64, Vec<u8>)>, SnapshotError> {
        check_name(name)?;
        let found =
            list(&self.disk, &self.dir, name).map_err(|error| failed(name)(io::Error::other(error)))?;
        for (position, path) in found.into_iter().rev().filter(|(position, _)| *position <= size) {
            match self.disk.read(&path).ok().and_then(|bytes| content(bytes, position)) {
                Some(content) => return Ok(Some((position, content))),
                None => {
                    tracing::warn!(path = %path.display(), "a snapshot is passed over: it is damaged, or of another version")
                }
            }
        }
        Ok(None)
    }
}

/// Whether a name may be used: 1 to 64 characters of `a-z`, `0-9` and `-`.
fn check_name(name: &str) -> Result<(), SnapshotError> {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if (1..=64).contains(&name.len()) && name.bytes().all(allowed) {
        return Ok(());
    }
    let source =
        io::Error::new(io::ErrorKind::InvalidInput, "a name is 1 to 64 characters of a-z, 0-9 and -");
    Err(failed(name)(source))
}

/// Deletes what others did not finish writing: it would take up room for ever, for the next one has another position.
fn drop_unfinished(disk: &Disk, dir: &Path, name: &str) -> Result<(), DiskError> {
    let is_unfinished = |path: &PathBuf| {
        let file = path.file_name().and_then(|file| file.to_str());
        file.and_then(|file| file.strip_prefix(name)?.strip_prefix('.')?.strip_suffix(".new")).is_some()
    };
    disk.list(dir)?.iter().filter(|path| is_unfinished(path)).try_for_each(|path| disk.remove_file(path))
}

fn write_checked(file: &mut Appender, position: u64, content: WriteContent<'_>) -> io::Result<()> {
    let mut checked =
        Checked { to: io::BufWriter::with_capacity(BUFFER, file), sum: Checksum::new(position) };
    content(&mut checked)?;
    let Checked { mut to, sum } = checked;
    to.write_all(&sum.finish())?;
    to.write_all(&MAGIC)?;
    to.flush()
}

/// Sums up what passes.
struct Checked<W> {
    to: W,
    sum: Checksum,
}

impl<W: Write> Write for Checked<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.to.write(bytes)?;
        self.sum.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// The content of a snapshot's file; `None` if it is damaged or of another position.
pub(super) fn content(mut bytes: Vec<u8>, position: u64) -> Option<Vec<u8>> {
    let content = bytes.strip_suffix(&MAGIC)?;
    let (content, sum) = content.split_last_chunk::<32>()?;
    if *sum != checksum(position, content) {
        return None;
    }
    let length = content.len();
    bytes.truncate(length);
    Some(bytes)
}

/// Of a content that comes piece by piece.
struct Checksum {
    hasher: Sha256,
    crc: crc32fast::Hasher,
    length: u64,
}

impl Checksum {
    fn new(position: u64) -> Self {
        let hasher = Sha256::new_with_prefix(position.to_be_bytes());
        Self { hasher, crc: crc32fast::Hasher::new(), length: 0 }
    }

    fn update(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let room = PIECE - self.length as usize % PIECE;
            let (next, rest) = bytes.split_at(bytes.len().min(room));
            self.crc.update(next);
            self.length += next.len() as u64;
            bytes = rest;
            if next.len() == room {
                self.end_piece();
            }
        }
    }

    fn end_piece(&mut self) {
        self.hasher.update(std::mem::take(&mut self.crc).finalize().to_be_bytes());
    }

    fn finish(mut self) -> Hash {
        if !self.length.is_multiple_of(PIECE as u64) {
            self.end_piece();
        }
        self.hasher.update(self.length.to_be_bytes());
        self.hasher.finalize().into()
    }
}

fn checksum(position: u64, content: &[u8]) -> Hash {
    let mut sum = Checksum::new(position);
    sum.update(content);
    sum.finish()
}

/// The snapshots of a name by ascending position; none if there is no directory yet.
fn list(disk: &Disk, dir: &Path, name: &str) -> Result<Vec<(u64, PathBuf)>, DiskError> {
    let paths = match disk.list(dir) {
        Ok(paths) => paths,
        Err(error) if error.is_missing() => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut found = Vec::new();
    for path in paths {
        let file = path.file_name().and_then(|file| file.to_str());
        let position = file.and_then(|file| file.strip_prefix(name)?.strip_prefix('.')?.parse().ok());
        found.extend(position.map(|position| (position, path)));
    }
    found.sort();
    Ok(found)
}

fn failed(name: &str) -> impl Fn(io::Error) -> SnapshotError {
    move |source| SnapshotError { name: name.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(dir: &Path) -> SnapshotFiles {
        SnapshotFiles::new(Disk::default(), dir.to_owned())
    }

    #[test]
    fn a_snapshot_ahead_of_the_head_is_not_given() {
        let dir = tempfile::tempdir().unwrap();
        let files = files(&dir.path().join("snapshots"));
        assert_eq!(files.latest("books", 10).unwrap(), None);
        let put = |name: &str, position: u64, content: &str| {
            files.put(name, position, &mut |to| {
                let (head, tail) = content.split_at(content.len() / 2);
                to.write_all(head.as_bytes())?;
                to.write_all(tail.as_bytes())
            })
        };
        put("books", 4, "four").unwrap();
        put("books", 9, "nine").unwrap();
        put("books", 11, "ahead").unwrap();
        put("books-2", 10, "another").unwrap();
        assert_eq!(files.latest("books", 10).unwrap(), Some((9, b"nine".to_vec())));
        assert_eq!(put("../books", 1, "outside").unwrap_err().name, "../books");
        let broken_off = files.put("books", 10, &mut |to| {
            to.write_all(b"half of ")?;
            Err(io::Error::other("the other half"))
        });
        assert!(broken_off.is_err());
        assert_eq!(files.latest("books", 10).unwrap(), Some((9, b"nine".to_vec())), "nothing half done");
    }

    #[test]
    fn what_was_left_unfinished_is_cleared_away() {
        let dir = tempfile::tempdir().unwrap();
        let (files, at) = (files(dir.path()), dir.path());
        let names = || {
            let listed = Disk::default().list(at).unwrap();
            let named = |path: PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
            let mut names: Vec<_> = listed.into_iter().map(named).collect();
            names.sort();
            names
        };
        // As a power cut leaves it, and as a disk does that is full in the middle.
        std::fs::write(at.join("books.00000000000000000003.new"), b"half").unwrap();
        std::fs::write(at.join("other.00000000000000000003.new"), b"half").unwrap();
        let full = files.put("books", 4, &mut |to| {
            to.write_all(&vec![0; 2 * BUFFER])?;
            Err(io::ErrorKind::StorageFull.into())
        });
        assert!(full.is_err());
        assert_eq!(names(), ["other.00000000000000000003.new"]);
        files.put("books", 5, &mut |to| to.write_all(&vec![7; 2 * BUFFER + 1])).unwrap();
        assert_eq!(names(), ["books.00000000000000000005", "other.00000000000000000003.new"]);
        assert_eq!(files.latest("books", 9).unwrap(), Some((5, vec![7; 2 * BUFFER + 1])));
    }

    #[test]
    fn content_comes_back_and_any_change_is_noticed() {
        let content: Vec<u8> = (0..300).map(|at| at as u8).collect();
        let file = [&content[..], &checksum(7, &content), &MAGIC].concat();
        assert_eq!(super::content(file.clone(), 7).as_deref(), Some(&content[..]));
        assert_eq!(super::content(file.clone(), 8), None, "of another position");
        for at in 0..file.len() {
            let mut bent = file.clone();
            bent[at] ^= 1;
            assert_eq!(super::content(bent, 7), None, "byte {at}");
        }
        assert_eq!(super::content(file[1..].to_vec(), 7), None);
        let swapped = [vec![1; PIECE], vec![2; PIECE], vec![3; 9]].concat();
        let sum = checksum(7, &swapped);
        for at in [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, swapped.len()] {
            let (head, tail) = swapped.split_at(at);
            let mut parts = Checksum::new(7);
            [head, &[], tail].into_iter().for_each(|part| parts.update(part));
            assert_eq!(parts.finish(), sum, "in parts, cut at {at}");
        }
        let other = [vec![2; PIECE], vec![1; PIECE], vec![3; 9]].concat();
        assert_ne!(sum, checksum(7, &other), "the order of the pieces counts");
        assert_ne!(sum, checksum(7, &[&swapped[..], &[0]].concat()));
        assert_eq!(super::content(Vec::new(), 7), None);
    }
}
