//! The lasting answer to an accepted event.

use hourbook_ledger::sequencer;
use serde::Serialize;
use utoipa::ToSchema;

use super::extract::stamp;
use crate::state::App;

/// The lasting answer to an accepted event.
#[derive(Serialize, ToSchema, Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The event.
    #[schema(format = "uuid")]
    pub event: String,
    /// Its index in the log.
    pub position: u64,
    /// When it was recorded, with the ledger's offset.
    #[schema(format = "date-time")]
    pub recorded_at: String,
    /// Its index in its stream.
    pub revision: u64,
    /// Hex of SHA-256(0x00 || entry).
    pub leaf_hash: String,
}

impl Receipt {
    /// The receipt as it is shown.
    #[must_use]
    pub fn of(app: &App, receipt: &sequencer::Receipt) -> Self {
        Self {
            event: receipt.event.to_string(),
            position: receipt.position,
            recorded_at: stamp(receipt.recorded_at, app.offset()),
            revision: receipt.revision,
            leaf_hash: hex::encode(receipt.leaf),
        }
    }
}
