//! What every answer carries: nothing that depends on who asks may be kept for another.

use hourbook_tests::server::person;
use hourbook_tests::town::*;

/// What says itself that anybody may keep it.
const PUBLIC: [&str; 4] = ["/tile/0/000.p/5", "/assets/", "/openapi.json", "/problems"];

#[test]
fn whatever_is_not_declared_public_is_kept_nowhere_and_depends_on_who_asks() {
    let town = Town::start();
    let token = town.server.sign_in(ANN);
    let own = [
        format!("/v1/members/{}", person(ANN)),
        format!("/v1/members/{}/records", person(ANN)),
        format!("/v1/members/{}/balance", person(ANN)),
        format!("/v1/streams/person/{}", person(ANN)),
        "/v1/sessions/current".to_owned(),
    ];
    let fixed = [
        "/",
        "/signin",
        "/wishes",
        "/activities",
        "/leaderboard",
        "/lists",
        "/how",
        "/https",
        "/ca.crt",
        "/me",
        "/nowhere",
        "/docs/",
        "/v1/ledger",
        "/checkpoint",
        "/log.vkey",
        "/v1/orgs",
        "/v1/wishes",
        "/v1/leaderboards/ledger",
        "/v1/members/x",
        "/v1/events/1",
        "/v1/events/1/proof",
        "/v1/consistency?from=1",
        "/v1/wishes?surprise=1",
        "/metrics",
        "/healthz",
        "/readyz",
        "/tile/entries/000.p/5",
    ];
    for path in own.into_iter().chain(fixed.map(str::to_owned)) {
        for answer in [town.server.get(&path), town.server.get_as(&token, &path)] {
            let kept = answer.header("cache-control").unwrap_or_else(|| panic!("{path} may be kept"));
            assert!(kept.contains("no-store"), "{path}: {kept}");
            assert!(answer.header("vary").is_some(), "{path} depends on nobody");
        }
    }
    for path in PUBLIC {
        let kept = town.server.get(path);
        assert!(kept.status == 404 || kept.header("cache-control").unwrap().contains("public"), "{path}");
    }
}

#[test]
fn whoever_asks_how_often_something_happened_to_somebody_is_told_of() {
    let town = Town::start();
    let worker = town.server.sign_in(WORKER);
    let looks = || town.server.app.read.read().directory.looks().count_at(person(ANN));
    for kind in ["person", "session", "access", "account"] {
        assert_eq!(town.server.get_as(&worker, &format!("/v1/streams/{kind}/{}", person(ANN))).status, 200);
        assert_eq!(looks(), 1, "once a day, whatever was asked: {kind}");
    }
    let ann = town.server.sign_in(ANN);
    assert_eq!(town.server.get_as(&ann, &format!("/v1/streams/person/{}", person(ANN))).status, 200);
    assert_eq!(looks(), 1, "one's own is no look");
}

#[test]
fn how_often_something_happened_to_a_person_is_told_to_whoever_may_see_the_record() {
    let town = Town::start();
    let read = |who: Option<u8>, what: &str| {
        let path = format!("/v1/streams/{what}");
        match who {
            None => town.server.get(&path),
            Some(who) => town.server.get_as(&town.server.sign_in(who), &path),
        }
    };
    for kind in ["person", "session", "access", "account"] {
        let stream = format!("{kind}/{}", person(ANN));
        assert_eq!(read(None, &stream).code(), "sign-in-required", "{kind}");
        for stranger in [BEN, FAR_WORKER, FAR] {
            assert_eq!(read(Some(stranger), &stream).code(), "not-for-you", "{kind}");
        }
        for reader in [ANN, WORKER, AUDITOR] {
            assert_eq!(read(Some(reader), &stream).status, 200, "{kind}");
        }
    }
    for kind in ["person", "session", "access", "account", "hold", "act", "wish"] {
        let nobody = format!("{kind}/{}", person(77));
        assert_eq!(read(Some(BEN), &nobody).code(), "not-for-you", "{kind}: ids cannot be guessed");
        assert_eq!(read(None, &nobody).code(), "sign-in-required", "{kind}: ids cannot be guessed");
    }
    let source_of_credit = "account/00000000-0000-0000-0000-000000000000";
    assert_eq!(read(None, source_of_credit).status, 200, "it is nobody's");
    assert_eq!(read(None, &format!("hold/{}", person(77))).code(), "sign-in-required");
    let wish = town.wish(WORKER, 151, OLD);
    assert_eq!(read(None, &format!("wish/{wish}")).code(), "sign-in-required", "a draft");
    assert_eq!(read(Some(WORKER), &format!("wish/{wish}")).json()["revision"], 0);
    assert_eq!(read(None, &format!("org/{CITY}")).json()["revision"], 0);
    assert_eq!(read(None, &format!("account/{COMMUNITY}")).status, 200, "a fund");
}
