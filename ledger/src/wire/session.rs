//! Sessions, and looks at a person's record.

use hourbook_proto::v1;

use crate::domain::event::{AccessPurpose, Body};
use crate::domain::ids::{Commitment, EventId, PersonId};

use super::read::{Read, enumeration, fixed, millis};

enumeration!(access_purpose, write_access_purpose, AccessPurpose, Service, Verification, Audit);

fn person(bytes: &[u8]) -> Read<PersonId> {
    fixed("person", bytes, PersonId)
}

pub(super) fn session_granted(m: v1::SessionGranted) -> Read<Body> {
    Ok(Body::SessionGranted {
        person: person(&m.person)?,
        code: fixed("code", &m.code, Commitment)?,
        until: millis("until_ms", m.until_ms)?,
    })
}

pub(super) fn session_opened(m: v1::SessionOpened) -> Read<Body> {
    Ok(Body::SessionOpened {
        person: person(&m.person)?,
        grant: fixed("grant", &m.grant, EventId)?,
        until: millis("until_ms", m.until_ms)?,
    })
}

pub(super) fn session_closed(m: v1::SessionClosed) -> Read<Body> {
    Ok(Body::SessionClosed { person: person(&m.person)?, grant: fixed("grant", &m.grant, EventId)? })
}

pub(super) fn record_accessed(m: v1::RecordAccessed) -> Read<Body> {
    let (person, by) = (person(&m.person)?, fixed("by", &m.by, PersonId)?);
    Ok(Body::RecordAccessed { person, by, purpose: access_purpose("purpose", m.purpose)? })
}
