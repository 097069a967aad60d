//! The policies that a new ledger starts with. They are data on the log, adopted by the founder's signature; whoever
//! runs the ledger changes them by adopting others.

use hourbook_ledger::domain::policy::{
    CalendarPolicy, CreditPolicy, Excess, PointsPolicy, Policy, RecordPolicy, SHORTEST_WAIT, WaitingPolicy,
    WishPolicy,
};
use hourbook_ledger::domain::time::{Date, Year};

/// The day from which a first policy holds, if adopted today: at once, or from the beginning of the year that it is for.
#[must_use]
pub fn from(policy: &Policy, today: Date) -> Date {
    match policy {
        Policy::Calendar(calendar) => {
            Date::from_ymd(calendar.year.0, 1, 1).map_or(today, |day| day.max(today))
        }
        Policy::Credit(_)
        | Policy::Records(_)
        | Policy::Wishes(_)
        | Policy::Points(_)
        | Policy::Waiting(_)
        | Policy::Rankings(_) => today,
    }
}

/// The usual figures: one minute of credit a minute, at most 8 hours a day and 1,500 hours in all (as in Nanjing); hours
/// due within 10 working days (Order 67, article 11); three open claims, 15 days to fulfil; points as published by
/// cities: base 60, 60 points for 50 hours, −3 for an absence. And the working days of the years that are known.
#[must_use]
pub fn defaults(years: std::ops::RangeInclusive<i32>) -> Vec<Policy> {
    let mut all = vec![
        Policy::Credit(CreditPolicy {
            earn_num: 1,
            earn_den: 1,
            daily_cap: 8 * 60,
            account_cap: 1_500 * 60,
            excess: Excess::RecordOnly,
            overdraft: 0,
            transfer_limit: None,
        }),
        Policy::Records(RecordPolicy { due_working_days: 10, longest: 12 * 60 }),
        Policy::Wishes(WishPolicy { open_claims: 3, fulfil_days: 15, open_days: 60 }),
        Policy::Waiting(WaitingPolicy { days: SHORTEST_WAIT }),
        Policy::Points(PointsPolicy {
            base: 6_000,
            minutes_num: 2,
            minutes_den: 1,
            wish: 200,
            absence: -300,
            floor: 0,
            ceiling: None,
            red_from: 8_000,
            yellow_to: 6_050,
            basis: None,
            covers: None,
            no_service: None,
        }),
    ];
    all.extend(years.filter_map(calendar).map(Policy::Calendar));
    all
}

/// Public holidays on weekdays and weekends that are worked, as the State Council announced them for each year. A day is
/// written as 1001 for the first of October.
fn calendar(year: i32) -> Option<CalendarPolicy> {
    let (free, worked): (&[(u32, u32)], &[u32]) = match year {
        2024 => (
            &[(101, 101), (210, 217), (404, 406), (501, 505), (610, 610), (915, 917), (1001, 1007)],
            &[204, 218, 407, 428, 511, 914, 929, 1012],
        ),
        2025 => (
            &[(101, 101), (128, 204), (404, 406), (501, 505), (531, 602), (1001, 1008)],
            &[126, 208, 427, 928, 1011],
        ),
        2026 => (
            &[(101, 103), (215, 223), (404, 406), (501, 505), (619, 621), (925, 927), (1001, 1007)],
            &[104, 214, 228, 509, 920, 1010],
        ),
        _ => return None,
    };
    let day = |written: u32| Date::from_ymd(year, written / 100, written % 100);
    let span = |(from, to): &(u32, u32)| Some(day(*from)?.0..=day(*to)?.0);
    let days = free.iter().filter_map(span).flatten().map(Date);
    Some(CalendarPolicy {
        year: Year(year),
        holidays: days.filter(|day| day.weekday() < 5).collect(),
        workdays: worked.iter().filter_map(|d| day(*d)).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn make_up_days_are_weekend_days() {
        for year in 2024..=2026 {
            let calendar = calendar(year).unwrap();
            assert!(calendar.workdays.iter().all(|day| day.weekday() >= 5), "{year}: {calendar:?}");
            assert!(calendar.holidays.is_sorted_by(|a, b| a < b));
        }
    }
}
