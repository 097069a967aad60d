//! Days, counted one by one.

use hourbook_ledger::domain::policy::CalendarPolicy;
use hourbook_ledger::domain::time::Date;

/// The local day of a minute since 1970 under an offset in minutes.
#[must_use]
pub fn day_of(minute: i64, offset: i64) -> Date {
    Date(i32::try_from((minute + offset).div_euclid(1440)).expect("a day of this age"))
}

/// The day after so many working days, and whether a calendar was wanting on the way.
#[must_use]
pub fn due<'a>(
    last: Date,
    working_days: u16,
    calendar: impl Fn(i32) -> Option<&'a CalendarPolicy>,
) -> (Date, bool) {
    let (mut day, mut left, mut provisional) = (last, working_days, false);
    while left > 0 {
        day = Date(day.0 + 1);
        let adopted = calendar(year_of(day));
        provisional |= adopted.is_none();
        // 1970-01-01 was a Thursday.
        let weekend = (day.0 + 3).rem_euclid(7) >= 5;
        let worked = match adopted {
            Some(calendar) if calendar.holidays.contains(&day) => false,
            Some(calendar) if calendar.workdays.contains(&day) => true,
            _ => !weekend,
        };
        left -= u16::from(worked);
    }
    (day, provisional)
}

/// The year of a date, found by counting years from 1970.
#[must_use]
pub fn year_of(date: Date) -> i32 {
    let (mut year, mut left) = (1970, date.0);
    loop {
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let days = if leap { 366 } else { 365 };
        if left < days {
            return year;
        }
        left -= days;
        year += 1;
    }
}
