//! What everybody sees: every page there, safe, light, and without a name of anybody who did not agree.

use hourbook_ledger::domain::event::Body;
use hourbook_tests::server::person;
use hourbook_tests::town::{
    ANN, BEN, COMMUNITY, CROWD, GRID, OLD, PEOPLE, SECOND_WORKER, Town, WORKER, interval, name,
};

use crate::browser::{Browser, attributes, crawl};

const PAGES: [&str; 11] = [
    "/policies",
    "/",
    "/wishes",
    "/wishes?status=all",
    "/activities",
    "/leaderboard",
    "/lists",
    "/signin",
    "/how",
    "/https",
    "/log",
];

/// A town with confirmed hours of eight people, one of whom agreed to be named, and an open wish.
pub(crate) fn lived_in() -> Town {
    let town = Town::start();
    let activity = town.activity(WORKER, 201, COMMUNITY);
    town.crowd();
    let mut rows = vec![(ANN, interval(0, 420, 90)), (BEN, interval(0, 420, 60))];
    rows.extend(CROWD.map(|seed| (seed, interval(0, 420, 30))));
    let recorded = Town::event_of(&town.must(WORKER, town.hours(COMMUNITY, activity, &rows), Vec::new()));
    town.must(SECOND_WORKER, Body::all_confirmed(recorded), Vec::new());
    town.must(BEN, Body::public_name(person(BEN), true), Vec::new());
    let wish = town.wish(WORKER, 211, OLD);
    town.vet(SECOND_WORKER, wish);
    town
}

#[test]
fn every_page_is_there_safe_light_and_complete_without_scripts() {
    let town = lived_in();
    let mut browser = Browser::new(&town.server);
    let one = format!("/wishes/{}", uuid::Uuid::from_bytes([211; 16]));
    for path in PAGES.into_iter().chain([one.as_str(), "/log/3"]) {
        let answer = browser.get(path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        let header = |name: &str| answer.header(name).unwrap_or_default().to_owned();
        assert!(header("content-type").starts_with("text/html"), "{path}");
        let policy = header("content-security-policy");
        // Whoever has a key on the device signs in by a script; `keys` says what its policy is.
        let signs_in = path == "/signin";
        assert!(
            policy.starts_with("default-src 'none';") && policy.contains("script-src") == signs_in,
            "{path}: {policy}"
        );
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("referrer-policy"), "same-origin", "{path}");
        assert!(header("permissions-policy").contains("camera=()"), "{path}");
        assert!(header("cache-control").contains("no-store"), "{path}");
        let html = answer.text().replace("<script type=\"module\" src=\"/assets/", "");
        assert!(html.len() < 30_000, "{path}: {} bytes", html.len());
        for forbidden in ["<script", "<style", " style=", " onclick", "javascript:", "https://"] {
            assert!(!html.contains(forbidden), "{path}: {forbidden}");
        }
        assert!(html.contains("<html lang=\"zh-CN\"") && html.contains("栀川市"), "{path}");
    }
}

#[test]
fn the_public_sees_no_name_but_of_those_who_agreed() {
    let town = lived_in();
    let mut browser = Browser::new(&town.server);
    let mut all = String::new();
    for path in crawl(&mut browser, "/", 300).into_keys() {
        all.push_str(&browser.get(&path).text());
    }
    for (seed, name, ..) in PEOPLE {
        assert_eq!(all.contains(name), seed == BEN, "{name}");
        let id = uuid::Uuid::from_bytes([seed; 16]).to_string();
        assert!(!all.contains(&id), "the id of {name}");
    }
    assert!(!all.contains("床头灯坏了"), "the resident's own words");
    assert!(all.contains("想要一盏床头灯"), "the vetted sentence");
}

#[test]
fn every_link_leads_somewhere() {
    let town = lived_in();
    town.hand_out(WORKER, BEN, "24681357");
    let mut browser = Browser::new(&town.server);
    let public = crawl(&mut browser, "/", 300);
    let page = browser.page("/signin");
    let _ = browser.submit(&page, "/signin", "code=24681357");
    let own = crawl(&mut browser, "/me", 300);
    assert!(public.len() > 40 && own.len() > 40, "{} and {}", public.len(), own.len());
    assert!(
        own.keys().any(|path| path.starts_with("/me/access"))
            && own.keys().any(|p| p.starts_with("/me/statement"))
    );
    for (path, status) in public.into_iter().chain(own) {
        // An entry as it is, is for auditors and whoever signed it.
        let refused_rightly = status == 403 && path.starts_with("/v1/events/");
        assert!(matches!(status, 200 | 303) || refused_rightly, "{path}: {status}");
    }
}

#[test]
fn language_and_size_are_kept_and_switching_stays_on_the_page() {
    let town = lived_in();
    let mut browser = Browser::new(&town.server);
    let english = browser.send("GET", "/wishes", &[("accept-language", "en-GB,en;q=0.9")], "").text();
    assert!(english.contains("<html lang=\"en\"") && english.contains("Wishes"));
    let links = attributes(&browser.page("/wishes?status=all"), "href");
    for link in ["/wishes?status=all&lang=en", "/wishes?status=all&size=xlarge"] {
        assert!(links.contains(link), "{link} in {links:?}");
    }
    let _ = browser.page("/wishes?status=all&size=xlarge");
    let _ = browser.page("/wishes?status=all&lang=en");
    let later = browser.page("/leaderboard");
    assert!(later.contains("<html lang=\"en\" class=\"xlarge\""), "{}", &later[..200]);
}

#[test]
fn what_the_browser_has_is_not_sent_again() {
    let town = lived_in();
    let mut browser = Browser::new(&town.server);
    let first = browser.get("/wishes");
    let tag = first.header("etag").expect("a tag").to_owned();
    assert_eq!(browser.send("GET", "/wishes", &[("if-none-match", &tag)], "").status, 304);
    let wish = town.wish(WORKER, 212, OLD);
    town.vet(SECOND_WORKER, wish);
    assert_eq!(browser.send("GET", "/wishes", &[("if-none-match", &tag)], "").status, 200, "it has changed");
    let style =
        attributes(&first.text(), "href").into_iter().find(|href| href.contains("app.css")).expect("a style");
    let style = browser.get(&style);
    assert!(style.header("cache-control").is_some_and(|value| value.contains("immutable")));
    let packed = browser.send("GET", "/", &[("accept-encoding", "gzip")], "");
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    assert!(
        packed.bytes.starts_with(&[0x1f, 0x8b]) && packed.bytes.len() < 6_000,
        "{} bytes",
        packed.bytes.len()
    );
}

#[test]
fn a_refusal_is_a_page_for_readers_and_a_document_for_programs() {
    let town = Town::start();
    let mut browser = Browser::new(&town.server);
    for path in ["/nowhere", "/wishes/none", "/log/999999", "/leaderboard?scope=x", "/lists?period=soon"] {
        let answer = browser.get(path);
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.text().contains("<h1>没有找到</h1>") && answer.text().contains("not-found"), "{path}");
        assert!(answer.header("content-security-policy").is_some(), "{path}");
        // As browsers ask for it.
        let packed = browser.send("GET", path, &[("accept-encoding", "gzip, deflate, br")], "");
        assert_eq!(packed.status, 404, "{path}");
        assert!(packed.bytes.len() > 500, "{path}: {} bytes", packed.bytes.len());
    }
    let packed = [("accept-encoding", "gzip"), ("sec-fetch-site", "cross-site")];
    let refused = browser.send("POST", "/signin", &packed, "");
    assert!(
        refused.status == 403 && refused.bytes.len() > 500,
        "{}: {} bytes",
        refused.status,
        refused.bytes.len()
    );
    let document = town.server.get("/nowhere");
    assert_eq!((document.status, document.code().as_str()), (404, "not-found"));
    let asked = browser.get("/v1/me/nothing?lang=en");
    assert!(asked.text().contains("<html lang=\"en\"") && asked.text().contains("There is nothing here"));
}

#[test]
fn the_stamp_names_a_root_that_the_checkpoint_has() {
    let town = lived_in();
    let mut browser = Browser::new(&town.server);
    let page = browser.page("/log");
    let checkpoint = town.server.get("/checkpoint").text();
    for line in checkpoint.lines().filter(|line| !line.is_empty()).take(3) {
        assert!(page.contains(line), "{line}");
    }
    let head = town.server.app.reader.head();
    assert!(browser.page("/how").contains(&hex::encode(head.root)), "the stamp carries the whole root");
}

#[test]
fn the_ranking_counts_everybody_and_names_who_agreed() {
    let town = lived_in();
    let mut browser = Browser::new(&town.server);
    for scope in
        ["", &uuid::Uuid::from_bytes(COMMUNITY.0).to_string(), &uuid::Uuid::from_bytes(GRID.0).to_string()]
    {
        let page = browser.page(&format!("/leaderboard?scope={scope}&period=all"));
        assert!(page.contains("共 8 人"), "{scope}");
        assert!(page.contains(name(BEN)) && !page.contains(name(ANN)) && page.contains("＊＊＊"), "{scope}");
        assert!(page.contains("<b>1.5</b>") && page.contains("<b>1</b>"), "{scope}");
    }
}

#[test]
fn a_page_that_is_sent_something_in_another_way_says_what_is_wrong() {
    let town = lived_in();
    let refused = Browser::new(&town.server).send("PUT", "/wishes", &[], "");
    assert!(refused.status == 405 && refused.text().contains("<html"), "{}", refused.text());
    let refused = town.server.send("PUT", "/wishes", &[], b"");
    assert_eq!((refused.status, refused.code().as_str()), (405, "method-not-allowed"));
}
