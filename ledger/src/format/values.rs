//! Single values: numbers, texts, bytes of a fixed length.

use super::error::{Fault, Problem, Read};
use super::input::{DELIMITED, Input, write_varint};
use super::traits::Value;
#[cfg(test)]
use proptest::prelude::*;

#[cold]
pub(crate) fn out_of(expected: &'static str, found: impl Into<i128>) -> Fault {
    Fault::at("", Problem::Range { expected, found: found.into() })
}

#[inline]
fn at_most(input: &mut Input<'_>, most: u64) -> Read<u64> {
    match input.varint()? {
        number if number <= most => Ok(number),
        _ => Err(Fault::at("", Problem::BadVarint)),
    }
}

/// The number of an enum: below 2^31, for no enum of the schema has a negative one.
#[inline]
pub(crate) fn enumerator(input: &mut Input<'_>) -> Read<i32> {
    Ok(at_most(input, i32::MAX as u64)? as i32)
}

#[inline]
pub(crate) fn zigzag(input: &mut Input<'_>) -> Read<i32> {
    let bits = at_most(input, u64::from(u32::MAX))? as u32;
    Ok((bits >> 1).cast_signed() ^ -(bits & 1).cast_signed())
}

pub(crate) fn write_zigzag(value: i32, out: &mut Vec<u8>) {
    write_varint(u64::from((value << 1 ^ value >> 31).cast_unsigned()), out);
}

#[inline]
pub(crate) fn uint32(input: &mut Input<'_>) -> Read<u32> {
    Ok(at_most(input, u64::from(u32::MAX))? as u32)
}

#[inline]
fn boolean(input: &mut Input<'_>) -> Read<bool> {
    Ok(at_most(input, 1)? == 1)
}

#[inline]
fn uint16(input: &mut Input<'_>) -> Read<u16> {
    let number = uint32(input)?;
    u16::try_from(number).map_err(|_| out_of("0 to 65535", number))
}

#[inline]
fn uint8(input: &mut Input<'_>) -> Read<u8> {
    let number = uint32(input)?;
    u8::try_from(number).map_err(|_| out_of("0 to 255", number))
}

number!(u64, Uint64, Input::varint, write_varint, any::<u64>(), 0);
number!(u32, Uint32, uint32, |number: u32, out: &mut _| write_varint(number.into(), out), any::<u32>(), 0);
number!(u16, Uint32, uint16, |number: u16, out: &mut _| write_varint(number.into(), out), any::<u16>(), 0);
number!(u8, Uint32, uint8, |number: u8, out: &mut _| write_varint(number.into(), out), any::<u8>(), 0);
number!(i32, Sint32, zigzag, write_zigzag, any::<i32>(), 0);
number!(bool, Bool, boolean, |yes: bool, out: &mut _| write_varint(yes.into(), out), any::<bool>(), false);

impl<const N: usize> Value for [u8; N] {
    const WIRE_TYPE: u8 = DELIMITED;

    #[inline]
    fn read(slot: &mut Option<Self>, input: &mut Input<'_>) -> Read<()> {
        *slot = Some(*input.array()?);
        Ok(())
    }

    #[inline]
    fn write(&self, out: &mut Vec<u8>) {
        write_varint(N as u64, out);
        out.extend_from_slice(self);
    }

    #[cfg(test)]
    fn kind() -> super::described::Kind {
        super::described::Kind::Bytes
    }

    #[cfg(test)]
    fn any_value(_most: usize) -> BoxedStrategy<Self> {
        proptest::collection::vec(any::<u8>(), N).prop_map(|bytes| bytes.try_into().expect("so many")).boxed()
    }
}

/// A text of one byte to as many as its field says, without control characters.
impl Value for String {
    const WIRE_TYPE: u8 = DELIMITED;
    const ABSENT: Option<Self> = Some(Self::new());

    fn read(slot: &mut Option<Self>, input: &mut Input<'_>) -> Read<()> {
        let bytes = input.delimited()?;
        let text = std::str::from_utf8(bytes).map_err(|_| Fault::at("", Problem::NotUtf8))?;
        *slot = Some(text.to_owned());
        Ok(())
    }

    fn write(&self, out: &mut Vec<u8>) {
        write_varint(self.len() as u64, out);
        out.extend_from_slice(self.as_bytes());
    }

    fn check(&self, max: usize) -> Result<(), Problem> {
        let fits = (1..=max).contains(&self.len()) && !self.chars().any(char::is_control);
        if fits { Ok(()) } else { Err(Problem::Text { max }) }
    }

    #[cfg(test)]
    fn kind() -> super::described::Kind {
        super::described::Kind::String
    }

    #[cfg(test)]
    fn any_value(most: usize) -> BoxedStrategy<Self> {
        "[a-z0-9 ./社区网格扫雪𠮷]{1,20}".prop_filter("too long", move |text| text.len() <= most).boxed()
    }
}
