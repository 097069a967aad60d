//! What can go wrong in an engine, and the way back from it.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::merkle::Hash;

/// Why the engine did not do what was asked.
#[derive(Debug, Error)]
pub enum EngineError {
    /// Nothing was changed; the same call can succeed later.
    #[error(transparent)]
    Retryable(#[from] Retryable),
    /// The writer stops. Opening the log again recovers, or names what has to be mended first.
    #[error(transparent)]
    Fatal(#[from] Fatal),
}

/// Nothing was changed; the same call can succeed later.
#[derive(Debug, Error)]
pub enum Retryable {
    /// Another process has this log open.
    #[error("another process has the ledger in {} open: stop it first, or name another directory", dir.display())]
    Locked {
        /// The log's directory.
        dir: PathBuf,
    },
    /// A snapshot could not be kept or listed. The log is not touched by that.
    #[error("snapshot {name:?}: {source}; the log itself is whole, only the next start takes longer")]
    Snapshot {
        /// The snapshot's name.
        name: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

/// The log is not what it should be, or its storage does not work.
#[derive(Debug, Error)]
pub enum Fatal {
    /// The operating system refused.
    #[error("cannot {doing} {}: {source}; mend that (space, permissions, disk) and start again", path.display())]
    Io {
        /// What was being done.
        doing: &'static str,
        /// To which file or directory.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The caller broke the contract; nothing was written.
    #[error("the group at position {first} was refused: {reason}; this is a defect of the program")]
    BadGroup {
        /// The group's first position.
        first: u64,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// An earlier call failed; what is in the log is known only after opening it again.
    #[error("writing stopped after an earlier failure; start again to recover")]
    Poisoned,
    /// The background work failed.
    #[error("sealing stopped: {reason}; what was acknowledged is in the journal, start again to recover")]
    Sealer {
        /// What it said.
        reason: String,
    },
    /// A journal file holds something that neither a finished nor an interrupted write leaves.
    #[error(
        "the journal file {} is damaged at byte {offset}: {what}; restore the directory from a backup, \
         nothing was changed", file.display()
    )]
    JournalDamaged {
        /// The file.
        file: PathBuf,
        /// Where in it.
        offset: u64,
        /// What was found.
        what: &'static str,
    },
    /// A journal file is missing.
    #[error(
        "the journal in {} lacks {what}; put the missing file back or restore the directory from a backup",
        dir.display()
    )]
    JournalGap {
        /// The journal's directory.
        dir: PathBuf,
        /// What is missing.
        what: String,
    },
    /// The head guard is missing although there is a log.
    #[error("{} is missing although there is a log beside it; restore it from a backup", path.display())]
    GuardMissing {
        /// The guard's file.
        path: PathBuf,
    },
    /// The head guard cannot be read.
    #[error("{} is damaged: {what}; restore it from a backup of the same moment", path.display())]
    GuardDamaged {
        /// The guard's file.
        path: PathBuf,
        /// What is wrong with it.
        what: &'static str,
    },
    /// sled reported an error or panicked.
    #[error(
        "the store in {} failed while {doing}: {what}; start again, and if that does not help restore the \
         directory from a backup", path.display()
    )]
    Store {
        /// The store's directory.
        path: PathBuf,
        /// What was being done.
        doing: &'static str,
        /// What sled said.
        what: String,
    },
    /// The store lacks something that was sealed, or has it with other bytes.
    #[error(
        "the store in {} does not hold {what} of the sealed log as it was written: {how}; restore the directory \
         from a backup", path.display()
    )]
    StoreDamaged {
        /// The store's directory.
        path: PathBuf,
        /// Which bundle or index page.
        what: String,
        /// What is wrong with it.
        how: &'static str,
    },
    /// The entries do not have the root that was stored for them.
    #[error(
        "the first {size} entries have the root {}, but {whose} says {}; restore the directory from a backup",
        hex::encode(found),
        hex::encode(expected)
    )]
    RootMismatch {
        /// How many entries.
        size: u64,
        /// Who says otherwise.
        whose: &'static str,
        /// The root it should be.
        expected: Hash,
        /// The root over what is there.
        found: Hash,
    },
    /// The log is behind a head that is known from elsewhere.
    #[error(
        "the log has {found} entries, but {known} are known to have been published: this is an old copy; restore \
         a newer backup"
    )]
    Rollback {
        /// The size known from elsewhere.
        known: u64,
        /// The size found.
        found: u64,
    },
    /// A newer program wrote this.
    #[error("{} was written in format {found}, this program knows {known}; use the newer program", path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// The format found.
        found: u32,
        /// The newest known.
        known: u32,
    },
}

impl Fatal {
    /// Wraps an error of the operating system.
    pub(super) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Io { doing, path, source }
    }
}
