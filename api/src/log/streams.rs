//! `GET /v1/streams/{kind}/{id}`: the revision that a signer should expect.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use hourbook_ledger::domain::State as Rules;
use hourbook_ledger::domain::event::{Stream, StreamKind};
use hourbook_ledger::domain::ids::{EventId, HoldId, OrgId, PersonId, WishId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::token::Session;
use crate::auth::visibility::{Viewer, look_at_record};
use crate::http::as_of::AsOf;
use crate::http::extract::Path;
use crate::http::names::{stream_kind, stream_kind_named};
use crate::problem::{Document, Fault, Problem};
use crate::state::App;

/// The id of the stream of the account from which all credit comes.
const ISSUANCE: [u8; 16] = [0; 16];

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
/// whoever may see the record, and a look by others is recorded; those of a wish or an act for whoever may see that.
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
    let (size, revision, holders) = app.handle.read_state(look).await?;
    let viewer = Viewer::from(session);
    for person in concerned(&app, viewer, stream, &holders)? {
        look_at_record(&app, viewer, person).await?;
    }
    let answer = StreamOut { kind: stream_kind(kind), id: id.to_string(), revision };
    Ok(Json(AsOf::at(size, answer)))
}

/// Whose record somebody has to be able to see who would know how far a stream has come. What is not there is answered as
/// what is not for the reader, so that ids cannot be guessed.
fn concerned(
    app: &App,
    viewer: Viewer,
    stream: Stream,
    holders: &[PersonId],
) -> Result<Vec<PersonId>, Problem> {
    let models = app.read.read();
    let visibility = app.visibility(viewer, &models);
    let visible = match stream.kind {
        StreamKind::Person | StreamKind::Session | StreamKind::Access => {
            return Ok(vec![PersonId(stream.id)]);
        }
        // Those of funds are of organisations, and the source of all credit is nobody's.
        StreamKind::Account => {
            let is_fund = models.directory.org(OrgId(stream.id)).is_some();
            if !is_fund && stream.id != ISSUANCE {
                return Ok(vec![PersonId(stream.id)]);
            }
            true
        }
        StreamKind::Hold => {
            let mut shown = holders.to_vec();
            shown.retain(|person| visibility.record_of(*person).is_some());
            if !shown.is_empty() {
                return Ok(shown);
            }
            false
        }
        StreamKind::Act => {
            let act = models.waiting.get(EventId(stream.id));
            act.is_some_and(|act| visibility.part_in(&models, act).is_some())
        }
        StreamKind::Wish => models.wishes.get(WishId(stream.id)).is_some_and(|wish| visibility.wish(wish)),
        StreamKind::Ledger
        | StreamKind::Org
        | StreamKind::Policy
        | StreamKind::Activity
        | StreamKind::Hours
        | StreamKind::List => true,
    };
    match (visible, viewer) {
        (true, _) => Ok(Vec::new()),
        (false, Viewer::Public) => Err(Fault::SignInRequired.into()),
        (false, Viewer::Person(..)) => Err(Fault::NotForYou.into()),
    }
}
