//! `/hours/{recorded}`: one recording, row by row, for a second person to confirm.

use axum::extract::Path;
use axum::response::Response;
use hourbook_ledger::domain::event::{Looked, RecordClass};
use hourbook_ledger::domain::ids::EventId;
use hourbook_projections::Models;
use hourbook_projections::record::shown::RowView;

use super::actions::{CONFIRM, REASON, RECORDED, ROW, ROWS, VOID};
use super::{page, warning};
use crate::auth::visibility::{RECORDERS, Seen, Visibility};
use crate::commands::Given;
use crate::http::extract::stamp;
use crate::problem::{Fault, Problem};
use crate::ui::fill::clock;
use crate::ui::request::{PageRequest, see_other};
use crate::ui::signing::Signed;
use crate::ui::{labels, names, paths};

pub(crate) async fn page(request: PageRequest, Path(id): Path<String>) -> Result<Response, Problem> {
    let recorded: EventId = id.parse().map_err(|_| Fault::NotFound)?;
    if let Err(sign_in) = request.signed_in(&paths::hours(&id)) {
        return Ok(see_other(&sign_in));
    }
    let seen = Seen::default();
    let page = make(&request, &seen, recorded)?;
    seen.record(&request.app, request.viewer()).await?;
    Ok(page)
}

fn make(request: &PageRequest, seen: &Seen, recorded: EventId) -> Result<Response, Problem> {
    let models = request.app.read.read();
    let visibility = request.visibility(&models);
    let rows: Vec<RowView> = match models.records.number_of(recorded) {
        Some(number) => models.records.rows_of(&models.accounts, number).collect(),
        None => Vec::new(),
    };
    // Whoever does not record there is not told whether there is such a recording.
    let first = rows.first().filter(|row| visibility.holds(&RECORDERS, row.org)).ok_or(Fault::NotFound)?;
    rows.iter().for_each(|row| seen.line(&visibility, Looked::Record, row.person));
    let (directory, lang) = (&models.directory, request.lang());
    let activity = directory.activity(first.activity);
    let value = |commitment| request.app.value(commitment);
    let title = value(activity.map(|activity| activity.title))?;
    let given = Given::default().with(&RECORDED, recorded);
    let signed = Signed::new(CONFIRM, given.clone(), paths::TODAY.to_owned())
        .gathering(&ROWS)
        .leaving_out(VOID, given);
    let shown = rows.iter().map(|row| shown(request, &models, &visibility, &signed, row));
    let view = page::View {
        title: title.unwrap_or_else(|| lang.t("志愿服务", "Voluntary service").to_owned()),
        org: names::org(directory, first.org),
        place: value(activity.and_then(|activity| activity.place))?.unwrap_or_default(),
        content: value(activity.and_then(|activity| activity.content))?.unwrap_or_default(),
        recorded_by: names::actor(request, &models, &first.recorder)?,
        recorded_at: stamp(first.recorder.at, directory.offset()),
        position: first.recorder.position,
        late_reason: match first.class {
            RecordClass::Late(reason) => {
                Some(value(Some(reason))?.unwrap_or_else(|| labels::erased(lang).to_owned()))
            }
            RecordClass::Normal => None,
        },
        due: directory.register().hours_due(first.org, &first.interval),
        is_own: visibility.is(first.recorder.actor)
            || first.recorder.acting_for.is_some_and(|p| visibility.is(p)),
        rows: shown.collect::<Result<_, _>>()?,
        signed,
        reason: REASON.name,
    };
    request.draw(&models, |shell| page::render(shell, &view))
}

fn shown(
    request: &PageRequest,
    models: &Models,
    visibility: &Visibility<'_>,
    signed: &Signed,
    row: &RowView,
) -> Result<page::Row, Problem> {
    let offset = models.directory.offset();
    let name = request.app.shown_name(visibility, row.person)?;
    let number = Given::default().with(&ROWS, row.row);
    let left_out = Given::default().with(&ROW, row.row);
    Ok(page::Row {
        name: name.unwrap_or_else(|| labels::nameless(request.lang()).to_owned()),
        date: row.interval.start.date(offset).to_string(),
        start: clock(row.interval.start, offset),
        end: clock(row.interval.end, offset),
        minutes: row.interval.minutes().unsigned_abs(),
        state: match (&row.correction, &row.confirmation) {
            (Some(_), _) => page::State::Corrected,
            (None, Some(_)) => page::State::Confirmed,
            (None, None) => page::State::Waiting,
        },
        is_reader: visibility.is(row.person),
        warnings: warning::of(models, row),
        ticked: signed.row(&number),
        left_out: signed.row_left_out(&left_out),
    })
}
