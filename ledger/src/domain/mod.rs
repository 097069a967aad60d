//! The rules of Hourbook: pure functions over plain data.
//!
//! Nothing here knows of storage, networks, clocks or randomness. [`decide`] says whether an event may be appended to
//! the log as it stands; [`evolve`] applies an appended event and returns what follows from it. Replaying the log
//! never decides again.

pub mod access;
pub mod act;
pub mod activity;
pub mod authority;
pub(crate) mod bytes;
pub mod clock;
mod concern;
pub mod context;
pub mod credit;
pub mod effect;
pub mod event;
pub mod facts;
mod hands;
pub mod hours;
pub mod ids;
pub mod key;
pub mod ledger;
pub mod list;
pub mod org;
pub mod person;
pub mod planted;
pub mod policy;
mod register;
pub mod rejection;
pub mod report_in;
pub mod role;
pub mod rules;
pub mod session;
pub mod state;
#[cfg(test)]
pub(crate) mod testing;
pub mod text;
pub mod time;
pub mod timer;
mod unique;
pub mod vocabulary;
pub mod wish;

pub use event::{Body, Event};
pub use rejection::{Code, Rejection};
pub use state::{Context, State};

/// One consequence of an event.
pub type Effect = effect::Effect<Event>;

use context::Header;
use event::{Expected, HoursEvent, KeyEvent, LedgerEvent, MemberEvent, RevocationReason, SessionEvent};
use ids::PersonId;
use planted::Planted;
use register::register;
use rejection::ensure;

/// Whether the event may be appended at `cx.position`, in the documented order: authority, revision, business rules, of which the first is
/// that nobody gives away more than is theirs.
///
/// # Errors
/// The first rule that the event breaks.
pub fn decide(state: &State, cx: &Context, event: &Event) -> Result<(), Rejection> {
    ensure(event.stream == event.body.stream(event.id), Code::Malformed)?;
    authority::authorise(state, cx, event)?;
    check_revision(state, event)?;
    authority::check_delegation(state, cx, event)?;
    check_rules(state, cx, event)
}

/// Applies an appended event and tells what follows from it.
pub fn evolve(state: &mut State, cx: &Context, event: &Event) -> Vec<Effect> {
    state.advance(event.stream);
    let mut effects = Vec::new();
    if !act::keep_waiting(state, cx, event, &mut effects) {
        apply(state, cx, event, &mut effects);
    }
    effects
}

/// Applies an appended event to the register alone: the founding, organisations, keys, persons, report-ins, policies and
/// sessions. Whoever follows the log without deciding needs no more, and shares these rules instead of repeating them.
/// Any other event leaves the state as it is. An event that [waits](act) is given when it takes effect, not before.
pub fn evolve_register(state: &mut State, cx: &Context, event: &Event) {
    let registers = match &event.body {
        Body::Ledger(body) => !matches!(body, LedgerEvent::StateDigest { .. }),
        Body::Organisation(_)
        | Body::Key(_)
        | Body::Role(_)
        | Body::Member(_)
        | Body::ReportIn(_)
        | Body::Policy(_)
        | Body::Session(_) => true,
        Body::Access(_)
        | Body::Act(_)
        | Body::Activity(_)
        | Body::Credit(_)
        | Body::Hours(_)
        | Body::List(_)
        | Body::Wish(_) => false,
    };
    if registers {
        // None of these has effects: no credit, hours or places depend on them until another event says so.
        apply(state, cx, event, &mut Vec::new());
    }
}

fn check_revision(state: &State, event: &Event) -> Result<(), Rejection> {
    let last = state.revision(&event.stream);
    let fits = match event.expected {
        Expected::Any => true,
        Expected::NoneYet => last.is_none(),
        Expected::Exact(revision) => last == Some(revision),
    };
    if fits {
        return Ok(());
    }
    Err(match last {
        Some(revision) => Code::WrongRevision.because(format_args!("the stream is at revision {revision}")),
        None => Code::WrongRevision.because("the stream has no event yet"),
    })
}

fn check_rules(state: &State, cx: &Context, event: &Event) -> Result<(), Rejection> {
    let (facts, header) = (&state.register(), &event.header());
    let known = (&state.people, facts.founded);
    match &event.body {
        Body::Access(body) => access::decide(&state.orgs, &state.people, &state.wishes, body),
        Body::Act(body) => act::decide(state, cx, event, body),
        Body::Activity(body) => activity::decide(&state.activities, facts, state, (cx, header), body),
        Body::Credit(body) => credit::decide(&state.credit, facts, state, (cx, header), body),
        Body::Hours(body) => {
            hours::decide((&state.hours, &state.activities), facts, state, (cx, header), body)
        }
        Body::Key(body) => key::decide(&state.keys, &state.people, facts.founded, body),
        Body::Ledger(body) => ledger::decide(facts.founded, &state.rules, &event.ledger, cx, body),
        Body::List(body) => list::decide(facts, (cx, header), body),
        Body::Member(body) => person::decide(&state.people, &state.orgs, facts.founded, state, body),
        Body::Organisation(body) => org::decide(&state.orgs, state, body),
        Body::Policy(body) => {
            let (have_counted, today) = (state.hours.have_counted(), state.today(cx));
            policy::decide(&state.policies, &state.orgs, have_counted, today, body)
        }
        Body::ReportIn(body) => report_in::decide(&state.report_ins, facts, (cx, header), body),
        Body::Role(body) => role::decide(facts, body),
        Body::Session(body) => session::decide(&state.sessions, known, state, (cx, header), body),
        Body::Wish(body) => wish::decide(&state.wishes, facts, state, (cx, header), body),
    }
}

fn apply(state: &mut State, cx: &Context, event: &Event, effects: &mut Vec<Effect>) {
    let header = &event.header();
    match &event.body {
        // A trace is there to be read; nothing follows from it.
        Body::Access(_) => {}
        Body::Act(body) => act::evolve(state, cx, event, body, effects),
        Body::Activity(body) => activity::evolve(&mut state.activities, body, effects),
        Body::Credit(body) => credit::evolve(&mut state.credit, body, effects),
        Body::Hours(body) => {
            if let HoursEvent::Recorded { activity, .. } = body {
                state.activities.mark_served(*activity);
            }
            let (hours, credit) = (&mut state.hours, &mut state.credit);
            let mut books = hours::Books { hours, credit, facts: register!(state) };
            hours::evolve(&mut books, (cx, header), body, effects);
        }
        Body::Key(body) => apply_to_keys(state, cx, header, body, effects),
        Body::Ledger(body) => apply_to_ledger(state, cx, &event.ledger, body),
        Body::List(body) => list::evolve(&mut state.lists, (cx, header), body),
        Body::Member(body) => {
            if let MemberEvent::ErasureRequested { person } = body {
                end_of_person(state, cx, *person, effects);
            }
            person::evolve(&mut state.people, body);
        }
        Body::Organisation(body) => org::evolve(&mut state.orgs, body),
        Body::Policy(body) => policy::evolve(&mut state.policies, event.id, body),
        Body::ReportIn(body) => {
            let today = state.today(cx);
            report_in::evolve(&mut state.report_ins, &mut state.people, today, body);
        }
        Body::Role(body) => role::evolve(&mut state.people, event.actor, body),
        Body::Session(body) => apply_to_sessions(state, cx, header, body),
        Body::Wish(body) => wish::evolve(&mut state.wishes, &register!(state), (cx, header), body),
    }
}

fn apply_to_ledger(state: &mut State, cx: &Context, origin: &str, body: &LedgerEvent) {
    match body {
        LedgerEvent::Founded(founding) => {
            let (keys, people) = (&mut state.keys, &mut state.people);
            state.founded = Some(ledger::found(keys, people, origin, cx.position, founding));
        }
        LedgerEvent::StateDigest { position, rules, digest } => {
            state.lists.state_digest(*position, *rules, *digest);
        }
        LedgerEvent::RulesAdopted { version } => state.rules.adopt(*version),
        // No state depends on when the last entry was recorded; whoever orders and audits entries keeps that.
        LedgerEvent::ClockCorrected { .. } => {}
    }
}

/// What a stolen key asserted is called off with it.
fn apply_to_keys(
    state: &mut State,
    cx: &Context,
    header: &Header,
    body: &KeyEvent,
    effects: &mut Vec<Effect>,
) {
    if let KeyEvent::Revoked { person, key, reason: RevocationReason::Stolen } = body {
        let ended = key::ended_by(&state.keys, *person, *key, RevocationReason::Stolen);
        act::drop_signed_by(state, &ended, effects);
    }
    let lent_until = cx.recorded_at.plus_days(state.policies.waiting_days(state.today(cx)));
    key::evolve(&mut state.keys, &mut state.people, (&state.sessions, lent_until), (cx, header), body);
}

fn apply_to_sessions(state: &mut State, cx: &Context, header: &Header, body: &SessionEvent) {
    let (SessionEvent::Granted { person, .. }
    | SessionEvent::Opened { person, .. }
    | SessionEvent::Closed { person, .. }) = body;
    let lent_by = state.keys.lent_by(cx.signer, cx.recorded_at).filter(|_| header.actor == *person);
    let issuer = lent_by.unwrap_or(header.actor);
    let waits = |person| state.acts.waits_by_code(person);
    session::evolve(&mut state.sessions, &state.people, (cx, header), (issuer, waits), body);
}

/// With a person's data go the person's keys and whatever waits that concerns the person.
fn end_of_person(state: &mut State, cx: &Context, person: PersonId, effects: &mut Vec<Effect>) {
    if !planted::has(Planted::ErasedSigns) {
        key::end_all(&mut state.keys, cx.position, person);
    }
    act::drop_about(state, person, effects);
}
