//! Sheets for the tests, all made by code.

mod broken;
mod cases;
mod files;
mod forms;
mod paper;
mod property;
mod roll;

use std::io::{Cursor, Write};
use std::sync::LazyLock;

use hourbook_ledger::domain::time::Date;
use rust_xlsxwriter::{Format, Formula, Workbook};
use zip::{ZipWriter, write::SimpleFileOptions};

use super::{Limits, Row, RowError, Sheet, moment, read};

/// 2026-04-01: every test reads on this day.
pub(super) const TODAY: i32 = 20_544;

pub(super) const HEADERS: [&str; 10] =
    ["姓名", "电话", "志愿者编号", "活动名称", "日期", "开始时间", "结束时间", "地点", "服务内容", "负责人"];

/// Three right rows; in a test file they are lines 2, 3 and 4.
pub(super) static GOOD: LazyLock<[Vec<&str>; 3]> = LazyLock::new(|| {
    let rows = [
        "张秀英|13912340001||文明交通劝导|2026-03-07|9:00|11:30|萤湾路口|路口劝导|李建国",
        "王芳|13912340002|AH20260002|文明交通劝导|2026-03-07|9:00|11:30|萤湾路口|路口劝导|李建国",
        "||AH20260003|独居老人探访|2026-03-08|14:00|16:00|横山社区|陪聊、量血压|赵敏",
    ];
    rows.map(|row| row.split('|').collect())
});

/// A cell as a person or a program would leave it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Put {
    Text(&'static str),
    Number(f64),
    /// A number shown as a date or time.
    Shown(f64, &'static str),
    Bool(bool),
    Formula(&'static str),
}

pub(super) type Table = Vec<Vec<Put>>;

/// The header and the three right rows.
pub(super) fn lines() -> impl Iterator<Item = &'static [&'static str]> {
    std::iter::once(&HEADERS[..]).chain(GOOD.iter().map(Vec::as_slice))
}

pub(super) fn table() -> Table {
    lines().map(|line| line.iter().map(|&text| Put::Text(text)).collect()).collect()
}

pub(super) fn limits() -> Limits {
    Limits::new(TODAY)
}

pub(super) fn day(year: i32, month: u32, day: u32) -> i32 {
    Date::from_ymd(year, month, day).expect("a real day").0
}

pub(super) fn xlsx(table: &Table) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (row, cells) in (0u32..).zip(table) {
        for (column, cell) in (0u16..).zip(cells) {
            match *cell {
                Put::Text("") => continue,
                Put::Text(text) => sheet.write_string(row, column, text),
                Put::Number(value) => sheet.write_number(row, column, value),
                Put::Shown(value, format) => {
                    sheet.write_number_with_format(row, column, value, &Format::new().set_num_format(format))
                }
                Put::Bool(value) => sheet.write_boolean(row, column, value),
                Put::Formula(formula) => {
                    sheet.write_formula(row, column, Formula::new(formula).set_result("9:00"))
                }
            }
            .expect("a cell can be written");
        }
    }
    workbook.save_to_buffer().expect("a workbook can be saved")
}

pub(super) fn csv(table: &Table) -> Vec<u8> {
    let mut out = String::new();
    for cells in table {
        let fields: Vec<String> = cells
            .iter()
            .map(|cell| match cell {
                Put::Text(text) => format!("\"{}\"", text.replace('"', "\"\"")),
                other => panic!("{other:?} has no form in a text file"),
            })
            .collect();
        out += &fields.join(",");
        out += "\r\n";
    }
    out.into_bytes()
}

/// What is wrong: lines, letters and codes.
pub(super) fn told(sheet: &Sheet) -> Vec<(u32, &str, &str)> {
    sheet.errors.iter().map(|error| (error.line, error.letter.as_str(), error.code)).collect()
}

pub(super) fn notes(sheet: &Sheet) -> Vec<&'static str> {
    sheet.notes.iter().map(|note| note.code).collect()
}

pub(super) fn read_csv(text: &str) -> Sheet {
    read(text.as_bytes(), "t.csv", &limits()).expect("a sheet")
}

/// A workbook made part by part, for what no honest program writes.
pub(super) fn raw_xlsx(sheet: &[u8], strings: Option<&[u8]>) -> Vec<u8> {
    raw_book(sheet, strings, "")
}

pub(super) fn raw_book(sheet: &[u8], strings: Option<&[u8]>, properties: &str) -> Vec<u8> {
    const RELS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const STYLES: &str =
        r#"<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>"#;
    let package = format!(
        r#"<Relationships><Relationship Id="a" Type="{RELS}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
    );
    let book = format!(
        r#"<workbook>{properties}<sheets><sheet name="S" sheetId="1" r:id="b"/></sheets></workbook>"#
    );
    let parts = format!(
        r#"<Relationships><Relationship Id="b" Type="{RELS}/worksheet" Target="worksheets/s.xml"/></Relationships>"#
    );
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let mut part = |name: &str, body: &[u8]| {
        zip.start_file(name, SimpleFileOptions::default()).expect("a part");
        zip.write_all(body).expect("its bytes");
    };
    part("_rels/.rels", package.as_bytes());
    part("xl/workbook.xml", book.as_bytes());
    part("xl/_rels/workbook.xml.rels", parts.as_bytes());
    part("xl/styles.xml", STYLES.as_bytes());
    part("xl/worksheets/s.xml", sheet);
    if let Some(strings) = strings {
        part("xl/sharedStrings.xml", strings);
    }
    zip.finish().expect("an archive").into_inner()
}

/// A worksheet part whose rows hold inline strings; `extra` replaces the cells of line 2 from column `from` on.
pub(super) fn raw_sheet(extra: &str, from: usize) -> Vec<u8> {
    let inline = |(at, text): (usize, &&str), line: usize| {
        let letter = super::letters::letters(at);
        format!(r#"<c r="{letter}{line}" t="inlineStr"><is><t>{text}</t></is></c>"#)
    };
    let header: String = HEADERS.iter().enumerate().map(|cell| inline(cell, 1)).collect();
    let body: String = GOOD[0].iter().enumerate().take(from).map(|cell| inline(cell, 2)).collect();
    format!(
        r#"<worksheet><sheetData><row r="1">{header}</row><row r="2">{body}{extra}</row></sheetData></worksheet>"#
    )
    .into_bytes()
}

pub(super) fn sample_rows() -> Vec<Row> {
    let row = |line: u32, cells: &[&str], date: i32, start: i32, end: i32| {
        let some = |at: usize| (!cells[at].is_empty()).then(|| cells[at].to_owned());
        Row {
            line,
            name: some(0),
            phone: some(1),
            volunteer_number: some(2),
            activity: cells[3].to_owned(),
            date,
            start_minute: start,
            end_minute: end,
            place: cells[7].to_owned(),
            content: cells[8].to_owned(),
            lead: cells[9].to_owned(),
        }
    };
    vec![
        row(2, &GOOD[0], day(2026, 3, 7), 540, 690),
        row(3, &GOOD[1], day(2026, 3, 7), 540, 690),
        row(4, &GOOD[2], day(2026, 3, 8), 840, 960),
    ]
}
