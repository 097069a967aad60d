//! Micro-wishes.

use hourbook_proto::v1;

use crate::domain::event::{Body, Claimer, Lapse};
use crate::domain::ids::{Commitment, OrgId, PersonId, WishId};

use super::activity::MAX_CATEGORY;
use super::read::{Read, enumeration, fixed, optional, out_of, required, rows, text};

enumeration!(lapse, write_lapse, Lapse, Claim, Wish);

fn wish(bytes: &[u8]) -> Read<WishId> {
    fixed("wish", bytes, WishId)
}

pub(super) fn wish_posted(m: v1::WishPosted) -> Read<Body> {
    Ok(Body::WishPosted {
        wish: wish(&m.wish)?,
        org: fixed("org", &m.org, OrgId)?,
        resident: fixed("resident", &m.resident, PersonId)?,
        category: text("category", m.category, MAX_CATEGORY)?,
        text: fixed("text", &m.text, Commitment)?,
        minutes: m.minutes,
    })
}

pub(super) fn wish_vetted(m: v1::WishVetted) -> Read<Body> {
    Ok(Body::WishVetted { wish: wish(&m.wish)?, sentence: fixed("sentence", &m.sentence, Commitment)? })
}

pub(super) fn wish_claimed(m: v1::WishClaimed) -> Read<Body> {
    use v1::wish_claimed::Claimer as C;
    let claimer = match required("claimer", m.claimer)? {
        C::Person(id) => fixed("person", &id, |id| Claimer::Person(PersonId(id)))?,
        C::Org(id) => fixed("org", &id, |id| Claimer::Org(OrgId(id)))?,
    };
    let participants = rows("participants", m.participants, |id| fixed("", &id, PersonId))?;
    Ok(Body::WishClaimed { wish: wish(&m.wish)?, claimer, participants })
}

pub(super) fn wish_released(m: v1::WishReleased) -> Read<Body> {
    Ok(Body::WishReleased { wish: wish(&m.wish)? })
}

pub(super) fn wish_fulfilled(m: v1::WishFulfilled) -> Read<Body> {
    let evidence = optional("evidence", m.evidence.as_deref(), |digest| digest)?;
    Ok(Body::WishFulfilled { wish: wish(&m.wish)?, minutes: m.minutes, evidence })
}

pub(super) fn wish_confirmed(m: v1::WishConfirmed) -> Read<Body> {
    let rating = u8::try_from(m.rating).map_err(|_| out_of("rating", "1 to 5", m.rating))?;
    Ok(Body::WishConfirmed { wish: wish(&m.wish)?, rating })
}

pub(super) fn wish_lapsed(m: v1::WishLapsed) -> Read<Body> {
    Ok(Body::WishLapsed { wish: wish(&m.wish)?, what: lapse("what", m.what)? })
}

pub(super) fn wish_withdrawn(m: v1::WishWithdrawn) -> Read<Body> {
    Ok(Body::WishWithdrawn { wish: wish(&m.wish)?, reason: fixed("reason", &m.reason, Commitment)? })
}
