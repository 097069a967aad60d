//! What is kept a moment between requests of what they show of others.

use std::hash::{BuildHasher as _, BuildHasherDefault};
use std::sync::Arc;

use hourbook_ledger::domain::ids::{Commitment, PersonId};
use hourbook_ledger::vault::{SecretValue, VaultError};
use parking_lot::RwLock;
use rustc_hash::{FxHashMap, FxHasher};
use tokio::sync::Mutex;
use zeroize::Zeroizing;

/// Names that were shown a moment ago: to decrypt one costs more than the rest of the line that it is in. All are
/// forgotten every few seconds and when somebody is erased, and wiped from memory with that.
#[derive(Default)]
pub(crate) struct Names(RwLock<FxHashMap<Commitment, Arc<Zeroizing<String>>>>);

/// Names at hand at most.
const NAMES: usize = 4_096;

impl Names {
    pub(super) fn get_or(
        &self,
        commitment: Commitment,
        look: impl FnOnce() -> Result<Option<SecretValue>, VaultError>,
    ) -> Result<Option<Arc<Zeroizing<String>>>, VaultError> {
        if let Some(name) = self.0.read().get(&commitment) {
            return Ok(Some(name.clone()));
        }
        let Some(value) = look()? else { return Ok(None) };
        let name = Arc::new(Zeroizing::new(value.expose().to_owned()));
        let mut names = self.0.write();
        if names.len() >= NAMES {
            names.clear();
        }
        names.insert(commitment, name.clone());
        Ok(Some(name))
    }

    /// Forgets all of them.
    pub(crate) fn forget(&self) {
        self.0.write().clear();
    }
}

/// Viewers whose looks are being recorded take turns, each with itself and few others.
pub(crate) struct AccessDedup([Mutex<()>; 64]);

impl Default for AccessDedup {
    fn default() -> Self {
        Self([const { Mutex::const_new(()) }; 64])
    }
}

impl AccessDedup {
    pub(super) async fn turn_of(&self, by: PersonId) -> tokio::sync::MutexGuard<'_, ()> {
        let hash = BuildHasherDefault::<FxHasher>::default().hash_one(by);
        self.0[(hash >> 58) as usize].lock().await
    }
}
