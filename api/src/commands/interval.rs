//! From when to when, as an action is told it.

use hourbook_ledger::domain::time::{Interval, Minute};

use super::action::{Draft, Input, Kind, Wrong};

/// When it begins.
pub static START: Input =
    Input::new("start", "When it begins, in milliseconds since 1970 UTC: a whole minute.", Kind::Moment);
/// When it is over.
pub static END: Input =
    Input::new("end", "When it is over, in milliseconds since 1970 UTC: a whole minute.", Kind::Moment);

/// The interval between the two.
///
/// # Errors
/// [`Wrong`] if one of them is no whole minute. Whether there is time between them is for the rules.
pub fn told(of: &Draft<'_>) -> Result<Interval, Wrong> {
    Ok(Interval { start: of.read(&START, minute)?, end: of.read(&END, minute)? })
}

fn minute(text: &str) -> Option<Minute> {
    let millis: i64 = text.parse().ok()?;
    (millis % 60_000 == 0).then_some(Minute(millis / 60_000))
}
