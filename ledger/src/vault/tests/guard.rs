//! Values that were cut off, or replaced by older ones, although every frame that is left is whole.

use super::*;
use crate::vault::frames::Extent;

/// A vault with three frames, vouched for, and where each of them ends.
fn three() -> (tempfile::TempDir, Vec<u64>) {
    let (dir, vault) = new_vault();
    let ends = ["张三", "李四", "王五"].iter().enumerate().map(|(who, name)| {
        vault.put(&[opening(who as u8, Field::Name, name)]).unwrap();
        vault.values.file.extent().end
    });
    let ends = ends.collect();
    vault.vouch().unwrap();
    (dir, ends)
}

fn cut(dir: &Path, at: u64) {
    fs::File::options().write(true).open(values_path(dir)).unwrap().set_len(at).unwrap();
}

fn open_as(dir: &Path, lost: Lost) -> Result<Vault, VaultError> {
    Vault::open_on(&Disk::default(), dir, MasterKey::load(dir)?, rng(99), lost)
}

#[test]
fn values_cut_off_at_a_frames_end_are_told_at_the_next_open() {
    let (dir, ends) = three();
    for at in [ends[1], ends[0], frames::HEADER_LEN as u64, ends[2] - 1] {
        let copy = copy_of(dir.path());
        cut(copy.path(), at);
        for _ in 0..2 {
            let refused = reopen(copy.path()).unwrap_err();
            assert!(matches!(&refused, VaultError::CutOff { wanted, .. } if *wanted == ends[2]), "{refused}");
            assert_eq!(fs::metadata(values_path(copy.path())).unwrap().len(), at, "nothing is changed");
        }
        let shown = open_as(copy.path(), Lost::Shown).unwrap();
        assert!(matches!(shown.fault(), Some(VaultError::CutOff { .. })));
        drop(shown);
        assert!(reopen(copy.path()).is_err(), "to look changes nothing");
        assert!(open_as(copy.path(), Lost::Accepted).unwrap().fault().is_none());
        assert!(reopen(copy.path()).is_ok(), "it was accepted");
    }
    assert_eq!(reopen(dir.path()).unwrap().len(), 3, "the whole file opens");
}

#[test]
fn an_older_or_another_file_in_the_place_of_the_values_is_told() {
    let (dir, _) = three();
    let older = copy_of(dir.path());
    let vault = reopen(dir.path()).unwrap();
    vault.put(&[opening(7, Field::Name, "赵六")]).unwrap();
    vault.erase([0; 16]).unwrap();
    let gone = vault.collect_orphans(vault.mark(), |_| true).unwrap();
    assert_eq!(gone, 1, "the erased person's value");
    drop(vault);
    assert_eq!(reopen(dir.path()).unwrap().len(), 3, "a removed value is no fault");
    fs::copy(values_path(older.path()), values_path(dir.path())).unwrap();
    assert!(matches!(reopen(dir.path()), Err(VaultError::CutOff { .. })));
}

#[test]
fn a_power_cut_while_values_are_removed_leaves_either_file_and_both_are_right() {
    let (dir, _) = three();
    let before = copy_of(dir.path());
    let extent = |dir: &Path| Guard::read(&Disk::default(), &values_path(dir)).unwrap().0[0];
    let vault = reopen(dir.path()).unwrap();
    vault.erase([1; 16]).unwrap();
    assert_eq!(vault.collect_orphans(vault.mark(), |_| true).unwrap(), 1);
    drop(vault);
    let both = Guard(vec![extent(before.path()), extent(dir.path())]);
    for side in [before.path(), dir.path()] {
        both.write(&Disk::default(), &values_path(side)).unwrap();
        drop(reopen(side).unwrap());
        assert_eq!(Guard::read(&Disk::default(), &values_path(side)).unwrap().0.len(), 1);
    }
}

#[test]
fn a_guard_that_is_gone_or_changed_is_named() {
    let (dir, _) = three();
    let path = Guard::path(&values_path(dir.path()));
    let good = fs::read(&path).unwrap();
    fs::remove_file(&path).unwrap();
    assert!(matches!(reopen(dir.path()), Err(VaultError::Missing(missing)) if missing == path));
    fs::write(&path, &good[..good.len() - 2]).unwrap();
    assert!(matches!(reopen(dir.path()), Err(VaultError::Damaged { .. })));
    assert!(open_as(dir.path(), Lost::Shown).unwrap().fault().is_some());
    assert!(open_as(dir.path(), Lost::Accepted).is_ok());
    assert_eq!(fs::read(&path).unwrap(), good);
}

#[test]
fn what_came_after_the_guard_was_written_may_be_there_or_not() {
    let (dir, ends) = three();
    let vault = reopen(dir.path()).unwrap();
    vault.put(&[opening(9, Field::Name, "孙七")]).unwrap();
    drop(vault);
    let copy = copy_of(dir.path());
    cut(copy.path(), ends[2]);
    assert_eq!(reopen(copy.path()).unwrap().len(), 3, "a put that had not returned");
    assert_eq!(reopen(dir.path()).unwrap().len(), 4);
    assert_ne!(Guard::read(&Disk::default(), &values_path(dir.path())).unwrap().0, [Extent::EMPTY]);
}
