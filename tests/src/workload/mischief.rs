//! Ways to spoil an event.

use hourbook_ledger::actor::{Actor, event_id};
use hourbook_ledger::domain::event::{Event, Expected, Stream};
use hourbook_ledger::domain::time::Millis;
use hourbook_ledger::envelope::Submission;

use super::Workload;

impl Workload {
    pub(super) fn spoil(
        &mut self,
        now: Millis,
        mut event: Event,
        signer: &Actor,
        mut submission: Submission,
    ) -> Submission {
        match self.dice.below(12) {
            0 => submission.signed.signature[7] ^= 1,
            1 => submission.signed.payload.truncate(20),
            2 => submission.signed = crate::village::actor(&mut self.dice).sign(&event),
            3 => {
                event.ledger = "ledger.example/elsewhere".to_owned();
                submission.signed = signer.sign(&event);
            }
            4 => {
                let days = self.dice.between(36, 400) as i64;
                self.date(&mut event, Millis(now.0 - days * 86_400_000));
                submission.signed = signer.sign(&event);
            }
            5 => {
                event.expected = Expected::Exact(999_999);
                submission.signed = signer.sign(&event);
            }
            6 => {
                event.stream = Stream { id: self.dice.id(), ..event.stream };
                submission.signed = signer.sign(&event);
            }
            7 => submission.openings.clear(),
            8 => {
                // Another's name over the same key.
                event.actor = self.dice.pick(&self.cast.volunteers).id();
                submission.signed = signer.sign(&event);
            }
            9 if !self.sent.is_empty() => {
                // The id of something that was sent before, with other bytes.
                let before = self.dice.pick(&self.sent).signed.payload.clone();
                if let Ok(before) = hourbook_ledger::wire::decode_event(&before) {
                    event.id = before.id;
                    event.stream = event.body.stream(event.id);
                }
                submission.signed = signer.sign(&event);
            }
            _ => {
                // The wrong person, with an own key.
                let other = self.dice.any(self.wallets.values().flatten().cloned());
                let other = other.unwrap_or_else(|| signer.clone());
                event.actor = other.person;
                submission.signed = other.sign(&event);
            }
        }
        submission
    }

    fn date(&mut self, event: &mut Event, at: Millis) {
        event.id = event_id(at, self.dice.rng());
        event.stream = event.body.stream(event.id);
    }
}
