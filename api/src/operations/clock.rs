//! `GET /v1/clock`: whether the server's clock is believed.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use hourbook_ledger::wire;
use serde::Serialize;
use utoipa::ToSchema;

use crate::problem::{Document, Problem};
use crate::state::App;

/// The server's clock, and recorded time.
#[derive(Serialize, ToSchema)]
pub struct ClockOut {
    /// `believed`; `ahead`: more than 35 days after the last entry at the start; `leapt`: it went forward by more than an hour
    /// while the server ran; `behind`: more than an hour before the last entry. Nothing is recorded unless it is believed.
    pub state: &'static str,
    /// By how many milliseconds it is off, if it is not believed; below zero if it is behind.
    pub off_ms: i64,
    /// What it says, Unix milliseconds.
    pub now_ms: i64,
    /// When the last entry was recorded, Unix milliseconds: what a founder's `clock-corrected` event names.
    pub last_recorded_ms: i64,
}

/// Whether the server's clock is believed.
#[utoipa::path(get, path = "/v1/clock", tag = "operation",
    responses((status = 200, body = ClockOut), (status = 503, description = "stopped", body = Document)))]
pub async fn clock(State(app): State<Arc<App>>) -> Result<Json<ClockOut>, Problem> {
    // After a look everything that was decided is durable, and the clock was judged.
    app.handle.read_state(|_, _| ()).await?;
    let fault = app.handle.clock_fault();
    let size = app.reader.head().size;
    let last = app.reader.entry(size.saturating_sub(1))?;
    let last = last.ok_or_else(|| Problem::internal(&"the last entry is not there"))?;
    let entry = wire::decode_entry(&last).map_err(|error| Problem::internal(&error))?;
    Ok(Json(ClockOut {
        state: fault.map_or("believed", |fault| fault.name()),
        off_ms: fault.map_or(0, |fault| fault.off()),
        now_ms: app.now().0,
        last_recorded_ms: entry.recorded_at.0,
    }))
}
