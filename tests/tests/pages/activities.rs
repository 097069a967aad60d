//! Activities at the desk: planned in one signature, the roll by name, the sheet on paper, and what waits of them on 今日.

use hourbook_ledger::domain::event::{ActivityEvent, Attended, Attendee, Body};
use hourbook_ledger::domain::ids::{ActivityId, ShiftId};
use hourbook_tests::server::person;
use hourbook_tests::town::*;
use serde_json::{Value, json};

use crate::browser::{Browser, attributes};

const SHIFT: ShiftId = ShiftId([222; 16]);

fn by_key(town: &Town, n: u8) -> Browser<'_> {
    Browser::with_token(&town.server, &town.server.sign_in(n))
}

/// Tomorrow at nine, for an hour, counted from the town's first day.
fn to_come() -> hourbook_ledger::domain::time::Interval {
    interval(-1, 540, 60)
}

/// A published activity with a shift to come for which Ann and Ben signed up.
fn published(town: &Town) -> ActivityId {
    let activity = town.activity(WORKER, 221, COMMUNITY);
    town.must(WORKER, Body::Activity(ActivityEvent::Published { activity }), Vec::new());
    town.must(WORKER, Body::shift_opened(activity, SHIFT, to_come(), 5), Vec::new());
    for who in [ANN, BEN] {
        let body = ActivityEvent::SignedUp { activity, shift: SHIFT, person: person(who) };
        town.must(who, Body::Activity(body), Vec::new());
    }
    activity
}

fn present(town: &Town, activity: ActivityId, who: u8) {
    let rows = vec![Attendee { person: person(who), attended: Attended::Present(to_come()) }];
    let roll = ActivityEvent::AttendanceTaken { activity, shift: SHIFT, rows };
    town.must(WORKER, Body::Activity(roll), Vec::new());
}

/// Whom the rows of a roll are of.
fn rows(page: &str) -> Vec<String> {
    let said = attributes(page, "data-row").into_iter().map(|row| row.replace("&quot;", "\""));
    let persons = said.filter_map(|row| serde_json::from_str::<Value>(&row).ok());
    let mut persons: Vec<String> =
        persons.filter_map(|row| row["person"].as_str().map(str::to_owned)).collect();
    persons.sort_unstable();
    persons
}

fn only(page: &str, name: &str) -> Value {
    let text = attributes(page, name).into_iter().next().expect(name).replace("&quot;", "\"");
    serde_json::from_str(&text).expect(name)
}

#[test]
fn an_activity_is_planned_with_its_shifts_in_one_signature() {
    let town = Town::start();
    let page = by_key(&town, WORKER).page("/activities/new");
    let attribute = |name| attributes(&page, name).into_iter().next().unwrap_or_default();
    assert_eq!(
        (attribute("data-sign").as_str(), attribute("data-compose").as_str()),
        ("plan-activity", "plan")
    );
    assert_eq!(attribute("data-offset"), "480");
    let beside: Vec<Value> = serde_json::from_value(only(&page, "data-beside")).unwrap();
    let signs: Vec<&str> = beside.iter().filter_map(|action| action["sign"].as_str()).collect();
    assert_eq!(signs, ["open-shift", "publish-activity"]);
    let inputs = only(&page, "data-inputs");
    assert_eq!(
        (&inputs["activity"], &inputs["title"], &inputs["category"]),
        (&json!("id"), &json!("vault"), &json!("text"))
    );
    assert!(page.contains("环境整治") && page.contains("每周一次，共几次"), "{page}");
    for who in [OFFICER, ANN] {
        assert_eq!(by_key(&town, who).get("/activities/new").status, 403, "{who}");
    }
    assert_eq!(Browser::new(&town.server).get("/activities/new").status, 303);
    // What is not published is listed for whoever runs it, and for nobody else.
    let activity = town.activity(WORKER, 221, COMMUNITY);
    let link = format!("/activities/{activity}");
    let of_worker = attributes(&by_key(&town, WORKER).page("/activities"), "href");
    assert!(!of_worker.contains(&link), "without a shift to come there is nothing to publish");
    town.must(WORKER, Body::shift_opened(activity, SHIFT, to_come(), 5), Vec::new());
    let links = |who: u8| attributes(&by_key(&town, who).page("/activities"), "href");
    assert!(links(SECOND_WORKER).contains(&link) && links(SECOND_WORKER).contains("/activities/new"));
    assert!(!links(FAR_WORKER).contains(&link) && links(FAR_WORKER).contains("/activities/new"));
    assert!(!links(ANN).contains(&link) && !links(ANN).contains("/activities/new"));
    let page = by_key(&town, SECOND_WORKER).page(&link);
    let signs = attributes(&page, "data-sign");
    for action in ["publish-activity", "open-shift", "cancel-activity"] {
        assert!(signs.contains(action), "{action}: {signs:?}");
    }
    assert!(page.contains("未发布") && !signs.contains("close-activity"), "{page}");
}

#[test]
fn the_roster_is_for_whoever_runs_it_and_each_look_is_noted() {
    let town = Town::start();
    let activity = published(&town);
    let page = format!("/activities/{activity}");
    let html = by_key(&town, SECOND_WORKER).page(&page);
    assert!(html.contains(name(ANN)) && html.contains(name(BEN)) && html.contains("报名 2 / 5"), "{html}");
    assert!(by_key(&town, BEN).page("/me/access").contains("社区工作者"), "the look is noted");
    for path in [page.clone(), format!("{page}/roll?shift={SHIFT}"), format!("{page}/sheet?shift={SHIFT}")] {
        for who in [FAR_WORKER, OFFICER, ANN] {
            assert_eq!(by_key(&town, who).get(&path).status, 404, "{path} {who}: not even that it is there");
        }
        assert_eq!(Browser::new(&town.server).get(&path).status, 303, "{path}");
    }
    let mut worker = by_key(&town, SECOND_WORKER);
    for path in
        [format!("{page}/roll"), format!("{page}/roll?shift={activity}"), format!("{page}/sheet?shift=x")]
    {
        assert_eq!(worker.get(&path).status, 404, "{path}: no such shift");
    }
}

#[test]
fn the_roll_is_called_by_name_once_the_shift_is_over() {
    let town = Town::start();
    let activity = published(&town);
    let page = format!("/activities/{activity}/roll?shift={SHIFT}");
    let early = by_key(&town, WORKER).page(&page);
    assert!(early.contains("活动还没有结束") && !early.contains("data-sign"), "{early}");
    assert!(!by_key(&town, WORKER).page("/today").contains("待点名"), "it is not over");
    town.server.pass(2, 0);

    let today = by_key(&town, WORKER).page("/today");
    assert!(today.contains("待点名") && attributes(&today, "href").contains(&page), "{today}");
    let far = by_key(&town, FAR_WORKER).page("/today");
    assert!(!attributes(&far, "href").contains(&page), "{far}");
    let html = by_key(&town, WORKER).page(&page);
    let mut signed_up = [person(ANN).to_string(), person(BEN).to_string()];
    signed_up.sort_unstable();
    assert_eq!(rows(&html), signed_up, "{html}");
    assert_eq!(html.matches("data-absent=\"未到\"").count(), 2, "{html}");
    assert_eq!(
        only(&html, "data-given"),
        json!({ "activity": activity.to_string(), "shift": SHIFT.to_string() })
    );
    let beside = only(&html, "data-beside");
    assert_eq!(
        (&beside[0]["sign"], &beside[0]["given"]),
        (&json!("record-hours"), &json!({ "org": COMMUNITY.to_string() }))
    );
    assert!(!html.contains("补录原因"), "it is in time: {html}");

    // Whoever was called stands there without hours; whoever was not is still expected.
    present(&town, activity, ANN);
    let html = by_key(&town, WORKER).page(&page);
    assert_eq!((html.matches("data-called").count(), html.matches("data-absent").count()), (1, 1), "{html}");
    present(&town, activity, BEN);
    let today = by_key(&town, WORKER).page("/today");
    assert!(today.contains("已点名，时长未登记") && !today.contains("待点名"), "{today}");
    let hours = town.hours(COMMUNITY, activity, &[(ANN, to_come()), (BEN, to_come())]);
    town.must(WORKER, hours, Vec::new());
    let today = by_key(&town, SECOND_WORKER).page("/today");
    assert!(!today.contains("时长未登记") && today.contains("时长待审核"), "{today}");
    let done = by_key(&town, WORKER).page(&page);
    assert!(!done.contains("data-absent") && done.matches("实到，时长已登记").count() == 2, "{done}");
}

#[test]
fn whoever_calls_a_roll_late_says_why() {
    let town = Town::start();
    let activity = published(&town);
    town.server.pass(60, 0);
    let html = by_key(&town, WORKER).page(&format!("/activities/{activity}/roll?shift={SHIFT}"));
    assert!(html.contains("补录原因") && html.contains("data-late") && html.contains("录入期限"), "{html}");
}

/// Somebody of another community signs up and is called by name; whoever was only put on a roll is not named by it.
#[test]
fn who_signed_up_is_known_to_whoever_calls_the_roll_and_nobody_by_being_put_on_it() {
    let town = Town::start();
    let activity = published(&town);
    let page = format!("/activities/{activity}/roll?shift={SHIFT}");
    let signed_up = ActivityEvent::SignedUp { activity, shift: SHIFT, person: person(FAR) };
    town.must(FAR, Body::Activity(signed_up), Vec::new());
    town.server.pass(2, 0);
    let html = by_key(&town, WORKER).page(&page);
    assert!(html.contains(name(FAR)) && rows(&html).contains(&person(FAR).to_string()), "{html}");
    let looks = by_key(&town, FAR).page("/me/access");
    assert!(looks.contains("社区工作者"), "the look is noted: {looks}");
    // The other one of that community did not sign up, and is on the roll by the worker's word alone.
    present(&town, activity, FAR_WORKER);
    let html = by_key(&town, WORKER).page(&page);
    assert!(!html.contains(name(FAR_WORKER)) && html.contains("由其所在社区点名"), "{html}");
    assert!(!html.contains(&person(FAR_WORKER).to_string()), "{html}");
}

/// Whoever signed up is in the own roll, which somebody else calls.
#[test]
fn nobody_is_asked_to_call_the_own_name() {
    let town = Town::start();
    let activity = published(&town);
    let body = ActivityEvent::SignedUp { activity, shift: SHIFT, person: person(WORKER) };
    town.must(WORKER, Body::Activity(body), Vec::new());
    town.server.pass(2, 0);
    let page = format!("/activities/{activity}/roll?shift={SHIFT}");
    let html = by_key(&town, WORKER).page(&page);
    assert!(html.contains("您本人，由别人点名") && rows(&html).len() == 2, "{html}");
    assert_eq!(rows(&by_key(&town, SECOND_WORKER).page(&page)).len(), 3);
}

#[test]
fn the_sheet_has_what_stands_on_paper_and_the_next_time() {
    let town = Town::start();
    let activity = published(&town);
    let next = ShiftId([223; 16]);
    town.must(WORKER, Body::shift_opened(activity, next, interval(-8, 540, 60), 5), Vec::new());
    let html = by_key(&town, WORKER).page(&format!("/activities/{activity}/sheet?shift={SHIFT}"));
    for head in [
        "活动名称",
        "活动时间",
        "活动地点",
        "组织单位",
        "负责人",
        "应到",
        "实到",
        "序号",
        "姓名",
        "所在单位（小区）",
        "联系电话",
        "签到时间",
        "签退时间",
        "本人签名",
        "备注",
        "下次活动",
    ] {
        assert!(html.contains(head), "{head}: {html}");
    }
    assert!(
        html.contains(name(ANN)) && html.contains(name(WORKER)),
        "who signed up, and whom to call: {html}"
    );
    assert_eq!(html.matches("<tr>").count(), 21, "empty rows for whoever comes along: {html}");
    let last = by_key(&town, WORKER).page(&format!("/activities/{activity}/sheet?shift={next}"));
    let foot =
        |html: &str| html.split("下次活动：").nth(1).map(|rest| rest.chars().take(24).collect::<String>());
    assert_ne!(foot(&html), foot(&last), "the last one leaves the day to be written");
    assert!(!html.contains("1390000"), "no telephone is printed");
}

/// What is typed to find somebody stands in no address.
#[test]
fn whoever_came_along_is_looked_for_in_a_body() {
    let town = Town::start();
    let asked = json!({ "q": name(BEN) });
    let found = town.server.post_as(&town.server.sign_in(WORKER), "/v1/people", &asked);
    assert_eq!(found.status, 200, "{}", found.text());
    assert_eq!(found.json()["people"][0]["id"], person(BEN).to_string());
    assert!(by_key(&town, BEN).page("/me/access").contains("社区工作者"), "the look is noted");
    for who in [ANN, AUDITOR] {
        assert_eq!(town.server.post_as(&town.server.sign_in(who), "/v1/people", &asked).status, 403, "{who}");
    }
    let long = json!({ "q": "王", "limit": 5 });
    assert_eq!(town.server.post_as(&town.server.sign_in(WORKER), "/v1/people", &long).status, 400);
}
