//! Logs that were written under older rules, kept as they were: whatever this build has learnt since, it must derive from
//! them what was derived then.
//!
//! `golden/rules-*.log.zst` are entries, each with its length in two bytes before it; `golden/rules-*.txt` the digests of the rule
//! state after some of them. `HOURBOOK_WRITE_GOLDEN=1` makes those that are missing; one that is there is never replaced.
#![allow(clippy::unwrap_used, reason = "all of it is a test")]

use hourbook_ledger::domain::event::{Body, LedgerEvent};
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use hourbook_ledger::domain::{self, Context, State};
use hourbook_ledger::wire;
use hourbook_tests::run::{Disturbance, Run};
use hourbook_tests::village::Setting;

fn golden(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("golden").join(name)
}

fn entries(name: &str) -> Vec<Vec<u8>> {
    let packed = fs::read(golden(&format!("{name}.log.zst"))).unwrap();
    let mut rest = &zstd::decode_all(&packed[..]).unwrap()[..];
    let mut entries = Vec::new();
    while let Some((length, after)) = rest.split_first_chunk::<2>() {
        let (entry, after) = after.split_at(usize::from(u16::from_be_bytes(*length)));
        entries.push(entry.to_vec());
        rest = after;
    }
    entries
}

/// The digests after every so many entries and at the end, and the version of the rules then; on the way every digest
/// that the ledger itself put on the log must be reproduced.
fn replay(entries: &[Vec<u8>]) -> String {
    let (mut state, mut text, mut reproduced) = (State::default(), String::new(), 0);
    for (position, bytes) in (0..).zip(entries) {
        let entry = wire::decode_entry(bytes).unwrap();
        let event = wire::decode_event(&entry.signed.payload).unwrap();
        if let Body::Ledger(LedgerEvent::StateDigest { position: after, rules, digest }) = event.body {
            assert_eq!((after + 1, rules), (position, state.rules.version()));
            assert_eq!(digest, state.digest(), "what the ledger said after entry {after}");
            reproduced += 1;
        }
        let cx = Context { position, recorded_at: entry.recorded_at, signer: entry.signed.key_id };
        domain::evolve(&mut state, &cx, &event);
        if position % 100 == 99 || position as usize == entries.len() - 1 {
            writeln!(text, "{position} {} {}", state.rules.version(), hex::encode(state.digest())).unwrap();
        }
    }
    assert!(reproduced >= 3, "{reproduced}");
    text
}

/// What a village does under the first rules, and then perhaps under later ones.
fn write(name: &str, seed: u64, later: Option<u32>) {
    if golden(&format!("{name}.log.zst")).exists() {
        return;
    }
    let mut run = Run::new(Setting { rules: 1, ..Setting::digested(seed) }, Disturbance::None);
    run.act(seed, 120, 120);
    if let Some(version) = later {
        run.village.adopt_rules(version);
        run.act(seed + 1, 120, 120);
    }
    let read = run.village.ledger().reader.read(0, usize::MAX >> 1).unwrap();
    let entries: Vec<Vec<u8>> = read.into_iter().map(|(_, bytes)| bytes.to_vec()).collect();
    let framed: Vec<u8> =
        entries.iter().flat_map(|e| [&(e.len() as u16).to_be_bytes()[..], e].concat()).collect();
    fs::create_dir_all(golden("")).unwrap();
    fs::write(golden(&format!("{name}.log.zst")), zstd::encode_all(&framed[..], 19).unwrap()).unwrap();
    fs::write(golden(&format!("{name}.txt")), replay(&entries)).unwrap();
}

fn check(name: &str, seed: u64, later: Option<u32>) -> String {
    if std::env::var_os("HOURBOOK_WRITE_GOLDEN").is_some() {
        write(name, seed, later);
    }
    let expected = fs::read_to_string(golden(&format!("{name}.txt"))).unwrap();
    assert_eq!(replay(&entries(name)), expected, "{name}");
    expected
}

#[test]
fn a_ledger_of_the_first_rules_is_derived_as_ever() {
    let digests = check("rules-1", 31, None);
    assert!(digests.lines().count() >= 3 && digests.lines().all(|line| line.contains(" 1 ")), "{digests}");
}

/// The second version is planted: it proves that a log goes from one to the next.
#[cfg(feature = "planted-bugs")]
#[test]
fn a_ledger_that_went_from_the_first_to_the_second_rules_is_derived_as_ever() {
    let digests = check("rules-1-to-2", 41, Some(2));
    let by = |version| digests.lines().filter(|line| line.contains(version)).count();
    assert!(by(" 1 ") >= 2 && by(" 2 ") >= 2, "{digests}");
}
