//! Starts from snapshots, and refusals to start, over the real engine in a temporary directory.

use crate::domain::event::{Body, LedgerEvent};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use super::*;
use crate::domain::ids::OrgId;
use crate::follower::{BadSnapshot, LoggedEvent, Snapshots};
use crate::ledger::{LedgerError, LedgerOptions};
use crate::sequencer::SubmitError;
use crate::sequencer::tests::Bench;

/// A follower that remembers which positions it was told of.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<u64>>>);

impl Follower for Told {
    fn follow(&mut self, events: Arc<Vec<LoggedEvent>>) {
        self.0.lock().extend(events.iter().map(|c| c.position));
    }

    fn replay_from(&mut self) -> ReplayFrom<'_> {
        ReplayFrom::Snapshot(self)
    }
}

impl Snapshots for Told {
    fn build(&self) -> &str {
        "told"
    }

    fn save(&self, to: &mut dyn Write) -> io::Result<()> {
        to.write_all(&postcard::to_stdvec(&*self.0.lock()).unwrap())
    }

    fn restore(&mut self, saved: Bytes) -> Result<(), BadSnapshot> {
        *self.0.lock() = postcard::from_bytes(&saved).map_err(|_| BadSnapshot)?;
        Ok(())
    }

    fn forget(&mut self) {
        self.0.lock().clear();
    }

    fn apart(&self) -> Box<dyn Follower> {
        Box::new(Self::default())
    }
}

fn options(bench: &Bench) -> LedgerOptions {
    let mut options = bench.options();
    options.derived.digest_every = 4;
    options.derived.snapshot_every = 0;
    options.derived.snapshot_worth = 1;
    options
}

/// Opens it anew and tells how many entries a snapshot spared.
fn reopen(bench: &mut Bench) -> (u64, Told) {
    let told = Told::default();
    bench.open_as(options(bench), Box::new(told.clone())).unwrap();
    (bench.ledger().spared, told)
}

fn grow(bench: &mut Bench, orgs: std::ops::Range<u8>) {
    for n in orgs {
        let org = bench.org(OrgId([n; 16]));
        bench.submit(vec![org]).unwrap();
    }
}

fn digest(bench: &Bench) -> [u8; 32] {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(bench.ledger().handle.read_state(|state, _| state.digest())).unwrap()
}

fn size(bench: &Bench) -> u64 {
    bench.ledger().reader.head().size
}

#[test]
fn a_snapshot_and_what_follows_give_what_the_whole_log_gives() {
    let mut bench = Bench::new();
    reopen(&mut bench);
    grow(&mut bench, 30..50);
    let known = bench.org(OrgId([60; 16]));
    let receipt = bench.submit(vec![known.clone()]).unwrap();
    let first = size(&bench);
    let (spared, _) = reopen(&mut bench);
    assert_eq!(spared, first, "closed in good order: nothing is left to read");
    assert_eq!(bench.submit(vec![known]).unwrap(), receipt, "an id from before is known");
    grow(&mut bench, 70..80);
    // What came after the snapshot is read: as if the power had gone, without one at the end.
    let mut without = options(&bench);
    without.derived.snapshot_worth = u64::MAX;
    bench.node.take().unwrap().close();
    for (position, path) in snapshots_of(&bench) {
        if position > first {
            std::fs::remove_file(path).unwrap();
        }
    }
    let told = Told::default();
    bench.open_as(without, Box::new(told.clone())).unwrap();
    let (spared, size, from_snapshot) = (bench.ledger().spared, size(&bench), digest(&bench));
    assert!(spared == first && size > first + 10, "{spared} of {size}");
    assert_eq!(*told.0.lock(), (0..size).collect::<Vec<_>>(), "the follower has all of it");
    let everything = Arc::new(Mutex::new(0));
    let counted = everything.clone();
    let count = move |events: Arc<Vec<LoggedEvent>>| *counted.lock() += events.len() as u64;
    bench.open_as(options(&bench), Box::new(count)).unwrap();
    assert_eq!(
        (bench.ledger().spared, *everything.lock()),
        (0, size),
        "who wants everything is told everything"
    );
    assert_eq!(digest(&bench), from_snapshot);
}

fn snapshots_of(bench: &Bench) -> Vec<(u64, std::path::PathBuf)> {
    let dir = bench.dir.path().join("log").join("snapshots");
    let files = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    files.map(|path| (path.extension().unwrap().to_str().unwrap().parse().unwrap(), path)).collect()
}

/// A ledger with one snapshot, which `change` may spoil.
fn with_one_snapshot(change: impl FnOnce(&mut Header, &mut Vec<u8>)) -> Bench {
    let mut bench = Bench::new();
    grow(&mut bench, 30..45);
    reopen(&mut bench);
    let files = bench.ledger().snapshots.clone();
    let (position, bytes) = files.latest(NAME, u64::MAX).unwrap().expect("taken after the long way");
    let mut content = Content::from_bytes(bytes.into()).unwrap();
    let mut state = content.state.to_vec();
    change(&mut content.header, &mut state);
    let Content { header, recent, followers, .. } = content;
    let parts: [WriteContent<'_>; _] =
        [&mut |to| to.write_all(&recent), &mut |to| to.write_all(&state), &mut |to| to.write_all(&followers)];
    put(&files, position, &header, parts).unwrap();
    bench
}

#[test]
fn what_does_not_fit_is_passed_over() {
    type Change = fn(&mut Header, &mut Vec<u8>);
    let cases: [(&str, Change, bool); 7] = [
        ("nothing", |_, _| {}, true),
        ("another format", |header, _| header.format += 1, false),
        ("another build", |header, _| header.build.push('x'), false),
        ("other followers", |header, _| header.followers.push('x'), false),
        ("another ledger", |header, _| header.origin.push('x'), false),
        ("another history", |header, _| header.root[0] ^= 1, false),
        ("half a state", |_, state| state.truncate(state.len() / 2), false),
    ];
    for (what, change, fits) in cases {
        let mut bench = with_one_snapshot(change);
        let size = size(&bench);
        let (spared, told) = reopen(&mut bench);
        assert_eq!(spared, if fits { size } else { 0 }, "{what}");
        assert_eq!(*told.0.lock(), (0..size).collect::<Vec<_>>(), "{what}");
        if !fits {
            assert_eq!(reopen(&mut bench).0, size, "{what}: there is a new one after the long way");
        }
    }
}

#[test]
fn a_damaged_snapshot_is_passed_over() {
    let mut bench = with_one_snapshot(|_, _| {});
    bench.node.take().unwrap().close();
    let (_, path) = snapshots_of(&bench).pop().unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x10;
    std::fs::write(&path, bytes).unwrap();
    assert_eq!(reopen(&mut bench).0, 0);
}

#[test]
fn digests_stand_after_every_so_many_entries_and_are_reproduced() {
    let mut bench = Bench::new();
    reopen(&mut bench);
    grow(&mut bench, 30..50);
    let entries = bench.ledger().reader.read(0, 100).unwrap();
    let digests: Vec<(u64, u64)> = entries
        .iter()
        .filter_map(|(at, bytes)| match crate::replay::decode(*at, bytes).unwrap().2.body {
            Body::Ledger(LedgerEvent::StateDigest { position, .. }) => Some((*at, position)),
            _ => None,
        })
        .collect();
    assert!(digests.len() >= 4, "{digests:?}");
    for (index, (at, position)) in digests.iter().enumerate() {
        assert_eq!(*at, 4 * (index as u64 + 1), "right where the log passes a multiple of the interval");
        assert_eq!(position + 1, *at);
    }
    reopen(&mut bench);
}

/// The ledger's own key vouches for a state that nobody derives.
fn say_falsely(bench: &mut Bench) -> u64 {
    let (ledger, after) = (bench.ledger().ledger.clone(), size(bench) - 1);
    let body = Body::Ledger(LedgerEvent::StateDigest { position: after, rules: 1, digest: [7; 32] });
    let falsely = bench.sign(&ledger, body);
    bench.submit(vec![falsely]).unwrap();
    after
}

#[test]
fn a_build_that_derives_another_state_refuses_to_start() {
    let mut bench = Bench::new();
    bench.open_as(options(&bench), Box::new(crate::follower::NoopFollower)).unwrap();
    grow(&mut bench, 30..33);
    let said = say_falsely(&mut bench);
    let refused = bench.open_as(options(&bench), Box::new(Told::default())).map(|()| "opened");
    match refused {
        Err(LedgerError::Replay(ReplayError::OtherState { after, logged, .. })) => {
            assert_eq!((after, logged), (said, "07".repeat(32)));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_builder_keeps_up_behind_the_writer_and_notices_drift() {
    let mut bench = Bench::new();
    let mut often = options(&bench);
    (often.derived.snapshot_every, often.derived.snapshot_worth) = (8, u64::MAX);
    bench.open_as(often, Box::new(Told::default())).unwrap();
    grow(&mut bench, 30..45);
    let files = bench.ledger().snapshots.clone();
    let taken = || files.latest(NAME, u64::MAX).unwrap().map(|(position, _)| position);
    wait_until("a snapshot is taken", || taken().is_some_and(|position| position >= 8));
    say_falsely(&mut bench);
    grow(&mut bench, 50..60);
    let mut number = 100;
    wait_until("the drift is noticed", || {
        number += 1;
        let org = bench.org(OrgId([number; 16]));
        matches!(bench.submit(vec![org]), Err(SubmitError::Stopped(why)) if why.contains(&"07".repeat(32)))
    });
}

fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..100 {
        if holds() {
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("not within ten seconds: {what}");
}
