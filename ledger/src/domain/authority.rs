//! Who may assert what: the one table, and how an actor is known to be who the event says.
//!
//! Each kind of event says it where it is declared; the table in ledger/RULES.md is made of that by [`markdown`].

use super::aggregates::concern;
use super::concern::{Concern, Reach};
use super::event::{
    ActEvent, Assurance, Body, BodyKind, Event, KeyEvent, LedgerEvent, MemberEvent, ReportInEvent, Role,
    RoleEvent, Scope, SessionEvent,
};
use super::facts::By;
use super::hands::Behind;
use super::ids::{EventId, KeyId};
use super::planted::{self, Planted};
use super::reach::{acts_in, is_of_the_ledger, reaches, serves, sides};
pub use super::reach::{exercises, holds, readmits};
use super::rejection::{Code, Verdict, ensure};
use super::state::{Context, State};

/// The table as Markdown: a line an event, a column for whom it concerns, one for each role that asserts any, and the
/// argument for the row.
#[must_use]
pub fn markdown() -> String {
    let assert = |role: &&Role| BodyKind::all().any(|kind| kind.by().contains(&By::Role(**role)));
    let roles = Role::ALL.iter().filter(assert);
    let roles: Vec<Role> = roles.copied().collect();
    let mut text = String::from("| event | without a role |");
    roles.iter().for_each(|role| text.push_str(&format!(" {} |", role.name())));
    text.push_str(&format!(" why it is safe |\n|---|---|{}---|\n", ":-:|".repeat(roles.len())));
    for kind in BodyKind::all() {
        let ways = kind.by();
        let plain: Vec<_> =
            ways.iter().filter(|way| !matches!(way, By::Role(_))).map(|way| way.name()).collect();
        text.push_str(&format!("| `{}` | {} |", kind.name(), plain.join("; ")));
        let mark = |role: &Role| if ways.contains(&By::Role(*role)) { " ● |" } else { " |" };
        roles.iter().for_each(|role| text.push_str(mark(role)));
        text.push_str(&format!(" {} |\n", kind.argument()));
    }
    text
}

/// Whether the event's actor, as its signer and assurance show, may assert it.
pub(super) fn authorise(state: &State, cx: &Context, event: &Event) -> Verdict {
    let ways = event.body.kind().by();
    if ways == [By::Genesis] {
        return authorise_beginning(cx, event);
    }
    ensure(state.founded.is_some(), Code::FoundingState)?;
    check_assurance(state, cx, event)?;
    let today = state.today(cx);
    let concern = concern(state, event, today);
    let allowed = ways.iter().any(|way| is_allowed(state, cx, event, &concern, *way))
        || planted::has(Planted::KeyByStaff) && enrols_for_another(state, cx, event);
    ensure(allowed && is_on_a_side(state, cx, event), Code::NotAuthorised)
}

/// What [`Planted::KeyByStaff`] lets through.
fn enrols_for_another(state: &State, cx: &Context, event: &Event) -> bool {
    let Body::Key(KeyEvent::Enrolled { person, .. }) = &event.body else { return false };
    let home = state.people.residence(*person, state.today(cx)).map(|home| Reach::Orgs(vec![home]));
    home.is_some_and(|home| acts_in(state, cx, event, Role::Worker, &home))
}

/// Whoever ties a person to an organisation stands on one of the two sides.
fn is_on_a_side(state: &State, cx: &Context, event: &Event) -> bool {
    let (Body::Member(MemberEvent::Affiliated { person, org, .. })
    | Body::ReportIn(ReportInEvent::Filed { person, community: org })) = &event.body
    else {
        return true;
    };
    let sides = sides(state, cx, event, *person, *org);
    sides.gaining || sides.giving.is_some()
}

fn authorise_beginning(cx: &Context, event: &Event) -> Verdict {
    let Body::Ledger(LedgerEvent::Founded(founding)) = &event.body else {
        return Err(Code::NotAuthorised.into());
    };
    let first = &founding.founders[0];
    let self_signed = cx.signer == KeyId::of(&first.key) && event.actor == first.person;
    let alone = event.assurance == Assurance::DeviceKey && event.acting_for.is_none();
    ensure(self_signed && alone, Code::NotAuthorised)
}

/// The signer's key must be the one that the assurance promises.
fn check_assurance(state: &State, cx: &Context, event: &Event) -> Verdict {
    let signer = state.keys.get(cx.signer).ok_or(Code::KeyUnknown)?.person;
    // Keys, sessions and roles of someone erased are over, whatever the tables still say.
    let erased = state.people.is_erased(event.actor) && !planted::has(Planted::ErasedSigns);
    ensure(!erased, Code::NotAuthorised)?;
    let helps = |person| state.people.helps(event.actor, person);
    ensure(event.helped().is_none_or(helps), Code::NotAuthorised)?;
    let holds = match event.assurance {
        Assurance::DeviceKey => signer == event.actor && event.grant.is_none(),
        Assurance::StaffProxy => {
            let own = signer == event.actor && event.acting_for.is_some_and(|p| p != event.actor);
            own && event.grant.is_none()
        }
        Assurance::ServerWitnessed => {
            let by_ledger = Some(signer) == state.ledger_person();
            let open = |grant| state.sessions.is_open(grant, event.actor, cx.recorded_at);
            by_ledger && event.grant.is_some_and(open)
        }
    };
    ensure(holds, Code::NotAuthorised)
}

fn is_allowed(state: &State, cx: &Context, event: &Event, concern: &Concern, way: By) -> bool {
    let witnessed = event.assurance == Assurance::ServerWitnessed;
    let proxy = event.assurance == Assurance::StaffProxy;
    let as_subject = way == By::Subject && planted::has(Planted::HelperBySubject);
    if event.helped().is_some() && way != By::Helper && !as_subject {
        return false;
    }
    match way {
        By::Helper => is_of_helper(event, concern),
        By::Genesis => false,
        By::Ledger => Some(event.actor) == state.ledger_person() && !witnessed && !proxy,
        By::Subject => concern.subject == Some(event.on_behalf()) && (!proxy || serves(state, cx, event)),
        By::SubjectInPerson => concern.subject == Some(event.actor) && !proxy,
        By::OldKey => {
            let own = concern.subject == Some(event.actor) && !proxy && !witnessed;
            own && matches!(&event.body, Body::Key(KeyEvent::Rotated { old, .. }) if *old == cx.signer)
        }
        By::Colleague => event.assurance == Assurance::DeviceKey && is_readmission(state, cx, event),
        By::Awaited => act_of(event).is_some_and(|act| super::act::may_approve(state, cx, event, act)),
        By::Stopper => act_of(event).is_some_and(|act| super::act::may_stop(state, cx, event, act)),
        By::Role(role) => acts_in(state, cx, event, role, &concern.reach),
    }
}

/// Whether a helper acts for whom the event concerns, and ends no other helper.
fn is_of_helper(event: &Event, concern: &Concern) -> bool {
    let own = match &event.body {
        Body::Member(MemberEvent::HelperEnded { helper, .. }) => *helper == event.actor,
        _ => true,
    };
    event.helped().is_some() && concern.subject == event.helped() && own
}

/// Whether a colleague names a new key of somebody who holds the same office.
fn is_readmission(state: &State, cx: &Context, event: &Event) -> bool {
    let Body::Role(RoleEvent::Granted { person, role, scope, keys }) = &event.body else { return false };
    let by = (cx.signer, cx.recorded_at);
    !keys.is_empty() && keys.iter().all(|key| readmits(state, by, (*person, *role, *scope), *key))
}

fn act_of(event: &Event) -> Option<EventId> {
    match event.body {
        Body::Act(ActEvent::Approved { act }) | Body::Act(ActEvent::Stopped { act }) => Some(act),
        _ => None,
    }
}

/// Roles are handed out by whoever could take them away, and to others; a colleague names a new key of whoever holds one; codes and keys of the ledger and its founders are theirs alone. A
/// code gives no role that its giver could not grant, see [`super::session::Sessions::carries`], and a key none at all.
pub(super) fn check_delegation(state: &State, cx: &Context, event: &Event) -> Verdict {
    let founder = reaches(state, cx, event.actor, Role::Founder, &Reach::Ledger);
    let gives = |role: Role, scope: Scope| {
        let steward = || reaches(state, cx, event.actor, Role::Steward, &Reach::scope(scope));
        founder || (role != Role::Founder && steward())
    };
    let within = match &event.body {
        Body::Role(RoleEvent::Granted { person, role, scope, .. }) => {
            let oneself = Behind::of(&state.keys, cx, &event.header()).has(*person)
                && !planted::has(Planted::GrantedToOneself);
            !oneself && (gives(*role, *scope) || is_readmission(state, cx, event))
        }
        Body::Role(RoleEvent::Revoked { person, role, scope }) => {
            *person == event.actor || gives(*role, *scope)
        }
        // Whoever registered a founder in a community of theirs would act for that founder.
        Body::Session(SessionEvent::Granted { person, .. })
        | Body::Member(MemberEvent::Registered { person, .. }) => {
            founder || !is_of_the_ledger(state, *person)
        }
        Body::Key(KeyEvent::Revoked { person, .. }) if *person != event.actor => {
            let roles = state.people.roles(*person);
            founder
                || (!is_of_the_ledger(state, *person)
                    && roles.iter().all(|office| gives(office.role, office.scope)))
        }
        _ => true,
    };
    ensure(within, Code::BeyondOwnRole)
}

#[cfg(test)]
mod tests;
