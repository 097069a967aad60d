//! Finding a subject by phone, ID number, volunteer number, code or name, without plain text anywhere.
//!
//! A tag is a keyed hash of the value; only the holder of the master key can compute it. Tags live in
//! memory only: on disk they would show which people share a number, and would outlive an erasure.

use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;

use super::master::{hmac, truncated};
use crate::commitment::{Commitment, Field, SubjectId, matching_form};

/// HMAC-SHA256(index key, field || matching form), cut to 16 bytes.
pub(super) fn tag(index_key: &[u8; 32], field: Field, canonical: &str) -> [u8; 16] {
    let form = zeroize::Zeroizing::new(matching_form(field, canonical));
    truncated(hmac(index_key, &[&[field.tag()], form.as_bytes()]))
}

#[derive(Default)]
pub(super) struct BlindIndex {
    places: FxHashMap<[u8; 16], SmallVec<[(SubjectId, Commitment); 1]>>,
}

impl BlindIndex {
    pub(super) fn insert(&mut self, tag: [u8; 16], subject: SubjectId, commitment: Commitment) {
        let places = self.places.entry(tag).or_default();
        if !places.contains(&(subject, commitment)) {
            places.push((subject, commitment));
        }
    }

    /// All places of `tag`, in an order that does not depend on arrival.
    pub(super) fn find(&self, tag: &[u8; 16]) -> Vec<(SubjectId, Commitment)> {
        let mut found = self.places.get(tag).map(|places| places.to_vec()).unwrap_or_default();
        found.sort_unstable();
        found
    }

    pub(super) fn forget(&mut self, subjects: &FxHashSet<SubjectId>) {
        self.places.retain(|_, places| {
            places.retain(|(subject, _)| !subjects.contains(subject));
            !places.is_empty()
        });
    }
}
