//! Lists: growth of what there are millions of, and search in what comes back from a snapshot piece by piece.

use hourbook_ledger::store::lazy::{LazyVec, Record};

/// Makes room for one more. Grows by a quarter: doubling would waste half the memory of millions of small vectors.
pub(crate) fn make_room<T>(vec: &mut Vec<T>) {
    if vec.len() == vec.capacity() {
        vec.reserve_exact(vec.len() / 4 + 2);
    }
}

/// The first index in a range whose record is not before what is looked for; those that are come first.
pub(crate) fn partition_point<T: Record>(
    list: &LazyVec<T>,
    range: std::ops::Range<usize>,
    is_before: impl Fn(&T) -> bool,
) -> usize {
    let std::ops::Range { mut start, mut end } = range;
    while start < end {
        let middle = start + (end - start) / 2;
        if is_before(&list[middle]) { start = middle + 1 } else { end = middle }
    }
    start
}
