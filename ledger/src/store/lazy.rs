//! Containers that come back from a snapshot without being decoded. A city's state has millions of records, and most of
//! them are not looked at for weeks: they stay the bytes that they were until somebody asks for one nearby, and what was
//! never changed is written into the next snapshot as it came.

use std::collections::hash_map::Entry;
use std::fmt;
use std::hash::{BuildHasher, Hash};
use std::io::{self, Write};
use std::ops::{Index, IndexMut};
use std::sync::OnceLock;

use bytes::Buf;
pub use bytes::Bytes;
use rustc_hash::{FxBuildHasher, FxHashMap};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

/// What a snapshot can hold. Both ways are of the same build; nothing else is promised of the bytes.
pub trait Save: Sized {
    /// Writes it behind what is there.
    fn save(&self, to: &mut Saving<'_>);

    /// Reads it from the front; `None` if there are other bytes. What is decoded later is not looked at, see
    /// [`Self::validate`].
    fn load(from: &mut Saved) -> Option<Self>;

    /// Whether all of what was loaded can be decoded. Bytes that somebody else may have made are asked this before they are
    /// used: what they hold is decoded when it is needed, and then there is no way back.
    fn validate(&self) -> bool {
        true
    }
}

/// Writes a value: its records one after the other as they are encoded, so that there is never a second copy of gigabytes
/// in memory, then the lengths that say where each begins, which are known only now.
///
/// # Errors
/// Those of `to`.
pub fn save(value: &impl Save, to: &mut dyn Write) -> io::Result<()> {
    let mut saving = Saving::new(to, false);
    value.save(&mut saving);
    let Saving { lengths, outcome, .. } = saving;
    outcome?;
    to.write_all(&lengths)?;
    to.write_all(&(lengths.len() as u64).to_le_bytes())
}

/// SHA-256 of what [`save`] writes, but for how containers are divided and in which order maps lie: two values that were
/// made of the same are the same in it, whatever became of them on the way.
#[must_use]
pub fn digest(value: &impl Save) -> [u8; 32] {
    let mut bytes = Vec::new();
    let mut saving = Saving::new(&mut bytes, true);
    value.save(&mut saving);
    let lengths = saving.lengths;
    bytes.extend(lengths);
    Sha256::digest(bytes).into()
}

/// Reads what [`save`] wrote; `None` if there are other bytes.
#[must_use]
pub fn load<T: Save>(mut bytes: Bytes) -> Option<T> {
    let mut tail = bytes.split_off(bytes.len().checked_sub(8)?);
    let length = usize::try_from(tail.get_u64_le()).ok()?;
    let lengths = bytes.split_off(bytes.len().checked_sub(length)?);
    let mut saved = Saved { records: bytes, lengths };
    let value = T::load(&mut saved)?;
    (saved.records.is_empty() && saved.lengths.is_empty()).then_some(value)
}

/// Where a [`Save`] writes to.
pub struct Saving<'a> {
    records: &'a mut dyn Write,
    lengths: Vec<u8>,
    /// What is encoded, before its length is known.
    record: Vec<u8>,
    /// After a failure nothing more is written.
    outcome: io::Result<()>,
    /// For [`digest`].
    in_order: bool,
}

impl<'a> Saving<'a> {
    fn new(records: &'a mut dyn Write, in_order: bool) -> Self {
        Self { records, lengths: Vec::new(), record: Vec::new(), outcome: Ok(()), in_order }
    }

    fn length(&mut self, length: usize) {
        self.lengths.extend_from_slice(&(length as u64).to_le_bytes());
    }

    /// Of what there are millions of.
    fn short_length(&mut self, length: usize) {
        let length = u32::try_from(length).expect("a part is small, and they are few");
        self.lengths.extend_from_slice(&length.to_le_bytes());
    }

    fn write(&mut self, bytes: &[u8]) {
        if self.outcome.is_ok() {
            self.outcome = self.records.write_all(bytes);
        }
    }

    /// Tells the length of what it wrote.
    fn encode(&mut self, value: &impl Serialize) -> usize {
        let mut record = std::mem::take(&mut self.record);
        record.clear();
        record = postcard::to_extend(value, record).expect("records are plain data of known length");
        self.write(&record);
        self.record = record;
        self.record.len()
    }

    /// Writes the entries of a map by their bytes.
    fn sorted<'v, K: Serialize + 'v, V: Serialize + 'v>(
        &mut self,
        entries: impl Iterator<Item = (&'v K, &'v V)>,
    ) {
        let encoded = |entry| postcard::to_stdvec(&entry).expect("records are plain data of known length");
        let mut entries: Vec<Vec<u8>> = entries.map(encoded).collect();
        entries.sort_unstable();
        self.whole(&entries);
    }

    /// Writes what is decoded at once.
    pub fn whole(&mut self, value: &impl Serialize) {
        let length = self.encode(value);
        self.length(length);
    }
}

/// What was [saved](save), to be read from the front.
pub struct Saved {
    records: Bytes,
    lengths: Bytes,
}

impl Saved {
    fn length(&mut self) -> Option<usize> {
        usize::try_from(self.lengths.try_get_u64_le().ok()?).ok()
    }

    fn records(&mut self, length: usize) -> Option<Bytes> {
        split(&mut self.records, length)
    }

    /// Reads what [`Saving::whole`] wrote.
    pub fn whole<T: DeserializeOwned>(&mut self) -> Option<T> {
        let length = self.length()?;
        decode_all(&self.records(length)?)
    }
}

fn split(from: &mut Bytes, length: usize) -> Option<Bytes> {
    (length <= from.len()).then(|| from.split_to(length))
}

fn decode_all<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    let (value, rest) = postcard::take_from_bytes(bytes).ok()?;
    rest.is_empty().then_some(value)
}

/// Implements [`Save`] for types that are decoded at once.
#[macro_export]
macro_rules! save_plain {
    ($($type:ty),* $(,)?) => {
        $(impl $crate::store::lazy::Save for $type {
            fn save(&self, to: &mut $crate::store::lazy::Saving<'_>) {
                to.whole(self);
            }

            fn load(from: &mut $crate::store::lazy::Saved) -> Option<Self> {
                from.whole()
            }
        })*
    };
}

save_plain!(u32, u64);

impl<T: Save> Save for Vec<T> {
    fn save(&self, to: &mut Saving<'_>) {
        to.length(self.len());
        self.iter().for_each(|item| item.save(to));
    }

    fn load(from: &mut Saved) -> Option<Self> {
        (0..from.length()?).map(|_| T::load(from)).collect()
    }

    fn validate(&self) -> bool {
        self.iter().all(Save::validate)
    }
}

/// Small maps are decoded at once.
impl<K: Key, V: Record> Save for FxHashMap<K, V> {
    fn save(&self, to: &mut Saving<'_>) {
        if to.in_order { to.sorted(self.iter()) } else { to.whole(self) }
    }

    fn load(from: &mut Saved) -> Option<Self> {
        from.whole()
    }
}

/// A piece of a container: the bytes that it came from as long as it is what they say, itself once it was asked for.
#[derive(Clone)]
struct Part<C> {
    /// Where its bytes begin among those of the container, and how many they are.
    encoded: Option<(usize, u32)>,
    live: OnceLock<C>,
}

impl<C> Part<C> {
    fn new(content: C) -> Self {
        Self { encoded: None, live: OnceLock::from(content) }
    }
}

/// What is decoded together.
trait Content: Serialize + Sized {
    /// Decodes the content of one of `parts`; `None` if there are other bytes.
    fn decode(bytes: &[u8], part: usize, parts: usize) -> Option<Self>;
}

/// The pieces of a container.
#[derive(Clone)]
struct Parts<C> {
    bytes: Bytes,
    parts: Vec<Part<C>>,
}

impl<C: Content> Parts<C> {
    fn decode(&self, at: usize) -> Option<C> {
        let (start, length) = self.parts[at].encoded?;
        C::decode(&self.bytes[start..start + length as usize], at, self.parts.len())
    }

    fn get(&self, at: usize) -> &C {
        // Nearly always it is there; what is rare stays out of the caller's code.
        match self.parts[at].live.get() {
            Some(live) => live,
            None => self.decoded(at),
        }
    }

    #[cold]
    fn decoded(&self, at: usize) -> &C {
        let decode = || self.decode(at).expect("this build wrote these bytes, and their checksum held");
        self.parts[at].live.get_or_init(decode)
    }

    fn get_mut(&mut self, at: usize) -> &mut C {
        self.get(at);
        let part = &mut self.parts[at];
        part.encoded = None;
        part.live.get_mut().expect("it was just decoded")
    }

    fn iter(&self) -> impl DoubleEndedIterator<Item = &C> {
        (0..self.parts.len()).map(|at| self.get(at))
    }

    fn save(&self, to: &mut Saving<'_>) {
        to.short_length(self.parts.len());
        for (at, part) in self.parts.iter().enumerate() {
            let length = match part.encoded {
                Some((start, length)) => {
                    to.write(&self.bytes[start..start + length as usize]);
                    length as usize
                }
                None => to.encode(self.get(at)),
            };
            to.short_length(length);
        }
    }

    fn load(from: &mut Saved) -> Option<Self> {
        let count = from.lengths.try_get_u32_le().ok()? as usize;
        let mut lengths = split(&mut from.lengths, count.checked_mul(4)?)?;
        let mut end = 0;
        let parts: Vec<_> = (0..count)
            .map(|_| {
                let (start, length) = (end, lengths.get_u32_le());
                end += length as usize;
                Part { encoded: Some((start, length)), live: OnceLock::new() }
            })
            .collect();
        Some(Self { bytes: from.records(end)?, parts })
    }

    fn validate(&self) -> bool {
        let is_valid = |at: usize| self.parts[at].live.get().is_some() || self.decode(at).is_some();
        (0..self.parts.len()).all(is_valid)
    }
}

/// Records that are decoded together: enough that a part costs little beside them, few enough that one is soon decoded.
const TOGETHER: usize = 64;
/// A part may come to have so many times more before the map is divided anew.
const CROWDED: usize = 4;

/// A hash map. What was never loaded is one part.
#[derive(Clone)]
pub struct LazyMap<K, V> {
    parts: Parts<FxHashMap<K, V>>,
    length: usize,
}

/// What the keys of a [`LazyMap`] are.
pub trait Key: Hash + Eq + Serialize + DeserializeOwned {}
impl<K: Hash + Eq + Serialize + DeserializeOwned> Key for K {}

/// What the records of a [`LazyMap`] and a [`LazyVec`] are.
pub trait Record: Serialize + DeserializeOwned {}
impl<V: Serialize + DeserializeOwned> Record for V {}

/// The part of a key among so many, a power of two.
fn part_of(key: &impl Hash, parts: usize) -> usize {
    if parts == 1 {
        return 0;
    }
    // The map in the part goes by the same hash: this one must not leave it with keys that are alike.
    let mixed = FxBuildHasher.hash_one(key).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> (u64::BITS - parts.trailing_zeros())) as usize
}

impl<K: Key, V: Record> Content for FxHashMap<K, V> {
    fn decode(bytes: &[u8], part: usize, parts: usize) -> Option<Self> {
        let map: Self = decode_all(bytes)?;
        map.keys().all(|key| part_of(key, parts) == part).then_some(map)
    }
}

impl<K, V> Default for LazyMap<K, V> {
    fn default() -> Self {
        Self { parts: Parts { bytes: Bytes::new(), parts: vec![Part::new(FxHashMap::default())] }, length: 0 }
    }
}

impl<K: Key, V: Record> LazyMap<K, V> {
    fn of(&self, key: &K) -> &FxHashMap<K, V> {
        self.parts.get(part_of(key, self.parts.parts.len()))
    }

    fn of_mut(&mut self, key: &K) -> &mut FxHashMap<K, V> {
        let part = part_of(key, self.parts.parts.len());
        self.parts.get_mut(part)
    }

    /// The record under a key.
    #[must_use]
    pub fn get(&self, key: &K) -> Option<&V> {
        self.of(key).get(key)
    }

    /// Whether there is a record under a key.
    #[must_use]
    pub fn contains_key(&self, key: &K) -> bool {
        self.of(key).contains_key(key)
    }

    /// Number of records.
    #[must_use]
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether there is no record.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// All records, in no order that anything may depend on.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.parts.iter().flatten()
    }

    /// Stores a record and gives back what was there.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        let old = self.of_mut(&key).insert(key, value);
        self.length += usize::from(old.is_none());
        old
    }

    /// Removes a record.
    pub fn remove(&mut self, key: &K) -> Option<V> {
        let old = self.of_mut(key).remove(key);
        self.length -= usize::from(old.is_some());
        old
    }

    /// The record under a key, to be changed.
    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.of_mut(key).get_mut(key)
    }

    /// The record under a key, made if there is none, to be changed.
    pub fn or_insert_with(&mut self, key: K, make: impl FnOnce() -> V) -> &mut V {
        let part = part_of(&key, self.parts.parts.len());
        match self.parts.get_mut(part).entry(key) {
            Entry::Occupied(found) => found.into_mut(),
            Entry::Vacant(free) => {
                self.length += 1;
                free.insert(make())
            }
        }
    }

    /// Removes what does not satisfy.
    pub fn retain(&mut self, mut stays: impl FnMut(&K, &mut V) -> bool) {
        self.length = 0;
        for part in 0..self.parts.parts.len() {
            let map = self.parts.get_mut(part);
            map.retain(&mut stays);
            self.length += map.len();
        }
    }

    fn is_crowded(&self) -> bool {
        self.length > self.parts.parts.len() * TOGETHER * CROWDED
    }

    fn save_divided(&self, to: &mut Saving<'_>) {
        let count = (self.length / TOGETHER).next_power_of_two();
        let mut divided: Vec<Vec<(&K, &V)>> = Vec::new();
        divided.resize_with(count, Vec::new);
        self.iter().for_each(|(key, value)| divided[part_of(key, count)].push((key, value)));
        to.short_length(count);
        for part in divided {
            // Postcard writes a list of pairs as it writes a map.
            let length = to.encode(&part);
            to.short_length(length);
        }
    }
}

impl<K: Key, V: Record> Save for LazyMap<K, V> {
    fn save(&self, to: &mut Saving<'_>) {
        if to.in_order {
            return to.sorted(self.iter());
        }
        to.length(self.length);
        if self.is_crowded() { self.save_divided(to) } else { self.parts.save(to) }
    }

    fn load(from: &mut Saved) -> Option<Self> {
        let length = from.length()?;
        let parts = Parts::load(from)?;
        parts.parts.len().is_power_of_two().then_some(Self { parts, length })
    }

    fn validate(&self) -> bool {
        self.parts.validate() && self.parts.iter().map(FxHashMap::len).sum::<usize>() == self.length
    }
}

impl<K: Key, V: Record + PartialEq> PartialEq for LazyMap<K, V> {
    fn eq(&self, other: &Self) -> bool {
        self.length == other.length && self.iter().all(|(key, value)| other.get(key) == Some(value))
    }
}

impl<K, V> fmt::Debug for LazyMap<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LazyMap({} records in {} parts)", self.length, self.parts.parts.len())
    }
}

/// A list that grows at its end.
#[derive(Clone)]
pub struct LazyVec<T> {
    /// Each but the last has [`TOGETHER`] records.
    parts: Parts<Vec<T>>,
    length: usize,
}

impl<T: Record> Content for Vec<T> {
    fn decode(bytes: &[u8], part: usize, parts: usize) -> Option<Self> {
        let records: Self = decode_all(bytes)?;
        let is_last = part + 1 == parts;
        let fits = if is_last { (1..=TOGETHER).contains(&records.len()) } else { records.len() == TOGETHER };
        fits.then_some(records)
    }
}

impl<T> Default for LazyVec<T> {
    fn default() -> Self {
        Self { parts: Parts { bytes: Bytes::new(), parts: Vec::new() }, length: 0 }
    }
}

impl<T: Record> LazyVec<T> {
    /// The record at an index.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<&T> {
        (index < self.length).then(|| &self.parts.get(index / TOGETHER)[index % TOGETHER])
    }

    /// The record at an index, to be changed.
    pub fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        (index < self.length).then(|| &mut self.parts.get_mut(index / TOGETHER)[index % TOGETHER])
    }

    /// Number of records.
    #[must_use]
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether there is no record.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// All records in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.parts.iter().flatten()
    }

    /// Adds a record at the end.
    pub fn push(&mut self, record: T) {
        if self.length.is_multiple_of(TOGETHER) {
            // Lists are long or empty: a part gets its room at once.
            self.parts.parts.push(Part::new(Vec::with_capacity(TOGETHER)));
        }
        let last = self.parts.parts.len() - 1;
        self.parts.get_mut(last).push(record);
        self.length += 1;
    }
}

impl<T: Record> Index<usize> for LazyVec<T> {
    type Output = T;

    fn index(&self, index: usize) -> &T {
        self.get(index).expect("an index below the length")
    }
}

impl<T: Record> IndexMut<usize> for LazyVec<T> {
    fn index_mut(&mut self, index: usize) -> &mut T {
        self.get_mut(index).expect("an index below the length")
    }
}

impl<T: Record> Save for LazyVec<T> {
    fn save(&self, to: &mut Saving<'_>) {
        to.length(self.length);
        match to.in_order {
            true => self.iter().for_each(|record| to.whole(record)),
            false => self.parts.save(to),
        }
    }

    fn load(from: &mut Saved) -> Option<Self> {
        let length = from.length()?;
        let parts = Parts::load(from)?;
        (parts.parts.len() == length.div_ceil(TOGETHER)).then_some(Self { parts, length })
    }

    fn validate(&self) -> bool {
        self.parts.validate() && self.parts.iter().map(Vec::len).sum::<usize>() == self.length
    }
}

impl<T: Record + PartialEq> PartialEq for LazyVec<T> {
    fn eq(&self, other: &Self) -> bool {
        self.length == other.length && self.iter().eq(other.iter())
    }
}

impl<T> fmt::Debug for LazyVec<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LazyVec({} records)", self.length)
    }
}

/// Implements [`Save`] for a struct by its fields. What stands after `anew` is kept by nobody and comes back empty.
#[macro_export]
macro_rules! save_fields {
    ($name:ty { $($field:ident),* $(,)? } $(anew $($fresh:ident),*)?) => {
        $crate::store::lazy::save_fields!({} $name { $($field),* } $(anew $($fresh),*)?);
    };
    ({$($generics:tt)*} $name:ty { $($field:ident),* $(,)? } $(anew $($fresh:ident),*)?) => {
        impl<$($generics)*> $crate::store::lazy::Save for $name {
            fn save(&self, to: &mut $crate::store::lazy::Saving<'_>) {
                $($crate::store::lazy::Save::save(&self.$field, to);)*
            }

            fn load(from: &mut $crate::store::lazy::Saved) -> Option<Self> {
                // In the order in which they were written.
                $(let $field = $crate::store::lazy::Save::load(from)?;)*
                Some(Self { $($field,)* $($($fresh: Default::default()),*)? })
            }

            fn validate(&self) -> bool {
                true $(&& $crate::store::lazy::Save::validate(&self.$field))*
            }
        }
    };
}

pub use {save_fields, save_plain};

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(value: &impl Save) -> Vec<u8> {
        let mut bytes = Vec::new();
        save(value, &mut bytes).expect("a list takes everything");
        bytes
    }

    fn again<T: Save>(value: &T) -> T {
        let read: T = load(bytes(value).into()).expect("it was written");
        assert!(read.validate());
        read
    }

    #[test]
    fn what_was_not_touched_stays_bytes() {
        let mut map = LazyMap::<u32, String>::default();
        (0..10_000).for_each(|key| drop(map.insert(key, key.to_string())));
        let written = bytes(&map);
        let mut read: LazyMap<u32, String> = load(written.clone().into()).expect("it was written");
        let live = |map: &LazyMap<u32, String>| {
            map.parts.parts.iter().filter(|part| part.live.get().is_some()).count()
        };
        assert_eq!((live(&read), read.parts.parts.len()), (0, 256));
        assert_eq!(read.get(&77).map(String::as_str), Some("77"));
        assert_eq!(live(&read), 1);
        assert_eq!(bytes(&read), written, "looking changes nothing");
        *read.get_mut(&77).expect("is there") = "seventy-seven".into();
        assert_ne!(bytes(&read), written);
        assert_eq!(live(&read), 1);
        assert_eq!(again(&read).get(&77).map(String::as_str), Some("seventy-seven"));
    }

    #[test]
    fn other_bytes_are_refused_or_found_unsound() {
        let mut map = LazyMap::<u32, u8>::default();
        (0..1_000).for_each(|key| assert_eq!(map.insert(key, 0), None));
        let mut list = LazyVec::<u8>::default();
        (0..200).for_each(|record| list.push(record));
        let (of_map, of_list) = (bytes(&map), bytes(&list));
        let is_read =
            |bytes: &[u8]| load::<LazyMap<u32, u8>>(bytes.to_vec().into()).is_some_and(|map| map.validate());
        let is_list =
            |bytes: &[u8]| load::<LazyVec<u8>>(bytes.to_vec().into()).is_some_and(|list| list.validate());
        assert!(is_read(&of_map) && is_list(&of_list));
        for end in 0..of_map.len() {
            assert!(!is_read(&of_map[..end]), "cut after {end}");
        }
        for end in 0..of_list.len() {
            assert!(!is_list(&of_list[..end]), "cut after {end}");
        }
        // Lengths, counts and the keys' places are all looked at; a record is free to be another.
        let mut bent = of_map.clone();
        // 1,000 records in 16 parts: their number, that of the parts, the length of each, the length of all these.
        let lengths = of_map.len() - (8 + 4 + 4 * 16 + 8);
        bent[lengths] ^= 1;
        assert!(!is_read(&bent), "another length");
        let mut bent = of_map.clone();
        bent[1] ^= 1;
        assert!(!is_read(&bent), "a key of another part, or twice");
    }

    proptest::proptest! {
        #[test]
        fn a_lazy_map_is_a_map(
            turns in proptest::collection::vec((0u8..6, 0u16..900, proptest::bool::weighted(0.02)), 0..1_500),
        ) {
            let (mut lazy, mut plain) = (LazyMap::<u16, u32>::default(), FxHashMap::<u16, u32>::default());
            for (at, (what, key, saves)) in (0u32..).zip(turns) {
                match what {
                    0 | 1 => assert_eq!(lazy.insert(key, at), plain.insert(key, at)),
                    2 => assert_eq!(lazy.remove(&key), plain.remove(&key)),
                    3 => *lazy.or_insert_with(key, || 0) += { *plain.entry(key).or_default() += at; at },
                    4 => assert_eq!(lazy.get_mut(&key).map(|v| { *v ^= 1; *v }), plain.get_mut(&key).map(|v| { *v ^= 1; *v })),
                    _ => assert_eq!((lazy.get(&key), lazy.contains_key(&key)), (plain.get(&key), plain.contains_key(&key))),
                }
                if saves {
                    lazy = again(&lazy);
                }
                assert_eq!((lazy.len(), lazy.is_empty()), (plain.len(), plain.is_empty()));
            }
            let again = again(&lazy);
            assert_eq!(again, lazy);
            assert_eq!(again.iter().map(|(k, v)| (*k, *v)).collect::<FxHashMap<_, _>>(), plain);
        }

        #[test]
        fn a_lazy_list_is_a_list(
            turns in proptest::collection::vec((0u8..4, 0usize..400, proptest::bool::weighted(0.02)), 0..1_000),
        ) {
            let (mut lazy, mut plain) = (LazyVec::<u32>::default(), Vec::<u32>::new());
            for (at, (what, index, saves)) in (0u32..).zip(turns) {
                match what {
                    0 | 1 => { lazy.push(at); plain.push(at); }
                    2 => assert_eq!(lazy.get(index), plain.get(index)),
                    _ => assert_eq!(lazy.get_mut(index).map(|v| { *v ^= 1; *v }), plain.get_mut(index).map(|v| { *v ^= 1; *v })),
                }
                if saves {
                    lazy = again(&lazy);
                }
            }
            let again = again(&lazy);
            assert_eq!(again, lazy);
            assert_eq!(again.iter().rev().copied().collect::<Vec<_>>(), plain.into_iter().rev().collect::<Vec<_>>());
            assert_eq!(again.len(), lazy.len());
        }
    }
}
