//! Why the sequencer stops.

use super::watch::ClockFault;
use crate::checkpoint::CheckpointError;
use crate::engine::EngineError;
use crate::vault::VaultError;

/// Why the writer has to stop.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("log: {0}")]
    Engine(#[from] EngineError),
    #[error("vault: {0}")]
    Vault(#[from] VaultError),
    #[error("checkpoint: {0}")]
    Checkpoint(#[from] CheckpointError),
    #[error("entry {0} on the log cannot be read")]
    Entry(u64),
    #[error("{0}")]
    Fault(String),
    #[error(transparent)]
    Clock(#[from] ClockFault),
    #[error("{0}")]
    Full(String),
    #[error("a group could not be committed")]
    Stopped,
}
