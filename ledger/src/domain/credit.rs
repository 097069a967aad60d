//! Credit: spendable minutes, kept in double entry.
//!
//! [`post`] is the only way in which credit moves, always out of one account and into another, so that all accounts
//! sum to zero at every position. Earned credit comes out of [`Account::Issuance`]; spending never touches the service
//! record, and taking earned credit back after it was spent leaves a debt that everybody can see.

use super::concern::{Concern, Reach};
use super::context::{Context, Header};
use super::effect::{Effect, Effects};
use super::hands::Behind;
use super::ids::{HoldId, PersonId};
use super::register::Register;
use super::rejection::{Code, Verdict, ensure, fits};
use super::time::Millis;
use super::unique::{self, Names};
use super::vocabulary::{Account, TransferKind};
use crate::store::agenda::Agenda;
use crate::store::table::{Table, tables};
use hourbook_derive::Aggregate;

/// What can be asserted of credit.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize, Aggregate)]
#[aggregate(stream(Hold, hold))]
#[allow(missing_docs)] // fields are named after their types
pub enum CreditEvent {
    /// Credit moves between accounts.
    #[event(1, by(SubjectInPerson, steward, worker), stream(Account, from))]
    #[safe = "Cannot be taken back: at once by an own key, after the term by a code; out of a fund with a second person, never to the payer."]
    Transferred { from: Account, to: Account, minutes: u32, kind: TransferKind },
    /// Credit is set aside for a service by `to`.
    #[event(2, by(SubjectInPerson))]
    #[safe = "Undone by voiding; without settling it goes back when it runs out."]
    Held { hold: HoldId, from: PersonId, to: PersonId, minutes: u32, until: Millis },
    /// The service was rendered: so many minutes go over, the rest goes back.
    #[event(3, by(SubjectInPerson))]
    #[safe = "Cannot be taken back: at once by an own key, after the term by a code."]
    Settled { hold: HoldId, minutes: u32 },
    /// The hold is over without service: all goes back. Asserted by the ledger when it has run out.
    #[event(4, by(SubjectInPerson, Ledger))]
    #[safe = "Credit goes back to whom it came from."]
    Voided { hold: HoldId },
}

/// Longest time for which credit may be set aside, in days.
pub const HOLD_DAYS: u32 = 90;

/// Credit set aside for a service.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Hold {
    /// Who set it aside, and gets back what is not used.
    pub from: PersonId,
    /// Who is to render the service.
    pub to: PersonId,
    /// How much, in minutes.
    pub minutes: u32,
    /// It has run out from this moment on.
    pub until: Millis,
    /// What became of it.
    pub state: HoldState,
}

/// What became of a hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub enum HoldState {
    /// Nothing yet.
    Open,
    /// So many minutes went over.
    Settled(u32),
    /// All went back.
    Void,
}

/// What was posted in all.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
struct Totals {
    /// The sum of all balances, carried along from posting to posting.
    sum: i64,
    /// Minutes moved.
    volume: u64,
}

/// All accounts and holds.
#[derive(Default, Debug, Clone, PartialEq)]
pub struct Credit {
    balances: Table<18, Account, i64>,
    totals: Table<19, (), Totals>,
    holds: Table<20, HoldId, Hold>,
    running_out: Agenda<21, Millis, HoldId>,
}

tables!(Credit { balances, totals, holds, running_out });

impl Credit {
    /// The balance of an account in minutes; zero for one that nothing was ever posted to.
    #[must_use]
    pub fn balance(&self, account: Account) -> i64 {
        self.balances.get(&account).copied().unwrap_or(0)
    }

    /// Every account with a balance other than zero, in no order that anything may depend on.
    pub fn balances(&self) -> impl Iterator<Item = (Account, i64)> {
        self.balances.iter().map(|(account, balance)| (*account, *balance))
    }

    /// Minutes moved by all postings so far.
    #[must_use]
    pub fn volume(&self) -> u64 {
        self.totals.get(&()).map_or(0, |t| t.volume)
    }

    /// The hold.
    #[must_use]
    pub fn hold(&self, hold: HoldId) -> Option<&Hold> {
        self.holds.get(&hold)
    }

    /// Who set the credit aside.
    #[must_use]
    pub fn holder(&self, hold: HoldId) -> Option<PersonId> {
        self.hold(hold).map(|h| h.from)
    }

    /// The next moment at which a hold runs out.
    #[must_use]
    pub fn next_due(&self) -> Option<Millis> {
        self.running_out.next()
    }

    fn shift(&mut self, account: Account, by: i64) -> i64 {
        let balance = self.balances.or_default(account);
        let old = *balance;
        *balance = old.checked_add(by).expect("all minutes ever posted fit into 63 bits");
        let shifted = *balance - old;
        if *balance == 0 {
            self.balances.remove(&account);
        }
        shifted
    }
}

/// Moves minutes from one account into another. Moving none does nothing and is not told.
///
/// # Panics
/// If both sides are one account, or the books would no longer sum to zero: the writer must stop rather than go on.
pub(super) fn post<E>(
    credit: &mut Credit,
    effects: &mut Effects<E>,
    from: Account,
    to: Account,
    minutes: u32,
) {
    if minutes == 0 {
        return;
    }
    assert!(from != to, "a posting has two sides");
    let lost = credit.shift(from, -i64::from(minutes));
    let gained = credit.shift(to, i64::from(minutes));
    let totals = credit.totals.or_default(());
    totals.sum += lost + gained;
    totals.volume += u64::from(minutes);
    assert!(totals.sum == 0, "the books are out of balance by {} minutes", totals.sum);
    effects.push(Effect::Posted { from, to, minutes });
}

/// The holds that have run out at `now`, earliest first; each voided by the ledger.
pub(super) fn due(credit: &Credit, now: Millis, limit: usize) -> Vec<CreditEvent> {
    let over = credit.running_out.due(now).take(limit);
    over.map(|hold| CreditEvent::Voided { hold }).collect()
}

/// Whom and what each concerns.
pub(super) fn concern(credit: &Credit, actor: PersonId, body: &CreditEvent) -> Concern {
    match *body {
        CreditEvent::Transferred { from, .. } => match from {
            Account::Person(person) => Concern::of(person, Reach::Person),
            Account::Fund(org) => Concern::nobody(Reach::Orgs(vec![org])),
            Account::Issuance | Account::Hold(_) => Concern::nobody(Reach::Ledger),
        },
        CreditEvent::Held { from, .. } => Concern::of(from, Reach::Person),
        CreditEvent::Settled { hold, .. } | CreditEvent::Voided { hold } => {
            Concern::of(credit.holder(hold).unwrap_or(actor), Reach::Person)
        }
    }
}

pub(super) fn decide(
    credit: &Credit,
    facts: &Register<'_>,
    names: &dyn Names,
    (cx, header): (&Context, &Header),
    body: &CreditEvent,
) -> Verdict {
    match *body {
        CreditEvent::Transferred { from, to, minutes, kind } => {
            decide_transfer(credit, facts, (cx, header), (from, to), minutes, kind)
        }
        CreditEvent::Held { hold, from, to, minutes, until } => {
            let latest = cx.recorded_at.plus_days(HOLD_DAYS);
            moves(minutes, from != to)?;
            let in_time = cx.recorded_at < until && until <= latest;
            fits(in_time, format_args!("until: later than now, and at most {HOLD_DAYS} days ahead"))?;
            unique::check(names, hold.0)?;
            check_known(facts, [from, to])?;
            check_enough(credit, facts, cx, Account::Person(from), minutes)
        }
        CreditEvent::Settled { hold, minutes } => {
            moves(minutes, true)?;
            let held = credit.hold(hold).ok_or(Code::UnknownHold)?;
            fits(minutes <= held.minutes, format_args!("minutes: at most {}, which are held", held.minutes))?;
            ensure(held.state == HoldState::Open && cx.recorded_at < held.until, Code::HoldState)
        }
        CreditEvent::Voided { hold } => {
            let held = credit.hold(hold).ok_or(Code::UnknownHold)?;
            ensure(held.state == HoldState::Open, Code::HoldState)?;
            let by_ledger =
                facts.founded.is_some_and(|founded| founded.founding.ledger_person == header.actor);
            ensure(!by_ledger || held.until <= cx.recorded_at, Code::NotDue)
        }
    }
}

/// Something goes somewhere else.
fn moves(minutes: u32, elsewhere: bool) -> Verdict {
    fits(minutes > 0, format_args!("minutes: 1 or more"))?;
    fits(elsewhere, format_args!("to: somebody else"))
}

fn decide_transfer(
    credit: &Credit,
    facts: &Register<'_>,
    (cx, header): (&Context, &Header),
    (from, to): (Account, Account),
    minutes: u32,
    kind: TransferKind,
) -> Verdict {
    moves(minutes, from != to)?;
    match (kind, from, to) {
        (TransferKind::Gift, Account::Person(from), Account::Person(to)) => check_known(facts, [from, to])?,
        (TransferKind::Donation, Account::Person(from), Account::Fund(org)) => {
            ensure(facts.orgs.contains(org), Code::UnknownOrg)?;
            check_known(facts, [from])?;
        }
        (TransferKind::Grant, Account::Fund(org), Account::Person(to)) => {
            ensure(facts.orgs.contains(org), Code::UnknownOrg)?;
            check_known(facts, [to])?;
            // Nobody hands a fund's credit to themselves.
            Behind::of(facts.keys, cx, header).check_concerns_another(to)?;
        }
        _ => {
            return Err(
                Code::OutOfRange.because("from, to: none of gift, donation and grant goes between these")
            );
        }
    }
    check_limit(facts, cx, from, minutes)?;
    check_enough(credit, facts, cx, from, minutes)
}

fn check_known<const N: usize>(facts: &Register<'_>, people: [PersonId; N]) -> Verdict {
    ensure(people.iter().all(|person| facts.knows(*person)), Code::UnknownPerson)
}

/// A person moves at most so much at once as the policy in force today says; what a fund hands out, two persons answer for.
fn check_limit(facts: &Register<'_>, cx: &Context, from: Account, minutes: u32) -> Verdict {
    let Account::Person(_) = from else { return Ok(()) };
    let limit = facts.policies.credit(facts.today(cx)).and_then(|policy| policy.transfer_limit);
    match limit.filter(|limit| minutes > *limit) {
        Some(limit) => Err(Code::AboveTransferLimit.because(format_args!("at most {limit} minutes"))),
        None => Ok(()),
    }
}

/// Persons may go below zero by the overdraft of the policy in force today; funds not at all.
fn check_enough(credit: &Credit, facts: &Register<'_>, cx: &Context, from: Account, minutes: u32) -> Verdict {
    let overdraft = match from {
        Account::Person(_) => facts.policies.credit(facts.today(cx)).map_or(0, |p| p.overdraft),
        Account::Fund(_) | Account::Hold(_) | Account::Issuance => 0,
    };
    let left = credit.balance(from) - i64::from(minutes);
    ensure(left >= -i64::from(overdraft), Code::NotEnoughCredit)
}

pub(super) fn evolve<E>(credit: &mut Credit, body: &CreditEvent, effects: &mut Effects<E>) {
    match *body {
        CreditEvent::Transferred { from, to, minutes, .. } => post(credit, effects, from, to, minutes),
        CreditEvent::Held { hold, from, to, minutes, until } => {
            let held = Hold { from, to, minutes, until, state: HoldState::Open };
            credit.holds.insert(hold, held);
            credit.running_out.add(until, hold);
            post(credit, effects, Account::Person(from), Account::Hold(hold), minutes);
        }
        CreditEvent::Settled { hold, minutes } => {
            let Some(held) = end(credit, hold, HoldState::Settled(minutes)) else { return };
            post(credit, effects, Account::Hold(hold), Account::Person(held.to), minutes);
            post(credit, effects, Account::Hold(hold), Account::Person(held.from), held.minutes - minutes);
        }
        CreditEvent::Voided { hold } => {
            let Some(held) = end(credit, hold, HoldState::Void) else { return };
            post(credit, effects, Account::Hold(hold), Account::Person(held.from), held.minutes);
        }
    }
}

fn end(credit: &mut Credit, hold: HoldId, how: HoldState) -> Option<Hold> {
    let held = credit.holds.get_mut(&hold)?;
    held.state = how;
    let held = *held;
    credit.running_out.remove(held.until, hold);
    Some(held)
}

#[cfg(test)]
mod tests;
