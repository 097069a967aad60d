//! The facts of an aggregate's events: kinds and names, streams, authority, commitments.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{DeriveInput, Ident, Result};

use crate::bytes;
use crate::shape::{Content, Said, Shape, Stream, Variant, snake_case};

/// How the enum of an aggregate's events is called, as in `WishEvent`.
const SUFFIX: &str = "Event";

pub(crate) fn implement(input: &DeriveInput) -> Result<TokenStream> {
    let shape = Shape::of(input)?;
    let bytes = bytes::implement(&input.ident, &shape);
    let Shape::Choice { variants, .. } = &shape else {
        return Err(syn::Error::new_spanned(&input.ident, "an aggregate is an enum of events"));
    };
    let aggregate = aggregate_name(&input.ident)?;
    let stream = default_stream(input)?;
    let kinds = kinds(&aggregate, variants)?;
    let facts = facts(&input.ident, &aggregate, &stream, variants);
    Ok(quote!(#bytes #kinds #facts))
}

fn aggregate_name(ident: &Ident) -> Result<String> {
    let name = ident.to_string();
    let aggregate = name.strip_suffix(SUFFIX).map(str::to_owned);
    aggregate.ok_or_else(|| syn::Error::new_spanned(ident, "expected a name that ends in Event"))
}

fn default_stream(input: &DeriveInput) -> Result<Stream> {
    let missing = || syn::Error::new_spanned(&input.ident, "expected #[aggregate(stream(KIND, FIELD))]");
    Said::of(&input.attrs)?.facts.stream.ok_or_else(missing)
}

/// The enum of kinds, with what is the same for all events of a kind.
fn kinds(aggregate: &str, variants: &[Variant]) -> Result<TokenStream> {
    let kind = format_ident!("{aggregate}Kind");
    let of = format!("The kinds of [`{aggregate}{SUFFIX}`].");
    let idents: Vec<_> = variants.iter().map(|variant| &variant.ident).collect();
    let names = variants.iter().map(|variant| kind_name(aggregate, variant));
    let ways = variants.iter().map(|variant| {
        let ways = variant.facts.by.iter().map(way);
        quote!(&[#(#ways),*])
    });
    let missing = |variant: &Variant| syn::Error::new_spanned(&variant.ident, "expected #[safe = \"...\"]");
    let arguments =
        variants.iter().map(|variant| variant.facts.safe.as_ref().ok_or_else(|| missing(variant)));
    let arguments: Vec<_> = arguments.collect::<Result<_>>()?;
    Ok(quote! {
        #[doc = #of]
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
        #[allow(missing_docs)] // each is the event of the same name
        pub enum #kind { #(#idents),* }

        impl #kind {
            /// Every kind, in the order of its number.
            pub const ALL: &[Self] = &[#(Self::#idents),*];

            /// The stable name, kebab-case.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { #(Self::#idents => #names),* }
            }

            /// Who may assert it.
            #[must_use]
            pub const fn by(self) -> &'static [crate::domain::facts::By] {
                match self { #(Self::#idents => #ways),* }
            }

            /// What stops the side that gains from setting it alone, and how it is undone.
            #[must_use]
            pub const fn argument(self) -> &'static str {
                match self { #(Self::#idents => #arguments),* }
            }
        }
    })
}

/// `wish-posted`, or `signed-up` where the variant says enough.
fn kind_name(aggregate: &str, variant: &Variant) -> String {
    let alone = snake_case(&variant.ident);
    let whole = || format!("{}_{alone}", snake_case(&format_ident!("{aggregate}")));
    if variant.facts.is_unprefixed { alone.clone() } else { whole() }.replace('_', "-")
}

/// A way is called as in the rules; a role is in small letters.
fn way(ident: &Ident) -> TokenStream {
    let name = ident.to_string();
    if name.starts_with(char::is_uppercase) {
        return quote!(crate::domain::facts::By::#ident);
    }
    let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
    let role = format_ident!("{}", name.split('_').map(capital).collect::<String>(), span = ident.span());
    quote!(crate::domain::facts::By::Role(crate::domain::vocabulary::Role::#role))
}

/// What an event says of itself.
fn facts(ident: &Ident, aggregate: &str, stream: &Stream, variants: &[Variant]) -> TokenStream {
    let kind = format_ident!("{aggregate}Kind");
    let idents: Vec<_> = variants.iter().map(|variant| &variant.ident).collect();
    let streams = variants.iter().map(|variant| {
        let Stream { kind, id } = variant.facts.stream.as_ref().unwrap_or(stream);
        let name = &variant.ident;
        match id {
            None => quote!(Self::#name { .. } => Stream { kind: StreamKind::#kind, id: [0; 16] }),
            // The event's own id, where its stream begins with it.
            Some(id) if id == "event" => {
                quote!(Self::#name { .. } => Stream { kind: StreamKind::#kind, id: event.id_bytes() })
            }
            Some(id) => {
                quote!(Self::#name { #id, .. } => Stream { kind: StreamKind::#kind, id: #id.id_bytes() })
            }
        }
    });
    let commitments = variants.iter().filter_map(commitments);
    quote! {
        impl #ident {
            /// What kind of assertion this is.
            #[must_use]
            pub fn kind(&self) -> #kind {
                match self { #(Self::#idents { .. } => #kind::#idents),* }
            }

            /// The stream that an event with this id belongs to.
            pub(in crate::domain) fn stream(&self, event: crate::domain::ids::EventId) -> crate::domain::vocabulary::Stream {
                use crate::domain::ids::IdBytes as _;
                use crate::domain::vocabulary::{Stream, StreamKind};
                let _ = event;
                match self { #(#streams),* }
            }

            /// Everything that it commits to, in the order of its fields.
            pub(in crate::domain) fn commitments(&self) -> Vec<crate::domain::facts::Committing> {
                use crate::domain::facts::Committing;
                use crate::domain::ids::IdBytes as _;
                match self {
                    #(#commitments)*
                    #[allow(unreachable_patterns)]
                    _ => Vec::new(),
                }
            }
        }
    }
}

fn commitments(variant: &Variant) -> Option<TokenStream> {
    let Content::Message(fields) = &variant.content else { return None };
    let (mut bound, mut each) = (Vec::new(), Vec::new());
    for field in fields {
        let (ident, Some((kind, subject))) = (&field.ident, &field.commits) else { continue };
        bound.extend([ident, subject]);
        let visit = bytes::visit(field, &quote!(#ident));
        each.push(quote! {
            Committing::of(crate::domain::facts::Field::#kind, #subject.id_bytes(), |see| #visit)
        });
    }
    if each.is_empty() {
        return None;
    }
    bound.sort();
    bound.dedup();
    let name = &variant.ident;
    Some(quote!(Self::#name { #(#bound),*, .. } => [#(#each),*].into_iter().flatten().collect(),))
}

/// The enum with a variant for each aggregate.
pub(crate) fn hand_on(input: &DeriveInput) -> Result<TokenStream> {
    let Shape::Choice { variants, .. } = Shape::of(input)? else {
        return Err(syn::Error::new_spanned(&input.ident, "expected a variant for each aggregate"));
    };
    let ident = &input.ident;
    let kind = format_ident!("{ident}Kind");
    let names: Vec<_> = variants.iter().map(|variant| &variant.ident).collect();
    let kinds: Vec<_> = names.iter().map(|name| format_ident!("{name}Kind")).collect();
    let of =
        format!("The kind of a [`{ident}`]; its name is stable and used in documents, JSON and metrics.");
    Ok(quote! {
        #[doc = #of]
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
        #[allow(missing_docs)] // each is the aggregate of the same name
        pub enum #kind { #(#names(#kinds)),* }

        impl #kind {
            /// Every kind, aggregate by aggregate.
            pub fn all() -> impl Iterator<Item = Self> {
                std::iter::empty()#(.chain(#kinds::ALL.iter().map(|kind| Self::#names(*kind))))*
            }

            /// The kind of this name.
            #[must_use]
            pub fn named(name: &str) -> Option<Self> {
                Self::all().find(|kind| kind.name() == name)
            }

            /// The stable name, kebab-case.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { #(Self::#names(kind) => kind.name()),* }
            }

            /// Who may assert it.
            #[must_use]
            pub const fn by(self) -> &'static [crate::domain::facts::By] {
                match self { #(Self::#names(kind) => kind.by()),* }
            }

            /// What stops the side that gains from setting it alone, and how it is undone.
            #[must_use]
            pub const fn argument(self) -> &'static str {
                match self { #(Self::#names(kind) => kind.argument()),* }
            }
        }

        impl #ident {
            /// What kind of assertion this is.
            #[must_use]
            pub fn kind(&self) -> #kind {
                match self { #(Self::#names(event) => #kind::#names(event.kind())),* }
            }

            /// The stream that an event with this id and body belongs to.
            #[must_use]
            pub fn stream(&self, event: crate::domain::ids::EventId) -> crate::domain::vocabulary::Stream {
                match self { #(Self::#names(body) => body.stream(event)),* }
            }

            /// Everything that it commits to, in the order of its fields.
            #[must_use]
            pub fn commitments(&self) -> Vec<crate::domain::facts::Committing> {
                match self { #(Self::#names(event) => event.commitments()),* }
            }
        }
    })
}
