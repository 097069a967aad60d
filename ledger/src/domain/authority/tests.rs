mod matrix;

use super::super::event::{KeyEvent, Lead, LedgerEvent, RevocationReason, SessionEvent};
use super::super::ids::{ActivityId, Commitment, KeyId, PublicKey};
use super::super::testing::*;
use super::*;
use crate::domain::ids::PersonId;

fn enrol(person: PersonId) -> Body {
    Body::Key(KeyEvent::Enrolled { person, key: PublicKey([42; 32]), proof: PROOF })
}

#[test]
fn every_kind_of_event_has_a_way_and_a_name_of_its_own() {
    let ruled = |kind: BodyKind| !kind.by().is_empty() && BodyKind::named(kind.name()) == Some(kind);
    assert_eq!(BodyKind::all().filter(|kind| !ruled(*kind)).collect::<Vec<_>>(), []);
}

#[test]
fn a_role_reaches_down_and_not_sideways() {
    let mut town = Town::new();
    let plan =
        |org| Body::planned(ActivityId([0xa1; 16]), org, "care", Commitment([0; 32]), Lead::Person(ANN));
    assert_eq!(code(&mut town, FAR_WORKER, plan(GRID)), Err(Code::NotAuthorised));
    assert_eq!(code(&mut town, WORKER, plan(CITY)), Err(Code::NotAuthorised));
    assert_eq!(code(&mut town, WORKER, plan(GRID)), Ok(()));
}

#[test]
fn a_worker_cannot_make_a_steward_or_borrow_ones_key() {
    let mut town = Town::new();
    let worker = grants(ANN, Role::Worker, Scope::Org(COMMUNITY));
    assert_eq!(code(&mut town, WORKER, worker.clone()), Err(Code::NotAuthorised));
    assert_eq!(code(&mut town, STEWARD, worker), Ok(()));
    let beyond = grants(ANN, Role::Steward, Scope::Ledger);
    assert_eq!(code(&mut town, STEWARD, beyond), Err(Code::NotAuthorised));
    for staff in [WORKER, STEWARD, FOUNDER] {
        assert_eq!(code(&mut town, staff, enrol(SECOND_WORKER)), Err(Code::NotAuthorised));
    }
    let key = KeyId::of(&key_of(SECOND_WORKER));
    let lost = Body::key_revoked(SECOND_WORKER, key, RevocationReason::Lost);
    assert_eq!(code(&mut town, WORKER, lost.clone()), Err(Code::BeyondOwnRole));
    assert_eq!(code(&mut town, STEWARD, lost), Ok(()));
}

#[test]
fn nobody_grants_a_role_to_themselves() {
    let mut town = Town::new();
    let role = |person, key| {
        let (role, scope) = (Role::Auditor, Scope::Org(CITY));
        Body::appointed(person, role, scope, vec![KeyId::of(&key)])
    };
    for person in [FOUNDER, STEWARD] {
        assert_eq!(code(&mut town, person, role(person, key_of(person))), Err(Code::BeyondOwnRole));
    }
    let own_office = Body::appointed(STEWARD, Role::Steward, CITY, vec![]);
    assert_eq!(code(&mut town, STEWARD, own_office), Err(Code::BeyondOwnRole), "nor names more keys for it");
    let lent = PublicKey([43; 32]);
    town.enrol(FOUNDER, STEWARD, lent);
    town.must(FOUNDER, Body::appointed(STEWARD, Role::Steward, CITY, vec![KeyId::of(&lent)]));
    let to_issuer = town.by_key(&lent, STEWARD, role(FOUNDER, key_of(FOUNDER))).map_err(|r| r.code);
    assert_eq!(to_issuer, Err(Code::BeyondOwnRole), "by a key in their own hand");
    let (key, reason) = (KeyId::of(&key_of(STEWARD)), RevocationReason::Retired);
    town.must(STEWARD, Body::key_revoked(STEWARD, key, reason));
    town.wait_days(7);
    assert!(town.by_key(&lent, STEWARD, role(FOUNDER, key_of(FOUNDER))).is_ok());
}

#[test]
fn nobody_makes_a_founder_and_only_founders_touch_the_keys_of_the_ledger() {
    let mut town = Town::new();
    assert_eq!(code(&mut town, FOUNDER, grants(ANN, Role::Founder, Scope::Ledger)), Err(Code::BeyondOwnRole));
    town.must(FOUNDER, grants(STEWARD, Role::Steward, Scope::Ledger));
    let key = KeyId::of(&key_of(LEDGER));
    let revoke = Body::key_revoked(LEDGER, key, RevocationReason::Stolen);
    let founder = KeyId::of(&key_of(SECOND_FOUNDER));
    let depose = Body::key_revoked(SECOND_FOUNDER, founder, RevocationReason::Stolen);
    for body in [revoke.clone(), depose.clone()] {
        assert_eq!(code(&mut town, WORKER, body.clone()), Err(Code::NotAuthorised));
        assert_eq!(code(&mut town, STEWARD, body), Err(Code::BeyondOwnRole));
    }
    let disguise = Body::registered(LEDGER, COMMUNITY, Commitment([0; 32]), None);
    assert_eq!(code(&mut town, WORKER, disguise.clone()), Err(Code::BeyondOwnRole));
    assert_eq!(code(&mut town, FOUNDER, disguise), Err(Code::AlreadyExists));
    assert_eq!(code(&mut town, FOUNDER, depose), Ok(()));
    assert_eq!(code(&mut town, FOUNDER, revoke), Ok(()));
}

/// A founder registered in a community of the attacker's would be one whom its staff act for.
#[test]
fn a_founder_becomes_a_member_by_a_founders_hand_alone() {
    let mut town = Town::new();
    let register = |person| Body::registered(person, COMMUNITY, Commitment([0; 32]), None);
    assert_eq!(code(&mut town, WORKER, register(FOUNDER)), Err(Code::BeyondOwnRole));
    assert_eq!(code(&mut town, STEWARD, register(FOUNDER)), Err(Code::BeyondOwnRole));
    assert_eq!(code(&mut town, FOUNDER, register(FOUNDER)), Ok(()));
}

#[test]
fn a_role_is_exercised_by_the_keys_that_its_grant_names_and_by_no_other() {
    let mut town = Town::new();
    let (code_hash, now) = (Commitment([1; 32]), town.now);
    let body = Body::Session(SessionEvent::Granted { person: ANN, code: code_hash, until: now.plus_days(1) });
    let session = town.given(WORKER, body);
    town.must(
        LEDGER,
        Body::Session(SessionEvent::Opened { person: ANN, grant: session, until: now.plus_days(9) }),
    );
    let first = town.witnessed(
        ANN,
        session,
        Body::Key(KeyEvent::Enrolled { person: ANN, key: PublicKey([43; 32]), proof: PROOF }),
    );
    assert!(first.is_ok(), "a person brings a new phone");
    town.must(STEWARD, grants(ANN, Role::Worker, Scope::Org(COMMUNITY)));
    assert!(town.witnessed(ANN, session, enrol(ANN)).is_ok(), "and one more");
    let old = KeyId::of(&key_of(ANN));
    let rotate =
        |new| Body::Key(KeyEvent::Rotated { person: ANN, old, new: PublicKey([new; 32]), proof: PROOF });
    assert_eq!(
        town.witnessed(ANN, session, rotate(44)).map_err(|r| r.code),
        Err(Code::NotAuthorised),
        "by that key itself alone"
    );
    let until = town.now.plus_days(1);
    let help = |key: PublicKey, town: &mut Town| {
        let body = Body::Session(SessionEvent::Granted { person: BO, code: Commitment([1; 32]), until });
        town.by_key(&key, ANN, body).map(drop).map_err(|r| r.code)
    };
    assert_eq!(help(key_of(ANN), &mut town), Ok(()));
    for other in [42, 43] {
        assert_eq!(help(PublicKey([other; 32]), &mut town), Err(Code::NotAuthorised), "by the worker's code");
    }
    town.must(ANN, rotate(45));
    assert_eq!(help(PublicKey([45; 32]), &mut town), Ok(()), "rotation keeps roles");
    assert_eq!(help(key_of(ANN), &mut town), Err(Code::NotAuthorised), "the old one has none");
}

#[test]
fn what_may_be_given_is_asked_after_the_revision() {
    let mut town = Town::new();
    let until = town.now.plus_days(1);
    let body = Body::Session(SessionEvent::Granted { person: FOUNDER, code: Commitment([1; 32]), until });
    town.must(FOUNDER, grants(STEWARD, Role::Steward, Scope::Ledger));
    assert_eq!(code(&mut town, STEWARD, body.clone()), Err(Code::BeyondOwnRole));
    let mut event = town.event(STEWARD, body);
    event.expected = super::super::event::Expected::Exact(99);
    assert_eq!(town.submit(STEWARD, &event).map_err(|r| r.code), Err(Code::WrongRevision));
}

#[test]
fn before_the_founding_there_is_only_the_founding() {
    let town = Town::new();
    let (event, cx) = (town.event(FOUNDER, enrol(ANN)), town.context(FOUNDER));
    assert_eq!(authorise(&State::default(), &cx, &event).map_err(|r| r.code), Err(Code::FoundingState));
}

#[test]
fn the_founding_is_signed_by_the_first_founder_alone() {
    let town = Town::new();
    let founding = town.state.founded.as_ref().expect("it is founded").founding.clone();
    for (actor, signer, expected) in [
        (FOUNDER, FOUNDER, Ok(())),
        (SECOND_FOUNDER, SECOND_FOUNDER, Err(Code::NotAuthorised)),
        (FOUNDER, SECOND_FOUNDER, Err(Code::NotAuthorised)),
        (SECOND_FOUNDER, FOUNDER, Err(Code::NotAuthorised)),
        (LEDGER, LEDGER, Err(Code::NotAuthorised)),
    ] {
        let event = town.event(actor, Body::Ledger(LedgerEvent::Founded(founding.clone())));
        let answer = authorise(&State::default(), &town.context(signer), &event).map_err(|r| r.code);
        assert_eq!(answer, expected, "{actor:?} {signer:?}");
    }
}
