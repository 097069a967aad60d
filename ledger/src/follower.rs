//! What projections are told: an entry of the log, decoded, with what the rules derived from it.

use std::borrow::Cow;
use std::io::{self, Write};
use std::sync::Arc;

use crate::domain::Effect;
use crate::domain::event::Event;
use crate::domain::ids::KeyId;
use crate::domain::time::Millis;
use crate::store::lazy::Bytes;

/// One durable event with its consequences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedEvent {
    /// Index in the log.
    pub position: u64,
    /// When it was recorded.
    pub recorded_at: Millis,
    /// Index in its stream.
    pub revision: u64,
    /// Whose signature it carries.
    pub signer: KeyId,
    /// The event.
    pub event: Event,
    /// What follows from it.
    pub effects: Vec<Effect>,
}

impl LoggedEvent {
    /// What the event comes to for whoever reads the log: nothing while it [waits](crate::domain::act); where an act that waited
    /// takes effect, that act, at this position; else itself.
    #[must_use]
    pub fn in_effect(&self) -> Option<Cow<'_, Self>> {
        let mut began = None;
        for (at, effect) in self.effects.iter().enumerate() {
            match effect {
                Effect::Held { .. } => return None,
                Effect::TookEffect(event) => began = Some((at, event)),
                _ => {}
            }
        }
        let Some((at, event)) = began else { return Some(Cow::Borrowed(self)) };
        let effects = self.effects[at + 1..].to_vec();
        Some(Cow::Owned(Self { event: (**event).clone(), effects, ..self.clone() }))
    }
}

/// Who follows the log. Called by one thread, in order, with durable events only.
pub trait Follower: Send {
    /// Takes the next events; the first one's position is where the last call ended.
    fn follow(&mut self, events: Arc<Vec<LoggedEvent>>);

    /// What it has to be told at a start, before what is new.
    fn replay_from(&mut self) -> ReplayFrom<'_> {
        ReplayFrom::Everything
    }
}

/// What a follower has to be told at a start.
pub enum ReplayFrom<'a> {
    /// The whole log.
    Everything,
    /// Nothing of what was: any entry may be the first.
    Tail,
    /// What it made of the log up to a snapshot, then the rest.
    Snapshot(&'a mut dyn Snapshots),
}

/// A follower that can go on from what it made of the log before.
pub trait Snapshots: Send {
    /// The identity of its code. Bytes that another one saved are never given to it.
    fn build(&self) -> &str;

    /// Writes what it has made of the log so far.
    ///
    /// # Errors
    /// Those of `to`.
    fn save(&self, to: &mut dyn Write) -> io::Result<()>;

    /// Becomes what it was when it wrote these bytes.
    ///
    /// # Errors
    /// If they are not such bytes.
    fn restore(&mut self, saved: Bytes) -> Result<(), BadSnapshot>;

    /// Becomes what it was before the first event: the rest of a snapshot was of no use.
    fn forget(&mut self);

    /// Another one of its kind that nobody reads, as before the first event.
    fn apart(&self) -> Box<dyn Follower>;
}

/// Bytes that are no snapshot of this follower.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the followers' part cannot be read")]
pub struct BadSnapshot;

impl<F: FnMut(Arc<Vec<LoggedEvent>>) + Send> Follower for F {
    fn follow(&mut self, events: Arc<Vec<LoggedEvent>>) {
        self(events);
    }
}

/// Follows nothing: for whoever needs the ledger and not what is read from it.
pub struct NoopFollower;

impl Follower for NoopFollower {
    fn follow(&mut self, _events: Arc<Vec<LoggedEvent>>) {}

    fn replay_from(&mut self) -> ReplayFrom<'_> {
        ReplayFrom::Tail
    }
}
