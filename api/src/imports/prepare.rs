//! A whole sheet, from its rows to batches of events that the rules would accept.

use hourbook_ledger::domain::ids::{KeyId, OrgId, PersonId};
use hourbook_ledger::domain::time::{Millis, Offset};
use rand_core::CryptoRng;
use rustc_hash::FxHashSet;

use super::fault::Faults;
use super::types::{ImportContext, ImportError, Prepared, Recording};
use super::{people, plan, trial};
use crate::auth::visibility::RECORDERS;
use crate::sheet::{Row, Sheet};

/// Makes the events of a sheet, unsigned, and tries them out. Changes nothing.
///
/// # Errors
/// [`ImportError`].
pub async fn prepare(
    sheet: &Sheet,
    recording: Recording<'_>,
    ledger: ImportContext<'_>,
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
    ledger: ImportContext<'_>,
    rng: &mut dyn CryptoRng,
    most: usize,
    found: &mut Vec<PersonId>,
) -> Result<Prepared, ImportError> {
    let by = (recording.recorder, recording.signer);
    let offset = allowed(by, recording.org, ledger).await?;
    let mut faults = Faults::of(sheet);
    let persons = people::find(sheet, recording, ledger, &mut faults, found).await?;
    // Whoever has more mistakes than are told mends these first.
    if faults.is_shortened() {
        return Err(ImportError::of_rows(faults));
    }
    // Rows that are wrong do not hide what the rules say to the others.
    let wrong: FxHashSet<u32> = faults.first.iter().map(|fault| fault.line).collect();
    let right = sheet.rows.iter().zip(persons).filter(|(row, _)| !wrong.contains(&row.line));
    let rows: Vec<(&Row, PersonId)> = right.filter_map(|(row, person)| Some((row, person?))).collect();
    let plan = plan::plan(&rows, recording, ledger, offset).await?;
    let matched = plan.matched(&rows, offset);
    let mut prepared = Prepared { summary: plan.summary, rows: matched, ..Prepared::default() };
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
    if faults.total() > 0 { Err(ImportError::of_rows(faults)) } else { Ok(prepared) }
}

/// The ledger's offset, if whoever records may record hours for `org` by the key that will sign: to be asked before anything
/// is read.
///
/// # Errors
/// [`ImportError::NotAllowed`], [`ImportError::Ledger`].
pub async fn allowed(
    by: (PersonId, KeyId),
    org: OrgId,
    ledger: ImportContext<'_>,
) -> Result<Offset, ImportError> {
    let offset = ledger.handle.read_state(move |state, now| may_record(state, by, org, now)).await?;
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
