//! Every event against everyone who might try: what the table promises, and nothing else.

use super::super::super::event::*;
use super::super::super::event::{
    AccessEvent, ActEvent, ActivityEvent, CreditEvent, HoursEvent, KeyEvent, LedgerEvent, LedgerKind,
    ListEvent, MemberEvent, PolicyEvent, ReportInEvent, RoleEvent, SessionEvent, WishEvent,
};
use super::super::super::ids::*;
use super::super::super::policy::{Policy, RecordPolicy};
use super::super::super::time::{Interval, Minute, Period};
use super::*;
use crate::domain::person::Office;
use crate::domain::time::Date;

const ACTIVITY: ActivityId = ActivityId([50; 16]);
const SHIFT: ShiftId = ShiftId([51; 16]);
const WISH: WishId = WishId([52; 16]);
const CLAIMED: WishId = WishId([53; 16]);
const CLAIMED_BY_ORG: WishId = WishId([54; 16]);
const HOLD: HoldId = HoldId([55; 16]);
const TEXT: Commitment = Commitment([5; 32]);
/// Whom ANN named; somebody without any role.
const HELPER: PersonId = PersonId([62; 16]);

/// Which scope of a role reaches what an event concerns.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum At {
    /// Something in the community.
    Community,
    /// Something in both communities.
    City,
    Ledger,
    /// Something between somebody of the one community and the other, for which either begins.
    Between,
    /// Beyond every role.
    Person,
}

impl At {
    fn is_reached_from(self, scope: Scope, role: Role) -> bool {
        match self {
            // Who only speaks for an organisation does not speak for the people at home.
            Self::Between => matches!(role, Role::Steward | Role::Worker) || scope != Scope::Org(COMMUNITY),
            Self::Person => false,
            Self::Ledger => scope == Scope::Ledger,
            Self::City => scope == Scope::Ledger || scope == Scope::Org(CITY),
            Self::Community => scope != Scope::Org(OTHER_COMMUNITY),
        }
    }
}

/// A town in which there is one of everything, and someone with each role in each scope.
struct Cast {
    town: Town,
    recorded: EventId,
    grant: EventId,
    /// The other community would have ANN in a team.
    proposed: EventId,
    holders: Vec<(PersonId, Role, Scope)>,
}

const SCOPES: [Scope; 4] =
    [Scope::Org(COMMUNITY), Scope::Org(OTHER_COMMUNITY), Scope::Org(CITY), Scope::Ledger];

impl Cast {
    fn new() -> Self {
        let mut town = Town::new();
        town.wait_days(1);
        let holders = SCOPES.into_iter().flat_map(|scope| Role::ALL.map(|role| (role, scope)));
        let holders: Vec<_> =
            holders.zip(100..).map(|((role, scope), n)| (PersonId([n; 16]), role, scope)).collect();
        for (person, role, scope) in &holders {
            town.register(*person, OTHER_COMMUNITY);
            let office = Office { role: *role, scope: *scope, keys: keys_of(*person), by: FOUNDER };
            town.state.people.grant(*person, office);
        }
        town.register(HELPER, OTHER_COMMUNITY);
        for helper in [HELPER, WORKER] {
            town.must(ANN, Body::Member(MemberEvent::HelperNamed { person: ANN, helper }));
        }
        let recorded = Self::activity(&mut town);
        Self::wishes(&mut town);
        let grant = Self::session(&mut town, ANN);
        let proposed = town.held(FAR_WORKER, joins_a_team(OTHER_COMMUNITY, town.today()));
        Self { town, recorded, grant, proposed, holders }
    }

    fn activity(town: &mut Town) -> EventId {
        town.must(WORKER, Body::planned(ACTIVITY, GRID, "care", TEXT, Lead::Person(BO)));
        town.must(WORKER, Body::Activity(ActivityEvent::Published { activity: ACTIVITY }));
        let rows = vec![Row { key: RowKey([1; 16]), person: ANN, interval: hour(town) }];
        let recorded = town.given(WORKER, Body::recorded(BatchId([1; 16]), COMMUNITY, ACTIVITY, rows));
        town.must(SECOND_WORKER, Body::all_confirmed(recorded));
        let until = town.now.plus_days(3);
        town.must(ANN, Body::Credit(CreditEvent::Held { hold: HOLD, from: ANN, to: BO, minutes: 10, until }));
        recorded
    }

    fn wishes(town: &mut Town) {
        for wish in [WISH, CLAIMED, CLAIMED_BY_ORG] {
            town.must(WORKER, Body::posted(wish, GRID, ANN, "care", TEXT, 60));
            town.must(SECOND_WORKER, Body::Wish(WishEvent::Vetted { wish, sentence: TEXT }));
        }
        let person = Claimer::Person(BO);
        town.must(
            BO,
            Body::Wish(WishEvent::Claimed { wish: CLAIMED, claimer: person, participants: vec![] }),
        );
        let (claimer, participants) = (Claimer::Org(COMMUNITY), vec![BO]);
        town.must(
            SECOND_WORKER,
            Body::Wish(WishEvent::Claimed { wish: CLAIMED_BY_ORG, claimer, participants }),
        );
    }

    fn session(town: &mut Town, person: PersonId) -> EventId {
        let until = town.now.plus_days(2);
        let grant = town.given(FOUNDER, Body::Session(SessionEvent::Granted { person, code: TEXT, until }));
        town.must(LEDGER, Body::Session(SessionEvent::Opened { person, grant, until }));
        grant
    }

    fn allows(&self, signer: PersonId, event: &Event) -> bool {
        match authorise(&self.town.state, &self.town.context(signer), event) {
            Ok(()) => true,
            Err(refusal) => {
                assert_eq!(refusal.code, Code::NotAuthorised, "{:?}", event.body);
                false
            }
        }
    }

    fn by_device(&self, actor: PersonId, body: &Body) -> bool {
        self.allows(actor, &self.town.event(actor, body.clone()))
    }

    fn by_proxy(&self, staff: PersonId, person: PersonId, body: &Body) -> bool {
        let mut event = self.town.event(staff, body.clone());
        event.acting_for = Some(person);
        event.assurance = Assurance::StaffProxy;
        self.allows(staff, &event)
    }

    /// By an own key, or in a session.
    fn helping(&self, (helper, grant): (PersonId, Option<EventId>), person: PersonId, body: &Body) -> bool {
        let mut event = self.town.event(helper, body.clone());
        (event.acting_for, event.grant) = (Some(person), grant);
        if grant.is_none() {
            return self.allows(helper, &event);
        }
        event.assurance = Assurance::ServerWitnessed;
        self.allows(LEDGER, &event)
    }

    fn witnessed(&self, person: PersonId, grant: EventId, body: &Body) -> bool {
        let mut event = self.town.event(person, body.clone());
        event.assurance = Assurance::ServerWitnessed;
        event.grant = Some(grant);
        self.allows(LEDGER, &event)
    }
}

fn joins_a_team(org: OrgId, from: Date) -> Body {
    Body::affiliated(ANN, org, AffiliationKind::Team, Span::since(from))
}

fn hour(town: &Town) -> Interval {
    let end = town.now.minute();
    Interval { start: Minute(end.0 - 60), end }
}

/// One event of every kind, or several where its reach depends on what it says; where it reaches, and whom it concerns.
fn samples(cast: &Cast) -> Vec<(Body, At, Option<PersonId>)> {
    let mut all = about_places(cast);
    all.extend(about_persons(cast));
    all.extend(about_work(cast));
    all.extend(about_credit_and_wishes());
    all.extend(about_what_waits(cast));
    all
}

fn about_places(cast: &Cast) -> Vec<(Body, At, Option<PersonId>)> {
    let (org, date) = (OrgId([60; 16]), cast.town.today());
    let span = Span::since(date);
    let register = |parent| Body::org_registered(org, OrgKind::Grid, "x", parent);
    let link = |parent| Body::org_linked(GRID, parent, EdgeKind::ReportsTo, span);
    let moved = Body::org_linked(GRID, OTHER_COMMUNITY, EdgeKind::PartOf, span);
    let adopt = |scope| {
        let policy = Policy::Records(RecordPolicy { due_working_days: 1, longest: 60 });
        Body::Policy(PolicyEvent::Adopted { scope, from: date.plus(1), policy })
    };
    let (period, cutoff, digest) = (Period::Year(2026), 0, [0; 32]);
    let list =
        Body::List(ListEvent::Published { scope: COMMUNITY, period, cutoff, policy: cast.recorded, digest });
    let (person, role) = (BO, Role::Lead);
    let community = Scope::Org(COMMUNITY);
    vec![
        (register(Some(COMMUNITY)), At::Community, None),
        (register(None), At::Ledger, None),
        (link(COMMUNITY), At::Community, None),
        (link(OTHER_COMMUNITY), At::City, None),
        (moved, At::City, None),
        (adopt(community), At::Community, None),
        (adopt(Scope::Ledger), At::Ledger, None),
        (list, At::Community, None),
        (
            Body::Notice(NoticeEvent::Published { org: COMMUNITY, title: TEXT, text: TEXT, span }),
            At::Community,
            None,
        ),
        (Body::Notice(NoticeEvent::Withdrawn { org: COMMUNITY, notice: cast.recorded }), At::Community, None),
        (Body::Ledger(LedgerEvent::StateDigest { position: 0, rules: 1, digest }), At::Ledger, None),
        (Body::Ledger(LedgerEvent::RulesAdopted { version: 2 }), At::Ledger, None),
        (
            Body::Ledger(LedgerEvent::ClockCorrected { from: START.plus_days(400), to: START }),
            At::Ledger,
            None,
        ),
        (grants(person, role, community), At::Community, None),
        (grants(person, role, Scope::Ledger), At::Ledger, None),
        (Body::Role(RoleEvent::Revoked { person, role, scope: community }), At::Community, Some(person)),
    ]
}

fn about_persons(cast: &Cast) -> Vec<(Body, At, Option<PersonId>)> {
    let (person, community, grant) = (ANN, COMMUNITY, cast.grant);
    let (until, date) = (cast.town.now.plus_days(1), cast.town.today());
    let span = Span::since(date);
    let (key, public, reason) = (KeyId::of(&key_of(ANN)), PublicKey([42; 32]), RevocationReason::Lost);
    let newcomer = PersonId([61; 16]);
    let registered = Body::registered(newcomer, GRID, TEXT, None);
    let (by, role, purpose) = (WORKER, Some(Role::Auditor), AccessPurpose::Audit);
    let looked = Body::Access(AccessEvent::RecordAccessed {
        by,
        role,
        purpose,
        what: Looked::Record,
        persons: vec![person],
    });
    let sealed =
        Body::Access(AccessEvent::LookSealed { by, role, purpose, seal: [7; 32], until: date.plus(1) });
    let opened = Body::Access(AccessEvent::LookOpened {
        by,
        sealed: cast.recorded,
        salt: [8; 32],
        what: Looked::Record,
        persons: vec![person],
    });
    let ledger_key = Body::key_revoked(LEDGER, KeyId::of(&key_of(LEDGER)), reason);
    let concerning = [
        Body::key_revoked(person, key, reason),
        Body::Member(MemberEvent::ErasureRequested { person }),
        Body::Member(MemberEvent::PersonalDataErased { person }),
        Body::Session(SessionEvent::Granted { person, code: TEXT, until }),
        Body::Session(SessionEvent::Opened { person, grant, until }),
        Body::Session(SessionEvent::Closed { person, grant }),
        Body::public_name(person, true),
        Body::Member(MemberEvent::HelperNamed { person, helper: BO }),
        Body::Member(MemberEvent::HelperEnded { person, helper: HELPER }),
        Body::ReportIn(ReportInEvent::Filed { person, community }),
        Body::ReportIn(ReportInEvent::Answered { person, community, accepted: true }),
        Body::ReportIn(ReportInEvent::Ended { person, community, on: date }),
    ];
    let mut all: Vec<_> = concerning.into_iter().map(|body| (body, At::Community, Some(ANN))).collect();
    all.push((registered, At::Community, None));
    all.push((joins_a_team(community, date), At::Community, Some(ANN)));
    all.push((joins_a_team(OTHER_COMMUNITY, date), At::Between, Some(ANN)));
    all.push((
        Body::ReportIn(ReportInEvent::Filed { person, community: OTHER_COMMUNITY }),
        At::Between,
        Some(ANN),
    ));
    all.push((Body::Key(KeyEvent::Enrolled { person, key: public, proof: PROOF }), At::Person, Some(ANN)));
    all.push((
        Body::Key(KeyEvent::Rotated { person, old: key, new: public, proof: PROOF }),
        At::Person,
        Some(ANN),
    ));
    let founder = SECOND_FOUNDER;
    let theirs = Body::Key(KeyEvent::Enrolled { person: founder, key: public, proof: PROOF });
    all.push((theirs, At::Ledger, Some(founder)));
    let old = KeyId::of(&key_of(founder));
    let theirs = Body::Key(KeyEvent::Rotated { person: founder, old, new: public, proof: PROOF });
    all.push((theirs, At::Ledger, Some(founder)));
    all.push((
        Body::List(ListEvent::MemberExempted { person, org: community, span, reason: TEXT }),
        At::Community,
        None,
    ));
    all.push((ledger_key, At::Ledger, Some(LEDGER)));
    all.extend([looked, sealed, opened].map(|body| (body, At::Ledger, None)));
    all
}

fn about_work(cast: &Cast) -> Vec<(Body, At, Option<PersonId>)> {
    let (activity, shift, person, recorded) = (ACTIVITY, SHIFT, ANN, cast.recorded);
    let interval = hour(&cast.town);
    let bodies = [
        Body::planned(activity, COMMUNITY, "care", TEXT, Lead::Person(BO)),
        Body::Activity(ActivityEvent::Published { activity }),
        Body::Activity(ActivityEvent::Closed { activity }),
        Body::Activity(ActivityEvent::Cancelled { activity, reason: TEXT }),
        Body::shift_opened(activity, shift, interval, 1),
        Body::Activity(ActivityEvent::AttendanceTaken { activity, shift, rows: vec![] }),
        Body::recorded(BatchId([2; 16]), COMMUNITY, activity, vec![]),
        Body::all_confirmed(recorded),
        Body::Hours(HoursEvent::Corrected { recorded, row: 0, replacement: None, reason: TEXT }),
    ];
    let mut all: Vec<_> = bodies.into_iter().map(|body| (body, At::Community, None)).collect();
    all.push((Body::Activity(ActivityEvent::SignedUp { activity, shift, person }), At::Community, Some(ANN)));
    all.push((
        Body::Activity(ActivityEvent::SignUpWithdrawn { activity, shift, person }),
        At::Community,
        Some(ANN),
    ));
    all
}

fn about_credit_and_wishes() -> Vec<(Body, At, Option<PersonId>)> {
    let (ann, fund, minutes) = (Account::Person(ANN), Account::Fund(COMMUNITY), 1);
    let (wish, until) = (WISH, START.plus_days(9));
    let claim = |claimer| Body::Wish(WishEvent::Claimed { wish: WISH, claimer, participants: vec![] });
    let fulfil = |wish| Body::Wish(WishEvent::Fulfilled { wish, minutes, evidence: None });
    vec![
        (transfer(ann, fund, TransferKind::Donation), At::Person, Some(ANN)),
        (transfer(fund, ann, TransferKind::Grant), At::Community, None),
        (
            Body::Credit(CreditEvent::Held { hold: HoldId([56; 16]), from: ANN, to: BO, minutes, until }),
            At::Person,
            Some(ANN),
        ),
        (Body::Credit(CreditEvent::Settled { hold: HOLD, minutes }), At::Person, Some(ANN)),
        (Body::Credit(CreditEvent::Voided { hold: HOLD }), At::Person, Some(ANN)),
        (Body::posted(WISH, GRID, ANN, "care", TEXT, minutes), At::Community, Some(ANN)),
        (Body::Wish(WishEvent::Vetted { wish, sentence: TEXT }), At::Community, None),
        (claim(Claimer::Person(ANN)), At::Person, Some(ANN)),
        (claim(Claimer::Org(COMMUNITY)), At::Community, None),
        (Body::Wish(WishEvent::Released { wish: CLAIMED }), At::Person, Some(BO)),
        (Body::Wish(WishEvent::Released { wish: CLAIMED_BY_ORG }), At::Community, None),
        (fulfil(CLAIMED), At::Person, Some(BO)),
        (fulfil(CLAIMED_BY_ORG), At::Community, None),
        (Body::Wish(WishEvent::Confirmed { wish, rating: 5 }), At::Community, Some(ANN)),
        (Body::Wish(WishEvent::Lapsed { wish, what: Lapse::Wish }), At::Community, None),
        (Body::Wish(WishEvent::Withdrawn { wish, reason: TEXT }), At::Community, Some(ANN)),
        (Body::Wish(WishEvent::Disputed { wish: CLAIMED_BY_ORG, reason: TEXT }), At::Community, Some(ANN)),
        (Body::Wish(WishEvent::DisputeUpheld { wish, reason: TEXT }), At::Community, None),
        (Body::Wish(WishEvent::DisputeRejected { wish, reason: TEXT }), At::Community, None),
    ]
}

/// Of what the other community proposed, for which the person or staff of the home have to stand.
fn about_what_waits(cast: &Cast) -> Vec<(Body, At, Option<PersonId>)> {
    let act = cast.proposed;
    vec![
        (Body::Act(ActEvent::Approved { act }), At::Community, Some(ANN)),
        (Body::Act(ActEvent::Stopped { act }), At::Community, Some(ANN)),
        (Body::Act(ActEvent::TookEffect { act }), At::Person, None),
    ]
}

fn transfer(from: Account, to: Account, kind: TransferKind) -> Body {
    Body::Credit(CreditEvent::Transferred { from, to, minutes: 1, kind })
}

fn ways(body: &Body) -> &'static [By] {
    body.kind().by()
}

/// Whether the person whom it concerns asserts it in a session; by an own key, whoever has the old one as well.
fn is_by_subject(body: &Body) -> bool {
    ways(body).iter().any(|way| matches!(way, By::Subject | By::SubjectInPerson | By::Awaited | By::Stopper))
}

/// Whether staff of the home assert it in the person's name.
fn is_by_proxy(body: &Body) -> bool {
    ways(body).iter().any(|way| matches!(way, By::Subject | By::Awaited | By::Stopper))
}

/// Whether a role asserts it; what waits here waits for staff of the home.
fn is_by_role(body: &Body, role: Role) -> bool {
    let waits = ways(body).iter().any(|way| matches!(way, By::Awaited | By::Stopper));
    ways(body).contains(&By::Role(role)) || waits && matches!(role, Role::Worker | Role::Steward)
}

#[test]
fn the_samples_leave_no_kind_out() {
    let cast = Cast::new();
    let mut kinds: Vec<_> = samples(&cast).iter().map(|(body, ..)| body.kind()).collect();
    kinds.push(BodyKind::Ledger(LedgerKind::Founded)); // has a test of its own
    kinds.sort_unstable();
    kinds.dedup();
    let mut all: Vec<_> = BodyKind::all().collect();
    all.sort_unstable();
    assert_eq!(kinds, all);
}

#[test]
fn a_role_asserts_what_the_table_says_where_it_reaches_and_nothing_else() {
    let cast = Cast::new();
    for (body, at, _) in samples(&cast) {
        for (person, role, scope) in &cast.holders {
            let expected = is_by_role(&body, *role) && at.is_reached_from(*scope, *role);
            assert_eq!(cast.by_device(*person, &body), expected, "{role:?} of {scope:?}: {body:?}");
        }
    }
}

#[test]
fn whom_it_concerns_the_ledger_and_a_stranger_assert_what_the_table_says() {
    let cast = Cast::new();
    let stranger = RESIDENT;
    for (body, _, subject) in samples(&cast) {
        let by_subject = is_by_subject(&body) || ways(&body).contains(&By::OldKey);
        for person in [ANN, BO, stranger] {
            let expected = by_subject && subject == Some(person);
            assert_eq!(cast.by_device(person, &body), expected, "{person:?}: {body:?}");
        }
        let itself = by_subject && subject == Some(LEDGER);
        let expected = ways(&body).contains(&By::Ledger) || itself;
        assert_eq!(cast.by_device(LEDGER, &body), expected, "the ledger: {body:?}");
    }
}

#[test]
fn staff_act_only_for_people_of_their_community_and_only_where_the_person_may() {
    let cast = Cast::new();
    for (body, _, subject) in samples(&cast) {
        for (staff, role, scope) in &cast.holders {
            let serves =
                matches!(role, Role::Worker | Role::Steward) && At::Community.is_reached_from(*scope, *role);
            for person in [ANN, BO] {
                let expected = is_by_proxy(&body) && subject == Some(person) && serves;
                let answer = cast.by_proxy(*staff, person, &body);
                assert_eq!(answer, expected, "{role:?} of {scope:?} for {person:?}: {body:?}");
            }
        }
        assert!(!cast.by_proxy(ANN, ANN, &body), "nobody is their own proxy: {body:?}");
        assert!(!cast.by_proxy(BO, ANN, &body), "a neighbour is not staff: {body:?}");
    }
}

#[test]
fn a_witnessed_session_asserts_what_concerns_the_person_and_uses_no_role() {
    let mut cast = Cast::new();
    let holders = cast.holders.clone();
    let sessions: Vec<_> =
        holders.iter().map(|(person, ..)| (*person, Cast::session(&mut cast.town, *person))).collect();
    for (body, _, subject) in samples(&cast) {
        let expected = is_by_subject(&body) && subject == Some(ANN);
        assert_eq!(cast.witnessed(ANN, cast.grant, &body), expected, "{body:?}");
        assert!(!cast.witnessed(BO, cast.grant, &body), "in another's session: {body:?}");
        for (person, session) in &sessions {
            assert!(!cast.witnessed(*person, *session, &body), "{person:?}: {body:?}");
        }
    }
}

#[test]
fn a_helper_asserts_for_the_person_what_the_table_says_and_nothing_else() {
    let mut cast = Cast::new();
    let session = Cast::session(&mut cast.town, HELPER);
    for (body, _, subject) in samples(&cast) {
        let of_helpers = ways(&body).contains(&By::Helper) && subject == Some(ANN);
        for hand in [(HELPER, None), (HELPER, Some(session))] {
            assert_eq!(cast.helping(hand, ANN, &body), of_helpers, "{hand:?}: {body:?}");
            assert!(!cast.helping(hand, BO, &body), "for whom did not name the helper: {body:?}");
        }
        assert!(!cast.by_device(HELPER, &body), "in the own name: {body:?}");
        assert!(!cast.witnessed(HELPER, session, &body), "in the own name: {body:?}");
        assert!(!cast.by_proxy(HELPER, ANN, &body), "a helper is not staff: {body:?}");
        let ends = matches!(body, Body::Member(MemberEvent::HelperEnded { .. }));
        let by_staff = cast.helping((WORKER, None), ANN, &body);
        assert_eq!(by_staff, of_helpers && !ends, "a helper uses no role and ends no other helper: {body:?}");
        for (stranger, ..) in cast.holders.iter().chain([&(BO, Role::Lead, Scope::Ledger)]) {
            assert!(!cast.helping((*stranger, None), ANN, &body), "nobody named {stranger:?}: {body:?}");
        }
        assert!(!cast.helping((ANN, None), ANN, &body), "nobody is their own helper: {body:?}");
    }
}

#[test]
fn the_signature_must_be_the_one_that_the_assurance_promises() {
    let cast = Cast::new();
    for (body, ..) in samples(&cast) {
        for (person, ..) in &cast.holders {
            let event = cast.town.event(*person, body.clone());
            assert!(!cast.allows(RESIDENT, &event), "signed by another: {body:?}");
            let ledger = Event { assurance: Assurance::ServerWitnessed, ..event.clone() };
            assert!(!cast.allows(LEDGER, &ledger), "without a session: {body:?}");
            let cited = Event { grant: Some(cast.grant), ..event.clone() };
            assert!(!cast.allows(*person, &cited), "an own key needs no session: {body:?}");
            let named = Event { acting_for: Some(ANN), ..event };
            assert!(!cast.allows(*person, &named), "acting for a person is said to be so: {body:?}");
        }
    }
}
