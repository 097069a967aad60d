//! What others did to somebody's keys, roles, sessions, consents, affiliations and rows: the positions of these events.
//! What they say is read from the log when it is asked for.

use hourbook_ledger::domain::event::{Body, HoursEvent, MemberEvent, StreamKind};
use hourbook_ledger::domain::ids::PersonId;
use hourbook_ledger::follower::LoggedEvent;
use hourbook_ledger::save_fields;
use hourbook_ledger::store::lazy::LazyMap;

use crate::record::Records;

/// By person, ascending.
#[derive(Default, Debug)]
pub struct Deeds {
    by_person: LazyMap<PersonId, Vec<u64>>,
}

save_fields!(Deeds { by_person });

impl Deeds {
    pub(crate) fn fold(&mut self, records: &Records, ledger: Option<PersonId>, c: &LoggedEvent) {
        // What the ledger itself does follows from what somebody did.
        if Some(c.event.actor) == ledger {
            return;
        }
        let concerned = [subject(records, c), c.event.acting_for];
        let by_another = |person: &PersonId| *person != c.event.actor;
        let mut concerned: Vec<PersonId> = concerned.into_iter().flatten().filter(by_another).collect();
        concerned.dedup();
        concerned.into_iter().for_each(|person| {
            self.by_person.or_insert_with(person, Vec::new).push(c.position);
        });
    }

    /// Positions of what others did to a person, ascending.
    #[must_use]
    pub fn of(&self, person: PersonId) -> &[u64] {
        self.by_person.get(&person).map_or(&[], Vec::as_slice)
    }
}

/// Whom an event is about. How somebody was registered stands with the person.
fn subject(records: &Records, c: &LoggedEvent) -> Option<PersonId> {
    match &c.event.body {
        Body::Member(MemberEvent::Registered { .. }) => None,
        Body::Hours(HoursEvent::Corrected { recorded, row, .. }) => records.served_by(*recorded, *row),
        _ => {
            let stream = c.event.stream;
            let of_a_person = matches!(stream.kind, StreamKind::Person | StreamKind::Session);
            of_a_person.then_some(PersonId(stream.id))
        }
    }
}
