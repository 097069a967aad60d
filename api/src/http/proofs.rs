//! `GET /v1/events/{position}` and `/v1/events/{position}/proof`: an entry, and that it is on the log.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use hourbook_ledger::merkle::{ProveError, inclusion_proof, leaf_hash};
use hourbook_ledger::note::Note;
use hourbook_ledger::proof::TlogProof;
use hourbook_ledger::wire;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::events::DsseEnvelope;
use super::parts::{Path, stamp};
use super::problem::{Document, Fault, Problem};
use super::tiles::may_see_entries;
use crate::app::App;
use crate::session::Session;

/// An entry of the log.
#[derive(Serialize, ToSchema)]
pub struct EntryOut {
    /// Its index.
    pub position: u64,
    /// When it was recorded.
    #[schema(format = "date-time")]
    pub recorded_at: String,
    /// Its index in its stream.
    pub revision: u64,
    /// Hex of SHA-256(0x00 || entry).
    pub leaf_hash: String,
    /// Hex of the entry itself.
    pub entry: String,
    /// What was signed, as it came.
    #[schema(value_type = DsseEnvelope)]
    pub envelope: Box<RawValue>,
}

/// An entry as it is, for auditors of the whole ledger and for whoever asserted it.
#[utoipa::path(get, path = "/v1/events/{position}", tag = "events", params(("position" = u64, Path)),
    responses((status = 200, body = EntryOut), (status = 401, body = Document), (status = 403, body = Document),
        (status = 404, body = Document)))]
pub async fn entry(
    State(app): State<Arc<App>>,
    session: Option<Session>,
    Path(position): Path<u64>,
) -> Result<Json<EntryOut>, Problem> {
    let asked_by = session.ok_or(Fault::SignInRequired)?.person;
    let audits = may_see_entries(&app, session);
    let Some(bytes) = app.reader.entry(position)? else {
        audits?;
        return Err(Fault::NotFound.into());
    };
    let entry = wire::decode_entry(&bytes).map_err(|error| Problem::internal(&error))?;
    let event = wire::decode_event(&entry.signed.payload).map_err(|error| Problem::internal(&error))?;
    if event.actor != asked_by {
        audits?;
    }
    let envelope =
        RawValue::from_string(entry.signed.to_json()).map_err(|error| Problem::internal(&error))?;
    Ok(Json(EntryOut {
        position,
        recorded_at: stamp(entry.recorded_at, app.offset()),
        revision: entry.revision,
        leaf_hash: hex::encode(leaf_hash(&bytes)),
        entry: hex::encode(&bytes),
        envelope,
    }))
}

/// That an entry is on the log under the newest checkpoint, as a file that anybody can check offline (C2SP tlog-proof).
/// It holds hashes only; whoever has the receipt knows the leaf hash that goes with it.
#[utoipa::path(get, path = "/v1/events/{position}/proof", tag = "events", params(("position" = u64, Path)),
    responses((status = 200, body = String, content_type = "text/plain"), (status = 404, body = Document)))]
pub async fn proof(State(app): State<Arc<App>>, Path(position): Path<u64>) -> Result<Response, Problem> {
    let head = app.reader.head();
    if position >= head.size {
        return Err(Fault::NotFound.into());
    }
    let node = |level, index| {
        let found = app.reader.node(level, index)?;
        found.ok_or_else(|| Problem::internal(&"the tree lacks a node below its head"))
    };
    let hashes = inclusion_proof(position, head.size, node).map_err(|error| match error {
        ProveError::Read(problem) => problem,
        ProveError::IndexBeyondSize { .. } | ProveError::OldBeyondNew { .. } => Fault::NotFound.into(),
    })?;
    let checkpoint = Note::parse(&head.checkpoint).map_err(|error| Problem::internal(&error))?;
    let proof = TlogProof { extra: None, index: position, hashes, checkpoint };
    let name = format!("attachment; filename=\"{position}.tlog-proof\"");
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, name),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, proof.to_string()).into_response())
}
