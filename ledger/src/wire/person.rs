//! Persons: keys, roles, membership, report-in, consent, erasure.

use hourbook_proto::v1;

use crate::domain::event::{AffiliationKind, Body, ConsentKind, RevocationReason, Role};
use crate::domain::ids::{Commitment, KeyId, OrgId, PersonId, Possession, PublicKey};
use crate::domain::person::MAX_KEYS;

use super::common::{scope, span};
use super::error::{Problem, WireError};
use super::read::{Read, date, each, enumeration, fixed, optional};

enumeration!(revocation_reason, write_revocation_reason, RevocationReason, Retired, Lost, Stolen);
enumeration!(role, write_role, Role, Founder, Steward, Worker, Lead, UnitOfficer, Secretary, Auditor);
enumeration!(
    affiliation_kind,
    write_affiliation_kind,
    AffiliationKind,
    Organisational,
    ReportedIn,
    Resident,
    Team,
);
enumeration!(consent_kind, write_consent_kind, ConsentKind, PublicName);

fn person(bytes: &[u8]) -> Read<PersonId> {
    fixed("person", bytes, PersonId)
}

fn community(bytes: &[u8]) -> Read<OrgId> {
    fixed("community", bytes, OrgId)
}

pub(super) fn key_enrolled(m: v1::KeyEnrolled) -> Read<Body> {
    Ok(Body::KeyEnrolled {
        person: person(&m.person)?,
        key: fixed("key", &m.key, PublicKey)?,
        proof: fixed("proof", &m.proof, Possession)?,
    })
}

pub(super) fn key_rotated(m: v1::KeyRotated) -> Read<Body> {
    Ok(Body::KeyRotated {
        person: person(&m.person)?,
        old: fixed("old_key_id", &m.old_key_id, KeyId)?,
        new: fixed("new_key", &m.new_key, PublicKey)?,
        proof: fixed("proof", &m.proof, Possession)?,
    })
}

pub(super) fn key_revoked(m: v1::KeyRevoked) -> Read<Body> {
    Ok(Body::KeyRevoked {
        person: person(&m.person)?,
        key: fixed("key_id", &m.key_id, KeyId)?,
        reason: revocation_reason("reason", m.reason)?,
    })
}

pub(super) fn role_granted(m: v1::RoleGranted) -> Read<Body> {
    let (person, role) = (person(&m.person)?, role("role", m.role)?);
    let scope = scope("scope", m.scope)?;
    if m.keys.len() > MAX_KEYS {
        return Err(WireError::at("keys", Problem::Count { expected: "at most 16", found: m.keys.len() }));
    }
    Ok(Body::RoleGranted { person, role, scope, keys: each("keys", m.keys, |id| fixed("", &id, KeyId))? })
}

pub(super) fn role_revoked(m: v1::RoleRevoked) -> Read<Body> {
    let (person, role) = (person(&m.person)?, role("role", m.role)?);
    Ok(Body::RoleRevoked { person, role, scope: scope("scope", m.scope)? })
}

pub(super) fn member_registered(m: v1::MemberRegistered) -> Read<Body> {
    Ok(Body::MemberRegistered {
        person: person(&m.person)?,
        home: fixed("home", &m.home, OrgId)?,
        name: fixed("name", &m.name, Commitment)?,
        phone: optional("phone", m.phone.as_deref(), Commitment)?,
        id_number: optional("id_number", m.id_number.as_deref(), Commitment)?,
        volunteer_number: optional("volunteer_number", m.volunteer_number.as_deref(), Commitment)?,
    })
}

pub(super) fn member_affiliated(m: v1::MemberAffiliated) -> Read<Body> {
    Ok(Body::MemberAffiliated {
        person: person(&m.person)?,
        org: fixed("org", &m.org, OrgId)?,
        kind: affiliation_kind("kind", m.kind)?,
        span: span("span", m.span)?,
    })
}

pub(super) fn member_exempted(m: v1::MemberExempted) -> Read<Body> {
    Ok(Body::MemberExempted {
        person: person(&m.person)?,
        org: fixed("org", &m.org, OrgId)?,
        span: span("span", m.span)?,
        reason: fixed("reason", &m.reason, Commitment)?,
    })
}

pub(super) fn report_in_filed(m: v1::ReportInFiled) -> Read<Body> {
    Ok(Body::ReportInFiled { person: person(&m.person)?, community: community(&m.community)? })
}

pub(super) fn report_in_answered(m: v1::ReportInAnswered) -> Read<Body> {
    let (person, community) = (person(&m.person)?, community(&m.community)?);
    Ok(Body::ReportInAnswered { person, community, accepted: m.accepted })
}

pub(super) fn report_in_ended(m: v1::ReportInEnded) -> Read<Body> {
    let (person, community) = (person(&m.person)?, community(&m.community)?);
    Ok(Body::ReportInEnded { person, community, on: date("on_day", m.on_day)? })
}

pub(super) fn consent_given(m: v1::ConsentGiven) -> Read<Body> {
    let (person, kind) = (person(&m.person)?, consent_kind("kind", m.kind)?);
    Ok(Body::ConsentGiven { person, kind, agreed: m.agreed })
}

pub(super) fn erasure_requested(m: v1::ErasureRequested) -> Read<Body> {
    Ok(Body::ErasureRequested { person: person(&m.person)? })
}

pub(super) fn personal_data_erased(m: v1::PersonalDataErased) -> Read<Body> {
    Ok(Body::PersonalDataErased { person: person(&m.person)? })
}
