//! `#[derive(Format)]`: the bytes of a type of the rules, from one declaration on the type itself.
//!
//! What is generated implements the traits of `hourbook_ledger::format`, and depends on the shape of the type:
//!
//! | shape | in bytes |
//! |---|---|
//! | struct with named fields | a message; its fields are numbered from 1 in their order |
//! | enum without fields | the number of the variant, `#[repr(u8)]`, never 0 |
//! | enum with `#[field(NUMBER)]` on each variant | a oneof: a variant with named fields is a message, a tuple of one its value, a bare one an empty message |
//!
//! In `#[field(...)]` a field may say:
//!
//! - `NUMBER`: its number, where that is not the one after the field before; required after a `oneof`.
//! - `oneof`: the choices of the enum stand among the fields of this message.
//! - `absent`, on a variant that has no number: it is meant where none of the choices is there.
//! - `max = N`: most bytes of a text, most elements of a list. Without it a list has at most `format::MAX_ROWS`.
//! - `ascending`: the elements of a list are strictly ascending.
//! - `name = "..."`: its name in the schema, if that is not the name here with the unit of its type.

//!
//! `#[derive(Aggregate)]` stands in its place on the enum of an aggregate's events, and says the facts of each beside its
//! bytes. `#[aggregate(stream(KIND, FIELD))]` names the kind of stream and the field of its id; a variant has
//! `#[event(NUMBER, by(WAYS))]` and `#[safe = "..."]`, a `stream` of its own where it differs, and `unprefixed` where its name says
//! enough without the aggregate's. A field with
//! `commits(VALUE, SUBJECT)` is a commitment to a value of that kind, kept under the key of the subject that the field
//! `SUBJECT` names. From `WishEvent` it makes `WishKind` with names, authority and arguments, and on the event its kind,
//! stream and commitments.
//!
//! `#[derive(Aggregates)]` stands on the enum with a variant for each aggregate, and hands these on.
//!
//! `#[derive(All)]` stands on an enum without fields and gives it the list `ALL` of its variants in their order.

mod aggregate;
mod bytes;
mod shape;

use proc_macro::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, parse_macro_input};

/// See the documentation of the crate.
#[proc_macro_derive(Format, attributes(field))]
pub fn derive_format(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    let generated = shape::Shape::of(&input).map(|shape| bytes::implement(&input.ident, &shape));
    generated.unwrap_or_else(syn::Error::into_compile_error).into()
}

/// See the documentation of the crate.
#[proc_macro_derive(Aggregate, attributes(aggregate, event, field, safe))]
pub fn derive_aggregate(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    aggregate::implement(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// See the documentation of the crate.
#[proc_macro_derive(Aggregates, attributes(field))]
pub fn derive_aggregates(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    aggregate::hand_on(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// See the documentation of the crate.
#[proc_macro_derive(All)]
pub fn derive_all(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    let Data::Enum(data) = &input.data else {
        return syn::Error::new_spanned(&input, "expected an enum").into_compile_error().into();
    };
    let (ident, variants) = (&input.ident, data.variants.iter().map(|variant| &variant.ident));
    let count = variants.len();
    let all = quote! {
        impl #ident {
            /// All of them, in the order in which they are declared.
            pub const ALL: [Self; #count] = [#(Self::#variants),*];
        }
    };
    all.into()
}
