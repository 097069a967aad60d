//! Organisations and how they are joined, by date.

use super::concern::{Concern, Reach};
use super::ids::OrgId;
use super::rejection::{Code, ENDS_LATER, Verdict, ensure, fits};
use super::text;
use super::time::Date;
use super::unique::{self, Names};
use super::vocabulary::{EdgeKind, OrgKind, Scope, Span};
use crate::store::table::{Table, tables};
use hourbook_derive::Aggregate;

/// Longest name of an organisation on the wire, in bytes.
const MAX_NAME: usize = 240;

/// Longest code of an organisation, in bytes.
const MAX_CODE: usize = 64;

/// What can be asserted of an organisation.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize, Aggregate)]
#[aggregate(stream(Org, org))]
#[allow(missing_docs)] // fields are named after their types
pub enum OrganisationEvent {
    /// An organisation exists. Its name is public; it must not contain a person's. It is part of `parent` from the
    /// beginning; without one it is a root.
    #[event(1, by(founder, steward))]
    #[safe = "A new organisation has no members; it stands where its parent's steward says."]
    Registered {
        org: OrgId,
        kind: OrgKind,
        #[field(max = MAX_NAME)]
        name: String,
        #[field(max = MAX_CODE)]
        code: Option<String>,
        parent: Option<OrgId>,
    },
    /// An organisation is joined to another for a span of dates.
    #[event(2, by(founder, steward))]
    #[safe = "Moves whoever belongs to it, so the actor must reach both ends."]
    Linked { org: OrgId, parent: OrgId, kind: EdgeKind, span: Span },
}

/// Longest name of an organisation, in bytes.
pub const NAME_LIMIT: usize = 120;
/// Deepest tree; a real one has six levels.
const DEPTH_LIMIT: usize = 32;

/// A join to another organisation.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Edge {
    /// The organisation that it is joined to.
    pub parent: OrgId,
    /// How.
    pub kind: EdgeKind,
    /// When.
    pub span: Span,
}

/// An organisation.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Org {
    /// Its kind.
    pub kind: OrgKind,
    /// Joins to others; the latest recorded one that covers a date wins.
    pub edges: Vec<Edge>,
}

/// All organisations.
#[derive(Default, Debug, Clone)]
pub struct Orgs {
    orgs: Table<2, OrgId, Org>,
}

tables!(Orgs { orgs });

impl Span {
    /// Every date.
    pub const ALWAYS: Self = Self { from: Date(i32::MIN), to: None };

    /// Whether the date lies in the span.
    #[must_use]
    pub fn contains(&self, date: Date) -> bool {
        self.from <= date && self.to.is_none_or(|to| date < to)
    }

    /// Whether the two share a date.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        other.to.is_none_or(|to| self.from < to) && self.to.is_none_or(|to| other.from < to)
    }

    /// Whether it holds at least one date.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.to.is_none_or(|to| self.from < to)
    }
}

impl OrgKind {
    /// Whether people are registered there.
    #[must_use]
    pub fn is_home(self) -> bool {
        matches!(self, Self::Community | Self::Grid)
    }

    /// Whether it is a place where people live, as opposed to one where they work or gather.
    #[must_use]
    pub fn is_territory(self) -> bool {
        match self {
            Self::City | Self::District | Self::Street | Self::Community | Self::Grid | Self::Building => {
                true
            }
            Self::WorkUnit | Self::PartyBranch | Self::Team | Self::SocialOrg => false,
        }
    }
}

impl Orgs {
    /// Whether none is registered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.orgs.is_empty()
    }

    /// Whether the organisation is registered.
    #[must_use]
    pub fn contains(&self, org: OrgId) -> bool {
        self.orgs.contains(&org)
    }

    /// The organisation.
    #[must_use]
    pub fn get(&self, org: OrgId) -> Option<&Org> {
        self.orgs.get(&org)
    }

    /// All organisations, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = (&OrgId, &Org)> {
        self.orgs.iter()
    }

    /// What contains the organisation on a date.
    #[must_use]
    pub fn parent(&self, org: OrgId, date: Date) -> Option<OrgId> {
        let edges = &self.orgs.get(&org)?.edges;
        let part_of = |e: &&Edge| e.kind == EdgeKind::PartOf && e.span.contains(date);
        edges.iter().rev().find(part_of).map(|e| e.parent)
    }

    /// The organisation and all that contain it on a date, nearest first. Empty for an unknown one.
    #[must_use]
    pub fn ancestors(&self, org: OrgId, date: Date) -> Vec<OrgId> {
        let first = self.contains(org).then_some(org);
        std::iter::successors(first, |org| self.parent(*org, date)).take(DEPTH_LIMIT).collect()
    }

    /// Whether a scope covers the organisation on a date.
    #[must_use]
    pub fn covers(&self, scope: Scope, org: OrgId, date: Date) -> bool {
        match scope {
            Scope::Ledger => true,
            Scope::Org(top) => self.ancestors(org, date).contains(&top),
        }
    }
}

/// Whom and what each concerns.
pub(super) fn concern(orgs: &Orgs, today: Date, body: &OrganisationEvent) -> Concern {
    Concern::nobody(match body {
        OrganisationEvent::Registered { parent: Some(parent), .. } => Reach::Orgs(vec![*parent]),
        OrganisationEvent::Registered { parent: None, .. } => Reach::Ledger,
        OrganisationEvent::Linked { org, parent, kind: EdgeKind::PartOf, span } => {
            // Staff above lose the people of what is moved: whoever moves it stands above them as well.
            let left = [today, span.from].map(|date| orgs.parent(*org, date));
            Reach::Orgs([*org, *parent].into_iter().chain(left.into_iter().flatten()).collect())
        }
        OrganisationEvent::Linked { org, parent, .. } => Reach::Orgs(vec![*org, *parent]),
    })
}

pub(super) fn decide(orgs: &Orgs, names: &dyn Names, body: &OrganisationEvent) -> Verdict {
    match body {
        OrganisationEvent::Registered { org, name, code, parent, .. } => {
            text::ensure_public("name", name, NAME_LIMIT)?;
            code.as_deref().map_or(Ok(()), |code| text::ensure_public("code", code, NAME_LIMIT))?;
            unique::check(names, org.0)?;
            ensure(parent.is_none_or(|p| orgs.contains(p)), Code::UnknownOrg)
        }
        OrganisationEvent::Linked { org, parent, kind, span } => {
            fits(span.is_valid(), format_args!("{ENDS_LATER}"))?;
            ensure(orgs.contains(*org) && orgs.contains(*parent), Code::UnknownOrg)?;
            ensure(*kind != EdgeKind::PartOf || !closes_circle(orgs, *org, *parent), Code::CircularOrg)
        }
    }
}

/// Whether the parent is, on any date, below the organisation. Dates are not told apart: two organisations that each
/// contained the other at different times would make every total over time a riddle.
fn closes_circle(orgs: &Orgs, org: OrgId, parent: OrgId) -> bool {
    let mut open = vec![parent];
    let mut seen = Vec::new();
    while let Some(next) = open.pop() {
        if next == org {
            return true;
        }
        if seen.contains(&next) {
            continue;
        }
        seen.push(next);
        let edges = orgs.get(next).map_or(&[][..], |o| &o.edges);
        open.extend(edges.iter().filter(|e| e.kind == EdgeKind::PartOf).map(|e| e.parent));
    }
    false
}

pub(super) fn evolve(orgs: &mut Orgs, body: &OrganisationEvent) {
    match body {
        OrganisationEvent::Registered { org, kind, parent, .. } => {
            let inside =
                |parent: &OrgId| Edge { parent: *parent, kind: EdgeKind::PartOf, span: Span::ALWAYS };
            orgs.orgs.insert(*org, Org { kind: *kind, edges: parent.iter().map(inside).collect() });
        }
        OrganisationEvent::Linked { org, parent, kind, span } => {
            let edge = Edge { parent: *parent, kind: *kind, span: *span };
            orgs.orgs.change(org, |org| org.edges.push(edge));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;
    use crate::domain::Body;
    use crate::domain::Context;
    use crate::domain::LedgerEvent;
    use crate::domain::State;
    use crate::domain::vocabulary::Founding;

    fn code(town: &mut Town, body: Body) -> Result<(), Code> {
        town.attempt(FOUNDER, body).map(drop).map_err(|r| r.code)
    }

    fn register(n: u8, name: &str, parent: Option<OrgId>) -> Body {
        let (org, name) = (OrgId([n; 16]), name.to_owned());
        Body::org_registered(org, OrgKind::Grid, name, parent)
    }

    fn link(org: OrgId, parent: OrgId, kind: EdgeKind, from: Date, to: Option<Date>) -> Body {
        Body::org_linked(org, parent, kind, Span { from, to })
    }

    #[test]
    fn what_contains_it_depends_on_the_date() {
        let mut town = Town::new();
        let (today, part_of) = (town.today(), EdgeKind::PartOf);
        town.must(FOUNDER, link(GRID, OTHER_COMMUNITY, part_of, today.plus(10), Some(today.plus(20))));
        let parent = |date| town.state.orgs.parent(GRID, date);
        for (day, expected) in [
            (-9_999, COMMUNITY),
            (9, COMMUNITY),
            (10, OTHER_COMMUNITY),
            (19, OTHER_COMMUNITY),
            (20, COMMUNITY),
        ] {
            assert_eq!(parent(today.plus(day)), Some(expected), "{day}");
        }
        assert_eq!(town.state.orgs.ancestors(GRID, today.plus(10)), [GRID, OTHER_COMMUNITY, CITY]);
        assert!(!town.state.orgs.covers(Scope::Org(COMMUNITY), GRID, today.plus(10)));
        assert!(town.state.orgs.covers(Scope::Org(COMMUNITY), GRID, today));
    }

    #[test]
    fn reporting_to_a_community_is_not_being_part_of_it() {
        let mut town = Town::new();
        town.must(FOUNDER, register(60, "unit", Some(CITY)));
        let (unit, today) = (OrgId([60; 16]), town.today());
        town.must(FOUNDER, link(unit, COMMUNITY, EdgeKind::ReportsTo, today, None));
        assert_eq!(town.state.orgs.ancestors(unit, today), [unit, CITY]);
        assert!(!town.state.orgs.covers(Scope::Org(COMMUNITY), unit, today));
        assert_eq!(
            code(&mut town, link(COMMUNITY, unit, EdgeKind::ReportsTo, today, None)),
            Ok(()),
            "mutual is fine"
        );
    }

    #[test]
    fn no_circle_closes_on_any_date() {
        let mut town = Town::new();
        let (today, part_of) = (town.today(), EdgeKind::PartOf);
        for (org, parent) in [(CITY, GRID), (CITY, CITY), (COMMUNITY, GRID)] {
            let body = link(org, parent, part_of, today, None);
            assert_eq!(code(&mut town, body), Err(Code::CircularOrg), "{org} in {parent}");
        }
        town.must(FOUNDER, link(COMMUNITY, OTHER_COMMUNITY, part_of, today, Some(today.plus(1))));
        let later = link(OTHER_COMMUNITY, GRID, part_of, today.plus(5), None);
        assert_eq!(code(&mut town, later), Err(Code::CircularOrg), "though never on one day");
    }

    #[test]
    fn names_are_short_and_plain_and_parents_are_there() {
        let mut town = Town::new();
        let longest = "里".repeat(NAME_LIMIT / 3);
        for bad in ["", "a\nb", &format!("{longest}a")] {
            assert_eq!(code(&mut town, register(60, bad, None)), Err(Code::OutOfRange), "{bad:?}");
        }
        assert_eq!(code(&mut town, register(60, "x", Some(OrgId([61; 16])))), Err(Code::UnknownOrg));
        assert_eq!(code(&mut town, register(60, &longest, None)), Ok(()));
        assert_eq!(code(&mut town, register(60, "again", None)), Err(Code::AlreadyExists));
    }

    #[test]
    fn a_join_has_two_ends_and_at_least_a_day() {
        let mut town = Town::new();
        let (today, kind) = (town.today(), EdgeKind::ReportsTo);
        let nowhere = OrgId([88; 16]);
        assert_eq!(code(&mut town, link(GRID, nowhere, kind, today, None)), Err(Code::UnknownOrg));
        assert_eq!(code(&mut town, link(nowhere, GRID, kind, today, None)), Err(Code::UnknownOrg));
        assert_eq!(code(&mut town, link(GRID, CITY, kind, today, Some(today))), Err(Code::OutOfRange));
        assert_eq!(town.state.orgs.ancestors(nowhere, today), []);
    }

    #[test]
    fn spans_are_half_open() {
        let span = |from, to: Option<i32>| Span { from: Date(from), to: to.map(Date) };
        assert!(span(1, Some(3)).contains(Date(1)) && !span(1, Some(3)).contains(Date(3)));
        assert!(!span(1, Some(3)).overlaps(&span(3, None)) && span(1, Some(4)).overlaps(&span(3, None)));
        assert!(span(1, None).overlaps(&Span::ALWAYS) && Span::ALWAYS.is_valid());
        assert!(!span(3, Some(3)).is_valid() && !span(3, Some(2)).is_valid() && span(3, Some(4)).is_valid());
    }

    #[test]
    fn a_ledger_is_founded_once_by_two_and_is_neither_of_them() {
        let mut town = Town::new();
        let founding = town.state.founded.as_ref().expect("it is founded").founding.clone();
        assert_eq!(
            code(&mut town, Body::Ledger(LedgerEvent::Founded(founding.clone()))),
            Err(Code::FoundingState)
        );
        let answer = |change: &dyn Fn(&mut Founding)| {
            let mut founding = founding.clone();
            change(&mut founding);
            let event = town.event(FOUNDER, Body::Ledger(LedgerEvent::Founded(founding)));
            let cx = Context { position: 0, ..town.context(FOUNDER) };
            super::super::decide(&State::default(), &cx, &event).map_err(|r| r.code)
        };
        assert_eq!(answer(&|_| {}), Ok(()));
        let bad: [&dyn Fn(&mut Founding); 6] = [
            &|f| f.founders[1].person = FOUNDER,
            &|f| f.founders[1].key = f.founders[0].key,
            &|f| f.ledger_key = f.founders[1].key,
            &|f| f.log_key = f.ledger_key,
            &|f| f.ledger_person = SECOND_FOUNDER,
            &|f| f.offset.0 = 841,
        ];
        bad.into_iter().for_each(|change| assert_eq!(answer(change), Err(Code::OutOfRange)));
    }
}
