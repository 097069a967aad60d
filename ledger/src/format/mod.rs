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

/// A number, of which an absent field means zero if one is named.
macro_rules! number {
    ($name:ty, $kind:ident, $read:expr, $write:expr, $any:expr $(, $zero:expr)?) => {
        impl $crate::format::Value for $name {
            const WIRE_TYPE: u8 = $crate::format::VARINT;
            $(const ABSENT: Option<Self> = Some($zero);)?

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

// Below the macros, for it uses them.
mod values;

#[cfg(test)]
pub(crate) use described::{Described, Kind, sorted};
pub(crate) use error::{Fault, Read};
pub use error::{Problem, WireError};
pub(crate) use field::{Field, ascending, stray, take_choice};
pub(crate) use input::{DELIMITED, Input, VARINT, write_key, write_varint};
pub(crate) use traits::{
    Choice, MAX_ROWS, Message, See, Value, choose, put_message, put_value, read_choice, unknown_value,
};
pub(crate) use values::{enumerator, out_of, uint32, write_zigzag, zigzag};
pub(crate) use {fixed, number};

/// Reads a message that is all of the bytes.
pub(crate) fn decode<T: Message>(bytes: &[u8]) -> Result<T, WireError> {
    let mut slot = None;
    T::read_fields(&mut slot, &mut Input::new(bytes))?;
    Ok(slot.ok_or_else(|| Fault::at("", Problem::Missing))?)
}

/// The bytes of a message.
pub(crate) fn encode<T: Message>(message: &T) -> Vec<u8> {
    let mut out = Vec::with_capacity(512);
    message.write_fields(&mut out);
    out
}
