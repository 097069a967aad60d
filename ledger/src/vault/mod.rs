//! Personal data and free text, outside the log and encrypted with a key per subject.
//!
//! # Contract
//! - [`Vault::put`] returns only when the openings are durable. The caller then appends the event that
//!   carries their commitments: a crash in between leaves an orphan here, never an event without a value.
//! - Putting what is there already changes nothing and succeeds.
//! - [`Vault::erase`] destroys the subject's key. From then on its values read as absent and nothing can be
//!   put for it. The log's receipts are applied again at every start ([`Vault::apply_erasures`]), so a
//!   restored backup of the keys brings nobody back.
//! - [`Vault::collect_orphans`] removes records that no event refers to.
//! - All methods take `&self` and may be called from any thread. Concurrent puts share their syncs.
//!   Erasing and collecting wait for running puts and hold up new ones.
//! - After an error of the files, stop writing and open the vault again.
//! - No clock; random bytes come from the generator given at open. Nothing secret is shown by `Debug`.
//!
//! # Files (below the ledger's data directory)
//! | file | holds | what whoever copies it alone learns |
//! |---|---|---|
//! | `vault/guard` | how much of the values must be there | how many bytes |
//! | `vault/values` | sealed values | how many values each random subject id has, their field and length; no value |
//! | `vault-keys/keys` | a wrapped key for each subject, marks of destroyed ones | which subject ids exist and which were erased |
//! | `vault-keys/master` | the master key | nothing; with `keys` the subjects' keys, still no value |
//!
//! With `keys`, `master` and `values` together one reads everything. Hence two directories, so that a backup
//! of one never holds the other, and the master key may move elsewhere ([`MasterKey::from_bytes`]).
//! After an erasure the value is beyond reach even with all three files, and with any backup of the values;
//! only a key backup older than the erasure, joined with a values file, undoes it, so key backups are
//! to be kept briefly. Commitments on the log reveal nothing: their salts are here, sealed.
//!
//! Two limits. Ids from [`Vault::keyed_id`] that went onto the log stay there after an erasure: the holder of
//! the master key can test a guess against them (feed them whole rows, never a phone number alone). And
//! overwriting in place reaches no copy that a flash disk or a copy-on-write file system keeps underneath.
//!
//! Keys are made durable before the values they seal; so a value without a key means that the key file
//! is older than the values, and [`VaultError::KeyLost`] says so rather than taking it for an erasure.

mod blind;
mod error;
mod export;
mod frames;
mod guard;
mod keys;
mod master;
mod place;
mod promise;
mod store;
#[cfg(test)]
mod tests;
mod values;

pub use error::VaultError;
pub use export::{KeysFound, Sealed, check_keys, import_values, put_keys, read_segment};
pub use master::{MasterKey, VaultRng};
pub use place::{KEYS_DIR, VALUES_DIR};
pub(crate) use promise::Promised;
pub use store::{Lost, MAX_PUT_BYTES, Mark, SecretValue, Vault};
