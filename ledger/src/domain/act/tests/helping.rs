//! Whom somebody names a helper, and what that waits for.

use super::*;
use crate::domain;

fn names(helper: PersonId) -> Body {
    Body::Member(MemberEvent::HelperNamed { person: ANN, helper })
}

fn helps(town: &Town, helper: PersonId) -> bool {
    town.state.people.helps(helper, ANN)
}

/// Staff name a helper for ANN, which waits for a second person. Gives the act.
fn named_by(town: &mut Town, staff: PersonId, helper: PersonId) -> EventId {
    let act = town.event(staff, names(helper)).id;
    let effects = town.proxy(staff, ANN, names(helper)).expect("it is accepted");
    assert_eq!(effects, [Effect::Held { subject: Some(ANN), needs_approval: true, due: None }]);
    act
}

#[test]
fn a_helper_is_named_by_an_own_key_at_once() {
    let mut town = Town::new();
    assert_eq!(town.must(ANN, names(BO)), []);
    assert!(helps(&town, BO));
}

#[test]
fn a_helper_named_by_a_code_waits_the_term_be_it_who_handed_it_out() {
    for helper in [BO, WORKER] {
        let mut town = Town::new();
        let session = town.session(WORKER, ANN);
        let act = typed(&mut town, session, ANN, names(helper));
        assert!(!helps(&town, helper));
        assert!(takes_effect_after(&mut town, act, 7));
        assert!(helps(&town, helper));
    }
}

#[test]
fn a_helper_named_by_a_key_in_anothers_hand_waits_the_term() {
    let mut town = Town::new();
    town.enrol(WORKER, ANN, NEW);
    let act = keyed(&mut town, NEW, ANN, names(WORKER));
    assert!(takes_effect_after(&mut town, act, 7) && helps(&town, WORKER));
}

#[test]
fn on_staffs_word_a_second_person_stands_for_a_helper_and_neither_is_the_helper() {
    let mut town = Town::new();
    let act = named_by(&mut town, WORKER, BO);
    town.wait_days(30);
    assert_eq!(tick(&mut town), [], "no time replaces a second person");
    for (other, expected) in [
        (WORKER, Code::FourEyes),
        (FAR_WORKER, Code::NotAuthorised),
        (BO, Code::NotAuthorised),
        (ANN, Code::NotAuthorised),
    ] {
        assert_eq!(code(&mut town, other, approve(act)), Err(expected), "{other}");
    }
    assert!(!helps(&town, BO));
    town.must(SECOND_WORKER, approve(act));
    assert!(helps(&town, BO));
    let oneself = town.proxy(WORKER, ANN, names(WORKER)).map_err(|r| r.code);
    assert_eq!(oneself, Err(Code::FourEyes));
    let act = named_by(&mut town, WORKER, SECOND_WORKER);
    assert_eq!(code(&mut town, SECOND_WORKER, approve(act)), Err(Code::FourEyes));
    town.must(STEWARD, approve(act));
    assert_eq!(code(&mut town, WORKER, names(RESIDENT)), Err(Code::NotAuthorised), "no role names one");
}

#[test]
fn a_key_that_is_in_the_helpers_hand_neither_names_the_helper_nor_stands_for_it() {
    let mut town = Town::new();
    town.enrol(STEWARD, SECOND_WORKER, NEW);
    let by_new = vec![KeyId::of(&NEW)];
    town.must(FOUNDER, Body::appointed(SECOND_WORKER, Role::Worker, COMMUNITY, by_new));
    let mut first = town.event(SECOND_WORKER, names(STEWARD));
    (first.acting_for, first.assurance) = (Some(ANN), Assurance::StaffProxy);
    let cx = Context { signer: KeyId::of(&NEW), ..town.context(SECOND_WORKER) };
    assert_eq!(domain::decide(&town.state, &cx, &first).map_err(|r| r.code), Err(Code::FourEyes));
    let act = named_by(&mut town, WORKER, STEWARD);
    let second = town.by_key(&NEW, SECOND_WORKER, approve(act)).map_err(|r| r.code);
    assert_eq!(second, Err(Code::FourEyes));
    town.must(SECOND_WORKER, approve(act));
    assert!(helps(&town, STEWARD), "by a key of their own it is another's word");
}

#[test]
fn the_person_calls_off_whom_a_code_or_staff_name() {
    let mut town = Town::new();
    let session = town.session(WORKER, ANN);
    let typed = typed(&mut town, session, ANN, names(BO));
    let proposed = named_by(&mut town, WORKER, RESIDENT);
    for act in [typed, proposed] {
        for other in [BO, RESIDENT, FAR_WORKER] {
            assert_eq!(code(&mut town, other, stop(act)), Err(Code::NotAuthorised), "{other}");
        }
        town.must(ANN, stop(act));
        assert_eq!(code(&mut town, SECOND_WORKER, approve(act)), Err(Code::UnknownAct));
    }
    town.wait_days(30);
    assert_eq!(tick(&mut town), []);
    assert!(!helps(&town, BO) && !helps(&town, RESIDENT));
}

#[test]
fn what_the_rules_no_longer_allow_does_not_come_due() {
    let mut town = Town::new();
    let session = town.session(WORKER, ANN);
    let act = typed(&mut town, session, ANN, names(BO));
    town.must(BO, erase(BO));
    town.wait_days(7);
    assert_eq!(tick(&mut town), [stop(act)]);
}

#[test]
fn a_helper_ends_at_once_by_whatever_hand_of_the_person() {
    let ends = Body::Member(MemberEvent::HelperEnded { person: ANN, helper: BO });
    let ways: [&dyn Fn(&mut Town) -> Outcome; 4] = [
        &|town: &mut Town| town.attempt(ANN, ends.clone()),
        &|town: &mut Town| {
            let session = town.session(WORKER, ANN);
            town.witnessed(ANN, session, ends.clone())
        },
        &|town: &mut Town| town.proxy(WORKER, ANN, ends.clone()),
        &|town: &mut Town| town.helping((BO, None), ANN, ends.clone()),
    ];
    for end in ways {
        let mut town = Town::new();
        town.must(ANN, names(BO));
        assert_eq!(end(&mut town), Ok(vec![]));
        assert!(!helps(&town, BO));
    }
}
