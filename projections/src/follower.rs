//! The read side as a follower of the log: all models behind one lock, with a cursor that moves with them.

use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use hourbook_ledger::follower::{BadSnapshot, Follower, LoggedEvent, ReplayFrom, Snapshots};
use hourbook_ledger::store::lazy::{self, Bytes};
use parking_lot::{RwLock, RwLockReadGuard};
use tokio::sync::watch;

use crate::models::Models;

/// Events that are taken under one hold of the lock, so that readers wait for a fraction of a millisecond.
const STRIDE: usize = 128;
/// A position so far beyond the cursor cannot be that of a group under way (a group holds 1,024 events at most).
const GROUP: u64 = 1024;

/// Whether a position has been reached.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reached {
    /// The event with this position is in the answers.
    Ready,
    /// Not within the time given.
    NotYet,
    /// There is no such position yet, by more than a group: whoever asks is mistaken.
    Beyond,
}

#[derive(Default, Debug)]
struct Shared {
    models: RwLock<Models>,
    cursor: watch::Sender<u64>,
}

/// The read side. Cheap to clone; all clones are the same.
#[derive(Clone, Default, Debug)]
pub struct ReadSide {
    shared: Arc<Shared>,
}

impl ReadSide {
    /// Empty, waiting for the event at position 0.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next events.
    ///
    /// # Panics
    /// If they are not the next ones.
    pub fn take(&self, events: &[LoggedEvent]) {
        for stride in events.chunks(STRIDE) {
            let mut models = self.shared.models.write();
            stride.iter().for_each(|event| models.fold(event));
            let cursor = models.as_of();
            drop(models);
            self.shared.cursor.send_replace(cursor);
        }
    }

    fn become_these(&self, models: Models) {
        let cursor = models.as_of();
        *self.shared.models.write() = models;
        self.shared.cursor.send_replace(cursor);
    }

    /// The position of the next event: everything below it is in the answers.
    #[must_use]
    pub fn as_of(&self) -> u64 {
        *self.shared.cursor.borrow()
    }

    /// Tells whenever [`Self::as_of`] moves; only that it did, not each step.
    #[must_use]
    pub fn cursor(&self) -> watch::Receiver<u64> {
        self.shared.cursor.subscribe()
    }

    /// All models as of one position, [`Models::as_of`]. Hold it for as long as one answer takes and never over an
    /// `await`: the log's followers wait for it.
    pub fn read(&self) -> RwLockReadGuard<'_, Models> {
        self.shared.models.read()
    }

    /// Waits until the event at `position` is in the answers.
    pub async fn wait_for(&self, position: u64, timeout: Duration) -> Reached {
        let mut cursor = self.shared.cursor.subscribe();
        let now = *cursor.borrow_and_update();
        if position < now {
            return Reached::Ready;
        }
        if position - now >= GROUP {
            return Reached::Beyond;
        }
        match tokio::time::timeout(timeout, cursor.wait_for(|cursor| position < *cursor)).await {
            Ok(Ok(_)) => Reached::Ready,
            Ok(Err(_)) | Err(_) => Reached::NotYet,
        }
    }

    /// See [`Models::digest`].
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        self.read().digest()
    }
}

impl Follower for ReadSide {
    fn follow(&mut self, events: Arc<Vec<LoggedEvent>>) {
        self.take(&events);
    }

    fn replay_from(&mut self) -> ReplayFrom<'_> {
        ReplayFrom::Snapshot(self)
    }
}

impl Snapshots for ReadSide {
    fn build(&self) -> &str {
        env!("HOURBOOK_MODELS_BUILD")
    }

    fn save(&self, to: &mut dyn Write) -> io::Result<()> {
        lazy::save(&*self.read(), to)
    }

    fn restore(&mut self, saved: Bytes) -> Result<(), BadSnapshot> {
        self.become_these(lazy::load(saved).ok_or(BadSnapshot)?);
        Ok(())
    }

    fn forget(&mut self) {
        self.become_these(Models::default());
    }

    fn apart(&self) -> Box<dyn Follower> {
        Box::new(Self::new())
    }
}
