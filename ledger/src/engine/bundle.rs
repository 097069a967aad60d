//! A bundle: 256 entries as C2SP tlog-tiles lays them out, `u16be length || entry`, repeated.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use crate::merkle::{Hash, leaf_hash};

/// A bundle read back from the store, with the places of its entries.
pub(super) struct Bundle {
    raw: Vec<u8>,
    /// Where each entry's length begins; one more for the end.
    starts: Vec<u32>,
    leaves: OnceLock<Vec<Hash>>,
}

impl Bundle {
    /// Takes a bundle apart; `None` unless it is exactly `count` whole entries.
    pub(super) fn parse(raw: Vec<u8>, count: usize) -> Option<Self> {
        let mut starts = Vec::with_capacity(count + 1);
        let mut at = 0;
        starts.push(0);
        while at < raw.len() {
            let length = u16::from_be_bytes(*raw[at..].first_chunk()?);
            at += 2 + usize::from(length);
            starts.push(u32::try_from(at).ok()?);
        }
        let whole = at == raw.len() && starts.len() == count + 1;
        whole.then_some(Self { raw, starts, leaves: OnceLock::new() })
    }

    /// Its size in memory, near enough.
    pub(super) fn bytes(&self) -> usize {
        self.raw.len() + self.starts.len() * 36
    }

    /// An entry, without its length.
    pub(super) fn entry(&self, index: usize) -> &[u8] {
        &self.raw[self.starts[index] as usize + 2..self.starts[index + 1] as usize]
    }

    /// The first entries, with their lengths.
    pub(super) fn prefix(&self, width: usize) -> &[u8] {
        &self.raw[..self.starts[width] as usize]
    }

    /// Leaf hashes of some of its entries; computed once for all of them.
    pub(super) fn leaves(&self, range: Range<usize>) -> &[Hash] {
        let count = self.starts.len() - 1;
        &self.leaves.get_or_init(|| (0..count).map(|index| leaf_hash(self.entry(index))).collect())[range]
    }
}

/// Lays entries out as a bundle.
pub(super) fn join<'a>(entries: impl Iterator<Item = &'a Arc<[u8]>>) -> Vec<u8> {
    let mut raw = Vec::new();
    join_into(&mut raw, entries);
    raw
}

/// The same, at the end of a buffer.
pub(super) fn join_into<'a>(raw: &mut Vec<u8>, entries: impl Iterator<Item = &'a Arc<[u8]>>) {
    for entry in entries {
        raw.extend_from_slice(&(entry.len() as u16).to_be_bytes());
        raw.extend_from_slice(entry);
    }
}
