//! Spreadsheets from anybody: text in several encodings and workbooks.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _, Write as _};
use std::sync::OnceLock;

use hourbook::sheet::write::{write_csv, write_xlsx};
use hourbook::sheet::{
    Column, Given, Limits, Row, Sheet, file_codes, note_codes, read, read_given, read_roll, row_codes,
};
use hourbook_ledger::commitment::{Field, is_canonical};
use rust_xlsxwriter::Workbook;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::Target;
use super::feed::Feed;

pub(super) fn targets() -> Vec<Target> {
    vec![
        Target { name: "sheet", run: sheet, seeds: sheets, longest: 16_384 },
        Target { name: "roll", run: roll, seeds: rolls, longest: 16_384 },
        Target { name: "paper", run: paper, seeds: papers, longest: 16_384 },
        Target { name: "sheet-cells", run: cells, seeds: tables, longest: 2_048 },
        Target { name: "workbook", run: workbook, seeds: workbooks, longest: 2_048 },
    ]
}

/// 2026-11-20.
const TODAY: i32 = 20_777;
const HEADERS: [&str; 10] =
    ["姓名", "电话", "志愿者编号", "活动名称", "日期", "开始时间", "结束时间", "地点", "服务内容", "负责人"];
const ROW: [&str; 10] =
    ["张英", "13912340001", "AH0001", "文明劝导", "2026-03-07", "9:00", "10:30", "路口", "劝导", "李建国"];

/// Small ones, so that the bounds are met.
fn limits() -> Limits {
    Limits {
        max_bytes: 64 << 10,
        max_unpacked: 1 << 20,
        max_memory: 8 << 20,
        max_errors: 10_000,
        max_rows: 40,
        max_columns: 20,
        ..Limits::new(TODAY)
    }
}

/// Any bytes under the name of a sheet.
fn sheet(bytes: &[u8]) {
    let name = if bytes.len().is_multiple_of(2) { "t.csv" } else { "t.xlsx" };
    match read(bytes, name, &limits()) {
        Ok(sheet) => check(&sheet),
        Err(error) => assert!(file_codes().contains(&error.code), "{error}"),
    }
}

/// What an importer relies on: rows within all bounds, mistakes with their place, all in order; and what was accepted
/// is accepted again when it was written by us.
fn check(sheet: &Sheet) {
    let limits = limits();
    assert!(sheet.rows.len() <= limits.max_rows);
    assert!(sheet.rows.is_sorted_by(|one, next| one.line < next.line), "rows in order, each once");
    assert!(sheet.errors.is_sorted_by_key(|error| error.line));
    assert!(sheet.errors.iter().all(|error| error.line >= 1 && row_codes().contains(&error.code)));
    assert!(sheet.notes.iter().all(|note| note_codes().contains(&note.code)));
    assert_eq!(sheet.counts.values().sum::<usize>(), sheet.errors.len(), "few enough to be told");
    sheet.rows.iter().for_each(|row| check_row(row, &limits));
    if sheet.errors.is_empty() && !sheet.rows.is_empty() {
        again(&sheet.rows, &write_csv(&sheet.rows), 2);
    }
}

/// Any bytes as a roll of residents: people within all bounds, in order, each as the register takes them, and nobody twice.
fn roll(bytes: &[u8]) {
    let limits = limits();
    let roll = match read_roll(bytes, "t.csv", &limits) {
        Ok(roll) => roll,
        Err(error) => return assert!(file_codes().contains(&error.code), "{error}"),
    };
    assert!(roll.people.len() <= limits.max_rows);
    assert!(roll.people.is_sorted_by(|one, next| one.line < next.line), "rows in order, each once");
    assert!(roll.errors.iter().all(|error| error.line >= 1 && row_codes().contains(&error.code)));
    assert!(roll.notes.iter().all(|note| note_codes().contains(&note.code)));
    assert_eq!(roll.counts.values().sum::<usize>(), roll.errors.len(), "few enough to be told");
    let wrong = |line: u32| roll.errors.iter().any(|error| error.line == line);
    assert!(roll.gone.iter().all(|(line, _)| !roll.people.iter().any(|one| one.line == *line)));
    for one in &roll.people {
        assert!(!wrong(one.line), "{one:?} is right and wrong");
        let values = [(Field::Phone, &one.phone), (Field::VolunteerNumber, &one.volunteer_number)];
        assert!(is_canonical(Field::Name, &one.name).is_ok(), "{one:?}");
        for (field, value) in values {
            assert!(value.as_ref().is_none_or(|value| is_canonical(field, value).is_ok()), "{one:?}");
        }
    }
}

/// Any bytes as a paper sheet or a list from a chat group, where rows lack what was said once: rows within all bounds.
fn paper(bytes: &[u8]) {
    let limits = limits();
    let said = [(Column::Content, "清扫"), (Column::Date, "2026-03-07"), (Column::End, "11:30")];
    let given = Given::typed(said).expect("they can be read").with_names_alone();
    let sheet = match read_given(bytes, "t.csv", &limits, given) {
        Ok(sheet) => sheet,
        Err(error) => return assert!(file_codes().contains(&error.code), "{error}"),
    };
    assert!(sheet.rows.is_sorted_by(|one, next| one.line < next.line), "rows in order, each once");
    assert!(sheet.errors.iter().all(|error| error.line >= 1 && row_codes().contains(&error.code)));
    assert!(sheet.notes.iter().all(|note| note_codes().contains(&note.code)));
    for row in &sheet.rows {
        assert!(row.name.is_some() || row.volunteer_number.is_some(), "{row:?}");
        assert!(
            !sheet.errors.iter().any(|error| error.line == row.line && !is_of_several(error.code)),
            "{row:?}"
        );
        let number = row.volunteer_number.clone().or_else(|| Some("AH0001".to_owned()));
        check_row(&Row { volunteer_number: number, ..row.clone() }, &limits);
    }
}

/// Whether rows that are right by themselves may be told of.
fn is_of_several(code: &str) -> bool {
    ["duplicate-row", "overlapping-times", "number-two-names", "person-two-numbers"].contains(&code)
}

fn papers() -> Vec<Vec<u8>> {
    let list =
        "#接龙\n3.21 红色星期六 清洁家园 8:30 东门集合\n\n1. 王芳 13912340002\n2. 财政局李伟+1\n3. 老张\n";
    let heading = "活动名称：清洁家园 活动时间：2026年3月21日8:30—11:30 活动地点：东门 负责人：李红 应到__人";
    let head = "序号,姓名,联系电话,签到时间,签退时间,服务时长,本人签名";
    let rows = "1,王 芳(党员),13912340002,8:30,,2.5小时,\n2,李强（代）,,〃,,半天,\n3,\"张伟、李娜\",,同上,,,\n4,赵敏,,,,,\n";
    let hours = "姓名,电话,项目名称,服务时间,服务时长,地点,负责人,健康\n王芳,13912340002,清扫,2026.3.21 8:30-11:30,3,东门,李红,好\n李强,13912340003,同上,2026年1-2月,128,〃,〃,\n";
    [list.to_owned(), format!("{heading},,,,,,\n{head}\n{rows}"), hours.to_owned()]
        .map(String::into_bytes)
        .to_vec()
}

fn rolls() -> Vec<Vec<u8>> {
    let text = "花名册,,,,\r\n序号,姓名*,联系电话,志愿者编号,是否已迁出,健康状况\r\n,必填,多个号码用;分隔,,,\r\n1,王 芳(党员),13912340001;0563-6022222,AH0001,0,好\r\n\
                2,李强,无,,1,\r\n3,,,,,\r\n4,钱伟,1.38E+10,,,\r\n5,同上,,,去年,\r\n合计,4,,,,\r\n审核人：,,,,,\r\n";
    let (chinese, ..) = encoding_rs::GB18030.encode(text);
    let mut book = Workbook::new();
    let page = book.add_worksheet();
    for (line, row) in (0..).zip(text.lines()) {
        for (column, cell) in (0..).zip(row.split(',')).filter(|(_, cell)| !cell.is_empty()) {
            page.write_string(line, column, cell).expect("a short text");
        }
    }
    let file = book.save_to_buffer().expect("it can be written");
    vec![
        text.as_bytes().to_vec(),
        chinese.into_owned(),
        utf16(text, true),
        text.replace(',', "\t").into_bytes(),
        file,
    ]
}

fn check_row(row: &Row, limits: &Limits) {
    assert!((limits.earliest..=limits.today).contains(&row.date), "{row:?}");
    assert!((0..1_440).contains(&row.start_minute) && row.start_minute < row.end_minute, "{row:?}");
    assert!(row.end_minute - row.start_minute <= limits.max_span, "{row:?}");
    assert!(row.volunteer_number.is_some() || row.name.is_some() && row.phone.is_some(), "{row:?}");
    let texts = [&row.activity, &row.place, &row.content, &row.lead];
    let optional = [&row.name, &row.phone, &row.volunteer_number];
    for text in texts.into_iter().chain(optional.into_iter().flatten()) {
        assert!(!text.is_empty() && text.trim() == text && text.len() <= 2_000, "{row:?}");
        assert!(!text.chars().any(|c| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}')), "{row:?}");
    }
    for (field, value) in [
        (Field::Name, &row.name),
        (Field::Phone, &row.phone),
        (Field::VolunteerNumber, &row.volunteer_number),
    ] {
        assert!(value.as_ref().is_none_or(|value| is_canonical(field, value).is_ok()), "{row:?}");
    }
}

fn again(rows: &[Row], file: &[u8], first: u32) {
    let read =
        read(file, "t.csv", &Limits { max_bytes: 1 << 20, ..limits() }).expect("a sheet that we wrote");
    assert!(read.errors.is_empty(), "{:?}", read.errors);
    let relined: Vec<Row> = (first..).zip(rows).map(|(line, row)| Row { line, ..row.clone() }).collect();
    assert_eq!(read.rows, relined);
}

fn sheets() -> Vec<Vec<u8>> {
    let table = vec![HEADERS.map(str::to_owned).to_vec(), ROW.map(str::to_owned).to_vec()];
    let text = text_of(&table, ',');
    let (chinese, ..) = encoding_rs::GB18030.encode(&text);
    let mut all =
        vec![text.clone().into_bytes(), chinese.into_owned(), utf16(&text, true), utf16(&text, false)];
    all.push(format!("sep=;\r\n{}", text_of(&table, ';')).into_bytes());
    all.push([b"\xef\xbb\xbf", text_of(&table, '\t').as_bytes()].concat());
    all.push(zipped(parts(), CompressionMethod::Deflated));
    all.push(b"\xd0\xcf\x11\xe0 an old workbook".to_vec());
    all
}

fn utf16(text: &str, little: bool) -> Vec<u8> {
    let units = std::iter::once(0xfeff).chain(text.encode_utf16());
    units.flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
}

fn text_of(table: &[Vec<String>], separator: char) -> String {
    let quoted = |cell: &String| match cell.contains([separator, '"', '\n', '\r']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell.clone(),
    };
    let line = |row: &Vec<String>| row.iter().map(quoted).collect::<Vec<_>>().join(&separator.to_string());
    table.iter().map(line).map(|line| line + "\r\n").collect()
}

/// What people put into each column, right and wrong.
const WORDS: [&[&str]; 10] = [
    &["张英", "李明", "", "=1", "王 芳", "张英2"],
    &["13912340001", "+86 139-1234-0002", "", "12", "0563-6021234", "１３９１２３４０００３"],
    &["", "AH0001", "ah0002", "无", "11010519491231002X"],
    &["文明劝导", "值班", "", "夜间巡逻", "paid work"],
    &["2026-03-07", "2026年3月7日", "2026.3.8", "20260309", "2026-02-30", "2027-01-01", "46088", "星期六"],
    &["9:00", "上午9点", "22:00", "下午3点半", "x", "0900", "9:00 PM", "2026-03-07 9:00", "24:00"],
    &["10:00", "11点一刻", "2:00", "26:00", "晚上12点", "23:59:00", "9:00:30"],
    &["路口", "", "广场\n东侧"],
    &["劝导", "打扫\"楼道\"", "a,b;c", "\t"],
    &["李建国", "a\u{202e}b", "\u{200b}", "#N/A"],
];

const DITTOS: [&str; 8] = ["同上", "〃", "″", "\"", "\"\"", "＂", "＂＂", "ditto"];

/// A table from choices: mostly words that people use, sometimes anything. Encodings and formats must agree on it, and
/// the order of its rows must not matter.
fn cells(bytes: &[u8]) {
    let mut feed = Feed::new(bytes);
    let columns = columns(&mut feed);
    let mut table = vec![columns.iter().map(|column| HEADERS[*column].to_owned()).collect::<Vec<_>>()];
    while !feed.is_empty() && table.len() < 12 {
        table.push(columns.iter().map(|column| one_cell(&mut feed, *column)).collect());
    }
    let text = text_of(&table, ',');
    let from_text = read(text.as_bytes(), "t.csv", &limits());
    if let Ok(sheet) = &from_text {
        check(sheet);
    }
    let said = |sheet: &Result<Sheet, _>| match sheet {
        Ok(sheet) => Ok((sheet.rows.clone(), sheet.errors.clone())),
        Err(error) => Err(hourbook::sheet::SheetError::clone(error).code),
    };
    for other in [utf16(&text, true), utf16(&text, false), [b"\xef\xbb\xbf", text.as_bytes()].concat()] {
        assert_eq!(said(&read(&other, "t.csv", &limits())), said(&from_text), "another encoding");
    }
    let (chinese, _, replaced) = encoding_rs::GB18030.encode(&text);
    // A piece that is right in both encodings looks like one of UTF-8 in a file of the other.
    let either = |piece: &[u8]| !piece.is_ascii() && std::str::from_utf8(piece).is_ok();
    let ambiguous = chinese.split(|byte| b",;\t\"\r\n".contains(byte)).any(either);
    if !replaced && !ambiguous && std::str::from_utf8(&chinese).is_err() {
        assert_eq!(said(&read(&chinese, "t.csv", &limits())), said(&from_text), "GB18030");
    }
    if let Ok(sheet) = &from_text {
        // What is said to be as above depends on what stands there.
        if !table.iter().flatten().any(|cell| DITTOS.contains(&cell.trim())) {
            order_does_not_matter(&mut table, sheet);
        }
        workbook_agrees(&table, sheet);
    }
}

/// Mostly all ten, in order; sometimes without one or two.
fn columns(feed: &mut Feed<'_>) -> Vec<usize> {
    let mut columns: Vec<usize> = (0..HEADERS.len()).collect();
    let choice = feed.byte();
    if choice >= 200 {
        columns.remove(usize::from(choice) % columns.len());
        columns.rotate_left(usize::from(choice) % 3);
    }
    columns
}

fn one_cell(feed: &mut Feed<'_>, column: usize) -> String {
    let choice = feed.byte();
    if choice >= 224 {
        let mut text = feed.text();
        text.retain(|c| c != '\0' && c != '\u{feff}');
        return text;
    }
    WORDS[column][usize::from(choice) % WORDS[column].len()].to_owned()
}

/// How often each outcome occurs, lines aside.
fn outcomes(sheet: &Sheet) -> BTreeMap<String, usize> {
    let mut counted = BTreeMap::new();
    let rows = sheet.rows.iter().map(|row| format!("{:?}", Row { line: 0, ..row.clone() }));
    let errors =
        sheet.errors.iter().map(|error| format!("{} {:?} {}", error.code, error.column, error.value));
    rows.chain(errors).for_each(|outcome| *counted.entry(outcome).or_default() += 1);
    counted
}

fn order_does_not_matter(table: &mut [Vec<String>], sheet: &Sheet) {
    table[1..].reverse();
    // A row that reads like a header ends the search for one, a footer is told by its place: neither is a row.
    let reversed = read(text_of(table, ',').as_bytes(), "t.csv", &limits());
    table[1..].reverse();
    // Lines below the table and instructions right below the header are told by their place.
    let placed =
        |sheet: &Sheet| sheet.notes.iter().any(|note| ["footer-skipped", "hint-row"].contains(&note.code));
    let reversed = match reversed {
        _ if placed(sheet) => return,
        Ok(reversed) if placed(&reversed) => return,
        Ok(reversed) => reversed,
        Err(error) if error.notes.iter().any(|note| note.code == "footer-skipped") => return,
        Err(error) => panic!("the same rows: {error}"),
    };
    let told = |sheet: &Sheet| sheet.errors.iter().filter(|error| error.code == "unclosed-quote").count();
    assert_eq!(told(sheet), told(&reversed));
    assert_eq!(outcomes(&reversed), outcomes(sheet), "another order of rows, another outcome");
}

/// The same cells as text in a workbook give the same rows, where a workbook can hold them.
fn workbook_agrees(table: &[Vec<String>], sheet: &Sheet) {
    let odd = |text: &String| text.chars().any(|c| c.is_control()) || text.chars().count() > 200;
    let ragged = sheet.errors.iter().any(|error| ["ragged-row", "mixed-delimiters"].contains(&error.code));
    if table.iter().flatten().any(odd) || ragged {
        return;
    }
    let mut book = Workbook::new();
    let page = book.add_worksheet();
    for (line, row) in (0..).zip(table) {
        for (column, cell) in (0..).zip(row) {
            if !cell.is_empty() {
                page.write_string(line, column, cell).expect("a short text");
            }
        }
    }
    let file = book.save_to_buffer().expect("it can be written");
    match read(&file, "t.xlsx", &limits()) {
        Ok(other) => {
            check(&other);
            assert_eq!(other.rows, sheet.rows, "a workbook with the same texts gives other rows");
        }
        Err(error) => panic!("a workbook with the same texts cannot be read: {error}"),
    }
}

fn tables() -> Vec<Vec<u8>> {
    let right = [0, 0, 1, 0, 0, 0, 0, 0, 0, 0];
    let one = [&[0][..], &right].concat();
    let clash = [&[0][..], &right, &right, &[1, 0, 0, 0, 1, 1, 1, 0, 1, 0]].concat();
    let typed =
        [&[0][..], &[230, 6], "王五".as_bytes(), &right[1..], &[231, 3, b'"', b',', b'x'], &right[1..]]
            .concat();
    let fewer = [&[202][..], &right[..9], &right[..9]].concat();
    let varied: Vec<u8> = (0..111).map(|n| (n * 7) as u8 % 13).collect();
    vec![one, clash, typed, fewer, varied]
}

/// The parts of a workbook as Excel would write them.
fn parts() -> &'static [(String, Vec<u8>)] {
    static PARTS: OnceLock<Vec<(String, Vec<u8>)>> = OnceLock::new();
    PARTS.get_or_init(|| {
        let row = Row {
            line: 2,
            name: Some(ROW[0].to_owned()),
            phone: Some(ROW[1].to_owned()),
            volunteer_number: None,
            activity: ROW[3].to_owned(),
            date: TODAY - 30,
            start_minute: 540,
            end_minute: 630,
            place: ROW[7].to_owned(),
            content: ROW[8].to_owned(),
            lead: ROW[9].to_owned(),
        };
        let file = write_xlsx(&[row], "记录").expect("it can be written");
        let mut archive = ZipArchive::new(Cursor::new(file)).expect("a ZIP");
        let count = archive.len();
        let unpack = |index| {
            let mut part = archive.by_index(index).expect("a part");
            let mut bytes = Vec::new();
            part.read_to_end(&mut bytes).expect("it unpacks");
            (part.name().expect("a name").into_owned(), bytes)
        };
        (0..count).map(unpack).collect()
    })
}

fn zipped(parts: &[(String, Vec<u8>)], method: CompressionMethod) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        writer.start_file(&**name, SimpleFileOptions::default().compression_method(method)).expect("a name");
        writer.write_all(bytes).expect("into memory");
    }
    writer.finish().expect("into memory").into_inner()
}

/// A workbook with damage in one of its parts, or in the ZIP around them, or with cells that no program writes.
fn workbook(bytes: &[u8]) {
    let mut feed = Feed::new(bytes);
    let mut parts = parts().to_vec();
    let way = feed.byte();
    let chosen = feed.below(parts.len());
    let body = &mut parts[chosen].1;
    match way % 4 {
        0 => feed.damage(body, 5),
        1 => {
            // Something new in the place of what stands between two brackets.
            let text = feed.chunk().to_vec();
            let ends: Vec<usize> = (0..body.len()).filter(|at| body[*at] == b'>').collect();
            let at = ends.get(feed.below(ends.len())).map_or(0, |at| at + 1);
            drop(body.splice(at..at, text));
        }
        2 => {
            let cell = format!(
                "<c r=\"{}\" t=\"{}\" s=\"{}\"><f>{}</f><v>{}</v></c></row></sheetData>",
                feed.text(),
                feed.pick(&["n", "s", "b", "e", "d", "str", "inlineStr", ""]),
                feed.byte(),
                feed.text(),
                feed.text()
            );
            for (name, body) in &mut parts {
                if name.ends_with("sheet1.xml") {
                    *body = String::from_utf8_lossy(body).replace("</row></sheetData>", &cell).into_bytes();
                }
            }
        }
        _ => {}
    }
    let method = if way < 128 { CompressionMethod::Stored } else { CompressionMethod::Deflated };
    let mut file = zipped(&parts, method);
    if way % 4 == 3 {
        feed.damage(&mut file, 5);
    }
    match read(&file, "t.xlsx", &limits()) {
        Ok(sheet) => check(&sheet),
        Err(error) => assert!(file_codes().contains(&error.code), "{error}"),
    }
}

fn workbooks() -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> =
        (0..parts().len() as u8).map(|part| vec![0, part, 1, 1, 0, 90, 1, b'9']).collect();
    let text = |text: &str| [&[text.len() as u8], text.as_bytes()].concat();
    let insert = |part: u8, what: &str| [&[1, part][..], &text(what), &[9]].concat();
    all.extend((0..parts().len() as u8).map(|part| insert(part, "<row r=\"1048577\"><c r=\"XFE1\"/></row>")));
    all.push(insert(0, "<mergeCells count=\"99999999\"><mergeCell ref=\"A1:XFD1048576\"/></mergeCells>"));
    all.push([&[2, 0][..], &text("K3"), &[0, 0], &text("A1"), &text("46088.5")].concat());
    all.push([&[130, 0][..], &text("AAAAAAA99999999999"), &[6, 200], &text(""), &text("1e308")].concat());
    all.push(vec![3, 0, 3, 1, 0, 20, 3, 9, 2, 0, 90, 0]);
    all
}
