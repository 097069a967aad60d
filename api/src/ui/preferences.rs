//! How a reader wants pages to preferences (language, text size), where on the site the reader is, and the headers that
//! keep pages safe.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, Request};
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;

use super::i18n::Lang;
use crate::http::extract::keep_out_of_caches;

/// Nothing inline, no script, nothing from another host, no framing: what a page may load is exactly what the binary
/// carries.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The same for pages that sign: their scripts come from here and speak to nobody else.
pub const SIGNING_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; \
     connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// A year: long enough that nobody has to choose twice.
const CHOICE_MAX_AGE_SECONDS: u32 = 31_536_000;

/// Base text size: 18, 24 or 30 px (MIIT rules for elderly-friendly sites).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Size {
    /// 标准, 18 px.
    #[default]
    Standard,
    /// 大字, 24 px.
    Large,
    /// 特大, 30 px.
    XLarge,
}

impl Size {
    /// All sizes, smallest first.
    pub const ALL: [Size; 3] = [Size::Standard, Size::Large, Size::XLarge];

    /// The value used in `?size=`, in the cookie and as a class on `<html>`.
    pub fn code(self) -> &'static str {
        match self {
            Size::Standard => "standard",
            Size::Large => "large",
            Size::XLarge => "xlarge",
        }
    }

    /// Reads `?size=` or the cookie.
    pub fn from_code(code: &str) -> Option<Size> {
        Size::ALL.into_iter().find(|size| size.code() == code)
    }

    /// The name people choose it by.
    pub fn name(self, lang: Lang) -> &'static str {
        match self {
            Size::Standard => lang.t("标准", "Standard"),
            Size::Large => lang.t("大字", "Large"),
            Size::XLarge => lang.t("特大", "Extra large"),
        }
    }
}

/// What the request says about the reader's choices and place. As an extractor it never fails: unknown values count
/// as not given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preferences {
    /// Language of the page.
    pub lang: Lang,
    /// Base text size.
    pub size: Size,
    /// Path of the page, as requested.
    pub path: String,
    /// The raw query without `lang` and `size`, so that switching either keeps filters and page numbers.
    pub query: String,
}

impl Preferences {
    /// Reads path, query and headers. The query wins over the cookie, the cookie over `Accept-Language`.
    pub fn read(path: &str, query: &str, headers: &HeaderMap) -> Preferences {
        let choice = |key: &str| pair(query, '&', key).or_else(|| cookie(headers, key));
        Preferences {
            lang: choice("lang").and_then(Lang::from_code).unwrap_or_else(|| accepted(headers)),
            size: choice("size").and_then(Size::from_code).unwrap_or_default(),
            path: path.to_owned(),
            query: without(query, &["lang", "size"]),
        }
    }

    /// This page's address with one query pair replaced; `value` must need no escaping (codes and numbers).
    pub fn with(&self, key: &str, value: &str) -> String {
        let rest = without(&self.query, &[key]);
        let separator = if rest.is_empty() { "" } else { "&" };
        format!("{}?{rest}{separator}{key}={value}", self.path)
    }

    /// This page's address without one query pair.
    pub fn without(&self, key: &str) -> String {
        let rest = without(&self.query, &[key]);
        if rest.is_empty() { self.path.clone() } else { format!("{}?{rest}", self.path) }
    }
}

impl<S: Sync> FromRequestParts<S> for Preferences {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Preferences, Infallible> {
        Ok(Preferences::read(parts.uri.path(), parts.uri.query().unwrap_or(""), &parts.headers))
    }
}

/// The language that the browser asks for first, of those there are.
fn accepted(headers: &HeaderMap) -> Lang {
    let text = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let ranges = text.split(',').enumerate().filter_map(|(place, range)| {
        let mut parts = range.split(';');
        let lang = Lang::from_code(parts.next()?.trim().split('-').next()?)?;
        let weight = parts.find_map(|part| part.trim().strip_prefix("q=")?.parse().ok()).unwrap_or(1.0f32);
        (weight > 0.0).then_some((lang, weight, place))
    });
    let first = ranges.min_by(|a, b| b.1.total_cmp(&a.1).then(a.2.cmp(&b.2)));
    first.map_or_else(Lang::default, |(lang, ..)| lang)
}

/// Middleware: a choice made by `?lang=` or `?size=` is remembered in a cookie.
pub async fn remember_choice(request: Request, next: Next) -> Response {
    let query = request.uri().query().unwrap_or("").to_owned();
    let mut response = next.run(request).await;
    for set_cookie in choices(&query) {
        if let Ok(value) = HeaderValue::from_str(&set_cookie) {
            response.headers_mut().append(header::SET_COOKIE, value);
        }
    }
    response
}

/// Middleware: the headers every page carries.
pub async fn guard_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    guard(response.headers_mut());
    response
}

/// Adds the headers every page carries. A value that is there already is kept.
pub fn guard(headers: &mut HeaderMap) {
    let guards: [(HeaderName, &'static str); 5] = [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), "geolocation=(), microphone=(), camera=()"),
    ];
    for (name, value) in guards {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    keep_out_of_caches(headers, "cookie, accept-language");
}

/// What the viewer of the interfaces for machines may load: its own scripts, and the styles that they write.
const VIEWER_POLICY: &str = "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// HTML that is not one of the pages is the viewer of the interfaces; it is guarded as far as it can bear.
pub fn guard_viewer(response: &mut Response) {
    let kind = response.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    if kind.is_some_and(|kind| kind.starts_with(b"text/html")) {
        let policy = HeaderValue::from_static(VIEWER_POLICY);
        response.headers_mut().entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
        guard(response.headers_mut());
    }
}

/// `Set-Cookie` values for the choices in a query; unknown values set nothing.
fn choices(query: &str) -> Vec<String> {
    let lang = pair(query, '&', "lang").and_then(Lang::from_code).map(|lang| ("lang", lang.code()));
    let size = pair(query, '&', "size").and_then(Size::from_code).map(|size| ("size", size.code()));
    let cookie = |(key, value): (&str, &str)| {
        format!("{key}={value}; Path=/; Max-Age={CHOICE_MAX_AGE_SECONDS}; SameSite=Lax; HttpOnly")
    };
    lang.into_iter().chain(size).map(cookie).collect()
}

fn cookie<'a>(headers: &'a HeaderMap, key: &str) -> Option<&'a str> {
    let mut lines = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    lines.find_map(|line| pair(line, ';', key))
}

/// The last value of `key` in `a=1&b=2`: the switch appends, so the newest choice stands last.
fn pair<'a>(pairs: &'a str, separator: char, key: &str) -> Option<&'a str> {
    pairs
        .split(separator)
        .filter_map(|pair| pair.trim().split_once('='))
        .rfind(|(k, _)| *k == key)
        .map(|p| p.1)
}

fn without(query: &str, keys: &[&str]) -> String {
    let name = |pair: &str| pair.split_once('=').map_or(pair, |(key, _)| key).to_owned();
    let kept: Vec<&str> =
        query.split('&').filter(|pair| !pair.is_empty() && !keys.contains(&name(pair).as_str())).collect();
    kept.join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_cookie(text: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_static(text))])
    }

    #[test]
    fn the_query_wins_over_the_cookie_and_nonsense_counts_as_absent() {
        let preferences = Preferences::read("/", "size=xlarge", &with_cookie("lang=en; size=large"));
        assert_eq!((preferences.lang, preferences.size), (Lang::En, Size::XLarge));
        let preferences = Preferences::read("/", "size=huge&lang=fr", &HeaderMap::new());
        assert_eq!((preferences.lang, preferences.size), (Lang::Zh, Size::Standard));
    }

    #[test]
    fn the_browsers_language_counts_until_the_reader_chooses_one() {
        let asks = |text: &'static str| {
            let headers = HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, HeaderValue::from_static(text))]);
            Preferences::read("/", "", &headers).lang
        };
        assert_eq!(asks("en-GB,en;q=0.9,zh;q=0.8"), Lang::En);
        assert_eq!(asks("en;q=0.3, zh-CN;q=0.9"), Lang::Zh);
        assert_eq!(asks("de, fr;q=0.5"), Lang::Zh);
        assert_eq!(asks("de, en;q=0.5, zh;q=0"), Lang::En);
    }

    #[test]
    fn switching_keeps_filters_and_drops_the_old_choice() {
        let preferences =
            Preferences::read("/wishes", "status=open&size=large&page=2&lang=en", &HeaderMap::new());
        assert_eq!(preferences.query, "status=open&page=2");
        assert_eq!(preferences.with("size", "xlarge"), "/wishes?status=open&page=2&size=xlarge");
        assert_eq!(preferences.with("page", "3"), "/wishes?status=open&page=3");
        assert_eq!(Preferences::default().with("lang", "en"), "?lang=en");
    }

    #[test]
    fn only_known_choices_become_cookies() {
        assert_eq!(choices("size=huge&x=1"), Vec::<String>::new());
        let set = choices("lang=en&size=large");
        assert!(
            set[0].starts_with("lang=en; Path=/;") && set[1].starts_with("size=large; Path=/;"),
            "{set:?}"
        );
    }
}
