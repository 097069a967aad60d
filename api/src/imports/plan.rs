//! Which activities and recordings a sheet makes, in an order that the content alone decides.

use std::collections::BTreeMap;

use hourbook_ledger::actor::event_id;
use hourbook_ledger::commitment::{Commitment, Field, FieldError, Opening};
use hourbook_ledger::domain::Event;
use hourbook_ledger::domain::event::{ActivityEvent, Body, HoursEvent, Lead, RecordClass, Row as HoursRow};
use hourbook_ledger::domain::hours::ROW_LIMIT;
use hourbook_ledger::domain::ids::{ActivityId, BatchId, PersonId, RowKey};
use hourbook_ledger::domain::time::{Date, Interval, Millis, Minute, Offset};
use hourbook_ledger::sequencer::MAX_BATCH;
use hourbook_ledger::vault::Vault;
use rand_core::CryptoRng;
use rustc_hash::FxHashSet;

use super::fault::bad_value;
use super::{Faults, ImportContext, ImportError, Matched, Recording, Summary, category};
use crate::commands::Unsigned;
use crate::sheet::{Column, Row, Sheet};

/// What tells activities apart: those that agree in all of it are one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Occasion<'a> {
    date: i32,
    title: &'a str,
    place: &'a str,
    content: &'a str,
    lead: &'a str,
}

/// A row to be recorded, and the line that it stands in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Line {
    interval: Interval,
    person: PersonId,
    key: RowKey,
    line: u32,
}

struct Activity<'a> {
    id: ActivityId,
    occasion: Occasion<'a>,
    is_new: bool,
    lines: Vec<Line>,
}

/// What the sheet comes to.
pub(super) struct Plan<'a> {
    activities: Vec<Activity<'a>>,
    ids: Ids<'a>,
    pub(super) summary: Summary,
}

/// Activities that are handed in together.
pub(super) struct Part<'a> {
    activities: &'a [Activity<'a>],
    batch: BatchId,
}

/// Rows in one batch at most, so that its bytes are within what a server takes at once.
const BATCH_ROWS: usize = 100 * ROW_LIMIT;

/// An event in the making, and the lines of the sheet that it comes from: one for each of its rows, or all of its
/// activity's.
pub(super) struct Draft {
    pub(super) unsigned: Unsigned,
    pub(super) lines: Vec<u32>,
}

pub(super) async fn plan<'a>(
    rows: &[(&'a Row, PersonId)],
    recording: Recording<'a>,
    ledger: ImportContext<'a>,
    offset: Offset,
) -> Result<Plan<'a>, ImportError> {
    let mut by_occasion: BTreeMap<Occasion<'a>, Vec<(&'a Row, PersonId)>> = BTreeMap::new();
    for (row, person) in rows {
        by_occasion.entry(occasion(row)).or_default().push((*row, *person));
    }
    let ids = Ids { vault: ledger.vault, recording };
    let mut activities: Vec<Activity<'a>> =
        by_occasion.into_iter().map(|(occasion, rows)| ids.activity(occasion, &rows, offset)).collect();
    let keys: Vec<RowKey> = activities.iter().flat_map(|a| a.lines.iter().map(|line| line.key)).collect();
    let known = leave_out_known(&mut activities, keys, ledger).await?;
    let summary = summarise(rows.len(), &activities, known, recording);
    Ok(Plan { activities, ids, summary })
}

fn occasion(row: &Row) -> Occasion<'_> {
    Occasion {
        date: row.date,
        title: &row.activity,
        place: &row.place,
        content: &row.content,
        lead: &row.lead,
    }
}

fn interval(row: &Row, offset: Offset) -> Interval {
    let midnight = Date(row.date).start(offset).0;
    let at = |minute: i32| Minute(midnight + i64::from(minute));
    Interval { start: at(row.start_minute), end: at(row.end_minute) }
}

/// Makes ids from content, with the vault's secret.
struct Ids<'a> {
    vault: &'a Vault,
    recording: Recording<'a>,
}

impl Ids<'_> {
    fn activity<'a>(
        &self,
        occasion: Occasion<'a>,
        rows: &[(&Row, PersonId)],
        offset: Offset,
    ) -> Activity<'a> {
        let date = occasion.date.to_be_bytes();
        let texts = [occasion.title, occasion.place, occasion.content, occasion.lead];
        let [title, place, content, lead] = texts.map(str::as_bytes);
        let parts = [&self.recording.org.0[..], &date, title, place, content, lead];
        let id = ActivityId(self.vault.keyed_id("hourbook/import/activity/v1", &parts));
        let line = |(row, person): &(&Row, PersonId)| {
            let interval = interval(row, offset);
            Line { interval, person: *person, key: self.row(id, *person, interval), line: row.line }
        };
        let mut lines: Vec<Line> = rows.iter().map(line).collect();
        lines.sort_unstable();
        Activity { id, occasion, is_new: true, lines }
    }

    fn row(&self, activity: ActivityId, person: PersonId, interval: Interval) -> RowKey {
        let (start, end) = (interval.start.0.to_be_bytes(), interval.end.0.to_be_bytes());
        let parts = [&self.recording.org.0[..], &activity.0, &person.0, &start, &end];
        RowKey(self.vault.keyed_id("hourbook/import/row/v1", &parts))
    }

    fn batch(&self, activities: &[Activity]) -> BatchId {
        let mut keys: Vec<&[u8]> = vec![&self.recording.org.0];
        keys.extend(activities.iter().flat_map(|a| a.lines.iter().map(|line| &line.key.0[..])));
        BatchId(self.vault.keyed_id("hourbook/import/batch/v1", &keys))
    }
}

/// Drops what was recorded before and activities that nothing is left of; returns how many rows were dropped.
async fn leave_out_known(
    activities: &mut Vec<Activity<'_>>,
    keys: Vec<RowKey>,
    ledger: ImportContext<'_>,
) -> Result<usize, ImportError> {
    let ids: Vec<ActivityId> = activities.iter().map(|activity| activity.id).collect();
    let look = ledger.handle.read_state(move |state, _| {
        let known: FxHashSet<RowKey> = keys.into_iter().filter(|key| state.hours.knows_key(key)).collect();
        let there: FxHashSet<ActivityId> =
            ids.into_iter().filter(|id| state.activities.org(*id).is_some()).collect();
        (known, there)
    });
    let (known, there) = look.await?;
    let mut dropped = 0;
    for activity in activities.iter_mut() {
        activity.is_new = !there.contains(&activity.id);
        let before = activity.lines.len();
        activity.lines.retain(|line| !known.contains(&line.key));
        dropped += before - activity.lines.len();
    }
    Ok(dropped)
}

fn summarise(rows: usize, activities: &[Activity], known: usize, recording: Recording<'_>) -> Summary {
    let lines = || activities.iter().flat_map(|activity| &activity.lines);
    let persons: FxHashSet<PersonId> = lines().map(|line| line.person).collect();
    let to_record = |activity: &&Activity| !activity.lines.is_empty();
    Summary {
        activities: activities.len(),
        new_activities: activities.iter().filter(to_record).filter(|activity| activity.is_new).count(),
        rows,
        known_rows: known,
        persons: persons.len(),
        minutes: lines().map(|line| line.interval.minutes().unsigned_abs()).sum(),
        late: recording.late_reason.is_some(),
    }
}

impl Activity<'_> {
    /// Events that record its rows.
    fn parts(&self) -> usize {
        self.lines.len().div_ceil(ROW_LIMIT)
    }

    /// All its events; none if nothing is left of it.
    fn events(&self) -> usize {
        let parts = self.parts();
        parts + usize::from(self.is_new && parts > 0)
    }
}

impl Plan<'_> {
    /// The rows with who was found for each; what was recorded before is no part of the plan.
    pub(super) fn matched(&self, rows: &[(&Row, PersonId)], offset: Offset) -> Vec<Matched> {
        let planned: FxHashSet<u32> =
            self.activities.iter().flat_map(|activity| activity.lines.iter().map(|line| line.line)).collect();
        let matched = |(row, person): &(&Row, PersonId)| Matched {
            line: row.line,
            person: *person,
            interval: interval(row, offset),
            is_known: !planned.contains(&row.line),
        };
        rows.iter().map(matched).collect()
    }

    /// The activities in their order, as many together as a batch holds.
    pub(super) fn batches(&self) -> Vec<Part<'_>> {
        let mut ends = Vec::new();
        let (mut events, mut rows) = (0, 0);
        for (at, activity) in self.activities.iter().enumerate() {
            let (more_events, more_rows) = (activity.events(), activity.lines.len());
            if events > 0 && (events + more_events > MAX_BATCH || rows + more_rows > BATCH_ROWS) {
                ends.push(at);
                (events, rows) = (0, 0);
            }
            events += more_events;
            rows += more_rows;
        }
        if events > 0 {
            ends.push(self.activities.len());
        }
        let mut begin = 0;
        let part = |end| {
            let activities = &self.activities[std::mem::replace(&mut begin, end)..end];
            Part { activities, batch: self.ids.batch(activities) }
        };
        ends.into_iter().map(part).collect()
    }
}

/// The events of a batch: each new activity, and its rows in parts.
pub(super) fn draft(
    part: &Part<'_>,
    recording: Recording<'_>,
    now: Millis,
    rng: &mut dyn CryptoRng,
    sheet: &Sheet,
    faults: &mut Faults,
) -> Result<Vec<Draft>, ImportError> {
    let total = part.activities.iter().map(|activity| activity.parts() as u16).sum();
    let mut maker = Maker { recording, now, rng, batch: part.batch, total, part: 0 };
    let mut drafts = Vec::new();
    for activity in part.activities.iter().filter(|activity| !activity.lines.is_empty()) {
        if activity.is_new {
            match maker.planned(activity) {
                Ok(draft) => drafts.push(draft),
                Err((column, error)) => {
                    let lines = activity.lines.iter().map(|line| line.line);
                    lines.for_each(|line| faults.push(bad_value(line, column, error, sheet)));
                    continue;
                }
            }
        }
        for lines in activity.lines.chunks(ROW_LIMIT) {
            drafts.push(maker.recorded(activity.id, lines)?);
        }
    }
    Ok(drafts)
}

struct Maker<'a> {
    recording: Recording<'a>,
    now: Millis,
    rng: &'a mut dyn CryptoRng,
    batch: BatchId,
    total: u16,
    part: u16,
}

impl Maker<'_> {
    /// The activity; a value of it that the ledger takes in no form is told with its column.
    fn planned(&mut self, activity: &Activity<'_>) -> Result<Draft, (Column, FieldError)> {
        let Occasion { title, place, content, lead, .. } = activity.occasion;
        let org = self.recording.org;
        let mut openings = Vec::with_capacity(4);
        let mut commit = |field, column, value: &str| -> Result<Commitment, (Column, FieldError)> {
            openings.push(self.open(activity.id, field, value).map_err(|error| (column, error))?);
            Ok(openings[openings.len() - 1].commitment())
        };
        let body = Body::Activity(ActivityEvent::Planned {
            activity: activity.id,
            org,
            category: category(title, content).to_owned(),
            title: commit(Field::Title, Column::Activity, title)?,
            place: Some(commit(Field::Place, Column::Place, place)?),
            content: Some(commit(Field::Content, Column::Content, content)?),
            lead: Lead::Named(commit(Field::Lead, Column::Lead, lead)?),
        });
        let lines = activity.lines.iter().map(|line| line.line).collect();
        Ok(Draft { unsigned: Unsigned { event: self.event(body), openings }, lines })
    }

    fn recorded(&mut self, activity: ActivityId, lines: &[Line]) -> Result<Draft, ImportError> {
        let mut openings = Vec::new();
        let class = match self.recording.late_reason {
            None => RecordClass::Normal,
            Some(reason) => {
                let opening = self.open(activity, Field::Reason, reason).map_err(ImportError::Reason)?;
                let commitment = opening.commitment();
                openings.push(opening);
                RecordClass::Late(commitment)
            }
        };
        let row = |line: &Line| HoursRow { key: line.key, person: line.person, interval: line.interval };
        let (part, total) = (self.part, self.total);
        self.part += 1;
        let body = Body::Hours(HoursEvent::Recorded {
            batch: self.batch,
            part,
            total,
            org: self.recording.org,
            activity,
            class,
            rows: lines.iter().map(row).collect(),
            photos: Vec::new(),
        });
        let lines = lines.iter().map(|line| line.line).collect();
        Ok(Draft { unsigned: Unsigned { event: self.event(body), openings }, lines })
    }

    fn open(&mut self, activity: ActivityId, field: Field, value: &str) -> Result<Opening, FieldError> {
        let mut salt = [0; 32];
        self.rng.fill_bytes(&mut salt);
        Opening::new(activity.0, field, salt, value)
    }

    fn event(&mut self, body: Body) -> Event {
        let id = event_id(self.now, self.rng);
        Event::plain(id, self.recording.ledger, self.recording.recorder, self.now, body)
    }
}
