//! A whole ledger in one thread: clients, timers, a clock, a disk that fails, crashes and restarts, all in the order that a
//! seed decides. The ledger recovers, checks, decides and commits by the code that runs in production; the disk, the
//! clock and the scheduler are simulated.
//!
//! What is checked is in [`watch`]: nothing acknowledged or published is ever missing, doubled or changed.

pub mod finding;
pub mod totals;
pub mod watch;

use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};

use chacha20::ChaCha20Rng;
use chacha20::rand_core::SeedableRng as _;
use hourbook_ledger::actor::Actor;
use hourbook_ledger::clock::{Clock as _, ManualClock};
use hourbook_ledger::disk::simulated::{Fault, SimulatedDisk};
use hourbook_ledger::domain::time::Millis;
use hourbook_ledger::engine::{ArchiveOptions, Background, EngineError, Fatal, OpenOptions};
use hourbook_ledger::envelope::Submission;
use hourbook_ledger::follower::{BadSnapshot, Follower, LoggedEvent, ReplayFrom, Snapshots};
use hourbook_ledger::ledger::{self, DerivedOptions, LedgerError, LedgerOptions, SteppedLedger};
use hourbook_ledger::sequencer::{Answer, Pending, SubmitError};
use hourbook_ledger::store::lazy::Bytes;

use crate::seeded::{SeededRng, seed_of};
use crate::village::{self, Cast, FOUNDED, START, Setting, look};
use crate::workload::{Step, Workload};
use finding::{Finding, must};
use totals::Totals;
use watch::Watch;

const DIR: &str = "/ledger";
/// On the same disk, so that one power cut meets both.
const ARCHIVE: &str = "/archive";
/// What happens in a schedule, one thing after the other.
const STEPS: u64 = 60;
/// Tries to open a ledger under faults before they are called off.
const TRIES: u64 = 4;

/// What a client knows of a batch.
enum Known {
    /// No answer came.
    InDoubt,
    /// It was accepted.
    Accepted,
    /// It was refused, then.
    Refused,
}

struct Sent {
    batch: Vec<Submission>,
    known: Known,
}

/// Remembers what it is told. Its part of a snapshot is a number: what it was told before that is known to the watch.
struct Told {
    told: Arc<Mutex<Vec<LoggedEvent>>>,
    before: Arc<Mutex<Vec<LoggedEvent>>>,
}

impl Follower for Told {
    fn follow(&mut self, events: Arc<Vec<LoggedEvent>>) {
        self.told.lock().expect("never poisoned").extend(events.iter().cloned());
    }

    fn replay_from(&mut self) -> ReplayFrom<'_> {
        ReplayFrom::Snapshot(self)
    }
}

impl Snapshots for Told {
    fn build(&self) -> &str {
        "simulation"
    }

    fn save(&self, to: &mut dyn Write) -> io::Result<()> {
        to.write_all(&self.told.lock().expect("never poisoned").len().to_be_bytes())
    }

    fn restore(&mut self, saved: Bytes) -> Result<(), BadSnapshot> {
        let length = usize::from_be_bytes(saved[..].try_into().map_err(|_| BadSnapshot)?);
        let before = self.before.lock().expect("never poisoned");
        *self.told.lock().expect("never poisoned") = before.get(..length).ok_or(BadSnapshot)?.to_vec();
        Ok(())
    }

    fn forget(&mut self) {
        self.told.lock().expect("never poisoned").clear();
    }

    fn apart(&self) -> Box<dyn Follower> {
        Box::new(Self { told: Arc::default(), before: self.before.clone() })
    }
}

/// One schedule.
pub struct Schedule {
    seed: u64,
    dice: SeededRng,
    disk: SimulatedDisk,
    clock: Arc<ManualClock>,
    cast: Cast,
    crowd: Workload,
    engine: OpenOptions,
    opened: u64,
    ledger: Option<SteppedLedger>,
    told: Arc<Mutex<Vec<LoggedEvent>>>,
    watch: Watch,
    sent: Vec<Sent>,
    pending: Vec<(usize, Pending)>,
    /// Starts since the last one that led to a working ledger.
    attempts: u64,
    /// The time on the disk's watch that the clock has counted in.
    waited: u64,
    totals: Totals,
}

/// Runs the schedule of a seed, with these options for the log (what matters here is which bug is planted, if any).
///
/// # Errors
/// The first [`Finding`].
pub fn run(seed: u64, engine: &OpenOptions) -> Result<Totals, Finding> {
    let mut schedule = Schedule::found(seed, engine)?;
    schedule.settle()?;
    for _ in 0..STEPS {
        schedule.step()?;
    }
    schedule.end()
}

impl Schedule {
    fn found(seed: u64, engine: &OpenOptions) -> Result<Self, Finding> {
        let mut dice = SeededRng::new(seed, "schedule");
        let journal_bytes = dice.between(6, 40) << 10;
        let setting = Setting { journal_bytes, volunteers: 4, ..Setting::small(seed) };
        let (disk, cast) = (SimulatedDisk::new(seed), Cast::new(setting));
        let clock = Arc::new(ManualClock::at(FOUNDED));
        disk.set_garbage(dice.percent(25));
        // Dice of its own, so that the schedule of a seed stays what it was.
        let mut horizon = SeededRng::new(seed, "archive");
        let keep = horizon.percent(75).then(|| horizon.below(2));
        let engine = OpenOptions {
            archive: keep.map(|keep| ArchiveOptions { dir: ARCHIVE.into(), keep }),
            disk: disk.disk(),
            background: Background::Stepped,
            journal_bytes: setting.journal_bytes,
            ..engine.clone()
        };
        let mut schedule = Self {
            seed,
            dice,
            crowd: Workload::new(seed, &cast, cast.founder.clone()),
            disk,
            clock,
            cast,
            engine,
            opened: 0,
            ledger: None,
            told: Arc::default(),
            watch: Watch::default(),
            sent: Vec::new(),
            pending: Vec::new(),
            attempts: 0,
            waited: 0,
            totals: Totals { schedules: 1, ..Totals::default() },
        };
        let new = village::founding(&schedule.cast, seed);
        let founded = ledger::found(Path::new(DIR), new, schedule.options(false));
        founded.map_err(|error| Finding { check: "founding", what: error.to_string() })?;
        schedule.disk.restart();
        schedule.open(false).map_err(|error| Finding { check: "start", what: error.to_string() })?;
        let hand = schedule.ledger().opened().ledger.clone();
        schedule.crowd = Workload::new(seed, &schedule.cast, hand);
        schedule.look_again()?;
        Ok(schedule)
    }

    fn options(&mut self, drop_damaged_end: bool) -> LedgerOptions {
        self.opened += 1;
        let rng = |what: &str| {
            let seed = seed_of(self.seed, &format!("{what} {}", self.opened));
            Box::new(ChaCha20Rng::from_seed(seed))
        };
        let mut options = LedgerOptions::new(self.clock.clone(), rng("ids"), rng("vault"));
        options.derived = DerivedOptions { digest_every: 200, snapshot_every: 150, snapshot_worth: 300 };
        options.engine = OpenOptions { drop_damaged_end, ..self.engine.clone() };
        options
    }

    fn open(&mut self, drop_damaged_end: bool) -> Result<(), LedgerError> {
        let told: Arc<Mutex<Vec<LoggedEvent>>> = Arc::default();
        let follower = Told { told: told.clone(), before: self.watch.told.clone() };
        let options = self.options(drop_damaged_end);
        let ledger = SteppedLedger::open(Path::new(DIR), options, || Box::new(follower))?;
        self.totals.from_snapshot += u64::from(ledger.opened().spared > 0);
        self.ledger = Some(ledger);
        self.told = told;
        Ok(())
    }

    fn ledger(&mut self) -> &mut SteppedLedger {
        self.ledger.as_mut().expect("open between two steps")
    }

    /// The village as it begins, and enough on top of it that bundles get sealed.
    fn settle(&mut self) -> Result<(), Finding> {
        let hand = self.ledger().opened().ledger.clone();
        for batch in village::settle(&self.cast, &hand, self.seed) {
            self.submit(batch);
            self.turn()?;
        }
        self.clock.set(START);
        let filling = self.dice.between(150, 320);
        self.fill(filling);
        self.turn()
    }

    /// One thing that happens.
    fn step(&mut self) -> Result<(), Finding> {
        match self.dice.below(100) {
            0..=37 => self.crowd_acts()?,
            38..=49 => self.ask_again()?,
            50..=54 => {
                let count = self.dice.between(5, 130);
                self.fill(count);
                self.turn()?;
            }
            55..=66 => self.background()?,
            67..=70 => self.keep_snapshot()?,
            71..=74 => self.time_passes()?,
            75..=85 => self.order_fault(),
            86..=89 => self.cut_power()?,
            90..=92 => self.kill()?,
            93..=94 => self.close()?,
            95..=97 => self.disk.set_full(true),
            _ => {
                let pace = if self.dice.percent(50) { 0 } else { self.dice.between(100, 20_000) };
                self.disk.set_pace(pace);
            }
        }
        // A disk is full until somebody sees to it.
        if self.dice.percent(20) {
            self.disk.set_full(false);
        }
        Ok(())
    }

    /// What the crowd does next; between the batches of a round the writer may take its turn, or not.
    fn crowd_acts(&mut self) -> Result<(), Finding> {
        match self.crowd.step(&self.watch.model, self.clock.now()) {
            Step::Clock(at) => {
                self.clock.set(at);
                self.turn()
            }
            Step::Round(batches) => {
                for batch in batches {
                    self.submit(batch);
                    if self.dice.percent(30) {
                        self.turn()?;
                    }
                }
                self.turn()
            }
        }
    }

    /// Clients send the same bytes again: those who got no answer, and some who did.
    fn ask_again(&mut self) -> Result<(), Finding> {
        for _ in 0..self.dice.between(1, 4) {
            let doubtful =
                self.sent.iter().enumerate().filter(|(_, sent)| matches!(sent.known, Known::InDoubt));
            let doubtful = doubtful.map(|(number, _)| number).collect::<Vec<_>>();
            let number = match self.dice.any(doubtful.into_iter()) {
                Some(number) if self.dice.percent(60) => number,
                _ => self.dice.below(self.sent.len() as u64) as usize,
            };
            let batch = self.sent[number].batch.clone();
            let pending = self.ledger().submit(batch);
            self.pending.push((number, pending));
            self.totals.resubmissions += 1;
        }
        self.turn()
    }

    /// Many small events of the ledger's own, in a few batches.
    fn fill(&mut self, events: u64) {
        let hand = self.ledger().opened().ledger.clone();
        let people: Vec<_> = self.cast.people().map(|who| who.id()).collect();
        let now = self.clock.now();
        let mut left = events;
        while left > 0 {
            let size = self.dice.between(1, 90).min(left);
            left -= size;
            let batch = (0..size).map(|_| self.look_up(&hand, &people, now)).collect();
            self.submit(batch);
        }
    }

    fn look_up(
        &mut self,
        hand: &Actor,
        people: &[hourbook_ledger::domain::ids::PersonId],
        now: Millis,
    ) -> Submission {
        let (person, by) = (*self.dice.pick(people), *self.dice.pick(people));
        let body = look(by, person);
        Submission { signed: hand.assert(now, self.dice.rng(), body), openings: Vec::new() }
    }

    fn submit(&mut self, batch: Vec<Submission>) {
        self.watch.note_openings(&batch);
        let pending = self.ledger().submit(batch.clone());
        self.pending.push((self.sent.len(), pending));
        self.sent.push(Sent { batch, known: Known::InDoubt });
    }

    /// The writer takes its turn; who gets an answer remembers it. Some have stopped waiting.
    fn turn(&mut self) -> Result<(), Finding> {
        let turned = self.ledger().turn();
        let elapsed = self.disk.elapsed();
        let now = self.clock.now();
        self.clock.set(Millis(now.0 + (elapsed - self.waited) as i64 / 1_000));
        self.waited = elapsed;
        let timed_out = self.dice.percent(10);
        for (number, mut pending) in std::mem::take(&mut self.pending) {
            match pending.poll() {
                Some(answer) if !timed_out => self.answered(number, answer)?,
                _ => {}
            }
        }
        match turned {
            Ok(()) => self.follow(),
            Err(_) => self.restart(),
        }
    }

    fn answered(&mut self, number: usize, answer: Answer) -> Result<(), Finding> {
        let sent = &mut self.sent[number];
        match answer {
            Ok(receipts) => {
                sent.known = Known::Accepted;
                self.totals.acknowledged += self.watch.acknowledge(&sent.batch, &receipts)?;
                Ok(())
            }
            Err(SubmitError::Refused(refused)) => {
                let was_accepted = matches!(sent.known, Known::Accepted);
                if !was_accepted {
                    sent.known = Known::Refused;
                }
                must("same receipt", !was_accepted, || {
                    format!("refused what was accepted before: {refused}")
                })?;
                self.watch.refused(&sent.batch)
            }
            Err(_) => Ok(()),
        }
    }

    /// Shows the oracle what is new on the log.
    fn follow(&mut self) -> Result<(), Finding> {
        if self.disk.is_off() {
            return self.restart();
        }
        let ledger = self.ledger.as_ref().expect("open between two steps");
        self.disk.hold_still(true);
        let seen = self.watch.follow(ledger.opened(), &self.told.lock().expect("never poisoned"));
        self.disk.hold_still(false);
        seen
    }

    fn background(&mut self) -> Result<(), Finding> {
        for _ in 0..self.dice.between(1, 4) {
            match self.ledger().work() {
                Ok(true) => self.totals.seals += 1,
                Ok(false) => return Ok(()),
                Err(_) => return self.restart(),
            }
        }
        Ok(())
    }

    fn keep_snapshot(&mut self) -> Result<(), Finding> {
        let position = self.ledger().opened().reader.head().size;
        let content = self.dice.bytes();
        let put =
            self.ledger().opened().snapshots.put("simulation", position, &mut |to| to.write_all(&content));
        match (put, &mut self.watch.snapshot) {
            (Ok(()), kept) => {
                *kept = Some((position, vec![content.to_vec()]));
                self.totals.snapshots += 1;
            }
            // It may have failed after the new file had taken the old one's place.
            (Err(_), Some((at, contents))) if *at == position => contents.push(content.to_vec()),
            (Err(_), _) => {}
        }
        self.ledger().keep_snapshot();
        if self.disk.is_off() { self.restart() } else { Ok(()) }
    }

    /// Days, sometimes more than a new id may be old: what is asked again then is found on disk.
    fn time_passes(&mut self) -> Result<(), Finding> {
        let days = if self.dice.percent(30) { self.dice.between(30, 45) } else { self.dice.between(1, 9) };
        let now = self.clock.now();
        self.clock.set(Millis(now.0 + days as i64 * 86_400_000));
        self.turn()
    }

    fn order_fault(&mut self) {
        let fault = if self.dice.percent(65) { Fault::PowerCut } else { Fault::Error };
        let after = if self.dice.percent(50) { self.dice.below(12) } else { self.dice.below(150) };
        self.disk.order(fault, after);
    }

    fn cut_power(&mut self) -> Result<(), Finding> {
        self.disk.cut_power();
        self.restart()
    }

    fn kill(&mut self) -> Result<(), Finding> {
        self.totals.kills += 1;
        self.restart()
    }

    fn close(&mut self) -> Result<(), Finding> {
        self.ledger.take().expect("open between two steps").close();
        self.restart()
    }

    /// The process is gone; the machine may be as well. Starts again, with faults now and then during the start, until
    /// one succeeds, and looks whether everything is there.
    fn restart(&mut self) -> Result<(), Finding> {
        self.pending.clear();
        self.ledger = None;
        let mut drop_damaged_end = false;
        loop {
            self.disk.restart();
            self.attempts += 1;
            if self.attempts > TRIES {
                self.disk.set_full(false);
            } else if self.dice.percent(25) {
                self.order_fault();
            }
            let before = self.disk.counts();
            let Err(error) = self.open(drop_damaged_end) else { break };
            let after = self.disk.counts();
            let faulty = self.disk.is_off() || (before.errors, before.full) != (after.errors, after.full);
            if !faulty && self.is_garbled_end(&error) && !drop_damaged_end {
                drop_damaged_end = true;
                self.totals.damaged_ends += 1;
                continue;
            }
            must("start", faulty, || format!("after a crash: {error}"))?;
        }
        self.totals.restarts += 1;
        self.look_again()
    }

    /// Whether a start was refused because of garbage that the power cut left at the end of the journal: nothing tells it
    /// from damage to something acknowledged, so a person has to say that it may be dropped.
    fn is_garbled_end(&self, error: &LedgerError) -> bool {
        let LedgerError::Engine(EngineError::Fatal(Fatal::JournalDamaged { file, .. })) = error else {
            return false;
        };
        self.disk.garbled().contains(file)
    }

    fn look_again(&mut self) -> Result<(), Finding> {
        if self.disk.is_off() {
            return self.restart();
        }
        let ledger = self.ledger.as_ref().expect("open between two steps");
        let told = self.told.lock().expect("never poisoned");
        self.totals.torn_frames += u64::from(ledger.opened().recovered.torn_bytes > 0);
        self.totals.torn_frames += u64::from(ledger.opened().vault.torn_bytes() > 0);
        self.disk.hold_still(true);
        let seen = self.watch.look_again(ledger.opened(), &told);
        self.disk.hold_still(false);
        seen?;
        drop(told);
        // Whatever became durable in a failed start is of no interest; what this one found is.
        self.turn_quietly()
    }

    /// Due timers fire before any request.
    fn turn_quietly(&mut self) -> Result<(), Finding> {
        match self.ledger().turn() {
            Ok(()) => {
                self.attempts = 0;
                self.follow()
            }
            Err(_) => self.restart(),
        }
    }

    /// Faults are over: everybody who is in doubt asks again, everybody who was accepted gets the same receipt, and all
    /// that follows from the log is what the oracle says.
    fn end(mut self) -> Result<Totals, Finding> {
        self.disk.call_off();
        self.disk.set_full(false);
        self.disk.set_pace(0);
        self.cut_power()?;
        self.disk.call_off();
        for number in 0..self.sent.len() {
            let batch = self.sent[number].batch.clone();
            let mut pending = self.ledger().submit(batch);
            if number % 16 == 15 || number + 1 == self.sent.len() {
                let turned = self.ledger().turn();
                must("alive", turned.is_ok(), || format!("without any fault: {turned:?}"))?;
            }
            match pending.poll() {
                Some(answer) => self.answered(number, answer)?,
                None => self.pending.push((number, pending)),
            }
            let waiting = std::mem::take(&mut self.pending);
            for (number, mut pending) in waiting {
                match pending.poll() {
                    Some(answer) => self.answered(number, answer)?,
                    None => self.pending.push((number, pending)),
                }
            }
        }
        must("answer", self.pending.is_empty(), || format!("{} got no answer", self.pending.len()))?;
        self.follow()?;
        self.archive_the_rest()?;
        let ledger = self.ledger.as_ref().expect("open between two steps");
        crate::compare::state(&self.watch.model, ledger.state());
        self.totals.events = self.watch.size();
        self.totals.disk = self.disk.counts();
        self.totals.root = self.watch.root();
        Ok(self.totals)
    }

    /// Without faults all that is old enough gets into the archive, and everything can still be read.
    fn archive_the_rest(&mut self) -> Result<(), Finding> {
        loop {
            let worked = self.ledger().work();
            must("alive", worked.is_ok(), || format!("without any fault: {worked:?}"))?;
            if matches!(worked, Ok(false)) {
                break;
            }
        }
        let Some(archive) = self.ledger().opened().reader.archive() else { return Ok(()) };
        must("archive", archive.failure.is_none(), || format!("without any fault: {:?}", archive.failure))?;
        self.totals.archived = archive.bundles;
        self.look_again()
    }
}
