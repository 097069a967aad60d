//! The due date of a record: so many working days after the service [Order 67, article 11].

use crate::domain::ids::OrgId;
use crate::domain::policy::{CalendarPolicy, Policies};
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
    let served = interval.start.date(facts.offset());
    let term = facts.policies.records(facts.orgs, org, served)?.due_working_days;
    let last = Minute(interval.end.0 - 1).date(facts.offset());
    passed(facts.policies, last, term, filed)
}

/// Whether `term` working days after `last` have gone by before `filed`. Looks at no day after it.
fn passed(policies: &Policies, last: Date, term: u16, filed: Date) -> Option<Missed> {
    let mut provisional = false;
    let mut left = term;
    let mut day = last;
    let mut year: Option<(i32, Option<&CalendarPolicy>)> = None;
    while left > 0 {
        day = day.plus(1);
        if day >= filed {
            return None;
        }
        let number = day.ymd().0;
        let calendar = match year {
            Some((known, calendar)) if known == number => calendar,
            _ => policies.calendar(number),
        };
        year = Some((number, calendar));
        provisional |= calendar.is_none();
        left -= u16::from(is_working(day, calendar));
    }
    Some(Missed { provisional })
}

fn is_working(day: Date, calendar: Option<&CalendarPolicy>) -> bool {
    let listed = |days: &[Date]| days.binary_search(&day).is_ok();
    match calendar {
        Some(c) if listed(&c.holidays) => false,
        Some(c) if listed(&c.workdays) => true,
        _ => day.weekday() < 5,
    }
}
