//! What an import looks like before it is signed.

use super::table::{hours, table};
use crate::imports::{RowFault, Summary};
use crate::ui::i18n::count as grouped;

/// Faults as a table: row, column, what and how to mend it in both languages.
pub(super) fn faults(faults: &[RowFault]) -> String {
    let rows: Vec<Vec<String>> = faults
        .iter()
        .flat_map(|fault| {
            let first =
                vec![fault.line.to_string(), fault.column.clone(), fault.code.clone(), fault.zh.clone()];
            let second = vec![String::new(), String::new(), String::new(), fault.en.clone()];
            [first, second]
        })
        .collect();
    table(&["行 row", "列 column", "代码 code", "问题与改法 what and how to mend it"], &rows)
}

/// How many mistakes there are of each code.
pub(super) fn counts(counts: &std::collections::BTreeMap<String, usize>) -> String {
    let rows: Vec<Vec<String>> =
        counts.iter().map(|(code, count)| vec![code.clone(), grouped(*count as u64)]).collect();
    table(&["代码 code", "处数 count"], &rows)
}

/// What an import would record.
pub(super) fn summary(summary: &Summary) -> String {
    let Summary { activities, new_activities, rows, known_rows, persons, minutes, late } = *summary;
    let count = |n: usize| grouped(n as u64);
    let lines = [
        vec![
            "活动 activities".to_owned(),
            format!("{}（新 new {}）", count(activities), count(new_activities)),
        ],
        vec!["行 rows".to_owned(), count(rows)],
        vec!["已登记过 recorded before".to_owned(), count(known_rows)],
        vec!["人 persons".to_owned(), count(persons)],
        vec!["小时 hours".to_owned(), hours(minutes)],
        vec!["补录 late entry".to_owned(), if late { "是 yes" } else { "否 no" }.to_owned()],
    ];
    table(&["预览 preview", ""], &lines)
}
