//! Small numbers for sixteen-byte ids, in order of first appearance.

use std::hash::Hash;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::canonical::{Canonical, Sink};

/// Numbers ids from zero.
#[derive(Clone, Debug)]
pub(crate) struct Interned<K> {
    ids: Vec<K>,
    numbers: FxHashMap<K, u32>,
}

impl<K> Default for Interned<K> {
    fn default() -> Self {
        Self { ids: Vec::new(), numbers: FxHashMap::default() }
    }
}

impl<K: Copy + Eq + Hash> Interned<K> {
    /// The id's number, a new one if it has none.
    pub(crate) fn number(&mut self, id: K) -> u32 {
        let next = self.ids.len() as u32;
        let number = *self.numbers.entry(id).or_insert(next);
        if number == next {
            self.ids.push(id);
        }
        number
    }

    /// The id's number, if it has one.
    pub(crate) fn find(&self, id: K) -> Option<u32> {
        self.numbers.get(&id).copied()
    }

    /// The id that a number stands for.
    pub(crate) fn id(&self, number: u32) -> K {
        self.ids[number as usize]
    }

    /// How many ids have a number.
    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }
}

/// The ids in their order are all there is to keep.
impl<K: Serialize> Serialize for Interned<K> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.ids.serialize(to)
    }
}

impl<'de, K: Copy + Eq + Hash + Deserialize<'de>> Deserialize<'de> for Interned<K> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let ids: Vec<K> = Vec::deserialize(from)?;
        let mut numbers = FxHashMap::default();
        numbers.reserve(ids.len());
        numbers.extend(ids.iter().zip(0u32..).map(|(id, number)| (*id, number)));
        Ok(Self { ids, numbers })
    }
}

impl<K: Canonical> Canonical for Interned<K> {
    fn write(&self, out: &mut dyn Sink) {
        self.ids.write(out);
    }
}
