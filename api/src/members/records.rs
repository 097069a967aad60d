//! `GET /v1/members/{id}/records`: a member's service record, each row with the reasons why it counts.

use std::sync::Arc;

use axum::extract::State;
use hourbook_ledger::domain::event::RecordClass;
use hourbook_ledger::domain::ids::PersonId;
use hourbook_ledger::domain::time::Offset;
use hourbook_projections::Models;
use hourbook_projections::record::shown::RowView;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::auth::token::Session;
use crate::auth::visibility::{Viewer, Visibility, look_at_record};
use crate::http::as_of::{AsOf, reach};
use crate::http::extract::{Json, Path, Query, ends, page_size};
use crate::http::names::{ActOut, OrgRef};
use crate::problem::{Document, Problem};
use crate::state::App;

const USUAL: usize = 50;
const MOST: usize = 200;

/// Which rows are asked for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RecordsQuery {
    /// See the description of reads.
    min_position: Option<u64>,
    /// Where the page begins: `next` of the page before. What is recorded meanwhile moves no row to another page.
    before: Option<usize>,
    /// How many rows; 50 unless told.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<usize>,
}

/// A member's service record.
#[derive(Serialize, ToSchema)]
pub struct RecordsOut {
    /// The member.
    #[schema(format = "uuid")]
    pub member: String,
    /// Certified minutes in all.
    pub certified_minutes: u32,
    /// Minutes of rows that wait for confirmation.
    pub pending_minutes: u32,
    /// How many rows there are in all.
    pub rows_in_all: usize,
    /// The rows of this page, the last recorded first.
    pub rows: Vec<RowOut>,
    /// Where the next page begins, to be passed as `before`; none if this is the last.
    pub next: Option<usize>,
}

/// One row of hours.
#[derive(Serialize, ToSchema)]
pub struct RowOut {
    /// The event that recorded it.
    #[schema(format = "uuid")]
    pub recorded: String,
    /// The row's index in that event.
    pub row: u16,
    /// The activity.
    #[schema(format = "uuid")]
    pub activity: String,
    /// The activity's title.
    pub title: Option<String>,
    /// Where it took place.
    pub place: Option<String>,
    /// The organisation that recorded it.
    pub org: OrgRef,
    /// When the service began.
    #[schema(format = "date-time")]
    pub start: String,
    /// When it ended.
    #[schema(format = "date-time")]
    pub end: String,
    /// `pending`, `certified` or `corrected`.
    pub state: &'static str,
    /// Certified minutes at present; a minute that another row covers counts once.
    pub minutes: u32,
    /// Certified minutes by local day.
    pub days: Vec<DayOut>,
    /// Credit that the confirmation posted, in minutes.
    pub credit_minutes: i64,
    /// `normal`, or `late` for hours entered afterwards (补录).
    pub class: &'static str,
    /// Why they were entered afterwards.
    pub late_reason: Option<String>,
    /// Recorded after the due date.
    pub overdue: bool,
    /// Who recorded it.
    pub recorder: ActOut,
    /// Who confirmed it.
    pub confirmer: Option<ActOut>,
    /// Who corrected it.
    pub corrected_by: Option<ActOut>,
    /// Why it was corrected.
    pub correction_reason: Option<String>,
    /// The row that took its place.
    pub replaced_by: Option<RowRef>,
    /// The row whose place it took.
    pub replaces: Option<RowRef>,
}

/// A row of a recording.
#[derive(Serialize, ToSchema)]
pub struct RowRef {
    /// The event that recorded it.
    #[schema(format = "uuid")]
    pub recorded: String,
    /// The row's index in that event.
    pub row: u16,
}

/// Minutes of a day.
#[derive(Serialize, ToSchema)]
pub struct DayOut {
    /// The local day.
    #[schema(format = "date")]
    pub date: String,
    /// Certified minutes.
    pub minutes: u16,
}

/// A member's service record. For whoever may see it.
#[utoipa::path(get, path = "/v1/members/{id}/records", tag = "members",
    params(("id" = String, Path, format = "uuid"), RecordsQuery), security(("token" = []), ("cookie" = [])),
    responses((status = 200, body = AsOf<RecordsOut>), (status = 401, body = Document), (status = 403, body = Document)))]
pub async fn records(
    State(app): State<Arc<App>>,
    session: Option<Session>,
    Path(id): Path<PersonId>,
    Query(query): Query<RecordsQuery>,
) -> Result<Json<AsOf<RecordsOut>>, Problem> {
    let limit = page_size(query.limit, USUAL, MOST)?;
    reach(&app, query.min_position).await?;
    let viewer = Viewer::from(session);
    look_at_record(&app, viewer, id).await?;
    let models = app.read.read();
    let visibility = app.visibility(viewer, &models);
    let totals = models.records.totals(id);
    // Rows are only ever added: counted from the first, each keeps its number.
    let count = models.records.row_count(id);
    let end = query.before.map_or(count, |before| before.min(count));
    let page = models.records.page(&models.accounts, id, count - end, limit);
    let next = end.checked_sub(page.len()).filter(|next| *next > 0);
    let showing = Showing { app: &app, models: &models, visibility, offset: models.directory.offset() };
    let answer = RecordsOut {
        member: id.to_string(),
        certified_minutes: totals.certified,
        pending_minutes: totals.pending,
        rows_in_all: count,
        next,
        rows: page.into_iter().map(|row| showing.row(row)).collect::<Result<_, _>>()?,
    };
    Ok(Json(AsOf::at(models.as_of(), answer)))
}

struct Showing<'a> {
    app: &'a App,
    models: &'a Models,
    visibility: Visibility<'a>,
    offset: Offset,
}

impl Showing<'_> {
    fn row(&self, row: RowView) -> Result<RowOut, Problem> {
        let directory = &self.models.directory;
        let activity = directory.activity(row.activity);
        let act = |act| ActOut::of(self.app, &self.visibility, act, self.offset);
        let (start, end) = ends(row.interval, self.offset);
        let state = match (&row.correction, &row.confirmation) {
            (Some(_), _) => "corrected",
            (None, Some(_)) => "certified",
            (None, None) => "pending",
        };
        let (class, reason) = match row.class {
            RecordClass::Normal => ("normal", None),
            RecordClass::Late(reason) => ("late", Some(reason)),
        };
        let place = |(recorded, row): (hourbook_ledger::domain::ids::EventId, u16)| RowRef {
            recorded: recorded.to_string(),
            row,
        };
        Ok(RowOut {
            recorded: row.recorded.to_string(),
            row: row.row,
            activity: row.activity.to_string(),
            title: self.app.value(activity.map(|a| a.title))?,
            place: self.app.value(activity.and_then(|a| a.place))?,
            org: OrgRef::of(directory, row.org),
            start,
            end,
            state,
            minutes: row.minutes(),
            days: row.days.iter().map(|(d, m)| DayOut { date: d.to_string(), minutes: *m }).collect(),
            credit_minutes: row.credit,
            class,
            late_reason: self.app.value(reason)?,
            overdue: row.overdue.is_some(),
            recorder: act(&row.recorder)?,
            confirmer: row.confirmation.as_ref().map(act).transpose()?,
            corrected_by: row.correction.as_ref().map(|c| act(&c.act)).transpose()?,
            correction_reason: self.app.value(row.correction.map(|c| c.reason))?,
            replaced_by: row.replaced_by.map(place),
            replaces: row.replaces.map(place),
        })
    }
}
