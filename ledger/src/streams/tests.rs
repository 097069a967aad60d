//! Streams read from a log in memory, against the plainest way to do it.

use std::sync::Arc;

use chacha20::ChaCha20Rng;
use chacha20::rand_core::SeedableRng as _;
use ed25519_dalek::SigningKey;

use super::*;
use crate::actor::Actor;
use crate::domain::event::{Body, OrgKind, StreamKind};
use crate::domain::ids::{OrgId, PersonId};
use crate::domain::time::Millis;
use crate::engine::tests::memory::open_in_memory;
use crate::engine::{Group, Head, NewEntry};
use crate::merkle::{Frontier, leaf_hash};

const EVENTS: u64 = 700;

/// A log in which the streams of seven organisations alternate, each with the fingerprint that `mark` gives it.
fn log(mark: impl Fn(&Stream) -> u64) -> (Arc<dyn LogReader>, Vec<StreamEvent>) {
    let (mut writer, reader, _) = open_in_memory();
    let actor = Actor::new(PersonId([1; 16]), "ledger.example/log1", SigningKey::from_bytes(&[1; 32]));
    let mut rng = ChaCha20Rng::from_seed([3; 32]);
    let mut frontier = Frontier::new();
    let mut all: Vec<StreamEvent> = Vec::new();
    for position in 0..EVENTS {
        let org = OrgId([(position * position % 7) as u8; 16]);
        let name = format!("{position}");
        let body = Body::org_registered(org, OrgKind::Grid, name, None);
        let event = actor.event(Millis(1_772_409_600_000), &mut rng, body);
        let revision = all.iter().filter(|earlier| earlier.event.stream == event.stream).count() as u64;
        let bytes = wire::encode_entry(position, Millis(1), revision, &actor.sign(&event));
        let entry = NewEntry {
            id: event.id.0,
            stream: mark(&event.stream),
            leaf: leaf_hash(&bytes),
            bytes: bytes.clone().into(),
        };
        frontier.append(entry.leaf);
        let head = Head { size: position + 1, root: frontier.root(), checkpoint: Arc::from([]) };
        writer.append(Arc::new(Group { first: position, entries: vec![entry], head })).unwrap();
        all.push(StreamEvent { entry: wire::decode_entry(&bytes).unwrap(), event });
    }
    (reader, all)
}

fn read_all(mut reader: StreamReader<'_>, piece: usize) -> Vec<StreamEvent> {
    let mut all = Vec::new();
    loop {
        let found = reader.next(piece).unwrap();
        let ended = found.len() < piece;
        all.extend(found);
        if ended {
            assert!(reader.next(piece).unwrap().is_empty(), "nothing comes after the end");
            return all;
        }
    }
}

fn check<'a>(
    with: impl Fn(StreamReader<'a>) -> StreamReader<'a>,
    reader: &'a dyn LogReader,
    all: &[StreamEvent],
) {
    let org = |n: u8| Stream { kind: StreamKind::Org, id: [n; 16] };
    for stream in [0, 1, 2, 4, 3].map(org).into_iter().chain([Stream::LEDGER]) {
        let forward: Vec<StreamEvent> = all.iter().filter(|e| e.event.stream == stream).cloned().collect();
        let mut backward = forward.clone();
        backward.reverse();
        for piece in [1, 7, 1_000] {
            assert_eq!(read_all(with(StreamReader::new(reader, stream, Order::Forward)), piece), forward);
            assert_eq!(read_all(with(StreamReader::new(reader, stream, Order::Backward)), piece), backward);
        }
        for revision in [0, 1, 57, 99, 100, 101, 199, 200, 5_000, u64::MAX] {
            let after: Vec<_> = forward.iter().filter(|e| e.entry.revision >= revision).cloned().collect();
            let before: Vec<_> = backward.iter().filter(|e| e.entry.revision <= revision).cloned().collect();
            let read = |order| with(StreamReader::from_revision(reader, stream, revision, order));
            assert_eq!(read_all(read(Order::Forward), 7), after, "{stream:?} from {revision}");
            assert_eq!(read_all(read(Order::Backward), 7), before, "{stream:?} back from {revision}");
        }
    }
}

#[test]
fn a_stream_is_read_in_both_orders_and_from_any_revision() {
    let (reader, all) = log(fingerprint);
    check(|reader| reader, &*reader, &all);
}

#[test]
fn streams_with_one_fingerprint_are_told_apart() {
    let (reader, all) = log(|_| 7);
    check(|reader| StreamReader { fingerprint: 7, ..reader }, &*reader, &all);
}

/// The values are on disk: a change makes every index wrong.
#[test]
fn the_fingerprint_stays_what_it_is() {
    let of = |kind, id| fingerprint(&Stream { kind, id });
    let ids = [[0; 16], [7; 16], std::array::from_fn(|i| i as u8)];
    let marks: Vec<u64> =
        ids.iter().flat_map(|id| [of(StreamKind::Org, *id), of(StreamKind::Person, *id)]).collect();
    let expected = [
        14_804_455_941_960_215_590,
        8_883_187_925_210_353_900,
        1_415_874_158_122_404_863,
        12_269_168_519_308_544_862,
        8_980_280_345_807_387_243,
        7_891_902_157_550_113_516,
    ];
    assert_eq!(marks, expected);
    assert_ne!(of(StreamKind::Org, [1; 16]), of(StreamKind::Org, [0; 16]));
}
