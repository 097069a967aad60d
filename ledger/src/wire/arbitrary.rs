//! Strategies for property tests: any event that can be on the wire, whether or not a rule would accept it.

use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use crate::domain::event::{
    AccessPurpose, Account, AffiliationKind, Assurance, Attended, Attendee, Body, Claimer, ConsentKind,
    EdgeKind, Event, Expected, FounderKey, Founding, Lapse, Lead, Looked, OrgKind, RecordClass,
    RevocationReason, Role, Row, Rows, Scope, Span, Stream, StreamKind, TransferKind,
};
use crate::domain::ids::{Commitment, EventId, KeyId, OrgId, PersonId, Possession, PublicKey};
use crate::domain::policy::{
    CalendarPolicy, CreditPolicy, Excess, PointsPolicy, Policy, RecordPolicy, WaitingPolicy, WishPolicy,
};
use crate::domain::time::{Date, Interval, Millis, Minute, Offset, Period};

fn id<T: std::fmt::Debug>(make: fn([u8; 16]) -> T) -> impl Strategy<Value = T> {
    any::<[u8; 16]>().prop_map(make)
}

fn person() -> impl Strategy<Value = PersonId> {
    id(PersonId)
}

fn org() -> impl Strategy<Value = OrgId> {
    id(OrgId)
}

fn hidden() -> impl Strategy<Value = Commitment> {
    any::<[u8; 32]>().prop_map(Commitment)
}

fn key() -> impl Strategy<Value = PublicKey> {
    any::<[u8; 32]>().prop_map(PublicKey)
}

fn proof() -> impl Strategy<Value = Possession> {
    any::<[[u8; 32]; 2]>().prop_map(|halves| {
        let mut bytes = [0; 64];
        bytes.copy_from_slice(halves.as_flattened());
        Possession(bytes)
    })
}

fn date() -> impl Strategy<Value = Date> {
    prop_oneof![(-25_567..2_932_897).prop_map(Date), (20_000..21_000).prop_map(Date)]
}

fn minute() -> impl Strategy<Value = Minute> {
    (-25_567 * 1_440..2_932_897i64 * 1_440).prop_map(Minute)
}

fn millis() -> impl Strategy<Value = Millis> {
    prop_oneof![Just(Millis(0)), (-25_567 * 86_400_000..2_932_897i64 * 86_400_000).prop_map(Millis)]
}

/// Any two minutes, in any order.
pub(crate) fn interval() -> impl Strategy<Value = Interval> {
    (minute(), minute()).prop_map(|(start, end)| Interval { start, end })
}

fn span() -> impl Strategy<Value = Span> {
    (date(), option::of(date())).prop_map(|(from, to)| Span { from, to })
}

fn scope() -> impl Strategy<Value = Scope> {
    prop_oneof![Just(Scope::Ledger), org().prop_map(Scope::Org)]
}

fn account() -> impl Strategy<Value = Account> {
    prop_oneof![
        Just(Account::Issuance),
        person().prop_map(Account::Person),
        org().prop_map(Account::Fund),
        id(crate::domain::ids::HoldId).prop_map(Account::Hold),
    ]
}

fn period() -> impl Strategy<Value = Period> {
    let year = 1900..=9999i32;
    prop_oneof![
        year.clone().prop_map(Period::Year),
        (year.clone(), 1..=4u32).prop_map(|(year, quarter)| Period::Quarter(year, quarter)),
        (year, 1..=12u32).prop_map(|(year, month)| Period::Month(year, month)),
    ]
}

fn text(max: usize) -> impl Strategy<Value = String> {
    "[a-z0-9 ./社区网格扫雪𠮷]{1,20}".prop_filter("too long", move |text| text.len() <= max)
}

fn role() -> impl Strategy<Value = Role> {
    use Role as R;
    select(&[R::Founder, R::Steward, R::Worker, R::Lead, R::UnitOfficer, R::Secretary, R::Auditor][..])
}

fn org_kind() -> impl Strategy<Value = OrgKind> {
    use OrgKind as K;
    let inside = [K::City, K::District, K::Street, K::Community, K::Grid, K::Building];
    let beside = [K::WorkUnit, K::PartyBranch, K::Team, K::SocialOrg];
    select([&inside[..], &beside[..]].concat())
}

fn affiliation_kind() -> impl Strategy<Value = AffiliationKind> {
    use AffiliationKind as K;
    select(&[K::Organisational, K::ReportedIn, K::Resident, K::Team][..])
}

/// Builds a body from strategies for its fields.
macro_rules! any_body {
    ($kind:ident { $($field:ident: $strategy:expr),+ $(,)? }) => {
        ($($strategy,)+).prop_map(|($($field,)+)| Body::$kind { $($field),+ }).boxed()
    };
}

/// Any event.
pub(crate) fn event() -> impl Strategy<Value = Event> {
    let about = (id(EventId), text(255), stream(), expected(), millis());
    let by = (person(), option::of(person()), assurance(), option::of(id(EventId)));
    (about, by, body()).prop_map(|((id, ledger, stream, expected, occurred_at), by, body)| {
        let (actor, acting_for, assurance, grant) = by;
        Event { id, ledger, stream, expected, occurred_at, actor, acting_for, assurance, grant, body }
    })
}

fn stream() -> impl Strategy<Value = Stream> {
    (select(&StreamKind::ALL[..]), any::<[u8; 16]>()).prop_map(|(kind, id)| Stream { kind, id })
}

fn expected() -> impl Strategy<Value = Expected> {
    prop_oneof![any::<u64>().prop_map(Expected::Exact), Just(Expected::NoneYet), Just(Expected::Any)]
}

fn assurance() -> impl Strategy<Value = Assurance> {
    select(&[Assurance::DeviceKey, Assurance::StaffProxy, Assurance::ServerWitnessed][..])
}

/// Any body, every kind about as often.
pub(crate) fn body() -> impl Strategy<Value = Body> {
    let groups = [
        ledger(),
        organisations(),
        persons(),
        report_in(),
        activities(),
        hours(),
        credit(),
        wishes(),
        sessions(),
        acts(),
    ];
    let every = groups.into_iter().flatten().collect::<Vec<_>>();
    proptest::strategy::Union::new(every)
}

type Bodies = Vec<BoxedStrategy<Body>>;

fn ledger() -> Bodies {
    let founder = || (person(), key()).prop_map(|(person, key)| FounderKey { person, key });
    let keys = (key(), person(), key());
    let founding = (-840..=840, [founder(), founder()], keys).prop_map(|(offset, founders, keys)| {
        let (log_key, ledger_person, ledger_key) = keys;
        Body::LedgerFounded(Founding { offset: Offset(offset), founders, log_key, ledger_person, ledger_key })
    });
    vec![
        founding.boxed(),
        any_body!(StateDigest { position: any::<u64>(), rules: any::<u32>(), digest: any::<[u8; 32]>() }),
        any_body!(RulesAdopted { version: any::<u32>() }),
        any_body!(ClockCorrected { from: millis(), to: millis() }),
        any_body!(PolicyAdopted { scope: scope(), from: date(), policy: policy() }),
    ]
}

fn policy() -> impl Strategy<Value = Policy> {
    let excess = prop_oneof![Just(Excess::RecordOnly), org().prop_map(Excess::Fund)];
    let credit = (any::<[u32; 5]>(), excess).prop_map(
        |([earn_num, earn_den, daily_cap, account_cap, overdraft], excess)| {
            Policy::Credit(CreditPolicy { earn_num, earn_den, daily_cap, account_cap, excess, overdraft })
        },
    );
    let records = any::<(u16, u32)>()
        .prop_map(|(due_working_days, longest)| Policy::Records(RecordPolicy { due_working_days, longest }));
    let wishes = any::<[u16; 3]>().prop_map(|[open_claims, fulfil_days, open_days]| {
        Policy::Wishes(WishPolicy { open_claims, fulfil_days, open_days })
    });
    let points = any::<([i32; 6], [u32; 2], Option<i32>)>().prop_map(
        |(signed, [minutes_num, minutes_den], ceiling)| {
            let [base, wish, absence, floor, red_from, yellow_to] = signed;
            Policy::Points(PointsPolicy {
                base,
                minutes_num,
                minutes_den,
                wish,
                absence,
                floor,
                ceiling,
                red_from,
                yellow_to,
            })
        },
    );
    let days = || btree_set(date(), 0..5).prop_map(|days| days.into_iter().collect());
    let calendar = (1900..=9999, days(), days())
        .prop_map(|(year, holidays, workdays)| Policy::Calendar(CalendarPolicy { year, holidays, workdays }));
    let waiting = any::<u16>().prop_map(|days| Policy::Waiting(WaitingPolicy { days }));
    prop_oneof![credit, records, wishes, points, calendar, waiting]
}

fn organisations() -> Bodies {
    vec![
        any_body!(OrganisationRegistered {
            org: org(),
            kind: org_kind(),
            name: text(240),
            code: option::of(text(64)),
            parent: option::of(org()),
        }),
        any_body!(OrganisationLinked {
            org: org(),
            parent: org(),
            kind: select(&[EdgeKind::PartOf, EdgeKind::ReportsTo][..]),
            span: span(),
        }),
    ]
}

fn persons() -> Bodies {
    use RevocationReason as R;
    vec![
        any_body!(KeyEnrolled { person: person(), key: key(), proof: proof() }),
        any_body!(KeyRotated { person: person(), old: id(KeyId), new: key(), proof: proof() }),
        any_body!(KeyRevoked {
            person: person(),
            key: id(KeyId),
            reason: select(&[R::Retired, R::Lost, R::Stolen][..]),
        }),
        any_body!(RoleGranted { person: person(), role: role(), scope: scope(), keys: vec(id(KeyId), 0..4) }),
        any_body!(RoleRevoked { person: person(), role: role(), scope: scope() }),
        any_body!(MemberRegistered {
            person: person(),
            home: org(),
            name: hidden(),
            phone: option::of(hidden()),
            id_number: option::of(hidden()),
            volunteer_number: option::of(hidden()),
        }),
        any_body!(MemberAffiliated { person: person(), org: org(), kind: affiliation_kind(), span: span() }),
        any_body!(MemberExempted { person: person(), org: org(), span: span(), reason: hidden() }),
        any_body!(ConsentGiven {
            person: person(),
            kind: Just(ConsentKind::PublicName),
            agreed: any::<bool>(),
        }),
        any_body!(ErasureRequested { person: person() }),
        any_body!(PersonalDataErased { person: person() }),
    ]
}

fn report_in() -> Bodies {
    vec![
        any_body!(ReportInFiled { person: person(), community: org() }),
        any_body!(ReportInAnswered { person: person(), community: org(), accepted: any::<bool>() }),
        any_body!(ReportInEnded { person: person(), community: org(), on: date() }),
    ]
}

fn activities() -> Bodies {
    use crate::domain::ids::{ActivityId, ShiftId};
    let (activity, shift) = (|| id(ActivityId), || id(ShiftId));
    let lead = prop_oneof![person().prop_map(Lead::Person), hidden().prop_map(Lead::Named)];
    let attended = prop_oneof![interval().prop_map(Attended::Present), Just(Attended::NoShow)];
    let attendee = (person(), attended).prop_map(|(person, attended)| Attendee { person, attended });
    vec![
        any_body!(ActivityPlanned {
            activity: activity(),
            org: org(),
            category: text(64),
            title: hidden(),
            place: option::of(hidden()),
            content: option::of(hidden()),
            lead: lead,
        }),
        any_body!(ActivityPublished { activity: activity() }),
        any_body!(ActivityClosed { activity: activity() }),
        any_body!(ActivityCancelled { activity: activity(), reason: hidden() }),
        any_body!(ShiftOpened {
            activity: activity(),
            shift: shift(),
            interval: interval(),
            capacity: any::<u16>(),
        }),
        any_body!(SignedUp { activity: activity(), shift: shift(), person: person() }),
        any_body!(SignUpWithdrawn { activity: activity(), shift: shift(), person: person() }),
        any_body!(AttendanceTaken { activity: activity(), shift: shift(), rows: vec(attendee, 0..4) }),
    ]
}

fn hours() -> Bodies {
    use crate::domain::ids::{ActivityId, BatchId, RowKey};
    let class = prop_oneof![Just(RecordClass::Normal), hidden().prop_map(RecordClass::Late)];
    let row =
        (id(RowKey), person(), interval()).prop_map(|(key, person, interval)| Row { key, person, interval });
    let indexes = btree_set(any::<u16>(), 0..6).prop_map(|indexes| Rows::Some(indexes.into_iter().collect()));
    vec![
        any_body!(HoursRecorded {
            batch: id(BatchId),
            part: any::<u16>(),
            total: any::<u16>(),
            org: org(),
            activity: id(ActivityId),
            class: class,
            rows: vec(row, 0..6),
        }),
        any_body!(HoursConfirmed { recorded: id(EventId), rows: prop_oneof![Just(Rows::All), indexes] }),
        any_body!(HoursCorrected {
            recorded: id(EventId),
            row: any::<u16>(),
            replacement: option::of(interval()),
            reason: hidden(),
        }),
    ]
}

fn credit() -> Bodies {
    use crate::domain::ids::HoldId;
    use TransferKind as K;
    vec![
        any_body!(CreditTransferred {
            from: account(),
            to: account(),
            minutes: any::<u32>(),
            kind: select(&[K::Gift, K::Donation, K::Grant][..]),
        }),
        any_body!(CreditHeld {
            hold: id(HoldId),
            from: person(),
            to: person(),
            minutes: any::<u32>(),
            until: millis(),
        }),
        any_body!(CreditSettled { hold: id(HoldId), minutes: any::<u32>() }),
        any_body!(CreditVoided { hold: id(HoldId) }),
    ]
}

fn wishes() -> Bodies {
    use crate::domain::ids::WishId;
    let wish = || id(WishId);
    let claimer = prop_oneof![person().prop_map(Claimer::Person), org().prop_map(Claimer::Org)];
    vec![
        any_body!(WishPosted {
            wish: wish(),
            org: org(),
            resident: person(),
            category: text(64),
            text: hidden(),
            minutes: any::<u32>(),
        }),
        any_body!(WishVetted { wish: wish(), sentence: hidden() }),
        any_body!(WishClaimed { wish: wish(), claimer: claimer, participants: vec(person(), 0..4) }),
        any_body!(WishReleased { wish: wish() }),
        any_body!(WishFulfilled {
            wish: wish(),
            minutes: any::<u32>(),
            evidence: option::of(any::<[u8; 32]>()),
        }),
        any_body!(WishConfirmed { wish: wish(), rating: any::<u8>() }),
        any_body!(WishLapsed { wish: wish(), what: select(&[Lapse::Claim, Lapse::Wish][..]) }),
        any_body!(WishWithdrawn { wish: wish(), reason: hidden() }),
    ]
}

fn looked() -> impl Strategy<Value = Looked> {
    prop_oneof![
        Just(Looked::Record),
        (org(), period()).prop_map(|(scope, period)| Looked::List { scope, period }),
        scope().prop_map(Looked::Board),
        id(crate::domain::ids::WishId).prop_map(Looked::Wish),
        org().prop_map(Looked::Register),
        Just(Looked::Entries),
    ]
}

fn ascending_people() -> impl Strategy<Value = Vec<PersonId>> {
    proptest::collection::btree_set(person(), 0..4).prop_map(|people| people.into_iter().collect())
}

fn sessions() -> Bodies {
    use AccessPurpose as P;
    vec![
        any_body!(ListPublished {
            scope: org(),
            period: period(),
            cutoff: any::<u64>(),
            policy: id(EventId),
            digest: any::<[u8; 32]>(),
        }),
        any_body!(SessionGranted { person: person(), code: hidden(), until: millis() }),
        any_body!(SessionOpened { person: person(), grant: id(EventId), until: millis() }),
        any_body!(SessionClosed { person: person(), grant: id(EventId) }),
        any_body!(RecordAccessed {
            by: person(),
            role: option::of(role()),
            purpose: select(&[P::Service, P::Verification, P::Audit, P::Fellowship, P::Help][..]),
            what: looked(),
            persons: ascending_people(),
        }),
    ]
}

fn acts() -> Bodies {
    vec![
        any_body!(ActApproved { act: id(EventId) }),
        any_body!(ActStopped { act: id(EventId) }),
        any_body!(ActTookEffect { act: id(EventId) }),
    ]
}
