//! What goes on over an HTTP/2 connection, which by itself stays open for as long as its client answers pings.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header::{HeaderValue, STRICT_TRANSPORT_SECURITY};
use axum::response::Response;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use tokio::time::Instant;

use super::patience::time_for;
use super::turn::{Answered, InTurn, Turn};

/// Requests that are open, and how many began or ended so far.
pub(super) struct Traffic {
    open: AtomicUsize,
    turns: AtomicUsize,
    /// How long a client may leave an answer where it is.
    patience: Duration,
    /// Answers that wait for the client to let them be sent, by the turn that began them; and until when.
    waiting: Mutex<FxHashMap<usize, Instant>>,
}

impl Traffic {
    pub(super) fn new(patience: Duration) -> Self {
        let (open, turns) = (AtomicUsize::new(0), AtomicUsize::new(0));
        Self { open, turns, patience, waiting: Mutex::default() }
    }

    /// A request begins; it ends when the answer is dropped.
    pub(super) fn begin(self: &Arc<Self>) -> Open {
        self.open.fetch_add(1, Ordering::SeqCst);
        Open { traffic: self.clone(), turn: self.turns.fetch_add(1, Ordering::SeqCst) }
    }

    /// Requests that began or ended so far; 0 if there never was one.
    pub(super) fn turns(&self) -> usize {
        self.turns.load(Ordering::SeqCst)
    }

    /// Whether there is no request, and was none since there were so many turns.
    pub(super) fn is_idle_since(&self, turns: usize) -> bool {
        self.open.load(Ordering::SeqCst) == 0 && self.turns() == turns
    }

    /// Whether an answer has waited for the client for too long.
    pub(super) fn is_left_unread(&self, now: Instant) -> bool {
        self.waiting.lock().values().any(|until| *until < now)
    }
}

/// A request under way, up to the last of its answer.
pub(super) struct Open {
    traffic: Arc<Traffic>,
    turn: usize,
}

impl Open {
    /// So many bytes are there to be sent: from now on it is for the client to take them.
    fn offers(&self, bytes: usize) {
        let until = Instant::now() + self.traffic.patience + time_for(bytes);
        self.traffic.waiting.lock().insert(self.turn, until);
    }

    /// Nothing is there to be sent: it is for us to go on.
    fn offers_nothing(&self) {
        self.traffic.waiting.lock().remove(&self.turn);
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.offers_nothing();
        self.traffic.turns.fetch_add(1, Ordering::SeqCst);
        self.traffic.open.fetch_sub(1, Ordering::SeqCst);
    }
}

/// An answer to come, counted if anybody counts.
pub(super) struct Tracked {
    pub(super) answer: InTurn,
    pub(super) open: Option<Open>,
    /// Whether the client uses TLS; then it is told never to do without (RFC 6797).
    pub(super) over_tls: bool,
}

/// A year, as browsers ask for.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000");

impl Future for Tracked {
    type Output = Result<Response, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let (mut response, turn): Answered = ready!(Pin::new(&mut self.answer).poll(cx));
        if self.over_tls {
            response.headers_mut().insert(STRICT_TRANSPORT_SECURITY, HSTS);
        }
        let open = self.open.take();
        open.iter().for_each(|open| open.offers(0));
        // One piece that is there is handed over at once.
        let is_small = response.size_hint().exact().is_some_and(|size| size <= PIECE as u64);
        if open.is_none() && (turn.is_none() || is_small) {
            return Poll::Ready(Ok(response));
        }
        let flowing = |body| Body::new(Flowing { body, rest: Bytes::new(), open, _turn: turn });
        Poll::Ready(Ok(response.map(flowing)))
    }
}

/// Bytes of an answer that are offered at once: what a client has taken is known piece by piece.
const PIECE: usize = 8 << 10;

/// A body whose end is the end of its request. It is asked for more only once the client lets more be sent.
struct Flowing {
    body: Body,
    /// What of the last frame was not offered yet.
    rest: Bytes,
    /// Over HTTP/2.
    open: Option<Open>,
    /// The request's place in work.
    _turn: Option<Turn>,
}

impl Flowing {
    fn piece(&mut self) -> Frame<Bytes> {
        let piece = self.rest.split_to(self.rest.len().min(PIECE));
        self.open.iter().for_each(|open| open.offers(piece.len()));
        Frame::data(piece)
    }
}

impl HttpBody for Flowing {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        if !self.rest.is_empty() {
            return Poll::Ready(Some(Ok(self.piece())));
        }
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        match frame {
            Poll::Ready(Some(Ok(frame))) => Poll::Ready(Some(Ok(match frame.into_data() {
                Ok(data) => {
                    self.rest = data;
                    self.piece()
                }
                Err(trailers) => {
                    self.open.iter().for_each(|open| open.offers(0));
                    trailers
                }
            }))),
            ended => {
                self.open.iter().for_each(Open::offers_nothing);
                ended
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let (hint, rest) = (self.body.size_hint(), self.rest.len() as u64);
        let mut whole = SizeHint::new();
        whole.set_lower(hint.lower() + rest);
        hint.upper().into_iter().for_each(|upper| whole.set_upper(upper + rest));
        whole
    }
}
