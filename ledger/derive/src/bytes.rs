//! The generated code.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Expr, Ident};

use crate::shape::{Content, Field, Shape, Variant};

pub(crate) fn implement(ident: &Ident, shape: &Shape) -> TokenStream {
    match shape {
        Shape::Message(fields) => Parts::of_message(fields).implement(ident),
        Shape::Number(variants) => number(ident, variants),
        Shape::Choice { variants, absent } => {
            let message = Parts::of_choice(ident, variants, absent.as_ref()).implement(ident);
            let choice = choice(ident, variants, absent.as_ref());
            quote!(#message #choice)
        }
    }
}

/// What the methods of a message do.
struct Parts {
    read: TokenStream,
    write: TokenStream,
    visit: TokenStream,
    describe: TokenStream,
    strategy: TokenStream,
}

impl Parts {
    fn of_message(fields: &[Field]) -> Self {
        Self {
            read: read_fields(&quote!(Self), fields),
            write: write_fields(fields, |field| quote!(&self.#field)),
            visit: visit_fields(fields, |field| quote!(&self.#field)),
            describe: describe_fields(fields),
            strategy: strategy(&quote!(Self), fields),
        }
    }

    fn of_choice(ident: &Ident, variants: &[Variant], absent: Option<&Ident>) -> Self {
        let writes = variants.iter().map(put_variant);
        let visits = variants.iter().map(visit_variant);
        let describes = variants.iter().map(describe_variant);
        let strategies = variants.iter().map(|variant| {
            let name = &variant.ident;
            match &variant.content {
                Content::Value(ty) => {
                    quote!(<#ty as crate::format::Value>::any_value(crate::format::MAX_ROWS).prop_map(Self::#name).boxed())
                }
                Content::Message(fields) => strategy(&quote!(Self::#name), fields),
            }
        });
        let choices = ident.to_string();
        let nothing = absent.map(|absent| quote!(Self::#absent => {}));
        let absent = absent.map(|absent| quote!(Just(Self::#absent).boxed()));
        Self {
            read: quote!(crate::format::read_choice(slot, input)),
            write: quote!(match self { #(#writes)* #nothing }),
            visit: quote!(match self { #(#visits)* #nothing }),
            describe: quote!(const CHOICES: Option<&str> = Some(#choices); #(#describes)*),
            strategy: quote!(proptest::strategy::Union::new(vec![#(#strategies,)* #absent]).boxed()),
        }
    }

    fn implement(self, ident: &Ident) -> TokenStream {
        let Self { read, write, visit, describe, strategy } = self;
        quote! {
            #[allow(unused_variables)] // of a message without fields
            impl crate::format::Message for #ident {
                #[inline]
                fn read_fields(
                    slot: &mut Option<Self>,
                    input: &mut crate::format::Input<'_>,
                ) -> crate::format::Read<()> {
                    #read
                }
                fn write_fields(&self, out: &mut Vec<u8>) {
                    #write
                }
                fn visit_parts(&self, see: crate::format::See<'_>) {
                    #visit
                }
                #[cfg(test)]
                fn describe(fields: &mut Vec<crate::format::Described>) {
                    #describe
                }
                #[cfg(test)]
                fn any_message() -> proptest::strategy::BoxedStrategy<Self> {
                    use proptest::prelude::*;
                    #strategy
                }
            }
        }
    }
}

/// Reads fields in any order, and makes `whole` of them. Fields mostly come in the order of their numbers, so each is asked for
/// in turn; whatever comes otherwise takes another round.
fn read_fields(whole: &TokenStream, fields: &[Field]) -> TokenStream {
    let idents: Vec<_> = fields.iter().map(|field| &field.ident).collect();
    let slots = fields.iter().map(|Field { ident, ty, number, .. }| match number {
        Some(_) => quote!(let mut #ident = <<#ty as crate::format::Field>::Slot as Default>::default();),
        None => quote!(let mut #ident = None;),
    });
    let takes = fields.iter().map(|Field { ident, ty, number, name, .. }| match number {
        Some(number) => quote!(<#ty as crate::format::Field>::take(&mut #ident, #number, #name, input)?;),
        None => quote!(crate::format::take_choice::<#ty>(&mut #ident, input)?;),
    });
    let known = fields.iter().filter_map(|Field { ty, number, name, .. }| {
        let number = number.as_ref()?;
        Some(quote!((#number, #name, <#ty as crate::format::Field>::WIRE_TYPE)))
    });
    let finishes = fields.iter().map(finish);
    quote! {
        #(#slots)*
        while !input.is_empty() {
            let before = input.len();
            #(#takes)*
            if input.len() == before {
                return Err(crate::format::stray(*input, &[#(#known),*]));
            }
        }
        #(#finishes)*
        *slot = Some(#whole { #(#idents),* });
        Ok(())
    }
}

fn finish(field: &Field) -> TokenStream {
    let Field { ident, ty, number, name, max, .. } = field;
    if number.is_none() {
        return quote! {
            let Some(#ident) = #ident.or(<#ty as crate::format::Choice>::ABSENT) else {
                return Err(crate::format::Fault::at(#name, crate::format::Problem::Missing));
            };
        };
    }
    let ascending = field.is_ascending.then(|| quote!(crate::format::ascending(&#ident, #name)?;));
    quote! {
        let Some(#ident) = <#ty as crate::format::Field>::finish(&mut #ident) else {
            return Err(crate::format::Fault::at(#name, <#ty as crate::format::Field>::missing(&#ident)));
        };
        crate::format::Field::check(&#ident, #max).map_err(|problem| crate::format::Fault::at(#name, problem))?;
        #ascending
    }
}

fn write_fields(fields: &[Field], value: impl Fn(&Ident) -> TokenStream) -> TokenStream {
    let writes = fields.iter().map(|field| {
        let value = value(&field.ident);
        match &field.number {
            Some(number) => quote!(crate::format::Field::put(#value, #number, out);),
            None => quote!(crate::format::Message::write_fields(#value, out);),
        }
    });
    quote!(#(#writes)*)
}

fn visit_fields(fields: &[Field], value: impl Fn(&Ident) -> TokenStream) -> TokenStream {
    let visits = fields.iter().map(|field| visit(field, &value(&field.ident)));
    quote!(#(#visits;)*)
}

/// Shows what is in a field to `see`.
pub(crate) fn visit(field: &Field, value: &TokenStream) -> TokenStream {
    match field.number {
        Some(_) => quote!(crate::format::Field::visit(#value, see)),
        None => quote!(crate::format::Message::visit_parts(#value, see)),
    }
}

fn visit_variant(Variant { ident, content, .. }: &Variant) -> TokenStream {
    match content {
        Content::Value(_) => quote!(Self::#ident(value) => crate::format::Value::visit(value, see),),
        Content::Message(fields) => {
            let idents = fields.iter().map(|field| &field.ident);
            let visit = visit_fields(fields, |field| quote!(#field));
            quote!(Self::#ident { #(#idents),* } => { #visit })
        }
    }
}

fn describe_fields(fields: &[Field]) -> TokenStream {
    let each = fields.iter().map(|Field { ty, number, name, .. }| match number {
        Some(number) => quote!(fields.push(crate::format::Described::field::<#ty>(#number, #name));),
        None => quote!(<#ty as crate::format::Message>::describe(fields);),
    });
    quote!(#(#each)*)
}

fn number(ident: &Ident, variants: &[(Ident, Expr)]) -> TokenStream {
    let reads = variants.iter().map(|(variant, number)| quote!(#number => Self::#variant,));
    let names = variants.iter().map(|(variant, _)| variant);
    let listed = variants.iter().map(|(variant, number)| {
        let name = variant.to_string();
        quote!((#number, #name))
    });
    quote! {
        impl crate::format::Value for #ident {
            const WIRE_TYPE: u8 = crate::format::VARINT;
            #[inline]
            fn read(slot: &mut Option<Self>, input: &mut crate::format::Input<'_>) -> crate::format::Read<()> {
                *slot = Some(match crate::format::enumerator(input)? {
                    #(#reads)*
                    number => return Err(crate::format::unknown_value(number)),
                });
                Ok(())
            }
            fn write(&self, out: &mut Vec<u8>) {
                crate::format::write_varint(*self as u64, out);
            }
            #[cfg(test)]
            fn kind() -> crate::format::Kind {
                crate::format::Kind::Enum(&[#(#listed),*])
            }
            #[cfg(test)]
            fn any_value(_most: usize) -> proptest::strategy::BoxedStrategy<Self> {
                proptest::strategy::Strategy::boxed(proptest::sample::select(vec![#(Self::#names),*]))
            }
        }
    }
}

fn choice(ident: &Ident, variants: &[Variant], absent: Option<&Ident>) -> TokenStream {
    let takes = variants.iter().map(take_variant);
    let absent = absent.map(|absent| quote!(const ABSENT: Option<Self> = Some(Self::#absent);));
    quote! {
        impl crate::format::Choice for #ident {
            #absent
            fn take(
                slot: &mut Option<Self>,
                number: u32,
                wire_type: u8,
                input: &mut crate::format::Input<'_>,
            ) -> crate::format::Read<bool> {
                match number {
                    #(#takes)*
                    _ => return Ok(false),
                }
                Ok(true)
            }
        }
    }
}

fn take_variant(variant: &Variant) -> TokenStream {
    let Variant { ident, number, name, content, .. } = variant;
    let read = match content {
        Content::Value(ty) => quote!({
            let mut value = None;
            <#ty as crate::format::Value>::read(&mut value, input)?;
            *slot = value.map(Self::#ident);
            Ok(())
        }),
        Content::Message(fields) => {
            let read = read_fields(&quote!(Self::#ident), fields);
            quote!({ let input = &mut input.message()?; #read })
        }
    };
    let wire_type = match content {
        Content::Value(ty) => quote!(<#ty as crate::format::Value>::WIRE_TYPE),
        Content::Message(_) => quote!(crate::format::DELIMITED),
    };
    quote!(#number => crate::format::choose(slot, #name, (#wire_type, wire_type), input, |slot, input| #read)?,)
}

fn put_variant(variant: &Variant) -> TokenStream {
    let Variant { ident, number, content, .. } = variant;
    match content {
        Content::Value(_) => quote!(Self::#ident(value) => crate::format::put_value(value, #number, out),),
        Content::Message(fields) => {
            let idents = fields.iter().map(|field| &field.ident);
            let write = write_fields(fields, |field| quote!(#field));
            quote!(Self::#ident { #(#idents),* } => crate::format::put_message(#number, out, |out| { #write }),)
        }
    }
}

fn describe_variant(variant: &Variant) -> TokenStream {
    let Variant { number, name, content, .. } = variant;
    let kind = match content {
        Content::Value(ty) => quote!(<#ty as crate::format::Value>::kind()),
        Content::Message(fields) => {
            let each = describe_fields(fields);
            quote!(crate::format::Kind::Message(|fields| { #each }))
        }
    };
    quote! {
        fields.push(crate::format::Described {
            number: #number,
            name: #name,
            kind: #kind,
            is_listed: false,
            choices: CHOICES,
        });
    }
}

/// A strategy for `whole` from strategies for its fields.
fn strategy(whole: &TokenStream, fields: &[Field]) -> TokenStream {
    let names: Vec<_> = fields.iter().map(|field| &field.ident).collect();
    let each = fields.iter().map(|field| {
        let Field { ty, max, .. } = field;
        if field.number.is_none() {
            return quote!(<#ty as crate::format::Message>::any_message());
        }
        let sorted = field.is_ascending.then(|| quote!(.prop_map(crate::format::sorted)));
        quote!(<#ty as crate::format::Field>::any_field(#max) #sorted)
    });
    let nested = each.rev().fold(quote!(Just(())), |rest, one| quote!((#one, #rest)));
    let pattern = names.iter().rev().fold(quote!(_), |rest, one| quote!((#one, #rest)));
    quote!((#nested).prop_map(|#pattern| #whole { #(#names),* }).boxed())
}
