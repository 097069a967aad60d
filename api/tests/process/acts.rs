//! `hourbook act` as a process, over a server: what waits is listed, approved and stopped.

use hourbook_ledger::actor::Actor;
use hourbook_ledger::clock::{Clock as _, SystemClock};
use hourbook_ledger::commitment::{Field, Opening};
use hourbook_ledger::domain::event::{ActivityEvent, Body, Lead, MemberEvent, WishEvent};
use hourbook_ledger::domain::ids::{ActivityId, ShiftId, WishId};
use hourbook_ledger::domain::time::{Interval, Minute};
use hourbook_ledger::envelope::Submission;

use super::clock::{end, post};
use super::town::{HOME, Town, member};
use super::*;

fn act(town: &Town, url: &str, who: &Actor, args: &[&str]) -> (Option<i32>, String) {
    let out = hourbook()
        .arg("act")
        .args(args)
        .args(["--server", url, "--as"])
        .arg(town.key_of(who))
        .output()
        .unwrap();
    (out.status.code(), String::from_utf8_lossy(&[out.stdout, out.stderr].concat()).into_owned())
}

/// Hands in that a member is to be erased, on a worker's word: it waits for a second person and for the term.
fn ask_for_erasure(town: &Town, address: &str, n: u32) {
    hand_in(&town.worker, address, Body::Member(MemberEvent::ErasureRequested { person: member(n) }), vec![]);
}

pub(super) fn hand_in(by: &Actor, address: &str, body: Body, openings: Vec<Opening>) {
    let signed = by.assert(SystemClock.now(), &mut *hourbook::state::system_rng(), body);
    let answer = post(address, &Submission { signed, openings });
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
}

#[test]
fn what_waits_is_approved_by_a_second_person_and_stopped_by_the_command() {
    let town = Town::with_members(2);
    let (server, address) = serve(&town.ledger.data(), &[("HOURBOOK_ACCEPT_CLOCK", "true")]);
    let url = format!("http://{address}");
    for n in 0..2 {
        ask_for_erasure(&town, &address, n);
    }
    let waiting = |who: &Actor| {
        let (code, listed) = act(&town, &url, who, &["list", "--json"]);
        assert_eq!(code, Some(0), "{listed}");
        serde_json::from_str::<Vec<serde_json::Value>>(&listed).expect(&listed)
    };
    let acts = waiting(&town.second);
    assert_eq!(acts.len(), 2, "{acts:?}");
    let ids: Vec<&str> = acts.iter().map(|act| act["act"].as_str().unwrap()).collect();
    let (code, said) = act(&town, &url, &town.worker, &["approve", ids[0]]);
    assert!(code == Some(1) && !said.contains("on the log"), "nobody approves their own: {said}");
    let (code, said) = act(&town, &url, &town.second, &["approve", ids[0]]);
    assert!(code == Some(0) && said.contains("on the log at position"), "{said}");
    let (code, said) = act(&town, &url, &town.second, &["stop", ids[1], "--json"]);
    assert_eq!(code, Some(0), "{said}");
    let position = serde_json::from_str::<serde_json::Value>(&said).unwrap()["position"].as_u64();
    assert!(position.is_some_and(|position| position > 0), "{said}");
    let left = waiting(&town.second);
    assert!(left.iter().all(|act| act["act"] != ids[1]), "what was stopped does not wait: {left:?}");
    assert!(left.iter().any(|act| act["act"] == ids[0]), "the term goes on: {left:?}");
    let (code, said) = act(&town, &url, &town.second, &["stop", ids[1]]);
    assert!(code == Some(1) && said.contains("unknown-act"), "{said}");
    end(server);
    town.ledger.is_sound();
}

/// Posts a wish of a member, on a worker's word; how the command is told which.
fn posted(town: &Town, address: &str) -> String {
    let (wish, resident) = (WishId([9; 16]), member(0));
    let text = Opening::new(resident.0, Field::WishText, [1; 32], "床头灯坏了").unwrap();
    let (category, commitment) = ("repair".to_owned(), text.commitment());
    let posted = WishEvent::Posted { wish, org: HOME, resident, category, text: commitment, minutes: 30 };
    hand_in(&town.worker, address, Body::Wish(posted), vec![text]);
    format!("wish={wish}")
}

/// Plans an activity with a shift to come, and publishes it; how the command is told which.
fn shift(town: &Town, address: &str) -> [String; 2] {
    let (activity, shift) = (ActivityId([40; 16]), ShiftId([41; 16]));
    let title = Opening::new(activity.0, Field::Title, [1; 32], "清扫楼道").unwrap();
    let lead = Lead::Person(town.worker.person);
    let planned = Body::planned(activity, HOME, "cleaning", title.commitment(), lead);
    hand_in(&town.worker, address, planned, vec![title]);
    let start = SystemClock.now().minute().0 + 600;
    let interval = Interval { start: Minute(start), end: Minute(start + 60) };
    hand_in(&town.worker, address, Body::shift_opened(activity, shift, interval, 9), vec![]);
    hand_in(&town.worker, address, Body::Activity(ActivityEvent::Published { activity }), vec![]);
    [format!("activity={activity}"), format!("shift={shift}")]
}

#[test]
fn a_helper_signs_up_for_whoever_named_one_by_the_command() {
    let town = Town::with_members(1);
    let (server, address) = serve(&town.ledger.data(), &[("HOURBOOK_ACCEPT_CLOCK", "true")]);
    let url = format!("http://{address}");
    let [activity, shift] = shift(&town, &address);
    let (helper, helped) = (town.second.person, town.worker.person);
    let (named, of) = (format!("helper={helper}"), format!("for={helped}"));
    let up = ["do", "sign-up", &activity, &shift, &of];
    let steps: [(&Actor, &[&str], Option<&str>); 8] = [
        (&town.second, &up, Some("not-authorised")),
        (&town.worker, &["do", "name-helper", &named], None),
        (&town.second, &up, None),
        (&town.second, &up, Some("sign-up-state")),
        (&town.second, &["do", "withdraw-sign-up", &activity, &shift, &of], None),
        (&town.second, &["do", "stop-helping", &of], None),
        (&town.second, &up, Some("not-authorised")),
        (&town.worker, &["do", "end-helper", &named], Some("out-of-range")),
    ];
    for (who, args, refused) in steps {
        let (code, said) = act(&town, &url, who, args);
        assert_eq!(code, Some(i32::from(refused.is_some())), "{args:?}: {said}");
        assert!(said.contains(refused.unwrap_or_default()), "{args:?}: {said}");
    }
    end(server);
    town.ledger.is_sound();
}

#[test]
fn a_dispute_is_raised_and_decided_by_the_command() {
    let town = Town::with_members(1);
    let (server, address) = serve(&town.ledger.data(), &[("HOURBOOK_ACCEPT_CLOCK", "true")]);
    let url = format!("http://{address}");
    let id = posted(&town, &address);
    let steps: [&[&str]; 4] = [
        &["vet-wish", &id, "sentence=想要一盏灯"],
        &["claim-wish", &id],
        &["fulfil-wish", &id, "minutes=30"],
        &["dispute-wish", &id, "reason=时间记多了"],
    ];
    for step in steps {
        let (code, said) = act(&town, &url, &town.second, &[&["do"], step].concat());
        assert_eq!(code, Some(0), "{said}");
    }
    for decision in ["uphold-dispute", "reject-dispute"] {
        let (code, said) = act(&town, &url, &town.worker, &["do", decision, &id, "reason=没有多记"]);
        assert!(code == Some(1) && said.contains("four-eyes"), "not by whoever posted it: {said}");
    }
    end(server);
    town.ledger.is_sound();
}

#[test]
fn staff_vet_and_withdraw_a_wish_by_the_command() {
    let town = Town::with_members(1);
    let (server, address) = serve(&town.ledger.data(), &[("HOURBOOK_ACCEPT_CLOCK", "true")]);
    let url = format!("http://{address}");
    let id = posted(&town, &address);
    let (code, said) = act(&town, &url, &town.worker, &["do", "vet-wish", &id, "sentence=想要一盏灯"]);
    assert!(code == Some(1) && said.contains("four-eyes"), "not by whoever posted it: {said}");
    let (code, said) = act(&town, &url, &town.second, &["do", "vet-wish", &id, "sentence="]);
    assert!(code == Some(1) && said.contains("sentence: What the public reads"), "{said}");
    let (code, said) = act(&town, &url, &town.second, &["do", "vet-wish", &id, "sentence=想要一盏灯"]);
    assert_eq!(code, Some(0), "{said}");
    let (code, said) = act(&town, &url, &town.worker, &["do", "withdraw-wish", &id, "reason=已经修好"]);
    assert_eq!(code, Some(0), "{said}");
    let shown = hourbook().args(["show", "wishes", "--json", "--server", &url]).output().unwrap();
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(
        shown.contains("想要一盏灯") && !shown.contains("已经修好"),
        "the public reads no reason: {shown}"
    );
    end(server);
    town.ledger.is_sound();
}

#[test]
fn whoever_has_a_key_does_by_the_command_what_others_do_by_forms() {
    let town = Town::with_members(1);
    let (server, address) = serve(&town.ledger.data(), &[("HOURBOOK_ACCEPT_CLOCK", "true")]);
    let url = format!("http://{address}");
    let does = |args: &[&str]| act(&town, &url, &town.worker, &[&["do"], args].concat());
    let (code, said) = does(&["public-name", "agreed=true"]);
    assert!(code == Some(0) && said.contains("on the log at position"), "{said}");
    let (code, said) = does(&["claim-wish", "wish=00000000-0000-0000-0000-000000000009"]);
    assert!(code == Some(1) && said.contains("unknown-wish"), "the rules decide: {said}");
    let (code, said) = does(&["fulfil-wish", "wish=00000000-0000-0000-0000-000000000009", "minutes=many"]);
    assert!(code == Some(1) && said.contains("minutes: Effort in minutes"), "{said}");
    let (code, said) = does(&["public-name", "name=x"]);
    assert!(code == Some(1) && said.contains("(bad-request: name)"), "{said}");
    let unit = format!("org={HOME}");
    let (code, said) = does(&["report-organisation-in", &unit, &format!("parent={HOME}"), "from=2030-01-01"]);
    assert!(code == Some(1) && said.contains("not-authorised"), "a worker does not: {said}");
    let (code, said) = does(&["report-organisation-in", &unit, &format!("parent={HOME}"), "from=soon"]);
    assert!(code == Some(1) && said.contains("from: The first day, as 2026-12-31"), "{said}");
    let (code, said) = does(&["nothing"]);
    assert!(code == Some(2) && said.contains("confirm-wish wish=… rating=…"), "{said}");
    end(server);
    town.ledger.is_sound();
}
