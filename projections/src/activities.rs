//! Activities with their shifts, sign-ups and attendance.

use hourbook_ledger::domain::Effect;
use hourbook_ledger::domain::event::{ActivityEvent, Attended, Attendee, Body, Lead};
use hourbook_ledger::domain::ids::{ActivityId, Commitment, OrgId, PersonId, ShiftId};
use hourbook_ledger::domain::time::Interval;
use hourbook_ledger::follower::LoggedEvent;
use hourbook_ledger::save_fields;
use hourbook_ledger::store::lazy::LazyVec;

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
}

save_fields!(Activities { ids, activities });

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
                    planned: Provenance::of(c),
                    shifts: Vec::new(),
                };
                match self.activities.get_mut(self.ids.number(*activity) as usize) {
                    Some(known) => *known = new,
                    None => self.activities.push(new),
                }
            }
            ActivityEvent::Published { activity } => self.set(*activity, ActivityState::Published),
            ActivityEvent::Closed { activity } => self.set(*activity, ActivityState::Closed),
            ActivityEvent::Cancelled { activity, .. } => self.set(*activity, ActivityState::Cancelled),
            ActivityEvent::ShiftOpened { activity, shift, interval, capacity } => {
                if let Some(activity) = self.get_mut(*activity) {
                    let (id, interval, capacity) = (*shift, *interval, *capacity);
                    make_room(&mut activity.shifts);
                    activity.shifts.push(Shift { id, interval, capacity, taken: 0, sign_ups: Vec::new() });
                }
            }
            ActivityEvent::SignedUp { activity, shift, person } => {
                self.change(*activity, *shift, |shift| shift.sign_up(*person));
            }
            ActivityEvent::SignUpWithdrawn { activity, shift, person } => {
                self.change(*activity, *shift, |shift| shift.withdraw(*person, c));
            }
            ActivityEvent::AttendanceTaken { activity, shift, rows } => {
                self.change(*activity, *shift, |shift| {
                    rows.iter().for_each(|row| shift.attend(row));
                });
            }
        }
    }

    fn set(&mut self, activity: ActivityId, state: ActivityState) {
        if let Some(activity) = self.get_mut(activity) {
            activity.state = state;
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

    /// Number of persons in a state of their place.
    pub fn count(&self, is: impl Fn(Place) -> bool) -> usize {
        self.sign_ups.iter().filter(|s| is(s.place)).count()
    }

    /// Somebody who had a place was neither there nor missed, as far as a roll says.
    #[must_use]
    pub fn awaits_roll(&self) -> bool {
        self.count(|place| place == Place::Placed) > 0
    }

    fn sign_up(&mut self, person: PersonId) {
        self.sign_ups.retain(|s| s.person != person);
        let counted = self.taken < self.capacity;
        self.taken += u16::from(counted);
        let place = if counted { Place::Placed } else { Place::Waiting };
        make_room(&mut self.sign_ups);
        self.sign_ups.push(SignUp { person, place, counted });
    }

    fn withdraw(&mut self, person: PersonId, c: &LoggedEvent) {
        if let Some(part) = self.sign_ups.iter_mut().find(|s| s.person == person) {
            self.taken -= u16::from(part.counted);
            (part.place, part.counted) = (Place::Withdrew, false);
        }
        for effect in &c.effects {
            let Effect::Promoted { person, .. } = effect else { continue };
            let Some(part) = self.sign_ups.iter_mut().find(|s| s.person == *person) else { continue };
            self.taken += u16::from(!part.counted);
            (part.place, part.counted) = (Place::Placed, true);
        }
    }

    fn attend(&mut self, row: &Attendee) {
        let place = match row.attended {
            Attended::Present(interval) => Place::Present(interval),
            Attended::NoShow => Place::NoShow,
        };
        match self.sign_ups.iter_mut().find(|s| s.person == row.person) {
            Some(part) => part.place = place,
            None => self.sign_ups.push(SignUp { person: row.person, place, counted: false }),
        }
    }
}
