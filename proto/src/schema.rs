//! The fields of every message as a static table, for readers that must know what the generated types forget:
//! prost drops unknown fields and lets the last of two values win.

/// The fields of a message.
#[derive(Debug)]
pub struct Message {
    /// In the order of their numbers.
    pub fields: &'static [Field],
}

/// A field of a message.
#[derive(Debug)]
pub struct Field {
    /// Its number on the wire.
    pub number: u32,
    /// Its name in the schema.
    pub name: &'static str,
    /// How its value is written.
    pub kind: Kind,
    /// Fields of one message with the same slot exclude each other, and a field with a slot is given at most
    /// once. Below 128. Only elements of a list have none.
    pub slot: Option<u8>,
}

/// How a value is written.
#[derive(Debug)]
pub enum Kind {
    /// A varint below 2^32.
    Uint32,
    /// A varint below 2^64.
    Uint64,
    /// A varint that holds 64 bits in two's complement.
    Int64,
    /// A zigzag varint below 2^32.
    Sint32,
    /// A varint of 0 or 1.
    Bool,
    /// A varint below 2^31: no enum of the schema has a negative number.
    Enum,
    /// Length, then bytes.
    Bytes,
    /// Length, then UTF-8.
    String,
    /// Length, then fields.
    Message(&'static Message),
    /// Length, then values without tags.
    Packed(&'static Kind),
}

include!(concat!(env!("OUT_DIR"), "/schema.rs"));
