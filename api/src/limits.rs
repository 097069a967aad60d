//! How often a one-time code may be tried: per client address, and by everybody together.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter};

/// Attempts in a row from one address before it has to wait.
pub const EACH: NonZeroU32 = NonZeroU32::new(20).expect("not zero");
/// From then on one address has an attempt in so many seconds.
const EACH_SECONDS: u64 = 6;
/// Attempts in a row by everybody before all have to wait; from then on as many a minute.
pub const ALL: NonZeroU32 = NonZeroU32::new(300).expect("not zero");

/// Limits of attempts.
pub struct Limits {
    each: DefaultKeyedRateLimiter<IpAddr>,
    all: DefaultDirectRateLimiter,
}

impl Default for Limits {
    fn default() -> Self {
        Self::of(EACH, ALL)
    }
}

impl Limits {
    /// So many attempts in a row from one address, and by everybody.
    #[must_use]
    pub fn of(each: NonZeroU32, all: NonZeroU32) -> Self {
        let pace = Quota::with_period(Duration::from_secs(EACH_SECONDS)).expect("not zero");
        Self {
            each: RateLimiter::keyed(pace.allow_burst(each)),
            all: RateLimiter::direct(Quota::per_minute(all)),
        }
    }

    /// Counts an attempt.
    ///
    /// # Errors
    /// The seconds to wait, at least 1.
    pub fn attempt(&self, address: IpAddr) -> Result<(), u32> {
        let now = DefaultClock::default().now();
        let seconds = |wait: Duration| u32::try_from(wait.as_secs()).unwrap_or(u32::MAX).saturating_add(1);
        // An address of its own first: one that tries too often must not use up what is there for all.
        self.each.check_key(&address).map_err(|until| seconds(until.wait_time_from(now)))?;
        if self.each.len() > 100_000 {
            self.each.retain_recent();
        }
        self.all.check().map_err(|until| seconds(until.wait_time_from(now)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_waits_while_another_goes_on_until_all_have_to() {
        let [each, all] = [2, 5].map(|n| NonZeroU32::new(n).unwrap());
        let limits = Limits::of(each, all);
        let address = |n| IpAddr::from([127, 0, 0, n]);
        assert_eq!([1, 2].map(|_| limits.attempt(address(1))), [Ok(()), Ok(())]);
        assert!(
            limits.attempt(address(1)).is_err_and(|seconds| (1..=EACH_SECONDS as u32 + 1).contains(&seconds))
        );
        assert_eq!([2, 3, 4].map(|n| limits.attempt(address(n))), [Ok(()), Ok(()), Ok(())]);
        assert!(limits.attempt(address(5)).is_err(), "five attempts were there for all");
    }
}
