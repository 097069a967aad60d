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
//!   [reads](Handle::read_state) the state waits until all of it is durable.
//! - Recorded time never goes back, but by a founder's correction. Timers that are due are recorded before any submission
//!   of a later moment. A clock that cannot be believed stops both until it can, see [`ClockFault`].
//! - Room on the disk is set aside before a batch is decided. Without it the batch is refused ([`SubmitError::Full`]) and
//!   timers rest; resubmissions are answered all the same, and it goes on as soon as there is room.
//! - If storage fails the sequencer stops and says so to everybody; opening the ledger again recovers.

mod codes;
mod commits;
mod dry_run;
mod failure;
mod handle;
mod in_flight;
mod messages;
mod space;
#[cfg(test)]
pub(crate) mod tests;
mod verifier;
mod watch;
mod writer;

pub use codes::{is_like_another, is_too_short};
pub(crate) use commits::Committer;
pub use handle::{Handle, Pending};
pub(crate) use in_flight::InFlight;
pub use messages::{Answer, MAX_BATCH, Refused, SubmitError};
pub(crate) use messages::{Message, StopReason, Work};
pub(crate) use space::Space;
pub(crate) use verifier::{backpressure, check_work, spawn as spawn_verifiers};
pub use watch::ClockFault;
pub(crate) use watch::Watch;
pub(crate) use writer::{Start, Writer, note_keys};

pub use crate::wire::Receipt;
