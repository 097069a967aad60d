//! `POST /v1/me/events`: what a person may assert in a session, witnessed by the server; `POST /v1/drafts`: the event that
//! says the same, for whoever signs with a key.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::auth::token::Session;
use crate::commands::{Assertion, DraftOut};
use crate::http::extract::{Body, Query};
use crate::http::receipt::Receipt;
use crate::problem::{Document, Fault, Problem};
use crate::state::App;

/// Asserts something about oneself, or as a helper about the person helped, in a session opened with a code; the server
/// witnesses it with the ledger's key, and it is on the log as such. Whoever has a key signs and uses `POST /v1/events`.
#[utoipa::path(post, path = "/v1/me/events", tag = "sessions", request_body = Assertion,
    security(("token" = []), ("cookie" = [])),
    responses((status = 201, body = Receipt), (status = 401, body = Document),
        (status = 403, description = "sign-it-yourself, cross-site, not-authorised", body = Document),
        (status = 409, body = Document), (status = 422, body = Document), (status = 503, body = Document)))]
pub async fn assert(
    State(app): State<Arc<App>>,
    session: Session,
    Body(assertion): Body<Assertion>,
) -> Result<(StatusCode, Json<Receipt>), Problem> {
    let (action, given) = assertion.read(app.actions.in_session())?;
    let receipt = app.carry_out(&session, action, &given).await?;
    Ok((StatusCode::CREATED, Json(Receipt::of(&app, &receipt))))
}

/// For whom the event is drafted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DraftQuery {
    /// The person for whom staff do it at a desk (代办), if not for themselves: the event names both.
    #[param(value_type = Option<String>, format = "uuid")]
    on_behalf: Option<String>,
}

/// The event that says an action, to be signed with the key that opened the session: actions of persons, and those of staff.
/// Nothing is recorded; whoever signs it reads the bytes first and hands them in at `POST /v1/events`.
#[utoipa::path(post, path = "/v1/drafts", tag = "events", params(DraftQuery), request_body = Object,
    security(("token" = []), ("cookie" = [])),
    responses((status = 200, body = DraftOut), (status = 400, body = Document), (status = 401, body = Document),
        (status = 403, description = "no-key-here, cross-site", body = Document)))]
pub async fn draft(
    State(app): State<Arc<App>>,
    session: Session,
    Query(query): Query<DraftQuery>,
    Body(assertion): Body<Assertion>,
) -> Result<Json<DraftOut>, Problem> {
    let (action, given) = assertion.read(app.actions.with_key())?;
    let on_behalf = query.on_behalf.as_deref().map(str::parse).transpose();
    let on_behalf = on_behalf.map_err(|_| Fault::BadRequest.because("on_behalf: not an id"))?;
    Ok(Json(DraftOut::of(&app.draft_for_key(&session, action, &given, on_behalf)?)))
}
