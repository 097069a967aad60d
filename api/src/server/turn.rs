//! Requests in work: so many of one client at once, its others in their turn.
//!
//! A request is in work until the last of its answer was handed over, so whoever reads nothing is soon not worked for. Before its
//! handler runs, whatever else is ready comes first: most handlers never wait, and requests that came in one go would run as
//! one. Between two of a client's, others have as many turns as they have requests.

use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::limit::Limited;
use crate::http::client::block;
use crate::problem::{Fault, Problem};

/// Answers that go on for as long as their reader likes, by their paths. They have bounds of their own, and are in work
/// until they begin.
const LASTING: [&str; 3] =
    ["/v1/subscribe", "/hourbook.v1.LedgerService/Subscribe", "/grpc.health.v1.Health/Watch"];

/// The places of all clients that have a request, or a connection.
pub(super) struct Turns {
    each: usize,
    clients: Mutex<FxHashMap<IpAddr, Arc<Semaphore>>>,
}

impl Turns {
    /// So many at once of one client.
    pub(super) fn of(each: usize) -> Arc<Self> {
        Arc::new(Self { each, clients: Mutex::default() })
    }

    /// A request or connection comes; it is gone when what is given back is dropped.
    pub(super) fn come(self: &Arc<Self>, address: IpAddr) -> Turn {
        let client = block(address);
        let mut clients = self.clients.lock();
        let places = clients.entry(client).or_insert_with(|| Arc::new(Semaphore::new(self.each))).clone();
        Turn { turns: self.clone(), client, places: Some(places), place: None, is_lasting: false }
    }
}

/// A request's place in work, or in the row for one.
pub(super) struct Turn {
    turns: Arc<Turns>,
    client: IpAddr,
    places: Option<Arc<Semaphore>>,
    place: Option<OwnedSemaphorePermit>,
    /// Whether it is given up when the answer begins.
    is_lasting: bool,
}

impl Turn {
    /// Takes a place if there is one.
    pub(super) fn is_now(&mut self) -> bool {
        self.place = self.places.clone().and_then(|places| places.try_acquire_owned().ok());
        self.place.is_some()
    }

    async fn wait(mut self) -> Self {
        if let Some(places) = self.places.clone() {
            self.place = places.acquire_owned().await.ok();
        }
        self
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        drop(self.place.take());
        let mut clients = self.turns.clients.lock();
        drop(self.places.take());
        if clients.get(&self.client).is_some_and(|places| Arc::strong_count(places) == 1) {
            clients.remove(&self.client);
        }
    }
}

/// What is asked, and within what time.
pub(super) struct Asked {
    router: Router,
    request: Request,
    limit: Duration,
}

/// A request on its way to its turn, and through the limits to the routes.
#[expect(
    clippy::large_enum_variant,
    reason = "all of them become the large one, and a box for it is what this avoids"
)]
pub(super) enum InTurn {
    /// All places of its client are taken.
    Waiting { wait: Pin<Box<dyn Future<Output = Option<Turn>> + Send>>, asked: Option<Box<Asked>> },
    /// It has a place, and lets others go first once.
    Next { next: Option<(Turn, Box<Asked>)>, has_let_go: bool },
    /// Its turn has come, or it needs none.
    Now { answer: Limited, turn: Option<Turn> },
}

impl InTurn {
    /// A request that goes no further.
    pub(super) fn refused(answer: Response) -> Self {
        Self::Now { answer: Limited::refused(answer), turn: None }
    }

    fn next(turn: Turn, asked: Box<Asked>) -> Self {
        Self::Next { next: Some((turn, asked)), has_let_go: false }
    }

    /// Lets a request of a client through once it is its turn.
    pub(super) fn answer(
        router: Router,
        limit: Duration,
        turns: &Arc<Turns>,
        address: IpAddr,
        request: Request,
    ) -> Self {
        let mut turn = turns.come(address);
        turn.is_lasting = LASTING.contains(&request.uri().path());
        let asked = Box::new(Asked { router, request, limit });
        if turn.is_now() {
            return Self::next(turn, asked);
        }
        let wait = Box::pin(async move { timeout(limit, turn.wait()).await.ok() });
        Self::Waiting { wait, asked: Some(asked) }
    }
}

/// The answer's head, and the place that it has until its end.
pub(super) type Answered = (Response, Option<Turn>);

impl Future for InTurn {
    type Output = Answered;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Answered> {
        loop {
            let next = match &mut *self {
                Self::Waiting { wait, asked } => match (ready!(wait.as_mut().poll(cx)), asked.take()) {
                    (Some(turn), Some(asked)) => Self::next(turn, asked),
                    _ => return Poll::Ready((overdue(), None)),
                },
                Self::Next { has_let_go: has @ false, .. } => {
                    *has = true;
                    // Back to the end of the row of all that is ready.
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                Self::Next { next, .. } => {
                    let (turn, asked) = next.take().expect("it is begun once");
                    let Asked { router, request, limit } = *asked;
                    Self::Now { answer: Limited::answer(router, limit, request), turn: Some(turn) }
                }
                Self::Now { answer, turn } => {
                    let Ok(response) = ready!(Pin::new(answer).poll(cx));
                    return Poll::Ready((response, turn.take().filter(|turn| !turn.is_lasting)));
                }
            };
            *self = next;
        }
    }
}

fn overdue() -> Response {
    Problem {
        retry_after: Some(1),
        ..Fault::TooManyRequests.because("so many of yours are in work that this one had no turn in time")
    }
    .into_response()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_client_has_so_many_turns_at_once_in_the_order_of_arrival_and_is_forgotten_with_the_last() {
        let turns = Turns::of(2);
        let come = |address: &str| turns.come(address.parse().unwrap());
        let (mut first, mut second) = (come("2001:db8::1"), come("2001:db8::2"));
        assert!(first.is_now() && second.is_now());
        let (mut third, given_up, mut other) =
            (come("2001:db8::3"), come("2001:db8::4"), come("2001:db8:0:1::1"));
        assert!(!third.is_now() && other.is_now(), "one household, and the one next door");
        drop(timeout(Duration::ZERO, given_up.wait()).await);
        let third = tokio::spawn(third.wait());
        drop(first);
        let third = third.await.unwrap();
        assert!(third.place.is_some() && !come("2001:db8::5").is_now());
        drop((second, third, other));
        assert!(turns.clients.lock().is_empty());
    }
}
