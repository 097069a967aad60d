//! What a draft would have changed in a quarter that is over, counted from the log; nobody is named.

use std::collections::{BTreeMap, BTreeSet};

use hourbook_ledger::domain::event::{BodyKind, Claimer, Scope, WishKind};
use hourbook_ledger::domain::ids::{OrgId, PersonId};
use hourbook_ledger::domain::policy::{
    CreditPolicy, PointsPolicy, Policy, PolicyArea, RecordPolicy, WishPolicy,
};
use hourbook_ledger::domain::time::{Date, Period};
use hourbook_projections::Models;
use hourbook_projections::lists::{Colour, Draft, Standing};
use hourbook_projections::record::shown::RowView;
use hourbook_projections::wishes::Wish;

use crate::commands::Words;

/// A figure under the policy of the time and under the draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Effect {
    pub(super) what: Words,
    /// As it was; none where no policy held.
    pub(super) was: Option<u64>,
    pub(super) would_be: u64,
    /// It is a time in minutes, not a number.
    pub(super) in_minutes: bool,
}

/// For which organisation and quarter.
#[derive(Clone, Copy)]
pub(super) struct Asked {
    pub(super) scope: Scope,
    /// The organisation whose list is drawn up: the scope, or the root of the ledger.
    pub(super) listed: Option<OrgId>,
    pub(super) period: Period,
}

/// What the draft would have changed; nothing for what concerns days to come alone.
pub(super) fn effects(models: &Models, asked: Asked, draft: &Policy) -> Vec<Effect> {
    match draft {
        Policy::Points(points) => of_points(models, asked, points),
        Policy::Records(records) => of_records(models, asked, *records),
        Policy::Wishes(wishes) => of_wishes(models, asked, *wishes),
        Policy::Credit(credit) => of_credit(models, asked, credit),
        Policy::Calendar(_) | Policy::Waiting(_) | Policy::Rankings(_) => Vec::new(),
    }
}

fn count(what: Words, was: Option<u64>, would_be: u64) -> Effect {
    Effect { what, was, would_be, in_minutes: false }
}

fn of_points(models: &Models, asked: Asked, points: &PointsPolicy) -> Vec<Effect> {
    let Some(listed) = asked.listed else { return Vec::new() };
    let Ok(then) = models.draft_as_if(listed, asked.period, points) else { return Vec::new() };
    let now = models.draft(listed, asked.period, models.as_of()).ok();
    let both = |what, figure: &dyn Fn(&Draft) -> usize| {
        count(what, now.as_ref().map(|now| figure(now) as u64), figure(&then) as u64)
    };
    let of = |colour| move |draft: &Draft| draft.of(colour).count();
    let mut effects = vec![
        both(("榜上列出的人数", "Members covered"), &|draft| draft.lines.len()),
        both(("红榜人数", "On the red list"), &of(Colour::Red)),
        both(("黄榜人数", "On the yellow list"), &of(Colour::Yellow)),
        both(("本期无服务记录的人数", "Without service in the period"), &|draft| {
            draft.count(Standing::ZeroService)
        }),
    ];
    effects.extend(
        now.map(|now| count(("换了榜的人数", "Members whose list changes"), None, moved(&now, &then))),
    );
    effects
}

/// How many stand on another list, or on one for the first time or no more.
fn moved(now: &Draft, then: &Draft) -> u64 {
    let colours = |draft: &Draft| {
        let coloured = draft.lines.iter().filter(|line| line.colour != Colour::None);
        coloured.map(|line| (line.person, line.colour)).collect::<BTreeMap<_, _>>()
    };
    let (now, then) = (colours(now), colours(then));
    let everybody: BTreeSet<&PersonId> = now.keys().chain(then.keys()).collect();
    everybody.into_iter().filter(|person| now.get(person) != then.get(person)).count() as u64
}

fn of_records(models: &Models, asked: Asked, draft: RecordPolicy) -> Vec<Effect> {
    let register = models.directory.register();
    let offset = models.directory.offset();
    let (mut late, mut long, mut all) = ([0, 0], [0, 0], 0);
    for row in rows(models, asked) {
        all += 1;
        let filed = row.recorder.at.date(offset);
        late[0] += u64::from(row.overdue.is_some());
        late[1] += u64::from(register.would_be_late(draft.due_working_days, &row.interval, filed));
        let day = row.interval.start.date(offset);
        let longest =
            register.policies.records(&register.orgs, row.org, day).map_or(u32::MAX, |held| held.longest);
        long[0] += u64::from(row.interval.minutes() > i64::from(longest));
        long[1] += u64::from(row.interval.minutes() > i64::from(draft.longest));
    }
    vec![
        count(("登记的服务", "Services recorded"), Some(all), all),
        count(("其中超过期限的", "Of them late"), Some(late[0]), late[1]),
        count(("其中超过一次最长时间的", "Of them too long"), Some(long[0]), long[1]),
    ]
}

/// Rows of services in the quarter that organisations of the scope recorded and nobody voided.
fn rows(models: &Models, asked: Asked) -> impl Iterator<Item = RowView> {
    let (first, after) = asked.period.range();
    let (orgs, today) = (&models.directory.register().orgs, models.directory.today());
    let offset = models.directory.offset();
    let numbers = models.records.recordings_of(move |org| orgs.covers(asked.scope, org, today), None, None);
    let rows = numbers.flat_map(|number| models.records.rows_of(&models.accounts, number));
    rows.filter(move |row| {
        let day = row.interval.start.date(offset);
        row.correction.is_none() && (first..after).contains(&day)
    })
}

fn of_wishes(models: &Models, asked: Asked, draft: WishPolicy) -> Vec<Effect> {
    let (first, after) = asked.period.range();
    let register = models.directory.register();
    let (orgs, offset, today) = (&register.orgs, models.directory.offset(), models.directory.today());
    let (mut taken, mut slow) = (0, [0, 0]);
    let mut hands: BTreeMap<PersonId, Vec<(Date, Option<Date>)>> = BTreeMap::new();
    for wish in models.wishes.all().filter(|wish| orgs.covers(asked.scope, wish.org, today)) {
        let day = |kind| step(wish, kind).map(|at| at.date(offset));
        let Some(claimed) = day(WishKind::Claimed).filter(|day| (first..after).contains(day)) else {
            continue;
        };
        let fulfilled = day(WishKind::Fulfilled).filter(|day| *day >= claimed);
        taken += 1;
        let lasted = fulfilled.unwrap_or(today).0 - claimed.0;
        let allowed = register
            .policies
            .wishes(orgs, wish.org, claimed)
            .map_or(i32::MAX, |held| held.fulfil_days.into());
        slow[0] += u64::from(lasted > allowed);
        slow[1] += u64::from(lasted > i32::from(draft.fulfil_days));
        if let Some(Claimer::Person(person)) = wish.claimer {
            hands.entry(person).or_default().push((claimed, fulfilled));
        }
    }
    let over = hands.values().map(|claims| beyond(claims, usize::from(draft.open_claims)));
    let over = over.sum();
    vec![
        count(("认领的心愿", "Wishes taken on"), Some(taken), taken),
        count(("其中超过期限还没有办好的", "Of them not done in time"), Some(slow[0]), slow[1]),
        count(("其中认领时已到上限的", "Of them beyond what one may have on hand"), None, over),
    ]
}

/// How many claims of a person came while more than so many were open.
fn beyond(claims: &[(Date, Option<Date>)], most: usize) -> u64 {
    let open_on =
        |day: Date| claims.iter().filter(|(from, to)| *from <= day && to.is_none_or(|to| to > day)).count();
    claims.iter().filter(|(from, _)| open_on(*from) > most).count() as u64
}

/// When a wish last took a step.
fn step(wish: &Wish, kind: WishKind) -> Option<hourbook_ledger::domain::time::Millis> {
    wish.timeline.iter().rfind(|step| step.kind == BodyKind::Wish(kind)).map(|step| step.act.at)
}

fn of_credit(models: &Models, asked: Asked, draft: &CreditPolicy) -> Vec<Effect> {
    let (first, after) = asked.period.range();
    let register = models.directory.register();
    let (mut was, mut would_be, mut capped) = (0, 0, [0, 0]);
    for (person, _) in register.people.iter() {
        let mut days: BTreeMap<Date, u64> = BTreeMap::new();
        for day in models.records.counted_before(*person, models.as_of()) {
            if (first..after).contains(&day.date) {
                *days.entry(day.date).or_default() += u64::from(day.minutes);
            }
        }
        for (day, minutes) in days {
            let held = register.policies.credit(day);
            was += held.as_ref().map_or(0, |held| earned(held, minutes));
            would_be += earned(draft, minutes);
            let is_capped = |policy: &CreditPolicy| rate(policy, minutes) > u64::from(policy.daily_cap);
            capped[0] += u64::from(held.as_ref().is_some_and(is_capped));
            capped[1] += u64::from(is_capped(draft));
        }
    }
    vec![
        Effect {
            what: ("得到的时间币（不计累计上限）", "Credit earned, before the cap in all"),
            was: Some(was),
            would_be,
            in_minutes: true,
        },
        count(("到了每日上限的人次", "Days on which somebody met the daily cap"), Some(capped[0]), capped[1]),
    ]
}

fn rate(policy: &CreditPolicy, minutes: u64) -> u64 {
    minutes * u64::from(policy.earn_num) / u64::from(policy.earn_den.max(1))
}

fn earned(policy: &CreditPolicy, minutes: u64) -> u64 {
    rate(policy, minutes).min(u64::from(policy.daily_cap))
}

/// Whether a draft of an area is tried on the past at all.
pub(super) fn are_counted(area: PolicyArea) -> bool {
    matches!(area, PolicyArea::Points | PolicyArea::Records | PolicyArea::Wishes | PolicyArea::Credit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_counts_that_comes_while_the_hands_are_full() {
        let claims = [(Date(1), Some(Date(5))), (Date(2), None), (Date(3), Some(Date(4))), (Date(6), None)];
        assert_eq!([0, 1, 2, 3].map(|most| beyond(&claims, most)), [4, 3, 1, 0]);
    }
}
