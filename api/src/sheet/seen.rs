//! A sheet as it is, for a person to look at beside what was read of it.

use hourbook_ledger::domain::time::Date;

use super::columns::Columns;
use super::grid::{Cell, GridRow, Shown as Kind};
use super::outcome::{Shown, ShownRow};
use super::{moment, text};

/// So many rows are shown; a page of more helps nobody.
const MOST: usize = 300;
/// Of a longer text the beginning is shown, in characters.
const LONGEST: usize = 60;

/// The rows in the columns that are read, before anything is filled in.
pub(super) fn shown(rows: &[GridRow], columns: &Columns) -> Shown {
    let places = columns.read_from();
    let row = |row: &GridRow| ShownRow {
        line: row.line,
        cells: places.iter().map(|place| seen(row.cell(place.index))).collect(),
    };
    Shown {
        heads: places.iter().map(|place| place.name()).collect(),
        rows: rows.iter().take(MOST).map(row).collect(),
        more: rows.len().saturating_sub(MOST),
    }
}

/// A cell as the spreadsheet shows it.
fn seen(cell: &Cell) -> String {
    let day = || moment::date(cell).ok().map(|day| Date(day.day).to_string());
    let time = || moment::time(cell).ok().map(|at| format!("{}:{:02}", at.minute / 60, at.minute % 60));
    let told = match cell {
        Cell::Serial { shown: Kind::Day, .. } => day(),
        Cell::Serial { shown: Kind::Time | Kind::Length, .. } => time(),
        Cell::Serial { shown: Kind::DayAndTime, .. } => {
            Some([day(), time()].into_iter().flatten().collect::<Vec<_>>().join(" "))
        }
        _ => None,
    };
    let told = told.unwrap_or_else(|| text::clean(text::beginning(&cell.shown())));
    told.chars().take(LONGEST).collect()
}
