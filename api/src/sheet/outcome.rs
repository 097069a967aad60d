//! What a sheet holds, once it is read.

use std::collections::BTreeMap;

use serde::Serialize;

use super::faults::{Note, RowError};
use super::words::Field as Column;

/// One person's service on one occasion, checked and in one spelling.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// 1-based row, as the user's spreadsheet program shows it.
    pub line: u32,
    /// Name without padding; None only beside a volunteer number.
    pub name: Option<String>,
    /// In the canonical form of the ledger: mainland numbers as digits, others with `+` and country code.
    pub phone: Option<String>,
    /// In the canonical form of the ledger: capitals, as grouped in the sheet.
    pub volunteer_number: Option<String>,
    /// Name of the activity.
    pub activity: String,
    /// Local day on which it began, in days since 1970-01-01.
    pub date: i32,
    /// Minute of that day, 0..=1439.
    pub start_minute: i32,
    /// Minutes from the same midnight, above the start; beyond 1440 for service over midnight.
    pub end_minute: i32,
    /// Where it took place.
    pub place: String,
    /// What was done.
    pub content: String,
    /// The person in charge.
    pub lead: String,
}

impl Row {
    /// Bytes that its texts take.
    pub(super) fn held(&self) -> usize {
        let optional = [&self.name, &self.phone, &self.volunteer_number];
        let texts = [&self.activity, &self.place, &self.content, &self.lead];
        optional.into_iter().flatten().chain(texts).map(|text| 16 + text.len()).sum()
    }
}

/// A row as it stands in the file, in the columns that are read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ShownRow {
    /// 1-based row.
    pub line: u32,
    /// Its cells, in the order of [`Shown::heads`].
    pub cells: Vec<String>,
}

/// A sheet as it is, for a person to look at: nothing of columns that are not read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// What stands over the columns, as mistakes name them.
    pub heads: Vec<String>,
    /// The first rows.
    pub rows: Vec<ShownRow>,
    /// Rows that there are besides.
    pub more: usize,
}

/// What a sheet holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sheet {
    /// The rows that are right by themselves, by line; rows named in an error about several rows are among them.
    pub rows: Vec<Row>,
    /// What is wrong, by line and column: the first [`super::Limits::max_errors`]. Unless it is empty, nothing may be imported.
    pub errors: Vec<RowError>,
    /// How many mistakes there are of each code, untold ones included.
    pub counts: BTreeMap<&'static str, usize>,
    /// What the sender should know.
    pub notes: Vec<Note>,
    /// What stands over the columns that are read, with their letters, such as `结束时间（G）`.
    pub columns: BTreeMap<Column, String>,
    /// The sheet as it is, if that was asked for.
    pub shown: Option<Shown>,
}
