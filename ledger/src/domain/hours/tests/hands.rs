//! Whose hand records and confirms: which two are two persons, and which are not.

use super::*;
use crate::domain::event::Role;
use crate::domain::ids::{KeyId, PublicKey};

/// Which of the three is not another, or by whose code, and of nobody who.
#[test]
fn a_second_look_says_which_of_the_persons_is_not_another() {
    let mut town = town();
    let recorded = town.given(WORKER, record(vec![row(1, SECOND_WORKER, at(0, 540, 600))]));
    let why = |outcome: Outcome| outcome.map(drop).map_err(|refused| (refused.reason, refused.detail));
    let says = |reason| Err((Some(reason), None));
    assert_eq!(why(town.attempt(WORKER, all(recorded))), says(Reason::FirstWasYou));
    assert_eq!(why(town.attempt(SECOND_WORKER, all(recorded))), says(Reason::ConcernsYou));
    assert_eq!(
        why(town.attempt(WORKER, record(vec![row(2, WORKER, at(0, 540, 600))]))),
        says(Reason::ConcernsYou)
    );
    let key = PublicKey([88; 32]);
    town.enrol(WORKER, SECOND_WORKER, key);
    let (role, scope) = (Role::Worker, Scope::Org(COMMUNITY));
    town.must(FOUNDER, Body::appointed(SECOND_WORKER, role, scope, vec![KeyId::of(&key)]));
    let anns = town.given(WORKER, record(vec![row(3, ANN, at(0, 540, 600))]));
    assert_eq!(why(town.by_key(&key, SECOND_WORKER, all(anns))), says(Reason::SameHand));
    let own = record(vec![row(4, WORKER, at(0, 600, 660))]);
    assert_eq!(why(town.by_key(&key, SECOND_WORKER, own)), says(Reason::InTheirHand));
}

/// What decision 6 costs: two workers whose keys came by codes of one steward are two persons for hours, on the first day as
/// ever after, since a small community has nobody else to hand out codes. They are not two for what cannot be undone.
#[test]
fn two_keys_by_codes_of_one_issuer_are_two_persons_for_hours() {
    let keys = [(WORKER, PublicKey([88; 32])), (SECOND_WORKER, PublicKey([89; 32]))];
    let mut town = town();
    for (person, key) in keys {
        town.enrol(STEWARD, person, key);
        let (role, scope) = (Role::Worker, Scope::Org(COMMUNITY));
        town.must(FOUNDER, Body::appointed(person, role, scope, vec![KeyId::of(&key)]));
    }
    let [(one, of_one), (other, of_other)] = keys;
    for (n, days) in [(1, 0), (2, 30)] {
        town.wait_days(days);
        let recorded = EventId::numbered(town.now, town.position);
        town.by_key(&of_one, one, record(vec![row(n, ANN, at(0, 540, 600))])).expect("recorded");
        assert_eq!(town.by_key(&of_other, other, all(recorded)).map(drop), Ok(()), "after {days} days");
    }
}

/// Whoever handed out the code can have typed it in: then recorder and confirmer are one person.
#[test]
fn neither_recorder_nor_confirmer_has_a_key_by_the_others_code() {
    let key = PublicKey([88; 32]);
    let appoint = |town: &mut Town, by, person| {
        town.enrol(by, person, key);
        let (role, scope) = (Role::Worker, Scope::Org(COMMUNITY));
        town.must(FOUNDER, Body::appointed(person, role, scope, vec![KeyId::of(&key)]));
    };
    let ann = || record(vec![row(1, ANN, at(0, 540, 600))]);
    let mut town = town();
    appoint(&mut town, WORKER, SECOND_WORKER);
    town.wait_days(30);
    let recorded = town.given(WORKER, ann());
    let by_it = town.by_key(&key, SECOND_WORKER, all(recorded));
    assert_eq!(refusal(by_it), (Code::FourEyes, None), "confirmed by the recorder's hand");
    assert_eq!(town.attempt(SECOND_WORKER, all(recorded)).map(|_| ()), Ok(()), "by a key of their own");
    let recorded = town.given(SECOND_WORKER, record(vec![row(2, BO, at(0, 540, 600))]));
    let refused = refusal(town.attempt(WORKER, all(recorded)));
    assert_eq!(refused, (Code::FourEyes, None), "the recorder has a key by the confirmer's code");
    let ended =
        Body::key_revoked(SECOND_WORKER, KeyId::of(&key), crate::domain::event::RevocationReason::Lost);
    town.must(SECOND_WORKER, ended);
    assert_eq!(town.attempt(WORKER, all(recorded)).map(|_| ()), Ok(()), "which is over");
}

/// By a key that a volunteer handed out the volunteer would confirm their own hours.
#[test]
fn a_key_in_the_volunteers_hand_neither_records_nor_confirms_until_the_term_is_over() {
    let key = PublicKey([88; 32]);
    let mut town = town();
    town.enrol(STEWARD, SECOND_WORKER, key);
    let (person, role, scope) = (SECOND_WORKER, Role::Worker, Scope::Org(COMMUNITY));
    town.must(FOUNDER, Body::appointed(person, role, scope, vec![KeyId::of(&key)]));
    let recorded = town.given(WORKER, record(vec![row(1, STEWARD, at(0, 540, 600))]));
    let own = |n| record(vec![row(n, STEWARD, at(0, 600, 660))]);
    for body in [all(recorded), own(2)] {
        assert_eq!(refusal(town.by_key(&key, SECOND_WORKER, body)), (Code::FourEyes, Some(0)));
    }
    let reason = crate::domain::event::RevocationReason::Retired;
    let old = KeyId::of(&key_of(SECOND_WORKER));
    town.must(SECOND_WORKER, Body::key_revoked(SECOND_WORKER, old, reason));
    town.wait_days(7);
    for body in [all(recorded), own(2)] {
        assert!(town.by_key(&key, SECOND_WORKER, body).is_ok());
    }
}
