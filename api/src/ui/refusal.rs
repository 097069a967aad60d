//! Refusals on the page where they happened.

use axum::http::StatusCode;

use super::parts::Refusal;
use super::request::Visit;
use crate::problem::Problem;

/// A refusal to be shown where it happened; what is broken here gets a page of its own.
pub(crate) fn refusal(visit: &Visit, problem: Problem) -> Result<(StatusCode, Refusal), Problem> {
    let status = problem.kind.status();
    if status == StatusCode::INTERNAL_SERVER_ERROR {
        return Err(problem);
    }
    let (zh, en) = problem.kind.texts();
    let text = visit.look.lang.t(zh, en).to_owned();
    Ok((status, Refusal { text, code: problem.code().to_owned() }))
}
