//! Credit, naively: a map of balances that is added up after every event.

use std::collections::{BTreeMap, BTreeSet};

use hourbook_ledger::domain::event::{Account, Body, CreditEvent, Event, TransferKind};
use hourbook_ledger::domain::ids::{HoldId, OrgId, PersonId};
use hourbook_ledger::domain::time::Millis;

use super::outcome::{At, Fault, must};
use super::register::Register;

/// Credit set aside.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct Hold {
    pub from: PersonId,
    pub to: PersonId,
    pub minutes: u32,
    pub until: Millis,
    /// Nothing yet; or so many minutes went over, none if it was voided.
    pub ended: Option<u32>,
}

/// What a person's service comes to in credit: for the person, and for a fund.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
#[allow(missing_docs)]
pub struct Earned {
    pub own: i64,
    pub funds: BTreeMap<OrgId, i64>,
}

/// All accounts and holds.
#[derive(Clone, Default, Debug)]
#[allow(missing_docs)]
pub struct Books {
    pub balances: BTreeMap<Account, i64>,
    pub volume: u64,
    pub holds: BTreeMap<HoldId, Hold>,
    pub earned: BTreeMap<PersonId, Earned>,
}

impl Books {
    /// The sum of all accounts.
    #[must_use]
    pub fn sum(&self) -> i64 {
        self.balances.values().sum()
    }

    /// The balance of an account.
    #[must_use]
    pub fn balance(&self, account: Account) -> i64 {
        self.balances.get(&account).copied().unwrap_or(0)
    }

    pub(super) fn moved_since(&self, before: &BTreeMap<Account, i64>) -> BTreeMap<Account, i64> {
        let now = self
            .balances
            .iter()
            .map(|(account, balance)| (*account, balance - before.get(account).copied().unwrap_or(0)));
        now.filter(|(_, by)| *by != 0).collect()
    }

    fn post(&mut self, from: Account, to: Account, minutes: i64) {
        *self.balances.entry(from).or_default() -= minutes;
        *self.balances.entry(to).or_default() += minutes;
        self.volume += minutes.unsigned_abs();
    }

    /// Makes what was posted for a person's service what it comes to now.
    pub(super) fn settle_earnings(&mut self, person: PersonId, now: Earned) {
        let was = self.earned.insert(person, now.clone()).unwrap_or_default();
        let own = now.own - was.own;
        let (issuance, account) = (Account::Issuance, Account::Person(person));
        match own {
            0 => {}
            1.. => self.post(issuance, account, own),
            _ => self.post(account, issuance, -own),
        }
        let funds: BTreeSet<OrgId> = was.funds.keys().chain(now.funds.keys()).copied().collect();
        for fund in funds {
            let by = now.funds.get(&fund).unwrap_or(&0) - was.funds.get(&fund).unwrap_or(&0);
            match by {
                0 => {}
                1.. => self.post(issuance, Account::Fund(fund), by),
                _ => self.post(Account::Fund(fund), issuance, -by),
            }
        }
    }

    pub(super) fn take(&mut self, register: &Register, at: At, event: &Event) -> Result<(), Fault> {
        match event.body {
            Body::Credit(CreditEvent::Transferred { from, to, minutes, kind }) => {
                must(minutes > 0 && from != to, "a transfer of nothing, or to oneself")?;
                let known = |account| match account {
                    Account::Person(person) => register.knows(person),
                    Account::Fund(org) => register.orgs.contains_key(&org),
                    Account::Issuance | Account::Hold(_) => false,
                };
                must(known(from) && known(to), "nobody's account")?;
                let fits = match kind {
                    TransferKind::Gift => matches!((from, to), (Account::Person(_), Account::Person(_))),
                    TransferKind::Donation => matches!((from, to), (Account::Person(_), Account::Fund(_))),
                    TransferKind::Grant => matches!((from, to), (Account::Fund(_), Account::Person(_))),
                };
                must(fits, "not such a transfer")?;
                let to_self =
                    register.behind(at, event).into_iter().map(Account::Person).any(|own| own == to);
                must(kind != TransferKind::Grant || !to_self, "four eyes: a grant to oneself")?;
                let policy = register.credit(register.day(at.recorded_at));
                let most = policy.and_then(|policy| policy.transfer_limit).unwrap_or(u32::MAX);
                must(kind == TransferKind::Grant || minutes <= most, "more than a person may move at once")?;
                self.post(from, to, i64::from(minutes));
                self.check_limit(register, at, from)
            }
            Body::Credit(CreditEvent::Held { hold, from, to, minutes, until }) => {
                must(minutes > 0 && from != to && at.recorded_at < until, "a hold of nothing")?;
                must(register.knows(from) && register.knows(to), "nobody's account")?;
                let new = Hold { from, to, minutes, until, ended: None };
                must(self.holds.insert(hold, new).is_none(), "the hold exists")?;
                self.post(Account::Person(from), Account::Hold(hold), i64::from(minutes));
                self.check_limit(register, at, Account::Person(from))
            }
            Body::Credit(CreditEvent::Settled { hold, minutes }) => {
                let held = self.end(hold, minutes)?;
                must(minutes > 0 && minutes <= held.minutes, "more than was held")?;
                must(at.recorded_at < held.until, "the hold has run out")?;
                self.post(Account::Hold(hold), Account::Person(held.to), i64::from(minutes));
                if held.minutes > minutes {
                    let back = i64::from(held.minutes - minutes);
                    self.post(Account::Hold(hold), Account::Person(held.from), back);
                }
                Ok(())
            }
            Body::Credit(CreditEvent::Voided { hold }) => {
                let held = self.end(hold, 0)?;
                let early = at.recorded_at < held.until;
                must(!early || Some(event.actor) != register.ledger, "the ledger voided early")?;
                self.post(Account::Hold(hold), Account::Person(held.from), i64::from(held.minutes));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn end(&mut self, hold: HoldId, went_over: u32) -> Result<Hold, Fault> {
        let held = self.holds.get_mut(&hold).ok_or("no such hold")?;
        must(held.ended.is_none(), "the hold is over")?;
        held.ended = Some(went_over);
        Ok(*held)
    }

    /// Nobody spends below the overdraft; funds have none.
    fn check_limit(&self, register: &Register, at: At, from: Account) -> Result<(), Fault> {
        let today = register.day(at.recorded_at);
        let overdraft = match from {
            Account::Person(_) => register.credit(today).map_or(0, |policy| i64::from(policy.overdraft)),
            _ => 0,
        };
        must(self.balance(from) >= -overdraft, "spent more than there was")
    }
}
