//! `/me` and `/members/{id}`: a service record, each row with its reasons.

use axum::extract::Path;
use axum::response::Response;
use hourbook_ledger::domain::event::{Account, Assurance, Lead, RecordClass};
use hourbook_ledger::domain::ids::PersonId;
use hourbook_ledger::domain::time::Date;
use hourbook_projections::Models;
use hourbook_projections::provenance::Provenance;
use hourbook_projections::record::shown::{RowView, Totals};
use serde::Deserialize;

use super::page;
use crate::auth::visibility::look_at_record;
use crate::http::extract::{Query, stamp};
use crate::problem::{Fault, Problem};
use crate::ui::charts::{Day, Month};
use crate::ui::fill::clock;
use crate::ui::request::{PageRequest, pager, rows_before, see_other};
use crate::ui::{labels, names, paths};

/// Rows on a page: with all their reasons they make most of its weight.
const EACH: usize = 6;
/// Months of the charts.
const MONTHS: i32 = 12;

#[derive(Deserialize)]
pub(crate) struct HoursQuery {
    page: Option<String>,
}

pub(crate) async fn own(request: PageRequest, Query(query): Query<HoursQuery>) -> Result<Response, Problem> {
    match request.signed_in(paths::MY_HOURS) {
        Ok(session) => show(&request, session.person, &query),
        Err(sign_in) => Ok(see_other(&sign_in)),
    }
}

pub(crate) async fn member(
    request: PageRequest,
    Path(id): Path<String>,
    Query(query): Query<HoursQuery>,
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

fn show(request: &PageRequest, person: PersonId, query: &HoursQuery) -> Result<Response, Problem> {
    let models = request.app.read.read();
    let visibility = request.visibility(&models);
    let (totals, today) = (models.records.totals(person), request.today(&models));
    let pager = pager(query.page.as_deref(), EACH, models.records.row_count(person) as u64);
    let rows = models.records.page(&models.accounts, person, rows_before(pager, EACH), EACH);
    let name = request.app.shown_name(&visibility, person)?;
    let number = models.directory.person(person).and_then(|entry| entry.volunteer_number);
    let (year, month, _) = today.ymd();
    let view = page::View {
        person: name.unwrap_or_else(|| labels::nameless(request.lang()).to_owned()),
        own: visibility.is(person),
        volunteer_no: request.app.value(number.filter(|_| visibility.number_of(person)))?,
        minutes_total: u64::from(totals.certified),
        minutes_this_month: totals.by_month.get(&(year, month)).map_or(0, |minutes| u64::from(*minutes)),
        minutes_waiting: u64::from(totals.pending),
        credit_minutes: models.accounts.balance(Account::Person(person)),
        credit_held_minutes: u64::try_from(models.accounts.held(person)).unwrap_or(0),
        months: months(&totals, today),
        days: days(&totals, today),
        rows: rows.iter().map(|row| record(request, &models, row)).collect::<Result<_, _>>()?,
        pager,
    };
    let shell = request.shell(&models)?;
    Ok(request.answer(page::render(&shell, &view)))
}

/// Months counted from January of year 0, of the last twelve.
fn last_months(today: Date) -> std::ops::RangeInclusive<i32> {
    let (year, month, _) = today.ymd();
    let last = year * 12 + month as i32 - 1;
    last - MONTHS + 1..=last
}

fn months(totals: &Totals, today: Date) -> Vec<Month> {
    let at = |month: i32| (month.div_euclid(12), month.rem_euclid(12) as u32 + 1);
    let bar = |month: i32| {
        let (year, month) = at(month);
        let minutes = totals.by_month.get(&(year, month)).copied().unwrap_or(0);
        crate::ui::fill::bar(
            hourbook_ledger::domain::time::Period::Month(year, month),
            Some(u64::from(minutes)),
        )
    };
    // Months before the first service say nothing.
    let served = |month: &i32| totals.by_month.keys().any(|first| *first <= at(*month));
    last_months(today).filter(served).filter_map(bar).collect()
}

fn days(totals: &Totals, today: Date) -> Vec<Day> {
    let months = last_months(today);
    let day = |(date, minutes): (&Date, &u32)| {
        let (year, month, day) = date.ymd();
        let shown = months.contains(&(year * 12 + month as i32 - 1)) && *minutes > 0;
        let (year, month, day) =
            (i16::try_from(year).ok()?, u8::try_from(month).ok()?, u8::try_from(day).ok()?);
        shown.then_some(Day { year, month, day, minutes: u64::from(*minutes) })
    };
    totals.by_day.iter().filter_map(day).collect()
}

fn record(request: &PageRequest, models: &Models, row: &RowView) -> Result<page::Row, Problem> {
    let (directory, lang) = (&models.directory, request.lang());
    let (activity, offset) = (directory.activity(row.activity), directory.offset());
    let pending = u64::try_from(row.interval.minutes()).unwrap_or(0);
    let said = |act: &Provenance| said(request, models, act);
    let posting =
        |act: &Provenance| page::Posting { minutes: row.credit, over_cap_minutes: 0, position: act.position };
    let confirmed = row.confirmation.as_ref().map(|(_, act)| act);
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
        assurance: assurance(act),
        at: stamp(act.at, models.directory.offset()),
        position: act.position,
    })
}

/// How something was signed.
fn assurance(act: &Provenance) -> page::Assurance {
    match act.assurance {
        Assurance::DeviceKey => page::Assurance::DeviceKey,
        Assurance::StaffProxy => page::Assurance::StaffProxy,
        Assurance::ServerWitnessed => page::Assurance::Witnessed,
    }
}
