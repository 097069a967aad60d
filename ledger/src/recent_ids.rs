//! The ids that a new event could still collide with, in memory; older ones are looked up on disk.

use std::io::{self, Write};

use crate::domain::clock::STEP;
use crate::domain::ids::EventId;
use crate::domain::time::Millis;
use crate::store::lazy::{self, Bytes, LazyMap};

/// How far in the past a new id may lie: kiosks are offline for weeks.
pub(crate) const PAST: i64 = 35 * 24 * 3_600_000;
/// How far ahead of the clock a new id may lie.
pub(crate) const AHEAD: i64 = 10 * 60_000;
/// Ids are kept longer than they are accepted: the clock may be behind recorded time, by [`STEP`] at most.
const KEPT: i64 = PAST + 24 * 3_600_000;
/// Look for ids to drop after so many new ones.
const SWEEP: usize = 65_536;

/// Where an id is on the log.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub(crate) struct Seen {
    pub(crate) position: u64,
    pub(crate) digest: [u8; 16],
}

pub(crate) struct Recent {
    ids: LazyMap<EventId, Seen>,
    since_sweep: usize,
    /// Every id on the log of this time or later is here.
    floor: Millis,
}

impl Default for Recent {
    /// Those of an empty log.
    fn default() -> Self {
        Self { ids: LazyMap::default(), since_sweep: 0, floor: Millis(i64::MIN) }
    }
}

impl Recent {
    /// Writes all of them, for a snapshot.
    pub(crate) fn save(&self, to: &mut dyn Write) -> io::Result<()> {
        lazy::save(&self.ids, to)
    }

    /// What [`Self::save`] wrote when the last entry had been recorded at a time; `None` if it did not.
    pub(crate) fn load(saved: Bytes, last_recorded: Millis) -> Option<Self> {
        Some(Self { ids: lazy::load(saved)?, since_sweep: 0, floor: floor(last_recorded) })
    }

    pub(crate) fn get(&self, id: EventId) -> Option<Seen> {
        self.ids.get(&id).copied()
    }

    /// Whether an id is young enough to be kept.
    pub(crate) fn keeps(id: EventId, now: Millis) -> bool {
        id.millis() >= floor(now).0
    }

    /// Whether ids that could be new at this time may be missing: recorded time went back.
    pub(crate) fn lacks(&self, now: Millis) -> bool {
        self.floor > floor(now)
    }

    /// Has all of the log's ids from that time on; `ids` are those that may have been missing.
    pub(crate) fn refill(&mut self, ids: Vec<(EventId, Seen)>, now: Millis) {
        for (id, seen) in ids {
            self.ids.insert(id, seen);
        }
        self.floor = floor(now);
    }

    pub(crate) fn insert(&mut self, id: EventId, seen: Seen, now: Millis) {
        self.floor = self.floor.max(floor(now));
        if !Self::keeps(id, now) {
            return;
        }
        self.ids.insert(id, seen);
        self.since_sweep += 1;
        if self.since_sweep >= SWEEP {
            self.since_sweep = 0;
            self.ids.retain(|id, _| Self::keeps(*id, now));
        }
    }

    pub(crate) fn remove(&mut self, id: EventId) {
        self.ids.remove(&id);
    }
}

pub(crate) fn floor(now: Millis) -> Millis {
    Millis(now.0.saturating_sub(KEPT))
}

/// Whether an id's time was acceptable by a clock that was not ahead of when it was recorded, nor behind by more than a
/// ledger works on with.
pub(crate) fn in_window_of(id: EventId, recorded_at: Millis) -> bool {
    (-PAST - STEP..=AHEAD).contains(&(id.millis() - recorded_at.0))
}

/// Whether a new id's time is acceptable now.
pub(crate) fn in_window(id: EventId, now: Millis) -> bool {
    (-PAST..=AHEAD).contains(&(id.millis() - now.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(ms: i64) -> EventId {
        let mut id = [0x80; 16];
        id[..6].copy_from_slice(&ms.to_be_bytes()[2..]);
        EventId(id)
    }

    #[test]
    fn the_window_is_35_days_back_and_10_minutes_ahead() {
        let now = Millis(1_800_000_000_000);
        for (ms, fits) in [(0, true), (-PAST, true), (-PAST - 1, false), (AHEAD, true), (AHEAD + 1, false)] {
            assert_eq!(in_window(id(now.0 + ms), now), fits, "{ms}");
        }
    }

    #[test]
    fn every_id_that_could_be_accepted_again_is_kept() {
        let mut recent = Recent::default();
        let start = Millis(1_800_000_000_000);
        let seen = Seen { position: 0, digest: [0; 16] };
        recent.insert(id(start.0), seen, start);
        let later = Millis(start.0 + PAST);
        (0..SWEEP as i64 + 1).for_each(|i| recent.insert(id(later.0 - i), seen, later));
        assert!(recent.get(id(start.0)).is_some());
        let much_later = Millis(later.0 + 3 * 24 * 3_600_000);
        (0..SWEEP as i64 + 1).for_each(|i| recent.insert(id(much_later.0 - i), seen, much_later));
        assert!(recent.get(id(start.0)).is_none());
    }
}
