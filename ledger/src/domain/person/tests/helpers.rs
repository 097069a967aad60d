//! Given/when/then for helpers: whom somebody may have, and what they may do. How they are named is tested with what waits.

use super::*;
use crate::domain::event::{
    Account, ActivityEvent, Attended, Attendee, Claimer, CreditEvent, Lead, RevocationReason, TransferKind,
    WishEvent,
};
use crate::domain::ids::{ActivityId, EventId, HoldId, PublicKey, ShiftId, WishId};
use crate::domain::time::{Interval, Minute};

const ACTIVITY: ActivityId = ActivityId([40; 16]);
const SHIFT: ShiftId = ShiftId([41; 16]);
const WISH: WishId = WishId([42; 16]);
const TEXT: Commitment = Commitment([5; 32]);
/// By an own key.
const BY_KEY: (PersonId, Option<EventId>) = (BO, None);

fn named(person: PersonId, helper: PersonId) -> Body {
    Body::Member(MemberEvent::HelperNamed { person, helper })
}

fn ended(person: PersonId, helper: PersonId) -> Body {
    Body::Member(MemberEvent::HelperEnded { person, helper })
}

fn sign_up(person: PersonId) -> Body {
    Body::Activity(ActivityEvent::SignedUp { activity: ACTIVITY, shift: SHIFT, person })
}

fn withdraw(person: PersonId) -> Body {
    Body::Activity(ActivityEvent::SignUpWithdrawn { activity: ACTIVITY, shift: SHIFT, person })
}

fn refusal(outcome: Outcome) -> Result<(), Code> {
    outcome.map(drop).map_err(|refused| refused.code)
}

fn helpers(town: &Town, person: PersonId) -> Vec<PersonId> {
    town.state.people.helpers(person).collect()
}

/// With a shift to come, and BO as ANN's helper.
fn helped() -> Town {
    let mut town = Town::new();
    town.must(WORKER, Body::planned(ACTIVITY, GRID, "care", TEXT, Lead::Person(WORKER)));
    let start = town.now.minute().0 + 120;
    let interval = Interval { start: Minute(start), end: Minute(start + 60) };
    town.must(WORKER, Body::shift_opened(ACTIVITY, SHIFT, interval, 9));
    town.must(WORKER, Body::Activity(ActivityEvent::Published { activity: ACTIVITY }));
    town.must(ANN, named(ANN, BO));
    town
}

#[test]
fn a_helper_is_somebody_else_who_is_registered_and_named_once() {
    let mut town = Town::new();
    for (helper, expected) in [
        (ANN, Err(Code::OutOfRange)),
        (PersonId([88; 16]), Err(Code::UnknownPerson)),
        (LEDGER, Err(Code::UnknownPerson)),
        (FOUNDER, Err(Code::UnknownPerson)),
        (BO, Ok(())),
        (BO, Err(Code::AlreadyExists)),
    ] {
        assert_eq!(code(&mut town, ANN, named(ANN, helper)), expected, "{helper}");
    }
    assert_eq!(helpers(&town, ANN), [BO]);
    assert!(!town.state.people.helps(ANN, BO), "not the other way round");
    town.must(RESIDENT, Body::Member(MemberEvent::ErasureRequested { person: RESIDENT }));
    assert_eq!(code(&mut town, ANN, named(ANN, RESIDENT)), Err(Code::UnknownPerson), "erased");
}

#[test]
fn nobody_helps_the_ledger_and_its_founders() {
    let mut town = Town::new();
    town.must(FOUNDER, Body::registered(FOUNDER, COMMUNITY, TEXT, None));
    for person in [FOUNDER, SECOND_FOUNDER, LEDGER] {
        assert_eq!(code(&mut town, person, named(person, BO)), Err(Code::UnknownPerson), "{person}");
    }
}

#[test]
fn a_person_has_three_helpers_at_most_and_one_who_was_erased_is_none() {
    let mut town = Town::new();
    let three = [BO, RESIDENT, WORKER];
    three.into_iter().for_each(|helper| drop(town.must(ANN, named(ANN, helper))));
    assert_eq!(code(&mut town, ANN, named(ANN, STEWARD)), Err(Code::OutOfRange));
    assert_eq!(code(&mut town, BO, named(BO, WORKER)), Ok(()), "whoever helps may help another");
    town.must(RESIDENT, Body::Member(MemberEvent::ErasureRequested { person: RESIDENT }));
    town.must(ANN, named(ANN, STEWARD));
    assert_eq!(helpers(&town, ANN), [BO, WORKER, STEWARD]);
    town.must(ANN, ended(ANN, BO));
    assert_eq!(helpers(&town, ANN), [WORKER, STEWARD]);
    assert_eq!(code(&mut town, ANN, ended(ANN, BO)), Err(Code::OutOfRange), "once");
}

#[test]
fn a_helper_signs_the_person_up_and_withdraws_by_key_and_by_code() {
    let mut town = helped();
    let session = town.session(WORKER, BO);
    let by_code = (BO, Some(session));
    for hand in [BY_KEY, by_code] {
        assert_eq!(refusal(town.helping(hand, ANN, sign_up(ANN))), Ok(()), "{hand:?}");
        assert!(town.state.activities.standing(SHIFT, ANN).is_some());
        assert_eq!(town.state.activities.standing(SHIFT, BO), None, "it is the person's place");
        assert_eq!(refusal(town.helping(hand, ANN, sign_up(ANN))), Err(Code::SignUpState));
        assert_eq!(refusal(town.helping(hand, ANN, withdraw(ANN))), Ok(()), "{hand:?}");
    }
    town.must(ANN, sign_up(ANN));
    assert_eq!(refusal(town.helping(BY_KEY, ANN, withdraw(ANN))), Ok(()), "what she did herself, too");
}

#[test]
fn a_helper_is_in_force_from_naming_to_ending() {
    let mut town = helped();
    let waiting = town.event(WORKER, named(RESIDENT, BO)).id;
    town.proxy(WORKER, RESIDENT, named(RESIDENT, BO)).expect("it waits for a second person");
    let attempt = |town: &mut Town, person| refusal(town.helping(BY_KEY, person, sign_up(person)));
    assert_eq!(attempt(&mut town, RESIDENT), Err(Code::NotAuthorised), "while it waits");
    assert_eq!(attempt(&mut town, WORKER), Err(Code::NotAuthorised), "who named nobody");
    assert_eq!(
        refusal(town.helping(BY_KEY, ANN, sign_up(RESIDENT))),
        Err(Code::NotAuthorised),
        "in her name"
    );
    town.must(SECOND_WORKER, Body::Act(ActEvent::Approved { act: waiting }));
    assert_eq!(attempt(&mut town, RESIDENT), Ok(()));
    town.must(ANN, ended(ANN, BO));
    assert_eq!(attempt(&mut town, ANN), Err(Code::NotAuthorised), "it is over");
    town.must(ANN, named(ANN, BO));
    assert_eq!(attempt(&mut town, ANN), Ok(()), "named anew");
}

#[test]
fn with_the_person_or_the_helper_the_help_is_over() {
    for erased in [ANN, BO] {
        let mut town = helped();
        town.must(erased, Body::Member(MemberEvent::ErasureRequested { person: erased }));
        let refused = refusal(town.helping(BY_KEY, ANN, sign_up(ANN)));
        assert_eq!(refused, Err(Code::NotAuthorised), "{erased}");
        assert_eq!(helpers(&town, ANN), [], "{erased}");
    }
}

#[test]
fn a_helper_lays_down_the_own_help_and_ends_no_other() {
    let mut town = helped();
    town.must(ANN, named(ANN, RESIDENT));
    let another = town.helping(BY_KEY, ANN, ended(ANN, RESIDENT));
    assert_eq!(refusal(another), Err(Code::NotAuthorised));
    assert_eq!(code(&mut town, BO, ended(ANN, BO)), Err(Code::NotAuthorised), "for the person it is said");
    assert_eq!(refusal(town.helping(BY_KEY, ANN, ended(ANN, BO))), Ok(()));
    assert_eq!(helpers(&town, ANN), [RESIDENT]);
    assert_eq!(refusal(town.helping(BY_KEY, ANN, ended(ANN, BO))), Err(Code::NotAuthorised), "once");
}

#[test]
fn staff_of_another_community_end_no_help() {
    let mut town = helped();
    assert_eq!(refusal(town.proxy(FAR_WORKER, ANN, ended(ANN, BO))), Err(Code::NotAuthorised));
    assert_eq!(refusal(town.proxy(FAR_WORKER, ANN, named(ANN, RESIDENT))), Err(Code::NotAuthorised));
}

/// Everything that she could assert herself, and what others assert about her.
#[test]
fn a_helper_does_nothing_else_for_the_person() {
    let mut town = helped();
    town.must(WORKER, Body::posted(WISH, GRID, RESIDENT, "care", TEXT, 60));
    town.must(SECOND_WORKER, Body::Wish(WishEvent::Vetted { wish: WISH, sentence: TEXT }));
    let (session, hers) = (town.session(WORKER, BO), town.session(WORKER, ANN));
    let ask = Body::Member(MemberEvent::ErasureRequested { person: ANN });
    let waiting = town.event(ANN, ask.clone()).id;
    town.witnessed(ANN, hers, ask.clone()).expect("it waits the term");
    let (from, to, kind) = (Account::Person(ANN), Account::Person(BO), TransferKind::Gift);
    let (until, today) = (town.now.plus_days(9), town.today());
    let key = KeyId::of(&key_of(ANN));
    let rows = vec![Attendee { person: ANN, attended: Attended::NoShow }];
    let bodies = [
        Body::Wish(WishEvent::Claimed { wish: WISH, claimer: Claimer::Person(ANN), participants: vec![] }),
        Body::public_name(ANN, true),
        Body::public_name(ANN, false),
        Body::Key(KeyEvent::Enrolled { person: ANN, key: PublicKey([43; 32]), proof: PROOF }),
        Body::key_revoked(ANN, key, RevocationReason::Lost),
        Body::Credit(CreditEvent::Transferred { from, to, minutes: 1, kind }),
        Body::Credit(CreditEvent::Held { hold: HoldId([44; 16]), from: ANN, to: BO, minutes: 1, until }),
        ask,
        Body::ReportIn(ReportInEvent::Filed { person: ANN, community: COMMUNITY }),
        Body::affiliated(ANN, CITY, Kind::Team, Span::since(today)),
        Body::Session(SessionEvent::Closed { person: ANN, grant: hers }),
        Body::Act(ActEvent::Approved { act: waiting }),
        Body::Act(ActEvent::Stopped { act: waiting }),
        Body::Activity(ActivityEvent::AttendanceTaken { activity: ACTIVITY, shift: SHIFT, rows }),
        named(ANN, RESIDENT),
    ];
    for body in bodies {
        for hand in [BY_KEY, (BO, Some(session))] {
            let refused = refusal(town.helping(hand, ANN, body.clone()));
            assert_eq!(refused, Err(Code::NotAuthorised), "{hand:?}: {body:?}");
        }
        assert!(town.proxy(BO, ANN, body.clone()).is_err(), "nor as staff: {body:?}");
    }
}
