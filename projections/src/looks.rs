//! Who looked at what is shown of others.
//!
//! One event of looking concerns up to 256 people. What it says is kept once; of whom it concerned only its number is
//! kept, four bytes for each. A sealed look is nobody's until it is opened; then it is one like any other, of the moment at
//! which it was sealed.

use hourbook_ledger::domain::event::{AccessEvent, AccessPurpose, Looked, Role};
use hourbook_ledger::domain::ids::{EventId, PersonId};
use hourbook_ledger::domain::time::{Date, Millis, Offset};
use hourbook_ledger::follower::LoggedEvent;
use hourbook_ledger::save_fields;
use hourbook_ledger::store::lazy::{LazyMap, LazyVec};

/// A look by someone else.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Look {
    /// Position of the event that recorded it, or opened it.
    pub position: u64,
    /// When somebody looked.
    pub at: Millis,
    /// Who looked.
    pub by: PersonId,
    /// In which role, if one was needed.
    pub role: Option<Role>,
    /// Why.
    pub purpose: AccessPurpose,
    /// At what.
    pub what: Looked,
}

/// What is told of a look while it is sealed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
struct Sealed {
    at: Millis,
    role: Option<Role>,
    purpose: AccessPurpose,
}

/// How often somebody was looked at in one role and for one purpose.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LooksOfAKind {
    /// In which role.
    pub role: Option<Role>,
    /// Why.
    pub purpose: AccessPurpose,
    /// How often.
    pub times: u64,
    /// The last time.
    pub last: Millis,
}

/// All looks, by whom they concern and by who looked.
#[derive(Default, Debug)]
pub struct Looks {
    all: LazyVec<Look>,
    at: LazyMap<PersonId, Vec<u32>>,
    /// Open from the first, so that their moments ascend.
    by: LazyMap<PersonId, Vec<u32>>,
    /// Those that concern everybody.
    at_all: LazyVec<u32>,
    /// Those that were not opened yet, by the event that sealed them.
    sealed: LazyMap<EventId, Sealed>,
}

save_fields!(Looks { all, at, by, at_all, sealed });

impl Looks {
    pub(crate) fn fold(&mut self, c: &LoggedEvent, event: &AccessEvent) {
        match *event {
            AccessEvent::RecordAccessed { by, role, purpose, what, ref persons } => {
                let (position, at) = (c.position, c.recorded_at);
                let number = self.note(Look { position, at, by, role, purpose, what }, persons);
                self.by.or_insert_with(by, Vec::new).push(number);
            }
            AccessEvent::LookSealed { role, purpose, .. } => {
                let at = c.recorded_at;
                self.sealed.insert(c.event.id, Sealed { at, role, purpose });
            }
            AccessEvent::LookOpened { by, sealed, what, ref persons, .. } => {
                let Some(Sealed { at, role, purpose }) = self.sealed.remove(&sealed) else { return };
                self.note(Look { position: c.position, at, by, role, purpose, what }, persons);
            }
        }
    }

    /// Its number.
    fn note(&mut self, look: Look, persons: &[PersonId]) -> u32 {
        let number = self.all.len() as u32;
        self.all.push(look);
        if persons.is_empty() {
            self.at_all.push(number);
        }
        persons.iter().for_each(|person| self.at.or_insert_with(*person, Vec::new).push(number));
        number
    }

    fn numbers_at(&self, person: PersonId) -> &[u32] {
        self.at.get(&person).map_or(&[], Vec::as_slice)
    }

    fn numbered(&self, number: u32) -> Look {
        self.all[number as usize]
    }

    /// Who looked at a person, in the order in which it was told; without looks that concern everybody.
    pub fn at(&self, person: PersonId) -> impl DoubleEndedIterator<Item = Look> + '_ {
        self.numbers_at(person).iter().map(|number| self.numbered(*number))
    }

    /// How often others looked at a person.
    #[must_use]
    pub fn count_at(&self, person: PersonId) -> usize {
        self.numbers_at(person).len()
    }

    /// Looks that concern everybody: an auditor's at entries of the log.
    pub fn at_all(&self) -> impl DoubleEndedIterator<Item = Look> + '_ {
        self.at_all.iter().map(|number| self.numbered(*number))
    }

    /// Looks by roles and purposes, the most frequent first.
    pub fn by_kind(looks: impl Iterator<Item = Look>) -> Vec<LooksOfAKind> {
        let mut kinds: Vec<LooksOfAKind> = Vec::new();
        for look in looks {
            let same = |kind: &&mut LooksOfAKind| (kind.role, kind.purpose) == (look.role, look.purpose);
            match kinds.iter_mut().find(same) {
                Some(kind) => {
                    kind.times += 1;
                    kind.last = kind.last.max(look.at);
                }
                None => {
                    let (role, purpose) = (look.role, look.purpose);
                    kinds.push(LooksOfAKind { role, purpose, times: 1, last: look.at });
                }
            }
        }
        kinds.sort_by_key(|kind| std::cmp::Reverse(kind.times));
        kinds
    }

    /// The looks of one viewer at one thing on a day, without those that were sealed: whoever looks openly on that day leaves an
    /// open trace, whatever was sealed.
    #[must_use]
    pub fn on(&self, by: PersonId, what: Looked, day: Date, offset: Offset) -> LooksOn<'_> {
        let numbers = self.by.get(&by).map_or(&[][..], Vec::as_slice);
        let of_day = |number: &u32| self.numbered(*number).at.date(offset) == day;
        let of_day = numbers.iter().rev().copied().take_while(of_day);
        let numbers = of_day.filter(|number| self.numbered(*number).what == what).collect();
        LooksOn { looks: self, numbers }
    }
}

/// See [`Looks::on`].
#[derive(Debug)]
pub struct LooksOn<'a> {
    looks: &'a Looks,
    numbers: Vec<u32>,
}

impl LooksOn<'_> {
    /// Whether there was any.
    #[must_use]
    pub fn any(&self) -> bool {
        !self.numbers.is_empty()
    }

    /// Whether one of them concerned this person.
    #[must_use]
    pub fn concern(&self, person: PersonId) -> bool {
        let at = self.looks.numbers_at(person);
        self.numbers.iter().any(|number| at.binary_search(number).is_ok())
    }
}
