//! The due date of a record: so many working days after the service [Order 67, article 11].

use super::asked::asked_once;
use crate::domain::ids::OrgId;
use crate::domain::policy::CalendarPolicy;
use crate::domain::register::Register;
use crate::domain::time::{Date, Interval, Minute};

/// The due date has passed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Missed {
    /// No calendar was adopted for a year that the term touches: its working days are Monday to Friday.
    pub(super) provisional: bool,
}

/// Whether hours were first recorded after the due date that follows from the last local day of service.
pub(super) fn missed(facts: &Register<'_>, org: OrgId, interval: &Interval, filed: Date) -> Option<Missed> {
    let (_, provisional) = last_day(facts, days(facts, org, interval)?, interval, Some(filed))?;
    Some(Missed { provisional })
}

/// Whether hours that were recorded on a day would be late if so many working days were given.
pub(crate) fn would_be_late(facts: &Register<'_>, days: u16, interval: &Interval, filed: Date) -> bool {
    last_day(facts, days, interval, Some(filed)).is_some()
}

/// The last day on which hours of an interval are on time; none where no policy holds.
pub(crate) fn due(facts: &Register<'_>, org: OrgId, interval: &Interval) -> Option<Date> {
    last_day(facts, days(facts, org, interval)?, interval, None).map(|(day, _)| day)
}

/// Working days that are given; none where no policy holds.
fn days(facts: &Register<'_>, org: OrgId, interval: &Interval) -> Option<u16> {
    let served = interval.start.date(facts.offset());
    Some(facts.policies.records(facts.orgs, org, served)?.due_working_days)
}

/// The last day in time, and whether its working days are provisional. None if a day that is asked for is no later.
fn last_day(
    facts: &Register<'_>,
    mut left: u16,
    interval: &Interval,
    filed: Option<Date>,
) -> Option<(Date, bool)> {
    let mut day = Minute(interval.end.0 - 1).date(facts.offset());
    let mut provisional = false;
    let mut calendar_of = asked_once(|year| facts.policies.calendar(year));
    // Most are filed soon: no day after that is looked at.
    let is_over = |day: Date| filed.is_none_or(|filed| day < filed);
    while left > 0 {
        day = day.plus(1);
        if !is_over(day) {
            return None;
        }
        let calendar = calendar_of(day.ymd().0);
        provisional |= calendar.is_none();
        left -= u16::from(is_working(day, calendar));
    }
    Some((day, provisional))
}

fn is_working(day: Date, calendar: Option<&CalendarPolicy>) -> bool {
    let listed = |days: &[Date]| days.binary_search(&day).is_ok();
    match calendar {
        Some(c) if listed(&c.holidays) => false,
        Some(c) if listed(&c.workdays) => true,
        _ => day.weekday() < 5,
    }
}
