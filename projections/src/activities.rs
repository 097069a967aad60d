//! Activities with their shifts, sign-ups and attendance.

use hourbook_ledger::domain::Effect;
use hourbook_ledger::domain::event::{ActivityEvent, Attended, Attendee, Body, Lead};
use hourbook_ledger::domain::ids::{ActivityId, Commitment, OrgId, PersonId, ShiftId};
use hourbook_ledger::domain::time::Interval;
use hourbook_ledger::follower::LoggedEvent;
use hourbook_ledger::save_fields;
use hourbook_ledger::store::lazy::{LazyMap, LazyVec};

use crate::intern::Interned;
use crate::provenance::Provenance;
use crate::room::make_room;

/// How far an activity has come.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
#[repr(u8)]
pub enum ActivityState {
    /// Seen by staff only.
    Planned = 1,
    /// Open for sign-up.
    Published = 2,
    /// Over.
    Closed = 3,
    /// Does not take place.
    Cancelled = 4,
}

/// What has become of a place.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub enum Place {
    /// Taken.
    Placed,
    /// On the waiting list.
    Waiting,
    /// Given back.
    Withdrew,
    /// Was there.
    Present(Interval),
    /// Did not come.
    NoShow,
}

/// A person's part in a shift.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct SignUp {
    /// Who.
    pub person: PersonId,
    /// What has become of the place.
    pub place: Place,
    /// Holds one of the shift's places; false for those who wait or came without signing up.
    pub counted: bool,
    /// Position of the event that said so last.
    pub position: u64,
}

/// A shift.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Shift {
    /// Its id.
    pub id: ShiftId,
    /// When it is.
    pub interval: Interval,
    /// Number of places.
    pub capacity: u16,
    /// Places taken.
    pub taken: u16,
    /// Sign-ups and attendance, in order of first appearance; a person who signs up again goes to the end.
    pub sign_ups: Vec<SignUp>,
}

/// An activity.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Activity {
    /// The organisation that runs it.
    pub org: OrgId,
    /// Its category in the catalogue.
    pub category: Box<str>,
    /// Its title.
    pub title: Commitment,
    /// Where it takes place.
    pub place: Option<Commitment>,
    /// What is done.
    pub content: Option<Commitment>,
    /// Who is in charge.
    pub lead: Lead,
    /// How far it has come.
    pub state: ActivityState,
    /// Why it was cancelled.
    pub reason: Option<Box<Commitment>>,
    /// Who planned it.
    pub planned: Provenance,
    /// Its shifts, in order of opening.
    pub shifts: Vec<Shift>,
}

/// All activities.
#[derive(Default, Debug)]
pub struct Activities {
    ids: Interned<ActivityId>,
    /// By the number of the id.
    activities: LazyVec<Activity>,
    by_org: LazyMap<OrgId, Vec<ActivityId>>,
}

save_fields!(Activities { ids, activities, by_org });

impl Activities {
    /// Takes one more event.
    pub fn fold(&mut self, c: &LoggedEvent) {
        let Body::Activity(event) = &c.event.body else { return };
        match event {
            ActivityEvent::Planned { activity, org, category, title, place, content, lead } => {
                let new = Activity {
                    org: *org,
                    category: category.as_str().into(),
                    title: *title,
                    place: *place,
                    content: *content,
                    lead: *lead,
                    state: ActivityState::Planned,
                    reason: None,
                    planned: Provenance::of(c),
                    shifts: Vec::new(),
                };
                match self.activities.get_mut(self.ids.number(*activity) as usize) {
                    Some(known) => *known = new,
                    None => self.activities.push(new),
                }
                self.by_org.or_insert_with(*org, Vec::new).push(*activity);
            }
            ActivityEvent::Published { activity } => self.set(*activity, ActivityState::Published, None),
            ActivityEvent::Closed { activity } => self.set(*activity, ActivityState::Closed, None),
            ActivityEvent::Cancelled { activity, reason } => {
                self.set(*activity, ActivityState::Cancelled, Some(*reason));
            }
            ActivityEvent::ShiftOpened { activity, shift, interval, capacity } => {
                if let Some(activity) = self.get_mut(*activity) {
                    let (id, interval, capacity) = (*shift, *interval, *capacity);
                    make_room(&mut activity.shifts);
                    activity.shifts.push(Shift { id, interval, capacity, taken: 0, sign_ups: Vec::new() });
                }
            }
            ActivityEvent::SignedUp { activity, shift, person } => {
                self.change(*activity, *shift, |shift| shift.sign_up(*person, c.position));
            }
            ActivityEvent::SignUpWithdrawn { activity, shift, person } => {
                self.change(*activity, *shift, |shift| shift.withdraw(*person, c));
            }
            ActivityEvent::AttendanceTaken { activity, shift, rows } => {
                self.change(*activity, *shift, |shift| {
                    rows.iter().for_each(|row| shift.attend(row, c.position));
                });
            }
        }
    }

    fn set(&mut self, activity: ActivityId, state: ActivityState, reason: Option<Commitment>) {
        if let Some(activity) = self.get_mut(activity) {
            (activity.state, activity.reason) = (state, reason.map(Box::new));
        }
    }

    fn get_mut(&mut self, activity: ActivityId) -> Option<&mut Activity> {
        self.ids.find(activity).map(|number| &mut self.activities[number as usize])
    }

    fn change(&mut self, activity: ActivityId, shift: ShiftId, change: impl FnOnce(&mut Shift)) {
        let activity = self.get_mut(activity);
        if let Some(shift) = activity.and_then(|a| a.shifts.iter_mut().find(|s| s.id == shift)) {
            change(shift);
        }
    }

    /// An activity.
    #[must_use]
    pub fn get(&self, activity: ActivityId) -> Option<&Activity> {
        self.ids.find(activity).map(|number| &self.activities[number as usize])
    }

    /// Number of activities ever planned.
    #[must_use]
    pub fn len(&self) -> usize {
        self.activities.len()
    }

    /// Whether none was ever planned.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.activities.is_empty()
    }

    /// An organisation's activities, in order of planning.
    #[must_use]
    pub fn of(&self, org: OrgId) -> &[ActivityId] {
        self.by_org.get(&org).map_or(&[], Vec::as_slice)
    }

    /// All activities, the last planned first.
    #[must_use]
    pub fn newest(&self) -> Vec<(ActivityId, &Activity)> {
        let mut all: Vec<_> = self.ids.ids().copied().zip(self.activities.iter()).collect();
        all.sort_unstable_by_key(|(_, activity)| std::cmp::Reverse(activity.planned.position));
        all
    }
}

impl Activity {
    /// The shift with this id.
    #[must_use]
    pub fn shift(&self, shift: ShiftId) -> Option<&Shift> {
        self.shifts.iter().find(|s| s.id == shift)
    }
}

impl Shift {
    /// A person's part in the shift.
    #[must_use]
    pub fn part(&self, person: PersonId) -> Option<&SignUp> {
        self.sign_ups.iter().find(|s| s.person == person)
    }

    /// Number of persons on the waiting list.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.sign_ups.iter().filter(|s| s.place == Place::Waiting).count()
    }

    fn sign_up(&mut self, person: PersonId, position: u64) {
        self.sign_ups.retain(|s| s.person != person);
        let counted = self.taken < self.capacity;
        self.taken += u16::from(counted);
        let place = if counted { Place::Placed } else { Place::Waiting };
        make_room(&mut self.sign_ups);
        self.sign_ups.push(SignUp { person, place, counted, position });
    }

    fn withdraw(&mut self, person: PersonId, c: &LoggedEvent) {
        if let Some(part) = self.sign_ups.iter_mut().find(|s| s.person == person) {
            self.taken -= u16::from(part.counted);
            (part.place, part.counted, part.position) = (Place::Withdrew, false, c.position);
        }
        for effect in &c.effects {
            let Effect::Promoted { person, .. } = effect else { continue };
            let Some(part) = self.sign_ups.iter_mut().find(|s| s.person == *person) else { continue };
            self.taken += u16::from(!part.counted);
            (part.place, part.counted, part.position) = (Place::Placed, true, c.position);
        }
    }

    fn attend(&mut self, row: &Attendee, position: u64) {
        let place = match row.attended {
            Attended::Present(interval) => Place::Present(interval),
            Attended::NoShow => Place::NoShow,
        };
        match self.sign_ups.iter_mut().find(|s| s.person == row.person) {
            Some(part) => (part.place, part.position) = (place, position),
            None => self.sign_ups.push(SignUp { person: row.person, place, counted: false, position }),
        }
    }
}
