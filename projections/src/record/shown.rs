//! Service records as they are shown: rows that explain themselves, totals, canonical bytes.

use std::collections::BTreeMap;

use hourbook_ledger::domain::event::RecordClass;
use hourbook_ledger::domain::ids::{ActivityId, EventId, OrgId, PersonId};
use hourbook_ledger::domain::time::{Date, Interval, Millis};
use smallvec::SmallVec;

use super::{Correction, DayCount, PersonRecord, Records, RowState, Who};
use crate::account::Accounts;
use crate::provenance::Provenance;
use crate::window::month_of;

/// One row of a person's record, able to explain itself.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct RowView {
    /// The event that recorded it.
    pub recorded: EventId,
    /// The row's index in it.
    pub row: u16,
    /// Who served.
    pub person: PersonId,
    /// The activity.
    pub activity: ActivityId,
    /// The organisation that recorded it.
    pub org: OrgId,
    /// When the service was.
    pub interval: Interval,
    /// Ordinary or entered afterwards, with the reason.
    pub class: RecordClass,
    /// Recorded after the due date; true inside if the calendar was provisional.
    pub overdue: Option<bool>,
    /// Who recorded it, how and when.
    pub recorder: Provenance,
    /// Who confirmed it, how and when.
    pub confirmation: Option<Provenance>,
    /// What corrected it.
    pub correction: Option<Correction>,
    /// What it became: the recording and row of the replacement.
    pub replaced_by: Option<(EventId, u16)>,
    /// What it replaces: the recording and row.
    pub replaces: Option<(EventId, u16)>,
    /// Certified minutes at present by local day, ascending; days without any are left out.
    pub days: Vec<(Date, u16)>,
    /// Credit that the confirming event posted to the person in all, in minutes.
    pub credit: i64,
}

impl RowView {
    /// Certified minutes at present.
    #[must_use]
    pub fn minutes(&self) -> u32 {
        self.days.iter().map(|(_, minutes)| u32::from(*minutes)).sum()
    }

    /// Waits for confirmation.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.confirmation.is_none() && self.correction.is_none()
    }
}

/// A service that counts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Service {
    /// The organisation that recorded it.
    pub org: OrgId,
    /// Of which activity.
    pub activity: ActivityId,
    /// Certified minutes by local day.
    pub days: Vec<(Date, u16)>,
}

/// Totals of a person's record.
#[derive(Clone, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Totals {
    /// Certified minutes.
    pub certified: u32,
    /// Minutes of rows that wait for confirmation.
    pub pending: u32,
    /// Certified minutes by local day.
    pub by_day: BTreeMap<Date, u32>,
    /// Certified minutes by month, counted from January of year 0.
    pub by_month: BTreeMap<i32, u32>,
}

impl Records {
    fn of(&self, person: PersonId) -> Option<&PersonRecord> {
        self.people.find(person).map(|number| &self.records[number as usize])
    }

    fn lines_of_person(&self, person: PersonId) -> &[u32] {
        self.of(person).map_or(&[], |record| &record.lines)
    }

    /// A person's rows, in order of recording. The accounts know what was posted for them.
    #[must_use]
    pub fn rows(&self, accounts: &Accounts, person: PersonId) -> Vec<RowView> {
        self.lines_of_person(person).iter().map(|line| self.view_of_line(accounts, *line)).collect()
    }

    /// Whether service of a person in an activity at about that time is on record, confirmed or not.
    #[must_use]
    pub fn has_service(
        &self,
        accounts: &Accounts,
        person: PersonId,
        activity: ActivityId,
        at: Interval,
    ) -> bool {
        let lines = self.lines_of_person(person).iter().rev();
        let of_activity =
            lines.filter(|line| self.recordings[self.place(**line).0 as usize].activity == activity);
        of_activity
            .map(|line| self.view_of_line(accounts, *line))
            .any(|row| row.correction.is_none() && row.interval.overlaps(&at))
    }

    /// How many rows a person has.
    #[must_use]
    pub fn row_count(&self, person: PersonId) -> usize {
        self.lines_of_person(person).len()
    }

    /// A page of a person's rows, the last recorded first.
    #[must_use]
    pub fn page(&self, accounts: &Accounts, person: PersonId, offset: usize, limit: usize) -> Vec<RowView> {
        let lines = self.lines_of_person(person).iter().rev().skip(offset).take(limit);
        lines.map(|line| self.view_of_line(accounts, *line)).collect()
    }

    /// One row of a recording.
    #[must_use]
    pub fn row(&self, accounts: &Accounts, recorded: EventId, row: u16) -> Option<RowView> {
        let number = self.events.find(recorded)?;
        self.number(number, row)?;
        Some(self.view(accounts, number, row))
    }

    /// Whom a row of a recording is about.
    #[must_use]
    pub fn served_by(&self, recorded: EventId, row: u16) -> Option<PersonId> {
        let line = self.number(self.events.find(recorded)?, row)?;
        Some(self.people.id(self.lines[line].person))
    }

    /// The organisation that made a recording.
    #[must_use]
    pub fn org(&self, recorded: EventId) -> Option<OrgId> {
        let number = self.events.find(recorded)?;
        Some(self.orgs.id(self.recordings[number as usize].org))
    }

    /// The numbers of the recordings that wanted organisations made, the last first; of one recording alone, if it is named,
    /// and only those before a number.
    pub fn recordings_of(
        &self,
        wanted: impl Fn(OrgId) -> bool,
        only: Option<EventId>,
        before: Option<usize>,
    ) -> impl Iterator<Item = usize> {
        let wanted: Vec<bool> = self.orgs.ids().map(|org| wanted(*org)).collect();
        let end = before.map_or(self.recordings.len(), |before| before.min(self.recordings.len()));
        let one = only.map(|event| self.events.find(event).map(|number| number as usize));
        let range = match one {
            None => 0..end,
            Some(Some(number)) if number < end => number..number + 1,
            Some(_) => 0..0,
        };
        range.rev().filter(move |number| wanted[self.recordings[*number].org as usize])
    }

    /// The numbers of the recordings of which a row waits for confirmation and that wanted organisations made, the first
    /// recorded first.
    pub fn waiting_of(&self, wanted: impl Fn(OrgId) -> bool) -> impl Iterator<Item = usize> {
        let wanted: Vec<bool> = self.orgs.ids().map(|org| wanted(*org)).collect();
        let open = self.open.0.iter().map(|number| *number as usize);
        open.filter(move |number| wanted[self.recordings[*number].org as usize])
    }

    /// The number of the recording that an event made.
    #[must_use]
    pub fn number_of(&self, recorded: EventId) -> Option<usize> {
        self.events.find(recorded).map(|number| number as usize)
    }

    /// The activity that a recording is of.
    #[must_use]
    pub fn activity_of(&self, number: usize) -> ActivityId {
        self.recordings[number].activity
    }

    /// The rows of a recording.
    pub fn rows_of(&self, accounts: &Accounts, number: usize) -> impl Iterator<Item = RowView> {
        let rows = 0..self.lines_of(number as u32).len() as u16;
        rows.map(move |row| self.view(accounts, number as u32, row))
    }

    /// Certified minutes of a person.
    #[must_use]
    pub fn certified(&self, person: PersonId) -> u32 {
        self.of(person).map_or(0, |record| record.certified)
    }

    /// Persons with at least one certified minute.
    #[must_use]
    pub fn volunteers(&self) -> u32 {
        self.counts.volunteers
    }

    /// A person's totals.
    #[must_use]
    pub fn totals(&self, person: PersonId) -> Totals {
        let mut totals = Totals { certified: self.certified(person), ..Totals::default() };
        for line in self.lines_of_person(person) {
            let (number, _) = self.place(*line);
            if self.state(number, *line as usize) == RowState::Recorded {
                totals.pending += u32::from(self.lines[*line as usize].minutes);
            }
            for day in self.days_at(number, *line as usize, u64::MAX) {
                *totals.by_day.entry(day.date).or_default() += u32::from(day.minutes);
                *totals.by_month.entry(month_of(day.date)).or_default() += u32::from(day.minutes);
            }
        }
        totals
    }

    /// A person's certified minutes as they stood before the event at `end`: for each row and day that counts, the
    /// day and the position of the event from which it counts so.
    #[must_use]
    pub fn counted_before(&self, person: PersonId, end: u64) -> Vec<DayCount> {
        let lines = self.lines_of_person(person).iter();
        lines.flat_map(|line| self.days_at(self.place(*line).0, *line as usize, end)).collect()
    }

    /// A person's services as they stood before the event at `end`: those that count, each with its days.
    #[must_use]
    pub fn services_before(&self, person: PersonId, end: u64) -> Vec<Service> {
        let lines = self.lines_of_person(person).iter();
        let of_line = |line: &u32| {
            let (number, _) = self.place(*line);
            let days = self.days_at(number, *line as usize, end);
            let recording = &self.recordings[number as usize];
            (!days.is_empty()).then(|| Service {
                org: self.orgs.id(recording.org),
                activity: recording.activity,
                days: days.into_iter().map(|day| (day.date, day.minutes)).collect(),
            })
        };
        lines.filter_map(of_line).collect()
    }

    /// What counts for each day before a position, by date; at most a few entries.
    fn days_at(&self, number: u32, line: usize, end: u64) -> SmallVec<[DayCount; 2]> {
        let mut days: SmallVec<[DayCount; 2]> = SmallVec::new();
        for day in self.days(number, line).into_iter().filter(|d| d.position < end) {
            match days.iter_mut().find(|d| d.date == day.date) {
                Some(known) => *known = day,
                None => days.push(day),
            }
        }
        days.retain(|d| d.minutes > 0);
        days.sort_unstable_by_key(|d| d.date);
        days
    }

    fn act(&self, position: u64, at: Millis, who: u32) -> Provenance {
        let Who { actor, acting_for, assurance } = self.who.id(who);
        Provenance { position, at, actor, acting_for, assurance }
    }

    fn view_of_line(&self, accounts: &Accounts, line: u32) -> RowView {
        let (number, row) = self.place(line);
        self.view(accounts, number, row)
    }

    fn view(&self, accounts: &Accounts, number: u32, row: u16) -> RowView {
        let recording = &self.recordings[number as usize];
        let at = recording.first as usize + usize::from(row);
        let line = &self.lines[at];
        let (confirmation, correction) = match self.state(number, at) {
            RowState::Recorded => (None, None),
            RowState::Confirmed(confirmation) => (Some(confirmation), None),
            RowState::Corrected(correction, confirmation) => (confirmation, Some(correction)),
        };
        let confirmation = confirmation.map(|index| self.confirmations[index as usize]);
        let correction = correction.map(|index| self.corrections[index as usize]);
        let person = self.people.id(line.person);
        let days = self.days_at(number, at, u64::MAX);
        RowView {
            recorded: self.events.id(number),
            row,
            person,
            activity: recording.activity,
            org: self.orgs.id(recording.org),
            interval: line.interval(),
            class: recording.class(),
            overdue: line.overdue(),
            recorder: self.act(recording.position, recording.at, recording.who),
            confirmation: confirmation.map(|c| self.act(c.position, c.at, c.who)),
            correction,
            replaced_by: correction.and_then(|c| c.replacement).map(|new| (self.events.id(new), 0)),
            replaces: recording.corrects().map(|(old, row)| (self.events.id(old), row)),
            days: days.into_iter().map(|d| (d.date, d.minutes)).collect(),
            credit: confirmation.map_or(0, |c| accounts.posted(person, c.position)),
        }
    }
}
