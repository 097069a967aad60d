//! Small numbers for sixteen-byte ids, in order of first appearance.

use std::hash::{BuildHasher as _, Hash};

use hourbook_ledger::save_fields;
use hourbook_ledger::store::lazy::{LazyMap, LazyVec, Record};
use rustc_hash::FxBuildHasher;

/// Numbers ids from zero. An id is kept once: the way from an id to its number goes by 32 bits of its hash, or by the
/// next free value where another id has the same.
#[derive(Debug)]
pub(crate) struct Interned<K> {
    ids: LazyVec<K>,
    numbers: LazyMap<u32, u32>,
}

save_fields!({K: Record} Interned<K> { ids, numbers });

impl<K> Default for Interned<K> {
    fn default() -> Self {
        Self { ids: LazyVec::default(), numbers: LazyMap::default() }
    }
}

impl<K: Copy + Eq + Hash + Record> Interned<K> {
    /// The id's number, a new one if it has none.
    ///
    /// # Panics
    /// If there are 2^32 ids.
    pub(crate) fn number(&mut self, id: K) -> u32 {
        self.look(&id).unwrap_or_else(|free| {
            let number = u32::try_from(self.ids.len()).expect("fewer than 2^32 ids");
            self.ids.push(id);
            self.numbers.insert(free, number);
            number
        })
    }

    /// The id's number, if it has one.
    pub(crate) fn find(&self, id: K) -> Option<u32> {
        self.look(&id).ok()
    }

    /// The id's number, or the value under which it is to be found from now on.
    fn look(&self, id: &K) -> Result<u32, u32> {
        let hash = FxBuildHasher.hash_one(id);
        let mut value = (hash >> 32) as u32 ^ hash as u32;
        loop {
            let number = *self.numbers.get(&value).ok_or(value)?;
            if self.ids[number as usize] == *id {
                return Ok(number);
            }
            value = value.wrapping_add(1);
        }
    }

    /// The id that a number stands for.
    pub(crate) fn id(&self, number: u32) -> K {
        self.ids[number as usize]
    }

    /// How many ids have a number.
    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }

    /// The ids, by number.
    pub(crate) fn ids(&self) -> impl DoubleEndedIterator<Item = &K> {
        self.ids.iter()
    }
}
