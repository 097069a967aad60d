//! Hours: recorded by one person, confirmed by another, corrected by new events; counted once a minute and a person.
//!
//! Only confirmed rows count. What counts, and what credit was earned, is a function of the set of confirmed rows
//! alone, whatever the order in which they arrived.

mod asked;
mod books;
mod deadline;
mod earning;
mod tally;
#[cfg(test)]
mod tests;

use super::activity::Activities;
pub use books::{Hours, Recorded, Recording, RowState};
pub(super) use deadline::{due, would_be_late};
pub use tally::LONGEST;

use super::concern::{Concern, Reach};
use super::context::{Context, Header};
use super::effect::{Effect, Effects};
use super::hands::Behind;
use super::ids::{ActivityId, EventId, OrgId, PersonId};
use super::register::Register;
use super::rejection::{Code, Reason, Verdict, check_each, ensure, ensure_each, fits};
use super::time::{Date, Interval};
use super::unique::{self, Names};
use super::vocabulary::{Row, Rows, Scope};
use crate::domain::ids::{BatchId, Commitment};
use crate::domain::vocabulary::RecordClass;
use asked::asked_once;
pub(super) use books::Books;
use hourbook_derive::Aggregate;
use rustc_hash::FxHashSet;
use smallvec::SmallVec;
use tally::Entry;

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
        #[field(oneof, commits(Reason, activity))]
        class: RecordClass,
        #[field(7)]
        rows: Vec<Row>,
        /// SHA-256 of photos of the activity, as they came from the camera.
        #[field(max = PHOTO_LIMIT, ascending)]
        photos: Vec<[u8; 32]>,
    },
    /// A second person vouches for rows of a recording.
    #[event(2, by(steward, worker, lead))]
    #[safe = "Volunteer, recorder and confirmer are three persons, and neither of the last two has a key by the other's code, while two with keys by a third one's codes are two; corrected by two."]
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
/// Most photos that a recording names.
pub const PHOTO_LIMIT: usize = 16;

/// Whom and what each concerns.
pub(super) fn concern(hours: &Hours, body: &HoursEvent) -> Concern {
    Concern::nobody(match body {
        HoursEvent::Recorded { org, .. } => Reach::Orgs(vec![*org]),
        HoursEvent::Confirmed { recorded, .. } | HoursEvent::Corrected { recorded, .. } => {
            Reach::org(hours.org(*recorded))
        }
    })
}

pub(super) fn decide(
    (hours, activities): (&Hours, &Activities),
    facts: &Register<'_>,
    names: &dyn Names,
    (cx, header): (&Context, &Header),
    body: &HoursEvent,
) -> Verdict {
    match body {
        HoursEvent::Recorded { part, total, org, activity, rows, photos, .. } => {
            fits(part < total, format_args!("part: less than total"))?;
            rows_fit(rows.len())?;
            let each_once = photos.is_sorted_by(|a, b| a < b);
            fits(each_once, format_args!("photos: ascending, each once"))?;
            fits(photos.len() <= PHOTO_LIMIT, format_args!("photos: at most {PHOTO_LIMIT}"))?;
            unique::check(names, header.id.0)?;
            decide_recorded((hours, activities), facts, (cx, header), *org, *activity, rows)
        }
        HoursEvent::Confirmed { recorded, rows } => {
            decide_confirmed(hours, facts, (cx, header), *recorded, rows)
        }
        HoursEvent::Corrected { recorded, row, replacement, .. } => {
            unique::check(names, header.id.0)?;
            let row = hours.row(*recorded, *row).ok_or(Code::UnknownRecord)?;
            let org = hours.org(*recorded).ok_or(Code::UnknownRecord)?;
            if let Some(interval) = replacement {
                let longest = longest(facts, org, interval.start.date(facts.offset()));
                ensure(longest.is_some(), Code::NoPolicy)?;
                check_sound(cx, longest, interval)?;
            }
            Behind::of(facts.keys, cx, header).check_concerns_another(row.person)?;
            ensure(row.state != RowState::Void, Code::RowState)
        }
    }
}

fn decide_recorded(
    (hours, activities): (&Hours, &Activities),
    facts: &Register<'_>,
    (cx, header): (&Context, &Header),
    org: OrgId,
    activity: ActivityId,
    rows: &[Row],
) -> Verdict {
    ensure(facts.orgs.contains(org), Code::UnknownOrg)?;
    ensure_each(rows, Code::UnknownPerson, |row| facts.knows(row.person))?;
    let found = activities.get(activity).ok_or(Code::UnknownActivity)?;
    let mut longest = asked_once(|date| longest(facts, org, date));
    ensure_each(rows, Code::NoPolicy, |row| longest(row.interval.start.date(facts.offset())).is_some())?;
    check_each(rows, |row| check_sound(cx, longest(row.interval.start.date(facts.offset())), &row.interval))?;
    let mut seen = FxHashSet::with_capacity_and_hasher(rows.len(), Default::default());
    ensure_each(rows, Code::RowRecorded, |row| seen.insert(row.key) && !hours.knows_key(&row.key))?;
    let behind = Behind::of(facts.keys, cx, header);
    check_each(rows, |row| behind.check_concerns_another(row.person))?;
    let within = facts.orgs.covers(Scope::Org(org), found.org, facts.today(cx));
    ensure(within, Code::ActivityElsewhere)?;
    ensure(found.phase != super::activity::Phase::Cancelled, Code::ActivityState)
}

fn decide_confirmed(
    hours: &Hours,
    facts: &Register<'_>,
    (cx, header): (&Context, &Header),
    recorded: EventId,
    rows: &Rows,
) -> Verdict {
    if let Rows::Some { indexes: rows } = rows {
        let ascending = rows.is_sorted_by(|a, b| a < b);
        fits(ascending, format_args!("rows: ascending, each once"))?;
        rows_fit(rows.len())?;
    }
    let recording = hours.recording(recorded).ok_or(Code::UnknownRecord)?;
    let indexes = indexes(rows, recording);
    let known = |row: &u16| recording.rows.get(usize::from(*row));
    let check = |holds: &dyn Fn(&Recorded) -> Verdict| {
        indexes.iter().try_for_each(|row| {
            let verdict = known(row).map_or(Err(Code::UnknownRecord.into()), holds);
            verdict.map_err(|refused| refused.at_row(usize::from(*row)))
        })
    };
    check(&|_| Ok(()))?;
    let (behind, recorder) = (Behind::of(facts.keys, cx, header), recording.recorder);
    behind.check_second(facts.keys, cx.signer, recorder)?;
    check(&|row| behind.check_concerns_another(row.person))?;
    check(&|row| ensure(row.state == RowState::Recorded, Code::RowState))
}

/// The rows meant, ascending.
fn indexes(rows: &Rows, recording: &Recording) -> Vec<u16> {
    match rows {
        Rows::All => (0..).take(recording.rows.len()).collect(),
        Rows::Some { indexes: rows } => rows.clone(),
    }
}

/// The longest interval that the policy allows on the day of service.
fn longest(facts: &Register<'_>, org: OrgId, date: Date) -> Option<u32> {
    facts.policies.records(facts.orgs, org, date).map(|p| p.longest)
}

/// Not empty, within the policy's length, and over; not before 1970, from where starts are counted.
fn check_sound(cx: &Context, longest: Option<u32>, interval: &Interval) -> Verdict {
    let (longest, minutes) = (longest.map_or(0, i64::from).min(LONGEST), interval.minutes());
    let packs = u32::try_from(interval.start.0).is_ok();
    ensure(minutes > 0, (Code::BadInterval, Reason::EndsBeforeItBegins))?;
    ensure(packs, (Code::BadInterval, Reason::Before1970))?;
    if minutes > longest {
        let bound = format_args!("{minutes} minutes, at most {longest}");
        return Err(Code::BadInterval.because(bound).since(Reason::TooLong));
    }
    ensure(interval.end <= cx.recorded_at.minute(), (Code::BadInterval, Reason::NotOverYet))
}

fn rows_fit(rows: usize) -> Verdict {
    fits((1..=ROW_LIMIT).contains(&rows), format_args!("rows: 1 to {ROW_LIMIT}"))
}

pub(super) fn evolve<E>(
    books: &mut Books<'_>,
    (cx, header): (&Context, &Header),
    body: &HoursEvent,
    effects: &mut Effects<E>,
) {
    match body {
        HoursEvent::Recorded { org, activity, rows, .. } => {
            rows.iter().for_each(|row| books.hours.keys.insert(row.key, ()));
            let filing = (*org, *activity, books.facts.today(cx));
            file(books, header, filing, rows.iter().map(|row| (row.person, row.interval)), effects);
        }
        HoursEvent::Confirmed { recorded, rows } => confirm(books, *recorded, rows, effects),
        HoursEvent::Corrected { recorded, row, replacement, .. } => {
            let Some(facts) = books.hours.row(*recorded, *row).copied() else { return };
            let Some(old) = books.hours.recording(*recorded) else { return };
            let filing = (old.org, old.activity, old.filed);
            set_states(books.hours, *recorded, &[*row], RowState::Void);
            if let Some(interval) = replacement {
                file(books, header, filing, [(facts.person, *interval)].into_iter(), effects);
            }
            if facts.state == RowState::Confirmed
                && let Some(entry) = books.hours.entry(*recorded, *row)
            {
                earning::recount(books, facts.person, &[entry], &[], effects);
            }
        }
    }
}

/// Files rows where they belong, with since when the service is on record.
fn file<E>(
    books: &mut Books<'_>,
    header: &Header,
    (org, activity, filed): (OrgId, ActivityId, Date),
    rows: impl Iterator<Item = (PersonId, Interval)>,
    effects: &mut Effects<E>,
) {
    let facts = books.facts;
    let mut missed = asked_once(|interval| deadline::missed(&facts, org, &interval, filed));
    let keep = move |(row, (person, interval))| {
        let late = missed(interval);
        if let Some(deadline::Missed { provisional }) = late {
            effects.push(Effect::Overdue { recorded: header.id, row, provisional });
        }
        pack(person, interval, late.is_some())
    };
    let rows = (0..).zip(rows).map(keep).collect();
    books.hours.add(Recording { event: header.id, org, activity, recorder: header.actor, filed, rows });
}

fn pack(person: PersonId, interval: Interval, overdue: bool) -> Recorded {
    let start = u32::try_from(interval.start.0).expect("decided: the start is counted from 1970");
    let minutes = u16::try_from(interval.minutes()).expect("decided: no interval is longer than a day");
    Recorded { person, start, minutes, state: RowState::Recorded, overdue }
}

fn set_states(hours: &mut Hours, recorded: EventId, rows: &[u16], to: RowState) {
    let Some(number) = hours.numbers.get(&recorded).copied() else { return };
    let Some(recording) = hours.recordings.get_mut(&number) else { return };
    for row in rows {
        recording.rows[usize::from(*row)].state = to;
    }
}

fn confirm<E>(books: &mut Books<'_>, recorded: EventId, rows: &Rows, effects: &mut Effects<E>) {
    let Some(recording) = books.hours.recording(recorded) else { return };
    let indexes = indexes(rows, recording);
    let mut entries: Vec<(PersonId, Entry)> = indexes
        .iter()
        .filter_map(|row| {
            Some((recording.rows[usize::from(*row)].person, books.hours.entry(recorded, *row)?))
        })
        .collect();
    // By person, so that each is recounted once; the sort is stable and the outcome depends on the log alone.
    entries.sort_by_key(|(person, _)| *person);
    // Of most rows it follows that they count and what was earned.
    effects.reserve(2 * entries.len());
    earning::prefetch(books, entries.iter().map(|(person, _)| *person));
    set_states(books.hours, recorded, &indexes, RowState::Confirmed);
    for group in entries.chunk_by(|a, b| a.0 == b.0) {
        let added: SmallVec<[Entry; 4]> = group.iter().map(|(_, entry)| *entry).collect();
        earning::recount(books, group[0].0, &[], &added, effects);
    }
}
