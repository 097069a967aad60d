//! Broken rows: each kind once at least, with its code, its line and its column.

use std::collections::BTreeSet;

use super::{Put::*, *};

/// A cell to change: row among [`GOOD`] (0-based), column, content.
type Edit = (usize, usize, Put);

struct Broken {
    code: &'static str,
    /// Lines and column where it must be told, and nothing else may be.
    at: &'static [(u32, &'static str)],
    edits: &'static [Edit],
}

const fn broken(code: &'static str, at: &'static [(u32, &'static str)], edits: &'static [Edit]) -> Broken {
    Broken { code, at, edits }
}

/// Kinds that exist in both formats.
const TEXT: &[Broken] = &[
    broken("nul-byte", &[(2, "H")], &[(0, 7, Text("萤湾\0路"))]),
    broken("control-character", &[(2, "H")], &[(0, 7, Text("萤湾\u{7}路"))]),
    broken("invisible-character", &[(2, "A")], &[(0, 0, Text("张\u{202e}秀英"))]),
    broken("invisible-character", &[(3, "I")], &[(1, 8, Text("路口\u{2066}劝导"))]),
    broken("formula-text", &[(2, "I")], &[(0, 8, Text("=HYPERLINK(\"http://x\",\"y\")"))]),
    broken("formula-text", &[(3, "D")], &[(1, 3, Text("@SUM(A1)"))]),
    broken("formula-text", &[(4, "H")], &[(2, 7, Text("＝cmd|' /C calc'!A0"))]),
    broken("formula-text", &[(2, "J")], &[(0, 9, Text("\t=1+1"))]),
    broken("formula-text", &[(2, "J")], &[(0, 9, Text("\r李建国"))]),
    broken("formula-text", &[(2, "B")], &[(0, 1, Text("+cmd|'/C calc'!A0"))]),
    broken("formula-text", &[(2, "F")], &[(0, 5, Text("-9:00"))]),
    broken("excel-error", &[(2, "D")], &[(0, 3, Text("#REF!"))]),
    broken("excel-error", &[(2, "E")], &[(0, 4, Text("#N/A"))]),
    broken("boolean-cell", &[(2, "H")], &[(0, 7, Text("TRUE"))]),
    broken(
        "cell-too-long",
        &[(2, "J")],
        &[(0, 9, Text("长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长"))],
    ),
    broken("id-number", &[(2, "I")], &[(0, 8, Text("代办 11010519491231002X"))]),
    broken("id-number", &[(2, "B")], &[(0, 1, Text("110105194912310021"))]),
    broken("id-number", &[(3, "C")], &[(1, 2, Text("11010519491231002X"))]),
    broken("missing-name-and-number", &[(2, "A")], &[(0, 0, Text("　"))]),
    broken("missing-contact", &[(2, "B")], &[(0, 1, Text("无"))]),
    broken("swapped-columns", &[(2, "A")], &[(0, 0, Text("13912340001")), (0, 1, Text("张秀英"))]),
    broken("name-has-digits", &[(2, "A")], &[(0, 0, Text("张秀英2"))]),
    broken("bad-name", &[(2, "A")], &[(0, 0, Text("张秀英*"))]),
    broken("several-people", &[(2, "A")], &[(0, 0, Text("张秀英、王芳"))]),
    broken("signed-for-another", &[(2, "A")], &[(0, 0, Text("张秀英(代)"))]),
    broken("team-not-person", &[(2, "A")], &[(0, 0, Text("城管局8人"))]),
    broken("plus-others", &[(2, "A")], &[(0, 0, Text("张秀英+1"))]),
    broken("period-not-day", &[(2, "E")], &[(0, 4, Text("2026年1-11月"))]),
    broken("bad-phone", &[(2, "B")], &[(0, 1, Text("1391234000"))]),
    broken("bad-phone", &[(2, "B")], &[(0, 1, Text("12912340001"))]),
    broken("bad-phone", &[(2, "B")], &[(0, 1, Text("13912340001/13912340009"))]),
    broken("bad-number", &[(3, "C")], &[(1, 2, Text("编号一"))]),
    broken("number-lost-digits", &[(3, "C")], &[(1, 2, Text("3.41822E+17"))]),
    broken("missing-activity", &[(2, "D")], &[(0, 3, Text(""))]),
    broken("missing-date", &[(2, "E")], &[(0, 4, Text(""))]),
    broken("missing-start", &[(3, "F")], &[(1, 5, Text(" "))]),
    broken("missing-end", &[(4, "G")], &[(2, 6, Text(""))]),
    broken("missing-place", &[(2, "H")], &[(0, 7, Text(""))]),
    broken("missing-content", &[(2, "I")], &[(0, 8, Text(""))]),
    broken("missing-lead", &[(2, "J")], &[(0, 9, Text(""))]),
    broken("bad-date", &[(2, "E")], &[(0, 4, Text("3月7日"))]),
    broken("bad-date", &[(2, "E")], &[(0, 4, Text("03/07/2026"))]),
    broken("bad-date", &[(2, "E")], &[(0, 4, Text("########"))]),
    broken("bad-date", &[(2, "E")], &[(0, 4, Text("2026-03-07（周六）至2026-03-09（周一）"))]),
    broken("bad-date", &[(2, "E")], &[(0, 4, Text("2026-03-07 周六、周日"))]),
    broken("bad-date", &[(2, "E")], &[(0, 4, Text("2026-03-07（周六）（周六）"))]),
    broken("bad-date", &[(2, "E")], &[(0, 4, Text("2026-03-07周末"))]),
    broken("bad-date", &[(2, "E")], &[(0, 4, Text("2026-03-07（周六）起"))]),
    broken("bad-date", &[(2, "E")], &[(0, 4, Text("2026-03-07 Sat–Mon"))]),
    broken("bad-date", &[(2, "E")], &[(0, 4, Text("2026年3月7日日"))]),
    broken("date-has-time", &[(2, "E")], &[(0, 4, Text("2026-03-07 周六 9:00"))]),
    broken("date-has-time", &[(2, "E")], &[(0, 4, Text("2026-03-07（周六）上午"))]),
    broken("date-has-time", &[(2, "E")], &[(0, 4, Text("2026年3月7日星期六9点"))]),
    broken("id-number", &[(2, "E")], &[(0, 4, Text("11010519491231002X"))]),
    broken("id-number", &[(2, "F")], &[(0, 5, Text("110105 19491231 002X"))]),
    broken("id-number", &[(2, "B")], &[(0, 1, Text("130503-670401-001"))]),
    broken("id-number", &[(3, "C")], &[(1, 2, Text("110105-19491231-002X"))]),
    broken("bad-start", &[(2, "F")], &[(0, 5, Text("凌晨13点"))]),
    broken("bad-end", &[(2, "G")], &[(0, 6, Text("0.5"))]),
    broken("date-has-time", &[(2, "E")], &[(0, 4, Text("2026-03-07 09:00"))]),
    broken("impossible-date", &[(2, "E")], &[(0, 4, Text("2026年2月30日"))]),
    broken("impossible-date", &[(2, "E")], &[(0, 4, Text("20261301"))]),
    broken("future-date", &[(2, "E")], &[(0, 4, Text("2026-04-02"))]),
    broken("date-too-old", &[(2, "E")], &[(0, 4, Text("2006/3/7"))]),
    broken("bad-start", &[(2, "F")], &[(0, 5, Text("九点左右"))]),
    broken("bad-start", &[(2, "F")], &[(0, 5, Text("上午15点"))]),
    broken("bad-start", &[(2, "F")], &[(0, 5, Text("24:00"))]),
    broken("bad-end", &[(2, "G")], &[(0, 6, Text("11:65"))]),
    broken("fraction-minutes", &[(2, "F")], &[(0, 5, Text("9:00:30"))]),
    broken("date-mismatch", &[(2, "F")], &[(0, 5, Text("2026-03-06 9:00"))]),
    broken("zero-length", &[(2, "G")], &[(0, 6, Text("9:00"))]),
    broken("end-before-start", &[(2, "G")], &[(0, 6, Text("8:00"))]),
    broken("end-before-start", &[(2, "G")], &[(0, 6, Text("2026-03-06 11:30"))]),
    broken("span-over-limit", &[(2, "G")], &[(0, 5, Text("1:00")), (0, 6, Text("17:01"))]),
    broken("over-24-hours", &[(2, "G")], &[(0, 6, Text("26:00"))]),
    broken("over-24-hours", &[(2, "G")], &[(0, 6, Text("2026-03-08 9:01"))]),
    broken("not-voluntary", &[(2, "D")], &[(0, 3, Text("有偿家政"))]),
    broken("not-voluntary", &[(4, "D")], &[(2, 3, Text("Paid cleaning"))]),
    broken(
        "duplicate-row",
        &[(2, "D"), (3, "D")],
        &[
            (0, 2, Text("ah.2026/0002")),
            (0, 0, Text("王　芳")),
            (0, 5, Text("上午9点")),
            (0, 6, Text("11：30")),
        ],
    ),
    broken(
        "overlapping-times",
        &[(2, "F"), (3, "F")],
        &[(0, 0, Text("王芳")), (0, 1, Text("139 1234 0002")), (0, 3, Text("理发")), (0, 6, Text("9:30"))],
    ),
    broken(
        "number-two-names",
        &[(2, "A"), (3, "A")],
        &[(0, 2, Text("ah-2026-0002")), (0, 4, Text("2026-03-06"))],
    ),
    broken(
        "person-two-numbers",
        &[(2, "C"), (3, "C")],
        &[(0, 0, Text("王芳")), (0, 1, Text("13912340002")), (0, 2, Text("AH20260009"))],
    ),
];

/// Kinds that only a workbook can hold.
const CELLS: &[Broken] = &[
    broken("formula-cell", &[(2, "F")], &[(0, 5, Formula("=TIME(9,0,0)"))]),
    broken("formula-cell", &[(2, "I")], &[(0, 8, Formula("=A1&B1"))]),
    broken("boolean-cell", &[(2, "F")], &[(0, 5, Bool(true))]),
    broken("date-in-text", &[(2, "H")], &[(0, 7, Shown(46_082.0, "m-d"))]),
    broken("number-lost-digits", &[(3, "C")], &[(1, 2, Number(341_822_202_600_001_234.0))]),
    broken("bad-date", &[(2, "E")], &[(0, 4, Number(7.0))]),
    broken("date-has-time", &[(2, "E")], &[(0, 4, Shown(46_088.375, "yyyy-mm-dd"))]),
    broken("future-date", &[(2, "E")], &[(0, 4, Shown(47_000.0, "yyyy-mm-dd"))]),
    broken("bad-start", &[(2, "F")], &[(0, 5, Number(9.0))]),
    broken("bad-start", &[(2, "F")], &[(0, 5, Number(0.375))]),
    broken("bad-start", &[(2, "F")], &[(0, 5, Number(0.0))]),
    broken("bad-start", &[(2, "F")], &[(0, 5, Number(46_088.375))]),
    broken("bad-end", &[(2, "G")], &[(0, 6, Number(1.0))]),
    broken("bad-end", &[(2, "G")], &[(0, 6, Number(0.9))]),
    broken("bad-end", &[(2, "G")], &[(0, 6, Shown(0.9, "0.0"))]),
    broken("bad-end", &[(2, "G")], &[(0, 6, Shown(0.9, "yyyy-mm-dd"))]),
    broken("bad-end", &[(2, "G")], &[(0, 6, Shown(46_089.0, "yyyy-mm-dd"))]),
    broken("fraction-minutes", &[(2, "F")], &[(0, 5, Shown(0.375_347_222, "h:mm"))]),
    broken("over-24-hours", &[(2, "G")], &[(0, 6, Shown(1.1, "[h]:mm"))]),
    broken("date-mismatch", &[(2, "F")], &[(0, 5, Shown(46_087.375, "yyyy-mm-dd h:mm"))]),
];

/// Rows that are wrong as text: line 2 of a file, and where it is told.
const LINES: &[(&str, &str, &str)] = &[
    ("unclosed-quote", "I", "张秀英,13912340001,,交通劝导,2026-03-07,9:00,11:30,路口,\"劝导,李建国\n"),
    ("stray-quote", "H", "张秀英,13912340001,,交通劝导,2026-03-07,9:00,11:30,\"路\"口,劝导,李建国\n"),
    ("mixed-delimiters", "B", "张秀英;13912340001;;交通劝导;2026-03-07;9:00;11:30;路口;劝导;李建国\n"),
    (
        "mixed-delimiters",
        "B",
        "张秀英\t13912340001\t\t交通劝导\t2026-03-07\t9:00\t11:30\t路口\t劝导\t李建国\n",
    ),
    ("ragged-row", "J", "张秀英,13912340001,交通劝导,2026-03-07,9:00,11:30,路口,劝导,李建国\n"),
    ("ragged-row", "K", "张秀英,13912340001,,交通劝导,2026-03-07,9:00,11:30,路口,劝导,李建国,多\n"),
];

fn edited(edits: &[Edit]) -> Table {
    let mut table = table();
    for &(row, column, put) in edits {
        table[row + 1][column] = put;
    }
    table
}

fn assert_told(kind: &Broken, bytes: &[u8], format: &str) {
    let sheet = read(bytes, "t", &limits()).unwrap_or_else(|error| panic!("{format} {}: {error}", kind.code));
    let expected: Vec<(u32, &str, &str)> =
        kind.at.iter().map(|&(line, letter)| (line, letter, kind.code)).collect();
    assert_eq!(told(&sheet), expected, "{format}: {:?}", kind.edits);
    for error in &sheet.errors {
        assert!(HEADERS.contains(&error.column.as_str()), "{error:?}");
        assert!(error.zh.starts_with(&format!("第 {} 行 {} 列", error.line, error.letter)), "{error:?}");
        assert!(error.en.starts_with(&format!("Row {}, column {}", error.line, error.letter)), "{error:?}");
        assert!(!error.zh.contains("{v}") && !error.en.contains("{n}"), "{error:?}");
    }
}

#[test]
fn the_unbroken_sheet_has_no_errors() {
    for bytes in [csv(&table()), xlsx(&table())] {
        let sheet = read(&bytes, "t", &limits()).unwrap();
        assert_eq!(sheet.errors, []);
        assert_eq!(sheet.rows, sample_rows());
    }
}

#[test]
fn broken_cells_are_told_in_text_files() {
    for kind in TEXT {
        assert_told(kind, &csv(&edited(kind.edits)), "csv");
    }
}

#[test]
fn broken_cells_are_told_in_workbooks() {
    // XML has no NUL or control characters.
    let possible = |kind: &&Broken| !matches!(kind.code, "nul-byte" | "control-character");
    for kind in TEXT.iter().filter(possible).chain(CELLS) {
        assert_told(kind, &xlsx(&edited(kind.edits)), "xlsx");
    }
}

#[test]
fn broken_lines_are_told() {
    for (code, letter, line) in LINES {
        let sheet = read_csv(&format!("{}\n{line}", HEADERS.join(",")));
        assert_eq!(told(&sheet), [(2, *letter, *code)], "{line}");
    }
}

#[test]
fn an_error_cell_is_told() {
    let sheet = raw_sheet(r#"<c r="D2" t="e"><v>#REF!</v></c>"#, 3);
    let sheet = read(&raw_xlsx(&sheet, None), "t.xlsx", &limits()).unwrap();
    let first = &sheet.errors[0];
    assert_eq!(
        (first.line, first.letter.as_str(), first.code, first.value.as_str()),
        (2, "D", "excel-error", "#REF!")
    );
}

#[test]
fn a_merged_cell_is_told_as_such() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (row, cells) in (0u32..).zip(lines()) {
        for (column, cell) in (0u16..).zip(cells).filter(|at| (row, at.0) != (2, 2)) {
            sheet.write_string(row, column, *cell).unwrap();
        }
    }
    sheet.merge_range(1, 0, 2, 0, "张秀英", &Format::new()).unwrap();
    let sheet = read(&workbook.save_to_buffer().unwrap(), "t.xlsx", &limits()).unwrap();
    assert_eq!(told(&sheet), [(3, "A", "merged-cell")]);
    assert!(sheet.errors[0].en.contains("A2:A3"), "{}", sheet.errors[0].en);
}

#[test]
fn every_code_is_produced_by_a_test_here() {
    let mut tested: BTreeSet<&str> = TEXT.iter().chain(CELLS).map(|kind| kind.code).collect();
    tested.extend(LINES.iter().map(|(code, ..)| *code));
    tested.insert("merged-cell");
    tested.extend(super::roll::CODES);
    tested.extend(super::paper::CODES);
    let all: BTreeSet<&str> = super::super::row_codes().into_iter().collect();
    assert_eq!(tested, all);
    assert!(all.len() >= 30);
}

#[test]
fn one_row_tells_all_its_mistakes() {
    let sheet = read_csv(&format!("{}\n,,,,2026-02-30,9点,8点,,,\n", HEADERS.join(",")));
    let codes: Vec<_> = sheet.errors.iter().map(|error| error.code).collect();
    let expected = [
        "missing-name-and-number",
        "missing-activity",
        "impossible-date",
        "missing-place",
        "missing-content",
        "missing-lead",
    ];
    assert_eq!(codes, expected);
}

#[test]
fn an_id_number_is_masked_everywhere() {
    let sheet = read_csv(&format!(
        "{}\n张秀英,13912340001,,劝导,2026-03-07,9:00,11:00,路口,证 11010519491231002X,李\n",
        HEADERS.join(",")
    ));
    assert_eq!(sheet.errors.len(), 1);
    assert!(!format!("{:?}", sheet.errors).contains("1949"), "{:?}", sheet.errors);
}
