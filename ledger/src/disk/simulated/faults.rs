//! What is ordered of a simulated disk, and what happened on it.

/// What happened on a simulated disk so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Operations of all kinds.
    pub operations: u64,
    /// Power cuts.
    pub power_cuts: u64,
    /// Syncs of files and directories that succeeded.
    pub syncs: u64,
    /// Syncs of a map that succeeded.
    pub barriers: u64,
    /// Files of which a power cut left something between the synced and the written state.
    pub torn: u64,
    /// Files of which a power cut left nothing that was not synced.
    pub lost: u64,
    /// Sectors that a power cut turned into garbage.
    pub garbage: u64,
    /// Names that a power cut undid: created, renamed or removed but not synced.
    pub names_lost: u64,
    /// Keys of a map that a power cut set back.
    pub keys_lost: u64,
    /// Operations that failed by order.
    pub errors: u64,
    /// Syncs among them that lost what they should have written.
    pub failed_syncs: u64,
    /// Writes that found the disk full.
    pub full: u64,
}

/// Something that is to happen at an operation to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The power goes.
    PowerCut,
    /// The operation fails.
    Error,
    /// The operation fails for want of descriptors, and nothing is done.
    Shortage,
    /// The disk is full from this operation on.
    Full,
}
