//! Sessions, and looks at what is shown of others.

use hourbook_proto::v1;

use crate::domain::event::{AccessPurpose, Body, Looked};
use crate::domain::ids::{Commitment, EventId, OrgId, PersonId, WishId};

use super::common::{scope, write_scope};
use super::error::Within;
use super::list::{period, write_period};
use super::person::role;
use super::read::{Read, ascending, enumeration, fixed, millis, required, rows};

enumeration!(
    access_purpose,
    write_access_purpose,
    AccessPurpose,
    Service,
    Verification,
    Audit,
    Fellowship,
    Help,
);

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
    let person = |id: Vec<u8>| fixed("", &id, PersonId);
    Ok(Body::RecordAccessed {
        by: fixed("by", &m.by, PersonId)?,
        role: m.role.map(|number| role("role", number)).transpose()?,
        purpose: access_purpose("purpose", m.purpose)?,
        what: looked(required("what", m.what)?)?,
        persons: ascending("persons", rows("persons", m.persons, person)?)?,
    })
}

fn looked(what: v1::record_accessed::What) -> Read<Looked> {
    use v1::record_accessed::{Entries, List, Record, What};
    Ok(match what {
        What::Record(Record {}) => Looked::Record,
        What::List(List { scope, period: of }) => {
            let read = || {
                let period = period(required("period", of)?).within("period")?;
                Ok(Looked::List { scope: fixed("scope", &scope, OrgId)?, period })
            };
            read().within("list")?
        }
        What::Board(reach) => Looked::Board(scope("board", Some(reach))?),
        What::Wish(id) => Looked::Wish(fixed("wish", &id, WishId)?),
        What::Register(id) => Looked::Register(fixed("register", &id, OrgId)?),
        What::Entries(Entries {}) => Looked::Entries,
    })
}

pub(super) fn write_looked(what: Looked) -> v1::record_accessed::What {
    use v1::record_accessed::{Entries, List, Record, What};
    match what {
        Looked::Record => What::Record(Record {}),
        Looked::List { scope, period } => {
            What::List(List { scope: scope.0.to_vec(), period: Some(write_period(period)) })
        }
        Looked::Board(scope) => What::Board(write_scope(scope)),
        Looked::Wish(wish) => What::Wish(wish.0.to_vec()),
        Looked::Register(org) => What::Register(org.0.to_vec()),
        Looked::Entries => What::Entries(Entries {}),
    }
}
