//! What of the log is wanted.

use hourbook_ledger::domain::event::{Account, Body, BodyKind, Claimer, Event, Scope, Stream};
use hourbook_ledger::domain::ids::{OrgId, PersonId};

/// An empty list wants all; between the lists all must be met, within one any will do.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Filter {
    /// Kinds of event.
    pub kinds: Vec<BodyKind>,
    /// Streams.
    pub streams: Vec<Stream>,
    /// Organisations that the event itself names; what lies below them is not included.
    pub orgs: Vec<OrgId>,
    /// Who asserted it, or for whom it was asserted.
    pub actors: Vec<PersonId>,
}

impl Filter {
    /// Most values of a list.
    pub const MAX_VALUES: usize = 64;

    /// Whether all is wanted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether an event is wanted.
    #[must_use]
    pub fn wants(&self, event: &Event) -> bool {
        let any = |list_is_empty: bool, hit: bool| list_is_empty || hit;
        let person = |person: &PersonId| *person == event.actor || Some(*person) == event.acting_for;
        any(self.kinds.is_empty(), self.kinds.contains(&event.body.kind()))
            && any(self.streams.is_empty(), self.streams.contains(&event.stream))
            && any(self.actors.is_empty(), self.actors.iter().any(person))
            && any(self.orgs.is_empty(), named(&event.body).iter().any(|org| self.orgs.contains(org)))
    }
}

fn of_scope(scope: Scope) -> Vec<OrgId> {
    match scope {
        Scope::Ledger => Vec::new(),
        Scope::Org(org) => vec![org],
    }
}

fn of_account(account: Account) -> Option<OrgId> {
    match account {
        Account::Fund(org) => Some(org),
        Account::Issuance | Account::Person(_) | Account::Hold(_) => None,
    }
}

/// The organisations that an event names.
fn named(body: &Body) -> Vec<OrgId> {
    match body {
        Body::OrganisationRegistered { org, parent, .. } => [*org].into_iter().chain(*parent).collect(),
        Body::OrganisationLinked { org, parent, .. } => vec![*org, *parent],
        Body::MemberRegistered { home, .. } => vec![*home],
        Body::MemberAffiliated { org, .. }
        | Body::MemberExempted { org, .. }
        | Body::ActivityPlanned { org, .. }
        | Body::HoursRecorded { org, .. }
        | Body::WishPosted { org, .. }
        | Body::WishClaimed { claimer: Claimer::Org(org), .. }
        | Body::ListPublished { scope: org, .. }
        | Body::ReportInFiled { community: org, .. }
        | Body::ReportInAnswered { community: org, .. }
        | Body::ReportInEnded { community: org, .. } => vec![*org],
        Body::RoleGranted { scope, .. }
        | Body::RoleRevoked { scope, .. }
        | Body::PolicyAdopted { scope, .. } => of_scope(*scope),
        Body::CreditTransferred { from, to, .. } => [*from, *to].into_iter().filter_map(of_account).collect(),
        _ => Vec::new(),
    }
}
