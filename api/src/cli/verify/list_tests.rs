//! A list that its publisher made up is named; those that were drawn up from the log are not.

use hourbook_ledger::domain::event::{ActEvent, Body, ListEvent};
use std::path::Path;
use std::sync::Arc;

use clap::Parser as _;
use hourbook_ledger::actor::Actor;
use hourbook_ledger::audit::Kind;
use hourbook_ledger::clock::ManualClock;
use hourbook_ledger::domain::ids::{KeyId, PublicKey};
use hourbook_ledger::domain::time::{Date, Millis, Offset};
use hourbook_ledger::envelope::Submission;
use hourbook_ledger::keys::signing_key_from_pem;
use hourbook_ledger::ledger::{self, LedgerOptions};
use hourbook_projections::ReadSide;

use super::super::args::{Cli, Command};
use super::*;
use crate::demo;

fn town() -> tempfile::TempDir {
    let (data, sheets) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let options = demo::Options {
        seed: 7,
        people: demo::LEAST,
        weeks: 14,
        until: "2026-11-21".parse().unwrap(),
        data: data.path(),
        sheets: sheets.path(),
        watch: &ManualClock::at(Millis(0)),
        progress: &|_| {},
    };
    demo::build(&options).unwrap();
    data
}

/// The steward publishes the town's last list once more, with a digest that is not its own, and the other one stands for it.
fn publish_a_lie(dir: &Path) {
    let read = ReadSide::new();
    let evening = "2026-11-21".parse::<Date>().unwrap().start(Offset(480)).0 + 22 * 60;
    let now = Millis(evening * 60_000);
    let clock = Arc::new(ManualClock::at(now));
    let options = LedgerOptions::new(clock, system_rng(), system_rng());
    let node = ledger::open(dir, options, || Box::new(read.clone())).unwrap();
    let honest = *read.read().lists.published().last().unwrap();
    let holder = |name: &str| {
        let pem = std::fs::read_to_string(dir.join(demo::KEYS).join(name)).unwrap();
        let key = signing_key_from_pem(&pem).unwrap();
        let id = KeyId::of(&PublicKey(key.verifying_key().to_bytes()));
        let person = read.read().directory.register().keys.get(id).unwrap().person;
        Actor::new(person, demo::ORIGIN, key)
    };
    let (steward, second) = (holder("steward.pem"), holder("second-steward.pem"));
    let (scope, period, policy) = (honest.scope, honest.period, honest.policy);
    let body =
        Body::List(ListEvent::Published { scope, period, cutoff: honest.cutoff, policy, digest: [7; 32] });
    let lie = steward.event(now, &mut *system_rng(), body);
    let approved = second.assert(now, &mut *system_rng(), Body::Act(ActEvent::Approved { act: lie.id }));
    let both = [steward.sign(&lie), approved].map(|signed| Submission { signed, openings: Vec::new() });
    node.handle.submit_waiting(both.to_vec()).wait().unwrap();
    node.close();
}

fn report(dir: &Path) -> Report {
    let place = dir.to_str().unwrap();
    let line = ["hourbook", "verify", place];
    let Command::Verify(args) = Cli::try_parse_from(line).unwrap().command else {
        panic!("another command");
    };
    let Ok(place) = open(&args, place).unwrap_or_else(|_| panic!("it opens")) else {
        panic!("it is refused");
    };
    let report = audit(&args, &place, Vec::new(), None, None).unwrap_or_else(|_| panic!("it is audited"));
    place.close();
    report
}

#[test]
fn a_list_that_is_not_what_the_log_gives_is_named() {
    let dir = town();
    let honest = report(dir.path());
    assert_eq!(honest.findings.total(), 0, "{:?}", honest.findings.sorted());
    assert_eq!(honest.counts.lists, 14, "one for each community and one for the town");
    publish_a_lie(dir.path());
    let told = report(dir.path());
    let found: Vec<_> = told.findings.sorted().iter().map(|f| (f.position, f.kind)).collect();
    assert_eq!(found, [(Some(told.size - 1), Kind::ListDiffers)]);
    assert_eq!(told.counts.lists, 15);
}
