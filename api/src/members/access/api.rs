//! `GET /v1/me/looks` and `/v1/me/deeds`: who looked at what is shown of the reader, and what others did to the reader.

use hourbook_ledger::domain::event::{
    Body, Event, ListEvent, Looked, MemberEvent, ReportInEvent, Role, RoleEvent, Scope,
};
use std::sync::Arc;

use axum::extract::State;
use hourbook_ledger::domain::ids::OrgId;
use hourbook_ledger::wire;
use hourbook_projections::directory::Directory;
use hourbook_projections::looks::{Look, Looks};
use hourbook_projections::provenance::Provenance;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::auth::token::Session;
use crate::auth::visibility::{Viewer, Visibility};
use crate::http::as_of::{AsOf, reach};
use crate::http::extract::{Json, Query, page_size, stamp};
use crate::http::names::{ActOut, OrgRef, purpose, role};
use crate::problem::{Document, Problem};
use crate::state::App;

const MOST: usize = 200;

/// Which of them are asked for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AccessQuery {
    /// See the description of reads.
    min_position: Option<u64>,
    /// Where the page begins: `next` of the page before.
    before: Option<u64>,
    /// How many; 50 unless told.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<usize>,
}

/// Lines on a page if nothing is said.
const USUAL: usize = 50;

/// Who looked at what is shown of the reader.
#[derive(Serialize, ToSchema)]
pub struct LooksOut {
    /// All looks, by role and purpose, the most frequent first.
    pub kinds: Vec<LooksOfAKindOut>,
    /// How often auditors read entries of the log, which concern everybody: once for each auditor and day.
    pub entries_read: u64,
    /// Single looks, the latest first.
    pub looks: Vec<LookOut>,
    /// Where the next page begins, to be passed as `before`; none if this is the last.
    pub next: Option<u64>,
}

/// Looks in one role and for one purpose.
#[derive(Serialize, ToSchema)]
pub struct LooksOfAKindOut {
    /// The role in which it was looked, if one was needed.
    pub role: Option<&'static str>,
    /// `service`, `verification`, `audit`, `fellowship` or `help`.
    pub purpose: &'static str,
    /// How often.
    pub times: u64,
    /// The last time.
    #[schema(format = "date-time")]
    pub last: String,
}

/// A look by somebody else.
#[derive(Serialize, ToSchema)]
pub struct LookOut {
    /// The name of who looked, as far as the member may see it.
    pub by: Option<String>,
    /// The role in which it was looked, if one was needed.
    pub role: Option<&'static str>,
    /// `service`, `verification`, `audit`, `fellowship` or `help`.
    pub purpose: &'static str,
    /// At what: `record`, `list`, `board`, `wish`, `register` or `entries`.
    pub what: &'static str,
    /// The organisation whose list, board or register it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub org: Option<OrgRef>,
    /// The period of the list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<String>,
    /// When.
    #[schema(format = "date-time")]
    pub at: String,
    /// Position of the event that recorded it.
    pub position: u64,
}

impl LookOut {
    /// A look as the person whom it concerns may see it.
    ///
    /// # Errors
    /// If the vault cannot be read.
    pub fn of(
        app: &App,
        directory: &Directory,
        visibility: &Visibility<'_>,
        look: &Look,
    ) -> Result<Self, Problem> {
        let (what, org, period) = match look.what {
            Looked::Record => ("record", None, None),
            Looked::List { scope, period } => ("list", Some(scope), Some(period.to_string())),
            Looked::Board(Scope::Org(org)) => ("board", Some(org), None),
            Looked::Board(Scope::Ledger) => ("board", None, None),
            Looked::Wish(_) => ("wish", None, None),
            Looked::Register(org) => ("register", Some(org), None),
            Looked::Entries => ("entries", None, None),
        };
        Ok(Self {
            by: app.actor_name(visibility, look.by)?,
            role: look.role.map(role),
            purpose: purpose(look.purpose),
            what,
            org: org.map(|org| OrgRef::of(directory, org)),
            period,
            at: stamp(look.at, directory.offset()),
            position: look.position,
        })
    }
}

/// Who looked at what is shown of the reader, grouped and one by one.
#[utoipa::path(get, path = "/v1/me/looks", tag = "members", params(AccessQuery),
    security(("token" = []), ("cookie" = [])),
    responses((status = 200, body = AsOf<LooksOut>), (status = 400, body = Document), (status = 401, body = Document)))]
pub async fn looks(
    State(app): State<Arc<App>>,
    session: Session,
    Query(query): Query<AccessQuery>,
) -> Result<Json<AsOf<LooksOut>>, Problem> {
    reach(&app, query.min_position).await?;
    let models = app.read.read();
    let (directory, visibility) = (&models.directory, app.visibility(Viewer::from(Some(session)), &models));
    let all = directory.looks();
    let kind = |kind: hourbook_projections::looks::LooksOfAKind| LooksOfAKindOut {
        role: kind.role.map(role),
        purpose: purpose(kind.purpose),
        times: kind.times,
        last: stamp(kind.last, directory.offset()),
    };
    let limit = page_size(query.limit, USUAL, MOST)?;
    let earlier = all.at(session.person).rev().filter(|look| query.before.is_none_or(|b| look.position < b));
    let page: Vec<Look> = earlier.take(limit + 1).collect();
    let shown = page.iter().take(limit);
    let answer = LooksOut {
        kinds: Looks::by_kind(all.at(session.person)).into_iter().map(kind).collect(),
        entries_read: all.at_all().count() as u64,
        next: page.get(limit).and_then(|_| Some(page.get(limit - 1)?.position)),
        looks: shown.map(|look| LookOut::of(&app, directory, &visibility, look)).collect::<Result<_, _>>()?,
    };
    Ok(Json(AsOf::at(models.as_of(), answer)))
}

/// What others did to the reader.
#[derive(Serialize, ToSchema)]
pub struct DeedsOut {
    /// The latest first.
    pub deeds: Vec<DeedOut>,
    /// Where the next page begins, to be passed as `before`; none if this is the last.
    pub next: Option<u64>,
}

/// What somebody else did to the reader's keys, roles, sessions, consents, affiliations or rows, or for the reader.
#[derive(Serialize, ToSchema)]
pub struct DeedOut {
    /// The kind of event.
    pub kind: &'static str,
    /// Who did it, how and when.
    #[serde(flatten)]
    pub act: ActOut,
    /// The organisation that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub org: Option<OrgRef>,
    /// The role that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<&'static str>,
    /// The name of the helper whom it is about, as far as the reader may see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub helper: Option<String>,
}

/// A deed as read from the log.
pub struct Deed {
    /// What was asserted.
    pub event: Event,
    /// By whom, how and when.
    pub act: Provenance,
}

impl Deed {
    fn read(app: &App, position: u64) -> Result<Option<Self>, Problem> {
        let Some(bytes) = app.reader.entry(position)? else { return Ok(None) };
        let entry = wire::decode_entry(&bytes).map_err(|error| Problem::internal(&error))?;
        let event = wire::decode_event(&entry.signed.payload).map_err(|error| Problem::internal(&error))?;
        let act = Provenance {
            position,
            at: entry.recorded_at,
            actor: event.actor,
            acting_for: event.acting_for,
            assurance: event.assurance,
        };
        Ok(Some(Self { event, act }))
    }

    /// The name of the helper whom it is about, as far as a reader may see it.
    ///
    /// # Errors
    /// If the vault cannot be read.
    pub fn helper(&self, app: &App, visibility: &Visibility<'_>) -> Result<Option<String>, Problem> {
        let Body::Member(MemberEvent::HelperNamed { helper, .. } | MemberEvent::HelperEnded { helper, .. }) =
            &self.event.body
        else {
            return Ok(None);
        };
        app.shown_name(visibility, *helper)
    }

    /// The organisation and the role that it is about.
    #[must_use]
    pub fn about(&self) -> (Option<OrgId>, Option<Role>) {
        match &self.event.body {
            Body::Member(MemberEvent::Affiliated { org, .. })
            | Body::List(ListEvent::MemberExempted { org, .. }) => (Some(*org), None),
            Body::ReportIn(ReportInEvent::Filed { community, .. })
            | Body::ReportIn(ReportInEvent::Answered { community, .. })
            | Body::ReportIn(ReportInEvent::Ended { community, .. }) => (Some(*community), None),
            Body::Role(RoleEvent::Granted { role, scope, .. })
            | Body::Role(RoleEvent::Revoked { role, scope, .. }) => {
                let org = match scope {
                    Scope::Org(org) => Some(*org),
                    Scope::Ledger => None,
                };
                (org, Some(*role))
            }
            _ => (None, None),
        }
    }
}

/// The last deeds of others that concern a person before a position, the latest first, and where the next page begins.
///
/// # Errors
/// If the log cannot be read.
pub fn deeds_before(
    app: &App,
    positions: &[u64],
    before: Option<u64>,
    limit: usize,
) -> Result<(Vec<Deed>, Option<u64>), Problem> {
    let end = before.map_or(positions.len(), |before| positions.partition_point(|at| *at < before));
    let begin = end.saturating_sub(limit);
    let next = (begin > 0).then(|| positions[begin]);
    let read = positions[begin..end].iter().rev().map(|position| Deed::read(app, *position));
    let deeds: Vec<Option<Deed>> = read.collect::<Result<_, _>>()?;
    Ok((deeds.into_iter().flatten().collect(), next))
}

/// What others did to the reader's keys, roles, sessions, consents, affiliations and rows.
#[utoipa::path(get, path = "/v1/me/deeds", tag = "members", params(AccessQuery),
    security(("token" = []), ("cookie" = [])),
    responses((status = 200, body = AsOf<DeedsOut>), (status = 400, body = Document), (status = 401, body = Document)))]
pub async fn deeds(
    State(app): State<Arc<App>>,
    session: Session,
    Query(query): Query<AccessQuery>,
) -> Result<Json<AsOf<DeedsOut>>, Problem> {
    reach(&app, query.min_position).await?;
    let models = app.read.read();
    let (directory, visibility) = (&models.directory, app.visibility(Viewer::from(Some(session)), &models));
    let positions = models.deeds.of(session.person);
    let limit = page_size(query.limit, USUAL, MOST)?;
    let (deeds, next) = deeds_before(&app, positions, query.before, limit)?;
    let show = |deed: Deed| {
        let (org, held) = deed.about();
        Ok(DeedOut {
            kind: deed.event.body.kind().name(),
            act: ActOut::of(&app, &visibility, &deed.act, directory.offset())?,
            org: org.map(|org| OrgRef::of(directory, org)),
            role: held.map(role),
            helper: deed.helper(&app, &visibility)?,
        })
    };
    let deeds = deeds.into_iter().map(show).collect::<Result<_, Problem>>()?;
    Ok(Json(AsOf::at(models.as_of(), DeedsOut { deeds, next })))
}
