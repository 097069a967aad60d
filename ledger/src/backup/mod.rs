//! Backups of a ledger, and the way back from one. Nothing here copies a store's files: everything is read through the
//! engine and the vault, so a backup can be made while the ledger is written to.
//!
//! # A backup of the ledger
//! | in the directory | what |
//! |---|---|
//! | `tile/…` | the log as C2SP tlog-tiles lays it out, entry bundles and hash tiles: any verifier of tiles can read it |
//! | `checkpoint`, `log.vkey` | the signed tree head, and the key that verifies it |
//! | `vault/<number>.values` | sealed personal data, in segments; no key |
//! | `manifest` | what belongs to it, with checksums; written last, so that without it there is no backup |
//!
//! Another backup into the same directory adds what is new: tiles that were full stay as they are, a new segment holds
//! the new values. Until its manifest takes the place of the old one, the old backup is what is there.
//!
//! # A backup of the keys
//! `vault-keys/`, `keys/` and a `manifest`, apart from every backup of the ledger: whoever has both reads everything.
//! An erased person's key must not live on in old copies, so a backup of keys replaces the one before it.
//!
//! # What is consistent with what
//! The head is taken first, then the values: they are durable before the events that commit to them, so every value of
//! an event below the head is there, unless its subject was erased. Keys are made before values; keys backed up *after*
//! the ledger can open all of them, and older ones say whose values they cannot open.

mod check;
mod error;
mod keys;
mod manifest;
mod place;
mod restore;
mod write;

#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;

use crate::checkpoint::Origin;
use crate::domain::event::{Body, Founding};
use crate::engine::{self, LogReader, OpenOptions};
use crate::node::NodeError;
use crate::note::{KeyType, VerifierKey};
use crate::vault::{MasterKey, Vault, VaultRng};
use crate::wire;

pub use check::{Checked, check};
pub use error::{BackupError, Misplaced};
pub use keys::{CheckedKeys, check_keys, write_keys};
#[cfg(feature = "fuzzing")]
pub(crate) use manifest::read_again;
pub use restore::{Restored, Restoring, restore};
pub use write::{Written, write};

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
    /// [`NodeError`], as opening the whole ledger.
    pub fn open(dir: &Path, options: OpenOptions, rng: VaultRng) -> Result<Self, NodeError> {
        crate::node::check_there(dir, &options.disk)?;
        let (writer, reader, _) = engine::open(&dir.join("log"), options)?;
        writer.close()?;
        let first = reader.entry(0)?.ok_or_else(|| NodeError::Unfinished(dir.to_owned()))?;
        let (origin, founding) = founding(&first).map_err(|why| NodeError::Entry { position: 0, why })?;
        let vault = Arc::new(Vault::open(dir, MasterKey::load(dir)?, rng)?);
        let log_key = log_key(&origin, &founding).map_err(|why| NodeError::Entry { position: 0, why })?;
        Ok(Self { reader, vault, log_key })
    }
}

/// What the first entry of a log says.
fn founding(first: &[u8]) -> Result<(Origin, Founding), String> {
    let entry = wire::decode_entry(first).map_err(|error| error.to_string())?;
    let event = wire::decode_event(&entry.signed.payload).map_err(|error| error.to_string())?;
    let origin = event.ledger.parse::<Origin>().map_err(|error| error.to_string())?;
    match event.body {
        Body::LedgerFounded(founding) => Ok((origin, founding)),
        _ => Err("not a founding event".to_owned()),
    }
}

/// The key that the founding event names for checkpoints.
fn log_key(origin: &Origin, founding: &Founding) -> Result<VerifierKey, String> {
    let key = crate::keys::usable_public_key(&founding.log_key.0).map_err(|error| error.to_string())?;
    VerifierKey::new(origin.as_str(), KeyType::Ed25519, key).map_err(|error| error.to_string())
}

/// Is told how far the work has come, as parts of a whole; `false` calls it off.
pub type Watch<'a> = &'a dyn Fn(u64, u64) -> bool;
