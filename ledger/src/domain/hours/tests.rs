//! Given/when/then for hours; the property that order does not matter is in [`order`].

mod hands;
mod order;

use super::super::event::{ActEvent, ActivityEvent, CreditEvent, HoursEvent, KeyEvent, MemberEvent};
use super::tally::Changes;
use super::*;
use crate::domain::Body;
use crate::domain::Effect;
use crate::domain::event::{Account, EdgeKind, Lead, OrgKind, Span};
use crate::domain::ids::RowKey;
use crate::domain::ids::{BatchId, Commitment};
use crate::domain::policy::{CalendarPolicy, CreditPolicy, Excess, Policy};
use crate::domain::testing::*;
use crate::domain::time::{Minute, Offset};
use rstest::rstest;

pub(super) const CARE: ActivityId = ActivityId([40; 16]);
pub(super) const FAR_CARE: ActivityId = ActivityId([41; 16]);
pub(super) const CN: Offset = Offset(480);

/// A town with one published activity in each community, at noon of the day after its founding.
pub(super) fn town() -> Town {
    ready(Town::new())
}

fn ready(mut town: Town) -> Town {
    town.wait_days(1);
    town.now.0 += 4 * 3_600_000;
    plan(&mut town, WORKER, CARE, GRID);
    plan(&mut town, FAR_WORKER, FAR_CARE, OTHER_COMMUNITY);
    town
}

fn plan(town: &mut Town, by: PersonId, activity: ActivityId, org: OrgId) {
    let title = Commitment([1; 32]);
    town.must(by, Body::planned(activity, org, "care", title, Lead::Person(by)));
    town.must(by, Body::Activity(ActivityEvent::Published { activity }));
}

/// `from..to` in minutes after local midnight of the day `day` days after 2026-03-02.
pub(super) fn at(day: i32, from: i64, to: i64) -> Interval {
    let midnight = Date::from_ymd(2026, 3, 2).expect("a date").plus(day).start(CN).0;
    Interval { start: Minute(midnight + from), end: Minute(midnight + to) }
}

pub(super) fn row(key: u8, person: PersonId, interval: Interval) -> Row {
    Row { key: RowKey([key; 16]), person, interval }
}

fn record_in(org: OrgId, activity: ActivityId, rows: Vec<Row>) -> Body {
    let batch = BatchId([1; 16]);
    Body::recorded(batch, org, activity, rows)
}

pub(super) fn record(rows: Vec<Row>) -> Body {
    record_in(COMMUNITY, CARE, rows)
}

pub(super) fn all(recorded: EventId) -> Body {
    Body::all_confirmed(recorded)
}

fn some(recorded: EventId, rows: &[u16]) -> Body {
    Body::Hours(HoursEvent::Confirmed { recorded, rows: Rows::Some { indexes: rows.to_vec() } })
}

pub(super) fn correct(recorded: EventId, row: u16, replacement: Option<Interval>) -> Body {
    Body::Hours(HoursEvent::Corrected { recorded, row, replacement, reason: Commitment([9; 32]) })
}

fn refusal(result: Outcome) -> (Code, Option<u16>) {
    result.map_err(|r| (r.code, r.row)).expect_err("the event is refused")
}

/// (row, day after 2026-03-02, was, now) of each counted change.
fn counted(effects: &[Effect]) -> Vec<(u16, i32, u16, u16)> {
    let first = Date::from_ymd(2026, 3, 2).expect("a date").0;
    let pick = |effect: &Effect| match effect {
        Effect::Counted { row, date, was, now, .. } => Some((*row, date.0 - first, *was, *now)),
        _ => None,
    };
    effects.iter().filter_map(pick).collect()
}

fn posted(effects: &[Effect]) -> Vec<(Account, Account, u32)> {
    let pick = |effect: &Effect| match effect {
        Effect::Posted { from, to, minutes } => Some((*from, *to, *minutes)),
        _ => None,
    };
    effects.iter().filter_map(pick).collect()
}

fn balance(town: &Town, person: PersonId) -> i64 {
    town.state.credit.balance(Account::Person(person))
}

/// Records one row for Ann and confirms it.
fn served(town: &mut Town, key: u8, interval: Interval) -> EventId {
    let recorded = town.given(WORKER, record(vec![row(key, ANN, interval)]));
    town.must(SECOND_WORKER, all(recorded));
    recorded
}

fn adopt(town: &mut Town, policy: Policy, from: Date) {
    town.must(FOUNDER, Body::policy_adopted(from, policy));
}

fn credit(daily_cap: u32, account_cap: u32, excess: Excess) -> Policy {
    Policy::Credit(CreditPolicy { daily_cap, account_cap, excess, ..CreditPolicy::PLAIN })
}

#[test]
fn recorded_hours_count_only_when_confirmed() {
    let mut town = town();
    let event = town.event(WORKER, record(vec![row(1, ANN, at(1, 540, 660))]));
    assert_eq!(town.submit(WORKER, &event), Ok(vec![]));
    assert_eq!(town.state.hours.certified_minutes(ANN), 0);
    let effects = town.must(SECOND_WORKER, all(event.id));
    let expected = [
        Effect::Counted {
            recorded: event.id,
            row: 0,
            person: ANN,
            activity: CARE,
            date: Date::from_ymd(2026, 3, 3).expect("a date"),
            was: 0,
            now: 120,
            homes: [GRID].into(),
        },
        Effect::Posted { from: Account::Issuance, to: Account::Person(ANN), minutes: 120 },
    ];
    assert_eq!(effects, expected);
    let hours = &town.state.hours;
    assert_eq!((hours.certified_minutes(ANN), hours.earned(ANN), balance(&town, ANN)), (120, 120, 120));
    assert_eq!(hours.certified_on(ANN, town.today()), 120);
    let facts = hours.row(event.id, 0).expect("the row is known");
    assert_eq!((facts.person, facts.interval(), facts.state), (ANN, at(1, 540, 660), RowState::Confirmed));
    let recording = hours.recording(event.id).expect("the recording is known");
    assert_eq!((recording.org, recording.recorder, recording.filed), (COMMUNITY, WORKER, town.today()));
    assert!(hours.knows_key(&RowKey([1; 16])) && !hours.knows_key(&RowKey([2; 16])));
}

#[test]
fn a_recording_is_confirmed_in_several_goes() {
    let mut town = town();
    let rows = vec![row(1, ANN, at(0, 540, 600)), row(2, BO, at(0, 540, 600)), row(3, ANN, at(0, 600, 660))];
    let recorded = town.given(WORKER, record(rows));
    assert_eq!(counted(&town.must(SECOND_WORKER, some(recorded, &[1]))), [(1, 0, 0, 60)]);
    assert_eq!(
        refusal(town.attempt(SECOND_WORKER, all(recorded))),
        (Code::RowState, Some(1)),
        "all means all, and one is confirmed already"
    );
    let rest = town.must(SECOND_WORKER, some(recorded, &[0, 2]));
    assert_eq!(counted(&rest), [(0, 0, 0, 60), (2, 0, 0, 60)]);
    assert_eq!(posted(&rest), [(Account::Issuance, Account::Person(ANN), 120)], "one posting a person");
}

#[test]
fn service_over_midnight_counts_on_both_days() {
    let mut town = town();
    let recorded = town.given(WORKER, record(vec![row(1, ANN, at(0, 1380, 1500))]));
    assert_eq!(counted(&town.must(SECOND_WORKER, all(recorded))), [(0, 0, 0, 60), (0, 1, 0, 60)]);
    assert_eq!(town.state.hours.certified_minutes(ANN), 120);
}

#[test]
fn adjacent_rows_both_count_in_full() {
    let mut town = town();
    served(&mut town, 1, at(0, 540, 600));
    served(&mut town, 2, at(0, 600, 660));
    assert_eq!(town.state.hours.certified_minutes(ANN), 120);
}

#[test]
fn two_places_at_once_count_once_for_the_row_that_began_first() {
    let mut town = town();
    served(&mut town, 1, at(0, 600, 720));
    let recorded =
        town.given(FAR_WORKER, record_in(OTHER_COMMUNITY, FAR_CARE, vec![row(2, ANN, at(0, 540, 660))]));
    let effects = town.must(STEWARD, all(recorded));
    assert_eq!(counted(&effects), [(0, 0, 0, 120), (0, 0, 120, 60)], "the later row yields what it shared");
    assert_eq!(posted(&effects), [(Account::Issuance, Account::Person(ANN), 60)]);
    let effects = town.approved(STEWARD, correct(recorded, 0, None), FAR_WORKER);
    assert_eq!(counted(&effects), [(0, 0, 60, 120), (0, 0, 120, 0)], "and gets it back");
    assert_eq!(balance(&town, ANN), 120);
}

#[test]
fn a_late_arrival_moves_only_its_own_day() {
    let mut town = town();
    town.wait_days(5);
    for (key, day) in [(1, 1), (2, 2), (3, 4)] {
        served(&mut town, key, at(day, 540, 600));
    }
    let recorded = town.given(WORKER, record(vec![row(9, ANN, at(2, 570, 630))]));
    assert_eq!(counted(&town.must(SECOND_WORKER, all(recorded))), [(0, 2, 0, 30)]);
    assert_eq!(town.state.hours.certified_minutes(ANN), 210);
}

#[test]
fn the_daily_cap_spans_organisations() {
    let mut town = town();
    served(&mut town, 1, at(0, 480, 780));
    let recorded =
        town.given(FAR_WORKER, record_in(OTHER_COMMUNITY, FAR_CARE, vec![row(2, ANN, at(0, 780, 1080))]));
    let effects = town.must(STEWARD, all(recorded));
    assert_eq!(counted(&effects), [(0, 0, 0, 300)], "the record keeps every minute");
    assert_eq!(posted(&effects), [(Account::Issuance, Account::Person(ANN), 180)]);
    assert_eq!((town.state.hours.certified_minutes(ANN), balance(&town, ANN)), (600, 480));
}

#[test]
fn credit_is_rounded_down_once_a_day() {
    let mut town = town();
    let mut policy = CreditPolicy { earn_den: 2, ..CreditPolicy::PLAIN };
    let tomorrow = town.today().plus(1);
    adopt(&mut town, Policy::Credit(policy), tomorrow);
    policy.earn_den = 4;
    adopt(&mut town, Policy::Credit(policy), tomorrow.plus(1));
    town.wait_days(3);
    served(&mut town, 1, at(2, 540, 541));
    assert_eq!(balance(&town, ANN), 0);
    served(&mut town, 2, at(2, 600, 601));
    assert_eq!(balance(&town, ANN), 1, "two halves of one day make a whole");
    served(&mut town, 3, at(3, 540, 543));
    assert_eq!(balance(&town, ANN), 1, "each day under its own policy");
}

#[test]
fn without_a_credit_policy_hours_are_recognised_only() {
    let mut town = town();
    let records = crate::domain::policy::RecordPolicy { due_working_days: 10, longest: 720 };
    let before = Date::from_ymd(2026, 3, 1).expect("a date");
    town.state.policies.adopt(EventId([0; 16]), Scope::Ledger, before, Policy::Records(records));
    let recorded = town.given(WORKER, record(vec![row(1, ANN, at(-1, 540, 600))]));
    let effects = town.must(SECOND_WORKER, all(recorded));
    assert_eq!((counted(&effects), posted(&effects)), (vec![(0, -1, 0, 60)], vec![]));
}

#[test]
fn what_exceeds_the_account_cap_is_recognised_or_goes_to_the_fund_of_its_day() {
    let (one, two, three) = ((100, 0, 0), (100, 60, 0), (150, 30, 10));
    let mut town = town();
    let tomorrow = town.today().plus(1);
    adopt(&mut town, credit(480, 100, Excess::RecordOnly), tomorrow);
    adopt(&mut town, credit(480, 100, Excess::Fund(COMMUNITY)), tomorrow.plus(1));
    adopt(&mut town, credit(480, 150, Excess::Fund(OTHER_COMMUNITY)), tomorrow.plus(2));
    town.wait_days(5);
    let all = |town: &Town| {
        let fund = |org| town.state.credit.balance(Account::Fund(org));
        (balance(town, ANN), fund(COMMUNITY), fund(OTHER_COMMUNITY))
    };
    served(&mut town, 1, at(2, 540, 660));
    assert_eq!(all(&town), one);
    let second = served(&mut town, 2, at(3, 540, 600));
    assert_eq!(all(&town), two);
    let third = served(&mut town, 3, at(4, 540, 550));
    assert_eq!(all(&town), three);
    town.approved(WORKER, correct(third, 0, None), SECOND_WORKER);
    assert_eq!(all(&town), two);
    town.approved(WORKER, correct(second, 0, None), SECOND_WORKER);
    assert_eq!(all(&town), one);
    assert_eq!(town.state.hours.certified_minutes(ANN), 120);
}

#[test]
fn the_first_credit_policy_does_not_begin_on_a_day_that_has_counted() {
    let mut town = ready(Town::without_credit());
    let today = town.today();
    let adopt = |town: &mut Town, from| {
        let policy = credit(480, 100, Excess::RecordOnly);
        town.attempt(FOUNDER, Body::policy_adopted(from, policy)).map(drop).map_err(|r| r.code)
    };
    served(&mut town, 1, at(0, 540, 660));
    assert_eq!(adopt(&mut town, today), Err(Code::PolicyInPast));
    assert_eq!(adopt(&mut town, today.plus(1)), Ok(()), "from tomorrow on");
}

#[test]
fn spending_does_not_make_room_under_the_account_cap() {
    let mut town = town();
    let tomorrow = town.today().plus(1);
    adopt(&mut town, credit(480, 100, Excess::RecordOnly), tomorrow);
    town.wait_days(2);
    served(&mut town, 1, at(2, 540, 640));
    let (from, to) = (Account::Person(ANN), Account::Person(BO));
    let kind = crate::domain::event::TransferKind::Gift;
    town.must(ANN, Body::Credit(CreditEvent::Transferred { from, to, minutes: 100, kind }));
    served(&mut town, 2, at(2, 640, 700));
    assert_eq!((balance(&town, ANN), town.state.hours.earned(ANN)), (0, 100));
}

#[test]
fn a_correction_after_spending_leaves_a_debt() {
    let mut town = town();
    let recorded = served(&mut town, 1, at(0, 540, 660));
    let (from, to) = (Account::Person(ANN), Account::Person(BO));
    let kind = crate::domain::event::TransferKind::Gift;
    town.must(ANN, Body::Credit(CreditEvent::Transferred { from, to, minutes: 100, kind }));
    let act = town.held(WORKER, correct(recorded, 0, None));
    assert_eq!(balance(&town, ANN), 20, "one alone takes nothing away");
    let effects = town.must(SECOND_WORKER, Body::Act(ActEvent::Approved { act }));
    assert_eq!(posted(&effects), [(Account::Person(ANN), Account::Issuance, 120)]);
    assert_eq!((balance(&town, ANN), balance(&town, BO)), (-100, 100));
    assert_eq!(town.state.hours.row(recorded, 0).map(|r| r.state), Some(RowState::Void));
    served(&mut town, 2, at(0, 700, 760));
    assert_eq!(balance(&town, ANN), -40, "new service pays the debt");
}

#[test]
fn a_replacement_waits_for_a_new_confirmation_by_another_than_the_corrector() {
    let mut town = town();
    let recorded = served(&mut town, 1, at(0, 540, 660));
    let correction = town.held(SECOND_WORKER, correct(recorded, 0, Some(at(0, 540, 600))));
    assert_eq!(town.state.hours.certified_minutes(ANN), 120, "it counts until a second person agrees");
    assert_eq!(town.state.hours.org(correction), None);
    town.must(WORKER, Body::Act(ActEvent::Approved { act: correction }));
    assert_eq!(town.state.hours.certified_minutes(ANN), 0);
    assert_eq!(town.state.hours.org(correction), Some(COMMUNITY));
    assert_eq!(refusal(town.attempt(SECOND_WORKER, all(correction))), (Code::FourEyes, None));
    assert_eq!(counted(&town.must(WORKER, all(correction))), [(0, 0, 0, 60)]);
    town.approved(WORKER, correct(correction, 0, Some(at(0, 550, 600))), SECOND_WORKER);
    assert_eq!(balance(&town, ANN), 0, "a correction can be corrected");
}

#[test]
fn a_row_can_be_corrected_before_it_is_confirmed() {
    let mut town = town();
    let recorded =
        town.given(WORKER, record(vec![row(1, ANN, at(0, 540, 660)), row(2, BO, at(0, 540, 660))]));
    assert_eq!(town.must(WORKER, correct(recorded, 0, None)), []);
    assert_eq!(refusal(town.attempt(WORKER, correct(recorded, 0, None))).0, Code::RowState);
    assert_eq!(refusal(town.attempt(SECOND_WORKER, some(recorded, &[0]))), (Code::RowState, Some(0)));
    town.must(SECOND_WORKER, some(recorded, &[1]));
    let again = town.attempt(WORKER, record(vec![row(1, ANN, at(0, 540, 660))]));
    assert_eq!(refusal(again), (Code::RowRecorded, Some(0)), "an import does not bring a corrected row back");
}

#[test]
fn certified_minutes_go_to_the_homes_on_the_day_of_service() {
    let mut town = town();
    let kind = crate::domain::event::AffiliationKind::Resident;
    town.must(STEWARD, Body::affiliated(ANN, OTHER_COMMUNITY, kind, Span::since(town.today())));
    let recorded = town.given(WORKER, record(vec![row(1, ANN, at(0, 1410, 1470))]));
    let homes = town.must(SECOND_WORKER, all(recorded)).into_iter().filter_map(|e| match e {
        Effect::Counted { homes, .. } => Some(homes.into_vec()),
        _ => None,
    });
    assert_eq!(homes.collect::<Vec<_>>(), [vec![GRID], vec![OTHER_COMMUNITY]]);
}

#[rstest]
#[case::reversed(at(0, 660, 540), Reason::EndsBeforeItBegins)]
#[case::empty(at(0, 540, 540), Reason::EndsBeforeItBegins)]
#[case::longer_than_the_policy(at(0, 0, 721), Reason::TooLong)]
#[case::not_over(at(1, 700, 721), Reason::NotOverYet)]
#[case::endless(Interval { start: at(0, 0, 0).start, end: Minute(i64::MAX) }, Reason::TooLong)]
fn an_unsound_interval_is_refused(#[case] interval: Interval, #[case] why: Reason) {
    let mut town = town();
    let rows = vec![row(1, BO, at(0, 0, 720)), row(2, ANN, interval)];
    let refused = town.attempt(WORKER, record(rows)).unwrap_err();
    assert_eq!((refused.code, refused.row, refused.reason), (Code::BadInterval, Some(1), Some(why)));
    let recorded = town.given(WORKER, record(vec![row(3, ANN, at(1, 660, 720))]));
    let refused = town.attempt(WORKER, correct(recorded, 0, Some(interval))).unwrap_err();
    assert_eq!((refused.code, refused.reason), (Code::BadInterval, Some(why)));
    assert_eq!(refused.detail.is_some_and(|bound| bound.ends_with("at most 720")), why == Reason::TooLong);
}

#[rstest]
#[case::before_any_policy(at(-1, 540, 600))]
#[case::before_time_was_counted(Interval { start: Minute(i64::MIN), end: Minute(0) })]
fn a_day_without_a_record_policy_is_refused(#[case] interval: Interval) {
    let mut town = town();
    let refused = town.attempt(WORKER, record(vec![row(1, ANN, interval)]));
    assert_eq!(refusal(refused), (Code::NoPolicy, Some(0)));
    let recorded = town.given(WORKER, record(vec![row(3, ANN, at(1, 660, 720))]));
    assert_eq!(refusal(town.attempt(WORKER, correct(recorded, 0, Some(interval)))).0, Code::NoPolicy);
}

#[test]
fn a_start_before_1970_is_refused() {
    let mut town = town();
    let records = crate::domain::policy::RecordPolicy { due_working_days: 10, longest: 720 };
    town.state.policies.adopt(EventId([0; 16]), Scope::Ledger, Date(-9), Policy::Records(records));
    let interval = Interval { start: Minute(-1), end: Minute(1) };
    let refused = town.attempt(WORKER, record(vec![row(1, ANN, interval)])).unwrap_err();
    assert_eq!((refused.code, refused.reason), (Code::BadInterval, Some(Reason::Before1970)));
}

#[test]
fn photos_are_named_once_each_in_order_and_at_most_sixteen() {
    let mut town = town();
    let mut answer = |named: Vec<[u8; 32]>| {
        let mut body = record(vec![row(named.len() as u8, ANN, at(0, 540, 600))]);
        if let Body::Hours(HoursEvent::Recorded { photos, .. }) = &mut body {
            *photos = named;
        }
        town.attempt(WORKER, body).map(drop).map_err(|refused| refused.code)
    };
    let some = |n: u8| (0..n).map(|photo| [photo; 32]).collect::<Vec<_>>();
    assert_eq!((answer(some(1)), answer(some(16))), (Ok(()), Ok(())));
    for bad in [some(17), vec![[2; 32], [1; 32]], vec![[1; 32], [1; 32]]] {
        assert_eq!(answer(bad), Err(Code::OutOfRange));
    }
}

#[test]
fn the_number_of_rows_and_the_part_are_bounded() {
    let mut town = town();
    let many = |n: u16| {
        let key = |i: u16| RowKey([i.to_be_bytes(); 8].concat().try_into().expect("16 bytes"));
        (0..n).map(|i| Row { key: key(i), person: ANN, interval: at(0, 540, 600) }).collect::<Vec<_>>()
    };
    assert_eq!(refusal(town.attempt(WORKER, record(vec![]))).0, Code::OutOfRange);
    assert_eq!(refusal(town.attempt(WORKER, record(many(257)))).0, Code::OutOfRange);
    let mut body = record(many(256));
    if let Body::Hours(HoursEvent::Recorded { part, .. }) = &mut body {
        *part = 1;
    }
    assert_eq!(refusal(town.attempt(WORKER, body)).0, Code::OutOfRange);
    let recorded = town.given(WORKER, record(many(256)));
    town.must(SECOND_WORKER, all(recorded));
    assert_eq!(town.state.hours.certified_minutes(ANN), 60, "256 rows of one hour are one hour");
}

#[test]
fn a_row_is_recorded_once() {
    let mut town = town();
    let twice = vec![row(1, ANN, at(0, 540, 600)), row(1, BO, at(0, 540, 600))];
    assert_eq!(refusal(town.attempt(WORKER, record(twice))), (Code::RowRecorded, Some(1)));
    town.must(WORKER, record(vec![row(1, ANN, at(0, 540, 600))]));
    let again = vec![row(2, BO, at(0, 540, 600)), row(1, ANN, at(0, 540, 600))];
    assert_eq!(refusal(town.attempt(WORKER, record(again))), (Code::RowRecorded, Some(1)));
}

#[test]
fn what_is_named_must_exist() {
    let mut town = town();
    let rows = || vec![row(1, ANN, at(0, 540, 600))];
    let nowhere = record_in(OrgId([77; 16]), CARE, rows());
    // A role cannot reach an unknown organisation, so the rule itself is asked.
    let event = town.event(WORKER, nowhere);
    let refused = crate::domain::check_rules(&town.state, &town.context(WORKER), &event).map_err(|r| r.code);
    assert_eq!(refused, Err(Code::UnknownOrg));
    let nobody = record(vec![row(1, ANN, at(0, 540, 600)), row(2, PersonId([77; 16]), at(0, 540, 600))]);
    assert_eq!(refusal(town.attempt(WORKER, nobody)), (Code::UnknownPerson, Some(1)));
    let nothing = record_in(COMMUNITY, ActivityId([77; 16]), rows());
    assert_eq!(refusal(town.attempt(WORKER, nothing)).0, Code::UnknownActivity);
    let unknown = EventId([77; 16]);
    assert_eq!(refusal(town.attempt(WORKER, all(unknown))).0, Code::UnknownRecord);
    assert_eq!(refusal(town.attempt(WORKER, correct(unknown, 0, None))).0, Code::UnknownRecord);
    let recorded = town.given(WORKER, record(rows()));
    assert_eq!(refusal(town.attempt(SECOND_WORKER, some(recorded, &[0, 1]))), (Code::UnknownRecord, Some(1)));
    assert_eq!(refusal(town.attempt(WORKER, correct(recorded, 1, None))).0, Code::UnknownRecord);
    for rows in [&[][..], &[0, 0], &[1, 0]] {
        assert_eq!(
            refusal(town.attempt(SECOND_WORKER, some(recorded, rows))).0,
            Code::OutOfRange,
            "{rows:?}"
        );
    }
}

#[test]
fn an_erased_person_gains_no_hours() {
    let mut town = town();
    town.must(ANN, Body::Member(MemberEvent::ErasureRequested { person: ANN }));
    let refused = town.attempt(WORKER, record(vec![row(1, ANN, at(0, 540, 600))]));
    assert_eq!(refusal(refused), (Code::UnknownPerson, Some(0)));
}

#[test]
fn the_activity_is_the_recorders_own_or_below_and_takes_place() {
    let mut town = town();
    let rows = || vec![row(1, ANN, at(0, 540, 600))];
    let elsewhere = record_in(OTHER_COMMUNITY, CARE, rows());
    assert_eq!(refusal(town.attempt(FAR_WORKER, elsewhere)).0, Code::ActivityElsewhere);
    plan(&mut town, WORKER, ActivityId([50; 16]), COMMUNITY);
    let above = record_in(GRID, ActivityId([50; 16]), rows());
    assert_eq!(refusal(town.attempt(WORKER, above)).0, Code::ActivityElsewhere);
    town.must(WORKER, record_in(GRID, CARE, rows()));
    town.must(STEWARD, record_in(CITY, CARE, vec![row(2, ANN, at(0, 540, 600))]));
    let activity = ActivityId([50; 16]);
    town.must(WORKER, Body::Activity(ActivityEvent::Cancelled { activity, reason: Commitment([1; 32]) }));
    let cancelled = record_in(COMMUNITY, activity, vec![row(3, ANN, at(0, 540, 600))]);
    assert_eq!(refusal(town.attempt(WORKER, cancelled)).0, Code::ActivityState);
}

#[test]
fn reporting_to_a_community_does_not_make_its_activities_ones_own() {
    let mut town = town();
    let unit = OrgId([60; 16]);
    town.must(FOUNDER, Body::org_registered(unit, OrgKind::WorkUnit, "unit", None));
    let role = crate::domain::event::Role::Steward;
    town.must(FOUNDER, grants(STEWARD, role, Scope::Org(unit)));
    town.must(STEWARD, Body::org_linked(unit, GRID, EdgeKind::ReportsTo, Span::since(town.today())));
    let refused = town.attempt(STEWARD, record_in(unit, CARE, vec![row(1, ANN, at(0, 540, 600))]));
    assert_eq!(refusal(refused).0, Code::ActivityElsewhere);
}

/// Volunteer, recorder and confirmer: every way in which two of them are one person.
#[test]
fn four_eyes_hold_in_every_combination() {
    let mut town = town();
    let own = vec![row(1, ANN, at(0, 540, 600)), row(2, WORKER, at(0, 540, 600))];
    assert_eq!(
        refusal(town.attempt(WORKER, record(own))),
        (Code::FourEyes, Some(1)),
        "recorder is volunteer"
    );
    let rows = vec![row(1, ANN, at(0, 540, 600)), row(2, SECOND_WORKER, at(0, 540, 600))];
    let recorded = town.given(WORKER, record(rows));
    assert_eq!(refusal(town.attempt(WORKER, all(recorded))), (Code::FourEyes, None), "confirmer is recorder");
    let own = town.attempt(SECOND_WORKER, all(recorded));
    assert_eq!(refusal(own), (Code::FourEyes, Some(1)), "confirmer is volunteer");
    let corrected = town.attempt(SECOND_WORKER, correct(recorded, 1, None));
    assert_eq!(refusal(corrected).0, Code::FourEyes, "corrector is volunteer");
    town.must(SECOND_WORKER, some(recorded, &[0]));
    town.must(STEWARD, some(recorded, &[1]));
}

/// Hours are a matter of roles, so that nobody can assert them for another; and were it allowed one day, the person
/// acted for would count as well.
#[test]
fn acting_for_another_does_not_get_round_four_eyes() {
    let mut town = town();
    let recorded = town.given(WORKER, record(vec![row(1, ANN, at(0, 540, 600))]));
    let attempts = [
        (SECOND_WORKER, WORKER, all(recorded)),
        (SECOND_WORKER, ANN, all(recorded)),
        (WORKER, BO, all(recorded)),
        (SECOND_WORKER, ANN, record(vec![row(2, ANN, at(0, 540, 600))])),
        (SECOND_WORKER, ANN, correct(recorded, 0, None)),
    ];
    for (staff, person, body) in attempts {
        let mut event = town.event(staff, body.clone());
        event.acting_for = Some(person);
        let ruled = crate::domain::check_rules(&town.state, &town.context(staff), &event).map_err(|r| r.code);
        assert_eq!(ruled, Err(Code::FourEyes), "{staff} for {person}: {body:?}");
        assert_eq!(refusal(town.proxy(staff, person, body)).0, Code::NotAuthorised);
    }
}

/// A second key does not make a second person.
#[test]
fn four_eyes_compares_persons_and_not_keys() {
    let mut town = town();
    let recorded = town.given(WORKER, record(vec![row(1, ANN, at(0, 540, 600))]));
    let key = crate::domain::ids::PublicKey([88; 32]);
    town.must(WORKER, Body::Key(KeyEvent::Enrolled { person: WORKER, key, proof: PROOF }));
    let (role, scope) = (crate::domain::event::Role::Worker, Scope::Org(COMMUNITY));
    let keys = vec![crate::domain::ids::KeyId::of(&key)];
    town.must(FOUNDER, Body::appointed(WORKER, role, scope, keys));
    let event = town.event(WORKER, all(recorded));
    let signer = crate::domain::ids::KeyId::of(&key);
    let cx = Context { signer, ..town.context(WORKER) };
    let refused = crate::domain::decide(&town.state, &cx, &event).map_err(|r| r.code);
    assert_eq!(refused, Err(Code::FourEyes));
}

#[rstest]
#[case::on_the_tenth_working_day(14, false)]
#[case::the_day_after(15, true)]
fn a_record_is_overdue_after_the_tenth_working_day(#[case] days: u32, #[case] overdue: bool) {
    let mut town = town();
    town.now = START.plus_days(days);
    let event = town.event(WORKER, record(vec![row(1, ANN, at(0, 540, 600))]));
    let effects = town.submit(WORKER, &event).expect("a late record is accepted and marked");
    let marked = Effect::Overdue { recorded: event.id, row: 0, provisional: true };
    assert_eq!(effects, if overdue { vec![marked] } else { vec![] });
    assert_eq!(town.state.hours.row(event.id, 0).map(|r| r.overdue), Some(overdue));
}

#[test]
fn the_term_runs_from_the_last_local_day_of_service() {
    let mut town = town();
    town.now = START.plus_days(15);
    let rows = vec![row(1, ANN, at(0, 1380, 1440)), row(2, ANN, at(0, 1380, 1441))];
    let event = town.event(WORKER, record(rows));
    let effects = town.submit(WORKER, &event).expect("accepted");
    assert_eq!(effects, [Effect::Overdue { recorded: event.id, row: 0, provisional: true }]);
}

#[rstest]
#[case::two_holidays_put_it_off(&[(2026, 3, 4), (2026, 3, 5)], &[], 16, false)]
#[case::and_no_longer(&[(2026, 3, 4), (2026, 3, 5)], &[], 17, true)]
#[case::a_worked_saturday_brings_it_forward(&[], &[(2026, 3, 7)], 12, true)]
#[case::and_no_further(&[], &[(2026, 3, 7)], 11, false)]
fn the_calendar_says_which_days_count(
    #[case] holidays: &[(i32, u32, u32)],
    #[case] workdays: &[(i32, u32, u32)],
    #[case] days: u32,
    #[case] overdue: bool,
) {
    let mut town = town();
    let dates = |days: &[(i32, u32, u32)]| {
        days.iter().map(|(y, m, d)| Date::from_ymd(*y, *m, *d).expect("a date")).collect()
    };
    let calendar = CalendarPolicy {
        year: crate::domain::time::Year(2026),
        holidays: dates(holidays),
        workdays: dates(workdays),
    };
    let today = town.today();
    adopt(&mut town, Policy::Calendar(calendar), today);
    town.now = START.plus_days(days);
    let event = town.event(WORKER, record(vec![row(1, ANN, at(0, 540, 600))]));
    let effects = town.submit(WORKER, &event).expect("accepted");
    let marked = Effect::Overdue { recorded: event.id, row: 0, provisional: false };
    assert_eq!(effects, if overdue { vec![marked] } else { vec![] });
}

#[test]
fn a_correction_does_not_make_a_record_late() {
    let mut town = town();
    let recorded = town.given(WORKER, record(vec![row(1, ANN, at(0, 540, 600))]));
    town.now = START.plus_days(60);
    let correction = town.event(WORKER, correct(recorded, 0, Some(at(0, 540, 590))));
    assert_eq!(town.submit(WORKER, &correction), Ok(vec![]));
    let late = town.event(WORKER, record(vec![row(2, ANN, at(0, 600, 660))]));
    assert_eq!(town.submit(WORKER, &late).expect("accepted").len(), 1);
    let corrected = town.event(WORKER, correct(late.id, 0, Some(at(0, 600, 650))));
    let marked = Effect::Overdue { recorded: corrected.id, row: 0, provisional: true };
    assert_eq!(town.submit(WORKER, &corrected), Ok(vec![marked]), "and does not hide that it was");
}

#[test]
fn an_ordinary_members_tally_stays_under_a_kilobyte() {
    let mut tally = super::tally::Tally::default();
    for week in 0..40 {
        let start = u32::try_from(at(week * 7, 540, 660).start.0).expect("after 1970");
        let entry = Entry { start, recording: week as u32, row: 0, minutes: 120 };
        tally.insert(entry, |number| number);
        let date = Minute(i64::from(start)).date(CN);
        tally.settle_day(date, &Default::default(), CN, |minutes| minutes, &mut Changes::new());
    }
    assert_eq!(tally.certified, 40 * 120);
    assert!(tally.bytes() < 1024, "{} bytes", tally.bytes());
    assert_eq!(size_of::<Entry>(), 12);
    assert_eq!(size_of::<Recorded>(), 24);
}
