//! Activities with their shifts, sign-ups, waiting lists and attendance.
//!
//! planned > published > closed | cancelled. Volunteers sign up while an activity is published; the roll may also be
//! called after it was closed.

use super::concern::{Concern, Reach};
use super::context::{Context, Header};
use super::effect::{Effect, Effects};
use super::hands::Behind;
use super::ids::{ActivityId, OrgId, PersonId, ShiftId};
use super::register::Register;
use super::rejection::{Code, Reason, Rejection, Verdict, check_each, ensure, ensure_each, fits};
use super::text;
use super::time::Interval;
use super::unique::{self, Names};
use super::vocabulary::{Attended, Attendee, Lead};
use crate::domain::ids::Commitment;
use crate::domain::vocabulary::MAX_CATEGORY;
use crate::store::table::{Table, tables};
use hourbook_derive::Aggregate;

/// What can be asserted of an activity, its shifts and their people.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize, Aggregate)]
#[aggregate(stream(Activity, activity))]
#[allow(missing_docs)] // fields are named after their types
pub enum ActivityEvent {
    /// An activity is planned.
    #[event(1, by(steward, worker, lead))]
    #[safe = "Concerns the organisation's own calendar."]
    Planned {
        activity: ActivityId,
        org: OrgId,
        #[field(max = MAX_CATEGORY)]
        category: String,
        #[field(commits(Title, activity))]
        title: Commitment,
        #[field(commits(Place, activity))]
        place: Option<Commitment>,
        #[field(commits(Content, activity))]
        content: Option<Commitment>,
        #[field(oneof, commits(Lead, activity))]
        lead: Lead,
    },
    /// Volunteers can see it and sign up.
    #[event(2, by(steward, worker, lead))]
    #[safe = "Shows what was planned; undone by cancelling."]
    Published { activity: ActivityId },
    /// It is over.
    #[event(3, by(steward, worker, lead))]
    #[safe = "Ends sign-ups; hours that were served are recorded all the same."]
    Closed { activity: ActivityId },
    /// It does not take place.
    #[event(4, by(steward, worker, lead))]
    #[safe = "Takes no confirmed hour away; planned anew."]
    Cancelled {
        activity: ActivityId,
        #[field(commits(Reason, activity))]
        reason: Commitment,
    },
    /// A shift of an activity, with the number of places.
    #[event(5, by(steward, worker, lead), unprefixed)]
    #[safe = "Offers places and assigns nobody."]
    ShiftOpened { activity: ActivityId, shift: ShiftId, interval: Interval, capacity: u16 },
    /// A person takes a place, or a place on the waiting list when it is full.
    #[event(6, by(Subject, Helper), unprefixed)]
    #[safe = "The person, staff of the home on the person's word, or a helper; withdrawn at any time."]
    SignedUp { activity: ActivityId, shift: ShiftId, person: PersonId },
    /// A person gives the place back.
    #[event(7, by(Subject, Helper), unprefixed)]
    #[safe = "As signing up, which it undoes."]
    SignUpWithdrawn { activity: ActivityId, shift: ShiftId, person: PersonId },
    /// A roll call: at most 256 lines.
    #[event(8, by(worker, lead), unprefixed)]
    #[safe = "A later roll call replaces it; minutes count only when recorded and confirmed."]
    AttendanceTaken { activity: ActivityId, shift: ShiftId, rows: Vec<Attendee> },
}

/// Longest category, in bytes.
pub const CATEGORY_LIMIT: usize = 32;
/// Most lines of one roll call, so that an entry stays within its limit.
pub const ROLL_LIMIT: usize = 256;

/// How far an activity has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub enum Phase {
    /// Seen by staff only.
    Planned,
    /// Volunteers can sign up.
    Published,
    /// Over.
    Closed,
    /// Does not take place.
    Cancelled,
}

/// An activity.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Activity {
    /// The organisation that runs it.
    pub org: OrgId,
    /// How far it has come.
    pub phase: Phase,
    /// Somebody was present or hours were recorded: it can no longer be cancelled.
    pub served: bool,
}

/// A shift of an activity.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Shift {
    /// The activity.
    pub activity: ActivityId,
    /// When it is.
    pub interval: Interval,
    /// Number of places.
    pub capacity: u16,
    /// Places taken.
    pub taken: u16,
    /// Persons on the waiting list.
    pub waiting: u32,
    /// The waiting list's numbers that may still be waiting: the first, and the one after the last.
    queue: (u32, u32),
}

/// What has become of a person's place in a shift.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub enum Standing {
    /// Has a place.
    Placed,
    /// Waits for a place; lower numbers first.
    Waiting(u32),
    /// Gave the place back.
    Withdrew,
    /// Was there.
    Present(Interval),
    /// Had a place and did not come.
    NoShow,
}

/// A person's part in a shift.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
struct Part {
    standing: Standing,
    /// Holds one of the shift's places; false for those who came without signing up.
    has_place: bool,
}

/// All activities.
#[derive(Default, Debug, Clone, PartialEq)]
pub struct Activities {
    activities: Table<9, ActivityId, Activity>,
    shifts: Table<10, ShiftId, Shift>,
    parts: Table<11, (ShiftId, PersonId), Part>,
    /// Who waits under which number. Those who left leave a gap, so that nobody has to move up.
    queues: Table<12, (ShiftId, u32), PersonId>,
}

tables!(Activities { activities, shifts, parts, queues });

impl Activities {
    /// The activity.
    #[must_use]
    pub fn get(&self, activity: ActivityId) -> Option<&Activity> {
        self.activities.get(&activity)
    }

    /// The organisation that runs the activity.
    #[must_use]
    pub fn org(&self, activity: ActivityId) -> Option<OrgId> {
        self.get(activity).map(|a| a.org)
    }

    /// The shift.
    #[must_use]
    pub fn shift(&self, shift: ShiftId) -> Option<&Shift> {
        self.shifts.get(&shift)
    }

    /// What has become of a person's sign-up, or that the person came without one; `None` if neither.
    #[must_use]
    pub fn standing(&self, shift: ShiftId, person: PersonId) -> Option<Standing> {
        self.parts.get(&(shift, person)).map(|p| p.standing)
    }

    /// Notes that somebody served in the activity.
    pub(super) fn mark_served(&mut self, activity: ActivityId) {
        // Reading first keeps the journal free of changes that change nothing.
        if self.get(activity).is_some_and(|a| !a.served) {
            self.activities.change(&activity, |activity| activity.served = true);
        }
    }

    fn shift_of(&self, activity: ActivityId, shift: ShiftId) -> Option<&Shift> {
        self.shift(shift).filter(|s| s.activity == activity)
    }

    fn holds_place(&self, shift: ShiftId, person: PersonId) -> bool {
        self.parts.get(&(shift, person)).is_some_and(|p| p.has_place)
    }

    fn set(&mut self, shift: ShiftId, person: PersonId, standing: Standing, has_place: bool) {
        self.parts.insert((shift, person), Part { standing, has_place });
    }
}

/// Whom and what each concerns.
pub(super) fn concern(activities: &Activities, body: &ActivityEvent) -> Concern {
    match body {
        ActivityEvent::Planned { org, .. } => Concern::nobody(Reach::Orgs(vec![*org])),
        ActivityEvent::Published { activity }
        | ActivityEvent::Closed { activity }
        | ActivityEvent::Cancelled { activity, .. }
        | ActivityEvent::ShiftOpened { activity, .. }
        | ActivityEvent::AttendanceTaken { activity, .. } => {
            Concern::nobody(Reach::org(activities.org(*activity)))
        }
        ActivityEvent::SignedUp { activity, person, .. }
        | ActivityEvent::SignUpWithdrawn { activity, person, .. } => {
            Concern::of(*person, Reach::org(activities.org(*activity)))
        }
    }
}

pub(super) fn decide(
    activities: &Activities,
    facts: &Register<'_>,
    names: &dyn Names,
    (cx, header): (&Context, &Header),
    body: &ActivityEvent,
) -> Verdict {
    match body {
        ActivityEvent::Planned { activity, org, category, lead, .. } => {
            text::ensure_category(category, CATEGORY_LIMIT)?;
            unique::check(names, activity.0)?;
            ensure(facts.orgs.contains(*org), Code::UnknownOrg)?;
            match lead {
                Lead::Person(person) => ensure(facts.knows(*person), Code::UnknownPerson),
                Lead::Named(_) => Ok(()),
            }
        }
        ActivityEvent::Published { activity } => check_phase(activities, *activity, &[Phase::Planned]),
        ActivityEvent::Closed { activity } => check_phase(activities, *activity, &[Phase::Published]),
        ActivityEvent::Cancelled { activity, .. } => {
            ensure(!find(activities, *activity)?.served, Code::ActivityState)?;
            check_phase(activities, *activity, &[Phase::Planned, Phase::Published])
        }
        ActivityEvent::ShiftOpened { activity, shift, interval, capacity } => {
            fits(*capacity > 0, format_args!("places (capacity): 1 to {}", u16::MAX))?;
            unique::check(names, shift.0)?;
            find(activities, *activity)?;
            ensure(interval.minutes() > 0, (Code::BadInterval, Reason::EndsBeforeItBegins))?;
            check_phase(activities, *activity, &[Phase::Planned, Phase::Published])
        }
        ActivityEvent::SignedUp { activity, shift, person } => {
            decide_sign_up(activities, facts, cx, *activity, *shift, *person)
        }
        ActivityEvent::SignUpWithdrawn { activity, shift, person } => {
            let opened = find_shift(activities, *activity, *shift)?;
            // Whoever stays away after the beginning is absent; leaving then would hide it.
            let begun = opened.interval.start <= cx.recorded_at.minute();
            let standing = activities.standing(*shift, *person);
            let has_or_waits = matches!(standing, Some(Standing::Placed | Standing::Waiting(_)));
            ensure(has_or_waits && !begun, Code::SignUpState)
        }
        ActivityEvent::AttendanceTaken { activity, shift, rows } => {
            decide_roll(activities, facts, (cx, header), (*activity, *shift), rows)
        }
    }
}

fn find(activities: &Activities, activity: ActivityId) -> Result<&Activity, Rejection> {
    Ok(activities.get(activity).ok_or(Code::UnknownActivity)?)
}

fn find_shift(activities: &Activities, activity: ActivityId, shift: ShiftId) -> Result<&Shift, Rejection> {
    Ok(activities.shift_of(activity, shift).ok_or(Code::UnknownActivity)?)
}

fn check_phase(activities: &Activities, activity: ActivityId, allowed: &[Phase]) -> Verdict {
    ensure(allowed.contains(&find(activities, activity)?.phase), Code::ActivityState)
}

fn decide_sign_up(
    activities: &Activities,
    facts: &Register<'_>,
    cx: &Context,
    activity: ActivityId,
    shift: ShiftId,
    person: PersonId,
) -> Verdict {
    ensure(facts.knows(person), Code::UnknownPerson)?;
    let opened = find_shift(activities, activity, shift)?;
    check_phase(activities, activity, &[Phase::Published])?;
    let over = opened.interval.end <= cx.recorded_at.minute();
    let free = matches!(activities.standing(shift, person), None | Some(Standing::Withdrew));
    ensure(free && !over, Code::SignUpState)
}

/// A later roll call replaces what an earlier one said of the same person.
fn decide_roll(
    activities: &Activities,
    facts: &Register<'_>,
    (cx, header): (&Context, &Header),
    (activity, shift): (ActivityId, ShiftId),
    rows: &[Attendee],
) -> Verdict {
    fits((1..=ROLL_LIMIT).contains(&rows.len()), format_args!("present, absent (rows): 1 to {ROLL_LIMIT}"))?;
    let mut seen = rustc_hash::FxHashSet::default();
    check_each(rows, |row| {
        fits(seen.insert(row.person), format_args!("present, absent (rows): each person once"))
    })?;
    ensure_each(rows, Code::UnknownPerson, |row| facts.knows(row.person))?;
    let opened = find_shift(activities, activity, shift)?;
    let now = cx.recorded_at.minute();
    check_each(rows, |row| {
        let (begins_first, end) = match row.attended {
            Attended::Present(interval) => (interval.minutes() > 0, interval.end),
            Attended::NoShow => (true, opened.interval.end),
        };
        ensure(begins_first, (Code::BadInterval, Reason::EndsBeforeItBegins))?;
        ensure(end <= now, (Code::BadInterval, Reason::NotOverYet))
    })?;
    let behind = Behind::of(facts.keys, cx, header);
    check_each(rows, |row| behind.check_concerns_another(row.person))?;
    check_phase(activities, activity, &[Phase::Published, Phase::Closed])?;
    ensure_each(rows, Code::SignUpState, |row| {
        row.attended != Attended::NoShow || activities.holds_place(shift, row.person)
    })
}

pub(super) fn evolve<E>(activities: &mut Activities, body: &ActivityEvent, effects: &mut Effects<E>) {
    match body {
        ActivityEvent::Planned { activity, org, .. } => {
            let planned = Activity { org: *org, phase: Phase::Planned, served: false };
            activities.activities.insert(*activity, planned);
        }
        ActivityEvent::Published { activity } => activities.enter(*activity, Phase::Published),
        ActivityEvent::Closed { activity } => activities.enter(*activity, Phase::Closed),
        ActivityEvent::Cancelled { activity, .. } => activities.enter(*activity, Phase::Cancelled),
        ActivityEvent::ShiftOpened { activity, shift, interval, capacity } => {
            let (activity, interval, capacity) = (*activity, *interval, *capacity);
            let opened = Shift { activity, interval, capacity, taken: 0, waiting: 0, queue: (0, 0) };
            activities.shifts.insert(*shift, opened);
        }
        ActivityEvent::SignedUp { shift, person, .. } => activities.sign_up(*shift, *person),
        ActivityEvent::SignUpWithdrawn { activity, shift, person } => {
            if let Some(person) = activities.withdraw(*shift, *person) {
                effects.push(Effect::Promoted { activity: *activity, shift: *shift, person });
            }
        }
        ActivityEvent::AttendanceTaken { activity, shift, rows } => {
            rows.iter().for_each(|row| activities.attend(*shift, row));
            if rows.iter().any(|row| row.attended != Attended::NoShow) {
                activities.mark_served(*activity);
            }
        }
    }
}

impl Activities {
    fn enter(&mut self, activity: ActivityId, phase: Phase) {
        self.activities.change(&activity, |activity| activity.phase = phase);
    }

    fn sign_up(&mut self, shift: ShiftId, person: PersonId) {
        let Some(opened) = self.shifts.get_mut(&shift) else { return };
        if opened.taken < opened.capacity {
            opened.taken += 1;
            return self.set(shift, person, Standing::Placed, true);
        }
        let number = opened.queue.1;
        opened.queue.1 += 1;
        opened.waiting += 1;
        self.queues.insert((shift, number), person);
        self.set(shift, person, Standing::Waiting(number), false);
    }

    /// Gives up a place or the waiting for one; returns who has the place now.
    fn withdraw(&mut self, shift: ShiftId, person: PersonId) -> Option<PersonId> {
        let left = self.standing(shift, person);
        self.set(shift, person, Standing::Withdrew, false);
        if let Some(Standing::Waiting(number)) = left {
            self.leave_queue(shift, number);
            return None;
        }
        let next = self.first_waiting(shift);
        let Some((number, next)) = next else {
            self.shifts.get_mut(&shift)?.taken -= 1;
            return None;
        };
        self.leave_queue(shift, number);
        self.shifts.get_mut(&shift)?.queue.0 = number + 1;
        self.set(shift, next, Standing::Placed, true);
        Some(next)
    }

    fn leave_queue(&mut self, shift: ShiftId, number: u32) {
        self.queues.remove(&(shift, number));
        self.shifts.change(&shift, |opened| opened.waiting -= 1);
    }

    fn first_waiting(&self, shift: ShiftId) -> Option<(u32, PersonId)> {
        let (first, end) = self.shift(shift)?.queue;
        (first..end).find_map(|number| self.queues.get(&(shift, number)).map(|person| (number, *person)))
    }

    fn attend(&mut self, shift: ShiftId, row: &Attendee) {
        // Someone from the waiting list who came anyway waits no longer.
        if let Some(Standing::Waiting(number)) = self.standing(shift, row.person) {
            self.leave_queue(shift, number);
        }
        let standing = match row.attended {
            Attended::Present(interval) => Standing::Present(interval),
            Attended::NoShow => Standing::NoShow,
        };
        let has_place = self.holds_place(shift, row.person);
        self.set(shift, row.person, standing, has_place);
    }
}

#[cfg(test)]
mod tests;
