//! What of the log is wanted.

use hourbook_ledger::domain::event::{BodyKind, Event, Stream};
use hourbook_ledger::domain::ids::{OrgId, PersonId};

/// An empty list wants all; between the lists all must be met, within one any will do.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Filter {
    /// Kinds of event.
    pub kinds: Vec<BodyKind>,
    /// Streams.
    pub streams: Vec<Stream>,
    /// Organisations that the event itself names; what lies below them is not included.
    pub orgs: Vec<OrgId>,
    /// Who asserted it, or for whom it was asserted.
    pub actors: Vec<PersonId>,
}

impl Filter {
    /// Most values of a list.
    pub const MAX_VALUES: usize = 64;

    /// Whether all is wanted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether an event is wanted.
    #[must_use]
    pub fn wants(&self, event: &Event) -> bool {
        let any = |list_is_empty: bool, hit: bool| list_is_empty || hit;
        let person = |person: &PersonId| *person == event.actor || Some(*person) == event.acting_for;
        any(self.kinds.is_empty(), self.kinds.contains(&event.body.kind()))
            && any(self.streams.is_empty(), self.streams.contains(&event.stream))
            && any(self.actors.is_empty(), self.actors.iter().any(person))
            && any(self.orgs.is_empty(), event.body.orgs().iter().any(|org| self.orgs.contains(org)))
    }
}
