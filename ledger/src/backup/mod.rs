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
mod source;
mod write;

#[cfg(test)]
mod tests;

pub use check::{Checked, check};
pub use error::{BackupError, Misplaced};
pub use keys::{CheckedKeys, check_keys, write_keys};
#[cfg(feature = "fuzzing")]
pub(crate) use manifest::read_again;
pub use restore::{Restored, Restoring, restore};
pub use source::{Source, Watch};
pub use write::{Written, write};
