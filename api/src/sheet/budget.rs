//! One budget of memory for all sheets that a server reads at once: each takes what it may need before it is read, and
//! waits for the others if that is not left.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Of all sheets together, in bytes: the largest sheet and some of the usual size.
const ALL: usize = 256 << 20;
/// How long a sheet waits for its turn.
const PATIENCE: Duration = Duration::from_secs(10);
/// What is handed out at once, in bytes.
const PIECE: usize = 1 << 10;

/// Memory for sheets.
#[derive(Clone, Debug)]
pub struct Budget {
    pieces: Arc<Semaphore>,
    most: usize,
    patience: Duration,
}

/// Memory that was taken; it comes back when this goes.
#[derive(Debug)]
pub struct Taken(#[expect(dead_code, reason = "held, not looked at")] OwnedSemaphorePermit);

impl Default for Budget {
    fn default() -> Self {
        Self::new(ALL, PATIENCE)
    }
}

impl Budget {
    /// So many bytes, and how long to wait for them.
    #[must_use]
    pub fn new(bytes: usize, patience: Duration) -> Self {
        let most = bytes / PIECE;
        Self { pieces: Arc::new(Semaphore::new(most)), most, patience }
    }

    /// Takes `bytes`, or everything if that is less; waits for its turn. None if it did not come in time.
    pub async fn take(&self, bytes: usize) -> Option<Taken> {
        let pieces = u32::try_from(bytes.div_ceil(PIECE).min(self.most)).ok()?;
        let turn = self.pieces.clone().acquire_many_owned(pieces);
        tokio::time::timeout(self.patience, turn).await.ok()?.ok().map(Taken)
    }

    /// Seconds after which another try makes sense.
    #[must_use]
    pub fn retry_after(&self) -> u32 {
        u32::try_from(self.patience.as_secs()).unwrap_or(u32::MAX).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn sheets_share_one_budget_and_wait_for_their_turn() {
        let budget = Budget::new(8 << 20, Duration::from_millis(40));
        let first = budget.take(6 << 20).await.expect("there is enough");
        assert!(budget.take(1 << 20).await.is_some(), "and some left");
        assert!(budget.take(3 << 20).await.is_none(), "not while the first is read");
        let waiting = budget.take(3 << 20);
        let done = async {
            tokio::time::sleep(Duration::from_millis(5)).await;
            drop(first);
        };
        assert!(tokio::join!(waiting, done).0.is_some(), "it came back in time");
        assert!(budget.take(usize::MAX).await.is_some(), "the largest takes everything");
    }
}
