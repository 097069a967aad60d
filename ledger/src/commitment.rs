//! What the log holds in place of personal data and free text: a salted commitment.
//!
//! PURE: no files, clock or randomness. An [`Opening`] is the value with its salt; it goes to the
//! vault. Its [`Commitment`] goes on the log. Whoever is shown the opening can check that it is what
//! the event meant; whoever sees only the log learns nothing, because the salt has 256 random bits.
//!
//! ```text
//! commitment = SHA-256("hourbook/commitment/v1\0" || field tag (1 byte) || salt (32 bytes) || value)
//! ```
//!
//! The parts before the value have a fixed length and the value comes last, so two different
//! (field, salt, value) triples never hash the same bytes. The value is canonical UTF-8: see
//! [`canonical`] for the rules of each field.

use std::fmt;

use sha2::{Digest, Sha256};
use zeroize::ZeroizeOnDrop;

mod canonical;
mod field;
mod id_number;
mod matching;
mod phone;
mod width;

pub use crate::domain::ids::Commitment;
pub use canonical::{canonical, is_canonical};
pub use field::{CODE_DIGITS, Field, FieldError};
pub use matching::matching_form;

/// The random id of the person (or wish, or activity) that a value belongs to. One vault key each.
pub type SubjectId = [u8; 16];

const DOMAIN: &[u8] = b"hourbook/commitment/v1\0";

impl Commitment {
    /// Commits to `value`, taken as it is: make it [`canonical`] first.
    pub fn of(field: Field, salt: &[u8; 32], value: &str) -> Commitment {
        let mut hash = Sha256::new();
        hash.update(DOMAIN);
        hash.update([field.tag()]);
        hash.update(salt);
        hash.update(value.as_bytes());
        Commitment(hash.finalize().into())
    }
}

/// A value with the salt that opens its commitment, and the subject whose key protects it.
///
/// The value is wiped from memory on drop, and never shown by `Debug`.
#[derive(Clone, PartialEq, Eq, ZeroizeOnDrop)]
pub struct Opening {
    /// Whose data this is.
    #[zeroize(skip)]
    pub subject: SubjectId,
    /// What kind of value it is.
    #[zeroize(skip)]
    pub field: Field,
    /// 32 random bytes, fresh for every opening.
    pub salt: [u8; 32],
    /// The canonical value.
    pub value: String,
}

impl Opening {
    /// Makes an opening of the canonical form of `raw`.
    ///
    /// # Errors
    /// [`FieldError`] if `raw` has no canonical form.
    pub fn new(subject: SubjectId, field: Field, salt: [u8; 32], raw: &str) -> Result<Opening, FieldError> {
        Ok(Opening { subject, field, salt, value: canonical(field, raw)? })
    }

    /// The commitment that this opening opens. The value is hashed as it is.
    pub fn commitment(&self) -> Commitment {
        Commitment::of(self.field, &self.salt, &self.value)
    }

    /// Whether this opening opens `commitment` and its value is canonical.
    ///
    /// # Errors
    /// [`FieldError`] saying what is wrong with the value; `Ok(false)` if it opens something else.
    pub fn opens(&self, commitment: &Commitment) -> Result<bool, FieldError> {
        is_canonical(self.field, &self.value)?;
        Ok(self.commitment() == *commitment)
    }
}

impl fmt::Debug for Opening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opening")
            .field("subject", &hex::encode(self.subject))
            .field("field", &self.field)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_one_to_fourteen_and_read_back() {
        for (index, field) in Field::ALL.into_iter().enumerate() {
            assert_eq!(usize::from(field.tag()), index + 1);
            assert_eq!(Field::of_tag(field.tag()), Some(field));
        }
        assert_eq!(Field::of_tag(0), None);
        assert_eq!(Field::of_tag(15), None);
    }

    /// Computed with another implementation:
    /// `(printf 'hourbook/commitment/v1\0\2'; head -c 32 /dev/zero | tr '\0' '\7'; printf 13800138000) | sha256sum`
    #[test]
    fn commitment_has_the_documented_bytes() {
        let opening = Opening::new([1; 16], Field::Phone, [7; 32], "+86 138-0013-8000").unwrap();
        assert_eq!(hex::encode(opening.commitment().0), GOLDEN);
    }
    const GOLDEN: &str = "af267909348d3e5fb555b45174e33c62542aa40b150b466861ca005658ba64a6";

    #[test]
    fn field_salt_and_value_all_change_the_commitment() {
        let base = Commitment::of(Field::Title, &[0; 32], "扫雪");
        assert_ne!(base, Commitment::of(Field::Place, &[0; 32], "扫雪"));
        assert_ne!(base, Commitment::of(Field::Title, &[1; 32], "扫雪"));
        assert_ne!(base, Commitment::of(Field::Title, &[0; 32], "扫雪。"));
    }

    #[test]
    fn an_opening_opens_only_its_own_commitment() {
        let opening = Opening::new([1; 16], Field::Name, [7; 32], "李秀英").unwrap();
        assert_eq!(opening.opens(&opening.commitment()), Ok(true));
        assert_eq!(opening.opens(&Commitment([0; 32])), Ok(false));
        let raw = Opening { subject: [1; 16], field: Field::Name, salt: [7; 32], value: " 李秀英".into() };
        assert_eq!(raw.opens(&raw.commitment()), Err(FieldError::NotCanonical));
    }

    #[test]
    fn debug_never_shows_the_value_or_the_salt() {
        let opening = Opening::new([1; 16], Field::Name, [0xAB; 32], "Li Xiuying").unwrap();
        let shown = format!("{opening:?}");
        assert!(!shown.contains("Xiuying") && !shown.contains("171") && !shown.contains("abab"), "{shown}");
    }
}
