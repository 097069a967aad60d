//! Which aggregate an event belongs to: whom it concerns there, whether it may happen, and what one aggregate does to another.

use super::concern::{Concern, Reach};
use super::context::{Context, Header};
use super::effect;
use super::event::{
    Body, Event, HoursEvent, KeyEvent, LedgerEvent, MemberEvent, PolicyEvent, RevocationReason, SessionEvent,
    WishEvent,
};
use super::hands::Behind;
use super::ids::PersonId;
use super::key::Keys;
use super::planted::Planted;
use super::register::register;
use super::rejection::{Code, Verdict};
use super::state::State;
use super::time::Date;
use super::{
    access, activity, credit, hours, key, ledger, list, notice, org, person, planted, policy, report_in,
    role, session, wish,
};

type Effects = effect::Effects<Event>;

/// Whom and what an event concerns.
pub(super) fn concern(state: &State, event: &Event, today: Date) -> Concern {
    let founded = state.founded.as_ref();
    match &event.body {
        Body::Access(_) => Concern::nobody(Reach::Ledger),
        Body::Act(_) => Concern::nobody(Reach::Nothing),
        Body::Activity(body) => activity::concern(&state.activities, body),
        Body::Credit(body) => credit::concern(&state.credit, event.actor, body),
        Body::Hours(body) => hours::concern(&state.hours, body),
        Body::Key(body) => key::concern(&state.people, founded, today, body),
        Body::Ledger(_) => Concern::nobody(Reach::Ledger),
        Body::List(body) => list::concern(body),
        Body::Member(body) => person::concern(&state.people, founded, today, body),
        Body::Notice(body) => notice::concern(body),
        Body::Organisation(body) => org::concern(&state.orgs, today, body),
        Body::Policy(PolicyEvent::Adopted { scope, .. }) => Concern::nobody(Reach::scope(*scope)),
        Body::ReportIn(body) => report_in::concern(&state.people, today, body),
        Body::Role(body) => role::concern(body),
        Body::Session(body) => session::concern(&state.people, founded, today, body),
        Body::Wish(body) => wish::concern(&state.wishes, &event.header(), body),
    }
}

/// Whether an event that is no act of another may happen, by the rules of its aggregate.
pub(super) fn decide(state: &State, cx: &Context, event: &Event) -> Verdict {
    let (facts, header) = (&state.register(), &event.header());
    let known = (&state.people, facts.founded);
    match &event.body {
        Body::Access(body) => access::decide(&state.looks, facts, &state.wishes, cx, body),
        // Decided above, for it decides and applies others of these.
        Body::Act(_) => Err(Code::UnknownAct.into()),
        Body::Activity(body) => activity::decide(&state.activities, facts, state, (cx, header), body),
        Body::Credit(body) => credit::decide(&state.credit, facts, state, (cx, header), body),
        Body::Hours(body) => {
            hours::decide((&state.hours, &state.activities), facts, state, (cx, header), body)
        }
        Body::Key(body) => key::decide(&state.keys, &state.people, facts.founded, body),
        Body::Ledger(body) => ledger::decide(facts.founded, &state.rules, &event.ledger, cx, body),
        Body::List(body) => list::decide(facts, (cx, header), body),
        Body::Member(body) => {
            person::decide(&state.people, &state.orgs, facts.founded, state, body)?;
            decide_namer(&state.keys, (cx, header), body)
        }
        Body::Notice(body) => notice::decide(&state.notices, facts, cx, body),
        Body::Organisation(body) => org::decide(&state.orgs, state, body),
        Body::Policy(body) => {
            let done = policy::Done {
                somebody_is_there: !state.orgs.is_empty() || !state.people.is_empty(),
                have_counted: state.hours.have_counted(),
            };
            policy::decide(&state.policies, &state.orgs, done, state.today(cx), body)
        }
        Body::ReportIn(body) => report_in::decide(&state.report_ins, facts, (cx, header), body),
        Body::Role(body) => role::decide(facts, body),
        Body::Session(body) => session::decide(&state.sessions, known, state, (cx, header), body),
        Body::Wish(body) => wish::decide(&state.wishes, facts, state, (cx, header), body),
    }
}

/// Whoever names a helper in another's name is not the helper, nor is the key by which they do so still in the helper's hand.
fn decide_namer(keys: &Keys, (cx, header): (&Context, &Header), body: &MemberEvent) -> Verdict {
    let MemberEvent::HelperNamed { person, helper } = body else { return Ok(()) };
    if header.actor == *person {
        return Ok(());
    }
    Behind::of(keys, cx, header).check_concerns_another(*helper)
}

/// What an event does to its aggregate and to others.
pub(super) fn apply(state: &mut State, cx: &Context, event: &Event, effects: &mut Effects) {
    let header = &event.header();
    match &event.body {
        Body::Access(body) => access::evolve(&mut state.looks, (cx, header), body),
        Body::Act(_) => {}
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
        Body::Notice(body) => {
            let today = state.today(cx);
            notice::evolve(&mut state.notices, today, header, body);
        }
        Body::Organisation(body) => org::evolve(&mut state.orgs, body),
        Body::Policy(body) => policy::evolve(&mut state.policies, event.id, body),
        Body::ReportIn(body) => {
            let today = state.today(cx);
            report_in::evolve(&mut state.report_ins, &mut state.people, today, body);
        }
        Body::Role(body) => role::evolve(&mut state.people, event.actor, body),
        Body::Session(body) => apply_to_sessions(state, cx, header, body),
        Body::Wish(body) => {
            if let WishEvent::Disputed { wish, .. } = body {
                // What was to confirm it would confirm what comes of the dispute.
                let confirms = |body: &Body| matches!(body, Body::Wish(WishEvent::Confirmed { wish: of, .. }) if of == wish);
                state.acts.call_off(effects, |held| confirms(&held.event.body));
            }
            let issuer = header.grant.and_then(|grant| state.sessions.get(grant)).map(|grant| grant.by);
            wish::evolve(&mut state.wishes, &register!(state), (cx, header), issuer, body);
        }
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
fn apply_to_keys(state: &mut State, cx: &Context, header: &Header, body: &KeyEvent, effects: &mut Effects) {
    if let KeyEvent::Revoked { person, key, reason: RevocationReason::Stolen } = body {
        let ended = key::ended_by(&state.keys, *person, *key, RevocationReason::Stolen);
        state.acts.drop_signed_by(&ended, effects);
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
fn end_of_person(state: &mut State, cx: &Context, person: PersonId, effects: &mut Effects) {
    if !planted::has(Planted::ErasedSigns) {
        key::end_all(&mut state.keys, cx.position, person);
    }
    state.acts.drop_about(person, effects);
}
