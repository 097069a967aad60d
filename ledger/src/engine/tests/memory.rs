//! An engine that only remembers: for tests, and for trying things out. It keeps the contract but for durability, and
//! computes everything from the entries in the plainest way, so that it is a check on the other engines.

use std::ops::{Range, RangeInclusive};
use std::sync::Arc;

use parking_lot::RwLock;

use crate::engine::bundle;
use crate::engine::contract::{
    Group, Head, LogReader, LogWriter, NewEntry, Order, PositionedEntries, TILE_WIDTH, check_group,
    tile_range,
};
use crate::engine::error::{EngineError, Fatal};
use crate::engine::options::{Opened, Recovered};
use crate::merkle::{Frontier, Hash, root_of};

/// A new, empty log in memory. It ends with its last reader.
pub(crate) fn open_in_memory() -> Opened {
    let log = Arc::new(RwLock::new(Log::default()));
    let writer = Writer { log: Arc::clone(&log), frontier: Frontier::new(), poisoned: false };
    let recovered = Recovered { head: Head::empty(), sealed: 0, replayed: 0, torn_bytes: 0 };
    (Box::new(writer), Arc::new(Reader(log)), recovered)
}

#[derive(Default)]
struct Log {
    entries: Vec<NewEntry>,
    head: Option<Head>,
}

impl Log {
    fn size(&self) -> u64 {
        self.entries.len() as u64
    }

    fn slice(&self, range: Range<u64>) -> Option<&[NewEntry]> {
        self.entries.get(usize::try_from(range.start).ok()?..usize::try_from(range.end).ok()?)
    }

    fn node(&self, level: u8, index: u64) -> Option<Hash> {
        let leaves = 1_u64.checked_shl(level.into())?;
        let first = index.checked_mul(leaves)?;
        let entries = self.slice(first..first.checked_add(leaves)?)?;
        Some(root_of(&entries.iter().map(|entry| entry.leaf).collect::<Vec<_>>()))
    }
}

struct Writer {
    log: Arc<RwLock<Log>>,
    frontier: Frontier,
    poisoned: bool,
}

impl LogWriter for Writer {
    fn append(&mut self, group: Arc<Group>) -> Result<(), EngineError> {
        if self.poisoned {
            return Err(Fatal::Poisoned.into());
        }
        self.frontier = check_group(&self.frontier, &group).inspect_err(|_| self.poisoned = true)?;
        let mut log = self.log.write();
        log.entries.extend_from_slice(&group.entries);
        log.head = Some(group.head.clone());
        Ok(())
    }

    fn close(self: Box<Self>) -> Result<(), EngineError> {
        Ok(())
    }
}

struct Reader(Arc<RwLock<Log>>);

impl LogReader for Reader {
    fn head(&self) -> Head {
        self.0.read().head.clone().unwrap_or_else(Head::empty)
    }

    fn read(&self, from: u64, max: usize) -> Result<PositionedEntries, EngineError> {
        let log = self.0.read();
        let end = log.size().min(from.saturating_add(max as u64));
        let entries = log.slice(from..end).unwrap_or_default();
        Ok((from..).zip(entries).map(|(position, entry)| (position, Arc::clone(&entry.bytes))).collect())
    }

    fn leaf_hashes(&self, range: Range<u64>) -> Result<Option<Vec<Hash>>, EngineError> {
        Ok(self.0.read().slice(range).map(|entries| entries.iter().map(|entry| entry.leaf).collect()))
    }

    fn node(&self, level: u8, index: u64) -> Result<Option<Hash>, EngineError> {
        Ok(self.0.read().node(level, index))
    }

    fn tile(&self, level: u8, index: u64, width: u16) -> Result<Option<Vec<u8>>, EngineError> {
        let Some(range) = tile_range(index, width).filter(|_| level <= 63) else { return Ok(None) };
        let Some(level) = level.checked_mul(8) else { return Ok(None) };
        let log = self.0.read();
        let hashes: Option<Vec<Hash>> = range.map(|node| log.node(level, node)).collect();
        Ok(hashes.map(|hashes| hashes.concat()))
    }

    fn bundle(&self, index: u64, width: u16) -> Result<Option<Vec<u8>>, EngineError> {
        let Some(range) = tile_range(index, width) else { return Ok(None) };
        let log = self.0.read();
        Ok(log.slice(range).map(|entries| bundle::join(entries.iter().map(|entry| &entry.bytes))))
    }

    fn bundles_for_ids(&self, id_ms: RangeInclusive<u64>) -> Vec<u64> {
        let log = self.0.read();
        let bytes = |ms: &u64| ms.to_be_bytes();
        let (first, last) = (bytes(id_ms.start()), bytes(id_ms.end()));
        let covers = |chunk: &[NewEntry]| {
            chunk.iter().any(|entry| entry.id[..6] <= last[2..])
                && chunk.iter().any(|entry| entry.id[..6] >= first[2..])
        };
        let chunks = log.entries.chunks(TILE_WIDTH as usize);
        (0..).zip(chunks).filter(|(_, chunk)| covers(chunk)).map(|(bundle, _)| bundle).collect()
    }

    fn stream_positions(
        &self,
        stream: u64,
        range: Range<u64>,
        order: Order,
        max: usize,
    ) -> Result<Vec<u64>, EngineError> {
        let log = self.0.read();
        let end = range.end.min(log.size());
        let mut found: Vec<u64> =
            (range.start..end).filter(|at| log.entries[*at as usize].stream == stream).collect();
        if order == Order::Backward {
            found.reverse();
        }
        found.truncate(max);
        Ok(found)
    }
}
