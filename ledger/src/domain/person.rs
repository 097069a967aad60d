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

    /// The organisations that the person belongs to on a date: affiliations in force, else the home of registration.
    #[must_use]
    pub fn homes(&self, person: PersonId, date: Date) -> Vec<OrgId> {
        let Some(person) = self.people.get(&person) else { return Vec::new() };
        let on_date = person.affiliations.iter().filter(|a| a.span.contains(date)).map(|a| a.org);
        let mut homes: Vec<OrgId> = on_date.chain([person.home]).collect();
        homes.sort_unstable();
        homes.dedup();
        homes
    }

    pub(super) fn grant(&mut self, person: PersonId, role: Role, scope: Scope) {
        self.roles.or_default(person).push((role, scope));
    }

    /// Affiliates the person, ending an open affiliation of the kind on the first day of the new one.
    pub(super) fn affiliate(&mut self, person: PersonId, affiliation: Affiliation) {
        let Some(person) = self.people.get_mut(&person) else { return };
        let same_kind =
            person.affiliations.iter_mut().filter(|a| a.kind == affiliation.kind && a.span.to.is_none());
        same_kind
            .filter(|a| a.span.from < affiliation.span.from)
            .for_each(|a| a.span.to = Some(affiliation.span.from));
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
            known(person)?;
            if let Scope::Org(org) = scope {
                ensure(state.orgs.contains(*org), Code::UnknownOrg)?;
            }
            ensure(*role != Role::Founder, Code::BeyondOwnRole)?;
            ensure(!state.people.roles(*person).contains(&(*role, *scope)), Code::AlreadyExists)
        }
        Body::RoleRevoked { person, role, scope } => {
            ensure(state.people.roles(*person).contains(&(*role, *scope)), Code::UnknownRole)
        }
        Body::MemberRegistered { person, home, .. } => {
            ensure(state.people.get(*person).is_none(), Code::AlreadyExists)?;
            ensure(state.orgs.contains(*home), Code::UnknownOrg)
        }
        Body::MemberAffiliated { person, org, kind, span } => {
            ensure(span.is_valid(), Code::OutOfRange)?;
            ensure(state.orgs.contains(*org), Code::UnknownOrg)?;
            known(person)?;
            let person = state.people.get(*person).ok_or(Code::UnknownPerson)?;
            ensure(!clashes(person, *org, *kind, span), Code::SpanOverlaps)
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

/// Whether an affiliation would share a day with one that it must not: an open one that began earlier is ended by the
/// new one and so does not clash; teams may be several, but the same one only once.
pub(super) fn clashes(person: &Person, org: OrgId, kind: AffiliationKind, span: &Span) -> bool {
    let team = kind == AffiliationKind::Team;
    let succeeded = |a: &Affiliation| !team && a.span.to.is_none() && a.span.from < span.from;
    let rivals = person.affiliations.iter().filter(|a| a.kind == kind && (!team || a.org == org));
    rivals.filter(|a| !succeeded(a)).any(|a| a.span.overlaps(span))
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
            let affiliation = Affiliation { org: *org, kind: *kind, span: *span };
            match kind {
                AffiliationKind::Team => {
                    if let Some(person) = state.people.people.get_mut(person) {
                        person.affiliations.push(affiliation);
                    }
                }
                _ => state.people.affiliate(*person, affiliation),
            }
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
