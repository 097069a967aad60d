//! Handing events in.

use hourbook_ledger::commitment::Field;
use hourbook_ledger::domain::event::{Body, RevocationReason, SessionEvent};
use hourbook_ledger::envelope::Submission;
use hourbook_ledger::merkle::Hash;
use hourbook_ledger::note::VerifierKey;
use hourbook_ledger::proof::TlogProof;
use hourbook_tests::server::{actor, person};
use hourbook_tests::town::*;
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::client::*;

#[test]
fn a_replay_gets_the_original_receipt_after_revocation_and_restart() {
    let town = Town::start();
    let client = Client::new(&town.server);
    let first = town.by(ANN, consent(true));
    let original = client.append(std::slice::from_ref(&first)).unwrap();
    let again = client.append(std::slice::from_ref(&first)).unwrap();
    assert_eq!(again.receipts, original.receipts);
    let http = town.server.append(std::slice::from_ref(&first)).json();
    assert_eq!(
        http["receipts"][0]["position"], original.receipts[0].position,
        "one ledger behind both faces"
    );

    let key = actor(ANN).key_id();
    town.must(ANN, Body::key_revoked(person(ANN), key, RevocationReason::Lost), vec![]);
    let refused = client.append(&[town.by(ANN, consent(false))]).unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::PermissionDenied, "key-revoked"));
    assert_eq!(client.append(std::slice::from_ref(&first)).unwrap().receipts, original.receipts);
    drop(client);

    let server = town.server.restart();
    server.pass(60, 0);
    let later = Client::new(&server).append(&[first]).unwrap();
    assert_eq!(later.receipts, original.receipts);
}

#[test]
fn each_receipt_comes_with_a_proof_unless_none_is_wanted() {
    let town = Town::start();
    let client = Client::new(&town.server);
    let batch = [town.by(ANN, consent(true)), town.by(ANN, consent(false))];
    let answer = client.append(&batch).unwrap();
    let key: VerifierKey = town.server.get("/log.vkey").text().trim().parse().unwrap();
    assert_eq!(answer.proofs.len(), 2);
    for (receipt, proof) in answer.receipts.iter().zip(&answer.proofs) {
        let leaf: Hash = receipt.leaf_hash.clone().try_into().unwrap();
        let proof = TlogProof::parse(proof.as_bytes()).unwrap();
        assert_eq!(proof.index, receipt.position);
        proof.verify(&leaf, &key, &[]).unwrap();
    }
    let bare = hourbook_proto::v1::AppendRequest { without_proofs: true, ..append_request(&batch) };
    let bare = client.runtime.block_on(async { client.service().append(bare).await }).unwrap().into_inner();
    assert_eq!((bare.receipts, bare.proofs.len()), (answer.receipts, 0));
}

#[test]
fn a_refusal_carries_its_code_and_the_event_that_it_is_about() {
    let town = Town::start();
    let client = Client::new(&town.server);
    let before = size(&town.server);
    let refused = client.append(&[town.by(ANN, consent(true)), town.by(BEN, consent(true))]).unwrap_err();
    let info = refused.get_details_error_info().unwrap();
    assert_eq!((refused.code(), info.reason.as_str()), (Code::PermissionDenied, "not-authorised"));
    assert_eq!((info.domain.as_str(), info.metadata["index"].as_str()), ("hourbook", "1"));
    assert!(!info.metadata["zh"].is_ascii() && info.metadata["transient"] == "true");
    assert_eq!(size(&town.server), before, "nothing was recorded");

    for (request, code, name) in [
        (hourbook_proto::v1::AppendRequest::default(), Code::InvalidArgument, "batch-size"),
        (append_request(&vec![town.by(ANN, consent(true)); 1_025]), Code::InvalidArgument, "batch-size"),
        (
            hourbook_proto::v1::AppendRequest {
                submissions: vec![hourbook_proto::v1::Submission::default()],
                without_proofs: false,
            },
            Code::InvalidArgument,
            "malformed",
        ),
    ] {
        let refused = client.runtime.block_on(async { client.service().append(request).await }).unwrap_err();
        assert_eq!((refused.code(), reason(&refused).as_str()), (code, name), "{refused:?}");
    }
    let mut huge = append_request(&[town.by(ANN, consent(true))]);
    huge.submissions[0].envelope.as_mut().unwrap().payload = vec![0; 9 << 20];
    let refused = client.runtime.block_on(async { client.service().append(huge).await }).unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::InvalidArgument, "too-large"));
    // A filter's kind is where an append has a submission.
    let unreadable =
        hourbook_proto::v1::Filter { kinds: vec!["no submission".to_owned()], ..Default::default() };
    let refused = client.runtime.block_on(async {
        let mut grpc = tonic::client::Grpc::new(client.channel.clone());
        grpc.ready().await.unwrap();
        let codec = tonic_prost::ProstCodec::<_, hourbook_proto::v1::AppendResponse>::default();
        let path = "/hourbook.v1.LedgerService/Append".try_into().unwrap();
        grpc.unary(tonic::Request::new(unreadable), path, codec).await.unwrap_err()
    });
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::InvalidArgument, "malformed"));
}

#[test]
fn codes_that_are_tried_out_over_both_faces_are_counted_together() {
    let town = Town::start();
    let client = Client::new(&town.server);
    let until = town.server.now().plus_days(1);
    let guess = |code: usize| {
        let code = opening(person(OLD).0, Field::Code, &format!("{code:08}"));
        let body =
            Body::Session(SessionEvent::Granted { person: person(OLD), code: code.commitment(), until });
        Submission { openings: vec![code], ..town.by(WORKER, body) }
    };
    // A batch that is always refused, for its last.
    let batch = |from: usize| {
        let guesses = (from..from + 15).map(guess);
        guesses.chain([town.registration(WORKER, person(BEN), GRID, "本杰明")]).collect::<Vec<_>>()
    };
    for from in [0, 100] {
        assert_eq!(reason(&client.append(&batch(from)).unwrap_err()), "already-exists");
        assert_eq!(town.server.append(&batch(from + 50)).code(), "already-exists");
    }
    let refused = client.append(&batch(200)).unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::ResourceExhausted, "too-many-codes"));
    let wait = refused.get_details_retry_info().unwrap().retry_delay.unwrap();
    assert_eq!(wait.as_secs(), 3_601);
    assert_eq!(town.server.append(&batch(250)).code(), "too-many-codes");
}
