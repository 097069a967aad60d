//! What waits: keys that come in a session, both sides of an affiliation, a second person, a term.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hourbook_ledger::actor::Actor;
use hourbook_ledger::domain::event::{
    ActEvent, AffiliationKind, Body, KeyEvent, MemberEvent, Role, Scope, SessionEvent, Span,
};
use hourbook_ledger::domain::ids::{EventId, OrgId};
use hourbook_tests::server::{Answer, ORIGIN, actor, key, person};
use hourbook_tests::town::*;
use serde_json::{Value, json};

fn enrol_key(holder: &Actor) -> Value {
    let Body::Key(KeyEvent::Enrolled { key, proof, .. }) = holder.enrolment() else { unreachable!() };
    json!({ "kind": "enrol-key", "key": STANDARD.encode(key.0), "proof": STANDARD.encode(proof.0) })
}

fn joins(who: u8, org: OrgId) -> Body {
    Body::affiliated(person(who), org, AffiliationKind::Organisational, Span::since(today()))
}

fn standing(town: &Town, token: &str, act: EventId, at: &Answer) -> String {
    let shown = town.server.get_as(token, &format!("/v1/acts/{act}?min_position={}", at.position()));
    shown.json()["standing"].as_str().map_or_else(|| shown.code(), str::to_owned)
}

#[test]
fn a_key_enters_in_its_persons_session_and_has_signed_for_it() {
    let town = Town::start();
    let token = town.code_session(WORKER, OLD, "42819300");
    let assert = |body: &Value| town.server.post_as(&token, "/v1/me/events", body);
    let stranger = Actor::new(person(BEN), ORIGIN, key(77));
    let refused = assert(&enrol_key(&stranger));
    assert_eq!((refused.status, refused.code().as_str()), (400, "malformed"), "signed for somebody else");
    let short = json!({ "kind": "enrol-key", "key": "AAAA", "proof": "AAAA" });
    assert_eq!(assert(&short).code(), "bad-request");
    let own = Actor::new(person(OLD), ORIGIN, key(77));
    let enrolled = assert(&enrol_key(&own));
    assert_eq!(enrolled.status, 201, "{}", enrolled.text());
    let body = Body::Key(KeyEvent::Enrolled {
        person: person(BEN),
        key: stranger.public_key(),
        proof: proof(&stranger),
    });
    let by_staff = town.say(WORKER, body, vec![]);
    assert_eq!(by_staff.code(), "not-authorised", "staff enrol no keys for others");
}

fn proof(holder: &Actor) -> hourbook_ledger::domain::ids::Possession {
    let Body::Key(KeyEvent::Enrolled { proof, .. }) = holder.enrolment() else { unreachable!() };
    proof
}

#[test]
fn a_unit_reads_nothing_of_somebody_it_only_lists_until_the_other_side_answers() {
    let town = Town::start();
    let officer = town.server.sign_in(OFFICER);
    let balance = format!("/v1/members/{}/balance", person(BEN));
    let listed = town.must(OFFICER, joins(BEN, UNIT), vec![]);
    let act = Town::event_of(&listed);
    assert_eq!(town.server.get_as(&officer, &balance).code(), "not-for-you");
    let far = town.server.sign_in(FAR_WORKER);
    assert_eq!(standing(&town, &far, act, &listed), "not-found", "who has no part in it does not see it");
    let ben = town.server.sign_in(BEN);
    let waiting = town.server.get_as(&ben, "/v1/acts").json();
    assert_eq!(waiting["acts"][0]["act"], json!(act.to_string()));
    assert_eq!(waiting["acts"][0]["about_you"], json!(true));
    assert_eq!(town.say(OFFICER, Body::Act(ActEvent::Approved { act }), vec![]).code(), "not-authorised");
    let agreed = town.must(BEN, Body::Act(ActEvent::Approved { act }), vec![]);
    assert_eq!(standing(&town, &ben, act, &agreed), "took-effect");
    assert_eq!(town.server.get_as(&officer, &balance).status, 200);
}

#[test]
fn a_refused_membership_never_takes_effect() {
    let town = Town::start();
    let listed = town.must(OFFICER, joins(BEN, UNIT), vec![]);
    let act = Town::event_of(&listed);
    let stopped = town.must(WORKER, Body::Act(ActEvent::Stopped { act }), vec![]);
    let home = town.server.sign_in(WORKER);
    assert_eq!(standing(&town, &home, act, &stopped), "stopped");
    assert_eq!(town.say(BEN, Body::Act(ActEvent::Approved { act }), vec![]).code(), "unknown-act");
}

#[test]
fn an_erasure_by_a_code_waits_and_an_older_session_stops_it() {
    let town = Town::start();
    let older = town.code_session(WORKER, BEN, "42819300");
    let younger = town.code_session(WORKER, BEN, "42819301");
    let asked = town.server.post_as(&younger, "/v1/me/events", &json!({ "kind": "request-erasure" }));
    assert_eq!(asked.status, 201, "{}", asked.text());
    let act = town.server.get_as(&older, &format!("/v1/acts?min_position={}", asked.position())).json();
    let act = &act["acts"][0];
    assert_eq!((&act["kind"], &act["standing"]), (&json!("erasure-requested"), &json!("term")));
    let page = town.server.get_as(&older, "/me/acts").text();
    assert!(page.contains("删除您的个人信息") && page.contains("叫停这件事"), "{page}");
    let stop = json!({ "kind": "stop-act", "act": act["act"] });
    let stopped = town.server.post_as(&older, "/v1/me/events", &stop);
    assert_eq!(stopped.status, 201, "{}", stopped.text());
    town.server.pass(8, 0);
    town.server.tick();
    let shown = town.server.get_as(&older, "/v1/sessions/current").json();
    assert_eq!(shown["name"], json!(name(BEN)), "nothing was erased");
}

#[test]
fn a_session_is_not_closed_by_a_younger_code_and_signing_out_is_at_once() {
    let town = Town::start();
    let older = town.code_session(SECOND_WORKER, OLD, "42819300");
    let by_staff = Body::Session(SessionEvent::Closed { person: person(OLD), grant: grant_of(&town, OLD) });
    let act = Town::event_of(&town.must(WORKER, by_staff, vec![]));
    let current = |token: &str| town.server.get_as(token, "/v1/sessions/current").status;
    assert_eq!(current(&older), 200, "one member of staff alone");
    let page = town.server.get_as(&older, "/me/acts").text();
    assert!(page.contains("结束您的一次登录") && page.contains("等待第二个人同意"), "{page}");
    town.approve(SECOND_WORKER, act);
    assert_eq!(current(&older), 401);
    let own = town.code_session(WORKER, OLD, "42819302");
    let headers = [("authorization", &*format!("Bearer {own}"))];
    assert_eq!(town.server.send("DELETE", "/v1/sessions/current", &headers, &[]).status, 204);
    assert_eq!(current(&own), 401);
}

/// The person's session that is open.
fn grant_of(town: &Town, who: u8) -> EventId {
    let (now, models) = (town.server.now(), town.server.app.read.read());
    let sessions = &models.directory.register().sessions;
    let mut open = sessions.iter().filter(|(id, _)| sessions.is_open(**id, person(who), now));
    *open.next().expect("one is open").0
}

#[test]
fn whoever_holds_a_role_lays_it_down_over_http() {
    let town = Town::start();
    let token = town.code_session(STEWARD, BEN, "42819300");
    let grant = |keys| {
        let (role, scope) = (Role::Lead, Scope::Org(COMMUNITY));
        town.must(STEWARD, Body::appointed(person(BEN), role, scope, keys), vec![])
    };
    let lay_down = |role: &str| {
        let body = json!({ "kind": "lay-down-role", "role": role, "org": COMMUNITY.to_string() });
        town.server.post_as(&token, "/v1/me/events", &body)
    };
    let erase = || town.server.post_as(&token, "/v1/me/events", &json!({ "kind": "request-erasure" }));
    assert_eq!(lay_down("lead").code(), "unknown-role");
    assert_eq!(lay_down("mayor").code(), "bad-request");
    grant(vec![]);
    assert_eq!(erase().code(), "holds-office");
    assert_eq!(lay_down("lead").status, 201);
    let asked = erase();
    assert_eq!(asked.status, 201, "a role that nobody asked for keeps nobody");
    let waiting = erase_act(&town, &token, &asked);
    town.must(BEN, Body::Act(ActEvent::Stopped { act: waiting }), vec![]);
    grant(vec![actor(BEN).key_id()]);
    let waits = lay_down("lead");
    assert_eq!(waits.status, 201, "{}", waits.text());
    let acts = town.server.get_as(&token, &format!("/v1/acts?min_position={}", waits.position())).json();
    let shown = acts["acts"].as_array().unwrap().iter().find(|act| act["kind"] == "role-revoked").unwrap();
    assert_eq!(shown["standing"], json!("term"), "a code alone could be anybody's who handed it out");
}

fn erase_act(town: &Town, token: &str, at: &Answer) -> EventId {
    let acts = town.server.get_as(token, &format!("/v1/acts?min_position={}", at.position())).json();
    let acts = acts["acts"].as_array().expect("acts").clone();
    let mut open = acts.iter().filter(|act| act["kind"] == "erasure-requested");
    open.next().expect("it waits")["act"].as_str().expect("an id").parse().expect("an id")
}

#[test]
fn an_erasure_by_staff_takes_two_and_the_term() {
    let town = Town::start();
    let member = format!("/v1/members/{}", person(BEN));
    let asked =
        town.must(WORKER, Body::Member(MemberEvent::ErasureRequested { person: person(BEN) }), vec![]);
    let act = Town::event_of(&asked);
    town.approve(SECOND_WORKER, act);
    let steward = town.server.sign_in(STEWARD);
    let erased = || town.server.get_as(&steward, &member).json()["erased"].clone();
    assert_eq!(erased(), json!(false));
    town.server.pass(7, 0);
    town.server.tick();
    assert_eq!(erased(), json!(true));
}

#[test]
fn a_code_reads_by_no_role_that_its_giver_could_not_grant_and_a_key_by_those_that_name_it() {
    let town = Town::start();
    let by_worker = town.code_session(WORKER, BEN, "42819300");
    let by_steward = town.code_session(STEWARD, BEN, "42819301");
    let (role, scope, keys) = (Role::Worker, Scope::Org(COMMUNITY), vec![]);
    town.must(STEWARD, Body::appointed(person(BEN), role, scope, keys), vec![]);
    let record = format!("/v1/members/{}/balance", person(ANN));
    assert_eq!(town.server.get_as(&by_worker, &record).code(), "not-for-you");
    assert_eq!(town.server.get_as(&by_steward, &record).status, 200);
    let by_key = town.server.sign_in(BEN);
    assert_eq!(town.server.get_as(&by_key, &record).code(), "not-for-you", "no key was named");
    let preview = || {
        let (path, bearer) = (format!("/v1/imports/preview?org={COMMUNITY}"), format!("Bearer {by_key}"));
        town.server.send("POST", &path, &[("authorization", &bearer), ("content-type", "text/csv")], b"")
    };
    assert_eq!(preview().code(), "not-authorised", "nor does such a key find anybody by a sheet");
    let keys = vec![actor(BEN).key_id()];
    town.must(STEWARD, Body::appointed(person(BEN), role, scope, keys), vec![]);
    assert_eq!(town.server.get_as(&by_key, &record).status, 200);
    assert_eq!(preview().status, 422, "now the sheet is read, and it is empty");
}

#[test]
fn pages_of_acts_go_on_where_the_last_one_ended() {
    let town = Town::start();
    let ben = town.server.sign_in(BEN);
    for limit in ["0", "101", "x"] {
        let refused = town.server.get_as(&ben, &format!("/v1/acts?limit={limit}"));
        assert_eq!((refused.status, refused.code().as_str()), (400, "bad-request"), "{limit}");
    }
    assert_eq!(town.server.get("/v1/acts").code(), "sign-in-required");
    let listed: Vec<EventId> = [OFFICER, OFFICER]
        .into_iter()
        .zip([FAR, BEN])
        .map(|(by, who)| Town::event_of(&town.must(by, joins(who, UNIT), vec![])))
        .collect();
    let officer = town.server.sign_in(OFFICER);
    let first = town.server.get_as(&officer, "/v1/acts?limit=1").json();
    assert_eq!(first["acts"][0]["act"], json!(listed[0].to_string()));
    let next = town.server.get_as(&officer, &format!("/v1/acts?limit=1&after={}", first["next"])).json();
    assert_eq!(next["acts"][0]["act"], json!(listed[1].to_string()));
    assert_eq!(next["next"], Value::Null);
}
