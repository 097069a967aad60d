//! The way back: a ledger from a backup of it and a backup of its keys, into an empty directory.
//!
//! Everything is made in a directory of its own inside the new one and checked there; then it is moved up, the log
//! last. So an interrupted restore leaves no ledger, and the same command begins it anew.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use zeroize::Zeroizing;

use super::check::{Checked, bundles, check};
use super::error::{BackupError, Misplaced};
use super::keys::{OWN, OWN_FILES, check_keys};
use super::manifest::put;
use super::place;
use super::source::Watch;
use crate::engine::{
    self, Group, Head, KnownHead, LogReader, LogWriter, MAX_GROUP_ENTRIES, NewEntry, OpenOptions, Secret,
};
use crate::keys::signing_key_from_pem;
use crate::ledger::UNDER_WAY;
use crate::merkle::{Frontier, leaf_hash};
use crate::streams::fingerprint;
use crate::tile_dir::{TileDir, entries};
use crate::tiles::{FULL_WIDTH, Tile, TileKind};
use crate::vault::{self, KEYS_DIR, MasterKey, VALUES_DIR, Vault, VaultRng};
use crate::wire;

/// What to restore.
pub struct Restoring<'a> {
    /// A backup of a ledger.
    pub backup: &'a Path,
    /// A backup of its keys.
    pub keys: &'a Path,
    /// The new directory: missing, empty, or what an interrupted restore left.
    pub data: &'a Path,
    /// Heads that are known to have been published: the backup must contain them.
    pub known: &'a [KnownHead],
    /// Go on although some values have no key.
    pub accept_lost: bool,
    /// Of the log.
    pub engine: OpenOptions,
}

/// What was restored, and what was found when all of it was checked.
#[derive(Debug)]
pub struct Restored {
    /// The backup.
    pub checked: Checked,
    /// Values that open.
    pub values: u64,
    /// Values that stay closed because their subject was erased, before the backup or after it.
    pub erased_values: u64,
    /// Subjects that the keys call erased and the log does not: erased after this backup was made.
    pub erased_later: u64,
    /// Subjects erased by the receipts on the log whose keys were still in the backup of the keys.
    pub erased_again: u64,
    /// Values without a key; zero unless that was accepted.
    pub lost_values: u64,
}

/// Restores a ledger.
///
/// # Errors
/// [`BackupError`]; there is no ledger in the new directory then.
pub fn restore(
    what: &Restoring<'_>,
    rngs: &mut dyn FnMut() -> VaultRng,
    watch: Watch<'_>,
) -> Result<Restored, BackupError> {
    let Restoring { backup, keys, data, .. } = *what;
    for dir in [backup, keys] {
        if place::are_nested(data, dir)? {
            return Err(BackupError::Place { dir: data.to_owned(), why: Misplaced::Nested });
        }
    }
    let under_way = clear(data)?;
    let (first, second, third) =
        (|n, all| watch(n, 3 * all), |n, all| watch(all + n, 3 * all), |n, all| watch(2 * all + n, 3 * all));
    let checked = check(backup, &first)?;
    check_own_keys(keys, &checked)?;
    check_known(backup, &checked, what.known)?;
    place::create(&under_way)?;
    let engine = OpenOptions { secret: Secret::new(&mut *rngs()), ..what.engine.clone() };
    write_log(&checked, backup, &under_way.join("log"), engine, &second)?;
    write_vault(&checked, keys, &under_way)?;
    place::sync_all(&under_way)?;
    let restored = check_restored(what, checked, &under_way, rngs, &third)?;
    move_up(data, &under_way)?;
    Ok(restored)
}

/// The directory to work in, empty, inside a directory that holds nothing else.
fn clear(data: &Path) -> Result<PathBuf, BackupError> {
    let under_way = data.join(UNDER_WAY);
    if data.exists() {
        for item in fs::read_dir(data).map_err(BackupError::io(data))? {
            let path = item.map_err(BackupError::io(data))?.path();
            let is_part = PARTS.iter().any(|part| path.ends_with(part)) && under_way.exists();
            if path != under_way && !is_part {
                return Err(BackupError::NotEmpty(data.to_owned()));
            }
        }
        // What an interrupted restore left, parts that had been moved up included. The mark goes last.
        for name in PARTS.into_iter().chain([UNDER_WAY]) {
            let path = data.join(name);
            if path.exists() {
                fs::remove_dir_all(&path).map_err(BackupError::io(&path))?;
            }
        }
    }
    Ok(under_way)
}

/// In the order in which they are moved up: a ledger is there when its log is.
const PARTS: [&str; 4] = [KEYS_DIR, OWN, VALUES_DIR, "log"];

fn check_own_keys(keys: &Path, checked: &Checked) -> Result<(), BackupError> {
    let found = check_keys(keys)?;
    let other = |what: &str| BackupError::OtherKeys { dir: keys.to_owned(), what: what.to_owned() };
    if found.vault_id != checked.vault_id {
        return Err(other("they open another vault"));
    }
    let path = keys.join(OWN).join(OWN_FILES[0]);
    let pem = fs::read_to_string(&path).map(Zeroizing::new).map_err(BackupError::io(&path))?;
    let log = signing_key_from_pem(&pem).map_err(|error| BackupError::damaged(&path, error))?;
    match log.verifying_key() == *checked.log_key.public_key() {
        true => Ok(()),
        false => Err(other("the key that signs checkpoints is another")),
    }
}

fn check_known(backup: &Path, checked: &Checked, known: &[KnownHead]) -> Result<(), BackupError> {
    let tiles = TileDir::new(backup);
    for head in known {
        if head.size > checked.size || root_in(&tiles, checked.size, head.size)? != head.root {
            let (known, found) = (head.size, checked.size);
            return Err(BackupError::Rollback { dir: backup.to_owned(), known, found });
        }
    }
    Ok(())
}

/// The root over the first entries of a backup, whose tiles were checked before.
fn root_in(tiles: &TileDir, size: u64, first: u64) -> Result<crate::merkle::Hash, BackupError> {
    crate::merkle::tree_root(first, |level, index| {
        let place = crate::tiles::NodePlace::of(level, index);
        let kind = TileKind::Hashes(place.tile_level);
        let tile = Tile::at(kind, place.tile_index, size).expect("the node lies in the tree");
        Ok(place.hash_in(&tiles.need(&tile)?).expect("the tile is as wide as the tree"))
    })
}

/// Appends the entries of the backup to a new log, through the engine.
fn write_log(
    checked: &Checked,
    backup: &Path,
    to: &Path,
    options: OpenOptions,
    watch: Watch<'_>,
) -> Result<(), BackupError> {
    let (mut writer, _reader, _) = engine::open(to, options)?;
    let tiles = TileDir::new(backup);
    let mut frontier = Frontier::new();
    let mut group = Vec::with_capacity(MAX_GROUP_ENTRIES);
    for index in 0..bundles(checked.size) {
        if !watch(index, bundles(checked.size)) {
            return Err(BackupError::CalledOff);
        }
        for entry in read_bundle(&tiles, index, checked.size)? {
            frontier.append(entry.leaf);
            group.push(entry);
        }
        if group.len() + FULL_WIDTH > MAX_GROUP_ENTRIES || frontier.size() == checked.size {
            append(&mut *writer, std::mem::take(&mut group), &frontier, checked)?;
        }
    }
    Ok(writer.close()?)
}

fn append(
    writer: &mut dyn LogWriter,
    entries: Vec<NewEntry>,
    frontier: &Frontier,
    checked: &Checked,
) -> Result<(), BackupError> {
    // Heads on the way were never published; only the last one is signed.
    let checkpoint = match frontier.size() == checked.size {
        true => Arc::from(checked.checkpoint.as_slice()),
        false => Arc::from([]),
    };
    let head = Head { size: frontier.size(), root: frontier.root(), checkpoint };
    let first = frontier.size() - entries.len() as u64;
    Ok(writer.append(Arc::new(Group { first, entries, head }))?)
}

fn read_bundle(tiles: &TileDir, index: u64, size: u64) -> Result<Vec<NewEntry>, BackupError> {
    let tile = Tile::at(TileKind::Entries, index, size).expect("the index lies below the size");
    let bytes = tiles.need(&tile)?;
    let found = entries(&bytes, tile.width.get());
    let found = found.ok_or_else(|| tiles.damaged(&tile, "it is not whole entries"))?;
    let positions = index * FULL_WIDTH as u64..;
    positions.zip(found).map(|(position, bytes)| new_entry(position, bytes)).collect()
}

fn new_entry(position: u64, bytes: &[u8]) -> Result<NewEntry, BackupError> {
    let unreadable = |why: wire::WireError| BackupError::Entry { position, why: why.to_string() };
    let entry = wire::decode_entry(bytes).map_err(unreadable)?;
    let event = wire::decode_event(&entry.signed.payload).map_err(unreadable)?;
    let stream = fingerprint(&event.stream);
    Ok(NewEntry { id: event.id.0, stream, leaf: leaf_hash(bytes), bytes: Arc::from(bytes) })
}

/// The values that the log commits to, but for those of the erased, and the keys as they were backed up.
fn write_vault(checked: &Checked, keys: &Path, to: &Path) -> Result<(), BackupError> {
    vault::import_values(to, checked.vault_id, &checked.segments, |sealed| {
        checked.committed.contains_key(&sealed.commitment) && !checked.erased.contains(&sealed.subject)
    })?;
    let read = |path: PathBuf| fs::read(&path).map(Zeroizing::new).map_err(BackupError::io(&path));
    let store = read(keys.join(KEYS_DIR).join("keys"))?;
    vault::put_keys(to, &store, &read(MasterKey::path(keys))?)?;
    place::create(&to.join(OWN))?;
    for name in OWN_FILES {
        put(to, &format!("{OWN}/{name}"), &read(keys.join(OWN).join(name))?)?;
    }
    Ok(())
}

/// Opens what was restored and checks all of it: the tree anew from the entries, and every value against its commitment.
fn check_restored(
    what: &Restoring<'_>,
    checked: Checked,
    dir: &Path,
    rngs: &mut dyn FnMut() -> VaultRng,
    watch: Watch<'_>,
) -> Result<Restored, BackupError> {
    {
        let (_writer, reader, _) = engine::open(&dir.join("log"), what.engine.clone())?;
        check_log(&*reader, &checked, &dir.join("log"), watch)?;
    }
    let vault = Vault::open(dir, MasterKey::load(dir)?, rngs())?;
    let receipts: Vec<_> = checked.erased.iter().copied().collect();
    let erased_again = vault.apply_erasures(&receipts)? as u64;
    let mut restored =
        Restored { values: 0, erased_values: 0, erased_later: 0, erased_again, lost_values: 0, checked };
    let (mut later, mut lost) = (rustc_hash::FxHashSet::default(), rustc_hash::FxHashSet::default());
    for value in restored.checked.committed.values() {
        let is_receipted = restored.checked.erased.contains(&value.subject);
        match vault.get(&value.commitment) {
            Ok(Some(_)) => restored.values += 1,
            Ok(None) if is_receipted || vault.is_erased(&value.subject) => {
                restored.erased_values += 1;
                if !is_receipted {
                    later.insert(value.subject);
                }
            }
            Err(vault::VaultError::KeyLost(_)) => {
                restored.lost_values += 1;
                lost.insert(value.subject);
            }
            Ok(None) => return Err(BackupError::damaged(&dir.join(VALUES_DIR), "a value did not arrive")),
            Err(error) => return Err(error.into()),
        }
    }
    restored.erased_later = later.len() as u64;
    if !lost.is_empty() && !what.accept_lost {
        return Err(BackupError::KeysOlder { dir: what.keys.to_owned(), subjects: lost.len() as u64 });
    }
    Ok(restored)
}

fn check_log(
    reader: &dyn LogReader,
    checked: &Checked,
    path: &Path,
    watch: Watch<'_>,
) -> Result<(), BackupError> {
    let head = reader.head();
    let mut frontier = Frontier::new();
    while frontier.size() < head.size {
        if !watch(frontier.size(), head.size) {
            return Err(BackupError::CalledOff);
        }
        let entries = reader.read(frontier.size(), MAX_GROUP_ENTRIES)?;
        entries.iter().for_each(|(_, bytes)| frontier.append(leaf_hash(bytes)));
    }
    let is_whole = (head.size, head.root, &head.checkpoint[..])
        == (checked.size, checked.root, &checked.checkpoint[..])
        && frontier.root() == checked.root
        && engine::frontier_at(reader, head.size)?.root() == checked.root;
    if is_whole {
        Ok(())
    } else {
        Err(BackupError::damaged(path, "the log did not arrive as it was backed up"))
    }
}

fn move_up(data: &Path, under_way: &Path) -> Result<(), BackupError> {
    let sync = |dir: &Path| File::open(dir).and_then(|dir| dir.sync_all()).map_err(BackupError::io(dir));
    for part in PARTS {
        let (from, to) = (under_way.join(part), data.join(part));
        fs::rename(&from, &to).map_err(BackupError::io(&from))?;
        sync(data)?;
    }
    fs::remove_dir(under_way).map_err(BackupError::io(under_way))?;
    sync(data)
}
