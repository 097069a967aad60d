//! The single writer: takes checked work in order, decides, commits, publishes, answers.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use rand_core::CryptoRng;
use rustc_hash::FxHashMap;
use tokio::sync::oneshot;

use super::recent::{Recent, Seen, in_window};
use super::{Answer, CheckedWork, Fate, MAX_BATCH, Message, Receipt, Refused, Room, SubmitError, id_reused};
use crate::actor::Actor;
use crate::checkpoint::{Checkpoint, Origin};
use crate::clock::Clock;
use crate::commitment::{Opening, SubjectId};
use crate::committed::{Committed, Follower};
use crate::derived::Derived;
use crate::domain::event::{Body, Event};
use crate::domain::ids::{Commitment, EventId, KeyId};
use crate::domain::table::Trial;
use crate::domain::time::Millis;
use crate::domain::{self, Code, Context, Rejection, State, timer};
use crate::dsse::SignedEvent;
use crate::engine::{EngineError, Group, Head, LogReader, LogWriter, NewEntry};
use crate::envelope::{Checked, KeyBook, Signature, Submission, digest, verify};
use crate::merkle::{Frontier, leaf_hash};
use crate::note::NoteSigner;
use crate::streams::fingerprint;
use crate::vault::{Vault, VaultError};
use crate::wire;

/// A group is committed when it has so many events.
const GROUP: usize = MAX_BATCH;
/// Or when the values for the vault have so many bytes.
const VALUES: usize = 4 << 20;
/// Under load the writer waits so long for more before it commits: fewer, larger groups.
const LINGER: Duration = Duration::from_millis(2);
/// A group of so many events means load.
const LOAD: usize = 64;
/// Timers are looked at this often when nothing else happens.
const IDLE: Duration = Duration::from_millis(500);

/// What the writer starts from. Everything in it is the writer's own, but for what is shared by `Arc`.
pub(crate) struct Start {
    pub(crate) origin: Origin,
    pub(crate) state: State,
    pub(crate) recent: Recent,
    pub(crate) frontier: Frontier,
    pub(crate) last_recorded: Millis,
    /// See [`crate::node::DerivedOptions`].
    pub(crate) digest_every: u64,
    pub(crate) log: Box<dyn LogWriter>,
    pub(crate) reader: Arc<dyn LogReader>,
    pub(crate) vault: Arc<Vault>,
    pub(crate) keys: Arc<KeyBook>,
    pub(crate) follower: Box<dyn Follower>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rng: Box<dyn CryptoRng + Send>,
    pub(crate) ledger: Actor,
    pub(crate) signer: NoteSigner,
    pub(crate) inbox: Receiver<Message>,
    pub(crate) room: Room,
    pub(crate) fate: Arc<Fate>,
    /// A planted bug: answer before the group is in the log.
    pub(crate) answer_early: bool,
}

/// A group in the making.
#[derive(Default)]
struct Draft {
    entries: Vec<NewEntry>,
    events: Vec<Committed>,
    openings: Vec<Opening>,
    opened: FxHashMap<Commitment, SubjectId>,
    answers: Vec<(oneshot::Sender<Answer>, Answer)>,
}

impl Draft {
    fn is_full(&self) -> bool {
        let value_bytes: usize = self.openings.iter().map(|opening| opening.value.len()).sum();
        self.entries.len() >= GROUP || value_bytes >= VALUES
    }
}

/// Why the writer has to stop.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("log: {0}")]
    Engine(#[from] EngineError),
    #[error("vault: {0}")]
    Vault(#[from] VaultError),
    #[error("checkpoint: {0}")]
    Checkpoint(#[from] crate::checkpoint::CheckpointError),
    #[error("entry {0} on the log cannot be read")]
    Entry(u64),
    #[error("{0}")]
    Fault(String),
}

enum Verdict {
    Known(Receipt),
    New(Receipt),
}

pub(crate) struct Writer {
    start: Start,
    draft: Draft,
    waiting: BTreeMap<u64, Vec<CheckedWork>>,
    next_chunk: u64,
    looks: Vec<super::Look>,
    ticks: Vec<oneshot::Sender<Result<(), SubmitError>>>,
    last_group: usize,
    /// The clock at the beginning of the turn. Read once, so that nothing comes due between the timers and the work.
    moment: Millis,
    fault: Option<String>,
    stopping: bool,
    /// The next digest is asserted when the log has so many entries.
    digest_due: u64,
}

impl Writer {
    pub(crate) fn new(start: Start) -> Self {
        let last = start.state.lists.last_digest().map_or(0, |digest| digest.position + 1);
        Self {
            digest_due: next_multiple(last, start.digest_every),
            start,
            draft: Draft::default(),
            waiting: BTreeMap::new(),
            next_chunk: 0,
            looks: Vec::new(),
            ticks: Vec::new(),
            last_group: 0,
            moment: Millis::default(),
            fault: None,
            stopping: false,
        }
    }

    /// Works until told to stop, and gives back what was derived by then; or until storage fails.
    pub(crate) fn run(mut self) -> Option<Derived> {
        let failure = loop {
            if self.stopping {
                break None;
            }
            self.receive();
            if let Err(failure) = self.turn() {
                break Some(failure);
            }
        };
        match failure {
            None => Some(self.end()),
            Some(failure) => {
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
            self.start.fate.seal(&failure.to_string());
            self.start.fate.stopped()
        })
    }

    /// One piece of the log's background work, where it has no thread of its own. False if there is none.
    pub(crate) fn work(&mut self) -> Result<bool, EngineError> {
        self.start.log.work()
    }

    /// The rule state as of the last group.
    pub(crate) fn state(&self) -> &State {
        &self.start.state
    }

    /// Closes the log in good order.
    pub(crate) fn end(self) -> Derived {
        self.start.fate.seal("it is shutting down");
        if let Err(error) = self.start.log.close() {
            tracing::error!(%error, "the log did not close in good order; nothing acknowledged is lost");
        }
        let Start { state, recent, last_recorded, frontier, .. } = self.start;
        Derived { state, recent, last_recorded, size: frontier.size() }
    }

    fn fail(self, failure: &Failure) {
        tracing::error!(%failure, "the ledger has stopped; opening it again recovers");
        self.start.fate.seal(&failure.to_string());
        for (reply, _) in self.draft.answers {
            let _ = reply.send(Err(self.start.fate.stopped()));
        }
    }

    /// Takes what is there; waits for something if nothing is, and for more under load.
    fn receive(&mut self) {
        match self.start.inbox.recv_timeout(IDLE) {
            Ok(message) => self.take(message),
            Err(RecvTimeoutError::Timeout) => return,
            Err(RecvTimeoutError::Disconnected) => self.stopping = true,
        }
        let mut chunks = 1;
        while chunks * LOAD < GROUP {
            let next = match self.last_group >= LOAD {
                true => self.start.inbox.recv_timeout(LINGER).ok(),
                false => self.start.inbox.try_recv().ok(),
            };
            let Some(message) = next else { break };
            self.take(message);
            chunks += 1;
        }
    }

    fn take(&mut self, message: Message) {
        match message {
            Message::Chunk(number, works) => {
                self.waiting.insert(number, works);
            }
            Message::Look(look) => self.looks.push(look),
            Message::Tick(reply) => self.ticks.push(reply),
            Message::Fault(what) => self.fault = Some(what),
            Message::Stop => self.stopping = true,
        }
    }

    /// Timers first, then the work that has arrived without a gap, in groups; then whoever wants to look.
    fn turn(&mut self) -> Result<(), Failure> {
        if let Some(what) = self.fault.take() {
            return Err(Failure::Fault(what));
        }
        self.moment = self.start.clock.now();
        let mut events = self.fire_timers()?;
        while let Some(chunk) = self.waiting.remove(&self.next_chunk) {
            self.next_chunk += 1;
            self.start.room.free_one();
            for work in chunk {
                self.decide_batch(work)?;
                self.assert_digest();
                if self.draft.is_full() {
                    events += self.commit()?;
                }
            }
        }
        events += self.commit()?;
        self.last_group = events;
        let now = self.now();
        for look in std::mem::take(&mut self.looks) {
            look(&mut self.start.state, now);
        }
        for tick in std::mem::take(&mut self.ticks) {
            let _ = tick.send(Ok(()));
        }
        Ok(())
    }

    fn now(&self) -> Millis {
        self.moment.max(self.start.last_recorded)
    }

    fn next_position(&self) -> u64 {
        self.start.frontier.size() + self.draft.entries.len() as u64
    }

    fn fire_timers(&mut self) -> Result<usize, Failure> {
        let mut fired = 0;
        loop {
            let now = self.now();
            let bodies = timer::due(&self.start.state, now, GROUP);
            if bodies.is_empty() {
                return Ok(fired);
            }
            for body in bodies {
                if let Err(rejection) = self.assert_own(now, body) {
                    // A timer that the rules refuse is a fault of the rules: say so, and let the ledger work on.
                    tracing::error!(%rejection, "a due timer was refused");
                    fired += self.commit()?;
                    return Ok(fired);
                }
            }
            self.assert_digest();
            fired += self.commit()?;
        }
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
        let body = Body::StateDigest { position: size - 1, rules, digest };
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

    /// Accepts the batch whole, or leaves no trace of it but the answer.
    fn decide_batch(&mut self, work: CheckedWork) -> Result<(), Failure> {
        let now = self.now();
        let (entries, openings) = (self.draft.entries.len(), self.draft.openings.len());
        let several = work.checked.len() > 1;
        if several {
            self.start.state.begin();
        }
        let mut receipts = Vec::with_capacity(work.checked.len());
        for (index, checked) in work.checked.into_iter().enumerate() {
            match self.decide_one(checked, now)? {
                Ok(Verdict::Known(receipt) | Verdict::New(receipt)) => receipts.push(receipt),
                Err(rejection) => {
                    if several {
                        self.start.state.undo();
                    }
                    self.take_back(entries, openings);
                    let refused = Refused { index, rejection };
                    self.draft.answers.push((work.reply, Err(refused.into())));
                    return Ok(());
                }
            }
        }
        if several {
            self.start.state.keep();
        }
        self.draft.answers.push((work.reply, Ok(receipts)));
        Ok(())
    }

    fn take_back(&mut self, entries: usize, openings: usize) {
        for event in self.draft.events.drain(entries..) {
            self.start.recent.remove(event.event.id);
        }
        self.draft.entries.truncate(entries);
        for opening in self.draft.openings.drain(openings..) {
            self.draft.opened.remove(&opening.commitment());
        }
    }

    /// The checks in the documented order.
    fn decide_one(&mut self, checked: Checked, now: Millis) -> Result<Result<Verdict, Rejection>, Failure> {
        let Checked {
            submission: Submission { signed, openings: brought },
            digest,
            event,
            signature,
            openings,
        } = checked;
        let event = match event {
            Ok(event) => event,
            Err(rejection) => return Ok(Err(rejection)),
        };
        if let Some(seen) = self.find(event.id, now, signature)? {
            return match seen.digest == digest {
                true => self.receipt(seen.position).map(|receipt| Ok(Verdict::Known(receipt))),
                false => Ok(Err(id_reused(seen.position))),
            };
        }
        let cx = self.context(now, signed.key_id);
        let judged = self
            .check_origin(&event, now)
            .and_then(|()| self.check_signature(&cx, &signed, signature))
            .and_then(|()| domain::decide(&self.start.state, &cx, &event))
            .and(openings)
            .and_then(|()| self.check_vault(&brought));
        if let Err(rejection) = judged {
            return Ok(Err(rejection));
        }
        for opening in brought {
            // Each commitment once: so a batch taken back forgets only what it brought, and repetitions weigh nothing.
            if self.draft.opened.insert(opening.commitment(), opening.subject).is_none() {
                self.draft.openings.push(opening);
            }
        }
        Ok(Ok(Verdict::New(self.admit(cx, &signed, digest, event))))
    }

    fn check_origin(&self, event: &Event, now: Millis) -> Result<(), Rejection> {
        let origin = self.start.origin.as_str();
        if event.ledger != origin {
            return Err(Code::WrongLedger.because(format_args!("this ledger is {origin}")));
        }
        if !in_window(event.id, now) {
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

    fn check_vault(&self, openings: &[Opening]) -> Result<(), Rejection> {
        if openings.is_empty() {
            return Ok(());
        }
        for opening in openings {
            let elsewhere =
                self.draft.opened.get(&opening.commitment()).is_some_and(|s| *s != opening.subject);
            if elsewhere {
                return Err(Code::BadOpening.because("the commitment belongs to another subject"));
            }
        }
        self.start.vault.check(openings).map_err(|error| Code::BadOpening.because(error))
    }

    /// Applies the event and makes its entry. From here on it is part of the group.
    fn admit(&mut self, cx: Context, signed: &SignedEvent, digest: [u8; 16], event: Event) -> Receipt {
        let effects = domain::evolve(&mut self.start.state, &cx, &event);
        self.note_keys(&event);
        let revision = self.start.state.revision(&event.stream).unwrap_or(0);
        let bytes: Arc<[u8]> = wire::encode_entry(cx.position, cx.recorded_at, revision, signed).into();
        let leaf = leaf_hash(&bytes);
        self.draft.entries.push(NewEntry { id: event.id.0, stream: fingerprint(&event.stream), leaf, bytes });
        self.start.recent.insert(event.id, Seen { position: cx.position, digest }, cx.recorded_at);
        self.start.last_recorded = cx.recorded_at;
        let receipt =
            Receipt { event: event.id, position: cx.position, recorded_at: cx.recorded_at, revision, leaf };
        let committed = Committed {
            position: cx.position,
            recorded_at: cx.recorded_at,
            revision,
            signer: cx.signer,
            event,
            effects,
        };
        self.draft.events.push(committed);
        receipt
    }

    fn note_keys(&self, event: &Event) {
        note_keys(&self.start.keys, &event.body);
    }

    /// Makes the group durable, vault first, and only then answers and publishes.
    fn commit(&mut self) -> Result<usize, Failure> {
        let count = self.draft.entries.len();
        if count > 0 {
            let first = self.start.frontier.size();
            tracing::debug!(target: "hourbook::group", first, count, "committing");
            put_values(&self.start.vault, &mut self.draft.openings)?;
            self.draft.entries.iter().for_each(|entry| self.start.frontier.append(entry.leaf));
            let head = self.sign_head()?;
            if self.start.answer_early {
                self.answer();
            }
            let entries = std::mem::take(&mut self.draft.entries);
            self.start.log.append(Arc::new(Group { first, entries, head }))?;
            tracing::debug!(target: "hourbook::group", first, count, "durable");
            self.start.follower.follow(Arc::new(std::mem::take(&mut self.draft.events)));
            self.draft.openings.clear();
            self.draft.opened.clear();
        }
        self.answer();
        Ok(count)
    }

    fn answer(&mut self) {
        for (reply, answer) in self.draft.answers.drain(..) {
            // A submitter who has gone away finds the receipt by submitting again.
            let _ = reply.send(answer);
        }
    }

    fn sign_head(&self) -> Result<Head, Failure> {
        let (size, root) = (self.start.frontier.size(), self.start.frontier.root());
        let checkpoint = Checkpoint { origin: self.start.origin.clone(), size, root };
        let note = checkpoint.sign(&self.start.signer)?.to_string();
        Ok(Head { size, root, checkpoint: note.into_bytes().into() })
    }

    fn find(&self, id: EventId, now: Millis, signature: Signature) -> Result<Option<Seen>, Failure> {
        if let Some(seen) = self.start.recent.get(id) {
            return Ok(Some(seen));
        }
        // Every id that could still be new is in memory; only an older one needs the disk. That takes the writer a while:
        // what is on the log has a good signature, and nobody else may ask for it.
        if in_window(id, now) || signature != Signature::Good {
            return Ok(None);
        }
        find_on_disk(&*self.start.reader, id)
    }

    fn receipt(&self, position: u64) -> Result<Receipt, Failure> {
        let first = self.start.frontier.size();
        if let Some(index) = position.checked_sub(first).and_then(|i| usize::try_from(i).ok()) {
            let event = self.draft.events.get(index).ok_or(Failure::Entry(position))?;
            let leaf = self.draft.entries.get(index).ok_or(Failure::Entry(position))?.leaf;
            let (recorded_at, revision) = (event.recorded_at, event.revision);
            return Ok(Receipt { event: event.event.id, position, recorded_at, revision, leaf });
        }
        let bytes = self.start.reader.entry(position)?.ok_or(Failure::Entry(position))?;
        let entry = wire::decode_entry(&bytes).map_err(|_| Failure::Entry(position))?;
        let event = wire::decode_event(&entry.signed.payload).map_err(|_| Failure::Entry(position))?;
        let (recorded_at, revision) = (entry.recorded_at, entry.revision);
        Ok(Receipt { event: event.id, position, recorded_at, revision, leaf: leaf_hash(&bytes) })
    }
}

/// The first multiple of `every` beyond a number; never, if `every` is zero.
fn next_multiple(beyond: u64, every: u64) -> u64 {
    beyond.checked_div(every).map_or(u64::MAX, |times| (times + 1).saturating_mul(every))
}

/// Puts a group's values. Those of a subject that was erased after its event had been decided are passed over: had they
/// been put in time, they would be beyond reach as well.
pub(super) fn put_values(vault: &Vault, openings: &mut Vec<Opening>) -> Result<(), VaultError> {
    loop {
        match vault.put(openings) {
            Err(VaultError::Erased(subject)) => openings.retain(|opening| opening.subject != subject),
            answer => return answer,
        }
    }
}

fn find_on_disk(reader: &dyn LogReader, id: EventId) -> Result<Option<Seen>, Failure> {
    let Ok(ms) = u64::try_from(id.millis()) else { return Ok(None) };
    for bundle in reader.bundles_for_id(ms) {
        let width = crate::engine::TILE_WIDTH;
        for (position, bytes) in reader.read(bundle * width, width as usize)? {
            let entry = wire::decode_entry(&bytes).map_err(|_| Failure::Entry(position))?;
            let event = wire::decode_event(&entry.signed.payload).map_err(|_| Failure::Entry(position))?;
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
        Body::LedgerFounded(founding) => {
            founding.founders.iter().for_each(|founder| keys.add(founder.key));
            keys.add(founding.ledger_key);
        }
        Body::KeyEnrolled { key, .. } | Body::KeyRotated { new: key, .. } => keys.add(*key),
        _ => {}
    }
}

/// Decides a sequence of events on trial and takes everything back.
pub(crate) fn try_out(state: &mut State, now: Millis, events: &[(Event, KeyId)]) -> Result<(), Refused> {
    state.begin();
    let mut decide = |(index, (event, signer)): (usize, &(Event, KeyId))| {
        let cx = Context { position: u64::MAX, recorded_at: now, signer: *signer };
        domain::decide(state, &cx, event).map_err(|rejection| Refused { index, rejection })?;
        domain::evolve(state, &cx, event);
        Ok(())
    };
    let tried = events.iter().enumerate().try_for_each(&mut decide);
    state.undo();
    tried
}
