//! How ids, times and what has a form of its own stand in bytes; the other types derive it.

use hourbook_derive::Format;
#[cfg(test)]
use proptest::prelude::*;

use super::ids::{
    ActivityId, BatchId, Commitment, EventId, HoldId, KeyId, OrgId, PersonId, Possession, PublicKey, RowKey,
    ShiftId, WishId,
};
use super::time::{Date, Millis, Minute, Offset, Period, Year};
use super::vocabulary::FounderKey;
use crate::format::{
    DELIMITED, Field, Input, Problem, Read, Value, fixed, number, out_of, put_value, uint32, write_varint,
    write_zigzag, zigzag,
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

#[inline]
fn date(input: &mut Input<'_>) -> Read<Date> {
    let day = zigzag(input)?;
    timely(day.into(), 1).map(|_| Date(day))
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
    |input: &mut Input<'_>| timely_millis(input.varint()?.cast_signed()),
    |time: Millis, out: &mut _| write_varint(time.0.cast_unsigned(), out),
    prop_oneof![Just(Millis(0)), (FIRST_DAY * MILLIS_A_DAY..END_DAY * MILLIS_A_DAY).prop_map(Millis)],
    Millis(0)
);
number!(
    Minute,
    Int64,
    |input: &mut Input<'_>| timely(input.varint()?.cast_signed(), MINUTES_A_DAY).map(Minute),
    |time: Minute, out: &mut _| write_varint(time.0.cast_unsigned(), out),
    (FIRST_DAY * MINUTES_A_DAY..END_DAY * MINUTES_A_DAY).prop_map(Minute),
    Minute(0)
);
number!(
    Date,
    Sint32,
    date,
    |date: Date, out: &mut _| write_zigzag(date.0, out),
    prop_oneof![(FIRST_DAY as i32..END_DAY as i32).prop_map(Date), (20_000..21_000).prop_map(Date)],
    Date(0)
);
number!(
    Offset,
    Sint32,
    offset,
    |offset: Offset, out: &mut _| write_zigzag(offset.0, out),
    (-840..=840).prop_map(Offset),
    Offset(0)
);
// A year must be there: there is no year 0.
number!(
    Year,
    Uint32,
    year,
    |year: Year, out: &mut _| write_varint(u64::from(year.0.cast_unsigned()), out),
    (1900..=9999).prop_map(Year)
);

/// A period as the schema has it: a year, and perhaps a part of it.
#[derive(PartialEq, Debug, Format)]
struct YearAndPart {
    year: Year,
    #[field(oneof)]
    part: Part,
}

#[derive(Clone, PartialEq, Debug, Format)]
enum Part {
    #[field(absent)]
    Whole,
    #[field(2)]
    Quarter(u32),
    #[field(3)]
    Month(u32),
}

impl YearAndPart {
    fn of(period: Period) -> Self {
        let (year, part) = match period {
            Period::Year(year) => (year, Part::Whole),
            Period::Quarter(year, quarter) => (year, Part::Quarter(quarter)),
            Period::Month(year, month) => (year, Part::Month(month)),
        };
        Self { year: Year(year), part }
    }

    fn period(self) -> Read<Period> {
        let Year(year) = self.year;
        match self.part {
            Part::Whole => Ok(Period::Year(year)),
            Part::Quarter(quarter @ 1..=4) => Ok(Period::Quarter(year, quarter)),
            Part::Quarter(quarter) => Err(out_of("1 to 4", quarter).within("quarter")),
            Part::Month(month @ 1..=12) => Ok(Period::Month(year, month)),
            Part::Month(month) => Err(out_of("1 to 12", month).within("month")),
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
