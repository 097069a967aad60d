//! What a type of the rules is in bytes: a value behind one tag, a message of fields, or the choices of a oneof.

#[cfg(test)]
use super::described::{Described, Kind};
use super::error::{Fault, Problem, Read};
use super::input::{DELIMITED, Input, write_key, write_varint};

/// Most elements of a list that says nothing else, as rows of a recording or roll call and participants of a claim: with every
/// number at its longest an entry then still has far less than the 65,535 bytes that it may have.
pub(crate) const MAX_ROWS: usize = 256;

/// Is shown each value of a message, whatever its type.
pub(crate) type See<'a> = &'a mut dyn FnMut(&dyn std::any::Any);

/// A value behind one tag.
pub(crate) trait Value: Sized + PartialEq + std::fmt::Debug + 'static {
    /// [`VARINT`] or [`DELIMITED`].
    const WIRE_TYPE: u8;
    /// What it means that the field is not there; none if that is a fault. Such a value is not written.
    const ABSENT: Option<Self> = None;

    /// Reads the value into an empty slot, its tag being behind. Values are large, so they are made where they stay.
    fn read(slot: &mut Option<Self>, input: &mut Input<'_>) -> Read<()>;

    /// Writes the value without its tag.
    fn write(&self, out: &mut Vec<u8>);

    /// Shows the value, and whatever is in it.
    fn visit(&self, see: See<'_>) {
        see(self);
    }

    /// Whether a field of this type may be as long.
    fn check(&self, _most: usize) -> Result<(), Problem> {
        Ok(())
    }

    /// How the schema describes it.
    #[cfg(test)]
    fn kind() -> Kind;

    /// Any value that can be on the wire.
    #[cfg(test)]
    fn any_value(most: usize) -> proptest::strategy::BoxedStrategy<Self>;
}

/// A type that is a message.
pub(crate) trait Message: Sized + PartialEq + std::fmt::Debug + 'static {
    /// Reads all fields up to the end of the input, into an empty slot.
    fn read_fields(slot: &mut Option<Self>, input: &mut Input<'_>) -> Read<()>;

    /// Writes all fields in the order of their numbers.
    fn write_fields(&self, out: &mut Vec<u8>);

    /// Shows whatever is in its fields.
    fn visit_parts(&self, see: See<'_>);

    /// Adds the fields that the schema must have.
    #[cfg(test)]
    fn describe(fields: &mut Vec<Described>);

    /// Any message that can be on the wire.
    #[cfg(test)]
    fn any_message() -> proptest::strategy::BoxedStrategy<Self>;
}

impl<T: Message> Value for T {
    const WIRE_TYPE: u8 = DELIMITED;

    #[inline]
    fn read(slot: &mut Option<Self>, input: &mut Input<'_>) -> Read<()> {
        Self::read_fields(slot, &mut input.message()?)
    }

    fn write(&self, out: &mut Vec<u8>) {
        write_message(out, |out| self.write_fields(out));
    }

    fn visit(&self, see: See<'_>) {
        see(self);
        self.visit_parts(see);
    }

    #[cfg(test)]
    fn kind() -> Kind {
        Kind::Message(Self::describe)
    }

    #[cfg(test)]
    fn any_value(_most: usize) -> proptest::strategy::BoxedStrategy<Self> {
        Self::any_message()
    }
}

/// A type whose variants are the choices of a oneof. As a message it is nothing but this oneof.
pub(crate) trait Choice: Message {
    /// What it means that none of the choices is there; none if that is a fault.
    const ABSENT: Option<Self> = None;

    /// Reads the value of a field if it is one of the choices; false if it is none, and nothing is read then.
    fn take(slot: &mut Option<Self>, number: u32, wire_type: u8, input: &mut Input<'_>) -> Read<bool>;

    /// Shows whatever is in the choice.
    fn visit_parts(&self, see: See<'_>) {
        Message::visit_parts(self, see);
    }
}

/// Reads the choice of a message that is nothing but a oneof.
#[inline]
pub(crate) fn read_choice<T: Choice>(slot: &mut Option<T>, message: &mut Input<'_>) -> Read<()> {
    while let Some((number, wire_type)) = message.tag()? {
        if !T::take(slot, number, wire_type, message)? {
            return Err(unknown_field(number));
        }
    }
    if slot.is_some() { Ok(()) } else { Err(Fault::at("", Problem::Missing)) }
}

/// Reads one choice into the slot that all of them share.
#[inline]
pub(crate) fn choose<'a, T>(
    slot: &mut Option<T>,
    name: &'static str,
    (expected, found): (u8, u8),
    input: &mut Input<'a>,
    read: impl FnOnce(&mut Option<T>, &mut Input<'a>) -> Read<()>,
) -> Read<()> {
    if slot.is_some() {
        return Err(Fault::at(name, Problem::GivenTwice));
    }
    same_type(name, expected, found)?;
    read(slot, input).map_err(|fault| fault.within(name))
}

/// Writes a field whatever its value: a choice is there even if it says zero.
pub(crate) fn put_value<T: Value>(value: &T, number: u32, out: &mut Vec<u8>) {
    write_key(number, T::WIRE_TYPE, out);
    value.write(out);
}

/// Writes a field that is a message.
pub(crate) fn put_message(number: u32, out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    write_key(number, DELIMITED, out);
    write_message(out, write);
}

/// Writes a message behind its length. Room is kept for a length of one byte, which nearly all have.
pub(crate) fn write_message(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let begin = out.len();
    out.push(0);
    write(out);
    let length = out.len() - begin - 1;
    if length < 0x80 {
        out[begin] = length as u8;
        return;
    }
    let mut prefix = Vec::with_capacity(5);
    write_varint(length as u64, &mut prefix);
    out.splice(begin..=begin, prefix);
}

#[cold]
pub(crate) fn unknown_field(number: u32) -> Fault {
    Fault::at("", Problem::UnknownField(number))
}

#[cold]
pub(crate) fn unknown_value(number: i32) -> Fault {
    let problem = if number == 0 { Problem::Missing } else { Problem::UnknownValue(number) };
    Fault::at("", problem)
}

#[inline]
fn same_type(name: &'static str, expected: u8, found: u8) -> Read<()> {
    if expected == found { Ok(()) } else { Err(Fault::at(name, Problem::WireType { expected, found })) }
}
