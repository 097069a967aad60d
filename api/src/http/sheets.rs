//! Sheets that somebody sends: taken in within one budget of memory, and what is wrong with one.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRequest as _, Request};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::problem::{Fault, Problem};
use crate::sheet::{self, Limits, Note, SheetError, Shown, Taken};
use crate::state::{App, MAX_BODY};

/// What is wrong with the sheet. Nothing was changed.
#[derive(Serialize, ToSchema)]
pub struct SheetProblem {
    /// Always `about:blank`: the code and the errors say it all.
    #[serde(rename = "type")]
    kind: &'static str,
    /// What is wrong, in English.
    title: String,
    /// Always `false`: the same sheet has the same mistakes.
    transient: bool,
    /// `row-errors`, or what is wrong with the whole file.
    code: String,
    /// Mirrors the status line.
    status: u16,
    /// In Chinese.
    zh: String,
    /// In English.
    en: String,
    /// The first hundred mistakes: row, column, what, how to mend it.
    #[schema(value_type = Vec<Object>)]
    errors: Vec<serde_json::Value>,
    /// How many mistakes there are of each code, untold ones included.
    counts: BTreeMap<String, usize>,
    /// What the sender should know of the file.
    #[schema(value_type = Vec<Object>)]
    notes: Vec<Note>,
    /// The sheet as it is, if that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Object)]
    sheet: Option<Shown>,
}

impl SheetProblem {
    /// A code and its words in Chinese and English, the mistakes and how many there are of each, and what was noticed.
    pub(crate) fn answer(
        code: &str,
        (zh, en): (String, String),
        (errors, counts): (Vec<serde_json::Value>, BTreeMap<String, usize>),
        notes: Vec<Note>,
        sheet: Option<Shown>,
    ) -> Response {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        let problem = Self {
            kind: "about:blank",
            title: en.clone(),
            transient: false,
            code: code.to_owned(),
            status: status.as_u16(),
            zh,
            en,
            errors,
            counts,
            notes,
            sheet,
        };
        (status, [(header::CONTENT_TYPE, "application/problem+json")], Json(problem)).into_response()
    }

    /// A file that cannot be read as a whole.
    pub(crate) fn unreadable(error: SheetError) -> Response {
        let SheetError { code, zh, en, notes } = error;
        Self::answer(code, (zh, en), Default::default(), notes, None)
    }
}

/// A sheet and the memory in which it is read, which comes back when this goes.
pub(crate) struct Sent {
    pub(crate) bytes: Bytes,
    /// As they were, with no more memory than was taken.
    pub(crate) limits: Limits,
    pub(crate) taken: Taken,
}

/// Takes in the body of a request and the memory to read it in. Whoever has no right to is refused before.
///
/// # Errors
/// [`Problem`] if the body is too large or too many sheets are read just now; the inner one where the file cannot be read
/// for a reason that shows from outside.
pub(crate) async fn take(
    app: &Arc<App>,
    request: Request,
    limits: Limits,
) -> Result<Result<Sent, SheetError>, Problem> {
    let bytes = body(app, request, &limits).await?;
    let (bytes, limits, needed) = blocking(move || {
        let needed = sheet::memory(&bytes, &limits);
        (bytes, limits, needed)
    })
    .await?;
    let needed = match needed {
        Ok(needed) => needed,
        Err(error) => return Ok(Err(error)),
    };
    let Some(taken) = app.sheets.take(needed).await else {
        return Err(Problem {
            retry_after: Some(app.sheets.retry_after()),
            ..Problem::from(Fault::SheetsBusy)
        });
    };
    let limits = Limits { max_memory: needed, ..limits };
    Ok(Ok(Sent { bytes, limits, taken }))
}

/// The sheet's bytes: a hundred thousand rows take more than other bodies, unless these were given less than usual.
async fn body(app: &Arc<App>, mut request: Request, limits: &Limits) -> Result<Bytes, Problem> {
    let usual = app.max_body >= MAX_BODY;
    let most = if usual { app.max_body.max(limits.max_bytes) } else { app.max_body };
    DefaultBodyLimit::max(most).apply(&mut request);
    Ok(Bytes::from_request(request, app).await?)
}

/// Work that takes a processor for a while, aside from the threads that answer.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.map_err(|error| Problem::internal(&error))
}
