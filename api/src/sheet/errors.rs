//! The mistakes of a sheet: the first ones word for word, all of them counted. A hostile sheet has half a million.

use std::collections::BTreeMap;

use super::faults::RowError;

pub(super) struct Errors {
    kept: Vec<RowError>,
    counts: BTreeMap<&'static str, usize>,
    most: usize,
}

impl Errors {
    pub(super) fn new(most: usize) -> Errors {
        Errors { kept: Vec::new(), counts: BTreeMap::new(), most }
    }

    pub(super) fn push(&mut self, error: RowError) {
        *self.counts.entry(error.code).or_default() += 1;
        self.kept.push(error);
        if self.kept.len() >= self.most.saturating_mul(2).max(64) {
            self.shorten();
        }
    }

    fn shorten(&mut self) {
        self.kept.sort_by(|a, b| (a.line, a.order, a.code).cmp(&(b.line, b.order, b.code)));
        self.kept.truncate(self.most);
    }

    /// The first by line and column, and how many there are of each code.
    pub(super) fn finish(mut self) -> (Vec<RowError>, BTreeMap<&'static str, usize>) {
        self.shorten();
        (self.kept, self.counts)
    }
}
