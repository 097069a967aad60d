//! From a sheet to events: who is meant by each row, which activities and recordings it makes, and what is there already.
//!
//! - A person is found by volunteer number, or by phone, and the name in the row must agree with the one in the vault; a
//!   name alone identifies nobody. Only persons whom the recorder may see are found: whoever imports learns nothing of
//!   others, not even that they exist.
//! - Ids of activities, rows and the batch are keyed digests of the content. So a second import finds everything there,
//!   and the order of rows makes no difference.
//! - Nothing is recorded unless every row is right. The events of a usual sheet are one batch, accepted whole or refused
//!   whole. A larger one makes several, handed in one after the other, each with its own activities; when one of them
//!   fails a second import of the same sheet goes on from there.

mod budget;
mod category;
mod fault;
mod people;
mod plan;
mod trial;

#[cfg(test)]
pub(crate) mod tests;

use hourbook_ledger::commitment::{FieldError, Opening};
use hourbook_ledger::domain::Event;
use hourbook_ledger::domain::ids::{KeyId, OrgId, PersonId};
use hourbook_ledger::domain::time::{Millis, Offset};
use hourbook_ledger::sequencer::{Handle, SubmitError};
use hourbook_ledger::vault::{Vault, VaultError};
use rand_core::CryptoRng;
use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};

pub use budget::Budget;
pub use category::category;
pub use fault::{Faults, MOST_TOLD, RowFault};
pub(crate) use people::RECORDERS;

use crate::sheet::{Row, Sheet};

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
    /// Marks the rows as entered afterwards (补录), with this reason.
    pub late_reason: Option<&'a str>,
}

/// What an import is checked against.
#[derive(Clone, Copy)]
pub struct Ledger<'a> {
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

/// One event to sign, with the values behind its commitments.
#[derive(Clone, Debug)]
pub struct Unsigned {
    /// What is to be signed.
    pub event: Event,
    /// What goes into the vault with it.
    pub openings: Vec<Opening>,
}

/// An import that the rules would accept.
#[derive(Clone, Debug, Default)]
pub struct Prepared {
    /// The events in their order, batch by batch; none when everything was recorded before.
    pub batches: Vec<Vec<Unsigned>>,
    /// Events that come after these, and are made when these are recorded and the sheet is prepared again.
    pub rest: usize,
    /// What all of them do.
    pub summary: Summary,
}

impl Prepared {
    /// All events, in their order.
    pub fn events(&self) -> impl Iterator<Item = &Unsigned> {
        self.batches.iter().flatten()
    }
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
    /// The first faults of rows; none for other errors.
    #[must_use]
    pub fn rows(&self) -> &[RowFault] {
        match self {
            Self::Rows(faults) => &faults.first,
            _ => &[],
        }
    }
}

/// Makes the events of a sheet, unsigned, and tries them out. Changes nothing.
///
/// # Errors
/// [`ImportError`].
pub async fn prepare(
    sheet: &Sheet,
    recording: Recording<'_>,
    ledger: Ledger<'_>,
    rng: &mut dyn CryptoRng,
) -> Result<Prepared, ImportError> {
    prepare_and_tell(sheet, recording, ledger, rng, usize::MAX, &mut Vec::new()).await
}

/// The same, with no more than so many batches, of which there is at least one; and who was found in the register by what
/// the sheet says, whether the sheet can be imported or not.
///
/// # Errors
/// [`ImportError`].
pub async fn prepare_and_tell(
    sheet: &Sheet,
    recording: Recording<'_>,
    ledger: Ledger<'_>,
    rng: &mut dyn CryptoRng,
    most: usize,
    found: &mut Vec<PersonId>,
) -> Result<Prepared, ImportError> {
    let by = (recording.recorder, recording.signer);
    let offset = allowed(by, recording.org, ledger).await?;
    let mut faults = Faults::of(sheet);
    let persons = people::find(sheet, by, ledger, &mut faults, found).await?;
    // Whoever has more mistakes than are told mends these first.
    if faults.is_shortened() {
        return Err(faults.refused());
    }
    // Rows that are wrong do not hide what the rules say to the others.
    let wrong: FxHashSet<u32> = faults.first.iter().map(|fault| fault.line).collect();
    let right = sheet.rows.iter().zip(persons).filter(|(row, _)| !wrong.contains(&row.line));
    let rows: Vec<(&Row, PersonId)> = right.filter_map(|(row, person)| Some((row, person?))).collect();
    let plan = plan::plan(&rows, recording, ledger, offset).await?;
    let mut prepared = Prepared { summary: plan.summary, ..Prepared::default() };
    // All are tried out before any is handed in; only those that are asked for are kept.
    for part in plan.batches() {
        let drafts = plan::draft(&part, recording, ledger.now, rng, sheet, &mut faults)?;
        trial::run(&drafts, recording, ledger.handle, sheet, &mut faults).await?;
        if faults.is_shortened() {
            break;
        }
        match prepared.batches.len() < most {
            true => prepared.batches.push(drafts.into_iter().map(|draft| draft.unsigned).collect()),
            false => prepared.rest += drafts.len(),
        }
    }
    if faults.total() > 0 { Err(faults.refused()) } else { Ok(prepared) }
}

/// The ledger's offset, if whoever records may record hours for `org` by the key that will sign: to be asked before anything
/// is read.
///
/// # Errors
/// [`ImportError::NotAllowed`], [`ImportError::Ledger`].
pub async fn allowed(by: (PersonId, KeyId), org: OrgId, ledger: Ledger<'_>) -> Result<Offset, ImportError> {
    let offset = ledger.handle.look(move |state, now| may_record(state, by, org, now)).await?;
    offset.ok_or(ImportError::NotAllowed)
}

fn may_record(
    state: &hourbook_ledger::domain::State,
    by: (PersonId, KeyId),
    org: OrgId,
    now: Millis,
) -> Option<Offset> {
    let today = now.date(state.offset());
    let records = |role| hourbook_ledger::domain::authority::exercises(state, by, role, org, today);
    (state.orgs.contains(org) && RECORDERS.into_iter().any(records)).then(|| state.offset())
}
