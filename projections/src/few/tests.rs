//! An attacker who subtracts: who takes what is published and the sums that hold, and looks for what few people did.

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;

use super::*;

/// Who is behind each figure of a table of organisations (two levels, and who belongs to one alone) by periods (a year of
/// two quarters of two months), and the table.
struct Town {
    people: Vec<BTreeSet<u8>>,
    table: Table,
    published: Vec<Cell>,
}

const MONTHS: usize = 4;
/// Whole, quarters, months: which months each covers, and which windows it is the sum of.
const WINDOWS: [(&[usize], &[usize]); 7] = [
    (&[0, 1, 2, 3], &[1, 2]),
    (&[0, 1], &[3, 4]),
    (&[2, 3], &[5, 6]),
    (&[0], &[]),
    (&[1], &[]),
    (&[2], &[]),
    (&[3], &[]),
];

impl Town {
    /// From who served where and when: a leaf organisation below one of two others, or one of those alone.
    fn of(served: &[(u8, u8, usize)]) -> Self {
        let mut town = Self { people: Vec::new(), table: Table::default(), published: Vec::new() };
        let all = town.row(served, |_| true, true);
        let mut middle = Vec::new();
        for org in 0..2u8 {
            let whole = town.row(served, |place| place / 4 == org, true);
            let mut parts: Vec<Vec<Cell>> =
                (1..4).map(|leaf| town.row(served, |place| place == org * 4 + leaf, true)).collect();
            parts.push(town.row(served, |place| place == org * 4, false));
            town.sum(&whole, &parts);
            middle.push(whole);
        }
        town.sum(&all, &middle);
        town
    }

    fn row(&mut self, served: &[(u8, u8, usize)], here: impl Fn(u8) -> bool, published: bool) -> Vec<Cell> {
        let mut row = Vec::new();
        for (months, _) in WINDOWS {
            let there = served.iter().filter(|(_, place, month)| here(*place) && months.contains(month));
            let people: BTreeSet<u8> = there.map(|(person, ..)| *person).collect();
            let count = people.len() as u32;
            self.people.push(people);
            let cell = if published { self.table.figure(count) } else { self.table.remainder(count) };
            self.published.extend(published.then_some(cell));
            row.push(cell);
        }
        for (place, (_, parts)) in WINDOWS.iter().enumerate().filter(|(_, (_, parts))| !parts.is_empty()) {
            self.table.sum(row[place], parts.iter().map(|part| row[*part]).collect());
        }
        row
    }

    fn sum(&mut self, whole: &[Cell], parts: &[Vec<Cell>]) {
        for (place, whole) in whole.iter().enumerate() {
            self.table.sum(*whole, parts.iter().map(|part| part[place]).collect());
        }
    }

    /// What the attacker finds to be of few people, from what is published and from knowing who did nothing at all.
    fn found(&self, public: &Public) -> Vec<String> {
        let cells = 0..self.people.len();
        let mut known: Vec<bool> =
            cells.map(|cell| self.people[cell].is_empty() || public.shows(Cell(cell))).collect();
        let mut found = Vec::new();
        loop {
            let before = known.clone();
            for (whole, parts) in &self.table.sums {
                let terms = || std::iter::once(whole).chain(parts);
                let unknown: Vec<&Cell> = terms().filter(|cell| !known[cell.0]).collect();
                if let [only] = unknown[..] {
                    known[only.0] = true;
                } else if known[whole.0] && !unknown.is_empty() {
                    let behind: BTreeSet<u8> =
                        unknown.iter().flat_map(|cell| self.people[cell.0].iter().copied()).collect();
                    if behind.len() < FEWEST as usize {
                        found.push(format!("{unknown:?} are together of {}", behind.len()));
                    }
                }
            }
            if known == before {
                break;
            }
        }
        for (cell, people) in self.people.iter().enumerate() {
            if known[cell] && (1..FEWEST as usize).contains(&people.len()) {
                found.push(format!("{cell} is of {}", people.len()));
            }
        }
        found
    }
}

/// Who served where (an organisation's own members, or one of its three parts, twice) and in which month.
fn served() -> impl Strategy<Value = Vec<(u8, u8, usize)>> {
    // From few people, so that nearly all groups are small, to many, so that few are.
    prop_oneof![
        vec((0..24u8, 0..8u8, 0..MONTHS), 1..90),
        vec((0..60u8, 0..8u8, 0..MONTHS), 90..240),
        vec((0..200u8, 0..8u8, 0..MONTHS), 150..320),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn who_subtracts_finds_no_figure_of_few(served in served()) {
        let town = Town::of(&served);
        let public = town.table.public();
        prop_assert_eq!(town.found(&public), Vec::<String>::new());
        for cell in &town.published {
            prop_assert!(!public.shows(*cell) || town.people[cell.0].len() >= FEWEST as usize);
        }
    }

    #[test]
    fn nothing_is_kept_back_where_no_group_is_small(
        big in proptest::collection::btree_set((0..8u8, 0..MONTHS), 1..20)
    ) {
        let served: Vec<_> = big
            .into_iter()
            .flat_map(|(place, month)| (0..6).map(move |person| (place * 6 + person, place, month)))
            .collect();
        let town = Town::of(&served);
        let public = town.table.public();
        for cell in &town.published {
            prop_assert_eq!(public.shows(*cell), !town.people[cell.0].is_empty());
        }
    }
}

/// The attacker is worth something: it finds what a rule that only hides the small ones gives away.
#[test]
fn hiding_only_the_small_ones_gives_them_away() {
    let mut served: Vec<(u8, u8, usize)> = (0..6).map(|person| (person, 1, 0)).collect();
    served.extend((6..12).map(|person| (person, 2, 0)));
    served.push((12, 3, 0));
    let town = Town::of(&served);
    let careless = town.people.iter().map(|people| people.len() >= FEWEST as usize).collect();
    assert!(!town.found(&Public(careless)).is_empty());
    assert!(town.found(&town.table.public()).is_empty());
}

#[test]
fn the_next_smallest_is_kept_back_with_a_small_one() {
    let mut table = Table::default();
    let whole = table.figure(30);
    let parts = [3, 7, 20].map(|people| table.figure(people));
    table.sum(whole, parts.to_vec());
    let public = table.public();
    assert_eq!(
        [whole, parts[0], parts[1], parts[2]].map(|cell| public.shows(cell)),
        [true, false, false, true]
    );
}

#[test]
fn who_belongs_to_the_whole_alone_hides_a_small_part() {
    let mut table = Table::default();
    let (whole, small, big) = (table.figure(30), table.figure(3), table.figure(20));
    let rest = table.remainder(7);
    table.sum(whole, vec![small, big, rest]);
    let public = table.public();
    assert_eq!([whole, small, big].map(|cell| public.shows(cell)), [true, false, true]);
}

#[test]
fn a_whole_goes_with_its_only_part_and_zeros_hide_nobody() {
    let mut table = Table::default();
    let (whole, parts) = (table.figure(6), [2, 4, 0].map(|people| table.figure(people)));
    table.sum(whole, parts.to_vec());
    let public = table.public();
    assert!(public.shows(whole), "two unknown parts of six people");
    let mut table = Table::default();
    let (whole, one, none) = (table.figure(6), table.figure(6), table.figure(0));
    table.sum(whole, vec![one, none]);
    let public = table.public();
    assert_eq!([whole, one, none].map(|cell| public.shows(cell)), [true, true, false]);
}

/// A stronger attacker, who solves all sums at once: whether a figure is a combination of published ones, in numbers
/// modulo a prime. What each organisation did in each month is unknown to begin with, but for where nobody did anything.
mod solving {
    use super::*;

    const PRIME: i128 = (1 << 61) - 1;
    const PLACES: usize = 8;

    fn inverse(of: i128) -> i128 {
        let (mut result, mut base, mut power) = (1, of, PRIME - 2);
        while power > 0 {
            if power & 1 == 1 {
                result = result * base % PRIME;
            }
            base = base * base % PRIME;
            power >>= 1;
        }
        result
    }

    /// What is left of a row after all that the others say, each of which begins at a column of its own.
    fn reduced(mut row: Vec<i128>, rows: &[Vec<i128>]) -> Vec<i128> {
        for other in rows {
            let lead = other.iter().position(|value| *value != 0).expect("rows of nothing are not kept");
            let times = row[lead];
            row.iter_mut()
                .zip(other)
                .for_each(|(value, of)| *value = (*value + (PRIME - times) * of) % PRIME);
        }
        row
    }

    /// The places and months that each figure of a town is the sum of, in the order of its cells.
    fn sums(served: &[(u8, u8, usize)]) -> Vec<Vec<i128>> {
        let scopes: Vec<Vec<usize>> = std::iter::once((0..PLACES).collect())
            .chain((0..2).flat_map(|org| {
                let own: Vec<usize> = (org * 4..org * 4 + 4).collect();
                let leaves = (1..4).map(move |leaf| vec![org * 4 + leaf]);
                std::iter::once(own).chain(leaves).chain([vec![org * 4]])
            }))
            .collect();
        let happened =
            |place: usize, month| served.iter().any(|(_, at, on)| usize::from(*at) == place && *on == month);
        let row = |scope: &Vec<usize>, months: &[usize]| {
            let mut row = vec![0; PLACES * MONTHS];
            for place in scope {
                months.iter().for_each(|month| {
                    row[place * MONTHS + month] = i128::from(happened(*place, *month));
                });
            }
            row
        };
        scopes.iter().flat_map(|scope| WINDOWS.map(|(months, _)| row(scope, months))).collect()
    }

    /// How many figures of few people follow from what is published.
    pub(super) fn found(served: &[(u8, u8, usize)]) -> usize {
        let town = Town::of(served);
        let (public, sums) = (town.table.public(), sums(served));
        assert_eq!(sums.len(), town.people.len());
        let mut rows: Vec<Vec<i128>> = Vec::new();
        for sum in (0..).zip(&sums).filter(|(cell, _)| public.shows(Cell(*cell))).map(|(_, sum)| sum) {
            let mut row = reduced(sum.clone(), &rows);
            if let Some(lead) = row.iter().position(|value| *value != 0) {
                let by = inverse(row[lead]);
                row.iter_mut().for_each(|value| *value = *value * by % PRIME);
                rows.push(row);
            }
        }
        let small = |cell: &usize| (1..FEWEST as usize).contains(&town.people[*cell].len());
        let follows = |cell: &usize| reduced(sums[*cell].clone(), &rows).iter().all(|value| *value == 0);
        (0..sums.len()).filter(small).filter(follows).count()
    }
}

#[test]
fn who_solves_all_sums_at_once_finds_no_figure_of_few_either() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut towns, mut shown, mut kept_back, mut given_away) = (0, 0, 0, 0);
    for _ in 0..600 {
        let served = proptest::strategy::Strategy::new_tree(&served(), &mut runner).unwrap().current();
        let town = Town::of(&served);
        let public = town.table.public();
        let enough = |cell: &&Cell| town.people[cell.0].len() >= FEWEST as usize;
        let many = town.published.iter().filter(enough).count();
        let of_them = town.published.iter().filter(|cell| public.shows(**cell)).count();
        (towns, shown, kept_back) = (towns + 1, shown + of_them, kept_back + many - of_them);
        given_away += usize::from(solving::found(&served) > 0);
    }
    println!(
        "{towns} towns, {shown} figures shown, {kept_back} of enough people kept back, {given_away} towns give few people away"
    );
    assert_eq!(given_away, 0);
}
