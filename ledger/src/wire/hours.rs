//! Recorded hours.

use hourbook_proto::v1;

use crate::domain::event::{Body, RecordClass, Row, Rows};
use crate::domain::ids::{ActivityId, BatchId, Commitment, EventId, OrgId, PersonId, RowKey};

use super::common::{interval, read_interval};
use super::error::Within;
use super::read::{Read, ascending, fixed, optional, required, rows, short};

pub(super) fn hours_recorded(m: v1::HoursRecorded) -> Read<Body> {
    let late = optional("late_reason", m.late_reason.as_deref(), Commitment)?;
    Ok(Body::HoursRecorded {
        batch: fixed("batch", &m.batch, BatchId)?,
        part: short("part", m.part)?,
        total: short("total", m.total)?,
        org: fixed("org", &m.org, OrgId)?,
        activity: fixed("activity", &m.activity, ActivityId)?,
        class: late.map_or(RecordClass::Normal, RecordClass::Late),
        rows: rows("rows", m.rows, row)?,
    })
}

fn row(m: v1::HoursRow) -> Read<Row> {
    Ok(Row {
        key: fixed("key", &m.key, RowKey)?,
        person: fixed("person", &m.person, PersonId)?,
        interval: interval("interval", m.interval)?,
    })
}

pub(super) fn hours_confirmed(m: v1::HoursConfirmed) -> Read<Body> {
    use v1::hours_confirmed::Rows as R;
    let rows = match required("rows", m.rows)? {
        R::All(v1::hours_confirmed::AllRows {}) => Rows::All,
        R::Some(some) => Rows::Some(indexes(some.indexes).within("some")?),
    };
    Ok(Body::HoursConfirmed { recorded: fixed("recorded", &m.recorded, EventId)?, rows })
}

fn indexes(indexes: Vec<u32>) -> Read<Vec<u16>> {
    ascending("indexes", rows("indexes", indexes, |index| short("", index))?)
}

pub(super) fn hours_corrected(m: v1::HoursCorrected) -> Read<Body> {
    Ok(Body::HoursCorrected {
        recorded: fixed("recorded", &m.recorded, EventId)?,
        row: short("row", m.row)?,
        replacement: m.replacement.map(read_interval).transpose().within("replacement")?,
        reason: fixed("reason", &m.reason, Commitment)?,
    })
}
