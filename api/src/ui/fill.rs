//! Fills what several pages show alike, with names as far as the reader may see them.

use hourbook_ledger::domain::event::Scope;
use hourbook_ledger::domain::time::{Minute, Offset, Period};
use hourbook_projections::Models;
use hourbook_projections::leaderboard::Rank;
use hourbook_projections::window::Window;
use hourbook_projections::wishes::Wish;

use super::charts::Month;
use super::parts::{Change, RankRow, WishCard};
use super::request::PageRequest;
use super::{labels, names};
use crate::auth::visibility::Visibility;
use crate::http::extract::{minute, stamp};
use crate::problem::Problem;
use crate::state::App;

/// A wish in brief. Its sentence is public once it was vetted.
pub(crate) fn card(request: &PageRequest, models: &Models, wish: &Wish) -> Result<WishCard, Problem> {
    let (lang, offset) = (request.lang(), models.directory.offset());
    let sentence = request.app.value(wish.sentence)?;
    let posted = wish.timeline.first().map(|step| stamp(step.act.at, offset));
    Ok(WishCard {
        id: wish.id.to_string(),
        sentence: sentence.unwrap_or_else(|| lang.t("（审核后公布）", "(shown once vetted)").to_owned()),
        category: labels::category(lang, &wish.category),
        // A grid is a few buildings: with the sentence it would say whose wish it is.
        community: names::org(
            &models.directory,
            names::around(&models.directory, wish.org).unwrap_or(wish.org),
        ),
        state: wish.state,
        posted_on: posted.and_then(|at| at.get(..10).map(str::to_owned)).unwrap_or_default(),
        effort_minutes: u64::from(wish.expected),
    })
}

/// A line as the viewer may see it. Where somebody lives is shown with the name only; the change is that of the rank in
/// the whole ledger.
pub(crate) fn rank_row(
    app: &App,
    models: &Models,
    visibility: &Visibility<'_>,
    window: Window,
    rank: Rank,
) -> Result<RankRow, Problem> {
    let name = names::person(app, visibility, rank.person)?;
    let group =
        if names::is_shown(&name) { names::community(&models.directory, rank.person) } else { String::new() };
    let change = change(models, window, &rank);
    let own = visibility.is(rank.person);
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

/// A month of the chart.
pub(crate) fn bar(month: Period, minutes: Option<u64>) -> Option<Month> {
    let Period::Month(year, month) = month else { return None };
    Some(Month { year, month, minutes })
}

/// Time of day, as of a clock: 09:00.
pub(crate) fn clock(at: Minute, offset: Offset) -> String {
    minute(at, offset).get(11..16).unwrap_or("").to_owned()
}

fn change(models: &Models, window: Window, rank: &Rank) -> Change {
    let earlier = window.before().filter(|window| models.total(Scope::Ledger, *window).persons > 0);
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
        let of = |text: &str| Window::In(text.parse().unwrap()).before().map(labels::window_code);
        assert_eq!(of("2026-01").as_deref(), Some("2025-12"));
        assert_eq!(of("2026Q1").as_deref(), Some("2025Q4"));
        assert_eq!(of("2026").as_deref(), Some("2025"));
        assert_eq!(Window::All.before(), None);
    }
}
