//! The key file: one random key per subject, wrapped under the master key, or the mark of its destruction.
//!
//! ```text
//! record = state (1: key, 2: destroyed) || subject (16) || nonce (24) || sealed key (48)
//! ```
//!
//! A destroyed key's record keeps its length with zeros, so it can be laid over the old one.

use std::collections::hash_map::Entry;
use std::path::Path;

use chacha20poly1305::aead::AeadInOut;
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
use parking_lot::{Mutex, RwLock};
use rand_core::CryptoRng;
use rustc_hash::{FxHashMap, FxHashSet};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::error::VaultError;
use super::frames::{self, FileHeader, FramedFile};
use super::master::{MasterKey, VaultRng, hmac, truncated};
use crate::commitment::SubjectId;
use crate::disk::{Disk, DiskFile};

const KIND: &[u8; 8] = b"hbkeys01";
const RECORD: usize = 1 + 16 + SEALED;
const SEALED: usize = 24 + 48;
/// Records in a frame, where the whole file is written.
const CHUNK: usize = 8_192;
const LIVE: u8 = 1;
const DESTROYED: u8 = 2;

#[derive(Clone, Copy)]
enum Slot {
    Live([u8; SEALED]),
    Destroyed,
}

/// What is known about a subject's key.
pub(super) enum SubjectKey {
    Live(Zeroizing<[u8; 32]>),
    Destroyed,
    Unknown,
}

/// Keys that were made just now, for who has values to seal with them.
pub(super) type MadeKeys = FxHashMap<SubjectId, Zeroizing<[u8; 32]>>;

pub(super) struct KeyStore {
    pub(super) file: FramedFile<()>,
    slots: RwLock<FxHashMap<SubjectId, Slot>>,
    wrapping: Zeroizing<[u8; 32]>,
    /// Subjects that have values but no key. Giving them a new key would hide that the old one is missing.
    pub(super) lost: FxHashSet<SubjectId>,
    /// Values that were found at open and whose key was destroyed.
    pub(super) of_erased: usize,
}

impl KeyStore {
    pub(super) fn create(
        disk: &Disk,
        path: &Path,
        master: &MasterKey,
        vault_id: [u8; 16],
    ) -> Result<(), VaultError> {
        let header = FileHeader { kind: *KIND, vault_id, check: check(master, &vault_id) };
        FramedFile::<()>::create(disk, path, header)
    }

    pub(super) fn open(disk: &Disk, path: &Path, master: &MasterKey) -> Result<KeyStore, VaultError> {
        let mut slots = FxHashMap::default();
        let (file, _) = FramedFile::open(
            disk,
            path,
            KIND,
            &[],
            |_, _| Ok(()),
            |offset, body| {
                read_records(body, &mut slots).ok_or_else(|| VaultError::Damaged {
                    path: path.to_owned(),
                    offset,
                    what: "not a key record",
                })
            },
        )?;
        if file.header.check.ct_eq(&check(master, &file.header.vault_id)).unwrap_u8() == 0 {
            return Err(VaultError::WrongMaster(path.to_owned()));
        }
        let wrapping = master.derive("hourbook/vault/wrap/v1");
        Ok(KeyStore { file, slots: RwLock::new(slots), wrapping, lost: FxHashSet::default(), of_erased: 0 })
    }

    /// Takes note of the owner of a value, at open.
    pub(super) fn note_owner(&mut self, subject: SubjectId) {
        match self.slots.get_mut().get(&subject) {
            None => drop(self.lost.insert(subject)),
            Some(Slot::Destroyed) => self.of_erased += 1,
            Some(Slot::Live(_)) => {}
        }
    }

    pub(super) fn vault_id(&self) -> [u8; 16] {
        self.file.header.vault_id
    }

    pub(super) fn is_empty(&self) -> bool {
        self.slots.read().is_empty()
    }

    /// Whether [`KeyStore::ensure`] would accept the subjects: none is erased, and none has lost its key.
    pub(super) fn check_subjects<'a>(
        &self,
        mut subjects: impl Iterator<Item = &'a SubjectId>,
    ) -> Result<(), VaultError> {
        let slots = self.slots.read();
        subjects.try_for_each(|subject| match slots.get(subject) {
            Some(Slot::Destroyed) => Err(VaultError::Erased(*subject)),
            _ if self.lost.contains(subject) => Err(VaultError::KeyLost(*subject)),
            _ => Ok(()),
        })
    }

    /// Makes sure that every subject has a durable key, and gives those that it made.
    pub(super) fn ensure(
        &self,
        subjects: &FxHashSet<SubjectId>,
        rng: &Mutex<VaultRng>,
    ) -> Result<MadeKeys, VaultError> {
        let (mut body, mut made) = (Vec::new(), MadeKeys::default());
        {
            let mut rng = rng.lock();
            let mut slots = self.slots.write();
            if let Some(gone) = subjects.iter().find(|s| matches!(slots.get(*s), Some(Slot::Destroyed))) {
                return Err(VaultError::Erased(*gone));
            }
            if let Some(lost) = subjects.iter().find(|s| self.lost.contains(*s)) {
                return Err(VaultError::KeyLost(*lost));
            }
            let new = subjects.iter().filter(|s| !slots.contains_key(*s)).count();
            if new > 0 {
                self.file.make_room(new * RECORD)?;
            }
            for subject in subjects {
                if let Entry::Vacant(vacant) = slots.entry(*subject) {
                    let (key, sealed) = self.wrap_new(subject, &mut **rng);
                    let slot = Slot::Live(sealed);
                    made.insert(*subject, key);
                    push_record(&mut body, subject, &slot);
                    vacant.insert(slot);
                }
            }
        }
        // A key may be another caller's, still on its way to the disk: its value must not overtake it.
        match body.is_empty() {
            true => self.file.barrier(|_, _| ())?,
            false => self.file.commit(&body, Vec::new(), |_, _| ())?,
        }
        Ok(made)
    }

    /// Promises room for the keys of so many subjects, in a frame of their own. Answers what to give back.
    pub(super) fn promise(&self, subjects: usize) -> Result<u64, VaultError> {
        let bytes = (frames::FRAME_HEAD + subjects * RECORD) as u64;
        self.file.promise(bytes).map(|()| bytes)
    }

    pub(super) fn get(&self, subject: &SubjectId) -> Result<SubjectKey, VaultError> {
        let slot = self.slots.read().get(subject).copied();
        match slot {
            None => Ok(SubjectKey::Unknown),
            Some(Slot::Destroyed) => Ok(SubjectKey::Destroyed),
            Some(Slot::Live(sealed)) => self.unwrap(subject, &sealed).map(SubjectKey::Live),
        }
    }

    /// Destroys the keys of all `subjects` (also of such as never had one), and returns how many there were.
    ///
    /// The file is rewritten without them and takes the old one's place; then they are overwritten in the
    /// old one too, as far as the file system lets a file be overwritten in place.
    pub(super) fn destroy(&self, subjects: &FxHashSet<SubjectId>) -> Result<usize, VaultError> {
        let mut slots = self.slots.write();
        let is_live = |s: &&SubjectId| matches!(slots.get(*s), Some(Slot::Live(_)));
        let live: FxHashSet<SubjectId> = subjects.iter().filter(is_live).copied().collect();
        if subjects.iter().all(|s| matches!(slots.get(s), Some(Slot::Destroyed))) {
            return Ok(0);
        }
        let remaining = |s: &SubjectId| !subjects.contains(s);
        let kept = slots.iter().filter(|(s, _)| remaining(s)).map(|(s, slot)| (*s, *slot));
        let gone = subjects.iter().map(|s| (*s, Slot::Destroyed));
        let mut records: Vec<_> = kept.chain(gone).collect();
        records.sort_unstable_by_key(|(subject, _)| *subject);
        let bodies = records.chunks(CHUNK).map(|records| Ok(body_of(records)));
        let old = self.file.replace(bodies, |_, _| Ok(()))?;
        slots.extend(subjects.iter().map(|s| (*s, Slot::Destroyed)));
        scrub(&old, &live)?;
        Ok(live.len())
    }

    /// The whole file as it would be written now, in the order of the subjects.
    pub(super) fn export(&self) -> Vec<u8> {
        let mut records: Vec<_> = self.slots.read().iter().map(|(s, slot)| (*s, *slot)).collect();
        records.sort_unstable_by_key(|(subject, _)| *subject);
        let mut file = self.file.header.encode().to_vec();
        records.chunks(CHUNK).for_each(|records| file.extend_from_slice(&frames::frame(&body_of(records))));
        file
    }

    /// Unwraps every key; answers how many there are and how many were destroyed.
    pub(super) fn try_all(&self) -> Result<(u64, u64), VaultError> {
        let slots = self.slots.read();
        let (mut live, mut destroyed) = (0, 0);
        for (subject, slot) in slots.iter() {
            match slot {
                Slot::Live(sealed) => {
                    self.unwrap(subject, sealed)?;
                    live += 1;
                }
                Slot::Destroyed => destroyed += 1,
            }
        }
        Ok((live, destroyed))
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&*self.wrapping).into())
    }

    fn wrap_new(&self, subject: &SubjectId, rng: &mut dyn CryptoRng) -> (Zeroizing<[u8; 32]>, [u8; SEALED]) {
        let mut sealed = [0; SEALED];
        rng.fill_bytes(&mut sealed[..56]);
        let (nonce, rest) = sealed.split_at_mut(24);
        let (key, tag) = rest.split_at_mut(32);
        let mut plain = Zeroizing::new([0; 32]);
        plain.copy_from_slice(key);
        let nonce: &[u8; 24] = (&*nonce).try_into().expect("split at 24");
        let computed = self
            .cipher()
            .encrypt_inout_detached(nonce.into(), &self.context(subject), key.into())
            .expect("32 bytes are below the cipher's bound");
        tag.copy_from_slice(&computed);
        (plain, sealed)
    }

    fn unwrap(&self, subject: &SubjectId, sealed: &[u8; SEALED]) -> Result<Zeroizing<[u8; 32]>, VaultError> {
        let nonce: &[u8; 24] = sealed[..24].try_into().expect("a sealed key has 72 bytes");
        let tag: &[u8; 16] = sealed[56..].try_into().expect("a sealed key has 72 bytes");
        let mut key = Zeroizing::new([0; 32]);
        key.copy_from_slice(&sealed[24..56]);
        self.cipher()
            .decrypt_inout_detached(
                nonce.into(),
                &self.context(subject),
                key.as_mut_slice().into(),
                tag.into(),
            )
            .map_err(|_| VaultError::Damaged {
                path: self.file.path.clone(),
                offset: 0,
                what: "a wrapped key was changed",
            })?;
        Ok(key)
    }

    /// Binds a wrapped key to its vault and subject.
    fn context(&self, subject: &SubjectId) -> [u8; 32] {
        let mut context = [0; 32];
        context[..16].copy_from_slice(&self.vault_id());
        context[16..].copy_from_slice(subject);
        context
    }
}

fn check(master: &MasterKey, vault_id: &[u8; 16]) -> [u8; 16] {
    truncated(hmac(&master.derive("hourbook/vault/check/v1"), &[vault_id]))
}

fn body_of(records: &[(SubjectId, Slot)]) -> Vec<u8> {
    let mut body = Vec::with_capacity(records.len() * RECORD);
    records.iter().for_each(|(subject, slot)| push_record(&mut body, subject, slot));
    body
}

fn push_record(body: &mut Vec<u8>, subject: &SubjectId, slot: &Slot) {
    let (state, sealed) = match slot {
        Slot::Live(sealed) => (LIVE, *sealed),
        Slot::Destroyed => (DESTROYED, [0; SEALED]),
    };
    body.push(state);
    body.extend_from_slice(subject);
    body.extend_from_slice(&sealed);
}

fn read_records(body: &[u8], slots: &mut FxHashMap<SubjectId, Slot>) -> Option<()> {
    let (records, rest) = body.as_chunks::<RECORD>();
    for record in records {
        let subject = record[1..17].try_into().ok()?;
        let slot = match record[0] {
            LIVE => Slot::Live(record[17..].try_into().ok()?),
            DESTROYED => Slot::Destroyed,
            _ => return None,
        };
        slots.insert(subject, slot);
    }
    rest.is_empty().then_some(())
}

/// Overwrites the destroyed keys in the file that was replaced, with records that leave it well-formed:
/// a backup made by hard links shares these bytes and must stay readable for everybody else.
fn scrub(old: &DiskFile, subjects: &FxHashSet<SubjectId>) -> Result<(), VaultError> {
    frames::scan(old, old.len()?, &mut |offset, body| {
        let mut clean = Vec::with_capacity(body.len());
        for record in body.chunks_exact(RECORD) {
            match subjects.iter().find(|s| record[1..17] == s[..]) {
                Some(subject) => push_record(&mut clean, subject, &Slot::Destroyed),
                None => clean.extend_from_slice(record),
            }
        }
        if clean == body {
            return Ok(());
        }
        Ok(old.write_at(&frames::frame(&clean), offset - frames::FRAME_HEAD as u64)?)
    })?;
    Ok(old.sync_data()?)
}
