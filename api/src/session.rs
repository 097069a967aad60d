//! Sessions: who is there, and how that is known.
//!
//! A token is `hb1.` and the base64url of its content (how, who, by which grant or key, its own number, until when) and an
//! HMAC over it under a key that only this ledger can derive. Nothing is stored of one that is open: that a grant was closed or
//! a key revoked is known from the log, at every use; what was signed out of is in [`crate::ended`]. A browser keeps the token in a cookie that scripts cannot read; requests that change
//! something and come with the cookie must come from the site's own pages.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::header::{self, HeaderMap, HeaderName};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signature, SigningKey};
use hmac::{Hmac, KeyInit, Mac};
use hourbook_ledger::domain::ids::{EventId, KeyId, PersonId};
use hourbook_ledger::domain::person::Erasure;
use hourbook_ledger::domain::time::Millis;
use hourbook_ledger::dsse;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::app::App;
use crate::challenge::{CHALLENGE_MILLIS, Unfit};
use crate::ended::SessionId;
use crate::http::problem::{Fault, Problem};

/// What a key signs to open a session: the DSSE encoding of this type and [`challenge_body`]. No event has this type,
/// so a signed challenge can never be taken for an event.
pub const CHALLENGE_TYPE: &str = "application/vnd.hourbook.session.v1";
/// How long a session lasts, in days.
pub const SESSION_DAYS: u32 = 30;
/// The browser's cookie.
pub const COOKIE: &str = "hourbook_session";

/// When a key that has opened too many sessions may open another.
const WAIT_SECONDS: u32 = (CHALLENGE_MILLIS / 1_000) as u32;
const PREFIX: &str = "hb1.";
const BY_GRANT: u8 = 1;
const BY_KEY: u8 = 2;
const CONTENT: usize = 1 + 16 + 16 + 16 + 8;
const MAC: usize = 32;

/// How a session was opened.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Proof {
    /// With a one-time code of this grant. The ledger's key may witness what the person does.
    Grant(EventId),
    /// With a signature of this key. The person signs everything.
    Key(KeyId),
}

/// A person who is signed in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Session {
    /// Who.
    pub person: PersonId,
    /// How that is known.
    pub proof: Proof,
    /// Its own number, by which one of a key is ended; one of a grant ends with that.
    pub id: SessionId,
    /// Until when.
    pub until: Millis,
}

/// Makes and checks tokens.
/// The HMAC after its key, which need not be taken in again for every token.
pub struct TokenKey(Hmac<Sha256>);

impl TokenKey {
    /// The key of a ledger.
    pub(crate) fn new(secret: &SigningKey, origin: &str) -> Self {
        let mut mac = keyed(secret.as_bytes());
        mac.update(b"hourbook/session-token/v1\0");
        mac.update(origin.as_bytes());
        let key: Zeroizing<[u8; 32]> = Zeroizing::new(mac.finalize().into_bytes().into());
        Self(keyed(&key))
    }

    /// A code over some bytes for another purpose than tokens.
    pub(crate) fn mac(&self, purpose: &str, bytes: &[u8]) -> [u8; 32] {
        let mut mac = self.0.clone();
        // No token begins with a zero.
        mac.update(b"\0");
        mac.update(purpose.as_bytes());
        mac.update(b"\0");
        mac.update(bytes);
        mac.finalize().into_bytes().into()
    }

    /// The session as a token.
    #[must_use]
    pub fn seal(&self, session: &Session) -> String {
        let mut bytes = Vec::with_capacity(CONTENT + MAC);
        let (how, by) = match session.proof {
            Proof::Grant(grant) => (BY_GRANT, grant.0),
            Proof::Key(key) => (BY_KEY, key.0),
        };
        bytes.push(how);
        bytes.extend_from_slice(&session.person.0);
        bytes.extend_from_slice(&by);
        bytes.extend_from_slice(&session.id);
        bytes.extend_from_slice(&session.until.0.to_be_bytes());
        let mut mac = self.0.clone();
        mac.update(&bytes);
        bytes.extend_from_slice(&mac.finalize().into_bytes());
        format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes))
    }

    /// The session of a token that was made with this key, over or not.
    #[must_use]
    pub fn open(&self, token: &str) -> Option<Session> {
        let bytes = URL_SAFE_NO_PAD.decode(token.strip_prefix(PREFIX)?).ok()?;
        let (content, tag) = bytes.split_at_checked(CONTENT)?;
        let mut mac = self.0.clone();
        mac.update(content);
        mac.verify_slice(tag).ok()?;
        let by = content[17..33].try_into().ok()?;
        let id = content[33..49].try_into().ok()?;
        let proof = match content[0] {
            BY_GRANT => Proof::Grant(EventId(by)),
            BY_KEY => Proof::Key(KeyId(by)),
            _ => return None,
        };
        let person = PersonId(content[1..17].try_into().ok()?);
        Some(Session { person, proof, id, until: Millis(i64::from_be_bytes(content[49..].try_into().ok()?)) })
    }
}

fn keyed(key: &[u8; 32]) -> Hmac<Sha256> {
    Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length")
}

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

enum Found {
    Nothing,
    Bearer(Option<Session>),
    Cookie(Option<Session>),
}

fn find(app: &App, headers: &HeaderMap) -> Found {
    let open = |token: &str| app.tokens.open(token).filter(|session| is_good(app, session));
    let text = |name: HeaderName| headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    let bearer = text(header::AUTHORIZATION).find_map(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
    });
    if let Some(token) = bearer {
        return Found::Bearer(open(token));
    }
    let mut pairs = text(header::COOKIE).flat_map(|line| line.split(';'));
    let cookie = pairs.find_map(|pair| pair.trim().strip_prefix(COOKIE)?.strip_prefix('='));
    cookie.map_or(Found::Nothing, |token| Found::Cookie(open(token)))
}

/// Whether a request that comes with a cookie was sent by one of the site's own pages.
pub(crate) fn is_same_site(headers: &HeaderMap) -> bool {
    let value = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = value("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    // An older browser: the origin must be the host that was asked. A form post without either header is refused.
    let origin = value("origin").and_then(|origin| origin.split_once("://")).map(|(_, host)| host);
    origin.is_some() && origin == value("host")
}

/// Who carries a token in the `authorization` of these headers; a cookie is not looked at.
///
/// # Errors
/// [`Fault::SessionOver`] if the token is none of ours or the session is over.
pub(crate) fn by_token(app: &App, headers: &HeaderMap) -> Result<Option<Session>, Problem> {
    match find(app, headers) {
        Found::Nothing | Found::Cookie(_) => Ok(None),
        Found::Bearer(session) => session.map(Some).ok_or(Fault::SessionOver.into()),
    }
}

fn current(app: &App, parts: &Parts) -> Result<Option<Session>, Problem> {
    let safe = matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS);
    match find(app, &parts.headers) {
        Found::Nothing => Ok(None),
        Found::Bearer(session) => session.map(Some).ok_or(Fault::SessionOver.into()),
        Found::Cookie(_) if !safe && !is_same_site(&parts.headers) => Err(Fault::CrossSite.into()),
        // A browser keeps an old cookie; whoever only reads is then simply nobody.
        Found::Cookie(None) if !safe => Err(Fault::SessionOver.into()),
        Found::Cookie(session) => Ok(session),
    }
}

/// A handler that takes a `Session` is for people who are signed in.
impl FromRequestParts<Arc<App>> for Session {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        current(app, parts)?.ok_or(Fault::SignInRequired.into())
    }
}

/// A handler that takes an `Option<Session>` is for everybody, and tells people apart.
impl OptionalFromRequestParts<Arc<App>> for Session {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Option<Self>, Problem> {
        current(app, parts)
    }
}

/// For pages: whoever is signed in with the browser's cookie; never an error for a page that is only read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Visitor(pub Option<Session>);

impl FromRequestParts<Arc<App>> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Infallible> {
        Ok(Self(current(app, parts).unwrap_or(None)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session() -> Session {
        let (person, proof) = (PersonId([7; 16]), Proof::Grant(EventId([9; 16])));
        Session { person, proof, id: [5; 16], until: Millis(1_234) }
    }

    fn key(seed: u8, origin: &str) -> TokenKey {
        TokenKey::new(&SigningKey::from_bytes(&[seed; 32]), origin)
    }

    #[test]
    fn a_token_comes_back_and_nobody_else_can_make_one() {
        let by_key = Session { proof: Proof::Key(KeyId([3; 16])), ..session() };
        for session in [session(), by_key] {
            let token = key(1, "a.example").seal(&session);
            assert_eq!(key(1, "a.example").open(&token), Some(session));
            assert_eq!(key(2, "a.example").open(&token), None);
            assert_eq!(key(1, "b.example").open(&token), None);
        }
    }

    #[test]
    fn a_token_with_any_bit_changed_is_none() {
        let key = key(1, "a.example");
        let bytes = URL_SAFE_NO_PAD.decode(&key.seal(&session())[PREFIX.len()..]).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(key.open(&format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(changed))), None, "bit {bit}");
        }
        for text in ["", "hb1.", "hb1.AAAA", "hb2.AAAA", "not a token"] {
            assert_eq!(key.open(text), None, "{text}");
        }
    }

    #[test]
    fn a_cookie_counts_for_changes_only_from_the_sites_own_pages() {
        let with = |pairs: &[(&'static str, &'static str)]| {
            is_same_site(
                &pairs
                    .iter()
                    .map(|(k, v)| (HeaderName::from_static(k), HeaderValue::from_static(v)))
                    .collect(),
            )
        };
        assert!(with(&[("sec-fetch-site", "same-origin")]));
        assert!(!with(&[("sec-fetch-site", "cross-site"), ("origin", "https://a"), ("host", "a")]));
        assert!(!with(&[("sec-fetch-site", "same-site")]));
        assert!(with(&[("origin", "https://a.example"), ("host", "a.example")]));
        assert!(!with(&[("origin", "https://evil.example"), ("host", "a.example")]));
        assert!(!with(&[("origin", "null"), ("host", "a.example")]));
        assert!(!with(&[("host", "a.example")]));
    }
}
