//! Hours: recorded by one person, confirmed by another, corrected by new events; counted once a minute and a person.
//!
//! Only confirmed rows count. What counts, and what credit was earned, is a function of the set of confirmed rows
//! alone, whatever the order in which they arrived.

mod deadline;
mod earning;
mod tally;
#[cfg(test)]
mod tests;

use super::authority::{self, Behind};
use super::concern::{Concern, Reach};
use super::effect::Effect;
use super::event::{Event, Row, Rows, Scope};
use super::ids::{ActivityId, EventId, OrgId, PersonId, RowKey};
use super::rejection::{Code, Rejection, ensure};
use super::state::{Context, State};
use super::time::{Date, Interval, Minute, Offset};
use super::unique;
use crate::domain::ids::{BatchId, Commitment};
use crate::domain::vocabulary::RecordClass;
use crate::store::table::{Table, tables};
use hourbook_derive::Aggregate;
use rustc_hash::FxHashSet;
use smallvec::SmallVec;
use tally::{Entry, Tally};

/// What can be asserted of a recording of hours.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize, Aggregate)]
#[aggregate(stream(Hours, recorded))]
#[allow(missing_docs)] // fields are named after their types
pub enum HoursEvent {
    /// Hours of one activity: at most 256 rows; parts of a batch name it and their number.
    #[event(1, by(steward, worker, lead), stream(Hours, event))]
    #[safe = "Counts nothing before another person confirms."]
    Recorded {
        batch: BatchId,
        part: u16,
        total: u16,
        org: OrgId,
        activity: ActivityId,
        #[field(name = "late_reason", commits(Reason, activity))]
        class: RecordClass,
        rows: Vec<Row>,
    },
    /// A second person vouches for rows of a recording.
    #[event(2, by(steward, worker, lead))]
    #[safe = "Volunteer, recorder and confirmer are three persons, and neither of the last two has a key by the other's code; corrected by two."]
    Confirmed {
        recorded: EventId,
        #[field(oneof)]
        rows: Rows,
    },
    /// A row was wrong: it no longer counts; a replacement waits for a new confirmation of this event.
    #[event(3, by(steward, worker, lead))]
    #[safe = "Of a row not confirmed yet at once; a confirmed one loses minutes, so a second person stands for it."]
    Corrected {
        recorded: EventId,
        row: u16,
        replacement: Option<Interval>,
        #[field(commits(Reason, recorded))]
        reason: Commitment,
    },
}

/// Most rows of one recording, so that an entry stays within its limit.
pub const ROW_LIMIT: usize = 256;
/// Longest interval that any policy may allow, in minutes: no row touches more than two local days.
pub const LONGEST: i64 = 1440;

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
    start: u32,
    minutes: u16,
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
    numbers: Table<13, EventId, u32>,
    recordings: Table<14, u32, Recording>,
    keys: Table<15, RowKey, ()>,
    tallies: Table<16, PersonId, Tally>,
    /// Credit above the account cap that went to funds, each fund once; few persons have any.
    overflows: Table<17, PersonId, Vec<(OrgId, u32)>>,
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
        self.tallies.get(&person).map_or(0, Tally::certified)
    }

    /// A person's certified minutes on one local day, across all organisations; at most 1440.
    #[must_use]
    pub fn certified_on(&self, person: PersonId, date: Date) -> u16 {
        self.tallies.get(&person).map_or(0, |t| t.on(date))
    }

    /// Whether any hours have counted yet.
    pub(super) fn have_counted(&self) -> bool {
        !self.tallies.is_empty()
    }

    /// Credit that a person has earned so far, in minutes, within the caps and whatever was spent.
    #[must_use]
    pub fn earned(&self, person: PersonId) -> u32 {
        self.tallies.get(&person).map_or(0, Tally::credited)
    }

    fn add(&mut self, recording: Recording) {
        let number = u32::try_from(self.recordings.len()).expect("fewer than 2^32 recordings");
        self.numbers.insert(recording.event, number);
        self.recordings.insert(number, recording);
    }

    fn entry(&self, recorded: EventId, row: u16) -> Option<Entry> {
        let recording = *self.numbers.get(&recorded)?;
        let facts = self.row(recorded, row)?;
        Some(Entry { start: facts.start, minutes: facts.minutes, recording, row })
    }
}

/// Whom and what each concerns.
pub(super) fn concern(state: &State, body: &HoursEvent) -> Concern {
    Concern::nobody(match body {
        HoursEvent::Recorded { org, .. } => Reach::Orgs(vec![*org]),
        HoursEvent::Confirmed { recorded, .. } | HoursEvent::Corrected { recorded, .. } => {
            Reach::org(state.hours.org(*recorded))
        }
    })
}

pub(super) fn decide(state: &State, cx: &Context, event: &Event, body: &HoursEvent) -> Result<(), Rejection> {
    match body {
        HoursEvent::Recorded { part, total, org, activity, rows, .. } => {
            ensure(part < total && (1..=ROW_LIMIT).contains(&rows.len()), Code::OutOfRange)?;
            unique::check(state, event.id.0)?;
            decide_recorded(state, cx, event, *org, *activity, rows)
        }
        HoursEvent::Confirmed { recorded, rows } => decide_confirmed(state, cx, event, *recorded, rows),
        HoursEvent::Corrected { recorded, row, replacement, .. } => {
            unique::check(state, event.id.0)?;
            let facts = state.hours.row(*recorded, *row).ok_or(Code::UnknownRecord)?;
            let org = state.hours.org(*recorded).ok_or(Code::UnknownRecord)?;
            if let Some(interval) = replacement {
                let longest = longest(state, org, interval.start.date(state.offset()));
                ensure(longest.is_some(), Code::NoPolicy)?;
                ensure(is_sound(cx, longest, interval), Code::BadInterval)?;
            }
            ensure(!Behind::of(state, cx, event).has(facts.person), Code::FourEyes)?;
            ensure(facts.state != RowState::Void, Code::RowState)
        }
    }
}

fn decide_recorded(
    state: &State,
    cx: &Context,
    event: &Event,
    org: OrgId,
    activity: ActivityId,
    rows: &[Row],
) -> Result<(), Rejection> {
    ensure(state.orgs.contains(org), Code::UnknownOrg)?;
    each(rows, Code::UnknownPerson, |row| state.people.is_known(state, row.person))?;
    let found = state.activities.get(activity).ok_or(Code::UnknownActivity)?;
    let mut longest = asked_once(|date| longest(state, org, date));
    each(rows, Code::NoPolicy, |row| longest(row.interval.start.date(state.offset())).is_some())?;
    each(rows, Code::BadInterval, |row| {
        is_sound(cx, longest(row.interval.start.date(state.offset())), &row.interval)
    })?;
    let mut seen = FxHashSet::with_capacity_and_hasher(rows.len(), Default::default());
    each(rows, Code::RowRecorded, |row| seen.insert(row.key) && !state.hours.knows_key(&row.key))?;
    let behind = Behind::of(state, cx, event);
    each(rows, Code::FourEyes, |row| !behind.has(row.person))?;
    let within = state.orgs.covers(Scope::Org(org), found.org, state.today(cx));
    ensure(within, Code::ActivityElsewhere)?;
    ensure(found.phase != super::activity::Phase::Cancelled, Code::ActivityState)
}

fn decide_confirmed(
    state: &State,
    cx: &Context,
    event: &Event,
    recorded: EventId,
    rows: &Rows,
) -> Result<(), Rejection> {
    if let Rows::Some { indexes: rows } = rows {
        let ascending = rows.is_sorted_by(|a, b| a < b);
        ensure(ascending && (1..=ROW_LIMIT).contains(&rows.len()), Code::OutOfRange)?;
    }
    let recording = state.hours.recording(recorded).ok_or(Code::UnknownRecord)?;
    let indexes = indexes(rows, recording);
    let facts = |row: &u16| recording.rows.get(usize::from(*row));
    let check = |code: Code, holds: &dyn Fn(&Recorded) -> bool| {
        let fault = indexes.iter().find(|row| !facts(row).is_some_and(holds));
        fault.map_or(Ok(()), |row| Err(Rejection::from(code).at_row(usize::from(*row))))
    };
    check(Code::UnknownRecord, &|_| true)?;
    let (behind, recorder) = (Behind::of(state, cx, event), recording.recorder);
    let two = !behind.has(recorder) && authority::is_other_hand(state, cx.signer, recorder);
    ensure(two, Code::FourEyes)?;
    check(Code::FourEyes, &|row| !behind.has(row.person))?;
    check(Code::RowState, &|row| row.state == RowState::Recorded)
}

/// The rows meant, ascending.
fn indexes(rows: &Rows, recording: &Recording) -> Vec<u16> {
    match rows {
        Rows::All => (0..).take(recording.rows.len()).collect(),
        Rows::Some { indexes: rows } => rows.clone(),
    }
}

/// The longest interval that the policy allows on the day of service.
fn longest(state: &State, org: OrgId, date: Date) -> Option<u32> {
    state.policies.records(&state.orgs, org, date).map(|p| p.longest)
}

/// Not empty, within the policy's length, and over; not before 1970, from where starts are counted.
fn is_sound(cx: &Context, longest: Option<u32>, interval: &Interval) -> bool {
    let longest = longest.map_or(0, i64::from).min(LONGEST);
    let packs = u32::try_from(interval.start.0).is_ok();
    packs && (1..=longest).contains(&interval.minutes()) && interval.end <= cx.recorded_at.minute()
}

/// Rows of a sheet are mostly about one time: what was asked of the row before is not looked for again.
fn asked_once<Q: PartialEq + Copy, A: Copy>(answer: impl Fn(Q) -> A) -> impl FnMut(Q) -> A {
    let mut last = None;
    move |question| match last {
        Some((asked, known)) if asked == question => known,
        _ => {
            let found = answer(question);
            last = Some((question, found));
            found
        }
    }
}

fn each(rows: &[Row], code: Code, mut holds: impl FnMut(&Row) -> bool) -> Result<(), Rejection> {
    match rows.iter().position(|row| !holds(row)) {
        Some(row) => Err(Rejection::from(code).at_row(row)),
        None => Ok(()),
    }
}

pub(super) fn evolve(
    state: &mut State,
    cx: &Context,
    event: &Event,
    body: &HoursEvent,
    effects: &mut Vec<Effect>,
) {
    match body {
        HoursEvent::Recorded { org, activity, rows, .. } => {
            rows.iter().for_each(|row| state.hours.keys.insert(row.key, ()));
            state.activities.mark_served(*activity);
            let filing = Filing { org: *org, activity: *activity, filed: state.today(cx) };
            file(state, event, filing, rows.iter().map(|row| (row.person, row.interval)), effects);
        }
        HoursEvent::Confirmed { recorded, rows } => confirm(state, *recorded, rows, effects),
        HoursEvent::Corrected { recorded, row, replacement, .. } => {
            let Some(facts) = state.hours.row(*recorded, *row).copied() else { return };
            let Some(old) = state.hours.recording(*recorded) else { return };
            let filing = Filing { org: old.org, activity: old.activity, filed: old.filed };
            set_states(state, *recorded, &[*row], RowState::Void);
            if let Some(interval) = replacement {
                file(state, event, filing, [(facts.person, *interval)].into_iter(), effects);
            }
            if facts.state == RowState::Confirmed
                && let Some(entry) = state.hours.entry(*recorded, *row)
            {
                earning::recount(state, facts.person, &[entry], &[], effects);
            }
        }
    }
}

/// Where a recording belongs, and since when the service is on record.
struct Filing {
    org: OrgId,
    activity: ActivityId,
    filed: Date,
}

fn file(
    state: &mut State,
    event: &Event,
    filing: Filing,
    rows: impl Iterator<Item = (PersonId, Interval)>,
    effects: &mut Vec<Effect>,
) {
    let Filing { org, activity, filed } = filing;
    let mut missed = asked_once(|interval| deadline::missed(state, org, &interval, filed));
    let keep = move |(row, (person, interval))| {
        let late = missed(interval);
        if let Some(deadline::Missed { provisional }) = late {
            effects.push(Effect::Overdue { recorded: event.id, row, provisional });
        }
        pack(person, interval, late.is_some())
    };
    let rows = (0..).zip(rows).map(keep).collect();
    state.hours.add(Recording { event: event.id, org, activity, recorder: event.actor, filed, rows });
}

fn pack(person: PersonId, interval: Interval, overdue: bool) -> Recorded {
    let start = u32::try_from(interval.start.0).expect("decided: the start is counted from 1970");
    let minutes = u16::try_from(interval.minutes()).expect("decided: no interval is longer than a day");
    Recorded { person, start, minutes, state: RowState::Recorded, overdue }
}

fn set_states(state: &mut State, recorded: EventId, rows: &[u16], to: RowState) {
    let Some(number) = state.hours.numbers.get(&recorded).copied() else { return };
    let Some(recording) = state.hours.recordings.get_mut(&number) else { return };
    for row in rows {
        recording.rows[usize::from(*row)].state = to;
    }
}

fn confirm(state: &mut State, recorded: EventId, rows: &Rows, effects: &mut Vec<Effect>) {
    let Some(recording) = state.hours.recording(recorded) else { return };
    let indexes = indexes(rows, recording);
    let mut entries: Vec<(PersonId, Entry)> = indexes
        .iter()
        .filter_map(|row| {
            Some((recording.rows[usize::from(*row)].person, state.hours.entry(recorded, *row)?))
        })
        .collect();
    // By person, so that each is recounted once; the sort is stable and the outcome depends on the log alone.
    entries.sort_by_key(|(person, _)| *person);
    // Of most rows it follows that they count and what was earned.
    effects.reserve(2 * entries.len());
    earning::prefetch(state, entries.iter().map(|(person, _)| *person));
    set_states(state, recorded, &indexes, RowState::Confirmed);
    for group in entries.chunk_by(|a, b| a.0 == b.0) {
        let added: SmallVec<[Entry; 4]> = group.iter().map(|(_, entry)| *entry).collect();
        earning::recount(state, group[0].0, &[], &added, effects);
    }
}

/// The local days that an interval touches.
fn dates(interval: Interval, offset: Offset) -> impl Iterator<Item = Date> {
    interval.days(offset).map(|(date, _)| date)
}
