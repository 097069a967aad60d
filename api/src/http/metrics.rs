//! `/metrics`, and how requests are measured.
//!
//! | metric | kind | labels | meaning |
//! |---|---|---|---|
//! | `hourbook_events_total` | counter | `kind` | events made durable since the start |
//! | `hourbook_refusals_total` | counter | `code` | batches refused, by the code of the first refused event |
//! | `hourbook_problems_total` | counter | `code` | problem documents sent |
//! | `hourbook_batches_waiting` | gauge | | batches handed in and not answered yet |
//! | `hourbook_group_events` | histogram | | events of a commit group |
//! | `hourbook_log_size` | gauge | | entries on the log |
//! | `hourbook_read_behind` | gauge | | entries that the read side has yet to take |
//! | `hourbook_subscriptions` | gauge | | subscriptions that are open |
//! | `hourbook_subscriptions_ended_total` | counter | `code` | subscriptions that the server ended, by reason |
//! | `hourbook_http_seconds` | histogram | `method`, `route`, `status` | time to the head of an answer |

use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::app::App;

/// Names what each metric means.
pub(crate) fn describe() {
    metrics::describe_counter!("hourbook_events_total", "Events made durable since the start, by kind");
    metrics::describe_counter!("hourbook_refusals_total", "Batches refused, by code");
    metrics::describe_counter!("hourbook_problems_total", "Problem documents sent, by code");
    metrics::describe_gauge!("hourbook_batches_waiting", "Batches handed in and not answered yet");
    metrics::describe_histogram!("hourbook_group_events", "Events of a commit group");
    metrics::describe_gauge!("hourbook_log_size", "Entries on the log");
    metrics::describe_gauge!("hourbook_read_behind", "Entries that the read side has yet to take");
    metrics::describe_gauge!("hourbook_subscriptions", "Subscriptions that are open");
    metrics::describe_counter!(
        "hourbook_subscriptions_ended_total",
        "Subscriptions that the server ended, by reason"
    );
    metrics::describe_histogram!("hourbook_http_seconds", "Seconds to the head of an answer");
}

/// Figures for Prometheus. No label names a person.
#[utoipa::path(get, path = "/metrics", tag = "operation",
    responses((status = 200, description = "Prometheus text", body = String, content_type = "text/plain")))]
pub async fn metrics(State(app): State<Arc<App>>) -> Response {
    let size = app.reader.head().size;
    ::metrics::gauge!("hourbook_log_size").set(size as f64);
    ::metrics::gauge!("hourbook_read_behind").set(size.saturating_sub(app.read.as_of()) as f64);
    app.metrics.run_upkeep();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], app.metrics.render()).into_response()
}

/// Middleware: how long each route takes. The clock of the runtime is asked, since no rule depends on the answer.
pub async fn measure(request: Request, next: Next) -> Response {
    let begin = tokio::time::Instant::now();
    let method = request.method().as_str().to_owned();
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let response = next.run(request).await;
    let status = response.status().as_u16().to_string();
    ::metrics::histogram!("hourbook_http_seconds", "method" => method, "route" => route, "status" => status)
        .record(begin.elapsed().as_secs_f64());
    response
}
