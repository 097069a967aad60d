//! `/`: the town at a glance.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Extension;
use axum::response::Response;
use hourbook_ledger::domain::event::{OrgKind, Scope};
use hourbook_ledger::domain::ids::OrgId;
use hourbook_ledger::domain::time::{Date, Period};
use hourbook_projections::Models;
use hourbook_projections::counts::Counts;
use hourbook_projections::few::PublicFigures;
use hourbook_projections::leaderboard::Total;
use hourbook_projections::lists::{Colour, Published};
use hourbook_projections::window::{Window, month, month_of};
use hourbook_projections::wishes::{Funnel, WishFilter, WishState};

use super::page;
use crate::auth::visibility::{Naming, Viewer, Visibility};
use crate::cached::Cached;
use crate::problem::Problem;
use crate::ui::charts::{Bump, Hex, Mover, Stage};
use crate::ui::fill::{bar, card, rank_row};
use crate::ui::i18n::{self, Lang};
use crate::ui::layout::AsOf;
use crate::ui::request::{PageRequest, as_of};
use crate::ui::{labels, names, paths};

/// Months of the chart.
const MONTHS: usize = 12;
/// Communities that the honeycomb shows at most: those with the most hours.
const CELLS: usize = 24;
/// Months over which communities are compared, and how many of them.
const COMPARED: i32 = 5;
const MOVERS: usize = 5;
/// Notices on the page: the newest.
const NOTICES: usize = 5;

/// The overview in each language, which requests share.
#[derive(Default)]
pub(crate) struct Overviews([Cached<(AsOf, page::View)>; 2]);

pub(crate) async fn page(
    request: PageRequest,
    Extension(overviews): Extension<Arc<Overviews>>,
) -> Result<Response, Problem> {
    let models = request.app.read.read();
    let lang = request.lang();
    let make = || Ok::<_, Problem>((as_of(&request.app, &models)?, view(&request, &models)?));
    let made = overviews.0[lang as usize].try_get(models.as_of(), request.app.now(), make)?;
    let (as_of, view): &(AsOf, page::View) = &made;
    let shell = request.shell_as_of(&models, as_of.clone())?;
    Ok(request.answer(page::render(&shell, view)))
}

/// What everybody sees, in the page's language.
fn view(request: &PageRequest, models: &Models) -> Result<page::View, Problem> {
    let (app, lang) = (&*request.app, request.lang());
    let visibility = app.visibility(Viewer::Public, models);
    let (months, today) = (models.stats.months(), request.today(models));
    let (wishes, orgs) = (models.wishes.funnel(&models.directory, None), models.directory.orgs());
    let running = months.iter().find(|(month, _)| month.contains(today));
    let filter = WishFilter { states: &[WishState::Open], ..WishFilter::default() };
    let open = models.wishes.page(&models.directory, &filter, None, 3).wishes;
    let year = Window::In(Period::Year(today.ymd().0));
    let figures = app.figures(models);
    let public = |window: Window, figure: u64| {
        figures.show(Scope::Ledger, window, models.total(Scope::Ledger, window).persons).then_some(figure)
    };
    let this_month = Window::In(Period::all_of(today)[0]);
    let is_unranked = models.rankings_off(request.app.now());
    let top = match public(year, 0) {
        Some(_) if !is_unranked => models.leaders(Scope::Ledger, year, 0, 5),
        _ => Vec::new(),
    };
    let latest = months.iter().skip(months.len().saturating_sub(MONTHS));
    Ok(page::View {
        notices: notices(request, models, today)?,
        minutes_certified: public(Window::All, models.stats.minutes),
        minutes_this_month: public(this_month, running.map_or(0, |(_, minutes)| *minutes)),
        volunteers: public(Window::All, u64::from(models.records.volunteers())),
        wishes_granted: u64::from(wishes[WishState::Confirmed as usize]),
        teams: orgs.iter().filter(|(_, org)| org.kind == OrgKind::Team).count() as u64,
        months: latest
            .filter_map(|(month, minutes)| bar(*month, public(Window::In(*month), *minutes)))
            .collect(),
        communities: cells(models, &figures),
        funnel: funnel(lang, &wishes),
        wishes: open.into_iter().map(|wish| card(request, models, wish)).collect::<Result<_, _>>()?,
        top: top
            .into_iter()
            .map(|rank| rank_row(app, models, &visibility, year, rank))
            .collect::<Result<_, _>>()?,
        movement: if is_unranked { Bump::default() } else { movement(lang, models, &figures, today) },
        red_list: if is_unranked { None } else { red_list(request, models, &visibility)? },
    })
}

/// What organisations tell everybody today.
fn notices(request: &PageRequest, models: &Models, today: Date) -> Result<Vec<page::Notice>, Problem> {
    // One of each, so that nobody fills the page alone; the others stand with the organisation.
    let mut told = BTreeSet::new();
    let shown = models.notices.shown_on(today).filter(|(_, notice)| told.insert(notice.org)).take(NOTICES);
    let shown = shown.map(|(position, notice)| {
        Ok(page::Notice {
            org: names::org(&models.directory, notice.org),
            title: request.app.value(Some(notice.title))?.unwrap_or_default(),
            text: request.app.value(Some(notice.text))?.unwrap_or_default(),
            until: notice.span.to.map(|to| to.plus(-1).to_string()).unwrap_or_default(),
            position,
        })
    });
    shown.collect()
}

fn cells(models: &Models, figures: &PublicFigures) -> Vec<Hex> {
    let mut shown = models.leading_orgs(Scope::Ledger, OrgKind::Community, Window::All);
    // Whoever is not shown has no place in the order either, or that would tell.
    let is_public =
        |(org, total): &(OrgId, Total)| figures.show(Scope::Org(*org), Window::All, total.persons);
    shown.sort_by_key(|cell| !is_public(cell));
    shown.truncate(CELLS);
    shown.sort_by_key(|(org, _)| models.directory.org(*org).map_or(0, |entry| entry.position));
    let cell = |(org, total): (OrgId, Total)| Hex {
        name: names::org(&models.directory, org),
        minutes: is_public(&(org, total)).then_some(total.minutes),
    };
    shown.into_iter().map(cell).collect()
}

/// How far wishes got: whatever reached a stage passed those before it.
fn funnel(lang: Lang, wishes: &Funnel) -> Vec<Stage> {
    let counts = WishState::ALL.map(|state| (state.steps_behind(), u64::from(wishes[state as usize])));
    let reached =
        |steps| -> u64 { counts.iter().filter(|(behind, _)| *behind >= steps).map(|(_, count)| count).sum() };
    if reached(0) == 0 {
        return Vec::new();
    }
    let stages = [
        (lang.t("征集", "Posted"), reached(0)),
        (lang.t("审核发布", "Vetted"), reached(1)),
        (lang.t("认领", "Claimed"), reached(2)),
        (lang.t("办好", "Done"), reached(3)),
        (lang.t("已圆梦", "Granted"), reached(4)),
    ];
    stages.map(|(name, count)| Stage { name: name.to_owned(), count }).to_vec()
}

/// The ranks of the communities that lead now, over the last months.
fn movement(lang: Lang, models: &Models, figures: &PublicFigures, today: Date) -> Bump {
    let last = month_of(today);
    let months: Vec<Period> = (last - COMPARED + 1..=last).map(month).collect();
    let board = |month: &Period| {
        let window = Window::In(*month);
        let mut all = models.leading_orgs(Scope::Ledger, OrgKind::Community, window);
        all.retain(|(org, total)| figures.show(Scope::Org(*org), window, total.persons));
        all
    };
    let boards: Vec<Vec<(OrgId, Total)>> = months.iter().map(board).collect();
    // A month that has only begun may have nothing yet: who leads is taken from the last month that has.
    let Some(leading) = boards.iter().rev().find(|board| !board.is_empty()) else { return Bump::default() };
    let movers = leading.iter().take(MOVERS).map(|(org, _)| Mover {
        name: names::org(&models.directory, *org).trim_end_matches("社区").to_owned(),
        ranks: boards.iter().map(|board| rank(board, *org)).collect(),
        own: false,
    });
    let name = |month: &Period| i18n::month_name(lang, month.range().0.ymd().1);
    Bump { periods: months.iter().map(name).collect(), movers: movers.collect() }
}

fn rank(board: &[(OrgId, Total)], org: OrgId) -> Option<u32> {
    let own = board.iter().find(|(of, _)| *of == org)?.1.minutes;
    u32::try_from(board.iter().filter(|(_, total)| total.minutes > own).count() + 1).ok()
}

/// The red list of a quarter that was published last; of the whole town if there is one.
fn red_list(
    request: &PageRequest,
    models: &Models,
    visibility: &Visibility<'_>,
) -> Result<Option<page::RedTeaser>, Problem> {
    let root = request.site.places(models).root;
    let quarters =
        || models.lists.published().iter().rev().filter(|list| matches!(list.period, Period::Quarter(..)));
    let of_town = quarters().find(|list| Some(list.scope) == root);
    match of_town.or_else(|| quarters().next()) {
        Some(list) => teaser(request, models, visibility, list),
        None => Ok(None),
    }
}

fn teaser(
    request: &PageRequest,
    models: &Models,
    visibility: &Visibility<'_>,
    list: &Published,
) -> Result<Option<page::RedTeaser>, Problem> {
    let Ok(known) = request.site.list(models, list) else { return Ok(None) };
    let agreed = known.draft.of(Colour::Red).filter(|line| visibility.name_of(line.person) == Naming::Full);
    let names = agreed.take(3).map(|line| request.app.shown_name(visibility, line.person));
    let names: Vec<Option<String>> = names.collect::<Result<_, _>>()?;
    let scope = names::org(&models.directory, list.scope);
    Ok(Some(page::RedTeaser {
        period: format!("{scope} {}", labels::period(request.lang(), list.period)),
        people: Counts::of(&known.draft, false, |person| visibility.is_named_in_public(person))
            .red
            .map(|red| red as u64),
        names: names.into_iter().flatten().collect(),
        href: format!("{}?scope={}&period={}", paths::LISTS, list.scope, list.period),
    }))
}
