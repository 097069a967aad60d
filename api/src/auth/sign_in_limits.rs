//! How often a one-time code may be tried wrongly: by a client, and by the network that it is in.
//!
//! Only wrong tries count, so that a whole desk behind one address can sign in. What one client may try in a code's life
//! is part of how long codes must be: see [`hourbook_ledger::code`].

use std::net::IpAddr;
use std::num::NonZeroU32;

use hourbook_ledger::code::TYPED;
use hourbook_ledger::domain::session::CODE_DAYS;
use hourbook_ledger::domain::time::Millis;
use parking_lot::Mutex;
use rustc_hash::FxHashMap;

use crate::http::client::prefix;

/// Wrong tries in a row of one client before it has to wait, if nothing else is said.
pub const EACH: NonZeroU32 = NonZeroU32::new(20).expect("not zero");
/// The most that can be said.
pub const EACH_AT_MOST: u32 = 60;
/// From then on a client has one in so many milliseconds.
const PACE: i64 = 30 * 60_000;
/// A client's network has so many times as much.
const NETWORK: u32 = 4;
/// Wrong tries of everybody in a minute that are taken for mistakes. While there are more, somebody guesses from many
/// places: then a client may be wrong twice, and whoever types what they were given is let in as ever.
pub const ALL: NonZeroU32 = NonZeroU32::new(300).expect("not zero");
const SUSPECT: u32 = 2;
const MINUTE: i64 = 60_000;
/// Clients that are remembered. Beyond that those who have waited longest are forgotten.
const CLIENTS: usize = 200_000;

/// How far a client's network reaches: what is rented or assigned as one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Who {
    Client(IpAddr),
    Network(IpAddr),
}

impl Who {
    fn all(address: IpAddr) -> [Self; 2] {
        [Self::Client(prefix(address, 32, 64)), Self::Network(prefix(address, 24, 48))]
    }
}

/// Wrong tries of one, each of which is forgotten after [`PACE`].
#[derive(Clone, Copy)]
struct Debt {
    /// When all of them are forgotten.
    until: Millis,
}

impl Debt {
    fn tries(self, now: Millis, pace: i64) -> u32 {
        let left = self.until.0.saturating_sub(now.0).max(0);
        u32::try_from(left.unsigned_abs().div_ceil(pace.unsigned_abs())).unwrap_or(u32::MAX)
    }
}

#[derive(Default)]
struct Tries {
    wrong: FxHashMap<Who, Debt>,
    all: Option<Debt>,
}

/// Limits of attempts.
pub struct Limits {
    each: u32,
    all: u32,
    tries: Mutex<Tries>,
}

impl Default for Limits {
    fn default() -> Self {
        Self::of(EACH, ALL)
    }
}

/// An attempt that may be made. Until it is said that it was right it counts as wrong, so that many at once are many.
pub struct Attempt<'a> {
    limits: &'a Limits,
    who: [Who; 2],
    now: Millis,
}

impl Limits {
    /// So many wrong attempts in a row of one client, at most [`EACH_AT_MOST`]; and of everybody in a minute before only
    /// two of a client are mistakes.
    #[must_use]
    pub fn of(each: NonZeroU32, all: NonZeroU32) -> Self {
        Self {
            each: each.get().min(EACH_AT_MOST),
            all: all.get().min(MINUTE as u32),
            tries: Mutex::default(),
        }
    }

    /// The most wrong tries of one network in a code's life.
    #[must_use]
    pub fn most(each: u32) -> u64 {
        let later = i64::from(CODE_DAYS) * 86_400_000 / PACE;
        u64::from(each) * u64::from(NETWORK) + later.unsigned_abs() * u64::from(NETWORK)
    }

    fn may(&self, who: Who, suspect: bool) -> u32 {
        let each = if suspect { self.each.min(SUSPECT) } else { self.each };
        match who {
            Who::Client(_) => each,
            Who::Network(_) => each * NETWORK,
        }
    }

    fn pace(who: Who) -> i64 {
        match who {
            Who::Client(_) => PACE,
            Who::Network(_) => PACE / i64::from(NETWORK),
        }
    }

    /// Lets an attempt be made.
    ///
    /// # Errors
    /// The seconds to wait, at least 1.
    pub fn attempt(&self, address: IpAddr, now: Millis) -> Result<Attempt<'_>, u32> {
        let who = Who::all(address);
        let mut tries = self.tries.lock();
        let all = tries.all.map_or(0, |debt| debt.tries(now, self.pace_of_all()));
        let suspect = all >= self.all;
        for who in who {
            let Some(debt) = tries.wrong.get(&who) else { continue };
            let (pace, may) = (Self::pace(who), self.may(who, suspect));
            if debt.tries(now, pace) >= may {
                let wait = debt.until.0 - now.0 - i64::from(may - 1) * pace;
                return Err(u32::try_from(wait / 1_000).unwrap_or(u32::MAX).saturating_add(1));
            }
        }
        for who in who {
            let debt = tries.wrong.entry(who).or_insert(Debt { until: now });
            debt.until = Millis(debt.until.0.max(now.0) + Self::pace(who));
        }
        let until = tries.all.map_or(now.0, |debt| debt.until.0.max(now.0));
        // No more than a minute's worth: when it is over, all is as before.
        tries.all = Some(Debt { until: Millis((until + self.pace_of_all()).min(now.0 + MINUTE)) });
        if tries.wrong.len() > CLIENTS {
            tries.forget(now);
        }
        Ok(Attempt { limits: self, who, now })
    }

    fn pace_of_all(&self) -> i64 {
        MINUTE / i64::from(self.all)
    }
}

impl Tries {
    fn forget(&mut self, now: Millis) {
        self.wrong.retain(|_, debt| debt.until > now);
        if self.wrong.len() > CLIENTS {
            let mut ends: Vec<Millis> = self.wrong.values().map(|debt| debt.until).collect();
            let (_, middle, _) = ends.select_nth_unstable(CLIENTS / 2);
            let middle = *middle;
            self.wrong.retain(|_, debt| debt.until > middle);
        }
    }
}

impl Attempt<'_> {
    /// It was right: it does not count.
    pub fn was_right(self) {
        let mut tries = self.limits.tries.lock();
        for who in self.who {
            if let Some(debt) = tries.wrong.get_mut(&who) {
                debt.until = Millis(debt.until.0 - Limits::pace(who));
                if debt.until <= self.now {
                    tries.wrong.remove(&who);
                }
            }
        }
        let pace = self.limits.pace_of_all();
        if let Some(all) = &mut tries.all {
            all.until = Millis(all.until.0 - pace);
        }
    }
}

// What a client may try and how long codes are go together, whatever an operator says.
const _: () = assert!(TYPED >= (EACH_AT_MOST as u64 + 7 * 48) * NETWORK as u64 && CODE_DAYS == 7);

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = Millis(1_800_000_000_000);

    fn of(each: u32, all: u32) -> Limits {
        let [each, all] = [each, all].map(|n| NonZeroU32::new(n).expect("not zero"));
        Limits::of(each, all)
    }

    fn wrong(limits: &Limits, address: &str, now: Millis) -> Result<(), u32> {
        limits.attempt(address.parse().expect("an address"), now).map(drop)
    }

    #[test]
    fn all_that_a_network_may_try_is_what_codes_are_long_enough_for() {
        assert!(Limits::most(EACH_AT_MOST) <= TYPED, "{}", Limits::most(EACH_AT_MOST));
        let limits = of(EACH_AT_MOST, u32::MAX);
        let mut tries = 0;
        for minute in 0..i64::from(CODE_DAYS) * 1_440 {
            let now = Millis(NOW.0 + minute * 60_000);
            for client in 0..40 {
                while wrong(&limits, &format!("2001:db8:1:{client:x}::{minute:x}"), now).is_ok() {
                    tries += 1;
                }
            }
        }
        assert!((1_000..=TYPED).contains(&tries), "{tries} tries of a /48 in a week");
    }

    #[test]
    fn one_who_is_wrong_too_often_waits_while_others_go_on() {
        let limits = of(3, 1_000);
        for n in 0..3 {
            assert_eq!(wrong(&limits, &format!("2001:db8::{n}"), NOW), Ok(()));
        }
        let wait = wrong(&limits, "2001:db8::ffff:1", NOW).expect_err("one household");
        assert_eq!(i64::from(wait), PACE / 1_000 + 1);
        assert_eq!(wrong(&limits, "2001:db8:0:1::1", NOW), Ok(()), "the one next door");
        assert_eq!(wrong(&limits, "::ffff:192.0.2.1", NOW), Ok(()));
        assert_eq!(wrong(&limits, "192.0.2.1", NOW), Ok(()));
        assert_eq!(wrong(&limits, "192.0.2.1", NOW), Ok(()));
        assert!(wrong(&limits, "::ffff:192.0.2.1", NOW).is_err(), "the same client");
        assert_eq!(wrong(&limits, "2001:db8::1", Millis(NOW.0 + PACE)), Ok(()), "one is forgotten");
        assert!(wrong(&limits, "2001:db8::1", Millis(NOW.0 + PACE)).is_err());
    }

    #[test]
    fn only_wrong_tries_count_and_many_at_once_are_many() {
        let limits = of(2, 1_000);
        let address = IpAddr::from([127, 0, 0, 1]);
        for _ in 0..100 {
            let attempt = limits.attempt(address, NOW);
            attempt.unwrap_or_else(|_| panic!("a desk signs in")).was_right();
        }
        assert!(limits.tries.lock().wrong.is_empty());
        let (first, second) = (limits.attempt(address, NOW), limits.attempt(address, NOW));
        assert!(first.is_ok() && second.is_ok() && limits.attempt(address, NOW).is_err());
    }

    #[test]
    fn guessing_from_everywhere_locks_out_nobody_who_types_what_they_were_given() {
        let limits = of(20, 300);
        for n in 0..20_000_u32 {
            let address = IpAddr::from((0x2001_0db8_u128 << 96 | u128::from(n) << 80).to_be_bytes());
            let _ = limits.attempt(address, NOW);
        }
        let honest = "198.51.100.7";
        assert_eq!([(); 2].map(|()| wrong(&limits, honest, NOW)), [Ok(()), Ok(())], "mistyped twice");
        assert!(wrong(&limits, honest, NOW).is_err(), "while somebody guesses");
        assert_eq!(wrong(&limits, "198.51.101.7", NOW), Ok(()));
        let later = Millis(NOW.0 + 61_000);
        assert_eq!(wrong(&limits, honest, later), Ok(()), "it is over");
    }

    #[test]
    fn memory_is_bounded_whoever_tries() {
        let limits = of(20, 300);
        for n in 0..2 * CLIENTS as u32 {
            let _ = limits.attempt(IpAddr::from(n.to_be_bytes()), NOW);
        }
        assert!(limits.tries.lock().wrong.len() <= CLIENTS + 2);
    }
}
