//! Whom all of it is about: one person for each way in which somebody can stand towards the others.

use hourbook_ledger::actor::Actor;
use hourbook_ledger::commitment::Field;
use hourbook_ledger::domain::event::{
    Account, ActEvent, ActivityEvent, AffiliationKind, Attended, Attendee, Body, CreditEvent, ListEvent,
    MemberEvent, ReportInEvent, Row, Span, TransferKind, WishEvent,
};
use hourbook_ledger::domain::ids::{
    ActivityId, BatchId, EventId, HoldId, OrgId, PersonId, RowKey, ShiftId, WishId,
};
use hourbook_ledger::domain::time::{Date, Interval, Minute, Offset, Period};
use hourbook_tests::server::actor;
use hourbook_tests::town::*;

use super::cast::*;
use AffiliationKind::{Organisational, Resident, Team};

every! {
    /// How somebody stands.
    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    pub(crate) enum State {
        /// At home in the grid, tied to nobody else.
        Home,
        /// At home in the other community.
        Far,
        /// Agreed to be named in public.
        Consenting,
        /// Erased at the own wish.
        Erased,
        /// The unit lists the person, and nobody answered.
        ListedByUnit,
        /// Staff of the home propose the person to the unit, which did not answer.
        ProposedByHome,
        /// The person asks to belong to the unit, which did not answer.
        AskedItself,
        MemberOfUnit,
        MemberOfBranch,
        /// The unit's listing was called off by the home.
        CalledOff,
        /// Belonged to the unit until today.
        LeftUnit,
        /// Agreed to belong to the unit from a day to come.
        JoinsLater,
        /// The other community invited the person to report in.
        Invited,
        /// The person filed, and the other community did not answer.
        Filed,
        /// Staff of the home filed.
        FiledByHome,
        ReportedIn,
        Refused,
        /// Reported in until today.
        ReportEnded,
        /// Of a team of the other community.
        InTeam,
        TeamListed,
        /// Lives in the other community now.
        Moved,
        MoveProposed,
        /// Lived there until today.
        MovedBack,
        /// Works for the community where the person lives.
        InServiceAtHome,
    }
}

use State::*;

impl State {
    fn registered_at(self) -> OrgId {
        if self == Far { ELSEWHERE } else { GRID }
    }
}

/// The person of a state, with what there is of this person to be seen.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    pub(crate) state: State,
    pub(crate) who: Actor,
    pub(crate) number: u8,
    pub(crate) wish: WishId,
    pub(crate) hold: HoldId,
    /// What waits or waited about this person; who asserted it, and the organisation that it names.
    pub(crate) act: Option<(EventId, PersonId, OrgId)>,
}

pub(crate) const SUBJECT: [u8; 4] = [0xd0, 0x0d, 0xfe, 0xed];
/// With this every id of theirs begins, as text.
pub(crate) const ID_BEGINS: &str = "d00dfeed";
/// With this every name of theirs begins, also a masked one.
pub(crate) const SURNAME: char = '瞿';
/// With this every wish of theirs begins.
pub(crate) const WORDS_BEGIN: &str = "愿望字句";
const LAST: [char; 24] = [
    '东', '南', '西', '北', '春', '夏', '秋', '冬', '金', '木', '水', '火', '土', '月', '星', '天', '地',
    '山', '石', '田', '禾', '竹', '林', '泉',
];

impl Subject {
    pub(crate) fn id(&self) -> PersonId {
        self.who.person
    }

    pub(crate) fn full(&self) -> String {
        format!("{SURNAME}明{}", LAST[usize::from(self.number)])
    }

    pub(crate) fn masked(&self) -> String {
        format!("{SURNAME}*{}", LAST[usize::from(self.number)])
    }

    pub(crate) fn words(&self) -> String {
        format!("{WORDS_BEGIN}{}，灯坏了", LAST[usize::from(self.number)])
    }

    /// Named whoever takes on the wish a helper.
    pub(crate) fn has_helper(&self) -> bool {
        self.state == Home
    }

    /// Every second wish was not vetted.
    pub(crate) fn is_vetted(&self) -> bool {
        self.number.is_multiple_of(2)
    }
}

/// The ids and numbers of everybody.
pub(crate) fn subjects() -> Vec<Subject> {
    let of = |(number, state): (u8, State)| {
        let mut wish = [number; 16];
        wish[..4].copy_from_slice(&[0xb5, 0xb5, 0xb5, 0xb5]);
        let mut hold = [number; 16];
        hold[..4].copy_from_slice(&[0xb6, 0xb6, 0xb6, 0xb6]);
        let who = somebody(SUBJECT, number);
        Subject { state, who, number, wish: WishId(wish), hold: HoldId(hold), act: None }
    };
    (0..).zip(State::ALL).map(of).collect()
}

/// Registers them, when the town begins.
pub(crate) fn register(town: &Town, subjects: &[Subject]) {
    for subject in subjects {
        let home = subject.state.registered_at();
        must_all(town, &registration(town, &subject.who, home, &subject.full(), 200 + subject.number));
    }
}

fn tie(subject: &Subject, org: OrgId, kind: AffiliationKind, from: Date) -> Body {
    Body::affiliated(subject.id(), org, kind, Span::since(from))
}

/// Brings each person to where the state says, as far as that takes an earlier day than today.
pub(crate) fn place(town: &Town, subject: &mut Subject) {
    let before = today().plus(-30);
    let (unit, branch, home, far) = (actor(OFFICER), actor(SECRETARY), actor(WORKER), actor(FAR_WORKER));
    let (id, own) = (subject.id(), subject.who.clone());
    let to_unit = tie(subject, UNIT, Organisational, before);
    let filed = || Body::ReportIn(ReportInEvent::Filed { person: id, community: ELSEWHERE });
    let answered =
        |accepted| Body::ReportIn(ReportInEvent::Answered { person: id, community: ELSEWHERE, accepted });
    let say = |by: &Actor, body: Body| must(town, by, body, vec![]);
    let agree = |by: &Actor, act: EventId| say(by, Body::Act(ActEvent::Approved { act }));
    match subject.state {
        Far | Erased => {}
        Home => {
            say(&own, Body::Member(MemberEvent::HelperNamed { person: id, helper: helper().person }));
        }
        Consenting => {
            say(&own, Body::public_name(id, true));
        }
        ListedByUnit => subject.act = Some((say(&unit, to_unit), unit.person, UNIT)),
        ProposedByHome => subject.act = Some((say(&home, to_unit), home.person, UNIT)),
        AskedItself => subject.act = Some((say(&own, to_unit), id, UNIT)),
        MemberOfUnit | LeftUnit => {
            let act = say(&unit, to_unit);
            agree(&own, act);
            subject.act = Some((act, unit.person, UNIT));
        }
        MemberOfBranch => {
            let act = say(&branch, tie(subject, BRANCH, Organisational, before));
            agree(&home, act);
            subject.act = Some((act, branch.person, BRANCH));
        }
        CalledOff => {
            let act = say(&unit, to_unit);
            say(&home, Body::Act(ActEvent::Stopped { act }));
            subject.act = Some((act, unit.person, UNIT));
        }
        JoinsLater => {
            let act = say(&unit, tie(subject, UNIT, Organisational, today().plus(200)));
            agree(&own, act);
            subject.act = Some((act, unit.person, UNIT));
        }
        Invited => subject.act = Some((say(&far, filed()), far.person, ELSEWHERE)),
        Filed => drop(say(&own, filed())),
        FiledByHome => drop(say(&home, filed())),
        ReportedIn | ReportEnded => {
            say(&own, filed());
            say(&far, answered(true));
        }
        Refused => {
            say(&own, filed());
            say(&far, answered(false));
        }
        InTeam => {
            let act = say(&far, tie(subject, FAR_TEAM, Team, before));
            agree(&own, act);
            subject.act = Some((act, far.person, FAR_TEAM));
        }
        TeamListed => {
            subject.act = Some((say(&far, tie(subject, FAR_TEAM, Team, before)), far.person, FAR_TEAM));
        }
        Moved | MovedBack => {
            let act = say(&far, tie(subject, ELSEWHERE, Resident, today()));
            agree(&home, act);
            subject.act = Some((act, far.person, ELSEWHERE));
        }
        MoveProposed => {
            let act = say(&far, tie(subject, ELSEWHERE, Resident, today()));
            subject.act = Some((act, far.person, ELSEWHERE));
        }
        InServiceAtHome => drop(say(&home, tie(subject, COMMUNITY, Organisational, before))),
    }
}

/// Ends what the state says has ended.
pub(crate) fn end(town: &Town, subject: &Subject, now: Date) {
    let id = subject.id();
    let close = |by: u8, org, kind, from| {
        let span = Span { from, to: Some(now) };
        must(town, &actor(by), Body::affiliated(id, org, kind, span), vec![]);
    };
    match subject.state {
        LeftUnit => close(OFFICER, UNIT, Organisational, today().plus(-30)),
        MovedBack => close(FAR_WORKER, ELSEWHERE, Resident, today()),
        ReportEnded => {
            let body = Body::ReportIn(ReportInEvent::Ended { person: id, community: ELSEWHERE, on: now });
            must(town, &actor(FAR_WORKER), body, vec![]);
        }
        Erased => {
            must(town, &subject.who, Body::Member(MemberEvent::ErasureRequested { person: id }), vec![]);
            town.server.tick();
        }
        _ => {}
    }
}

/// Hours of everybody, confirmed.
pub(crate) fn serve(town: &Town, subjects: &[Subject]) -> EventId {
    let activity = town.activity(WORKER, 140, GRID);
    let mut rows = rows(&CROWD.map(|seed| (seed, interval(0, 420, 10))));
    rows.extend(subjects.iter().map(|subject| Row {
        key: RowKey(subject.id().0),
        person: subject.id(),
        interval: interval(0, 420, 31 + i64::from(subject.number)),
    }));
    let body = Body::recorded(BatchId(town.id().0), COMMUNITY, activity, rows);
    let recorded = must(town, &actor(WORKER), body, vec![]);
    must(town, &actor(SECOND_WORKER), Body::all_confirmed(recorded), vec![]);
    recorded
}

/// What there is to do in the town.
pub(crate) struct Work {
    /// Published, with a shift to come.
    pub(crate) activity: ActivityId,
    pub(crate) shift: ShiftId,
    /// A shift to come of that activity for which everybody signed up.
    pub(crate) roster: ShiftId,
    /// Of another activity, with a shift that everybody came to, as a worker says.
    pub(crate) rolled: (ActivityId, ShiftId),
    /// When another shift could be.
    pub(crate) later: Interval,
    /// Hours that nobody confirmed.
    pub(crate) recorded: EventId,
    /// Hours of everybody, the crowd first.
    pub(crate) confirmed: EventId,
    /// What would publish the grid's list.
    pub(crate) list: Body,
}

/// Prepares it.
pub(crate) fn work(town: &Town, subjects: &[Subject], confirmed: EventId) -> Work {
    let activity = town.activity(WORKER, 141, GRID);
    must(town, &actor(WORKER), Body::Activity(ActivityEvent::Published { activity }), vec![]);
    let shift = ShiftId([142; 16]);
    let on = |days| {
        let start = Minute(day(town).plus(days).start(Offset(480)).0 + 540);
        Interval { start, end: Minute(start.0 + 60) }
    };
    must(town, &actor(WORKER), Body::shift_opened(activity, shift, on(3), 99), vec![]);
    let row = Row { key: RowKey([143; 16]), person: subjects[1].id(), interval: on(-1) };
    let hours = Body::recorded(BatchId(town.id().0), COMMUNITY, ActivityId([140; 16]), vec![row]);
    let recorded = must(town, &actor(WORKER), hours, vec![]);
    let (from, to) = (Account::Person(subjects[2].id()), Account::Fund(COMMUNITY));
    let gift = Body::Credit(CreditEvent::Transferred { from, to, minutes: 20, kind: TransferKind::Donation });
    must(town, &subjects[2].who, gift, vec![]);
    let roster = ShiftId([147; 16]);
    must(town, &actor(WORKER), Body::shift_opened(activity, roster, on(5), 99), vec![]);
    for subject in subjects {
        let signed_up = ActivityEvent::SignedUp { activity, shift: roster, person: subject.id() };
        must(town, &subject.who, Body::Activity(signed_up), vec![]);
    }
    let rolled = rolled(town, subjects, on(-1));
    Work {
        activity,
        shift,
        roster,
        rolled,
        later: on(4),
        recorded,
        confirmed,
        list: list(town, GRID, quarter()),
    }
}

/// A roll on which everybody is.
fn rolled(town: &Town, subjects: &[Subject], interval: Interval) -> (ActivityId, ShiftId) {
    let (activity, shift) = (town.activity(WORKER, 145, GRID), ShiftId([146; 16]));
    must(town, &actor(WORKER), Body::Activity(ActivityEvent::Published { activity }), vec![]);
    must(town, &actor(WORKER), Body::shift_opened(activity, shift, interval, 99), vec![]);
    let attended = Attended::Present(interval);
    let rows = subjects.iter().map(|subject| Attendee { person: subject.id(), attended }).collect();
    let roll = Body::Activity(ActivityEvent::AttendanceTaken { activity, shift, rows });
    must(town, &actor(WORKER), roll, vec![]);
    (activity, shift)
}

fn list(town: &Town, scope: OrgId, period: Period) -> Body {
    use hourbook_projections::canonical::Canonical as _;
    let models = town.server.app.read.read();
    let draft = models.draft(scope, period, models.as_of() - 1).expect("a policy holds");
    let (cutoff, policy, digest) = (draft.cutoff, draft.policy, draft.digest());
    Body::List(ListEvent::Published { scope, period, cutoff, policy, digest })
}

/// A wish and something set aside for each.
pub(crate) fn wish_and_hold(town: &Town, subject: &Subject) {
    let text = sealed(subject.id().0, Field::WishText, &subject.words());
    let wish = subject.wish;
    let posted = Body::posted(wish, COMMUNITY, subject.id(), "goods", text.commitment(), 60);
    must(town, &actor(WORKER), posted, vec![text]);
    if subject.is_vetted() {
        let sentence = sealed(wish.0, Field::WishSentence, "想要一盏灯");
        let vetted = Body::Wish(WishEvent::Vetted { wish, sentence: sentence.commitment() });
        must(town, &actor(SECOND_WORKER), vetted, vec![sentence]);
    }
    let until = town.server.now().plus_days(30);
    let to = hourbook_tests::server::person(FAR);
    let held =
        Body::Credit(CreditEvent::Held { hold: subject.hold, from: subject.id(), to, minutes: 3, until });
    must(town, &subject.who, held, vec![]);
}

/// Publishes the list of an organisation for a quarter.
pub(crate) fn publish(town: &Town, scope: OrgId, period: Period) {
    let body = list(town, scope, period);
    town.must_both(STEWARD, SECOND_STEWARD, body, vec![]);
}

/// The quarter in which everybody served.
pub(crate) fn quarter() -> Period {
    let [_, quarter, _] = Period::all_of(today());
    quarter
}

/// Today by the server's clock.
pub(crate) fn day(town: &Town) -> Date {
    town.server.now().date(Offset(480))
}
