//! Who is meant by a row: by volunteer number or phone through the vault's keyed index, the name agreeing, and only
//! among persons whom the recorder may see.

use hourbook_ledger::commitment::Field;
use hourbook_ledger::domain::State;
use hourbook_ledger::domain::authority::exercises;
use hourbook_ledger::domain::ids::{KeyId, PersonId};
use hourbook_ledger::domain::time::Millis;
use hourbook_ledger::vault::{Vault, VaultError};
use rustc_hash::{FxHashMap, FxHashSet};

use super::fault::Problem;
use super::{Candidate, Faults, ImportContext, ImportError, Recording, RowFault};
use crate::auth::visibility::RECORDERS;
use crate::sheet::{Row, Sheet};

/// Persons that a row could mean, before it is known who may be seen.
struct Candidates {
    /// Whether the row has a volunteer number or a phone.
    is_numbered: bool,
    /// By the volunteer number, if the row has one.
    by_number: Option<Vec<PersonId>>,
    by_phone: Vec<PersonId>,
    /// By the name, if the row has one.
    by_name: Option<Vec<PersonId>>,
}

/// The person of each row, in the order of the rows; None where that is a fault.
pub(super) async fn find(
    sheet: &Sheet,
    recording: Recording<'_>,
    ledger: ImportContext<'_>,
    faults: &mut Faults,
    found: &mut Vec<PersonId>,
) -> Result<Vec<Option<PersonId>>, ImportError> {
    let Recording { recorder, signer, named, .. } = recording;
    let by = (recorder, signer);
    let mut index = Index { vault: ledger.vault, found: FxHashMap::default() };
    let rows: Vec<Candidates> =
        sheet.rows.iter().map(|row| index.candidates(row)).collect::<Result<_, _>>()?;
    let asked: FxHashSet<PersonId> =
        rows.iter().flat_map(|row| row.meant().iter().chain(&row.by_phone).copied()).collect();
    let seen = ledger.handle.read_state(move |state, now| visible(state, by, &asked, now)).await?;
    found.extend(seen.iter().filter(|person| **person != recorder));
    let person = |(row, candidates): (&Row, &Candidates)| {
        let Some(numbered) = candidates.is_numbered.then(|| choose(candidates, &seen)) else {
            let chosen = named.and_then(|named| named.get(&row.line)).copied();
            let fitting = candidates.meant().iter().copied().filter(|person| seen.contains(person));
            let mut fitting: Vec<PersonId> = fitting.filter(|person| *person != recorder).collect();
            fitting.sort_unstable();
            let found = chosen.filter(|person| fitting.contains(person));
            return found.or_else(|| {
                faults.push(unnamed(row.line, sheet, &fitting));
                None
            });
        };
        let chosen = numbered.and_then(|person| match person {
            own if own == recorder => Err(Problem::Recorder),
            other => Ok(other),
        });
        chosen.map_err(|problem| faults.push(problem.at(row.line, sheet))).ok()
    };
    Ok(sheet.rows.iter().zip(&rows).map(person).collect())
}

/// A name that stands alone: whom it may mean.
fn unnamed(line: u32, sheet: &Sheet, fitting: &[PersonId]) -> RowFault {
    let problem = if fitting.is_empty() { Problem::UnknownName } else { Problem::SayWho };
    let candidate = |person: &PersonId| Candidate { person: person.to_string(), phone: None };
    RowFault { candidates: fitting.iter().map(candidate).collect(), ..problem.at(line, sheet) }
}

fn choose(row: &Candidates, seen: &FxHashSet<PersonId>) -> Result<PersonId, Problem> {
    let mut known = row.looked_up().iter().copied().filter(|person| seen.contains(person)).peekable();
    if known.peek().is_none() {
        return Err(Problem::UnknownPerson);
    }
    let mut fitting = known.filter(|person| row.is_named(*person));
    match (fitting.next(), fitting.next()) {
        // A number that somebody else was registered with must not draw the hours away from whose phone it is.
        (Some(person), None) if row.phone_is_anothers(person, seen) => Err(Problem::TwoPersons),
        (Some(person), None) => Ok(person),
        (Some(_), Some(_)) if row.by_number.is_some() => Err(Problem::SameNumber),
        (Some(_), Some(_)) => Err(Problem::Ambiguous),
        (None, _) => Err(Problem::OtherName),
    }
}

impl Candidates {
    /// Whom the row may mean: by its numbers, or by the name where it stands alone.
    fn meant(&self) -> &[PersonId] {
        match self.is_numbered {
            true => self.looked_up(),
            false => self.by_name.as_deref().unwrap_or_default(),
        }
    }

    /// By the number, which says more than a phone that a family may share.
    fn looked_up(&self) -> &[PersonId] {
        self.by_number.as_ref().unwrap_or(&self.by_phone)
    }

    fn is_named(&self, person: PersonId) -> bool {
        self.by_name.as_ref().is_none_or(|names| names.contains(&person))
    }

    /// Families share phones, so only people of the row's name count.
    fn phone_is_anothers(&self, person: PersonId, seen: &FxHashSet<PersonId>) -> bool {
        let holders = self.by_phone.iter().copied();
        let mut holders = holders.filter(|holder| seen.contains(holder) && self.is_named(*holder)).peekable();
        holders.peek().is_some() && holders.all(|holder| holder != person)
    }
}

/// Those of the persons who belong to an organisation in the scope of a role that the recorder's key exercises.
fn visible(
    state: &State,
    by: (PersonId, KeyId),
    asked: &FxHashSet<PersonId>,
    now: Millis,
) -> FxHashSet<PersonId> {
    let today = now.date(state.offset());
    // Few organisations have many members: each is judged once.
    let mut judged = FxHashMap::default();
    let mut covered = |org| {
        let judge = || RECORDERS.into_iter().any(|role| exercises(state, by, role, org, today));
        *judged.entry(org).or_insert_with(judge)
    };
    let in_scope = |person: &&PersonId| {
        state.people.is_known(state.founded.as_ref(), **person)
            && state.people.homes(**person, today).into_iter().any(&mut covered)
    };
    asked.iter().filter(in_scope).copied().collect()
}

/// The vault's index, asked once for each value.
struct Index<'a> {
    vault: &'a Vault,
    found: FxHashMap<(Field, String), Vec<PersonId>>,
}

impl Index<'_> {
    fn candidates(&mut self, row: &Row) -> Result<Candidates, VaultError> {
        let mut persons =
            |field, value: &Option<String>| value.as_deref().map(|value| self.find(field, value)).transpose();
        Ok(Candidates {
            is_numbered: row.volunteer_number.is_some() || row.phone.is_some(),
            by_number: persons(Field::VolunteerNumber, &row.volunteer_number)?,
            by_phone: persons(Field::Phone, &row.phone)?.unwrap_or_default(),
            by_name: persons(Field::Name, &row.name)?,
        })
    }

    fn find(&mut self, field: Field, value: &str) -> Result<Vec<PersonId>, VaultError> {
        if let Some(found) = self.found.get(&(field, value.to_owned())) {
            return Ok(found.clone());
        }
        let mut persons: Vec<PersonId> = match self.vault.find(field, value) {
            Ok(found) => found.into_iter().map(|(subject, _)| PersonId(subject)).collect(),
            // What has no canonical form was never registered.
            Err(VaultError::BadValue { .. }) => Vec::new(),
            Err(other) => return Err(other),
        };
        persons.dedup();
        self.found.insert((field, value.to_owned()), persons.clone());
        Ok(persons)
    }
}
