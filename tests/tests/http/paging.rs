//! Pages by a cursor: what is recorded in between repeats no row, and leaves out none that was there.

use hourbook_ledger::domain::event::Body;
use hourbook_tests::server::person;
use hourbook_tests::town::*;
use serde_json::Value;

/// Records and confirms service; a position that reads can rest on.
fn serve(town: &Town, rows: &[(u8, hourbook_ledger::domain::time::Interval)]) -> u64 {
    let activity = hourbook_ledger::domain::ids::ActivityId([140; 16]);
    let recorded = Town::event_of(&town.must(WORKER, town.hours(COMMUNITY, activity, rows), vec![]));
    town.must(SECOND_WORKER, Body::all_confirmed(recorded), vec![]).position()
}

/// Reads a list to its end, a row a page, with something recorded before each further page.
fn leaf_through(
    town: &Town,
    token: &str,
    path: &str,
    (rows, cursor): (&str, &str),
    mut between: impl FnMut(&Town) -> u64,
    mut at: u64,
) -> Vec<Value> {
    let mut all = Vec::new();
    let mut next = String::new();
    loop {
        let page = town.server.get_as(token, &format!("{path}?limit=1&min_position={at}{next}"));
        assert_eq!(page.status, 200, "{}", page.text());
        let page = page.json();
        all.extend(page[rows].as_array().expect("as described").iter().cloned());
        next = match &page["next"] {
            Value::Null => return all,
            Value::String(text) => format!("&{cursor}={text}"),
            number => format!("&{cursor}={number}"),
        };
        at = between(town);
        assert!(all.len() < 50, "it has no end");
    }
}

#[test]
fn what_is_recorded_in_between_moves_no_row_to_another_page() {
    let town = Town::start();
    let _ = town.activity(WORKER, 140, GRID);
    let mut at = 0;
    for hour in 0..4 {
        at = serve(&town, &[(ANN, interval(0, 60 + 20 * hour, 10))]);
    }
    let token = town.server.sign_in(ANN);
    let mut hour = 0;
    let mut more = |town: &Town| {
        hour += 1;
        serve(town, &[(ANN, interval(0, 200 + 20 * hour, 10))])
    };
    let records = format!("/v1/members/{}/records", person(ANN));
    let rows = leaf_through(&town, &token, &records, ("rows", "before"), &mut more, at);
    let starts: Vec<&str> = rows.iter().map(|row| row["start"].as_str().expect("as described")).collect();
    assert_eq!(starts.len(), 4, "those that were there at the beginning, each once: {starts:?}");
    assert!(starts.is_sorted_by(|a, b| a > b), "{starts:?}");

    let balance = format!("/v1/members/{}/balance", person(ANN));
    let before = town.server.get_as(&token, &format!("{balance}?limit=200")).json();
    let known: Vec<u64> = positions(before["postings"].as_array().expect("as described"));
    let at = before["as_of_position"].as_u64().expect("as described") - 1;
    let postings = leaf_through(&town, &token, &balance, ("postings", "before"), &mut more, at);
    assert_eq!(positions(&postings), known);
    assert!(known.len() >= 4);
}

fn positions(postings: &[Value]) -> Vec<u64> {
    postings.iter().map(|posting| posting["position"].as_u64().expect("as described")).collect()
}

#[test]
fn a_board_repeats_no_line_when_somebody_climbs() {
    let town = Town::start();
    let _ = town.activity(WORKER, 140, GRID);
    let served = [(ANN, 240), (BEN, 180), (OLD, 120), (OFFICER, 60)];
    let rows = served.map(|(who, minutes)| (who, interval(0, 60, minutes)));
    let at = serve(&town, &rows);
    let token = town.server.sign_in(AUDITOR);
    let mut hour = 0;
    // The last but one climbs to the top while the board is read.
    let climb = |town: &Town| {
        hour += 1;
        serve(town, &[(SECRETARY, interval(0, 101 * hour, 100))])
    };
    let lines = leaf_through(&town, &token, "/v1/leaderboards/ledger", ("lines", "after"), climb, at);
    let minutes: Vec<u64> =
        lines.iter().map(|line| line["minutes"].as_u64().expect("as described")).collect();
    assert_eq!(minutes, [240, 180, 120, 60], "each once, though another stands above them all by now");
    for bad in ["1", "AAAA", ""] {
        let answer = town.server.get(&format!("/v1/leaderboards/ledger?after={bad}"));
        assert_eq!((answer.status, answer.code().as_str()), (400, "bad-request"));
    }
}
