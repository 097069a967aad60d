//! Roles: who holds which, where, and by which keys.

use super::concern::{Concern, Reach};
use super::ids::{KeyId, PersonId};
use super::rejection::{Code, Rejection, ensure};
use super::state::State;
use super::vocabulary::{Role, Scope};
use hourbook_derive::Aggregate;

/// What can be asserted of the roles of a person.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize, Aggregate)]
#[aggregate(stream(Person, person))]
#[allow(missing_docs)] // fields are named after their types
pub enum RoleEvent {
    /// A person gains a role, exercised by these keys and no others. Granted again, it gains the keys that are new.
    #[event(1, by(founder, steward))]
    #[safe = "Nobody gives more than they hold, or anything to themselves; the keys named are compared with the holder's. On a ledger's first day all keys are by a founder's code, so a role may name such a key; what it does waits or takes another hand. Undone by revoking."]
    Granted {
        person: PersonId,
        role: Role,
        scope: Scope,
        #[field(max = MAX_KEYS)]
        keys: Vec<KeyId>,
    },
    /// A person loses a role.
    #[event(2, by(SubjectInPerson, founder, steward))]
    #[safe = "By who could grant it, undone by granting it again; or laid down by its holder, after the term by a code. A founder's alone is not granted again: the other founder ends it after the term, and nobody the last."]
    Revoked { person: PersonId, role: Role, scope: Scope },
}

/// A role that a person holds.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, serde::Serialize, serde::Deserialize)]
pub struct Office {
    /// The role.
    pub role: Role,
    /// Where it holds.
    pub scope: Scope,
    /// The keys by which it is exercised, in the order in which they were named.
    pub keys: Vec<KeyId>,
    /// Who granted it first.
    pub by: PersonId,
}

/// Most keys that one grant of a role names.
pub const MAX_KEYS: usize = 16;

/// Whom and what each concerns.
pub(super) fn concern(body: &RoleEvent) -> Concern {
    match body {
        RoleEvent::Granted { scope, .. } => Concern::nobody(Reach::scope(*scope)),
        RoleEvent::Revoked { person, scope, .. } => Concern::of(*person, Reach::scope(*scope)),
    }
}

pub(super) fn decide(state: &State, body: &RoleEvent) -> Result<(), Rejection> {
    match body {
        RoleEvent::Granted { person, role, scope, keys } => {
            ensure(*role != Role::Founder, Code::BeyondOwnRole)?;
            ensure(keys.len() <= MAX_KEYS, Code::OutOfRange)?;
            let held = state.people.office(*person, *role, *scope);
            let adds = held.is_none_or(|held| keys.iter().any(|key| !held.keys.contains(key)));
            ensure(adds, Code::AlreadyExists)?;
            if let Scope::Org(org) = scope {
                ensure(state.orgs.contains(*org), Code::UnknownOrg)?;
            }
            ensure(state.people.is_known(state, *person), Code::UnknownPerson)?;
            let own = |id: &KeyId| {
                state.keys.get(*id).is_some_and(|key| key.person == *person && key.until.is_none())
            };
            ensure(keys.iter().all(own), Code::UnknownKey)
        }
        RoleEvent::Revoked { person, role, scope } => {
            ensure(state.people.office(*person, *role, *scope).is_some(), Code::UnknownRole)?;
            if *role == Role::Founder && !has_another_founder(state, *person) {
                return Err(Code::BeyondOwnRole.because("a ledger keeps a founder"));
            }
            Ok(())
        }
    }
}

pub(super) fn evolve(state: &mut State, actor: PersonId, body: &RoleEvent) {
    match body {
        RoleEvent::Granted { person, role, scope, keys } => {
            let office = Office { role: *role, scope: *scope, keys: keys.clone(), by: actor };
            state.people.grant(*person, office);
        }
        RoleEvent::Revoked { person, role, scope } => {
            state.people.revoke(*person, *role, *scope);
        }
    }
}

/// Nobody is made a founder later, so the last one stays.
fn has_another_founder(state: &State, person: PersonId) -> bool {
    let founders = state.founded.iter().flat_map(|founded| &founded.founding.founders).map(|key| key.person);
    let mut others = founders.filter(|founder| *founder != person);
    others.any(|other| state.people.exercises(&state.keys, other, Role::Founder, Scope::Ledger))
}
