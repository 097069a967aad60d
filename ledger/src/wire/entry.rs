//! Log entries.

use std::borrow::Cow;

use hourbook_proto::{schema, v1};
use prost::Message as _;
use prost::encoding::{WireType, encode_key, encode_varint};

use crate::domain::ids::KeyId;
use crate::domain::time::Millis;
use crate::dsse::SignedEvent;

use super::error::{Problem, WireError};
use super::quick;
use super::read::{fixed, millis};
use super::scan::scan;

/// One entry of the log; its encoded bytes are a leaf of the Merkle tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Index in the log.
    pub position: u64,
    /// When the ledger recorded it.
    pub recorded_at: Millis,
    /// Index in the stream.
    pub revision: u64,
    /// What was signed, as it came.
    pub signed: SignedEvent,
}

/// The bytes of an entry. Written by hand, for the sequencer writes one for every event: nothing is copied twice.
#[must_use]
pub fn encode_entry(position: u64, recorded_at: Millis, revision: u64, signed: &SignedEvent) -> Vec<u8> {
    let mut out = Vec::with_capacity(signed.payload.len() + 112);
    if position != 0 {
        encode_key(1, WireType::Varint, &mut out);
        encode_varint(position, &mut out);
    }
    if recorded_at.0 != 0 {
        encode_key(2, WireType::Varint, &mut out);
        encode_varint(recorded_at.0.cast_unsigned(), &mut out);
    }
    for (number, bytes) in [(3, &signed.payload[..]), (4, &signed.key_id.0[..]), (5, &signed.signature[..])] {
        if !bytes.is_empty() {
            encode_key(number, WireType::LengthDelimited, &mut out);
            encode_varint(bytes.len() as u64, &mut out);
            out.extend_from_slice(bytes);
        }
    }
    if revision != 0 {
        encode_key(6, WireType::Varint, &mut out);
        encode_varint(revision, &mut out);
    }
    out
}

/// An entry whose event is still where it was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryView<'a> {
    /// Index in the log.
    pub position: u64,
    /// When the ledger recorded it.
    pub recorded_at: Millis,
    /// Index in the stream.
    pub revision: u64,
    /// The bytes of the event.
    pub payload: Cow<'a, [u8]>,
    /// Whose signature it is.
    pub key_id: KeyId,
    /// The signature.
    pub signature: [u8; 64],
}

impl EntryView<'_> {
    /// The entry by itself.
    #[must_use]
    pub fn into_entry(self) -> Entry {
        let Self { position, recorded_at, revision, payload, key_id, signature } = self;
        Entry {
            position,
            recorded_at,
            revision,
            signed: SignedEvent { payload: payload.into_owned(), key_id, signature },
        }
    }
}

/// Reads an entry as strictly as an event. The event in it stays as it is.
///
/// # Errors
/// The first fault found.
pub fn decode_entry(bytes: &[u8]) -> Result<Entry, WireError> {
    view_entry(bytes).map(EntryView::into_entry)
}

/// As [`decode_entry`], without taking the event out.
///
/// # Errors
/// The first fault found.
pub fn view_entry(bytes: &[u8]) -> Result<EntryView<'_>, WireError> {
    if let Some(view) = quick::entry(bytes) {
        return Ok(view);
    }
    let Entry { position, recorded_at, revision, signed } = decode_any_entry(bytes)?;
    let SignedEvent { payload, key_id, signature } = signed;
    Ok(EntryView { position, recorded_at, revision, payload: payload.into(), key_id, signature })
}

/// As [`decode_entry`], in two passes: whatever the schema allows, with the name of each fault.
///
/// # Errors
/// The first fault found.
pub fn decode_any_entry(bytes: &[u8]) -> Result<Entry, WireError> {
    scan(bytes, &schema::ENTRY)?;
    let entry = v1::Entry::decode(bytes).map_err(undecodable)?;
    if entry.event.is_empty() {
        return Err(WireError::at("event", Problem::Missing));
    }
    let recorded_at = millis("recorded_at_ms", entry.recorded_at_ms)?;
    let key_id = fixed("key_id", &entry.key_id, KeyId)?;
    let signature = fixed("signature", &entry.signature, |bytes| bytes)?;
    let signed = SignedEvent { payload: entry.event, key_id, signature };
    Ok(Entry { position: entry.position, recorded_at, revision: entry.revision, signed })
}

pub(super) fn undecodable(error: prost::DecodeError) -> WireError {
    WireError::at("", Problem::Undecodable(error.to_string()))
}
