//! The embedded engine: journal, memory, store, and the thread between them.

use std::collections::VecDeque;
use std::ops::{Range, RangeInclusive};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use parking_lot::{Mutex, RwLock};

use super::archive::Archive;
use super::archiver;
use super::bundle::{self, Bundle};
use super::guard::Guard;
use super::journal::{self, Closed, Journal};
use super::sealer::{self, Desk};
use super::state::State;
use super::store::{self, Store};
use super::stream_index::{PAGE, mark};
use super::{
    ArchiveSigner, ArchiveStatus, Background, EngineError, Fatal, Group, Head, LogReader, LogWriter,
    MAX_ENTRY_BYTES, MAX_GROUP_ENTRIES, OpenOptions, Opened, Order, PositionedEntries, Recovered, Retryable,
    Room, TILE_WIDTH, WriteContent, check_known, snapshots,
};
use crate::disk::{self, Disk, Lock, Lot};
use crate::merkle::{Frontier, Hash, leaf_hash, root_of};
use crate::tiles::Tile;

/// Decompressed bundles kept for readers, in bytes.
const CACHE_BYTES: usize = 32 << 20;
/// The most decompressed bundles kept.
const CACHE_BUNDLES: usize = 64;
/// An incomplete bundle can have 16.8 MB: `append` must not wait for less.
const MIN_UNSEALED_BYTES: usize = 32 << 20;

/// What the writer, the sealer and all readers share.
pub(super) struct Shared {
    pub(super) dir: PathBuf,
    pub(super) disk: Disk,
    /// Written by the writer's thread (new groups) and the sealer's (sealed bundles), each for moments only.
    pub(super) state: RwLock<State>,
    pub(super) store: Store,
    /// Where the oldest bundles are, if not in the store.
    pub(super) archive: Archive,
    /// The head guard as it is on the disk. Locked while it is replaced: sealer and archiver both do.
    pub(super) guard: Mutex<Guard>,
    pub(super) desk: Desk,
    pub(super) archiver: archiver::Desk,
    /// Newest used last.
    cache: Mutex<VecDeque<(u64, Arc<Bundle>)>>,
    /// Held for as long as anybody can read.
    _lock: Lock,
}

impl Shared {
    pub(super) fn journal_dir(&self) -> PathBuf {
        self.dir.join("journal")
    }

    fn sealed_bundle(&self, number: u64) -> Result<Arc<Bundle>, Fatal> {
        if let Some(bundle) = self.cached(number) {
            return Ok(bundle);
        }
        let bundle = Arc::new(self.read_bundle(number)?);
        let mut cache = self.cache.lock();
        cache.push_back((number, Arc::clone(&bundle)));
        let mut bytes: usize = cache.iter().map(|(_, bundle)| bundle.bytes()).sum();
        while cache.len() > CACHE_BUNDLES || (bytes > CACHE_BYTES && cache.len() > 1) {
            bytes -= cache.pop_front().map_or(0, |(_, bundle)| bundle.bytes());
        }
        Ok(bundle)
    }

    /// The one place where a sealed bundle is read, wherever it is.
    fn read_bundle(&self, number: u64) -> Result<Bundle, Fatal> {
        if !self.archive.has(number) {
            match self.stored_bundle(number) {
                // It moved meanwhile.
                Err(_) if self.archive.has(number) => {}
                read => return read,
            }
        }
        self.archive.bundle(number, &self.root_of_bundle(number))
    }

    fn stored_bundle(&self, number: u64) -> Result<Bundle, Fatal> {
        let bundle = Bundle::parse(self.store.bundle(number)?, TILE_WIDTH as usize);
        bundle.ok_or_else(|| self.store.bundle_damaged(number, "it does not hold 256 entries"))
    }

    /// The root over the entries of a sealed bundle.
    pub(super) fn root_of_bundle(&self, number: u64) -> Hash {
        self.state.read().meta(number).expect("the bundle is sealed").hash
    }

    /// Replaces the head guard by one that is made from it; answers the new one.
    pub(super) fn replace_guard(&self, change: impl FnOnce(Guard) -> Guard) -> Result<Guard, Fatal> {
        let mut guard = self.guard.lock();
        let changed = change(guard.clone());
        changed.write(&self.disk, &self.dir)?;
        *guard = changed.clone();
        Ok(changed)
    }

    fn cached(&self, number: u64) -> Option<Arc<Bundle>> {
        let mut cache = self.cache.lock();
        let at = cache.iter().rposition(|(cached, _)| *cached == number)?;
        let found = cache.remove(at)?;
        let bundle = Arc::clone(&found.1);
        cache.push_back(found);
        Some(bundle)
    }

    /// Shows `show` the entries of a published range piece by piece, in order. What is sealed in the meantime is
    /// found in the store.
    fn visit(&self, range: Range<u64>, mut show: impl FnMut(Piece<'_>)) -> Result<(), Fatal> {
        let mut at = range.start;
        while at < range.end {
            let state = self.state.read();
            if at >= state.sealed {
                let from = (at - state.sealed) as usize;
                let to = (range.end - state.sealed) as usize;
                state.tail.range(from..to).for_each(|entry| show(Piece::Entry(entry)));
                return Ok(());
            }
            let sealed = state.sealed;
            drop(state);
            let number = at / TILE_WIDTH;
            let end = range.end.min((number + 1) * TILE_WIDTH).min(sealed);
            let bundle = self.sealed_bundle(number)?;
            let start = number * TILE_WIDTH;
            show(Piece::Bundle(&bundle, (at - start) as usize..(end - start) as usize));
            at = end;
        }
        Ok(())
    }

    fn leaf_hashes(&self, range: Range<u64>) -> Result<Vec<Hash>, Fatal> {
        let mut hashes = Vec::with_capacity((range.end - range.start) as usize);
        self.visit(range, |piece| match piece {
            Piece::Entry(entry) => hashes.push(entry.leaf),
            Piece::Bundle(bundle, range) => hashes.extend_from_slice(bundle.leaves(range)),
        })?;
        Ok(hashes)
    }

    /// The positions in a range that may carry a stream's fingerprint, oldest first.
    fn stream_forward(&self, stream: u64, range: Range<u64>, max: usize) -> Result<Vec<u64>, Fatal> {
        let (mut found, mut at) = (Vec::new(), range.start);
        while found.len() < max && at < range.end {
            let page = at / PAGE;
            let blocks = {
                let state = self.state.read();
                if page >= state.streams.pages() {
                    found.extend(state.recent_positions(stream, at..range.end));
                    break;
                }
                state.streams.blocks(page, mark(stream))
            };
            found.extend(self.store.stream_places(page, blocks, stream, at..range.end)?);
            at = (page + 1) * PAGE;
        }
        found.truncate(max);
        Ok(found)
    }

    /// The same, newest first.
    fn stream_backward(&self, stream: u64, range: Range<u64>, max: usize) -> Result<Vec<u64>, Fatal> {
        let (mut found, pages) = {
            let state = self.state.read();
            (state.recent_positions(stream, range.clone()), state.streams.pages())
        };
        found.reverse();
        // The page under the end of the range is the first one to look at.
        let mut page = pages.min(range.end.div_ceil(PAGE));
        while found.len() < max && page > 0 && page * PAGE > range.start {
            page -= 1;
            let blocks = self.state.read().streams.blocks(page, mark(stream));
            let mut places = self.store.stream_places(page, blocks, stream, range.clone())?;
            places.reverse();
            found.extend(places);
        }
        found.truncate(max);
        Ok(found)
    }

    /// Hashes of a tile level, all complete in the published tree.
    fn hashes(&self, tile_level: u8, range: Range<u64>) -> Result<Vec<Hash>, Fatal> {
        match tile_level {
            0 => self.leaf_hashes(range),
            _ => Ok(self.state.read().hashes(tile_level, range)),
        }
    }

    /// A node of the published tree.
    fn node(&self, level: u8, index: u64) -> Result<Hash, Fatal> {
        let width = 1_u64 << (level % 8);
        Ok(root_of(&self.hashes(level / 8, index * width..(index + 1) * width)?))
    }
}

/// A part of a range of entries.
enum Piece<'a> {
    Entry(&'a super::NewEntry),
    Bundle(&'a Bundle, Range<usize>),
}

/// See [`super::open`].
pub(super) fn open(dir: &Path, options: OpenOptions) -> Result<Opened, EngineError> {
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
    let found = sealer::sealed_frontier(&state).root();
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
        desk: Desk::default(),
        archiver: archiver::Desk::default(),
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
    let mut frontier = sealer::sealed_frontier(&shared.state.read());
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
    shared.desk.closed(reopened.closed);
    shared.archiver.look();
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
    shared.desk.wait_for_room(is_full)
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
        shared.desk.bundle_is_complete();
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

    fn end(&mut self, stop: impl FnOnce(&Desk)) {
        stop(&self.shared.desk);
        self.shared.archiver.stop();
        for thread in self.threads.drain(..) {
            // They catch their own panics and report them.
            let _ = thread.join();
        }
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        if !self.threads.is_empty() {
            self.end(Desk::stop_at_once);
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
        let frontier = check(&self.frontier, group)?;
        wait_for_sealer(&self.shared, &self.options)?;
        if self.journal.is_full() {
            let head = self.shared.state.read().head.clone();
            let closed: Option<Closed> = self.journal.rotate(&head, &self.options)?;
            self.shared.desk.closed(closed);
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
        self.shared.archiver.look();
    }

    fn close(mut self: Box<Self>) -> Result<(), EngineError> {
        match self.options.background {
            Background::Thread => self.workers.end(Desk::stop_orderly),
            Background::Stepped => sealer::finish_aside(&self.shared)?,
        }
        if !self.poisoned {
            self.journal.trim()?;
        }
        Ok(self.shared.desk.wait_for_room(|| false)?)
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
        if let Some(full) = self.shared.desk.held_up()
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

/// Checks a group against the contract and answers the frontier after it.
pub(super) fn check(frontier: &Frontier, group: &Group) -> Result<Frontier, Fatal> {
    let bad = |reason| Err(Fatal::BadGroup { first: group.first, reason });
    if group.first != frontier.size() {
        return bad("it does not follow the log");
    }
    if group.entries.is_empty() || group.entries.len() > MAX_GROUP_ENTRIES {
        return bad("it has no entry, or too many");
    }
    if group.entries.iter().any(|entry| !(1..=MAX_ENTRY_BYTES).contains(&entry.bytes.len())) {
        return bad("an entry is empty, or longer than 65,535 bytes");
    }
    assert!(
        group.entries.iter().all(|entry| leaf_hash(&entry.bytes) == entry.leaf),
        "leaves fit their entries"
    );
    let mut after = frontier.clone();
    group.entries.iter().for_each(|entry| after.append(entry.leaf));
    if group.head.size != after.size() {
        return bad("its head has another size");
    }
    if group.head.root != after.root() {
        return bad("its head has another root");
    }
    Ok(after)
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

    fn entry(&self, position: u64) -> Result<Option<Arc<[u8]>>, EngineError> {
        Ok(self.read(position, 1)?.pop().map(|(_, bytes)| bytes))
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

    fn put_snapshot(&self, name: &str, position: u64, content: WriteContent<'_>) -> Result<(), EngineError> {
        snapshots::put(&self.0.disk, &self.0.dir.join("snapshots"), name, position, content)
    }

    fn latest_snapshot(&self, name: &str) -> Result<Option<(u64, Vec<u8>)>, EngineError> {
        snapshots::latest(&self.0.disk, &self.0.dir.join("snapshots"), name, self.head().size)
    }
}

/// The positions of a tile's nodes in their level; `None` if the width is not 1 to 256.
pub(super) fn tile_range(index: u64, width: u16) -> Option<Range<u64>> {
    let width = u64::from(width);
    if !(1..=TILE_WIDTH).contains(&width) {
        return None;
    }
    let first = index.checked_mul(TILE_WIDTH)?;
    Some(first..first.checked_add(width)?)
}
