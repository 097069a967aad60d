//! `/today`: what waits for whoever works for a community; volunteers are led to their own page.

use axum::response::Response;

use super::{next, page, work};
use crate::problem::Problem;
use crate::ui::paths;
use crate::ui::request::{PageRequest, see_other};

pub(crate) async fn page(request: PageRequest) -> Result<Response, Problem> {
    if let Err(sign_in) = request.signed_in(paths::TODAY) {
        return Ok(see_other(&sign_in));
    }
    let models = request.app.read.read();
    let Some(desk) = next::desk(&request, &models) else { return Ok(see_other(paths::MY_HOURS)) };
    let kinds = match work::works(&request.visibility(&models)) {
        true => work::waiting(&request, &models)?,
        false => Vec::new(),
    };
    let view = page::View { kinds, desk, today: request.today(&models) };
    request.draw(&models, |shell| page::render(shell, &view))
}
