//! `/how`: how lists and proofs are made.

use axum::response::Response;

use super::page;
use crate::problem::Problem;
use crate::ui::request::PageRequest;

pub(crate) async fn page(request: PageRequest) -> Result<Response, Problem> {
    let models = request.app.read.read();
    request.draw(&models, page::render)
}
