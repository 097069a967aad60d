//! The sequencer: the one writer that gives events their order.
//!
//! # Contract
//! - Submissions wait in a bounded queue. Full means [`SubmitError::Busy`]: nothing was taken, try again.
//! - Two or more threads check bytes and signatures out of order; one thread decides in the order of arrival. A small
//!   batch that finds nothing else under way is checked by that thread, too.
//! - A *batch* is accepted whole or refused whole. The first event that is refused is named, with its code.
//! - An event whose id is on the log with the same bytes is answered with its original receipt, whatever became of its
//!   key; it may stand in a batch with new ones.
//! - An id older than the window is looked for on disk only if the signature is good; otherwise its age is the answer.
//! - An answer is given only when the event is durable: vault first, then the log. A refusal is never remembered. While
//!   a group is on its way to the disk the next is decided on the state that it leaves; whoever
//!   [looks](Handle::look) at the state waits until all of it is durable.
//! - Recorded time never goes back, but by a founder's correction. Timers that are due are recorded before any submission
//!   of a later moment. A clock that cannot be believed stops both until it can, see [`ClockFault`].
//! - Room on the disk is set aside before a batch is decided. Without it the batch is refused ([`SubmitError::Full`]) and
//!   timers rest; resubmissions are answered all the same, and it goes on as soon as there is room.
//! - If storage fails the sequencer stops and says so to everybody; opening the ledger again recovers.

mod codes;
mod commits;
mod recent;
mod space;
#[cfg(test)]
pub(crate) mod tests;
mod trial;
mod verifier;
mod watch;
mod writer;

use std::sync::Arc;
use std::sync::mpsc::{Sender, SyncSender, TrySendError};

use parking_lot::Mutex;
use tokio::sync::oneshot;

use crate::domain::time::Millis;
use crate::domain::{Code, Rejection, State};
use crate::envelope::{Checked, KeyBook, Submission};

pub use codes::{is_like_another, is_too_short};
pub(crate) use commits::{Committer, UnderWay};
pub(crate) use recent::{Recent, Seen, in_window_of};
pub(crate) use space::Space;
pub(crate) use verifier::{Room, check_work, room, spawn as spawn_verifiers};
pub use watch::ClockFault;
pub(crate) use watch::Watch;
pub(crate) use writer::{Start, Writer, note_keys};

pub use crate::wire::Receipt;

/// Most events in one batch: what fits one group of the log.
pub const MAX_BATCH: usize = 1_024;
/// Most events in a batch that the writer checks itself when it has nothing else to do: to wake another thread first would
/// take longer.
const FEW: usize = 4;

/// A batch that was not accepted.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("event {index} of the batch: {rejection}")]
pub struct Refused {
    /// Index of the first refused event in the batch.
    pub index: usize,
    /// Why.
    pub rejection: Rejection,
}

/// Why a batch got no verdict, or a refusal.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SubmitError {
    /// The queue is full, or what the answer needs cannot be read now; nothing was taken.
    #[error("the ledger is busy: try again in a moment")]
    Busy,
    /// A batch has 1 to [`MAX_BATCH`] events.
    #[error("a batch has 1 to {MAX_BATCH} events, this one has {0}")]
    BatchSize(usize),
    /// Storage failed; whether the batch was recorded is known after a restart, when submitting it again tells.
    #[error("the ledger has stopped: {0}")]
    Stopped(String),
    /// There is no room on the disk; nothing was taken. It goes on by itself when there is.
    #[error("{0}")]
    Full(String),
    /// The clock cannot be believed; nothing was taken.
    #[error(transparent)]
    Clock(#[from] ClockFault),
    /// A rule says no.
    #[error(transparent)]
    Refused(#[from] Refused),
}

impl From<Rejection> for SubmitError {
    fn from(rejection: Rejection) -> Self {
        Self::Refused(Refused { index: 0, rejection })
    }
}

/// What a submitter gets.
pub type Answer = Result<Vec<Receipt>, SubmitError>;

pub(crate) struct Work {
    pub(crate) submissions: Vec<Submission>,
    pub(crate) reply: oneshot::Sender<Answer>,
}

pub(crate) struct CheckedWork {
    pub(crate) checked: Vec<Checked>,
    pub(crate) reply: oneshot::Sender<Answer>,
}

pub(crate) type Look = Box<dyn FnOnce(&mut State, Millis) + Send>;

/// What reaches the writer.
pub(crate) enum Message {
    /// Checked work; the numbers are consecutive in the order of arrival.
    Chunk(u64, Vec<CheckedWork>),
    /// A small batch that came when no other waited for an answer, not checked yet.
    Lone(Work),
    /// Someone wants to look at the rule state between two groups.
    Look(Look),
    /// Record what is due, then tell.
    Tick(oneshot::Sender<Result<(), SubmitError>>),
    /// The clock is right, somebody says who answers for it.
    AcceptClock(oneshot::Sender<Result<(), SubmitError>>),
    /// Something is broken: end, and say what.
    Fault(String),
    /// Finish what is queued and end.
    Stop,
}

/// Why the writer stopped, once it has.
#[derive(Default)]
pub(crate) struct Fate(Mutex<Option<String>>);

impl Fate {
    pub(crate) fn seal(&self, why: &str) {
        self.0.lock().get_or_insert_with(|| why.to_owned());
    }

    pub(crate) fn stopped(&self) -> SubmitError {
        SubmitError::Stopped(self.0.lock().clone().unwrap_or_else(|| "it is shutting down".into()))
    }
}

/// A way to the sequencer, for any number of threads and tasks.
#[derive(Clone)]
pub struct Handle {
    works: SyncSender<Work>,
    writer: Sender<Message>,
    under_way: UnderWay,
    keys: Arc<KeyBook>,
    clock: Arc<Mutex<Option<ClockFault>>>,
    space: Space,
    fate: Arc<Fate>,
}

impl Handle {
    pub(crate) fn new(
        works: SyncSender<Work>,
        writer: Sender<Message>,
        under_way: UnderWay,
        keys: Arc<KeyBook>,
        clock: Arc<Mutex<Option<ClockFault>>>,
        space: Space,
        fate: Arc<Fate>,
    ) -> Self {
        Self { works, writer, under_way, keys, clock, space, fate }
    }

    /// Whether there is room on the disk for what may come next.
    ///
    /// # Errors
    /// [`SubmitError::Full`]. Whether the disk works otherwise shows at the next batch.
    pub fn has_room(&self) -> Result<(), SubmitError> {
        self.space.probe()
    }

    /// Why the clock cannot be believed, as of the writer's last turn; nothing is recorded as long as that is so.
    #[must_use]
    pub fn clock_fault(&self) -> Option<ClockFault> {
        *self.clock.lock()
    }

    /// Says that the clock is right, on the word of whoever operates the ledger: it was idle for long, or the clock was
    /// wrong before. Recorded time goes on from where the clock is.
    ///
    /// # Errors
    /// [`SubmitError::Clock`] if the clock is behind the last entry, which only a founder's correction mends;
    /// [`SubmitError::Stopped`].
    pub async fn accept_clock(&self) -> Result<(), SubmitError> {
        let (reply, answer) = oneshot::channel();
        self.writer.send(Message::AcceptClock(reply)).map_err(|_| self.fate.stopped())?;
        answer.await.unwrap_or_else(|_| Err(self.fate.stopped()))
    }

    /// Counts a batch that is about to be handed in. It is given back if the verifiers are to have it, and has gone to the
    /// writer if nothing else is under way: then no batch of the same submitter can be overtaken.
    fn hand_in(&self, work: Work) -> Result<Option<Work>, SubmitError> {
        if !self.under_way.hand_in() || work.submissions.len() > FEW {
            return Ok(Some(work));
        }
        self.under_way.begin_lone();
        self.writer.send(Message::Lone(work)).map_err(|_| self.fate.stopped())?;
        Ok(None)
    }

    /// Submits a batch without waiting for a place in the queue.
    ///
    /// # Errors
    /// [`SubmitError`].
    pub async fn submit(&self, submissions: Vec<Submission>) -> Answer {
        check_size(&submissions)?;
        let (reply, answer) = oneshot::channel();
        if let Some(work) = self.hand_in(Work { submissions, reply })? {
            self.works.try_send(work).map_err(|error| match error {
                TrySendError::Full(_) => {
                    self.under_way.hand_back();
                    SubmitError::Busy
                }
                TrySendError::Disconnected(_) => self.fate.stopped(),
            })?;
        }
        answer.await.unwrap_or_else(|_| Err(self.fate.stopped()))
    }

    /// Submits a batch, waiting for a place in the queue, and gives the answer to come. For threads, not for tasks.
    #[must_use]
    pub fn submit_waiting(&self, submissions: Vec<Submission>) -> Pending {
        let (work, mut pending) = self.prepare(submissions);
        if let Some(work) = work {
            pending.sent = self.hand_in(work).and_then(|work| {
                work.map_or(Ok(()), |work| self.works.send(work).map_err(|_| self.fate.stopped()))
            });
        }
        pending
    }

    /// The work that a batch is, unless its size is wrong, and the answer to come.
    pub(crate) fn prepare(&self, submissions: Vec<Submission>) -> (Option<Work>, Pending) {
        let (reply, answer) = oneshot::channel();
        let sent = check_size(&submissions);
        let work = sent.is_ok().then_some(Work { submissions, reply });
        (work, Pending { answer, sent, fate: self.fate.clone() })
    }

    /// Looks at the rule state as of the last durable group.
    ///
    /// # Errors
    /// [`SubmitError::Stopped`].
    pub async fn look<T: Send + 'static>(
        &self,
        look: impl FnOnce(&State, Millis) -> T + Send + 'static,
    ) -> Result<T, SubmitError> {
        let (reply, answer) = oneshot::channel();
        let look = move |state: &mut State, now| {
            let _ = reply.send(look(state, now));
        };
        self.writer.send(Message::Look(Box::new(look))).map_err(|_| self.fate.stopped())?;
        answer.await.map_err(|_| self.fate.stopped())
    }

    /// Whether a sequence of events would be accepted now, were each signed by the key named with it. Nothing is
    /// recorded. Ids, time window and openings are not looked at.
    ///
    /// # Errors
    /// The first refusal, or [`SubmitError::Stopped`].
    pub async fn try_out(
        &self,
        events: Vec<(crate::domain::Event, crate::domain::ids::KeyId)>,
    ) -> Result<(), SubmitError> {
        let (reply, answer) = oneshot::channel();
        let look = move |state: &mut State, now| {
            let _ = reply.send(trial::try_out(state, now, &events));
        };
        self.writer.send(Message::Look(Box::new(look))).map_err(|_| self.fate.stopped())?;
        Ok(answer.await.map_err(|_| self.fate.stopped())??)
    }

    /// Records what is due by the clock and returns when that is durable.
    ///
    /// # Errors
    /// [`SubmitError::Stopped`], [`SubmitError::Clock`].
    pub async fn tick(&self) -> Result<(), SubmitError> {
        let (reply, answer) = oneshot::channel();
        self.writer.send(Message::Tick(reply)).map_err(|_| self.fate.stopped())?;
        answer.await.unwrap_or_else(|_| Err(self.fate.stopped()))
    }

    /// The public keys known so far.
    #[must_use]
    pub fn keys(&self) -> &KeyBook {
        &self.keys
    }

    pub(crate) fn stop(&self) {
        let _ = self.writer.send(Message::Stop);
    }
}

fn check_size(submissions: &[Submission]) -> Result<(), SubmitError> {
    let fits = (1..=MAX_BATCH).contains(&submissions.len());
    if fits { Ok(()) } else { Err(SubmitError::BatchSize(submissions.len())) }
}

/// An answer to come.
pub struct Pending {
    answer: oneshot::Receiver<Answer>,
    sent: Result<(), SubmitError>,
    fate: Arc<Fate>,
}

impl Pending {
    /// The answer, if it is there.
    pub fn poll(&mut self) -> Option<Answer> {
        if let Err(refused) = &self.sent {
            return Some(Err(refused.clone()));
        }
        match self.answer.try_recv() {
            Ok(answer) => Some(answer),
            Err(oneshot::error::TryRecvError::Empty) => None,
            Err(oneshot::error::TryRecvError::Closed) => Some(Err(self.fate.stopped())),
        }
    }

    /// Waits for the answer. For threads, not for tasks.
    ///
    /// # Errors
    /// [`SubmitError`].
    pub fn wait(self) -> Answer {
        self.sent?;
        self.answer.blocking_recv().unwrap_or_else(|_| Err(self.fate.stopped()))
    }
}

/// The refusal of an id that is on the log with other bytes.
pub(crate) fn id_reused(position: u64) -> Rejection {
    Code::IdReused.because(format_args!("position {position}"))
}
