//! From untrusted bytes to a checked event. What can be judged without the rule state is judged here, in parallel;
//! the verdicts are only weighed in the documented order when the event's turn comes.

use crate::domain::event::{Body, Event, KeyEvent, LedgerEvent};
use ed25519_dalek::VerifyingKey;
use parking_lot::RwLock;
use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256};

use crate::commitment::Opening;
use crate::domain::facts::Committing;
use crate::domain::ids::{Commitment, KeyId, PersonId, Possession, PublicKey};
use crate::domain::{Code, Rejection};
use crate::dsse::{self, SignedEvent};
use crate::engine::MAX_ENTRY_BYTES;
use crate::keys::usable_public_key;
use crate::openings;
use crate::possession;
use crate::wire;

pub use crate::wire::Submission;

/// Bytes of an entry beside the signed event: position, time, revision, key, signature and field tags.
const ENTRY_OVERHEAD: usize = 128;
/// How many decompressed keys are kept at hand, 192 bytes each.
const KEYS_AT_HAND: usize = 32_768;

/// What is known of the signature before the event's turn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Signature {
    /// It is the named key's over these bytes.
    Good,
    /// It is not.
    Bad,
    /// The key was not enrolled when this was checked.
    NoKey,
}

/// A submission after the checks that need no rule state.
#[derive(Debug)]
pub struct Checked {
    /// As it came.
    pub submission: Submission,
    /// The commitments of its openings, in their order.
    pub commitments: Vec<Commitment>,
    /// Tells the same bytes from others under the same id.
    pub digest: [u8; 16],
    /// The event, or why it is none.
    pub event: Result<Event, Rejection>,
    /// The verdict on the signature.
    pub signature: Signature,
    /// The verdict on the openings.
    pub openings: Result<(), Rejection>,
}

/// Public keys by id, as enrolled. Whether one is valid at a position is for the rules.
#[derive(Default)]
pub struct KeyBook {
    keys: RwLock<FxHashMap<KeyId, PublicKey>>,
    at_hand: RwLock<FxHashMap<KeyId, VerifyingKey>>,
}

impl KeyBook {
    /// Notes a key.
    pub fn add(&self, key: PublicKey) {
        self.keys.write().insert(KeyId::of(&key), key);
    }

    /// The key, ready to verify with; `None` if it was never noted or is not a usable point.
    pub fn get(&self, id: KeyId) -> Option<VerifyingKey> {
        if let Some(key) = self.at_hand.read().get(&id) {
            return Some(*key);
        }
        let public = *self.keys.read().get(&id)?;
        let key = VerifyingKey::from_bytes(&public.0).ok()?;
        let mut at_hand = self.at_hand.write();
        if at_hand.len() >= KEYS_AT_HAND {
            at_hand.clear();
        }
        at_hand.insert(id, key);
        Some(key)
    }
}

/// Checks what can be checked out of order.
pub fn check(submission: Submission, keys: &KeyBook, in_vault: impl Fn(&Committing) -> bool) -> Checked {
    let (checked, key) = look(submission, keys, in_vault);
    let signature = verify(key, &checked.submission.signed);
    Checked { signature, ..checked }
}

/// As [`check`], for many: together they cost less than one after the other.
pub fn check_each(
    submissions: Vec<Submission>,
    keys: &KeyBook,
    in_vault: impl Fn(&Committing) -> bool,
) -> Vec<Checked> {
    let look = |submission| look(submission, keys, &in_vault);
    let (mut checked, found): (Vec<Checked>, Vec<Option<VerifyingKey>>) =
        submissions.into_iter().map(look).unzip();
    let claims: Vec<_> = checked
        .iter()
        .zip(&found)
        .filter_map(|(checked, key)| Some((key.as_ref()?, &checked.submission.signed)))
        .collect();
    let mut verdicts = dsse::verify_each(&claims).into_iter();
    for (checked, _) in checked.iter_mut().zip(&found).filter(|(_, key)| key.is_some()) {
        let good = verdicts.next().unwrap_or(false);
        checked.signature = if good { Signature::Good } else { Signature::Bad };
    }
    checked
}

/// All checks but that of the signature, and the key for that one.
fn look(
    submission: Submission,
    keys: &KeyBook,
    in_vault: impl Fn(&Committing) -> bool,
) -> (Checked, Option<VerifyingKey>) {
    let digest = digest(&submission.signed);
    let event = decode(&submission.signed);
    let commitments: Vec<Commitment> = submission.openings.iter().map(Opening::commitment).collect();
    let (key, openings) = match &event {
        Ok(event) => {
            let id = submission.signed.key_id;
            let key = keys.get(id).or_else(|| founder_key(event, id));
            (key, openings::check(event, &submission.openings, &commitments, in_vault))
        }
        Err(_) => (None, Ok(())),
    };
    (Checked { submission, commitments, digest, event, signature: Signature::NoKey, openings }, key)
}

/// The verdict on a signature, given the key.
#[must_use]
pub fn verify(key: Option<VerifyingKey>, signed: &SignedEvent) -> Signature {
    match key.map(|key| dsse::verify(&key, signed)) {
        None => Signature::NoKey,
        Some(Ok(())) => Signature::Good,
        Some(Err(_)) => Signature::Bad,
    }
}

fn decode(signed: &SignedEvent) -> Result<Event, Rejection> {
    let too_large = signed.payload.len() + ENTRY_OVERHEAD > MAX_ENTRY_BYTES;
    // A malformed event is malformed at any size; decoding is bounded by the size of the request. Lists are bounded so
    // that they fit an entry, so an event that is too large for one shows it by a list that is too long.
    let event = wire::decode_event(&signed.payload).map_err(|error| match error.problem {
        wire::Problem::Count { .. } if too_large => Code::TooLarge.because(error),
        _ => Code::Malformed.because(error),
    })?;
    if !event.id.is_v7() {
        return Err(Code::Malformed.because("id: not a UUIDv7"));
    }
    if event.stream != event.body.stream(event.id) {
        return Err(Code::Malformed.because("stream: not the one that the body names"));
    }
    if too_large {
        let most = MAX_ENTRY_BYTES - ENTRY_OVERHEAD;
        return Err(Code::TooLarge.because(format_args!("{} bytes, at most {most}", signed.payload.len())));
    }
    faulty_key(&event).map_or(Ok(event), |what| Err(Code::Malformed.because(what)))
}

/// What is wrong with a key that the event brings: no signature could ever fit it or verifiers differ about it, so that
/// whoever changed over to it would be locked out; or its holder has not signed who gains it.
pub(crate) fn faulty_key(event: &Event) -> Option<String> {
    let usable = |name: &str, key: &PublicKey| {
        usable_public_key(&key.0).map_err(|_| format!("{name}: not a usable Ed25519 public key"))
    };
    let proven = |name: &str, key: &PublicKey, proof: &Possession, person: PersonId| {
        let key = usable(name, key)?;
        let good = possession::is_proven(&key, proof, &event.ledger, person);
        if good { Ok(()) } else { Err("proof: not a signature of the new key over who gains it".to_owned()) }
    };
    let checked = match &event.body {
        Body::Key(KeyEvent::Enrolled { person, key, proof }) => proven("key", key, proof, *person),
        Body::Key(KeyEvent::Rotated { person, new, proof, .. }) => proven("new_key", new, proof, *person),
        Body::Ledger(LedgerEvent::Founded(founding)) => {
            let named = [("log_key", &founding.log_key), ("ledger_key", &founding.ledger_key)];
            let founders = founding.founders.iter().map(|founder| ("founders: key", &founder.key));
            named.into_iter().chain(founders).try_for_each(|(name, key)| usable(name, key).map(drop))
        }
        _ => Ok(()),
    };
    checked.err()
}

/// The event that begins a ledger brings its own key.
fn founder_key(event: &Event, id: KeyId) -> Option<VerifyingKey> {
    let Body::Ledger(LedgerEvent::Founded(founding)) = &event.body else { return None };
    let key = founding.founders[0].key;
    (KeyId::of(&key) == id).then(|| VerifyingKey::from_bytes(&key.0).ok()).flatten()
}

/// Tells signed events apart: key, signature and payload.
#[must_use]
pub fn digest(signed: &SignedEvent) -> [u8; 16] {
    digest_of(signed.key_id, &signed.signature, &signed.payload)
}

/// As [`digest`], of the parts.
#[must_use]
pub fn digest_of(key_id: KeyId, signature: &[u8; 64], payload: &[u8]) -> [u8; 16] {
    let hash = Sha256::new().chain_update(key_id.0).chain_update(signature).chain_update(payload).finalize();
    *hash.first_chunk().expect("a digest has 32 bytes")
}
