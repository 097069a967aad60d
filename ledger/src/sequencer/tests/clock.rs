//! A clock that leaps, one that is behind, and the way back of a ledger that was hurt.

use crate::domain::event::{CreditEvent, LedgerEvent};
use std::sync::atomic::{AtomicI64, Ordering};

use tokio::sync::oneshot;

use super::super::{ClockFault, Message};
use super::*;
use crate::audit;
use crate::clock::Clock;

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// A machine whose clock is set while its time goes on.
struct Machine {
    clock: AtomicI64,
    passed: AtomicI64,
}

impl Clock for Machine {
    fn now(&self) -> Millis {
        Millis(self.clock.load(Ordering::SeqCst))
    }

    fn passed(&self) -> Option<i64> {
        Some(self.passed.load(Ordering::SeqCst))
    }
}

impl Bench {
    fn open_at(&mut self, clock: i64, accept_clock: bool) {
        self.node.take().into_iter().for_each(Ledger::close);
        self.clock.set(Millis(clock));
        let options = LedgerOptions { accept_clock, ..self.options() };
        self.told.lock().clear();
        let told = self.told.clone();
        let follow = move |events: Arc<Vec<LoggedEvent>>| told.lock().extend(events.iter().cloned());
        self.open_as(options, Box::new(follow)).unwrap();
    }

    fn ticked(&self) -> Result<(), SubmitError> {
        let (reply, answer) = oneshot::channel();
        assert!(self.ledger().handle.writer.send(Message::Tick(reply)).is_ok());
        answer.blocking_recv().unwrap()
    }

    fn accept(&self) -> Result<(), SubmitError> {
        let (reply, answer) = oneshot::channel();
        assert!(self.ledger().handle.writer.send(Message::AcceptClock(reply)).is_ok());
        answer.blocking_recv().unwrap()
    }

    fn size(&self) -> u64 {
        self.ledger().reader.head().size
    }

    /// A founder's correction of the last entry's time.
    fn correction(&mut self, founder: &Actor) -> Submission {
        let from = self.told.lock().last().unwrap().recorded_at;
        let to = self.clock_now();
        self.sign(founder, Body::Ledger(LedgerEvent::ClockCorrected { from, to }))
    }

    fn findings(&self) -> Vec<String> {
        let options = audit::Options { vault: Some(&self.ledger().vault), ..audit::Options::default() };
        let report = audit::audit(&audit::EngineSource(self.ledger().reader.clone()), &options).unwrap();
        report.findings.sorted().iter().map(|finding| format!("{finding:?}")).collect()
    }
}

fn fault(answer: Result<Vec<Receipt>, SubmitError>) -> Option<&'static str> {
    match answer {
        Err(SubmitError::Clock(fault)) => Some(fault.name()),
        _ => None,
    }
}

#[test]
fn under_a_clock_400_days_ahead_nothing_is_recorded_until_it_is_accepted() {
    let mut bench = Bench::new();
    let hold = bench.hold_credit();
    let early = bench.org(OrgId([70; 16]));
    let receipts = bench.submit(vec![early.clone()]).unwrap();
    let size = bench.size();
    bench.open_at(START.0 + 400 * DAY, false);
    let org = bench.org(OrgId([71; 16]));
    assert_eq!(fault(bench.submit(vec![org.clone()])), Some("ahead"));
    assert!(matches!(bench.ticked(), Err(SubmitError::Clock(ClockFault::Ahead { .. }))), "timers rest");
    assert_eq!(bench.ledger().handle.clock_fault().map(ClockFault::off), Some(400 * DAY));
    assert_eq!(
        bench.submit(vec![early]).unwrap(),
        receipts,
        "what is on the log has its receipt all the same"
    );
    assert_eq!(bench.size(), size);
    bench.accept().unwrap();
    assert_eq!(bench.size(), size + 2, "what was due, and that the clock is accepted");
    bench.submit(vec![org]).unwrap();
    assert_eq!(bench.ledger().handle.clock_fault(), None);
    bench.reopen();
    let told = bench.told.lock();
    let voided = told.iter().any(|event| event.event.body == Body::Credit(CreditEvent::Voided { hold }));
    assert!(voided, "what was due then is recorded");
    drop(told);
    assert_eq!(bench.findings(), Vec::<String>::new());
}

#[test]
fn a_ledger_that_slept_for_a_year_starts_with_the_clock_accepted() {
    let mut bench = Bench::new();
    bench.open_at(START.0 + 365 * DAY, true);
    bench.open_at(START.0 + 366 * DAY, false);
    let org = bench.org(CITY);
    assert!(bench.submit(vec![org]).is_ok(), "that it was accepted is on the log");
    bench.open_at(START.0 + 401 * DAY, false);
    let org = bench.org(OrgId([71; 16]));
    assert!(bench.submit(vec![org]).is_ok(), "35 days of quiet are nothing to ask about");
    assert_eq!(bench.findings(), Vec::<String>::new());
}

#[test]
fn a_clock_that_leaps_while_the_ledger_runs_is_not_followed() {
    let mut bench = Bench::new();
    let clock = Arc::new(Machine { clock: AtomicI64::new(START.0), passed: AtomicI64::new(0) });
    let options = LedgerOptions { clock: clock.clone(), ..bench.options() };
    bench.open_as(options, Box::new(|_: Arc<Vec<LoggedEvent>>| {})).unwrap();
    let mut at = |clock_ms: i64, passed: i64, n: u8| {
        clock.clock.store(START.0 + clock_ms, Ordering::SeqCst);
        clock.passed.store(passed, Ordering::SeqCst);
        bench.clock.set(Millis(START.0 + clock_ms));
        let org = bench.org(OrgId([n; 16]));
        fault(bench.submit(vec![org]))
    };
    assert_eq!(at(0, 0, 70), None);
    assert_eq!(at(60 * DAY, 60 * DAY, 71), None, "nobody came for two months");
    assert_eq!(at(60 * DAY + 8 * HOUR, 60 * DAY + 1_000, 72), Some("leapt"));
    assert_eq!(at(60 * DAY + 2_000, 60 * DAY + 2_000, 72), None, "it was set right");
    assert_eq!(at(60 * DAY - HOUR, 60 * DAY + 3_000, 73), Some("behind"));
    assert_eq!(at(60 * DAY - HOUR + 3_000, 60 * DAY + 4_000, 73), None, "an hour is waited for");
    bench.node.take().unwrap().close();
    bench.open();
    assert_eq!(bench.findings(), Vec::<String>::new());
}

#[test]
fn a_ledger_with_an_entry_in_the_future_is_brought_back_by_a_founder() {
    let mut bench = Bench::new();
    let early = bench.org(CITY);
    let receipts = bench.submit(vec![early.clone()]).unwrap();
    bench.open_at(START.0 + 400 * DAY, true);
    let hurt = bench.org(OrgId([71; 16]));
    let hurt_receipts = bench.submit(vec![hurt.clone()]).unwrap();

    bench.open_at(START.0 + HOUR, false);
    let later = bench.org(OrgId([72; 16]));
    assert_eq!(fault(bench.submit(vec![later.clone()])), Some("behind"));
    assert!(matches!(bench.accept(), Err(SubmitError::Clock(_))), "an operator does not let time go back");
    let founder = bench.founder.clone();
    let wrong = Body::Ledger(LedgerEvent::ClockCorrected { from: START, to: bench.clock_now() });
    let wrong = bench.sign(&founder, wrong);
    assert_eq!(code(bench.submit(vec![wrong])), Some(Code::OutOfRange), "that is not the last entry's time");
    let correction = bench.correction(&founder);
    let together = vec![correction.clone(), later.clone()];
    assert_eq!(code(bench.submit(together)), Some(Code::OutOfRange), "it stands alone");
    let stranger = bench.correction(&actor(40));
    assert_eq!(code(bench.submit(vec![stranger])), Some(Code::KeyUnknown));

    let corrected = bench.submit(vec![correction.clone()]).unwrap();
    assert_eq!(corrected[0].recorded_at, Millis(START.0 + HOUR));
    assert_eq!(bench.submit(vec![correction]).unwrap(), corrected);
    let again = bench
        .sign(&founder, Body::Ledger(LedgerEvent::ClockCorrected { from: START.plus_days(400), to: START }));
    assert_eq!(code(bench.submit(vec![again])), Some(Code::OutOfRange), "there is nothing left to correct");
    let recorded = bench.submit(vec![later]).unwrap();
    assert_eq!(recorded[0].recorded_at, Millis(START.0 + HOUR));
    assert_eq!(bench.ledger().handle.clock_fault(), None);
    for _ in 0..2 {
        assert_eq!(bench.submit(vec![early.clone()]).unwrap(), receipts, "its id was let go in between");
        assert_eq!(bench.submit(vec![hurt.clone()]).unwrap(), hurt_receipts);
        assert_eq!(bench.findings(), Vec::<String>::new());
        bench.reopen();
    }
    bench.open_at(START.0 + 399 * DAY, true);
    assert_eq!(bench.submit(vec![hurt]).unwrap(), hurt_receipts, "when its time has come, too");
}
