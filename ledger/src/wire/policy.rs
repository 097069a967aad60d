//! Policies.

use hourbook_proto::v1;

use crate::domain::event::Body;
use crate::domain::ids::OrgId;
use crate::domain::policy::{
    CalendarPolicy, CreditPolicy, Excess, PointsPolicy, Policy, RecordPolicy, WaitingPolicy, WishPolicy,
};
use crate::domain::time::Date;

use super::common::scope;
use super::error::{Problem, WireError, Within};
use super::read::{Read, date, each, fixed, required, short, year};

pub(super) fn policy_adopted(m: v1::PolicyAdopted) -> Read<Body> {
    let (scope, from) = (scope("scope", m.scope)?, date("from_day", m.from_day)?);
    Ok(Body::PolicyAdopted { scope, from, policy: policy(required("policy", m.policy)?)? })
}

fn policy(message: v1::policy_adopted::Policy) -> Read<Policy> {
    use v1::policy_adopted::Policy as P;
    match message {
        P::Credit(m) => credit(m).map(Policy::Credit).within("credit"),
        P::Records(m) => records(m).map(Policy::Records).within("records"),
        P::Wishes(m) => wishes(m).map(Policy::Wishes).within("wishes"),
        P::Points(m) => points(m).map(Policy::Points).within("points"),
        P::Calendar(m) => calendar(m).map(Policy::Calendar).within("calendar"),
        P::Waiting(m) => {
            let days = short("days", m.days).within("waiting")?;
            Ok(Policy::Waiting(WaitingPolicy { days }))
        }
    }
}

fn credit(m: v1::CreditPolicy) -> Read<CreditPolicy> {
    use v1::credit_policy::Excess as E;
    let excess = match required("excess", m.excess)? {
        E::RecordOnly(v1::credit_policy::RecordOnly {}) => Excess::RecordOnly,
        E::Fund(org) => fixed("fund", &org, |id| Excess::Fund(OrgId(id)))?,
    };
    Ok(CreditPolicy {
        earn_num: m.earn_num,
        earn_den: m.earn_den,
        daily_cap: m.daily_cap,
        account_cap: m.account_cap,
        excess,
        overdraft: m.overdraft,
    })
}

fn records(m: v1::RecordPolicy) -> Read<RecordPolicy> {
    let due_working_days = short("due_working_days", m.due_working_days)?;
    Ok(RecordPolicy { due_working_days, longest: m.longest })
}

fn wishes(m: v1::WishPolicy) -> Read<WishPolicy> {
    Ok(WishPolicy {
        open_claims: short("open_claims", m.open_claims)?,
        fulfil_days: short("fulfil_days", m.fulfil_days)?,
        open_days: short("open_days", m.open_days)?,
    })
}

fn points(m: v1::PointsPolicy) -> Read<PointsPolicy> {
    Ok(PointsPolicy {
        base: m.base,
        minutes_num: m.minutes_num,
        minutes_den: m.minutes_den,
        wish: m.wish,
        absence: m.absence,
        floor: m.floor,
        ceiling: m.ceiling,
        red_from: m.red_from,
        yellow_to: m.yellow_to,
    })
}

fn calendar(m: v1::CalendarPolicy) -> Read<CalendarPolicy> {
    Ok(CalendarPolicy {
        year: year("year", m.year)?,
        holidays: days("holidays", m.holidays)?,
        workdays: days("workdays", m.workdays)?,
    })
}

fn days(field: &str, days: Vec<i32>) -> Read<Vec<Date>> {
    if days.len() > 366 {
        return Err(WireError::at(field, Problem::Count { expected: "at most 366", found: days.len() }));
    }
    each(field, days, |day| date("", day))
}
