//! A mistake in a row that only the ledger could tell, in the same form as those of the sheet itself.

use std::collections::BTreeMap;

use hourbook_ledger::domain::{Code, Rejection};
use serde::{Deserialize, Serialize};

use crate::sheet::{Column, RowError, Sheet};

/// Something wrong with one row: where, what, and how to mend it. The texts may hold personal data from the sheet: show
/// them to whoever sent it, log codes only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowFault {
    /// 1-based row, as the user's spreadsheet program shows it.
    pub line: u32,
    /// The column's header.
    pub column: String,
    /// Stable code: of the sheet, of the import, or of the rules.
    pub code: String,
    /// What is wrong and how to mend it, in Chinese.
    pub zh: String,
    /// The same in English.
    pub en: String,
    /// Of a name that stands alone, those whom it may mean and whom the sender may see.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<Candidate>,
}

/// Somebody whom a name may mean.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// The person's id.
    pub person: String,
    /// The phone without its middle, if there is one.
    pub phone: Option<String>,
}

/// So many mistakes are told word for word, the first ones; all are counted.
pub const MOST_TOLD: usize = 100;

/// What is wrong with the rows of a sheet: the first mistakes, and how many there are of each code.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Faults {
    /// The first [`MOST_TOLD`], by line.
    #[serde(rename = "errors")]
    pub first: Vec<RowFault>,
    /// How many there are, by code.
    pub counts: BTreeMap<String, usize>,
}

impl Faults {
    /// Those that the sheet's reader found.
    #[must_use]
    pub fn of(sheet: &Sheet) -> Faults {
        let counts = sheet.counts.iter().map(|(code, count)| ((*code).to_owned(), *count)).collect();
        let told = |error: RowError| {
            let RowError { line, column, code, zh, en, .. } = error;
            RowFault { line, column, code: code.to_owned(), zh, en, candidates: Vec::new() }
        };
        let mut faults = Faults { first: sheet.errors.iter().cloned().map(told).collect(), counts };
        faults.shorten();
        faults
    }

    /// How many there are in all.
    #[must_use]
    pub fn total(&self) -> usize {
        self.counts.values().sum()
    }

    /// Whether some are counted only.
    #[must_use]
    pub fn is_shortened(&self) -> bool {
        self.total() > self.first.len()
    }

    pub(super) fn push(&mut self, fault: RowFault) {
        *self.counts.entry(fault.code.clone()).or_default() += 1;
        self.first.push(fault);
        if self.first.len() >= 2 * MOST_TOLD {
            self.shorten();
        }
    }

    /// In order, and not more than are told.
    pub(super) fn shorten(&mut self) {
        self.first.sort_by_key(|fault| fault.line);
        self.first.truncate(MOST_TOLD);
    }
}

/// What an import finds wrong with a row, beside what the sheet and the rules say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    UnknownPerson,
    OtherName,
    UnknownName,
    SayWho,
    Ambiguous,
    SameNumber,
    TwoPersons,
    Recorder,
}

impl Problem {
    pub(super) fn at(self, line: u32, sheet: &Sheet) -> RowFault {
        let (code, column, zh, en) = match self {
            Self::UnknownPerson => (
                "unknown-person",
                // Whichever the row was looked up by.
                looked_up(line, sheet),
                "您管理的范围内没有登记过这个人。请先登记志愿者，或核对电话、编号。",
                "nobody in your area is registered with this number. Register the person first, or check phone and volunteer number.",
            ),
            Self::OtherName => (
                "name-does-not-match",
                Column::Name,
                "姓名与这个电话或编号登记的姓名不一致。请核对是否填错了行。",
                "the name is not the one registered with this phone or number. Check whether rows were mixed up.",
            ),
            Self::UnknownName => (
                "unknown-name",
                Column::Name,
                "您管理的范围内没有登记过这个姓名的人。请先登记志愿者，或核对姓名。",
                "nobody in your area is registered under this name. Register the person first, or check the name.",
            ),
            Self::SayWho => (
                "say-who",
                Column::Name,
                "只有姓名，不能确定是谁。请填写电话或志愿者编号，或从同名的人里选定本人。",
                "a name alone identifies nobody. Fill in phone or volunteer number, or choose who is meant among those of the name.",
            ),
            Self::Ambiguous => (
                "ambiguous-person",
                Column::Name,
                "有几个人符合，无法确定是谁。请填写志愿者编号。",
                "several people fit. Fill in the volunteer number.",
            ),
            Self::SameNumber => (
                "ambiguous-person",
                Column::Number,
                "有几个人登记了这个志愿者编号，无法确定是谁。请先更正登记。",
                "several people are registered with this volunteer number. Have the register corrected first.",
            ),
            Self::TwoPersons => (
                "number-and-phone-differ",
                Column::Number,
                "这个志愿者编号和这个电话登记在两个同名的人名下。请核对后改正其中一项，或删去不确定的一项。",
                "the volunteer number and the phone are registered with two people of this name. Mend one of the two, or leave out the one that is uncertain.",
            ),
            Self::Recorder => (
                "own-hours",
                Column::Name,
                "不能登记自己的时长。请由另一位工作人员导入这一行。",
                "nobody records their own hours. Let another member of staff import this row.",
            ),
        };
        told(line, column, code, sheet, (zh.to_owned(), en.to_owned()))
    }
}

fn looked_up(line: u32, sheet: &Sheet) -> Column {
    let row = sheet.rows.binary_search_by_key(&line, |row| row.line).ok().and_then(|at| sheet.rows.get(at));
    if row.is_some_and(|row| row.volunteer_number.is_some()) { Column::Number } else { Column::Phone }
}

fn told(line: u32, column: Column, code: &str, sheet: &Sheet, (zh, en): (String, String)) -> RowFault {
    let titles = column.title();
    let named = sheet.columns.get(&column).cloned().unwrap_or_else(|| format!("{} {}", titles.0, titles.1));
    RowFault {
        line,
        code: code.to_owned(),
        zh: format!("第 {line} 行 {named}：{zh}"),
        en: format!("Row {line}, column {named}: {en}"),
        column: named,
        candidates: Vec::new(),
    }
}

/// What the rules refuse a row for, and what they were told.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    pub(super) line: u32,
    /// Minutes of the row's interval.
    pub(super) minutes: i64,
    /// The longest interval that the policy of the day allows, in minutes; None without a policy.
    pub(super) longest: Option<u32>,
}

/// A refusal by the rules, at the row that it concerns, with the column and the bound where there is one.
pub(super) fn refused(asked: Asked, rejection: &Rejection, sheet: &Sheet) -> RowFault {
    let Asked { line, minutes, longest } = asked;
    let detail = rejection.detail.as_deref().map(|d| format!(" ({d})")).unwrap_or_default();
    let column = match rejection.code {
        Code::BadInterval => Column::End,
        Code::NoPolicy => Column::Date,
        Code::FourEyes | Code::UnknownPerson => Column::Name,
        _ => Column::Activity,
    };
    let words = match longest.map(i64::from) {
        Some(longest) if rejection.code == Code::BadInterval && minutes > longest => (
            format!(
                "这一行有 {}，本账簿的规则一次最多 {}。请核对时间，或分成几次填写。",
                hours(minutes),
                hours(longest)
            ),
            format!(
                "this row has {}, the ledger's policy allows at most {}. Check the times, or split it into several rows.",
                hours_en(minutes),
                hours_en(longest)
            ),
        ),
        _ => {
            let (zh, en) = rejection.texts();
            (format!("{zh}{detail}"), format!("{en}{detail}"))
        }
    };
    told(line, column, rejection.code.name(), sheet, words)
}

fn hours(minutes: i64) -> String {
    if minutes % 60 == 0 {
        format!("{} 小时", minutes / 60)
    } else {
        format!("{} 小时 {} 分", minutes / 60, minutes % 60)
    }
}

fn hours_en(minutes: i64) -> String {
    let unit = if minutes / 60 == 1 { "hour" } else { "hours" };
    if minutes % 60 == 0 {
        format!("{} {unit}", minutes / 60)
    } else {
        format!("{} {unit} {} minutes", minutes / 60, minutes % 60)
    }
}

/// A value that the ledger takes in no form.
pub(super) fn bad_value(
    line: u32,
    column: Column,
    error: hourbook_ledger::commitment::FieldError,
    sheet: &Sheet,
) -> RowFault {
    let words = (format!("{}。请修改。", error.zh()), format!("{error}. Change it."));
    told(line, column, "bad-value", sheet, words)
}
