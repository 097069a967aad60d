//! Proofs made from the published log, for every face.

use std::cell::RefCell;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use hourbook_ledger::engine::{EngineError, Head, LogReader};
use hourbook_ledger::merkle::{self, Hash, ProveError};
use hourbook_ledger::note::{Note, NoteError};
use hourbook_ledger::proof::TlogProof;
use hourbook_ledger::tiles::{NodePlace, Tile, TileKind};
use rustc_hash::FxHashMap;

/// Why a proof could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ProvingError {
    /// The position, or one of the sizes, lies beyond the newest checkpoint, or the sizes are in the wrong order.
    #[error("the log has {size} entries")]
    Beyond {
        /// Entries under the newest checkpoint.
        size: u64,
    },
    /// The log cannot be read.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The stored head is not signed as it should be.
    #[error("the newest checkpoint cannot be read: {0}")]
    Checkpoint(#[from] NoteError),
    /// The tree is not what its head says.
    #[error("the tree lacks a node below its head")]
    Hole,
}

/// Makes proofs under one head. What it read it keeps, so that the proofs of a batch cost little more than one: their
/// paths share most of their nodes.
pub struct Prover {
    reader: Arc<dyn LogReader>,
    head: Head,
    tiles: RefCell<FxHashMap<(u8, u64), Vec<u8>>>,
    nodes: RefCell<FxHashMap<(u8, u64), Hash>>,
}

impl Prover {
    /// Proves under the newest published head.
    #[must_use]
    pub fn new(reader: Arc<dyn LogReader>) -> Self {
        let head = reader.head();
        Self { reader, head, tiles: RefCell::default(), nodes: RefCell::default() }
    }

    /// The head that it proves under.
    #[must_use]
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// That the entry at a position is in the log: the receipt file.
    ///
    /// # Errors
    /// [`ProvingError`].
    pub fn receipt(&self, position: u64) -> Result<TlogProof, ProvingError> {
        let path = merkle::inclusion_proof(position, self.head.size, |level, index| self.node(level, index));
        let hashes = path.map_err(|error| self.failed(error))?;
        let checkpoint = Note::parse(&self.head.checkpoint)?;
        Ok(TlogProof { extra: None, index: position, hashes, checkpoint })
    }

    /// That the tree of `to` entries only appends to that of `from` entries.
    ///
    /// # Errors
    /// [`ProvingError`].
    pub fn consistency(&self, from: u64, to: u64) -> Result<Vec<Hash>, ProvingError> {
        if to > self.head.size {
            return Err(ProvingError::Beyond { size: self.head.size });
        }
        let path = merkle::consistency_proof(from, to, |level, index| self.node(level, index));
        path.map_err(|error| self.failed(error))
    }

    /// The root of the tree of the first `size` entries.
    ///
    /// # Errors
    /// [`ProvingError`].
    pub fn root(&self, size: u64) -> Result<Hash, ProvingError> {
        if size > self.head.size {
            return Err(ProvingError::Beyond { size: self.head.size });
        }
        merkle::tree_root(size, |level, index| self.node(level, index))
    }

    fn failed(&self, error: ProveError<ProvingError>) -> ProvingError {
        match error {
            ProveError::Read(error) => error,
            ProveError::IndexBeyondSize { .. } | ProveError::OldBeyondNew { .. } => {
                ProvingError::Beyond { size: self.head.size }
            }
        }
    }

    fn node(&self, level: u8, index: u64) -> Result<Hash, ProvingError> {
        if let Some(known) = self.nodes.borrow().get(&(level, index)) {
            return Ok(*known);
        }
        let place = NodePlace::of(level, index);
        let key = (place.tile_level, place.tile_index);
        let mut tiles = self.tiles.borrow_mut();
        let tile = match tiles.entry(key) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(self.tile(key)?),
        };
        let hash = place.hash_in(tile).ok_or(ProvingError::Hole)?;
        self.nodes.borrow_mut().insert((level, index), hash);
        Ok(hash)
    }

    /// As wide as the head has it.
    fn tile(&self, (level, index): (u8, u64)) -> Result<Vec<u8>, ProvingError> {
        let tile = Tile::at(TileKind::Hashes(level), index, self.head.size).ok_or(ProvingError::Hole)?;
        self.reader.tile(level, index, tile.width.get() as u16)?.ok_or(ProvingError::Hole)
    }
}
