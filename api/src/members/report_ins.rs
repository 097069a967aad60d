//! `GET /v1/report-ins`: who reported to a community (报到), for whoever answers there.

use std::sync::Arc;

use axum::extract::State;
use hourbook_ledger::domain::event::{Looked, Scope};
use hourbook_ledger::domain::ids::OrgId;
use hourbook_projections::directory::ReportInState;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::auth::token::Session;
use crate::auth::visibility::{STAFF, Seen, Viewer, Visibility};
use crate::http::as_of::{AsOf, reach};
use crate::http::extract::{Json, OrgIn, Query, one_of};
use crate::http::names::{OrgRef, report_in_state};
use crate::problem::{Document, Fault, Problem};
use crate::state::App;

/// Which report-ins are asked for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReportInsQuery {
    /// See the description of reads.
    min_position: Option<u64>,
    /// To this community or below it.
    #[param(inline)]
    org: Option<OrgIn>,
    /// `pending`, `accepted`, `refused` or `ended`; `pending` unless told.
    state: Option<String>,
}

/// Who reported to communities.
#[derive(Serialize, ToSchema)]
pub struct ReportInsOut {
    /// Those whom the reader may be told of, the last first.
    pub report_ins: Vec<ReportedOut>,
    /// How many others there are: they live elsewhere, and tell the community themselves who they are.
    pub others: usize,
}

/// Somebody who reported to a community.
#[derive(Serialize, ToSchema)]
pub struct ReportedOut {
    /// The person's id.
    #[schema(format = "uuid")]
    pub person: String,
    /// The name.
    pub name: Option<String>,
    /// Where to.
    pub community: OrgRef,
    /// `pending`, `accepted`, `refused` or `ended`.
    pub state: &'static str,
    /// Position of the event that brought it there.
    pub position: u64,
}

/// Who reported to communities where the reader answers as staff, as far as the reader may see their records. Whoever is named
/// finds a look.
#[utoipa::path(get, path = "/v1/report-ins", operation_id = "list_report_ins", tag = "members", params(ReportInsQuery),
    security(("token" = []), ("cookie" = [])),
    responses((status = 200, body = AsOf<ReportInsOut>), (status = 400, body = Document), (status = 401, body = Document),
        (status = 403, body = Document)))]
pub async fn list(
    State(app): State<Arc<App>>,
    session: Session,
    Query(query): Query<ReportInsQuery>,
) -> Result<Json<AsOf<ReportInsOut>>, Problem> {
    reach(&app, query.min_position).await?;
    let (viewer, seen) = (Viewer::from(Some(session)), Seen::default());
    let answer = find(&app, viewer, &seen, &query)?;
    seen.record(&app, viewer).await?;
    Ok(Json(answer))
}

fn answers(visibility: &Visibility<'_>, org: Option<OrgId>) -> bool {
    match org {
        Some(org) => visibility.holds(&STAFF, org),
        None => visibility.roles().any(|(role, _)| STAFF.contains(&role)),
    }
}

fn find(
    app: &App,
    viewer: Viewer,
    seen: &Seen,
    query: &ReportInsQuery,
) -> Result<AsOf<ReportInsOut>, Problem> {
    let models = app.read.read();
    let visibility = app.visibility(viewer, &models);
    let org = query.org.map(|OrgIn(org)| org);
    if !answers(&visibility, org) {
        return Err(Fault::NotForYou.into());
    }
    let (directory, today) = (&models.directory, app.today());
    let orgs = &directory.register().orgs;
    let all = [ReportInState::Pending, ReportInState::Accepted, ReportInState::Refused, ReportInState::Ended];
    let state = one_of("state", query.state.as_deref(), &all, report_in_state)?;
    let state = state.unwrap_or(ReportInState::Pending);
    let within = |community| org.is_none_or(|org| orgs.covers(Scope::Org(org), community, today));
    let wanted = directory.report_ins().filter(|(_, report)| {
        report.state == state && within(report.community) && visibility.holds(&STAFF, report.community)
    });
    let (mut found, mut others) = (Vec::new(), 0);
    for (person, report) in wanted {
        if !visibility.id_of(person) {
            others += 1;
            continue;
        }
        seen.line(&visibility, Looked::Record, person);
        found.push(ReportedOut {
            person: person.to_string(),
            name: app.shown_name(&visibility, person)?,
            community: OrgRef::of(directory, report.community),
            state: report_in_state(report.state),
            position: report.position,
        });
    }
    found.sort_by_key(|report| std::cmp::Reverse(report.position));
    Ok(AsOf::at(models.as_of(), ReportInsOut { report_ins: found, others }))
}
