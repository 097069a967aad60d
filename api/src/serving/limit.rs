//! Limits that hold for every request: how long it may take, and how many a client may send.

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::Serving;
use crate::http::problem::{Fault, Problem};

/// Clients that are remembered before those who have been quiet are forgotten.
const CLIENTS: usize = 100_000;

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
    let router = router.layer(middleware::from_fn_with_state(serving.request, in_time));
    match &serving.rate {
        Some(rate) => router.layer(middleware::from_fn_with_state(rate.clone(), in_turn)),
        None => router,
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
