//! Which figures may be public: none of a group of fewer than five people, and none that would let one subtract such a
//! group from others.
//!
//! Figures are cells of a table with sums: an organisation is the sum of those that it contains and of who belongs to it
//! alone, a year is the sum of its quarters. What a group of few did is unknown to the public. So that it stays unknown,
//! every sum must hold a second unknown, the unknown parts of a known whole must come to at least five people, and
//! what is kept back for that must not be found through another sum either. It is done again until nothing changes;
//! each step keeps back more, so it ends.

use hourbook_ledger::domain::event::{OrgKind, Scope};
use hourbook_ledger::domain::time::Period;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::models::Models;
use crate::window::Window;

/// Figures of fewer people than this are not public.
pub const FEWEST: u32 = 5;

/// A figure of a table.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Cell(usize);

/// A table of figures with the sums that hold in it.
#[derive(Default, Clone, Debug)]
struct Table {
    /// How many people are behind each figure, and whether it would be published at all.
    cells: Vec<(u32, bool)>,
    sums: Vec<(Cell, Vec<Cell>)>,
}

/// What the public may know of a table.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Public(Vec<bool>);

impl Public {
    /// Whether the figure may be published.
    #[must_use]
    fn shows(&self, cell: Cell) -> bool {
        self.0[cell.0]
    }
}

impl Table {
    /// A figure of so many people that is to be published.
    fn figure(&mut self, people: u32) -> Cell {
        self.cells.push((people, true));
        Cell(self.cells.len() - 1)
    }

    /// A figure that nobody publishes, and that somebody could find by subtracting.
    fn remainder(&mut self, people: u32) -> Cell {
        self.cells.push((people, false));
        Cell(self.cells.len() - 1)
    }

    /// Says that a figure is the sum of others.
    fn sum(&mut self, whole: Cell, parts: Vec<Cell>) {
        self.sums.push((whole, parts));
    }

    fn people(&self, cell: Cell) -> u32 {
        self.cells[cell.0].0
    }

    /// Which figures may be published. Nobody's figures hide nobody: a zero counts as known in the sums, and is not
    /// published, being of fewer than five.
    #[must_use]
    fn public(&self) -> Public {
        let mut known: Vec<bool> =
            self.cells.iter().map(|(people, _)| !(1..FEWEST).contains(people)).collect();
        while self
            .sums
            .iter()
            .fold(false, |changed, (whole, parts)| self.guard(&mut known, *whole, parts) || changed)
        {}
        let shown = known.into_iter().zip(&self.cells);
        Public(shown.map(|(known, (people, published))| known && *published && *people >= FEWEST).collect())
    }

    /// Keeps back more of a sum if what is unknown in it could be found; whether it did.
    fn guard(&self, known: &mut [bool], whole: Cell, parts: &[Cell]) -> bool {
        let mut changed = false;
        while let Some(cell) = self.to_keep_back(known, whole, parts) {
            known[cell.0] = false;
            changed = true;
        }
        changed
    }

    fn to_keep_back(&self, known: &[bool], whole: Cell, parts: &[Cell]) -> Option<Cell> {
        let unknown = || parts.iter().copied().filter(|part| !known[part.0]);
        let found = match (known[whole.0], unknown().count()) {
            (true, 0) => false,
            // Of several unknown parts their sum can be found, and must be that of enough people.
            (true, more) => more == 1 || self.at_least_behind(known, whole, parts) < FEWEST,
            (false, none) => none == 0,
        };
        let candidates = parts.iter().copied().filter(|part| known[part.0] && self.people(*part) > 0);
        // What nobody publishes costs nothing, and after that the smallest.
        let next = candidates.min_by_key(|part| (self.cells[part.0].1, self.people(*part)));
        found.then(|| next.or(Some(whole).filter(|whole| known[whole.0])))?
    }

    /// How many people there are at least behind the unknown parts of a whole. Somebody may be behind several.
    fn at_least_behind(&self, known: &[bool], whole: Cell, parts: &[Cell]) -> u32 {
        let people =
            |of: bool| parts.iter().filter(move |part| known[part.0] == of).map(|part| self.people(*part));
        let one = people(false).max().unwrap_or(0);
        one.max(self.people(whole).saturating_sub(people(true).sum()))
    }
}

/// The figures of organisations and periods that may be public.
#[derive(Default, Debug)]
pub struct PublicFigures {
    /// Those of enough people that are kept back nevertheless.
    kept_back: FxHashSet<(Scope, Window)>,
}

impl PublicFigures {
    /// Whether figures of so many people of a scope in a window may be public.
    #[must_use]
    pub fn show(&self, scope: Scope, window: Window, people: u32) -> bool {
        people >= FEWEST && !self.kept_back.contains(&(scope, window))
    }

    /// Works it out for all organisations as they are joined today, and all periods with service.
    #[must_use]
    pub fn of(models: &Models) -> Self {
        let mut building =
            Building { models, windows: windows(models), table: Table::default(), at: Vec::new() };
        building.scope(Scope::Ledger);
        let public = building.table.public();
        let people = |cell: &Cell| building.table.people(*cell);
        let kept_back = building.at.iter().filter(|(cell, _)| people(cell) >= FEWEST && !public.shows(*cell));
        Self { kept_back: kept_back.map(|(_, at)| *at).collect() }
    }
}

/// Each window with the windows that it is the sum of.
fn windows(models: &Models) -> Vec<(Window, Vec<usize>)> {
    let mut all: Vec<(Window, Vec<usize>)> = vec![(Window::All, Vec::new())];
    let mut places: FxHashMap<Window, usize> = FxHashMap::default();
    for (month, _) in models.stats.months() {
        let [month, quarter, year] = Period::all_of(month.range().0).map(Window::In);
        let mut above = 0;
        for window in [year, quarter, month] {
            let place = *places.entry(window).or_insert_with(|| {
                all.push((window, Vec::new()));
                let place = all.len() - 1;
                all[above].1.push(place);
                place
            });
            above = place;
        }
    }
    all
}

/// Organisations to which people belong in one way, so that hardly anybody is in two of them: where people live, where they
/// work, with whom they serve. Somebody is mostly in one of each.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Family {
    Place,
    Work,
    Group,
}

impl Family {
    const ALL: [Self; 3] = [Self::Place, Self::Work, Self::Group];

    fn of(kind: OrgKind) -> Self {
        match kind {
            OrgKind::City
            | OrgKind::District
            | OrgKind::Street
            | OrgKind::Community
            | OrgKind::Grid
            | OrgKind::Building => Self::Place,
            OrgKind::WorkUnit | OrgKind::PartyBranch => Self::Work,
            OrgKind::Team | OrgKind::SocialOrg => Self::Group,
        }
    }
}

struct Building<'a> {
    models: &'a Models,
    windows: Vec<(Window, Vec<usize>)>,
    table: Table,
    at: Vec<(Cell, (Scope, Window))>,
}

impl Building<'_> {
    /// A scope and all within it: a cell for each window.
    fn scope(&mut self, scope: Scope) -> Vec<Cell> {
        let people = |window: Window| self.models.total(scope, window).persons;
        let counts: Vec<u32> = self.windows.iter().map(|(window, _)| people(*window)).collect();
        let cells: Vec<Cell> = counts.iter().map(|people| self.table.figure(*people)).collect();
        let places = self.windows.iter().map(|(window, _)| (scope, *window));
        self.at.extend(cells.iter().copied().zip(places));
        self.sum_over_time(&cells);
        let inside: Vec<(Family, Vec<Cell>)> =
            self.inside(scope).into_iter().map(|(family, inner)| (family, self.scope(inner))).collect();
        for family in Family::ALL {
            let of_family = inside.iter().filter(|(of, _)| *of == family).map(|(_, cells)| cells.as_slice());
            let parts: Vec<&[Cell]> = of_family.collect();
            if !parts.is_empty() {
                self.sum_with_rest(&cells, &parts, false);
            }
        }
        if inside.iter().any(|(family, _)| *family != inside[0].0) {
            let parts: Vec<&[Cell]> = inside.iter().map(|(_, cells)| cells.as_slice()).collect();
            self.sum_with_rest(&cells, &parts, true);
        }
        cells
    }

    /// Each whole is the sum of its parts and of whoever belongs to none of them; of parts that may share people only where
    /// they are not more people together than the whole.
    fn sum_with_rest(&mut self, wholes: &[Cell], parts: &[&[Cell]], may_share: bool) {
        let mut alone = Vec::with_capacity(wholes.len());
        for (place, whole) in wholes.iter().enumerate() {
            let mut terms: Vec<Cell> = parts.iter().map(|part| part[place]).collect();
            let (people, inside) =
                (self.table.people(*whole), terms.iter().map(|term| self.table.people(*term)).sum());
            let rest = self.table.remainder(people.saturating_sub(inside));
            alone.push(rest);
            if !may_share || inside <= people {
                terms.push(rest);
                self.table.sum(*whole, terms);
            }
        }
        self.sum_over_time(&alone);
    }

    fn sum_over_time(&mut self, cells: &[Cell]) {
        for (place, (_, parts)) in self.windows.iter().enumerate() {
            if !parts.is_empty() {
                self.table.sum(cells[place], parts.iter().map(|part| cells[*part]).collect());
            }
        }
    }

    /// Organisations with any service that a scope directly contains today.
    fn inside(&self, scope: Scope) -> Vec<(Family, Scope)> {
        let directory = &self.models.directory;
        let today = directory.today();
        let orgs = match scope {
            Scope::Org(org) => directory.children(org, today),
            Scope::Ledger => {
                let orgs = directory.orgs().into_iter().map(|(org, _)| org);
                orgs.filter(|org| directory.register().orgs.parent(*org, today).is_none()).collect()
            }
        };
        let serves = |scope: &Scope| self.models.total(*scope, Window::All).persons > 0;
        let family = |org| directory.org(org).map_or(Family::Place, |entry| Family::of(entry.kind));
        let orgs = orgs.into_iter().filter(|org| serves(&Scope::Org(*org)));
        orgs.map(|org| (family(org), Scope::Org(org))).collect()
    }
}

#[cfg(test)]
mod tests;
