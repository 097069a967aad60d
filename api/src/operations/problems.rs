//! `GET /problems` and `GET /problems/{code}`: every code that an answer can carry, with its texts.

use std::sync::LazyLock;

use axum::Json;
use axum::extract::Path;
use axum::http::HeaderMap;
use axum::response::Response;
use hourbook_ledger::domain::Code;

use crate::http::fixed::Fixed;
use crate::problem::{Document, Fault, Problem};

/// Every refusal of the rules in the order in which they are checked, then every other fault.
fn all() -> impl Iterator<Item = Problem> {
    let codes = Code::ALL.iter().map(|code| Problem::from(*code));
    codes.chain(Fault::ALL.iter().map(|fault| Problem::from(*fault)))
}

/// All codes. Where two faults coincide in an event, the one that stands first here is answered.
#[utoipa::path(get, path = "/problems", operation_id = "list_problems", tag = "problems", responses((status = 200, body = Vec<Document>)))]
pub async fn list(headers: HeaderMap) -> Response {
    static LIST: LazyLock<Fixed> =
        LazyLock::new(|| Fixed::json(&all().map(Problem::document).collect::<Vec<_>>()));
    LIST.answer(&headers)
}

/// One code.
#[utoipa::path(get, path = "/problems/{code}", operation_id = "one_problem", tag = "problems",
    params(("code" = String, Path, description = "The stable code")),
    responses((status = 200, body = Document), (status = 404, body = Document)))]
pub async fn one(Path(code): Path<String>) -> Result<Json<Document>, Problem> {
    all()
        .find(|problem| problem.code() == code)
        .map(|problem| Json(problem.document()))
        .ok_or(Fault::NotFound.into())
}
