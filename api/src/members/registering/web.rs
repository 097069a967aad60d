//! `/register` and `/slips`.

use axum::response::Response;
use hourbook_ledger::domain::event::Role;

use super::page;
use crate::problem::{Fault, Problem};
use crate::ui::request::{PageRequest, see_other};
use crate::ui::{names, paths};

/// Who registers people.
const REGISTRARS: [Role; 3] = [Role::Founder, Role::Steward, Role::Worker];

pub(crate) async fn page(request: PageRequest) -> Result<Response, Problem> {
    if let Err(sign_in) = request.signed_in(paths::REGISTER) {
        return Ok(see_other(&sign_in));
    }
    let models = request.app.read.read();
    let covered = request.covered(&models, &REGISTRARS).ok_or(Fault::NotForYou)?;
    let homes = covered
        .into_iter()
        .filter(|(org, _)| models.directory.org(*org).is_some_and(|entry| entry.kind.is_home()));
    let homes = homes.map(|(org, _)| (org.to_string(), names::org(&models.directory, org))).collect();
    request.draw(&models, |shell| page::render(shell, &page::View { homes }))
}

pub(crate) async fn slips(request: PageRequest) -> Result<Response, Problem> {
    if let Err(sign_in) = request.signed_in(paths::SLIPS) {
        return Ok(see_other(&sign_in));
    }
    let models = request.app.read.read();
    request.draw(&models, page::render_slips)
}
