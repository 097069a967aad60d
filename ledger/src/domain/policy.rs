//! Policy as data: what laws and sources leave open. A policy is adopted by an event and holds from a date; no figure
//! of it is a constant in the rules.

use super::ids::{EventId, OrgId};
use super::org::Orgs;
use super::rejection::{Code, Verdict, ensure, fits};
use super::text;
use super::time::{Date, Period, Year};
use super::vocabulary::{AffiliationKind, Scope};
use crate::store::table::{Table, tables};
use hourbook_derive::Aggregate;
use hourbook_derive::Format;

/// What can be asserted of the policies of a scope.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize, Aggregate)]
#[aggregate(stream(Policy, scope))]
#[allow(missing_docs)] // fields are named after their types
pub enum PolicyEvent {
    /// A policy holds for an organisation and all below, from a date.
    #[event(1, by(founder, steward))]
    #[safe = "Holds for later days only, the same for all; no policy shortens the term below 7 days."]
    Adopted {
        scope: Scope,
        from: Date,
        #[field(oneof)]
        policy: Policy,
    },
}

/// A policy as adopted.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize, Format)]
pub enum Policy {
    /// Earning and spending of credit.
    #[field(3)]
    Credit(CreditPolicy),
    /// Recording of hours.
    #[field(4)]
    Records(RecordPolicy),
    /// Micro-wishes.
    #[field(5)]
    Wishes(WishPolicy),
    /// Points and lists of in-service members.
    #[field(6)]
    Points(PointsPolicy),
    /// Working days of one year.
    #[field(7)]
    Calendar(CalendarPolicy),
    /// How long an act waits that cannot be undone.
    #[field(8)]
    Waiting(WaitingPolicy),
    /// Whether people are ranked.
    #[field(9)]
    Rankings(RankingPolicy),
}

/// What a policy is about. The numbers are part of the format.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
#[repr(u8)]
#[allow(missing_docs)] // each is the Policy variant of the same name
pub enum PolicyArea {
    Credit = 1,
    Records = 2,
    Wishes = 3,
    Points = 4,
    Calendar = 5,
    Waiting = 6,
    Rankings = 7,
}

impl PolicyArea {
    /// Whether it is the same for the whole ledger, so that no organisation has one of its own.
    #[must_use]
    pub fn is_ledger_wide(self) -> bool {
        matches!(self, Self::Credit | Self::Calendar | Self::Waiting | Self::Rankings)
    }
}

impl Policy {
    /// Whether its values are within their ranges; if not, the detail says which is not.
    ///
    /// # Errors
    /// `out-of-range`.
    pub fn check(&self) -> Verdict {
        check_values(self)?;
        check_texts(self)
    }

    /// What it is about.
    #[must_use]
    pub fn area(&self) -> PolicyArea {
        match self {
            Self::Credit(_) => PolicyArea::Credit,
            Self::Records(_) => PolicyArea::Records,
            Self::Wishes(_) => PolicyArea::Wishes,
            Self::Points(_) => PolicyArea::Points,
            Self::Calendar(_) => PolicyArea::Calendar,
            Self::Waiting(_) => PolicyArea::Waiting,
            Self::Rankings(_) => PolicyArea::Rankings,
        }
    }
}

/// Where credit above the account cap goes. It is never lost: the service record keeps every minute.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize, Format)]
pub enum Excess {
    /// Recognised in the service record only.
    #[field(5)]
    RecordOnly,
    /// To a community fund.
    #[field(6)]
    Fund(OrgId),
}

/// Earning and spending of credit.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize, Format)]
pub struct CreditPolicy {
    /// Minutes of credit for every `earn_den` certified minutes of a day, rounded down once a day.
    pub earn_num: u32,
    /// See `earn_num`; at least 1.
    pub earn_den: u32,
    /// Most credit that a person earns on one local day across all organisations, in minutes.
    pub daily_cap: u32,
    /// Most credit that a person earns in all, in minutes, whatever was spent.
    pub account_cap: u32,
    /// What becomes of earnings above the account cap.
    #[field(oneof)]
    pub excess: Excess,
    /// How far below zero spending may go, in minutes.
    #[field(7)]
    pub overdraft: u32,
    /// Most minutes that a person gives or donates at once; none is no limit. What is set aside for a service is not meant.
    pub transfer_limit: Option<u32>,
}

/// Recording of hours.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize, Format)]
pub struct RecordPolicy {
    /// Working days after the service within which hours are due (Order 67, article 11: 10).
    pub due_working_days: u16,
    /// Longest single interval, in minutes.
    pub longest: u32,
}

/// Micro-wishes. Terms are in days from the event that starts them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize, Format)]
pub struct WishPolicy {
    /// Most wishes that one person has open at a time; teams and units have no limit.
    pub open_claims: u16,
    /// Days that a claimer has to fulfil.
    pub fulfil_days: u16,
    /// Days that a wish stays open without a claim.
    pub open_days: u16,
}

/// The document that lists, or their absence, rest on, shown to everybody.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize, Format)]
pub struct Basis {
    /// Its number (文号).
    #[field(max = BASIS_LIMIT)]
    pub document: String,
    /// Who issued it.
    #[field(max = BASIS_LIMIT)]
    pub issuer: String,
}

/// Longest number of a document and longest name of who issued it, in bytes.
pub const BASIS_LIMIT: usize = 120;

/// How an in-service member belongs to the organisation of a list.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize, Format)]
#[repr(u8)]
pub enum Membership {
    /// The membership is kept there (直管).
    Direct = 1,
    /// Has reported in there (报到).
    ReportedIn = 2,
}

impl Membership {
    /// The affiliation that it rests on.
    #[must_use]
    pub fn kind(self) -> AffiliationKind {
        match self {
            Self::Direct => AffiliationKind::Organisational,
            Self::ReportedIn => AffiliationKind::ReportedIn,
        }
    }
}

/// Where a member stands who has neither a certified minute nor a confirmed wish.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize, Format)]
#[repr(u8)]
pub enum NoService {
    /// On the yellow list, whatever the total.
    Yellow = 1,
    /// On neither list, whatever the total.
    NotListed = 2,
}

/// Points and lists. Points are counted in hundredths so that no rate needs a fraction.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize, Format)]
pub struct PointsPolicy {
    /// Hundredths that everyone starts a period with.
    pub base: i32,
    /// Hundredths for every `minutes_den` certified minutes, rounded down once a period.
    pub minutes_num: u32,
    /// See `minutes_num`; at least 1.
    pub minutes_den: u32,
    /// Hundredths for a wish confirmed as fulfilled.
    pub wish: i32,
    /// Hundredths for an absence after sign-up; negative.
    pub absence: i32,
    /// Lowest total, in hundredths.
    pub floor: i32,
    /// Highest total, in hundredths, if any.
    pub ceiling: Option<i32>,
    /// Red list from this total on, in hundredths.
    pub red_from: i32,
    /// Yellow list up to this total, in hundredths.
    pub yellow_to: i32,
    /// What the lists rest on, if there is a document.
    pub basis: Option<Basis>,
    /// Who stands on a list: members who belong in this way alone, or all if none is given. Service counts on the days on
    /// which they do.
    pub covers: Option<Membership>,
    /// Where a member without service stands; if nothing is said, on the yellow list if the total says so, and never on
    /// the red one.
    pub no_service: Option<NoService>,
}

/// Working days of one year: Monday to Friday but for these.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize, Format)]
pub struct CalendarPolicy {
    /// The year that it is for.
    pub year: Year,
    /// Weekdays that are free, ascending.
    #[field(max = 366)]
    pub holidays: Vec<Date>,
    /// Weekend days that are worked, ascending.
    #[field(max = 366)]
    pub workdays: Vec<Date>,
}

/// How long an act waits that rests on a code or on staff alone and cannot be undone.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize, Format)]
pub struct WaitingPolicy {
    /// Days from the act to its effect: [`SHORTEST_WAIT`] to [`LONGEST_WAIT`]. No policy may shorten it further, or
    /// whoever adopts policies could take the time to object from everybody.
    pub days: u16,
}

/// Whether people are ranked by hours and points, and lists of them are published. Where no policy says, they are.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize, Format)]
pub struct RankingPolicy {
    /// What holds.
    pub rankings: Rankings,
    /// The document that it rests on, if there is one.
    pub basis: Option<Basis>,
}

/// What is done with rankings.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize, Format)]
#[repr(u8)]
pub enum Rankings {
    /// Leaderboards are shown, and lists may be published.
    On = 1,
    /// No leaderboard is shown and no list is published; those that were stay on the log.
    Off = 2,
}

/// Days that such an act waits at least, and where no policy says more.
pub const SHORTEST_WAIT: u16 = 7;
/// Days that such an act waits at most.
pub const LONGEST_WAIT: u16 = 90;

/// One adopted policy.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Adopted {
    /// The adopting event.
    pub event: EventId,
    /// First date on which it holds.
    pub from: Date,
    /// What it says.
    pub policy: Policy,
}

/// The policies in force, by scope and kind.
#[derive(Default, Debug, Clone)]
pub struct Policies {
    adopted: Table<8, (Scope, PolicyArea), Vec<Adopted>>,
}

tables!(Policies { adopted });

impl Policies {
    pub(super) fn adopt(&mut self, event: EventId, scope: Scope, from: Date, policy: Policy) {
        self.adopted.or_default((scope, policy.area())).push(Adopted { event, from, policy });
    }

    /// Everything adopted for each scope and kind, in order of adoption; the scopes in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = (&(Scope, PolicyArea), &Vec<Adopted>)> {
        self.adopted.iter()
    }

    /// The policy of a kind that holds in a scope on a date: of those in force, the one adopted last.
    #[must_use]
    pub fn at(&self, scope: Scope, kind: PolicyArea, date: Date) -> Option<&Adopted> {
        self.adopted.get(&(scope, kind))?.iter().rev().find(|a| a.from <= date)
    }

    /// The policy of a kind for an organisation on a date: its own, else that of the nearest organisation above it,
    /// else the ledger's.
    #[must_use]
    pub fn for_org(&self, orgs: &Orgs, org: OrgId, kind: PolicyArea, date: Date) -> Option<&Adopted> {
        let above = orgs.ancestors(org, date).into_iter().map(Scope::Org);
        above.chain([Scope::Ledger]).find_map(|scope| self.at(scope, kind, date))
    }

    /// The credit policy on a date. Credit is one currency across the ledger, so its policy is the ledger's alone.
    #[must_use]
    pub fn credit(&self, date: Date) -> Option<CreditPolicy> {
        let Policy::Credit(policy) = self.at(Scope::Ledger, PolicyArea::Credit, date)?.policy else {
            return None;
        };
        Some(policy)
    }

    /// How many days an act waits, asserted on a date. The same across the ledger: a person's time to object does not depend
    /// on who runs the community.
    #[must_use]
    pub fn waiting_days(&self, date: Date) -> u32 {
        match self.at(Scope::Ledger, PolicyArea::Waiting, date).map(|adopted| &adopted.policy) {
            Some(Policy::Waiting(policy)) => policy.days.into(),
            _ => SHORTEST_WAIT.into(),
        }
    }

    /// The policy by which nobody is ranked on a date, if one says so.
    #[must_use]
    pub fn rankings_off(&self, date: Date) -> Option<(&Adopted, &RankingPolicy)> {
        let adopted = self.at(Scope::Ledger, PolicyArea::Rankings, date)?;
        let Policy::Rankings(policy) = &adopted.policy else { return None };
        (policy.rankings == Rankings::Off).then_some((adopted, policy))
    }

    /// The recording policy for an organisation on a date.
    #[must_use]
    pub fn records(&self, orgs: &Orgs, org: OrgId, date: Date) -> Option<RecordPolicy> {
        let Policy::Records(policy) = self.for_org(orgs, org, PolicyArea::Records, date)?.policy else {
            return None;
        };
        Some(policy)
    }

    /// The wish policy for an organisation on a date.
    #[must_use]
    pub fn wishes(&self, orgs: &Orgs, org: OrgId, date: Date) -> Option<WishPolicy> {
        let Policy::Wishes(policy) = self.for_org(orgs, org, PolicyArea::Wishes, date)?.policy else {
            return None;
        };
        Some(policy)
    }

    /// The points policy of an organisation that is pinned for a period, and the adoption that names it: the one in
    /// force on the period's first day, so that a change in mid-period waits for the next; or, where none was in force
    /// yet, the first to take effect during it.
    #[must_use]
    pub fn points(&self, orgs: &Orgs, org: OrgId, period: Period) -> Option<(&Adopted, &PointsPolicy)> {
        let (from, to) = period.range();
        let mut days = (from.0..to.0).map(Date);
        let adopted = days.find_map(|day| self.for_org(orgs, org, PolicyArea::Points, day))?;
        let Policy::Points(policy) = &adopted.policy else { return None };
        Some((adopted, policy))
    }

    /// The calendar of a year, if one was adopted for the ledger.
    #[must_use]
    pub fn calendar(&self, year: i32) -> Option<&CalendarPolicy> {
        self.adopted.get(&(Scope::Ledger, PolicyArea::Calendar))?.iter().rev().find_map(|a| match &a.policy {
            Policy::Calendar(calendar) if calendar.year.0 == year => Some(calendar),
            _ => None,
        })
    }
}

pub(super) fn evolve(policies: &mut Policies, event: EventId, body: &PolicyEvent) {
    let PolicyEvent::Adopted { scope, from, policy } = body;
    policies.adopt(event, *scope, *from, policy.clone());
}

/// What was done under the policies so far.
#[derive(Clone, Copy, Debug)]
pub(super) struct Done {
    /// An organisation or a person was registered.
    pub(super) somebody_is_there: bool,
    /// Minutes were certified.
    pub(super) have_counted: bool,
}

/// Whether a policy can be adopted. Before anybody is there it may hold from any day, so that sheets of earlier years
/// can be entered under the calendars and figures of their time.
pub(super) fn decide(
    policies: &Policies,
    orgs: &Orgs,
    done: Done,
    today: Date,
    body: &PolicyEvent,
) -> Verdict {
    let PolicyEvent::Adopted { scope, from, policy } = body;
    let (scope, from) = (*scope, *from);
    policy.check()?;
    fits(
        scope == Scope::Ledger || !policy.area().is_ledger_wide(),
        format_args!("org: none, this policy is for the whole ledger"),
    )?;
    // A first policy may hold from the day of its adoption, since nothing was recorded under another.
    let mut first = policies.adopted.get(&(scope, policy.area())).is_none();
    if policy.area() == PolicyArea::Credit {
        // What has counted today would earn nothing by it until something of the same day is touched again.
        first &= !done.have_counted;
    }
    if let Scope::Org(org) = scope {
        ensure(orgs.contains(org), Code::UnknownOrg)?;
        first &= policies.for_org(orgs, org, policy.area(), today).is_none();
    }
    if let Policy::Credit(CreditPolicy { excess: Excess::Fund(org), .. }) = policy {
        ensure(orgs.contains(*org), Code::UnknownOrg)?;
    }
    ensure(from > today || (first && from >= today) || !done.somebody_is_there, Code::PolicyInPast)
}

fn check_values(policy: &Policy) -> Verdict {
    match policy {
        Policy::Credit(p) => {
            fits(p.earn_den > 0, format_args!("earn-den: 1 or more"))?;
            let at_most_tenfold = u64::from(p.earn_num) <= 10 * u64::from(p.earn_den);
            fits(at_most_tenfold, format_args!("earn-num: at most ten times earn-den"))?;
            fits(p.daily_cap <= 1440, format_args!("daily-cap: at most 1440"))
        }
        Policy::Records(p) => {
            fits(p.due_working_days > 0, format_args!("due-working-days: 1 or more"))?;
            fits((1..=1440).contains(&p.longest), format_args!("longest: 1 to 1440"))
        }
        // Either is as good as the other.
        Policy::Rankings(_) => Ok(()),
        Policy::Waiting(p) => {
            let within = (SHORTEST_WAIT..=LONGEST_WAIT).contains(&p.days);
            fits(within, format_args!("days: {SHORTEST_WAIT} to {LONGEST_WAIT}"))
        }
        Policy::Wishes(p) => {
            fits(p.open_claims > 0, format_args!("open-claims: 1 or more"))?;
            fits(p.fulfil_days > 0, format_args!("fulfil-days: 1 or more"))?;
            fits(p.open_days > 0, format_args!("open-days: 1 or more"))
        }
        Policy::Points(p) => {
            fits(p.minutes_den > 0, format_args!("minutes-den: 1 or more"))?;
            fits(p.yellow_to < p.red_from, format_args!("yellow-to: less than red-from"))?;
            fits(p.ceiling.is_none_or(|c| c >= p.floor), format_args!("ceiling: not less than floor"))?;
            fits(p.absence <= 0, format_args!("absence: 0 or less"))?;
            fits(p.wish >= 0, format_args!("wish: 0 or more"))
        }
        Policy::Calendar(p) => {
            let year = p.year.0;
            let of_year = |days: &[Date]| days.iter().all(|day| day.ymd().0 == year);
            let ascending = |days: &[Date]| days.is_sorted_by(|a, b| a < b);
            for (field, days) in [("holidays", &p.holidays), ("workdays", &p.workdays)] {
                fits(of_year(days), format_args!("{field}: days of {year}"))?;
                fits(ascending(days), format_args!("{field}: ascending, each once"))?;
            }
            Ok(())
        }
    }
}

fn check_texts(policy: &Policy) -> Verdict {
    let Policy::Points(PointsPolicy { basis: Some(basis), .. }) = policy else { return Ok(()) };
    text::ensure_public("basis.document", &basis.document, BASIS_LIMIT)?;
    text::ensure_public("basis.issuer", &basis.issuer, BASIS_LIMIT)
}

#[cfg(test)]
mod tests {
    use super::super::event::Body;
    use super::super::ids::PersonId;
    use super::super::testing::*;
    use super::*;

    fn code(town: &mut Town, actor: PersonId, scope: Scope, from: Date, policy: Policy) -> Result<(), Code> {
        let body = Body::Policy(PolicyEvent::Adopted { scope, from, policy });
        town.attempt(actor, body).map(drop).map_err(|r| r.code)
    }

    fn records(longest: u32) -> Policy {
        Policy::Records(RecordPolicy { due_working_days: 10, longest })
    }

    fn calendar(year: i32, holidays: &[&str]) -> Policy {
        let holidays = holidays.iter().map(|d| d.parse().expect("a date")).collect();
        Policy::Calendar(CalendarPolicy { year: Year(year), holidays, workdays: vec![] })
    }

    fn longest(town: &Town, org: OrgId, date: Date) -> Option<u32> {
        town.state.policies.records(&town.state.orgs, org, date).map(|p| p.longest)
    }

    #[test]
    fn the_nearest_above_wins_and_only_from_its_day_on() {
        let mut town = Town::new();
        let day = |n| town.now.date(super::super::time::Offset(480)).plus(n);
        let (one, two) = (day(1), day(2));
        assert_eq!(code(&mut town, STEWARD, Scope::Org(CITY), one, records(100)), Ok(()));
        assert_eq!(code(&mut town, STEWARD, Scope::Org(COMMUNITY), two, records(200)), Ok(()));
        assert_eq!(longest(&town, GRID, one.plus(-1)), Some(720), "the ledger's");
        assert_eq!(longest(&town, GRID, one), Some(100));
        assert_eq!(longest(&town, GRID, two), Some(200));
        assert_eq!(longest(&town, OTHER_COMMUNITY, two), Some(100));
        assert_eq!(longest(&town, OrgId([88; 16]), two), Some(720));
    }

    #[test]
    fn of_those_in_force_the_last_adopted_holds() {
        let mut town = Town::new();
        let today = town.today();
        town.wait_days(1);
        for (from, minutes) in [(10, 100), (5, 200)] {
            assert_eq!(code(&mut town, FOUNDER, Scope::Ledger, today.plus(from), records(minutes)), Ok(()));
        }
        let holds = |day| longest(&town, CITY, today.plus(day));
        assert_eq!((holds(4), holds(5), holds(10)), (Some(720), Some(200), Some(200)));
    }

    #[test]
    fn no_policy_changes_a_day_that_has_begun_under_another() {
        let mut town = Town::new();
        let today = town.today();
        for scope in [Scope::Ledger, Scope::Org(CITY)] {
            assert_eq!(
                code(&mut town, FOUNDER, scope, today, records(60)),
                Err(Code::PolicyInPast),
                "{scope:?}"
            );
            assert_eq!(code(&mut town, FOUNDER, scope, today.plus(1), records(60)), Ok(()));
        }
        assert_eq!(
            code(&mut town, FOUNDER, Scope::Ledger, today.plus(-1), calendar(2026, &[])),
            Err(Code::PolicyInPast)
        );
        assert_eq!(code(&mut town, FOUNDER, Scope::Ledger, today, calendar(2026, &[])), Ok(()), "the first");
    }

    #[test]
    fn policies_of_earlier_days_are_adopted_before_anybody_is_there_and_not_after() {
        let today: Date = "2026-06-01".parse().unwrap();
        let adopt = |somebody_is_there, from: &str, policy| {
            let body = PolicyEvent::Adopted { scope: Scope::Ledger, from: from.parse().unwrap(), policy };
            let done = Done { somebody_is_there, have_counted: false };
            let mut policies = Policies::default();
            policies.adopt(EventId([1; 16]), Scope::Ledger, today, calendar(2026, &[]));
            decide(&policies, &Orgs::default(), done, today, &body).map_err(|refused| refused.code)
        };
        for (from, policy) in [("2025-01-01", calendar(2025, &[])), ("2024-01-01", records(60))] {
            assert_eq!(adopt(false, from, policy.clone()), Ok(()), "{from}");
            assert_eq!(adopt(true, from, policy), Err(Code::PolicyInPast), "{from}");
        }
    }

    #[test]
    fn credit_and_calendar_are_the_ledgers_and_values_make_sense() {
        let mut town = Town::new();
        let from = town.today().plus(1);
        let credit = |num, den, excess| {
            Policy::Credit(CreditPolicy { earn_num: num, earn_den: den, excess, ..CreditPolicy::PLAIN })
        };
        let only = Excess::RecordOnly;
        let wishes = |n| Policy::Wishes(WishPolicy { open_claims: n, fulfil_days: 1, open_days: 1 });
        let city = Scope::Org(CITY);
        let cases = [
            (city, credit(1, 1, only), Err(Code::OutOfRange)),
            (city, calendar(2027, &[]), Err(Code::OutOfRange)),
            (Scope::Ledger, credit(1, 0, only), Err(Code::OutOfRange)),
            (Scope::Ledger, credit(11, 1, only), Err(Code::OutOfRange)),
            (Scope::Ledger, credit(u32::MAX, u32::MAX, only), Ok(())),
            (Scope::Ledger, credit(1, 1, Excess::Fund(OrgId([88; 16]))), Err(Code::UnknownOrg)),
            (Scope::Ledger, credit(1, 1, Excess::Fund(CITY)), Ok(())),
            (city, records(0), Err(Code::OutOfRange)),
            (city, records(1441), Err(Code::OutOfRange)),
            (city, wishes(0), Err(Code::OutOfRange)),
            (city, wishes(1), Ok(())),
            (Scope::Org(OrgId([88; 16])), wishes(1), Err(Code::UnknownOrg)),
        ];
        for (scope, policy, expected) in cases {
            assert_eq!(code(&mut town, FOUNDER, scope, from, policy.clone()), expected, "{policy:?}");
        }
    }

    #[test]
    fn the_basis_of_lists_is_two_public_texts_of_bounded_length() {
        let mut town = Town::new();
        let from = town.today().plus(1);
        let longest = "文".repeat(BASIS_LIMIT / 3);
        let too_long = format!("{longest}号");
        let good = "萤组发〔2026〕3号";
        let cases = [
            (good, "中共萤湾镇委员会", Ok(())),
            (&longest, &longest, Ok(())),
            ("", good, Err(Code::OutOfRange)),
            (good, "", Err(Code::OutOfRange)),
            (&too_long, good, Err(Code::OutOfRange)),
            (good, &too_long, Err(Code::OutOfRange)),
            (" 3号", good, Err(Code::OutOfRange)),
            (good, "镇\u{202E}委", Err(Code::OutOfRange)),
        ];
        for (document, issuer, expected) in cases {
            let basis = Some(Basis { document: document.to_owned(), issuer: issuer.to_owned() });
            let policy = Policy::Points(PointsPolicy { basis, ..PointsPolicy::PLAIN });
            assert_eq!(
                code(&mut town, FOUNDER, Scope::Ledger, from, policy),
                expected,
                "{document:?} {issuer:?}"
            );
        }
    }

    #[test]
    fn a_calendar_is_of_one_year_in_order_and_the_latest_of_that_year_holds() {
        let mut town = Town::new();
        let from = town.today().plus(1);
        for bad in [&["2027-01-01"][..], &["2026-05-04", "2026-05-01"], &["2026-05-01", "2026-05-01"]] {
            let answer = code(&mut town, FOUNDER, Scope::Ledger, from, calendar(2026, bad));
            assert_eq!(answer, Err(Code::OutOfRange), "{bad:?}");
        }
        for (year, days) in [(2026, &["2026-05-01"][..]), (2027, &[]), (2026, &["2026-05-04"])] {
            assert_eq!(code(&mut town, FOUNDER, Scope::Ledger, from, calendar(year, days)), Ok(()));
        }
        let holidays = |year| town.state.policies.calendar(year).map(|c| c.holidays.clone());
        assert_eq!(holidays(2026), Some(vec!["2026-05-04".parse().expect("a date")]));
        assert_eq!((holidays(2027), holidays(2028)), (Some(vec![]), None));
    }
}
