//! Writes events through the ledger's ordinary way in, many at a time and always in the same order.

use hourbook_ledger::domain::event::{ActEvent, Assurance, Body, Event, SessionEvent};
use std::collections::VecDeque;

use hourbook_ledger::actor::Actor;
use hourbook_ledger::commitment::{Field, FieldError, Opening};
use hourbook_ledger::domain::ids::{EventId, PersonId};
use hourbook_ledger::domain::time::Millis;
use hourbook_ledger::envelope::Submission;
use hourbook_ledger::sequencer::{Handle, Pending, SubmitError};

use super::DemoError;
use super::seeded::SeededRng;
use crate::commands::Unsigned;

/// Events that are submitted together.
const BATCH: usize = 64;
/// Batches that may be on their way.
const ON_THE_WAY: usize = 256;

/// Whoever writes the town's history.
pub(super) struct EventSubmitter {
    handle: Handle,
    /// Witnesses what is done in sessions.
    ledger: Actor,
    pub(super) dice: SeededRng,
    pub(super) now: Millis,
    batch: Vec<Submission>,
    pending: VecDeque<Pending>,
    /// Position after the last answered event.
    pub(super) size: u64,
}

impl EventSubmitter {
    pub(super) fn new(handle: Handle, ledger: Actor, dice: SeededRng, now: Millis) -> Self {
        Self { handle, ledger, dice, now, batch: Vec::new(), pending: VecDeque::new(), size: 0 }
    }

    /// A value to be committed to.
    pub(super) fn seal(
        &mut self,
        subject: [u8; 16],
        field: Field,
        value: &str,
    ) -> Result<Opening, FieldError> {
        Opening::new(subject, field, self.dice.bytes(), value)
    }

    /// An actor asserts something in person.
    pub(super) fn write(&mut self, actor: &Actor, body: Body) -> Result<EventId, SubmitError> {
        self.write_with(actor, body, Vec::new())
    }

    /// The same with the values behind its commitments.
    pub(super) fn write_with(
        &mut self,
        actor: &Actor,
        body: Body,
        openings: Vec<Opening>,
    ) -> Result<EventId, SubmitError> {
        let event = actor.event(self.now, self.dice.rng(), body);
        self.submit(actor, event, openings)
    }

    /// Staff assert something for a person (代办).
    pub(super) fn write_for(
        &mut self,
        actor: &Actor,
        person: PersonId,
        body: Body,
    ) -> Result<EventId, SubmitError> {
        let mut event = actor.event(self.now, self.dice.rng(), body);
        event.acting_for = Some(person);
        event.assurance = Assurance::StaffProxy;
        self.submit(actor, event, Vec::new())
    }

    /// Somebody with the same right stands for an act that waits.
    pub(super) fn approve(&mut self, actor: &Actor, act: EventId) -> Result<(), SubmitError> {
        self.write(actor, Body::Act(ActEvent::Approved { act })).map(drop)
    }

    /// A person enrols a key, in a session by a code that `giver` hands out.
    pub(super) fn enrol(&mut self, giver: &Actor, holder: &Actor) -> Result<(), DemoError> {
        let (person, until) = (holder.person, self.now.plus_days(1));
        let (_, grant) = self.grant_code(giver, person, until)?;
        let ledger = self.ledger.clone();
        self.write(&ledger, Body::Session(SessionEvent::Opened { person, grant, until }))?;
        let session = (person, grant);
        let event = ledger.witnessed(self.now, self.dice.rng(), session, holder.enrolment());
        self.submit(&ledger, event, Vec::new())?;
        let closed = Body::Session(SessionEvent::Closed { person, grant });
        self.write(&ledger, closed)?;
        Ok(())
    }

    /// Draws a one-time code and grants it.
    pub(super) fn grant_code(
        &mut self,
        giver: &Actor,
        person: PersonId,
        until: Millis,
    ) -> Result<(String, EventId), DemoError> {
        let code = format!("{:08}", self.dice.below(100_000_000));
        let sealed = self.seal(person.0, Field::Code, &code)?;
        let granted = Body::Session(SessionEvent::Granted { person, code: sealed.commitment(), until });
        let grant = self.write_with(giver, granted, vec![sealed])?;
        Ok((code, grant))
    }

    fn submit(
        &mut self,
        actor: &Actor,
        event: Event,
        openings: Vec<Opening>,
    ) -> Result<EventId, SubmitError> {
        let id = event.id;
        self.batch.push(Unsigned { event, openings }.sign(actor));
        if self.batch.len() >= BATCH {
            self.flush()?;
        }
        Ok(id)
    }

    /// Sends a batch of its own, accepted whole or not at all.
    pub(super) fn send(&mut self, actor: &Actor, events: Vec<Unsigned>) -> Result<(), SubmitError> {
        self.flush()?;
        self.push(events.into_iter().map(|event| event.sign(actor)).collect())
    }

    fn flush(&mut self) -> Result<(), SubmitError> {
        let batch = std::mem::take(&mut self.batch);
        if batch.is_empty() { Ok(()) } else { self.push(batch) }
    }

    fn push(&mut self, batch: Vec<Submission>) -> Result<(), SubmitError> {
        self.pending.push_back(self.handle.submit_waiting(batch));
        if self.pending.len() > ON_THE_WAY { self.take_answer() } else { Ok(()) }
    }

    fn take_answer(&mut self) -> Result<(), SubmitError> {
        let Some(pending) = self.pending.pop_front() else { return Ok(()) };
        let receipts = pending.wait()?;
        self.size = receipts.last().map_or(self.size, |receipt| receipt.position + 1);
        Ok(())
    }

    /// Waits until everything written is durable: only then may the clock move.
    pub(super) fn settle(&mut self) -> Result<(), SubmitError> {
        self.flush()?;
        while !self.pending.is_empty() {
            self.take_answer()?;
        }
        Ok(())
    }
}
