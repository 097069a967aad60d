//! Sheets as people keep them on paper: a heading over the table, dittos and merged cells below, lengths instead of ends.

use rust_xlsxwriter::{Format, Workbook};

use super::*;
use crate::sheet::{Column, Given, read_given};

/// Codes that only such sheets have.
pub(super) const CODES: [&str; 2] = ["unclear-length", "nickname"];

const HEADING: &str = "活动名称：清洁家园 活动时间：2026年3月21日8:30—11:30 活动地点：东门 组织单位：东湖社区 负责人：李红 应到__人 实到__人";

const SIGN_IN: [&str; 9] =
    ["序号", "姓名", "所在单位（小区）", "联系电话", "签到时间", "签退时间", "服务时长", "本人签名", "备注"];

fn content() -> Given {
    Given::typed([(Column::Content, "清扫楼道")]).unwrap()
}

/// A sign-in sheet (layout 2): title, heading in one merged cell, head in row 3.
fn sign_in(rows: &[[&str; 9]], heading: &[&str]) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.merge_range(0, 0, 0, 8, "东湖社区志愿服务活动签到表", &Format::new()).unwrap();
    match heading {
        [one] => {
            sheet.merge_range(1, 0, 1, 8, one, &Format::new()).unwrap();
        }
        cells => {
            for (at, cell) in (0u16..).zip(cells) {
                sheet.write_string(1, at, *cell).unwrap();
            }
        }
    }
    for (line, row) in (2u32..).zip(std::iter::once(&SIGN_IN).chain(rows)) {
        for (at, cell) in (0u16..).zip(row).filter(|(_, cell)| !cell.is_empty()) {
            sheet.write_string(line, at, *cell).unwrap();
        }
    }
    workbook.save_to_buffer().unwrap()
}

fn person(
    number: &'static str,
    name: &'static str,
    phone: &'static str,
    start: &'static str,
) -> [&'static str; 9] {
    [number, name, "3栋", phone, start, "", "", "", ""]
}

/// Name, start and end of each row.
fn spans(sheet: &Sheet) -> Vec<(&str, i32, i32)> {
    let name = |row: &Row| sheet.rows.iter().position(|one| one == row).unwrap();
    sheet
        .rows
        .iter()
        .map(|row| {
            (sheet.rows[name(row)].name.as_deref().unwrap_or_default(), row.start_minute, row.end_minute)
        })
        .collect()
}

#[test]
fn the_heading_of_a_sign_in_sheet_holds_for_every_row() {
    let mut long = person("3", "王 芳", "13912340003", "9:00");
    long[6] = "1.5小时";
    let rows = [
        person("1", "张秀英(党员)", "13912340001", "8:30"),
        person("2", "李强", "13912340002", "〃"),
        long,
        person("4", "赵敏", "13912340004", ""),
        person("5", "", "", ""),
        person("6", "", "", ""),
    ];
    let rows: Vec<_> = rows
        .into_iter()
        .map(|mut row| {
            if row[1].is_empty() {
                row[2] = "";
            }
            row
        })
        .collect();
    for heading in [
        vec![HEADING],
        vec!["活动名称：清洁家园", "活动时间：2026年3月21日8:30—11:30", "活动地点：东门", "负责人：李红"],
        vec![
            "活动名称",
            "清洁家园",
            "活动时间",
            "2026.3.21 8:30-11:30",
            "活动地点",
            "东门",
            "负责人",
            "李红",
        ],
    ] {
        let sheet = read_given(&sign_in(&rows, &heading), "签到表.xlsx", &limits(), content()).unwrap();
        assert_eq!(told(&sheet), [], "{heading:?}");
        assert_eq!(
            spans(&sheet),
            [("张秀英", 510, 690), ("李强", 510, 690), ("王芳", 540, 630), ("赵敏", 510, 690)]
        );
        let first = &sheet.rows[0];
        assert_eq!((first.line, first.date), (4, day(2026, 3, 21)));
        let texts = [&first.activity, &first.place, &first.content, &first.lead];
        assert_eq!(texts, ["清洁家园", "东门", "清扫楼道", "李红"]);
        assert!(notes(&sheet).contains(&"from-the-heading"));
        assert!(notes(&sheet).contains(&"ignored-rows"), "rows of a number only: {:?}", notes(&sheet));
    }
}

#[test]
fn what_stands_nowhere_is_asked_for_by_its_name() {
    let rows = [person("1", "张秀英", "13912340001", "8:30")];
    let error = read(&sign_in(&rows, &[HEADING]), "t.xlsx", &limits()).unwrap_err();
    assert_eq!(error.code, "missing-column");
    assert!(error.zh.contains("服务内容") && !error.zh.contains("活动名称"), "{}", error.zh);
    let error = Given::typed([(Column::Date, "下周六")]).unwrap_err();
    assert_eq!(error.code, "bad-given");
    assert!(error.zh.contains("日期"), "{}", error.zh);
}

#[test]
fn what_was_typed_holds_before_the_heading_and_a_row_before_both() {
    let typed =
        [(Column::Content, "清扫"), (Column::Start, "9:00"), (Column::Lead, "周敏"), (Column::Place, " ")];
    let given = Given::typed(typed).unwrap();
    let rows = [person("1", "张秀英", "13912340001", ""), person("2", "李强", "13912340002", "10:00")];
    let sheet = read_given(&sign_in(&rows, &[HEADING]), "t.xlsx", &limits(), given).unwrap();
    assert_eq!(spans(&sheet), [("张秀英", 540, 690), ("李强", 600, 690)]);
    assert_eq!((sheet.rows[0].lead.as_str(), sheet.rows[0].place.as_str()), ("周敏", "东门"));
}

#[test]
fn a_length_that_nobody_can_tell_is_asked_about() {
    let mut row = person("1", "张秀英", "13912340001", "8:30");
    row[6] = "半天";
    let sheet = read_given(&sign_in(&[row], &[HEADING]), "t.xlsx", &limits(), content()).unwrap();
    assert_eq!(told(&sheet), [(4, "G", "unclear-length")]);
}

#[test]
fn names_that_are_not_one_person_are_told_each() {
    let names = ["王芳（代）", "张伟、李娜", "城管局8人", "李伟+1", "老张"];
    let rows: Vec<_> = names.map(|name| person("1", name, "", "8:30")).to_vec();
    let given = content().with_names_alone();
    let sheet = read_given(&sign_in(&rows, &[HEADING]), "t.xlsx", &limits(), given).unwrap();
    let codes: Vec<_> = sheet.errors.iter().map(|error| error.code).collect();
    assert_eq!(codes, ["signed-for-another", "several-people", "team-not-person", "plus-others", "nickname"]);
}

#[test]
fn a_name_alone_is_a_row_only_where_somebody_says_who_is_meant() {
    let rows = [person("1", "张秀英", "", "8:30"), person("", "赵敏", "", "")];
    let bytes = sign_in(&rows, &[HEADING]);
    let strict = read_given(&bytes, "t.xlsx", &limits(), content()).unwrap();
    assert_eq!(told(&strict), [(4, "D", "missing-contact"), (5, "D", "missing-contact")]);
    let given = content().with_names_alone();
    let asked = read_given(&bytes, "t.xlsx", &limits(), given).unwrap();
    assert_eq!((told(&asked), asked.rows.len()), (vec![], 2));
    assert_eq!(asked.rows[1].phone, None);
}

/// Layout 3: title, instructions, head in row 3; day and times in one cell, or a sum of a whole year.
#[test]
fn a_table_of_hours_is_read_and_a_sum_of_a_year_is_no_record() {
    const HEAD: &str = "序号,志愿者姓名,志愿者编号,身份证号,手机号码,项目（活动）名称,服务时间,服务时长（小时）,服务地点,服务内容,负责人,健康状况,民族";
    let text = format!(
        "志愿服务时长统计表,,,,,,,,,,,,\n数字请用文本格式,,,,,,,,,,,,\n{HEAD}\n\
         1,张秀英,,11010519491231002X,13912340001,清洁家园,2026.3.21 8:30-11:30,3,东门,清扫,李红,良好,汉\n\
         2,王芳,,,13912340002,同上,2026年3月21日 9:00,2.5,〃,〃,〃,,\n\
         3,李强,,,13912340003,清洁家园,2026年1-2月,128,东门,清扫,李红,,\n"
    );
    let sheet = read_csv(&text);
    assert_eq!(told(&sheet), [(6, "G", "period-not-day")]);
    assert_eq!(spans(&sheet), [("张秀英", 510, 690), ("王芳", 540, 690)]);
    assert_eq!((sheet.rows[1].activity.as_str(), sheet.rows[1].lead.as_str()), ("清洁家园", "李红"));
    let shown = format!("{sheet:?}");
    assert!(!shown.contains("1949") && !shown.contains('汉') && !shown.contains("良好"), "{shown}");
    let private = sheet.notes.iter().find(|note| note.code == "private-column").unwrap();
    assert!(private.zh.contains("健康状况、民族"), "{}", private.zh);
}

#[test]
fn merged_cells_hold_for_all_their_rows_where_they_say_what_and_when() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (row, cells) in (0u32..).zip(lines()) {
        for (column, cell) in (0u16..).zip(cells).filter(|(_, cell)| !cell.is_empty()) {
            sheet.write_string(row, column, *cell).unwrap();
        }
    }
    for (column, shown) in [(3, "文明交通劝导"), (4, "2026-03-07"), (5, "9:00"), (6, "11:30"), (7, "路口")]
    {
        sheet.merge_range(1, column, 2, column, shown, &Format::new()).unwrap();
    }
    let sheet = read(&workbook.save_to_buffer().unwrap(), "t.xlsx", &limits()).unwrap();
    assert_eq!(told(&sheet), []);
    assert_eq!((sheet.rows[1].activity.as_str(), sheet.rows[1].place.as_str()), ("文明交通劝导", "路口"));
    assert_eq!((sheet.rows[1].date, sheet.rows[1].end_minute), (day(2026, 3, 7), 690));
}

#[test]
fn a_list_of_names_from_a_chat_group_makes_rows() {
    let text = "#接龙\n3.21 红色星期六 清洁家园 8:30 东门集合\n\n1. 王芳 13912340002\n2. 财政局李伟+1\n3. 老张\n4、赵敏\n";
    let typed = [(Column::Content, "清扫"), (Column::End, "11:30"), (Column::Lead, "李红")];
    let given = Given::typed(typed).unwrap().with_names_alone();
    let sheet = read_given(text.as_bytes(), "", &limits(), given).unwrap();
    assert_eq!(told(&sheet), [(5, "A", "plus-others"), (6, "A", "nickname")]);
    assert_eq!(spans(&sheet), [("王芳", 510, 690), ("赵敏", 510, 690)]);
    let first = &sheet.rows[0];
    assert_eq!((first.line, first.date, first.phone.as_deref()), (4, day(2026, 3, 21), Some("13912340002")));
    assert_eq!((first.activity.as_str(), first.place.as_str()), ("红色星期六 清洁家园", "东门"));
}
