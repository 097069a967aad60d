//! Snapshots: state derived from the log, kept to shorten the next start. Plain files and not in sled, because one may
//! have hundreds of megabytes, is read once, front to back, and would push everything else out of sled's cache and
//! through its log.
//!
//! `snapshots/NAME.POSITION` holds `"HBS1" || SHA-256(position || content) || content`; the position has 20 digits,
//! so that names sort.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::{EngineError, Retryable, files};
use crate::merkle::Hash;

const MAGIC: [u8; 4] = *b"HBS1";
const KEPT: usize = 2;

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
pub(super) fn put(dir: &Path, name: &str, position: u64, bytes: &[u8]) -> Result<(), EngineError> {
    check_name(name)?;
    let write = || {
        let sum = checksum(position, bytes);
        files::create_dir(dir)?;
        files::replace(dir, &format!("{name}.{position:020}"), &[&MAGIC, &sum, bytes])
    };
    write().map_err(|error| failed(name)(io::Error::other(error)))?;
    for (_, path) in list(dir, name).map_err(failed(name))?.into_iter().rev().skip(KEPT) {
        fs::remove_file(path).map_err(failed(name))?;
    }
    Ok(())
}

/// The newest intact snapshot of a name that is not ahead of `size`.
pub(super) fn latest(dir: &Path, name: &str, size: u64) -> Result<Option<(u64, Vec<u8>)>, EngineError> {
    check_name(name)?;
    let found = list(dir, name).map_err(failed(name))?;
    for (position, path) in found.into_iter().rev().filter(|(position, _)| *position <= size) {
        match read(&path, position) {
            Some(content) => return Ok(Some((position, content))),
            None => tracing::warn!(path = %path.display(), "a damaged snapshot is passed over"),
        }
    }
    Ok(None)
}

fn read(path: &Path, position: u64) -> Option<Vec<u8>> {
    let mut bytes = fs::read(path).ok()?;
    let content = bytes.strip_prefix(&MAGIC)?;
    let (sum, content) = content.split_first_chunk::<32>()?;
    if *sum != checksum(position, content) {
        return None;
    }
    bytes.drain(..MAGIC.len() + 32);
    Some(bytes)
}

fn checksum(position: u64, bytes: &[u8]) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update(position.to_be_bytes());
    hasher.update(bytes);
    hasher.finalize().into()
}

/// The snapshots of a name by ascending position; none if there is no directory yet.
fn list(dir: &Path, name: &str) -> io::Result<Vec<(u64, PathBuf)>> {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry?.path();
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
