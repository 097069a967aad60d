//! `/register` and `/slips`.

use axum::response::Response;
use hourbook_ledger::domain::event::OrgKind;
use hourbook_ledger::domain::ids::OrgId;
use serde::Deserialize;

use super::{REGISTRARS, page};
use crate::http::extract::Query;
use crate::problem::{Fault, Problem};
use crate::ui::request::{PageRequest, see_other};
use crate::ui::{names, paths};

/// So many homes are offered at once; of more a community is chosen first.
const HOMES: usize = 40;

/// In which community people are registered.
#[derive(Deserialize)]
pub(crate) struct RegisterQuery {
    at: Option<String>,
}

pub(crate) async fn page(
    request: PageRequest,
    Query(query): Query<RegisterQuery>,
) -> Result<Response, Problem> {
    if let Err(sign_in) = request.signed_in(paths::REGISTER) {
        return Ok(see_other(&sign_in));
    }
    let models = request.app.read.read();
    let directory = &models.directory;
    let covered = request.covered(&models, &REGISTRARS).ok_or(Fault::NotForYou)?;
    let kind = |org: OrgId| directory.org(org).map(|entry| entry.kind);
    let mut homes: Vec<OrgId> = covered.into_iter().map(|(org, _)| org).collect();
    homes.retain(|org| kind(*org).is_some_and(OrgKind::is_home));
    let at = query.at.and_then(|at| at.parse::<OrgId>().ok()).filter(|at| homes.contains(at));
    let named = |orgs: Vec<OrgId>| -> Vec<(String, String)> {
        orgs.into_iter().map(|org| (org.to_string(), names::org(directory, org))).collect()
    };
    let mut communities = Vec::new();
    if homes.len() > HOMES {
        communities = homes.iter().copied().filter(|org| kind(*org) == Some(OrgKind::Community)).collect();
        let at = at.or(communities.first().copied());
        let today = request.today(&models);
        homes.retain(|org| at.is_some_and(|at| directory.ancestors(*org, today).contains(&at)));
    }
    let view = page::View { homes: named(homes), communities: named(communities) };
    request.draw(&models, |shell| page::render(shell, &view))
}

pub(crate) async fn slips(request: PageRequest) -> Result<Response, Problem> {
    if let Err(sign_in) = request.signed_in(paths::SLIPS) {
        return Ok(see_other(&sign_in));
    }
    let models = request.app.read.read();
    request.draw(&models, page::render_slips)
}
