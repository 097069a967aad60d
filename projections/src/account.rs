//! Credit: balances, statements and holds. Every posting has two sides; all accounts sum to zero after every event.

use hourbook_ledger::committed::Committed;
use hourbook_ledger::domain::Effect;
use hourbook_ledger::domain::event::{Account, Body, BodyKind};
use hourbook_ledger::domain::ids::{HoldId, PersonId};
use hourbook_ledger::domain::time::Millis;
use rustc_hash::FxHashMap;

use crate::canonical::{Canonical, Sink, fields};

/// One side of a posting, as its account sees it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Posting {
    /// Position of the event that caused it.
    pub position: u64,
    /// When that was recorded.
    pub at: Millis,
    /// The other side.
    pub counter: Account,
    /// Minutes gained, or lost if negative.
    pub minutes: i64,
    /// What kind of event caused it.
    pub cause: BodyKind,
    /// The balance after it, in minutes.
    pub balance: i64,
}

fields!(Posting { position, at, counter, minutes, cause, balance });

#[derive(Clone, Default, Debug, serde::Serialize, serde::Deserialize)]
struct Book {
    balance: i64,
    postings: Vec<Posting>,
}

fields!(Book { balance, postings });

/// How a hold ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub enum HoldState {
    /// Still set aside.
    Open,
    /// So many minutes went over, the rest went back.
    Settled(u32),
    /// All went back.
    Voided,
}

impl Canonical for HoldState {
    fn write(&self, out: &mut dyn Sink) {
        match self {
            Self::Open => 0u8.write(out),
            Self::Settled(minutes) => (1u8, *minutes).write(out),
            Self::Voided => 2u8.write(out),
        }
    }
}

/// Credit set aside for a service.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Hold {
    /// Its id.
    pub id: HoldId,
    /// Who set it aside.
    pub from: PersonId,
    /// Who is to render the service.
    pub to: PersonId,
    /// How much, in minutes.
    pub minutes: u32,
    /// When it runs out.
    pub until: Millis,
    /// Position of the event that set it aside.
    pub position: u64,
    /// How it ended.
    pub state: HoldState,
    /// Position of the event that ended it.
    pub ended: Option<u64>,
}

fields!(Hold { id, from, to, minutes, until, position, state, ended });

/// All accounts.
#[derive(Default, Debug, serde::Serialize, serde::Deserialize)]
pub struct Accounts {
    /// Of the issuance account only the balance is kept: each of its postings is found with its other side.
    issuance: i64,
    #[serde(with = "crate::saved")]
    books: FxHashMap<Account, Book>,
    #[serde(with = "crate::saved")]
    holds: FxHashMap<HoldId, Hold>,
    #[serde(with = "crate::saved")]
    holds_of: FxHashMap<PersonId, Vec<HoldId>>,
    sum: i64,
    volume: u64,
}

impl Accounts {
    /// Takes one more event.
    ///
    /// # Panics
    /// If the books do not sum to zero afterwards, which no event may bring about.
    pub fn fold(&mut self, c: &Committed) {
        for effect in &c.effects {
            if let Effect::Posted { from, to, minutes } = effect {
                let minutes = i64::from(*minutes);
                self.post(c, *from, *to, -minutes);
                self.post(c, *to, *from, minutes);
                self.volume += 2 * minutes.unsigned_abs();
            }
        }
        assert_eq!(self.sum, 0, "the books do not balance after position {}", c.position);
        match &c.event.body {
            Body::CreditHeld { hold, from, to, minutes, until } => {
                let new = Hold {
                    id: *hold,
                    from: *from,
                    to: *to,
                    minutes: *minutes,
                    until: *until,
                    position: c.position,
                    state: HoldState::Open,
                    ended: None,
                };
                self.holds.insert(*hold, new);
                [*from, *to].into_iter().for_each(|p| self.holds_of.entry(p).or_default().push(*hold));
            }
            Body::CreditSettled { hold, minutes } => self.end(*hold, HoldState::Settled(*minutes), c),
            Body::CreditVoided { hold } => self.end(*hold, HoldState::Voided, c),
            _ => {}
        }
    }

    fn post(&mut self, c: &Committed, account: Account, counter: Account, minutes: i64) {
        if account == Account::Issuance {
            self.issuance += minutes;
            self.sum += minutes;
            return;
        }
        let book = self.books.entry(account).or_default();
        let before = book.balance;
        book.balance += minutes;
        // What the balance really changed by, so that the sum would show a posting that went wrong.
        self.sum += book.balance - before;
        book.postings.push(Posting {
            position: c.position,
            at: c.recorded_at,
            counter,
            minutes,
            cause: c.event.body.kind(),
            balance: book.balance,
        });
    }

    fn end(&mut self, hold: HoldId, state: HoldState, c: &Committed) {
        if let Some(hold) = self.holds.get_mut(&hold) {
            (hold.state, hold.ended) = (state, Some(c.position));
        }
    }

    /// The balance in minutes; zero for an account that nothing was ever posted to.
    #[must_use]
    pub fn balance(&self, account: Account) -> i64 {
        match account {
            Account::Issuance => self.issuance,
            _ => self.books.get(&account).map_or(0, |book| book.balance),
        }
    }

    /// All postings of an account, in log order. Empty for the issuance account, whose other sides are all elsewhere.
    #[must_use]
    pub fn statement(&self, account: Account) -> &[Posting] {
        self.books.get(&account).map_or(&[], |book| &book.postings)
    }

    /// A hold.
    #[must_use]
    pub fn hold(&self, hold: HoldId) -> Option<&Hold> {
        self.holds.get(&hold)
    }

    /// The holds that a person made or is to earn, in order.
    #[must_use]
    pub fn holds_of(&self, person: PersonId) -> Vec<&Hold> {
        let ids = self.holds_of.get(&person).map_or(&[][..], Vec::as_slice);
        ids.iter().filter_map(|id| self.holds.get(id)).collect()
    }

    /// Minutes of a person's credit that are set aside at present.
    #[must_use]
    pub fn held(&self, person: PersonId) -> i64 {
        let open =
            self.holds_of(person).into_iter().filter(|h| h.from == person && h.state == HoldState::Open);
        open.map(|h| self.balance(Account::Hold(h.id))).sum()
    }

    /// The sum of both sides of all postings, without signs, in minutes.
    #[must_use]
    pub fn volume(&self) -> u64 {
        self.volume
    }

    /// The sum of all balances, added up anew. Always zero.
    #[must_use]
    pub fn sum(&self) -> i64 {
        self.issuance + self.books.values().map(|book| book.balance).sum::<i64>()
    }

    /// Credit in being: what the issuance account owes, in minutes.
    #[must_use]
    pub fn in_being(&self) -> i64 {
        -self.balance(Account::Issuance)
    }
}

impl Canonical for Accounts {
    fn write(&self, out: &mut dyn Sink) {
        self.issuance.write(out);
        self.books.write(out);
        self.holds.write(out);
        self.volume.write(out);
    }
}
