//! Whose hand a key is: by whose codes keys came, when two are two people, and which names another.

use std::collections::BTreeSet;

use hourbook_ledger::domain::event::{Event, Role, Scope};
use hourbook_ledger::domain::ids::{KeyId, PersonId};
use hourbook_ledger::domain::time::Millis;

use super::outcome::{At, behalf};
use super::register::{Key, Register};

impl Register {
    /// Whose code a key came by, while it is taken for that one's hand.
    #[must_use]
    pub fn lender(&self, key: KeyId, at: Millis) -> Option<PersonId> {
        let (giver, until) = self.keys.get(&key)?.lent?;
        // Whoever had an older key would have brought the new one in by that.
        let first = self.line(key).last().map(|key| (key.person, key.from))?;
        let older = |key: &Key| key.person == first.0 && key.until.is_none() && key.from < first.1;
        (at < until || self.keys.values().any(older)).then_some(giver)
    }

    /// Whose hand a key is taken for at a moment, and whose the keys of that one are taken for, and so on.
    pub(super) fn lenders(&self, key: KeyId, at: Millis) -> BTreeSet<PersonId> {
        self.chain(key, |key| self.lender(key, at).into_iter().collect())
    }

    fn chain(&self, key: KeyId, behind: impl Fn(KeyId) -> BTreeSet<PersonId>) -> BTreeSet<PersonId> {
        let mut found = behind(key);
        loop {
            let theirs = self.keys.iter().filter(|(_, key)| found.contains(&key.person));
            let more: BTreeSet<_> = theirs.flat_map(|(id, _)| behind(*id)).collect();
            if more.is_subset(&found) {
                return found;
            }
            found.extend(more);
        }
    }

    /// Whoever stands behind an event: who asserts it, for whom, and whose code the key came by within the term.
    pub(super) fn behind(&self, at: At, event: &Event) -> Vec<PersonId> {
        [event.actor, behalf(event)].into_iter().chain(self.lender(at.signer, at.recorded_at)).collect()
    }

    /// The key and those of the same person that it stems from, back to the first.
    pub(super) fn line(&self, key: KeyId) -> Vec<&Key> {
        let (mut line, mut next) = (Vec::<&Key>::new(), Some(key));
        while let Some(key) = next.and_then(|key| self.keys.get(&key)) {
            if line.last().is_some_and(|child| child.person != key.person) {
                break;
            }
            line.push(key);
            next = key.parent;
        }
        line
    }

    /// By whose codes a key came, itself or any that it stems from.
    pub(super) fn owed(&self, key: KeyId) -> BTreeSet<PersonId> {
        let direct = |key| self.line(key).into_iter().filter_map(|key| key.lent).map(|lent| lent.0).collect();
        self.chain(key, direct)
    }

    /// Whether neither the signer nor a person has, in force, a key by a code of the other.
    pub(super) fn in_no_debt(&self, signer: KeyId, person: PersonId) -> bool {
        let second = self.keys[&signer].person;
        let theirs = self.keys.iter().filter(|(_, key)| key.person == person && key.until.is_none());
        let mut debts = theirs.map(|(id, _)| self.owed(*id));
        !self.owed(signer).contains(&person) && !debts.any(|debts| debts.contains(&second))
    }

    /// Whether the signer's key holds the office that somebody else exercises, too, and may name another key for it.
    pub(super) fn readmits(
        &self,
        at: At,
        (person, role, scope): (PersonId, Role, Scope),
        key: KeyId,
    ) -> bool {
        let Some(colleague) = self.keys.get(&at.signer).map(|key| key.person) else { return false };
        let office = (person, role, scope);
        let by_it = self.roles.get(&(colleague, role, scope)).is_some_and(|keys| keys.contains(&at.signer));
        if role == Role::Founder || colleague == person || !by_it || !self.in_use(&office) {
            return false;
        }
        let today = self.day(at.recorded_at);
        let grants = |issuer: &PersonId| match scope {
            _ if self.roles.contains_key(&(*issuer, Role::Founder, Scope::Ledger)) => true,
            Scope::Org(org) => self.has_role(*issuer, &[Role::Steward], org, today),
            Scope::Ledger => self.roles.contains_key(&(*issuer, Role::Steward, Scope::Ledger)),
        };
        let apart = self.owed(at.signer).intersection(&self.owed(key)).all(grants);
        let own = self.lender(at.signer, at.recorded_at).is_none();
        apart && own && self.in_no_debt(at.signer, person)
    }
}
