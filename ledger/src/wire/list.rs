//! Lists.

use hourbook_proto::v1;

use crate::domain::event::Body;
use crate::domain::ids::{EventId, OrgId};
use crate::domain::time::Period;

use super::error::Within;
use super::read::{Read, fixed, out_of, required, year};

pub(super) fn list_published(m: v1::ListPublished) -> Read<Body> {
    Ok(Body::ListPublished {
        scope: fixed("scope", &m.scope, OrgId)?,
        period: period(required("period", m.period)?).within("period")?,
        cutoff: m.cutoff,
        policy: fixed("policy", &m.policy, EventId)?,
        digest: fixed("digest", &m.digest, |digest| digest)?,
    })
}

pub(super) fn period(m: v1::Period) -> Read<Period> {
    use v1::period::Part;
    let year = year("year", m.year)?;
    match m.part {
        None => Ok(Period::Year(year)),
        Some(Part::Quarter(quarter @ 1..=4)) => Ok(Period::Quarter(year, quarter)),
        Some(Part::Quarter(quarter)) => Err(out_of("quarter", "1 to 4", quarter)),
        Some(Part::Month(month @ 1..=12)) => Ok(Period::Month(year, month)),
        Some(Part::Month(month)) => Err(out_of("month", "1 to 12", month)),
    }
}

pub(super) fn write_period(period: Period) -> v1::Period {
    use v1::period::Part;
    let (year, part) = match period {
        Period::Year(year) => (year, None),
        Period::Quarter(year, quarter) => (year, Some(Part::Quarter(quarter))),
        Period::Month(year, month) => (year, Some(Part::Month(month))),
    };
    v1::Period { year: year.cast_unsigned(), part }
}
