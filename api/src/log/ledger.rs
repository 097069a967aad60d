//! `GET /v1/ledger`, `/checkpoint`, `/log.vkey`: the log as anybody can check it.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hourbook_ledger::merkle::leaf_hash;
use hourbook_ledger::wire;
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::extract::stamp;
use crate::problem::Problem;
use crate::state::App;

/// What the ledger is and how far it has come.
#[derive(Serialize, ToSchema)]
pub struct LedgerOut {
    /// The number of entries that the answer rests on: the size of the tree.
    pub as_of_position: u64,
    /// Its name.
    pub origin: String,
    /// Fixed distance from UTC in minutes.
    pub utc_offset_minutes: i32,
    /// When it was founded.
    #[schema(format = "date-time")]
    pub founded_at: String,
    /// Hex of the leaf hash of the founding event, position 0.
    pub founding_leaf: String,
    /// Entries on the log.
    pub size: u64,
    /// Base64 of the root of the tree (RFC 6962).
    pub root: String,
    /// Verifies checkpoints (C2SP signed-note).
    pub vkey: String,
}

/// What the ledger is and how far it has come.
#[utoipa::path(get, path = "/v1/ledger", tag = "ledger", responses((status = 200, body = LedgerOut)))]
pub async fn ledger(State(app): State<Arc<App>>) -> Result<Json<LedgerOut>, Problem> {
    let head = app.reader.head();
    let first =
        app.reader.entry(0)?.ok_or_else(|| Problem::internal(&"a ledger without a founding event"))?;
    let entry = wire::decode_entry(&first).map_err(|error| Problem::internal(&error))?;
    let offset = app.offset();
    Ok(Json(LedgerOut {
        as_of_position: head.size,
        origin: app.origin.to_string(),
        utc_offset_minutes: offset.0,
        founded_at: stamp(entry.recorded_at, offset),
        founding_leaf: hex::encode(leaf_hash(&first)),
        size: head.size,
        root: STANDARD.encode(head.root),
        vkey: app.log_key.to_string(),
    }))
}

/// Plain text that may be out of date a moment later.
type Text = ([(HeaderName, &'static str); 2], Vec<u8>);

fn text(bytes: &[u8]) -> Text {
    let headers = [(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
    (headers, bytes.to_vec())
}

/// The signed tree head (C2SP tlog-checkpoint).
#[utoipa::path(get, path = "/checkpoint", tag = "ledger",
    responses((status = 200, body = String, content_type = "text/plain")))]
pub async fn checkpoint(State(app): State<Arc<App>>) -> Text {
    text(&app.reader.head().checkpoint)
}

/// The key that verifies checkpoints, as one line.
#[utoipa::path(get, path = "/log.vkey", tag = "ledger",
    responses((status = 200, body = String, content_type = "text/plain")))]
pub async fn vkey(State(app): State<Arc<App>>) -> Text {
    text(format!("{}\n", app.log_key).as_bytes())
}
