//! The embedded engine against a plain vector: random groups, readers in between, random ends and openings.

use std::sync::atomic::{AtomicBool, Ordering};

use proptest::prelude::*;
use tempfile::TempDir;

use super::conformance::{Maker, open_small};
use super::naive;
use crate::merkle::{Hash, root_of};

#[derive(Debug, Clone)]
enum Step {
    Append { count: usize, bytes: usize },
    Read { from: u64, max: usize },
    Tile { index: u64, width: u16 },
    Reopen { orderly: bool },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (1_usize..400, 20_usize..300).prop_map(|(count, bytes)| Step::Append { count, bytes }),
        3 => (0_u64..3_000, 0_usize..700).prop_map(|(from, max)| Step::Read { from, max }),
        3 => (0_u64..12, 1_u16..=256).prop_map(|(index, width)| Step::Tile { index, width }),
        2 => any::<bool>().prop_map(|orderly| Step::Reopen { orderly }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_log_is_a_vector(steps in prop::collection::vec(step(), 1..40)) {
        let dir = TempDir::new().unwrap();
        let mut maker = Maker::new();
        let (mut writer, mut reader, _) = open_small(dir.path());
        for step in steps {
            match step {
                Step::Append { count, bytes } => writer.append(maker.group(count, bytes)).unwrap(),
                Step::Read { from, max } => naive::check_read(&*reader, &maker.entries, from, max).unwrap(),
                Step::Tile { index, width } => {
                    naive::check_tile(&*reader, &maker.entries, 0, index, width).unwrap();
                    naive::check_tile(&*reader, &maker.entries, 1, 0, width).unwrap();
                }
                Step::Reopen { orderly } => {
                    if orderly { writer.close().unwrap() } else { drop(writer) }
                    drop(reader);
                    (writer, reader, _) = open_small(dir.path());
                }
            }
            prop_assert_eq!(reader.head(), maker.head());
        }
        maker.assert_is(&*reader);
    }
}

/// 70,000 entries: more than 256 bundles, hence a full index page, a full tile of level 1 and a level 2.
#[test]
fn a_log_of_several_tile_levels_comes_back() {
    let dir = TempDir::new().unwrap();
    let mut maker = Maker::new();
    let options = super::OpenOptions { journal_bytes: 1 << 20, ..super::OpenOptions::default() };
    let (mut writer, _, _) = super::open(dir.path(), options.clone()).unwrap();
    for _ in 0..70 {
        writer.append(maker.group(1_000, 24)).unwrap();
    }
    writer.close().unwrap();
    let (mut writer, reader, recovered) = super::open(dir.path(), options).unwrap();
    assert_eq!((recovered.sealed, recovered.replayed), (69_888, 112));
    for _ in 0..2 {
        maker.assert_is(&*reader);
        let leaves: Vec<Hash> = maker.entries.iter().map(|entry| entry.leaf).collect();
        let bundles: Vec<Hash> = leaves.chunks_exact(256).map(root_of).collect();
        assert_eq!(reader.tile(1, 0, 256).unwrap(), Some(bundles[..256].concat()));
        assert_eq!(reader.tile(1, 1, 17).unwrap(), Some(bundles[256..273].concat()));
        assert_eq!(reader.tile(2, 0, 1).unwrap(), Some(root_of(&leaves[..65_536]).to_vec()));
        assert_eq!(reader.tile(0, 200, 77).unwrap(), Some(leaves[51_200..51_277].concat()));
        writer.append(maker.group(300, 24)).unwrap();
    }
}

/// A reader never sees anything but whole groups, in order, while the writer writes and the sealer seals.
#[test]
fn readers_beside_the_writer_see_a_growing_log_of_whole_groups() {
    const GROUP: usize = 50;
    let dir = TempDir::new().unwrap();
    let (mut writer, reader, _) = open_small(dir.path());
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let watch = || {
            let (mut next, mut rounds) = (0_u64, 0);
            while !done.load(Ordering::Relaxed) || next < reader.head().size {
                let size = reader.head().size;
                assert!(size.is_multiple_of(GROUP as u64));
                let read = reader.read(next, usize::MAX).unwrap();
                assert!(next + read.len() as u64 >= size);
                for (position, bytes) in &read {
                    assert_eq!((*position, bytes), (next, &super::conformance::entry(next, 80).bytes));
                    next += 1;
                }
                assert!(reader.tile(0, size / 512, 200).is_ok());
                rounds += 1;
            }
            assert!(rounds > 10);
            next
        };
        let watchers = [scope.spawn(watch), scope.spawn(watch)];
        let mut maker = Maker::new();
        for _ in 0..300 {
            writer.append(maker.group(GROUP, 80)).unwrap();
        }
        done.store(true, Ordering::Relaxed);
        for watcher in watchers {
            assert_eq!(watcher.join().unwrap(), 300 * GROUP as u64);
        }
    });
}
