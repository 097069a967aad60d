//! How many members of a list stand where, and which of these figures everybody may know.

use hourbook_ledger::domain::ids::PersonId;

use crate::few::FEWEST;
use crate::lists::{Colour, Draft, Standing};

/// How many members stand where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// On the red list.
    pub red: Option<usize>,
    /// On the yellow list.
    pub yellow: Option<usize>,
    /// Without a certified minute or confirmed wish.
    pub zero_service: Option<usize>,
    /// Excused.
    pub exempt: Option<usize>,
    /// Without a report-in.
    pub not_reported_in: Option<usize>,
    /// All.
    pub members: Option<usize>,
}

impl Counts {
    /// All of them, or what everybody may know: no figure from which a group of fewer than five follows by adding and
    /// subtracting, who is named on the red list for everybody to count being known.
    #[must_use]
    pub fn of(draft: &Draft, all: bool, is_named: impl Fn(PersonId) -> bool) -> Self {
        let ways = Ways::of(draft, is_named);
        let figures: [&dyn Fn(Standing, Colour) -> bool; 6] = [
            &|_, _| true,
            &|_, colour| colour == Colour::Red,
            &|_, colour| colour == Colour::Yellow,
            &|standing, _| standing == Standing::ZeroService,
            &|standing, _| standing == Standing::Exempt,
            &|standing, _| standing == Standing::NotReportedIn,
        ];
        let mut known = Vec::with_capacity(figures.len());
        let [members, red, yellow, zero_service, exempt, not_reported_in] = figures.map(|counts| {
            let figure = ways.group(counts);
            let people = ways.people(figure);
            let shown = all || people >= FEWEST as usize && ways.are_safe(&known, figure);
            known.extend(shown.then_some(figure));
            shown.then_some(people)
        });
        Self { red, yellow, zero_service, exempt, not_reported_in, members }
    }
}

/// Some of the ways in which members stand: a bit for each.
type Group = u32;

/// A standing, a colour, and whether the line is public with its name.
type Way = (Standing, Colour, bool);

/// The ways in which the members stand, and how many stand so; without those in which nobody does, for whoever subtracts
/// may know of them.
struct Ways(Vec<(Way, usize)>);

impl Ways {
    fn of(draft: &Draft, is_named: impl Fn(PersonId) -> bool) -> Self {
        let mut ways: Vec<(Way, usize)> = Vec::new();
        for line in &draft.lines {
            let way = (line.standing, line.colour, line.colour == Colour::Red && is_named(line.person));
            match ways.iter_mut().find(|(known, _)| *known == way) {
                Some((_, people)) => *people += 1,
                None => ways.push((way, 1)),
            }
        }
        Self(ways)
    }

    fn group(&self, counts: &dyn Fn(Standing, Colour) -> bool) -> Group {
        let ways = self.0.iter().enumerate();
        ways.filter(|(_, ((standing, colour, _), _))| counts(*standing, *colour))
            .map(|(way, _)| 1 << way)
            .sum()
    }

    /// Whose lines are there to be counted.
    fn named(&self) -> Option<Group> {
        self.0.iter().position(|((.., is_named), _)| *is_named).map(|way| 1 << way)
    }

    fn people(&self, group: Group) -> usize {
        let ways = self.0.iter().enumerate();
        ways.filter(|(way, _)| group >> way & 1 == 1).map(|(_, (_, people))| people).sum()
    }

    /// Whether no group of few follows from the figures that are known and one more.
    fn are_safe(&self, known: &[Group], more: Group) -> bool {
        let known =
            Known::of(self.named().into_iter().chain(known.iter().copied()).chain([more]), self.0.len());
        let few = |group: &Group| {
            (1..FEWEST as usize).contains(&self.people(*group)) && Some(*group) != self.named()
        };
        !(1..1 << self.0.len()).filter(few).any(|group| known.tells(group))
    }
}

/// Figures, one in each row and reduced so that each begins where those before have nothing.
struct Known {
    rows: Vec<(usize, Vec<i64>)>,
    ways: usize,
}

impl Known {
    fn of(figures: impl Iterator<Item = Group>, ways: usize) -> Self {
        let mut known = Self { rows: Vec::new(), ways };
        for figure in figures {
            let rest = known.rest(figure);
            if let Some(first) = rest.iter().position(|part| *part != 0) {
                known.rows.push((first, rest));
            }
        }
        known
    }

    /// What is left of a figure when all that is known has been subtracted, times something.
    fn rest(&self, figure: Group) -> Vec<i64> {
        let mut rest: Vec<i64> = (0..self.ways).map(|way| i64::from(figure >> way & 1)).collect();
        for (first, row) in &self.rows {
            let (by, of) = (row[*first], rest[*first]);
            rest.iter_mut().zip(row).for_each(|(part, known)| *part = *part * by - known * of);
        }
        rest
    }

    fn tells(&self, group: Group) -> bool {
        self.rest(group).iter().all(|part| *part == 0)
    }
}

#[cfg(test)]
mod tests;
