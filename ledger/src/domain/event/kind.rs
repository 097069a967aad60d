//! The kinds of events, with their stable names, and the stream that each belongs to.

use super::super::ids::EventId;
use super::{Account, Body, Scope, Stream, StreamKind};

macro_rules! kinds {
    ($($kind:ident = $name:literal),* $(,)?) => {
        /// The kind of a [`Body`]; its name is stable and used in documents, JSON and metrics.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
        #[allow(missing_docs)] // each is the Body variant of the same name
        pub enum BodyKind { $($kind),* }

        impl BodyKind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$kind),*];

            /// The stable name, kebab-case.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$kind => $name),* }
            }
        }

        impl Body {
            /// What kind of assertion this is.
            #[must_use]
            pub fn kind(&self) -> BodyKind {
                match self { $(Self::$kind { .. } => BodyKind::$kind),* }
            }
        }
    };
}

kinds! {
    LedgerFounded = "ledger-founded",
    OrganisationRegistered = "organisation-registered",
    OrganisationLinked = "organisation-linked",
    KeyEnrolled = "key-enrolled",
    KeyRotated = "key-rotated",
    KeyRevoked = "key-revoked",
    RoleGranted = "role-granted",
    RoleRevoked = "role-revoked",
    MemberRegistered = "member-registered",
    MemberAffiliated = "member-affiliated",
    ReportInFiled = "report-in-filed",
    ReportInAnswered = "report-in-answered",
    ReportInEnded = "report-in-ended",
    PolicyAdopted = "policy-adopted",
    ActivityPlanned = "activity-planned",
    ActivityPublished = "activity-published",
    ActivityClosed = "activity-closed",
    ActivityCancelled = "activity-cancelled",
    ShiftOpened = "shift-opened",
    SignedUp = "signed-up",
    SignUpWithdrawn = "sign-up-withdrawn",
    AttendanceTaken = "attendance-taken",
    HoursRecorded = "hours-recorded",
    HoursConfirmed = "hours-confirmed",
    HoursCorrected = "hours-corrected",
    CreditTransferred = "credit-transferred",
    CreditHeld = "credit-held",
    CreditSettled = "credit-settled",
    CreditVoided = "credit-voided",
    WishPosted = "wish-posted",
    WishVetted = "wish-vetted",
    WishClaimed = "wish-claimed",
    WishReleased = "wish-released",
    WishFulfilled = "wish-fulfilled",
    WishConfirmed = "wish-confirmed",
    WishLapsed = "wish-lapsed",
    WishWithdrawn = "wish-withdrawn",
    ListPublished = "list-published",
    MemberExempted = "member-exempted",
    StateDigest = "state-digest",
    RulesAdopted = "rules-adopted",
    ClockCorrected = "clock-corrected",
    ErasureRequested = "erasure-requested",
    PersonalDataErased = "personal-data-erased",
    SessionGranted = "session-granted",
    SessionOpened = "session-opened",
    SessionClosed = "session-closed",
    RecordAccessed = "record-accessed",
    ConsentGiven = "consent-given",
    ActApproved = "act-approved",
    ActStopped = "act-stopped",
    ActTookEffect = "act-took-effect",
}

impl Stream {
    /// The ledger's own stream.
    pub const LEDGER: Self = Self { kind: StreamKind::Ledger, id: [0; 16] };

    fn new(kind: StreamKind, id: [u8; 16]) -> Self {
        Self { kind, id }
    }

    /// The stream of policies that hold for a scope.
    #[must_use]
    pub fn policies(scope: Scope) -> Self {
        match scope {
            Scope::Ledger => Self::new(StreamKind::Policy, [0; 16]),
            Scope::Org(org) => Self::new(StreamKind::Policy, org.0),
        }
    }

    fn account(account: Account) -> Self {
        let id = match account {
            Account::Issuance => [0; 16],
            Account::Person(person) => person.0,
            Account::Fund(org) => org.0,
            Account::Hold(hold) => hold.0,
        };
        Self::new(StreamKind::Account, id)
    }
}

impl Body {
    /// The stream that an event with this id and body belongs to.
    #[must_use]
    pub fn stream(&self, event: EventId) -> Stream {
        use StreamKind as K;
        match self {
            Self::LedgerFounded(_)
            | Self::StateDigest { .. }
            | Self::RulesAdopted { .. }
            | Self::ClockCorrected { .. } => Stream::LEDGER,
            Self::OrganisationRegistered { org, .. } | Self::OrganisationLinked { org, .. } => {
                Stream::new(K::Org, org.0)
            }
            Self::KeyEnrolled { person, .. }
            | Self::KeyRotated { person, .. }
            | Self::KeyRevoked { person, .. }
            | Self::RoleGranted { person, .. }
            | Self::RoleRevoked { person, .. }
            | Self::MemberRegistered { person, .. }
            | Self::MemberAffiliated { person, .. }
            | Self::MemberExempted { person, .. }
            | Self::ReportInFiled { person, .. }
            | Self::ReportInAnswered { person, .. }
            | Self::ReportInEnded { person, .. }
            | Self::ErasureRequested { person }
            | Self::PersonalDataErased { person }
            | Self::ConsentGiven { person, .. } => Stream::new(K::Person, person.0),
            Self::PolicyAdopted { scope, .. } => Stream::policies(*scope),
            Self::ActivityPlanned { activity, .. }
            | Self::ActivityPublished { activity }
            | Self::ActivityClosed { activity }
            | Self::ActivityCancelled { activity, .. }
            | Self::ShiftOpened { activity, .. }
            | Self::SignedUp { activity, .. }
            | Self::SignUpWithdrawn { activity, .. }
            | Self::AttendanceTaken { activity, .. } => Stream::new(K::Activity, activity.0),
            Self::HoursRecorded { .. } => Stream::new(K::Hours, event.0),
            Self::HoursConfirmed { recorded, .. } | Self::HoursCorrected { recorded, .. } => {
                Stream::new(K::Hours, recorded.0)
            }
            Self::CreditTransferred { from, .. } => Stream::account(*from),
            Self::CreditHeld { hold, .. }
            | Self::CreditSettled { hold, .. }
            | Self::CreditVoided { hold } => Stream::new(K::Hold, hold.0),
            Self::WishPosted { wish, .. }
            | Self::WishVetted { wish, .. }
            | Self::WishClaimed { wish, .. }
            | Self::WishReleased { wish }
            | Self::WishFulfilled { wish, .. }
            | Self::WishConfirmed { wish, .. }
            | Self::WishLapsed { wish, .. }
            | Self::WishWithdrawn { wish, .. } => Stream::new(K::Wish, wish.0),
            Self::ListPublished { scope, .. } => Stream::new(K::List, scope.0),
            Self::SessionGranted { person, .. }
            | Self::SessionOpened { person, .. }
            | Self::SessionClosed { person, .. } => Stream::new(K::Session, person.0),
            Self::RecordAccessed { by, .. } => Stream::new(K::Access, by.0),
            Self::ActApproved { act } | Self::ActStopped { act } | Self::ActTookEffect { act } => {
                Stream::new(K::Act, act.0)
            }
        }
    }
}
