//! The service record: every recorded row with what became of it, and why it counts.

mod line;
pub mod shown;

use hourbook_ledger::domain::Effect;
use hourbook_ledger::domain::event::{Assurance, Body, HoursEvent, RecordClass, Rows};
use hourbook_ledger::domain::ids::{ActivityId, Commitment, EventId, OrgId, PersonId};
use hourbook_ledger::domain::time::{Date, Interval, Millis, Offset};
use hourbook_ledger::follower::LoggedEvent;
use hourbook_ledger::store::lazy::{LazyMap, LazyVec};
use hourbook_ledger::{save_fields, save_plain};
use smallvec::{SmallVec, smallvec};
use std::collections::BTreeSet;

use self::line::{CONFIRMED, COUNTED, COUNTS, Line, ODD, OVERDUE, PROVISIONAL};
use crate::attribution::Attribution;
use crate::directory::Directory;
use crate::intern::Interned;
use crate::provenance::Provenance;
use crate::room::{make_room, partition_point};
use crate::window::month_of;

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

/// What is not as with most rows.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
struct UnusualLine {
    state: RowState,
    days: Vec<DayCount>,
}

/// Who asserted something and how that is known: staff, mostly, so that there are few.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, serde::Serialize, serde::Deserialize)]
struct Who {
    actor: PersonId,
    acting_for: Option<PersonId>,
    assurance: Assurance,
}

#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
struct Recording {
    position: u64,
    at: Millis,
    /// The number of its first line.
    first: u32,
    /// The number of who recorded it, and of the organisation.
    who: u32,
    org: u32,
    /// Its first confirmation, or [`NONE`].
    confirmation: u32,
    activity: ActivityId,
    special: Option<Box<Special>>,
}

const NONE: u32 = u32::MAX;
/// Lines from one whose recording is at hand to the next.
const MARK: u32 = 64;

/// What few recordings have.
#[derive(Clone, Copy, Debug, serde::Serialize, serde::Deserialize)]
struct Special {
    class: RecordClass,
    /// The recording and row that this one replaces.
    corrects: Option<(u32, u16)>,
}

/// What it posted is found in the accounts.
#[derive(Clone, Copy, Debug, serde::Serialize, serde::Deserialize)]
struct Confirmation {
    position: u64,
    at: Millis,
    /// The number of who confirmed.
    who: u32,
}

/// A correction of a row.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Correction {
    /// Who asserted it.
    pub act: Provenance,
    /// Why.
    pub reason: Commitment,
    /// The recording by this event, if it brought a replacement.
    pub(crate) replacement: Option<u32>,
}

#[derive(Clone, Default, Debug, serde::Serialize, serde::Deserialize)]
struct PersonRecord {
    /// The numbers of the person's lines, ascending.
    lines: Vec<u32>,
    certified: u32,
}

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

/// All service records.
#[derive(Default, Debug)]
pub struct Records {
    counts: Counts,
    /// The events that recorded, by the number of the recording.
    events: Interned<EventId>,
    recordings: LazyVec<Recording>,
    /// The rows of all recordings, one recording after the other.
    lines: LazyVec<Line>,
    /// The recording of every 64th line.
    marks: LazyVec<u32>,
    /// By the number of the line.
    odd: LazyMap<u32, UnusualLine>,
    confirmations: LazyVec<Confirmation>,
    corrections: LazyVec<Correction>,
    who: Interned<Who>,
    orgs: Interned<OrgId>,
    /// Everyone of whom there is a row, numbered.
    pub(crate) people: Interned<PersonId>,
    /// By the person's number.
    records: LazyVec<PersonRecord>,
    open: Open,
    /// The event and number of the recording that was looked for last: what follows from a confirmation is all about one.
    last: Option<(EventId, u32)>,
}

#[derive(Clone, Copy, Default, Debug, serde::Serialize, serde::Deserialize)]
struct Counts {
    /// The ledger's distance from UTC.
    offset: Offset,
    volunteers: u32,
}

/// The numbers of the recordings of which a row waits for confirmation.
#[derive(Default, Debug, serde::Serialize, serde::Deserialize)]
struct Open(BTreeSet<u32>);

save_plain!(Counts, Open);
save_fields!(Records {
    counts,
    events,
    recordings,
    lines,
    marks,
    odd,
    confirmations,
    corrections,
    who,
    orgs,
    people,
    records,
    open,
} anew last);

impl Records {
    /// Takes one more event and says which certified minutes it changed.
    pub(crate) fn fold(
        &mut self,
        directory: &Directory,
        attribution: &mut Attribution,
        c: &LoggedEvent,
        changes: &mut Vec<Change>,
    ) {
        self.counts.offset = directory.offset();
        match &c.event.body {
            Body::Hours(HoursEvent::Recorded { org, activity, class, rows, .. }) => {
                let special = Special { class: *class, corrects: None };
                let special = (*class != RecordClass::Normal).then(|| Box::new(special));
                let recording = self.begin(c, *org, *activity, special);
                self.add(c.event.id, recording, rows.iter().map(|row| (row.person, row.interval)));
            }
            Body::Hours(HoursEvent::Confirmed { recorded, rows }) => self.confirm(c, *recorded, rows),
            Body::Hours(HoursEvent::Corrected { recorded, row, replacement, reason }) => {
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
                    if let Some(number) = self.find(*recorded)
                        && let Some(line) = self.number(number, *row)
                    {
                        let flags = OVERDUE | if *provisional { PROVISIONAL } else { 0 };
                        self.lines[line].counted |= flags;
                    }
                }
                Effect::Posted { .. }
                | Effect::Promoted { .. }
                | Effect::Held { .. }
                | Effect::TookEffect(_)
                | Effect::Dropped(_) => {}
            }
        }
    }

    fn begin(
        &mut self,
        c: &LoggedEvent,
        org: OrgId,
        activity: ActivityId,
        special: Option<Box<Special>>,
    ) -> Recording {
        Recording {
            position: c.position,
            at: c.recorded_at,
            first: u32::try_from(self.lines.len()).expect("fewer than 2^32 rows"),
            who: self.who.number(Who::of(c)),
            org: self.orgs.number(org),
            confirmation: NONE,
            activity,
            special,
        }
    }

    fn add(
        &mut self,
        event: EventId,
        recording: Recording,
        rows: impl Iterator<Item = (PersonId, Interval)>,
    ) {
        // All numbers first: persons lie anywhere in memory, and asked for one right after the other they are waited for
        // together.
        let rows: SmallVec<[(u32, Interval); 16]> =
            rows.map(|(person, interval)| (self.people.number(person), interval)).collect();
        for (number, (person, interval)) in (recording.first..).zip(rows) {
            if person as usize == self.records.len() {
                self.records.push(PersonRecord::default());
            }
            let lines = &mut self.records[person as usize].lines;
            make_room(lines);
            lines.push(number);
            self.lines.push(Line::new(person, interval));
            if number.is_multiple_of(MARK) {
                self.marks.push(self.recordings.len() as u32);
            }
        }
        self.events.number(event);
        self.open.0.insert(self.recordings.len() as u32);
        self.recordings.push(recording);
    }

    fn confirm(&mut self, c: &LoggedEvent, recorded: EventId, rows: &Rows) {
        let Some(number) = self.find(recorded) else { return };
        let confirmation = self.confirmations.len() as u32;
        let who = self.who.number(Who::of(c));
        self.confirmations.push(Confirmation { position: c.position, at: c.recorded_at, who });
        let recording = &mut self.recordings[number as usize];
        if recording.confirmation == NONE {
            recording.confirmation = confirmation;
        }
        self.prefetch(number);
        match rows {
            Rows::All => self.lines_of(number).for_each(|line| self.confirm_line(number, line, confirmation)),
            Rows::Some { indexes: rows } => {
                let lines = rows.iter().filter_map(|row| self.number(number, *row));
                let lines: SmallVec<[usize; 16]> = lines.collect();
                lines.into_iter().for_each(|line| self.confirm_line(number, line, confirmation));
            }
        }
        self.close(number);
    }

    /// A recording of which no row waits any more is off the desk.
    fn close(&mut self, number: u32) {
        if self.lines_of(number).all(|line| self.state(number, line) != RowState::Recorded) {
            self.open.0.remove(&number);
        }
    }

    /// Reads what the persons of a recording's rows have so far, which is about to change row by row: they lie anywhere in
    /// memory, and asked for one right after the other they are waited for together.
    fn prefetch(&self, number: u32) {
        let certified = |line| self.records[self.lines[line].person as usize].certified;
        std::hint::black_box(self.lines_of(number).map(certified).fold(0, u32::wrapping_add));
    }

    fn confirm_line(&mut self, number: u32, line: usize, confirmation: u32) {
        if self.state(number, line) != RowState::Recorded {
            return;
        }
        if self.recordings[number as usize].confirmation == confirmation && !self.lines[line].has(ODD) {
            self.lines[line].counted |= CONFIRMED;
        } else {
            self.odd_mut(number, line).state = RowState::Confirmed(confirmation);
        }
    }

    fn correct(
        &mut self,
        c: &LoggedEvent,
        recorded: EventId,
        row: u16,
        replacement: Option<Interval>,
        reason: Commitment,
    ) {
        let Some(number) = self.find(recorded) else { return };
        let Some(line) = self.number(number, row) else { return };
        let correction = self.corrections.len() as u32;
        let confirmation = match self.state(number, line) {
            RowState::Recorded => None,
            RowState::Confirmed(confirmation) => Some(confirmation),
            RowState::Corrected(_, confirmation) => confirmation,
        };
        self.odd_mut(number, line).state = RowState::Corrected(correction, confirmation);
        let replacement = replacement.map(|interval| {
            let old = &self.recordings[number as usize];
            let (org, activity) = (self.orgs.id(old.org), old.activity);
            let special = Special { class: old.class(), corrects: Some((number, row)) };
            let person = self.people.id(self.lines[line].person);
            let recording = self.begin(c, org, activity, Some(Box::new(special)));
            self.add(c.event.id, recording, std::iter::once((person, interval)));
            self.recordings.len() as u32 - 1
        });
        self.corrections.push(Correction { act: Provenance::of(c), reason, replacement });
        self.close(number);
    }

    fn count(&mut self, (recorded, row): (EventId, u16), was: u16, day: DayCount) -> Option<Change> {
        let number = self.find(recorded)?;
        let line = self.number(number, row)?;
        let last = self.last_of(number, line, day.date);
        debug_assert_eq!(last.map_or(0, |d| d.minutes), was, "the rules and the record remember differently");
        let (was, was_set) = last.map_or((0, day.set), |d| (d.minutes, d.set));
        if self.is_plain(number, line, &day) {
            let line = &mut self.lines[line];
            line.counted |= COUNTS | day.minutes;
            line.set = day.set;
        } else {
            let days = &mut self.odd_mut(number, line).days;
            make_room(days);
            days.push(day);
        }
        let person = self.lines[line].person;
        let record = &mut self.records[person as usize];
        let before = record.certified;
        record.certified = before - u32::from(was) + u32::from(day.minutes);
        match (before, record.certified) {
            (0, 1..) => self.counts.volunteers += 1,
            (1.., 0) => self.counts.volunteers -= 1,
            _ => {}
        }
        Some(Change { person, month: month_of(day.date), was, was_set, now: day.minutes, now_set: day.set })
    }

    /// What a line counts for a day at present.
    fn last_of(&self, number: u32, line: usize, date: Date) -> Option<DayCount> {
        self.days(number, line).iter().rev().find(|d| d.date == date).copied()
    }

    /// Whether a first count is what a confirmation says of most rows, so that the line itself can hold it.
    fn is_plain(&self, number: u32, at: usize, day: &DayCount) -> bool {
        let line = &self.lines[at];
        line.counted & (CONFIRMED | COUNTS | ODD) == CONFIRMED
            && day.minutes <= COUNTED
            && day.date == line.interval().start.date(self.counts.offset)
            && day.position
                == self.confirmations[self.recordings[number as usize].confirmation as usize].position
    }

    /// What became of a line.
    fn state(&self, number: u32, line: usize) -> RowState {
        match &self.lines[line] {
            l if l.has(ODD) => self.odd_one(line).state,
            l if l.has(CONFIRMED) => RowState::Confirmed(self.recordings[number as usize].confirmation),
            _ => RowState::Recorded,
        }
    }

    /// What a line counted from which position on.
    fn days(&self, number: u32, line: usize) -> SmallVec<[DayCount; 1]> {
        match &self.lines[line] {
            l if l.has(ODD) => SmallVec::from_slice(&self.odd_one(line).days),
            l if l.has(COUNTS) => {
                let confirmation = self.recordings[number as usize].confirmation;
                let position = self.confirmations[confirmation as usize].position;
                let (date, minutes) = (l.interval().start.date(self.counts.offset), l.counted & COUNTED);
                smallvec![DayCount { position, date, minutes, set: l.set }]
            }
            _ => SmallVec::new(),
        }
    }

    fn odd_one(&self, line: usize) -> &UnusualLine {
        self.odd.get(&(line as u32)).expect("the line says that it is odd")
    }

    /// Takes state and days out of a line, to where there is room for any.
    fn odd_mut(&mut self, number: u32, line: usize) -> &mut UnusualLine {
        if !self.lines[line].has(ODD) {
            let odd =
                UnusualLine { state: self.state(number, line), days: self.days(number, line).into_vec() };
            self.odd.insert(line as u32, odd);
            self.lines[line].counted |= ODD;
        }
        self.odd.get_mut(&(line as u32)).expect("just seen to")
    }

    /// The numbers of a recording's lines.
    fn lines_of(&self, number: u32) -> std::ops::Range<usize> {
        let next = self.recordings.get(number as usize + 1);
        let end = next.map_or(self.lines.len(), |next| next.first as usize);
        self.recordings[number as usize].first as usize..end
    }

    /// The number of the line that a row has.
    fn number(&self, number: u32, row: u16) -> Option<usize> {
        self.lines_of(number).nth(usize::from(row))
    }

    /// The recording and row that a line is.
    fn place(&self, line: u32) -> (u32, u16) {
        let mark = (line / MARK) as usize;
        let from = self.marks[mark] as usize;
        let to = self.marks.get(mark + 1).map_or(self.recordings.len(), |next| *next as usize + 1);
        let number = partition_point(&self.recordings, from..to, |recording| recording.first <= line) - 1;
        (number as u32, (line - self.recordings[number].first) as u16)
    }

    fn find(&mut self, recorded: EventId) -> Option<u32> {
        if self.last.is_none_or(|(event, _)| event != recorded) {
            self.last = Some((recorded, self.events.find(recorded)?));
        }
        self.last.map(|(_, number)| number)
    }
}

impl Who {
    fn of(c: &LoggedEvent) -> Self {
        let event = &c.event;
        Self { actor: event.actor, acting_for: event.acting_for, assurance: event.assurance }
    }
}

impl Recording {
    fn class(&self) -> RecordClass {
        self.special.as_ref().map_or(RecordClass::Normal, |special| special.class)
    }

    fn corrects(&self) -> Option<(u32, u16)> {
        self.special.as_ref().and_then(|special| special.corrects)
    }
}
