//! One event of every kind, and of every optional part both ways: what the golden bytes are made of.

use crate::domain::access::seal;
use crate::domain::event::{
    AccessEvent, AccessPurpose, Account, ActEvent, ActivityEvent, AffiliationKind, Assurance, Attended,
    Attendee, Body, Claimer, CreditEvent, EdgeKind, Event, Expected, HoursEvent, KeyEvent, Lapse, Lead,
    LedgerEvent, ListEvent, Looked, MemberEvent, NoticeEvent, OrgKind, OrganisationEvent, PolicyEvent,
    RecordClass, ReportInEvent, RevocationReason, Role, RoleEvent, Row, Rows, Scope, SessionEvent, Span,
    TransferKind, WishEvent,
};
use crate::domain::ids::{
    ActivityId, BatchId, Commitment, EventId, HoldId, KeyId, OrgId, PersonId, Possession, PublicKey, RowKey,
    ShiftId, WishId,
};
use crate::domain::policy::{
    Basis, CalendarPolicy, CreditPolicy, Excess, Membership, NoService, PointsPolicy, Policy, RankingPolicy,
    Rankings, RecordPolicy, WaitingPolicy, WishPolicy,
};
use crate::domain::time::{Date, Interval, Millis, Minute, Offset, Period};

const ID: EventId = EventId([1, 0x9c, 0xad, 0x62, 0x34, 0, 0x70, 0, 0x80, 1, 2, 3, 4, 5, 6, 7]);
const ORIGIN: &str = "ledger.example/town";
const PERSON: PersonId = PersonId([0x11; 16]);
const OTHER: PersonId = PersonId([0x12; 16]);
const ORG: OrgId = OrgId([0x21; 16]);
const PARENT: OrgId = OrgId([0x22; 16]);
const ACTIVITY: ActivityId = ActivityId([0x31; 16]);
const SHIFT: ShiftId = ShiftId([0x32; 16]);
const WISH: WishId = WishId([0x41; 16]);
const HOLD: HoldId = HoldId([0x42; 16]);
const KEY: PublicKey = PublicKey([0x51; 32]);
const PROOF: Possession = Possession([0x57; 64]);
const HIDDEN: Commitment = Commitment([0x61; 32]);
const DIGEST: [u8; 32] = [0x71; 32];
/// 2026-03-02, 08:00 to 09:30 at +08:00.
const INTERVAL: Interval = Interval { start: Minute(29_540_160), end: Minute(29_540_250) };
/// 2026-03-02 08:00 at +08:00.
const MOMENT: Millis = Millis(1_772_409_600_000);
const DAY: Date = Date(20_514);
const SPAN: Span = Span { from: DAY, to: Some(Date(20_544)) };
const OPEN_SPAN: Span = Span { from: DAY, to: None };
const LISTED: Looked = Looked::List { scope: ORG, period: Period::Quarter(2026, 4) };

/// An event with this body, of a device key.
pub(crate) fn event(body: Body) -> Event {
    Event::plain(ID, ORIGIN, PERSON, MOMENT, body)
}

/// A recording with so many rows.
pub(crate) fn recording(rows: usize) -> Body {
    let row = |at| Row { key: RowKey([at as u8; 16]), person: PERSON, interval: INTERVAL };
    Body::recorded(BatchId([0x33; 16]), ORG, ACTIVITY, (0..rows).map(row).collect())
}

/// The samples, each with the name of its kind and of what is special about it.
pub(crate) fn all() -> Vec<(String, Event)> {
    let mut samples = headers();
    let bodies = [
        ledger(),
        policies(),
        organisations(),
        persons(),
        report_in(),
        activities(),
        hours(),
        credit(),
        wishes(),
        sessions(),
        acts(),
        notices(),
    ];
    for (variant, body) in bodies.into_iter().flatten() {
        let name = body.kind().name();
        let name = if variant.is_empty() { name.to_owned() } else { format!("{name}/{variant}") };
        samples.push((name, event(body)));
    }
    samples
}

fn notices() -> Bodies {
    let (title, text) = (HIDDEN, Commitment([0x62; 32]));
    vec![
        ("", Body::Notice(NoticeEvent::Published { org: ORG, title, text, span: SPAN })),
        ("", Body::Notice(NoticeEvent::Withdrawn { org: ORG, notice: ID })),
    ]
}

/// The parts of an event beside its body.
fn headers() -> Vec<(String, Event)> {
    let plain = event(Body::Wish(WishEvent::Released { wish: WISH }));
    let first = Event { expected: Expected::NoneYet, ..plain.clone() };
    let (expected, assurance) = (Expected::Exact(0), Assurance::StaffProxy);
    let proxy = Event { expected, acting_for: Some(OTHER), assurance, ..plain.clone() };
    let (expected, assurance) = (Expected::Exact(u64::MAX), Assurance::ServerWitnessed);
    let grant = Some(EventId([0x13; 16]));
    let witnessed = Event { expected, assurance, grant, occurred_at: Millis(-1), ..plain.clone() };
    let helped = |event: &Event| Event { acting_for: Some(OTHER), ..event.clone() };
    let (helper, helper_witnessed) = (helped(&plain), helped(&witnessed));
    let named = [
        ("first", first),
        ("staff-proxy", proxy),
        ("server-witnessed", witnessed),
        ("helper", helper),
        ("helper-witnessed", helper_witnessed),
    ];
    named.map(|(name, event)| (format!("header/{name}"), event)).into()
}

type Bodies = Vec<(&'static str, Body)>;

fn ledger() -> Bodies {
    let key = |n| PublicKey([n; 32]);
    let founders = [(PERSON, KEY), (OTHER, key(0x52))];
    let founded = Body::founded(founders, key(0x53), (PersonId([0x14; 16]), key(0x54)));
    let mut west = founded.clone();
    if let Body::Ledger(LedgerEvent::Founded(founding)) = &mut west {
        founding.offset = Offset(-300);
    }
    vec![
        ("", founded),
        ("west", west),
        ("", Body::Ledger(LedgerEvent::StateDigest { position: 4095, rules: 1, digest: DIGEST })),
        ("", Body::Ledger(LedgerEvent::RulesAdopted { version: 2 })),
        ("", Body::Ledger(LedgerEvent::ClockCorrected { from: MOMENT.plus_days(400), to: MOMENT })),
    ]
}

fn policies() -> Bodies {
    let points = PointsPolicy {
        minutes_num: 6_000,
        minutes_den: 3_000,
        wish: 200,
        red_from: 9_000,
        yellow_to: 5_999,
        ..PointsPolicy::PLAIN
    };
    let days = |days: &[i32]| days.iter().map(|day| Date(*day)).collect();
    let calendar = CalendarPolicy {
        year: crate::domain::time::Year(2026),
        holidays: days(&[20_454, 20_500]),
        workdays: days(&[20_457]),
    };
    let all = |policy| Body::policy_adopted(DAY, policy);
    let here = |policy| Body::Policy(PolicyEvent::Adopted { scope: Scope::Org(ORG), from: DAY, policy });
    let credit = |policy| all(Policy::Credit(policy));
    vec![
        ("credit", credit(CreditPolicy::PLAIN)),
        ("credit-fund", credit(CreditPolicy { excess: Excess::Fund(ORG), ..CreditPolicy::PLAIN })),
        ("credit-limit", credit(CreditPolicy { transfer_limit: Some(240), ..CreditPolicy::PLAIN })),
        ("records", here(Policy::Records(RecordPolicy { due_working_days: 10, longest: 720 }))),
        ("wishes", all(Policy::Wishes(WishPolicy { open_claims: 3, fulfil_days: 15, open_days: 90 }))),
        ("points", here(Policy::Points(points.clone()))),
        ("points-all", here(Policy::Points(all_said(points.clone())))),
        ("points-direct", all(Policy::Points(direct(points.clone())))),
        ("points-ceiling", here(Policy::Points(PointsPolicy { ceiling: Some(0), ..points }))),
        ("calendar", all(Policy::Calendar(calendar))),
        ("waiting", all(Policy::Waiting(WaitingPolicy { days: 14 }))),
        ("rankings", all(Policy::Rankings(RankingPolicy { rankings: Rankings::On, basis: None }))),
        (
            "rankings-off",
            all(Policy::Rankings(RankingPolicy { rankings: Rankings::Off, basis: Some(basis()) })),
        ),
    ]
}

/// With whatever may be left unsaid.
fn all_said(points: PointsPolicy) -> PointsPolicy {
    let (covers, no_service) = (Some(Membership::ReportedIn), Some(NoService::NotListed));
    PointsPolicy { basis: Some(basis()), covers, no_service, ..points }
}

fn basis() -> Basis {
    Basis { document: "桃组发〔2026〕3号".to_owned(), issuer: "中共桃州镇委员会".to_owned() }
}

fn direct(points: PointsPolicy) -> PointsPolicy {
    PointsPolicy { covers: Some(Membership::Direct), no_service: Some(NoService::Yellow), ..points }
}

fn organisations() -> Bodies {
    let root = Body::org_registered(ORG, OrgKind::City, "桃州镇", None);
    let mut part = Body::org_registered(ORG, OrgKind::SocialOrg, "桃州镇", Some(PARENT));
    if let Body::Organisation(OrganisationEvent::Registered { code, .. }) = &mut part {
        *code = Some("341882100".to_owned());
    }
    let link = |kind, span| Body::org_linked(ORG, PARENT, kind, span);
    vec![
        ("root", root),
        ("part", part),
        ("", link(EdgeKind::PartOf, OPEN_SPAN)),
        ("reports-to", link(EdgeKind::ReportsTo, SPAN)),
    ]
}

fn persons() -> Bodies {
    let register = |phone: Option<Commitment>| {
        let (person, home, name) = (PERSON, ORG, Commitment([0x62; 32]));
        let (id_number, volunteer_number) = (phone, phone);
        Body::Member(MemberEvent::Registered { person, home, name, phone, id_number, volunteer_number })
    };
    let affiliated = |kind, span| Body::affiliated(PERSON, ORG, kind, span);
    let consent = |agreed| Body::public_name(PERSON, agreed);
    let key = KeyId([0x55; 16]);
    let granted = |role, scope, keys| Body::appointed(PERSON, role, scope, keys);
    vec![
        ("", Body::Key(KeyEvent::Enrolled { person: PERSON, key: KEY, proof: PROOF })),
        ("", Body::Key(KeyEvent::Rotated { person: PERSON, old: key, new: KEY, proof: PROOF })),
        ("", Body::key_revoked(PERSON, key, RevocationReason::Stolen)),
        ("", granted(Role::Worker, Scope::Org(ORG), vec![key, KeyId([0x56; 16])])),
        ("ledger", granted(Role::Auditor, Scope::Ledger, vec![])),
        ("", Body::Role(RoleEvent::Revoked { person: PERSON, role: Role::Steward, scope: Scope::Org(ORG) })),
        ("", register(None)),
        ("full", register(Some(HIDDEN))),
        ("", affiliated(AffiliationKind::ReportedIn, OPEN_SPAN)),
        ("ended", affiliated(AffiliationKind::Team, SPAN)),
        ("", Body::List(ListEvent::MemberExempted { person: PERSON, org: ORG, span: SPAN, reason: HIDDEN })),
        ("agreed", consent(true)),
        ("withdrawn", consent(false)),
        ("", Body::Member(MemberEvent::ErasureRequested { person: PERSON })),
        ("", Body::Member(MemberEvent::PersonalDataErased { person: PERSON })),
        ("", Body::Member(MemberEvent::HelperNamed { person: PERSON, helper: OTHER })),
        ("", Body::Member(MemberEvent::HelperEnded { person: PERSON, helper: OTHER })),
    ]
}

fn report_in() -> Bodies {
    let answered =
        |accepted| Body::ReportIn(ReportInEvent::Answered { person: PERSON, community: ORG, accepted });
    vec![
        ("", Body::ReportIn(ReportInEvent::Filed { person: PERSON, community: ORG })),
        ("accepted", answered(true)),
        ("refused", answered(false)),
        ("", Body::ReportIn(ReportInEvent::Ended { person: PERSON, community: ORG, on: DAY })),
    ]
}

fn activities() -> Bodies {
    let planned = |lead, place| {
        let (activity, org, category, title) =
            (ACTIVITY, ORG, "environment".to_owned(), Commitment([0x63; 32]));
        let content = place;
        Body::Activity(ActivityEvent::Planned { activity, org, category, title, place, content, lead })
    };
    let present = Attendee { person: PERSON, attended: Attended::Present(INTERVAL) };
    let absent = Attendee { person: OTHER, attended: Attended::NoShow };
    let (activity, shift, rows) = (ACTIVITY, SHIFT, vec![present, absent]);
    vec![
        ("", planned(Lead::Person(OTHER), None)),
        ("full", planned(Lead::Named(Commitment([0x64; 32])), Some(HIDDEN))),
        ("", Body::Activity(ActivityEvent::Published { activity })),
        ("", Body::Activity(ActivityEvent::Closed { activity })),
        ("", Body::Activity(ActivityEvent::Cancelled { activity, reason: HIDDEN })),
        ("", Body::shift_opened(ACTIVITY, SHIFT, INTERVAL, 20)),
        ("", Body::Activity(ActivityEvent::SignedUp { activity, shift, person: PERSON })),
        ("", Body::Activity(ActivityEvent::SignUpWithdrawn { activity, shift, person: PERSON })),
        ("", Body::Activity(ActivityEvent::AttendanceTaken { activity, shift, rows })),
    ]
}

fn hours() -> Bodies {
    let mut late = recording(1);
    if let Body::Hours(HoursEvent::Recorded { class, part, total, .. }) = &mut late {
        (*class, *part, *total) = (RecordClass::Late(HIDDEN), 1, 65_535);
    }
    let mut pictured = recording(1);
    if let Body::Hours(HoursEvent::Recorded { photos, .. }) = &mut pictured {
        photos.extend([[0x72; 32], [0x73; 32]]);
    }
    let confirmed = |rows| Body::Hours(HoursEvent::Confirmed { recorded: ID, rows });
    let corrected = |row, replacement| {
        Body::Hours(HoursEvent::Corrected { recorded: ID, row, replacement, reason: HIDDEN })
    };
    vec![
        ("", recording(2)),
        ("late", late),
        ("photos", pictured),
        ("all", confirmed(Rows::All)),
        ("some", confirmed(Rows::Some { indexes: vec![0, 3, 255] })),
        ("struck", corrected(0, None)),
        ("replaced", corrected(255, Some(INTERVAL))),
    ]
}

fn credit() -> Bodies {
    let (hold, from, to) = (HOLD, PERSON, OTHER);
    let transfer = |from, to, kind| Body::Credit(CreditEvent::Transferred { from, to, minutes: 90, kind });
    vec![
        ("gift", transfer(Account::Person(PERSON), Account::Person(OTHER), TransferKind::Gift)),
        ("donation", transfer(Account::Person(PERSON), Account::Fund(ORG), TransferKind::Donation)),
        ("grant", transfer(Account::Issuance, Account::Hold(HOLD), TransferKind::Grant)),
        ("", Body::Credit(CreditEvent::Held { hold, from, to, minutes: 120, until: MOMENT })),
        ("", Body::Credit(CreditEvent::Settled { hold, minutes: 90 })),
        ("nothing", Body::Credit(CreditEvent::Settled { hold, minutes: 0 })),
        ("", Body::Credit(CreditEvent::Voided { hold })),
    ]
}

fn wishes() -> Bodies {
    let claimed =
        |claimer, participants| Body::Wish(WishEvent::Claimed { wish: WISH, claimer, participants });
    let fulfilled = |evidence| Body::Wish(WishEvent::Fulfilled { wish: WISH, minutes: 60, evidence });
    let posted = Body::posted(WISH, ORG, OTHER, "repair", HIDDEN, 60);
    vec![
        ("", posted),
        ("", Body::Wish(WishEvent::Vetted { wish: WISH, sentence: HIDDEN })),
        ("person", claimed(Claimer::Person(PERSON), vec![])),
        ("group", claimed(Claimer::Org(ORG), vec![PERSON, OTHER])),
        ("", Body::Wish(WishEvent::Released { wish: WISH })),
        ("", fulfilled(None)),
        ("evidence", fulfilled(Some(DIGEST))),
        ("", Body::Wish(WishEvent::Confirmed { wish: WISH, rating: 5 })),
        ("claim", Body::Wish(WishEvent::Lapsed { wish: WISH, what: Lapse::Claim })),
        ("wish", Body::Wish(WishEvent::Lapsed { wish: WISH, what: Lapse::Wish })),
        ("", Body::Wish(WishEvent::Withdrawn { wish: WISH, reason: HIDDEN })),
        ("", Body::Wish(WishEvent::Disputed { wish: WISH, reason: HIDDEN })),
        ("", Body::Wish(WishEvent::DisputeUpheld { wish: WISH, reason: HIDDEN })),
        ("", Body::Wish(WishEvent::DisputeRejected { wish: WISH, reason: HIDDEN })),
    ]
}

fn sessions() -> Bodies {
    let list = |period| {
        Body::List(ListEvent::Published { scope: ORG, period, cutoff: 100_000, policy: ID, digest: DIGEST })
    };
    vec![
        ("year", list(Period::Year(2026))),
        ("quarter", list(Period::Quarter(2026, 4))),
        ("month", list(Period::Month(2026, 12))),
        ("", Body::Session(SessionEvent::Granted { person: PERSON, code: HIDDEN, until: MOMENT })),
        ("", Body::Session(SessionEvent::Opened { person: PERSON, grant: ID, until: MOMENT })),
        ("", Body::Session(SessionEvent::Closed { person: PERSON, grant: ID })),
        ("record", looked(Some(Role::UnitOfficer), AccessPurpose::Verification, Looked::Record, &[PERSON])),
        (
            "list",
            looked(Some(Role::Steward), AccessPurpose::Service, LISTED, &[PersonId([0x13; 16]), PERSON]),
        ),
        ("board", looked(None, AccessPurpose::Fellowship, Looked::Board(Scope::Ledger), &[PERSON])),
        ("board-of", looked(None, AccessPurpose::Fellowship, Looked::Board(Scope::Org(ORG)), &[PERSON])),
        ("wish", looked(None, AccessPurpose::Help, Looked::Wish(WISH), &[PERSON])),
        ("register", looked(Some(Role::Worker), AccessPurpose::Service, Looked::Register(ORG), &[PERSON])),
        ("entries", looked(Some(Role::Auditor), AccessPurpose::Audit, Looked::Entries, &[])),
        ("", sealed(None, AccessPurpose::Service, Looked::Record, &[PERSON])),
        ("role", sealed(Some(Role::Auditor), AccessPurpose::Audit, LISTED, &[PERSON, PersonId([0x13; 16])])),
        ("record", Body::Access(opened(Looked::Record, &[PERSON]))),
        ("list", Body::Access(opened(LISTED, &[PERSON, PersonId([0x13; 16])]))),
        ("entries", Body::Access(opened(Looked::Entries, &[]))),
    ]
}

fn looked(role: Option<Role>, purpose: AccessPurpose, what: Looked, persons: &[PersonId]) -> Body {
    let mut persons = persons.to_vec();
    persons.sort_unstable();
    Body::Access(AccessEvent::RecordAccessed { by: OTHER, role, purpose, what, persons })
}

/// Under the seal that the opened one of the same thing and persons opens.
fn sealed(role: Option<Role>, purpose: AccessPurpose, what: Looked, persons: &[PersonId]) -> Body {
    let seal = seal(ORIGIN, &opened(what, persons));
    Body::Access(AccessEvent::LookSealed { by: OTHER, role, purpose, seal, until: Date(20_544) })
}

fn opened(what: Looked, persons: &[PersonId]) -> AccessEvent {
    AccessEvent::LookOpened { by: OTHER, sealed: ID, salt: [0x63; 32], what, persons: persons.to_vec() }
}

fn acts() -> Bodies {
    let act = EventId([0x15; 16]);
    vec![
        ("", Body::Act(ActEvent::Approved { act })),
        ("", Body::Act(ActEvent::Stopped { act })),
        ("", Body::Act(ActEvent::TookEffect { act })),
    ]
}
