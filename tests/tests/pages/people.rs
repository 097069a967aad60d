//! Staff look somebody up, open the person, and the person learns of both.

use hourbook_tests::server::person;
use hourbook_tests::town::*;

use crate::browser::Browser;

const WANG: u8 = 71;

fn town() -> Town {
    let town = Town::start();
    town.register(WANG, GRID, "王秀芳", Some("19901554567"), Some("3418225577001"));
    town.register(72, COMMUNITY, "王秀芳", Some("19901558888"), None);
    town
}

fn browser(town: &Town, seed: u8) -> Browser<'_> {
    Browser::with_token(&town.server, &town.server.sign_in(seed))
}

#[test]
fn a_desk_leads_to_the_search_and_the_search_to_a_person() {
    let town = town();
    let mut worker = browser(&town, WORKER);
    let desk = worker.page("/today");
    assert!(desk.contains("href=\"/people\"") && desk.contains("href=\"/colleagues\""), "{desk}");
    let blank = worker.page("/people");
    assert!(blank.contains("找谁？") && blank.contains("name=\"q\""));
    let found = worker.page("/people?q=wxf");
    assert!(found.contains("王*芳") && found.contains("199****4567") && found.contains("199****8888"));
    assert!(found.contains("听蝉社区") && found.contains("符合：拼音") && !found.contains("王秀芳"));
    let link = format!("/people/{}", person(WANG));
    assert!(found.contains(&format!("href=\"{link}\"")));
    let one = worker.page(&link);
    assert!(one.contains("<h1>王秀芳</h1>") && one.contains("199****4567") && one.contains("3418225577001"));
    assert!(one.contains("第一网格") && one.contains("没有密钥") && one.contains("没有待用的登录码"));
    assert!(!one.contains("19901554567"));
}

#[test]
fn who_grants_roles_is_led_to_the_colleagues_and_who_holds_none_to_neither() {
    let town = town();
    let steward = browser(&town, STEWARD).page("/today");
    assert!(steward.contains("href=\"/people\"") && steward.contains("href=\"/colleagues\""));
    let founder = browser(&town, FOUNDER).page("/today");
    assert!(!founder.contains("href=\"/people\"") && founder.contains("href=\"/colleagues\""));
    let mut ann = browser(&town, ANN);
    assert!(!ann.page("/me").contains("href=\"/people\""));
    assert_eq!(ann.get("/people").status, 403);
    assert_eq!(ann.get("/people?q=wxf").status, 403);
    assert_eq!(ann.get(&format!("/people/{}", person(WANG))).status, 403);
    assert_eq!(Browser::new(&town.server).get("/people").header("location"), Some("/signin?next=/people"));
    let own = ann.get(&format!("/people/{}", person(ANN)));
    assert_eq!(own.header("location"), Some("/me"));
}

/// What is typed in the form stands in no address: that stays in the history of a shared computer and in logs of proxies.
#[test]
fn what_is_looked_for_stands_in_no_address() {
    let town = town();
    let mut worker = browser(&town, WORKER);
    let asked = worker.post("/people", "q=19901554567&org=");
    let there = asked.header("location").expect("it leads to whom it found").to_owned();
    assert!(asked.status == 303 && there.starts_with("/people?s=") && !there.contains("4567"), "{there}");
    // As often as somebody comes back to it, in another language, too.
    for lang in ["en", "zh"] {
        let found = worker.page(&format!("{there}&lang={lang}"));
        assert!(found.contains("王*芳") && found.contains("value=\"19901554567\""), "{found}");
    }
    let again = worker.post("/people", "q=19901554567").header("location").map(str::to_owned);
    assert_ne!(
        again.as_deref(),
        Some(&*there),
        "nobody learns from two addresses that they are of one number"
    );
    let mut colleague = browser(&town, SECOND_WORKER);
    let page = colleague.page(&there);
    assert!(
        page.contains("找谁？") && !page.contains("19901554567"),
        "another person's address opens nothing"
    );
    for damaged in [&there[..there.len() - 1], "/people?s=", "/people?s=AAAA", "/people?s=%00"] {
        assert!(worker.page(damaged).contains("找谁？"), "{damaged}");
    }
    // Links that somebody wrote by hand.
    for link in ["/people?q=19901554567", "/people?q=%EF%BC%91%EF%BC%99%EF%BC%99%EF%BC%90"] {
        let led = worker.get(link);
        assert!(led.status == 303 && led.header("location").is_some_and(|to| to.starts_with("/people?s=")));
    }
    let mut nobody = Browser::new(&town.server);
    assert_eq!(nobody.post("/people", "q=wxf").header("location"), Some("/signin?next=/people"));
    assert_eq!(browser(&town, ANN).post("/people", "q=wxf").status, 303);
    assert_eq!(worker.post("/people", "q=").header("location"), Some("/people"));
    assert_eq!(worker.post("/people", "who=wxf").status, 400);
    let cross = worker.send("POST", "/people", &[("sec-fetch-site", "cross-site")], "q=wxf");
    assert_eq!(cross.status, 403, "another site's page makes nobody look for anybody");
}

#[test]
fn a_refusal_stands_in_the_frame_of_the_session() {
    let town = town();
    let refused = browser(&town, ANN).get("/people");
    let text = refused.text();
    assert!(refused.status == 403 && text.contains("无权查看"), "{text}");
    assert!(
        text.contains(name(ANN)) && text.contains("action=\"/signout\"") && text.contains("data-out"),
        "{text}"
    );
    assert!(text.contains("<small>栀川"), "{text}");
    let policy = refused.header("content-security-policy").expect("it has one");
    assert!(
        text.contains("<script type=\"module\"") && policy.contains("script-src 'self'"),
        "its key can be locked"
    );
    let lost = browser(&town, ANN).get("/no-such-page");
    assert!(lost.status == 404 && lost.text().contains("action=\"/signout\""));
    let mut stranger = Browser::new(&town.server);
    let lost = stranger.get("/no-such-page");
    assert!(lost.status == 404 && !lost.text().contains("/signout") && !lost.text().contains("<script"));
    let mut old = Browser::with_token(&town.server, "hb1.AAAA");
    assert!(!old.get("/no-such-page").text().contains("/signout"), "a cookie of nobody");
}

#[test]
fn what_became_of_a_search_is_said_in_words() {
    let town = town();
    let mut worker = browser(&town, WORKER);
    let form = worker.page("/people");
    for (query, said) in [
        ("q=w", "写得太短"),
        ("q=123", "写得太短"),
        ("q=abcdefgh", "没有找到相符的人"),
        (&format!("q={}", "a".repeat(65)), "写得太长"),
        (&format!("q={}", "9".repeat(900)), "写得太长"),
        ("q=", "找谁？"),
    ] {
        if !query.contains(char::is_numeric) {
            assert!(worker.page(&format!("/people?{query}")).contains(said), "{query}");
        }
        assert!(worker.submit(&form, "/people", query).contains(said), "{query}");
    }
    let english = worker.page("/people?q=w&lang=en");
    assert!(english.contains("That is too short") && english.contains("<html lang=\"en\""));
    // A city has two communities to choose from, a worker one.
    assert!(!worker.page("/people?lang=zh").contains("<select name=\"org\""));
    let mut steward = browser(&town, STEWARD);
    assert!(steward.page("/people").contains("<select name=\"org\""));
    let elsewhere = steward.page(&format!("/people?q=wxf&org={ELSEWHERE}"));
    assert!(elsewhere.contains("没有找到相符的人"), "{elsewhere}");
}

#[test]
fn a_person_shows_codes_keys_and_roles_to_staff_and_no_keys_to_the_unit() {
    let town = town();
    town.hand_out(WORKER, OLD, "42819300");
    let old = browser(&town, SECOND_WORKER).page(&format!("/people/{}", person(OLD)));
    assert!(old.contains("登录码待用"), "{old}");
    let ann = format!("/people/{}", person(ANN));
    let key = hourbook_tests::server::actor(ANN).key_id().to_string();
    let grouped =
        key.as_bytes().chunks(4).map(|four| String::from_utf8_lossy(four)).collect::<Vec<_>>().join(" ");
    let to_staff = browser(&town, WORKER).page(&ann);
    assert!(to_staff.contains(&grouped) && to_staff.contains("供水公司"), "{to_staff}");
    let to_unit = browser(&town, OFFICER).page(&ann);
    assert!(to_unit.contains(name(ANN)) && !to_unit.contains(&grouped) && !to_unit.contains("登录码"));
    let to_auditor = browser(&town, AUDITOR).page(&ann);
    assert!(
        to_auditor.contains("安*娜") && !to_auditor.contains(&grouped) && !to_auditor.contains(name(ANN))
    );
    let worker = browser(&town, STEWARD).page(&format!("/people/{}", person(WORKER)));
    assert!(worker.contains("社区工作者</b> · 听蝉社区"), "{worker}");
}

#[test]
fn whoever_is_found_and_opened_sees_both() {
    let town = town();
    let mut worker = browser(&town, WORKER);
    let found = worker.page(&format!("/people?q={}", "%E5%AE%89%E5%A8%9C"));
    assert!(found.contains("安*娜"), "{found}");
    let looks = browser(&town, ANN).page("/me/access");
    assert!(looks.contains("听蝉社区名册中查找或核对") && !looks.contains("您的记录"), "{looks}");
    let _ = worker.page(&format!("/people/{}", person(ANN)));
    assert!(browser(&town, ANN).page("/me/access").contains("您的记录"));
}
