//! What a type says about itself.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, quote};
use syn::ext::IdentExt as _;
use syn::punctuated::Punctuated;
use syn::{
    Attribute, Data, DeriveInput, Expr, Fields, GenericArgument, Ident, LitInt, LitStr, PathArguments,
    Result, Token, Type,
};

/// The shape of a type, see the documentation of the crate.
pub(crate) enum Shape {
    /// Fields of a message, in the order in which they are written.
    Message(Vec<Field>),
    /// Variants with their discriminants.
    Number(Vec<(Ident, Expr)>),
    /// Choices of a oneof.
    Choice {
        variants: Vec<Variant>,
        /// What it means that none of them is there.
        absent: Option<Ident>,
    },
}

/// A field of a message.
pub(crate) struct Field {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    /// None if the choices of an enum stand here.
    pub(crate) number: Option<u32>,
    /// Its name in the schema, with the unit.
    pub(crate) name: String,
    /// Most bytes or elements.
    pub(crate) max: TokenStream,
    pub(crate) is_ascending: bool,
    /// The kind of value that the field commits to, and the field that names its subject.
    pub(crate) commits: Option<(Ident, Ident)>,
}

/// A choice of a oneof.
pub(crate) struct Variant {
    pub(crate) ident: Ident,
    pub(crate) number: LitInt,
    pub(crate) name: String,
    pub(crate) content: Content,
    pub(crate) facts: Facts,
}

/// What `#[event(...)]` says of a variant beside its number.
#[derive(Default)]
pub(crate) struct Facts {
    /// Who may assert it: ways of the rules, and roles in small letters.
    pub(crate) by: Vec<Ident>,
    /// The kind of its stream, and the field that has the stream's id.
    pub(crate) stream: Option<Stream>,
    /// Whether the name of its kind says enough without the aggregate before it.
    pub(crate) is_unprefixed: bool,
    /// Why its row of the table of authority is safe.
    pub(crate) safe: Option<LitStr>,
}

/// The kind of a stream, and the field that has its id; the ledger's own has none.
#[derive(Clone)]
pub(crate) struct Stream {
    pub(crate) kind: Ident,
    pub(crate) id: Option<Ident>,
}

impl syn::parse::Parse for Stream {
    fn parse(input: syn::parse::ParseStream<'_>) -> Result<Self> {
        let mut words = Punctuated::<Ident, Token![,]>::parse_separated_nonempty(input)?.into_iter();
        match (words.next(), words.next(), words.next()) {
            (Some(kind), id, None) => Ok(Self { kind, id }),
            _ => Err(input.error("expected a kind of stream, and the field of its id")),
        }
    }
}

/// What a choice holds.
pub(crate) enum Content {
    Value(Box<Type>),
    Message(Vec<Field>),
}

impl Shape {
    pub(crate) fn of(input: &DeriveInput) -> Result<Self> {
        match &input.data {
            Data::Struct(data) => Ok(Self::Message(named(&data.fields)?)),
            Data::Enum(data) if data.variants.iter().all(|variant| variant.discriminant.is_some()) => {
                let numbers = data.variants.iter().filter_map(|variant| {
                    let (_, number) = variant.discriminant.clone()?;
                    Some((variant.ident.clone(), number))
                });
                Ok(Self::Number(numbers.collect()))
            }
            Data::Enum(data) => {
                let (mut variants, mut absent) = (Vec::new(), None);
                for variant in &data.variants {
                    let said = Said::of(&variant.attrs)?;
                    if said.is_absent {
                        absent = Some(variant.ident.clone());
                    } else {
                        variants.push(choice(variant, said)?);
                    }
                }
                Ok(Self::Choice { variants, absent })
            }
            Data::Union(_) => Err(syn::Error::new(Span::call_site(), "a union has no format")),
        }
    }
}

fn choice(variant: &syn::Variant, said: Said) -> Result<Variant> {
    let missing =
        || syn::Error::new_spanned(&variant.ident, "expected #[field(NUMBER)] or #[event(NUMBER, ...)]");
    let content = match &variant.fields {
        Fields::Unit => Content::Message(Vec::new()),
        Fields::Named(_) => Content::Message(named(&variant.fields)?),
        Fields::Unnamed(fields) => match fields.unnamed.iter().collect::<Vec<_>>().as_slice() {
            [field] => Content::Value(Box::new(field.ty.clone())),
            _ => return Err(syn::Error::new_spanned(fields, "expected one value, or fields with names")),
        },
    };
    Ok(Variant {
        ident: variant.ident.clone(),
        number: said.number.ok_or_else(missing)?,
        name: said.name.map_or_else(|| snake_case(&variant.ident), |name| name.value()),
        content,
        facts: said.facts,
    })
}

fn named(fields: &Fields) -> Result<Vec<Field>> {
    let Fields::Named(fields) = fields else {
        return Err(syn::Error::new_spanned(fields, "expected fields with names"));
    };
    // The number before, which after the choices of a oneof only they know.
    let mut last = Some(0);
    fields.named.iter().map(|syntax| field(syntax, &mut last)).collect()
}

fn field(field: &syn::Field, last: &mut Option<u32>) -> Result<Field> {
    let said = Said::of(&field.attrs)?;
    let Some(ident) = field.ident.clone() else {
        return Err(syn::Error::new_spanned(field, "expected a name"));
    };
    let wrong = |what| Err(syn::Error::new_spanned(&ident, what));
    let number = match (said.is_oneof, &said.number, *last) {
        (true, ..) => None,
        (false, Some(said), _) => Some(said.base10_parse::<u32>()?),
        (false, None, Some(last)) => Some(last + 1),
        (false, None, None) => return wrong("expected #[field(NUMBER)] after the choices of a oneof"),
    };
    if number.is_some_and(|number| last.is_some_and(|last| number <= last)) {
        return wrong("fields stand in the order of their numbers");
    }
    *last = number;
    let unit = number.and_then(|_| unit(&field.ty)).unwrap_or_default();
    Ok(Field {
        name: said.name.map_or_else(|| format!("{ident}{unit}"), |name| name.value()),
        ident,
        ty: field.ty.clone(),
        number,
        max: said.max.map_or_else(|| quote!(crate::format::MAX_ROWS), Expr::into_token_stream),
        is_ascending: said.is_ascending,
        commits: said.commits,
    })
}

/// What the schema appends to the name of a field of this type.
fn unit(ty: &Type) -> Option<&'static str> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last()?;
    match (last.ident.to_string().as_str(), &last.arguments) {
        ("Option", PathArguments::AngleBracketed(of)) => match of.args.first()? {
            GenericArgument::Type(ty) => unit(ty),
            _ => None,
        },
        ("Millis", _) => Some("_ms"),
        ("Minute", _) => Some("_minute"),
        ("Date", _) => Some("_day"),
        ("Offset", _) => Some("_minutes"),
        _ => None,
    }
}

/// The reader compares tags of two bytes at most.
fn number(literal: LitInt) -> Result<LitInt> {
    match literal.base10_parse::<u32>()? {
        1..2_048 => Ok(literal),
        _ => Err(syn::Error::new_spanned(literal, "expected a number from 1 to 2047")),
    }
}

/// What the attributes `field`, `event` and `aggregate` say.
#[derive(Default)]
pub(crate) struct Said {
    number: Option<LitInt>,
    name: Option<LitStr>,
    max: Option<Expr>,
    is_ascending: bool,
    is_oneof: bool,
    is_absent: bool,
    commits: Option<(Ident, Ident)>,
    pub(crate) facts: Facts,
}

impl Said {
    pub(crate) fn of(attributes: &[Attribute]) -> Result<Self> {
        let mut said = Self::default();
        for attribute in attributes {
            if attribute.path().is_ident("safe") {
                let why = attribute.meta.require_name_value()?.value.to_token_stream();
                said.facts.safe = Some(syn::parse2(why)?);
                continue;
            }
            let take = match () {
                () if attribute.path().is_ident("field") => Self::take_field,
                () if attribute.path().is_ident("event") => Self::take_event,
                () if attribute.path().is_ident("aggregate") => Self::take_event,
                () => continue,
            };
            attribute.parse_args_with(|input: syn::parse::ParseStream<'_>| {
                while !input.is_empty() {
                    if input.peek(LitInt) {
                        said.number = Some(number(input.parse()?)?);
                    } else {
                        take(&mut said, input)?;
                    }
                    if !input.is_empty() {
                        input.parse::<Token![,]>()?;
                    }
                }
                Ok(())
            })?;
        }
        Ok(said)
    }

    fn take_field(&mut self, input: syn::parse::ParseStream<'_>) -> Result<()> {
        let word = input.call(Ident::parse_any)?;
        match word.to_string().as_str() {
            "oneof" => self.is_oneof = true,
            "absent" => self.is_absent = true,
            "ascending" => self.is_ascending = true,
            "name" => self.name = Some(assigned(input)?),
            "max" => self.max = Some(assigned(input)?),
            "commits" => {
                let words = idents(input)?;
                let [value, subject] = words.as_slice() else {
                    return Err(syn::Error::new_spanned(word, "expected commits(VALUE, SUBJECT)"));
                };
                self.commits = Some((value.clone(), subject.clone()));
            }
            _ => {
                let expected = "expected a number, oneof, absent, ascending, max = N, name = \"...\" or \
                                commits(VALUE, SUBJECT)";
                return Err(syn::Error::new_spanned(word, expected));
            }
        }
        Ok(())
    }

    fn take_event(&mut self, input: syn::parse::ParseStream<'_>) -> Result<()> {
        let word = input.call(Ident::parse_any)?;
        match word.to_string().as_str() {
            "by" => self.facts.by = idents(input)?,
            "stream" => {
                let inner;
                syn::parenthesized!(inner in input);
                self.facts.stream = Some(inner.parse()?);
            }
            "unprefixed" => self.facts.is_unprefixed = true,
            _ => {
                let expected = "expected a number, by(WAYS), stream(KIND, FIELD) or unprefixed";
                return Err(syn::Error::new_spanned(word, expected));
            }
        }
        Ok(())
    }
}

fn assigned<T: syn::parse::Parse>(input: syn::parse::ParseStream<'_>) -> Result<T> {
    input.parse::<Token![=]>()?;
    input.parse()
}

fn idents(input: syn::parse::ParseStream<'_>) -> Result<Vec<Ident>> {
    let inner;
    syn::parenthesized!(inner in input);
    Ok(Punctuated::<Ident, Token![,]>::parse_terminated(&inner)?.into_iter().collect())
}

/// `WishPosted` becomes `wish_posted`.
pub(crate) fn snake_case(ident: &Ident) -> String {
    let mut name = String::new();
    for c in ident.to_string().chars() {
        if c.is_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.extend(c.to_lowercase());
    }
    name
}
