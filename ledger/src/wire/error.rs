//! What is wrong with bytes, and where.

use thiserror::Error;

/// Bytes that are no valid message: where the fault lies and what it is.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}{}{problem}", .path, if .path.is_empty() { "" } else { ": " })]
pub struct WireError {
    /// The field in the schema's names, such as `body.hours_recorded.rows[3].person`; empty for the message itself.
    pub path: String,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Problem {
    /// A length or a number runs past the end.
    #[error("the bytes end in the middle of a value")]
    Truncated,
    /// A field number of 0 or above 2^29 - 1, or a wire type that does not exist.
    #[error("not a protobuf tag")]
    BadTag,
    /// A number in more bytes than needed, or too large for its type.
    #[error("not the shortest varint of a value that fits the type of the field")]
    BadVarint,
    /// A field that the schema does not have.
    #[error("field {0} is not known: nothing may be asserted that this ledger does not understand")]
    UnknownField(u32),
    /// A value of another wire type.
    #[error("expected wire type {expected}, found {found}")]
    WireType {
        /// The wire type in the schema.
        expected: u8,
        /// The wire type in the bytes.
        found: u8,
    },
    /// A field that is no list is there twice, or beside another choice of its oneof.
    #[error("given twice, or together with another choice of the same oneof")]
    GivenTwice,
    /// A string that is not UTF-8.
    #[error("not UTF-8")]
    NotUtf8,
    /// The decoder refused what the scanner accepted.
    #[error("not decodable: {0}")]
    Undecodable(String),
    /// A required field is absent.
    #[error("required, but absent")]
    Missing,
    /// Bytes of another length.
    #[error("expected {expected} bytes, found {found}")]
    Length {
        /// As the schema says.
        expected: usize,
        /// As found.
        found: usize,
    },
    /// 0, or a number that the enum does not list.
    #[error("{0} is not a value of this enum")]
    UnknownValue(i32),
    /// A number out of range.
    #[error("expected {expected}, found {found}")]
    Range {
        /// The range.
        expected: &'static str,
        /// As found.
        found: i128,
    },
    /// A list with too few or too many elements.
    #[error("expected {expected} elements, found {found}")]
    Count {
        /// The range.
        expected: &'static str,
        /// As found.
        found: usize,
    },
    /// A list that is not in order, or repeats an element.
    #[error("expected strictly ascending values")]
    NotAscending,
    /// A text that is empty, too long, or has a control character.
    #[error("expected 1 to {max} bytes of text without control characters")]
    Text {
        /// Most bytes.
        max: usize,
    },
    /// A text that must be a certain one.
    #[error("expected {expected}")]
    Value {
        /// What it must be.
        expected: &'static str,
    },
}

impl WireError {
    pub(super) fn at(field: &str, problem: Problem) -> Self {
        Self { path: field.to_owned(), problem }
    }

    /// The same fault seen from the message whose field `field` is.
    pub(super) fn within(mut self, field: &str) -> Self {
        self.path = if self.path.is_empty() { field.to_owned() } else { format!("{field}.{}", self.path) };
        self
    }
}

/// Says in which field of the message at hand a fault lies.
pub(super) trait Within {
    fn within(self, field: &str) -> Self;
}

impl<T> Within for Result<T, WireError> {
    fn within(self, field: &str) -> Self {
        self.map_err(|error| error.within(field))
    }
}
