//! A ledger without threads, for simulations: the same recovery, checks, decisions and commits as with them, but each
//! happens when somebody says so, hence always in the same order.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender};

use super::error::LedgerError;
use super::open::{Assembled, Ledger, assemble, open_parts};
use super::options::LedgerOptions;
use super::snapshotter::Builder;
use crate::domain::State;
use crate::engine::{Background, EngineError};
use crate::envelope::{KeyBook, Submission};
use crate::follower::Follower;
use crate::sequencer::{Message, Pending, SubmitError, Work, Writer, check_work};

/// An open ledger that does nothing by itself.
///
/// What a caller may do: [`submit`](Self::submit) batches, which checks their bytes and signatures at once; let the writer
/// take a [`turn`](Self::turn), which fires timers, decides, commits and answers; let the engine [`work`](Self::work) in
/// the background; read through [`node`](Self::node). Dropping it is a crash of the process.
pub struct SteppedLedger {
    node: Ledger,
    writer: Writer,
    keys: Arc<KeyBook>,
    to_writer: Sender<Message>,
    chunks: u64,
    builder: Option<Builder>,
    /// Nobody takes from it: batches go to the writer directly.
    _queue: Receiver<Work>,
}

impl SteppedLedger {
    /// Opens the ledger in a directory as [`super::open`] does. The follower is told by the caller's own hand.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub fn open(
        dir: &Path,
        mut options: LedgerOptions,
        follow: impl FnOnce() -> Box<dyn Follower>,
    ) -> Result<Self, LedgerError> {
        options.engine.background = Background::Stepped;
        let parts = open_parts(dir, &mut options)?;
        let assembled = assemble(dir, parts, options, follow)?;
        let Assembled { node, start, committer, queue, to_writer, builder, .. } = assembled;
        let keys = start.keys.clone();
        let writer = Writer::new(start, committer);
        Ok(Self { node, writer, keys, to_writer, chunks: 0, builder, _queue: queue })
    }

    /// The log, the vault and what else can be read. Its handle leads nowhere.
    #[must_use]
    pub fn opened(&self) -> &Ledger {
        &self.node
    }

    /// The rule state as of the last group.
    #[must_use]
    pub fn state(&self) -> &State {
        self.writer.state()
    }

    /// Checks a batch and queues it for the next turn.
    pub fn submit(&mut self, submissions: Vec<Submission>) -> Pending {
        let (work, pending) = self.node.handle.prepare(submissions);
        if let Some(work) = work {
            let checked = check_work(work, &self.keys, &self.node.vault);
            let _ = self.to_writer.send(Message::Chunk(self.chunks, vec![checked]));
            self.chunks += 1;
        }
        pending
    }

    /// One turn of the writer: timers, then what is queued, in groups.
    ///
    /// # Errors
    /// [`SubmitError::Stopped`] if storage failed. The ledger is to be dropped and opened again.
    pub fn turn(&mut self) -> Result<(), SubmitError> {
        self.writer.step()
    }

    /// One piece of the log's background work. False if there is none.
    ///
    /// # Errors
    /// [`EngineError`]; then the next turn fails too.
    pub fn work(&mut self) -> Result<bool, EngineError> {
        self.writer.work()
    }

    /// Takes a snapshot of what is derived from the log, if one is due ([`super::DerivedOptions::snapshot_every`]).
    pub fn keep_snapshot(&mut self) {
        if let Some(builder) = &mut self.builder {
            builder.look(&|| true);
        }
    }

    /// Closes the log in good order.
    pub fn close(self) {
        self.writer.end();
    }
}
