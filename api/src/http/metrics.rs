//! `/metrics`, and how requests are measured. The list of all metrics is [`METRICS`], which the operator's manual shows.

use std::sync::{Arc, LazyLock};

use axum::extract::{MatchedPath, Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use hourbook_ledger::engine::TILE_WIDTH;
use parking_lot::RwLock;
use rustc_hash::FxHashMap;

use crate::app::App;

/// What a metric is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts by size.
    Histogram,
}

/// A metric.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Metric {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub shape: Shape,
    /// Its labels. None names a person, an organisation or an address.
    pub labels: &'static [&'static str],
    /// What it counts, in what.
    pub meaning: &'static str,
}

const fn metric(
    name: &'static str,
    shape: Shape,
    labels: &'static [&'static str],
    meaning: &'static str,
) -> Metric {
    Metric { name, shape, labels, meaning }
}

/// Every metric that `/metrics` shows.
pub const METRICS: &[Metric] = &[
    metric("hourbook_events_total", Shape::Counter, &["kind"], "Events made durable since the start"),
    metric(
        "hourbook_refusals_total",
        Shape::Counter,
        &["code"],
        "Batches refused, by the code of the first refused event",
    ),
    metric("hourbook_problems_total", Shape::Counter, &["code"], "Problem documents and gRPC refusals sent"),
    metric("hourbook_batches_waiting", Shape::Gauge, &[], "Batches handed in and not answered yet"),
    metric("hourbook_group_events", Shape::Histogram, &[], "Events of a commit group"),
    metric("hourbook_log_size", Shape::Gauge, &[], "Entries on the log"),
    metric("hourbook_read_behind", Shape::Gauge, &[], "Entries that the read side has yet to take"),
    metric(
        "hourbook_archived_entries",
        Shape::Gauge,
        &[],
        "Entries that are in the archive and not in the store",
    ),
    metric(
        "hourbook_archive_failing",
        Shape::Gauge,
        &[],
        "1 while old entries cannot be moved to the archive; they stay in the store",
    ),
    metric("hourbook_connections", Shape::Gauge, &[], "Open connections"),
    metric("hourbook_subscriptions", Shape::Gauge, &[], "Open subscriptions"),
    metric(
        "hourbook_subscriptions_ended_total",
        Shape::Counter,
        &["code"],
        "Subscriptions that the server ended, by reason",
    ),
    metric(
        "hourbook_http_seconds",
        Shape::Histogram,
        &["method", "route", "status"],
        "Seconds to the head of an answer",
    ),
];

/// The list as a table for the manual.
#[must_use]
pub fn markdown() -> String {
    let mut text = String::from("| metric | kind | labels | meaning |\n|---|---|---|---|\n");
    for Metric { name, shape, labels, meaning } in METRICS {
        let labels = labels.iter().map(|label| format!("`{label}`")).collect::<Vec<_>>().join(", ");
        let shape = format!("{shape:?}").to_lowercase();
        text.push_str(&format!("| `{name}` | {shape} | {labels} | {meaning} |\n"));
    }
    text
}

/// Names what each metric means.
pub(crate) fn describe() {
    for Metric { name, shape, meaning, .. } in METRICS {
        match shape {
            Shape::Counter => ::metrics::describe_counter!(*name, *meaning),
            Shape::Gauge => ::metrics::describe_gauge!(*name, *meaning),
            Shape::Histogram => ::metrics::describe_histogram!(*name, *meaning),
        }
    }
}

/// Figures for Prometheus. No label names a person.
#[utoipa::path(get, path = "/metrics", tag = "operation",
    responses((status = 200, description = "Prometheus text", body = String, content_type = "text/plain")))]
pub async fn metrics(State(app): State<Arc<App>>) -> Response {
    let size = app.reader.head().size;
    ::metrics::gauge!("hourbook_log_size").set(size as f64);
    ::metrics::gauge!("hourbook_read_behind").set(size.saturating_sub(app.read.as_of()) as f64);
    if let Some(archive) = app.reader.archive() {
        ::metrics::gauge!("hourbook_archived_entries").set((archive.bundles * TILE_WIDTH) as f64);
        ::metrics::gauge!("hourbook_archive_failing").set(f64::from(u8::from(archive.failure.is_some())));
    }
    app.metrics.run_upkeep();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], app.metrics.render()).into_response()
}

/// Methods that have a route; anything else is `other`, so that nobody can invent labels.
const METHODS: [&str; 6] = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"];

/// Histograms by status and method, then by route. Looking one up costs less than naming it anew at every request.
type Latencies = FxHashMap<(u16, &'static str), FxHashMap<String, ::metrics::Histogram>>;

static LATENCIES: LazyLock<RwLock<Latencies>> = LazyLock::new(RwLock::default);

/// Middleware: how long each route takes. The clock of the runtime is asked, since no rule depends on the answer.
pub async fn measure(request: Request, next: Next) -> Response {
    let begin = tokio::time::Instant::now();
    let method = METHODS.into_iter().find(|known| *known == request.method().as_str()).unwrap_or("other");
    let route = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    let route = route.as_ref().map_or("none", MatchedPath::as_str);
    let status = response.status().as_u16();
    // The route, never the path: that names people.
    tracing::debug!(method, route, status, micros = begin.elapsed().as_micros() as u64, "answered");
    note(status, method, route, begin.elapsed().as_secs_f64());
    response
}

fn note(status: u16, method: &'static str, route: &str, seconds: f64) {
    let key = (status, method);
    if let Some(known) = LATENCIES.read().get(&key).and_then(|routes| routes.get(route)) {
        return known.record(seconds);
    }
    let (code, name) = (status.to_string(), route.to_owned());
    let new =
        ::metrics::histogram!("hourbook_http_seconds", "method" => method, "route" => name, "status" => code);
    new.record(seconds);
    LATENCIES.write().entry(key).or_default().insert(route.to_owned(), new);
}
