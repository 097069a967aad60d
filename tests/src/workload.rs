//! A seeded crowd that does what people do with a ledger: mostly what makes sense, often at the wrong time or by the
//! wrong person, sometimes broken or hostile, and again what was done before.

mod acts;
mod bodies;
mod looks;
mod mischief;
mod office;

use hourbook_ledger::domain::event::{
    ActEvent, ActivityEvent, Assurance, Body, Event, Expected, KeyEvent, MemberEvent, ReportInEvent, Role,
    WishEvent,
};
use std::collections::{BTreeMap, BTreeSet};

use hourbook_ledger::actor::Actor;
use hourbook_ledger::commitment::{Field, Opening};
use hourbook_ledger::domain::ids::{EventId, OrgId, PersonId};
use hourbook_ledger::domain::time::Millis;
use hourbook_ledger::envelope::Submission;

use crate::model::Model;
use crate::seeded::SeededRng;
use crate::village::{Cast, Somebody, identity};

/// One thing that happens.
#[derive(Clone, Debug)]
pub enum Step {
    /// The clock moves on to this moment.
    Clock(Millis),
    /// These batches are submitted one after the other, without waiting for answers.
    Round(Vec<Vec<Submission>>),
}

/// The crowd.
pub struct Workload {
    dice: SeededRng,
    seed: u64,
    cast: Cast,
    ledger: Actor,
    /// Keys that people have at hand, ended ones too.
    wallets: BTreeMap<PersonId, Vec<Actor>>,
    sent: Vec<Submission>,
    /// What opens each look that was put under a seal.
    sealed: BTreeMap<EventId, Body>,
    /// Dice for looks alone.
    looks: SeededRng,
    /// Percentage of events that are spoilt.
    pub mischief: u64,
}

/// What somebody wants to assert.
pub(crate) struct Wanted {
    pub(crate) who: PersonId,
    pub(crate) body: Body,
    pub(crate) openings: Vec<Opening>,
}

impl Workload {
    /// The crowd of a village, with the ledger's own hand.
    #[must_use]
    pub fn new(seed: u64, cast: &Cast, ledger: Actor) -> Self {
        let mut wallets: BTreeMap<PersonId, Vec<Actor>> = BTreeMap::new();
        let own = cast.people().map(|who| &who.actor);
        for actor in own.chain([&cast.founder, &cast.second_founder, &ledger]) {
            wallets.entry(actor.person).or_default().push(actor.clone());
        }
        let [dice, looks] = ["workload", "looks"].map(|purpose| SeededRng::new(seed, purpose));
        let (cast, sent, sealed) = (cast.clone(), Vec::new(), BTreeMap::new());
        Self { dice, seed, cast, ledger, wallets, sent, sealed, looks, mischief: 10 }
    }

    /// What happens next, given what is on the log.
    pub fn step(&mut self, model: &Model, now: Millis) -> Step {
        if self.dice.percent(35) {
            return Step::Clock(Millis(now.0 + self.pause()));
        }
        let batches = self.dice.between(1, 10);
        let mut batches: Vec<_> = (0..batches).map(|_| self.batch(model, now)).collect();
        batches.extend(self.look(model, now).map(|look| vec![look]));
        Step::Round(batches)
    }

    fn pause(&mut self) -> i64 {
        const MINUTE: u64 = 60_000;
        let pause = match self.dice.below(100) {
            0..=64 => self.dice.between(MINUTE, 90 * MINUTE),
            65..=91 => self.dice.between(2 * 60 * MINUTE, 30 * 60 * MINUTE),
            92..=98 => self.dice.between(2 * 1440 * MINUTE, 6 * 1440 * MINUTE),
            _ => self.dice.between(10 * 1440 * MINUTE, 40 * 1440 * MINUTE),
        };
        pause as i64
    }

    fn batch(&mut self, model: &Model, now: Millis) -> Vec<Submission> {
        let again = self.dice.percent(8) && !self.sent.is_empty();
        let size = if self.dice.percent(12) { self.dice.between(2, 6) } else { 1 };
        let batch: Vec<Submission> = (0..size)
            .map(|_| if again { self.dice.pick(&self.sent).clone() } else { self.submission(model, now) })
            .collect();
        self.sent.extend(batch.iter().cloned());
        batch
    }

    fn submission(&mut self, model: &Model, now: Millis) -> Submission {
        let wanted = loop {
            if let Some(wanted) = self.wanted(model, now) {
                break wanted;
            }
        };
        let Wanted { who, body, openings } = wanted;
        let actor = self.hand(model, who);
        let mut event = actor.event(now, self.dice.rng(), body);
        let signer = self.vary(model, now, &mut event, actor);
        let submission = Submission { signed: signer.sign(&event), openings };
        if self.dice.percent(self.mischief) {
            self.spoil(now, event, &signer, submission)
        } else {
            submission
        }
    }

    /// Sometimes staff act for the person, or the ledger witnesses, or the signer says where the stream should be.
    fn vary(&mut self, model: &Model, now: Millis, event: &mut Event, actor: Actor) -> Actor {
        if self.dice.percent(15) {
            event.expected = match model.revision(&event.stream) {
                Some(revision) => Expected::Exact(revision),
                None => Expected::NoneYet,
            };
        }
        if let Some(hand) = self.help(model, now, event) {
            return hand;
        }
        let person = event.actor;
        // A first key comes in a session, and in no other way.
        let enrols = matches!(event.body, Body::Key(KeyEvent::Enrolled { .. }));
        let session = self.session(model, now, person);
        if let (Some(grant), true) = (session, enrols || self.dice.percent(50)) {
            self.witness(event, grant);
            return self.ledger.clone();
        }
        let theirs = matches!(
            event.body,
            Body::Activity(ActivityEvent::SignedUp { .. })
                | Body::Activity(ActivityEvent::SignUpWithdrawn { .. })
                | Body::Wish(WishEvent::Claimed { .. })
                | Body::Wish(WishEvent::Fulfilled { .. })
                | Body::Wish(WishEvent::Confirmed { .. })
                | Body::Wish(WishEvent::Disputed { .. })
                | Body::Member(MemberEvent::ConsentGiven { .. })
                | Body::Member(MemberEvent::HelperNamed { .. })
                | Body::Member(MemberEvent::HelperEnded { .. })
                | Body::Act(ActEvent::Approved { .. })
                | Body::Act(ActEvent::Stopped { .. })
                | Body::ReportIn(ReportInEvent::Filed { .. })
        );
        if theirs && self.dice.percent(20) {
            let today = model.register.day(now);
            let home = model.register.residence(person, today).unwrap_or(self.cast.city);
            let staff = self.staff(model, now, home, &[Role::Worker, Role::Steward]);
            event.actor = staff;
            event.acting_for = Some(person);
            event.assurance = Assurance::StaffProxy;
            return self.hand(model, staff);
        }
        actor
    }

    /// The last of a person's keys that is in force, else any; whoever has none borrows one.
    fn hand(&mut self, model: &Model, person: PersonId) -> Actor {
        let own = self.wallets.get(&person).map_or(&[][..], Vec::as_slice);
        let in_force =
            |actor: &&Actor| model.register.keys.get(&actor.key_id()).is_some_and(|k| k.until.is_none());
        match own.iter().rev().find(in_force).or(own.last()) {
            Some(actor) => actor.clone(),
            None => crate::village::actor(&mut self.dice),
        }
    }

    /// Somebody who may act for an organisation; one time in ten anybody.
    fn staff(&mut self, model: &Model, now: Millis, org: OrgId, roles: &[Role]) -> PersonId {
        let today = model.register.day(now);
        let holders = model.register.roles.keys().map(|(person, _, _)| *person);
        let fitting = holders.filter(|person| model.register.has_role(*person, roles, org, today));
        match self.dice.any(fitting) {
            Some(person) if !self.dice.percent(6) => person,
            _ => self.anybody(model),
        }
    }

    /// Anybody who is registered, mostly with a key in force.
    fn anybody(&mut self, model: &Model) -> PersonId {
        let keyless = self.dice.percent(10);
        let in_force = model.register.keys.values().filter(|key| key.until.is_none());
        let able: BTreeSet<PersonId> = in_force.map(|key| key.person).collect();
        let people = model.register.people.keys().filter(|person| keyless || able.contains(person));
        let somebody = self.dice.any(people.copied());
        somebody.unwrap_or(self.cast.founder.person)
    }

    /// A volunteer; sometimes anybody.
    fn volunteer(&mut self, model: &Model) -> PersonId {
        if self.dice.percent(12) {
            return self.anybody(model);
        }
        self.dice.pick(&self.cast.volunteers).id()
    }

    /// Somebody new, with a key in the wallet.
    fn newcomer(&mut self, home: OrgId) -> Somebody {
        let actor = crate::village::actor(&mut self.dice);
        let (name, phone) = identity(self.seed, 100 + self.wallets.len());
        self.wallets.entry(actor.person).or_default().push(actor.clone());
        Somebody { actor, home, name, phone }
    }

    fn open(&mut self, subject: [u8; 16], field: Field, text: &str) -> Opening {
        Opening::new(subject, field, self.dice.bytes(), text).expect("a value that fits its field")
    }
}
