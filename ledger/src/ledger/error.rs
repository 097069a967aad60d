//! Why a ledger is not founded or opened.

use std::path::{Path, PathBuf};

use crate::disk::DiskError;
use crate::engine::EngineError;
use crate::keys::KeyTextError;
use crate::note::VerifierKeyError;
use crate::replay::ReplayError;
use crate::sequencer::SubmitError;
use crate::vault::VaultError;

/// Why a ledger could not be founded or opened.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// There is a ledger in the directory already, or what an interrupted founding left.
    #[error(
        "there is a ledger in {0} already; if it was never founded to the end, remove the directory and begin anew"
    )]
    AlreadyThere(PathBuf),
    /// The founding was interrupted before its event was durable: nothing was ever recorded.
    #[error(
        "the ledger in {0} was never founded to the end and holds nothing: remove the directory and found it again"
    )]
    Unfinished(PathBuf),
    /// A restore was interrupted before it was done.
    #[error(
        "a restore into {0} was interrupted: run the same `hourbook restore` again, it begins anew; nothing in the \
         directory is a ledger yet"
    )]
    Unrestored(PathBuf),
    /// There is no ledger in the directory.
    #[error("there is no ledger in {0}: make one with `hourbook init`")]
    NoLedger(PathBuf),
    /// A file cannot be read or written.
    #[error("{path}: {source}")]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// One of the ledger's own key files is not there.
    #[error(
        "{} is missing, and without it nothing can be signed: put it back, or restore the ledger from its backup and the \
         backup of its keys into a new directory with `hourbook restore`",
        .0.display()
    )]
    KeyMissing(PathBuf),
    /// A key file does not hold a key.
    #[error("{path}: {source}")]
    Key {
        /// Which.
        path: PathBuf,
        /// Why.
        source: KeyTextError,
    },
    /// The log.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The vault.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The origin cannot name a key.
    #[error(transparent)]
    Name(#[from] VerifierKeyError),
    /// The log cannot be read again by this program.
    #[error(transparent)]
    Replay(ReplayError),
    /// A key in `keys/` is not one that the log names for it.
    #[error("{0} is not a key that the log names for this ledger: put the right file back")]
    WrongKey(PathBuf),
    /// The founding event was not accepted.
    #[error("the founding event was not accepted: {0}")]
    Founding(#[from] SubmitError),
}

pub(super) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> LedgerError {
    let path = path.to_owned();
    move |source| LedgerError::Io { path, source }
}

impl From<DiskError> for LedgerError {
    fn from(error: DiskError) -> Self {
        Self::Io { path: error.path, source: error.source }
    }
}

impl From<ReplayError> for LedgerError {
    fn from(error: ReplayError) -> Self {
        match error {
            ReplayError::Engine(error) => Self::Engine(error),
            other => Self::Replay(other),
        }
    }
}
