//! Looks at others: whatever an answer says of somebody else beyond what everybody may see, it leaves a trace; and what
//! others did to somebody is told.

use hourbook_ledger::domain::event::{
    AccessEvent, AccessPurpose, Body, Event, HoursEvent, ListEvent, Looked, Role, Scope,
};
use std::collections::BTreeSet;

use hourbook_ledger::domain::ids::PersonId;
use hourbook_ledger::domain::time::{Offset, Period};
use hourbook_projections::canonical::Canonical as _;
use hourbook_tests::server::{ORIGIN, person};
use hourbook_tests::town::*;
use hourbook_tests::village::under_seal;
use serde_json::json;

/// A town with hours of many, a wish, a published list of the unit, and Ben, who agreed to be named.
fn lived_in() -> Town {
    let town = Town::start();
    town.crowd();
    let activity = town.activity(WORKER, 140, GRID);
    let mut rows = vec![(ANN, interval(0, 420, 60)), (BEN, interval(0, 420, 30))];
    rows.extend(CROWD.map(|seed| (seed, interval(0, 420, 10))));
    let recorded = Town::event_of(&town.must(WORKER, town.hours(COMMUNITY, activity, &rows), vec![]));
    town.must(SECOND_WORKER, Body::all_confirmed(recorded), vec![]);
    town.must(BEN, Body::public_name(person(BEN), true), vec![]);
    let wish = town.wish(WORKER, 151, OLD);
    town.vet(SECOND_WORKER, wish);
    town.server.pass(45, 0);
    let [_, quarter, _] = Period::all_of(today());
    let (cutoff, policy, digest) = {
        let models = town.server.app.read.read();
        let draft = models.draft(UNIT, quarter, models.as_of() - 1).expect("a policy holds");
        (draft.cutoff, draft.policy, draft.digest())
    };
    let body = Body::List(ListEvent::Published { scope: UNIT, period: quarter, cutoff, policy, digest });
    town.must(STEWARD, body, vec![]);
    town
}

/// Whom looks of a viewer at this moment concern.
fn looked_at(town: &Town, viewer: u8) -> BTreeSet<PersonId> {
    let models = town.server.app.read.read();
    let people: Vec<PersonId> =
        models.directory.register().people.iter().map(|(person, _)| *person).collect();
    let by_viewer = |who: &PersonId| models.directory.looks().at(*who).any(|l| l.by == person(viewer));
    people.into_iter().filter(by_viewer).collect()
}

/// Every path that shows something of persons, for API and pages.
fn paths() -> Vec<String> {
    let [_, quarter, _] = Period::all_of(today());
    let orgs = [CITY, COMMUNITY, GRID, UNIT];
    let wish = uuid::Uuid::from_bytes([151; 16]);
    let mut paths: Vec<String> =
        ["/", "/activities", "/leaderboard?period=all", "/me", "/me/access", "/v1/me/looks"]
            .into_iter()
            .chain([
                "/v1/me/deeds",
                "/v1/wishes",
                "/wishes?status=all",
                "/v1/leaderboards/ledger",
                "/v1/orgs",
            ])
            .map(str::to_owned)
            .collect();
    for org in orgs {
        paths.push(format!("/v1/leaderboards/{org}"));
        paths.push(format!("/leaderboard?scope={org}&period=all"));
        paths.push(format!("/v1/lists/{org}/{quarter}"));
        paths.push(format!("/lists?scope={org}&period={quarter}"));
        paths.push(format!("/v1/orgs/{org}"));
    }
    for seed in [ANN, BEN, OLD] {
        let member = format!("/v1/members/{}", person(seed));
        paths.extend([format!("{member}/records"), format!("{member}/balance"), member]);
        paths.push(format!("/members/{}", person(seed)));
    }
    paths.extend([format!("/v1/wishes/{wish}"), format!("/wishes/{wish}")]);
    paths
}

/// A name as far as a fellow member sees it.
fn masked(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let middle = "*".repeat(chars.len() - 2);
    format!("{}{middle}{}", chars[0], chars[chars.len() - 1])
}

#[test]
fn whoever_is_shown_beyond_what_is_public_finds_a_trace_of_it() {
    let mut found = 0;
    for viewer in [STEWARD, WORKER, OFFICER, SECRETARY, AUDITOR, ANN, BEN, FAR, FAR_WORKER] {
        let town = lived_in();
        let token = town.server.sign_in(viewer);
        for path in paths() {
            let answer = town.server.get_as(&token, &path);
            let text = answer.text();
            let traced = looked_at(&town, viewer);
            // Whoever acts in office is named beside what was done; Ben agreed to be named.
            let others = [ANN, OLD].into_iter().chain(CROWD).filter(|seed| *seed != viewer);
            for seed in others {
                let shown = [name_of(seed), masked(&name_of(seed)), person(seed).to_string()];
                // The address of the page names the person too.
                let text = text.replace(&path, "");
                if answer.status == 200 && shown.iter().any(|shown| text.contains(shown.as_str())) {
                    assert!(
                        traced.contains(&person(seed)),
                        "{viewer} saw {seed} at {path} and left no trace"
                    );
                    found += 1;
                }
            }
        }
    }
    println!("{found} answers showed somebody else, each with a trace");
    assert!(found > 60, "{found}");
}

#[test]
fn what_is_public_leaves_no_trace_and_a_look_is_recorded_once_a_day() {
    let town = lived_in();
    let size = || town.server.app.reader.head().size;
    let before = size();
    for path in paths() {
        let _ = town.server.get(&path);
    }
    let far = town.server.sign_in(FAR);
    let board = format!("/v1/leaderboards/{COMMUNITY}");
    assert_eq!(town.server.get_as(&far, &board).status, 200);
    assert_eq!(size(), before, "neither the public nor a stranger sees more than is public");

    let worker = town.server.sign_in(WORKER);
    for _ in 0..3 {
        assert_eq!(town.server.get_as(&worker, &board).status, 200);
        assert_eq!(town.server.get_as(&worker, &format!("{board}?period=2026")).status, 200);
    }
    assert_eq!(size(), before + 1, "all members of the board in one event, whatever the period");
    let models = town.server.app.read.read();
    let look = models.directory.looks().at(person(ANN)).next_back().unwrap();
    assert_eq!((look.by, look.role), (person(WORKER), Some(Role::Worker)));
    assert_eq!(look.what, Looked::Board(Scope::Org(COMMUNITY)));
    assert_eq!(models.directory.looks().count_at(person(BEN)), 1, "his id is shown to staff");
    drop(models);

    town.server.pass(1, 0);
    let worker = town.server.sign_in(WORKER);
    assert_eq!(town.server.get_as(&worker, &board).status, 200);
    assert_eq!(size(), before + 2, "another day");
    let ann = town.server.sign_in(ANN);
    let told = town.server.get_as(&ann, "/v1/me/looks?limit=1").json();
    assert_eq!(
        told["kinds"],
        json!([{ "role": "worker", "purpose": "service", "times": 2, "last": told["kinds"][0]["last"] }])
    );
    assert_eq!((&told["looks"][0]["what"], &told["looks"][0]["by"]), (&json!("board"), &json!("孙社工")));
    let rest = town.server.get_as(&ann, &format!("/v1/me/looks?limit=1&before={}", told["next"])).json();
    assert!(
        rest["looks"][0]["position"].as_u64() < told["looks"][0]["position"].as_u64()
            && rest["next"].is_null()
    );
}

#[test]
fn a_sealed_look_is_told_to_whom_it_concerns_when_it_is_opened_with_its_day() {
    let town = lived_in();
    let ledger = town.server.ledger();
    let told = |seed| {
        let token = town.server.sign_in(seed);
        let read = |path| town.server.get_as(&token, path);
        (read("/v1/me/looks").json(), read("/me/access").text())
    };
    let today = town.server.now().date(Offset(480));
    let look = AccessEvent::RecordAccessed {
        by: person(AUDITOR),
        role: Some(Role::Auditor),
        purpose: AccessPurpose::Audit,
        what: Looked::Record,
        persons: vec![person(ANN), person(BEN)],
    };
    let id = town.id();
    let [sealed, opening] = under_seal(ORIGIN, id, [7; 32], today.plus(9), Body::Access(look));
    let record = |id, body| {
        let position = town
            .server
            .record(&[sign(&ledger, &Event::plain(id, ORIGIN, ledger.person, town.server.now(), body))]);
        town.settle_at(position);
        position
    };
    record(id, sealed);
    let (looks, page) = told(ANN);
    assert_eq!(looks["looks"], json!([]), "nobody is told of it");
    assert!(page.contains("还没有别人看过"));

    town.server.pass(2, 0);
    let opened = record(town.id(), opening);
    for seed in [ANN, BEN] {
        let (looks, page) = told(seed);
        let look = &looks["looks"][0];
        assert_eq!(
            (&look["what"], &look["role"], &look["purpose"]),
            (&json!("record"), &json!("auditor"), &json!("audit"))
        );
        assert!(
            look["at"].as_str().unwrap().starts_with(&today.to_string()),
            "the day on which it was looked"
        );
        assert_eq!((&look["position"], looks["kinds"][0]["times"].as_u64()), (&json!(opened), Some(1)));
        assert!(page.contains("查看次数：1") && page.contains("审计"));
    }
    assert_eq!(told(FAR).0["looks"], json!([]));
}

#[test]
fn an_auditor_who_reads_entries_is_told_of_to_everybody_once_a_day() {
    let town = lived_in();
    let auditor = town.server.sign_in(AUDITOR);
    let before = town.server.app.reader.head().size;
    for path in ["/v1/events/3", "/tile/entries/000.p/20", "/v1/events/4"] {
        assert_eq!(town.server.get_as(&auditor, path).status, 200, "{path}");
    }
    assert_eq!(town.server.app.reader.head().size, before + 1);
    let ben = town.server.sign_in(BEN);
    assert_eq!(town.server.get_as(&ben, "/v1/me/looks").json()["entries_read"], 1);
    assert_eq!(town.server.get_as(&ben, "/v1/events/3").code(), "not-for-you");
    assert_eq!(town.server.app.reader.head().size, before + 1, "who was refused saw nothing");
}

#[test]
fn a_person_is_told_what_others_did_to_keys_roles_sessions_and_rows() {
    let town = lived_in();
    let activity = town.activity(WORKER, 141, GRID);
    let rows = [(BEN, interval(0, 600, 30))];
    let recorded = Town::event_of(&town.must(WORKER, town.hours(COMMUNITY, activity, &rows), vec![]));
    let reason = opening(recorded.0, hourbook_ledger::commitment::Field::Reason, "抄错了");
    let corrected = Body::Hours(HoursEvent::Corrected {
        recorded,
        row: 0,
        replacement: None,
        reason: reason.commitment(),
    });
    town.must(SECOND_WORKER, corrected, vec![reason]);
    let role = Body::appointed(person(BEN), Role::Lead, TEAM, vec![]);
    town.must(STEWARD, role, vec![]);
    let ben = town.server.sign_in(BEN);
    let deeds = |query: &str| town.server.get_as(&ben, &format!("/v1/me/deeds{query}")).json();
    let all = deeds("");
    let kinds: Vec<_> =
        all["deeds"].as_array().unwrap().iter().map(|d| d["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds[..2], ["role-granted", "hours-corrected"]);
    assert_eq!((&all["deeds"][0]["by"], &all["deeds"][0]["role"]), (&json!("钱市长"), &json!("lead")));
    assert_eq!(all["deeds"][0]["org"]["name"], "先锋队");
    assert_eq!(all["deeds"][1]["by"], "李社工", "the second worker");
    assert!(!kinds.contains(&"consent-given"), "what Ben did himself is no deed of others");
    let first = deeds("?limit=1");
    let second = deeds(&format!("?limit=1&before={}", first["next"]));
    assert_eq!((&first["deeds"][0], &second["deeds"][0]), (&all["deeds"][0], &all["deeds"][1]));
}

#[test]
fn figures_of_few_are_for_whoever_has_a_role_there() {
    let town = Town::start();
    let activity = town.activity(WORKER, 140, GRID);
    let rows = [(ANN, interval(0, 420, 60)), (BEN, interval(0, 420, 30))];
    let recorded = Town::event_of(&town.must(WORKER, town.hours(COMMUNITY, activity, &rows), vec![]));
    town.must(SECOND_WORKER, Body::all_confirmed(recorded), vec![]);
    let board = format!("/v1/leaderboards/{GRID}");
    let public = town.server.get(&board).json();
    assert_eq!(public["withheld"], true);
    assert!(
        public["minutes"].is_null() && public["persons"].is_null() && public["lines"] == json!([]),
        "{public}"
    );
    let org = town.server.get(&format!("/v1/orgs/{GRID}")).json();
    assert!(org["withheld"] == true && org["minutes"].is_null() && org["shares"].is_null(), "{org}");
    let ben = town.server.sign_in(BEN);
    let own = town.server.get_as(&ben, &board).json();
    assert_eq!(
        (&own["own"]["minutes"], &own["own"]["rank"]),
        (&json!(30), &json!(null)),
        "one's own minutes"
    );
    let worker = town.server.sign_in(WORKER);
    let seen = town.server.get_as(&worker, &board).json();
    assert_eq!(
        (&seen["minutes"], &seen["persons"], &seen["withheld"]),
        (&json!(90), &json!(2), &json!(false))
    );
    let home = town.server.get("/").text();
    assert!(home.contains("少于5人"), "the front page says why figures are missing");
    let ranking = town.server.get("/leaderboard?period=all").text();
    assert!(ranking.contains("少于5人") && !ranking.contains("＊＊＊"), "{ranking}");
}
