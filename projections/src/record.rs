//! The service record: every recorded row with what became of it, and why it counts.

use std::collections::BTreeMap;

use hourbook_ledger::committed::Committed;
use hourbook_ledger::domain::Effect;
use hourbook_ledger::domain::event::{Account, Body, RecordClass, Rows};
use hourbook_ledger::domain::ids::{ActivityId, BatchId, Commitment, EventId, OrgId, PersonId};
use hourbook_ledger::domain::time::{Date, Interval};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::act::Act;
use crate::attribution::Attribution;
use crate::canonical::{Canonical, Sink, fields};
use crate::directory::Directory;
use crate::intern::Interned;
use crate::leaderboard::month_of;

/// Certified minutes of a row on a local day from a position on; a later entry for the same day replaces it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct DayCount {
    /// Position of the event from which this holds.
    pub position: u64,
    /// The local day.
    pub date: Date,
    /// Minutes counted.
    pub minutes: u16,
    /// Number of the set of scopes that they count for.
    pub(crate) set: u32,
}

fields!(DayCount { position, date, minutes, set });

/// What has become of a row.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub enum RowState {
    /// Waits for confirmation.
    Recorded,
    /// Counts; the index of its confirmation.
    Confirmed(u32),
    /// Corrected: counts no longer; the index of its correction. The confirmation that it once had stays known.
    Corrected(u32, Option<u32>),
}

impl Canonical for RowState {
    fn write(&self, out: &mut dyn Sink) {
        match self {
            Self::Recorded => 0u8.write(out),
            Self::Confirmed(confirmation) => (1u8, *confirmation).write(out),
            Self::Corrected(correction, was) => (2u8, (*correction, *was)).write(out),
        }
    }
}

#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
struct Line {
    /// The person's number.
    person: u32,
    interval: Interval,
    state: RowState,
    /// Recorded after the due date; true inside if the calendar was provisional.
    overdue: Option<bool>,
    #[serde(with = "crate::small")]
    days: SmallVec<[DayCount; 1]>,
}

fields!(Line { person, interval, state, overdue, days });

#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
struct Recording {
    event: EventId,
    act: Act,
    org: OrgId,
    activity: ActivityId,
    class: RecordClass,
    batch: Option<BatchId>,
    /// The recording and row that this one replaces, with the index of the correction.
    corrects: Option<(u32, (u16, u32))>,
    lines: Vec<Line>,
}

fields!(Recording { event, act, org, activity, class, batch, corrects, lines });

#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
struct Confirmation {
    event: EventId,
    act: Act,
    /// Credit posted to persons by this event, in minutes; negative if it was taken back.
    credit: Vec<(PersonId, i64)>,
}

fields!(Confirmation { event, act, credit });

/// A correction of a row.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Correction {
    /// The correcting event.
    pub event: EventId,
    /// Who asserted it.
    pub act: Act,
    /// Why.
    pub reason: Commitment,
    /// The recording by this event, if it brought a replacement.
    pub(crate) replacement: Option<u32>,
}

fields!(Correction { event, act, reason, replacement });

#[derive(Clone, Default, Debug, serde::Serialize, serde::Deserialize)]
struct PersonRecord {
    rows: Vec<(u32, u16)>,
    certified: u32,
}

fields!(PersonRecord { rows, certified });

/// A change of the certified minutes of one row on one day, as the models that add them up need it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub(crate) struct Change {
    /// The person's number in the records.
    pub(crate) person: u32,
    /// Counted from January of year 0.
    pub(crate) month: i32,
    pub(crate) was: u16,
    pub(crate) was_set: u32,
    pub(crate) now: u16,
    pub(crate) now_set: u32,
}

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
    /// The sheet or roll call that it came with.
    pub batch: Option<BatchId>,
    /// Who recorded it, how and when.
    pub recorder: Act,
    /// Who confirmed it, how and when, with the confirming event.
    pub confirmation: Option<(EventId, Act)>,
    /// What corrected it.
    pub correction: Option<Correction>,
    /// What it became: the recording and row of the replacement.
    pub replaced_by: Option<(EventId, u16)>,
    /// What it replaces: the recording, the row and the reason.
    pub replaces: Option<(EventId, u16, Commitment)>,
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

/// Totals of a person's record.
#[derive(Clone, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Totals {
    /// Certified minutes.
    pub certified: u32,
    /// Minutes of rows that wait for confirmation.
    pub pending: u32,
    /// Certified minutes by local day.
    pub by_day: BTreeMap<Date, u32>,
    /// Certified minutes by year and month (1-12).
    pub by_month: BTreeMap<(i32, u32), u32>,
    /// Rows that count.
    pub rows: u32,
}

/// All service records.
#[derive(Default, Debug, serde::Serialize, serde::Deserialize)]
pub struct Records {
    #[serde(with = "crate::saved")]
    numbers: FxHashMap<EventId, u32>,
    recordings: Vec<Recording>,
    confirmations: Vec<Confirmation>,
    corrections: Vec<Correction>,
    people: Interned<PersonId>,
    /// By the person's number.
    records: Vec<PersonRecord>,
    volunteers: u32,
    pending_rows: u64,
    /// The recording that was looked for last: what follows from a confirmation is all about one.
    #[serde(skip)]
    last: Option<(EventId, u32)>,
}

impl Records {
    /// Takes one more event and says which certified minutes it changed.
    pub(crate) fn fold(
        &mut self,
        directory: &Directory,
        attribution: &mut Attribution,
        c: &Committed,
        changes: &mut Vec<Change>,
    ) {
        match &c.event.body {
            Body::HoursRecorded { batch, org, activity, class, rows, .. } => {
                let lines = rows.iter().map(|row| Line::new(self.people.number(row.person), row.interval));
                let recording = Recording {
                    event: c.event.id,
                    act: Act::of(c),
                    org: *org,
                    activity: *activity,
                    class: *class,
                    batch: Some(*batch),
                    corrects: None,
                    lines: lines.collect(),
                };
                self.add(recording);
            }
            Body::HoursConfirmed { recorded, rows } => self.confirm(c, *recorded, rows),
            Body::HoursCorrected { recorded, row, replacement, reason } => {
                self.correct(c, *recorded, *row, *replacement, *reason);
            }
            _ => {}
        }
        for effect in &c.effects {
            match effect {
                Effect::Counted { recorded, row, date, was, now, homes, .. } => {
                    let set = attribution.set(&directory.register().orgs, homes, *date);
                    let day = DayCount { position: c.position, date: *date, minutes: *now, set };
                    changes.extend(self.count((*recorded, *row), *was, day));
                }
                Effect::Overdue { recorded, row, provisional } => {
                    if let Some(line) = self.line_mut(*recorded, *row) {
                        line.overdue = Some(*provisional);
                    }
                }
                Effect::Posted { .. } | Effect::Promoted { .. } => {}
            }
        }
    }

    fn add(&mut self, recording: Recording) {
        let number = self.recordings.len() as u32;
        self.records.resize_with(self.people.len(), PersonRecord::default);
        for (row, line) in recording.lines.iter().enumerate() {
            self.records[line.person as usize].rows.push((number, row as u16));
        }
        self.pending_rows += recording.lines.len() as u64;
        self.numbers.insert(recording.event, number);
        self.recordings.push(recording);
    }

    fn confirm(&mut self, c: &Committed, recorded: EventId, rows: &Rows) {
        let Some(number) = self.find(recorded) else { return };
        let confirmation = self.confirmations.len() as u32;
        self.confirmations.push(Confirmation { event: c.event.id, act: Act::of(c), credit: credit_of(c) });
        let lines = &mut self.recordings[number as usize].lines;
        let mut confirm = |line: &mut Line| {
            if line.state == RowState::Recorded {
                line.state = RowState::Confirmed(confirmation);
                self.pending_rows -= 1;
            }
        };
        match rows {
            Rows::All => lines.iter_mut().for_each(confirm),
            Rows::Some(rows) => {
                rows.iter()
                    .for_each(|row| lines.get_mut(usize::from(*row)).into_iter().for_each(&mut confirm));
            }
        }
    }

    fn correct(
        &mut self,
        c: &Committed,
        recorded: EventId,
        row: u16,
        replacement: Option<Interval>,
        reason: Commitment,
    ) {
        let Some(&number) = self.numbers.get(&recorded) else { return };
        let correction = self.corrections.len() as u32;
        let old = &mut self.recordings[number as usize];
        let Some(line) = old.lines.get_mut(usize::from(row)) else { return };
        let confirmation = match line.state {
            RowState::Recorded => {
                self.pending_rows -= 1;
                None
            }
            RowState::Confirmed(confirmation) => Some(confirmation),
            RowState::Corrected(_, confirmation) => confirmation,
        };
        line.state = RowState::Corrected(correction, confirmation);
        let new = replacement.map(|interval| Recording {
            event: c.event.id,
            act: Act::of(c),
            org: old.org,
            activity: old.activity,
            class: old.class,
            batch: None,
            corrects: Some((number, (row, correction))),
            lines: vec![Line::new(line.person, interval)],
        });
        let replacement = new.map(|recording| {
            self.add(recording);
            self.recordings.len() as u32 - 1
        });
        self.corrections.push(Correction { event: c.event.id, act: Act::of(c), reason, replacement });
    }

    fn count(&mut self, (recorded, row): (EventId, u16), was: u16, day: DayCount) -> Option<Change> {
        let line = self.line_mut(recorded, row)?;
        let last = line.days.iter().rev().find(|d| d.date == day.date);
        debug_assert_eq!(last.map_or(0, |d| d.minutes), was, "the rules and the record remember differently");
        let (was, was_set) = last.map_or((0, day.set), |d| (d.minutes, d.set));
        line.days.push(day);
        let person = line.person;
        let record = &mut self.records[person as usize];
        let before = record.certified;
        record.certified = before - u32::from(was) + u32::from(day.minutes);
        match (before, record.certified) {
            (0, 1..) => self.volunteers += 1,
            (1.., 0) => self.volunteers -= 1,
            _ => {}
        }
        Some(Change { person, month: month_of(day.date), was, was_set, now: day.minutes, now_set: day.set })
    }

    fn line_mut(&mut self, recorded: EventId, row: u16) -> Option<&mut Line> {
        let number = self.find(recorded)?;
        self.recordings[number as usize].lines.get_mut(usize::from(row))
    }

    fn find(&mut self, recorded: EventId) -> Option<u32> {
        match self.last {
            Some((event, number)) if event == recorded => Some(number),
            _ => {
                let number = *self.numbers.get(&recorded)?;
                self.last = Some((recorded, number));
                Some(number)
            }
        }
    }

    /// Everyone of whom there is a row, numbered.
    pub(crate) fn people(&self) -> &Interned<PersonId> {
        &self.people
    }

    fn of(&self, person: PersonId) -> Option<&PersonRecord> {
        self.people.find(person).map(|number| &self.records[number as usize])
    }

    fn rows_of(&self, person: PersonId) -> &[(u32, u16)] {
        self.of(person).map_or(&[], |record| &record.rows)
    }

    /// A person's rows, in order of recording.
    #[must_use]
    pub fn rows(&self, person: PersonId) -> Vec<RowView> {
        let rows = self.rows_of(person);
        rows.iter().map(|(number, row)| self.view(*number, *row)).collect()
    }

    /// How many rows a person has.
    #[must_use]
    pub fn row_count(&self, person: PersonId) -> usize {
        self.rows_of(person).len()
    }

    /// A page of a person's rows, the last recorded first.
    #[must_use]
    pub fn page(&self, person: PersonId, offset: usize, limit: usize) -> Vec<RowView> {
        let rows = self.rows_of(person);
        rows.iter().rev().skip(offset).take(limit).map(|(number, row)| self.view(*number, *row)).collect()
    }

    /// One row of a recording.
    #[must_use]
    pub fn row(&self, recorded: EventId, row: u16) -> Option<RowView> {
        let number = *self.numbers.get(&recorded)?;
        self.recordings[number as usize].lines.get(usize::from(row))?;
        Some(self.view(number, row))
    }

    /// All rows of a recording; empty for an unknown one.
    #[must_use]
    pub fn recording(&self, recorded: EventId) -> Vec<RowView> {
        let Some(&number) = self.numbers.get(&recorded) else { return Vec::new() };
        let rows = self.recordings[number as usize].lines.len() as u16;
        (0..rows).map(|row| self.view(number, row)).collect()
    }

    /// The organisation that made a recording.
    #[must_use]
    pub fn org(&self, recorded: EventId) -> Option<OrgId> {
        self.numbers.get(&recorded).map(|number| self.recordings[*number as usize].org)
    }

    /// Recordings with rows that wait for confirmation, with the organisation, the recorder and how many; the oldest first.
    pub fn waiting(&self) -> impl Iterator<Item = (EventId, OrgId, Act, usize)> {
        self.recordings.iter().filter_map(|r| {
            let waiting = r.lines.iter().filter(|line| line.state == RowState::Recorded).count();
            (waiting > 0).then_some((r.event, r.org, r.act, waiting))
        })
    }

    /// Certified minutes of a person.
    #[must_use]
    pub fn certified(&self, person: PersonId) -> u32 {
        self.of(person).map_or(0, |record| record.certified)
    }

    /// Persons with at least one certified minute.
    #[must_use]
    pub fn volunteers(&self) -> u32 {
        self.volunteers
    }

    /// Rows that wait for confirmation.
    #[must_use]
    pub fn pending_rows(&self) -> u64 {
        self.pending_rows
    }

    /// A person's totals.
    #[must_use]
    pub fn totals(&self, person: PersonId) -> Totals {
        let mut totals = Totals { certified: self.certified(person), ..Totals::default() };
        let rows = self.rows_of(person);
        for (number, row) in rows {
            let line = &self.recordings[*number as usize].lines[usize::from(*row)];
            if line.state == RowState::Recorded {
                totals.pending += u32::try_from(line.interval.minutes()).unwrap_or(0);
            }
            let days = line.days_at(u64::MAX);
            totals.rows += u32::from(!days.is_empty());
            for day in days {
                let (year, month, _) = day.date.ymd();
                *totals.by_day.entry(day.date).or_default() += u32::from(day.minutes);
                *totals.by_month.entry((year, month)).or_default() += u32::from(day.minutes);
            }
        }
        totals
    }

    /// A person's certified minutes as they stood before the event at `end`: for each row and day that counts, the
    /// day and the position of the event from which it counts so.
    #[must_use]
    pub fn counted_before(&self, person: PersonId, end: u64) -> Vec<DayCount> {
        let rows = self.rows_of(person);
        let lines =
            rows.iter().map(|(number, row)| &self.recordings[*number as usize].lines[usize::from(*row)]);
        lines.flat_map(|line| line.days_at(end)).collect()
    }

    fn view(&self, number: u32, row: u16) -> RowView {
        let recording = &self.recordings[number as usize];
        let line = &recording.lines[usize::from(row)];
        let (confirmation, correction) = match line.state {
            RowState::Recorded => (None, None),
            RowState::Confirmed(confirmation) => (Some(confirmation), None),
            RowState::Corrected(correction, confirmation) => (confirmation, Some(correction)),
        };
        let confirmation = confirmation.map(|index| &self.confirmations[index as usize]);
        let correction = correction.map(|index| self.corrections[index as usize]);
        let person = self.people.id(line.person);
        let posted = |c: &Confirmation| c.credit.iter().find(|(p, _)| *p == person).map_or(0, |(_, m)| *m);
        let replaces = recording.corrects.map(|(old, (row, correction))| {
            (self.recordings[old as usize].event, row, self.corrections[correction as usize].reason)
        });
        RowView {
            recorded: recording.event,
            row,
            person,
            activity: recording.activity,
            org: recording.org,
            interval: line.interval,
            class: recording.class,
            overdue: line.overdue,
            batch: recording.batch,
            recorder: recording.act,
            confirmation: confirmation.map(|c| (c.event, c.act)),
            correction,
            replaced_by: correction
                .and_then(|c| c.replacement)
                .map(|new| (self.recordings[new as usize].event, 0)),
            replaces,
            days: line.days_at(u64::MAX).into_iter().map(|d| (d.date, d.minutes)).collect(),
            credit: confirmation.map_or(0, posted),
        }
    }
}

impl Line {
    fn new(person: u32, interval: Interval) -> Self {
        Self { person, interval, state: RowState::Recorded, overdue: None, days: SmallVec::new() }
    }

    /// What counts for each day before a position, by date; at most a few entries.
    fn days_at(&self, end: u64) -> SmallVec<[DayCount; 2]> {
        let mut days: SmallVec<[DayCount; 2]> = SmallVec::new();
        for day in self.days.iter().filter(|d| d.position < end) {
            match days.iter_mut().find(|d| d.date == day.date) {
                Some(known) => *known = *day,
                None => days.push(*day),
            }
        }
        days.retain(|d| d.minutes > 0);
        days.sort_unstable_by_key(|d| d.date);
        days
    }
}

/// What the event posted to and from persons in all, by person, ascending.
fn credit_of(c: &Committed) -> Vec<(PersonId, i64)> {
    let mut credit: Vec<(PersonId, i64)> = Vec::with_capacity(c.effects.len() / 2);
    for effect in &c.effects {
        let Effect::Posted { from, to, minutes } = effect else { continue };
        for (account, minutes) in [(from, -i64::from(*minutes)), (to, i64::from(*minutes))] {
            if let Account::Person(person) = account {
                credit.push((*person, minutes));
            }
        }
    }
    credit.sort_unstable();
    credit.dedup_by(|next, sum| {
        let same = next.0 == sum.0;
        sum.1 += if same { next.1 } else { 0 };
        same
    });
    credit
}

impl Canonical for Records {
    fn write(&self, out: &mut dyn Sink) {
        self.recordings.write(out);
        self.confirmations.write(out);
        self.corrections.write(out);
        self.people.write(out);
        self.records.write(out);
        self.volunteers.write(out);
        self.pending_rows.write(out);
    }
}
