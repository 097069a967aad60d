//! Whether there is a ledger in a directory.

use std::path::Path;

use super::error::NodeError;
use crate::disk::Disk;

/// Where a restore works until it is done, inside the new directory.
pub(crate) const UNDER_WAY: &str = ".restoring";

/// Whether there is a ledger in a directory.
///
/// # Errors
/// [`NodeError::NoLedger`], [`NodeError::Unrestored`].
pub(crate) fn check_there(dir: &Path, disk: &Disk) -> Result<(), NodeError> {
    if disk.exists(&dir.join("log")) {
        return Ok(());
    }
    match disk.exists(&dir.join(UNDER_WAY)) {
        true => Err(NodeError::Unrestored(dir.to_owned())),
        false => Err(NodeError::NoLedger(dir.to_owned())),
    }
}
