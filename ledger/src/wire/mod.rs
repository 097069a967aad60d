//! Bytes from and to the rules' own types. The only module that knows the schema.
//!
//! [`decode_event`] is for bytes that a stranger signed, so it refuses whatever could be read in two ways or not
//! at all: see the conventions in `proto/hourbook/v1/event.proto`. It checks form, that is, that every value
//! exists in the rules' types; whether it makes sense is for the rules. How an event stands in bytes, the event says itself:
//! see [`crate::format`]. Encoding is deterministic (fields in the
//! order of their numbers, nothing for zero), but others may encode otherwise: signatures are over the bytes as
//! they came, and a decoded event is never encoded again to check one.

mod entry;
mod event;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod samples;
mod submission;
#[cfg(test)]
mod tests;

pub use crate::format::{Problem, WireError};
pub use entry::{Entry, EntryView, decode_entry, encode_entry, view_entry};
pub use event::{decode_event, encode_event, read_stream};
pub use submission::{
    Append, MAX_OPENINGS, MAX_SUBMISSIONS, Receipt, Submission, decode_append, decode_envelope,
    decode_receipts, decode_submissions, encode_envelope, encode_receipts, encode_submissions,
    read_submissions, write_receipts,
};
