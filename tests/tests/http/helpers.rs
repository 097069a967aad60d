//! A helper whom a person named: signs the person up over HTTP, by key and by code, and the person sees it.

use hourbook_ledger::domain::event::{ActivityEvent, Assurance, Body, Event, MemberEvent};
use hourbook_ledger::domain::ids::{ActivityId, ShiftId};
use hourbook_ledger::domain::time::{Interval, Minute};
use hourbook_tests::server::{Answer, actor, person};
use hourbook_tests::town::*;
use serde_json::{Value, json};

const SHIFT: ShiftId = ShiftId([171; 16]);

/// A town with a shift to come.
fn town() -> (Town, ActivityId) {
    let town = Town::start();
    let activity = town.activity(WORKER, 170, GRID);
    let start = town.server.now().minute().0 + 14_400;
    let interval = Interval { start: Minute(start), end: Minute(start + 60) };
    town.must(WORKER, Body::shift_opened(activity, SHIFT, interval, 9), vec![]);
    town.must(WORKER, Body::Activity(ActivityEvent::Published { activity }), vec![]);
    (town, activity)
}

fn asked(kind: &str, activity: ActivityId, helped: Option<u8>) -> Value {
    let helped = helped.map(|who| person(who).to_string());
    json!({ "kind": kind, "activity": activity.to_string(), "shift": SHIFT.to_string(), "for": helped })
}

/// Says something in a session, and waits until it is read.
fn say(town: &Town, token: &str, body: &Value) -> Answer {
    let answer = town.server.post_as(token, "/v1/me/events", body);
    if answer.status == 201 {
        town.settle_at(answer.position());
    }
    answer
}

fn is_signed_up(town: &Town, activity: ActivityId, who: u8) -> bool {
    use hourbook_projections::activities::Place;
    let models = town.server.app.read.read();
    let shift = models.directory.activity(activity).and_then(|activity| activity.shift(SHIFT));
    shift.and_then(|shift| shift.part(person(who))).is_some_and(|part| part.place == Place::Placed)
}

/// By a key, in the name of the old lady.
fn in_her_name(town: &Town, by: u8, assurance: Assurance, body: Body) -> Answer {
    let event = Event { acting_for: Some(person(OLD)), assurance, ..town.event(by, body) };
    let answer = town.server.append(&[sign(&actor(by), &event)]);
    if answer.status == 201 {
        town.settle(&answer);
    }
    answer
}

/// On the word of two of staff.
fn named_by_staff(town: &Town) {
    let body = Body::Member(MemberEvent::HelperNamed { person: person(OLD), helper: person(BEN) });
    let named = in_her_name(town, WORKER, Assurance::StaffProxy, body);
    assert_eq!(named.status, 201, "{}", named.text());
    town.approve(SECOND_WORKER, Town::event_of(&named));
}

fn sign_up(activity: ActivityId) -> Body {
    Body::Activity(ActivityEvent::SignedUp { activity, shift: SHIFT, person: person(OLD) })
}

#[test]
fn a_helper_named_by_a_code_signs_up_and_withdraws_once_the_term_is_over() {
    let (town, activity) = town();
    let old = town.code_session(WORKER, OLD, "42819300");
    let ben = town.code_session(SECOND_WORKER, BEN, "42819301");
    let up = asked("sign-up", activity, Some(OLD));
    assert_eq!(say(&town, &ben, &up).code(), "not-authorised", "nobody named him");
    let named = say(&town, &old, &json!({ "kind": "name-helper", "helper": person(BEN).to_string() }));
    assert_eq!(named.status, 201, "{}", named.text());
    assert_eq!(say(&town, &ben, &up).code(), "not-authorised", "by a code it waits");
    let page = town.server.get_as(&old, "/me/acts").text();
    assert!(page.contains("让别人做您的帮手") && page.contains("叫停这件事"), "{page}");
    town.server.pass(7, 0);
    town.server.tick();
    let signed_up = say(&town, &ben, &up);
    assert_eq!(signed_up.status, 201, "{}", signed_up.text());
    assert!(is_signed_up(&town, activity, OLD) && !is_signed_up(&town, activity, BEN));
    assert_eq!(say(&town, &ben, &asked("sign-up", activity, None)).status, 201, "and himself, as ever");
    assert_eq!(say(&town, &ben, &asked("withdraw-sign-up", activity, Some(OLD))).status, 201);
    assert!(!is_signed_up(&town, activity, OLD) && is_signed_up(&town, activity, BEN));
    let erase = json!({ "kind": "request-erasure", "for": person(OLD).to_string() });
    assert_eq!(say(&town, &ben, &erase).code(), "bad-request", "nothing else is for others");
    assert_eq!(in_her_name(&town, BEN, Assurance::DeviceKey, sign_up(activity)).status, 201);
    let ended = say(&town, &old, &json!({ "kind": "end-helper", "helper": person(BEN).to_string() }));
    assert_eq!(ended.status, 201, "{}", ended.text());
    assert_eq!(say(&town, &ben, &asked("withdraw-sign-up", activity, Some(OLD))).code(), "not-authorised");
}

#[test]
fn the_person_sees_who_helps_and_what_a_helper_did_apart_from_what_staff_did() {
    let (town, activity) = town();
    let old = town.code_session(WORKER, OLD, "42819300");
    named_by_staff(&town);
    assert_eq!(in_her_name(&town, BEN, Assurance::DeviceKey, sign_up(activity)).status, 201);
    let body = Body::Activity(ActivityEvent::SignUpWithdrawn { activity, shift: SHIFT, person: person(OLD) });
    assert_eq!(in_her_name(&town, WORKER, Assurance::StaffProxy, body).status, 201);
    let ben = town.code_session(SECOND_WORKER, BEN, "42819301");
    let laid_down = say(&town, &ben, &json!({ "kind": "stop-helping", "for": person(OLD).to_string() }));
    assert_eq!(laid_down.status, 201, "{}", laid_down.text());
    let deeds = town.server.get_as(&old, "/v1/me/deeds").json();
    let told = |deed: &Value| {
        let text = |name: &str| deed[name].as_str().unwrap_or("-").to_owned();
        let flags = (deed["proxy"].as_bool().unwrap(), deed["by_helper"].as_bool().unwrap());
        (text("kind"), text("by"), text("helper"), flags)
    };
    let line = |kind: &str, by: &str, helper: &str, flags| {
        (kind.to_owned(), by.to_owned(), helper.to_owned(), flags)
    };
    let latest: Vec<_> = deeds["deeds"].as_array().unwrap().iter().take(4).map(told).collect();
    let expected = [
        line("helper-ended", "本*明", "本*明", (false, true)),
        line("sign-up-withdrawn", "孙社工", "-", (true, false)),
        line("signed-up", "本*明", "-", (false, true)),
        line("helper-named", "孙社工", "本*明", (true, false)),
    ];
    assert_eq!(latest, expected);
    let page = town.server.get_as(&old, "/me/access").text();
    assert!(page.contains("冯老太，由帮手代为：本*明") && page.contains("代您报名"), "{page}");
    assert!(page.contains("孙社工 代 冯老太") && page.contains("为您登记了帮手"), "{page}");
    let english =
        town.server.send("GET", "/me/access?lang=en", &[("authorization", &format!("Bearer {old}"))], &[]);
    assert!(english.text().contains("冯老太, by a helper: 本*明"), "{}", english.text());
}
