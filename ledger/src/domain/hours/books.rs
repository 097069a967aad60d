//! What is remembered of recorded hours, row by row and person by person.

use super::tally::{Entry, Tally};
use crate::domain::credit::Credit;
use crate::domain::ids::{ActivityId, EventId, OrgId, PersonId, RowKey};
use crate::domain::register::Register;
use crate::domain::time::{Date, Interval, Minute};
use crate::store::table::{Table, tables};

/// What has become of a recorded row.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub enum RowState {
    /// Waits for confirmation.
    Recorded,
    /// Counts.
    Confirmed,
    /// Corrected: counts no longer.
    Void,
}

/// One row as remembered. Kept small: a city has hundreds of millions of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Recorded {
    /// Who served.
    pub person: PersonId,
    /// First minute of service, in minutes since 1970.
    pub(super) start: u32,
    pub(super) minutes: u16,
    /// What has become of it.
    pub state: RowState,
    /// It was recorded later than the policy's due date.
    pub overdue: bool,
}

impl Recorded {
    /// When the service was.
    #[must_use]
    pub fn interval(&self) -> Interval {
        let start = i64::from(self.start);
        Interval { start: Minute(start), end: Minute(start + i64::from(self.minutes)) }
    }
}

/// One recording: the rows of an event, or the replacement that a correction brought.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Recording {
    /// The event that recorded it.
    pub event: EventId,
    /// The organisation that recorded.
    pub org: OrgId,
    /// The activity.
    pub activity: ActivityId,
    /// The person who recorded, and so cannot confirm.
    pub recorder: PersonId,
    /// Local date on which the service was first recorded; a correction keeps that of what it corrects.
    pub filed: Date,
    /// The rows.
    pub rows: Box<[Recorded]>,
}

/// All recordings, and what they add up to for each person.
#[derive(Default, Debug, Clone, PartialEq)]
pub struct Hours {
    pub(super) numbers: Table<13, EventId, u32>,
    pub(super) recordings: Table<14, u32, Recording>,
    pub(super) keys: Table<15, RowKey, ()>,
    pub(super) tallies: Table<16, PersonId, Tally>,
    /// Credit above the account cap that went to funds, each fund once; few persons have any.
    pub(super) overflows: Table<17, PersonId, Vec<(OrgId, u32)>>,
}

tables!(Hours { numbers, recordings, keys, tallies, overflows });

impl Hours {
    /// The organisation that recorded.
    #[must_use]
    pub fn org(&self, recorded: EventId) -> Option<OrgId> {
        self.recording(recorded).map(|r| r.org)
    }

    /// The recording made by an event, be it hours recorded or a correction with a replacement.
    #[must_use]
    pub fn recording(&self, recorded: EventId) -> Option<&Recording> {
        self.recordings.get(self.numbers.get(&recorded)?)
    }

    /// Every recording, in no order that anything may depend on.
    pub fn recordings(&self) -> impl Iterator<Item = &Recording> {
        self.recordings.iter().map(|(_, recording)| recording)
    }

    /// One row of a recording.
    #[must_use]
    pub fn row(&self, recorded: EventId, row: u16) -> Option<&Recorded> {
        self.recording(recorded)?.rows.get(usize::from(row))
    }

    /// Whether a row with this key was ever recorded, also if it was corrected since.
    #[must_use]
    pub fn knows_key(&self, key: &RowKey) -> bool {
        self.keys.contains(key)
    }

    /// Whether a row was confirmed and still stands.
    #[must_use]
    pub fn is_confirmed(&self, recorded: EventId, row: u16) -> bool {
        self.row(recorded, row).is_some_and(|row| row.state == RowState::Confirmed)
    }

    /// A person's certified minutes in all.
    #[must_use]
    pub fn certified_minutes(&self, person: PersonId) -> u32 {
        self.tallies.get(&person).map_or(0, |tally| tally.certified)
    }

    /// A person's certified minutes on one local day, across all organisations; at most 1440.
    #[must_use]
    pub fn certified_on(&self, person: PersonId, date: Date) -> u16 {
        self.tallies.get(&person).map_or(0, |t| t.on(date))
    }

    /// Whether any hours have counted yet.
    pub(crate) fn have_counted(&self) -> bool {
        !self.tallies.is_empty()
    }

    /// Credit that a person has earned so far, in minutes, within the caps and whatever was spent.
    #[must_use]
    pub fn earned(&self, person: PersonId) -> u32 {
        self.tallies.get(&person).map_or(0, |tally| tally.posted)
    }

    pub(super) fn add(&mut self, recording: Recording) {
        let number = u32::try_from(self.recordings.len()).expect("fewer than 2^32 recordings");
        self.numbers.insert(recording.event, number);
        self.recordings.insert(number, recording);
    }

    pub(super) fn entry(&self, recorded: EventId, row: u16) -> Option<Entry> {
        let recording = *self.numbers.get(&recorded)?;
        let facts = self.row(recorded, row)?;
        Some(Entry { start: facts.start, minutes: facts.minutes, recording, row })
    }
}

/// The books that certified minutes are kept in, and what is read for it.
pub(crate) struct Books<'s> {
    pub(crate) hours: &'s mut Hours,
    pub(crate) credit: &'s mut Credit,
    pub(crate) facts: Register<'s>,
}
