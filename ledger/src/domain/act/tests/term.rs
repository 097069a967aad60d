//! A code is its issuer's hand: what it asserts waits a term, is shown, and an older hand stops it.

use super::super::super::event::{
    ActEvent, CreditEvent, KeyEvent, PolicyEvent, ReportInEvent, SessionEvent, WishEvent,
};
use super::*;
use crate::domain::ids::KeyId;

const HELP: HoldId = HoldId([63; 16]);

#[test]
fn erasure_by_the_persons_own_key_is_at_once() {
    let mut town = Town::new();
    assert_eq!(town.must(ANN, erase(ANN)), []);
    assert!(is_erased(&town, ANN));
}

#[test]
fn erasure_by_staff_takes_a_second_person_and_the_term() {
    let by_role = |town: &mut Town| town.held(WORKER, erase(ANN));
    let by_proxy = |town: &mut Town| {
        let act = town.event(WORKER, erase(ANN)).id;
        town.proxy(WORKER, ANN, erase(ANN)).expect("it is accepted");
        act
    };
    let ways: [&dyn Fn(&mut Town) -> EventId; 2] = [&by_role, &by_proxy];
    for ask in ways {
        let mut town = Town::new();
        let act = ask(&mut town);
        town.wait_days(30);
        assert_eq!(tick(&mut town), [], "the term alone is not enough");
        let mut town = Town::new();
        let act_again = ask(&mut town);
        assert_eq!(act, act_again);
        town.must(SECOND_WORKER, approve(act));
        assert!(!is_erased(&town, ANN), "nor are two persons");
        assert_eq!(code(&mut town, SECOND_WORKER, approve(act)), Err(Code::NotDue), "once is enough");
        assert!(takes_effect_after(&mut town, act, 7));
        assert!(is_erased(&town, ANN));
    }
}

#[test]
fn a_second_person_after_the_term_lets_it_take_effect_at_once() {
    let mut town = Town::new();
    let act = town.held(WORKER, erase(ANN));
    town.wait_days(8);
    town.must(SECOND_WORKER, approve(act));
    assert!(is_erased(&town, ANN) && !waits(&town, act));
}

#[test]
fn the_person_stops_an_erasure_by_staff_before_and_after_it_is_approved() {
    for approved in [false, true] {
        let mut town = Town::new();
        let act = town.held(WORKER, erase(ANN));
        if approved {
            town.must(SECOND_WORKER, approve(act));
        }
        assert_eq!(code(&mut town, BO, stop(act)), Err(Code::NotAuthorised));
        let session = town.session(WORKER, ANN);
        assert!(town.witnessed(ANN, session, stop(act)).is_ok(), "however she comes in");
        town.wait_days(30);
        assert_eq!(tick(&mut town), []);
        assert!(!is_erased(&town, ANN));
    }
}

#[test]
fn whoever_asked_or_approved_an_erasure_takes_it_back() {
    for by in [WORKER, SECOND_WORKER] {
        let mut town = Town::new();
        let act = town.held(WORKER, erase(ANN));
        town.must(SECOND_WORKER, approve(act));
        town.must(by, stop(act));
    }
}

#[test]
fn an_older_session_or_key_stops_what_a_code_asserts_and_a_younger_one_of_its_issuer_does_not() {
    let mut town = Town::new();
    let older = town.session(WORKER, ANN);
    let session = town.session(WORKER, ANN);
    let younger = town.session(WORKER, ANN);
    town.enrol(WORKER, ANN, NEW);
    let act = typed(&mut town, session, ANN, erase(ANN));
    let refused = |result: Outcome| result.map_err(|r| r.code);
    assert_eq!(refused(town.witnessed(ANN, younger, stop(act))), Err(Code::NotAuthorised));
    assert_eq!(refused(town.by_key(&NEW, ANN, stop(act))), Err(Code::NotAuthorised));
    assert_eq!(refused(town.witnessed(ANN, older, stop(act))), Ok(vec![]));
    let act = typed(&mut town, session, ANN, erase(ANN));
    assert_eq!(refused(town.witnessed(ANN, session, stop(act))), Ok(vec![]), "the same one takes it back");
    let act = typed(&mut town, session, ANN, erase(ANN));
    assert_eq!(refused(town.attempt(ANN, stop(act))), Ok(vec![]), "the key that she always had");
    let act = typed(&mut town, session, ANN, erase(ANN));
    let (old, new) = (KeyId::of(&key_of(ANN)), PublicKey([43; 32]));
    town.must(ANN, Body::Key(KeyEvent::Rotated { person: ANN, old, new, proof: PROOF }));
    assert_eq!(refused(town.by_key(&new, ANN, stop(act))), Ok(vec![]), "or the one in its place");
}

/// Whoever has neither key nor session learns of it at the desk, and gets a code there.
#[test]
fn a_code_of_somebody_else_stops_what_a_code_asserts_and_not_what_an_own_key_does() {
    let refused = |result: Outcome| result.map_err(|r| r.code);
    let mut town = Town::new();
    let session = town.session(WORKER, ANN);
    let act = typed(&mut town, session, ANN, erase(ANN));
    let other = town.session(SECOND_WORKER, ANN);
    assert_eq!(refused(town.witnessed(ANN, other, stop(act))), Ok(vec![]));
    let act = typed(&mut town, session, ANN, erase(ANN));
    town.enrol(STEWARD, ANN, NEW);
    assert_eq!(refused(town.by_key(&NEW, ANN, stop(act))), Ok(vec![]), "or by a key that came by it");
    let joining = joins(OTHER_COMMUNITY, AffiliationKind::Team, 0, &town);
    let act = town.held(ANN, joining);
    let other = town.session(SECOND_WORKER, ANN);
    assert_eq!(refused(town.witnessed(ANN, other, stop(act))), Err(Code::NotAuthorised));
}

/// Staff who plant a key beside those that somebody has would only have to wait.
#[test]
fn a_key_by_a_code_stays_its_issuers_hand_while_an_older_one_is_in_force() {
    let mut town = Town::new();
    let planted = NEW;
    town.enrol(WORKER, ANN, planted);
    town.wait_days(60);
    let act = keyed(&mut town, planted, ANN, revoke(ANN, key_of(ANN), RevocationReason::Lost));
    town.must(ANN, stop(act));
    let child = PublicKey([43; 32]);
    let enrol = Body::Key(KeyEvent::Enrolled { person: ANN, key: child, proof: PROOF });
    town.by_key(&planted, ANN, enrol).expect("it brings another");
    town.wait_days(60);
    let act = keyed(&mut town, child, ANN, erase(ANN));
    town.must(ANN, stop(act));
    town.approved(WORKER, revoke(ANN, key_of(ANN), RevocationReason::Lost), SECOND_WORKER);
    assert_eq!(
        town.by_key(&planted, ANN, erase(ANN)).map(drop).map_err(|r| r.code),
        Ok(()),
        "it is all she has"
    );
    assert!(is_erased(&town, ANN));
}

#[test]
fn a_key_of_ones_own_stops_what_the_code_of_an_older_session_asserts() {
    let mut town = Town::new();
    let session = town.session(WORKER, ANN);
    town.enrol(SECOND_WORKER, ANN, NEW);
    town.wait_days(7);
    let act = typed(&mut town, session, ANN, erase(ANN));
    assert_eq!(town.by_key(&NEW, ANN, stop(act)).map_err(|r| r.code), Ok(vec![]));
}

#[test]
fn staff_of_the_home_stop_it_for_a_person_without_a_phone_but_not_its_issuer() {
    let mut town = Town::new();
    let session = town.session(WORKER, ANN);
    let act = typed(&mut town, session, ANN, erase(ANN));
    let by = |town: &mut Town, staff| town.proxy(staff, ANN, stop(act)).map_err(|r| r.code);
    assert_eq!(by(&mut town, WORKER), Err(Code::NotAuthorised), "who handed out the code");
    assert_eq!(by(&mut town, FAR_WORKER), Err(Code::NotAuthorised), "of another community");
    assert_eq!(by(&mut town, SECOND_WORKER), Ok(vec![]));
}

/// Everything that cannot be undone, by a code.
#[test]
fn what_cannot_be_undone_waits_the_term_by_a_code() {
    let held = |town: &mut Town| {
        let until = town.now.plus_days(30);
        town.must(ANN, Body::Credit(CreditEvent::Held { hold: HELP, from: ANN, to: BO, minutes: 10, until }));
    };
    let bodies = [
        erase(ANN),
        revoke(ANN, key_of(ANN), RevocationReason::Lost),
        revoke(ANN, key_of(ANN), RevocationReason::Stolen),
        gift(30),
        Body::Credit(CreditEvent::Settled { hold: HELP, minutes: 10 }),
        consent(true),
    ];
    for body in bodies {
        let mut town = Town::new();
        rich(&mut town);
        held(&mut town);
        let session = town.session(WORKER, ANN);
        let before = town.state.credit.clone();
        let act = typed(&mut town, session, ANN, body.clone());
        assert!(town.state.credit == before && is_in_force(&town, key_of(ANN)), "{body:?}");
        assert!(takes_effect_after(&mut town, act, 7), "{body:?}");
        assert!(!waits(&town, act));
    }
}

#[test]
fn what_can_be_undone_is_at_once_by_a_code() {
    let mut town = Town::new();
    rich(&mut town);
    let session = town.session(WORKER, ANN);
    let until = town.now.plus_days(3);
    let bodies = [
        consent(false),
        Body::Credit(CreditEvent::Held { hold: HELP, from: ANN, to: BO, minutes: 10, until }),
        Body::Credit(CreditEvent::Voided { hold: HELP }),
        Body::Key(KeyEvent::Enrolled { person: ANN, key: NEW, proof: PROOF }),
        Body::ReportIn(ReportInEvent::Filed { person: ANN, community: OTHER_COMMUNITY }),
        Body::Session(SessionEvent::Closed { person: ANN, grant: session }),
    ];
    for body in bodies {
        let effects = town.witnessed(ANN, session, body.clone()).expect("it is accepted");
        assert!(!effects.iter().any(|effect| matches!(effect, Effect::Held { .. })), "{body:?}");
    }
}

#[test]
fn credit_moves_at_once_by_ones_own_key_and_after_the_term_by_a_code() {
    let mut town = Town::new();
    rich(&mut town);
    town.must(ANN, gift(10));
    let session = town.session(WORKER, ANN);
    let act = typed(&mut town, session, ANN, gift(30));
    assert_eq!(balance(&town, Account::Person(BO)), 10);
    assert!(takes_effect_after(&mut town, act, 7));
    assert_eq!(balance(&town, Account::Person(BO)), 40);
}

#[test]
fn a_key_that_came_by_a_code_is_its_issuers_hand_until_the_term_is_over() {
    let mut town = Town::new();
    rich(&mut town);
    town.enrol(WORKER, ANN, NEW);
    let tablet = PublicKey([43; 32]);
    let enrol = Body::Key(KeyEvent::Enrolled { person: ANN, key: tablet, proof: PROOF });
    town.by_key(&NEW, ANN, enrol).expect("it brings another");
    let rotated = PublicKey([44; 32]);
    let rotate =
        Body::Key(KeyEvent::Rotated { person: ANN, old: KeyId::of(&tablet), new: rotated, proof: PROOF });
    town.by_key(&tablet, ANN, rotate).expect("which is replaced");
    for key in [NEW, rotated] {
        let act = keyed(&mut town, key, ANN, revoke(ANN, key_of(ANN), RevocationReason::Lost));
        town.must(ANN, stop(act));
    }
    town.must(ANN, revoke(ANN, key_of(ANN), RevocationReason::Lost));
    town.wait_days(6);
    let act = keyed(&mut town, NEW, ANN, gift(1));
    town.by_key(&NEW, ANN, stop(act)).expect("it takes it back");
    town.wait_days(1);
    for key in [NEW, rotated] {
        assert_eq!(town.by_key(&key, ANN, gift(1)).map(|effects| effects.len()), Ok(1), "her own by now");
    }
}

#[test]
fn a_code_handed_out_to_oneself_is_ones_own_hand() {
    let mut town = Town::new();
    let session = town.session(WORKER, WORKER);
    let child = PublicKey([43; 32]);
    let body = Body::Key(KeyEvent::Enrolled { person: WORKER, key: child, proof: PROOF });
    town.witnessed(WORKER, session, body).expect("a new phone");
    assert_eq!(town.witnessed(WORKER, session, revoke(WORKER, child, RevocationReason::Lost)), Ok(vec![]));
}

/// Otherwise whoever typed the code would make the key their victim's own by a second code.
#[test]
fn a_code_to_oneself_by_a_key_in_anothers_hand_is_that_others() {
    let mut town = Town::new();
    town.enrol(STEWARD, WORKER, NEW);
    let (role, scope, keys) = (Role::Worker, Scope::Org(COMMUNITY), vec![KeyId::of(&NEW)]);
    town.must(STEWARD, Body::appointed(WORKER, role, scope, keys));
    let until = town.now.plus_days(1);
    let body = Body::Session(SessionEvent::Granted { person: WORKER, code: Commitment([1; 32]), until });
    let grant = town.event(WORKER, body.clone()).id;
    town.by_key(&NEW, WORKER, body).expect("it is accepted");
    town.must(LEDGER, Body::Session(SessionEvent::Opened { person: WORKER, grant, until }));
    typed(&mut town, grant, WORKER, revoke(WORKER, key_of(WORKER), RevocationReason::Lost));
    assert!(is_in_force(&town, key_of(WORKER)));
}

#[test]
fn naming_others_to_a_wish_waits_by_a_code_and_not_by_a_role() {
    use super::super::super::event::Claimer;
    use super::super::super::ids::WishId;
    let wish = WishId([64; 16]);
    let mut town = Town::new();
    let text = Commitment([1; 32]);
    town.must(WORKER, Body::posted(wish, GRID, RESIDENT, "care", text, 60));
    town.must(SECOND_WORKER, Body::Wish(WishEvent::Vetted { wish, sentence: text }));
    let session = town.session(WORKER, ANN);
    let claim = |claimer, participants: &[PersonId]| {
        Body::Wish(WishEvent::Claimed { wish, claimer, participants: participants.to_vec() })
    };
    let act = typed(&mut town, session, ANN, claim(Claimer::Person(ANN), &[BO]));
    town.must(ANN, stop(act));
    town.enrol(FOUNDER, SECOND_WORKER, NEW);
    let (person, role, scope) = (SECOND_WORKER, Role::Worker, Scope::Org(COMMUNITY));
    town.must(FOUNDER, Body::appointed(person, role, scope, vec![KeyId::of(&NEW)]));
    let by_role = town.by_key(&NEW, SECOND_WORKER, claim(Claimer::Org(COMMUNITY), &[ANN]));
    assert_eq!(by_role, Ok(vec![]));
}

/// Otherwise whoever says that a wish is done says so for the resident as well.
#[test]
fn a_code_of_whoever_fulfilled_a_wish_confirms_it_after_the_term() {
    use super::super::super::event::Claimer;
    use super::super::super::ids::WishId;
    let wish = WishId([64; 16]);
    let mut town = Town::new();
    let text = Commitment([1; 32]);
    town.must(WORKER, Body::posted(wish, GRID, RESIDENT, "care", text, 60));
    town.must(SECOND_WORKER, Body::Wish(WishEvent::Vetted { wish, sentence: text }));
    let (claimer, participants) = (Claimer::Org(COMMUNITY), vec![ANN]);
    town.must(SECOND_WORKER, Body::Wish(WishEvent::Claimed { wish, claimer, participants }));
    town.must(SECOND_WORKER, Body::Wish(WishEvent::Fulfilled { wish, minutes: 60, evidence: None }));
    let confirmed = Body::Wish(WishEvent::Confirmed { wish, rating: 5 });
    let session = town.session(SECOND_WORKER, RESIDENT);
    let act = typed(&mut town, session, RESIDENT, confirmed.clone());
    town.must(RESIDENT, stop(act));
    let of_the_poster = town.session(WORKER, RESIDENT);
    assert_eq!(town.witnessed(RESIDENT, of_the_poster, confirmed), Ok(vec![]), "who gains nothing by it");
}

/// Whoever brings the ledger a key could witness by it whatever they like in anybody's session.
#[test]
fn a_key_that_a_founder_brings_the_ledger_witnesses_as_its_bringers_hand() {
    let mut town = Town::new();
    let own = town.session(WORKER, WORKER);
    let old = KeyId::of(&key_of(LEDGER));
    town.must(FOUNDER, Body::Key(KeyEvent::Rotated { person: LEDGER, old, new: NEW, proof: PROOF }));
    let witness = |town: &mut Town, body: Body| {
        let mut event = town.event(WORKER, body);
        (event.assurance, event.grant) = (Assurance::ServerWitnessed, Some(own));
        let cx = Context { signer: KeyId::of(&NEW), ..town.context(LEDGER) };
        super::super::super::decide(&town.state, &cx, &event).expect("it is accepted");
        town.position += 1;
        super::super::super::evolve(&mut town.state, &cx, &event)
    };
    let ends = revoke(WORKER, key_of(WORKER), RevocationReason::Lost);
    assert!(matches!(witness(&mut town, ends.clone())[..], [Effect::Held { .. }]));
    let closed = Body::Session(SessionEvent::Closed { person: WORKER, grant: own });
    let by_ledger = town.by_key(&NEW, LEDGER, closed).expect("it is accepted");
    assert!(matches!(by_ledger[..], [Effect::Held { .. }]), "nor ends what could object");
    town.wait_days(7);
    assert_eq!(witness(&mut town, ends), [], "by now it is the ledger's own");
}

#[test]
fn only_the_ledger_says_that_a_term_is_over_and_stops_only_what_the_rules_refuse() {
    let mut town = Town::new();
    let session = town.session(WORKER, ANN);
    let act = typed(&mut town, session, ANN, erase(ANN));
    town.wait_days(7);
    let effect = Body::Act(ActEvent::TookEffect { act });
    for by in [ANN, WORKER, STEWARD, FOUNDER] {
        assert_eq!(code(&mut town, by, effect.clone()), Err(Code::NotAuthorised));
    }
    assert_eq!(code(&mut town, LEDGER, stop(act)), Err(Code::NotAuthorised), "the rules take it");
    assert_eq!(tick(&mut town), [effect]);
}

#[test]
fn what_the_rules_refuse_when_it_is_due_the_ledger_stops() {
    let mut town = Town::new();
    rich(&mut town);
    let session = town.session(WORKER, ANN);
    let (first, second) = (gift(60), gift(70));
    let first = typed(&mut town, session, ANN, first);
    town.now.0 += 1;
    let second = typed(&mut town, session, ANN, second);
    town.wait_days(7);
    assert_eq!(
        tick(&mut town),
        [Body::Act(ActEvent::TookEffect { act: first }), stop(second)],
        "earliest first"
    );
    assert_eq!(balance(&town, Account::Person(BO)), 60);
    assert_eq!(town.state.acts.next_due(), None);
}

#[test]
fn an_office_granted_meanwhile_keeps_its_holder_from_being_erased() {
    let mut town = Town::new();
    let session = town.session(WORKER, ANN);
    let act = typed(&mut town, session, ANN, erase(ANN));
    official(&mut town, STEWARD, ANN, Role::Lead, GRID);
    town.wait_days(7);
    assert_eq!(tick(&mut town), [stop(act)]);
    assert!(!is_erased(&town, ANN));
}

#[test]
fn the_term_is_the_policys_of_the_day_on_which_it_was_asserted() {
    use super::super::super::policy::{Policy, WaitingPolicy};
    let mut town = Town::new();
    let from = town.today().plus(1);
    let adopt = |scope, days| {
        Body::Policy(PolicyEvent::Adopted { scope, from, policy: Policy::Waiting(WaitingPolicy { days }) })
    };
    for days in [0, 6, 91] {
        assert_eq!(code(&mut town, FOUNDER, adopt(Scope::Ledger, days)), Err(Code::OutOfRange), "{days}");
    }
    assert_eq!(
        code(&mut town, STEWARD, adopt(Scope::Org(CITY), 14)),
        Err(Code::OutOfRange),
        "the ledger's alone"
    );
    town.must(FOUNDER, adopt(Scope::Ledger, 90));
    let session = town.session(WORKER, ANN);
    rich(&mut town);
    let today = typed(&mut town, session, ANN, gift(1));
    town.wait_days(1);
    let tomorrow = typed(&mut town, session, ANN, erase(ANN));
    town.wait_days(6);
    assert_eq!(tick(&mut town), [Body::Act(ActEvent::TookEffect { act: today })]);
    town.wait_days(83);
    assert_eq!(tick(&mut town), []);
    town.wait_days(1);
    assert_eq!(tick(&mut town), [Body::Act(ActEvent::TookEffect { act: tomorrow })]);
}

#[test]
fn a_founder_does_not_end_or_replace_the_other_founders_key_at_once() {
    let rotate = Body::Key(KeyEvent::Rotated {
        person: SECOND_FOUNDER,
        old: KeyId::of(&key_of(SECOND_FOUNDER)),
        new: NEW,
        proof: PROOF,
    });
    for body in [revoke(SECOND_FOUNDER, key_of(SECOND_FOUNDER), RevocationReason::Lost), rotate] {
        let mut town = Town::new();
        let act = town.held(FOUNDER, body.clone());
        town.must(SECOND_FOUNDER, stop(act));
        let act = town.held(FOUNDER, body);
        assert!(is_in_force(&town, key_of(SECOND_FOUNDER)));
        assert!(takes_effect_after(&mut town, act, 7), "who lost it does not object");
        assert!(!is_in_force(&town, key_of(SECOND_FOUNDER)));
    }
}

#[test]
fn a_key_that_a_founder_brings_the_other_is_taken_for_its_bringers_hand() {
    let mut town = Town::new();
    town.must(FOUNDER, Body::Key(KeyEvent::Enrolled { person: SECOND_FOUNDER, key: NEW, proof: PROOF }));
    let ends = revoke(SECOND_FOUNDER, key_of(SECOND_FOUNDER), RevocationReason::Lost);
    let act = keyed(&mut town, NEW, SECOND_FOUNDER, ends);
    town.must(SECOND_FOUNDER, stop(act));
    let until = town.now.plus_days(1);
    let body = Body::Session(SessionEvent::Granted { person: ANN, code: Commitment([1; 32]), until });
    let by_it = town.by_key(&NEW, SECOND_FOUNDER, body).map_err(|r| r.code);
    assert_eq!(by_it, Err(Code::NotAuthorised), "it is not the one that the founding names");
}

/// What a worker typed in for the resident waits, and a colleague hands out a code by which the resident may call it off.
fn contested() -> (Town, EventId, EventId) {
    let mut town = Town::new();
    let session = town.session(WORKER, RESIDENT);
    let act = typed(&mut town, session, RESIDENT, erase(RESIDENT));
    let until = town.now.plus_days(1);
    let code = Commitment([77; 32]);
    let other =
        town.given(SECOND_WORKER, Body::Session(SessionEvent::Granted { person: RESIDENT, code, until }));
    (town, act, other)
}

fn opens(town: &mut Town, grant: EventId) -> Result<(), Code> {
    let until = town.now.plus_days(30);
    code(town, LEDGER, Body::Session(SessionEvent::Opened { person: RESIDENT, grant, until }))
}

#[test]
fn whoever_typed_in_a_code_cannot_end_the_code_of_another_desk() {
    let (mut town, act, other) = contested();
    let again = |n| {
        Body::Session(SessionEvent::Granted {
            person: RESIDENT,
            code: Commitment([n; 32]),
            until: START.plus_days(1),
        })
    };
    let first = town.given(WORKER, again(78));
    let second = town.given(WORKER, again(79));
    assert_eq!(opens(&mut town, first), Err(Code::GrantState), "of one's own the new one ends the old");
    let closing = town.held(WORKER, Body::Session(SessionEvent::Closed { person: RESIDENT, grant: other }));
    assert_eq!(opens(&mut town, second), Ok(()));
    let by_code = Body::Session(SessionEvent::Closed { person: RESIDENT, grant: other });
    let by_code = typed(&mut town, second, RESIDENT, by_code);
    assert!(waits(&town, closing) && waits(&town, by_code));
    assert_eq!(opens(&mut town, other), Ok(()), "the other desk's code is still good");
    assert!(town.witnessed(RESIDENT, other, stop(act)).is_ok());
    assert!(!waits(&town, act));
}

#[test]
fn a_code_is_called_back_at_once_by_who_handed_it_out_and_by_an_own_key() {
    for who in [SECOND_WORKER, RESIDENT] {
        let (mut town, _, other) = contested();
        assert_eq!(
            town.must(who, Body::Session(SessionEvent::Closed { person: RESIDENT, grant: other })),
            []
        );
        assert_eq!(opens(&mut town, other), Err(Code::GrantState));
    }
    let (mut town, act, other) = contested();
    town.must(RESIDENT, stop(act));
    assert_eq!(
        town.must(WORKER, Body::Session(SessionEvent::Closed { person: RESIDENT, grant: other })),
        [],
        "nothing waits any more"
    );
}
