//! From confirmed rows to certified minutes, and from these to credit: always by difference to what was posted before.

use super::books::{Books, Hours};
use super::tally::{Change, Changes, Counts, Entry, Tally};
use crate::domain::credit::post;
use crate::domain::effect::{Effect, Effects};
use crate::domain::ids::{OrgId, PersonId};
use crate::domain::policy::{CreditPolicy, Excess, Policies};
use crate::domain::time::{Date, Offset};
use crate::domain::vocabulary::Account;
use smallvec::SmallVec;

/// Reads what [`recount`] is about to need of many persons. They lie anywhere in memory: asked for one right after the other,
/// they are waited for together, which is half of the time that counting them takes. Changes nothing.
pub(super) fn prefetch(books: &Books<'_>, persons: impl Iterator<Item = PersonId>) {
    let near = persons.map(|person| {
        let tally = books.hours.tallies.get(&person).map_or(0, Tally::ends);
        let registered = books.facts.people.get(person).and_then(|p| p.affiliations.last());
        let balance = books.credit.balance(Account::Person(person));
        tally ^ registered.map_or(0, |a| a.span.from.0 as u32) ^ balance as u32
    });
    std::hint::black_box(near.fold(0, |all, one| all ^ one));
}

/// Takes rows out of and into what counts for a person, and posts the credit that this makes.
pub(super) fn recount<E>(
    books: &mut Books<'_>,
    person: PersonId,
    removed: &[Entry],
    added: &[Entry],
    effects: &mut Effects<E>,
) {
    let offset = books.facts.offset();
    let changes = books.hours.change(person, removed, added, offset, books.facts.policies);
    for Change { entry, date, was, now } in changes {
        let recording = books.hours.recordings.get(&entry.recording).expect("rows count from recordings");
        effects.push(Effect::Counted {
            recorded: recording.event,
            row: entry.row,
            person,
            activity: recording.activity,
            date,
            was,
            now,
            homes: books.facts.people.homes(person, date),
        });
    }
    settle(books, person, effects);
}

impl Hours {
    fn change(
        &mut self,
        person: PersonId,
        removed: &[Entry],
        added: &[Entry],
        offset: Offset,
        policies: &Policies,
    ) -> Changes {
        let touched = removed.iter().chain(added).flat_map(|entry| entry.interval().days(offset));
        let mut days: SmallVec<[Date; 4]> = touched.map(|(date, _)| date).collect();
        days.sort_unstable();
        days.dedup();
        let recordings = &self.recordings;
        let tally = self.tallies.or_default(person);
        let before = days.iter().map(|day| counts(tally, *day, offset)).collect::<SmallVec<[_; 2]>>();
        removed.iter().for_each(|entry| tally.remove(*entry));
        let id = |number: u32| recordings.get(&number).map(|r| r.event);
        added.iter().for_each(|entry| tally.insert(*entry, id));
        let mut changes = Changes::new();
        for (day, before) in days.iter().zip(&before) {
            let policy = policies.credit(*day);
            let earns = |counted| policy.map_or(0, |p| earned_on_day(&p, counted));
            tally.settle_day(*day, before, offset, earns, &mut changes);
        }
        changes
    }
}

fn counts(tally: &Tally, day: Date, offset: Offset) -> Counts {
    let mut counts: Counts = tally.counts(day, offset).collect();
    counts.sort_unstable_by_key(|(entry, _)| entry.row_key());
    counts
}

/// Credit for one day's certified minutes: rounded down once, then capped.
fn earned_on_day(policy: &CreditPolicy, counted: u16) -> u16 {
    let earned = u64::from(counted) * u64::from(policy.earn_num) / u64::from(policy.earn_den);
    let capped = earned.min(u64::from(policy.daily_cap));
    u16::try_from(capped).unwrap_or(u16::MAX)
}

/// Posts the difference between what the days have come to and what was posted. The account cap and the place for what
/// exceeds it are those of each day, so that they do not depend on the order of arrival.
fn settle<E>(books: &mut Books<'_>, person: PersonId, effects: &mut Effects<E>) {
    let Some(tally) = books.hours.tallies.get_mut(&person) else { return };
    let policy = tally.latest().and_then(|day| books.facts.policies.credit(day));
    let target = policy.map_or(0, |p| tally.accrued.min(p.account_cap));
    let excess = tally.accrued - target;
    let was = std::mem::replace(&mut tally.posted, target);
    let account = Account::Person(person);
    post(books.credit, effects, Account::Issuance, account, target.saturating_sub(was));
    post(books.credit, effects, account, Account::Issuance, was.saturating_sub(target));
    let overflow = if excess == 0 { Vec::new() } else { excess_by_day(books, person, excess) };
    settle_overflow(books, person, overflow, effects);
}

/// The excess by fund, ascending: it is what the latest days earned, and each day's part belongs to the fund that the
/// policy of that day names, if it names one. So a later policy takes nothing from what an earlier one gave.
fn excess_by_day(books: &Books<'_>, person: PersonId, excess: u32) -> Vec<(OrgId, u32)> {
    let Some(tally) = books.hours.tallies.get(&person) else { return Vec::new() };
    let mut funds: Vec<(OrgId, u32)> = Vec::new();
    let mut left = excess;
    for (date, earned) in tally.earnings() {
        let part = left.min(u32::from(earned));
        left -= part;
        if let (Some(Excess::Fund(fund)), 1..) = (books.facts.policies.credit(date).map(|p| p.excess), part) {
            match funds.binary_search_by_key(&fund, |f| f.0) {
                Ok(at) => funds[at].1 += part,
                Err(at) => funds.insert(at, (fund, part)),
            }
        }
        if left == 0 {
            break;
        }
    }
    funds
}

fn settle_overflow<E>(
    books: &mut Books<'_>,
    person: PersonId,
    now: Vec<(OrgId, u32)>,
    effects: &mut Effects<E>,
) {
    let was = books.hours.overflows.get(&person).cloned().unwrap_or_default();
    if was == now {
        return;
    }
    let of = |overflow: &[(OrgId, u32)], fund| overflow.iter().find(|o| o.0 == fund).map_or(0, |o| o.1);
    let mut funds: Vec<OrgId> = was.iter().map(|(fund, _)| *fund).collect();
    funds.extend(now.iter().map(|(fund, _)| *fund).filter(|fund| of(&was, *fund) == 0));
    for fund in funds {
        let (old, new) = (of(&was, fund), of(&now, fund));
        post(books.credit, effects, Account::Issuance, Account::Fund(fund), new.saturating_sub(old));
        post(books.credit, effects, Account::Fund(fund), Account::Issuance, old.saturating_sub(new));
    }
    if now.is_empty() {
        books.hours.overflows.remove(&person);
    } else {
        books.hours.overflows.insert(person, now);
    }
}
