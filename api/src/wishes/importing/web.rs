//! `/wishes/import`: wishes from a file, looked at and signed together.

use axum::response::Response;
use hourbook_ledger::domain::event::OrgKind;
use hourbook_ledger::domain::ids::OrgId;

use super::super::desk;
use super::page;
use crate::auth::visibility::STAFF;
use crate::commands::Given;
use crate::problem::{Fault, Problem};
use crate::ui::request::{PageRequest, see_other};
use crate::ui::signing::Signed;
use crate::ui::{labels, names, paths};

pub(crate) async fn page(request: PageRequest) -> Result<Response, Problem> {
    if let Err(sign_in) = request.signed_in(paths::IMPORT_WISHES) {
        return Ok(see_other(&sign_in));
    }
    let models = request.app.read.read();
    let directory = &models.directory;
    let covered = request.covered(&models, &STAFF).ok_or(Fault::NotForYou)?;
    let is_community =
        |org: &OrgId| directory.org(*org).is_some_and(|entry| entry.kind == OrgKind::Community);
    let communities = covered.into_iter().map(|(org, _)| org).filter(is_community);
    let view = page::View {
        communities: communities.map(|org| (org.to_string(), names::org(directory, org))).collect(),
        categories: labels::wish_categories()
            .map(|code| (code.to_owned(), labels::category(request.lang(), code)))
            .collect(),
        signed: Signed::new(desk::POST, Given::default(), format!("{}?done=posted", paths::POST_WISH)),
    };
    request.draw(&models, |shell| page::render(shell, &view))
}
