//! Rows as they are meant: what stands above holds below a ditto or in a merged cell, a length beside a start gives the end,
//! and what the whole sheet has in common holds where a row says nothing.

use super::columns::{Columns, Field};
use super::given::{COMMON, Given};
use super::grid::{Cell, GridRow};
use super::merged::Areas;
use super::{moment, occasion, text};

/// Fills rows one after the other, from above.
pub(super) struct Filling<'a> {
    columns: &'a Columns,
    areas: &'a Areas,
    given: &'a Given,
    today: i32,
    above: [Cell; Field::ALL.len()],
    when_above: Cell,
    length_above: Cell,
    /// Whether a length gave an end.
    pub(super) took_length: bool,
}

/// What a row says of its times and nobody can tell.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Unclear {
    /// How long it took.
    Length,
    /// The day and the times in one cell.
    When,
}

impl<'a> Filling<'a> {
    pub(super) fn new(columns: &'a Columns, areas: &'a Areas, given: &'a Given, today: i32) -> Self {
        let above = std::array::from_fn(|_| Cell::Empty);
        let (when_above, length_above) = (Cell::Empty, Cell::Empty);
        Self { columns, areas, given, today, above, when_above, length_above, took_length: false }
    }

    /// The row with all that holds for it.
    pub(super) fn fill(&mut self, row: &mut GridRow) -> Result<(), Unclear> {
        if row.flaw.is_some() {
            return Ok(());
        }
        let said = COMMON.map(|field| (field, self.said(row, field)));
        let when =
            self.carried(row, self.columns.when.as_ref().map(|place| place.index), &self.when_above.clone());
        let length = self.carried(
            row,
            self.columns.length.as_ref().map(|place| place.index),
            &self.length_above.clone(),
        );
        let of_when = occasion::when(&when.shown(), self.today);
        let mut unclear = (of_when.is_none() && !is_silent(&when)).then_some(Unclear::When);
        let of_when = of_when.unwrap_or_default();
        (self.when_above, self.length_above) = (when, length);
        let mut start = Cell::Empty;
        for (field, said) in said {
            let mut cell = said;
            self.above[field as usize] = cell.clone();
            let instead = || of_when.cells().find(|(of, _)| *of == field).map(|(_, cell)| cell);
            if cell.is_blank() {
                cell = instead().unwrap_or(Cell::Empty);
            }
            // It is told of the date.
            if field == Field::Date && cell.is_blank() && unclear.is_some() {
                cell = self.when_above.clone();
            }
            if field == Field::End && cell.is_blank() && !is_silent(&self.length_above) {
                match end(&start, &self.length_above) {
                    Some(end) => {
                        self.took_length = true;
                        cell = end;
                    }
                    // Without a start nothing can be said; that is told of the start.
                    None if moment::time(&start).is_ok() => unclear = Some(Unclear::Length),
                    None => {}
                }
            } else if cell.is_blank() {
                cell = self.given.get(field).cloned().unwrap_or_default();
            }
            if field == Field::Start {
                start = cell.clone();
            }
            self.columns.put_cell(row, field, cell);
        }
        unclear.map_or(Ok(()), Err)
    }

    /// What the row itself says of a field, or the rows above it for it.
    fn said(&self, row: &GridRow, field: Field) -> Cell {
        let at = self.columns.get(field).map(|place| place.index);
        self.carried(row, at, &self.above[field as usize])
    }

    fn carried(&self, row: &GridRow, at: Option<usize>, above: &Cell) -> Cell {
        let Some(at) = at else { return Cell::Empty };
        let cell = row.cell(at);
        let is_ditto = matches!(cell, Cell::Text(shown) if text::is_ditto(shown));
        let is_below = || {
            let area = self.areas.find(row.line, u32::try_from(at).unwrap_or(u32::MAX));
            area.is_some_and(|area| area.from.0 < row.line)
        };
        // In the first row a ditto means what stands in the heading.
        if is_ditto || cell.is_blank() && is_below() { above.clone() } else { cell.clone() }
    }
}

fn is_silent(cell: &Cell) -> bool {
    cell.is_blank() || matches!(cell, Cell::Text(shown) if text::means_nothing(shown))
}

fn end(start: &Cell, length: &Cell) -> Option<Cell> {
    let start = moment::time(start).ok()?;
    Some(occasion::clock(start.minute + occasion::length(length)?))
}
