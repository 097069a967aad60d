//! `/import`: a sheet of hours, looked at and signed.

use axum::response::Response;
use hourbook_ledger::domain::event::OrgKind;

use super::page;
use crate::auth::visibility::RECORDERS;
use crate::problem::{Fault, Problem};
use crate::ui::request::{PageRequest, see_other};
use crate::ui::{names, paths};

/// Who keeps sheets. Grids and buildings are places within a community, and units keep none of hours.
const RUN_ACTIVITIES: [OrgKind; 6] = [
    OrgKind::City,
    OrgKind::District,
    OrgKind::Street,
    OrgKind::Community,
    OrgKind::Team,
    OrgKind::SocialOrg,
];
/// A page of more would be too heavy; whoever looks after so many does not type sheets.
const MOST: usize = 150;

pub(crate) async fn page(request: PageRequest) -> Result<Response, Problem> {
    if let Err(sign_in) = request.signed_in(paths::IMPORT) {
        return Ok(see_other(&sign_in));
    }
    let models = request.app.read.read();
    let directory = &models.directory;
    let covered = request.covered(&models, &RECORDERS).ok_or(Fault::NotForYou)?;
    // Grids and buildings are places within a community, which records for them.
    let records = covered.into_iter().map(|(org, _)| org);
    let records =
        records.filter(|org| directory.org(*org).is_some_and(|entry| RUN_ACTIVITIES.contains(&entry.kind)));
    let orgs = records.take(MOST).map(|org| (org.to_string(), names::org(directory, org))).collect();
    let view = page::View { orgs, offset: directory.offset() };
    request.draw(&models, |shell| page::render(shell, &view))
}
