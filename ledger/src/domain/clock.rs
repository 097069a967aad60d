//! Recorded time: what is believed of a clock, and how a ledger comes back from one that was ahead.
//!
//! Recorded time never goes back along the log, but for one event: a founder's correction of the clock, after an entry was
//! recorded in the future. What was recorded then stays as it is; the next entries have the right time again.

use super::context::Context;
use super::rejection::{Code, Verdict, ensure};
use super::time::Millis;

/// A clock that says so much more than the last entry may have leapt; a ledger that slept so long is asked about.
pub const AHEAD: i64 = 35 * 24 * 3_600_000;
/// A clock may move so much against time that passed, and be so much behind the last entry: an hour. Entries then have the
/// recorded time of the last one.
pub const STEP: i64 = 3_600_000;
/// A founder's clock and the ledger's may differ by so much when a correction is recorded: ten minutes.
pub const AGREE: i64 = 600_000;

/// The rules of a correction that need nothing but the correction; see [`check_correction`] for the others.
pub(super) fn decide(cx: &Context, from: Millis, to: Millis) -> Verdict {
    let forward =
        Code::OutOfRange.because("a correction of the clock goes back: to_ms must be before from_ms");
    ensure(to < from, forward)?;
    let off = to.0.saturating_sub(cx.recorded_at.0);
    let far = format_args!(
        "to_ms is {off} ms from the ledger's clock: set the clocks, they may differ by 10 minutes"
    );
    ensure((-AGREE..=AGREE).contains(&off), Code::OutOfRange.because(far))
}

/// Whether a correction, were it recorded now, would correct something: the time of the last entry, which lies ahead. Any
/// other event has nothing to do with it.
///
/// # Errors
/// [`Code::OutOfRange`].
pub fn check_correction(last: Millis, recorded_at: Millis, corrected: Option<Millis>) -> Verdict {
    let Some(from) = corrected else { return Ok(()) };
    let other = format_args!("from_ms must be when the last entry was recorded, {} ms", last.0);
    ensure(from == last, Code::OutOfRange.because(other))?;
    let right = "the clock is not behind the last entry: there is nothing to correct";
    ensure(recorded_at < last, Code::OutOfRange.because(right))
}

/// Whether recorded time goes back without being corrected.
#[must_use]
pub fn goes_back(last: Millis, recorded_at: Millis, corrected: Option<Millis>) -> bool {
    recorded_at < last && corrected.is_none()
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;
    use crate::domain::event::{Body, LedgerEvent};

    fn code(town: &mut Town, actor: super::super::ids::PersonId, from: i64, to: i64) -> Result<(), Code> {
        let body = Body::Ledger(LedgerEvent::ClockCorrected { from: Millis(from), to: Millis(to) });
        town.attempt(actor, body).map(drop).map_err(|r| r.code)
    }

    #[test]
    fn the_clock_is_corrected_by_a_founder_backwards_and_to_the_time_that_it_is() {
        let mut town = Town::new();
        let (now, ahead) = (town.now.0, town.now.plus_days(400).0);
        for (actor, from, to, expected) in [
            (STEWARD, ahead, now, Err(Code::NotAuthorised)),
            (LEDGER, ahead, now, Err(Code::NotAuthorised)),
            (FOUNDER, now, now, Err(Code::OutOfRange)),
            (FOUNDER, now, now + 1, Err(Code::OutOfRange)),
            (FOUNDER, ahead, now - AGREE - 1, Err(Code::OutOfRange)),
            (FOUNDER, ahead, now + AGREE + 1, Err(Code::OutOfRange)),
            (FOUNDER, ahead, now - AGREE, Ok(())),
            (SECOND_FOUNDER, ahead, now + AGREE, Ok(())),
        ] {
            assert_eq!(code(&mut town, actor, from, to), expected, "{from} {to}");
        }
    }

    #[test]
    fn only_a_correction_of_just_that_lets_recorded_time_go_back() {
        let correction =
            |from| Body::Ledger(LedgerEvent::ClockCorrected { from: Millis(from), to: Millis(5) });
        let other = Body::Ledger(LedgerEvent::RulesAdopted { version: 2 });
        assert!(
            goes_back(Millis(10), Millis(9), other.corrects_clock())
                && !goes_back(Millis(10), Millis(10), other.corrects_clock())
        );
        assert!(!goes_back(Millis(10), Millis(5), correction(10).corrects_clock()));
        let corrects = |last, at, from| {
            check_correction(Millis(last), Millis(at), correction(from).corrects_clock()).is_ok()
        };
        assert!(corrects(10, 5, 10));
        assert!(!corrects(11, 5, 10), "another entry came in between");
        assert!(!corrects(10, 10, 10) && !corrects(10, 11, 10), "there is nothing to correct");
    }
}
