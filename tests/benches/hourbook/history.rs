//! What is asked of a long log beside replaying it: an audit, proofs, a quick start.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use hourbook_ledger::audit::{self, EngineSource};
use hourbook_ledger::clock::ManualClock;
use hourbook_ledger::envelope::Submission;
use hourbook_ledger::merkle::{inclusion_proof, verify_inclusion};
use hourbook_ledger::{engine::EngineError, wire};
use hourbook_projections::ReadSide;
use hourbook_tests::seeded::SeededRng;
use serde_json::json;

use crate::Size;
use crate::crowd::Crowd;
use crate::grow;
use crate::ingest::round3;
use crate::limits::Signatures;
use crate::report::{Figure, Rate, in_turns, median, rate, rounded};

/// Entries of the log that is audited: an audit takes as long for each.
const AUDITED: u64 = 100_000;

/// `audit`: every signature, rule and hash of a log, strictly and with batch verification.
pub(crate) fn audit(size: &Size) {
    let dir = crate::directory();
    let mut crowd = Crowd::new(size.keyed);
    let grown = grow::grow(dir.path(), &mut crowd, size.log.min(AUDITED), false);
    let (_log, reader) = grow::open_log(dir.path());
    let entries = reader.read(1, 16_384).expect("readable").into_iter();
    let signed: Vec<Submission> = entries
        .map(|(_, bytes)| wire::decode_entry(&bytes).expect("an entry").signed)
        .map(|signed| Submission { signed, openings: Vec::new() })
        .collect();
    let signatures = Signatures::of(&crowd.hands, signed.iter());
    let source = EngineSource(reader);
    let run = |quick: bool| {
        rate(grown.events as f64, || {
            let options = audit::Options { quick, ..audit::Options::default() };
            let report = audit::audit(&source, &options).expect("the log can be read");
            assert_eq!(report.findings.total(), 0, "{:?}", report.findings.sorted());
        })
    };
    type Limit<'a> = (&'static str, &'static str, bool, &'a dyn Fn() -> Rate);
    let limits: [Limit<'_>; 2] = [
        ("audit", "verify_strict, same keys and messages, all cores", false, &|| signatures.strict()),
        ("audit-quick", "verify_batch of 1,024, same, all cores", true, &|| signatures.batched()),
    ];
    for (name, limit, quick, measure) in limits {
        let turns = in_turns(size.turns.min(3), || run(quick), measure);
        Figure {
            name,
            value: turns.value,
            unit: "events/s",
            limit,
            limit_value: Some(turns.limit),
            budget: "at least 0.8 of the limit",
            holds: Some(turns.ratio >= 0.8),
            with: json!({"ratio": round3(turns.ratio), "cpu_us": turns.cpu_us.map(rounded),
                "size": grown.events}),
        }
        .print();
    }
}

/// `proof`: inclusion proofs of random entries under the newest head.
pub(crate) fn proof(size: &Size) {
    let dir = crate::directory();
    let mut crowd = Crowd::new(size.keyed.min(1_000));
    let grown = grow::grow(dir.path(), &mut crowd, size.log, false);
    let (_log, reader) = grow::open_log(dir.path());
    let head = reader.head();
    let mut dice = SeededRng::new(1, "proofs");
    let read = |level, index| Ok::<_, EngineError>(reader.node(level, index)?.expect("below the head"));
    let (mut made, mut checked) = (Vec::new(), Vec::new());
    for _ in 0..size.lone {
        let index = dice.below(grown.events);
        let begin = Instant::now();
        let path = inclusion_proof(index, head.size, read).expect("the nodes are there");
        made.push(begin.elapsed().as_secs_f64() * 1e6);
        let leaf = reader.leaf_hashes(index..index + 1).expect("readable").expect("published")[0];
        let begin = Instant::now();
        verify_inclusion(&leaf, index, head.size, &path, &head.root).expect("a good proof");
        checked.push(begin.elapsed().as_secs_f64() * 1e6);
    }
    Figure {
        name: "proof",
        value: median(&made),
        unit: "us",
        limit: "verifying the same proof: its hashes and nothing else",
        limit_value: Some(median(&checked)),
        budget: "none",
        holds: None,
        with: json!({"size": grown.events, "proofs": made.len()}),
    }
    .print();
}

/// `start`: opening a ledger whose last close left a snapshot, and once without one.
pub(crate) fn start(size: &Size) {
    let dir = crate::directory();
    let mut crowd = Crowd::new(size.keyed);
    let grown = grow::grow(dir.path(), &mut crowd, size.log, false);
    let clock = Arc::new(ManualClock::at(crowd.now));
    let open = || {
        let (read, begin) = (ReadSide::new(), Instant::now());
        let node = grow::open(dir.path(), &clock, &read);
        let seconds = begin.elapsed().as_secs_f64();
        assert!(read.as_of() >= grown.events, "all of it is in the answers");
        node.close();
        seconds
    };
    let from_the_beginning = open();
    let starts: Vec<f64> = (0..size.turns.min(3)).map(|_| open()).collect();
    let begin = Instant::now();
    let snapshots = bytes_below(&dir.path().join("log/snapshots"));
    Figure {
        name: "start",
        value: median(&starts),
        unit: "s",
        limit: "reading the snapshots' files",
        limit_value: Some(begin.elapsed().as_secs_f64()),
        budget: "below 3 s at 25M events",
        holds: Some(median(&starts) < 3.0),
        with: json!({"size": grown.events, "snapshot_bytes": snapshots,
            "from_the_beginning": round3(from_the_beginning)}),
    }
    .print();
}

/// Reads all files of a directory.
fn bytes_below(dir: &Path) -> u64 {
    let files = std::fs::read_dir(dir).into_iter().flatten().flatten();
    files.filter_map(|file| std::fs::read(file.path()).ok()).map(|bytes| bytes.len() as u64).sum()
}
