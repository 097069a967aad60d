//! What the framework refuses before a service sees it, in the words of all other refusals: it calls bytes that cannot be
//! read an internal error, and says no code.

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use hourbook_ledger::domain::Code as Rule;
use tonic::{Code, Status};

use crate::http::extract::keep_out_of_caches;
use crate::problem::{Fault, Problem};

/// Middleware: requests that are not gRPC are refused over HTTP, those that cannot be read as `malformed` or `too-large`.
pub(super) async fn tell(request: Request, next: Next) -> Response {
    let kind = request.headers().get(CONTENT_TYPE).map(|kind| kind.as_bytes());
    if !kind.is_some_and(|kind| kind.starts_with(b"application/grpc")) {
        return Fault::UnsupportedMediaType
            .because("this path speaks gRPC: application/grpc")
            .into_response();
    }
    let mut response = next.run(request).await;
    keep_out_of_caches(response.headers_mut(), "authorization");
    // Only a refusal without any answer has its status in the head.
    match Status::from_header_map(response.headers()).as_ref().and_then(problem) {
        Some(problem) => Status::from(problem).into_http::<Body>().into_response(),
        None => response,
    }
}

/// What is meant by a status that is not ours: ours have details.
fn problem(status: &Status) -> Option<Problem> {
    if !status.details().is_empty() {
        return None;
    }
    match status.code() {
        Code::OutOfRange => Some(Rule::TooLarge.because(status.message()).into()),
        Code::Internal => Some(Rule::Malformed.because(status.message()).into()),
        _ => None,
    }
}
