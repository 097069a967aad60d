//! `GET /v1/streams/{kind}/{id}`: the revision that a signer should expect.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use hourbook_ledger::domain::State as Rules;
use hourbook_ledger::domain::event::{Stream, StreamKind};
use hourbook_ledger::domain::ids::{EventId, HoldId, PersonId, WishId};
use serde::Serialize;
use utoipa::ToSchema;

use super::names::{stream_kind, stream_kind_named};
use super::parts::Path;
use super::problem::{Document, Fault, Problem};
use super::reading::AsOf;
use crate::app::App;
use crate::session::Session;
use crate::visibility::Viewer;

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

/// The revision of a stream's last event, as the writer knows it: it needs no `min_position`. How often something happened
/// to a person is about that person: streams of kind `person`, `session`, `access`, `account` and `hold` are for
/// whoever may see the record, those of a wish or an act for whoever may see that.
#[utoipa::path(get, path = "/v1/streams/{kind}/{id}", tag = "events",
    params(("kind" = String, Path, description = "`ledger`, `org`, `person`, `policy`, `activity`, `hours`, `account`, \
        `hold`, `wish`, `list`, `session`, `access` or `act`"), ("id" = String, Path, format = "uuid")),
    security((), ("token" = []), ("cookie" = [])),
    responses((status = 200, body = AsOf<StreamOut>), (status = 400, body = Document), (status = 401, body = Document),
        (status = 403, body = Document), (status = 404, body = Document)))]
pub async fn stream(
    State(app): State<Arc<App>>,
    session: Option<Session>,
    Path((kind, id)): Path<(String, EventId)>,
) -> Result<Json<AsOf<StreamOut>>, Problem> {
    let kind: StreamKind = stream_kind_named(&kind).ok_or(Fault::NotFound)?;
    let stream = Stream { kind, id: id.0 };
    let reader = app.reader.clone();
    let holders = move |state: &Rules| match kind {
        StreamKind::Hold => state.credit.hold(HoldId(id.0)).map(|hold| vec![hold.from, hold.to]),
        _ => Some(Vec::new()),
    };
    let look = move |state: &Rules, _| {
        (reader.head().size, state.revision(&stream), holders(state).unwrap_or_default())
    };
    let (size, revision, holders) = app.handle.look(look).await?;
    if !may_see(&app, session, stream, &holders) {
        return Err(if session.is_some() { Fault::NotForYou } else { Fault::SignInRequired }.into());
    }
    let answer = StreamOut { kind: stream_kind(kind), id: id.to_string(), revision };
    Ok(Json(AsOf::at(size, answer)))
}

/// Whether somebody may know how far a stream has come. What is not there is answered as what is not for the reader, so
/// that ids cannot be guessed.
fn may_see(app: &App, session: Option<Session>, stream: Stream, holders: &[PersonId]) -> bool {
    let models = app.read.read();
    let sight = app.sight(Viewer::from(session), &models);
    let record = |person: PersonId| sight.record_of(person).is_some();
    let person = PersonId(stream.id);
    match stream.kind {
        StreamKind::Person | StreamKind::Session | StreamKind::Access => record(person),
        // Those of funds are of organisations, and the source of all credit is nobody's.
        StreamKind::Account => models.directory.person(person).is_none() || record(person),
        StreamKind::Hold => holders.iter().any(|person| record(*person)),
        StreamKind::Act => {
            let act = models.waiting.get(EventId(stream.id));
            act.is_some_and(|act| sight.part_in(&models, act).is_some())
        }
        StreamKind::Wish => models.wishes.get(WishId(stream.id)).is_some_and(|wish| sight.wish(wish)),
        StreamKind::Ledger
        | StreamKind::Org
        | StreamKind::Policy
        | StreamKind::Activity
        | StreamKind::Hours
        | StreamKind::List => true,
    }
}
