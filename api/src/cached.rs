//! What is made from all that is known, and so not for every request.

use std::convert::Infallible;
use std::sync::Arc;

use hourbook_ledger::domain::time::Millis;
use parking_lot::Mutex;

/// How old it may become while the log grows, in milliseconds.
const STALE_MILLIS: i64 = 2_000;

/// Something that was made at a position and a moment.
struct Made<T> {
    position: u64,
    at: Millis,
    what: Arc<T>,
}

/// The last one that was made, if any was.
pub(crate) struct Cached<T>(Mutex<Option<Made<T>>>);

impl<T> Default for Cached<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<T> Cached<T> {
    /// The last one, or a new one if the log has grown since and it is stale.
    pub(crate) fn get(&self, position: u64, now: Millis, make: impl FnOnce() -> T) -> Arc<T> {
        let made = self.try_get(position, now, || Ok::<_, Infallible>(make()));
        made.unwrap_or_else(|never| match never {})
    }

    /// The same; what cannot be made is not remembered.
    pub(crate) fn try_get<E>(
        &self,
        position: u64,
        now: Millis,
        make: impl FnOnce() -> Result<T, E>,
    ) -> Result<Arc<T>, E> {
        let mut last = self.0.lock();
        let is_fresh =
            |made: &&Made<T>| made.position == position || (0..STALE_MILLIS).contains(&(now.0 - made.at.0));
        if let Some(made) = last.as_ref().filter(is_fresh) {
            return Ok(made.what.clone());
        }
        let what = Arc::new(make()?);
        *last = Some(Made { position, at: now, what: what.clone() });
        Ok(what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_made_anew_when_the_log_has_grown_and_two_seconds_are_over() {
        let cached = Cached::default();
        let get = |position, at, value: u8| *cached.get(position, Millis(at), || value);
        assert_eq!(get(5, 0, 1), 1);
        assert_eq!(get(5, 9_000, 2), 1, "nothing has happened");
        assert_eq!(get(6, 1_999, 3), 1, "not old enough");
        assert_eq!(get(6, 2_000, 4), 4);
        assert_eq!(get(7, 0, 5), 5, "a clock that was set back keeps nothing");
        assert_eq!(cached.try_get(8, Millis(9_000), || Err(())), Err(()));
        assert_eq!(get(8, 9_000, 6), 6);
    }
}
