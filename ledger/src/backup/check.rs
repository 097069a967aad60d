//! Checking a backup of a ledger, without any key: the tree from the entries, the signature over it, every file, and
//! that every value that the log commits to is there.

use std::fs;
use std::path::{Path, PathBuf};

use rustc_hash::{FxHashMap, FxHashSet};

use super::error::BackupError;
use super::manifest::{Kind, Manifest};
use super::source::{Watch, log_key};
use crate::checkpoint;
use crate::commitment::{Commitment, SubjectId};
use crate::disk::{Disk, if_there};
use crate::domain::facts::Committing;
use crate::domain::time::Millis;
use crate::erasure::Receipts;
use crate::merkle::Hash;
use crate::note::VerifierKey;
use crate::tile_dir::{TileDir, UNFINISHED, Walk, is_prefix};
use crate::tiles::{FULL_WIDTH, Tile, TileKind};
use crate::vault::read_segment;
use crate::wire;

/// The signed tree head.
pub(super) const CHECKPOINT: &str = "checkpoint";
/// The key that verifies it.
pub(super) const VKEY: &str = "log.vkey";
/// The directory of the sealed values.
pub(super) const VALUES: &str = "vault";
/// How often the watcher is told, in entries.
const TELL: u64 = 4_096;

/// What a whole and intact backup holds.
#[derive(Debug)]
pub struct Checked {
    /// Verifies the log's checkpoints; its name is the ledger's.
    pub log_key: VerifierKey,
    /// Entries.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
    /// The signed note over both.
    pub checkpoint: Vec<u8>,
    /// When the backup was made.
    pub made: Millis,
    /// Sealed values that the log commits to.
    pub values: u64,
    /// Values that the log commits to and that are gone because their subject was erased.
    pub erased_values: u64,
    /// Files that do not belong to this backup but to one that was interrupted.
    pub leftovers: u64,
    pub(super) vault_id: [u8; 16],
    pub(super) segments: Vec<PathBuf>,
    pub(super) committed: FxHashMap<Commitment, Committing>,
    pub(super) erased: FxHashSet<SubjectId>,
}

/// Checks everything in a backup of a ledger.
///
/// # Errors
/// [`BackupError`] for the first thing that is not as it should be.
pub fn check(dir: &Path, watch: Watch<'_>) -> Result<Checked, BackupError> {
    let manifest = Manifest::read(dir, Kind::Ledger)?;
    manifest.check_files(dir)?;
    let log_key = read_head(dir, &manifest)?;
    let tiles = TileDir::new(dir);
    let mut log = Log::default();
    let root = Walk::new(&tiles, manifest.size).run(|position, bytes| {
        if position.is_multiple_of(TELL) && !watch(position, manifest.size) {
            return Err(BackupError::CalledOff);
        }
        log.take(position, bytes)
    })?;
    if root != manifest.root {
        return Err(BackupError::damaged(
            &dir.join("tile"),
            "the entries do not have the root that was signed",
        ));
    }
    if log.key.as_ref() != Some(&log_key) {
        let what = "it is not the key that the founding event names";
        return Err(BackupError::damaged(&dir.join(VKEY), what));
    }
    let segments = segments(dir, &manifest);
    let erased: FxHashSet<SubjectId> = log.receipts.erased().iter().copied().collect();
    let erased_values = check_values(dir, &manifest, &segments, &log.committed, &erased)?;
    let leftovers = leftovers(dir, &tiles, manifest.size)? + check_copy(dir, &log_key, &manifest.head)?;
    Ok(Checked {
        log_key,
        size: manifest.size,
        root,
        checkpoint: manifest.head,
        made: manifest.made,
        values: log.committed.len() as u64 - erased_values,
        erased_values,
        leftovers,
        vault_id: manifest.vault,
        segments,
        committed: log.committed,
        erased,
    })
}

/// The key, and the signed head, which must say what the manifest says.
pub(super) fn read_head(dir: &Path, manifest: &Manifest) -> Result<VerifierKey, BackupError> {
    let (vkey, path) = (dir.join(VKEY), dir.join(super::manifest::NAME));
    let text = fs::read_to_string(&vkey).map_err(BackupError::io(&vkey))?;
    let key: VerifierKey = text.trim_end().parse().map_err(|error| BackupError::damaged(&vkey, error))?;
    let signed = checkpoint::open(&manifest.head, &key, &[]);
    let signed = signed.map_err(|error| BackupError::damaged(&path, error))?.checkpoint;
    if (signed.origin.as_str(), signed.size, signed.root) != (&*manifest.origin, manifest.size, manifest.root)
    {
        return Err(BackupError::damaged(&path, "its signed head is another"));
    }
    Ok(key)
}

/// The file for those who read tiles: the head, or an earlier one if the last backup was interrupted at its very end.
fn check_copy(dir: &Path, key: &VerifierKey, head: &[u8]) -> Result<u64, BackupError> {
    let path = dir.join(CHECKPOINT);
    match if_there(Disk::default().read(&path))? {
        Some(copy) if copy == head => return Ok(0),
        Some(copy) => {
            checkpoint::open(&copy, key, &[]).map(drop).map_err(|error| BackupError::damaged(&path, error))?
        }
        None => {}
    }
    Ok(1)
}

pub(super) fn segments(dir: &Path, manifest: &Manifest) -> Vec<PathBuf> {
    let of_values = |path: &&str| path.strip_prefix(VALUES).is_some_and(|rest| rest.starts_with('/'));
    let listed = manifest.files.iter().map(|listed| listed.path.as_str());
    listed.filter(of_values).map(|path| dir.join(path)).collect()
}

/// What the log says about values.
#[derive(Default)]
struct Log {
    key: Option<VerifierKey>,
    committed: FxHashMap<Commitment, Committing>,
    receipts: Receipts,
}

impl Log {
    fn take(&mut self, position: u64, bytes: &[u8]) -> Result<(), BackupError> {
        let unreadable = |why: String| BackupError::Entry { position, why };
        let entry = wire::decode_entry(bytes).map_err(|error| unreadable(error.to_string()))?;
        if entry.position != position {
            return Err(unreadable("it says that it is another".to_owned()));
        }
        let event =
            wire::decode_event(&entry.signed.payload).map_err(|error| unreadable(error.to_string()))?;
        if position == 0 {
            self.key = Some(log_key(bytes).map_err(unreadable)?);
        }
        self.receipts.take(&event);
        self.committed.extend(event.body.commitments().into_iter().map(|value| (value.commitment, value)));
        Ok(())
    }
}

/// Checks that every value is there unless its subject was erased; answers how many are gone.
fn check_values(
    dir: &Path,
    manifest: &Manifest,
    segments: &[PathBuf],
    committed: &FxHashMap<Commitment, Committing>,
    erased: &FxHashSet<SubjectId>,
) -> Result<u64, BackupError> {
    let mut found: FxHashSet<Commitment> = FxHashSet::default();
    for path in segments {
        let vault = read_segment(path, |sealed| {
            let fits = |c: &Committing| (c.field, c.subject) == (sealed.field, sealed.subject);
            if committed.get(&sealed.commitment).is_some_and(fits) {
                found.insert(sealed.commitment);
            }
        })?;
        if vault != manifest.vault {
            return Err(BackupError::damaged(path, "its values are of another vault"));
        }
    }
    let mut gone = 0;
    for value in committed.values().filter(|value| !found.contains(&value.commitment)) {
        if !erased.contains(&value.subject) {
            let what = format!("a value that the log commits to is missing ({:?})", value.field);
            return Err(BackupError::damaged(&dir.join(VALUES), what));
        }
        gone += 1;
    }
    Ok(gone)
}

/// Looks at every file below `tile/`. Narrower tiles of earlier backups must be beginnings of what is there now; what
/// an interrupted backup left beyond is counted.
fn leftovers(dir: &Path, tiles: &TileDir, size: u64) -> Result<u64, BackupError> {
    let (mut open, mut left) = (vec![dir.join("tile")], 0);
    while let Some(at) = open.pop() {
        for item in fs::read_dir(&at).map_err(BackupError::io(&at))? {
            let path = item.map_err(BackupError::io(&at))?.path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let name = path.strip_prefix(dir).ok().and_then(Path::to_str).unwrap_or_default();
            let tile: Option<Tile> = name.parse().ok();
            let Some(tile) = tile.filter(|tile| tile.is_within(size)) else {
                if tile.is_none() && !name.ends_with(UNFINISHED) {
                    return Err(BackupError::damaged(&path, "it is no tile of this log"));
                }
                left += 1;
                continue;
            };
            check_past(tiles, &tile, size)?;
        }
    }
    Ok(left)
}

fn check_past(tiles: &TileDir, tile: &Tile, size: u64) -> Result<(), BackupError> {
    let Some(now) = Tile::at(tile.kind, tile.index, size).filter(|now| now != tile) else { return Ok(()) };
    let read = |tile: &Tile| tiles.get(tile).map_err(BackupError::io(&tiles.path(tile)));
    let (past, current) = (read(tile)?.unwrap_or_default(), read(&now)?.unwrap_or_default());
    match is_prefix(tile, &past, &current) {
        true => Ok(()),
        false => Err(BackupError::damaged(&tiles.path(tile), "it is not the beginning of the wider tile")),
    }
}

/// How many entry bundles a log of this size has, the incomplete one included.
pub(super) fn bundles(size: u64) -> u64 {
    size.div_ceil(FULL_WIDTH as u64)
}

/// Every kind of tile that a log of this size has.
pub(super) fn kinds(size: u64) -> impl Iterator<Item = TileKind> {
    let levels = (0..8_u8).map(TileKind::Hashes).take_while(move |kind| kind.count(size) > 0);
    std::iter::once(TileKind::Entries).chain(levels)
}
