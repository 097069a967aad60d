//! A new journal file for which there is no descriptor just now.

use std::path::Path;

use super::conformance::{Maker, small};
use super::{Background, OpenOptions, open};
use crate::disk::simulated::{Fault, SimulatedDisk};

const LOG: &str = "/ledger/log";

#[test]
fn a_shortage_at_a_new_journal_file_passes_and_nothing_is_lost() {
    let mut passed = 0;
    for at in 0..50 {
        let world = SimulatedDisk::new(at);
        let options = || OpenOptions {
            disk: world.disk(),
            background: Background::Stepped,
            journal_bytes: 1 << 12,
            ..small()
        };
        let mut maker = Maker::new();
        let (mut writer, reader, _) = open(Path::new(LOG), options()).unwrap();
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
        let (mut writer, reader, _) = open(Path::new(LOG), options()).unwrap();
        maker.assert_is(&*reader);
        writer.append(maker.group(5, 300)).unwrap();
        maker.assert_is(&*reader);
    }
    assert!(passed >= 5, "creating a file takes some operations, each of which may find none left: {passed}");
}
