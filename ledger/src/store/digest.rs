//! The digest of the rule state: one figure that two who derived the same state agree on, whatever the order in which
//! they keep it.
//!
//! It is the sum modulo 2^256 of SHA-256(table || key || record) over all records, big-endian: the number of the
//! table in one byte, then key and record as [postcard](https://postcard.jamesmunns.com/wire-format) writes them. A
//! sum can be kept up: what changed is taken out as it was and put in as it is.

use postcard::ser_flavors::Flavor;
use serde::Serialize;
use sha2::{Digest, Sha256};

/// SHA-256 of a record with its table and key.
pub type RecordHash = [u8; 32];

/// A sum of record hashes modulo 2^256.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, serde::Deserialize)]
pub struct Sum {
    /// The lowest 64 bits first.
    limbs: [u64; 4],
}

impl Sum {
    /// Takes a record in.
    pub fn add(&mut self, hash: &RecordHash) {
        let mut carry = false;
        for (limb, other) in self.limbs.iter_mut().zip(limbs(hash)) {
            (*limb, carry) = limb.carrying_add(other, carry);
        }
    }

    /// Takes a record out.
    pub fn remove(&mut self, hash: &RecordHash) {
        let mut borrow = false;
        for (limb, other) in self.limbs.iter_mut().zip(limbs(hash)) {
            (*limb, borrow) = limb.borrowing_sub(other, borrow);
        }
    }

    /// The sum, big-endian.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 32] {
        let mut bytes = [0; 32];
        for (chunk, limb) in bytes.rchunks_exact_mut(8).zip(self.limbs) {
            chunk.copy_from_slice(&limb.to_be_bytes());
        }
        bytes
    }
}

fn limbs(hash: &RecordHash) -> impl Iterator<Item = u64> + '_ {
    hash.rchunks_exact(8).map(|word| u64::from_be_bytes(word.try_into().expect("eight bytes")))
}

/// The hash of one record.
#[must_use]
pub fn record_hash(table: u8, key: &impl Serialize, record: &impl Serialize) -> RecordHash {
    let mut hashing = Hashing { hasher: Sha256::new(), held: [0; HELD], len: 0 };
    hashing.push(table);
    let written = postcard::serialize_with_flavor::<_, Borrowed<'_>, RecordHash>(
        &(key, record),
        Borrowed(&mut hashing),
    );
    written.expect("records are plain data of known length, and hashing takes any number of bytes")
}

/// Bytes held back, so that most records are hashed in one go.
const HELD: usize = 512;

/// Hashes what postcard writes.
struct Hashing {
    hasher: Sha256,
    held: [u8; HELD],
    len: usize,
}

impl Hashing {
    fn push(&mut self, byte: u8) {
        if self.len == HELD {
            self.pass_on();
        }
        self.held[self.len] = byte;
        self.len += 1;
    }

    fn extend(&mut self, bytes: &[u8]) {
        if self.len + bytes.len() > HELD {
            self.pass_on();
        }
        if bytes.len() > HELD {
            return self.hasher.update(bytes);
        }
        self.held[self.len..self.len + bytes.len()].copy_from_slice(bytes);
        self.len += bytes.len();
    }

    fn pass_on(&mut self) {
        self.hasher.update(&self.held[..self.len]);
        self.len = 0;
    }
}

/// What is held back stays in its place: postcard moves its output around, and it would be most of what a record costs.
struct Borrowed<'a>(&'a mut Hashing);

impl Flavor for Borrowed<'_> {
    type Output = RecordHash;

    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.0.push(byte);
        Ok(())
    }

    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        self.0.extend(bytes);
        Ok(())
    }

    fn finalize(self) -> postcard::Result<RecordHash> {
        self.0.pass_on();
        Ok(self.0.hasher.finalize_reset().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(low: u8, rest: u8) -> RecordHash {
        let mut hash = [rest; 32];
        hash[31] = low;
        hash
    }

    #[test]
    fn sums_carry_and_wrap_at_two_to_the_256() {
        let mut sum = Sum::default();
        sum.add(&hash(0xff, 0xff));
        assert_eq!(sum.to_bytes(), [0xff; 32]);
        sum.add(&hash(2, 0));
        assert_eq!(sum.to_bytes(), hash(1, 0), "the carry runs through all limbs and out");
        sum.remove(&hash(2, 0));
        assert_eq!(sum.to_bytes(), [0xff; 32], "and the borrow back");
        sum.remove(&hash(0xff, 0xff));
        assert_eq!(sum, Sum::default());
        let places: [u8; 32] = std::array::from_fn(|i| i as u8);
        sum.add(&places);
        assert_eq!(sum.to_bytes(), places, "big-endian in and out");
    }

    #[test]
    fn a_record_is_hashed_as_documented_whatever_its_length() {
        for length in [0, 1, HELD - 3, HELD - 2, HELD - 1, HELD, HELD + 1, 3 * HELD] {
            let (key, text) = (300u32, "x".repeat(length));
            let mut plain = vec![7, 0xac, 0x02];
            plain.extend(postcard::to_stdvec(&text).expect("text is written"));
            let expected: RecordHash = Sha256::digest(&plain).into();
            assert_eq!(record_hash(7, &key, &text), expected, "{length}");
            let numbers = vec![9u8; length];
            let mut plain = vec![7, 0xac, 0x02];
            plain.extend(postcard::to_stdvec(&numbers).expect("numbers are written"));
            let expected: RecordHash = Sha256::digest(&plain).into();
            assert_eq!(record_hash(7, &key, &numbers), expected, "{length}");
        }
    }
}
