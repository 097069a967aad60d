//! Whether there is a ledger in a directory.

use std::path::Path;

use super::error::LedgerError;
use crate::disk::Disk;

/// Where a restore works until it is done, inside the new directory.
pub(crate) const UNDER_WAY: &str = ".restoring";

/// Whether there is a ledger in a directory.
///
/// # Errors
/// [`LedgerError::NoLedger`], [`LedgerError::Unrestored`].
pub(crate) fn check_there(dir: &Path, disk: &Disk) -> Result<(), LedgerError> {
    if disk.exists(&dir.join("log")) {
        return Ok(());
    }
    match disk.exists(&dir.join(UNDER_WAY)) {
        true => Err(LedgerError::Unrestored(dir.to_owned())),
        false => Err(LedgerError::NoLedger(dir.to_owned())),
    }
}
