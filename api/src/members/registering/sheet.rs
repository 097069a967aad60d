//! `POST /v1/people/sheet`: who is on a roll of residents, for whoever will register them. Nothing is kept, and nobody is
//! looked up.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::may_register;
use crate::auth::token::Session;
use crate::http::extract::{OrgIn, Query};
use crate::http::sheets::{self, Sent, SheetProblem};
use crate::problem::{Document, Problem};
use crate::sheet::{self, Limits, MOST_RESIDENTS, Note, Resident, Roll, RowError};
use crate::state::App;

/// Whose roll it is.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RollQuery {
    /// The community or grid where the people are going to be registered.
    #[param(value_type = String, format = "uuid")]
    home: OrgIn,
    /// The file's name; only its ending matters, and only for a note.
    #[serde(default)]
    name: String,
}

/// What a roll says of who lives there.
#[derive(Serialize, ToSchema)]
pub struct RollOut {
    /// Who is on it, in the order of its rows, without those that are wrong.
    people: Vec<ResidentOut>,
    /// Whoever is marked as moved away or dead: skipped.
    gone: Vec<GoneOut>,
    /// The heads of the columns that were not read.
    unread: Vec<String>,
    /// The first hundred mistakes: row, column, what, how to mend it.
    #[schema(value_type = Vec<Object>)]
    errors: Vec<RowError>,
    /// How many mistakes there are of each code, untold ones included.
    #[schema(value_type = Object)]
    counts: BTreeMap<&'static str, usize>,
    /// What the sender should know of the file.
    #[schema(value_type = Vec<Object>)]
    notes: Vec<Note>,
}

/// Somebody on a roll.
#[derive(Serialize, ToSchema)]
pub struct ResidentOut {
    /// 1-based row.
    line: u32,
    /// The name.
    name: String,
    /// The phone.
    phone: Option<String>,
    /// The volunteer number.
    volunteer_number: Option<String>,
}

/// Somebody who is no resident any more.
#[derive(Serialize, ToSchema)]
pub struct GoneOut {
    /// 1-based row.
    line: u32,
    /// The name.
    name: String,
}

impl From<Roll> for RollOut {
    fn from(roll: Roll) -> Self {
        let Roll { people, gone, errors, counts, notes, unread } = roll;
        let person = |Resident { line, name, phone, volunteer_number }: Resident| ResidentOut {
            line,
            name,
            phone,
            volunteer_number,
        };
        Self {
            people: people.into_iter().map(person).collect(),
            gone: gone.into_iter().map(|(line, name)| GoneOut { line, name }).collect(),
            unread,
            errors,
            counts,
            notes,
        }
    }
}

/// Reads the roll of residents that a grid keeps (XLSX or CSV, the bytes as the body): name, phone and volunteer number, no
/// other column. Rows marked as moved away or dead are skipped. Nothing is recorded or kept, nobody is looked up. For staff
/// who register people there, signed in with their key.
#[utoipa::path(post, path = "/v1/people/sheet", tag = "members", params(RollQuery),
    security(("token" = []), ("cookie" = [])),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = RollOut), (status = 401, body = Document),
        (status = 403, description = "not-for-you, sign-it-yourself", body = Document),
        (status = 413, description = "body-too-large", body = Document, content_type = "application/problem+json"),
        (status = 422, description = "The file cannot be read", body = SheetProblem, content_type = "application/problem+json"),
        (status = 429, description = "sheets-busy; Retry-After says when to ask again", body = Document, content_type = "application/problem+json")))]
pub async fn read(
    State(app): State<Arc<App>>,
    session: Session,
    Query(query): Query<RollQuery>,
    request: Request,
) -> Result<Response, Problem> {
    // The right first: whoever registers nobody there does not make the server read anything.
    let OrgIn(home) = query.home;
    may_register(&app, session, home)?;
    let limits = Limits { max_rows: MOST_RESIDENTS, ..Limits::new(app.today().0) };
    let sent = match sheets::take(&app, request, limits).await? {
        Ok(sent) => sent,
        Err(error) => return Ok(SheetProblem::unreadable(error)),
    };
    let read = sheets::blocking(move || {
        let Sent { bytes, limits, taken } = sent;
        let read = sheet::read_roll(&bytes, &query.name, &limits);
        drop(taken);
        read
    });
    Ok(match read.await? {
        Ok(roll) => ([(header::CACHE_CONTROL, "no-store")], Json(RollOut::from(roll))).into_response(),
        Err(error) => SheetProblem::unreadable(error),
    })
}
