//! The background work that moves old bundles from the store to the archive.
//!
//! The order that survives any power cut: files durable under other names; their names durable; every bundle read back
//! and checked; the guard says that they are in the archive; readers look there; only then the store forgets them, a
//! barrier, and the guard says that they are gone. Whatever is interrupted is done again from where the guard stands.
//!
//! None of this may stop the ledger: a failure is noted and tried again later, and the bundles stay in the store. It has
//! a thread of its own, so that an archive on a slow disk does not hold up sealing.

use std::io;
use std::sync::Arc;

use super::archive::{self, Addition, full};
use super::contract::TILE_WIDTH;
use super::error::Fatal;
use super::guard::{Archived, Guard};
use super::shared::Shared;
use crate::disk;
use crate::merkle::root_of;
use crate::tiles::{FULL_WIDTH, TileKind};

/// The most bundles that are moved between two guards.
const BATCH: u64 = 64;
/// Bytes after which a batch is not made longer.
const BATCH_BYTES: usize = 16 << 20;

/// The archiver's thread.
pub(super) fn run(shared: &Arc<Shared>) {
    let mut failed = false;
    while shared.archiving.wait(failed) {
        while !shared.archiving.must_stop() && step(shared) {}
        failed = shared.archive.progress.lock().failure.is_some();
    }
}

/// Does one piece of work. False if there is none, or none that succeeds now.
pub(super) fn step(shared: &Shared) -> bool {
    let done = disk::caught(|| piece(shared));
    let failure = &mut shared.archive.progress.lock().failure;
    match done {
        Ok(is_done) => {
            if is_done && failure.take().is_some() {
                tracing::info!("archiving goes on");
            }
            is_done
        }
        Err(reason) => {
            if failure.as_ref() != Some(&reason) {
                tracing::warn!(reason, "old bundles stay in the store: they cannot be archived now");
            }
            *failure = Some(reason);
            false
        }
    }
}

fn piece(shared: &Shared) -> Result<bool, Fatal> {
    let Some(keep) = shared.archive.keep else { return Ok(false) };
    Ok(sweep(shared)? || prepare(shared)? || move_some(shared, keep)? || sign(shared)?)
}

/// Claims the directory before there is anything to move, so that one that cannot be used is known on the first day and
/// not when the disk is full. True if something came of it: that ends an earlier failure.
fn prepare(shared: &Shared) -> Result<bool, Fatal> {
    let archive = &shared.archive;
    // What the guard does not vouch for may come back from the journal; a directory is claimed for ever.
    let is_vouched_for = shared.guard.lock().bundles > 0;
    if is_vouched_for {
        return archive.claim(&shared.root_of_bundle(0));
    }
    archive.reach()?;
    let has_failed = archive.progress.lock().failure.is_some();
    Ok(has_failed)
}

/// Lets the store forget what is in the archive.
fn sweep(shared: &Shared) -> Result<bool, Fatal> {
    let Some(Archived { bundles, cleared, .. }) = shared.guard.lock().archive.clone() else {
        return Ok(false);
    };
    if cleared == bundles {
        return Ok(false);
    }
    if let Some(path) = shared.short_of_room()? {
        return Err(Fatal::io("remove what was archived from", &path)(io::ErrorKind::StorageFull.into()));
    }
    shared.store.remove_bundles(cleared..bundles)?;
    shared.store.barrier()?;
    shared.replace_guard(|mut guard| {
        guard.archive.iter_mut().for_each(|archive| archive.cleared = bundles);
        guard
    })?;
    Ok(true)
}

/// Moves the oldest bundles that are older than the newest so many. Only those that the guard vouches for: the others
/// may come back from the journal.
fn move_some(shared: &Shared, keep: u64) -> Result<bool, Fatal> {
    let (begin, vouched) = {
        let guard = shared.guard.lock();
        (guard.archived(), guard.bundles)
    };
    let sealed = shared.state.read().sealed / TILE_WIDTH;
    let end = vouched.min(sealed.saturating_sub(keep)).min(begin + BATCH);
    if begin >= end {
        return Ok(false);
    }
    let Some(end) = write(shared, begin, end)? else { return Ok(false) };
    for bundle in begin..end {
        shared.archive.bundle(bundle, &shared.root_of_bundle(bundle))?;
    }
    let dir = shared.archive.place(&shared.dir);
    shared.replace_guard(|guard| {
        let cleared = guard.archive.as_ref().map_or(0, |archive| archive.cleared);
        Guard { archive: Some(Archived { bundles: end, cleared, dir }), ..guard }
    })?;
    shared.archive.set_bundles(end);
    Ok(true)
}

/// Writes the files of some bundles, durably; answers up to which. Nothing if the thread is to end.
fn write(shared: &Shared, begin: u64, end: u64) -> Result<Option<u64>, Fatal> {
    let mut addition = Addition::new(shared.archive.tiles());
    let mut at = begin;
    while at < end && addition.bytes() < BATCH_BYTES {
        if shared.archiving.must_stop() {
            return Ok(None);
        }
        let bundle = shared.stored_bundle(at)?;
        let leaves = bundle.leaves(0..FULL_WIDTH);
        if root_of(leaves) != shared.root_of_bundle(at) {
            return Err(shared.store.bundle_damaged(at, "its entries do not have the root that was sealed"));
        }
        addition.write(full(TileKind::Entries, at), bundle.prefix(FULL_WIDTH))?;
        addition.write(full(TileKind::Hashes(0), at), &leaves.concat())?;
        let completed = archive::completed(&shared.state.read(), at);
        completed.iter().try_for_each(|(tile, bytes)| addition.write(*tile, bytes))?;
        at += 1;
    }
    addition.finish(shared.archive.skip_sync)?;
    Ok(Some(at))
}

/// Signs for what is in the archive, so that its directory can be verified by itself.
fn sign(shared: &Shared) -> Result<bool, Fatal> {
    let (archive, bundles) = (&shared.archive, shared.archive.bundles());
    let Some(signer) = archive.signer.get() else { return Ok(false) };
    if bundles == 0 || archive.progress.lock().signed == bundles {
        return Ok(false);
    }
    let size = bundles * TILE_WIDTH;
    let (partials, root) = {
        let state = shared.state.read();
        (archive::partial(&state, bundles), state.frontier_of(size).root())
    };
    archive::sign(archive.tiles(), &partials, &**signer, size, &root)?;
    archive.progress.lock().signed = bundles;
    Ok(true)
}
