//! `/signin` and `/signout`: a session in the browser's cookie.

use std::net::SocketAddr;

use axum::Form;
use axum::extract::ConnectInfo;
use axum::extract::rejection::FormRejection;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::api::{end, end_everywhere, open_by_code};
use super::page;
use crate::auth::session::{is_secure, set_cookie};
use crate::auth::token::Session;
use crate::auth::visibility::Viewer;
use crate::http::extract::Query;
use crate::problem::{Fault, Problem};
use crate::ui::paths;
use crate::ui::request::{PageRequest, is_local, see_other};

#[derive(Deserialize)]
pub(crate) struct SignInQuery {
    next: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct SignInForm {
    #[serde(default)]
    code: String,
    next: Option<String>,
}

fn local(next: Option<String>) -> Option<String> {
    next.filter(|path| is_local(path))
}

fn form(
    request: &PageRequest,
    fault: Option<page::Fault>,
    next: Option<String>,
) -> Result<Response, Problem> {
    let ledger = request.app.origin.as_str().to_owned();
    let view = page::View { fault, next, ledger };
    let models = request.app.read.read();
    request.draw(&models, |shell| page::render(shell, &view))
}

pub(crate) async fn page(
    request: PageRequest,
    Query(query): Query<SignInQuery>,
) -> Result<Response, Problem> {
    let next = local(query.next);
    match (request.session, next) {
        (Some(_), Some(next)) => Ok(see_other(&next)),
        // Whoever scans a slip on a phone on which somebody else is signed in has a form to send: the code stands behind `#`,
        // where no server sees it.
        (_, next) => form(&request, None, next),
    }
}

pub(crate) async fn submit(
    request: PageRequest,
    ConnectInfo(address): ConnectInfo<SocketAddr>,
    input: Result<Form<SignInForm>, FormRejection>,
) -> Result<Response, Problem> {
    let Form(input) = input.map_err(|_| Fault::BadRequest)?;
    let next = local(input.next);
    let code = input.code.trim();
    if code.is_empty() {
        let answer = form(&request, Some(page::Fault::Missing), next)?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, answer).into_response());
    }
    match open_by_code(&request.app, address, code).await {
        Ok(session) => {
            let token = request.app.tokens.seal(&session);
            let cookie = set_cookie(Some(&token), is_secure(&request.headers));
            let answer = see_other(next.as_deref().unwrap_or_else(|| home(&request, session)));
            Ok(([(header::SET_COOKIE, cookie)], answer).into_response())
        }
        Err(problem) => again(&request, &problem, next),
    }
}

/// Where whoever signed in begins: at the desk, if there is one.
fn home(request: &PageRequest, session: Session) -> &'static str {
    let models = request.app.read.read();
    let has_role = request.app.visibility(Viewer::from(Some(session)), &models).roles().next().is_some();
    if has_role { paths::TODAY } else { paths::MY_HOURS }
}

/// The form with what was wrong; never with the code.
fn again(request: &PageRequest, problem: &Problem, next: Option<String>) -> Result<Response, Problem> {
    let fault = match problem.code() {
        "wrong-code" | "grant-state" => page::Fault::WrongOrUsed,
        "too-many-attempts" => {
            let seconds = problem.retry_after.unwrap_or(60);
            page::Fault::Wait { minutes: u64::from(seconds.div_ceil(60)) }
        }
        "busy" | "not-yet" => page::Fault::Busy,
        _ => return Err(problem.clone()),
    };
    let status = problem.kind.status();
    let answer = form(request, Some(fault), next)?;
    let retry = problem.retry_after.map(|seconds| [(header::RETRY_AFTER, seconds.to_string())]);
    Ok(match retry {
        Some(retry) => (status, retry, answer).into_response(),
        None => (status, answer).into_response(),
    })
}

#[derive(Deserialize)]
pub(crate) struct SignOutForm {
    everywhere: Option<String>,
}

pub(crate) async fn out(
    request: PageRequest,
    input: Result<Form<SignOutForm>, FormRejection>,
) -> Result<Response, Problem> {
    let everywhere = input.is_ok_and(|Form(form)| form.everywhere.is_some());
    match &request.session {
        Some(session) if everywhere => end_everywhere(&request.app, session).await?,
        Some(session) => end(&request.app, session).await?,
        None => {}
    }
    let cookie = set_cookie(None, is_secure(&request.headers));
    Ok(([(header::SET_COOKIE, cookie)], see_other(paths::HOME)).into_response())
}
