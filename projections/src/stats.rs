//! The town at a glance: how much, by whom, and how it was recorded.

use std::collections::BTreeMap;

use hourbook_ledger::domain::event::{Assurance, Body, Event, HoursEvent, RecordClass, Stream, StreamKind};
use hourbook_ledger::domain::ids::{ActivityId, EventId, OrgId, WishId};
use hourbook_ledger::domain::time::Period;
use hourbook_ledger::follower::LoggedEvent;

use crate::directory::Directory;
use crate::record::{Change, Records};
use crate::window::month;
use crate::wishes::Wishes;

/// How the events of an organisation were signed, and how its hours were entered.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Shares {
    /// Events about its activities, hours and wishes.
    pub events: u64,
    /// Of these, witnessed by the server in a session of the actor.
    pub witnessed: u64,
    /// Of these, asserted by staff for someone else (代办).
    pub proxy: u64,
    /// Rows of hours that it recorded.
    pub rows: u64,
    /// Of these, entered afterwards (补录).
    pub late: u64,
}

impl std::ops::AddAssign for Shares {
    fn add_assign(&mut self, other: Self) {
        self.events += other.events;
        self.witnessed += other.witnessed;
        self.proxy += other.proxy;
        self.rows += other.rows;
        self.late += other.late;
    }
}

/// Sums over the whole ledger.
#[derive(Default, Debug, serde::Serialize, serde::Deserialize)]
pub struct Stats {
    /// Certified minutes in all.
    pub minutes: u64,
    /// By month, counted from January of year 0.
    by_month: BTreeMap<i32, u64>,
    /// By organisation, without those of the organisations below it.
    pub(crate) shares: BTreeMap<OrgId, Shares>,
}

impl Stats {
    pub(crate) fn fold(
        &mut self,
        directory: &Directory,
        records: &Records,
        wishes: &Wishes,
        c: &LoggedEvent,
        changes: &[Change],
    ) {
        for change in changes {
            let sum = self.by_month.entry(change.month).or_default();
            *sum = *sum - u64::from(change.was) + u64::from(change.now);
            self.minutes = self.minutes - u64::from(change.was) + u64::from(change.now);
        }
        let Some(org) = org_of(directory, records, wishes, &c.event) else { return };
        let shares = self.shares.entry(org).or_default();
        shares.events += 1;
        shares.witnessed += u64::from(c.event.assurance == Assurance::ServerWitnessed);
        shares.proxy += u64::from(c.event.assurance == Assurance::StaffProxy);
        if let Body::Hours(HoursEvent::Recorded { class, rows, .. }) = &c.event.body {
            shares.rows += rows.len() as u64;
            shares.late += if *class == RecordClass::Normal { 0 } else { rows.len() as u64 };
        }
    }

    /// Certified minutes by month, ascending; months without any before the last are there with zero.
    #[must_use]
    pub fn months(&self) -> Vec<(Period, u64)> {
        let (first, last) = (self.by_month.first_key_value(), self.by_month.last_key_value());
        let (Some((&first, _)), Some((&last, _))) = (first, last) else { return Vec::new() };
        let minutes = |month: i32| self.by_month.get(&month).copied().unwrap_or(0);
        (first..=last).map(|number| (month(number), minutes(number))).collect()
    }
}

/// The organisation whose activity, hours or wish an event is about.
fn org_of(directory: &Directory, records: &Records, wishes: &Wishes, event: &Event) -> Option<OrgId> {
    let Stream { kind, id } = event.stream;
    match kind {
        StreamKind::Hours => records.org(EventId(id)),
        StreamKind::Activity => directory.activity(ActivityId(id)).map(|activity| activity.org),
        StreamKind::Wish => wishes.get(WishId(id)).map(|wish| wish.org),
        _ => None,
    }
}
