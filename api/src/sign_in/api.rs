//! `/v1/sessions`: signing in with a key or a one-time code, and out.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Json;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hourbook_ledger::commitment::Field;
use hourbook_ledger::domain::Code;
use hourbook_ledger::domain::event::{Body as EventBody, SessionEvent};
use hourbook_ledger::domain::ids::{KeyId, PersonId};
use hourbook_ledger::vault::VaultError;
use hourbook_projections::directory::GrantView;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::session::{CHALLENGE_TYPE, SESSION_DAYS, is_secure, open_by_key, set_cookie};
use crate::auth::token::{Proof, Session};
use crate::auth::visibility::Viewer;
use crate::commands::Drafted;
use crate::http::as_of::reach;
use crate::http::extract::{Body, stamp};
use crate::http::names::RoleHeld;
use crate::problem::{Document, Fault, Problem};
use crate::state::App;

/// Which key is going to sign.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChallengeIn {
    /// 32 lower-case hexadecimal digits.
    #[schema(value_type = String)]
    key_id: KeyId,
}

/// What to sign.
#[derive(Serialize, ToSchema)]
pub struct ChallengeOut {
    /// 64 hexadecimal digits; works once.
    pub nonce: String,
    /// Until when.
    #[schema(format = "date-time")]
    pub until: String,
    /// The signature is over `DSSEv1 <len(type)> <type> <len(body)> <body>` with this type.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// And this body: origin, key id and nonce, each on a line.
    pub body: String,
}

/// Asks for a nonce to sign. The answer does not tell whether the key is enrolled.
#[utoipa::path(post, path = "/v1/sessions/challenge", tag = "sessions", request_body = ChallengeIn,
    responses((status = 200, body = ChallengeOut), (status = 400, body = Document)))]
pub async fn challenge(
    State(app): State<Arc<App>>,
    Body(ask): Body<ChallengeIn>,
) -> Result<Json<ChallengeOut>, Problem> {
    // A key may have come a moment ago: what is on the log by now is known when the answer to this is checked, unless the
    // answers lag by far.
    let size = app.reader.head().size;
    reach(&app, size.checked_sub(1)).await.ok();
    let (nonce, until) = app.challenges.make(ask.key_id, app.random(), app.now());
    let body = crate::auth::session::challenge_body(app.origin.as_str(), ask.key_id, &nonce);
    Ok(Json(ChallengeOut {
        nonce: hex::encode(nonce),
        until: stamp(until, app.offset()),
        kind: CHALLENGE_TYPE,
        body: String::from_utf8_lossy(&body).into_owned(),
    }))
}

/// How to sign in.
#[derive(Deserialize, ToSchema)]
#[serde(untagged, deny_unknown_fields)]
pub enum SignIn {
    /// With a signed challenge.
    Key {
        /// The key.
        #[schema(value_type = String)]
        key_id: KeyId,
        /// The nonce.
        nonce: String,
        /// Base64 of 64 bytes.
        signature: String,
    },
    /// With a one-time code from the community.
    Code {
        /// The code.
        code: String,
    },
}

/// A session.
#[derive(Serialize, ToSchema)]
pub struct SessionOut {
    /// Who.
    #[schema(format = "uuid")]
    pub member: String,
    /// The own name.
    pub name: Option<String>,
    /// Roles held.
    pub roles: Vec<RoleHeld>,
    /// `key` or `code`.
    pub by: &'static str,
    /// Until when.
    #[schema(format = "date-time")]
    pub until: String,
    /// To be sent as `Authorization: Bearer …`; only in the answer to signing in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

fn show(app: &App, session: &Session, token: Option<String>) -> Result<SessionOut, Problem> {
    let models = app.read.read();
    let visibility = app.visibility(Viewer::from(Some(*session)), &models);
    let roles = visibility.roles().map(|held| RoleHeld::of(&models.directory, held)).collect();
    Ok(SessionOut {
        member: session.person.to_string(),
        name: app.shown_name(&visibility, session.person)?,
        roles,
        by: match session.proof {
            Proof::Grant(_) => "code",
            Proof::Key(_) => "key",
        },
        until: stamp(session.until, models.directory.offset()),
        token,
    })
}

/// Signs in. The token is in the answer, and in a cookie that scripts cannot read.
#[utoipa::path(post, path = "/v1/sessions", tag = "sessions", request_body = SignIn,
    responses((status = 201, body = SessionOut), (status = 401, description = "wrong-code, wrong-challenge", body = Document),
        (status = 409, description = "grant-state", body = Document),
        (status = 429, description = "too-many-attempts; Retry-After says when", body = Document)))]
pub async fn open(
    State(app): State<Arc<App>>,
    ConnectInfo(address): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Body(sign_in): Body<SignIn>,
) -> Result<Response, Problem> {
    let session = match sign_in {
        SignIn::Key { key_id, nonce, signature } => {
            let nonce = hex::decode(nonce).ok().and_then(|nonce| nonce.try_into().ok());
            let signature = STANDARD.decode(signature).ok().and_then(|signature| signature.try_into().ok());
            let (Some(nonce), Some(signature)) = (nonce, signature) else {
                return Err(Fault::WrongChallenge.into());
            };
            open_by_key(&app, key_id, &nonce, &signature)?
        }
        SignIn::Code { code } => open_by_code(&app, address, &code).await?,
    };
    let token = app.tokens.seal(&session);
    let cookie = set_cookie(Some(&token), is_secure(&headers));
    let answer = Json(show(&app, &session, Some(token))?);
    Ok((StatusCode::CREATED, [(header::SET_COOKIE, cookie)], no_store(), answer).into_response())
}

fn no_store() -> [(header::HeaderName, &'static str); 1] {
    [(header::CACHE_CONTROL, "no-store")]
}

/// Signs in with a one-time code: the ledger notes that it was used. For pages too.
///
/// # Errors
/// [`Fault::TooManyAttempts`], [`Fault::WrongCode`], [`Code::GrantState`] for a code that was used or has run out.
pub async fn open_by_code(app: &Arc<App>, address: SocketAddr, code: &str) -> Result<Session, Problem> {
    let attempt = app
        .limits
        .attempt(address.ip(), app.now())
        .map_err(|seconds| Problem { retry_after: Some(seconds), ..Problem::from(Fault::TooManyAttempts) })?;
    // A code that was just handed out is known to the read side a moment later than to whoever has the receipt.
    reach(app, app.reader.head().size.checked_sub(1)).await?;
    let grant = find_grant(app, code).await?;
    attempt.was_right();
    let until = app.now().plus_days(SESSION_DAYS);
    let person = grant.person;
    let opened = EventBody::Session(SessionEvent::Opened { person, grant: grant.grant, until });
    let receipt = app.assert_own(opened).await?;
    // The token is checked against the read side, which must know of it first.
    reach(app, Some(receipt.position)).await?;
    Ok(Session { person, proof: Proof::Grant(grant.grant), id: [0; 16], until })
}

/// The grant that a code belongs to; a usable one if there are several.
async fn find_grant(app: &Arc<App>, code: &str) -> Result<GrantView, Problem> {
    let (vault, code) = (app.vault.clone(), code.to_owned());
    // The first search after a start reads all values once.
    let found = tokio::task::spawn_blocking(move || vault.find(Field::Code, &code)).await;
    let found = match found.map_err(|error| Problem::internal(&error))? {
        Err(VaultError::BadValue { .. }) => return Err(Fault::WrongCode.into()),
        found => found?,
    };
    let now = app.now();
    let models = app.read.read();
    let grants = found.into_iter().flat_map(|(subject, commitment)| {
        let of_code = move |grant: &GrantView| grant.code == commitment;
        models.directory.grants_of(PersonId(subject)).into_iter().filter(of_code)
    });
    let grants: Vec<GrantView> = grants.collect();
    let usable = |g: &&GrantView| g.session_until.is_none() && !g.closed && now < g.code_until;
    match (grants.iter().find(usable), grants.is_empty()) {
        (Some(grant), _) => Ok(*grant),
        (None, true) => Err(Fault::WrongCode.into()),
        (None, false) => Err(Code::GrantState.into()),
    }
}

/// Who is signed in.
#[utoipa::path(get, path = "/v1/sessions/current", tag = "sessions", security(("token" = []), ("cookie" = [])),
    responses((status = 200, body = SessionOut), (status = 401, body = Document)))]
pub async fn current(State(app): State<Arc<App>>, session: Session) -> Result<Response, Problem> {
    Ok((no_store(), Json(show(&app, &session, None)?)).into_response())
}

/// Signs out: the token is void everywhere, also after a restart. A session opened with a code is closed on the log.
#[utoipa::path(delete, path = "/v1/sessions/current", tag = "sessions", security(("token" = []), ("cookie" = [])),
    responses((status = 204), (status = 401, body = Document), (status = 403, body = Document)))]
pub async fn close(
    State(app): State<Arc<App>>,
    session: Session,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    end(&app, &session).await?;
    let cookie = set_cookie(None, is_secure(&headers));
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response())
}

/// Signs out everywhere: ends all sessions that the person's keys opened, and this one. Sessions that a code opened stand on
/// the log: others are closed there, by whoever may.
///
/// # Errors
/// As of [`end`].
pub async fn end_everywhere(app: &Arc<App>, session: &Session) -> Result<(), Problem> {
    let until = app.now().plus_days(SESSION_DAYS);
    let keys: Vec<KeyId> = {
        let models = app.read.read();
        models.directory.register().keys.of(session.person).map(|(key, _)| key).collect()
    };
    let all = app.clone();
    let ended =
        tokio::task::spawn_blocking(move || keys.iter().try_for_each(|key| all.ended.end_all(*key, until)));
    ended.await.map_err(|error| Problem::internal(&error))?.map_err(|error| Problem::internal(&error))?;
    match session.proof {
        Proof::Grant(_) => end(app, session).await,
        Proof::Key(_) => Ok(()),
    }
}

/// Closes a session: on the log if it stands there, else beside it. For pages too.
///
/// # Errors
/// A refusal by the rules, or that the ledger is busy.
pub async fn end(app: &Arc<App>, session: &Session) -> Result<(), Problem> {
    let grant = match session.proof {
        Proof::Grant(grant) => grant,
        Proof::Key(key) => {
            let (app, Session { id, until, .. }) = (app.clone(), *session);
            let ended = tokio::task::spawn_blocking(move || app.ended.end(key, id, until)).await;
            return ended
                .map_err(|error| Problem::internal(&error))?
                .map_err(|error| Problem::internal(&error));
        }
    };
    let closed = EventBody::Session(SessionEvent::Closed { person: session.person, grant });
    let receipt = app.assert_in_session(session, Drafted::own(closed, Vec::new())).await?;
    reach(app, Some(receipt.position)).await
}
