//! Organisations.

use hourbook_proto::v1;

use crate::domain::event::{Body, EdgeKind, OrgKind};
use crate::domain::ids::OrgId;

use super::common::span;
use super::read::{Read, enumeration, fixed, optional, text};

const MAX_NAME: usize = 240;
const MAX_CODE: usize = 64;

enumeration!(
    org_kind,
    write_org_kind,
    OrgKind,
    City,
    District,
    Street,
    Community,
    Grid,
    Building,
    WorkUnit,
    PartyBranch,
    Team,
    SocialOrg,
);
enumeration!(edge_kind, write_edge_kind, EdgeKind, PartOf, ReportsTo);

pub(super) fn organisation_registered(m: v1::OrganisationRegistered) -> Read<Body> {
    Ok(Body::OrganisationRegistered {
        org: fixed("org", &m.org, OrgId)?,
        kind: org_kind("kind", m.kind)?,
        name: text("name", m.name, MAX_NAME)?,
        code: m.code.map(|code| text("code", code, MAX_CODE)).transpose()?,
        parent: optional("parent", m.parent.as_deref(), OrgId)?,
    })
}

pub(super) fn organisation_linked(m: v1::OrganisationLinked) -> Read<Body> {
    Ok(Body::OrganisationLinked {
        org: fixed("org", &m.org, OrgId)?,
        parent: fixed("parent", &m.parent, OrgId)?,
        kind: edge_kind("kind", m.kind)?,
        span: span("span", m.span)?,
    })
}
