//! An action, described once: the form, the JSON, the command line and the description of the API read it here.

use std::str::FromStr;

use hourbook_ledger::commitment::{self, Commitment, Opening};
use hourbook_ledger::domain::event::{Body, BodyKind};
use hourbook_ledger::domain::ids::PersonId;

use crate::problem::{Fault, Problem};

/// Something in Chinese and in English.
pub type Words = (&'static str, &'static str);

/// For whom a helper does what a person else does for oneself.
pub static FOR: Input = Input::new(
    "for",
    "The person who named one a helper, if it is done for that person and not for oneself.",
    Kind::OptionalId(Thing::Person),
);

/// What a person can assert of oneself.
#[derive(Debug)]
pub struct Action {
    /// The stable name, `kind` in JSON.
    pub name: &'static str,
    /// What it does.
    pub about: &'static str,
    /// What it needs to be told.
    pub inputs: &'static [&'static Input],
    /// The kind of event that it makes.
    pub makes: BodyKind,
    /// The body of the event that says so.
    pub draft: fn(&mut Draft<'_>) -> Result<Body, Wrong>,
}

/// What an action needs to be told.
#[derive(Debug)]
pub struct Input {
    /// The stable name, in JSON and in forms.
    pub name: &'static str,
    /// What it is.
    pub about: &'static str,
    /// What fits.
    pub kind: Kind,
    /// Its label on a form.
    pub label: Words,
    /// How to mend what does not fit.
    pub mend: Words,
    /// What heads a column of it in a sheet, or is part of the head.
    pub heads: &'static [&'static str],
}

/// What fits an input.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// An id of something.
    Id(Thing),
    /// An id of something, or none.
    OptionalId(Thing),
    /// Several ids of something, divided by commas.
    List(Thing),
    /// Several ids of something, or none.
    OptionalList(Thing),
    /// A whole number.
    Number,
    /// A whole number, or none.
    OptionalNumber,
    /// The number of a row of a recording, counted from 0.
    Row,
    /// Numbers of rows of a recording, divided by commas; all of them if none is given.
    Rows,
    /// Effort in minutes.
    Minutes,
    /// 1 to 5.
    Rating,
    /// Yes or no.
    Flag,
    /// The name of a role.
    Role,
    /// Base64.
    Bytes,
    /// A text for the vault.
    Text,
    /// A text for the vault, or none.
    OptionalText,
    /// A text that everybody may read, such as the name of an organisation or a day.
    Public,
    /// Such a text, or none.
    OptionalPublic,
    /// The id of what the event brings into being; drawn if none is given.
    NewId,
    /// A one-time code; whoever gives it draws it.
    Code,
    /// Milliseconds since 1970, UTC.
    Moment,
}

impl Kind {
    /// Whether it may be left out.
    #[must_use]
    pub fn is_optional(self) -> bool {
        matches!(
            self,
            Self::OptionalId(_)
                | Self::OptionalList(_)
                | Self::OptionalNumber
                | Self::Rows
                | Self::OptionalText
                | Self::OptionalPublic
                | Self::NewId
        )
    }
}

/// What an id names. Whoever knows a name in its place is asked whom or what it means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Thing {
    /// A person.
    Person,
    /// An organisation.
    Org,
    /// An activity.
    Activity,
    /// A shift of an activity.
    Shift,
    /// A recording of hours, by the event that recorded it.
    Recording,
    /// A wish.
    Wish,
    /// Credit that is set aside.
    Hold,
    /// An event, such as an act that waits.
    Event,
}

impl Kind {
    /// What it names, if it is an id.
    #[must_use]
    pub fn names(self) -> Option<Thing> {
        match self {
            Self::Id(thing) | Self::OptionalId(thing) | Self::List(thing) | Self::OptionalList(thing) => {
                Some(thing)
            }
            _ => None,
        }
    }
}

impl Input {
    /// An input that no form asks for.
    #[must_use]
    pub const fn new(name: &'static str, about: &'static str, kind: Kind) -> Self {
        Self { name, about, kind, label: ("", ""), mend: ("", ""), heads: &[] }
    }

    /// The same as a form asks for it.
    #[must_use]
    pub const fn asked(self, label: Words, mend: Words) -> Self {
        Self { label, mend, ..self }
    }

    /// The same as sheets have it.
    #[must_use]
    pub const fn headed(self, heads: &'static [&'static str]) -> Self {
        Self { heads, ..self }
    }
}

/// What an action was told, as texts.
#[derive(Clone, Debug, Default)]
pub struct Given(Vec<(&'static str, String)>);

impl Given {
    /// With one more value.
    #[must_use]
    pub fn with(mut self, input: &Input, value: impl ToString) -> Self {
        self.0.push((input.name, value.to_string()));
        self
    }

    /// The value of an input.
    #[must_use]
    pub fn get(&self, input: &Input) -> Option<&str> {
        self.0.iter().find(|(name, _)| *name == input.name).map(|(_, value)| value.as_str())
    }
}

/// What was given for an input does not fit, or nothing was.
#[derive(Debug)]
pub struct Wrong(pub &'static Input);

impl From<Wrong> for Problem {
    fn from(Wrong(input): Wrong) -> Self {
        Fault::BadRequest.because(format_args!("{}: {}", input.name, input.about))
    }
}

/// An event in the making.
pub struct Draft<'a> {
    /// Whoever asserts it.
    pub person: PersonId,
    acting_for: Option<PersonId>,
    given: &'a Given,
    salt: &'a mut dyn FnMut() -> [u8; 32],
    openings: Vec<Opening>,
}

/// What is to be asserted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Drafted {
    /// For whom, if not for whoever asserts it: a helper does so.
    pub acting_for: Option<PersonId>,
    /// The body of the event.
    pub body: Body,
    /// The values behind its commitments.
    pub openings: Vec<Opening>,
}

impl Drafted {
    /// What somebody asserts for nobody else.
    #[must_use]
    pub fn own(body: Body, openings: Vec<Opening>) -> Self {
        Self { acting_for: None, body, openings }
    }
}

impl Draft<'_> {
    /// Whom it is about: somebody whom whoever asserts it helps, if one is named, else that one.
    pub fn subject(&mut self, helped: Option<PersonId>) -> PersonId {
        self.acting_for = helped.filter(|helped| *helped != self.person);
        self.acting_for.unwrap_or(self.person)
    }

    /// The value of an input.
    ///
    /// # Errors
    /// [`Wrong`] if it does not fit or is not there.
    pub fn get<T: FromStr>(&self, input: &'static Input) -> Result<T, Wrong> {
        self.read(input, |text| text.parse().ok())
    }

    /// The value of an input that is read in a way of its own.
    ///
    /// # Errors
    /// [`Wrong`] if it does not fit or is not there.
    pub fn read<T>(&self, input: &'static Input, read: impl Fn(&str) -> Option<T>) -> Result<T, Wrong> {
        self.given.get(input).and_then(|text| read(text.trim())).ok_or(Wrong(input))
    }

    /// The value of an input that may be left out.
    ///
    /// # Errors
    /// [`Wrong`] if it does not fit.
    pub fn find<T: FromStr>(&self, input: &'static Input) -> Result<Option<T>, Wrong> {
        self.given.get(input).map(|_| self.get(input)).transpose()
    }

    /// What an input lists, divided by commas; nothing if it was not given.
    ///
    /// # Errors
    /// [`Wrong`] if one of it does not fit.
    pub fn list<T: FromStr>(&self, input: &'static Input) -> Result<Vec<T>, Wrong> {
        let given = self.given.get(input).unwrap_or_default();
        let parts = given.split(',').map(str::trim).filter(|part| !part.is_empty());
        parts.map(|part| part.parse().map_err(|_| Wrong(input))).collect()
    }

    /// The id of what is new.
    ///
    /// # Errors
    /// [`Wrong`] if what was given is no id.
    pub fn fresh<T: FromStr>(&mut self, input: &'static Input, make: fn([u8; 16]) -> T) -> Result<T, Wrong> {
        if let Some(given) = self.find(input)? {
            return Ok(given);
        }
        let (drawn, mut id) = ((self.salt)(), [0; 16]);
        id.copy_from_slice(&drawn[..16]);
        Ok(make(id))
    }

    /// The same as [`Draft::seal`] of a text that may be left out.
    ///
    /// # Errors
    /// [`Wrong`] if it has no canonical form.
    pub fn seal_if_given(
        &mut self,
        subject: [u8; 16],
        field: commitment::Field,
        input: &'static Input,
    ) -> Result<Option<Commitment>, Wrong> {
        match self.given.get(input) {
            Some(text) if !text.trim().is_empty() => self.seal(subject, field, input).map(Some),
            _ => Ok(None),
        }
    }

    /// A commitment to the text of an input, which goes to the vault with the event.
    ///
    /// # Errors
    /// [`Wrong`] if it is not there or has no canonical form.
    pub fn seal(
        &mut self,
        subject: [u8; 16],
        field: commitment::Field,
        input: &'static Input,
    ) -> Result<Commitment, Wrong> {
        let text = self.given.get(input).ok_or(Wrong(input))?;
        let opening = Opening::new(subject, field, (self.salt)(), text).map_err(|_| Wrong(input))?;
        let commitment = opening.commitment();
        self.openings.push(opening);
        Ok(commitment)
    }
}

impl Action {
    /// What a form said; ids are in its address.
    #[must_use]
    pub fn given(&self, form: &[(String, String)]) -> Given {
        let asked = self.inputs.iter().filter(|input| !input.label.0.is_empty());
        asked.fold(Given::default(), |given, input| match form.iter().find(|(name, _)| *name == input.name) {
            Some((_, value)) => given.with(input, value),
            None => given,
        })
    }

    /// What somebody said who knows the inputs by their names.
    ///
    /// # Errors
    /// [`Fault::BadRequest`] with a name that is none.
    pub fn told(&self, told: &[(String, String)]) -> Result<Given, Problem> {
        told.iter().try_fold(Given::default(), |given, (name, value)| {
            let input = self.inputs.iter().find(|input| input.name == name);
            Ok(given.with(input.ok_or_else(|| Fault::BadRequest.because(name))?, value))
        })
    }

    /// What a person says by it.
    ///
    /// # Errors
    /// [`Wrong`], naming the input.
    pub fn draft(
        &self,
        person: PersonId,
        given: &Given,
        mut salt: impl FnMut() -> [u8; 32],
    ) -> Result<Drafted, Wrong> {
        let mut draft = Draft { person, acting_for: None, given, salt: &mut salt, openings: Vec::new() };
        let body = (self.draft)(&mut draft)?;
        Ok(Drafted { acting_for: draft.acting_for, body, openings: draft.openings })
    }
}

/// How a kind of event is told on pages; a kind without words is told by its stable name.
#[derive(Debug)]
pub struct Telling {
    /// The kind.
    pub kind: BodyKind,
    /// What somebody did, told to whom it concerns.
    pub deed: Option<Words>,
    /// What it will come to, as long as it waits.
    pub waits: Option<Words>,
}

/// The actions and words of all features.
#[derive(Clone, Debug, Default)]
pub struct Actions {
    /// What a person does in a session, in the order of the description of the API.
    pub actions: Vec<&'static Action>,
    /// What staff do with their own key alone.
    pub by_key: Vec<&'static Action>,
    /// Words for kinds of event.
    pub told: Vec<&'static Telling>,
}

impl Actions {
    /// What a person does in a session.
    pub fn in_session(&self) -> impl Iterator<Item = &'static Action> {
        self.actions.iter().copied()
    }

    /// What the holder of a key does.
    pub fn with_key(&self) -> impl Iterator<Item = &'static Action> {
        self.actions.iter().chain(&self.by_key).copied()
    }

    /// What the holder of a key does, by its name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&'static Action> {
        self.with_key().find(|action| action.name == name)
    }

    /// What an event of a kind will come to.
    #[must_use]
    pub fn waits(&self, kind: BodyKind) -> Option<Words> {
        self.told.iter().find(|told| told.kind == kind)?.waits
    }

    /// What was done by an event of a kind.
    #[must_use]
    pub fn deed(&self, kind: BodyKind) -> Option<Words> {
        self.told.iter().find(|told| told.kind == kind)?.deed
    }
}
