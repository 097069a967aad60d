//! The background thread that moves complete bundles from memory into the store, and deletes journal files that are
//! not needed any more.
//!
//! The order that survives any power cut: bundles and index into sled; sled's flush; the barrier; the guard; only then
//! journal files whose entries all lie below the guard are deleted, oldest first, each deletion synced.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use parking_lot::{Condvar, Mutex};

use super::embedded::Shared;
use super::guard::Guard;
use super::journal::Closed;
use super::state::{self, BundleMeta};
use super::stream_index::{Page, mark};
use super::{Fatal, TILE_WIDTH};
use crate::disk;
use crate::merkle::{Frontier, Hash, root_of};

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

    fn take_closed_below(&self, end: u64) -> Option<Closed> {
        self.orders.lock().closed.pop_front_if(|closed| closed.end <= end)
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
            return finish(shared);
        }
    }
}

/// Does one piece of work: seals a bundle, or deletes journal files that are not needed any more. False if there is
/// none.
fn step(shared: &Shared) -> Result<bool, Fatal> {
    let sealed = seal_one(shared)?;
    Ok(clear_journal(shared)? || sealed)
}

/// Vouches for all that is sealed, so that the next start has little to replay.
fn finish(shared: &Shared) -> Result<(), Fatal> {
    let end = raise_guard(shared)?;
    shared.store.clear_singles(end / TILE_WIDTH)?;
    delete_below(shared, end)
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
    finish(shared).inspect_err(|fatal| shared.desk.fail(fatal.to_string()))
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
    while let Some(closed) = shared.desk.take_closed_below(end) {
        shared.disk.remove_file(&closed.path)?;
        shared.disk.sync_dir(&dir)?;
    }
    Ok(())
}
