//! Whose hand a key is: who stands behind it, and when two keys are two people.

use super::context::{Context, Header};
use super::ids::{KeyId, PersonId};
use super::key::Keys;
use super::planted::{self, Planted};
use super::rejection::{Code, Reason, Verdict, ensure};

/// Whether the signer is another hand than a person, by whatever key of theirs in force.
pub(super) fn is_other_hand(keys: &Keys, signer: KeyId, person: PersonId) -> bool {
    let Some(second) = keys.get(signer).map(|key| key.person) else { return false };
    let mut theirs = keys.of(person).filter(|(_, key)| key.until.is_none());
    planted::has(Planted::FourEyesByName)
        || !owes(keys, signer, person) && !theirs.any(|(key, _)| owes(keys, key, second))
}

/// Whether a key, or one that it stems from, came by a code of a person, or by one of whoever has a key by theirs.
pub(super) fn owes(keys: &Keys, id: KeyId, to: PersonId) -> bool {
    keys.behind(id, None).contains(&to)
}

/// Who stands behind what a role asserts: the actor, who is acted for, and whose hand the key is still taken for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Behind([PersonId; 3]);

impl Behind {
    pub(super) fn of(keys: &Keys, cx: &Context, header: &Header) -> Self {
        let lender = keys.lent_by(cx.signer, cx.recorded_at);
        let lender = lender.filter(|_| !planted::has(Planted::FourEyesByName));
        Self([header.actor, header.on_behalf(), lender.unwrap_or(header.actor)])
    }

    pub(super) fn has(&self, person: PersonId) -> bool {
        self.0.contains(&person)
    }

    /// Whether the person acts or is acted for, and not only lends a key.
    fn is_in_person(&self, person: PersonId) -> bool {
        self.0[..2].contains(&person)
    }

    /// Refuses what whoever it concerns would do themselves.
    pub(super) fn check_concerns_another(&self, person: PersonId) -> Verdict {
        ensure(!self.is_in_person(person), (Code::FourEyes, Reason::ConcernsYou))?;
        ensure(!self.has(person), (Code::FourEyes, Reason::InTheirHand))
    }

    /// Refuses a second look by whoever did it first, or by a hand of theirs.
    pub(super) fn check_second(&self, keys: &Keys, signer: KeyId, first: PersonId) -> Verdict {
        ensure(!self.is_in_person(first), (Code::FourEyes, Reason::FirstWasYou))?;
        let another = !self.has(first) && is_other_hand(keys, signer, first);
        ensure(another, (Code::FourEyes, Reason::SameHand))
    }
}
