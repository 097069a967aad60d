//! How a person comes by a key: a code, the session that it opens, and the key that shows itself there.

use hourbook_ledger::actor::Actor;
use hourbook_ledger::commitment::{Field, Opening};
use hourbook_ledger::domain::time::Millis;
use hourbook_ledger::envelope::Submission;

use crate::seeded::SeededRng;

/// `giver` hands out a code, `holder` enrols the key in the session that it opens, and `ledger` witnesses it.
///
/// # Panics
/// Never: twelve digits are a code.
#[must_use]
pub fn enrolment(
    giver: &Actor,
    holder: &Actor,
    ledger: &Actor,
    now: Millis,
    dice: &mut SeededRng,
) -> Vec<Submission> {
    let digits = format!("{:012}", dice.below(1_000_000_000_000));
    let code = Opening::new(holder.person.0, Field::Code, dice.bytes(), &digits).expect("a code");
    holder.enrolled_by(giver, ledger, now, dice.rng(), code).into()
}
