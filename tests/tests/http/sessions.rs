//! Signing in, witnessed events, and what a session may do.

use std::num::NonZeroU32;

use hourbook::auth::sign_in_limits::Limits;
use hourbook_ledger::domain::event::{Body, RevocationReason};
use hourbook_tests::server::{Server, actor, person};
use hourbook_tests::town::*;
use serde_json::json;

#[test]
fn a_code_opens_one_session_in_which_the_server_witnesses() {
    let town = Town::start();
    let wish = town.wish(WORKER, 151, OLD);
    town.vet(SECOND_WORKER, wish);
    let token = town.code_session(WORKER, BEN, "42819300");
    let again = town.server.post("/v1/sessions", &json!({ "code": "42819300" }));
    assert_eq!((again.status, again.code().as_str()), (409, "grant-state"));

    let claim = json!({ "kind": "claim-wish", "wish": wish.to_string() });
    assert_eq!(town.server.post("/v1/me/events", &claim).code(), "sign-in-required");
    let claimed = town.server.post_as(&token, "/v1/me/events", &claim);
    assert_eq!(claimed.status, 201, "{}", claimed.text());
    let at = claimed.position();
    let shown = town.server.get_as(&token, &format!("/v1/wishes/{wish}?min_position={at}")).json();
    assert_eq!((&shown["state"], &shown["claimer"]["mine"]), (&json!("claimed"), &json!(true)));
    assert!(shown["text"].as_str().unwrap().contains("床头灯"), "whoever has taken it on reads it: {shown}");
    let twice = town.server.post_as(&token, "/v1/me/events", &claim);
    assert_eq!((twice.status, twice.code().as_str()), (409, "wish-state"));
}

#[test]
fn a_closed_session_is_void_at_once_and_everywhere() {
    let town = Town::start();
    let token = town.code_session(WORKER, BEN, "42819300");
    let current = town.server.get_as(&token, "/v1/sessions/current").json();
    assert_eq!((&current["name"], &current["by"]), (&json!("本杰明"), &json!("code")));
    let headers = [("authorization", &*format!("Bearer {token}"))];
    assert_eq!(town.server.send("DELETE", "/v1/sessions/current", &headers, &[]).status, 204);
    let gone = town.server.get_as(&token, "/v1/sessions/current");
    assert_eq!((gone.status, gone.code().as_str()), (401, "session-over"));
    let gone = town.server.post_as(&token, "/v1/me/events", &json!({ "kind": "request-erasure" }));
    assert_eq!(gone.code(), "session-over");
}

#[test]
fn a_key_session_reads_but_does_not_assert_and_ends_with_its_key() {
    let town = Town::start();
    let token = town.server.sign_in(ANN);
    let path = format!("/v1/members/{}/balance", person(ANN));
    assert_eq!(town.server.get_as(&token, &path).status, 200);
    let agree = json!({ "kind": "public-name", "agreed": true });
    assert_eq!(town.server.post_as(&token, "/v1/me/events", &agree).code(), "sign-it-yourself");
    let key = actor(ANN).key_id();
    town.must(ANN, Body::key_revoked(person(ANN), key, RevocationReason::Stolen), vec![]);
    assert_eq!(town.server.get_as(&token, &path).code(), "session-over");
}

#[test]
fn a_signed_challenge_works_once_and_in_time() {
    use base64::Engine as _;
    use ed25519_dalek::Signer as _;
    let town = Town::start();
    let sign = |seed: u8| {
        let key_id = actor(seed).key_id().to_string();
        let challenge = town.server.post("/v1/sessions/challenge", &json!({ "key_id": key_id })).json();
        let body = challenge["body"].as_str().unwrap().to_owned();
        let message = hourbook_ledger::dsse::pae(hourbook::auth::session::CHALLENGE_TYPE, body.as_bytes());
        let signature = hourbook_tests::server::key(seed).sign(&message).to_bytes();
        let signature = base64::engine::general_purpose::STANDARD.encode(signature);
        json!({ "key_id": key_id, "nonce": challenge["nonce"], "signature": signature })
    };
    let good = sign(ANN);
    assert_eq!(town.server.post("/v1/sessions", &good).status, 201);
    assert_eq!(town.server.post("/v1/sessions", &good).code(), "wrong-challenge", "used");
    let mut of_another = sign(ANN);
    of_another["key_id"] = json!(actor(BEN).key_id().to_string());
    assert_eq!(town.server.post("/v1/sessions", &of_another).code(), "wrong-challenge");
    assert_eq!(town.server.post("/v1/sessions", &sign(99)).code(), "wrong-challenge", "not enrolled");
    let late = sign(ANN);
    town.server.pass(0, 3);
    assert_eq!(town.server.post("/v1/sessions", &late).code(), "wrong-challenge", "over");
}

#[test]
fn a_cookie_asserts_only_from_the_sites_own_pages() {
    let town = Town::start();
    let token = town.code_session(WORKER, BEN, "42819300");
    let cookie = format!("{}={token}", hourbook::auth::session::COOKIE);
    let agree = br#"{"kind":"public-name","agreed":true}"#;
    let send = |site: &str| {
        let headers =
            [("content-type", "application/json"), ("cookie", cookie.as_str()), ("sec-fetch-site", site)];
        town.server.send("POST", "/v1/me/events", &headers, agree)
    };
    assert_eq!(send("cross-site").code(), "cross-site");
    assert_eq!(send("same-site").code(), "cross-site");
    assert_eq!(send("same-origin").status, 201);
}

#[test]
fn a_wrong_code_opens_nothing_and_guessing_is_slowed() {
    let [each, all] = [3, 100].map(|n| NonZeroU32::new(n).unwrap());
    let town = Town::on(Server::start_with(|options| options.limits = Limits::of(each, all)));
    town.hand_out(WORKER, OLD, "42819300");
    for code in ["111111", "", "428194"] {
        assert_eq!(town.server.post("/v1/sessions", &json!({ "code": code })).code(), "wrong-code");
    }
    let slowed = town.server.post("/v1/sessions", &json!({ "code": "42819300" }));
    assert_eq!((slowed.status, slowed.code().as_str()), (429, "too-many-attempts"));
    let seconds: u32 = slowed.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=1_801).contains(&seconds));
}

#[test]
fn a_code_that_has_run_out_opens_nothing() {
    let town = Town::start();
    town.hand_out(WORKER, OLD, "42819300");
    town.server.pass(2, 0);
    assert_eq!(town.server.post("/v1/sessions", &json!({ "code": "42819300" })).code(), "grant-state");
}

#[test]
fn a_request_for_erasure_by_a_code_waits_a_week_and_then_destroys_the_name_for_good() {
    let town = Town::start();
    let token = town.code_session(WORKER, OLD, "42819300");
    let name = hourbook_ledger::commitment::Field::Name;
    let commitment = opening(person(OLD).0, name, "冯老太").commitment();
    assert!(town.server.app.vault.get(&commitment).unwrap().is_some());
    let asked = town.server.post_as(&token, "/v1/me/events", &json!({ "kind": "request-erasure" }));
    assert_eq!(asked.status, 201, "{}", asked.text());
    town.server.pass(6, 1_439);
    town.server.tick();
    assert!(
        town.server.app.vault.get(&commitment).unwrap().is_some(),
        "whoever handed out the code could ask"
    );
    town.server.pass(0, 1);
    town.server.tick();
    // It takes effect, and the ledger's receipt of the erasure is the next event.
    let at = asked.position() + 2;
    assert_eq!(town.server.get(&format!("/v1/orgs?min_position={at}")).status, 200);
    assert!(town.server.app.vault.get(&commitment).unwrap().is_none());
    assert_eq!(
        town.server.get_as(&token, &format!("/v1/members/{}", person(OLD))).status,
        401,
        "the session ended with the erasure"
    );
    let server = town.server.restart();
    assert!(server.app.vault.is_empty() || !server.app.vault.contains(&commitment), "collected at the start");
    assert!(server.app.vault.get(&commitment).unwrap().is_none());
}

#[test]
fn a_code_is_the_same_however_it_is_typed() {
    let town = Town::start();
    for (n, typed) in
        ["6100 0001", "6100-0001", "６１０００００１", " ６１００　０００１ ", "61000001"].iter().enumerate()
    {
        let code = format!("610000{n}1");
        town.hand_out(WORKER, OLD, &code);
        let typed = typed.replace("0001", &format!("00{n}1")).replace("０００１", &format!("００{n}１"));
        let session = town.server.post("/v1/sessions", &json!({ "code": typed }));
        assert_eq!(session.status, 201, "{typed}: {}", session.text());
    }
}

#[test]
fn a_new_code_ends_the_one_before() {
    let town = Town::start();
    town.hand_out(WORKER, OLD, "61000001");
    town.hand_out(WORKER, OLD, "61000002");
    assert_eq!(town.server.post("/v1/sessions", &json!({ "code": "61000001" })).code(), "grant-state");
    assert_eq!(town.server.post("/v1/sessions", &json!({ "code": "61000002" })).status, 201);
}

#[test]
fn signing_out_of_a_key_session_ends_its_token_also_over_a_restart() {
    let town = Town::start();
    let (ended, other) = (town.server.sign_in(ANN), town.server.sign_in(ANN));
    let current = |server: &Server, token: &str| server.get_as(token, "/v1/sessions/current").status;
    let bearer = format!("Bearer {ended}");
    let out = town.server.send("DELETE", "/v1/sessions/current", &[("authorization", &bearer)], &[]);
    assert_eq!(out.status, 204);
    assert_eq!([current(&town.server, &ended), current(&town.server, &other)], [401, 200]);
    let server = town.server.restart();
    assert_eq!([current(&server, &ended), current(&server, &other)], [401, 200]);
    assert_eq!(current(&server, &server.sign_in(ANN)), 200, "the key goes on");
}

#[test]
fn a_challenge_is_nobodys_to_void_and_works_once() {
    use ed25519_dalek::Signer as _;
    let town = Town::start();
    let key_id = hourbook_tests::server::actor(ANN).key_id().to_string();
    let ask = |key_id: &str| town.server.post("/v1/sessions/challenge", &json!({ "key_id": key_id })).json();
    let challenge = ask(&key_id);
    for n in 0..300_u32 {
        let _ = ask(&format!("{n:032x}"));
    }
    let body = challenge["body"].as_str().unwrap();
    let message = hourbook_ledger::dsse::pae(hourbook::auth::session::CHALLENGE_TYPE, body.as_bytes());
    let sign_in = |signature: [u8; 64]| {
        use base64::Engine as _;
        let signature = base64::engine::general_purpose::STANDARD.encode(signature);
        let answer = json!({ "key_id": key_id, "nonce": challenge["nonce"], "signature": signature });
        town.server.post("/v1/sessions", &answer)
    };
    let signature = hourbook_tests::server::key(ANN).sign(&message).to_bytes();
    assert_eq!(sign_in([0; 64]).code(), "wrong-challenge", "a stranger uses nothing up");
    assert_eq!(sign_in(signature).status, 201);
    assert_eq!(sign_in(signature).code(), "wrong-challenge", "it works once");
}
