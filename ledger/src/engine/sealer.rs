//! The background thread that moves complete bundles from memory into the store, and deletes journal files that are
//! not needed any more.
//!
//! The order that survives any power cut: bundles and index into sled; sled's flush; the barrier; the guard; only then
//! journal files whose entries all lie below the guard are deleted, oldest first, each deletion synced.
//!
//! sled can do nothing more once it has found the disk full. So a bundle goes to it only while there is room for all that
//! it may write meanwhile; else sealing waits, the journal goes on, and it is tried again.

use std::collections::VecDeque;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use super::embedded::Shared;
use super::guard::Guard;
use super::journal::Closed;
use super::state::{self, BundleMeta};
use super::stream_index::{Page, mark};
use super::{Fatal, Retryable, TILE_WIDTH};
use crate::disk;
use crate::merkle::{Frontier, Hash, root_of};

/// With less room on its disk the store is left alone: a few of its segments, and what others write meanwhile.
const STORE_ROOM: u64 = 32 << 20;
/// After so long it is looked for room again.
const HELD_UP: Duration = Duration::from_millis(500);

/// How the sealer is to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stop {
    /// Seal what is complete and raise the barrier.
    Orderly,
    /// Leave everything as it is: the journal has it.
    AtOnce,
}

#[derive(Default)]
struct Orders {
    /// There may be a complete bundle.
    work: bool,
    /// Complete journal files, oldest first. Filled by the writer, emptied by the sealer.
    closed: VecDeque<Closed>,
    stop: Option<Stop>,
    /// Why the sealer gave up.
    failed: Option<String>,
    /// What there is no room for.
    held_up: Option<PathBuf>,
}

/// What the writer's thread and the sealer's thread tell each other.
#[derive(Default)]
pub(super) struct Desk {
    orders: Mutex<Orders>,
    ordered: Condvar,
    progressed: Condvar,
}

impl Desk {
    /// There is a bundle to seal.
    pub(super) fn bundle_is_complete(&self) {
        self.orders.lock().work = true;
        self.ordered.notify_one();
    }

    /// Journal files that can go when their entries are sealed.
    pub(super) fn closed(&self, files: impl IntoIterator<Item = Closed>) {
        let mut orders = self.orders.lock();
        orders.closed.extend(files);
        orders.work = true;
        self.ordered.notify_one();
    }

    /// Waits while `is_full`, and fails once the sealer has failed.
    pub(super) fn wait_for_room(&self, is_full: impl Fn() -> bool) -> Result<(), Fatal> {
        let mut orders = self.orders.lock();
        loop {
            if let Some(reason) = &orders.failed {
                return Err(Fatal::Sealer { reason: reason.clone() });
            }
            if !is_full() {
                return Ok(());
            }
            self.progressed.wait(&mut orders);
        }
    }

    /// Ends the sealer after it sealed what is complete.
    pub(super) fn stop_orderly(&self) {
        self.stop(Stop::Orderly);
    }

    /// Ends the sealer between two bundles.
    pub(super) fn stop_at_once(&self) {
        self.stop(Stop::AtOnce);
    }

    fn stop(&self, how: Stop) {
        self.orders.lock().stop = Some(how);
        self.ordered.notify_one();
    }

    /// What sealing waits for, if it does.
    pub(super) fn held_up(&self) -> Option<Retryable> {
        let path = self.orders.lock().held_up.clone()?;
        Some(Retryable::Full { path, source: io::ErrorKind::StorageFull.into() })
    }

    /// Notes whether there is no room for something. True if so.
    fn note(&self, held_up: Option<PathBuf>) -> bool {
        let mut orders = self.orders.lock();
        match (&orders.held_up, &held_up) {
            (None, Some(path)) => {
                tracing::warn!(path = %path.display(), "sealing waits for room on the disk; the journal goes on");
            }
            (Some(_), None) => tracing::info!("sealing goes on"),
            _ => {}
        }
        orders.held_up = held_up;
        orders.held_up.is_some()
    }

    /// Waits a moment for room, or for the end.
    fn pause(&self) {
        let mut orders = self.orders.lock();
        orders.work = true;
        if orders.stop.is_none() {
            self.ordered.wait_for(&mut orders, HELD_UP);
        }
    }

    fn next_order(&self) -> Option<Stop> {
        let mut orders = self.orders.lock();
        while !orders.work && orders.stop.is_none() {
            self.ordered.wait(&mut orders);
        }
        orders.work = false;
        orders.stop
    }

    fn must_stop_at_once(&self) -> bool {
        self.orders.lock().stop == Some(Stop::AtOnce)
    }

    fn has_closed_below(&self, end: u64) -> bool {
        self.orders.lock().closed.front().is_some_and(|closed| closed.end <= end)
    }

    fn closed_below(&self, end: u64) -> Option<Closed> {
        self.orders.lock().closed.front().filter(|closed| closed.end <= end).cloned()
    }

    fn forget_closed(&self) {
        self.orders.lock().closed.pop_front();
    }

    fn fail(&self, reason: String) {
        tracing::error!(reason, "sealing stopped");
        self.orders.lock().failed = Some(reason);
    }

    /// Wakes a waiting writer. Takes the lock so that no wake-up falls between its check and its wait.
    fn progressed(&self) {
        drop(self.orders.lock());
        self.progressed.notify_all();
    }
}

/// The sealer's thread: works until it is told to stop or fails.
pub(super) fn run(shared: &Arc<Shared>) {
    let ended = catch_unwind(AssertUnwindSafe(|| work(shared)));
    match ended {
        Ok(Ok(())) => {}
        Ok(Err(fatal)) => shared.desk.fail(fatal.to_string()),
        Err(panic) => shared.desk.fail(format!("it panicked: {}", disk::panic_text(&*panic))),
    }
    shared.desk.progressed();
}

fn work(shared: &Shared) -> Result<(), Fatal> {
    loop {
        let stop = shared.desk.next_order();
        if stop == Some(Stop::AtOnce) {
            return Ok(());
        }
        while !shared.desk.must_stop_at_once() && step(shared)? {
            shared.desk.progressed();
        }
        if stop == Some(Stop::Orderly) {
            return end(shared);
        }
        if shared.desk.held_up().is_some() {
            shared.desk.pause();
        }
    }
}

/// Does one piece of work: seals a bundle, or deletes journal files that are not needed any more. False if there is
/// none, or no room for it now.
fn step(shared: &Shared) -> Result<bool, Fatal> {
    if lacks_room(shared)? {
        return Ok(false);
    }
    let done = seal_one(shared).and_then(|sealed| Ok(clear_journal(shared)? || sealed));
    match done {
        Err(Fatal::Io { path, source, .. }) if disk::is_full(&source) => {
            shared.desk.note(Some(path));
            Ok(false)
        }
        done => done,
    }
}

/// Whether there is something to do, and no room for it.
fn lacks_room(shared: &Shared) -> Result<bool, Fatal> {
    let sealed = {
        let state = shared.state.read();
        if state.has_bundle() { u64::MAX } else { state.sealed }
    };
    if sealed < u64::MAX && !shared.desk.has_closed_below(sealed) {
        shared.desk.note(None);
        return Ok(false);
    }
    Ok(shared.desk.note(short_of_room(shared)?))
}

/// The store, if there is not as much room on its disk as it may need.
pub(super) fn short_of_room(shared: &Shared) -> Result<Option<PathBuf>, Fatal> {
    let path = shared.dir.join("store");
    Ok((shared.disk.room(&path)? < STORE_ROOM).then_some(path))
}

/// Vouches for all that is sealed, so that the next start has little to replay.
fn finish(shared: &Shared) -> Result<(), Fatal> {
    let end = raise_guard(shared)?;
    shared.store.clear_singles(end / TILE_WIDTH)?;
    delete_below(shared, end)
}

/// Finishes, if there is room for it: what is not sealed now is in the journal.
fn end(shared: &Shared) -> Result<(), Fatal> {
    match short_of_room(shared)? {
        Some(_) => Ok(()),
        None => finish(shared),
    }
}

/// One step by the writer's own hand, where there is no thread. A failure stops the writer, and is the last step, as the
/// thread's is.
pub(super) fn step_aside(shared: &Shared) -> Result<bool, Fatal> {
    shared.desk.wait_for_room(|| false)?;
    step(shared).inspect_err(|fatal| shared.desk.fail(fatal.to_string()))
}

/// Ends in good order, where there is no thread.
pub(super) fn finish_aside(shared: &Shared) -> Result<(), Fatal> {
    while step_aside(shared)? {}
    end(shared).inspect_err(|fatal| shared.desk.fail(fatal.to_string()))
}

/// Moves the oldest complete bundle into the store, if there is one.
fn seal_one(shared: &Shared) -> Result<bool, Fatal> {
    let (number, entries, before, marks) = {
        let state = shared.state.read();
        let Some(entries) = state.next_bundle() else { return Ok(false) };
        let number = state.sealed / TILE_WIDTH;
        let before = page_before(&state, number);
        let open = if before.is_some() { state.streams.open() } else { &[] };
        let marks = entries.iter().map(|entry| mark(entry.stream));
        let marks: Vec<u32> = open.iter().copied().chain(marks).collect();
        (number, entries, before, marks)
    };
    let leaves: Vec<Hash> = entries.iter().map(|entry| entry.leaf).collect();
    let hash = root_of(&leaves);
    let times = shared.state.read().times[number as usize];
    let meta = BundleMeta { hash, times };
    shared.store.put_bundle(number, state::bytes(&entries))?;
    let page = before.map(|mut page| {
        page.push(meta);
        page
    });
    let streams = page.as_ref().map(|_| Page::new(&marks));
    let last = &marks[marks.len() - entries.len()..];
    shared.store.put_meta(number, &meta, last, page.as_deref().zip(streams.as_ref()))?;
    shared.state.write().sealed_next(hash, streams.map(|streams| streams.fences));
    Ok(true)
}

/// The metas of the page that this bundle completes, all but its own.
fn page_before(state: &state::State, bundle: u64) -> Option<Vec<BundleMeta>> {
    if !(bundle + 1).is_multiple_of(TILE_WIDTH) {
        return None;
    }
    Some((bundle + 1 - TILE_WIDTH..bundle).filter_map(|before| state.meta(before)).collect())
}

/// Deletes journal files that are not needed any more, if there are any: the barrier first, then the guard.
fn clear_journal(shared: &Shared) -> Result<bool, Fatal> {
    let sealed = shared.state.read().sealed;
    if !shared.desk.has_closed_below(sealed) {
        return Ok(false);
    }
    finish(shared)?;
    Ok(true)
}

/// Makes what is sealed durable and lets the guard say so. Answers how many entries it now vouches for.
fn raise_guard(shared: &Shared) -> Result<u64, Fatal> {
    let (bundles, root) = {
        let state = shared.state.read();
        (state.sealed / TILE_WIDTH, sealed_frontier(&state).root())
    };
    shared.store.barrier()?;
    let size = shared.replace_guard(|guard| Guard { bundles, root, ..guard })?.size();
    shared.archiver.look();
    Ok(size)
}

/// The frontier of the sealed entries.
pub(super) fn sealed_frontier(state: &state::State) -> Frontier {
    frontier_of(state, state.sealed)
}

/// The frontier of the first so many sealed entries.
pub(super) fn frontier_of(state: &state::State, size: u64) -> Frontier {
    let read = |level: u8, index: u64| {
        let width = 1_u64 << (level % 8);
        let hashes = state.hashes(level / 8, index * width..(index + 1) * width);
        Ok::<_, std::convert::Infallible>(root_of(&hashes))
    };
    match Frontier::load(size, read) {
        Ok(frontier) => frontier,
        Err(never) => match never {},
    }
}

fn delete_below(shared: &Shared, end: u64) -> Result<(), Fatal> {
    let dir = shared.journal_dir();
    while let Some(closed) = shared.desk.closed_below(end) {
        shared.disk.remove_file(&closed.path)?;
        shared.desk.forget_closed();
        shared.disk.sync_dir(&dir)?;
    }
    Ok(())
}
