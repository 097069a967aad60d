//! `GET /v1/orgs` and `/v1/orgs/{id}`: the tree of organisations, which is public.

use std::sync::Arc;

use axum::extract::State;
use hourbook_ledger::domain::event::{EdgeKind, Scope};
use hourbook_ledger::domain::ids::OrgId;
use hourbook_ledger::domain::time::Date;
use hourbook_projections::Models;
use hourbook_projections::directory::{Directory, OrgEntry};
use hourbook_projections::window::Window;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::auth::token::Session;
use crate::auth::visibility::Viewer;
use crate::http::as_of::{AsOf, AtLeast, reach};
use crate::http::extract::{Json, OrgIn, Path, Query};
use crate::http::names::{OrgRef, org_kind, org_kind_named};
use crate::problem::{Document, Fault, Problem};
use crate::state::App;

/// Which organisations are asked for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OrgsQuery {
    /// See the description of reads.
    min_position: Option<u64>,
    /// Of this kind.
    kind: Option<String>,
    /// This organisation and those below it.
    #[param(inline)]
    below: Option<OrgIn>,
    /// As of this day; today unless told.
    date: Option<String>,
}

/// The organisations.
#[derive(Serialize, ToSchema)]
pub struct OrgsOut {
    /// The day that the edges are of.
    #[schema(format = "date")]
    pub date: String,
    /// In order of registration; each names its parent.
    pub orgs: Vec<OrgOut>,
}

/// An organisation.
#[derive(Serialize, ToSchema)]
pub struct OrgOut {
    /// Its id.
    #[schema(format = "uuid")]
    pub id: String,
    /// `city`, `district`, `street`, `community`, `grid`, `building`, `work-unit`, `party-branch`, `team` or `social-org`.
    pub kind: &'static str,
    /// Its public name.
    pub name: String,
    /// Its public code.
    pub code: Option<String>,
    /// What contains it.
    #[schema(format = "uuid")]
    pub parent: Option<String>,
    /// The communities that it reports to (双报到).
    pub reports_to: Vec<String>,
}

impl OrgOut {
    fn of(directory: &Directory, date: Date, org: OrgId, entry: &OrgEntry) -> Self {
        let orgs = &directory.register().orgs;
        let edges = orgs.get(org).map_or(&[][..], |org| &org.edges);
        let reports = edges.iter().filter(|e| e.kind == EdgeKind::ReportsTo && e.span.contains(date));
        Self {
            id: org.to_string(),
            kind: org_kind(entry.kind),
            name: entry.name.to_string(),
            code: entry.code.as_deref().map(str::to_owned),
            parent: orgs.parent(org, date).map(|parent| parent.to_string()),
            reports_to: reports.map(|edge| edge.parent.to_string()).collect(),
        }
    }
}

/// The organisations and how they are joined on a day.
#[utoipa::path(get, path = "/v1/orgs", tag = "organisations", params(OrgsQuery),
    responses((status = 200, body = AsOf<OrgsOut>), (status = 400, body = Document)))]
pub async fn tree(
    State(app): State<Arc<App>>,
    Query(query): Query<OrgsQuery>,
) -> Result<Json<AsOf<OrgsOut>>, Problem> {
    reach(&app, query.min_position).await?;
    let kind = query
        .kind
        .as_deref()
        .map(|kind| org_kind_named(kind).ok_or_else(|| Fault::BadRequest.because("kind")));
    let kind = kind.transpose()?;
    let date = query.date.map(|date| date.parse::<Date>().map_err(|error| Fault::BadRequest.because(error)));
    let date = date.transpose()?.unwrap_or_else(|| app.today());
    let models = app.read.read();
    let directory = &models.directory;
    let is_below = |org: OrgId| query.below.is_none_or(|top| directory.ancestors(org, date).contains(&top.0));
    let mut orgs = directory.orgs();
    orgs.retain(|(org, entry)| kind.is_none_or(|kind| entry.kind == kind) && is_below(*org));
    orgs.sort_by_key(|(_, entry)| entry.position);
    let orgs = orgs.into_iter().map(|(org, entry)| OrgOut::of(directory, date, org, entry)).collect();
    Ok(Json(AsOf::at(models.as_of(), OrgsOut { date: date.to_string(), orgs })))
}

/// An organisation with its surroundings and what its members did.
#[derive(Serialize, ToSchema)]
pub struct OrgDetail {
    /// The organisation.
    #[serde(flatten)]
    pub org: OrgOut,
    /// What it tells everybody on that day, the newest first.
    pub notices: Vec<NoticeOut>,
    /// What contains it, nearest first.
    pub ancestors: Vec<OrgRef>,
    /// What it contains.
    pub children: Vec<OrgRef>,
    /// Certified minutes of its members; none if `withheld`.
    pub minutes: Option<u64>,
    /// Members with at least one; none if `withheld`.
    pub persons: Option<u32>,
    /// How its events came about; none if `withheld`.
    pub shares: Option<SharesOut>,
    /// The figures are not shown: they are of fewer than five people, or would let one work out such figures. Whoever has
    /// a role over the organisation sees them.
    pub withheld: bool,
}

/// What an organisation tells everybody for a span of days.
#[derive(Serialize, ToSchema)]
pub struct NoticeOut {
    /// The event that published it.
    #[schema(format = "uuid")]
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its text.
    pub text: String,
    /// The first day on which it is shown.
    #[schema(format = "date")]
    pub from: String,
    /// The day on which it is shown no more.
    #[schema(format = "date")]
    pub to: Option<String>,
    /// Position of the event.
    pub position: u64,
}

fn notices(app: &App, models: &Models, date: Date, org: OrgId) -> Result<Vec<NoticeOut>, Problem> {
    let shown = models.notices.shown_on(date).filter(|(_, notice)| notice.org == org);
    let shown = shown.map(|(position, notice)| {
        Ok(NoticeOut {
            id: notice.id.to_string(),
            title: app.value(Some(notice.title))?.unwrap_or_default(),
            text: app.value(Some(notice.text))?.unwrap_or_default(),
            from: notice.span.from.to_string(),
            to: notice.span.to.map(|to| to.to_string()),
            position,
        })
    });
    shown.collect()
}

/// How the events of an organisation and all below it came about: what an auditor looks at first.
#[derive(Serialize, ToSchema)]
pub struct SharesOut {
    /// Events about its activities, hours and wishes.
    pub events: u64,
    /// Of these, witnessed by the server in a session.
    pub witnessed: u64,
    /// Of these, asserted by staff for someone else.
    pub proxy: u64,
    /// Rows of hours.
    pub rows: u64,
    /// Of these, entered afterwards (补录).
    pub late: u64,
}

fn detail(app: &App, models: &Models, viewer: Viewer, date: Date, org: OrgId) -> Result<OrgDetail, Problem> {
    let directory = &models.directory;
    let entry = directory.org(org).ok_or(Fault::NotFound)?;
    let total = models.total(Scope::Org(org), Window::All);
    let shares = models.shares(Some(org));
    let scope = Scope::Org(org);
    let sees = app.visibility(viewer, models).figures_of(scope)
        || app.figures(models).show(scope, Window::All, total.persons);
    let refs = |orgs: Vec<OrgId>| orgs.into_iter().map(|org| OrgRef::of(directory, org)).collect();
    Ok(OrgDetail {
        org: OrgOut::of(directory, date, org, entry),
        notices: notices(app, models, date, org)?,
        ancestors: refs(directory.ancestors(org, date).split_off(1)),
        children: refs(directory.children(org, date)),
        minutes: sees.then_some(total.minutes),
        persons: sees.then_some(total.persons),
        withheld: !sees,
        shares: sees.then_some(SharesOut {
            events: shares.events,
            witnessed: shares.witnessed,
            proxy: shares.proxy,
            rows: shares.rows,
            late: shares.late,
        }),
    })
}

/// One organisation.
#[utoipa::path(get, path = "/v1/orgs/{id}", operation_id = "one_org", tag = "organisations",
    params(("id" = String, Path, format = "uuid"), AtLeast),
    responses((status = 200, body = AsOf<OrgDetail>), (status = 404, body = Document)))]
pub async fn one(
    State(app): State<Arc<App>>,
    session: Option<Session>,
    Path(id): Path<OrgId>,
    Query(at): Query<AtLeast>,
) -> Result<Json<AsOf<OrgDetail>>, Problem> {
    at.wait(&app).await?;
    let date = app.today();
    let models = app.read.read();
    let answer = detail(&app, &models, Viewer::from(session), date, id)?;
    Ok(Json(AsOf::at(models.as_of(), answer)))
}
