//! The key files in a ledger's directory.

use std::path::Path;

use ed25519_dalek::SigningKey;
use zeroize::Zeroizing;

use super::error::LedgerError;
use crate::actor::Actor;
use crate::disk::Disk;
use crate::domain::State;
use crate::domain::event::Founding;
use crate::domain::ids::PublicKey;
use crate::keys::{signing_key_from_pem, signing_key_to_pem};

/// The ledger's own three keys.
pub(super) struct OwnKeys {
    pub(super) log: SigningKey,
    pub(super) ledger: SigningKey,
    pub(super) session: SigningKey,
}

pub(super) fn load_keys(disk: &Disk, dir: &Path, founding: &Founding) -> Result<OwnKeys, LedgerError> {
    let read = |name: &str, expected: Option<PublicKey>| {
        let path = dir.join("keys").join(name);
        let bytes = Zeroizing::new(disk.read(&path).map_err(|error| match error.is_missing() {
            true => LedgerError::KeyMissing(path.clone()),
            false => error.into(),
        })?);
        let text = std::str::from_utf8(&bytes).map_err(|_| LedgerError::WrongKey(path.clone()))?;
        let key =
            signing_key_from_pem(text).map_err(|source| LedgerError::Key { path: path.clone(), source })?;
        let is_it = expected.is_none_or(|public| public.0 == key.verifying_key().to_bytes());
        if is_it { Ok(key) } else { Err(LedgerError::WrongKey(path)) }
    };
    let log = read("log.pem", Some(founding.log_key))?;
    Ok(OwnKeys { log, ledger: read("ledger.pem", None)?, session: read("session.pem", None)? })
}

/// The ledger's key may have been rotated since the founding: any key of the ledger's person will do. One that has ended
/// signs nothing more, but the ledger can be read and its key replaced.
pub(super) fn check_own_key(dir: &Path, state: &State, ledger: &Actor) -> Result<(), LedgerError> {
    if state.founded.is_none() {
        return Ok(());
    }
    let path = dir.join("keys").join("ledger.pem");
    let key = state.keys.get(ledger.key_id()).filter(|key| key.person == ledger.person);
    if let Some(until) = key.ok_or_else(|| LedgerError::WrongKey(path.clone()))?.until {
        tracing::error!(path = %path.display(), until, "the ledger's key has ended: no timer is signed");
    }
    Ok(())
}

/// Writes a key file that only its owner can read, durably.
///
/// # Errors
/// [`LedgerError::Io`]; a file that is there already is not replaced.
pub fn write_key(path: &Path, key: &SigningKey) -> Result<(), LedgerError> {
    write_key_on(&Disk::default(), path, key)
}

pub(super) fn write_key_on(disk: &Disk, path: &Path, key: &SigningKey) -> Result<(), LedgerError> {
    let file = disk.create(path)?;
    file.write_at(signing_key_to_pem(key).as_bytes(), 0)?;
    Ok(file.sync_all()?)
}
