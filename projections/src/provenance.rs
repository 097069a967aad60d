//! Who did something, how and when: the shared part of every "why".

use hourbook_ledger::domain::event::Assurance;
use hourbook_ledger::domain::ids::PersonId;
use hourbook_ledger::domain::time::Millis;
use hourbook_ledger::follower::LoggedEvent;

/// Where an assertion comes from: who made it, how that is known, and where it stands in the log.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Provenance {
    /// Index in the log.
    pub position: u64,
    /// When it was recorded.
    pub at: Millis,
    /// Who asserted it.
    pub actor: PersonId,
    /// For whom a staff member acted (代办), or a helper.
    pub acting_for: Option<PersonId>,
    /// How the actor is known.
    pub assurance: Assurance,
}

impl Provenance {
    /// Whether a helper did it for whoever named the helper.
    #[must_use]
    pub fn is_by_helper(&self) -> bool {
        self.acting_for.is_some() && self.assurance.is_of_helpers()
    }

    /// Of a committed event.
    #[must_use]
    pub fn of(c: &LoggedEvent) -> Self {
        Self {
            position: c.position,
            at: c.recorded_at,
            actor: c.event.actor,
            acting_for: c.event.acting_for,
            assurance: c.event.assurance,
        }
    }
}
