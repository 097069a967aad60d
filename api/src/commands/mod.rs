//! From what somebody wants to the receipt: describe the action, draft the event, sign it, hand it in.

mod action;
mod assertion;
pub mod category;
pub mod interval;
pub mod recording;
mod session;
mod unsigned;

pub use action::{Action, Actions, Draft, Drafted, FOR, Given, Input, Kind, Telling, Thing, Words, Wrong};
pub use assertion::{Assertion, schemas};
pub use unsigned::{DraftOut, OpeningOut, Unsigned};
