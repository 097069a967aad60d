//! The demo: each page of it says that it is one, and what it prints signs in.

use std::collections::BTreeSet;

use hourbook::demo::{self, Built, Options, links};
use hourbook_ledger::clock::ManualClock;
use hourbook_ledger::domain::time::{Date, Millis, Offset};
use hourbook_tests::server::Server;
use hourbook_tests::town::ANN;
use serde_json::json;
use tempfile::TempDir;

use crate::browser::{Browser, attributes, crawl};
use crate::public::lived_in;

const BAND: &str = "<aside class=\"demo\"";
const SITE: &str = "http://127.0.0.1:8080";

/// A small town, served an hour after its last day.
fn demo_town(seed: u64, people: usize, weeks: usize) -> (Built, Server) {
    let (data, sheets) = (TempDir::new().expect("a directory"), TempDir::new().expect("a directory"));
    let until: Date = "2026-11-21".parse().expect("a date");
    let options = Options {
        seed,
        people,
        weeks,
        until,
        data: data.path(),
        sheets: sheets.path(),
        watch: &ManualClock::at(Millis(0)),
        progress: &|_| {},
    };
    let built = demo::build(&options).expect("a town");
    let night = Millis((until.start(Offset(480)).0 + 23 * 60 + 30) * 60_000);
    (built, Server::open(data, night))
}

/// The texts of all pages that a browser comes to, and of a page that is not there.
fn pages(browser: &mut Browser<'_>, most: usize) -> Vec<(String, String)> {
    let mut paths: Vec<String> = crawl(browser, "/", most).into_keys().collect();
    paths.push("/not-there".to_owned());
    let read = |path: String| {
        let answer = browser.get(&path);
        let is_page = answer.header("content-type").is_some_and(|kind| kind.starts_with("text/html"));
        (is_page && !path.starts_with("/docs")).then(|| (path, answer.text()))
    };
    paths.into_iter().filter_map(read).collect()
}

fn secret(url: &str) -> &str {
    url.split_once("#demo=").expect("it carries something").1
}

fn key(url: &str) -> ed25519_dalek::SigningKey {
    let seed: [u8; 32] = hex::decode(secret(url)).expect("hex").try_into().expect("32 bytes");
    ed25519_dalek::SigningKey::from_bytes(&seed)
}

#[test]
fn every_page_of_a_demo_says_that_it_is_one() {
    let (built, server) = demo_town(demo::SEED, demo::LEAST, 2);
    let mut volunteer = Browser::new(&server);
    assert_eq!(volunteer.post("/signin", &format!("code={}", built.codes[0].code)).status, 303);
    let links = links::by_key(SITE, server.dir()).unwrap();
    let tokens: Vec<String> = links.iter().map(|link| server.sign_in_with(&key(&link.url))).collect();
    let mut browsers: Vec<Browser<'_>> = tokens
        .iter()
        .map(|token| Browser::with_token(&server, token))
        .chain([volunteer, Browser::new(&server)])
        .collect();
    let mut seen = BTreeSet::new();
    for browser in &mut browsers {
        for (path, text) in pages(browser, 60) {
            assert_eq!(text.matches(BAND).count(), 1, "{path}: {text}");
            assert!(text.contains("（示范数据）</title>") || text.contains(" (demo data)</title>"), "{path}");
            seen.insert(path);
        }
        for own in ["/me/statement", "/members/not-an-id", "/wishes?lang=en&size=xlarge"] {
            assert!(browser.get(own).text().contains(BAND) || browser.get(own).status == 303, "{own}");
        }
    }
    assert!(seen.len() > 40, "{seen:?}");
    let title = server.get("/openapi.json").json()["info"]["title"].to_string();
    assert!(title.contains("示范数据"), "{title}");
}

#[test]
fn no_page_of_another_ledger_says_that_it_is_a_demo() {
    let town = lived_in();
    let token = town.server.sign_in(ANN);
    for mut browser in [Browser::new(&town.server), Browser::with_token(&town.server, &token)] {
        let pages = pages(&mut browser, 60);
        assert!(pages.len() > 20);
        for (path, text) in pages.iter().filter(|(path, _)| !path.starts_with("/signin")) {
            assert!(
                !text.contains(BAND) && !text.contains("示范") && !text.contains("demo"),
                "{path}: {text}"
            );
        }
    }
    let page = Browser::new(&town.server).page("/signin");
    assert!(!page.contains(BAND) && !page.contains("data-pin"), "{page}");
    assert!(attributes(&page, "data-fault").contains("no-demo"), "it says why a link does nothing");
    let title = town.server.get("/openapi.json").json()["info"]["title"].to_string();
    assert!(!title.contains("示范"), "{title}");
}

/// A code for somebody who gets another one from the same desk a moment later would be ended by it.
#[test]
fn every_code_that_a_demo_prints_signs_in_however_small_it_is() {
    // With this seed the most zealous of the first community speaks for a unit, too.
    for (seed, people, weeks) in [(demo::SEED, demo::LEAST, 1), (3, 60, 8)] {
        let (built, server) = demo_town(seed, people, weeks);
        let codes: Vec<_> = built.codes.iter().collect();
        assert_eq!(codes.len(), 4);
        for code in codes {
            let answer = server.post("/v1/sessions", &json!({ "code": code.code }));
            assert_eq!(answer.status, 201, "{people} {}: {}", code.en, answer.text());
            assert_eq!(answer.json()["member"], code.person.to_string(), "{}", code.en);
        }
    }
}

#[test]
fn every_link_that_a_demo_prints_signs_in_as_whom_it_says() {
    let (built, server) = demo_town(demo::SEED, demo::LEAST, 1);
    let links = links::by_key(SITE, server.dir()).unwrap();
    let expected = ["worker", "worker", "steward", "unit-officer", "secretary", "auditor"];
    assert_eq!(links.len(), expected.len());
    let mut members = BTreeSet::new();
    for (link, role) in links.iter().zip(expected) {
        let session = server.get_as(&server.sign_in_with(&key(&link.url)), "/v1/sessions/current").json();
        let roles: Vec<_> =
            session["roles"].as_array().unwrap().iter().map(|held| held["role"].as_str()).collect();
        assert!(roles.contains(&Some(role)), "{}: {session}", link.en);
        members.insert(session["member"].to_string());
        assert!(link.url.starts_with("http://127.0.0.1:8080/signin?as="), "{}", link.url);
    }
    assert_eq!(members.len(), expected.len(), "each is somebody else");
    let volunteer = links::by_code(SITE, &built.codes).unwrap();
    assert_eq!((volunteer.en, secret(&volunteer.url)), ("volunteer", built.codes[0].code.as_str()));
    assert_eq!(links::by_key(SITE, TempDir::new().unwrap().path()).unwrap(), [], "no town was built there");
}

#[test]
fn a_demo_link_finds_the_form_whoever_is_signed_in() {
    let (built, server) = demo_town(demo::SEED, demo::LEAST, 1);
    let mut browser = Browser::new(&server);
    assert_eq!(browser.post("/signin", &format!("code={}", built.codes[0].code)).status, 303);
    assert_eq!(browser.get("/signin?next=/wishes").status, 303, "sent on by a page that asked to sign in");
    let page = browser.page("/signin?as=worker");
    assert!(page.contains("data-pin=\"000000\"") && page.contains("密码是"), "{page}");
    assert!(!page.contains("data-fault=\"no-demo\""), "{page}");
}
