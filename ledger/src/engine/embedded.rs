//! The embedded engine: journal, memory, store, and the thread between them.

use std::ops::{Range, RangeInclusive};
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;

use parking_lot::{Mutex, RwLock};

use super::archive::Archive;
use super::archive_queue::ArchiveQueue;
use super::archiver;
use super::bundle;
use super::contract::{
    ArchiveSigner, ArchiveStatus, Group, Head, LogReader, LogWriter, Order, PositionedEntries, Room,
    check_group, check_known, tile_range,
};
use super::error::{EngineError, Fatal, Retryable};
use super::guard::Guard;
use super::journal::{self, Closed, Journal};
use super::options::{Background, OpenOptions, Opened, Recovered};
use super::seal_queue::{SealQueue, Stop};
use super::sealer;
use super::shared::{Piece, Shared};
use super::state::State;
use super::store::{self, Store};
use crate::disk::{self, Lock, Lot};
use crate::merkle::{Frontier, Hash};
use crate::tiles::Tile;

/// An incomplete bundle can have 16.8 MB: `append` must not wait for less.
const MIN_UNSEALED_BYTES: usize = 32 << 20;

/// Opens the embedded log in a directory, creating it if the directory is missing or empty.
///
/// A log directory holds `lock` (one process at a time), `journal/` (what is not sealed yet), `store/` (sled: sealed
/// bundles), `head` (the guard: how much must be sealed, and its root) and `snapshots/`. Old bundles can be in an archive
/// elsewhere ([`OpenOptions::archive`]).
///
/// # Errors
/// [`Retryable::Locked`] while another process has the log; [`Fatal`] if what is there is not a whole log.
pub fn open(dir: &Path, options: OpenOptions) -> Result<Opened, EngineError> {
    let disk = &options.disk;
    disk.create_dir(dir)?;
    let lock = disk.lock(&dir.join("lock"))?.ok_or_else(|| Retryable::Locked { dir: dir.to_path_buf() })?;
    let journal_dir = dir.join("journal");
    disk.create_dir(&journal_dir)?;
    let guard = match Guard::read(disk, dir)? {
        Some(guard) => guard,
        None => found(dir, &journal_dir, &options)?,
    };
    let shared = Arc::new(open_store(dir, lock, guard, &options)?);
    let workers = Workers::start(Arc::clone(&shared), options.background)?;
    let (journal, frontier, recovered) = recover(&shared, &journal_dir, &options)?;
    let reader = Arc::new(Reader(Arc::clone(&shared)));
    options.known.iter().try_for_each(|known| check_known(&*reader, known))?;
    let writer = Writer { shared, journal, frontier, options, workers, poisoned: false };
    Ok((Box::new(writer), reader, recovered))
}

/// Begins a log where there is none: the first journal file, then the guard. The store comes after them, hence a
/// store, or a journal with groups, without a guard is not a new log but a broken one.
fn found(dir: &Path, journal_dir: &Path, options: &OpenOptions) -> Result<Guard, Fatal> {
    let disk = &options.disk;
    if !store::is_blank(disk, &dir.join("store"))? || !journal::is_blank(disk, journal_dir)? {
        return Err(Fatal::GuardMissing { path: Guard::path(dir) });
    }
    journal::clear_blank(disk, journal_dir)?;
    // A founding that was interrupted may have left directories that are not durable in theirs.
    disk.sync_dir(disk::parent(dir))?;
    disk.sync_dir(dir)?;
    Journal::create(journal_dir, 0, &Head::empty(), options)?;
    Guard::EMPTY.write(disk, dir)?;
    Ok(Guard::EMPTY)
}

/// Opens the store and checks it against the guard.
fn open_store(dir: &Path, lock: Lock, mut guard: Guard, options: &OpenOptions) -> Result<Shared, Fatal> {
    let path = dir.join("store");
    if guard.bundles == 0 {
        // Nothing in it is vouched for and all of it is in the journal: what a crash left of it does not matter.
        store::clear(&options.disk, &path)?;
    }
    let store = Store::open(&path, options)?;
    let metas = store.load_index(guard.bundles)?;
    let streams = store.load_streams(guard.bundles)?;
    let stored = guard.archived().max(guard.bundles.saturating_sub(options.check_bundles))..guard.bundles;
    stored.into_iter().try_for_each(|bundle| store.check_bundle(bundle))?;
    let head = Head { size: guard.size(), root: guard.root, checkpoint: Arc::from([]) };
    let state = State::sealed_only(head, &metas, streams);
    let found = state.sealed_frontier().root();
    check_root(guard.size(), "the head guard", guard.root, found)?;
    let (archive, has_moved) = Archive::open(dir, options, &mut guard, &metas)?;
    if has_moved {
        guard.write(&options.disk, dir)?;
    }
    Ok(Shared {
        dir: dir.to_path_buf(),
        disk: options.disk.clone(),
        state: RwLock::new(state),
        store,
        archive,
        guard: Mutex::new(guard),
        seals: SealQueue::default(),
        archiving: ArchiveQueue::default(),
        cache: Mutex::default(),
        _lock: lock,
    })
}

fn check_root(size: u64, whose: &'static str, expected: Hash, found: Hash) -> Result<(), Fatal> {
    if expected == found { Ok(()) } else { Err(Fatal::RootMismatch { size, whose, expected, found }) }
}

/// Brings back from the journal what is above the guard, through the same code that publishes a new group.
fn recover(
    shared: &Arc<Shared>,
    journal_dir: &Path,
    options: &OpenOptions,
) -> Result<(Journal, Frontier, Recovered), Fatal> {
    let sealed = shared.state.read().sealed;
    let mut frontier = shared.state.read().sealed_frontier();
    let mut has_head = false;
    let reopened = journal::reopen(journal_dir, options, |group| {
        has_head |= group.head.size >= sealed;
        replay(shared, &mut frontier, group, options)
    })?;
    if !has_head {
        let what = format!("the head of {sealed} entries or more");
        return Err(Fatal::JournalGap { dir: journal_dir.to_path_buf(), what });
    }
    let head = shared.state.read().head.clone();
    shared.seals.closed(reopened.closed);
    shared.archiving.look();
    let recovered = Recovered { replayed: head.size - sealed, sealed, torn_bytes: reopened.torn_bytes, head };
    Ok((reopened.journal, frontier, recovered))
}

fn replay(
    shared: &Shared,
    frontier: &mut Frontier,
    group: Group,
    options: &OpenOptions,
) -> Result<(), Fatal> {
    if group.first > frontier.size() {
        let what = format!("the entries from {} to {}", frontier.size(), group.first);
        return Err(Fatal::JournalGap { dir: shared.journal_dir(), what });
    }
    if group.head.size < frontier.size() {
        return Ok(());
    }
    let known = (frontier.size() - group.first) as usize;
    group.entries.iter().skip(known).for_each(|entry| frontier.append(entry.leaf));
    if group.head.size != frontier.size() {
        return Err(Fatal::BadGroup { first: group.first, reason: "its head has another size" });
    }
    check_root(group.head.size, "the journal", group.head.root, frontier.root())?;
    wait_for_sealer(shared, options)?;
    publish(shared, &group);
    Ok(())
}

/// Waits for the sealer when it is too far behind, and fails once it has failed.
fn wait_for_sealer(shared: &Shared, options: &OpenOptions) -> Result<(), Fatal> {
    let limit = unsealed_limit(options);
    let is_full = || {
        let state = shared.state.read();
        state.tail_bytes > limit && state.has_bundle()
    };
    while options.background == Background::Stepped && is_full() {
        sealer::step_aside(shared)?;
    }
    shared.seals.wait_for_room(is_full)
}

fn unsealed_limit(options: &OpenOptions) -> usize {
    options.unsealed_bytes.max(MIN_UNSEALED_BYTES)
}

/// Lets readers see a durable group. The sealer is woken only for a complete bundle: a wake-up costs a lone append more
/// than everything else but the disk.
fn publish(shared: &Shared, group: &Group) {
    let has_bundle = {
        let mut state = shared.state.write();
        state.publish(group);
        state.has_bundle()
    };
    if has_bundle {
        shared.seals.bundle_is_complete();
    }
}

/// The threads of the background work, if it has any.
struct Workers {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

impl Workers {
    fn start(shared: Arc<Shared>, background: Background) -> Result<Self, Fatal> {
        let mut workers = Self { shared, threads: Vec::new() };
        if background == Background::Stepped {
            return Ok(workers);
        }
        workers.spawn("sealer", sealer::run)?;
        if workers.shared.archive.keep.is_some() {
            workers.spawn("archiver", archiver::run)?;
        }
        Ok(workers)
    }

    fn spawn(&mut self, name: &str, work: fn(&Arc<Shared>)) -> Result<(), Fatal> {
        let shared = Arc::clone(&self.shared);
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(move || work(&shared));
        self.threads.push(thread.map_err(Fatal::io("start a thread for", &self.shared.dir))?);
        Ok(())
    }

    fn end(&mut self, how: Stop) {
        self.shared.seals.stop(how);
        self.shared.archiving.stop();
        for thread in self.threads.drain(..) {
            // They catch their own panics and report them.
            let _ = thread.join();
        }
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        if !self.threads.is_empty() {
            self.end(Stop::AtOnce);
        }
    }
}

/// The embedded engine's writer.
struct Writer {
    shared: Arc<Shared>,
    journal: Journal,
    /// Of all durable entries.
    frontier: Frontier,
    options: OpenOptions,
    workers: Workers,
    poisoned: bool,
}

impl Writer {
    fn commit(&mut self, group: &Group) -> Result<(), EngineError> {
        let frontier = check_group(&self.frontier, group)?;
        wait_for_sealer(&self.shared, &self.options)?;
        if self.journal.is_full() {
            let head = self.shared.state.read().head.clone();
            let closed: Option<Closed> = self.journal.rotate(&head, &self.options)?;
            self.shared.seals.closed(closed);
        }
        self.journal.append(group)?;
        self.frontier = frontier;
        publish(&self.shared, group);
        Ok(())
    }
}

impl LogWriter for Writer {
    fn append(&mut self, group: Arc<Group>) -> Result<(), EngineError> {
        if self.poisoned {
            return Err(Fatal::Poisoned.into());
        }
        self.commit(&group).inspect_err(|error| self.poisoned = matches!(error, EngineError::Fatal(_)))
    }

    fn room(&self) -> Arc<dyn Room> {
        Arc::new(JournalRoom {
            shared: Arc::clone(&self.shared),
            lot: self.journal.lot(),
            limit: unsealed_limit(&self.options),
        })
    }

    fn work(&mut self) -> Result<bool, EngineError> {
        match self.options.background {
            Background::Thread => Ok(false),
            Background::Stepped => Ok(sealer::step_aside(&self.shared)? || archiver::step(&self.shared)),
        }
    }

    fn sign_archive(&mut self, signer: Arc<dyn ArchiveSigner>) {
        // Whoever set it first has the log.
        let _ = self.shared.archive.signer.set(signer);
        self.shared.archiving.look();
    }

    fn close(mut self: Box<Self>) -> Result<(), EngineError> {
        match self.options.background {
            Background::Thread => self.workers.end(Stop::Orderly),
            Background::Stepped => sealer::finish_aside(&self.shared)?,
        }
        if !self.poisoned {
            self.journal.trim()?;
        }
        Ok(self.shared.seals.wait_for_room(|| false)?)
    }
}

/// Room in the journal, and in memory while nothing can be sealed.
struct JournalRoom {
    shared: Arc<Shared>,
    lot: Arc<Lot>,
    limit: usize,
}

impl Room for JournalRoom {
    fn promise(&self, bytes: u64) -> Result<(), EngineError> {
        // A writer that waited for the sealer now would wait for whoever makes room on the disk.
        if let Some(full) = self.shared.seals.held_up()
            && self.shared.state.read().tail_bytes > self.limit / 2
        {
            return Err(full.into());
        }
        self.lot.promise(bytes).map_err(Retryable::no_room)
    }

    fn give_back(&self, bytes: u64) {
        self.lot.give_back(bytes);
    }
}

/// The embedded engine's reader.
struct Reader(Arc<Shared>);

impl Reader {
    /// Whether a range of nodes at a binary level is complete in the published tree.
    fn is_published(&self, level: u32, end: u64) -> bool {
        let size = self.0.state.read().head.size;
        end.checked_shl(level).is_some_and(|leaves| leaves >> level == end && leaves <= size)
    }
}

impl LogReader for Reader {
    fn head(&self) -> Head {
        self.0.state.read().head.clone()
    }

    fn read(&self, from: u64, max: usize) -> Result<PositionedEntries, EngineError> {
        let end = self.0.state.read().head.size.min(from.saturating_add(max as u64));
        let mut entries = Vec::with_capacity(end.saturating_sub(from) as usize);
        let mut push = |bytes| entries.push((from + entries.len() as u64, bytes));
        self.0.visit(from..end, |piece| match piece {
            Piece::Entry(entry) => push(Arc::clone(&entry.bytes)),
            Piece::Bundle(bundle, range) => range.for_each(|index| push(Arc::from(bundle.entry(index)))),
        })?;
        Ok(entries)
    }

    fn leaf_hashes(&self, range: Range<u64>) -> Result<Option<Vec<Hash>>, EngineError> {
        if range.start > range.end || !self.is_published(0, range.end) {
            return Ok(None);
        }
        Ok(Some(self.0.leaf_hashes(range)?))
    }

    fn node(&self, level: u8, index: u64) -> Result<Option<Hash>, EngineError> {
        match index.checked_add(1) {
            Some(end) if self.is_published(level.into(), end) => Ok(Some(self.0.node(level, index)?)),
            _ => Ok(None),
        }
    }

    fn tile(&self, level: u8, index: u64, width: u16) -> Result<Option<Vec<u8>>, EngineError> {
        let Some(range) = tile_range(index, width) else { return Ok(None) };
        if level > 63 || !self.is_published(8 * u32::from(level), range.end) {
            return Ok(None);
        }
        Ok(Some(self.0.hashes(level, range)?.concat()))
    }

    fn bundle(&self, index: u64, width: u16) -> Result<Option<Vec<u8>>, EngineError> {
        let Some(range) = tile_range(index, width) else { return Ok(None) };
        if !self.is_published(0, range.end) {
            return Ok(None);
        }
        let mut raw = Vec::new();
        self.0.visit(range, |piece| match piece {
            Piece::Entry(entry) => raw.extend(bundle::join([&entry.bytes].into_iter())),
            Piece::Bundle(bundle, range) => raw.extend_from_slice(bundle.prefix(range.end)),
        })?;
        Ok(Some(raw))
    }

    fn bundles_for_ids(&self, id_ms: RangeInclusive<u64>) -> Vec<u64> {
        self.0.state.read().bundles_for_ids(&id_ms)
    }

    fn stream_positions(
        &self,
        stream: u64,
        range: Range<u64>,
        order: Order,
        max: usize,
    ) -> Result<Vec<u64>, EngineError> {
        Ok(match order {
            Order::Forward => self.0.stream_forward(stream, range, max)?,
            Order::Backward => self.0.stream_backward(stream, range, max)?,
        })
    }

    fn archive(&self) -> Option<ArchiveStatus> {
        self.0.archive.status()
    }

    fn archived_file(&self, tile: &Tile) -> Result<Option<Vec<u8>>, EngineError> {
        Ok(self.0.archive.file(tile)?)
    }
}
