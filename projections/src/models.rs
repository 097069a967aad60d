//! All read models together, with the queries that need several of them.

use std::cmp::Reverse;

use hourbook_ledger::domain::event::{OrgKind, Scope};
use hourbook_ledger::domain::ids::{OrgId, PersonId};
use hourbook_ledger::domain::policy::PointsPolicy;
use hourbook_ledger::domain::time::{Millis, Period};
use hourbook_ledger::follower::LoggedEvent;
use hourbook_ledger::store::lazy;
use hourbook_ledger::{save_fields, save_plain};

use crate::account::Accounts;
use crate::attribution::Attribution;
use crate::deeds::Deeds;
use crate::directory::Directory;
use crate::leaderboard::{Leaderboards, Rank, Total, With};
use crate::lists::{Draft, DraftError, Lists, Published, Sources};
use crate::notices::Notices;
use crate::points::Points;
use crate::record::{Change, Records};
use crate::stats::{Shares, Stats};
use crate::waiting::Waiting;
use crate::window::Window;
use crate::wishes::{Below, Wishes};

/// Every read model, all as of the same cursor.
#[derive(Default, Debug)]
#[allow(missing_docs)] // each field is documented by its type
pub struct Models {
    cursor: u64,
    pub directory: Directory,
    pub accounts: Accounts,
    pub records: Records,
    pub wishes: Wishes,
    pub points: Points,
    pub lists: Lists,
    pub notices: Notices,
    pub stats: Stats,
    pub waiting: Waiting,
    pub deeds: Deeds,
    attribution: Attribution,
    leaderboards: Leaderboards,
    changes: Vec<Change>,
}

impl Models {
    /// Takes the next event.
    ///
    /// # Panics
    /// If it is not the next one: a gap or a repetition would make every answer wrong from there on.
    pub fn fold(&mut self, c: &LoggedEvent) {
        assert_eq!(c.position, self.cursor, "the events of the log come one after the other");
        self.cursor += 1;
        self.waiting.fold(c);
        self.directory.pass(c.recorded_at);
        if let Some(c) = c.in_effect() {
            self.take(&c);
        }
        // As it stands on the log: what waits was done to somebody too.
        self.deeds.fold(&self.records, self.directory.register().ledger_person(), c);
    }

    fn take(&mut self, c: &LoggedEvent) {
        self.directory.fold(c);
        self.accounts.fold(c);
        self.attribution.fold(c);
        self.changes.clear();
        self.records.fold(&self.directory, &mut self.attribution, c, &mut self.changes);
        let with = With { people: &self.records.people, attribution: &self.attribution };
        self.leaderboards.fold(with, &self.changes);
        self.wishes.fold(c);
        self.points.fold(&self.directory, &self.wishes, c);
        self.lists.fold(c);
        self.notices.fold(self.directory.today(), c);
        self.stats.fold(&self.directory, &self.records, &self.wishes, c, &self.changes);
    }

    /// The position of the next event: everything below it is in these answers.
    #[must_use]
    pub fn as_of(&self) -> u64 {
        self.cursor
    }

    /// Whether a policy says that nobody is ranked now.
    #[must_use]
    pub fn rankings_off(&self, now: Millis) -> bool {
        let today = now.date(self.directory.offset());
        self.directory.register().policies.rankings_off(today).is_some()
    }

    fn with(&self) -> With<'_> {
        With { people: &self.records.people, attribution: &self.attribution }
    }

    /// A person's rank in a scope and window.
    #[must_use]
    pub fn rank(&self, scope: Scope, window: Window, person: PersonId) -> Option<Rank> {
        self.leaderboards.rank(self.with(), scope, window, person)
    }

    /// Lines of a leaderboard from `offset` on, at most `limit`.
    #[must_use]
    pub fn leaders(&self, scope: Scope, window: Window, offset: usize, limit: usize) -> Vec<Rank> {
        self.leaderboards.page(self.with(), scope, window, offset, limit)
    }

    /// Lines of a leaderboard that follow a place in it, which stays where it is when other lines move.
    #[must_use]
    pub fn leaders_after(
        &self,
        scope: Scope,
        window: Window,
        place: (u32, PersonId),
        limit: usize,
    ) -> Vec<Rank> {
        self.leaderboards.after(self.with(), scope, window, place, limit)
    }

    /// What a scope's members did in a window.
    #[must_use]
    pub fn total(&self, scope: Scope, window: Window) -> Total {
        self.leaderboards.total(self.with(), scope, window)
    }

    /// Organisations of a kind within a scope today, by minutes descending, then by id; those without service too.
    #[must_use]
    pub fn leading_orgs(&self, scope: Scope, kind: OrgKind, window: Window) -> Vec<(OrgId, Total)> {
        let top = match scope {
            Scope::Ledger => None,
            Scope::Org(org) => Some(org),
        };
        let mut below = Below::new(&self.directory, top);
        let orgs = self.directory.orgs().into_iter().filter(|(_, entry)| entry.kind == kind);
        let mut totals: Vec<_> = orgs
            .filter(|(org, _)| below.contains(*org))
            .map(|(org, _)| (org, self.total(Scope::Org(org), window)))
            .collect();
        totals.sort_by_key(|(org, total)| (Reverse(total.minutes), *org));
        totals
    }

    /// How the events of an organisation and all below it today were signed.
    #[must_use]
    pub fn shares(&self, org: Option<OrgId>) -> Shares {
        let mut below = Below::new(&self.directory, org);
        let mut sum = Shares::default();
        self.stats
            .shares
            .iter()
            .filter(|(org, _)| below.contains(**org))
            .for_each(|(_, shares)| sum += *shares);
        sum
    }

    /// Draws up a list from the entries up to and with position `cutoff`; see [`crate::lists`].
    ///
    /// # Errors
    /// [`DraftError`].
    pub fn draft(&self, scope: OrgId, period: Period, cutoff: u64) -> Result<Draft, DraftError> {
        self.sources().draft(scope, period, cutoff)
    }

    /// The list of today as it would be under another points policy.
    ///
    /// # Errors
    /// [`DraftError`].
    pub fn draft_as_if(
        &self,
        scope: OrgId,
        period: Period,
        points: &PointsPolicy,
    ) -> Result<Draft, DraftError> {
        self.sources().draft_under(scope, period, self.as_of(), Some(points))
    }

    /// Whether the log gives what a published list carries.
    #[must_use]
    pub fn reproduces(&self, list: &Published) -> bool {
        self.sources().reproduces(list)
    }

    /// What two builds of the same log agree on, however they came about.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        lazy::digest(self)
    }

    fn sources(&self) -> Sources<'_> {
        Sources { directory: &self.directory, records: &self.records, points: &self.points }
    }
}

save_plain!(Lists, Stats);
save_fields!(Models {
    cursor,
    directory,
    accounts,
    attribution,
    records,
    leaderboards,
    wishes,
    points,
    lists,
    notices,
    stats,
    waiting,
    deeds,
} anew changes);
