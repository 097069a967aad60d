//! Thirty kinds of broken sheet, each told by its own code, and none of them changes anything.

use super::town::Town;

const HEADER: &str = "姓名,电话,志愿者编号,活动名称,日期,开始时间,结束时间,地点,服务内容,负责人";
const GOOD: [&str; 10] = [
    "安一",
    "19900000001",
    "99018190000001",
    "环境清洁",
    "2026-03-05",
    "9:00",
    "11:00",
    "听蝉社区",
    "清理楼道",
    "周队长",
];

/// The good row with some cells replaced.
fn row(cells: &[(usize, &str)]) -> String {
    let mut row = GOOD.map(str::to_owned);
    cells.iter().for_each(|(at, text)| row[*at] = (*text).to_owned());
    row.join(",")
}

fn with(cells: &[(usize, &str)]) -> String {
    format!("{HEADER}\n{}\n{}\n", GOOD.join(","), row(cells))
}

fn broken() -> Vec<(&'static str, String)> {
    let second = |cells: &[(usize, &str)]| {
        let other = [(0, "白二"), (1, "19900000002"), (2, "99018190000002")];
        with(&[&other[..], cells].concat())
    };
    vec![
        ("empty-file", String::new()),
        ("not-a-sheet", "%PDF-1.7".into()),
        ("no-header", "这里没有表头\n".into()),
        ("no-rows", format!("{HEADER}\n")),
        (
            "missing-column",
            "姓名,电话,活动名称,日期,开始时间\n安一,19900000001,清洁,2026-03-05,9:00\n".into(),
        ),
        ("duplicate-column", format!("{HEADER},姓名\n{},安一\n", GOOD.join(","))),
        ("too-many-rows", format!("{HEADER}\n{}", format!("{}\n", GOOD.join(",")).repeat(41))),
        ("missing-name-and-number", second(&[(0, ""), (2, "")])),
        ("missing-contact", second(&[(1, ""), (2, "")])),
        ("swapped-columns", second(&[(0, "19900000002"), (1, "白二")])),
        ("name-has-digits", second(&[(0, "白2")])),
        ("bad-phone", second(&[(1, "12345"), (2, "")])),
        ("bad-number", second(&[(2, "??")])),
        ("missing-activity", second(&[(3, "")])),
        ("missing-date", second(&[(4, "")])),
        ("missing-start", second(&[(5, "")])),
        ("missing-end", second(&[(6, "")])),
        ("missing-place", second(&[(7, "")])),
        ("missing-content", second(&[(8, "")])),
        ("missing-lead", second(&[(9, "")])),
        ("bad-date", second(&[(4, "前天")])),
        ("impossible-date", second(&[(4, "2026-02-30")])),
        ("future-date", second(&[(4, "2026-03-08")])),
        ("date-too-old", second(&[(4, "1999-03-05")])),
        ("bad-start", second(&[(5, "一早")])),
        ("zero-length", second(&[(6, "9:00")])),
        ("end-before-start", second(&[(5, "13:00"), (6, "9:00")])),
        ("formula-text", second(&[(3, "=HYPERLINK(1)")])),
        ("not-voluntary", second(&[(3, "有偿保洁")])),
        ("id-number", second(&[(8, "11010519491231002X")])),
        ("duplicate-row", with(&[])),
        ("overlapping-times", with(&[(3, "敬老助餐"), (5, "10:00"), (6, "12:00")])),
        ("number-two-names", with(&[(0, "白二"), (5, "13:00"), (6, "14:00")])),
        ("ragged-row", format!("{HEADER}\n{}\n安一,19900000001\n", GOOD.join(","))),
        ("unclosed-quote", second(&[(8, "\"清理楼道")])),
        ("unknown-person", second(&[(0, "不在"), (1, "19900000099"), (2, "")])),
        ("name-does-not-match", second(&[(0, "蔡三")])),
        ("ambiguous-person", second(&[(0, "双宁"), (1, "19900000004"), (2, "")])),
        ("own-hours", second(&[(0, "工甲"), (1, "19900000010"), (2, "")])),
        ("bad-interval", second(&[(5, "1:00"), (6, "16:00")])),
        ("no-policy", second(&[(4, "2026-01-05")])),
    ]
}

#[test]
fn every_kind_of_broken_sheet_is_told_and_changes_nothing() {
    let town = Town::new();
    assert!(town.faults(with(&[(5, "13:00"), (6, "14:00")]).as_bytes()).is_empty(), "the pattern is sound");
    let (root, values) = (town.root(), town.values());
    let all = broken();
    assert!(all.len() >= 30);
    for (code, text) in all {
        let found = town.faults(text.as_bytes());
        assert!(found.iter().any(|f| f == code), "{code}: {found:?}\n{text}");
        assert_eq!((town.root(), town.values()), (root, values), "{code}");
    }
}
