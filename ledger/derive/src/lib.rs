//! `#[derive(Format)]`: the bytes of a type of the rules, from one declaration on the type itself.
//!
//! What is generated implements the traits of `hourbook_ledger::format`, and depends on the shape of the type:
//!
//! | shape | in bytes |
//! |---|---|
//! | struct with named fields | a message; each field has `#[field(NUMBER)]` |
//! | enum without fields | the number of the variant, `#[repr(u8)]`, never 0 |
//! | enum with `#[field(NUMBER)]` on each variant | a oneof: a variant with named fields is a message, a tuple of one its value, a bare one an empty message |
//!
//! Beside its number a field may say:
//!
//! - `oneof` (without a number): the choices of the enum stand among the fields of this message.
//! - `max = N`: most bytes of a text, most elements of a list. Without it a list has at most `format::MAX_ROWS`.
//! - `ascending`: the elements of a list are strictly ascending.
//! - `name = "..."`: its name in the schema, if that is not the name here.

mod bytes;
mod shape;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// See the documentation of the crate.
#[proc_macro_derive(Format, attributes(field))]
pub fn derive_format(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    let generated = shape::Shape::of(&input).map(|shape| bytes::implement(&input.ident, &shape));
    generated.unwrap_or_else(syn::Error::into_compile_error).into()
}
