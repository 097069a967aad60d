//! Sessions: a one-time code, granted by staff, lets the ledger's key witness what a person does.

use super::event::{Body, Event};
use super::ids::{EventId, PersonId};
use super::rejection::{Code, Rejection, ensure};
use super::state::{Context, State};
use super::table::{Table, tables};
use super::time::Millis;

/// Longest life of a code, in days.
const CODE_DAYS: u32 = 7;
/// Longest life of a session, in days.
pub const SESSION_DAYS: u32 = 90;

/// A session grant.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
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
    grants: Table<7, EventId, Grant>,
}

tables!(Sessions { grants });

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

#[cfg(test)]
mod tests {
    use super::super::event::ConsentKind;
    use super::super::ids::Commitment;
    use super::super::testing::*;
    use super::*;

    fn code(town: &mut Town, actor: PersonId, body: Body) -> Result<(), Code> {
        town.attempt(actor, body).map(drop).map_err(|r| r.code)
    }

    fn grant(until: Millis) -> Body {
        Body::SessionGranted { person: ANN, code: Commitment([1; 32]), until }
    }

    fn open(grant: EventId, until: Millis) -> Body {
        Body::SessionOpened { person: ANN, grant, until }
    }

    fn consent(person: PersonId) -> Body {
        Body::ConsentGiven { person, kind: ConsentKind::PublicName, agreed: true }
    }

    /// A town with an unused code of a day for ANN.
    fn with_code() -> (Town, EventId) {
        let mut town = Town::new();
        let until = town.now.plus_days(1);
        let code = town.given(WORKER, grant(until));
        (town, code)
    }

    #[test]
    fn a_session_lives_from_opening_to_closing() {
        let (mut town, id) = with_code();
        let act = |town: &mut Town| town.witnessed(ANN, id, consent(ANN)).map(drop).map_err(|r| r.code);
        assert_eq!(act(&mut town), Err(Code::NotAuthorised), "granted, not opened");
        let end = town.now.plus_days(30);
        town.must(LEDGER, open(id, end));
        assert_eq!(act(&mut town), Ok(()));
        town.wait_days(2);
        assert_eq!(act(&mut town), Ok(()), "the code ran out, the session did not");
        assert_eq!(
            code(&mut town, BO, Body::SessionClosed { person: ANN, grant: id }),
            Err(Code::NotAuthorised)
        );
        town.must(ANN, Body::SessionClosed { person: ANN, grant: id });
        assert_eq!(act(&mut town), Err(Code::NotAuthorised), "closed");
        let again = Body::SessionClosed { person: ANN, grant: id };
        assert_eq!(code(&mut town, ANN, again), Err(Code::GrantState));
        assert_eq!(code(&mut town, LEDGER, open(id, end)), Err(Code::GrantState));
    }

    #[test]
    fn a_session_runs_out_at_its_end_and_not_before() {
        let (mut town, id) = with_code();
        let end = town.now.plus_days(3);
        town.must(LEDGER, open(id, end));
        town.now = Millis(end.0 - 1);
        assert!(town.witnessed(ANN, id, consent(ANN)).is_ok());
        town.now = end;
        assert!(town.witnessed(ANN, id, consent(ANN)).is_err());
    }

    #[test]
    fn a_code_works_once_in_time_and_for_one_person() {
        let (mut town, id) = with_code();
        let end = town.now.plus_days(3);
        let others = Body::SessionOpened { person: BO, grant: id, until: end };
        assert_eq!(code(&mut town, LEDGER, others), Err(Code::UnknownGrant));
        assert_eq!(code(&mut town, LEDGER, open(EventId([9; 16]), end)), Err(Code::UnknownGrant));
        town.wait_days(1);
        assert_eq!(code(&mut town, LEDGER, open(id, end)), Err(Code::GrantState), "too late");
        let until = town.now.plus_days(1);
        let second = town.given(WORKER, grant(until));
        town.must(LEDGER, open(second, end));
        assert_eq!(code(&mut town, LEDGER, open(second, end)), Err(Code::GrantState), "used");
    }

    #[test]
    fn an_unused_code_can_be_called_back() {
        let (mut town, id) = with_code();
        town.must(WORKER, Body::SessionClosed { person: ANN, grant: id });
        let end = town.now.plus_days(3);
        assert_eq!(code(&mut town, LEDGER, open(id, end)), Err(Code::GrantState));
    }

    #[test]
    fn codes_and_sessions_have_a_longest_life() {
        let (mut town, id) = with_code();
        let now = town.now;
        let late = |days| Millis(now.plus_days(days).0 + 1);
        for until in [now, late(CODE_DAYS)] {
            assert_eq!(code(&mut town, WORKER, grant(until)), Err(Code::OutOfRange));
        }
        assert_eq!(code(&mut town, WORKER, grant(now.plus_days(CODE_DAYS))), Ok(()));
        for until in [now, late(SESSION_DAYS)] {
            assert_eq!(code(&mut town, LEDGER, open(id, until)), Err(Code::OutOfRange));
        }
        assert_eq!(code(&mut town, LEDGER, open(id, now.plus_days(SESSION_DAYS))), Ok(()));
    }

    #[test]
    fn a_session_witnesses_only_its_person() {
        let (mut town, id) = with_code();
        let end = town.now.plus_days(3);
        town.must(LEDGER, open(id, end));
        assert!(town.witnessed(ANN, id, consent(ANN)).is_ok());
        let about_another = town.witnessed(ANN, id, consent(BO)).map_err(|r| r.code);
        assert_eq!(about_another, Err(Code::NotAuthorised));
        let borrowed = town.witnessed(BO, id, consent(BO)).map_err(|r| r.code);
        assert_eq!(borrowed, Err(Code::NotAuthorised));
    }

    #[test]
    fn nobody_opens_a_session_of_someone_erased() {
        let (mut town, id) = with_code();
        town.must(ANN, Body::ErasureRequested { person: ANN });
        let end = town.now.plus_days(3);
        assert_eq!(code(&mut town, LEDGER, open(id, end)), Err(Code::UnknownPerson));
        assert_eq!(code(&mut town, WORKER, grant(end)), Err(Code::UnknownPerson));
    }
}
