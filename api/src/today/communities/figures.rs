//! A community's figures of a quarter, and what waits there beyond its time, counted from the log.

use std::collections::BTreeMap;

use hourbook_ledger::domain::event::{BodyKind, Scope, WishKind};
use hourbook_ledger::domain::ids::OrgId;
use hourbook_ledger::domain::time::{Date, Period};
use hourbook_projections::Models;
use hourbook_projections::activities::ActivityState;
use hourbook_projections::directory::ReportInState;
use hourbook_projections::record::shown::RowView;
use hourbook_projections::window::Window;
use hourbook_projections::wishes::{Wish, WishState};
use rustc_hash::FxHashMap;

/// Days after which what no rule gives a term counts as behind.
const PATIENCE: i32 = 7;

/// What a community did in a quarter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Figures {
    /// Certified minutes of those who belong there.
    pub(super) minutes: u64,
    /// People with at least one.
    pub(super) people: u64,
    /// Shifts that were held.
    pub(super) shifts: u64,
    /// Rows of hours that were recorded of services in the quarter.
    pub(super) rows: u64,
    /// Of them entered late.
    pub(super) late: u64,
    /// Wishes posted in the quarter.
    pub(super) posted: u64,
    /// Wishes granted in the quarter.
    pub(super) granted: u64,
    /// Members who are reported in now.
    pub(super) reported_in: u64,
}

impl Figures {
    pub(super) fn all(self) -> [u64; 8] {
        let Self { minutes, people, shifts, rows, late, posted, granted, reported_in } = self;
        [people, minutes, shifts, rows, late, posted, granted, reported_in]
    }
}

impl std::ops::AddAssign for Figures {
    fn add_assign(&mut self, other: Self) {
        self.minutes += other.minutes;
        self.people += other.people;
        self.shifts += other.shifts;
        self.rows += other.rows;
        self.late += other.late;
        self.posted += other.posted;
        self.granted += other.granted;
        self.reported_in += other.reported_in;
    }
}

/// What waits in a community beyond its time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Behind {
    /// Rows of hours that nobody confirmed by the day on which they were due.
    pub(super) unconfirmed: u64,
    /// Shifts that are over for more than [`PATIENCE`] days and whose roll nobody called.
    pub(super) uncalled: u64,
    /// Wishes that nobody vetted for so long.
    pub(super) unvetted: u64,
    /// Wishes that are done for so long and of which nobody asked the resident.
    pub(super) unasked: u64,
    /// Members who reported in and have no answer yet.
    pub(super) unanswered: u64,
}

impl Behind {
    pub(super) fn all(self) -> [u64; 5] {
        [self.unconfirmed, self.uncalled, self.unvetted, self.unasked, self.unanswered]
    }
}

/// One community.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Community {
    pub(super) figures: Figures,
    pub(super) behind: Behind,
}

/// Everything of the communities that is found in one walk over each kind of thing.
pub(super) fn of(
    models: &Models,
    communities: &[OrgId],
    period: Period,
    today: Date,
) -> BTreeMap<OrgId, Community> {
    let mut counting = Counting {
        models,
        communities,
        today,
        range: period.range(),
        above: FxHashMap::default(),
        found: BTreeMap::new(),
    };
    for org in communities {
        let total = models.total(Scope::Org(*org), Window::In(period));
        let figures = Figures { minutes: total.minutes, people: total.persons.into(), ..Figures::default() };
        counting.found.insert(*org, Community { figures, behind: Behind::default() });
    }
    counting.recorded();
    counting.unconfirmed();
    counting.shifts();
    counting.wishes();
    counting.report_ins();
    counting.found
}

struct Counting<'a> {
    models: &'a Models,
    communities: &'a [OrgId],
    today: Date,
    range: (Date, Date),
    /// Of which community an organisation is, as far as that was asked.
    above: FxHashMap<OrgId, Option<OrgId>>,
    found: BTreeMap<OrgId, Community>,
}

impl Counting<'_> {
    /// The community that an organisation is, or is part of.
    fn community(&mut self, org: OrgId) -> Option<&mut Community> {
        let (models, today, communities) = (self.models, self.today, self.communities);
        let above =
            || models.directory.ancestors(org, today).into_iter().find(|org| communities.contains(org));
        let here = (*self.above.entry(org).or_insert_with(above))?;
        self.found.get_mut(&here)
    }

    fn is_within(&self, day: Date) -> bool {
        (self.range.0..self.range.1).contains(&day)
    }

    fn is_long_ago(&self, day: Date) -> bool {
        day.plus(PATIENCE) < self.today
    }

    /// What was recorded before the quarter began is of no service in it, so that the walk from the last on ends there.
    fn recorded(&mut self) {
        let (models, offset) = (self.models, self.models.directory.offset());
        for number in models.records.recordings_of(|_| true, None, None) {
            let mut rows = models.records.rows_of(&models.accounts, number).peekable();
            if rows.peek().is_some_and(|row| row.recorder.at.date(offset) < self.range.0) {
                break;
            }
            for row in rows.filter(|row| row.correction.is_none()) {
                if !self.is_within(row.interval.start.date(offset)) {
                    continue;
                }
                let Some(community) = self.community(row.org) else { break };
                community.figures.rows += 1;
                community.figures.late += u64::from(row.overdue.is_some());
            }
        }
    }

    fn unconfirmed(&mut self) {
        let models = self.models;
        for number in models.records.waiting_of(|_| true) {
            for row in models.records.rows_of(&models.accounts, number).filter(RowView::is_pending) {
                let due = models.directory.register().hours_due(row.org, &row.interval);
                let behind = due.is_some_and(|due| due < self.today);
                let Some(community) = self.community(row.org) else { break };
                community.behind.unconfirmed += u64::from(behind);
            }
        }
    }

    fn shifts(&mut self) {
        let (models, offset) = (self.models, self.models.directory.offset());
        for (_, activity) in models.directory.activities().newest() {
            if !matches!(activity.state, ActivityState::Published | ActivityState::Closed) {
                continue;
            }
            for shift in &activity.shifts {
                let day = shift.interval.end.date(offset);
                let (within, over) = (self.is_within(day) && day <= self.today, self.is_long_ago(day));
                let Some(community) = self.community(activity.org) else { break };
                community.figures.shifts += u64::from(within && !shift.awaits_roll());
                community.behind.uncalled += u64::from(over && shift.awaits_roll());
            }
        }
    }

    fn wishes(&mut self) {
        let models = self.models;
        for wish in models.wishes.all() {
            let posted = self.day_of(wish, WishKind::Posted).is_some_and(|day| self.is_within(day));
            let granted = wish.state == WishState::Confirmed
                && self.day_of(wish, WishKind::Confirmed).is_some_and(|day| self.is_within(day));
            let stands = wish.timeline.last().map(|step| step.act.at.date(models.directory.offset()));
            let waits = stands.is_some_and(|day| self.is_long_ago(day));
            let Some(community) = self.community(wish.org) else { continue };
            community.figures.posted += u64::from(posted);
            community.figures.granted += u64::from(granted);
            community.behind.unvetted += u64::from(waits && wish.state == WishState::Draft);
            community.behind.unasked += u64::from(waits && wish.state == WishState::Fulfilled);
        }
    }

    fn day_of(&self, wish: &Wish, kind: WishKind) -> Option<Date> {
        let step = wish.timeline.iter().rfind(|step| step.kind == BodyKind::Wish(kind))?;
        Some(step.act.at.date(self.models.directory.offset()))
    }

    fn report_ins(&mut self) {
        let models = self.models;
        for (_, report) in models.directory.report_ins() {
            let Some(community) = self.community(report.community) else { continue };
            community.figures.reported_in += u64::from(report.state == ReportInState::Accepted);
            community.behind.unanswered += u64::from(report.state == ReportInState::Pending);
        }
    }
}
