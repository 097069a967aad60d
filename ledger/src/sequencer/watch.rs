//! Whether the clock can be believed.
//!
//! What is recorded under a clock that is ahead cannot be taken back: everything later would be recorded at that time,
//! too. So a clock that leaps is not followed until somebody who answers for it says that it is right, or until it is set
//! right. One that is behind the last entry shows that the damage is done: a founder corrects it, or time passes.

use std::sync::Arc;

use parking_lot::Mutex;

use crate::clock::Clock;
use crate::domain::clock::{AHEAD, STEP};
use crate::domain::time::Millis;

/// Why the clock is not believed, so that neither submissions nor timers are recorded.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ClockFault {
    /// At the start it is more than 35 days ahead of the last entry.
    #[error(
        "the clock is {} ahead of the last entry: set it right, or, if it is right, start with `hourbook serve \
         --accept-clock` or run `hourbook clock accept` beside the server",
        Span(.clock.0 - .last.0)
    )]
    Ahead {
        /// When the last entry was recorded.
        last: Millis,
        /// What the clock says.
        clock: Millis,
    },
    /// While the ledger ran it went forward by more than an hour beyond the time that passed.
    #[error(
        "the clock leapt forward by {}: set it right, or, if it is right, run `hourbook clock accept` beside the server",
        Span(*.by)
    )]
    Leapt {
        /// By how many milliseconds.
        by: i64,
        /// What the clock says.
        clock: Millis,
    },
    /// It is more than an hour behind the last entry, which was recorded under a clock that was ahead, if this one is right.
    #[error(
        "the clock is {} behind the last entry: set it right, or, if it is right, have a founder run `hourbook clock correct`",
        Span(.last.0 - .clock.0)
    )]
    Behind {
        /// When the last entry was recorded.
        last: Millis,
        /// What the clock says.
        clock: Millis,
    },
}

impl ClockFault {
    /// The stable name, kebab-case.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ahead { .. } => "ahead",
            Self::Leapt { .. } => "leapt",
            Self::Behind { .. } => "behind",
        }
    }

    /// What is wrong and how to mend it, in Chinese.
    #[must_use]
    pub fn zh(self) -> String {
        let off = Span(self.off().abs()).zh();
        match self {
            Self::Ahead { .. } => format!(
                "时钟比最后一条记录超前{off}，已暂停写入：请校准时钟；若时钟正确，请用 hourbook serve --accept-clock 启动，或对运行中的服务执行 hourbook clock accept"
            ),
            Self::Leapt { .. } => format!(
                "时钟突然超前{off}，已暂停写入：请校准时钟；若时钟正确，请对运行中的服务执行 hourbook clock accept"
            ),
            Self::Behind { .. } => format!(
                "时钟比最后一条记录早{off}，已暂停写入：请校准时钟；若时钟正确，请创始人运行 hourbook clock correct"
            ),
        }
    }

    /// By how many milliseconds it is off.
    #[must_use]
    pub fn off(self) -> i64 {
        match self {
            Self::Ahead { last, clock } | Self::Behind { last, clock } => clock.0 - last.0,
            Self::Leapt { by, .. } => by,
        }
    }
}

/// A span of milliseconds as people say it.
struct Span(i64);

impl std::fmt::Display for Span {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let minutes = self.0 / 60_000;
        match minutes / 60 {
            hours @ 48.. => write!(f, "{} days", hours / 24),
            hours => write!(f, "{hours} h {} min", minutes % 60),
        }
    }
}

impl Span {
    fn zh(&self) -> String {
        let minutes = self.0 / 60_000;
        match minutes / 60 {
            hours @ 48.. => format!(" {} 天", hours / 24),
            hours => format!(" {hours} 小时 {} 分", minutes % 60),
        }
    }
}

/// The clock at a moment, and the time that passed since some other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Reading {
    pub(super) clock: Millis,
    passed: Option<i64>,
}

impl Reading {
    pub(super) fn of(clock: &dyn Clock) -> Self {
        Self { clock: clock.now(), passed: clock.passed() }
    }
}

/// Watches the clock for the writer.
pub(crate) struct Watch {
    /// The last one that was believed.
    believed: Option<Reading>,
    /// Whoever started the ledger says that the clock is right.
    at_start: bool,
    /// The last reading.
    reading: Option<Reading>,
    /// It was accepted although it leapt, and that is to be recorded.
    accepted: bool,
    fault: Option<ClockFault>,
    /// The same, for whoever else wants to know.
    shared: Arc<Mutex<Option<ClockFault>>>,
}

impl Watch {
    /// `at_start` says that the clock is right at the start.
    pub(crate) fn new(at_start: bool) -> Self {
        let (believed, reading, fault) = (None, None, None);
        Self { believed, at_start, reading, accepted: false, fault, shared: Arc::default() }
    }

    pub(crate) fn shared(&self) -> Arc<Mutex<Option<ClockFault>>> {
        self.shared.clone()
    }

    pub(super) fn fault(&self) -> Option<ClockFault> {
        self.fault
    }

    /// Whether something may be recorded; a correction may where the clock is behind.
    pub(super) fn check(&self, is_correction: bool) -> Result<(), ClockFault> {
        match self.fault {
            Some(ClockFault::Behind { .. }) if is_correction => Ok(()),
            Some(fault) => Err(fault),
            None => Ok(()),
        }
    }

    /// Takes a reading; `last` is when the last entry was recorded, if there is any.
    pub(super) fn judge(&mut self, reading: Reading, last: Option<Millis>) {
        self.reading = Some(reading);
        let fault = self.fault_of(reading, last);
        if fault.is_none() {
            self.believed = Some(reading);
        }
        self.note(fault);
        if matches!(fault, Some(ClockFault::Ahead { .. })) && self.at_start {
            // It is not behind, so nothing stands against it.
            let _ = self.accept();
        }
    }

    /// The clock is right as it was read last, somebody says who answers for it.
    pub(super) fn accept(&mut self) -> Result<(), ClockFault> {
        match self.fault {
            Some(fault @ ClockFault::Behind { .. }) => return Err(fault),
            Some(_) => self.accepted = true,
            None => {}
        }
        self.believed = self.reading;
        self.note(None);
        Ok(())
    }

    /// Whether a clock that leapt was accepted; true once.
    pub(super) fn take_accepted(&mut self) -> bool {
        std::mem::take(&mut self.accepted)
    }

    fn fault_of(&self, reading: Reading, last: Option<Millis>) -> Option<ClockFault> {
        let (clock, last) = (reading.clock, last?);
        if clock.0 < last.0 - STEP {
            return Some(ClockFault::Behind { last, clock });
        }
        match self.believed {
            None => (clock.0 > last.0 + AHEAD).then_some(ClockFault::Ahead { last, clock }),
            Some(before) => {
                let passed = reading.passed? - before.passed?;
                let by = clock.0 - before.clock.0 - passed;
                (by > STEP).then_some(ClockFault::Leapt { by, clock })
            }
        }
    }

    fn note(&mut self, fault: Option<ClockFault>) {
        let name = |fault: Option<ClockFault>| fault.map(ClockFault::name);
        if name(fault) != name(self.fault) {
            match fault {
                Some(fault) => tracing::error!(%fault, "nothing is recorded, timers rest"),
                None => tracing::info!("the clock is believed again"),
            }
        }
        if fault != self.fault {
            *self.shared.lock() = fault;
        }
        self.fault = fault;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAST: Millis = Millis(1_800_000_000_000);

    fn at(ms: i64, passed: i64) -> Reading {
        Reading { clock: Millis(LAST.0 + ms), passed: Some(passed) }
    }

    fn told(watch: &mut Watch, reading: Reading) -> Option<&'static str> {
        watch.judge(reading, Some(LAST));
        assert_eq!(watch.fault(), *watch.shared().lock());
        watch.fault().map(ClockFault::name)
    }

    #[test]
    fn a_start_is_believed_from_an_hour_behind_the_last_entry_to_35_days_ahead_of_it() {
        for (ms, expected) in
            [(-STEP - 1, Some("behind")), (-STEP, None), (0, None), (AHEAD, None), (AHEAD + 1, Some("ahead"))]
        {
            assert_eq!(told(&mut Watch::new(false), at(ms, 0)), expected, "{ms}");
        }
        let mut empty = Watch::new(false);
        empty.judge(at(10 * AHEAD, 0), None);
        assert_eq!(empty.fault(), None, "there is nothing to compare it with");
    }

    #[test]
    fn a_running_clock_may_go_on_by_what_passed_and_an_hour() {
        for (ms, passed, expected) in [
            (STEP, 0, None),
            (STEP + 1, 0, Some("leapt")),
            (2 * AHEAD, 2 * AHEAD, None),
            (2 * AHEAD + STEP + 1, 2 * AHEAD, Some("leapt")),
            (-STEP, 5, None),
        ] {
            let mut watch = Watch::new(false);
            assert_eq!(told(&mut watch, at(0, 0)), None);
            assert_eq!(told(&mut watch, at(ms, passed)), expected, "{ms} {passed}");
        }
    }

    #[test]
    fn a_clock_that_is_set_right_is_believed_again_and_one_that_stays_wrong_is_not() {
        let mut watch = Watch::new(false);
        assert_eq!(told(&mut watch, at(0, 0)), None);
        assert_eq!(told(&mut watch, at(8 * STEP, 1_000)), Some("leapt"));
        assert_eq!(told(&mut watch, at(8 * STEP + 60_000, 61_000)), Some("leapt"));
        assert_eq!(told(&mut watch, at(62_000, 62_000)), None);
        let mut watch = Watch::new(false);
        assert_eq!(told(&mut watch, at(-20_000 * STEP, 0)), Some("behind"), "its battery is empty");
        assert_eq!(told(&mut watch, at(5, 10)), None, "the network told it");
    }

    #[test]
    fn a_leap_is_accepted_once_and_a_clock_behind_the_log_is_not() {
        let mut watch = Watch::new(false);
        assert_eq!(told(&mut watch, at(400 * AHEAD, 0)), Some("ahead"));
        assert!(!watch.take_accepted());
        assert_eq!(watch.accept(), Ok(()));
        assert!(watch.take_accepted() && !watch.take_accepted());
        assert_eq!(told(&mut watch, at(400 * AHEAD + 10, 10)), None);
        assert_eq!(told(&mut watch, at(500 * AHEAD, 20)), Some("leapt"));
        assert_eq!(told(&mut Watch::new(true), at(400 * AHEAD, 0)), None);
        let mut watch = Watch::new(true);
        assert_eq!(told(&mut watch, at(-2 * STEP, 0)), Some("behind"));
        assert!(watch.accept().is_err());
        assert!(watch.check(false).is_err() && watch.check(true).is_ok());
    }
}
