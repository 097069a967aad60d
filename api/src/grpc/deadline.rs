//! The deadline that a caller sets (`grpc-timeout`): whoever waits no longer is not worked for.

use std::time::Duration;

use axum::extract::Request;
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use tokio::time::Instant;
use tonic::Status;

use crate::problem::{Fault, Problem};

/// The longest deadline that is looked at; beyond it there is none.
const LONGEST: Duration = Duration::from_secs(366 * 86_400);

/// How long a caller waits: 1 to 8 digits and a unit, as gRPC over HTTP/2 has it.
#[must_use]
fn patience(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get("grpc-timeout")?.to_str().ok()?;
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if !(1..=8).contains(&digits.len()) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let count: u64 = digits.parse().ok()?;
    let patience = match unit {
        "H" => Duration::from_secs(count * 3_600),
        "M" => Duration::from_secs(count * 60),
        "S" => Duration::from_secs(count),
        "m" => Duration::from_millis(count),
        "u" => Duration::from_micros(count),
        "n" => Duration::from_nanos(count),
        _ => return None,
    };
    (patience <= LONGEST).then_some(patience)
}

/// Until when a caller waits, from now.
#[must_use]
pub(super) fn of(headers: &HeaderMap) -> Option<Instant> {
    patience(headers).map(|patience| Instant::now() + patience)
}

/// Middleware: a call that takes longer than its caller waits is answered with DEADLINE_EXCEEDED.
pub(super) async fn keep(request: Request, next: Next) -> Response {
    let Some(patience) = patience(request.headers()) else { return next.run(request).await };
    match tokio::time::timeout(patience, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            Status::from(Problem::from(Fault::TimedOut)).into_http::<axum::body::Body>().into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeout_is_read_as_the_protocol_writes_it() {
        let read = |text: &'static str| {
            patience(&HeaderMap::from_iter([("grpc-timeout".parse().unwrap(), text.parse().unwrap())]))
        };
        assert_eq!(read("250m"), Some(Duration::from_millis(250)));
        assert_eq!(read("1H"), Some(Duration::from_secs(3_600)));
        assert_eq!(read("99999999n"), Some(Duration::from_nanos(99_999_999)));
        for none in ["", "1", "m", "100000000m", "-1S", "1.5S", "1s", "99999999H"] {
            assert_eq!(read(none), None, "{none}");
        }
    }
}
