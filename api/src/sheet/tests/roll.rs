//! The roll of residents as grids keep it: a title, instructions, thirty columns, and all that people write into them.

use encoding_rs::GB18030;
use rust_xlsxwriter::{Format, Workbook};

use super::{Put, xlsx};
use crate::sheet::{Limits, Resident, Roll, SheetError, read_roll};

/// What only a roll is told.
pub(super) const CODES: [&str; 2] = ["missing-name", "unclear-mark"];

/// The heads of a grid system's own template.
const HEADS: &str = "姓名|身份证号|性别|出生日期|联系电话|现住小区/建筑|门牌地址|所属网格|人员类型|是否重点人员|重点类别|户籍小区/建筑|\
    户籍地址|户编号|户籍迁入日期|是否人户分离|实际居住地|是否已迁出|迁出日期|迁往地|是否已死亡|死亡日期|民族|政治面貌|婚姻状况|\
    文化程度|工作学习情况|健康状况|备注";

fn heads() -> Vec<&'static str> {
    HEADS.split('|').map(str::trim).collect()
}

/// A row of the template: what stands in which of its columns.
fn line(cells: &[(&str, &'static str)]) -> Vec<Put> {
    let at = |head: &str| cells.iter().find(|(name, _)| *name == head).map_or("", |(_, text)| *text);
    heads().into_iter().map(|head| Put::Text(at(head))).collect()
}

fn template(rows: &[&[(&str, &'static str)]]) -> Vec<u8> {
    let mut table = vec![heads().into_iter().map(Put::Text).collect::<Vec<_>>()];
    table.push(line(&[
        ("姓名", "必填，与身份证一致"),
        ("联系电话", "多个号码用;分隔"),
        ("出生日期", "格式：19571103"),
    ]));
    table.extend(rows.iter().map(|cells| line(cells)));
    xlsx(&table)
}

fn read(bytes: &[u8]) -> Result<Roll, SheetError> {
    read_roll(bytes, "t.xlsx", &super::limits())
}

fn people<'a>(roll: &'a Roll) -> Vec<(u32, &'a str, Option<&'a str>, Option<&'a str>)> {
    let one = |person: &'a Resident| {
        let Resident { line, name, phone, volunteer_number } = person;
        (*line, name.as_str(), phone.as_deref(), volunteer_number.as_deref())
    };
    roll.people.iter().map(one).collect()
}

fn told(roll: &Roll) -> Vec<(u32, &str, &str)> {
    roll.errors.iter().map(|error| (error.line, error.column.as_str(), error.code)).collect()
}

fn notes(roll: &Roll) -> Vec<&'static str> {
    roll.notes.iter().map(|note| note.code).collect()
}

#[test]
fn a_grids_roll_gives_names_and_phones_and_tells_what_it_did_not_read() {
    let bytes = template(&[
        &[
            ("姓名", "王 芳"),
            ("身份证号", "341822195711031234"),
            ("联系电话", "13805631234;0563-6022222"),
            ("健康状况", "高血压"),
            ("重点类别", "独居老人,低保户"),
            ("民族", "回"),
        ],
        &[
            ("姓名", "李强（党员）"),
            ("联系电话", "无"),
            ("是否已迁出", "0"),
            ("是否已死亡", "否"),
            ("婚姻状况", "离异"),
        ],
        &[("姓名", "赵敏"), ("联系电话", "138 0563 1235"), ("是否已迁出", "1"), ("迁往地", "合肥")],
        &[("姓名", "钱伟"), ("是否已死亡", "√"), ("死亡日期", "20240301")],
        &[("姓名", "孙丽"), ("联系电话", "〃")],
        &[("姓名", "周 建国"), ("联系电话", "0563-6022222 转 801")],
        &[("备注", "查无此人")],
        &[("姓名", "填表说明：本表由网格员填写")],
    ]);
    let roll = read(&bytes).expect("a roll");
    assert_eq!(
        people(&roll),
        [
            (3, "王芳", Some("13805631234"), None),
            (4, "李强", None, None),
            (7, "孙丽", None, None),
            (8, "周建国", Some("05636022222转801"), None),
        ]
    );
    assert_eq!(roll.gone, [(5, "赵敏".to_owned()), (6, "钱伟".to_owned())]);
    assert_eq!(told(&roll), []);
    assert_eq!(notes(&roll), ["instructions", "nameless-rows", "second-number", "after-the-name"]);
    for head in ["身份证号", "是否重点人员", "重点类别", "健康状况", "婚姻状况", "民族", "死亡日期", "备注"]
    {
        assert!(roll.unread.iter().any(|unread| unread == head), "{head}: {:?}", roll.unread);
    }
    let read = ["姓名", "联系电话", "是否已迁出", "是否已死亡"];
    assert_eq!(roll.unread.len(), heads().len() - read.len(), "{:?}", roll.unread);
    let all = format!("{roll:?}");
    for value in ["341822", "高血压", "独居", "回", "离异", "合肥", "20240301", "查无此人"] {
        assert!(!all.contains(value), "{value} is told on: {all}");
    }
}

/// A title over all columns, who filled it in, then the head; a counter filled in to the end; a second sheet of choices.
#[test]
fn a_head_is_found_below_a_merged_title_and_rows_that_hold_a_number_only_are_none() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.merge_range(0, 0, 0, 5, "听蝉社区2026年第三季度居民花名册", &Format::new()).unwrap();
    sheet.write_string(1, 0, "填报单位(盖章)：　填报人：　联系电话：　填报时间：").unwrap();
    for (column, head) in
        (0..).zip(["序号", "姓名*", "手机号码（必填）", "紧急联系电话", "志愿者编号", "备注"])
    {
        sheet.write_string(2, column, head).unwrap();
    }
    for row in 0..40 {
        sheet.write_number(3 + row, 0, f64::from(row + 1)).unwrap();
    }
    sheet.write_string(3, 1, "王芳").unwrap();
    sheet.write_number(3, 2, 13_805_631_234.0).unwrap();
    sheet.write_string(3, 3, "13900000009").unwrap();
    sheet.write_string(3, 4, "AH20260002").unwrap();
    sheet.write_string(4, 1, "合计").unwrap();
    sheet.write_string(44, 0, "审核人：　　负责人签字：").unwrap();
    workbook.add_worksheet().write_string(0, 0, "男").unwrap();
    let roll = read(&workbook.save_to_buffer().unwrap()).expect("a roll");
    assert_eq!(people(&roll), [(4, "王芳", Some("13805631234"), Some("AH20260002"))]);
    assert_eq!((told(&roll), notes(&roll)), (vec![], vec!["other-sheets"]));
    assert_eq!(roll.unread, ["紧急联系电话", "备注"]);
}

#[test]
fn what_cannot_be_right_is_told_with_its_row_and_how_to_mend_it() {
    let one = |cells: &[(&str, &'static str)]| read(&template(&[cells])).expect("a roll");
    for (phone, code) in [
        ("1.38E+10", "number-lost-digits"),
        ("13800000000", "number-lost-digits"),
        ("1380563123", "bad-phone"),
        ("13805631234（儿子）", "bad-phone"),
        ("341822195711031234", "id-number"),
        ("=A1", "formula-text"),
    ] {
        let roll = one(&[("姓名", "王芳"), ("联系电话", phone)]);
        assert_eq!(told(&roll), [(3, "联系电话", code)], "{phone}");
        let error = &roll.errors[0];
        assert!(
            error.zh.starts_with("第 3 行 E 列（联系电话）：") && error.zh.contains("请"),
            "{}",
            error.zh
        );
        assert!(roll.people.is_empty() && roll.counts[code] == 1);
    }
    for (name, code) in
        [("张伟、李娜", "bad-name"), ("城管局8人", "name-has-digits"), ("341822195711031234", "id-number")]
    {
        assert_eq!(told(&one(&[("姓名", name)])), [(3, "姓名", code)], "{name}");
    }
    assert_eq!(told(&one(&[("联系电话", "13805631234")])), [(3, "姓名", "missing-name")]);
    let unclear = one(&[("姓名", "王芳"), ("是否已死亡", "去年冬月因病")]);
    assert_eq!(told(&unclear), [(3, "是否已死亡", "unclear-mark")]);
    assert!(!format!("{unclear:?}").contains("因病"), "what it says is not told on");
    let numbers =
        |number: &'static str| read(format!("姓名,志愿者编号\n王芳,{number}\n").as_bytes()).expect("a roll");
    assert_eq!(told(&numbers("341822557700101000")), [(2, "志愿者编号", "number-lost-digits")]);
    assert_eq!(told(&numbers("3.41823E+17")), [(2, "志愿者编号", "number-lost-digits")]);
    assert_eq!(people(&numbers("3418225577001"))[0].3, Some("3418225577001"));
}

#[test]
fn a_rounded_number_of_a_workbook_is_told() {
    let heads = ["姓名", "电话", "志愿者编号"].map(Put::Text).to_vec();
    let rows = [
        vec![Put::Text("王芳"), Put::Number(1.38e10), Put::Text("")],
        vec![Put::Text("李强"), Put::Text(""), Put::Number(3.418_225_577_001_01e17)],
        vec![Put::Text("赵敏"), Put::Number(1.5), Put::Text("")],
        vec![Put::Text("钱伟"), Put::Bool(true), Put::Text("")],
        vec![Put::Formula("A1"), Put::Text(""), Put::Text("")],
    ];
    let roll = read(&xlsx(&std::iter::once(heads).chain(rows).collect())).expect("a roll");
    let lines: Vec<_> = told(&roll).into_iter().map(|(line, _, code)| (line, code)).collect();
    assert_eq!(
        lines,
        [
            (2, "number-lost-digits"),
            (3, "number-lost-digits"),
            (4, "bad-phone"),
            (5, "boolean-cell"),
            (6, "formula-cell")
        ]
    );
}

#[test]
fn a_text_file_is_read_in_the_encoding_that_office_programs_write() {
    let text = "花名册\r\n序号,姓名,联系电话,婚姻状况\r\n1,王 芳,13805631234/0563-6022222,离异\r\n2,,,\r\n3,李强,—,\r\n";
    let gbk = GB18030.encode(text).0.into_owned();
    for bytes in [text.as_bytes(), &gbk] {
        let roll = read_roll(bytes, "t.csv", &super::limits()).expect("a roll");
        assert_eq!(people(&roll), [(3, "王芳", Some("13805631234"), None), (5, "李强", None, None)]);
        assert_eq!(roll.unread, ["婚姻状况"]);
    }
    for separator in ["\t", ";"] {
        let roll =
            read_roll(text.replace(',', separator).as_bytes(), "t.csv", &super::limits()).expect("a roll");
        assert_eq!(roll.people.len(), 2, "{separator:?}");
    }
}

#[test]
fn a_file_that_is_no_roll_is_refused() {
    let refused =
        |bytes: &[u8], limits: &Limits| read_roll(bytes, "t.xlsx", limits).expect_err("refused").code;
    let limits = super::limits();
    assert_eq!(refused("电话\n13805631234\n".as_bytes(), &limits), "no-header", "a name is needed");
    assert_eq!(
        refused("一\n二\n三\n四\n姓名\n王芳\n".as_bytes(), &limits),
        "no-header",
        "below the fourth row"
    );
    assert_eq!(refused("序号,姓名\n1,\n2,\n".as_bytes(), &limits), "no-rows");
    assert_eq!(refused(b"\xd0\xcf\x11\xe0", &limits), "legacy-xls");
    assert_eq!(refused(b"%PDF", &limits), "not-a-sheet");
    let three = "姓名\n王芳\n李强\n赵敏\n".as_bytes();
    assert_eq!(refused(three, &Limits { max_rows: 2, ..super::limits() }), "too-many-rows");
    assert_eq!(refused(three, &Limits { max_bytes: 9, ..super::limits() }), "file-too-large");
}
