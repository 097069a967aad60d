//! Certified minutes by scope and window of time: exact ranks, pages, totals.
//!
//! A person's minutes are kept once, by month and set of scopes; every board (scope, window) keeps its first few dozen
//! lines in order and, once it is longer than that, the number of persons for every number of minutes. A rank is a
//! short walk, the first page is at hand, and a page far down is found by a scan of the scope's members. A line in
//! every board for every person would cost several times the memory.

use std::cmp::{Ordering, Reverse};

use hourbook_ledger::domain::event::Scope;
use hourbook_ledger::domain::ids::PersonId;
use hourbook_ledger::domain::time::{Date, Period};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::attribution::Attribution;
use crate::canonical::{Canonical, Sink, fields};
use crate::histogram::Histogram;
use crate::intern::Interned;
use crate::record::Change;

/// Lines that a board keeps in order after it was cut.
const HEAD: usize = 32;
/// Lines at which it is cut; a board that is not longer is kept whole.
const HEAD_LIMIT: usize = 64;
/// Lines below which a cut board is filled up again.
const HEAD_LOW: usize = 16;

/// A span of time that a board is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
pub enum Window {
    /// From the beginning.
    All,
    /// A month, quarter or year.
    In(Period),
}

impl Window {
    /// The four windows that contain a date.
    #[must_use]
    pub fn all_of(date: Date) -> [Self; 4] {
        let [month, quarter, year] = Period::all_of(date).map(Self::In);
        [month, quarter, year, Self::All]
    }

    /// The months that it covers, counted from January of year 0, without the last.
    fn months(self) -> (i32, i32) {
        match self {
            Self::All => (i32::MIN, i32::MAX),
            Self::In(Period::Year(y)) => (y * 12, y * 12 + 12),
            Self::In(Period::Quarter(y, q)) => (y * 12 + q as i32 * 3 - 3, y * 12 + q as i32 * 3),
            Self::In(Period::Month(y, m)) => (y * 12 + m as i32 - 1, y * 12 + m as i32),
        }
    }
}

impl Canonical for Window {
    fn write(&self, out: &mut dyn Sink) {
        match self {
            Self::All => 0u8.write(out),
            Self::In(period) => (1u8, *period).write(out),
        }
    }
}

fn month_of(date: Date) -> i32 {
    let (year, month, _) = date.ymd();
    year * 12 + month as i32 - 1
}

/// One line of a leaderboard.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Rank {
    /// 1 for the first; equal minutes share a rank and the next one counts all before it (1, 2, 2, 4).
    pub rank: u32,
    /// Who.
    pub person: PersonId,
    /// Certified minutes in the scope and window; at least 1.
    pub minutes: u32,
}

/// What a scope's members did in a window, each person counted once.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Total {
    /// Certified minutes.
    pub minutes: u64,
    /// Persons with at least one.
    pub persons: u32,
    /// Days of service: a row over midnight counts on both days.
    pub services: u32,
}

fields!(Total { minutes, persons, services });

/// Minutes of a person in one month that count for one set of scopes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
struct Served {
    month: i32,
    set: u32,
    minutes: u32,
}

fields!(Served { month, set, minutes });

type Line = (u32, u32);

#[derive(Default, Debug, serde::Serialize, serde::Deserialize)]
struct Board {
    total: Total,
    /// Minutes and person, in order; all of them, or all up to and with `last`.
    head: Vec<Line>,
    last: Option<Line>,
    counts: Option<Box<Histogram>>,
}

fields!(Board { total, head, last });

/// All leaderboards.
#[derive(Default, Debug, serde::Serialize, serde::Deserialize)]
pub struct Leaderboards {
    people: Interned<PersonId>,
    #[serde(with = "crate::small::many")]
    served: Vec<SmallVec<[Served; 2]>>,
    /// By scope: everyone who ever had a minute there, in order of the first.
    members: Vec<Vec<u32>>,
    boards: FxHashMap<(u32, Window), Board>,
}

impl Leaderboards {
    pub(crate) fn fold(&mut self, attribution: &Attribution, changes: &[Change]) {
        self.members.resize_with(attribution.scope_count(), Vec::new);
        for change in changes {
            if change.was_set == change.now_set {
                self.apply(attribution, change, change.now_set, change.was, change.now);
            } else {
                self.apply(attribution, change, change.was_set, change.was, 0);
                self.apply(attribution, change, change.now_set, 0, change.now);
            }
        }
    }

    fn apply(&mut self, attribution: &Attribution, change: &Change, set: u32, was: u16, now: u16) {
        if was == now {
            return;
        }
        let person = self.people.number(change.person);
        self.served.resize_with(self.people.len(), SmallVec::new);
        let windows = Window::all_of(change.date);
        let sums = sums_by_set(&self.served[person as usize], windows);
        let scopes = attribution.scopes(set);
        for &scope in scopes {
            let mut known = false;
            let mut before = [0u32; 4];
            for (other, minutes) in &sums {
                if *other == set || attribution.scopes(*other).binary_search(&scope).is_ok() {
                    known = true;
                    before.iter_mut().zip(minutes).for_each(|(sum, m)| *sum += m);
                }
            }
            if !known {
                self.members[scope as usize].push(person);
            }
            for (window, before) in windows.into_iter().zip(before) {
                let after = before - u32::from(was) + u32::from(now);
                let board = self.boards.entry((scope, window)).or_default();
                board.change(&self.people, person, before, after);
                board.total.services = board.total.services + u32::from(was == 0) - u32::from(now == 0);
            }
        }
        add_served(&mut self.served[person as usize], month_of(change.date), set, was, now);
        if now < was {
            // Only a loss takes lines out of a head.
            for &scope in scopes {
                windows.into_iter().for_each(|window| self.refill(attribution, scope, window));
            }
        }
    }

    /// Fills a head that losses have emptied.
    fn refill(&mut self, attribution: &Attribution, scope: u32, window: Window) {
        let low = |b: &Board| b.last.is_some() && b.head.len() < HEAD_LOW;
        if !self.boards.get(&(scope, window)).is_some_and(low) {
            return;
        }
        let mut lines = self.lines(attribution, scope, window);
        let order = |a: &Line, b: &Line| order(&self.people, *a, *b);
        let cut = lines.len() > HEAD_LIMIT;
        if cut {
            lines.select_nth_unstable_by(HEAD, order);
            lines.truncate(HEAD);
        }
        lines.sort_unstable_by(order);
        if let Some(board) = self.boards.get_mut(&(scope, window)) {
            board.last = if cut { lines.last().copied() } else { None };
            board.head = lines;
            if !cut {
                board.counts = None;
            }
        }
    }

    /// Every line of a board, unordered.
    fn lines(&self, attribution: &Attribution, scope: u32, window: Window) -> Vec<Line> {
        let members = self.members.get(scope as usize).map_or(&[][..], Vec::as_slice);
        let minutes = |person: &u32| (self.minutes_of(attribution, *person, scope, window), *person);
        members.iter().map(minutes).filter(|(minutes, _)| *minutes > 0).collect()
    }

    fn minutes_of(&self, attribution: &Attribution, person: u32, scope: u32, window: Window) -> u32 {
        let (from, to) = window.months();
        let served = self.served[person as usize].iter().filter(|s| from <= s.month && s.month < to);
        let counts = |s: &&Served| attribution.scopes(s.set).binary_search(&scope).is_ok();
        served.filter(counts).map(|s| s.minutes).sum()
    }

    /// A person's line, or nothing without a certified minute there and then.
    #[must_use]
    pub fn rank(
        &self,
        attribution: &Attribution,
        scope: Scope,
        window: Window,
        person: PersonId,
    ) -> Option<Rank> {
        let (scope, number) = (attribution.scope(scope)?, self.people.find(person)?);
        let board = self.boards.get(&(scope, window))?;
        let minutes = self.minutes_of(attribution, number, scope, window);
        (minutes > 0).then(|| Rank { rank: board.above(minutes) + 1, person, minutes })
    }

    /// The lines from `offset` on, at most `limit`, by minutes and then by id.
    #[must_use]
    pub fn page(
        &self,
        attribution: &Attribution,
        scope: Scope,
        window: Window,
        offset: usize,
        limit: usize,
    ) -> Vec<Rank> {
        let Some(scope) = attribution.scope(scope) else { return Vec::new() };
        let Some(board) = self.boards.get(&(scope, window)) else { return Vec::new() };
        let persons = board.total.persons as usize;
        let (from, to) = (offset.min(persons), offset.saturating_add(limit).min(persons));
        let ranked = |(minutes, person): &Line| Rank {
            rank: board.above(*minutes) + 1,
            person: self.people.id(*person),
            minutes: *minutes,
        };
        if from == to {
            return Vec::new();
        }
        if to <= board.head.len() {
            return board.head[from..to].iter().map(ranked).collect();
        }
        let mut lines = self.lines(attribution, scope, window);
        let order = |a: &Line, b: &Line| order(&self.people, *a, *b);
        lines.select_nth_unstable_by(from, order);
        let mut page = lines.split_off(from);
        if to - from < page.len() {
            page.select_nth_unstable_by(to - from, order);
            page.truncate(to - from);
        }
        page.sort_unstable_by(order);
        page.iter().map(ranked).collect()
    }

    /// What a scope's members did in a window.
    #[must_use]
    pub fn total(&self, attribution: &Attribution, scope: Scope, window: Window) -> Total {
        let board = attribution.scope(scope).and_then(|scope| self.boards.get(&(scope, window)));
        board.map_or(Total::default(), |b| b.total)
    }

    /// A person's certified minutes in a scope and window.
    #[must_use]
    pub fn minutes(&self, attribution: &Attribution, scope: Scope, window: Window, person: PersonId) -> u32 {
        let (Some(scope), Some(person)) = (attribution.scope(scope), self.people.find(person)) else {
            return 0;
        };
        self.minutes_of(attribution, person, scope, window)
    }

    /// The windows in which a scope has a board, ascending.
    #[must_use]
    pub fn windows(&self, attribution: &Attribution, scope: Scope) -> Vec<Window> {
        let Some(scope) = attribution.scope(scope) else { return Vec::new() };
        let mut windows: Vec<_> =
            self.boards.keys().filter(|(s, _)| *s == scope).map(|(_, window)| *window).collect();
        windows.sort_unstable();
        windows
    }
}

/// The person's minutes in each of the windows, by set of scopes.
fn sums_by_set(served: &[Served], windows: [Window; 4]) -> SmallVec<[(u32, [u32; 4]); 4]> {
    let mut sums: SmallVec<[(u32, [u32; 4]); 4]> = SmallVec::new();
    let months = windows.map(Window::months);
    for s in served {
        let at = sums.iter().position(|(set, _)| *set == s.set).unwrap_or_else(|| {
            sums.push((s.set, [0; 4]));
            sums.len() - 1
        });
        for (sum, (from, to)) in sums[at].1.iter_mut().zip(months) {
            *sum += if from <= s.month && s.month < to { s.minutes } else { 0 };
        }
    }
    sums
}

/// Entries that fall to zero stay, so that it stays known whose member the person once was.
fn add_served(served: &mut SmallVec<[Served; 2]>, month: i32, set: u32, was: u16, now: u16) {
    match served.iter_mut().find(|s| s.month == month && s.set == set) {
        Some(s) => s.minutes = s.minutes - u32::from(was) + u32::from(now),
        None => served.push(Served { month, set, minutes: u32::from(now) }),
    }
}

/// More minutes first, then the lower id.
fn order(people: &Interned<PersonId>, a: Line, b: Line) -> Ordering {
    Reverse(a.0).cmp(&Reverse(b.0)).then_with(|| people.id(a.1).cmp(&people.id(b.1)))
}

impl Board {
    fn change(&mut self, people: &Interned<PersonId>, person: u32, before: u32, after: u32) {
        self.total.minutes = self.total.minutes - u64::from(before) + u64::from(after);
        self.total.persons = self.total.persons + u32::from(before == 0) - u32::from(after == 0);
        if let Some(counts) = &mut self.counts {
            if before > 0 {
                counts.remove(before);
            }
            if after > 0 {
                counts.add(after);
            }
        }
        if before > 0
            && let Ok(at) = self.find(people, (before, person))
        {
            self.head.remove(at);
        }
        let line = (after, person);
        let belongs = self.last.is_none_or(|last| order(people, line, last).is_le());
        if after > 0
            && belongs
            && let Err(at) = self.find(people, line)
        {
            self.head.insert(at, line);
            self.cut();
        }
    }

    fn find(&self, people: &Interned<PersonId>, line: Line) -> Result<usize, usize> {
        self.head.binary_search_by(|probe| order(people, *probe, line))
    }

    fn cut(&mut self) {
        if self.head.len() <= HEAD_LIMIT {
            return;
        }
        if self.counts.is_none() {
            let mut counts = Histogram::default();
            self.head.iter().for_each(|(minutes, _)| counts.add(*minutes));
            self.counts = Some(Box::new(counts));
        }
        self.head.truncate(HEAD);
        self.last = self.head.last().copied();
    }

    /// How many have more minutes.
    fn above(&self, minutes: u32) -> u32 {
        match &self.counts {
            Some(counts) => counts.above(minutes),
            None => self.head.partition_point(|(m, _)| *m > minutes) as u32,
        }
    }
}

impl Canonical for Leaderboards {
    fn write(&self, out: &mut dyn Sink) {
        self.people.write(out);
        self.served.write(out);
        self.members.write(out);
        self.boards.write(out);
        let mut counts: Vec<_> =
            self.boards.iter().filter_map(|(key, b)| b.counts.as_ref().map(|c| (*key, c))).collect();
        counts.sort_unstable_by_key(|(key, _)| *key);
        counts.iter().for_each(|(_, counts)| counts.write(out));
    }
}

#[cfg(test)]
mod tests {
    use hourbook_ledger::domain::ids::OrgId;
    use hourbook_ledger::domain::org::Orgs;
    use proptest::prelude::*;

    use super::*;

    fn id(n: u16) -> PersonId {
        // Ids in another order than that of their first appearance.
        let mut id = [0; 16];
        id[..2].copy_from_slice(&n.wrapping_mul(40_503).to_be_bytes());
        PersonId(id)
    }

    fn change(person: u16, was: u16, now: u16, set: u32) -> Change {
        Change { person: id(person), date: Date(20_000), was, was_set: set, now, now_set: set }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Boards are cut and filled up again, and stay exact.
        #[test]
        fn a_long_board_is_what_sorting_says(
            mut now in proptest::collection::vec(1u16..600, 40..240),
            changes in proptest::collection::vec((any::<prop::sample::Index>(), 0u16..600), 0..200),
            losses in any::<bool>(),
        ) {
            let mut attribution = Attribution::default();
            let set = attribution.set(&Orgs::default(), &[OrgId([1; 16])], Date(20_000));
            let mut boards = Leaderboards::default();
            for (n, minutes) in now.iter().enumerate() {
                boards.fold(&attribution, &[change(n as u16, 0, *minutes, set)]);
            }
            for (index, minutes) in changes {
                // The leaders lose most, so that heads run empty.
                let leader = (0..now.len()).max_by_key(|n| now[*n]).unwrap();
                let n = if losses { leader } else { index.index(now.len()) };
                let minutes = if losses { now[n] / 3 } else { minutes };
                boards.fold(&attribution, &[change(n as u16, now[n], minutes, set)]);
                now[n] = minutes;
            }
            let mut expected: Vec<_> = now.iter().enumerate().filter(|(_, m)| **m > 0)
                .map(|(n, m)| (Reverse(u32::from(*m)), id(n as u16))).collect();
            expected.sort_unstable();
            let window = Window::all_of(Date(20_000))[1];
            for (from, to) in [(0, 10), (0, 500), (20, 60), (50, 90), (230, 999)] {
                let page = boards.page(&attribution, Scope::Ledger, window, from, to - from);
                let slice = &expected[from.min(expected.len())..to.min(expected.len())];
                let got: Vec<_> = page.iter().map(|r| (Reverse(r.minutes), r.person)).collect();
                prop_assert_eq!(got, slice);
            }
            for (minutes, person) in &expected {
                let rank = boards.rank(&attribution, Scope::Ledger, window, *person).map(|r| r.rank);
                let above = expected.partition_point(|(m, _)| m < minutes);
                prop_assert_eq!(rank, Some(above as u32 + 1));
            }
            let total = boards.total(&attribution, Scope::Ledger, window);
            prop_assert_eq!(total.persons as usize, expected.len());
            prop_assert_eq!(total.services as usize, expected.len());
            let head = boards.boards[&(0, window)].head.len();
            prop_assert!(head >= HEAD_LOW.min(expected.len()), "the first page is at hand: {}", head);
        }
    }

    #[test]
    fn ties_share_a_rank_and_the_next_counts_all_before_it() {
        let mut attribution = Attribution::default();
        let set = attribution.set(&Orgs::default(), &[], Date(20_000));
        let mut boards = Leaderboards::default();
        for (n, minutes) in [30, 20, 20, 10].into_iter().enumerate() {
            boards.fold(&attribution, &[change(n as u16, 0, minutes, set)]);
        }
        let ranks: Vec<_> =
            boards.page(&attribution, Scope::Ledger, Window::All, 0, 9).iter().map(|r| r.rank).collect();
        assert_eq!(ranks, [1, 2, 2, 4]);
    }
}
