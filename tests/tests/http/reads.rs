//! Reading: what each reader sees, as of which position.

use hourbook_ledger::domain::event::{Body, MemberEvent};
use hourbook_ledger::merkle::leaf_hash;
use hourbook_ledger::note::VerifierKey;
use hourbook_ledger::proof::TlogProof;
use hourbook_tests::server::{Server, person};
use hourbook_tests::town::*;
use serde_json::{Value, json};

/// A town in which Ann and Ben served this morning.
fn served() -> (Town, u64) {
    let town = Town::start();
    let activity = town.activity(WORKER, 140, GRID);
    let rows = [(ANN, interval(0, 480, 60)), (BEN, interval(0, 480, 30))];
    let recorded = Town::event_of(&town.must(WORKER, town.hours(COMMUNITY, activity, &rows), vec![]));
    let confirmed = town.must(SECOND_WORKER, Body::all_confirmed(recorded), vec![]);
    let at = confirmed.position();
    (town, at)
}

#[test]
fn a_volunteer_sees_hours_credit_and_why() {
    let (town, at) = served();
    let token = town.server.sign_in(ANN);
    let read = |what: &str| {
        let path = format!("/v1/members/{}{what}?min_position={at}", person(ANN));
        let answer = town.server.get_as(&token, &path);
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    };
    let records = read("/records");
    assert!(records["as_of_position"].as_u64().unwrap() > at);
    insta::assert_json_snapshot!("records", records, {
        ".as_of_position" => "[position]", ".rows[].recorded" => "[id]", ".rows[].recorder.position" => "[position]",
        ".rows[].confirmer.position" => "[position]",
    });
    let balance = read("/balance");
    insta::assert_json_snapshot!("balance", balance, {
        ".as_of_position" => "[position]", ".postings[].position" => "[position]",
    });
    let member = read("");
    assert_eq!((&member["name"], &member["looks"]), (&json!("安娜娜"), &json!([])));
}

#[test]
fn a_read_rests_on_the_position_it_asks_for() {
    let town = Town::start();
    let size = town.server.get("/v1/ledger").json()["size"].as_u64().unwrap();
    let begin = std::time::Duration::from_millis(1_900);
    #[allow(clippy::disallowed_methods)] // measures the wait itself
    let clock = std::time::Instant::now();
    let soon = town.server.get(&format!("/v1/wishes?min_position={size}"));
    assert_eq!((soon.status, soon.code().as_str()), (503, "not-yet"));
    assert_eq!(soon.header("retry-after"), Some("1"));
    assert!(clock.elapsed() >= begin, "it waited");
    let ahead = town.server.get(&format!("/v1/wishes?min_position={}", size + 2_000));
    assert_eq!((ahead.status, ahead.code().as_str()), (400, "position-ahead"));
    assert_eq!(town.server.get(&format!("/v1/wishes?min_position={}", size - 1)).status, 200);
}

#[test]
fn every_look_by_another_is_seen_by_the_member_once_a_day() {
    let (town, _) = served();
    let path = format!("/v1/members/{}/records", person(ANN));
    assert_eq!(town.server.get(&path).code(), "sign-in-required");
    for stranger in [BEN, FAR_WORKER, FAR] {
        let token = town.server.sign_in(stranger);
        assert_eq!(town.server.get_as(&token, &path).code(), "not-for-you");
    }
    for viewer in [WORKER, OFFICER, AUDITOR] {
        let token = town.server.sign_in(viewer);
        for _ in 0..3 {
            assert_eq!(town.server.get_as(&token, &path).status, 200);
        }
    }
    let last = town.server.get("/v1/ledger").json()["size"].as_u64().unwrap() - 1;
    let ann = town.server.sign_in(ANN);
    let member = town.server.get_as(&ann, &format!("/v1/members/{}?min_position={last}", person(ANN))).json();
    let purposes: Vec<_> = member["looks"].as_array().unwrap().iter().map(|l| l["purpose"].clone()).collect();
    assert_eq!(purposes, ["audit", "verification", "service"]);

    town.server.pass(1, 0);
    let worker = town.server.sign_in(WORKER);
    assert_eq!(town.server.get_as(&worker, &path).status, 200);
    let size = town.server.get("/v1/ledger").json()["size"].as_u64().unwrap();
    assert_eq!(size, last + 2, "another day, another look");
}

/// The same with six more.
fn served_by_many() -> (Town, u64) {
    let (town, _) = served();
    town.crowd();
    let activity = town.activity(WORKER, 141, GRID);
    let rows = CROWD.map(|seed| (seed, interval(0, 480, 10)));
    let recorded = Town::event_of(&town.must(WORKER, town.hours(COMMUNITY, activity, &rows), vec![]));
    let confirmed = town.must(SECOND_WORKER, Body::all_confirmed(recorded), vec![]);
    let at = confirmed.position();
    (town, at)
}

/// All routes that anybody can read, with everything that they answer.
fn anonymous(server: &Server) -> Vec<(String, String)> {
    let orgs = [CITY, COMMUNITY, GRID, UNIT].map(|org| format!("/v1/orgs/{org}"));
    let fixed = [
        "/v1/wishes",
        "/v1/wishes?state=draft,open,claimed",
        "/v1/leaderboards/ledger",
        "/v1/orgs",
        "/v1/ledger",
        "/checkpoint",
        "/log.vkey",
        "/metrics",
        "/healthz",
        "/readyz",
        "/problems",
        "/openapi.json",
        "/tile/0/000.p/20",
        "/v1/events/12/proof",
        "/v1/consistency?from=3",
    ];
    let boards = [CITY, COMMUNITY, GRID, UNIT].map(|org| format!("/v1/leaderboards/{org}?period=2026Q4"));
    let all = fixed.into_iter().map(str::to_owned).chain(orgs).chain(boards);
    let read = |path: String| {
        let answer = server.get(&path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        (path, answer.text())
    };
    all.map(read).collect()
}

#[test]
fn nothing_personal_is_in_an_anonymous_answer() {
    let (town, _) = served_by_many();
    let wish = town.wish(WORKER, 151, OLD);
    town.vet(SECOND_WORKER, wish);
    let hidden: Vec<String> = PEOPLE
        .iter()
        .flat_map(|(seed, name, ..)| [(*name).to_owned(), person(*seed).to_string()])
        .chain(["晚上起床看不见".to_owned(), "清扫小区".to_owned()])
        .collect();
    for (path, text) in anonymous(&town.server) {
        let found: Vec<_> = hidden.iter().filter(|secret| text.contains(*secret)).collect();
        assert!(found.is_empty(), "{path} shows {found:?}");
    }
    for path in ["", "/records", "/balance"] {
        let path = format!("/v1/members/{}{path}", person(ANN));
        assert_eq!(town.server.get(&path).code(), "sign-in-required");
    }
    assert_eq!(town.server.get("/v1/events/3").code(), "sign-in-required");
    assert_eq!(town.server.get("/tile/entries/000.p/20").code(), "auditors-only");
    // The same search finds a name once its owner has agreed.
    town.must(ANN, Body::public_name(person(ANN), true), vec![]);
    let shown: Vec<_> = anonymous(&town.server)
        .into_iter()
        .filter(|(_, text)| text.contains("安娜娜"))
        .map(|(p, _)| p)
        .collect();
    assert!(shown.contains(&"/v1/leaderboards/ledger".to_owned()), "{shown:?}");
}

#[test]
fn the_board_of_wishes_tells_readers_apart_and_pages() {
    let town = Town::start();
    let wishes: Vec<_> = (151..156).map(|seed| town.wish(WORKER, seed, OLD)).collect();
    wishes[..4].iter().for_each(|wish| town.vet(SECOND_WORKER, *wish));
    let list = |token: Option<&str>, query: &str| -> Value {
        let path = format!("/v1/wishes{query}");
        token.map_or_else(|| town.server.get(&path), |token| town.server.get_as(token, &path)).json()
    };
    assert_eq!(list(None, "")["wishes"].as_array().unwrap().len(), 4, "what was not vetted is not public");
    let worker = town.server.sign_in(WORKER);
    assert_eq!(list(Some(&worker), "")["wishes"].as_array().unwrap().len(), 5);
    let far = town.server.sign_in(FAR_WORKER);
    assert_eq!(list(Some(&far), "")["wishes"].as_array().unwrap().len(), 4);
    let first = list(None, "?state=open&limit=3");
    let rest = list(None, &format!("?state=open&limit=3&before={}", first["next"]));
    let ids = |page: &Value| -> Vec<String> {
        page["wishes"].as_array().unwrap().iter().map(|w| w["id"].as_str().unwrap().to_owned()).collect()
    };
    let paged: Vec<String> = [ids(&first), ids(&rest)].concat();
    let newest_first: Vec<String> = wishes[..4].iter().rev().map(ToString::to_string).collect();
    assert_eq!((paged, &rest["next"]), (newest_first, &Value::Null));
    assert_eq!(town.server.get("/v1/wishes?state=sleeping").code(), "bad-request");
    assert_eq!(town.server.get(&format!("/v1/wishes/{}", wishes[4])).code(), "not-found");
    let wish = list(None, "?limit=1")["wishes"][0].clone();
    insta::assert_json_snapshot!("wish", wish, {
        ".timeline[].position" => "[position]",
    });
}

#[test]
fn the_leaderboard_names_those_who_agreed_and_the_reader() {
    let (town, at) = served_by_many();
    let path = format!("/v1/leaderboards/{COMMUNITY}?period=2026-11&min_position={at}");
    let public = town.server.get(&path).json();
    assert_eq!((&public["minutes"], &public["persons"]), (&json!(150), &json!(8)));
    assert!(public["lines"].as_array().unwrap().iter().all(|line| line["name"].is_null()));
    let ben = town.server.sign_in(BEN);
    let own = town.server.get_as(&ben, &path).json();
    assert_eq!((&own["own"]["rank"], &own["own"]["name"]), (&json!(2), &json!("本杰明")));
    assert_eq!(own["lines"][0]["name"], "安*娜", "a neighbour's name is masked");
    assert_eq!(town.server.get("/v1/leaderboards/ledger?period=2026Q9").code(), "bad-request");
    assert_eq!(town.server.get("/v1/leaderboards/nowhere").code(), "bad-request");
}

#[test]
fn the_log_proves_what_it_holds() {
    let (town, at) = served();
    let proof = town.server.get(&format!("/v1/events/{at}/proof"));
    let proof = TlogProof::parse(&proof.bytes).unwrap();
    let key: VerifierKey = town.server.get("/log.vkey").text().trim().parse().unwrap();
    let auditor = town.server.sign_in(AUDITOR);
    let entry = town.server.get_as(&auditor, &format!("/v1/events/{at}")).json();
    let bytes = hex::decode(entry["entry"].as_str().unwrap()).unwrap();
    assert_eq!(entry["leaf_hash"], hex::encode(leaf_hash(&bytes)));
    proof.verify(&leaf_hash(&bytes), &key, &[]).unwrap();
    assert!(proof.verify(&leaf_hash(b"another entry"), &key, &[]).is_err());

    let own = town.server.sign_in(SECOND_WORKER);
    let path = format!("/v1/events/{at}");
    assert_eq!(town.server.get_as(&own, &path).status, 200, "whoever asserted it");
    let ann = town.server.sign_in(ANN);
    assert_eq!(town.server.get_as(&ann, &path).code(), "not-for-you");
    assert_eq!(town.server.get_as(&ann, "/tile/entries/000.p/20").code(), "auditors-only");
    let bundle = town.server.get_as(&auditor, "/tile/entries/000.p/20");
    assert_eq!(bundle.status, 200);
    let first = usize::from(u16::from_be_bytes([bundle.bytes[0], bundle.bytes[1]]));
    let tile = town.server.get("/tile/0/000.p/20").bytes;
    assert_eq!(leaf_hash(&bundle.bytes[2..2 + first])[..], tile[..32]);
}

#[test]
fn streams_tell_the_revision_to_expect() {
    let town = Town::start();
    let read = |what: &str| town.server.get(&format!("/v1/streams/{what}")).json()["revision"].clone();
    assert_eq!(read(&format!("org/{CITY}")), 0);
    assert_eq!(read(&format!("activity/{CITY}")), Value::Null);
    assert_eq!(town.server.get("/v1/streams/cloud/00000000-0000-0000-0000-000000000000").code(), "not-found");
    assert_eq!(town.server.get("/v1/streams/org/17").code(), "bad-request");
}

#[test]
fn the_tree_of_organisations_is_public() {
    let town = Town::start();
    let orgs = town.server.get(&format!("/v1/orgs?below={COMMUNITY}")).json();
    insta::assert_json_snapshot!("orgs", orgs, { ".as_of_position" => "[position]" });
    assert_eq!(town.server.get("/v1/orgs?kind=castle").code(), "bad-request");
}

#[test]
fn the_description_is_openapi_3_1_and_the_docs_need_no_other_host() {
    let server = Server::start();
    let description = server.get("/openapi.json").json();
    assert_eq!(description["openapi"], "3.1.0");
    insta::assert_json_snapshot!("openapi", description);
    assert_eq!(server.get("/docs").status / 100, 3);
    let page = server.get("/docs/").text();
    assert!(page.contains("swagger-ui") && !page.contains("https://"), "{page}");
}

#[test]
fn metrics_count_events_and_refusals_by_name() {
    let town = Town::start();
    let _ = town.say(FAR_WORKER, Body::Member(MemberEvent::ErasureRequested { person: person(ANN) }), vec![]);
    let text = town.server.get("/metrics").text();
    for name in [
        "hourbook_events_total{kind=\"member-registered\"}",
        "hourbook_refusals_total{code=\"not-authorised\"}",
        "hourbook_group_events_bucket",
        "hourbook_log_size",
        "hourbook_http_seconds_bucket{method=\"POST\",route=\"/v1/events\",status=\"201\"",
    ] {
        assert!(text.contains(name), "{name} is not in\n{text}");
    }
}
