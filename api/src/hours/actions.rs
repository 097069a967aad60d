//! What staff do with hours: one records, another confirms, anybody with the same right corrects.

use hourbook_ledger::commitment::Field;
use hourbook_ledger::domain::event::{Body, BodyKind, HoursEvent, HoursKind, Rows};
use hourbook_ledger::domain::ids::EventId;
use hourbook_ledger::domain::time::Interval;

use crate::commands::interval::{self, END, START};
use crate::commands::{Action, Draft, Input, Kind, Thing, Wrong};

pub(super) static RECORDED: Input =
    Input::new("recorded", "The event that recorded them.", Kind::Id(Thing::Recording));
pub(super) static ROWS: Input = Input::new(
    "rows",
    "The numbers of the rows, counted from 0, divided by commas; all if none is given.",
    Kind::Rows,
);
pub(super) static ROW: Input = Input::new("row", "The number of the row, counted from 0.", Kind::Row);
pub(super) static REASON: Input = Input::new("reason", "Why, at most 1,000 bytes.", Kind::Text)
    .asked(("原因", "Why"), ("请写明原因，最多 333 个汉字。", "Say why, in at most 1,000 bytes."));

/// What staff do with hours that are recorded.
pub(crate) static BY_STAFF: [Action; 3] = [
    Action {
        name: "confirm-hours",
        about: "Vouches for recorded hours: not one's own, and not what one recorded.",
        inputs: &[&RECORDED, &ROWS],
        makes: BodyKind::Hours(HoursKind::Confirmed),
        draft: |of| {
            let mut indexes: Vec<u16> = of.list(&ROWS)?;
            indexes.sort_unstable();
            let rows = if indexes.is_empty() { Rows::All } else { Rows::Some { indexes } };
            Ok(Body::Hours(HoursEvent::Confirmed { recorded: of.get(&RECORDED)?, rows }))
        },
    },
    Action {
        name: "correct-hours",
        about: "A row was of another time: it counts no longer, and what was right waits for its own confirmation. \
                Of a confirmed row it waits for a second person.",
        inputs: &[&RECORDED, &ROW, &START, &END, &REASON],
        makes: BodyKind::Hours(HoursKind::Corrected),
        draft: |of| corrected(of, Some(interval::told(of)?)),
    },
    Action {
        name: "void-hours",
        about: "A row was wrong and counts no longer. Of a confirmed row it waits for a second person.",
        inputs: &[&RECORDED, &ROW, &REASON],
        makes: BodyKind::Hours(HoursKind::Corrected),
        draft: |of| corrected(of, None),
    },
];

pub(super) static CONFIRM: &Action = &BY_STAFF[0];
pub(super) static VOID: &Action = &BY_STAFF[2];

fn corrected(of: &mut Draft<'_>, replacement: Option<Interval>) -> Result<Body, Wrong> {
    let (recorded, row): (EventId, u16) = (of.get(&RECORDED)?, of.get(&ROW)?);
    let reason = of.seal(recorded.0, Field::Reason, &REASON)?;
    Ok(Body::Hours(HoursEvent::Corrected { recorded, row, replacement, reason }))
}

#[cfg(test)]
mod tests {
    use hourbook_ledger::domain::ids::PersonId;

    use super::*;
    use crate::commands::Given;

    #[test]
    fn rows_are_confirmed_all_or_those_that_are_named_in_any_order() {
        let recorded = EventId([9; 16]);
        let said = |rows: Option<&str>| {
            let given = Given::default().with(&RECORDED, recorded);
            let given = rows.into_iter().fold(given, |given, rows| given.with(&ROWS, rows));
            BY_STAFF[0].draft(PersonId([1; 16]), &given, || [0; 32]).map(|drafted| drafted.body)
        };
        let body = |rows| Body::Hours(HoursEvent::Confirmed { recorded, rows });
        assert_eq!(said(None).unwrap(), body(Rows::All));
        assert_eq!(said(Some("2, 0")).unwrap(), body(Rows::Some { indexes: vec![0, 2] }));
        assert_eq!(said(Some("first")).unwrap_err().0.name, "rows");
    }
}
