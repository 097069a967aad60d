//! The background thread that moves complete bundles from memory into the store, and deletes journal files that are
//! not needed any more.
//!
//! The order that survives any power cut: bundles and index into sled; sled's flush; the barrier; the guard; only then
//! journal files whose entries all lie below the guard are deleted, oldest first, each deletion synced.
//!
//! sled can do nothing more once it has found the disk full. So a bundle goes to it only while there is room for all that
//! it may write meanwhile; else sealing waits, the journal goes on, and it is tried again.

use std::sync::Arc;

use super::contract::TILE_WIDTH;
use super::error::Fatal;
use super::guard::Guard;
use super::seal_queue::Stop;
use super::shared::Shared;
use super::state::{self, BundleMeta};
use super::stream_index::{Page, mark};
use crate::disk;
use crate::merkle::{Hash, root_of};

/// The sealer's thread: works until it is told to stop or fails.
pub(super) fn run(shared: &Arc<Shared>) {
    if let Err(reason) = disk::caught(|| work(shared)) {
        shared.seals.fail(reason);
    }
    shared.seals.progressed();
}

fn work(shared: &Shared) -> Result<(), Fatal> {
    loop {
        let stop = shared.seals.next_order();
        if stop == Some(Stop::AtOnce) {
            return Ok(());
        }
        while !shared.seals.must_stop_at_once() && step(shared)? {
            shared.seals.progressed();
        }
        if stop == Some(Stop::Orderly) {
            return end(shared);
        }
        if shared.seals.held_up().is_some() {
            shared.seals.pause();
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
            shared.seals.note(Some(path));
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
    if sealed < u64::MAX && shared.seals.closed_below(sealed).is_none() {
        shared.seals.note(None);
        return Ok(false);
    }
    Ok(shared.seals.note(shared.short_of_room()?))
}

/// Vouches for all that is sealed, so that the next start has little to replay.
fn finish(shared: &Shared) -> Result<(), Fatal> {
    let end = raise_guard(shared)?;
    shared.store.clear_singles(end / TILE_WIDTH)?;
    delete_below(shared, end)
}

/// Finishes, if there is room for it: what is not sealed now is in the journal.
fn end(shared: &Shared) -> Result<(), Fatal> {
    if shared.short_of_room()?.is_some() { Ok(()) } else { finish(shared) }
}

/// One step by the writer's own hand, where there is no thread. A failure stops the writer, and is the last step, as the
/// thread's is.
pub(super) fn step_aside(shared: &Shared) -> Result<bool, Fatal> {
    shared.seals.wait_for_room(|| false)?;
    step(shared).inspect_err(|fatal| shared.seals.fail(fatal.to_string()))
}

/// Ends in good order, where there is no thread.
pub(super) fn finish_aside(shared: &Shared) -> Result<(), Fatal> {
    while step_aside(shared)? {}
    end(shared).inspect_err(|fatal| shared.seals.fail(fatal.to_string()))
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
    if shared.seals.closed_below(sealed).is_none() {
        return Ok(false);
    }
    finish(shared)?;
    Ok(true)
}

/// Makes what is sealed durable and lets the guard say so. Answers how many entries it now vouches for.
fn raise_guard(shared: &Shared) -> Result<u64, Fatal> {
    let (bundles, root) = {
        let state = shared.state.read();
        (state.sealed / TILE_WIDTH, state.sealed_frontier().root())
    };
    shared.store.barrier()?;
    let size = shared.replace_guard(|guard| Guard { bundles, root, ..guard })?.size();
    shared.archiving.look();
    Ok(size)
}

fn delete_below(shared: &Shared, end: u64) -> Result<(), Fatal> {
    let dir = shared.journal_dir();
    while let Some(closed) = shared.seals.closed_below(end) {
        shared.disk.remove_file(&closed.path)?;
        shared.seals.forget_closed();
        shared.disk.sync_dir(&dir)?;
    }
    Ok(())
}
