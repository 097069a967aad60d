//! The many ways to write the same thing.

use rstest::rstest;

use super::{Put::*, *};
use crate::sheet::grid::{Cell, Shown};

fn first_row(column: usize, put: Put) -> Row {
    let mut table = table();
    table[1][column] = put;
    let sheet = read(&xlsx(&table), "t.xlsx", &limits()).unwrap();
    assert_eq!(sheet.errors, [], "{put:?}");
    sheet.rows[0].clone()
}

#[test]
fn dates_in_every_form() {
    for put in [
        Text("2026-03-07"),
        Text("2026-3-7"),
        Text("2026/3/7"),
        Text("2026.3.7"),
        Text("2026年3月7日"),
        Text("２０２６年３月７日"),
        Text("2026 年 03 月 07 日 星期六"),
        Text("2026-03-07（周六）"),
        Text("2026-03-07 [周六]"),
        Text("周六，2026-03-07"),
        Text("2026年3月7日(礼拜六)"),
        Text("2026年3月7日週六"),
        Text("2026-03-07 Sat"),
        Text("Saturday, 2026-03-07"),
        Text("2026-03-07（周六）00:00"),
        Text("20260307"),
        Text("2026-03-07 00:00:00"),
        Number(20_260_307.0),
        Number(46_088.0),
        Shown(46_088.0, "yyyy\"年\"m\"月\"d\"日\""),
    ] {
        assert_eq!(first_row(4, put).date, day(2026, 3, 7));
    }
}

#[test]
fn nine_in_every_form() {
    for put in [
        Text("9:00"),
        Text("09:00"),
        Text("9：00"),
        Text("０９：００"),
        Text("上午9点"),
        Text("上午 9:00"),
        Text("9点"),
        Text("9时00分"),
        Text("9点整"),
        Text("9:00 AM"),
        Text("09:00:00"),
        Text("0900"),
        Text("2026-03-07 09:00"),
        Text("2026/3/7 9:00:00"),
        Shown(0.375, "h:mm"),
        Shown(46_088.375, "yyyy-mm-dd h:mm"),
    ] {
        assert_eq!(first_row(5, put).start_minute, 540);
    }
}

#[rstest]
#[case("14:30", 870)]
#[case("下午2点30分", 870)]
#[case("下午2点半", 870)]
#[case("14时30分", 870)]
#[case("2:30 pm", 870)]
#[case("晚上8点一刻", 1_215)]
#[case("中午12点", 720)]
#[case("12:00 PM", 720)]
#[case("24:00", 1_440)]
#[case("晚上12点", 1_440)]
#[case("凌晨12点", 1_440)]
#[case("0:00", 1_440)]
#[case("零点", 1_440)]
#[case("12:00 AM", 1_440)]
fn ends_in_many_forms(#[case] text: &'static str, #[case] minute: i32) {
    assert_eq!(first_row(6, Text(text)).end_minute, minute);
}

#[test]
fn every_minute_survives_as_a_fraction_of_a_day() {
    for minute in 0..1_440 {
        let shown = Shown::Time;
        let cell = Cell::Serial { value: f64::from(minute) / 1_440.0, is_1904: false, shown };
        assert_eq!(moment::time(&cell).map(|time| time.minute), Ok(minute));
        let value = 46_088.0 + f64::from(minute) / 1_440.0;
        let dated = Cell::Serial { value, is_1904: false, shown: Shown::DayAndTime };
        let found = moment::time(&dated).map(|time| (time.day, time.minute));
        assert_eq!(found, Ok((Some(day(2026, 3, 7)), minute)));
    }
}

#[test]
fn a_workbook_from_an_old_mac_counts_from_1904() {
    for style in ["", r#" s="1""#] {
        let rest: String = (GOOD[0].iter().enumerate().skip(5))
            .map(|(at, text)| {
                format!(r#"<c r="{}2" t="str"><v>{text}</v></c>"#, crate::sheet::letters::letters(at))
            })
            .collect();
        let sheet = raw_sheet(&format!(r#"<c r="E2"{style}><v>44626</v></c>{rest}"#), 4);
        let sheet =
            read(&raw_book(&sheet, None, r#"<workbookPr date1904="1"/>"#), "t.xlsx", &limits()).unwrap();
        assert_eq!((sheet.errors, sheet.rows[0].date), (vec![], day(2026, 3, 7)));
    }
}

#[test]
fn every_day_survives_as_serial_and_as_text() {
    for day in day(2000, 1, 1)..day(2040, 1, 1) {
        let serial = |offset: i32, is_1904| Cell::Serial {
            value: f64::from(day + offset),
            is_1904,
            shown: Shown::Day,
        };
        let read = |cell: &Cell| moment::date(cell).map(|read| read.day);
        assert_eq!(read(&serial(25_569, false)), Ok(day));
        assert_eq!(read(&serial(24_107, true)), Ok(day));
        assert_eq!(read(&Cell::Text(Date(day).to_string().into())), Ok(day));
    }
}

#[rstest]
#[case("22:00", "6:00", 1_320, 1_800)]
#[case("18:00", "6:00", 1_080, 1_800)]
#[case("22:00", "2026-03-08 2:00", 1_320, 1_560)]
#[case("23:30", "24:00", 1_410, 1_440)]
#[case("9:00", "0:00", 540, 1_440)]
#[case("凌晨12点30分", "凌晨2点", 30, 120)]
#[case("2026/3/7 0:00", "2026/3/7 2:00", 0, 120)]
#[case("2026-03-07 20:00", "2026-03-08 0:00", 1_200, 1_440)]
#[case("1899/12/30 9:00:00", "1900/1/0 11:30", 540, 690)]
#[case("1904-01-01 9:00", "1899-12-31T11:30:00", 540, 690)]
fn service_over_midnight(
    #[case] start: &'static str,
    #[case] end: &'static str,
    #[case] from: i32,
    #[case] to: i32,
) {
    let mut table = table();
    (table[1][5], table[1][6]) = (Text(start), Text(end));
    let sheet = read(&csv(&table), "t.csv", &limits()).unwrap();
    assert_eq!(sheet.errors, []);
    assert_eq!((sheet.rows[0].start_minute, sheet.rows[0].end_minute), (from, to));
}

#[rstest]
#[case(Text("139 1234 0001"), "13912340001")]
#[case(Text("139-1234-0001"), "13912340001")]
#[case(Text("+86 139 1234 0001"), "13912340001")]
#[case(Text("＋86 13912340001"), "13912340001")]
#[case(Text("008613912340001"), "13912340001")]
#[case(Text("１３９１２３４０００１"), "13912340001")]
#[case(Text("0563-6012345"), "05636012345")]
#[case(Text("(010) 65512345"), "01065512345")]
#[case(Text("+852 2345 6789"), "+85223456789")]
#[case(Text("（+86）139-1234-0001"), "13912340001")]
#[case(Text("86 13912340001"), "13912340001")]
#[case(Text("0563-6012345-801"), "05636012345转801")]
#[case(Text("0563-6012345转801"), "05636012345转801")]
#[case(Text("6012345"), "6012345")]
#[case(Text("+1 (202) 555-0100"), "+12025550100")]
#[case(Number(13_912_340_001.0), "13912340001")]
fn phones_in_many_forms(#[case] put: Put, #[case] phone: &str) {
    assert_eq!(first_row(1, put).phone.as_deref(), Some(phone));
}

#[rstest]
#[case("张　英", "张英")]
#[case(" 张秀英 ", "张秀英")]
#[case("张\u{200b}秀英", "张秀英")]
#[case("阿依古丽•买买提", "阿依古丽•买买提")]
#[case("José", "José")]
#[case("Jose\u{301}", "Jose\u{301}")]
#[case("王\u{e863}", "王\u{e863}")]
#[case("Smith, John", "Smith, John")]
#[case("张秀英【大】", "张秀英【大】")]
#[case("Anne‑Marie", "Anne‑Marie")]
#[case("Mary O'Neil", "Mary O'Neil")]
#[case("张秀英（大）", "张秀英（大）")]
#[case("𠮷野", "𠮷野")]
fn names_in_many_forms(#[case] text: &'static str, #[case] name: &str) {
    assert_eq!(first_row(0, Text(text)).name.as_deref(), Some(name));
}

#[test]
fn headers_in_many_words_and_any_order() {
    let text = "序号,负责人：,Content,活动地点,签退时间,签到时间,服务日期（年月日）,Activity name,手机号码*,志愿者姓名\n\
                1,李建国,劝导,路口,11:00,9:00,2026-03-07,劝导,13912340001,张秀英\n";
    let sheet = read_csv(text);
    assert_eq!(sheet.errors, []);
    let row = &sheet.rows[0];
    assert_eq!((row.name.as_deref(), row.lead.as_str(), row.start_minute), (Some("张秀英"), "李建国", 540));
}

#[test]
fn adjacent_intervals_and_namesakes_do_not_overlap() {
    let head = HEADERS.join(",");
    let sheet = read_csv(&format!(
        "{head}\n张英,13912340001,,甲,2026-03-07,9:00,10:00,x,y,z\n张英,13912340001,,乙,2026-03-07,10:00,11:00,x,y,z\n\
         张英,13912340002,,甲,2026-03-07,9:00,10:00,x,y,z\n李明,13912340001,,甲,2026-03-07,9:00,10:00,x,y,z\n"
    ));
    assert_eq!(sheet.errors, []);
}

#[test]
fn service_over_midnight_overlaps_the_next_morning() {
    let head = HEADERS.join(",");
    let sheet = read_csv(&format!(
        "{head}\n张英,13912340001,,甲,2026-03-07,22:00,6:00,x,y,z\n张英,13912340001,AH0001,乙,2026-03-08,5:00,7:00,x,y,z\n"
    ));
    let told: Vec<_> = sheet.errors.iter().map(|error| (error.line, error.code)).collect();
    assert_eq!(told, [(2, "overlapping-times"), (3, "overlapping-times")]);
}

#[test]
fn a_talk_about_wages_is_voluntary() {
    assert_eq!(first_row(3, Text("农民工工资普法宣传")).activity, "农民工工资普法宣传");
    assert_eq!(first_row(3, Text("无偿理发")).activity, "无偿理发");
}

#[test]
fn a_weekday_that_contradicts_the_date_is_noted() {
    let mut table = table();
    table[1][4] = Text("2026-03-07（周三）");
    let sheet = read(&csv(&table), "t.csv", &limits()).unwrap();
    assert_eq!((sheet.errors.len(), sheet.rows[0].date), (0, day(2026, 3, 7)));
    assert_eq!(notes(&sheet), ["weekday-differs"]);
    assert!(sheet.notes[0].en.contains(": 2."), "{}", sheet.notes[0].en);
}

#[test]
fn a_column_for_phones_or_volunteer_numbers_holds_either() {
    for header in ["电话或志愿者编号", "志愿者编号 / 手机号", "Phone or volunteer number"] {
        let text = format!(
            "姓名,{header},活动名称,日期,开始时间,结束时间,地点,服务内容,负责人\n\
             张英,139 1234 0001,劝导,2026-03-07,9:00,10:00,路口,劝导,李\n\
             李明,99018190000196,劝导,2026-03-07,9:00,10:00,路口,劝导,李\n\
             王芳,,劝导,2026-03-07,9:00,10:00,路口,劝导,李\n"
        );
        let sheet = read_csv(&text);
        let found: Vec<_> =
            sheet.rows.iter().map(|row| (row.phone.as_deref(), row.volunteer_number.as_deref())).collect();
        assert_eq!(found, [(Some("13912340001"), None), (None, Some("99018190000196"))]);
        assert_eq!(told(&sheet), [(4, "B", "missing-contact")]);
    }
}

#[test]
fn volunteer_numbers_stay_as_they_are_grouped() {
    for (text, number) in [
        ("ah-2026/0002.1_a#", "AH-2026/0002.1_A#"),
        ("341822 2026 0000 1234 5678 9012 3456", "34182220260000123456789012"),
    ] {
        let mut table = table();
        table[2][2] = Text(text);
        let sheet = read(&csv(&table), "t.csv", &limits()).unwrap();
        if text.len() < 34 {
            assert_eq!(sheet.rows[1].volunteer_number.as_deref(), Some(number));
        } else {
            assert_eq!(sheet.errors, []);
            assert!(sheet.rows[1].volunteer_number.as_deref().is_some_and(|found| found.starts_with(number)));
        }
    }
}

#[test]
fn one_person_in_two_spellings_is_one_person() {
    let head = HEADERS.join(",");
    let sheet = read_csv(&format!(
        "{head}\n阿依古丽·买买提,+86 139-1234-0001,,甲,2026-03-07,9:00,10:00,x,y,z\n\
         阿依古丽•买买提,13912340001,,乙,2026-03-07,9:30,11:00,x,y,z\n"
    ));
    let told: Vec<_> = sheet.errors.iter().map(|error| (error.line, error.code)).collect();
    assert_eq!(told, [(2, "overlapping-times"), (3, "overlapping-times")]);
}

#[test]
fn services_named_with_a_refusal_word_are_noted_only() {
    for title in [
        "平安值守",
        "议事会",
        "值班室送温暖",
        "世界互联网大会议程引导",
        "社区工作会议",
        "Meeting new neighbours",
    ] {
        assert_eq!(first_row(3, Text(title)).activity, title);
    }
}
