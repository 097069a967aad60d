//! `/me/access`: who looked at one's record; `/me/public-name`: who may see one's name.

use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::visit::{Visit, see_other};
use super::words;
use crate::http::me::Assertion;
use crate::http::parts::stamp;
use crate::http::problem::{Fault, Problem};
use crate::http::reading::reach;
use crate::session::Session;
use crate::web::pages::{Refusal, access};
use crate::web::paths;

/// Looks that are shown.
const MOST: usize = 50;

pub(super) async fn page(visit: Visit) -> Result<Response, Problem> {
    match visit.signed_in(paths::ACCESS) {
        Ok(session) => show(&visit, session, None),
        Err(sign_in) => Ok(see_other(&sign_in)),
    }
}

fn show(visit: &Visit, session: Session, refused: Option<Refusal>) -> Result<Response, Problem> {
    let models = visit.app.read.read();
    let (directory, sight, lang) = (&models.directory, visit.sight(&models), visit.look.lang);
    let looks = directory.looks();
    let look = |look: hourbook_projections::looks::Look| {
        let by = visit.app.actor_name(&sight, look.by)?;
        Ok(access::Look {
            by: by.unwrap_or_else(|| words::nameless(lang).to_owned()),
            role: look.role.map_or("", |role| words::role(lang, role)).to_owned(),
            purpose: words::purpose(lang, look.purpose).to_owned(),
            at: stamp(look.at, directory.offset()),
            position: look.position,
        })
    };
    let view = access::View {
        looks: looks.at(session.person).rev().take(MOST).map(look).collect::<Result<_, Problem>>()?,
        in_all: looks.count_at(session.person) as u64,
        public_name: directory.register().people.get(session.person).is_some_and(|known| known.public_name),
        refused,
    };
    let shell = visit.shell(&models)?;
    Ok(visit.answer(access::render(&shell, &view)))
}

#[derive(Deserialize)]
pub(super) struct NameForm {
    agreed: String,
}

pub(super) async fn change(
    visit: Visit,
    form: Result<Form<NameForm>, FormRejection>,
) -> Result<Response, Problem> {
    let session = match visit.signed_in(paths::ACCESS) {
        Ok(session) => session,
        Err(sign_in) => return Ok(see_other(&sign_in)),
    };
    let agreed = match form {
        Ok(Form(form)) if form.agreed == "yes" => true,
        Ok(Form(form)) if form.agreed == "no" => false,
        _ => return Err(Fault::BadRequest.into()),
    };
    match visit.app.witness(&session, Assertion::PublicName { agreed }.by(session.person), Vec::new()).await {
        Ok(receipt) => {
            reach(&visit.app, Some(receipt.position)).await?;
            let waits = visit.app.read.read().waiting.get(receipt.event).is_some_and(|act| act.is_open());
            Ok(see_other(if waits { paths::OWN_ACTS } else { paths::ACCESS }))
        }
        Err(problem) => {
            let (status, refusal) = refusal(&visit, problem)?;
            Ok((status, show(&visit, session, Some(refusal))?).into_response())
        }
    }
}

/// A refusal to be shown where it happened; what is broken here gets a page of its own.
pub(super) fn refusal(visit: &Visit, problem: Problem) -> Result<(StatusCode, Refusal), Problem> {
    let status = problem.kind.status();
    if status == StatusCode::INTERNAL_SERVER_ERROR {
        return Err(problem);
    }
    let (zh, en) = problem.kind.texts();
    let text = visit.look.lang.t(zh, en).to_owned();
    Ok((status, Refusal { text, code: problem.code().to_owned() }))
}
