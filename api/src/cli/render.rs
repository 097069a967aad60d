//! What an import looks like before it is signed.

use super::table::{hours, table};
use crate::imports::{RowFault, Summary};
use crate::ui::i18n::count as grouped;

/// Faults as a table: row, column, what and how to mend it in both languages.
pub(super) fn faults(faults: &[RowFault]) -> String {
    let rows = faults.iter().flat_map(|fault| {
        let RowFault { line, column, code, zh, en, .. } = fault.clone();
        [[line.to_string(), column, code, zh], [String::new(), String::new(), String::new(), en]]
    });
    table(["行 row", "列 column", "代码 code", "问题与改法 what and how to mend it"], rows)
}

/// How many mistakes there are of each code.
pub(super) fn counts(counts: &std::collections::BTreeMap<String, usize>) -> String {
    let rows = counts.iter().map(|(code, count)| [code.clone(), grouped(*count as u64)]);
    table(["代码 code", "处数 count"], rows)
}

/// What an import would record.
pub(super) fn summary(summary: &Summary) -> String {
    let Summary { activities, new_activities, rows, known_rows, persons, minutes, late } = *summary;
    let count = |n: usize| grouped(n as u64);
    let rows = [
        ("活动 activities", format!("{}（新 new {}）", count(activities), count(new_activities))),
        ("行 rows", count(rows)),
        ("已登记过 recorded before", count(known_rows)),
        ("人 persons", count(persons)),
        ("小时 hours", hours(minutes)),
        ("补录 late entry", if late { "是 yes" } else { "否 no" }.to_owned()),
    ];
    table(["预览 preview", ""], rows.map(|(what, value)| [what.to_owned(), value]))
}
