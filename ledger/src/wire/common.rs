//! Intervals, spans and scopes.

use hourbook_proto::v1;

use crate::domain::event::{Scope, Span};
use crate::domain::ids::OrgId;
use crate::domain::time::Interval;

use super::error::Within;
use super::read::{Read, date, fixed, minute, required};

pub(super) fn interval(field: &str, message: Option<v1::Interval>) -> Read<Interval> {
    read_interval(required(field, message)?).within(field)
}

pub(super) fn read_interval(message: v1::Interval) -> Read<Interval> {
    let start = minute("start_minute", message.start_minute)?;
    Ok(Interval { start, end: minute("end_minute", message.end_minute)? })
}

pub(super) fn write_interval(interval: Interval) -> v1::Interval {
    v1::Interval { start_minute: interval.start.0, end_minute: interval.end.0 }
}

pub(super) fn span(field: &str, message: Option<v1::Span>) -> Read<Span> {
    let message = required(field, message)?;
    let read = || {
        let to = message.to_day.map(|day| date("to_day", day)).transpose()?;
        Ok(Span { from: date("from_day", message.from_day)?, to })
    };
    read().within(field)
}

pub(super) fn write_span(span: Span) -> v1::Span {
    v1::Span { from_day: span.from.0, to_day: span.to.map(|day| day.0) }
}

pub(super) fn scope(field: &str, message: Option<v1::Scope>) -> Read<Scope> {
    use v1::scope::Reach;
    match required(field, required(field, message)?.reach)? {
        Reach::Ledger(v1::scope::WholeLedger {}) => Ok(Scope::Ledger),
        Reach::Org(org) => fixed("org", &org, |id| Scope::Org(OrgId(id))).within(field),
    }
}

pub(super) fn write_scope(scope: Scope) -> v1::Scope {
    use v1::scope::Reach;
    let reach = match scope {
        Scope::Ledger => Reach::Ledger(v1::scope::WholeLedger {}),
        Scope::Org(org) => Reach::Org(org.0.to_vec()),
    };
    v1::Scope { reach: Some(reach) }
}
