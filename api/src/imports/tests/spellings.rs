//! Whoever is registered in one spelling is found in every other, and a value is kept as it was written.

use hourbook_ledger::commitment::{Field, canonical};
use proptest::prelude::*;
use proptest::sample::select;

use super::town::{Town, row};
use crate::sheet::Row;

/// Spellings of one name each.
const NAMES: &[&[&str]] = &[
    &["张秀英", "张 秀英", "张　秀　英", "张\u{200d}秀英"],
    &["王䶮", "王\u{e863}", "王 䶮"],
    &["李⻰", "李龙"],
    &["李龍", "李\u{2fd3}"],
    &["葛城", "葛\u{e0100}城"],
    &["陈秀英（大）", "陈秀英(大)", "陈秀英【大】", "陈秀英〔大〕", "陈秀英﹙大﹚", "陈秀英［大］"],
    &[
        "阿依古丽·买买提",
        "阿依古丽•买买提",
        "阿依古丽・买买提",
        "阿依古丽‧买买提",
        "阿依古丽∙买买提",
        "阿依古丽．买买提",
        "阿依古丽.买买提",
        "阿依古丽●买买提",
        "阿依古丽･买买提",
    ],
    &["Mary O'Neil", "MARY O’NEIL", "mary oʼneil", "Mary O`Neil", "Mary O´Neil", "Ｍａｒｙ　Ｏ＇Ｎｅｉｌ"],
    &[
        "Anne-Marie Fischer",
        "ANNE‐MARIE FISCHER",
        "Anne‑Marie Fischer",
        "Anne–Marie Fischer",
        "Anne−Marie Fischer",
        "Anne－Marie Fischer",
    ],
    &["José Peña", "Jose\u{301} Pen\u{303}a", "JOSÉ PEÑA"],
    &["Nguyễn Thị Ánh", "Nguyê\u{303}n Thi\u{323} A\u{301}nh", "NGUYỄN THỊ ÁNH"],
    &["Strauß", "STRAUSS", "strauss"],
    &["Smith, John", "smith john", "SMITH,JOHN"],
];

/// A phone by a serial number, in all its spellings.
fn phones(kind: usize, serial: u32) -> Vec<String> {
    let (four, seven) = (serial % 10_000, 2_000_000 + serial % 1_000_000);
    match kind {
        0 => {
            let (a, b) = (1_000 + serial / 10_000 % 9_000, four);
            vec![
                format!("199{a:04}{b:04}"),
                format!("199 {a:04} {b:04}"),
                format!("199-{a:04}-{b:04}"),
                format!("+86 199{a:04}{b:04}"),
                format!("(+86)199{a:04}{b:04}"),
                format!("（+86）199-{a:04}-{b:04}"),
                format!("86 199{a:04}{b:04}"),
                format!("0086-199{a:04}{b:04}"),
            ]
        }
        1 => vec![
            format!("0563-{seven}"),
            format!("(0563){seven}"),
            format!("0563 {seven}"),
            format!("+86 563 {seven}"),
            format!("0563{seven}"),
        ],
        2 => vec![
            format!("0563-{seven}-801"),
            format!("0563-{seven}转801"),
            format!("(0563){seven} ext. 801"),
            format!("0563{seven}#801"),
            format!("0563-{seven} 分机：801"),
        ],
        3 => vec![
            format!("+852 2{seven}"),
            format!("00852-2{seven}"),
            format!("852 2{seven}"),
            format!("(852)2{seven}"),
        ],
        4 => vec![format!("+853 6{seven}"), format!("853-6{seven}"), format!("008536{seven}")],
        5 => vec![format!("+886 9 1{seven}"), format!("886-91{seven}"), format!("+886 (0)91{seven}")],
        _ => vec![
            format!("+1 (202) {}-{four:04}", 200 + serial / 10_000 % 800),
            format!("001 202 {} {four:04}", 200 + serial / 10_000 % 800),
        ],
    }
}

fn numbers(kind: usize, serial: u32) -> Vec<String> {
    match kind {
        0 => vec![
            format!("AH-2026/{serial:06}"),
            format!("ah2026{serial:06}"),
            format!("AH_2026.{serial:06}"),
            format!("ＡＨ２０２６#{serial:06}"),
        ],
        1 => vec![
            format!("9901819000{serial:06}"),
            format!("990181 9000 {serial:06}"),
            format!("990181-9000-{serial:06}"),
        ],
        // Longer than 24 characters.
        _ => {
            vec![format!("CN990181900020261129V{serial:06}"), format!("cn-990181-9000-20261129-v{serial:06}")]
        }
    }
}

#[derive(Clone, Debug)]
struct Spelt {
    registered: (String, String, Option<String>),
    written: (String, Option<String>, Option<String>),
}

fn person(at: u32) -> impl Strategy<Value = Spelt> {
    let pick = any::<prop::sample::Index>;
    let kinds = (select(NAMES), 0usize..7, 0usize..4, any::<bool>());
    (kinds, [pick(), pick(), pick(), pick(), pick(), pick()], 0u32..100).prop_map(
        move |((names, phone, number, by_phone), picks, base)| {
            let serial = at * 100 + base;
            let name = |index: &prop::sample::Index| (*index.get(names)).to_owned();
            let phones = phones(phone, serial);
            let numbers = (number < 3).then(|| numbers(number, serial));
            let registered = (
                name(&picks[0]),
                picks[1].get(&phones).clone(),
                numbers.as_ref().map(|all| picks[2].get(all).clone()),
            );
            let by_number = numbers.filter(|_| !by_phone).map(|all| picks[4].get(&all).clone());
            let by_phone = by_number.is_none().then(|| picks[5].get(&phones).clone());
            Spelt { registered, written: (name(&picks[3]), by_phone, by_number) }
        },
    )
}

fn people() -> impl Strategy<Value = Vec<Spelt>> {
    (0..40u32).map(person).collect::<Vec<_>>()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn who_is_registered_in_one_spelling_is_found_in_every_other(people in people()) {
        let town = Town::new();
        for (n, person) in (100u8..).zip(&people) {
            let (name, phone, number) = &person.registered;
            let kept = town.register(n, name, phone, number.as_deref());
            prop_assert_eq!(&kept[0], name, "a name is kept as it is written");
            prop_assert_eq!(&kept[1], &canonical(Field::Phone, phone).unwrap());
        }
        let rows: Vec<Row> = people
            .iter()
            .map(|person| row(&person.written.0, person.written.1.as_deref(), person.written.2.as_deref()))
            .collect();
        match town.import(&rows) {
            Ok(prepared) => prop_assert_eq!(prepared.summary.persons, people.len()),
            Err(error) => {
                let told: Vec<_> = error.rows().iter().map(|fault| (&fault.code, &people[fault.line as usize - 2])).collect();
                prop_assert!(false, "{error}: {told:#?}");
            }
        }
    }
}
