//! The roll of residents that a grid keeps (网格居民信息表): of up to thirty columns three are read.
//!
//! Who has moved away or died is left out, by the row and the name alone. What else a roll says of people, of their
//! health, marriage, people or of who is watched, is neither kept nor told on: a column that is not read is told by its head.

use std::collections::BTreeMap;

use super::assemble::{asks_for_something, begins_like_a_footer, hints, in_one, note_lines};
use super::errors::Errors;
use super::excerpt::excerpt;
use super::faults::{Fault, FileFault, Note, Place, Remark, RowError, SheetError};
use super::grid::{Cell, Grid, GridRow};
use super::job::{Form, Job};
use super::letters::letters;
use super::words::Field;
use super::words::{Meaning, bare, meaning};
use super::{id_number, person, row, text};

/// A sheet of residents.
pub(super) const ROLL: Form = Form { recognised, head };

/// The head stands in one of so many rows that are not blank: below what the sheet is called and who filled it in.
const HEAD_ROWS: usize = 4;

/// More people than these are not read from one file: those of a large community come in several.
pub const MOST_RESIDENTS: usize = 5_000;

/// Somebody on the roll.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resident {
    /// 1-based row, as the user's spreadsheet program shows it.
    pub line: u32,
    /// As it is written, without what pads it or stands in brackets behind it.
    pub name: String,
    /// In canonical form.
    pub phone: Option<String>,
    /// In canonical form.
    pub volunteer_number: Option<String>,
}

/// What a roll says of who lives here.
#[derive(Clone, Debug, Default)]
pub struct Roll {
    /// In the order of the rows, without those that are wrong.
    pub people: Vec<Resident>,
    /// Line and name of whoever has moved away or died.
    pub gone: Vec<(u32, String)>,
    /// The first mistakes by line and column.
    pub errors: Vec<RowError>,
    /// How many mistakes there are of each code.
    pub counts: BTreeMap<&'static str, usize>,
    /// What the sender should know of the file.
    pub notes: Vec<Note>,
    /// The heads of the columns that were not read.
    pub unread: Vec<String>,
}

/// Where what is read stands.
struct Heads {
    name: Place,
    phone: Option<Place>,
    number: Option<Place>,
    /// A column for phones and volunteer numbers alike.
    either: Option<Place>,
    /// Whether somebody has left or died.
    marks: Vec<Place>,
    /// A column that numbers the rows: filled in ahead for people who are not there.
    counter: Option<usize>,
    unread: Vec<String>,
}

fn is_mark(head: &str) -> bool {
    matches!(
        bare(head).as_str(),
        "是否已迁出"
            | "是否迁出"
            | "已迁出"
            | "是否已死亡"
            | "是否死亡"
            | "已死亡"
            | "是否已故"
            | "已故"
    )
}

fn is_counter(head: &str) -> bool {
    matches!(bare(head).as_str(), "序号" | "编号" | "no" | "#")
}

fn person_column(head: &str) -> Option<Meaning> {
    meaning(head).filter(|meaning| {
        matches!(meaning, Meaning::PhoneOrNumber | Meaning::One(Field::Name | Field::Phone | Field::Number))
    })
}

fn recognised(row: &GridRow) -> usize {
    let known =
        |cell: &&Cell| matches!(cell, Cell::Text(head) if person_column(head).is_some() || is_mark(head));
    row.cells.iter().filter(known).count()
}

/// The row that names most columns, the name among them.
fn head(rows: &[GridRow]) -> Option<usize> {
    let is_name = |cell: &Cell| matches!(cell, Cell::Text(head) if person_column(head) == Some(Meaning::One(Field::Name)));
    let heads = rows.iter().take(HEAD_ROWS).enumerate().filter(|(_, row)| row.cells.iter().any(is_name));
    // Of two that name as many the first.
    heads.rev().max_by_key(|(_, row)| recognised(row)).map(|(at, _)| at)
}

impl Heads {
    fn read(row: &GridRow) -> Option<Self> {
        let (mut name, mut phone, mut number, mut either) = (None, None, None, None);
        let (mut marks, mut counter, mut unread) = (Vec::new(), None, Vec::new());
        for (index, cell) in row.cells.iter().enumerate().filter(|(_, cell)| !cell.is_blank()) {
            let shown = text::clean(text::beginning(&cell.shown()));
            let place = Place { index, header: excerpt(&shown), letter: letters(index) };
            let slot = match person_column(&shown) {
                Some(Meaning::One(Field::Name)) => &mut name,
                Some(Meaning::One(Field::Phone)) => &mut phone,
                Some(Meaning::One(_)) => &mut number,
                Some(Meaning::PhoneOrNumber) => &mut either,
                Some(Meaning::When | Meaning::Length) => {
                    unread.push(place.header);
                    continue;
                }
                None if is_mark(&shown) => {
                    marks.push(place);
                    continue;
                }
                None if counter.is_none() && is_counter(&shown) => {
                    counter = Some(index);
                    continue;
                }
                None => {
                    unread.push(place.header);
                    continue;
                }
            };
            match slot {
                // Of two columns for the same the first is read, and the other told.
                Some(_) => unread.push(place.header),
                None => *slot = Some(place),
            }
        }
        Some(Self { name: name?, phone, number, either, marks, counter, unread })
    }

    fn numbers(&self) -> impl Iterator<Item = &Place> {
        self.phone.iter().chain(&self.number).chain(&self.either)
    }
}

/// What is worth a note, by lines.
#[derive(Default)]
struct Noted {
    instructions: Vec<u32>,
    nameless: Vec<u32>,
    second_number: Vec<u32>,
    after_the_name: Vec<u32>,
    hidden: Vec<u32>,
}

pub(super) fn assemble(grid: Grid, job: &mut Job<'_>) -> Result<Roll, SheetError> {
    let Grid { mut rows, hidden_lines, .. } = grid;
    let at = head(&rows).ok_or_else(|| SheetError::new(FileFault::NoRollHeader, ""))?;
    let heads = Heads::read(&rows[at]).ok_or_else(|| SheetError::new(FileFault::NoRollHeader, ""))?;
    let title = heads.name.header.clone();
    rows.drain(..=at);
    let mut errors = Errors::new(job.limits.max_errors);
    let (mut roll, mut noted) = (Roll { unread: heads.unread.clone(), ..Roll::default() }, Noted::default());
    // A row goes once it was read: what is kept of it is less, so that nothing has to be taken for it.
    for (at, row) in rows.into_iter().enumerate() {
        match kind(&row, &heads, &title, at == 0) {
            Part::Person => {}
            Part::Nameless => {
                noted.nameless.push(row.line);
                continue;
            }
            Part::Instructions => {
                noted.instructions.push(row.line);
                continue;
            }
            Part::Nothing => continue,
        }
        if hidden_lines.binary_search(&row.line).is_ok() {
            noted.hidden.push(row.line);
        }
        match (Reading { row: &row, heads: &heads, noted: &mut noted, errors: Vec::new() }).person() {
            Ok(Read::Lives(resident)) => {
                roll.people.push(resident);
            }
            Ok(Read::Gone(name)) => roll.gone.push((row.line, name)),
            Err(found) => found.into_iter().for_each(|error| errors.push(error)),
        }
        if roll.people.len() > job.limits.max_rows {
            return Err(SheetError::new(FileFault::TooManyRows, &job.limits.max_rows.to_string()));
        }
    }
    (roll.errors, roll.counts) = errors.finish();
    if roll.people.is_empty() && roll.gone.is_empty() && roll.errors.is_empty() {
        return Err(SheetError::new(FileFault::NoRows, ""));
    }
    for (remark, lines) in [
        (Remark::Instructions, noted.instructions),
        (Remark::NamelessRows, noted.nameless),
        (Remark::SecondNumber, noted.second_number),
        (Remark::AfterTheName, noted.after_the_name),
        (Remark::HiddenRows, noted.hidden),
    ] {
        note_lines(remark, &lines, job);
    }
    roll.notes = std::mem::take(&mut job.notes);
    Ok(roll)
}

/// What a row below the head is.
enum Part {
    Person,
    /// It says something in columns that are not read, and nothing of who is meant.
    Nameless,
    Instructions,
    /// A number in a row that nobody filled in, a total, a line for signatures, the head once more.
    Nothing,
}

fn kind(row: &GridRow, heads: &Heads, title: &str, is_first: bool) -> Part {
    let name = row.cell(heads.name.index);
    if row.flaw.is_some() {
        return Part::Person;
    }
    if matches!(name, Cell::Text(shown) if text::clean_equals(shown, title)) {
        return Part::Nothing;
    }
    let filled = || row.cells.iter().filter(|cell| !cell.is_blank());
    if is_first && (hints(name) || filled().filter(|cell| hints(cell)).count() >= 2) {
        return Part::Instructions;
    }
    let asks = |cell: &Cell| asks_for_something(&text::plain(text::beginning(&cell.shown())));
    if filled().take(1).chain([name]).any(|cell| begins_like_a_footer(&in_one(cell))) || asks(name) {
        return Part::Nothing;
    }
    if !is_nothing(name) || heads.numbers().any(|place| !is_nothing(row.cell(place.index))) {
        return Part::Person;
    }
    let others =
        row.cells.iter().enumerate().filter(|(at, cell)| Some(*at) != heads.counter && !is_nothing(cell));
    let mut others = others.map(|(_, cell)| cell).peekable();
    if others.peek().is_none() || others.any(asks) { Part::Nothing } else { Part::Nameless }
}

/// Blank, or what people write into a cell that has nothing to say.
fn is_nothing(cell: &Cell) -> bool {
    cell.is_blank()
        || matches!(cell, Cell::Text(shown) if text::means_nothing(shown) || text::is_ditto(shown))
}

enum Read {
    Lives(Resident),
    Gone(String),
}

struct Reading<'a> {
    row: &'a GridRow,
    heads: &'a Heads,
    noted: &'a mut Noted,
    errors: Vec<RowError>,
}

impl Reading<'_> {
    fn person(mut self) -> Result<Read, Vec<RowError>> {
        let (row, heads) = (self.row, self.heads);
        if let Some((fault, column)) = row.flaw {
            let place = Place { index: column, header: String::new(), letter: letters(column) };
            return Err(vec![RowError::new(row.line, &place, fault, "", "")]);
        }
        let name = self.read(&heads.name, Field::Name, Self::name);
        let is_gone = heads.marks.iter().filter(|place| self.is_marked(place)).count() > 0;
        // Of whoever is gone nothing but the name is looked at.
        let mut phone = heads.phone.as_ref().filter(|_| !is_gone);
        let mut number = heads.number.as_ref().filter(|_| !is_gone);
        if let Some(either) = heads.either.as_ref().filter(|_| !is_gone) {
            let is_phone = person::is_surely_phone(&row.cell(either.index).shown());
            *(if is_phone { &mut phone } else { &mut number }) = Some(either);
        }
        let phone = phone.and_then(|place| self.read(place, Field::Phone, Self::phone));
        let volunteer_number =
            number.and_then(|place| self.read(place, Field::Number, |_, shown| self::number(shown)));
        if name.is_none() && self.errors.is_empty() && !is_gone {
            self.tell(&heads.name, Fault::MissingName);
        }
        match self.errors.is_empty() {
            true if is_gone => Ok(Read::Gone(name.unwrap_or_default())),
            true => Ok(Read::Lives(Resident {
                line: row.line,
                name: name.unwrap_or_default(),
                phone,
                volunteer_number,
            })),
            false => Err(self.errors),
        }
    }

    fn tell(&mut self, place: &Place, fault: Fault) {
        let cell = self.row.cell(place.index);
        let error = match fault {
            Fault::CellTooLong => {
                let field = if place.index == self.heads.name.index { Field::Name } else { Field::Phone };
                RowError::new(self.row.line, place, fault, &cell.shown(), &row::length(cell, field))
            }
            // What it says may be more than anybody has to know: the cell is named, not told.
            Fault::UnclearMark => RowError::new(self.row.line, place, fault, "", ""),
            _ => RowError::new(self.row.line, place, fault, &cell.shown(), ""),
        };
        self.errors.push(error);
    }

    /// The value of a cell; none if it has nothing to say, or is wrong, which is told.
    fn read(
        &mut self,
        place: &Place,
        field: Field,
        convert: impl FnOnce(&mut Self, &str) -> Result<String, Fault>,
    ) -> Option<String> {
        let cell = self.row.cell(place.index);
        if is_nothing(cell) {
            return None;
        }
        let value = row::shown(cell, field).and_then(|shown| convert(self, &shown));
        value.map_err(|fault| self.tell(place, fault)).ok()
    }

    fn is_marked(&mut self, place: &Place) -> bool {
        let cell = self.row.cell(place.index);
        let shown = match cell {
            Cell::Bool(marked) => return *marked,
            cell if is_nothing(cell) => return false,
            cell => text::plain(text::beginning(&cell.shown())),
        };
        match shown.as_str() {
            "1" | "是" | "√" | "✓" | "✔" | "☑" | "有" | "y" | "yes" | "true" | "已迁出" | "已死亡"
            | "已故" => true,
            "0" | "否" | "×" | "✗" | "x" | "☐" | "n" | "no" | "false" | "未迁出" | "未死亡" => {
                false
            }
            _ => {
                self.tell(place, Fault::UnclearMark);
                false
            }
        }
    }

    fn name(&mut self, shown: &str) -> Result<String, Fault> {
        if id_number::is_within(shown) {
            return Err(Fault::IdNumber);
        }
        let bare = without_brackets(shown);
        let name = person::name(bare)?;
        if bare.len() < shown.len() {
            self.noted.after_the_name.push(self.row.line);
        }
        Ok(name)
    }

    /// One number of a cell that may hold several: the mobile, else the first.
    fn phone(&mut self, shown: &str) -> Result<String, Fault> {
        let phone = match (person::phone(shown), several(shown)) {
            (Ok(phone), _) => phone,
            (Err(_), Some(numbers)) => {
                self.noted.second_number.push(self.row.line);
                let mobile = numbers.iter().find(|phone| is_mobile(phone));
                mobile.or(numbers.first()).cloned().ok_or(Fault::BadPhone)?
            }
            (Err(_), None) if id_number::is_within(shown) => return Err(Fault::IdNumber),
            (Err(fault), None) => return Err(fault),
        };
        if is_rounded_phone(&phone) { Err(Fault::NumberLostDigits) } else { Ok(phone) }
    }
}

/// The numbers of a cell, if each part of it is one.
fn several(shown: &str) -> Option<Vec<String>> {
    let by = |separators: &[char]| {
        let parts = shown.split(separators).map(str::trim).filter(|part| !part.is_empty());
        let numbers: Option<Vec<String>> = parts.map(|part| person::phone(part).ok()).collect();
        numbers.filter(|numbers| numbers.len() > 1)
    };
    const SEPARATORS: [char; 8] = [';', '；', ',', '，', '、', '/', '|', ' '];
    // A number may be written in groups: blanks stand between two numbers only if nothing else does.
    by(&SEPARATORS[..7]).or_else(|| by(&SEPARATORS))
}

fn is_mobile(phone: &str) -> bool {
    phone.len() == 11 && phone.starts_with('1')
}

/// A mobile whose last seven digits are zeros: 1.38E+10 written out again.
fn is_rounded_phone(phone: &str) -> bool {
    is_mobile(phone) && phone.ends_with("0000000")
}

/// A volunteer number; of more than fifteen digits a spreadsheet program keeps fifteen and fills up with zeros.
fn number(shown: &str) -> Result<String, Fault> {
    const KEPT: usize = 15;
    if id_number::is_exactly(shown) {
        return Err(Fault::IdNumber);
    }
    let number = person::number(shown)?;
    let is_rounded = number.len() > KEPT + 1
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && number.bytes().skip(KEPT).all(|byte| byte == b'0');
    if is_rounded { Err(Fault::NumberLostDigits) } else { Ok(number) }
}

/// A name without what stands in brackets behind it: `王芳(党员)`, `李强（代）`.
fn without_brackets(name: &str) -> &str {
    let mut name = name.trim_end();
    while name.ends_with([')', '）']) {
        match name.rfind(['(', '（']) {
            Some(at) if at > 0 => name = name[..at].trim_end(),
            _ => return name,
        }
    }
    name
}
