//! A mistake in a row that only the ledger could tell, in the same form as those of the sheet itself.

use serde::{Deserialize, Serialize};

use hourbook_ledger::domain::Rejection;

use crate::sheet::RowError;

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
}

impl From<RowError> for RowFault {
    fn from(error: RowError) -> Self {
        let RowError { line, column, code, zh, en, .. } = error;
        Self { line, column, code: code.to_owned(), zh, en }
    }
}

/// What an import finds wrong with a row, beside what the sheet and the rules say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    UnknownPerson,
    OtherName,
    Ambiguous,
    Recorder,
}

impl Problem {
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::UnknownPerson => "unknown-person",
            Self::OtherName => "name-does-not-match",
            Self::Ambiguous => "ambiguous-person",
            Self::Recorder => "own-hours",
        }
    }

    fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::UnknownPerson => (
                "电话 phone",
                "您管理的范围内没有登记过这个人。请先登记志愿者，或核对电话、编号。",
                "nobody in your area is registered with this number. Register the person first, or check phone and volunteer number.",
            ),
            Self::OtherName => (
                "姓名 name",
                "姓名与这个电话或编号登记的姓名不一致。请核对是否填错了行。",
                "the name is not the one registered with this phone or number. Check whether rows were mixed up.",
            ),
            Self::Ambiguous => (
                "姓名 name",
                "有几个人符合，无法确定是谁。请填写志愿者编号。",
                "several people fit. Fill in the volunteer number.",
            ),
            Self::Recorder => (
                "姓名 name",
                "不能登记自己的时长。请由另一位工作人员导入这一行。",
                "nobody records their own hours. Let another member of staff import this row.",
            ),
        }
    }

    pub(super) fn at(self, line: u32) -> RowFault {
        let (column, zh, en) = self.words();
        RowFault {
            line,
            column: column.to_owned(),
            code: self.code().to_owned(),
            zh: format!("第 {line} 行：{zh}"),
            en: format!("Row {line}: {en}"),
        }
    }
}

/// A refusal by the rules, at the row that it concerns.
pub(super) fn refused(line: u32, rejection: &Rejection) -> RowFault {
    let detail = rejection.detail.as_deref().map(|d| format!(" ({d})")).unwrap_or_default();
    RowFault {
        line,
        column: String::new(),
        code: rejection.code.name().to_owned(),
        zh: format!("第 {line} 行：{}{detail}", rejection.code.zh()),
        en: format!("Row {line}: {}{detail}", rejection.code.en()),
    }
}
