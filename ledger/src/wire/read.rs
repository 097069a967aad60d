//! Reading single values, with the field's name for the error.

use crate::domain::time::{Date, Millis, Minute};

use super::error::{Problem, WireError};

pub(super) type Read<T> = Result<T, WireError>;

/// 1900-01-01. Together with [`END_DAY`] it keeps every later sum of times within its type.
const FIRST_DAY: i64 = -25_567;
/// 10000-01-01, the first day with a year of five digits.
const END_DAY: i64 = 2_932_897;
const MINUTES_A_DAY: i64 = 1_440;
const MILLIS_A_DAY: i64 = 86_400_000;
const TIMES: &str = "a time from 1900 to 9999";

/// Bytes of a fixed length, as an id, commitment, key or digest.
pub(super) fn fixed<const N: usize, T>(field: &str, bytes: &[u8], make: impl Fn([u8; N]) -> T) -> Read<T> {
    match <[u8; N]>::try_from(bytes) {
        Ok(array) => Ok(make(array)),
        Err(_) if bytes.is_empty() => Err(WireError::at(field, Problem::Missing)),
        Err(_) => Err(WireError::at(field, Problem::Length { expected: N, found: bytes.len() })),
    }
}

/// As [`fixed`], of a field that may be absent. Present and empty is of the wrong length.
pub(super) fn optional<const N: usize, T>(
    field: &str,
    bytes: Option<&[u8]>,
    make: impl Fn([u8; N]) -> T,
) -> Read<Option<T>> {
    match bytes {
        Some([]) => Err(WireError::at(field, Problem::Length { expected: N, found: 0 })),
        Some(bytes) => fixed(field, bytes, make).map(Some),
        None => Ok(None),
    }
}

/// A message or a choice that must be there.
pub(super) fn required<T>(field: &str, value: Option<T>) -> Read<T> {
    value.ok_or_else(|| WireError::at(field, Problem::Missing))
}

/// A text of 1 to `max` bytes.
pub(super) fn text(field: &str, value: String, max: usize) -> Read<String> {
    let fits = (1..=max).contains(&value.len()) && !value.chars().any(char::is_control);
    if fits { Ok(value) } else { Err(WireError::at(field, Problem::Text { max })) }
}

/// A number of 16 bits.
pub(super) fn short(field: &str, value: u32) -> Read<u16> {
    u16::try_from(value).map_err(|_| out_of(field, "0 to 65535", value))
}

/// A year.
pub(super) fn year(field: &str, value: u32) -> Read<i32> {
    match i32::try_from(value) {
        Ok(year @ 1900..=9999) => Ok(year),
        _ => Err(out_of(field, "a year from 1900 to 9999", value)),
    }
}

/// A local date.
pub(super) fn date(field: &str, days: i32) -> Read<Date> {
    bounded(field, i64::from(days), 1).map(|_| Date(days))
}

/// A minute.
pub(super) fn minute(field: &str, minutes: i64) -> Read<Minute> {
    bounded(field, minutes, MINUTES_A_DAY).map(Minute)
}

/// A moment.
pub(super) fn millis(field: &str, millis: i64) -> Read<Millis> {
    bounded(field, millis, MILLIS_A_DAY).map(Millis)
}

fn bounded(field: &str, value: i64, a_day: i64) -> Read<i64> {
    let inside = (FIRST_DAY * a_day..END_DAY * a_day).contains(&value);
    if inside { Ok(value) } else { Err(out_of(field, TIMES, value)) }
}

pub(super) fn out_of(field: &str, expected: &'static str, found: impl Into<i128>) -> WireError {
    WireError::at(field, Problem::Range { expected, found: found.into() })
}

/// At most [`super::MAX_ROWS`] elements, each read with its place in the list.
pub(super) fn rows<P, T>(field: &str, list: Vec<P>, read: impl Fn(P) -> Read<T>) -> Read<Vec<T>> {
    if list.len() > super::MAX_ROWS {
        return Err(WireError::at(field, Problem::Count { expected: "at most 256", found: list.len() }));
    }
    each(field, list, read)
}

/// All elements, each read with its place in the list.
pub(super) fn each<P, T>(field: &str, list: Vec<P>, read: impl Fn(P) -> Read<T>) -> Read<Vec<T>> {
    let read_at = |(at, element)| read(element).map_err(|error| error.within(&format!("{field}[{at}]")));
    list.into_iter().enumerate().map(read_at).collect()
}

/// Values that each come after the one before.
pub(super) fn ascending<T: Ord>(field: &str, values: Vec<T>) -> Read<Vec<T>> {
    let in_order = values.is_sorted_by(|a, b| a < b);
    if in_order { Ok(values) } else { Err(WireError::at(field, Problem::NotAscending)) }
}

/// Maps an enum of the rules to its namesake in the schema and back; a new value will not compile until it is here.
macro_rules! enumeration {
    ($read:ident, $write:ident, $name:ident, $($value:ident),* $(,)?) => {
        pub(super) fn $read(field: &str, number: i32) -> $crate::wire::read::Read<$name> {
            match hourbook_proto::v1::$name::try_from(number) {
                $(Ok(hourbook_proto::v1::$name::$value) => Ok($name::$value),)*
                Ok(hourbook_proto::v1::$name::Unspecified) => Err($crate::wire::WireError::at(field, $crate::wire::Problem::Missing)),
                Err(_) => Err($crate::wire::WireError::at(field, $crate::wire::Problem::UnknownValue(number))),
            }
        }

        pub(super) fn $write(value: $name) -> i32 {
            match value { $($name::$value => hourbook_proto::v1::$name::$value as i32,)* }
        }
    };
}
pub(super) use enumeration;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bounds_of_time_are_the_days_that_they_say() {
        assert_eq!(Date::from_ymd(1900, 1, 1), Some(Date(FIRST_DAY as i32)));
        assert_eq!(Date::from_ymd(10_000, 1, 1), Some(Date(END_DAY as i32)));
        assert_eq!(date("d", FIRST_DAY as i32), Ok(Date(FIRST_DAY as i32)));
        assert!(date("d", FIRST_DAY as i32 - 1).is_err());
        assert!(date("d", END_DAY as i32).is_err());
        assert_eq!(minute("m", END_DAY * 1440 - 1), Ok(Minute(END_DAY * 1440 - 1)));
        assert!(minute("m", END_DAY * 1440).is_err());
        assert!(millis("t", FIRST_DAY * 86_400_000 - 1).is_err());
        assert!(millis("t", i64::MAX).is_err());
    }
}
