//! Looks at what is shown of other people, each with a trace.

use super::ids::PersonId;
use super::org::Orgs;
use super::person::People;
use super::rejection::{Code, Verdict, ensure};
use super::vocabulary::{AccessPurpose, Looked, Role, Scope};
use super::wish::Wishes;
use hourbook_derive::Aggregate;

/// What can be asserted of looks at what is shown of other people.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize, Aggregate)]
#[aggregate(stream(Access, by))]
#[allow(missing_docs)] // fields are named after their types
pub enum AccessEvent {
    /// Someone looked at what is shown of other people: at most 256 of them, each once, ascending. Asserted by the ledger.
    #[event(1, by(Ledger), unprefixed)]
    #[safe = "The trace of a look; gives nothing."]
    RecordAccessed {
        by: PersonId,
        role: Option<Role>,
        purpose: AccessPurpose,
        #[field(oneof)]
        what: Looked,
        #[field(10, ascending)]
        persons: Vec<PersonId>,
    },
}

/// A look names what there is and whom it concerned, whether erased by then or not; nobody looks at others in a mirror.
pub(super) fn decide(orgs: &Orgs, people: &People, wishes: &Wishes, body: &AccessEvent) -> Verdict {
    let AccessEvent::RecordAccessed { by, what, persons, .. } = body;
    let concerns_all = *what == Looked::Entries;
    ensure(persons.is_empty() == concerns_all && !persons.contains(by), Code::OutOfRange)?;
    match *what {
        Looked::List { scope: org, .. } | Looked::Board(Scope::Org(org)) | Looked::Register(org) => {
            ensure(orgs.contains(org), Code::UnknownOrg)?;
        }
        Looked::Wish(wish) => ensure(wishes.get(wish).is_some(), Code::UnknownWish)?,
        Looked::Record | Looked::Board(Scope::Ledger) | Looked::Entries => {}
    }
    let all_there = persons.iter().all(|person| people.get(*person).is_some());
    ensure(all_there, Code::UnknownPerson)
}
