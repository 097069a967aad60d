//! The ledger itself: how it begins, and what it says of its own state, rules and clock.

use super::event::Event;
use super::ids::{KeyId, PersonId};
use super::key::{self, Key};
use super::person::Office;
use super::rejection::{Code, Rejection, ensure};
use super::state::{Context, Founded, State};
use super::time::Millis;
use super::vocabulary::{Founding, Role, Scope};
use super::{clock, rules, unique};
use hourbook_derive::Aggregate;

/// What can be asserted of the ledger itself.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize, Aggregate)]
#[aggregate(stream(Ledger))]
#[allow(missing_docs)] // fields are named after their types
pub enum LedgerEvent {
    /// The ledger begins.
    #[event(1, by(Genesis))]
    #[safe = "Nobody is there yet; two founders, so that one lost key orphans nothing."]
    Founded(Founding),
    /// Digest of the derived state after `position` under a version of the rules. Asserted by the ledger.
    #[event(2, by(Ledger), unprefixed)]
    #[safe = "Says what everybody can compute."]
    StateDigest { position: u64, rules: u32, digest: [u8; 32] },
    /// From the next entry on a later version of the rules decides and derives.
    #[event(3, by(founder), unprefixed)]
    #[safe = "Only versions that every build has; what was derived before stays."]
    RulesAdopted { version: u32 },
    /// The ledger's clock was ahead: the last entry says that it was recorded at `from`, and it is `to`.
    #[event(4, by(founder), unprefixed)]
    #[safe = "A founder's alone; every entry keeps its position, and the audit shows it."]
    ClockCorrected { from: Millis, to: Millis },
}

pub(super) fn decide(
    state: &State,
    cx: &Context,
    event: &Event,
    body: &LedgerEvent,
) -> Result<(), Rejection> {
    match body {
        LedgerEvent::Founded(founding) => decide_founding(state, cx, event, founding),
        // Of the state right before its own entry: whoever reads the log has just that at hand to compare.
        LedgerEvent::StateDigest { position, .. } => {
            ensure(position.checked_add(1) == Some(cx.position), Code::OutOfRange)
        }
        LedgerEvent::RulesAdopted { version } => rules::decide(&state.rules, *version),
        LedgerEvent::ClockCorrected { from, to } => clock::decide(cx, *from, *to),
    }
}

pub(super) fn evolve(state: &mut State, cx: &Context, event: &Event, body: &LedgerEvent) {
    match body {
        LedgerEvent::Founded(founding) => found(state, cx, event, founding),
        LedgerEvent::StateDigest { position, rules, digest } => {
            state.lists.state_digest(*position, *rules, *digest);
        }
        LedgerEvent::RulesAdopted { version } => state.rules.adopt(*version),
        // No state depends on when the last entry was recorded; whoever orders and audits entries keeps that.
        LedgerEvent::ClockCorrected { .. } => {}
    }
}

fn decide_founding(state: &State, cx: &Context, event: &Event, founding: &Founding) -> Result<(), Rejection> {
    ensure(state.founded.is_none() && cx.position == 0, Code::FoundingState)?;
    let [first, second] = &founding.founders;
    let keys = [first.key, second.key, founding.ledger_key, founding.log_key];
    let distinct = keys.iter().enumerate().all(|(i, key)| !keys[..i].contains(key));
    // A founder who were also the ledger could assert what only time and the rules may.
    let persons = [first.person, second.person, founding.ledger_person];
    let three = persons.iter().enumerate().all(|(i, person)| !persons[..i].contains(person));
    ensure(distinct && three, Code::OutOfRange)?;
    persons.into_iter().try_for_each(|person| unique::check_not_zeros(person.0))?;
    ensure(founding.offset.0.abs() <= 14 * 60 && !event.ledger.is_empty(), Code::OutOfRange)
}

fn found(state: &mut State, cx: &Context, event: &Event, founding: &Founding) {
    for founder in &founding.founders {
        key::add(state, founder.key, Key::new(founder.person, founder.key, cx.position));
        let (role, scope, keys) = (Role::Founder, Scope::Ledger, vec![KeyId::of(&founder.key)]);
        state.people.grant(founder.person, Office { role, scope, keys, by: founder.person });
    }
    let ledger = Key::new(founding.ledger_person, founding.ledger_key, cx.position);
    key::add(state, founding.ledger_key, ledger);
    state.founded = Some(Founded { origin: event.ledger.clone(), founding: founding.clone() });
}

impl State {
    /// The ledger's own acting person.
    #[must_use]
    pub fn ledger_person(&self) -> Option<PersonId> {
        self.founded.as_ref().map(|f| f.founding.ledger_person)
    }
}
