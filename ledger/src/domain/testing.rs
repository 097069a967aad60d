//! A small founded town for given/when/then tests beside the rules.

use super::event::{ActEvent, Assurance, Body, Event, KeyEvent, OrgKind, Role, Scope, SessionEvent};
use super::ids::{EventId, KeyId, OrgId, PersonId, Possession, PublicKey};
use super::policy::{CreditPolicy, Policy, RecordPolicy, WishPolicy};
use super::time::{Date, Millis, Offset};
use super::{Code, Context, Effect, Reason, Rejection, State, decide, evolve};
use crate::store::lazy;

pub(crate) const FOUNDER: PersonId = PersonId([1; 16]);
pub(crate) const SECOND_FOUNDER: PersonId = PersonId([2; 16]);
pub(crate) const LEDGER: PersonId = PersonId([3; 16]);
/// Steward of the city.
pub(crate) const STEWARD: PersonId = PersonId([4; 16]);
/// Workers of `COMMUNITY`.
pub(crate) const WORKER: PersonId = PersonId([5; 16]);
pub(crate) const SECOND_WORKER: PersonId = PersonId([6; 16]);
/// Worker of `OTHER_COMMUNITY`.
pub(crate) const FAR_WORKER: PersonId = PersonId([7; 16]);
/// Volunteers living in `GRID`.
pub(crate) const ANN: PersonId = PersonId([10; 16]);
pub(crate) const BO: PersonId = PersonId([11; 16]);
/// A resident living in `GRID`.
pub(crate) const RESIDENT: PersonId = PersonId([12; 16]);

pub(crate) const CITY: OrgId = OrgId([20; 16]);
pub(crate) const COMMUNITY: OrgId = OrgId([21; 16]);
pub(crate) const OTHER_COMMUNITY: OrgId = OrgId([22; 16]);
pub(crate) const GRID: OrgId = OrgId([23; 16]);

/// 2026-03-02, a Monday, 08:00 local time.
pub(crate) const START: Millis = Millis(1_772_409_600_000);

/// State, clock and log position of a test.
pub(crate) struct Town {
    pub(crate) state: State,
    pub(crate) now: Millis,
    pub(crate) position: u64,
}

impl Drop for Town {
    /// Whatever a test did: the digest that was kept up is that of the records, and the state survives its bytes.
    fn drop(&mut self) {
        let kept = self.state.settle_digest();
        assert_eq!(kept, self.state.digest(), "the digest was kept up wrongly");
        let read: State = lazy::load(self.bytes().into()).expect("the state is read from its bytes");
        assert_eq!(read.digest(), kept, "the state did not survive its bytes");
    }
}

impl Town {
    /// The bytes of its state, as a snapshot has them.
    pub(crate) fn bytes(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.state.write(&mut bytes).expect("a list takes everything");
        bytes
    }

    /// Founded, with organisations, staff, two volunteers, a resident and policies in force from 2026-03-02.
    pub(crate) fn new() -> Self {
        let mut town = Self::settled();
        town.policies(true);
        town
    }

    /// The same with no credit policy yet.
    pub(crate) fn without_credit() -> Self {
        let mut town = Self::settled();
        town.policies(false);
        town
    }

    fn settled() -> Self {
        // Keys that came by a code are their person's own by the day on which the tests begin.
        let long_ago = Millis(START.0 - 8 * 86_400_000);
        let mut town = Self { state: State::default(), now: long_ago, position: 0 };
        town.state.keep_digest();
        town.found();
        town.organisations();
        town.people();
        town.now = START;
        town
    }

    fn found(&mut self) {
        let founders = [FOUNDER, SECOND_FOUNDER].map(|person| (person, key_of(person)));
        self.must(FOUNDER, Body::founded(founders, PublicKey([99; 32]), (LEDGER, key_of(LEDGER))));
    }

    fn organisations(&mut self) {
        let orgs = [
            (CITY, OrgKind::City, None),
            (COMMUNITY, OrgKind::Community, Some(CITY)),
            (OTHER_COMMUNITY, OrgKind::Community, Some(CITY)),
            (GRID, OrgKind::Grid, Some(COMMUNITY)),
        ];
        for (org, kind, parent) in orgs {
            let name = format!("org {}", org.0[0]);
            self.must(FOUNDER, Body::org_registered(org, kind, name, parent));
        }
    }

    fn people(&mut self) {
        let staff = [
            (STEWARD, Role::Steward, CITY),
            (WORKER, Role::Worker, COMMUNITY),
            (SECOND_WORKER, Role::Worker, COMMUNITY),
            (FAR_WORKER, Role::Worker, OTHER_COMMUNITY),
        ];
        for (person, role, org) in staff {
            self.register(person, org);
            self.must(FOUNDER, grants(person, role, org));
        }
        [ANN, BO, RESIDENT].into_iter().for_each(|person| self.register(person, GRID));
    }

    pub(crate) fn register(&mut self, person: PersonId, home: OrgId) {
        let name = super::ids::Commitment([person.0[0]; 32]);
        self.must(FOUNDER, Body::registered(person, home, name, None));
        self.enrol(FOUNDER, person, key_of(person));
    }

    /// Opens a session of a person by a code that `by` hands out.
    pub(crate) fn session(&mut self, by: PersonId, person: PersonId) -> EventId {
        let code = super::ids::Commitment([self.position as u8; 32]);
        let until = self.now.plus_days(1);
        let grant = self.given(by, Body::Session(SessionEvent::Granted { person, code, until }));
        let until = self.now.plus_days(30);
        self.must(LEDGER, Body::Session(SessionEvent::Opened { person, grant, until }));
        grant
    }

    /// A person enrols a key in a session by a code that `by` hands out.
    pub(crate) fn enrol(&mut self, by: PersonId, person: PersonId, key: PublicKey) {
        let grant = self.session(by, person);
        let body = Body::Key(KeyEvent::Enrolled { person, key, proof: PROOF });
        self.witnessed(person, grant, body).expect("the key is enrolled");
    }

    fn policies(&mut self, with_credit: bool) {
        let from = self.now.date(Offset(480));
        let policies = [
            Policy::Credit(CreditPolicy::PLAIN),
            Policy::Records(RecordPolicy { due_working_days: 10, longest: 720 }),
            Policy::Wishes(WishPolicy { open_claims: 3, fulfil_days: 15, open_days: 60 }),
        ];
        for policy in policies.into_iter().filter(|p| with_credit || !matches!(p, Policy::Credit(_))) {
            self.must(FOUNDER, Body::policy_adopted(from, policy));
        }
    }

    /// The event as the actor would sign it with an own key.
    pub(crate) fn event(&self, actor: PersonId, body: Body) -> Event {
        let id = EventId::numbered(self.now, self.position);
        Event::plain(id, "ledger.example/town", actor, self.now, body)
    }

    /// The context in which `signer`'s key meets the log now.
    pub(crate) fn context(&self, signer: PersonId) -> Context {
        Context { position: self.position, recorded_at: self.now, signer: KeyId::of(&key_of(signer)) }
    }

    /// Decides the event signed by `signer` and applies it if it is accepted.
    pub(crate) fn submit(&mut self, signer: PersonId, event: &Event) -> Outcome {
        let cx = self.context(signer);
        self.judge(&cx, event)?;
        self.position += 1;
        Ok(evolve(&mut self.state, &cx, event))
    }

    /// What comes of `actor` asserting `body` with an own key.
    pub(crate) fn attempt(&mut self, actor: PersonId, body: Body) -> Outcome {
        let event = self.event(actor, body);
        self.submit(actor, &event)
    }

    /// What comes of `actor` asserting `body` with a key of theirs other than the usual one.
    pub(crate) fn by_key(&mut self, key: &PublicKey, actor: PersonId, body: Body) -> Outcome {
        let event = self.event(actor, body);
        let cx = Context { signer: KeyId::of(key), ..self.context(actor) };
        self.judge(&cx, &event)?;
        self.position += 1;
        Ok(evolve(&mut self.state, &cx, &event))
    }

    /// What the rules say. A refusal for which there are several causes says which.
    fn judge(&self, cx: &Context, event: &Event) -> Result<(), Rejection> {
        decide(&self.state, cx, event).inspect_err(|refused| match refused.code {
            Code::OutOfRange => assert!(refused.detail.is_some(), "{refused} names no field"),
            Code::BadInterval | Code::FourEyes => {
                assert_eq!(refused.reason.map(Reason::code), Some(refused.code), "{refused} says not why");
            }
            _ => {}
        })
    }

    /// Asserts what must be accepted and gives the event's id.
    pub(crate) fn given(&mut self, actor: PersonId, body: Body) -> EventId {
        let event = self.event(actor, body);
        self.submit(actor, &event).expect("the given event is accepted");
        event.id
    }

    /// Asserts what must be accepted.
    pub(crate) fn must(&mut self, actor: PersonId, body: Body) -> Vec<Effect> {
        self.attempt(actor, body).expect("the event is accepted")
    }

    /// What comes of `actor` asserting `body`, and of `second` standing for it where it waits for that.
    pub(crate) fn seconded(&mut self, actor: PersonId, body: Body, second: PersonId) -> Outcome {
        let event = self.event(actor, body);
        self.submit_seconded(actor, &event, second)
    }

    /// The same of an event at hand.
    pub(crate) fn submit_seconded(&mut self, signer: PersonId, event: &Event, second: PersonId) -> Outcome {
        let effects = self.submit(signer, event)?;
        if !matches!(effects[..], [Effect::Held { needs_approval: true, .. }]) {
            return Ok(effects);
        }
        let mut effects = self.attempt(second, Body::Act(ActEvent::Approved { act: event.id }))?;
        assert_eq!(effects.remove(0), Effect::TookEffect(Box::new(event.clone())), "it waits for no more");
        Ok(effects)
    }

    /// Asserts what must wait for a second person, who stands for it. Gives what follows.
    pub(crate) fn approved(&mut self, actor: PersonId, body: Body, second: PersonId) -> Vec<Effect> {
        let act = self.held(actor, body);
        let mut effects = self.must(second, Body::Act(ActEvent::Approved { act }));
        assert!(matches!(effects.remove(0), Effect::TookEffect(event) if event.id == act), "it has effect");
        effects
    }

    /// Asserts what must be accepted and wait. Gives the act.
    pub(crate) fn held(&mut self, actor: PersonId, body: Body) -> EventId {
        let event = self.event(actor, body);
        let effects = self.submit(actor, &event).expect("it is accepted");
        assert!(matches!(effects[..], [Effect::Held { .. }]), "it waits: {effects:?}");
        event.id
    }

    /// A staff member asserts something for a person.
    pub(crate) fn proxy(&mut self, staff: PersonId, person: PersonId, body: Body) -> Outcome {
        let mut event = self.event(staff, body);
        event.acting_for = Some(person);
        event.assurance = Assurance::StaffProxy;
        self.submit(staff, &event)
    }

    /// A person asserts something in a session witnessed by the ledger.
    pub(crate) fn witnessed(&mut self, person: PersonId, grant: EventId, body: Body) -> Outcome {
        let mut event = self.event(person, body);
        event.assurance = Assurance::ServerWitnessed;
        event.grant = Some(grant);
        self.submit(LEDGER, &event)
    }

    /// A helper asserts something for a person: by an own key, or in a session witnessed by the ledger.
    pub(crate) fn helping(
        &mut self,
        (helper, session): (PersonId, Option<EventId>),
        person: PersonId,
        body: Body,
    ) -> Outcome {
        let mut event = self.event(helper, body);
        (event.acting_for, event.grant) = (Some(person), session);
        if session.is_none() {
            return self.submit(helper, &event);
        }
        event.assurance = Assurance::ServerWitnessed;
        self.submit(LEDGER, &event)
    }

    /// Moves the clock on.
    pub(crate) fn wait_days(&mut self, days: u32) {
        self.now = self.now.plus_days(days);
    }

    /// Today, local.
    pub(crate) fn today(&self) -> Date {
        self.now.date(Offset(480))
    }
}

/// What an event is answered.
pub(crate) type Outcome = Result<Vec<Effect>, Rejection>;

/// The code of a refusal.
pub(crate) fn code(town: &mut Town, actor: PersonId, body: Body) -> Result<(), Code> {
    town.attempt(actor, body).map(drop).map_err(|refused| refused.code)
}

/// A role with the person's own key.
pub(crate) fn grants(person: PersonId, role: Role, scope: impl Into<Scope>) -> Body {
    Body::appointed(person, role, scope, keys_of(person))
}

/// The public key that stands for a person's in these tests; the rules never check a signature.
pub(crate) fn key_of(person: PersonId) -> PublicKey {
    let mut key = [7; 32];
    key[..16].copy_from_slice(&person.0);
    PublicKey(key)
}

/// Keys by which a person's roles are exercised in these tests.
pub(crate) fn keys_of(person: PersonId) -> Vec<KeyId> {
    vec![KeyId::of(&key_of(person))]
}

/// Stands for a proof of possession; the rules never check one.
pub(crate) const PROOF: Possession = Possession([9; 64]);
