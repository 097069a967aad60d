//! Which values in the vault an event commits to, and whether openings fit them.

use crate::commitment::{Field, Opening, SubjectId};
use crate::domain::event::{Body, Event, Lead, RecordClass};
use crate::domain::ids::Commitment;
use crate::domain::{Code, Rejection};

/// A commitment in an event, with the kind of value and the subject under whose key the value is kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Committing {
    /// The commitment.
    pub commitment: Commitment,
    /// The kind of value.
    pub field: Field,
    /// The subject.
    pub subject: SubjectId,
}

/// Everything that an event commits to, in the order of its fields.
#[must_use]
pub fn committed(event: &Event) -> Vec<Committing> {
    let mut all = Vec::new();
    let mut add = |subject: [u8; 16], field: Field, commitment: Option<Commitment>| {
        all.extend(commitment.map(|commitment| Committing { commitment, field, subject }));
    };
    match &event.body {
        Body::MemberRegistered { person, name, phone, id_number, volunteer_number, .. } => {
            add(person.0, Field::Name, Some(*name));
            add(person.0, Field::Phone, *phone);
            add(person.0, Field::IdNumber, *id_number);
            add(person.0, Field::VolunteerNumber, *volunteer_number);
        }
        Body::ActivityPlanned { activity, title, place, content, lead, .. } => {
            add(activity.0, Field::Title, Some(*title));
            add(activity.0, Field::Place, *place);
            add(activity.0, Field::Content, *content);
            if let Lead::Named(name) = lead {
                add(activity.0, Field::Lead, Some(*name));
            }
        }
        Body::ActivityCancelled { activity, reason } => add(activity.0, Field::Reason, Some(*reason)),
        Body::HoursRecorded { activity, class: RecordClass::Late(reason), .. } => {
            add(activity.0, Field::Reason, Some(*reason));
        }
        Body::HoursCorrected { recorded, reason, .. } => add(recorded.0, Field::Reason, Some(*reason)),
        Body::WishPosted { resident, text, .. } => add(resident.0, Field::WishText, Some(*text)),
        Body::WishVetted { wish, sentence } => add(wish.0, Field::WishSentence, Some(*sentence)),
        Body::WishWithdrawn { wish, reason } => add(wish.0, Field::Reason, Some(*reason)),
        Body::MemberExempted { person, reason, .. } => add(person.0, Field::Reason, Some(*reason)),
        Body::SessionGranted { person, code, .. } => add(person.0, Field::Code, Some(*code)),
        _ => {}
    }
    all
}

/// Whether the openings, of which `opened` are the commitments, are those of the event's commitments: each fits one, and
/// each commitment is opened or was put into the vault before, as a value of the same kind and subject. Otherwise an event could show one person's value as
/// another's, or an ID number as a sentence for the public.
///
/// # Errors
/// [`Code::BadOpening`] with the field concerned.
pub fn check(
    event: &Event,
    openings: &[Opening],
    opened: &[Commitment],
    known: impl Fn(&Committing) -> bool,
) -> Result<(), Rejection> {
    let committed = committed(event);
    for (opening, commitment) in openings.iter().zip(opened) {
        let fits = |c: &Committing| {
            c.commitment == *commitment && c.field == opening.field && c.subject == opening.subject
        };
        if !committed.iter().any(fits) {
            return Err(
                Code::BadOpening.because(format_args!("{:?}: the opening fits no commitment", opening.field))
            );
        }
    }
    let missing = committed.iter().find(|c| !opened.contains(&c.commitment) && !known(c));
    match missing {
        Some(c) => Err(Code::BadOpening.because(format_args!("{:?}: the opening is missing", c.field))),
        None => Ok(()),
    }
}
