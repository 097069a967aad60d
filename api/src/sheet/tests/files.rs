//! Whole files: what is not a sheet, and what an ordinary sheet has around its rows.

use super::{Put::Text, *};
use crate::sheet::write::{
    Cell, Language, rows_csv, rows_xlsx, template_csv, template_xlsx, write_csv, write_xlsx,
};

fn refused(bytes: &[u8], limits: &Limits) -> &'static str {
    read(bytes, "t.xlsx", limits).expect_err("refused").code
}

#[test]
fn what_is_no_sheet_is_refused() {
    let mut ole = vec![0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
    assert_eq!(refused(&ole, &limits()), "legacy-xls");
    ole.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
    assert_eq!(refused(&ole, &limits()), "encrypted");
    assert_eq!(refused(b"", &limits()), "empty-file");
    assert_eq!(refused(b"%PDF-1.7", &limits()), "not-a-sheet");
    assert_eq!(refused(b"<html><table><tr><td>1", &limits()), "not-a-sheet");
    assert_eq!(refused(b"PK\x03\x04 and nothing more", &limits()), "not-a-sheet");
    assert_eq!(refused(&[0xff, 0x81, 0x20, 0xff], &limits()), "unknown-encoding");
    assert_eq!(refused("一段文字，没有表头\n".as_bytes(), &limits()), "no-header");
}

#[test]
fn sizes_are_bounded() {
    let good = csv(&table());
    assert_eq!(refused(&good, &Limits { max_bytes: good.len() - 1, ..limits() }), "file-too-large");
    assert_eq!(refused(&good, &Limits { max_rows: 2, ..limits() }), "too-many-rows");
    assert_eq!(refused(&xlsx(&table()), &Limits { max_rows: 2, ..limits() }), "too-many-rows");
    assert_eq!(refused(&good, &Limits { max_columns: 9, ..limits() }), "too-many-columns");
    assert_eq!(refused(&xlsx(&table()), &Limits { max_columns: 9, ..limits() }), "too-many-columns");
    assert!(read(&good, "t.csv", &Limits { max_rows: 3, max_columns: 10, ..limits() }).is_ok());
}

#[test]
fn a_zip_bomb_is_refused_before_it_is_parsed() {
    let mut sheet = raw_sheet("", 10);
    sheet.extend(vec![b' '; 8 << 20]);
    let bytes = raw_xlsx(&sheet, None);
    assert!(bytes.len() < 64 << 10, "{}", bytes.len());
    assert_eq!(refused(&bytes, &Limits { max_unpacked: 4 << 20, ..limits() }), "unpacks-too-large");
    assert!(read(&bytes, "t.xlsx", &limits()).is_ok());
}

#[test]
fn a_lying_string_table_reserves_nothing() {
    let strings = br#"<sst count="1" uniqueCount="99999999999999"><si><t>x</t></si></sst>"#;
    assert!(read(&raw_xlsx(&raw_sheet("", 10), Some(strings)), "t.xlsx", &limits()).is_ok());
    let honest = br#"<sst count="1" uniqueCount="1"><si><t>x</t></si></sst>"#;
    assert!(read(&raw_xlsx(&raw_sheet("", 10), Some(honest)), "t.xlsx", &limits()).is_ok());
}

#[test]
fn cells_that_lie_about_their_address_are_refused() {
    for extra in [
        r#"<c r="AAAAAAAAAAAAAAA2"><v>1</v></c>"#,
        r#"<c r="A99999999999999"><v>1</v></c>"#,
        r#"<c r="A2"><v>1</v></c>"#,
        r#"<c r="K1"><v>1</v></c>"#,
        r#"<c r="L2" t="s"><v>7</v></c>"#,
    ] {
        let code = refused(&raw_xlsx(&raw_sheet(extra, 10), None), &limits());
        assert!(matches!(code, "not-a-sheet" | "too-many-columns"), "{extra}: {code}");
    }
}

#[test]
fn headers_are_required_once() {
    let without = |column: usize| {
        let mut table = table();
        for cells in &mut table {
            cells.remove(column);
        }
        read(&csv(&table), "t.csv", &limits())
    };
    for (column, header) in HEADERS.iter().enumerate().skip(3) {
        let error = without(column).expect_err("a required column");
        assert_eq!(error.code, "missing-column");
        assert!(error.zh.contains(header), "{}", error.zh);
    }
    assert_eq!(without(2).unwrap().errors.len(), 1, "the third row has nothing but its number");
    assert!(without(0).is_ok() && without(1).is_ok(), "a volunteer number is enough");
    let mut twice = table();
    twice[0][8] = Text("活动");
    assert_eq!(refused(&csv(&twice), &limits()), "duplicate-column");
    assert_eq!(refused(HEADERS.join(",").as_bytes(), &limits()), "no-rows");
}

#[test]
fn titles_totals_and_blank_lines_are_no_rows() {
    let rows: Vec<String> = GOOD.iter().map(|row| row.join(",")).collect();
    let header = HEADERS.join(",");
    let text = format!(
        "萤湾社区志愿服务登记表,,,,,,,,,\n填表人：李建国,,,,,,,,,\n\n{header}\n{}\n\n,,,,,,,,,\n{header}\n{}\n合计,2,,,,,,,,\n",
        rows[0], rows[1]
    );
    let sheet = read_csv(&text);
    assert_eq!(sheet.errors, []);
    assert_eq!(sheet.rows.iter().map(|row| row.line).collect::<Vec<_>>(), [5, 9]);
    assert_eq!(notes(&sheet), ["footer-skipped", "repeated-header"]);
}

#[test]
fn a_line_break_in_a_cell_is_not_a_row() {
    let text =
        format!("{}\n{}\n", HEADERS.join(","), GOOD[0].join(",").replace("路口劝导", "\"路口\n劝导\""));
    let sheet = read_csv(&format!("{text}{}", GOOD[1].join(",")));
    assert_eq!(sheet.errors, []);
    assert_eq!((sheet.rows[0].content.as_str(), sheet.rows[1].line), ("路口 劝导", 3));
}

#[test]
fn encodings_and_separators_are_found() {
    let lines: Vec<String> = lines().map(|row| row.join(";")).collect();
    let text = lines.join("\n");
    let (chinese, ..) = encoding_rs::GB18030.encode(&text);
    let utf16: Vec<u8> = std::iter::once(0xfeff)
        .chain(text.replace(';', "\t").encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let cases: [(Vec<u8>, &[&str]); 5] = [
        (text.clone().into_bytes(), &[]),
        (format!("\u{feff}{text}").into_bytes(), &[]),
        (format!("sep=;\r\n{text}").into_bytes(), &[]),
        (chinese.into_owned(), &["decoded"]),
        (utf16, &["decoded"]),
    ];
    for (bytes, noted) in cases {
        let sheet = read(&bytes, "t.csv", &limits()).unwrap();
        assert_eq!(sheet.rows, sample_rows());
        assert_eq!(notes(&sheet), noted);
    }
}

#[test]
fn unknown_columns_are_noted_whatever_they_hold() {
    let mut table = table();
    table[0].extend([Text("时长"), Text("身份证号码")]);
    table[1].extend([Text("=F2-E2"), Text("11010519491231002X")]);
    table[2].extend([Text(""), Text("")]);
    table[3].extend([Text(""), Text("")]);
    for bytes in [csv(&table), xlsx(&table)] {
        let sheet = read(&bytes, "t", &limits()).unwrap();
        assert_eq!((sheet.errors.len(), sheet.rows.len()), (0, 3));
        assert_eq!(notes(&sheet), ["id-number-column", "unknown-column"]);
    }
}

#[test]
fn the_first_sheet_with_content_is_read() {
    let mut workbook = Workbook::new();
    workbook.add_worksheet().set_name("空").unwrap();
    let hidden = workbook.add_worksheet().set_name("旧").unwrap();
    hidden.write_string(0, 0, "旧").unwrap();
    hidden.set_hidden(true);
    let sheet = workbook.add_worksheet().set_name("三月").unwrap();
    for (row, cells) in (0u32..).zip(lines()) {
        for (column, cell) in (0u16..).zip(cells) {
            sheet.write_string(row, column, *cell).unwrap();
        }
    }
    let bytes = workbook.save_to_buffer().unwrap();
    let sheet = read(&bytes, "t.csv", &limits()).unwrap();
    assert_eq!(sheet.rows.len(), 3);
    assert_eq!(notes(&sheet), ["hidden-sheets", "other-sheets", "misnamed"]);
    assert!(sheet.notes[1].zh.contains("三月"));
}

#[test]
fn what_is_written_reads_back() {
    let mut rows = sample_rows();
    rows[0].start_minute = 22 * 60;
    rows[0].end_minute = 26 * 60;
    rows[1].end_minute = 1_440;
    rows[1].start_minute = 1_200;
    // All day, and over midnight for longer than a time of day alone would be taken for.
    for (line, start_minute, end_minute) in [(5, 9 * 60, 24 * 60), (6, 10 * 60, 26 * 60)] {
        rows.push(Row {
            line,
            date: rows[0].date - 7 * line as i32,
            start_minute,
            end_minute,
            ..rows[0].clone()
        });
    }
    rows[2].content = "送餐, 送药; 量\"血压\"".to_owned();
    rows[2].phone = Some("+85223456789".to_owned());
    let relined = |first: u32| {
        let lines = (first..).zip(&rows);
        lines.map(|(line, row)| Row { line, ..row.clone() }).collect::<Vec<Row>>()
    };
    let book = write_xlsx(&rows, "萤湾社区志愿服务记录").unwrap();
    let sheet = read(&book, "t.xlsx", &limits()).unwrap();
    assert_eq!((sheet.errors, sheet.notes), (vec![], vec![]));
    assert_eq!(sheet.rows, relined(3));
    assert_eq!(
        book,
        write_xlsx(&rows, "萤湾社区志愿服务记录").unwrap(),
        "the time of writing is not in the file"
    );

    let sheet = read(&write_csv(&rows), "t.csv", &limits()).unwrap();
    assert_eq!((sheet.errors, sheet.notes), (vec![], vec![]));
    assert_eq!(sheet.rows, relined(2));
}

#[test]
fn the_template_is_a_sheet_without_rows() {
    for language in [Language::Chinese, Language::English] {
        for bytes in [template_xlsx(language).unwrap(), template_csv(language)] {
            assert_eq!(refused(&bytes, &limits()), "no-rows");
        }
    }
}

#[test]
fn what_somebody_wrote_is_no_formula_in_a_sheet_for_people() {
    let text = |text: &str| Cell::Text(text.to_owned());
    let rows = [vec![text("=HYPERLINK(\"http://x\")"), Cell::Number(-5.0)], vec![text("@王,芳"), text("-")]];
    let csv = String::from_utf8(rows_csv(&["姓名".to_owned(), "分钟".to_owned()], &rows)).unwrap();
    assert_eq!(csv, "\u{feff}姓名,分钟\r\n\"'=HYPERLINK(\"\"http://x\"\")\",-5\r\n\"'@王,芳\",-\r\n");
    assert!(rows_xlsx("记录", &["姓名".to_owned(), "分钟".to_owned()], &rows).unwrap().starts_with(b"PK"));
}
