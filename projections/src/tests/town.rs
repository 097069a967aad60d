//! A small log, built by hand: the bodies are the test's, the effects are what the rules derive from them.

use hourbook_ledger::domain::event::{
    ActEvent, AffiliationKind, Assurance, Body, Event, HoursEvent, Lead, OrgKind, RecordClass, Row, Span,
};
use hourbook_ledger::domain::ids::{
    ActivityId, BatchId, Commitment, EventId, KeyId, OrgId, PersonId, PublicKey, RowKey,
};
use hourbook_ledger::domain::policy::{CreditPolicy, PointsPolicy, Policy, RecordPolicy, WishPolicy};
use hourbook_ledger::domain::time::{Date, Interval, Millis, Minute, Offset};
use hourbook_ledger::domain::{Context, State, evolve};
use hourbook_ledger::follower::LoggedEvent;

use crate::Models;

pub(crate) const OFFSET: Offset = Offset(480);
pub(crate) const FOUNDER: PersonId = PersonId([1; 16]);
pub(crate) const LEDGER: PersonId = PersonId([3; 16]);
pub(crate) const WORKER: PersonId = PersonId([5; 16]);
pub(crate) const SECOND_WORKER: PersonId = PersonId([6; 16]);
pub(crate) const CITY: OrgId = OrgId([20; 16]);
pub(crate) const EAST: OrgId = OrgId([21; 16]);
pub(crate) const WEST: OrgId = OrgId([22; 16]);
pub(crate) const GRID: OrgId = OrgId([23; 16]);
pub(crate) const UNIT: OrgId = OrgId([24; 16]);
pub(crate) const TEAM: OrgId = OrgId([25; 16]);
pub(crate) const ACTIVITY: ActivityId = ActivityId([30; 16]);
/// 2026-03-02, a Monday, 08:00 local time.
pub(crate) const START: Millis = Millis(1_772_409_600_000);

pub(crate) fn person(number: u8) -> PersonId {
    PersonId([100 + number; 16])
}

fn key_of(person: PersonId) -> PublicKey {
    PublicKey([person.0[0]; 32])
}

pub(crate) fn date(text: &str) -> Date {
    text.parse().unwrap()
}

pub(crate) fn from(text: &str) -> Span {
    Span::since(date(text))
}

pub(crate) fn word(byte: u8) -> Commitment {
    Commitment([byte; 32])
}

/// So many minutes from a local hour of a day on.
pub(crate) fn at(day: Date, hour: i64, minutes: i64) -> Interval {
    let start = Minute(day.start(OFFSET).0 + hour * 60);
    Interval { start, end: Minute(start.0 + minutes) }
}

/// A log in the making.
#[derive(Default)]
pub(crate) struct Town {
    pub(crate) state: State,
    pub(crate) now: Millis,
    pub(crate) log: Vec<LoggedEvent>,
}

impl Town {
    /// Founded, with organisations and policies, an activity, and six members living in `GRID`.
    pub(crate) fn new() -> Self {
        let mut town = Self { now: START, ..Self::default() };
        let founders = [FOUNDER, PersonId([2; 16])].map(|person| (person, key_of(person)));
        town.say(FOUNDER, Body::founded(founders, PublicKey([99; 32]), (LEDGER, key_of(LEDGER))));
        for (org, kind, parent) in [
            (CITY, OrgKind::City, None),
            (EAST, OrgKind::Community, Some(CITY)),
            (WEST, OrgKind::Community, Some(CITY)),
            (GRID, OrgKind::Grid, Some(EAST)),
            (UNIT, OrgKind::WorkUnit, Some(CITY)),
            (TEAM, OrgKind::Team, Some(WEST)),
        ] {
            let name = format!("org {}", org.0[0]);
            town.say(FOUNDER, Body::org_registered(org, kind, name, parent));
        }
        town.policies();
        [WORKER, SECOND_WORKER].into_iter().for_each(|p| town.register(p, EAST));
        (0..6).for_each(|n| town.register(person(n), GRID));
        town.say(WORKER, Body::planned(ACTIVITY, EAST, "cleaning", word(1), Lead::Person(WORKER)));
        town
    }

    fn policies(&mut self) {
        for policy in [
            Policy::Credit(CreditPolicy::PLAIN),
            Policy::Records(RecordPolicy { due_working_days: 10, longest: 720 }),
            Policy::Wishes(WishPolicy { open_claims: 3, fulfil_days: 15, open_days: 60 }),
            Policy::Points(PointsPolicy::PLAIN),
        ] {
            self.adopt("2026-01-01", policy);
        }
    }

    pub(crate) fn adopt(&mut self, from: &str, policy: Policy) -> EventId {
        self.say(FOUNDER, Body::policy_adopted(date(from), policy))
    }

    pub(crate) fn register(&mut self, person: PersonId, home: OrgId) {
        self.say(FOUNDER, Body::registered(person, home, word(person.0[0]), Some(word(7))));
    }

    /// Appends an event of the actor's own, and whatever it waits for.
    pub(crate) fn say(&mut self, actor: PersonId, body: Body) -> EventId {
        self.say_as(actor, None, Assurance::DeviceKey, body)
    }

    pub(crate) fn say_as(
        &mut self,
        actor: PersonId,
        acting_for: Option<PersonId>,
        assurance: Assurance,
        body: Body,
    ) -> EventId {
        let act = self.append(actor, acting_for, assurance, body);
        if self.state.acts.get(act).is_some_and(|held| held.second.is_some()) {
            self.append(FOUNDER, None, Assurance::DeviceKey, Body::Act(ActEvent::Approved { act }));
        }
        if self.state.acts.get(act).is_some() {
            self.append(LEDGER, None, Assurance::DeviceKey, Body::Act(ActEvent::TookEffect { act }));
        }
        act
    }

    /// Appends an event, which may wait.
    pub(crate) fn append(
        &mut self,
        actor: PersonId,
        acting_for: Option<PersonId>,
        assurance: Assurance,
        body: Body,
    ) -> EventId {
        let position = self.log.len() as u64;
        let id = EventId::numbered(self.now, position);
        let plain = Event::plain(id, "ledger.example/town", actor, self.now, body);
        let event = Event { acting_for, assurance, ..plain };
        let signer = KeyId::of(&key_of(actor));
        let cx = Context { position, recorded_at: self.now, signer };
        let effects = evolve(&mut self.state, &cx, &event);
        let revision = self.state.revision(&event.stream).unwrap();
        self.log.push(LoggedEvent { position, recorded_at: self.now, revision, signer, event, effects });
        id
    }

    pub(crate) fn affiliate(&mut self, person: PersonId, org: OrgId, kind: AffiliationKind, span: Span) {
        self.say(WORKER, Body::affiliated(person, org, kind, span));
    }

    /// In service at `UNIT` and reported in to `GRID`, since the first of March.
    pub(crate) fn enlist(&mut self, person: PersonId) {
        self.affiliate(person, UNIT, AffiliationKind::Organisational, from("2026-03-01"));
        self.affiliate(person, GRID, AffiliationKind::ReportedIn, from("2026-03-01"));
    }

    pub(crate) fn record(&mut self, rows: &[(PersonId, Interval)]) -> EventId {
        self.record_as(RecordClass::Normal, rows)
    }

    pub(crate) fn record_as(&mut self, class: RecordClass, rows: &[(PersonId, Interval)]) -> EventId {
        let next = self.log.len() as u8;
        let row = |(n, (person, interval)): (usize, &(PersonId, Interval))| {
            let key = RowKey([next, n as u8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
            Row { key, person: *person, interval: *interval }
        };
        let rows = rows.iter().enumerate().map(row).collect();
        let (batch, org, activity) = (BatchId([next; 16]), EAST, ACTIVITY);
        let (part, total, photos) = (0, 1, Vec::new());
        let body = HoursEvent::Recorded { batch, part, total, org, activity, class, rows, photos };
        self.say(WORKER, Body::Hours(body))
    }

    pub(crate) fn confirm(&mut self, recorded: EventId) -> EventId {
        self.say(SECOND_WORKER, Body::all_confirmed(recorded))
    }

    pub(crate) fn correct(&mut self, recorded: EventId, row: u16, replacement: Option<Interval>) -> EventId {
        self.say(WORKER, Body::Hours(HoursEvent::Corrected { recorded, row, replacement, reason: word(66) }))
    }

    /// Recorded and confirmed.
    pub(crate) fn serve(&mut self, person: PersonId, interval: Interval) {
        let recorded = self.record(&[(person, interval)]);
        self.confirm(recorded);
    }

    pub(crate) fn position(&self) -> u64 {
        self.log.len() as u64
    }

    pub(crate) fn models(&self) -> Models {
        folded(&self.log)
    }
}

pub(crate) fn folded(log: &[LoggedEvent]) -> Models {
    let mut models = Models::default();
    log.iter().for_each(|event| models.fold(event));
    models
}
