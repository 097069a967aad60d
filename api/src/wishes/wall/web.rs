//! `/wishes/wall`, for staff of the community.

use axum::response::Response;
use hourbook_ledger::domain::event::{BodyKind, OrgKind, WishKind};
use hourbook_ledger::domain::ids::OrgId;
use hourbook_projections::Models;
use hourbook_projections::wishes::{Wish, WishFilter, WishState};
use serde::Deserialize;

use super::page;
use crate::auth::visibility::STAFF;
use crate::http::extract::Query;
use crate::problem::{Fault, Problem};
use crate::ui::components::{Choice, Walk};
use crate::ui::fill::card;
use crate::ui::request::{PageRequest, see_other};
use crate::ui::{names, paths};

/// Cards on a page: five sheets of paper.
const EACH: usize = 40;

/// Whose wishes, and from where on.
#[derive(Deserialize)]
pub(crate) struct WallQuery {
    community: Option<String>,
    before: Option<String>,
}

pub(crate) async fn page(request: PageRequest, Query(query): Query<WallQuery>) -> Result<Response, Problem> {
    if let Err(sign_in) = request.signed_in(paths::WALL) {
        return Ok(see_other(&sign_in));
    }
    let models = request.app.read.read();
    let communities = communities(&request, &models)?;
    let chosen = match query.community.as_deref().filter(|text| !text.is_empty()) {
        Some(text) => text.parse::<OrgId>().map_err(|_| Fault::NotFound)?,
        None => communities.first().copied().ok_or(Fault::NotForYou)?,
    };
    if !communities.contains(&chosen) {
        return Err(Fault::NotForYou.into());
    }
    let before = query.before.as_deref().filter(|text| !text.is_empty()).map(str::parse);
    let before = before.transpose().map_err(|_| Fault::NotFound)?;
    let filter = WishFilter { states: &[WishState::Open], org: Some(chosen), ..WishFilter::default() };
    let found = models.wishes.page(&models.directory, &filter, before, EACH);
    let cards = found.wishes.into_iter().map(|wish| {
        Ok(page::Card { wish: card(&request, &models, wish)?, until: open_until(&models, wish) })
    });
    let choice = |org: &OrgId| Choice::of(org, names::org(&models.directory, *org), *org == chosen);
    let view = page::View {
        communities: communities.iter().map(choice).collect(),
        cards: cards.collect::<Result<_, Problem>>()?,
        walk: Walk { gone: before.is_some(), next: found.next },
    };
    request.draw(&models, |shell| page::render(shell, &view))
}

/// Communities where the reader works as staff.
fn communities(request: &PageRequest, models: &Models) -> Result<Vec<OrgId>, Problem> {
    let covered = request.covered(models, &STAFF).ok_or(Fault::NotForYou)?;
    let is_community =
        |org: &OrgId| models.directory.org(*org).is_some_and(|entry| entry.kind == OrgKind::Community);
    Ok(covered.into_iter().map(|(org, _)| org).filter(is_community).collect())
}

/// The last day on which somebody can take it on, by the policy of the day on which it was vetted.
fn open_until(models: &Models, wish: &Wish) -> Option<String> {
    let vetted = wish.timeline.iter().rfind(|step| step.kind == BodyKind::Wish(WishKind::Vetted))?;
    let register = models.directory.register();
    let day = vetted.act.at.date(models.directory.offset());
    let policy = register.policies.wishes(&register.orgs, wish.org, day)?;
    Some(day.plus(i32::from(policy.open_days)).to_string())
}
