//! Workbooks: which sheet is read, and its cells as a stream.
//!
//! Hand-written over an XML parser because memory must be counted as it is allocated: a text stands once however many
//! cells share it, and a small file cannot unfold into a large table.

use std::sync::Arc;

use quick_xml::events::BytesStart;
use rustc_hash::FxHashMap;

use super::Limits;
use super::excerpt::excerpt;
use super::faults::{FileFault, Remark, SheetError, parts};
use super::grid::{Cell, Grid, GridRow, Shown};
use super::job::Job;
use super::merged::Area;
use super::package::{self, Node, Package, Xml, attribute, damaged, is_true};
use super::styles::Styles;

/// Excel's bounds of a worksheet.
const LAST_ROW: u32 = 1 << 20;
const LAST_COLUMN: u32 = 1 << 14;
/// More sheets than these are looked at in no workbook.
const MOST_SHEETS: usize = 256;

struct SheetPart {
    name: String,
    path: String,
    hidden: bool,
}

struct Book<'a> {
    package: Package<'a>,
    strings: Vec<Arc<str>>,
    styles: Styles,
    is_1904: bool,
}

/// The rows of the first visible sheet that has a header, or of the first that holds anything.
pub(super) fn grid(bytes: &[u8], job: &mut Job<'_>) -> Result<Grid, SheetError> {
    let mut package = Package::open(bytes)?;
    package.unpacked(job.limits)?;
    let (book, sheets) = open(package, job)?;
    choose(book, sheets, job)
}

/// What reading a workbook may need at most, in bytes, by what its parts unpack to.
pub(super) fn unpacked(bytes: &[u8], limits: &Limits) -> Result<usize, SheetError> {
    Package::open(bytes)?.unpacked(limits)
}

fn open<'a>(mut package: Package<'a>, job: &mut Job<'_>) -> Result<(Book<'a>, Vec<SheetPart>), SheetError> {
    let document = |kind: &str| kind.ends_with("/officeDocument");
    let main = relationships(&mut package, "")?.into_iter().find(|(_, kind, _)| document(kind));
    let main = main.map_or_else(|| "xl/workbook.xml".to_owned(), |(_, _, target)| target);
    let links = relationships(&mut package, &main)?;
    let of = |wanted: &str| {
        links.iter().find(|(_, kind, _)| kind.ends_with(wanted)).map(|(_, _, target)| target.clone())
    };
    let (sheets, is_1904) = sheets(&mut package, &main, &links)?;
    let mut styles = Styles::default();
    if let Some(path) = of("/styles")
        && let Some(mut xml) = package.part(&path)?
    {
        styles = Styles::read(&mut xml)?;
    }
    let mut strings = Vec::new();
    if let Some(path) = of("/sharedStrings")
        && let Some(mut xml) = package.part(&path)?
    {
        strings = shared_strings(&mut xml, job)?;
    }
    Ok((Book { package, strings, styles, is_1904 }, sheets))
}

type Link = (String, String, String);

/// Id, type and target of what a part refers to; the empty path stands for the package.
fn relationships(package: &mut Package<'_>, of: &str) -> Result<Vec<Link>, SheetError> {
    const MOST: usize = 10_000;
    let (folder, name) = of.rsplit_once('/').unwrap_or(("", of));
    let Some(mut xml) = package.part(&format!("{folder}/_rels/{name}.rels"))? else { return Ok(Vec::new()) };
    let mut links = Vec::new();
    loop {
        match xml.next()? {
            Node::Start(element, _)
                if element.local_name().as_ref() == "Relationship" && links.len() < MOST =>
            {
                let value = |name| attribute(&element, name).map(Option::unwrap_or_default);
                links.push((value("Id")?, value("Type")?, package::target(of, &value("Target")?)));
            }
            Node::Over => return Ok(links),
            _ => {}
        }
    }
}

fn sheets(
    package: &mut Package<'_>,
    main: &str,
    links: &[Link],
) -> Result<(Vec<SheetPart>, bool), SheetError> {
    let Some(mut xml) = package.part(main)? else { return Err(damaged("no workbook")) };
    let targets: FxHashMap<&str, &Link> = links.iter().map(|link| (link.0.as_str(), link)).collect();
    let (mut sheets, mut is_1904) = (Vec::new(), false);
    loop {
        match xml.next()? {
            Node::Start(element, _) => match element.local_name().as_ref() {
                "workbookPr" => is_1904 = is_true(attribute(&element, "date1904")?.as_deref()),
                "sheet" if sheets.len() < MOST_SHEETS => sheets.extend(sheet_part(&element, &targets)?),
                _ => {}
            },
            Node::Over => return Ok((sheets, is_1904)),
            _ => {}
        }
    }
}

fn sheet_part(
    element: &BytesStart<'_>,
    targets: &FxHashMap<&str, &Link>,
) -> Result<Option<SheetPart>, SheetError> {
    // `sheetId` ends in Id, too: names are compared whole, prefixes aside.
    let id = attribute(element, "id")?.unwrap_or_default();
    let Some((_, kind, path)) = targets.get(id.as_str()) else { return Ok(None) };
    let hidden = matches!(attribute(element, "state")?.as_deref(), Some("hidden" | "veryHidden"));
    let name = attribute(element, "name")?.unwrap_or_default();
    Ok(kind.ends_with("/worksheet").then(|| SheetPart { name, path: path.clone(), hidden }))
}

/// Each text once; phonetic guides are no part of it.
fn shared_strings(xml: &mut Xml<'_, '_>, job: &mut Job<'_>) -> Result<Vec<Arc<str>>, SheetError> {
    let empty: Arc<str> = Arc::from("");
    let mut strings = Vec::new();
    loop {
        match xml.next()? {
            Node::Start(element, is_empty) if element.local_name().as_ref() == "si" => {
                let mut text = if is_empty { String::new() } else { rich_text(xml, "si")? };
                // Blank is blank: otherwise every cell that shares it would look through all of it.
                if text.trim().is_empty() {
                    text.clear();
                }
                // Twice the pointer: a growing table is copied into one of twice its size.
                job.take(2 * size_of::<Arc<str>>() + if text.is_empty() { 0 } else { 32 + text.len() })?;
                strings.push(if text.is_empty() { empty.clone() } else { Arc::from(text) });
            }
            Node::Over => return Ok(strings),
            _ => {}
        }
    }
}

/// The text of all `t` up to the end of `until`.
fn rich_text(xml: &mut Xml<'_, '_>, until: &str) -> Result<String, SheetError> {
    const LONGEST: usize = 1 << 20;
    let (mut text, mut inside, mut phonetic) = (String::new(), false, false);
    loop {
        match xml.next()? {
            Node::Start(element, empty) => match element.local_name().as_ref() {
                "t" => inside = !empty,
                "rPh" => phonetic = !empty,
                _ => {}
            },
            Node::End(element) => match element.local_name().as_ref() {
                "t" => inside = false,
                "rPh" => phonetic = false,
                name if name == until => return Ok(unescaped(text)),
                _ => {}
            },
            Node::Text(part) if inside && !phonetic => text.push_str(&part),
            Node::Text(_) => {}
            Node::Over => return Err(damaged("an open text")),
        }
        if text.len() > LONGEST {
            return Err(SheetError::new(FileFault::ZipBomb, ""));
        }
    }
}

/// `_x000D_` stands for the character of that number (ECMA-376 22.9.2.19).
fn unescaped(text: String) -> String {
    if !text.contains("_x") {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find("_x") {
        out.push_str(&rest[..at]);
        let code = rest.get(at + 2..at + 6).filter(|code| code.bytes().all(|b| b.is_ascii_hexdigit()));
        let ends = rest.as_bytes().get(at + 6) == Some(&b'_');
        let c = code
            .filter(|_| ends)
            .and_then(|code| u32::from_str_radix(code, 16).ok())
            .and_then(char::from_u32);
        let skip = if let Some(c) = c {
            out.push(c);
            7
        } else {
            out.push_str("_x");
            2
        };
        rest = &rest[at + skip..];
    }
    out.push_str(rest);
    out
}

fn choose(mut book: Book<'_>, sheets: Vec<SheetPart>, job: &mut Job<'_>) -> Result<Grid, SheetError> {
    let (hidden, shown): (Vec<_>, Vec<_>) = sheets.into_iter().partition(|sheet| sheet.hidden);
    let names = |sheets: &mut dyn Iterator<Item = &SheetPart>| {
        excerpt(&sheets.map(|sheet| sheet.name.as_str()).collect::<Vec<_>>().join("、"))
    };
    if !hidden.is_empty() {
        job.note(Remark::HiddenSheets, &names(&mut hidden.iter()));
    }
    let before = job.left;
    let mut best: Option<(u8, usize, Grid, usize)> = None;
    for (at, sheet) in shown.iter().enumerate() {
        // Only the best so far is kept beside the one that is read.
        job.left = best.as_ref().map_or(before, |(.., left)| *left);
        let grid = match book.rows(&sheet.path, job) {
            Ok(grid) => grid,
            Err(_) if best.is_some() => continue,
            Err(error) => return Err(error),
        };
        let rank = rank(&grid.rows, job.form.head);
        if rank > best.as_ref().map_or(0, |(rank, ..)| *rank) {
            best = Some((rank, at, grid, job.left));
        }
        if rank == 3 {
            break;
        }
    }
    let Some((_, at, grid, left)) = best else { return Err(SheetError::new(FileFault::Empty, "")) };
    job.left = left;
    if shown.len() > 1 {
        let others =
            names(&mut shown.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, sheet)| sheet));
        let detail = parts(&[&excerpt(&shown[at].name), &others]);
        job.note(Remark::OtherSheets, &detail);
    }
    Ok(grid)
}

/// 1 for anything, 2 for a header, 3 for a header with something below.
fn rank(rows: &[GridRow], head: fn(&[GridRow]) -> Option<usize>) -> u8 {
    match head(rows) {
        _ if rows.is_empty() => 0,
        None => 1,
        Some(last) if last + 1 < rows.len() => 3,
        Some(_) => 2,
    }
}

impl Book<'_> {
    fn rows(&mut self, path: &str, job: &mut Job<'_>) -> Result<Grid, SheetError> {
        let Some(mut xml) = self.package.part(path)? else { return Err(damaged("a sheet is missing")) };
        let mut reading = Reading {
            strings: &self.strings,
            styles: &self.styles,
            is_1904: self.is_1904,
            job,
            grid: Grid::default(),
            line: 0,
            column: 0,
        };
        loop {
            match xml.next()? {
                Node::Start(element, empty) => match element.local_name().as_ref() {
                    "row" => reading.row(&element)?,
                    "c" => {
                        let head = reading.head(&element)?;
                        let content = if empty { Content::default() } else { content(&mut xml)? };
                        reading.cell(head, content)?;
                    }
                    "col" => reading.hidden_columns(&element)?,
                    "mergeCell" => reading.merged(&element)?,
                    _ => {}
                },
                Node::Over => break,
                Node::End(element) if element.local_name().as_ref() == "worksheet" => break,
                Node::End(_) | Node::Text(_) => {}
            }
        }
        Ok(reading.grid)
    }
}

/// What stands at a cell's beginning.
struct Head {
    column: u32,
    style: usize,
    kind: String,
}

/// What stands within a cell.
#[derive(Default)]
struct Content {
    value: Option<String>,
    inline: Option<String>,
    formula: bool,
}

fn content(xml: &mut Xml<'_, '_>) -> Result<Content, SheetError> {
    let mut content = Content::default();
    let mut in_value = false;
    loop {
        match xml.next()? {
            Node::Start(element, empty) => match element.local_name().as_ref() {
                "v" => in_value = !empty,
                "f" => content.formula = true,
                "is" if !empty => content.inline = Some(rich_text(xml, "is")?),
                _ => {}
            },
            Node::End(element) => match element.local_name().as_ref() {
                "v" => in_value = false,
                "c" => return Ok(content),
                _ => {}
            },
            Node::Text(part) if in_value => content.value.get_or_insert_default().push_str(&part),
            Node::Text(_) => {}
            Node::Over => return Err(damaged("an open cell")),
        }
        if content.value.as_ref().is_some_and(|value| value.len() > 1 << 20) {
            return Err(SheetError::new(FileFault::ZipBomb, ""));
        }
    }
}

struct Reading<'r, 'l> {
    strings: &'r [Arc<str>],
    styles: &'r Styles,
    is_1904: bool,
    job: &'r mut Job<'l>,
    grid: Grid,
    /// 1-based.
    line: u32,
    /// The next column, 0-based.
    column: u32,
}

impl Reading<'_, '_> {
    fn row(&mut self, element: &BytesStart<'_>) -> Result<(), SheetError> {
        let stated = attribute(element, "r")?;
        let line = match &stated {
            Some(line) => line.parse().map_err(|_| damaged("row number"))?,
            None => self.line + 1,
        };
        // Anything else would let one row overwrite another.
        if line <= self.line && self.line > 0 || !(1..=LAST_ROW).contains(&line) {
            return Err(damaged("rows out of order"));
        }
        (self.line, self.column) = (line, 0);
        let flat = attribute(element, "ht")?.and_then(|height| height.parse().ok()) == Some(0.0);
        if flat || is_true(attribute(element, "hidden")?.as_deref()) {
            self.job.take(2 * size_of::<u32>())?;
            self.grid.hidden_lines.push(line);
        }
        Ok(())
    }

    fn head(&mut self, element: &BytesStart<'_>) -> Result<Head, SheetError> {
        let column = match attribute(element, "r")? {
            Some(address) => {
                let (line, column) = address_of(&address).ok_or_else(|| damaged("cell address"))?;
                if line != self.line {
                    return Err(damaged("rows out of order"));
                }
                column
            }
            None => self.column,
        };
        if column < self.column || column >= LAST_COLUMN {
            return Err(damaged("cells out of order"));
        }
        self.column = column + 1;
        let style = attribute(element, "s")?.and_then(|style| style.parse().ok()).unwrap_or(0);
        Ok(Head { column, style, kind: attribute(element, "t")?.unwrap_or_default() })
    }

    fn cell(&mut self, head: Head, content: Content) -> Result<(), SheetError> {
        let formula = content.formula;
        let cell = self.value(&head, content)?;
        let cell = if formula { Cell::Formula(Arc::from(&*cell.shown())) } else { cell };
        if cell.is_blank() {
            return Ok(());
        }
        let column = head.column as usize;
        if column >= self.job.limits.max_columns {
            return Err(SheetError::new(FileFault::TooManyColumns, &self.job.limits.max_columns.to_string()));
        }
        let rows = &mut self.grid.rows;
        if rows.last().is_none_or(|row| row.line != self.line) {
            self.job.take(2 * size_of::<GridRow>())?;
            rows.push(GridRow { line: self.line, ..GridRow::default() });
        }
        let Some(row) = rows.last_mut() else { return Err(damaged("row 0")) };
        self.job.take(2 * (column + 1 - row.cells.len()) * size_of::<Cell>())?;
        row.cells.resize(column, Cell::Empty);
        row.cells.push(cell);
        Ok(())
    }

    fn value(&mut self, head: &Head, content: Content) -> Result<Cell, SheetError> {
        let Content { value, inline, .. } = content;
        let raw = match (head.kind.as_str(), inline, value) {
            ("inlineStr" | "", Some(text), _) => return self.text(text),
            (_, _, Some(value)) => value,
            (_, _, None) => return Ok(Cell::Empty),
        };
        let value = match head.kind.as_str() {
            "s" => {
                let shared = raw.trim().parse::<usize>().ok().and_then(|at| self.strings.get(at));
                Cell::Text(shared.ok_or_else(|| damaged("no such text"))?.clone())
            }
            "str" | "inlineStr" => self.text(unescaped(raw))?,
            "b" => Cell::Bool(is_true(Some(raw.trim()))),
            "e" => Cell::Error(Arc::from(raw)),
            "d" => Cell::Iso(Arc::from(raw)),
            _ if raw.trim().is_empty() => Cell::Empty,
            _ => self.number(&raw, head.style)?,
        };
        Ok(value)
    }

    fn text(&mut self, text: String) -> Result<Cell, SheetError> {
        self.job.take(32 + text.len())?;
        Ok(Cell::Text(Arc::from(text)))
    }

    fn number(&self, raw: &str, style: usize) -> Result<Cell, SheetError> {
        let value: f64 = raw.trim().parse().map_err(|_| damaged("number"))?;
        let is_1904 = self.is_1904;
        Ok(match self.styles.shown(style) {
            Shown::Amount => Cell::Number { value, is_1904 },
            shown => Cell::Serial { value, is_1904, shown },
        })
    }

    fn hidden_columns(&mut self, element: &BytesStart<'_>) -> Result<(), SheetError> {
        if !is_true(attribute(element, "hidden")?.as_deref()) {
            return Ok(());
        }
        let bound = |name| attribute(element, name).map(|at| at.and_then(|at| at.parse().ok()).unwrap_or(0));
        let (from, to): (usize, usize) = (bound("min")?, bound("max")?.min(self.job.limits.max_columns));
        if from >= 1 && from <= to && self.grid.hidden_columns.len() < self.job.limits.max_columns {
            self.grid.hidden_columns.extend(from - 1..to);
        }
        Ok(())
    }

    fn merged(&mut self, element: &BytesStart<'_>) -> Result<(), SheetError> {
        let area = attribute(element, "ref")?.unwrap_or_default();
        let (from, to) = area.split_once(':').unwrap_or((&area, &area));
        if let (Some(from), Some(to)) = (address_of(from), address_of(to)) {
            self.job.take(2 * size_of::<Area>())?;
            self.grid.merged.push(Area { from, to });
        }
        Ok(())
    }
}

/// Line (1-based) and column (0-based) of an address such as `AB12`.
fn address_of(address: &str) -> Option<(u32, u32)> {
    let letters = address.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (name, line) = address.split_at(letters);
    if !(1..=3).contains(&letters)
        || !(1..=7).contains(&line.len())
        || !line.bytes().all(|b| b.is_ascii_digit())
    {
        return None;
    }
    let column =
        name.bytes().fold(0, |sum, letter| sum * 26 + u32::from(letter.to_ascii_uppercase() - b'A') + 1);
    let line: u32 = line.parse().ok()?;
    (column <= LAST_COLUMN && (1..=LAST_ROW).contains(&line)).then_some((line, column - 1))
}
