//! The policies that a new ledger starts with. They are data on the log, adopted by the founder's signature; whoever
//! runs the ledger changes them by adopting others.

use hourbook_ledger::domain::policy::{
    CalendarPolicy, CreditPolicy, Excess, PointsPolicy, Policy, RecordPolicy, SHORTEST_WAIT, WaitingPolicy,
    WishPolicy,
};
use hourbook_ledger::domain::time::{Date, Year};

/// One policy, and what it says in words.
#[derive(Clone, Debug)]
pub struct Start {
    /// The policy.
    pub policy: Policy,
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

impl Start {
    /// The day from which it holds, if adopted today: at once, or from the beginning of the year that it is for.
    #[must_use]
    pub fn from(&self, today: Date) -> Date {
        match &self.policy {
            Policy::Calendar(calendar) => {
                Date::from_ymd(calendar.year.0, 1, 1).map_or(today, |day| day.max(today))
            }
            Policy::Credit(_)
            | Policy::Records(_)
            | Policy::Wishes(_)
            | Policy::Points(_)
            | Policy::Waiting(_) => today,
        }
    }
}

/// The usual figures: one minute of credit a minute, at most 8 hours a day and 1,500 hours in all (as in Nanjing); hours
/// due within 10 working days (Order 67, article 11); three open claims, 15 days to fulfil; points as published by
/// cities: base 60, 60 points for 50 hours, −3 for an absence. And the working days of the years that are known.
#[must_use]
pub fn defaults(years: std::ops::RangeInclusive<i32>) -> Vec<Start> {
    let start = |policy, zh: &str, en: &str| Start { policy, zh: zh.to_owned(), en: en.to_owned() };
    let mut all = vec![
        start(
            Policy::Credit(CreditPolicy {
                earn_num: 1,
                earn_den: 1,
                daily_cap: 8 * 60,
                account_cap: 1_500 * 60,
                excess: Excess::RecordOnly,
                overdraft: 0,
                transfer_limit: None,
            }),
            "时间币：服务 1 分钟得 1 分钟，每人每天最多 8 小时，累计最多 1,500 小时，超出部分只记时长，不可透支",
            "Credit: a minute a minute, at most 8 h a day and 1,500 h in all, the rest in the record only, no overdraft",
        ),
        start(
            Policy::Records(RecordPolicy { due_working_days: 10, longest: 12 * 60 }),
            "记录：服务后 10 个工作日内登记，一次最长 12 小时",
            "Records: due within 10 working days of the service, one service at most 12 h",
        ),
        start(
            Policy::Wishes(WishPolicy { open_claims: 3, fulfil_days: 15, open_days: 60 }),
            "微心愿：每人同时最多认领 3 个，认领后 15 天内完成，公示 60 天",
            "Wishes: at most 3 claimed at a time, 15 days to fulfil, open for 60 days",
        ),
        start(
            Policy::Waiting(WaitingPolicy { days: SHORTEST_WAIT }),
            "等待期：凭登录码或由工作人员提出、不可撤销的事项 7 天后生效，本人可以叫停",
            "Waiting: what cannot be undone and rests on a code or on staff takes effect after 7 days; the person can stop it",
        ),
        start(
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
            "积分（每期）：基础 60 分，每服务 50 小时 60 分，圆梦一个心愿 2 分，报名缺席扣 3 分；80 分起红榜，60.5 分及以下黄榜",
            "Points (a period): base 60, 60 for 50 h, 2 for a wish, −3 for an absence; red from 80, yellow up to 60.5",
        ),
    ];
    let known = years.filter_map(calendar);
    all.extend(known.map(|calendar| Start {
        zh: format!("工作日历：{} 年法定节假日与调休", calendar.year.0),
        en: format!("Working days of {}: public holidays and make-up days", calendar.year.0),
        policy: Policy::Calendar(calendar),
    }));
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
