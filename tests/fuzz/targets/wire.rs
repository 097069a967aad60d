//! What is handed in: events, entries, envelopes and submissions, as protobuf and as JSON.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use ed25519_dalek::SigningKey;
use hourbook_ledger::commitment::{Field, Opening};
use hourbook_ledger::domain::event::Event;
use hourbook_ledger::domain::ids::{EventId, KeyId, PublicKey};
use hourbook_ledger::domain::time::Millis;
use hourbook_ledger::dsse::{self, PAYLOAD_TYPE, SignedEvent};
use hourbook_ledger::envelope::{self, KeyBook, Signature};
use hourbook_ledger::fuzzing::sample_events;
use hourbook_ledger::wire::{
    self, MAX_OPENINGS, MAX_SUBMISSIONS, Receipt, Submission, decode_entry, decode_event, encode_entry,
    encode_event,
};
use hourbook_proto::v1;
use prost::Message as _;

use super::Target;
use super::feed::Feed;

pub(super) fn targets() -> Vec<Target> {
    vec![
        Target { name: "event", run: event, seeds: events, longest: 8_192 },
        Target { name: "entry", run: entry, seeds: entries, longest: 8_192 },
        Target { name: "submissions", run: submissions, seeds: requests, longest: 8_192 },
        Target { name: "receipts", run: receipts, seeds: answers, longest: 1_024 },
        Target { name: "envelope-json", run: envelope_json, seeds: envelopes, longest: 4_096 },
        Target { name: "envelope-check", run: envelope_check, seeds: events, longest: 8_192 },
    ]
}

/// What is read says the same once written and read again; and it is what the generated decoder reads, so that the
/// strict reader adds and forgets nothing.
fn event(bytes: &[u8]) {
    let Ok(event) = decode_event(bytes) else { return };
    let written = encode_event(&event);
    assert_eq!(decode_event(&written).as_ref(), Ok(&event));
    assert!(written.len() <= bytes.len(), "ours is the shortest form");
    let generated = v1::Event::decode(bytes).expect("the strict reader accepts less").encode_to_vec();
    assert_eq!(generated, written, "two readers read two things");
    assert!(written.len() > bytes.len() / 2 || bytes.len() < 64, "the bytes hold what nobody reads");
    for committing in event.body.commitments() {
        assert_ne!(committing.field.max_bytes(), 0);
    }
}

fn events() -> Vec<Vec<u8>> {
    sample_events().iter().map(encode_event).collect()
}

/// The same for entries, whose writer is by hand.
fn entry(bytes: &[u8]) {
    let Ok(entry) = decode_entry(bytes) else { return };
    let written = encode_entry(entry.position, entry.recorded_at, entry.revision, &entry.signed);
    assert_eq!(decode_entry(&written), Ok(entry));
    let generated = v1::Entry::decode(bytes).expect("the strict reader accepts less").encode_to_vec();
    assert_eq!(generated, written, "two readers read two things");
}

fn signed(event: &Event) -> SignedEvent {
    SignedEvent::sign(&SigningKey::from_bytes(&[7; 32]), encode_event(event))
}

fn entries() -> Vec<Vec<u8>> {
    let numbered = sample_events().into_iter().enumerate().step_by(9);
    numbered
        .map(|(at, event)| encode_entry(at as u64 * 1000, event.occurred_at, at as u64, &signed(&event)))
        .collect()
}

/// Read, written and read again they are the same, and within the bounds that memory depends on. A lone envelope is read
/// as the same envelope in a submission.
fn submissions(bytes: &[u8]) {
    if let Ok(read) = wire::decode_submissions(bytes) {
        assert!((1..=MAX_SUBMISSIONS).contains(&read.len()));
        assert!(read.iter().all(|submission| submission.openings.len() <= MAX_OPENINGS));
        assert_eq!(wire::decode_submissions(&wire::encode_submissions(&read)).as_ref(), Ok(&read));
    }
    let alone = wire::decode_envelope(bytes);
    let wrapped = v1::AppendRequest {
        submissions: vec![v1::Submission {
            envelope: v1::Envelope::decode(bytes).ok(),
            openings: Vec::new(),
        }],
        without_proofs: false,
    };
    let within = wire::decode_submissions(&wrapped.encode_to_vec());
    assert_eq!(alone.clone().ok(), within.ok().map(|mut all| all.remove(0).signed));
    if let Ok(signed) = alone {
        assert_eq!(wire::decode_envelope(&wire::encode_envelope(&signed)), Ok(signed));
    }
}

fn requests() -> Vec<Vec<u8>> {
    let of = |count: usize, openings: usize| {
        let one = |event: &Event| Submission {
            signed: signed(event),
            openings: (0..openings)
                .map(|salt| Opening {
                    subject: [1; 16],
                    field: Field::ALL[salt % 14],
                    salt: [salt as u8; 32],
                    value: "李秀英".to_owned(),
                })
                .collect(),
        };
        wire::encode_submissions(&sample_events().iter().take(count).map(one).collect::<Vec<_>>())
    };
    vec![of(1, 0), of(3, 2), of(1, 16), wire::encode_envelope(&signed(&sample_events()[0]))]
}

fn receipts(bytes: &[u8]) {
    let Ok(read) = wire::decode_receipts(bytes) else { return };
    assert_eq!(wire::decode_receipts(&wire::encode_receipts(&read, Vec::new())), Ok(read));
}

fn answers() -> Vec<Vec<u8>> {
    let receipt = |position| Receipt {
        event: EventId([9; 16]),
        position,
        recorded_at: Millis(1_795_140_000_000),
        revision: position / 2,
        leaf: [3; 32],
    };
    vec![
        wire::encode_receipts(&[receipt(0)], Vec::new()),
        wire::encode_receipts(&[receipt(1), receipt(u64::MAX)], vec!["proof".to_owned()]),
    ]
}

/// An envelope reads as a naive look at its JSON says, is written in one form, and reads the same as in protobuf.
fn envelope_json(bytes: &[u8]) {
    let read = SignedEvent::from_json(bytes);
    let Ok(signed) = read else { return };
    assert_eq!(SignedEvent::from_json(signed.to_json().as_bytes()).as_ref(), Ok(&signed));
    assert!(std::str::from_utf8(bytes).is_ok(), "JSON is UTF-8, also where nobody looks");
    // A number beyond all range, or half a surrogate, may stand where nobody looks.
    let Ok(json) = serde_json::from_slice::<serde_json::Value>(bytes) else { return };
    assert_eq!(json["payloadType"], PAYLOAD_TYPE);
    assert_eq!(json["signatures"].as_array().map(Vec::len), Some(1));
    let text = |value: &serde_json::Value| naive_base64(value.as_str().expect("a text"));
    assert_eq!(text(&json["payload"]), signed.payload);
    assert_eq!(text(&json["signatures"][0]["sig"]), signed.signature);
    assert_eq!(json["signatures"][0]["keyid"], signed.key_id.to_string());
    if !signed.payload.is_empty() {
        assert_eq!(wire::decode_envelope(&wire::encode_envelope(&signed)), Ok(signed));
    }
}

fn naive_base64(text: &str) -> Vec<u8> {
    let bare = text.trim_end_matches('=');
    URL_SAFE_NO_PAD.decode(bare).or_else(|_| STANDARD_NO_PAD.decode(bare)).expect("it was read as base64")
}

fn envelopes() -> Vec<Vec<u8>> {
    let json = signed(&sample_events()[0]).to_json();
    let url_safe = json.replace('+', "-").replace('/', "_").replace("application_vnd", "application/vnd");
    let short = SignedEvent::sign(&SigningKey::from_bytes(&[9; 32]), vec![0xfb, 0xff]).to_json();
    vec![json.into_bytes(), url_safe.into_bytes(), short.replace('=', "").into_bytes(), short.into_bytes()]
}

/// A signature is good if and only if the bytes are the signed ones, and no event passes that the ledger could not read
/// again from its log.
fn envelope_check(bytes: &[u8]) {
    let key = SigningKey::from_bytes(&[7; 32]);
    let book = KeyBook::default();
    book.add(PublicKey(key.verifying_key().to_bytes()));
    let signed = SignedEvent::sign(&key, bytes.to_vec());
    assert_eq!(dsse::verify(&key.verifying_key(), &signed), Ok(()));
    let submission = Submission { signed: signed.clone(), openings: Vec::new() };
    let checked = envelope::check(submission, &book, |_| true);
    if let Ok(event) = &checked.event {
        assert_eq!((checked.signature, checked.openings.as_ref()), (Signature::Good, Ok(&())));
        assert_eq!(event.stream, event.body.stream(event.id));
        let entry = encode_entry(u64::MAX, event.occurred_at, u64::MAX, &signed);
        assert!(entry.len() <= hourbook_ledger::engine::MAX_ENTRY_BYTES);
        let again = decode_entry(&entry).expect("an accepted event makes an entry that can be read");
        assert_eq!(decode_event(&again.signed.payload).as_ref(), Ok(event));
    }
    let mut feed = Feed::new(bytes);
    let mut other = signed.clone();
    match feed.byte() % 4 {
        0 => feed.damage(&mut other.payload, 3),
        1 => other.signature[usize::from(feed.byte() % 64)] ^= feed.byte(),
        2 => other.key_id = KeyId(feed.array()),
        _ => other.signature = feed.array(),
    }
    let verdict = envelope::verify(book.get(other.key_id), &other);
    assert_eq!(verdict == Signature::Good, other == signed, "{verdict:?}");
    assert_eq!(envelope::digest(&other) == envelope::digest(&signed), other == signed);
}
