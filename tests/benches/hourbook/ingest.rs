//! Events a second through the sequencer until they are durable, in the tree and in the read models; rows a second in
//! large events; the latency of a lone append.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hourbook_ledger::clock::ManualClock;
use hourbook_ledger::domain::time::Millis;
use hourbook_ledger::envelope::Submission;
use hourbook_ledger::ledger::Ledger;
use hourbook_ledger::sequencer::Handle;
use hourbook_projections::ReadSide;
use serde_json::json;
use tempfile::TempDir;

use crate::Size;
use crate::crowd::{Crowd, Draft, sign};
use crate::grow;
use crate::limits::{Signatures, fdatasync};
use crate::report::{Figure, Rate, cores, in_turns, percentile, rate, rounded};

/// Events that a client who does not wait for each answer has on the way.
const ON_THE_WAY: usize = 4_096;
/// Signatures of one measurement of the limit.
const SAMPLE: usize = 16_384;

/// A settled city with an open ledger.
pub(crate) struct Bench {
    /// Its directory.
    pub(crate) dir: TempDir,
    /// Who acts.
    pub(crate) crowd: Crowd,
    /// Read models.
    pub(crate) read: ReadSide,
    clock: Arc<ManualClock>,
    node: Option<Ledger>,
}

impl Bench {
    /// With so many members who have keys.
    ///
    /// # Panics
    /// If the city cannot be settled.
    #[must_use]
    pub(crate) fn new(keyed: usize) -> Self {
        let dir = crate::directory();
        let mut crowd = Crowd::new(keyed);
        grow::grow(dir.path(), &mut crowd, 0, true);
        let clock = Arc::new(ManualClock::at(crowd.now));
        let read = ReadSide::new();
        let node = Some(grow::open(dir.path(), &clock, &read));
        Self { dir, crowd, read, clock, node }
    }

    /// The way in.
    ///
    /// # Panics
    /// After [`Bench::close`].
    #[must_use]
    pub(crate) fn handle(&self) -> &Handle {
        &self.node.as_ref().expect("open").handle
    }

    /// Closes the ledger; the files stay.
    pub(crate) fn close(&mut self) -> Millis {
        if let Some(node) = self.node.take() {
            node.close();
        }
        self.crowd.now
    }

    /// Opens the ledger again, with new read models.
    pub(crate) fn reopen(&mut self) {
        self.read = ReadSide::new();
        self.node = Some(grow::open(self.dir.path(), &self.clock, &self.read));
    }

    /// Signed visits for so many clients, each with the visits of its own communities, about so many events in all.
    #[must_use]
    pub(crate) fn visits(&mut self, clients: usize, events: usize) -> Vec<Vec<Submission>> {
        let clients = clients.min(self.crowd.communities());
        let mut drafts: Vec<Vec<Draft>> = (0..clients).map(|_| Vec::new()).collect();
        let mut count = 0;
        for community in 0.. {
            if count >= events {
                break;
            }
            let visit = self.crowd.visit(community);
            count += visit.len();
            drafts[community % self.crowd.communities() % clients].extend(visit);
        }
        self.clock.set(self.crowd.now);
        drafts.into_iter().map(|drafts| sign(&self.crowd.hands, drafts, cores())).collect()
    }

    /// Hands everything in and waits until it is in the read models.
    ///
    /// # Panics
    /// If anything is refused.
    pub(crate) fn ingest(&self, clients: Vec<Vec<Submission>>, batch: usize) -> Rate {
        let count: usize = clients.iter().map(Vec::len).sum();
        let target = self.read.as_of() + count as u64;
        let window = if clients.len() == 1 { (ON_THE_WAY / batch).clamp(4, 1_000) } else { 1 };
        rate(count as f64, || {
            std::thread::scope(|scope| {
                for submissions in clients {
                    scope.spawn(move || hand_in(self.handle(), submissions, batch, window));
                }
            });
            while self.read.as_of() < target {
                std::thread::sleep(Duration::from_micros(50));
            }
        })
    }

    /// A sample of signatures like those that are handed in.
    #[must_use]
    pub(crate) fn signatures(&self, submissions: &[Vec<Submission>]) -> Signatures {
        Signatures::of(&self.crowd.hands, submissions.iter().flatten().take(SAMPLE))
    }
}

fn hand_in(handle: &Handle, submissions: Vec<Submission>, batch: usize, window: usize) {
    let mut pending = VecDeque::new();
    let mut submissions = submissions.into_iter();
    loop {
        let some: Vec<_> = submissions.by_ref().take(batch).collect();
        if some.is_empty() {
            break;
        }
        pending.push_back(handle.submit_waiting(some));
        if pending.len() >= window {
            pending.pop_front().map(|p| p.wait().expect("accepted"));
        }
    }
    pending.into_iter().for_each(|p| drop(p.wait().expect("accepted")));
}

/// `ingest`: in process, by clients and batch.
pub(crate) fn figures(size: &Size) {
    let mut bench = Bench::new(size.keyed);
    for (clients, batch) in [(1, 64), (1, 1), (1, 16), (1, 1_024), (16, 64), (64, 1), (64, 16)] {
        let sets: Vec<_> = (0..size.turns).map(|_| bench.visits(clients, size.events)).collect();
        let signatures = bench.signatures(&sets[0]);
        let mut sets = sets.into_iter();
        let turns = in_turns(
            size.turns,
            || bench.ingest(sets.next().expect("one for each turn"), batch),
            || signatures.strict(),
        );
        Figure {
            name: "ingest",
            value: turns.value,
            unit: "events/s",
            limit: "verify_strict, same keys and messages, all cores",
            limit_value: Some(turns.limit),
            budget: "at least 0.8 of the limit",
            holds: Some(turns.ratio >= 0.8),
            with: json!({"ratio": round3(turns.ratio), "cpu_us": turns.cpu_us.map(rounded), "clients": clients, "batch": batch,
                "keys": bench.crowd.key_count(), "turns": size.turns, "events_a_turn": size.events}),
        }
        .print();
    }
    bench.close();
}

/// `rows`: events of 256 rows and their confirmations.
pub(crate) fn rows(size: &Size) {
    let mut bench = Bench::new(size.keyed);
    let sheets = (size.events / 40).max(2);
    let mut sets: Vec<(usize, Vec<Vec<Submission>>)> = Vec::new();
    for _ in 0..size.turns {
        let drafts: Vec<Draft> = (0..sheets).flat_map(|community| bench.crowd.sheet(community)).collect();
        bench.clock.set(bench.crowd.now);
        sets.push((sheets * 256, vec![sign(&bench.crowd.hands, drafts, cores())]));
    }
    let signatures = bench.signatures(&sets[0].1);
    let per_event = 256.0 / 3.0;
    let mut sets = sets.into_iter();
    let turns = in_turns(
        size.turns,
        || {
            let (rows, set) = sets.next().expect("one for each turn");
            let events = set[0].len() as f64;
            let rate = bench.ingest(set, 64);
            let (rows, cpu_us) = (rows as f64 / events, rate.cpu_us);
            Rate { a_second: rate.a_second * rows, cpu_us: cpu_us / rows }
        },
        || {
            let rate = signatures.strict();
            Rate { a_second: rate.a_second * per_event, cpu_us: rate.cpu_us / per_event }
        },
    );
    Figure {
        name: "rows",
        value: turns.value,
        unit: "rows/s",
        limit: "verify_strict of the same events, in rows",
        limit_value: Some(turns.limit),
        budget: "at least 1,000,000 rows/s recorded and confirmed",
        holds: Some(turns.value >= 1e6),
        with: json!({"ratio": round3(turns.ratio), "cpu_us": turns.cpu_us.map(rounded), "rows_an_event": 256, "turns": size.turns}),
    }
    .print();
    bench.close();
}

/// `append`: one event after the other, each answered before the next.
pub(crate) fn append(size: &Size) {
    let mut bench = Bench::new(size.keyed);
    let count = size.lone;
    let submissions = bench.visits(1, count).remove(0);
    let path = bench.dir.path().join("limit");
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(&path).expect("a file");
    let (mut appends, mut syncs) = (Vec::new(), Vec::new());
    // In short runs by turns: each sees the disk in the same state, and neither warms it up for the other.
    for run in submissions.chunks(20) {
        for submission in run {
            let begin = Instant::now();
            bench.handle().submit_waiting(vec![submission.clone()]).wait().expect("accepted");
            appends.push(begin.elapsed().as_secs_f64() * 1e6);
        }
        (0..run.len()).for_each(|_| syncs.push(fdatasync(&mut file, &[7; 700])));
    }
    for percent in [50, 99] {
        let (value, limit) = (percentile(&appends, percent), percentile(&syncs, percent));
        Figure {
            name: if percent == 50 { "append-p50" } else { "append-p99" },
            value,
            unit: "us",
            limit: "write of 700 bytes and fdatasync on the same disk",
            limit_value: Some(limit),
            budget: if percent == 50 { "at most 1.7 fdatasyncs" } else { "none" },
            holds: (percent == 50).then_some(value <= 1.7 * limit),
            with: json!({"appends": appends.len()}),
        }
        .print();
    }
    bench.close();
}

/// Three digits after the point.
#[must_use]
pub(crate) fn round3(value: f64) -> f64 {
    (value * 1e3).round() / 1e3
}
