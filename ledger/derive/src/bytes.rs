//! The generated code.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Expr, Ident};

use crate::shape::{Content, Field, Shape, Variant};

pub(crate) fn implement(ident: &Ident, shape: &Shape) -> TokenStream {
    match shape {
        Shape::Message(fields) => message(ident, fields),
        Shape::Number(variants) => number(ident, variants),
        Shape::Choice(variants) => choice(ident, variants),
    }
}

fn message(ident: &Ident, fields: &[Field]) -> TokenStream {
    let read = read_fields(&quote!(Self), fields);
    let write = write_fields(fields, |field| quote!(&self.#field));
    let visit = visit_fields(fields, |field| quote!(&self.#field));
    let describe = describe_fields(fields);
    let strategy = strategy(&quote!(Self), fields);
    quote! {
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
        crate::format::value_of_message!(#ident);
    }
}

/// Reads fields in any order, and makes `whole` of them. Fields mostly come in the order of their numbers, so each is asked for
/// in turn; whatever comes otherwise takes another round.
fn read_fields(whole: &TokenStream, fields: &[Field]) -> TokenStream {
    let idents: Vec<_> = fields.iter().map(|field| &field.ident).collect();
    let slots = fields.iter().map(slot);
    let takes = fields.iter().map(|field| {
        let (ident, ty, name) = (&field.ident, &field.ty, name(field));
        match &field.number {
            Some(number) => quote!(<#ty as crate::format::Field>::take(&mut #ident, #number, #name, input)?;),
            None => quote!(crate::format::take_inline::<#ty>(&mut #ident, input)?;),
        }
    });
    let known = fields.iter().filter_map(|field| {
        let (number, ty, name) = (field.number.as_ref()?, &field.ty, name(field));
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

fn slot(field: &Field) -> TokenStream {
    let (ident, ty) = (&field.ident, &field.ty);
    if field.number.is_none() {
        return quote!(let mut #ident = <<#ty as crate::format::Inline>::Slot as Default>::default(););
    }
    quote!(let mut #ident = <<#ty as crate::format::Field>::Slot as Default>::default();)
}

fn finish(field: &Field) -> TokenStream {
    let (ident, ty, name) = (&field.ident, &field.ty, name(field));
    if field.number.is_none() {
        return quote! {
            let Some(#ident) = <#ty as crate::format::Inline>::finish(#ident) else {
                return Err(crate::format::Fault::at(#name, crate::format::Problem::Missing));
            };
        };
    }
    let ascending = field.is_ascending.then(|| quote!(crate::format::ascending(&#ident, #name)?;));
    let most = most(field);
    quote! {
        let Some(#ident) = <#ty as crate::format::Field>::finish(&mut #ident) else {
            return Err(crate::format::Fault::at(#name, <#ty as crate::format::Field>::missing(&#ident)));
        };
        crate::format::check(&#ident, #most, #name)?;
        #ascending
    }
}

fn most(field: &Field) -> TokenStream {
    field.max.as_ref().map_or_else(|| quote!(crate::format::MAX_ROWS), |most| quote!(#most))
}

fn name(field: &Field) -> TokenStream {
    let ty = &field.ty;
    match (&field.name, &field.number) {
        (Some(name), _) => quote!(#name),
        (None, Some(_)) => {
            let plain = field.ident.to_string();
            let name =
                quote!(const { crate::format::Name::of(#plain, <#ty as crate::format::Field>::SUFFIX) });
            quote!(const { crate::format::Name::text(&#name) })
        }
        (None, None) => {
            let plain = field.ident.to_string();
            quote!(#plain)
        }
    }
}

fn write_fields(fields: &[Field], value: impl Fn(&Ident) -> TokenStream) -> TokenStream {
    let writes = fields.iter().map(|field| {
        let value = value(&field.ident);
        match &field.number {
            Some(number) => quote!(crate::format::Field::put(#value, #number, out);),
            None => quote!(crate::format::Inline::put(#value, out);),
        }
    });
    quote!(#(#writes)*)
}

fn visit_fields(fields: &[Field], value: impl Fn(&Ident) -> TokenStream) -> TokenStream {
    let visits = fields.iter().map(|field| {
        let value = value(&field.ident);
        let kind = if field.number.is_some() { quote!(Field) } else { quote!(Inline) };
        quote!(crate::format::#kind::visit(#value, see);)
    });
    quote!(#(#visits)*)
}

fn visit_variant(Variant { ident, content, .. }: &Variant) -> TokenStream {
    match content {
        Content::Nothing => quote!(Self::#ident => {}),
        Content::Value(_) => quote!(Self::#ident(value) => crate::format::Value::visit(value, see),),
        Content::Message(fields) => {
            let idents = fields.iter().map(|field| &field.ident);
            let visit = visit_fields(fields, |field| quote!(#field));
            quote!(Self::#ident { #(#idents),* } => { #visit })
        }
    }
}

fn describe_fields(fields: &[Field]) -> TokenStream {
    let each = fields.iter().map(|field| {
        let ty = &field.ty;
        match &field.number {
            Some(number) => {
                let name = name(field);
                quote!(fields.push(crate::format::Described::field::<#ty>(#number, #name));)
            }
            None => quote!(<#ty as crate::format::Inline>::describe(fields);),
        }
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

fn choice(ident: &Ident, variants: &[Variant]) -> TokenStream {
    let takes = variants.iter().map(take_variant);
    let puts = variants.iter().map(put_variant);
    let visits = variants.iter().map(visit_variant);
    let describes = variants.iter().map(describe_variant);
    let strategies = variants.iter().map(|variant| {
        let name = &variant.ident;
        match &variant.content {
            Content::Nothing => quote!(Just(Self::#name).boxed()),
            Content::Value(ty) => {
                quote!(<#ty as crate::format::Value>::any_value(crate::format::MAX_ROWS).prop_map(Self::#name).boxed())
            }
            Content::Message(fields) => strategy(&quote!(Self::#name), fields),
        }
    });
    let choices = ident.to_string();
    quote! {
        impl crate::format::Choice for #ident {
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
            fn put(&self, out: &mut Vec<u8>) {
                match self { #(#puts)* }
            }
            fn visit_parts(&self, see: crate::format::See<'_>) {
                match self { #(#visits)* }
            }
            #[cfg(test)]
            fn describe(fields: &mut Vec<crate::format::Described>) {
                const CHOICES: Option<&str> = Some(#choices);
                #(#describes)*
            }
            #[cfg(test)]
            fn any_choice() -> proptest::strategy::BoxedStrategy<Self> {
                use proptest::prelude::*;
                proptest::strategy::Union::new(vec![#(#strategies),*]).boxed()
            }
        }
        crate::format::value_of_choice!(#ident);
    }
}

fn take_variant(variant: &Variant) -> TokenStream {
    let Variant { ident, number, name, content, .. } = variant;
    let read = match content {
        Content::Nothing => quote!({
            crate::format::nothing(input)?;
            *slot = Some(Self::#ident);
            Ok(())
        }),
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
        Content::Nothing | Content::Message(_) => quote!(crate::format::DELIMITED),
    };
    quote!(#number => crate::format::choose(slot, #name, (#wire_type, wire_type), input, |slot, input| #read)?,)
}

fn put_variant(variant: &Variant) -> TokenStream {
    let Variant { ident, number, content, .. } = variant;
    match content {
        Content::Nothing => quote!(Self::#ident => crate::format::put_message(#number, out, |_| ()),),
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
        Content::Nothing => quote!(crate::format::Kind::Message(|_| ())),
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
        let (ty, most) = (&field.ty, most(field));
        if field.number.is_none() {
            return quote!(<#ty as crate::format::Inline>::any_inline());
        }
        let sorted = field.is_ascending.then(|| quote!(.prop_map(crate::format::sorted)));
        quote!(<#ty as crate::format::Field>::any_field(#most) #sorted)
    });
    let nested = each.rev().fold(quote!(Just(())), |rest, one| quote!((#one, #rest)));
    let pattern = names.iter().rev().fold(quote!(_), |rest, one| quote!((#one, #rest)));
    quote!((#nested).prop_map(|#pattern| #whole { #(#names),* }).boxed())
}
