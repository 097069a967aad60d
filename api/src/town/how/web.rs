//! `/how`: how lists and proofs are made.

use axum::response::Response;

use super::page;
use crate::problem::Problem;
use crate::ui::request::PageRequest;

pub(crate) async fn page(request: PageRequest) -> Result<Response, Problem> {
    let models = request.app.read.read();
    let shell = request.shell(&models)?;
    Ok(request.answer(page::render(&shell)))
}
