//! What a key signs is drafted by the server and signed by its holder.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hourbook_ledger::commitment::{Field, Opening};
use hourbook_ledger::domain::event::{Assurance, Body, Event, WishEvent};
use hourbook_ledger::envelope::Submission;
use hourbook_ledger::wire;
use hourbook_tests::server::{Answer, ORIGIN, actor, person};
use hourbook_tests::town::*;
use serde_json::{Value, json};

fn drafted(answer: &Answer) -> (Event, Vec<Opening>) {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let json = answer.json();
    let bytes = STANDARD.decode(json["event"].as_str().expect("an event")).expect("base64");
    let event = wire::decode_event(&bytes).expect("an event");
    assert_eq!(wire::encode_event(&event), bytes, "the draft is written as the ledger writes it");
    let opening = |opening: &Value| {
        let text = |name: &str| opening[name].as_str().expect("a text").to_owned();
        let subject: hourbook_ledger::domain::ids::WishId = text("subject").parse().expect("an id");
        assert_eq!(text("field"), "reason");
        let salt = STANDARD.decode(text("salt")).expect("base64").try_into().expect("32 bytes");
        Opening::new(subject.0, Field::Reason, salt, &text("value")).expect("a canonical value")
    };
    (event, json["openings"].as_array().expect("a list").iter().map(opening).collect())
}

#[test]
fn what_a_key_signs_is_drafted_and_counts_only_when_signed() {
    let town = Town::start();
    let wish = town.wish(WORKER, 151, OLD);
    town.vet(SECOND_WORKER, wish);
    let token = town.server.sign_in(ANN);
    let before = town.server.app.reader.head().size;
    let claim = json!({ "kind": "claim-wish", "wish": wish.to_string() });
    let (event, openings) = drafted(&town.server.post_as(&token, "/v1/drafts", &claim));
    assert_eq!((event.actor, event.assurance, event.grant), (person(ANN), Assurance::DeviceKey, None));
    assert_eq!((&*event.ledger, event.acting_for), (ORIGIN, None));
    assert!(matches!(event.body, Body::Wish(WishEvent::Claimed { wish: named, .. }) if named == wish));
    assert_eq!(town.server.app.reader.head().size, before, "nothing is recorded by drafting");

    let signed = actor(ANN).sign(&event);
    let answer = town.server.append(&[Submission { signed, openings }]);
    assert_eq!(answer.status, 201, "{}", answer.text());
    let path = format!("/v1/wishes/{wish}?min_position={}", answer.position());
    assert_eq!(town.server.get_as(&token, &path).json()["state"], "claimed");
}

#[test]
fn a_draft_of_staff_has_its_words_behind_a_commitment() {
    let town = Town::start();
    let wish = town.wish(WORKER, 151, OLD);
    let token = town.server.sign_in(SECOND_WORKER);
    let withdraw = json!({ "kind": "withdraw-wish", "wish": wish.to_string(), "reason": "住户已搬走" });
    let (event, openings) = drafted(&town.server.post_as(&token, "/v1/drafts", &withdraw));
    let Body::Wish(WishEvent::Withdrawn { reason, .. }) = event.body else { panic!("{event:?}") };
    assert_eq!(openings.iter().map(Opening::commitment).collect::<Vec<_>>(), [reason]);
    let signed = actor(SECOND_WORKER).sign(&event);
    assert_eq!(town.server.append(&[Submission { signed, openings }]).status, 201);
}

#[test]
fn nothing_is_drafted_for_a_code_or_of_what_does_not_fit() {
    let town = Town::start();
    let claim = |wish: &str| json!({ "kind": "claim-wish", "wish": wish });
    let some = "00000000-0000-0000-0000-000000000009";
    assert_eq!(town.server.post("/v1/drafts", &claim(some)).code(), "sign-in-required");
    let by_code = town.code_session(WORKER, BEN, "42819300");
    assert_eq!(town.server.post_as(&by_code, "/v1/drafts", &claim(some)).code(), "no-key-here");
    let by_key = town.server.sign_in(ANN);
    for (wrong, named) in [
        (json!({ "kind": "claim-wish" }), "wish"),
        (claim("nine"), "wish"),
        (json!({ "kind": "claim-wish", "wish": some, "person": some }), "person"),
        (json!({ "kind": "no-such-action" }), "kind"),
    ] {
        let answer = town.server.post_as(&by_key, "/v1/drafts", &wrong);
        assert_eq!((answer.status, answer.code().as_str()), (400, "bad-request"), "{wrong}");
        assert!(answer.json()["detail"].as_str().unwrap().starts_with(named), "{wrong}: {}", answer.text());
    }
}
