//! The values file: sealed openings, each under its subject's key.
//!
//! ```text
//! record = subject (16) || field (1) || commitment (32) || nonce (24) || length (u32 LE) || sealed
//! sealed = XChaCha20-Poly1305(subject's key, nonce, aad = subject || field || commitment, salt || value)
//! ```

use std::path::Path;

use chacha20poly1305::aead::AeadInOut;
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
use parking_lot::RwLock;
use rustc_hash::FxHashMap;
use zeroize::Zeroizing;

use super::error::VaultError;
use super::frames::{Extent, FileHeader, FramedFile};
use crate::commitment::{Commitment, Field, Opening, SubjectId};
use crate::disk::Disk;

pub(super) const KIND: &[u8; 8] = b"hbvalue1";
const AAD: usize = 16 + 1 + 32;
const HEAD: usize = AAD + 24 + 4;
const TAG: usize = 16;
const SALT: usize = 32;
const NO_RECORD: &str = "not a value record";
/// Survivors are rewritten in frames of about this size.
pub(super) const REWRITE_BODY: usize = 1 << 20;

/// Where a record lies in the file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) offset: u64,
    pub(super) length: u32,
}

/// What becomes known about a record when it is durable.
pub(super) struct Note {
    pub(super) commitment: Commitment,
    pub(super) subject: SubjectId,
    pub(super) length: u32,
    pub(super) tag: Option<[u8; 16]>,
}

/// The outside of a record, readable without any key.
pub(super) struct Record<'a> {
    pub(super) subject: SubjectId,
    pub(super) field: Field,
    pub(super) commitment: Commitment,
    /// All of it.
    pub(super) bytes: &'a [u8],
}

pub(super) struct ValueStore {
    pub(super) file: FramedFile<Note>,
    pub(super) index: RwLock<FxHashMap<Commitment, Slot>>,
}

impl ValueStore {
    pub(super) fn create(disk: &Disk, path: &Path, vault_id: [u8; 16]) -> Result<(), VaultError> {
        FramedFile::<Note>::create(disk, path, FileHeader { kind: *KIND, vault_id, check: [0; 16] })
    }

    /// Opens the file and indexes it, unless `begins` objects to how it begins, see [`FramedFile::open`]; also returns how
    /// many torn bytes were cut off. Each record's subject is shown to `see`.
    pub(super) fn open(
        disk: &Disk,
        path: &Path,
        known: &[Extent],
        begins: impl FnOnce(bool, u64) -> Result<(), VaultError>,
        mut see: impl FnMut(SubjectId),
    ) -> Result<(ValueStore, u64), VaultError> {
        let mut index = FxHashMap::default();
        let (file, torn) = FramedFile::open(disk, path, KIND, known, begins, |base, body| {
            each_record(path, base, body, |offset, record| {
                see(record.subject);
                let length = record.bytes.len() as u32;
                index.entry(record.commitment).or_insert(Slot { offset, length });
                Ok(())
            })
        })?;
        Ok((ValueStore { file, index: RwLock::new(index) }, torn))
    }

    pub(super) fn slot(&self, commitment: &Commitment) -> Option<Slot> {
        self.index.read().get(commitment).copied()
    }

    /// Reads the record in `slot` and hands it to `use_record`.
    pub(super) fn with_record<R>(
        &self,
        slot: Slot,
        use_record: impl FnOnce(Record<'_>) -> Result<R, VaultError>,
    ) -> Result<R, VaultError> {
        let bytes = self.file.read_at(slot.offset, slot.length as usize)?;
        let record = Record::read(&bytes).filter(|record| record.bytes.len() == bytes.len());
        use_record(record.ok_or_else(|| self.damaged(slot, NO_RECORD))?)
    }

    pub(super) fn damaged(&self, slot: Slot, what: &'static str) -> VaultError {
        VaultError::Damaged { path: self.file.path.clone(), offset: slot.offset, what }
    }

    /// Rewrites the file with the records that `keep` wants, in their old order; returns how many went.
    /// `before` is told of the old and the new extent before the new file is in place.
    pub(super) fn rewrite(
        &self,
        keep: impl Fn(&Record<'_>, Slot) -> bool,
        before: impl FnOnce(Extent, Extent) -> Result<(), VaultError>,
    ) -> Result<usize, VaultError> {
        let mut old: Vec<Slot> = self.index.read().values().copied().collect();
        old.sort_unstable_by_key(|slot| slot.offset);
        let total = old.len();
        let mut kept = FxHashMap::default();
        let mut slots = old.into_iter();
        let mut at = super::frames::HEADER_LEN as u64;
        let bodies = std::iter::from_fn(|| {
            let mut body = Vec::new();
            let base = at + super::frames::FRAME_HEAD as u64;
            while body.len() < REWRITE_BODY {
                let Some(slot) = slots.next() else { break };
                let looked = self.with_record(slot, |record| {
                    if keep(&record, slot) {
                        let offset = base + body.len() as u64;
                        kept.insert(record.commitment, Slot { offset, length: slot.length });
                        body.extend_from_slice(record.bytes);
                    }
                    Ok(())
                });
                if let Err(error) = looked {
                    return Some(Err(error));
                }
            }
            at = base + body.len() as u64;
            (!body.is_empty()).then_some(Ok(body))
        });
        self.file.replace(bodies, before)?;
        let gone = total - kept.len();
        *self.index.write() = kept;
        Ok(gone)
    }
}

impl<'a> Record<'a> {
    /// Reads the record at the start of `bytes`.
    fn read(bytes: &'a [u8]) -> Option<Record<'a>> {
        let head = bytes.get(..HEAD)?;
        let sealed_length = u32::from_le_bytes(head[AAD + 24..].try_into().ok()?) as usize;
        Some(Record {
            subject: head[..16].try_into().ok()?,
            field: Field::of_tag(head[16])?,
            commitment: Commitment(head[17..AAD].try_into().ok()?),
            bytes: bytes.get(..HEAD.checked_add(sealed_length)?)?,
        })
    }

    /// Decrypts the record. `None` if the key does not fit or anything was changed.
    pub(super) fn unseal(&self, key: &[u8; 32]) -> Option<Opening> {
        let mut plain = Zeroizing::new(self.bytes[HEAD..].to_vec());
        let nonce: &[u8; 24] = self.bytes[AAD..].first_chunk()?;
        XChaCha20Poly1305::new(key.into())
            .decrypt_in_place(nonce.into(), &self.bytes[..AAD], &mut *plain)
            .ok()?;
        let salt = plain.get(..SALT)?.try_into().ok()?;
        let value = std::str::from_utf8(&plain[SALT..]).ok()?.to_owned();
        let opening = Opening { subject: self.subject, field: self.field, salt, value };
        (opening.commitment() == self.commitment).then_some(opening)
    }
}

/// Shows every record of a frame's body, which begins at `base` of the file, with its offset there.
pub(super) fn each_record(
    path: &Path,
    base: u64,
    body: &[u8],
    mut see: impl FnMut(u64, Record<'_>) -> Result<(), VaultError>,
) -> Result<(), VaultError> {
    let mut rest = body;
    while !rest.is_empty() {
        let offset = base + (body.len() - rest.len()) as u64;
        let damaged = || VaultError::Damaged { path: path.to_owned(), offset, what: NO_RECORD };
        let record = Record::read(rest).ok_or_else(damaged)?;
        rest = &rest[record.bytes.len()..];
        see(offset, record)?;
    }
    Ok(())
}

/// Appends the sealed record of `opening` to `body` and returns its length.
pub(super) fn seal(
    body: &mut Vec<u8>,
    opening: &Opening,
    commitment: &Commitment,
    key: &[u8; 32],
    nonce: &[u8; 24],
) -> usize {
    let start = body.len();
    body.extend_from_slice(&opening.subject);
    body.push(opening.field.tag());
    body.extend_from_slice(&commitment.0);
    body.extend_from_slice(nonce);
    let length = sealed_size(opening) - HEAD;
    body.extend_from_slice(&(length as u32).to_le_bytes());
    // Room first, so that no plain text is left behind where the body was.
    body.reserve(length);
    body.extend_from_slice(&opening.salt);
    body.extend_from_slice(opening.value.as_bytes());
    let (head, plain) = body.split_at_mut(start + HEAD);
    let tag = XChaCha20Poly1305::new(key.into())
        .encrypt_inout_detached(nonce.into(), &head[start..start + AAD], plain.into())
        .expect("a value is below the cipher's bound of 256 GB");
    body.extend_from_slice(&tag);
    body.len() - start
}

/// The bytes that `opening` will take in the file.
pub(super) fn sealed_size(opening: &Opening) -> usize {
    HEAD + SALT + opening.value.len() + TAG
}
