//! What must hold for any sheet: order does not matter, and no input panics.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::sheet::write::{write_csv, write_xlsx};

/// Cells picked so that rows often clash, and are often wrong.
fn messy_row() -> impl Strategy<Value = [&'static str; 10]> {
    let pick = |of: &'static [&'static str]| prop::sample::select(of);
    (
        pick(&["张英", "李明", "", "=1", "张英2"]),
        pick(&["13912340001", "13912340002", "", "12"]),
        pick(&["", "AH0001", "AH0002", "无"]),
        pick(&["甲", "乙", "值班", ""]),
        pick(&["2026-03-07", "2026年3月7日", "2026-03-08", "2026-02-30", "2027-01-01"]),
        pick(&["9:00", "上午9点", "10:00", "22:00", "x"]),
        pick(&["10:00", "11:00", "9:00", "2:00", "26:00"]),
        pick(&["路口", ""]),
        pick(&["劝导", "11010519491231002X"]),
        pick(&["李建国", "a\u{202e}b"]),
    )
        .prop_map(|(a, b, c, d, e, f, g, h, i, j)| [a, b, c, d, e, f, g, h, i, j])
}

/// Rows that are right by themselves and crowd into two days of few people.
fn crowded_row() -> impl Strategy<Value = [&'static str; 10]> {
    let pick = |of: &'static [&'static str]| prop::sample::select(of);
    (
        pick(&["张英", "李明"]),
        pick(&["13912340001", "13912340002"]),
        pick(&["", "", "AH0001", "AH0002"]),
        pick(&["甲", "乙"]),
        pick(&["2026-03-07", "2026-03-08"]),
        pick(&["8:00", "9:00", "10:00", "11:00", "13:00", "20:00"]),
        pick(&["8:30", "10:30", "13:00", "16:00", "20:00", "23:30"]),
    )
        .prop_map(|(a, b, c, d, e, f, g)| [a, b, c, d, e, f, g, "路口", "劝导", "李建国"])
}

fn sheet_of(rows: &[[&'static str; 10]]) -> Sheet {
    let lines = std::iter::once(&HEADERS).chain(rows);
    let table: Table = lines.map(|row| row.iter().map(|&text| Put::Text(text)).collect()).collect();
    read(&csv(&table), "t.csv", &limits()).expect("a sheet")
}

/// How often each outcome occurs, line numbers aside: the line stands for what is in it.
fn outcome(sheet: &Sheet, rows: &[[&'static str; 10]]) -> BTreeMap<String, usize> {
    let content = |line: u32| rows[line as usize - 2];
    let mut counted = BTreeMap::new();
    for row in &sheet.rows {
        *counted.entry(format!("{:?}", Row { line: 0, ..row.clone() })).or_default() += 1;
    }
    for error in &sheet.errors {
        let key = (content(error.line), error.code, &error.letter, &error.column, &error.value);
        *counted.entry(format!("{key:?}")).or_default() += 1;
    }
    counted
}

/// Overlaps, doubles and identities by comparing every pair, slowly and plainly.
fn clashes(rows: &[Row]) -> Vec<(u32, &'static str)> {
    let number_of = |row: &Row| {
        let (name, phone) = (row.name.as_ref()?, row.phone.as_ref()?);
        let mut known: Vec<&String> = rows
            .iter()
            .filter(|other| other.name.as_ref() == Some(name) && other.phone.as_ref() == Some(phone))
            .filter_map(|other| other.volunteer_number.as_ref())
            .collect();
        known.sort();
        known.dedup();
        if known.len() == 1 { Some(known[0].clone()) } else { None }
    };
    let person = |row: &Row| match row.volunteer_number.clone().or_else(|| number_of(row)) {
        Some(number) => (Some(number), None, None),
        None => (None, row.name.clone(), row.phone.clone()),
    };
    let span = |row: &Row| (row.date * 1_440 + row.start_minute, row.date * 1_440 + row.end_minute);
    let mut told = Vec::new();
    for row in rows {
        let others = || rows.iter().filter(|other| other.line != row.line);
        let mine = || others().filter(|other| person(other) == person(row));
        let double = mine().any(|other| span(other) == span(row) && other.activity == row.activity);
        if double {
            told.push((row.line, "duplicate-row"));
        } else if mine().any(|other| span(other).0 < span(row).1 && span(row).0 < span(other).1) {
            told.push((row.line, "overlapping-times"));
        }
        let differs = |a: &Option<String>, b: &Option<String>| a.is_some() && b.is_some() && a != b;
        let same = |a: &Option<String>, b: &Option<String>| a.is_some() && a == b;
        if others().any(|o| same(&o.volunteer_number, &row.volunteer_number) && differs(&o.name, &row.name)) {
            told.push((row.line, "number-two-names"));
        }
        if others().any(|o| {
            same(&o.name, &row.name)
                && same(&o.phone, &row.phone)
                && differs(&o.volunteer_number, &row.volunteer_number)
        }) {
            told.push((row.line, "person-two-numbers"));
        }
    }
    told.sort();
    told
}

fn good_rows() -> impl Strategy<Value = Vec<Row>> {
    let row = ("[A-Z0-9]{3}[0-9]", 0i32..3_000, 0i32..1_440, 1i32..=960, "\\PC{1,40}");
    prop::collection::vec(row, 1..20).prop_map(|rows| {
        let mut line = 1;
        let rows = rows.into_iter().enumerate().map(|(at, (number, back, start, span, content))| {
            line += 1;
            Row {
                line,
                name: Some("张秀英".to_owned()),
                phone: None,
                volunteer_number: Some(format!("{number}{at}")),
                activity: "劝导".to_owned(),
                date: TODAY - back,
                start_minute: start,
                end_minute: start + span,
                place: "路口".to_owned(),
                content: crate::sheet::text::clean(&format!("内容 {content}")),
                lead: "李建国".to_owned(),
            }
        });
        rows.collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn the_order_of_rows_does_not_matter(
        (rows, shuffled) in prop::collection::vec(messy_row(), 1..12)
            .prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle()))
    ) {
        prop_assert_eq!(outcome(&sheet_of(&rows), &rows), outcome(&sheet_of(&shuffled), &shuffled));
    }

    #[test]
    fn clashes_are_those_of_a_plain_comparison(rows in prop::collection::vec(crowded_row(), 1..24)) {
        let sheet = sheet_of(&rows);
        let across = ["duplicate-row", "overlapping-times", "number-two-names", "person-two-numbers"];
        let told = sheet.errors.iter().filter(|error| across.contains(&error.code));
        let mut told: Vec<(u32, &str)> = told.map(|error| (error.line, error.code)).collect();
        told.sort();
        prop_assert_eq!(told, clashes(&sheet.rows));
    }

    #[test]
    fn what_is_written_reads_back(rows in good_rows()) {
        let sheet = read(&write_csv(&rows), "t.csv", &limits()).unwrap();
        let refused: Vec<u32> = sheet.errors.iter().map(|error| error.line).collect();
        let kept: Vec<Row> = rows.iter().filter(|row| !refused.contains(&row.line)).cloned().collect();
        prop_assert!(sheet.errors.iter().all(|error| error.letter == "I"), "{:?}", sheet.errors);
        prop_assert_eq!(sheet.rows, kept.clone());
        let sheet = read(&write_xlsx(&kept, "记录").unwrap(), "t.xlsx", &limits());
        let relined: Vec<Row> = (3..).zip(&kept).map(|(line, row)| Row { line, ..row.clone() }).collect();
        prop_assert!(kept.is_empty() || sheet.unwrap().rows == relined);
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let _ = read(&bytes, "t.csv", &limits());
        let _ = read(&[b"PK\x03\x04", bytes.as_slice()].concat(), "t.xlsx", &limits());
    }

    #[test]
    fn no_text_below_a_header_panics(text in "([\"\r\n,;\t：:年月日点/+=-]|[0-9]|\\PC){0,200}") {
        let sheet = read(format!("{}\n{text}", HEADERS.join(",")).as_bytes(), "t.csv", &limits());
        match sheet {
            Ok(sheet) => {
                prop_assert!(!sheet.errors.is_empty(), "nothing random is a right row");
                prop_assert!(sheet.errors.iter().all(|error| error.line >= 2 && !error.letter.is_empty()));
            }
            Err(error) => prop_assert!(["no-rows", "too-many-columns"].contains(&error.code), "{}", error),
        }
    }

    #[test]
    fn no_damage_to_a_workbook_panics(edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)) {
        let mut whole = xlsx(&table());
        let mut part = raw_sheet(r#"<c r="K2" s="1" t="str"><f t="shared" si="3">A1</f><v>1</v></c>"#, 10);
        for (at, byte) in &edits {
            let (in_whole, in_part) = (at.index(whole.len()), at.index(part.len()));
            whole[in_whole] = *byte;
            part[in_part] = *byte;
        }
        let _ = read(&whole, "t.xlsx", &limits());
        let _ = read(&raw_xlsx(&part, None), "t.xlsx", &limits());
    }

    #[test]
    fn no_cell_panics(address in "[A-Z]{1,12}[0-9]{0,22}", kind in "(n|s|b|e|d|str|inlineStr)", value in "[0-9.eE#A-Z!-]{0,30}") {
        let cell = format!(r#"<c r="{address}" t="{kind}"><v>{value}</v></c><c t="{kind}"><v>{value}</v></c>"#);
        let _ = read(&raw_xlsx(&raw_sheet(&cell, 1), None), "t.xlsx", &limits());
    }
}
