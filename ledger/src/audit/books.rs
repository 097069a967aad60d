//! A second set of books, kept from the postings and counts alone and held against the state's.
//!
//! A posting moves the same minutes out of one account and into another, so these books sum to zero at every position; as
//! long as the state's balances equal them wherever one was touched, the state's do too.

use rustc_hash::FxHashMap;

use super::counts::Counts;
use super::finding::{Finding, Findings, Kind};
use crate::domain::event::Account;
use crate::domain::hours::RowState;
use crate::domain::ids::PersonId;
use crate::domain::{Effect, State};

/// Balances and minutes as their changes add up.
#[derive(Default)]
pub(super) struct Books {
    balances: FxHashMap<Account, i128>,
    minutes: FxHashMap<PersonId, i64>,
    /// Postings so far.
    pub(super) postings: u64,
}

impl Books {
    /// Books that begin with what a state says.
    pub(super) fn of(state: &State, findings: &mut Findings) -> Self {
        let balances = state.credit.balances();
        let minutes = recount(state, findings).1;
        Self {
            balances: balances.map(|(account, balance)| (account, i128::from(balance))).collect(),
            minutes: minutes.into_iter().map(|(person, minutes)| (person, minutes as i64)).collect(),
            postings: 0,
        }
    }

    /// Takes in what followed from an event and compares every account and person that it touched.
    pub(super) fn follow(
        &mut self,
        position: u64,
        effects: &[Effect],
        state: &State,
        findings: &mut Findings,
    ) {
        effects.iter().for_each(|effect| self.add(effect));
        for effect in effects {
            match effect {
                Effect::Posted { from, to, .. } => {
                    let accounts = [from, to].map(|account| self.balance_fault(*account, state));
                    for what in accounts.into_iter().flatten() {
                        findings.add(Finding::at(position, Kind::BalanceDiffers, what));
                    }
                }
                Effect::Counted { person, .. } => {
                    let own = self.minutes.get(person).copied().unwrap_or(0);
                    let stated = i64::from(state.hours.certified_minutes(*person));
                    if own != stated {
                        let what = format!("person {person}: counted {own} minutes, state says {stated}");
                        findings.add(Finding::at(position, Kind::MinutesDiffer, what));
                    }
                }
                _ => {}
            }
        }
    }

    fn add(&mut self, effect: &Effect) {
        match effect {
            Effect::Posted { from, to, minutes } => {
                let minutes = i128::from(*minutes);
                *self.balances.entry(*from).or_default() -= minutes;
                *self.balances.entry(*to).or_default() += minutes;
                self.postings += 1;
            }
            Effect::Counted { person, was, now, .. } => {
                *self.minutes.entry(*person).or_default() += i64::from(*now) - i64::from(*was);
            }
            Effect::Overdue { .. }
            | Effect::Promoted { .. }
            | Effect::Held { .. }
            | Effect::TookEffect(_)
            | Effect::Dropped(_) => {}
        }
    }

    fn balance_fault(&self, account: Account, state: &State) -> Option<String> {
        let own = self.balances.get(&account).copied().unwrap_or(0);
        let stated = i128::from(state.credit.balance(account));
        (own != stated).then(|| format!("{account:?}: postings come to {own} minutes, state says {stated}"))
    }

    /// At the end: every account, the sum of all, and every person's minutes from the confirmed rows themselves.
    pub(super) fn close(&self, state: &State, findings: &mut Findings, counts: &mut Counts) {
        let mut faults: Vec<String> = Vec::new();
        faults.extend(self.balances.keys().filter_map(|account| self.balance_fault(*account, state)));
        let unknown = state.credit.balances().filter(|(account, _)| !self.balances.contains_key(account));
        faults.extend(unknown.filter_map(|(account, _)| self.balance_fault(account, state)));
        faults.sort();
        faults.into_iter().for_each(|what| findings.add(Finding::whole(Kind::BalanceDiffers, what)));
        let sum: i128 = state.credit.balances().map(|(_, balance)| i128::from(balance)).sum();
        if sum != 0 {
            let what = format!("all accounts come to {sum} minutes");
            findings.add(Finding::whole(Kind::BooksUnbalanced, what));
        }
        let (rows, minutes) = recount(state, findings);
        counts.accounts = self.balances.len() as u64;
        counts.rows = rows;
        counts.persons = minutes.len() as u64;
        counts.minutes = minutes.iter().map(|(_, minutes)| minutes).sum();
    }
}

/// Certified minutes are the minutes that a person's confirmed rows cover, each once. Computed here from the rows, with
/// nothing of what the state keeps as totals: 24 bytes a confirmed row. The number of rows, and each person's minutes.
fn recount(state: &State, findings: &mut Findings) -> (u64, Vec<(PersonId, u64)>) {
    let confirmed = state.hours.recordings().flat_map(|recording| recording.rows.iter());
    let confirmed = confirmed.filter(|row| row.state == RowState::Confirmed);
    let mut rows: Vec<(PersonId, u32, u16)> = confirmed
        .map(|row| {
            let interval = row.interval();
            (row.person, interval.start.0 as u32, interval.minutes() as u16)
        })
        .collect();
    rows.sort_unstable();
    let of_one = |rows: &[(PersonId, u32, u16)]| {
        let person = rows[0].0;
        let covered = covered(rows.iter().map(|(_, start, minutes)| (*start, *minutes)));
        let stated = u64::from(state.hours.certified_minutes(person));
        if covered != stated {
            let what =
                format!("person {person}: confirmed rows cover {covered} minutes, state says {stated}");
            findings.add(Finding::whole(Kind::MinutesDiffer, what));
        }
        (person, covered)
    };
    let minutes = rows.chunk_by(|a, b| a.0 == b.0).map(of_one).collect();
    (rows.len() as u64, minutes)
}

/// Minutes covered by intervals that are sorted by their start.
fn covered(sorted: impl Iterator<Item = (u32, u16)>) -> u64 {
    let (mut sum, mut until) = (0, 0_u64);
    for (start, minutes) in sorted {
        let (start, end) = (u64::from(start), u64::from(start) + u64::from(minutes));
        sum += end.saturating_sub(start.max(until));
        until = until.max(end);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_is_covered_once() {
        assert_eq!(covered([(0, 10), (5, 10), (5, 3), (20, 5), (20, 5)].into_iter()), 20);
        assert_eq!(covered([(7, 100), (8, 2), (107, 1)].into_iter()), 101);
        assert_eq!(covered([].into_iter()), 0);
    }
}
