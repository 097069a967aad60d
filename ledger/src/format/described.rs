//! What the types of the rules say about the schema, for the test that holds both against each other.

/// A field that the schema must have.
pub(crate) struct Described {
    pub(crate) number: u32,
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    /// Whether each element has a field of its own.
    pub(crate) is_listed: bool,
    /// The choices that exclude each other, by the name of their enum.
    pub(crate) choices: Option<&'static str>,
}

/// How a value is written.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Uint32,
    Uint64,
    Int64,
    Sint32,
    Bool,
    /// Numbers with the names of their variants.
    Enum(&'static [(i32, &'static str)]),
    Bytes,
    String,
    Message(fn(&mut Vec<Described>)),
    Packed(fn() -> Kind),
}

/// In order and without repetition.
pub(crate) fn sorted<T: Ord>(mut values: Vec<T>) -> Vec<T> {
    values.sort();
    values.dedup();
    values
}
