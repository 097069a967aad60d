//! Roles: who holds which, where, and by which keys.

use super::concern::{Concern, Reach};
use super::ids::{KeyId, PersonId};
use super::person::{MAX_KEYS, Office, People};
use super::register::Register;
use super::rejection::{Code, Verdict, ensure};
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

/// Whom and what each concerns.
pub(super) fn concern(body: &RoleEvent) -> Concern {
    match body {
        RoleEvent::Granted { scope, .. } => Concern::nobody(Reach::scope(*scope)),
        RoleEvent::Revoked { person, scope, .. } => Concern::of(*person, Reach::scope(*scope)),
    }
}

pub(super) fn decide(facts: &Register<'_>, body: &RoleEvent) -> Verdict {
    match body {
        RoleEvent::Granted { person, role, scope, keys } => {
            ensure(*role != Role::Founder, Code::BeyondOwnRole)?;
            ensure(keys.len() <= MAX_KEYS, Code::OutOfRange)?;
            let held = facts.people.office(*person, *role, *scope);
            let adds = held.is_none_or(|held| keys.iter().any(|key| !held.keys.contains(key)));
            ensure(adds, Code::AlreadyExists)?;
            if let Scope::Org(org) = scope {
                ensure(facts.orgs.contains(*org), Code::UnknownOrg)?;
            }
            ensure(facts.knows(*person), Code::UnknownPerson)?;
            let own = |id: &KeyId| {
                facts.keys.get(*id).is_some_and(|key| key.person == *person && key.until.is_none())
            };
            ensure(keys.iter().all(own), Code::UnknownKey)
        }
        RoleEvent::Revoked { person, role, scope } => {
            ensure(facts.people.office(*person, *role, *scope).is_some(), Code::UnknownRole)?;
            if *role == Role::Founder && !has_another_founder(facts, *person) {
                return Err(Code::BeyondOwnRole.because("a ledger keeps a founder"));
            }
            Ok(())
        }
    }
}

pub(super) fn evolve(people: &mut People, actor: PersonId, body: &RoleEvent) {
    match body {
        RoleEvent::Granted { person, role, scope, keys } => {
            let office = Office { role: *role, scope: *scope, keys: keys.clone(), by: actor };
            people.grant(*person, office);
        }
        RoleEvent::Revoked { person, role, scope } => {
            people.revoke(*person, *role, *scope);
        }
    }
}

/// Nobody is made a founder later, so the last one stays.
fn has_another_founder(facts: &Register<'_>, person: PersonId) -> bool {
    let founders = facts.founded.iter().flat_map(|founded| &founded.founding.founders).map(|key| key.person);
    let mut others = founders.filter(|founder| *founder != person);
    others.any(|other| facts.keys.exercises(facts.people, other, Role::Founder, Scope::Ledger))
}
