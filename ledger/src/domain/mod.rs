//! The rules of Hourbook: pure functions over plain data.
//!
//! Nothing here knows of storage, networks, clocks or randomness. [`decide`] says whether an event may be appended to
//! the log as it stands; [`evolve`] applies an appended event and returns what follows from it. Replaying the log
//! never decides again.

pub mod act;
pub mod activity;
pub mod agenda;
pub mod authority;
pub(crate) mod bytes;
pub mod clock;
pub mod credit;
pub mod digest;
pub mod effect;
pub mod event;
pub mod hours;
pub mod ids;
pub mod key;
pub mod lazy;
pub mod list;
pub mod org;
pub mod person;
pub mod planted;
pub mod policy;
pub mod rejection;
pub mod report_in;
pub mod rules;
pub mod session;
pub mod state;
pub mod table;
#[cfg(test)]
pub(crate) mod testing;
pub mod text;
pub mod time;
pub mod timer;
mod unique;
pub mod vocabulary;
pub mod wish;

pub use effect::Effect;
pub use event::{Body, Event};
pub use rejection::{Code, Rejection};
pub use state::{Context, State};

use event::Expected;
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
    authority::check_gift(state, cx, event)?;
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
    use event::StreamKind as Kind;
    let registers =
        matches!(event.stream.kind, Kind::Ledger | Kind::Org | Kind::Person | Kind::Policy | Kind::Session);
    let of_lists = matches!(event.body, Body::StateDigest { .. } | Body::MemberExempted { .. });
    if registers && !of_lists {
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
        Body::LedgerFounded(founding) => org::decide_founding(state, cx, event, founding),
        Body::OrganisationRegistered { .. } | Body::OrganisationLinked { .. } => {
            org::decide(state, cx, event)
        }
        Body::KeyEnrolled { .. } | Body::KeyRotated { .. } | Body::KeyRevoked { .. } => {
            key::decide(state, cx, event)
        }
        Body::RoleGranted { .. }
        | Body::RoleRevoked { .. }
        | Body::MemberRegistered { .. }
        | Body::MemberAffiliated { .. }
        | Body::ErasureRequested { .. }
        | Body::PersonalDataErased { .. }
        | Body::RecordAccessed { .. }
        | Body::ConsentGiven { .. } => person::decide(state, cx, event),
        Body::ReportInFiled { .. } | Body::ReportInAnswered { .. } | Body::ReportInEnded { .. } => {
            report_in::decide(state, cx, event)
        }
        Body::PolicyAdopted { scope, from, policy } => policy::decide(state, cx, *scope, *from, policy),
        Body::ActivityPlanned { .. }
        | Body::ActivityPublished { .. }
        | Body::ActivityClosed { .. }
        | Body::ActivityCancelled { .. }
        | Body::ShiftOpened { .. }
        | Body::SignedUp { .. }
        | Body::SignUpWithdrawn { .. }
        | Body::AttendanceTaken { .. } => activity::decide(state, cx, event),
        Body::HoursRecorded { .. } | Body::HoursConfirmed { .. } | Body::HoursCorrected { .. } => {
            hours::decide(state, cx, event)
        }
        Body::CreditTransferred { .. }
        | Body::CreditHeld { .. }
        | Body::CreditSettled { .. }
        | Body::CreditVoided { .. } => credit::decide(state, cx, event),
        Body::WishPosted { .. }
        | Body::WishVetted { .. }
        | Body::WishClaimed { .. }
        | Body::WishReleased { .. }
        | Body::WishFulfilled { .. }
        | Body::WishConfirmed { .. }
        | Body::WishLapsed { .. }
        | Body::WishWithdrawn { .. } => wish::decide(state, cx, event),
        Body::ListPublished { .. } | Body::MemberExempted { .. } | Body::StateDigest { .. } => {
            list::decide(state, cx, event)
        }
        Body::RulesAdopted { version } => rules::decide(&state.rules, *version),
        Body::ClockCorrected { from, to } => clock::decide(cx, *from, *to),
        Body::SessionGranted { .. } | Body::SessionOpened { .. } | Body::SessionClosed { .. } => {
            session::decide(state, cx, event)
        }
        Body::ActApproved { .. } | Body::ActStopped { .. } | Body::ActTookEffect { .. } => {
            act::decide(state, cx, event)
        }
    }
}

fn apply(state: &mut State, cx: &Context, event: &Event, effects: &mut Vec<Effect>) {
    match &event.body {
        Body::LedgerFounded(founding) => org::found(state, cx, event, founding),
        Body::OrganisationRegistered { .. } | Body::OrganisationLinked { .. } => org::evolve(state, event),
        Body::KeyEnrolled { .. } | Body::KeyRotated { .. } | Body::KeyRevoked { .. } => {
            key::evolve(state, cx, event, effects);
        }
        Body::RoleGranted { .. }
        | Body::RoleRevoked { .. }
        | Body::MemberRegistered { .. }
        | Body::MemberAffiliated { .. }
        | Body::ErasureRequested { .. }
        | Body::PersonalDataErased { .. }
        | Body::RecordAccessed { .. }
        | Body::ConsentGiven { .. } => person::evolve(state, cx, event, effects),
        Body::ReportInFiled { .. } | Body::ReportInAnswered { .. } | Body::ReportInEnded { .. } => {
            report_in::evolve(state, cx, event);
        }
        Body::PolicyAdopted { scope, from, policy } => {
            state.policies.adopt(event.id, *scope, *from, policy.clone())
        }
        Body::ActivityPlanned { .. }
        | Body::ActivityPublished { .. }
        | Body::ActivityClosed { .. }
        | Body::ActivityCancelled { .. }
        | Body::ShiftOpened { .. }
        | Body::SignedUp { .. }
        | Body::SignUpWithdrawn { .. }
        | Body::AttendanceTaken { .. } => activity::evolve(state, cx, event, effects),
        Body::HoursRecorded { .. } | Body::HoursConfirmed { .. } | Body::HoursCorrected { .. } => {
            hours::evolve(state, cx, event, effects);
        }
        Body::CreditTransferred { .. }
        | Body::CreditHeld { .. }
        | Body::CreditSettled { .. }
        | Body::CreditVoided { .. } => credit::evolve(state, cx, event, effects),
        Body::WishPosted { .. }
        | Body::WishVetted { .. }
        | Body::WishClaimed { .. }
        | Body::WishReleased { .. }
        | Body::WishFulfilled { .. }
        | Body::WishConfirmed { .. }
        | Body::WishLapsed { .. }
        | Body::WishWithdrawn { .. } => wish::evolve(state, cx, event, effects),
        Body::ListPublished { .. } | Body::MemberExempted { .. } | Body::StateDigest { .. } => {
            list::evolve(state, cx, event);
        }
        Body::RulesAdopted { version } => state.rules.adopt(*version),
        // No state depends on when the last entry was recorded; whoever orders and audits entries keeps that.
        Body::ClockCorrected { .. } => {}
        Body::SessionGranted { .. } | Body::SessionOpened { .. } | Body::SessionClosed { .. } => {
            session::evolve(state, cx, event);
        }
        Body::ActApproved { .. } | Body::ActStopped { .. } | Body::ActTookEffect { .. } => {
            act::evolve(state, cx, event, effects);
        }
    }
}
