//! Looks that the ledger records, most of them under a seal.

use hourbook_ledger::domain::event::{AccessEvent, Body};
use hourbook_ledger::domain::time::Millis;
use hourbook_ledger::envelope::Submission;

use super::Workload;
use crate::model::Model;
use crate::village;

impl Workload {
    /// Sometimes a look, or what opens one. By dice of their own, so that the crowd does the same with and without looks.
    pub(super) fn look(&mut self, model: &Model, now: Millis) -> Option<Submission> {
        if !self.looks.percent(15) {
            return None;
        }
        let opening = if self.looks.percent(50) { self.opened(model) } else { None };
        let (by, person) = (self.cast.workers[0].id(), self.looks.pick(&self.cast.volunteers).id());
        let is_look = opening.is_none();
        let body = opening.unwrap_or_else(|| village::look(by, person));
        let mut event = self.ledger.event(now, self.looks.rng(), body);
        if is_look && self.looks.percent(70) {
            // To be opened so late that none is overdue however long the crowd acts, and sometimes too late.
            let days = if self.looks.percent(5) { 0 } else { self.looks.between(350, 368) };
            let (until, salt) = (model.register.day(now).plus(days as i32), self.looks.bytes());
            let [sealed, opening] = village::under_seal(&event.ledger, event.id, salt, until, event.body);
            event.body = sealed;
            self.sealed.insert(event.id, opening);
        }
        Some(Submission { signed: self.ledger.sign(&event), openings: Vec::new() })
    }

    /// Mostly what is behind the seal of a look that was not opened.
    fn opened(&mut self, model: &Model) -> Option<Body> {
        let again = self.looks.percent(10);
        let sealed = self.sealed.iter().filter(|(look, _)| again || model.looks.sealed.contains_key(look));
        let mut body = self.looks.any(sealed.map(|(_, body)| body.clone()))?;
        if let Body::Access(AccessEvent::LookOpened { by, salt, persons, .. }) = &mut body {
            match self.looks.below(20) {
                0 => salt[0] ^= 1,
                1 => *persons = vec![self.looks.pick(&self.cast.volunteers).id()],
                2 => *by = self.cast.workers[1].id(),
                _ => {}
            }
        }
        Some(body)
    }
}
