//! Red and yellow lists (红榜, 黄榜): drawn up on demand, as of a cut-off, under the points policy that
//! the rules pin for the period; and those that were published.
//!
//! On the list of a scope and period stands who had an organisational or reported-in affiliation within the scope on the
//! period's last day; one of the two alone, if the policy covers it alone. Counted are certified minutes, confirmed wishes and absences of days in the period on which the
//! member had such an affiliation there: a transfer leaves the earlier part with the earlier place. Only entries up to and
//! with the cut-off position count, whether of service, affiliation, organisation, exemption or policy; so a list can be
//! recomputed at any later time.
//!
//! A member is, in this order: exempt (an exemption covers a day of the period), not reported in (no reported-in
//! affiliation on any day of the period), without service (no certified minute and no confirmed wish), or scored. The
//! first two have a total, and stand on neither list. Those without service stand on the yellow list if their total
//! says so, unless the policy has them there always or never, and are shown apart there.

use hourbook_ledger::domain::State;
use hourbook_ledger::domain::event::{AffiliationKind, Body, ListEvent, Scope, Span};
use hourbook_ledger::domain::ids::{EventId, OrgId, PersonId};
use hourbook_ledger::domain::person::Affiliation;
use hourbook_ledger::domain::policy::{Membership, NoService, PointsPolicy};
use hourbook_ledger::domain::time::{Date, Period};
use hourbook_ledger::follower::LoggedEvent;
use rustc_hash::FxHashMap;
use thiserror::Error;

use crate::canonical::{Canonical as _, fields, plain_enums};
use crate::directory::Directory;
use crate::points::Points;
use crate::provenance::Provenance;
use crate::record::Records;

/// What gives or takes points.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
#[repr(u8)]
pub enum ItemKind {
    /// What everyone starts with.
    Base = 1,
    /// Certified minutes.
    Minutes = 2,
    /// Confirmed wishes.
    Wishes = 3,
    /// Absences after sign-up.
    Absences = 4,
}

/// Where a member stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
#[repr(u8)]
pub enum Standing {
    /// Has points from service.
    Scored = 1,
    /// Neither a certified minute nor a confirmed wish.
    ZeroService = 2,
    /// Excused by a decision of the branch.
    Exempt = 3,
    /// Has not reported to a community.
    NotReportedIn = 4,
}

/// On which list a line stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
#[repr(u8)]
pub enum Colour {
    /// Neither.
    None = 0,
    /// 红榜.
    Red = 1,
    /// 黄榜.
    Yellow = 2,
}

plain_enums!(ItemKind, Standing, Colour);

/// Points of one kind with what is behind them.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Item {
    /// Of which kind.
    pub kind: ItemKind,
    /// How many points, in hundredths.
    pub hundredths: i64,
    /// How much of it: minutes, wishes, absences; zero for the base.
    pub amount: u32,
    /// Positions of the events behind it, ascending, each once.
    pub events: Vec<u64>,
}

fields!(Item { kind, hundredths, amount, events });

/// A member's line.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Line {
    /// Who.
    pub person: PersonId,
    /// Points in hundredths, within floor and ceiling.
    pub total: i64,
    /// Where the member stands.
    pub standing: Standing,
    /// On which list.
    pub colour: Colour,
    /// What the total is made of: the base first, then the others that are not empty.
    pub items: Vec<Item>,
    /// Days of the period for which the member is exempt, as decided.
    pub exempt: Vec<Span>,
}

fields!(Line { person, total, standing, colour, items, exempt });

/// A list as of a cut-off.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Draft {
    /// The organisation.
    pub scope: OrgId,
    /// The period.
    pub period: Period,
    /// Position of the last entry that counts.
    pub cutoff: u64,
    /// The event that adopted the policy.
    pub policy: EventId,
    /// What the policy says.
    pub points: PointsPolicy,
    /// The lines, by total descending, then by id ascending.
    pub lines: Vec<Line>,
}

fields!(Draft { scope, period, cutoff, policy, points, lines });

impl Draft {
    /// The lines on the list of a colour, in order.
    pub fn of(&self, colour: Colour) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(move |line| line.colour == colour)
    }

    /// How many lines have a standing.
    #[must_use]
    pub fn count(&self, standing: Standing) -> usize {
        self.lines.iter().filter(|line| line.standing == standing).count()
    }
}

/// Why no list can be drawn up.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum DraftError {
    /// The organisation was not registered at the cut-off.
    #[error("no such organisation before the cut-off")]
    UnknownOrg,
    /// No points policy held for the organisation in the period, as known at the cut-off.
    #[error("no points policy holds in the period")]
    NoPolicy,
}

/// A published list.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Published {
    /// The publishing event.
    pub event: EventId,
    /// Who published it, when, and where that stands.
    pub act: Provenance,
    /// The organisation.
    pub scope: OrgId,
    /// The period.
    pub period: Period,
    /// Position of the last entry that counts.
    pub cutoff: u64,
    /// The policy that it names.
    pub policy: EventId,
    /// The digest that it carries.
    pub digest: [u8; 32],
}

/// Published lists.
#[derive(Default, Debug, serde::Serialize, serde::Deserialize)]
pub struct Lists {
    published: Vec<Published>,
}

impl Lists {
    /// Takes one more event.
    pub fn fold(&mut self, c: &LoggedEvent) {
        if let Body::List(ListEvent::Published { scope, period, cutoff, policy, digest }) = &c.event.body {
            self.published.push(Published {
                event: c.event.id,
                act: Provenance::of(c),
                scope: *scope,
                period: *period,
                cutoff: *cutoff,
                policy: *policy,
                digest: *digest,
            });
        }
    }

    /// All published lists, in order.
    #[must_use]
    pub fn published(&self) -> &[Published] {
        &self.published
    }

    /// The list of a scope and period that was published last.
    #[must_use]
    pub fn latest(&self, scope: OrgId, period: Period) -> Option<&Published> {
        self.published.iter().rev().find(|p| p.scope == scope && p.period == period)
    }
}

/// What a list is drawn up from.
#[derive(Clone, Copy, Debug)]
pub struct Sources<'a> {
    /// Organisations, affiliations, policies.
    pub directory: &'a Directory,
    /// Certified minutes.
    pub records: &'a Records,
    /// Wishes, absences, exemptions.
    pub points: &'a Points,
}

impl Sources<'_> {
    /// Draws up the list of a scope and period from the entries up to and with position `cutoff`. The same entries give
    /// the same list, whatever came later.
    ///
    /// # Errors
    /// [`DraftError`].
    pub fn draft(&self, scope: OrgId, period: Period, cutoff: u64) -> Result<Draft, DraftError> {
        self.draft_under(scope, period, cutoff, None)
    }

    /// The same under another points policy than the pinned one, which it still names.
    ///
    /// # Errors
    /// [`DraftError`].
    pub fn draft_under(
        &self,
        scope: OrgId,
        period: Period,
        cutoff: u64,
        other: Option<&PointsPolicy>,
    ) -> Result<Draft, DraftError> {
        let now = self.directory.register();
        let end = cutoff.saturating_add(1);
        let earlier = (!self.points.is_current(end)).then(|| self.points.register_before(now, end));
        let register = earlier.as_ref().unwrap_or(now);
        if !register.orgs.contains(scope) {
            return Err(DraftError::UnknownOrg);
        }
        let pinned = register.policies.points(&register.orgs, scope, period);
        let (adopted, pinned) = pinned.ok_or(DraftError::NoPolicy)?;
        let points = other.unwrap_or(pinned);
        let mut drafting = Drafting {
            sources: *self,
            register,
            scope,
            range: period.range(),
            end,
            points,
            covered: FxHashMap::default(),
        };
        let members = self.points.in_service().into_iter();
        let mut lines: Vec<Line> = members.filter_map(|person| drafting.line(person)).collect();
        lines.sort_by(|a, b| b.total.cmp(&a.total).then(a.person.cmp(&b.person)));
        Ok(Draft { scope, period, cutoff, policy: adopted.event, points: points.clone(), lines })
    }

    /// Whether the entries up to the cut-off of a published list give what it carries: the policy and the digest.
    #[must_use]
    pub fn reproduces(&self, list: &Published) -> bool {
        let draft = self.draft(list.scope, list.period, list.cutoff);
        draft.is_ok_and(|draft| draft.policy == list.policy && draft.digest() == list.digest)
    }
}

struct Drafting<'a> {
    sources: Sources<'a>,
    register: &'a State,
    scope: OrgId,
    range: (Date, Date),
    /// The position after the cut-off.
    end: u64,
    points: &'a PointsPolicy,
    covered: FxHashMap<(OrgId, Date), bool>,
}

impl Drafting<'_> {
    fn line(&mut self, person: PersonId) -> Option<Line> {
        let affiliations = in_service(self.register, person);
        self.belongs(&affiliations, self.range.1.plus(-1)).then(|| {
            let items = self.items(person, &affiliations);
            let exempt = self.exempt(person);
            let standing = self.standing(&affiliations, &items, &exempt);
            let total = self.total(&items);
            Line { person, total, standing, colour: self.colour(standing, total), items, exempt }
        })
    }

    /// Whether one of the affiliations that the policy covers lies within the scope on a date.
    fn belongs(&mut self, affiliations: &[Affiliation], date: Date) -> bool {
        let (register, scope) = (self.register, Scope::Org(self.scope));
        let covered = &mut self.covered;
        let only = self.points.covers.map(Membership::kind);
        let counts = |a: &&Affiliation| only.is_none_or(|only| a.kind == only) && a.span.contains(date);
        affiliations.iter().filter(counts).any(|a| {
            *covered.entry((a.org, date)).or_insert_with(|| register.orgs.covers(scope, a.org, date))
        })
    }

    fn counts(&mut self, affiliations: &[Affiliation], date: Date) -> bool {
        self.range.0 <= date && date < self.range.1 && self.belongs(affiliations, date)
    }

    fn items(&mut self, person: PersonId, affiliations: &[Affiliation]) -> Vec<Item> {
        let (end, sources, points) = (self.end, self.sources, self.points);
        let base =
            Item { kind: ItemKind::Base, hundredths: points.base.into(), amount: 0, events: Vec::new() };

        let mut days = sources.records.counted_before(person, end);
        days.retain(|day| self.counts(affiliations, day.date));
        let minutes: u32 = days.iter().map(|day| u32::from(day.minutes)).sum();
        let rate =
            |minutes: u32| i64::from(minutes) * i64::from(points.minutes_num) / i64::from(points.minutes_den);
        let served =
            item(ItemKind::Minutes, rate(minutes), minutes, days.iter().map(|d| d.position).collect());

        let each = |kind, points: i32, events: Vec<u64>| {
            item(kind, i64::from(points) * events.len() as i64, events.len() as u32, events)
        };
        let mut wishes: Vec<_> = sources.points.wishes(person, end).copied().collect();
        wishes.retain(|fact| self.counts(affiliations, fact.date));
        let events = wishes.iter().map(|fact| fact.position).collect();
        let wishes = each(ItemKind::Wishes, points.wish, events);

        let mut absences = sources.points.absences(person, end);
        absences.retain(|fact| self.counts(affiliations, fact.date));
        let events = absences.iter().map(|fact| fact.position).collect();
        let absences = each(ItemKind::Absences, points.absence, events);

        let others = [served, wishes, absences].into_iter().filter(|item| item.amount > 0);
        std::iter::once(base).chain(others).collect()
    }

    fn exempt(&self, person: PersonId) -> Vec<Span> {
        let period = Span { from: self.range.0, to: Some(self.range.1) };
        let exemptions = self.sources.points.exemptions(person, self.end);
        exemptions.map(|e| e.span).filter(|span| span.overlaps(&period)).collect()
    }

    fn standing(&self, affiliations: &[Affiliation], items: &[Item], exempt: &[Span]) -> Standing {
        let period = Span { from: self.range.0, to: Some(self.range.1) };
        let reported = |a: &Affiliation| a.kind == AffiliationKind::ReportedIn && a.span.overlaps(&period);
        let served = |item: &Item| matches!(item.kind, ItemKind::Minutes | ItemKind::Wishes);
        if !exempt.is_empty() {
            Standing::Exempt
        } else if !affiliations.iter().any(reported) {
            Standing::NotReportedIn
        } else if !items.iter().any(served) {
            Standing::ZeroService
        } else {
            Standing::Scored
        }
    }

    fn total(&self, items: &[Item]) -> i64 {
        let sum: i64 = items.iter().map(|item| item.hundredths).sum();
        let ceiling = self.points.ceiling.map_or(i64::MAX, i64::from);
        sum.min(ceiling).max(self.points.floor.into())
    }

    fn colour(&self, standing: Standing, total: i64) -> Colour {
        let (is_yellow, is_red) =
            (total <= i64::from(self.points.yellow_to), total >= i64::from(self.points.red_from));
        match (standing, self.points.no_service) {
            (Standing::Exempt | Standing::NotReportedIn, _) => Colour::None,
            (Standing::ZeroService, Some(NoService::NotListed)) => Colour::None,
            (Standing::ZeroService, Some(NoService::Yellow)) => Colour::Yellow,
            (Standing::Scored | Standing::ZeroService, _) if is_yellow => Colour::Yellow,
            (Standing::Scored, _) if is_red => Colour::Red,
            (Standing::Scored | Standing::ZeroService, _) => Colour::None,
        }
    }
}

fn in_service(register: &State, person: PersonId) -> Vec<Affiliation> {
    let affiliations = register.people.get(person).map_or(&[][..], |p| &p.affiliations);
    let of_service =
        |a: &&Affiliation| matches!(a.kind, AffiliationKind::Organisational | AffiliationKind::ReportedIn);
    affiliations.iter().filter(of_service).copied().collect()
}

fn item(kind: ItemKind, hundredths: i64, amount: u32, mut events: Vec<u64>) -> Item {
    events.sort_unstable();
    events.dedup();
    Item { kind, hundredths, amount, events }
}
