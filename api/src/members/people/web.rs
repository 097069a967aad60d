//! `/people`: finds a person by name, phone or number.

use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::response::Response;
use hourbook_ledger::domain::ids::{OrgId, PersonId};
use hourbook_projections::Models;
use serde::Deserialize;

use super::page::{self, Card, State};
use super::sealed;
use super::search::{self, Hit, MOST, Search};
use super::wanted::{By, LONGEST, Unfit, Wanted};
use crate::auth::token::Session;
use crate::auth::visibility::Seen;
use crate::http::extract::Query;
use crate::problem::{Fault, Problem};
use crate::ui::components::Choice;
use crate::ui::i18n::Lang;
use crate::ui::paths;
use crate::ui::request::{PageRequest, see_other};

/// People on a page.
const EACH: usize = 20;

#[derive(Deserialize)]
pub(crate) struct PeopleQuery {
    /// A name, in a link that somebody wrote. The form's own is sealed.
    q: Option<String>,
    /// What the form was told, see [`sealed`].
    s: Option<String>,
    org: Option<String>,
    after: Option<String>,
}

pub(crate) async fn page(
    request: PageRequest,
    Query(query): Query<PeopleQuery>,
) -> Result<Response, Problem> {
    let session = match request.signed_in(paths::PEOPLE) {
        Ok(session) => session,
        Err(sign_in) => return Ok(see_other(&sign_in)),
    };
    let written = query.q.clone().unwrap_or_default();
    if written.contains(|c: char| c.is_numeric()) {
        return Ok(see_other(&searching(&request, session, &written, query.org.as_deref())));
    }
    let of_form = query.s.as_deref().and_then(|sealed| sealed::open(&request.app, session.person, sealed));
    let typed = of_form.unwrap_or(written);
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let org: Option<OrgId> =
        given(&query.org).map(|id| id.parse()).transpose().map_err(|_| Fault::NotFound)?;
    let after: Option<PersonId> =
        given(&query.after).map(|id| id.parse()).transpose().map_err(|_| Fault::NotFound)?;
    let seen = Seen::default();
    let page = match Wanted::read(&typed) {
        Ok(None) => draw(&request, typed, org, |_| Ok(State::Blank))?,
        Err(Unfit::TooShort) => draw(&request, typed, org, |_| Ok(State::TooShort))?,
        Err(Unfit::TooLong) => draw(&request, String::new(), org, |_| Ok(State::TooLong))?,
        Ok(Some(wanted)) => {
            let search = search::search(&request.app, request.viewer(), wanted, org).await?;
            draw(&request, typed, org, |models| found(&request, models, &seen, &search, after))?
        }
    };
    seen.record(&request.app, request.viewer()).await?;
    Ok(page)
}

#[derive(Deserialize)]
pub(crate) struct Asked {
    q: String,
    org: Option<String>,
}

/// Takes what is looked for, and leads to whom it finds.
pub(crate) async fn look(
    request: PageRequest,
    form: Result<Form<Asked>, FormRejection>,
) -> Result<Response, Problem> {
    let Ok(Form(asked)) = form else { return Err(Fault::BadRequest.into()) };
    Ok(match request.signed_in(paths::PEOPLE) {
        Ok(session) => see_other(&searching(&request, session, &asked.q, asked.org.as_deref())),
        Err(sign_in) => see_other(&sign_in),
    })
}

/// The address of a search.
fn searching(request: &PageRequest, session: Session, typed: &str, org: Option<&str>) -> String {
    // One more than is read says that it was too long.
    let typed: String = typed.trim().chars().take(LONGEST + 1).collect();
    let sealed = Some(typed).filter(|typed| !typed.is_empty());
    let sealed = sealed.and_then(|typed| sealed::seal(&request.app, session.person, &typed));
    let org = org.and_then(|org| org.parse::<OrgId>().ok());
    let parts = [sealed.map(|sealed| format!("s={sealed}")), org.map(|org| format!("org={org}"))];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    match parts.is_empty() {
        true => paths::PEOPLE.to_owned(),
        false => format!("{}?{}", paths::PEOPLE, parts.join("&")),
    }
}

fn draw(
    request: &PageRequest,
    query: String,
    org: Option<OrgId>,
    state: impl FnOnce(&Models) -> Result<State, Problem>,
) -> Result<Response, Problem> {
    let models = request.app.read.read();
    if !request.visibility(&models).looks_for_people() {
        return Err(Fault::NotForYou.into());
    }
    let view = page::View { query, orgs: orgs(request, &models, org), state: state(&models)? };
    request.draw(&models, |shell| page::render(shell, &view))
}

fn found(
    request: &PageRequest,
    models: &Models,
    seen: &Seen,
    search: &Search,
    after: Option<PersonId>,
) -> Result<State, Problem> {
    if search.too_many {
        return Ok(State::TooMany { most: MOST });
    }
    let visibility = request.visibility(models);
    let page = search.page(after, EACH).ok_or(Fault::NotFound)?;
    let hits = search::show(&request.app, &visibility, models, seen, &page)?;
    Ok(State::Found {
        people: hits.into_iter().map(|hit| card(request.lang(), hit)).collect(),
        next: page.next.map(|person| person.to_string()),
        gone: after.is_some(),
        only_whole: search.only_whole,
    })
}

fn card(lang: Lang, hit: Hit) -> Card {
    let by = |by: &By| match by {
        By::Name => lang.t("姓名", "name"),
        By::Pinyin => lang.t("拼音", "reading"),
        By::Phone => lang.t("电话", "phone"),
        By::Number => lang.t("志愿者编号", "volunteer number"),
    };
    Card {
        id: hit.person.to_string(),
        name: hit.name,
        number: hit.phone.or(hit.number).unwrap_or_default(),
        home: hit.home,
        unit: hit.unit,
        by: hit.by.iter().map(by).collect(),
        has_double: hit.has_double,
    }
}

/// The communities in which the reader works with people; none if there is nothing to choose.
fn orgs(request: &PageRequest, models: &Models, current: Option<OrgId>) -> Vec<Choice> {
    let visibility = request.visibility(models);
    let places = request.site.places(models);
    let own: Vec<_> = places.communities.iter().filter(|(org, _)| visibility.works_in(*org)).collect();
    if own.len() < 2 {
        return Vec::new();
    }
    let all = Choice::of("", request.lang().t("全部", "All"), current.is_none());
    let choice = |(org, name): &(OrgId, String)| Choice::of(org, name, current == Some(*org));
    std::iter::once(all).chain(own.into_iter().map(choice)).collect()
}
