//! The events of Hourbook: what can be asserted, in the rules' own types.
//!
//! An event is a signed assertion in the past tense. Whatever follows from it (postings, counted minutes, states) is
//! derived by the rules and never asserted. Persons appear as random ids; every name, number and free text is a
//! [`Commitment`] to a value in the vault.

use super::context::Header;
use super::ids::{EventId, OrgId, PersonId};
use super::time::Millis;
use crate::format::Choice as _;
use hourbook_derive::{Aggregates, Format};

pub use super::access::{AccessEvent, AccessKind};
pub use super::act::{ActEvent, ActKind};
pub use super::activity::{ActivityEvent, ActivityKind};
pub use super::credit::{CreditEvent, CreditKind};
pub use super::hours::{HoursEvent, HoursKind};
pub use super::key::{KeyEvent, KeyKind};
pub use super::ledger::{LedgerEvent, LedgerKind};
pub use super::list::{ListEvent, ListKind};
pub use super::notice::{NoticeEvent, NoticeKind};
pub use super::org::{OrganisationEvent, OrganisationKind};
pub use super::person::{MemberEvent, MemberKind};
pub use super::policy::{PolicyEvent, PolicyKind};
pub use super::report_in::{ReportInEvent, ReportInKind};
pub use super::role::{RoleEvent, RoleKind};
pub use super::session::{SessionEvent, SessionKind};
pub use super::wish::{WishEvent, WishKind};

pub use super::vocabulary::{
    AccessPurpose, Account, AffiliationKind, Assurance, Attended, Attendee, Claimer, ConsentKind, EdgeKind,
    Expected, FounderKey, Founding, Lapse, Lead, Looked, OrgKind, RecordClass, RevocationReason, Role, Row,
    Rows, Scope, Span, Stream, StreamKind, TransferKind,
};

/// Longest origin of a ledger, in bytes.
pub const MAX_ORIGIN: usize = 255;

/// One signed assertion.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize, Format)]
pub struct Event {
    /// UUIDv7 chosen by whoever asserts it; makes resubmission harmless.
    pub id: EventId,
    /// Origin of the ledger it is meant for, so that it cannot be replayed on another one.
    #[field(max = MAX_ORIGIN)]
    pub ledger: String,
    /// The aggregate that it belongs to; must be the one its body names.
    pub stream: Stream,
    /// What the signer believed of the stream.
    pub expected: Expected,
    /// When the signer says that it happened. Never used where recorded time matters.
    pub occurred_at: Millis,
    /// The person who asserts it.
    pub actor: PersonId,
    /// The person for whom staff act (代办), or a helper whom the person named.
    pub acting_for: Option<PersonId>,
    /// How the actor is known to have asserted it.
    pub assurance: Assurance,
    /// The session grant that a server-witnessed event cites.
    pub grant: Option<EventId>,
    /// What is asserted.
    #[field(oneof)]
    pub body: Body,
}

/// Everything that can be asserted, aggregate by aggregate. The numbers are part of the format.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize, Format, Aggregates)]
pub enum Body {
    /// Recordings of hours, their confirmation and corrections.
    #[field(10)]
    Hours(HoursEvent),
    /// Activities with their shifts, sign-ups and attendance.
    #[field(11)]
    Activity(ActivityEvent),
    /// Sessions by a granted code.
    #[field(12)]
    Session(SessionEvent),
    /// Looks at what is shown of other people.
    #[field(13)]
    Access(AccessEvent),
    /// Wishes.
    #[field(14)]
    Wish(WishEvent),
    /// Transfers and holds of credit.
    #[field(15)]
    Credit(CreditEvent),
    /// The ledger itself: founding, digests, rules, clock.
    #[field(16, name = "ledger_event")] // for `ledger` is the origin
    Ledger(LedgerEvent),
    /// Organisations and how they are joined.
    #[field(17)]
    Organisation(OrganisationEvent),
    /// Keys of persons.
    #[field(18)]
    Key(KeyEvent),
    /// Roles of persons.
    #[field(19)]
    Role(RoleEvent),
    /// Persons: membership, affiliations, consent, erasure.
    #[field(20)]
    Member(MemberEvent),
    /// Report-ins of in-service members (报到).
    #[field(21)]
    ReportIn(ReportInEvent),
    /// Policies.
    #[field(22)]
    Policy(PolicyEvent),
    /// Lists, and who is excused from them.
    #[field(23)]
    List(ListEvent),
    /// Acts that wait.
    #[field(24)]
    Act(ActEvent),
    /// Notices of organisations.
    #[field(25)]
    Notice(NoticeEvent),
}

impl Event {
    /// The person in whose name it is asserted.
    #[must_use]
    pub fn on_behalf(&self) -> PersonId {
        self.header().on_behalf()
    }

    /// The person for whom a helper asserts it.
    #[must_use]
    pub fn helped(&self) -> Option<PersonId> {
        self.acting_for.filter(|_| self.assurance.is_of_helpers())
    }

    /// What aggregates need to know of it beside its body.
    pub(super) fn header(&self) -> Header {
        let Self { id, actor, acting_for, assurance, grant, .. } = *self;
        Header { id, actor, acting_for, assurance, grant }
    }
}

impl Body {
    /// The moment that a correction of the clock says the last entry was recorded at.
    #[must_use]
    pub fn corrects_clock(&self) -> Option<Millis> {
        match self {
            Self::Ledger(LedgerEvent::ClockCorrected { from, .. }) => Some(*from),
            _ => None,
        }
    }

    /// The organisations that it names, wherever in it.
    #[must_use]
    pub fn orgs(&self) -> Vec<OrgId> {
        let mut orgs = Vec::new();
        self.visit_parts(&mut |value| orgs.extend(value.downcast_ref::<OrgId>()));
        orgs
    }
}
