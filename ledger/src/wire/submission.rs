//! What clients hand in and get back: envelopes with openings, and receipts.
//!
//! Nothing here is signed as a whole, so it is read as leniently as protobuf is usually read: unknown fields are
//! skipped. What counts is the event in the envelope, which [`super::decode_event`] reads.

use hourbook_proto::v1;
use prost::Message as _;
use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field};

use crate::commitment::{Field, Opening};
use crate::domain::bytes::timely_millis;
use crate::domain::ids::EventId;
use crate::domain::time::Millis;
use crate::dsse::{PAYLOAD_TYPE, SignedEvent};

use crate::format::{Fault, Problem, Read, WireError};

/// Most events in one request.
pub const MAX_SUBMISSIONS: usize = 1024;

/// Most openings with one event; no body has as many commitments.
pub const MAX_OPENINGS: usize = 16;

/// A signed event with the values behind its commitments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// What was signed, as it came.
    pub signed: SignedEvent,
    /// Not yet checked against the event.
    pub openings: Vec<Opening>,
}

/// What the ledger answers once an event is durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// The event.
    pub event: EventId,
    /// Index in the log.
    pub position: u64,
    /// When it was recorded.
    pub recorded_at: Millis,
    /// Index in its stream.
    pub revision: u64,
    /// SHA-256(0x00 || entry).
    pub leaf: [u8; 32],
}

/// Reads an `AppendRequest`. The caller bounds the size of the bytes.
///
/// # Errors
/// The first fault found.
pub fn decode_submissions(bytes: &[u8]) -> Result<Vec<Submission>, WireError> {
    Ok(decode_append(bytes)?.submissions)
}

/// What an `AppendRequest` asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Append {
    /// The events.
    pub submissions: Vec<Submission>,
    /// Whether the answer shall have proofs.
    pub proofs: bool,
}

/// Reads an `AppendRequest` with its wishes for the answer. The caller bounds the size of the bytes.
///
/// # Errors
/// The first fault found.
pub fn decode_append(bytes: &[u8]) -> Result<Append, WireError> {
    check_counts(bytes)?;
    let request = v1::AppendRequest::decode(bytes).map_err(undecodable)?;
    let proofs = !request.without_proofs;
    Ok(Append { submissions: read_submissions(request)?, proofs })
}

/// The submissions of an `AppendRequest` that a transport has decoded.
///
/// # Errors
/// The first fault found.
pub fn read_submissions(request: v1::AppendRequest) -> Result<Vec<Submission>, WireError> {
    let found = request.submissions.len();
    ensure_count("submissions", (1..=MAX_SUBMISSIONS).contains(&found), "1 to 1024", found)?;
    Ok(each("submissions", request.submissions, submission)?)
}

/// The bytes of an `AppendRequest`.
#[must_use]
pub fn encode_submissions(submissions: &[Submission]) -> Vec<u8> {
    let write = |submission: &Submission| v1::Submission {
        envelope: Some(write_envelope(&submission.signed)),
        openings: submission.openings.iter().map(write_opening).collect(),
    };
    let submissions = submissions.iter().map(write).collect();
    v1::AppendRequest { submissions, without_proofs: false }.encode_to_vec()
}

/// Reads an `Envelope`.
///
/// # Errors
/// The first fault found.
pub fn decode_envelope(bytes: &[u8]) -> Result<SignedEvent, WireError> {
    check_signatures(signatures_in(bytes))?;
    Ok(envelope(v1::Envelope::decode(bytes).map_err(undecodable)?)?)
}

/// The bytes of an `Envelope`.
#[must_use]
pub fn encode_envelope(signed: &SignedEvent) -> Vec<u8> {
    write_envelope(signed).encode_to_vec()
}

/// Reads an `AppendResponse`.
///
/// # Errors
/// The first fault found.
pub fn decode_receipts(bytes: &[u8]) -> Result<Vec<Receipt>, WireError> {
    Ok(each("receipts", v1::AppendResponse::decode(bytes).map_err(undecodable)?.receipts, receipt)?)
}

/// An `AppendResponse`, with a proof for each receipt or none at all.
#[must_use]
pub fn write_receipts(receipts: &[Receipt], proofs: Vec<String>) -> v1::AppendResponse {
    let write = |receipt: &Receipt| v1::Receipt {
        event_id: receipt.event.0.to_vec(),
        position: receipt.position,
        recorded_at_ms: receipt.recorded_at.0,
        revision: receipt.revision,
        leaf_hash: receipt.leaf.to_vec(),
    };
    v1::AppendResponse { receipts: receipts.iter().map(write).collect(), proofs }
}

/// The bytes of an `AppendResponse`, with a proof for each receipt or none at all.
#[must_use]
pub fn encode_receipts(receipts: &[Receipt], proofs: Vec<String>) -> Vec<u8> {
    write_receipts(receipts, proofs).encode_to_vec()
}

/// Counts before anything is decoded: an element of a list can be two bytes on the wire and a hundred in memory.
fn check_counts(bytes: &[u8]) -> Read<()> {
    let (mut found, mut fault) = (0, Ok(()));
    visit_fields(bytes, 1, &mut |submission| {
        if fault.is_ok() && found < MAX_SUBMISSIONS {
            let at = |fault: Fault| fault.within(&format!("submissions[{found}]"));
            fault = check_submission(submission).map_err(at);
        }
        found += 1;
    });
    // Bytes that are no message at all have none either: that is for the decoder to say.
    ensure_count("submissions", found <= MAX_SUBMISSIONS, "1 to 1024", found)?;
    fault
}

fn check_submission(bytes: &[u8]) -> Read<()> {
    let (mut openings, mut signatures) = (0, 0);
    visit_fields(bytes, 2, &mut |_| openings += 1);
    // A message that is given twice is merged: the lists in it are joined.
    visit_fields(bytes, 1, &mut |envelope| signatures += signatures_in(envelope));
    check_openings(openings)?;
    check_signatures(signatures).map_err(|fault| fault.within("envelope"))
}

fn check_openings(found: usize) -> Read<()> {
    ensure_count("openings", found <= MAX_OPENINGS, "at most 16", found)
}

fn signatures_in(envelope: &[u8]) -> usize {
    let mut signatures = 0;
    visit_fields(envelope, 3, &mut |_| signatures += 1);
    signatures
}

/// No signature is told by the message itself, in its turn.
fn check_signatures(found: usize) -> Read<()> {
    ensure_count("signatures", found <= 1, "exactly 1", found)
}

fn ensure_count(field: &str, fits: bool, expected: &'static str, found: usize) -> Read<()> {
    if fits { Ok(()) } else { Err(Fault::at(field, Problem::Count { expected: expected.into(), found })) }
}

/// Shows the bytes of each delimited field with this number. It stops at what it cannot read, as the decoder will.
fn visit_fields<'a>(mut bytes: &'a [u8], number: u32, visit: &mut dyn FnMut(&'a [u8])) {
    while let Ok((tag, wire_type)) = decode_key(&mut bytes) {
        if wire_type != WireType::LengthDelimited {
            if skip_field(wire_type, tag, &mut bytes, DecodeContext::default()).is_err() {
                return;
            }
            continue;
        }
        let length = decode_varint(&mut bytes).ok().and_then(|length| usize::try_from(length).ok());
        let Some((value, rest)) = length.and_then(|length| bytes.split_at_checked(length)) else { return };
        if tag == number {
            visit(value);
        }
        bytes = rest;
    }
}

fn submission(message: v1::Submission) -> Read<Submission> {
    check_openings(message.openings.len())?;
    let given = message.envelope.ok_or_else(|| Fault::at("envelope", Problem::Missing))?;
    let signed = envelope(given).map_err(|fault| fault.within("envelope"))?;
    Ok(Submission { signed, openings: each("openings", message.openings, opening)? })
}

fn undecodable(error: prost::DecodeError) -> Fault {
    Fault::at("", Problem::Undecodable(error.to_string()))
}

fn envelope(message: v1::Envelope) -> Read<SignedEvent> {
    if message.payload_type != PAYLOAD_TYPE {
        return Err(Fault::at("payload_type", Problem::Value { expected: PAYLOAD_TYPE }));
    }
    if message.payload.is_empty() {
        return Err(Fault::at("payload", Problem::Missing));
    }
    let [signature] = message.signatures.as_slice() else {
        let found = message.signatures.len();
        return Err(Fault::at("signatures", Problem::Count { expected: "exactly 1".into(), found }));
    };
    let expected = "32 lower-case hexadecimal digits";
    let keyid = |_| Fault::at("signatures[0].keyid", Problem::Value { expected });
    Ok(SignedEvent {
        key_id: signature.keyid.parse().map_err(keyid)?,
        signature: fixed("signatures[0].sig", &signature.sig)?,
        payload: message.payload,
    })
}

fn write_envelope(signed: &SignedEvent) -> v1::Envelope {
    let signature = v1::Signature { sig: signed.signature.to_vec(), keyid: signed.key_id.to_string() };
    v1::Envelope {
        payload: signed.payload.clone(),
        payload_type: PAYLOAD_TYPE.to_owned(),
        signatures: vec![signature],
    }
}

fn opening(message: v1::Opening) -> Read<Opening> {
    let tag = message.field;
    let unknown = || Fault::at("field", Problem::UnknownValue(tag));
    let field = u8::try_from(tag).ok().and_then(Field::of_tag).ok_or_else(unknown)?;
    Ok(Opening {
        subject: fixed("subject", &message.subject)?,
        field,
        salt: fixed("salt", &message.salt)?,
        value: message.value,
    })
}

fn write_opening(opening: &Opening) -> v1::Opening {
    v1::Opening {
        subject: opening.subject.to_vec(),
        field: i32::from(opening.field.tag()),
        salt: opening.salt.to_vec(),
        value: opening.value.clone(),
    }
}

fn receipt(message: v1::Receipt) -> Read<Receipt> {
    Ok(Receipt {
        event: EventId(fixed("event_id", &message.event_id)?),
        position: message.position,
        recorded_at: timely_millis(message.recorded_at_ms).map_err(|fault| fault.within("recorded_at_ms"))?,
        revision: message.revision,
        leaf: fixed("leaf_hash", &message.leaf_hash)?,
    })
}

/// Bytes of a fixed length, as an id, key or digest.
fn fixed<const N: usize>(field: &str, bytes: &[u8]) -> Read<[u8; N]> {
    let found = bytes.len();
    let problem = if found == 0 { Problem::Missing } else { Problem::Length { expected: N, found } };
    bytes.try_into().map_err(|_| Fault::at(field, problem))
}

/// All elements, each read with its place in the list.
fn each<P, T>(field: &str, list: Vec<P>, read: impl Fn(P) -> Read<T>) -> Read<Vec<T>> {
    let read_at = |(at, element)| read(element).map_err(|fault| fault.within(&format!("{field}[{at}]")));
    list.into_iter().enumerate().map(read_at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::KeyId;

    fn at(path: &str, problem: Problem) -> WireError {
        WireError { path: path.to_owned(), problem }
    }

    fn signed() -> SignedEvent {
        SignedEvent { payload: vec![1, 2, 3], key_id: KeyId([0xab; 16]), signature: [7; 64] }
    }

    fn request(change: impl Fn(&mut v1::Submission)) -> Result<Vec<Submission>, WireError> {
        let mut submission = v1::Submission {
            envelope: Some(write_envelope(&signed())),
            openings: vec![v1::Opening {
                subject: vec![1; 16],
                field: 1,
                salt: vec![2; 32],
                value: "李秀英".to_owned(),
            }],
        };
        change(&mut submission);
        let good = submission_of(&signed());
        decode_submissions(
            &v1::AppendRequest { submissions: vec![good, submission], without_proofs: false }.encode_to_vec(),
        )
    }

    fn submission_of(signed: &SignedEvent) -> v1::Submission {
        v1::Submission { envelope: Some(write_envelope(signed)), openings: vec![] }
    }

    fn envelope_of(submission: &mut v1::Submission) -> &mut v1::Envelope {
        submission.envelope.as_mut().unwrap()
    }

    #[test]
    fn submissions_survive_their_bytes() {
        let read = request(|_| ()).unwrap();
        assert_eq!(read.len(), 2);
        assert_eq!(read[0].signed, signed());
        assert_eq!(read[1].openings[0].value, "李秀英");
        assert_eq!(decode_submissions(&encode_submissions(&read)), Ok(read));
    }

    #[test]
    fn an_envelope_survives_its_bytes_and_has_the_numbers_of_dsse() {
        let bytes = encode_envelope(&signed());
        assert_eq!(decode_envelope(&bytes), Ok(signed()));
        let mut expected = vec![0x0a, 3, 1, 2, 3, 0x12, 42];
        expected.extend(b"application/vnd.hourbook.event.v1+protobuf");
        expected.extend([0x1a, 100, 0x0a, 64]);
        expected.extend([7; 64]);
        expected.extend([0x12, 32]);
        expected.extend(b"ab".repeat(16));
        assert_eq!(bytes, expected);
    }

    #[test]
    fn each_fault_is_named_with_its_place() {
        type Change = fn(&mut v1::Submission);
        let fault = |change: Change| request(change).unwrap_err().to_string();
        let cases: [(Change, &str); 9] = [
            (|s| s.envelope = None, "submissions[1].envelope: required, but absent"),
            (|s| envelope_of(s).payload.clear(), "submissions[1].envelope.payload: required, but absent"),
            (
                |s| envelope_of(s).payload_type = "text/plain".into(),
                "submissions[1].envelope.payload_type: expected application/vnd.hourbook.event.v1+protobuf",
            ),
            (
                |s| envelope_of(s).signatures.clear(),
                "submissions[1].envelope.signatures: expected exactly 1 elements, found 0",
            ),
            (
                |s| envelope_of(s).signatures[0].keyid = "AB".repeat(16),
                "submissions[1].envelope.signatures[0].keyid: expected 32 lower-case hexadecimal digits",
            ),
            (
                |s| envelope_of(s).signatures[0].sig.truncate(63),
                "submissions[1].envelope.signatures[0].sig: expected 64 bytes, found 63",
            ),
            (
                |s| s.openings[0].field = 15,
                "submissions[1].openings[0].field: 15 is not a value of this enum",
            ),
            (
                |s| s.openings[0].salt = vec![1; 16],
                "submissions[1].openings[0].salt: expected 32 bytes, found 16",
            ),
            (
                |s| s.openings = vec![s.openings[0].clone(); 17],
                "submissions[1].openings: expected at most 16 elements, found 17",
            ),
        ];
        for (change, expected) in cases {
            assert_eq!(fault(change), expected);
        }
        assert!(decode_submissions(&[]).is_err());
        let many = vec![submission_of(&signed()); MAX_SUBMISSIONS + 1];
        assert!(
            decode_submissions(
                &v1::AppendRequest { submissions: many, without_proofs: false }.encode_to_vec()
            )
            .is_err()
        );
    }

    #[test]
    fn lists_that_would_exhaust_memory_are_counted_before_they_are_decoded() {
        let fault = |bytes: &[u8]| decode_submissions(bytes).unwrap_err();
        let count = |expected: &'static str, found| Problem::Count { expected: expected.into(), found };
        let crowd = [0x0a, 0].repeat(300_000);
        assert_eq!(fault(&crowd), at("submissions", count("1 to 1024", 300_000)));
        // A count is told even where the decoder would not get that far.
        assert_eq!(fault(&[&crowd[..], &[0xff]].concat()).problem, count("1 to 1024", 300_000));
        let within = |submission: &[u8]| {
            let mut bytes = vec![0x0a];
            prost::encoding::encode_varint(submission.len() as u64, &mut bytes);
            bytes.extend_from_slice(submission);
            fault(&bytes)
        };
        let openings = within(&[0x12, 0].repeat(300_000));
        assert_eq!(openings, at("submissions[0].openings", count("at most 16", 300_000)));
        // Two envelopes in one submission are one with both lists joined.
        let signatures = within(&[0x0a, 4, 0x1a, 0, 0x1a, 0].repeat(100_000));
        assert_eq!(signatures, at("submissions[0].envelope.signatures", count("exactly 1", 200_000)));
        let alone = decode_envelope(&[0x1a, 0].repeat(300_000));
        assert_eq!(alone, Err(at("signatures", count("exactly 1", 300_000))));
    }

    #[test]
    fn receipts_survive_their_bytes() {
        let receipt = Receipt {
            event: EventId([9; 16]),
            position: u64::MAX,
            recorded_at: Millis(1_772_409_600_000),
            revision: 0,
            leaf: [3; 32],
        };
        assert_eq!(decode_receipts(&encode_receipts(&[receipt; 2], Vec::new())), Ok(vec![receipt; 2]));
    }

    #[test]
    fn the_schema_has_every_field_of_the_commitments_under_its_tag() {
        for field in Field::ALL {
            let listed = v1::Field::try_from(i32::from(field.tag())).unwrap();
            assert_eq!(format!("{listed:?}"), format!("{field:?}"));
        }
        assert!(v1::Field::try_from(Field::ALL.len() as i32 + 1).is_err());
    }
}
