//! Policy as data: what laws and sources leave open. A policy is adopted by an event and holds from a date; no figure
//! of it is a constant in the rules.

use super::ids::OrgId;
use super::time::Date;

/// A policy as adopted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Policy {
    /// Earning and spending of credit.
    Credit(CreditPolicy),
    /// Recording of hours.
    Records(RecordPolicy),
    /// Micro-wishes.
    Wishes(WishPolicy),
    /// Points and lists of in-service members.
    Points(PointsPolicy),
    /// Working days of one year.
    Calendar(CalendarPolicy),
}

/// The kinds of policy. The numbers are part of the format.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
#[allow(missing_docs)] // each is the Policy variant of the same name
pub enum PolicyKind {
    Credit = 1,
    Records = 2,
    Wishes = 3,
    Points = 4,
    Calendar = 5,
}

impl Policy {
    /// The kind of this policy.
    #[must_use]
    pub fn kind(&self) -> PolicyKind {
        match self {
            Self::Credit(_) => PolicyKind::Credit,
            Self::Records(_) => PolicyKind::Records,
            Self::Wishes(_) => PolicyKind::Wishes,
            Self::Points(_) => PolicyKind::Points,
            Self::Calendar(_) => PolicyKind::Calendar,
        }
    }
}

/// Where credit above the account cap goes. It is never lost: the service record keeps every minute.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Excess {
    /// Recognised in the service record only.
    RecordOnly,
    /// To a community fund.
    Fund(OrgId),
}

/// Earning and spending of credit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
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
    pub excess: Excess,
    /// How far below zero spending may go, in minutes.
    pub overdraft: u32,
}

/// Recording of hours.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RecordPolicy {
    /// Working days after the service within which hours are due (Order 67, article 11: 10).
    pub due_working_days: u16,
    /// Longest single interval, in minutes.
    pub longest: u32,
}

/// Micro-wishes. Terms are in days from the event that starts them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WishPolicy {
    /// Most wishes that one claimer has open at a time.
    pub open_claims: u16,
    /// Days that a claimer has to fulfil.
    pub fulfil_days: u16,
    /// Days that a wish stays open without a claim.
    pub open_days: u16,
}

/// Points and lists. Points are counted in hundredths so that no rate needs a fraction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
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
}

/// Working days of one year: Monday to Friday but for these.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CalendarPolicy {
    /// The year that it is for.
    pub year: i32,
    /// Weekdays that are free, ascending.
    pub holidays: Vec<Date>,
    /// Weekend days that are worked, ascending.
    pub workdays: Vec<Date>,
}
