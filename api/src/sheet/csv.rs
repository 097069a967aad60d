//! Text files: separator, quotes.
//!
//! The quoting rules are RFC 4180's. Hand-written because a spreadsheet program counts a row with a line break inside a
//! cell as one row, counts blank rows, and because an unclosed quote must be told where it was opened.

use std::borrow::Cow;
use std::sync::Arc;

use super::encoding;
use super::faults::{Fault, FileFault, SheetError};
use super::grid::{Cell, Grid, GridRow};
use super::job::Job;

/// The separators that spreadsheet programs write, the usual one first.
const SEPARATORS: [u8; 3] = [b',', b'\t', b';'];
/// Rows looked at to find the separator.
const SAMPLE: usize = 30;

pub(super) fn grid(bytes: &[u8], job: &mut Job<'_>) -> Result<Grid, SheetError> {
    let text = encoding::decode(bytes, &mut job.notes)?;
    let most = job.limits.max_columns;
    let (body, separator) = match stated_separator(&text) {
        Some(stated) => stated,
        None => (&*text, separator(&text, job.form.recognised)),
    };
    let mut rows = Vec::new();
    for row in Records::new(body, separator, most) {
        if row.cells.get(most).is_some_and(|cell| !cell.is_blank()) {
            return Err(SheetError::new(FileFault::TooManyColumns, &most.to_string()));
        }
        let text = |cell: &Cell| if let Cell::Text(text) = cell { 32 + text.len() } else { 0 };
        let cells: usize = row.cells.iter().map(text).sum();
        job.take(2 * size_of::<GridRow>() + 2 * row.cells.len() * size_of::<Cell>() + cells)?;
        rows.push(row);
    }
    Ok(Grid { rows, ..Grid::default() })
}

/// Spreadsheet programs obey a first line such as `sep=;` and do not show it.
fn stated_separator(text: &str) -> Option<(&str, u8)> {
    let rest = text.strip_prefix("sep=")?;
    let separator = rest.bytes().next().filter(|byte| SEPARATORS.contains(byte))?;
    let body = rest[1..].strip_prefix("\r\n").or_else(|| rest[1..].strip_prefix('\n'))?;
    Some((body, separator))
}

fn separator(text: &str, recognised: fn(&GridRow) -> usize) -> u8 {
    let best = |separator: u8| {
        Records::new(text, separator, 64).take(SAMPLE).map(|row| recognised(&row)).max().unwrap_or(0)
    };
    let counts = SEPARATORS.map(|separator| (best(separator), separator));
    counts.into_iter().fold((0, b','), |best, next| if next.0 > best.0 { next } else { best }).1
}

/// The non-blank rows of a text, with the row numbers that a spreadsheet program would show.
struct Records<'a> {
    text: &'a str,
    at: usize,
    line: u32,
    separator: u8,
    /// Fields beyond this many plus one are counted but not kept.
    most: usize,
}

impl<'a> Records<'a> {
    fn new(text: &'a str, separator: u8, most: usize) -> Records<'a> {
        Records { text, at: 0, line: 0, separator, most }
    }

    /// One field and whether the row ends after it.
    fn field(&mut self) -> (Cow<'a, str>, Option<Fault>, bool) {
        let (value, flaw) = match self.opening_quote() {
            Some(at) => {
                self.at = at;
                self.quoted()
            }
            None => (Cow::Borrowed(self.until_separator()), None),
        };
        (value, flaw, self.step())
    }

    /// Where a quote opens the field, blanks before it aside: `, "x"` is common, although RFC 4180 knows it not.
    fn opening_quote(&self) -> Option<usize> {
        let rest = &self.text[self.at..];
        let blank =
            |c: char| c.is_whitespace() && !matches!(c, '\n' | '\r') && c != char::from(self.separator);
        let inner = rest.trim_start_matches(blank);
        inner.starts_with('"').then(|| self.at + rest.len() - inner.len())
    }

    fn until_separator(&mut self) -> &'a str {
        let rest = &self.text.as_bytes()[self.at..];
        let ends = |byte: &u8| *byte == self.separator || matches!(byte, b'\n' | b'\r');
        let length = rest.iter().position(ends).unwrap_or(rest.len());
        self.at += length;
        &self.text[self.at - length..self.at]
    }

    fn quoted(&mut self) -> (Cow<'a, str>, Option<Fault>) {
        self.at += 1;
        let mut value = String::new();
        loop {
            let rest = &self.text[self.at..];
            let Some(quote) = rest.find('"') else {
                self.at = self.text.len();
                value.push_str(rest);
                return (Cow::Owned(value), Some(Fault::UnclosedQuote));
            };
            value.push_str(&rest[..quote]);
            self.at += quote + 1;
            if self.text.as_bytes().get(self.at) == Some(&b'"') {
                value.push('"');
                self.at += 1;
                continue;
            }
            let trailing = self.until_separator();
            let flaw = (!trailing.trim().is_empty()).then_some(Fault::StrayQuote);
            value.push_str(trailing.trim());
            return (Cow::Owned(value), flaw);
        }
    }

    /// Over the separator (false) or the end of the row (true).
    fn step(&mut self) -> bool {
        let bytes = self.text.as_bytes();
        match bytes.get(self.at) {
            Some(b'\r') if bytes.get(self.at + 1) == Some(&b'\n') => self.at += 2,
            Some(b'\r' | b'\n') => self.at += 1,
            Some(_) => {
                self.at += 1;
                return false;
            }
            None => {}
        }
        true
    }
}

impl Iterator for Records<'_> {
    type Item = GridRow;

    fn next(&mut self) -> Option<GridRow> {
        while self.at < self.text.len() {
            self.line = self.line.saturating_add(1);
            let mut row = GridRow { line: self.line, ..GridRow::default() };
            let mut width = 0;
            loop {
                let (value, fault, last) = self.field();
                if let Some(fault) = fault {
                    row.flaw = row.flaw.or(Some((fault, width)));
                }
                let cell = if value.is_empty() { Cell::Empty } else { Cell::Text(Arc::from(value)) };
                if row.cells.len() < self.most || row.cells.len() == self.most && !cell.is_blank() {
                    row.cells.push(cell);
                }
                width += 1;
                if last {
                    break;
                }
            }
            row.width = Some(width);
            if row.flaw.is_some() || row.cells.iter().any(|cell| !cell.is_blank()) {
                return Some(row);
            }
        }
        None
    }
}
