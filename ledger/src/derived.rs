//! What is derived from the log to decide with, and how it comes about again: from the first entry on, or from a
//! [snapshot](crate::snapshot) on. Nothing is decided again; every digest of the state that the log holds on the way
//! must be reproduced.

use std::sync::Arc;

use crate::committed::{Committed, Follower};
use crate::domain::event::Body;
use crate::domain::rules;
use crate::domain::time::Millis;
use crate::domain::{self, Context, State};
use crate::engine::LogReader;
use crate::envelope::digest;
use crate::node::NodeError;
use crate::sequencer::{Recent, Seen};
use crate::wire;

/// Entries read in one go.
const READ_AT_A_TIME: usize = 4_096;

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

impl Derived {
    /// Takes in the entries up to `size`, as long as `goes_on` says so, and tells the follower.
    ///
    /// # Errors
    /// [`NodeError`] if an entry cannot be read, or if this build does not derive what the log says was derived.
    pub(crate) fn read(
        &mut self,
        reader: &dyn LogReader,
        size: u64,
        follower: &mut dyn Follower,
        goes_on: &dyn Fn() -> bool,
    ) -> Result<(), NodeError> {
        // Which ids matter still is told by the log, as while it was written, not by a clock that may yet be set back.
        let end = last_recorded(reader, size)?;
        while self.size < size && goes_on() {
            let most = usize::try_from(size - self.size).unwrap_or(READ_AT_A_TIME).min(READ_AT_A_TIME);
            let entries = reader.read(self.size, most)?;
            let mut events = Vec::with_capacity(entries.len());
            for (position, bytes) in &entries {
                events.push(self.take(*position, bytes, end)?);
            }
            follower.follow(Arc::new(events));
        }
        Ok(())
    }

    fn take(&mut self, position: u64, bytes: &[u8], end: Millis) -> Result<Committed, NodeError> {
        let (entry, digest, event) = decode(position, bytes)?;
        self.check_digest(position, &event.body)?;
        if let Body::RulesAdopted { version } = event.body
            && version > rules::NEWEST
        {
            return Err(NodeError::NewerRules { position, version });
        }
        let (recorded_at, revision, signer) = (entry.recorded_at, entry.revision, entry.signed.key_id);
        let effects = domain::evolve(&mut self.state, &Context { position, recorded_at, signer }, &event);
        self.recent.insert(event.id, Seen { position, digest }, end);
        self.last_recorded = recorded_at;
        self.size = position + 1;
        Ok(Committed { position, recorded_at, revision, signer, event, effects })
    }

    /// A digest on the log is that of the state before its own entry.
    fn check_digest(&mut self, position: u64, body: &Body) -> Result<(), NodeError> {
        let Body::StateDigest { position: after, rules, digest: logged } = body else { return Ok(()) };
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
        Err(NodeError::OtherState {
            after: *after,
            logged: hex::encode(logged),
            derived: hex::encode(derived),
        })
    }
}

fn last_recorded(reader: &dyn LogReader, size: u64) -> Result<Millis, NodeError> {
    let Some(last) = size.checked_sub(1) else { return Ok(Millis::default()) };
    let bytes = reader.entry(last)?.ok_or_else(|| unreadable(last, "it is not there"))?;
    Ok(decode(last, &bytes)?.0.recorded_at)
}

/// An entry, what tells its bytes from others, and its event.
///
/// # Errors
/// [`NodeError::Entry`].
pub(crate) fn decode(
    position: u64,
    bytes: &[u8],
) -> Result<(wire::Entry, [u8; 16], domain::Event), NodeError> {
    let entry = wire::decode_entry(bytes).map_err(|error| unreadable(position, error))?;
    if entry.position != position {
        return Err(unreadable(position, "it says that it is another"));
    }
    let event = wire::decode_event(&entry.signed.payload).map_err(|error| unreadable(position, error))?;
    let digest = digest(&entry.signed);
    Ok((entry, digest, event))
}

/// What is wrong with an entry.
pub(crate) fn unreadable(position: u64, why: impl ToString) -> NodeError {
    NodeError::Entry { position, why: why.to_string() }
}
