//! Chance that a seed decides.

use chacha20::ChaCha20Rng;
use chacha20::rand_core::{Rng as _, SeedableRng as _};
use sha2::{Digest as _, Sha256};

/// A seeded source of choices.
pub struct SeededRng(ChaCha20Rng);

impl SeededRng {
    /// Dice that fall the same way for the same seed and purpose.
    #[must_use]
    pub fn new(seed: u64, purpose: &str) -> Self {
        Self(ChaCha20Rng::from_seed(seed_of(seed, purpose)))
    }

    /// The generator itself, for whoever needs bytes.
    pub fn rng(&mut self) -> &mut ChaCha20Rng {
        &mut self.0
    }

    /// 0 to `end - 1`; zero if `end` is zero.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0.next_u64().checked_rem(end).unwrap_or(0)
    }

    /// From `from` up to and with `to`.
    pub fn between(&mut self, from: u64, to: u64) -> u64 {
        from + self.below(to - from + 1)
    }

    /// True that often in a hundred times.
    pub fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of these.
    ///
    /// # Panics
    /// If there is none.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len() as u64) as usize]
    }

    /// One of these, if there is any.
    pub fn any<T>(&mut self, of: impl Iterator<Item = T>) -> Option<T> {
        let mut all: Vec<T> = of.collect();
        let at = self.below(all.len() as u64) as usize;
        (at < all.len()).then(|| all.swap_remove(at))
    }

    /// 16 random bytes.
    pub fn id(&mut self) -> [u8; 16] {
        hourbook_ledger::actor::random_id(&mut self.0)
    }

    /// 32 random bytes.
    pub fn bytes(&mut self) -> [u8; 32] {
        let mut bytes = [0; 32];
        self.0.fill_bytes(&mut bytes);
        bytes
    }
}

/// 32 bytes that follow from a seed and a purpose.
#[must_use]
pub fn seed_of(seed: u64, purpose: &str) -> [u8; 32] {
    Sha256::new().chain_update(seed.to_be_bytes()).chain_update(purpose).finalize().into()
}
