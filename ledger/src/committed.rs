//! What projections are told: an entry of the log, decoded, with what the rules derived from it.

use std::sync::Arc;

use crate::domain::Effect;
use crate::domain::event::Event;
use crate::domain::ids::KeyId;
use crate::domain::time::Millis;

/// One durable event with its consequences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Committed {
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

/// Who follows the log. Called by one thread, in order, with durable events only; after a restart again from the
/// first event that the follower asked for.
pub trait Follower: Send {
    /// Takes the next events; the first one's position is where the last call ended.
    fn follow(&mut self, events: Arc<Vec<Committed>>);
}

impl<F: FnMut(Arc<Vec<Committed>>) + Send> Follower for F {
    fn follow(&mut self, events: Arc<Vec<Committed>>) {
        self(events);
    }
}
