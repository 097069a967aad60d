//! `/today`: what waits for whoever works for a community; volunteers are led to their own page.

use axum::response::Response;

use hourbook_ledger::domain::ids::{PersonId, WishId};

use super::{next, page, work};
use crate::commands::recording::wish_key;
use crate::problem::Problem;
use crate::ui::paths;
use crate::ui::request::{PageRequest, see_other};

pub(crate) async fn page(request: PageRequest) -> Result<Response, Problem> {
    if let Err(sign_in) = request.signed_in(paths::TODAY) {
        return Ok(see_other(&sign_in));
    }
    let unrecorded = unrecorded(&request).await?;
    let models = request.app.read.read();
    let Some(desk) = next::desk(&request, &models) else { return Ok(see_other(paths::MY_HOURS)) };
    let kinds = match work::works(&request.visibility(&models)) {
        true => work::waiting(&request, &models, &unrecorded)?,
        false => Vec::new(),
    };
    let view = page::View { kinds, desk, today: request.today(&models) };
    request.draw(&models, |shell| page::render(shell, &view))
}

/// Of the wishes that were granted those for which nobody's hours are recorded: only the rules know what recognises a row.
async fn unrecorded(request: &PageRequest) -> Result<Vec<WishId>, Problem> {
    let granted = work::granted(request, &request.app.read.read());
    let unrecorded = request.app.handle.read_state(move |state, _| {
        let is_unrecorded = |(wish, people): &(WishId, Vec<PersonId>)| {
            !people.iter().any(|person| state.hours.knows_key(&wish_key(*wish, *person)))
        };
        granted.into_iter().filter(is_unrecorded).map(|(wish, _)| wish).collect()
    });
    Ok(unrecorded.await?)
}
