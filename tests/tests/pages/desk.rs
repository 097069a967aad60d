//! The community's desk: what waits today, and the pages on which it is done.

use hourbook::commands::recording::wish_key;
use hourbook_ledger::domain::event::{Body, Claimer, HoursEvent, Row, WishEvent};
use hourbook_ledger::domain::ids::EventId;
use hourbook_tests::server::person;
use hourbook_tests::town::*;

use crate::browser::{Browser, attributes};

fn by_key(town: &Town, n: u8) -> Browser<'_> {
    Browser::with_token(&town.server, &town.server.sign_in(n))
}

/// Hours of two people that nobody confirmed; one of them was somewhere else at the same time.
fn recorded(town: &Town) -> EventId {
    let activity = town.activity(WORKER, 201, COMMUNITY);
    let before = town.hours(COMMUNITY, activity, &[(ANN, interval(0, 420, 60))]);
    let before = Town::event_of(&town.must(WORKER, before, Vec::new()));
    town.must(SECOND_WORKER, Body::all_confirmed(before), Vec::new());
    let rows = [(ANN, interval(0, 450, 60)), (BEN, interval(0, 450, 60))];
    Town::event_of(&town.must(WORKER, town.hours(COMMUNITY, activity, &rows), Vec::new()))
}

#[test]
fn what_waits_is_listed_for_whoever_can_do_it() {
    let town = Town::start();
    let hours = recorded(&town);
    let wish = town.wish(WORKER, 211, OLD);
    let (to_hours, to_wish) = (format!("/hours/{hours}"), format!("/wishes/{wish}"));

    let second = by_key(&town, SECOND_WORKER).page("/today");
    let links = attributes(&second, "href");
    assert!(links.contains(&to_hours) && links.contains(&to_wish), "{second}");
    assert!(
        second.contains("时长待审核") && second.contains("心愿待审核") && second.contains("期限 "),
        "{second}"
    );
    let own = by_key(&town, WORKER).page("/today");
    assert!(own.contains("您录入的，等同事审核") && !own.contains("时长待审核"), "{own}");
    assert!(!attributes(&own, "href").contains(&to_wish), "whoever posts does not vet: {own}");
    let far = by_key(&town, FAR_WORKER).page("/today");
    assert!(!attributes(&far, "href").contains(&to_hours), "of another community: {far}");
    assert!(
        !second.contains(name(ANN)) && !second.contains(name(OLD)),
        "nobody is named before it is opened"
    );

    let mut volunteer = by_key(&town, ANN);
    assert_eq!(volunteer.get("/today").header("location"), Some("/me"), "volunteers have no desk");
    assert_eq!(Browser::new(&town.server).get("/today").status, 303);

    town.must(SECOND_WORKER, Body::all_confirmed(hours), Vec::new());
    town.vet(SECOND_WORKER, wish);
    let done = by_key(&town, SECOND_WORKER).page("/today");
    assert!(done.contains("没有等您办理的事项"), "{done}");
}

#[test]
fn rows_are_ticked_but_those_to_be_looked_at_twice() {
    let town = Town::start();
    let page = format!("/hours/{}", recorded(&town));
    let html = by_key(&town, SECOND_WORKER).page(&page);
    assert!(html.contains(name(ANN)) && html.contains(name(BEN)), "{html}");
    let rows: Vec<&str> = html.split("<li data-row").skip(1).collect();
    let ticked: Vec<bool> = rows.iter().map(|row| row.contains("checked")).collect();
    assert_eq!(ticked, [false, true], "the first overlaps: {html}");
    assert!(rows[0].contains("与另一条时间重叠"), "{html}");
    assert!(attributes(&html, "data-sign").contains("confirm-hours"), "{html}");
    let looks = by_key(&town, BEN).page("/me/access");
    assert!(looks.contains("社区工作者"), "the look is noted: {looks}");

    let own = by_key(&town, WORKER).page(&page);
    assert!(!own.contains("data-sign=\"confirm-hours\"") && own.contains("经办人不能审核"), "{own}");
    for who in [FAR_WORKER, OFFICER, ANN] {
        assert_eq!(by_key(&town, who).get(&page).status, 404, "{who}: not even that it is there");
    }
    let code = town.code_session(STEWARD, SECOND_WORKER, "42819301");
    let by_code = Browser::with_token(&town.server, &code).page(&page);
    assert!(!by_code.contains("data-sign=\"confirm-hours\"") && by_code.contains("只能查看"), "{by_code}");
}

#[test]
fn each_step_of_a_wish_is_offered_to_whoever_may_take_it() {
    let town = Town::start();
    let wish = town.wish(WORKER, 211, OLD);
    let page = format!("/wishes/{wish}");
    let signs = |who: u8| attributes(&by_key(&town, who).page(&page), "data-sign");
    assert!(signs(SECOND_WORKER).contains("vet-wish") && !signs(WORKER).contains("vet-wish"));
    assert!(signs(WORKER).contains("withdraw-wish"));
    town.vet(SECOND_WORKER, wish);
    assert!(signs(OFFICER).contains("claim-wish-together"), "for a unit: {:?}", signs(OFFICER));
    assert!(!signs(WORKER).contains("claim-wish-together"), "whoever posted it does not take it on");
    let claim = WishEvent::Claimed { wish, claimer: Claimer::Person(person(ANN)), participants: Vec::new() };
    town.must(ANN, Body::Wish(claim), Vec::new());
    assert!(!signs(OFFICER).contains("fulfil-wish"), "of another's claim");
    town.must(ANN, Body::Wish(WishEvent::Fulfilled { wish, minutes: 30, evidence: None }), Vec::new());
    let html = by_key(&town, SECOND_WORKER).page(&page);
    assert!(attributes(&html, "data-sign").contains("confirm-wish"), "at the door: {html}");
    assert_eq!(attributes(&html, "data-behalf").into_iter().collect::<Vec<_>>(), [person(OLD).to_string()]);
    assert!(!signs(WORKER).contains("confirm-wish"), "not by whoever posted it");
    assert!(!signs(FAR_WORKER).contains("confirm-wish"));
}

#[test]
fn what_staff_do_for_somebody_is_drafted_in_that_ones_name() {
    let town = Town::start();
    let wish = town.wish(WORKER, 211, OLD);
    town.vet(SECOND_WORKER, wish);
    let claim = WishEvent::Claimed { wish, claimer: Claimer::Person(person(ANN)), participants: Vec::new() };
    town.must(ANN, Body::Wish(claim), Vec::new());
    town.must(ANN, Body::Wish(WishEvent::Fulfilled { wish, minutes: 30, evidence: None }), Vec::new());
    let token = town.server.sign_in(SECOND_WORKER);
    let asked = serde_json::json!({ "kind": "confirm-wish", "wish": wish.to_string(), "rating": 5 });
    let at = format!("/v1/drafts?on_behalf={}", person(OLD));
    let drafted = town.server.post_as(&token, &at, &asked);
    assert_eq!(drafted.status, 200, "{}", drafted.text());
    let bytes = drafted.json()["event"].as_str().map(str::to_owned).expect("an event");
    let bytes = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, bytes).expect("base64");
    let event = hourbook_ledger::wire::decode_event(&bytes).expect("an event");
    assert_eq!((event.actor, event.acting_for), (person(SECOND_WORKER), Some(person(OLD))));
    let wrong = town.server.post_as(&token, "/v1/drafts?on_behalf=somebody", &asked);
    assert_eq!((wrong.status, wrong.code().as_str()), (400, "bad-request"), "{}", wrong.text());
}

#[test]
fn a_unit_is_told_what_its_members_did_here_and_the_sheet_stays_as_it_was() {
    let town = Town::start();
    let activity = town.activity(WORKER, 201, COMMUNITY);
    let rows = [(ANN, interval(0, 420, 90))];
    let hours = Town::event_of(&town.must(WORKER, town.hours(COMMUNITY, activity, &rows), Vec::new()));
    let at = town.server.app.read.read().as_of();
    let [_, quarter, _] = hourbook_ledger::domain::time::Period::all_of(today());
    let sheet = format!("/feedback?period={quarter}&unit=all");
    let before = by_key(&town, SECOND_WORKER).page(&sheet);
    assert!(before.contains(name(ANN)) && before.contains("本期无服务记录"), "{before}");
    town.must(SECOND_WORKER, Body::all_confirmed(hours), Vec::new());
    let now = by_key(&town, SECOND_WORKER).page(&sheet);
    assert!(now.contains("1 小时 30 分") && !now.contains("本期无服务记录"), "{now}");
    let frozen = by_key(&town, SECOND_WORKER).page(&format!("{sheet}&at={at}"));
    assert!(frozen.contains("本期无服务记录"), "as the log stood then: {frozen}");

    let units = by_key(&town, SECOND_WORKER).page(&format!("/feedback?period={quarter}"));
    assert!(
        !units.contains(name(ANN)) && units.contains("unit=all"),
        "nobody is named before a sheet is opened: {units}"
    );
    let workbook = by_key(&town, SECOND_WORKER).get(&sheet.replace("/feedback", "/feedback.xlsx"));
    assert!(workbook.status == 200 && workbook.bytes.starts_with(b"PK"), "a workbook");
    assert!(by_key(&town, ANN).page("/me/access").contains("社区工作者"), "the look is noted");
    for (who, status) in [(OFFICER, 403), (ANN, 403)] {
        assert_eq!(by_key(&town, who).get(&sheet).status, status, "{who}");
    }
    let elsewhere = format!("/feedback?period={quarter}&unit=all&community={ELSEWHERE}");
    assert_eq!(by_key(&town, SECOND_WORKER).get(&elsewhere).status, 403, "of another community");
    for wrong in ["period=2026Q9", "at=99999999", "unit=x", "community=x"] {
        assert_eq!(by_key(&town, SECOND_WORKER).get(&format!("/feedback?{wrong}")).status, 400, "{wrong}");
    }
}

#[test]
fn a_receipt_is_shown_of_what_the_reader_signed_and_of_nothing_else() {
    let town = Town::start();
    let hours = recorded(&town);
    let own = town.must(SECOND_WORKER, Body::all_confirmed(hours), Vec::new());
    let position = own.json()["receipts"][0]["position"].as_u64().expect("a position");
    let path = format!("/today?min_position={position}");
    let page = by_key(&town, SECOND_WORKER).page(&path);
    let receipt = format!("回执编号 <a href=\"/log/{position}\">#{position}</a>");
    assert!(page.contains(&receipt), "{page}");
    assert!(!by_key(&town, WORKER).page(&path).contains("回执编号"), "another signed it");
    assert!(!by_key(&town, SECOND_WORKER).page("/today?min_position=3").contains("回执编号"), "the founding");
}

/// A granted wish waits on the list until the hours of whoever helped are recorded; for that wish they are once.
#[test]
fn the_hours_of_a_granted_wish_are_recorded_once() {
    let town = Town::start();
    let wish = town.wish(WORKER, 211, OLD);
    town.vet(SECOND_WORKER, wish);
    let claim = WishEvent::Claimed { wish, claimer: Claimer::Person(person(ANN)), participants: Vec::new() };
    town.must(ANN, Body::Wish(claim), Vec::new());
    let done = WishEvent::Fulfilled { wish, minutes: 45, evidence: None };
    town.must(ANN, Body::Wish(done), Vec::new());
    let signed_in = |who: u8| Browser::with_token(&town.server, &town.server.sign_in(who));
    let here = format!("/wishes/{}/hours", uuid::Uuid::from_bytes(wish.0));
    let waiting = "帮忙的时长未登记";
    assert!(!signed_in(WORKER).page("/today").contains(waiting), "it is not granted yet");
    assert!(signed_in(WORKER).page(&here).contains("还没有圆梦"));
    let mut old = Browser::with_token(&town.server, &town.code_session(WORKER, OLD, "13572468"));
    let page = old.page(&format!("/wishes/{}", uuid::Uuid::from_bytes(wish.0)));
    old.submit(&page, &format!("/wishes/{}/confirm", uuid::Uuid::from_bytes(wish.0)), "rating=5");
    for who in [WORKER, SECOND_WORKER] {
        assert!(signed_in(who).page("/today").contains(waiting), "{who}: whoever comes first");
    }
    let page = signed_in(WORKER).page(&here);
    assert!(page.contains(name(ANN)) && page.contains("data-compose=\"helped\""), "{page}");
    assert!(
        page.contains("微心愿服务") && page.contains("plan-activity"),
        "the month's activity comes first: {page}"
    );
    assert_eq!(signed_in(ANN).get(&here).status, 404, "whoever helped records nothing");

    let activity = town.activity(WORKER, 212, COMMUNITY);
    let row =
        |from: i64| Row { key: wish_key(wish, person(ANN)), ..rows(&[(ANN, interval(0, from, 30))])[0] };
    let hours = |by: u8, from: i64| {
        let mut body = town.hours(COMMUNITY, activity, &[(ANN, interval(0, from, 30))]);
        if let Body::Hours(HoursEvent::Recorded { rows, .. }) = &mut body {
            *rows = vec![row(from)];
        }
        town.say(by, body, Vec::new())
    };
    assert_eq!(hours(WORKER, 420).status, 201);
    let again = hours(SECOND_WORKER, 425);
    assert_eq!((again.status, again.code().as_str()), (409, "row-recorded"));
    assert!(!signed_in(SECOND_WORKER).page("/today").contains(waiting));
    assert!(signed_in(SECOND_WORKER).page(&here).contains("已登记"));
}
