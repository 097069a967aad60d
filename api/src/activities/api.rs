//! `GET /v1/activities`: activities with their shifts.

use std::sync::Arc;

use axum::extract::State;
use hourbook_ledger::domain::ids::ActivityId;
use hourbook_projections::Models;
use hourbook_projections::activities::{Activity, ActivityState, Place, Shift};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::auth::token::Session;
use crate::auth::visibility::{RECORDERS, Viewer, Visibility};
use crate::http::as_of::{AsOf, reach};
use crate::http::extract::{Json, OrgIn, Query, ends, one_of, page_size};
use crate::http::names::OrgRef;
use crate::problem::{Document, Fault, Problem};
use crate::state::App;

const USUAL: usize = 50;
const MOST: usize = 200;

/// Which activities are asked for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ActivitiesQuery {
    /// See the description of reads.
    min_position: Option<u64>,
    /// Of this organisation or one below it.
    #[param(inline)]
    org: Option<OrgIn>,
    /// `planned`, `published`, `closed` or `cancelled`.
    state: Option<String>,
    /// Of this title, word for word.
    title: Option<String>,
    /// This one alone.
    #[param(value_type = Option<String>, format = "uuid")]
    id: Option<String>,
    /// Where the page begins: `next` of the page before.
    before: Option<u64>,
    /// How many; 50 unless told.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<usize>,
}

/// A page of activities.
#[derive(Serialize, ToSchema)]
pub struct ActivitiesOut {
    /// The activities, the last planned first.
    pub activities: Vec<ActivityOut>,
    /// Where the next page begins, to be passed as `before`; none if this is the last.
    pub next: Option<u64>,
}

/// An activity.
#[derive(Serialize, ToSchema)]
pub struct ActivityOut {
    /// Its id.
    #[schema(format = "uuid")]
    pub id: String,
    /// Who runs it.
    pub org: OrgRef,
    /// Its category.
    pub category: String,
    /// Its title.
    pub title: Option<String>,
    /// Where.
    pub place: Option<String>,
    /// What is done.
    pub content: Option<String>,
    /// `planned`, `published`, `closed` or `cancelled`.
    pub state: &'static str,
    /// When one can come.
    pub shifts: Vec<ShiftOut>,
}

/// A shift.
#[derive(Serialize, ToSchema)]
pub struct ShiftOut {
    /// Its id.
    #[schema(format = "uuid")]
    pub id: String,
    /// When it begins.
    #[schema(format = "date-time")]
    pub start: String,
    /// When it is over.
    #[schema(format = "date-time")]
    pub end: String,
    /// Number of places.
    pub places: u16,
    /// Places taken.
    pub taken: u16,
    /// How many wait for a place.
    pub waiting: usize,
    /// What has become of the reader's own place: `placed`, `waiting`, `withdrew`, `present` or `absent`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub own: Option<&'static str>,
}

const STATES: [(ActivityState, &str); 4] = [
    (ActivityState::Planned, "planned"),
    (ActivityState::Published, "published"),
    (ActivityState::Closed, "closed"),
    (ActivityState::Cancelled, "cancelled"),
];

fn state_name(state: ActivityState) -> &'static str {
    STATES.iter().find(|(of, _)| *of == state).map_or("planned", |(_, name)| name)
}

fn own_place(place: Place) -> &'static str {
    match place {
        Place::Placed => "placed",
        Place::Waiting => "waiting",
        Place::Withdrew => "withdrew",
        Place::Present(_) => "present",
        Place::NoShow => "absent",
    }
}

/// Activities with their shifts. What is published is for everybody, all else for whoever may record hours in the
/// organisation. Who signed up is not said, only the reader's own place.
#[utoipa::path(get, path = "/v1/activities", operation_id = "list_activities", tag = "activities", params(ActivitiesQuery),
    security((), ("token" = []), ("cookie" = [])),
    responses((status = 200, body = AsOf<ActivitiesOut>), (status = 400, body = Document)))]
pub async fn list(
    State(app): State<Arc<App>>,
    session: Option<Session>,
    Query(query): Query<ActivitiesQuery>,
) -> Result<Json<AsOf<ActivitiesOut>>, Problem> {
    let limit = page_size(query.limit, USUAL, MOST)?;
    one_of("state", query.state.as_deref(), &STATES, |(_, name)| name)?;
    let only = query.id.as_deref().map(str::parse::<ActivityId>).transpose();
    let only = only.map_err(|_| Fault::BadRequest.because("id: not an id"))?;
    reach(&app, query.min_position).await?;
    let models = app.read.read();
    let visibility = app.visibility(Viewer::from(session), &models);
    let asked = Asked { app: &app, models: &models, visibility, session };
    let (mut found, mut next) = (Vec::new(), None);
    for (id, activity) in models.directory.activities().newest() {
        let position = activity.planned.position;
        let is_other = only.is_some_and(|only| only != id);
        if is_other
            || query.before.is_some_and(|before| position >= before)
            || !asked.fits(&query, activity)?
        {
            continue;
        }
        if found.len() == limit {
            break;
        }
        found.push(asked.shown(id, activity)?);
        next = Some(position);
    }
    let next = next.filter(|_| found.len() == limit);
    Ok(Json(AsOf::at(models.as_of(), ActivitiesOut { activities: found, next })))
}

struct Asked<'a> {
    app: &'a App,
    models: &'a Models,
    visibility: Visibility<'a>,
    session: Option<Session>,
}

impl Asked<'_> {
    fn fits(&self, query: &ActivitiesQuery, activity: &Activity) -> Result<bool, Problem> {
        let orgs = &self.models.directory;
        let within = |OrgIn(org): OrgIn| orgs.ancestors(activity.org, self.app.today()).contains(&org);
        let state = query.state.as_deref().is_none_or(|state| state == state_name(activity.state));
        let visible =
            activity.state == ActivityState::Published || self.visibility.holds(&RECORDERS, activity.org);
        if !(state && visible && query.org.is_none_or(within)) {
            return Ok(false);
        }
        let Some(wanted) = &query.title else { return Ok(true) };
        Ok(self.app.value(Some(activity.title))?.is_some_and(|title| title == *wanted))
    }

    fn shown(&self, id: ActivityId, activity: &Activity) -> Result<ActivityOut, Problem> {
        Ok(ActivityOut {
            id: id.to_string(),
            org: OrgRef::of(&self.models.directory, activity.org),
            category: activity.category.to_string(),
            title: self.app.value(Some(activity.title))?,
            place: self.app.value(activity.place)?,
            content: self.app.value(activity.content)?,
            state: state_name(activity.state),
            shifts: activity.shifts.iter().map(|shift| self.shift(shift)).collect(),
        })
    }

    fn shift(&self, shift: &Shift) -> ShiftOut {
        let (start, end) = ends(shift.interval, self.models.directory.offset());
        let own = self.session.and_then(|session| shift.part(session.person));
        ShiftOut {
            id: shift.id.to_string(),
            start,
            end,
            places: shift.capacity,
            taken: shift.taken,
            waiting: shift.waiting(),
            own: own.map(|part| own_place(part.place)),
        }
    }
}
