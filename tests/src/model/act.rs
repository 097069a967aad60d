//! What waits.

use std::collections::BTreeSet;

use hourbook_ledger::domain::event::Event;
use hourbook_ledger::domain::ids::{KeyId, PersonId};
use hourbook_ledger::domain::time::Millis;

/// Whose word is wanting.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Wanting {
    Colleague,
    Home,
    Gaining,
}

/// An act that waits.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Act {
    pub event: Event,
    pub signer: KeyId,
    pub subject: Option<PersonId>,
    pub wanting: Option<Wanting>,
    pub approved_by: Option<PersonId>,
    pub due: Option<Millis>,
    /// Since when the session or key is good by which it came.
    pub since: u64,
    /// By whose codes the key came that signed it, and those that it stems from.
    pub owed: BTreeSet<PersonId>,
    /// Whose code that was, if the term was not over yet.
    pub lenders: BTreeSet<PersonId>,
}
