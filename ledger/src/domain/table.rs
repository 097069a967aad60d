//! The containers of rule state: maps whose changes can be taken back while a group is being decided.

use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::hash::Hash;

/// A map with an undo journal. Outside a trial nothing is journalled.
#[derive(Debug, Clone)]
pub struct Table<K, V> {
    map: FxHashMap<K, V>,
    undo: Option<Vec<(K, Option<V>)>>,
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Self { map: FxHashMap::default(), undo: None }
    }
}

impl<K: Hash + Eq, V: PartialEq> PartialEq for Table<K, V> {
    fn eq(&self, other: &Self) -> bool {
        self.map == other.map
    }
}

impl<K: Hash + Eq + Clone, V: Clone> Table<K, V> {
    /// The record under a key.
    #[must_use]
    pub fn get(&self, key: &K) -> Option<&V> {
        self.map.get(key)
    }

    /// Whether there is a record under a key.
    #[must_use]
    pub fn contains(&self, key: &K) -> bool {
        self.map.contains_key(key)
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

    /// All records, in no order that anything may depend on.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.map.iter()
    }

    /// Stores a record, replacing any.
    pub fn insert(&mut self, key: K, value: V) {
        let old = self.map.insert(key.clone(), value);
        if let Some(undo) = &mut self.undo {
            undo.push((key, old));
        }
    }

    /// Removes a record.
    pub fn remove(&mut self, key: &K) {
        let old = self.map.remove(key);
        if let (Some(undo), Some(_)) = (&mut self.undo, &old) {
            undo.push((key.clone(), old));
        }
    }

    /// The record under a key, to be changed.
    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let value = self.map.get_mut(key)?;
        if let Some(undo) = &mut self.undo {
            undo.push((key.clone(), Some(value.clone())));
        }
        Some(value)
    }

    /// The record under a key, made if there is none, to be changed.
    pub fn or_default(&mut self, key: K) -> &mut V
    where
        V: Default,
    {
        if let Some(undo) = &mut self.undo {
            undo.push((key.clone(), self.map.get(&key).cloned()));
        }
        self.map.entry(key).or_default()
    }
}

/// The same with its records in the order of their keys, for what is looked up by "the first that …". Its records are
/// replaced whole.
#[derive(Debug, Clone)]
pub struct OrderedTable<K, V> {
    map: BTreeMap<K, V>,
    undo: Option<Vec<(K, Option<V>)>>,
}

impl<K, V> Default for OrderedTable<K, V> {
    fn default() -> Self {
        Self { map: BTreeMap::new(), undo: None }
    }
}

impl<K: Ord + Clone, V: Clone> OrderedTable<K, V> {
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

    /// All records in the order of their keys.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, &V)> {
        self.map.iter()
    }

    /// Stores a record, replacing any.
    pub fn insert(&mut self, key: K, value: V) {
        let old = self.map.insert(key.clone(), value);
        if let Some(undo) = &mut self.undo {
            undo.push((key, old));
        }
    }

    /// Removes a record.
    pub fn remove(&mut self, key: &K) {
        let old = self.map.remove(key);
        if let (Some(undo), Some(_)) = (&mut self.undo, &old) {
            undo.push((key.clone(), old));
        }
    }
}

/// State whose changes since `begin` can be taken back.
pub trait Trial {
    /// Starts to journal changes.
    fn begin(&mut self);
    /// Keeps the changes.
    fn keep(&mut self);
    /// Takes the changes back.
    fn undo(&mut self);
}

impl<K: Hash + Eq + Clone, V: Clone> Trial for Table<K, V> {
    fn begin(&mut self) {
        self.undo = Some(Vec::new());
    }

    fn keep(&mut self) {
        self.undo = None;
    }

    fn undo(&mut self) {
        for (key, old) in self.undo.take().into_iter().flatten().rev() {
            match old {
                Some(value) => self.map.insert(key, value),
                None => self.map.remove(&key),
            };
        }
    }
}

impl<K: Ord + Clone, V: Clone> Trial for OrderedTable<K, V> {
    fn begin(&mut self) {
        self.undo = Some(Vec::new());
    }

    fn keep(&mut self) {
        self.undo = None;
    }

    fn undo(&mut self) {
        for (key, old) in self.undo.take().into_iter().flatten().rev() {
            match old {
                Some(value) => self.map.insert(key, value),
                None => self.map.remove(&key),
            };
        }
    }
}

/// Implements [`Trial`] for a struct by its fields.
macro_rules! trial {
    ($name:ty { $($field:ident),* $(,)? }) => {
        impl $crate::domain::table::Trial for $name {
            fn begin(&mut self) { $($crate::domain::table::Trial::begin(&mut self.$field);)* }
            fn keep(&mut self) { $($crate::domain::table::Trial::keep(&mut self.$field);)* }
            fn undo(&mut self) { $($crate::domain::table::Trial::undo(&mut self.$field);)* }
        }
    };
}
pub(crate) use trial;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn undo_restores_every_kind_of_change() {
        let mut table = Table::default();
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
        table.undo();
        assert_eq!(table.map, before);
        table.begin();
        table.insert(5, vec![]);
        table.keep();
        table.undo();
        assert!(table.contains(&5), "what was kept is not undone");
    }

    #[test]
    fn an_ordered_table_keeps_order_and_undoes() {
        let mut table = OrderedTable::default();
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
        table.undo();
        assert_eq!(table.map, before);
        table.begin();
        table.remove(&3);
        table.keep();
        table.undo();
        assert_eq!((table.get(&3), table.len(), table.is_empty()), (None, 2, false));
    }
}
