//! `GET /v1/hours`: rows of hours that an organisation recorded, for whoever records and confirms there.

use std::sync::Arc;

use axum::extract::State;
use hourbook_ledger::domain::event::{Looked, RecordClass, Scope};
use hourbook_ledger::domain::ids::{EventId, OrgId};
use hourbook_projections::record::shown::RowView;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::auth::token::Session;
use crate::auth::visibility::{RECORDERS, Seen, Viewer, Visibility};
use crate::http::as_of::{AsOf, reach};
use crate::http::extract::{Json, OrgIn, Query, ends, one_of, page_size};
use crate::http::names::{ActOut, OrgRef};
use crate::problem::{Document, Fault, Problem};
use crate::state::App;

const USUAL: usize = 100;
const MOST: usize = 500;

/// Which rows are asked for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct HoursQuery {
    /// See the description of reads.
    min_position: Option<u64>,
    /// Recorded by this organisation or one below it.
    #[param(inline)]
    org: Option<OrgIn>,
    /// Of activities of this title, word for word.
    title: Option<String>,
    /// Of this recording alone, by the event that recorded it.
    #[param(value_type = Option<String>, format = "uuid")]
    recorded: Option<String>,
    /// `pending`, `certified` or `corrected`.
    state: Option<String>,
    /// Where the page begins: `next` of the page before.
    before: Option<usize>,
    /// About how many rows: a recording is shown as a whole. 100 unless told.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<usize>,
}

/// A page of rows.
#[derive(Serialize, ToSchema)]
pub struct HoursOut {
    /// The rows, recording by recording, the last recorded first.
    pub rows: Vec<HoursRowOut>,
    /// Where the next page begins, to be passed as `before`; none if this is the last.
    pub next: Option<usize>,
}

/// One row of hours, as whoever confirms it reads it.
#[derive(Serialize, ToSchema)]
pub struct HoursRowOut {
    /// The event that recorded it.
    #[schema(format = "uuid")]
    pub recorded: String,
    /// The row's number in that event.
    pub row: u16,
    /// The organisation that recorded it.
    pub org: OrgRef,
    /// The activity's title.
    pub title: Option<String>,
    /// Who served, for readers who may see that person's record.
    #[schema(format = "uuid")]
    pub member: Option<String>,
    /// The name, as far as the reader may see it.
    pub name: Option<String>,
    /// When the service began.
    #[schema(format = "date-time")]
    pub start: String,
    /// When it ended.
    #[schema(format = "date-time")]
    pub end: String,
    /// `pending`, `certified` or `corrected`.
    pub state: &'static str,
    /// Certified minutes at present.
    pub minutes: u32,
    /// Entered afterwards (补录).
    pub late: bool,
    /// Who recorded it.
    pub recorder: ActOut,
    /// Who confirmed it.
    pub confirmer: Option<ActOut>,
}

const STATES: [&str; 3] = ["pending", "certified", "corrected"];

fn state_of(row: &RowView) -> &'static str {
    match (&row.correction, &row.confirmation) {
        (Some(_), _) => "corrected",
        (None, Some(_)) => "certified",
        (None, None) => "pending",
    }
}

/// Rows of hours that organisations recorded in which the reader may record and confirm. Whoever is named to the reader
/// finds a look.
#[utoipa::path(get, path = "/v1/hours", operation_id = "list_hours", tag = "hours", params(HoursQuery),
    security(("token" = []), ("cookie" = [])),
    responses((status = 200, body = AsOf<HoursOut>), (status = 400, body = Document), (status = 401, body = Document),
        (status = 403, body = Document)))]
pub async fn list(
    State(app): State<Arc<App>>,
    session: Session,
    Query(query): Query<HoursQuery>,
) -> Result<Json<AsOf<HoursOut>>, Problem> {
    let limit = page_size(query.limit, USUAL, MOST)?;
    one_of("state", query.state.as_deref(), &STATES, |state| state)?;
    let recorded = query.recorded.as_deref().map(str::parse::<EventId>).transpose();
    let recorded = recorded.map_err(|_| Fault::BadRequest.because("recorded: not an id"))?;
    reach(&app, query.min_position).await?;
    let (viewer, seen) = (Viewer::from(Some(session)), Seen::default());
    let answer = page(&app, (viewer, &seen), &query, recorded, limit)?;
    seen.record(&app, viewer).await?;
    Ok(Json(answer))
}

fn page(
    app: &App,
    (viewer, seen): (Viewer, &Seen),
    query: &HoursQuery,
    recorded: Option<EventId>,
    limit: usize,
) -> Result<AsOf<HoursOut>, Problem> {
    let models = app.read.read();
    let visibility = app.visibility(viewer, &models);
    if !records_somewhere(&visibility, query.org.map(|OrgIn(org)| org)) {
        return Err(Fault::NotForYou.into());
    }
    let (orgs, today) = (&models.directory.register().orgs, app.today());
    let wanted = |org: OrgId| {
        let within = query.org.is_none_or(|OrgIn(top)| orgs.covers(Scope::Org(top), org, today));
        within && visibility.holds(&RECORDERS, org)
    };
    let (mut rows, mut next) = (Vec::new(), None);
    for number in models.records.recordings_of(wanted, recorded, query.before) {
        if rows.len() >= limit {
            break;
        }
        next = Some(number).filter(|number| *number > 0);
        // Nobody is looked at whose row is not shown.
        let title = models.directory.activity(models.records.activity_of(number)).map(|one| one.title);
        if query.title.is_some() && app.value(title)? != query.title {
            continue;
        }
        for row in models.records.rows_of(&models.accounts, number) {
            if query.state.as_deref().is_none_or(|state| state == state_of(&row)) {
                seen.line(&visibility, Looked::Record, row.person);
                rows.push(shown(app, &visibility, &models, &row)?);
            }
        }
    }
    let next = next.filter(|_| rows.len() >= limit);
    Ok(AsOf::at(models.as_of(), HoursOut { rows, next }))
}

/// Whether the reader may record in an organisation; in any, if none is named.
fn records_somewhere(visibility: &Visibility<'_>, org: Option<OrgId>) -> bool {
    match org {
        Some(org) => visibility.holds(&RECORDERS, org),
        None => visibility.roles().any(|(role, _)| RECORDERS.contains(&role)),
    }
}

fn shown(
    app: &App,
    visibility: &Visibility<'_>,
    models: &hourbook_projections::Models,
    row: &RowView,
) -> Result<HoursRowOut, Problem> {
    let directory = &models.directory;
    let offset = directory.offset();
    let (start, end) = ends(row.interval, offset);
    let act = |act| ActOut::of(app, visibility, act, offset);
    Ok(HoursRowOut {
        recorded: row.recorded.to_string(),
        row: row.row,
        org: OrgRef::of(directory, row.org),
        title: app.value(directory.activity(row.activity).map(|activity| activity.title))?,
        member: visibility.id_of(row.person).then(|| row.person.to_string()),
        name: app.shown_name(visibility, row.person)?,
        start,
        end,
        state: state_of(row),
        minutes: row.minutes(),
        late: row.class != RecordClass::Normal,
        recorder: act(&row.recorder)?,
        confirmer: row.confirmation.as_ref().map(act).transpose()?,
    })
}
