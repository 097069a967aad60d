//! The sequencer over the real engine and vault, in a temporary directory.

mod clock;
mod groups;
mod hostile;

use crate::domain::event::{Body, Expected, FounderKey, KeyEvent, OrgKind, RevocationReason, SessionEvent};
use std::sync::Arc;

use chacha20::ChaCha20Rng;
use chacha20::rand_core::SeedableRng as _;
use ed25519_dalek::SigningKey;
use parking_lot::Mutex;
use tempfile::TempDir;

use super::{Receipt, SubmitError};
use crate::actor::Actor;
use crate::clock::ManualClock;
use crate::commitment::{Field, Opening};
use crate::domain::Code;
use crate::domain::ids::{OrgId, PersonId, Possession};
use crate::domain::time::{Millis, Offset};
use crate::envelope::Submission;
use crate::follower::{Follower, LoggedEvent};
use crate::ledger::{self, Ledger, LedgerError, LedgerOptions, NewLedger};

const START: Millis = Millis(1_772_409_600_000);
const ORIGIN: &str = "ledger.example/test";
const CITY: OrgId = OrgId([20; 16]);

pub(crate) struct Bench {
    pub(crate) dir: TempDir,
    pub(crate) clock: Arc<ManualClock>,
    rng: ChaCha20Rng,
    founder: Actor,
    told: Arc<Mutex<Vec<LoggedEvent>>>,
    pub(crate) node: Option<Ledger>,
}

fn actor(n: u8) -> Actor {
    Actor::new(PersonId([n; 16]), ORIGIN, SigningKey::from_bytes(&[n; 32]))
}

impl Bench {
    pub(crate) fn new() -> Self {
        let clock = Arc::new(ManualClock::at(START));
        let founder = actor(1);
        let second = FounderKey { person: PersonId([2; 16]), key: actor(2).public_key() };
        let dir = TempDir::new().unwrap();
        let new = NewLedger {
            origin: ORIGIN.parse().unwrap(),
            offset: Offset(480),
            founder: founder.clone(),
            second,
            rng: Box::new(ChaCha20Rng::from_seed([9; 32])),
        };
        let rng = ChaCha20Rng::from_seed([5; 32]);
        let mut bench = Self { dir, clock, rng, founder, told: Arc::default(), node: None };
        ledger::found(bench.dir.path(), new, bench.options()).unwrap();
        bench.open();
        bench
    }

    pub(crate) fn options(&self) -> LedgerOptions {
        let rng = |n| Box::new(ChaCha20Rng::from_seed([n; 32]));
        let seed = 100 + self.told.lock().len() as u8;
        let mut options = LedgerOptions::new(self.clock.clone(), rng(seed), rng(seed + 1));
        options.engine.journal_bytes = 1 << 14;
        options
    }

    fn open(&mut self) {
        self.told.lock().clear();
        let told = self.told.clone();
        let follow = move |events: Arc<Vec<LoggedEvent>>| told.lock().extend(events.iter().cloned());
        self.node = Some(ledger::open(self.dir.path(), self.options(), || Box::new(follow)).unwrap());
    }

    /// Closes the ledger and opens it in another way.
    pub(crate) fn open_as(
        &mut self,
        options: LedgerOptions,
        follower: Box<dyn Follower>,
    ) -> Result<(), LedgerError> {
        self.node.take().into_iter().for_each(Ledger::close);
        self.node = Some(ledger::open(self.dir.path(), options, || follower)?);
        Ok(())
    }

    fn reopen(&mut self) {
        self.node.take().unwrap().close();
        self.open();
    }

    pub(crate) fn ledger(&self) -> &Ledger {
        self.node.as_ref().unwrap()
    }

    pub(crate) fn sign(&mut self, actor: &Actor, body: Body) -> Submission {
        Submission { signed: actor.assert(self.clock_now(), &mut self.rng, body), openings: Vec::new() }
    }

    fn clock_now(&self) -> Millis {
        use crate::clock::Clock as _;
        self.clock.now()
    }

    pub(crate) fn submit(&self, batch: Vec<Submission>) -> Result<Vec<Receipt>, SubmitError> {
        self.ledger().handle.submit_waiting(batch).wait()
    }

    /// A member enrols a key in a session by a code that the founder hands out.
    fn enrol(&mut self, who: &Actor) -> Vec<Submission> {
        let (ledger, now) = (self.ledger().ledger.clone(), self.clock_now());
        let granted = self.code_for(who.person.0[0]);
        let (person, until) = (who.person, now.plus_days(1));
        let grant = crate::wire::decode_event(&granted.signed.payload).unwrap().id;
        let opened = self.sign(&ledger, Body::Session(SessionEvent::Opened { person, grant, until }));
        let enrolled = ledger.witnessed(now, &mut self.rng, (person, grant), who.enrolment());
        let enrolled = Submission { signed: ledger.sign(&enrolled), openings: Vec::new() };
        vec![granted, opened, enrolled]
    }

    pub(crate) fn org(&mut self, org: OrgId) -> Submission {
        let founder = self.founder.clone();
        let name = format!("org {}", org.0[0]);
        self.sign(&founder, Body::org_registered(org, OrgKind::City, name, None))
    }

    fn street(&mut self, org: OrgId, parent: OrgId) -> Submission {
        let founder = self.founder.clone();
        let (kind, name) = (OrgKind::Street, format!("street {}", org.0[1]));
        self.sign(&founder, Body::org_registered(org, kind, name, Some(parent)))
    }

    fn member(&mut self, n: u8) -> Submission {
        let founder = self.founder.clone();
        let person = PersonId([n; 16]);
        let opening = Opening::new(person.0, Field::Name, [n; 32], "张三").unwrap();
        let name = opening.commitment();
        let body = Body::registered(person, CITY, name, None);
        Submission { openings: vec![opening], ..self.sign(&founder, body) }
    }
}

fn code(answer: Result<Vec<Receipt>, SubmitError>) -> Option<Code> {
    match answer {
        Err(SubmitError::Refused(refused)) => Some(refused.rejection.code),
        _ => None,
    }
}

#[test]
fn the_same_bytes_get_the_same_receipt_for_ever() {
    let mut bench = Bench::new();
    let org = bench.org(CITY);
    let first = bench.submit(vec![org.clone()]).unwrap();
    assert_eq!(first[0].position, 1);
    assert_eq!(bench.submit(vec![org.clone()]).unwrap(), first);
    bench.reopen();
    assert_eq!(bench.submit(vec![org.clone()]).unwrap(), first);
    let founder = bench.founder.clone();
    let revoke = Body::key_revoked(founder.person, founder.key_id(), RevocationReason::Retired);
    let revoke = bench.sign(&founder, revoke);
    bench.submit(vec![revoke]).unwrap();
    assert_eq!(bench.submit(vec![org.clone()]).unwrap(), first, "also after the key was revoked");
    let late = bench.org(OrgId([21; 16]));
    assert_eq!(code(bench.submit(vec![late])), Some(Code::KeyRevoked));
    bench.clock.set(Millis(START.0 + 400 * 86_400_000));
    bench.reopen();
    assert_eq!(bench.submit(vec![org]).unwrap(), first, "also when its id is long out of the window");
}

#[test]
fn an_id_cannot_be_used_for_other_bytes() {
    let mut bench = Bench::new();
    let founder = bench.founder.clone();
    let body = |name: &str| Body::org_registered(CITY, OrgKind::City, name, None);
    let event = founder.event(START, &mut bench.rng, body("one"));
    let mut other = event.clone();
    other.body = body("two");
    let submission = |event| Submission { signed: founder.sign(event), openings: Vec::new() };
    bench.submit(vec![submission(&event)]).unwrap();
    assert_eq!(code(bench.submit(vec![submission(&other)])), Some(Code::IdReused));
    bench.clock.set(Millis(START.0 + 100 * 86_400_000));
    assert_eq!(code(bench.submit(vec![submission(&other)])), Some(Code::IdReused), "also on disk");
    let later = bench.org(OrgId([21; 16]));
    bench.submit(vec![later]).unwrap();
    bench.reopen();
    let mut unsigned = submission(&other);
    unsigned.signed.signature[0] ^= 1;
    assert_eq!(
        code(bench.submit(vec![unsigned])),
        Some(Code::IdOutOfWindow),
        "nobody searches for a stranger"
    );
}

#[test]
fn a_batch_is_accepted_whole_or_not_at_all() {
    let mut bench = Bench::new();
    let (city, twice, other) = (bench.org(CITY), bench.org(CITY), bench.org(OrgId([22; 16])));
    let answer = bench.submit(vec![city.clone(), other.clone(), twice]);
    assert!(
        matches!(&answer, Err(SubmitError::Refused(r)) if r.index == 2 && r.rejection.code == Code::AlreadyExists)
    );
    let receipts = bench.submit(vec![city, other]).unwrap();
    assert_eq!(receipts.iter().map(|r| r.position).collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn what_a_submitter_hands_in_is_decided_in_order_whoever_checks_it() {
    let mut bench = Bench::new();
    for round in 0..60u8 {
        let id = |n: u8| OrgId(std::array::from_fn(|at| [200, round, n].get(at).copied().unwrap_or(0)));
        let city = bench.org(id(0));
        let below: Vec<_> = (1..12).map(|n| bench.street(id(n), id(n - 1))).collect();
        let last = bench.street(id(12), id(11));
        // The first finds nothing else under way, the second is too large to be checked by the writer, the third is not alone.
        let pending =
            [vec![city], below, vec![last]].map(|batch| bench.ledger().handle.submit_waiting(batch));
        let positions = pending.map(|pending| pending.wait().unwrap()[0].position);
        let first = 1 + 13 * u64::from(round);
        assert_eq!(positions, [first, first + 1, first + 12]);
    }
}

#[test]
fn openings_must_fit_and_reach_the_vault_before_the_log() {
    let mut bench = Bench::new();
    let city = bench.org(CITY);
    bench.submit(vec![city]).unwrap();
    let member = bench.member(30);
    let bare = Submission { openings: Vec::new(), ..member.clone() };
    assert_eq!(code(bench.submit(vec![bare])), Some(Code::BadOpening));
    let mut wrong = member.clone();
    wrong.openings[0].value = "李四".into();
    assert_eq!(code(bench.submit(vec![wrong])), Some(Code::BadOpening));
    let commitment = member.openings[0].commitment();
    bench.submit(vec![member]).unwrap();
    let value = bench.ledger().vault.get(&commitment).unwrap().unwrap();
    assert_eq!(value.expose(), "张三");
}

#[test]
fn a_key_enrolled_in_a_batch_signs_in_the_same_batch() {
    let mut bench = Bench::new();
    let founder = bench.founder.clone();
    let steward = actor(40);
    let scope = crate::domain::event::Scope::Ledger;
    let role = crate::domain::event::Role::Steward;
    let keys = vec![steward.key_id()];
    let mut batch = vec![bench.org(CITY), bench.member(40)];
    batch.extend(bench.enrol(&steward));
    batch.extend([
        bench.sign(&founder, Body::appointed(steward.person, role, scope, keys)),
        bench.sign(&steward, Body::org_registered(OrgId([50; 16]), OrgKind::Street, "street", Some(CITY))),
    ]);
    assert_eq!(bench.submit(batch).unwrap().len(), 7);
}

#[test]
fn a_key_that_nothing_could_be_signed_with_is_refused() {
    use crate::domain::ids::PublicKey;
    let mut bench = Bench::new();
    let founder = bench.founder.clone();
    let member = [bench.org(CITY), bench.member(40)];
    bench.submit(member.into()).unwrap();
    let person = actor(40).person;
    let (mut identity, mut off_curve) = ([0; 32], [0; 32]);
    (identity[0], off_curve[0]) = (1, 2);
    for key in [identity, off_curve].map(PublicKey) {
        let proof = Possession([0; 64]);
        let enrolled = bench.sign(&founder, Body::Key(KeyEvent::Enrolled { person, key, proof }));
        assert_eq!(code(bench.submit(vec![enrolled])), Some(Code::Malformed));
        let old = crate::domain::ids::KeyId::of(&founder.public_key());
        let rotated = Body::Key(KeyEvent::Rotated { person: founder.person, old, new: key, proof });
        let rotated = bench.sign(&founder, rotated);
        assert_eq!(code(bench.submit(vec![rotated])), Some(Code::Malformed));
    }
    let enrolled = bench.enrol(&actor(40));
    assert_eq!(bench.submit(enrolled).unwrap().len(), 3);
}

#[test]
fn a_key_that_has_not_signed_who_gains_it_is_refused() {
    let mut bench = Bench::new();
    let (founder, ledger) = (bench.founder.clone(), bench.ledger().ledger.clone());
    let member = [bench.org(CITY), bench.member(40)];
    bench.submit(member.into()).unwrap();
    let stranger = Actor::new(PersonId([41; 16]), ORIGIN, SigningKey::from_bytes(&[40; 32]));
    let Body::Key(KeyEvent::Enrolled { key, proof, .. }) = stranger.enrolment() else { unreachable!() };
    let stolen = Body::Key(KeyEvent::Enrolled { person: PersonId([40; 16]), key, proof });
    let mut session = bench.enrol(&actor(40));
    session.truncate(2);
    let grant = bench.submit(session).unwrap()[0].event;
    let now = bench.clock_now();
    let event = ledger.witnessed(now, &mut bench.rng, (PersonId([40; 16]), grant), stolen);
    let submission = Submission { signed: ledger.sign(&event), openings: Vec::new() };
    assert_eq!(code(bench.submit(vec![submission])), Some(Code::Malformed), "another person's proof");
    let Body::Key(KeyEvent::Rotated { person, old, new, .. }) = founder.rotation_from(founder.key_id())
    else {
        unreachable!()
    };
    let rotated =
        bench.sign(&founder, Body::Key(KeyEvent::Rotated { person, old, new, proof: Possession([0; 64]) }));
    assert_eq!(code(bench.submit(vec![rotated])), Some(Code::Malformed), "no proof");
}

#[test]
fn a_stale_revision_and_another_ledger_are_refused() {
    let mut bench = Bench::new();
    let founder = bench.founder.clone();
    let body = Body::org_registered(CITY, OrgKind::City, "x", None);
    let mut event = founder.event(START, &mut bench.rng, body);
    event.expected = Expected::Exact(0);
    let stale = Submission { signed: founder.sign(&event), openings: Vec::new() };
    assert_eq!(code(bench.submit(vec![stale])), Some(Code::WrongRevision));
    event.ledger = "ledger.example/other".into();
    let elsewhere = Submission { signed: founder.sign(&event), openings: Vec::new() };
    assert_eq!(code(bench.submit(vec![elsewhere])), Some(Code::WrongLedger), "stands before the revision");
}

#[test]
fn followers_are_told_everything_again_after_a_restart() {
    let mut bench = Bench::new();
    for n in 0..600u16 {
        let mut id = [0xee; 16];
        id[..2].copy_from_slice(&n.to_be_bytes());
        let org = bench.org(OrgId(id));
        bench.submit(vec![org]).unwrap();
    }
    bench.node.take().unwrap().close();
    let before = bench.told.lock().clone();
    assert_eq!(before.len(), 601);
    bench.open();
    assert_eq!(*bench.told.lock(), before);
}
