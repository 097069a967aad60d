//! A process of its own, whose limit of open files is used up by somebody else.
#![allow(clippy::unwrap_used, reason = "all of it is a test")]

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use hourbook_ledger::engine::{Group, Head, LogWriter, NewEntry, OpenOptions, open};
use hourbook_ledger::merkle::{Frontier, leaf_hash};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

const LIMIT: u64 = 96;

struct Filling {
    frontier: Frontier,
}

impl Filling {
    /// A group that fills a journal file of the test.
    fn append(&mut self, writer: &mut dyn LogWriter) {
        let first = self.frontier.size();
        let entry = |position: u64| {
            let bytes: Arc<[u8]> = vec![position as u8; 1_000].into();
            let mut id = [7; 16];
            id[8..].copy_from_slice(&position.to_be_bytes());
            NewEntry { id, stream: 1, leaf: leaf_hash(&bytes), bytes }
        };
        let entries: Vec<NewEntry> = (first..first + 20).map(entry).collect();
        entries.iter().for_each(|entry| self.frontier.append(entry.leaf));
        let (size, root) = (self.frontier.size(), self.frontier.root());
        let head = Head { size, root, checkpoint: b"signed".to_vec().into() };
        writer.append(Arc::new(Group { first, entries, head })).unwrap();
    }
}

fn files(log: &Path) -> usize {
    std::fs::read_dir(log.join("journal")).unwrap().count()
}

#[test]
fn the_writer_goes_on_while_others_hold_every_descriptor_and_afterwards() {
    let maximum = getrlimit(Resource::Nofile).maximum;
    setrlimit(Resource::Nofile, Rlimit { current: Some(LIMIT), maximum }).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("log");
    let options = || OpenOptions { journal_bytes: 1 << 14, ..OpenOptions::default() };
    let (mut writer, reader, _) = open(&log, options()).unwrap();
    let mut filling = Filling { frontier: Frontier::new() };
    filling.append(&mut *writer);
    let mut hoard = Vec::new();
    while let Ok(file) = File::open("/dev/null") {
        hoard.push(file);
    }
    assert!(hoard.len() > 16, "the limit is in force");
    for _ in 0..12 {
        filling.append(&mut *writer);
    }
    assert_eq!(reader.head().size, 13 * 20);
    // Even those that were kept for it are gone now.
    while let Ok(file) = File::open("/dev/null") {
        hoard.push(file);
    }
    drop(hoard);
    for _ in 0..40 {
        filling.append(&mut *writer);
    }
    assert!(files(&log) > 1);
    writer.close().unwrap();
    drop(reader);
    let (_writer, reader, _) = open(&log, options()).unwrap();
    let head = reader.head();
    assert_eq!((head.size, head.root), (filling.frontier.size(), filling.frontier.root()));
    assert_eq!(reader.read(0, usize::MAX).unwrap().len() as u64, head.size);
}
