//! `/leaderboard`: certified hours by scope and period.

use axum::response::Response;
use hourbook_ledger::domain::event::{Looked, Scope};
use hourbook_ledger::domain::time::{Date, Period};
use hourbook_projections::Models;
use hourbook_projections::leaderboard::Rank;
use hourbook_projections::window::Window;

use super::page;
use crate::auth::visibility::Seen;
use crate::http::extract::Query;
use crate::problem::{Fault, Problem};
use crate::ui::components::Choice;
use crate::ui::fill::rank_row;
use crate::ui::parts::RankRow;
use crate::ui::request::{BoardQuery, PageRequest, pager, rows_before};
use crate::ui::{labels, names};

/// Lines on a page.
const EACH: usize = 20;
/// Months to choose from.
const MONTHS: usize = 12;

pub(crate) async fn page(request: PageRequest, Query(query): Query<BoardQuery>) -> Result<Response, Problem> {
    let seen = Seen::default();
    let page = make(&request, &seen, &query)?;
    seen.record(&request.app, request.viewer()).await?;
    Ok(page)
}

fn make(request: &PageRequest, seen: &Seen, query: &BoardQuery) -> Result<Response, Problem> {
    let models = request.app.read.read();
    if models.rankings_off(request.app.now()) {
        return Err(Fault::RankingsOff.into());
    }
    let today = request.today(&models);
    let scope = scope(&models, query.scope.as_deref())?;
    let window = window(query.period.as_deref(), today)?;
    let visibility = request.visibility(&models);
    let total = models.total(scope, window);
    let withheld =
        !visibility.figures_of(scope) && !request.app.figures(&models).show(scope, window, total.persons);
    let shown = if withheld { 0 } else { total.persons };
    let pager = pager(query.page.as_deref(), EACH, u64::from(shown));
    let row = |rank: Rank| {
        seen.name(&visibility, Looked::Board(scope), rank.person);
        rank_row(&request.app, &models, &visibility, window, rank)
    };
    let page = match withheld {
        true => Vec::new(),
        false => models.leaders(scope, window, rows_before(pager, EACH), EACH),
    };
    let on_page = page.iter().any(|rank| visibility.is(rank.person));
    let own =
        request.session.filter(|_| !on_page).and_then(|session| models.rank(scope, window, session.person));
    let mut rows: Vec<RankRow> = page.into_iter().map(row).collect::<Result<_, _>>()?;
    mark_ties(&mut rows);
    let view = page::View {
        scopes: scopes(request, &models, scope),
        periods: periods(request, &models, window, today),
        rows,
        own_minutes: own.filter(|_| withheld).map(|own| u64::from(own.minutes)),
        withheld,
        own: own.filter(|_| !withheld).map(row).transpose()?,
        pager,
    };
    request.draw(&models, |shell| page::render(shell, &view))
}

fn scope(models: &Models, text: Option<&str>) -> Result<Scope, Problem> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(Scope::Ledger) };
    let org = text.parse().map_err(|_| Fault::NotFound)?;
    models.directory.org(org).map(|_| Scope::Org(org)).ok_or(Fault::NotFound.into())
}

/// The running year unless told.
fn window(text: Option<&str>, today: Date) -> Result<Window, Problem> {
    match text {
        None | Some("") => Ok(Window::In(Period::Year(today.ymd().0))),
        Some("all") => Ok(Window::All),
        Some(text) => text.parse().map(Window::In).map_err(|_| Fault::NotFound.into()),
    }
}

/// Lines of equal minutes share a rank.
fn mark_ties(rows: &mut [RankRow]) {
    let ranks: Vec<u64> = rows.iter().map(|row| row.rank).collect();
    for row in rows {
        row.tied = ranks.iter().filter(|rank| **rank == row.rank).count() > 1;
    }
}

fn scopes(request: &PageRequest, models: &Models, current: Scope) -> Vec<Choice> {
    let all = Choice::of("", request.lang().t("全部", "All"), current == Scope::Ledger);
    let places = request.site.places(models);
    let of = places.territories.iter();
    let of = of.map(|(org, name)| Choice::of(org, name.as_str(), current == Scope::Org(*org)));
    let mut choices: Vec<_> = std::iter::once(all).chain(of).collect();
    if let Scope::Org(org) = current
        && !choices.iter().any(|choice| choice.selected)
    {
        // A team or unit that somebody linked to.
        choices.push(Choice::of(org, names::org(&models.directory, org), true));
    }
    choices
}

fn periods(request: &PageRequest, models: &Models, current: Window, today: Date) -> Vec<Choice> {
    let mut windows = vec![Window::All, current, Window::In(Period::Year(today.ymd().0))];
    for (month, _) in models.stats.months().iter().rev().take(MONTHS) {
        windows.extend(Period::all_of(month.range().0).map(Window::In));
    }
    windows.sort_by_key(|window| match window {
        Window::In(Period::Year(year)) => (0, -year, 0),
        Window::In(Period::Quarter(year, quarter)) => (1, -year, -(*quarter as i32)),
        Window::In(Period::Month(year, month)) => (2, -year, -(*month as i32)),
        Window::All => (3, 0, 0),
    });
    windows.dedup();
    let choice = |window: Window| {
        Choice::of(labels::window_code(window), labels::window(request.lang(), window), window == current)
    };
    windows.into_iter().map(choice).collect()
}
