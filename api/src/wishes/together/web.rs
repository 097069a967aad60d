//! `/wishes/claiming`: open wishes, taken on together for a team or unit.

use axum::response::Response;
use hourbook_ledger::domain::ids::OrgId;
use hourbook_projections::wishes::{WishFilter, WishState};
use serde::Deserialize;

use super::super::actions::WISH;
use super::super::desk;
use super::page;
use crate::commands::Given;
use crate::http::extract::Query;
use crate::problem::{Fault, Problem};
use crate::ui::components::Choice;
use crate::ui::fill::card;
use crate::ui::paths;
use crate::ui::request::{PageRequest, see_other};
use crate::ui::signing::Signed;

/// So many are chosen from at once.
const SHOWN: usize = 100;

#[derive(Deserialize)]
pub(crate) struct ClaimingQuery {
    community: Option<String>,
    before: Option<String>,
}

pub(crate) async fn page(
    request: PageRequest,
    Query(query): Query<ClaimingQuery>,
) -> Result<Response, Problem> {
    if let Err(sign_in) = request.signed_in(paths::CLAIMING) {
        return Ok(see_other(&sign_in));
    }
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    let org: Option<OrgId> =
        given(query.community).map(|id| id.parse()).transpose().map_err(|_| Fault::NotFound)?;
    let before = given(query.before).map(|at| at.parse()).transpose().map_err(|_| Fault::NotFound)?;
    let models = request.app.read.read();
    let orgs = desk::speaks_for(&request, &models);
    if orgs.is_empty() {
        return Err(Fault::NotForYou.into());
    }
    let visibility = request.visibility(&models);
    let filter = WishFilter { states: &[WishState::Open], org, ..WishFilter::default() };
    let found = models.wishes.page(&models.directory, &filter, before, SHOWN);
    let signed = Signed::new(desk::TOGETHER, Given::default(), paths::CLAIMING.to_owned());
    let others = found.wishes.into_iter().filter(|wish| desk::is_of_others(&visibility, wish));
    let rows = others.map(|wish| {
        let said = signed.row(&Given::default().with(&WISH, wish.id));
        Ok(page::Row { said, wish: card(&request, &models, wish)? })
    });
    let places = request.site.places(&models);
    let everywhere = std::iter::once((String::new(), request.lang().t("全部", "All").to_owned()));
    let communities = places.communities.iter().map(|(id, name)| (id.to_string(), name.clone()));
    let wanted = org.map(|org| org.to_string()).unwrap_or_default();
    let choice = |(value, label): (String, String)| Choice { selected: value == wanted, value, label };
    let view = page::View {
        rows: rows.collect::<Result<_, Problem>>()?,
        next: found.next,
        communities: everywhere.chain(communities).map(choice).collect(),
        orgs,
        signed,
    };
    request.draw(&models, |shell| page::render(shell, &view))
}
