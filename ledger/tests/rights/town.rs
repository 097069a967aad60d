//! The town in which it is tried: two communities under a city, a unit with its branch, people with and without office,
//! and one who has no say in what the others try.

use hourbook_ledger::domain::event::*;
use hourbook_ledger::domain::event::{
    ActEvent, ActivityEvent, CreditEvent, HoursEvent, KeyEvent, MemberEvent, SessionEvent, WishEvent,
};
use hourbook_ledger::domain::ids::*;
use hourbook_ledger::domain::policy::{CreditPolicy, PointsPolicy, Policy, RecordPolicy, WishPolicy};
use hourbook_ledger::domain::time::{Date, Interval, Millis, Minute, Offset, Period};
use hourbook_ledger::domain::{Context, Rejection, State, decide, evolve};

const fn person(n: u8) -> PersonId {
    PersonId([n; 16])
}

pub(crate) const FOUNDER: PersonId = person(1);
pub(crate) const SECOND_FOUNDER: PersonId = person(2);
pub(crate) const LEDGER: PersonId = person(3);
/// Steward of the city, above both communities.
pub(crate) const STEWARD: PersonId = person(4);
pub(crate) const STEWARD_B: PersonId = person(5);
pub(crate) const WORKER_A: PersonId = person(6);
/// Works for A by a key that came by the code of `WORKER_A`, who has it still.
pub(crate) const LENT_WORKER_A: PersonId = person(7);
pub(crate) const OTHER_WORKER_A: PersonId = person(8);
/// As `LENT_WORKER_A`: two by codes of one.
pub(crate) const OTHER_LENT_WORKER_A: PersonId = person(18);
pub(crate) const WORKER_B: PersonId = person(9);
pub(crate) const OTHER_WORKER_B: PersonId = person(10);
pub(crate) const OFFICER: PersonId = person(11);
pub(crate) const SECRETARY: PersonId = person(12);
pub(crate) const LEAD_B: PersonId = person(13);
pub(crate) const AUDITOR_B: PersonId = person(14);
/// Lives in A and holds no role.
pub(crate) const NEIGHBOUR: PersonId = person(15);
/// Lived in A; was erased, and has the key still.
pub(crate) const ERASED: PersonId = person(16);
/// Lives in B. `WORKER_B` handed out a code, has the session and a key by it; later the city gave a role over A by another.
pub(crate) const PROMOTED: PersonId = person(17);
/// Whom all of it is about.
pub(crate) const ANN: PersonId = person(20);

pub(crate) const CITY: OrgId = OrgId([30; 16]);
pub(crate) const A: OrgId = OrgId([31; 16]);
pub(crate) const B: OrgId = OrgId([32; 16]);
pub(crate) const GRID: OrgId = OrgId([33; 16]);
pub(crate) const UNIT: OrgId = OrgId([34; 16]);
pub(crate) const BRANCH: OrgId = OrgId([35; 16]);

pub(crate) const ACTIVITY: ActivityId = ActivityId([40; 16]);
pub(crate) const SHIFT: ShiftId = ShiftId([41; 16]);
pub(crate) const WISH: WishId = WishId([42; 16]);
pub(crate) const DRAFT: WishId = WishId([43; 16]);
pub(crate) const HOLD: HoldId = HoldId([44; 16]);
pub(crate) const OTHER_HOLD: HoldId = HoldId([45; 16]);
pub(crate) const FEBRUARY: Period = Period::Month(2026, 2);
pub(crate) const TEXT: Commitment = Commitment([5; 32]);
pub(crate) const PROOF: Possession = Possession([9; 64]);

/// A Monday in March 2026, 08:00 local.
const START: Millis = Millis(1_772_409_600_000);
const OFFSET: Offset = Offset(480);

/// Something by which a person is taken to assert what is asserted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Hand {
    pub(crate) person: PersonId,
    pub(crate) means: Means,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Means {
    Key(KeyId),
    Session(EventId),
}

/// In whose name something is said.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Name {
    /// In the own.
    Own,
    /// In Ann's, as staff say it.
    OfAnn,
    /// In Ann's, as a helper says it.
    AsHelper,
}

/// The ledger as it stands, and who really has which key or session.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) state: State,
    pub(crate) now: Millis,
    pub(crate) position: u64,
    pub(crate) hands: Vec<(PersonId, Hand)>,
    pub(crate) points: EventId,
    pub(crate) recorded: EventId,
}

pub(crate) fn key_of(person: PersonId) -> PublicKey {
    let mut key = [7; 32];
    key[..16].copy_from_slice(&person.0);
    PublicKey(key)
}

impl World {
    pub(crate) fn today(&self) -> Date {
        self.now.date(OFFSET)
    }

    /// What a hand would put before the ledger, and the key that would sign it.
    pub(crate) fn event(&self, hand: Hand, name: Name, id: EventId, body: Body) -> (Event, KeyId) {
        let (assurance, signer, grant) = match (hand.means, name) {
            (Means::Key(key), Name::OfAnn) => (Assurance::StaffProxy, key, None),
            (Means::Key(key), Name::Own | Name::AsHelper) => (Assurance::DeviceKey, key, None),
            (Means::Session(grant), _) => {
                (Assurance::ServerWitnessed, KeyId::of(&key_of(LEDGER)), Some(grant))
            }
        };
        let acting_for = (name != Name::Own).then_some(ANN);
        let plain = Event::plain(id, "ledger.example/town", hand.person, self.now, body);
        (Event { acting_for, assurance, grant, ..plain }, signer)
    }

    pub(crate) fn context(&self, signer: KeyId) -> Context {
        Context { position: self.position, recorded_at: self.now, signer }
    }

    /// As the sequencer does it: the key must be good at this position, then the rules decide.
    pub(crate) fn decide(&self, event: &Event, signer: KeyId) -> Result<(), Option<Rejection>> {
        let good = self.state.keys.is_valid_at(signer, self.position) || self.position == 0;
        if !good {
            return Err(None);
        }
        decide(&self.state, &self.context(signer), event).map_err(Some)
    }

    /// Applies what was accepted; whoever asserted it has what it brings, and types the code in.
    pub(crate) fn apply(&mut self, master: PersonId, event: &Event, signer: KeyId) {
        let cx = self.context(signer);
        self.position += 1;
        evolve(&mut self.state, &cx, event);
        match &event.body {
            Body::Session(SessionEvent::Granted { person, .. }) => self.type_in(master, *person, event.id),
            Body::Key(KeyEvent::Enrolled { person, key, .. })
            | Body::Key(KeyEvent::Rotated { person, new: key, .. }) => {
                let hand = Hand { person: *person, means: Means::Key(KeyId::of(key)) };
                self.hands.push((master, hand));
            }
            _ => {}
        }
    }

    fn type_in(&mut self, master: PersonId, person: PersonId, grant: EventId) {
        let mut id = grant.0;
        id[15] ^= 0x80;
        let until = self.now.plus_days(30);
        let opened =
            self.by_ledger(EventId(id), Body::Session(SessionEvent::Opened { person, grant, until }));
        assert!(opened, "a code that was handed out opens a session");
        self.hands.push((master, Hand { person, means: Means::Session(grant) }));
    }

    fn by_ledger(&mut self, id: EventId, body: Body) -> bool {
        let (event, signer) = self.event(own(LEDGER), Name::Own, id, body);
        let accepted = self.decide(&event, signer).is_ok();
        if accepted {
            self.apply(LEDGER, &event, signer);
        }
        accepted
    }

    /// Days go by and nobody objects: the ledger asserts what has come due.
    pub(crate) fn wait(&mut self, days: u32) {
        self.now = self.now.plus_days(days);
        for n in 0..32u8 {
            let due = hourbook_ledger::domain::timer::due(&self.state, self.now, 1);
            let Some(body) = due.into_iter().next() else { return };
            let id = EventId([[n, 0xd0].as_slice(), &[0; 14]].concat().try_into().expect("sixteen bytes"));
            assert!(self.by_ledger(id, body), "what is due is accepted");
        }
        panic!("the ledger's timers never come to rest");
    }

    pub(crate) fn must(&mut self, hand: Hand, body: Body) -> EventId {
        let mut id = [0xee; 16];
        id[8..].copy_from_slice(&self.position.to_be_bytes());
        let (event, signer) = self.event(hand, Name::Own, EventId(id), body);
        self.decide(&event, signer).unwrap_or_else(|why| panic!("{:?}: {why:?}", event.body));
        let before = self.hands.len();
        self.apply(hand.person, &event, signer);
        self.hands.truncate(before);
        event.id
    }
}

/// A person's own key.
pub(crate) fn own(person: PersonId) -> Hand {
    Hand { person, means: Means::Key(KeyId::of(&key_of(person))) }
}

impl World {
    /// Founded in January, peopled, and with something of everything by a Monday in March.
    pub(crate) fn new(ann_has_a_key: bool) -> Self {
        let (now, points, recorded) = (Millis(START.0 - 50 * 86_400_000), EventId([0; 16]), EventId([0; 16]));
        let mut world =
            Self { state: State::default(), now, position: 0, hands: Vec::new(), points, recorded };
        world.state.keep_digest();
        world.found();
        world.organisations();
        world.policies();
        world.people(ann_has_a_key);
        world.now = Millis(START.0 - 2 * 86_400_000);
        world.lent_hands();
        world.now = START;
        world.work();
        world
    }

    fn found(&mut self) {
        let founders = [FOUNDER, SECOND_FOUNDER].map(|person| (person, key_of(person)));
        self.must(own(FOUNDER), Body::founded(founders, PublicKey([99; 32]), (LEDGER, key_of(LEDGER))));
    }

    fn organisations(&mut self) {
        for (org, kind, parent) in [
            (CITY, OrgKind::City, None),
            (A, OrgKind::Community, Some(CITY)),
            (B, OrgKind::Community, Some(CITY)),
            (GRID, OrgKind::Grid, Some(A)),
            (UNIT, OrgKind::WorkUnit, None),
            (BRANCH, OrgKind::PartyBranch, Some(UNIT)),
        ] {
            let name = format!("org {}", org.0[0]);
            self.must(own(FOUNDER), Body::org_registered(org, kind, name, parent));
        }
    }

    fn policies(&mut self) {
        let from = self.today();
        for policy in [
            Policy::Credit(CreditPolicy::PLAIN),
            Policy::Records(RecordPolicy { due_working_days: 10, longest: 720 }),
            Policy::Wishes(WishPolicy { open_claims: 3, fulfil_days: 15, open_days: 60 }),
        ] {
            self.must(own(FOUNDER), Body::policy_adopted(from, policy));
        }
        let points = PointsPolicy { absence: -200, red_from: 12_000, ..PointsPolicy::PLAIN };
        self.points = self.must(own(FOUNDER), Body::policy_adopted(from, Policy::Points(points)));
    }

    fn people(&mut self, ann_has_a_key: bool) {
        for (person, home, role) in [
            (STEWARD, CITY, Some((Role::Steward, CITY))),
            (STEWARD_B, B, Some((Role::Steward, B))),
            (WORKER_A, A, Some((Role::Worker, A))),
            (OTHER_WORKER_A, A, Some((Role::Worker, A))),
            (WORKER_B, B, Some((Role::Worker, B))),
            (OTHER_WORKER_B, B, Some((Role::Worker, B))),
            (OFFICER, B, Some((Role::UnitOfficer, UNIT))),
            (SECRETARY, B, Some((Role::Secretary, BRANCH))),
            (LEAD_B, B, Some((Role::Lead, B))),
            (AUDITOR_B, B, Some((Role::Auditor, B))),
            (NEIGHBOUR, A, None),
            (ERASED, A, None),
        ] {
            self.register(person, home);
            self.enrol(FOUNDER, person, key_of(person));
            if let Some((role, org)) = role {
                self.appoint(person, role, org, key_of(person));
            }
        }
        self.register(ANN, A);
        if ann_has_a_key {
            self.enrol(FOUNDER, ANN, key_of(ANN));
        }
    }

    pub(crate) fn register(&mut self, person: PersonId, home: OrgId) {
        let name = Commitment([person.0[0]; 32]);
        self.must(own(FOUNDER), Body::registered(person, home, name, None));
    }

    fn appoint(&mut self, person: PersonId, role: Role, org: OrgId, key: PublicKey) {
        let keys = vec![KeyId::of(&key)];
        self.must(own(FOUNDER), Body::appointed(person, role, org, keys));
    }

    /// A session of a person by a code of somebody, who may have typed it in.
    pub(crate) fn session(&mut self, by: PersonId, person: PersonId) -> Hand {
        let until = self.now.plus_days(1);
        let grant = self.must(own(by), Body::Session(SessionEvent::Granted { person, code: TEXT, until }));
        Hand { person, means: Means::Session(grant) }
    }

    pub(crate) fn enrol(&mut self, by: PersonId, person: PersonId, key: PublicKey) {
        let session = self.session(by, person);
        self.must(session, Body::Key(KeyEvent::Enrolled { person, key, proof: PROOF }));
        let Means::Session(grant) = session.means else { unreachable!("it is a session") };
        self.must(session, Body::Session(SessionEvent::Closed { person, grant }));
    }

    /// What came by a code days before the role did, and is in the hand of whoever handed out the code.
    fn lent_hands(&mut self) {
        for lent in [LENT_WORKER_A, OTHER_LENT_WORKER_A] {
            self.register(lent, A);
            self.enrol(WORKER_A, lent, key_of(lent));
            self.appoint(lent, Role::Worker, A, key_of(lent));
            self.hands.push((WORKER_A, own(lent)));
        }

        self.register(PROMOTED, B);
        let session = self.session(WORKER_B, PROMOTED);
        self.enrol(WORKER_B, PROMOTED, key_of(PROMOTED));
        self.hands.extend([(WORKER_B, own(PROMOTED)), (WORKER_B, session)]);
        let by_the_city = PublicKey([71; 32]);
        self.enrol(FOUNDER, PROMOTED, by_the_city);
        self.appoint(PROMOTED, Role::Worker, A, by_the_city);
        self.appoint(PROMOTED, Role::Auditor, A, by_the_city);
    }

    fn work(&mut self) {
        let activity = ACTIVITY;
        self.must(own(WORKER_A), Body::planned(activity, A, "care", TEXT, Lead::Named(TEXT)));
        self.must(own(WORKER_A), Body::Activity(ActivityEvent::Published { activity }));
        let begin = self.now.minute().0 + 600;
        let interval = Interval { start: Minute(begin), end: Minute(begin + 60) };
        self.must(own(WORKER_A), Body::shift_opened(activity, SHIFT, interval, 5));
        self.recorded = self.must(own(WORKER_A), self.hours([ANN, NEIGHBOUR, ANN], 1));
        let rows = Rows::Some { indexes: vec![0, 1] };
        self.must(own(OTHER_WORKER_A), Body::Hours(HoursEvent::Confirmed { recorded: self.recorded, rows }));
        for fund in [A, B] {
            let (from, to, kind) = (Account::Person(NEIGHBOUR), Account::Fund(fund), TransferKind::Donation);
            self.must(own(NEIGHBOUR), Body::Credit(CreditEvent::Transferred { from, to, minutes: 20, kind }));
        }
        for wish in [WISH, DRAFT] {
            self.must(own(WORKER_A), Body::posted(wish, A, ANN, "care", TEXT, 60));
        }
        self.must(own(OTHER_WORKER_A), Body::Wish(WishEvent::Vetted { wish: WISH, sentence: TEXT }));
        self.must(own(ERASED), Body::Member(MemberEvent::ErasureRequested { person: ERASED }));
    }

    /// An hour of each person, one after the other.
    pub(crate) fn hours<const N: usize>(&self, people: [PersonId; N], batch: u8) -> Body {
        let end = self.now.minute().0;
        let row = |(n, person): (i64, PersonId)| {
            let interval = Interval { start: Minute(end - 60 * (n + 1)), end: Minute(end - 60 * n) };
            let mut key = [batch; 16];
            key[15] = n as u8;
            Row { key: RowKey(key), person, interval }
        };
        let rows = (0..).zip(people).map(row).collect();
        Body::recorded(BatchId([batch; 16]), A, ACTIVITY, rows)
    }

    pub(crate) fn affiliate(&mut self, org: OrgId, kind: AffiliationKind) {
        let span = Span::since(self.today());
        let (person, by) = (ANN, own(ANN));
        let act = self.must(by, Body::affiliated(person, org, kind, span));
        let staff = if org == BRANCH { SECRETARY } else { OTHER_WORKER_B };
        self.must(own(staff), Body::Act(ActEvent::Approved { act }));
    }
}
