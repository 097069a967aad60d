//! A whole ledger whose old entries are in an archive: it reads, audits, backs up and restores as if they were not, the
//! archive verifies alone, and whatever is wrong in it is named.
#![allow(clippy::unwrap_used, reason = "all of it is a test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hourbook_ledger::audit::{self, DirectorySource, EngineSource, Kind, Report};
use hourbook_ledger::backup::{self, Restoring, Source};
use hourbook_ledger::checkpoint;
use hourbook_ledger::clock::{Clock as _, ManualClock};
use hourbook_ledger::domain::time::Millis;
use hourbook_ledger::engine::{self, EngineError, Fatal, OpenOptions, UnfitArchive};
use hourbook_ledger::envelope::Submission;
use hourbook_ledger::ledger::{self, LedgerError, LedgerOptions};
use hourbook_ledger::sequencer::{Receipt, SubmitError};
use hourbook_projections::ReadSide;
use hourbook_tests::cold::{archive, fill};
use hourbook_tests::run::{Disturbance, Run};
use hourbook_tests::seeded::SeededRng;
use hourbook_tests::village::{START, Setting, look};
use tempfile::TempDir;

const NOW: Millis = Millis(1_795_140_000_000);
const ALWAYS: backup::Watch<'static> = &|_, _| true;

/// A closed ledger with some thousand entries, in a directory of its own.
fn ledger() -> (TempDir, Vec<Vec<u8>>) {
    let mut run = Run::new(Setting { journal_bytes: 1 << 16, ..Setting::small(2_031) }, Disturbance::None);
    run.act(2_031, 40, 40);
    fill(&run.village, 1_500);
    run.village.close();
    let dir = std::mem::replace(&mut run.village.dir, TempDir::new().unwrap());
    let entries = entries(dir.path());
    assert!(entries.len() > 5 * 256, "only {} entries", entries.len());
    (dir, entries)
}

fn entries(data: &Path) -> Vec<Vec<u8>> {
    let (_writer, reader, _) = engine::open(&data.join("log"), OpenOptions::default()).unwrap();
    reader.read(0, usize::MAX >> 1).unwrap().into_iter().map(|(_, bytes)| bytes.to_vec()).collect()
}

fn audit(data: &Path) -> Report {
    let (_writer, reader, _) = engine::open(&data.join("log"), OpenOptions::default()).unwrap();
    audit::audit(&EngineSource(reader), &audit::Options::default()).unwrap()
}

fn kinds(report: &Report) -> Vec<Kind> {
    report.findings.counts().map(|(kind, _)| kind).collect()
}

#[test]
fn an_archived_ledger_is_the_same_ledger_and_its_archive_verifies_alone() {
    let (dir, before) = ledger();
    let cold = TempDir::new().unwrap();
    let cold = cold.path().join("cold");
    let bundles = archive(dir.path(), &cold, 1).unwrap();
    assert_eq!(bundles, before.len() as u64 / 256 - 1);
    assert_eq!(entries(dir.path()), before);
    let report = audit(dir.path());
    assert_eq!(kinds(&report), []);
    // Of each bundle entries and hashes, the checkpoint, and the one partial tile above the leaves.
    assert_eq!(report.counts.archived, 2 * bundles + 2);

    let alone = audit::audit(&DirectorySource(cold.clone()), &audit::Options::default()).unwrap();
    assert_eq!((kinds(&alone), alone.size), (vec![], bundles * 256));
    let key = fs::read_to_string(cold.join("log.vkey")).unwrap().trim().parse().unwrap();
    let note = fs::read(cold.join("checkpoint")).unwrap();
    assert_eq!(checkpoint::open(&note, &key, &[]).unwrap().checkpoint.size, bundles * 256);
    assert_eq!(report.log_key.as_ref(), Some(&key));

    use std::os::unix::fs::PermissionsExt as _;
    let mode = |path: &str| fs::metadata(cold.join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("tile/entries"), mode("tile/entries/000"), mode("checkpoint")), (0o700, 0o600, 0o644));
}

/// Damages the archive in one way, audits the ledger, and mends it again.
fn found(data: &Path, file: &Path, damage: impl FnOnce(&Path)) -> Vec<Kind> {
    let good = fs::read(file).unwrap();
    damage(file);
    let report = audit(data);
    fs::write(file, good).unwrap();
    let named = report.findings.sorted();
    let name = file.file_name().unwrap().to_str().unwrap();
    assert!(named.iter().any(|finding| finding.detail.contains(name)), "{named:?} do not name {name}");
    kinds(&report)
}

#[test]
fn whatever_is_wrong_in_an_archive_is_a_finding_of_its_own() {
    let (dir, _) = ledger();
    let cold = dir.path().join("cold");
    let bundles = archive(dir.path(), &cold, 0).unwrap();
    let flip = |path: &Path| {
        let mut bytes = fs::read(path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(path, bytes).unwrap();
    };
    let gone = |path: &Path| fs::remove_file(path).unwrap();
    let file = |path: String| -> PathBuf { cold.join(path) };
    assert_eq!(found(dir.path(), &file("tile/0/002".into()), flip), [Kind::ArchiveDamaged]);
    assert_eq!(found(dir.path(), &file("tile/0/001".into()), gone), [Kind::ArchiveMissing]);
    assert_eq!(found(dir.path(), &file(format!("tile/1/000.p/{bundles}")), flip), [Kind::ArchiveDamaged]);
    assert_eq!(found(dir.path(), &file("checkpoint".into()), flip), [Kind::ArchiveDamaged]);
    assert_eq!(kinds(&audit(dir.path())), []);
    // Entries that are missing or damaged among the newest, or missing anywhere, are refused at once; the way is named.
    for damage in [flip, gone] {
        let entries = file("tile/entries/001".into());
        let good = fs::read(&entries).unwrap();
        damage(&entries);
        let refused = engine::open(&dir.path().join("log"), OpenOptions::default()).map(drop).unwrap_err();
        let text = refused.to_string();
        assert!(
            text.contains(&*entries.to_string_lossy()) && text.contains("backup of the ledger"),
            "{text}"
        );
        fs::write(&entries, good).unwrap();
    }
}

#[test]
fn a_backup_has_what_is_archived_and_a_restored_ledger_needs_no_archive() {
    let (dir, before) = ledger();
    let root = TempDir::new().unwrap();
    let (cold, to, keys, new) =
        (root.path().join("cold"), root.path().join("to"), root.path().join("keys"), root.path().join("new"));
    archive(dir.path(), &cold, 0).unwrap();
    let rng = hourbook::state::system_rng;
    let source = Source::open(dir.path(), OpenOptions::default(), rng()).unwrap();
    let written = backup::write(&source, Some(dir.path()), &to, NOW, ALWAYS).unwrap();
    assert_eq!(written.checked.size, before.len() as u64);
    backup::write_keys(&source, dir.path(), &keys, NOW).unwrap();
    // An archive is no place for a backup, which would look like one.
    assert!(backup::write(&source, Some(dir.path()), &cold, NOW, ALWAYS).is_err());
    drop(source);
    // Nor does the backup pass for the archive, though it has all of it.
    let refused = archive(dir.path(), &to, 0).unwrap_err();
    assert!(
        matches!(
            &refused,
            LedgerError::Engine(EngineError::Fatal(Fatal::ArchiveUnfit { why: UnfitArchive::Occupied, .. }))
        ),
        "{refused}"
    );
    // A file of the archive is mended from the backup, where it has the same path.
    let name = "tile/entries/002";
    fs::remove_file(cold.join(name)).unwrap();
    assert!(engine::open(&dir.path().join("log"), OpenOptions::default()).is_err());
    fs::copy(to.join(name), cold.join(name)).unwrap();
    assert_eq!(entries(dir.path()), before);
    // The ledger and its archive burn down.
    fs::remove_dir_all(&cold).unwrap();
    let engine = OpenOptions::default();
    let what = Restoring { backup: &to, keys: &keys, data: &new, known: &[], accept_lost: false, engine };
    backup::restore(&what, &mut || rng(), ALWAYS).unwrap();
    assert_eq!(entries(&new), before);
    assert_eq!(kinds(&audit(&new)), []);
    assert_eq!(archive(&new, &cold, 2).unwrap(), before.len() as u64 / 256 - 2);
    assert_eq!(entries(&new), before);
}

#[test]
fn a_ledger_without_its_archive_does_not_start_and_says_why() {
    let (dir, before) = ledger();
    let root = TempDir::new().unwrap();
    let (cold, away) = (root.path().join("cold"), root.path().join("away"));
    archive(dir.path(), &cold, 1).unwrap();
    fs::rename(&cold, &away).unwrap();
    let refused = engine::open(&dir.path().join("log"), OpenOptions::default()).map(drop).unwrap_err();
    assert!(
        matches!(&refused, EngineError::Fatal(Fatal::ArchiveUnfit { dir, why: UnfitArchive::NotThere }) if *dir == cold)
    );
    assert!(refused.to_string().contains("hourbook serve --archive"), "{refused}");
    let other = ledger_of_another_town();
    archive(other.path(), &cold, 1).unwrap();
    let refused = archive(dir.path(), &cold, 1).unwrap_err();
    let LedgerError::Engine(EngineError::Fatal(Fatal::ArchiveUnfit { why, .. })) = refused else {
        panic!("{refused}")
    };
    assert_eq!(why, UnfitArchive::OtherLog);
    archive(dir.path(), &away, 1).unwrap();
    assert_eq!(entries(dir.path()), before, "its new place is remembered");
}

fn ledger_of_another_town() -> TempDir {
    let mut run = Run::new(Setting { journal_bytes: 1 << 16, ..Setting::small(5) }, Disturbance::None);
    run.act(5, 10, 10);
    fill(&run.village, 600);
    run.village.close();
    std::mem::replace(&mut run.village.dir, TempDir::new().unwrap())
}

/// Whoever asks again for something old needs an archived bundle; while that cannot be read the answer has to wait, and
/// nobody else does.
#[test]
fn a_damaged_archive_keeps_one_answer_waiting_and_not_the_ledger() {
    let mut run = Run::new(Setting { journal_bytes: 1 << 16, ..Setting::small(2_032) }, Disturbance::None);
    run.act(2_032, 150, 150);
    fill(&run.village, 5_400);
    run.village.close();
    let data = run.village.path().to_owned();
    let clock = Arc::new(ManualClock::at(Millis(START.0 + 90 * 86_400_000)));
    let open = || {
        let rng = hourbook::state::system_rng;
        let read = ReadSide::new();
        let options = LedgerOptions::new(clock.clone(), rng(), rng());
        let options = LedgerOptions { accept_clock: true, ..options };
        ledger::open(&data, options, || Box::new(read.clone())).unwrap()
    };
    // The next start is from a snapshot: nothing old is read, nor in any cache.
    open().close();
    assert!(archive(&data, &data.join("cold"), 0).unwrap() > 20);
    let file = data.join("cold/tile/entries/001");
    let good = fs::read(&file).unwrap();
    let mut bad = good.clone();
    bad[4_000] ^= 1;
    fs::write(&file, bad).unwrap();
    let node = open();
    assert!(node.spared > 5_000);
    let is_there = |receipt: &Receipt| (256..512).contains(&receipt.position);
    let (old, receipt) = run.accepted.iter().find(|(_, receipt)| is_there(receipt)).unwrap();
    let ask = || node.handle.submit_waiting(vec![old.clone()]).wait();
    assert!(matches!(ask(), Err(SubmitError::Busy)));
    assert!(node.reader.entry(300).unwrap_err().to_string().contains("tile/entries/001"));
    let (hand, size) = (node.ledger.clone(), node.reader.head().size);
    let mut dice = SeededRng::new(1, "a look");
    let person = run.village.cast.people().next().unwrap().id();
    let body = look(run.village.cast.workers[0].id(), person);
    let look = Submission { signed: hand.assert(clock.now(), dice.rng(), body), openings: Vec::new() };
    assert!(node.handle.submit_waiting(vec![look]).wait().unwrap()[0].position >= size);
    fs::write(&file, good).unwrap();
    assert_eq!(ask().unwrap()[0], *receipt);
    node.close();
}
