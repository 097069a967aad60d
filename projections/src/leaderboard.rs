//! Certified minutes by scope and window of time: exact ranks, pages, totals.
//!
//! A person's minutes are kept once, by month and set of scopes; every board (scope, window) keeps its totals. What is
//! in order comes about when a board is first read, and is kept up from then on: the first few dozen lines and, if the board
//! is longer than that, the number of persons for every number of minutes. So a rank is a short walk, the first page is at
//! hand, a page far down is found by a scan of the scope's members, and a replay orders nothing that nobody reads.

use std::cmp::{Ordering, Reverse};

use hourbook_ledger::domain::event::Scope;
use hourbook_ledger::domain::ids::PersonId;
use std::sync::OnceLock;

use hourbook_ledger::store::lazy::LazyVec;
use hourbook_ledger::{save_fields, save_plain};
use smallvec::SmallVec;

use crate::attribution::Attribution;
use crate::histogram::Histogram;
use crate::intern::Interned;
use crate::record::Change;
use crate::window::{Window, numbers_of};

/// Lines that a board keeps in order after it was cut.
const HEAD: usize = 32;
/// Lines at which it is cut; a board that is not longer is kept whole.
const HEAD_LIMIT: usize = 64;
/// Lines below which a cut board is filled up again.
const HEAD_LOW: usize = 16;

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
}

/// Minutes of a person in one month that count for one set of scopes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
struct Served {
    month: i32,
    set: u32,
    minutes: u32,
}

type Line = (u32, u32);

/// A board in its order, which follows from what is kept beside it.
#[derive(Default, Debug)]
struct Ordered {
    /// Minutes and person, in order; all of them, or all up to and with `last`.
    head: Vec<Line>,
    last: Option<Line>,
    counts: Option<Box<Histogram>>,
}

#[derive(Default, Debug, serde::Serialize, serde::Deserialize)]
struct Board {
    total: Total,
    /// From the first read on.
    #[serde(skip)]
    ordered: OnceLock<Box<Ordered>>,
}

/// The boards of one scope.
#[derive(Default, Debug)]
struct Boards {
    /// Everyone who ever had a minute there, in order of the first.
    members: LazyVec<u32>,
    by_window: ByWindow,
}

/// By month, quarter and year, ascending, and the one of all.
#[derive(Default, Debug, serde::Serialize, serde::Deserialize)]
struct ByWindow([Vec<(i32, Board)>; 4]);

save_plain!(ByWindow);
save_fields!(Boards { members, by_window });

/// A person's minutes.
#[derive(Default, Debug, serde::Serialize, serde::Deserialize)]
struct ServedMonths(#[serde(with = "crate::smallvec_serde")] SmallVec<[Served; 2]>);

impl Boards {
    fn get(&self, window: Window) -> Option<&Board> {
        let (list, number) = window.place();
        let at = self.by_window.0[list].binary_search_by_key(&number, |(n, _)| *n).ok()?;
        Some(&self.by_window.0[list][at].1)
    }

    fn get_mut(&mut self, list: usize, number: i32) -> &mut Board {
        let boards = &mut self.by_window.0[list];
        // Mostly it is about the latest.
        let at = match boards.last() {
            Some((last, _)) if *last == number => boards.len() - 1,
            _ => boards.binary_search_by_key(&number, |(n, _)| *n).unwrap_or_else(|at| {
                boards.insert(at, (number, Board::default()));
                at
            }),
        };
        &mut boards[at].1
    }
}

/// All leaderboards. Persons are those of the service records, by their numbers there.
#[derive(Default, Debug)]
pub struct Leaderboards {
    served: LazyVec<ServedMonths>,
    scopes: Vec<Boards>,
}

save_fields!(Leaderboards { served, scopes });

/// What leaderboards are asked with: who the persons are, and to whom their service counts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct With<'a> {
    pub(crate) people: &'a Interned<PersonId>,
    pub(crate) attribution: &'a Attribution,
}

impl Leaderboards {
    pub(crate) fn fold(&mut self, with: With<'_>, changes: &[Change]) {
        if changes.is_empty() {
            return;
        }
        self.scopes.resize_with(with.attribution.scope_count(), Boards::default);
        (self.served.len()..with.people.len()).for_each(|_| self.served.push(ServedMonths::default()));
        // What the persons have so far lies anywhere in memory: asked for right after the other it is waited for together.
        let near = changes.iter().map(|change| self.served[change.person as usize].0.len());
        std::hint::black_box(near.sum::<usize>());
        for change in changes {
            if change.was_set == change.now_set {
                self.apply(with, change, change.now_set, change.was, change.now);
            } else {
                self.apply(with, change, change.was_set, change.was, 0);
                self.apply(with, change, change.now_set, 0, change.now);
            }
        }
    }

    fn apply(&mut self, with: With<'_>, change: &Change, set: u32, was: u16, now: u16) {
        if was == now {
            return;
        }
        let (person, numbers) = (change.person, numbers_of(change.month));
        let served = &self.served[person as usize].0;
        // Most people belong to the same place all the time, so that all scopes have the same sums.
        let settled = served.iter().all(|s| s.set == set).then(|| sums(served.iter(), numbers));
        let scopes = with.attribution.scopes(set);
        for &scope in scopes {
            let counts = |s: &&Served| s.set == set || with.attribution.counts_for(s.set, scope);
            let before = settled.unwrap_or_else(|| sums(served.iter().filter(counts), numbers));
            let boards = &mut self.scopes[scope as usize];
            if !served.iter().any(|s| counts(&s)) {
                boards.members.push(person);
            }
            for (list, (number, before)) in numbers.into_iter().zip(before).enumerate() {
                let after = before - u32::from(was) + u32::from(now);
                let Board { total, ordered } = boards.get_mut(list, number);
                total.minutes = total.minutes - u64::from(before) + u64::from(after);
                total.persons = total.persons + u32::from(before == 0) - u32::from(after == 0);
                if let Some(ordered) = ordered.get_mut() {
                    ordered.change(with.people, person, before, after);
                }
            }
        }
        add_served(&mut self.served[person as usize].0, change.month, set, was, now);
        if now < was {
            // Only a loss takes lines out of a head; the next reader puts a board that ran low in order again.
            for &scope in scopes {
                for (list, number) in numbers.into_iter().enumerate() {
                    let board = self.scopes[scope as usize].get_mut(list, number);
                    if board.ordered.get().is_some_and(|ordered| ordered.is_low()) {
                        board.ordered = OnceLock::new();
                    }
                }
            }
        }
    }

    /// Every line of a board, unordered.
    fn lines(&self, with: With<'_>, scope: u32, window: Window) -> Vec<Line> {
        let members = self.scopes.get(scope as usize).into_iter().flat_map(|b| b.members.iter());
        let minutes = |person: &u32| (self.minutes_of(with, *person, scope, window), *person);
        members.map(minutes).filter(|(minutes, _)| *minutes > 0).collect()
    }

    fn minutes_of(&self, with: With<'_>, person: u32, scope: u32, window: Window) -> u32 {
        let Some(served) = self.served.get(person as usize) else { return 0 };
        let (from, to) = window.months();
        let served = served.0.iter().filter(|s| from <= s.month && s.month < to);
        let counts = |s: &&Served| with.attribution.counts_for(s.set, scope);
        served.filter(counts).map(|s| s.minutes).sum()
    }

    fn board(&self, scope: u32, window: Window) -> Option<&Board> {
        self.scopes.get(scope as usize)?.get(window)
    }

    fn ordered<'a>(&self, with: With<'_>, board: &'a Board, scope: u32, window: Window) -> &'a Ordered {
        board.ordered.get_or_init(|| Box::new(Ordered::of(with.people, self.lines(with, scope, window))))
    }

    /// A person's line, or nothing without a certified minute there and then.
    #[must_use]
    pub(crate) fn rank(
        &self,
        with: With<'_>,
        scope: Scope,
        window: Window,
        person: PersonId,
    ) -> Option<Rank> {
        let (scope, number) = (with.attribution.scope(scope)?, with.people.find(person)?);
        let board = self.board(scope, window)?;
        let minutes = self.minutes_of(with, number, scope, window);
        let above = || self.ordered(with, board, scope, window).above(minutes);
        (minutes > 0).then(|| Rank { rank: above() + 1, person, minutes })
    }

    /// The lines from `offset` on, at most `limit`, by minutes and then by id.
    #[must_use]
    pub(crate) fn page(
        &self,
        with: With<'_>,
        scope: Scope,
        window: Window,
        offset: usize,
        limit: usize,
    ) -> Vec<Rank> {
        let Some(scope) = with.attribution.scope(scope) else { return Vec::new() };
        let Some(board) = self.board(scope, window) else { return Vec::new() };
        let persons = board.total.persons as usize;
        let (from, to) = (offset.min(persons), offset.saturating_add(limit).min(persons));
        if from == to {
            return Vec::new();
        }
        let ordered = self.ordered(with, board, scope, window);
        if to <= ordered.head.len() {
            return ordered.ranks(with.people, &ordered.head[from..to]);
        }
        let mut lines = self.lines(with, scope, window);
        lines.select_nth_unstable_by(from, |a, b| order(with.people, *a, *b));
        ordered.ranks(with.people, &first_of(with.people, lines.split_off(from), to - from))
    }

    /// The lines that follow a place in the order, at most `limit`. The place is minutes and a person, so that it stays
    /// where it is when other lines move.
    #[must_use]
    pub(crate) fn after(
        &self,
        with: With<'_>,
        scope: Scope,
        window: Window,
        place: (u32, PersonId),
        limit: usize,
    ) -> Vec<Rank> {
        let Some(number) = with.attribution.scope(scope) else { return Vec::new() };
        let Some(board) = self.board(number, window) else { return Vec::new() };
        let ordered = self.ordered(with, board, number, window);
        let follows = |(minutes, person): &Line| {
            let is_equal = *minutes == place.0;
            *minutes < place.0 || is_equal && with.people.id(*person) > place.1
        };
        let from = ordered.head.partition_point(|line| !follows(line));
        let is_whole = ordered.head.len() == board.total.persons as usize;
        if is_whole || from + limit <= ordered.head.len() {
            let to = ordered.head.len().min(from + limit);
            return ordered.ranks(with.people, &ordered.head[from..to]);
        }
        let mut lines = self.lines(with, number, window);
        lines.retain(follows);
        ordered.ranks(with.people, &first_of(with.people, lines, limit))
    }

    /// What a scope's members did in a window.
    #[must_use]
    pub(crate) fn total(&self, with: With<'_>, scope: Scope, window: Window) -> Total {
        let board = with.attribution.scope(scope).and_then(|scope| self.board(scope, window));
        board.map_or(Total::default(), |b| b.total)
    }
}

/// Minutes in each of the windows with these numbers.
fn sums<'a>(served: impl Iterator<Item = &'a Served>, numbers: [i32; 4]) -> [u32; 4] {
    let mut sums = [0; 4];
    for s in served {
        for (sum, (own, number)) in sums.iter_mut().zip(numbers_of(s.month).into_iter().zip(numbers)) {
            *sum += if own == number { s.minutes } else { 0 };
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

/// The first of some lines, in order.
fn first_of(people: &Interned<PersonId>, mut lines: Vec<Line>, limit: usize) -> Vec<Line> {
    let order = |a: &Line, b: &Line| order(people, *a, *b);
    if limit < lines.len() {
        lines.select_nth_unstable_by(limit, order);
        lines.truncate(limit);
    }
    lines.sort_unstable_by(order);
    lines
}

impl Ordered {
    /// A board of these lines.
    fn of(people: &Interned<PersonId>, lines: Vec<Line>) -> Self {
        let is_long = lines.len() > HEAD_LIMIT;
        let counts = is_long.then(|| Box::new(Histogram::of(lines.iter().map(|(minutes, _)| *minutes))));
        let head = first_of(people, lines, if is_long { HEAD } else { HEAD_LIMIT });
        Self { last: head.last().copied().filter(|_| is_long), head, counts }
    }

    /// Whether losses have emptied the head so far that the next page would not be at hand.
    fn is_low(&self) -> bool {
        self.last.is_some() && self.head.len() < HEAD_LOW
    }

    fn change(&mut self, people: &Interned<PersonId>, person: u32, before: u32, after: u32) {
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
            self.counts = Some(Box::new(Histogram::of(self.head.iter().map(|(minutes, _)| *minutes))));
        }
        self.head.truncate(HEAD);
        self.last = self.head.last().copied();
    }

    /// Lines with their ranks.
    fn ranks(&self, people: &Interned<PersonId>, lines: &[Line]) -> Vec<Rank> {
        let ranked = |&(minutes, person): &Line| Rank {
            rank: self.above(minutes) + 1,
            person: people.id(person),
            minutes,
        };
        lines.iter().map(ranked).collect()
    }

    /// How many have more minutes.
    fn above(&self, minutes: u32) -> u32 {
        match &self.counts {
            Some(counts) => counts.above(minutes),
            None => self.head.partition_point(|(m, _)| *m > minutes) as u32,
        }
    }
}

#[cfg(test)]
mod tests {
    use hourbook_ledger::domain::ids::OrgId;
    use hourbook_ledger::domain::org::Orgs;
    use hourbook_ledger::domain::time::Date;
    use proptest::prelude::*;

    use super::*;
    use crate::window::month_of;

    fn id(n: u16) -> PersonId {
        // Ids in another order than that of their first appearance.
        let mut id = [0; 16];
        id[..2].copy_from_slice(&n.wrapping_mul(40_503).to_be_bytes());
        PersonId(id)
    }

    const DATE: Date = Date(20_000);

    /// Persons, numbered in order, and one set of scopes.
    fn town(persons: u16, homes: &[OrgId]) -> (Interned<PersonId>, Attribution, u32) {
        let (mut people, mut attribution) = (Interned::default(), Attribution::default());
        (0..persons).for_each(|n| assert_eq!(people.number(id(n)), u32::from(n)));
        let set = attribution.set(&Orgs::default(), homes, DATE);
        (people, attribution, set)
    }

    fn change(person: u16, was: u16, now: u16, set: u32) -> Change {
        let (person, month) = (u32::from(person), month_of(DATE));
        Change { person, month, was, was_set: set, now, now_set: set }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Boards are cut and filled up again, and stay exact.
        #[test]
        fn a_long_board_is_what_sorting_says(
            mut now in proptest::collection::vec(1u16..600, 40..240),
            changes in proptest::collection::vec((any::<prop::sample::Index>(), 0u16..600), 0..200),
            losses in any::<bool>(),
            read_at_every in 1usize..60,
        ) {
            let (people, attribution, set) = town(now.len() as u16, &[OrgId([1; 16])]);
            let with = With { people: &people, attribution: &attribution };
            let window = Window::all_of(DATE)[1];
            let mut boards = Leaderboards::default();
            let mut folds = 0;
            let mut fold = |boards: &mut Leaderboards, change: Change| {
                boards.fold(with, &[change]);
                // A board is in order from the first read on, whenever that is, and stays so.
                folds += 1;
                if folds % read_at_every == 0 {
                    let _ = boards.page(with, Scope::Ledger, window, 0, 1);
                }
            };
            for (n, minutes) in now.iter().enumerate() {
                fold(&mut boards, change(n as u16, 0, *minutes, set));
            }
            for (index, minutes) in changes {
                // The leaders lose most, so that heads run empty.
                let leader = (0..now.len()).max_by_key(|n| now[*n]).unwrap();
                let n = if losses { leader } else { index.index(now.len()) };
                let minutes = if losses { now[n] / 3 } else { minutes };
                fold(&mut boards, change(n as u16, now[n], minutes, set));
                now[n] = minutes;
            }
            let mut expected: Vec<_> = now.iter().enumerate().filter(|(_, m)| **m > 0)
                .map(|(n, m)| (Reverse(u32::from(*m)), id(n as u16))).collect();
            expected.sort_unstable();
            for (from, to) in [(0, 10), (0, 500), (20, 60), (50, 90), (230, 999)] {
                let page = boards.page(with, Scope::Ledger, window, from, to - from);
                let slice = &expected[from.min(expected.len())..to.min(expected.len())];
                let got: Vec<_> = page.iter().map(|r| (Reverse(r.minutes), r.person)).collect();
                prop_assert_eq!(got, slice);
            }
            for (minutes, person) in &expected {
                let rank = boards.rank(with, Scope::Ledger, window, *person).map(|r| r.rank);
                let above = expected.partition_point(|(m, _)| m < minutes);
                prop_assert_eq!(rank, Some(above as u32 + 1));
            }
            let total = boards.total(with, Scope::Ledger, window);
            prop_assert_eq!(total.persons as usize, expected.len());
            let ordered = boards.ordered(with, boards.board(0, window).unwrap(), 0, window);
            let head = ordered.head.len();
            prop_assert!(head >= HEAD_LOW.min(expected.len()), "the first page is at hand: {}", head);
            let anew = Ordered::of(&people, boards.lines(with, 0, window));
            let common = head.min(anew.head.len());
            prop_assert_eq!(&ordered.head[..common], &anew.head[..common]);
        }
    }

    #[test]
    fn ties_share_a_rank_and_the_next_counts_all_before_it() {
        let (people, attribution, set) = town(4, &[]);
        let with = With { people: &people, attribution: &attribution };
        let mut boards = Leaderboards::default();
        for (n, minutes) in [30, 20, 20, 10].into_iter().enumerate() {
            boards.fold(with, &[change(n as u16, 0, minutes, set)]);
        }
        let ranks: Vec<_> =
            boards.page(with, Scope::Ledger, Window::All, 0, 9).iter().map(|r| r.rank).collect();
        assert_eq!(ranks, [1, 2, 2, 4]);
    }

    #[test]
    fn every_window_has_a_place_of_its_own() {
        for month in 23_000..24_400 {
            let windows = Window::all_of(Date::from_ymd(month / 12, (month % 12) as u32 + 1, 1).unwrap());
            for (list, (window, number)) in windows.into_iter().zip(numbers_of(month)).enumerate() {
                assert_eq!(window.place(), (list, number));
                assert_eq!(Window::at(list, number), window);
            }
        }
    }
}
