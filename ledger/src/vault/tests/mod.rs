//! The vault against crashes, thieves of files, erasure and concurrency.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use chacha20::ChaCha20Rng;
use chacha20::rand_core::SeedableRng as _;
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::place::{keys_path, values_path};
use super::*;
use crate::commitment::{Commitment, Field, FieldError, Opening, SubjectId};
use crate::disk::Disk;
use crate::domain::facts::Committing;
use crate::vault::guard::Guard;

mod guard;
mod shortage;

fn seeded(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

pub(super) fn rng(seed: u64) -> VaultRng {
    Box::new(seeded(seed))
}

pub(super) fn new_vault() -> (TempDir, Vault) {
    let dir = tempfile::tempdir().unwrap();
    Vault::init(dir.path(), &mut seeded(1)).unwrap();
    let vault = reopen(dir.path()).unwrap();
    (dir, vault)
}

/// A different seed each time: a generator that starts anew would repeat nonces.
pub(super) fn reopen(dir: &Path) -> Result<Vault, VaultError> {
    static SEED: AtomicUsize = AtomicUsize::new(2);
    let seed = SEED.fetch_add(1, Ordering::Relaxed) as u64;
    Vault::open(dir, MasterKey::load(dir)?, rng(seed))
}

fn subject(number: u8) -> SubjectId {
    [number; 16]
}

pub(super) fn opening(who: u8, field: Field, value: &str) -> Opening {
    let mut hash = Sha256::new();
    hash.update([who, field.tag()]);
    hash.update(value);
    Opening::new(subject(who), field, hash.finalize().into(), value).unwrap()
}

fn shown(vault: &Vault, opening: &Opening) -> Option<String> {
    vault.get(&opening.commitment()).unwrap().map(|secret| secret.expose().to_owned())
}

pub(super) fn copy_of(dir: &Path) -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    for sub in [VALUES_DIR, KEYS_DIR] {
        fs::create_dir(copy.path().join(sub)).unwrap();
        for entry in fs::read_dir(dir.join(sub)).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), copy.path().join(sub).join(entry.file_name())).unwrap();
        }
    }
    copy
}

fn all_files(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let read = |sub: &str| fs::read_dir(dir.join(sub)).unwrap().map(|entry| entry.unwrap().path());
    read(VALUES_DIR).chain(read(KEYS_DIR)).map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

fn holds(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

#[test]
fn values_come_back_also_after_reopening() {
    let (dir, vault) = new_vault();
    let openings = [
        opening(1, Field::Name, "李秀英"),
        opening(1, Field::Phone, "13800138000"),
        opening(2, Field::Note, "一\n二"),
    ];
    vault.put(&openings).unwrap();
    let check = |vault: &Vault| {
        for opening in &openings {
            let secret = vault.get(&opening.commitment()).unwrap().unwrap();
            assert_eq!((secret.subject(), secret.field()), (opening.subject, opening.field));
            assert_eq!(&secret.into_opening(), opening);
        }
        assert!(vault.get(&Commitment([9; 32])).unwrap().is_none());
    };
    check(&vault);
    drop(vault);
    let vault = reopen(dir.path()).unwrap();
    assert_eq!((vault.torn_bytes(), vault.lost_subjects(), vault.len()), (0, 0, 3));
    check(&vault);
}

#[test]
fn putting_twice_changes_nothing() {
    let (dir, vault) = new_vault();
    let one = opening(1, Field::Name, "李秀英");
    vault.put(&[one.clone(), one.clone()]).unwrap();
    let before = all_files(dir.path());
    vault.put(std::slice::from_ref(&one)).unwrap();
    vault.put(&[]).unwrap();
    assert_eq!(all_files(dir.path()), before);
    assert_eq!(vault.len(), 1);
}

#[test]
fn a_value_is_held_for_its_own_kind_and_subject_only() {
    let (_dir, vault) = new_vault();
    let value = opening(1, Field::IdNumber, "11010519491231002X");
    vault.put(std::slice::from_ref(&value)).unwrap();
    let commitment = value.commitment();
    let holds = |field, who| vault.holds(&Committing { commitment, field, subject: subject(who) }).unwrap();
    assert!(holds(Field::IdNumber, 1));
    assert!(!holds(Field::WishSentence, 1) && !holds(Field::IdNumber, 2));
}

#[test]
fn a_refused_put_stores_nothing() {
    let (dir, vault) = new_vault();
    let good = opening(1, Field::Name, "李秀英");
    vault.put(std::slice::from_ref(&good)).unwrap();
    let before = all_files(dir.path());
    let fresh = opening(3, Field::Name, "王芳");
    let raw =
        Opening { subject: subject(2), field: Field::Phone, salt: [1; 32], value: "+86 13800138000".into() };
    let refused = vault.put(&[fresh.clone(), raw]);
    assert!(matches!(refused, Err(VaultError::BadValue { index: 1, error: FieldError::NotCanonical })));
    let mut stolen = good.clone();
    stolen.subject = subject(2);
    assert!(matches!(vault.put(&[fresh.clone(), stolen]), Err(VaultError::OtherSubject(_))));
    let text = "字".repeat(1_333);
    let many: Vec<_> = (0..9_000u32)
        .map(|number| {
            let mut salt = [0; 32];
            salt[..4].copy_from_slice(&number.to_le_bytes());
            Opening { subject: subject(5), field: Field::WishText, salt, value: text.clone() }
        })
        .collect();
    assert!(matches!(vault.put(&many), Err(VaultError::TooMuch { .. })));
    assert_eq!(all_files(dir.path()), before);
}

#[test]
fn a_crash_at_any_byte_loses_only_the_put_that_had_not_returned() {
    let (dir, vault) = new_vault();
    let kept = opening(1, Field::Name, "李秀英");
    vault.put(std::slice::from_ref(&kept)).unwrap();
    let path = values_path(dir.path());
    let whole_before = fs::metadata(&path).unwrap().len();
    let lost = [opening(1, Field::Place, "萤湾镇"), opening(2, Field::Name, "王芳")];
    vault.put(&lost).unwrap();
    drop(vault);
    let after = fs::read(&path).unwrap();
    let guard = fs::read(Guard::path(&path)).unwrap();
    for cut in whole_before..after.len() as u64 {
        // What the disk never got is either missing or, if only the length was saved, zero.
        for zeros in [0, after.len() - cut as usize] {
            let mut torn = after[..cut as usize].to_vec();
            torn.resize(cut as usize + zeros, 0);
            fs::write(&path, &torn).unwrap();
            fs::write(Guard::path(&path), &guard).unwrap();
            let vault = reopen(dir.path()).unwrap();
            // The end of a sealed value may itself be zero; then nothing was lost.
            let is_whole = torn == after;
            assert_eq!(vault.torn_bytes(), if is_whole { 0 } else { torn.len() as u64 - whole_before });
            assert_eq!(shown(&vault, &kept).as_deref(), Some("李秀英"));
            assert_eq!(shown(&vault, &lost[0]).is_some(), is_whole);
            vault.put(&lost).unwrap();
            drop(vault);
            let vault = reopen(dir.path()).unwrap();
            assert_eq!(shown(&vault, &lost[1]).as_deref(), Some("王芳"));
        }
    }
}

#[test]
fn a_torn_key_file_loses_only_the_last_keys() {
    let (dir, vault) = new_vault();
    let kept = opening(1, Field::Name, "李秀英");
    vault.put(std::slice::from_ref(&kept)).unwrap();
    let path = keys_path(dir.path());
    let values_before = fs::read(values_path(dir.path())).unwrap();
    let whole_before = fs::metadata(&path).unwrap().len();
    vault.put(&[opening(2, Field::Name, "王芳")]).unwrap();
    drop(vault);
    let after = fs::read(&path).unwrap();
    for cut in whole_before..after.len() as u64 {
        fs::write(&path, &after[..cut as usize]).unwrap();
        fs::write(values_path(dir.path()), &values_before).unwrap();
        let vault = reopen(dir.path()).unwrap();
        assert_eq!(shown(&vault, &kept).as_deref(), Some("李秀英"));
        vault.put(&[opening(2, Field::Name, "王芳")]).unwrap();
        assert_eq!(shown(&vault, &opening(2, Field::Name, "王芳")).as_deref(), Some("王芳"));
    }
}

#[test]
fn damage_before_the_last_write_is_refused_and_never_cut_off() {
    let (dir, vault) = new_vault();
    for who in 1..=3 {
        vault.put(&[opening(who, Field::Name, "李秀英")]).unwrap();
    }
    drop(vault);
    for path in [values_path(dir.path()), keys_path(dir.path())] {
        let good = fs::read(&path).unwrap();
        let frame = (good.len() - frames::HEADER_LEN) / 3;
        for at in 0..frames::HEADER_LEN + 2 * frame {
            let mut bad = good.clone();
            bad[at] ^= 0x10;
            fs::write(&path, &bad).unwrap();
            assert!(matches!(reopen(dir.path()), Err(VaultError::Damaged { .. })), "byte {at}");
            assert_eq!(fs::read(&path).unwrap(), bad, "a refused file stays as it is");
        }
        fs::write(&path, &good).unwrap();
    }
    assert_eq!(reopen(dir.path()).unwrap().len(), 3);
}

#[test]
fn erasure_takes_one_subject_for_good_and_leaves_the_others() {
    let (dir, vault) = new_vault();
    let gone = opening(1, Field::Name, "李秀英");
    let stays = opening(2, Field::Name, "李秀英");
    vault.put(&[gone.clone(), stays.clone()]).unwrap();
    let sealed = sealed_keys_of(dir.path(), 1);
    assert_eq!(sealed.len(), 1);
    assert!(
        all_files(dir.path()).iter().any(|(_, bytes)| holds(bytes, &sealed[0])),
        "the search can find it"
    );
    let linked = dir.path().join("linked");
    fs::hard_link(keys_path(dir.path()), &linked).unwrap();

    assert_eq!(vault.find(Field::Name, "李秀英").unwrap().len(), 2);
    assert!(vault.erase(subject(1)).unwrap());
    assert!(!vault.erase(subject(1)).unwrap(), "the second time there is nothing left");

    for (path, bytes) in all_files(dir.path()) {
        assert!(!holds(&bytes, &sealed[0][..16]), "{}", path.display());
        assert!(!holds(&bytes, &sealed[0][56..]), "{}", path.display());
    }
    assert!(!holds(&fs::read(&linked).unwrap(), &sealed[0][24..56]), "overwritten in the old file too");
    let check = |vault: &Vault| {
        assert_eq!(shown(vault, &gone), None);
        assert!(vault.is_erased(&subject(1)) && !vault.is_erased(&subject(2)));
        assert_eq!(shown(vault, &stays).as_deref(), Some("李秀英"));
        assert_eq!(vault.find(Field::Name, "李秀英").unwrap(), [(subject(2), stays.commitment())]);
        let more = vault.put(&[opening(1, Field::Place, "萤湾镇")]);
        assert!(matches!(more, Err(VaultError::Erased(who)) if who == subject(1)));
        assert!(matches!(vault.put(std::slice::from_ref(&gone)), Err(VaultError::Erased(_))));
    };
    check(&vault);
    drop(vault);
    check(&reopen(dir.path()).unwrap());
    // The file that was replaced is still a sound key file for everybody else.
    fs::rename(&linked, keys_path(dir.path())).unwrap();
    check(&reopen(dir.path()).unwrap());
}

/// The sealed key of a subject as it stands in the key file.
fn sealed_keys_of(dir: &Path, who: u8) -> Vec<Vec<u8>> {
    let bytes = fs::read(keys_path(dir)).unwrap();
    let head = [&[1u8][..], &subject(who)].concat();
    let hits = (0..=bytes.len() - 89).filter(|at| bytes[*at..].starts_with(&head));
    hits.map(|at| bytes[at + 17..at + 89].to_vec()).collect()
}

#[test]
fn receipts_applied_again_undo_the_restoring_of_an_old_key_backup() {
    let (dir, vault) = new_vault();
    let gone = opening(1, Field::Name, "李秀英");
    vault.put(&[gone.clone(), opening(2, Field::Name, "王芳")]).unwrap();
    let backup = fs::read(keys_path(dir.path())).unwrap();
    vault.erase(subject(1)).unwrap();
    drop(vault);
    fs::write(keys_path(dir.path()), backup).unwrap();
    let vault = reopen(dir.path()).unwrap();
    assert!(shown(&vault, &gone).is_some(), "the backup did hold the key");
    assert_eq!(vault.apply_erasures(&[subject(1), subject(9)]).unwrap(), 1);
    assert_eq!(shown(&vault, &gone), None);
    let quiet = all_files(dir.path());
    assert_eq!(vault.apply_erasures(&[subject(1), subject(9)]).unwrap(), 0);
    assert_eq!(all_files(dir.path()), quiet, "nothing is written when all are gone");
    assert!(matches!(vault.put(&[opening(9, Field::Name, "赵六")]), Err(VaultError::Erased(_))));
}

#[test]
fn keys_older_than_the_values_are_an_error_not_an_erasure() {
    let (dir, vault) = new_vault();
    let backup = fs::read(keys_path(dir.path())).unwrap();
    let value = opening(1, Field::Name, "李秀英");
    vault.put(std::slice::from_ref(&value)).unwrap();
    drop(vault);
    fs::write(keys_path(dir.path()), backup).unwrap();
    let vault = reopen(dir.path()).unwrap();
    assert_eq!(vault.lost_subjects(), 1);
    assert!(matches!(vault.get(&value.commitment()), Err(VaultError::KeyLost(who)) if who == subject(1)));
    let place = [opening(1, Field::Place, "萤湾镇")];
    assert!(matches!(vault.check(&place), Err(VaultError::KeyLost(_))), "a check foretells the put");
    let more = vault.put(&place);
    assert!(matches!(more, Err(VaultError::KeyLost(_))), "a new key would hide that the old one is missing");
    vault.put(&[opening(2, Field::Name, "王芳")]).unwrap();
    vault.erase(subject(1)).unwrap();
    assert!(vault.get(&value.commitment()).unwrap().is_none());
}

#[test]
fn orphans_go_and_what_is_needed_stays() {
    let (dir, vault) = new_vault();
    let kept = opening(1, Field::Phone, "13800138000");
    let orphan = opening(1, Field::Place, "萤湾镇");
    let again = opening(2, Field::Name, "王芳");
    let erased = opening(3, Field::Name, "赵六");
    vault.put(&[kept.clone(), orphan.clone(), again.clone(), erased.clone()]).unwrap();
    let mark = vault.mark();
    let young = opening(4, Field::Name, "钱七");
    vault.put(std::slice::from_ref(&young)).unwrap();
    vault.put(std::slice::from_ref(&again)).unwrap();
    vault.erase(subject(3)).unwrap();
    let before = fs::metadata(values_path(dir.path())).unwrap().len();
    let is_referenced = |c: &Commitment| *c == kept.commitment() || *c == erased.commitment();
    assert_eq!(vault.collect_orphans(mark, is_referenced).unwrap(), 2);
    assert!(fs::metadata(values_path(dir.path())).unwrap().len() < before);
    assert!(matches!(vault.collect_orphans(mark, |_| true), Err(VaultError::StaleMark)));
    let check = |vault: &Vault| {
        assert_eq!(vault.len(), 3);
        assert!(!vault.contains(&orphan.commitment()) && !vault.contains(&erased.commitment()));
        assert_eq!(shown(vault, &kept).as_deref(), Some("13800138000"));
        assert_eq!(shown(vault, &again).as_deref(), Some("王芳"));
        assert_eq!(shown(vault, &young).as_deref(), Some("钱七"));
        assert_eq!(vault.find(Field::Phone, "138 0013 8000").unwrap(), [(subject(1), kept.commitment())]);
    };
    check(&vault);
    drop(vault);
    let vault = reopen(dir.path()).unwrap();
    check(&vault);
    // The file still takes new values after it was swapped.
    vault.put(std::slice::from_ref(&orphan)).unwrap();
    drop(vault);
    assert_eq!(shown(&reopen(dir.path()).unwrap(), &orphan).as_deref(), Some("萤湾镇"));
}

#[test]
fn a_crash_while_rewriting_leaves_the_old_file_in_force() {
    let (dir, vault) = new_vault();
    let value = opening(1, Field::Name, "李秀英");
    vault.put(std::slice::from_ref(&value)).unwrap();
    drop(vault);
    for path in [values_path(dir.path()), keys_path(dir.path())] {
        let half = fs::read(&path).unwrap();
        fs::write(crate::disk::successor(&path), &half[..half.len() / 2]).unwrap();
    }
    let vault = reopen(dir.path()).unwrap();
    assert_eq!(shown(&vault, &value).as_deref(), Some("李秀英"));
    assert!(all_files(dir.path()).iter().all(|(path, _)| path.extension().is_none()), "no left-overs");
}

#[test]
fn what_does_not_fit_together_is_named() {
    let (dir, vault) = new_vault();
    assert!(matches!(reopen(dir.path()), Err(VaultError::InUse(_))));
    drop(vault);
    let wrong = Vault::open(dir.path(), MasterKey::from_bytes([7; 32]), rng(9));
    assert!(matches!(wrong, Err(VaultError::WrongMaster(_))));
    assert!(matches!(Vault::init(dir.path(), &mut seeded(1)), Err(VaultError::AlreadyThere(_))));

    let other = tempfile::tempdir().unwrap();
    Vault::init(other.path(), &mut seeded(50)).unwrap();
    let own_values = fs::read(values_path(dir.path())).unwrap();
    fs::copy(values_path(other.path()), values_path(dir.path())).unwrap();
    assert!(matches!(reopen(dir.path()), Err(VaultError::NotAPair { .. })));
    fs::write(values_path(dir.path()), own_values).unwrap();

    fs::write(MasterKey::path(dir.path()), [1; 31]).unwrap();
    assert!(matches!(MasterKey::load(dir.path()), Err(VaultError::Damaged { .. })));
    for path in [values_path(other.path()), keys_path(other.path()), MasterKey::path(other.path())] {
        fs::remove_file(&path).unwrap();
        assert!(matches!(reopen(other.path()), Err(VaultError::Missing(missing)) if missing == path));
    }
}

#[test]
fn an_interrupted_init_is_completed_but_lost_values_are_not_replaced() {
    let (dir, vault) = new_vault();
    vault.put(&[opening(1, Field::Name, "李秀英")]).unwrap();
    drop(vault);
    fs::remove_file(values_path(dir.path())).unwrap();
    assert!(matches!(Vault::init(dir.path(), &mut seeded(3)), Err(VaultError::Missing(_))));
    let dir = tempfile::tempdir().unwrap();
    Vault::init(dir.path(), &mut seeded(3)).unwrap();
    for path in [values_path(dir.path()), keys_path(dir.path())] {
        fs::remove_file(path).unwrap();
        let _ = fs::remove_file(values_path(dir.path()));
        Vault::init(dir.path(), &mut seeded(4)).unwrap();
        assert!(reopen(dir.path()).unwrap().is_empty());
    }
}

#[test]
fn a_changed_value_is_noticed_when_it_is_read() {
    let (dir, vault) = new_vault();
    let value = opening(1, Field::Name, "李秀英");
    vault.put(std::slice::from_ref(&value)).unwrap();
    let path = values_path(dir.path());
    let good = fs::read(&path).unwrap();
    for at in frames::HEADER_LEN + frames::FRAME_HEAD..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 1;
        fs::write(&path, &bad).unwrap();
        assert!(vault.get(&value.commitment()).is_err(), "byte {at}");
    }
}

#[test]
fn no_value_and_no_master_key_stands_in_any_file_but_its_own() {
    let (dir, vault) = new_vault();
    let values = ["李秀英", "13800138000", "11010519491231002X", "萤湾镇横山社区3号"];
    let fields = [Field::Name, Field::Phone, Field::IdNumber, Field::Address];
    let openings: Vec<_> =
        fields.iter().zip(values).map(|(field, value)| opening(1, *field, value)).collect();
    vault.put(&openings).unwrap();
    vault.find(Field::Phone, values[1]).unwrap();
    let mark = vault.mark();
    vault.collect_orphans(mark, |_| true).unwrap();
    fs::write(dir.path().join(VALUES_DIR).join("canary"), format!("xx{}yy", values[1])).unwrap();
    let master = fs::read(MasterKey::path(dir.path())).unwrap();
    let files = all_files(dir.path());
    let hit_by = |needle: &[u8]| files.iter().filter(|(_, bytes)| holds(bytes, needle)).count();
    assert_eq!(hit_by(values[1].as_bytes()), 1, "only the planted one, which shows that the search works");
    for (opening, value) in openings.iter().zip(values) {
        assert!(value == values[1] || hit_by(value.as_bytes()) == 0);
        assert_eq!(hit_by(&opening.salt), 0);
        let tag = vault.blind(opening.field, value).unwrap();
        assert_eq!(hit_by(&tag), 0, "an index on disk would outlive an erasure");
    }
    assert_eq!(hit_by(&master), 1);
    use std::os::unix::fs::PermissionsExt;
    for path in [MasterKey::path(dir.path()), values_path(dir.path()), keys_path(dir.path())] {
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn people_are_found_by_any_spelling_before_and_after_reopening() {
    let (dir, vault) = new_vault();
    let phone = opening(1, Field::Phone, "13800138000");
    vault.put(&[phone.clone(), opening(2, Field::IdNumber, "130503670401001")]).unwrap();
    assert_eq!(vault.find(Field::Phone, "+86 138-0013-8000").unwrap(), [(subject(1), phone.commitment())]);
    let shared = opening(3, Field::Phone, "13800138000");
    vault.put(&[shared.clone(), opening(3, Field::Address, "萤湾镇")]).unwrap();
    let check = |vault: &Vault| {
        let found = vault.find(Field::Phone, "13800138000").unwrap();
        assert_eq!(found, [(subject(1), phone.commitment()), (subject(3), shared.commitment())]);
        assert_eq!(vault.find(Field::IdNumber, "130503196704010016").unwrap()[0].0, subject(2));
        assert!(vault.find(Field::VolunteerNumber, "13800138000").unwrap().is_empty());
        assert!(vault.find(Field::Address, "萤湾镇").unwrap().is_empty());
        assert!(matches!(vault.find(Field::Phone, "x"), Err(VaultError::BadValue { .. })));
    };
    check(&vault);
    let tag = vault.blind(Field::Phone, "13800138000").unwrap();
    assert_ne!(tag, vault.blind(Field::Code, "13800138000").unwrap());
    drop(vault);
    let vault = reopen(dir.path()).unwrap();
    check(&vault);
    assert_eq!(vault.blind(Field::Phone, "13800138000").unwrap(), tag);
}

#[test]
fn keyed_ids_depend_on_key_domain_and_the_borders_of_the_parts() {
    let (dir, vault) = new_vault();
    let id = vault.keyed_id("row", &[b"ab", b"c"]);
    for other in [
        vault.keyed_id("row", &[b"a", b"bc"]),
        vault.keyed_id("row", &[b"abc"]),
        vault.keyed_id("activity", &[b"ab", b"c"]),
        vault.keyed_id("row", &[b"ab", b"c", b""]),
    ] {
        assert_ne!(id, other);
    }
    drop(vault);
    assert_eq!(reopen(dir.path()).unwrap().keyed_id("row", &[b"ab", b"c"]), id);
    let other = tempfile::tempdir().unwrap();
    Vault::init(other.path(), &mut seeded(77)).unwrap();
    assert_ne!(reopen(other.path()).unwrap().keyed_id("row", &[b"ab", b"c"]), id);
}

#[test]
fn many_threads_put_read_erase_and_collect_without_losing_anything() {
    let (dir, vault) = new_vault();
    let value = |thread: u8, number: u8| {
        opening(thread % 3 + 1, Field::VolunteerNumber, &format!("T{thread}N{number}"))
    };
    let victim = opening(200, Field::VolunteerNumber, "VICTIM");
    vault.put(std::slice::from_ref(&victim)).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let vault = &vault;
            scope.spawn(move || {
                for number in 0..25 {
                    let fresh = value(thread, number);
                    vault.put(&[fresh.clone(), opening(9, Field::VolunteerNumber, "SHARED")]).unwrap();
                    assert!(shown(vault, &fresh).is_some(), "readable as soon as put returns");
                }
            });
        }
        scope.spawn(|| {
            for round in 0..5 {
                let mark = vault.mark();
                vault.collect_orphans(mark, |_| true).unwrap();
                vault.erase(subject(100 + round)).unwrap();
            }
            vault.erase(subject(200)).unwrap();
        });
    });
    drop(vault);
    let vault = reopen(dir.path()).unwrap();
    for thread in 0..8 {
        for number in 0..25 {
            assert!(shown(&vault, &value(thread, number)).is_some());
        }
    }
    assert_eq!(shown(&vault, &opening(9, Field::VolunteerNumber, "SHARED")).as_deref(), Some("SHARED"));
    assert_eq!(shown(&vault, &victim), None);
}

#[test]
fn ten_thousand_openings_are_one_write() {
    let (dir, vault) = new_vault();
    let openings: Vec<Opening> = (0..10_000u32)
        .map(|number| {
            let mut who = [0; 16];
            who[..4].copy_from_slice(&(number / 3).to_le_bytes());
            let mut salt = [0; 32];
            salt[..4].copy_from_slice(&number.to_le_bytes());
            Opening::new(who, Field::Phone, salt, &format!("138{number:08}")).unwrap()
        })
        .collect();
    vault.put(&openings).unwrap();
    let path = values_path(dir.path());
    let mut frames = 0;
    let file = Disk::default().open(&path).unwrap();
    let length = file.len().unwrap();
    frames::scan(&file, length, &mut |_, _| {
        frames += 1;
        Ok(())
    })
    .unwrap();
    assert_eq!(frames, 1);
    drop(vault);
    let vault = reopen(dir.path()).unwrap();
    assert_eq!(vault.len(), 10_000);
    assert_eq!(shown(&vault, &openings[9_999]).as_deref(), Some("13800009999"));
}

#[test]
fn debug_shows_no_secret() {
    let (_dir, vault) = new_vault();
    let value = opening(1, Field::VolunteerNumber, "CANARY42");
    vault.put(std::slice::from_ref(&value)).unwrap();
    let secret = vault.get(&value.commitment()).unwrap();
    let shown = format!("{vault:?} {secret:?} {:?}", MasterKey::from_bytes([0x2A; 32]));
    assert!(!shown.contains("canary") && !shown.contains("42"), "{shown}");
}

#[derive(Clone, Debug)]
enum Step {
    Put(Vec<(u8, u8)>),
    Erase(u8),
    Reopen,
    Collect(u8),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => proptest::collection::vec((0u8..6, 0u8..8), 1..5).prop_map(Step::Put),
        1 => (0u8..6).prop_map(Step::Erase),
        1 => Just(Step::Reopen),
        1 => (0u8..8).prop_map(Step::Collect),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Any history agrees with a plain map from (subject, number) to presence.
    #[test]
    fn any_history_agrees_with_a_plain_map(steps in proptest::collection::vec(step(), 1..24)) {
        let (dir, vault) = new_vault();
        let mut vault = Some(vault);
        let mut model = std::collections::BTreeSet::new();
        let mut erased = std::collections::BTreeSet::new();
        let value = |(who, number): (u8, u8)| opening(who, Field::VolunteerNumber, &format!("N{number}"));
        for step in steps {
            let now = vault.take().unwrap();
            vault = Some(match step {
                Step::Put(items) => {
                    let openings: Vec<_> = items.iter().map(|item| value(*item)).collect();
                    let is_refused = items.iter().any(|(who, _)| erased.contains(who));
                    prop_assert_eq!(now.put(&openings).is_err(), is_refused);
                    if !is_refused {
                        model.extend(items);
                    }
                    now
                }
                Step::Erase(who) => {
                    now.erase(subject(who)).unwrap();
                    erased.insert(who);
                    model.retain(|(other, _)| *other != who);
                    now
                }
                Step::Reopen => {
                    drop(now);
                    reopen(dir.path()).unwrap()
                }
                Step::Collect(number) => {
                    let mark = now.mark();
                    let dead: Vec<_> = (0..6).map(|who| value((who, number)).commitment()).collect();
                    now.collect_orphans(mark, |commitment| !dead.contains(commitment)).unwrap();
                    model.retain(|(_, other)| *other != number);
                    now
                }
            });
            for who in 0..6 {
                for number in 0..8 {
                    let here = shown(vault.as_ref().unwrap(), &value((who, number))).is_some();
                    prop_assert_eq!(here, model.contains(&(who, number)));
                }
            }
        }
        for number in 0..8 {
            let found = vault.as_ref().unwrap().find(Field::VolunteerNumber, &format!("N{number}")).unwrap();
            let expected: Vec<_> = model.iter().filter(|(_, other)| *other == number).map(|(who, _)| subject(*who)).collect();
            prop_assert_eq!(found.into_iter().map(|(who, _)| who).collect::<Vec<_>>(), expected);
        }
    }

    /// No bytes in place of a file make opening panic, hang or take them for data.
    #[test]
    fn hostile_files_are_refused_or_cut_off(junk in proptest::collection::vec(any::<u8>(), 0..200), keep in 0usize..60) {
        let (dir, vault) = new_vault();
        vault.put(&[opening(1, Field::Name, "李秀英")]).unwrap();
        drop(vault);
        let copy = copy_of(dir.path());
        let path = values_path(copy.path());
        let good = fs::read(&path).unwrap();
        let bytes = [&good[..keep], &junk].concat();
        fs::write(&path, bytes).unwrap();
        match reopen(copy.path()) {
            Ok(vault) => prop_assert_eq!(vault.len(), 0),
            Err(error) => {
                let is_named = matches!(error, VaultError::Damaged { .. } | VaultError::NotAPair { .. });
                prop_assert!(is_named, "{}", error);
            }
        }
    }
}
