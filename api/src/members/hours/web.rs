//! `/me` and `/members/{id}`: a service record, each row with its reasons.

use std::ops::RangeInclusive;

use axum::extract::Path;
use axum::response::Response;
use hourbook_ledger::domain::event::{Account, Lead, RecordClass};
use hourbook_ledger::domain::ids::PersonId;
use hourbook_ledger::domain::time::Date;
use hourbook_projections::Models;
use hourbook_projections::provenance::Provenance;
use hourbook_projections::record::shown::{RowView, Totals};
use hourbook_projections::window::{month, month_of};

use super::super::duties;
use super::page;
use crate::auth::visibility::look_at_record;
use crate::http::extract::{Query, stamp};
use crate::problem::{Fault, Problem};
use crate::ui::charts::Month;
use crate::ui::fill::{bar, clock};
use crate::ui::request::{PageQuery, PageRequest, pager, rows_before, see_other};
use crate::ui::{labels, names, paths};

/// Rows on a page: with all their reasons they make most of its weight.
const EACH: usize = 6;
/// Months of the charts.
const MONTHS: i32 = 12;

pub(crate) async fn own(request: PageRequest, Query(query): Query<PageQuery>) -> Result<Response, Problem> {
    match request.signed_in(paths::MY_HOURS) {
        Ok(session) => show(&request, session.person, &query),
        Err(sign_in) => Ok(see_other(&sign_in)),
    }
}

pub(crate) async fn member(
    request: PageRequest,
    Path(id): Path<String>,
    Query(query): Query<PageQuery>,
) -> Result<Response, Problem> {
    let person: PersonId = id.parse().map_err(|_| Fault::NotFound)?;
    let session = match request.signed_in(&paths::member(&id)) {
        Ok(session) => session,
        Err(sign_in) => return Ok(see_other(&sign_in)),
    };
    if session.person == person {
        return Ok(see_other(paths::MY_HOURS));
    }
    look_at_record(&request.app, request.viewer(), person).await?;
    show(&request, person, &query)
}

fn show(request: &PageRequest, person: PersonId, query: &PageQuery) -> Result<Response, Problem> {
    let models = request.app.read.read();
    let visibility = request.visibility(&models);
    let (totals, today) = (models.records.totals(person), request.today(&models));
    let pager = pager(query.page.as_deref(), EACH, models.records.row_count(person) as u64);
    let rows = models.records.page(&models.accounts, person, rows_before(pager, EACH), EACH);
    let name = request.app.shown_name(&visibility, person)?;
    let number = models.directory.person(person).and_then(|entry| entry.volunteer_number);
    let view = page::View {
        person: name.unwrap_or_else(|| labels::nameless(request.lang()).to_owned()),
        own: visibility.is(person),
        duties: match visibility.is(person) {
            true => duties::duties(request, &models, person)?,
            false => Vec::new(),
        },
        volunteer_no: request.app.value(number.filter(|_| visibility.number_of(person)))?,
        minutes_total: u64::from(totals.certified),
        minutes_this_month: totals.by_month.get(&month_of(today)).map_or(0, |minutes| u64::from(*minutes)),
        minutes_waiting: u64::from(totals.pending),
        credit_minutes: models.accounts.balance(Account::Person(person)),
        credit_held_minutes: u64::try_from(models.accounts.held(person)).unwrap_or(0),
        months: months(&totals, today),
        days: days(&totals, today),
        rows: rows.iter().map(|row| record(request, &models, row)).collect::<Result<_, _>>()?,
        pager,
    };
    request.draw(&models, |shell| page::render(shell, &view))
}

/// Months counted from January of year 0, of the last twelve.
fn last_months(today: Date) -> RangeInclusive<i32> {
    let last = month_of(today);
    last - MONTHS + 1..=last
}

fn months(totals: &Totals, today: Date) -> Vec<Month> {
    let minutes = |number: i32| totals.by_month.get(&number).map_or(0, |minutes| u64::from(*minutes));
    // Months before the first service say nothing.
    let served = |number: &i32| totals.by_month.keys().next().is_some_and(|first| first <= number);
    let bar = |number: i32| bar(month(number), Some(minutes(number)));
    last_months(today).filter(served).filter_map(bar).collect()
}

fn days(totals: &Totals, today: Date) -> Vec<(Date, u64)> {
    let months = last_months(today);
    let shown =
        totals.by_day.iter().filter(|(day, minutes)| months.contains(&month_of(**day)) && **minutes > 0);
    shown.map(|(day, minutes)| (*day, u64::from(*minutes))).collect()
}

fn record(request: &PageRequest, models: &Models, row: &RowView) -> Result<page::Row, Problem> {
    let (directory, lang) = (&models.directory, request.lang());
    let (activity, offset) = (directory.activity(row.activity), directory.offset());
    let pending = u64::try_from(row.interval.minutes()).unwrap_or(0);
    let said = |act: &Provenance| said(request, models, act);
    let posting = |act: &Provenance| page::Posting { minutes: row.credit, position: act.position };
    let confirmed = row.confirmation.as_ref();
    let title = request.app.value(activity.map(|a| a.title))?;
    Ok(page::Row {
        activity: title.unwrap_or_else(|| lang.t("志愿服务", "Voluntary service").to_owned()),
        date: row.interval.start.date(offset).to_string(),
        start: clock(row.interval.start, offset),
        end: clock(row.interval.end, offset),
        minutes: if row.is_pending() { pending } else { u64::from(row.minutes()) },
        place: request.app.value(activity.and_then(|a| a.place))?.unwrap_or_default(),
        content: request.app.value(activity.and_then(|a| a.content))?.unwrap_or_default(),
        organisation: names::org(directory, row.org),
        lead: lead(request, models, activity.map(|a| a.lead))?,
        state: match (&row.correction, confirmed) {
            (Some(_), _) => page::RowState::Corrected,
            (None, Some(_)) => page::RowState::Confirmed,
            (None, None) => page::RowState::Waiting,
        },
        late_reason: late_reason(request, row)?,
        recorded: said(&row.recorder)?,
        confirmed: confirmed.map(said).transpose()?,
        posting: confirmed.filter(|_| row.credit != 0).map(posting),
    })
}

fn late_reason(request: &PageRequest, row: &RowView) -> Result<Option<String>, Problem> {
    let RecordClass::Late(reason) = row.class else { return Ok(None) };
    let erased = request.lang().t("原因已删除", "the reason was erased");
    Ok(Some(request.app.value(Some(reason))?.unwrap_or_else(|| erased.to_owned())))
}

fn lead(request: &PageRequest, models: &Models, lead: Option<Lead>) -> Result<String, Problem> {
    let name = match lead {
        Some(Lead::Person(person)) => request.app.shown_name(&request.visibility(models), person)?,
        Some(Lead::Named(name)) => request.app.value(Some(name))?,
        None => None,
    };
    Ok(name.map_or_else(String::new, |name| format!("{}{name}", request.lang().t("负责人 ", "led by "))))
}

fn said(request: &PageRequest, models: &Models, act: &Provenance) -> Result<page::Said, Problem> {
    Ok(page::Said {
        by: names::actor(request, models, act)?,
        assurance: act.assurance,
        at: stamp(act.at, models.directory.offset()),
        position: act.position,
    })
}
