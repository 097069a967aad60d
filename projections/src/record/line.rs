//! Rows of service as they are kept.

use hourbook_ledger::domain::time::{Interval, Minute};

/// A row as it is kept, in sixteen bytes. Most rows are confirmed once and count for one day from then on; the others have
/// their story in [`Records`](super::Records).
#[derive(Clone, Copy, Debug, serde::Serialize, serde::Deserialize)]
pub(super) struct Line {
    /// The person's number.
    pub(super) person: u32,
    /// First minute of service, since 1970.
    pub(super) start: u32,
    /// Number of the set of scopes that the minutes count for.
    pub(super) set: u32,
    /// Length of the service.
    pub(super) minutes: u16,
    /// Minutes counted on the day of the start, of which there are 1440, and flags above them.
    pub(super) counted: u16,
}

/// Minutes in [`Line::counted`].
pub(super) const COUNTED: u16 = (1 << 11) - 1;
/// Confirmed by the first confirmation of its recording.
pub(super) const CONFIRMED: u16 = 1 << 11;
/// Has counted since that confirmation.
pub(super) const COUNTS: u16 = 1 << 12;
/// State and days are not here but among the odd.
pub(super) const ODD: u16 = 1 << 13;
/// Recorded after the due date.
pub(super) const OVERDUE: u16 = 1 << 14;
/// By a provisional calendar.
pub(super) const PROVISIONAL: u16 = 1 << 15;

impl Line {
    /// A row that waits. The rules refuse whatever does not fit, and pack it in the same way.
    pub(super) fn new(person: u32, interval: Interval) -> Self {
        let start = u32::try_from(interval.start.0).expect("decided: the start is counted from 1970");
        let minutes = u16::try_from(interval.minutes()).expect("decided: no interval is longer than a day");
        Self { person, start, set: 0, minutes, counted: 0 }
    }

    pub(super) fn has(&self, flag: u16) -> bool {
        self.counted & flag != 0
    }

    pub(super) fn interval(&self) -> Interval {
        let start = i64::from(self.start);
        Interval { start: Minute(start), end: Minute(start + i64::from(self.minutes)) }
    }

    /// Recorded after the due date; true inside if the calendar was provisional.
    pub(super) fn overdue(&self) -> Option<bool> {
        self.has(OVERDUE).then(|| self.has(PROVISIONAL))
    }
}
