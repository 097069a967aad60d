//! The dry run: what the rules would say to the whole batch, told row by row.

use hourbook_ledger::domain::Event;
use hourbook_ledger::domain::event::Body;
use hourbook_ledger::domain::ids::KeyId;
use hourbook_ledger::sequencer::{Handle, Refused, SubmitError};

use super::fault::refused;
use super::plan::Draft;
use super::{ImportError, RowFault};

/// So many faults are looked for; whoever has more mends these first.
const MOST: usize = 50;

/// Tries the events out; where the rules refuse a row, looks on without it for further faults.
pub(super) async fn run(drafts: &mut [Draft], signer: KeyId, handle: &Handle) -> Result<(), ImportError> {
    let mut events: Vec<(Event, Vec<u32>)> =
        drafts.iter().map(|draft| (draft.unsigned.event.clone(), draft.lines.clone())).collect();
    let mut faults: Vec<RowFault> = Vec::new();
    while !events.is_empty() && faults.len() < MOST {
        let trial = events.iter().map(|(event, _)| (event.clone(), signer)).collect();
        match handle.try_out(trial).await {
            Ok(()) => break,
            Err(SubmitError::Refused(Refused { index, rejection })) => {
                let row = rejection.row.map(usize::from);
                let (event, lines) = &mut events[index];
                let line = row.and_then(|row| lines.get(row)).or(lines.first()).copied().unwrap_or(0);
                faults.push(refused(line, &rejection));
                let mended = row.is_some_and(|row| take_row(event, lines, row));
                if !mended {
                    events.remove(index);
                }
            }
            Err(other) => return Err(other.into()),
        }
    }
    faults.sort_by_key(|fault| fault.line);
    if faults.is_empty() { Ok(()) } else { Err(ImportError::Rows(faults)) }
}

/// Takes a row out; false if the event has none left or is not one of rows.
fn take_row(event: &mut Event, lines: &mut Vec<u32>, row: usize) -> bool {
    let Body::HoursRecorded { rows, .. } = &mut event.body else { return false };
    if row >= rows.len() || rows.len() == 1 {
        return false;
    }
    rows.remove(row);
    lines.remove(row);
    true
}
