//! Small towns: the same seed gives the same log, and what was built is sound.

use hourbook_ledger::clock::ManualClock;
use hourbook_ledger::domain::event::OrgKind;
use hourbook_ledger::domain::time::Millis;

use super::*;

fn small(seed: u64, weeks: usize) -> (Built, tempfile::TempDir) {
    town(seed, 60, weeks)
}

fn town(seed: u64, people: usize, weeks: usize) -> (Built, tempfile::TempDir) {
    let (data, sheets) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let options = Options {
        seed,
        people,
        weeks,
        until: "2026-11-21".parse().unwrap(),
        data: data.path(),
        sheets: sheets.path(),
        watch: &ManualClock::at(Millis(0)),
        progress: &|_| {},
    };
    (build(&options).unwrap(), data)
}

#[test]
fn one_seed_gives_one_root_and_another_seed_another() {
    let ((first, _a), (second, _b), (other, _c)) = (small(7, 3), small(7, 3), small(8, 3));
    assert_eq!((first.root, &first.figures, &first.codes), (second.root, &second.figures, &second.codes));
    assert_ne!(first.root, other.root);
    assert!(first.figures.rows > 0 && first.codes.len() == 4);
}

#[test]
fn towns_of_any_size_can_be_built() {
    // Of 300 some join only after a history so short.
    for (people, weeks) in [(1, 1), (LEAST, 6), (300, 2)] {
        let (built, _data) = town(SEED, people, weeks);
        assert_eq!((built.figures.members, built.codes.len()), (people.max(LEAST), 4));
    }
    assert_eq!(LEAST, divisions::communities().len());
}

#[test]
fn the_town_is_an_ordinary_ledger_whose_lists_can_be_recomputed() {
    let (built, data) = small(7, 16);
    let read = hourbook_projections::ReadSide::new();
    let options = hourbook_ledger::ledger::LedgerOptions::new(
        std::sync::Arc::new(ManualClock::at(Millis(0))),
        seeded::Seeds(1).dice("test", 1).into_rng(),
        seeded::Seeds(1).dice("test", 2).into_rng(),
    );
    let node = hourbook_ledger::ledger::open(data.path(), options, || Box::new(read.clone())).unwrap();
    assert_eq!(node.reader.head().root, built.root);
    {
        let models = read.read();
        let lists = models.lists.published();
        assert_eq!(lists.len(), 14, "one for each community and one for the town");
        assert!(lists.iter().all(|list| models.reproduces(list)));
        assert_eq!(models.accounts.sum(), 0);
        assert!(models.accounts.volume() > 0);
        let orgs = models.directory.orgs();
        assert_eq!(orgs.iter().filter(|(_, org)| org.kind == OrgKind::Community).count(), 13);
    }
    node.close();
}
