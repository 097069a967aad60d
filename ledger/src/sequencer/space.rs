//! Room on the disk for what is being decided.
//!
//! What was decided cannot be taken back when the disk turns out to be full. So before a batch is decided the journal and
//! the vault set room aside for it; a batch for which there is none is answered so, and leaves no trace. When there is
//! room again the next batch finds it.

use std::sync::Arc;

use super::failure::Failure;
use super::messages::SubmitError;
use crate::engine::{ENTRY_OVERHEAD, EngineError, GROUP_OVERHEAD, Retryable, Room};
use crate::envelope::Checked;
use crate::vault::{Promised, Vault, VaultError};

/// What the ledger's own events have at most: a timer's, a digest's.
const OWN_EVENT: u64 = 2 << 10;
/// Of an entry, beside what was signed: position, time, revision, key and signature.
const ENTRY: u64 = 256;

/// Room that was set aside, to be given back once what it is for is durable.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Pledge {
    log: u64,
    vault: Promised,
}

impl Pledge {
    pub(super) fn add(&mut self, more: Self) {
        self.log += more.log;
        self.vault = self.vault.and(more.vault);
    }
}

/// Why there is no room, or why that cannot be told.
pub(super) enum NoRoom {
    Full(String),
    Broken(Failure),
}

/// Where room is asked for.
#[derive(Clone)]
pub(crate) struct Space {
    log: Arc<dyn Room>,
    vault: Arc<Vault>,
}

impl Space {
    pub(crate) fn new(log: Arc<dyn Room>, vault: Arc<Vault>) -> Self {
        Self { log, vault }
    }

    /// Room for a batch, and for what the ledger adds to it.
    pub(super) fn pledge(&self, batch: &[Checked]) -> Result<Pledge, NoRoom> {
        let events = batch.iter().map(|checked| checked.submission.signed.payload.len() as u64 + ENTRY);
        let entries = events.map(|bytes| bytes + ENTRY_OVERHEAD).sum::<u64>();
        let openings = batch.iter().flat_map(|checked| &checked.submission.openings);
        let vault = self.vault.promise(openings)?;
        let log = entries + OWN_EVENT + GROUP_OVERHEAD;
        self.log.promise(log).inspect_err(|_| self.vault.give_back(vault))?;
        Ok(Pledge { log, vault })
    }

    /// Room for so many events of the ledger's own.
    pub(super) fn pledge_own(&self, events: usize) -> Result<Pledge, NoRoom> {
        let log = events as u64 * OWN_EVENT + GROUP_OVERHEAD;
        self.log.promise(log)?;
        Ok(Pledge { log, vault: Promised::default() })
    }

    pub(super) fn give_back(&self, pledge: Pledge) {
        self.log.give_back(pledge.log);
        self.vault.give_back(pledge.vault);
    }

    /// Whether there is room for a small batch now.
    pub(super) fn probe(&self) -> Result<(), SubmitError> {
        match self.pledge_own(1) {
            Ok(pledge) => {
                self.give_back(pledge);
                Ok(())
            }
            Err(NoRoom::Full(what)) => Err(SubmitError::Full(what)),
            // Whoever writes next will say so.
            Err(NoRoom::Broken(_)) => Ok(()),
        }
    }
}

impl From<EngineError> for NoRoom {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Retryable(full @ Retryable::Full { .. }) => Self::Full(full.to_string()),
            other => Self::Broken(other.into()),
        }
    }
}

impl From<VaultError> for NoRoom {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::Full { .. } => Self::Full(error.to_string()),
            other => Self::Broken(other.into()),
        }
    }
}
