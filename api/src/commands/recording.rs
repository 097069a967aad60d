//! Hours as they are recorded: from a sheet, or from a roll that was called.

use hourbook_ledger::commitment::Field;
use hourbook_ledger::domain::event::{Body, BodyKind, HoursEvent, HoursKind, RecordClass, Row};
use hourbook_ledger::domain::ids::{ActivityId, BatchId, OrgId, PersonId, RowKey, WishId};
use hourbook_ledger::domain::time::Interval;
use sha2::{Digest as _, Sha256};

use super::action::{Action, Draft, Input, Kind, Thing, Wrong};
use super::interval::{self, END, START};

/// The sheet.
pub static BATCH: Input =
    Input::new("batch", "The id of the sheet that it is from; drawn if none is given.", Kind::NewId);
/// Who records.
pub static ORG: Input = Input::new("org", "The organisation that records.", Kind::Id(Thing::Org));
/// In which activity.
pub static ACTIVITY: Input = Input::new("activity", "In which activity.", Kind::Id(Thing::Activity));
/// Who served.
pub static PERSONS: Input =
    Input::new("persons", "Who served, all for the same time.", Kind::List(Thing::Person));
/// Why afterwards (补录).
pub static LATE: Input = Input::new(
    "late-reason",
    "Given if entered afterwards (补录): why, at most 1,000 bytes.",
    Kind::OptionalText,
)
.asked(("补录原因", "Why afterwards"), ("请写明补录的原因。", "Say why it is entered afterwards."));
/// Which wish was granted by it.
pub static WISH: Input = Input::new(
    "wish",
    "The wish that was granted by it, if one was: each person's hours for it are recorded once, whatever the time.",
    Kind::OptionalId(Thing::Wish),
);
static PHOTOS: Input = Input::new(
    "photos",
    "SHA-256 of photos of the activity in hexadecimal digits, divided by commas.",
    Kind::OptionalPublic,
);

/// Records hours. They count once a second person confirms them.
pub static RECORD_HOURS: Action = Action {
    name: "record-hours",
    about: "Records hours of an activity. They count once a second person confirms them.",
    inputs: &[&BATCH, &ORG, &ACTIVITY, &PERSONS, &START, &END, &WISH, &LATE, &PHOTOS],
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
};

fn rows(of: &Draft<'_>, activity: ActivityId) -> Result<Vec<Row>, Wrong> {
    let (interval, persons) = (interval::told(of)?, of.list::<PersonId>(&PERSONS)?);
    if persons.is_empty() {
        return Err(Wrong(&PERSONS));
    }
    let wish = of.find(&WISH)?;
    let key = |person| match wish {
        Some(wish) => wish_key(wish, person),
        None => row_key(activity, person, interval),
    };
    let row = |person| Row { key: key(person), person, interval };
    Ok(persons.into_iter().map(row).collect())
}

/// Recognises the same row when it is said again, so that it is refused. It needs no secret: what goes into it stands in the
/// event beside it.
fn row_key(activity: ActivityId, person: PersonId, interval: Interval) -> RowKey {
    let (start, end) = (interval.start.0.to_be_bytes(), interval.end.0.to_be_bytes());
    key_of(b"hourbook/row-said/v1\0", &[&activity.0, &person.0, &start, &end])
}

/// Recognises what somebody did for a wish, so that it is recorded once. Whoever knows the wish may know it.
#[must_use]
pub fn wish_key(wish: WishId, person: PersonId) -> RowKey {
    key_of(b"hourbook/row-of-wish/v1\0", &[&wish.0, &person.0])
}

fn key_of(domain: &[u8], parts: &[&[u8]]) -> RowKey {
    let mut hash = Sha256::new();
    hash.update(domain);
    parts.iter().for_each(|part| hash.update(part));
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
        let of_wish = wish_key(WishId([1; 16]), person);
        assert_ne!(of_wish, key);
        assert_ne!(of_wish, wish_key(WishId([4; 16]), person));
    }
}
