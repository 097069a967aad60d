//! What there is none of just now, and will be again: descriptors for a new journal file, room on the disk.

use std::path::Path;
use std::sync::Arc;

use super::conformance::{Maker, small};
use super::{Background, EngineError, LogWriter, OpenOptions, Opened, Retryable, open};
use crate::disk::simulated::{Fault, SimulatedDisk};

const LOG: &str = "/ledger/log";

fn options(world: &SimulatedDisk) -> OpenOptions {
    OpenOptions { disk: world.disk(), background: Background::Stepped, journal_bytes: 1 << 12, ..small() }
}

fn is_full<T>(answer: &Result<T, EngineError>) -> bool {
    matches!(answer, Err(EngineError::Retryable(Retryable::Full { .. })))
}

#[test]
fn a_shortage_at_a_new_journal_file_passes_and_nothing_is_lost() {
    let mut passed = 0;
    for at in 0..50 {
        let world = SimulatedDisk::new(at);
        let mut maker = Maker::new();
        let (mut writer, reader, _) = open(Path::new(LOG), options(&world)).unwrap();
        world.order(Fault::Shortage, at);
        if !(0..20).all(|_| writer.append(maker.group(5, 300)).is_ok()) {
            // A write in the middle of the journal failed: that is another matter.
            continue;
        }
        assert_eq!(world.counts().errors, 1, "{at}: the fault came");
        passed += 1;
        maker.assert_is(&*reader);
        drop((writer, reader));
        world.restart();
        let (mut writer, reader, _) = open(Path::new(LOG), options(&world)).unwrap();
        maker.assert_is(&*reader);
        writer.append(maker.group(5, 300)).unwrap();
        maker.assert_is(&*reader);
    }
    assert!(passed >= 5, "creating a file takes some operations, each of which may find none left: {passed}");
}

type Filled = (usize, Option<Arc<super::Group>>);

/// Appends what fits; answers how many groups did, and the one that did not.
fn fill(writer: &mut dyn LogWriter, maker: &mut Maker, most: usize) -> Result<Filled, EngineError> {
    for done in 0..most {
        let (before, entries) = (maker.frontier.clone(), maker.entries.len());
        let group = maker.group(40, 200);
        let answer = writer.append(Arc::clone(&group));
        if is_full(&answer) {
            maker.frontier = before;
            maker.entries.truncate(entries);
            return Ok((done, Some(group)));
        }
        answer?;
        while writer.work()? {}
    }
    Ok((most, None))
}

/// What became of a log whose disk is full from some operation on.
enum Fate {
    WentOn,
    /// The disk was not full in its life.
    Untouched,
    /// Somebody else took the room after it had been asked for and before the store wrote, and sled ends with that.
    Ended,
}

fn live_through(world: &SimulatedDisk, at: u64) -> Fate {
    let mut maker = Maker::new();
    let (mut writer, reader, _) = open(Path::new(LOG), options(world)).unwrap();
    world.order(Fault::Full, at);
    if fill(&mut *writer, &mut maker, 12).is_err() {
        return Fate::Ended;
    }
    world.call_off();
    if !world.is_full() {
        return Fate::Untouched;
    }
    // What was set aside may be used up still, and no more.
    assert!(is_full(&writer.room().promise(2 << 20)));
    let before = maker.frontier.clone();
    let entries = maker.entries.len();
    let group = maker.group(20, 60_000);
    assert!(is_full(&writer.append(Arc::clone(&group))), "it does not fit");
    assert!(is_full(&writer.append(group)), "as long as it is");
    maker.frontier = before;
    maker.entries.truncate(entries);
    maker.assert_is(&*reader);
    world.set_full(false);
    maker.salt += 1 << 32;
    assert_eq!(fill(&mut *writer, &mut maker, 5).unwrap().0, 5, "without a restart");
    maker.assert_is(&*reader);
    world.cut_power();
    drop((writer, reader));
    world.restart();
    let (mut writer, reader, _) = open(Path::new(LOG), options(world)).unwrap();
    maker.assert_is(&*reader);
    assert_eq!(fill(&mut *writer, &mut maker, 5).unwrap().0, 5);
    Fate::WentOn
}

/// The disk is full from each operation on in turn, among them those of new journal files, of sealing and of deleting.
#[test]
fn a_disk_that_is_full_from_any_operation_on_refuses_groups_whole_and_goes_on_when_there_is_room() {
    let (mut went_on, mut ended, mut at) = (0, 0, 0);
    loop {
        match live_through(&SimulatedDisk::new(at), at) {
            Fate::WentOn => went_on += 1,
            Fate::Ended => ended += 1,
            Fate::Untouched => break,
        }
        at += 1;
    }
    println!("full at each of {at} operations: {went_on} went on, {ended} have to be started again");
    assert!(went_on > 60 && went_on > 4 * ended, "{went_on} and {ended}");
}

#[test]
fn what_was_promised_finds_room_on_a_full_disk_also_across_a_new_journal_file() {
    let world = SimulatedDisk::new(1);
    let mut maker = Maker::new();
    let (mut writer, reader, _): Opened = open(Path::new(LOG), options(&world)).unwrap();
    let room = writer.room();
    let bytes = 10 * (40 * (300 + super::ENTRY_OVERHEAD) + super::GROUP_OVERHEAD);
    room.promise(bytes).unwrap();
    world.set_full(true);
    assert!(is_full(&room.promise(16 << 20)));
    for _ in 0..10 {
        writer.append(maker.group(40, 300)).unwrap();
    }
    room.give_back(bytes);
    maker.assert_is(&*reader);
    world.set_full(false);
    room.promise(16 << 20).unwrap();
    drop((writer, reader));
    world.restart();
    let (_, reader, _) = open(Path::new(LOG), options(&world)).unwrap();
    maker.assert_is(&*reader);
}

#[test]
fn while_nothing_can_be_sealed_a_writer_is_refused_before_it_would_have_to_wait() {
    let world = SimulatedDisk::new(1);
    let mut maker = Maker::new();
    let (mut writer, reader, _) = open(Path::new(LOG), options(&world)).unwrap();
    let room = writer.room();
    room.promise(64 << 20).unwrap();
    world.set_full(true);
    // The journal has room, sealing has not.
    let mut rounds = 0;
    while room.promise(0).is_ok() {
        writer.append(maker.group(1_000, 600)).unwrap();
        room.give_back(700_000);
        assert!(!writer.work().unwrap());
        rounds += 1;
        assert!(rounds < 200, "memory has a bound");
    }
    assert!(rounds > 10, "{rounds}");
    world.set_full(false);
    while writer.work().unwrap() {}
    room.promise(0).unwrap();
    maker.assert_is(&*reader);
}
