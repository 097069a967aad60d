//! A small town on a test server: organisations, people with roles and keys, policies.

use hourbook_ledger::actor::{Actor, event_id};
use hourbook_ledger::commitment::{Field, Opening};
use hourbook_ledger::domain::event::{
    ActEvent, AffiliationKind, Body, Event, Lead, MemberEvent, OrgKind, Role, Row, Scope, SessionEvent, Span,
    WishEvent,
};
use hourbook_ledger::domain::ids::{
    ActivityId, BatchId, Commitment, EventId, OrgId, PersonId, RowKey, WishId,
};
use hourbook_ledger::domain::policy::{Basis, CreditPolicy, PointsPolicy, Policy, RecordPolicy, WishPolicy};
use hourbook_ledger::domain::time::{Date, Interval, Minute, Offset};
use hourbook_ledger::envelope::Submission;

use crate::enrolment::enrolment;
use crate::seeded::SeededRng;
use crate::server::{Answer, FOUNDED, MORNING, Server, actor, person};

/// The city: everything is below it.
pub const CITY: OrgId = OrgId([101; 16]);
/// A community.
pub const COMMUNITY: OrgId = OrgId([102; 16]);
/// A grid of the community.
pub const GRID: OrgId = OrgId([103; 16]);
/// Another community.
pub const ELSEWHERE: OrgId = OrgId([104; 16]);
/// A work unit.
pub const UNIT: OrgId = OrgId([105; 16]);
/// A Party branch of the unit.
pub const BRANCH: OrgId = OrgId([106; 16]);
/// A volunteer team of the community.
pub const TEAM: OrgId = OrgId([107; 16]);

/// The first founder.
pub const FOUNDER: u8 = 1;
/// Steward of the city.
pub const STEWARD: u8 = 3;
/// Worker of the community.
pub const WORKER: u8 = 4;
/// Another worker of the community.
pub const SECOND_WORKER: u8 = 5;
/// Worker of the other community.
pub const FAR_WORKER: u8 = 6;
/// Officer of the unit.
pub const OFFICER: u8 = 7;
/// Secretary of the branch.
pub const SECRETARY: u8 = 8;
/// Auditor of the whole ledger.
pub const AUDITOR: u8 = 9;
/// Another steward of the city.
pub const SECOND_STEWARD: u8 = 14;
/// A volunteer of the grid with a key, in service at the unit.
pub const ANN: u8 = 10;
/// A volunteer of the grid with a key.
pub const BEN: u8 = 11;
/// A resident of the grid without a key.
pub const OLD: u8 = 12;
/// A volunteer of the other community with a key.
pub const FAR: u8 = 13;

/// A person of the town: seed, name, home and role.
pub type Townsman = (u8, &'static str, OrgId, Option<(Role, OrgId)>);

/// Everybody of the town.
pub const PEOPLE: [Townsman; 12] = [
    (STEWARD, "钱市长", CITY, Some((Role::Steward, CITY))),
    (WORKER, "孙社工", COMMUNITY, Some((Role::Worker, COMMUNITY))),
    (SECOND_WORKER, "李社工", COMMUNITY, Some((Role::Worker, COMMUNITY))),
    (FAR_WORKER, "周远方", ELSEWHERE, Some((Role::Worker, ELSEWHERE))),
    (OFFICER, "吴干事", UNIT, Some((Role::UnitOfficer, UNIT))),
    (SECRETARY, "郑书记", BRANCH, Some((Role::Secretary, BRANCH))),
    (AUDITOR, "王审计", CITY, None),
    (SECOND_STEWARD, "赵市长", CITY, Some((Role::Steward, CITY))),
    (ANN, "安娜娜", GRID, None),
    (BEN, "本杰明", GRID, None),
    (OLD, "冯老太", GRID, None),
    (FAR, "陈远客", ELSEWHERE, None),
];

/// More volunteers of the grid, without keys: where they serve too, nobody's figures are those of few.
pub const CROWD: [u8; 6] = [61, 62, 63, 64, 65, 66];

/// The name of anybody in the town, of the crowd too.
#[must_use]
pub fn name_of(seed: u8) -> String {
    const GIVEN: [&str; 6] = ["甲人", "乙人", "丙人", "丁人", "戊人", "己人"];
    let of_crowd = CROWD.iter().position(|who| *who == seed);
    of_crowd.map_or_else(|| name(seed).to_owned(), |place| format!("众{}", GIVEN[place]))
}

/// The name of a test person.
///
/// # Panics
/// For a person without one.
#[must_use]
pub fn name(seed: u8) -> &'static str {
    PEOPLE.iter().find(|(who, ..)| *who == seed).expect("a person of the town").1
}

/// A town on a server.
pub struct Town {
    /// The server.
    pub server: Server,
}

/// Today, when a test begins.
#[must_use]
pub fn today() -> Date {
    MORNING.date(Offset(480))
}

/// Minutes of a day, ending `days_ago` days before today, from `from` (minutes after local midnight) on.
#[must_use]
pub fn interval(days_ago: i32, from: i64, minutes: i64) -> Interval {
    let start = Minute(today().plus(-days_ago).start(Offset(480)).0 + from);
    Interval { start, end: Minute(start.0 + minutes) }
}

/// An opening with a salt that follows from the value, so that a test can name its commitment again.
///
/// # Panics
/// If the value has no canonical form.
#[must_use]
pub fn opening(subject: [u8; 16], field: Field, value: &str) -> Opening {
    let mut salt = [0x5a; 32];
    salt.iter_mut().zip(value.bytes()).for_each(|(salt, byte)| *salt ^= byte);
    salt[31] ^= subject[0];
    Opening::new(subject, field, salt, value).expect("a canonical value")
}

impl Town {
    /// A server with the town on it.
    ///
    /// # Panics
    /// If the town is not accepted.
    #[must_use]
    pub fn start() -> Self {
        Self::on(Server::start())
    }

    /// The town on a server whose ledger was just founded.
    ///
    /// # Panics
    /// If the town is not accepted.
    #[must_use]
    pub fn on(server: Server) -> Self {
        let town = Self { server };
        town.server.clock.set(FOUNDED);
        let answer = town.server.append(&town.beginning());
        assert_eq!(answer.status, 201, "{}", answer.text());
        town.settle(&answer);
        town.server.clock.set(MORNING);
        town
    }

    /// Registers the crowd.
    ///
    /// # Panics
    /// If it is not accepted.
    pub fn crowd(&self) {
        let all = CROWD.map(|seed| self.registration(FOUNDER, person(seed), GRID, &name_of(seed)));
        let answer = self.server.append(&all);
        assert_eq!(answer.status, 201, "{}", answer.text());
        self.settle(&answer);
    }

    /// Waits until the read side has the answer's last event.
    ///
    /// # Panics
    /// If it does not come.
    pub fn settle(&self, answer: &Answer) {
        let json = answer.json();
        let last = json["receipts"].as_array().and_then(|r| r.last()).unwrap_or(&json)["position"].as_u64();
        self.settle_at(last.unwrap_or_else(|| panic!("no receipt: {}", answer.text())));
    }

    /// Waits until the read side has the event at a position.
    ///
    /// # Panics
    /// If it does not come.
    pub fn settle_at(&self, last: u64) {
        self.server.settle_at(last);
    }

    fn beginning(&self) -> Vec<Submission> {
        let mut bodies = vec![
            Body::org_registered(CITY, OrgKind::City, "栀川市", None),
            Body::org_registered(COMMUNITY, OrgKind::Community, "听蝉社区", Some(CITY)),
            Body::org_registered(GRID, OrgKind::Grid, "第一网格", Some(COMMUNITY)),
            Body::org_registered(ELSEWHERE, OrgKind::Community, "纸鸢桥社区", Some(CITY)),
            Body::org_registered(UNIT, OrgKind::WorkUnit, "供水公司", Some(CITY)),
            Body::org_registered(BRANCH, OrgKind::PartyBranch, "供水公司支部", Some(UNIT)),
            Body::org_registered(TEAM, OrgKind::Team, "先锋队", Some(COMMUNITY)),
        ];
        bodies.extend(policies().map(|policy| Body::policy_adopted(today(), policy)));
        let mut all: Vec<Submission> = bodies.into_iter().map(|body| self.by(FOUNDER, body)).collect();
        for (seed, name, home, role) in PEOPLE {
            all.push(self.registration(FOUNDER, person(seed), home, name));
            if seed != OLD {
                all.extend(self.enrolment(FOUNDER, &actor(seed)));
            }
            if let Some((role, org)) = role {
                all.push(self.grant(seed, role, Scope::Org(org)));
            }
        }
        all.push(self.grant(AUDITOR, Role::Auditor, Scope::Ledger));
        let span = Span::since(today().plus(-30));
        let member = |org, kind| Body::affiliated(person(ANN), org, kind, span);
        let to_unit = self.event(OFFICER, member(UNIT, AffiliationKind::Organisational));
        all.push(sign(&actor(OFFICER), &to_unit));
        all.push(self.by(WORKER, Body::Act(ActEvent::Approved { act: to_unit.id })));
        all.push(self.by(WORKER, member(GRID, AffiliationKind::ReportedIn)));
        all
    }

    fn grant(&self, seed: u8, role: Role, scope: Scope) -> Submission {
        let keys = vec![actor(seed).key_id()];
        self.by(FOUNDER, Body::appointed(person(seed), role, scope, keys))
    }

    /// What enrols somebody's key, in a session by a code that another hands out.
    #[must_use]
    pub fn enrolment(&self, by: u8, holder: &Actor) -> Vec<Submission> {
        let mut dice = SeededRng::new(self.server.app.read.read().as_of(), &holder.key_id().to_string());
        enrolment(&actor(by), holder, &self.server.ledger(), self.server.now(), &mut dice)
    }

    /// A second person, or the other side, stands for an act that waits.
    ///
    /// # Panics
    /// If that is refused.
    pub fn approve(&self, by: u8, act: EventId) -> Answer {
        self.must(by, Body::Act(ActEvent::Approved { act }), Vec::new())
    }

    /// Something that waits for a second person, and that person's word for it; the answer to the first.
    ///
    /// # Panics
    /// If either is refused.
    pub fn must_both(&self, by: u8, second: u8, body: Body, openings: Vec<Opening>) -> Answer {
        let answer = self.must(by, body, openings);
        self.approve(second, Self::event_of(&answer));
        answer
    }

    /// A registration with the name and its opening.
    #[must_use]
    pub fn registration(&self, by: u8, who: PersonId, home: OrgId, name: &str) -> Submission {
        let opening = opening(who.0, Field::Name, name);
        let body = Body::registered(who, home, opening.commitment(), None);
        Submission { openings: vec![opening], ..self.by(by, body) }
    }

    /// Registers somebody with a phone and a volunteer number, as far as there are any.
    ///
    /// # Panics
    /// If that is refused.
    pub fn register(&self, seed: u8, home: OrgId, name: &str, phone: Option<&str>, number: Option<&str>) {
        let who = person(seed);
        let sealed = |field, value: Option<&str>| value.map(|value| opening(who.0, field, value));
        let name = opening(who.0, Field::Name, name);
        let (phone, number) = (sealed(Field::Phone, phone), sealed(Field::VolunteerNumber, number));
        let body = Body::Member(MemberEvent::Registered {
            person: who,
            home,
            name: name.commitment(),
            phone: phone.as_ref().map(Opening::commitment),
            id_number: None,
            volunteer_number: number.as_ref().map(Opening::commitment),
        });
        self.must(FOUNDER, body, [Some(name), phone, number].into_iter().flatten().collect());
    }

    /// An event of a person, not signed yet.
    #[must_use]
    pub fn event(&self, by: u8, body: Body) -> Event {
        actor(by).event(self.server.now(), &mut *hourbook::state::system_rng(), body)
    }

    /// A fresh id of now.
    #[must_use]
    pub fn id(&self) -> EventId {
        event_id(self.server.now(), &mut *hourbook::state::system_rng())
    }

    /// Something that a person asserts.
    #[must_use]
    pub fn by(&self, by: u8, body: Body) -> Submission {
        let event = self.event(by, body);
        sign(&actor(by), &event)
    }

    /// Hands in what a person asserts, with openings.
    #[must_use]
    pub fn say(&self, by: u8, body: Body, openings: Vec<Opening>) -> Answer {
        self.server.append(&[Submission { openings, ..self.by(by, body) }])
    }

    /// The same, expecting that it is accepted and known to readers.
    ///
    /// # Panics
    /// If it is refused.
    pub fn must(&self, by: u8, body: Body, openings: Vec<Opening>) -> Answer {
        let answer = self.say(by, body, openings);
        assert_eq!(answer.status, 201, "{}", answer.text());
        self.settle(&answer);
        answer
    }

    /// The id of the event behind an answer.
    ///
    /// # Panics
    /// If there is none.
    #[must_use]
    pub fn event_of(answer: &Answer) -> EventId {
        let id = answer.json()["receipts"][0]["event"].as_str().map(str::parse);
        id.expect("a receipt").expect("an id")
    }

    /// Plans an activity of an organisation.
    #[must_use]
    pub fn activity(&self, by: u8, seed: u8, org: OrgId) -> ActivityId {
        let activity = ActivityId([seed; 16]);
        let title = opening(activity.0, Field::Title, "清扫小区");
        let body = Body::planned(activity, org, "cleaning", title.commitment(), Lead::Person(person(by)));
        self.must(by, body, vec![title]);
        activity
    }

    /// A recording of rows.
    #[must_use]
    pub fn hours(&self, org: OrgId, activity: ActivityId, of: &[(u8, Interval)]) -> Body {
        Body::recorded(BatchId(self.id().0), org, activity, rows(of))
    }

    /// Posts a wish of a resident; its id.
    #[must_use]
    pub fn wish(&self, by: u8, seed: u8, resident: u8) -> WishId {
        self.wish_saying(by, seed, resident, "床头灯坏了，晚上起床看不见")
    }

    /// Posts a wish of a resident in words of one's own.
    pub fn wish_saying(&self, by: u8, seed: u8, resident: u8, words: &str) -> WishId {
        let wish = WishId([seed; 16]);
        let (body, text) = wish_said(wish, resident, words);
        self.must(by, body, vec![text]);
        wish
    }

    /// Passes the sentence of a wish.
    pub fn vet(&self, by: u8, wish: WishId) {
        let sentence = opening(wish.0, Field::WishSentence, "想要一盏床头灯");
        self.must(
            by,
            Body::Wish(WishEvent::Vetted { wish, sentence: sentence.commitment() }),
            vec![sentence],
        );
    }

    /// Grants a person a session with a code, and signs in with it; the token.
    ///
    /// # Panics
    /// If that fails.
    #[must_use]
    pub fn code_session(&self, by: u8, who: u8, code: &str) -> String {
        self.hand_out(by, who, code);
        let session = self.server.post("/v1/sessions", &serde_json::json!({ "code": code }));
        session.json()["token"].as_str().unwrap_or_else(|| panic!("{}", session.text())).to_owned()
    }

    /// Grants a person a session with a code; the grant.
    pub fn hand_out(&self, by: u8, who: u8, code: &str) -> EventId {
        let opening = opening(person(who).0, Field::Code, code);
        let until = self.server.now().plus_days(1);
        let body =
            Body::Session(SessionEvent::Granted { person: person(who), code: opening.commitment(), until });
        Self::event_of(&self.must(by, body, vec![opening]))
    }
}

/// A wish of a resident, with the opening of its text.
#[must_use]
pub fn wish_posted(wish: WishId, resident: u8) -> (Body, Opening) {
    wish_said(wish, resident, "床头灯坏了，晚上起床看不见")
}

fn wish_said(wish: WishId, resident: u8, words: &str) -> (Body, Opening) {
    let text = opening(person(resident).0, Field::WishText, words);
    (Body::posted(wish, COMMUNITY, person(resident), "goods", text.commitment(), 60), text)
}

/// Rows of a recording, with keys that follow from them.
#[must_use]
pub fn rows(of: &[(u8, Interval)]) -> Vec<Row> {
    let row = |(i, (who, interval)): (usize, &(u8, Interval))| {
        let mut key = [*who; 16];
        key[..8].copy_from_slice(&interval.start.0.to_be_bytes());
        key[8] = i as u8;
        Row { key: RowKey(key), person: person(*who), interval: *interval }
    };
    of.iter().enumerate().map(row).collect()
}

/// A commitment whose opening nobody has.
#[must_use]
pub fn unopened(seed: u8) -> Commitment {
    Commitment([seed; 32])
}

/// Signs an event, without openings.
#[must_use]
pub fn sign(by: &Actor, event: &Event) -> Submission {
    Submission { signed: by.sign(event), openings: Vec::new() }
}

fn policies() -> [Policy; 4] {
    let (document, issuer) = ("萤组发〔2026〕3号".to_owned(), "中共萤湾镇委员会".to_owned());
    let basis = Basis { document, issuer };
    [
        Policy::Credit(CreditPolicy { transfer_limit: Some(480), ..CreditPolicy::PLAIN }),
        Policy::Records(RecordPolicy { due_working_days: 10, longest: 960 }),
        Policy::Wishes(WishPolicy { open_claims: 1, fulfil_days: 15, open_days: 30 }),
        Policy::Points(PointsPolicy { red_from: 6_100, basis: Some(basis), ..PointsPolicy::PLAIN }),
    ]
}
