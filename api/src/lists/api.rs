//! `GET /v1/lists/{scope}/{period}`: red and yellow lists (红榜, 黄榜).

use std::sync::Arc;

use axum::extract::State;
use hourbook_ledger::domain::event::{Looked, Role};
use hourbook_ledger::domain::ids::OrgId;
use hourbook_ledger::domain::policy::Basis;
use hourbook_ledger::domain::time::Period;
use hourbook_projections::Models;
use hourbook_projections::canonical::Canonical as _;
use hourbook_projections::counts::Counts;
use hourbook_projections::lists::{Colour, Draft, Line, Published};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::auth::token::Session;
use crate::auth::visibility::{Seen, Viewer, Visibility};
use crate::http::as_of::{AsOf, reach};
use crate::http::extract::{Json, Path, Query, stamp};
use crate::http::names::{OrgRef, colour, item_kind, membership, no_service, standing};
use crate::problem::{Document, Fault, Problem};
use crate::state::App;

/// A list.
#[derive(Serialize, ToSchema)]
pub struct ListOut {
    /// The organisation.
    pub scope: OrgRef,
    /// The period.
    pub period: String,
    /// `published`, or `draft` for those who may publish it.
    pub state: &'static str,
    /// Position of the last entry that counts.
    pub cutoff: u64,
    /// Hex of the SHA-256 of the list, lines that the reader does not see included: what the publishing event carries.
    pub digest: String,
    /// The event that adopted the policy.
    #[schema(format = "uuid")]
    pub policy: String,
    /// The publishing event and its position.
    pub published: Option<PublishedOut>,
    /// Red from this total on, in hundredths of a point.
    pub red_from: i32,
    /// Yellow up to this total, in hundredths of a point.
    pub yellow_to: i32,
    /// The document that it rests on, if the policy names one.
    pub basis: Option<BasisOut>,
    /// Who stands on it: `direct` members, those who have `reported-in`, or `all`.
    pub covers: &'static str,
    /// Where a member without service stands: `by-total`, always `yellow`, or `not-listed` at all.
    pub no_service: &'static str,
    /// How many members stand where; a number is left out if it is below five, or would let one work out such a number.
    /// Whoever has a role over the organisation sees all.
    pub counts: CountsOut,
    /// The lines that the reader may see, by total.
    pub lines: Vec<MemberLineOut>,
}

/// The document that a list rests on.
#[derive(Serialize, ToSchema)]
#[schema(as = Basis)]
pub struct BasisOut {
    /// Its number (文号).
    pub document: String,
    /// Who issued it.
    pub issuer: String,
}

impl From<&Basis> for BasisOut {
    fn from(Basis { document, issuer }: &Basis) -> Self {
        Self { document: document.clone(), issuer: issuer.clone() }
    }
}

/// How a list was published.
#[derive(Serialize, ToSchema)]
pub struct PublishedOut {
    /// Position of the publishing event.
    pub position: u64,
    /// When.
    #[schema(format = "date-time")]
    pub at: String,
    /// Hex of the digest that it carries.
    pub digest: String,
    /// The log gives the same list again.
    pub reproduced: bool,
}

/// How many members stand where.
#[derive(Serialize, ToSchema)]
#[schema(as = Counts)]
pub struct CountsOut {
    /// On the red list.
    pub red: Option<usize>,
    /// On the yellow list.
    pub yellow: Option<usize>,
    /// Without a certified minute or confirmed wish.
    pub zero_service: Option<usize>,
    /// Excused.
    pub exempt: Option<usize>,
    /// Without a report-in.
    pub not_reported_in: Option<usize>,
    /// All.
    pub members: Option<usize>,
}

impl From<Counts> for CountsOut {
    fn from(counts: Counts) -> Self {
        let Counts { red, yellow, zero_service, exempt, not_reported_in, members } = counts;
        Self { red, yellow, zero_service, exempt, not_reported_in, members }
    }
}

/// A member's line.
#[derive(Serialize, ToSchema)]
pub struct MemberLineOut {
    /// The name, as far as the reader may see it.
    pub name: Option<String>,
    /// The member's id, for readers who may see the record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
    /// Points in hundredths.
    pub total: i64,
    /// `scored`, `zero-service`, `exempt` or `not-reported-in`.
    pub standing: &'static str,
    /// `red`, `yellow` or `none`.
    pub colour: &'static str,
    /// What the total is made of; for the member, the branch, the unit and the community.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub items: Option<Vec<ItemOut>>,
}

/// Points of one kind with what is behind them.
#[derive(Serialize, ToSchema)]
pub struct ItemOut {
    /// `base`, `minutes`, `wishes` or `absences`.
    pub kind: &'static str,
    /// Points in hundredths.
    pub hundredths: i64,
    /// Minutes, wishes or absences.
    pub amount: u32,
    /// Positions of the events behind it.
    pub events: Vec<u64>,
}

/// What is asked for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// See the description of reads.
    min_position: Option<u64>,
    /// The list as it would be published now, for secretaries and stewards, even if one was published.
    draft: Option<bool>,
}

/// The list that was published last for an organisation and period; without one, the present draft, for secretaries and
/// stewards. Yellow is shown to the member, the branch, the unit and the community only; red to all, of those who agreed.
/// Why somebody is exempt is never shown.
#[utoipa::path(get, path = "/v1/lists/{scope}/{period}", operation_id = "published_list", tag = "boards",
    params(("scope" = String, Path, format = "uuid"),
        ("period" = String, Path, description = "`2026`, `2026Q3` or `2026-09`"), ListQuery),
    responses((status = 200, body = AsOf<ListOut>), (status = 400, body = Document), (status = 404, body = Document)))]
pub async fn list(
    State(app): State<Arc<App>>,
    session: Option<Session>,
    Path((scope, period)): Path<(OrgId, String)>,
    Query(query): Query<ListQuery>,
) -> Result<Json<AsOf<ListOut>>, Problem> {
    reach(&app, query.min_position).await?;
    let period: Period = period.parse().map_err(|error| Fault::BadRequest.because(error))?;
    let (viewer, seen) = (Viewer::from(session), Seen::default());
    let answer = find(&app, viewer, &seen, (scope, period), query.draft == Some(true))?;
    seen.record(&app, viewer).await?;
    Ok(Json(answer))
}

fn find(
    app: &App,
    viewer: Viewer,
    seen: &Seen,
    (scope, period): (OrgId, Period),
    draft: bool,
) -> Result<AsOf<ListOut>, Problem> {
    let models = app.read.read();
    let visibility = app.visibility(viewer, &models);
    let published = models.lists.latest(scope, period).filter(|_| !draft);
    if published.is_none() && !visibility.holds(&[Role::Secretary, Role::Steward], scope) {
        return Err(Fault::NoList.into());
    }
    if published.is_none() && models.rankings_off(app.now()) {
        return Err(Fault::RankingsOff.into());
    }
    let cutoff = published.map_or(models.as_of().saturating_sub(1), |list| list.cutoff);
    let draft = models.draft(scope, period, cutoff).map_err(|error| Fault::NoList.because(error))?;
    let answer = show(app, &models, &visibility, seen, &draft, published)?;
    Ok(AsOf::at(models.as_of(), answer))
}

fn show(
    app: &App,
    models: &Models,
    visibility: &Visibility<'_>,
    seen: &Seen,
    draft: &Draft,
    published: Option<&Published>,
) -> Result<ListOut, Problem> {
    let what = Looked::List { scope: draft.scope, period: draft.period };
    let line = |line: &Line| {
        seen.list_line(visibility, what, draft.scope, line.person);
        show_line(app, visibility, draft.scope, line)
    };
    let offset = models.directory.offset();
    let visible = draft.lines.iter().filter(|line| may_see(visibility, draft.scope, line));
    Ok(ListOut {
        scope: OrgRef::of(&models.directory, draft.scope),
        period: draft.period.to_string(),
        state: if published.is_some() { "published" } else { "draft" },
        cutoff: draft.cutoff,
        digest: hex::encode(published.map_or_else(|| draft.digest(), |list| list.digest)),
        policy: draft.policy.to_string(),
        published: published.map(|list| PublishedOut {
            position: list.act.position,
            at: stamp(list.act.at, offset),
            digest: hex::encode(list.digest),
            reproduced: models.reproduces(list),
        }),
        red_from: draft.points.red_from,
        yellow_to: draft.points.yellow_to,
        basis: draft.points.basis.as_ref().map(BasisOut::from),
        covers: draft.points.covers.map_or("all", membership),
        no_service: draft.points.no_service.map_or("by-total", no_service),
        counts: visibility.counts(draft).into(),
        lines: visible.map(line).collect::<Result<_, _>>()?,
    })
}

fn may_see(visibility: &Visibility<'_>, scope: OrgId, line: &Line) -> bool {
    match line.colour {
        Colour::Red => visibility.red_line(scope, line.person),
        Colour::Yellow | Colour::None => visibility.yellow_line(scope, line.person),
    }
}

fn show_line(
    app: &App,
    visibility: &Visibility<'_>,
    scope: OrgId,
    line: &Line,
) -> Result<MemberLineOut, Problem> {
    let item = |item: &hourbook_projections::lists::Item| ItemOut {
        kind: item_kind(item.kind),
        hundredths: item.hundredths,
        amount: item.amount,
        events: item.events.clone(),
    };
    let explained = visibility.yellow_line(scope, line.person);
    Ok(MemberLineOut {
        name: app.shown_name(visibility, line.person)?,
        member: visibility.id_of(line.person).then(|| line.person.to_string()),
        total: line.total,
        standing: standing(line.standing),
        colour: colour(line.colour),
        items: explained.then(|| line.items.iter().map(item).collect()),
    })
}
