//! `GET /v1/members/{id}`: who a member is, as far as the reader may know.

use std::sync::Arc;

use axum::extract::State;
use hourbook_ledger::domain::ids::PersonId;
use hourbook_ledger::domain::person::Erasure;
use serde::Serialize;
use utoipa::ToSchema;

use super::access::api::LookOut;
use crate::auth::token::Session;
use crate::auth::visibility::{Ground, Viewer, Visibility, look_at_record};
use crate::http::as_of::{AsOf, AtLeast};
use crate::http::extract::{Json, Path, Query, stamp};
use crate::http::names::{OrgRef, RoleHeld, affiliation_kind, report_in_state};
use crate::problem::{Document, Fault, Problem};
use crate::state::App;

/// Looks that a member's own answer holds.
const LOOKS: usize = 50;

/// A member.
#[derive(Serialize, ToSchema)]
pub struct MemberOut {
    /// The member's id.
    #[schema(format = "uuid")]
    pub id: String,
    /// The name, as far as the reader may see it.
    pub name: Option<String>,
    /// Where the member was registered.
    pub home: OrgRef,
    /// When.
    #[schema(format = "date-time")]
    pub registered_at: String,
    /// Agreed to be named in public.
    pub public_name: bool,
    /// Erasure was asked for or done.
    pub erased: bool,
    /// Affiliations, past and future ones too, in order of recording.
    pub affiliations: Vec<AffiliationOut>,
    /// The report-in that was spoken of last.
    pub report_in: Option<ReportInOut>,
    /// Roles held.
    pub roles: Vec<RoleHeld>,
    /// Who looked last, at most 50; only the member is told. All are at `/v1/me/looks`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub looks: Option<Vec<LookOut>>,
}

/// How a member belongs to an organisation.
#[derive(Serialize, ToSchema)]
pub struct AffiliationOut {
    /// To which.
    pub org: OrgRef,
    /// `organisational`, `reported-in`, `resident` or `team`.
    pub kind: &'static str,
    /// First day.
    #[schema(format = "date")]
    pub from: String,
    /// The day after the last.
    #[schema(format = "date")]
    pub to: Option<String>,
}

/// A report-in (报到).
#[derive(Serialize, ToSchema)]
pub struct ReportInOut {
    /// Where to.
    pub community: OrgRef,
    /// `pending`, `accepted`, `refused` or `ended`.
    pub state: &'static str,
    /// Position of the event that brought it there.
    pub position: u64,
}

/// A member. For the member, staff over a home, the unit, an auditor; a look by others is recorded and the member sees it.
#[utoipa::path(get, path = "/v1/members/{id}", tag = "members",
    params(("id" = String, Path, format = "uuid"), AtLeast), security(("token" = []), ("cookie" = [])),
    responses((status = 200, body = AsOf<MemberOut>), (status = 401, body = Document), (status = 403, body = Document)))]
pub async fn member(
    State(app): State<Arc<App>>,
    session: Option<Session>,
    Path(id): Path<PersonId>,
    Query(at): Query<AtLeast>,
) -> Result<Json<AsOf<MemberOut>>, Problem> {
    at.wait(&app).await?;
    let viewer = Viewer::from(session);
    let ground = look_at_record(&app, viewer, id).await?;
    let models = app.read.read();
    let visibility = app.visibility(viewer, &models);
    let answer = show(&app, &models.directory, &visibility, id, ground)?;
    Ok(Json(AsOf::at(models.as_of(), answer)))
}

fn show(
    app: &App,
    directory: &hourbook_projections::directory::Directory,
    visibility: &Visibility<'_>,
    id: PersonId,
    ground: Ground,
) -> Result<MemberOut, Problem> {
    let (entry, known) = (directory.person(id), directory.register().people.get(id));
    let (Some(entry), Some(known)) = (entry, known) else { return Err(Fault::NotFound.into()) };
    let offset = directory.offset();
    let affiliations = known.affiliations.iter().map(|a| AffiliationOut {
        org: OrgRef::of(directory, a.org),
        kind: affiliation_kind(a.kind),
        from: a.span.from.to_string(),
        to: a.span.to.map(|to| to.to_string()),
    });
    let report_in = entry.report_in.map(|r| ReportInOut {
        community: OrgRef::of(directory, r.community),
        state: report_in_state(r.state),
        position: r.position,
    });
    let held = directory.register().people.roles(id).iter();
    let looks = directory.looks().at(id).rev().take(LOOKS);
    let looks = looks.map(|look| LookOut::of(app, directory, visibility, &look));
    Ok(MemberOut {
        id: id.to_string(),
        name: app.shown_name(visibility, id)?,
        home: OrgRef::of(directory, known.home),
        registered_at: stamp(entry.at, offset),
        public_name: known.public_name,
        erased: known.erasure != Erasure::None,
        affiliations: affiliations.collect(),
        report_in,
        roles: held.map(|held| RoleHeld::of(directory, (held.role, held.scope))).collect(),
        looks: (ground == Ground::Own).then(|| looks.collect::<Result<_, Problem>>()).transpose()?,
    })
}
