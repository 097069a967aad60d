//! How far a role reaches, whose hand an event shows, and on which side of it somebody stands.

use super::act::held::Held;
use super::aggregates::concern;
use super::concern::Reach;
use super::event::{
    Assurance, Body, CreditEvent, Event, HoursEvent, ListEvent, MemberEvent, Role, Scope, WishEvent,
};
use super::facts::By;
use super::hands::{is_other_hand, owes};
use super::ids::{KeyId, OrgId, PersonId};
use super::person::Office;
use super::planted::{self, Planted};
use super::state::{Context, State};
use super::time::{Date, Millis};
use smallvec::SmallVec;

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
pub(super) fn acts_in(state: &State, cx: &Context, event: &Event, role: Role, reach: &Reach) -> bool {
    let for_oneself = event.assurance == Assurance::DeviceKey && event.acting_for.is_none();
    for_oneself && reaches(state, cx, event.actor, role, reach)
}

pub(super) fn reaches(state: &State, cx: &Context, person: PersonId, role: Role, reach: &Reach) -> bool {
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
    let mut offices = state.people.roles(person).iter().filter(|office| office.role == role);
    offices.any(|office| state.orgs.covers(office.scope, org, date))
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

/// Whether a key may be named for the holder of an office whose browser was wiped, by a colleague's key at a moment: that one
/// exercises the very same office, and the holder has an older key for it that has not ended. Neither has a key by the other's
/// code, and nobody stands behind both who could not grant the office: whoever handed out the codes by which the keys came
/// could hold both, and would be two of the four eyes.
#[must_use]
pub fn readmits(
    state: &State,
    (signer, at): (KeyId, Millis),
    (person, role, scope): (PersonId, Role, Scope),
    key: KeyId,
) -> bool {
    let (keys, people) = (&state.keys, &state.people);
    let Some(colleague) = keys.get(signer).map(|key| key.person) else { return false };
    let exercises = people.office(colleague, role, scope).is_some_and(|office| office.keys.contains(&signer));
    let alike = colleague != person && role != Role::Founder && exercises;
    if !alike || !keys.exercises(people, person, role, scope) || !is_other_hand(keys, signer, person) {
        return false;
    }
    let behind = keys.behind(signer, None);
    let behind_both = keys.behind(key, None).into_iter().filter(|issuer| behind.contains(issuer));
    let today = at.date(state.offset());
    keys.lent_by(signer, at).is_none()
        && behind_both.into_iter().all(|issuer| grants(state, issuer, scope, today))
}

/// Whether somebody could grant roles over a scope.
fn grants(state: &State, person: PersonId, scope: Scope, date: Date) -> bool {
    state.people.roles(person).iter().any(|office| match (office.role, scope) {
        (Role::Founder, _) => true,
        (Role::Steward, Scope::Org(org)) => state.orgs.covers(office.scope, org, date),
        (Role::Steward, Scope::Ledger) => office.scope == Scope::Ledger,
        _ => false,
    })
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
