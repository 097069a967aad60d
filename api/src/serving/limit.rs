//! Limits that hold for every request: how long it may take, and how many a client may send.

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::CONTENT_LENGTH;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use hourbook_ledger::domain::Code;

use super::Serving;
use crate::http::problem::{Fault, Problem};

/// Clients that are remembered before those who have been quiet are forgotten.
const CLIENTS: usize = 100_000;
/// Bodies up to so many bytes are read before the request is looked at.
const SMALL_BODY: usize = 64 << 10;

/// Requests a second of one client, and as many at once.
#[derive(Clone)]
pub struct Rate(Arc<DefaultKeyedRateLimiter<IpAddr>>);

impl Rate {
    /// So many a second.
    #[must_use]
    pub fn a_second(requests: NonZeroU32) -> Self {
        Self(Arc::new(RateLimiter::keyed(Quota::per_second(requests))))
    }

    /// Counts a request.
    ///
    /// # Errors
    /// The seconds to wait, at least 1.
    fn count(&self, client: IpAddr) -> Result<(), u32> {
        let now = DefaultClock::default().now();
        let checked = self.0.check_key(&client);
        if self.0.len() > CLIENTS {
            self.0.retain_recent();
        }
        let seconds = |wait: Duration| u32::try_from(wait.as_secs()).unwrap_or(u32::MAX).saturating_add(1);
        checked.map_err(|until| seconds(until.wait_time_from(now)))
    }
}

/// The routes within their limits.
pub(super) fn around(router: Router, serving: &Serving) -> Router {
    let router = router.layer(middleware::from_fn(taken_whole));
    let router = router.layer(middleware::from_fn_with_state(serving.request, in_time));
    match &serving.rate {
        Some(rate) => router.layer(middleware::from_fn_with_state(rate.clone(), in_turn)),
        None => router,
    }
}

/// A body that nobody has read when the answer goes out, because the request was refused by its head, ends the connection;
/// a client that sends its next request on it is told nothing. So what is small is read first.
async fn taken_whole(request: Request, next: Next) -> Response {
    let length =
        request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if !length.is_some_and(|length| (1..=SMALL_BODY).contains(&length)) {
        return next.run(request).await;
    }
    let (head, body) = request.into_parts();
    match axum::body::to_bytes(body, SMALL_BODY).await {
        Ok(bytes) => next.run(Request::from_parts(head, bytes.into())).await,
        Err(error) => Problem::from(Code::Malformed.because(error)).into_response(),
    }
}

/// To the head of the answer; a subscription goes on for as long as it likes.
async fn in_time(State(limit): State<Duration>, request: Request, next: Next) -> Response {
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::from(Fault::TimedOut).into_response(),
    }
}

async fn in_turn(
    State(rate): State<Rate>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    match rate.count(client.ip()) {
        Ok(()) => next.run(request).await,
        Err(seconds) => {
            let problem = Problem::from(Fault::TooManyRequests);
            Problem { retry_after: Some(seconds), ..problem }.into_response()
        }
    }
}
