//! Bytes that are read from the front, and the tags and numbers in them.

use super::error::{Fault, Problem, Read};

/// Wire type of a number.
pub(crate) const VARINT: u8 = 0;
/// Wire type of a length with so many bytes behind it.
pub(crate) const DELIMITED: u8 = 2;

/// What of a message has not been read yet.
#[derive(Clone, Copy)]
pub(crate) struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether a field of this number and wire type is next; its tag is behind then. Both are known when the program is
    /// compiled, so this compares bytes.
    #[inline(always)]
    pub(crate) fn is_next(&mut self, number: u32, wire_type: u8) -> bool {
        let tag = number << 3 | u32::from(wire_type);
        let rest = match self.0 {
            [first, rest @ ..] if tag < 0x80 && u32::from(*first) == tag => rest,
            [first, second, rest @ ..]
                if tag >= 0x80
                    && u32::from(*first) == (tag & 0x7f | 0x80)
                    && u32::from(*second) == tag >> 7 =>
            {
                rest
            }
            _ => return false,
        };
        self.0 = rest;
        true
    }

    /// The next field's number and wire type; none at the end.
    #[inline]
    pub(crate) fn tag(&mut self) -> Read<Option<(u32, u8)>> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let tag = u32::try_from(self.varint()?).map_err(|_| here(Problem::BadTag))?;
        let (number, wire_type) = (tag >> 3, (tag & 7) as u8);
        if number == 0 || wire_type > 5 {
            return Err(here(Problem::BadTag));
        }
        Ok(Some((number, wire_type)))
    }

    /// A number in its shortest form.
    #[inline]
    pub(crate) fn varint(&mut self) -> Read<u64> {
        match self.0 {
            [byte, rest @ ..] if *byte < 0x80 => {
                self.0 = rest;
                Ok(u64::from(*byte))
            }
            _ => self.long_varint(),
        }
    }

    fn long_varint(&mut self) -> Read<u64> {
        let mut number = 0u64;
        for (at, &byte) in self.0.iter().enumerate().take(10) {
            // The tenth byte has room for one bit only.
            if at == 9 && byte > 1 {
                return Err(here(Problem::BadVarint));
            }
            number |= u64::from(byte & 0x7f) << (7 * at);
            if byte < 0x80 {
                self.0 = &self.0[at + 1..];
                // A last byte of 0 adds nothing: the same number has a shorter form.
                return if byte != 0 { Ok(number) } else { Err(here(Problem::BadVarint)) };
            }
        }
        Err(here(if self.0.len() < 10 { Problem::Truncated } else { Problem::BadVarint }))
    }

    /// A length and so many bytes.
    #[inline]
    pub(crate) fn delimited(&mut self) -> Read<&'a [u8]> {
        let length = usize::try_from(self.varint()?).map_err(|_| here(Problem::Truncated))?;
        let (value, rest) = self.0.split_at_checked(length).ok_or_else(|| here(Problem::Truncated))?;
        self.0 = rest;
        Ok(value)
    }

    /// A length of exactly so many bytes, and they. By reference: a copy on its way through results costs more than all the
    /// rest of reading an id.
    #[inline]
    pub(crate) fn array<const N: usize>(&mut self) -> Read<&'a [u8; N]> {
        if let [length, rest @ ..] = self.0
            && usize::from(*length) == N
            && N < 0x80
            && let Some((value, rest)) = rest.split_first_chunk()
        {
            self.0 = rest;
            return Ok(value);
        }
        self.other_array()
    }

    #[cold]
    fn other_array<const N: usize>(&mut self) -> Read<&'a [u8; N]> {
        let bytes = self.delimited()?;
        bytes.try_into().map_err(|_| here(Problem::Length { expected: N, found: bytes.len() }))
    }

    /// A message within this one.
    #[inline]
    pub(crate) fn message(&mut self) -> Read<Self> {
        self.delimited().map(Self)
    }
}

#[cold]
fn here(problem: Problem) -> Fault {
    Fault::at("", problem)
}

#[inline]
pub(crate) fn write_key(number: u32, wire_type: u8, out: &mut Vec<u8>) {
    write_varint(u64::from(number << 3 | u32::from(wire_type)), out);
}

#[inline]
pub(crate) fn write_varint(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}
