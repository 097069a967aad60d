//! Bytes from and to the rules' own types. The only module that knows the schema.
//!
//! [`decode_event`] is for bytes that a stranger signed, so it refuses whatever could be read in two ways or not
//! at all: see the conventions in `proto/hourbook/v1/event.proto`. It checks form, that is, that every value
//! exists in the rules' types; whether it makes sense is for the rules. Nearly all events are written as we write them and
//! read in one pass; [`decode_any_event`] reads the others, and says what is wrong. Encoding is deterministic (fields in the
//! order of their numbers, nothing for zero), but others may encode otherwise: signatures are over the bytes as
//! they came, and a decoded event is never encoded again to check one.

mod act;
mod activity;
#[cfg(test)]
pub(crate) mod arbitrary;
mod common;
mod credit;
mod entry;
mod error;
mod event;
mod hours;
mod ledger;
mod list;
mod organisation;
mod person;
mod policy;
mod quick;
mod read;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod samples;
mod scan;
mod session;
mod submission;
#[cfg(test)]
mod tests;
mod wish;
mod write;

pub use entry::{Entry, EntryView, decode_any_entry, decode_entry, encode_entry, view_entry};
pub use error::{Problem, WireError};
pub use event::{decode_any_event, decode_event, encode_event, read_stream};
pub use submission::{
    Append, MAX_OPENINGS, MAX_SUBMISSIONS, Receipt, Submission, decode_append, decode_envelope,
    decode_receipts, decode_submissions, encode_envelope, encode_receipts, encode_submissions,
    read_submissions, write_receipts,
};

/// Most rows of a recording or roll call, and most participants of a claim, in one event: with every number at its
/// longest an entry then still has far less than the 65,535 bytes that it may have.
pub const MAX_ROWS: usize = 256;
