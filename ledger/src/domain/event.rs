//! The events of Hourbook: what can be asserted, in the rules' own types.
//!
//! An event is a signed assertion in the past tense. Whatever follows from it (postings, counted minutes, states) is
//! derived by the rules and never asserted. Persons appear as random ids; every name, number and free text is a
//! [`Commitment`] to a value in the vault.

mod kind;

pub use kind::BodyKind;

use super::ids::{
    ActivityId, BatchId, Commitment, EventId, HoldId, KeyId, OrgId, PersonId, Possession, PublicKey, ShiftId,
    WishId,
};
use super::policy::Policy;
use super::time::{Date, Interval, Millis};
use hourbook_derive::Format;

pub use super::vocabulary::{
    AccessPurpose, Account, AffiliationKind, Attended, Attendee, Claimer, ConsentKind, EdgeKind, FounderKey,
    Founding, Lapse, Lead, Looked, OrgKind, RecordClass, RevocationReason, Role, Row, Rows, Scope, Span,
    TransferKind,
};

/// Longest origin of a ledger, in bytes.
pub const MAX_ORIGIN: usize = 255;

/// Longest name of an organisation, in bytes.
const MAX_NAME: usize = 240;

/// Longest code of an organisation, in bytes.
const MAX_CODE: usize = 64;

/// Longest category of an activity or a wish, in bytes.
const MAX_CATEGORY: usize = 64;

/// One signed assertion.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize, Format)]
pub struct Event {
    /// UUIDv7 chosen by whoever asserts it; makes resubmission harmless.
    #[field(1)]
    pub id: EventId,
    /// Origin of the ledger it is meant for, so that it cannot be replayed on another one.
    #[field(2, max = MAX_ORIGIN)]
    pub ledger: String,
    /// The aggregate that it belongs to; must be the one its body names.
    #[field(3)]
    pub stream: Stream,
    /// What the signer believed of the stream.
    #[field(4)]
    pub expected: Expected,
    /// When the signer says that it happened. Never used where recorded time matters.
    #[field(5)]
    pub occurred_at: Millis,
    /// The person who asserts it.
    #[field(6)]
    pub actor: PersonId,
    /// The person for whom staff act (代办).
    #[field(7)]
    pub acting_for: Option<PersonId>,
    /// How the actor is known to have asserted it.
    #[field(8)]
    pub assurance: Assurance,
    /// The session grant that a server-witnessed event cites.
    #[field(9)]
    pub grant: Option<EventId>,
    /// What is asserted.
    #[field(10)]
    pub body: Body,
}

/// How an event came to be signed.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize, Format,
)]
pub enum Assurance {
    /// Signed by a key of the actor's own.
    DeviceKey = 1,
    /// Signed by a staff member's key for the person in `acting_for`.
    StaffProxy = 2,
    /// Signed by the ledger's key in a session of the actor, opened with a granted code.
    ServerWitnessed = 3,
}

/// What the signer expects the stream's revision to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize, Format)]
pub enum Expected {
    /// The last event of the stream has this revision (0 for the first event).
    #[field(1)]
    Exact(u64),
    /// The stream has no event yet.
    #[field(2)]
    NoneYet,
    /// Whatever it is.
    #[field(3)]
    Any,
}

/// The events of one aggregate.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize, Format,
)]
pub struct Stream {
    /// The kind of aggregate.
    #[field(1)]
    pub kind: StreamKind,
    /// The aggregate's id; zero for the ledger itself.
    #[serde(with = "super::ids::fixed_bytes")]
    #[field(2)]
    pub id: [u8; 16],
}

/// The kinds of aggregate. The numbers are part of the format.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize, Format,
)]
#[repr(u8)]
pub enum StreamKind {
    /// Founding, digests, rules.
    Ledger = 1,
    /// An organisation and its edges.
    Org = 2,
    /// A person: membership, keys, roles, affiliations, report-in, erasure.
    Person = 3,
    /// Policies adopted for an organisation.
    Policy = 4,
    /// An activity with its shifts, sign-ups and attendance.
    Activity = 5,
    /// One recording of hours, its confirmation and corrections; the id is the recording event's.
    Hours = 6,
    /// Transfers out of a person's or a fund's account.
    Account = 7,
    /// One hold of credit.
    Hold = 8,
    /// One wish.
    Wish = 9,
    /// Lists of an organisation.
    List = 10,
    /// Sessions of a person.
    Session = 11,
    /// Looks by a person at what is shown of others.
    Access = 12,
    /// One act that waits; the id is that of the event that asserted it.
    Act = 13,
}

impl StreamKind {
    /// Every kind, in the order of its number.
    pub const ALL: [Self; 13] = [
        Self::Ledger,
        Self::Org,
        Self::Person,
        Self::Policy,
        Self::Activity,
        Self::Hours,
        Self::Account,
        Self::Hold,
        Self::Wish,
        Self::List,
        Self::Session,
        Self::Access,
        Self::Act,
    ];
}

/// Everything that can be asserted. Numbers of the wire format are in the schema; names are stable.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize, Format)]
#[allow(missing_docs)] // fields are named after the types documented above
pub enum Body {
    /// The ledger begins.
    #[field(1)]
    LedgerFounded(Founding),
    /// An organisation exists. Its name is public; it must not contain a person's. It is part of `parent` from the
    /// beginning; without one it is a root.
    #[field(5)]
    OrganisationRegistered {
        #[field(1)]
        org: OrgId,
        #[field(2)]
        kind: OrgKind,
        #[field(3, max = MAX_NAME)]
        name: String,
        #[field(4, max = MAX_CODE)]
        code: Option<String>,
        #[field(5)]
        parent: Option<OrgId>,
    },
    /// An organisation is joined to another for a span of dates.
    #[field(6)]
    OrganisationLinked {
        #[field(1)]
        org: OrgId,
        #[field(2)]
        parent: OrgId,
        #[field(3)]
        kind: EdgeKind,
        #[field(4)]
        span: Span,
    },
    /// A person gains a key. The key itself has signed who gains it, so that nobody enrols a key of somebody else.
    #[field(7)]
    KeyEnrolled {
        #[field(1)]
        person: PersonId,
        #[field(2)]
        key: PublicKey,
        #[field(3)]
        proof: Possession,
    },
    /// A key is replaced by another; the old one ends here, and the roles that it exercised go over.
    #[field(8)]
    KeyRotated {
        #[field(1)]
        person: PersonId,
        #[field(2, name = "old_key_id")]
        old: KeyId,
        #[field(3, name = "new_key")]
        new: PublicKey,
        #[field(4)]
        proof: Possession,
    },
    /// A key ends here.
    #[field(9)]
    KeyRevoked {
        #[field(1)]
        person: PersonId,
        #[field(2, name = "key_id")]
        key: KeyId,
        #[field(3)]
        reason: RevocationReason,
    },
    /// A person gains a role, exercised by these keys and no others. Granted again, it gains the keys that are new.
    #[field(10)]
    RoleGranted {
        #[field(1)]
        person: PersonId,
        #[field(2)]
        role: Role,
        #[field(3)]
        scope: Scope,
        #[field(4, max = super::person::MAX_KEYS)]
        keys: Vec<KeyId>,
    },
    /// A person loses a role.
    #[field(11)]
    RoleRevoked {
        #[field(1)]
        person: PersonId,
        #[field(2)]
        role: Role,
        #[field(3)]
        scope: Scope,
    },
    /// A person joins, at a community or grid. The commitments are to values in the vault.
    #[field(12)]
    MemberRegistered {
        #[field(1)]
        person: PersonId,
        #[field(2)]
        home: OrgId,
        #[field(3)]
        name: Commitment,
        #[field(4)]
        phone: Option<Commitment>,
        #[field(5)]
        id_number: Option<Commitment>,
        #[field(6)]
        volunteer_number: Option<Commitment>,
    },
    /// A person belongs to an organisation for a span of dates.
    #[field(13)]
    MemberAffiliated {
        #[field(1)]
        person: PersonId,
        #[field(2)]
        org: OrgId,
        #[field(3)]
        kind: AffiliationKind,
        #[field(4)]
        span: Span,
    },
    /// An in-service member reports to a community or grid (报到).
    #[field(15)]
    ReportInFiled {
        #[field(1)]
        person: PersonId,
        #[field(2)]
        community: OrgId,
    },
    /// The community answers; accepting affiliates the member from that day.
    #[field(16)]
    ReportInAnswered {
        #[field(1)]
        person: PersonId,
        #[field(2)]
        community: OrgId,
        #[field(3)]
        accepted: bool,
    },
    /// The report-in ends on a date.
    #[field(17)]
    ReportInEnded {
        #[field(1)]
        person: PersonId,
        #[field(2)]
        community: OrgId,
        #[field(3)]
        on: Date,
    },
    /// A policy holds for an organisation and all below, from a date.
    #[field(3)]
    PolicyAdopted {
        #[field(1)]
        scope: Scope,
        #[field(2)]
        from: Date,
        #[field(oneof)]
        policy: Policy,
    },
    /// An activity is planned.
    #[field(40)]
    ActivityPlanned {
        #[field(1)]
        activity: ActivityId,
        #[field(2)]
        org: OrgId,
        #[field(3, max = MAX_CATEGORY)]
        category: String,
        #[field(4)]
        title: Commitment,
        #[field(5)]
        place: Option<Commitment>,
        #[field(6)]
        content: Option<Commitment>,
        #[field(oneof)]
        lead: Lead,
    },
    /// Volunteers can see it and sign up.
    #[field(41)]
    ActivityPublished {
        #[field(1)]
        activity: ActivityId,
    },
    /// It is over.
    #[field(42)]
    ActivityClosed {
        #[field(1)]
        activity: ActivityId,
    },
    /// It does not take place.
    #[field(43)]
    ActivityCancelled {
        #[field(1)]
        activity: ActivityId,
        #[field(2)]
        reason: Commitment,
    },
    /// A shift of an activity, with the number of places.
    #[field(44)]
    ShiftOpened {
        #[field(1)]
        activity: ActivityId,
        #[field(2)]
        shift: ShiftId,
        #[field(3)]
        interval: Interval,
        #[field(4)]
        capacity: u16,
    },
    /// A person takes a place, or a place on the waiting list when it is full.
    #[field(45)]
    SignedUp {
        #[field(1)]
        activity: ActivityId,
        #[field(2)]
        shift: ShiftId,
        #[field(3)]
        person: PersonId,
    },
    /// A person gives the place back.
    #[field(46)]
    SignUpWithdrawn {
        #[field(1)]
        activity: ActivityId,
        #[field(2)]
        shift: ShiftId,
        #[field(3)]
        person: PersonId,
    },
    /// A roll call: at most 256 lines.
    #[field(47)]
    AttendanceTaken {
        #[field(1)]
        activity: ActivityId,
        #[field(2)]
        shift: ShiftId,
        #[field(3)]
        rows: Vec<Attendee>,
    },
    /// Hours of one activity: at most 256 rows; parts of a batch name it and their number.
    #[field(60)]
    HoursRecorded {
        #[field(1)]
        batch: BatchId,
        #[field(2)]
        part: u16,
        #[field(3)]
        total: u16,
        #[field(4)]
        org: OrgId,
        #[field(5)]
        activity: ActivityId,
        #[field(6, name = "late_reason")]
        class: RecordClass,
        #[field(7)]
        rows: Vec<Row>,
    },
    /// A second person vouches for rows of a recording.
    #[field(61)]
    HoursConfirmed {
        #[field(1)]
        recorded: EventId,
        #[field(oneof)]
        rows: Rows,
    },
    /// A row was wrong: it no longer counts; a replacement waits for a new confirmation of this event.
    #[field(62)]
    HoursCorrected {
        #[field(1)]
        recorded: EventId,
        #[field(2)]
        row: u16,
        #[field(3)]
        replacement: Option<Interval>,
        #[field(4)]
        reason: Commitment,
    },
    /// Credit moves between accounts.
    #[field(80)]
    CreditTransferred {
        #[field(1)]
        from: Account,
        #[field(2)]
        to: Account,
        #[field(3)]
        minutes: u32,
        #[field(4)]
        kind: TransferKind,
    },
    /// Credit is set aside for a service by `to`.
    #[field(81)]
    CreditHeld {
        #[field(1)]
        hold: HoldId,
        #[field(2)]
        from: PersonId,
        #[field(3)]
        to: PersonId,
        #[field(4)]
        minutes: u32,
        #[field(5)]
        until: Millis,
    },
    /// The service was rendered: so many minutes go over, the rest goes back.
    #[field(82)]
    CreditSettled {
        #[field(1)]
        hold: HoldId,
        #[field(2)]
        minutes: u32,
    },
    /// The hold is over without service: all goes back. Asserted by the ledger when it has run out.
    #[field(83)]
    CreditVoided {
        #[field(1)]
        hold: HoldId,
    },
    /// A community posts a wish for a resident; the full text stays in the vault.
    #[field(100)]
    WishPosted {
        #[field(1)]
        wish: WishId,
        #[field(2)]
        org: OrgId,
        #[field(3)]
        resident: PersonId,
        #[field(4, max = MAX_CATEGORY)]
        category: String,
        #[field(5)]
        text: Commitment,
        #[field(6)]
        minutes: u32,
    },
    /// Another member of staff passes the sentence that the public sees.
    #[field(101)]
    WishVetted {
        #[field(1)]
        wish: WishId,
        #[field(2)]
        sentence: Commitment,
    },
    /// Someone takes it on.
    #[field(102)]
    WishClaimed {
        #[field(1)]
        wish: WishId,
        #[field(oneof)]
        claimer: Claimer,
        #[field(4)]
        participants: Vec<PersonId>,
    },
    /// The claimer gives it back.
    #[field(103)]
    WishReleased {
        #[field(1)]
        wish: WishId,
    },
    /// The claimer says that it is done; evidence by its SHA-256.
    #[field(104)]
    WishFulfilled {
        #[field(1)]
        wish: WishId,
        #[field(2)]
        minutes: u32,
        #[field(3)]
        evidence: Option<[u8; 32]>,
    },
    /// The resident, or staff at the door, says that it is done, with a rating of 1 to 5.
    #[field(105)]
    WishConfirmed {
        #[field(1)]
        wish: WishId,
        #[field(2)]
        rating: u8,
    },
    /// A term has run out. Asserted by the ledger.
    #[field(106)]
    WishLapsed {
        #[field(1)]
        wish: WishId,
        #[field(2)]
        what: Lapse,
    },
    /// The resident no longer wants it, or staff take it back.
    #[field(107)]
    WishWithdrawn {
        #[field(1)]
        wish: WishId,
        #[field(2)]
        reason: Commitment,
    },
    /// A list was computed at a cut-off position under a policy and published.
    #[field(120)]
    ListPublished {
        #[field(1)]
        scope: OrgId,
        #[field(2)]
        period: super::time::Period,
        #[field(3)]
        cutoff: u64,
        #[field(4)]
        policy: EventId,
        #[field(5)]
        digest: [u8; 32],
    },
    /// A branch excuses a member from points for a span; the reason is never shown.
    #[field(14)]
    MemberExempted {
        #[field(1)]
        person: PersonId,
        #[field(2)]
        org: OrgId,
        #[field(3)]
        span: Span,
        #[field(4)]
        reason: Commitment,
    },
    /// Digest of the derived state after `position` under a version of the rules. Asserted by the ledger.
    #[field(2)]
    StateDigest {
        #[field(1)]
        position: u64,
        #[field(2)]
        rules: u32,
        #[field(3)]
        digest: [u8; 32],
    },
    /// From the next entry on a later version of the rules decides and derives.
    #[field(4)]
    RulesAdopted {
        #[field(1)]
        version: u32,
    },
    /// The ledger's clock was ahead: the last entry says that it was recorded at `from`, and it is `to`.
    #[field(150)]
    ClockCorrected {
        #[field(1)]
        from: Millis,
        #[field(2)]
        to: Millis,
    },
    /// Erasure of a person's data was asked for.
    #[field(19)]
    ErasureRequested {
        #[field(1)]
        person: PersonId,
    },
    /// The person's vault key is destroyed. Asserted by the ledger.
    #[field(20)]
    PersonalDataErased {
        #[field(1)]
        person: PersonId,
    },
    /// A one-time code lets the person open a session until a time.
    #[field(130)]
    SessionGranted {
        #[field(1)]
        person: PersonId,
        #[field(2)]
        code: Commitment,
        #[field(3)]
        until: Millis,
    },
    /// The code was used. Asserted by the ledger.
    #[field(131)]
    SessionOpened {
        #[field(1)]
        person: PersonId,
        #[field(2)]
        grant: EventId,
        #[field(3)]
        until: Millis,
    },
    /// The session is over.
    #[field(132)]
    SessionClosed {
        #[field(1)]
        person: PersonId,
        #[field(2)]
        grant: EventId,
    },
    /// Someone looked at what is shown of other people: at most 256 of them, each once, ascending. Asserted by the ledger.
    #[field(133)]
    RecordAccessed {
        #[field(1)]
        by: PersonId,
        #[field(2)]
        role: Option<Role>,
        #[field(3)]
        purpose: AccessPurpose,
        #[field(oneof)]
        what: Looked,
        #[field(10, ascending)]
        persons: Vec<PersonId>,
    },
    /// A person agrees, or no longer does.
    #[field(18)]
    ConsentGiven {
        #[field(1)]
        person: PersonId,
        #[field(2)]
        kind: ConsentKind,
        #[field(3)]
        agreed: bool,
    },
    /// A second person, or the other side, stands for an act that waits for it.
    #[field(160)]
    ActApproved {
        #[field(1)]
        act: EventId,
    },
    /// An act that waits is called off.
    #[field(161)]
    ActStopped {
        #[field(1)]
        act: EventId,
    },
    /// The term of an act is over: it takes effect here. Asserted by the ledger.
    #[field(162)]
    ActTookEffect {
        #[field(1)]
        act: EventId,
    },
}
