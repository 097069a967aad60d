//! A crowd let loose on a village, with the oracle looking on.

use std::collections::BTreeMap;

use hourbook_ledger::domain::event::BodyKind;
use hourbook_ledger::domain::{Code, Event};
use hourbook_ledger::envelope::Submission;
use hourbook_ledger::sequencer::{Answer, Receipt, SubmitError};
use hourbook_ledger::wire;

use crate::compare;
use crate::model::Model;
use crate::model::outcome::At;
use crate::seeded::SeededRng;
use crate::village::{Setting, Village};
use crate::workload::{Step, Workload};

/// How a run is disturbed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Disturbance {
    /// Not at all.
    None,
    /// Now and then the ledger is closed, with everything answered, and opened again.
    Restarts,
    /// Now and then it is closed in the middle of things; who got no answer asks again.
    Cuts,
}

/// A run.
pub struct Run {
    /// The village.
    pub village: Village,
    /// What should be.
    pub model: Model,
    /// Everything that happened.
    pub script: Vec<Step>,
    /// Everything that was accepted, with the first receipt.
    pub accepted: Vec<(Submission, Receipt)>,
    /// Refusals.
    pub refused: BTreeMap<Code, u64>,
    /// Events on the log.
    pub kinds: BTreeMap<BodyKind, u64>,
    /// Events that had no effect at once.
    pub waited: BTreeMap<BodyKind, u64>,
    /// Acts that waited and took effect, by what let them: a yes, or the end of a term.
    pub took_effect: BTreeMap<BodyKind, u64>,
    /// Acts that waited and were called off by what happened.
    pub dropped: u64,
    /// Times that the ledger was opened again.
    pub reopened: u64,
    /// Batches that were cut off without an answer.
    pub cut_off: u64,
    disturbance: Disturbance,
    dice: SeededRng,
}

impl Run {
    /// A village at its beginning.
    #[must_use]
    pub fn new(setting: Setting, disturbance: Disturbance) -> Self {
        let mut run = Self {
            village: Village::new(setting),
            model: Model::default(),
            script: Vec::new(),
            accepted: Vec::new(),
            refused: BTreeMap::new(),
            kinds: BTreeMap::new(),
            waited: BTreeMap::new(),
            took_effect: BTreeMap::new(),
            dropped: 0,
            reopened: 0,
            cut_off: 0,
            disturbance,
            dice: SeededRng::new(setting.seed, "disturbances"),
        };
        run.follow();
        run
    }

    /// Lets a crowd act for so many steps, and checks everything every so often.
    pub fn act(&mut self, seed: u64, steps: usize, check_every: usize) {
        let mut crowd = Workload::new(seed, &self.village.cast, self.village.ledger().ledger.clone());
        for number in 1..=steps {
            let step = crowd.step(&self.model, self.village.now());
            self.play(&step);
            self.script.push(step);
            if number % check_every == 0 {
                self.check();
            }
        }
        self.check();
    }

    /// Plays one step and lets the oracle follow.
    pub fn play(&mut self, step: &Step) {
        match step {
            Step::Clock(at) => self.village.clock.set(*at),
            Step::Round(batches) => self.round(batches.clone()),
        }
        self.village.tick().expect("the ledger works");
        self.follow();
        if self.disturbance == Disturbance::Restarts && self.dice.percent(8) && self.clock_is_plausible() {
            self.village.reopen();
            self.reopened += 1;
        }
    }

    /// Whether a start would follow the clock: much later than the last entry it asks an operator first.
    fn clock_is_plausible(&self) -> bool {
        self.village.now() < self.model.last_at.plus_days(34)
    }

    fn round(&mut self, batches: Vec<Vec<Submission>>) {
        let pending: Vec<_> = batches.iter().map(|batch| self.village.send(batch.clone())).collect();
        if self.disturbance == Disturbance::Cuts && self.dice.percent(25) && self.clock_is_plausible() {
            self.village.reopen();
            self.reopened += 1;
        }
        let answers: Vec<Answer> = pending.into_iter().map(|pending| pending.wait()).collect();
        for (batch, answer) in batches.into_iter().zip(answers) {
            let answer = match answer {
                Err(SubmitError::Stopped(_)) => {
                    self.cut_off += 1;
                    self.village.submit(batch.clone())
                }
                known => known,
            };
            self.note(batch, answer);
        }
    }

    fn note(&mut self, batch: Vec<Submission>, answer: Answer) {
        match answer {
            Ok(receipts) => {
                assert_eq!(receipts.len(), batch.len());
                self.accepted.extend(batch.into_iter().zip(receipts));
            }
            Err(SubmitError::Refused(refused)) => {
                *self.refused.entry(refused.rejection.code).or_default() += 1
            }
            Err(other) => panic!("no verdict: {other}"),
        }
    }

    /// Shows the oracle what is new on the log, and compares what follows from it.
    fn follow(&mut self) {
        self.village.catch_up();
        let told = self.village.told.clone();
        let told = told.lock().expect("never poisoned");
        for (at, event) in entries(&self.village, self.model.size) {
            let outcome = self.model.take(at, &event);
            let outcome =
                outcome.unwrap_or_else(|fault| panic!("position {}: {fault}: {event:#?}", at.position));
            compare::effects(&outcome, &told[at.position as usize]);
            *self.kinds.entry(event.body.kind()).or_default() += 1;
            let began = outcome.took_effect.is_some().then(|| event.body.kind());
            began.into_iter().for_each(|how| *self.took_effect.entry(how).or_default() += 1);
            let waits = outcome.held.is_some() && self.model.acts.contains_key(&event.id);
            if waits {
                *self.waited.entry(event.body.kind()).or_default() += 1;
            }
            self.dropped += outcome.dropped.len() as u64;
        }
        assert_eq!(self.model.size, told.len() as u64);
    }

    /// Holds rule state and read models to the oracle.
    pub fn check(&self) {
        compare::state(&self.model, &self.village.state());
        compare::models(&self.model, &self.village.read.read());
    }
}

/// The log from a position on, decoded.
///
/// # Panics
/// If it cannot be.
#[must_use]
pub fn entries(village: &Village, from: u64) -> Vec<(At, Event)> {
    let read = village.ledger().reader.read(from, usize::MAX >> 1).expect("the log can be read");
    let decode = |(position, bytes): (u64, std::sync::Arc<[u8]>)| {
        let entry = wire::decode_entry(&bytes).expect("an entry");
        assert_eq!(entry.position, position);
        let (recorded_at, revision, signer) = (entry.recorded_at, entry.revision, entry.signed.key_id);
        let event = wire::decode_event(&entry.signed.payload).expect("an event");
        (At { position, recorded_at, revision, signer }, event)
    };
    read.into_iter().map(decode).collect()
}
