//! Small helpers for files that must survive a power cut.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::error::VaultError;

/// The name under which a file's successor is written before it takes its place.
pub(super) fn successor(path: &Path) -> PathBuf {
    path.with_extension("new")
}

/// Makes a directory for its owner alone, if it is not there, durably.
pub(super) fn ensure_dir(path: &Path) -> Result<(), VaultError> {
    if path.is_dir() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(VaultError::io(path))?;
    sync_parent(path)
}

/// Writes `path` anew, crash-safely: the old content stays in force until the new one is durable.
/// Returns the new file, open for reading and writing.
pub(super) fn replace_with(
    path: &Path,
    write: impl FnOnce(&mut File) -> io::Result<()>,
) -> Result<File, VaultError> {
    let file = write_successor(path, write)?;
    put_in_place(path)?;
    Ok(file)
}

/// Writes the successor of `path` and makes it durable. Nothing has changed for readers of `path`.
pub(super) fn write_successor(
    path: &Path,
    write: impl FnOnce(&mut File) -> io::Result<()>,
) -> Result<File, VaultError> {
    let temporary = successor(path);
    remove_if_there(&temporary)?;
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&temporary)
        .map_err(VaultError::io(&temporary))?;
    write(&mut file).map_err(VaultError::io(&temporary))?;
    file.sync_all().map_err(VaultError::io(&temporary))?;
    Ok(file)
}

/// Puts the successor of `path` in its place, durably.
pub(super) fn put_in_place(path: &Path) -> Result<(), VaultError> {
    fs::rename(successor(path), path).map_err(VaultError::io(path))?;
    sync_parent(path)
}

/// Removes what a crash may have left.
pub(super) fn remove_if_there(path: &Path) -> Result<(), VaultError> {
    match fs::remove_file(path) {
        Ok(()) => sync_parent(path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(VaultError::Io { path: path.to_owned(), source: error }),
    }
}

fn sync_parent(path: &Path) -> Result<(), VaultError> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(parent).and_then(|dir| dir.sync_all()).map_err(VaultError::io(parent))
}
