//! The words that events, rules and read models share.

use hourbook_derive::{All, Format};
use serde::{Deserialize, Serialize};

use super::ids::{Commitment, HoldId, IdBytes, OrgId, PersonId, PublicKey, RowKey, WishId};
use super::time::{Date, Interval, Offset, Period};

/// Longest category of an activity or a wish, in bytes.
pub const MAX_CATEGORY: usize = 64;

/// Who holds an account of credit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, Format)]
pub enum Account {
    /// Where earned credit comes from; its balance is minus all credit in being.
    #[field(1)]
    Issuance,
    /// A person's spendable credit; below zero within the overdraft, or as an explicit debt after a reversal.
    #[field(2)]
    Person(PersonId),
    /// A community fund.
    #[field(3)]
    Fund(OrgId),
    /// Credit set aside by a hold.
    #[field(4)]
    Hold(HoldId),
}

/// What a person may do, within a scope.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, Format, All)]
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

impl Role {
    /// In the words of the table.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Founder => "founder",
            Self::Steward => "steward",
            Self::Worker => "worker",
            Self::Lead => "lead",
            Self::UnitOfficer => "unit officer",
            Self::Secretary => "secretary",
            Self::Auditor => "auditor",
        }
    }
}

/// Where a role holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, Format)]
pub enum Scope {
    /// Everywhere.
    #[field(1)]
    Ledger,
    /// An organisation and everything below it.
    #[field(2)]
    Org(OrgId),
}

impl Scope {
    /// The organisation, unless it is everywhere.
    #[must_use]
    pub fn org(self) -> Option<OrgId> {
        match self {
            Self::Ledger => None,
            Self::Org(org) => Some(org),
        }
    }
}

/// Kinds of organisation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, Format)]
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
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, Format)]
#[repr(u8)]
pub enum EdgeKind {
    /// The parent contains it: roles and totals reach down. At most one such parent on a date.
    PartOf = 1,
    /// A unit or branch reports to a community (双报到).
    ReportsTo = 2,
}

/// How a person belongs to an organisation. At most one of each kind on a date.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, Format)]
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
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, Format)]
pub struct Span {
    /// First day.
    pub from: Date,
    /// The day after the last.
    pub to: Option<Date>,
}

/// Whether hours were entered in the ordinary way.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, Format)]
pub enum RecordClass {
    /// In the ordinary way.
    #[field(absent)]
    Normal,
    /// 补录: entered afterwards, with the reason.
    #[field(6, name = "late_reason")]
    Late(Commitment),
}

/// Who is in charge of an activity.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, Format)]
pub enum Lead {
    /// A registered person.
    #[field(7, name = "lead_person")]
    Person(PersonId),
    /// A name in the vault.
    #[field(8, name = "lead_name")]
    Named(Commitment),
}

/// One line of recorded hours.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, Format)]
pub struct Row {
    /// Recognises the same row when it is imported again.
    pub key: RowKey,
    /// Who served.
    pub person: PersonId,
    /// When, to the minute.
    pub interval: Interval,
}

/// Which rows of a recording are meant.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, Format)]
pub enum Rows {
    /// All of them.
    #[field(2)]
    All,
    /// Those with these indexes, ascending and without repetition.
    #[field(3)]
    Some {
        /// Counted from 0.
        #[field(ascending)]
        indexes: Vec<u16>,
    },
}

/// Who takes a wish on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, Format)]
pub enum Claimer {
    /// A person.
    #[field(2)]
    Person(PersonId),
    /// A team or unit, through the person who asserts the claim.
    #[field(3)]
    Org(OrgId),
}

/// How a person left or took part in a shift.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, Format)]
pub enum Attended {
    /// Was there for this interval.
    #[field(2)]
    Present(Interval),
    /// Had signed up and did not come.
    #[field(3)]
    NoShow,
}

/// One line of a roll call.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, Format)]
pub struct Attendee {
    /// Who.
    pub person: PersonId,
    /// How it went.
    #[field(oneof)]
    pub attended: Attended,
}

/// What a transfer of credit is for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, Format)]
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
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, Format)]
#[repr(u8)]
pub enum Lapse {
    /// The claimer did not fulfil in time: the wish is open again.
    Claim = 1,
    /// Nobody claimed it in time: the wish is over.
    Wish = 2,
}

/// What a person agrees to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, Format)]
#[repr(u8)]
pub enum ConsentKind {
    /// Being named on public red lists and leaderboards.
    PublicName = 1,
}

/// Why a key was revoked.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, Format)]
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
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, Format)]
pub struct FounderKey {
    /// The founder.
    pub person: PersonId,
    /// The founder's key.
    pub key: PublicKey,
}

/// The first event of a ledger: self-signed by the first founder.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, Format)]
pub struct Founding {
    /// Fixed offset from UTC.
    #[field(name = "utc_offset_minutes")]
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

/// What of other people was looked at.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, Format)]
pub enum Looked {
    /// Their records: hours, credit, affiliations, who acted.
    #[field(4)]
    Record,
    /// Lines of the list of an organisation and period.
    #[field(5)]
    List {
        /// Whose list.
        scope: OrgId,
        /// Of which period.
        period: Period,
    },
    /// Lines of the leaderboards of a scope, of whatever period.
    #[field(6)]
    Board(Scope),
    /// A wish with the resident's own words.
    #[field(7)]
    Wish(WishId),
    /// An organisation's register: who is behind the names and numbers of a sheet.
    #[field(8)]
    Register(OrgId),
    /// Entries of the log as they are. They concern everybody, so nobody is named.
    #[field(9)]
    Entries,
}

/// Why someone looked at what is shown of others.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, Format)]
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

/// The events of one aggregate.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, Format)]
pub struct Stream {
    /// The kind of aggregate.
    pub kind: StreamKind,
    /// The aggregate's id; zero for the ledger itself.
    #[serde(with = "super::ids::fixed_bytes")]
    pub id: [u8; 16],
}

/// The kinds of aggregate. The numbers are part of the format.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, Format, All)]
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

impl Stream {
    /// The ledger's own stream.
    pub const LEDGER: Self = Self { kind: StreamKind::Ledger, id: [0; 16] };

    /// The stream of policies that hold for a scope.
    #[must_use]
    pub fn policies(scope: Scope) -> Self {
        Self { kind: StreamKind::Policy, id: scope.id_bytes() }
    }
}

/// How an event came to be signed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, Format)]
pub enum Assurance {
    /// Signed by a key of the actor's own.
    DeviceKey = 1,
    /// Signed by a staff member's key for the person in `acting_for`.
    StaffProxy = 2,
    /// Signed by the ledger's key in a session of the actor, opened with a granted code.
    ServerWitnessed = 3,
}

impl Assurance {
    /// Whether whoever acts for somebody by it is a helper: staff have one of their own for that.
    #[must_use]
    pub fn is_of_helpers(self) -> bool {
        self != Self::StaffProxy
    }
}

/// What the signer expects the stream's revision to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, Format)]
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

/// Zeros stand for the whole ledger.
impl IdBytes for Scope {
    fn id_bytes(&self) -> [u8; 16] {
        match self {
            Self::Ledger => [0; 16],
            Self::Org(org) => org.0,
        }
    }
}

/// Zeros stand for the source of credit.
impl IdBytes for Account {
    fn id_bytes(&self) -> [u8; 16] {
        match self {
            Self::Issuance => [0; 16],
            Self::Person(person) => person.0,
            Self::Fund(org) => org.0,
            Self::Hold(hold) => hold.0,
        }
    }
}
