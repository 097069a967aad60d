//! Snapshots: state derived from the log, kept to shorten the next start. Plain files and not in sled, because one may
//! have hundreds of megabytes, is read once, front to back, and would push everything else out of sled's cache and
//! through its log.
//!
//! `snapshots/NAME.POSITION` holds `content || checksum || "HBS3"`; the position has 20 digits, so that names sort. What
//! tells the content from others comes last, so that the content is written as it is made and need not be moved once it is
//! read. The checksum is SHA-256 over the position (`u64be`), the CRC-32 (`u32be`) of each 64 KiB of the content and the
//! content's length (`u64be`). It is there for damage alone, for whoever could write the content could write the checksum,
//! too; and a start waits for it.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::{EngineError, Retryable, WriteContent};
use crate::disk::{self, Appender, Disk, DiskError};
use crate::merkle::Hash;

const MAGIC: [u8; 4] = *b"HBS3";
const KEPT: usize = 2;
/// Bytes that have a CRC together.
const PIECE: usize = 64 << 10;
/// Bytes that are written together.
const BUFFER: usize = 1 << 20;

/// Whether a name may be used: 1 to 64 characters of `a-z`, `0-9` and `-`.
pub(super) fn check_name(name: &str) -> Result<(), EngineError> {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if (1..=64).contains(&name.len()) && name.bytes().all(allowed) {
        return Ok(());
    }
    let source =
        io::Error::new(io::ErrorKind::InvalidInput, "a name is 1 to 64 characters of a-z, 0-9 and -");
    Err(failed(name)(source))
}

/// Keeps a snapshot and deletes all but the two newest of its name.
pub(super) fn put(
    disk: &Disk,
    dir: &Path,
    name: &str,
    position: u64,
    content: WriteContent<'_>,
) -> Result<(), EngineError> {
    check_name(name)?;
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

/// The newest intact snapshot of a name that is not ahead of `size`.
pub(super) fn latest(
    disk: &Disk,
    dir: &Path,
    name: &str,
    size: u64,
) -> Result<Option<(u64, Vec<u8>)>, EngineError> {
    check_name(name)?;
    let found = list(disk, dir, name).map_err(|error| failed(name)(io::Error::other(error)))?;
    for (position, path) in found.into_iter().rev().filter(|(position, _)| *position <= size) {
        match read(disk, &path, position) {
            Some(content) => return Ok(Some((position, content))),
            None => {
                tracing::warn!(path = %path.display(), "a snapshot is passed over: it is damaged, or of another version")
            }
        }
    }
    Ok(None)
}

fn read(disk: &Disk, path: &Path, position: u64) -> Option<Vec<u8>> {
    content(disk.read(path).ok()?, position)
}

/// The content of a snapshot's file; `None` if it is damaged or of another position.
pub fn content(mut bytes: Vec<u8>, position: u64) -> Option<Vec<u8>> {
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

pub(super) fn failed(name: &str) -> impl Fn(io::Error) -> EngineError {
    let name = name.to_owned();
    move |source| EngineError::Retryable(Retryable::Snapshot { name: name.clone(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_left_unfinished_is_cleared_away() {
        let dir = tempfile::tempdir().unwrap();
        let (disk, at) = (Disk::default(), dir.path());
        let names = || {
            let mut names: Vec<_> = disk
                .list(at)
                .unwrap()
                .into_iter()
                .map(|path| path.file_name().map(ToOwned::to_owned))
                .collect();
            names.sort();
            names.into_iter().map(|name| name.unwrap().into_string().unwrap()).collect::<Vec<_>>()
        };
        // As a power cut leaves it, and as a disk does that is full in the middle.
        std::fs::write(at.join("books.00000000000000000003.new"), b"half").unwrap();
        std::fs::write(at.join("other.00000000000000000003.new"), b"half").unwrap();
        let full = put(&disk, at, "books", 4, &mut |to| {
            to.write_all(&vec![0; 2 * BUFFER])?;
            Err(io::ErrorKind::StorageFull.into())
        });
        assert!(full.is_err());
        assert_eq!(names(), ["other.00000000000000000003.new"]);
        put(&disk, at, "books", 5, &mut |to| to.write_all(&vec![7; 2 * BUFFER + 1])).unwrap();
        assert_eq!(names(), ["books.00000000000000000005", "other.00000000000000000003.new"]);
        assert_eq!(latest(&disk, at, "books", 9).unwrap(), Some((5, vec![7; 2 * BUFFER + 1])));
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
