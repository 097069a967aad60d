//! Refusals as pages: whoever prefers to read HTML gets a page instead of a problem document, whatever the route.

use std::sync::Arc;

use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::header::{self, HeaderMap, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::error_page;
use super::exposed::is_exposed;
use super::layout::Shell;
use super::preferences::{Preferences, SIGNING_POLICY, guard};
use super::request::{as_of, reader, see_other, sign_in_and_back};
use super::site::town;
use crate::auth::extract::by_cookie;
use crate::state::App;

/// More than any problem document has.
const MOST: usize = 64 << 10;

/// What a page needs of a problem document.
#[derive(Deserialize)]
struct Document {
    code: String,
    zh: String,
    en: String,
    transient: bool,
}

/// What has to be known of a request to answer it with a page.
pub(crate) struct Asked {
    preferences: Preferences,
    address: String,
    reads: bool,
    is_exposed: bool,
    /// By which the session is found again.
    cookies: HeaderMap,
}

impl Asked {
    /// Nothing if the reader does not prefer HTML.
    pub(crate) fn by(request: &Request) -> Option<Self> {
        prefers_html(request.headers()).then(|| Self {
            preferences: Preferences::read(
                request.uri().path(),
                request.uri().query().unwrap_or(""),
                request.headers(),
            ),
            address: request.uri().path_and_query().map_or("/", |p| p.as_str()).to_owned(),
            reads: matches!(*request.method(), Method::GET | Method::HEAD),
            is_exposed: is_exposed(request.headers()),
            cookies: cookies(request.headers()),
        })
    }
}

fn cookies(headers: &HeaderMap) -> HeaderMap {
    headers.get_all(header::COOKIE).iter().map(|value| (header::COOKIE, value.clone())).collect()
}

/// Middleware: turns problem documents into pages for readers, and sends whoever has to sign in to the form.
pub(crate) async fn as_pages(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    match Asked::by(&request) {
        Some(asked) => page_for(app, asked, next.run(request).await).await,
        None => next.run(request).await,
    }
}

/// The answer for a reader: a page if it is a problem document.
pub(crate) async fn page_for(app: Arc<App>, asked: Asked, response: Response) -> Response {
    let Asked { preferences, address, reads, is_exposed, cookies } = asked;
    if response.headers().get(header::CONTENT_TYPE).is_none_or(|kind| kind != "application/problem+json") {
        return response;
    }
    if response.status() == StatusCode::UNAUTHORIZED && reads {
        return see_other(&sign_in_and_back(&address));
    }
    let (parts, body) = response.into_parts();
    let document =
        to_bytes(body, MOST).await.ok().and_then(|bytes| serde_json::from_slice::<Document>(&bytes).ok());
    let Some(document) = document else { return parts.status.into_response() };
    let retry = parts.headers.get(header::RETRY_AFTER).cloned();
    let shell = Shell { is_exposed, ..shell(&app, preferences.clone(), &cookies) };
    let signs = shell.signer().is_some();
    let page = error_page::render(&shell, &view(&preferences, parts.status, document));
    let mut page = (parts.status, page).into_response();
    if signs {
        // Signing out wipes what the browser keeps, and a key at rest locks itself: also here.
        let policy = HeaderValue::from_static(SIGNING_POLICY);
        page.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    page.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    guard(page.headers_mut());
    if let Some(retry) = retry {
        page.headers_mut().insert(header::RETRY_AFTER, retry);
    }
    page
}

/// The page must come whatever is broken: a stamp that cannot be made is left empty, and a reader whose name cannot be told is
/// nobody.
fn shell(app: &App, preferences: Preferences, cookies: &HeaderMap) -> Shell {
    let session = by_cookie(app, cookies);
    let models = app.read.read();
    let as_of = as_of(app, &models).unwrap_or_default();
    let viewer = session.and_then(|session| reader(app, &models, preferences.lang, session).ok());
    let town = town(&models);
    Shell { preferences, town, as_of, viewer, is_demo: app.origin.is_example(), ..Shell::default() }
}

/// The texts of problems are one sentence each: what is wrong, a colon, how to mend it.
fn view(preferences: &Preferences, status: StatusCode, document: Document) -> error_page::View {
    let text = preferences.lang.t(&document.zh, &document.en).trim_end_matches(['。', '.']);
    let (title, mend) = text.split_once('：').or_else(|| text.split_once(": ")).unwrap_or((text, ""));
    let usual = match document.transient {
        true => preferences.lang.t("请稍后再试。", "Please try again in a moment."),
        false => preferences
            .lang
            .t("请检查地址，或从首页重新进入。", "Check the address, or begin at the start page."),
    };
    let mend =
        if mend.is_empty() { usual.to_owned() } else { sentence(mend, preferences.lang.t("。", ".")) };
    error_page::View { status: status.as_u16(), code: document.code, title: title.to_owned(), mend }
}

/// What stood after a colon as a sentence of its own.
fn sentence(rest: &str, stop: &str) -> String {
    let mut letters = rest.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}{stop}", letters.as_str())
}

/// Whether `Accept` names HTML, and nothing for machines before it.
pub(crate) fn prefers_html(headers: &HeaderMap) -> bool {
    if !headers.contains_key(header::ACCEPT) {
        return false;
    }
    let lines = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let weights: Vec<(String, f32)> = lines.flat_map(|line| line.split(',')).map(weight).collect();
    let of = |kinds: &[&str]| {
        let named = weights.iter().filter(|(kind, _)| kinds.contains(&kind.as_str()));
        named.map(|(_, weight)| *weight).fold(0.0, f32::max)
    };
    let html = of(&["text/html", "application/xhtml+xml"]);
    html > 0.0 && html >= of(&["application/json", "application/problem+json"])
}

fn weight(range: &str) -> (String, f32) {
    let mut parts = range.split(';');
    let kind = parts.next().unwrap_or("").trim().to_ascii_lowercase();
    let weight = parts.find_map(|part| part.trim().strip_prefix("q=")?.parse().ok());
    (kind, weight.unwrap_or(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::i18n::Lang;

    #[test]
    fn browsers_get_pages_and_programs_get_documents() {
        let asks = |accept: &'static str| {
            prefers_html(&HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(accept))]))
        };
        assert!(asks("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"));
        assert!(!asks("*/*") && !asks("application/json") && !asks("text/html;q=0.5, application/json"));
        assert!(!prefers_html(&HeaderMap::new()));
    }

    #[test]
    fn the_text_of_a_problem_says_what_and_how_to_mend_it() {
        let document = |zh: &str, en: &str| Document {
            code: "x".into(),
            zh: zh.into(),
            en: en.into(),
            transient: false,
        };
        let zh = view(
            &Preferences::default(),
            StatusCode::FORBIDDEN,
            document("您无权查看：请联系社区。", "Not yours: ask."),
        );
        assert_eq!((zh.title.as_str(), zh.mend.as_str()), ("您无权查看", "请联系社区。"));
        let english = Preferences { lang: Lang::En, ..Preferences::default() };
        let en = view(
            &english,
            StatusCode::FORBIDDEN,
            document("您无权查看：请联系社区。", "Not yours: ask them."),
        );
        assert_eq!((en.title.as_str(), en.mend.as_str()), ("Not yours", "Ask them."));
        let bare = view(
            &Preferences::default(),
            StatusCode::NOT_FOUND,
            document("没有找到。", "There is nothing here."),
        );
        assert_eq!((bare.title.as_str(), bare.mend.as_str()), ("没有找到", "请检查地址，或从首页重新进入。"));
    }
}
