//! How maps are written into a snapshot and come back: with room for all of them at once. A map that grows while it is
//! filled moves everything again and again, and records that come in the order of another map crowd into the same places.

use std::fmt;
use std::hash::Hash;
use std::marker::PhantomData;

use rustc_hash::FxHashMap;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

/// Bytes that a map makes room for because its bytes say that they hold so many records; more only as they come.
const ROOM: usize = 1 << 30;

pub(crate) fn serialize<K: Serialize, V: Serialize, S: Serializer>(
    map: &FxHashMap<K, V>,
    to: S,
) -> Result<S::Ok, S::Error> {
    to.collect_map(map)
}

pub(crate) fn deserialize<'de, K, V, D>(from: D) -> Result<FxHashMap<K, V>, D::Error>
where
    K: Eq + Hash + Deserialize<'de>,
    V: Deserialize<'de>,
    D: Deserializer<'de>,
{
    struct Reading<K, V>(PhantomData<(K, V)>);

    impl<'de, K: Eq + Hash + Deserialize<'de>, V: Deserialize<'de>> Visitor<'de> for Reading<K, V> {
        type Value = FxHashMap<K, V>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a map")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
            let mut map = FxHashMap::default();
            map.reserve(entries.size_hint().unwrap_or(0).min(ROOM / size_of::<(K, V)>().max(1)));
            while let Some((key, value)) = entries.next_entry()? {
                map.insert(key, value);
            }
            Ok(map)
        }
    }

    from.deserialize_map(Reading(PhantomData))
}
