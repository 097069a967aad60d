//! `/wishes/vetting`: the drafts that the reader may vet, each with a proposed sentence, passed with one signature.

use axum::response::Response;
use hourbook_projections::Models;
use hourbook_projections::wishes::{Wish, WishState};

use super::super::actions::WISH;
use super::super::{desk, sentence};
use super::page;
use crate::auth::visibility::{STAFF, Seen};
use crate::commands::Given;
use crate::problem::{Fault, Problem};
use crate::ui::request::{PageRequest, see_other};
use crate::ui::signing::Signed;
use crate::ui::{labels, names, paths};

/// So many are looked at together.
const SHOWN: usize = 300;

pub(crate) async fn page(request: PageRequest) -> Result<Response, Problem> {
    if let Err(sign_in) = request.signed_in(paths::VETTING) {
        return Ok(see_other(&sign_in));
    }
    let seen = Seen::default();
    let page = make(&request, &seen)?;
    seen.record(&request.app, request.viewer()).await?;
    Ok(page)
}

fn make(request: &PageRequest, seen: &Seen) -> Result<Response, Problem> {
    let models = request.app.read.read();
    if request.covered(&models, &STAFF).is_none() {
        return Err(Fault::NotForYou.into());
    }
    let visibility = request.visibility(&models);
    let waiting = models.wishes.unfinished().filter(|wish| wish.state == WishState::Draft);
    let (mut others, own): (Vec<&Wish>, Vec<&Wish>) = waiting
        .filter(|wish| visibility.holds(&STAFF, wish.org))
        .partition(|wish| desk::vets(&visibility, wish));
    let more = others.len().saturating_sub(SHOWN);
    others.truncate(SHOWN);
    let signed = Signed::new(desk::VET, Given::default(), paths::VETTING.to_owned());
    let rows = others.into_iter().map(|wish| row(request, &models, seen, &signed, wish));
    let rows = rows.collect::<Result<_, Problem>>()?;
    let view = page::View { rows, more, own: own.len(), signed };
    request.draw(&models, |shell| page::render(shell, &view))
}

fn row(
    request: &PageRequest,
    models: &Models,
    seen: &Seen,
    signed: &Signed,
    wish: &Wish,
) -> Result<page::Row, Problem> {
    let visibility = request.visibility(models);
    seen.words(&visibility, wish);
    let words = request.app.value(Some(wish.text))?.unwrap_or_default();
    let resident = request.app.shown_name(&visibility, wish.resident)?;
    Ok(page::Row {
        proposed: sentence::proposed(&words, resident.as_deref()),
        words,
        resident,
        category: labels::category(request.lang(), &wish.category),
        community: names::org(&models.directory, wish.org),
        href: paths::wish(&wish.id.to_string()),
        said: signed.row(&Given::default().with(&WISH, wish.id)),
    })
}
