//! A ledger that is backed up while it is written to comes back with the same head, answers and values; whoever was
//! erased stays erased, whichever of the two backups is the older one; and nothing damaged or half done passes for whole.
#![allow(clippy::unwrap_used, reason = "all of it is a test")]

use hourbook_ledger::domain::event::{Body, MemberEvent};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chacha20::ChaCha20Rng;
use chacha20::rand_core::SeedableRng as _;
use hourbook_ledger::audit::{self, DirectorySource, EngineSource};
use hourbook_ledger::backup::{self, BackupError, Misplaced, Restored, Restoring, Source, Written};
use hourbook_ledger::clock::ManualClock;
use hourbook_ledger::commitment::{Field, SubjectId};
use hourbook_ledger::domain::time::Millis;
use hourbook_ledger::engine::{KnownHead, OpenOptions};
use hourbook_ledger::envelope::Submission;
use hourbook_ledger::erasure;
use hourbook_ledger::ledger::{self, Ledger, LedgerError, LedgerOptions};
use hourbook_ledger::vault::VaultRng;
use hourbook_projections::ReadSide;
use hourbook_tests::run::{Disturbance, Run};
use hourbook_tests::search::secrets;
use hourbook_tests::seeded::SeededRng;
use hourbook_tests::village::{Setting, Somebody, Village};
use tempfile::TempDir;

const NOW: Millis = Millis(1_795_140_000_000);
const ALWAYS: backup::Watch<'static> = &|_, _| true;

fn source(village: &Village) -> Source {
    let node = village.ledger();
    Source { reader: node.reader.clone(), vault: node.vault.clone(), log_key: node.log_key.clone() }
}

fn save(village: &Village, to: &Path) -> Written {
    backup::write(&source(village), Some(village.path()), to, NOW, ALWAYS).unwrap()
}

fn save_keys(village: &Village, to: &Path) {
    backup::write_keys(&source(village), village.path(), to, NOW).unwrap();
}

fn rng() -> VaultRng {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    Box::new(ChaCha20Rng::seed_from_u64(NEXT.fetch_add(1, Ordering::Relaxed)))
}

fn restoring<'a>(backup: &'a Path, keys: &'a Path, data: &'a Path) -> Restoring<'a> {
    let engine = OpenOptions::default();
    Restoring { backup, keys, data, known: &[], accept_lost: false, engine }
}

fn restore(backup: &Path, keys: &Path, data: &Path) -> Result<Restored, BackupError> {
    backup::restore(&restoring(backup, keys, data), &mut rng, ALWAYS)
}

/// Opens a ledger with projections that have all of it.
fn open(dir: &Path) -> Result<(Ledger, ReadSide), LedgerError> {
    let read = ReadSide::new();
    let options = LedgerOptions::new(Arc::new(ManualClock::at(NOW)), Box::new(rng()), rng());
    let node = ledger::open(dir, options, || Box::new(read.clone()))?;
    Ok((node, read))
}

/// Every rule, signature and sum of a ledger, by the audit that takes nothing for granted.
fn audit(node: &Ledger) {
    let options = audit::Options { vault: Some(&node.vault), ..audit::Options::default() };
    let report = audit::audit(&EngineSource(node.reader.clone()), &options).unwrap();
    assert_eq!(report.findings.total(), 0, "{:?}", report.findings);
    assert_eq!(report.size, node.reader.head().size);
}

fn files(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let (mut files, mut open) = (BTreeMap::new(), vec![dir.to_owned()]);
    while let Some(at) = open.pop() {
        for item in fs::read_dir(at).unwrap() {
            let path = item.unwrap().path();
            match path.is_dir() {
                true => open.push(path),
                false => drop(files.insert(path.clone(), fs::read(&path).unwrap_or_default())),
            }
        }
    }
    files
}

fn town(seed: u64, steps: usize) -> Run {
    let mut run = Run::new(Setting { journal_bytes: 1 << 15, ..Setting::small(seed) }, Disturbance::None);
    run.act(seed, steps, steps);
    run
}

#[test]
fn a_running_ledger_is_backed_up_and_comes_back_the_same() {
    let mut run = town(11, 30);
    let root = TempDir::new().unwrap();
    let (to, keys, new) = (root.path().join("ledger"), root.path().join("keys"), root.path().join("new"));
    let (from, data, place) = (source(&run.village), run.village.path().to_owned(), to.clone());
    let saving = std::thread::spawn(move || {
        let mut sizes = Vec::new();
        for _ in 0..4 {
            sizes.push(backup::write(&from, Some(&data), &place, NOW, ALWAYS).unwrap().checked.size);
        }
        sizes
    });
    run.act(12, 60, 60);
    let sizes = saving.join().unwrap();
    assert!(sizes.is_sorted(), "{sizes:?}");
    let before = files(&to);
    let last = save(&run.village, &to);
    assert_eq!(last.checked.size, run.village.size());
    assert_eq!(last.mended, None);
    let after = files(&to);
    let replaced = ["manifest", "checkpoint"].map(|name| to.join(name));
    for (path, bytes) in before.iter().filter(|(path, _)| !replaced.contains(path)) {
        assert_eq!(after.get(path), Some(bytes), "{} was changed by a later backup", path.display());
    }
    let again = save(&run.village, &to);
    assert_eq!((again.new_entries, again.new_values), (0, 0));
    save_keys(&run.village, &keys);

    run.village.catch_up();
    let head = run.village.ledger().reader.head();
    let (digest, values) = (run.village.read.digest(), secrets(run.village.ledger()).0);
    run.village.close();
    let restored = restore(&to, &keys, &new).unwrap();
    assert_eq!((restored.erased_values, restored.lost_values), (0, 0));
    assert!(restored.values as usize >= values.len() && values.len() > 40, "{}", values.len());
    println!("{} entries, {} values; sizes meanwhile {sizes:?}", head.size, restored.values);
    let (node, read) = open(&new).unwrap();
    assert_eq!(node.reader.head(), head);
    assert_eq!(read.digest(), digest);
    assert_eq!(secrets(&node).0, values);
    audit(&node);
    node.close();
    let by_strangers = audit::audit(&DirectorySource(to), &audit::Options::default()).unwrap();
    assert_eq!((by_strangers.findings.total(), by_strangers.size), (0, head.size));
}

#[test]
fn a_restored_ledger_goes_on() {
    let mut run = town(13, 20);
    let root = TempDir::new().unwrap();
    let (to, keys, new) = (root.path().join("ledger"), root.path().join("keys"), root.path().join("new"));
    save(&run.village, &to);
    save_keys(&run.village, &keys);
    let size = run.village.size();
    run.village.close();
    restore(&to, &keys, &new).unwrap();
    // The restored files take the place of those that were lost.
    for part in ["log", "vault", "vault-keys", "keys"] {
        fs::remove_dir_all(run.village.path().join(part)).unwrap();
        fs::rename(new.join(part), run.village.path().join(part)).unwrap();
    }
    run.village.reopen_closed();
    run.act(14, 20, 20);
    assert!(run.village.size() > size);
    audit(run.village.ledger());
}

/// The sealed keys in a key file: what must not be found anywhere once it was destroyed.
fn sealed_key(dir: &Path, subject: SubjectId) -> Vec<u8> {
    let bytes = fs::read(dir.join("vault-keys/keys")).unwrap();
    let mark: Vec<u8> = std::iter::once(1).chain(subject).collect();
    let at = bytes.windows(17).position(|window| window == mark).expect("the subject has a key");
    bytes[at + 17..at + 89].to_vec()
}

fn is_in(dir: &Path, needle: &[u8]) -> bool {
    files(dir).values().any(|bytes| bytes.windows(needle.len()).any(|window| window == needle))
}

fn erase(village: &Village, who: &Somebody) {
    let mut dice = SeededRng::new(5, "erasure");
    let ask = Body::Member(MemberEvent::ErasureRequested { person: who.id() });
    let done = Body::Member(MemberEvent::PersonalDataErased { person: who.id() });
    let submit = |signed| village.submit(vec![Submission { signed, openings: Vec::new() }]).unwrap();
    submit(who.actor.assert(village.now(), dice.rng(), ask));
    let subjects = erasure::subjects(&village.state(), who.id());
    village.ledger().vault.apply_erasures(&subjects).unwrap();
    submit(village.ledger().ledger.assert(village.now(), dice.rng(), done));
}

fn finds(node: &Ledger, who: &Somebody) -> bool {
    !node.vault.find(Field::Phone, &who.phone).unwrap().is_empty()
}

#[test]
fn whoever_was_erased_stays_erased_whichever_backup_is_older() {
    let mut run = town(21, 30);
    let state = run.village.state();
    // Whoever holds a role is not erased.
    let without_office = |who: &&Somebody| state.people.roles(who.id()).is_empty();
    let who = run.village.cast.volunteers.iter().find(without_office).unwrap().clone();
    let root = TempDir::new().unwrap();
    let dir = |name: &str| root.path().join(name);
    save(&run.village, &dir("ledger 1"));
    save_keys(&run.village, &dir("keys 1"));
    save_keys(&run.village, &dir("keys"));
    let key = sealed_key(run.village.path(), who.id().0);
    assert!(is_in(run.village.path(), &key) && is_in(&dir("keys"), &key), "the search finds what is there");
    assert!(finds(run.village.ledger(), &who));
    erase(&run.village, &who);
    assert!(!finds(run.village.ledger(), &who), "the index of phones has forgotten");
    assert!(!is_in(run.village.path(), &key), "an old copy of the key is left");
    save(&run.village, &dir("ledger 2"));
    save_keys(&run.village, &dir("keys 2"));
    save_keys(&run.village, &dir("keys"));
    assert!(!is_in(&dir("keys"), &key), "a new backup of keys left the old one behind");
    audit(run.village.ledger());
    let values = run.village.path().join("vault");
    assert!(is_in(&values, &who.id().0), "sealed, without a key, until the next start");
    run.village.reopen();
    assert!(!is_in(&values, &who.id().0), "the sealed values of an erased person are still there");
    audit(run.village.ledger());
    run.village.close();
    for (ledger, keys, is_there, again, later) in [
        ("ledger 1", "keys 1", true, 0, 0),
        ("ledger 1", "keys 2", false, 0, 1),
        ("ledger 2", "keys 1", false, 1, 0),
        ("ledger 2", "keys 2", false, 0, 0),
    ] {
        let new = dir(&format!("{ledger} with {keys}"));
        let restored = restore(&dir(ledger), &dir(keys), &new).unwrap();
        let case = format!("{ledger} with {keys}: {restored:?}");
        assert!(restored.erased_again >= again && restored.erased_later >= later, "{case}");
        assert_eq!((restored.erased_again > 0, restored.erased_later > 0), (again > 0, later > 0), "{case}");
        assert_eq!(restored.erased_values == 0, is_there, "{case}");
        assert_eq!(is_in(&new, &key), is_there, "{case}");
        for _ in 0..2 {
            let (node, _) = open(&new).unwrap();
            assert_eq!(finds(&node, &who), is_there, "{case}");
            audit(&node);
            node.close();
        }
    }
}

#[test]
fn an_older_key_store_beside_a_newer_log_brings_nobody_back() {
    let mut run = town(22, 10);
    let who = run.village.cast.volunteers[1].clone();
    let old_keys = fs::read(run.village.path().join("vault-keys/keys")).unwrap();
    let key = sealed_key(run.village.path(), who.id().0);
    erase(&run.village, &who);
    run.village.close();
    fs::write(run.village.path().join("vault-keys/keys"), old_keys).unwrap();
    assert!(is_in(run.village.path(), &key));
    run.village.reopen_closed();
    assert!(!finds(run.village.ledger(), &who));
    assert!(!is_in(run.village.path(), &key), "the receipt on the log was not applied again");
}

#[test]
fn what_was_interrupted_does_not_pass_for_whole_and_goes_on() {
    let mut run = town(31, 40);
    let root = TempDir::new().unwrap();
    let (to, keys, new) = (root.path().join("ledger"), root.path().join("keys"), root.path().join("new"));
    save_keys(&run.village, &keys);
    let (from, data) = (source(&run.village), run.village.path().to_owned());
    let stop_at = |calls: u64| {
        let left = AtomicU64::new(calls);
        move |_, _| left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1)).is_ok()
    };
    let mut interrupted = 0;
    for calls in 0..1_000 {
        match backup::write(&from, Some(&data), &to, NOW, &stop_at(calls)) {
            Err(BackupError::CalledOff) => interrupted += 1,
            done => {
                done.unwrap();
                break;
            }
        }
        let whole = backup::check(&to, ALWAYS);
        assert!(matches!(whole, Err(BackupError::NotThere { .. })) || whole.is_ok(), "{whole:?}");
        if let Err(missing) = &whole {
            let restored = restore(&to, &keys, &new).unwrap_err().to_string();
            assert_eq!(restored, missing.to_string());
        }
    }
    assert!(interrupted >= 2, "{interrupted}");
    let first = backup::check(&to, ALWAYS).unwrap().size;
    run.act(32, 20, 20);
    // A second backup that is interrupted leaves the first one as it was.
    let cut = backup::write(&source(&run.village), Some(&data), &to, NOW, &stop_at(0));
    assert!(matches!(cut, Err(BackupError::CalledOff)), "{cut:?}");
    assert_eq!(backup::check(&to, ALWAYS).unwrap().size, first);
    drop(from);
    for calls in 0..1_000 {
        let restored = backup::restore(&restoring(&to, &keys, &new), &mut rng, &stop_at(calls));
        if restored.is_ok() {
            assert!(calls >= 3, "{calls}");
            break;
        }
        assert!(matches!(restored, Err(BackupError::CalledOff)), "{restored:?}");
        let opened = open(&new).map(|_| ()).unwrap_err();
        assert!(matches!(opened, LedgerError::Unrestored(_) | LedgerError::NoLedger(_)), "{opened}");
    }
    let (node, _) = open(&new).unwrap();
    assert_eq!(node.reader.head().size, first);
    node.close();
    let again = restore(&to, &keys, &new).unwrap_err();
    assert!(matches!(again, BackupError::NotEmpty(_)), "{again}");
}

#[test]
fn keys_and_sealed_values_never_lie_together() {
    let run = town(41, 5);
    let root = TempDir::new().unwrap();
    let (to, keys) = (root.path().join("ledger"), root.path().join("keys"));
    save(&run.village, &to);
    save_keys(&run.village, &keys);
    let data = run.village.path().to_owned();
    let link = root.path().join("link");
    std::os::unix::fs::symlink(&to, &link).unwrap();
    let occupied = root.path().join("occupied");
    fs::create_dir(&occupied).unwrap();
    fs::write(occupied.join("holiday.jpg"), b"sea").unwrap();
    let why = |error: BackupError| match error {
        BackupError::Place { why, .. } => why,
        BackupError::OtherKind { is_keys: true, .. } => Misplaced::WithKeys,
        other => panic!("{other}"),
    };
    for (place, expected) in [
        (to.clone(), Misplaced::WithValues),
        (to.join("vault"), Misplaced::WithValues),
        (to.join("vault/deep/er"), Misplaced::WithValues),
        (link.join("x"), Misplaced::WithValues),
        (root.path().to_owned(), Misplaced::WithValues),
        (data.join("backup"), Misplaced::InTheLedger),
        (occupied.clone(), Misplaced::Occupied),
    ] {
        let refused = backup::write_keys(&source(&run.village), &data, &place, NOW).unwrap_err();
        let found = why(refused);
        let either = place == root.path() && found == Misplaced::WithKeys
            || place == root.path() && found == Misplaced::Occupied;
        assert!(found == expected || either, "{}: {found:?}", place.display());
    }
    for (place, expected) in [
        (keys.clone(), Misplaced::WithKeys),
        (keys.join("a/b"), Misplaced::WithKeys),
        (data.clone(), Misplaced::InTheLedger),
        (data.join("log"), Misplaced::InTheLedger),
        (occupied, Misplaced::Occupied),
    ] {
        let refused = backup::write(&source(&run.village), Some(&data), &place, NOW, ALWAYS).unwrap_err();
        assert_eq!(why(refused), expected, "{}", place.display());
    }
    for path in files(&to).keys().filter(|path| !path.starts_with(to.join("tile"))) {
        use std::os::unix::fs::PermissionsExt as _;
        let is_public = ["checkpoint", "log.vkey", "manifest"].iter().any(|name| path.ends_with(name));
        assert!(
            is_public || fs::metadata(path).unwrap().permissions().mode() & 0o077 == 0,
            "{}",
            path.display()
        );
    }
}

#[test]
fn any_changed_byte_of_a_backup_is_noticed_and_the_next_backup_mends_it() {
    let run = town(51, 25);
    let root = TempDir::new().unwrap();
    let (to, keys, new) = (root.path().join("ledger"), root.path().join("keys"), root.path().join("new"));
    save(&run.village, &to);
    save_keys(&run.village, &keys);
    let mut dice = SeededRng::new(6, "damage");
    for (path, bytes) in files(&to) {
        for _ in 0..4 {
            let mut changed = bytes.clone();
            changed[dice.below(bytes.len() as u64) as usize] ^= 1 << dice.below(8);
            fs::write(&path, changed).unwrap();
            let found = backup::check(&to, ALWAYS);
            assert!(found.is_err(), "a change in {} was not noticed", path.display());
            assert!(restore(&to, &keys, &new).is_err());
            assert!(!new.join("log").exists());
        }
        fs::remove_file(&path).unwrap();
        let gone = backup::check(&to, ALWAYS);
        let is_copy = path.ends_with("checkpoint");
        assert_eq!(gone.is_ok(), is_copy, "{} is gone: {gone:?}", path.display());
        fs::write(&path, bytes).unwrap();
    }
    for (path, bytes) in files(&keys) {
        let mut changed = bytes.clone();
        changed[dice.below(bytes.len() as u64) as usize] ^= 1 << dice.below(8);
        fs::write(&path, changed).unwrap();
        assert!(backup::check_keys(&keys).is_err(), "{}", path.display());
        assert!(restore(&to, &keys, &new).is_err());
        fs::write(&path, bytes).unwrap();
    }
    let (tile, mut bytes) =
        files(&to).into_iter().find(|(path, _)| path.starts_with(to.join("tile/entries"))).unwrap();
    bytes[100] ^= 1;
    fs::write(&tile, bytes).unwrap();
    let mended = save(&run.village, &to).mended.expect("the damage was noticed");
    // Named is what no longer fits: the tile of hashes over these entries.
    assert!(mended.contains(to.join("tile").to_str().unwrap()), "{mended}");
    restore(&to, &keys, &new).unwrap();
}

#[test]
fn a_backup_behind_or_beside_a_known_head_and_keys_of_another_time_or_ledger_are_refused() {
    let mut run = town(61, 10);
    let root = TempDir::new().unwrap();
    let dir = |name: &str| root.path().join(name);
    save_keys(&run.village, &dir("old keys"));
    run.act(62, 40, 40);
    save(&run.village, &dir("ledger"));
    save_keys(&run.village, &dir("keys"));
    let head = run.village.ledger().reader.head();
    let known = |size, root| [KnownHead { size, root }];
    let with = |known: &[KnownHead], to: &str| {
        let (ledger, keys, to) = (dir("ledger"), dir("keys"), dir(to));
        backup::restore(&Restoring { known, ..restoring(&ledger, &keys, &to) }, &mut rng, ALWAYS)
    };
    let behind = with(&known(head.size + 1, head.root), "a").unwrap_err();
    assert!(matches!(behind, BackupError::Rollback { .. }), "{behind}");
    let beside = with(&known(head.size - 1, head.root), "b").unwrap_err();
    assert!(matches!(beside, BackupError::Rollback { .. }), "{beside}");
    with(&known(head.size, head.root), "c").unwrap();

    let other = town(63, 5);
    save_keys(&other.village, &dir("other keys"));
    let refused = restore(&dir("ledger"), &dir("other keys"), &dir("d")).unwrap_err();
    assert!(matches!(refused, BackupError::OtherKeys { .. }), "{refused}");
    let refused = backup::write(&source(&other.village), None, &dir("ledger"), NOW, ALWAYS).unwrap_err();
    assert!(matches!(refused, BackupError::OtherLedger { .. } | BackupError::Ahead { .. }), "{refused}");
    // Somebody who was registered after the keys were backed up.
    let older = restore(&dir("ledger"), &dir("old keys"), &dir("e"));
    match older {
        Err(BackupError::KeysOlder { subjects, .. }) => {
            assert!(!dir("e").join("log").exists());
            let (ledger, keys, to) = (dir("ledger"), dir("old keys"), dir("e"));
            let lossy = Restoring { accept_lost: true, ..restoring(&ledger, &keys, &to) };
            let restored = backup::restore(&lossy, &mut rng, ALWAYS).unwrap();
            assert!(restored.lost_values >= subjects, "{restored:?}");
        }
        other => panic!("nobody has a value since the keys were backed up: {other:?}"),
    }
}
