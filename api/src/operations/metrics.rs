//! `GET /metrics`: figures for Prometheus.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use hourbook_ledger::engine::TILE_WIDTH;

use crate::state::App;

/// Figures for Prometheus. No label names a person.
#[utoipa::path(get, path = "/metrics", tag = "operation",
    responses((status = 200, description = "Prometheus text", body = String, content_type = "text/plain")))]
pub async fn metrics(State(app): State<Arc<App>>) -> Response {
    let size = app.reader.head().size;
    ::metrics::gauge!("hourbook_log_size").set(size as f64);
    ::metrics::gauge!("hourbook_read_behind").set(size.saturating_sub(app.read.as_of()) as f64);
    let archive = app.reader.archive();
    let (entries, is_failing) = archive.map_or((0, false), |a| (a.bundles * TILE_WIDTH, a.failure.is_some()));
    ::metrics::gauge!("hourbook_archived_entries").set(entries as f64);
    ::metrics::gauge!("hourbook_archive_failing").set(f64::from(u8::from(is_failing)));
    app.metrics.run_upkeep();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], app.metrics.render()).into_response()
}
