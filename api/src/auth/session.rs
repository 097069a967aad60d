//! Sessions: who is there, and how that is known.
//!
//! A token is `hb1.` and the base64url of its content (how, who, by which grant or key, its own number, until when) and an
//! HMAC over it under a key that only this ledger can derive. Nothing is stored of one that is open: that a grant was closed or
//! a key revoked is known from the log, at every use; what was signed out of is in [`crate::auth::ended`]. A browser keeps the token in a cookie that scripts cannot read; requests that change
//! something and come with the cookie must come from the site's own pages.

use axum::http::HeaderValue;
use axum::http::header::HeaderMap;
use ed25519_dalek::Signature;
use hourbook_ledger::domain::ids::KeyId;
use hourbook_ledger::domain::person::Erasure;
use hourbook_ledger::dsse;

use super::challenge::{CHALLENGE_MILLIS, Unfit};
use super::token::{Proof, Session};
use crate::problem::{Fault, Problem};
use crate::state::App;

/// What a key signs to open a session: the DSSE encoding of this type and [`challenge_body`]. No event has this type,
/// so a signed challenge can never be taken for an event.
pub const CHALLENGE_TYPE: &str = "application/vnd.hourbook.session.v1";
/// How long a session lasts, in days.
pub const SESSION_DAYS: u32 = 30;
/// The browser's cookie.
pub const COOKIE: &str = "hourbook_session";

/// When a key that has opened too many sessions may open another.
const WAIT_SECONDS: u32 = (CHALLENGE_MILLIS / 1_000) as u32;

/// What a key signs to open a session, as the body of [`CHALLENGE_TYPE`]: three lines, each ended by a newline: the
/// ledger's origin, the key id, the nonce in hexadecimal.
#[must_use]
pub fn challenge_body(origin: &str, key: KeyId, nonce: &[u8; 32]) -> Vec<u8> {
    format!("{origin}\n{key}\n{}\n", hex::encode(nonce)).into_bytes()
}

/// The session that a signed challenge opens.
///
/// # Errors
/// [`Fault::WrongChallenge`], whatever is wrong: a stranger learns nothing about keys. [`Fault::TooManyAttempts`] to whoever
/// has the key, and opens one session after the other.
pub(crate) fn open_by_key(
    app: &App,
    key_id: KeyId,
    nonce: &[u8; 32],
    signature: &[u8; 64],
) -> Result<Session, Problem> {
    let now = app.now();
    let open = app.challenges.is_open(nonce, key_id, now);
    let key = app.handle.keys().get(key_id);
    let message = dsse::pae(CHALLENGE_TYPE, &challenge_body(app.origin.as_str(), key_id, nonce));
    let signed =
        key.is_some_and(|key| key.verify_strict(&message, &Signature::from_bytes(signature)).is_ok());
    let owner =
        app.read.read().directory.register().keys.get(key_id).filter(|k| k.until.is_none()).map(|k| k.person);
    let Some(person) = owner.filter(|_| open && signed) else { return Err(Fault::WrongChallenge.into()) };
    app.challenges.spend(*nonce, key_id, now).map_err(|unfit| match unfit {
        Unfit::Used => Problem::from(Fault::WrongChallenge),
        Unfit::TooMany => Problem { retry_after: Some(WAIT_SECONDS), ..Fault::TooManyAttempts.into() },
    })?;
    let until = now.plus_days(SESSION_DAYS);
    Ok(Session { person, proof: Proof::Key(key_id), id: app.random(), until })
}

/// Whether a session that a genuine token speaks of is still good.
#[must_use]
pub fn is_good(app: &App, session: &Session) -> bool {
    let now = app.now();
    let models = app.read.read();
    let register = models.directory.register();
    let known = match session.proof {
        Proof::Grant(grant) => register.sessions.is_open(grant, session.person, now),
        Proof::Key(key) => {
            let is_theirs =
                register.keys.get(key).is_some_and(|k| k.person == session.person && k.until.is_none());
            is_theirs && !app.ended.holds(key, session.id, session.until)
        }
    };
    let is_erased = register.people.get(session.person).is_some_and(|p| p.erasure == Erasure::Done);
    known && !is_erased && now < session.until
}

/// The `Set-Cookie` value that keeps a session in a browser, or ends it there. `secure` for a site behind TLS.
#[must_use]
pub fn set_cookie(token: Option<&str>, secure: bool) -> HeaderValue {
    let (value, age) = token.map_or(("", 0), |token| (token, u64::from(SESSION_DAYS) * 86_400));
    let secure = if secure { "; Secure" } else { "" };
    let text = format!("{COOKIE}={value}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::from_str(&text).expect("a token is ASCII")
}

/// Whether the browser speaks to the site through TLS, as the proxy in front says.
#[must_use]
pub fn is_secure(headers: &HeaderMap) -> bool {
    headers.get("x-forwarded-proto").is_some_and(|proto| proto == "https")
}
