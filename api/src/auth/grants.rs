//! How many one-time codes a signer may grant in an hour and in a day, recorded or refused.
//!
//! No two open codes are alike, so a grant tells whether somebody's code is the one that it brings; and a batch that is refused
//! for something else leaves no trace. Whoever may grant could so try all codes out. What is counted is what comes from
//! outside with a good signature: by the key's person, so that a second key is no second try. The writer refuses everything
//! else before it looks at a code.

use std::collections::VecDeque;

use hourbook_ledger::code::GRANTED;
use hourbook_ledger::domain::ids::PersonId;
use hourbook_ledger::domain::session::CODE_DAYS;
use hourbook_ledger::domain::time::Millis;
use parking_lot::Mutex;
use rustc_hash::FxHashMap;

/// So many codes of one signer in any such time. What that comes to in a code's life is part of how long codes must be: see
/// [`hourbook_ledger::code`].
static LIMITS: [Limit; 2] =
    [Limit { codes: 60, time: HOUR, called: "an hour" }, Limit { codes: 200, time: DAY, called: "a day" }];
const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
/// Signers that are remembered before those whose day is over are forgotten.
const SIGNERS: usize = 10_000;

/// See its meaning among [`crate::http::metrics::METRICS`].
pub(crate) const ALIKE: &str = "hourbook_codes_alike_total";

#[derive(PartialEq, Eq, Debug)]
pub(super) struct Limit {
    pub(super) codes: usize,
    time: i64,
    pub(super) called: &'static str,
}

impl Limit {
    /// From when a signer may grant so many more, if not now.
    fn waits_until(&self, taken: &VecDeque<Millis>, wanted: usize, now: Millis) -> Option<Millis> {
        let counted = taken.iter().filter(|at| counts(**at, now, self.time));
        let beyond = (counted.clone().count() + wanted).saturating_sub(self.codes);
        let last = counted.copied().chain([now]).nth(beyond.checked_sub(1)?)?;
        Some(Millis(last.0 + self.time))
    }
}

/// A signer has granted as many codes as may be, and waits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct TooMany {
    pub(super) limit: &'static Limit,
    /// At least 1.
    pub(super) seconds: u32,
}

/// Who signed a grant.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Signer {
    Person(PersonId),
    /// By a key that nobody has yet: it may be enrolled in the same batch. All of these are one.
    Unknown,
}

/// The grants of each signer that count still, the oldest first.
#[derive(Default)]
pub(crate) struct Grants(Mutex<FxHashMap<Signer, VecDeque<Millis>>>);

impl Grants {
    /// Counts grants, all of them or none.
    pub(super) fn take(&self, signers: &[Signer], now: Millis) -> Result<(), TooMany> {
        let mut all = self.0.lock();
        if all.len() > SIGNERS {
            all.retain(|_, taken| taken.back().is_some_and(|at| counts(*at, now, DAY)));
        }
        for signer in signers {
            let taken = all.entry(*signer).or_default();
            taken.retain(|at| counts(*at, now, DAY));
            let wanted = signers.iter().filter(|other| *other == signer).count();
            let waits = LIMITS.iter().filter_map(|of| Some((of.waits_until(taken, wanted, now)?, of)));
            if let Some((until, limit)) = waits.max_by_key(|(until, _)| *until) {
                let seconds = u32::try_from((until.0 - now.0) / 1_000).unwrap_or(u32::MAX);
                return Err(TooMany { limit, seconds: seconds.saturating_add(1) });
            }
        }
        for signer in signers {
            all.entry(*signer).or_default().push_back(now);
        }
        Ok(())
    }

    /// Forgets the newest of a signer: it told nothing.
    pub(super) fn give_back(&self, signer: Signer) {
        if let Some(taken) = self.0.lock().get_mut(&signer) {
            taken.pop_back();
        }
    }
}

/// Less than so long ago. A clock that was set back ends all counts.
fn counts(at: Millis, now: Millis, time: i64) -> bool {
    (0..time).contains(&(now.0 - at.0))
}

// What a signer may grant and how long codes are go together.
const _: () = assert!(GRANTED >= LIMITS[1].codes as u64 * CODE_DAYS as u64 && LIMITS[1].time == DAY);

#[cfg(test)]
mod tests {
    use super::super::granting::A_BATCH;
    use super::*;

    const NOW: Millis = Millis(1_800_000_000_000);
    const ANN: Signer = Signer::Person(PersonId([1; 16]));
    const BO: Signer = Signer::Person(PersonId([2; 16]));

    fn later(minutes: i64) -> Millis {
        Millis(NOW.0 + minutes * 60_000)
    }

    #[test]
    fn a_signer_grants_so_many_codes_in_any_hour_and_others_are_not_held_up() {
        let grants = Grants::default();
        for minute in 0..30 {
            assert_eq!(grants.take(&[ANN, ANN], later(minute)), Ok(()));
        }
        let waits = |minutes: u32| Err(TooMany { limit: &LIMITS[0], seconds: minutes * 60 + 1 });
        assert_eq!(grants.take(&[ANN], later(30)), waits(30));
        assert_eq!(grants.take(&[ANN; 3], later(30)), waits(31), "when all three have room");
        assert_eq!(grants.take(&[BO, ANN], later(30)), waits(30), "all of a batch or none");
        assert_eq!(grants.take(&[BO; A_BATCH], later(30)), Ok(()));
        assert_eq!(grants.take(&[ANN, ANN], later(60)), Ok(()), "the first two are an hour old");
        assert!(grants.take(&[ANN], later(60)).is_err());
    }

    #[test]
    fn no_hour_and_no_day_has_more_however_they_are_spread() {
        let grants = Grants::default();
        let mut granted = Vec::new();
        for minute in 0..3 * 1_440 {
            for _ in 0..4 {
                if grants.take(&[ANN], later(minute)).is_ok() {
                    granted.push(minute);
                }
            }
        }
        let most = |time: i64| {
            let within = |at: &i64| granted.iter().filter(|other| (0..time).contains(&(*other - at))).count();
            granted.iter().map(within).max()
        };
        assert_eq!((most(60), most(1_440)), (Some(60), Some(200)));
        assert_eq!(granted.len(), 600);
    }

    #[test]
    fn the_day_that_is_full_says_when_it_is_over() {
        let grants = Grants::default();
        (0..200).for_each(|n| assert_eq!(grants.take(&[ANN], later(n)), Ok(()), "{n}"));
        assert_eq!(
            grants.take(&[ANN], later(300)),
            Err(TooMany { limit: &LIMITS[1], seconds: (1_440 - 300) * 60 + 1 })
        );
        assert_eq!(grants.take(&[ANN], later(1_440)), Ok(()));
    }

    #[test]
    fn memory_is_bounded_and_a_clock_that_was_set_back_shuts_nobody_out() {
        let grants = Grants::default();
        for n in 0..2 * SIGNERS as u128 {
            let signer = Signer::Person(PersonId(n.to_be_bytes()));
            assert_eq!(grants.take(&[signer], Millis(NOW.0 + n as i64 * 10_000)), Ok(()));
        }
        assert!(grants.0.lock().len() <= SIGNERS + 1);
        let much_later = later(5_000);
        assert!((0..60).all(|_| grants.take(&[ANN], much_later).is_ok()));
        assert!(grants.take(&[ANN], much_later).is_err());
        assert_eq!(grants.take(&[ANN], NOW), Ok(()));
    }
}
