//! How ids, times and what has a form of its own stand in bytes; the other types derive it.

use hourbook_derive::Format;
#[cfg(test)]
use proptest::prelude::*;

use super::ids::{
    ActivityId, BatchId, Commitment, EventId, HoldId, KeyId, OrgId, PersonId, Possession, PublicKey, RowKey,
    ShiftId, WishId,
};
use super::time::{Date, Millis, Minute, Offset, Period, Year};
use super::vocabulary::{FounderKey, RecordClass};
use crate::format::{
    DELIMITED, Field, Input, Problem, Read, VARINT, Value, fixed, number, out_of, put_value, uint32,
    write_varint, write_zigzag, zigzag,
};

/// 1900-01-01. Together with [`END_DAY`] it keeps every later sum of times within its type.
const FIRST_DAY: i64 = -25_567;
/// 10000-01-01, the first day with a year of five digits.
const END_DAY: i64 = 2_932_897;
const MINUTES_A_DAY: i64 = 1_440;
const MILLIS_A_DAY: i64 = 86_400_000;
const YEARS: &str = "a year from 1900 to 9999";
const TIMES: &str = "a time from 1900 to 9999";

fixed!(
    ActivityId, BatchId, Commitment, EventId, HoldId, KeyId, OrgId, PersonId, Possession, PublicKey, RowKey,
    ShiftId, WishId,
);

#[inline]
fn timely(value: i64, a_day: i64) -> Read<i64> {
    let inside = (FIRST_DAY * a_day..END_DAY * a_day).contains(&value);
    if inside { Ok(value) } else { Err(out_of(TIMES, value)) }
}

/// A moment in the bounds of all times.
#[inline]
pub(crate) fn timely_millis(millis: i64) -> Read<Millis> {
    timely(millis, MILLIS_A_DAY).map(Millis)
}

fn offset(input: &mut Input<'_>) -> Read<Offset> {
    match zigzag(input)? {
        minutes @ -840..=840 => Ok(Offset(minutes)),
        other => Err(out_of("-840 to 840", other)),
    }
}

fn year(input: &mut Input<'_>) -> Read<Year> {
    match uint32(input)? {
        year @ 1900..=9999 => Ok(Year(year.cast_signed())),
        other => Err(out_of(YEARS, other)),
    }
}

number!(
    Millis,
    Int64,
    "_ms",
    |input: &mut Input<'_>| timely_millis(input.varint()?.cast_signed()),
    |time: Millis, out: &mut _| write_varint(time.0.cast_unsigned(), out),
    Millis(0),
    prop_oneof![Just(Millis(0)), (FIRST_DAY * MILLIS_A_DAY..END_DAY * MILLIS_A_DAY).prop_map(Millis)]
);
number!(
    Minute,
    Int64,
    "_minute",
    |input: &mut Input<'_>| timely(input.varint()?.cast_signed(), MINUTES_A_DAY).map(Minute),
    |time: Minute, out: &mut _| write_varint(time.0.cast_unsigned(), out),
    Minute(0),
    (FIRST_DAY * MINUTES_A_DAY..END_DAY * MINUTES_A_DAY).prop_map(Minute)
);
number!(
    Date,
    Sint32,
    "_day",
    |input: &mut Input<'_>| {
        let day = zigzag(input)?;
        timely(day.into(), 1).map(|_| Date(day))
    },
    |date: Date, out: &mut _| write_zigzag(date.0, out),
    Date(0),
    prop_oneof![(FIRST_DAY as i32..END_DAY as i32).prop_map(Date), (20_000..21_000).prop_map(Date)]
);
number!(
    Offset,
    Sint32,
    "_minutes",
    offset,
    |offset: Offset, out: &mut _| write_zigzag(offset.0, out),
    Offset(0),
    (-840..=840).prop_map(Offset)
);

/// A year must be there: there is no year 0.
impl Value for Year {
    const WIRE_TYPE: u8 = VARINT;

    fn read(slot: &mut Option<Self>, input: &mut Input<'_>) -> Read<()> {
        *slot = Some(year(input)?);
        Ok(())
    }

    fn write(&self, out: &mut Vec<u8>) {
        write_varint(u64::from(self.0.cast_unsigned()), out);
    }

    #[cfg(test)]
    fn kind() -> crate::format::Kind {
        crate::format::Kind::Uint32
    }

    #[cfg(test)]
    fn any_value(_most: usize) -> BoxedStrategy<Self> {
        (1900..=9999).prop_map(Year).boxed()
    }
}

/// Late with its reason, or else in the ordinary way.
impl Field for RecordClass {
    type Slot = Option<Commitment>;
    const WIRE_TYPE: u8 = DELIMITED;
    const SUFFIX: &'static str = "";

    #[inline]
    fn take(slot: &mut Self::Slot, number: u32, name: &'static str, input: &mut Input<'_>) -> Read<()> {
        <Option<Commitment> as Field>::take(slot, number, name, input)
    }

    #[inline]
    fn finish(slot: &mut Self::Slot) -> Option<Self> {
        Some(slot.take().map_or(Self::Normal, Self::Late))
    }

    fn put(&self, number: u32, out: &mut Vec<u8>) {
        match self {
            Self::Normal => {}
            Self::Late(reason) => put_value(reason, number, out),
        }
    }

    fn check(&self, _most: usize) -> Result<(), Problem> {
        Ok(())
    }

    #[cfg(test)]
    fn described() -> (crate::format::Kind, bool) {
        (crate::format::Kind::Bytes, false)
    }

    #[cfg(test)]
    fn any_field(most: usize) -> BoxedStrategy<Self> {
        <Option<Commitment> as Field>::any_field(most)
            .prop_map(|reason| reason.map_or(Self::Normal, Self::Late))
            .boxed()
    }
}

/// A period as the schema has it: a year, and perhaps a part of it.
#[derive(Debug, Format)]
struct YearAndPart {
    year: Year,
    #[field(oneof)]
    part: Option<Part>,
}

#[derive(Debug, Format)]
enum Part {
    #[field(2)]
    Quarter(u32),
    #[field(3)]
    Month(u32),
}

impl YearAndPart {
    fn of(period: Period) -> Self {
        let (year, part) = match period {
            Period::Year(year) => (year, None),
            Period::Quarter(year, quarter) => (year, Some(Part::Quarter(quarter))),
            Period::Month(year, month) => (year, Some(Part::Month(month))),
        };
        Self { year: Year(year), part }
    }

    fn period(self) -> Read<Period> {
        let Year(year) = self.year;
        match self.part {
            None => Ok(Period::Year(year)),
            Some(Part::Quarter(quarter @ 1..=4)) => Ok(Period::Quarter(year, quarter)),
            Some(Part::Quarter(quarter)) => Err(out_of("1 to 4", quarter).within("quarter")),
            Some(Part::Month(month @ 1..=12)) => Ok(Period::Month(year, month)),
            Some(Part::Month(month)) => Err(out_of("1 to 12", month).within("month")),
        }
    }
}

impl Value for Period {
    const WIRE_TYPE: u8 = DELIMITED;

    fn read(slot: &mut Option<Self>, input: &mut Input<'_>) -> Read<()> {
        let mut parts = None;
        YearAndPart::read(&mut parts, input)?;
        *slot = parts.map(YearAndPart::period).transpose()?;
        Ok(())
    }

    fn write(&self, out: &mut Vec<u8>) {
        YearAndPart::of(*self).write(out);
    }

    #[cfg(test)]
    fn kind() -> crate::format::Kind {
        YearAndPart::kind()
    }

    #[cfg(test)]
    fn any_value(_most: usize) -> BoxedStrategy<Self> {
        let year = 1900..=9999i32;
        prop_oneof![
            year.clone().prop_map(Self::Year),
            (year.clone(), 1..=4u32).prop_map(|(year, quarter)| Self::Quarter(year, quarter)),
            (year, 1..=12u32).prop_map(|(year, month)| Self::Month(year, month)),
        ]
        .boxed()
    }
}

/// The two founders.
impl Field for [FounderKey; 2] {
    type Slot = (bool, Vec<FounderKey>);
    const WIRE_TYPE: u8 = DELIMITED;
    const SUFFIX: &'static str = "";

    fn take(slot: &mut Self::Slot, number: u32, name: &'static str, input: &mut Input<'_>) -> Read<()> {
        Vec::take(slot, number, name, input)
    }

    fn finish(slot: &mut Self::Slot) -> Option<Self> {
        slot.1.as_slice().try_into().ok()
    }

    fn missing(slot: &Self::Slot) -> Problem {
        Problem::Count { expected: "2".into(), found: slot.1.len() }
    }

    fn put(&self, number: u32, out: &mut Vec<u8>) {
        for value in self {
            put_value(value, number, out);
        }
    }

    fn check(&self, _most: usize) -> Result<(), Problem> {
        Ok(())
    }

    #[cfg(test)]
    fn described() -> (crate::format::Kind, bool) {
        (FounderKey::kind(), true)
    }

    #[cfg(test)]
    fn any_field(most: usize) -> BoxedStrategy<Self> {
        [FounderKey::any_value(most), FounderKey::any_value(most)].boxed()
    }
}
