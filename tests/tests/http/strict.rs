//! The description is as strict as the server: what it does not name is refused, and its bounds hold.

use hourbook_tests::server::person;
use hourbook_tests::town::*;
use serde_json::{Value, json};

fn description() -> Value {
    serde_json::to_value(hourbook::server::description()).expect("as described")
}

/// Every described GET, with something in the place of each part of its path, and its query parameters.
fn reads() -> Vec<(String, Vec<Value>)> {
    let description = description();
    let mut all = Vec::new();
    for (path, item) in description["paths"].as_object().expect("as described") {
        let Some(read) = item.get("get") else { continue };
        let parameters: Vec<Value> = read["parameters"].as_array().cloned().unwrap_or_default();
        let mut filled = path.replace("{position}", "1").replace("{period}", "2026Q3");
        filled = filled.replace("/streams/{kind}", "/streams/org").replace("/tile/{path}", "/tile/0/000.p/5");
        filled = filled.replace("/leaderboards/{scope}", "/leaderboards/ledger");
        filled = filled.replace("/members/{id}", &format!("/members/{}", person(ANN)));
        filled = filled.replace("{scope}", &BRANCH.to_string()).replace("{id}", &CITY.to_string());
        let filled = filled.replace("{code}", "not-found").replace("{act}", &CITY.to_string());
        assert!(!filled.contains('{'), "{filled}");
        all.push((filled, parameters.into_iter().filter(|p| p["in"] == "query").collect()));
    }
    all
}

/// A value that a parameter takes.
fn example(parameter: &Value) -> String {
    let name = parameter["name"].as_str().expect("as described");
    match name {
        "kind" | "category" | "state" | "period" | "mine" | "stream" => name.to_owned(),
        "below" | "org" | "actor" => CITY.to_string(),
        "date" => "2026-01-01".to_owned(),
        "proofs" => "true".to_owned(),
        _ => "1".to_owned(),
    }
}

#[test]
fn a_parameter_that_is_not_described_or_comes_twice_is_refused_by_name() {
    let town = Town::start();
    let (mut unknown, mut twice) = (0, 0);
    for (path, parameters) in reads() {
        for name in ["surprise", "limits", "Min_position", "%E5%BC%A0"] {
            let answer = town.server.get(&format!("{path}?{name}=1"));
            assert_eq!((answer.status, answer.code().as_str()), (400, "bad-request"), "{path}?{name}");
            let detail = answer.json()["detail"].as_str().expect("as described").to_owned();
            assert!(name.starts_with('%') || detail.contains(name), "{path}: {detail}");
            for parameter in &parameters {
                assert!(
                    detail.contains(parameter["name"].as_str().expect("as described")),
                    "{path}: {detail}"
                );
            }
            unknown += 1;
        }
        for parameter in &parameters {
            let (name, value) = (parameter["name"].as_str().expect("as described"), example(parameter));
            let answer = town.server.get(&format!("{path}?{name}={value}&{name}={value}"));
            assert_eq!((answer.status, answer.code().as_str()), (400, "bad-request"), "{path}: {name} twice");
            twice += 1;
        }
    }
    println!("{unknown} unknown parameters and {twice} repeated ones were refused");
    assert!(unknown > 80 && twice > 15, "{unknown} {twice}");
    let posted = town.server.post("/v1/events?proof=false", &json!({}));
    assert!(posted.status == 400 && posted.text().contains("proofs"), "{}", posted.text());
}

#[test]
fn a_page_has_a_size_within_the_bounds_that_are_described() {
    let town = Town::start();
    let token = town.server.sign_in(WORKER);
    let mut limits = 0;
    for (path, parameters) in reads() {
        let must = parameters.iter().filter(|parameter| parameter["required"] == true);
        let must = must.filter(|parameter| parameter["in"] == "query");
        let must: String =
            must.map(|one| format!("&{}=9999", one["name"].as_str().expect("as described"))).collect();
        for limit in parameters.iter().filter(|parameter| parameter["name"] == "limit") {
            let schema = &limit["schema"];
            let (least, most) = (
                schema["minimum"].as_u64().expect("as described"),
                schema["maximum"].as_u64().expect("as described"),
            );
            assert_eq!(least, 1, "{path}");
            let status =
                |limit: u64| town.server.get_as(&token, &format!("{path}?limit={limit}{must}")).status;
            assert_eq!([0, most + 1].map(status), [400, 400], "{path}");
            assert_eq!([least, most].map(status), [200, 200], "{path}");
            assert_eq!(town.server.get_as(&token, &format!("{path}?limit=-1{must}")).status, 400);
            limits += 1;
        }
    }
    assert!(limits >= 4, "{limits}");
}

/// The schema behind a reference.
fn resolved<'a>(description: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(name) => description.pointer(name.trim_start_matches('#')).expect("as described"),
        None => schema,
    }
}

#[test]
fn a_body_with_a_member_that_is_not_described_is_refused_and_described_so() {
    let town = Town::start();
    let description = description();
    let closed = |name: &str| {
        let schema = &description["components"]["schemas"][name];
        let alternatives = schema["oneOf"].as_array().cloned().unwrap_or_else(|| vec![schema.clone()]);
        alternatives.iter().all(|schema| {
            let schema = resolved(&description, schema);
            let parts = schema["allOf"].as_array().cloned().unwrap_or_else(|| vec![schema.clone()]);
            parts.iter().any(|part| part["additionalProperties"] == false)
        })
    };
    let key_id = "00112233445566778899aabbccddeeff";
    let signed = json!({ "payload": "", "payloadType": "", "signatures": [] });
    let opening = json!({ "subject": CITY.to_string(), "field": "name", "salt": "", "value": "" });
    let posts = [
        ("ChallengeIn", "/v1/sessions/challenge", json!({ "key_id": key_id, "extra": 1 })),
        ("SignIn", "/v1/sessions", json!({ "code": "61000001", "extra": 1 })),
        ("SignIn", "/v1/sessions", json!({ "key_id": key_id, "nonce": "", "signature": "", "extra": 1 })),
        ("SubmissionIn", "/v1/events", json!({ "submissions": [{ "envelope": signed, "extra": 1 }] })),
        (
            "OpeningIn",
            "/v1/events",
            json!({ "submissions": [{ "envelope": signed, "openings": [
                { "subject": opening["subject"], "field": "name", "salt": "", "value": "", "extra": 1 }] }] }),
        ),
    ];
    for (schema, path, body) in posts {
        let answer = town.server.post(path, &body);
        assert_eq!(answer.status, 400, "{schema}: {}", answer.text());
        assert!(closed(schema), "{schema}: {}", description["components"]["schemas"][schema]);
    }
    assert!(closed("Assertion"), "{}", description["components"]["schemas"]["Assertion"]);
    let token = town.code_session(WORKER, OLD, "61000001");
    let extra = json!({ "kind": "public-name", "agreed": true, "extra": 1 });
    assert_eq!(town.server.post_as(&token, "/v1/me/events", &extra).status, 400);
}

#[test]
fn an_assertion_with_a_member_too_many_is_refused_and_nothing_happens() {
    let town = Town::start();
    let token = town.server.sign_in(ANN);
    let size = town.server.app.reader.head().size;
    for asked in [
        json!({ "kind": "request-erasure", "person": "00000000-0000-0000-0000-000000000000" }),
        json!({ "kind": "public-name", "agreed": true, "person": "x" }),
        json!({ "kind": "approve-act", "act": "00000000-0000-0000-0000-000000000000", "also": 1 }),
    ] {
        assert_eq!(town.server.post_as(&token, "/v1/me/events", &asked).status, 400, "{asked}");
    }
    assert_eq!(town.server.app.reader.head().size, size);
}
