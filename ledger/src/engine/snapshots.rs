//! Snapshots: state derived from the log, kept to shorten the next start. Plain files and not in sled, because one may
//! have hundreds of megabytes, is read once, front to back, and would push everything else out of sled's cache and
//! through its log.
//!
//! `snapshots/NAME.POSITION` holds `content || checksum || "HBS2"`; the position has 20 digits, so that names sort. What
//! tells the content from others comes last, so that the content need not be moved once it is read. The checksum is
//! SHA-256 over the position, the length (`u64be` both) and the CRC-32 (`u32be`) of each 64 KiB of the content. It is there
//! for damage alone, for whoever could write the content could write the checksum, too; and a start waits for it.

use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::{EngineError, Retryable};
use crate::disk::{self, Disk, DiskError};
use crate::merkle::Hash;

const MAGIC: [u8; 4] = *b"HBS2";
const KEPT: usize = 2;
/// Bytes that have a CRC together.
const PIECE: usize = 64 << 10;

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
    content: &[&[u8]],
) -> Result<(), EngineError> {
    check_name(name)?;
    let write = || {
        let sum = checksum(position, content);
        let parts: Vec<&[u8]> = content.iter().copied().chain([&sum[..], &MAGIC]).collect();
        disk.create_dir(dir)?;
        // It may be there and not durable: the process that created it, or its sync, may have failed.
        disk.sync_dir(disk::parent(dir))?;
        disk.replace(&dir.join(format!("{name}.{position:020}")), &parts)?;
        list(disk, dir, name)?.into_iter().rev().skip(KEPT).try_for_each(|(_, path)| disk.remove_file(&path))
    };
    write().map_err(|error: DiskError| failed(name)(io::Error::other(error)))
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
            None => tracing::warn!(path = %path.display(), "a damaged snapshot is passed over"),
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
    if *sum != checksum(position, &[content]) {
        return None;
    }
    let length = content.len();
    bytes.truncate(length);
    Some(bytes)
}

/// Of a content that may come in parts: together they have gigabytes, which nobody wants to hold twice.
fn checksum(position: u64, content: &[&[u8]]) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update(position.to_be_bytes());
    hasher.update(content.iter().map(|part| part.len() as u64).sum::<u64>().to_be_bytes());
    let (mut crc, mut room) = (crc32fast::Hasher::new(), PIECE);
    for mut part in content.iter().copied() {
        while !part.is_empty() {
            let (next, rest) = part.split_at(part.len().min(room));
            crc.update(next);
            (room, part) = (room - next.len(), rest);
            if room == 0 {
                hasher.update(std::mem::take(&mut crc).finalize().to_be_bytes());
                room = PIECE;
            }
        }
    }
    if room < PIECE {
        hasher.update(crc.finalize().to_be_bytes());
    }
    hasher.finalize().into()
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

fn failed(name: &str) -> impl Fn(io::Error) -> EngineError {
    let name = name.to_owned();
    move |source| EngineError::Retryable(Retryable::Snapshot { name: name.clone(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_comes_back_and_any_change_is_noticed() {
        let content: Vec<u8> = (0..300).map(|at| at as u8).collect();
        let file = [&content[..], &checksum(7, &[&content]), &MAGIC].concat();
        assert_eq!(super::content(file.clone(), 7).as_deref(), Some(&content[..]));
        assert_eq!(super::content(file.clone(), 8), None, "of another position");
        for at in 0..file.len() {
            let mut bent = file.clone();
            bent[at] ^= 1;
            assert_eq!(super::content(bent, 7), None, "byte {at}");
        }
        assert_eq!(super::content(file[1..].to_vec(), 7), None);
        let swapped = [vec![1; PIECE], vec![2; PIECE], vec![3; 9]].concat();
        let sum = checksum(7, &[&swapped]);
        for at in [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, swapped.len()] {
            let (head, tail) = swapped.split_at(at);
            assert_eq!(checksum(7, &[head, &[], tail]), sum, "in parts, cut at {at}");
        }
        let other = [vec![2; PIECE], vec![1; PIECE], vec![3; 9]].concat();
        assert_ne!(sum, checksum(7, &[&other]), "the order of the pieces counts");
        assert_ne!(sum, checksum(7, &[&swapped, &[0]]));
        assert_eq!(super::content(Vec::new(), 7), None);
    }
}
