//! Roles: who holds which, where, and by which keys.

use super::concern::{Concern, Reach};
use super::ids::{KeyId, PersonId};
use super::person::{MAX_KEYS, Office, People};
use super::register::Register;
use super::rejection::{Code, Verdict, ensure, fits};
use super::vocabulary::{Role, Scope};
use hourbook_derive::Aggregate;

/// What can be asserted of the roles of a person.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize, Aggregate)]
#[aggregate(stream(Person, person))]
#[allow(missing_docs)] // fields are named after their types
pub enum RoleEvent {
    /// A person gains a role, exercised by these keys and no others. Granted again, it gains the keys that are new.
    #[event(1, by(Colleague, founder, steward))]
    #[safe = "Nobody gives more than they hold, or anything to themselves; the keys named are compared with the holder's. A colleague adds a key to an office that is in force, and nobody stands behind both keys who could not grant it. On a ledger's first day all keys are by a founder's code, so a role may name such a key; what it does waits or takes another hand. Undone by revoking."]
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
            fits(keys.len() <= MAX_KEYS, format_args!("keys: at most {MAX_KEYS}"))?;
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

#[cfg(test)]
mod tests {
    use super::super::event::RevocationReason;
    use super::super::ids::PublicKey;
    use super::super::testing::*;
    use super::*;
    use crate::domain::Body;

    const NEW: PublicKey = PublicKey([42; 32]);

    /// A worker's browser was wiped: by a code of `issuer` there is a new key.
    fn wiped(issuer: PersonId) -> Town {
        let mut town = Town::new();
        town.enrol(issuer, SECOND_WORKER, NEW);
        town
    }

    fn readmission(role: Role, scope: impl Into<Scope>) -> Body {
        Body::appointed(SECOND_WORKER, role, scope, vec![KeyId::of(&NEW)])
    }

    fn again() -> Body {
        readmission(Role::Worker, COMMUNITY)
    }

    #[test]
    fn a_colleague_names_a_new_key_of_who_holds_the_same_office() {
        let mut town = wiped(STEWARD);
        town.must(WORKER, again());
        assert_eq!(code(&mut town, WORKER, again()), Err(Code::AlreadyExists));
        let office = town.state.people.office(SECOND_WORKER, Role::Worker, Scope::Org(COMMUNITY)).unwrap();
        assert_eq!(office.keys, [keys_of(SECOND_WORKER), vec![KeyId::of(&NEW)]].concat());
        town.must(
            STEWARD,
            Body::Role(RoleEvent::Revoked {
                person: SECOND_WORKER,
                role: Role::Worker,
                scope: Scope::Org(COMMUNITY),
            }),
        );
        assert!(code(&mut town, WORKER, again()).is_err(), "an office that was taken comes from above");
    }

    #[test]
    fn no_colleague_names_a_key_that_may_be_their_own_hand() {
        let mut town = wiped(WORKER);
        assert!(code(&mut town, WORKER, again()).is_err(), "the code was the colleague's");
        town.wait_days(8);
        assert!(code(&mut town, WORKER, again()).is_err(), "and stays so");
        town.must(STEWARD, again());
        // The other way about: the colleague's own key came by a code of whom it would readmit.
        let mut town = wiped(STEWARD);
        let other = PublicKey([43; 32]);
        town.enrol(SECOND_WORKER, WORKER, other);
        town.must(STEWARD, Body::appointed(WORKER, Role::Worker, COMMUNITY, vec![KeyId::of(&other)]));
        assert!(town.by_key(&other, WORKER, again()).is_err());
        assert!(code(&mut town, WORKER, again()).is_ok(), "by the older key it is another's hand");
        // And nobody readmits themselves.
        let mut town = wiped(STEWARD);
        assert!(code(&mut town, SECOND_WORKER, again()).is_err());
    }

    #[test]
    fn nobody_makes_one_hand_of_two_colleagues_by_codes_for_both() {
        // Whoever gave both codes could not grant the office, and by a colleague's key would take another seat with each.
        let (first, second) = (PublicKey([43; 32]), NEW);
        let mut town = Town::new();
        let issuer = PersonId([30; 16]);
        town.register(issuer, COMMUNITY);
        town.must(FOUNDER, grants(issuer, Role::Worker, COMMUNITY));
        town.enrol(issuer, WORKER, first);
        town.must(STEWARD, Body::appointed(WORKER, Role::Worker, COMMUNITY, vec![KeyId::of(&first)]));
        town.must(STEWARD, Body::key_revoked(WORKER, keys_of(WORKER)[0], RevocationReason::Lost));
        town.enrol(issuer, SECOND_WORKER, second);
        assert!(town.by_key(&first, WORKER, again()).is_err(), "within the term");
        town.wait_days(8);
        assert!(town.by_key(&first, WORKER, again()).is_err(), "and after it");
    }

    #[test]
    fn an_office_whose_keys_have_ended_comes_from_above() {
        let mut town = wiped(STEWARD);
        let lost = keys_of(SECOND_WORKER)[0];
        town.approved(STEWARD, Body::key_revoked(SECOND_WORKER, lost, RevocationReason::Lost), WORKER);
        assert!(code(&mut town, WORKER, again()).is_err());
        town.must(STEWARD, again());
    }

    #[test]
    fn readmission_gives_nothing_that_was_not_held_and_comes_from_the_very_office() {
        let mut town = wiped(STEWARD);
        for body in [
            readmission(Role::Lead, COMMUNITY),
            readmission(Role::Worker, GRID),
            readmission(Role::Worker, OTHER_COMMUNITY),
            readmission(Role::Steward, COMMUNITY),
            Body::appointed(ANN, Role::Worker, COMMUNITY, keys_of(ANN)),
        ] {
            assert!(code(&mut town, WORKER, body.clone()).is_err(), "{body:?}");
        }
        assert!(code(&mut town, FAR_WORKER, again()).is_err(), "of another community");
        assert!(town.proxy(WORKER, SECOND_WORKER, again()).is_err(), "for nobody else");
        let grant = town.session(STEWARD, WORKER);
        assert!(town.witnessed(WORKER, grant, again()).is_err(), "by a code no role is exercised");
    }
}
