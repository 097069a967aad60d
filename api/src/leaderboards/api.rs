//! `GET /v1/leaderboards/{scope}`: certified hours within an organisation and period.

use std::sync::Arc;

use axum::extract::State;
use hourbook_ledger::domain::event::{Looked, Scope};
use hourbook_ledger::domain::ids::PersonId;
use hourbook_projections::Models;
use hourbook_projections::leaderboard::Rank;
use hourbook_projections::window::Window;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::cursor;
use crate::auth::token::Session;
use crate::auth::visibility::{Seen, Viewer, Visibility};
use crate::http::as_of::{AsOf, reach};
use crate::http::extract::{Json, Path, Query, page_size};
use crate::http::names::OrgRef;
use crate::problem::{Document, Fault, Problem};
use crate::state::App;

const USUAL: usize = 20;
const MOST: usize = 100;

/// Which lines are asked for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct BoardQuery {
    /// See the description of reads.
    min_position: Option<u64>,
    /// `2026`, `2026Q3`, `2026-09` or `all`; `all` unless told.
    period: Option<String>,
    /// Where the page begins: `next` of the page before. The place stays where it is when other lines move.
    after: Option<String>,
    /// How many lines; 20 unless told.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<usize>,
}

/// A leaderboard.
#[derive(Serialize, ToSchema)]
pub struct BoardOut {
    /// The organisation; none for the whole ledger.
    pub scope: Option<OrgRef>,
    /// The period.
    pub period: String,
    /// Certified minutes of everybody on the board; none if `withheld`.
    pub minutes: Option<u64>,
    /// Persons on the board; none if `withheld`.
    pub persons: Option<u32>,
    /// The board is not shown: there are fewer than five people on it, or it would let one work out such a board. Whoever
    /// has a role over the organisation sees it.
    pub withheld: bool,
    /// The lines of this page.
    pub lines: Vec<LineOut>,
    /// Where the next page begins, to be passed as `after`; none if this is the last.
    pub next: Option<String>,
    /// The reader's own line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub own: Option<LineOut>,
}

/// A line of a leaderboard.
#[derive(Serialize, ToSchema)]
pub struct LineOut {
    /// 1 for the first; equal minutes share a rank (1, 2, 2, 4). None where the board is withheld.
    pub rank: Option<u32>,
    /// Certified minutes.
    pub minutes: u32,
    /// The name: of those who agreed, and as far as the reader may see it.
    pub name: Option<String>,
    /// The member's id, for readers who may see the record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
}

impl LineOut {
    /// A line as the viewer may see it.
    ///
    /// # Errors
    /// If the vault cannot be read.
    pub fn of(app: &App, visibility: &Visibility<'_>, rank: Rank) -> Result<Self, Problem> {
        Ok(Self {
            rank: Some(rank.rank),
            minutes: rank.minutes,
            name: app.shown_name(visibility, rank.person)?,
            member: visibility.id_of(rank.person).then(|| rank.person.to_string()),
        })
    }
}

/// The scope that a path names.
fn scope_named(models: &Models, text: &str) -> Result<Scope, Problem> {
    if text == "ledger" {
        return Ok(Scope::Ledger);
    }
    let org = text.parse().map_err(|_| Fault::BadRequest.because("scope"))?;
    models.directory.org(org).map(|_| Scope::Org(org)).ok_or(Fault::NotFound.into())
}

/// The window that a query names.
fn window_named(text: Option<&str>) -> Result<Window, Problem> {
    match text {
        None | Some("all") => Ok(Window::All),
        Some(text) => text.parse().map(Window::In).map_err(|error| Fault::BadRequest.because(error)),
    }
}

/// Certified minutes of the members of an organisation and all below it, by the affiliation on the day of service.
#[utoipa::path(get, path = "/v1/leaderboards/{scope}", tag = "boards",
    params(("scope" = String, Path, description = "An organisation's id, or `ledger`"), BoardQuery),
    responses((status = 200, body = AsOf<BoardOut>), (status = 400, body = Document), (status = 404, body = Document)))]
pub async fn leaderboard(
    State(app): State<Arc<App>>,
    session: Option<Session>,
    Path(scope): Path<String>,
    Query(query): Query<BoardQuery>,
) -> Result<Json<AsOf<BoardOut>>, Problem> {
    let limit = page_size(query.limit, USUAL, MOST)?;
    let after = query.after.as_deref().map(|text| {
        let bad = || Fault::BadRequest.because("after: not the `next` of a page");
        cursor::open(&app.tokens, text).ok_or_else(bad)
    });
    let after = after.transpose()?;
    reach(&app, query.min_position).await?;
    let window = window_named(query.period.as_deref())?;
    let (viewer, seen) = (Viewer::from(session), Seen::default());
    let answer = board(&app, viewer, &seen, &scope, window, (&query, limit, after))?;
    seen.record(&app, viewer).await?;
    Ok(Json(answer))
}

fn board(
    app: &App,
    viewer: Viewer,
    seen: &Seen,
    scope: &str,
    window: Window,
    (query, limit, after): (&BoardQuery, usize, Option<(u32, PersonId)>),
) -> Result<AsOf<BoardOut>, Problem> {
    let models = app.read.read();
    if models.rankings_off(app.now()) {
        return Err(Fault::RankingsOff.into());
    }
    let scope = scope_named(&models, scope)?;
    let visibility = app.visibility(viewer, &models);
    let total = models.total(scope, window);
    let line = |rank: Rank| {
        seen.line(&visibility, Looked::Board(scope), rank.person);
        LineOut::of(app, &visibility, rank)
    };
    let withheld = !visibility.figures_of(scope) && !app.figures(&models).show(scope, window, total.persons);
    let mut page = match (withheld, after) {
        (true, _) => Vec::new(),
        (false, None) => models.leaders(scope, window, 0, limit + 1),
        (false, Some(place)) => models.leaders_after(scope, window, place, limit + 1),
    };
    let has_more = page.len() > limit;
    page.truncate(limit);
    let last = page.last().filter(|_| has_more).map(|last| (last.minutes, last.person));
    let next = last.map(|place| cursor::seal(&app.tokens, app.random(), place));
    let own = match viewer {
        Viewer::Person(person, _) => models.rank(scope, window, person),
        Viewer::Public => None,
    };
    let answer = BoardOut {
        scope: match scope {
            Scope::Ledger => None,
            Scope::Org(org) => Some(OrgRef::of(&models.directory, org)),
        },
        period: query.period.clone().unwrap_or_else(|| "all".to_owned()),
        minutes: (!withheld).then_some(total.minutes),
        persons: (!withheld).then_some(total.persons),
        withheld,
        lines: page.into_iter().map(line).collect::<Result<_, _>>()?,
        next,
        own: own.map(line).transpose()?.map(|own| LineOut { rank: own.rank.filter(|_| !withheld), ..own }),
    };
    Ok(AsOf::at(models.as_of(), answer))
}
