//! Finding a person: whom a name, a phone or a number finds, what is shown, what trace it leaves, and who finds nobody.

use hourbook_ledger::domain::event::{Body, Looked, MemberEvent};
use hourbook_ledger::domain::ids::{OrgId, PersonId};
use hourbook_tests::server::{Answer, person};
use hourbook_tests::town::*;
use serde_json::Value;

const WANG: u8 = 71;
const NAMESAKE: u8 = 72;
const AGAIN: u8 = 73;
const ELSEWHERE_WANG: u8 = 74;

fn of_wangs() -> Town {
    let town = Town::start();
    town.register(WANG, GRID, "王秀芳", Some("19901554567"), Some("3418225577001"));
    town.register(NAMESAKE, COMMUNITY, "王秀芳", Some("19901558888"), None);
    town.register(AGAIN, GRID, "王 秀芳", None, Some("3418225577001"));
    town.register(ELSEWHERE_WANG, ELSEWHERE, "王秀芳", Some("19901551111"), None);
    town
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn find(town: &Town, token: &str, q: &str) -> Answer {
    town.server.get_as(token, &format!("/v1/people?q={}", encoded(q)))
}

fn ids(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let people = answer.json()["people"].as_array().expect("a list").clone();
    people.iter().map(|person| person["id"].as_str().expect("an id").to_owned()).collect()
}

fn line(answer: &Answer, seed: u8) -> Value {
    let people = answer.json()["people"].as_array().expect("a list").clone();
    let id = person(seed).to_string();
    people.into_iter().find(|person| person["id"] == id.as_str()).expect("found")
}

fn looks_at(town: &Town, seed: u8) -> Vec<(PersonId, Looked)> {
    let models = town.server.app.read.read();
    models.directory.looks().at(person(seed)).map(|look| (look.by, look.what)).collect()
}

#[test]
fn a_person_is_found_by_name_initials_phone_and_number_in_part_too() {
    let town = of_wangs();
    let worker = town.server.sign_in(WORKER);
    let all = [WANG, NAMESAKE, AGAIN].map(|seed| person(seed).to_string());
    for typed in ["王秀芳", "秀芳", "wxf", "wangxiufang"] {
        let found = ids(&find(&town, &worker, typed));
        assert!(found.len() == 3 && all.iter().all(|id| found.contains(id)), "{typed}: {found:?}");
    }
    for typed in ["19901554567", "+86 199 0155 4567", "4567", "王 4567"] {
        assert_eq!(ids(&find(&town, &worker, typed)), [person(WANG).to_string()], "{typed}");
    }
    assert_eq!(ids(&find(&town, &worker, "7001")).len(), 2, "both of one number");
    assert_eq!(ids(&find(&town, &worker, "李秀芳")).len(), 0);
    assert_eq!(line(&find(&town, &worker, "wxf 4567"), WANG)["by"], serde_json::json!(["pinyin", "phone"]));
}

#[test]
fn what_is_shown_tells_namesakes_apart_and_no_more() {
    let town = of_wangs();
    let answer = find(&town, &town.server.sign_in(WORKER), "王秀芳");
    let (wang, namesake) = (line(&answer, WANG), line(&answer, NAMESAKE));
    assert_eq!((wang["name"].as_str(), wang["phone"].as_str()), (Some("王*芳"), Some("199****4567")));
    assert_eq!(wang["volunteer_number"], "341******7001");
    assert_eq!((&wang["home"], &namesake["phone"]), (&Value::from("听蝉社区"), &Value::from("199****8888")));
    let text = answer.text();
    assert!(!text.contains("王秀芳") && !text.contains("19901554567") && !text.contains("3418225577001"));
}

#[test]
fn a_whole_name_is_told_from_a_part_of_one() {
    let town = of_wangs();
    let worker = town.server.sign_in(WORKER);
    for (typed, whole) in
        [("王秀芳", true), ("王秀芳 4567", true), ("19901554567", true), ("秀芳", false), ("wxf", false)]
    {
        assert_eq!(line(&find(&town, &worker, typed), WANG)["whole"], whole, "{typed}");
    }
}

#[test]
fn somebody_who_was_perhaps_registered_twice_is_told_as_such() {
    let town = of_wangs();
    let answer = find(&town, &town.server.sign_in(WORKER), "王秀芳");
    let double = |seed| line(&answer, seed)["double"].as_bool();
    assert_eq!([double(WANG), double(AGAIN), double(NAMESAKE)], [Some(true), Some(true), Some(false)]);
}

#[test]
fn a_search_reaches_no_further_than_the_role_and_nobody_else_searches() {
    let town = of_wangs();
    let far = ids(&find(&town, &town.server.sign_in(FAR_WORKER), "王秀芳"));
    assert_eq!(far, [person(ELSEWHERE_WANG).to_string()]);
    assert_eq!(ids(&find(&town, &town.server.sign_in(STEWARD), "王秀芳")).len(), 4);
    let steward = town.server.sign_in(STEWARD);
    let within = town.server.get_as(&steward, &format!("/v1/people?q=wxf&org={ELSEWHERE}"));
    assert_eq!(ids(&within), [person(ELSEWHERE_WANG).to_string()]);
    for seed in [ANN, AUDITOR, FOUNDER] {
        assert_eq!(find(&town, &town.server.sign_in(seed), "王秀芳").code(), "not-for-you", "{seed}");
    }
    assert_eq!(town.server.get("/v1/people?q=wxf").code(), "sign-in-required");
    // By a code that her issuer could not have given her role with, a worker is anybody.
    let by_code = town.code_session(SECOND_WORKER, WORKER, "42819300");
    assert_eq!(find(&town, &by_code, "王秀芳").code(), "not-for-you");
}

#[test]
fn whoever_is_found_finds_a_trace_and_whoever_is_not_finds_none() {
    let town = of_wangs();
    let _ = find(&town, &town.server.sign_in(WORKER), "4567");
    let _ = find(&town, &town.server.sign_in(STEWARD), "1111");
    assert_eq!(looks_at(&town, WANG), [(person(WORKER), Looked::Register(COMMUNITY))]);
    assert_eq!(looks_at(&town, ELSEWHERE_WANG), [(person(STEWARD), Looked::Register(CITY))]);
    assert_eq!(looks_at(&town, NAMESAKE), []);
    let _ = find(&town, &town.server.sign_in(WORKER), "wxf 4567");
    assert_eq!(looks_at(&town, WANG).len(), 1, "once a day");
}

#[test]
fn an_erased_person_is_found_no_more() {
    let town = of_wangs();
    let worker = town.server.sign_in(WORKER);
    assert_eq!(ids(&find(&town, &worker, "4567")).len(), 1);
    let asked = Body::Member(MemberEvent::ErasureRequested { person: person(WANG) });
    town.must_both(WORKER, SECOND_WORKER, asked, vec![]);
    town.server.pass(40, 0);
    town.server.tick();
    let worker = town.server.sign_in(WORKER);
    assert_eq!(ids(&find(&town, &worker, "4567")).len(), 0);
    assert_eq!(ids(&find(&town, &worker, "王秀芳")).len(), 2);
}

/// Registers so many people of one family in the grid.
fn family(town: &Town, surname: char, count: u32) {
    let each = |number: u32| {
        let given = char::from_u32(0x5000 + number).expect("a character");
        let mut id = [0xfa; 16];
        id[..4].copy_from_slice(&number.to_be_bytes());
        town.registration(FOUNDER, PersonId(id), GRID, &format!("{surname}{given}"))
    };
    let all: Vec<_> = (0..count).map(each).collect();
    let answer = town.server.append(&all);
    assert_eq!(answer.status, 201, "{}", answer.text());
    town.settle(&answer);
}

#[test]
fn a_list_is_walked_by_a_cursor() {
    let town = Town::start();
    family(&town, '甄', 25);
    let worker = town.server.sign_in(WORKER);
    let (mut all, mut next) = (Vec::new(), String::new());
    loop {
        let page = town.server.get_as(&worker, &format!("/v1/people?q={}&limit=10{next}", encoded("甄")));
        all.extend(ids(&page));
        match page.json()["next"].as_str() {
            Some(after) => next = format!("&after={after}"),
            None => break,
        }
    }
    let unique: std::collections::BTreeSet<_> = all.iter().collect();
    assert_eq!((all.len(), unique.len()), (25, 25));
    let lost = town.server.get_as(&worker, &format!("/v1/people?q={}&after={}", encoded("甄"), person(ANN)));
    assert_eq!((lost.status, lost.code().as_str()), (400, "bad-request"));
}

#[test]
fn what_fits_too_many_shows_none_and_leaves_no_trace() {
    let town = Town::start();
    family(&town, '甄', 201);
    let worker = town.server.sign_in(WORKER);
    let before = town.server.app.reader.head().size;
    let answer = find(&town, &worker, "甄");
    assert_eq!((ids(&answer).len(), &answer.json()["too_many"]), (0, &Value::Bool(true)));
    assert_eq!(town.server.app.reader.head().size, before, "no look was recorded");
}

#[test]
fn what_cannot_be_looked_for_is_said() {
    let town = Town::start();
    let worker = town.server.sign_in(WORKER);
    for (typed, told) in
        [("w", "too short"), ("123", "too short"), ("", "too short"), (&"王".repeat(65), "too long")]
    {
        let answer = find(&town, &worker, typed);
        assert_eq!((answer.status, answer.code().as_str()), (400, "bad-request"), "{typed}");
        assert!(answer.json()["detail"].as_str().expect("why").contains(told), "{typed}: {}", answer.text());
    }
    let nowhere = town.server.get_as(&worker, &format!("/v1/people?q=wxf&org={}", OrgId([0xee; 16])));
    assert_eq!((nowhere.status, nowhere.code().as_str()), (404, "not-found"));
}
