//! The rules of Hourbook: pure functions over plain data.
//!
//! Nothing here knows of storage, networks, clocks or randomness. [`decide`] says whether an event may be appended to
//! the log as it stands; [`evolve`] applies an appended event and returns what follows from it. Replaying the log
//! never decides again.

pub mod access;
pub mod act;
pub mod activity;
mod aggregates;
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
pub mod notice;
pub mod org;
pub mod person;
pub mod planted;
pub mod policy;
mod reach;
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
pub use rejection::{Code, Reason, Rejection};
pub use state::{Context, State};

/// One consequence of an event.
pub type Effect = effect::Effect<Event>;

use event::{Expected, LedgerEvent};
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
        | Body::Notice(_)
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
    match &event.body {
        Body::Act(body) => act::decide(state, cx, event, body),
        _ => aggregates::decide(state, cx, event),
    }
}

fn apply(state: &mut State, cx: &Context, event: &Event, effects: &mut Vec<Effect>) {
    match &event.body {
        Body::Act(body) => act::evolve(state, cx, event, body, effects),
        _ => aggregates::apply(state, cx, event, effects),
    }
}
