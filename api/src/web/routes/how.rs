//! `/how`: how lists and proofs are made.

use axum::response::Response;

use super::visit::Visit;
use crate::http::problem::Problem;
use crate::web::pages::how;

pub(super) async fn page(visit: Visit) -> Result<Response, Problem> {
    let models = visit.app.read.read();
    let shell = visit.shell(&models)?;
    Ok(visit.answer(how::render(&shell)))
}
