//! One flipped byte, again and again, in the files of a ledger: it is refused and named, or nothing whatever changes.
//!
//! `HOURBOOK_FLIPS` sets the number of places; half of them are in live frames: journal frames, sealed bundles in sled,
//! files of the archive.
#![allow(clippy::unwrap_used, reason = "all of it is a test")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use hourbook_ledger::audit::{EngineSource, Options, Saved, audit};
use hourbook_ledger::clock::SystemClock;
use hourbook_ledger::engine::{self, EngineError, LogReader, OpenOptions};
use hourbook_ledger::ledger::{self, LedgerOptions};
use hourbook_ledger::merkle::Hash;
use hourbook_ledger::vault::{MasterKey, Vault};
use hourbook_tests::cold::archive;
use hourbook_tests::run::{Disturbance, Run};
use hourbook_tests::seeded::SeededRng;
use hourbook_tests::village::Setting;
use tempfile::TempDir;

/// What begins a piece of a sealed bundle in sled: magic, raw and packed length, checksum.
const BUNDLE: &[u8; 4] = b"HBB1";
const BUNDLE_HEADER: usize = 16;

/// Where a byte is flipped.
#[derive(Clone, Debug)]
struct Place {
    file: PathBuf,
    offset: usize,
    mask: u8,
    kind: &'static str,
}

/// What became of it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Fate {
    /// The directory is not opened, and this is why.
    Refused(String),
    /// The audit names it.
    Named(String),
    /// Everything is as it was.
    Harmless,
}

/// An undamaged ledger, and what it answers.
struct Ledger {
    dir: TempDir,
    entries: Vec<Vec<u8>>,
    root: Hash,
    checkpoint: Vec<u8>,
    openings: u64,
}

fn ledger() -> Ledger {
    let setting = Setting { journal_bytes: 1 << 17, ..Setting::small(2_026) };
    let mut run = Run::new(setting, Disturbance::None);
    run.act(2_026, 700, 700);
    run.village.close();
    let dir = std::mem::replace(&mut run.village.dir, TempDir::new().unwrap());
    // Half of what is sealed goes to an archive in the same directory, which is copied with it.
    let sealed = {
        let (_writer, _reader, recovered) =
            engine::open(&dir.path().join("log"), OpenOptions::default()).unwrap();
        recovered.sealed / 256
    };
    let archived = archive(dir.path(), &dir.path().join("archive"), sealed / 2).unwrap();
    println!("{archived} of {sealed} bundles are archived");
    assert!(archived > 1 && archived < sealed, "store and archive are both in use");
    // Opened once more, it has live frames in the journal beside what is sealed.
    let (_writer, reader, recovered) = engine::open(&dir.path().join("log"), OpenOptions::default()).unwrap();
    println!("{} entries, {} of them sealed", recovered.head.size, recovered.sealed);
    assert!(recovered.sealed > 0 && recovered.head.size > recovered.sealed, "both stores are in use");
    let entries = all(&*reader).unwrap();
    let head = reader.head();
    drop((_writer, reader));
    let openings = look(dir.path(), &[], 0).unwrap().0;
    Ledger { dir, entries, root: head.root, checkpoint: head.checkpoint.to_vec(), openings }
}

fn all(reader: &dyn LogReader) -> Result<Vec<Vec<u8>>, EngineError> {
    Ok(reader.read(0, usize::MAX >> 1)?.into_iter().map(|(_, bytes)| bytes.to_vec()).collect())
}

/// How many openings were found, the entries, and the root.
type Seen = (u64, Vec<Vec<u8>>, Option<Hash>);

/// Opens and audits a ledger's directory: what it holds; else what is wrong.
fn look(dir: &Path, kept: &[u8], openings: u64) -> Result<Seen, Fate> {
    let refused = |code: &str, what: String| {
        assert!(what.len() > 20, "{code}: {what}");
        Fate::Refused(code.to_owned())
    };
    let opened = engine::open(&dir.join("log"), OpenOptions::default());
    let (_writer, reader, _) = opened.map_err(|error| refused(engine_code(&error), error.to_string()))?;
    let master = MasterKey::load(dir).map_err(|error| refused("vault", error.to_string()))?;
    let vault = Vault::open(dir, master, hourbook::state::system_rng());
    let vault = vault.map_err(|error| refused("vault", error.to_string()))?;
    let saved = match kept {
        [] => Vec::new(),
        note => vec![Saved { name: "kept".into(), note: note.to_vec() }],
    };
    let options = Options { vault: Some(&vault), saved, ..Options::default() };
    let report = audit(&EngineSource(reader.clone()), &options).unwrap();
    if let Some(finding) = report.findings.sorted().first() {
        return Err(Fate::Named(finding.kind.code().to_owned()));
    }
    assert!(openings == 0 || report.counts.openings == openings, "fewer openings in silence");
    Ok((report.counts.openings, all(&*reader).unwrap(), report.root))
}

fn engine_code(error: &EngineError) -> &'static str {
    match error {
        EngineError::Retryable(error) => error.code(),
        EngineError::Fatal(error) => error.code(),
    }
}

/// What becomes of a ledger with that byte flipped. Panics if anything is different in silence.
fn fate(ledger: &Ledger, place: &Place, work: &Path) -> Fate {
    copy(ledger.dir.path(), work);
    let path = work.join(&place.file);
    let mut bytes = fs::read(&path).unwrap();
    bytes[place.offset] ^= place.mask;
    fs::write(&path, bytes).unwrap();
    let (_, entries, root) = match look(work, &ledger.checkpoint, ledger.openings) {
        Ok(seen) => seen,
        Err(fate) => return fate,
    };
    assert!(entries == ledger.entries && root == Some(ledger.root), "another answer in silence: {place:?}");
    // The audit needs no keys of the ledger; whoever serves it does.
    let rng = hourbook::state::system_rng;
    let options = LedgerOptions::new(std::sync::Arc::new(SystemClock), rng(), rng());
    match ledger::open(work, options, || Box::new(|_: std::sync::Arc<Vec<_>>| {})) {
        Err(error) => Fate::Refused(format!("{error:?}").split(['(', ' ', '{']).next().unwrap().to_owned()),
        Ok(node) => {
            assert_eq!(node.reader.entry(0).unwrap().unwrap().to_vec(), ledger.entries[0], "{place:?}");
            node.close();
            Fate::Harmless
        }
    }
}

fn copy(from: &Path, to: &Path) {
    if to.exists() {
        fs::remove_dir_all(to).unwrap();
    }
    fs::create_dir_all(to).unwrap();
    for item in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(item.file_name());
        match item.file_type().unwrap().is_dir() {
            true => copy(&item.path(), &target),
            false => drop(fs::copy(item.path(), target).unwrap()),
        }
    }
}

/// Every file that is not empty, by its path in the directory.
fn files(dir: &Path) -> Vec<PathBuf> {
    let (mut found, mut folders) = (Vec::new(), vec![dir.to_owned()]);
    while let Some(folder) = folders.pop() {
        for item in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if item.file_type().unwrap().is_dir() {
                folders.push(item.path());
            } else if item.metadata().unwrap().len() > 0 {
                found.push(item.path().strip_prefix(dir).unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

/// Places in live frames: bytes of the journal, of sealed bundles as they lie in sled, and of archived files.
fn live_places(dir: &Path, dice: &mut SeededRng, count: usize) -> Vec<Place> {
    let all = files(dir);
    let journal: Vec<&PathBuf> = all.iter().filter(|file| file.starts_with("log/journal")).collect();
    let store: Vec<&PathBuf> = all.iter().filter(|file| file.starts_with("log/store")).collect();
    let archive: Vec<&PathBuf> = all.iter().filter(|file| file.starts_with("archive/tile")).collect();
    let bundles = bundles(dir, &store);
    assert!(!journal.is_empty() && !bundles.is_empty() && !archive.is_empty());
    let place = |number: usize| {
        let mask = 1 << dice.below(8);
        let whole = match number % 3 {
            0 => Some((&journal, "journal frame")),
            1 => Some((&archive, "archive file")),
            _ => None,
        };
        if let Some((files, kind)) = whole {
            let file = dice.pick(files).to_path_buf();
            let length = fs::metadata(dir.join(&file)).unwrap().len();
            return Place { offset: dice.below(length) as usize, file, mask, kind };
        }
        let (file, range) = dice.pick(&bundles);
        let offset = range.start + dice.below(range.len() as u64) as usize;
        Place { file: file.clone(), offset, mask, kind: "sled, sealed bundle" }
    };
    (0..count).map(place).collect()
}

/// Where bundles lie in sled's files. Older copies of them may be among these: sled writes anew what it changes.
fn bundles(dir: &Path, store: &[&PathBuf]) -> Vec<(PathBuf, std::ops::Range<usize>)> {
    let mut found = Vec::new();
    for file in store {
        let bytes = fs::read(dir.join(file)).unwrap();
        let begins = bytes.windows(4).enumerate().filter(|(_, four)| four == BUNDLE).map(|(at, _)| at);
        for at in begins {
            let packed = u32::from_be_bytes(bytes[at + 8..at + 12].try_into().unwrap()) as usize;
            let end = at + BUNDLE_HEADER + packed;
            if end <= bytes.len() {
                found.push((file.to_path_buf(), at..end));
            }
        }
    }
    found
}

/// Places anywhere in any file.
fn any_places(dir: &Path, dice: &mut SeededRng, count: usize) -> Vec<Place> {
    let files = files(dir);
    let place = |_| {
        let file = dice.pick(&files).clone();
        let bytes = fs::read(dir.join(&file)).unwrap();
        // Behind what sled uses of its file there are zeros only, and a lot of them.
        let used = bytes.iter().rposition(|byte| *byte != 0).unwrap_or(0) + 1;
        let (offset, mask) = (dice.below(used as u64) as usize, 1 << dice.below(8));
        Place { file, offset, mask, kind: "any file" }
    };
    (0..count).map(place).collect()
}

#[test]
fn a_flipped_byte_is_named_or_harmless_and_never_another_answer() {
    let flips: usize = std::env::var("HOURBOOK_FLIPS").map_or(200, |text| text.parse().unwrap());
    let seed: u64 = std::env::var("HOURBOOK_SEED").map_or(1, |text| text.parse().unwrap());
    let ledger = ledger();
    let mut dice = SeededRng::new(seed, "flips");
    let mut places = live_places(ledger.dir.path(), &mut dice, flips / 2);
    places.extend(any_places(ledger.dir.path(), &mut dice, flips - flips / 2));
    let work = TempDir::new().unwrap();
    let mut fates: BTreeMap<(&str, Fate), u64> = BTreeMap::new();
    for place in &places {
        println!("flipping {place:?}");
        let fate = fate(&ledger, place, &work.path().join("ledger"));
        *fates.entry((place.kind, fate)).or_default() += 1;
    }
    println!("{flips} places, seed {seed}:");
    fates.iter().for_each(|((kind, fate), count)| println!("  {count:>4}  {kind}: {fate:?}"));
    let harmless: u64 = fates.iter().filter(|((_, fate), _)| *fate == Fate::Harmless).map(|(_, n)| n).sum();
    let all: u64 = fates.values().sum();
    println!("  {} refused or named, {harmless} harmless", all - harmless);
    let archive = fates.keys().filter(|(kind, _)| *kind == "archive file");
    assert!(archive.clone().all(|(_, fate)| *fate != Fate::Harmless), "each byte of the archive matters");
    assert!(archive.count() > 0, "the archive was not tried");
    let journal = fates.iter().filter(|((kind, _), _)| *kind == "journal frame");
    assert!(journal.clone().count() > 0, "the journal was not tried");
}
