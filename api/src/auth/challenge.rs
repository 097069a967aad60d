//! What a key signs to open a session. Nothing is kept of a challenge that was handed out, so nobody can fill a place with
//! them: it carries its own end, and a code over that and the key's name that only this server can make. What is kept,
//! for two minutes, is which were used; for that one needs an enrolled key.

use hmac::{Hmac, KeyInit as _, Mac as _};
use hourbook_ledger::domain::ids::KeyId;
use hourbook_ledger::domain::time::Millis;
use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use sha2::Sha256;

/// How long a challenge can be signed, in milliseconds.
pub const CHALLENGE_MILLIS: i64 = 120_000;
/// Sessions that one key may open in that time.
pub const SESSIONS_AT_ONCE: usize = 64;

/// 8 bytes of when it ends, 8 random ones, and half of the code over them.
pub type Nonce = [u8; 32];

/// Makes challenges and knows its own.
pub struct Challenges {
    /// Of this process, so that what was signed before a restart cannot be used after it.
    key: Hmac<Sha256>,
    used: Mutex<FxHashMap<KeyId, Vec<(Nonce, Millis)>>>,
}

/// Why a challenge opens nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Unfit {
    /// Used before.
    Used,
    /// The key has opened so many sessions that it has to wait.
    TooMany,
}

impl Challenges {
    /// Those of a process that has drawn these bytes.
    pub(crate) fn new(secret: [u8; 32]) -> Self {
        let key = Hmac::<Sha256>::new_from_slice(&secret).expect("HMAC takes keys of any length");
        Self { key, used: Mutex::default() }
    }

    /// A challenge for a key, and until when it can be signed.
    pub(crate) fn make(&self, key: KeyId, random: [u8; 8], now: Millis) -> (Nonce, Millis) {
        let until = Millis(now.0.saturating_add(CHALLENGE_MILLIS));
        let mut nonce = [0; 32];
        nonce[..8].copy_from_slice(&until.0.to_be_bytes());
        nonce[8..16].copy_from_slice(&random);
        let code = self.code(key, &nonce).finalize().into_bytes();
        nonce[16..].copy_from_slice(&code[..16]);
        (nonce, until)
    }

    fn code(&self, key: KeyId, nonce: &Nonce) -> Hmac<Sha256> {
        let mut code = self.key.clone();
        code.update(b"hourbook/challenge/v1\0");
        code.update(&key.0);
        code.update(&nonce[..16]);
        code
    }

    /// Whether a challenge was made here for this key and can still be signed.
    pub(crate) fn is_open(&self, nonce: &Nonce, key: KeyId, now: Millis) -> bool {
        let is_ours = self.code(key, nonce).verify_truncated_left(&nonce[16..]).is_ok();
        is_ours && now < ends(nonce)
    }

    /// Uses an open challenge up, once its signature is known to be good.
    pub(crate) fn spend(&self, nonce: Nonce, key: KeyId, now: Millis) -> Result<(), Unfit> {
        let mut used = self.used.lock();
        let of_key = used.entry(key).or_default();
        of_key.retain(|(_, until)| now < *until);
        if of_key.iter().any(|(known, _)| *known == nonce) {
            return Err(Unfit::Used);
        }
        if of_key.len() >= SESSIONS_AT_ONCE {
            return Err(Unfit::TooMany);
        }
        of_key.push((nonce, ends(&nonce)));
        Ok(())
    }

    /// Forgets what has run out by itself.
    pub(crate) fn forget(&self, now: Millis) {
        self.used.lock().retain(|_, of_key| of_key.iter().any(|(_, until)| now < *until));
    }
}

fn ends(nonce: &Nonce) -> Millis {
    let (until, _) = nonce.split_first_chunk().expect("it is longer");
    Millis(i64::from_be_bytes(*until))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: KeyId = KeyId([1; 16]);
    const NOW: Millis = Millis(1_000);

    #[test]
    fn a_challenge_works_once_for_its_key_in_its_time_and_process() {
        let challenges = Challenges::new([7; 32]);
        let (nonce, until) = challenges.make(OWN, [5; 8], NOW);
        assert_eq!(until, Millis(NOW.0 + CHALLENGE_MILLIS));
        assert!(challenges.is_open(&nonce, OWN, NOW));
        assert!(!challenges.is_open(&nonce, KeyId([2; 16]), NOW), "of another key");
        assert!(!challenges.is_open(&nonce, OWN, until), "over");
        assert!(!Challenges::new([8; 32]).is_open(&nonce, OWN, NOW), "of another process");
        for bit in 0..256 {
            let mut changed = nonce;
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(!challenges.is_open(&changed, OWN, NOW), "bit {bit}");
        }
        assert_eq!(challenges.spend(nonce, OWN, NOW), Ok(()));
        assert_eq!(challenges.spend(nonce, OWN, NOW), Err(Unfit::Used));
    }

    #[test]
    fn however_many_strangers_ask_for_nothing_is_kept_and_nobodys_is_void() {
        let challenges = Challenges::new([7; 32]);
        let (nonce, _) = challenges.make(OWN, [0; 8], NOW);
        for n in 0..100_000_u64 {
            let _ = challenges.make(KeyId([9; 16]), n.to_be_bytes(), NOW);
        }
        assert!(challenges.used.lock().is_empty());
        assert!(challenges.is_open(&nonce, OWN, NOW));
    }

    #[test]
    fn what_is_kept_is_bounded_for_each_key_and_goes_with_time() {
        let challenges = Challenges::new([7; 32]);
        let spend = |n: u64, now| {
            let (nonce, _) = challenges.make(OWN, n.to_be_bytes(), now);
            challenges.spend(nonce, OWN, now)
        };
        assert!((0..SESSIONS_AT_ONCE as u64).all(|n| spend(n, NOW).is_ok()));
        assert_eq!(spend(1_000, NOW), Err(Unfit::TooMany));
        let later = Millis(NOW.0 + CHALLENGE_MILLIS);
        assert_eq!(spend(1_000, later), Ok(()));
        challenges.forget(Millis(later.0 + CHALLENGE_MILLIS));
        assert!(challenges.used.lock().is_empty());
    }
}
