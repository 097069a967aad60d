//! A city whose people do what the demo's do, in the same proportions: plan, record, confirm, join, report in, wish, agree.
//! Every event names the exact revision of its stream, and the rules accept each of them in the order in which it is told.
//!
//! A *visit* is what happens in one community at one time, about ten events. Visits of different communities touch
//! nothing in common, so several clients can each tell those of their own communities.

use ed25519_dalek::SigningKey;
use hourbook_ledger::actor::{Actor, event_id};
use hourbook_ledger::commitment::{Field, Opening};
use hourbook_ledger::domain::event::{
    Account, ActEvent, ActivityEvent, AffiliationKind, Assurance, Attended, Attendee, Body, Claimer,
    CreditEvent, Event, Expected, HoursEvent, Lead, OrgKind, ReportInEvent, Role, Row, SessionEvent, Span,
    TransferKind, WishEvent,
};
use hourbook_ledger::domain::ids::{
    ActivityId, BatchId, EventId, OrgId, PersonId, PublicKey, RowKey, ShiftId, WishId,
};
use hourbook_ledger::domain::policy::{CreditPolicy, Excess, PointsPolicy, Policy, RecordPolicy, WishPolicy};
use hourbook_ledger::domain::time::{Interval, Millis, Minute, Offset};
use hourbook_ledger::envelope::Submission;
use hourbook_tests::seeded::SeededRng;

/// The ledger's name.
pub(crate) const ORIGIN: &str = "bench.hourbook.example/city";
/// 2026-01-05, a Monday, 08:00 local time: the founding.
pub(crate) const FOUNDED: Millis = Millis(1_767_571_200_000);
/// The ledger's offset from UTC.
pub(crate) const OFFSET: Offset = Offset(480);
/// From the founding to the first visit: service is recorded for up to so many days before.
const SETTLED_DAYS: i64 = 30;

/// Index of the ledger's own hand among [`Crowd::hands`].
const LEDGER: u32 = 2;

/// An event that waits for its signature.
pub(crate) struct Draft {
    /// Index of the signer among [`Crowd::hands`].
    pub(crate) signer: u32,
    /// What is asserted.
    pub(crate) event: Event,
    /// Values behind its commitments.
    pub(crate) openings: Vec<Opening>,
}

struct Member {
    person: PersonId,
    /// Events of the person's stream so far.
    told: u64,
    /// Transfers from the account so far.
    sent: u64,
    /// The signing key, for those who have one.
    hand: Option<u32>,
}

struct Community {
    org: OrgId,
    unit: OrgId,
    /// Records; confirms; leads.
    staff: [u32; 3],
    members: Vec<Member>,
    /// How many of the members came with keys; they are the first.
    keyed: usize,
}

/// The city.
pub(crate) struct Crowd {
    /// Everybody who signs: the founders, the ledger, then people.
    pub(crate) hands: Vec<Actor>,
    keys: Vec<SigningKey>,
    communities: Vec<Community>,
    /// When the next event happens.
    pub(crate) now: Millis,
    /// Milliseconds from one event to the next.
    pub(crate) pace: i64,
    city: OrgId,
    dice: SeededRng,
    out: Vec<Draft>,
    visits: u64,
}

fn revision(told: u64) -> Expected {
    told.checked_sub(1).map_or(Expected::NoneYet, Expected::Exact)
}

impl Crowd {
    /// A city of so many members with a key, in communities of about fifty of them.
    #[must_use]
    pub(crate) fn new(keyed: usize) -> Self {
        let mut dice = SeededRng::new(25_000_000, "crowd");
        let communities = (keyed / 50).clamp(2, 1_024);
        let mut keys = Vec::new();
        let mut hand = |dice: &mut SeededRng| {
            let key = SigningKey::from_bytes(&dice.bytes());
            keys.push(key.clone());
            Actor::new(PersonId(dice.id()), ORIGIN, key)
        };
        let mut hands = vec![hand(&mut dice), hand(&mut dice), hand(&mut dice)];
        let mut all = Vec::with_capacity(communities);
        for at in 0..communities {
            let first = hands.len() as u32;
            let own = keyed / communities + usize::from(at < keyed % communities);
            (0..3 + own).for_each(|_| hands.push(hand(&mut dice)));
            let member = |number: u32| {
                let (person, hand) = (hands[number as usize].person, Some(number));
                Member { person, told: 0, sent: 0, hand }
            };
            let members = (first + 3..first + 3 + own as u32).map(member).collect();
            let (org, unit) = (OrgId(dice.id()), OrgId(dice.id()));
            all.push(Community { org, unit, staff: [first, first + 1, first + 2], members, keyed: own });
        }
        let city = OrgId(dice.id());
        Self { hands, keys, communities: all, now: FOUNDED, pace: 1, city, dice, out: Vec::new(), visits: 0 }
    }

    /// Number of communities.
    #[must_use]
    pub(crate) fn communities(&self) -> usize {
        self.communities.len()
    }

    /// Number of persons with a key.
    #[must_use]
    pub(crate) fn key_count(&self) -> usize {
        self.hands.len()
    }

    /// A member with a key, counted through.
    #[must_use]
    pub(crate) fn keyed_member(&self, number: usize) -> (&Actor, &SigningKey) {
        let community = &self.communities[number % self.communities.len()];
        let member = &community.members[number / self.communities.len() % community.keyed];
        let hand = member.hand.expect("the first have keys") as usize;
        (&self.hands[hand], &self.keys[hand])
    }

    /// Lends the crowd the hand of a ledger that was founded for it.
    pub(crate) fn lend(&mut self, person: PersonId, key: SigningKey) {
        self.keys[LEDGER as usize] = key.clone();
        self.hands[LEDGER as usize] = Actor::new(person, ORIGIN, key);
    }

    /// The founding and what [`Crowd::settle`] tells, for a state that has no ledger.
    #[must_use]
    pub(crate) fn begin(&mut self) -> Vec<Draft> {
        let [first, second, ledger] = [0, 1, LEDGER].map(|n| &self.hands[n as usize]);
        let [first, second, ledger] = [first, second, ledger].map(|hand| (hand.person, hand.public_key()));
        let log_key = PublicKey(self.dice.bytes());
        self.tell(0, Expected::NoneYet, Body::founded([first, second], log_key, ledger));
        self.settle()
    }

    /// What comes before the first visit: organisations, policies, people with keys and roles.
    #[must_use]
    pub(crate) fn settle(&mut self) -> Vec<Draft> {
        // All on one day, as policies hold from the day on which they are adopted.
        let pace = std::mem::replace(&mut self.pace, 1);
        self.tell(0, Expected::NoneYet, Body::org_registered(self.city, OrgKind::City, "城", None));
        for (n, policy) in policies().into_iter().enumerate() {
            let body = Body::policy_adopted(FOUNDED.date(OFFSET), policy);
            self.tell(0, revision(n as u64), body);
        }
        for at in 0..self.communities.len() {
            let (org, unit) = (self.communities[at].org, self.communities[at].unit);
            let city = Some(self.city);
            let body = Body::org_registered(org, OrgKind::Community, format!("社区{at}"), city);
            self.tell(0, Expected::NoneYet, body);
            let body = Body::org_registered(unit, OrgKind::WorkUnit, format!("单位{at}"), city);
            self.tell(0, Expected::NoneYet, body);
            let roles = [Role::Worker, Role::Worker, Role::Lead];
            for (hand, role) in self.communities[at].staff.into_iter().zip(roles) {
                let person = self.hands[hand as usize].person;
                self.register(0, person, org, 0);
                self.enrol(0, hand, 1);
                let keys = vec![self.hands[hand as usize].key_id()];
                self.tell(0, revision(2), Body::appointed(person, role, org, keys));
            }
            self.settle_members(at);
        }
        let settled = std::mem::take(&mut self.out);
        self.pace = pace;
        self.now = self.now.max(Millis(FOUNDED.0 + SETTLED_DAYS * 86_400_000));
        settled
    }

    fn settle_members(&mut self, at: usize) {
        let (org, by) = (self.communities[at].org, self.communities[at].staff[0]);
        for number in 0..self.communities[at].members.len() {
            let member = &self.communities[at].members[number];
            let (person, hand) = (member.person, member.hand.expect("the first have keys"));
            self.register(by, person, org, 0);
            self.enrol(by, hand, 1);
            self.report_in(at, person, 2);
            self.communities[at].members[number].told = 4;
        }
    }

    /// What happens in a community at one time.
    pub(crate) fn visit(&mut self, community: usize) -> Vec<Draft> {
        self.visits += 1;
        let at = community % self.communities.len();
        if self.visits.is_multiple_of(20) {
            self.shift(at);
        }
        self.service(at);
        self.newcomer(at);
        self.consent(at);
        if self.dice.percent(20) {
            self.wish(at);
        }
        if self.dice.percent(5) {
            self.transfer(at);
        }
        std::mem::take(&mut self.out)
    }

    fn tell(&mut self, signer: u32, expected: Expected, body: Body) -> EventId {
        self.tell_with(signer, expected, body, Vec::new())
    }

    fn tell_with(&mut self, signer: u32, expected: Expected, body: Body, openings: Vec<Opening>) -> EventId {
        let now = self.now;
        self.now = Millis(now.0 + self.pace);
        let id = event_id(now, self.dice.rng());
        let plain = Event::plain(id, ORIGIN, self.hands[signer as usize].person, now, body);
        let event = Event { expected, ..plain };
        self.out.push(Draft { signer, event, openings });
        id
    }

    fn seal(&mut self, subject: [u8; 16], field: Field, text: &str) -> Opening {
        Opening::new(subject, field, self.dice.bytes(), text).expect("a canonical value")
    }

    fn register(&mut self, by: u32, person: PersonId, home: OrgId, told: u64) {
        let digits = self.dice.below(100_000_000);
        let name = self.seal(person.0, Field::Name, "欧阳沐晴");
        let phone = self.seal(person.0, Field::Phone, &format!("199{digits:08}"));
        let body = Body::registered(person, home, name.commitment(), Some(phone.commitment()));
        self.tell_with(by, revision(told), body, vec![name, phone]);
    }

    /// In a session by a code that `by` hands out.
    fn enrol(&mut self, by: u32, hand: u32, told: u64) {
        let actor = &self.hands[hand as usize];
        let (person, enrolled) = (actor.person, actor.enrolment());
        let digits = format!("{:012}", self.dice.below(1_000_000_000_000));
        let (code, until) = (self.seal(person.0, Field::Code, &digits), self.now.plus_days(1));
        let granted = Body::Session(SessionEvent::Granted { person, code: code.commitment(), until });
        let grant = self.tell_with(by, Expected::NoneYet, granted, vec![code]);
        let opened = Body::Session(SessionEvent::Opened { person, grant, until });
        self.tell(LEDGER, Expected::Exact(0), opened);
        self.tell(LEDGER, revision(told), enrolled);
        let event = &mut self.out.last_mut().expect("just told").event;
        (event.actor, event.assurance, event.grant) = (person, Assurance::ServerWitnessed, Some(grant));
        self.tell(LEDGER, Expected::Exact(1), Body::Session(SessionEvent::Closed { person, grant }));
    }

    /// Filed by the staff for the person, answered by another of the staff: two events of the person's stream.
    fn report_in(&mut self, at: usize, person: PersonId, told: u64) {
        let (community, [by, other, _]) = (self.communities[at].org, self.communities[at].staff);
        self.tell(by, revision(told), Body::ReportIn(ReportInEvent::Filed { person, community }));
        let event = &mut self.out.last_mut().expect("just told").event;
        (event.acting_for, event.assurance) = (Some(person), Assurance::StaffProxy);
        let body = Body::ReportIn(ReportInEvent::Answered { person, community, accepted: true });
        self.tell(other, revision(told + 1), body);
    }

    fn newcomer(&mut self, at: usize) {
        let person = PersonId(self.dice.id());
        let (org, by) = (self.communities[at].org, self.communities[at].staff[0]);
        self.register(by, person, org, 0);
        let (kind, span) = (AffiliationKind::Resident, Span::since(self.now.date(OFFSET)));
        self.tell(by, revision(1), Body::affiliated(person, org, kind, span));
        self.report_in(at, person, 2);
        self.communities[at].members.push(Member { person, told: 4, sent: 0, hand: None });
    }

    fn anybody(&mut self, at: usize) -> PersonId {
        let all = self.communities[at].members.len();
        self.communities[at].members[self.dice.below(all as u64) as usize].person
    }

    /// A member with a key: place among the members, and the key.
    fn keyed(&mut self, at: usize) -> (usize, u32) {
        let number = self.dice.below(self.communities[at].keyed as u64) as usize;
        (number, self.communities[at].members[number].hand.expect("the first have keys"))
    }

    fn plan(&mut self, at: usize) -> ActivityId {
        let (org, [.., lead]) = (self.communities[at].org, self.communities[at].staff);
        let activity = ActivityId(self.dice.id());
        let title = self.seal(activity.0, Field::Title, "红色星期六·环境清洁");
        let place = self.seal(activity.0, Field::Place, "听蝉社区老旧小区");
        let content = self.seal(activity.0, Field::Content, "清理楼道杂物、擦洗公共设施");
        let body = Body::Activity(ActivityEvent::Planned {
            activity,
            org,
            category: "cleaning".to_owned(),
            title: title.commitment(),
            place: Some(place.commitment()),
            content: Some(content.commitment()),
            lead: Lead::Person(self.hands[lead as usize].person),
        });
        self.tell_with(lead, Expected::NoneYet, body, vec![title, place, content]);
        activity
    }

    /// Hours of 2 to 14 persons, sometimes of a whole event with 200, vouched for by a second person.
    fn service(&mut self, at: usize) {
        let activity = self.plan(at);
        let many = self.dice.below(200) == 0;
        let count = if many { 200 } else { self.dice.between(2, 14) };
        let recorded = self.record(at, activity, count as usize);
        let confirmer = self.communities[at].staff[1];
        self.tell(confirmer, Expected::Exact(0), Body::all_confirmed(recorded));
        if self.dice.percent(1) {
            self.correct(at, recorded);
        }
    }

    /// A recording of an activity with so many rows.
    fn record(&mut self, at: usize, activity: ActivityId, count: usize) -> EventId {
        let back = self.dice.between(1, 20) as i64;
        let day = self.now.date(OFFSET).plus(-(back as i32)).start(OFFSET).0;
        let start = Minute(day + self.dice.between(30, 70) as i64 * 15);
        let minutes = self.dice.between(4, 14) as i64 * 15;
        let row = |crowd: &mut Self| Row {
            key: RowKey(crowd.dice.id()),
            person: crowd.anybody(at),
            interval: Interval { start, end: Minute(start.0 + minutes) },
        };
        let rows = (0..count).map(|_| row(self)).collect();
        let (org, batch) = (self.communities[at].org, BatchId(self.dice.id()));
        let body = Body::recorded(batch, org, activity, rows);
        self.tell(self.communities[at].staff[0], Expected::NoneYet, body)
    }

    /// Sheets of a whole city day: a recording of 256 rows and its confirmation.
    pub(crate) fn sheet(&mut self, community: usize) -> Vec<Draft> {
        let at = community % self.communities.len();
        let activity = self.plan(at);
        let recorded = self.record(at, activity, 256);
        let body = Body::all_confirmed(recorded);
        self.tell(self.communities[at].staff[1], Expected::Exact(0), body);
        std::mem::take(&mut self.out)
    }

    fn correct(&mut self, at: usize, recorded: EventId) {
        let [second, .., lead] = self.communities[at].staff;
        let reason = self.seal(recorded.0, Field::Reason, "结束时间多记了 10 分钟");
        let body = Body::Hours(HoursEvent::Corrected {
            recorded,
            row: 0,
            replacement: None,
            reason: reason.commitment(),
        });
        let act = self.tell_with(lead, Expected::Exact(1), body, vec![reason]);
        self.tell(second, Expected::NoneYet, Body::Act(ActEvent::Approved { act }));
    }

    /// An activity with a shift that is under way: sign-ups by the persons' own keys, a roll call, the end.
    fn shift(&mut self, at: usize) {
        let lead = self.communities[at].staff[2];
        let activity = self.plan(at);
        self.tell(lead, Expected::Exact(0), Body::Activity(ActivityEvent::Published { activity }));
        let now = self.now.minute();
        let interval = Interval { start: Minute(now.0 - 180), end: Minute(now.0 + 120) };
        let shift = ShiftId(self.dice.id());
        let body = Body::shift_opened(activity, shift, interval, 40);
        self.tell(lead, Expected::Exact(1), body);
        let first = self.keyed(at).0;
        let some = self.communities[at].keyed.min(12);
        let mut rows = Vec::new();
        for n in 0..some {
            let number = (first + n) % self.communities[at].keyed;
            let (person, hand) =
                (self.communities[at].members[number].person, self.communities[at].members[number].hand);
            let body = Body::Activity(ActivityEvent::SignedUp { activity, shift, person });
            self.tell(hand.expect("keyed"), Expected::Exact(2 + n as u64), body);
            let interval = Interval { start: interval.start, end: Minute(now.0 - 10) };
            rows.push(Attendee { person, attended: Attended::Present(interval) });
        }
        rows.sort_unstable_by_key(|row| row.person);
        let told = 2 + some as u64;
        self.tell(
            lead,
            Expected::Exact(told),
            Body::Activity(ActivityEvent::AttendanceTaken { activity, shift, rows }),
        );
        self.tell(lead, Expected::Exact(told + 1), Body::Activity(ActivityEvent::Closed { activity }));
    }

    fn consent(&mut self, at: usize) {
        let (number, hand) = self.keyed(at);
        let agreed = self.dice.percent(70);
        let member = &mut self.communities[at].members[number];
        let (person, told) = (member.person, member.told);
        member.told += 1;
        self.tell(hand, revision(told), Body::public_name(person, agreed));
    }

    fn wish(&mut self, at: usize) {
        let [poster, vetter, _] = self.communities[at].staff;
        let ((resident, by), (claimer, claims)) = (self.keyed(at), self.keyed(at));
        if resident == claimer {
            return;
        }
        let (resident, claimer) =
            (self.communities[at].members[resident].person, self.communities[at].members[claimer].person);
        let (wish, org) = (WishId(self.dice.id()), self.communities[at].org);
        let text = self.seal(resident.0, Field::WishText, "床头灯坏了，晚上起床看不见");
        let body = Body::posted(wish, org, resident, "goods", text.commitment(), 60);
        self.tell_with(poster, Expected::NoneYet, body, vec![text]);
        let sentence = self.seal(wish.0, Field::WishSentence, "想要一盏床头灯");
        let body = Body::Wish(WishEvent::Vetted { wish, sentence: sentence.commitment() });
        self.tell_with(vetter, Expected::Exact(0), body, vec![sentence]);
        let claimer = Claimer::Person(claimer);
        let body = Body::Wish(WishEvent::Claimed { wish, claimer, participants: Vec::new() });
        self.tell(claims, Expected::Exact(1), body);
        let body = Body::Wish(WishEvent::Fulfilled { wish, minutes: 60, evidence: None });
        self.tell(claims, Expected::Exact(2), body);
        self.tell(by, Expected::Exact(3), Body::Wish(WishEvent::Confirmed { wish, rating: 5 }));
    }

    fn transfer(&mut self, at: usize) {
        let (number, hand) = self.keyed(at);
        let to = self.communities[at].members[(number + 1) % self.communities[at].keyed].person;
        let member = &mut self.communities[at].members[number];
        let (from, told) = (member.person, member.sent);
        if from == to {
            return;
        }
        member.sent += 1;
        let (from, to) = (Account::Person(from), Account::Person(to));
        let body = Body::Credit(CreditEvent::Transferred { from, to, minutes: 1, kind: TransferKind::Gift });
        self.tell(hand, revision(told), body);
    }
}

/// Signs drafts on so many threads, in their order.
#[must_use]
pub(crate) fn sign(hands: &[Actor], drafts: Vec<Draft>, threads: usize) -> Vec<Submission> {
    let share = drafts.len().div_ceil(threads).max(1);
    let mut drafts = drafts.into_iter();
    let mut parts = Vec::new();
    while drafts.len() > 0 {
        parts.push(drafts.by_ref().take(share).collect::<Vec<_>>());
    }
    let one = |draft: Draft| {
        let signed = hands[draft.signer as usize].sign(&draft.event);
        Submission { signed, openings: draft.openings }
    };
    std::thread::scope(|scope| {
        let work = |part: Vec<Draft>| scope.spawn(move || part.into_iter().map(one).collect::<Vec<_>>());
        let running: Vec<_> = parts.into_iter().map(work).collect();
        running.into_iter().flat_map(|thread| thread.join().expect("signing does not panic")).collect()
    })
}

fn policies() -> [Policy; 4] {
    let credit = CreditPolicy {
        earn_num: 1,
        earn_den: 1,
        daily_cap: 480,
        account_cap: 90_000,
        excess: Excess::RecordOnly,
        // Gifts of persons who have not earned anything yet are part of the load.
        overdraft: 1_000_000,
        transfer_limit: None,
    };
    let points = PointsPolicy { absence: -200, red_from: 12_000, ..PointsPolicy::PLAIN };
    [
        Policy::Credit(credit),
        Policy::Records(RecordPolicy { due_working_days: 30, longest: 720 }),
        Policy::Wishes(WishPolicy { open_claims: 50, fulfil_days: 30, open_days: 30 }),
        Policy::Points(points),
    ]
}
