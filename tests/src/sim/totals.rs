//! What schedules met.

use std::fmt;

use hourbook_ledger::disk::simulated::Counts;

/// Sums over schedules.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(missing_docs)] // named after what they count
pub struct Totals {
    pub schedules: u64,
    pub events: u64,
    pub acknowledged: u64,
    pub resubmissions: u64,
    pub kills: u64,
    pub restarts: u64,
    /// Starts that did not read the whole log.
    pub from_snapshot: u64,
    pub seals: u64,
    /// Bundles that moved to an archive.
    pub archived: u64,
    pub snapshots: u64,
    /// Interrupted writes of journal or vault that a start cut off.
    pub torn_frames: u64,
    /// Starts that were refused for garbage at the end of the journal, until somebody said that it may be dropped.
    pub damaged_ends: u64,
    pub disk: Counts,
    /// The root at the end, of one schedule: two runs of a seed have the same. Meaningless in a sum.
    pub root: [u8; 32],
}

impl Totals {
    /// Adds another's.
    pub fn add(&mut self, other: &Self) {
        for (sum, more) in [
            (&mut self.schedules, other.schedules),
            (&mut self.events, other.events),
            (&mut self.acknowledged, other.acknowledged),
            (&mut self.resubmissions, other.resubmissions),
            (&mut self.kills, other.kills),
            (&mut self.restarts, other.restarts),
            (&mut self.from_snapshot, other.from_snapshot),
            (&mut self.seals, other.seals),
            (&mut self.archived, other.archived),
            (&mut self.snapshots, other.snapshots),
            (&mut self.torn_frames, other.torn_frames),
            (&mut self.damaged_ends, other.damaged_ends),
            (&mut self.disk.operations, other.disk.operations),
            (&mut self.disk.power_cuts, other.disk.power_cuts),
            (&mut self.disk.syncs, other.disk.syncs),
            (&mut self.disk.barriers, other.disk.barriers),
            (&mut self.disk.torn, other.disk.torn),
            (&mut self.disk.lost, other.disk.lost),
            (&mut self.disk.garbage, other.disk.garbage),
            (&mut self.disk.names_lost, other.disk.names_lost),
            (&mut self.disk.keys_lost, other.disk.keys_lost),
            (&mut self.disk.errors, other.disk.errors),
            (&mut self.disk.failed_syncs, other.disk.failed_syncs),
            (&mut self.disk.full, other.disk.full),
        ] {
            *sum += more;
        }
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let disk = &self.disk;
        writeln!(
            f,
            "{} schedules, {} events, {} acknowledged, {} resubmissions",
            self.schedules, self.events, self.acknowledged, self.resubmissions
        )?;
        writeln!(
            f,
            "{} crashes ({} power cuts, {} kills), {} restarts ({} from a snapshot), {} torn frames cut off, {} damaged ends dropped",
            disk.power_cuts + self.kills,
            disk.power_cuts,
            self.kills,
            self.restarts,
            self.from_snapshot,
            self.torn_frames,
            self.damaged_ends
        )?;
        writeln!(
            f,
            "{} seals and deletions, {} bundles archived, {} barriers, {} snapshots, {} disk operations, {} syncs",
            self.seals, self.archived, disk.barriers, self.snapshots, disk.operations, disk.syncs
        )?;
        write!(
            f,
            "power cuts tore {} files, emptied {} of all unsynced, spoilt {} sectors, undid {} names and {} keys; \
             {} operations failed, {} of them syncs that lost data, {} found the disk full",
            disk.torn,
            disk.lost,
            disk.garbage,
            disk.names_lost,
            disk.keys_lost,
            disk.errors,
            disk.failed_syncs,
            disk.full
        )
    }
}
