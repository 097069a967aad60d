//! Activities.

use hourbook_proto::v1;

use crate::domain::event::{Attended, Attendee, Body, Lead};
use crate::domain::ids::{ActivityId, Commitment, OrgId, PersonId, ShiftId};

use super::common::{interval, read_interval};
use super::error::Within;
use super::read::{Read, fixed, optional, required, rows, short, text};

/// Longest category of an activity or a wish, in bytes.
pub(super) const MAX_CATEGORY: usize = 64;

fn activity(bytes: &[u8]) -> Read<ActivityId> {
    fixed("activity", bytes, ActivityId)
}

fn shift(bytes: &[u8]) -> Read<ShiftId> {
    fixed("shift", bytes, ShiftId)
}

fn person(bytes: &[u8]) -> Read<PersonId> {
    fixed("person", bytes, PersonId)
}

pub(super) fn activity_planned(m: v1::ActivityPlanned) -> Read<Body> {
    use v1::activity_planned::Lead as L;
    let lead = match required("lead", m.lead)? {
        L::LeadPerson(id) => fixed("lead_person", &id, |id| Lead::Person(PersonId(id)))?,
        L::LeadName(name) => fixed("lead_name", &name, |name| Lead::Named(Commitment(name)))?,
    };
    Ok(Body::ActivityPlanned {
        activity: activity(&m.activity)?,
        org: fixed("org", &m.org, OrgId)?,
        category: text("category", m.category, MAX_CATEGORY)?,
        title: fixed("title", &m.title, Commitment)?,
        place: optional("place", m.place.as_deref(), Commitment)?,
        content: optional("content", m.content.as_deref(), Commitment)?,
        lead,
    })
}

pub(super) fn activity_published(m: v1::ActivityPublished) -> Read<Body> {
    Ok(Body::ActivityPublished { activity: activity(&m.activity)? })
}

pub(super) fn activity_closed(m: v1::ActivityClosed) -> Read<Body> {
    Ok(Body::ActivityClosed { activity: activity(&m.activity)? })
}

pub(super) fn activity_cancelled(m: v1::ActivityCancelled) -> Read<Body> {
    Ok(Body::ActivityCancelled {
        activity: activity(&m.activity)?,
        reason: fixed("reason", &m.reason, Commitment)?,
    })
}

pub(super) fn shift_opened(m: v1::ShiftOpened) -> Read<Body> {
    Ok(Body::ShiftOpened {
        activity: activity(&m.activity)?,
        shift: shift(&m.shift)?,
        interval: interval("interval", m.interval)?,
        capacity: short("capacity", m.capacity)?,
    })
}

pub(super) fn signed_up(m: v1::SignedUp) -> Read<Body> {
    let (activity, shift) = (activity(&m.activity)?, shift(&m.shift)?);
    Ok(Body::SignedUp { activity, shift, person: person(&m.person)? })
}

pub(super) fn sign_up_withdrawn(m: v1::SignUpWithdrawn) -> Read<Body> {
    let (activity, shift) = (activity(&m.activity)?, shift(&m.shift)?);
    Ok(Body::SignUpWithdrawn { activity, shift, person: person(&m.person)? })
}

pub(super) fn attendance_taken(m: v1::AttendanceTaken) -> Read<Body> {
    let (activity, shift) = (activity(&m.activity)?, shift(&m.shift)?);
    Ok(Body::AttendanceTaken { activity, shift, rows: rows("rows", m.rows, attendee)? })
}

fn attendee(m: v1::Attendee) -> Read<Attendee> {
    use v1::attendee::Attended as A;
    let attended = match required("attended", m.attended)? {
        A::Present(interval) => Attended::Present(read_interval(interval).within("present")?),
        A::NoShow(v1::attendee::NoShow {}) => Attended::NoShow,
    };
    Ok(Attendee { person: person(&m.person)?, attended })
}
