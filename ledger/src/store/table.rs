//! The containers of rule state: maps whose changes can be taken back while a group is being decided, and whose
//! records are taken into the [digest](super::digest) of the state as they change.

use super::digest::{RecordHash, Sum, record_hash};
use super::lazy::{Key, LazyMap, Record, Save, Saved, Saving};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use std::collections::BTreeMap;

/// A map with an undo journal. Outside a transaction nothing is journalled. `N` is its number in the digest, its own in the
/// whole rule state.
#[derive(Debug, Clone)]
pub struct Table<const N: u8, K, V> {
    map: LazyMap<K, V>,
    undo: Option<Vec<(K, Option<V>)>>,
    watch: Watch<K>,
}

/// Records that are looked up together when the digest is settled.
const TOGETHER: usize = 16;

/// What the records were that changed since the last settling, as far as the digest is kept up. Looked at by key
/// alone, so that nothing depends on its order.
#[derive(Debug, Clone)]
struct Watch<K>(Option<FxHashMap<K, Option<RecordHash>>>);

impl<K: Key + Clone> Watch<K> {
    /// Notes what is there before it changes, once.
    fn note(&mut self, key: &K, before: impl FnOnce() -> Option<RecordHash>) {
        if let Some(noted) = &mut self.0 {
            noted.entry(key.clone()).or_insert_with(before);
        }
    }

    fn settle<'a, V: Record + 'a>(&mut self, sum: &mut Sum, table: u8, record: impl Fn(&K) -> Option<&'a V>) {
        // Some are looked up before the first of them is hashed: records lie anywhere in memory, and so they are waited for
        // together.
        let mut noted = self.0.iter_mut().flat_map(|noted| noted.drain()).peekable();
        while noted.peek().is_some() {
            let some = noted.by_ref().take(TOGETHER).map(|(key, before)| (record(&key), key, before));
            for (now, key, before) in some.collect::<SmallVec<[_; TOGETHER]>>() {
                before.iter().for_each(|hash| sum.remove(hash));
                now.iter().for_each(|now| sum.add(&record_hash(table, &key, now)));
            }
        }
    }
}

impl<const N: u8, K: Key + Clone, V: Record + Clone> Table<N, K, V> {
    /// Whether there is a record under a key.
    #[must_use]
    pub fn contains(&self, key: &K) -> bool {
        self.map.contains_key(key)
    }

    /// The record under a key, to be changed.
    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.note(key);
        let value = self.map.get_mut(key)?;
        if let Some(undo) = &mut self.undo
            && !is_latest(undo, key)
        {
            undo.push((key.clone(), Some(value.clone())));
        }
        Some(value)
    }

    /// Changes the record under a key, if there is one.
    pub fn change(&mut self, key: &K, change: impl FnOnce(&mut V)) {
        if let Some(record) = self.get_mut(key) {
            change(record);
        }
    }

    /// The record under a key, made if there is none, to be changed.
    pub fn or_default(&mut self, key: K) -> &mut V
    where
        V: Default,
    {
        self.or_insert_with(key, V::default)
    }

    /// The record under a key, made by `make` if there is none, to be changed.
    pub fn or_insert_with(&mut self, key: K, make: impl FnOnce() -> V) -> &mut V {
        self.note(&key);
        if let Some(undo) = &mut self.undo
            && !is_latest(undo, &key)
        {
            undo.push((key.clone(), self.map.get(&key).cloned()));
        }
        self.map.or_insert_with(key, make)
    }
}

/// Whether the latest change that was journalled is of this key: then what the record was is known already. Most records
/// that change in several steps do so without another of their table in between.
fn is_latest<K: Eq, V>(undo: &[(K, Option<V>)], key: &K) -> bool {
    undo.last().is_some_and(|(latest, _)| latest == key)
}

/// The same with its records in the order of their keys, for what is looked up by "the first that …". Its records are
/// replaced whole.
#[derive(Debug, Clone)]
pub struct OrderedTable<const N: u8, K, V> {
    map: BTreeMap<K, V>,
    undo: Option<Vec<(K, Option<V>)>>,
    watch: Watch<K>,
}

/// State whose changes since `begin` can be taken back.
pub trait Transaction {
    /// Starts to journal changes.
    fn begin(&mut self);
    /// Keeps the changes.
    fn commit(&mut self);
    /// Takes the changes back.
    fn rollback(&mut self);
}

/// State that consists of records, of which each counts in a digest.
pub trait Records {
    /// Starts, or ends, to note which records change.
    fn watch(&mut self, on: bool);
    /// Takes what changed since the last settling into the sum.
    fn settle(&mut self, sum: &mut Sum);
    /// Adds every record to the sum.
    fn sum(&self, sum: &mut Sum);
    /// Tells the number of each table and how many records it has.
    fn count(&self, tell: &mut dyn FnMut(u8, usize));
}

/// What both kinds of table have in common.
macro_rules! table {
    ($table:ident of $map:ident: $($bound:ident)*) => {
        impl<const N: u8, K, V> Default for $table<N, K, V> {
            fn default() -> Self {
                Self { map: $map::default(), undo: None, watch: Watch(None) }
            }
        }

        impl<const N: u8, K: Key, V: Record + PartialEq> PartialEq for $table<N, K, V> {
            fn eq(&self, other: &Self) -> bool {
                self.map == other.map
            }
        }

        impl<const N: u8, K: Key $(+ $bound)* + Clone, V: Record + Clone> $table<N, K, V> {
            /// The record under a key.
            #[must_use]
            pub fn get(&self, key: &K) -> Option<&V> {
                self.map.get(key)
            }

            /// Number of records.
            #[must_use]
            pub fn len(&self) -> usize {
                self.map.len()
            }

            /// Whether there is no record.
            #[must_use]
            pub fn is_empty(&self) -> bool {
                self.map.is_empty()
            }

            /// All records, in an ordered table in the order of their keys, else in none that anything may depend on.
            pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
                self.map.iter()
            }

            /// Stores a record, replacing any.
            pub fn insert(&mut self, key: K, value: V) {
                self.note(&key);
                match &mut self.undo {
                    None => drop(self.map.insert(key, value)),
                    Some(undo) => {
                        let old = self.map.insert(key.clone(), value);
                        undo.push((key, old));
                    }
                }
            }

            /// Removes a record.
            pub fn remove(&mut self, key: &K) {
                self.note(key);
                let old = self.map.remove(key);
                if let (Some(undo), Some(_)) = (&mut self.undo, &old) {
                    undo.push((key.clone(), old));
                }
            }

            fn note(&mut self, key: &K) {
                let map = &self.map;
                self.watch.note(key, || map.get(key).map(|record| record_hash(N, key, record)));
            }
        }

        impl<const N: u8, K: Key $(+ $bound)* + Clone, V: Record + Clone> Transaction
            for $table<N, K, V>
        {
            fn begin(&mut self) {
                self.undo = Some(Vec::new());
            }

            fn commit(&mut self) {
                self.undo = None;
            }

            fn rollback(&mut self) {
                for (key, old) in self.undo.take().into_iter().flatten().rev() {
                    // Noted again, for the state may have been settled in between.
                    self.note(&key);
                    match old {
                        Some(value) => self.map.insert(key, value),
                        None => self.map.remove(&key),
                    };
                }
            }
        }

        impl<const N: u8, K: Key $(+ $bound)* + Clone, V: Record + Clone> Records
            for $table<N, K, V>
        {
            fn watch(&mut self, on: bool) {
                self.watch.0 = on.then(FxHashMap::default);
            }

            fn settle(&mut self, sum: &mut Sum) {
                let map = &self.map;
                self.watch.settle(sum, N, |key| map.get(key));
            }

            fn sum(&self, sum: &mut Sum) {
                self.map.iter().for_each(|(key, record)| sum.add(&record_hash(N, key, record)));
            }

            fn count(&self, tell: &mut dyn FnMut(u8, usize)) {
                tell(N, self.map.len());
            }
        }
    };
}

table!(Table of LazyMap:);
table!(OrderedTable of BTreeMap: Ord);

impl<const N: u8, K: Key, V: Record> Save for Table<N, K, V> {
    fn save(&self, to: &mut Saving<'_>) {
        self.map.save(to);
    }

    fn load(from: &mut Saved) -> Option<Self> {
        Some(Self { map: LazyMap::load(from)?, undo: None, watch: Watch(None) })
    }

    fn validate(&self) -> bool {
        self.map.validate()
    }
}

impl<const N: u8, K: Key + Ord, V: Record> Save for OrderedTable<N, K, V> {
    fn save(&self, to: &mut Saving<'_>) {
        to.whole(&self.map);
    }

    fn load(from: &mut Saved) -> Option<Self> {
        Some(Self { map: from.whole()?, undo: None, watch: Watch(None) })
    }
}

/// Implements [`Transaction`], [`Records`] and [`Save`] for a struct by its fields.
macro_rules! tables {
    ($name:ty { $($field:ident),* $(,)? }) => {
        $crate::store::table::tables!({} $name { $($field),* });
    };
    ({$($generics:tt)*} $name:ty { $($field:ident),* }) => {
        $crate::store::table::records!({$($generics)*} $name { $($field),* });
        $crate::store::lazy::save_fields!({$($generics)*} $name { $($field),* });
    };
}
pub(crate) use tables;

/// Implements [`Transaction`] and [`Records`] for a struct by its fields.
macro_rules! records {
    ({$($generics:tt)*} $name:ty { $($field:ident),* $(,)? }) => {
        impl<$($generics)*> $crate::store::table::Transaction for $name {
            fn begin(&mut self) { $($crate::store::table::Transaction::begin(&mut self.$field);)* }
            fn commit(&mut self) { $($crate::store::table::Transaction::commit(&mut self.$field);)* }
            fn rollback(&mut self) { $($crate::store::table::Transaction::rollback(&mut self.$field);)* }
        }

        impl<$($generics)*> $crate::store::table::Records for $name {
            fn watch(&mut self, on: bool) {
                $($crate::store::table::Records::watch(&mut self.$field, on);)*
            }

            fn settle(&mut self, sum: &mut $crate::store::digest::Sum) {
                $($crate::store::table::Records::settle(&mut self.$field, sum);)*
            }

            fn sum(&self, sum: &mut $crate::store::digest::Sum) {
                $($crate::store::table::Records::sum(&self.$field, sum);)*
            }

            fn count(&self, tell: &mut dyn FnMut(u8, usize)) {
                $($crate::store::table::Records::count(&self.$field, tell);)*
            }
        }
    };
}
pub(crate) use records;

#[cfg(test)]
mod tests {
    use super::super::lazy;
    use super::*;

    #[test]
    fn undo_restores_every_kind_of_change() {
        let mut table = Table::<1, _, _>::default();
        table.insert(1, vec![1]);
        table.insert(2, vec![2]);
        let before = table.map.clone();
        table.begin();
        table.insert(1, vec![9]);
        table.or_default(1).push(8);
        table.or_default(3).push(3);
        table.get_mut(&2).expect("is there").clear();
        table.remove(&2);
        table.remove(&7);
        table.rollback();
        assert_eq!(table.map, before);
        table.begin();
        table.insert(5, vec![]);
        table.commit();
        table.rollback();
        assert!(table.contains(&5), "what was kept is not undone");
    }

    #[test]
    fn an_ordered_table_keeps_order_and_undoes() {
        let mut table = OrderedTable::<1, _, _>::default();
        [3, 1, 2].into_iter().for_each(|key| table.insert(key, key * 10));
        let before = table.map.clone();
        table.begin();
        table.insert(1, 11);
        table.insert(0, 0);
        table.remove(&2);
        table.remove(&2);
        table.insert(2, 22);
        table.remove(&9);
        assert_eq!(
            table.iter().map(|(k, v)| (*k, *v)).collect::<Vec<_>>(),
            [(0, 0), (1, 11), (2, 22), (3, 30)]
        );
        table.rollback();
        assert_eq!(table.map, before);
        table.begin();
        table.remove(&3);
        table.commit();
        table.rollback();
        assert_eq!((table.get(&3), table.len(), table.is_empty()), (None, 2, false));
    }

    fn from_scratch(table: &impl Records) -> Sum {
        let mut sum = Sum::default();
        table.sum(&mut sum);
        sum
    }

    /// What is done to a table, by two small numbers.
    fn act(table: &mut Table<1, u8, Vec<u8>>, what: u8, key: u8) {
        match what {
            0 => table.insert(key, vec![key]),
            1 => table.remove(&key),
            2 => table.or_default(key).push(what),
            _ => drop(table.get_mut(&key).map(|record| record.push(what))),
        }
    }

    proptest::proptest! {
        #[test]
        fn a_sum_that_is_kept_up_is_that_of_all_records(
            turns in proptest::collection::vec((0u8..4, 0u8..6, 0u8..10), 0..200),
        ) {
            let (mut table, mut agenda) = (Table::<1, u8, Vec<u8>>::default(), OrderedTable::<2, u8, u8>::default());
            table.insert(3, vec![3]);
            let (mut sum, mut ordered) = (from_scratch(&table), Sum::default());
            table.watch(true);
            agenda.watch(true);
            for (what, key, then) in turns {
                act(&mut table, what, key);
                if what == 1 { agenda.remove(&key) } else { agenda.insert(key, what) }
                match then {
                    0 => (table.begin(), agenda.begin()),
                    1 => (table.rollback(), agenda.rollback()),
                    2 => (table.commit(), agenda.commit()),
                    3..5 => (table.settle(&mut sum), agenda.settle(&mut ordered)),
                    _ => ((), ()),
                };
            }
            table.settle(&mut sum);
            agenda.settle(&mut ordered);
            proptest::prop_assert_eq!((sum, ordered), (from_scratch(&table), from_scratch(&agenda)));
        }
    }

    #[test]
    fn a_table_survives_its_bytes() {
        let mut table = Table::<1, _, _>::default();
        (0..5_000u32).for_each(|n| table.insert(n, vec![n; (n % 3) as usize]));
        let mut bytes = Vec::new();
        lazy::save(&table, &mut bytes).expect("a list takes everything");
        let read = |bytes: &[u8]| lazy::load::<Table<1, u32, Vec<u32>>>(bytes.to_vec().into());
        assert_eq!(read(&bytes).expect("it is read"), table);
        assert!(read(&bytes[..bytes.len() - 1]).is_none());
        let mut ordered = OrderedTable::<1, _, _>::default();
        [3u8, 1, 2].into_iter().for_each(|key| ordered.insert(key, key));
        let mut bytes = Vec::new();
        lazy::save(&ordered, &mut bytes).expect("a list takes everything");
        assert_eq!(bytes[..7], [3, 1, 1, 2, 2, 3, 3]);
        assert_eq!(lazy::load::<OrderedTable<1, u8, u8>>(bytes.into()), Some(ordered));
    }
}
