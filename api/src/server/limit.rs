//! Limits that hold for every request: how long it may take, and how many a client may send.

use std::convert::Infallible;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::header::CONTENT_LENGTH;
use axum::response::{IntoResponse as _, Response};
use axum::routing::future::RouteFuture;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use hourbook_ledger::domain::Code;
use tokio::time::Sleep;
use tower::Service as _;

use crate::http::client::block;
use crate::problem::{Fault, Problem};

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
    /// [`Fault::TooManyRequests`] with the seconds to wait, at least 1.
    pub(super) fn count(&self, client: IpAddr) -> Result<(), Problem> {
        let now = DefaultClock::default().now();
        let checked = self.0.check_key(&block(client));
        if self.0.len() > CLIENTS {
            self.0.retain_recent();
        }
        let seconds = |wait: Duration| u32::try_from(wait.as_secs()).unwrap_or(u32::MAX).saturating_add(1);
        checked.map_err(|until| Problem {
            retry_after: Some(seconds(until.wait_time_from(now))),
            ..Problem::from(Fault::TooManyRequests)
        })
    }
}

/// A request on its way through the limits to the routes.
#[expect(
    clippy::large_enum_variant,
    reason = "nearly all are the large one, and a box for it is what this avoids"
)]
pub(super) enum Limited {
    /// Under way in the routes. There is a timer only once there is something to wait for: most reads are answered at once.
    Routed { route: RouteFuture<Infallible>, limit: Duration, timer: Option<Pin<Box<Sleep>>> },
    /// Its body comes first.
    Reading(Pin<Box<dyn Future<Output = Response> + Send>>),
    /// Refused.
    Refused(Option<Response>),
}

impl Limited {
    /// A request that goes no further.
    pub(super) fn refused(answer: Response) -> Self {
        Self::Refused(Some(answer))
    }

    /// Lets a request through to the routes, within their limits.
    pub(super) fn answer(mut router: Router, limit: Duration, request: Request) -> Self {
        if !has_small_body(&request) {
            return Self::Routed { route: router.call(request), limit, timer: None };
        }
        Self::Reading(Box::pin(async move {
            let answer = tokio::time::timeout(limit, taken_whole(router, request)).await;
            answer.unwrap_or_else(|_| Problem::from(Fault::TimedOut).into_response())
        }))
    }
}

impl Future for Limited {
    type Output = Result<Response, Infallible>;

    /// To the head of the answer; a subscription goes on for as long as it likes.
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut *self {
            Self::Routed { route, limit, timer } => {
                if let Poll::Ready(answer) = Pin::new(route).poll(cx) {
                    return Poll::Ready(answer);
                }
                let timer = timer.get_or_insert_with(|| Box::pin(tokio::time::sleep(*limit)));
                timer.as_mut().poll(cx).map(|()| Ok(Problem::from(Fault::TimedOut).into_response()))
            }
            Self::Reading(answer) => answer.as_mut().poll(cx).map(Ok),
            Self::Refused(answer) => Poll::Ready(Ok(answer.take().expect("polled once"))),
        }
    }
}

fn has_small_body(request: &Request) -> bool {
    let length = request.headers().get(CONTENT_LENGTH);
    let length = length.and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    length.is_some_and(|length| (1..=SMALL_BODY).contains(&length))
}

/// A body that nobody has read when the answer goes out, because the request was refused by its head, ends the connection;
/// a client that sends its next request on it is told nothing. So what is small is read first.
async fn taken_whole(mut router: Router, request: Request) -> Response {
    let (head, body) = request.into_parts();
    match axum::body::to_bytes(body, SMALL_BODY).await {
        Ok(bytes) => {
            let answer = router.call(Request::from_parts(head, axum::body::Body::from(bytes))).await;
            answer.unwrap_or_else(|never| match never {})
        }
        Err(error) => Problem::from(Code::Malformed.because(error)).into_response(),
    }
}
