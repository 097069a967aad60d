//! Where an event stands, what follows from it, and what is wrong with it.

use std::collections::BTreeMap;

use hourbook_ledger::domain::event::{Account, Event};
use hourbook_ledger::domain::ids::{EventId, KeyId, PersonId};
use hourbook_ledger::domain::time::{Date, Millis};

/// A row: the event that recorded it, and its index.
pub type RowId = (EventId, u16);

/// Where and when an event stands on the log.
#[derive(Clone, Copy, Debug)]
pub struct At {
    /// Position.
    pub position: u64,
    /// When it was recorded.
    pub recorded_at: Millis,
    /// Index in its stream.
    pub revision: u64,
    /// Whose key signed it.
    pub signer: KeyId,
}

/// What follows from one event.
#[derive(Default, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// By how much each account changed; accounts that did not are left out.
    pub moved: BTreeMap<Account, i64>,
    /// By how much the certified minutes of each row and day changed.
    pub counted: BTreeMap<(RowId, Date), i64>,
    /// Rows recorded too late, and whether for want of a calendar that is provisional.
    pub overdue: BTreeMap<RowId, bool>,
    /// Who moved up from a waiting list.
    pub promoted: Vec<PersonId>,
    /// It has no effect yet: whom it concerns, whether somebody's word is wanting, and when it is due.
    pub held: Option<(Option<PersonId>, bool, Option<Millis>)>,
    /// What waited and takes effect.
    pub took_effect: Option<EventId>,
    /// What waited and was called off by it.
    pub dropped: Vec<EventId>,
}

/// What is wrong with an event on the log.
pub type Fault = String;

/// Answers the fault unless the condition holds.
pub(crate) fn must(holds: bool, fault: &str) -> Result<(), Fault> {
    if holds { Ok(()) } else { Err(fault.to_owned()) }
}

/// The person in whose name an event is asserted.
pub(crate) fn behalf(event: &Event) -> PersonId {
    event.acting_for.unwrap_or(event.actor)
}
