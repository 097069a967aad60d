//! How values of the rules stand in bytes: protobuf, read strictly in one pass, written in its one canonical form.
//!
//! Types of the rules say with `#[derive(Format)]` which field has which number; what is derived are the traits here. This
//! module knows neither the rules nor the generated types of the schema: a test holds both sides against the `.proto` files.
//!
//! Bytes come from strangers who signed them, so whatever could be read in two ways is refused: a field that nobody knows,
//! one that is given twice or beside another choice, a number that is longer than needed or does not fit, a text that is
//! not UTF-8. The order of fields is free, as protobuf allows. Nothing is allocated before its bytes are there, and the depth
//! is bounded by the types.

#[cfg(test)]
mod described;
mod error;
mod field;
mod input;
mod traits;

/// A number of which an absent field means zero.
macro_rules! number {
    ($name:ty, $kind:ident, $suffix:literal, $read:expr, $write:expr, $zero:expr, $any:expr) => {
        impl $crate::format::Value for $name {
            const WIRE_TYPE: u8 = $crate::format::VARINT;
            const SUFFIX: &'static str = $suffix;

            #[inline]
            fn read(
                slot: &mut Option<Self>,
                input: &mut $crate::format::Input<'_>,
            ) -> $crate::format::Read<()> {
                *slot = Some($read(input)?);
                Ok(())
            }

            #[inline]
            fn write(&self, out: &mut Vec<u8>) {
                $write(*self, out);
            }

            #[inline]
            fn absent() -> Option<Self> {
                Some($zero)
            }

            #[inline]
            fn is_absent(&self) -> bool {
                *self == $zero
            }

            #[cfg(test)]
            fn kind() -> $crate::format::Kind {
                $crate::format::Kind::$kind
            }

            #[cfg(test)]
            fn any_value(_most: usize) -> proptest::strategy::BoxedStrategy<Self> {
                proptest::strategy::Strategy::boxed($any)
            }
        }
    };
}

/// Bytes of a fixed length under a name of their own.
macro_rules! fixed {
    ($($name:ident),* $(,)?) => {$(
        impl $crate::format::Value for $name {
            const WIRE_TYPE: u8 = $crate::format::DELIMITED;

            #[inline]
            fn read(slot: &mut Option<Self>, input: &mut $crate::format::Input<'_>) -> $crate::format::Read<()> {
                *slot = Some(Self(*input.array()?));
                Ok(())
            }

            fn write(&self, out: &mut Vec<u8>) {
                $crate::format::Value::write(&self.0, out);
            }

            #[cfg(test)]
            fn kind() -> $crate::format::Kind {
                $crate::format::Kind::Bytes
            }

            #[cfg(test)]
            fn any_value(most: usize) -> proptest::strategy::BoxedStrategy<Self> {
                proptest::strategy::Strategy::boxed(proptest::strategy::Strategy::prop_map($crate::format::Value::any_value(most), Self))
            }
        }
    )*};
}

/// A message, or a message that is nothing but a oneof, is a value with a length before it.
macro_rules! delimited {
    ($name:ident, $trait:ident, $read:expr, $write:ident, $any:ident) => {
        impl $crate::format::Value for $name {
            const WIRE_TYPE: u8 = $crate::format::DELIMITED;

            #[inline]
            fn read(
                slot: &mut Option<Self>,
                input: &mut $crate::format::Input<'_>,
            ) -> $crate::format::Read<()> {
                $read(slot, &mut input.message()?)
            }

            fn write(&self, out: &mut Vec<u8>) {
                $crate::format::write_message(out, |out| $crate::format::$trait::$write(self, out));
            }

            fn visit(&self, see: $crate::format::See<'_>) {
                see(self);
                $crate::format::$trait::visit_parts(self, see);
            }

            #[cfg(test)]
            fn kind() -> $crate::format::Kind {
                $crate::format::Kind::Message(<Self as $crate::format::$trait>::describe)
            }

            #[cfg(test)]
            fn any_value(_most: usize) -> proptest::strategy::BoxedStrategy<Self> {
                <Self as $crate::format::$trait>::$any()
            }
        }
    };
}

macro_rules! value_of_message {
    ($name:ident) => {
        $crate::format::delimited!(
            $name,
            Message,
            <Self as $crate::format::Message>::read_fields,
            write_fields,
            any_message
        );
    };
}

macro_rules! value_of_choice {
    ($name:ident) => {
        $crate::format::delimited!($name, Choice, $crate::format::read_choice, put, any_choice);
    };
}

// Below the macros, for it uses them.
mod values;

#[cfg(test)]
pub(crate) use described::{Described, Kind, sorted};
pub(crate) use error::{Fault, Read, Within};
pub use error::{Problem, WireError};
pub(crate) use field::{Field, Inline, ascending, check, stray, take_inline};
pub(crate) use input::{DELIMITED, Input, VARINT, write_key, write_varint};
pub(crate) use traits::{
    Choice, MAX_ROWS, Message, See, Value, choose, put_message, put_value, read_choice, unknown_value,
    write_message,
};
pub(crate) use values::{enumerator, nothing, out_of, uint32, write_zigzag, zigzag};
pub(crate) use {delimited, fixed, number, value_of_choice, value_of_message};

/// Reads a message that is all of the bytes.
pub(crate) fn decode<T: Message>(bytes: &[u8]) -> Result<T, WireError> {
    let mut slot = None;
    T::read_fields(&mut slot, &mut Input::new(bytes))?;
    slot.ok_or_else(|| WireError::at("", Problem::Missing))
}

/// The bytes of a message.
pub(crate) fn encode<T: Message>(message: &T) -> Vec<u8> {
    let mut out = Vec::with_capacity(512);
    message.write_fields(&mut out);
    out
}

/// The name of a field with its unit, put together when the program is compiled.
pub(crate) struct Name {
    bytes: [u8; 40],
    length: usize,
}

impl Name {
    pub(crate) const fn of(plain: &str, suffix: &str) -> Self {
        let mut name = Self { bytes: [0; 40], length: 0 };
        name.append(plain);
        name.append(suffix);
        name
    }

    const fn append(&mut self, text: &str) {
        let mut at = 0;
        while at < text.len() {
            self.bytes[self.length] = text.as_bytes()[at];
            self.length += 1;
            at += 1;
        }
    }

    pub(crate) const fn text(&self) -> &str {
        match std::str::from_utf8(self.bytes.split_at(self.length).0) {
            Ok(text) => text,
            Err(_) => "",
        }
    }
}
