//! The vault itself: putting, reading, finding, erasing and collecting.

use std::fmt;
use std::path::Path;

use parking_lot::{Mutex, RwLock};
use rand_core::CryptoRng;
use rustc_hash::{FxHashMap, FxHashSet};
use zeroize::{Zeroize, Zeroizing};

use super::blind::{self, BlindIndex};
use super::error::VaultError;
use super::frames::Extent;
use super::guard::Guard;
use super::keys::{KeyStore, MadeKeys, SubjectKey};
use super::master::{MasterKey, VaultRng, hmac, truncated};
use super::place::{KEYS_DIR, VALUES_DIR, keys_path, values_path};
use super::values::{self, Note, Slot, ValueStore};
use crate::commitment::{Commitment, Field, FieldError, Opening, SubjectId, canonical, is_canonical};
use crate::disk::{Disk, Lock};
use crate::domain::facts::Committing;

/// The most bytes that one [`Vault::put`] writes: about 150,000 short values.
pub const MAX_PUT_BYTES: usize = 32 << 20;

/// A decrypted value. Wiped from memory on drop, never shown by `Debug`.
pub struct SecretValue(Opening);

impl SecretValue {
    /// Whose data it is.
    pub fn subject(&self) -> SubjectId {
        self.0.subject
    }

    /// What kind of value it is.
    pub fn field(&self) -> Field {
        self.0.field
    }

    /// The value itself. Whoever calls this is responsible for who sees it.
    pub fn expose(&self) -> &str {
        &self.0.value
    }

    /// The value with its salt, to prove to somebody what a commitment on the log stands for.
    pub fn into_opening(self) -> Opening {
        self.0
    }
}

impl fmt::Debug for SecretValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretValue({:?}, ..)", self.0.field)
    }
}

/// A moment in the vault's life: see [`Vault::mark`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    serial: u64,
    end: u64,
}

/// What is to become of a vault whose values are not those that its guard vouches for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Lost {
    /// It is not opened.
    #[default]
    Refused,
    /// It is opened, and what is there is vouched for from now on.
    Accepted,
    /// It is opened to be looked at, and stays as it is.
    Shown,
}

/// What to publish about records, each with its place in the body that holds them.
type Notes = Vec<(usize, Note)>;

/// What a collection must respect about the present.
#[derive(Default)]
struct Collecting {
    serial: u64,
    /// Commitments put again since the latest mark: their events may still be on the way.
    put_again: FxHashSet<Commitment>,
}

/// The vault of one ledger. See the module's documentation for its contract.
pub struct Vault {
    /// Puts and reads share it; erasing and rewriting own it.
    pub(super) gate: RwLock<()>,
    pub(super) keys: KeyStore,
    pub(super) values: ValueStore,
    /// What the guard says, as it is on the disk.
    guard: Mutex<Guard>,
    /// Why the values are not those that the guard vouched for, if they were opened all the same.
    fault: Option<VaultError>,
    disk: Disk,
    /// Built at the first find; kept up by puts.
    blind: RwLock<Option<BlindIndex>>,
    collecting: Mutex<Collecting>,
    rng: Mutex<VaultRng>,
    index_key: Zeroizing<[u8; 32]>,
    id_key: Zeroizing<[u8; 32]>,
    torn_bytes: u64,
    /// Held for its lock: one process at a time.
    _lock: Lock,
}

impl Vault {
    /// Makes the directories, the master key and the two empty files for a new ledger in `dir`.
    /// An init that a crash interrupted is completed.
    ///
    /// # Errors
    /// [`VaultError::AlreadyThere`] if there is a vault, [`VaultError::Missing`] if there are keys in use but
    /// no values, or an error of the file system.
    pub fn init(dir: &Path, rng: &mut dyn CryptoRng) -> Result<(), VaultError> {
        Vault::init_on(&Disk::default(), dir, rng)
    }

    /// [`Vault::init`] on any disk.
    ///
    /// # Errors
    /// As [`Vault::init`].
    pub fn init_on(disk: &Disk, dir: &Path, rng: &mut dyn CryptoRng) -> Result<(), VaultError> {
        let (values_path, keys_path) = (values_path(dir), keys_path(dir));
        disk.create_dir(&dir.join(VALUES_DIR))?;
        disk.create_dir(&dir.join(KEYS_DIR))?;
        if disk.exists(&values_path) {
            return Err(VaultError::AlreadyThere(values_path));
        }
        let master = match disk.exists(&MasterKey::path(dir)) {
            true => MasterKey::load_from(disk, dir)?,
            false => MasterKey::create(disk, dir, rng)?,
        };
        if !disk.exists(&keys_path) {
            let mut vault_id = [0; 16];
            rng.fill_bytes(&mut vault_id);
            KeyStore::create(disk, &keys_path, &master, vault_id)?;
        }
        let keys = KeyStore::open(disk, &keys_path, &master)?;
        if !keys.is_empty() {
            return Err(VaultError::Missing(values_path));
        }
        Guard(vec![Extent::EMPTY]).write(disk, &values_path)?;
        ValueStore::create(disk, &values_path, keys.vault_id())
    }

    /// Opens the vault of the ledger in `dir`, cutting off what a crash left half written.
    ///
    /// # Errors
    /// [`VaultError::Missing`], [`VaultError::InUse`], [`VaultError::WrongMaster`], [`VaultError::NotAPair`],
    /// [`VaultError::Damaged`], [`VaultError::Io`].
    pub fn open(dir: &Path, master: MasterKey, rng: VaultRng) -> Result<Vault, VaultError> {
        Vault::open_on(&Disk::default(), dir, master, rng, Lost::Refused)
    }

    /// Opens a vault to look at it, whether or not its values are those that the guard vouches for.
    ///
    /// # Errors
    /// As [`Vault::open`], but for [`VaultError::CutOff`], see [`Vault::fault`].
    pub fn open_to_look(dir: &Path, master: MasterKey, rng: VaultRng) -> Result<Vault, VaultError> {
        Vault::open_on(&Disk::default(), dir, master, rng, Lost::Shown)
    }

    /// [`Vault::open`] on any disk.
    ///
    /// # Errors
    /// As [`Vault::open`].
    pub fn open_on(
        disk: &Disk,
        dir: &Path,
        master: MasterKey,
        rng: VaultRng,
        lost: Lost,
    ) -> Result<Vault, VaultError> {
        let (values_path, keys_path) = (values_path(dir), keys_path(dir));
        let lock = lock(disk, dir)?;
        let mut keys = KeyStore::open(disk, &keys_path, &master)?;
        let (known, mut fault) = match Guard::read(disk, &values_path) {
            Ok(guard) => (guard, None),
            Err(error) if lost == Lost::Refused => return Err(error),
            Err(error) => (Guard(Vec::new()), Some(error)),
        };
        let begins = |is_known: bool, found: u64| {
            if is_known || known.0.is_empty() {
                return Ok(());
            }
            let error = VaultError::CutOff { path: values_path.clone(), found, wanted: known.least() };
            tracing::error!(%error, "the vault is not the one that was");
            if lost == Lost::Refused {
                return Err(error);
            }
            fault = Some(error);
            Ok(())
        };
        let (values, torn_bytes) =
            ValueStore::open(disk, &values_path, &known.0, begins, |subject| keys.note_owner(subject))?;
        if values.file.header.vault_id != keys.vault_id() {
            return Err(VaultError::NotAPair { values: values_path, keys: keys_path });
        }
        if !keys.lost.is_empty() {
            tracing::error!(
                subjects = keys.lost.len(),
                "values without a key: the key file is older than the values"
            );
        }
        let vault = Vault {
            gate: RwLock::new(()),
            keys,
            values,
            guard: Mutex::new(known),
            fault: fault.filter(|_| lost == Lost::Shown),
            disk: disk.clone(),
            blind: RwLock::new(None),
            collecting: Mutex::default(),
            rng: Mutex::new(rng),
            index_key: master.derive("hourbook/vault/blind-index/v1"),
            id_key: master.derive("hourbook/vault/keyed-id/v1"),
            torn_bytes,
            _lock: lock,
        };
        if vault.fault.is_none() {
            vault.vouch()?;
        }
        Ok(vault)
    }

    /// Why the values are not those that the guard vouches for, in a vault that was opened to be looked at.
    pub fn fault(&self) -> Option<&VaultError> {
        self.fault.as_ref()
    }

    /// Has the guard vouch for all values that are durable now. Whoever puts values does so from time to time: what came
    /// since the last time may be missing unnoticed.
    ///
    /// # Errors
    /// Of the file system; then the guard vouches for what it did before.
    pub fn vouch(&self) -> Result<(), VaultError> {
        let _shared = self.gate.read();
        self.vouch_for(vec![self.values.file.extent()])
    }

    fn vouch_for(&self, extents: Vec<Extent>) -> Result<(), VaultError> {
        let mut guard = self.guard.lock();
        if guard.0 != extents {
            let next = Guard(extents);
            next.write(&self.disk, &self.values.file.path)?;
            *guard = next;
        }
        Ok(())
    }

    /// The bytes of values that open cut off: a put that a crash interrupted before it returned.
    pub fn torn_bytes(&self) -> u64 {
        self.torn_bytes
    }

    /// The number of subjects whose values cannot be read because a key backup older than them was restored.
    /// Never above zero after a mere crash.
    pub fn lost_subjects(&self) -> usize {
        self.keys.lost.len()
    }

    /// The number of values, those of erased subjects included until they are collected.
    pub fn len(&self) -> usize {
        self.values.index.read().len()
    }

    /// Whether the vault holds no value.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether [`Vault::put`] would accept these openings. Nothing is stored.
    ///
    /// # Errors
    /// As those of `put` that say that nothing was stored.
    pub fn check(&self, openings: &[Opening]) -> Result<(), VaultError> {
        self.check_committed(openings.iter().map(|opening| (opening.commitment(), opening)))
    }

    /// As [`Vault::check`], for whoever has computed the commitments already.
    pub(crate) fn check_committed<'a>(
        &self,
        openings: impl Iterator<Item = (Commitment, &'a Opening)> + Clone,
    ) -> Result<(), VaultError> {
        check_values(openings.clone().map(|(_, opening)| opening))?;
        let _shared = self.gate.read();
        self.fresh(openings.clone())?;
        self.keys.check_subjects(openings.map(|(_, opening)| &opening.subject))
    }

    /// Stores openings and returns when they are durable: at most one sync for new keys, one for values.
    /// Checks everything before it writes anything. Openings that are there already are skipped.
    ///
    /// # Errors
    /// [`VaultError::BadValue`], [`VaultError::Erased`], [`VaultError::OtherSubject`], [`VaultError::TooMuch`],
    /// [`VaultError::KeyLost`], [`VaultError::Full`]: nothing was stored. Otherwise the vault is to be opened again.
    pub fn put(&self, openings: &[Opening]) -> Result<(), VaultError> {
        self.put_committed(openings.iter().map(|opening| (opening.commitment(), opening)))
    }

    /// As [`Vault::put`], for whoever has computed the commitments already.
    pub(crate) fn put_committed<'a>(
        &self,
        openings: impl Iterator<Item = (Commitment, &'a Opening)> + Clone,
    ) -> Result<(), VaultError> {
        check_values(openings.clone().map(|(_, opening)| opening))?;
        let _shared = self.gate.read();
        let fresh = self.fresh(openings.clone())?;
        let subjects: FxHashSet<SubjectId> = openings.map(|(_, opening)| opening.subject).collect();
        let made = self.keys.ensure(&subjects, &self.rng)?;
        self.values.file.make_room(fresh.iter().map(|(_, opening)| values::sealed_size(opening)).sum())?;
        let mut nonces = vec![[0; 24]; fresh.len()];
        self.rng.lock().fill_bytes(nonces.as_flattened_mut());
        let (body, notes) = self.seal_all(&fresh, &nonces, &made)?;
        self.values.file.commit(&body, notes, |base, notes| self.publish(base, notes))
    }

    /// The value behind `commitment`; `None` if it is not here or its subject was erased.
    ///
    /// # Errors
    /// [`VaultError::KeyLost`], [`VaultError::Damaged`], [`VaultError::Io`].
    pub fn get(&self, commitment: &Commitment) -> Result<Option<SecretValue>, VaultError> {
        let _shared = self.gate.read();
        let Some(slot) = self.values.slot(commitment) else { return Ok(None) };
        Ok(self.read(slot)?.map(SecretValue))
    }

    /// Whether there is a record for `commitment`, readable or not.
    pub fn contains(&self, commitment: &Commitment) -> bool {
        self.values.slot(commitment).is_some()
    }

    /// Whether there is a record for the commitment, readable or not, that is of this kind and subject. Whoever is told
    /// so counts on it: the next collection leaves it alone.
    ///
    /// # Errors
    /// [`VaultError::Damaged`], [`VaultError::Io`].
    pub fn holds(&self, value: &Committing) -> Result<bool, VaultError> {
        let _shared = self.gate.read();
        let Some(slot) = self.values.slot(&value.commitment) else { return Ok(false) };
        self.collecting.lock().put_again.insert(value.commitment);
        self.values
            .with_record(slot, |record| Ok((record.field, record.subject) == (value.field, value.subject)))
    }

    /// Destroys the subject's key for good. True if there was one.
    ///
    /// # Errors
    /// [`VaultError::Io`], [`VaultError::Stopped`]: call it again after reopening.
    pub fn erase(&self, subject: SubjectId) -> Result<bool, VaultError> {
        self.apply_erasures(&[subject]).map(|destroyed| destroyed == 1)
    }

    /// Destroys the keys of all `subjects`, with one rewriting of the key file (none if all are gone already),
    /// and returns how many there were. To be called with all receipts on the log after every open.
    ///
    /// # Errors
    /// As [`Vault::erase`].
    pub fn apply_erasures(&self, subjects: &[SubjectId]) -> Result<usize, VaultError> {
        let _owned = self.gate.write();
        let subjects: FxHashSet<SubjectId> = subjects.iter().copied().collect();
        let result = self.keys.destroy(&subjects);
        let mut blind = self.blind.write();
        match (&result, &mut *blind) {
            (Ok(_), Some(index)) => index.forget(&subjects),
            (Ok(_), None) => {}
            // Some keys may be gone: the next find looks at what is left.
            (Err(_), _) => *blind = None,
        }
        result
    }

    /// Whether the subject's key was destroyed.
    pub fn is_erased(&self, subject: &SubjectId) -> bool {
        matches!(self.keys.get(subject), Ok(SubjectKey::Destroyed))
    }

    /// The keyed tag of a value, equal for equal people: for comparing without showing. `value` may be raw.
    ///
    /// # Errors
    /// [`FieldError`] if the value has no canonical form.
    pub fn blind(&self, field: Field, value: &str) -> Result<[u8; 16], FieldError> {
        let value = Zeroizing::new(canonical(field, value)?);
        Ok(blind::tag(&self.index_key, field, &value))
    }

    /// Who has this value (any spelling of it) in a findable field, sorted; empty for other fields.
    /// The first call after open decrypts all findable values once.
    ///
    /// # Errors
    /// [`VaultError::BadValue`] (index 0) if the value has no canonical form, or as [`Vault::get`].
    pub fn find(&self, field: Field, value: &str) -> Result<Vec<(SubjectId, Commitment)>, VaultError> {
        let tag = self.blind(field, value).map_err(|error| VaultError::BadValue { index: 0, error })?;
        if let Some(index) = &*self.blind.read() {
            return Ok(index.find(&tag));
        }
        self.warm_index()?;
        Ok(self.blind.read().as_ref().map(|index| index.find(&tag)).unwrap_or_default())
    }

    /// Builds the index that [`Vault::find`] needs, if it is not there yet.
    ///
    /// # Errors
    /// As [`Vault::get`].
    pub fn warm_index(&self) -> Result<(), VaultError> {
        let _owned = self.gate.write();
        let mut blind = self.blind.write();
        if blind.is_none() {
            *blind = Some(self.build_index()?);
        }
        Ok(())
    }

    /// An id that only this vault can compute from `parts`, and always computes alike: for rows and activities
    /// of an import, so that the same sheet gives the same ids and nobody else can guess them.
    pub fn keyed_id(&self, domain: &str, parts: &[&[u8]]) -> [u8; 16] {
        let mut message = Vec::new();
        for part in std::iter::once(domain.as_bytes()).chain(parts.iter().copied()) {
            message.extend_from_slice(&(part.len() as u64).to_le_bytes());
            message.extend_from_slice(part);
        }
        let id = truncated(hmac(&self.id_key, &[&message]));
        message.zeroize();
        id
    }

    /// Marks the present. A later [`Vault::collect_orphans`] only looks at what was put before. Between the
    /// two, wait until every write that had put its openings is settled: on the log, or refused.
    /// Only the latest mark counts.
    pub fn mark(&self) -> Mark {
        let _owned = self.gate.write();
        let mut collecting = self.collecting.lock();
        collecting.serial += 1;
        collecting.put_again.clear();
        Mark { serial: collecting.serial, end: self.values.file.extent().end }
    }

    /// Removes the records from before `mark` that `is_referenced` denies or whose subject was erased, and
    /// returns how many. The file is rewritten and swapped in one step; puts wait meanwhile.
    ///
    /// # Errors
    /// [`VaultError::StaleMark`], or as [`Vault::get`].
    pub fn collect_orphans(
        &self,
        mark: Mark,
        is_referenced: impl Fn(&Commitment) -> bool,
    ) -> Result<usize, VaultError> {
        let _owned = self.gate.write();
        let mut collecting = self.collecting.lock();
        if mark.serial != collecting.serial {
            return Err(VaultError::StaleMark);
        }
        let keep = |record: &values::Record<'_>, slot: Slot| {
            let is_young = slot.offset >= mark.end || collecting.put_again.contains(&record.commitment);
            !self.is_erased(&record.subject) && (is_young || is_referenced(&record.commitment))
        };
        // A power cut may leave either file.
        let gone = self.values.rewrite(keep, |old, new| self.vouch_for(vec![old, new]))?;
        self.vouch_for(vec![self.values.file.extent()])?;
        // Offsets have changed, so the mark is used up; the index may name records that went.
        collecting.serial += 1;
        *self.blind.write() = None;
        Ok(gone)
    }

    /// Removes the sealed values that open had found and that no key opens any more, because their subjects were
    /// erased; answers how many. It rewrites the file if there are any, so it belongs to a start.
    ///
    /// # Errors
    /// As [`Vault::collect_orphans`].
    pub fn collect_erased(&self) -> Result<usize, VaultError> {
        if self.keys.of_erased == 0 {
            return Ok(0);
        }
        self.collect_orphans(self.mark(), |_| true)
    }

    /// The openings that are not here yet, without repetitions.
    fn fresh<'a>(
        &self,
        openings: impl Iterator<Item = (Commitment, &'a Opening)>,
    ) -> Result<Vec<(Commitment, &'a Opening)>, VaultError> {
        let mut seen: FxHashMap<Commitment, SubjectId> = FxHashMap::default();
        let mut fresh = Vec::with_capacity(openings.size_hint().0);
        for (commitment, opening) in openings {
            let owner = match seen.get(&commitment) {
                Some(subject) => Some(*subject),
                None => self.owner_of_stored(&commitment)?,
            };
            match owner {
                Some(subject) if subject != opening.subject => {
                    return Err(VaultError::OtherSubject(commitment));
                }
                Some(_) => {}
                None => {
                    seen.insert(commitment, opening.subject);
                    fresh.push((commitment, opening));
                }
            }
        }
        Ok(fresh)
    }

    /// Whose record is stored for `commitment`; notes that somebody counts on it anew.
    fn owner_of_stored(&self, commitment: &Commitment) -> Result<Option<SubjectId>, VaultError> {
        let Some(slot) = self.values.slot(commitment) else { return Ok(None) };
        self.collecting.lock().put_again.insert(*commitment);
        self.values.with_record(slot, |record| Ok(Some(record.subject)))
    }

    fn seal_all(
        &self,
        fresh: &[(Commitment, &Opening)],
        nonces: &[[u8; 24]],
        made: &MadeKeys,
    ) -> Result<(Vec<u8>, Notes), VaultError> {
        let size = fresh.iter().map(|(_, opening)| values::sealed_size(opening)).sum();
        let mut body = Vec::with_capacity(size);
        let mut notes = Vec::with_capacity(fresh.len());
        let mut last: Option<(SubjectId, Zeroizing<[u8; 32]>)> = None;
        for ((commitment, opening), nonce) in fresh.iter().zip(nonces) {
            if last.as_ref().is_none_or(|(subject, _)| *subject != opening.subject) {
                let key = made.get(&opening.subject).cloned();
                last = Some((opening.subject, key.map_or_else(|| self.live_key(&opening.subject), Ok)?));
            }
            let Some((_, key)) = &last else { unreachable!("set just above") };
            let at = body.len();
            let length = values::seal(&mut body, opening, commitment, key, nonce) as u32;
            let findable = opening.field.is_findable();
            let tag = findable.then(|| blind::tag(&self.index_key, opening.field, &opening.value));
            notes.push((at, Note { commitment: *commitment, subject: opening.subject, length, tag }));
        }
        Ok((body, notes))
    }

    fn live_key(&self, subject: &SubjectId) -> Result<Zeroizing<[u8; 32]>, VaultError> {
        match self.keys.get(subject)? {
            SubjectKey::Live(key) => Ok(key),
            SubjectKey::Destroyed => Err(VaultError::Erased(*subject)),
            SubjectKey::Unknown => Err(VaultError::KeyLost(*subject)),
        }
    }

    /// Called once for each durable frame, before its callers return.
    fn publish(&self, base: u64, notes: Notes) {
        let mut index = self.values.index.write();
        let mut blind = self.blind.write();
        for (at, note) in notes {
            let slot = Slot { offset: base + at as u64, length: note.length };
            index.entry(note.commitment).or_insert(slot);
            if let (Some(blind), Some(tag)) = (&mut *blind, note.tag) {
                blind.insert(tag, note.subject, note.commitment);
            }
        }
    }

    fn read(&self, slot: Slot) -> Result<Option<Opening>, VaultError> {
        self.values.with_record(slot, |record| match self.keys.get(&record.subject)? {
            SubjectKey::Destroyed => Ok(None),
            SubjectKey::Unknown => Err(VaultError::KeyLost(record.subject)),
            SubjectKey::Live(key) => {
                let opening = record.unseal(&key);
                opening.map(Some).ok_or_else(|| self.values.damaged(slot, "a sealed value was changed"))
            }
        })
    }

    fn build_index(&self) -> Result<BlindIndex, VaultError> {
        let mut slots: Vec<(Commitment, Slot)> =
            self.values.index.read().iter().map(|(commitment, slot)| (*commitment, *slot)).collect();
        slots.sort_unstable_by_key(|(_, slot)| slot.offset);
        let mut index = BlindIndex::default();
        for (commitment, slot) in slots {
            let is_findable = self.values.with_record(slot, |record| Ok(record.field.is_findable()))?;
            let Some(opening) = is_findable.then(|| self.read(slot)).transpose()?.flatten() else { continue };
            let tag = blind::tag(&self.index_key, opening.field, &opening.value);
            index.insert(tag, opening.subject, commitment);
        }
        Ok(index)
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").field("values", &self.len()).finish_non_exhaustive()
    }
}

fn check_values<'a>(openings: impl Iterator<Item = &'a Opening>) -> Result<(), VaultError> {
    let mut bytes = 0;
    for (index, opening) in openings.enumerate() {
        is_canonical(opening.field, &opening.value).map_err(|error| VaultError::BadValue { index, error })?;
        bytes += values::sealed_size(opening);
    }
    match bytes <= MAX_PUT_BYTES {
        true => Ok(()),
        false => Err(VaultError::TooMuch { bytes, max: MAX_PUT_BYTES }),
    }
}

/// One process at a time. The lock file is never replaced, so the lock stays on what everybody opens.
fn lock(disk: &Disk, dir: &Path) -> Result<Lock, VaultError> {
    let parent = dir.join(VALUES_DIR);
    if !disk.is_dir(&parent) {
        return Err(VaultError::Missing(parent));
    }
    let path = parent.join("lock");
    disk.lock(&path)?.ok_or(VaultError::InUse(path))
}
