//! Fields: a value that must be there or means something by its absence, one that may be absent, and lists.

use super::error::{Fault, Problem, Read};
use super::input::{DELIMITED, Input, VARINT};
use super::traits::{Choice, MAX_ROWS, See, Value, put_message, put_value, unknown_field};

#[cfg(test)]
use proptest::strategy::{BoxedStrategy, Strategy as _};

/// No list in an event may be as long, whatever its type says. Checked while it is read, because an element can be two bytes
/// on the wire and a hundred once it is decoded.
const MAX_LISTED: usize = 4_096;

/// A field of a message.
pub(crate) trait Field: Sized {
    /// What has been read of it so far.
    type Slot: Default;
    /// See [`Value::WIRE_TYPE`].
    const WIRE_TYPE: u8;

    /// Reads the field if it is next, a list as far as it goes on.
    fn take(slot: &mut Self::Slot, number: u32, name: &'static str, input: &mut Input<'_>) -> Read<()>;

    /// The value once the message is at its end; none if that is a fault.
    fn finish(slot: &mut Self::Slot) -> Option<Self>;

    /// The fault, if there is no value.
    #[cold]
    fn missing(_slot: &Self::Slot) -> Problem {
        Problem::Missing
    }

    /// Writes the field, if it has to be written.
    fn put(&self, number: u32, out: &mut Vec<u8>);

    /// Shows what is in it.
    fn visit(&self, _see: See<'_>) {}

    /// Whether it is within the bound that its message names.
    fn check(&self, most: usize) -> Result<(), Problem>;

    /// How the schema describes it, and whether it is a list of single fields.
    #[cfg(test)]
    fn described() -> (super::described::Kind, bool);

    /// Any value that can be on the wire, within a bound.
    #[cfg(test)]
    fn any_field(most: usize) -> BoxedStrategy<Self>;
}

/// Reads a choice if it is next.
#[inline]
pub(crate) fn take_choice<T: Choice>(slot: &mut Option<T>, input: &mut Input<'_>) -> Read<()> {
    let mut ahead = *input;
    if let Some((number, wire_type)) = ahead.tag()?
        && T::take(slot, number, wire_type, &mut ahead)?
    {
        *input = ahead;
    }
    Ok(())
}

/// Why a message does not go on: what comes next is none of its fields, or one in another type.
#[cold]
pub(crate) fn stray(mut input: Input<'_>, known: &[(u32, &'static str, u8)]) -> Fault {
    let (number, found) = match input.tag() {
        Ok(tag) => tag.unwrap_or_default(),
        Err(fault) => return fault,
    };
    let field = known.iter().find(|(known, ..)| *known == number);
    field.map_or_else(
        || unknown_field(number),
        |(_, name, expected)| Fault::at(name, Problem::WireType { expected: *expected, found }),
    )
}

/// Values that each come after the one before.
pub(crate) fn ascending<T: Ord>(values: &[T], name: &'static str) -> Read<()> {
    if values.is_sorted_by(|a, b| a < b) { Ok(()) } else { Err(Fault::at(name, Problem::NotAscending)) }
}

/// Inlined wherever it stands, or a value of two numbers is written to memory and at once read back as one.
#[inline(always)]
fn take_once<T: Value>(
    slot: &mut Option<T>,
    number: u32,
    name: &'static str,
    input: &mut Input<'_>,
) -> Read<()> {
    if !input.is_next(number, T::WIRE_TYPE) {
        return Ok(());
    }
    if slot.is_some() {
        return Err(Fault::at(name, Problem::GivenTwice));
    }
    T::read(slot, input).map_err(|fault| fault.within(name))
}

impl<T: Value> Field for T {
    type Slot = Option<T>;
    const WIRE_TYPE: u8 = <T as Value>::WIRE_TYPE;

    #[inline]
    fn take(slot: &mut Self::Slot, number: u32, name: &'static str, input: &mut Input<'_>) -> Read<()> {
        take_once(slot, number, name, input)
    }

    #[inline]
    fn finish(slot: &mut Self::Slot) -> Option<Self> {
        slot.take().or(T::ABSENT)
    }

    #[inline]
    fn put(&self, number: u32, out: &mut Vec<u8>) {
        if T::ABSENT.as_ref() != Some(self) {
            put_value(self, number, out);
        }
    }

    fn visit(&self, see: See<'_>) {
        Value::visit(self, see);
    }

    #[inline]
    fn check(&self, most: usize) -> Result<(), Problem> {
        Value::check(self, most)
    }

    #[cfg(test)]
    fn described() -> (super::described::Kind, bool) {
        (T::kind(), false)
    }

    #[cfg(test)]
    fn any_field(most: usize) -> BoxedStrategy<Self> {
        T::any_value(most)
    }
}

impl<T: Value> Field for Option<T> {
    type Slot = Self;
    const WIRE_TYPE: u8 = <T as Value>::WIRE_TYPE;

    #[inline]
    fn take(slot: &mut Self::Slot, number: u32, name: &'static str, input: &mut Input<'_>) -> Read<()> {
        take_once(slot, number, name, input)
    }

    #[inline]
    fn finish(slot: &mut Self::Slot) -> Option<Self> {
        Some(slot.take())
    }

    #[inline]
    fn put(&self, number: u32, out: &mut Vec<u8>) {
        if let Some(value) = self {
            put_value(value, number, out);
        }
    }

    fn visit(&self, see: See<'_>) {
        self.iter().for_each(|value| Value::visit(value, see));
    }

    #[inline]
    fn check(&self, most: usize) -> Result<(), Problem> {
        self.as_ref().map_or(Ok(()), |value| Value::check(value, most))
    }

    #[cfg(test)]
    fn described() -> (super::described::Kind, bool) {
        (T::kind(), false)
    }

    #[cfg(test)]
    fn any_field(most: usize) -> BoxedStrategy<Self> {
        proptest::option::of(T::any_value(most)).boxed()
    }
}

/// Numbers stand in one field without tags, anything else has a field an element.
impl<T: Value> Field for Vec<T> {
    /// Whether the field of all numbers was there.
    type Slot = (bool, Self);
    const WIRE_TYPE: u8 = DELIMITED;

    #[inline]
    fn take(slot: &mut Self::Slot, number: u32, name: &'static str, input: &mut Input<'_>) -> Read<()> {
        while input.is_next(number, DELIMITED) {
            let (packed, list) = (&mut slot.0, &mut slot.1);
            if T::WIRE_TYPE != VARINT {
                reserve(list, input);
                push(list, input).map_err(|fault| fault.within(name))?;
                continue;
            }
            if std::mem::replace(packed, true) {
                return Err(Fault::at(name, Problem::GivenTwice));
            }
            let mut numbers = input.message().map_err(|fault| fault.within(name))?;
            while !numbers.is_empty() {
                push(list, &mut numbers).map_err(|fault| fault.within(name))?;
            }
        }
        Ok(())
    }

    #[inline]
    fn finish(slot: &mut Self::Slot) -> Option<Self> {
        Some(std::mem::take(&mut slot.1))
    }

    #[inline]
    fn put(&self, number: u32, out: &mut Vec<u8>) {
        if T::WIRE_TYPE != VARINT {
            self.iter().for_each(|value| put_value(value, number, out));
        } else if !self.is_empty() {
            put_message(number, out, |out| self.iter().for_each(|value| value.write(out)));
        }
    }

    fn visit(&self, see: See<'_>) {
        self.iter().for_each(|value| Value::visit(value, see));
    }

    #[inline]
    fn check(&self, most: usize) -> Result<(), Problem> {
        if self.len() <= most { Ok(()) } else { Err(too_many(most, self.len())) }
    }

    #[cfg(test)]
    fn described() -> (super::described::Kind, bool) {
        let listed = T::WIRE_TYPE != VARINT;
        (if listed { T::kind() } else { super::described::Kind::Packed(T::kind) }, listed)
    }

    #[cfg(test)]
    fn any_field(most: usize) -> BoxedStrategy<Self> {
        proptest::collection::vec(T::any_value(most), 0..=most.min(5)).boxed()
    }
}

/// Room for all elements of a list, before the first. All are about as long, so one allocation is mostly enough.
#[inline]
fn reserve<T>(list: &mut Vec<T>, input: &Input<'_>) {
    if list.is_empty() {
        let first = { *input }.delimited().map_or(input.len(), |first| first.len() + 2);
        list.reserve((input.len() / first.max(1) + 1).min(MAX_ROWS));
    }
}

#[inline]
fn push<T: Value>(list: &mut Vec<T>, input: &mut Input<'_>) -> Read<()> {
    if list.len() == MAX_LISTED {
        return Err(Fault::at("", too_many(MAX_LISTED, MAX_LISTED + 1)));
    }
    let mut slot = None;
    T::read(&mut slot, input).map_err(|fault| fault.within(&format!("[{}]", list.len())))?;
    list.extend(slot);
    Ok(())
}

#[cold]
fn too_many(most: usize, found: usize) -> Problem {
    Problem::Count { expected: format!("at most {most}").into(), found }
}

#[cfg(test)]
impl super::described::Described {
    pub(crate) fn field<T: Field>(number: u32, name: &'static str) -> Self {
        let (kind, is_listed) = T::described();
        Self { number, name, kind, is_listed, choices: None }
    }
}
