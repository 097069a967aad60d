//! The dry run: what the rules would say to a whole batch, told row by row.

use hourbook_ledger::domain::Event;
use hourbook_ledger::domain::event::{Body, HoursEvent};
use hourbook_ledger::domain::time::Interval;
use hourbook_ledger::sequencer::{Handle, Refused, SubmitError};

use super::fault::{Asked, refused};
use super::plan::Draft;
use super::{Faults, ImportError, Recording};
use crate::sheet::Sheet;

/// So many faults are looked for; whoever has more mends these first.
const MOST: usize = 50;

/// Tries the events out; where the rules refuse a row, looks on without it for further faults.
pub(super) async fn run(
    drafts: &[Draft],
    recording: Recording<'_>,
    handle: &Handle,
    sheet: &Sheet,
    faults: &mut Faults,
) -> Result<(), ImportError> {
    let mut events: Vec<(Event, Vec<u32>)> =
        drafts.iter().map(|draft| (draft.unsigned.event.clone(), draft.lines.clone())).collect();
    let mut left = MOST;
    while !events.is_empty() && left > 0 {
        let trial = events.iter().map(|(event, _)| (event.clone(), recording.signer)).collect();
        match handle.try_out(trial).await {
            Ok(()) => break,
            Err(SubmitError::Refused(Refused { index, rejection })) => {
                left -= 1;
                let row = rejection.row.map(usize::from);
                let (event, lines) = &mut events[index];
                let line = row.and_then(|row| lines.get(row)).or(lines.first()).copied().unwrap_or(0);
                let asked = asked(line, interval(event, row), recording, handle).await?;
                faults.push(refused(asked, &rejection, sheet));
                let mended = row.is_some_and(|row| take_row(event, lines, row));
                if !mended {
                    events.remove(index);
                }
            }
            Err(other) => return Err(other.into()),
        }
    }
    Ok(())
}

fn interval(event: &Event, row: Option<usize>) -> Option<Interval> {
    let Body::Hours(HoursEvent::Recorded { rows, .. }) = &event.body else { return None };
    rows.get(row.unwrap_or(0)).map(|row| row.interval)
}

/// What the rules were asked of a row, and the bound that they hold it to.
async fn asked(
    line: u32,
    interval: Option<Interval>,
    recording: Recording<'_>,
    handle: &Handle,
) -> Result<Asked, ImportError> {
    let Some(interval) = interval else { return Ok(Asked { line, minutes: 0, longest: None }) };
    let org = recording.org;
    let look = handle.read_state(move |state, _| {
        let date = interval.start.date(state.offset());
        state.policies.records(&state.orgs, org, date).map(|policy| policy.longest)
    });
    Ok(Asked { line, minutes: interval.minutes(), longest: look.await? })
}

/// Takes a row out; false if the event has none left or is not one of rows.
fn take_row(event: &mut Event, lines: &mut Vec<u32>, row: usize) -> bool {
    let Body::Hours(HoursEvent::Recorded { rows, .. }) = &mut event.body else { return false };
    if row >= rows.len() || rows.len() == 1 {
        return false;
    }
    rows.remove(row);
    lines.remove(row);
    true
}
