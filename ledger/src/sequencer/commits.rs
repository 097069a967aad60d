//! From decided to durable: what the writer has decided is gathered into groups, and while one is on its way to the disk
//! the writer goes on deciding.
//!
//! - Groups are committed one after the other, in the order of the log, and so are answers given: a receipt, or a refusal
//!   that rests on an event, never goes out before that event is durable.
//! - When nothing else is under way the writer commits by its own hand: a lone event waits for no other thread. So it
//!   does where there is no thread for it, hence in a simulation always.
//! - After a failure nothing more is committed, and everybody who waits is told that the ledger has stopped.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::thread::JoinHandle;

use parking_lot::{Condvar, Mutex, MutexGuard};
use tokio::sync::oneshot;

use super::failure::Failure;
use super::in_flight::InFlight;
use super::messages::{Answer, MAX_BATCH, StopReason};
use super::space::{Pledge, Space};
use crate::checkpoint::{Checkpoint, Origin};
use crate::commitment::{Commitment, Opening};
use crate::engine::{EngineError, Group, Head, LogWriter, NewEntry};
use crate::follower::{Follower, LoggedEvent};
use crate::merkle::Frontier;
use crate::note::NoteSigner;
use crate::vault::{Vault, VaultError};

/// A group takes no more batches when it has so many events.
pub(super) const GROUP: usize = MAX_BATCH;
/// Or when its values for the vault have so many bytes.
const VALUES: usize = 4 << 20;
/// While signatures are being checked, whose events will want to be durable too, a group waits for them until it has so
/// many events: then the disk's share of each is small.
const WORTH: usize = 512;
/// The vault's guard vouches for new values after so many groups at the latest, and when nothing else is to be done.
const UNVOUCHED: u32 = 16;
/// But for no more chunks than so many, whatever they bring.
pub(super) const PATIENCE: u64 = 32;

/// Decided events and answers that wait to be made good.
#[derive(Default)]
pub(super) struct Decided {
    pub(super) entries: Vec<NewEntry>,
    pub(super) events: Vec<LoggedEvent>,
    pub(super) openings: Vec<(Commitment, Opening)>,
    pub(super) answers: Vec<(oneshot::Sender<Answer>, Answer)>,
    /// Room that was set aside for it.
    pub(super) pledge: Pledge,
}

impl Decided {
    /// Whether it should take no more batches.
    pub(super) fn is_full(&self) -> bool {
        self.entries.len() >= GROUP || self.value_bytes() >= VALUES
    }

    fn has_room_for(&self, more: &Self) -> bool {
        let fits = self.entries.len() + more.entries.len() <= GROUP
            && self.value_bytes() + more.value_bytes() <= VALUES;
        fits || self.entries.is_empty()
    }

    fn value_bytes(&self) -> usize {
        self.openings.iter().map(|(_, opening)| opening.value.len()).sum()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.answers.is_empty()
    }

    fn append(&mut self, mut more: Self) {
        if self.is_empty() {
            return *self = more;
        }
        self.entries.append(&mut more.entries);
        self.events.append(&mut more.events);
        self.openings.append(&mut more.openings);
        self.answers.append(&mut more.answers);
        self.pledge.add(more.pledge);
    }

    /// Counted before they are sent: whoever is answered may come again at once, and be alone.
    fn answer(&mut self, in_flight: &InFlight) {
        in_flight.answer(self.answers.len());
        for (reply, answer) in self.answers.drain(..) {
            // A submitter who has gone away finds the receipt by submitting again.
            let _ = reply.send(answer);
        }
    }

    pub(super) fn refuse(&mut self, stop_reason: &StopReason) {
        for (reply, _) in self.answers.drain(..) {
            let _ = reply.send(Err(stop_reason.stopped()));
        }
    }
}

/// What makes groups durable.
pub(crate) struct Committer {
    pub(crate) origin: Origin,
    pub(crate) log: Box<dyn LogWriter>,
    pub(crate) vault: Arc<Vault>,
    /// Of all durable entries.
    pub(crate) frontier: Frontier,
    pub(crate) follower: Box<dyn Follower>,
    pub(crate) signer: NoteSigner,
    pub(crate) space: Space,
    /// Groups since the vault's guard vouched for what is in it.
    pub(crate) unvouched: u32,
    /// A planted bug: answer before the group is in the log.
    pub(crate) answer_early: bool,
}

impl Committer {
    /// Makes a group durable, vault first, and only then publishes, answers and tells those who follow.
    fn commit(&mut self, decided: &mut Decided, in_flight: &InFlight) -> Result<(), Failure> {
        let count = decided.entries.len();
        if count > 0 {
            let first = self.frontier.size();
            tracing::debug!(target: "hourbook::group", first, count, "committing");
            put_values(&self.vault, &mut decided.openings)?;
            decided.entries.iter().for_each(|entry| self.frontier.append(entry.leaf));
            let head = self.sign_head()?;
            if self.answer_early {
                decided.answer(in_flight);
            }
            let entries = std::mem::take(&mut decided.entries);
            self.log.append(Arc::new(Group { first, entries, head }))?;
            tracing::debug!(target: "hourbook::group", first, count, "durable");
        }
        self.space.give_back(std::mem::take(&mut decided.pledge));
        decided.answer(in_flight);
        if count > 0 {
            self.follower.follow(Arc::new(std::mem::take(&mut decided.events)));
            self.unvouched += 1;
            if self.unvouched >= UNVOUCHED || in_flight.unanswered() == 0 {
                self.vouch();
            }
        }
        Ok(())
    }

    /// Has the vault's guard vouch for what was put. Nobody waits for it: what was answered is durable without.
    fn vouch(&mut self) {
        self.unvouched = 0;
        if let Err(error) = self.vault.vouch() {
            tracing::warn!(%error, "the vault's guard is behind");
        }
    }

    fn sign_head(&self) -> Result<Head, Failure> {
        let (size, root) = (self.frontier.size(), self.frontier.root());
        let checkpoint = Checkpoint { origin: self.origin.clone(), size, root };
        let note = checkpoint.sign(&self.signer)?.to_string();
        Ok(Head { size, root, checkpoint: note.into_bytes().into() })
    }
}

/// Puts a group's values. Those of a subject that was erased after its event had been decided are passed over: had they
/// been put in time, they would be beyond reach as well.
pub(super) fn put_values(vault: &Vault, openings: &mut Vec<(Commitment, Opening)>) -> Result<(), VaultError> {
    loop {
        match vault.put_committed(openings.iter().map(|(commitment, opening)| (*commitment, opening))) {
            Err(VaultError::Erased(subject)) => openings.retain(|(_, opening)| opening.subject != subject),
            answer => return answer,
        }
    }
}

/// Where decided events wait, between the writer and the thread that commits, if there is one.
struct CommitQueue {
    state: Mutex<State>,
    /// Something is to be committed, or all is over.
    work: Condvar,
    /// Something was committed.
    done: Condvar,
    in_flight: InFlight,
    stop_reason: Arc<StopReason>,
}

struct State {
    /// Not here while somebody commits with it.
    committer: Option<Box<Committer>>,
    waiting: Decided,
    /// What waits does so until this many chunks are decided, at most.
    horizon: u64,
    /// Batches that waited for their answer at one time, the most of late.
    crowd: u64,
    /// Entries that are durable.
    durable: u64,
    failed: bool,
    closing: bool,
}

impl State {
    /// Whether half of the crowd is in the group, or it is large: then the rest go into the next, and are checked and
    /// decided while this one is on its way.
    fn is_worth(&self, entries: usize, batches: usize) -> bool {
        entries >= WORTH || 2 * batches as u64 >= self.crowd
    }

    /// Everything is durable and answered.
    fn is_settled(&self) -> bool {
        self.committer.is_some() && self.waiting.is_empty()
    }
}

impl CommitQueue {
    /// Commits beside the writer until all is over.
    fn run(&self) {
        let mut state = self.state.lock();
        while !state.failed && !state.closing {
            if self.is_due(&state) {
                state = self.commit(state);
                self.done.notify_one();
            } else {
                self.work.wait(&mut state);
            }
        }
    }

    fn is_due(&self, state: &State) -> bool {
        let (entries, batches) = (state.waiting.entries.len(), state.waiting.answers.len());
        let patient = self.in_flight.any() && self.in_flight.decided() < state.horizon;
        let worth = !patient || entries == 0 || state.is_worth(entries, batches);
        worth && !state.waiting.is_empty() && state.committer.is_some()
    }

    /// Commits what waits, unless somebody else is at it. The desk is free meanwhile.
    fn commit<'a>(&self, mut state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        let Some(mut committer) = state.committer.take() else { return state };
        let mut group = std::mem::take(&mut state.waiting);
        state.crowd = self.in_flight.unanswered().max(state.crowd - state.crowd.div_ceil(8));
        let committed = MutexGuard::unlocked(&mut state, || {
            let commit = AssertUnwindSafe(|| committer.commit(&mut group, &self.in_flight));
            std::panic::catch_unwind(commit).unwrap_or_else(|_| {
                Err(Failure::Fault("a fault in the program while committing a group".to_owned()))
            })
        });
        state.durable = committer.frontier.size();
        state.committer = Some(committer);
        if let Err(failure) = committed {
            self.fail(&mut state, &failure.to_string());
            group.refuse(&self.stop_reason);
        }
        state
    }

    fn fail(&self, state: &mut State, why: &str) {
        self.stop_reason.seal(why);
        state.failed = true;
        state.waiting.refuse(&self.stop_reason);
        self.work.notify_one();
    }
}

/// The writer's end of the desk.
pub(super) struct Commits {
    queue: Arc<CommitQueue>,
    thread: Option<JoinHandle<()>>,
}

impl Commits {
    pub(super) fn new(committer: Committer, in_flight: InFlight, stop_reason: Arc<StopReason>) -> Self {
        let state = State {
            durable: committer.frontier.size(),
            committer: Some(Box::new(committer)),
            waiting: Decided::default(),
            horizon: 0,
            crowd: 0,
            failed: false,
            closing: false,
        };
        let (work, done) = (Condvar::new(), Condvar::new());
        Self {
            queue: Arc::new(CommitQueue { state: Mutex::new(state), work, done, in_flight, stop_reason }),
            thread: None,
        }
    }

    /// Has a thread commit from here on, beside the writer.
    pub(super) fn aside(&mut self) -> std::io::Result<()> {
        let queue = self.queue.clone();
        let thread = std::thread::Builder::new().name("hourbook-commit".to_owned());
        self.thread = Some(thread.spawn(move || queue.run())?);
        Ok(())
    }

    /// Entries that are durable.
    pub(super) fn durable(&self) -> u64 {
        self.queue.state.lock().durable
    }

    /// Whether a draft should wait a moment: nothing more is being checked, but many were answered just now, and most of
    /// them will want to be in the next group.
    pub(super) fn awaits_more(&self, draft: &Decided) -> bool {
        if self.thread.is_none() || draft.entries.is_empty() || self.queue.in_flight.any() {
            return false;
        }
        let state = self.queue.state.lock();
        let entries = state.waiting.entries.len() + draft.entries.len();
        let batches = state.waiting.answers.len() + draft.answers.len();
        !state.is_worth(entries, batches)
    }

    /// Takes what was decided. It is durable when this returns if nothing else is under way, later otherwise. Waits
    /// while too much is waiting.
    pub(super) fn hand_over(&self, mut decided: Decided) -> Result<(), Failure> {
        let queue = &*self.queue;
        let mut state = self.until(|state| state.waiting.has_room_for(&decided));
        if state.failed {
            decided.refuse(&queue.stop_reason);
            return Err(Failure::Stopped);
        }
        if state.waiting.is_empty() {
            state.horizon = queue.in_flight.decided() + PATIENCE;
        }
        state.crowd = state.crowd.max(queue.in_flight.unanswered());
        state.waiting.append(decided);
        let busy = state.committer.is_none() || queue.in_flight.any();
        if self.thread.is_none() || !busy {
            state = queue.commit(state);
        } else if queue.is_due(&state) {
            queue.work.notify_one();
        }
        if state.failed { Err(Failure::Stopped) } else { Ok(()) }
    }

    /// Returns when everything that was handed over is durable.
    pub(super) fn settle(&self) -> Result<(), Failure> {
        let failed = self.until(State::is_settled).failed;
        if failed { Err(Failure::Stopped) } else { Ok(()) }
    }

    /// Commits, or waits for the one who does, until something holds or all is over.
    fn until(&self, holds: impl Fn(&State) -> bool) -> MutexGuard<'_, State> {
        let mut state = self.queue.state.lock();
        while !state.failed && !holds(&state) {
            match state.committer {
                Some(_) => state = self.queue.commit(state),
                None => self.queue.done.wait(&mut state),
            }
        }
        state
    }

    /// Whether a group could not be committed.
    pub(super) fn check(&self) -> Result<(), Failure> {
        if self.queue.state.lock().failed { Err(Failure::Stopped) } else { Ok(()) }
    }

    /// One piece of the log's background work, where it has no thread of its own. False if there is none.
    pub(super) fn work(&self) -> Result<bool, EngineError> {
        let mut state = self.queue.state.lock();
        state.committer.as_mut().map_or(Ok(false), |committer| committer.log.work())
    }

    /// Closes the log in good order.
    pub(super) fn close(mut self) -> Result<(), EngineError> {
        self.stop();
        let committer = self.queue.state.lock().committer.take();
        committer.map_or(Ok(()), |mut committer| {
            committer.vouch();
            committer.log.close()
        })
    }

    /// Ends the thread; what waits still is given up.
    fn stop(&mut self) {
        {
            let mut state = self.queue.state.lock();
            state.closing = true;
            state.waiting.refuse(&self.queue.stop_reason);
            self.queue.work.notify_one();
        }
        if let Some(thread) = self.thread.take() {
            // It catches the panics of what it does and tells of them.
            let _ = thread.join();
        }
    }
}

impl Drop for Commits {
    fn drop(&mut self) {
        self.stop();
    }
}
