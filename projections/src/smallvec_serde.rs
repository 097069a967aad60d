//! How short lists inside records are written and come back: like any list, without one that is only passed through.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserializer, SeqAccess, Visitor};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};
use smallvec::{Array, SmallVec};

/// Items that a list makes room for because its bytes say that there are so many; more only as they come.
const ROOM: usize = 4_096;

pub(crate) fn serialize<A: Array<Item: Serialize>, S: Serializer>(
    list: &SmallVec<A>,
    to: S,
) -> Result<S::Ok, S::Error> {
    to.collect_seq(list.iter())
}

pub(crate) fn deserialize<'de, A: Array<Item: Deserialize<'de>>, D: Deserializer<'de>>(
    from: D,
) -> Result<SmallVec<A>, D::Error> {
    from.deserialize_seq(Reading(PhantomData))
}

struct Reading<A>(PhantomData<A>);

impl<'de, A: Array<Item: Deserialize<'de>>> Visitor<'de> for Reading<A> {
    type Value = SmallVec<A>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a short list")
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut items: S) -> Result<Self::Value, S::Error> {
        let mut list = SmallVec::with_capacity(items.size_hint().unwrap_or(0).min(ROOM));
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(list)
    }
}
