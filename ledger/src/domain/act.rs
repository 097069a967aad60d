//! Acts that wait: what has been asserted and has no effect yet.
//!
//! No right over a person rests on what the side that gains it sets alone, and nothing that cannot be undone happens on one
//! person's word. Such an event is on the log like any other, but it [waits](Held): for a second person, for the other
//! side, for a term, or for a second person and a term. Meanwhile it can be called off. What it waits for is derived from
//! whose hand asserted it:
//!
//! | hand | cannot be undone | gives rights over somebody |
//! |---|---|---|
//! | the person's own key | at once | the gaining side answers |
//! | a session by a code, or a key that came by one within the term | the term | the gaining side answers; and the term, if the code was handed out by the side that gains |
//! | staff | a second person; for an erasure the term, too | the other side answers |
//!
//! Naming a helper waits as what cannot be undone: the helper has no side to answer for.
//!
//! To close a session is to take a hand away that could object, so it counts among what cannot be undone: but for a session
//! that signs itself out, and, by a code, for younger ones of the same issuer.
//!
//! Either side ends an affiliation alone; by a code that the home of registration handed out, the end of a residence waits
//! the term, for it gives the person back to that home. A founder's end or change of the other founder's key or founding waits
//! the term, and a key that a founder brings the other is that founder's hand like one that came by a code. Whoever holds a
//! role lays it down alone; by a code it waits the term, if any key exercises it.
//!
//! The second person has no key by a code of the first, nor the first by one of the second, as things stood when it was
//! asserted, however many codes of others lie between them; nor is one issuer behind both while the term lasts in which they
//! are taken for that one's hand. And the second gains nothing by it: the rules would take the act from both.
//!
//! Of a person's several hands an older one calls off what a younger one asserted, and one by a code of another issuer does,
//! too: whoever has no key could be at the mercy of whoever typed in their code first. A key that comes by a code beside an
//! older key stays its issuer's hand as long as that one is in force.

mod event;
pub(super) mod held;

pub use event::{ActEvent, ActKind};
pub use held::{Acts, Held, Second};

use super::aggregates;
use super::effect::{self, Effect};
use super::event::{
    Account, AffiliationKind, Assurance, Body, Claimer, CreditEvent, Event, HoursEvent, KeyEvent, ListEvent,
    MemberEvent, ReportInEvent, Role, RoleEvent, Scope, SessionEvent, WishEvent,
};
use super::ids::{EventId, OrgId, PersonId};
use super::planted::{self, Planted};
use super::reach::{self, Hand};
use super::rejection::{Code, Reason, Verdict, ensure};
use super::session;
use super::state::{Context, State};
use super::time::Millis;

/// What follows from an act, as from any event.
type Effects = effect::Effects<Event>;

/// What an event has to wait for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Hold {
    second: Option<Second>,
    term: bool,
}

impl Hold {
    const TERM: Self = Self { second: None, term: true };
    const COLLEAGUE: Self = Self { second: Some(Second::Colleague), term: false };

    fn other_side(second: Second, term: bool) -> Self {
        Self { second: Some(second), term }
    }
}

/// What the event waits for, if for anything.
fn hold(state: &State, cx: &Context, event: &Event) -> Option<Hold> {
    match &event.body {
        Body::Member(MemberEvent::ErasureRequested { person }) => {
            match reach::hand(state, cx, event, *person) {
                Hand::Own => None,
                Hand::Issuer(_) => Some(Hold::TERM),
                Hand::Staff => Some(Hold { second: Some(Second::Colleague), term: true }),
            }
        }
        Body::Key(KeyEvent::Revoked { person, .. }) => match reach::hand(state, cx, event, *person) {
            // Nobody but the other founder could be the second, and may be the one whose key is lost.
            Hand::Staff if reach::is_of_the_ledger(state, *person) => Some(Hold::TERM),
            hand => irreversible(hand),
        },
        Body::Session(SessionEvent::Closed { person, grant }) => closing(state, cx, event, *person, *grant),
        Body::Role(RoleEvent::Revoked { person, role, scope }) => {
            ends_office(state, cx, event, *person, (*role, *scope))
        }
        Body::Key(KeyEvent::Rotated { person, .. }) => {
            let founder = Some(*person) != state.ledger_person() && event.actor != *person;
            founder.then_some(Hold::TERM)
        }
        Body::Credit(CreditEvent::Transferred { from: Account::Person(person), .. }) => {
            irreversible(reach::hand(state, cx, event, *person))
        }
        Body::Credit(CreditEvent::Transferred { .. })
        | Body::List(ListEvent::Published { .. })
        | Body::List(ListEvent::MemberExempted { .. }) => Some(Hold::COLLEAGUE),
        Body::Credit(CreditEvent::Settled { .. }) => irreversible(reach::hand(state, cx, event, event.actor)),
        Body::Member(
            MemberEvent::ConsentGiven { person, agreed: true, .. } | MemberEvent::HelperNamed { person, .. },
        ) => irreversible(reach::hand(state, cx, event, *person)),
        // For an organisation claims a role, and a role names the keys that it trusts.
        Body::Wish(WishEvent::Claimed { claimer: Claimer::Person(person), participants, .. })
            if !participants.is_empty() =>
        {
            let hand = reach::hand(state, cx, event, *person);
            matches!(hand, Hand::Issuer(_)).then_some(Hold::TERM)
        }
        // The poster gains nothing by it; whoever fulfilled it would say for the resident that it is done.
        Body::Wish(WishEvent::Confirmed { wish, .. }) => {
            let hand = reach::hand(state, cx, event, state.wishes.resident(*wish)?);
            let Hand::Issuer(issuer) = hand else { return None };
            state.wishes.has_hand_in(*wish, issuer).then_some(Hold::TERM)
        }
        Body::Hours(HoursEvent::Corrected { recorded, row, .. }) => {
            state.hours.is_confirmed(*recorded, *row).then_some(Hold::COLLEAGUE)
        }
        Body::Member(MemberEvent::Affiliated { person, org, .. }) => {
            affiliation(state, cx, event, *person, *org)
        }
        Body::ReportIn(ReportInEvent::Filed { person, community }) => {
            between(state, cx, event, *person, *community)
        }
        _ => None,
    }
}

fn irreversible(hand: Hand) -> Option<Hold> {
    match hand {
        Hand::Own => None,
        Hand::Issuer(_) => Some(Hold::TERM),
        Hand::Staff => Some(Hold::COLLEAGUE),
    }
}

/// Staff take a role away and give it again; founding is never given again. Whoever typed in a colleague's code would be rid
/// of somebody above them, if the office is exercised at all.
fn ends_office(
    state: &State,
    cx: &Context,
    event: &Event,
    person: PersonId,
    (role, scope): (Role, Scope),
) -> Option<Hold> {
    let waits = match reach::hand(state, cx, event, person) {
        Hand::Own => false,
        Hand::Issuer(_) => state.keys.exercises(&state.people, person, role, scope),
        Hand::Staff => role == Role::Founder,
    };
    waits.then_some(Hold::TERM)
}

/// Whoever has a session could call off what a code asserts, or see it; and whoever has an unused code, once something waits.
fn closing(state: &State, cx: &Context, event: &Event, person: PersonId, grant: EventId) -> Option<Hold> {
    let lent = state.keys.lent_by(cx.signer, cx.recorded_at);
    let by_ledger = Some(event.actor) == state.ledger_person() && lent.is_none();
    let signs_out = event.grant == Some(grant);
    if by_ledger || signs_out {
        return None;
    }
    let hand = reach::hand(state, cx, event, person);
    if !state.sessions.is_open(grant, person, cx.recorded_at) {
        let issuer = if let Hand::Issuer(issuer) = hand { issuer } else { event.actor };
        let waits = |person| state.acts.waits_by_code(person);
        let unused = state.sessions.get(grant);
        let objects =
            |issuer| unused.is_some_and(|unused| session::objects(unused, cx.recorded_at, issuer, waits));
        return irreversible(hand).filter(|_| objects(issuer));
    }
    match hand {
        Hand::Issuer(issuer) if is_younger_of(state, cx, event, grant, issuer) => None,
        hand => irreversible(hand),
    }
}

/// Whether a session was opened after the hand that asserts the event was good, by a code of the same issuer.
fn is_younger_of(state: &State, cx: &Context, event: &Event, grant: EventId, issuer: PersonId) -> bool {
    let since = reach::good_since(state, cx, event);
    let younger = |opened: u64| since < opened;
    state.sessions.get(grant).is_some_and(|grant| grant.by == issuer && grant.opened.is_some_and(younger))
}

/// Either side may end an affiliation alone; staff of the home may only propose it.
fn affiliation(state: &State, cx: &Context, event: &Event, person: PersonId, org: OrgId) -> Option<Hold> {
    let sides = reach::sides(state, cx, event, person, org);
    if matches!(&event.body, Body::Member(ends) if state.people.closes(ends)) {
        return match sides.giving {
            _ if sides.gaining => None,
            Some(hand @ (Hand::Own | Hand::Issuer(_))) => {
                returns_by_code(state, cx, hand, &event.body).then_some(Hold::TERM)
            }
            Some(Hand::Staff) | None => Some(Hold::other_side(Second::GainingSide, false)),
        };
    }
    match sides.giving {
        None => Some(Hold::other_side(Second::GivingSide, false)),
        Some(_) if sides.gaining => None,
        Some(hand) => Some(Hold::other_side(Second::GainingSide, gains_by_code(state, cx, hand, org))),
    }
}

/// A report-in is filed by the person or the person's home; the receiving community can only invite. It answers what was
/// filed, so nobody else has to.
fn between(state: &State, cx: &Context, event: &Event, person: PersonId, community: OrgId) -> Option<Hold> {
    match reach::sides(state, cx, event, person, community).giving {
        None => Some(Hold::other_side(Second::GivingSide, false)),
        Some(hand) => gains_by_code(state, cx, hand, community).then_some(Hold::TERM),
    }
}

/// Whether the end of a residence gives the person back to whoever handed out the code.
fn returns_by_code(state: &State, cx: &Context, hand: Hand, body: &Body) -> bool {
    let Body::Member(MemberEvent::Affiliated { person, kind: AffiliationKind::Resident, .. }) = body else {
        return false;
    };
    state.people.get(*person).is_some_and(|person| gains_by_code(state, cx, hand, person.home))
}

/// Whether whoever handed out the code stands on the side that gains.
fn gains_by_code(state: &State, cx: &Context, hand: Hand, org: OrgId) -> bool {
    match hand {
        Hand::Issuer(issuer) => reach::stands_for(state, cx, issuer, org),
        Hand::Own | Hand::Staff => false,
    }
}

/// Keeps the event if it has to wait. Whether it has no effect yet.
pub(super) fn keep_waiting(state: &mut State, cx: &Context, event: &Event, effects: &mut Effects) -> bool {
    let Some(hold) = hold(state, cx, event).filter(|_| !lets_through(event)) else { return false };
    let subject = reach::subject(state, event);
    let due = hold.term.then(|| term(state, cx));
    effects.push(Effect::Held { subject, needs_approval: hold.second.is_some(), due });
    let held = Held {
        event: Box::new(event.clone()),
        signer: cx.signer,
        position: cx.position,
        subject,
        second: hold.second,
        approved_by: None,
        due,
        since: reach::good_since(state, cx, event),
        owed_to: state.keys.behind(cx.signer, None),
        lent_by: state.keys.behind(cx.signer, Some(cx.recorded_at)),
    };
    state.acts.put(held);
    true
}

fn term(state: &State, cx: &Context) -> Millis {
    cx.recorded_at.plus_days(state.policies.waiting_days(state.today(cx)))
}

/// What has come due at `now`, earliest first; called off if the rules refuse it by now.
pub(super) fn due(state: &State, now: Millis, limit: usize) -> Vec<Body> {
    let cx = |held: &Held| Context { position: u64::MAX, recorded_at: now, signer: held.signer };
    let assert = |act: EventId| match state.acts.get(act) {
        Some(held) if aggregates::decide(state, &cx(held), &held.event).is_ok() => {
            Body::Act(ActEvent::TookEffect { act })
        }
        _ => Body::Act(ActEvent::Stopped { act }),
    };
    // One at a time: what one of them changes may decide about the next.
    state.acts.coming.due(now).take(limit.min(1)).map(assert).collect()
}

/// Whether the actor may stand for the act: decided by whom the act waits for. Whoever names none learns so from the rules.
pub(super) fn may_approve(state: &State, cx: &Context, event: &Event, act: EventId) -> bool {
    let Some(held) = state.acts.get(act) else { return true };
    let sides = || {
        let (person, org) = parties(&held.event.body)?;
        Some(reach::sides(state, cx, event, person, org))
    };
    match held.second {
        None => true,
        Some(Second::Colleague) => reach::could_assert(state, cx, event, &held.event),
        Some(Second::GivingSide) => sides().is_some_and(|sides| sides.giving.is_some()),
        Some(Second::GainingSide) => sides().is_some_and(|sides| sides.gaining),
    }
}

/// The person and the organisation between whom the act would tie something.
fn parties(body: &Body) -> Option<(PersonId, OrgId)> {
    match body {
        Body::Member(MemberEvent::Affiliated { person, org, .. }) => Some((*person, *org)),
        Body::ReportIn(ReportInEvent::Filed { person, community }) => Some((*person, *community)),
        _ => None,
    }
}

/// Whether the actor may call the act off: who asserted or approved it, who would have to approve it, and the person whom it
/// concerns where that person has a say. Of several hands of one person the older one wins: a code that the same issuer handed
/// out later stops nothing.
pub(super) fn may_stop(state: &State, cx: &Context, event: &Event, act: EventId) -> bool {
    let Some(held) = state.acts.get(act) else { return true };
    if Some(event.actor) == state.ledger_person() && event.assurance == Assurance::DeviceKey {
        let is_due = held.due.is_some_and(|due| due <= cx.recorded_at);
        return is_due && aggregates::decide(state, &asserting(cx, held), &held.event).is_err();
    }
    if held.subject.is_some_and(|subject| subject == event.on_behalf()) {
        let older = is_older_hand(state, cx, event, held) || planted::has(Planted::YoungerStops);
        return has_a_say(held) && older;
    }
    if event.acting_for.is_some() || event.grant.is_some() {
        return false;
    }
    held.event.actor == event.actor
        || held.approved_by == Some(event.actor)
        || (held.second.is_some() && may_approve(state, cx, event, act))
}

/// A person who could call off any correction of their hours could keep hours that were not served, and whoever has a lost
/// key could keep it.
fn has_a_say(held: &Held) -> bool {
    let of_sides = matches!(held.second, Some(Second::GivingSide | Second::GainingSide));
    held.due.is_some()
        || of_sides
        || matches!(
            held.event.body,
            Body::Member(MemberEvent::ConsentGiven { .. } | MemberEvent::HelperNamed { .. })
        )
}

fn is_older_hand(state: &State, cx: &Context, event: &Event, held: &Held) -> bool {
    if event.assurance == Assurance::StaffProxy {
        let issuer = held.event.grant.and_then(|grant| state.sessions.get(grant)).map(|grant| grant.by);
        let same = held.event.actor == event.actor || issuer == Some(event.actor);
        return !same && !is_own(state, cx, held) && reach::serves(state, cx, event);
    }
    // Whoever handed out a code long ago has the oldest session of all; what is the person's own comes before it.
    let hand = reach::hand(state, cx, event, event.actor);
    let older = reach::good_since(state, cx, event) <= held.since;
    hand == Hand::Own
        || held.subject != Some(held.event.actor)
        || older
        || is_by_another(state, cx, hand, held)
}

/// Whether the hand is that of another issuer than the one that asserted the act. Whoever has neither key nor session gets a
/// code at the desk of somebody else; and what was called off wrongly can be asked for again.
fn is_by_another(state: &State, cx: &Context, hand: Hand, held: &Held) -> bool {
    let first = reach::hand(state, &asserting(cx, held), &held.event, held.event.actor);
    matches!((first, hand), (Hand::Issuer(first), Hand::Issuer(second)) if first != second)
}

/// What a person asks for with an own key, staff do not call off in that person's name.
fn is_own(state: &State, cx: &Context, held: &Held) -> bool {
    let hand = |person| reach::hand(state, &asserting(cx, held), &held.event, person);
    held.subject.is_some_and(|person| hand(person) == Hand::Own)
}

/// The context now, with the key that asserted the act.
fn asserting(cx: &Context, held: &Held) -> Context {
    Context { signer: held.signer, ..*cx }
}

pub(super) fn decide(state: &State, cx: &Context, event: &Event, body: &ActEvent) -> Verdict {
    match *body {
        ActEvent::Approved { act } => {
            let held = state.acts.get(act).ok_or(Code::UnknownAct)?;
            match held.second.ok_or(Code::NotDue)? {
                Second::Colleague => decide_second(state, cx, event, held)?,
                side => decide_side(state, cx, event, held, side)?,
            }
            aggregates::decide(state, cx, &held.event)
        }
        ActEvent::Stopped { act } => ensure(state.acts.get(act).is_some(), Code::UnknownAct),
        ActEvent::TookEffect { act } => {
            let held = state.acts.get(act).ok_or(Code::UnknownAct)?;
            let is_due = held.second.is_none() && held.due.is_some_and(|due| due <= cx.recorded_at);
            ensure(is_due, Code::NotDue)?;
            aggregates::decide(state, &asserting(cx, held), &held.event)
        }
    }
}

/// Another person in no debt to the first, by a hand other than that of a common issuer, who gains nothing by it either: the rules would take it from both.
fn decide_second(state: &State, cx: &Context, event: &Event, held: &Held) -> Verdict {
    let other = event.actor != held.event.actor
        && Some(event.actor) != held.event.acting_for
        && Some(event.actor) != held.subject;
    let other = other || planted::has(Planted::SecondIsFirst);
    let concerns = Some(event.actor) == held.subject;
    let reason = if concerns { Reason::ConcernsYou } else { Reason::FirstWasYou };
    ensure(other, (Code::FourEyes, reason))?;
    ensure(reach::are_two(state, cx.signer, held), (Code::FourEyes, Reason::SameHand))?;
    ensure(!reach::is_one_issuers(state, cx, held), (Code::FourEyes, Reason::OneIssuer))?;
    let mut as_second = (*held.event).clone();
    (as_second.actor, as_second.acting_for) = (event.actor, None);
    aggregates::decide(state, cx, &as_second)
}

/// Somebody else, also if staff answer staff, while whoever proposed it still stands on the side that they stood on.
fn decide_side(state: &State, cx: &Context, event: &Event, held: &Held, side: Second) -> Verdict {
    ensure(event.on_behalf() != held.event.on_behalf(), (Code::FourEyes, Reason::FirstWasYou))?;
    let (person, org) = parties(&held.event.body).ok_or(Code::UnknownAct)?;
    // What a person answers by a code or a lent key waits the term; of two members of staff one must not be the other.
    let in_person = [event.actor, held.event.actor].contains(&person);
    ensure(in_person || reach::are_two(state, cx.signer, held), (Code::FourEyes, Reason::SameHand))?;
    let proposer = held.event.actor;
    let stands = match side {
        Second::GivingSide => reach::stands_for(state, cx, proposer, org),
        _ => proposer == person || reach::is_staff_of_home(state, cx, proposer, person),
    };
    ensure(stands, Code::NotAuthorised)
}

pub(super) fn evolve(state: &mut State, cx: &Context, event: &Event, body: &ActEvent, effects: &mut Effects) {
    match *body {
        ActEvent::Approved { act } => approve(state, cx, event, act, effects),
        ActEvent::Stopped { act } => drop(state.acts.take(act)),
        ActEvent::TookEffect { act } => {
            let Some(held) = state.acts.take(act) else { return };
            take_effect(state, cx, held, effects);
        }
    }
}

fn approve(state: &mut State, cx: &Context, event: &Event, act: EventId, effects: &mut Effects) {
    let by_code =
        state.acts.get(act).and_then(|held| parties(&held.event.body)).is_some_and(|(person, org)| {
            let giving = reach::sides(state, cx, event, person, org).giving;
            giving.is_some_and(|hand| gains_by_code(state, cx, hand, org))
        });
    let Some(mut held) = state.acts.take(act) else { return };
    held.second = None;
    held.approved_by = Some(event.actor);
    if by_code {
        held.due = held.due.max(Some(term(state, cx)));
        held.since = reach::good_since(state, cx, event);
    }
    match held.due {
        Some(due) if cx.recorded_at < due => {
            effects.push(Effect::Held { subject: held.subject, needs_approval: false, due: Some(due) });
            state.acts.put(held);
        }
        _ => take_effect(state, cx, held, effects),
    }
}

fn take_effect(state: &mut State, cx: &Context, held: Held, effects: &mut Effects) {
    effects.push(Effect::TookEffect(held.event.clone()));
    aggregates::apply(state, cx, &held.event, effects);
}

/// Whether a fault lets the event take effect at once that has to wait.
fn lets_through(event: &Event) -> bool {
    let bug = match &event.body {
        Body::Member(MemberEvent::Affiliated { .. }) => Planted::AffiliatedByGainer,
        Body::ReportIn(ReportInEvent::Filed { .. }) => Planted::FiledByReceiver,
        Body::Member(MemberEvent::ErasureRequested { person })
            if event.actor != *person || event.assurance == Assurance::StaffProxy =>
        {
            Planted::ErasedAtOnce
        }
        Body::Role(RoleEvent::Revoked { .. }) => Planted::LaidDownAtOnce,
        Body::Session(SessionEvent::Closed { .. }) => Planted::SessionClosedAtOnce,
        Body::Hours(HoursEvent::Corrected { .. }) => Planted::CorrectedByOne,
        Body::List(ListEvent::Published { .. }) => Planted::PublishedByOne,
        Body::List(ListEvent::MemberExempted { .. }) => Planted::ExemptedByOne,
        Body::Credit(CreditEvent::Transferred { from: Account::Fund(_), .. }) => Planted::PaidByOne,
        _ => return false,
    };
    planted::has(bug)
}

#[cfg(test)]
mod tests;
