//! From a grid to rows: the header, what stands around the table, and each row in turn.

use super::columns::{Columns, FEWEST, Field};
use super::errors::Errors;
use super::faults::{Fault, FileFault, Place, Remark, RowError, SheetError};
use super::filled::{Filling, Unclear};
use super::grid::{Cell, Grid, GridRow};
use super::job::Job;
use super::merged::Areas;
use super::{Row, Sheet, across, moment, names, row, seen, text};

pub(super) fn assemble(grid: Grid, job: &mut Job<'_>) -> Result<Sheet, SheetError> {
    let Grid { mut rows, hidden_lines, hidden_columns, merged } = grid;
    let fewest = if job.given.is_empty() { FEWEST } else { 2 };
    let header = Columns::find(&rows, fewest)?;
    let heading = job.given.add_heading(&rows[..header.first], job.limits.today);
    if !heading.is_empty() {
        job.note(Remark::FromTheHeading, &excerpts(&heading));
    }
    let columns = Columns::read(&rows, header, job)?;
    rows.drain(..=header.last());
    let areas = Areas::new(merged);
    let kept = data_rows(rows, &columns, &areas, job);
    if kept.is_empty() {
        return Err(SheetError::new(FileFault::NoRows, ""));
    }
    let most = job.limits.max_rows;
    if kept.len() > most {
        return Err(SheetError::new(FileFault::TooManyRows, &most.to_string()));
    }
    let hidden = kept.iter().map(|row| row.line).filter(|line| hidden_lines.binary_search(line).is_ok());
    note_lines(Remark::HiddenRows, &hidden.collect::<Vec<_>>(), job);
    note_hidden_columns(&columns, &hidden_columns, job);
    let shown = job.given.shows.then(|| seen::shown(&kept, &columns));
    let mut errors = Errors::new(job.limits.max_errors);
    let rows = checked(kept, &columns, &areas, job, &mut errors)?;
    across::check(&rows, &columns, &mut errors);
    let (errors, counts) = errors.finish();
    Ok(Sheet { rows, errors, counts, notes: std::mem::take(&mut job.notes), columns: columns.named(), shown })
}

/// The rows that are right by themselves. Each grid row goes once its record is there.
fn checked(
    kept: Vec<GridRow>,
    columns: &Columns,
    areas: &Areas,
    job: &mut Job<'_>,
    errors: &mut Errors,
) -> Result<Vec<Row>, SheetError> {
    let (mut weekdays, mut activities) = (Vec::new(), Vec::new());
    let mut rows = Vec::with_capacity(kept.len());
    job.take(kept.len() * size_of::<Row>())?;
    let given = std::mem::take(&mut job.given);
    let mut filling = Filling::new(columns, areas, &given, job.limits.today);
    for mut grid in kept {
        let length = filling.fill(&mut grid);
        let (checked, doubts) = row::check(&grid, columns, (job.limits, &given));
        let checked = match length {
            Err(unclear) => Err(told_once(unclear, &grid, columns, checked.err().unwrap_or_default())),
            Ok(()) => checked,
        };
        weekdays.extend(doubts.weekday.then_some(grid.line));
        activities.extend(doubts.activity.then_some(grid.line));
        match checked {
            Ok(row) => {
                job.take(row.held())?;
                rows.push(row);
            }
            Err(found) => found.into_iter().for_each(|error| errors.push(merged_rather(error, areas))),
        }
    }
    if let Some(length) = columns.length.as_ref().filter(|_| !filling.took_length) {
        job.note(Remark::UnknownColumn, &length.header);
    }
    note_lines(Remark::WeekdayDiffers, &weekdays, job);
    note_lines(Remark::DoubtfulActivity, &activities, job);
    Ok(rows)
}

/// What is wrong with a row whose times nobody can tell, without what follows from that.
fn told_once(unclear: Unclear, row: &GridRow, columns: &Columns, found: Vec<RowError>) -> Vec<RowError> {
    let [start, end] = [Field::Start, Field::End].map(|field| columns.place(&[field]));
    if unclear == Unclear::When {
        return found.into_iter().filter(|error| ![start.index, end.index].contains(&error.order)).collect();
    }
    let place = columns.length.clone().unwrap_or_default();
    let raw = row.cell(place.index).shown().into_owned();
    let others = found.into_iter().filter(|error| error.order != end.index);
    others.chain([RowError::new(row.line, &place, Fault::UnclearLength, &raw, "")]).collect()
}

fn excerpts(found: &[String]) -> String {
    found.iter().map(|said| super::excerpt::excerpt(said)).collect::<Vec<_>>().join("、")
}

/// What a row below the header is.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    Data,
    /// A total, a remark or a line for signatures.
    Footer,
    Repeated,
    /// Filled in columns only that are not read.
    Ignored,
    Hint,
}

/// The rows below the header without totals, remarks, signatures, instructions and repeated headers.
fn data_rows(rows: Vec<GridRow>, columns: &Columns, areas: &Areas, job: &mut Job<'_>) -> Vec<GridRow> {
    let mut parts: Vec<Part> = rows.iter().map(|row| part(row, columns)).collect();
    if let (Some(first), Some(part)) = (rows.first(), parts.first_mut())
        && *part == Part::Data
        && is_hint(first, columns)
    {
        *part = Part::Hint;
    }
    for (row, part) in rows.iter().zip(&mut parts).rev() {
        match part {
            Part::Data if is_below_the_table(row, columns, areas) => *part = Part::Footer,
            Part::Data => break,
            _ => {}
        }
    }
    for (wanted, remark) in [
        (Part::Footer, Remark::FooterSkipped),
        (Part::Repeated, Remark::RepeatedHeader),
        (Part::Ignored, Remark::IgnoredRows),
        (Part::Hint, Remark::HintRow),
    ] {
        let lines = rows.iter().zip(&parts).filter(|(_, part)| **part == wanted).map(|(row, _)| row.line);
        note_lines(remark, &lines.collect::<Vec<_>>(), job);
    }
    rows.into_iter().zip(parts).filter(|(_, part)| *part == Part::Data).map(|(row, _)| row).collect()
}

fn part(row: &GridRow, columns: &Columns) -> Part {
    let ragged = row.width.is_some() && row.cells.iter().skip(columns.width).any(|cell| !cell.is_blank());
    if columns.is_repeated(row) {
        Part::Repeated
    } else if row.flaw.is_some() {
        Part::Data
    } else if is_total_or_remark(row, columns) {
        Part::Footer
    } else if filled(row, columns).next().is_none() && !ragged {
        Part::Ignored
    } else {
        Part::Data
    }
}

/// The cells of a row that are read and hold something.
fn filled<'a>(row: &'a GridRow, columns: &'a Columns) -> impl Iterator<Item = (&'a Place, &'a Cell)> {
    columns.places().map(|place| (place, row.cell(place.index))).filter(|(_, cell)| !cell.is_blank())
}

/// A line that begins with a word that nobody is called and has neither date nor times.
fn is_total_or_remark(row: &GridRow, columns: &Columns) -> bool {
    is_undated(row, columns) && begins_like_a_footer(&first_text(row))
}

/// Whether a text is what stands before a total or a remark, and that nobody is called: plain and without blanks.
pub(super) fn begins_like_a_footer(first: &str) -> bool {
    const WORDS: &[&str] = &[
        "合计", "总计", "小计", "共计", "备注", "说明", "注:", "填表", "制表", "审核", "total", "note:",
        "remarks",
    ];
    WORDS.iter().any(|word| first.starts_with(word))
}

fn is_undated(row: &GridRow, columns: &Columns) -> bool {
    let times = [Field::Date, Field::Start, Field::End];
    times.iter().all(|&field| columns.get(field).is_none_or(|place| row.cell(place.index).is_blank()))
}

fn first_text(row: &GridRow) -> String {
    row.cells.iter().find(|cell| !cell.is_blank()).map(in_one).unwrap_or_default()
}

/// What a cell shows, plain and without blanks.
pub(super) fn in_one(cell: &Cell) -> String {
    text::plain(text::beginning(&cell.shown())).replace(' ', "")
}

/// Below the last row of a table stand lines for signatures and remarks: one text, or several that ask for something.
/// Where the rest of a row is merged with the rows above, it is a row.
fn is_below_the_table(row: &GridRow, columns: &Columns, areas: &Areas) -> bool {
    let cells: Vec<(&Place, &Cell)> = filled(row, columns).collect();
    let covered = columns
        .places()
        .filter_map(|place| areas.find(row.line, u32::try_from(place.index).unwrap_or(0)))
        .any(|area| area.from.0 < row.line);
    if row.flaw.is_some() || covered || !cells.iter().all(|(_, cell)| matches!(cell, Cell::Text(_))) {
        return false;
    }
    let parted = |shown: &str| shown.matches([',', ';', '\t', '|', '，', '；']).count() * 2 >= columns.width;
    let asks = |(_, cell): &(&Place, &Cell)| asks_for_something(&text::plain(text::beginning(&cell.shown())));
    match cells.as_slice() {
        // Where the heading says the rest, a name is a whole row.
        [(place, cell)] if is_name_alone(place, cell, columns) => false,
        [(_, cell)] => {
            !parted(text::beginning(&cell.shown())) && (is_undated(row, columns) || asks(&cells[0]))
        }
        [first, ..] => {
            asks(first)
                && cells.iter().filter(|cell| !asks(cell)).count() <= cells.len() / 2
                && cells.len() <= 6
        }
        [] => false,
    }
}

fn is_name_alone(place: &Place, cell: &Cell, columns: &Columns) -> bool {
    let is_in_heading = columns.get(Field::Date).is_some_and(|date| date.letter.is_empty());
    let is_name_column = columns.get(Field::Name).is_some_and(|name| name.index == place.index);
    let shown = text::clean(text::beginning(&cell.shown()));
    is_in_heading
        && is_name_column
        && !asks_for_something(&text::plain(&shown))
        && names::name(&shown).is_ok()
}

pub(super) fn asks_for_something(shown: &str) -> bool {
    const WORDS: &str =
        "签字|签名|签章|盖章|审核|经办|填报|填表|制表|意见|以下空白|年 月 日|年月日|signature";
    let label =
        shown.find(':').is_some_and(|at| at > 0 && !shown[..at].ends_with(|c: char| c.is_ascii_digit()));
    label || WORDS.split('|').any(|word| shown.contains(word))
}

/// A row that says how to fill in the columns, right below the header.
fn is_hint(row: &GridRow, columns: &Columns) -> bool {
    let dated = columns.get(Field::Date).is_some_and(|place| moment::date(row.cell(place.index)).is_ok());
    !dated && filled(row, columns).filter(|(_, cell)| hints(cell)).count() >= 2
}

/// Whether a cell says how to fill in its column.
pub(super) fn hints(cell: &Cell) -> bool {
    const WORDS: &[&str] = &[
        "必填", "选填", "格式", "例如", "例:", "示例", "请填", "填写", "如:", "e.g", "example", "required",
        "optional",
    ];
    let shown = cell.shown();
    let shown = text::plain(text::beginning(&shown));
    WORDS.iter().any(|word| shown.contains(word))
}

/// Says that a required cell is empty because it was merged with the one above: deleting nothing is what people did wrong.
fn merged_rather(error: RowError, areas: &Areas) -> RowError {
    if !error.code.starts_with("missing-") {
        return error;
    }
    let Some(area) = areas.find(error.line, u32::try_from(error.order).unwrap_or(u32::MAX)) else {
        return error;
    };
    let place = Place { index: error.order, header: error.column, letter: error.letter };
    RowError::new(error.line, &place, Fault::MergedCell, "", &area.address())
}

fn note_hidden_columns(columns: &Columns, hidden: &[usize], job: &mut Job<'_>) {
    let names = columns.places().filter(|place| hidden.contains(&place.index));
    let names: Vec<String> = names.map(|place| format!("{}（{}）", place.header, place.letter)).collect();
    if !names.is_empty() {
        job.note(Remark::HiddenColumns, &names.join("、"));
    }
}

/// A note about lines, if there are any: neighbours together, and not more than a person reads.
pub(super) fn note_lines(remark: Remark, lines: &[u32], job: &mut Job<'_>) {
    const MOST: usize = 20;
    if lines.is_empty() {
        return;
    }
    let runs: Vec<&[u32]> = lines.chunk_by(|line, next| line + 1 == *next).collect();
    let run = |run: &&[u32]| match run {
        [from, .., to] => format!("{from}–{to}"),
        alone => alone.iter().map(u32::to_string).collect(),
    };
    let shown: Vec<String> = runs.iter().take(MOST).map(run).collect();
    let rest = if runs.len() > MOST { format!("…（{}）", lines.len()) } else { String::new() };
    job.note(remark, &format!("{}{rest}", shown.join("、")));
}
