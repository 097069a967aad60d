//! What is said of an event where it is declared: who may assert it, and what it commits to.

use super::ids::Commitment;
use super::vocabulary::Role;
use crate::format::See;

/// One way of being allowed to assert an event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum By {
    /// The first founder, in the event that begins the ledger.
    Genesis,
    /// The person whom it concerns: alone, through staff acting for the person, or in a witnessed session.
    Subject,
    /// The same without staff acting for the person: credit and keys do not move on a staff member's word alone.
    SubjectInPerson,
    /// A helper in force, acting for the person. What a helper asserts so passes by no other way.
    Helper,
    /// The person by the very key that is replaced.
    OldKey,
    /// Whoever holds the same role over the same scope, for somebody who holds it and has a new key.
    Colleague,
    /// Whoever the act waits for.
    Awaited,
    /// Whoever may call the act off.
    Stopper,
    /// Someone with this role over every organisation concerned.
    Role(Role),
    /// The ledger's own key.
    Ledger,
}

impl By {
    /// In the words of the table of authority.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Genesis => "the first founder, self-signed",
            Self::Subject => {
                "the person; staff of the person's community acting for the person; a witnessed session"
            }
            Self::SubjectInPerson => "the person; a witnessed session",
            Self::Helper => "a helper whom the person named",
            Self::OldKey => "the person, by the key that is replaced",
            Self::Colleague => "whoever holds the very same office, to its holder",
            Self::Awaited => "whoever the act waits for",
            Self::Stopper => {
                "the person; whoever asserted, approved or would have to approve it; the ledger when it can no longer take effect"
            }
            Self::Ledger => "the ledger",
            Self::Role(role) => role.name(),
        }
    }
}

/// Which kind of value is committed to. The number is part of the hash and never changes meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, hourbook_derive::All)]
#[repr(u8)]
pub enum Field {
    /// A person's name as they write it.
    Name = 1,
    /// A telephone number: digits, without the country code of China; others after `+`, an extension after `转`.
    Phone = 2,
    /// A resident identity number (GB 11643-1999), 18 characters, or the older 15 digits.
    IdNumber = 3,
    /// A postal or home address.
    Address = 4,
    /// The number a volunteer has in the national register.
    VolunteerNumber = 5,
    /// The title of an activity.
    Title = 6,
    /// Where an activity or service takes place.
    Place = 7,
    /// What was done in a service.
    Content = 8,
    /// The name of the person in charge of an activity.
    Lead = 9,
    /// A wish in the resident's own words.
    WishText = 10,
    /// The sentence about a wish that was vetted for the public.
    WishSentence = 11,
    /// Why something was decided, corrected or entered late.
    Reason = 12,
    /// A one-time code: 8 to 20 digits.
    Code = 13,
    /// A remark.
    Note = 14,
}

/// A commitment in an event, with the kind of value and the subject under whose key the value is kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Committing {
    /// The commitment.
    pub commitment: Commitment,
    /// The kind of value.
    pub field: Field,
    /// The subject.
    pub subject: [u8; 16],
}

impl Committing {
    /// What a field commits to, if to anything, when it shows what is in it.
    pub(super) fn of(field: Field, subject: [u8; 16], show: impl FnOnce(See<'_>)) -> Option<Self> {
        let mut commitment = None;
        show(&mut |part| commitment = commitment.or(part.downcast_ref::<Commitment>().copied()));
        commitment.map(|commitment| Self { commitment, field, subject })
    }
}
