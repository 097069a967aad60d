//! What a rule is told of an event beside its body, and how the ledger began.

use super::ids::{EventId, KeyId, PersonId};
use super::time::Millis;
use super::vocabulary::{Assurance, Founding};

/// Where and when an event meets the log. All of it is recorded; none of it is claimed by the signer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Context {
    /// Position that the event has or would have.
    pub position: u64,
    /// Moment of recording; never goes back along the log.
    pub recorded_at: Millis,
    /// The key whose signature was verified.
    pub signer: KeyId,
}

/// Which event it is and who asserts it: all that an aggregate needs to know of an event beside what it says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Header {
    pub(super) id: EventId,
    pub(super) actor: PersonId,
    pub(super) acting_for: Option<PersonId>,
    pub(super) assurance: Assurance,
    pub(super) grant: Option<EventId>,
}

impl Header {
    /// The person in whose name the event is asserted.
    pub(super) fn on_behalf(&self) -> PersonId {
        self.acting_for.unwrap_or(self.actor)
    }
}

/// The founding event as remembered.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Founded {
    /// The ledger's origin.
    pub origin: String,
    /// What the founding event says.
    pub founding: Founding,
}

impl Founded {
    /// Whether the person is one of the founders.
    #[must_use]
    pub fn is_founder(&self, person: PersonId) -> bool {
        self.founding.founders.iter().any(|founder| founder.person == person)
    }
}
