//! The events by which an act that waits takes effect or is called off.

use crate::domain::ids::EventId;
use hourbook_derive::Aggregate;

/// What can be asserted of an act that waits.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize, Aggregate)]
#[aggregate(stream(Act, act))]
#[allow(missing_docs)] // fields are named after their types
pub enum ActEvent {
    /// A second person, or the other side, stands for an act that waits for it.
    #[event(1, by(Awaited))]
    #[safe = "By whom the act waits for: the other side; or another with the same right. Neither of the two has a key by the other's code, nor both by codes of one issuer within the term."]
    Approved { act: EventId },
    /// An act that waits is called off.
    #[event(2, by(Stopper))]
    #[safe = "Nothing happens to anybody; asserted again. Of two hands of one person the older decides."]
    Stopped { act: EventId },
    /// The term of an act is over: it takes effect here. Asserted by the ledger.
    #[event(3, by(Ledger))]
    #[safe = "By the clock alone, if the rules still allow it."]
    TookEffect { act: EventId },
}
