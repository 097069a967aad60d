//! The events of Hourbook: what can be asserted, in the rules' own types.
//!
//! An event is a signed assertion in the past tense. Whatever follows from it (postings, counted minutes, states) is
//! derived by the rules and never asserted. Persons appear as random ids; every name, number and free text is a
//! [`Commitment`] to a value in the vault.

mod kind;

pub use kind::BodyKind;

use super::ids::{
    ActivityId, BatchId, Commitment, EventId, HoldId, KeyId, OrgId, PersonId, Possession, PublicKey, RowKey,
    ShiftId, WishId,
};
use super::policy::Policy;
use super::time::{Date, Interval, Millis, Offset};

/// One signed assertion.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Event {
    /// UUIDv7 chosen by whoever asserts it; makes resubmission harmless.
    pub id: EventId,
    /// Origin of the ledger it is meant for, so that it cannot be replayed on another one.
    pub ledger: String,
    /// The aggregate that it belongs to; must be the one its body names.
    pub stream: Stream,
    /// What the signer believed of the stream.
    pub expected: Expected,
    /// When the signer says that it happened. Never used where recorded time matters.
    pub occurred_at: Millis,
    /// The person who asserts it.
    pub actor: PersonId,
    /// The person for whom staff act (代办).
    pub acting_for: Option<PersonId>,
    /// How the actor is known to have asserted it.
    pub assurance: Assurance,
    /// The session grant that a server-witnessed event cites.
    pub grant: Option<EventId>,
    /// What is asserted.
    pub body: Body,
}

/// How an event came to be signed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
pub enum Assurance {
    /// Signed by a key of the actor's own.
    DeviceKey,
    /// Signed by a staff member's key for the person in `acting_for`.
    StaffProxy,
    /// Signed by the ledger's key in a session of the actor, opened with a granted code.
    ServerWitnessed,
}

/// What the signer expects the stream's revision to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub enum Expected {
    /// The last event of the stream has this revision (0 for the first event).
    Exact(u64),
    /// The stream has no event yet.
    NoneYet,
    /// Whatever it is.
    Any,
}

/// The events of one aggregate.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
pub struct Stream {
    /// The kind of aggregate.
    pub kind: StreamKind,
    /// The aggregate's id; zero for the ledger itself.
    #[serde(with = "super::ids::fixed_bytes")]
    pub id: [u8; 16],
}

/// The kinds of aggregate. The numbers are part of the format.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
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

/// Who holds an account of credit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
pub enum Account {
    /// Where earned credit comes from; its balance is minus all credit in being.
    Issuance,
    /// A person's spendable credit; below zero within the overdraft, or as an explicit debt after a reversal.
    Person(PersonId),
    /// A community fund.
    Fund(OrgId),
    /// Credit set aside by a hold.
    Hold(HoldId),
}

/// What a person may do, within a scope.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
#[repr(u8)]
pub enum Role {
    /// Names the first stewards and adopts ledger-wide policy, then rests.
    Founder = 1,
    /// Runs an organisation and all below it.
    Steward = 2,
    /// Works for a community: members, wishes, activities, hours, acting for people.
    Worker = 3,
    /// Leads a team or activity: roster, attendance, confirming others' hours.
    Lead = 4,
    /// Speaks for a work unit.
    UnitOfficer = 5,
    /// Secretary of a Party branch: exemptions, lists, appeals.
    Secretary = 6,
    /// Reads entries and raises flags.
    Auditor = 7,
}

/// Where a role holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
pub enum Scope {
    /// Everywhere.
    Ledger,
    /// An organisation and everything below it.
    Org(OrgId),
}

/// Kinds of organisation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
#[repr(u8)]
pub enum OrgKind {
    /// 市, 县
    City = 1,
    /// 区
    District = 2,
    /// 街道, 镇
    Street = 3,
    /// 社区, 村
    Community = 4,
    /// 网格
    Grid = 5,
    /// 楼栋
    Building = 6,
    /// 单位
    WorkUnit = 7,
    /// 党支部
    PartyBranch = 8,
    /// 志愿服务队, 先锋队
    Team = 9,
    /// 社会组织
    SocialOrg = 10,
}

/// How an organisation is joined to another.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
#[repr(u8)]
pub enum EdgeKind {
    /// The parent contains it: roles and totals reach down. At most one such parent on a date.
    PartOf = 1,
    /// A unit or branch reports to a community (双报到).
    ReportsTo = 2,
}

/// How a person belongs to an organisation. At most one of each kind on a date.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
#[repr(u8)]
pub enum AffiliationKind {
    /// The work unit or branch where the membership is kept.
    Organisational = 1,
    /// The community or grid of residence that an in-service member reported to.
    ReportedIn = 2,
    /// Where a volunteer or resident lives.
    Resident = 3,
    /// A volunteer team.
    Team = 4,
}

/// Days from `from`, up to but without `to`; open-ended without one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Span {
    /// First day.
    pub from: Date,
    /// The day after the last.
    pub to: Option<Date>,
}

/// Whether hours were entered in the ordinary way.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub enum RecordClass {
    /// In the ordinary way.
    Normal,
    /// 补录: entered afterwards, with the reason.
    Late(Commitment),
}

/// Who is in charge of an activity.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub enum Lead {
    /// A registered person.
    Person(PersonId),
    /// A name in the vault.
    Named(Commitment),
}

/// One line of recorded hours.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Row {
    /// Recognises the same row when it is imported again.
    pub key: RowKey,
    /// Who served.
    pub person: PersonId,
    /// When, to the minute.
    pub interval: Interval,
}

/// Which rows of a recording are meant.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub enum Rows {
    /// All of them.
    All,
    /// Those with these indexes, ascending and without repetition.
    Some(Vec<u16>),
}

/// Who takes a wish on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
pub enum Claimer {
    /// A person.
    Person(PersonId),
    /// A team or unit, through the person who asserts the claim.
    Org(OrgId),
}

/// How a person left or took part in a shift.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub enum Attended {
    /// Was there for this interval.
    Present(Interval),
    /// Had signed up and did not come.
    NoShow,
}

/// One line of a roll call.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Attendee {
    /// Who.
    pub person: PersonId,
    /// How it went.
    pub attended: Attended,
}

/// What a transfer of credit is for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
#[repr(u8)]
pub enum TransferKind {
    /// To a declared relative.
    Gift = 1,
    /// To a community fund.
    Donation = 2,
    /// From a community fund to a person in need.
    Grant = 3,
}

/// What has run out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
#[repr(u8)]
pub enum Lapse {
    /// The claimer did not fulfil in time: the wish is open again.
    Claim = 1,
    /// Nobody claimed it in time: the wish is over.
    Wish = 2,
}

/// What a person agrees to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
#[repr(u8)]
pub enum ConsentKind {
    /// Being named on public red lists and leaderboards.
    PublicName = 1,
}

/// Why a key was revoked.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
#[repr(u8)]
pub enum RevocationReason {
    /// No longer used.
    Retired = 1,
    /// Lost with the device.
    Lost = 2,
    /// In other hands.
    Stolen = 3,
}

/// A key named in the founding event.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct FounderKey {
    /// The founder.
    pub person: PersonId,
    /// The founder's key.
    pub key: PublicKey,
}

/// The first event of a ledger: self-signed by the first founder.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Founding {
    /// Fixed offset from UTC.
    pub offset: Offset,
    /// Exactly two, so that one lost key does not orphan the ledger.
    pub founders: [FounderKey; 2],
    /// Verifies checkpoints.
    pub log_key: PublicKey,
    /// The ledger's own acting person id.
    pub ledger_person: PersonId,
    /// Signs timers, digests, witnessed session events.
    pub ledger_key: PublicKey,
}

/// Everything that can be asserted. Numbers of the wire format are in the schema; names are stable.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[allow(missing_docs)] // fields are named after the types documented above
pub enum Body {
    /// The ledger begins.
    LedgerFounded(Founding),
    /// An organisation exists. Its name is public; it must not contain a person's. It is part of `parent` from the
    /// beginning; without one it is a root.
    OrganisationRegistered {
        org: OrgId,
        kind: OrgKind,
        name: String,
        code: Option<String>,
        parent: Option<OrgId>,
    },
    /// An organisation is joined to another for a span of dates.
    OrganisationLinked { org: OrgId, parent: OrgId, kind: EdgeKind, span: Span },
    /// A person gains a key. The key itself has signed who gains it, so that nobody enrols a key of somebody else.
    KeyEnrolled { person: PersonId, key: PublicKey, proof: Possession },
    /// A key is replaced by another; the old one ends here, and the roles that it exercised go over.
    KeyRotated { person: PersonId, old: KeyId, new: PublicKey, proof: Possession },
    /// A key ends here.
    KeyRevoked { person: PersonId, key: KeyId, reason: RevocationReason },
    /// A person gains a role, exercised by these keys and no others. Granted again, it gains the keys that are new.
    RoleGranted { person: PersonId, role: Role, scope: Scope, keys: Vec<KeyId> },
    /// A person loses a role.
    RoleRevoked { person: PersonId, role: Role, scope: Scope },
    /// A person joins, at a community or grid. The commitments are to values in the vault.
    MemberRegistered {
        person: PersonId,
        home: OrgId,
        name: Commitment,
        phone: Option<Commitment>,
        id_number: Option<Commitment>,
        volunteer_number: Option<Commitment>,
    },
    /// A person belongs to an organisation for a span of dates.
    MemberAffiliated { person: PersonId, org: OrgId, kind: AffiliationKind, span: Span },
    /// An in-service member reports to a community or grid (报到).
    ReportInFiled { person: PersonId, community: OrgId },
    /// The community answers; accepting affiliates the member from that day.
    ReportInAnswered { person: PersonId, community: OrgId, accepted: bool },
    /// The report-in ends on a date.
    ReportInEnded { person: PersonId, community: OrgId, on: Date },
    /// A policy holds for an organisation and all below, from a date.
    PolicyAdopted { scope: Scope, from: Date, policy: Policy },
    /// An activity is planned.
    ActivityPlanned {
        activity: ActivityId,
        org: OrgId,
        category: String,
        title: Commitment,
        place: Option<Commitment>,
        content: Option<Commitment>,
        lead: Lead,
    },
    /// Volunteers can see it and sign up.
    ActivityPublished { activity: ActivityId },
    /// It is over.
    ActivityClosed { activity: ActivityId },
    /// It does not take place.
    ActivityCancelled { activity: ActivityId, reason: Commitment },
    /// A shift of an activity, with the number of places.
    ShiftOpened { activity: ActivityId, shift: ShiftId, interval: Interval, capacity: u16 },
    /// A person takes a place, or a place on the waiting list when it is full.
    SignedUp { activity: ActivityId, shift: ShiftId, person: PersonId },
    /// A person gives the place back.
    SignUpWithdrawn { activity: ActivityId, shift: ShiftId, person: PersonId },
    /// A roll call: at most 256 lines.
    AttendanceTaken { activity: ActivityId, shift: ShiftId, rows: Vec<Attendee> },
    /// Hours of one activity: at most 256 rows; parts of a batch name it and their number.
    HoursRecorded {
        batch: BatchId,
        part: u16,
        total: u16,
        org: OrgId,
        activity: ActivityId,
        class: RecordClass,
        rows: Vec<Row>,
    },
    /// A second person vouches for rows of a recording.
    HoursConfirmed { recorded: EventId, rows: Rows },
    /// A row was wrong: it no longer counts; a replacement waits for a new confirmation of this event.
    HoursCorrected { recorded: EventId, row: u16, replacement: Option<Interval>, reason: Commitment },
    /// Credit moves between accounts.
    CreditTransferred { from: Account, to: Account, minutes: u32, kind: TransferKind },
    /// Credit is set aside for a service by `to`.
    CreditHeld { hold: HoldId, from: PersonId, to: PersonId, minutes: u32, until: Millis },
    /// The service was rendered: so many minutes go over, the rest goes back.
    CreditSettled { hold: HoldId, minutes: u32 },
    /// The hold is over without service: all goes back. Asserted by the ledger when it has run out.
    CreditVoided { hold: HoldId },
    /// A community posts a wish for a resident; the full text stays in the vault.
    WishPosted {
        wish: WishId,
        org: OrgId,
        resident: PersonId,
        category: String,
        text: Commitment,
        minutes: u32,
    },
    /// Another member of staff passes the sentence that the public sees.
    WishVetted { wish: WishId, sentence: Commitment },
    /// Someone takes it on.
    WishClaimed { wish: WishId, claimer: Claimer, participants: Vec<PersonId> },
    /// The claimer gives it back.
    WishReleased { wish: WishId },
    /// The claimer says that it is done; evidence by its SHA-256.
    WishFulfilled { wish: WishId, minutes: u32, evidence: Option<[u8; 32]> },
    /// The resident, or staff at the door, says that it is done, with a rating of 1 to 5.
    WishConfirmed { wish: WishId, rating: u8 },
    /// A term has run out. Asserted by the ledger.
    WishLapsed { wish: WishId, what: Lapse },
    /// The resident no longer wants it, or staff take it back.
    WishWithdrawn { wish: WishId, reason: Commitment },
    /// A list was computed at a cut-off position under a policy and published.
    ListPublished {
        scope: OrgId,
        period: super::time::Period,
        cutoff: u64,
        policy: EventId,
        digest: [u8; 32],
    },
    /// A branch excuses a member from points for a span; the reason is never shown.
    MemberExempted { person: PersonId, org: OrgId, span: Span, reason: Commitment },
    /// Digest of the derived state after `position` under a version of the rules. Asserted by the ledger.
    StateDigest { position: u64, rules: u32, digest: [u8; 32] },
    /// From the next entry on a later version of the rules decides and derives.
    RulesAdopted { version: u32 },
    /// The ledger's clock was ahead: the last entry says that it was recorded at `from`, and it is `to`.
    ClockCorrected { from: Millis, to: Millis },
    /// Erasure of a person's data was asked for.
    ErasureRequested { person: PersonId },
    /// The person's vault key is destroyed. Asserted by the ledger.
    PersonalDataErased { person: PersonId },
    /// A one-time code lets the person open a session until a time.
    SessionGranted { person: PersonId, code: Commitment, until: Millis },
    /// The code was used. Asserted by the ledger.
    SessionOpened { person: PersonId, grant: EventId, until: Millis },
    /// The session is over.
    SessionClosed { person: PersonId, grant: EventId },
    /// Someone looked at what is shown of other people: at most 256 of them, each once, ascending. Asserted by the ledger.
    RecordAccessed {
        by: PersonId,
        role: Option<Role>,
        purpose: AccessPurpose,
        what: Looked,
        persons: Vec<PersonId>,
    },
    /// A person agrees, or no longer does.
    ConsentGiven { person: PersonId, kind: ConsentKind, agreed: bool },
    /// A second person, or the other side, stands for an act that waits for it.
    ActApproved { act: EventId },
    /// An act that waits is called off.
    ActStopped { act: EventId },
    /// The term of an act is over: it takes effect here. Asserted by the ledger.
    ActTookEffect { act: EventId },
}

/// What of other people was looked at.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
pub enum Looked {
    /// Their records: hours, credit, affiliations, who acted.
    Record,
    /// Lines of the list of an organisation and period.
    List {
        /// Whose list.
        scope: OrgId,
        /// Of which period.
        period: super::time::Period,
    },
    /// Lines of the leaderboards of a scope, of whatever period.
    Board(Scope),
    /// A wish with the resident's own words.
    Wish(WishId),
    /// An organisation's register: who is behind the names and numbers of a sheet.
    Register(OrgId),
    /// Entries of the log as they are. They concern everybody, so nobody is named.
    Entries,
}

/// Why someone looked at what is shown of others.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
#[repr(u8)]
pub enum AccessPurpose {
    /// Community work with the person.
    Service = 1,
    /// A unit verifying its member.
    Verification = 2,
    /// An audit.
    Audit = 3,
    /// Belonging to the same organisation, where names are shown in part.
    Fellowship = 4,
    /// Granting the wish.
    Help = 5,
}
