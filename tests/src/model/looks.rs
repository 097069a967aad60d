//! Looks, naively: whom each concerns and when it was told, those under a seal with the rest.

use std::collections::BTreeMap;

use hourbook_ledger::domain::event::{AccessEvent, Body, Event, Looked, Scope};
use hourbook_ledger::domain::ids::{EventId, PersonId};
use hourbook_ledger::domain::time::{Date, Millis, Period};
use sha2::{Digest as _, Sha256};

use super::outcome::{At, Fault, must};
use super::register::Register;
use super::wishes::Wishes;

/// A look of which it is not told yet whom it concerns.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct Sealed {
    pub by: PersonId,
    pub seal: [u8; 32],
    pub until: Date,
    pub at: Millis,
}

/// All looks.
#[derive(Clone, Default, Debug)]
pub struct Looks {
    /// Those that were not opened.
    pub sealed: BTreeMap<EventId, Sealed>,
    /// Of each person the positions at which looks were told, and when they happened.
    pub told: BTreeMap<PersonId, Vec<(u64, Millis)>>,
}

impl Looks {
    pub(super) fn take(
        &mut self,
        register: &Register,
        wishes: &Wishes,
        at: At,
        event: &Event,
    ) -> Result<(), Fault> {
        let Body::Access(look) = &event.body else { return Ok(()) };
        let (by, what, persons, happened) = match look {
            AccessEvent::RecordAccessed { by, what, persons, .. } => (by, what, persons, at.recorded_at),
            AccessEvent::LookSealed { by, seal, until, .. } => {
                let days = i64::from(until.0) - i64::from(register.day(at.recorded_at).0);
                must((1..=366).contains(&days), "sealed for too long or not at all")?;
                let sealed = Sealed { by: *by, seal: *seal, until: *until, at: at.recorded_at };
                self.sealed.insert(event.id, sealed);
                return Ok(());
            }
            AccessEvent::LookOpened { by, sealed, salt, what, persons } => {
                let look = self.sealed.remove(sealed).ok_or("no such sealed look")?;
                must(look.by == *by, "a look of another")?;
                let opening = opening(by, sealed, salt, what, persons);
                must(seal(&event.ledger, &opening) == look.seal, "the seal is another")?;
                (by, what, persons, look.at)
            }
        };
        must(persons.is_empty() == (*what == Looked::Entries), "a look at nobody")?;
        must(!persons.contains(by), "a look in the mirror")?;
        must(persons.iter().all(|person| register.people.contains_key(person)), "a look at a stranger")?;
        let there = match what {
            Looked::List { scope: org, .. } | Looked::Board(Scope::Org(org)) | Looked::Register(org) => {
                register.orgs.contains_key(org)
            }
            Looked::Wish(wish) => wishes.all.contains_key(wish),
            Looked::Record | Looked::Board(Scope::Ledger) | Looked::Entries => true,
        };
        must(there, "a look at what is not there")?;
        for person in persons {
            self.told.entry(*person).or_default().push((at.position, happened));
        }
        Ok(())
    }
}

fn seal(origin: &str, opening: &[u8]) -> [u8; 32] {
    let parts = [b"hourbook/look-seal/v1\0".as_slice(), origin.as_bytes(), b"\0", opening];
    Sha256::digest(parts.concat()).into()
}

/// The opening as the schema has it, put together byte by byte.
fn opening(by: &PersonId, sealed: &EventId, salt: &[u8; 32], what: &Looked, persons: &[PersonId]) -> Vec<u8> {
    let what = match what {
        Looked::Record => field(4, &[]),
        Looked::List { scope, period } => {
            field(5, &[field(1, &scope.0), field(2, &bytes_of(*period))].concat())
        }
        Looked::Board(Scope::Ledger) => field(6, &field(1, &[])),
        Looked::Board(Scope::Org(org)) => field(6, &field(2, &org.0)),
        Looked::Wish(wish) => field(7, &wish.0),
        Looked::Register(org) => field(8, &org.0),
        Looked::Entries => field(9, &[]),
    };
    let persons: Vec<u8> = persons.iter().flat_map(|person| field(10, &person.0)).collect();
    field(3, &[field(1, &by.0), field(2, &sealed.0), field(3, salt), what, persons].concat())
}

fn bytes_of(period: Period) -> Vec<u8> {
    let (year, part) = match period {
        Period::Year(year) => (year, None),
        Period::Quarter(year, quarter) => (year, Some((2, quarter))),
        Period::Month(year, month) => (year, Some((3, month))),
    };
    let number = |tag: u8, number: u64| [vec![tag << 3], varint(number)].concat();
    let part = part.map(|(tag, part)| number(tag, part.into())).unwrap_or_default();
    [number(1, year as u64), part].concat()
}

fn field(tag: u8, bytes: &[u8]) -> Vec<u8> {
    [&[tag << 3 | 2], varint(bytes.len() as u64).as_slice(), bytes].concat()
}

fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number > 0x7f {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}
