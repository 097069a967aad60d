//! Who and what there is: organisations, persons, keys, policies, session grants, activities.
//!
//! Whatever the rules know by date (edges, affiliations, roles, policies) is kept by the rules' own code, fed by
//! [`evolve_register`]; what only readers need (names of organisations, commitments, positions) is kept beside it.

use hourbook_ledger::domain::event::{
    Body, MemberEvent, OrgKind, OrganisationEvent, ReportInEvent, SessionEvent,
};
use hourbook_ledger::domain::ids::{ActivityId, Commitment, EventId, OrgId, PersonId};
use hourbook_ledger::domain::person::Erasure;
use hourbook_ledger::domain::time::{Date, Millis, Offset};
use hourbook_ledger::domain::{Context, State, evolve_register};
use hourbook_ledger::follower::LoggedEvent;
use hourbook_ledger::save_fields;
use hourbook_ledger::store::lazy::{LazyMap, LazyVec};
use rustc_hash::FxHashMap;

use crate::activities::{Activities, Activity};
use crate::intern::Interned;
use crate::looks::Looks;

/// What readers need to know of an organisation beside its edges.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct OrgEntry {
    /// Its kind.
    pub kind: OrgKind,
    /// Its public name.
    pub name: Box<str>,
    /// Its public code, such as that of an administrative division.
    pub code: Option<Box<str>>,
    /// Position of its registration.
    pub position: u64,
}

/// What readers need to know of a person beside affiliations and roles. The values lie in the vault.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct PersonEntry {
    /// Position of the registration.
    pub position: u64,
    /// When the person was registered.
    pub at: Millis,
    /// The name.
    pub name: Commitment,
    /// The phone.
    pub phone: Option<Commitment>,
    /// The number in the national register of volunteers.
    pub volunteer_number: Option<Commitment>,
    /// The report-in that was spoken of last.
    pub report_in: Option<ReportIn>,
}

/// How far a report-in has come.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
#[repr(u8)]
pub enum ReportInState {
    /// Filed, not answered yet.
    Pending = 1,
    /// Accepted by the community.
    Accepted = 2,
    /// Refused by the community.
    Refused = 3,
    /// Ended.
    Ended = 4,
}

/// A member's report-in (报到).
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct ReportIn {
    /// Where to.
    pub community: OrgId,
    /// How far it has come.
    pub state: ReportInState,
    /// Position of the event that brought it there.
    pub position: u64,
}

/// A session grant with its present state.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct GrantView {
    /// The granting event.
    pub grant: EventId,
    /// Whose session it allows.
    pub person: PersonId,
    /// The one-time code.
    pub code: Commitment,
    /// When the code runs out.
    pub code_until: Millis,
    /// When the session ends, once the code was used.
    pub session_until: Option<Millis>,
    /// The session was closed.
    pub closed: bool,
}

/// The directory.
#[derive(Default, Debug)]
pub struct Directory {
    register: State,
    orgs: FxHashMap<OrgId, OrgEntry>,
    children: FxHashMap<OrgId, Vec<OrgId>>,
    persons: Interned<PersonId>,
    /// By the person's number.
    entries: LazyVec<PersonEntry>,
    /// The session grants of each person with their codes, in order of granting.
    grants_of: LazyMap<PersonId, Vec<(EventId, Commitment)>>,
    looks: Looks,
    activities: Activities,
    last_at: Millis,
}

save_fields!(Directory { register, orgs, children, persons, entries, grants_of, looks, activities, last_at });

impl Directory {
    /// Time went on, whatever happened.
    pub(crate) fn pass(&mut self, at: Millis) {
        self.last_at = at;
    }

    /// Takes one more event that has effect.
    pub fn fold(&mut self, c: &LoggedEvent) {
        let cx = Context { position: c.position, recorded_at: c.recorded_at, signer: c.signer };
        evolve_register(&mut self.register, &cx, &c.event);
        self.activities.fold(c);
        match &c.event.body {
            Body::Organisation(OrganisationEvent::Registered { org, kind, name, code, parent }) => {
                let code = code.as_deref().map(Into::into);
                let entry = OrgEntry { kind: *kind, name: name.as_str().into(), code, position: c.position };
                self.orgs.insert(*org, entry);
                parent.iter().for_each(|parent| self.adopt(*parent, *org));
            }
            Body::Organisation(OrganisationEvent::Linked { org, parent, .. }) => self.adopt(*parent, *org),
            Body::Member(MemberEvent::Registered { person, name, phone, volunteer_number, .. }) => {
                let entry = PersonEntry {
                    position: c.position,
                    at: c.recorded_at,
                    name: *name,
                    phone: *phone,
                    volunteer_number: *volunteer_number,
                    report_in: None,
                };
                match self.entries.get_mut(self.persons.number(*person) as usize) {
                    Some(known) => *known = entry,
                    None => self.entries.push(entry),
                }
            }
            Body::Session(SessionEvent::Granted { person, code, .. }) => {
                self.grants_of.or_insert_with(*person, Vec::new).push((c.event.id, *code));
            }
            Body::Access(event) => self.looks.fold(c, event),
            _ => self.fold_report_in(c),
        }
    }

    fn fold_report_in(&mut self, c: &LoggedEvent) {
        let Body::ReportIn(event) = &c.event.body else { return };
        let (person, community, state) = match *event {
            ReportInEvent::Filed { person, community } => (person, community, ReportInState::Pending),
            ReportInEvent::Answered { person, community, accepted } => {
                let state = if accepted { ReportInState::Accepted } else { ReportInState::Refused };
                (person, community, state)
            }
            ReportInEvent::Ended { person, community, .. } => (person, community, ReportInState::Ended),
        };
        if let Some(number) = self.persons.find(person) {
            let report_in = ReportIn { community, state, position: c.position };
            self.entries[number as usize].report_in = Some(report_in);
        }
    }

    fn adopt(&mut self, parent: OrgId, child: OrgId) {
        let children = self.children.entry(parent).or_default();
        if !children.contains(&child) {
            children.push(child);
        }
    }

    /// Whose data is to be erased and is not yet, ascending.
    #[must_use]
    pub fn awaiting_erasure(&self) -> Vec<PersonId> {
        let asked = self.register.people.iter().filter(|(_, p)| p.erasure == Erasure::Requested);
        let mut people: Vec<PersonId> = asked.map(|(person, _)| *person).collect();
        people.sort_unstable();
        people
    }

    /// What the rules know: edges, affiliations, roles, keys, policies and grants, with their own queries.
    #[must_use]
    pub fn register(&self) -> &State {
        &self.register
    }

    /// The ledger's distance from UTC.
    #[must_use]
    pub fn offset(&self) -> Offset {
        self.register.offset()
    }

    /// The local date of the last event; dates of queries that mean "now" default to it.
    #[must_use]
    pub fn today(&self) -> Date {
        self.last_at.date(self.offset())
    }

    /// When the last event was recorded.
    #[must_use]
    pub fn last_at(&self) -> Millis {
        self.last_at
    }

    /// An organisation.
    #[must_use]
    pub fn org(&self, org: OrgId) -> Option<&OrgEntry> {
        self.orgs.get(&org)
    }

    /// All organisations, ascending by id.
    #[must_use]
    pub fn orgs(&self) -> Vec<(OrgId, &OrgEntry)> {
        let mut all: Vec<_> = self.orgs.iter().map(|(id, entry)| (*id, entry)).collect();
        all.sort_unstable_by_key(|(id, _)| *id);
        all
    }

    /// Number of organisations.
    #[must_use]
    pub fn org_count(&self) -> usize {
        self.orgs.len()
    }

    /// Organisations ever joined to this one, in any way, in order of joining.
    #[must_use]
    pub fn joined_to(&self, org: OrgId) -> &[OrgId] {
        self.children.get(&org).map_or(&[], Vec::as_slice)
    }

    /// Organisations directly contained by this one on a date, in order of joining.
    #[must_use]
    pub fn children(&self, org: OrgId, date: Date) -> Vec<OrgId> {
        let inside = |child: &&OrgId| self.register.orgs.parent(**child, date) == Some(org);
        self.joined_to(org).iter().filter(inside).copied().collect()
    }

    /// The organisation and all that contain it on a date, nearest first.
    #[must_use]
    pub fn ancestors(&self, org: OrgId, date: Date) -> Vec<OrgId> {
        self.register.orgs.ancestors(org, date)
    }

    /// A registered person.
    #[must_use]
    pub fn person(&self, person: PersonId) -> Option<&PersonEntry> {
        self.persons.find(person).map(|number| &self.entries[number as usize])
    }

    /// Who has a report-in, and the one that was spoken of last; in order of registration.
    pub fn report_ins(&self) -> impl Iterator<Item = (PersonId, ReportIn)> {
        let persons = self.persons.ids().zip(self.entries.iter());
        persons.filter_map(|(person, entry)| Some((*person, entry.report_in?)))
    }

    /// A person's session grants, in order of granting.
    #[must_use]
    pub fn grants_of(&self, person: PersonId) -> Vec<GrantView> {
        let grants = self.grants_of.get(&person).map_or(&[][..], Vec::as_slice);
        let view = |&(grant, code): &(EventId, Commitment)| {
            let state = self.register.sessions.get(grant)?;
            let (code_until, session_until, closed) = (state.until, state.session_until, state.closed);
            Some(GrantView { grant, person, code, code_until, session_until, closed })
        };
        grants.iter().filter_map(view).collect()
    }

    /// Who looked at whom.
    #[must_use]
    pub fn looks(&self) -> &Looks {
        &self.looks
    }

    /// An activity.
    #[must_use]
    pub fn activity(&self, activity: ActivityId) -> Option<&Activity> {
        self.activities.get(activity)
    }

    /// All activities with their queries.
    #[must_use]
    pub fn activities(&self) -> &Activities {
        &self.activities
    }
}
