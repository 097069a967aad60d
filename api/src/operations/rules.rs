//! `GET /v1/rules`: which version of the rules is in force.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use hourbook_ledger::domain::rules::NEWEST;
use serde::Serialize;
use utoipa::ToSchema;

use crate::problem::{Document, Problem};
use crate::state::App;

/// Versions of the rules.
#[derive(Serialize, ToSchema)]
pub struct RulesOut {
    /// The version that decides about the next event.
    pub version: u32,
    /// The newest that this program knows. A founder adopts it by a `rules-adopted` event; what was derived before stays.
    pub newest: u32,
}

/// Which version of the rules is in force.
#[utoipa::path(get, path = "/v1/rules", tag = "ledger",
    responses((status = 200, body = RulesOut), (status = 503, description = "stopped", body = Document)))]
pub async fn rules(State(app): State<Arc<App>>) -> Result<Json<RulesOut>, Problem> {
    let version = app.handle.read_state(|state, _| state.rules.version()).await?;
    Ok(Json(RulesOut { version, newest: NEWEST }))
}
