//! Reading the events of one stream, without reading the log.
//!
//! The engine knows a stream by a fingerprint of 64 bits and answers positions that may carry it; here the entries
//! are looked at. So two streams with one fingerprint cost a reader time and nothing else.

use std::ops::Range;

use crate::domain::event::{Event, Stream};
use crate::engine::{EngineError, LogReader, Order};
use crate::wire;

/// Candidates fetched in one go.
const AT_A_TIME: usize = 256;

/// A fingerprint of a stream. It is part of the format: an index on disk holds it.
#[must_use]
pub fn fingerprint(stream: &Stream) -> u64 {
    let id = u128::from_be_bytes(stream.id);
    let mut mixed = (id >> 64) as u64 ^ u64::from(stream.kind as u8).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    for half in [id as u64, 0] {
        // The finaliser of SplitMix64: every bit of the input reaches every bit of the output.
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed = (mixed ^ (mixed >> 31)).wrapping_add(half);
    }
    mixed
}

/// Why a stream could not be read.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// The log.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// An entry of the log is not what this program writes.
    #[error(
        "entry {position} of the log cannot be read: {why}; restore a backup, or use the version that wrote it"
    )]
    Entry {
        /// Which.
        position: u64,
        /// Why.
        why: wire::WireError,
    },
}

/// An event of a stream with the entry that it came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamEvent {
    /// Position, recorded time, revision, and the bytes that were signed.
    pub entry: wire::Entry,
    /// The event.
    pub event: Event,
}

/// Reads one stream piece by piece: forward, backward, from the beginning, the end or a revision.
///
/// It sees the log as it was when it was made; events appended later belong to the next one.
pub struct StreamReader<'a> {
    log: &'a dyn LogReader,
    stream: Stream,
    fingerprint: u64,
    order: Order,
    /// Where candidates are still to be looked for.
    left: Range<u64>,
    /// The revision with which to begin, until it was found.
    from: Option<u64>,
}

impl<'a> StreamReader<'a> {
    /// A reader of all the stream's events: from the first on, or from the last one back.
    #[must_use]
    pub fn new(log: &'a dyn LogReader, stream: Stream, order: Order) -> Self {
        Self { log, stream, fingerprint: fingerprint(&stream), order, left: 0..log.head().size, from: None }
    }

    /// A reader that begins with a revision: forward it is followed by the later ones, backward by the earlier ones.
    /// If the stream has not come that far, a forward reader finds nothing and a backward one begins with the last.
    #[must_use]
    pub fn from_revision(log: &'a dyn LogReader, stream: Stream, revision: u64, order: Order) -> Self {
        Self { from: Some(revision), ..Self::new(log, stream, order) }
    }

    /// The next up to `max` events; fewer only when there are no more.
    ///
    /// # Errors
    /// [`StreamError`].
    pub fn next(&mut self, max: usize) -> Result<Vec<StreamEvent>, StreamError> {
        self.skip()?;
        let mut found = Vec::with_capacity(max.min(AT_A_TIME));
        while found.len() < max {
            let candidates = self.candidates(AT_A_TIME.min(max - found.len()))?;
            if candidates.is_empty() {
                break;
            }
            for position in candidates {
                self.pass(position);
                found.extend(self.wanted(position)?);
            }
        }
        Ok(found)
    }

    /// Passes over candidates that cannot be the revision asked for. Each event of the stream is a candidate, so the
    /// revision `n` comes after at least `n` of them, and the last one before it is as many away as revisions lie between.
    fn skip(&mut self) -> Result<(), StreamError> {
        let Some(from) = self.from else { return Ok(()) };
        let mut ahead = match self.order {
            Order::Forward => from,
            Order::Backward => self.last_revision()?.unwrap_or(0).saturating_sub(from),
        };
        while ahead > 0 {
            let candidates = self.candidates(usize::try_from(ahead).unwrap_or(usize::MAX).min(1 << 16))?;
            let Some(last) = candidates.last() else { return Ok(()) };
            self.pass(*last);
            ahead -= candidates.len() as u64;
        }
        Ok(())
    }

    fn last_revision(&self) -> Result<Option<u64>, StreamError> {
        let mut back = Self { order: Order::Backward, left: self.left.clone(), from: None, ..*self };
        Ok(back.next(1)?.pop().map(|last| last.entry.revision))
    }

    fn candidates(&self, max: usize) -> Result<Vec<u64>, StreamError> {
        Ok(self.log.stream_positions(self.fingerprint, self.left.clone(), self.order, max)?)
    }

    /// The candidate was looked at.
    fn pass(&mut self, position: u64) {
        match self.order {
            Order::Forward => self.left.start = position + 1,
            Order::Backward => self.left.end = position,
        }
    }

    /// The event at a position, if it is the stream's and not before the revision asked for.
    fn wanted(&mut self, position: u64) -> Result<Option<StreamEvent>, StreamError> {
        let Some(bytes) = self.log.entry(position)? else { return Ok(None) };
        let unreadable = |why| StreamError::Entry { position, why };
        let entry = wire::decode_entry(&bytes).map_err(unreadable)?;
        let event = wire::decode_event(&entry.signed.payload).map_err(unreadable)?;
        if event.stream != self.stream {
            return Ok(None);
        }
        let is_wanted = self.from.is_none_or(|from| match self.order {
            Order::Forward => entry.revision >= from,
            Order::Backward => entry.revision <= from,
        });
        if is_wanted {
            self.from = None;
        }
        Ok(is_wanted.then_some(StreamEvent { entry, event }))
    }
}

#[cfg(test)]
mod tests;
