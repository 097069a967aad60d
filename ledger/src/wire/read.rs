//! Reading single values out of messages of the schema, with the field's name for the error.

use crate::domain::time::Millis;
use crate::format::{Problem, WireError, Within as _};

pub(super) type Read<T> = Result<T, WireError>;

/// Bytes of a fixed length, as an id, commitment, key or digest.
pub(super) fn fixed<const N: usize, T>(field: &str, bytes: &[u8], make: impl Fn([u8; N]) -> T) -> Read<T> {
    match <[u8; N]>::try_from(bytes) {
        Ok(array) => Ok(make(array)),
        Err(_) if bytes.is_empty() => Err(WireError::at(field, Problem::Missing)),
        Err(_) => Err(WireError::at(field, Problem::Length { expected: N, found: bytes.len() })),
    }
}

/// A message or a choice that must be there.
pub(super) fn required<T>(field: &str, value: Option<T>) -> Read<T> {
    value.ok_or_else(|| WireError::at(field, Problem::Missing))
}

/// A moment.
pub(super) fn millis(field: &str, millis: i64) -> Read<Millis> {
    Ok(crate::domain::bytes::timely_millis(millis).within(field)?)
}

/// All elements, each read with its place in the list.
pub(super) fn each<P, T>(field: &str, list: Vec<P>, read: impl Fn(P) -> Read<T>) -> Read<Vec<T>> {
    let read_at = |(at, element)| read(element).map_err(|error| error.within(&format!("{field}[{at}]")));
    list.into_iter().enumerate().map(read_at).collect()
}
