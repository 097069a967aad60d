//! A vault whose disk is full for a while.

use super::*;
use crate::disk::simulated::{Fault, SimulatedDisk};

const DIR: &str = "/ledger";

fn disk() -> SimulatedDisk {
    let world = SimulatedDisk::new(7);
    world.disk().create_dir(Path::new(DIR)).unwrap();
    Vault::init_on(&world.disk(), Path::new(DIR), &mut *rng(1)).unwrap();
    world
}

fn open(world: &SimulatedDisk, seed: u64) -> Vault {
    let disk = world.disk();
    let master = MasterKey::load_from(&disk, Path::new(DIR)).unwrap();
    Vault::open_on(&disk, Path::new(DIR), master, rng(seed), Lost::Refused).unwrap()
}

fn opening(n: u32) -> Opening {
    let mut subject = [9; 16];
    subject[..4].copy_from_slice(&n.to_be_bytes());
    let mut salt = [1; 32];
    salt[..4].copy_from_slice(&n.to_be_bytes());
    Opening::new(subject, Field::Note, salt, &"长".repeat(300)).unwrap()
}

/// Values that are put at once: a megabyte, which is what is set aside at once, has room for a few such.
const TOGETHER: u32 = 250;

fn some(from: u32) -> Vec<Opening> {
    (from..from + TOGETHER).map(opening).collect()
}

/// Puts values until some are refused for want of room; answers how many were put.
fn fill(vault: &Vault, from: u32, rounds: u32) -> (u32, bool) {
    for round in 0..rounds {
        match vault.put(&some(from + round * TOGETHER)) {
            Ok(()) => {}
            Err(VaultError::Full { .. }) => return (from + round * TOGETHER, true),
            Err(error) => panic!("{error}"),
        }
    }
    (from + rounds * TOGETHER, false)
}

fn assert_holds(vault: &Vault, count: u32) {
    for n in 0..count {
        assert!(vault.get(&opening(n).commitment()).unwrap().is_some(), "{n} of {count}");
    }
}

#[test]
fn a_put_that_finds_no_room_leaves_nothing_and_the_next_one_that_does_is_durable() {
    for at in 0..9 {
        let world = disk();
        let vault = open(&world, 2 + at);
        world.order(Fault::Full, at);
        let (put, was_refused) = fill(&vault, 0, 12);
        assert!(was_refused, "{at}: a megabyte is full at last");
        assert!(matches!(vault.put(&some(put)), Err(VaultError::Full { .. })), "{at}: as long as it is");
        assert!(vault.get(&opening(put).commitment()).unwrap().is_none());
        world.set_full(false);
        assert_eq!(fill(&vault, put, 1), (put + TOGETHER, false), "{at}: without a restart");
        vault.vouch().unwrap();
        world.cut_power();
        drop(vault);
        world.restart();
        let vault = open(&world, 9_000 + at);
        assert_eq!(vault.lost_subjects(), 0, "{at}: no value without its key");
        assert_holds(&vault, put + TOGETHER);
    }
}

#[test]
fn what_was_promised_finds_room_also_after_an_erasure_has_replaced_the_keys() {
    let world = disk();
    let vault = open(&world, 2);
    vault.put(&some(0)[..10]).unwrap();
    let coming: Vec<Opening> = (10..60).map(opening).collect();
    let promised = vault.promise(coming.iter()).unwrap();
    vault.erase(opening(3).subject).unwrap();
    world.set_full(true);
    let more: Vec<Opening> = (100..3_000).map(opening).collect();
    assert!(matches!(vault.promise(more.iter()), Err(VaultError::Full { .. })));
    vault.put(&coming).unwrap();
    vault.give_back(promised);
    assert!(matches!(vault.erase(opening(4).subject), Err(VaultError::Full { .. })), "it waits for room");
    assert!(!vault.is_erased(&opening(4).subject));
    world.set_full(false);
    assert!(vault.erase(opening(4).subject).unwrap());
    assert!(vault.get(&opening(20).commitment()).unwrap().is_some());
    assert!(vault.get(&opening(4).commitment()).unwrap().is_none());
}
