//! `/wishes/{id}`: one wish with its way so far; and what a signed-in person can do about it, as plain forms.

use axum::Form;
use axum::extract::Path;
use axum::extract::rejection::FormRejection;
use axum::response::{IntoResponse as _, Response};
use hourbook_ledger::domain::event::{BodyKind, Claimer, Looked, WishKind};
use hourbook_ledger::domain::ids::WishId;
use hourbook_projections::Models;
use hourbook_projections::wishes::{Step, Wish, WishState};
use serde::Deserialize;

use super::actions::{ACTIONS, By, Hand, MINUTES, OUTCOMES, STEPS, TO_COME, VOLUNTEER, WISH, WishAction};
use super::{desk, page};
use crate::auth::visibility::{STAFF, Seen};
use crate::commands::{Given, Words};
use crate::http::extract::{Query, stamp};
use crate::problem::{Fault, Problem};
use crate::ui::components::{self, Tone};
use crate::ui::fill::card;
use crate::ui::parts::Refusal;
use crate::ui::request::{Outcome, PageRequest, see_other, sign_in_and_back};
use crate::ui::signing::Signed;
use crate::ui::{forms, names, paths};

#[derive(Deserialize)]
pub(crate) struct WishQuery {
    done: Option<String>,
}

pub(crate) async fn page(
    request: PageRequest,
    Path(id): Path<String>,
    Query(query): Query<WishQuery>,
) -> Result<Response, Problem> {
    let id: WishId = id.parse().map_err(|_| Fault::NotFound)?;
    show(&request, id, query.done.as_deref(), None).await
}

pub(crate) async fn act(
    request: PageRequest,
    Path((id, act)): Path<(String, String)>,
    form: Result<Form<Vec<(String, String)>>, FormRejection>,
) -> Result<Response, Problem> {
    let id: WishId = id.parse().map_err(|_| Fault::NotFound)?;
    let here = paths::wish(&id.to_string());
    let session = match request.signed_in(&here) {
        Ok(session) => session,
        Err(sign_in) => return Ok(see_other(&sign_in)),
    };
    let row = ACTIONS.iter().find(|row| row.path == act).ok_or(Fault::NotFound)?;
    let given = row.action.given(&form.map(|Form(form)| form).unwrap_or_default()).with(&WISH, id);
    match request.carry_out(&session, &row.action, &given).await? {
        Outcome::Waits => Ok(see_other(paths::OWN_ACTS)),
        Outcome::Done => Ok(see_other(&format!("{here}?done={act}"))),
        Outcome::Refused(status, refusal) => {
            Ok((status, show(&request, id, None, Some(refusal)).await?).into_response())
        }
    }
}

async fn show(
    request: &PageRequest,
    id: WishId,
    done: Option<&str>,
    refused: Option<Refusal>,
) -> Result<Response, Problem> {
    let seen = Seen::default();
    let page = make(request, &seen, id, done, refused)?;
    seen.record(&request.app, request.viewer()).await?;
    Ok(page)
}

fn make(
    request: &PageRequest,
    seen: &Seen,
    id: WishId,
    done: Option<&str>,
    refused: Option<Refusal>,
) -> Result<Response, Problem> {
    let models = request.app.read.read();
    let visibility = request.visibility(&models);
    let wish = models.wishes.get(id).filter(|wish| visibility.wish(wish)).ok_or(Fault::NotFound)?;
    let private = match visibility.wish_words(wish) {
        true => Some({
            seen.words(&visibility, wish);
            page::Private {
                resident: request.app.shown_name(&visibility, wish.resident)?,
                words: request.app.value(Some(wish.text))?.unwrap_or_default(),
            }
        }),
        false => None,
    };
    let view = page::View {
        wish: card(request, &models, wish)?,
        steps: steps(request, &models, seen, wish)?,
        next: next(request, wish),
        desk: desk::desk(request, &models, wish),
        hours: (wish.state == WishState::Confirmed && visibility.holds(&STAFF, wish.org))
            .then(|| paths::wish_hours(&id.to_string())),
        done: done.and_then(|done| just_done(request, wish, done)),
        refused,
        private,
    };
    let shell = request.shell(&models)?;
    Ok(request.answer(page::render(&shell, &view)))
}

/// What the page says right after a step, as long as the wish still stands where the step left it.
fn just_done(request: &PageRequest, wish: &Wish, done: &str) -> Option<page::Done> {
    let own = request.session.map(|session| session.person);
    let last = wish.timeline.last().filter(|step| Some(step.act.actor) == own)?;
    let row = ACTIONS.iter().find(|row| row.path == done && row.action.makes == last.kind)?;
    let words = |(zh, en): Words| request.lang().t(zh, en);
    Some(page::Done {
        title: words(row.done.0),
        text: words(row.done.1),
        undo: row.undo.and_then(|(button, back)| {
            let (_, to, signed) = form_of(wish, ACTIONS.iter().find(|row| row.path == back)?);
            Some((to, signed, words(button)))
        }),
    })
}

fn next(request: &PageRequest, wish: &Wish) -> page::Next {
    let id = wish.id.to_string();
    let from_here = ACTIONS.iter().filter(|row| row.from == wish.state);
    let Some(session) = request.session else {
        let open = from_here.clone().any(|row| row.by == By::Others);
        return match open {
            true => page::Next::SignIn { href: sign_in_and_back(&paths::wish(&id)) },
            false => wait(request, wish),
        };
    };
    let own = from_here.filter(|row| row.by.is(session.person, wish));
    let mut forms: Vec<_> = own.map(|row| form_of(wish, row)).collect();
    forms.sort_by_key(|(row, ..)| row.second);
    if forms.is_empty() {
        return wait(request, wish);
    }
    let asked = forms.iter().any(|(row, ..)| !row.second);
    let otherwise = outcome(request, wish).filter(|_| !asked);
    page::Next::Act { forms, given: Given::default().with(&MINUTES, wish.expected), otherwise }
}

/// An action, where its form posts to, and what is signed by it.
fn form_of(wish: &Wish, row: &'static WishAction) -> (&'static WishAction, String, Signed) {
    let id = wish.id.to_string();
    let done = format!("{}?done={}", paths::wish(&id), row.path);
    let signed = Signed::new(&row.action, Given::default().with(&WISH, wish.id), done);
    (row, paths::wish_act(&id, row.path), signed)
}

fn wait(request: &PageRequest, wish: &Wish) -> page::Next {
    outcome(request, wish).map_or(page::Next::Nothing, page::Next::Wait)
}

/// What happens next without the reader.
fn outcome(request: &PageRequest, wish: &Wish) -> Option<&'static str> {
    let (_, (zh, en)) = OUTCOMES.iter().find(|(state, _)| *state == wish.state)?;
    Some(request.lang().t(zh, en))
}

/// The way so far, and what is still to come.
fn steps(
    request: &PageRequest,
    models: &Models,
    seen: &Seen,
    wish: &Wish,
) -> Result<Vec<components::Step>, Problem> {
    let past = wish.timeline.iter().map(|step| past(request, models, seen, wish, step));
    let mut steps: Vec<components::Step> = past.collect::<Result<_, _>>()?;
    let lang = request.lang();
    let first = TO_COME.iter().position(|(state, _)| *state == wish.state).unwrap_or(TO_COME.len());
    let coming = TO_COME[first..].iter().enumerate();
    steps.extend(coming.map(|(place, (_, (zh, en)))| components::Step {
        title: lang.t(zh, en).to_owned(),
        tone: if place == 0 { Tone::Wait } else { Tone::Plain },
        ..components::Step::default()
    }));
    Ok(steps)
}

fn past(
    request: &PageRequest,
    models: &Models,
    seen: &Seen,
    wish: &Wish,
    step: &Step,
) -> Result<components::Step, Problem> {
    let lang = request.lang();
    let told = STEPS.iter().find(|told| told.told.kind == step.kind);
    let title = told.map_or(step.kind.name(), |told| lang.t(told.title.0, told.title.1));
    let rated = wish.rating.filter(|_| step.kind == BodyKind::Wish(WishKind::Confirmed));
    let title = match rated {
        Some(rating) => {
            let (zh, en) = forms::rating(rating);
            format!("{title}{}{}", lang.t("，", ": "), lang.t(zh, en))
        }
        None => title.to_owned(),
    };
    Ok(components::Step {
        title,
        who: who(request, models, seen, wish, step, told.map_or(Hand::Nobody, |told| told.hand))?,
        at: Some(stamp(step.act.at, models.directory.offset())),
        position: Some(step.act.position),
        note: request
            .app
            .value(step.reason.filter(|_| request.visibility(models).wish_reason(wish, step)))?,
        tone: told.map_or(Tone::Plain, |told| told.tone),
    })
}

/// Who took a step: an organisation by name, a person as far as this reader may know.
fn who(
    request: &PageRequest,
    models: &Models,
    seen: &Seen,
    wish: &Wish,
    step: &Step,
    hand: Hand,
) -> Result<Option<String>, Problem> {
    let visibility = request.visibility(models);
    let name = |act: &hourbook_projections::provenance::Provenance| match request
        .app
        .shown_name(&visibility, act.actor)?
    {
        Some(_) => names::doer(request, models, act).map(Some),
        None => Ok::<_, Problem>(None),
    };
    // Whoever posts and vets acts in office; whoever grants a wish, or had one, is somebody else.
    if hand != Hand::Office {
        let persons = [Some(step.act.actor), step.act.acting_for].into_iter().flatten();
        persons.for_each(|person| seen.name(&visibility, Looked::Wish(wish.id), person));
    }
    Ok(match (hand, wish.claimer) {
        (Hand::Nobody, _) => None,
        (Hand::Office, _) => {
            let org = names::around(&models.directory, wish.org).unwrap_or(wish.org);
            let org = names::org(&models.directory, org);
            Some(name(&step.act)?.map_or_else(|| org.clone(), |name| format!("{org} · {name}")))
        }
        (VOLUNTEER, Some(Claimer::Org(org))) => Some(names::org(&models.directory, org)),
        // Whose wish it is, is for few, even if the resident's name is public elsewhere.
        (Hand::Person((zh, en)), _) if step.is_of(wish.resident) && !visibility.wish_words(wish) => {
            Some(request.lang().t(zh, en).to_owned())
        }
        (Hand::Person((zh, en)), _) => Some(name(&step.act)?.unwrap_or(request.lang().t(zh, en).to_owned())),
    })
}
