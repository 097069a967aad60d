//! What whoever confirms a row should look at twice. A warning refuses nothing: people decide.

use hourbook_ledger::domain::event::{AffiliationKind, RecordClass, Scope};
use hourbook_ledger::domain::time::Interval;
use hourbook_projections::Models;
use hourbook_projections::record::shown::RowView;

use crate::commands::Words;

/// Why a row is not ticked at first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Warning {
    /// Recorded after the due date.
    Overdue,
    /// Entered afterwards (补录).
    Late,
    /// The person was elsewhere at the same time, as another row has it.
    Overlap,
    /// More on one day than the policy gives credit for.
    Long,
    /// For the unit that the person works for.
    OwnUnit,
}

impl Warning {
    /// What it says.
    pub(super) fn words(self) -> Words {
        match self {
            Self::Overdue => ("超过录入期限", "recorded after the due date"),
            Self::Late => ("补录", "entered afterwards"),
            Self::Overlap => ("与另一条时间重叠", "overlaps with another row"),
            Self::Long => ("当天时长超过上限", "more than a day's limit"),
            Self::OwnUnit => ("为本人所在单位服务", "for the person's own unit"),
        }
    }
}

/// The warnings of a row.
pub(super) fn of(models: &Models, row: &RowView) -> Vec<Warning> {
    let all = models.records.rows(&models.accounts, row.person);
    let is_another = |other: &&RowView| (other.recorded, other.row) != (row.recorded, row.row);
    let others: Vec<&RowView> =
        all.iter().filter(|other| other.correction.is_none()).filter(is_another).collect();
    let found = [
        (Warning::Overdue, row.overdue.is_some()),
        (Warning::Late, row.class != RecordClass::Normal),
        (Warning::Overlap, others.iter().any(|other| overlap(other.interval, row.interval))),
        (Warning::Long, is_long(models, row, &others)),
        (Warning::OwnUnit, is_for_own_unit(models, row)),
    ];
    found.into_iter().filter(|(_, holds)| *holds).map(|(warning, _)| warning).collect()
}

/// Half-open: one that begins when another ends does not overlap with it.
fn overlap(one: Interval, other: Interval) -> bool {
    one.start < other.end && other.start < one.end
}

/// Whether the rows that begin on its day are more than the credit of a day.
fn is_long(models: &Models, row: &RowView, others: &[&RowView]) -> bool {
    let register = models.directory.register();
    let day = |row: &RowView| row.interval.start.date(register.offset());
    let minutes = |row: &RowView| row.interval.minutes();
    let that_day: i64 =
        others.iter().filter(|other| day(other) == day(row)).map(|other| minutes(other)).sum();
    let limit = register.policies.credit(day(row)).map(|policy| i64::from(policy.daily_cap));
    limit.is_some_and(|limit| minutes(row) + that_day > limit)
}

fn is_for_own_unit(models: &Models, row: &RowView) -> bool {
    let register = models.directory.register();
    let day = row.interval.start.date(register.offset());
    let Some(person) = register.people.get(row.person) else { return false };
    let units = person
        .affiliations
        .iter()
        .filter(|tie| tie.kind == AffiliationKind::Organisational && tie.span.contains(day));
    units.map(|tie| tie.org).any(|unit| register.orgs.covers(Scope::Org(unit), row.org, day))
}

#[cfg(test)]
mod tests {
    use hourbook_ledger::domain::time::Minute;

    use super::*;

    #[test]
    fn what_begins_when_another_ends_does_not_overlap() {
        let interval = |start, end| Interval { start: Minute(start), end: Minute(end) };
        assert!(overlap(interval(0, 60), interval(59, 90)) && overlap(interval(0, 60), interval(10, 20)));
        assert!(!overlap(interval(0, 60), interval(60, 90)) && !overlap(interval(60, 90), interval(0, 60)));
    }
}
