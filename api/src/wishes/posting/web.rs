//! `/wishes/new`: staff post a wish for a resident, whom they chose on the page of that person or by search.

use axum::response::Response;
use hourbook_ledger::domain::ids::PersonId;
use hourbook_ledger::domain::person::Erasure;
use hourbook_projections::Models;
use serde::Deserialize;

use super::super::actions::{ORG, WISHES_FOR};
use super::super::desk;
use super::page;
use crate::auth::visibility::{Ground, STAFF, look_at_record};
use crate::commands::Given;
use crate::http::extract::Query;
use crate::problem::{Fault, Problem};
use crate::ui::request::{PageRequest, see_other};
use crate::ui::signing::Signed;
use crate::ui::{labels, names, paths};

#[derive(Deserialize)]
pub(crate) struct PostQuery {
    /// Whose wish it is.
    r#for: Option<String>,
    done: Option<String>,
}

pub(crate) async fn page(request: PageRequest, Query(query): Query<PostQuery>) -> Result<Response, Problem> {
    let resident: Option<PersonId> =
        query.r#for.map(|id| id.parse()).transpose().map_err(|_| Fault::NotFound)?;
    let here = resident.map_or(paths::POST_WISH.to_owned(), |person| paths::post_wish(&person.to_string()));
    if let Err(sign_in) = request.signed_in(&here) {
        return Ok(see_other(&sign_in));
    }
    if let Some(resident) = resident {
        works_with(&request, resident)?;
        look_at_record(&request.app, request.viewer(), resident).await?;
    }
    let models = request.app.read.read();
    if request.covered(&models, &STAFF).is_none() {
        return Err(Fault::NotForYou.into());
    }
    let view = page::View {
        done: query.done.is_some(),
        form: resident.map(|resident| form(&request, &models, resident)).transpose()?,
    };
    request.draw(&models, |shell| page::render(shell, &view))
}

/// Staff of the person alone are told anything at all of somebody; nobody learns whether there is such a person.
fn works_with(request: &PageRequest, resident: PersonId) -> Result<(), Problem> {
    let models = request.app.read.read();
    match request.visibility(&models).record_of(resident) {
        Some(Ground::Staff) => Ok(()),
        _ => Err(Fault::NotForYou.into()),
    }
}

fn form(request: &PageRequest, models: &Models, resident: PersonId) -> Result<page::Form, Problem> {
    let (visibility, directory) = (request.visibility(models), &models.directory);
    let people = &directory.register().people;
    let home = people.residence(resident, request.today(models));
    // A community posts it, or a grid whose staff work for the grid alone.
    let community = home.and_then(|home| names::around(directory, home));
    let org = community.filter(|org| visibility.holds(&STAFF, *org)).or(home);
    let is_there = people.get(resident).is_some_and(|known| known.erasure == Erasure::None);
    let org = org.filter(|org| is_there && visibility.holds(&STAFF, *org));
    let name = request.app.shown_name(&visibility, resident)?;
    let given = Given::default().with(&WISHES_FOR, resident);
    let signed =
        |org| Signed::new(desk::POST, given.with(&ORG, org), format!("{}?done=posted", paths::POST_WISH));
    Ok(page::Form {
        resident: name.unwrap_or_else(|| labels::nameless(request.lang()).to_owned()),
        community: org.map(|org| names::org(directory, org)).unwrap_or_default(),
        categories: labels::wish_categories()
            .map(|code| (code.to_owned(), labels::category(request.lang(), code)))
            .collect(),
        signed: org.map(signed),
    })
}
