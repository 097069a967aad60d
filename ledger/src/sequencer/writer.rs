//! The single writer: takes checked work in order, decides, and hands over what is to be [committed](super::commits).

use crate::domain::event::{Body, Event, KeyEvent, LedgerEvent};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use rand_core::CryptoRng;
use rustc_hash::FxHashMap;
use tokio::sync::oneshot;

use super::codes::OpenCodes;
use super::commits::{Commits, Committer, Decided, GROUP};
use super::failure::Failure;
use super::in_flight::InFlight;
use super::messages::{CheckedWork, Message, ReadState, Refused, StopReason, SubmitError, id_reused};
use super::space::{Pledge, Space};
use super::verifier::{Backpressure, check_work};
use super::watch::{ClockFault, Reading, Watch};
use crate::actor::Actor;
use crate::checkpoint::Origin;
use crate::clock::Clock;
use crate::commitment::{Opening, SubjectId};
use crate::domain::ids::{Commitment, EventId, KeyId};
use crate::domain::time::Millis;
use crate::domain::{self, Code, Context, Rejection, State, clock, timer};
use crate::dsse::SignedEvent;
use crate::engine::{EngineError, LogReader, NewEntry};
use crate::envelope::{Checked, KeyBook, Signature, Submission, digest, verify};
use crate::follower::LoggedEvent;
use crate::merkle::{Hash, leaf_hash};
use crate::recent_ids::{Recent, Seen, in_window};
use crate::replay::{self, Derived};
use crate::store::table::Transaction;
use crate::streams::fingerprint;
use crate::vault::Vault;
use crate::wire::{self, Receipt};

/// Messages taken in one turn.
const AT_A_TIME: usize = 64;
/// A group waits so long, from one arrival to the next, for those who were answered just now.
const LINGER: Duration = Duration::from_micros(300);
/// And for so many arrivals.
const ARRIVALS: u32 = 64;
/// Timers are looked at this often when nothing else happens.
const IDLE: Duration = Duration::from_millis(500);

/// What the writer starts from. Everything in it is the writer's own, but for what is shared by `Arc`.
pub(crate) struct Start {
    pub(crate) origin: Origin,
    pub(crate) state: State,
    pub(crate) recent: Recent,
    pub(crate) last_recorded: Millis,
    /// See [`crate::ledger::DerivedOptions`].
    pub(crate) digest_every: u64,
    pub(crate) reader: Arc<dyn LogReader>,
    pub(crate) vault: Arc<Vault>,
    pub(crate) keys: Arc<KeyBook>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) watch: Watch,
    pub(crate) rng: Box<dyn CryptoRng + Send>,
    pub(crate) ledger: Actor,
    pub(crate) inbox: Receiver<Message>,
    pub(crate) backpressure: Backpressure,
    pub(crate) space: Space,
    pub(crate) in_flight: InFlight,
    pub(crate) stop_reason: Arc<StopReason>,
}

type Opened = FxHashMap<Commitment, SubjectId>;

pub(crate) struct Writer {
    start: Start,
    commits: Commits,
    /// Entries that were handed over to be committed.
    handed_over: u64,
    draft: Decided,
    codes: OpenCodes,
    /// What the draft opens.
    opened: Opened,
    /// What was opened by what was handed over up to a size of the log and may not be in the vault yet.
    opening: VecDeque<(u64, Opened)>,
    waiting: BTreeMap<u64, Vec<CheckedWork>>,
    /// Came when nothing else was under way.
    lone: Vec<CheckedWork>,
    next_chunk: u64,
    looks: Vec<ReadState>,
    ticks: Vec<oneshot::Sender<Result<(), SubmitError>>>,
    /// Who waits to hear whether the clock is accepted.
    accepting: Vec<oneshot::Sender<Result<(), SubmitError>>>,
    /// The clock at the beginning of the turn. Read once, so that nothing comes due between the timers and the work.
    moment: Millis,
    fault: Option<String>,
    /// There is no room for timers that are due, or for the batch at hand.
    full: Option<String>,
    /// There was none the last time.
    short: bool,
    stopping: bool,
    /// Arrivals for which the draft may wait still.
    lingers: u32,
    /// The next digest is asserted when the log has so many entries.
    digest_due: u64,
}

impl Writer {
    pub(crate) fn new(start: Start, committer: Committer) -> Self {
        let last = start.state.lists.last_digest().map_or(0, |digest| digest.position + 1);
        let handed_over = committer.frontier.size();
        Self {
            digest_due: next_multiple(last, start.digest_every),
            commits: Commits::new(committer, start.in_flight.clone(), start.stop_reason.clone()),
            start,
            handed_over,
            draft: Decided::default(),
            codes: OpenCodes::default(),
            opened: Opened::default(),
            opening: VecDeque::new(),
            waiting: BTreeMap::new(),
            lone: Vec::new(),
            next_chunk: 0,
            looks: Vec::new(),
            ticks: Vec::new(),
            accepting: Vec::new(),
            moment: Millis::default(),
            fault: None,
            full: None,
            short: false,
            stopping: false,
            lingers: 0,
        }
    }

    /// Works until told to stop, and gives back what was derived by then; or until storage fails. While more arrives,
    /// groups are committed by a thread of their own.
    pub(crate) fn run(mut self) -> Option<Derived> {
        let aside = self.commits.aside().map_err(|error| Failure::Fault(format!("no thread: {error}")));
        self.start.in_flight.attend();
        let worked = aside.and_then(|()| {
            while !self.stopping {
                self.receive();
                self.turn()?;
            }
            self.commits.settle()
        });
        match worked {
            Ok(()) => Some(self.end()),
            Err(failure) => {
                self.fail(&failure);
                None
            }
        }
    }

    /// One turn with what has arrived, without waiting for more. After an error the writer is to be dropped.
    pub(crate) fn step(&mut self) -> Result<(), SubmitError> {
        while let Ok(message) = self.start.inbox.try_recv() {
            self.take(message);
        }
        self.turn().map_err(|failure| {
            self.start.stop_reason.seal(&failure.to_string());
            self.start.stop_reason.stopped()
        })
    }

    /// One piece of the log's background work, where it has no thread of its own. False if there is none.
    pub(crate) fn work(&mut self) -> Result<bool, EngineError> {
        self.commits.work()
    }

    /// The rule state as of the last group.
    pub(crate) fn state(&self) -> &State {
        &self.start.state
    }

    /// Closes the log in good order, once everything is durable.
    pub(crate) fn end(self) -> Derived {
        self.start.stop_reason.seal("it is shutting down");
        if let Err(error) = self.commits.close() {
            tracing::error!(%error, "the log did not close in good order; nothing acknowledged is lost");
        }
        let Start { state, recent, last_recorded, .. } = self.start;
        Derived { state, recent, last_recorded, size: self.handed_over }
    }

    fn fail(mut self, failure: &Failure) {
        self.start.stop_reason.seal(&failure.to_string());
        tracing::error!(failure = %self.start.stop_reason.stopped(), "opening the ledger again recovers");
        self.draft.refuse(&self.start.stop_reason);
    }

    /// Takes what is there; waits for something if nothing is.
    fn receive(&mut self) {
        let patience = if self.draft.is_empty() { IDLE } else { LINGER };
        match self.start.inbox.recv_timeout(patience) {
            Ok(message) => self.take(message),
            Err(RecvTimeoutError::Timeout) => return self.lingers = 0,
            Err(RecvTimeoutError::Disconnected) => self.stopping = true,
        }
        for _ in 1..AT_A_TIME {
            let Ok(message) = self.start.inbox.try_recv() else { break };
            self.take(message);
        }
    }

    fn take(&mut self, message: Message) {
        match message {
            Message::Chunk(number, works) => {
                self.waiting.insert(number, works);
            }
            Message::Lone(work) => {
                self.lone.push(check_work(work, &self.start.keys, &self.start.vault));
            }
            Message::ReadState(look) => self.looks.push(look),
            Message::Tick(reply) => self.ticks.push(reply),
            Message::AcceptClock(reply) => self.accepting.push(reply),
            Message::Fault(what) => self.fault = Some(what),
            Message::Stop => self.stopping = true,
        }
    }

    /// Timers first, then the work that has arrived without a gap; then whoever wants to look, when it is durable.
    fn turn(&mut self) -> Result<(), Failure> {
        if let Some(what) = self.fault.take() {
            return Err(Failure::Fault(what));
        }
        self.commits.check()?;
        self.look_at_clock();
        self.full = None;
        let accepting = std::mem::take(&mut self.accepting);
        let accepted = if accepting.is_empty() { Ok(()) } else { self.start.watch.accept() };
        if self.start.watch.fault().is_none() {
            self.fire_timers()?;
            self.record_acceptance();
        }
        let lone = std::mem::take(&mut self.lone);
        self.decide_batches(lone)?;
        while let Some(chunk) = self.waiting.remove(&self.next_chunk) {
            self.next_chunk += 1;
            self.start.backpressure.free_one();
            self.start.in_flight.decide();
            self.decide_batches(chunk)?;
        }
        let nobody_asks =
            self.looks.is_empty() && self.ticks.is_empty() && accepting.is_empty() && !self.stopping;
        if nobody_asks && self.lingers > 0 && self.commits.awaits_more(&self.draft) {
            self.lingers -= 1;
            return Ok(());
        }
        self.hand_over()?;
        if nobody_asks {
            return Ok(());
        }
        self.commits.settle()?;
        let now = self.now();
        for look in std::mem::take(&mut self.looks) {
            look(&mut self.start.state, now);
        }
        let full = self.full.take().map_or(Ok(()), |full| Err(SubmitError::Full(full)));
        let ticked = self.start.watch.fault().map_or(full, |fault| Err(fault.into()));
        for tick in std::mem::take(&mut self.ticks) {
            let _ = tick.send(ticked.clone());
        }
        for reply in accepting {
            let _ = reply.send(accepted.map_err(Into::into));
        }
        Ok(())
    }

    /// Reads the clock, and whether it can be believed.
    fn look_at_clock(&mut self) {
        let reading = Reading::of(&*self.start.clock);
        self.moment = reading.clock;
        let last = (self.next_position() > 0).then_some(self.start.last_recorded);
        self.start.watch.judge(reading, last);
    }

    /// A clock that was accepted shows on the log, so that the next start need not ask again.
    fn record_acceptance(&mut self) {
        if self.start.watch.take_accepted() {
            self.digest_due = 0;
            self.assert_digest();
        }
    }

    /// When what comes now is recorded. A clock that is somewhat behind the last entry is waited for.
    fn now(&self) -> Millis {
        match self.start.watch.fault() {
            Some(ClockFault::Behind { clock, .. }) => clock,
            _ => self.moment.max(self.start.last_recorded),
        }
    }

    fn next_position(&self) -> u64 {
        self.handed_over + self.draft.entries.len() as u64
    }

    fn fire_timers(&mut self) -> Result<(), Failure> {
        loop {
            let now = self.now();
            let bodies = timer::due(&self.start.state, now, GROUP);
            if bodies.is_empty() || !self.set_aside(|space| space.pledge_own(bodies.len() + 1))? {
                return Ok(());
            }
            for body in bodies {
                if let Err(rejection) = self.assert_own(now, body) {
                    // A timer that the rules refuse is a fault of the rules: say so, and let the ledger work on.
                    tracing::error!(%rejection, "a due timer was refused");
                    return self.hand_over();
                }
            }
            self.assert_digest();
            self.hand_over()?;
        }
    }

    /// Sets room aside for what comes next. False if there is none; then nothing new is decided.
    fn set_aside(&mut self, pledge: impl FnOnce(&Space) -> Result<Pledge, Failure>) -> Result<bool, Failure> {
        match pledge(&self.start.space) {
            Ok(pledge) => {
                self.draft.pledge.add(pledge);
                if std::mem::take(&mut self.short) {
                    tracing::info!("there is room again: recording goes on");
                }
            }
            Err(Failure::Full(what)) => {
                if !std::mem::replace(&mut self.short, true) {
                    tracing::warn!(what, "nothing is recorded for want of room");
                }
                self.full = Some(what);
            }
            Err(failure) => return Err(failure),
        }
        Ok(self.full.is_none())
    }

    /// Between two batches, and by the position alone, so that the same events give the same log: says what the state
    /// is after the entries so far.
    fn assert_digest(&mut self) {
        let size = self.next_position();
        if size < self.digest_due {
            return;
        }
        self.digest_due = next_multiple(size, self.start.digest_every);
        let digest = self.start.state.settle_digest();
        let rules = self.start.state.rules.version();
        let body = Body::Ledger(LedgerEvent::StateDigest { position: size - 1, rules, digest });
        if let Err(rejection) = self.assert_own(self.now(), body) {
            tracing::error!(%rejection, "the ledger's key does not sign: the log has no digest of the state here");
        }
    }

    fn assert_own(&mut self, now: Millis, body: Body) -> Result<Receipt, Rejection> {
        let event = self.start.ledger.event(now, &mut *self.start.rng, body);
        let signed = self.start.ledger.sign(&event);
        let cx = self.context(now, signed.key_id);
        // Its signature is good; whether its key is still in force is for the log to say, as for everybody's.
        self.check_signature(&cx, &signed, Signature::Good)?;
        domain::decide(&self.start.state, &cx, &event)?;
        let digest = digest(&signed);
        Ok(self.admit(cx, &signed, digest, event))
    }

    fn context(&self, now: Millis, signer: KeyId) -> Context {
        Context { position: self.next_position(), recorded_at: now, signer }
    }

    fn decide_batches(&mut self, works: Vec<CheckedWork>) -> Result<(), Failure> {
        for work in works {
            self.decide_batch(work)?;
            self.assert_digest();
            if self.draft.is_full() {
                self.hand_over()?;
            }
        }
        Ok(())
    }

    /// Accepts the batch whole, or leaves no trace of it but the answer.
    fn decide_batch(&mut self, work: CheckedWork) -> Result<(), Failure> {
        let several = work.checked.len() > 1;
        if work.checked.iter().any(is_correction) {
            if several {
                let rejection =
                    Code::OutOfRange.because("a correction of the clock stands alone in its batch");
                self.draft.answers.push((work.reply, Err(rejection.into())));
                return Ok(());
            }
            // Ids are looked for anew afterwards, and that must find everything.
            self.hand_over()?;
            self.commits.settle()?;
        }
        let rest = self.full.clone();
        if rest.is_none() {
            self.set_aside(|space| space.pledge(&work.checked))?;
        }
        let now = self.now();
        let (entries, openings) = (self.draft.entries.len(), self.draft.openings.len());
        if several {
            self.start.state.begin();
        }
        let mut receipts = Vec::with_capacity(work.checked.len());
        for (index, checked) in work.checked.into_iter().enumerate() {
            let refused = match self.decide_one(checked, now) {
                Ok(Ok(receipt)) => {
                    receipts.push(receipt);
                    continue;
                }
                Ok(Err(rejection)) => Refused { index, rejection }.into(),
                // Whether this was recorded long ago cannot be told now; everybody else goes on.
                Err(Failure::Engine(EngineError::Fatal(fatal))) if fatal.is_of_archive() => {
                    tracing::error!(%fatal, "a resubmission cannot be answered");
                    SubmitError::Busy
                }
                Err(Failure::Clock(fault)) => fault.into(),
                Err(Failure::Full(what)) => SubmitError::Full(what),
                Err(failure) => return Err(failure),
            };
            if several {
                self.start.state.rollback();
            }
            self.take_back(entries, openings);
            self.full = rest;
            self.draft.answers.push((work.reply, Err(refused)));
            return Ok(());
        }
        if several {
            self.start.state.commit();
        }
        self.full = rest;
        self.draft.answers.push((work.reply, Ok(receipts)));
        Ok(())
    }

    fn take_back(&mut self, entries: usize, openings: usize) {
        for event in self.draft.events.drain(entries..) {
            self.start.recent.remove(event.event.id);
        }
        self.draft.entries.truncate(entries);
        for (commitment, _) in self.draft.openings.drain(openings..) {
            self.opened.remove(&commitment);
        }
    }

    /// The checks in the documented order.
    fn decide_one(&mut self, checked: Checked, now: Millis) -> Result<Result<Receipt, Rejection>, Failure> {
        let Checked {
            submission: Submission { signed, openings: brought },
            commitments,
            digest,
            event,
            signature,
            openings,
        } = checked;
        let event = match event {
            Ok(event) => event,
            Err(rejection) => return Ok(Err(rejection)),
        };
        if let Some(seen) = self.find(event.id, signature)? {
            return match seen.digest == digest {
                true => self.receipt(seen.position).map(Ok),
                false => Ok(Err(id_reused(seen.position))),
            };
        }
        let corrects = event.body.corrects_clock().is_some();
        self.start.watch.check(corrects)?;
        if let Some(what) = &self.full {
            return Err(Failure::Full(what.clone()));
        }
        let cx = self.context(if corrects { self.moment } else { now }, signed.key_id);
        let judged = self
            .check_origin(&event)
            .and_then(|()| self.check_signature(&cx, &signed, signature))
            .and_then(|()| {
                clock::check_correction(self.start.last_recorded, cx.recorded_at, event.body.corrects_clock())
            })
            .and_then(|()| domain::decide(&self.start.state, &cx, &event))
            .and(openings)
            .and_then(|()| self.check_vault(&commitments, &brought))
            .and_then(|()| {
                let Start { vault, state, .. } = &self.start;
                self.codes.check(vault, state, now, &event, (&commitments, &brought))
            });
        if let Err(rejection) = judged {
            return Ok(Err(rejection));
        }
        for (commitment, opening) in commitments.into_iter().zip(brought) {
            // Each commitment once: so a batch taken back forgets only what it brought, and repetitions weigh nothing.
            if self.opened.insert(commitment, opening.subject).is_none() {
                self.draft.openings.push((commitment, opening));
            }
        }
        let receipt = self.admit(cx, &signed, digest, event);
        if corrects {
            self.go_back()?;
        }
        Ok(Ok(receipt))
    }

    /// Recorded time went back: ids matter again that had been let go.
    fn go_back(&mut self) -> Result<(), Failure> {
        tracing::warn!(to = self.moment.0, "the clock was corrected: recorded time goes on from here");
        replay::complete(&mut self.start.recent, &*self.start.reader, self.moment)
            .map_err(|error| Failure::Fault(format!("the ids on the log: {error}")))?;
        self.look_at_clock();
        Ok(())
    }

    /// The id's time is judged by the clock, which may be somewhat behind recorded time.
    fn check_origin(&self, event: &Event) -> Result<(), Rejection> {
        let origin = self.start.origin.as_str();
        if event.ledger != origin {
            return Err(Code::WrongLedger.because(format_args!("this ledger is {origin}")));
        }
        if !in_window(event.id, self.moment) {
            return Err(Code::IdOutOfWindow.into());
        }
        Ok(())
    }

    fn check_signature(
        &self,
        cx: &Context,
        signed: &SignedEvent,
        signature: Signature,
    ) -> Result<(), Rejection> {
        // Before the founding event there is no key; that event brings its own, which its own check has used.
        if self.start.state.founded.is_some() {
            let key = self.start.state.keys.get(cx.signer).ok_or(Code::KeyUnknown)?;
            if let Some(until) = key.until {
                return Err(Code::KeyRevoked.because(format_args!("ended at position {until}")));
            }
        }
        let verdict = match signature {
            // The key may have been enrolled while this was on its way.
            Signature::NoKey => verify(self.start.keys.get(cx.signer), signed),
            known => known,
        };
        match verdict {
            Signature::Good => Ok(()),
            Signature::Bad => Err(Code::BadSignature.into()),
            Signature::NoKey => Err(Code::KeyUnknown.into()),
        }
    }

    fn check_vault(&self, commitments: &[Commitment], openings: &[Opening]) -> Result<(), Rejection> {
        if openings.is_empty() {
            return Ok(());
        }
        for (commitment, opening) in commitments.iter().zip(openings) {
            let mut on_the_way = self.opening.iter().map(|(_, opened)| opened).chain([&self.opened]);
            let differs = |opened: &Opened| opened.get(commitment).is_some_and(|s| *s != opening.subject);
            if on_the_way.any(differs) {
                return Err(Code::BadOpening.because("the commitment belongs to another subject"));
            }
        }
        let brought = commitments.iter().copied().zip(openings);
        self.start.vault.check_committed(brought).map_err(|error| Code::BadOpening.because(error))
    }

    /// Applies the event and makes its entry. From here on it is part of the group.
    fn admit(&mut self, cx: Context, signed: &SignedEvent, digest: [u8; 16], event: Event) -> Receipt {
        let effects = domain::evolve(&mut self.start.state, &cx, &event);
        note_keys(&self.start.keys, &event.body);
        let revision = self.start.state.revision(&event.stream).unwrap_or(0);
        let bytes: Arc<[u8]> = wire::encode_entry(cx.position, cx.recorded_at, revision, signed).into();
        let leaf = leaf_hash(&bytes);
        self.draft.entries.push(NewEntry { id: event.id.0, stream: fingerprint(&event.stream), leaf, bytes });
        self.start.recent.insert(event.id, Seen { position: cx.position, digest }, cx.recorded_at);
        self.start.last_recorded = cx.recorded_at;
        let Context { position, recorded_at, signer } = cx;
        let committed = LoggedEvent { position, recorded_at, revision, signer, event, effects };
        let receipt = receipt_of(&committed, leaf);
        self.draft.events.push(committed);
        receipt
    }

    /// Hands over what was decided: from here on it is durable, or the ledger has stopped.
    fn hand_over(&mut self) -> Result<(), Failure> {
        self.lingers = ARRIVALS;
        let decided = std::mem::take(&mut self.draft);
        if decided.is_empty() {
            self.start.space.give_back(decided.pledge);
            return Ok(());
        }
        self.handed_over += decided.entries.len() as u64;
        let durable = self.commits.durable();
        while self.opening.front().is_some_and(|(end, _)| *end <= durable) {
            self.opening.pop_front();
        }
        if !self.opened.is_empty() {
            self.opening.push_back((self.handed_over, std::mem::take(&mut self.opened)));
        }
        self.commits.hand_over(decided)
    }

    fn find(&self, id: EventId, signature: Signature) -> Result<Option<Seen>, Failure> {
        if let Some(seen) = self.start.recent.get(id) {
            return Ok(Some(seen));
        }
        // Every id that could still be new is in memory; only an older one needs the disk. That takes the writer a while:
        // what is on the log has a good signature, and nobody else may ask for it.
        if in_window(id, self.moment) || signature != Signature::Good {
            return Ok(None);
        }
        find_on_disk(&*self.start.reader, id)
    }

    fn receipt(&self, position: u64) -> Result<Receipt, Failure> {
        let first = self.handed_over;
        if let Some(index) = position.checked_sub(first).and_then(|i| usize::try_from(i).ok()) {
            let event = self.draft.events.get(index).ok_or(Failure::Entry(position))?;
            let leaf = self.draft.entries.get(index).ok_or(Failure::Entry(position))?.leaf;
            return Ok(receipt_of(event, leaf));
        }
        if position >= self.commits.durable() {
            self.commits.settle()?;
        }
        let bytes = self.start.reader.entry(position)?.ok_or(Failure::Entry(position))?;
        let (entry, event) = decode(position, &bytes)?;
        let (recorded_at, revision) = (entry.recorded_at, entry.revision);
        Ok(Receipt { event: event.id, position, recorded_at, revision, leaf: leaf_hash(&bytes) })
    }
}

fn receipt_of(event: &LoggedEvent, leaf: Hash) -> Receipt {
    let LoggedEvent { position, recorded_at, revision, .. } = *event;
    Receipt { event: event.event.id, position, recorded_at, revision, leaf }
}

fn decode(position: u64, bytes: &[u8]) -> Result<(wire::Entry, Event), Failure> {
    let unreadable = |_| Failure::Entry(position);
    let entry = wire::decode_entry(bytes).map_err(unreadable)?;
    let event = wire::decode_event(&entry.signed.payload).map_err(unreadable)?;
    Ok((entry, event))
}

/// The first multiple of `every` beyond a number; never, if `every` is zero.
fn next_multiple(beyond: u64, every: u64) -> u64 {
    beyond.checked_div(every).map_or(u64::MAX, |times| (times + 1).saturating_mul(every))
}

fn is_correction(checked: &Checked) -> bool {
    checked.event.as_ref().is_ok_and(|event| event.body.corrects_clock().is_some())
}

fn find_on_disk(reader: &dyn LogReader, id: EventId) -> Result<Option<Seen>, Failure> {
    let Ok(ms) = u64::try_from(id.millis()) else { return Ok(None) };
    for bundle in reader.bundles_for_ids(ms..=ms) {
        let width = crate::engine::TILE_WIDTH;
        for (position, bytes) in reader.read(bundle * width, width as usize)? {
            let (entry, event) = decode(position, &bytes)?;
            if event.id == id {
                return Ok(Some(Seen { position, digest: digest(&entry.signed) }));
            }
        }
    }
    Ok(None)
}

/// Notes the keys that an event brings, so that signatures by them can be checked ahead of their turn.
pub(crate) fn note_keys(keys: &KeyBook, body: &Body) {
    match body {
        Body::Ledger(LedgerEvent::Founded(founding)) => {
            founding.founders.iter().for_each(|founder| keys.add(founder.key));
            keys.add(founding.ledger_key);
        }
        Body::Key(KeyEvent::Enrolled { key, .. }) | Body::Key(KeyEvent::Rotated { new: key, .. }) => {
            keys.add(*key)
        }
        _ => {}
    }
}
