//! Quarterly lists, drawn up from the read side and published by each community's secretary, and by the steward for the
//! whole town, with a second steward standing for each; and gifts to the funds.

use hourbook_ledger::domain::event::{Account, Body, CreditEvent, ListEvent, TransferKind};
use hourbook_ledger::domain::time::{Date, Period};

use hourbook_projections::canonical::Canonical as _;

use super::DemoError;
use super::founding::is_early;
use super::history::History;

/// Days after the end of a quarter on which its lists are published.
const AFTER: i32 = 12;
/// Minutes that a member gives to the community's fund.
const GIFT: u32 = 60;

/// The quarter whose lists are due on a day.
fn due(today: Date) -> Option<Period> {
    let (year, month, _) = today.plus(-AFTER).ymd();
    let (before_year, before) = if month == 1 { (year - 1, 12) } else { (year, month - 1) };
    let period = Period::Quarter(before_year, before.div_ceil(3));
    (period.range().1.plus(AFTER) == today).then_some(period)
}

/// Publishes the lists that are due.
pub(super) fn publish(history: &mut History<'_>, today: Date) -> Result<(), DemoError> {
    let Some(period) = due(today).filter(|period| period.range().1 > history.span.begin) else {
        return Ok(());
    };
    let size = history.all_read()?;
    let town = history.town;
    let scopes = town.communities.iter().map(|community| (community.id, &community.secretary));
    for (scope, publisher) in scopes.chain([(town.city, &town.steward)]) {
        let draft = history.read.read().draft(scope, period, size - 1);
        let draft = draft.map_err(|error| DemoError::List(format!("{error:?}")))?;
        let (cutoff, policy, digest) = (draft.cutoff, draft.policy, draft.digest());
        let body = Body::List(ListEvent::Published { scope, period, cutoff, policy, digest });
        let act = history.submitter.write(&publisher.actor(), body)?;
        history.submitter.approve(&town.second_steward.actor(), act)?;
    }
    Ok(())
}

/// On the twentieth of a month one member of each community gives an hour of credit to its fund, if there is one to give.
pub(super) fn give(history: &mut History<'_>, today: Date) -> Result<(), DemoError> {
    if today.ymd().2 != 20 {
        return Ok(());
    }
    history.all_read()?;
    for community in &history.town.communities {
        let with_keys = community.members.iter().filter(|m| is_early(m) && m.person.key.is_some());
        let givers: Vec<_> = with_keys.collect();
        let giver = &history.submitter.dice.pick(&givers).person;
        let from = Account::Person(giver.id);
        if history.read.read().accounts.balance(from) >= i64::from(GIFT) {
            let to = Account::Fund(community.id);
            let body = Body::Credit(CreditEvent::Transferred {
                from,
                to,
                minutes: GIFT,
                kind: TransferKind::Donation,
            });
            history.submitter.write(&giver.actor(), body)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_due_once_a_quarter() {
        let days = (0..730).map(|n| Date(20_454).plus(n));
        let all: Vec<Period> = days.filter_map(due).collect();
        assert_eq!(all.len(), 8);
        assert_eq!(due("2026-01-13".parse().unwrap()), Some(Period::Quarter(2025, 4)));
    }
}
