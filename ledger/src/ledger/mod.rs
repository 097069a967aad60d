//! A ledger in a directory: founding it, and opening it with everything that belongs to it.
//!
//! | in the directory | what |
//! |---|---|
//! | `log/` | the log engine's files |
//! | `vault/` | personal data, encrypted |
//! | `vault-keys/` | the keys to it; never in the same backup |
//! | `keys/` | the ledger's own keys: `log.pem` signs checkpoints, `ledger.pem` signs its events, `session.pem` sessions |

mod archive;
mod error;
mod keys;
mod open;
mod options;
mod place;
mod snapshotter;
mod stepped;

pub use error::LedgerError;
pub use keys::write_key;
pub use open::{Ledger, found, open};
pub use options::{DerivedOptions, LedgerOptions, NewLedger};
pub(crate) use place::{UNDER_WAY, check_there};
pub use stepped::SteppedLedger;
