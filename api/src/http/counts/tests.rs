use hourbook_ledger::domain::ids::{EventId, OrgId, PersonId};
use hourbook_ledger::domain::policy::PointsPolicy;
use hourbook_ledger::domain::time::Period;
use hourbook_projections::lists::Line;
use proptest::prelude::*;

use super::*;

/// How members may stand: only who scored is red, and who is exempt or not reported in has no colour.
const WAYS: [(Standing, Colour); 7] = [
    (Standing::Scored, Colour::Red),
    (Standing::Scored, Colour::Yellow),
    (Standing::Scored, Colour::None),
    (Standing::ZeroService, Colour::Yellow),
    (Standing::ZeroService, Colour::None),
    (Standing::Exempt, Colour::None),
    (Standing::NotReportedIn, Colour::None),
];

fn draft(people: [usize; 7]) -> Draft {
    let ways = WAYS.into_iter().zip(people);
    let lines = ways.flat_map(|((standing, colour), count)| std::iter::repeat_n((standing, colour), count));
    let line = |(standing, colour)| Line {
        person: PersonId([7; 16]),
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
            minutes_den: 1,
            wish: 0,
            absence: 0,
            floor: 0,
            ceiling: None,
            red_from: 1,
            yellow_to: 0,
        },
        lines: lines.map(line).collect(),
    }
}

/// What is published, each as the ways whose people it counts.
fn published(counts: Counts) -> Vec<[i64; 7]> {
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
fn others(known: &[[i64; 7]], people: [usize; 7]) -> Vec<[i64; 7]> {
    let change = |n: u32, way: usize| i64::from(n / 3_u32.pow(way as u32) % 3) - 1;
    let changes = (0..3_u32.pow(7)).map(|n| std::array::from_fn(|way| change(n, way)));
    let empty_stays = |change: &[i64; 7]| (0..7).all(|way| people[way] > 0 || change[way] == 0);
    let same = |change: &[i64; 7]| known.iter().all(|figure| dot(figure, change) == 0);
    changes.filter(|change| empty_stays(change) && same(change)).collect()
}

fn dot(one: &[i64; 7], other: &[i64; 7]) -> i64 {
    one.iter().zip(other).map(|(one, other)| one * other).sum()
}

#[test]
fn yellow_less_zero_service_tells_nobody_of_fewer_than_five() {
    // Seven are yellow for their absences or their few hours, three of them without any service.
    let counts = Counts::of(&draft([20, 4, 30, 7, 0, 6, 9]), false);
    assert!(counts.yellow.is_none() || counts.zero_service.is_none(), "{counts:?}");
    let all = Counts::of(&draft([20, 4, 30, 7, 0, 6, 9]), true);
    assert_eq!((all.yellow, all.zero_service, all.members), (Some(11), Some(7), Some(76)));
    let enough = Counts::of(&draft([20, 5, 30, 7, 0, 6, 9]), false);
    assert_eq!((enough.yellow, enough.zero_service, enough.members), (Some(12), Some(7), Some(77)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_024))]

    #[test]
    fn no_group_of_fewer_than_five_follows_from_what_is_published(
        people in prop::array::uniform7(prop_oneof![Just(0_usize), 1..5_usize, 5..9_usize, 9..40_usize]),
    ) {
        let others = others(&published(Counts::of(&draft(people), false)), people);
        for group in 1..1_u32 << WAYS.len() {
            let wanted: [i64; 7] = std::array::from_fn(|way| i64::from(group >> way & 1));
            let behind = dot(&wanted, &people.map(|people| people as i64));
            let told = others.iter().all(|change| dot(&wanted, change) == 0);
            prop_assert!(!((1..5).contains(&behind) && told), "{wanted:?} of {people:?}");
        }
    }
}
