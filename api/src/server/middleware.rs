//! What every route for machines is wrapped in, as one layer: the bound of bodies, panics, the headers of every answer,
//! problems as pages for whoever prefers those, and how long it took.
//!
//! One layer of our own and not one of the framework's for each purpose: those clone what is below them for every
//! request, box by box, and box their futures; for a small answer that cost more than the answer.

use std::any::Any;
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::extract::{DefaultBodyLimit, Request};
use axum::http::header::{self, HeaderValue};
use axum::response::{IntoResponse as _, Response};
use axum::routing::Route;
use axum::routing::future::RouteFuture;
use futures::future::Either;
use tower::{Layer, Service};

use super::queries::Known;
use crate::http::extract::keep_out_of_caches;
use crate::http::metrics::{Measure, Usual};
use crate::problem::Problem;
use crate::state::App;
use crate::ui::error_pages::{Asked, page_for};
use crate::ui::preferences::guard_viewer;

/// What answers for machines depend on, beside the address.
const VARY: &str = "authorization, cookie, accept, accept-language";

/// Wraps routes for machines.
#[derive(Clone)]
pub(crate) struct ApiMiddleware(pub(crate) Arc<App>);

impl Layer<Route> for ApiMiddleware {
    type Service = Wrapped;

    fn layer(&self, inner: Route) -> Wrapped {
        let shared = Shared { app: self.0.clone(), usual: Usual::default(), known: Known::default() };
        Wrapped { inner, shared: Arc::new(shared) }
    }
}

/// What all requests to one endpoint share.
pub(crate) struct Shared {
    app: Arc<App>,
    usual: Usual,
    known: Known,
}

/// A route in its wrapping.
#[derive(Clone)]
pub(crate) struct Wrapped {
    inner: Route,
    shared: Arc<Shared>,
}

impl Service<Request> for Wrapped {
    type Response = Response;
    type Error = Infallible;
    type Future = Answering;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request) -> Answering {
        let shared = self.shared.clone();
        DefaultBodyLimit::max(shared.app.max_body).apply(&mut request);
        let measure = Measure::begin(&request, &shared.usual);
        let asked = Asked::by(&request).map(Box::new);
        let route = match shared.known.check(&request, asked.is_some()) {
            Ok(()) => Under::Left(self.inner.call(request)),
            Err(problem) => Under::Right(ready(Ok(problem.into_response()))),
        };
        Answering::Routing { route, measure, shared, asked }
    }
}

/// What is wrapped: the route, or the refusal that stands in its place.
type Under = Either<RouteFuture<Infallible>, Ready<Result<Response, Infallible>>>;

/// The answer to come.
#[expect(
    clippy::large_enum_variant,
    reason = "nearly all are the large one, and a box for it is what this avoids"
)]
pub(crate) enum Answering {
    /// From the route.
    Routing {
        /// Its own future.
        route: Under,
        /// Since when.
        measure: Measure,
        /// Of the endpoint.
        shared: Arc<Shared>,
        /// For a page in the place of a problem.
        asked: Option<Box<Asked>>,
    },
    /// A page in the place of a problem.
    Dressing(Pin<Box<dyn Future<Output = Response> + Send>>),
}

impl Future for Answering {
    type Output = Result<Response, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if let Self::Routing { route, measure, shared, asked } = &mut *self {
            // A handler that panicked is dropped and never polled again, so nobody sees what it left half done.
            let mut response = match catch_unwind(AssertUnwindSafe(|| Pin::new(route).poll(cx))) {
                Ok(answer) => std::task::ready!(answer).unwrap_or_else(|never| match never {}),
                Err(panic) => after_panic(&panic),
            };
            let kept = response.headers_mut().entry(header::X_CONTENT_TYPE_OPTIONS);
            kept.or_insert(HeaderValue::from_static("nosniff"));
            measure.end(response.status(), &shared.usual);
            guard_viewer(&mut response);
            keep_out_of_caches(response.headers_mut(), VARY);
            let Some(asked) = asked.take() else { return Poll::Ready(Ok(response)) };
            let page = page_for(shared.app.clone(), *asked, response);
            *self = Self::Dressing(Box::pin(page));
        }
        match &mut *self {
            Self::Routing { .. } => unreachable!("it became the other above"),
            Self::Dressing(page) => page.as_mut().poll(cx).map(Ok),
        }
    }
}

fn after_panic(_: &Box<dyn Any + Send>) -> Response {
    Problem::internal(&"a handler panicked").into_response()
}
