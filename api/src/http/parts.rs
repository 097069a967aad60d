//! Small parts that many routes share: times as texts, ids in paths, JSON bodies.

use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use hourbook_ledger::domain::Code;
use hourbook_ledger::domain::time::{Interval, Millis, Minute, Offset};

use serde::Serialize;

use super::problem::{Fault, Problem};

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
    format!("{}:{seconds:02}{}", clock(at.minute(), offset), zone(offset))
}

/// A minute as ISO 8601, in ledger time.
#[must_use]
pub fn minute(at: Minute, offset: Offset) -> String {
    format!("{}:00{}", clock(at, offset), zone(offset))
}

/// Both ends of an interval, see [`minute`].
#[must_use]
pub fn ends(interval: Interval, offset: Offset) -> (String, String) {
    (minute(interval.start, offset), minute(interval.end, offset))
}

fn clock(at: Minute, offset: Offset) -> String {
    let date = at.date(offset);
    let of_day = at.0 - date.start(offset).0;
    format!("{date}T{:02}:{:02}", of_day / 60, of_day % 60)
}

fn zone(offset: Offset) -> String {
    let sign = if offset.0 < 0 { '-' } else { '+' };
    let minutes = offset.0.unsigned_abs();
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_shown_in_ledger_time() {
        assert_eq!(stamp(Millis(1_795_000_000_999), Offset(480)), "2026-11-18T19:06:40+08:00");
        assert_eq!(stamp(Millis(-1), Offset(-210)), "1969-12-31T20:29:59-03:30");
        assert_eq!(minute(Minute(0), Offset(480)), "1970-01-01T08:00:00+08:00");
    }
}
