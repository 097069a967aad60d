//! Every refusal code over HTTP, and which one is named where two faults coincide.

use hourbook_ledger::domain::event::{
    Account, ActEvent, ActivityEvent, AffiliationKind, Body, Claimer, CreditEvent, EdgeKind, Event, Expected,
    ListEvent, MemberEvent, OrgKind, ReportInEvent, RevocationReason, Role, RoleEvent, Scope, SessionEvent,
    Span, TransferKind, WishEvent,
};
use std::collections::BTreeMap;

use hourbook_ledger::actor::Actor;
use hourbook_ledger::commitment::Field;
use hourbook_ledger::domain::ids::{
    ActivityId, EventId, HoldId, OrgId, PersonId, PublicKey, ShiftId, WishId,
};
use hourbook_ledger::domain::policy::{CalendarPolicy, CreditPolicy, Policy, WishPolicy};
use hourbook_ledger::domain::time::{Date, Period, Year};
use hourbook_ledger::domain::{Code, Reason};
use hourbook_ledger::envelope::Submission;
use hourbook_tests::server::{Answer, actor, key, person};
use hourbook_tests::town::*;

const NOBODY: PersonId = PersonId([77; 16]);
const NOWHERE: OrgId = OrgId([177; 16]);

/// Codes produced so far, with the answers.
#[derive(Default)]
struct Produced(BTreeMap<Code, Answer>);

impl Produced {
    /// Somebody's assertion is refused with the code.
    fn said(&mut self, town: &Town, code: Code, by: u8, body: Body) {
        self.expect(code, town.say(by, body, vec![]));
    }

    fn expect(&mut self, code: Code, answer: Answer) {
        assert_eq!(answer.code(), code.name(), "{}", answer.text());
        assert_eq!(answer.status, hourbook::problem::status(code).as_u16());
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        let json = answer.json();
        let why = Reason::ALL.iter().find(|reason| json["why"] == reason.name());
        assert!(why.is_none_or(|why| why.code() == code), "{json}");
        let several = matches!(code, Code::BadInterval | Code::FourEyes);
        assert_eq!(why.is_some(), several, "which of the conditions failed: {json}");
        assert!(
            code != Code::OutOfRange || json["detail"].as_str().is_some_and(|of| of.contains(": ")),
            "{json}"
        );
        let (zh, en) = why.map_or((code.zh(), code.en()), |why| (why.zh(), why.en()));
        assert_eq!((json["zh"].as_str(), json["en"].as_str()), (Some(zh), Some(en)));
        assert_eq!(json["transient"], code.is_transient());
        self.0.insert(code, answer);
    }
}

fn consent(who: u8) -> Body {
    Body::public_name(person(who), true)
}

fn revoke(who: u8) -> Body {
    Body::key_revoked(person(who), actor(who).key_id(), RevocationReason::Lost)
}

fn org(org: OrgId, parent: OrgId) -> Body {
    Body::org_registered(org, OrgKind::Grid, "新网格", Some(parent))
}

fn gift(minutes: u32) -> Body {
    let (from, to) = (Account::Person(person(ANN)), Account::Person(person(BEN)));
    Body::Credit(CreditEvent::Transferred { from, to, minutes, kind: TransferKind::Gift })
}

fn claim(wish: WishId) -> Body {
    Body::Wish(WishEvent::Claimed { wish, claimer: Claimer::Person(person(ANN)), participants: vec![] })
}

/// A calendar with more free days than an entry holds.
fn too_large() -> Body {
    let holidays = (0..30_000).map(Date).collect();
    let policy = Policy::Calendar(CalendarPolicy { year: Year(2027), holidays, workdays: vec![] });
    Body::policy_adopted(today().plus(1), policy)
}

fn change(town: &Town, by: &Actor, body: Body, change: impl FnOnce(&mut Event)) -> Submission {
    let mut event = by.event(town.server.now(), &mut *hourbook::state::system_rng(), body);
    change(&mut event);
    sign(by, &event)
}

fn send(town: &Town, submission: Submission) -> Answer {
    town.server.append(&[submission])
}

/// A second signature's bytes on the first one's event.
fn spoilt(mut submission: Submission) -> Submission {
    submission.signed.signature[5] ^= 1;
    submission
}

fn old_id(event: &mut Event) {
    event.id.0[..6].copy_from_slice(&[1, 0, 0, 0, 0, 0]);
}

/// Moves an event whose stream follows from its body to another ledger.
fn elsewhere(event: &mut Event) {
    event.ledger = "hourbook.test/other".to_owned();
}

#[test]
fn every_code_is_produced_over_http() {
    let town = Town::start();
    let mut produced = Produced::default();
    of_the_envelope(&town, &mut produced);
    of_organisations_and_people(&town, &mut produced);
    of_activities_and_hours(&town, &mut produced);
    of_credit(&town, &mut produced);
    of_wishes_and_lists(&town, &mut produced);
    of_keys_and_sessions(&town, &mut produced);
    let missing: Vec<_> = Code::ALL.iter().filter(|code| !produced.0.contains_key(code)).collect();
    assert!(missing.is_empty(), "no test produces {missing:?}");
}

fn of_the_envelope(town: &Town, produced: &mut Produced) {
    let ann = actor(ANN);
    produced.expect(Code::Malformed, town.server.post("/v1/events", &serde_json::json!({ "payload": 1 })));
    produced.said(town, Code::TooLarge, FOUNDER, too_large());
    let first = town.event(ANN, consent(ANN));
    assert_eq!(send(town, sign(&ann, &first)).status, 201);
    let other = Event { occurred_at: town.server.now().plus_days(1), ..first };
    produced.expect(Code::IdReused, send(town, sign(&ann, &other)));
    produced.expect(Code::WrongLedger, send(town, change(town, &ann, consent(ANN), elsewhere)));
    produced.expect(Code::IdOutOfWindow, send(town, change(town, &ann, consent(ANN), old_id)));
    produced.said(town, Code::KeyUnknown, OLD, consent(OLD));
    produced.expect(Code::BadSignature, send(town, spoilt(town.by(ANN, consent(ANN)))));
    produced.said(town, Code::NotAuthorised, FAR_WORKER, org(OrgId([120; 16]), COMMUNITY));
    let stale = change(town, &ann, consent(ANN), |event| event.expected = Expected::Exact(99));
    let answer = send(town, stale);
    assert!(answer.json()["detail"].to_string().contains("the stream is at revision"));
    produced.expect(Code::WrongRevision, answer);
}

fn of_organisations_and_people(town: &Town, produced: &mut Produced) {
    produced.said(town, Code::BeyondOwnRole, WORKER, revoke(SECOND_WORKER));
    produced.said(town, Code::FoundingState, FOUNDER, founding());
    let credit = CreditPolicy { earn_den: 0, account_cap: 1, ..CreditPolicy::PLAIN };
    produced.said(
        town,
        Code::OutOfRange,
        FOUNDER,
        Body::policy_adopted(today().plus(1), Policy::Credit(credit)),
    );
    let wishes = Policy::Wishes(WishPolicy { open_claims: 2, fulfil_days: 1, open_days: 1 });
    produced.said(town, Code::PolicyInPast, FOUNDER, Body::policy_adopted(today(), wishes));
    let again = town.registration(WORKER, person(ANN), GRID, "安娜娜");
    produced.expect(Code::AlreadyExists, send(town, again));
    produced.said(town, Code::UnknownOrg, FOUNDER, org(OrgId([121; 16]), NOWHERE));
    let grant = |person, role| Body::appointed(person, role, TEAM, vec![]);
    produced.said(town, Code::UnknownPerson, FOUNDER, grant(NOBODY, Role::Lead));
    let take = Body::Role(RoleEvent::Revoked {
        person: person(BEN),
        role: Role::Worker,
        scope: Scope::Org(COMMUNITY),
    });
    produced.said(town, Code::UnknownRole, FOUNDER, take);
    let circle = Body::org_linked(CITY, GRID, EdgeKind::PartOf, Span::since(today()));
    produced.said(town, Code::CircularOrg, FOUNDER, circle);
    let span = Span::since(today().plus(-40));
    let kind = AffiliationKind::Organisational;
    let twice = Body::affiliated(person(ANN), UNIT, kind, span);
    produced.said(town, Code::SpanOverlaps, OFFICER, twice);
    let answered =
        Body::ReportIn(ReportInEvent::Answered { person: person(BEN), community: COMMUNITY, accepted: true });
    produced.said(town, Code::ReportInState, WORKER, answered);
    let nameless =
        Submission { openings: vec![], ..town.registration(WORKER, person(61), GRID, "无名氏") };
    produced.expect(Code::BadOpening, send(town, nameless));
}

fn founding() -> Body {
    let public = |seed| PublicKey(key(seed).verifying_key().to_bytes());
    let founders = [(person(FOUNDER), actor(FOUNDER).public_key()), (person(2), public(2))];
    Body::founded(founders, public(90), (person(91), public(91)))
}

fn of_activities_and_hours(town: &Town, produced: &mut Produced) {
    let unknown = ActivityId([170; 16]);
    produced.said(
        town,
        Code::UnknownActivity,
        WORKER,
        Body::Activity(ActivityEvent::Published { activity: unknown }),
    );
    let activity = town.activity(WORKER, 140, GRID);
    let hours = |rows: &[_]| town.hours(COMMUNITY, activity, rows);
    produced.said(town, Code::NoPolicy, WORKER, hours(&[(ANN, interval(1, 480, 60))]));
    let answer = town.say(WORKER, hours(&[(ANN, interval(0, 420, 60)), (BEN, interval(0, 660, 60))]), vec![]);
    assert_eq!(answer.json()["row"], 1, "the row is named");
    produced.expect(Code::BadInterval, answer);
    let rows = [(ANN, interval(0, 480, 60))];
    let recorded = Town::event_of(&town.must(WORKER, hours(&rows), vec![]));
    produced.said(town, Code::RowRecorded, WORKER, hours(&rows));
    let confirm = Body::all_confirmed;
    produced.said(town, Code::FourEyes, WORKER, confirm(recorded));
    produced.said(town, Code::UnknownRecord, SECOND_WORKER, confirm(EventId([7; 16])));
    town.must(SECOND_WORKER, confirm(recorded), vec![]);
    produced.said(town, Code::RowState, SECOND_WORKER, confirm(recorded));
    let far = town.hours(ELSEWHERE, activity, &[(FAR, interval(0, 480, 60))]);
    produced.said(town, Code::ActivityElsewhere, FAR_WORKER, far);

    let close = Body::Activity(ActivityEvent::Closed { activity });
    produced.said(town, Code::ActivityState, WORKER, close);
    town.must(WORKER, Body::Activity(ActivityEvent::Published { activity }), vec![]);
    let shift = ShiftId([141; 16]);
    town.must(WORKER, Body::shift_opened(activity, shift, interval(-1, 480, 60), 5), vec![]);
    let sign_up = Body::Activity(ActivityEvent::SignedUp { activity, shift, person: person(ANN) });
    town.must(ANN, sign_up.clone(), vec![]);
    produced.said(town, Code::SignUpState, ANN, sign_up);
}

fn of_credit(town: &Town, produced: &mut Produced) {
    produced.said(town, Code::NotEnoughCredit, ANN, gift(61));
    produced.said(town, Code::AboveTransferLimit, ANN, gift(481));
    let hold = HoldId([150; 16]);
    produced.said(town, Code::UnknownHold, ANN, Body::Credit(CreditEvent::Settled { hold, minutes: 1 }));
    let until = town.server.now().plus_days(3);
    let held =
        Body::Credit(CreditEvent::Held { hold, from: person(ANN), to: person(BEN), minutes: 30, until });
    town.must(ANN, held, vec![]);
    town.must(ANN, Body::Credit(CreditEvent::Settled { hold, minutes: 30 }), vec![]);
    produced.said(town, Code::HoldState, ANN, Body::Credit(CreditEvent::Settled { hold, minutes: 1 }));
}

fn of_wishes_and_lists(town: &Town, produced: &mut Produced) {
    let unknown = WishId([171; 16]);
    produced.said(town, Code::UnknownWish, ANN, claim(unknown));
    let first = town.wish(WORKER, 151, OLD);
    produced.said(town, Code::WishState, ANN, claim(first));
    town.vet(SECOND_WORKER, first);
    town.must(ANN, claim(first), vec![]);
    let second = town.wish(WORKER, 152, OLD);
    town.vet(SECOND_WORKER, second);
    produced.said(town, Code::TooManyClaims, ANN, claim(second));

    let reason = opening(person(BEN).0, Field::Reason, "长期病假");
    let span = Span::since(today());
    let exempted = Body::List(ListEvent::MemberExempted {
        person: person(BEN),
        org: BRANCH,
        span,
        reason: reason.commitment(),
    });
    produced.expect(Code::NotAffiliated, town.say(SECRETARY, exempted, vec![reason]));
    let period = Period::Quarter(2026, 4);
    let list = Body::List(ListEvent::Published {
        scope: BRANCH,
        period,
        cutoff: 5,
        policy: EventId([9; 16]),
        digest: [0; 32],
    });
    produced.said(town, Code::BadList, SECRETARY, list);
}

fn of_keys_and_sessions(town: &Town, produced: &mut Produced) {
    let of_another = Body::key_revoked(person(ANN), actor(BEN).key_id(), RevocationReason::Lost);
    produced.said(town, Code::UnknownKey, ANN, of_another);
    town.must_both(WORKER, SECOND_WORKER, revoke(BEN), vec![]);
    produced.said(town, Code::KeyState, WORKER, revoke(BEN));
    produced.said(town, Code::KeyRevoked, BEN, consent(BEN));

    let close = |grant| Body::Session(SessionEvent::Closed { person: person(OLD), grant });
    produced.said(town, Code::UnknownGrant, WORKER, close(EventId([8; 16])));
    let grant = town.hand_out(WORKER, OLD, "42819300");
    town.must(WORKER, close(grant), vec![]);
    produced.said(town, Code::GrantState, WORKER, close(grant));

    let act = EventId([6; 16]);
    produced.said(town, Code::UnknownAct, SECOND_WORKER, Body::Act(ActEvent::Approved { act }));
    let in_office = Body::Member(MemberEvent::ErasureRequested { person: person(SECOND_WORKER) });
    produced.said(town, Code::HoldsOffice, WORKER, in_office);

    let ledger = town.server.ledger();
    let erased = Body::Member(MemberEvent::PersonalDataErased { person: person(OLD) });
    produced.expect(Code::NotDue, send(town, change(town, &ledger, erased, |_| {})));
}

/// Two faults in one event, each pair of neighbours in the documented order: the first is named.
#[test]
fn the_first_of_two_faults_is_named() {
    let town = Town::start();
    let (ann, stranger) = (actor(ANN), actor(99));
    let refused = |submission, code: Code| {
        let answer = send(&town, submission);
        assert_eq!(answer.code(), code.name(), "{}", answer.text());
    };
    let not_v7 = |event: &mut Event| event.id.0[6] = 0x40;
    // malformed before too large
    let garbage = hourbook_ledger::dsse::SignedEvent::sign(&key(ANN), vec![0xff; 70_000]);
    refused(Submission { signed: garbage, openings: vec![] }, Code::Malformed);
    // malformed before an unknown key
    refused(change(&town, &stranger, consent(ANN), not_v7), Code::Malformed);
    // too large before the wrong ledger
    refused(change(&town, &actor(FOUNDER), too_large(), elsewhere), Code::TooLarge);
    // a reused id before the wrong ledger
    let first = town.event(ANN, consent(ANN));
    assert_eq!(send(&town, sign(&ann, &first)).status, 201);
    let mut reused = first.clone();
    elsewhere(&mut reused);
    refused(sign(&ann, &reused), Code::IdReused);
    // the wrong ledger before an old id
    let both = |event: &mut Event| {
        elsewhere(event);
        old_id(event);
    };
    refused(change(&town, &ann, consent(ANN), both), Code::WrongLedger);
    // an old id before an unknown key
    refused(change(&town, &stranger, consent(ANN), old_id), Code::IdOutOfWindow);
    // an unknown key before a bad signature
    refused(spoilt(change(&town, &stranger, consent(ANN), |_| {})), Code::KeyUnknown);
    // a revoked key before a bad signature
    town.must(BEN, revoke(BEN), vec![]);
    refused(spoilt(town.by(BEN, consent(BEN))), Code::KeyRevoked);
    // a bad signature before a missing role
    refused(spoilt(town.by(FAR_WORKER, org(OrgId([120; 16]), COMMUNITY))), Code::BadSignature);
    // a missing role before a stale revision
    let stale = |event: &mut Event| event.expected = Expected::Exact(99);
    let far = actor(FAR_WORKER);
    refused(change(&town, &far, org(OrgId([120; 16]), COMMUNITY), stale), Code::NotAuthorised);
    // a stale revision before a rule
    refused(change(&town, &actor(FOUNDER), org(GRID, COMMUNITY), stale), Code::WrongRevision);
    // a rule before a missing opening
    let again = Submission { openings: vec![], ..town.registration(WORKER, person(ANN), GRID, "安娜娜") };
    refused(again, Code::AlreadyExists);
}

#[test]
fn the_problem_list_names_every_code_in_the_order_of_precedence() {
    let server = hourbook_tests::server::Server::start();
    let list = server.get("/problems").json();
    let listed: Vec<&str> = list.as_array().unwrap().iter().map(|p| p["code"].as_str().unwrap()).collect();
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.name()).collect();
    assert_eq!(listed[..codes.len()], codes);
    let one = server.get("/problems/four-eyes").json();
    assert_eq!(one["zh"], Code::FourEyes.zh());
    assert_eq!(server.get("/problems/no-such-code").code(), "not-found");
}

#[test]
fn what_is_no_event_is_refused_by_name() {
    let server = hourbook_tests::server::Server::start();
    let json = [("content-type", "application/json")];
    for (headers, body, status, code) in [
        (&json[..], &b"{"[..], 400, "malformed"),
        (&json[..], b"{}", 400, "malformed"),
        (&json[..], br#"{"submissions":[]}"#, 400, "batch-size"),
        (&json[..], br#"{"submissions":[{"envelope":{}}]}"#, 400, "malformed"),
        (&[("content-type", "application/x-protobuf")][..], b"\xff", 400, "malformed"),
        (&[("content-type", "application/x-protobuf")][..], b"", 400, "batch-size"),
        (&[("content-type", "text/plain")][..], b"hello", 415, "unsupported-media-type"),
        (&[][..], b"hello", 415, "unsupported-media-type"),
        (&json[..], &vec![b' '; (8 << 20) + 1][..], 413, "too-large"),
    ] {
        let answer = server.send("POST", "/v1/events", headers, body);
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{}", answer.text());
    }
    assert_eq!(server.get("/v1/events").code(), "method-not-allowed");
    assert_eq!(server.get("/v1/nothing").code(), "not-found");
}
