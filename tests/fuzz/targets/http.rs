//! Requests: paths, queries, headers, cookies, forms and bodies, against a small town in this process.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::OnceLock;

use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use hourbook::auth::session::COOKIE;
use hourbook::problem::Fault;
use hourbook::server::router;
use hourbook_ledger::domain::Code;
use hourbook_ledger::domain::event::{self, EdgeKind, Span};
use hourbook_tests::server::{batch, person};
use hourbook_tests::town::{ANN, AUDITOR, CITY, COMMUNITY, SECOND_WORKER, STEWARD, Town, WORKER, today};
use tower::ServiceExt as _;

use super::Target;
use super::feed::Feed;

pub(super) fn targets() -> Vec<Target> {
    vec![
        Target { name: "http", run: request, seeds: requests, longest: 2_048 },
        Target { name: "session-token", run: token, seeds: tokens, longest: 512 },
    ]
}

/// A served town, who is signed in, and what is worth asking about.
struct Served {
    runtime: tokio::runtime::Runtime,
    routes: axum::Router,
    tokens: Vec<String>,
    names: Vec<String>,
    codes: BTreeSet<&'static str>,
    town: Town,
}

/// What requests are sent to. Lives as long as the process: whoever runs targets ends it without ado.
fn served() -> &'static Served {
    static SERVED: OnceLock<Served> = OnceLock::new();
    SERVED.get_or_init(Served::start)
}

/// Another one, in which nobody does anything, so that all tokens stay good.
fn quiet() -> &'static Served {
    static QUIET: OnceLock<Served> = OnceLock::new();
    QUIET.get_or_init(Served::start)
}

impl Served {
    fn start() -> Self {
        let town = Town::start();
        let activity = town.activity(WORKER, 140, COMMUNITY);
        let wish = town.wish(WORKER, 151, ANN);
        town.vet(SECOND_WORKER, wish);
        let mut tokens = vec![town.code_session(WORKER, ANN, "61000001")];
        tokens.extend([WORKER, STEWARD, AUDITOR].map(|seed| town.server.sign_in(seed)));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let ids = [
            person(ANN).to_string(),
            CITY.to_string(),
            COMMUNITY.to_string(),
            activity.to_string(),
            wish.to_string(),
        ];
        let words = [
            "0",
            "1",
            "18446744073709551615",
            "-1",
            "all",
            "2026",
            "2026Q3",
            "2026-11",
            "2026-02-30",
            "city",
            "person",
            "zh",
            "en",
            "%00",
            "%ff",
            "..",
            "x001/000",
            "000.p/5",
        ];
        let names = ids.into_iter().chain(words.map(str::to_owned)).collect();
        let rules = Code::ALL.iter().map(|code| code.name());
        let faults = Fault::ALL.iter().map(|fault| fault.name());
        // What is wrong with a sheet is told by the codes of sheets.
        let sheets = hourbook::sheet::file_codes().into_iter();
        let imports = ["row-errors", "split-the-sheet", "bad-reason"].into_iter();
        let codes = rules.chain(faults).chain(sheets).chain(imports).collect();
        Self { runtime, routes: router(town.server.app.clone()), tokens, names, codes, town }
    }
}

const PATHS: &[&str] = &[
    "/",
    "/wishes",
    "/wishes/{}",
    "/wishes/{}/claim",
    "/wishes/{}/{}",
    "/leaderboard",
    "/lists",
    "/me",
    "/me/statement",
    "/me/access",
    "/me/public-name",
    "/me/roles",
    "/activities",
    "/activities/{}/{}/sign-up",
    "/activities/{}/{}/{}",
    "/members/{}",
    "/how",
    "/log",
    "/log/{}",
    "/signin",
    "/signout",
    "/checkpoint",
    "/healthz",
    "/readyz",
    "/metrics",
    "/log.vkey",
    "/problems",
    "/problems/{}",
    "/tile/0/{}",
    "/tile/{}/{}",
    "/tile/entries/{}",
    "/v1/events",
    "/v1/events/{}",
    "/v1/events/{}/proof",
    "/v1/imports/preview",
    "/v1/leaderboards/{}",
    "/v1/ledger",
    "/v1/lists/{}/{}",
    "/v1/me/events",
    "/v1/members/{}",
    "/v1/members/{}/balance",
    "/v1/members/{}/records",
    "/v1/orgs",
    "/v1/orgs/{}",
    "/v1/sessions",
    "/v1/sessions/challenge",
    "/v1/sessions/current",
    "/v1/streams/{}/{}",
    "/v1/wishes",
    "/v1/wishes/{}",
];
const KEYS: &[&str] = &[
    "page",
    "min_position",
    "scope",
    "period",
    "next",
    "category",
    "status",
    "state",
    "position",
    "org",
    "offset",
    "limit",
    "mine",
    "kind",
    "done",
    "date",
    "community",
    "below",
    "before",
    "size",
    "from",
    "lang",
    "rating",
    "minutes",
    "agreed",
    "code",
    "shift",
];
const TYPES: &[&str] = &[
    "application/json",
    "application/x-www-form-urlencoded",
    "application/x-protobuf",
    "text/csv",
    "multipart/form-data; boundary=x",
    "application/vnd.dsse.envelope.v1+json",
    "",
];
const METHODS: &[Method] =
    &[Method::GET, Method::POST, Method::GET, Method::HEAD, Method::DELETE, Method::PUT, Method::OPTIONS];

fn word(feed: &mut Feed<'_>) -> String {
    let names = &served().names;
    let choice = usize::from(feed.byte());
    if choice < 208 {
        return names[choice % names.len()].clone();
    }
    let encode = |byte: &u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'%' | b'/' | b'+' => {
            char::from(*byte).to_string()
        }
        other => format!("%{other:02x}"),
    };
    feed.chunk().iter().map(encode).collect()
}

fn target_of(feed: &mut Feed<'_>) -> String {
    let mut path = (*feed.pick(PATHS)).to_owned();
    while path.contains("{}") {
        path = path.replacen("{}", &word(feed), 1);
    }
    for number in 0..feed.below(4) {
        let (key, value) = (*feed.pick(KEYS), word(feed));
        // A read may wait two seconds for a position that is not there yet.
        if key != "min_position" || value.len() > 10 {
            path += &format!("{}{key}={value}", if number == 0 { '?' } else { '&' });
        }
    }
    path
}

fn body_of(feed: &mut Feed<'_>, kind: &str) -> Vec<u8> {
    if kind.starts_with("application/x-www-form") {
        let pairs = (0..feed.below(5)).map(|_| format!("{}={}", feed.pick(KEYS), word(feed)));
        return pairs.collect::<Vec<_>>().join("&").into_bytes();
    }
    if kind.starts_with("multipart") && feed.byte().is_multiple_of(2) {
        let head = b"--x\r\nContent-Disposition: form-data; name=\"sheet\"; filename=\"t.csv\"\r\n\r\n";
        return [head, feed.rest(), b"\r\n--x--\r\n"].concat();
    }
    feed.rest().to_vec()
}

/// Any request is answered in order: never with a fault of ours, always in the form of its face, and nothing that changes
/// anything is done for a page of another site.
fn request(bytes: &[u8]) {
    let served = served();
    let mut feed = Feed::new(bytes);
    let method = feed.pick(METHODS).clone();
    let target = target_of(&mut feed);
    let mut request =
        Request::builder().method(method.clone()).uri(&target).header(header::HOST, "hourbook.test");
    let (mut who, site) = (feed.byte(), feed.byte());
    if target.contains("/current") || target.contains("/signout") {
        // Whoever ends a session cannot be seen in the requests that follow.
        who |= 2;
    }
    let token = &served.tokens[usize::from(who / 4) % served.tokens.len()];
    let with_cookie = who % 4 == 1;
    match who % 4 {
        0 => request = request.header(header::AUTHORIZATION, format!("Bearer {token}")),
        1 => request = request.header(header::COOKIE, format!("lang=en; {COOKIE}={token}")),
        _ => {}
    }
    let foreign = site % 4 == 1;
    match site % 4 {
        0 => request = request.header("sec-fetch-site", "same-origin"),
        1 => {
            request =
                request.header("sec-fetch-site", "cross-site").header("origin", "https://elsewhere.test")
        }
        2 => request = request.header("origin", String::from_utf8_lossy(feed.take(8)).into_owned()),
        _ => {}
    }
    let kind = *feed.pick(TYPES);
    request = request.header(header::CONTENT_TYPE, kind);
    if feed.byte().is_multiple_of(2) {
        request =
            request.header(header::ACCEPT, *feed.pick(TYPES)).header(header::ACCEPT_LANGUAGE, "en;q=0.5, zh");
    }
    let Ok(request) = request.body(Body::from(body_of(&mut feed, kind))) else { return };
    let (status, headers, body) = answer(served, request);
    let shown = format!("{method} {target}: {status}: {}", String::from_utf8_lossy(&body));
    assert!(!status.is_server_error() || status == StatusCode::SERVICE_UNAVAILABLE, "{shown}");
    if with_cookie && foreign && !matches!(method, Method::GET | Method::HEAD | Method::OPTIONS) {
        assert!(!status.is_success(), "done for another site: {shown}");
    }
    if method == Method::HEAD {
        return;
    }
    check_form(&target, status, &headers, &body, &shown);
}

fn check_form(target: &str, status: StatusCode, headers: &HeaderMap, body: &[u8], shown: &str) {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let for_machines = target.starts_with("/v1/") || target.starts_with("/tile/");
    if status.is_client_error() && for_machines {
        assert_eq!(kind, "application/problem+json", "{shown}");
        let problem: serde_json::Value = serde_json::from_slice(body).expect("a problem document is JSON");
        assert_eq!(problem["status"], status.as_u16(), "{shown}");
        let code = problem["code"].as_str().unwrap_or_default();
        assert!(served().codes.contains(code), "{shown}");
    }
    if kind.starts_with("application/json") {
        serde_json::from_slice::<serde_json::Value>(body).unwrap_or_else(|error| panic!("{error}: {shown}"));
    }
    if kind.starts_with("text/html") {
        let page = std::str::from_utf8(body).expect("a page is UTF-8");
        assert!(page.contains("</html>") || target.starts_with("/docs"), "half a page: {shown}");
        assert!(headers.contains_key("content-security-policy"), "{target}: {headers:?}");
    }
}

fn answer(served: &Served, mut request: Request<Body>) -> (StatusCode, HeaderMap, Vec<u8>) {
    served.runtime.block_on(async {
        let from = ConnectInfo(SocketAddr::from(([192, 0, 2, 1], 4_000)));
        request.extensions_mut().insert(from);
        let answer = served.routes.clone().oneshot(request).await.expect("a route never fails");
        let (parts, body) = answer.into_parts();
        let bytes = to_bytes(body, 64 << 20).await.expect("a body of bounded length");
        (parts.status, parts.headers, bytes.to_vec())
    })
}

/// Method, path, its words, number of pairs, who, site, type, whether there is Accept; then a body.
fn requests() -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = (0..PATHS.len() as u8)
        .flat_map(|path| {
            (0..8).map(move |choice| {
                vec![
                    choice % 2,
                    path,
                    choice,
                    choice,
                    1,
                    choice,
                    choice * 3,
                    choice * 2,
                    0,
                    0,
                    choice,
                    choice,
                ]
            })
        })
        .collect();
    let linked = event::Body::org_linked(COMMUNITY, CITY, EdgeKind::ReportsTo, Span::since(today()));
    let submission = served().town.by(WORKER, linked);
    let events = PATHS.iter().position(|path| *path == "/v1/events").expect("it is there") as u8;
    let json = batch(std::slice::from_ref(&submission)).to_string();
    all.push([&[1, events, 0, 2, 0, 0, 1][..], json.as_bytes()].concat());
    let protobuf = hourbook_ledger::wire::encode_submissions(&[submission]);
    all.push([&[1, events, 0, 2, 0, 2, 1][..], &protobuf].concat());
    let place = |path: &str| PATHS.iter().position(|known| *known == path).expect("it is there") as u8;
    let body = |path: &str, body: &str| [&[1, place(path), 0, 0, 0, 0, 1][..], body.as_bytes()].concat();
    all.push(body("/v1/me/events", r#"{"kind":"give-consent","consent":"public-name"}"#));
    all.push(body("/v1/sessions", r#"{"code":"61000001"}"#));
    all.push(body("/v1/sessions/challenge", r#"{"key_id":"00000000000000000000000000000000"}"#));
    all
}

/// A session is open to whoever shows the token, and to nobody who shows anything else.
fn token(bytes: &[u8]) {
    let served = quiet();
    let mut feed = Feed::new(bytes);
    let token = feed.pick(&served.tokens);
    let mut shown = token.clone().into_bytes();
    if feed.byte().is_multiple_of(4) {
        shown = feed.rest().to_vec()
    } else {
        feed.damage(&mut shown, 2)
    }
    let request = Request::builder().uri("/v1/sessions/current");
    let as_bearer = bytes.len().is_multiple_of(2);
    let request = match as_bearer {
        true => request.header(header::AUTHORIZATION, [b"Bearer ", &shown[..]].concat()),
        false => request.header(header::COOKIE, [COOKIE.as_bytes(), b"=", &shown].concat()),
    };
    let Ok(request) = request.body(Body::empty()) else { return };
    let (status, _, body) = answer(served, request);
    // White space around a token is not of it, a cookie ends at a semicolon, and a header is ASCII or not there.
    let text = String::from_utf8_lossy(&shown);
    let meant = if as_bearer { text.trim() } else { text.split(';').next().unwrap_or_default().trim_end() };
    let is_text = shown.iter().all(|byte| matches!(byte, b'\t' | 0x20..=0x7e));
    let known = is_text && served.tokens.iter().any(|token| token == meant);
    assert_eq!(status.is_success(), known, "{text:?}: {status}: {}", String::from_utf8_lossy(&body));
}

fn tokens() -> Vec<Vec<u8>> {
    let mut all = vec![vec![0, 1, 0], vec![1, 1, 0, 0], vec![2, 1, 1, 0, 0, 7, 1], vec![3, 1, 1, 2, 0, 20]];
    all.push([&[0, 4][..], quiet().tokens[0].as_bytes()].concat());
    all
}
