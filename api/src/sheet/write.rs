//! Writing sheets as communities keep them, and the blank template. What is written here reads back identically.

use hourbook_ledger::domain::time::Date;
use rust_xlsxwriter::{
    DataValidation, DataValidationRule, DocProperties, ExcelDateTime, Format, FormatAlign, Formula, Workbook,
    Worksheet, XlsxError,
};

use super::row::{DAY, LONGEST_NIGHT};
use super::{Row, words::Field};

/// Days from Excel's day 0 to 1970-01-01.
const EXCEL_EPOCH: i32 = 25_569;
/// Rows of the template that check what is typed.
const TEMPLATE_ROWS: u32 = 2_000;

/// The language of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Simplified Chinese.
    Chinese,
    /// English.
    English,
}

fn format(field: Field) -> Format {
    Format::new().set_num_format(match field {
        Field::Date => "yyyy-mm-dd",
        Field::Start | Field::End => "h:mm",
        _ => "@",
    })
}

fn header(field: Field, language: Language) -> &'static str {
    let (zh, en) = field.title();
    if language == Language::Chinese { zh } else { en }
}

fn width(field: Field) -> f64 {
    match field {
        Field::Name | Field::Start | Field::End | Field::Lead => 11.0,
        Field::Phone | Field::Date => 14.0,
        Field::Number | Field::Place => 20.0,
        Field::Activity | Field::Content => 28.0,
    }
}

/// A workbook whose bytes depend on its content alone: the time of writing is not in it.
fn workbook() -> Result<Workbook, XlsxError> {
    let mut workbook = Workbook::new();
    let made = ExcelDateTime::from_ymd(2000, 1, 1)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&made));
    Ok(workbook)
}

/// Title, header and columns; gives the first row below the header (0-based).
fn head(
    sheet: &mut Worksheet,
    title: &str,
    hint: Option<&str>,
    language: Language,
) -> Result<u32, XlsxError> {
    let last = (Field::ALL.len() - 1) as u16;
    let centred = Format::new().set_bold().set_align(FormatAlign::Center);
    sheet.merge_range(0, 0, 0, last, title, &centred.clone().set_font_size(16))?;
    let mut row = 1;
    if let Some(hint) = hint {
        let wrapped = Format::new().set_italic().set_text_wrap().set_align(FormatAlign::Top);
        sheet.merge_range(row, 0, row, last, hint, &wrapped)?;
        sheet.set_row_height(row, 64)?;
        row += 1;
    }
    for (column, field) in (0u16..).zip(Field::ALL) {
        sheet.set_column_width(column, width(field))?;
        sheet.write_string_with_format(row, column, header(field, language), &centred)?;
    }
    sheet.set_freeze_panes(row + 1, 0)?;
    Ok(row + 1)
}

/// A workbook with a title line, the header and the rows: dates and times as real dates and times, numbers as text.
/// A [`Row::line`] is not written; the first row lands in line 3.
///
/// # Errors
/// A text longer than a cell holds (32,767 characters), or more than 1,048,574 rows.
pub fn write_xlsx(rows: &[Row], title: &str) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = workbook()?;
    let sheet = workbook.add_worksheet().set_name("服务记录")?;
    let first = head(sheet, title, None, Language::Chinese)?;
    let columns = Field::ALL.map(|field| (field, format(field)));
    for (line, row) in (first..).zip(rows) {
        for (column, (field, format)) in (0u16..).zip(&columns) {
            match number(row, *field) {
                Some(value) => sheet.write_number_with_format(line, column, value, format)?,
                None => sheet.write_string(line, column, written(row, *field))?,
            };
        }
    }
    workbook.save_to_buffer()
}

fn number(row: &Row, field: Field) -> Option<f64> {
    let of_day = |minute: i32| f64::from(minute.rem_euclid(DAY)) / f64::from(DAY);
    match field {
        Field::Date => Some(f64::from(row.date + EXCEL_EPOCH)),
        Field::Start => Some(of_day(row.start_minute)),
        Field::End if !needs_day(row) => Some(of_day(row.end_minute)),
        _ => None,
    }
}

/// Whether the end, written without its day, would be read as one before the start.
fn needs_day(row: &Row) -> bool {
    row.end_minute >= DAY && row.end_minute - row.start_minute > LONGEST_NIGHT
}

fn written(row: &Row, field: Field) -> String {
    let clock = |minute: i32| format!("{}:{:02}", minute.rem_euclid(DAY) / 60, minute.rem_euclid(60));
    match field {
        Field::Name => row.name.clone().unwrap_or_default(),
        Field::Phone => row.phone.clone().unwrap_or_default(),
        Field::Number => row.volunteer_number.clone().unwrap_or_default(),
        Field::Activity => row.activity.clone(),
        Field::Date => Date(row.date).to_string(),
        Field::Start => clock(row.start_minute),
        Field::End if needs_day(row) => {
            let day = Date(row.date + row.end_minute / DAY);
            format!("{day} {}", clock(row.end_minute))
        }
        Field::End => clock(row.end_minute),
        Field::Place => row.place.clone(),
        Field::Content => row.content.clone(),
        Field::Lead => row.lead.clone(),
    }
}

/// UTF-8 with the mark that spreadsheet programs in China need to recognise it; the first row lands in line 2.
pub fn write_csv(rows: &[Row]) -> Vec<u8> {
    let mut out = String::from("\u{feff}");
    push_line(&mut out, Field::ALL.iter().map(|&field| header(field, Language::Chinese).to_owned()));
    for row in rows {
        push_line(&mut out, Field::ALL.iter().map(|&field| written(row, field)));
    }
    out.into_bytes()
}

/// A blank sheet as plain text: the header alone, as spreadsheet programs in China recognise it.
#[must_use]
pub fn template_csv(language: Language) -> Vec<u8> {
    let mut out = String::from("\u{feff}");
    push_line(&mut out, Field::ALL.iter().map(|&field| header(field, language).to_owned()));
    out.into_bytes()
}

/// What stands in a cell of a sheet that is written for people to work with.
#[derive(Clone, PartialEq, Debug)]
pub enum Cell {
    /// A text, whatever it looks like.
    Text(String),
    /// A number to calculate with.
    Number(f64),
}

/// Rows under a header as plain text. What somebody wrote is no formula to whoever opens it.
#[must_use]
pub fn rows_csv(header: &[String], rows: &[Vec<Cell>]) -> Vec<u8> {
    let mut out = String::from("\u{feff}");
    push_line(&mut out, header.iter().cloned());
    for row in rows {
        push_line(&mut out, row.iter().map(plainly));
    }
    out.into_bytes()
}

fn plainly(cell: &Cell) -> String {
    match cell {
        Cell::Number(number) => number.to_string(),
        Cell::Text(text) if text.starts_with(['=', '+', '-', '@', '\t', '\r']) && text != "-" => {
            format!("'{text}")
        }
        Cell::Text(text) => text.clone(),
    }
}

/// The same as a workbook.
///
/// # Errors
/// A text longer than a cell holds, or more rows than a sheet has.
pub fn rows_xlsx(title: &str, header: &[String], rows: &[Vec<Cell>]) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = workbook()?;
    let sheet = workbook.add_worksheet().set_name(title)?;
    let bold = Format::new().set_bold();
    for (column, head) in (0u16..).zip(header) {
        sheet.write_string_with_format(0, column, head, &bold)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    for (line, row) in (1u32..).zip(rows) {
        for (column, cell) in (0u16..).zip(row) {
            match cell {
                Cell::Number(number) => sheet.write_number(line, column, *number)?,
                Cell::Text(text) => sheet.write_string(line, column, text)?,
            };
        }
    }
    sheet.autofit();
    workbook.save_to_buffer()
}

fn push_line(out: &mut String, cells: impl Iterator<Item = String>) {
    for (at, cell) in cells.enumerate() {
        if at > 0 {
            out.push(',');
        }
        if cell.contains([',', ';', '\t', '"', '\n', '\r']) {
            out.push('"');
            out.push_str(&cell.replace('"', "\"\""));
            out.push('"');
        } else {
            out.push_str(&cell);
        }
    }
    out.push_str("\r\n");
}

/// A blank sheet to fill in: a hint above the header, cells formatted, and dates and times checked while typing.
///
/// # Errors
/// None in practice: its content is fixed.
pub fn template_xlsx(language: Language) -> Result<Vec<u8>, XlsxError> {
    let (title, hint) = match language {
        Language::Chinese => (
            "志愿服务记录表",
            "每人每次活动填一行。姓名和电话，或志愿者编号，至少填一种；仅有姓名无法确认身份。日期如 2026-03-07，时间如 9:00、14:30；\
             跨夜服务的结束时间填次日时刻（不超过 12 小时）。有偿工作、会议、值班不是志愿服务，请勿填写。请勿填写身份证号码。",
        ),
        Language::English => (
            "Voluntary service record",
            "One row per person and activity. Give name and phone, or the volunteer number; a name alone identifies nobody. \
             Dates like 2026-03-07, times like 9:00 or 14:30; for service over midnight (at most 12 hours) write the end as the next \
             day's time. Paid work, meetings and duty are not voluntary service. No ID numbers, please.",
        ),
    };
    let mut workbook = workbook()?;
    let name = if language == Language::Chinese { "服务记录" } else { "Service records" };
    let sheet = workbook.add_worksheet().set_name(name)?;
    let first = head(sheet, title, Some(hint), language)?;
    for (column, field) in (0u16..).zip(Field::ALL) {
        sheet.set_column_format(column, &format(field))?;
        if let Some(validation) = validation(field, language)? {
            sheet.add_data_validation(first, column, first + TEMPLATE_ROWS - 1, column, &validation)?;
        }
    }
    workbook.save_to_buffer()
}

fn validation(field: Field, language: Language) -> Result<Option<DataValidation>, XlsxError> {
    let chinese = language == Language::Chinese;
    let (rule, message) = match field {
        Field::Date => (
            DataValidation::new().allow_date(DataValidationRule::Between(
                ExcelDateTime::from_ymd(2000, 1, 1)?,
                ExcelDateTime::from_ymd(2099, 12, 31)?,
            )),
            if chinese { "请填写日期，如 2026-03-07" } else { "Write a date such as 2026-03-07" },
        ),
        Field::Start | Field::End => (
            DataValidation::new().allow_decimal_number_formula(DataValidationRule::Between(
                Formula::new("0"),
                Formula::new("1"),
            )),
            if chinese { "请填写时间，如 9:00" } else { "Write a time such as 9:00" },
        ),
        _ => return Ok(None),
    };
    Ok(Some(rule.set_error_message(message)?.set_input_message(message)?))
}
