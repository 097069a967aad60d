//! The ledger that a backup is made of.

use std::path::Path;
use std::sync::Arc;

use crate::checkpoint::Origin;
use crate::domain::event::{Body, LedgerEvent};
use crate::engine::{self, LogReader, OpenOptions};
use crate::ledger::LedgerError;
use crate::note::{KeyType, VerifierKey};
use crate::replay::unreadable;
use crate::vault::{MasterKey, Vault, VaultRng};
use crate::wire;

/// A ledger that can be backed up: opened for it, or running.
#[derive(Clone)]
pub struct Source {
    /// The log.
    pub reader: Arc<dyn LogReader>,
    /// Personal data.
    pub vault: Arc<Vault>,
    /// Verifies the log's checkpoints; its name is the ledger's.
    pub log_key: VerifierKey,
}

impl Source {
    /// Opens the log and the vault of a ledger that no process has open. They are closed with the last clone.
    ///
    /// # Errors
    /// [`LedgerError`], as opening the whole ledger.
    pub fn open(dir: &Path, options: OpenOptions, rng: VaultRng) -> Result<Self, LedgerError> {
        crate::ledger::check_there(dir, &options.disk)?;
        let (writer, reader, _) = engine::open(&dir.join("log"), options)?;
        writer.close()?;
        let first = reader.entry(0)?.ok_or_else(|| LedgerError::Unfinished(dir.to_owned()))?;
        let log_key = log_key(&first).map_err(|why| unreadable(0, why))?;
        let vault = Arc::new(Vault::open(dir, MasterKey::load(dir)?, rng)?);
        Ok(Self { reader, vault, log_key })
    }
}

/// The key that the first entry of a log names for checkpoints.
pub(super) fn log_key(first: &[u8]) -> Result<VerifierKey, String> {
    let entry = wire::decode_entry(first).map_err(|error| error.to_string())?;
    let event = wire::decode_event(&entry.signed.payload).map_err(|error| error.to_string())?;
    let origin = event.ledger.parse::<Origin>().map_err(|error| error.to_string())?;
    let Body::Ledger(LedgerEvent::Founded(founding)) = event.body else {
        return Err("not a founding event".to_owned());
    };
    let key = crate::keys::usable_public_key(&founding.log_key.0).map_err(|error| error.to_string())?;
    VerifierKey::new(origin.as_str(), KeyType::Ed25519, key).map_err(|error| error.to_string())
}

/// Is told how far the work has come, as parts of a whole; `false` calls it off.
pub type Watch<'a> = &'a dyn Fn(u64, u64) -> bool;
