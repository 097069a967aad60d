//! Activities and hours, naively: every certified minute is a member of a set.

use std::collections::{BTreeMap, BTreeSet};

use hourbook_ledger::domain::event::{
    ActivityEvent, Attended, Attendee, Body, Event, HoursEvent, Row as RowBody, Rows,
};
use hourbook_ledger::domain::ids::{ActivityId, OrgId, PersonId, RowKey, ShiftId};
use hourbook_ledger::domain::policy::Excess;
use hourbook_ledger::domain::time::{Date, Interval};

use super::books::Earned;
use super::calendar::{day_of, due};
use super::outcome::{At, Fault, Outcome, RowId, must};
use super::register::Register;

/// How far an activity has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Phase {
    Planned,
    Published,
    Closed,
    Cancelled,
}

/// An activity.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct Activity {
    pub org: OrgId,
    pub phase: Phase,
    pub served: bool,
}

/// A person's part in a shift.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Part {
    Placed,
    Waiting,
    Withdrew,
    Present,
    NoShow,
}

/// A shift.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Shift {
    pub activity: ActivityId,
    pub interval: Interval,
    pub capacity: usize,
    /// Who has a place, also after the roll was called.
    pub places: BTreeSet<PersonId>,
    /// Who waits, in order.
    pub queue: Vec<PersonId>,
    pub parts: BTreeMap<PersonId, Part>,
}

/// What became of a recorded row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum RowState {
    Recorded,
    Confirmed,
    Void,
}

/// A recorded row.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct Row {
    pub person: PersonId,
    pub start: i64,
    pub end: i64,
    pub state: RowState,
    pub activity: ActivityId,
    pub org: OrgId,
    pub recorder: PersonId,
    /// Day on which the service was first recorded.
    pub filed: Date,
}

/// Activities, shifts and rows.
#[derive(Clone, Default, Debug)]
#[allow(missing_docs)]
pub struct Service {
    pub activities: BTreeMap<ActivityId, Activity>,
    pub shifts: BTreeMap<ShiftId, Shift>,
    pub rows: BTreeMap<RowId, Row>,
    keys: BTreeSet<RowKey>,
    touched: BTreeSet<PersonId>,
}

impl Service {
    /// Persons whose confirmed rows the last event changed.
    pub(super) fn touched(&mut self) -> BTreeSet<PersonId> {
        std::mem::take(&mut self.touched)
    }

    /// Certified minutes by row and day: each minute counts once, for the row first by (start, end, recording, index).
    #[must_use]
    pub fn certified(&self, register: &Register, person: PersonId) -> BTreeMap<(RowId, Date), i64> {
        let confirmed = self.rows.iter().filter(|r| r.1.person == person && r.1.state == RowState::Confirmed);
        let mut rows: Vec<(i64, i64, RowId)> = confirmed.map(|(id, row)| (row.start, row.end, *id)).collect();
        rows.sort_unstable();
        let mut counted = BTreeMap::new();
        let mut taken = BTreeSet::new();
        for (start, end, id) in rows {
            for minute in start..end {
                if taken.insert(minute) {
                    *counted.entry((id, day_of(minute, register.offset))).or_default() += 1;
                }
            }
        }
        counted
    }

    /// Certified minutes by day.
    #[must_use]
    pub fn days(&self, register: &Register, person: PersonId) -> BTreeMap<Date, i64> {
        let mut days = BTreeMap::new();
        for ((_, date), minutes) in self.certified(register, person) {
            *days.entry(date).or_default() += minutes;
        }
        days
    }

    /// What a person's certified minutes come to in credit, from the beginning.
    #[must_use]
    pub fn earned(&self, register: &Register, person: PersonId) -> Earned {
        let days = self.days(register, person);
        let of_day = |(date, minutes): (&Date, &i64)| {
            let Some(policy) = register.credit(*date) else { return 0 };
            let earned = minutes * i64::from(policy.earn_num) / i64::from(policy.earn_den);
            earned.min(i64::from(policy.daily_cap))
        };
        let accrued: i64 = days.iter().map(of_day).sum();
        let Some(policy) = days.keys().last().and_then(|day| register.credit(*day)) else {
            return Earned::default();
        };
        let own = accrued.min(i64::from(policy.account_cap));
        let mut funds = BTreeMap::new();
        // Minute by minute of credit from the first day on: what comes when the cap is reached is that day's excess.
        let mut so_far = 0;
        for day in &days {
            let (before, after) = (so_far, so_far + of_day(day));
            so_far = after;
            let above = after.max(own) - before.max(own);
            if let (Some(Excess::Fund(org)), 1..) = (register.credit(*day.0).map(|p| p.excess), above) {
                *funds.entry(org).or_default() += above;
            }
        }
        Earned { own, funds }
    }

    pub(super) fn take(
        &mut self,
        register: &Register,
        at: At,
        event: &Event,
        outcome: &mut Outcome,
    ) -> Result<(), Fault> {
        match &event.body {
            Body::Activity(ActivityEvent::Planned { activity, org, .. }) => {
                must(register.orgs.contains_key(org), "nowhere")?;
                let new = Activity { org: *org, phase: Phase::Planned, served: false };
                must(self.activities.insert(*activity, new).is_none(), "the activity exists")
            }
            Body::Activity(ActivityEvent::Published { activity }) => {
                self.enter(*activity, &[Phase::Planned], Phase::Published)
            }
            Body::Activity(ActivityEvent::Closed { activity }) => {
                self.enter(*activity, &[Phase::Published], Phase::Closed)
            }
            Body::Activity(ActivityEvent::Cancelled { activity, .. }) => {
                self.enter(*activity, &[Phase::Planned, Phase::Published], Phase::Cancelled)?;
                must(!self.activities[activity].served, "cancelled though somebody served")
            }
            Body::Activity(ActivityEvent::ShiftOpened { activity, shift, interval, capacity }) => {
                let phase = self.activities.get(activity).ok_or("no such activity")?.phase;
                must(matches!(phase, Phase::Planned | Phase::Published), "the activity is over")?;
                must(interval.start < interval.end && *capacity > 0, "an empty shift")?;
                let new = Shift {
                    activity: *activity,
                    interval: *interval,
                    capacity: usize::from(*capacity),
                    places: BTreeSet::new(),
                    queue: Vec::new(),
                    parts: BTreeMap::new(),
                };
                must(self.shifts.insert(*shift, new).is_none(), "the shift exists")
            }
            Body::Activity(ActivityEvent::SignedUp { activity, shift, person }) => {
                must(register.knows(*person), "nobody signed up")?;
                self.sign_up(at, *activity, *shift, *person)
            }
            Body::Activity(ActivityEvent::SignUpWithdrawn { activity, shift, person }) => {
                outcome.promoted.extend(self.withdraw(at, *activity, *shift, *person)?);
                Ok(())
            }
            Body::Activity(ActivityEvent::AttendanceTaken { activity, shift, rows }) => {
                must(rows.iter().all(|row| register.knows(row.person)), "nobody attended")?;
                self.roll(register, at, event, *activity, *shift, rows)
            }
            Body::Hours(HoursEvent::Recorded { .. })
            | Body::Hours(HoursEvent::Confirmed { .. })
            | Body::Hours(HoursEvent::Corrected { .. }) => self.take_hours(register, at, event, outcome),
            _ => Ok(()),
        }
    }

    fn enter(&mut self, id: ActivityId, from: &[Phase], to: Phase) -> Result<(), Fault> {
        let activity = self.activities.get_mut(&id).ok_or("no such activity")?;
        must(from.contains(&activity.phase), "the activity is not so far, or further")?;
        activity.phase = to;
        Ok(())
    }

    fn shift(&mut self, activity: ActivityId, shift: ShiftId) -> Result<&mut Shift, Fault> {
        let found = self.shifts.get_mut(&shift).filter(|found| found.activity == activity);
        found.ok_or_else(|| "no such shift".to_owned())
    }

    fn sign_up(
        &mut self,
        at: At,
        activity: ActivityId,
        shift: ShiftId,
        person: PersonId,
    ) -> Result<(), Fault> {
        let phase = self.activities.get(&activity).ok_or("no such activity")?.phase;
        must(phase == Phase::Published, "not published")?;
        let shift = self.shift(activity, shift)?;
        must(at.recorded_at.0.div_euclid(60_000) < shift.interval.end.0, "the shift is over")?;
        must(matches!(shift.parts.get(&person), None | Some(Part::Withdrew)), "signed up already")?;
        let placed = shift.places.len() < shift.capacity;
        if placed {
            shift.places.insert(person);
        } else {
            shift.queue.push(person);
        }
        shift.parts.insert(person, if placed { Part::Placed } else { Part::Waiting });
        must(shift.places.len() <= shift.capacity, "more people than places")
    }

    fn withdraw(
        &mut self,
        at: At,
        activity: ActivityId,
        shift: ShiftId,
        person: PersonId,
    ) -> Result<Option<PersonId>, Fault> {
        let shift = self.shift(activity, shift)?;
        must(at.recorded_at.0.div_euclid(60_000) < shift.interval.start.0, "the shift has begun")?;
        let part = shift.parts.insert(person, Part::Withdrew);
        match part {
            Some(Part::Waiting) => {
                shift.queue.retain(|waiting| *waiting != person);
                Ok(None)
            }
            Some(Part::Placed) => {
                shift.places.remove(&person);
                if shift.queue.is_empty() {
                    return Ok(None);
                }
                let next = shift.queue.remove(0);
                shift.places.insert(next);
                shift.parts.insert(next, Part::Placed);
                Ok(Some(next))
            }
            _ => Err("withdrew without a sign-up".to_owned()),
        }
    }

    fn roll(
        &mut self,
        register: &Register,
        at: At,
        event: &Event,
        activity: ActivityId,
        shift: ShiftId,
        rows: &[Attendee],
    ) -> Result<(), Fault> {
        let now = at.recorded_at.0.div_euclid(60_000);
        let found = self.activities.get(&activity).ok_or("no such activity")?;
        must(matches!(found.phase, Phase::Published | Phase::Closed), "not a time for a roll call")?;
        let shift = self.shift(activity, shift)?;
        let mut served = false;
        for row in rows {
            must(!register.behind(at, event).contains(&row.person), "four eyes: noted oneself")?;
            shift.queue.retain(|waiting| *waiting != row.person);
            let part = match row.attended {
                Attended::Present(interval) => {
                    must(interval.start < interval.end && interval.end.0 <= now, "not over yet")?;
                    served = true;
                    Part::Present
                }
                Attended::NoShow => {
                    let placed = shift.places.contains(&row.person);
                    must(placed && shift.interval.end.0 <= now, "absent without a place, or too early")?;
                    Part::NoShow
                }
            };
            shift.parts.insert(row.person, part);
        }
        self.note_service(activity, served);
        Ok(())
    }

    fn note_service(&mut self, activity: ActivityId, served: bool) {
        if let Some(activity) = self.activities.get_mut(&activity) {
            activity.served |= served;
        }
    }

    fn take_hours(
        &mut self,
        register: &Register,
        at: At,
        event: &Event,
        outcome: &mut Outcome,
    ) -> Result<(), Fault> {
        match &event.body {
            Body::Hours(HoursEvent::Recorded { org, activity, rows, .. }) => {
                let found = *self.activities.get(activity).ok_or("no such activity")?;
                must(found.phase != Phase::Cancelled, "hours of a cancelled activity")?;
                let today = register.day(at.recorded_at);
                must(register.up(found.org, today).contains(org), "another organisation's activity")?;
                self.note_service(*activity, true);
                for (index, row) in (0..).zip(rows) {
                    must(self.keys.insert(row.key), "the row was recorded before")?;
                    must(register.knows(row.person), "nobody served")?;
                    let new = fresh(event, *org, *activity, today, row);
                    self.record(register, at, event, (event.id, index), new, outcome)?;
                }
                Ok(())
            }
            Body::Hours(HoursEvent::Confirmed { recorded, rows }) => {
                let of_recording: Vec<RowId> =
                    self.rows.range((*recorded, 0)..=(*recorded, u16::MAX)).map(|(id, _)| *id).collect();
                let meant = match rows {
                    Rows::All => of_recording,
                    Rows::Some { indexes: rows } => rows.iter().map(|row| (*recorded, *row)).collect(),
                };
                must(!meant.is_empty(), "nothing is confirmed")?;
                let people: BTreeSet<PersonId> =
                    meant.iter().filter_map(|id| self.rows.get(id)).map(|row| row.person).collect();
                self.recount(register, people, outcome, |service| {
                    meant.iter().try_for_each(|id| service.confirm(register, at, event, *id))
                })
            }
            Body::Hours(HoursEvent::Corrected { recorded, row, replacement, .. }) => {
                let id = (*recorded, *row);
                let old = *self.rows.get(&id).ok_or("no such row")?;
                must(old.state != RowState::Void, "corrected before")?;
                must(!register.behind(at, event).contains(&old.person), "four eyes: corrected oneself")?;
                self.recount(register, [old.person].into(), outcome, |service| {
                    service.rows.insert(id, Row { state: RowState::Void, ..old });
                    Ok(())
                })?;
                let Some(Interval { start, end }) = *replacement else { return Ok(()) };
                let new = Row {
                    start: start.0,
                    end: end.0,
                    state: RowState::Recorded,
                    recorder: event.actor,
                    ..old
                };
                self.record(register, at, event, (event.id, 0), new, outcome)
            }
            _ => Ok(()),
        }
    }

    fn record(
        &mut self,
        register: &Register,
        at: At,
        event: &Event,
        id: RowId,
        row: Row,
        outcome: &mut Outcome,
    ) -> Result<(), Fault> {
        let served = day_of(row.start, register.offset);
        let policy = register.records(row.org, served).ok_or("no recording policy")?;
        let sound = row.start < row.end && row.end - row.start <= i64::from(policy.longest);
        must(sound && row.end <= at.recorded_at.0.div_euclid(60_000), "not an interval of the past")?;
        must(!register.behind(at, event).contains(&row.person), "four eyes: recorded oneself")?;
        let last = day_of(row.end - 1, register.offset);
        let (due, provisional) = due(last, policy.due_working_days, |year| register.calendar(year));
        if row.filed > due {
            outcome.overdue.insert(id, provisional);
        }
        self.rows.insert(id, row);
        Ok(())
    }

    fn confirm(&mut self, register: &Register, at: At, event: &Event, id: RowId) -> Result<(), Fault> {
        let row = self.rows.get_mut(&id).ok_or("no such row")?;
        must(row.state == RowState::Recorded, "confirmed or corrected before")?;
        let party = register.behind(at, event);
        must(!party.contains(&row.person), "four eyes: confirmed oneself")?;
        must(!party.contains(&row.recorder), "four eyes: confirmed what one recorded")?;
        must(register.in_no_debt(at.signer, row.recorder), "four eyes: confirmed by the recorder's hand")?;
        row.state = RowState::Confirmed;
        Ok(())
    }

    /// Changes rows and notes by how much these people's certified minutes change by it.
    fn recount(
        &mut self,
        register: &Register,
        people: BTreeSet<PersonId>,
        outcome: &mut Outcome,
        change: impl FnOnce(&mut Self) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let count = |service: &Self| -> BTreeMap<(RowId, Date), i64> {
            people.iter().flat_map(|person| service.certified(register, *person)).collect()
        };
        let was = count(self);
        change(self)?;
        let now = count(self);
        for at in was.keys().chain(now.keys()) {
            let by = now.get(at).unwrap_or(&0) - was.get(at).unwrap_or(&0);
            if by != 0 {
                outcome.counted.insert(*at, by);
            }
        }
        self.touched.extend(people);
        Ok(())
    }
}

fn fresh(event: &Event, org: OrgId, activity: ActivityId, today: Date, row: &RowBody) -> Row {
    Row {
        person: row.person,
        start: row.interval.start.0,
        end: row.interval.end.0,
        state: RowState::Recorded,
        activity,
        org,
        recorder: event.actor,
        filed: today,
    }
}
