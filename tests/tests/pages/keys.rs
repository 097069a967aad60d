//! Keys in the page: where scripts stand, what they are told to sign, and who names a colleague's key.

use hourbook_ledger::actor::Actor;
use hourbook_ledger::domain::event::{Body, Role, RoleEvent, Scope};
use hourbook_tests::server::{ORIGIN, actor, key, person};
use hourbook_tests::town::*;
use serde_json::{Value, json};

use crate::browser::{Browser, attributes};

const SCRIPT: &str = "<script";

fn policy(browser: &mut Browser<'_>, path: &str) -> (String, bool) {
    let answer = browser.get(path);
    assert_eq!(answer.status, 200, "{path}");
    let policy = answer.header("content-security-policy").expect("every page has one").to_owned();
    (policy, answer.text().contains(SCRIPT))
}

#[test]
fn only_pages_on_which_a_key_is_used_have_scripts_and_they_speak_to_nobody_else() {
    let town = Town::start();
    let code = town.code_session(WORKER, BEN, "42819300");
    let mut by_code = Browser::with_token(&town.server, &code);
    for path in ["/", "/me", "/me/access", "/me/acts", "/activities", "/wishes"] {
        let (policy, scripts) = policy(&mut by_code, path);
        assert!(!scripts && !policy.contains("script-src"), "{path}: {policy}");
    }
    let mut by_key = Browser::with_token(&town.server, &town.server.sign_in(ANN));
    let mut nobody = Browser::new(&town.server);
    let signing =
        [policy(&mut by_code, "/me/keys"), policy(&mut nobody, "/signin"), policy(&mut by_key, "/me")];
    for (policy, scripts) in signing {
        assert!(scripts && policy.contains("script-src 'self'; connect-src 'self'"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
    }
}

#[test]
fn every_script_is_there_under_the_stamp_of_all_and_nowhere_else() {
    let town = Town::start();
    let mut nobody = Browser::new(&town.server);
    let page = nobody.page("/signin");
    let script = attributes(&page, "src").into_iter().find(|src| src.ends_with(".mjs")).expect("a script");
    let answer = nobody.get(&script);
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/javascript; charset=utf-8")));
    let folder = script.trim_end_matches("signin.mjs");
    for name in ["client.mjs", "keystore.mjs", "check.mjs", "vendor/noble-ed25519.mjs", "../schema.json"] {
        let answer = nobody.get(&format!("{folder}{name}").replace("keys/../", ""));
        assert_eq!(answer.status, 200, "{name}");
        if !name.starts_with("..") {
            // The bytes whose digests the manual for operators names.
            let file = format!("{}/../api/assets/keys/{name}", env!("CARGO_MANIFEST_DIR"));
            assert_eq!(answer.text(), std::fs::read_to_string(file).unwrap(), "{name}");
        }
    }
    assert_eq!(nobody.get("/assets/keys/client.mjs").status, 404, "it would be kept for a year");
}

#[test]
fn a_form_says_what_a_key_would_sign() {
    let town = Town::start();
    let wish = town.wish(WORKER, 151, OLD);
    town.vet(SECOND_WORKER, wish);
    let mut by_key = Browser::with_token(&town.server, &town.server.sign_in(ANN));
    let page = by_key.page(&format!("/wishes/{wish}"));
    let only = |name| attributes(&page, name).into_iter().next().unwrap_or_default().replace("&quot;", "\"");
    assert_eq!((only("data-sign").as_str(), only("data-kind").as_str()), ("claim-wish", "wish-claimed"));
    let given: Value = serde_json::from_str(&only("data-given")).unwrap();
    assert_eq!(given, json!({ "wish": wish.to_string() }));
    assert_eq!(only("data-person"), person(ANN).to_string());
    assert_eq!((only("data-ledger").as_str(), only("data-key")), (ORIGIN, actor(ANN).key_id().to_string()));
    // Without a script the same form is refused, and says how else.
    let refused = by_key.post(&format!("/wishes/{wish}/claim"), "");
    assert!(refused.status == 403 && refused.text().contains("请用该密钥签名"), "{}", refused.text());

    let code = town.code_session(WORKER, BEN, "42819300");
    let page = Browser::with_token(&town.server, &code).page(&format!("/wishes/{wish}"));
    assert!(page.contains("/claim") && !page.contains("data-sign"), "a code signs nothing");
}

#[test]
fn ones_own_keys_are_listed_and_a_code_lets_make_one() {
    let town = Town::start();
    let mut by_key = Browser::with_token(&town.server, &town.server.sign_in(ANN));
    let page = by_key.page("/me/keys");
    assert_eq!(attributes(&page, "data-key").len(), 1, "{page}");
    assert!(!page.contains("data-make"), "who signed in with a key is sent to the desk for a code");
    let code = town.code_session(WORKER, OLD, "42819301");
    let page = Browser::with_token(&town.server, &code).page("/me/keys");
    assert!(page.contains("data-make") && page.contains(name(OLD)), "{page}");
    assert!(page.contains("hourbook key"), "another way where there are no scripts");
    assert_eq!(Browser::new(&town.server).get("/me/keys").status, 303);
}

/// A worker whose browser was wiped makes another key by a code; a steward names it, and it exercises the role.
#[test]
fn a_colleagues_new_key_is_named_by_whoever_grants_the_role() {
    let town = Town::start();
    let new = Actor::new(person(WORKER), ORIGIN, key(211));
    let enrolled = town.server.record(&town.enrolment(STEWARD, &new));
    town.settle_at(enrolled);
    let new_key = new.key_id().to_string();

    let mut steward = Browser::with_token(&town.server, &town.server.sign_in(STEWARD));
    let page = steward.page("/colleagues");
    assert!(page.contains(name(WORKER)) && page.contains("还没有写入任命"), "{page}");
    let forms = attributes(&page, "data-given").into_iter().map(|given| given.replace("&quot;", "\""));
    let given: Vec<Value> = forms.map(|given| serde_json::from_str(&given).unwrap()).collect();
    let of_new = given.iter().find(|given| given["key"] == *new_key && given["role"] == "worker");
    let of_new = of_new.expect("a form that names the new key");
    let mut asked = of_new.clone();
    asked["kind"] = "grant-role".into();
    let drafted = town.server.post_as(&town.server.sign_in(STEWARD), "/v1/drafts", &asked);
    assert_eq!(drafted.status, 200, "{}", drafted.text());
    let (role, scope) = (Role::Worker, Scope::Org(COMMUNITY));
    let named = RoleEvent::Granted { person: person(WORKER), role, scope, keys: vec![new.key_id()] };
    town.must(STEWARD, Body::Role(named), vec![]);
    assert!(!steward.page("/colleagues").contains("还没有写入任命"));
    let mut worker = Browser::with_token(&town.server, &town.server.sign_in_with(&key(211)));
    assert!(worker.page("/me").contains("社区工作者"), "the role goes with the key");

    let mut nobody = Browser::with_token(&town.server, &town.server.sign_in(ANN));
    assert_eq!(nobody.get("/colleagues").status, 403, "who holds no role");
}

/// A colleague who holds the very same office readmits: unless the new key came by a code of theirs.
#[test]
fn a_colleague_names_a_new_key_and_the_steward_sees_who_did() {
    let town = Town::start();
    let code = |issuer, n: u8| {
        let new = Actor::new(person(WORKER), ORIGIN, key(n));
        let enrolled = town.server.record(&town.enrolment(issuer, &new));
        town.settle_at(enrolled);
        new.key_id()
    };
    let new = code(STEWARD, 213);
    let mut colleague = Browser::with_token(&town.server, &town.server.sign_in(SECOND_WORKER));
    let page = colleague.page("/colleagues");
    let names =
        |page: &str| attributes(page, "data-given").iter().any(|given| given.contains(&new.to_string()));
    assert!(page.contains(name(WORKER)) && names(&page), "{page}");
    assert!(
        !page.contains("take-role") && !page.contains(name(OFFICER)),
        "nothing but the same office: {page}"
    );
    let (role, scope) = (Role::Worker, Scope::Org(COMMUNITY));
    let named = RoleEvent::Granted { person: person(WORKER), role, scope, keys: vec![new] };
    town.must(SECOND_WORKER, Body::Role(named), vec![]);
    let mut worker = Browser::with_token(&town.server, &town.server.sign_in_with(&key(213)));
    assert!(worker.page("/me").contains("社区工作者"), "the role goes with the key");
    let mut steward = Browser::with_token(&town.server, &town.server.sign_in(STEWARD));
    let page = steward.page("/colleagues");
    let office =
        page.split("<section").find(|office| office.contains(name(WORKER)) && office.contains("社区工作者"));
    assert!(office.expect(&page).contains(name(SECOND_WORKER)), "{page}");

    let own = code(SECOND_WORKER, 214);
    let page = colleague.page("/colleagues");
    assert!(!attributes(&page, "data-given").iter().any(|given| given.contains(&own.to_string())), "{page}");
    assert!(page.contains("请另一位同事或负责人写入任命"), "{page}");
    let named = RoleEvent::Granted { person: person(WORKER), role, scope, keys: vec![own] };
    let refused = town.say(SECOND_WORKER, Body::Role(named), vec![]);
    assert_eq!(refused.status, 403, "{}", refused.text());
}

/// The device of a worker is lost: one hand stops the role at once, and what cannot be undone waits for a second.
#[test]
fn the_roles_of_a_lost_key_are_taken_in_the_batch_that_asks_for_its_end() {
    let town = Town::start();
    let mut steward = Browser::with_token(&town.server, &town.server.sign_in(STEWARD));
    let id = actor(WORKER).key_id().to_string();
    for path in ["/colleagues".to_owned(), format!("/people/{}", person(WORKER))] {
        let page = steward.page(&path).replace("&quot;", "\"");
        let then = page.split("data-then=\"").skip(1).find(|then| then.contains(&id)).expect(&path);
        assert!(then.starts_with("[{") && then.contains("end-lost-key"), "{then}");
        let before = page.split(then).next().and_then(|before| before.rsplit("<form").next()).unwrap();
        assert!(
            before.contains("data-sign=\"take-role\"") && before.contains("\"role\":\"worker\""),
            "{before}"
        );
    }
    // A volunteer's key exercises nothing: its end alone is signed.
    let page = steward.page(&format!("/people/{}", person(ANN)));
    assert!(page.contains("end-lost-key") && !page.contains("take-role"), "{page}");
    // A colleague cannot take the role, and is told who can.
    let mut worker = Browser::with_token(&town.server, &town.server.sign_in(SECOND_WORKER));
    let page = worker.page(&format!("/people/{}", person(WORKER)));
    assert!(!page.contains("end-lost-key") && page.contains("请找负责人"), "{page}");
}

/// Forgotten on another device: every session of one's keys ends, and nobody else's.
#[test]
fn who_signs_out_everywhere_is_signed_out_everywhere() {
    let town = Town::start();
    let other = town.server.sign_in(ANN);
    let beside = town.server.sign_in(OFFICER);
    let mut here = Browser::with_token(&town.server, &town.server.sign_in(ANN));
    assert!(here.page("/me/keys").contains("name=\"everywhere\""));
    let out = here.post("/signout", "everywhere=yes");
    assert_eq!(out.status, 303);
    let signed_in = |token: &str| Browser::with_token(&town.server, token).get("/me").status == 200;
    assert!(!signed_in(&other) && signed_in(&beside));
    town.server.pass(0, 1);
    assert!(signed_in(&town.server.sign_in(ANN)), "the key itself is good");
    let mut by_code = Browser::with_token(&town.server, &town.code_session(WORKER, ANN, "42819302"));
    let by_key = town.server.sign_in(ANN);
    assert_eq!(by_code.post("/signout", "everywhere=yes").status, 303);
    assert!(!signed_in(&by_key) && by_code.get("/me").status == 303);
}
