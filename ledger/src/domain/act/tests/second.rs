//! Nothing that cannot be undone happens on one staff member's word. Lists and exemptions are tested with theirs, hours
//! with theirs.

use super::super::super::event::{CreditEvent, KeyEvent};
use super::*;
use crate::domain::ids::KeyId;

const ALLY: PersonId = PersonId([65; 16]);

/// A town with one more worker of the community, by a key and a role of these persons' hands.
fn with_ally(code_by: PersonId, granter: PersonId) -> Town {
    let mut town = Town::new();
    let name = Commitment([65; 32]);
    town.must(FOUNDER, Body::registered(ALLY, COMMUNITY, name, None));
    town.enrol(code_by, ALLY, key_of(ALLY));
    official(&mut town, granter, ALLY, Role::Worker, COMMUNITY);
    town.wait_days(30);
    town
}

fn lost(person: PersonId) -> Body {
    revoke(person, key_of(person), RevocationReason::Lost)
}

fn pays(to: PersonId) -> Body {
    let (from, to) = (Account::Fund(COMMUNITY), Account::Person(to));
    Body::Credit(CreditEvent::Transferred { from, to, minutes: 10, kind: TransferKind::Grant })
}

#[test]
fn a_persons_key_ends_and_a_fund_pays_when_a_second_person_agrees() {
    let mut town = Town::new();
    rich(&mut town);
    let (key, paid) = (town.held(WORKER, lost(ANN)), town.held(WORKER, pays(BO)));
    assert!(is_in_force(&town, key_of(ANN)) && balance(&town, Account::Person(BO)) == 0);
    town.wait_days(90);
    assert_eq!(tick(&mut town), [], "no time replaces a second person");
    for act in [key, paid] {
        for other in [WORKER, FAR_WORKER, BO, LEDGER] {
            assert!(code(&mut town, other, approve(act)).is_err(), "{other}");
        }
        town.must(SECOND_WORKER, approve(act));
    }
    assert!(!is_in_force(&town, key_of(ANN)));
    assert_eq!(balance(&town, Account::Person(BO)), 10);
}

#[test]
fn a_steward_above_may_be_the_second() {
    let mut town = Town::new();
    let act = town.held(WORKER, lost(ANN));
    town.must(STEWARD, approve(act));
    assert!(!is_in_force(&town, key_of(ANN)));
}

#[test]
fn consent_in_a_persons_name_takes_a_second_person_and_the_person_calls_it_off() {
    let mut town = Town::new();
    let public = |town: &Town| town.state.people.get(ANN).is_some_and(|person| person.public_name);
    let ask = |town: &mut Town| {
        let act = town.event(WORKER, consent(true)).id;
        town.proxy(WORKER, ANN, consent(true)).expect("it is accepted");
        act
    };
    let act = ask(&mut town);
    assert!(!public(&town));
    town.must(ANN, stop(act));
    let act = ask(&mut town);
    town.must(SECOND_WORKER, approve(act));
    assert!(public(&town));
    let back = town.proxy(WORKER, ANN, consent(false));
    assert!(back == Ok(vec![]) && !public(&town), "which is taken back at once");
}

#[test]
fn the_person_does_not_keep_a_key_that_was_lost_by_calling_its_end_off() {
    let mut town = Town::new();
    let act = town.held(WORKER, lost(ANN));
    assert_eq!(code(&mut town, ANN, stop(act)), Err(Code::NotAuthorised), "whoever found it");
    town.must(SECOND_WORKER, stop(act));
}

#[test]
fn the_second_is_not_the_first_in_whatever_name() {
    let mut town = Town::new();
    let act = town.event(WORKER, erase(ANN)).id;
    town.proxy(WORKER, ANN, erase(ANN)).expect("it is accepted");
    assert_eq!(code(&mut town, WORKER, approve(act)), Err(Code::FourEyes));
    let other_key = PublicKey([43; 32]);
    town.must(WORKER, Body::Key(KeyEvent::Enrolled { person: WORKER, key: other_key, proof: PROOF }));
    let (role, scope, keys) = (Role::Worker, Scope::Org(COMMUNITY), vec![KeyId::of(&other_key)]);
    town.must(FOUNDER, Body::appointed(WORKER, role, scope, keys));
    let by_it = town.by_key(&other_key, WORKER, approve(act)).map_err(|r| r.code);
    assert_eq!(by_it, Err(Code::FourEyes), "a second key is not a second person");
    let proxy = town.proxy(SECOND_WORKER, ANN, approve(act)).map_err(|r| r.code);
    assert_eq!(proxy, Err(Code::NotAuthorised), "nor is it said in the person's name");
}

#[test]
fn the_second_is_not_the_one_whom_it_concerns_or_who_gains_by_it() {
    let mut town = Town::new();
    rich(&mut town);
    let act = town.held(SECOND_WORKER, pays(WORKER));
    assert_eq!(code(&mut town, WORKER, approve(act)), Err(Code::FourEyes), "paid by their own agreement");
    let mut town = with_ally(FOUNDER, FOUNDER);
    let act = town.held(STEWARD, lost(ALLY));
    assert_eq!(code(&mut town, ALLY, approve(act)), Err(Code::FourEyes));
}

#[test]
fn neither_of_the_two_has_a_key_by_the_others_code() {
    let cases = [
        (FOUNDER, FOUNDER, Ok(())),
        (FOUNDER, STEWARD, Ok(())),
        (STEWARD, FOUNDER, Err(Code::FourEyes)),
        (WORKER, FOUNDER, Ok(())),
    ];
    for (code_by, granter, expected) in cases {
        let mut town = with_ally(code_by, granter);
        let act = town.held(STEWARD, lost(ANN));
        assert_eq!(code(&mut town, ALLY, approve(act)), expected, "{code_by} {granter}");
        let mut town = with_ally(code_by, granter);
        let act = town.held(ALLY, lost(ANN));
        assert_eq!(code(&mut town, STEWARD, approve(act)), expected, "the other way round");
    }
}

/// A steward who made a worker of a neighbour's name could otherwise be both after a change of the keys.
#[test]
fn no_change_since_makes_another_hand_of_it() {
    let rotated = PublicKey([44; 32]);
    let old = KeyId::of(&key_of(ALLY));
    let mut town = with_ally(STEWARD, FOUNDER);
    let act = town.held(ALLY, lost(ANN));
    town.must(ALLY, Body::Key(KeyEvent::Rotated { person: ALLY, old, new: rotated, proof: PROOF }));
    assert_eq!(code(&mut town, STEWARD, approve(act)), Err(Code::FourEyes));
    let mut town = with_ally(STEWARD, FOUNDER);
    town.must(ALLY, Body::Key(KeyEvent::Rotated { person: ALLY, old, new: rotated, proof: PROOF }));
    let act = town.held(STEWARD, lost(ANN));
    let by_it = town.by_key(&rotated, ALLY, approve(act)).map_err(|r| r.code);
    assert_eq!(by_it, Err(Code::FourEyes), "a key that stems from one by the steward's code");
}

/// A steward who sets up two workers cannot be both before either had the time to see it.
#[test]
fn two_keys_by_codes_of_one_issuer_are_one_hand_until_the_term_is_over() {
    let other = PersonId([66; 16]);
    let set_up = |codes: [PersonId; 2]| {
        let mut town = Town::new();
        town.wait_days(7);
        for (person, by) in [ALLY, other].into_iter().zip(codes) {
            let name = Commitment([65; 32]);
            town.must(FOUNDER, Body::registered(person, COMMUNITY, name, None));
            town.enrol(by, person, key_of(person));
            official(&mut town, FOUNDER, person, Role::Worker, COMMUNITY);
        }
        town
    };
    let mut town = set_up([STEWARD, STEWARD]);
    let early = town.held(ALLY, lost(ANN));
    town.wait_days(6);
    assert_eq!(code(&mut town, other, approve(early)), Err(Code::FourEyes));
    town.wait_days(1);
    let late = town.held(ALLY, lost(BO));
    assert_eq!(code(&mut town, other, approve(late)), Ok(()), "they are two persons by now");
    let mut town = set_up([STEWARD, WORKER]);
    let act = town.held(ALLY, lost(ANN));
    assert_eq!(code(&mut town, other, approve(act)), Ok(()), "by codes of two");
    let mut town = set_up([STEWARD, FOUNDER]);
    let act = town.held(ALLY, lost(ANN));
    town.wait_days(5);
    town.enrol(STEWARD, other, NEW);
    let (role, scope, keys) = (Role::Worker, Scope::Org(COMMUNITY), vec![KeyId::of(&NEW)]);
    town.must(FOUNDER, Body::appointed(other, role, scope, keys));
    town.wait_days(3);
    let by_it = town.by_key(&NEW, other, approve(act)).map_err(|r| r.code);
    assert_eq!(by_it, Err(Code::FourEyes), "it counts whose hand the first was when it was asserted");
}

/// A steward who makes a steward who makes another would otherwise be all three.
#[test]
fn whoever_is_behind_the_issuer_of_a_code_is_behind_the_key() {
    let (first, second) = (ALLY, PersonId([66; 16]));
    let mut town = Town::new();
    town.wait_days(30);
    for (by, person) in [(STEWARD, first), (first, second)] {
        town.must(by, Body::registered(person, COMMUNITY, Commitment([65; 32]), None));
        town.enrol(by, person, key_of(person));
        official(&mut town, by, person, Role::Steward, COMMUNITY);
    }
    for wait in [0, 30] {
        town.wait_days(wait);
        for (one, other) in [(STEWARD, first), (STEWARD, second), (second, STEWARD), (first, second)] {
            let act = town.held(one, lost(ANN));
            assert_eq!(code(&mut town, other, approve(act)), Err(Code::FourEyes), "{one} {other} {wait}");
            town.must(one, stop(act));
        }
    }
    let act = town.held(second, lost(ANN));
    assert_eq!(code(&mut town, WORKER, approve(act)), Ok(()), "somebody of their own");
}

#[test]
fn a_key_that_stems_from_ones_code_is_in_ones_hand_in_whatever_office() {
    let mut town = with_ally(FOUNDER, FOUNDER);
    town.enrol(STEWARD, ALLY, NEW);
    town.wait_days(8);
    let child = PublicKey([45; 32]);
    town.by_key(&NEW, ALLY, Body::Key(KeyEvent::Enrolled { person: ALLY, key: child, proof: PROOF }))
        .expect("one more");
    let (role, scope, keys) = (Role::Worker, Scope::Org(COMMUNITY), vec![KeyId::of(&child)]);
    town.must(STEWARD, Body::appointed(ALLY, role, scope, keys));
    let act = town.held(STEWARD, lost(ANN));
    let by_it = town.by_key(&child, ALLY, approve(act)).map_err(|r| r.code);
    assert_eq!(by_it, Err(Code::FourEyes));
}

#[test]
fn a_colleague_of_another_community_or_without_the_role_is_no_second() {
    let mut town = Town::new();
    let act = town.held(WORKER, lost(ANN));
    for other in [FAR_WORKER, BO, ANN, RESIDENT] {
        assert_eq!(code(&mut town, other, approve(act)), Err(Code::NotAuthorised), "{other}");
    }
    let session = town.session(STEWARD, SECOND_WORKER);
    let by_code = town.witnessed(SECOND_WORKER, session, approve(act)).map_err(|r| r.code);
    assert_eq!(by_code, Err(Code::NotAuthorised), "a role is not exercised by a code");
}

#[test]
fn staff_of_one_home_cannot_between_them_erase_at_once_or_reach_another_home() {
    let mut town = Town::new();
    let act = town.held(WORKER, erase(ANN));
    town.must(SECOND_WORKER, approve(act));
    assert!(!is_erased(&town, ANN) && waits(&town, act));
    let far = PersonId([66; 16]);
    town.register(far, OTHER_COMMUNITY);
    for by in [WORKER, SECOND_WORKER] {
        assert_eq!(code(&mut town, by, erase(far)), Err(Code::NotAuthorised));
        assert_eq!(code(&mut town, by, lost(far)), Err(Code::NotAuthorised));
    }
}
