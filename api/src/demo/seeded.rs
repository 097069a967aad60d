//! Randomness that a seed decides: every use has a stream of its own, so that adding one changes no other.

use chacha20::ChaCha20Rng;
use ed25519_dalek::SigningKey;
use hourbook_ledger::actor::random_id;
use rand_core::{CryptoRng, Rng as _, SeedableRng as _};
use sha2::{Digest as _, Sha256};

/// Where all streams of a build come from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seeds(pub(super) u64);

impl Seeds {
    /// The stream for one use.
    pub(super) fn dice(self, what: &str, index: u64) -> SeededRng {
        let seed = Sha256::new()
            .chain_update(b"hourbook/demo/v1\0")
            .chain_update(self.0.to_be_bytes())
            .chain_update(index.to_be_bytes())
            .chain_update(what.as_bytes())
            .finalize();
        SeededRng(ChaCha20Rng::from_seed(seed.into()))
    }

    /// A signing key for one use.
    pub(super) fn key(self, what: &str, index: u64) -> SigningKey {
        SigningKey::from_bytes(&self.dice(what, index).bytes())
    }

    /// A random id for one use.
    pub(super) fn id(self, what: &str, index: u64) -> [u8; 16] {
        random_id(self.dice(what, index).rng())
    }
}

/// A stream of random numbers. Its figures are only as even as a town needs them.
pub(super) struct SeededRng(ChaCha20Rng);

impl SeededRng {
    /// 0 up to but without `n`; 0 if `n` is 0.
    pub(super) fn below(&mut self, n: usize) -> usize {
        ((u64::from(self.0.next_u32()) * n as u64) >> 32) as usize
    }

    /// From `low` up to and with `high`.
    pub(super) fn between(&mut self, low: i32, high: i32) -> i32 {
        low + self.below((high - low + 1).unsigned_abs() as usize) as i32
    }

    /// One of them. There must be one.
    pub(super) fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    /// True in so many of a thousand cases.
    pub(super) fn chance(&mut self, permille: usize) -> bool {
        self.below(1_000) < permille
    }

    pub(super) fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.fill_bytes(&mut bytes);
        bytes
    }

    pub(super) fn rng(&mut self) -> &mut dyn CryptoRng {
        &mut self.0
    }

    pub(super) fn into_rng(self) -> Box<dyn CryptoRng + Send> {
        Box::new(self.0)
    }
}
