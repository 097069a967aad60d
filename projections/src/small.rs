//! How short lists inside records are written: like any list.

use serde::de::Deserializer;
use serde::ser::{SerializeSeq as _, Serializer};
use serde::{Deserialize, Serialize};
use smallvec::{Array, SmallVec};

pub(crate) fn serialize<A: Array<Item: Serialize>, S: Serializer>(
    list: &SmallVec<A>,
    to: S,
) -> Result<S::Ok, S::Error> {
    to.collect_seq(list.iter())
}

pub(crate) fn deserialize<'de, A: Array<Item: Deserialize<'de>>, D: Deserializer<'de>>(
    from: D,
) -> Result<SmallVec<A>, D::Error> {
    // Not the vector itself: few enough items move into the record.
    Ok(Vec::deserialize(from)?.into_iter().collect())
}

/// The same for a list of short lists.
pub(crate) mod many {
    use super::*;

    struct Short<'a, A: Array>(&'a SmallVec<A>);

    impl<A: Array<Item: Serialize>> Serialize for Short<'_, A> {
        fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
            super::serialize(self.0, to)
        }
    }

    pub(crate) fn serialize<A: Array<Item: Serialize>, S: Serializer>(
        lists: &[SmallVec<A>],
        to: S,
    ) -> Result<S::Ok, S::Error> {
        let mut seq = to.serialize_seq(Some(lists.len()))?;
        lists.iter().try_for_each(|list| seq.serialize_element(&Short(list)))?;
        seq.end()
    }

    pub(crate) fn deserialize<'de, A: Array<Item: Deserialize<'de>>, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Vec<SmallVec<A>>, D::Error> {
        let lists: Vec<Vec<A::Item>> = Vec::deserialize(from)?;
        Ok(lists.into_iter().map(|list| list.into_iter().collect()).collect())
    }
}
