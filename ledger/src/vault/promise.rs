//! Room for values and keys to come.

use super::error::VaultError;
use super::store::Vault;
use super::{frames, values};
use crate::commitment::Opening;

/// Room that was promised in the two files.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Promised {
    keys: u64,
    values: u64,
}

impl Promised {
    /// Both together.
    pub(crate) fn and(self, more: Self) -> Self {
        Self { keys: self.keys + more.keys, values: self.values + more.values }
    }
}

impl Vault {
    /// Promises room for openings that will be put, so that the put does not find the disk full. To be given back once
    /// they were put, or will not be.
    ///
    /// # Errors
    /// [`VaultError::Full`], or others of the file system; nothing is promised then.
    pub(crate) fn promise<'a>(
        &self,
        openings: impl Iterator<Item = &'a Opening> + Clone,
    ) -> Result<Promised, VaultError> {
        let count = openings.clone().count();
        if count == 0 {
            return Ok(Promised::default());
        }
        let sealed: usize = openings.map(values::sealed_size).sum();
        let values = (frames::FRAME_HEAD + sealed) as u64;
        self.values.file.promise(values)?;
        let keys = self.keys.promise(count).inspect_err(|_| self.values.file.give_back(values))?;
        Ok(Promised { keys, values })
    }

    /// Takes a promise back.
    pub(crate) fn give_back(&self, promised: Promised) {
        if promised.values > 0 {
            self.values.file.give_back(promised.values);
            self.keys.file.give_back(promised.keys);
        }
    }
}
