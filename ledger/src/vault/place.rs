//! Where a vault lies below a ledger's data directory.

use std::path::{Path, PathBuf};

/// The directory of the sealed values, below the data directory.
pub const VALUES_DIR: &str = "vault";
/// The directory of the keys, below the data directory. Never back it up together with the values.
pub const KEYS_DIR: &str = "vault-keys";

pub(super) fn values_path(dir: &Path) -> PathBuf {
    dir.join(VALUES_DIR).join("values")
}

pub(super) fn keys_path(dir: &Path) -> PathBuf {
    dir.join(KEYS_DIR).join("keys")
}
