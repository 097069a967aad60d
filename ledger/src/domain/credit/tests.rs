//! Given/when/then for credit, and the books against a naive model.

use super::super::event::{CreditEvent, MemberEvent, PolicyEvent};
use super::*;
use crate::domain::Body;
use crate::domain::event::{Role, Scope};
use crate::domain::ids::OrgId;
use crate::domain::policy::{CreditPolicy, Policy};
use crate::domain::testing::*;
use crate::domain::timer;
use crate::domain::{Effect, Rejection};
use crate::store::table::Transaction;
use proptest::prelude::*;
use rstest::rstest;
use std::collections::BTreeMap;

const HOLD: HoldId = HoldId([70; 16]);
const PA: Account = Account::Person(ANN);
const PB: Account = Account::Person(BO);
const FUND: Account = Account::Fund(COMMUNITY);

const SECOND_FAR_WORKER: PersonId = PersonId([71; 16]);

/// A town in which Ann has 100 minutes and the community's fund 50.
fn town() -> Town {
    let mut town = Town::new();
    town.register(SECOND_FAR_WORKER, OTHER_COMMUNITY);
    let (person, scope) = (SECOND_FAR_WORKER, Scope::Org(OTHER_COMMUNITY));
    town.must(FOUNDER, grants(person, Role::Worker, scope));
    let mut effects = Vec::<Effect>::new();
    post(&mut town.state.credit, &mut effects, Account::Issuance, PA, 100);
    post(&mut town.state.credit, &mut effects, Account::Issuance, FUND, 50);
    town
}

fn balances(town: &Town) -> [i64; 4] {
    [PA, PB, FUND, Account::Hold(HOLD)].map(|account| town.state.credit.balance(account))
}

fn transfer(kind: TransferKind, from: Account, to: Account, minutes: u32) -> Body {
    Body::Credit(CreditEvent::Transferred { from, to, minutes, kind })
}

fn held(town: &Town, minutes: u32, days: u32) -> Body {
    Body::Credit(CreditEvent::Held {
        hold: HOLD,
        from: ANN,
        to: BO,
        minutes,
        until: town.now.plus_days(days),
    })
}

fn settle(minutes: u32) -> Body {
    Body::Credit(CreditEvent::Settled { hold: HOLD, minutes })
}

const VOID: Body = Body::Credit(CreditEvent::Voided { hold: HOLD });

fn code(result: Outcome) -> Code {
    result.map_err(|r| r.code).expect_err("the event is refused")
}

#[test]
fn a_gift_a_donation_and_a_grant_move_credit_and_keep_the_sum() {
    let mut town = town();
    let effects = town.must(ANN, transfer(TransferKind::Gift, PA, PB, 30));
    assert_eq!(effects, [Effect::Posted { from: PA, to: PB, minutes: 30 }]);
    town.must(BO, transfer(TransferKind::Donation, PB, FUND, 10));
    town.approved(WORKER, transfer(TransferKind::Grant, FUND, Account::Person(RESIDENT), 60), SECOND_WORKER);
    assert_eq!(balances(&town), [70, 20, 0, 0]);
    let credit = &town.state.credit;
    assert_eq!(credit.balance(Account::Person(RESIDENT)), 60);
    assert_eq!(credit.balance(Account::Issuance), -150);
    assert_eq!(credit.balances().map(|(_, balance)| balance).sum::<i64>(), 0);
    assert_eq!(credit.volume(), 250);
}

#[rstest]
#[case::nothing(transfer(TransferKind::Gift, PA, PB, 0), Code::OutOfRange)]
#[case::to_oneself(transfer(TransferKind::Gift, PA, PA, 10), Code::OutOfRange)]
#[case::gift_to_a_fund(transfer(TransferKind::Gift, PA, FUND, 10), Code::OutOfRange)]
#[case::donation_to_a_person(transfer(TransferKind::Donation, PA, PB, 10), Code::OutOfRange)]
#[case::into_a_hold(transfer(TransferKind::Gift, PA, Account::Hold(HOLD), 10), Code::OutOfRange)]
#[case::back_to_issuance(transfer(TransferKind::Donation, PA, Account::Issuance, 10), Code::OutOfRange)]
#[case::a_grant_of_ones_own(transfer(TransferKind::Grant, PA, PB, 10), Code::OutOfRange)]
#[case::to_a_stranger(
    transfer(TransferKind::Gift, PA, Account::Person(PersonId([77; 16])), 10),
    Code::UnknownPerson
)]
#[case::to_no_fund(transfer(TransferKind::Donation, PA, Account::Fund(OrgId([77; 16])), 10), Code::UnknownOrg)]
#[case::too_much(transfer(TransferKind::Gift, PA, PB, 101), Code::NotEnoughCredit)]
#[case::far_too_much(transfer(TransferKind::Donation, PA, FUND, u32::MAX), Code::NotEnoughCredit)]
#[case::of_anothers_account(transfer(TransferKind::Gift, PB, PA, 10), Code::NotAuthorised)]
#[case::of_a_fund(transfer(TransferKind::Grant, FUND, PB, 10), Code::NotAuthorised)]
fn a_transfer_by_ann_is_refused(#[case] body: Body, #[case] expected: Code) {
    let mut town = town();
    assert_eq!(code(town.attempt(ANN, body)), expected);
    assert_eq!(balances(&town), [100, 0, 50, 0]);
}

#[rstest]
#[case::more_than_the_fund_has(transfer(TransferKind::Grant, FUND, PB, 51), Code::NotEnoughCredit)]
#[case::to_themselves(transfer(TransferKind::Grant, FUND, Account::Person(WORKER), 10), Code::FourEyes)]
#[case::to_a_stranger(
    transfer(TransferKind::Grant, FUND, Account::Person(PersonId([77; 16])), 10),
    Code::UnknownPerson
)]
#[case::from_another_fund(
    transfer(TransferKind::Grant, Account::Fund(OTHER_COMMUNITY), PB, 1),
    Code::NotAuthorised
)]
#[case::a_persons_credit(transfer(TransferKind::Donation, PA, FUND, 10), Code::NotAuthorised)]
fn a_transfer_by_the_worker_is_refused(#[case] body: Body, #[case] expected: Code) {
    let mut town = town();
    assert_eq!(code(town.attempt(WORKER, body)), expected);
    assert_eq!(balances(&town), [100, 0, 50, 0]);
}

#[test]
fn staff_cannot_spend_for_a_person() {
    let mut town = town();
    let gift = transfer(TransferKind::Gift, PA, PB, 10);
    assert_eq!(code(town.proxy(WORKER, ANN, gift)), Code::NotAuthorised);
    let hold = held(&town, 10, 1);
    assert_eq!(code(town.proxy(WORKER, ANN, hold)), Code::NotAuthorised);
}

#[test]
fn the_overdraft_of_the_day_is_the_limit_for_persons_and_not_for_funds() {
    let mut town = town();
    let policy = CreditPolicy { overdraft: 20, ..CreditPolicy::PLAIN };
    let from = town.today().plus(1);
    town.must(FOUNDER, Body::policy_adopted(from, Policy::Credit(policy)));
    let gift = |minutes| transfer(TransferKind::Gift, PA, PB, minutes);
    assert_eq!(code(town.attempt(ANN, gift(120))), Code::NotEnoughCredit, "not before it holds");
    town.wait_days(1);
    assert_eq!(code(town.attempt(ANN, gift(121))), Code::NotEnoughCredit);
    town.must(ANN, gift(120));
    assert_eq!(town.state.credit.balance(PA), -20);
    assert_eq!(
        code(town.attempt(WORKER, transfer(TransferKind::Grant, FUND, PB, 51))),
        Code::NotEnoughCredit
    );
}

#[test]
fn a_person_transfers_at_most_so_much_at_once_as_the_policy_of_the_day_says() {
    let mut town = town();
    let limit = |town: &mut Town, transfer_limit| {
        let policy = town.state.policies.credit(town.today()).expect("the town has one");
        let (scope, from) = (Scope::Ledger, town.today().plus(1));
        let policy = Policy::Credit(CreditPolicy { transfer_limit, ..policy });
        town.must(FOUNDER, Body::Policy(PolicyEvent::Adopted { scope, from, policy }));
    };
    limit(&mut town, Some(30));
    let gift = |minutes| transfer(TransferKind::Gift, PA, PB, minutes);
    let donation = |minutes| transfer(TransferKind::Donation, PA, FUND, minutes);
    town.must(ANN, gift(31));
    town.wait_days(1);
    let refused = town.attempt(ANN, gift(31)).expect_err("it holds now");
    assert_eq!(
        (refused.code, refused.detail.as_deref()),
        (Code::AboveTransferLimit, Some("at most 30 minutes"))
    );
    assert_eq!(code(town.attempt(ANN, donation(31))), Code::AboveTransferLimit);
    assert_eq!(code(town.attempt(ANN, gift(u32::MAX))), Code::AboveTransferLimit, "also of what one has not");
    town.must(ANN, gift(30));
    let grant = town.attempt(WORKER, transfer(TransferKind::Grant, FUND, PB, 40));
    assert!(
        !matches!(grant, Err(Rejection { code: Code::AboveTransferLimit, .. })),
        "of persons alone: {grant:?}"
    );
    let hold = held(&town, 31, 1);
    town.must(ANN, hold);
    limit(&mut town, Some(0));
    town.wait_days(1);
    assert_eq!(code(town.attempt(ANN, gift(1))), Code::AboveTransferLimit, "nothing at all");
}

#[test]
fn a_hold_is_settled_in_part_and_the_rest_goes_back() {
    let mut town = town();
    let body = held(&town, 60, 90);
    town.must(ANN, body);
    assert_eq!(balances(&town), [40, 0, 50, 60]);
    assert_eq!(town.state.credit.holder(HOLD), Some(ANN));
    let effects = town.must(ANN, settle(45));
    let from = Account::Hold(HOLD);
    let expected = [(PB, 45), (PA, 15)].map(|(to, minutes)| Effect::Posted { from, to, minutes });
    assert_eq!(effects, expected);
    assert_eq!(balances(&town), [55, 45, 50, 0]);
    assert_eq!(town.state.credit.hold(HOLD).map(|h| h.state), Some(HoldState::Settled(45)));
    assert_eq!(town.state.credit.next_due(), None);
    for body in [settle(1), VOID] {
        assert_eq!(code(town.attempt(ANN, body)), Code::HoldState);
    }
}

#[test]
fn a_hold_settled_in_full_leaves_nothing_to_give_back() {
    let mut town = town();
    let body = held(&town, 60, 1);
    town.must(ANN, body);
    let posted = [Effect::Posted { from: Account::Hold(HOLD), to: PB, minutes: 60 }];
    assert_eq!(town.must(ANN, settle(60)), posted);
}

#[test]
fn a_hold_is_voided_by_its_holder_at_any_time() {
    let mut town = town();
    let body = held(&town, 60, 1);
    town.must(ANN, body.clone());
    town.must(ANN, VOID);
    assert_eq!(balances(&town), [100, 0, 50, 0]);
    assert_eq!(code(town.attempt(ANN, body)), Code::AlreadyExists, "a hold's id is used once");
    assert_eq!(code(town.attempt(ANN, settle(1))), Code::HoldState);
}

#[test]
fn a_hold_that_has_run_out_can_be_voided_and_not_settled() {
    let mut town = town();
    let body = held(&town, 60, 1);
    town.must(ANN, body);
    let until = town.now.plus_days(1);
    town.now = Millis(until.0 - 1);
    assert_eq!(timer::due(&town.state, town.now, 9), []);
    assert_eq!(code(town.attempt(LEDGER, VOID)), Code::NotDue);
    town.now = until;
    assert_eq!(town.state.credit.next_due(), Some(until));
    assert_eq!(code(town.attempt(ANN, settle(60))), Code::HoldState);
    assert_eq!(timer::due(&town.state, town.now, 9), [VOID]);
    town.must(LEDGER, VOID);
    assert_eq!(balances(&town), [100, 0, 50, 0]);
    assert_eq!(timer::due(&town.state, town.now, 9), []);
    assert_eq!(code(town.attempt(LEDGER, VOID)), Code::HoldState);
}

/// The hold with a number; no person has its id.
fn id(hold: u8) -> HoldId {
    HoldId([0xd0 + hold; 16])
}

#[test]
fn holds_come_due_in_order_and_no_more_than_asked_for() {
    let mut town = town();
    let start = town.now;
    let hold = |n: u8| HoldId([0xf0 + n; 16]);
    for (n, days) in [(1, 3), (2, 1), (3, 2), (4, 9)] {
        let until = start.plus_days(days);
        town.must(
            ANN,
            Body::Credit(CreditEvent::Held { hold: hold(n), from: ANN, to: BO, minutes: 1, until }),
        );
    }
    town.wait_days(3);
    let due = [2, 3, 1].map(|n| Body::Credit(CreditEvent::Voided { hold: hold(n) }));
    assert_eq!(timer::due(&town.state, town.now, 9), due);
    assert_eq!(timer::due(&town.state, town.now, 2), due[..2]);
    for body in due {
        town.must(LEDGER, body);
    }
    assert_eq!(town.state.credit.balance(PA), 99);
}

#[test]
fn a_hold_out_of_bounds_is_refused() {
    let mut town = town();
    let until = |days| town.now.plus_days(days);
    let hold =
        |to, minutes, until| Body::Credit(CreditEvent::Held { hold: HOLD, from: ANN, to, minutes, until });
    let cases = [
        (hold(BO, 0, until(1)), Code::OutOfRange),
        (hold(ANN, 10, until(1)), Code::OutOfRange),
        (hold(BO, 10, town.now), Code::OutOfRange),
        (hold(BO, 10, Millis(until(90).0 + 1)), Code::OutOfRange),
        (hold(PersonId([77; 16]), 10, until(1)), Code::UnknownPerson),
        (hold(BO, 101, until(1)), Code::NotEnoughCredit),
        (
            Body::Credit(CreditEvent::Held { hold: HOLD, from: BO, to: ANN, minutes: 1, until: until(1) }),
            Code::NotAuthorised,
        ),
        (settle(1), Code::UnknownHold),
        (settle(0), Code::OutOfRange),
        (VOID, Code::UnknownHold),
    ];
    for (body, expected) in cases {
        assert_eq!(code(town.attempt(ANN, body.clone())), expected, "{body:?}");
    }
    let body = held(&town, 60, 1);
    town.must(ANN, body);
    assert_eq!(code(town.attempt(ANN, settle(61))), Code::OutOfRange);
    assert_eq!(code(town.attempt(ANN, settle(0))), Code::OutOfRange);
    assert_eq!(
        code(town.attempt(BO, settle(60))),
        Code::NotAuthorised,
        "the one who is paid does not settle"
    );
    assert_eq!(code(town.attempt(BO, VOID)), Code::NotAuthorised);
}

#[test]
fn an_erased_person_gets_and_gives_nothing() {
    let mut town = town();
    town.must(BO, Body::Member(MemberEvent::ErasureRequested { person: BO }));
    assert_eq!(code(town.attempt(ANN, transfer(TransferKind::Gift, PA, PB, 1))), Code::UnknownPerson);
    let body = held(&town, 1, 1);
    assert_eq!(code(town.attempt(ANN, body)), Code::UnknownPerson);
    assert_eq!(code(town.attempt(WORKER, transfer(TransferKind::Grant, FUND, PB, 1))), Code::UnknownPerson);
    assert_eq!(code(town.attempt(BO, transfer(TransferKind::Donation, PB, FUND, 1))), Code::NotAuthorised);
}

#[test]
#[should_panic(expected = "out of balance by 5")]
fn books_that_do_not_balance_stop_the_writer() {
    let mut town = town();
    town.state.credit.totals.or_default(()).sum = 5;
    post(&mut town.state.credit, &mut Vec::<Effect>::new(), PA, PB, 1);
}

#[derive(Clone, Debug)]
enum Step {
    Transfer(TransferKind, u8, u8, u32),
    Hold(u8, u8, u8, u32, u32),
    Settle(u8, u32),
    Void(u8),
    Wait(u32),
}

fn step() -> impl Strategy<Value = Step> {
    let kind = prop_oneof![Just(TransferKind::Gift), Just(TransferKind::Donation), Just(TransferKind::Grant)];
    prop_oneof![
        4 => (kind, 0..5u8, 0..5u8, 0..60u32).prop_map(|(k, f, t, m)| Step::Transfer(k, f, t, m)),
        4 => (0..6u8, 0..3u8, 0..3u8, 0..60u32, 0..4u32).prop_map(|(h, f, t, m, d)| Step::Hold(h, f, t, m, d)),
        3 => (0..6u8, 0..60u32).prop_map(|(h, m)| Step::Settle(h, m)),
        1 => (0..6u8).prop_map(Step::Void),
        1 => (0..3u32).prop_map(Step::Wait),
    ]
}

const PEOPLE: [PersonId; 3] = [ANN, BO, RESIDENT];

fn account(number: u8) -> Account {
    match number {
        0..3 => Account::Person(PEOPLE[usize::from(number)]),
        3 => FUND,
        _ => Account::Fund(OTHER_COMMUNITY),
    }
}

/// What a clerk with a slate would do: accounts, and open holds by number with holder, helper, minutes and end.
#[derive(Clone, Default)]
struct Slate {
    accounts: BTreeMap<Account, i64>,
    holds: BTreeMap<u8, Option<(PersonId, PersonId, u32, Millis)>>,
}

impl Slate {
    fn carry(&mut self, from: Account, to: Account, minutes: u32) {
        *self.accounts.entry(from).or_default() -= i64::from(minutes);
        *self.accounts.entry(to).or_default() += i64::from(minutes);
    }

    fn has(&self, account: Account, minutes: u32) -> bool {
        self.accounts.get(&account).copied().unwrap_or(0) >= i64::from(minutes)
    }

    /// Whether the clerk agrees, having noted it if so.
    fn take(&mut self, step: &Step, now: Millis) -> bool {
        match *step {
            Step::Transfer(kind, from, to, minutes) => {
                let shape = match kind {
                    TransferKind::Gift => from < 3 && to < 3 && from != to,
                    TransferKind::Donation => from < 3 && to >= 3,
                    TransferKind::Grant => from >= 3 && to < 3,
                };
                let agreed = shape && minutes > 0 && self.has(account(from), minutes);
                if agreed {
                    self.carry(account(from), account(to), minutes);
                }
                agreed
            }
            Step::Hold(hold, from, to, minutes, days) => {
                let new = !self.holds.contains_key(&hold);
                let agreed = new && from != to && minutes > 0 && days > 0 && self.has(account(from), minutes);
                if agreed {
                    let end = now.plus_days(days);
                    let (holder, helper) = (PEOPLE[usize::from(from)], PEOPLE[usize::from(to)]);
                    self.holds.insert(hold, Some((holder, helper, minutes, end)));
                    self.carry(account(from), Account::Hold(id(hold)), minutes);
                }
                agreed
            }
            Step::Settle(hold, minutes) => {
                let Some(Some((from, to, held, end))) = self.holds.get(&hold).copied() else { return false };
                let agreed = (1..=held).contains(&minutes) && now < end;
                if agreed {
                    self.holds.insert(hold, None);
                    self.carry(Account::Hold(id(hold)), Account::Person(to), minutes);
                    self.carry(Account::Hold(id(hold)), Account::Person(from), held - minutes);
                }
                agreed
            }
            Step::Void(hold) => {
                let Some(Some((from, _, held, _))) = self.holds.get(&hold).copied() else { return false };
                self.holds.insert(hold, None);
                self.carry(Account::Hold(id(hold)), Account::Person(from), held);
                true
            }
            Step::Wait(_) => true,
        }
    }
}

fn act(town: &mut Town, step: &Step) -> bool {
    let holder = |town: &Town, hold| town.state.credit.holder(id(hold)).unwrap_or(ANN);
    let (actor, body) = match *step {
        Step::Transfer(kind, from, to, minutes) => {
            let staff = if from == 3 { WORKER } else { FAR_WORKER };
            let actor = if from < 3 { PEOPLE[usize::from(from)] } else { staff };
            (actor, transfer(kind, account(from), account(to), minutes))
        }
        Step::Hold(hold, from, to, minutes, days) => {
            let until = town.now.plus_days(days);
            let (from, to) = (PEOPLE[usize::from(from)], PEOPLE[usize::from(to)]);
            (from, Body::Credit(CreditEvent::Held { hold: id(hold), from, to, minutes, until }))
        }
        Step::Settle(hold, minutes) => {
            (holder(town, hold), Body::Credit(CreditEvent::Settled { hold: id(hold), minutes }))
        }
        Step::Void(hold) => (holder(town, hold), Body::Credit(CreditEvent::Voided { hold: id(hold) })),
        Step::Wait(days) => {
            town.wait_days(days);
            return true;
        }
    };
    town.seconded(actor, body, if actor == WORKER { SECOND_WORKER } else { SECOND_FAR_WORKER }).is_ok()
}

proptest! {
    #[test]
    fn the_books_are_those_of_a_clerk_with_a_slate(
        steps in proptest::collection::vec(step(), 1..60),
        cut in 0..60usize,
    ) {
        let mut town = town();
        let mut slate = Slate::default();
        slate.carry(Account::Issuance, PA, 100);
        slate.carry(Account::Issuance, FUND, 50);
        for (number, step) in steps.iter().enumerate() {
            if number == cut {
                // Everything that follows, tried and taken back, changes nothing.
                let (kept, now) = (town.state.clone(), town.now);
                town.state.begin();
                steps[cut..].iter().for_each(|step| { act(&mut town, step); });
                town.state.rollback();
                prop_assert!(town.state.credit == kept.credit);
                town.now = now;
            }
            let agreed = slate.take(step, town.now);
            prop_assert_eq!(act(&mut town, step), agreed, "{:?}", step);
            let books: BTreeMap<Account, i64> = town.state.credit.balances().collect();
            slate.accounts.retain(|_, balance| *balance != 0);
            prop_assert_eq!(&books, &slate.accounts);
            prop_assert_eq!(books.values().sum::<i64>(), 0);
            let open = slate.holds.iter().filter_map(|(n, hold)| hold.filter(|h| h.3 <= town.now).map(|h| (h.3, *n)));
            let mut due: Vec<_> = open.collect();
            due.sort_unstable();
            let due: Vec<_> = due.iter().map(|(_, n)| CreditEvent::Voided { hold: id(*n) }).collect();
            prop_assert_eq!(super::due(&town.state.credit, town.now, 99), due);
        }
    }
}
