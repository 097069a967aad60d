//! Granting one-time codes: whoever may is told no more of other people's than chance would.

use hourbook_ledger::commitment::Field;
use hourbook_ledger::domain::event::{Body, SessionEvent};
use hourbook_ledger::envelope::Submission;
use hourbook_ledger::wire;
use hourbook_tests::server::{Answer, person};
use hourbook_tests::town::*;

/// The code that somebody was handed.
const SECRET: &str = "42819307";
/// Codes of one signer in an hour.
const AN_HOUR: usize = 60;

/// A grant to somebody, which would also do if it is never recorded.
fn grant(town: &Town, by: u8, to: u8, code: &str) -> Submission {
    let opening = opening(person(to).0, Field::Code, code);
    let until = town.server.now().plus_days(1);
    let body = Body::Session(SessionEvent::Granted { person: person(to), code: opening.commitment(), until });
    Submission { openings: vec![opening], ..town.by(by, body) }
}

/// What is always refused, for it repeats what was said: a batch with it leaves nothing.
fn never(town: &Town, by: u8) -> Submission {
    town.registration(by, person(BEN), GRID, "本杰明")
}

fn guess(town: &Town, by: u8, codes: &[String]) -> Vec<Submission> {
    let mut batch: Vec<_> = codes.iter().map(|code| grant(town, by, OLD, code)).collect();
    batch.push(never(town, by));
    batch
}

fn hands_in_as_protobuf(town: &Town, batch: &[Submission]) -> Answer {
    let kinds = [("content-type", "application/x-protobuf"), ("accept", "application/json")];
    town.server.send("POST", "/v1/events", &kinds, &wire::encode_submissions(batch))
}

/// Somebody else's code among the guesses, at the end.
fn guesses(from: u32) -> Vec<String> {
    (from..from + 12).map(|n| format!("{n:08}")).collect()
}

#[test]
fn whoever_tries_codes_out_in_batches_that_leave_no_trace_is_stopped_before_they_find_one() {
    let town = Town::start();
    town.hand_out(STEWARD, BEN, SECRET);
    let size = town.server.app.reader.head().size;
    for n in 0..AN_HOUR / 12 {
        let batch = guess(&town, WORKER, &guesses(10_000_000 + 12 * n as u32));
        let answer =
            if n % 2 == 0 { town.server.append(&batch) } else { hands_in_as_protobuf(&town, &batch) };
        assert!(answer.status == 409 && answer.json()["index"] == 12, "{}", answer.text());
    }
    let hit = guess(&town, WORKER, &[SECRET.to_owned()]);
    for answer in [town.server.append(&hit), hands_in_as_protobuf(&town, &hit)] {
        assert_eq!((answer.status, answer.code().as_str()), (429, "too-many-codes"));
        assert_eq!(answer.header("retry-after"), Some("3601"));
        assert!(answer.json()["index"].is_null() && !answer.text().contains("like it"), "{}", answer.text());
    }
    assert_eq!(
        town.server.append(&[grant(&town, WORKER, OLD, SECRET)]).code(),
        "too-many-codes",
        "by itself"
    );
    assert_eq!(town.server.app.reader.head().size, size, "all of this left nothing");
    town.hand_out(SECOND_WORKER, OLD, "55500012");
    town.server.pass(0, 61);
    town.hand_out(WORKER, OLD, "55500013");
}

#[test]
fn a_code_that_is_like_another_is_told_to_whoever_runs_the_server() {
    let town = Town::start();
    town.hand_out(STEWARD, BEN, SECRET);
    let count = || {
        let text = town.server.get("/metrics").text();
        let line = text.lines().find_map(|line| line.strip_prefix("hourbook_codes_alike_total "));
        line.unwrap().parse::<u64>().unwrap()
    };
    let before = count();
    assert_eq!(town.server.append(&guess(&town, WORKER, &[SECRET.to_owned()])).code(), "bad-opening");
    assert!(count() > before, "{before}");
}

#[test]
fn a_batch_grants_sixteen_codes_at_most() {
    let town = Town::start();
    let codes: Vec<String> = (0..17).map(|n| format!("{}", 30_000_000 + n)).collect();
    let refused = town.server.append(&guess(&town, WORKER, &codes));
    assert_eq!((refused.status, refused.code().as_str()), (400, "batch-size"));
    assert!(refused.text().contains("17 one-time codes, at most 16"), "{}", refused.text());
    assert_eq!(town.server.append(&guess(&town, WORKER, &codes[1..])).status, 409);
}

/// Nobody can use up what another may grant: it takes a good signature to be counted.
#[test]
fn what_a_stranger_signs_is_not_counted_for_whoever_they_name() {
    let town = Town::start();
    for n in 0..10 {
        let mut batch = guess(&town, WORKER, &guesses(20_000_000 + 12 * n));
        batch.iter_mut().for_each(|submission| submission.signed.signature = [0; 64]);
        assert_eq!(town.server.append(&batch).code(), "bad-signature");
    }
    town.hand_out(WORKER, OLD, "55500014");
}

#[test]
fn handing_in_a_grant_again_gives_its_receipt_however_many_were_granted() {
    let town = Town::start();
    let first = grant(&town, WORKER, OLD, "55500015");
    let answer = town.server.append(std::slice::from_ref(&first));
    assert_eq!(answer.status, 201);
    town.settle(&answer);
    for n in 1..AN_HOUR {
        town.hand_out(WORKER, OLD, &format!("{}", 66_600_000 + n));
    }
    assert_eq!(town.server.append(&[grant(&town, WORKER, OLD, "55500016")]).code(), "too-many-codes");
    let again = town.server.append(&[first]);
    assert_eq!((again.status, &again.json()["receipts"]), (200, &answer.json()["receipts"]));
}
