//! How many have how much: counts by number of minutes, in two levels, so that a rank costs a short walk.

use std::collections::BTreeMap;

/// Minutes that share a bucket: a year of service at eight hours a day fills some 700 buckets, a usual one a few dozen.
const WIDTH: u32 = 256;

#[derive(Clone, Default, Debug, PartialEq, Eq)]
struct Bucket {
    persons: u32,
    /// Offset within the bucket and how many have it, ascending.
    fine: Vec<(u8, u32)>,
}

/// Counts of persons by minutes.
#[derive(Clone, Default, Debug, PartialEq, Eq)]
pub(crate) struct Histogram {
    buckets: BTreeMap<u32, Bucket>,
}

impl Histogram {
    /// The counts of many at once.
    pub(crate) fn of(minutes: impl Iterator<Item = u32>) -> Self {
        let mut all: Vec<u32> = minutes.collect();
        all.sort_unstable();
        let mut histogram = Self::default();
        for same in all.chunk_by(|a, b| a == b) {
            let bucket = histogram.buckets.entry(same[0] / WIDTH).or_default();
            bucket.persons += same.len() as u32;
            bucket.fine.push(((same[0] % WIDTH) as u8, same.len() as u32));
        }
        histogram
    }

    pub(crate) fn add(&mut self, minutes: u32) {
        let bucket = self.buckets.entry(minutes / WIDTH).or_default();
        bucket.persons += 1;
        let offset = (minutes % WIDTH) as u8;
        match bucket.fine.binary_search_by_key(&offset, |(o, _)| *o) {
            Ok(at) => bucket.fine[at].1 += 1,
            Err(at) => bucket.fine.insert(at, (offset, 1)),
        }
    }

    pub(crate) fn remove(&mut self, minutes: u32) {
        let Some(bucket) = self.buckets.get_mut(&(minutes / WIDTH)) else { return };
        let offset = (minutes % WIDTH) as u8;
        let Ok(at) = bucket.fine.binary_search_by_key(&offset, |(o, _)| *o) else { return };
        bucket.persons -= 1;
        bucket.fine[at].1 -= 1;
        if bucket.fine[at].1 == 0 {
            bucket.fine.remove(at);
        }
        if bucket.persons == 0 {
            self.buckets.remove(&(minutes / WIDTH));
        }
    }

    /// How many have more.
    pub(crate) fn above(&self, minutes: u32) -> u32 {
        let (coarse, offset) = (minutes / WIDTH, (minutes % WIDTH) as u8);
        let higher: u32 = self.buckets.range(coarse + 1..).map(|(_, bucket)| bucket.persons).sum();
        let fine = self.buckets.get(&coarse).map_or(&[][..], |b| &b.fine);
        higher + fine.iter().filter(|(o, _)| *o > offset).map(|(_, count)| count).sum::<u32>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_at_once_are_the_same_as_one_after_the_other() {
        let minutes: Vec<u32> = (0..2_000u32).map(|n| n.wrapping_mul(2_654_435_761) % 1_500).collect();
        let mut histogram = Histogram::default();
        minutes.iter().for_each(|m| histogram.add(*m));
        assert_eq!(histogram, Histogram::of(minutes.iter().copied()));
        assert_eq!(histogram.above(700), minutes.iter().filter(|m| **m > 700).count() as u32);
        minutes.iter().for_each(|m| histogram.remove(*m));
        assert_eq!(histogram, Histogram::default());
    }
}
