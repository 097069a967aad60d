//! Imports into a small real ledger: sequencer, engine and vault on disk, real signatures.

mod broken;
mod spellings;
pub(crate) mod town;

use hourbook_ledger::domain::event::HoursEvent;
use proptest::prelude::*;

use super::*;
use crate::commands::Unsigned;
use crate::sheet::Row;
use town::{Outcome, Town, row};

fn codes(outcome: Outcome) -> Vec<(u32, String)> {
    let Err(ImportError::Rows(faults)) = outcome else { panic!("rows are refused") };
    faults.first.into_iter().map(|fault| (fault.line, fault.code)).collect()
}

#[test]
fn a_sheet_is_recorded_once_and_a_second_import_changes_nothing() {
    let town = Town::new();
    let rows = town.rows();
    let first = town.import(&rows).unwrap();
    assert_eq!((first.summary.rows, first.summary.known_rows, first.summary.activities), (6, 0, 2));
    let after = town.digest();
    for _ in 0..2 {
        let again = town.import(&rows).unwrap();
        assert!(again.batches.is_empty());
        assert_eq!(
            (again.summary.known_rows, again.summary.minutes, again.summary.new_activities),
            (6, 0, 0)
        );
        assert_eq!(town.digest(), after);
    }
}

#[test]
fn rows_that_are_added_later_join_the_activity_that_is_there() {
    let town = Town::new();
    let rows = town.rows();
    town.import(&rows[..3]).unwrap();
    let more = town.import(&rows).unwrap();
    assert_eq!((more.summary.rows, more.summary.known_rows, more.summary.new_activities), (6, 3, 1));
    let separately = town.digest_of_people();
    let other = Town::new();
    other.import(&rows).unwrap();
    assert_eq!(other.digest_of_people(), separately);
}

#[test]
fn the_file_format_makes_no_difference() {
    let (xlsx, csv) = (Town::new(), Town::new());
    xlsx.import_file(&crate::sheet::write::write_xlsx(&xlsx.rows(), "表").unwrap(), "a.xlsx").unwrap();
    csv.import_file(&crate::sheet::write::write_csv(&csv.rows()), "a.csv").unwrap();
    assert_eq!(xlsx.digest(), csv.digest());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]
    #[test]
    fn the_order_of_rows_makes_no_difference(order in Just((0..6).collect::<Vec<usize>>()).prop_shuffle()) {
        let (straight, shuffled) = (Town::new(), Town::new());
        let rows = straight.rows();
        straight.import(&rows).unwrap();
        let rows: Vec<_> = order.into_iter().map(|at| rows[at].clone()).collect();
        shuffled.import(&rows).unwrap();
        prop_assert_eq!(straight.digest(), shuffled.digest());
        prop_assert_eq!(straight.root(), shuffled.root());
    }
}

#[test]
fn a_name_must_agree_with_the_number() {
    let town = Town::new();
    let mixed = row("安一", Some("19900000002"), None);
    assert_eq!(codes(town.import(&[mixed])), [(2, "name-does-not-match".into())]);
    let number = row("安一", None, Some("99018190000002"));
    assert_eq!(codes(town.import(&[number])), [(2, "name-does-not-match".into())]);
}

#[test]
fn nobody_learns_who_is_registered_elsewhere() {
    let town = Town::new();
    let before = town.root();
    let elsewhere = row("程远", Some("19900000009"), None);
    let nobody = row("程远", Some("19900009999"), None);
    let (a, b) = (town.import(&[elsewhere]), town.import(&[nobody]));
    assert_eq!(codes(a), [(2, "unknown-person".into())]);
    assert_eq!(codes(b), [(2, "unknown-person".into())]);
    assert_eq!(town.root(), before);
}

#[test]
fn namesakes_on_one_phone_need_the_volunteer_number() {
    let town = Town::new();
    let shared = row("双宁", Some("19900000004"), None);
    assert_eq!(codes(town.import(&[shared])), [(2, "ambiguous-person".into())]);
    let told = row("双宁", Some("19900000004"), Some("99018190000005"));
    assert_eq!(town.import(&[told]).unwrap().summary.persons, 1);
}

#[test]
fn two_people_on_one_phone_are_told_apart_by_name() {
    let town = Town::new();
    let [first, second] = ["安一", "白二"].map(|name| row(name, Some("19900000006"), None));
    assert_eq!(town.import(&[first, second]).unwrap().summary.persons, 2);
}

#[test]
fn a_number_does_not_draw_hours_away_from_a_namesake_whose_phone_it_is() {
    let town = Town::new();
    let drawn = row("安一", Some("19900000006"), Some("99018190000001"));
    assert_eq!(codes(town.import(&[drawn])), [(2, "number-and-phone-differ".into())]);
    let of_the_family = row("安一", Some("19900000002"), Some("99018190000001"));
    assert_eq!(town.import(&[of_the_family]).unwrap().summary.persons, 1, "of another name");
    let unknown = row("安一", Some("19900001234"), Some("99018190000001"));
    assert_eq!(Town::new().import(&[unknown]).unwrap().summary.persons, 1, "nobody's");
}

#[test]
fn nobody_records_their_own_hours() {
    let town = Town::new();
    let own = row("工甲", Some("19900000010"), None);
    assert_eq!(codes(town.import(&[own])), [(2, "own-hours".into())]);
}

#[test]
fn the_rules_refuse_rows_by_their_line() {
    let town = Town::new();
    let mut rows = town.rows();
    // Later today: the sheet's reader knows days only.
    rows[1].date = town.today();
    rows[1].start_minute = 23 * 60;
    rows[1].end_minute = 23 * 60 + 30;
    rows[4].start_minute = 0;
    rows[4].end_minute = 15 * 60;
    let before = town.root();
    assert_eq!(codes(town.import(&rows)), [(3, "bad-interval".into()), (6, "bad-interval".into())]);
    assert_eq!(town.root(), before);
}

#[test]
fn only_who_may_record_there_imports() {
    let town = Town::new();
    assert!(matches!(town.import_as_stranger(&town.rows()), Err(ImportError::NotAllowed)));
}

#[test]
fn late_rows_carry_the_reason_and_an_unusable_one_is_refused() {
    let town = Town::new();
    let late = town.import_late(&town.rows(), "签到表补录").unwrap();
    assert!(late.summary.late);
    assert!(matches!(Town::new().import_late(&town.rows(), "\u{202e}"), Err(ImportError::Reason(_))));
}

#[test]
fn a_sheet_with_more_than_a_batch_is_recorded_in_several_and_once() {
    let town = Town::new();
    let person = row("安一", Some("19900000001"), None);
    let rows: Vec<_> = (0..1_200).map(|n| short(&person, n)).collect();
    let first = town.import(&rows).unwrap();
    assert_eq!(first.batches.iter().map(Vec::len).collect::<Vec<_>>(), [1_024, 1_024, 352]);
    assert_eq!((first.summary.rows, first.summary.new_activities, first.rest), (1_200, 1_200, 0));
    for batch in &first.batches {
        let numbers: Vec<_> = batch.iter().filter_map(number).collect();
        let total = numbers.len() as u16;
        assert!(numbers.iter().zip(0..).all(|(number, part)| *number == (part, total)), "{numbers:?}");
    }
    let after = town.digest();
    let again = town.import(&rows).unwrap();
    assert!(again.batches.is_empty() && again.summary.known_rows == 1_200);
    assert_eq!(town.digest(), after);
}

/// Two minutes of somebody, in an activity of their own.
fn short(person: &Row, n: i32) -> Row {
    let (activity, start_minute) = (format!("清洁 {n}"), n % 600 * 2);
    let (date, end_minute) = (person.date - n / 600, start_minute + 2);
    Row { activity, date, start_minute, end_minute, ..person.clone() }
}

/// Which part of how many a recording is.
fn number(unsigned: &Unsigned) -> Option<(u16, u16)> {
    match &unsigned.event.body {
        hourbook_ledger::domain::Body::Hours(HoursEvent::Recorded { part, total, .. }) => {
            Some((*part, *total))
        }
        _ => None,
    }
}

#[test]
fn one_wrong_row_of_a_sheet_that_makes_several_batches_leaves_no_trace() {
    let town = Town::new();
    let person = row("安一", Some("19900000001"), None);
    let mut long = row("白二", Some("19900000002"), None);
    // The newest day comes last: the mistake is in the last batch.
    (long.date, long.start_minute, long.end_minute) = (long.date + 1, 0, 13 * 60);
    let rows: Vec<_> = [long].into_iter().chain((0..700).map(|n| short(&person, n))).collect();
    let before = town.root();
    assert_eq!(codes(town.import(&rows)), [(2, "bad-interval".into())]);
    assert_eq!(town.root(), before);
}

#[test]
fn long_activities_go_into_parts_of_one_batch() {
    let town = Town::new();
    let person = row("安一", Some("19900000001"), None);
    let piece = |n: i32| crate::sheet::Row { start_minute: n * 4, end_minute: n * 4 + 4, ..person.clone() };
    let rows: Vec<_> = (0..300).map(piece).collect();
    let prepared = town.import(&rows).unwrap();
    let parts: Vec<_> = prepared
        .batches
        .iter()
        .flatten()
        .filter_map(|unsigned| match &unsigned.event.body {
            hourbook_ledger::domain::Body::Hours(HoursEvent::Recorded { part, total, rows, .. }) => {
                Some((*part, *total, rows.len()))
            }
            _ => None,
        })
        .collect();
    assert_eq!(parts, [(0, 2, 256), (1, 2, 44)]);
}

#[test]
fn a_service_longer_than_the_policy_allows_names_both_lengths_and_the_column() {
    let town = Town::new();
    let mut rows = town.rows();
    rows[0].end_minute = rows[0].start_minute + 13 * 60;
    let Err(ImportError::Rows(faults)) = town.import(&rows[..1]) else { panic!("it is refused") };
    let RowFault { line, column, code, zh, en, .. } = &faults.first[0];
    assert_eq!((*line, column.as_str(), code.as_str()), (2, "结束时间（G）", "bad-interval"));
    assert!(zh.contains("13 小时") && zh.contains("最多 12 小时"), "{zh}");
    assert!(en.contains("13 hours") && en.contains("at most 12 hours"), "{en}");
}

#[test]
fn a_mistake_in_one_row_does_not_hide_those_of_others() {
    let town = Town::new();
    let mut rows = town.rows();
    rows[1].phone = Some("19900009999".into());
    rows[2].end_minute = rows[2].start_minute + 13 * 60;
    let good = String::from_utf8(crate::sheet::write::write_csv(&rows[..3])).unwrap();
    let formula = good.replacen("周队长", "=A1", 1);
    let told = town.faults(formula.as_bytes());
    assert_eq!(told, ["formula-text", "unknown-person", "bad-interval"]);
}

#[test]
fn thousands_of_mistakes_are_counted_and_the_first_hundred_told() {
    let town = Town::new();
    let nobody = |n: i32| crate::sheet::Row {
        start_minute: n,
        end_minute: n + 1,
        ..row("安一", Some("19900009999"), None)
    };
    let rows: Vec<_> = (0..1_400).map(nobody).collect();
    let Err(ImportError::Rows(faults)) = town.import(&rows) else { panic!("they are refused") };
    assert_eq!((faults.first.len(), faults.total()), (100, 1_400));
    assert_eq!(faults.counts, [("unknown-person".to_owned(), 1_400)].into());
    assert!(faults.first.iter().map(|fault| fault.line).eq(2..102));
}

/// Rows of names alone, of the same morning.
fn names_alone(town: &Town, names: &[&str]) -> String {
    let day = hourbook_ledger::domain::time::Date(town.today() - 2);
    let rows = names.iter().map(|name| format!("{name},,,清洁,{day},9:00,11:00,东门,清扫,周队长\n"));
    let head = "姓名,电话,志愿者编号,活动名称,日期,开始时间,结束时间,地点,服务内容,负责人\n";
    std::iter::once(head.to_owned()).chain(rows).collect()
}

#[test]
fn a_name_alone_is_nobody_until_somebody_says_who_is_meant() {
    let town = Town::new();
    let text = names_alone(&town, &["安一"]);
    let Err(ImportError::Rows(faults)) = town.prepare_named(&text, &[]) else { panic!("it is asked about") };
    let [fault] = faults.first.as_slice() else { panic!("{faults:?}") };
    assert_eq!((fault.line, fault.code.as_str()), (2, "say-who"));
    let offered: Vec<&str> = fault.candidates.iter().map(|one| one.person.as_str()).collect();
    let namesakes = [20, 25].map(|n| hourbook_ledger::domain::ids::PersonId([n; 16]).to_string());
    assert_eq!(offered, namesakes);
    for chosen in [20, 25] {
        assert_eq!(town.prepare_named(&text, &[(2, chosen)]).unwrap().summary.persons, 1);
    }
    let only = names_alone(&town, &["蔡三"]);
    assert_eq!(codes(town.prepare_named(&only, &[])), [(2, "say-who".into())], "though there is but one");
}

#[test]
fn nobody_is_chosen_who_is_called_otherwise_or_lives_elsewhere() {
    let town = Town::new();
    let text = names_alone(&town, &["安一"]);
    // Somebody of another name, and the worker who imports.
    for other in [21, 10] {
        assert_eq!(codes(town.prepare_named(&text, &[(2, other)])), [(2, "say-who".into())]);
    }
    let elsewhere = names_alone(&town, &["程远"]);
    let nobody = names_alone(&town, &["无人"]);
    for chosen in [&[][..], &[(2, 27)]] {
        assert_eq!(codes(town.prepare_named(&elsewhere, chosen)), [(2, "unknown-name".into())]);
        assert_eq!(codes(town.prepare_named(&nobody, chosen)), [(2, "unknown-name".into())]);
    }
}
