//! What a policy says, in plain words with its figures.

use hourbook_ledger::domain::ids::OrgId;
use hourbook_ledger::domain::policy::{
    Basis, CalendarPolicy, CreditPolicy, Excess, Membership, NoService, PointsPolicy, Policy, PolicyArea,
    RankingPolicy, Rankings, RecordPolicy, WishPolicy,
};
use hourbook_ledger::domain::time::Date;

use super::i18n::{self, Lang};
use crate::commands::Words;

/// What a policy is about.
pub(crate) fn area(area: PolicyArea) -> Words {
    match area {
        PolicyArea::Credit => ("时间币", "Credit"),
        PolicyArea::Records => ("时长登记", "Recording of hours"),
        PolicyArea::Wishes => ("微心愿", "Wishes"),
        PolicyArea::Points => ("积分和红黄榜", "Points and lists"),
        PolicyArea::Calendar => ("工作日历", "Working days"),
        PolicyArea::Waiting => ("等待期", "Waiting term"),
        PolicyArea::Rankings => ("排名", "Rankings"),
    }
}

/// What it says, a sentence for each thing; `named` names an organisation.
pub(crate) fn sentences(lang: Lang, policy: &Policy, named: impl Fn(OrgId) -> String) -> Vec<String> {
    match policy {
        Policy::Credit(credit) => credit_says(lang, credit, named),
        Policy::Records(records) => records_say(lang, records),
        Policy::Wishes(wishes) => wishes_say(lang, wishes),
        Policy::Points(points) => points_say(lang, points),
        Policy::Calendar(calendar) => calendar_says(lang, calendar),
        Policy::Waiting(waiting) => vec![match lang {
            Lang::Zh => {
                format!("凭登录码或由工作人员提出、不可撤销的事项 {} 天后生效，本人可以叫停。", waiting.days)
            }
            Lang::En => format!(
                "What cannot be undone and rests on a code or on staff takes effect after {} days; the person can stop it.",
                waiting.days
            ),
        }],
        Policy::Rankings(rankings) => rankings_say(lang, rankings),
    }
}

/// The document that it rests on, if it names one.
pub(crate) fn basis(policy: &Policy) -> Option<&Basis> {
    match policy {
        Policy::Points(points) => points.basis.as_ref(),
        Policy::Rankings(rankings) => rankings.basis.as_ref(),
        Policy::Credit(_)
        | Policy::Records(_)
        | Policy::Wishes(_)
        | Policy::Calendar(_)
        | Policy::Waiting(_) => None,
    }
}

fn credit_says(lang: Lang, credit: &CreditPolicy, named: impl Fn(OrgId) -> String) -> Vec<String> {
    let hours = |minutes: u32| i18n::hours_minutes(lang, u64::from(minutes));
    let CreditPolicy { earn_num, earn_den, .. } = credit;
    let mut says = match lang {
        Lang::Zh => vec![
            format!("服务 {earn_den} 分钟得 {earn_num} 分钟时间币。"),
            format!("每人每天最多 {}，累计最多 {}。", hours(credit.daily_cap), hours(credit.account_cap)),
        ],
        Lang::En => vec![
            format!("Minutes served: {earn_den}; credit for them: {earn_num} minutes."),
            format!("At most {} a day and {} in all.", hours(credit.daily_cap), hours(credit.account_cap)),
        ],
    };
    says.push(match (credit.excess, lang) {
        (Excess::RecordOnly, _) => {
            lang.t("超出部分只记时长。", "The rest stands in the record only.").to_owned()
        }
        (Excess::Fund(org), Lang::Zh) => format!("超出部分归入{}的基金。", named(org)),
        (Excess::Fund(org), Lang::En) => format!("The rest goes to the fund of {}.", named(org)),
    });
    says.push(match (credit.overdraft, lang) {
        (0, _) => lang.t("不可透支。", "No overdraft.").to_owned(),
        (minutes, Lang::Zh) => format!("可以透支 {}。", hours(minutes)),
        (minutes, Lang::En) => format!("Overdraft up to {}.", hours(minutes)),
    });
    says.extend(credit.transfer_limit.map(|limit| match lang {
        Lang::Zh => format!("一次最多转出 {}。", hours(limit)),
        Lang::En => format!("At most {} are given away at once.", hours(limit)),
    }));
    says
}

fn records_say(lang: Lang, records: &RecordPolicy) -> Vec<String> {
    let (due, longest) = (records.due_working_days, i18n::hours_minutes(lang, records.longest.into()));
    match lang {
        Lang::Zh => {
            vec![format!("服务后 {due} 个工作日内登记，以后算补录。"), format!("一次服务最长 {longest}。")]
        }
        Lang::En => vec![
            format!(
                "Hours are due within working days after the service: {due}; after that they are entered late."
            ),
            format!("One service lasts at most {longest}."),
        ],
    }
}

fn wishes_say(lang: Lang, wishes: &WishPolicy) -> Vec<String> {
    let WishPolicy { open_claims, fulfil_days, open_days } = wishes;
    match lang {
        Lang::Zh => vec![
            format!("每人同时最多认领 {open_claims} 个，单位和服务队不限。"),
            format!("认领后 {fulfil_days} 天内完成，发布后 {open_days} 天无人认领就结束。"),
        ],
        Lang::En => vec![
            format!("A person has at most so many on hand: {open_claims}. Units and teams have no limit."),
            format!(
                "Days to grant one: {fulfil_days}. Days that one stays open without a claim: {open_days}."
            ),
        ],
    }
}

fn points_say(lang: Lang, points: &PointsPolicy) -> Vec<String> {
    let of = |hundredths: i32| i18n::points(i64::from(hundredths), false);
    let served = served(lang, points);
    let (base, wish, absence) = (of(points.base), of(points.wish), of(points.absence));
    let mut says = match lang {
        Lang::Zh => {
            vec![format!("每期基础 {base} 分，{served}，完成一个心愿 {wish} 分，报名后未到 {absence} 分。")]
        }
        Lang::En => vec![format!(
            "A period begins with {base} points; {served}, a wish granted {wish}, an absence after sign-up {absence}."
        )],
    };
    says.push(thresholds(lang, points));
    says.push(match (points.ceiling, lang) {
        (Some(ceiling), Lang::Zh) => format!("最低 {} 分，最高 {} 分。", of(points.floor), of(ceiling)),
        (Some(ceiling), Lang::En) => {
            format!("Never below {}, never above {}.", of(points.floor), of(ceiling))
        }
        (None, Lang::Zh) => format!("最低 {} 分。", of(points.floor)),
        (None, Lang::En) => format!("Never below {}.", of(points.floor)),
    });
    says.push(pinned(lang).to_owned());
    says.push(covered(lang, points.covers).to_owned());
    says.push(without_service(lang, points.no_service).to_owned());
    says
}

/// What a list says of its rule: who is on which, and whom it covers and what no service means where the policy says so.
pub(crate) fn list_rule(lang: Lang, points: &PointsPolicy) -> String {
    let covers = points.covers.map(|covers| covered(lang, Some(covers)).to_owned());
    let no_service = points.no_service.map(|meaning| without_service(lang, Some(meaning)).to_owned());
    let said = std::iter::once(thresholds(lang, points)).chain(covers).chain(no_service);
    said.collect::<Vec<_>>().join(lang.t("", " "))
}

fn thresholds(lang: Lang, points: &PointsPolicy) -> String {
    let of = |hundredths: i32| i18n::points(i64::from(hundredths), false);
    let (red, yellow) = (of(points.red_from), of(points.yellow_to));
    match lang {
        Lang::Zh => format!("{red} 分起红榜，{yellow} 分及以下黄榜。"),
        Lang::En => format!("Red from {red} points, yellow up to {yellow}."),
    }
}

/// What service gives: by the hour, where that is a whole number of hundredths.
fn served(lang: Lang, points: &PointsPolicy) -> String {
    let (num, den) = (u64::from(points.minutes_num), u64::from(points.minutes_den.max(1)));
    let (minutes, hundredths) = if num * 60 % den == 0 { (60, num * 60 / den) } else { (den, num) };
    let (time, points) = (i18n::hours_minutes(lang, minutes), i18n::points(hundredths as i64, false));
    match lang {
        Lang::Zh => format!("每服务 {time} {points} 分"),
        Lang::En => format!("{time} of service give {points}"),
    }
}

/// Of two policies in one period the one counts that holds on its first day.
fn pinned(lang: Lang) -> &'static str {
    lang.t(
        "每期都按第一天的规则算，期中改的下一期才用。",
        "A period follows what holds on its first day: a change in mid-period waits for the next.",
    )
}

/// Whom a list covers.
fn covered(lang: Lang, covers: Option<Membership>) -> &'static str {
    match covers {
        None => lang.t("列出直管党员和报到党员。", "It covers direct members and those who reported in."),
        Some(Membership::Direct) => lang.t("只列直管党员。", "It covers direct members only."),
        Some(Membership::ReportedIn) => lang.t("只列报到党员。", "It covers members who reported in only."),
    }
}

/// What no service in a period means.
fn without_service(lang: Lang, no_service: Option<NoService>) -> &'static str {
    match no_service {
        None => lang.t(
            "本期无服务记录的，按总分决定是否列入黄榜，不上红榜。",
            "Without service in the period, the total decides about yellow, and it is never red.",
        ),
        Some(NoService::Yellow) => {
            lang.t("本期无服务记录的，列入黄榜。", "Without service in the period: on the yellow list.")
        }
        Some(NoService::NotListed) => {
            lang.t("本期无服务记录的，不上榜。", "Without service in the period: on neither list.")
        }
    }
}

fn calendar_says(lang: Lang, calendar: &CalendarPolicy) -> Vec<String> {
    let days = |days: &[Date]| {
        let short = |day: &Date| match (lang, day.ymd()) {
            (Lang::Zh, (_, month, day)) => format!("{month}月{day}日"),
            (Lang::En, (_, month, day)) => format!("{day} {}", i18n::month_name(lang, month)),
        };
        days.iter().map(short).collect::<Vec<_>>().join(lang.t("、", ", "))
    };
    let year = calendar.year.0;
    let mut says = vec![match lang {
        Lang::Zh => format!("{year} 年：周一至周五为工作日。"),
        Lang::En => format!("{year}: Monday to Friday are working days."),
    }];
    if !calendar.holidays.is_empty() {
        says.push(format!("{}{}{}", lang.t("放假：", "Free: "), days(&calendar.holidays), lang.t("。", ".")));
    }
    if !calendar.workdays.is_empty() {
        says.push(format!(
            "{}{}{}",
            lang.t("调休上班：", "Worked: "),
            days(&calendar.workdays),
            lang.t("。", ".")
        ));
    }
    says
}

fn rankings_say(lang: Lang, policy: &RankingPolicy) -> Vec<String> {
    let says = match policy.rankings {
        Rankings::On => lang.t("有时长榜，可以公布红黄榜。", "There is a leaderboard, and lists may be published."),
        Rankings::Off => lang.t(
            "不排名：没有时长榜，不起草、不公布红黄榜。以前公布的仍可查看。",
            "Nobody is ranked: no leaderboard, and no list is drafted or published. Those published before can still be looked at.",
        ),
    };
    vec![says.to_owned()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policies::defaults;

    fn said(lang: Lang, policy: &Policy) -> String {
        sentences(lang, policy, |_| "东湖街道".to_owned()).join(lang.t("", " "))
    }

    #[test]
    fn every_figure_of_a_policy_stands_in_its_words() {
        let points = Policy::Points(PointsPolicy {
            base: 6_001,
            minutes_num: 2,
            minutes_den: 1,
            wish: 203,
            absence: -304,
            floor: 5,
            ceiling: Some(20_006),
            red_from: 8_007,
            yellow_to: 6_008,
            ..PointsPolicy::PLAIN
        });
        let credit = Policy::Credit(CreditPolicy {
            earn_num: 3,
            earn_den: 4,
            daily_cap: 305,
            account_cap: 3_606,
            excess: Excess::Fund(OrgId([1; 16])),
            overdraft: 67,
            transfer_limit: Some(128),
        });
        let figures = [
            (points, vec!["60.01", "1.2", "2.03", "−3.04", "0.05", "200.06", "80.07", "60.08"]),
            (credit, vec!["3", "4", "5 小时 5 分", "60 小时 6 分", "东湖街道", "1 小时 7 分", "2 小时 8 分"]),
            (
                Policy::Records(RecordPolicy { due_working_days: 11, longest: 725 }),
                vec!["11", "12 小时 5 分"],
            ),
            (
                Policy::Wishes(WishPolicy { open_claims: 13, fulfil_days: 14, open_days: 15 }),
                vec!["13", "14", "15"],
            ),
        ];
        for (policy, figures) in figures {
            let said = said(Lang::Zh, &policy);
            figures.iter().for_each(|figure| assert!(said.contains(figure), "{figure}: {said}"));
        }
    }

    #[test]
    fn the_first_policies_are_said_in_both_languages() {
        for policy in defaults(2026..=2026) {
            let (zh, en) = (said(Lang::Zh, &policy), said(Lang::En, &policy));
            assert!(zh.ends_with('。') && en.ends_with('.'), "{zh} {en}");
            assert!(en.is_ascii() || en.contains('−'), "{en}");
        }
    }
}
