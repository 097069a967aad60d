use hourbook_ledger::domain::ids::{EventId, OrgId, PersonId};
use hourbook_ledger::domain::policy::PointsPolicy;
use hourbook_ledger::domain::time::Period;
use proptest::prelude::*;

use super::*;
use crate::lists::Line;

/// How members may stand, the first of them named in public: only who scored is red, and who is exempt or not reported in has no colour.
const WAYS: [(Standing, Colour); 8] = [
    (Standing::Scored, Colour::Red),
    (Standing::Scored, Colour::Red),
    (Standing::Scored, Colour::Yellow),
    (Standing::Scored, Colour::None),
    (Standing::ZeroService, Colour::Yellow),
    (Standing::ZeroService, Colour::None),
    (Standing::Exempt, Colour::None),
    (Standing::NotReportedIn, Colour::None),
];

const NAMED: PersonId = PersonId([8; 16]);

fn counted(people: [usize; 8], all: bool) -> Counts {
    Counts::of(&draft(people), all, |person| person == NAMED)
}

fn draft(people: [usize; 8]) -> Draft {
    let ways = WAYS.into_iter().zip(people);
    let ways = ways.enumerate().map(|(place, (way, count))| ((place == 0, way), count));
    let lines = ways.flat_map(|(way, count)| std::iter::repeat_n(way, count));
    let line = |(is_named, (standing, colour))| Line {
        person: if is_named { NAMED } else { PersonId([7; 16]) },
        total: 0,
        standing,
        colour,
        items: Vec::new(),
        exempt: Vec::new(),
    };
    Draft {
        scope: OrgId([1; 16]),
        period: Period::Year(2026),
        cutoff: 1,
        policy: EventId([2; 16]),
        points: PointsPolicy {
            base: 0,
            minutes_num: 1,
            wish: 0,
            absence: 0,
            red_from: 1,
            yellow_to: 0,
            ..PointsPolicy::PLAIN
        },
        lines: lines.map(line).collect(),
    }
}

/// What is published, each as the ways whose people it counts.
fn published(counts: Counts) -> Vec<[i64; 8]> {
    let of = |is: &dyn Fn(Standing, Colour) -> bool| {
        WAYS.map(|(standing, colour)| i64::from(is(standing, colour)))
    };
    [
        (counts.members, of(&|_, _| true)),
        (counts.red, of(&|_, colour| colour == Colour::Red)),
        (counts.yellow, of(&|_, colour| colour == Colour::Yellow)),
        (counts.zero_service, of(&|standing, _| standing == Standing::ZeroService)),
        (counts.exempt, of(&|standing, _| standing == Standing::Exempt)),
        (counts.not_reported_in, of(&|standing, _| standing == Standing::NotReportedIn)),
    ]
    .into_iter()
    .filter_map(|(count, ways)| count.map(|_| ways))
    .collect()
}

/// Other numbers of people that give the same figures, as what is more or fewer in each way; one is enough to tell
/// figures of no and one. Nobody can be taken out of a way in which nobody stands.
fn others(known: &[[i64; 8]], people: [usize; 8]) -> Vec<[i64; 8]> {
    let change = |n: u32, way: usize| i64::from(n / 3_u32.pow(way as u32) % 3) - 1;
    let changes = (0..3_u32.pow(8)).map(|n| std::array::from_fn(|way| change(n, way)));
    let empty_stays = |change: &[i64; 8]| (0..8).all(|way| people[way] > 0 || change[way] == 0);
    let names_stay = |change: &[i64; 8]| change[0] == 0;
    let same = |change: &[i64; 8]| known.iter().all(|figure| dot(figure, change) == 0);
    changes.filter(|change| names_stay(change) && empty_stays(change) && same(change)).collect()
}

fn dot(one: &[i64; 8], other: &[i64; 8]) -> i64 {
    one.iter().zip(other).map(|(one, other)| one * other).sum()
}

#[test]
fn yellow_less_zero_service_tells_nobody_of_fewer_than_five() {
    // Seven are yellow for their absences or their few hours, three of them without any service.
    let counts = counted([0, 20, 4, 30, 7, 0, 6, 9], false);
    assert!(counts.yellow.is_none() || counts.zero_service.is_none(), "{counts:?}");
    let all = counted([0, 20, 4, 30, 7, 0, 6, 9], true);
    assert_eq!((all.yellow, all.zero_service, all.members), (Some(11), Some(7), Some(76)));
    let enough = counted([0, 20, 5, 30, 7, 0, 6, 9], false);
    assert_eq!((enough.yellow, enough.zero_service, enough.members), (Some(12), Some(7), Some(77)));
}

#[test]
fn red_less_those_who_are_named_tells_nobody_of_fewer_than_five() {
    assert_eq!(counted([8, 1, 10, 10, 10, 10, 10, 10], false).red, None);
    assert_eq!(counted([8, 0, 10, 10, 10, 10, 10, 10], false).red, Some(8));
    assert_eq!(counted([3, 5, 10, 10, 10, 10, 10, 10], false).red, Some(8));
    assert_eq!(counted([8, 1, 10, 10, 10, 10, 10, 10], true).red, Some(9));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_024))]

    #[test]
    fn no_group_of_fewer_than_five_follows_from_what_is_published(
        people in prop::array::uniform8(prop_oneof![Just(0_usize), 1..5_usize, 5..9_usize, 9..40_usize]),
    ) {
        let others = others(&published(counted(people, false)), people);
        for group in 1..1_u32 << WAYS.len() {
            let wanted: [i64; 8] = std::array::from_fn(|way| i64::from(group >> way & 1));
            let behind = dot(&wanted, &people.map(|people| people as i64));
            // Those who are named are there for everybody to count.
            let only_named = (1..8).all(|way| wanted[way] == 0 || people[way] == 0);
            let told = !only_named && others.iter().all(|change| dot(&wanted, change) == 0);
            prop_assert!(!((1..5).contains(&behind) && told), "{wanted:?} of {people:?}");
        }
    }
}
