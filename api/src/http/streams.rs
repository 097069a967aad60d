//! `GET /v1/streams/{kind}/{id}`: the revision that a signer should expect.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use hourbook_ledger::domain::event::{Stream, StreamKind};
use hourbook_ledger::domain::ids::EventId;
use serde::Serialize;
use utoipa::ToSchema;

use super::names::{stream_kind, stream_kind_named};
use super::parts::Path;
use super::problem::{Document, Fault, Problem};
use super::reading::AsOf;
use crate::app::App;

/// How far a stream has come.
#[derive(Serialize, ToSchema)]
pub struct StreamOut {
    /// The kind of aggregate.
    pub kind: &'static str,
    /// Its id; all zeros for the ledger itself.
    #[schema(format = "uuid")]
    pub id: String,
    /// The revision of its last event, to be expected by the next one; none if it has no event yet.
    pub revision: Option<u64>,
}

/// The revision of a stream's last event, as the writer knows it: it needs no `min_position`.
#[utoipa::path(get, path = "/v1/streams/{kind}/{id}", tag = "events",
    params(("kind" = String, Path, description = "`ledger`, `org`, `person`, `policy`, `activity`, `hours`, `account`, \
        `hold`, `wish`, `list`, `session` or `access`"), ("id" = String, Path, format = "uuid")),
    responses((status = 200, body = AsOf<StreamOut>), (status = 400, body = Document), (status = 404, body = Document)))]
pub async fn stream(
    State(app): State<Arc<App>>,
    Path((kind, id)): Path<(String, EventId)>,
) -> Result<Json<AsOf<StreamOut>>, Problem> {
    let kind: StreamKind = stream_kind_named(&kind).ok_or(Fault::NotFound)?;
    let stream = Stream { kind, id: id.0 };
    let reader = app.reader.clone();
    let look = move |state: &hourbook_ledger::domain::State, _| (reader.head().size, state.revision(&stream));
    let (size, revision) = app.handle.look(look).await?;
    let answer = StreamOut { kind: stream_kind(kind), id: id.to_string(), revision };
    Ok(Json(AsOf::at(size, answer)))
}
