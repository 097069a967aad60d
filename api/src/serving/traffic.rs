//! What goes on over an HTTP/2 connection, which by itself stays open for as long as its client answers pings.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

use axum::body::{Body, Bytes};
use axum::response::Response;
use hyper::body::{Body as HttpBody, Frame, SizeHint};

use super::limit::Limited;

/// Requests that are open, and how many began or ended so far.
#[derive(Default)]
pub(super) struct Traffic {
    open: AtomicUsize,
    turns: AtomicUsize,
}

impl Traffic {
    /// A request begins; it ends when the answer is dropped.
    pub(super) fn begin(self: &Arc<Self>) -> Open {
        self.open.fetch_add(1, Ordering::SeqCst);
        self.turns.fetch_add(1, Ordering::SeqCst);
        Open(self.clone())
    }

    /// Requests that began or ended so far; 0 if there never was one.
    pub(super) fn turns(&self) -> usize {
        self.turns.load(Ordering::SeqCst)
    }

    /// Whether there is no request, and was none since there were so many turns.
    pub(super) fn is_idle_since(&self, turns: usize) -> bool {
        self.open.load(Ordering::SeqCst) == 0 && self.turns() == turns
    }
}

/// A request under way, up to the last of its answer.
pub(super) struct Open(Arc<Traffic>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.turns.fetch_add(1, Ordering::SeqCst);
        self.0.open.fetch_sub(1, Ordering::SeqCst);
    }
}

/// An answer to come, counted if anybody counts.
pub(super) struct Tracked {
    pub(super) answer: Limited,
    pub(super) open: Option<Open>,
}

impl Future for Tracked {
    type Output = <Limited as Future>::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let response: Response = match ready!(Pin::new(&mut self.answer).poll(cx)) {
            Ok(response) => response,
            Err(never) => match never {},
        };
        Poll::Ready(Ok(match self.open.take() {
            Some(open) => response.map(|body| Body::new(Flowing { body, _open: open })),
            None => response,
        }))
    }
}

/// A body whose end is the end of its request.
struct Flowing {
    body: Body,
    _open: Open,
}

impl HttpBody for Flowing {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
