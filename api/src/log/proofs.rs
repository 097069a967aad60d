//! `GET /v1/events/{position}`, `/v1/events/{position}/proof` and `/v1/consistency`: an entry, that it is on the log, and
//! that the log only grew.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hourbook_ledger::merkle::leaf_hash;
use hourbook_ledger::wire;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};

use super::events::DsseEnvelope;
use super::proving::{Prover, ProvingError};
use crate::auth::token::Session;
use crate::auth::visibility::{may_see_entries, note_entries};
use crate::http::extract::{Path, Query, stamp};
use crate::problem::{Document, Fault, Problem};
use crate::state::App;

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
        return Err(if audits { Fault::NotFound } else { Fault::NotForYou }.into());
    };
    let entry = wire::decode_entry(&bytes).map_err(|error| Problem::internal(&error))?;
    let event = wire::decode_event(&entry.signed.payload).map_err(|error| Problem::internal(&error))?;
    // Whoever asserted it knows what it says.
    if event.actor != asked_by {
        if !audits {
            return Err(Fault::NotForYou.into());
        }
        note_entries(&app, asked_by).await?;
    }
    Ok(Json(EntryOut::of(&app, position, &bytes)?))
}

impl EntryOut {
    /// An entry as it is shown.
    ///
    /// # Errors
    /// If it is not what this program writes.
    pub(crate) fn of(app: &App, position: u64, bytes: &[u8]) -> Result<Self, Problem> {
        let entry = wire::decode_entry(bytes).map_err(|error| Problem::internal(&error))?;
        let envelope = RawValue::from_string(entry.signed.to_json());
        Ok(Self {
            position,
            recorded_at: stamp(entry.recorded_at, app.offset()),
            revision: entry.revision,
            leaf_hash: hex::encode(leaf_hash(bytes)),
            entry: hex::encode(bytes),
            envelope: envelope.map_err(|error| Problem::internal(&error))?,
        })
    }
}

/// That an entry is on the log under the newest checkpoint, as a file that anybody can check offline (C2SP tlog-proof).
/// It holds hashes only; whoever has the receipt knows the leaf hash that goes with it.
#[utoipa::path(get, path = "/v1/events/{position}/proof", tag = "events", params(("position" = u64, Path)),
    responses((status = 200, body = String, content_type = "text/plain"), (status = 404, body = Document)))]
pub async fn proof(State(app): State<Arc<App>>, Path(position): Path<u64>) -> Result<Response, Problem> {
    let proof = match Prover::new(app.reader.clone()).receipt(position) {
        Err(ProvingError::Beyond { .. }) => return Err(Fault::NotFound.into()),
        made => made.map_err(|error| Problem::internal(&error))?,
    };
    let name = format!("attachment; filename=\"{position}.tlog-proof\"");
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, name),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, proof.to_string()).into_response())
}

/// Between which sizes.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Sizes {
    /// Entries of the older tree; 0 is the empty one.
    pub from: u64,
    /// Entries of the newer tree, at most those under the newest checkpoint, which is the default.
    pub to: Option<u64>,
}

/// That a tree only appends to an older one (RFC 6962, 2.1.2).
#[derive(Serialize, ToSchema)]
pub struct ConsistencyOut {
    /// Entries of the older tree.
    pub from: u64,
    /// Entries of the newer tree.
    pub to: u64,
    /// Base64 of the older root; believe the one of a checkpoint that you kept, not this.
    pub from_root: String,
    /// Base64 of the newer root.
    pub to_root: String,
    /// Base64 of each hash of the proof, at most 64. Empty if the sizes are equal or the older tree is empty.
    pub hashes: Vec<String>,
    /// The newest checkpoint, if the newer tree is the one that it signs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checkpoint: Option<String>,
}

/// That the log at one size is a prefix of the log at another, for any two sizes that it has had.
#[utoipa::path(get, path = "/v1/consistency", tag = "ledger", params(Sizes),
    responses((status = 200, body = ConsistencyOut),
        (status = 400, description = "bad-sizes, bad-request", body = Document, content_type = "application/problem+json")))]
pub async fn consistency(
    State(app): State<Arc<App>>,
    Query(sizes): Query<Sizes>,
) -> Result<([(HeaderName, &'static str); 1], Json<ConsistencyOut>), Problem> {
    let prover = Prover::new(app.reader.clone());
    let head = prover.head();
    let (from, to) = (sizes.from, sizes.to.unwrap_or(head.size));
    let failed = |error: ProvingError| match error {
        ProvingError::Beyond { size } => Fault::BadSizes.because(format_args!("the log has {size} entries")),
        broken => Problem::internal(&broken),
    };
    let hashes = prover.consistency(from, to).map_err(failed)?;
    let root = |size| prover.root(size).map(|root| STANDARD.encode(root)).map_err(failed);
    let checkpoint = (to == head.size).then(|| String::from_utf8_lossy(&head.checkpoint).into_owned());
    let (from_root, to_root) = (root(from)?, root(to)?);
    let hashes = hashes.iter().map(|hash| STANDARD.encode(hash)).collect();
    let answer = ConsistencyOut { from, to, from_root, to_root, hashes, checkpoint };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(answer)))
}
