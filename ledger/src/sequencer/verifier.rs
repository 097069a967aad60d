//! The threads that check bytes and signatures before the writer sees them.

use std::panic::AssertUnwindSafe;
use std::sync::mpsc::{Receiver, Sender, SyncSender, sync_channel};
use std::sync::{Arc, Weak};
use std::thread::JoinHandle;

use parking_lot::Mutex;

use super::in_flight::InFlight;
use super::messages::{CheckedWork, Message, Work};
use crate::domain::facts::Committing;
use crate::envelope::{KeyBook, check_each};
use crate::vault::Vault;

/// Events that one thread takes at a time.
const CHUNK: usize = 64;

/// Chunks that may wait for the writer; from then on the bounded queue fills, and submitters are told.
const CHUNKS_AHEAD: usize = 16;

struct Feed {
    works: Receiver<Work>,
    /// Holds a token for each chunk that the writer has not begun.
    backpressure: SyncSender<()>,
    in_flight: InFlight,
    next: u64,
}

/// Where the writer gives back the room that a chunk took.
pub(crate) struct Backpressure(Receiver<()>);

impl Backpressure {
    /// The writer has begun a chunk.
    pub(crate) fn free_one(&self) {
        let _ = self.0.try_recv();
    }
}

/// The bound on checked chunks: what the verifiers fill and what the writer frees.
pub(crate) fn backpressure() -> (SyncSender<()>, Backpressure) {
    let (taken, freed) = sync_channel(CHUNKS_AHEAD);
    (taken, Backpressure(freed))
}

/// Starts the threads. They end when every way to the queue is gone.
pub(crate) fn spawn(
    threads: usize,
    works: Receiver<Work>,
    backpressure: SyncSender<()>,
    in_flight: InFlight,
    keys: &Arc<KeyBook>,
    vault: &Arc<Vault>,
    writer: &Sender<Message>,
) -> std::io::Result<Vec<JoinHandle<()>>> {
    let feed = Arc::new(Mutex::new(Feed { works, backpressure, in_flight, next: 0 }));
    let start = |index: usize| {
        // These threads outlive the ledger while somebody still has a way to the queue; the vault must not.
        let vault = Arc::downgrade(vault);
        let (feed, keys, writer) = (feed.clone(), keys.clone(), writer.clone());
        let name = format!("hourbook-verify-{index}");
        std::thread::Builder::new().name(name).spawn(move || run(&feed, &keys, &vault, &writer))
    };
    (0..threads.max(1)).map(start).collect()
}

fn run(feed: &Mutex<Feed>, keys: &KeyBook, vault: &Weak<Vault>, writer: &Sender<Message>) {
    while let Some((number, works)) = take(feed) {
        let Some(vault) = vault.upgrade() else { return };
        let check_all = AssertUnwindSafe(|| check_works(works, keys, &vault));
        let message = match std::panic::catch_unwind(check_all) {
            Ok(chunk) => Message::Chunk(number, chunk),
            // Without this chunk the writer would wait for its number for ever.
            Err(_) => Message::Fault("a fault in the program while checking signatures".to_owned()),
        };
        if writer.send(message).is_err() {
            return;
        }
    }
}

/// Checks one batch.
pub(crate) fn check_work(work: Work, keys: &KeyBook, vault: &Vault) -> CheckedWork {
    let checked = check_each(work.submissions, keys, |value| is_known(vault, value));
    CheckedWork { checked, reply: work.reply }
}

/// All events of the chunk together, whatever work they came with.
fn check_works(works: Vec<Work>, keys: &KeyBook, vault: &Vault) -> Vec<CheckedWork> {
    let sizes: Vec<usize> = works.iter().map(|work| work.submissions.len()).collect();
    let (submissions, replies): (Vec<_>, Vec<_>) =
        works.into_iter().map(|work| (work.submissions, work.reply)).unzip();
    let all = submissions.into_iter().flatten().collect();
    let mut checked = check_each(all, keys, |value| is_known(vault, value)).into_iter();
    let work = |(size, reply)| CheckedWork { checked: checked.by_ref().take(size).collect(), reply };
    sizes.into_iter().zip(replies).map(work).collect()
}

fn is_known(vault: &Vault, value: &Committing) -> bool {
    vault.holds(value).unwrap_or_else(|error| {
        tracing::error!(%error, "the vault cannot tell whether it holds a value");
        false
    })
}

/// The next chunk with its number. Whoever waits here holds the feed, so that numbers follow the order of arrival and
/// the room goes to the lowest numbers: the writer never waits for a chunk that has none.
fn take(feed: &Mutex<Feed>) -> Option<(u64, Vec<Work>)> {
    let mut feed = feed.lock();
    feed.backpressure.send(()).ok()?;
    let first = feed.works.recv().ok()?;
    let mut events = first.submissions.len();
    let mut works = vec![first];
    while events < CHUNK {
        let Ok(work) = feed.works.try_recv() else { break };
        events += work.submissions.len();
        works.push(work);
    }
    let number = feed.next;
    feed.next += 1;
    feed.in_flight.begin(works.len());
    Some((number, works))
}
