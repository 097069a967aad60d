//! What staff look at before they say something: activities, hours to confirm, policies, the draft of a list. And what the new
//! kinds of input are in JSON.

use hourbook_ledger::domain::event::{Body, Looked, ReportInEvent};
use hourbook_ledger::domain::ids::{ActivityId, ShiftId};
use hourbook_ledger::domain::time::Period;
use hourbook_tests::server::{Answer, person};
use hourbook_tests::town::*;
use serde_json::{Value, json};

fn titles(answer: &Answer) -> Vec<(String, String)> {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let all = answer.json()["activities"].as_array().cloned().unwrap_or_default();
    all.iter().map(|activity| (text(&activity["id"]), text(&activity["state"]))).collect()
}

#[test]
fn a_planned_activity_is_for_whoever_records_there_and_a_published_one_for_everybody() {
    let town = Town::start();
    let activity = town.activity(WORKER, 140, GRID);
    let shift = ShiftId([141; 16]);
    let coming = interval(-2, 540, 120);
    let opened = town.must(WORKER, Body::shift_opened(activity, shift, coming, 1), vec![]);
    let at = opened.position();
    let path = format!("/v1/activities?min_position={at}");
    let [worker, far, ann] = [WORKER, FAR_WORKER, ANN].map(|who| town.server.sign_in(who));
    let planned = vec![(activity.to_string(), "planned".to_owned())];
    assert_eq!(titles(&town.server.get_as(&worker, &path)), planned);
    assert_eq!(titles(&town.server.get(&path)), []);
    assert_eq!(titles(&town.server.get_as(&far, &path)), [], "staff of another community");
    let published = Body::Activity(hourbook_ledger::domain::event::ActivityEvent::Published { activity });
    town.must(WORKER, published, vec![]);
    let signed_up = Body::Activity(hourbook_ledger::domain::event::ActivityEvent::SignedUp {
        activity,
        shift,
        person: person(ANN),
    });
    let at = town.must(ANN, signed_up, vec![]).position();
    let path = format!("/v1/activities?min_position={at}&state=published&org={COMMUNITY}&title=清扫小区");
    let path = path.replace("清扫小区", "%E6%B8%85%E6%89%AB%E5%B0%8F%E5%8C%BA");
    for (token, own) in [(Some(&ann), json!("placed")), (Some(&worker), Value::Null), (None, Value::Null)] {
        let answer = token.map_or_else(|| town.server.get(&path), |token| town.server.get_as(token, &path));
        let shown = &answer.json()["activities"][0];
        assert_eq!((&shown["id"], &shown["shifts"][0]["own"]), (&json!(activity.to_string()), &own));
        assert_eq!((&shown["shifts"][0]["taken"], &shown["shifts"][0]["places"]), (&json!(1), &json!(1)));
        assert!(!answer.text().contains(&person(ANN).to_string()), "who signed up is not said");
    }
    let nine = "id=00000000-0000-0000-0000-000000000009";
    for narrowed in ["state=closed", "title=other", nine, &format!("org={ELSEWHERE}"), "before=0"] {
        assert_eq!(titles(&town.server.get(&format!("/v1/activities?{narrowed}"))), [], "{narrowed}");
    }
}

#[test]
fn whoever_confirms_reads_the_rows_and_whoever_is_named_there_finds_a_look() {
    let town = Town::start();
    let activity = town.activity(WORKER, 140, GRID);
    let rows = [(ANN, interval(0, 420, 60)), (BEN, interval(0, 420, 30))];
    let recorded = town.must(WORKER, town.hours(COMMUNITY, activity, &rows), vec![]);
    let other = town.must(WORKER, town.hours(COMMUNITY, activity, &[(ANN, interval(0, 300, 60))]), vec![]);
    let (event, at) = (Town::event_of(&recorded), other.position());
    let second = town.server.sign_in(SECOND_WORKER);
    let of = |query: &str| town.server.get_as(&second, &format!("/v1/hours?min_position={at}{query}"));
    let rows = |answer: &Answer| answer.json()["rows"].as_array().cloned().expect("rows");
    let looks = |who: u8| {
        let models = town.server.app.read.read();
        models.directory.looks().at(person(who)).filter(|l| l.by == person(SECOND_WORKER)).count()
    };
    assert_eq!((looks(ANN), looks(BEN)), (0, 0));
    assert_eq!(rows(&of("&limit=1")).len(), 1, "the last recording as a whole");
    assert_eq!((looks(ANN), looks(BEN)), (1, 0), "who was not shown was not looked at");
    let next = of("&limit=1").json()["next"].as_u64().expect("there is another page");
    let page = rows(&of(&format!("&limit=1&before={next}")));
    assert_eq!(page.len(), 2);
    assert_eq!(looks(BEN), 1);
    {
        let models = town.server.app.read.read();
        let what = models.directory.looks().at(person(BEN)).map(|look| look.what).collect::<Vec<_>>();
        assert_eq!(what, [Looked::Record]);
    }
    let own = rows(&of(&format!("&recorded={event}&state=pending")));
    let names: Vec<&str> = own.iter().filter_map(|row| row["name"].as_str()).collect();
    assert_eq!(names, [name(ANN), name(BEN)]);
    assert_eq!(own[1]["member"], person(BEN).to_string());
    assert_eq!((&own[0]["recorder"]["by"], &own[0]["title"]), (&json!(name(WORKER)), &json!("清扫小区")));
    town.must(SECOND_WORKER, Body::all_confirmed(event), vec![]);
    assert_eq!(rows(&of(&format!("&org={GRID}"))).len(), 0, "recorded by the community, not by the grid");
    assert_eq!(of("&recorded=nine").code(), "bad-request");
    assert_eq!(rows(&of("&title=other")).len(), 0);
    assert_eq!(town.server.get("/v1/hours").code(), "sign-in-required");
    for (who, path) in [
        (ANN, "/v1/hours".to_owned()),
        (OFFICER, "/v1/hours".to_owned()),
        (FAR_WORKER, format!("/v1/hours?org={COMMUNITY}")),
    ] {
        assert_eq!(
            town.server.get_as(&town.server.sign_in(who), &path).code(),
            "not-for-you",
            "{who}: {path}"
        );
    }
    let far = town.server.get_as(&town.server.sign_in(FAR_WORKER), "/v1/hours");
    assert_eq!(rows(&far).len(), 0, "nothing of another community");
}

/// Whoever mistypes a state is not told that there is nothing.
#[test]
fn a_state_that_is_none_is_refused_with_those_that_are() {
    let town = Town::start();
    let worker = town.server.sign_in(WORKER);
    for (path, one) in [
        ("/v1/hours", "certified"),
        ("/v1/activities", "cancelled"),
        ("/v1/report-ins", "accepted"),
        ("/v1/wishes", "claimed"),
    ] {
        let answer = town.server.get_as(&worker, &format!("{path}?state=pend"));
        assert_eq!((answer.status, answer.code().as_str()), (400, "bad-request"), "{path}");
        assert!(
            answer.text().contains("state: pend, not one of") && answer.text().contains(one),
            "{}",
            answer.text()
        );
        assert_eq!(town.server.get_as(&worker, &format!("{path}?state={one}")).status, 200, "{path}");
    }
}

#[test]
fn a_policy_is_told_of_the_nearest_scope_and_by_the_names_of_what_it_says() {
    let town = Town::start();
    let records = |path: &str| {
        let answer = town.server.get(path).json();
        let all = answer["policies"].as_array().cloned().expect("policies");
        let kind = |policy: &&Value| policy["kind"] == "adopt-record-policy";
        all.iter()
            .filter(kind)
            .map(|policy| (policy["in_force"].clone(), policy["says"].clone()))
            .collect::<Vec<_>>()
    };
    let before = records("/v1/policies");
    assert_eq!(before.len(), 1, "{before:?}");
    let steward = town.server.sign_in(STEWARD);
    let tomorrow = today().plus(1).to_string();
    let adopt = json!({ "kind": "adopt-record-policy", "from": tomorrow, "org": COMMUNITY.to_string(),
        "due-working-days": 3, "longest": 600 });
    let drafted = town.server.post_as(&steward, "/v1/drafts", &adopt);
    assert_eq!(drafted.status, 200, "{}", drafted.text());
    town.must(STEWARD, body_of(&drafted), vec![]);
    assert_eq!(records("/v1/policies"), before, "the ledger's is the same");
    let of_grid = records(&format!("/v1/policies?org={GRID}"));
    let later = json!({ "due-working-days": 3, "longest": 600 });
    assert_eq!(of_grid.iter().find(|(now, _)| *now == json!(false)).map(|(_, says)| says), Some(&later));
    assert!(of_grid.iter().any(|(now, _)| *now == json!(true)), "until then the ledger's holds: {of_grid:?}");
    town.server.pass(1, 0);
    assert_eq!(records(&format!("/v1/policies?org={GRID}")), [(json!(true), later)]);
}

/// The body of a draft.
fn body_of(answer: &Answer) -> Body {
    use base64::Engine as _;
    let text = answer.json()["event"].as_str().expect("an event").to_owned();
    let bytes = base64::engine::general_purpose::STANDARD.decode(text).expect("base64");
    hourbook_ledger::wire::decode_event(&bytes).expect("an event").body
}

#[test]
fn lists_numbers_and_rows_are_told_in_json_and_nothing_of_another_type() {
    let town = Town::start();
    let token = town.server.sign_in(WORKER);
    let activity = ActivityId([9; 16]).to_string();
    let record = |persons: Value, start: Value| {
        json!({ "kind": "record-hours", "org": COMMUNITY.to_string(), "activity": activity,
            "persons": persons, "start": start, "end": 7_200_000 })
    };
    let draft = |asked: &Value| town.server.post_as(&token, "/v1/drafts", asked);
    let two = json!([person(ANN).to_string(), person(BEN).to_string()]);
    let Body::Hours(hourbook_ledger::domain::event::HoursEvent::Recorded { rows, .. }) =
        body_of(&draft(&record(two.clone(), json!(3_600_000))))
    else {
        panic!("hours are recorded")
    };
    assert_eq!(rows.iter().map(|row| row.person).collect::<Vec<_>>(), [person(ANN), person(BEN)]);
    for (wrong, named) in [
        (record(json!("all of them"), json!(3_600_000)), "persons"),
        (record(json!([]), json!(3_600_000)), "persons"),
        (record(json!([1]), json!(3_600_000)), "persons"),
        (record(two.clone(), json!("3600000")), "start"),
        (record(two.clone(), json!(3_600_001)), "start"),
        (json!({ "kind": "confirm-hours", "recorded": activity, "rows": "0" }), "rows"),
        (json!({ "kind": "confirm-hours", "recorded": activity, "rows": [-1] }), "rows"),
        (json!({ "kind": "confirm-hours", "recorded": activity, "rows": [70_000] }), "rows"),
    ] {
        let answer = draft(&wrong);
        assert_eq!((answer.status, answer.code().as_str()), (400, "bad-request"), "{wrong}");
        assert!(answer.json()["detail"].as_str().unwrap().starts_with(named), "{wrong}: {}", answer.text());
    }
    let some = json!({ "kind": "confirm-hours", "recorded": activity, "rows": [2, 0] });
    let all = json!({ "kind": "confirm-hours", "recorded": activity });
    assert_ne!(body_of(&draft(&some)), body_of(&draft(&all)));
}

#[test]
fn a_draft_of_a_list_is_for_whoever_publishes_and_has_what_the_event_needs() {
    let town = Town::start();
    town.server.pass(45, 0);
    let [_, quarter, _] = Period::all_of(today());
    let path = format!("/v1/lists/{UNIT}/{quarter}?draft=true");
    let token = town.server.sign_in(STEWARD);
    let draft = town.server.get_as(&token, &path).json();
    let cutoff = draft["cutoff"].as_u64().expect("a cut-off");
    assert!(cutoff < draft["as_of_position"].as_u64().unwrap(), "an entry that is on the log: {draft}");
    let publish = json!({ "kind": "publish-list", "org": UNIT.to_string(), "period": quarter.to_string(),
        "cutoff": cutoff, "policy": draft["policy"], "digest": draft["digest"] });
    let drafted = town.server.post_as(&token, "/v1/drafts", &publish);
    town.must_both(STEWARD, SECOND_STEWARD, body_of(&drafted), vec![]);
    let published = town.server.get(&format!("/v1/lists/{UNIT}/{quarter}")).json();
    assert_eq!(published["digest"], draft["digest"]);
    assert_eq!(published["published"]["reproduced"], true, "{published}");
    assert_eq!(town.server.get(&path).code(), "no-list", "a new draft is not for everybody");
    assert_eq!(town.server.get_as(&token, &path).json()["state"], "draft");
}

#[test]
fn whoever_answers_reads_who_reported_in_and_of_others_only_how_many() {
    let town = Town::start();
    let file = |who: u8| {
        let filed = ReportInEvent::Filed { person: person(who), community: COMMUNITY };
        town.must(who, Body::ReportIn(filed), vec![]).position()
    };
    file(ANN);
    let at = file(FAR);
    let read = |who: u8, query: &str| {
        let token = town.server.sign_in(who);
        town.server.get_as(&token, &format!("/v1/report-ins?min_position={at}{query}"))
    };
    let pending = read(WORKER, "").json();
    let all = pending["report_ins"].as_array().expect("a list");
    assert_eq!((all.len(), &pending["others"]), (1, &json!(1)), "who lives elsewhere is not told: {pending}");
    assert_eq!((&all[0]["name"], &all[0]["person"]), (&json!(name(ANN)), &json!(person(ANN).to_string())));
    let looked = |who: u8| {
        let models = town.server.app.read.read();
        models.directory.looks().at(person(who)).any(|look| look.by == person(WORKER))
    };
    assert_eq!((looked(ANN), looked(FAR)), (true, false), "whoever is named finds a look");
    assert_eq!(read(FAR_WORKER, "").json()["report_ins"], json!([]), "it is another community's");
    assert_eq!(read(WORKER, "&state=accepted").json()["report_ins"], json!([]));
    assert_eq!(read(WORKER, &format!("&org={ELSEWHERE}")).code(), "not-for-you");
    assert_eq!(read(ANN, "").code(), "not-for-you");
    assert_eq!(town.server.get("/v1/report-ins").code(), "sign-in-required");
}
