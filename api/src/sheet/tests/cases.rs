//! Files as people sent them, small and with invented people, and what is right for each.

use super::*;
use crate::sheet::{Limits, SheetError};

/// The day on which these files were sent.
fn sent() -> Limits {
    Limits::new(day(2026, 11, 29))
}

macro_rules! case {
    ($name:literal) => {
        read(include_bytes!(concat!("cases/", $name)), $name, &sent())
    };
}

fn right(sheet: Result<Sheet, SheetError>, rows: usize) -> Sheet {
    let sheet = sheet.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((sheet.errors.as_slice(), sheet.rows.len()), (&[][..], rows));
    sheet
}

fn codes(sheet: &Sheet) -> Vec<(u32, &str, &str)> {
    sheet.errors.iter().map(|error| (error.line, error.column.as_str(), error.code)).collect()
}

fn note<'a>(sheet: &'a Sheet, code: &str) -> &'a str {
    &sheet
        .notes
        .iter()
        .find(|note| note.code == code)
        .unwrap_or_else(|| panic!("no {code}: {:?}", sheet.notes))
        .zh
}

fn span(sheet: &Sheet) -> Vec<(i32, i32)> {
    sheet.rows.iter().map(|row| (row.start_minute, row.end_minute)).collect()
}

#[test]
fn a_plain_number_is_no_time() {
    assert_eq!(codes(&case!("end-is-a-plain-number.xlsx").unwrap()), [(2, "结束时间", "bad-end")]);
}

#[test]
fn a_row_hidden_by_a_filter_is_read_and_named() {
    let sheet = right(case!("row-hidden-by-a-filter.xlsx"), 3);
    assert!(note(&sheet, "hidden-rows").contains("第 3 行"), "{:?}", sheet.notes);
}

#[test]
fn a_second_sheet_that_is_not_read_is_named() {
    let sheet = right(case!("two-sheets.xlsx"), 1);
    let note = note(&sheet, "other-sheets");
    assert!(note.contains("“十月”") && note.contains("十一月"), "{note}");
}

#[test]
fn two_encodings_are_refused_with_the_line() {
    let error = case!("gbk-joined-with-utf8.csv").unwrap_err();
    assert_eq!(error.code, "two-encodings");
    assert!(error.zh.contains("第 3 行") && error.en.contains("line 3"), "{error:?}");
}

#[test]
fn a_blank_before_a_quote_is_skipped() {
    assert_eq!(right(case!("space-before-a-quote.csv"), 1).rows[0].place, "萤湾路口");
}

#[test]
fn id_numbers_in_free_text_are_refused_and_hidden() {
    let sheet = case!("id-numbers-in-free-text.csv").unwrap();
    assert_eq!(codes(&sheet), [2, 3, 4, 5].map(|line| (line, "服务内容", "id-number")));
    assert!(
        sheet.errors.iter().all(|error| !error.value.chars().any(|c| c.is_ascii_digit())),
        "{:?}",
        sheet.errors
    );
}

#[test]
fn an_end_exactly_at_midnight_ends_the_day_before() {
    assert_eq!(span(&right(case!("end-exactly-at-midnight.xlsx"), 1)), [(1_200, 1_440)]);
}

#[test]
fn twelve_after_midnight_is_midnight() {
    assert_eq!(span(&right(case!("twelve-after-midnight.csv"), 2)), [(1_320, 1_440), (30, 120)]);
    // Fifteen hours: the ledger's policy says how long is too long.
    assert_eq!(span(&right(case!("twelve-after-midnight-too-long.csv"), 1)), [(540, 1_440)]);
}

#[test]
fn rows_filled_only_in_columns_that_are_not_read_are_blank() {
    for (sheet, rows, lines) in [
        (case!("checkbox-column.xlsx"), 1, "3–7"),
        (case!("duration-formula-dragged-down.xlsx"), 1, "3–7"),
        (case!("prefilled-serial-numbers.xlsx"), 2, "4–16"),
    ] {
        let sheet = right(sheet, rows);
        assert!(note(&sheet, "ignored-rows").contains(lines), "{:?}", sheet.notes);
        assert_eq!(notes(&sheet).iter().filter(|code| **code == "ignored-rows").count(), 1);
    }
}

#[test]
fn lines_for_signatures_below_the_table_are_no_rows() {
    let sheet = right(case!("signature-lines-below.xlsx"), 1);
    assert_eq!(notes(&sheet), ["footer-skipped"]);
    assert!(note(&sheet, "footer-skipped").contains("3–5"));
}

#[test]
fn a_country_code_in_brackets_is_part_of_the_number() {
    let sheet = right(case!("country-code-in-brackets.csv"), 3);
    let phones: Vec<_> = sheet.rows.iter().filter_map(|row| row.phone.as_deref()).collect();
    assert_eq!(phones, ["19900276953", "19900352173", "19900721842"]);
}

#[test]
fn an_epoch_day_before_a_time_means_no_day() {
    for sheet in [case!("iso-time-with-epoch-day.xlsx"), case!("time-with-epoch-day.csv")] {
        assert_eq!(span(&right(sheet, 1)), [(540, 690)]);
    }
}

#[test]
fn ctrl_z_ends_a_file() {
    right(case!("ctrl-z-at-end.csv"), 1);
    right(case!("thirteen-hours.csv"), 1);
}

#[test]
fn the_sheet_with_a_header_is_read() {
    let sheet = right(case!("instructions-sheet-first.xlsx"), 1);
    assert_eq!(notes(&sheet), ["other-sheets"]);
}

#[test]
fn a_number_that_became_an_amount_has_lost_digits() {
    let sheet = case!("phone-became-an-amount.csv").unwrap();
    assert_eq!(codes(&sheet), [(2, "电话", "number-lost-digits")]);
    assert!(sheet.errors[0].en.contains("digits were lost"));
}

#[test]
fn a_place_beyond_the_ledger_s_bound_is_told_with_the_bound() {
    let sheet = case!("place-too-long.csv").unwrap();
    assert_eq!(codes(&sheet), [(2, "地点", "cell-too-long")]);
    let RowError { zh, en, .. } = &sheet.errors[0];
    assert!(zh.contains("81 个字") && zh.contains("80 个汉字") && en.contains("240 bytes"), "{zh} {en}");
}

#[test]
fn two_columns_of_one_meaning_are_both_named() {
    let error = case!("project-and-activity-columns.xlsx").unwrap_err();
    assert_eq!(error.code, "duplicate-column");
    for text in [&error.zh, &error.en] {
        assert!(text.contains("“活动名称”（D）") && text.contains("“项目名称”（K）"), "{text}");
    }
    assert!(error.zh.contains("保留“活动名称”（D）"), "{}", error.zh);
}

#[test]
fn a_header_in_two_rows_is_read() {
    let sheet = right(case!("two-row-header.xlsx"), 1);
    assert_eq!((span(&sheet), sheet.rows[0].line), (vec![(540, 690)], 3));
}

#[test]
fn words_of_meetings_and_duty_are_noted() {
    let sheet = right(case!("conference-and-duty-room.csv"), 2);
    assert!(note(&sheet, "doubtful-activity").contains('3'), "{:?}", sheet.notes);
}

#[test]
fn what_excel_opens_is_read() {
    right(case!("part-in-utf16.xlsx"), 1);
    right(case!("target-with-dot-slash.xlsx"), 1);
}
