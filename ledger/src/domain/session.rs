//! Sessions: a one-time code, granted by staff, lets the ledger's key witness what a person does.

use super::concern::Concern;
use super::context::{Context, Founded, Header};
use super::ids::{Commitment, EventId, PersonId};
use super::org::Orgs;
use super::person::People;
use super::planted::{self, Planted};
use super::rejection::{Code, Verdict, ensure, fits};
use super::time::{Date, Millis};
use super::unique::{self, Names};
use super::vocabulary::{Role, Scope};
use crate::store::table::{Table, tables};
use hourbook_derive::Aggregate;

/// What can be asserted of the sessions of a person.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize, Aggregate)]
#[aggregate(stream(Session, person))]
#[allow(missing_docs)] // fields are named after their types
pub enum SessionEvent {
    /// A one-time code lets the person open a session until a time.
    #[event(1, by(founder, steward, worker))]
    #[safe = "By staff of the home, whose hand it stays: it reads by no role that they could not grant, and what cannot be undone waits."]
    Granted {
        person: PersonId,
        #[field(commits(Code, person))]
        code: Commitment,
        until: Millis,
    },
    /// The code was used. Asserted by the ledger.
    #[event(2, by(Ledger))]
    #[safe = "Says that the code was typed in."]
    Opened { person: PersonId, grant: EventId, until: Millis },
    /// The session is over.
    #[event(3, by(Subject, Ledger, steward, worker))]
    #[safe = "Takes a hand away that could object: at once by an own key or the session itself, after the term by a code, with a second person by staff. An unused code is called back at once; that of another desk waits alike while something waits that a code asserted."]
    Closed { person: PersonId, grant: EventId },
}

/// Longest life of a code, in days.
pub const CODE_DAYS: u32 = 7;
/// Longest life of a session, in days.
pub const SESSION_DAYS: u32 = 90;

/// A session grant.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Grant {
    /// Whose session it allows.
    pub person: PersonId,
    /// What its code is behind.
    pub code: Commitment,
    /// Who handed out the code; of one's own, by a key that is still taken for its issuer's hand, that issuer.
    pub by: PersonId,
    /// Within which scopes the giver could grant a role then.
    pub gives: Vec<Scope>,
    /// When the code runs out.
    pub until: Millis,
    /// The open session's end, once the code was used.
    pub session_until: Option<Millis>,
    /// Position at which the code was used.
    pub opened: Option<u64>,
    /// The session was closed.
    pub closed: bool,
}

/// All session grants.
#[derive(Default, Debug, Clone)]
pub struct Sessions {
    grants: Table<7, EventId, Grant>,
    /// The grants that were made to a person, until their session is opened or they are closed.
    unopened: Table<30, PersonId, Vec<EventId>>,
}

tables!(Sessions { grants, unopened });

impl Grant {
    /// Whether its code may still be typed in at a moment.
    #[must_use]
    pub fn awaits_code(&self, at: Millis) -> bool {
        self.session_until.is_none() && !self.closed && at < self.until
    }
}

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

    /// The grants whose session was neither opened nor closed, in no particular order. The code of some may have run out.
    pub fn unopened(&self) -> impl Iterator<Item = (EventId, &Grant)> {
        let all = self.unopened.iter().flat_map(|(_, grants)| grants);
        all.filter_map(|grant| Some((*grant, self.get(*grant)?)))
    }

    fn unopened_of(&self, person: PersonId) -> Vec<EventId> {
        self.unopened.get(&person).cloned().unwrap_or_default()
    }

    fn close(&mut self, id: EventId) {
        let Some(grant) = self.grants.get_mut(&id) else { return };
        grant.closed = true;
        let person = grant.person;
        self.no_longer_awaits(person, id);
    }

    fn no_longer_awaits(&mut self, person: PersonId, grant: EventId) {
        self.unopened.change(&person, |others| others.retain(|id| *id != grant));
        if self.unopened.get(&person).is_some_and(Vec::is_empty) {
            self.unopened.remove(&person);
        }
    }

    /// Whether the session of a grant carries a role of its person, to read by: its giver could have granted that role.
    /// Otherwise a code that a worker hands out would be worth whatever its person is given later.
    #[must_use]
    pub fn carries(&self, orgs: &Orgs, grant: EventId, role: Role, scope: Scope, date: Date) -> bool {
        let Some(grant) = self.get(grant) else { return false };
        let reaches = |given: &Scope| match (*given, scope) {
            (Scope::Ledger, _) => true,
            (Scope::Org(_), Scope::Ledger) => false,
            (given, Scope::Org(org)) => orgs.covers(given, org, date),
        };
        role != Role::Founder && (planted::has(Planted::SessionCarriesAll) || grant.gives.iter().any(reaches))
    }

    /// Whether the session of a grant is open at a moment.
    #[must_use]
    pub fn is_open(&self, grant: EventId, person: PersonId, at: Millis) -> bool {
        self.get(grant)
            .is_some_and(|g| g.person == person && !g.closed && g.session_until.is_some_and(|u| at < u))
    }
}

/// Whether an unused code is how its person could object: another than this issuer handed it out, and something waits that a
/// code asserted. Whoever typed in a code would first take that away.
pub(super) fn objects(grant: &Grant, at: Millis, issuer: PersonId, waits: impl Fn(PersonId) -> bool) -> bool {
    let of_another = grant.by != issuer && grant.person != issuer;
    grant.awaits_code(at) && of_another && waits(grant.person)
}

/// Whom and what each concerns.
pub(super) fn concern(
    people: &People,
    founded: Option<&Founded>,
    today: Date,
    body: &SessionEvent,
) -> Concern {
    let (SessionEvent::Granted { person, .. }
    | SessionEvent::Opened { person, .. }
    | SessionEvent::Closed { person, .. }) = body;
    Concern::of(*person, people.home(founded, *person, today))
}

pub(super) fn decide(
    sessions: &Sessions,
    (people, founded): (&People, Option<&Founded>),
    names: &dyn Names,
    (cx, header): (&Context, &Header),
    body: &SessionEvent,
) -> Verdict {
    let own = |grant: &EventId, person: &PersonId| {
        sessions.get(*grant).filter(|g| g.person == *person).ok_or(Code::UnknownGrant)
    };
    let within = |until: &Millis, days| cx.recorded_at < *until && *until <= cx.recorded_at.plus_days(days);
    match body {
        SessionEvent::Granted { person, until, .. } => {
            fits(
                within(until, CODE_DAYS),
                format_args!("until: later than now, and at most {CODE_DAYS} days ahead"),
            )?;
            unique::check(names, header.id.0)?;
            ensure(people.is_known(founded, *person), Code::UnknownPerson)
        }
        SessionEvent::Opened { person, grant, until } => {
            fits(
                within(until, SESSION_DAYS),
                format_args!("until: later than now, and at most {SESSION_DAYS} days ahead"),
            )?;
            ensure(people.is_known(founded, *person), Code::UnknownPerson)?;
            let grant = own(grant, person)?;
            ensure(grant.awaits_code(cx.recorded_at), Code::GrantState)
        }
        SessionEvent::Closed { person, grant } => ensure(!own(grant, person)?.closed, Code::GrantState),
    }
}

/// `issuer` is whose hand grants; `waits` says whether something waits that a code of a person asserted.
pub(super) fn evolve(
    sessions: &mut Sessions,
    people: &People,
    (cx, header): (&Context, &Header),
    (issuer, waits): (PersonId, impl Fn(PersonId) -> bool),
    body: &SessionEvent,
) {
    match body {
        SessionEvent::Granted { person, code, until } => {
            let (person, code, until) = (*person, *code, *until);
            // Two pieces of paper that each let in the same person are one too many: the new code ends the old.
            for earlier in sessions.unopened_of(person) {
                let grant = sessions.get(earlier);
                if !grant.is_some_and(|grant| objects(grant, cx.recorded_at, issuer, &waits)) {
                    sessions.close(earlier);
                }
            }
            let grant = Grant {
                person,
                code,
                by: issuer,
                gives: people.could_grant(header.actor, cx.signer),
                until,
                session_until: None,
                opened: None,
                closed: false,
            };
            sessions.unopened.or_default(person).push(header.id);
            sessions.grants.insert(header.id, grant);
        }
        SessionEvent::Opened { person, grant, until } => {
            if let Some(grant) = sessions.grants.get_mut(grant) {
                grant.session_until = Some(*until);
                grant.opened = Some(cx.position);
            }
            sessions.no_longer_awaits(*person, *grant);
        }
        SessionEvent::Closed { grant, .. } => sessions.close(*grant),
    }
}

#[cfg(test)]
mod tests {

    use super::super::ids::Commitment;
    use super::super::testing::*;
    use super::*;
    use crate::domain::Body;
    use crate::domain::key::KeyEvent;
    use crate::domain::person::MemberEvent;

    fn grant(until: Millis) -> Body {
        Body::Session(SessionEvent::Granted { person: ANN, code: Commitment([1; 32]), until })
    }

    fn open(grant: EventId, until: Millis) -> Body {
        Body::Session(SessionEvent::Opened { person: ANN, grant, until })
    }

    fn consent(person: PersonId) -> Body {
        Body::public_name(person, true)
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
            code(&mut town, BO, Body::Session(SessionEvent::Closed { person: ANN, grant: id })),
            Err(Code::NotAuthorised)
        );
        town.must(ANN, Body::Session(SessionEvent::Closed { person: ANN, grant: id }));
        assert_eq!(act(&mut town), Err(Code::NotAuthorised), "closed");
        let again = Body::Session(SessionEvent::Closed { person: ANN, grant: id });
        assert_eq!(code(&mut town, ANN, again), Err(Code::GrantState));
        assert_eq!(code(&mut town, LEDGER, open(id, end)), Err(Code::GrantState));
    }

    #[test]
    fn a_new_code_ends_the_one_before_and_no_open_session() {
        let (mut town, first) = with_code();
        let end = town.now.plus_days(30);
        let until = town.now.plus_days(1);
        let second = town.given(WORKER, grant(until));
        assert_eq!(code(&mut town, LEDGER, open(first, end)), Err(Code::GrantState), "ended by the second");
        town.must(LEDGER, open(second, end));
        let third = town.given(WORKER, grant(until));
        assert!(town.state.sessions.is_open(second, ANN, town.now), "a session goes on");
        let other = Body::Session(SessionEvent::Granted { person: BO, code: Commitment([2; 32]), until });
        let of_bo = town.given(WORKER, other);
        let mut waiting: Vec<_> = town.state.sessions.unopened().map(|(id, _)| id).collect();
        waiting.sort_unstable();
        assert_eq!(waiting, [third, of_bo]);
        town.must(WORKER, Body::Session(SessionEvent::Closed { person: ANN, grant: third }));
        assert_eq!(code(&mut town, LEDGER, open(third, end)), Err(Code::GrantState));
        assert_eq!(town.state.sessions.unopened().count(), 1);
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
        let others = Body::Session(SessionEvent::Opened { person: BO, grant: id, until: end });
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
        town.must(WORKER, Body::Session(SessionEvent::Closed { person: ANN, grant: id }));
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
        for until in [now, late(SESSION_DAYS)] {
            assert_eq!(code(&mut town, LEDGER, open(id, until)), Err(Code::OutOfRange));
        }
        assert_eq!(code(&mut town, LEDGER, open(id, now.plus_days(SESSION_DAYS))), Ok(()));
        assert_eq!(code(&mut town, WORKER, grant(now.plus_days(CODE_DAYS))), Ok(()));
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

    /// A code that a worker handed out is not worth what its person is granted later.
    #[test]
    fn a_session_carries_only_the_roles_that_its_giver_could_have_granted() {
        let mut town = Town::new();
        let by_worker = town.session(WORKER, ANN);
        let by_steward = town.session(STEWARD, ANN);
        let by_founder = town.session(FOUNDER, ANN);
        let (city, community, ledger) = (Scope::Org(CITY), Scope::Org(COMMUNITY), Scope::Ledger);
        for (granter, role, scope) in [
            (FOUNDER, Role::Steward, ledger),
            (FOUNDER, Role::Auditor, city),
            (STEWARD, Role::Worker, community),
        ] {
            town.must(granter, grants(ANN, role, scope));
        }
        // Whoever granted the code may grant more by now: what they could do then counts.
        let (person, role, keys) = (WORKER, Role::Steward, keys_of(WORKER));
        town.must(FOUNDER, Body::appointed(person, role, ledger, keys));
        let carries = |grant, role, scope| {
            town.state.sessions.carries(&town.state.orgs, grant, role, scope, town.today())
        };
        for (session, [of_ledger, of_city, of_community]) in [
            (by_worker, [false, false, false]),
            (by_steward, [false, true, true]),
            (by_founder, [true, true, true]),
            (EventId([9; 16]), [false, false, false]),
        ] {
            assert_eq!(carries(session, Role::Steward, ledger), of_ledger);
            assert_eq!(carries(session, Role::Auditor, city), of_city);
            assert_eq!(carries(session, Role::Worker, community), of_community);
            assert!(!carries(session, Role::Founder, ledger), "no code makes a founder");
        }
    }

    /// The giver could have granted it by the key that signs, not by another that lies at home.
    #[test]
    fn a_grant_remembers_what_the_key_that_signed_it_could_grant() {
        let mut town = Town::new();
        let gives = |town: &Town, grant| town.state.sessions.get(grant).map(|grant| grant.gives.clone());
        let until = town.now.plus_days(1);
        let by_steward = town.given(STEWARD, grant(until));
        assert_eq!(gives(&town, by_steward), Some(vec![Scope::Org(CITY)]));
        let by_worker = town.given(WORKER, grant(until));
        assert_eq!(gives(&town, by_worker), Some(vec![]));
        let key = super::super::ids::PublicKey([43; 32]);
        town.must(STEWARD, Body::Key(KeyEvent::Enrolled { person: STEWARD, key, proof: PROOF }));
        let (role, scope) = (Role::Worker, Scope::Org(COMMUNITY));
        let keys = vec![super::super::ids::KeyId::of(&key)];
        town.must(FOUNDER, Body::appointed(STEWARD, role, scope, keys));
        let event = town.event(STEWARD, grant(until));
        town.by_key(&key, STEWARD, grant(until)).expect("as a worker");
        assert_eq!(gives(&town, event.id), Some(vec![]));
    }

    #[test]
    fn an_open_session_of_someone_erased_is_over() {
        let (mut town, id) = with_code();
        let end = town.now.plus_days(3);
        town.must(LEDGER, open(id, end));
        town.must(ANN, Body::Member(MemberEvent::ErasureRequested { person: ANN }));
        let no_consent = Body::public_name(ANN, false);
        assert_eq!(town.witnessed(ANN, id, no_consent).map_err(|r| r.code), Err(Code::NotAuthorised));
    }

    #[test]
    fn nobody_opens_a_session_of_someone_erased() {
        let (mut town, id) = with_code();
        town.must(ANN, Body::Member(MemberEvent::ErasureRequested { person: ANN }));
        let end = town.now.plus_days(3);
        assert_eq!(code(&mut town, LEDGER, open(id, end)), Err(Code::UnknownPerson));
        assert_eq!(code(&mut town, WORKER, grant(end)), Err(Code::UnknownPerson));
    }
}
