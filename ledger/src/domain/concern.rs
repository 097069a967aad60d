//! Whom and what an event concerns, which says how far a role has to reach.

use super::ids::{OrgId, PersonId};
use super::vocabulary::Scope;

/// Whom and what an event concerns: the person, and where a role must reach.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Concern {
    pub(super) subject: Option<PersonId>,
    pub(super) reach: Reach,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Reach {
    /// Every one of these organisations.
    Orgs(Vec<OrgId>),
    /// One of these organisations: the other is asked when the act [waits](super::act) for it.
    AnyOf(Vec<OrgId>),
    /// The whole ledger.
    Ledger,
    /// Beyond every role: it is the person's own affair.
    Person,
    /// The event names something that does not exist; the rules will say what. Any scope of a fitting role will do.
    Nothing,
}

impl Reach {
    pub(super) fn org(org: Option<OrgId>) -> Self {
        org.map_or(Self::Nothing, |org| Self::Orgs(vec![org]))
    }

    pub(super) fn scope(scope: Scope) -> Self {
        match scope {
            Scope::Ledger => Self::Ledger,
            Scope::Org(org) => Self::Orgs(vec![org]),
        }
    }
}

impl Concern {
    pub(super) fn of(subject: PersonId, reach: Reach) -> Self {
        Self { subject: Some(subject), reach }
    }

    pub(super) fn nobody(reach: Reach) -> Self {
        Self { subject: None, reach }
    }
}
