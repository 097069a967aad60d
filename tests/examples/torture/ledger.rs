//! The whole write side under torture: signed events with values for the vault, through the sequencer, many batches
//! in flight. What is written follows from its position alone.

use hourbook_ledger::domain::event::{Body, FounderKey, OrgKind};
use std::collections::VecDeque;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use chacha20::ChaCha20Rng;
use chacha20::rand_core::SeedableRng as _;
use ed25519_dalek::SigningKey;
use hourbook_ledger::actor::Actor;
use hourbook_ledger::clock::ManualClock;
use hourbook_ledger::commitment::{Field, Opening};
use hourbook_ledger::domain::ids::{OrgId, PersonId};
use hourbook_ledger::domain::time::{Millis, Offset};
use hourbook_ledger::dsse::SignedEvent;
use hourbook_ledger::engine::ArchiveOptions;
use hourbook_ledger::envelope::Submission;
use hourbook_ledger::ledger::{self, DerivedOptions, Ledger, LedgerOptions, NewLedger};
use hourbook_ledger::sequencer::Pending;
use hourbook_ledger::wire;
use hourbook_projections::ReadSide;

use crate::workload;

const NOW: Millis = Millis(1_772_409_600_000);
const ORIGIN: &str = "ledger.example/torture";
const CITY: OrgId = OrgId([1; 16]);
/// Batches that wait for their answer at a time.
const IN_FLIGHT: usize = 24;

/// Appends until killed: one line on stdout an acknowledgement, the number of events of the log that are acknowledged.
/// The lines `begin N` and `durable N` on stderr tell when a group from position N is being committed.
pub(crate) fn write(dir: &Path, journal_bytes: u64) -> Result<(), String> {
    announce_groups();
    let node = open(dir, journal_bytes, &ReadSide::new())?;
    let mut next = node.reader.head().size;
    let mut out = std::io::stdout().lock();
    let mut waiting: VecDeque<(u64, Pending)> = VecDeque::new();
    loop {
        while waiting.len() < IN_FLIGHT {
            let batch = batch(next);
            next += batch.len() as u64;
            waiting.push_back((next, node.handle.submit_waiting(batch)));
        }
        let Some((size, pending)) = waiting.pop_front() else { continue };
        pending.wait().map_err(|error| error.to_string())?;
        writeln!(out, "{size}").and_then(|()| out.flush()).map_err(|error| error.to_string())?;
    }
}

/// Checks that the first `acked` events are there, once and right, values included; that resubmitting the last of them
/// gives its receipt; that the ledger can go on; and that read models which followed it are those rebuilt in one pass.
pub(crate) fn verify(dir: &Path, acked: u64, journal_bytes: u64) -> Result<(), String> {
    let followed = ReadSide::new();
    let node = open(dir, journal_bytes, &followed)?;
    let size = check(&node, acked)?;
    if acked > 1 {
        let again = node.handle.submit_waiting(vec![submission(acked - 1)]).wait();
        let receipt = again.map_err(|error| error.to_string())?[0];
        if receipt.position != acked - 1 {
            return Err(format!("event {} was recorded again at {}", acked - 1, receipt.position));
        }
    }
    node.handle.submit_waiting(batch(size)).wait().map_err(|error| error.to_string())?;
    node.close();
    let snapshots = dir.join("log/snapshots");
    if snapshots.exists() {
        std::fs::remove_dir_all(&snapshots).map_err(|error| error.to_string())?;
    }
    let rebuilt = ReadSide::new();
    let node = open(dir, journal_bytes, &rebuilt)?;
    check(&node, size + 1)?;
    node.close();
    let same = followed.as_of() == rebuilt.as_of() && followed.digest() == rebuilt.digest();
    if same { Ok(()) } else { Err("read models that followed are not those rebuilt from the log".to_owned()) }
}

fn check(node: &Ledger, acked: u64) -> Result<u64, String> {
    let size = node.reader.head().size;
    if size < acked {
        return Err(format!("{acked} events were acknowledged, {size} are there"));
    }
    if !is_boundary(size) {
        return Err(format!("the log ends at {size}, inside a batch"));
    }
    let mut next = 0;
    while next < size {
        for (position, bytes) in node.reader.read(next, 1_024).map_err(|error| error.to_string())? {
            let entry = wire::decode_entry(&bytes).map_err(|error| error.to_string())?;
            let wrong = format!("event {position} is not as it was written");
            if entry.position != next || (position > 0 && entry.signed != submission(position).signed) {
                return Err(wrong);
            }
            for opening in submission(position).openings {
                let value = node.vault.get(&opening.commitment()).map_err(|error| error.to_string())?;
                if value.is_none_or(|value| value.expose() != opening.value) {
                    return Err(format!("the value of event {position} is not in the vault"));
                }
            }
            next += 1;
        }
    }
    Ok(size)
}

fn founder() -> Actor {
    Actor::new(PersonId([2; 16]), ORIGIN, SigningKey::from_bytes(&[2; 32]))
}

fn open(dir: &Path, journal_bytes: u64, read: &ReadSide) -> Result<Ledger, String> {
    let fresh = || {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).expect("the system gives random bytes");
        Box::new(ChaCha20Rng::from_seed(seed))
    };
    let options = || {
        let mut options = LedgerOptions::new(Arc::new(ManualClock::at(NOW)), fresh(), fresh());
        options.engine = super::subject::options(journal_bytes);
        // Old bundles are archived all the time as well.
        options.engine.archive = Some(ArchiveOptions { dir: dir.join("archive"), keep: 2 });
        // What is at a position must follow from it alone, so nothing of the ledger's own may come in between. Snapshots
        // are taken all the time: cuts shall fall into their writing too.
        options.derived = DerivedOptions { digest_every: 0, snapshot_every: 1_024, snapshot_worth: 1_024 };
        options
    };
    if !dir.join("log").exists() {
        let second =
            FounderKey { person: PersonId([3; 16]), key: hourbook_ledger::domain::ids::PublicKey([3; 32]) };
        let origin = ORIGIN.parse().expect("a valid origin");
        let new = NewLedger { origin, offset: Offset(480), founder: founder(), second, rng: fresh() };
        ledger::found(dir, new, options()).map_err(|error| error.to_string())?;
    }
    ledger::open(dir, options(), || Box::new(read.clone())).map_err(|error| error.to_string())
}

/// Position 0 is the founding event's; 1 registers the organisation that everyone after it joins.
fn batch(first: u64) -> Vec<Submission> {
    (first..first + batch_size(first)).map(submission).collect()
}

fn batch_size(first: u64) -> u64 {
    if first <= 1 { 1 } else { workload::group_size(first) }
}

fn is_boundary(size: u64) -> bool {
    let mut end = 0;
    while end < size {
        end += batch_size(end);
    }
    end == size
}

fn submission(position: u64) -> Submission {
    let mut seed = [7; 32];
    seed[..8].copy_from_slice(&position.to_be_bytes());
    let mut rng = ChaCha20Rng::from_seed(seed);
    let (body, openings) = if position <= 1 { (city(), Vec::new()) } else { member(position, seed) };
    let signed: SignedEvent = founder().assert(NOW, &mut rng, body);
    Submission { signed, openings }
}

fn city() -> Body {
    Body::org_registered(CITY, OrgKind::City, "city", None)
}

fn member(position: u64, salt: [u8; 32]) -> (Body, Vec<Opening>) {
    let mut person = [9; 16];
    person[..8].copy_from_slice(&position.to_be_bytes());
    let opening =
        Opening::new(person, Field::Name, salt, &format!("volunteer {position}")).expect("a valid name");
    let name = opening.commitment();
    (Body::registered(PersonId(person), CITY, name, None), vec![opening])
}

/// Groups are told through the ordinary log output, unbuffered, so that a kill cannot lose a line.
fn announce_groups() {
    struct Groups;
    impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for Groups {
        fn on_event(&self, event: &tracing::Event<'_>, _: tracing_subscriber::layer::Context<'_, S>) {
            if event.metadata().target() == "hourbook::group" {
                let mut line = Line::default();
                event.record(&mut line);
                let _ = writeln!(std::io::stderr(), "{} {}", line.message, line.first);
            }
        }
    }
    #[derive(Default)]
    struct Line {
        message: String,
        first: u64,
    }
    impl tracing::field::Visit for Line {
        fn record_u64(&mut self, field: &tracing::field::Field, value: u64) {
            if field.name() == "first" {
                self.first = value;
            }
        }
        fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
            if field.name() == "message" {
                self.message = format!("{value:?}");
            }
        }
    }
    use tracing_subscriber::layer::SubscriberExt as _;
    let _ = tracing::subscriber::set_global_default(tracing_subscriber::registry().with(Groups));
}
