//! Random logs: books at zero, boards as a naive count has them, the same bytes however the log is taken.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use hourbook_ledger::domain::Effect;
use hourbook_ledger::domain::event::{AffiliationKind, Body, Scope, Span};
use hourbook_ledger::domain::ids::{EventId, OrgId, PersonId};
use hourbook_ledger::domain::time::Date;
use hourbook_ledger::follower::{Follower, Snapshots as _};
use hourbook_ledger::store::lazy::Bytes;
use proptest::prelude::*;

use super::town::*;
use crate::window::Window;
use crate::{Models, Reached, ReadSide};

#[derive(Clone, Debug)]
enum Op {
    Record(u8, i32, i64, i64),
    Confirm(usize),
    Correct(usize, Option<i64>),
    Join(u8, u8, i32),
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        4 => (0u8..6, 0i32..70, 0i64..24, 1i64..400).prop_map(|(p, d, h, m)| Op::Record(p, d, h, m)),
        6 => (0usize..20).prop_map(Op::Confirm),
        2 => (0usize..20, proptest::option::of(1i64..300)).prop_map(|(r, m)| Op::Correct(r, m)),
        1 => (0u8..6, 0u8..3, 0i32..70).prop_map(|(p, o, d)| Op::Join(p, o, d)),
    ]
}

/// Plays the operations, leaving out what the rules would refuse.
fn play(ops: &[Op]) -> Town {
    #[derive(PartialEq)]
    enum Row {
        Waits,
        Counts,
        Gone,
    }
    let mut town = Town::new();
    let mut rows: Vec<(EventId, Row)> = Vec::new();
    let day = |n: i32| date("2026-01-20").plus(n);
    for op in ops {
        match *op {
            Op::Record(p, d, hour, minutes) => {
                let recorded = town.record(&[(person(p), at(day(d), hour, minutes))]);
                rows.push((recorded, Row::Waits));
            }
            Op::Confirm(n) => {
                if let Some((recorded, row)) = rows.get_mut(n).filter(|(_, row)| *row == Row::Waits) {
                    *row = Row::Counts;
                    town.confirm(*recorded);
                }
            }
            Op::Correct(n, minutes) => {
                if let Some((recorded, row)) = rows.get_mut(n).filter(|(_, row)| *row != Row::Gone) {
                    *row = Row::Gone;
                    let new = town.correct(*recorded, 0, minutes.map(|m| at(day(n as i32), 9, m)));
                    rows.extend(minutes.map(|_| (new, Row::Waits)));
                }
            }
            Op::Join(p, o, d) => {
                let (org, span) = ([TEAM, UNIT, WEST][usize::from(o)], Span::since(day(d)));
                town.say(WORKER, Body::affiliated(person(p), org, AffiliationKind::Team, span));
            }
        }
    }
    town
}

type Counted = BTreeMap<(EventId, u16, Date), (PersonId, u16, Vec<OrgId>)>;

/// What the effects of a log come to, added up the slow way: minutes by row and day, with homes as last told.
fn naive(town: &Town) -> Counted {
    let mut counted = Counted::new();
    for effect in town.log.iter().flat_map(|c| &c.effects) {
        if let Effect::Counted { recorded, row, person, date, now, homes, .. } = effect {
            counted.insert((*recorded, *row, *date), (*person, *now, homes.to_vec()));
        }
    }
    counted
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn boards_are_what_a_naive_count_says(ops in proptest::collection::vec(op(), 0..60)) {
        let town = play(&ops);
        let models = town.models();
        let counted = naive(&town);
        let scopes = [None, Some(CITY), Some(EAST), Some(WEST), Some(GRID), Some(UNIT), Some(TEAM)];
        let windows: Vec<Window> = counted.keys().flat_map(|(.., d)| Window::all_of(*d)).collect();
        for scope in scopes {
            for window in windows.iter().copied().chain([Window::All]) {
                let mut sums: BTreeMap<PersonId, u32> = BTreeMap::new();
                for ((.., date), (person, minutes, homes)) in &counted {
                    let inside = scope.is_none_or(|s| {
                        homes.iter().any(|h| town.state.orgs.ancestors(*h, *date).contains(&s))
                    });
                    if inside && Window::all_of(*date).contains(&window) && *minutes > 0 {
                        *sums.entry(*person).or_default() += u32::from(*minutes);
                    }
                }
                let mut expected: Vec<_> = sums.into_iter().map(|(p, m)| (std::cmp::Reverse(m), p)).collect();
                expected.sort_unstable();
                let scope = scope.map_or(Scope::Ledger, Scope::Org);
                let got = models.leaders(scope, window, 0, 99);
                prop_assert_eq!(
                    got.iter().map(|r| (std::cmp::Reverse(r.minutes), r.person)).collect::<Vec<_>>(),
                    expected.clone()
                );
                for rank in got {
                    let better = expected.iter().filter(|(m, _)| m.0 > rank.minutes).count() as u32;
                    prop_assert_eq!(rank.rank, better + 1);
                    prop_assert_eq!(models.rank(scope, window, rank.person), Some(rank));
                }
                let minutes: u64 = expected.iter().map(|(m, _)| u64::from(m.0)).sum();
                let total = models.total(scope, window);
                prop_assert_eq!((total.minutes, total.persons as usize), (minutes, expected.len()));
            }
        }
        let months: u64 = models.stats.months().iter().map(|(_, minutes)| minutes).sum();
        prop_assert_eq!(months, models.stats.minutes);
        for n in 0..6 {
            let rows = models.records.rows(&models.accounts, person(n));
            let certified = models.records.certified(person(n));
            prop_assert_eq!(certified, rows.iter().map(|r| r.minutes()).sum::<u32>());
            let rank = models.rank(Scope::Ledger, Window::All, person(n));
            prop_assert_eq!(certified, rank.map_or(0, |rank| rank.minutes));
            prop_assert_eq!(certified, town.state.hours.certified_minutes(person(n)));
            let totals = models.records.totals(person(n));
            prop_assert_eq!(certified, totals.by_day.values().sum::<u32>());
            prop_assert_eq!(certified, totals.by_month.values().sum::<u32>());
        }
    }

    #[test]
    fn books_sum_to_zero_at_every_position(ops in proptest::collection::vec(op(), 0..60)) {
        let town = play(&ops);
        let mut models = Models::default();
        let mut balances: BTreeMap<_, i64> = BTreeMap::new();
        let mut volume = 0;
        for c in &town.log {
            models.fold(c);
            for effect in &c.effects {
                if let Effect::Posted { from, to, minutes } = effect {
                    *balances.entry(*from).or_default() -= i64::from(*minutes);
                    *balances.entry(*to).or_default() += i64::from(*minutes);
                    volume += 2 * u64::from(*minutes);
                }
            }
            prop_assert_eq!(models.accounts.sum(), 0);
            prop_assert_eq!(models.accounts.volume(), volume);
        }
        for (account, balance) in balances {
            prop_assert_eq!(models.accounts.balance(account), balance);
            let lines: Vec<_> = models.accounts.statement(account).collect();
            if let Some(last) = lines.last() {
                prop_assert_eq!(last.balance, balance);
                prop_assert_eq!(lines.iter().map(|p| p.minutes).sum::<i64>(), balance);
            }
        }
    }

    #[test]
    fn the_same_log_gives_the_same_digest_in_whatever_portions(
        ops in proptest::collection::vec(op(), 0..60),
        portion in 1usize..40,
    ) {
        let town = play(&ops);
        let mut side = ReadSide::new();
        for events in town.log.chunks(portion) {
            side.follow(Arc::new(events.to_vec()));
        }
        let models = town.models();
        prop_assert_eq!(side.as_of(), town.position());
        prop_assert_eq!(side.digest(), models.digest());

        // From a snapshot of any point the rest gives the same; bytes cut short or with more behind are none.
        let cut = portion.min(town.log.len());
        let half = ReadSide::new();
        half.take(&town.log[..cut]);
        // Boards that somebody has read are in order, which is nothing to keep.
        let _ = half.read().leaders(Scope::Ledger, Window::All, 0, 5);
        let mut saved = Vec::new();
        half.save(&mut saved).expect("a list takes everything");
        let saved = Bytes::from(saved);
        let mut again = ReadSide::new();
        prop_assert_eq!(again.restore(saved.clone()), Ok(()));
        again.take(&town.log[cut..]);
        prop_assert_eq!(again.digest(), models.digest());
        prop_assert_eq!(
            again.read().leaders(Scope::Ledger, Window::All, 0, 9),
            models.leaders(Scope::Ledger, Window::All, 0, 9)
        );
        prop_assert!(again.restore(saved.slice(..saved.len() - 1)).is_err());
        prop_assert!(again.restore([&saved[..], &[0]].concat().into()).is_err());
    }

    #[test]
    fn the_order_of_confirmation_does_not_matter(
        rows in proptest::collection::vec((0u8..6, 0i32..3, 0i64..24, 1i64..400), 1..12),
        seed in any::<prop::sample::Index>(),
    ) {
        let build = |rotate: usize| {
            let mut town = Town::new();
            let day = |n| date("2026-03-02").plus(n);
            let mut ids: Vec<EventId> =
                rows.iter().map(|&(p, d, h, m)| town.record(&[(person(p), at(day(d), h, m))])).collect();
            ids.rotate_left(rotate);
            for id in ids {
                town.confirm(id);
            }
            town.models()
        };
        let (one, other) = (build(0), build(seed.index(rows.len())));
        for window in Window::all_of(date("2026-03-02")) {
            prop_assert_eq!(
                one.leaders(Scope::Ledger, window, 0, 99),
                other.leaders(Scope::Ledger, window, 0, 99)
            );
            prop_assert_eq!(one.total(Scope::Ledger, window), other.total(Scope::Ledger, window));
        }
        prop_assert_eq!(one.stats.months(), other.stats.months());
        for n in 0..6 {
            let account = hourbook_ledger::domain::event::Account::Person(person(n));
            prop_assert_eq!(one.accounts.balance(account), other.accounts.balance(account));
            prop_assert_eq!(one.records.totals(person(n)), other.records.totals(person(n)));
        }
    }
}

#[test]
fn the_digest_sees_a_change_anywhere() {
    let mut town = Town::new();
    let mut digests = std::collections::BTreeSet::from([town.models().digest()]);
    town.serve(person(0), at(date("2026-03-02"), 9, 60));
    digests.insert(town.models().digest());
    let last = town.log.last_mut().unwrap();
    last.event.actor = WORKER;
    digests.insert(town.models().digest());
    town.log.pop();
    digests.insert(town.models().digest());
    assert_eq!(digests.len(), 4);
}

#[test]
#[should_panic(expected = "one after the other")]
fn a_gap_in_the_log_is_refused() {
    folded(&Town::new().log[1..]);
}

#[tokio::test]
async fn a_reader_waits_for_its_own_write() {
    let town = Town::new();
    let side = ReadSide::new();
    let wait = Duration::from_secs(60);
    let brief = Duration::from_millis(5);
    assert_eq!(side.wait_for(0, brief).await, Reached::NotYet);
    side.take(&town.log[..5]);
    assert_eq!(side.wait_for(4, wait).await, Reached::Ready);
    assert_eq!(side.wait_for(5, brief).await, Reached::NotYet);
    assert_eq!(side.wait_for(5 + 1024, wait).await, Reached::Beyond);
    assert_eq!(side.wait_for(u64::MAX, wait).await, Reached::Beyond);
    let waiting = tokio::spawn({
        let side = side.clone();
        async move { side.wait_for(9, wait).await }
    });
    tokio::task::yield_now().await;
    side.take(&town.log[5..]);
    assert_eq!(waiting.await.unwrap(), Reached::Ready);
    assert_eq!(side.read().as_of(), side.as_of());
}
