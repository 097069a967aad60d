//! Every event that somebody could assert about Ann, about what is theirs, or about nothing in particular.

use super::town::*;
use hourbook_ledger::domain::event::*;
use hourbook_ledger::domain::event::{
    AccessEvent, ActEvent, ActKind, ActivityEvent, ActivityKind, CreditEvent, CreditKind, HoursEvent,
    KeyEvent, KeyKind, LedgerEvent, ListEvent, MemberEvent, MemberKind, NoticeEvent, PolicyEvent,
    ReportInEvent, ReportInKind, RoleEvent, SessionEvent, SessionKind, WishEvent, WishKind,
};
use hourbook_ledger::domain::ids::*;
use hourbook_ledger::domain::policy::{Policy, RecordPolicy, WaitingPolicy};

/// A body, and in whose name it is said.
pub(crate) type Act = (Body, Name);

/// What a hand could assert as things stand; `round` tells keys and ids of the same kind apart along a chain.
pub(crate) fn acts(world: &World, hand: Hand, round: u8) -> Vec<Act> {
    let mut bodies = about_ann(world, hand, round);
    bodies.extend(about_ties(world));
    bodies.extend(about_places(world, hand, round));
    bodies.extend(about_work(world, hand, round));
    bodies.extend(about_credit_and_wishes(world, hand));
    bodies.extend(of_the_ledger(world));
    let of_ann: Vec<Body> =
        bodies.iter().filter(|body| hand.person != ANN && names_ann(body)).cloned().collect();
    let proxies = of_ann.iter().filter(|_| matches!(hand.means, Means::Key(_))).cloned();
    let proxies: Vec<_> = proxies.map(|body| (body, Name::OfAnn)).collect();
    // Whoever is not her helper tries it with what a helper could do, and with what would be worth the most.
    let helps = world.state.people.helps(hand.person, ANN);
    let as_helper = of_ann.into_iter().filter(|body| helps || tempts(body));
    let as_helper = as_helper.map(|body| (body, Name::AsHelper));
    bodies.into_iter().map(|body| (body, Name::Own)).chain(proxies).chain(as_helper).collect()
}

fn tempts(body: &Body) -> bool {
    use BodyKind as K;
    let kinds = [
        K::Activity(ActivityKind::SignedUp),
        K::Member(MemberKind::HelperNamed),
        K::Member(MemberKind::ErasureRequested),
    ];
    kinds.contains(&body.kind())
}

/// Nothing else can be said in her name.
fn names_ann(body: &Body) -> bool {
    use BodyKind as K;
    let kinds = [
        K::Key(KeyKind::Enrolled),
        K::Key(KeyKind::Revoked),
        K::Member(MemberKind::Affiliated),
        K::ReportIn(ReportInKind::Filed),
        K::ReportIn(ReportInKind::Ended),
        K::Activity(ActivityKind::SignedUp),
        K::Activity(ActivityKind::SignUpWithdrawn),
        K::Credit(CreditKind::Transferred),
        K::Credit(CreditKind::Held),
        K::Credit(CreditKind::Settled),
        K::Wish(WishKind::Claimed),
        K::Wish(WishKind::Withdrawn),
        K::Wish(WishKind::Disputed),
        K::Member(MemberKind::ErasureRequested),
        K::Session(SessionKind::Closed),
        K::Member(MemberKind::ConsentGiven),
        K::Member(MemberKind::HelperNamed),
        K::Member(MemberKind::HelperEnded),
        K::Act(ActKind::Approved),
        K::Act(ActKind::Stopped),
    ];
    kinds.contains(&body.kind())
}

/// A key that nobody had before.
fn fresh(hand: Hand, person: PersonId, round: u8) -> PublicKey {
    let mut key = [200; 32];
    key[0] = hand.person.0[0];
    key[1] = person.0[0];
    key[2] = round;
    key[3] = u8::from(matches!(hand.means, Means::Session(_)));
    PublicKey(key)
}

fn about_ann(world: &World, hand: Hand, round: u8) -> Vec<Body> {
    let until = world.now.plus_days(1);
    let key = |person| fresh(hand, person, round);
    let mut all = vec![
        Body::Member(MemberEvent::ErasureRequested { person: ANN }),
        Body::public_name(ANN, true),
        Body::Key(KeyEvent::Enrolled { person: ANN, key: key(ANN), proof: PROOF }),
        Body::Member(MemberEvent::PersonalDataErased { person: ANN }),
    ];
    let helper = if hand.person == ANN { NEIGHBOUR } else { hand.person };
    all.push(Body::Member(MemberEvent::HelperNamed { person: ANN, helper }));
    let other = if hand.person == NEIGHBOUR { OTHER_WORKER_A } else { NEIGHBOUR };
    all.push(Body::Member(MemberEvent::HelperNamed { person: ANN, helper: other }));
    let mut helpers: Vec<_> = world.state.people.helpers(ANN).chain([helper]).collect();
    helpers.dedup();
    all.extend(
        helpers.into_iter().map(|helper| Body::Member(MemberEvent::HelperEnded { person: ANN, helper })),
    );
    for person in [ANN, hand.person, PROMOTED] {
        all.push(Body::Session(SessionEvent::Granted { person, code: TEXT, until }));
    }
    if hand.person != ANN {
        all.push(Body::Key(KeyEvent::Enrolled { person: hand.person, key: key(hand.person), proof: PROOF }));
        all.push(Body::Member(MemberEvent::ErasureRequested { person: hand.person }));
    }
    let reason = RevocationReason::Stolen;
    let mut holders = vec![ANN, OTHER_WORKER_B, hand.person];
    holders.dedup();
    for person in holders {
        if let Some((id, _)) = world.state.keys.of(person).find(|(_, key)| key.until.is_none()) {
            all.push(Body::key_revoked(person, id, reason));
            all.push(Body::Key(KeyEvent::Rotated { person, old: id, new: key(person), proof: PROOF }));
        }
    }
    let sessions =
        world.state.sessions.iter().filter(|(_, session)| session.person == ANN && !session.closed);
    let mut sessions: Vec<_> = sessions.map(|(grant, _)| *grant).collect();
    sessions.sort_unstable();
    all.extend(sessions.into_iter().map(|grant| Body::Session(SessionEvent::Closed { person: ANN, grant })));
    all
}

fn about_ties(world: &World) -> Vec<Body> {
    use AffiliationKind::{Organisational, ReportedIn, Resident, Team};
    let (person, today) = (ANN, world.today());
    let tie = |org, kind, from, to| {
        let span = Span { from, to };
        Body::affiliated(person, org, kind, span)
    };
    let mut all: Vec<_> = [(B, Resident), (B, Team), (B, ReportedIn), (B, Organisational), (A, Resident)]
        .into_iter()
        .chain([(BRANCH, Organisational), (UNIT, Organisational), (BRANCH, Team)])
        .map(|(org, kind)| tie(org, kind, today, None))
        .collect();
    all.push(tie(B, Resident, today.plus(-5), Some(today.plus(5))));
    let ann = world.state.people.get(ANN).expect("she is registered");
    let open = ann.affiliations.iter().filter(|tie| tie.span.to.is_none());
    all.extend(open.map(|open| tie(open.org, open.kind, open.span.from, Some(today.plus(1)))));
    for community in [A, B] {
        all.push(Body::ReportIn(ReportInEvent::Filed { person, community }));
        all.push(Body::ReportIn(ReportInEvent::Answered { person, community, accepted: true }));
        all.push(Body::ReportIn(ReportInEvent::Ended { person, community, on: today }));
    }
    let mut held: Vec<_> = world.state.acts.iter().map(|(act, _)| *act).collect();
    held.sort_unstable();
    for act in held {
        all.extend([
            Body::Act(ActEvent::Approved { act }),
            Body::Act(ActEvent::Stopped { act }),
            Body::Act(ActEvent::TookEffect { act }),
        ]);
    }
    if all.iter().all(|body| body.kind() != BodyKind::Act(ActKind::Approved)) {
        all.push(Body::Act(ActEvent::Approved { act: world.recorded }));
    }
    all
}

fn about_places(world: &World, hand: Hand, round: u8) -> Vec<Body> {
    let today = world.today();
    let span = Span::since(today);
    let org = OrgId([150 + round; 16]);
    let mut all = vec![
        Body::org_registered(org, OrgKind::Grid, "x", Some(B)),
        Body::org_linked(A, B, EdgeKind::PartOf, span),
        Body::org_linked(GRID, B, EdgeKind::PartOf, span),
    ];
    let key = match hand.means {
        Means::Key(key) => key,
        Means::Session(_) => KeyId::of(&key_of(hand.person)),
    };
    let (person, keys) = (hand.person, vec![key]);
    for (role, scope) in
        [(Role::Worker, Scope::Org(A)), (Role::Auditor, Scope::Ledger), (Role::Worker, Scope::Org(B))]
    {
        all.push(Body::appointed(person, role, scope, keys.clone()));
    }
    let (role, scope) = (Role::Worker, Scope::Org(A));
    for person in [OTHER_WORKER_A, hand.person] {
        all.push(Body::Role(RoleEvent::Revoked { person, role, scope }));
    }
    let founder = SECOND_FOUNDER;
    all.push(Body::Role(RoleEvent::Revoked { person: founder, role: Role::Founder, scope: Scope::Ledger }));
    let policy = Policy::Waiting(WaitingPolicy { days: 7 });
    all.push(Body::policy_adopted(today.plus(1), policy));
    let policy = Policy::Records(RecordPolicy { due_working_days: 1, longest: 60 });
    all.push(Body::Policy(PolicyEvent::Adopted { scope: Scope::Org(B), from: today.plus(1), policy }));
    for (person, home) in [(PersonId([160 + round; 16]), B), (ANN, B)] {
        all.push(Body::registered(person, home, TEXT, None));
    }
    all
}

fn about_work(world: &World, hand: Hand, round: u8) -> Vec<Body> {
    let (activity, shift, recorded, person) = (ACTIVITY, SHIFT, world.recorded, ANN);
    let end = world.now.minute();
    let interval = hourbook_ledger::domain::time::Interval {
        start: hourbook_ledger::domain::time::Minute(end.0 - 30),
        end,
    };
    let attended = Attended::NoShow;
    let lead = Lead::Named(TEXT);
    vec![
        Body::planned(ActivityId([170 + round; 16]), B, "care", TEXT, lead),
        Body::Activity(ActivityEvent::Published { activity }),
        Body::Activity(ActivityEvent::Closed { activity }),
        Body::Activity(ActivityEvent::Cancelled { activity, reason: TEXT }),
        Body::shift_opened(activity, ShiftId([171 + round; 16]), interval, 1),
        Body::Activity(ActivityEvent::SignedUp { activity, shift, person }),
        Body::Activity(ActivityEvent::SignUpWithdrawn { activity, shift, person }),
        Body::Activity(ActivityEvent::AttendanceTaken {
            activity,
            shift,
            rows: vec![Attendee { person, attended }],
        }),
        world.hours([ANN], 180 + round + hand.person.0[0]),
        Body::Hours(HoursEvent::Confirmed { recorded, rows: Rows::Some { indexes: vec![2] } }),
        Body::Hours(HoursEvent::Corrected { recorded, row: 0, replacement: None, reason: TEXT }),
        Body::Hours(HoursEvent::Corrected { recorded, row: 1, replacement: Some(interval), reason: TEXT }),
    ]
}

fn about_credit_and_wishes(world: &World, hand: Hand) -> Vec<Body> {
    let (ann, minutes) = (Account::Person(ANN), 5);
    let other = if hand.person == NEIGHBOUR { OTHER_WORKER_A } else { NEIGHBOUR };
    let until = world.now.plus_days(9);
    let (wish, reason, resident) = (WISH, TEXT, ANN);
    let span = Span::since(world.today());
    let notice_span = Span { to: Some(span.from.plus(9)), ..span };
    let move_credit = |from, to, kind| Body::Credit(CreditEvent::Transferred { from, to, minutes, kind });
    let list = |scope| {
        let (period, cutoff, policy, digest) = (FEBRUARY, 3, world.points, [0; 32]);
        Body::List(ListEvent::Published { scope, period, cutoff, policy, digest })
    };
    let claim = |claimer, participants| Body::Wish(WishEvent::Claimed { wish, claimer, participants });
    vec![
        move_credit(ann, Account::Fund(B), TransferKind::Donation),
        move_credit(ann, Account::Person(other), TransferKind::Gift),
        move_credit(Account::Fund(A), Account::Person(other), TransferKind::Grant),
        move_credit(Account::Fund(B), Account::Person(other), TransferKind::Grant),
        Body::Credit(CreditEvent::Held { hold: OTHER_HOLD, from: ANN, to: other, minutes, until }),
        Body::Credit(CreditEvent::Settled { hold: HOLD, minutes }),
        Body::Credit(CreditEvent::Settled { hold: OTHER_HOLD, minutes }),
        Body::Credit(CreditEvent::Voided { hold: HOLD }),
        Body::posted(WishId([191; 16]), B, resident, "care", TEXT, minutes),
        Body::Wish(WishEvent::Vetted { wish: DRAFT, sentence: TEXT }),
        claim(Claimer::Person(hand.person), vec![OTHER_WORKER_A]),
        claim(Claimer::Org(B), vec![ANN]),
        Body::Wish(WishEvent::Released { wish }),
        Body::Wish(WishEvent::Fulfilled { wish, minutes, evidence: None }),
        Body::Wish(WishEvent::Confirmed { wish, rating: 5 }),
        Body::Wish(WishEvent::Withdrawn { wish, reason }),
        Body::Wish(WishEvent::Disputed { wish, reason }),
        Body::Wish(WishEvent::DisputeUpheld { wish, reason }),
        Body::Wish(WishEvent::DisputeRejected { wish, reason }),
        Body::Notice(NoticeEvent::Published { org: A, title: TEXT, text: TEXT, span: notice_span }),
        Body::Notice(NoticeEvent::Withdrawn { org: A, notice: world.recorded }),
        list(A),
        list(B),
        list(BRANCH),
        Body::List(ListEvent::MemberExempted { person: ANN, org: BRANCH, span, reason }),
        Body::List(ListEvent::MemberExempted { person: ANN, org: A, span, reason }),
    ]
}

/// What only the ledger or a founder asserts.
fn of_the_ledger(world: &World) -> Vec<Body> {
    let persons = vec![ANN];
    let founder = FounderKey { person: ANN, key: key_of(ANN) };
    let (log_key, ledger_key) = (PublicKey([99; 32]), key_of(LEDGER));
    let offset = hourbook_ledger::domain::time::Offset(480);
    let founding =
        Founding { offset, founders: [founder, founder], log_key, ledger_person: LEDGER, ledger_key };
    let (grant, until) = (world.recorded, world.now.plus_days(9));
    let (role, purpose, what) = (Some(Role::Auditor), AccessPurpose::Audit, Looked::Record);
    let (digest, position) = ([0; 32], world.position.saturating_sub(1));
    let (by, sealed, day) = (NEIGHBOUR, world.recorded, world.today().plus(9));
    let mut all = vec![
        Body::Ledger(LedgerEvent::Founded(founding)),
        Body::Ledger(LedgerEvent::StateDigest { position, rules: 2, digest }),
        Body::Ledger(LedgerEvent::RulesAdopted { version: 3 }),
        Body::Ledger(LedgerEvent::ClockCorrected { from: until, to: world.now }),
        Body::Session(SessionEvent::Opened { person: ANN, grant, until }),
        Body::Access(AccessEvent::RecordAccessed { by, role, purpose, what, persons: persons.clone() }),
        Body::Access(AccessEvent::LookSealed { by, role, purpose, seal: digest, until: day }),
        Body::Access(AccessEvent::LookOpened { by, sealed, salt: digest, what, persons }),
        Body::Wish(WishEvent::Lapsed { wish: WISH, what: Lapse::Wish }),
    ];
    if world.state.acts.iter().next().is_none() {
        all.extend([
            Body::Act(ActEvent::Stopped { act: grant }),
            Body::Act(ActEvent::TookEffect { act: grant }),
        ]);
    }
    all
}
