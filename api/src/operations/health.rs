//! `/healthz` and `/readyz`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::problem::{Document, Fault, Problem};
use crate::state::App;

/// How the server is.
#[derive(Serialize, ToSchema)]
pub struct Health {
    /// `ok`
    pub status: &'static str,
    /// Entries on the log.
    pub size: u64,
    /// Entries that the read side has taken.
    pub as_of_position: u64,
}

fn health(app: &App) -> Health {
    let as_of_position = app.read.as_of();
    Health { status: "ok", size: app.reader.head().size, as_of_position }
}

/// The process answers.
#[utoipa::path(get, path = "/healthz", tag = "operation", responses((status = 200, body = Health)))]
pub async fn alive(State(app): State<Arc<App>>) -> Json<Health> {
    Json(health(&app))
}

/// The writer works and has room on its disk, its clock can be believed, and the read side is at most a group behind it.
#[utoipa::path(get, path = "/readyz", tag = "operation",
    responses((status = 200, body = Health), (status = 503, description = "stopped, disk-full, clock-in-doubt, not-yet", body = Document)))]
pub async fn ready(State(app): State<Arc<App>>) -> Result<Json<Health>, Problem> {
    // A look goes through the writer: it answers only if that is alive.
    app.handle.read_state(|_, _| ()).await?;
    if let Some(fault) = app.handle.clock_fault() {
        return Err(Fault::ClockInDoubt.because(fault));
    }
    app.handle.has_room()?;
    let health = health(&app);
    let behind = health.size.saturating_sub(health.as_of_position);
    if behind > hourbook_ledger::sequencer::MAX_BATCH as u64 {
        return Err(Fault::NotYet.because(format_args!("the read side is {behind} entries behind")));
    }
    Ok(Json(health))
}
