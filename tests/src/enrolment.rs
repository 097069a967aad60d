//! How a person comes by a key: a code, the session that it opens, and the key that shows itself there.

use hourbook_ledger::actor::Actor;
use hourbook_ledger::commitment::{Field, Opening};
use hourbook_ledger::domain::event::{Body, SessionEvent};
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
    let (person, until) = (holder.person, now.plus_days(1));
    let digits = format!("{:012}", dice.below(1_000_000_000_000));
    let code = Opening::new(person.0, Field::Code, dice.bytes(), &digits).expect("a code");
    let granted = Body::Session(SessionEvent::Granted { person, code: code.commitment(), until });
    let granted = giver.event(now, dice.rng(), granted);
    let grant = granted.id;
    let opened = ledger.assert(now, dice.rng(), Body::Session(SessionEvent::Opened { person, grant, until }));
    let enrolled = ledger.witnessed(now, dice.rng(), (person, grant), holder.enrolment());
    let closed = ledger.assert(now, dice.rng(), Body::Session(SessionEvent::Closed { person, grant }));
    let plain = |signed| Submission { signed, openings: Vec::new() };
    vec![
        Submission { signed: giver.sign(&granted), openings: vec![code] },
        plain(opened),
        plain(ledger.sign(&enrolled)),
        plain(closed),
    ]
}
