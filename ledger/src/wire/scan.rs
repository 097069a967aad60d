//! A first look at a message: is everything in it known to the schema, once, and in its one form?
//!
//! The generated decoder skips unknown fields, lets the last of two values win and cuts numbers to size. In bytes
//! that somebody signed, each would be an assertion that nobody reads or that two readers read differently. To
//! encode the decoded message again and compare would tell some of that, but it would also refuse fields in another
//! order, which protobuf allows, and lengths alone can be balanced out. So the tags are walked against the table of
//! the schema, which has no cycles: the depth is bounded by it, the work by the length of the bytes.

use hourbook_proto::schema::{Field, Kind, Message};

use super::error::{Problem, WireError};

/// No list in an event may be as long. Checked here because an element can be two bytes on the wire and a hundred once
/// it is decoded.
const MAX_LISTED: usize = 4_096;

const VARINT: u8 = 0;
const DELIMITED: u8 = 2;

/// Checks the bytes of a message and of all messages in it.
///
/// # Errors
/// The first fault in the order of the bytes.
pub(super) fn scan(mut bytes: &[u8], message: &Message) -> Result<(), WireError> {
    let mut seen = 0u128;
    let mut list = (0, 0);
    while !bytes.is_empty() {
        let (number, wire_type) = tag(&mut bytes).map_err(here)?;
        let Ok(at) = message.fields.binary_search_by_key(&number, |field| field.number) else {
            return Err(here(Problem::UnknownField(number)));
        };
        let field = &message.fields[at];
        let fault = |problem| WireError::at(field.name, problem);
        match field.slot {
            Some(slot) if seen >> slot & 1 == 1 => return Err(fault(Problem::GivenTwice)),
            Some(slot) => seen |= 1 << slot,
            None if list.0 == number => list.1 += 1,
            None => list = (number, 0),
        }
        if field.slot.is_none() && list.1 >= MAX_LISTED {
            return Err(fault(Problem::Count { expected: "at most 4096", found: list.1 + 1 }));
        }
        check_wire_type(field, wire_type).map_err(fault)?;
        value(&mut bytes, &field.kind).map_err(|error| match field.slot {
            Some(_) => error.within(field.name),
            None => error.within(&format!("{}[{}]", field.name, list.1)),
        })?;
    }
    Ok(())
}

fn here(problem: Problem) -> WireError {
    WireError::at("", problem)
}

fn tag(bytes: &mut &[u8]) -> Result<(u32, u8), Problem> {
    let tag = u32::try_from(varint(bytes)?).map_err(|_| Problem::BadTag)?;
    let (number, wire_type) = (tag >> 3, (tag & 7) as u8);
    if number == 0 || wire_type > 5 {
        return Err(Problem::BadTag);
    }
    Ok((number, wire_type))
}

fn check_wire_type(field: &Field, found: u8) -> Result<(), Problem> {
    let expected = match field.kind {
        Kind::Bytes | Kind::String | Kind::Message(_) | Kind::Packed(_) => DELIMITED,
        _ => VARINT,
    };
    if found == expected { Ok(()) } else { Err(Problem::WireType { expected, found }) }
}

fn value(bytes: &mut &[u8], kind: &Kind) -> Result<(), WireError> {
    match kind {
        Kind::Bytes => delimited(bytes).map(drop).map_err(here),
        Kind::String => {
            let text = delimited(bytes).map_err(here)?;
            std::str::from_utf8(text).map(drop).map_err(|_| here(Problem::NotUtf8))
        }
        Kind::Message(message) => scan(delimited(bytes).map_err(here)?, message),
        Kind::Packed(kind) => {
            let mut values = delimited(bytes).map_err(here)?;
            while !values.is_empty() {
                value(&mut values, kind)?;
            }
            Ok(())
        }
        Kind::Int64 | Kind::Uint64 => bounded(bytes, u64::MAX),
        Kind::Uint32 | Kind::Sint32 => bounded(bytes, u64::from(u32::MAX)),
        Kind::Enum => bounded(bytes, i32::MAX as u64),
        Kind::Bool => bounded(bytes, 1),
    }
}

fn bounded(bytes: &mut &[u8], max: u64) -> Result<(), WireError> {
    match varint(bytes) {
        Ok(number) if number <= max => Ok(()),
        Ok(_) => Err(here(Problem::BadVarint)),
        Err(problem) => Err(here(problem)),
    }
}

fn delimited<'a>(bytes: &mut &'a [u8]) -> Result<&'a [u8], Problem> {
    let length = usize::try_from(varint(bytes)?).map_err(|_| Problem::Truncated)?;
    let (value, rest) = bytes.split_at_checked(length).ok_or(Problem::Truncated)?;
    *bytes = rest;
    Ok(value)
}

fn varint(bytes: &mut &[u8]) -> Result<u64, Problem> {
    let mut number = 0u64;
    for at in 0..10 {
        let &byte = bytes.get(at).ok_or(Problem::Truncated)?;
        let bits = u64::from(byte & 0x7f);
        // The tenth byte has room for one bit only.
        if at == 9 && byte > 1 {
            return Err(Problem::BadVarint);
        }
        number |= bits << (7 * at);
        if byte < 0x80 {
            // A last byte of 0 adds nothing: the same number has a shorter form.
            let shortest = byte != 0 || at == 0;
            *bytes = &bytes[at + 1..];
            return if shortest { Ok(number) } else { Err(Problem::BadVarint) };
        }
    }
    Err(Problem::BadVarint)
}
