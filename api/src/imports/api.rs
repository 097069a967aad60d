//! `POST /v1/imports/preview`: what a sheet would record, for whoever will sign it. Nothing is recorded here.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::executor::block_on;
use hourbook_ledger::domain::ids::{OrgId, PersonId};
use hourbook_ledger::wire;
use hourbook_projections::Models;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::auth::token::{Proof, Session};
use crate::auth::visibility::{Seen, Viewer, masked_number};
use crate::commands::{OpeningOut, Unsigned};
use crate::http::extract::Query;
use crate::http::sheets::{self, Sent, SheetProblem};
use crate::imports::{self, Faults, ImportContext, ImportError, Matched, Prepared, Recording, Summary};
use crate::problem::{Document, Fault, Problem};
use crate::sheet::write::{Cell, rows_xlsx};
use crate::sheet::{self, Column, Given, Limits, Note, SheetError, Shown, ShownRow};
use crate::state::{App, system_rng};

/// How to read and record the sheet.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ImportQuery {
    /// The organisation that records.
    #[param(format = "uuid")]
    org: String,
    /// The file's name; only its ending matters, and only for a note.
    #[serde(default)]
    name: String,
    /// Marks the rows as entered afterwards (补录), for this reason.
    late_reason: Option<String>,
    /// What holds for rows that do not say it, before what stands above the table: the activity's name.
    activity: Option<String>,
    /// The same: the day, such as `2026-11-21`.
    date: Option<String>,
    /// The same: the time of day when it began, such as `8:30`.
    start: Option<String>,
    /// The same: when it ended.
    end: Option<String>,
    /// The same: the place.
    place: Option<String>,
    /// The same: what was done.
    content: Option<String>,
    /// The same: who was in charge.
    lead: Option<String>,
    /// The answer shows the sheet as it is, and who was found for each row.
    show: Option<bool>,
}

/// If it is there, a row may have a name alone. Such a row is answered with `say-who` and those whom it may mean, until it is
/// named here: `LINE:PERSON`, with commas between. In no address, since it says who served.
const NAMED: &str = "hourbook-named";
/// What is asked for by whoever wants the mistakes in the sheet itself.
const WORKBOOK: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// Milliseconds.
const MINUTE: i64 = 60_000;
/// Batches in one answer.
const MOST_BATCHES: usize = 8;

/// An import that the rules would accept: sign each event with your key and hand them in, batch by batch.
#[derive(Serialize, ToSchema)]
pub struct PreviewOut {
    /// What would be recorded.
    #[schema(value_type = Object)]
    summary: Summary,
    /// The events in order; none when everything was recorded before.
    events: Vec<UnsignedOut>,
    /// How many of the events make each batch, in order: one for a usual sheet.
    batches: Vec<usize>,
    /// Events of a large sheet that are not in this answer: hand these in, then ask again with the same file, until there
    /// are none.
    rest: usize,
    /// What the sender should know of the file.
    #[schema(value_type = Vec<Object>)]
    notes: Vec<Note>,
    /// Who was found for each row, if the sheet is shown.
    rows: Vec<RowOut>,
    /// The sheet as it is, if it is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Object)]
    sheet: Option<Shown>,
}

/// Who was found for a row.
#[derive(Serialize, ToSchema)]
pub struct RowOut {
    /// 1-based row.
    line: u32,
    /// Who served.
    #[schema(format = "uuid")]
    person: String,
    /// The phone that is on record, without its middle.
    phone: Option<String>,
    /// When the service began, in milliseconds since 1970, UTC.
    start: i64,
    /// When it ended.
    end: i64,
    /// It was recorded before and is in none of the events.
    known: bool,
}

/// An event to be signed.
#[derive(Serialize, ToSchema)]
pub struct UnsignedOut {
    /// Base64 of the encoded event: the payload of the DSSE envelope.
    payload: String,
    /// The values behind its commitments, to be handed in with it.
    #[schema(value_type = Vec<Object>)]
    openings: Vec<OpeningOut>,
}

/// Reads a sheet (XLSX or CSV, the bytes as the body) and answers the events that would record it, unsigned, or every
/// mistake in it; to whoever accepts a workbook the mistakes beside the rows that are shown. For staff who are signed in with the key that will sign.
#[utoipa::path(post, path = "/v1/imports/preview", tag = "events", params(ImportQuery, ("hourbook-named" = Option<String>, Header, description = "If it is there, a row may have a name alone: `LINE:PERSON` of those who were chosen, with commas between")),
    security(("token" = []), ("cookie" = [])),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = PreviewOut), (status = 401, body = Document),
        (status = 403, description = "not-authorised, sign-it-yourself", body = Document),
        (status = 413, description = "body-too-large", body = Document, content_type = "application/problem+json"),
        (status = 422, description = "The sheet has mistakes", body = SheetProblem, content_type = "application/problem+json"),
        (status = 429, description = "sheets-busy; Retry-After says when to ask again", body = Document, content_type = "application/problem+json")))]
pub async fn preview(
    State(app): State<Arc<App>>,
    session: Session,
    Query(query): Query<ImportQuery>,
    request: Request,
) -> Result<Response, Problem> {
    let Proof::Key(signer) = session.proof else { return Err(Fault::SignItYourself.into()) };
    let org: OrgId = query.org.parse().map_err(|error| Fault::BadRequest.because(error))?;
    let recorder = session.person;
    let named = named(request.headers())?;
    let wants_workbook = request.headers().get(header::ACCEPT).is_some_and(|kind| kind == WORKBOOK);
    // The right first: whoever may not record does not make the server read anything.
    let against = ImportContext { handle: &app.handle, vault: &app.vault, now: app.now() };
    if let Err(error) = imports::allowed((recorder, signer), org, against).await {
        return answer(Err(error), Vec::new(), (Vec::new(), None));
    }
    let sent = match sheets::take(&app, request, Limits::new(app.today().0)).await? {
        Ok(sent) => sent,
        Err(error) => return Ok(SheetProblem::unreadable(error)),
    };
    let seen = Seen::default();
    // Reading and matching take a processor for a while, and look into the vault.
    let (of, by) = (app.clone(), Viewer::from(Some(session)));
    let work = move || {
        let app = of;
        let Sent { bytes, limits, taken } = sent;
        let read = query
            .given(named.is_some())
            .and_then(|given| sheet::read_given(&bytes, &query.name, &limits, given));
        let sheet = match read {
            Ok(sheet) => sheet,
            Err(error) => return Ok((SheetProblem::unreadable(error), seen)),
        };
        drop(bytes);
        let late_reason = query.late_reason.as_deref();
        let recording = Recording {
            ledger: app.origin.as_str(),
            recorder,
            signer,
            org,
            named: named.as_ref(),
            late_reason,
        };
        let against = ImportContext { handle: &app.handle, vault: &app.vault, now: app.now() };
        let mut found = Vec::new();
        let mut prepared = block_on(imports::prepare_and_tell(
            &sheet,
            recording,
            against,
            &mut *system_rng(),
            MOST_BATCHES,
            &mut found,
        ));
        let rows = {
            let models = app.read.read();
            seen.found_by_sheet(&app.visibility(by, &models), org, &found);
            if let Err(ImportError::Rows(faults)) = &mut prepared {
                tell_phones(&app, &models, faults)?;
            }
            match (&prepared, &sheet.shown) {
                (Ok(prepared), Some(_)) => rows(&app, &models, &prepared.rows)?,
                _ => Vec::new(),
            }
        };
        let answered = match (prepared, sheet.shown) {
            (Err(ImportError::Rows(faults)), Some(shown)) if wants_workbook => workbook(&faults, &shown)?,
            (prepared, shown) => answer(prepared, sheet.notes, (rows, shown))?,
        };
        drop(taken);
        Ok::<_, Problem>((answered, seen))
    };
    let (answer, seen) = sheets::blocking(work).await??;
    seen.record(&app, by).await?;
    Ok(answer)
}

impl ImportQuery {
    fn given(&self, names_alone: bool) -> Result<Given, SheetError> {
        let values = [
            (Column::Activity, &self.activity),
            (Column::Date, &self.date),
            (Column::Start, &self.start),
            (Column::End, &self.end),
            (Column::Place, &self.place),
            (Column::Content, &self.content),
            (Column::Lead, &self.lead),
        ];
        let values = values.into_iter().filter_map(|(field, value)| Some((field, value.as_deref()?)));
        let given = Given::typed(values)?;
        let given = if names_alone { given.with_names_alone() } else { given };
        Ok(if self.show == Some(true) { given.with_cells_shown() } else { given })
    }
}

/// Who was chosen for each line.
fn named(headers: &header::HeaderMap) -> Result<Option<BTreeMap<u32, PersonId>>, Problem> {
    let Some(named) = headers.get(NAMED) else { return Ok(None) };
    let wrong = || Fault::BadRequest.because(format_args!("{NAMED}: not LINE:PERSON"));
    let parts = named.to_str().map_err(|_| wrong())?.split(',').filter(|part| !part.is_empty());
    let one = |part: &str| {
        let (line, person) = part.split_once(':')?;
        Some((line.parse().ok()?, person.parse().ok()?))
    };
    let all = parts.map(|part| one(part).ok_or_else(wrong));
    all.collect::<Result<_, Problem>>().map(Some)
}

/// Who was found, as the sender tells people apart.
fn rows(app: &App, models: &Models, matched: &[Matched]) -> Result<Vec<RowOut>, Problem> {
    let row = |row: &Matched| {
        let phone = models.directory.person(row.person).and_then(|person| person.phone);
        Ok(RowOut {
            line: row.line,
            person: row.person.to_string(),
            phone: app.value(phone)?.as_deref().map(masked_number),
            start: row.interval.start.0 * MINUTE,
            end: row.interval.end.0 * MINUTE,
            known: row.is_known,
        })
    };
    matched.iter().map(row).collect()
}

/// The sheet with what is wrong beside each row, for whoever keeps it to mend.
fn workbook(faults: &Faults, shown: &Shown) -> Result<Response, Problem> {
    let head = shown.heads.iter().cloned().chain(["错误 errors".to_owned()]);
    let head: Vec<String> = std::iter::once("行 row".to_owned()).chain(head).collect();
    let wrong = |line: u32| {
        let told = faults.first.iter().filter(|fault| fault.line == line);
        told.map(|fault| format!("{} {}", fault.zh, fault.en)).collect::<Vec<_>>().join("\n")
    };
    let row = |row: &ShownRow| {
        let cells = row.cells.iter().cloned().chain([wrong(row.line)]).map(Cell::Text);
        std::iter::once(Cell::Number(f64::from(row.line))).chain(cells).collect::<Vec<_>>()
    };
    let rows: Vec<Vec<Cell>> = shown.rows.iter().map(row).collect();
    let bytes = rows_xlsx("错误 errors", &head, &rows).map_err(|error| Problem::internal(&error))?;
    let headers = [
        (header::CONTENT_TYPE, WORKBOOK),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"errors.xlsx\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, bytes).into_response())
}

/// By the ends of their phones the sender tells apart those of one name.
fn tell_phones(app: &App, models: &Models, faults: &mut Faults) -> Result<(), Problem> {
    for one in faults.first.iter_mut().flat_map(|fault| &mut fault.candidates) {
        let person = one.person.parse().ok().and_then(|person| models.directory.person(person));
        one.phone = app.value(person.and_then(|person| person.phone))?.as_deref().map(masked_number);
    }
    Ok(())
}

fn answer(
    prepared: Result<Prepared, ImportError>,
    notes: Vec<Note>,
    (rows, sheet): (Vec<RowOut>, Option<Shown>),
) -> Result<Response, Problem> {
    match prepared {
        Ok(prepared) => {
            let unsigned = |unsigned: &Unsigned| UnsignedOut {
                payload: STANDARD.encode(wire::encode_event(&unsigned.event)),
                openings: unsigned.openings.iter().map(OpeningOut::of).collect(),
            };
            let events = prepared.batches.iter().flatten().map(unsigned).collect();
            let batches = prepared.batches.iter().map(Vec::len).collect();
            let Prepared { rest, summary, .. } = prepared;
            let no_store = [(header::CACHE_CONTROL, "no-store")];
            Ok((no_store, Json(PreviewOut { summary, events, batches, rest, notes, rows, sheet }))
                .into_response())
        }
        Err(ImportError::Rows(faults)) => {
            let zh = format!("有 {} 处错误，未作任何改动。", faults.total());
            let en = format!("{} errors; nothing was changed.", faults.total());
            Ok(problem("row-errors", (zh, en), faults, notes, sheet))
        }
        Err(ImportError::NotAllowed) => Err(hourbook_ledger::domain::Code::NotAuthorised.into()),
        Err(ImportError::Ledger(error)) => Err(error.into()),
        Err(ImportError::Vault(error)) => Err(Problem::internal(&error)),
        Err(error @ ImportError::Reason(_)) => {
            Ok(problem("bad-reason", error.in_both(), Faults::default(), notes, None))
        }
    }
}

fn problem(
    code: &str,
    words: (String, String),
    faults: Faults,
    notes: Vec<Note>,
    shown: Option<Shown>,
) -> Response {
    let errors = faults.first.iter().map(|fault| serde_json::json!(fault)).collect();
    SheetProblem::answer(code, words, (errors, faults.counts), notes, shown)
}

#[cfg(test)]
mod tests;
