//! Persons: membership, roles, affiliations by date, erasure and consent.

use super::event::{AffiliationKind, Body, ConsentKind, Event, Role, Scope, Span};
use super::ids::{OrgId, PersonId};
use super::rejection::{Code, Rejection, ensure};
use super::state::{Context, State};
use super::table::{Table, trial};
use super::time::Date;

/// An affiliation by date.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Affiliation {
    /// To which organisation.
    pub org: OrgId,
    /// Of which kind.
    pub kind: AffiliationKind,
    /// When.
    pub span: Span,
}

impl Affiliation {
    /// Whether this says when an open one ends: it is the same but for the last day.
    fn closes(&self, open: &Self) -> bool {
        let same = (self.org, self.kind, self.span.from) == (open.org, open.kind, open.span.from);
        same && open.span.to.is_none() && self.span.to.is_some()
    }

    /// Whether an open one ends because this begins. Teams may be several, so none ends another.
    fn succeeds(&self, open: &Self) -> bool {
        let one_at_a_time = self.kind == open.kind && self.kind != AffiliationKind::Team;
        one_at_a_time && open.span.to.is_none() && open.span.from < self.span.from
    }

    /// Whether the two must not share a day: the same team, or two of another kind.
    fn rivals(&self, other: &Self) -> bool {
        self.kind == other.kind && (self.kind != AffiliationKind::Team || self.org == other.org)
    }
}

/// How far the erasure of a person's data has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Erasure {
    /// Nobody asked for it.
    #[default]
    None,
    /// Asked for; the vault key is about to be destroyed.
    Requested,
    /// Done.
    Done,
}

/// A registered person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Person {
    /// The community or grid where the person was registered.
    pub home: OrgId,
    /// Affiliations, in order of recording.
    pub affiliations: Vec<Affiliation>,
    /// Agreed to be named in public.
    pub public_name: bool,
    /// How far erasure has come.
    pub erasure: Erasure,
}

/// All persons and their roles.
#[derive(Default, Debug, Clone)]
pub struct People {
    people: Table<PersonId, Person>,
    roles: Table<PersonId, Vec<(Role, Scope)>>,
}

trial!(People { people, roles });

impl People {
    /// The registered person.
    #[must_use]
    pub fn get(&self, person: PersonId) -> Option<&Person> {
        self.people.get(&person)
    }

    /// All registered persons, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = (&PersonId, &Person)> {
        self.people.iter()
    }

    /// Number of registered persons.
    #[must_use]
    pub fn len(&self) -> usize {
        self.people.len()
    }

    /// Whether nobody is registered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.people.is_empty()
    }

    /// Whether the person is registered and not erased, or a founder.
    #[must_use]
    pub fn is_known(&self, state: &State, person: PersonId) -> bool {
        let registered = self.people.get(&person).is_some_and(|p| p.erasure == Erasure::None);
        registered
            || state.founded.as_ref().is_some_and(|f| f.founding.founders.iter().any(|k| k.person == person))
    }

    /// The person's roles.
    #[must_use]
    pub fn roles(&self, person: PersonId) -> &[(Role, Scope)] {
        self.roles.get(&person).map_or(&[], Vec::as_slice)
    }

    /// Everyone who holds a role, in no particular order.
    pub fn role_holders(&self) -> impl Iterator<Item = (&PersonId, &Vec<(Role, Scope)>)> {
        self.roles.iter()
    }

    /// The organisations that the person belongs to on a date, each once, ascending: affiliations in force, and the home
    /// of registration unless the person is known to live elsewhere by then.
    #[must_use]
    pub fn homes(&self, person: PersonId, date: Date) -> Vec<OrgId> {
        let Some(person) = self.people.get(&person) else { return Vec::new() };
        let on_date = person.affiliations.iter().filter(|a| a.span.contains(date));
        let moved = on_date.clone().any(|a| a.kind == AffiliationKind::Resident);
        let mut homes: Vec<OrgId> = on_date.map(|a| a.org).chain((!moved).then_some(person.home)).collect();
        homes.sort_unstable();
        homes.dedup();
        homes
    }

    pub(super) fn grant(&mut self, person: PersonId, role: Role, scope: Scope) {
        self.roles.or_default(person).push((role, scope));
    }

    /// Affiliates the person. It ends the open affiliation that it says the end of, or else those that it succeeds.
    pub(super) fn affiliate(&mut self, person: PersonId, affiliation: Affiliation) {
        let Some(person) = self.people.get_mut(&person) else { return };
        if let Some(open) = person.affiliations.iter_mut().find(|a| affiliation.closes(a)) {
            *open = affiliation;
            return;
        }
        let before = person.affiliations.iter_mut().filter(|a| affiliation.succeeds(a));
        before.for_each(|a| a.span.to = Some(affiliation.span.from));
        person.affiliations.push(affiliation);
    }

    /// Ends the open affiliations of a kind to an organisation on a date.
    pub(super) fn part(&mut self, person: PersonId, org: OrgId, kind: AffiliationKind, on: Date) {
        let Some(person) = self.people.get_mut(&person) else { return };
        let open =
            person.affiliations.iter_mut().filter(|a| a.org == org && a.kind == kind && a.span.to.is_none());
        open.for_each(|a| a.span.to = Some(on));
    }
}

pub(super) fn decide(state: &State, _cx: &Context, event: &Event) -> Result<(), Rejection> {
    let known = |person: &PersonId| ensure(state.people.is_known(state, *person), Code::UnknownPerson);
    match &event.body {
        Body::RoleGranted { person, role, scope } => {
            ensure(*role != Role::Founder, Code::BeyondOwnRole)?;
            ensure(!state.people.roles(*person).contains(&(*role, *scope)), Code::AlreadyExists)?;
            if let Scope::Org(org) = scope {
                ensure(state.orgs.contains(*org), Code::UnknownOrg)?;
            }
            known(person)
        }
        Body::RoleRevoked { person, role, scope } => {
            ensure(state.people.roles(*person).contains(&(*role, *scope)), Code::UnknownRole)
        }
        Body::MemberRegistered { person, home, .. } => {
            // The ledger is a person with a key of its own; who registered it could enrol another.
            let is_free = state.people.get(*person).is_none() && state.ledger_person() != Some(*person);
            ensure(is_free, Code::AlreadyExists)?;
            ensure(state.orgs.contains(*home), Code::UnknownOrg)
        }
        Body::MemberAffiliated { person, org, kind, span } => {
            ensure(span.is_valid(), Code::OutOfRange)?;
            ensure(state.orgs.contains(*org), Code::UnknownOrg)?;
            known(person)?;
            let person = state.people.get(*person).ok_or(Code::UnknownPerson)?;
            let new = Affiliation { org: *org, kind: *kind, span: *span };
            ensure(!clashes(person, &new), Code::SpanOverlaps)
        }
        Body::ErasureRequested { person } => {
            let person = state.people.get(*person).ok_or(Code::UnknownPerson)?;
            ensure(person.erasure == Erasure::None, Code::AlreadyExists)
        }
        Body::PersonalDataErased { person } => {
            let person = state.people.get(*person).ok_or(Code::UnknownPerson)?;
            ensure(person.erasure == Erasure::Requested, Code::NotDue)
        }
        Body::RecordAccessed { person, .. } => {
            ensure(state.people.get(*person).is_some(), Code::UnknownPerson)
        }
        Body::ConsentGiven { person, .. } => known(person),
        _ => unreachable!("not a person's event"),
    }
}

/// Whether an affiliation would share a day with one that it must not, and does not end.
pub(super) fn clashes(person: &Person, new: &Affiliation) -> bool {
    let ended = |a: &Affiliation| new.closes(a) || new.succeeds(a);
    let stays = person.affiliations.iter().filter(|a| new.rivals(a) && !ended(a));
    stays.into_iter().any(|a| a.span.overlaps(&new.span))
}

pub(super) fn evolve(state: &mut State, event: &Event) {
    match &event.body {
        Body::RoleGranted { person, role, scope } => state.people.grant(*person, *role, *scope),
        Body::RoleRevoked { person, role, scope } => {
            if let Some(roles) = state.people.roles.get_mut(person) {
                roles.retain(|held| held != &(*role, *scope));
            }
        }
        Body::MemberRegistered { person, home, .. } => {
            let new =
                Person { home: *home, affiliations: Vec::new(), public_name: false, erasure: Erasure::None };
            state.people.people.insert(*person, new);
        }
        Body::MemberAffiliated { person, org, kind, span } => {
            state.people.affiliate(*person, Affiliation { org: *org, kind: *kind, span: *span });
        }
        Body::ErasureRequested { person } => set_erasure(state, *person, Erasure::Requested),
        Body::PersonalDataErased { person } => set_erasure(state, *person, Erasure::Done),
        Body::ConsentGiven { person, kind: ConsentKind::PublicName, agreed } => {
            if let Some(person) = state.people.people.get_mut(person) {
                person.public_name = *agreed;
            }
        }
        Body::RecordAccessed { .. } => {}
        _ => unreachable!("not a person's event"),
    }
}

fn set_erasure(state: &mut State, person: PersonId, erasure: Erasure) {
    if let Some(person) = state.people.people.get_mut(&person) {
        person.erasure = erasure;
    }
}
