//! What a log must answer, computed from a plain list of its entries. Every check panics at a wrong answer and hands on an
//! error of the engine, which whoever injects faults may have to put up with.

use std::ops::Range;
use std::sync::Arc;

use super::conformance::id_ms;
use super::{EngineError, LogReader, NewEntry, Order};
use crate::merkle::{Hash, ProveError, inclusion_proof, root_of, verify_inclusion};

type Checked = Result<(), EngineError>;

pub(super) fn check_read(reader: &dyn LogReader, log: &[NewEntry], from: u64, max: usize) -> Checked {
    let all = (0..).zip(log).skip(usize::try_from(from).unwrap()).take(max);
    let expected: Vec<_> = all.map(|(at, entry)| (at, Arc::clone(&entry.bytes))).collect();
    assert!(reader.read(from, max)? == expected, "{max} entries from {from} on");
    let one = log.get(from as usize).map(|entry| Arc::clone(&entry.bytes));
    assert_eq!(reader.entry(from)?, one);
    Ok(())
}

pub(super) fn leaves(log: &[NewEntry]) -> Vec<Hash> {
    log.iter().map(|entry| entry.leaf).collect()
}

/// The root of the complete subtree at a binary level, if the log reaches so far.
fn subtree(log: &[NewEntry], level: u32, index: u64) -> Option<Hash> {
    let first = index.checked_mul(1_u64.checked_shl(level).filter(|_| level < 40)?)?;
    let end = first.checked_add(1 << level)?;
    (end <= log.len() as u64).then(|| root_of(&leaves(&log[first as usize..end as usize])))
}

pub(super) fn check_tile(
    reader: &dyn LogReader,
    log: &[NewEntry],
    level: u8,
    index: u64,
    width: u16,
) -> Checked {
    let is_tile = level < 64 && (1..=256).contains(&width);
    let nodes = (0..u64::from(width)).map(|at| {
        let index = index.checked_mul(256)?.checked_add(at)?;
        subtree(log, 8 * u32::from(level), index)
    });
    let expected = nodes.collect::<Option<Vec<Hash>>>().filter(|_| is_tile).map(|nodes| nodes.concat());
    let found = reader.tile(level, index, width)?;
    assert!(found == expected, "tile {level}/{index} of width {width}");
    Ok(())
}

pub(super) fn check_bundle(reader: &dyn LogReader, log: &[NewEntry], index: u64, width: u16) -> Checked {
    let first = index as usize * 256;
    let entries = log.get(first..first + usize::from(width)).filter(|_| (1..=256).contains(&width));
    let written = |entry: &NewEntry| [&(entry.bytes.len() as u16).to_be_bytes()[..], &entry.bytes].concat();
    let expected = entries.map(|entries| entries.iter().flat_map(written).collect::<Vec<u8>>());
    assert!(reader.bundle(index, width)? == expected, "bundle {index} of width {width}");
    Ok(())
}

/// A proof made of the log's nodes holds under the root of the first `size` entries.
pub(super) fn check_proof(
    reader: &dyn LogReader,
    log: &[NewEntry],
    index: u64,
    size: u64,
    root: &Hash,
) -> Checked {
    let node = |level, index| {
        Ok::<_, EngineError>(reader.node(level, index)?.expect("it lies in a tree that was published"))
    };
    let proof = match inclusion_proof(index, size, node) {
        Err(ProveError::Read(error)) => return Err(error),
        proof => proof.unwrap(),
    };
    verify_inclusion(&log[index as usize].leaf, index, size, &proof, root).unwrap();
    Ok(())
}

pub(super) fn check_node(reader: &dyn LogReader, log: &[NewEntry], level: u8, index: u64) -> Checked {
    let found = reader.node(level, index)?;
    assert_eq!(found, subtree(log, level.into(), index), "node {level}/{index}");
    Ok(())
}

pub(super) fn check_leaves(reader: &dyn LogReader, log: &[NewEntry], range: Range<u64>) -> Checked {
    let expected = log.get(range.start as usize..range.end as usize).map(leaves);
    assert!(reader.leaf_hashes(range.clone())? == expected, "leaf hashes of {range:?}");
    Ok(())
}

/// The one time, as a range.
pub(super) fn only(id_ms: u64) -> std::ops::RangeInclusive<u64> {
    id_ms..=id_ms
}

/// The bundle of the entry's id is among those that are named for its time.
pub(super) fn check_id(reader: &dyn LogReader, position: u64) {
    let named = reader.bundles_for_ids(only(id_ms(position)));
    assert!(named.contains(&(position / 256)), "bundles of the id at {position}: {named:?}");
    assert!(named.windows(2).all(|pair| pair[0] < pair[1]), "{named:?}");
}

/// All positions of a stream in a range are found, in either order, none passed over by a reader who asked for few; what
/// else is named belongs to other streams. Which others is not promised: sealed bundles name more of them than the
/// unsealed rest, and the sealer may work between two reads.
pub(super) fn check_stream(
    reader: &dyn LogReader,
    log: &[NewEntry],
    stream: u64,
    range: Range<u64>,
) -> Checked {
    let of_stream = |position: &u64| log[*position as usize].stream == stream;
    let in_range = range.start..range.end.min(log.len() as u64);
    let mut expected: Vec<u64> = in_range.clone().filter(of_stream).collect();
    for order in [Order::Forward, Order::Backward] {
        let comes_before = |a: u64, b: u64| match order {
            Order::Forward => a < b,
            Order::Backward => a > b,
        };
        for max in [usize::MAX, 0, 1, 7, 300, 20_000] {
            let named = reader.stream_positions(stream, range.clone(), order, max)?;
            let asked = format!("stream {stream:x} in {range:?}, {order:?}, at most {max}: {named:?}");
            assert!(named.len() <= max, "{asked}");
            assert!(named.iter().all(|position| in_range.contains(position)), "{asked}");
            assert!(named.windows(2).all(|pair| comes_before(pair[0], pair[1])), "{asked}");
            let reached = |position: &u64| {
                named.len() < max || named.last().is_some_and(|last| !comes_before(*last, *position))
            };
            let due: Vec<u64> = expected.iter().copied().filter(reached).collect();
            let found: Vec<u64> = named.iter().copied().filter(of_stream).collect();
            assert_eq!(found, due, "{asked}");
        }
        expected.reverse();
    }
    Ok(())
}
