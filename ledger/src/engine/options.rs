//! How the embedded log is opened, and what opening found.

use std::path::PathBuf;
use std::sync::Arc;

use super::contract::{Head, KnownHead, LogReader, LogWriter};
use crate::disk::Disk;

/// Who does the engine's background work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Background {
    /// A thread of its own.
    #[default]
    Thread,
    /// Whoever calls [`LogWriter::work`], so that a simulation decides when.
    Stepped,
}

/// Random bytes that no submitter of entries can know. Not shown by `Debug`.
#[derive(Clone, Copy, Default)]
pub struct Secret(pub(super) [u8; 32]);

impl Secret {
    /// A new one.
    #[must_use]
    pub fn new(rng: &mut dyn rand_core::CryptoRng) -> Self {
        let mut bytes = [0; 32];
        rng.fill_bytes(&mut bytes);
        Self(bytes)
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// Where old bundles go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchiveOptions {
    /// A directory of its own: missing, empty, or this log's archive already, perhaps moved. Not inside the log's.
    pub dir: PathBuf,
    /// How many of the newest sealed bundles stay in the store.
    pub keep: u64,
}

/// How to open an embedded log.
#[derive(Debug, Clone)]
pub struct OpenOptions {
    /// A journal file that has grown to this many bytes is followed by a new one. Default 64 MiB.
    pub journal_bytes: u64,
    /// `append` waits while complete but unsealed bundles keep the entries in memory above this. Default 64 MiB,
    /// at least 32 MiB (an incomplete bundle can have 16.8 MB).
    pub unsealed_bytes: usize,
    /// sled's page cache in bytes. Default 64 MiB.
    pub store_cache_bytes: u64,
    /// How many of the newest sealed bundles are read and checked at open. Default 4,096 (1,048,576 entries). The
    /// older ones are checked when they are read, and all of them by a full check of the ledger.
    pub check_bundles: u64,
    /// Refuse to start behind any of these heads, or on another history than theirs (rollback guard). Default none.
    pub known: Vec<KnownHead>,
    /// Where bundles are moved to that are older than the newest so many. Default none: nothing is moved, and what was
    /// moved before is read where the log remembers it to be.
    pub archive: Option<ArchiveOptions>,
    /// Where the log lies. Default the machine's own disk.
    pub disk: Disk,
    /// Who seals. Default a thread.
    pub background: Background,
    /// Take a last journal frame whose checksum does not fit for an interrupted write, and drop it. By default that
    /// stops the start: after a power cut it can be what an unacknowledged write left, but it can also be damage to
    /// something acknowledged, and only a person can know which. Default false.
    pub drop_damaged_end: bool,
    /// Marks new journal files. Whoever appends what strangers submitted sets it afresh at every open. Default all zeros,
    /// which everybody knows.
    pub secret: Secret,
    /// A bug to build in, to show that tests find it. Without the feature `planted-bugs` none is.
    pub planted: Option<Planted>,
}

/// Bugs that can be built in, each of which costs an acknowledged event or records one twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Planted {
    /// The journal is written but not synced before a group is acknowledged.
    MissingSync,
    /// Submitters are answered before their group is in the log.
    EarlyAnswer,
    /// Journal files are deleted without the store's barrier before.
    SkippedBarrier,
    /// The recent ids are not read back at a start.
    ForgottenId,
    /// Journal files are replayed in the order in which the directory lists them.
    UnsortedReplay,
    /// Bundles leave the store for an archive whose files were not synced.
    UnsyncedArchive,
}

impl Planted {
    /// All of them with their names.
    pub const ALL: [(&str, Self); 6] = [
        ("missing-fdatasync", Self::MissingSync),
        ("early-answer", Self::EarlyAnswer),
        ("skipped-barrier", Self::SkippedBarrier),
        ("forgotten-id", Self::ForgottenId),
        ("unsorted-replay", Self::UnsortedReplay),
        ("unsynced-archive", Self::UnsyncedArchive),
    ];

    /// The bug of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(known, _)| *known == name).map(|(_, bug)| bug)
    }
}

impl OpenOptions {
    /// Whether this bug is built in. Never, without the feature `planted-bugs`.
    pub(crate) fn has(&self, bug: Planted) -> bool {
        cfg!(feature = "planted-bugs") && self.planted == Some(bug)
    }
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self {
            journal_bytes: 64 << 20,
            unsealed_bytes: 64 << 20,
            store_cache_bytes: 64 << 20,
            check_bundles: 4_096,
            known: Vec::new(),
            archive: None,
            disk: Disk::default(),
            background: Background::default(),
            drop_damaged_end: false,
            secret: Secret::default(),
            planted: None,
        }
    }
}

/// What opening found and did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovered {
    /// The head, that of the last group that is whole.
    pub head: Head,
    /// Entries that were sealed already.
    pub sealed: u64,
    /// Entries that came back from the journal.
    pub replayed: u64,
    /// Bytes of a last, unacknowledged group that was being written when the process or the power went; they were
    /// cut off. Zero after an orderly end.
    pub torn_bytes: u64,
}

/// The parts of an opened log.
pub type Opened = (Box<dyn LogWriter>, Arc<dyn LogReader>, Recovered);
