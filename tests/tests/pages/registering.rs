//! The pages on which staff register organisations and people, and appoint whoever made a key.

use hourbook_ledger::actor::Actor;
use hourbook_ledger::domain::event::{Body, OrgKind, OrganisationEvent, Role, RoleEvent, Scope};
use hourbook_ledger::domain::ids::OrgId;
use hourbook_tests::server::{ORIGIN, key, person};
use hourbook_tests::town::*;
use serde_json::{Value, json};

use crate::browser::{Browser, attributes};

fn by_key(town: &Town, n: u8) -> Browser<'_> {
    Browser::with_token(&town.server, &town.server.sign_in(n))
}

/// What the forms of a page sign, and what their addresses say.
fn forms(page: &str) -> Vec<(String, Value)> {
    let only = |form: &str, name| attributes(form, name).into_iter().next();
    let signed = page.split("<form").skip(1).filter_map(|form| {
        let given = only(form, "data-given")?.replace("&quot;", "\"");
        Some((only(form, "data-sign")?, serde_json::from_str(&given).expect("JSON")))
    });
    signed.collect()
}

#[test]
fn staff_see_the_organisations_of_their_own_scope_and_no_others() {
    let town = Town::start();
    let page = by_key(&town, STEWARD).page("/orgs");
    let signs: Vec<String> = forms(&page).into_iter().map(|(sign, _)| sign).collect();
    assert_eq!(signs, ["register-organisation"; 2], "one, and many from a list: {page}");
    let links = attributes(&page, "href");
    assert!(links.contains(&format!("/orgs?under={COMMUNITY}")), "{page}");
    let below = by_key(&town, STEWARD).page(&format!("/orgs?under={COMMUNITY}"));
    assert!(forms(&below).iter().all(|(_, given)| given["parent"] == COMMUNITY.to_string()), "{below}");

    let page = by_key(&town, WORKER).page("/register");
    let homes = attributes(&page, "value");
    assert!(homes.contains(&COMMUNITY.to_string()) && homes.contains(&GRID.to_string()), "{page}");
    assert!(!homes.contains(&ELSEWHERE.to_string()), "of another community: {page}");
    assert!(attributes(&page, "data-then").iter().all(|then| then.contains("give-code")), "{page}");

    assert_eq!(by_key(&town, WORKER).get("/orgs").status, 403, "a worker registers no organisation");
    for path in ["/orgs", "/register"] {
        assert_eq!(by_key(&town, ANN).get(path).status, 403, "{path}: a volunteer");
        assert_eq!(Browser::new(&town.server).get(path).status, 303, "{path}: nobody");
    }
    let code = town.code_session(STEWARD, WORKER, "42819300");
    let page = Browser::with_token(&town.server, &code).page("/register");
    assert!(!page.contains("data-sign") && page.contains("只能查看"), "a code signs nothing: {page}");
}

/// What the page sends is taken, and what it draws itself need not be given by others.
#[test]
fn what_the_forms_ask_for_is_drafted_and_recorded() {
    let town = Town::start();
    let steward = town.server.sign_in(STEWARD);
    let draft = |asked: Value| town.server.post_as(&steward, "/v1/drafts", &asked);
    let org = json!({ "kind": "register-organisation", "org-kind": "grid", "name": "新网格", "parent": COMMUNITY.to_string() });
    let person = json!({ "kind": "register-person", "home": COMMUNITY.to_string(), "name": "张三", "phone": "139 0000 0001", "volunteer-number": null });
    for asked in [&org, &person] {
        assert_eq!(draft(asked.clone()).status, 200, "{}", draft(asked.clone()).text());
        assert_ne!(
            draft(asked.clone()).json()["event"],
            draft(asked.clone()).json()["event"],
            "ids are drawn"
        );
    }
    let wrong = |of: &Value, name: &str, value: Value| {
        let mut asked = of.clone();
        asked[name] = value;
        let answer = draft(asked);
        assert_eq!((answer.status, answer.code().as_str()), (400, "bad-request"), "{name}");
        assert!(answer.json()["detail"].as_str().unwrap().starts_with(name), "{}", answer.text());
    };
    wrong(&org, "org-kind", json!("village hall"));
    wrong(&org, "org", json!("nine"));
    wrong(&person, "phone", json!("no number"));
    wrong(&person, "home", Value::Null);
    let openings = draft(person.clone()).json()["openings"].clone();
    let values: Vec<&str> =
        openings.as_array().unwrap().iter().map(|one| one["value"].as_str().unwrap()).collect();
    assert_eq!(values, ["张三", "13900000001"], "in their canonical form, and none for what was left out");
}

/// A colleague has made a key: who looks after the place sees it with its digits, and gives the role.
#[test]
fn a_new_key_of_somebody_without_a_role_can_be_given_one() {
    let town = Town::start();
    let new = Actor::new(person(BEN), ORIGIN, key(212));
    let enrolled = town.server.record(&town.enrolment(STEWARD, &new));
    town.settle_at(enrolled);
    let id = new.key_id().to_string();
    let named =
        |page: &str| forms(page).into_iter().any(|(sign, given)| sign == "grant-role" && given["key"] == *id);

    let page = by_key(&town, STEWARD).page("/colleagues");
    assert!(named(&page) && page.contains(name(BEN)) && page.contains("核对并任命"), "{page}");
    let asked = json!({ "kind": "grant-role", "person": person(BEN).to_string(), "key": id, "role": "worker",
        "org": COMMUNITY.to_string() });
    let drafted = town.server.post_as(&town.server.sign_in(STEWARD), "/v1/drafts", &asked);
    assert_eq!(drafted.status, 200, "{}", drafted.text());
    let (role, scope) = (Role::Worker, Scope::Org(COMMUNITY));
    let granted = RoleEvent::Granted { person: person(BEN), role, scope, keys: vec![new.key_id()] };
    town.must(STEWARD, Body::Role(granted), vec![]);
    let page = by_key(&town, STEWARD).page("/colleagues");
    assert!(!page.contains("核对并任命") || !named(&page), "who holds a role is no newcomer: {page}");
}

#[test]
fn staff_find_their_pages_and_what_comes_next_on_their_own_page() {
    let town = Town::start();
    let steward = by_key(&town, STEWARD).page("/today");
    for path in ["/orgs", "/register", "/colleagues"] {
        assert!(steward.contains(&format!("href=\"{path}\"")), "{path}: {steward}");
    }
    assert!(!steward.contains("下一步"), "this town has all it needs");
    let worker = by_key(&town, WORKER).page("/today");
    assert!(worker.contains("href=\"/register\"") && !worker.contains("href=\"/orgs\""), "{worker}");
    assert!(!by_key(&town, ANN).page("/me").contains("办公"), "a volunteer");
}

/// The tree stands in its own order, and a page has so many.
#[test]
fn a_long_list_of_organisations_has_pages() {
    let town = Town::start();
    for n in 0..60 {
        let body = OrganisationEvent::Registered {
            org: OrgId([n, 200, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
            kind: OrgKind::Grid,
            name: format!("第{n}网格"),
            code: None,
            parent: Some(COMMUNITY),
        };
        town.must(STEWARD, Body::Organisation(body), vec![]);
    }
    let mut steward = by_key(&town, STEWARD);
    let (first, second) = (steward.page("/orgs"), steward.page("/orgs?page=2"));
    assert!(first.contains(">第0网格<") && !first.contains(">第59网格<"), "{first}");
    assert!(second.contains(">第59网格<") && !second.contains(">第0网格<"), "{second}");
}
