//! How a ledger is founded and opened.

use std::sync::Arc;

use rand_core::CryptoRng;

use crate::actor::Actor;
use crate::checkpoint::Origin;
use crate::clock::Clock;
use crate::domain::event::FounderKey;
use crate::domain::time::Offset;
use crate::engine::OpenOptions;
use crate::vault::Lost;

/// How to open a ledger.
pub struct LedgerOptions {
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Makes ids; must be seeded afresh at every open unless a reproducible log is wanted.
    pub rng: Box<dyn CryptoRng + Send>,
    /// For the vault, and for the log's secret; seeded afresh at every open.
    pub vault_rng: Box<dyn CryptoRng + Send>,
    /// Of the log engine.
    pub engine: OpenOptions,
    /// Batches that may wait.
    pub queue: usize,
    /// Threads that check signatures.
    pub verifiers: usize,
    /// What is kept beside the log, and what the log is told of it.
    pub derived: DerivedOptions,
    /// The clock is right at the start, however far ahead of the last entry it is.
    pub accept_clock: bool,
    /// What becomes of a vault whose values were cut off.
    pub lost: Lost,
}

/// How often what is derived from the log is digested and kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DerivedOptions {
    /// The ledger asserts a digest of the rule state each time that the log has passed so many more entries; 0 is
    /// never. Default 4,096. Where digests stand is part of the log, so two runs that are to give the same log agree on
    /// it.
    pub digest_every: u64,
    /// A snapshot is taken in the background when so many entries came after the last one; 0 is never. Default 262,144.
    pub snapshot_every: u64,
    /// At an orderly close, and after the whole log had to be read at a start, a snapshot is taken if it saves so many
    /// entries. Default 1,024.
    pub snapshot_worth: u64,
}

impl Default for DerivedOptions {
    fn default() -> Self {
        Self { digest_every: 4_096, snapshot_every: 262_144, snapshot_worth: 1_024 }
    }
}

impl LedgerOptions {
    /// The usual figures.
    #[must_use]
    pub fn new(
        clock: Arc<dyn Clock>,
        rng: Box<dyn CryptoRng + Send>,
        vault_rng: Box<dyn CryptoRng + Send>,
    ) -> Self {
        let (engine, derived) = (OpenOptions::default(), DerivedOptions::default());
        Self {
            clock,
            rng,
            vault_rng,
            engine,
            queue: 1_024,
            verifiers: 2,
            derived,
            accept_clock: false,
            lost: Lost::Refused,
        }
    }
}

/// What a new ledger is founded with.
pub struct NewLedger {
    /// Its name: the public address without scheme.
    pub origin: Origin,
    /// Fixed offset from UTC.
    pub offset: Offset,
    /// The first founder, who signs.
    pub founder: Actor,
    /// The second founder.
    pub second: FounderKey,
    /// Makes the keys.
    pub rng: Box<dyn CryptoRng>,
}
