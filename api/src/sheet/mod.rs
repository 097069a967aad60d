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
mod assemble;
mod budget;
mod columns;
mod csv;
mod encoding;
mod errors;
mod excerpt;
mod faults;
mod grid;
mod id_number;
mod inspect;
mod letters;
mod merged;
mod meter;
mod moment;
mod package;
mod person;
mod row;
mod styles;
mod text;
mod weekday;
mod words;
pub mod write;
mod xlsx;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::Serialize;

use faults::{Fault, FileFault, Remark};
pub use budget::Budget;
pub use faults::{Note, RowError, SheetError};
use meter::Meter;
pub use words::Field as Column;

/// Memory of the largest sheet: a hundred thousand rows of the usual length.
const MOST_MEMORY: usize = 192 << 20;

/// Bounds of what is read, and the policy that a row is held to.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The local day of reading, in days since 1970-01-01: nothing later can be recorded.
    pub today: i32,
    /// The first day that can be recorded, in days since 1970-01-01.
    pub earliest: i32,
    /// Largest file in bytes.
    pub max_bytes: usize,
    /// Largest total of a workbook's parts once unpacked, in bytes: they are streamed, never kept.
    pub max_unpacked: usize,
    /// Most memory that the cells and rows of a sheet may take, in bytes.
    pub max_memory: usize,
    /// Mistakes that are told word for word; all are counted.
    pub max_errors: usize,
    /// Most rows below the header.
    pub max_rows: usize,
    /// Most columns.
    pub max_columns: usize,
    /// Longest single service in minutes, at most 1440.
    pub max_span: i32,
    /// Words in an activity's name that show it to be paid work (Order 67, art. 19): refused. Lower case.
    pub not_voluntary: Vec<String>,
    /// Words of meetings and duty, which the same article excludes, but which services are named with, too: noted.
    pub doubtful: Vec<String>,
}

impl Limits {
    /// The usual bounds for a sheet read on `today` (days since 1970-01-01): ten years back, 16 MiB, 100,000 rows, 16 hours.
    pub fn new(today: i32) -> Limits {
        let paid = ["工资", "有偿", "paid", "salary", "wage", "wages"];
        let doubtful = ["会议", "例会", "开会", "值班", "加班", "meeting", "overtime"];
        Limits {
            today,
            earliest: today.saturating_sub(3_653),
            max_bytes: 16 << 20,
            max_unpacked: 256 << 20,
            max_memory: MOST_MEMORY,
            max_errors: 100,
            max_rows: 100_000,
            max_columns: 64,
            max_span: 16 * 60,
            not_voluntary: paid.map(str::to_owned).to_vec(),
            doubtful: doubtful.map(str::to_owned).to_vec(),
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
    /// In the canonical form of the ledger: mainland numbers as digits, others with `+` and country code.
    pub phone: Option<String>,
    /// In the canonical form of the ledger: capitals, as grouped in the sheet.
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
    /// What is wrong, by line and column: the first [`Limits::max_errors`]. Unless it is empty, nothing may be imported.
    pub errors: Vec<RowError>,
    /// How many mistakes there are of each code, untold ones included.
    pub counts: BTreeMap<&'static str, usize>,
    /// What the sender should know.
    pub notes: Vec<Note>,
    /// What stands over the columns that are read, with their letters, such as `结束时间（G）`.
    pub columns: BTreeMap<Column, String>,
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

impl Row {
    /// Bytes that its texts take.
    fn held(&self) -> usize {
        let optional = [&self.name, &self.phone, &self.volunteer_number];
        let texts = [&self.activity, &self.place, &self.content, &self.lead];
        optional.into_iter().flatten().chain(texts).map(|text| 16 + text.len()).sum()
    }
}

/// The memory that [`read`] may take for a file, at most [`Limits::max_memory`]: what its cells could unfold to.
///
/// # Errors
/// [`SheetError`] where the file cannot be read for a reason that shows from outside.
pub fn memory(bytes: &[u8], limits: &Limits) -> Result<usize, SheetError> {
    // A cell of a few bytes takes some dozens, as text and in its row.
    const UNFOLDING: usize = 16;
    const LEAST: usize = 1 << 20;
    check_size(bytes, limits)?;
    let length = match kind(bytes)? {
        Kind::Workbook => xlsx::unpacked(bytes, limits)?,
        Kind::Text => bytes.len(),
    };
    Ok(limits.max_memory.min(LEAST + UNFOLDING * length))
}

/// Reads an XLSX or CSV file. `name` is the file's name: only its ending matters, and only for a note.
///
/// # Errors
/// [`SheetError`] when the file as a whole cannot be read; mistakes in rows are in [`Sheet::errors`].
pub fn read(bytes: &[u8], name: &str, limits: &Limits) -> Result<Sheet, SheetError> {
    let mut notes = Vec::new();
    let read = rows(bytes, name, limits, &mut notes);
    read.map_err(|error| SheetError { notes, ..error })
}

fn rows(bytes: &[u8], name: &str, limits: &Limits, notes: &mut Vec<Note>) -> Result<Sheet, SheetError> {
    check_size(bytes, limits)?;
    let kind = kind(bytes)?;
    let mut meter = Meter::new(limits.max_memory);
    let grid = match kind {
        Kind::Workbook => xlsx::grid(bytes, limits, &mut meter, notes)?,
        Kind::Text => csv::grid(bytes, limits, &mut meter, notes)?,
    };
    note_ending(name, matches!(kind, Kind::Workbook), notes);
    assemble::assemble(grid, limits, &mut meter, notes)
}

fn check_size(bytes: &[u8], limits: &Limits) -> Result<(), SheetError> {
    if bytes.is_empty() {
        return Err(SheetError::new(FileFault::Empty, ""));
    }
    if bytes.len() > limits.max_bytes {
        return Err(SheetError::new(FileFault::TooLarge, &format!("{} MiB", limits.max_bytes >> 20)));
    }
    Ok(())
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
