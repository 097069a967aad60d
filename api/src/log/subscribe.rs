//! `GET /v1/subscribe`: the log as server-sent events.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use hourbook_ledger::domain::event::{BodyKind, Stream as EventStream};
use hourbook_ledger::domain::ids::{EventId, OrgId, PersonId};
use serde::{Deserialize, Serialize};
use tokio_stream::{Stream, StreamExt as _};
use utoipa::{IntoParams, ToSchema};

use super::feed::{self, End, Filter, Step};
use super::proofs::EntryOut;
use crate::auth::token::Session;
use crate::http::extract::Query;
use crate::http::names::stream_kind_named;
use crate::problem::{Document, Fault, Problem};
use crate::state::App;

/// What to follow. Lists are separated by commas; between the lists all must be met, within one any will do.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// The first position wanted, by default the first of all. `Last-Event-ID` goes before it.
    from: Option<u64>,
    /// Kinds of event, such as `hours-recorded,hours-confirmed`. At most 64.
    kind: Option<String>,
    /// Streams as kind and id, such as `org/01890a5d-ac96-774b-bcce-b302099a8057`. At most 64.
    stream: Option<String>,
    /// Ids of organisations that the event itself names. At most 64.
    org: Option<String>,
    /// Ids of persons who asserted the event or for whom it was asserted. At most 64.
    actor: Option<String>,
}

/// Data of a `caught-up` event.
#[derive(Serialize, ToSchema)]
pub struct CaughtUpOut {
    /// The position to go on from.
    pub next_position: u64,
}

/// Data of an `end` event.
#[derive(Serialize, ToSchema)]
pub struct EndOut {
    /// The position to go on from.
    pub resume_from: u64,
    /// Why the server ended it.
    pub problem: Document,
}

fn list<T>(name: &str, text: Option<&str>, read: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, Problem> {
    let parts: Vec<&str> = text.into_iter().flat_map(|text| text.split(',')).collect();
    if parts.len() > Filter::MAX_VALUES {
        let most = Filter::MAX_VALUES;
        return Err(Fault::BadRequest.because(format_args!("{name}: {} values, at most {most}", parts.len())));
    }
    let bad = |part: &str| Fault::BadRequest.because(format_args!("{name}: there is no `{part}`"));
    parts.into_iter().map(|part| read(part).ok_or_else(|| bad(part))).collect()
}

fn stream(text: &str) -> Option<EventStream> {
    let (kind, id) = text.split_once('/')?;
    Some(EventStream { kind: stream_kind_named(kind)?, id: id.parse::<EventId>().ok()?.0 })
}

impl Wanted {
    fn filter(&self) -> Result<Filter, Problem> {
        Ok(Filter {
            kinds: list("kind", self.kind.as_deref(), BodyKind::named)?,
            streams: list("stream", self.stream.as_deref(), stream)?,
            orgs: list("org", self.org.as_deref(), |id| id.parse::<OrgId>().ok())?,
            actors: list("actor", self.actor.as_deref(), |id| id.parse::<PersonId>().ok())?,
        })
    }

    /// Where to begin: after the last event that a browser has seen, else where it was asked for.
    fn begin(&self, headers: &HeaderMap) -> Result<u64, Problem> {
        let Some(last) = headers.get("last-event-id") else { return Ok(self.from.unwrap_or(0)) };
        let last = last.to_str().ok().and_then(|text| text.parse::<u64>().ok());
        let next = last.and_then(|last| last.checked_add(1));
        next.ok_or_else(|| Fault::BadRequest.because("Last-Event-ID: not a position"))
    }
}

/// Follows the log, for auditors of the whole ledger: first what is there, then what comes, nothing twice and nothing left
/// out. Each event is an `entry` with its position as id, so a browser that connects again goes on where it was. A
/// `caught-up` says that there is nothing more just now. If the server ends it, an `end` says why and where to go on: the
/// reader took nothing for too long, the server ends, the session is over. Silence is broken by comments.
#[utoipa::path(get, path = "/v1/subscribe", tag = "events", params(Wanted,
        ("Last-Event-ID" = Option<u64>, Header, description = "The last position that was seen")),
    security(("token" = []), ("cookie" = [])),
    responses((status = 200, body = EntryOut, content_type = "text/event-stream"), (status = 400, body = Document),
        (status = 401, body = Document), (status = 403, description = "auditors-only", body = Document),
        (status = 503, description = "busy, ending", body = Document)))]
pub async fn subscribe(
    State(app): State<Arc<App>>,
    session: Option<Session>,
    headers: HeaderMap,
    Query(wanted): Query<Wanted>,
) -> Result<([(HeaderName, &'static str); 1], Sse<impl Stream<Item = Result<Event, axum::Error>>>), Problem> {
    let (from, filter) = (wanted.begin(&headers)?, wanted.filter()?);
    let steps = feed::follow(&app, session, from, filter, None).await?;
    let beat = app.feed.heartbeat;
    let events = steps.map(move |step| match step {
        Ok(Step::Entry(logged)) => {
            let entry = EntryOut::of(&app, logged.position, &logged.bytes).map_err(axum::Error::new)?;
            Event::default().id(logged.position.to_string()).event("entry").json_data(entry)
        }
        Ok(Step::CaughtUp(next_position)) => {
            let told = Event::default().event("caught-up").json_data(CaughtUpOut { next_position })?;
            Ok(match next_position.checked_sub(1) {
                Some(last) => told.id(last.to_string()),
                None => told,
            })
        }
        Err(End { problem, resume_from }) => {
            Event::default().event("end").json_data(EndOut { resume_from, problem: problem.document() })
        }
    });
    let kept = Sse::new(events).keep_alive(KeepAlive::new().interval(beat));
    Ok(([(header::CACHE_CONTROL, "no-store")], kept))
}
