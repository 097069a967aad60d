//! Which values in the vault an event commits to, and whether openings fit them.

use crate::commitment::Opening;
use crate::domain::event::Event;
use crate::domain::facts::Committing;
use crate::domain::ids::Commitment;
use crate::domain::{Code, Rejection};

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
    let committed = event.body.commitments();
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
