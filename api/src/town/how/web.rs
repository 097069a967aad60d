//! `/how`: how lists and proofs are made.

use axum::response::Response;

use super::page;
use crate::problem::Problem;
use crate::ui::request::Visit;

pub(crate) async fn page(visit: Visit) -> Result<Response, Problem> {
    let models = visit.app.read.read();
    let shell = visit.shell(&models)?;
    Ok(visit.answer(page::render(&shell)))
}
