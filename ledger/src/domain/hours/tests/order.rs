//! Whatever the order of arrival, hours and credit come to the same; compared with a naive count, minute by minute.

use super::*;
use crate::domain::Effect;
use crate::store::table::Transaction;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

const ROWS: u16 = 3;
const FUNDS: [OrgId; 2] = [COMMUNITY, OTHER_COMMUNITY];

/// One row of the history, and what is to become of it.
#[derive(Clone, Debug)]
struct Fate {
    person: PersonId,
    interval: Interval,
    confirmed: bool,
    /// The row is corrected, perhaps with a replacement, which may be confirmed.
    correction: Option<Option<(Interval, bool)>>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Step {
    Record(u16),
    Confirm(u16, u16),
    Correct(u16, u16),
    ConfirmReplacement(u16, u16),
}

impl Step {
    fn needs(self) -> Option<Self> {
        match self {
            Self::Record(_) => None,
            Self::Confirm(r, _) | Self::Correct(r, _) => Some(Self::Record(r)),
            Self::ConfirmReplacement(r, row) => Some(Self::Correct(r, row)),
        }
    }
}

fn recording_id(recording: u16) -> EventId {
    let mut id = [0x70; 16];
    // The ids do not ascend with the recordings, so that canonical order is not that of creation.
    id[0] = (recording as u8).wrapping_mul(101);
    EventId(id)
}

fn correction_id(recording: u16, row: u16) -> EventId {
    let mut id = recording_id(recording).0;
    id[15] = row as u8 + 1;
    EventId(id)
}

fn interval() -> impl Strategy<Value = Interval> {
    // Few distinct values, so that equal, adjacent, nested and overlapping intervals are common.
    (0..9i32, 0..48i64, prop_oneof![Just(1i64), Just(30), Just(60), Just(90), Just(719), Just(720)])
        .prop_map(|(day, half_hour, minutes)| at(day, half_hour * 30, half_hour * 30 + minutes))
}

fn fate() -> impl Strategy<Value = Fate> {
    let person = prop_oneof![Just(ANN), Just(BO)];
    let correction =
        proptest::option::weighted(0.3, proptest::option::weighted(0.7, (interval(), any::<bool>())));
    (person, interval(), proptest::bool::weighted(0.85), correction).prop_map(
        |(person, interval, confirmed, correction)| Fate { person, interval, confirmed, correction },
    )
}

/// A history of recordings of three rows each, and two orders in which it may arrive.
fn history() -> impl Strategy<Value = (Vec<Fate>, Vec<Step>, Vec<Step>)> {
    let fates = (1..7usize).prop_flat_map(|n| proptest::collection::vec(fate(), n * usize::from(ROWS)));
    fates.prop_flat_map(|fates| {
        let steps = steps(&fates);
        (Just(fates), Just(steps.clone()).prop_shuffle(), Just(steps).prop_shuffle())
    })
}

fn steps(fates: &[Fate]) -> Vec<Step> {
    let mut steps = Vec::new();
    for (i, fate) in (0u16..).zip(fates) {
        let (recording, row) = (i / ROWS, i % ROWS);
        steps.extend((row == 0).then_some(Step::Record(recording)));
        steps.extend(fate.confirmed.then_some(Step::Confirm(recording, row)));
        steps.extend(fate.correction.is_some().then_some(Step::Correct(recording, row)));
        let again = matches!(fate.correction, Some(Some((_, true))));
        steps.extend(again.then_some(Step::ConfirmReplacement(recording, row)));
    }
    steps
}

/// The same steps, each put off until what it needs is there.
fn feasible(steps: Vec<Step>) -> Vec<Step> {
    let mut waiting = VecDeque::from(steps);
    let mut done = BTreeSet::new();
    let mut order = Vec::new();
    while let Some(step) = waiting.pop_front() {
        if step.needs().is_some_and(|needed| !done.contains(&needed)) {
            waiting.push_back(step);
            continue;
        }
        done.insert(step);
        order.push(step);
    }
    order
}

/// A town whose credit policy changes twice during the nine days of service, seen from a later day.
fn changing_town() -> Town {
    changing(town())
}

fn changing(mut town: Town) -> Town {
    let policies = [
        (2, (2, 3), 200, 300, Excess::Fund(COMMUNITY)),
        (4, (1, 1), 300, 600, Excess::RecordOnly),
        (7, (3, 2), 240, 700, Excess::Fund(OTHER_COMMUNITY)),
    ];
    for (day, (earn_num, earn_den), daily_cap, account_cap, excess) in policies {
        let policy =
            CreditPolicy { earn_num, earn_den, daily_cap, account_cap, excess, ..CreditPolicy::PLAIN };
        adopt(&mut town, Policy::Credit(policy), Date::from_ymd(2026, 3, 2).expect("a date").plus(day));
    }
    town.wait_days(10);
    town
}

/// Counted minutes by recording, row and day, as the effects tell them.
type Told = BTreeMap<(EventId, u16, Date), u16>;

fn take(town: &mut Town, fates: &[Fate], step: Step, told: &mut Told) {
    let (actor, body, id) = match step {
        Step::Record(r) => {
            let rows = (0..ROWS).map(|row| {
                let fate = &fates[usize::from(r * ROWS + row)];
                super::row((r * ROWS + row) as u8, fate.person, fate.interval)
            });
            (WORKER, record(rows.collect()), Some(recording_id(r)))
        }
        Step::Confirm(r, row) => (SECOND_WORKER, some(recording_id(r), &[row]), None),
        Step::Correct(r, row) => {
            let replacement = fates[usize::from(r * ROWS + row)].correction.flatten().map(|(i, _)| i);
            (STEWARD, correct(recording_id(r), row, replacement), Some(correction_id(r, row)))
        }
        Step::ConfirmReplacement(r, row) => (SECOND_WORKER, all(correction_id(r, row)), None),
    };
    let mut event = town.event(actor, body);
    event.id = id.unwrap_or(event.id);
    event.stream = event.body.stream(event.id);
    // Who would stand for a correction of the steward's, where it waits for that.
    match town.submit_seconded(actor, &event, SECOND_WORKER) {
        Ok(effects) => effects.iter().for_each(|effect| tell(told, effect)),
        Err(refused) => {
            let corrected_before = matches!(step, Step::Confirm(..)) && refused.code == Code::RowState;
            assert!(corrected_before, "{step:?} is refused: {refused}");
        }
    }
    assert_eq!(town.state.credit.balances().map(|(_, minutes)| minutes).sum::<i64>(), 0);
}

fn tell(told: &mut Told, effect: &Effect) {
    if let Effect::Counted { recorded, row, date, was, now, .. } = effect {
        let before = if *now == 0 {
            told.remove(&(*recorded, *row, *date))
        } else {
            told.insert((*recorded, *row, *date), *now)
        };
        assert_eq!(before.unwrap_or(0), *was, "each change starts from what was told before");
        assert_ne!(was, now, "only changes are told");
    }
}

/// What the rows that are confirmed in the end come to.
#[derive(Default)]
struct Naive {
    told: Told,
    certified: BTreeMap<PersonId, u32>,
    earned: BTreeMap<PersonId, u32>,
    funds: BTreeMap<OrgId, i64>,
}

fn naive(town: &Town, fates: &[Fate]) -> Naive {
    let mut naive = Naive::default();
    for person in [ANN, BO] {
        let mut rows = Vec::new();
        for (i, fate) in (0u16..).zip(fates).filter(|(_, fate)| fate.person == person) {
            let (recording, row) = (i / ROWS, i % ROWS);
            match fate.correction {
                None if fate.confirmed => rows.push((fate.interval, recording_id(recording), row)),
                Some(Some((interval, true))) => rows.push((interval, correction_id(recording, row), 0)),
                _ => {}
            }
        }
        rows.sort_unstable();
        let mut minutes = BTreeSet::new();
        let mut days: BTreeMap<Date, u32> = BTreeMap::new();
        for (interval, id, row) in rows {
            for minute in (interval.start.0..interval.end.0).filter(|minute| minutes.insert(*minute)) {
                let date = Minute(minute).date(CN);
                *naive.told.entry((id, row, date)).or_default() += 1;
                *days.entry(date).or_default() += 1;
            }
        }
        naive.certified.insert(person, days.values().sum());
        let policy = |date: &Date| town.state.policies.credit(*date).expect("in force on all days");
        let on = |(date, counted): (&Date, &u32)| {
            let p = policy(date);
            (counted * p.earn_num / p.earn_den).min(p.daily_cap)
        };
        let accrued: u32 = days.iter().map(on).sum();
        let last = days.last_key_value().map(|(date, _)| policy(date));
        let kept = accrued.min(last.map_or(0, |p| p.account_cap));
        naive.earned.insert(person, kept);
        // Credit by credit from the first day on; what comes when the cap is full is its own day's excess.
        let credits = days.iter().flat_map(|day| (0..on(day)).map(move |_| *day.0));
        for date in credits.skip(kept as usize) {
            if let Excess::Fund(fund) = policy(&date).excess {
                *naive.funds.entry(fund).or_default() += 1;
            }
        }
    }
    naive
}

fn check(town: &Town, told: &Told, naive: &Naive) {
    assert_eq!(*told, naive.told);
    for person in [ANN, BO] {
        let earned = naive.earned[&person];
        assert_eq!(town.state.hours.certified_minutes(person), naive.certified[&person]);
        assert_eq!(town.state.hours.earned(person), earned);
        assert_eq!(balance(town, person), i64::from(earned));
    }
    for fund in FUNDS {
        let expected = naive.funds.get(&fund).copied().unwrap_or(0);
        assert_eq!(town.state.credit.balance(Account::Fund(fund)), expected);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn any_order_of_arrival_gives_what_the_naive_count_gives((fates, one, other) in history()) {
        for steps in [feasible(steps(&fates)), feasible(one), feasible(other)] {
            let mut town = changing_town();
            let mut told = Told::new();
            steps.into_iter().for_each(|step| take(&mut town, &fates, step, &mut told));
            check(&town, &told, &naive(&town, &fates));
        }
    }

    #[test]
    fn a_trial_that_is_undone_leaves_no_trace((fates, steps, _) in history(), cut in 0..30usize) {
        let mut town = changing_town();
        let steps = feasible(steps);
        let (before, after) = steps.split_at(cut.min(steps.len()));
        let mut told = Told::new();
        before.iter().for_each(|step| take(&mut town, &fates, *step, &mut told));
        let kept = town.state.clone();
        town.state.begin();
        let mut tried = told.clone();
        after.iter().for_each(|step| take(&mut town, &fates, *step, &mut tried));
        town.state.rollback();
        prop_assert!(town.state.hours == kept.hours);
        prop_assert!(town.state.credit == kept.credit);
        prop_assert!(town.state.activities == kept.activities);
        // And what was undone can be done again, as if for the first time.
        after.iter().for_each(|step| take(&mut town, &fates, *step, &mut told));
        check(&town, &told, &naive(&town, &fates));
    }
}
