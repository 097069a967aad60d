//! How much an audit checked.

/// Figures of what was checked.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Counts {
    /// Entries read.
    pub entries: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Signatures checked.
    pub signatures: u64,
    /// Events that the rules were run for.
    pub decided: u64,
    /// Of these, events that the ledger asserted itself.
    pub own: u64,
    /// State digests on the log.
    pub digests: u64,
    /// Of these, reproduced from the events.
    pub reproduced: u64,
    /// Ids told apart.
    pub ids: u64,
    /// Postings added up.
    pub postings: u64,
    /// Accounts that they touched.
    pub accounts: u64,
    /// Confirmed rows added up again.
    pub rows: u64,
    /// Persons with certified minutes.
    pub persons: u64,
    /// Their certified minutes.
    pub minutes: u64,
    /// Published lists drawn up again, by who was told the events.
    pub lists: u64,
    /// Hash tiles compared.
    pub tiles: u64,
    /// Files of the log's archive that were read and compared.
    pub archived: u64,
    /// Values that the log commits to, of subjects that were not erased; counted only with the vault at hand.
    pub commitments: u64,
    /// Of these, found in the vault and fitting.
    pub openings: u64,
    /// Values of subjects whose vault key was destroyed although this log has no receipt of an erasure.
    pub destroyed: u64,
}
