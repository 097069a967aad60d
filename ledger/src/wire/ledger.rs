//! The ledger itself.

use hourbook_proto::v1;

use crate::domain::event::{Body, FounderKey, Founding};
use crate::domain::ids::{PersonId, PublicKey};
use crate::domain::time::Offset;

use super::error::{Problem, WireError};
use super::read::{Read, each, fixed, millis, out_of};

pub(super) fn ledger_founded(m: v1::LedgerFounded) -> Read<Body> {
    let offset = m.utc_offset_minutes;
    if !(-840..=840).contains(&offset) {
        return Err(out_of("utc_offset_minutes", "-840 to 840", offset));
    }
    let founders = each("founders", m.founders, |founder| {
        let person = fixed("person", &founder.person, PersonId)?;
        Ok(FounderKey { person, key: fixed("key", &founder.key, PublicKey)? })
    })?;
    let wrong = |found: Vec<_>| Problem::Count { expected: "2", found: found.len() };
    Ok(Body::LedgerFounded(Founding {
        offset: Offset(offset),
        founders: founders.try_into().map_err(|found| WireError::at("founders", wrong(found)))?,
        log_key: fixed("log_key", &m.log_key, PublicKey)?,
        ledger_person: fixed("ledger_person", &m.ledger_person, PersonId)?,
        ledger_key: fixed("ledger_key", &m.ledger_key, PublicKey)?,
    }))
}

pub(super) fn rules_adopted(m: v1::RulesAdopted) -> Read<Body> {
    Ok(Body::RulesAdopted { version: m.version })
}

pub(super) fn clock_corrected(m: v1::ClockCorrected) -> Read<Body> {
    Ok(Body::ClockCorrected { from: millis("from_ms", m.from_ms)?, to: millis("to_ms", m.to_ms)? })
}

pub(super) fn state_digest(m: v1::StateDigest) -> Read<Body> {
    let digest = fixed("digest", &m.digest, |digest| digest)?;
    Ok(Body::StateDigest { position: m.position, rules: m.rules, digest })
}
