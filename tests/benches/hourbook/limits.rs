//! What the hardware gives for each figure's own work and nothing else.

use std::fs::File;
use std::io::Write as _;
use std::time::Instant;

use ed25519_dalek::{Signature, VerifyingKey};
use hourbook_ledger::actor::Actor;
use hourbook_ledger::domain::ids::KeyId;
use hourbook_ledger::dsse::{PAYLOAD_TYPE, pae};
use hourbook_ledger::envelope::Submission;
use rustc_hash::FxHashMap;

use crate::report::{Rate, cores, rate};

/// The messages, keys (ready to use) and signatures of real submissions.
pub(crate) struct Signatures(Vec<(VerifyingKey, Vec<u8>, Signature)>);

impl Signatures {
    /// Of some submissions of known hands.
    ///
    /// # Panics
    /// If a hand is not known.
    #[must_use]
    pub(crate) fn of<'a>(hands: &[Actor], submissions: impl Iterator<Item = &'a Submission>) -> Self {
        let ready = |hand: &Actor| {
            let key = hand.public_key();
            (KeyId::of(&key), VerifyingKey::from_bytes(&key.0).expect("a point"))
        };
        let keys: FxHashMap<KeyId, VerifyingKey> = hands.iter().map(ready).collect();
        let take = |s: &Submission| {
            let message = pae(PAYLOAD_TYPE, &s.signed.payload);
            (keys[&s.signed.key_id], message, Signature::from_bytes(&s.signed.signature))
        };
        Self(submissions.map(take).collect())
    }

    /// `verify_strict` of them on all cores.
    ///
    /// # Panics
    /// If one is bad.
    #[must_use]
    pub(crate) fn strict(&self) -> Rate {
        self.on_all_cores(|part| {
            for (key, message, signature) in part {
                key.verify_strict(message, signature).expect("a good signature");
            }
        })
    }

    /// `verify_batch` of 1,024 at a time on all cores.
    ///
    /// # Panics
    /// If one is bad.
    #[must_use]
    pub(crate) fn batched(&self) -> Rate {
        self.on_all_cores(|part| {
            for some in part.chunks(1_024) {
                let messages: Vec<&[u8]> = some.iter().map(|(_, message, _)| message.as_slice()).collect();
                let signatures: Vec<Signature> = some.iter().map(|(.., signature)| *signature).collect();
                let keys: Vec<VerifyingKey> = some.iter().map(|(key, ..)| *key).collect();
                ed25519_dalek::verify_batch(&messages, &signatures, &keys).expect("good signatures");
            }
        })
    }

    fn on_all_cores(&self, work: impl Fn(&[(VerifyingKey, Vec<u8>, Signature)]) + Sync) -> Rate {
        let work = &work;
        rate(self.0.len() as f64, || {
            std::thread::scope(|scope| {
                for part in self.0.chunks(self.0.len().div_ceil(cores())) {
                    scope.spawn(move || work(part));
                }
            });
        })
    }
}

/// Small writes at the end of a file, each with its fdatasync: microseconds of one.
///
/// # Panics
/// If the disk fails.
#[must_use]
pub(crate) fn fdatasync(file: &mut File, bytes: &[u8]) -> f64 {
    let begin = Instant::now();
    file.write_all(bytes).expect("written");
    file.sync_data().expect("synced");
    begin.elapsed().as_secs_f64() * 1e6
}
