//! What staff do with hours: one records, another confirms, anybody with the same right corrects.

use hourbook_ledger::commitment::Field;
use hourbook_ledger::domain::event::{Body, BodyKind, HoursEvent, HoursKind, RecordClass, Row, Rows};
use hourbook_ledger::domain::ids::{ActivityId, BatchId, EventId, OrgId, PersonId, RowKey};
use hourbook_ledger::domain::time::Interval;
use sha2::{Digest as _, Sha256};

use crate::commands::interval::{self, END, START};
use crate::commands::{Action, Draft, Input, Kind, Thing, Wrong};

static BATCH: Input =
    Input::new("batch", "The id of the sheet that it is from; drawn if none is given.", Kind::NewId);
static ORG: Input = Input::new("org", "The organisation that records.", Kind::Id(Thing::Org));
static ACTIVITY: Input = Input::new("activity", "In which activity.", Kind::Id(Thing::Activity));
static PERSONS: Input =
    Input::new("persons", "Who served, all for the same time.", Kind::List(Thing::Person));
static LATE: Input = Input::new(
    "late-reason",
    "Given if entered afterwards (补录): why, at most 1,000 bytes.",
    Kind::OptionalText,
);
static PHOTOS: Input = Input::new(
    "photos",
    "SHA-256 of photos of the activity in hexadecimal digits, divided by commas.",
    Kind::OptionalPublic,
);
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

/// What staff do with hours.
pub(crate) static BY_STAFF: [Action; 4] = [
    Action {
        name: "record-hours",
        about: "Records hours of an activity. They count once a second person confirms them.",
        inputs: &[&BATCH, &ORG, &ACTIVITY, &PERSONS, &START, &END, &LATE, &PHOTOS],
        makes: BodyKind::Hours(HoursKind::Recorded),
        draft: |of| {
            let (org, activity): (OrgId, ActivityId) = (of.get(&ORG)?, of.get(&ACTIVITY)?);
            let late = of.seal_if_given(activity.0, Field::Reason, &LATE)?;
            Ok(Body::Hours(HoursEvent::Recorded {
                batch: of.fresh(&BATCH, BatchId)?,
                part: 0,
                total: 1,
                org,
                activity,
                class: late.map_or(RecordClass::Normal, RecordClass::Late),
                rows: rows(of, activity)?,
                photos: photos(of)?,
            }))
        },
    },
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

pub(super) static CONFIRM: &Action = &BY_STAFF[1];
pub(super) static VOID: &Action = &BY_STAFF[3];

fn corrected(of: &mut Draft<'_>, replacement: Option<Interval>) -> Result<Body, Wrong> {
    let (recorded, row): (EventId, u16) = (of.get(&RECORDED)?, of.get(&ROW)?);
    let reason = of.seal(recorded.0, Field::Reason, &REASON)?;
    Ok(Body::Hours(HoursEvent::Corrected { recorded, row, replacement, reason }))
}

fn rows(of: &Draft<'_>, activity: ActivityId) -> Result<Vec<Row>, Wrong> {
    let (interval, persons) = (interval::told(of)?, of.list::<PersonId>(&PERSONS)?);
    if persons.is_empty() {
        return Err(Wrong(&PERSONS));
    }
    let row = |person| Row { key: row_key(activity, person, interval), person, interval };
    Ok(persons.into_iter().map(row).collect())
}

/// Recognises the same row when it is said again, so that it is refused. It needs no secret: what goes into it stands in the
/// event beside it.
fn row_key(activity: ActivityId, person: PersonId, interval: Interval) -> RowKey {
    let mut hash = Sha256::new();
    hash.update(b"hourbook/row-said/v1\0");
    hash.update(activity.0);
    hash.update(person.0);
    hash.update(interval.start.0.to_be_bytes());
    hash.update(interval.end.0.to_be_bytes());
    let digest: [u8; 32] = hash.finalize().into();
    let mut key = [0; 16];
    key.copy_from_slice(&digest[..16]);
    RowKey(key)
}

fn photos(of: &Draft<'_>) -> Result<Vec<[u8; 32]>, Wrong> {
    let digest = |text: String| {
        let mut digest = [0; 32];
        hex::decode_to_slice(text, &mut digest).map_err(|_| Wrong(&PHOTOS))?;
        Ok(digest)
    };
    let mut photos: Vec<[u8; 32]> =
        of.list::<String>(&PHOTOS)?.into_iter().map(digest).collect::<Result<_, _>>()?;
    photos.sort_unstable();
    Ok(photos)
}

#[cfg(test)]
mod tests {
    use hourbook_ledger::domain::time::Minute;

    use super::*;
    use crate::commands::Given;

    #[test]
    fn the_same_row_said_twice_has_one_key_and_any_other_has_another() {
        let (activity, person) = (ActivityId([1; 16]), PersonId([2; 16]));
        let hour = |start| Interval { start: Minute(start), end: Minute(start + 60) };
        let key = row_key(activity, person, hour(600));
        assert_eq!(key, row_key(activity, person, hour(600)));
        let others = [
            row_key(activity, person, hour(601)),
            row_key(activity, PersonId([3; 16]), hour(600)),
            row_key(ActivityId([3; 16]), person, hour(600)),
        ];
        assert!(!others.contains(&key));
    }

    #[test]
    fn rows_are_confirmed_all_or_those_that_are_named_in_any_order() {
        let recorded = EventId([9; 16]);
        let said = |rows: Option<&str>| {
            let given = Given::default().with(&RECORDED, recorded);
            let given = rows.into_iter().fold(given, |given, rows| given.with(&ROWS, rows));
            BY_STAFF[1].draft(PersonId([1; 16]), &given, || [0; 32]).map(|drafted| drafted.body)
        };
        let body = |rows| Body::Hours(HoursEvent::Confirmed { recorded, rows });
        assert_eq!(said(None).unwrap(), body(Rows::All));
        assert_eq!(said(Some("2, 0")).unwrap(), body(Rows::Some { indexes: vec![0, 2] }));
        assert_eq!(said(Some("first")).unwrap_err().0.name, "rows");
    }
}
