//! What is tried: every kind of event, about somebody or about a place, with what the oracle says becomes of it.

use hourbook_ledger::actor::Actor;
use hourbook_ledger::commitment::{Field, Opening};
use hourbook_ledger::domain::event::*;
use hourbook_ledger::domain::event::{
    AccessEvent, AccessKind, ActEvent, ActKind, ActivityEvent, ActivityKind, CreditEvent, HoursEvent,
    LedgerEvent, LedgerKind, ListEvent, MemberEvent, MemberKind, PolicyEvent, ReportInEvent, RoleEvent,
    SessionEvent, SessionKind, WishEvent, WishKind,
};
use hourbook_ledger::domain::ids::*;
use hourbook_ledger::domain::policy::{Policy, RecordPolicy};
use hourbook_tests::server::{ORIGIN, person};
use hourbook_tests::town::*;

use super::cast::*;
use super::reads::Scene;
use super::states::*;
use super::verdicts::Verdict;
use super::verdicts::Verdict::No;

/// Something that somebody could assert.
pub(crate) struct Try {
    pub(crate) body: Body,
    pub(crate) openings: Vec<Opening>,
    /// In whose name, if not in the own, and as what.
    pub(crate) acting_for: Option<(PersonId, Assurance)>,
    pub(crate) owed: Verdict,
}

impl Try {
    /// The event as it is tried.
    pub(crate) fn event(&self, plain: Event) -> Event {
        let Some((person, assurance)) = self.acting_for else { return plain };
        Event { acting_for: Some(person), assurance, ..plain }
    }

    /// How it is said, for what is found.
    pub(crate) fn how(&self) -> &'static str {
        match self.acting_for {
            None => "",
            Some((_, Assurance::StaffProxy)) => " by proxy",
            Some(_) => " as a helper",
        }
    }
}

fn plain(body: Body, owed: Verdict) -> Try {
    Try { body, openings: Vec::new(), acting_for: None, owed }
}

fn with(body: Body, opening: Opening, owed: Verdict) -> Try {
    Try { body, openings: vec![opening], acting_for: None, owed }
}

fn proxy(body: Body, subject: &Subject, owed: Verdict) -> Try {
    let acting_for = Some((subject.id(), Assurance::StaffProxy));
    Try { body, openings: Vec::new(), acting_for, owed }
}

fn as_helper(body: Body, subject: &Subject, owed: Verdict) -> Try {
    let acting_for = Some((subject.id(), Assurance::DeviceKey));
    Try { body, openings: Vec::new(), acting_for, owed }
}

/// A key that nobody has yet, in the hands of whoever tries, saying that it is the person's.
fn fresh(subject: &Subject) -> Actor {
    Actor::new(subject.id(), ORIGIN, key_of(SUBJECT, subject.number, 9))
}

/// Whom acts are about: enough to have each side in each place.
pub(crate) fn is_tried(state: State) -> bool {
    use State::*;
    matches!(state, Home | Far | ListedByUnit | AskedItself | Filed | ReportedIn | MemberOfUnit | Moved)
}

/// Everything about one person.
pub(crate) fn about(scene: &Scene, viewer: &Viewer, subject: &Subject) -> Vec<Try> {
    let mut all = keys_and_consents(scene, viewer, subject);
    all.extend(ties(scene, viewer, subject));
    all.extend(credit(scene, viewer, subject));
    all.extend(wishes(viewer, subject));
    all.extend(by_proxy(scene, viewer, subject));
    all.extend(helping(scene, viewer, subject));
    all
}

fn keys_and_consents(scene: &Scene, viewer: &Viewer, subject: &Subject) -> Vec<Try> {
    let (id, own) = (subject.id(), viewer.own_affair(subject));
    let (new, old) = (fresh(subject), subject.who.key_id());
    let code = sealed(id.0, Field::Code, "5522330011");
    let until = scene.town.server.now().plus_days(1);
    let granted = Body::Session(SessionEvent::Granted { person: id, code: code.commitment(), until });
    let (role, scope) = (Role::Lead, Scope::Org(COMMUNITY));
    let agreed = Body::public_name(id, true);
    let (activity, shift) = (scene.work.activity, scene.work.shift);
    vec![
        plain(new.enrolment(), own),
        plain(new.rotation_from(old), own),
        plain(Body::key_revoked(id, old, RevocationReason::Lost), viewer.ends_a_key(subject)),
        plain(Body::appointed(id, role, scope, vec![old]), viewer.governs(&[COMMUNITY])),
        plain(Body::Member(MemberEvent::ErasureRequested { person: id }), viewer.irreversible(subject)),
        with(granted, code, viewer.hands_out(subject)),
        plain(agreed, own),
        plain(Body::Activity(ActivityEvent::SignedUp { activity, shift, person: id }), own),
        // Nobody has a place there to give back.
        plain(Body::Activity(ActivityEvent::SignUpWithdrawn { activity, shift, person: id }), No),
        plain(Body::Member(MemberEvent::PersonalDataErased { person: id }), No),
        plain(Body::Session(SessionEvent::Opened { person: id, grant: scene.work.recorded, until }), No),
    ]
}

fn ties(scene: &Scene, viewer: &Viewer, subject: &Subject) -> Vec<Try> {
    use AffiliationKind::{Organisational, Resident, Team};
    let (id, now) = (subject.id(), day(&scene.town));
    let tie = |org, kind| Body::affiliated(id, org, kind, Span::since(now));
    let mut all = vec![plain(tie(FAR_TEAM, Team), viewer.ties(subject, FAR_TEAM))];
    if subject.state != State::MemberOfUnit {
        all.push(plain(tie(UNIT, Organisational), viewer.ties(subject, UNIT)));
    }
    if subject.state != State::Moved {
        all.push(plain(tie(ELSEWHERE, Resident), viewer.ties(subject, ELSEWHERE)));
    }
    let community = ELSEWHERE;
    let filed = Body::ReportIn(ReportInEvent::Filed { person: id, community });
    let answered = Body::ReportIn(ReportInEvent::Answered { person: id, community, accepted: true });
    let ended = Body::ReportIn(ReportInEvent::Ended { person: id, community, on: now });
    match subject.state {
        State::Filed => all.push(plain(answered, viewer.answers(community))),
        State::ReportedIn => all.push(plain(ended, viewer.ends_report_in(subject, community))),
        _ => {
            all.push(plain(filed, viewer.reports_in(subject, community)));
            all.push(plain(answered, No));
            all.push(plain(ended, No));
        }
    }
    let act = subject.act.map(|(act, ..)| act);
    match (act, subject.state) {
        (Some(act), State::ListedByUnit) => {
            all.push(plain(Body::Act(ActEvent::Approved { act }), viewer.agrees(subject)));
            all.push(plain(Body::Act(ActEvent::Stopped { act }), viewer.agrees(subject)));
            all.push(plain(Body::Act(ActEvent::TookEffect { act }), No));
        }
        (Some(act), State::AskedItself) => {
            let admits = viewer.admits(subject, UNIT);
            all.push(plain(Body::Act(ActEvent::Approved { act }), admits));
            all.push(plain(Body::Act(ActEvent::Stopped { act }), admits.max(viewer.own_affair(subject))));
        }
        _ => {}
    }
    all
}

fn credit(scene: &Scene, viewer: &Viewer, subject: &Subject) -> Vec<Try> {
    let (id, own, hold) = (subject.id(), viewer.own_affair(subject), subject.hold);
    let until = scene.town.server.now().plus_days(9);
    let mut new = hold;
    new.0[4] = 0x77;
    let moved = |from, to, kind| Body::Credit(CreditEvent::Transferred { from, to, minutes: 2, kind });
    let gift = moved(Account::Person(id), Account::Fund(ELSEWHERE), TransferKind::Donation);
    let grant = moved(Account::Fund(COMMUNITY), Account::Person(id), TransferKind::Grant);
    vec![
        plain(gift, own),
        plain(grant, if viewer.id == Some(id) { No } else { viewer.pays(COMMUNITY) }),
        plain(
            Body::Credit(CreditEvent::Held { hold: new, from: id, to: person(FAR), minutes: 2, until }),
            own,
        ),
        plain(Body::Credit(CreditEvent::Settled { hold, minutes: 1 }), own),
        plain(Body::Credit(CreditEvent::Voided { hold }), own),
    ]
}

fn wishes(viewer: &Viewer, subject: &Subject) -> Vec<Try> {
    let (wish, resident) = (subject.wish, subject.id());
    let mut new = wish;
    new.0[4] = 0x77;
    let text = sealed(resident.0, Field::WishText, "愿望字句，再来一盏");
    let reason = sealed(wish.0, Field::Reason, "不需要了");
    let posted = Body::posted(new, COMMUNITY, resident, "goods", text.commitment(), 30);
    let withdrawn = Body::Wish(WishEvent::Withdrawn { wish, reason: reason.commitment() });
    let why = sealed(wish.0, Field::Reason, "不是这样");
    let disputed = Body::Wish(WishEvent::Disputed { wish, reason: why.commitment() });
    let upheld = Body::Wish(WishEvent::DisputeUpheld { wish, reason: why.commitment() });
    let rejected = Body::Wish(WishEvent::DisputeRejected { wish, reason: why.commitment() });
    let mine = viewer.id.unwrap_or(resident);
    let claim =
        |by| Body::Wish(WishEvent::Claimed { wish, claimer: Claimer::Person(by), participants: vec![] });
    let mut all = vec![
        with(posted, text, viewer.serves(COMMUNITY)),
        // Nobody has said yet that it is done.
        plain(Body::Wish(WishEvent::Confirmed { wish, rating: 5 }), No),
        plain(Body::Wish(WishEvent::Lapsed { wish, what: Lapse::Wish }), No),
        with(disputed, why.clone(), No),
        with(upheld, why.clone(), No),
        with(rejected, why, No),
    ];
    if subject.state == State::Home {
        all.push(plain(Body::Wish(WishEvent::Released { wish }), viewer.helps()));
        all.push(plain(
            Body::Wish(WishEvent::Fulfilled { wish, minutes: 20, evidence: None }),
            viewer.helps(),
        ));
    } else {
        all.push(with(withdrawn, reason, viewer.withdraws(subject)));
    }
    if subject.is_vetted() && subject.state != State::Home {
        all.push(plain(claim(mine), viewer.takes_on(subject)));
    }
    if !subject.is_vetted() {
        let sentence = sealed(wish.0, Field::WishSentence, "想要两盏灯");
        let vetted = Body::Wish(WishEvent::Vetted { wish, sentence: sentence.commitment() });
        all.push(with(vetted, sentence, viewer.serves(COMMUNITY)));
    }
    all
}

/// What staff say in the name of somebody.
fn by_proxy(scene: &Scene, viewer: &Viewer, subject: &Subject) -> Vec<Try> {
    if viewer.id == Some(subject.id()) {
        return Vec::new();
    }
    let id = subject.id();
    let (activity, shift) = (scene.work.activity, scene.work.shift);
    let agreed = |agreed| Body::public_name(id, agreed);
    let (from, to) = (Account::Person(id), Account::Fund(ELSEWHERE));
    let gift = Body::Credit(CreditEvent::Transferred { from, to, minutes: 2, kind: TransferKind::Donation });
    vec![
        proxy(
            Body::Activity(ActivityEvent::SignedUp { activity, shift, person: id }),
            subject,
            viewer.in_the_name_of(subject),
        ),
        proxy(agreed(false), subject, viewer.in_the_name_of(subject)),
        proxy(agreed(true), subject, viewer.irreversible_in_the_name_of(subject)),
        proxy(
            Body::Member(MemberEvent::ErasureRequested { person: id }),
            subject,
            viewer.irreversible_in_the_name_of(subject),
        ),
        // Neither keys nor credit move on a staff member's word.
        proxy(fresh(subject).enrolment(), subject, No),
        proxy(gift, subject, No),
    ]
}

/// Who helps, and what a helper says in the name of somebody.
fn helping(scene: &Scene, viewer: &Viewer, subject: &Subject) -> Vec<Try> {
    let id = subject.id();
    let (activity, shift) = (scene.work.activity, scene.work.shift);
    let named = |helper| Body::Member(MemberEvent::HelperNamed { person: id, helper });
    let ended = |helper| Body::Member(MemberEvent::HelperEnded { person: id, helper });
    let (another, helper) = (person(BEN), helper().person);
    let mut all = vec![plain(named(another), viewer.own_affair(subject))];
    let ends = if subject.has_helper() { viewer.own_affair(subject) } else { No };
    all.push(plain(ended(helper), ends));
    if viewer.id == Some(id) {
        return all;
    }
    let helps = if subject.has_helper() { viewer.helps() } else { No };
    let (from, to) = (Account::Person(id), Account::Fund(ELSEWHERE));
    let gift = Body::Credit(CreditEvent::Transferred { from, to, minutes: 2, kind: TransferKind::Donation });
    let by_staff = if subject.has_helper() { viewer.in_the_name_of(subject) } else { No };
    all.extend([
        proxy(named(another), subject, viewer.irreversible_in_the_name_of(subject)),
        proxy(ended(helper), subject, by_staff),
        as_helper(Body::Activity(ActivityEvent::SignedUp { activity, shift, person: id }), subject, helps),
        as_helper(ended(helper), subject, helps),
        as_helper(named(another), subject, No),
        as_helper(Body::public_name(id, false), subject, No),
        as_helper(Body::Member(MemberEvent::ErasureRequested { person: id }), subject, No),
        as_helper(fresh(subject).enrolment(), subject, No),
        as_helper(gift, subject, No),
    ]);
    let me = viewer.id.filter(|me| *me != helper);
    // Nobody names themselves for another, whatever their office.
    all.extend(me.map(|me| proxy(named(me), subject, No)));
    all
}

/// Everything about places, work, and the ledger.
pub(crate) fn at_large(scene: &Scene, viewer: &Viewer) -> Vec<Try> {
    let mut all = of_places(scene, viewer);
    all.extend(of_work(scene, viewer));
    all.extend(of_the_ledger(scene));
    all
}

fn of_places(scene: &Scene, viewer: &Viewer) -> Vec<Try> {
    let (now, who) = (day(&scene.town), PersonId([0x44; 16]));
    let name = sealed(who.0, Field::Name, "新来的");
    let member = |person, home| Body::registered(person, home, name.commitment(), None);
    let link = Body::org_linked(BRANCH, COMMUNITY, EdgeKind::ReportsTo, Span::since(now.plus(1)));
    let grid = Body::org_registered(OrgId([0x45; 16]), OrgKind::Grid, "第二网格", Some(COMMUNITY));
    let policy = Policy::Records(RecordPolicy { due_working_days: 9, longest: 600 });
    let policy =
        Body::Policy(PolicyEvent::Adopted { scope: Scope::Org(COMMUNITY), from: now.plus(1), policy });
    let title = sealed(COMMUNITY.0, Field::Title, "停水通知");
    let text = sealed(COMMUNITY.0, Field::Content, "周六上午停水。");
    let notice = Body::Notice(NoticeEvent::Published {
        org: COMMUNITY,
        title: title.commitment(),
        text: text.commitment(),
        span: Span { from: now, to: Some(now.plus(2)) },
    });
    let (role, scope) = (Role::Worker, Scope::Org(COMMUNITY));
    let dismissed = Body::Role(RoleEvent::Revoked { person: person(SECOND_WORKER), role, scope });
    vec![
        with(member(who, GRID), name.clone(), viewer.registers(GRID)),
        // Nobody takes somebody over by registering the person again.
        with(member(scene.subjects[0].id(), ELSEWHERE), name.clone(), No),
        plain(link, viewer.governs(&[BRANCH, COMMUNITY])),
        plain(grid, viewer.governs(&[COMMUNITY])),
        plain(policy, viewer.governs(&[COMMUNITY])),
        Try { openings: vec![title, text], ..plain(notice, viewer.tells(COMMUNITY)) },
        // Nobody has published one.
        plain(Body::Notice(NoticeEvent::Withdrawn { org: COMMUNITY, notice: scene.work.recorded }), No),
        plain(dismissed, viewer.governs(&[COMMUNITY])),
    ]
}

fn of_work(scene: &Scene, viewer: &Viewer) -> Vec<Try> {
    let (work, id) = (&scene.work, scene.subjects[0].id());
    let planned = ActivityId([0x46; 16]);
    let title = sealed(planned.0, Field::Title, "再扫一次");
    let lead = Lead::Person(person(WORKER));
    let plan = Body::planned(planned, COMMUNITY, "cleaning", title.commitment(), lead);
    let reason = |of: [u8; 16]| sealed(of, Field::Reason, "下雨了");
    let (activity, shift) = (work.activity, work.shift);
    let cancelled =
        Body::Activity(ActivityEvent::Cancelled { activity, reason: reason(activity.0).commitment() });
    let recorded = work.recorded;
    let corrected = Body::Hours(HoursEvent::Corrected {
        recorded: work.confirmed,
        row: 6,
        replacement: None,
        reason: reason(work.confirmed.0).commitment(),
    });
    let row = Row { key: RowKey([0x47; 16]), person: id, interval: interval(0, 300, 20) };
    let batch = BatchId(scene.town.id().0);
    let hours = Body::recorded(batch, COMMUNITY, ActivityId([140; 16]), vec![row]);
    let rows = vec![Attendee { person: id, attended: Attended::NoShow }];
    let exempted = &scene.subjects[State::MemberOfUnit as usize];
    let because = sealed(exempted.id().0, Field::Reason, "长期病假");
    let span = Span::since(day(&scene.town));
    let exempt = Body::List(ListEvent::MemberExempted {
        person: exempted.id(),
        org: UNIT,
        span,
        reason: because.commitment(),
    });
    vec![
        with(plan, title, viewer.works(COMMUNITY)),
        plain(
            Body::Activity(ActivityEvent::Published { activity: ActivityId([140; 16]) }),
            viewer.works(GRID),
        ),
        plain(Body::Activity(ActivityEvent::Closed { activity }), viewer.works(GRID)),
        with(cancelled, reason(activity.0), viewer.works(GRID)),
        plain(Body::shift_opened(activity, ShiftId([0x48; 16]), work.later, 3), viewer.works(GRID)),
        // Nobody signed up, and it has not begun.
        plain(Body::Activity(ActivityEvent::AttendanceTaken { activity, shift, rows }), No),
        plain(hours, viewer.works(COMMUNITY)),
        plain(Body::all_confirmed(recorded), viewer.works(COMMUNITY)),
        with(corrected, reason(work.confirmed.0), viewer.corrects(COMMUNITY)),
        plain(work.list.clone(), viewer.publishes(GRID)),
        with(exempt, because, viewer.exempts(UNIT)),
    ]
}

/// What only the ledger asserts, or a founder when there is cause.
fn of_the_ledger(scene: &Scene) -> Vec<Try> {
    let (now, id) = (scene.town.server.now(), scene.subjects[0].id());
    let by = id_of(SUBJECT, 1);
    let (role, purpose, what) = (Some(Role::Auditor), AccessPurpose::Audit, Looked::Record);
    let (seal, salt, sealed, tomorrow) = ([1; 32], [2; 32], scene.work.recorded, day(&scene.town).plus(1));
    vec![
        plain(Body::Ledger(LedgerEvent::StateDigest { position: 3, rules: 2, digest: [0; 32] }), No),
        plain(Body::Ledger(LedgerEvent::RulesAdopted { version: 99 }), No),
        plain(Body::Ledger(LedgerEvent::ClockCorrected { from: now.plus_days(1), to: now }), No),
        plain(Body::Access(AccessEvent::RecordAccessed { by, role, purpose, what, persons: vec![id] }), No),
        plain(Body::Access(AccessEvent::LookSealed { by, role, purpose, seal, until: tomorrow }), No),
        plain(Body::Access(AccessEvent::LookOpened { by, sealed, salt, what, persons: vec![id] }), No),
    ]
}

/// Kinds whose right use this matrix has no occasion for.
pub(crate) fn is_never_right_here(kind: BodyKind) -> bool {
    use BodyKind as K;
    matches!(
        kind,
        K::Ledger(LedgerKind::Founded)
            | K::Ledger(LedgerKind::StateDigest)
            | K::Ledger(LedgerKind::RulesAdopted)
            | K::Ledger(LedgerKind::ClockCorrected)
            | K::Member(MemberKind::PersonalDataErased)
            | K::Session(SessionKind::Opened)
            | K::Session(SessionKind::Closed)
            | K::Access(AccessKind::RecordAccessed)
            | K::Access(AccessKind::LookSealed)
            | K::Access(AccessKind::LookOpened)
            | K::Activity(ActivityKind::SignUpWithdrawn)
            | K::Activity(ActivityKind::AttendanceTaken)
            | K::Wish(WishKind::Confirmed)
            | K::Wish(WishKind::Lapsed)
            | K::Notice(NoticeKind::Withdrawn)
            | K::Wish(WishKind::Disputed)
            | K::Wish(WishKind::DisputeUpheld)
            | K::Wish(WishKind::DisputeRejected)
            | K::Act(ActKind::TookEffect)
    )
}
