//! The way to the sequencer.

use std::sync::Arc;
use std::sync::mpsc::{Sender, SyncSender, TrySendError};

use parking_lot::Mutex;
use tokio::sync::oneshot;

use super::dry_run;
use super::in_flight::InFlight;
use super::messages::{Answer, MAX_BATCH, Message, StopReason, SubmitError, Work};
use super::space::Space;
use super::watch::ClockFault;
use crate::domain::State;
use crate::domain::event::Event;
use crate::domain::ids::KeyId;
use crate::domain::time::Millis;
use crate::envelope::{KeyBook, Submission};

/// Most events in a batch that the writer checks itself when it has nothing else to do: to wake another thread first would
/// take longer.
const FEW: usize = 4;

/// A way to the sequencer, for any number of threads and tasks.
#[derive(Clone)]
pub struct Handle {
    pub(crate) works: SyncSender<Work>,
    pub(crate) writer: Sender<Message>,
    pub(crate) in_flight: InFlight,
    pub(crate) keys: Arc<KeyBook>,
    pub(crate) clock: Arc<Mutex<Option<ClockFault>>>,
    pub(crate) space: Space,
    pub(crate) stop_reason: Arc<StopReason>,
}

impl Handle {
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
        self.ask(Message::AcceptClock).await?
    }

    /// Asks the writer for something and waits for it.
    async fn ask<T>(&self, message: impl FnOnce(oneshot::Sender<T>) -> Message) -> Result<T, SubmitError> {
        let (reply, answer) = oneshot::channel();
        self.writer.send(message(reply)).map_err(|_| self.stop_reason.stopped())?;
        answer.await.map_err(|_| self.stop_reason.stopped())
    }

    /// Has the writer look at the rule state as of the last durable group, and leave it as it was.
    async fn look<T: Send + 'static>(
        &self,
        look: impl FnOnce(&mut State, Millis) -> T + Send + 'static,
    ) -> Result<T, SubmitError> {
        let asked = self.ask(|reply| {
            Message::ReadState(Box::new(move |state, now| {
                let _ = reply.send(look(state, now));
            }))
        });
        asked.await
    }

    /// Counts a batch that is about to be handed in. It is given back if the verifiers are to have it, and has gone to the
    /// writer if nothing else is under way: then no batch of the same submitter can be overtaken.
    fn hand_in(&self, work: Work) -> Result<Option<Work>, SubmitError> {
        if !self.in_flight.hand_in() || work.submissions.len() > FEW {
            return Ok(Some(work));
        }
        self.in_flight.begin_lone();
        self.writer.send(Message::Lone(work)).map_err(|_| self.stop_reason.stopped())?;
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
                    self.in_flight.hand_back();
                    SubmitError::Busy
                }
                TrySendError::Disconnected(_) => self.stop_reason.stopped(),
            })?;
        }
        answer.await.unwrap_or_else(|_| Err(self.stop_reason.stopped()))
    }

    /// Submits a batch, waiting for a place in the queue, and gives the answer to come. For threads, not for tasks.
    #[must_use]
    pub fn submit_waiting(&self, submissions: Vec<Submission>) -> Pending {
        let (work, mut pending) = self.prepare(submissions);
        if let Some(work) = work {
            pending.sent = self.hand_in(work).and_then(|work| {
                work.map_or(Ok(()), |work| self.works.send(work).map_err(|_| self.stop_reason.stopped()))
            });
        }
        pending
    }

    /// The work that a batch is, unless its size is wrong, and the answer to come.
    pub(crate) fn prepare(&self, submissions: Vec<Submission>) -> (Option<Work>, Pending) {
        let (reply, answer) = oneshot::channel();
        let sent = check_size(&submissions);
        let work = sent.is_ok().then_some(Work { submissions, reply });
        (work, Pending { answer, sent, stop_reason: self.stop_reason.clone() })
    }

    /// Looks at the rule state as of the last durable group.
    ///
    /// # Errors
    /// [`SubmitError::Stopped`].
    pub async fn read_state<T: Send + 'static>(
        &self,
        look: impl FnOnce(&State, Millis) -> T + Send + 'static,
    ) -> Result<T, SubmitError> {
        self.look(|state, now| look(state, now)).await
    }

    /// Whether a sequence of events would be accepted now, were each signed by the key named with it. Nothing is
    /// recorded. Ids, time window and openings are not looked at.
    ///
    /// # Errors
    /// The first refusal, or [`SubmitError::Stopped`].
    pub async fn try_out(&self, events: Vec<(Event, KeyId)>) -> Result<(), SubmitError> {
        Ok(self.look(move |state, now| dry_run::try_out(state, now, &events)).await??)
    }

    /// Records what is due by the clock and returns when that is durable.
    ///
    /// # Errors
    /// [`SubmitError::Stopped`], [`SubmitError::Clock`].
    pub async fn tick(&self) -> Result<(), SubmitError> {
        self.ask(Message::Tick).await?
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
    stop_reason: Arc<StopReason>,
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
            Err(oneshot::error::TryRecvError::Closed) => Some(Err(self.stop_reason.stopped())),
        }
    }

    /// Waits for the answer. For threads, not for tasks.
    ///
    /// # Errors
    /// [`SubmitError`].
    pub fn wait(self) -> Answer {
        self.sent?;
        self.answer.blocking_recv().unwrap_or_else(|_| Err(self.stop_reason.stopped()))
    }
}
