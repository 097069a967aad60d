//! Time as the rules see it: whole minutes, local dates under one fixed UTC offset, half-open intervals.
//!
//! There is no time-zone database and no clock here; the ledger's offset comes from its founding event.

use serde::{Deserialize, Serialize};
use std::fmt;

use hourbook_derive::Format;

/// Milliseconds since 1970-01-01T00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
pub struct Millis(pub i64);

crate::store::lazy::save_plain!(Millis);

/// Whole minutes since 1970-01-01T00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
pub struct Minute(pub i64);

/// Minutes in a day.
pub const DAY: i64 = 1440;

/// The ledger's fixed distance from UTC in minutes (+480 for China), -840..=840.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Offset(pub i32);

impl Millis {
    /// The minute that contains this moment.
    #[must_use]
    pub fn minute(self) -> Minute {
        Minute(self.0.div_euclid(60_000))
    }

    /// The local date of this moment.
    #[must_use]
    pub fn date(self, offset: Offset) -> Date {
        self.minute().date(offset)
    }

    /// This moment plus whole days, saturating.
    #[must_use]
    pub fn plus_days(self, days: u32) -> Self {
        Self(self.0.saturating_add(i64::from(days) * DAY * 60_000))
    }
}

impl Minute {
    /// The local date of this minute.
    #[must_use]
    pub fn date(self, offset: Offset) -> Date {
        let days = self.0.saturating_add(i64::from(offset.0)).div_euclid(DAY);
        Date(days.clamp(i64::from(i32::MIN), i64::from(i32::MAX)) as i32)
    }
}

/// A local calendar date, as days since 1970-01-01.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
pub struct Date(pub i32);

impl Date {
    /// The date of a proleptic Gregorian year, month (1-12) and day; `None` if there is no such day.
    #[must_use]
    pub fn from_ymd(year: i32, month: u32, day: u32) -> Option<Self> {
        let date = (1..=12).contains(&month).then(|| days_from_civil(year, month, day))?;
        (date.ymd() == (year, month, day)).then_some(date)
    }

    /// Year, month (1-12), day.
    #[must_use]
    pub fn ymd(self) -> (i32, u32, u32) {
        let z = i64::from(self.0) + 719_468;
        let era = z.div_euclid(146_097);
        let doe = z.rem_euclid(146_097);
        let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
        let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
        let mp = (5 * doy + 2) / 153;
        let day = doy - (153 * mp + 2) / 5 + 1;
        let month = if mp < 10 { mp + 3 } else { mp - 9 };
        let year = yoe + era * 400 + i64::from(month <= 2);
        (year as i32, month as u32, day as u32)
    }

    /// 0 = Monday … 6 = Sunday.
    #[must_use]
    pub fn weekday(self) -> u32 {
        (self.0 + 3).rem_euclid(7) as u32
    }

    /// The first minute of this local day.
    #[must_use]
    pub fn start(self, offset: Offset) -> Minute {
        Minute(i64::from(self.0) * DAY - i64::from(offset.0))
    }

    /// This date moved by whole days, saturating.
    #[must_use]
    pub fn plus(self, days: i32) -> Self {
        Self(self.0.saturating_add(days))
    }
}

// Howard Hinnant, "chrono-compatible low-level date algorithms".
fn days_from_civil(year: i32, month: u32, day: u32) -> Date {
    let y = i64::from(year) - i64::from(month <= 2);
    let era = y.div_euclid(400);
    let yoe = y.rem_euclid(400);
    let mp = (i64::from(month) + 9) % 12;
    let doy = (153 * mp + 2) / 5 + i64::from(day) - 1;
    let doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    let days = era * 146_097 + doe - 719_468;
    Date(days.clamp(i64::from(i32::MIN), i64::from(i32::MAX)) as i32)
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (y, m, d) = self.ymd();
        write!(f, "{y:04}-{m:02}-{d:02}")
    }
}

/// The text is not a date such as 2026-03-07.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a date: expected one such as 2026-03-07")]
pub struct BadDate;

impl std::str::FromStr for Date {
    type Err = BadDate;
    fn from_str(s: &str) -> Result<Self, BadDate> {
        let by = |separator: char| s.split(separator).collect::<Vec<_>>();
        // The year stands first in all of these, so none can be taken for another day.
        let parts = match s.strip_suffix('日').and_then(|rest| rest.split_once('年')) {
            Some((year, rest)) => [year].into_iter().chain(rest.split('月')).collect(),
            None => ['-', '/', '.'].map(by).into_iter().find(|parts| parts.len() == 3).ok_or(BadDate)?,
        };
        let [y, m, d] = parts[..] else { return Err(BadDate) };
        let short = |part: &str| (1..=2).contains(&part.len());
        let digits = [y, m, d].iter().all(|part| part.bytes().all(|b| b.is_ascii_digit()));
        if y.len() != 4 || !short(m) || !short(d) || !digits {
            return Err(BadDate);
        }
        let number = |t: &str| t.parse::<u32>().map_err(|_| BadDate);
        Self::from_ymd(number(y)? as i32, number(m)?, number(d)?).ok_or(BadDate)
    }
}

/// A year, 1900 to 9999.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Year(pub i32);

/// `[start, end)`: the end minute is not part of it, so adjacent intervals do not overlap.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, Format)]
pub struct Interval {
    /// First minute of service.
    pub start: Minute,
    /// First minute after service.
    pub end: Minute,
}

impl Interval {
    /// Length in minutes; zero or negative for an interval that no rule accepts.
    #[must_use]
    pub fn minutes(&self) -> i64 {
        self.end.0.saturating_sub(self.start.0)
    }

    /// Whether the two share a minute.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// The interval cut at local midnights: one part a local day, in order.
    pub fn days(self, offset: Offset) -> impl Iterator<Item = (Date, Self)> {
        let mut start = self.start;
        std::iter::from_fn(move || {
            (start < self.end).then(|| {
                let date = start.date(offset);
                let end = self.end.min(date.plus(1).start(offset));
                let part = Self { start, end };
                start = end;
                (date, part)
            })
        })
    }
}

/// A month, quarter or year: the spans over which leaderboards and lists are drawn up.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Period {
    /// A calendar year.
    Year(i32),
    /// A quarter, 1 to 4.
    Quarter(i32, u32),
    /// A month, 1 to 12.
    Month(i32, u32),
}

impl Period {
    /// First day and the day after the last.
    #[must_use]
    pub fn range(self) -> (Date, Date) {
        let (year, month, months) = match self {
            Self::Year(y) => (y, 1, 12),
            Self::Quarter(y, q) => (y, q * 3 - 2, 3),
            Self::Month(y, m) => (y, m, 1),
        };
        let next = month + months;
        let end =
            if next > 12 { days_from_civil(year + 1, next - 12, 1) } else { days_from_civil(year, next, 1) };
        (days_from_civil(year, month, 1), end)
    }

    /// Whether the date lies in this period.
    #[must_use]
    pub fn contains(self, date: Date) -> bool {
        let (from, to) = self.range();
        from <= date && date < to
    }

    /// The month, quarter and year that contain a date.
    #[must_use]
    pub fn all_of(date: Date) -> [Self; 3] {
        let (y, m, _) = date.ymd();
        [Self::Month(y, m), Self::Quarter(y, m.div_ceil(3)), Self::Year(y)]
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Year(y) => write!(f, "{y:04}"),
            Self::Quarter(y, q) => write!(f, "{y:04}Q{q}"),
            Self::Month(y, m) => write!(f, "{y:04}-{m:02}"),
        }
    }
}

/// The text is not a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a period: expected 2026, 2026Q1 or 2026-03")]
pub struct BadPeriod;

impl std::str::FromStr for Period {
    type Err = BadPeriod;
    fn from_str(s: &str) -> Result<Self, BadPeriod> {
        let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit()).then(|| t.parse::<u32>().ok()).flatten();
        if !s.is_ascii() || s.len() < 4 {
            return Err(BadPeriod);
        }
        let year = digits(&s[..4]).ok_or(BadPeriod)? as i32;
        let part = |sign, most| digits(s[4..].strip_prefix::<char>(sign)?).filter(|n| (1..=most).contains(n));
        let period = match s.len() {
            4 => Some(Self::Year(year)),
            6 => part('Q', 4).map(|quarter| Self::Quarter(year, quarter)),
            7 => part('-', 12).map(|month| Self::Month(year, month)),
            _ => None,
        };
        period.ok_or(BadPeriod)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CN: Offset = Offset(480);

    #[test]
    fn dates_agree_with_the_calendar() {
        for (text, days) in
            [("1970-01-01", 0), ("2000-02-29", 11_016), ("2026-11-22", 20_779), ("1969-12-31", -1)]
        {
            assert_eq!(text.parse(), Ok(Date(days)), "{text}");
            assert_eq!(Date(days).to_string(), text);
        }
        assert_eq!(Date::from_ymd(2026, 2, 29), None);
        assert_eq!(Date::from_ymd(2026, 13, 1), None);
        assert_eq!(Date::from_ymd(2026, 4, 0), None);
        assert_eq!("2026-11-22".parse::<Date>().map(Date::weekday), Ok(6));
        (-800_000..800_000).for_each(|d| {
            let (y, m, day) = Date(d).ymd();
            assert_eq!(Date::from_ymd(y, m, day), Some(Date(d)));
        });
    }

    #[test]
    fn a_date_is_read_as_people_write_it() {
        let day = Date::from_ymd(2026, 3, 7);
        for text in ["2026-03-07", "2026-3-7", "2026/3/7", "2026/03/07", "2026.3.7", "2026年3月7日"] {
            assert_eq!(text.parse().ok(), day, "{text}");
        }
        for text in [
            "7/3/2026",
            "3/7/26",
            "2026/3-7",
            "2026-003-07",
            "2026年3月",
            "2026-+3-07",
            "2026//7",
            "20260307",
            "",
        ] {
            assert_eq!(text.parse::<Date>(), Err(BadDate), "{text}");
        }
    }

    #[test]
    fn an_interval_over_midnight_is_cut_at_local_midnight() {
        let day = Date(20_000);
        let start = Minute(day.start(CN).0 + 23 * 60);
        let night = Interval { start, end: Minute(start.0 + 120) };
        let parts: Vec<_> = night.days(CN).map(|(d, part)| (d, part.minutes())).collect();
        assert_eq!(parts, [(day, 60), (day.plus(1), 60)]);
    }

    #[test]
    fn adjacent_intervals_do_not_overlap() {
        let at = |a, b| Interval { start: Minute(a), end: Minute(b) };
        assert!(!at(0, 60).overlaps(&at(60, 90)));
        assert!(at(0, 61).overlaps(&at(60, 90)));
    }

    #[test]
    fn periods_parse_show_and_cover_their_days() {
        for text in ["2026", "2026Q4", "2026-12", "2024-02"] {
            assert_eq!(text.parse::<Period>().map(|p| p.to_string()), Ok(text.to_owned()));
        }
        for bad in ["", "2026Q5", "2026Q0", "2026-13", "2026-1", "26", "2026q1", "２０２６"] {
            assert_eq!(bad.parse::<Period>(), Err(BadPeriod), "{bad}");
        }
        let (from, to) = Period::Quarter(2026, 4).range();
        assert_eq!((from.to_string(), to.to_string()), ("2026-10-01".into(), "2027-01-01".into()));
        assert!(Period::all_of(Date(20_779)).iter().all(|p| p.contains(Date(20_779))));
    }
}
