//! What only shows when rows are compared: doubles, overlaps, one number for two people.
//!
//! Every row concerned is told, so that the answer does not depend on which of them stands first.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use super::{
    Row,
    columns::{Columns, Field},
    faults::{Fault, Place, RowError},
};

/// More lines than these are not listed in a message.
const LISTED: usize = 3;

/// Who a row is about, as far as the sheet alone can tell.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Person<'a> {
    Number(&'a str),
    NameAndPhone(&'a str, &'a str),
}

pub(super) fn check(rows: &[Row], columns: &Columns) -> Vec<RowError> {
    let mut errors = Vec::new();
    let numbers = numbers_of_people(rows);
    two_names(rows, columns, &mut errors);
    two_numbers(columns, &numbers, &mut errors);

    let mut by_person: FxHashMap<Person<'_>, Vec<&Row>> = FxHashMap::default();
    for row in rows {
        if let Some(person) = person(row, &numbers) {
            by_person.entry(person).or_default().push(row);
        }
    }
    for mut own in by_person.into_values() {
        own.sort_by_key(|row| (span(row), &row.activity, row.line));
        let doubled = doubles(&own, columns, &mut errors);
        overlaps(&own, &doubled, columns, &mut errors);
    }
    errors
}

type Numbers<'a> = FxHashMap<(&'a str, &'a str), BTreeMap<&'a str, Vec<u32>>>;

/// The volunteer numbers, and their rows, that stand beside one name and phone.
fn numbers_of_people(rows: &[Row]) -> Numbers<'_> {
    let mut numbers = Numbers::default();
    for row in rows {
        if let (Some(name), Some(phone), Some(number)) = (&row.name, &row.phone, &row.volunteer_number) {
            numbers.entry((name, phone)).or_default().entry(number.as_str()).or_default().push(row.line);
        }
    }
    numbers
}

fn person<'a>(row: &'a Row, numbers: &Numbers<'a>) -> Option<Person<'a>> {
    if let Some(number) = &row.volunteer_number {
        return Some(Person::Number(number));
    }
    let (name, phone) = (row.name.as_deref()?, row.phone.as_deref()?);
    let known = numbers.get(&(name, phone)).filter(|known| known.len() == 1);
    let number = known.and_then(|known| known.keys().next().copied());
    Some(number.map_or(Person::NameAndPhone(name, phone), Person::Number))
}

fn two_names(rows: &[Row], columns: &Columns, errors: &mut Vec<RowError>) {
    let mut names: FxHashMap<&str, BTreeMap<&str, Vec<u32>>> = FxHashMap::default();
    for row in rows {
        if let (Some(number), Some(name)) = (&row.volunteer_number, &row.name) {
            names.entry(number).or_default().entry(name).or_default().push(row.line);
        }
    }
    let place = columns.place(&[Field::Name, Field::Number]);
    for lines in names.values() {
        each_against_the_others(lines, &place, Fault::NumberTwoNames, errors);
    }
}

fn two_numbers(columns: &Columns, numbers: &Numbers<'_>, errors: &mut Vec<RowError>) {
    let place = columns.place(&[Field::Number, Field::Name]);
    for lines in numbers.values() {
        each_against_the_others(lines, &place, Fault::PersonTwoNumbers, errors);
    }
}

fn each_against_the_others(
    lines: &BTreeMap<&str, Vec<u32>>,
    place: &Place,
    fault: Fault,
    errors: &mut Vec<RowError>,
) {
    if lines.len() < 2 {
        return;
    }
    for (value, own) in lines {
        let others =
            lines.iter().filter(|(other, _)| *other != value).flat_map(|(_, lines)| lines.iter().copied());
        let others = listed(others.take(LISTED + 1));
        errors.extend(own.iter().map(|&line| RowError::new(line, place, fault, value, &others)));
    }
}

fn span(row: &Row) -> (i64, i64) {
    let midnight = i64::from(row.date) * 1_440;
    (midnight + i64::from(row.start_minute), midnight + i64::from(row.end_minute))
}

/// The lines of rows that say the same as another one.
fn doubles(own: &[&Row], columns: &Columns, errors: &mut Vec<RowError>) -> BTreeSet<u32> {
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
fn overlaps(own: &[&Row], doubled: &BTreeSet<u32>, columns: &Columns, errors: &mut Vec<RowError>) {
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
