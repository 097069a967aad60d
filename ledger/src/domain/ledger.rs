//! The ledger itself: how it begins, and what it says of its own state, rules and clock.

use super::context::{Context, Founded};
use super::ids::KeyId;
use super::key::{self, Key, Keys};
use super::person::{Office, People};
use super::rejection::{Code, Verdict, ensure, fits};
use super::rules::Rules;
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
    founded: Option<&Founded>,
    in_force: &Rules,
    origin: &str,
    cx: &Context,
    body: &LedgerEvent,
) -> Verdict {
    match body {
        LedgerEvent::Founded(founding) => decide_founding(founded, cx, origin, founding),
        // Of the state right before its own entry: whoever reads the log has just that at hand to compare.
        LedgerEvent::StateDigest { position, .. } => fits(
            position.checked_add(1) == Some(cx.position),
            format_args!("position: that before the event"),
        ),
        LedgerEvent::RulesAdopted { version } => rules::decide(in_force, *version),
        LedgerEvent::ClockCorrected { from, to } => clock::decide(cx, *from, *to),
    }
}

fn decide_founding(founded: Option<&Founded>, cx: &Context, origin: &str, founding: &Founding) -> Verdict {
    ensure(founded.is_none() && cx.position == 0, Code::FoundingState)?;
    let [first, second] = &founding.founders;
    let keys = [first.key, second.key, founding.ledger_key, founding.log_key];
    let distinct = keys.iter().enumerate().all(|(i, key)| !keys[..i].contains(key));
    // A founder who were also the ledger could assert what only time and the rules may.
    let persons = [first.person, second.person, founding.ledger_person];
    let three = persons.iter().enumerate().all(|(i, person)| !persons[..i].contains(person));
    fits(distinct && three, format_args!("founders, ledger: three persons with a key each"))?;
    persons.into_iter().try_for_each(|person| unique::check_not_zeros(person.0))?;
    fits(founding.offset.0.abs() <= 14 * 60, format_args!("utc-offset: -840 to 840 minutes"))?;
    fits(!origin.is_empty(), format_args!("ledger: not empty"))
}

/// The first keys and roles, and what is remembered of the founding.
pub(super) fn found(
    keys: &mut Keys,
    people: &mut People,
    origin: &str,
    position: u64,
    founding: &Founding,
) -> Founded {
    for founder in &founding.founders {
        key::add(keys, founder.key, Key::new(founder.person, founder.key, position));
        let (role, scope, by) = (Role::Founder, Scope::Ledger, founder.person);
        let office = Office { role, scope, keys: vec![KeyId::of(&founder.key)], by };
        people.grant(founder.person, office);
    }
    let ledger = Key::new(founding.ledger_person, founding.ledger_key, position);
    key::add(keys, founding.ledger_key, ledger);
    Founded { origin: origin.to_owned(), founding: founding.clone() }
}
