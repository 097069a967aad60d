//! Whether an id is on the log twice, over the whole log, in 16 bytes an entry.

use crate::domain::ids::EventId;

/// The ids so far.
#[derive(Default)]
pub(super) struct Ids(Vec<(u64, u64)>);

impl Ids {
    /// Notes an id at a position.
    pub(super) fn add(&mut self, id: EventId, position: u64) {
        self.0.push((short(id), position));
    }

    /// How many.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Groups of positions whose ids look alike, each ascending: to be told apart by the ids themselves.
    pub(super) fn alike(mut self) -> Vec<Vec<u64>> {
        self.0.sort_unstable();
        let groups = self.0.chunk_by(|a, b| a.0 == b.0).filter(|group| group.len() > 1);
        groups.map(|group| group.iter().map(|(_, position)| *position).collect()).collect()
    }
}

/// Half of an id's bits, spread; whoever makes different ids look alike only makes the audit look at them again.
fn short(id: EventId) -> u64 {
    let (high, low) = id.0.split_at(8);
    let number = |bytes: &[u8]| bytes.iter().fold(0_u64, |n, byte| n << 8 | u64::from(*byte));
    let mixed = u128::from(number(high) ^ 0x9e37_79b9_7f4a_7c15) * u128::from(number(low) | 1);
    // The factor is made odd, so its last bit is told apart afterwards.
    (mixed as u64) ^ ((mixed >> 64) as u64) ^ number(low)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_ids_are_found_wherever_they_are() {
        let mut ids = Ids::default();
        let id = |n: u64| {
            let mut id = [7; 16];
            id[8..].copy_from_slice(&n.to_be_bytes());
            EventId(id)
        };
        (0..10_000).for_each(|n| ids.add(id(n), n));
        [(id(42), 20_000), (id(7), 20_001), (id(42), 20_002)].into_iter().for_each(|(i, p)| ids.add(i, p));
        assert_eq!(ids.len(), 10_003);
        let mut alike = ids.alike();
        alike.sort();
        assert_eq!(alike, [vec![7, 20_001], vec![42, 20_000, 20_002]]);
    }
}
