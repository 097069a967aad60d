//! What the sequencer is asked, what it answers, and what its threads tell each other.

use parking_lot::Mutex;
use tokio::sync::oneshot;

use super::watch::ClockFault;
use crate::domain::time::Millis;
use crate::domain::{Code, Rejection, State};
use crate::envelope::{Checked, Submission};
use crate::wire::Receipt;

/// Most events in one batch: what fits one group of the log.
pub const MAX_BATCH: usize = 1_024;
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

pub(crate) type ReadState = Box<dyn FnOnce(&mut State, Millis) + Send>;

/// What reaches the writer.
pub(crate) enum Message {
    /// Checked work; the numbers are consecutive in the order of arrival.
    Chunk(u64, Vec<CheckedWork>),
    /// A small batch that came when no other waited for an answer, not checked yet.
    Lone(Work),
    /// Someone wants to look at the rule state between two groups.
    ReadState(ReadState),
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
pub(crate) struct StopReason(Mutex<Option<String>>);

impl StopReason {
    pub(crate) fn seal(&self, why: &str) {
        self.0.lock().get_or_insert_with(|| why.to_owned());
    }

    pub(crate) fn stopped(&self) -> SubmitError {
        SubmitError::Stopped(self.0.lock().clone().unwrap_or_else(|| "it is shutting down".into()))
    }
}

/// The refusal of an id that is on the log with other bytes.
pub(crate) fn id_reused(position: u64) -> Rejection {
    Code::IdReused.because(format_args!("position {position}"))
}
