//! Log entries.

use crate::domain::ids::KeyId;
use crate::domain::time::Millis;
use crate::dsse::SignedEvent;
use crate::format::{
    DELIMITED, Fault, Field, Input, Problem, Read, VARINT, WireError, choose, stray, write_key, write_varint,
};

/// The fields of an entry with their wire types.
const FIELDS: [(u32, &str, u8); 6] = [
    (1, "position", VARINT),
    (2, "recorded_at_ms", VARINT),
    (3, "event", DELIMITED),
    (4, "key_id", DELIMITED),
    (5, "signature", DELIMITED),
    (6, "revision", VARINT),
];

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
    position.put(1, &mut out);
    recorded_at.put(2, &mut out);
    if !signed.payload.is_empty() {
        write_key(3, DELIMITED, &mut out);
        write_varint(signed.payload.len() as u64, &mut out);
        out.extend_from_slice(&signed.payload);
    }
    signed.key_id.put(4, &mut out);
    signed.signature.put(5, &mut out);
    revision.put(6, &mut out);
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
    pub payload: &'a [u8],
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
            signed: SignedEvent { payload: payload.to_vec(), key_id, signature },
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
    Ok(view(&mut Input::new(bytes))?)
}

fn view<'a>(input: &mut Input<'a>) -> Read<EntryView<'a>> {
    let (mut position, mut recorded_at, mut revision) = (None, None, None);
    let (mut payload, mut key_id, mut signature) = (None::<&[u8]>, None, None);
    while !input.is_empty() {
        let before = input.len();
        <u64 as Field>::take(&mut position, 1, "position", input)?;
        <Millis as Field>::take(&mut recorded_at, 2, "recorded_at_ms", input)?;
        if input.is_next(3, DELIMITED) {
            choose(&mut payload, "event", (DELIMITED, DELIMITED), input, |slot, input| {
                *slot = Some(input.delimited()?);
                Ok(())
            })?;
        }
        <KeyId as Field>::take(&mut key_id, 4, "key_id", input)?;
        <[u8; 64] as Field>::take(&mut signature, 5, "signature", input)?;
        <u64 as Field>::take(&mut revision, 6, "revision", input)?;
        if input.len() == before {
            return Err(stray(*input, &FIELDS));
        }
    }
    let missing = |name| move || Fault::at(name, Problem::Missing);
    Ok(EntryView {
        position: position.unwrap_or_default(),
        recorded_at: recorded_at.unwrap_or(Millis(0)),
        revision: revision.unwrap_or_default(),
        payload: payload.filter(|payload| !payload.is_empty()).ok_or_else(missing("event"))?,
        key_id: key_id.ok_or_else(missing("key_id"))?,
        signature: signature.ok_or_else(missing("signature"))?,
    })
}
