//! Workbooks: bounded before they are parsed, then read cell by cell.

use std::{
    io::{Cursor, Read},
    panic::{AssertUnwindSafe, catch_unwind},
};

use calamine::{DataRef, Dimensions, Reader, SheetType, SheetVisible, Xlsx, XlsxError};

use super::{
    Limits,
    faults::{FileFault, Note, Remark, SheetError},
    grid::{Cell, GridRow},
};

/// More parts than these no sheet has.
const MOST_PARTS: usize = 2_000;
/// Styles are expanded in memory, about twenty times their size.
const MOST_STYLES: usize = 8 << 20;

type Book<'a> = Xlsx<Cursor<&'a [u8]>>;

/// A worksheet's rows, and its merged cells on request: few sheets need them, and they cost a second pass.
pub(super) struct Workbook<'a> {
    book: Book<'a>,
    sheet: String,
    pub(super) rows: Vec<GridRow>,
}

pub(super) fn open<'a>(
    bytes: &'a [u8],
    limits: &Limits,
    notes: &mut Vec<Note>,
) -> Result<Workbook<'a>, SheetError> {
    vet(bytes, limits)?;
    guarded(|| read(bytes, limits, notes))
}

impl Workbook<'_> {
    pub(super) fn merged(&mut self) -> Vec<Dimensions> {
        guarded(|| self.book.merge_cells_by_sheet_name(&self.sheet).map_err(damaged)).unwrap_or_default()
    }
}

fn damaged(error: impl std::fmt::Display) -> SheetError {
    SheetError::new(FileFault::NotASheet, &super::text::excerpt(&error.to_string()))
}

/// The parser computes cell addresses without overflow checks of its own: `AAAAAAAAAA1` panics where the profile
/// checks arithmetic. A hostile file must end as an error, whatever the profile.
fn guarded<T>(work: impl FnOnce() -> Result<T, SheetError>) -> Result<T, SheetError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(damaged("broken contents")))
}

/// Unpacks every part once, counting only: sizes stated in a ZIP may lie.
fn vet(bytes: &[u8], limits: &Limits) -> Result<(), SheetError> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    if archive.len() > MOST_PARTS {
        return Err(SheetError::new(FileFault::ZipBomb, ""));
    }
    let mut left = limits.max_unpacked;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(damaged)?;
        let name = part.name().map_err(damaged)?.to_ascii_lowercase();
        let limit = if name.ends_with("styles.xml") { left.min(MOST_STYLES) } else { left };
        let used = vet_part(part, name.ends_with("sharedstrings.xml"), limit)?;
        left -= used;
    }
    Ok(())
}

fn vet_part(mut part: impl Read, strings: bool, limit: usize) -> Result<usize, SheetError> {
    let mut kept = Vec::new();
    let mut buffer = vec![0; 1 << 16];
    let mut used = 0;
    loop {
        let count = part.read(&mut buffer).map_err(damaged)?;
        if count == 0 {
            break;
        }
        used += count;
        if used > limit {
            return Err(SheetError::new(FileFault::ZipBomb, ""));
        }
        if strings {
            kept.extend_from_slice(&buffer[..count]);
        }
    }
    if strings && !states_honest_count(&kept) { Err(damaged("string table")) } else { Ok(used) }
}

/// The parser reserves memory for as many strings as the table says it has, before it reads one. A NUL would hide the
/// number in UTF-16, which no spreadsheet program writes.
fn states_honest_count(table: &[u8]) -> bool {
    const ATTRIBUTE: &[u8] = b"uniqueCount";
    if table.contains(&0) {
        return false;
    }
    let stated = |at: usize| {
        let rest = &table[at + ATTRIBUTE.len()..];
        let skipped = rest.iter().position(u8::is_ascii_digit).unwrap_or(rest.len());
        let digits = rest[skipped..].iter().take_while(|byte| byte.is_ascii_digit());
        digits.fold(0usize, |sum, byte| sum.saturating_mul(10).saturating_add(usize::from(byte - b'0')))
    };
    let mut starts = table.windows(ATTRIBUTE.len()).enumerate().filter(|(_, window)| *window == ATTRIBUTE);
    // The shortest entry, <si/>, has five bytes.
    starts.all(|(at, _)| stated(at) <= table.len())
}

fn read<'a>(bytes: &'a [u8], limits: &Limits, notes: &mut Vec<Note>) -> Result<Workbook<'a>, SheetError> {
    let mut book: Book<'a> = match Xlsx::new(Cursor::new(bytes)) {
        Ok(book) => book,
        Err(XlsxError::Password) => return Err(SheetError::new(FileFault::Encrypted, "")),
        Err(error) => return Err(damaged(error)),
    };
    let sheets: Vec<_> =
        book.sheets_metadata().iter().filter(|sheet| sheet.typ == SheetType::WorkSheet).cloned().collect();
    let (shown, hidden): (Vec<_>, Vec<_>) =
        sheets.into_iter().partition(|sheet| sheet.visible == SheetVisible::Visible);
    if !hidden.is_empty() {
        let names: Vec<&str> = hidden.iter().map(|sheet| sheet.name.as_str()).collect();
        notes.push(Note::new(Remark::HiddenSheets, &super::text::excerpt(&names.join("、"))));
    }
    for sheet in &shown {
        let rows = rows(&mut book, &sheet.name, limits)?;
        if rows.is_empty() {
            continue;
        }
        if shown.len() > 1 {
            notes.push(Note::new(Remark::OtherSheets, &super::text::excerpt(&sheet.name)));
        }
        return Ok(Workbook { book, sheet: sheet.name.clone(), rows });
    }
    Err(SheetError::new(FileFault::Empty, ""))
}

fn rows(book: &mut Book<'_>, sheet: &str, limits: &Limits) -> Result<Vec<GridRow>, SheetError> {
    let is_1904 = book.has_1904_epoch();
    let mut reader = book.worksheet_cells_reader(sheet).map_err(damaged)?;
    let mut rows: Vec<GridRow> = Vec::new();
    // Derived cells of a shared formula are not expanded: their number is the file's to choose.
    while let Some(found) = reader.next_cell_with_formula_metadata().map_err(damaged)? {
        let cell = match found.formula {
            Some(_) => Cell::Formula(shown(&found.value)),
            None => cell(found.value, is_1904),
        };
        if cell.is_blank() {
            continue;
        }
        let (row, column) = found.pos;
        if column as usize >= limits.max_columns {
            return Err(SheetError::new(FileFault::TooManyColumns, &limits.max_columns.to_string()));
        }
        put(&mut rows, row.saturating_add(1), column as usize, cell)?;
        if rows.len() > limits.max_rows + 30 {
            return Err(SheetError::new(FileFault::TooManyRows, &limits.max_rows.to_string()));
        }
    }
    Ok(rows)
}

/// Rows come in ascending order in every file that a program wrote; anything else would let one cell overwrite another.
fn put(rows: &mut Vec<GridRow>, line: u32, column: usize, cell: Cell) -> Result<(), SheetError> {
    let last = rows.last().map_or(0, |row| row.line);
    if line < last {
        return Err(damaged("rows out of order"));
    }
    if line > last {
        rows.push(GridRow { line, ..GridRow::default() });
    }
    let Some(row) = rows.last_mut() else { return Err(damaged("row 0")) };
    if column < row.cells.len() {
        return Err(damaged("cells out of order"));
    }
    row.cells.resize(column, Cell::Empty);
    row.cells.push(cell);
    Ok(())
}

fn cell(value: DataRef<'_>, is_1904: bool) -> Cell {
    match value {
        DataRef::Empty => Cell::Empty,
        DataRef::Int(value) => Cell::Number { value: value as f64, is_1904 },
        DataRef::Float(value) => Cell::Number { value, is_1904 },
        DataRef::String(text) => Cell::Text(text),
        DataRef::SharedString(text) => Cell::Text(text.to_owned()),
        DataRef::Bool(value) => Cell::Bool(value),
        DataRef::DateTime(value) => Cell::Serial { value: value.as_f64(), is_1904 },
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => Cell::Iso(text),
        DataRef::Error(error) => Cell::Error(error.to_string()),
    }
}

/// A formula is shown by its last result: the message is about the cell that the person sees.
fn shown(value: &DataRef<'_>) -> String {
    cell(value.clone(), false).shown().into_owned()
}
