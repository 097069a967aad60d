//! How much memory one sheet may take while it is read: counted as it is allocated, whatever the file says of itself.

use super::faults::{FileFault, SheetError};

/// What is left of a sheet's memory.
#[derive(Clone, Copy, Debug)]
pub(super) struct Meter {
    left: usize,
}

impl Meter {
    pub(super) fn new(bytes: usize) -> Meter {
        Meter { left: bytes }
    }

    /// Counts `bytes` about to be kept.
    pub(super) fn take(&mut self, bytes: usize) -> Result<(), SheetError> {
        self.left = self.left.checked_sub(bytes).ok_or_else(|| SheetError::new(FileFault::ZipBomb, ""))?;
        Ok(())
    }
}
