//! `/me/statement`: the confirmed hours as a sheet to print.

use axum::response::Response;
use hourbook_projections::record::shown::RowView;

use super::page;
use crate::http::extract::Query;
use crate::problem::Problem;
use crate::ui::request::{PageQuery, PageRequest, pager, rows_before, see_other};
use crate::ui::{labels, names, paths};

/// Rows on a sheet.
const EACH: usize = 50;

pub(crate) async fn page(request: PageRequest, Query(query): Query<PageQuery>) -> Result<Response, Problem> {
    let session = match request.signed_in(paths::STATEMENT) {
        Ok(session) => session,
        Err(sign_in) => return Ok(see_other(&sign_in)),
    };
    let models = request.app.read.read();
    let (directory, visibility, offset) =
        (&models.directory, request.visibility(&models), models.directory.offset());
    let mut rows = models.records.rows(&models.accounts, session.person);
    rows.retain(|row| row.minutes() > 0);
    rows.sort_by_key(|row| row.interval.start);
    let pager = pager(query.page.as_deref(), EACH, rows.len() as u64);
    let shown: Vec<&RowView> = rows.iter().skip(rows_before(pager, EACH)).take(EACH).collect();
    let date = |row: Option<&&RowView>| {
        row.map_or_else(String::new, |row| row.interval.start.date(offset).to_string())
    };
    let line = |row: &&RowView| {
        let title = request.app.value(directory.activity(row.activity).map(|a| a.title))?;
        Ok(page::Line {
            date: row.interval.start.date(offset).to_string(),
            activity: title.unwrap_or_else(|| request.lang().t("志愿服务", "Voluntary service").to_owned()),
            organisation: names::org(directory, row.org),
            minutes: u64::from(row.minutes()),
            position: row.confirmation.as_ref().unwrap_or(&row.recorder).position,
        })
    };
    let name = request.app.shown_name(&visibility, session.person)?;
    let entry = directory.person(session.person);
    let view = page::View {
        person: name.unwrap_or_else(|| labels::nameless(request.lang()).to_owned()),
        volunteer_no: request.app.value(entry.and_then(|entry| entry.volunteer_number))?,
        issuer: names::community(directory, session.person),
        from: date(shown.first()),
        to: date(shown.last()),
        rows: shown.iter().map(line).collect::<Result<_, Problem>>()?,
        pager,
        minutes_here: shown.iter().map(|row| u64::from(row.minutes())).sum(),
        minutes_total: rows.iter().map(|row| u64::from(row.minutes())).sum(),
    };
    request.draw(&models, |shell| page::render(shell, &view))
}
