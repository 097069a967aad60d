//! Whoever holds a role lays it down; nobody does it in their name.

use super::super::super::event::{KeyEvent, RoleEvent};
use super::*;
use crate::domain::ids::KeyId;

fn office(town: &mut Town, keys: Vec<KeyId>) -> Body {
    let (person, role, scope) = (ANN, Role::Lead, Scope::Org(GRID));
    town.must(STEWARD, Body::appointed(person, role, scope, keys));
    Body::Role(RoleEvent::Revoked { person, role, scope })
}

fn ends_founding(person: PersonId) -> Body {
    Body::Role(RoleEvent::Revoked { person, role: Role::Founder, scope: Scope::Ledger })
}

fn is_founder(town: &Town, person: PersonId) -> bool {
    town.state.people.office(person, Role::Founder, Scope::Ledger).is_some()
}

/// Otherwise a role that nobody asked for keeps somebody from being erased.
#[test]
fn whoever_holds_a_role_lays_it_down_and_is_erased() {
    let mut town = Town::new();
    let lays_down = office(&mut town, keys_of(ANN));
    assert_eq!(code(&mut town, ANN, erase(ANN)), Err(Code::HoldsOffice));
    assert_eq!(code(&mut town, BO, lays_down.clone()), Err(Code::NotAuthorised));
    let by_proxy = town.proxy(WORKER, ANN, lays_down.clone()).map_err(|r| r.code);
    assert_eq!(by_proxy, Err(Code::NotAuthorised), "in person");
    assert_eq!(town.must(ANN, lays_down.clone()), []);
    assert_eq!(code(&mut town, ANN, lays_down), Err(Code::UnknownRole));
    assert_eq!(code(&mut town, ANN, erase(ANN)), Ok(()));
}

/// Whoever typed in a colleague's code would be rid of who stands above them.
#[test]
fn a_code_lays_down_after_the_term_what_a_key_exercises() {
    let mut town = Town::new();
    let session = town.session(WORKER, ANN);
    town.enrol(WORKER, ANN, NEW);
    let lays_down = office(&mut town, keys_of(ANN));
    let act = typed(&mut town, session, ANN, lays_down.clone());
    town.must(ANN, stop(act));
    let act = keyed(&mut town, NEW, ANN, lays_down);
    assert!(!town.state.people.roles(ANN).is_empty());
    assert!(takes_effect_after(&mut town, act, 7));
    assert!(town.state.people.roles(ANN).is_empty());
}

#[test]
fn a_code_lays_down_at_once_what_no_key_exercises() {
    let mut town = Town::new();
    let session = town.session(WORKER, ANN);
    let lays_down = office(&mut town, vec![]);
    assert_eq!(town.witnessed(ANN, session, lays_down), Ok(vec![]), "as was granted unasked");
    let lays_down = office(&mut town, keys_of(ANN));
    town.approved(STEWARD, revoke(ANN, key_of(ANN), RevocationReason::Lost), WORKER);
    assert_eq!(town.witnessed(ANN, session, lays_down), Ok(vec![]));
}

#[test]
fn staff_take_a_role_away_at_once_but_a_founders() {
    let mut town = Town::new();
    let taken = office(&mut town, keys_of(ANN));
    assert_eq!(town.must(STEWARD, taken), []);
    let act = town.held(FOUNDER, ends_founding(SECOND_FOUNDER));
    town.must(SECOND_FOUNDER, stop(act));
    let act = town.held(FOUNDER, ends_founding(SECOND_FOUNDER));
    assert!(is_founder(&town, SECOND_FOUNDER));
    assert!(takes_effect_after(&mut town, act, 7), "who is gone does not object");
    assert!(!is_founder(&town, SECOND_FOUNDER));
}

#[test]
fn a_ledger_keeps_a_founder_who_can_sign() {
    let mut town = Town::new();
    let last = Err(Code::BeyondOwnRole);
    assert_eq!(town.must(FOUNDER, ends_founding(FOUNDER)), []);
    assert_eq!(code(&mut town, SECOND_FOUNDER, ends_founding(SECOND_FOUNDER)), last);
    let mut town = Town::new();
    let act = town.held(FOUNDER, ends_founding(SECOND_FOUNDER));
    let lost = revoke(FOUNDER, key_of(FOUNDER), RevocationReason::Lost);
    town.must(FOUNDER, lost);
    assert_eq!(code(&mut town, SECOND_FOUNDER, ends_founding(SECOND_FOUNDER)), last, "nobody else signs");
    town.wait_days(7);
    assert_eq!(tick(&mut town), [stop(act)], "nor when it is due");
}

#[test]
fn a_founder_does_not_lay_down_founding_in_the_others_name() {
    let mut town = Town::new();
    town.must(FOUNDER, Body::Key(KeyEvent::Enrolled { person: SECOND_FOUNDER, key: NEW, proof: PROOF }));
    let act = keyed(&mut town, NEW, SECOND_FOUNDER, ends_founding(SECOND_FOUNDER));
    town.must(SECOND_FOUNDER, stop(act));
    let session = town.session(FOUNDER, SECOND_FOUNDER);
    let act = typed(&mut town, session, SECOND_FOUNDER, ends_founding(SECOND_FOUNDER));
    town.must(SECOND_FOUNDER, stop(act));
}
