//! What is tortured: the embedded log engine, driven directly.

use std::path::Path;
use std::sync::Arc;

use hourbook_ledger::engine::{self, Group, Head, LogReader, LogWriter, NewEntry, OpenOptions};
use hourbook_ledger::merkle::{Frontier, leaf_hash};

/// Entries read at once.
const PAGE: usize = 4_096;

pub(crate) struct Subject {
    writer: Box<dyn LogWriter>,
    reader: Arc<dyn LogReader>,
    frontier: Frontier,
}

impl Subject {
    pub(crate) fn open(dir: &Path, journal_bytes: u64) -> Result<Self, String> {
        let (writer, reader, _) = engine::open(dir, options(journal_bytes)).map_err(|e| e.to_string())?;
        let node = |level, index| reader.node(level, index).map(|node| node.expect("below the head"));
        let frontier = Frontier::load(reader.head().size, node).map_err(|error| error.to_string())?;
        Ok(Self { writer, reader, frontier })
    }

    /// Events acknowledged.
    pub(crate) fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// Returns when the group is durable.
    pub(crate) fn append(&mut self, events: &[Vec<u8>]) -> Result<(), String> {
        let first = self.frontier.size();
        let entries: Vec<NewEntry> = (first..).zip(events).map(|(at, event)| entry(at, event)).collect();
        entries.iter().for_each(|entry| self.frontier.append(entry.leaf));
        let head = self.head();
        self.writer.append(Arc::new(Group { first, entries, head })).map_err(|error| error.to_string())
    }

    /// Checks the head against the tree over it.
    pub(crate) fn check_head(&self) -> Result<(), String> {
        let expected = if self.size() == 0 { Head::empty() } else { self.head() };
        let whole = self.reader.head() == expected;
        if whole { Ok(()) } else { Err("the head is not the one that was written".to_owned()) }
    }

    /// Shows all events in order, and checks the root over them.
    pub(crate) fn each(&self, mut show: impl FnMut(u64, &[u8]) -> Result<(), String>) -> Result<(), String> {
        let mut frontier = Frontier::new();
        loop {
            let page = self.reader.read(frontier.size(), PAGE).map_err(|error| error.to_string())?;
            for (position, bytes) in &page {
                show(*position, bytes)?;
                frontier.append(leaf_hash(bytes));
            }
            if page.is_empty() {
                break;
            }
        }
        let whole = frontier.root() == self.reader.head().root;
        if whole { Ok(()) } else { Err("the events do not have the root that the head names".to_owned()) }
    }

    fn head(&self) -> Head {
        let size = self.frontier.size();
        Head { size, root: self.frontier.root(), checkpoint: format!("over {size}").into_bytes().into() }
    }
}

fn entry(position: u64, event: &[u8]) -> NewEntry {
    let mut id = [0; 16];
    id[..6].copy_from_slice(&position.to_be_bytes()[2..]);
    NewEntry { id, stream: position % 16, leaf: leaf_hash(event), bytes: Arc::from(event) }
}

#[cfg(not(feature = "planted-bugs"))]
pub(crate) fn options(journal_bytes: u64) -> OpenOptions {
    OpenOptions { journal_bytes, ..OpenOptions::default() }
}

/// With a planted bug the power-cut test must notice: `HOURBOOK_PLANTED_BUG` names it.
#[cfg(feature = "planted-bugs")]
pub(crate) fn options(journal_bytes: u64) -> OpenOptions {
    let planted = std::env::var("HOURBOOK_PLANTED_BUG").ok();
    let planted = planted.map(|name| hourbook_ledger::engine::Planted::named(&name).expect("a planted bug"));
    OpenOptions { journal_bytes, planted, ..OpenOptions::default() }
}
