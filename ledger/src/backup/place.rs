//! Which directory a backup may go to.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use super::manifest::{Kind, Manifest};
use super::{BackupError, Misplaced};
use crate::disk::Disk;

/// The path as it is without links, as far as it exists.
pub(super) fn real(path: &Path) -> Result<PathBuf, BackupError> {
    let absolute = std::path::absolute(path).map_err(BackupError::io(path))?;
    let mut rest = Vec::new();
    let mut there = absolute.as_path();
    loop {
        match fs::canonicalize(there) {
            Ok(mut real) => {
                for part in rest.iter().rev() {
                    match part {
                        Component::ParentDir => drop(real.pop()),
                        other => real.push(other),
                    }
                }
                return Ok(real);
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let mut parts = there.components();
                rest.extend(parts.next_back());
                there = parts.as_path();
            }
            Err(source) => return Err(BackupError::Io { path: there.to_owned(), source }),
        }
    }
}

/// Whether one of them is the other or lies in it.
pub(super) fn are_nested(one: &Path, other: &Path) -> Result<bool, BackupError> {
    let (one, other) = (real(one)?, real(other)?);
    Ok(one.starts_with(&other) || other.starts_with(&one))
}

/// Refuses a directory in which a backup of this kind must not be made. `is_ours` tells names that such a backup uses.
pub(super) fn check(
    to: &Path,
    kind: Kind,
    data: Option<&Path>,
    is_ours: impl Fn(&str) -> bool,
) -> Result<(), BackupError> {
    let refuse = |why| Err(BackupError::Place { dir: to.to_owned(), why });
    if let Some(data) = data
        && are_nested(to, data)?
    {
        return refuse(Misplaced::InTheLedger);
    }
    let of = |found| if found == Kind::Keys { Misplaced::WithKeys } else { Misplaced::WithValues };
    let real = real(to)?;
    // The directory itself may hold an earlier backup of its own kind; nothing above it may hold any.
    for (level, dir) in real.ancestors().enumerate() {
        match Manifest::kind_in(dir) {
            Some(found) if level > 0 || found != kind => return refuse(of(found)),
            _ if dir.join("log").is_dir() && dir.join("vault").is_dir() => {
                return refuse(Misplaced::InTheLedger);
            }
            _ => {}
        }
    }
    let entries = match fs::read_dir(&real) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(source) => return Err(BackupError::Io { path: real, source }),
    };
    for entry in entries {
        let entry = entry.map_err(BackupError::io(&real))?;
        if let Some(found) = Manifest::kind_in(&entry.path()) {
            return refuse(of(found));
        }
        let name = entry.file_name();
        let name = name.to_str().unwrap_or_default();
        let name = [".new", crate::tile_dir::UNFINISHED]
            .iter()
            .find_map(|end| name.strip_suffix(end))
            .unwrap_or(name);
        if !is_ours(name) {
            return refuse(Misplaced::Occupied);
        }
    }
    Ok(())
}

/// Creates a directory for its owner alone.
pub(super) fn create(dir: &Path) -> Result<(), BackupError> {
    Ok(Disk::default().create_dir(dir)?)
}

/// Makes everything on the file system of a directory durable: cheaper than file by file when there are many.
pub(super) fn sync_all(dir: &Path) -> Result<(), BackupError> {
    let synced = fs::File::open(dir).and_then(|file| rustix::fs::syncfs(&file).map_err(io::Error::from));
    synced.map_err(BackupError::io(dir))
}
