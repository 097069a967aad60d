//! `/orgs`.

use axum::response::Response;
use hourbook_ledger::domain::event::{OrgKind, Role};
use hourbook_ledger::domain::ids::OrgId;
use hourbook_projections::directory::OrgEntry;
use serde::Deserialize;

use super::page;
use crate::http::extract::Query;
use crate::problem::{Fault, Problem};
use crate::ui::paths;
use crate::ui::request::{PageRequest, pager, rows_before, see_other};

/// Organisations on a page.
const EACH: usize = 50;

/// Who registers organisations.
const REGISTRARS: [Role; 2] = [Role::Founder, Role::Steward];

/// Below which organisation is registered, and which page of the tree is shown.
#[derive(Deserialize)]
pub(crate) struct OrgsQuery {
    under: Option<String>,
    /// Part of a name. Names of organisations are public, so it may stand in the address.
    q: Option<String>,
    page: Option<String>,
}

pub(crate) async fn page(request: PageRequest, Query(query): Query<OrgsQuery>) -> Result<Response, Problem> {
    if let Err(sign_in) = request.signed_in(paths::ORGS) {
        return Ok(see_other(&sign_in));
    }
    let models = request.app.read.read();
    let directory = &models.directory;
    let covered = request.covered(&models, &REGISTRARS).ok_or(Fault::NotForYou)?;
    let entries = covered.iter().filter_map(|(org, depth)| Some((*org, *depth, directory.org(*org)?)));
    let entries: Vec<_> = entries.collect();
    let holds = |entry: &OrgEntry| entry.kind.is_territory() || entry.kind == OrgKind::WorkUnit;
    let asked = query.under.and_then(|under| under.parse::<OrgId>().ok());
    let under = entries
        .iter()
        .find(|(org, _, entry)| asked == Some(*org) && holds(entry))
        .or(entries.iter().find(|(_, _, entry)| holds(entry)));
    let under = under.map(|(org, _, entry)| (org.to_string(), entry.name.to_string())).unwrap_or_default();
    let first = entries.len() == 1;
    let wanted = query.q.map(|wanted| wanted.trim().to_lowercase()).unwrap_or_default();
    let fits = |name: &str| name.to_lowercase().contains(&wanted);
    let is_long = entries.len() > EACH;
    let entries: Vec<_> = entries.into_iter().filter(|(_, _, entry)| fits(&entry.name)).collect();
    let pager = pager(query.page.as_deref(), EACH, entries.len() as u64);
    let here = entries.into_iter().skip(rows_before(pager, EACH)).take(EACH);
    let orgs = here.map(|(org, depth, entry)| page::Org {
        holds: holds(entry).then(|| org.to_string()),
        depth,
        name: entry.name.to_string(),
        kind: entry.kind,
        code: entry.code.as_deref().map(str::to_owned),
    });
    let filter = (is_long || !wanted.is_empty()).then_some(wanted);
    let view = page::View { orgs: orgs.collect(), pager, under, first, filter };
    request.draw(&models, |shell| page::render(shell, &view))
}
