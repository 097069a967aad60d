//! What someone may try who wants another's data, a doubled event, or the writer to stop.

use crate::domain::event::{CreditEvent, PolicyEvent, Scope, SessionEvent};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use tokio::sync::oneshot;

use super::super::{Message, Work};
use super::*;
use crate::clock::Clock;
use crate::domain::ids::{HoldId, KeyId};
use crate::domain::policy::{CreditPolicy, Policy};
use crate::dsse::SignedEvent;
use crate::ledger::LedgerError;

const HOUR: i64 = 3_600_000;

/// A clock by which a day goes by between two looks at it.
struct Leaping(AtomicI64);

impl Clock for Leaping {
    fn now(&self) -> Millis {
        Millis(self.0.fetch_add(24 * HOUR, Ordering::SeqCst))
    }
}

impl Bench {
    /// Keeps the writer from its work until the answer is dropped.
    fn hold_up(&self) -> Sender<()> {
        let (go, wait) = channel();
        let look: super::super::messages::ReadState = Box::new(move |_, _| {
            let _ = wait.recv();
        });
        assert!(self.ledger().handle.writer.send(Message::ReadState(look)).is_ok());
        go
    }

    fn tick(&self) {
        let (reply, answer) = oneshot::channel();
        assert!(self.ledger().handle.writer.send(Message::Tick(reply)).is_ok());
        answer.blocking_recv().unwrap().unwrap();
    }

    /// A one-time code for a member; the same one and salt whoever it is for.
    pub(super) fn code_for(&mut self, n: u8) -> Submission {
        self.salted_code("61000001", n, [7; 32])
    }

    fn code(&mut self, code: &str, n: u8) -> Submission {
        self.salted_code(code, n, [n; 32])
    }

    fn salted_code(&mut self, code: &str, n: u8, salt: [u8; 32]) -> Submission {
        let founder = self.founder.clone();
        let (person, until) = (PersonId([n; 16]), self.clock_now().plus_days(1));
        let opening = Opening::new(person.0, Field::Code, salt, code).unwrap();
        let body = Body::Session(SessionEvent::Granted { person, code: opening.commitment(), until });
        Submission { openings: vec![opening], ..self.sign(&founder, body) }
    }

    /// Has a member set credit aside for an hour.
    pub(super) fn hold_credit(&mut self) -> HoldId {
        let (founder, holder) = (self.founder.clone(), actor(30));
        let (from, to) = (holder.person, PersonId([31; 16]));
        let credit = Policy::Credit(CreditPolicy { overdraft: 60, ..CreditPolicy::PLAIN });
        let scope = Scope::Ledger;
        let adopted =
            Body::Policy(PolicyEvent::Adopted { scope, from: START.date(Offset(480)), policy: credit });
        let (hold, until) = (HoldId([60; 16]), Millis(START.0 + HOUR));
        let mut batch = vec![self.org(CITY), self.member(30), self.member(31)];
        batch.extend(self.enrol(&holder));
        batch.push(self.sign(&founder, adopted));
        batch
            .push(self.sign(&holder, Body::Credit(CreditEvent::Held { hold, from, to, minutes: 10, until })));
        self.submit(batch).unwrap();
        hold
    }

    fn put_ledger_key(&self, key: &SigningKey) {
        let path = self.dir.path().join("keys").join("ledger.pem");
        std::fs::remove_file(&path).unwrap();
        ledger::write_key(&path, key).unwrap();
    }
}

#[test]
fn a_commitment_to_anothers_value_must_be_opened() {
    let mut bench = Bench::new();
    let batch = vec![bench.org(CITY), bench.member(30)];
    let name = batch[1].openings[0].commitment();
    bench.submit(batch).unwrap();
    let (founder, person) = (bench.founder.clone(), PersonId([31; 16]));
    let borrowed = bench.sign(&founder, Body::registered(person, CITY, name, None));
    assert_eq!(code(bench.submit(vec![borrowed])), Some(Code::BadOpening));
    let again = bench.code_for(30);
    bench.submit(vec![again.clone()]).unwrap();
    let founder = bench.founder.clone();
    let body = Body::Session(SessionEvent::Granted {
        person: PersonId([30; 16]),
        code: again.openings[0].commitment(),
        until: START.plus_days(2),
    });
    let own = bench.sign(&founder, body);
    assert_eq!(code(bench.submit(vec![own])), Some(Code::BadOpening), "a code is granted once");
}

#[test]
fn no_two_open_codes_are_alike_and_each_is_of_digits() {
    let mut bench = Bench::new();
    let batch = [vec![bench.org(CITY)], (30..33).map(|n| bench.member(n)).collect()].concat();
    bench.submit(batch).unwrap();
    let founder = bench.founder.clone();
    for bad in ["1", "a", "6100001", "6100 0001", "６１０００００１"] {
        let (person, until) = (PersonId([30; 16]), bench.clock_now().plus_days(1));
        let opening = Opening { subject: person.0, field: Field::Code, salt: [1; 32], value: bad.to_owned() };
        let body = Body::Session(SessionEvent::Granted { person, code: opening.commitment(), until });
        let chosen = Submission { openings: vec![opening], ..bench.sign(&founder, body) };
        assert_eq!(code(bench.submit(vec![chosen])), Some(Code::BadOpening), "{bad}");
    }
    let first = bench.code("61000001", 30);
    bench.submit(vec![first]).unwrap();
    let again = bench.code("61000001", 31);
    assert_eq!(code(bench.submit(vec![again.clone()])), Some(Code::BadOpening), "another's open code");
    bench.reopen();
    let again = bench.code("61000001", 31);
    assert_eq!(code(bench.submit(vec![again])), Some(Code::BadOpening), "also after a restart");
    let own = bench.code("61000001", 30);
    let (refused, other) = (bench.org(CITY), bench.code("61000001", 32));
    assert!(bench.submit(vec![own, refused]).is_err());
    assert_eq!(
        code(bench.submit(vec![other])),
        Some(Code::BadOpening),
        "what was taken back changes nothing"
    );
    let newer = bench.code("61000002", 30);
    bench.submit(vec![newer]).unwrap();
    let freed = bench.code("61000001", 31);
    bench.submit(vec![freed]).unwrap();
    bench.clock.set(START.plus_days(3));
    let over = bench.code("61000002", 32);
    assert!(bench.submit(vec![over]).is_ok(), "one that has run out is free");
}

#[test]
fn codes_grow_longer_as_more_are_open() {
    let mut bench = Bench::new();
    let members: Vec<_> = (1..=70).map(|n| bench.member(100 + n)).collect();
    let batch = [vec![bench.org(CITY)], members].concat();
    bench.submit(batch).unwrap();
    let enough = (1_u8..).take_while(|n| crate::code::digits(usize::from(*n)) == 8).last().unwrap();
    for n in 1..=enough {
        let short = bench.code(&format!("610000{n:02}"), 100 + n);
        bench.submit(vec![short]).unwrap();
    }
    let short = bench.code("61000099", 101 + enough);
    assert_eq!(code(bench.submit(vec![short])), Some(Code::BadOpening));
    let renewed = bench.code("61000098", 101);
    assert!(bench.submit(vec![renewed]).is_ok(), "a person's new code takes the place of the old one");
    let long = bench.code("610000990", 101 + enough);
    assert!(bench.submit(vec![long]).is_ok());
}

#[test]
fn a_batch_taken_back_does_not_free_what_others_opened() {
    let mut bench = Bench::new();
    let batch = vec![bench.org(CITY), bench.member(30), bench.member(31)];
    bench.submit(batch).unwrap();
    let (first, again, foreign) = (bench.code_for(30), bench.code_for(30), bench.code_for(31));
    let (refused, after) = (bench.org(CITY), bench.org(OrgId([21; 16])));
    let go = bench.hold_up();
    let batches = [vec![first], vec![again, refused], vec![foreign]];
    let pending = batches.map(|batch| bench.ledger().handle.submit_waiting(batch));
    std::thread::sleep(Duration::from_millis(200)); // all are checked by now, and so meet in one group
    drop(go);
    let answers = pending.map(|pending| code(pending.wait()));
    assert_eq!(answers, [None, Some(Code::AlreadyExists), Some(Code::BadOpening)]);
    assert!(bench.submit(vec![after]).is_ok(), "the writer goes on");
}

#[test]
fn a_start_with_the_clock_ahead_forgets_no_id() {
    let mut bench = Bench::new();
    let org = bench.org(CITY);
    let receipts = bench.submit(vec![org.clone()]).unwrap();
    bench.clock.set(START.plus_days(60));
    bench.reopen();
    bench.clock.set(Millis(START.0 + HOUR));
    assert_eq!(bench.submit(vec![org]), Ok(receipts));
}

#[test]
fn while_the_writer_is_held_up_the_queue_fills() {
    let mut bench = Bench::new();
    let go = bench.hold_up();
    let signed = SignedEvent { payload: vec![0], key_id: KeyId([0; 16]), signature: [0; 64] };
    let mut taken = 0;
    for _ in 0..200 {
        let try_one = || {
            let submissions = vec![Submission { signed: signed.clone(), openings: Vec::new() }];
            bench.ledger().handle.works.try_send(Work { submissions, reply: oneshot::channel().0 })
        };
        while taken < 4_000 && try_one().is_ok() {
            taken += 1;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    assert!(taken < 4_000, "what waits is bounded");
    drop(go);
    let org = bench.org(CITY);
    assert!(bench.submit(vec![org]).is_ok());
}

#[test]
fn timers_wait_for_a_ledger_key_that_is_in_force() {
    let mut bench = Bench::new();
    let hold = bench.hold_credit();
    let founder = bench.founder.clone();
    let ledger = bench.ledger().ledger.clone();
    let rotated_to = Actor::new(ledger.person, ORIGIN, SigningKey::from_bytes(&[77; 32]));
    let rotated = rotated_to.rotation_from(ledger.key_id());
    let rotated = bench.sign(&founder, rotated);
    bench.submit(vec![rotated]).unwrap();
    bench.clock.set(Millis(START.0 + 2 * HOUR));
    bench.tick();
    bench.reopen();
    bench.tick();
    assert_eq!(bench.ledger().reader.head().size, 10, "the ended key signs nothing");
    bench.node.take().unwrap().close();
    bench.put_ledger_key(&SigningKey::from_bytes(&[78; 32]));
    let opened = ledger::open(bench.dir.path(), bench.options(), || Box::new(|_: Arc<Vec<LoggedEvent>>| {}));
    assert!(matches!(opened.err(), Some(LedgerError::WrongKey(_))));
    bench.put_ledger_key(&SigningKey::from_bytes(&[77; 32]));
    bench.open();
    bench.tick();
    bench.reopen();
    let last = bench.told.lock().last().map(|event| (event.event.body.clone(), event.signer));
    assert_eq!(last, Some((Body::Credit(CreditEvent::Voided { hold }), rotated_to.key_id())));
}

#[test]
fn an_erasure_between_decision_and_commit_stops_nobody() {
    let bench = Bench::new();
    let vault = &bench.ledger().vault;
    let opening = |n: u8| Opening::new([n; 16], Field::Name, [n; 32], "张三").unwrap();
    let openings = vec![opening(30), opening(31), opening(30), opening(32)];
    vault.check(&openings).unwrap();
    let mut openings = openings.into_iter().map(|opening| (opening.commitment(), opening)).collect();
    vault.apply_erasures(&[[30; 16], [32; 16]]).unwrap();
    super::super::commits::put_values(vault, &mut openings).unwrap();
    let stored = [30, 31, 32].map(|n| vault.contains(&opening(n).commitment()));
    assert_eq!(stored, [false, true, false]);
}

#[test]
fn nothing_comes_due_between_the_timers_and_the_work() {
    let mut bench = Bench::new();
    let hold = bench.hold_credit();
    bench.node.take().unwrap().close();
    let mut options = bench.options();
    options.clock = Arc::new(Leaping(AtomicI64::new(START.0)));
    bench.node =
        Some(ledger::open(bench.dir.path(), options, || Box::new(|_: Arc<Vec<LoggedEvent>>| {})).unwrap());
    let org = bench.org(OrgId([21; 16]));
    let recorded = bench.submit(vec![org]).unwrap()[0];
    bench.tick();
    bench.reopen();
    let told = bench.told.lock();
    let voided =
        told.iter().find(|event| event.event.body == Body::Credit(CreditEvent::Voided { hold })).unwrap();
    let in_time = recorded.recorded_at.0 < START.0 + HOUR;
    assert_eq!(in_time, recorded.position < voided.position, "recorded at {:?}", recorded.recorded_at);
}
