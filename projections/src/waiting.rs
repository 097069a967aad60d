//! Acts that wait, and what became of them: see [`hourbook_ledger::domain::act`].

use hourbook_ledger::domain::Effect;
use hourbook_ledger::domain::event::{ActEvent, Body, Event};
use hourbook_ledger::domain::ids::{EventId, PersonId};
use hourbook_ledger::domain::time::Millis;
use hourbook_ledger::follower::LoggedEvent;
use hourbook_ledger::store::lazy::LazyMap;
use hourbook_ledger::{save_fields, save_plain};
use std::collections::BTreeSet;

/// How far an act has come.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
#[repr(u8)]
pub enum Standing {
    /// Somebody else has to stand for it first.
    NeedsApproval = 1,
    /// It takes effect when its term is over.
    Term = 2,
    /// It took effect.
    TookEffect = 3,
    /// It was called off.
    Stopped = 4,
}

/// An act that waits or waited.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Act {
    /// What was asserted.
    pub event: Box<Event>,
    /// Position of the assertion.
    pub position: u64,
    /// When it was recorded.
    pub at: Millis,
    /// Whom it concerns.
    pub subject: Option<PersonId>,
    /// It does not take effect before this moment.
    pub due: Option<Millis>,
    /// Who stood for it.
    pub approved_by: Option<PersonId>,
    /// How far it has come.
    pub standing: Standing,
    /// Who brought it there: who asserted, approved or stopped it, or the ledger.
    pub by: PersonId,
    /// Position of the event that brought it there.
    pub since: u64,
}

impl Act {
    /// Whether it still waits.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.standing, Standing::NeedsApproval | Standing::Term)
    }
}

/// All of them.
#[derive(Default, Debug)]
pub struct Waiting {
    acts: LazyMap<EventId, Act>,
    about: LazyMap<PersonId, Vec<EventId>>,
    open: Open,
}

/// The acts that still wait, by the position of their assertion.
#[derive(Default, Debug, serde::Serialize, serde::Deserialize)]
struct Open(BTreeSet<(u64, EventId)>);

save_plain!(Open);
save_fields!(Waiting { acts, about, open });

impl Waiting {
    /// Takes one more event, as it stands on the log.
    pub fn fold(&mut self, c: &LoggedEvent) {
        match &c.event.body {
            Body::Act(ActEvent::Approved { act }) => self.approve(c, *act),
            Body::Act(ActEvent::Stopped { act }) => self.end(c, *act, Standing::Stopped),
            Body::Act(ActEvent::TookEffect { act }) => self.end(c, *act, Standing::TookEffect),
            _ => self.begin(c),
        }
        for effect in &c.effects {
            if let Effect::Dropped(act) = effect {
                self.end(c, *act, Standing::Stopped);
            }
        }
    }

    fn begin(&mut self, c: &LoggedEvent) {
        let held = c.effects.iter().find_map(|effect| match effect {
            Effect::Held { subject, needs_approval, due } => Some((*subject, *needs_approval, *due)),
            _ => None,
        });
        let Some((subject, needs_approval, due)) = held else { return };
        let act = Act {
            event: Box::new(c.event.clone()),
            position: c.position,
            at: c.recorded_at,
            subject,
            due,
            approved_by: None,
            standing: if needs_approval { Standing::NeedsApproval } else { Standing::Term },
            by: c.event.actor,
            since: c.position,
        };
        self.acts.insert(c.event.id, act);
        self.open.0.insert((c.position, c.event.id));
        if let Some(subject) = subject {
            self.about.or_insert_with(subject, Vec::new).push(c.event.id);
        }
    }

    fn approve(&mut self, c: &LoggedEvent, id: EventId) {
        let Some(act) = self.acts.get_mut(&id) else { return };
        act.approved_by = Some(c.event.actor);
        let waits = c.effects.iter().find_map(|effect| match effect {
            Effect::Held { due, .. } => Some(*due),
            _ => None,
        });
        match waits {
            Some(due) => {
                (act.due, act.standing) = (due, Standing::Term);
                (act.by, act.since) = (c.event.actor, c.position);
            }
            None => self.end(c, id, Standing::TookEffect),
        }
    }

    fn end(&mut self, c: &LoggedEvent, id: EventId, standing: Standing) {
        let Some(act) = self.acts.get_mut(&id) else { return };
        (act.standing, act.by, act.since) = (standing, c.event.actor, c.position);
        self.open.0.remove(&(act.position, id));
    }

    /// An act that waits or waited.
    #[must_use]
    pub fn get(&self, act: EventId) -> Option<&Act> {
        self.acts.get(&act)
    }

    /// Every act about a person, in the order of assertion.
    pub fn about(&self, person: PersonId) -> impl DoubleEndedIterator<Item = (EventId, &Act)> {
        let ids = self.about.get(&person).map_or(&[][..], Vec::as_slice);
        ids.iter().filter_map(|id| self.acts.get(id).map(|act| (*id, act)))
    }

    /// The acts that still wait, in the order of assertion.
    pub fn open(&self) -> impl DoubleEndedIterator<Item = (EventId, &Act)> {
        self.open.0.iter().filter_map(|(_, id)| self.acts.get(id).map(|act| (*id, act)))
    }
}
