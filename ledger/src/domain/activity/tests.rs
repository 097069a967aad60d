//! Given/when/then for activities.

use super::super::event::{ActivityEvent, MemberEvent, SessionEvent};
use super::*;
use crate::domain::Body;
use crate::domain::Effect;
use crate::domain::ids::Commitment;
use crate::domain::testing::*;
use crate::domain::time::Minute;
use crate::store::table::Transaction;
use proptest::prelude::*;
use rstest::rstest;
use std::collections::VecDeque;

const CARE: ActivityId = ActivityId([40; 16]);
const SHIFT: ShiftId = ShiftId([41; 16]);
const STRANGER: PersonId = PersonId([77; 16]);
const REASON: Commitment = Commitment([1; 32]);

fn plan(activity: ActivityId, category: &str) -> Body {
    Body::planned(activity, GRID, category, REASON, Lead::Person(WORKER))
}

const PUBLISH: Body = Body::Activity(ActivityEvent::Published { activity: CARE });
const CLOSE: Body = Body::Activity(ActivityEvent::Closed { activity: CARE });
const CANCEL: Body = Body::Activity(ActivityEvent::Cancelled { activity: CARE, reason: REASON });

/// Minutes after the founding, 08:00 of the first day.
fn at(from: i64, to: i64) -> Interval {
    let start = START.minute().0;
    Interval { start: Minute(start + from), end: Minute(start + to) }
}

/// From 10:00 to 12:00 of the first day.
fn open(shift: ShiftId, capacity: u16) -> Body {
    Body::shift_opened(CARE, shift, at(120, 240), capacity)
}

fn sign_up(person: PersonId) -> Body {
    Body::Activity(ActivityEvent::SignedUp { activity: CARE, shift: SHIFT, person })
}

fn withdraw(person: PersonId) -> Body {
    Body::Activity(ActivityEvent::SignUpWithdrawn { activity: CARE, shift: SHIFT, person })
}

fn roll(rows: &[(PersonId, Attended)]) -> Body {
    let rows = rows.iter().map(|(person, attended)| Attendee { person: *person, attended: *attended });
    Body::Activity(ActivityEvent::AttendanceTaken { activity: CARE, shift: SHIFT, rows: rows.collect() })
}

fn present() -> Attended {
    Attended::Present(at(125, 240))
}

fn code(result: Outcome) -> Code {
    result.map_err(|r| r.code).expect_err("the event is refused")
}

fn fault(result: Outcome) -> (Code, Option<u16>) {
    result.map_err(|r| (r.code, r.row)).expect_err("the event is refused")
}

fn planned() -> Town {
    let mut town = Town::new();
    town.must(WORKER, plan(CARE, "care"));
    town
}

/// Published, with one shift of one place.
fn published() -> Town {
    let mut town = planned();
    town.must(WORKER, open(SHIFT, 1));
    town.must(WORKER, PUBLISH);
    town
}

/// The same, with Ann signed up, Bo waiting, and the shift over.
fn over() -> Town {
    let mut town = published();
    town.must(ANN, sign_up(ANN));
    town.must(BO, sign_up(BO));
    town.now.0 += 240 * 60_000;
    town
}

fn standing(town: &Town, person: PersonId) -> Option<Standing> {
    town.state.activities.standing(SHIFT, person)
}

#[test]
fn an_activity_goes_from_planned_through_published_to_closed() {
    let mut town = planned();
    let phase = |town: &Town| town.state.activities.get(CARE).map(|a| a.phase);
    assert_eq!((phase(&town), town.state.activities.org(CARE)), (Some(Phase::Planned), Some(GRID)));
    assert_eq!(code(town.attempt(WORKER, CLOSE)), Code::ActivityState);
    town.must(WORKER, PUBLISH);
    assert_eq!(phase(&town), Some(Phase::Published));
    assert_eq!(code(town.attempt(WORKER, PUBLISH)), Code::ActivityState);
    town.must(WORKER, CLOSE);
    assert_eq!(phase(&town), Some(Phase::Closed));
    for body in [PUBLISH, CLOSE, CANCEL, open(SHIFT, 1)] {
        assert_eq!(code(town.attempt(WORKER, body)), Code::ActivityState);
    }
}

#[test]
fn an_activity_is_cancelled_before_anybody_served_and_then_stays_so() {
    let mut town = planned();
    town.must(WORKER, CANCEL);
    for body in [PUBLISH, CLOSE, CANCEL, open(SHIFT, 1)] {
        assert_eq!(code(town.attempt(WORKER, body)), Code::ActivityState);
    }
    let mut town = over();
    town.must(WORKER, roll(&[(ANN, Attended::NoShow)]));
    let mut served = town.state.clone();
    std::mem::swap(&mut served, &mut town.state);
    town.must(WORKER, CANCEL);
    std::mem::swap(&mut served, &mut town.state);
    town.must(WORKER, roll(&[(ANN, present())]));
    assert_eq!(code(town.attempt(WORKER, CANCEL)), Code::ActivityState, "somebody was there");
}

#[rstest]
#[case("care", true)]
#[case("red-saturday-2", true)]
#[case("abcdefghijabcdefghijabcdefghij12", true)]
#[case("abcdefghijabcdefghijabcdefghij123", false)]
#[case("", false)]
#[case("Care", false)]
#[case("助老", false)]
#[case("a b", false)]
fn a_category_is_a_slug(#[case] category: &str, #[case] accepted: bool) {
    let mut town = Town::new();
    let result = town.attempt(WORKER, plan(CARE, category)).map_err(|r| r.code);
    assert_eq!(result.err(), (!accepted).then_some(Code::OutOfRange));
}

#[test]
fn what_a_plan_names_must_exist_and_its_id_be_new() {
    let mut town = planned();
    assert_eq!(code(town.attempt(WORKER, plan(CARE, "care"))), Code::AlreadyExists);
    let with = |org, lead| Body::planned(ActivityId([42; 16]), org, "care", REASON, lead);
    let stranger = with(GRID, Lead::Person(STRANGER));
    assert_eq!(code(town.attempt(WORKER, stranger)), Code::UnknownPerson);
    // A role cannot reach an unknown organisation, so the rule itself is asked.
    let event = town.event(WORKER, with(OrgId([77; 16]), Lead::Named(REASON)));
    let refused = crate::domain::check_rules(&town.state, &town.context(WORKER), &event).map_err(|r| r.code);
    assert_eq!(refused, Err(Code::UnknownOrg));
    town.must(WORKER, with(GRID, Lead::Named(REASON)));
}

#[test]
fn nothing_happens_to_an_unknown_activity_or_shift() {
    let mut town = Town::new();
    for body in [PUBLISH, CLOSE, CANCEL, open(SHIFT, 1), roll(&[(ANN, present())])] {
        assert_eq!(code(town.attempt(WORKER, body)), Code::UnknownActivity);
    }
    assert_eq!(code(town.attempt(ANN, sign_up(ANN))), Code::UnknownActivity);
    let mut town = published();
    let (activity, shift) = (ActivityId([43; 16]), SHIFT);
    town.must(WORKER, plan(activity, "care"));
    let of_another = Body::Activity(ActivityEvent::SignedUp { activity, shift, person: ANN });
    assert_eq!(code(town.attempt(ANN, of_another)), Code::UnknownActivity, "a shift belongs to one activity");
}

#[test]
fn a_shift_has_places_and_a_time_and_an_id_of_its_own() {
    let mut town = planned();
    assert_eq!(code(town.attempt(WORKER, open(SHIFT, 0))), Code::OutOfRange);
    for interval in [at(120, 120), at(240, 120), Interval { start: Minute(i64::MAX), end: Minute(i64::MIN) }]
    {
        let body = Body::shift_opened(CARE, SHIFT, interval, 1);
        assert_eq!(code(town.attempt(WORKER, body)), Code::BadInterval);
    }
    town.must(WORKER, open(SHIFT, 2));
    assert_eq!(code(town.attempt(WORKER, open(SHIFT, 2))), Code::AlreadyExists);
    let shift = town.state.activities.shift(SHIFT).copied().expect("it is open");
    assert_eq!((shift.activity, shift.interval, shift.capacity), (CARE, at(120, 240), 2));
}

#[test]
fn a_full_shift_keeps_a_waiting_list_and_the_first_moves_up() {
    let mut town = published();
    town.must(ANN, sign_up(ANN));
    town.must(BO, sign_up(BO));
    town.must(RESIDENT, sign_up(RESIDENT));
    assert_eq!(standing(&town, ANN), Some(Standing::Placed));
    assert_eq!(standing(&town, BO), Some(Standing::Waiting(0)));
    let counts = |town: &Town| town.state.activities.shift(SHIFT).map(|s| (s.taken, s.waiting));
    assert_eq!(counts(&town), Some((1, 2)));
    let promoted = Effect::Promoted { activity: CARE, shift: SHIFT, person: BO };
    assert_eq!(town.must(ANN, withdraw(ANN)), [promoted]);
    assert_eq!(
        (standing(&town, ANN), standing(&town, BO)),
        (Some(Standing::Withdrew), Some(Standing::Placed))
    );
    assert_eq!(counts(&town), Some((1, 1)));
    town.must(ANN, sign_up(ANN));
    assert_eq!(town.must(RESIDENT, withdraw(RESIDENT)), [], "who waits gives up no place");
    let promoted = Effect::Promoted { activity: CARE, shift: SHIFT, person: ANN };
    assert_eq!(town.must(BO, withdraw(BO)), [promoted]);
    assert_eq!(town.must(ANN, withdraw(ANN)), []);
    assert_eq!(counts(&town), Some((0, 0)));
}

#[test]
fn a_sign_up_is_ones_own_and_made_once() {
    let mut town = published();
    assert_eq!(code(town.attempt(BO, sign_up(ANN))), Code::NotAuthorised);
    assert_eq!(code(town.attempt(ANN, withdraw(ANN))), Code::SignUpState);
    town.proxy(WORKER, ANN, sign_up(ANN)).expect("staff sign someone up who has no phone");
    assert_eq!(code(town.attempt(ANN, sign_up(ANN))), Code::SignUpState);
    town.must(BO, sign_up(BO));
    assert_eq!(code(town.attempt(BO, sign_up(BO))), Code::SignUpState);
    town.must(ANN, withdraw(ANN));
    assert_eq!(code(town.attempt(ANN, withdraw(ANN))), Code::SignUpState);
}

#[test]
fn a_witnessed_session_signs_up_its_own_person_only() {
    let mut town = published();
    let until = town.now.plus_days(1);
    let grant = town.given(WORKER, Body::Session(SessionEvent::Granted { person: ANN, code: REASON, until }));
    assert_eq!(
        code(town.witnessed(ANN, grant, sign_up(ANN))),
        Code::NotAuthorised,
        "the code is not used yet"
    );
    town.must(LEDGER, Body::Session(SessionEvent::Opened { person: ANN, grant, until }));
    assert_eq!(code(town.witnessed(ANN, grant, sign_up(BO))), Code::NotAuthorised);
    assert_eq!(code(town.witnessed(BO, grant, sign_up(BO))), Code::NotAuthorised);
    town.witnessed(ANN, grant, sign_up(ANN)).expect("her own");
    assert_eq!(standing(&town, ANN), Some(Standing::Placed));
}

#[test]
fn sign_up_is_open_while_published_and_until_the_shift_is_over() {
    let mut town = planned();
    town.must(WORKER, open(SHIFT, 9));
    assert_eq!(code(town.attempt(ANN, sign_up(ANN))), Code::ActivityState);
    town.must(WORKER, PUBLISH);
    town.now.0 += 239 * 60_000;
    town.must(ANN, sign_up(ANN));
    town.now.0 += 60_000;
    assert_eq!(code(town.attempt(BO, sign_up(BO))), Code::SignUpState);
    town.must(WORKER, CLOSE);
    assert_eq!(code(town.attempt(BO, sign_up(BO))), Code::ActivityState);
}

#[test]
fn a_place_is_given_back_before_the_shift_begins() {
    let mut town = published();
    town.must(ANN, sign_up(ANN));
    town.now.0 += 120 * 60_000 - 1;
    let kept = town.state.clone();
    town.must(ANN, withdraw(ANN));
    town.state = kept;
    town.now.0 += 1;
    assert_eq!(code(town.attempt(ANN, withdraw(ANN))), Code::SignUpState);
}

#[test]
fn an_erased_person_does_not_sign_up_or_attend() {
    let mut town = over();
    town.must(RESIDENT, Body::Member(MemberEvent::ErasureRequested { person: RESIDENT }));
    assert_eq!(code(town.attempt(RESIDENT, sign_up(RESIDENT))), Code::NotAuthorised);
    assert_eq!(code(town.proxy(WORKER, RESIDENT, sign_up(RESIDENT))), Code::UnknownPerson);
    let rows = [(ANN, present()), (RESIDENT, present())];
    assert_eq!(fault(town.attempt(WORKER, roll(&rows))), (Code::UnknownPerson, Some(1)));
}

#[test]
fn the_roll_says_who_was_there_and_a_later_one_replaces_it() {
    let mut town = over();
    town.must(WORKER, roll(&[(ANN, Attended::NoShow), (BO, present()), (RESIDENT, present())]));
    assert_eq!(standing(&town, ANN), Some(Standing::NoShow));
    assert_eq!(standing(&town, BO), Some(Standing::Present(at(125, 240))), "from the waiting list");
    assert_eq!(standing(&town, RESIDENT), Some(Standing::Present(at(125, 240))), "without a sign-up");
    assert_eq!(town.state.activities.shift(SHIFT).map(|s| (s.taken, s.waiting)), Some((1, 0)));
    town.must(WORKER, CLOSE);
    town.must(SECOND_WORKER, roll(&[(ANN, present())]));
    assert_eq!(standing(&town, ANN), Some(Standing::Present(at(125, 240))));
    town.must(SECOND_WORKER, roll(&[(ANN, Attended::NoShow)]));
    assert_eq!(standing(&town, ANN), Some(Standing::NoShow), "she still had a place");
}

#[test]
fn a_no_show_had_a_place() {
    let mut town = over();
    for absent in [BO, RESIDENT] {
        let rows = [(ANN, present()), (absent, Attended::NoShow)];
        assert_eq!(fault(town.attempt(WORKER, roll(&rows))), (Code::SignUpState, Some(1)));
    }
}

#[test]
fn attendance_lies_in_the_past() {
    let mut town = over();
    for interval in [at(125, 241), at(125, 125), at(130, 125)] {
        let rows = [(ANN, present()), (BO, Attended::Present(interval))];
        assert_eq!(fault(town.attempt(WORKER, roll(&rows))), (Code::BadInterval, Some(1)));
    }
    town.now.0 -= 1;
    let early = town.attempt(WORKER, roll(&[(ANN, Attended::NoShow)]));
    assert_eq!(fault(early), (Code::BadInterval, Some(0)), "who is late may still come");
}

#[test]
fn a_roll_has_1_to_256_different_persons() {
    let mut town = over();
    assert_eq!(code(town.attempt(WORKER, roll(&[]))), Code::OutOfRange);
    let rows = [(ANN, present()), (ANN, present())];
    assert_eq!(fault(town.attempt(WORKER, roll(&rows))), (Code::OutOfRange, Some(1)));
    let people = |n: u8| PersonId([[200, n]; 8].concat().try_into().expect("16 bytes"));
    (0..=255).for_each(|n| town.register(people(n), GRID));
    let mut rows: Vec<_> = (0..=255).map(|n| (people(n), present())).collect();
    town.must(WORKER, roll(&rows));
    rows.push((ANN, present()));
    assert_eq!(fault(town.attempt(WORKER, roll(&rows))), (Code::OutOfRange, None));
}

#[test]
fn nobody_takes_their_own_attendance() {
    let mut town = over();
    let rows = [(ANN, present()), (WORKER, present())];
    assert_eq!(fault(town.attempt(WORKER, roll(&rows))), (Code::FourEyes, Some(1)));
    town.must(SECOND_WORKER, roll(&rows));
    let mut event = town.event(SECOND_WORKER, roll(&[(ANN, present())]));
    event.acting_for = Some(ANN);
    let refused =
        crate::domain::check_rules(&town.state, &town.context(SECOND_WORKER), &event).map_err(|r| r.code);
    assert_eq!(refused, Err(Code::FourEyes), "nor through another");
}

#[test]
fn the_roll_is_called_only_once_published() {
    let mut town = planned();
    town.must(WORKER, open(SHIFT, 1));
    town.now.0 += 240 * 60_000;
    assert_eq!(code(town.attempt(WORKER, roll(&[(ANN, present())]))), Code::ActivityState);
    town.must(WORKER, CANCEL);
    assert_eq!(code(town.attempt(WORKER, roll(&[(ANN, present())]))), Code::ActivityState);
}

proptest! {
    /// Sign-ups and withdrawals against a queue kept by hand; and what is tried and undone leaves no trace.
    #[test]
    fn places_go_in_order_of_sign_up(steps in proptest::collection::vec((0..8u8, any::<bool>()), 1..80), places in 1..4u16) {
        let mut town = planned();
        town.must(WORKER, open(SHIFT, places));
        town.must(WORKER, PUBLISH);
        let person = |n: u8| PersonId([100 + n; 16]);
        (0..8).for_each(|n| town.register(person(n), GRID));
        let mut queue = VecDeque::new();
        for (number, (n, joins)) in steps.iter().enumerate() {
            let who = person(*n);
            let body = if *joins { sign_up(who) } else { withdraw(who) };
            if number % 7 == 0 {
                let kept = town.state.activities.clone();
                town.state.begin();
                let _ = town.attempt(who, body.clone());
                town.state.rollback();
                prop_assert!(town.state.activities == kept);
            }
            let index = queue.iter().position(|p| *p == who);
            let result = town.attempt(who, body);
            prop_assert_eq!(result.is_ok(), index.is_none() == *joins);
            let places = usize::from(places);
            let next = index.filter(|i| *i < places && !*joins).and_then(|_| queue.get(places).copied());
            let promoted: Vec<_> =
                next.map(|person| Effect::Promoted { activity: CARE, shift: SHIFT, person }).into_iter().collect();
            match index {
                None if *joins => queue.push_back(who),
                Some(index) if !*joins => drop(queue.remove(index)),
                _ => {}
            }
            prop_assert_eq!(result.unwrap_or_default(), promoted);
            for (place, who) in queue.iter().enumerate() {
                let placed = standing(&town, *who) == Some(Standing::Placed);
                prop_assert_eq!(placed, place < places);
            }
            let shift = town.state.activities.shift(SHIFT).copied().expect("it is open");
            prop_assert_eq!(usize::from(shift.taken) + shift.waiting as usize, queue.len());
        }
    }
}
