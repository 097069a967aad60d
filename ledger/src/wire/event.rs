//! Events: the type of the rules says itself how it stands in bytes.

use hourbook_proto::v1;
use prost::Message as _;

use crate::domain::event::{Event, Stream};
use crate::format::{self, WireError};

/// Reads the bytes of an event, strictly and in one pass.
///
/// # Errors
/// The first fault found: in the order of the bytes, and at the end of each message what is missing in it.
pub fn decode_event(bytes: &[u8]) -> Result<Event, WireError> {
    format::decode(bytes)
}

/// The bytes of an event, always the same for the same event. Values that [`decode_event`] would refuse are written
/// as they are.
#[must_use]
pub fn encode_event(event: &Event) -> Vec<u8> {
    format::encode(event)
}

/// A stream that a request names.
///
/// # Errors
/// The first fault found.
pub fn read_stream(message: v1::Stream) -> Result<Stream, WireError> {
    format::decode(&message.encode_to_vec())
}
