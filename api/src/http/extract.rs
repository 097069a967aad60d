//! Small parts that many routes share: times as texts, ids in paths, JSON bodies.

use axum::extract::rejection::{BytesRejection, JsonRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use hourbook_ledger::domain::Code;
use hourbook_ledger::domain::ids::OrgId;
use hourbook_ledger::domain::time::{Interval, Millis, Minute, Offset};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::problem::{Fault, Problem};

/// An answer in JSON.
pub struct Json<T>(pub T);

/// Bytes that an answer of the usual size does not outgrow.
const USUAL: usize = 1_024;

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        let mut bytes = Vec::with_capacity(USUAL);
        match serde_json::to_writer(&mut bytes, &self.0) {
            Ok(()) => ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], bytes)
                .into_response(),
            Err(error) => Problem::internal(&error).into_response(),
        }
    }
}

/// What depends on who asks, and so nothing may answer a second time: all but what says itself that it is public.
pub(crate) fn keep_out_of_caches(headers: &mut HeaderMap, vary: &'static str) {
    let caching = headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if !caching.as_bytes().starts_with(b"public") {
        headers.entry(header::VARY).or_insert(HeaderValue::from_static(vary));
    }
}

/// The size of a page: as asked for, within its bounds, or the usual one.
///
/// # Errors
/// [`Fault::BadRequest`] with the bounds.
pub fn page_size(limit: Option<usize>, usual: usize, most: usize) -> Result<usize, Problem> {
    match limit {
        None => Ok(usual),
        Some(limit) if (1..=most).contains(&limit) => Ok(limit),
        Some(limit) => Err(Fault::BadRequest.because(format_args!("limit: {limit}, not 1 to {most}"))),
    }
}

/// What a query names by its word, if it names anything.
///
/// # Errors
/// [`Fault::BadRequest`] with the words that there are.
pub fn one_of<T: Copy>(
    name: &str,
    asked: Option<&str>,
    all: &[T],
    word: fn(T) -> &'static str,
) -> Result<Option<T>, Problem> {
    let Some(asked) = asked else { return Ok(None) };
    let found = all.iter().copied().find(|one| word(*one) == asked);
    found.map(Some).ok_or_else(|| {
        let words: Vec<&str> = all.iter().map(|one| word(*one)).collect();
        Fault::BadRequest.because(format_args!("{name}: {asked}, not one of {}", words.join(", ")))
    })
}

/// An organisation in a query.
#[derive(Deserialize, ToSchema, Clone, Copy)]
#[schema(value_type = String, format = "uuid")]
pub struct OrgIn(pub OrgId);

/// A JSON body; what cannot be read is a problem document.
#[derive(FromRequest)]
#[from_request(via(axum::Json), rejection(Problem))]
pub struct Body<T>(pub T);

/// A query; what cannot be read is a problem document.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(Problem))]
pub struct Query<T>(pub T);

/// Path parameters; what cannot be read is a problem document.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(Problem))]
pub struct Path<T>(pub T);

impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Self {
        match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Code::TooLarge.into(),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Fault::UnsupportedMediaType.into(),
            _ => Fault::BadRequest.because(rejection.body_text()),
        }
    }
}

impl From<BytesRejection> for Problem {
    fn from(rejection: BytesRejection) -> Self {
        match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Fault::BodyTooLarge.into(),
            _ => Fault::BadRequest.because(rejection.body_text()),
        }
    }
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        Fault::BadRequest.because(rejection.body_text())
    }
}

impl From<PathRejection> for Problem {
    fn from(rejection: PathRejection) -> Self {
        Fault::BadRequest.because(rejection.body_text())
    }
}

/// A moment as ISO 8601 to the second, in ledger time: `2026-11-20T14:03:09+08:00`.
#[must_use]
pub fn stamp(at: Millis, offset: Offset) -> String {
    let seconds = at.0.div_euclid(1_000).rem_euclid(60);
    written(at.minute(), seconds, offset)
}

/// A minute as ISO 8601, in ledger time.
#[must_use]
pub fn minute(at: Minute, offset: Offset) -> String {
    written(at, 0, offset)
}

/// Both ends of an interval, see [`minute`].
#[must_use]
pub fn ends(interval: Interval, offset: Offset) -> (String, String) {
    (minute(interval.start, offset), minute(interval.end, offset))
}

/// Digit by digit: an answer has many of these, and the machinery of formats takes longer than all else in a line.
fn written(at: Minute, seconds: i64, offset: Offset) -> String {
    let date = at.date(offset);
    let of_day = at.0 - date.start(offset).0;
    let (year, month, day) = date.ymd();
    let mut text = String::with_capacity(25);
    two(&mut text, i64::from(year / 100));
    two(&mut text, i64::from(year % 100));
    let parts = [
        ('-', i64::from(month)),
        ('-', i64::from(day)),
        ('T', of_day / 60),
        (':', of_day % 60),
        (':', seconds),
    ];
    let zone = i64::from(offset.0.unsigned_abs());
    let sign = if offset.0 < 0 { '-' } else { '+' };
    for (before, number) in parts.into_iter().chain([(sign, zone / 60), (':', zone % 60)]) {
        text.push(before);
        two(&mut text, number);
    }
    text
}

/// Two digits. Years have four: no time on the log lies outside 1900 to 9999.
fn two(text: &mut String, number: i64) {
    text.extend([number / 10, number % 10].map(|digit| char::from(b'0' + (digit % 10) as u8)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_shown_in_ledger_time() {
        assert_eq!(stamp(Millis(1_795_000_000_999), Offset(480)), "2026-11-18T19:06:40+08:00");
        assert_eq!(stamp(Millis(-1), Offset(-210)), "1969-12-31T20:29:59-03:30");
        assert_eq!(minute(Minute(0), Offset(480)), "1970-01-01T08:00:00+08:00");
        let end = Millis(253_402_300_799_999);
        assert_eq!(stamp(end, Offset(0)), "9999-12-31T23:59:59+00:00");
        assert_eq!(stamp(Millis(-2_208_988_800_000), Offset(840)), "1900-01-01T14:00:00+14:00");
    }
}
