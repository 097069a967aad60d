//! What an import is told, what it makes, and why it is refused.

use std::collections::BTreeMap;

use hourbook_ledger::commitment::FieldError;
use hourbook_ledger::domain::ids::{KeyId, OrgId, PersonId};
use hourbook_ledger::domain::time::{Interval, Millis};
use hourbook_ledger::sequencer::{Handle, SubmitError};
use hourbook_ledger::vault::{Vault, VaultError};
use serde::{Deserialize, Serialize};

use super::fault::{Faults, RowFault};
use crate::commands::Unsigned;

/// Who imports, for which organisation, and how.
#[derive(Clone, Copy, Debug)]
pub struct Recording<'a> {
    /// Origin of the ledger.
    pub ledger: &'a str,
    /// Whoever records; never the person served by a row.
    pub recorder: PersonId,
    /// The key that will sign.
    pub signer: KeyId,
    /// The organisation that records.
    pub org: OrgId,
    /// Who is meant by rows that have a name alone, by their lines: each was chosen by hand.
    pub named: Option<&'a BTreeMap<u32, PersonId>>,
    /// Marks the rows as entered afterwards (补录), with this reason.
    pub late_reason: Option<&'a str>,
}

/// What an import is checked against.
#[derive(Clone, Copy)]
pub struct ImportContext<'a> {
    /// The way to the rules.
    pub handle: &'a Handle,
    /// Personal data.
    pub vault: &'a Vault,
    /// The moment, for the events' ids.
    pub now: Millis,
}

/// What an import would do, for a person to look at before signing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Activities that the rows belong to.
    pub activities: usize,
    /// Of them, those that the ledger does not know yet.
    pub new_activities: usize,
    /// Rows in the sheet.
    pub rows: usize,
    /// Of them, those that were recorded before and are left out.
    pub known_rows: usize,
    /// Persons in the rows to be recorded.
    pub persons: usize,
    /// Minutes of the rows to be recorded, before overlaps are counted once.
    pub minutes: u64,
    /// The rows are marked as entered afterwards.
    pub late: bool,
}

/// A row with who was found for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Matched {
    /// Where it stands in the sheet.
    pub line: u32,
    /// Who served.
    pub person: PersonId,
    /// When.
    pub interval: Interval,
    /// It was recorded before and is left out.
    pub is_known: bool,
}

/// An import that the rules would accept.
#[derive(Clone, Debug, Default)]
pub struct Prepared {
    /// The rows, by line.
    pub rows: Vec<Matched>,
    /// The events in their order, batch by batch; none when everything was recorded before.
    pub batches: Vec<Vec<Unsigned>>,
    /// Events that come after these, and are made when these are recorded and the sheet is prepared again.
    pub rest: usize,
    /// What all of them do.
    pub summary: Summary,
}

/// Why a sheet is not imported. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// Rows are wrong; each is named.
    #[error("{} errors in rows", .0.total())]
    Rows(Faults),
    /// The recorder has no role to record hours there, or the organisation does not exist.
    #[error(
        "您的角色不能为该组织登记时长，或该组织不存在 / no role to record hours for this organisation, or there is none"
    )]
    NotAllowed,
    /// The reason for late entry cannot be used.
    #[error("补录原因不能使用：{zh} / the reason for late entry cannot be used: {0}", zh = .0.zh())]
    Reason(FieldError),
    /// The vault.
    #[error("保密库 / vault: {0}")]
    Vault(#[from] VaultError),
    /// The rules refuse the whole, or the ledger has stopped.
    #[error(transparent)]
    Ledger(#[from] SubmitError),
}

impl ImportError {
    /// What is told of wrong rows.
    pub(super) fn of_rows(mut faults: Faults) -> Self {
        faults.shorten();
        Self::Rows(faults)
    }

    /// What it says, in Chinese and in English.
    pub(crate) fn in_both(&self) -> (String, String) {
        let both = self.to_string();
        let (zh, en) = both.split_once(" / ").unwrap_or((&both, &both));
        (zh.to_owned(), en.to_owned())
    }

    /// The first faults of rows; none for other errors.
    #[must_use]
    pub fn rows(&self) -> &[RowFault] {
        match self {
            Self::Rows(faults) => &faults.first,
            _ => &[],
        }
    }
}
