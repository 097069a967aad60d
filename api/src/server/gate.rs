//! A request in the clear on a port that speaks TLS: somebody typed the address without `https://`, or wants to know how a
//! device comes to trust the site. Nothing else is answered there, so that no code and no name goes in the clear.

use axum::extract::Request;
use axum::http::uri::Authority;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use crate::problem::Fault;
use crate::ui::error_pages::prefers_html;
use crate::ui::exposed::authority_of;
use crate::ui::paths;

/// What TLS begins with: a handshake.
pub(super) const HANDSHAKE: u8 = 22;

/// The answer in the place of what was asked for; none for what may be had in the clear where the site has an authority
/// of its own.
pub(super) fn instead(request: &Request, has_own_authority: bool) -> Option<Response> {
    let path = request.uri().path();
    let is_open = [paths::HTTPS, paths::AUTHORITY].contains(&path) || path.starts_with("/assets/");
    if is_open && has_own_authority {
        return None;
    }
    if !prefers_html(request.headers()) {
        return Some(Fault::HttpsOnly.because("this port speaks TLS").into_response());
    }
    let there = match has_own_authority {
        true => paths::HTTPS.to_owned(),
        false => authority_of(request.headers()).map_or_else(
            || paths::HTTPS.to_owned(),
            |named: Authority| {
                format!(
                    "https://{named}{}",
                    request.uri().path_and_query().map_or("/", |asked| asked.as_str())
                )
            },
        ),
    };
    let there = HeaderValue::try_from(there).unwrap_or(HeaderValue::from_static(paths::HTTPS));
    let headers = [(header::LOCATION, there), (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    Some((StatusCode::SEE_OTHER, headers).into_response())
}
