//! Credit: balances, statements and holds. Every posting has two sides; all accounts sum to zero after every event.

use hourbook_ledger::domain::Effect;
use hourbook_ledger::domain::event::{Account, Body, BodyKind, CreditEvent};
use hourbook_ledger::domain::ids::{HoldId, PersonId};
use hourbook_ledger::domain::time::Millis;
use hourbook_ledger::follower::LoggedEvent;
use hourbook_ledger::store::lazy::{LazyMap, LazyVec};
use hourbook_ledger::{save_fields, save_plain};
use smallvec::SmallVec;

use crate::intern::Interned;
use crate::room::{make_room, partition_point};

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

/// An event that posted something; what all its postings have in common.
#[derive(Clone, Copy, Debug, serde::Serialize, serde::Deserialize)]
struct Cause {
    position: u64,
    at: Millis,
    kind: BodyKind,
}

/// One side of a posting as it is kept, in twelve bytes. The balance after it is a sum, and is not kept.
#[derive(Clone, Copy, Debug, serde::Serialize, serde::Deserialize)]
struct Side {
    /// Number of the cause.
    cause: u32,
    /// Number of the other account, and whether minutes were gained from it.
    counter: u32,
    minutes: u32,
}

/// Set in [`Side::counter`] where minutes were gained.
const GAINED: u32 = 1 << 31;

impl Side {
    fn minutes(self) -> i64 {
        let minutes = i64::from(self.minutes);
        if self.counter & GAINED == 0 { -minutes } else { minutes }
    }
}

#[derive(Clone, Default, Debug, serde::Serialize, serde::Deserialize)]
struct Book {
    balance: i64,
    /// By cause, ascending.
    sides: Vec<Side>,
}

/// All postings of an account from both ends, in log order.
#[derive(Clone, Debug)]
pub struct Statement<'a> {
    accounts: &'a Accounts,
    sides: std::slice::Iter<'a, Side>,
    /// The balances before the first and after the last of them.
    before: i64,
    after: i64,
}

impl Statement<'_> {
    fn posting(&self, side: Side, balance: i64) -> Posting {
        let Cause { position, at, kind } = self.accounts.causes[side.cause as usize];
        let counter = self.accounts.accounts.id(side.counter & !GAINED);
        Posting { position, at, counter, minutes: side.minutes(), cause: kind, balance }
    }
}

impl Iterator for Statement<'_> {
    type Item = Posting;

    fn next(&mut self) -> Option<Posting> {
        let side = *self.sides.next()?;
        self.before += side.minutes();
        Some(self.posting(side, self.before))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.sides.size_hint()
    }
}

impl DoubleEndedIterator for Statement<'_> {
    fn next_back(&mut self) -> Option<Posting> {
        let side = *self.sides.next_back()?;
        let posting = self.posting(side, self.after);
        self.after -= side.minutes();
        Some(posting)
    }
}

impl ExactSizeIterator for Statement<'_> {}

/// All accounts.
#[derive(Debug)]
pub struct Accounts {
    sums: Sums,
    accounts: Interned<Account>,
    /// By the account's number.
    books: LazyVec<Book>,
    /// By position, ascending.
    causes: LazyVec<Cause>,
    /// What each person set aside, in order. A hold that has ended has nothing left.
    holds_of: LazyMap<PersonId, Vec<HoldId>>,
}

#[derive(Clone, Copy, Default, Debug, serde::Serialize, serde::Deserialize)]
struct Sums {
    /// Of the issuance account, which is the first, only the balance is kept: each of its postings is found with its
    /// other side.
    issuance: i64,
    all: i64,
    volume: u64,
}

save_plain!(Sums);
save_fields!(Accounts { sums, accounts, books, causes, holds_of });

const ISSUANCE: u32 = 0;

impl Default for Accounts {
    fn default() -> Self {
        let mut accounts = Interned::default();
        accounts.number(Account::Issuance);
        let mut books = LazyVec::default();
        books.push(Book::default());
        Self {
            sums: Sums::default(),
            accounts,
            books,
            causes: LazyVec::default(),
            holds_of: LazyMap::default(),
        }
    }
}

impl Accounts {
    /// Takes one more event.
    ///
    /// # Panics
    /// If the books do not sum to zero afterwards, which no event may bring about.
    pub fn fold(&mut self, c: &LoggedEvent) {
        // All numbers first: accounts lie anywhere in memory, and asked for one right after the other they are waited for
        // together.
        let mut posted: SmallVec<[(u32, u32, u32); 16]> = SmallVec::new();
        for effect in &c.effects {
            if let Effect::Posted { from, to, minutes } = effect {
                posted.push((self.number(*from), self.number(*to), *minutes));
            }
        }
        let cause = if posted.is_empty() { 0 } else { self.cause(c) };
        for (from, to, minutes) in posted {
            self.post(from, Side { cause, counter: to, minutes });
            self.post(to, Side { cause, counter: from | GAINED, minutes });
            self.sums.volume += 2 * u64::from(minutes);
        }
        assert_eq!(self.sums.all, 0, "the books do not balance after position {}", c.position);
        if let Body::Credit(CreditEvent::Held { hold, from, .. }) = &c.event.body {
            self.holds_of.or_insert_with(*from, Vec::new).push(*hold);
        }
    }

    fn cause(&mut self, c: &LoggedEvent) -> u32 {
        let number = u32::try_from(self.causes.len()).expect("fewer than 2^32 events post anything");
        self.causes.push(Cause { position: c.position, at: c.recorded_at, kind: c.event.body.kind() });
        number
    }

    fn number(&mut self, account: Account) -> u32 {
        if account == Account::Issuance {
            return ISSUANCE;
        }
        let number = self.accounts.number(account);
        assert!(number < GAINED, "fewer than 2^31 accounts");
        if number as usize == self.books.len() {
            self.books.push(Book::default());
        }
        number
    }

    fn post(&mut self, account: u32, side: Side) {
        let minutes = side.minutes();
        if account == ISSUANCE {
            self.sums.issuance += minutes;
            self.sums.all += minutes;
            return;
        }
        let book = &mut self.books[account as usize];
        let before = book.balance;
        book.balance += minutes;
        // What the balance really changed by, so that the sum would show a posting that went wrong.
        self.sums.all += book.balance - before;
        make_room(&mut book.sides);
        book.sides.push(side);
    }

    /// The balance in minutes; zero for an account that nothing was ever posted to.
    #[must_use]
    pub fn balance(&self, account: Account) -> i64 {
        match account {
            Account::Issuance => self.sums.issuance,
            _ => self.book(account).map_or(0, |book| book.balance),
        }
    }

    fn book(&self, account: Account) -> Option<&Book> {
        self.accounts.find(account).map(|number| &self.books[number as usize])
    }

    /// All postings of an account, in log order. Empty for the issuance account, whose other sides are all elsewhere.
    #[must_use]
    pub fn statement(&self, account: Account) -> Statement<'_> {
        let (sides, after) = self.book(account).map_or((&[][..], 0), |book| (&book.sides, book.balance));
        Statement { accounts: self, sides: sides.iter(), before: 0, after }
    }

    /// What the event at a position posted to a person in all, in minutes; negative if it was taken.
    pub(crate) fn posted(&self, person: PersonId, position: u64) -> i64 {
        let cause = partition_point(&self.causes, 0..self.causes.len(), |cause| cause.position < position);
        if self.causes.get(cause).is_none_or(|found| found.position != position) {
            return 0;
        }
        let sides = self.book(Account::Person(person)).map_or(&[][..], |book| &book.sides);
        let first = sides.partition_point(|side| (side.cause as usize) < cause);
        let own = sides[first..].iter().take_while(|side| side.cause as usize == cause);
        own.map(|side| side.minutes()).sum()
    }

    /// Minutes of a person's credit that are set aside at present.
    #[must_use]
    pub fn held(&self, person: PersonId) -> i64 {
        let holds = self.holds_of.get(&person).map_or(&[][..], Vec::as_slice);
        holds.iter().map(|hold| self.balance(Account::Hold(*hold))).sum()
    }

    /// The sum of both sides of all postings, without signs, in minutes.
    #[must_use]
    pub fn volume(&self) -> u64 {
        self.sums.volume
    }

    /// The sum of all balances, added up anew. Always zero.
    #[must_use]
    pub fn sum(&self) -> i64 {
        self.sums.issuance + self.books.iter().map(|book| book.balance).sum::<i64>()
    }
}
