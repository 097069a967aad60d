//! What only shows when rows are compared: doubles, overlaps, one number for two people.
//!
//! Every row concerned is told, so that the answer does not depend on which of them stands first.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::Hash;

use hourbook_ledger::commitment::{Field as Value, matching_form};
use rustc_hash::FxHashMap;

use super::Row;
use super::columns::{Columns, Field};
use super::errors::Errors;
use super::faults::{Fault, Place, RowError};

/// More lines than these are not listed in a message.
const LISTED: usize = 3;

/// Who a row is about, as far as the sheet alone can tell.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Person {
    Number(Form),
    NameAndPhone(Form, Form),
}

/// The form in which two spellings of one value are the same, by a number.
type Form = u32;

/// A row and the forms of what it says of a person.
#[derive(Clone, Copy)]
struct Known<'a> {
    row: &'a Row,
    name: Option<Form>,
    phone: Option<Form>,
    number: Option<Form>,
}

#[derive(Default)]
struct Forms<'a> {
    by_value: FxHashMap<(Value, &'a str), Form>,
    by_form: FxHashMap<(Value, String), Form>,
}

impl<'a> Forms<'a> {
    fn of(&mut self, field: Value, value: Option<&'a str>) -> Option<Form> {
        let value = value?;
        if let Some(form) = self.by_value.get(&(field, value)) {
            return Some(*form);
        }
        let next = Form::try_from(self.by_form.len()).ok()?;
        let form = *self.by_form.entry((field, matching_form(field, value))).or_insert(next);
        self.by_value.insert((field, value), form);
        Some(form)
    }

    fn known(&mut self, row: &'a Row) -> Known<'a> {
        Known {
            row,
            name: self.of(Value::Name, row.name.as_deref()),
            phone: self.of(Value::Phone, row.phone.as_deref()),
            number: self.of(Value::VolunteerNumber, row.volunteer_number.as_deref()),
        }
    }
}

pub(super) fn check(rows: &[Row], columns: &Columns, errors: &mut Errors) {
    let mut forms = Forms::default();
    let rows: Vec<Known<'_>> = rows.iter().map(|row| forms.known(row)).collect();
    drop(forms);
    let names = grouped(&rows, |known| known.number.zip(known.name));
    let place = columns.place(&[Field::Name, Field::Number]);
    for rows in names.values() {
        each_against_the_others(rows, &place, Fault::NumberTwoNames, |row| &row.name, errors);
    }
    // The volunteer numbers that stand beside one name and phone.
    let numbers: Numbers<'_> = grouped(&rows, |known| known.name.zip(known.phone).zip(known.number));
    let place = columns.place(&[Field::Number, Field::Name]);
    for rows in numbers.values() {
        each_against_the_others(rows, &place, Fault::PersonTwoNumbers, |row| &row.volunteer_number, errors);
    }

    let mut by_person: FxHashMap<Person, Vec<&Row>> = FxHashMap::default();
    for known in &rows {
        if let Some(person) = person(known, &numbers) {
            by_person.entry(person).or_default().push(known.row);
        }
    }
    for mut own in by_person.into_values() {
        own.sort_by_key(|row| (span(row), &row.activity, row.line));
        let doubled = doubles(&own, columns, errors);
        overlaps(&own, &doubled, columns, errors);
    }
}

type ByForm<'a> = BTreeMap<Form, Vec<&'a Row>>;
type Numbers<'a> = FxHashMap<(Form, Form), ByForm<'a>>;

/// The rows that say both, by the one and then by the other.
fn grouped<'a, K: Eq + Hash>(
    rows: &[Known<'a>],
    both: impl Fn(&Known<'a>) -> Option<(K, Form)>,
) -> FxHashMap<K, ByForm<'a>> {
    let mut groups: FxHashMap<K, ByForm<'a>> = FxHashMap::default();
    for known in rows {
        if let Some((key, form)) = both(known) {
            groups.entry(key).or_default().entry(form).or_default().push(known.row);
        }
    }
    groups
}

fn person(known: &Known<'_>, numbers: &Numbers<'_>) -> Option<Person> {
    if let Some(number) = known.number {
        return Some(Person::Number(number));
    }
    let (name, phone) = (known.name?, known.phone?);
    let only = numbers.get(&(name, phone)).filter(|numbers| numbers.len() == 1);
    let number = only.and_then(|numbers| numbers.keys().next().copied());
    Some(number.map_or(Person::NameAndPhone(name, phone), Person::Number))
}

fn each_against_the_others(
    rows: &ByForm<'_>,
    place: &Place,
    fault: Fault,
    value: impl Fn(&Row) -> &Option<String>,
    errors: &mut Errors,
) {
    if rows.len() < 2 {
        return;
    }
    for (form, own) in rows {
        let others = rows
            .iter()
            .filter(|(other, _)| *other != form)
            .flat_map(|(_, rows)| rows.iter().map(|row| row.line));
        let others = listed(others.take(LISTED + 1));
        for row in own {
            errors.push(RowError::new(
                row.line,
                place,
                fault,
                value(row).as_deref().unwrap_or_default(),
                &others,
            ));
        }
    }
}

fn span(row: &Row) -> (i64, i64) {
    let midnight = i64::from(row.date) * 1_440;
    (midnight + i64::from(row.start_minute), midnight + i64::from(row.end_minute))
}

/// The lines of rows that say the same as another one.
fn doubles(own: &[&Row], columns: &Columns, errors: &mut Errors) -> BTreeSet<u32> {
    let place = columns.place(&[Field::Activity]);
    let mut doubled = BTreeSet::new();
    for same in
        own.chunk_by(|a, b| span(a) == span(b) && a.activity == b.activity).filter(|same| same.len() > 1)
    {
        for (at, row) in same.iter().enumerate() {
            let others = same.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, row)| row.line);
            let others = listed(others.take(LISTED + 1));
            errors.push(RowError::new(row.line, &place, Fault::DuplicateRow, &row.activity, &others));
            doubled.insert(row.line);
        }
    }
    doubled
}

/// Half-open intervals, sorted by start: a row overlaps an earlier one exactly if it starts before the latest end so far.
fn overlaps(own: &[&Row], doubled: &BTreeSet<u32>, columns: &Columns, errors: &mut Errors) {
    let mut others: BTreeMap<u32, (&Row, u32)> = BTreeMap::new();
    let mut holder: Option<&Row> = None;
    for &row in own {
        let Some(latest) = holder else {
            holder = Some(row);
            continue;
        };
        if span(row).0 < span(latest).1 {
            others.entry(row.line).or_insert((row, latest.line));
            others.entry(latest.line).or_insert((latest, row.line));
        }
        if span(row).1 > span(latest).1 {
            holder = Some(row);
        }
    }
    let place = columns.place(&[Field::Start]);
    for (line, (row, other)) in others {
        if !doubled.contains(&line) {
            let value = format!("{}:{:02}", row.start_minute / 60, row.start_minute % 60);
            errors.push(RowError::new(line, &place, Fault::OverlappingTimes, &value, &other.to_string()));
        }
    }
}

fn listed(lines: impl Iterator<Item = u32>) -> String {
    let mut lines: Vec<u32> = lines.collect();
    lines.sort_unstable();
    let more = lines.len() > LISTED;
    let names: Vec<String> = lines.iter().take(LISTED).map(u32::to_string).collect();
    format!("{}{}", names.join("、"), if more { "…" } else { "" })
}
