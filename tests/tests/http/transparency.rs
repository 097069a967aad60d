//! What a stranger can check: tiles, proofs, consistency, and what is not for strangers.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hourbook_ledger::domain::event::Body;
use hourbook_ledger::merkle::{Hash, leaf_hash, verify_consistency};
use hourbook_ledger::note::VerifierKey;
use hourbook_ledger::proof::TlogProof;
use hourbook_proto::v1;
use hourbook_tests::server::{Server, person};
use hourbook_tests::town::*;
use prost::Message as _;
use serde_json::Value;

fn vkey(server: &Server) -> VerifierKey {
    server.get("/log.vkey").text().trim().parse().expect("a key")
}

fn hash(value: &Value) -> Hash {
    let text = value.as_str().expect("a text");
    STANDARD.decode(text).expect("base64").try_into().expect("32 bytes")
}

#[test]
fn the_answer_to_an_append_proves_each_event() {
    let town = Town::start();
    let key = vkey(&town.server);
    let batch = [50, 51, 52].map(|seed| town.registration(WORKER, person(seed), GRID, "新人甲"));
    let answer = town.server.append(&batch);
    assert_eq!(answer.status, 201, "{}", answer.text());
    let (receipts, proofs) = (&answer.json()["receipts"], &answer.json()["proofs"]);
    assert_eq!(proofs.as_array().unwrap().len(), 3);
    for (receipt, proof) in receipts.as_array().unwrap().iter().zip(proofs.as_array().unwrap()) {
        let proof = TlogProof::parse(proof.as_str().unwrap().as_bytes()).unwrap();
        assert_eq!(receipt["position"], proof.index);
        let leaf: Hash = hex::decode(receipt["leaf_hash"].as_str().unwrap()).unwrap().try_into().unwrap();
        assert!(proof.verify(&leaf, &key, &[]).unwrap().checkpoint.size > proof.index);
        assert!(proof.verify(&leaf_hash(b"another"), &key, &[]).is_err());
    }
    town.must(ANN, Body::public_name(person(ANN), true), vec![]);
    let again = town.server.append(&batch);
    assert_eq!((again.status, &again.json()["receipts"]), (200, receipts), "the receipts stay");
    assert_ne!(&again.json()["proofs"], proofs, "the proofs are under the newest checkpoint");

    let body = hourbook_tests::server::batch(&batch);
    let without = town.server.post("/v1/events?proofs=false", &body);
    assert_eq!((without.status, &without.json()["proofs"]), (200, &Value::Null));
    assert_eq!(town.server.post("/v1/events?proofs=perhaps", &body).code(), "bad-request");

    let submissions =
        batch.map(|s| hourbook_ledger::wire::Submission { signed: s.signed, openings: s.openings });
    let request = hourbook_ledger::wire::encode_submissions(&submissions);
    let headers = [("content-type", "application/x-protobuf")];
    let answer = town.server.send("POST", "/v1/events", &headers, &request);
    let response = v1::AppendResponse::decode(&answer.bytes[..]).unwrap();
    let proof = TlogProof::parse(response.proofs[2].as_bytes()).unwrap();
    let leaf: Hash = response.receipts[2].leaf_hash.clone().try_into().unwrap();
    proof.verify(&leaf, &key, &[]).unwrap();
    let mut bare = v1::AppendRequest::decode(&request[..]).unwrap();
    bare.without_proofs = true;
    let answer = town.server.send("POST", "/v1/events", &headers, &bare.encode_to_vec());
    let response = v1::AppendResponse::decode(&answer.bytes[..]).unwrap();
    assert_eq!((response.receipts.len(), response.proofs.len()), (3, 0));
}

#[test]
fn the_log_at_any_size_is_shown_to_be_a_prefix_of_any_later_one() {
    let town = Town::start();
    let size = town.server.get("/v1/ledger").json()["size"].as_u64().unwrap();
    assert!(size > 20);
    for (from, to) in (0..=size).flat_map(|from| (from..=size).step_by(3).map(move |to| (from, to))) {
        let proof = town.server.get(&format!("/v1/consistency?from={from}&to={to}"));
        assert_eq!(
            (proof.status, proof.header("cache-control")),
            (200, Some("no-store")),
            "{}",
            proof.text()
        );
        let proof = proof.json();
        let hashes: Vec<Hash> = proof["hashes"].as_array().unwrap().iter().map(hash).collect();
        let (old, new) = (hash(&proof["from_root"]), hash(&proof["to_root"]));
        verify_consistency(from, to, &old, &new, &hashes).unwrap();
        if from > 0 && to > from {
            assert!(verify_consistency(from, to, &new, &new, &hashes).is_err());
        }
    }
    let newest = town.server.get("/v1/consistency?from=7").json();
    assert_eq!(newest["to"], size);
    assert_eq!(newest["checkpoint"], town.server.get("/checkpoint").text());
    assert_eq!(newest["to_root"], town.server.get("/v1/ledger").json()["root"]);
    for (query, code) in [
        ("?from=3&to=2", "bad-sizes"),
        (&*format!("?from=1&to={}", size + 1), "bad-sizes"),
        (&*format!("?from={}", u64::MAX), "bad-sizes"),
        ("", "bad-request"),
        ("?from=-1", "bad-request"),
        ("?from=x", "bad-request"),
    ] {
        assert_eq!(town.server.get(&format!("/v1/consistency{query}")).code(), code, "{query}");
    }
}

/// Beyond two tiles, so that there are full ones, and a level above.
fn grown() -> Town {
    let town = Town::start();
    let consent = |n| Body::public_name(person(ANN), n % 2 == 0);
    for _ in 0..3 {
        let batch: Vec<_> = (0..200).map(|n| town.by(ANN, consent(n))).collect();
        let answer = town.server.post("/v1/events?proofs=false", &hourbook_tests::server::batch(&batch));
        assert_eq!(answer.status, 201, "{}", answer.text());
    }
    town
}

#[test]
fn a_tile_has_one_path_and_says_how_long_it_may_be_kept() {
    let town = grown();
    let size = town.server.get("/v1/ledger").json()["size"].as_u64().unwrap();
    let last = size - 512;
    assert!((1..255).contains(&last));
    for (path, bytes, caching) in [
        ("0/000".to_owned(), 8_192, "public, max-age=31536000, immutable"),
        ("0/001".to_owned(), 8_192, "public, max-age=31536000, immutable"),
        (format!("0/002.p/{last}"), last * 32, "public, max-age=60"),
        ("0/002.p/1".to_owned(), 32, "public, max-age=60"),
        ("0/000.p/255".to_owned(), 255 * 32, "public, max-age=60"),
        ("1/000.p/2".to_owned(), 64, "public, max-age=60"),
    ] {
        let tile = town.server.get(&format!("/tile/{path}"));
        assert_eq!((tile.status, tile.bytes.len() as u64), (200, bytes), "{path}");
        assert_eq!(tile.header("cache-control"), Some(caching), "{path}");
        assert_eq!(tile.header("content-type"), Some("application/octet-stream"), "{path}");
    }
    let beyond = format!("0/002.p/{}", last + 1);
    for path in [
        "0/002",
        "0/003",
        "0/003.p/1",
        "1/000",
        "1/000.p/3",
        "2/000.p/1",
        "64/000",
        "0/000.p/0",
        "0/000.p/256",
        "0/000.p/01",
        "0/0",
        "0/0000",
        "0/x000/000",
        "0/x000",
        "00/000",
        "0/000.p",
        "0/000.p/",
        "0/000/",
        "",
        "0/%30%30%30",
        "0/x000%2F000",
        "0/000%2Ep/1",
        "-1/000",
        "entries",
        "Entries/000",
        "data/000",
        "0/x999/x999/x999/x999/x999/x999/999",
        &beyond,
    ] {
        let tile = town.server.get(&format!("/tile/{path}"));
        assert_eq!((tile.status, tile.code().as_str()), (404, "not-found"), "{path}");
        assert_eq!(tile.header("cache-control"), Some("no-store"), "{path}");
        assert_eq!(tile.header("content-type"), Some("application/problem+json"), "{path}");
    }
    let answer = town.server.send("POST", "/tile/0/000", &[], &[]);
    assert_eq!((answer.status, answer.code().as_str()), (405, "method-not-allowed"));
    assert_eq!(town.server.send("HEAD", "/tile/0/000", &[], &[]).status, 200);
    for path in ["/checkpoint", "/log.vkey"] {
        let text = town.server.get(path);
        assert_eq!(text.header("content-type"), Some("text/plain; charset=utf-8"), "{path}");
        assert_eq!(text.header("cache-control"), Some("no-store"), "{path}");
    }
    for path in ["x", "-1", "99999999999999999999"] {
        assert_eq!(town.server.get(&format!("/v1/events/{path}/proof")).code(), "bad-request", "{path}");
    }
    assert_eq!(town.server.get(&format!("/v1/events/{size}/proof")).code(), "not-found");
}

#[test]
fn entries_are_for_auditors_of_the_whole_ledger() {
    let town = grown();
    for path in ["/tile/entries/000", "/tile/entries/002.p/3", "/tile/entries/999"] {
        let nobody = town.server.get(path);
        assert_eq!((nobody.status, nobody.code().as_str()), (403, "auditors-only"), "{path}");
        assert_eq!(nobody.header("content-type"), Some("application/problem+json"));
        for seed in [ANN, WORKER, STEWARD, FOUNDER] {
            let token = town.server.sign_in(seed);
            assert_eq!(town.server.get_as(&token, path).code(), "auditors-only", "{seed}");
        }
        assert_eq!(town.server.get_as("hb1.AAAA", path).code(), "session-over");
    }
    let auditor = town.server.sign_in(AUDITOR);
    for (index, width) in [(0, 256), (1, 256), (2, 3)] {
        let suffix = if width == 256 { String::new() } else { format!(".p/{width}") };
        let bundle = town.server.get_as(&auditor, &format!("/tile/entries/00{index}{suffix}"));
        assert_eq!((bundle.status, bundle.header("cache-control")), (200, Some("private, no-store")));
        let tile = town.server.get(&format!("/tile/0/00{index}{suffix}")).bytes;
        let mut rest = &bundle.bytes[..];
        for leaf in tile.chunks(32) {
            let (length, after) = rest.split_first_chunk::<2>().unwrap();
            let (entry, after) = after.split_at(u16::from_be_bytes(*length).into());
            assert_eq!(leaf_hash(entry)[..], *leaf);
            rest = after;
        }
        assert!(rest.is_empty());
    }
    assert_eq!(town.server.get_as(&auditor, "/tile/entries/999").code(), "not-found");
    assert_eq!(town.server.get_as(&auditor, "/tile/entries/000.p/0").code(), "not-found");
}
