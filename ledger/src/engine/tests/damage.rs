//! Damage to the files of a log: it is reported, or it is harmless; the log never comes back shorter without a word.

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use tempfile::TempDir;

use super::conformance::{Maker, open_small, small};
use super::frame::{END_FRAME, HEADER};
use super::{EngineError, Fatal, OpenOptions, open, scan};

/// A log of so many groups, of which `sealed` says whether the journal was emptied into the store.
fn made(dir: &Path, groups: usize, sealed: bool) -> Maker {
    let mut maker = Maker::new();
    let options = if sealed { small() } else { OpenOptions::default() };
    let (mut writer, _reader, _) = open(dir, options).unwrap();
    for _ in 0..groups {
        writer.append(maker.group(20, 100)).unwrap();
    }
    if sealed {
        writer.close().unwrap();
    }
    maker
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for item in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(item.file_name());
        match item.file_type().unwrap().is_dir() {
            true => copy(&item.path(), &target),
            false => drop(fs::copy(item.path(), target).unwrap()),
        }
    }
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(dir).unwrap().map(|item| item.unwrap().path()).collect();
    found.sort();
    found
}

fn last_journal_file(dir: &Path) -> PathBuf {
    files(&dir.join("journal")).pop().unwrap()
}

/// What was written to a journal file, without the zeros behind it.
fn written(path: &Path) -> Vec<u8> {
    let mut bytes = fs::read(path).unwrap();
    bytes.truncate(scan::written(&bytes));
    bytes
}

fn flip(path: &Path, offset: usize, mask: u8) {
    let mut bytes = fs::read(path).unwrap();
    bytes[offset] ^= mask;
    fs::write(path, bytes).unwrap();
}

/// Opens a damaged log and reads it to the end: either some error, or everything is as it was made.
fn error_or_whole(dir: &Path, maker: &Maker) -> Option<EngineError> {
    let (writer, reader, _) = match open(dir, small()) {
        Ok(opened) => opened,
        Err(error) => return Some(error),
    };
    let read = reader.read(0, usize::MAX);
    drop(writer);
    match read {
        Err(error) => Some(error),
        Ok(_) => {
            maker.assert_is(&*reader);
            None
        }
    }
}

fn fatal(error: Option<EngineError>) -> Fatal {
    match error {
        Some(EngineError::Fatal(fatal)) => fatal,
        other => panic!("expected a fatal error, found {other:?}"),
    }
}

#[test]
fn every_flipped_byte_of_the_journal_is_noticed() {
    let base = TempDir::new().unwrap();
    let maker = made(base.path(), 3, false);
    let length = written(&last_journal_file(base.path())).len();
    // It holds nothing yet, and copying it takes most of the time.
    fs::remove_dir_all(base.path().join("store")).unwrap();
    let work = TempDir::new().unwrap();
    for offset in (0..length).step_by(29).chain(length - 24..length).chain(0..30) {
        let dir = work.path().join("log");
        copy(base.path(), &dir);
        flip(&last_journal_file(&dir), offset, 0x10);
        let noticed = fatal(error_or_whole(&dir, &maker));
        assert!(matches!(noticed, Fatal::JournalDamaged { .. }), "at {offset}: {noticed}");
        fs::remove_dir_all(&dir).unwrap();
    }
}

#[test]
fn every_flipped_byte_of_the_guard_is_noticed() {
    let base = TempDir::new().unwrap();
    let maker = made(base.path(), 30, true);
    let guard = base.path().join("head");
    for offset in 0..fs::read(&guard).unwrap().len() {
        flip(&guard, offset, 0x04);
        let noticed = fatal(error_or_whole(base.path(), &maker));
        assert!(matches!(noticed, Fatal::GuardDamaged { .. }), "at {offset}: {noticed}");
        flip(&guard, offset, 0x04);
    }
    assert!(error_or_whole(base.path(), &maker).is_none());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn flipped_bytes_of_the_store_are_noticed_or_harmless(
        places in prop::collection::vec((any::<prop::sample::Index>(), 1_u8..), 1..40),
    ) {
        let base = TempDir::new().unwrap();
        let maker = made(base.path(), 60, true);
        let path = base.path().join("store/db");
        let mut bytes = fs::read(&path).unwrap();
        let used = bytes.iter().rposition(|byte| *byte != 0).unwrap() + 1;
        for (place, mask) in &places {
            bytes[place.index(used)] ^= mask;
        }
        fs::write(&path, bytes).unwrap();
        error_or_whole(base.path(), &maker);
    }
}

#[test]
fn an_empty_store_under_a_guard_that_says_otherwise_is_refused() {
    let base = TempDir::new().unwrap();
    let maker = made(base.path(), 60, true);
    fs::remove_dir_all(base.path().join("store")).unwrap();
    let noticed = fatal(error_or_whole(base.path(), &maker));
    assert!(matches!(noticed, Fatal::StoreDamaged { how: "it is missing", .. }), "{noticed}");
}

/// Damages sealed data behind sled's back, with checksums of sled's own that fit.
fn in_store(dir: &Path, damage: impl FnOnce(&sled::Tree, &sled::Tree)) {
    let db = sled::Config::new().path(dir.join("store")).segment_size(8 << 20).open().unwrap();
    damage(&db.open_tree("bundles").unwrap(), &db.open_tree("index").unwrap());
    db.flush().unwrap();
}

#[test]
fn a_sealed_bundle_that_is_missing_or_changed_or_swapped_is_refused() {
    type Damage = fn(&sled::Tree, &sled::Tree);
    let damages: [(&str, Damage); 5] = [
        ("it is missing", |bundles, _| drop(bundles.remove(bundle_key(1)).unwrap())),
        ("its checksum does not fit", |bundles, _| {
            let mut value = bundles.get(bundle_key(2)).unwrap().unwrap().to_vec();
            *value.last_mut().unwrap() ^= 1;
            bundles.insert(bundle_key(2), value).unwrap();
        }),
        ("its checksum does not fit", |bundles, _| {
            let other = bundles.get(bundle_key(0)).unwrap().unwrap();
            bundles.insert(bundle_key(1), other).unwrap();
        }),
        ("it is missing", |_, index| drop(index.remove(single_key(3)).unwrap())),
        ("its checksum does not fit", |_, index| {
            let other = index.get(single_key(0)).unwrap().unwrap();
            index.insert(single_key(1), other).unwrap();
        }),
    ];
    for (expected, damage) in damages {
        let base = TempDir::new().unwrap();
        let maker = made(base.path(), 60, true);
        in_store(base.path(), damage);
        match fatal(error_or_whole(base.path(), &maker)) {
            Fatal::StoreDamaged { how, .. } => assert_eq!(how, expected),
            other => panic!("{other}"),
        }
    }
}

fn bundle_key(bundle: u64) -> Vec<u8> {
    [&bundle.to_be_bytes()[..], &[0, 0]].concat()
}

fn single_key(bundle: u64) -> Vec<u8> {
    [&[1][..], &bundle.to_be_bytes()].concat()
}

#[test]
fn a_bundle_that_open_did_not_check_is_refused_when_it_is_read() {
    let base = TempDir::new().unwrap();
    let maker = made(base.path(), 60, true);
    in_store(base.path(), |bundles, _| drop(bundles.remove(bundle_key(1)).unwrap()));
    let options = OpenOptions { check_bundles: 1, ..small() };
    let (_writer, reader, _) = open(base.path(), options).unwrap();
    assert_eq!(reader.entry(0).unwrap().as_ref(), Some(&maker.entries[0].bytes));
    let noticed = fatal(reader.read(0, usize::MAX).err());
    assert!(matches!(noticed, Fatal::StoreDamaged { .. }), "{noticed}");
}

#[test]
fn missing_files_are_named() {
    let base = TempDir::new().unwrap();
    let maker = made(base.path(), 60, true);
    let refused = |damage: &dyn Fn(&Path)| {
        let work = TempDir::new().unwrap();
        let dir = work.path().join("log");
        copy(base.path(), &dir);
        damage(&dir);
        fatal(error_or_whole(&dir, &maker))
    };
    let no_guard = refused(&|dir| fs::remove_file(dir.join("head")).unwrap());
    assert!(matches!(no_guard, Fatal::GuardMissing { .. }), "{no_guard}");
    let no_journal =
        refused(&|dir| files(&dir.join("journal")).iter().for_each(|f| fs::remove_file(f).unwrap()));
    assert!(matches!(no_journal, Fatal::JournalGap { .. }), "{no_journal}");
}

/// A log whose journal has several files, none of them sealed away.
fn several_files(dir: &Path) -> Maker {
    let mut maker = Maker::new();
    let (mut writer, _reader, _) = open_small(dir);
    // Fewer than 256 entries: no bundle is complete, nothing can be sealed or deleted.
    for _ in 0..25 {
        writer.append(maker.group(10, 400)).unwrap();
    }
    drop(writer);
    assert!(files(&dir.join("journal")).len() >= 4);
    maker
}

#[test]
fn a_failing_sealer_stops_the_writer_and_opening_again_recovers() {
    let base = TempDir::new().unwrap();
    let mut maker = several_files(base.path());
    let (mut writer, reader, _) = open_small(base.path());
    // The sealer is about to delete this file itself once a bundle is complete, and cannot.
    fs::remove_file(&files(&base.path().join("journal"))[0]).unwrap();
    let failed = loop {
        let group = maker.group(10, 400);
        if let Err(error) = writer.append(group) {
            break error;
        }
        std::thread::yield_now();
        assert!(maker.entries.len() < 100_000, "the failure is never reported");
    };
    assert!(matches!(failed, EngineError::Fatal(Fatal::Sealer { .. })), "{failed}");
    assert!(writer.close().is_err());
    drop(reader);
    maker.cut_last(10);
    let (mut writer, reader, _) = open_small(base.path());
    maker.assert_is(&*reader);
    writer.append(maker.group(300, 50)).unwrap();
    writer.close().unwrap();
    maker.assert_is(&*reader);
}

#[test]
fn a_missing_journal_file_is_named_wherever_it_was() {
    let base = TempDir::new().unwrap();
    let maker = several_files(base.path());
    let count = files(&base.path().join("journal")).len();
    for missing in 0..count {
        let work = TempDir::new().unwrap();
        let dir = work.path().join("log");
        copy(base.path(), &dir);
        fs::remove_file(&files(&dir.join("journal"))[missing]).unwrap();
        let noticed = fatal(error_or_whole(&dir, &maker));
        assert!(matches!(noticed, Fatal::JournalGap { .. }), "without file {missing}: {noticed}");
    }
}

#[test]
fn a_cut_in_a_journal_file_that_has_a_successor_is_refused() {
    let base = TempDir::new().unwrap();
    let maker = several_files(base.path());
    let first = &files(&base.path().join("journal"))[0];
    let length = written(first).len() as u64;
    for cut in [1, 20, HEADER, END_FRAME, 500] {
        let work = TempDir::new().unwrap();
        let dir = work.path().join("log");
        copy(base.path(), &dir);
        let file = &files(&dir.join("journal"))[0];
        fs::OpenOptions::new().write(true).open(file).unwrap().set_len(length - cut as u64).unwrap();
        let noticed = fatal(error_or_whole(&dir, &maker));
        assert!(matches!(noticed, Fatal::JournalDamaged { .. }), "{cut} bytes cut: {noticed}");
    }
}

/// What of the last group reached the disk.
#[derive(Debug, Clone, Copy)]
enum Torn {
    /// The file ends after so many of its bytes.
    Short(usize),
    /// Some sector of it, but not its last, was never written.
    Hole,
    /// Only its length was.
    Zeros,
}

/// Leaves the log as a crash inside the append of one more group would, and answers the bytes to be dropped.
fn tear(dir: &Path, maker: &mut Maker, torn: Torn) -> u64 {
    let path = last_journal_file(dir);
    let (mut writer, reader, _) = open(dir, OpenOptions::default()).unwrap();
    let before = fs::read(&path).unwrap().len();
    let mut doomed = Maker { frontier: maker.frontier.clone(), ..Maker::new() };
    writer.append(doomed.group(30, 300)).unwrap();
    drop((writer, reader));
    let mut bytes = fs::read(&path).unwrap();
    let end = scan::written(&bytes);
    match torn {
        Torn::Short(count) => bytes.truncate(before + count.min(end - before - 1)),
        Torn::Hole => {
            let sector = (before / 512 + 3) * 512;
            bytes[sector..sector + 512].fill(0);
        }
        Torn::Zeros => bytes[before..].fill(0),
    }
    fs::write(&path, &bytes).unwrap();
    scan::written(&bytes).saturating_sub(before) as u64
}

#[test]
fn an_interrupted_group_is_dropped_again_and_again() {
    let dir = TempDir::new().unwrap();
    let mut maker = made(dir.path(), 3, false);
    let shapes = [1, 3, 4, 27, HEADER - 1, HEADER, HEADER + 1, 600, 5_000].map(Torn::Short).into_iter();
    for torn in shapes.chain([Torn::Hole, Torn::Zeros]) {
        let dropped = tear(dir.path(), &mut maker, torn);
        let (mut writer, reader, recovered) = open(dir.path(), OpenOptions::default()).unwrap();
        assert_eq!(recovered.torn_bytes, dropped, "{torn:?}");
        maker.assert_is(&*reader);
        writer.append(maker.group(2, 80)).unwrap();
        maker.assert_is(&*reader);
        drop((writer, reader));
        let (_writer, reader, recovered) = open(dir.path(), OpenOptions::default()).unwrap();
        assert_eq!(recovered.torn_bytes, 0, "the cut of {torn:?} lasts");
        maker.assert_is(&*reader);
    }
}

/// A log right after its first file was followed by a second, and the files' bytes: the first without its END, the END, and
/// the OPENING of the second.
fn at_rotation() -> (Maker, [Vec<u8>; 3]) {
    let base = TempDir::new().unwrap();
    let mut maker = several_files(base.path());
    let listed = files(&base.path().join("journal"));
    let mut first = written(&listed[0]);
    let end = first.split_off(first.len() - END_FRAME);
    let mut opening = fs::read(&listed[1]).unwrap();
    opening.truncate(HEADER + u32::from_be_bytes(opening[8..12].try_into().unwrap()) as usize);
    let begun = u64::from_be_bytes(opening[12..20].try_into().unwrap());
    maker.cut_last(maker.entries.len() - begun as usize);
    (maker, [first, end, opening])
}

fn log_of(first: &[u8], second: &[u8]) -> TempDir {
    let dir = TempDir::new().unwrap();
    let base = TempDir::new().unwrap();
    made(base.path(), 0, false);
    copy(base.path(), dir.path());
    fs::write(dir.path().join("journal/000000000000.journal"), first).unwrap();
    fs::write(dir.path().join("journal/000000000001.journal"), second).unwrap();
    dir
}

#[test]
fn a_crash_while_the_next_journal_file_is_made_is_harmless() {
    let (maker, [first, end, opening]) = at_rotation();
    let garbage: Vec<u8> = opening.iter().map(|byte| byte ^ 0x5a).collect();
    let half = [&opening[..60], &garbage[60..]].concat();
    // Without, with a torn, and with a whole END in the old file; without, with parts of, and with a whole OPENING in
    // the new one, which may hold anything until it was synced. A new file that is not whole has no END before it.
    let states: [(usize, &[u8]); 10] = [
        (0, &[]),
        (0, &opening[..10]),
        (0, &opening[..opening.len() - 1]),
        (0, &garbage),
        (0, &garbage[..30]),
        (0, &half),
        (0, &vec![0; opening.len()]),
        (0, &opening),
        (3, &opening),
        (END_FRAME, &opening),
    ];
    for (ended, opened) in states {
        let dir = log_of(&[&first, &end[..ended]].concat(), opened);
        let mut expected =
            Maker { frontier: maker.frontier.clone(), entries: maker.entries.clone(), ..Maker::new() };
        for _ in 0..2 {
            let (mut writer, reader, _) = open_small(dir.path());
            expected.assert_is(&*reader);
            writer.append(expected.group(9, 400)).unwrap();
        }
    }
}

/// The same states with something acknowledged in the new file: then it was in use, and both files are damaged or the old
/// one is. Nothing is removed.
#[test]
fn a_journal_file_in_use_is_refused_whatever_happened_to_the_end_before_it() {
    let (mut maker, [first, end, opening]) = at_rotation();
    let in_use = {
        let dir = log_of(&[&first[..], &end].concat(), &opening);
        let (mut writer, ..) = open_small(dir.path());
        writer.append(maker.group(1, 10)).unwrap();
        fs::read(last_journal_file(dir.path())).unwrap()
    };
    let mut no_opening = in_use.clone();
    no_opening[..opening.len()].fill(0);
    let mut bad_end = end.clone();
    bad_end[30] ^= 4;
    for (end, second) in [
        (&[][..], &in_use),
        (&end[..9], &in_use),
        (&bad_end, &in_use),
        (&[], &no_opening),
        (&end, &no_opening),
        (&bad_end, &opening),
    ] {
        let dir = log_of(&[&first[..], end].concat(), second);
        let noticed = fatal(error_or_whole(dir.path(), &maker));
        assert!(matches!(noticed, Fatal::JournalDamaged { .. }), "{noticed}");
        assert_eq!(&fs::read(last_journal_file(dir.path())).unwrap(), second);
    }
}

#[test]
fn a_crash_while_the_log_is_founded_is_harmless() {
    let base = TempDir::new().unwrap();
    made(base.path(), 0, false);
    let journal = written(&last_journal_file(base.path()));
    let garbage: Vec<u8> = journal.iter().map(|byte| byte ^ 0x5a).collect();
    let zeros = vec![0; journal.len()];
    for left in [&[][..], &journal[..10], &journal[..HEADER], &journal, &garbage, &garbage[..70], &zeros] {
        let work = TempDir::new().unwrap();
        fs::create_dir(work.path().join("journal")).unwrap();
        fs::write(work.path().join("journal/000000000000.journal"), left).unwrap();
        let (mut writer, reader, _) = open_small(work.path());
        let mut maker = Maker::new();
        writer.append(maker.group(5, 50)).unwrap();
        maker.assert_is(&*reader);
    }
}
