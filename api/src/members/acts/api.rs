//! `/v1/acts`: what was asserted and has no effect yet, because somebody else has to stand for it or a term runs.

use std::sync::Arc;

use axum::extract::State;
use hourbook_ledger::domain::ids::EventId;
use hourbook_projections::Models;
use hourbook_projections::waiting::{Act, Standing};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::auth::token::Session;
use crate::auth::visibility::{Part, Seen, Viewer, Visibility};
use crate::http::as_of::{AsOf, AtLeast, reach};
use crate::http::extract::{Json, Path, Query, page_size, stamp};
use crate::problem::{Document, Fault, Problem};
use crate::state::App;

/// Acts on a page at most, and if nothing is said.
const MOST: usize = 100;

/// Which acts.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ActsQuery {
    /// Only acts asserted after this position: where the page before ended.
    after: Option<u64>,
    /// How many, 1 to 100.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<usize>,
    /// The answer must know the event at this position.
    min_position: Option<u64>,
}

/// An act that waits or waited.
#[derive(Serialize, ToSchema)]
pub struct ActOut {
    /// Id of the event that asserted it: what an approval or a stop names.
    #[schema(format = "uuid")]
    pub act: String,
    /// The kind of event, such as `erasure-requested`.
    pub kind: &'static str,
    /// `needs-approval`, `term`, `took-effect` or `stopped`.
    pub standing: &'static str,
    /// It concerns the reader, who may call it off while a term runs or the other side is asked.
    pub about_you: bool,
    /// Whom it concerns, if the reader may be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "uuid")]
    pub person: Option<String>,
    /// The name of whoever asserted it, as far as the reader may see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The name of whoever stood for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved_by: Option<String>,
    /// When it was asserted.
    #[schema(format = "date-time")]
    pub at: String,
    /// It does not take effect before then.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "date-time")]
    pub due: Option<String>,
    /// Position of the assertion.
    pub position: u64,
    /// Position of the event that brought it to where it stands.
    pub since: u64,
}

/// Acts, in the order of assertion.
#[derive(Serialize, ToSchema)]
pub struct ActsOut {
    /// Those that still wait and that the reader has a part in.
    pub acts: Vec<ActOut>,
    /// Where the next page begins: what to give as `after`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<u64>,
}

/// The name of a standing.
#[must_use]
pub fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::NeedsApproval => "needs-approval",
        Standing::Term => "term",
        Standing::TookEffect => "took-effect",
        Standing::Stopped => "stopped",
    }
}

fn show(
    app: &App,
    models: &Models,
    visibility: &Visibility<'_>,
    seen: &Seen,
    (id, act, part): (EventId, &Act, Part),
) -> Result<ActOut, Problem> {
    let offset = models.directory.offset();
    if let (Part::Office(role, org), Some(person)) = (part, act.subject) {
        seen.found(role, org, [person]);
    }
    let person = act.subject.filter(|person| visibility.is(*person) || visibility.id_of(*person));
    Ok(ActOut {
        act: id.to_string(),
        kind: act.event.body.kind().name(),
        standing: standing(act.standing),
        about_you: part == Part::Subject,
        person: person.map(|person| person.to_string()),
        by: app.actor_name(visibility, act.event.actor)?,
        approved_by: act.approved_by.map(|by| app.actor_name(visibility, by)).transpose()?.flatten(),
        at: stamp(act.at, offset),
        due: act.due.map(|due| stamp(due, offset)),
        position: act.position,
        since: act.since,
    })
}

/// What waits and concerns the reader, was asserted by the reader, or is about an organisation or home that the reader speaks
/// for. A look at somebody else's is recorded.
#[utoipa::path(get, path = "/v1/acts", operation_id = "list_acts", tag = "acts", params(ActsQuery),
    security(("token" = []), ("cookie" = [])),
    responses((status = 200, body = AsOf<ActsOut>), (status = 400, body = Document), (status = 401, body = Document)))]
pub async fn list(
    State(app): State<Arc<App>>,
    session: Session,
    Query(query): Query<ActsQuery>,
) -> Result<Json<AsOf<ActsOut>>, Problem> {
    reach(&app, query.min_position).await?;
    let limit = page_size(query.limit, MOST, MOST)?;
    let (viewer, seen) = (Viewer::from(Some(session)), Seen::default());
    let answer = {
        let models = app.read.read();
        let visibility = app.visibility(viewer, &models);
        let after = |act: &Act| query.after.is_none_or(|after| act.position > after);
        let mine = models
            .waiting
            .open()
            .filter(|(_, act)| after(act))
            .filter_map(|(id, act)| visibility.part_in(&models, act).map(|part| (id, act, part)));
        let mut page: Vec<_> = mine.take(limit + 1).collect();
        let more = page.len() > limit;
        page.truncate(limit);
        let next = page.last().filter(|_| more).map(|(_, act, _)| act.position);
        let acts = page.into_iter().map(|found| show(&app, &models, &visibility, &seen, found));
        let acts = acts.collect::<Result<_, _>>()?;
        AsOf::at(models.as_of(), ActsOut { acts, next })
    };
    seen.record(&app, viewer).await?;
    Ok(Json(answer))
}

/// An act that waits or waited, for those who have a part in it.
#[utoipa::path(get, path = "/v1/acts/{act}", operation_id = "one_act", tag = "acts",
    params(("act" = String, Path, format = "uuid"), AtLeast),
    security(("token" = []), ("cookie" = [])),
    responses((status = 200, body = AsOf<ActOut>), (status = 401, body = Document), (status = 404, body = Document)))]
pub async fn one(
    State(app): State<Arc<App>>,
    session: Session,
    Path(id): Path<EventId>,
    Query(at): Query<AtLeast>,
) -> Result<Json<AsOf<ActOut>>, Problem> {
    at.wait(&app).await?;
    let (viewer, seen) = (Viewer::from(Some(session)), Seen::default());
    let answer = {
        let models = app.read.read();
        let visibility = app.visibility(viewer, &models);
        let found = models.waiting.get(id);
        let found = found.and_then(|act| visibility.part_in(&models, act).map(|part| (id, act, part)));
        let out = show(&app, &models, &visibility, &seen, found.ok_or(Fault::NotFound)?)?;
        AsOf::at(models.as_of(), out)
    };
    seen.record(&app, viewer).await?;
    Ok(Json(answer))
}
