//! Stable names of the rules' kinds in JSON, and the shapes that several answers share.

use hourbook_ledger::commitment::Field;
use hourbook_ledger::domain::event::{
    AccessPurpose, AffiliationKind, Assurance, OrgKind, RevocationReason, Role, Scope, StreamKind,
};
use hourbook_ledger::domain::ids::OrgId;
use hourbook_ledger::domain::policy::{Membership, NoService, Rankings};
use hourbook_ledger::domain::time::Offset;
use hourbook_projections::directory::{Directory, ReportInState};
use hourbook_projections::lists::{Colour, ItemKind, Standing};
use hourbook_projections::provenance::Provenance;
use serde::Serialize;
use utoipa::ToSchema;

use super::extract::stamp;
use crate::auth::visibility::Visibility;
use crate::problem::Problem;
use crate::state::App;

/// Maps enums to names, both ways; a new value will not compile until it has one.
macro_rules! names {
    ($($name:ident, $parse:ident: $kind:ident { $($value:ident = $text:literal),* $(,)? })*) => {$(
        #[doc = concat!("The name of a [`", stringify!($kind), "`].")]
        #[must_use]
        pub fn $name(value: $kind) -> &'static str {
            match value { $($kind::$value => $text),* }
        }

        #[doc = concat!("The [`", stringify!($kind), "`] of a name.")]
        #[must_use]
        pub fn $parse(text: &str) -> Option<$kind> {
            match text { $($text => Some($kind::$value),)* _ => None }
        }
    )*};
}

names! {
    org_kind, org_kind_named: OrgKind {
        City = "city", District = "district", Street = "street", Community = "community", Grid = "grid",
        Building = "building", WorkUnit = "work-unit", PartyBranch = "party-branch", Team = "team",
        SocialOrg = "social-org",
    }
    role, role_named: Role {
        Founder = "founder", Steward = "steward", Worker = "worker", Lead = "lead", UnitOfficer = "unit-officer",
        Secretary = "secretary", Auditor = "auditor",
    }
    stream_kind, stream_kind_named: StreamKind {
        Ledger = "ledger", Org = "org", Person = "person", Policy = "policy", Activity = "activity", Hours = "hours",
        Account = "account", Hold = "hold", Wish = "wish", List = "list", Session = "session", Access = "access",
        Act = "act",
    }
    affiliation_kind, affiliation_kind_named: AffiliationKind {
        Organisational = "organisational", ReportedIn = "reported-in", Resident = "resident", Team = "team",
    }
    revocation, revocation_named: RevocationReason { Retired = "retired", Lost = "lost", Stolen = "stolen" }
    assurance, assurance_named: Assurance {
        DeviceKey = "device-key", StaffProxy = "staff-proxy", ServerWitnessed = "server-witnessed",
    }
    purpose, purpose_named: AccessPurpose {
        Service = "service", Verification = "verification", Audit = "audit", Fellowship = "fellowship", Help = "help",
    }
    report_in_state, report_in_state_named: ReportInState {
        Pending = "pending", Accepted = "accepted", Refused = "refused", Ended = "ended",
    }
    standing, standing_named: Standing {
        Scored = "scored", ZeroService = "zero-service", Exempt = "exempt", NotReportedIn = "not-reported-in",
    }
    membership, membership_named: Membership { Direct = "direct", ReportedIn = "reported-in" }
    no_service, no_service_named: NoService { Yellow = "yellow", NotListed = "not-listed" }
    rankings, rankings_named: Rankings { On = "on", Off = "off" }
    colour, colour_named: Colour { None = "none", Red = "red", Yellow = "yellow" }
    item_kind, item_kind_named: ItemKind { Base = "base", Minutes = "minutes", Wishes = "wishes", Absences = "absences" }
    field_name, field_named: Field {
        Name = "name", Phone = "phone", IdNumber = "id-number", Address = "address",
        VolunteerNumber = "volunteer-number", Title = "title", Place = "place", Content = "content", Lead = "lead",
        WishText = "wish-text", WishSentence = "wish-sentence", Reason = "reason", Code = "code", Note = "note",
    }
}

/// An organisation as it is named in answers.
#[derive(Serialize, ToSchema, Debug, Clone)]
pub struct OrgRef {
    /// Its id.
    #[schema(format = "uuid")]
    pub id: String,
    /// Its public name.
    pub name: String,
}

impl OrgRef {
    /// The organisation with its name.
    #[must_use]
    pub fn of(directory: &Directory, org: OrgId) -> Self {
        let name = directory.org(org).map_or("", |entry| &entry.name);
        Self { id: org.to_string(), name: name.to_owned() }
    }
}

/// Where a role holds.
#[derive(Serialize, ToSchema, Debug, Clone)]
pub struct RoleHeld {
    /// The role.
    pub role: &'static str,
    /// The organisation under which it holds; without one it holds everywhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub org: Option<OrgRef>,
}

impl RoleHeld {
    /// A role with its scope.
    #[must_use]
    pub fn of(directory: &Directory, held: (Role, Scope)) -> Self {
        let org = match held.1 {
            Scope::Ledger => None,
            Scope::Org(org) => Some(OrgRef::of(directory, org)),
        };
        Self { role: role(held.0), org }
    }
}

/// Who did something, how and when.
#[derive(Serialize, ToSchema, Debug, Clone)]
pub struct ActOut {
    /// The name, as far as the reader may see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Staff did it for someone else (代办).
    pub proxy: bool,
    /// A helper did it for the person who named the helper.
    pub by_helper: bool,
    /// How the actor is known: `device-key`, `staff-proxy` or `server-witnessed`.
    pub assurance: &'static str,
    /// Position on the log.
    pub position: u64,
    /// When it was recorded.
    #[schema(format = "date-time")]
    pub at: String,
}

impl ActOut {
    /// The act, to a viewer who may see the record that it is about.
    ///
    /// # Errors
    /// If the vault cannot be read.
    pub fn of(
        app: &App,
        visibility: &Visibility<'_>,
        act: &Provenance,
        offset: Offset,
    ) -> Result<Self, Problem> {
        Ok(Self {
            by: app.actor_name(visibility, act.actor)?,
            proxy: act.assurance == Assurance::StaffProxy,
            by_helper: act.is_by_helper(),
            assurance: assurance(act.assurance),
            position: act.position,
            at: stamp(act.at, offset),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_has_one_name() {
        for field in Field::ALL {
            assert_eq!(field_named(field_name(field)), Some(field));
        }
        assert_eq!(field_named("Name"), None);
    }
}
