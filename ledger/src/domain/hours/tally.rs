//! One person's confirmed rows and the minutes that they come to, day by day.

use std::cmp::Ordering;

use crate::domain::time::{Date, Interval, Minute, Offset};
use smallvec::{SmallVec, smallvec};

/// Longest interval that any policy may allow, in minutes: no row touches more than two local days.
pub const LONGEST: i64 = 1440;

/// A confirmed row, packed into twelve bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub(super) struct Entry {
    /// First minute of service, since 1970.
    pub(super) start: u32,
    /// Number of the recording.
    pub(super) recording: u32,
    /// Index of the row in it.
    pub(super) row: u16,
    /// Length; 1..=1440.
    pub(super) minutes: u16,
}

impl Entry {
    /// Tells rows apart.
    pub(super) fn row_key(&self) -> (u32, u16) {
        (self.recording, self.row)
    }

    fn end(&self) -> i64 {
        i64::from(self.start) + i64::from(self.minutes)
    }

    pub(super) fn interval(&self) -> Interval {
        Interval { start: Minute(i64::from(self.start)), end: Minute(self.end()) }
    }
}

/// What a local day comes to. Days without certified minutes are not kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
struct Day {
    date: Date,
    /// Certified minutes; 1..=1440.
    counted: u16,
    /// Minutes of credit for them, within the day's cap.
    earned: u16,
}

/// Rows with their minutes on a day, by recording and row. Few have more than one row a day.
pub(super) type Counts = SmallVec<[(Entry, u16); 4]>;

/// The certified minutes of a row on a day have changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub(super) struct Change {
    pub(super) entry: Entry,
    pub(super) date: Date,
    pub(super) was: u16,
    pub(super) now: u16,
}

/// What has changed on a few days.
pub(super) type Changes = SmallVec<[Change; 4]>;

/// One person's confirmed rows in canonical order, and what follows from them. About 20 bytes a row.
#[derive(Clone, Default, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub(super) struct Tally {
    /// By start, end, recording event and row.
    entries: Vec<Entry>,
    /// By date.
    days: Vec<Day>,
    pub(super) certified: u32,
    /// The sum of all days' earnings, before the account cap.
    pub(super) accrued: u32,
    /// Credit posted to the person.
    pub(super) posted: u32,
}

impl Tally {
    /// Certified minutes on a day.
    pub(super) fn on(&self, date: Date) -> u16 {
        self.find(date).map_or(0, |at| self.days[at].counted)
    }

    /// The latest day with certified minutes.
    pub(super) fn latest(&self) -> Option<Date> {
        self.days.last().map(|day| day.date)
    }

    /// The days with certified minutes and the credit that each earned before the account cap, the latest first.
    pub(super) fn earnings(&self) -> impl Iterator<Item = (Date, u16)> {
        self.days.iter().rev().map(|day| (day.date, day.earned))
    }

    /// A figure of no meaning from where rows and days end: whoever reads it has these at hand.
    pub(super) fn ends(&self) -> u32 {
        let (row, day) = (self.entries.last(), self.days.last());
        row.map_or(0, |row| row.start) ^ day.map_or(0, |day| u32::from(day.counted))
    }

    fn find(&self, date: Date) -> Result<usize, usize> {
        self.days.binary_search_by_key(&date, |day| day.date)
    }

    /// Puts a row in its canonical place. `id` orders recordings made for the same interval.
    pub(super) fn insert<I: Ord>(&mut self, entry: Entry, id: impl Fn(u32) -> I) {
        let own = (entry.start, entry.minutes);
        // Only rows of one interval have to be looked up by their recording, and few are.
        let is_before = |e: &Entry| match (e.start, e.minutes).cmp(&own) {
            Ordering::Equal => (id(e.recording), e.row) < (id(entry.recording), entry.row),
            unequal => unequal == Ordering::Less,
        };
        let at = self.entries.partition_point(is_before);
        make_room(&mut self.entries);
        self.entries.insert(at, entry);
    }

    pub(super) fn remove(&mut self, entry: Entry) {
        let from = self.entries.partition_point(|e| (e.start, e.minutes) < (entry.start, entry.minutes));
        let found = self.entries[from..].iter().position(|e| *e == entry);
        let at = from + found.expect("only what was confirmed is taken back");
        self.entries.remove(at);
    }

    /// The rows that touch a day and the minutes of each that no earlier row covers. Rows are ordered by start, so what
    /// earlier ones cover of a row is a piece from its start.
    pub(super) fn counts(&self, date: Date, offset: Offset) -> impl Iterator<Item = (Entry, u16)> {
        let (first, end) = (date.start(offset).0, date.plus(1).start(offset).0);
        let from = self.entries.partition_point(|e| i64::from(e.start) + LONGEST <= first);
        let mut covered = first;
        let near = self.entries[from..].iter().take_while(move |e| i64::from(e.start) < end);
        near.filter(move |e| e.end() > first).map(move |e| {
            let free = i64::from(e.start).max(covered);
            let until = e.end().min(end);
            covered = covered.max(until);
            (*e, u16::try_from(until - free).unwrap_or(0))
        })
    }

    /// Takes in what a day comes to now, against what it came to before, and what its minutes earn; tells what has changed.
    pub(super) fn settle_day(
        &mut self,
        date: Date,
        before: &Counts,
        offset: Offset,
        earns: impl Fn(u16) -> u16,
        changes: &mut Changes,
    ) {
        let mut found: SmallVec<[bool; 8]> = smallvec![false; before.len()];
        let mut counted = 0;
        for (entry, now) in self.counts(date, offset) {
            let at = before.binary_search_by_key(&entry.row_key(), |(entry, _)| entry.row_key());
            let was = at.map_or(0, |at| {
                found[at] = true;
                before[at].1
            });
            counted += now;
            if was != now {
                changes.push(Change { entry, date, was, now });
            }
        }
        let gone = before.iter().zip(found).filter(|((_, was), found)| !found && *was > 0);
        changes.extend(gone.map(|((entry, was), _)| Change { entry: *entry, date, was: *was, now: 0 }));
        self.set_day(Day { date, counted, earned: earns(counted) });
    }

    fn set_day(&mut self, day: Day) {
        let found = self.find(day.date);
        let old = found.map_or(Day { counted: 0, earned: 0, ..day }, |at| self.days[at]);
        self.certified = self.certified - u32::from(old.counted) + u32::from(day.counted);
        self.accrued = self.accrued - u32::from(old.earned) + u32::from(day.earned);
        match found {
            Ok(at) if day.counted == 0 => drop(self.days.remove(at)),
            Ok(at) => self.days[at] = day,
            Err(_) if day.counted == 0 => {}
            Err(at) => {
                make_room(&mut self.days);
                self.days.insert(at, day);
            }
        }
    }

    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        let entries = self.entries.capacity() * size_of::<Entry>();
        size_of::<Self>() + entries + self.days.capacity() * size_of::<Day>()
    }
}

/// Grows by a quarter: doubling would waste half the memory of millions of small vectors.
fn make_room<T>(vec: &mut Vec<T>) {
    if vec.len() == vec.capacity() {
        vec.reserve_exact(vec.len() / 4 + 2);
    }
}
