//! The archive under crashes, errors, a full disk, foreign directories and damage.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;

use super::conformance::{Maker, small};
use super::{
    ArchiveOptions, ArchiveSigner, Background, EngineError, Fatal, Hash, LogReader, LogWriter, OpenOptions,
    UnfitArchive, open,
};
use crate::disk::simulated::{Fault, SimulatedDisk};
use crate::disk::{Disk, Tree};
use crate::tile_dir::{TileDir, TileFault, Walk};

const LOG: &str = "/ledger/log";
const ARCHIVE: &str = "/cold/archive";

/// On a simulated disk, where nothing happens by itself.
fn simulated(disk: &SimulatedDisk, keep: Option<u64>) -> OpenOptions {
    let archive = keep.map(|keep| ArchiveOptions { dir: ARCHIVE.into(), keep });
    OpenOptions { disk: disk.disk(), background: Background::Stepped, archive, ..small() }
}

/// Signs with nothing but the numbers.
struct Pen;

impl ArchiveSigner for Pen {
    fn checkpoint(&self, size: u64, root: &Hash) -> Vec<u8> {
        format!("{size} {}", hex::encode(root)).into_bytes()
    }

    fn verifier_key(&self) -> String {
        "a key".to_owned()
    }
}

fn fatal<T>(result: Result<T, EngineError>) -> Fatal {
    match result {
        Err(EngineError::Fatal(fatal)) => fatal,
        Err(other) => panic!("expected a fatal error, found {other}"),
        Ok(_) => panic!("expected an error"),
    }
}

fn work(writer: &mut dyn LogWriter) {
    while writer.work().unwrap() {}
}

/// Checks the directory as a stranger does: its tree from its entries, against every hash tile and the checkpoint.
fn verify(disk: &Disk, dir: &Path, maker: &Maker) -> u64 {
    let note = String::from_utf8(disk.read(&dir.join("checkpoint")).unwrap()).unwrap();
    let (size, root) = note.split_once(' ').unwrap();
    let tiles = TileDir::on(disk, dir);
    let size = size.parse().unwrap();
    let same = |position: u64, bytes: &[u8]| {
        assert_eq!(bytes, &*maker.entries[position as usize].bytes);
        Ok::<_, TileFault>(())
    };
    assert_eq!(hex::encode(Walk::new(&tiles, size).run(same).unwrap()), root);
    size / 256
}

/// Whether the store has a first piece of a bundle.
fn is_stored(disk: &Disk, bundle: u64) -> bool {
    let map = disk.open_map(&Path::new(LOG).join("store"), 1 << 20).unwrap();
    map.get(Tree::Bundles, &[&bundle.to_be_bytes()[..], &[0, 0]].concat()).unwrap().is_some()
}

/// A log with 5 sealed bundles that the guard vouches for, and some entries behind them; nothing is archived yet.
fn unarchived(disk: &SimulatedDisk) -> Maker {
    let mut maker = Maker::new();
    let (mut writer, _reader, _) = open(Path::new(LOG), simulated(disk, None)).unwrap();
    for _ in 0..7 {
        writer.append(maker.group(200, 20)).unwrap();
    }
    writer.close().unwrap();
    maker
}

#[test]
fn old_bundles_leave_the_store_and_reads_cross_over() {
    let world = SimulatedDisk::new(1);
    let mut maker = Maker::new();
    let (mut writer, reader, _) = open(Path::new(LOG), simulated(&world, Some(3))).unwrap();
    writer.sign_archive(Arc::new(Pen));
    for count in [1, 90, 255, 256, 700, 3].into_iter().cycle().take(30) {
        writer.append(maker.group(count, 60)).unwrap();
        work(&mut *writer);
        maker.assert_is(&*reader);
    }
    let status = reader.archive().unwrap();
    assert_eq!((status.dir.as_path(), status.failure), (Path::new(ARCHIVE), None));
    let sealed = maker.entries.len() as u64 / 256;
    assert!((sealed - 5..=sealed - 3).contains(&status.bundles), "{} of {sealed}", status.bundles);
    assert_eq!(verify(&world.disk(), Path::new(ARCHIVE), &maker), status.bundles);
    assert_eq!(reader.tile(0, 1, 256).unwrap(), Some(maker.leaves(256..512).concat()));
    drop((writer, reader));
    world.restart();
    for bundle in 0..sealed {
        assert_eq!(is_stored(&world.disk(), bundle), bundle >= status.bundles, "bundle {bundle}");
    }
    // Nobody names the archive any more: it is where the log remembers it, and no more is moved.
    let (mut writer, reader, _) = open(Path::new(LOG), simulated(&world, None)).unwrap();
    writer.append(maker.group(2_000, 60)).unwrap();
    work(&mut *writer);
    maker.assert_is(&*reader);
    assert_eq!(reader.archive().unwrap().bundles, status.bundles);
}

/// The power goes, or an operation fails, at every single operation of archiving, and in the start after it.
#[test]
fn archiving_is_interrupted_at_every_operation() {
    for fault in [Fault::PowerCut, Fault::Error] {
        let mut at = 0;
        loop {
            let world = SimulatedDisk::new(at ^ 0x5eed);
            let mut maker = unarchived(&world);
            let (mut writer, reader, _) = open(Path::new(LOG), simulated(&world, Some(2))).unwrap();
            writer.sign_archive(Arc::new(Pen));
            let before = world.counts();
            world.order(fault, at);
            work(&mut *writer);
            let met = world.is_off() || world.counts().errors > before.errors;
            if fault == Fault::Error {
                // Nobody but the archive notices.
                world.call_off();
                maker.assert_is(&*reader);
                writer.append(maker.group(10, 60)).unwrap();
                if at % 3 == 0 {
                    world.cut_power();
                }
            }
            drop((writer, reader));
            world.restart();
            world.order(Fault::PowerCut, at % 40);
            drop(open(Path::new(LOG), simulated(&world, Some(2))));
            world.call_off();
            world.restart();
            let (mut writer, reader, _) = open(Path::new(LOG), simulated(&world, Some(2))).unwrap();
            maker.assert_is(&*reader);
            writer.sign_archive(Arc::new(Pen));
            work(&mut *writer);
            assert_eq!(reader.archive().unwrap().failure, None, "{fault:?} at {at}");
            maker.assert_is(&*reader);
            assert_eq!(reader.archive().unwrap().bundles, 3);
            assert_eq!(verify(&world.disk(), Path::new(ARCHIVE), &maker), 3);
            drop((writer, reader));
            assert!(!met || (0..5).all(|bundle| is_stored(&world.disk(), bundle) == (bundle >= 3)));
            if !met {
                break;
            }
            at += 1;
        }
        assert!(at > 60, "only {at} operations");
    }
}

/// Long before there is anything to move.
#[test]
fn a_directory_that_cannot_be_used_is_told_at_the_start() {
    let world = SimulatedDisk::new(7);
    let maker = unarchived(&world);
    world.set_full(true);
    let (mut writer, reader, _) = open(Path::new(LOG), simulated(&world, Some(1_000))).unwrap();
    work(&mut *writer);
    assert!(reader.archive().unwrap().failure.unwrap().contains("cannot create /cold"));
    maker.assert_is(&*reader);
    world.set_full(false);
    work(&mut *writer);
    assert_eq!((reader.archive().unwrap().failure, reader.archive().unwrap().bundles), (None, 0));
}

/// In a ledger that has no bundle yet, the directory can only be looked at.
#[test]
fn a_file_in_the_place_of_an_archive_is_told_at_the_start_and_can_be_mended() {
    let dir = TempDir::new().unwrap();
    let (log, file) = (dir.path().join("log"), dir.path().join("file"));
    fs::write(&file, "").unwrap();
    let options = || OpenOptions { background: Background::Stepped, ..cold(&file.join("archive"), 1_000) };
    let (mut writer, reader, _) = open(&log, options()).unwrap();
    let failure = || reader.archive().unwrap().failure;
    assert!(failure().unwrap().contains("hourbook-archive"));
    work(&mut *writer);
    assert!(failure().is_some());
    fs::remove_file(&file).unwrap();
    work(&mut *writer);
    assert_eq!(failure(), None);
}

#[test]
fn a_full_disk_stops_archiving_and_nothing_else() {
    let world = SimulatedDisk::new(5);
    let mut maker = unarchived(&world);
    let (mut writer, reader, _) = open(Path::new(LOG), simulated(&world, Some(0))).unwrap();
    world.set_full(true);
    work(&mut *writer);
    let status = reader.archive().unwrap();
    assert_eq!(status.bundles, 0);
    let failure = status.failure.unwrap();
    assert!(failure.contains("cannot create /cold"), "it says what and where: {failure}");
    world.set_full(false);
    writer.append(maker.group(10, 60)).unwrap();
    maker.assert_is(&*reader);
    work(&mut *writer);
    let status = reader.archive().unwrap();
    assert_eq!((status.bundles, status.failure), (5, None));
    maker.assert_is(&*reader);
}

/// Appends so many groups, and closes the log so that the guard vouches for all that is sealed.
fn fill(log: &Path, maker: &mut Maker, groups: usize, count: usize) {
    let (mut writer, _reader, _) = open(log, OpenOptions { journal_bytes: 1 << 20, ..small() }).unwrap();
    for _ in 0..groups {
        writer.append(maker.group(count, 60)).unwrap();
    }
    writer.close().unwrap();
}

/// On the machine's own disk, with threads. All but the newest `keep` bundles are archived on return.
fn archived(dir: &Path, keep: u64) -> Maker {
    let mut maker = Maker::new();
    fill(&dir.join("log"), &mut maker, 30, 100);
    archive(dir, &dir.join("cold"), keep).unwrap();
    maker
}

fn cold(to: &Path, keep: u64) -> OpenOptions {
    OpenOptions { archive: Some(ArchiveOptions { dir: to.to_owned(), keep }), ..small() }
}

/// Opens, archives and closes.
fn archive(dir: &Path, to: &Path, keep: u64) -> Result<u64, EngineError> {
    let options = OpenOptions { background: Background::Stepped, ..cold(to, keep) };
    let (mut writer, reader, _) = open(&dir.join("log"), options)?;
    writer.sign_archive(Arc::new(Pen));
    work(&mut *writer);
    let status = reader.archive().unwrap();
    assert_eq!(status.failure, None);
    writer.close()?;
    Ok(status.bundles)
}

fn bundle_file(dir: &Path, bundle: u64) -> PathBuf {
    dir.join(format!("cold/tile/entries/{bundle:03}"))
}

/// Opens without naming the archive and reads everything.
fn read_all(dir: &Path, maker: &Maker) -> Result<(), EngineError> {
    let (_writer, reader, _) = open(&dir.join("log"), small())?;
    reader.read(0, usize::MAX)?;
    maker.assert_is(&*reader);
    Ok(())
}

#[test]
fn a_missing_file_is_named_at_the_start_and_putting_it_back_is_enough() {
    let dir = TempDir::new().unwrap();
    let maker = archived(dir.path(), 1);
    for bundle in [0, 4, 9] {
        let file = bundle_file(dir.path(), bundle);
        let bytes = fs::read(&file).unwrap();
        fs::remove_file(&file).unwrap();
        let refused = fatal(read_all(dir.path(), &maker));
        assert!(matches!(&refused, Fatal::ArchiveMissing { file: named, .. } if *named == file), "{refused}");
        assert!(refused.to_string().contains("is missing"), "{refused}");
        fs::write(&file, bytes).unwrap();
        read_all(dir.path(), &maker).unwrap();
    }
}

#[test]
fn a_flipped_byte_of_an_archived_bundle_is_named_and_never_read() {
    let dir = TempDir::new().unwrap();
    let maker = archived(dir.path(), 1);
    let file = bundle_file(dir.path(), 3);
    let good = fs::read(&file).unwrap();
    for offset in (0..good.len()).step_by(211).chain(0..8) {
        let mut bytes = good.clone();
        bytes[offset] ^= 0x20;
        fs::write(&file, bytes).unwrap();
        let named = fatal(read_all(dir.path(), &maker));
        assert!(matches!(&named, Fatal::ArchiveDamaged { file: named, .. } if *named == file), "{named}");
    }
    fs::write(&file, &good[..good.len() - 1]).unwrap();
    assert!(matches!(fatal(read_all(dir.path(), &maker)), Fatal::ArchiveDamaged { .. }));
    // Two bundles of the same log, swapped.
    fs::copy(bundle_file(dir.path(), 4), &file).unwrap();
    assert!(matches!(fatal(read_all(dir.path(), &maker)), Fatal::ArchiveDamaged { .. }));
    fs::write(&file, &good).unwrap();
    read_all(dir.path(), &maker).unwrap();
}

#[test]
fn an_old_bundle_that_open_does_not_look_into_is_refused_when_it_is_read() {
    let dir = TempDir::new().unwrap();
    let mut maker = Maker::new();
    fill(&dir.path().join("log"), &mut maker, 6, 1_000);
    assert_eq!(archive(dir.path(), &dir.path().join("cold"), 0).unwrap(), 23);
    let file = bundle_file(dir.path(), 2);
    let mut bytes = fs::read(&file).unwrap();
    bytes[100] ^= 1;
    fs::write(&file, bytes).unwrap();
    let (_writer, reader, _) = open(&dir.path().join("log"), small()).unwrap();
    assert_eq!(reader.entry(0).unwrap().as_ref(), Some(&maker.entries[0].bytes));
    for read in [
        reader.read(500, 100).map(drop),
        reader.entry(512).map(drop),
        reader.bundle(2, 1).map(drop),
        reader.tile(0, 2, 256).map(drop),
        reader.leaf_hashes(700..701).map(drop),
        reader.node(0, 600).map(drop),
    ] {
        assert!(matches!(fatal(read), Fatal::ArchiveDamaged { .. }));
    }
}

#[test]
fn an_archive_that_is_gone_or_foreign_is_refused_with_the_reason() {
    let dir = TempDir::new().unwrap();
    let maker = archived(dir.path(), 1);
    let refused = |options: OpenOptions| match fatal(open(&dir.path().join("log"), options).map(drop)) {
        Fatal::ArchiveUnfit { why, .. } => why,
        other => panic!("{other}"),
    };
    let (cold_dir, away) = (dir.path().join("cold"), dir.path().join("away"));
    fs::rename(&cold_dir, &away).unwrap();
    assert_eq!(refused(small()), UnfitArchive::NotThere);
    fs::create_dir(&cold_dir).unwrap();
    assert_eq!(refused(small()), UnfitArchive::NotThere, "an empty mount point");
    assert_eq!(refused(cold(&dir.path().join("nowhere"), 1)), UnfitArchive::NotThere);
    // Named once, its new place is remembered.
    let (writer, reader, _) = open(&dir.path().join("log"), cold(&away, 1)).unwrap();
    maker.assert_is(&*reader);
    drop((writer, reader));
    read_all(dir.path(), &maker).unwrap();

    let other = TempDir::new().unwrap();
    let mut foreign = Maker::new();
    foreign.group(1, 77);
    let (mut writer, _reader, _) = open(&other.path().join("log"), small()).unwrap();
    let entries = foreign.entries.clone();
    writer.append(Arc::new(super::Group { first: 0, entries, head: foreign.head() })).unwrap();
    for _ in 0..10 {
        writer.append(foreign.group(100, 60)).unwrap();
    }
    writer.close().unwrap();
    drop(_reader);
    archive(other.path(), &other.path().join("cold"), 1).unwrap();
    assert_eq!(refused(cold(&other.path().join("cold"), 1)), UnfitArchive::OtherLog);
    let log = other.path().join("log");
    let unfit = |to: &Path| match fatal(open(&log, cold(to, 1)).map(drop)) {
        Fatal::ArchiveUnfit { why, .. } => why,
        other => panic!("{other}"),
    };
    assert_eq!(unfit(&away), UnfitArchive::OtherLog);
}

#[test]
fn a_directory_that_cannot_be_an_archive_is_refused_before_anything_is_moved() {
    let dir = TempDir::new().unwrap();
    let log = dir.path().join("log");
    let unfit = |to: &Path| match fatal(open(&log, cold(to, 1)).map(drop)) {
        Fatal::ArchiveUnfit { why, .. } => why,
        other => panic!("{other}"),
    };
    assert_eq!(unfit(&log.join("store/cold")), UnfitArchive::Nested);
    assert_eq!(unfit(dir.path()), UnfitArchive::Nested);
    assert_eq!(unfit(&dir.path().join("two\nlines")), UnfitArchive::Path);
    let occupied = dir.path().join("occupied");
    fs::create_dir(&occupied).unwrap();
    fs::write(occupied.join("holiday.jpg"), b"a beach").unwrap();
    assert_eq!(unfit(&occupied), UnfitArchive::Occupied);
}

#[test]
fn an_archive_that_cannot_be_written_leaves_the_ledger_going() {
    let dir = TempDir::new().unwrap();
    let in_the_way = dir.path().join("disk");
    fs::write(&in_the_way, b"not a directory").unwrap();
    let mut maker = Maker::new();
    let (mut writer, reader, _) = open(&dir.path().join("log"), cold(&in_the_way.join("cold"), 0)).unwrap();
    for _ in 0..30 {
        writer.append(maker.group(100, 60)).unwrap();
    }
    while reader.archive().unwrap().failure.is_none() {
        std::thread::yield_now();
    }
    maker.assert_is(&*reader);
    writer.close().unwrap();
    drop(reader);
    fs::remove_file(&in_the_way).unwrap();
    assert_eq!(archive(dir.path(), &in_the_way.join("cold"), 0).unwrap(), 11);
    read_all(dir.path(), &maker).unwrap();
}

#[test]
fn other_bytes_in_the_way_are_named_and_not_overwritten() {
    let dir = TempDir::new().unwrap();
    let maker = archived(dir.path(), 8);
    let file = bundle_file(dir.path(), 3);
    fs::write(&file, b"something else").unwrap();
    let options = OpenOptions { background: Background::Stepped, ..cold(&dir.path().join("cold"), 1) };
    let (mut writer, reader, _) = open(&dir.path().join("log"), options).unwrap();
    work(&mut *writer);
    let status = reader.archive().unwrap();
    assert_eq!(status.bundles, 3);
    assert!(status.failure.unwrap().contains(&*file.to_string_lossy()));
    maker.assert_is(&*reader);
    assert_eq!(fs::read(&file).unwrap(), b"something else");
    fs::remove_file(&file).unwrap();
    work(&mut *writer);
    assert_eq!(reader.archive().unwrap().bundles, 10);
    maker.assert_is(&*reader);
}

/// A log that was restored begins anew with the archive that the lost one had.
#[test]
fn an_archive_of_the_same_log_is_taken_over() {
    let dir = TempDir::new().unwrap();
    let maker = archived(dir.path(), 1);
    let restored = TempDir::new().unwrap();
    let mut again = Maker::new();
    fill(&restored.path().join("log"), &mut again, 30, 100);
    assert_eq!(archive(restored.path(), &dir.path().join("cold"), 1).unwrap(), 10);
    read_all(restored.path(), &again).unwrap();
    read_all(dir.path(), &maker).unwrap();
}

/// The data directory and the archive in it are moved together.
#[test]
fn an_archive_beside_the_log_moves_along() {
    let dir = TempDir::new().unwrap();
    let (old, new) = (dir.path().join("old"), dir.path().join("new"));
    let maker = archived(&old, 1);
    fs::rename(&old, &new).unwrap();
    read_all(&new, &maker).unwrap();
    // The marker is a help, not a need.
    fs::remove_file(new.join("cold/hourbook-archive")).unwrap();
    read_all(&new, &maker).unwrap();
}

/// Readers read everything again and again while bundles move.
#[test]
fn readers_do_not_notice_that_bundles_move() {
    let dir = TempDir::new().unwrap();
    let (mut writer, reader, _) = open(&dir.path().join("log"), cold(&dir.path().join("cold"), 0)).unwrap();
    let done = std::sync::atomic::AtomicBool::new(false);
    let mut maker = Maker::new();
    let read = |reader: &dyn LogReader| {
        let mut rounds = 0_u64;
        while !done.load(std::sync::atomic::Ordering::Relaxed) {
            let size = reader.head().size;
            assert!(reader.read(0, usize::MAX).unwrap().len() as u64 >= size);
            rounds += 1;
        }
        rounds
    };
    std::thread::scope(|scope| {
        let readers = [scope.spawn(|| read(&*reader)), scope.spawn(|| read(&*reader))];
        for _ in 0..300 {
            writer.append(maker.group(100, 60)).unwrap();
        }
        done.store(true, std::sync::atomic::Ordering::Relaxed);
        readers.into_iter().for_each(|reader| assert!(reader.join().unwrap() > 3));
    });
    let bundles = reader.archive().unwrap().bundles;
    assert!(bundles > 20, "{bundles} moved");
    maker.assert_is(&*reader);
}

/// More than 256 bundles: a full tile of level 1, and a partial one of level 2.
#[test]
fn hash_tiles_of_several_levels_are_archived() {
    let dir = TempDir::new().unwrap();
    let mut maker = Maker::new();
    fill(&dir.path().join("log"), &mut maker, 68, 1_000);
    let cold = dir.path().join("cold");
    for (keep, bundles) in [(200, 65), (9, 256), (4, 261)] {
        assert_eq!(archive(dir.path(), &cold, keep).unwrap(), bundles);
        assert_eq!(verify(&Disk::default(), &cold, &maker), bundles);
    }
    let names = |dir: &str| -> Vec<_> {
        let mut names: Vec<_> =
            fs::read_dir(cold.join(dir)).unwrap().map(|item| item.unwrap().file_name()).collect();
        names.sort();
        names
    };
    assert_eq!(names("tile/1"), ["000", "001.p"], "partial tiles go when full ones are there");
    assert_eq!((names("tile/1/001.p"), names("tile/2/000.p")), (vec!["5".into()], vec!["1".into()]));
    read_all(dir.path(), &maker).unwrap();
}

#[test]
fn strangers_may_read_hash_tiles_and_the_checkpoint_and_no_entries() {
    use std::os::unix::fs::PermissionsExt as _;
    fn modes(dir: &Path, found: &mut Vec<(PathBuf, u32)>) {
        let mode = fs::metadata(dir).unwrap().permissions().mode() & 0o7777;
        found.push((dir.to_owned(), mode));
        if dir.is_dir() {
            fs::read_dir(dir).unwrap().for_each(|entry| modes(&entry.unwrap().path(), found));
        }
    }
    let dir = TempDir::new().unwrap();
    archived(dir.path(), 2);
    let (log, to) = (dir.path().join("log"), dir.path().join("cold"));
    let mut found = Vec::new();
    [&to, &log].into_iter().for_each(|dir| modes(dir, &mut found));
    let is_there = |name: &str| found.iter().any(|(path, _)| path.ends_with(name));
    assert!(
        is_there("tile/entries/000") && is_there("tile/0") && is_there("checkpoint") && is_there("log.vkey")
    );
    let public = ["tile", "checkpoint", "log.vkey"].map(|name| to.join(name));
    for (path, mode) in &found {
        let is_entries = path.starts_with(to.join("tile/entries"));
        let is_public = *path == to || public.iter().any(|dir| path.starts_with(dir)) && !is_entries;
        let expected = match (is_public, path.is_dir()) {
            (true, true) => 0o755,
            (true, false) => 0o644,
            (false, true) => 0o700,
            (false, false) => 0o600,
        };
        // The store makes its files itself, in a directory that nobody else enters.
        let in_store = path.starts_with(log.join("store")) && *path != log.join("store");
        assert!(in_store || *mode == expected, "{mode:o} {}", path.display());
    }
}
