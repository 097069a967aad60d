//! Sessions: a one-time code, granted by staff, lets the ledger's key witness what a person does.

use super::event::{Body, Event};
use super::ids::{EventId, PersonId};
use super::rejection::{Code, Rejection, ensure};
use super::state::{Context, State};
use super::table::{Table, trial};
use super::time::Millis;

/// Longest life of a code, in days.
const CODE_DAYS: u32 = 7;
/// Longest life of a session, in days.
pub const SESSION_DAYS: u32 = 90;

/// A session grant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Grant {
    /// Whose session it allows.
    pub person: PersonId,
    /// When the code runs out.
    pub until: Millis,
    /// The open session's end, once the code was used.
    pub session_until: Option<Millis>,
    /// The session was closed.
    pub closed: bool,
}

/// All session grants.
#[derive(Default, Debug, Clone)]
pub struct Sessions {
    grants: Table<EventId, Grant>,
}

trial!(Sessions { grants });

impl Sessions {
    /// The grant.
    #[must_use]
    pub fn get(&self, grant: EventId) -> Option<&Grant> {
        self.grants.get(&grant)
    }

    /// All grants, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = (&EventId, &Grant)> {
        self.grants.iter()
    }

    /// Whether the session of a grant is open at a moment.
    #[must_use]
    pub fn is_open(&self, grant: EventId, person: PersonId, at: Millis) -> bool {
        self.get(grant)
            .is_some_and(|g| g.person == person && !g.closed && g.session_until.is_some_and(|u| at < u))
    }
}

pub(super) fn decide(state: &State, cx: &Context, event: &Event) -> Result<(), Rejection> {
    let own = |grant: &EventId, person: &PersonId| {
        state.sessions.get(*grant).filter(|g| g.person == *person).ok_or(Code::UnknownGrant)
    };
    let within = |until: &Millis, days| cx.recorded_at < *until && *until <= cx.recorded_at.plus_days(days);
    match &event.body {
        Body::SessionGranted { person, until, .. } => {
            ensure(within(until, CODE_DAYS), Code::OutOfRange)?;
            ensure(state.people.is_known(state, *person), Code::UnknownPerson)
        }
        Body::SessionOpened { person, grant, until } => {
            ensure(within(until, SESSION_DAYS), Code::OutOfRange)?;
            ensure(state.people.is_known(state, *person), Code::UnknownPerson)?;
            let grant = own(grant, person)?;
            let usable = grant.session_until.is_none() && !grant.closed && cx.recorded_at < grant.until;
            ensure(usable, Code::GrantState)
        }
        Body::SessionClosed { person, grant } => ensure(!own(grant, person)?.closed, Code::GrantState),
        _ => unreachable!("not a session's event"),
    }
}

pub(super) fn evolve(state: &mut State, _cx: &Context, event: &Event) {
    match &event.body {
        Body::SessionGranted { person, until, .. } => {
            let grant = Grant { person: *person, until: *until, session_until: None, closed: false };
            state.sessions.grants.insert(event.id, grant);
        }
        Body::SessionOpened { grant, until, .. } => {
            if let Some(grant) = state.sessions.grants.get_mut(grant) {
                grant.session_until = Some(*until);
            }
        }
        Body::SessionClosed { grant, .. } => {
            if let Some(grant) = state.sessions.grants.get_mut(grant) {
                grant.closed = true;
            }
        }
        _ => unreachable!("not a session's event"),
    }
}
