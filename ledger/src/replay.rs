//! What is derived from the log to decide with, and how it comes about again: from the first entry on, or from a
//! [snapshot](crate::snapshot) on. Nothing is decided again; every digest of the state that the log holds on the way
//! must be reproduced.

use std::ops::Range;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};

use crate::domain::event::{Body, Event, LedgerEvent};
use crate::domain::ids::KeyId;
use crate::domain::rules;
use crate::domain::time::Millis;
use crate::domain::{self, Context, State};
use crate::engine::{EngineError, LogReader, TILE_WIDTH};
use crate::envelope::{digest, digest_of};
use crate::follower::{Follower, LoggedEvent};
use crate::recent_ids::{Recent, Seen, floor};
use crate::wire::{self, EntryView};

/// Entries read in one go.
const READ_AT_A_TIME: usize = 4_096;
/// As many are not worth threads.
const SHORT: u64 = 16_384;
/// Stretches that may wait between two threads.
const STRETCHES_AHEAD: usize = 2;

/// Why what is derived from the log cannot be derived again.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The log cannot be read.
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
        why: String,
    },
    /// This build derives another state from the log than the log says was derived.
    #[error(
        "this build of Hourbook does not derive the state that the log vouches for: after entry {after} the log has the \
         digest {logged}, this build {derived}. Nothing was changed. Start the build that wrote the log; if that one \
         refuses too, restore a backup"
    )]
    OtherState {
        /// The entry after which the two differ.
        after: u64,
        /// What the log says, hexadecimal.
        logged: String,
        /// What this build has, hexadecimal.
        derived: String,
    },
    /// The log is written under rules that this program does not have.
    #[error(
        "entry {position} of the log adopts version {version} of the rules, and this Hourbook knows versions up to {}: \
         use a newer Hourbook",
        rules::NEWEST
    )]
    NewerRules {
        /// The adopting entry.
        position: u64,
        /// The version that it adopts.
        version: u32,
    },
}

/// Everything that the sequencer knows beside the log itself.
pub(crate) struct Derived {
    /// The rule state, which keeps its digest up.
    pub(crate) state: State,
    /// The ids that a new event could collide with.
    pub(crate) recent: Recent,
    /// When the last entry was recorded.
    pub(crate) last_recorded: Millis,
    /// How many entries of the log are in this.
    pub(crate) size: u64,
}

impl Default for Derived {
    /// What is derived from an empty log.
    fn default() -> Self {
        let mut state = State::default();
        state.keep_digest();
        Self { state, recent: Recent::default(), last_recorded: Millis::default(), size: 0 }
    }
}

/// An entry that was read and is still to be applied.
struct Decoded {
    position: u64,
    recorded_at: Millis,
    revision: u64,
    signer: KeyId,
    /// What tells its bytes from others, if an event that comes now could still collide with it.
    digest: Option<[u8; 16]>,
    event: Event,
}

impl Derived {
    /// Takes in the entries up to `size`, as long as `goes_on` says so, and tells the follower. A long way is gone by
    /// three threads: one reads, one applies the rules, one follows.
    ///
    /// # Errors
    /// [`ReplayError`] if an entry cannot be read, or if this build does not derive what the log says was derived.
    pub(crate) fn read(
        &mut self,
        reader: &dyn LogReader,
        size: u64,
        follower: &mut dyn Follower,
        goes_on: &dyn Fn() -> bool,
    ) -> Result<(), ReplayError> {
        if size.saturating_sub(self.size) <= SHORT {
            return self.read_alone(reader, size, follower, goes_on);
        }
        self.read_beside(reader, size, follower, goes_on)?;
        self.complete_ids(reader, size)
    }

    fn read_beside(
        &mut self,
        reader: &dyn LogReader,
        size: u64,
        follower: &mut dyn Follower,
        goes_on: &dyn Fn() -> bool,
    ) -> Result<(), ReplayError> {
        let (from, end) = (self.size, last_recorded(reader, size)?);
        std::thread::scope(|scope| {
            let (decoded, stretches) = sync_channel(STRETCHES_AHEAD);
            let (applied, told) = sync_channel::<Arc<Vec<LoggedEvent>>>(STRETCHES_AHEAD);
            scope.spawn(move || decode_all(reader, from..size, end, &decoded));
            scope.spawn(move || told.into_iter().for_each(|events| follower.follow(events)));
            // Whichever way this ends, the others find their channels closed, and the follower has all that was applied.
            for stretch in stretches {
                if !goes_on() {
                    break;
                }
                let events = self.apply(stretch?, end)?;
                if applied.send(Arc::new(events)).is_err() {
                    break;
                }
            }
            Ok(())
        })
    }

    /// As [`Self::read`], by this thread alone: for whoever has time and leaves the other cores to those who have not.
    ///
    /// # Errors
    /// As of [`Self::read`].
    pub(crate) fn read_alone(
        &mut self,
        reader: &dyn LogReader,
        size: u64,
        follower: &mut dyn Follower,
        goes_on: &dyn Fn() -> bool,
    ) -> Result<(), ReplayError> {
        // Which ids matter still is told by the log, as while it was written, not by a clock that may yet be set back.
        let end = last_recorded(reader, size)?;
        while self.size < size && goes_on() {
            let stretch = decode_stretch(reader, self.size..size, end)?;
            follower.follow(Arc::new(self.apply(stretch, end)?));
        }
        self.complete_ids(reader, size)
    }

    /// What was read before recorded time went back has lost ids that matter again.
    fn complete_ids(&mut self, reader: &dyn LogReader, size: u64) -> Result<(), ReplayError> {
        let lacks = self.size == size && size > 0 && self.recent.lacks(self.last_recorded);
        if lacks { complete(&mut self.recent, reader, self.last_recorded) } else { Ok(()) }
    }

    fn apply(&mut self, stretch: Vec<Decoded>, end: Millis) -> Result<Vec<LoggedEvent>, ReplayError> {
        stretch.into_iter().map(|entry| self.take(entry, end)).collect()
    }

    fn take(&mut self, entry: Decoded, end: Millis) -> Result<LoggedEvent, ReplayError> {
        let Decoded { position, recorded_at, revision, signer, digest, event } = entry;
        self.check_digest(position, &event.body)?;
        if let Body::Ledger(LedgerEvent::RulesAdopted { version }) = event.body
            && version > rules::NEWEST
        {
            return Err(ReplayError::NewerRules { position, version });
        }
        let effects = domain::evolve(&mut self.state, &Context { position, recorded_at, signer }, &event);
        if let Some(digest) = digest {
            self.recent.insert(event.id, Seen { position, digest }, end);
        }
        self.last_recorded = recorded_at;
        self.size = position + 1;
        Ok(LoggedEvent { position, recorded_at, revision, signer, event, effects })
    }

    /// A digest on the log is that of the state before its own entry.
    fn check_digest(&mut self, position: u64, body: &Body) -> Result<(), ReplayError> {
        let Body::Ledger(LedgerEvent::StateDigest { position: after, rules, digest: logged }) = body else {
            return Ok(());
        };
        if after + 1 != position {
            return Err(unreadable(
                position,
                format_args!("its digest is of entry {after}, not of the one before"),
            ));
        }
        let in_force = self.state.rules.version();
        if *rules != in_force {
            let why = format_args!(
                "its digest is by version {rules} of the rules, and version {in_force} is in force"
            );
            return Err(unreadable(position, why));
        }
        let derived = self.state.settle_digest();
        if derived == *logged {
            return Ok(());
        }
        Err(ReplayError::OtherState {
            after: *after,
            logged: hex::encode(logged),
            derived: hex::encode(derived),
        })
    }
}

/// Has all ids that could be new at a time, after recorded time went back to it, from the log.
///
/// # Errors
/// [`ReplayError`] if an entry cannot be read.
pub(crate) fn complete(recent: &mut Recent, reader: &dyn LogReader, now: Millis) -> Result<(), ReplayError> {
    let first = u64::try_from(floor(now).0).unwrap_or(0);
    let mut young = Vec::new();
    for bundle in reader.bundles_for_ids(first..=u64::MAX) {
        for (position, bytes) in reader.read(bundle * TILE_WIDTH, TILE_WIDTH as usize)? {
            let (_, digest, event) = decode(position, &bytes)?;
            if Recent::keeps(event.id, now) {
                young.push((event.id, Seen { position, digest }));
            }
        }
    }
    recent.refill(young, now);
    Ok(())
}

fn last_recorded(reader: &dyn LogReader, size: u64) -> Result<Millis, ReplayError> {
    let Some(last) = size.checked_sub(1) else { return Ok(Millis::default()) };
    let bytes = reader.entry(last)?.ok_or_else(|| unreadable(last, "it is not there"))?;
    Ok(decode(last, &bytes)?.0.recorded_at)
}

/// Decodes a range stretch by stretch, until it ends, fails or nobody wants more.
fn decode_all(
    reader: &dyn LogReader,
    mut range: Range<u64>,
    end: Millis,
    to: &SyncSender<Result<Vec<Decoded>, ReplayError>>,
) {
    while !range.is_empty() {
        let stretch = decode_stretch(reader, range.clone(), end);
        let next = stretch.as_ref().map_or(range.end, |read| range.start + read.len() as u64);
        if to.send(stretch).is_err() {
            return;
        }
        range.start = next;
    }
}

/// The first entries of a range, at least one. They are read as bundles, for in those they lie side by side.
fn decode_stretch(
    reader: &dyn LogReader,
    range: Range<u64>,
    end: Millis,
) -> Result<Vec<Decoded>, ReplayError> {
    let mut stretch = Vec::with_capacity(READ_AT_A_TIME + TILE_WIDTH as usize);
    let mut next = range.start;
    while next < range.end && stretch.len() < READ_AT_A_TIME {
        let first = next / TILE_WIDTH * TILE_WIDTH;
        let width = (range.end - first).min(TILE_WIDTH);
        let missing = || unreadable(next, "it is not there");
        let bundle = reader.bundle(first / TILE_WIDTH, width as u16)?.ok_or_else(missing)?;
        let mut rest = &bundle[..];
        for position in first..first + width {
            let entry =
                split_entry(&mut rest).ok_or_else(|| unreadable(position, "its bundle is cut short"))?;
            if position >= next {
                stretch.push(Decoded::of(position, entry, end)?);
            }
        }
        next = first + width;
    }
    Ok(stretch)
}

/// The next entry of a bundle: its length (`u16be`) stands before it.
fn split_entry<'a>(bundle: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, rest) = bundle.split_first_chunk::<2>()?;
    let (entry, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
    *bundle = rest;
    Some(entry)
}

impl Decoded {
    fn of(position: u64, bytes: &[u8], end: Millis) -> Result<Self, ReplayError> {
        let (entry, event) = view(position, bytes)?;
        let digest = || digest_of(entry.key_id, &entry.signature, entry.payload);
        let digest = Recent::keeps(event.id, end).then(digest);
        let EntryView { recorded_at, revision, key_id: signer, .. } = entry;
        Ok(Self { position, recorded_at, revision, signer, digest, event })
    }
}

fn view(position: u64, bytes: &[u8]) -> Result<(EntryView<'_>, Event), ReplayError> {
    let entry = wire::view_entry(bytes).map_err(|error| unreadable(position, error))?;
    if entry.position != position {
        return Err(unreadable(position, "it says that it is another"));
    }
    let event = wire::decode_event(entry.payload).map_err(|error| unreadable(position, error))?;
    Ok((entry, event))
}

/// An entry, what tells its bytes from others, and its event.
///
/// # Errors
/// [`ReplayError::Entry`].
pub(crate) fn decode(position: u64, bytes: &[u8]) -> Result<(wire::Entry, [u8; 16], Event), ReplayError> {
    let (entry, event) = view(position, bytes)?;
    let entry = entry.into_entry();
    let digest = digest(&entry.signed);
    Ok((entry, digest, event))
}

/// What is wrong with an entry.
pub(crate) fn unreadable(position: u64, why: impl ToString) -> ReplayError {
    ReplayError::Entry { position, why: why.to_string() }
}
