//! The thread that takes snapshots behind the writer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::Sender;
use std::thread::JoinHandle;
use std::time::Duration;

use crate::checkpoint::Origin;
use crate::engine::LogReader;
use crate::follower::{Follower, ReplayFrom};
use crate::replay::ReplayError;
use crate::sequencer::{Message, StopReason};
use crate::snapshot::{self, SnapshotFiles, TakeError};

/// How often the builder looks whether the log has grown enough.
const LOOK: Duration = Duration::from_secs(1);

/// What the builder works with. It never touches the writer's state: it derives its own from the last snapshot and the
/// log, and so also notices if the writer's has drifted from what the log gives.
pub(crate) struct Builder {
    pub(crate) files: SnapshotFiles,
    pub(crate) reader: Arc<dyn LogReader>,
    pub(crate) origin: Origin,
    /// A follower that nobody reads, to make others from.
    pub(crate) follower: Box<dyn Follower>,
    /// A snapshot is due when so many entries came after the last one.
    pub(crate) every: u64,
    /// Entries in the last snapshot.
    pub(crate) last: Arc<AtomicU64>,
    pub(crate) stop_reason: Arc<StopReason>,
    pub(crate) writer: Sender<Message>,
}

/// The builder's thread.
pub(crate) struct Building {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Building {
    /// Gives up what is being built and waits for the end.
    pub(crate) fn stop(mut self) {
        self.tell();
        let _ = self.thread.take().map(JoinHandle::join);
    }

    fn tell(&self) {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.iter().for_each(|thread| thread.thread().unpark());
    }
}

impl Drop for Building {
    /// A ledger that is dropped without being closed does not leave the builder behind.
    fn drop(&mut self) {
        self.tell();
    }
}

impl Builder {
    /// Starts to look after the log.
    ///
    /// # Errors
    /// If there can be no thread.
    pub(crate) fn start(mut self) -> std::io::Result<Building> {
        let stop = Arc::new(AtomicBool::new(false));
        let stopping = stop.clone();
        let name = "hourbook-snapshots".to_owned();
        let thread = std::thread::Builder::new().name(name).spawn(move || {
            while !stopping.load(Ordering::Relaxed) {
                std::thread::park_timeout(LOOK);
                self.look(&|| !stopping.load(Ordering::Relaxed));
            }
        })?;
        Ok(Building { stop, thread: Some(thread) })
    }

    /// Takes a snapshot if one is due.
    pub(crate) fn look(&mut self, goes_on: &dyn Fn() -> bool) {
        let (size, last) = (self.reader.head().size, self.last.load(Ordering::Relaxed));
        if size < last + self.every {
            return;
        }
        // Also after a failure: the next try is an interval later.
        self.last.store(size, Ordering::Relaxed);
        match self.build(size, goes_on) {
            Ok(true) => tracing::info!(position = size, "a snapshot was taken"),
            Ok(false) => {}
            Err(error @ TakeError::Replay(ReplayError::OtherState { .. })) => {
                tracing::error!(%error, "the state drifted from what the log gives");
                self.stop_reason.seal(&error.to_string());
                let _ = self.writer.send(Message::Fault(error.to_string()));
            }
            Err(error) => tracing::warn!(%error, "no snapshot was taken"),
        }
    }

    fn build(&mut self, size: u64, goes_on: &dyn Fn() -> bool) -> Result<bool, TakeError> {
        let ReplayFrom::Snapshot(follower) = self.follower.replay_from() else { return Ok(false) };
        let mut follower = follower.apart();
        let mut derived =
            snapshot::load(&self.files, &*self.reader, &self.origin, &mut *follower).unwrap_or_default();
        derived.read_alone(&*self.reader, size, &mut *follower, goes_on)?;
        Ok(derived.size == size
            && snapshot::take(&self.files, &*self.reader, &self.origin, &mut derived, &mut *follower)?)
    }
}
