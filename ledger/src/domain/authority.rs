//! Who may assert what: the one table, and how an actor is known to be who the event says.
//!
//! Each kind of event says it where it is declared; the table in ledger/RULES.md is made of that by [`markdown`].

use super::act::Held;
use super::concern::{Concern, Reach};
use super::event::{
    ActEvent, Assurance, Body, BodyKind, CreditEvent, Event, HoursEvent, KeyEvent, LedgerEvent, ListEvent,
    MemberEvent, PolicyEvent, ReportInEvent, Role, RoleEvent, Scope, SessionEvent, WishEvent,
};
use super::facts::By;
use super::hands::{Behind, owes};
use super::ids::{EventId, KeyId, OrgId, PersonId};
use super::person::Office;
use super::planted::{self, Planted};
use super::rejection::{Code, Rejection, ensure};
use super::state::{Context, State};
use super::time::Date;
use super::{activity, credit, hours, key, list, org, person, report_in, role, session, wish};
use smallvec::SmallVec;

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
pub(super) fn authorise(state: &State, cx: &Context, event: &Event) -> Result<(), Rejection> {
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

fn authorise_beginning(cx: &Context, event: &Event) -> Result<(), Rejection> {
    let Body::Ledger(LedgerEvent::Founded(founding)) = &event.body else {
        return Err(Code::NotAuthorised.into());
    };
    let first = &founding.founders[0];
    let self_signed = cx.signer == KeyId::of(&first.key) && event.actor == first.person;
    ensure(
        self_signed && event.assurance == Assurance::DeviceKey && event.acting_for.is_none(),
        Code::NotAuthorised,
    )
}

/// The signer's key must be the one that the assurance promises.
fn check_assurance(state: &State, cx: &Context, event: &Event) -> Result<(), Rejection> {
    let signer = state.keys.get(cx.signer).ok_or(Code::KeyUnknown)?.person;
    // Keys, sessions and roles of someone erased are over, whatever the tables still say.
    let erased = state.people.is_erased(event.actor) && !planted::has(Planted::ErasedSigns);
    ensure(!erased, Code::NotAuthorised)?;
    let holds = match event.assurance {
        Assurance::DeviceKey => signer == event.actor && event.acting_for.is_none() && event.grant.is_none(),
        Assurance::StaffProxy => {
            let own = signer == event.actor && event.acting_for.is_some_and(|p| p != event.actor);
            own && event.grant.is_none()
        }
        Assurance::ServerWitnessed => {
            let by_ledger = Some(signer) == state.ledger_person() && event.acting_for.is_none();
            let open = |grant| state.sessions.is_open(grant, event.actor, cx.recorded_at);
            by_ledger && event.grant.is_some_and(open)
        }
    };
    ensure(holds, Code::NotAuthorised)
}

fn is_allowed(state: &State, cx: &Context, event: &Event, concern: &Concern, way: By) -> bool {
    let witnessed = event.assurance == Assurance::ServerWitnessed;
    let proxy = event.assurance == Assurance::StaffProxy;
    match way {
        By::Genesis => false,
        By::Ledger => Some(event.actor) == state.ledger_person() && !witnessed && !proxy,
        By::Subject => concern.subject == Some(event.on_behalf()) && (!proxy || serves(state, cx, event)),
        By::SubjectInPerson => concern.subject == Some(event.actor) && !proxy,
        By::OldKey => {
            let own = concern.subject == Some(event.actor) && !proxy && !witnessed;
            own && matches!(&event.body, Body::Key(KeyEvent::Rotated { old, .. }) if *old == cx.signer)
        }
        By::Awaited => act_of(event).is_some_and(|act| super::act::may_approve(state, cx, event, act)),
        By::Stopper => act_of(event).is_some_and(|act| super::act::may_stop(state, cx, event, act)),
        By::Role(role) => acts_in(state, cx, event, role, &concern.reach),
    }
}

fn act_of(event: &Event) -> Option<EventId> {
    match event.body {
        Body::Act(ActEvent::Approved { act }) | Body::Act(ActEvent::Stopped { act }) => Some(act),
        _ => None,
    }
}

/// Whether the actor is staff of the home of the person acted for.
pub(super) fn serves(state: &State, cx: &Context, event: &Event) -> bool {
    let today = state.today(cx);
    let Some(home) = state.people.residence(event.on_behalf(), today) else { return false };
    let reach = if planted::has(Planted::ProxyOfAnyAffiliation) {
        Reach::AnyOf(state.people.homes(event.on_behalf(), today).to_vec())
    } else {
        Reach::Orgs(vec![home])
    };
    [Role::Worker, Role::Steward].into_iter().any(|role| reaches(state, cx, event.actor, role, &reach))
}

/// Whether the actor asserts the event in a role, by a key that the role was granted to.
fn acts_in(state: &State, cx: &Context, event: &Event, role: Role, reach: &Reach) -> bool {
    event.assurance == Assurance::DeviceKey && reaches(state, cx, event.actor, role, reach)
}

fn reaches(state: &State, cx: &Context, person: PersonId, role: Role, reach: &Reach) -> bool {
    let any_key = planted::has(Planted::RoleByAnyKey);
    let by_this_key = |office: &&Office| office.role == role && (any_key || office.keys.contains(&cx.signer));
    let offices: SmallVec<[Scope; 4]> =
        state.people.roles(person).iter().filter(by_this_key).map(|office| office.scope).collect();
    within(state, &offices, reach, state.today(cx))
}

fn within(state: &State, scopes: &[Scope], reach: &Reach, date: Date) -> bool {
    let covered = |org: &OrgId| scopes.iter().any(|scope| state.orgs.covers(*scope, *org, date));
    match reach {
        Reach::Nothing => !scopes.is_empty(),
        Reach::Person => false,
        Reach::Ledger => scopes.contains(&Scope::Ledger),
        Reach::Orgs(orgs) => orgs.iter().all(covered),
        Reach::AnyOf(orgs) => orgs.iter().any(covered),
    }
}

/// Whether a person holds a role, by whatever key, whose scope covers an organisation on a date.
#[must_use]
pub fn holds(state: &State, person: PersonId, role: Role, org: OrgId, date: Date) -> bool {
    let offices = state.people.roles(person).iter().filter(|office| office.role == role);
    let scopes: SmallVec<[Scope; 4]> = offices.map(|office| office.scope).collect();
    within(state, &scopes, &Reach::Orgs(vec![org]), date)
}

/// Whether a person exercises a role by this very key, and its scope covers an organisation on a date.
#[must_use]
pub fn exercises(
    state: &State,
    (person, key): (PersonId, KeyId),
    role: Role,
    org: OrgId,
    date: Date,
) -> bool {
    let offices = state.people.roles(person).iter();
    let mut by_key = offices.filter(|office| office.role == role && office.keys.contains(&key));
    by_key.any(|office| state.orgs.covers(office.scope, org, date))
}

/// Whose hand an event shows, for the person whom it concerns.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Hand {
    /// The person's own.
    Own,
    /// That of whoever handed out the code: it could have been typed in by its issuer.
    Issuer(PersonId),
    /// Staff's.
    Staff,
}

/// See [`Hand`]. A key that came by a code is the issuer's hand until the term is over in which the person would have seen it.
pub(super) fn hand(state: &State, cx: &Context, event: &Event, person: PersonId) -> Hand {
    let issuer = match event.assurance {
        _ if event.actor != person => return Hand::Staff,
        Assurance::StaffProxy => return Hand::Staff,
        Assurance::ServerWitnessed => {
            let by = event.grant.and_then(|grant| state.sessions.get(grant)).map(|grant| grant.by);
            // Whoever brought the ledger a key is the witness as long as that key is taken for theirs.
            by.filter(|by| *by != person).or_else(|| state.keys.lent_by(cx.signer, cx.recorded_at))
        }
        Assurance::DeviceKey => state.keys.lent_by(cx.signer, cx.recorded_at),
    };
    let taken_for_own = match event.assurance {
        Assurance::ServerWitnessed => planted::has(Planted::CodeIsOwnHand),
        Assurance::DeviceKey | Assurance::StaffProxy => planted::has(Planted::LentKeyIsOwn),
    };
    issuer.filter(|issuer| *issuer != person && !taken_for_own).map_or(Hand::Own, Hand::Issuer)
}

/// Position since which the session that asserts an event is good, or the key or one that it stems from: a new phone in
/// the place of the old one is as good as that was.
pub(super) fn good_since(state: &State, cx: &Context, event: &Event) -> u64 {
    let session = event.grant.and_then(|grant| state.sessions.get(grant)).and_then(|grant| grant.opened);
    session.or_else(|| state.keys.line(cx.signer).map(|key| key.from).last()).unwrap_or(cx.position)
}

/// On which sides an actor stands who would tie a person to an organisation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Sides {
    /// For the organisation, which gains rights; nobody stands there for themselves.
    pub(super) gaining: bool,
    /// For the person: in person, or as staff of the person's home.
    pub(super) giving: Option<Hand>,
}

/// Who speaks for an organisation that somebody is to belong to.
const SPEAKERS: [Role; 4] = [Role::Steward, Role::Worker, Role::UnitOfficer, Role::Secretary];

pub(super) fn sides(state: &State, cx: &Context, event: &Event, person: PersonId, org: OrgId) -> Sides {
    let there = Reach::Orgs(vec![org]);
    let speaks = SPEAKERS.iter().any(|role| acts_in(state, cx, event, *role, &there));
    let home = state.people.residence(person, state.today(cx)).map(|home| Reach::Orgs(vec![home]));
    let staff = |home: &Reach| {
        [Role::Steward, Role::Worker].into_iter().any(|role| acts_in(state, cx, event, role, home))
    };
    let proxy = event.acting_for == Some(person) && serves(state, cx, event);
    let giving = match hand(state, cx, event, person) {
        Hand::Staff => (proxy || home.as_ref().is_some_and(staff)).then_some(Hand::Staff),
        own => Some(own),
    };
    Sides { gaining: speaks && event.actor != person, giving }
}

/// Whether a person speaks for an organisation, by whatever key.
pub(super) fn stands_for(state: &State, cx: &Context, person: PersonId, org: OrgId) -> bool {
    SPEAKERS.iter().any(|role| holds(state, person, *role, org, state.today(cx)))
}

/// Whether somebody is staff of a person's home, by whatever key.
pub(super) fn is_staff_of_home(state: &State, cx: &Context, staff: PersonId, person: PersonId) -> bool {
    let today = state.today(cx);
    let home = state.people.residence(person, today);
    home.is_some_and(|home| {
        [Role::Steward, Role::Worker].into_iter().any(|role| holds(state, staff, role, home, today))
    })
}

/// Whether the actor of `event` could have asserted `act` in a role, or is a steward, or staff of the home, over what it
/// concerns.
pub(super) fn could_assert(state: &State, cx: &Context, event: &Event, act: &Event) -> bool {
    let concern = concern(state, act, state.today(cx));
    let ways = act.body.kind().by();
    let roles = ways.iter().filter_map(|way| match way {
        By::Role(role) => Some(*role),
        By::Subject => Some(Role::Worker),
        _ => None,
    });
    roles.chain([Role::Steward]).any(|role| acts_in(state, cx, event, role, &concern.reach))
}

/// Whether neither the signer nor whoever asserted the act has a key by a code of the other, who could have typed it in and
/// so be both.
pub(super) fn are_two(state: &State, signer: KeyId, held: &Held) -> bool {
    let Some(second) = state.keys.get(signer).map(|key| key.person) else { return false };
    planted::has(Planted::SecondByCodeOfFirst)
        || !held.owed_to.contains(&second) && !owes(&state.keys, signer, held.event.actor)
}

/// Whether both keys are taken for one hand, that of whoever is behind the codes by which they came.
pub(super) fn is_one_issuers(state: &State, cx: &Context, held: &Held) -> bool {
    let second = state.keys.behind(cx.signer, Some(cx.recorded_at));
    second.iter().any(|person| held.lent_by.contains(person)) && !planted::has(Planted::TwoByOneIssuer)
}

/// Whom an event concerns who may have a say in it or has to be told.
pub(super) fn subject(state: &State, event: &Event) -> Option<PersonId> {
    match &event.body {
        Body::Member(MemberEvent::Affiliated { person, .. })
        | Body::List(ListEvent::MemberExempted { person, .. }) => Some(*person),
        Body::Hours(HoursEvent::Corrected { recorded, row, .. }) => {
            state.hours.row(*recorded, *row).map(|row| row.person)
        }
        Body::Wish(WishEvent::Claimed { .. }) => Some(event.on_behalf()),
        Body::Credit(CreditEvent::Settled { hold, .. }) => state.credit.holder(*hold),
        _ => concern(state, event, Date::default()).subject,
    }
}

pub(super) fn is_of_the_ledger(state: &State, person: PersonId) -> bool {
    state.people.is_of_the_ledger(state.founded.as_ref(), person)
}

/// Roles are handed out by whoever could take them away, and to others; codes and keys of the ledger and its founders are theirs alone. A
/// code gives no role that its giver could not grant, see [`super::session::Sessions::carries`], and a key none at all.
pub(super) fn check_delegation(state: &State, cx: &Context, event: &Event) -> Result<(), Rejection> {
    let founder = reaches(state, cx, event.actor, Role::Founder, &Reach::Ledger);
    let gives = |role: Role, scope: Scope| {
        let steward = || reaches(state, cx, event.actor, Role::Steward, &Reach::scope(scope));
        founder || (role != Role::Founder && steward())
    };
    let within = match &event.body {
        Body::Role(RoleEvent::Granted { person, role, scope, .. }) => {
            let oneself = Behind::of(&state.keys, cx, &event.header()).has(*person)
                && !planted::has(Planted::GrantedToOneself);
            !oneself && gives(*role, *scope)
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

fn concern(state: &State, event: &Event, today: Date) -> Concern {
    let founded = state.founded.as_ref();
    match &event.body {
        Body::Access(_) => Concern::of_the_ledger(),
        Body::Act(_) => Concern::nobody(Reach::Nothing),
        Body::Activity(body) => activity::concern(&state.activities, body),
        Body::Credit(body) => credit::concern(&state.credit, event.actor, body),
        Body::Hours(body) => hours::concern(&state.hours, body),
        Body::Key(body) => key::concern(&state.people, founded, today, body),
        Body::Ledger(_) => Concern::of_the_ledger(),
        Body::List(body) => list::concern(body),
        Body::Member(body) => person::concern(&state.people, founded, today, body),
        Body::Organisation(body) => org::concern(&state.orgs, today, body),
        Body::Policy(PolicyEvent::Adopted { scope, .. }) => Concern::nobody(Reach::scope(*scope)),
        Body::ReportIn(body) => report_in::concern(&state.people, today, body),
        Body::Role(body) => role::concern(body),
        Body::Session(body) => session::concern(&state.people, founded, today, body),
        Body::Wish(body) => wish::concern(&state.wishes, &event.header(), body),
    }
}

#[cfg(test)]
mod tests;
