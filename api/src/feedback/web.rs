//! `/feedback`: the sheets of a quarter, one of each unit, to print and seal; `/feedback.xlsx`: the same as a workbook.

use std::collections::BTreeMap;

use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use hourbook_ledger::domain::event::{Looked, OrgKind};
use hourbook_ledger::domain::ids::OrgId;
use hourbook_ledger::domain::time::Period;
use hourbook_projections::Models;
use serde::Deserialize;

use super::figures::{self, Asked, Member};
use super::page;
use crate::auth::visibility::{STAFF, Seen};
use crate::http::extract::Query;
use crate::problem::{Fault, Problem};
use crate::sheet::write::{Cell, rows_xlsx};
use crate::ui::components::Choice;
use crate::ui::request::{PageRequest, see_other};
use crate::ui::{i18n, labels, names, paths};

/// Which sheets are asked for.
#[derive(Deserialize)]
pub(crate) struct FeedbackQuery {
    community: Option<String>,
    period: Option<String>,
    /// A unit's id, or `all`; without it the units are listed and nobody is named.
    unit: Option<String>,
    /// Entries below this position are counted; those there are now unless told.
    at: Option<u64>,
}

pub(crate) async fn page(
    request: PageRequest,
    Query(query): Query<FeedbackQuery>,
) -> Result<Response, Problem> {
    if let Err(sign_in) = request.signed_in(paths::FEEDBACK) {
        return Ok(see_other(&sign_in));
    }
    let seen = Seen::default();
    let page = {
        let models = request.app.read.read();
        let view = view(&request, &models, &seen, &query)?;
        request.draw(&models, |shell| page::render(shell, &view))?
    };
    seen.record(&request.app, request.viewer()).await?;
    Ok(page)
}

pub(crate) async fn workbook(
    request: PageRequest,
    Query(query): Query<FeedbackQuery>,
) -> Result<Response, Problem> {
    if let Err(sign_in) = request.signed_in(paths::FEEDBACK) {
        return Ok(see_other(&sign_in));
    }
    let seen = Seen::default();
    let bytes = {
        let models = request.app.read.read();
        let view = view(&request, &models, &seen, &query)?;
        let (head, rows) = table(&request, &view);
        rows_xlsx(request.lang().t("反馈表", "Feedback"), &head, &rows)
            .map_err(|error| Problem::internal(&error))?
    };
    seen.record(&request.app, request.viewer()).await?;
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"feedback.xlsx\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, bytes).into_response())
}

fn view(
    request: &PageRequest,
    models: &Models,
    seen: &Seen,
    query: &FeedbackQuery,
) -> Result<page::View, Problem> {
    let communities = communities(request, models)?;
    let today = request.today(models);
    let wrong = |what: &'static str| Fault::BadRequest.because(what);
    let community = match query.community.as_deref() {
        Some(asked) => asked.parse::<OrgId>().map_err(|_| wrong("community"))?,
        None => communities.first().copied().ok_or(Fault::NotForYou)?,
    };
    if !communities.contains(&community) {
        return Err(Fault::NotForYou.into());
    }
    let period = match query.period.as_deref() {
        Some(asked) => asked.parse::<Period>().map_err(|_| wrong("period"))?,
        None => labels::quarters(today)[0],
    };
    let size = models.as_of();
    let end = query.at.unwrap_or(size);
    if end > size {
        return Err(wrong("at: no such position yet"));
    }
    let shown = match query.unit.as_deref().unwrap_or_default() {
        "" => Shown::Units,
        ALL => Shown::All,
        unit => Shown::Unit(unit.parse().map_err(|_| wrong("unit"))?),
    };
    let sheets = sheets(request, models, seen, Asked { community, period, end }, shown)?;
    let lang = request.lang();
    let named = |org: &OrgId| Choice::of(org, names::org(&models.directory, *org), *org == community);
    Ok(page::View {
        community: names::org(&models.directory, community),
        community_id: community.to_string(),
        communities: communities.iter().map(named).collect(),
        period: labels::period(lang, period),
        period_code: period.to_string(),
        periods: labels::quarters(today)
            .into_iter()
            .map(|one| Choice::of(one, labels::period(lang, one), one == period))
            .collect(),
        unit: query.unit.clone().filter(|_| shown != Shown::Units),
        end,
        is_over: period.range().1 <= today,
        sheets,
    })
}

/// Communities where the reader works as staff.
fn communities(request: &PageRequest, models: &Models) -> Result<Vec<OrgId>, Problem> {
    let covered = request.covered(models, &STAFF).ok_or(Fault::NotForYou)?;
    let is_community =
        |org: &OrgId| models.directory.org(*org).is_some_and(|entry| entry.kind == OrgKind::Community);
    Ok(covered.into_iter().map(|(org, _)| org).filter(is_community).collect())
}

/// All units, in an address.
const ALL: &str = "all";

/// Which sheets are shown with their rows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Units,
    All,
    Unit(OrgId),
}

/// A sheet of each unit, by its name; members without a unit on record come last.
fn sheets(
    request: &PageRequest,
    models: &Models,
    seen: &Seen,
    asked: Asked,
    shown: Shown,
) -> Result<Vec<page::Sheet>, Problem> {
    let mut units: BTreeMap<(bool, String, Option<OrgId>), Vec<Member>> = BTreeMap::new();
    for member in figures::members(models, asked) {
        if matches!(shown, Shown::Unit(unit) if member.unit != Some(unit)) {
            continue;
        }
        let name = member.unit.map(|unit| names::org(&models.directory, unit)).unwrap_or_default();
        units.entry((member.unit.is_none(), name, member.unit)).or_default().push(member);
    }
    let visibility = request.visibility(models);
    let mut sheets = Vec::new();
    for ((_, name, id), members) in units {
        // Who lives elsewhere tells the community who it is, or stands on no sheet of it.
        let (here, elsewhere): (Vec<Member>, Vec<Member>) =
            members.into_iter().partition(|member| visibility.id_of(member.person));
        let (count, mut rows) = (here.len(), Vec::new());
        for member in here.into_iter().filter(|_| shown != Shown::Units) {
            seen.line(&visibility, Looked::Record, member.person);
            rows.push(row(request, models, member)?);
        }
        let unit_id = id.map(|id| id.to_string());
        sheets.push(page::Sheet { unit: name, unit_id, count, rows, hidden: elsewhere.len() });
    }
    Ok(sheets)
}

fn row(request: &PageRequest, models: &Models, member: Member) -> Result<page::Row, Problem> {
    let lang = request.lang();
    let name = request.app.shown_name(&request.visibility(models), member.person)?;
    let words = member.categories.iter().take(3).map(|category| labels::category(lang, category));
    Ok(page::Row {
        name: name.unwrap_or_else(|| labels::nameless(lang).to_owned()),
        since: member.since.to_string(),
        times: member.times,
        minutes: member.minutes,
        content: words.collect::<Vec<_>>().join(lang.t("、", ", ")),
        claimed: member.claimed,
        granted: member.granted,
    })
}

/// The sheets as one table, in the columns that units know.
fn table(request: &PageRequest, view: &page::View) -> (Vec<String>, Vec<Vec<Cell>>) {
    let lang = request.lang();
    let head = page::COLUMNS.map(|(zh, en)| lang.t(zh, en).to_owned()).to_vec();
    let text = |text: &str| Cell::Text(text.to_owned());
    let number = |number: usize| Cell::Number(number as f64);
    let mut rows = Vec::new();
    for sheet in &view.sheets {
        for (at, row) in sheet.rows.iter().enumerate() {
            rows.push(vec![
                number(at + 1),
                text(&row.name),
                text(&sheet.unit),
                text(&row.since),
                text(""),
                number(row.times),
                Cell::Number(row.minutes as f64 / 60.0),
                text(&row.content),
                number(row.claimed),
                number(row.granted),
                text(""),
                text(&page::remark(lang, row)),
            ]);
        }
    }
    let about = format!(
        "{} {} · {}{}",
        view.community,
        view.period,
        lang.t("截至记录 #", "as of entry #"),
        i18n::count(view.end)
    );
    rows.push(vec![text(&about)]);
    (head, rows)
}
