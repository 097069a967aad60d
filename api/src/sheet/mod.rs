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
//! A roll of residents is read the same way, see [`read_roll`].
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
mod filled;
mod given;
mod grid;
mod id_number;
mod inspect;
mod jielong;
mod job;
mod letters;
mod limits;
mod merged;
mod moment;
mod names;
mod occasion;
mod outcome;
mod package;
mod person;
mod roll;
mod row;
mod seen;
mod styles;
mod text;
mod weekday;
mod wishes;
mod words;
pub mod write;
mod xlsx;

#[cfg(test)]
mod tests;

pub use budget::{Budget, Taken};
use faults::{Fault, FileFault, Remark};
pub use faults::{Note, RowError, SheetError};
pub use given::Given;
use grid::Grid;
#[cfg(test)]
pub(crate) use id_number::PROVINCES;
use job::Job;
pub use limits::Limits;
pub use outcome::{Row, Sheet, Shown, ShownRow};
pub use roll::{MOST_RESIDENTS, Resident, Roll};
pub use wishes::{MOST_WISHES, Register, Told};
pub use words::Field as Column;

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
    read_given(bytes, name, limits, Given::default())
}

/// The same, where rows may lack what was typed once for the whole sheet.
///
/// # Errors
/// [`SheetError`] when the file as a whole cannot be read; mistakes in rows are in [`Sheet::errors`].
pub fn read_given(bytes: &[u8], name: &str, limits: &Limits, given: Given) -> Result<Sheet, SheetError> {
    let job = Job { given, ..Job::new(limits, columns::SERVICES) };
    rows(bytes, name, job, assemble::assemble)
}

/// Reads who is on the roll of residents that a grid keeps, from the same kinds of file: names and numbers, nothing else.
///
/// # Errors
/// [`SheetError`] when the file as a whole cannot be read; mistakes in rows are in [`Roll::errors`].
pub fn read_roll(bytes: &[u8], name: &str, limits: &Limits) -> Result<Roll, SheetError> {
    rows(bytes, name, Job::new(limits, roll::ROLL), roll::assemble)
}

/// Reads the register of wishes that a community keeps, from the same kinds of file: who wishes for what.
///
/// # Errors
/// [`SheetError`] when the file as a whole cannot be read; mistakes in rows are in [`Register::errors`].
pub fn read_wishes(bytes: &[u8], name: &str, limits: &Limits) -> Result<Register, SheetError> {
    rows(bytes, name, Job::new(limits, wishes::REGISTER), wishes::assemble)
}

fn rows<T>(
    bytes: &[u8],
    name: &str,
    mut job: Job<'_>,
    assemble: fn(Grid, &mut Job<'_>) -> Result<T, SheetError>,
) -> Result<T, SheetError> {
    let read = grid(bytes, name, &mut job).and_then(|grid| assemble(grid, &mut job));
    read.map_err(|error| SheetError { notes: job.notes, ..error })
}

fn grid(bytes: &[u8], name: &str, job: &mut Job<'_>) -> Result<Grid, SheetError> {
    check_size(bytes, job.limits)?;
    let kind = kind(bytes)?;
    let grid = match kind {
        Kind::Workbook => xlsx::grid(bytes, job)?,
        Kind::Text => match copied_list(bytes, job) {
            Some(grid) => grid,
            None => csv::grid(bytes, job)?,
        },
    };
    note_ending(name, matches!(kind, Kind::Workbook), job);
    Ok(grid)
}

/// A list of names from a chat group, in place of a table of services.
fn copied_list(bytes: &[u8], job: &mut Job<'_>) -> Option<Grid> {
    if !job.given.names_alone {
        return None;
    }
    let text = std::str::from_utf8(bytes).ok()?;
    jielong::grid(text, &mut job.given, job.limits.today)
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

fn note_ending(name: &str, is_workbook: bool, job: &mut Job<'_>) {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
    let says_workbook = matches!(ending.as_str(), "xlsx" | "xlsm" | "xls" | "et");
    let says_text = matches!(ending.as_str(), "csv" | "txt" | "tsv");
    if says_workbook && !is_workbook || says_text && is_workbook {
        job.note(Remark::Misnamed, if is_workbook { "XLSX" } else { "CSV" });
    }
}
