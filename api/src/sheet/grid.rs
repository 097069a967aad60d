//! The cells of a sheet before anybody knows what they mean, the same for XLSX and CSV.

use std::borrow::Cow;
use std::sync::Arc;

use super::faults::Fault;
use super::merged::Area;

/// What a cell shows of its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    Amount,
    Day,
    Time,
    DayAndTime,
    /// Hours that go on beyond 24.
    Length,
}

/// One cell as the file holds it. A text that many cells share stands once.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Cell {
    #[default]
    Empty,
    Text(Arc<str>),
    /// A bare number; in a date column it may still count days, from the workbook's own day 0.
    Number {
        value: f64,
        is_1904: bool,
    },
    /// A number that the sheet shows as a date or a time.
    Serial {
        value: f64,
        is_1904: bool,
        shown: Shown,
    },
    /// A date in ISO 8601 (cell type `d`, written by some converters).
    Iso(Arc<str>),
    Bool(bool),
    /// An Excel error such as `#REF!`.
    Error(Arc<str>),
    Formula(Arc<str>),
}

impl Cell {
    pub(super) fn is_blank(&self) -> bool {
        match self {
            Cell::Empty => true,
            Cell::Text(text) => text.chars().all(char::is_whitespace),
            _ => false,
        }
    }

    /// The cell as a person would see it, near enough for a message.
    pub(super) fn shown(&self) -> Cow<'_, str> {
        match self {
            Cell::Empty => Cow::Borrowed(""),
            Cell::Text(text) | Cell::Iso(text) | Cell::Error(text) => Cow::Borrowed(text),
            Cell::Number { value, .. } | Cell::Serial { value, .. } => Cow::Owned(value.to_string()),
            Cell::Bool(value) => Cow::Borrowed(if *value { "TRUE" } else { "FALSE" }),
            Cell::Formula(formula) => Cow::Owned(format!("={formula}")),
        }
    }
}

/// A row that is not entirely blank.
#[derive(Clone, Debug, Default)]
pub(super) struct GridRow {
    /// 1-based, as a spreadsheet program numbers it.
    pub(super) line: u32,
    /// From column A on; shorter than the header when the rest is blank.
    pub(super) cells: Vec<Cell>,
    /// Number of fields in a text file, blank ones included; None where cells carry their own address.
    pub(super) width: Option<usize>,
    /// What the text of the row itself is guilty of, and at which column.
    pub(super) flaw: Option<(Fault, usize)>,
}

impl GridRow {
    pub(super) fn cell(&self, column: usize) -> &Cell {
        const EMPTY: &Cell = &Cell::Empty;
        self.cells.get(column).unwrap_or(EMPTY)
    }
}

/// A sheet's rows, and what is peculiar to its layout.
#[derive(Debug, Default)]
pub(super) struct Grid {
    pub(super) rows: Vec<GridRow>,
    /// In ascending order.
    pub(super) hidden_lines: Vec<u32>,
    /// 0-based.
    pub(super) hidden_columns: Vec<usize>,
    pub(super) merged: Vec<Area>,
}
