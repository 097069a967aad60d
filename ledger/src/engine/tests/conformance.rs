//! The one suite that every engine passes, and the material that all tests of engines are made of. What it asks is in
//! `naive`; `crash_tests` asks the same of an engine that crashes.

use std::path::Path;
use std::sync::Arc;

use rstest::rstest;
use tempfile::TempDir;

use super::{
    ArchiveOptions, EngineError, Fatal, Group, Head, KnownHead, LogReader, NewEntry, OpenOptions, Opened,
    Order, Retryable, naive, open,
};
use crate::disk::simulated::SimulatedDisk;
use crate::merkle::{Frontier, Hash, leaf_hash, root_of};

/// Makes groups that follow each other.
pub(super) struct Maker {
    pub(super) frontier: Frontier,
    pub(super) entries: Vec<NewEntry>,
    /// Goes into the bytes of entries, so that those of a group that was lost are not those of the next.
    pub(super) salt: u64,
}

impl Maker {
    pub(super) fn new() -> Self {
        Self { frontier: Frontier::new(), entries: Vec::new(), salt: 0 }
    }

    /// The next group of so many entries of about this many bytes.
    pub(super) fn group(&mut self, count: usize, bytes: usize) -> Arc<Group> {
        let first = self.frontier.size();
        let entries: Vec<NewEntry> =
            (first..first + count as u64).map(|at| salted(at, bytes, self.salt)).collect();
        entries.iter().for_each(|entry| self.frontier.append(entry.leaf));
        self.entries.extend_from_slice(&entries);
        Arc::new(Group { first, entries, head: self.head() })
    }

    pub(super) fn head(&self) -> Head {
        match self.frontier.size() {
            0 => Head::empty(),
            size => Head { size, root: self.frontier.root(), checkpoint: checkpoint(size) },
        }
    }

    /// The leaf hashes of a range.
    pub(super) fn leaves(&self, range: std::ops::Range<usize>) -> Vec<Hash> {
        self.entries[range].iter().map(|entry| entry.leaf).collect()
    }

    /// Forgets the last entries, which did not get into the log.
    pub(super) fn cut_last(&mut self, count: usize) {
        self.entries.truncate(self.entries.len() - count);
        self.frontier = Frontier::new();
        self.entries.iter().for_each(|entry| self.frontier.append(entry.leaf));
    }

    /// Checks that the log is exactly what was made.
    pub(super) fn assert_is(&self, reader: &dyn LogReader) {
        assert_eq!(reader.head(), self.head());
        let read = reader.read(0, usize::MAX).unwrap();
        assert_eq!(read.len(), self.entries.len());
        for (at, (position, bytes)) in read.iter().enumerate() {
            assert_eq!((*position, bytes), (at as u64, &self.entries[at].bytes));
        }
    }
}

fn checkpoint(size: u64) -> Arc<[u8]> {
    format!("checkpoint over {size}").into_bytes().into()
}

/// Milliseconds of the identifier at a position: rising, with some that come late.
pub(super) fn id_ms(position: u64) -> u64 {
    1_700_000_000_000 + position * 3 - if position % 97 == 5 { 40_000 } else { 0 }
}

/// The stream's fingerprint at a position: one frequent stream, some rare ones, and many that are met once.
pub(super) fn stream_at(position: u64) -> u64 {
    match position % 10 {
        0..4 => 1,
        4 => 0x0123_4567_0000_0000 | (position % 7),
        _ => position.wrapping_mul(0x9e37_79b9_7f4a_7c15),
    }
}

pub(super) fn entry(position: u64, bytes: usize) -> NewEntry {
    salted(position, bytes, 0)
}

fn salted(position: u64, bytes: usize, salt: u64) -> NewEntry {
    let mut text = format!("entry {position} {salt} ").into_bytes();
    let mut noise = position.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    while text.len() < bytes {
        noise ^= noise << 13;
        noise ^= noise >> 7;
        noise ^= noise << 17;
        text.push((noise % 255) as u8 + 1);
    }
    let mut id = [7; 16];
    id[..6].copy_from_slice(&id_ms(position).to_be_bytes()[2..]);
    NewEntry { id, stream: stream_at(position), leaf: leaf_hash(&text), bytes: text.into() }
}

/// Options under which journal files are short, hence seals and deletions frequent, and little may wait unsealed.
pub(super) fn small() -> OpenOptions {
    OpenOptions { journal_bytes: 20_000, unsealed_bytes: 0, ..OpenOptions::default() }
}

pub(super) fn open_small(dir: &Path) -> Opened {
    open(dir, small()).unwrap()
}

/// An engine and the directory it needs.
struct Subject {
    opened: Opened,
    _dir: Option<TempDir>,
}

fn embedded() -> Subject {
    let dir = TempDir::new().unwrap();
    Subject { opened: open_small(&dir.path().join("log")), _dir: Some(dir) }
}

fn simulated() -> Subject {
    let options =
        OpenOptions { disk: SimulatedDisk::new(1).disk(), background: super::Background::Stepped, ..small() };
    Subject { opened: open(Path::new("/log"), options).unwrap(), _dir: None }
}

/// The embedded engine, with all that is sealed for certain going to an archive at once.
fn archiving() -> Subject {
    let dir = TempDir::new().unwrap();
    let archive = Some(ArchiveOptions { dir: dir.path().join("archive"), keep: 0 });
    let opened = open(&dir.path().join("log"), OpenOptions { archive, ..small() }).unwrap();
    Subject { opened, _dir: Some(dir) }
}

fn memory() -> Subject {
    Subject { opened: super::memory::open_in_memory(), _dir: None }
}

fn filled(subject: &mut Subject, groups: &[usize]) -> Maker {
    let mut maker = Maker::new();
    for count in groups {
        subject.opened.0.append(maker.group(*count, 60)).unwrap();
    }
    maker
}

#[rstest]
#[case::embedded(embedded())]
#[case::archiving(archiving())]
#[case::memory(memory())]
#[case::simulated(simulated())]
fn an_empty_log_has_the_empty_head_and_nothing_else(#[case] subject: Subject) {
    let (_writer, reader, recovered) = subject.opened;
    assert_eq!((reader.head(), recovered.head), (Head::empty(), Head::empty()));
    assert_eq!(reader.entry(0).unwrap(), None);
    assert!(reader.read(0, 10).unwrap().is_empty());
    assert_eq!(reader.leaf_hashes(0..0).unwrap(), Some(Vec::new()));
    assert_eq!(reader.tile(0, 0, 1).unwrap(), None);
    assert!(reader.bundles_for_ids(naive::only(id_ms(0))).is_empty());
}

#[rstest]
#[case::embedded(embedded())]
#[case::archiving(archiving())]
#[case::memory(memory())]
#[case::simulated(simulated())]
fn entries_come_back_in_order_and_read_stops_at_the_head(#[case] mut subject: Subject) {
    let maker = filled(&mut subject, &[1, 255, 1, 256, 600, 3]);
    let reader = &subject.opened.1;
    maker.assert_is(&**reader);
    for (from, max) in [(0, 3), (250, 300), (700, 1), (1_110, 100), (1_116, 5), (u64::MAX, 5)] {
        naive::check_read(&**reader, &maker.entries, from, max).unwrap();
    }
    for range in [0..0, 0..1_116, 255..257, 300..1_000, 1_116..1_116, 1_000..1_117, 2_000..2_001] {
        naive::check_leaves(&**reader, &maker.entries, range).unwrap();
    }
}

#[rstest]
#[case::embedded(embedded())]
#[case::archiving(archiving())]
#[case::memory(memory())]
#[case::simulated(simulated())]
fn hash_tiles_are_there_for_every_published_size(#[case] mut subject: Subject) {
    let maker = filled(&mut subject, &[700, 300, 37]);
    let reader = &subject.opened.1;
    for (index, width) in [(0, 256), (0, 1), (1, 188), (2, 256), (4, 13), (3, 255)] {
        assert!(reader.tile(0, index, width).unwrap().is_some());
        naive::check_tile(&**reader, &maker.entries, 0, index, width).unwrap();
    }
    for width in 1..=4 {
        assert!(reader.tile(1, 0, width).unwrap().is_some());
        naive::check_tile(&**reader, &maker.entries, 1, 0, width).unwrap();
    }
    for (level, index, width) in
        [(0, 4, 14), (0, 5, 1), (0, 0, 0), (0, 0, 257), (1, 0, 5), (2, 0, 1), (63, 0, 1), (64, 0, 1)]
    {
        assert_eq!(reader.tile(level, index, width).unwrap(), None, "tile {level}/{index} of width {width}");
        naive::check_tile(&**reader, &maker.entries, level, index, width).unwrap();
    }
    assert_eq!(reader.tile(0, u64::MAX, 256).unwrap(), None);
}

#[rstest]
#[case::embedded(embedded())]
#[case::archiving(archiving())]
#[case::memory(memory())]
#[case::simulated(simulated())]
fn nodes_make_proofs_that_verify(#[case] mut subject: Subject) {
    let maker = filled(&mut subject, &[1_000, 41]);
    let reader = &subject.opened.1;
    for size in [1_u64, 2, 255, 256, 257, 1_000, 1_041] {
        let root = root_of(&naive::leaves(&maker.entries[..size as usize]));
        for index in [0, size / 2, size - 1] {
            naive::check_proof(&**reader, &maker.entries, index, size, &root).unwrap();
        }
    }
    for (level, index) in
        [(0, 1_040), (0, 1_041), (3, 129), (3, 130), (10, 0), (11, 0), (64, 0), (255, u64::MAX)]
    {
        naive::check_node(&**reader, &maker.entries, level, index).unwrap();
    }
}

#[rstest]
#[case::embedded(embedded())]
#[case::archiving(archiving())]
#[case::memory(memory())]
#[case::simulated(simulated())]
fn bundles_are_lengths_and_entries(#[case] mut subject: Subject) {
    let maker = filled(&mut subject, &[500, 100]);
    let reader = &subject.opened.1;
    for (index, width) in [(0, 256), (0, 3), (1, 256), (2, 88), (2, 1)] {
        assert!(reader.bundle(index, width).unwrap().is_some());
        naive::check_bundle(&**reader, &maker.entries, index, width).unwrap();
    }
    for (index, width) in [(2, 89), (3, 1), (0, 0)] {
        assert_eq!(reader.bundle(index, width).unwrap(), None);
        naive::check_bundle(&**reader, &maker.entries, index, width).unwrap();
    }
}

#[rstest]
#[case::embedded(embedded())]
#[case::archiving(archiving())]
#[case::memory(memory())]
#[case::simulated(simulated())]
fn the_bundle_of_an_id_is_among_those_named(#[case] mut subject: Subject) {
    let maker = filled(&mut subject, &[2_000]);
    let reader = &subject.opened.1;
    (0..maker.entries.len() as u64).for_each(|position| naive::check_id(&**reader, position));
    assert!(reader.bundles_for_ids(naive::only(id_ms(0) - 50_000)).is_empty());
    assert!(reader.bundles_for_ids(naive::only(id_ms(2_000))).is_empty());
    assert_eq!(reader.bundles_for_ids(naive::only(id_ms(1_990))), vec![7]);
    assert_eq!(reader.bundles_for_ids(id_ms(1_990)..=u64::MAX), vec![7]);
    assert_eq!(reader.bundles_for_ids(0..=u64::MAX), Vec::from_iter(0..8));
}

#[rstest]
#[case::embedded(embedded())]
#[case::archiving(archiving())]
#[case::memory(memory())]
#[case::simulated(simulated())]
fn no_entry_of_a_stream_is_left_out_in_either_order(#[case] mut subject: Subject) {
    let maker = filled(&mut subject, &[1, 700, 256, 43]);
    let reader = &*subject.opened.1;
    for stream in [1, 0x0123_4567_0000_0003, stream_at(777), stream_at(7), 99] {
        for range in [0..1_000, 0..u64::MAX, 256..512, 300..301, 512..999, 998..1_000, 1_000..2_000] {
            naive::check_stream(reader, &maker.entries, stream, range).unwrap();
        }
    }
}

/// A complete page of the index of streams, the bundles behind it and the unsealed rest, also after the process ended
/// without a word and after an orderly end. The candidates are few: nothing is looked through.
#[test]
fn streams_are_found_across_a_page_and_after_a_restart() {
    let dir = TempDir::new().unwrap();
    let options = || OpenOptions { journal_bytes: 1 << 20, ..small() };
    let mut maker = Maker::new();
    let check = |reader: &dyn LogReader, log: &[NewEntry]| {
        let size = log.len() as u64;
        for stream in [1, 0x0123_4567_0000_0003, stream_at(777), stream_at(65_537), stream_at(66_666), 99] {
            for range in [0..size, 0..u64::MAX, 60_000..66_000, 65_536..size, 0..65_536, 66_600..size] {
                naive::check_stream(reader, log, stream, range).unwrap();
            }
        }
        for order in [Order::Forward, Order::Backward] {
            assert_eq!(reader.stream_positions(stream_at(777), 0..size, order, 9).unwrap(), [777]);
        }
    };
    for (count, groups, is_orderly) in
        [(4_000, 16, true), (1_300, 1, false), (1_600, 1, false), (2_000, 1, true)]
    {
        let (mut writer, reader, _) = open(dir.path(), options()).unwrap();
        for _ in 0..groups {
            writer.append(maker.group(count, 30)).unwrap();
        }
        check(&*reader, &maker.entries);
        if is_orderly {
            writer.close().unwrap();
            check(&*reader, &maker.entries);
        } else {
            // Time to seal what the head guard does not vouch for at the next start.
            std::thread::sleep(std::time::Duration::from_millis(300));
        }
    }
    let (_writer, reader, _) = open(dir.path(), options()).unwrap();
    check(&*reader, &maker.entries);
}

/// A group after the first 10 entries, broken in one way.
fn broken(how: &str) -> Arc<Group> {
    let mut maker = Maker::new();
    maker.group(10, 60);
    let mut group = Arc::unwrap_or_clone(maker.group(2, 60));
    match how {
        "gap" => group.first += 1,
        "again" => group.first -= 1,
        "no entries" => group.entries.clear(),
        "size" => group.head.size += 1,
        "root" => group.head.root[0] ^= 1,
        "empty entry" => {
            group.entries[1] = NewEntry { bytes: [].into(), leaf: leaf_hash(b""), ..entry(11, 60) }
        }
        "long entry" => group.entries[1] = entry(11, 65_536),
        _ => unreachable!(),
    }
    Arc::new(group)
}

#[rstest]
fn a_group_that_breaks_the_contract_is_refused_and_stops_the_writer(
    #[values("gap", "again", "no entries", "size", "root", "empty entry", "long entry")] how: &str,
    #[values(embedded as fn() -> Subject, archiving as fn() -> Subject, memory as fn() -> Subject, simulated as fn() -> Subject)]
    engine: fn() -> Subject,
) {
    let mut subject = engine();
    let mut maker = filled(&mut subject, &[10]);
    let refused = subject.opened.0.append(broken(how));
    assert!(matches!(refused, Err(EngineError::Fatal(Fatal::BadGroup { .. }))), "{refused:?}");
    maker.assert_is(&*subject.opened.1);
    let good = subject.opened.0.append(maker.group(1, 60));
    assert!(matches!(good, Err(EngineError::Fatal(Fatal::Poisoned))), "{good:?}");
}

#[rstest]
#[case::embedded(embedded())]
#[case::archiving(archiving())]
#[case::memory(memory())]
#[case::simulated(simulated())]
fn the_longest_entries_fit(#[case] mut subject: Subject) {
    let mut maker = Maker::new();
    // 39 MB: more than may wait unsealed, so that the embedded engine's writer has to wait for its sealer.
    for _ in 0..6 {
        subject.opened.0.append(maker.group(100, 65_535)).unwrap();
    }
    let (writer, reader, _) = subject.opened;
    writer.close().unwrap();
    maker.assert_is(&*reader);
}

#[test]
fn a_second_opening_is_refused_and_names_the_directory() {
    let dir = TempDir::new().unwrap();
    let (_writer, reader, _) = open_small(dir.path());
    let second = open(dir.path(), small()).map(|_| ()).unwrap_err();
    assert!(matches!(second, EngineError::Retryable(Retryable::Locked { .. })));
    assert!(second.to_string().contains(&dir.path().display().to_string()));
    drop((_writer, reader));
    open_small(dir.path());
}

#[test]
fn reopening_brings_everything_back_and_goes_on() {
    let dir = TempDir::new().unwrap();
    let mut maker = Maker::new();
    for round in 0..12 {
        let (mut writer, reader, recovered) = open_small(dir.path());
        assert_eq!(recovered.head, maker.head());
        assert_eq!(recovered.sealed + recovered.replayed, maker.head().size);
        maker.assert_is(&*reader);
        for count in [1, 90, 300, 7] {
            writer.append(maker.group(count, 100)).unwrap();
        }
        if round % 3 == 0 {
            writer.close().unwrap();
        }
        maker.assert_is(&*reader);
    }
}

#[test]
fn an_orderly_end_leaves_less_than_a_bundle_to_replay_and_few_journal_files() {
    let dir = TempDir::new().unwrap();
    let mut maker = Maker::new();
    let (mut writer, reader, _) = open_small(dir.path());
    for _ in 0..100 {
        writer.append(maker.group(50, 100)).unwrap();
    }
    writer.close().unwrap();
    drop(reader);
    let files = std::fs::read_dir(dir.path().join("journal")).unwrap().count();
    assert!(files <= 3, "{files} journal files");
    let (_writer, reader, recovered) = open_small(dir.path());
    assert_eq!((recovered.sealed, recovered.replayed), (4_864, 136));
    maker.assert_is(&*reader);
}

#[test]
fn a_log_behind_or_beside_a_known_head_is_refused() {
    let dir = TempDir::new().unwrap();
    let mut maker = Maker::new();
    let (mut writer, reader, _) = open_small(dir.path());
    writer.append(maker.group(700, 60)).unwrap();
    let then = maker.head();
    writer.append(maker.group(600, 60)).unwrap();
    drop((writer, reader));
    let known = |size, root| OpenOptions { known: vec![KnownHead { size, root }], ..small() };
    assert!(open(dir.path(), known(then.size, then.root)).is_ok());
    let behind = open(dir.path(), known(1_301, then.root)).map(|_| ());
    assert!(matches!(behind, Err(EngineError::Fatal(Fatal::Rollback { known: 1_301, found: 1_300 }))));
    let beside = open(dir.path(), known(701, then.root)).map(|_| ());
    assert!(matches!(beside, Err(EngineError::Fatal(Fatal::OtherHistory { size: 701, .. }))));
}
