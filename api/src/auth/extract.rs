//! Who sends a request, by its token or cookie.

use std::sync::Arc;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::header::{HeaderMap, HeaderName};
use axum::http::request::Parts;
use axum::http::{Method, header};

use super::session::{COOKIE, is_good};
use super::token::Session;
use crate::problem::{Fault, Problem};
use crate::state::App;

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

/// Whose browser it is that shows an answer, whatever became of the request: for the frame of a page, and for nothing else.
pub(crate) fn by_cookie(app: &App, headers: &HeaderMap) -> Option<Session> {
    match find(app, headers) {
        Found::Cookie(session) => session,
        Found::Nothing | Found::Bearer(_) => None,
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

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

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
