//! Taking a vault out of its directory and putting it back: values and keys, never both in one place.
//!
//! Values leave as they lie, sealed; nothing here needs a key for them. They come in *segments*, files of the same
//! format as the vault's own: a later backup adds a segment with what is new.

use std::path::{Path, PathBuf};

use rustc_hash::FxHashSet;

use super::error::VaultError;
use super::frames::{self, Extent, FileHeader};
use super::guard::Guard;
use super::keys::KeyStore;
use super::master::MasterKey;
use super::place::{KEYS_DIR, VALUES_DIR, keys_path, values_path};
use super::store::Vault;
use super::values::{self, REWRITE_BODY, Record, Slot};
use crate::commitment::{Commitment, Field, SubjectId};
use crate::disk::{Appender, Disk, DiskError, DiskFile};

/// What a sealed value says about itself to whoever has no key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sealed {
    /// The commitment that it opens.
    pub commitment: Commitment,
    /// The kind of value.
    pub field: Field,
    /// The subject under whose key it is sealed.
    pub subject: SubjectId,
}

impl Sealed {
    fn of(record: &Record<'_>) -> Self {
        Self { commitment: record.commitment, field: record.field, subject: record.subject }
    }
}

impl Vault {
    /// Writes the values that `is_wanted` asks for into a new segment, durable on return; answers how many. Those
    /// that are put or removed meanwhile may be in it or not. Puts go on beside it, a few milliseconds apart.
    ///
    /// # Errors
    /// [`VaultError::Damaged`], [`VaultError::Io`], [`VaultError::AlreadyThere`].
    pub fn export_values(
        &self,
        to: &Path,
        is_wanted: impl Fn(&Commitment) -> bool,
    ) -> Result<u64, VaultError> {
        if to.exists() {
            return Err(VaultError::AlreadyThere(to.to_owned()));
        }
        let mut wanted: Vec<(Commitment, Slot)> = {
            let index = self.values.index.read();
            index.iter().filter(|(c, _)| is_wanted(c)).map(|(c, slot)| (*c, *slot)).collect()
        };
        wanted.sort_unstable_by_key(|(_, slot)| slot.offset);
        let header = FileHeader { check: [0; 16], ..self.values.file.header };
        let mut written = 0;
        let mut rest = wanted.as_slice();
        let pieces =
            std::iter::from_fn(|| (!rest.is_empty()).then(|| self.export_piece(&mut rest, &mut written)));
        let disk = Disk::default();
        frames::write_successor(&disk, to, &header, pieces)?;
        disk.put_in_place(to)?;
        Ok(written)
    }

    /// The next records, about a mebibyte of them, under the gate: no rewriting moves them meanwhile.
    fn export_piece(
        &self,
        rest: &mut &[(Commitment, Slot)],
        written: &mut u64,
    ) -> Result<Vec<u8>, VaultError> {
        let _shared = self.gate.read();
        let mut body = Vec::new();
        while let Some(((commitment, _), after)) = rest.split_first() {
            if body.len() >= REWRITE_BODY {
                break;
            }
            *rest = after;
            // A collection may have moved it, or removed it.
            let Some(slot) = self.values.slot(commitment) else { continue };
            body.extend_from_slice(&self.values.file.read_at(slot.offset, slot.length as usize)?);
            *written += 1;
        }
        Ok(body)
    }

    /// The key file as it is now: every key wrapped by the master key, and the marks of destroyed ones.
    pub fn export_keys(&self) -> Vec<u8> {
        self.keys.export()
    }

    /// Which vault this is: the same in its values, its keys and all backups of them.
    pub fn id(&self) -> [u8; 16] {
        self.keys.vault_id()
    }
}

/// Shows every record of a segment and answers which vault it is from. A torn end is damage: segments are whole.
///
/// # Errors
/// [`VaultError::Damaged`], [`VaultError::Missing`], [`VaultError::Io`].
pub fn read_segment(path: &Path, mut see: impl FnMut(Sealed)) -> Result<[u8; 16], VaultError> {
    walk_segment(path, |record| {
        see(Sealed::of(record));
        Ok(())
    })
}

/// Puts segments together as the vault's values below `dir`, once each, leaving out what `is_wanted` denies. Answers
/// how many there are.
///
/// # Errors
/// [`VaultError::NotAPair`] if the segments stem from different vaults, [`VaultError::AlreadyThere`], and as
/// [`read_segment`].
pub fn import_values(
    dir: &Path,
    vault_id: [u8; 16],
    segments: &[PathBuf],
    is_wanted: impl Fn(&Sealed) -> bool,
) -> Result<u64, VaultError> {
    let (to, disk) = (values_path(dir), Disk::default());
    disk.create_dir(&dir.join(VALUES_DIR))?;
    if disk.exists(&to) {
        return Err(VaultError::AlreadyThere(to));
    }
    let header = FileHeader { kind: *values::KIND, vault_id, check: [0; 16] };
    let mut seen: FxHashSet<Commitment> = FxHashSet::default();
    let mut extent = Extent::EMPTY;
    disk.write_successor(&to, |file| {
        file.append(&header.encode())?;
        let mut merge = Merge { file, body: Vec::new(), extent };
        for path in segments {
            let found = walk_segment(path, |record| {
                let is_new = is_wanted(&Sealed::of(record)) && seen.insert(record.commitment);
                if is_new { merge.push(record.bytes) } else { Ok(()) }
            })?;
            if found != vault_id {
                return Err(VaultError::NotAPair { values: path.clone(), keys: keys_path(dir) });
            }
        }
        merge.flush()?;
        extent = merge.extent;
        Ok::<(), VaultError>(())
    })?;
    Guard(vec![extent]).write(&disk, &to)?;
    disk.put_in_place(&to)?;
    Ok(seen.len() as u64)
}

/// Writes records in frames.
struct Merge<'a> {
    file: &'a mut Appender,
    body: Vec<u8>,
    extent: Extent,
}

impl Merge<'_> {
    fn push(&mut self, record: &[u8]) -> Result<(), VaultError> {
        self.body.extend_from_slice(record);
        if self.body.len() >= REWRITE_BODY { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), VaultError> {
        if !self.body.is_empty() {
            self.file.append(&frames::frame(&self.body))?;
            self.extent = self.extent.with(&self.body);
            self.body.clear();
        }
        Ok(())
    }
}

/// What a key file and its master key are good for.
#[derive(Debug)]
pub struct KeysFound {
    /// Which vault they belong to.
    pub vault_id: [u8; 16],
    /// Subjects with a key.
    pub live: u64,
    /// Subjects whose key was destroyed.
    pub destroyed: u64,
}

/// Reads the keys below a directory that is laid out as a data directory, and tries each of them.
///
/// # Errors
/// [`VaultError::Missing`], [`VaultError::WrongMaster`], [`VaultError::Damaged`], [`VaultError::Io`].
pub fn check_keys(dir: &Path) -> Result<KeysFound, VaultError> {
    let keys = KeyStore::open(&Disk::default(), &keys_path(dir), &MasterKey::load(dir)?)?;
    let (live, destroyed) = keys.try_all()?;
    Ok(KeysFound { vault_id: keys.vault_id(), live, destroyed })
}

/// Puts a key file and its master key below a directory, durably. What is there is overwritten before it is let go:
/// a key that was destroyed since must not stay behind in an older file.
///
/// # Errors
/// [`VaultError::Io`].
pub fn put_keys(dir: &Path, keys: &[u8], master: &[u8]) -> Result<(), VaultError> {
    let disk = Disk::default();
    disk.create_dir(&dir.join(KEYS_DIR))?;
    for (path, bytes) in [(keys_path(dir), keys), (MasterKey::path(dir), master)] {
        let old = disk.exists(&path).then(|| disk.open_to_write(&path)).transpose()?;
        disk.replace(&path, &[bytes])?;
        old.map_or(Ok(()), |old| blank(&old))?;
    }
    Ok(())
}

/// Overwrites a file that has lost its name, as far as the file system lets a file be overwritten in place.
fn blank(old: &DiskFile) -> Result<(), DiskError> {
    let (length, zeros) = (old.len()?, vec![0; 1 << 16]);
    for at in (0..length).step_by(zeros.len()) {
        old.write_at(&zeros[..zeros.len().min((length - at) as usize)], at)?;
    }
    old.sync_data()
}

fn walk_segment(
    path: &Path,
    mut see: impl FnMut(&Record<'_>) -> Result<(), VaultError>,
) -> Result<[u8; 16], VaultError> {
    let file = Disk::default().open(path)?;
    let header = frames::read_header(&file, values::KIND)?;
    let length = file.len()?;
    let last = frames::scan(&file, length, &mut |base, body| {
        values::each_record(path, base, body, |_, record| see(&record))
    })?;
    if last.end != length {
        let what = "the last record is not whole";
        return Err(VaultError::Damaged { path: path.to_owned(), offset: last.end, what });
    }
    Ok(header.vault_id)
}
