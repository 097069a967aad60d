//! One byte string for one state of the read side, so that two builds of it can be compared.
//!
//! Numbers are big-endian, lists and texts carry their length as `u64`, options and enum variants one leading byte, and
//! maps are written in ascending order of their keys. Nothing is left out that a query could show; caches are.

use std::collections::BTreeMap;

use hourbook_ledger::domain::event::{
    Account, AffiliationKind, Assurance, BodyKind, Claimer, EdgeKind, OrgKind, RecordClass, Role, Scope, Span,
};
use hourbook_ledger::domain::ids::{
    ActivityId, BatchId, Commitment, EventId, HoldId, KeyId, OrgId, PersonId, PublicKey, ShiftId, WishId,
};
use hourbook_ledger::domain::lazy::{Key, LazyMap, LazyVec, Record};
use hourbook_ledger::domain::policy::PolicyKind;
use hourbook_ledger::domain::time::{Date, Interval, Millis, Minute, Period, Year};
use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256};
use smallvec::SmallVec;

/// Takes canonical bytes as they come.
pub trait Sink {
    /// Takes the next bytes.
    fn put(&mut self, bytes: &[u8]);
}

impl Sink for Vec<u8> {
    fn put(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }
}

impl Sink for Sha256 {
    fn put(&mut self, bytes: &[u8]) {
        self.update(bytes);
    }
}

/// Has one canonical byte string.
pub trait Canonical {
    /// Writes the canonical bytes.
    fn write(&self, out: &mut dyn Sink);

    /// The canonical bytes.
    fn canonical_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.write(&mut bytes);
        bytes
    }

    /// SHA-256 of the canonical bytes.
    fn digest(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        self.write(&mut hash);
        hash.finalize().into()
    }
}

macro_rules! numbers {
    ($($number:ty),*) => {
        $(impl Canonical for $number {
            fn write(&self, out: &mut dyn Sink) {
                out.put(&self.to_be_bytes());
            }
        })*
    };
}

numbers!(u8, u16, u32, u64, i32, i64);

macro_rules! wrappers {
    ($($wrapper:ty),*) => {
        $(impl Canonical for $wrapper {
            fn write(&self, out: &mut dyn Sink) {
                self.0.write(out);
            }
        })*
    };
}

wrappers!(
    ActivityId, BatchId, Commitment, Date, EventId, HoldId, KeyId, Millis, Minute, OrgId, PersonId,
    PublicKey, ShiftId, WishId, Year
);

macro_rules! plain_enums {
    ($($plain:ty),*) => {
        $(impl Canonical for $plain {
            fn write(&self, out: &mut dyn Sink) {
                out.put(&[*self as u8]);
            }
        })*
    };
}
pub(crate) use plain_enums;

plain_enums!(AffiliationKind, Assurance, EdgeKind, OrgKind, PolicyKind, Role);

/// Writes a struct field by field.
macro_rules! fields {
    ($($name:ty { $($field:ident),* $(,)? })*) => {
        $(impl $crate::canonical::Canonical for $name {
            fn write(&self, out: &mut dyn $crate::canonical::Sink) {
                $($crate::canonical::Canonical::write(&self.$field, out);)*
            }
        })*
    };
}
pub(crate) use fields;

fields!(Span { from, to } Interval { start, end });

impl<T: Canonical, const N: usize> Canonical for [T; N] {
    fn write(&self, out: &mut dyn Sink) {
        self.iter().for_each(|item| item.write(out));
    }
}

impl Canonical for bool {
    fn write(&self, out: &mut dyn Sink) {
        out.put(&[u8::from(*self)]);
    }
}

impl Canonical for str {
    fn write(&self, out: &mut dyn Sink) {
        (self.len() as u64).write(out);
        out.put(self.as_bytes());
    }
}

impl<T: Canonical + ?Sized> Canonical for Box<T> {
    fn write(&self, out: &mut dyn Sink) {
        (**self).write(out);
    }
}

impl<T: Canonical + ?Sized> Canonical for &T {
    fn write(&self, out: &mut dyn Sink) {
        (**self).write(out);
    }
}

impl<T: Canonical> Canonical for Option<T> {
    fn write(&self, out: &mut dyn Sink) {
        self.is_some().write(out);
        if let Some(value) = self {
            value.write(out);
        }
    }
}

impl<T: Canonical> Canonical for [T] {
    fn write(&self, out: &mut dyn Sink) {
        (self.len() as u64).write(out);
        self.iter().for_each(|item| item.write(out));
    }
}

impl<T: Canonical> Canonical for Vec<T> {
    fn write(&self, out: &mut dyn Sink) {
        self.as_slice().write(out);
    }
}

impl<A: smallvec::Array> Canonical for SmallVec<A>
where
    A::Item: Canonical,
{
    fn write(&self, out: &mut dyn Sink) {
        self.as_slice().write(out);
    }
}

impl<A: Canonical, B: Canonical> Canonical for (A, B) {
    fn write(&self, out: &mut dyn Sink) {
        self.0.write(out);
        self.1.write(out);
    }
}

impl<K: Canonical + Ord, V: Canonical> Canonical for BTreeMap<K, V> {
    fn write(&self, out: &mut dyn Sink) {
        (self.len() as u64).write(out);
        for (key, value) in self {
            key.write(out);
            value.write(out);
        }
    }
}

impl<K: Canonical + Ord, V: Canonical> Canonical for FxHashMap<K, V> {
    fn write(&self, out: &mut dyn Sink) {
        write_sorted(self.iter(), out);
    }
}

impl<K: Canonical + Key + Ord, V: Canonical + Record> Canonical for LazyMap<K, V> {
    fn write(&self, out: &mut dyn Sink) {
        write_sorted(self.iter(), out);
    }
}

impl<T: Canonical + Record> Canonical for LazyVec<T> {
    fn write(&self, out: &mut dyn Sink) {
        (self.len() as u64).write(out);
        self.iter().for_each(|item| item.write(out));
    }
}

/// Writes the entries of a map in ascending order of their keys.
pub fn write_sorted<'a, K, V>(entries: impl Iterator<Item = (&'a K, &'a V)>, out: &mut dyn Sink)
where
    K: Canonical + Ord + 'a,
    V: Canonical + 'a,
{
    let mut sorted: Vec<_> = entries.collect();
    sorted.sort_unstable_by_key(|(key, _)| *key);
    (sorted.len() as u64).write(out);
    for (key, value) in sorted {
        key.write(out);
        value.write(out);
    }
}

impl Canonical for BodyKind {
    fn write(&self, out: &mut dyn Sink) {
        self.name().write(out);
    }
}

impl Canonical for Account {
    fn write(&self, out: &mut dyn Sink) {
        match self {
            Self::Issuance => 0u8.write(out),
            Self::Person(person) => (1u8, *person).write(out),
            Self::Fund(org) => (2u8, *org).write(out),
            Self::Hold(hold) => (3u8, *hold).write(out),
        }
    }
}

impl Canonical for Scope {
    fn write(&self, out: &mut dyn Sink) {
        match self {
            Self::Ledger => 0u8.write(out),
            Self::Org(org) => (1u8, *org).write(out),
        }
    }
}

impl Canonical for Claimer {
    fn write(&self, out: &mut dyn Sink) {
        match self {
            Self::Person(person) => (0u8, *person).write(out),
            Self::Org(org) => (1u8, *org).write(out),
        }
    }
}

impl Canonical for RecordClass {
    fn write(&self, out: &mut dyn Sink) {
        match self {
            Self::Normal => 0u8.write(out),
            Self::Late(reason) => (1u8, *reason).write(out),
        }
    }
}

impl Canonical for Period {
    fn write(&self, out: &mut dyn Sink) {
        self.to_string().as_str().write(out);
    }
}
