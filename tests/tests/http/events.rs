//! Handing events in.

use hourbook_ledger::domain::event::{Body, RevocationReason};
use hourbook_ledger::envelope::Submission;
use hourbook_ledger::wire;
use hourbook_proto::v1;
use hourbook_tests::server::{Answer, actor, person};
use hourbook_tests::town::*;
use prost::Message as _;
use serde_json::Value;

/// The lasting part of an answer.
fn receipts(answer: &Answer) -> Value {
    answer.json()["receipts"].clone()
}

fn consent(agreed: bool) -> Body {
    Body::public_name(person(ANN), agreed)
}

#[test]
fn a_replay_gets_the_original_receipt_after_revocation_and_restart() {
    let town = Town::start();
    let first = town.by(ANN, consent(true));
    let original = town.server.append(std::slice::from_ref(&first));
    assert_eq!(original.status, 201);
    let again = town.server.append(std::slice::from_ref(&first));
    assert_eq!((again.status, receipts(&again)), (200, receipts(&original)));

    let key = actor(ANN).key_id();
    town.must(ANN, Body::key_revoked(person(ANN), key, RevocationReason::Lost), vec![]);
    assert_eq!(town.say(ANN, consent(false), vec![]).code(), "key-revoked");
    let revoked = town.server.append(std::slice::from_ref(&first));
    assert_eq!((revoked.status, receipts(&revoked)), (200, receipts(&original)));

    let server = town.server.restart();
    server.pass(60, 0);
    let later = server.append(&[first]);
    assert_eq!((later.status, receipts(&later)), (200, receipts(&original)));
}

#[test]
fn a_batch_is_accepted_or_refused_whole() {
    let town = Town::start();
    let good = town.by(ANN, consent(true));
    let bad = town.by(BEN, consent(true));
    let before = town.server.get("/v1/ledger").json();
    let answer = town.server.append(&[good.clone(), bad]);
    assert_eq!((answer.status, answer.code().as_str()), (403, "not-authorised"));
    assert_eq!(answer.json()["index"], 1);
    assert_eq!(town.server.get("/v1/ledger").json(), before, "nothing was recorded");
    assert_eq!(town.server.append(&[good]).status, 201, "the good one alone is new");
}

#[test]
fn protobuf_and_json_give_the_same_receipts() {
    let town = Town::start();
    let submission = town.registration(WORKER, person(50), GRID, "新人甲");
    let json = town.server.append(std::slice::from_ref(&submission));
    assert_eq!(json.status, 201, "{}", json.text());
    let request = protobuf(&[submission]);
    let headers = [("content-type", "application/x-protobuf")];
    let answer = town.server.send("POST", "/v1/events", &headers, &request);
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/x-protobuf")));
    let receipt = v1::AppendResponse::decode(&answer.bytes[..]).unwrap().receipts.remove(0);
    let shown = &json.json()["receipts"][0];
    assert_eq!(shown["position"], receipt.position);
    assert_eq!(shown["leaf_hash"], hex::encode(&receipt.leaf_hash));
    assert_eq!(shown["event"], uuid::Uuid::from_slice(&receipt.event_id).unwrap().to_string());

    let headers = [("content-type", "application/protobuf"), ("accept", "application/json")];
    let answer = town.server.send("POST", "/v1/events", &headers, &request);
    assert_eq!((answer.status, receipts(&answer)), (200, receipts(&json)));
}

#[test]
fn a_new_event_in_protobuf_brings_its_openings() {
    let town = Town::start();
    let submission = town.registration(WORKER, person(50), GRID, "新人甲");
    let headers = [("content-type", "application/protobuf")];
    let answer =
        town.server.send("POST", "/v1/events", &headers, &protobuf(std::slice::from_ref(&submission)));
    assert_eq!(answer.status, 201, "{}", answer.text());
    let value = town.server.app.vault.get(&submission.openings[0].commitment()).unwrap();
    assert_eq!(value.unwrap().expose(), "新人甲");
}

fn protobuf(submissions: &[Submission]) -> Vec<u8> {
    let one = |s: &Submission| v1::Submission {
        envelope: Some(v1::Envelope {
            payload: s.signed.payload.clone(),
            payload_type: hourbook_ledger::dsse::PAYLOAD_TYPE.to_owned(),
            signatures: vec![v1::Signature {
                sig: s.signed.signature.to_vec(),
                keyid: s.signed.key_id.to_string(),
            }],
        }),
        openings: s
            .openings
            .iter()
            .map(|o| v1::Opening {
                subject: o.subject.to_vec(),
                field: i32::from(o.field.tag()),
                salt: o.salt.to_vec(),
                value: o.value.clone(),
            })
            .collect(),
    };
    let submissions = submissions.iter().map(one).collect();
    v1::AppendRequest { submissions, without_proofs: false }.encode_to_vec()
}

#[test]
fn a_single_envelope_is_a_body_too() {
    let town = Town::start();
    let envelope: Value = serde_json::from_str(&town.by(ANN, consent(true)).signed.to_json()).unwrap();
    assert_eq!(town.server.post("/v1/events", &envelope).status, 201);
}

/// Protobuf has more than one encoding of an event. A signature is over the bytes that were signed: over the other
/// encoding, even of the same event, it is none.
#[test]
fn a_signature_over_re_encoded_bytes_is_refused() {
    let town = Town::start();
    let signed = town.by(ANN, consent(true)).signed;
    let other = not_canonical(&signed.payload);
    let same = wire::decode_event(&other).unwrap();
    assert_eq!(same, wire::decode_event(&signed.payload).unwrap(), "the same event in other bytes");

    let mut swapped = signed.clone();
    swapped.payload.clone_from(&other);
    let answer = town.server.append(&[Submission { signed: swapped, openings: vec![] }]);
    assert_eq!((answer.status, answer.code().as_str()), (403, "bad-signature"));

    let own = hourbook_ledger::dsse::SignedEvent::sign(&hourbook_tests::server::key(ANN), other.clone());
    let mut canonical = own.clone();
    canonical.payload = wire::encode_event(&same);
    assert_ne!(canonical.payload, other);
    let answer = town.server.append(&[Submission { signed: canonical, openings: vec![] }]);
    assert_eq!(answer.code(), "bad-signature", "decoded and encoded again");
    let answer = town.server.append(&[Submission { signed: own, openings: vec![] }]);
    assert_eq!(answer.status, 201, "as it was signed: {}", answer.text());
}

/// The same fields with the last one first: another encoding of the same message.
fn not_canonical(payload: &[u8]) -> Vec<u8> {
    let fields = fields(payload);
    let (last, rest) = fields.split_last().expect("an event has fields");
    std::iter::once(last).chain(rest).flat_map(|field| field.iter().copied()).collect()
}

fn fields(mut bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        let all = bytes;
        let (_, kind) = prost::encoding::decode_key(&mut bytes).expect("a tag");
        match kind {
            prost::encoding::WireType::Varint => {
                prost::encoding::decode_varint(&mut bytes).expect("a number");
            }
            prost::encoding::WireType::LengthDelimited => {
                let length = prost::encoding::decode_varint(&mut bytes).expect("a length") as usize;
                bytes = &bytes[length..];
            }
            other => panic!("{other:?} is not used by the schema"),
        }
        fields.push(all[..all.len() - bytes.len()].to_vec());
    }
    fields
}

#[test]
fn a_full_queue_answers_503_and_takes_nothing() {
    let server = hourbook_tests::server::Server::start_with(|options| {
        options.node.queue = 1;
        options.node.verifiers = 1;
    });
    let town = Town::on(server);
    let (held, release) = (std::sync::mpsc::channel(), std::sync::mpsc::channel::<()>());
    // The writer stands still in a look until the test lets it go.
    let handle = town.server.app.handle.clone();
    let looking = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let look = handle.read_state(move |_, _| {
            held.0.send(()).unwrap();
            let _ = release.1.recv();
        });
        runtime.block_on(look).unwrap();
    });
    held.1.recv().unwrap();
    // The verifier goes on taking work ahead of the writer, so it is held up too, by a batch that takes long to check.
    let town = &town;
    let answers = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..24)
            .map(|_| {
                let big: Vec<Submission> = (0..512).map(|i| town.by(ANN, consent(i % 2 == 0))).collect();
                scope.spawn(move || town.server.append(&big))
            })
            .collect();
        std::thread::sleep(std::time::Duration::from_millis(1_500));
        release.0.send(()).unwrap();
        clients.into_iter().map(|client| client.join().unwrap()).collect::<Vec<_>>()
    });
    looking.join().unwrap();
    let busy: Vec<_> = answers.iter().filter(|answer| answer.status == 503).collect();
    assert!(!busy.is_empty(), "{:?}", answers.iter().map(|a| a.status).collect::<Vec<_>>());
    for answer in busy {
        assert_eq!((answer.code().as_str(), answer.header("retry-after")), ("busy", Some("1")));
        assert_eq!(answer.json()["transient"], true);
    }
    let taken = answers.iter().filter(|answer| answer.status == 201).count();
    assert!(taken > 0, "what was taken is answered");
}
