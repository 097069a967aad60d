//! The threads that check bytes and signatures before the writer sees them.

use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Arc, Weak};
use std::thread::JoinHandle;

use parking_lot::Mutex;

use super::{CheckedWork, Message, Work};
use crate::envelope::{KeyBook, check};
use crate::openings::Committing;
use crate::vault::Vault;

/// Events that one thread takes at a time.
const CHUNK: usize = 64;

struct Feed {
    works: Receiver<Work>,
    next: u64,
}

/// Starts the threads. They end when every way to the queue is gone.
pub(crate) fn spawn(
    threads: usize,
    works: Receiver<Work>,
    keys: &Arc<KeyBook>,
    vault: &Arc<Vault>,
    writer: &Sender<Message>,
) -> std::io::Result<Vec<JoinHandle<()>>> {
    let feed = Arc::new(Mutex::new(Feed { works, next: 0 }));
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
        let check_work = |work: Work| CheckedWork {
            checked: work.submissions.into_iter().map(|s| check(s, keys, |c| is_known(&vault, c))).collect(),
            reply: work.reply,
        };
        let chunk = works.into_iter().map(check_work).collect();
        if writer.send(Message::Chunk(number, chunk)).is_err() {
            return;
        }
    }
}

fn is_known(vault: &Vault, value: &Committing) -> bool {
    vault.holds(value).unwrap_or_else(|error| {
        tracing::error!(%error, "the vault cannot tell whether it holds a value");
        false
    })
}

/// The next chunk with its number. Whoever waits here holds the feed, so that numbers follow the order of arrival.
fn take(feed: &Mutex<Feed>) -> Option<(u64, Vec<Work>)> {
    let mut feed = feed.lock();
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
    Some((number, works))
}
