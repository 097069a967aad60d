//! To close a session is to take a hand away: whoever can open one by a code, or is staff, does not do it alone.

use super::super::super::event::SessionEvent;
use super::*;

fn close(grant: EventId) -> Body {
    Body::Session(SessionEvent::Closed { person: ANN, grant })
}

fn is_open(town: &Town, grant: EventId) -> bool {
    town.state.sessions.is_open(grant, ANN, town.now)
}

fn refused(result: Outcome) -> Result<Effects, Code> {
    result.map_err(|refusal| refusal.code)
}

#[test]
fn a_session_ends_at_once_by_an_own_key_by_itself_and_by_the_ledger() {
    let by_key = |town: &mut Town, session| town.attempt(ANN, close(session));
    let by_itself = |town: &mut Town, session| town.witnessed(ANN, session, close(session));
    let by_ledger = |town: &mut Town, session| town.attempt(LEDGER, close(session));
    type Way<'a> = &'a dyn Fn(&mut Town, EventId) -> Outcome;
    let ways: [Way<'_>; 3] = [&by_key, &by_itself, &by_ledger];
    for end in ways {
        let mut town = Town::new();
        let session = town.session(WORKER, ANN);
        assert_eq!(end(&mut town, session), Ok(vec![]));
        assert!(!is_open(&town, session));
    }
}

/// Otherwise whoever handed out a code types it in, closes what could object, and asks for an erasure.
#[test]
fn a_code_does_not_close_an_older_session_which_calls_it_off() {
    let mut town = Town::new();
    let older = town.session(SECOND_WORKER, ANN);
    let session = town.session(WORKER, ANN);
    let act = typed(&mut town, session, ANN, close(older));
    assert!(is_open(&town, older), "it asserts still");
    assert_eq!(refused(town.witnessed(ANN, older, stop(act))), Ok(vec![]));
    let act = typed(&mut town, session, ANN, close(older));
    assert!(takes_effect_after(&mut town, act, 7));
    assert!(!is_open(&town, older), "whoever had it did not object");
}

#[test]
fn a_code_closes_younger_sessions_of_the_same_issuer_at_once_and_no_others() {
    let mut town = Town::new();
    let session = town.session(WORKER, ANN);
    let (same, other) = (town.session(WORKER, ANN), town.session(SECOND_WORKER, ANN));
    assert_eq!(town.witnessed(ANN, session, close(same)), Ok(vec![]));
    let act = typed(&mut town, session, ANN, close(other));
    assert!(is_open(&town, other) && waits(&town, act));
    let mut town = Town::new();
    let (older, session) = (town.session(WORKER, ANN), town.session(WORKER, ANN));
    typed(&mut town, session, ANN, close(older));
    assert!(is_open(&town, older), "of the same issuer too: she may have typed in the first");
}

#[test]
fn a_key_that_came_by_a_code_closes_as_the_code_does_until_the_term_is_over() {
    let mut town = Town::new();
    let older = town.session(SECOND_WORKER, ANN);
    town.enrol(WORKER, ANN, NEW);
    let act = keyed(&mut town, NEW, ANN, close(older));
    assert_eq!(refused(town.witnessed(ANN, older, stop(act))), Ok(vec![]));
    town.must(ANN, revoke(ANN, key_of(ANN), RevocationReason::Lost));
    town.wait_days(7);
    assert_eq!(town.by_key(&NEW, ANN, close(older)), Ok(vec![]), "her own by now");
}

#[test]
fn staff_close_a_session_with_a_colleague_and_not_by_the_hand_of_one() {
    let by_role = |town: &mut Town, session| town.held(WORKER, close(session));
    let by_proxy = |town: &mut Town, session| {
        let act = town.event(WORKER, close(session)).id;
        town.proxy(WORKER, ANN, close(session)).expect("it is accepted");
        act
    };
    type Way<'a> = &'a dyn Fn(&mut Town, EventId) -> EventId;
    let ways: [Way<'_>; 2] = [&by_role, &by_proxy];
    for ask in ways {
        let mut town = Town::new();
        let session = town.session(SECOND_WORKER, ANN);
        let act = ask(&mut town, session);
        town.wait_days(20);
        assert_eq!(tick(&mut town), [], "no time replaces a second person");
        for other in [WORKER, FAR_WORKER, BO] {
            assert!(code(&mut town, other, approve(act)).is_err(), "{other}");
        }
        assert!(is_open(&town, session));
        town.must(SECOND_WORKER, approve(act));
        assert!(!is_open(&town, session));
    }
}

#[test]
fn whoever_found_a_phone_does_not_keep_its_session_by_calling_its_end_off() {
    let mut town = Town::new();
    let session = town.session(SECOND_WORKER, ANN);
    let act = town.held(WORKER, close(session));
    assert_eq!(refused(town.witnessed(ANN, session, stop(act))), Err(Code::NotAuthorised));
    town.must(SECOND_WORKER, approve(act));
}

#[test]
fn what_is_no_open_session_is_closed_at_once() {
    let mut town = Town::new();
    let until = town.now.plus_days(1);
    let body = Body::Session(SessionEvent::Granted { person: ANN, code: Commitment([1; 32]), until });
    let unused = town.given(WORKER, body);
    assert_eq!(town.must(WORKER, close(unused)), [], "a code that nobody typed in");
    let over = town.session(WORKER, ANN);
    town.wait_days(31);
    assert_eq!(town.must(SECOND_WORKER, close(over)), []);
}

#[test]
fn one_that_ended_meanwhile_is_not_ended_again() {
    let mut town = Town::new();
    let (older, session) = (town.session(SECOND_WORKER, ANN), town.session(WORKER, ANN));
    let act = typed(&mut town, session, ANN, close(older));
    town.must(ANN, close(older));
    town.wait_days(7);
    assert_eq!(tick(&mut town), [stop(act)]);
}
