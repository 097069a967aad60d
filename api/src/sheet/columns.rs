//! Which column holds what: headers in any order, in one row or two.

use std::collections::BTreeMap;

use super::excerpt::excerpt;
use super::faults::{FileFault, Place, Remark, SheetError, parts};
use super::given::{COMMON, Given};
use super::grid::{Cell, GridRow};
use super::job::{Form, Job};
use super::letters::letters;
use super::text;
pub(super) use super::words::Field;
use super::words::{Meaning, bare, below, meaning};

/// How many cells of a row are headers; used to find the header row and the separator.
pub(super) fn recognised(row: &GridRow) -> usize {
    row.cells.iter().filter(|cell| matches!(cell, Cell::Text(header) if meaning(header).is_some())).count()
}

/// A sheet of services.
pub(super) const SERVICES: Form =
    Form { recognised, head: |rows| Columns::find(rows, FEWEST).ok().map(Header::last) };

/// Columns that make a head; of a sheet whose rows have the rest in common there may be fewer.
pub(super) const FEWEST: usize = 3;

/// Where the header stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// Among the rows that are not blank.
    pub(super) first: usize,
    /// Two-row headers are common where one word stands over start and end.
    rows: usize,
}

impl Header {
    /// The last of its rows.
    pub(super) fn last(self) -> usize {
        self.first + self.rows - 1
    }
}

/// The columns of one sheet.
#[derive(Debug)]
pub(super) struct Columns {
    by_field: [Option<Place>; Field::ALL.len()],
    /// A column for phones and volunteer numbers alike.
    pub(super) either: Option<Place>,
    /// A column for day and times.
    pub(super) when: Option<Place>,
    /// A column for how long it took.
    pub(super) length: Option<Place>,
    headers: Vec<String>,
    /// Columns up to the last one with a header.
    pub(super) width: usize,
}

impl Columns {
    /// The header is where most known headers stand among the first rows: titles and instructions stand above it.
    pub(super) fn find(rows: &[GridRow], fewest: usize) -> Result<Header, SheetError> {
        const SEARCHED: usize = 30;
        let mut best = (0, Header { first: 0, rows: 1 });
        for (first, row) in rows.iter().enumerate().take(SEARCHED) {
            let alone = recognised(row);
            if alone > best.0 {
                best = (alone, Header { first, rows: 1 });
            }
            let lower = rows.get(first + 1);
            let both = lower.and_then(|lower| joined(row, lower)).unwrap_or(0);
            // What stands above a head that says all by itself is a heading.
            if both > best.0 && both > alone && both > lower.map_or(0, recognised) {
                best = (both, Header { first, rows: 2 });
            }
        }
        if best.0 < fewest { Err(SheetError::new(FileFault::NoHeader, "")) } else { Ok(best.1) }
    }

    pub(super) fn read(rows: &[GridRow], header: Header, job: &mut Job<'_>) -> Result<Columns, SheetError> {
        let upper = &rows[header.first];
        let lower = (header.rows == 2).then(|| &rows[header.last()]);
        let width = upper.cells.len().max(lower.map_or(0, |row| row.cells.len()));
        let mut columns = Columns {
            by_field: Default::default(),
            either: None,
            when: None,
            length: None,
            headers: Vec::with_capacity(width),
            width: 0,
        };
        let mut unknown = Vec::new();
        for index in 0..width {
            let above = text::clean(text::beginning(&upper.cell(index).shown()));
            let under =
                lower.map(|row| text::clean(text::beginning(&row.cell(index).shown()))).unwrap_or_default();
            let by_lower = if under.is_empty() { None } else { below(&group(upper, index), &under) };
            let shown = if by_lower.is_some() || above.is_empty() { under } else { above };
            match by_lower.or_else(|| meaning(&shown)) {
                _ if shown.is_empty() => {}
                Some(meaning) => columns.put(meaning, index, &shown)?,
                None => unknown.push(excerpt(&shown)),
            }
            columns.headers.push(shown);
        }
        columns.width =
            columns.headers.iter().rposition(|header| !header.is_empty()).map_or(0, |last| last + 1);
        note_unknown(&unknown, job);
        columns.fill_in(&job.given, job.limits.max_columns);
        columns.check_complete(header, rows, job.given.names_alone)?;
        Ok(columns)
    }

    fn put(&mut self, meaning: Meaning, index: usize, header: &str) -> Result<(), SheetError> {
        let place = Place { index, header: excerpt(header), letter: letters(index) };
        let (slot, title) = match meaning {
            Meaning::One(field) => (&mut self.by_field[field as usize], field.title()),
            Meaning::PhoneOrNumber => (&mut self.either, ("电话或志愿者编号", "Phone or volunteer number")),
            Meaning::When => (&mut self.when, ("服务时间", "Date and times")),
            Meaning::Length => (&mut self.length, ("服务时长", "Hours")),
        };
        if let Some(first) = slot {
            return Err(two_columns(first, &place, title));
        }
        *slot = Some(place);
        Ok(())
    }

    /// Fields that are said for all rows, or in a column with others, get a place beyond those of the file.
    fn fill_in(&mut self, given: &Given, beyond: usize) {
        for field in COMMON {
            let by_when = self.when.is_some() && matches!(field, Field::Date | Field::Start | Field::End);
            let by_length = self.length.is_some() && field == Field::End;
            let slot = &mut self.by_field[field as usize];
            if slot.is_none() && (given.get(field).is_some() || by_when || by_length) {
                let index = beyond + field as usize;
                let own = || Place { header: field.title().0.to_owned(), ..Place::default() };
                let told = self.when.clone().filter(|_| by_when).unwrap_or_else(own);
                *slot = Some(Place { index, ..told });
            }
        }
    }

    /// Puts a cell where a field is read from.
    pub(super) fn put_cell(&self, row: &mut GridRow, field: Field, cell: Cell) {
        let Some(place) = self.get(field) else { return };
        if row.cells.len() <= place.index && !cell.is_blank() {
            row.cells.resize(place.index + 1, Cell::Empty);
        }
        if let Some(slot) = row.cells.get_mut(place.index) {
            *slot = cell;
        }
    }

    fn check_complete(&self, header: Header, rows: &[GridRow], names_alone: bool) -> Result<(), SheetError> {
        let has = |field: Field| self.by_field[field as usize].is_some();
        let mut missing: Vec<Field> = Field::ALL[3..].iter().copied().filter(|&field| !has(field)).collect();
        if !has(Field::Number) && self.either.is_none() {
            let needed: &[Field] = if names_alone { &[Field::Name] } else { &[Field::Name, Field::Phone] };
            missing.extend(needed.iter().copied().filter(|&field| !has(field)));
        }
        if missing.is_empty() {
            return Ok(());
        }
        missing.sort();
        let names: Vec<String> =
            missing.iter().map(|field| format!("{} {}", field.title().0, field.title().1)).collect();
        let names = names.join("、");
        // What is missing may stand in the row below, in a form that is not understood.
        let next = rows.get(header.last() + 1).filter(|row| recognised(row) > 0);
        Err(match next {
            Some(row) => {
                SheetError::new(FileFault::MissingColumnBelow, &parts(&[&names, &row.line.to_string()]))
            }
            None => SheetError::new(FileFault::MissingColumn, &names),
        })
    }

    pub(super) fn get(&self, field: Field) -> Option<&Place> {
        self.by_field[field as usize].as_ref()
    }

    /// The columns of the file that are read, from left to right.
    pub(super) fn read_from(&self) -> Vec<&Place> {
        let others = [&self.either, &self.when, &self.length];
        let all = self.by_field.iter().chain(others).flatten();
        let mut places: Vec<&Place> = all.filter(|place| place.index < self.width).collect();
        places.sort_by_key(|place| place.index);
        places.dedup_by_key(|place| place.index);
        places
    }

    /// The headers as they are written, with their letters.
    pub(super) fn named(&self) -> BTreeMap<Field, String> {
        let person = |field: &Field| matches!(field, Field::Phone | Field::Number);
        let of = |field: Field| self.get(field).or(self.either.as_ref().filter(|_| person(&field)));
        Field::ALL.into_iter().filter_map(|field| Some((field, of(field)?.name()))).collect()
    }

    /// Every column that is read.
    pub(super) fn places(&self) -> impl Iterator<Item = &Place> {
        self.by_field.iter().flatten().chain(&self.either).chain(&self.when)
    }

    /// Where to point for a field: its column, or the first column when the sheet has none for it.
    pub(super) fn place(&self, fields: &[Field]) -> Place {
        let person = |field: &Field| matches!(field, Field::Phone | Field::Number);
        let own = fields.iter().find_map(|&field| self.get(field));
        let either = self.either.as_ref().filter(|_| fields.iter().any(person));
        own.or(either).cloned().unwrap_or_else(|| self.place_at(0))
    }

    pub(super) fn place_at(&self, index: usize) -> Place {
        let header = self.headers.get(index).map(|header| excerpt(header)).unwrap_or_default();
        Place { index, header, letter: letters(index) }
    }

    /// A second header row in the middle of the data, as long sheets repeat it for printing.
    pub(super) fn is_repeated(&self, row: &GridRow) -> bool {
        let filled = row.cells.iter().filter(|cell| !cell.is_blank()).count();
        let same = |(cell, header): &(&Cell, &String)| {
            !header.is_empty() && matches!(cell, Cell::Text(shown) if text::clean_equals(shown, header))
        };
        let known = row.cells.iter().zip(&self.headers).filter(same).count();
        known >= 3 && known * 2 > filled
    }
}

/// How many columns two rows name together; None if the lower one is no part of a header.
fn joined(upper: &GridRow, lower: &GridRow) -> Option<usize> {
    let mut known = 0;
    let mut from_lower = 0;
    for index in 0..upper.cells.len().max(lower.cells.len()) {
        let (above, under) = (upper.cell(index), lower.cell(index));
        let above_known = matches!(above, Cell::Text(header) if meaning(header).is_some());
        match under {
            cell if cell.is_blank() => known += usize::from(above_known),
            Cell::Text(header) => {
                let means = below(&group(upper, index), &text::clean(text::beginning(header))).is_some();
                if !means && above_known {
                    return None;
                }
                known += usize::from(means);
                from_lower += usize::from(means);
            }
            _ => return None,
        }
    }
    (from_lower > 0).then_some(known)
}

/// The word over a column: its own, or the nearest to the left where cells are merged.
fn group(upper: &GridRow, index: usize) -> String {
    let left = (0..=index).rev().map(|at| upper.cell(at)).find(|cell| !cell.is_blank());
    left.map(|cell| text::clean(text::beginning(&cell.shown()))).unwrap_or_default()
}

/// Names both columns as they are written, and which to keep: the one with the usual title, else the first.
fn two_columns(first: &Place, second: &Place, title: (&str, &str)) -> SheetError {
    let usual = |place: &&Place| [title.0, title.1].contains(&place.header.as_str());
    let (keep, drop) = if usual(&second) && !usual(&first) { (second, first) } else { (first, second) };
    let name = |place: &Place| format!("“{}”（{}）", place.header, place.letter);
    let detail = parts(&[&name(first), &name(second), title.0, &name(keep), &name(drop)]);
    SheetError::new(FileFault::DuplicateColumn, &detail)
}

/// What a record of hours has no business with.
const PRIVATE: [&str; 8] = ["重点", "健康", "婚姻", "民族", "病", "残疾", "低保", "死亡"];

fn note_unknown(unknown: &[String], job: &mut Job<'_>) {
    let is_id = |header: &&String| bare(header).contains("身份证") || bare(header).contains("idcard");
    let (ids, others): (Vec<&String>, Vec<&String>) = unknown.iter().partition(is_id);
    let (private, others): (Vec<&String>, Vec<&String>) =
        others.into_iter().partition(|header| PRIVATE.iter().any(|word| bare(header).contains(word)));
    for (headers, remark) in
        [(ids, Remark::IdColumn), (private, Remark::PrivateColumn), (others, Remark::UnknownColumn)]
    {
        let names: Vec<&str> = headers.iter().map(|header| header.as_str()).collect();
        if !names.is_empty() {
            job.note(remark, &names.join("、"));
        }
    }
}
