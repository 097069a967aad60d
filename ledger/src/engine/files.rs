//! The few file operations that durability hangs on.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use super::Fatal;

/// Makes the names in a directory durable: files created, renamed or deleted there.
pub(super) fn sync_dir(dir: &Path) -> Result<(), Fatal> {
    File::open(dir).and_then(|handle| handle.sync_all()).map_err(Fatal::io("sync the directory", dir))
}

/// Creates a directory, its parents too, each durable in the directory above it.
pub(super) fn create_dir(dir: &Path) -> Result<(), Fatal> {
    if dir.is_dir() {
        return Ok(());
    }
    let parent = match dir.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    create_dir(parent)?;
    fs::create_dir(dir).map_err(Fatal::io("create", dir))?;
    sync_dir(parent)
}

/// Replaces a file so that after a power cut either the old or the new content is there, whole. `dir` holds it.
pub(super) fn replace(dir: &Path, name: &str, parts: &[&[u8]]) -> Result<(), Fatal> {
    let temporary = dir.join(format!("{name}.new"));
    let write = || {
        let mut file = File::create(&temporary)?;
        parts.iter().try_for_each(|part| file.write_all(part))?;
        file.sync_all()
    };
    write().map_err(Fatal::io("write", &temporary))?;
    fs::rename(&temporary, dir.join(name)).map_err(Fatal::io("rename", &temporary))?;
    sync_dir(dir)
}
