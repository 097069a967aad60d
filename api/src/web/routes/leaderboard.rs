//! `/leaderboard`: certified hours by scope and period.

use axum::response::Response;
use hourbook_ledger::domain::event::{Looked, Scope};
use hourbook_ledger::domain::time::{Date, Period};
use hourbook_projections::Models;
use hourbook_projections::leaderboard::{Rank, Window};
use serde::Deserialize;

use super::visit::{Visit, pager, rows_before};
use super::{names, words};
use crate::app::App;
use crate::http::parts::Query;
use crate::http::problem::{Fault, Problem};
use crate::visibility::{Seen, Sight};
use crate::web::charts::Bump;
use crate::web::components::Choice;
use crate::web::pages::{Change, RankRow, leaderboard};

/// Lines on a page.
const EACH: usize = 20;
/// Months to choose from.
const MONTHS: usize = 12;

#[derive(Deserialize)]
pub(super) struct BoardQuery {
    scope: Option<String>,
    period: Option<String>,
    page: Option<String>,
}

pub(super) async fn page(visit: Visit, Query(query): Query<BoardQuery>) -> Result<Response, Problem> {
    let seen = Seen::default();
    let page = make(&visit, &seen, &query)?;
    seen.record(&visit.app, visit.viewer()).await?;
    Ok(page)
}

fn make(visit: &Visit, seen: &Seen, query: &BoardQuery) -> Result<Response, Problem> {
    let models = visit.app.read.read();
    let today = visit.today(&models);
    let scope = scope(&models, query.scope.as_deref())?;
    let window = window(query.period.as_deref(), today)?;
    let sight = visit.sight(&models);
    let total = models.total(scope, window);
    let withheld = !sight.figures_of(scope) && !visit.app.figures(&models).show(scope, window, total.persons);
    let shown = if withheld { 0 } else { total.persons };
    let pager = pager(query.page.as_deref(), EACH, u64::from(shown));
    let row = |rank: Rank| {
        seen.name(&sight, Looked::Board(scope), rank.person);
        rank_row(&visit.app, &models, &sight, window, rank)
    };
    let page = match withheld {
        true => Vec::new(),
        false => models.leaders(scope, window, rows_before(pager, EACH), EACH),
    };
    let on_page = page.iter().any(|rank| sight.is(rank.person));
    let own =
        visit.session.filter(|_| !on_page).and_then(|session| models.rank(scope, window, session.person));
    let mut rows: Vec<RankRow> = page.into_iter().map(row).collect::<Result<_, _>>()?;
    mark_ties(&mut rows);
    let view = leaderboard::View {
        scopes: scopes(visit, &models, scope),
        periods: periods(visit, &models, window, today),
        rows,
        own_minutes: own.filter(|_| withheld).map(|own| u64::from(own.minutes)),
        withheld,
        own: own.filter(|_| !withheld).map(row).transpose()?,
        pager,
        movement: Bump::default(),
    };
    let shell = visit.shell(&models)?;
    Ok(visit.answer(leaderboard::render(&shell, &view)))
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

fn scopes(visit: &Visit, models: &Models, current: Scope) -> Vec<Choice> {
    let all = Choice {
        value: String::new(),
        label: visit.look.lang.t("全部", "All").to_owned(),
        selected: current == Scope::Ledger,
    };
    let places = visit.site.places(models);
    let of = places.territories.iter().map(|(org, name)| Choice {
        value: org.to_string(),
        label: name.clone(),
        selected: current == Scope::Org(*org),
    });
    let mut choices: Vec<_> = std::iter::once(all).chain(of).collect();
    if let Scope::Org(org) = current
        && !choices.iter().any(|choice| choice.selected)
    {
        // A team or unit that somebody linked to.
        choices.push(Choice {
            value: org.to_string(),
            label: names::org(&models.directory, org),
            selected: true,
        });
    }
    choices
}

fn periods(visit: &Visit, models: &Models, current: Window, today: Date) -> Vec<Choice> {
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
    let choice = |window: Window| Choice {
        value: words::window_code(window),
        label: words::window(visit.look.lang, window),
        selected: window == current,
    };
    windows.into_iter().map(choice).collect()
}

/// The period of the same kind before.
fn before(window: Window) -> Option<Window> {
    let period = match window {
        Window::All => return None,
        Window::In(Period::Year(year)) => Period::Year(year - 1),
        Window::In(Period::Quarter(year, 1)) => Period::Quarter(year - 1, 4),
        Window::In(Period::Quarter(year, quarter)) => Period::Quarter(year, quarter - 1),
        Window::In(Period::Month(year, 1)) => Period::Month(year - 1, 12),
        Window::In(Period::Month(year, month)) => Period::Month(year, month - 1),
    };
    Some(Window::In(period))
}

/// A line as the viewer may see it. Where somebody lives is shown with the name only; the change is that of the rank in
/// the whole ledger.
pub(super) fn rank_row(
    app: &App,
    models: &Models,
    sight: &Sight<'_>,
    window: Window,
    rank: Rank,
) -> Result<RankRow, Problem> {
    let name = names::person(app, sight, rank.person)?;
    let group =
        if names::is_shown(&name) { names::community(&models.directory, rank.person) } else { String::new() };
    let change = change(models, window, &rank);
    let own = sight.is(rank.person);
    Ok(RankRow {
        rank: u64::from(rank.rank),
        tied: false,
        name,
        group,
        minutes: u64::from(rank.minutes),
        change,
        own,
    })
}

fn change(models: &Models, window: Window, rank: &Rank) -> Change {
    let earlier = before(window).filter(|window| models.total(Scope::Ledger, *window).persons > 0);
    let Some(earlier) = earlier else { return Change::Untold };
    let now = models.rank(Scope::Ledger, window, rank.person);
    match (models.rank(Scope::Ledger, earlier, rank.person), now) {
        (Some(then), Some(now)) => Change::By(i64::from(then.rank) - i64::from(now.rank)),
        (None, Some(_)) => Change::New,
        (_, None) => Change::Untold,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_period_before_is_of_the_same_kind() {
        let of = |text: &str| before(Window::In(text.parse().unwrap())).map(words::window_code);
        assert_eq!(of("2026-01").as_deref(), Some("2025-12"));
        assert_eq!(of("2026Q1").as_deref(), Some("2025Q4"));
        assert_eq!(of("2026").as_deref(), Some("2025"));
        assert_eq!(before(Window::All), None);
    }
}
