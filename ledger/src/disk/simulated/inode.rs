//! What a file or a map has in the cache, what it has on the disk, and what lies between.

use std::collections::BTreeMap;

use super::super::Tree;
use super::rng::SeededRng;

/// The unit that disks write whole.
pub(super) const SECTOR: usize = 512;

/// A key of a map.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key(pub(super) Tree, pub(super) Vec<u8>);

#[derive(Debug, Clone)]
enum Change {
    Write { at: usize, bytes: Vec<u8> },
    Length(usize),
}

/// A file, or the map that is stood for by a file. In the cache and on the disk; the changes are what the cache has and
/// the disk has not.
#[derive(Debug, Clone, Default)]
pub(super) struct Inode {
    cache: Vec<u8>,
    disk: Vec<u8>,
    changes: Vec<Change>,
    map_cache: BTreeMap<Key, Vec<u8>>,
    map_disk: BTreeMap<Key, Vec<u8>>,
    map_changes: Vec<(Key, Option<Vec<u8>>)>,
    /// Up to where the file system has set room aside.
    reserved: usize,
}

/// What a power cut did to a file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Damage {
    pub(super) torn: bool,
    pub(super) lost: bool,
    pub(super) garbage: u64,
    pub(super) keys: u64,
}

impl Inode {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.cache
    }

    pub(super) fn get(&self, key: &Key) -> Option<Vec<u8>> {
        self.map_cache.get(key).cloned()
    }

    /// Whether writing up to there takes room that neither the file has nor was set aside for it.
    pub(super) fn needs_room(&self, end: usize) -> bool {
        end > self.cache.len().max(self.reserved)
    }

    pub(super) fn reserve(&mut self, end: usize) {
        self.reserved = self.reserved.max(end);
    }

    pub(super) fn write(&mut self, at: usize, bytes: &[u8]) {
        put(&mut self.cache, at, bytes);
        self.changes.push(Change::Write { at, bytes: bytes.to_vec() });
    }

    pub(super) fn set_len(&mut self, length: usize) {
        self.cache.resize(length, 0);
        self.reserved = self.reserved.min(length);
        self.changes.push(Change::Length(length));
    }

    pub(super) fn apply(&mut self, key: Key, value: Option<Vec<u8>>) {
        set(&mut self.map_cache, key.clone(), value.clone());
        self.map_changes.push((key, value));
    }

    /// Brings the changes to the disk. What an earlier failed sync dropped stays off it.
    pub(super) fn sync(&mut self) {
        for change in self.changes.drain(..) {
            match change {
                Change::Write { at, bytes } => put(&mut self.disk, at, &bytes),
                Change::Length(length) => self.disk.resize(length, 0),
            }
        }
        for (key, value) in self.map_changes.drain(..) {
            set(&mut self.map_disk, key, value);
        }
    }

    /// A sync failed, and the system takes the pages for clean: they are in the cache, and no sync writes them again.
    pub(super) fn forget_changes(&mut self) {
        self.changes.clear();
    }

    /// The power goes: what was not synced is there or not, as the dice say.
    pub(super) fn lose_power(&mut self, dice: &mut SeededRng, garbage: bool) -> Damage {
        let mut damage = Damage { keys: self.lose_keys(dice), ..Damage::default() };
        if !self.changes.is_empty() {
            match dice.below(4) {
                0 => damage.lost = true,
                1 => self.sync(),
                _ => {
                    damage.torn = true;
                    damage.garbage = self.tear(dice, garbage);
                }
            }
        }
        self.changes.clear();
        self.reserved = 0;
        self.cache = self.disk.clone();
        damage
    }

    /// Sector by sector the new or the old content, under one of the lengths that the file had.
    fn tear(&mut self, dice: &mut SeededRng, garbage: bool) -> u64 {
        let mut written = self.disk.clone();
        let mut lengths = vec![written.len()];
        let mut touched = Vec::new();
        for change in std::mem::take(&mut self.changes) {
            match change {
                Change::Write { at, bytes } => {
                    put(&mut written, at, &bytes);
                    touched.extend(at / SECTOR..(at + bytes.len()).div_ceil(SECTOR));
                }
                Change::Length(length) => {
                    let reached =
                        written.len().min(length) / SECTOR..written.len().max(length).div_ceil(SECTOR);
                    touched.extend(reached);
                    written.resize(length, 0);
                }
            }
            lengths.push(written.len());
        }
        touched.sort_unstable();
        touched.dedup();
        let (shortest, longest) = (lengths.iter().min().copied(), lengths.iter().max().copied());
        let (shortest, longest) = (shortest.unwrap_or(0), longest.unwrap_or(0));
        let length = match dice.below(3) {
            0 => shortest + dice.below((longest - shortest + 1) as u64) as usize,
            _ => lengths[dice.below(lengths.len() as u64) as usize],
        };
        self.disk.resize(length, 0);
        let keep = dice.below(3) + 1;
        let mut spoilt = 0;
        for sector in touched {
            let range = sector * SECTOR..((sector + 1) * SECTOR).min(length);
            if range.start >= range.end || dice.below(4) >= keep {
                continue;
            }
            let new: Vec<u8> = range.clone().map(|at| written.get(at).copied().unwrap_or(0)).collect();
            let is_garbage = garbage && dice.below(3) == 0 && self.disk[range.clone()] != new[..];
            if is_garbage {
                spoilt += 1;
                let old = self.disk[range.clone()].to_vec();
                let differs = (0..new.len()).filter(|at| old[*at] != new[*at]);
                // Only what was being written can turn into garbage: a synced byte of the same sector stays.
                differs.for_each(|at| self.disk[range.start + at] = dice.below(256) as u8);
            } else {
                self.disk[range].copy_from_slice(&new);
            }
        }
        spoilt
    }

    fn lose_keys(&mut self, dice: &mut SeededRng) -> u64 {
        let mut versions: BTreeMap<Key, Vec<Option<Vec<u8>>>> = BTreeMap::new();
        for (key, value) in self.map_changes.drain(..) {
            let old = self.map_disk.get(&key).cloned();
            versions.entry(key).or_insert_with(|| vec![old]).push(value);
        }
        let (all, mut lost) = (dice.below(4), 0);
        for (key, mut values) in versions {
            let kept = match all {
                0 => 0,
                1 => values.len() - 1,
                _ => dice.below(values.len() as u64) as usize,
            };
            lost += u64::from(kept + 1 < values.len());
            set(&mut self.map_disk, key, values.swap_remove(kept));
        }
        self.map_cache = self.map_disk.clone();
        lost
    }
}

fn put(bytes: &mut Vec<u8>, at: usize, new: &[u8]) {
    if bytes.len() < at + new.len() {
        bytes.resize(at + new.len(), 0);
    }
    bytes[at..at + new.len()].copy_from_slice(new);
}

fn set(map: &mut BTreeMap<Key, Vec<u8>>, key: Key, value: Option<Vec<u8>>) {
    match value {
        Some(value) => drop(map.insert(key, value)),
        None => drop(map.remove(&key)),
    }
}
