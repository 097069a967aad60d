//! The acts that wait, as they are remembered.

use crate::domain::effect::{Effect, Effects};
use crate::domain::event::Event;
use crate::domain::ids::{EventId, KeyId, PersonId};
use crate::domain::time::Millis;
use crate::store::agenda::Agenda;
use crate::store::table::{Table, tables};

/// Who has to stand for an act beside whoever asserted it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub enum Second {
    /// Another one who could have asserted it, or a steward above, neither of them with a key by the other's code.
    Colleague,
    /// The person, or staff of the person's home.
    GivingSide,
    /// Staff of the organisation that gains.
    GainingSide,
}

/// An act that waits.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Held {
    /// What was asserted.
    pub event: Box<Event>,
    /// By which key.
    pub signer: KeyId,
    /// Position of the assertion.
    pub position: u64,
    /// Whom it concerns.
    pub subject: Option<PersonId>,
    /// Who still has to stand for it.
    pub second: Option<Second>,
    /// Who stood for it.
    pub approved_by: Option<PersonId>,
    /// It takes effect at this moment, not before.
    pub due: Option<Millis>,
    /// Position since which the session or key that asserted it is good.
    pub since: u64,
    /// To whom the signer owed role or key when it was asserted: what changes since does not make them another hand.
    pub owed_to: Vec<PersonId>,
    /// Whose hand the signer was taken for then, other than its person's, and whoever was behind that one.
    pub lent_by: Vec<PersonId>,
}

/// All acts that wait.
#[derive(Default, Debug, Clone)]
pub struct Acts {
    pub(super) held: Table<31, EventId, Held>,
    pub(super) coming: Agenda<32, Millis, EventId>,
}

tables!(Acts { held, coming });

impl Acts {
    /// The act, while it waits.
    #[must_use]
    pub fn get(&self, act: EventId) -> Option<&Held> {
        self.held.get(&act)
    }

    /// All acts that wait, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = (&EventId, &Held)> {
        self.held.iter()
    }

    /// The next moment at which one that waits for nothing else takes effect.
    #[must_use]
    pub fn next_due(&self) -> Option<Millis> {
        self.coming.next()
    }

    /// Whether something waits that a code of a person asserted, or a key that came by one, for that person.
    pub(crate) fn waits_by_code(&self, person: PersonId) -> bool {
        let by_code = |held: &Held| held.event.grant.is_some() || !held.lent_by.is_empty();
        self.held.iter().any(|(_, held)| held.event.actor == person && by_code(held))
    }

    pub(crate) fn take(&mut self, act: EventId) -> Option<Held> {
        let held = self.held.get(&act)?.clone();
        self.held.remove(&act);
        if let Some(due) = held.due {
            self.coming.remove(due, act);
        }
        Some(held)
    }

    /// Notes that an act waits.
    pub(super) fn put(&mut self, held: Held) {
        if let (Some(due), None) = (held.due, held.second) {
            self.coming.add(due, held.event.id);
        }
        self.held.insert(held.event.id, held);
    }

    /// Calls off what waits and was asserted by one of these keys.
    pub(crate) fn drop_signed_by(&mut self, keys: &[KeyId], effects: &mut Effects<Event>) {
        self.call_off(effects, |held| keys.contains(&held.signer));
    }

    /// Calls off what waits and concerns a person who is no more.
    pub(crate) fn drop_about(&mut self, person: PersonId, effects: &mut Effects<Event>) {
        self.call_off(effects, |held| held.subject == Some(person) || held.event.actor == person);
    }

    /// Calls off what waits and is so.
    pub(crate) fn call_off(&mut self, effects: &mut Effects<Event>, goes: impl Fn(&Held) -> bool) {
        let mut acts: Vec<EventId> =
            self.held.iter().filter(|(_, held)| goes(held)).map(|(act, _)| *act).collect();
        acts.sort_unstable();
        for act in acts {
            self.take(act);
            effects.push(Effect::Dropped(act));
        }
    }
}
