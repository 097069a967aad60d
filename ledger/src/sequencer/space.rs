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

/// Where room is asked for.
#[derive(Clone)]
pub(crate) struct Space {
    pub(crate) log: Arc<dyn Room>,
    pub(crate) vault: Arc<Vault>,
}

impl Space {
    /// Room for a batch, and for what the ledger adds to it. [`Failure::Full`] if there is none.
    pub(super) fn pledge(&self, batch: &[Checked]) -> Result<Pledge, Failure> {
        let events = batch.iter().map(|checked| checked.submission.signed.payload.len() as u64 + ENTRY);
        let entries = events.map(|bytes| bytes + ENTRY_OVERHEAD).sum::<u64>();
        let openings = batch.iter().flat_map(|checked| &checked.submission.openings);
        let vault = self.vault.promise(openings).map_err(of_vault)?;
        let log = entries + OWN_EVENT + GROUP_OVERHEAD;
        self.log.promise(log).inspect_err(|_| self.vault.give_back(vault)).map_err(of_log)?;
        Ok(Pledge { log, vault })
    }

    /// Room for so many events of the ledger's own.
    pub(super) fn pledge_own(&self, events: usize) -> Result<Pledge, Failure> {
        let log = events as u64 * OWN_EVENT + GROUP_OVERHEAD;
        self.log.promise(log).map_err(of_log)?;
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
            Err(Failure::Full(what)) => Err(SubmitError::Full(what)),
            // Whoever writes next will say so.
            Err(_) => Ok(()),
        }
    }
}

fn of_log(error: EngineError) -> Failure {
    match error {
        EngineError::Retryable(full @ Retryable::Full { .. }) => Failure::Full(full.to_string()),
        other => other.into(),
    }
}

fn of_vault(error: VaultError) -> Failure {
    match error {
        VaultError::Full { .. } => Failure::Full(error.to_string()),
        other => other.into(),
    }
}
