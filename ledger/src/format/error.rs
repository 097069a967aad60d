//! What is wrong with bytes, and where.

use std::borrow::Cow;

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
    /// What the generated decoder says of a request or an envelope.
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
        expected: Cow<'static, str>,
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

/// A fault on its way to whoever asked. One word, so that every read of a value returns in registers.
#[derive(Debug)]
pub(crate) struct Fault(Box<WireError>);

impl Fault {
    #[cold]
    pub(crate) fn at(field: &str, problem: Problem) -> Self {
        Self(Box::new(WireError { path: field.to_owned(), problem }))
    }

    /// The same fault seen from the message whose field `field` is.
    #[cold]
    pub(crate) fn within(mut self, field: &str) -> Self {
        self.0.path = match self.0.path.as_str() {
            "" => field.to_owned(),
            path if path.starts_with('[') => format!("{field}{path}"),
            path => format!("{field}.{path}"),
        };
        self
    }
}

impl From<Fault> for WireError {
    fn from(fault: Fault) -> Self {
        *fault.0
    }
}

/// What reading gives.
pub(crate) type Read<T> = Result<T, Fault>;
