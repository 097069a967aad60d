//! Looks at what is shown of other people, each with a trace. A trace is open, or sealed for a while: then it is on the log at
//! once, and says only later at what and at whom somebody looked.

use sha2::{Digest, Sha256};

use super::context::{Context, Header};
use super::ids::{EventId, PersonId};
use super::register::Register;
use super::rejection::{Code, Verdict, ensure, fits};
use super::time::Date;
use super::vocabulary::{AccessPurpose, Looked, Role, Scope};
use super::wish::Wishes;
use crate::format;
use crate::store::table::{Table, tables};
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
    /// Someone looked, and until a day at the latest it is not told at what and at whom: that is behind the [`seal`].
    /// Asserted by the ledger.
    #[event(2, by(Ledger), unprefixed)]
    #[safe = "The trace of a look; gives nothing. One that is still sealed after its day is found by the audit."]
    LookSealed { by: PersonId, role: Option<Role>, purpose: AccessPurpose, seal: [u8; 32], until: Date },
    /// Tells at what and at whom somebody looked under a seal. Asserted by the ledger.
    #[event(3, by(Ledger), unprefixed)]
    #[safe = "Tells what was sealed and nothing else; gives nothing."]
    LookOpened {
        by: PersonId,
        sealed: EventId,
        salt: [u8; 32],
        #[field(oneof)]
        what: Looked,
        #[field(10, ascending)]
        persons: Vec<PersonId>,
    },
}

/// Most days for which a look is sealed.
pub const SEALED_DAYS: i32 = 366;

const SEAL: &[u8] = b"hourbook/look-seal/v1\0";

/// The seal to which an [`AccessEvent::LookOpened`] is the key. Whoever seals chooses the id of the sealing event and a random
/// salt, makes the opening with them and keeps it: nobody can make it again.
///
/// ```text
/// seal = SHA-256("hourbook/look-seal/v1\0" || origin of the ledger || "\0" || opening)
/// ```
///
/// The opening is the `AccessEvent` that will be asserted, in its canonical bytes. All that it says is thus sealed at once, for
/// one event of one ledger, and the salt in it keeps anybody from trying out persons. An origin has no zero byte.
#[must_use]
pub fn seal(origin: &str, opening: &AccessEvent) -> [u8; 32] {
    let hash = Sha256::new().chain_update(SEAL).chain_update(origin).chain_update(b"\0");
    hash.chain_update(format::encode(opening)).finalize().into()
}

/// A look of which it is not told yet at what and at whom.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Sealed {
    /// Who looked.
    pub by: PersonId,
    /// Commits to what is behind it, see [`seal`].
    pub seal: [u8; 32],
    /// The last day on which it may be sealed.
    pub until: Date,
    /// Position of the event that sealed it.
    pub position: u64,
}

/// The looks that are still sealed.
#[derive(Default, Debug, Clone)]
pub struct SealedLooks {
    sealed: Table<36, EventId, Sealed>,
}

tables!(SealedLooks { sealed });

impl SealedLooks {
    /// A look by the event that sealed it, as long as it is sealed.
    #[must_use]
    pub fn get(&self, look: EventId) -> Option<&Sealed> {
        self.sealed.get(&look)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sealed.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sealed.is_empty()
    }

    /// Those that had to be opened before a date, in the order of the log.
    #[must_use]
    pub fn overdue(&self, date: Date) -> Vec<(EventId, Sealed)> {
        let late = self.sealed.iter().filter(|(_, sealed)| sealed.until < date);
        let mut late: Vec<_> = late.map(|(look, sealed)| (*look, *sealed)).collect();
        late.sort_unstable_by_key(|(_, sealed)| sealed.position);
        late
    }
}

pub(super) fn decide(
    looks: &SealedLooks,
    facts: &Register<'_>,
    wishes: &Wishes,
    cx: &Context,
    body: &AccessEvent,
) -> Verdict {
    match body {
        AccessEvent::RecordAccessed { by, what, persons, .. } => {
            check_shown(facts, wishes, *by, *what, persons)
        }
        AccessEvent::LookSealed { until, .. } => {
            let today = facts.today(cx);
            if today < *until && *until <= today.plus(SEALED_DAYS) {
                return Ok(());
            }
            Err(Code::OutOfRange
                .because(format_args!("until: after today and at most {SEALED_DAYS} days ahead")))
        }
        AccessEvent::LookOpened { by, sealed, what, persons, .. } => {
            let look = looks.get(*sealed).filter(|look| look.by == *by);
            let look =
                look.ok_or_else(|| Code::OutOfRange.because("sealed: no sealed look of this viewer"))?;
            check_shown(facts, wishes, *by, *what, persons)?;
            let origin = facts.founded.map_or("", |founded| founded.origin.as_str());
            ensure(seal(origin, body) == look.seal, Code::BadOpening)
        }
    }
}

/// A look names what there is and whom it concerned, whether erased by then or not; nobody looks at others in a mirror.
fn check_shown(
    facts: &Register<'_>,
    wishes: &Wishes,
    by: PersonId,
    what: Looked,
    persons: &[PersonId],
) -> Verdict {
    let concerns_all = what == Looked::Entries;
    fits(persons.is_empty() == concerns_all, format_args!("persons: whom the look showed, if not all"))?;
    fits(!persons.contains(&by), format_args!("persons: not whoever looked"))?;
    match what {
        Looked::List { scope: org, .. } | Looked::Board(Scope::Org(org)) | Looked::Register(org) => {
            ensure(facts.orgs.contains(org), Code::UnknownOrg)?;
        }
        Looked::Wish(wish) => ensure(wishes.get(wish).is_some(), Code::UnknownWish)?,
        Looked::Record | Looked::Board(Scope::Ledger) | Looked::Entries => {}
    }
    let all_there = persons.iter().all(|person| facts.people.get(*person).is_some());
    ensure(all_there, Code::UnknownPerson)
}

pub(super) fn evolve(looks: &mut SealedLooks, (cx, header): (&Context, &Header), body: &AccessEvent) {
    match body {
        // An open trace is there to be read; nothing follows from it.
        AccessEvent::RecordAccessed { .. } => {}
        AccessEvent::LookSealed { by, seal, until, .. } => {
            let sealed = Sealed { by: *by, seal: *seal, until: *until, position: cx.position };
            looks.sealed.insert(header.id, sealed);
        }
        AccessEvent::LookOpened { sealed, .. } => looks.sealed.remove(sealed),
    }
}

#[cfg(test)]
mod tests {
    use super::super::ids::{OrgId, WishId};
    use super::super::testing::*;
    use super::super::time::Period;
    use super::*;
    use crate::domain::Body;
    use crate::store::table::Transaction as _;

    const ORIGIN: &str = "ledger.example/town";
    const SALT: [u8; 32] = [8; 32];

    fn look(what: Looked, persons: &[PersonId]) -> Body {
        let (by, role, purpose) = (WORKER, Some(Role::Worker), AccessPurpose::Service);
        Body::Access(AccessEvent::RecordAccessed { by, role, purpose, what, persons: persons.to_vec() })
    }

    /// What opens a look that is sealed by an event of this id.
    fn opening(sealed: EventId, what: Looked, persons: &[PersonId]) -> AccessEvent {
        AccessEvent::LookOpened { by: WORKER, sealed, salt: SALT, what, persons: persons.to_vec() }
    }

    fn under(seal: [u8; 32], until: Date) -> Body {
        let (by, role, purpose) = (WORKER, Some(Role::Auditor), AccessPurpose::Audit);
        Body::Access(AccessEvent::LookSealed { by, role, purpose, seal, until })
    }

    /// Seals a look until tomorrow; which it is, and what opens it.
    fn sealed(town: &mut Town, what: Looked, persons: &[PersonId]) -> (EventId, AccessEvent) {
        let id = EventId::numbered(town.now, town.position);
        let opening = opening(id, what, persons);
        let body = under(seal(ORIGIN, &opening), town.today().plus(1));
        assert_eq!(town.given(LEDGER, body), id);
        (id, opening)
    }

    fn open(town: &mut Town, opening: &AccessEvent) -> Result<(), Code> {
        code(town, LEDGER, Body::Access(opening.clone()))
    }

    #[test]
    fn a_look_names_others_who_are_there_and_something_that_is_there_sealed_or_not() {
        let mut town = Town::new();
        let (nobody, nowhere) = (PersonId([88; 16]), OrgId([88; 16]));
        let list = |scope| Looked::List { scope, period: Period::Year(2026) };
        for (what, persons, expected) in [
            (Looked::Record, &[ANN][..], Ok(())),
            (list(COMMUNITY), &[ANN, BO], Ok(())),
            (Looked::Board(Scope::Ledger), &[ANN], Ok(())),
            (Looked::Entries, &[], Ok(())),
            (Looked::Entries, &[ANN], Err(Code::OutOfRange)),
            (Looked::Record, &[], Err(Code::OutOfRange)),
            (list(COMMUNITY), &[ANN, WORKER], Err(Code::OutOfRange)),
            (Looked::Record, &[ANN, nobody], Err(Code::UnknownPerson)),
            (list(nowhere), &[ANN], Err(Code::UnknownOrg)),
            (Looked::Board(Scope::Org(nowhere)), &[ANN], Err(Code::UnknownOrg)),
            (Looked::Register(nowhere), &[ANN], Err(Code::UnknownOrg)),
            (Looked::Wish(WishId([88; 16])), &[ANN], Err(Code::UnknownWish)),
        ] {
            assert_eq!(code(&mut town, LEDGER, look(what, persons)), expected, "{what:?}");
            let (_, opening) = sealed(&mut town, what, persons);
            assert_eq!(open(&mut town, &opening), expected, "sealed: {what:?}");
        }
        let today = town.today();
        for body in [look(Looked::Record, &[ANN]), under([0; 32], today.plus(1))] {
            assert_eq!(code(&mut town, WORKER, body), Err(Code::NotAuthorised));
        }
    }

    #[test]
    fn a_sealed_look_is_opened_once_by_what_is_behind_the_seal() {
        let mut town = Town::new();
        let position = town.position;
        let (look, key) = sealed(&mut town, Looked::Record, &[ANN, BO]);
        let until = town.today().plus(1);
        let expected = Sealed { by: WORKER, seal: seal(ORIGIN, &key), until, position };
        assert_eq!(town.state.looks.get(look), Some(&expected));
        let (_, other) = sealed(&mut town, Looked::Entries, &[]);
        assert_eq!(town.must(LEDGER, Body::Access(key.clone())), []);
        assert_eq!((town.state.looks.get(look), town.state.looks.len()), (None, 1));
        assert_eq!(open(&mut town, &key), Err(Code::OutOfRange), "twice");
        assert_eq!(open(&mut town, &other), Ok(()));
        assert!(town.state.looks.is_empty());
    }

    #[test]
    fn nothing_but_what_is_behind_the_seal_opens_it() {
        let mut town = Town::new();
        let (look, key) = sealed(&mut town, Looked::Record, &[ANN, BO]);
        // The same seal on another event, as if that look could be opened by telling of this one.
        let copied = town.given(LEDGER, under(seal(ORIGIN, &key), town.today().plus(1)));
        let board = Looked::Board(Scope::Ledger);
        let with = |by, salt| AccessEvent::LookOpened {
            by,
            sealed: look,
            salt,
            what: Looked::Record,
            persons: vec![ANN, BO],
        };
        for (why, opening, expected) in [
            ("another salt", with(WORKER, [9; 32]), Code::BadOpening),
            ("a person more", opening(look, Looked::Record, &[ANN, BO, RESIDENT]), Code::BadOpening),
            ("a person less", opening(look, Looked::Record, &[ANN]), Code::BadOpening),
            ("another person", opening(look, Looked::Record, &[ANN, RESIDENT]), Code::BadOpening),
            ("another thing", opening(look, board, &[ANN, BO]), Code::BadOpening),
            ("a copied seal", opening(copied, Looked::Record, &[ANN, BO]), Code::BadOpening),
            ("another viewer", with(SECOND_WORKER, SALT), Code::OutOfRange),
            ("no such look", opening(EventId([7; 16]), Looked::Record, &[ANN, BO]), Code::OutOfRange),
        ] {
            assert_eq!(open(&mut town, &opening), Err(expected), "{why}");
        }
        for actor in [WORKER, FOUNDER, STEWARD] {
            let by_another = code(&mut town, actor, Body::Access(key.clone()));
            assert_eq!(by_another, Err(Code::NotAuthorised), "only the ledger opens");
        }
        assert_eq!(open(&mut town, &key), Ok(()));
    }

    #[test]
    fn a_look_is_sealed_for_a_year_at_most() {
        let mut town = Town::new();
        let today = town.today();
        for (until, expected) in [
            (Date(i32::MIN), Err(Code::OutOfRange)),
            (today, Err(Code::OutOfRange)),
            (today.plus(1), Ok(())),
            (today.plus(SEALED_DAYS), Ok(())),
            (today.plus(SEALED_DAYS + 1), Err(Code::OutOfRange)),
            (Date(i32::MAX), Err(Code::OutOfRange)),
        ] {
            assert_eq!(code(&mut town, LEDGER, under([1; 32], until)), expected, "{until:?}");
        }
    }

    #[test]
    fn what_was_not_opened_in_time_is_known_and_opened_late() {
        let mut town = Town::new();
        let (look, key) = sealed(&mut town, Looked::Record, &[ANN]);
        let (later, _) = sealed(&mut town, Looked::Record, &[BO]);
        let until = town.today().plus(1);
        let overdue = |town: &Town, date| {
            let late = town.state.looks.overdue(date);
            late.into_iter().map(|(look, _)| look).collect::<Vec<_>>()
        };
        assert_eq!(overdue(&town, until), [], "on its last day it may be sealed");
        assert_eq!(overdue(&town, until.plus(1)), [look, later], "in the order of the log");
        town.wait_days(40);
        assert_eq!(open(&mut town, &key), Ok(()), "late is better than never");
        assert_eq!(overdue(&town, town.today()), [later]);
    }

    #[test]
    fn a_seal_and_its_opening_are_taken_back() {
        let mut town = Town::new();
        let (look, key) = sealed(&mut town, Looked::Record, &[ANN]);
        let (before, position) = (town.state.settle_digest(), town.position);
        town.state.begin();
        assert_eq!(open(&mut town, &key), Ok(()));
        let (other, _) = sealed(&mut town, Looked::Record, &[BO]);
        assert_ne!(town.state.settle_digest(), before);
        town.state.rollback();
        town.position = position;
        assert!(town.state.looks.get(look).is_some() && town.state.looks.get(other).is_none());
        assert_eq!(town.state.settle_digest(), before);
    }

    /// Computed with another implementation, from the schema alone.
    #[test]
    fn a_seal_has_the_documented_bytes() {
        let sealed = EventId([1, 0x9c, 0xad, 0x62, 0x34, 0, 0x70, 0, 0x80, 1, 2, 3, 4, 5, 6, 7]);
        let (scope, period) = (OrgId([0x21; 16]), Period::Quarter(2026, 4));
        let persons = (1..=9).map(|n| PersonId([n; 16])).collect();
        let what = Looked::List { scope, period };
        let opening =
            AccessEvent::LookOpened { by: PersonId([0x12; 16]), sealed, salt: [7; 32], what, persons };
        assert_eq!(hex::encode(seal(ORIGIN, &opening)), VECTOR);
        assert_ne!(seal("ledger.example/village", &opening), seal(ORIGIN, &opening), "another ledger");
    }
    const VECTOR: &str = "5cc705ee3d701e223656ee822ddae07f0c8425faa3c68bd7e5614729029a87d7";
}
