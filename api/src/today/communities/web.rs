//! `/communities` and the same as a workbook, for stewards and founders.

use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use hourbook_ledger::domain::event::{OrgKind, Role};
use hourbook_ledger::domain::ids::OrgId;
use hourbook_ledger::domain::time::Period;
use hourbook_projections::Models;
use serde::Deserialize;

use super::{figures, page};
use crate::http::extract::Query;
use crate::problem::{Fault, Problem};
use crate::sheet::write::{Cell, rows_xlsx};
use crate::ui::components::Choice;
use crate::ui::request::{PageRequest, see_other};
use crate::ui::{i18n, labels, names, paths};

/// Who adds communities up.
const STEWARDS: [Role; 2] = [Role::Founder, Role::Steward];

/// Which quarter.
#[derive(Deserialize)]
pub(crate) struct CommunitiesQuery {
    period: Option<String>,
}

pub(crate) async fn page(
    request: PageRequest,
    Query(query): Query<CommunitiesQuery>,
) -> Result<Response, Problem> {
    if let Err(sign_in) = request.signed_in(paths::COMMUNITIES) {
        return Ok(see_other(&sign_in));
    }
    let models = request.app.read.read();
    let view = view(&request, &models, &query)?;
    request.draw(&models, |shell| page::render(shell, &view))
}

pub(crate) async fn workbook(
    request: PageRequest,
    Query(query): Query<CommunitiesQuery>,
) -> Result<Response, Problem> {
    if let Err(sign_in) = request.signed_in(paths::COMMUNITIES) {
        return Ok(see_other(&sign_in));
    }
    let bytes = {
        let models = request.app.read.read();
        let view = view(&request, &models, &query)?;
        let (head, rows) = sheet(&request, &models, &view);
        rows_xlsx(request.lang().t("各社区情况", "Communities"), &head, &rows)
            .map_err(|error| Problem::internal(&error))?
    };
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"communities.xlsx\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, bytes).into_response())
}

fn view(request: &PageRequest, models: &Models, query: &CommunitiesQuery) -> Result<page::View, Problem> {
    let communities = communities(request, models)?;
    let (lang, today) = (request.lang(), request.today(models));
    let quarters = labels::quarters(today);
    let period = match query.period.as_deref() {
        Some(asked) => asked.parse::<Period>().map_err(|_| Fault::BadRequest.because("period"))?,
        None => quarters[0],
    };
    let found = figures::of(models, &communities, period, today);
    let row = |org: &OrgId| {
        let community = found.get(org).copied().unwrap_or_default();
        Ok(page::Row {
            name: names::org(&models.directory, *org),
            figures: community.figures.all(),
            behind: community.behind.all(),
            workers: workers(request, models, *org)?,
        })
    };
    let rows = communities.iter().map(row).collect::<Result<Vec<_>, Problem>>()?;
    let mut sum = figures::Figures::default();
    found.values().for_each(|community| sum += community.figures);
    let choice = |one: &Period| Choice::of(one, labels::period(lang, *one), *one == period);
    Ok(page::View {
        period: labels::period(lang, period),
        period_code: period.to_string(),
        periods: quarters.iter().map(choice).collect(),
        is_over: period.range().1 <= today,
        rows,
        sum: page::Row {
            name: lang.t("合计", "Sum").to_owned(), figures: sum.all(), ..page::Row::default()
        },
    })
}

/// Communities below the reader's organisations, in the order of the tree.
fn communities(request: &PageRequest, models: &Models) -> Result<Vec<OrgId>, Problem> {
    let covered = request.covered(models, &STEWARDS).ok_or(Fault::NotForYou)?;
    let is_community =
        |org: &OrgId| models.directory.org(*org).is_some_and(|entry| entry.kind == OrgKind::Community);
    Ok(covered.into_iter().map(|(org, _)| org).filter(is_community).collect())
}

/// Who works there; the names of those in office are no secret to the office above.
fn workers(request: &PageRequest, models: &Models, org: OrgId) -> Result<Vec<String>, Problem> {
    let visibility = request.visibility(models);
    let holders = models.directory.register().people.role_holders();
    let here = holders.filter(|(_, offices)| {
        offices.iter().any(|office| office.role == Role::Worker && office.scope.org() == Some(org))
    });
    let named = here.map(|(person, _)| request.app.actor_name(&visibility, *person));
    Ok(named.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
}

fn sheet(request: &PageRequest, models: &Models, view: &page::View) -> (Vec<String>, Vec<Vec<Cell>>) {
    let lang = request.lang();
    let words = page::COLUMNS.map(|(zh, en)| lang.t(zh, en).to_owned());
    let head = std::iter::once(lang.t("社区", "Community").to_owned()).chain(words).collect();
    let row = |row: &page::Row| {
        let figure = |(at, figure): (usize, &u64)| {
            let figure = *figure as f64;
            Cell::Number(if at == page::MINUTES { figure / 60.0 } else { figure })
        };
        let figures = row.figures.iter().enumerate().map(figure);
        std::iter::once(Cell::Text(row.name.clone())).chain(figures).collect::<Vec<_>>()
    };
    let mut rows: Vec<_> = view.rows.iter().chain([&view.sum]).map(row).collect();
    let about =
        format!("{} · {}{}", view.period, lang.t("截至记录 #", "as of entry #"), i18n::count(models.as_of()));
    rows.push(vec![Cell::Text(about)]);
    (head, rows)
}
