//! `/lists`: red and yellow lists (红榜, 黄榜), each line with what its points are made of.

use std::sync::Arc;

use axum::response::Response;
use hourbook_ledger::domain::event::{Looked, Role, Scope};
use hourbook_ledger::domain::ids::OrgId;
use hourbook_ledger::domain::policy::NoService;
use hourbook_ledger::domain::time::{Date, Period};
use hourbook_projections::Models;
use hourbook_projections::lists::{Colour, Draft, Item, ItemKind, Line, Published, Standing};

use super::page;
use crate::auth::visibility::{Seen, Visibility};
use crate::http::extract::{Query, stamp};
use crate::problem::{Fault, Problem};
use crate::ui::components::Choice;
use crate::ui::i18n::{self, Lang};
use crate::ui::request::{BoardQuery, PageRequest, pager, rows_before};
use crate::ui::site::Known;
use crate::ui::{glossary, labels, names, policy_words};

/// Lines of each list on a page.
const EACH: usize = 12;
/// Roles that may see a draft: those that publish it.
const DRAFTING: [Role; 2] = [Role::Secretary, Role::Steward];
/// Roles that see the yellow list of an organisation.
const YELLOW: [Role; 4] = [Role::Steward, Role::Worker, Role::UnitOfficer, Role::Secretary];

pub(crate) async fn page(request: PageRequest, Query(query): Query<BoardQuery>) -> Result<Response, Problem> {
    let seen = Seen::default();
    let page = make(&request, &seen, &query)?;
    seen.record(&request.app, request.viewer()).await?;
    Ok(page)
}

fn make(request: &PageRequest, seen: &Seen, query: &BoardQuery) -> Result<Response, Problem> {
    let models = request.app.read.read();
    let visibility = request.visibility(&models);
    let scopes = scopes(request, &models, &visibility);
    let scope = scope(&models, query.scope.as_deref(), &scopes)?;
    let period = period(&models, query.period.as_deref(), scope, request.today(&models))?;
    let found = scope.map(|scope| find(request, &models, &visibility, scope, period)).transpose()?.flatten();
    let shell = request.shell(&models)?;
    let mut view = match &found {
        Some(found) => show(request, &models, &visibility, seen, found, query.page.as_deref())?,
        None => page::View::default(),
    };
    view.scopes = scope_choices(&models, &scopes, scope);
    view.periods = period_choices(request, &models, scope, period);
    Ok(request.answer(page::render(&shell, &view)))
}

/// A list that this reader may see, published or not.
struct Found<'a> {
    known: Arc<Known>,
    published: Option<&'a Published>,
}

fn find<'a>(
    request: &PageRequest,
    models: &'a Models,
    visibility: &Visibility<'_>,
    scope: OrgId,
    period: Period,
) -> Result<Option<Found<'a>>, Problem> {
    if let Some(published) = models.lists.latest(scope, period) {
        let known = request.site.list(models, published).map_err(|error| Problem::internal(&error))?;
        return Ok(Some(Found { known, published: Some(published) }));
    }
    if models.rankings_off(request.app.now()) || !visibility.holds(&DRAFTING, scope) {
        return Ok(None);
    }
    let draft = models.draft(scope, period, models.as_of());
    Ok(draft.ok().map(|draft| Found { known: Arc::new(Known { draft, reproduced: false }), published: None }))
}

/// Organisations with a published list, and those whose drafts this reader may see.
fn scopes(request: &PageRequest, models: &Models, visibility: &Visibility<'_>) -> Vec<OrgId> {
    let root = request.site.places(models).root;
    let published = models.lists.published().iter().rev().map(|list| list.scope);
    let held = visibility.roles().filter(|(role, _)| DRAFTING.contains(role));
    let held = held.filter_map(|(_, scope)| match scope {
        Scope::Org(org) => Some(org),
        Scope::Ledger => root,
    });
    let held: Vec<OrgId> = held.collect();
    let published: Vec<OrgId> = published.collect();
    // First what is published where the reader serves, then what is published last, then drafts: a page opens full.
    let own = published.iter().filter(|org| held.contains(org));
    let mut scopes = Vec::new();
    for org in own.chain(&published).chain(&held) {
        if !scopes.contains(org) {
            scopes.push(*org);
        }
    }
    scopes
}

fn scope(models: &Models, text: Option<&str>, scopes: &[OrgId]) -> Result<Option<OrgId>, Problem> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(scopes.first().copied()) };
    let org = text.parse().map_err(|_| Fault::NotFound)?;
    models.directory.org(org).map(|_| Some(org)).ok_or(Fault::NotFound.into())
}

/// The period that was published last for the scope, unless told.
fn period(models: &Models, text: Option<&str>, scope: Option<OrgId>, today: Date) -> Result<Period, Problem> {
    let last =
        models.lists.published().iter().rev().find(|list| Some(list.scope) == scope).map(|list| list.period);
    let [_, quarter, _] = Period::all_of(today);
    match text.filter(|text| !text.is_empty()) {
        None => Ok(last.unwrap_or(quarter)),
        Some(text) => text.parse().map_err(|_| Fault::NotFound.into()),
    }
}

fn scope_choices(models: &Models, scopes: &[OrgId], current: Option<OrgId>) -> Vec<Choice> {
    let other = current.filter(|org| !scopes.contains(org));
    let choice = |org: OrgId| Choice::of(org, names::org(&models.directory, org), current == Some(org));
    scopes.iter().copied().chain(other).map(choice).collect()
}

fn period_choices(
    request: &PageRequest,
    models: &Models,
    scope: Option<OrgId>,
    current: Period,
) -> Vec<Choice> {
    let published =
        models.lists.published().iter().filter(|list| Some(list.scope) == scope).map(|list| list.period);
    let running = Period::all_of(request.today(models));
    let mut periods: Vec<Period> = published.chain(running).chain([current]).collect();
    periods.sort_by_key(|period| std::cmp::Reverse((period.range().1, period.range().0)));
    periods.dedup();
    let choice =
        |period: Period| Choice::of(period, labels::period(request.lang(), period), period == current);
    periods.into_iter().map(choice).collect()
}

fn show(
    request: &PageRequest,
    models: &Models,
    visibility: &Visibility<'_>,
    seen: &Seen,
    found: &Found<'_>,
    page: Option<&str>,
) -> Result<page::View, Problem> {
    let draft = &found.known.draft;
    let what = Looked::List { scope: draft.scope, period: draft.period };
    let red: Vec<&Line> = draft.of(Colour::Red).collect();
    let visible: Vec<&Line> =
        red.iter().copied().filter(|line| visibility.red_line(draft.scope, line.person)).collect();
    let yellow: Vec<&Line> =
        draft.of(Colour::Yellow).filter(|line| visibility.yellow_line(draft.scope, line.person)).collect();
    let pager = pager(page, EACH, visible.len().max(yellow.len()) as u64);
    let part = |lines: &[&Line]| -> Result<Vec<page::Line>, Problem> {
        let on_page = lines.iter().skip(rows_before(pager, EACH)).take(EACH);
        let line = |line: &&Line| {
            seen.list_line(visibility, what, draft.scope, line.person);
            show_line(request, models, visibility, draft, line)
        };
        on_page.map(line).collect()
    };
    let counts = visibility.counts(draft);
    let told = |count: Option<usize>| count.map(|count| count as u64);
    let sees_yellow = !yellow.is_empty() || visibility.holds(&YELLOW, draft.scope);
    Ok(page::View {
        stage: stage(models, found),
        policy: policy_words::list_rule(request.lang(), &draft.points),
        basis: draft.points.basis.as_ref().map(|basis| (basis.document.clone(), basis.issuer.clone())),
        cutoff_position: draft.cutoff.min(models.as_of().saturating_sub(1)),
        red: part(&visible)?,
        red_people: told(counts.red),
        red_unnamed: told(counts.red).map(|red| red.saturating_sub(visible.len() as u64)),
        yellow: match sees_yellow {
            true => Some(page::Yellow { lines: part(&yellow)?, people: yellow.len() as u64 }),
            false => None,
        },
        pager,
        apart: page::Apart {
            zero_service: told(counts.zero_service),
            exempt: told(counts.exempt),
            not_reported: told(counts.not_reported_in),
        },
        ..page::View::default()
    })
}

fn stage(models: &Models, found: &Found<'_>) -> page::Stage {
    let Some(published) = found.published else { return page::Stage::Draft };
    page::Stage::Published {
        at: stamp(published.act.at, models.directory.offset()),
        position: published.act.position,
        digest: hex::encode(published.digest),
        reproduced: found.known.reproduced,
    }
}

fn show_line(
    request: &PageRequest,
    models: &Models,
    visibility: &Visibility<'_>,
    draft: &Draft,
    line: &Line,
) -> Result<page::Line, Problem> {
    let lang = request.lang();
    // What the points are made of is for the member, the branch, the unit and the community.
    let explained = visibility.yellow_line(draft.scope, line.person);
    let item = |item: &Item| page::Item {
        label: label(lang, item),
        points_centi: item.hundredths,
        positions: item.events.clone(),
    };
    let limit = match line.colour {
        Colour::Yellow => i64::from(draft.points.yellow_to),
        Colour::Red | Colour::None => i64::from(draft.points.red_from),
    };
    let limit = i18n::points(limit, false);
    let served_nothing = line.standing == Standing::ZeroService;
    let whatever_the_total = draft.points.no_service == Some(NoService::Yellow);
    let reason = match (line.colour, lang) {
        (Colour::Yellow, _) if served_nothing && whatever_the_total => {
            lang.t(glossary::NO_SERVICE.zh(), "no service").to_owned()
        }
        (Colour::Yellow, Lang::Zh) if served_nothing => format!("本期无服务记录，不高于 {limit} 分"),
        (Colour::Yellow, Lang::En) if served_nothing => format!("no service, {limit} points or less"),
        (Colour::Yellow, Lang::Zh) => format!("不高于 {limit} 分"),
        (Colour::Yellow, Lang::En) => format!("{limit} points or less"),
        (_, Lang::Zh) => format!("达到 {limit} 分"),
        (_, Lang::En) => format!("{limit} points or more"),
    };
    Ok(page::Line {
        name: names::person(&request.app, visibility, line.person)?,
        unit: names::unit(&models.directory, line.person),
        points_centi: line.total,
        reason,
        items: if explained { line.items.iter().map(item).collect() } else { Vec::new() },
    })
}

fn label(lang: Lang, item: &Item) -> String {
    let amount = item.amount;
    match (item.kind, lang) {
        (ItemKind::Base, _) => lang.t("基础分", "Base").to_owned(),
        (ItemKind::Minutes, _) => {
            let time = i18n::hours_minutes(lang, u64::from(amount));
            format!("{}{time}", lang.t("社区服务 ", "Service, "))
        }
        (ItemKind::Wishes, Lang::Zh) => format!("实现微心愿 {amount} 个"),
        (ItemKind::Wishes, Lang::En) => format!("Wishes granted: {amount}"),
        (ItemKind::Absences, Lang::Zh) => format!("报名后未到 {amount} 次"),
        (ItemKind::Absences, Lang::En) => format!("Absences after sign-up: {amount}"),
    }
}
