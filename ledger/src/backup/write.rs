//! Making a backup of a ledger that may be written to meanwhile.

use std::fs;
use std::path::Path;

use rustc_hash::FxHashSet;

use super::check::{CHECKPOINT, Checked, VALUES, VKEY, bundles, check, kinds, read_head, segments};
use super::error::BackupError;
use super::manifest::{Kind, Listed, Manifest, put};
use super::place;
use super::source::{Source, Watch};
use crate::checkpoint;
use crate::commitment::Commitment;
use crate::domain::time::Millis;
use crate::engine::{Head, LogReader, frontier_at};
use crate::tile_dir::TileDir;
use crate::tiles::{Tile, TileKind, changed_tiles};
use crate::vault::read_segment;

/// What a backup wrote, and what it found when it had checked all of it.
#[derive(Debug)]
pub struct Written {
    /// Entries that were not in the backup before.
    pub new_entries: u64,
    /// Values that were not in the backup before.
    pub new_values: u64,
    /// What was damaged in the backup before, and is mended.
    pub mended: Option<String>,
    /// The backup as it is now.
    pub checked: Checked,
}

/// Backs a ledger up into a directory: a new one, or one with an earlier backup of the same ledger, to which it adds.
/// Everything is read again and checked before this returns. `data` is the ledger's own directory, if it has one.
///
/// # Errors
/// [`BackupError`]. Until it succeeds, an earlier backup in the directory stays what it was.
pub fn write(
    source: &Source,
    data: Option<&Path>,
    to: &Path,
    now: Millis,
    watch: Watch<'_>,
) -> Result<Written, BackupError> {
    place::check(to, Kind::Ledger, data, |name| {
        ["tile", CHECKPOINT, VKEY, VALUES, super::manifest::NAME].contains(&name)
    })?;
    let earlier = earlier(source, to)?;
    place::create(&to.join(VALUES))?;
    // Work in two halves of about one length: writing, then reading again.
    let (first, second) = (|n, all| watch(n, 2 * all), |n, all| watch(all + n, 2 * all));
    let mut written = add(source, to, earlier.as_ref(), now, &first)?;
    let checked = match check(to, &second) {
        Err(BackupError::Damaged { path, what }) if earlier.is_some() => {
            // What was there before is not what it was: write all of it again.
            written = add(source, to, None, now, &first)?;
            written.2 = Some(format!("{}: {what}", path.display()));
            check(to, &second)?
        }
        checked => checked?,
    };
    let (new_entries, new_values, mended) = written;
    Ok(Written { new_entries, new_values, mended, checked })
}

/// The whole backup that is there already. It must be of this log and not ahead of it.
fn earlier(source: &Source, to: &Path) -> Result<Option<Manifest>, BackupError> {
    let manifest = match Manifest::read(to, Kind::Ledger) {
        Ok(manifest) => manifest,
        Err(BackupError::NotThere { .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    let head = source.reader.head();
    let other = |what: &str| BackupError::OtherLedger { dir: to.to_owned(), what: what.to_owned() };
    if manifest.origin != source.log_key.name() {
        return Err(other(&format!("its name is {}", manifest.origin)));
    }
    if manifest.size > head.size {
        let (backed_up, found) = (manifest.size, head.size);
        return Err(BackupError::Ahead { dir: to.to_owned(), backed_up, found });
    }
    if frontier_at(&*source.reader, manifest.size)?.root() != manifest.root {
        return Err(other(&format!("its {} entries have another root", manifest.size)));
    }
    if manifest.vault != source.vault.id() {
        return Err(other("its values are of another vault"));
    }
    match read_head(to, &manifest) {
        Ok(key) if key != source.log_key => Err(other("its log has another key")),
        _ => Ok(Some(manifest)),
    }
}

/// Adds what an earlier backup does not have: new entries, new values, and what was mended.
fn add(
    source: &Source,
    to: &Path,
    earlier: Option<&Manifest>,
    now: Millis,
    watch: Watch<'_>,
) -> Result<(u64, u64, Option<String>), BackupError> {
    // The head first: the values of everything below it are durable by then.
    let head = source.reader.head();
    if head.size == 0 {
        return Err(BackupError::NotThere { dir: to.to_owned() });
    }
    check_head(source, &head)?;
    let from = earlier.map_or(0, |manifest| manifest.size);
    add_tiles(source, to, from, head.size, watch)?;
    let (mut files, new_values) = add_values(source, to, earlier)?;
    put(to, VKEY, format!("{}\n", source.log_key).as_bytes())?;
    place::sync_all(to)?;
    files.push(Listed::of(to, VKEY)?);
    let manifest = Manifest {
        kind: Kind::Ledger,
        origin: source.log_key.name().to_owned(),
        size: head.size,
        root: head.root,
        vault: source.vault.id(),
        made: now,
        head: head.checkpoint.to_vec(),
        files,
    };
    // With this the new backup is the one that is there.
    manifest.write(to)?;
    put(to, CHECKPOINT, &head.checkpoint)?;
    Ok((head.size - from, new_values, None))
}

/// A log whose head is not signed by its own key must not pass for a backup of it.
fn check_head(source: &Source, head: &Head) -> Result<(), BackupError> {
    let position = head.size - 1;
    let signed = checkpoint::open(&head.checkpoint, &source.log_key, &[]);
    let signed = signed.map_err(|error| BackupError::Entry { position, why: error.to_string() })?.checkpoint;
    match (signed.size, signed.root) == (head.size, head.root) {
        true => Ok(()),
        false => Err(BackupError::Entry { position, why: "its signed head is another".to_owned() }),
    }
}

fn add_tiles(source: &Source, to: &Path, from: u64, size: u64, watch: Watch<'_>) -> Result<(), BackupError> {
    let tiles = TileDir::new(to);
    for kind in kinds(size) {
        for tile in changed_tiles(kind, from, size) {
            let bytes = read(&*source.reader, &tile)?;
            tiles.put(&tile, &bytes).map_err(BackupError::io(&tiles.path(&tile)))?;
            // Entries are nearly all of the work.
            if kind == TileKind::Entries && !watch(tile.index, bundles(size)) {
                return Err(BackupError::CalledOff);
            }
        }
    }
    Ok(())
}

fn read(reader: &dyn LogReader, tile: &Tile) -> Result<Vec<u8>, BackupError> {
    let width = tile.width.get() as u16;
    let found = match tile.kind {
        TileKind::Hashes(level) => reader.tile(level, tile.index, width)?,
        TileKind::Entries => reader.bundle(tile.index, width)?,
    };
    let missing = || BackupError::Entry { position: tile.index << 8, why: format!("{tile} is not there") };
    found.ok_or_else(missing)
}

/// Writes a segment with the values that are not in the segments there; answers all segments, and how many are new.
fn add_values(
    source: &Source,
    to: &Path,
    earlier: Option<&Manifest>,
) -> Result<(Vec<Listed>, u64), BackupError> {
    let mut there: FxHashSet<Commitment> = FxHashSet::default();
    let mut files = Vec::new();
    for path in earlier.map(|manifest| segments(to, manifest)).unwrap_or_default() {
        read_segment(&path, |sealed| {
            there.insert(sealed.commitment);
        })?;
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        files.push(Listed::of(to, &format!("{VALUES}/{name}"))?);
    }
    let name = format!("{VALUES}/{:06}.values", free_number(&to.join(VALUES))?);
    let path = to.join(&name);
    let count = source.vault.export_values(&path, |commitment| !there.contains(commitment))?;
    if count == 0 && !files.is_empty() {
        fs::remove_file(&path).map_err(BackupError::io(&path))?;
    } else {
        files.push(Listed::of(to, &name)?);
    }
    Ok((files, count))
}

/// A number that no segment has, one of an interrupted backup included.
fn free_number(dir: &Path) -> Result<u64, BackupError> {
    let mut highest = 0;
    for item in fs::read_dir(dir).map_err(BackupError::io(dir))? {
        let name = item.map_err(BackupError::io(dir))?.file_name();
        let number = name.to_str().and_then(|name| name.split('.').next()?.parse::<u64>().ok());
        highest = highest.max(number.unwrap_or(0));
    }
    Ok(highest + 1)
}
