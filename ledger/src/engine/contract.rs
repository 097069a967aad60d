//! The log engine: how an acknowledged event stays acknowledged. This page is the contract; every engine keeps it
//! and passes the one conformance suite.
//!
//! # The log
//! A log is a sequence of *entries* (opaque bytes, 1 to 65,535 of them) at positions 0, 1, 2 … and a [`Head`]: how
//! many entries there are, the RFC 6962 root over them, and the signed note that says so. It only grows. It grows
//! by whole [`Group`]s: a group is in the log entirely or not at all, together with the head that follows it.
//!
//! # What is durable when
//! - [`LogWriter::append`] returns `Ok` only after the whole group and its head are on stable storage. From then on
//!   they are in every later opening of this log, whatever happens to the process or to the power.
//! - If `append` returns an error, or the process dies inside it, the group is in the log entirely or not at all;
//!   which of the two, only the next opening tells. The writer is *poisoned*: each later call fails. Nothing may be
//!   answered to anybody before the log was opened again.
//! - **Persist before publish**: a reader never sees a group, nor its head, before it is durable.
//!
//! # Who owns what
//! - There is one [`LogWriter`] for a log, in one process: a lock on the directory sees to that. It is owned by one
//!   thread (the sequencer's). It takes groups as `Arc`: engine, projections and answers share the same memory.
//! - A [`LogReader`] is shared by everybody. It never waits for the writer's disk access.
//! - Background work (sealing, deleting journal files) belongs to the engine and is never visible through the
//!   contract, but for its failure: then the next `append` fails. That old bundles cannot be archived stops nothing:
//!   they stay where they are, and [`LogReader::archive`] says why.
//! - The engine does not understand entries, identifiers or checkpoints. It does check what it would have to refuse
//!   at the next start: that groups follow each other, and that the root is the root over the leaves.
//!
//! # Errors
//! [`Retryable`]: nothing was changed, and the same call can succeed later. [`Fatal`]: the log is not what it
//! should be, or its storage does not work; the writer stops. Every variant says what is wrong, where, and the way
//! back. An engine never repairs silently: the one thing it drops is a last group that was being written when the
//! power went, hence never acknowledged, and it says so.

use std::ops::{Range, RangeInclusive};
use std::path::PathBuf;
use std::sync::Arc;

use super::error::{EngineError, Fatal};
use crate::merkle::{Frontier, Hash, leaf_hash};
use crate::tiles::Tile;

/// Entries in a bundle, and hashes in a full tile (C2SP tlog-tiles: a tile is 256 wide).
pub const TILE_WIDTH: u64 = 256;

/// The longest entry: a C2SP entry bundle writes its length in two bytes.
pub const MAX_ENTRY_BYTES: usize = 65_535;

/// The most entries in one group.
pub const MAX_GROUP_ENTRIES: usize = 4_096;

/// One entry about to be appended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEntry {
    /// The event's UUIDv7. The engine uses only its time, to narrow the bundles that may hold an id.
    pub id: [u8; 16],
    /// A fingerprint of the stream that the event belongs to ([`crate::streams::fingerprint`]). Opaque to the engine,
    /// which only finds entries by it.
    pub stream: u64,
    /// The RFC 6962 leaf hash of `bytes`. The caller vouches for it; it is computed anew at recovery.
    pub leaf: Hash,
    /// The exact entry, 1 to [`MAX_ENTRY_BYTES`] bytes.
    pub bytes: Arc<[u8]>,
}

/// The state of the log after some group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The number of entries.
    pub size: u64,
    /// The RFC 6962 root over them.
    pub root: Hash,
    /// The signed note over exactly this size and root; opaque to the engine, empty in an empty log.
    pub checkpoint: Arc<[u8]>,
}

impl Head {
    /// The head of a log without entries, which nobody has signed.
    pub fn empty() -> Self {
        Self { size: 0, root: crate::merkle::EMPTY_ROOT, checkpoint: Arc::from([]) }
    }
}

/// What one `append` makes durable: entries that follow each other, and the head after them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The position of the first entry: the size of the log before this group.
    pub first: u64,
    /// 1 to [`MAX_GROUP_ENTRIES`] entries.
    pub entries: Vec<NewEntry>,
    /// The head after the group: `size` is `first` plus the number of entries.
    pub head: Head,
}

/// Which end of a range comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Oldest first.
    Forward,
    /// Newest first.
    Backward,
}

/// Entries with their positions, in order.
pub type PositionedEntries = Vec<(u64, Arc<[u8]>)>;

/// The one hand that writes a log.
pub trait LogWriter: Send {
    /// Appends a group. It is durable, and visible to readers, when this returns `Ok`. May wait for the engine's
    /// background work when that has fallen behind.
    ///
    /// # Errors
    /// [`Retryable::Full`] before anything is written; the same group can be appended when there is room again. Else
    /// [`Fatal`]: the writer is poisoned then, and the fate of the group is known only after the next open.
    /// A group that breaks the contract ([`Fatal::BadGroup`]) is refused before anything is written.
    fn append(&mut self, group: Arc<Group>) -> Result<(), EngineError>;

    /// A way to ask for room ahead of an `append`.
    fn room(&self) -> Arc<dyn Room> {
        Arc::new(Endless)
    }

    /// Does one piece of background work, where the engine has no thread for it ([`Background::Stepped`]). False if
    /// there is nothing to do.
    ///
    /// # Errors
    /// [`Fatal`] if it fails; the next `append` then fails too.
    fn work(&mut self) -> Result<bool, EngineError> {
        Ok(false)
    }

    /// Has the archive's checkpoints signed from now on, where the engine keeps one. Until then it has none.
    fn sign_archive(&mut self, _signer: Arc<dyn ArchiveSigner>) {}

    /// Ends writing in good order, so that the next open has little to do. Dropping the writer instead loses
    /// nothing. Readers stay usable.
    ///
    /// # Errors
    /// [`Fatal`] if the background work fails or had failed; what was acknowledged is durable all the same.
    fn close(self: Box<Self>) -> Result<(), EngineError>;
}

/// Room on the disk for groups to come: whoever decides on something that must be written asks before.
pub trait Room: Send + Sync {
    /// Promises room for so many bytes of entries, with [`ENTRY_OVERHEAD`] for each and [`GROUP_OVERHEAD`] for each group.
    ///
    /// # Errors
    /// [`Retryable::Full`], or [`Fatal`] if the file system fails otherwise; nothing is promised then.
    fn promise(&self, bytes: u64) -> Result<(), EngineError>;

    /// Takes a promise back: what it was for was appended, or never will be.
    fn give_back(&self, bytes: u64);
}

/// The most bytes that an entry takes beyond its own: its id, its stream and its length.
pub const ENTRY_OVERHEAD: u64 = 16 + 8 + 2;
/// The most bytes that a group takes beyond its entries.
pub const GROUP_OVERHEAD: u64 = 1 << 10;

/// Where room never ends.
struct Endless;

impl Room for Endless {
    fn promise(&self, _bytes: u64) -> Result<(), EngineError> {
        Ok(())
    }

    fn give_back(&self, _bytes: u64) {}
}

/// Signs for an archive, so that whoever has a copy of it can verify it without the ledger. The engine itself does not
/// understand checkpoints.
pub trait ArchiveSigner: Send + Sync {
    /// The signed note over the first `size` entries, whose root this is. The log had that size once, or passed it.
    fn checkpoint(&self, size: u64, root: &Hash) -> Vec<u8>;

    /// The line that verifies such notes.
    fn verifier_key(&self) -> String;
}

/// What the archive of a log holds, and how it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchiveStatus {
    /// The directory.
    pub dir: PathBuf,
    /// The oldest bundles, so many of them, are there and no longer in the store.
    pub bundles: u64,
    /// Why the last attempt to move bundles failed, if it did. They stay in the store until one succeeds.
    pub failure: Option<String>,
}

/// A view of the log for any number of threads. All of it is about published, hence durable, entries.
pub trait LogReader: Send + Sync {
    /// The newest head.
    fn head(&self) -> Head;

    /// The entry at a position; `None` at or beyond the head.
    ///
    /// # Errors
    /// [`Fatal`] if storage fails or was damaged.
    fn entry(&self, position: u64) -> Result<Option<Arc<[u8]>>, EngineError> {
        Ok(self.read(position, 1)?.pop().map(|(_, bytes)| bytes))
    }

    /// Up to `max` entries from a position on, with their positions, in order and without gaps. Fewer than `max`
    /// only when the head has been reached.
    ///
    /// # Errors
    /// [`Fatal`] if storage fails or was damaged.
    fn read(&self, from: u64, max: usize) -> Result<PositionedEntries, EngineError>;

    /// The leaf hashes of a range of positions; `None` if it reaches beyond the head.
    ///
    /// # Errors
    /// [`Fatal`] if storage fails or was damaged.
    fn leaf_hashes(&self, range: Range<u64>) -> Result<Option<Vec<Hash>>, EngineError>;

    /// The root of the complete subtree over the leaves from `index << level` up to `(index + 1) << level`: what
    /// the proofs of [`crate::merkle`] are made of. `None` if it reaches beyond the head.
    ///
    /// # Errors
    /// [`Fatal`] if storage fails or was damaged.
    fn node(&self, level: u8, index: u64) -> Result<Option<Hash>, EngineError>;

    /// The hash tile at a tile level (0 to 63) and index, `width` (1 to 256) hashes of 32 bytes from its left
    /// edge. It is there for every published size, past ones included; `None` if no published tree has it, or if
    /// level or width are out of range.
    ///
    /// # Errors
    /// [`Fatal`] if storage fails or was damaged.
    fn tile(&self, level: u8, index: u64, width: u16) -> Result<Option<Vec<u8>>, EngineError>;

    /// The first `width` (1 to 256) entries of a bundle as C2SP tlog-tiles has them: `u16be length || entry`,
    /// repeated. `None` if the log does not reach that far, or if the width is out of range.
    ///
    /// # Errors
    /// [`Fatal`] if storage fails or was damaged.
    fn bundle(&self, index: u64, width: u16) -> Result<Option<Vec<u8>>, EngineError>;

    /// The bundles, ascending, among whose identifiers are some not later than the last and some not earlier than the
    /// first of these UUIDv7 times (milliseconds since 1970): only they can hold an identifier of one of them.
    fn bundles_for_ids(&self, id_ms: RangeInclusive<u64>) -> Vec<u64>;

    /// Up to `max` positions in a range (what of it lies below the head) whose entries may carry this fingerprint of
    /// a stream, in this order; fewer than `max` only when there are no more. None that carries it is left out, but
    /// some that do not may be among them: whoever asks looks at the entries. [`crate::streams`] does.
    ///
    /// # Errors
    /// [`Fatal`] if storage fails or was damaged.
    fn stream_positions(
        &self,
        stream: u64,
        range: Range<u64>,
        order: Order,
        max: usize,
    ) -> Result<Vec<u64>, EngineError>;

    /// What is in the archive; `None` if there is none.
    fn archive(&self) -> Option<ArchiveStatus> {
        None
    }

    /// The archive's file of a tile, exactly as it is; `None` if an archive of its size is not to have it. For audits: the log
    /// itself takes hashes from nowhere but its entries.
    ///
    /// # Errors
    /// [`Fatal::ArchiveMissing`], or that it cannot be read.
    fn archived_file(&self, _tile: &Tile) -> Result<Option<Vec<u8>>, EngineError> {
        Ok(None)
    }
}

/// A size and root that are known from elsewhere, such as the last checkpoint cosigned by a witness.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownHead {
    /// The size of the log then.
    pub size: u64,
    /// Its root then.
    pub root: Hash,
}

/// Whether a log contains a head that is known from elsewhere.
///
/// # Errors
/// [`Fatal::Rollback`] if it is behind it, [`Fatal::OtherHistory`] if it is beside it, or as reading it.
pub fn check_known(reader: &dyn LogReader, known: &KnownHead) -> Result<(), EngineError> {
    let found = reader.head().size;
    if found < known.size {
        return Err(Fatal::Rollback { known: known.size, found }.into());
    }
    let found = frontier_at(reader, known.size)?.root();
    let other = Fatal::OtherHistory { size: known.size, known: known.root, found };
    if found == known.root { Ok(()) } else { Err(other.into()) }
}

/// The frontier of the first `size` entries of a log that has at least so many.
///
/// # Errors
/// As reading it.
pub fn frontier_at(reader: &dyn LogReader, size: u64) -> Result<Frontier, EngineError> {
    Frontier::load(size, |level, index| Ok(reader.node(level, index)?.expect("it lies below the head")))
}

/// Checks a group against the contract and answers the frontier after it.
pub(super) fn check_group(frontier: &Frontier, group: &Group) -> Result<Frontier, Fatal> {
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

/// The positions of a tile's nodes in their level; `None` if the width is not 1 to 256.
pub(super) fn tile_range(index: u64, width: u16) -> Option<Range<u64>> {
    let width = u64::from(width);
    if !(1..=TILE_WIDTH).contains(&width) {
        return None;
    }
    let first = index.checked_mul(TILE_WIDTH)?;
    Some(first..first.checked_add(width)?)
}
