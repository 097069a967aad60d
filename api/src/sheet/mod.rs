//! The spreadsheet that communities keep: one row per person and activity, as XLSX or CSV.
//!
//! Reading knows nothing of members or the ledger. It finds the header, checks every cell, compares the rows with one
//! another and tells every mistake with its row, its column and a way to mend it. Whoever imports changes nothing unless
//! [`Sheet::errors`] is empty. The outcome does not depend on the order of the rows, apart from line numbers.
//!
//! Columns: name, phone, volunteer number, activity, date, start, end, place, content, lead: the fields that a service
//! record must have (Order 67 of the Ministry of Civil Affairs, art. 7). A row needs a volunteer number, or a name and a
//! phone; a name alone identifies nobody, and a phone may be shared.
//!
//! A cell and the messages about it may hold personal data: show them to whoever sent the sheet, and log codes only.

mod across;
mod columns;
mod csv;
mod faults;
mod grid;
mod moment;
mod row;
mod text;
pub mod write;
mod xlsx;

#[cfg(test)]
mod tests;

use serde::Serialize;

use columns::{Columns, Field};
use faults::{Fault, FileFault, Remark};
pub use faults::{Note, RowError, SheetError};
use grid::GridRow;

/// Bounds of what is read, and the policy that a row is held to.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The local day of reading, in days since 1970-01-01: nothing later can be recorded.
    pub today: i32,
    /// The first day that can be recorded, in days since 1970-01-01.
    pub earliest: i32,
    /// Largest file in bytes.
    pub max_bytes: usize,
    /// Largest total of a workbook's parts once unpacked, in bytes.
    pub max_unpacked: usize,
    /// Most rows below the header.
    pub max_rows: usize,
    /// Most columns.
    pub max_columns: usize,
    /// Longest single service in minutes, at most 1440.
    pub max_span: i32,
    /// Words in an activity's name that show it to be paid work, a meeting or duty (Order 67, art. 19). Lower case.
    pub not_voluntary: Vec<String>,
}

impl Limits {
    /// The usual bounds for a sheet read on `today` (days since 1970-01-01): ten years back, 16 MiB, 50,000 rows, 16 hours.
    pub fn new(today: i32) -> Limits {
        let words = [
            "工资", "有偿", "会议", "例会", "开会", "值班", "加班", "paid", "salary", "wage", "wages",
            "meeting",
        ];
        Limits {
            today,
            earliest: today.saturating_sub(3_653),
            max_bytes: 16 << 20,
            max_unpacked: 96 << 20,
            max_rows: 50_000,
            max_columns: 64,
            max_span: 16 * 60,
            not_voluntary: words.map(str::to_owned).to_vec(),
        }
    }
}

/// One person's service on one occasion, checked and in one spelling.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// 1-based row, as the user's spreadsheet program shows it.
    pub line: u32,
    /// Name without padding; None only beside a volunteer number.
    pub name: Option<String>,
    /// Mainland numbers as digits, others with `+` and country code.
    pub phone: Option<String>,
    /// Letters and digits, upper case.
    pub volunteer_number: Option<String>,
    /// Name of the activity.
    pub activity: String,
    /// Local day on which it began, in days since 1970-01-01.
    pub date: i32,
    /// Minute of that day, 0..=1439.
    pub start_minute: i32,
    /// Minutes from the same midnight, above the start; beyond 1440 for service over midnight.
    pub end_minute: i32,
    /// Where it took place.
    pub place: String,
    /// What was done.
    pub content: String,
    /// The person in charge.
    pub lead: String,
}

/// What a sheet holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sheet {
    /// The rows that are right by themselves, by line; rows named in an error about several rows are among them.
    pub rows: Vec<Row>,
    /// Everything wrong, by line and column. Unless it is empty, nothing may be imported.
    pub errors: Vec<RowError>,
    /// What the sender should know.
    pub notes: Vec<Note>,
}

/// Every code that a [`RowError`] can carry.
pub fn row_codes() -> Vec<&'static str> {
    Fault::ALL.iter().map(|fault| fault.code()).collect()
}

/// Every code that a [`SheetError`] can carry.
pub fn file_codes() -> Vec<&'static str> {
    FileFault::ALL.iter().map(|fault| fault.code()).collect()
}

/// Every code that a [`Note`] can carry.
pub fn note_codes() -> Vec<&'static str> {
    Remark::ALL.iter().map(|remark| remark.code()).collect()
}

/// Reads an XLSX or CSV file. `name` is the file's name: only its ending matters, and only for a note.
///
/// # Errors
/// [`SheetError`] when the file as a whole cannot be read; mistakes in rows are in [`Sheet::errors`].
pub fn read(bytes: &[u8], name: &str, limits: &Limits) -> Result<Sheet, SheetError> {
    if bytes.is_empty() {
        return Err(SheetError::new(FileFault::Empty, ""));
    }
    if bytes.len() > limits.max_bytes {
        return Err(SheetError::new(FileFault::TooLarge, &format!("{} MiB", limits.max_bytes >> 20)));
    }
    let mut notes = Vec::new();
    let mut workbook = None;
    let rows = match kind(bytes)? {
        Kind::Workbook => {
            let mut opened = xlsx::open(bytes, limits, &mut notes)?;
            let rows = std::mem::take(&mut opened.rows);
            workbook = Some(opened);
            rows
        }
        Kind::Text => csv::grid(bytes, limits, &mut notes)?,
    };
    note_ending(name, workbook.is_some(), &mut notes);
    let mut sheet = assemble(&rows, limits, notes)?;
    if let Some(mut workbook) = workbook
        && sheet.errors.iter().any(|error| error.code.starts_with("missing-"))
    {
        name_merged(&mut sheet.errors, &workbook.merged());
    }
    sheet.errors.sort_by(|a, b| (a.line, a.order, a.code).cmp(&(b.line, b.order, b.code)));
    Ok(sheet)
}

enum Kind {
    Workbook,
    Text,
}

/// By the first bytes, never by the name.
fn kind(bytes: &[u8]) -> Result<Kind, SheetError> {
    const OLE: &[u8] = &[0xd0, 0xcf, 0x11, 0xe0];
    let other = |what: &str| Err(SheetError::new(FileFault::NotASheet, what));
    // A workbook with a password is an OLE container with this stream; its name is in UTF-16.
    let encrypted: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    match bytes {
        _ if bytes.starts_with(b"PK\x03\x04") => Ok(Kind::Workbook),
        _ if bytes.starts_with(OLE) => {
            let locked = bytes.windows(encrypted.len()).any(|window| window == encrypted);
            Err(SheetError::new(if locked { FileFault::Encrypted } else { FileFault::LegacyXls }, ""))
        }
        _ if bytes.starts_with(b"%PDF") => other("PDF"),
        _ if bytes.starts_with(b"\x89PNG") || bytes.starts_with(b"\xff\xd8\xff") => other("图片 image"),
        _ if bytes.starts_with(b"PK") || bytes.starts_with(b"\x1f\x8b") || bytes.starts_with(b"Rar!") => {
            other("压缩包 archive")
        }
        _ if is_markup(bytes) => other("HTML"),
        _ => Ok(Kind::Text),
    }
}

/// Some systems export a web page under the name .xls.
fn is_markup(bytes: &[u8]) -> bool {
    let start = bytes[..bytes.len().min(512)].trim_ascii_start().to_ascii_lowercase();
    ["<!doctype", "<html", "<table", "<?xml", "<meta"].iter().any(|tag| start.starts_with(tag.as_bytes()))
}

fn note_ending(name: &str, is_workbook: bool, notes: &mut Vec<Note>) {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
    let says_workbook = matches!(ending.as_str(), "xlsx" | "xlsm" | "xls");
    let says_text = matches!(ending.as_str(), "csv" | "txt" | "tsv");
    if says_workbook && !is_workbook || says_text && is_workbook {
        notes.push(Note::new(Remark::Misnamed, if is_workbook { "XLSX" } else { "CSV" }));
    }
}

fn assemble(grid: &[GridRow], limits: &Limits, mut notes: Vec<Note>) -> Result<Sheet, SheetError> {
    let header = Columns::find(grid)?;
    let columns = Columns::read(&grid[header], &mut notes)?;
    let below = data_rows(&grid[header + 1..], &columns, &mut notes);
    if below.is_empty() {
        return Err(SheetError::new(FileFault::NoRows, ""));
    }
    if below.len() > limits.max_rows {
        return Err(SheetError::new(FileFault::TooManyRows, &limits.max_rows.to_string()));
    }
    let mut rows = Vec::with_capacity(below.len());
    let mut errors = Vec::new();
    for row in below {
        match row::check(row, &columns, limits) {
            Ok(row) => rows.push(row),
            Err(found) => errors.extend(found),
        }
    }
    errors.extend(across::check(&rows, &columns));
    Ok(Sheet { rows, errors, notes })
}

/// The rows below the header without totals, remarks and repeated headers.
fn data_rows<'a>(rows: &'a [GridRow], columns: &Columns, notes: &mut Vec<Note>) -> Vec<&'a GridRow> {
    let mut kept = Vec::with_capacity(rows.len());
    let (mut footers, mut repeated) = (Vec::new(), Vec::new());
    for row in rows {
        match row {
            row if columns.is_repeated(row) => repeated.push(row.line.to_string()),
            row if is_footer(row, columns) => footers.push(row.line.to_string()),
            row => kept.push(row),
        }
    }
    for (lines, remark) in [(footers, Remark::FooterSkipped), (repeated, Remark::RepeatedHeader)] {
        if !lines.is_empty() {
            notes.push(Note::new(remark, &text::excerpt(&lines.join("、"))));
        }
    }
    kept
}

/// A line below the table: it begins with a word that nobody is called and has neither date nor times.
fn is_footer(row: &GridRow, columns: &Columns) -> bool {
    const WORDS: &[&str] = &[
        "合计", "总计", "小计", "共计", "备注", "说明", "注:", "填表", "制表", "审核", "total", "note:",
        "remarks",
    ];
    let undated = [Field::Date, Field::Start, Field::End]
        .iter()
        .all(|&field| columns.get(field).is_none_or(|place| row.cell(place.index).is_blank()));
    if !undated || row.flaw.is_some() {
        return false;
    }
    let first = text::plain(&row.first_text()).replace(' ', "");
    WORDS.iter().any(|word| first.starts_with(word))
}

/// Says that a required cell is empty because it was merged with the one above: deleting nothing is what people did wrong.
fn name_merged(errors: &mut [RowError], merged: &[calamine::Dimensions]) {
    let areas = Areas::new(merged);
    for error in errors.iter_mut().filter(|error| error.code.starts_with("missing-")) {
        let (row, column) = (error.line.saturating_sub(1), error.order as u32);
        let Some(area) = areas.find(row, column) else { continue };
        let corner =
            |(row, column): (u32, u32)| format!("{}{}", grid::letters(column as usize), u64::from(row) + 1);
        let detail = format!("{}:{}", corner(area.start), corner(area.end));
        let place =
            faults::Place { index: error.order, header: error.column.clone(), letter: error.letter.clone() };
        *error = RowError::new(error.line, &place, Fault::MergedCell, "", &detail);
    }
}

/// Merged areas by their first row. Areas never overlap in a file that a program wrote, so the one above a cell is among
/// the few that begin last before it. A hostile file has millions of them: looking at all for each cell would take hours.
struct Areas<'a>(Vec<&'a calamine::Dimensions>);

impl<'a> Areas<'a> {
    /// All areas of some hundred rows, however densely they are merged.
    const NEAR: usize = 4_096;

    fn new(merged: &'a [calamine::Dimensions]) -> Self {
        let mut areas: Vec<_> = merged.iter().collect();
        areas.sort_by_key(|area| area.start);
        Self(areas)
    }

    fn find(&self, row: u32, column: u32) -> Option<&'a calamine::Dimensions> {
        let before = self.0.partition_point(|area| area.start <= (row, column));
        let near = &self.0[before.saturating_sub(Self::NEAR)..before];
        near.iter().rev().find(|area| area.contains(row, column)).copied()
    }
}

#[cfg(test)]
mod area_tests {
    use super::*;

    #[test]
    fn a_merged_area_is_found_among_very_many() {
        let area = |row: u32, column: u32, to: u32| calamine::Dimensions::new((row, column), (row + 1, to));
        let merged: Vec<_> =
            (0..200_000).flat_map(|row| [area(row * 2, 5, 6), area(row * 2, 1, 3)]).collect();
        let areas = Areas::new(&merged);
        assert_eq!(areas.find(399_999, 3), Some(&area(399_998, 1, 3)));
        assert_eq!(areas.find(400_000, 3), None);
        assert_eq!(areas.find(11, 4), None);
        // Every cell of a large sheet against every area, as a hostile workbook would have it.
        let found = (0..400_000).filter(|row| areas.find(*row, 6).is_some()).count();
        assert_eq!(found, 400_000);
    }
}
