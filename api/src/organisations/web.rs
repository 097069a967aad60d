//! `/orgs`.

use axum::response::Response;
use hourbook_ledger::domain::event::Role;

use super::page;
use crate::http::extract::Query;
use crate::problem::{Fault, Problem};
use crate::ui::request::{PageQuery, PageRequest, pager, rows_before, see_other};
use crate::ui::{names, paths};

/// Organisations on a page.
const EACH: usize = 50;

/// Who registers organisations.
const REGISTRARS: [Role; 2] = [Role::Founder, Role::Steward];

pub(crate) async fn page(request: PageRequest, Query(query): Query<PageQuery>) -> Result<Response, Problem> {
    if let Err(sign_in) = request.signed_in(paths::ORGS) {
        return Ok(see_other(&sign_in));
    }
    let models = request.app.read.read();
    let covered = request.covered(&models, &REGISTRARS).ok_or(Fault::NotForYou)?;
    let entries = covered.iter().filter_map(|(org, depth)| Some((*org, *depth, models.directory.org(*org)?)));
    let entries: Vec<_> = entries.collect();
    let parents = entries.iter().filter(|(_, _, entry)| entry.kind.is_territory());
    let parents = parents.map(|(org, _, _)| (org.to_string(), names::org(&models.directory, *org))).collect();
    let (first, pager) = (entries.len() == 1, pager(query.page.as_deref(), EACH, entries.len() as u64));
    let here = entries.into_iter().skip(rows_before(pager, EACH)).take(EACH);
    let orgs = here.map(|(_, depth, entry)| page::Org {
        depth,
        name: entry.name.to_string(),
        kind: entry.kind,
        code: entry.code.as_deref().map(str::to_owned),
    });
    let view = page::View { orgs: orgs.collect(), pager, parents, first };
    request.draw(&models, |shell| page::render(shell, &view))
}
