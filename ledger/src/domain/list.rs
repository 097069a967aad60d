//! Published lists, exemptions from points, and digests of the derived facts.
//!
//! A list is not on the log line by line: the event pins the cut-off position and the policy, from which anyone who may
//! see the entries recomputes it, and the digest that the result must have.

use super::concern::{Concern, Reach};
use super::context::{Context, Header};
use super::hands::Behind;
use super::ids::{EventId, OrgId, PersonId};
use super::register::Register;
use super::rejection::{Code, ENDS_LATER, Reason, Verdict, ensure, fits};
use super::time::{Date, Period};
use super::vocabulary::Span;
use crate::domain::ids::Commitment;
use crate::store::table::{Table, tables};
use hourbook_derive::Aggregate;

/// What can be asserted of the lists of an organisation.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize, Aggregate)]
#[aggregate(stream(List, scope))]
#[allow(missing_docs)] // fields are named after their types
pub enum ListEvent {
    /// A list was computed at a cut-off position under a policy and published.
    #[event(1, by(steward, secretary))]
    #[safe = "Cannot be unseen: a second person stands for it, and it can be recomputed by whoever may see it."]
    Published { scope: OrgId, period: super::time::Period, cutoff: u64, policy: EventId, digest: [u8; 32] },
    /// A branch excuses a member from points for a span; the reason is never shown.
    #[event(2, by(secretary), stream(Person, person), unprefixed)]
    #[safe = "Decides about somebody's standing: a second person stands for it, never about oneself."]
    MemberExempted {
        person: PersonId,
        org: OrgId,
        span: Span,
        #[field(commits(Reason, person))]
        reason: Commitment,
    },
}

/// A list as published.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Published {
    /// The publishing event.
    pub event: EventId,
    /// Its position.
    pub position: u64,
    /// The list counts the entries up to and with this position.
    pub cutoff: u64,
    /// The event that adopted the points policy.
    pub policy: EventId,
    /// SHA-256 of the list's canonical form.
    pub digest: [u8; 32],
}

/// A branch's decision that no points are expected of a member for a while. The reason stays in the vault.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Exemption {
    /// The organisation that decided.
    pub org: OrgId,
    /// For which days.
    pub span: Span,
}

/// The last digest of the derived facts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Digest {
    /// It holds after the entry with this position.
    pub position: u64,
    /// The version of the rules that derived it.
    pub rules: u32,
    /// The digest.
    pub digest: [u8; 32],
}

/// All lists, exemptions and the last digest.
#[derive(Default, Debug, Clone)]
pub struct Lists {
    published: Table<26, (OrgId, Period), Published>,
    exempted: Table<27, PersonId, Vec<Exemption>>,
    digest: Table<28, (), Digest>,
}

tables!(Lists { published, exempted, digest });

impl Lists {
    pub(super) fn state_digest(&mut self, position: u64, rules: u32, digest: [u8; 32]) {
        self.digest.insert((), Digest { position, rules, digest });
    }

    /// The list of an organisation for a period: of several, the one published last.
    #[must_use]
    pub fn published(&self, scope: OrgId, period: Period) -> Option<&Published> {
        self.published.get(&(scope, period))
    }

    /// A person's exemptions, in order of recording.
    #[must_use]
    pub fn exemptions(&self, person: PersonId) -> &[Exemption] {
        self.exempted.get(&person).map_or(&[], Vec::as_slice)
    }

    /// The last digest of the derived facts.
    #[must_use]
    pub fn last_digest(&self) -> Option<&Digest> {
        self.digest.get(&())
    }
}

/// Whom and what each concerns.
pub(super) fn concern(body: &ListEvent) -> Concern {
    match body {
        ListEvent::Published { scope: org, .. } | ListEvent::MemberExempted { org, .. } => {
            Concern::nobody(Reach::Orgs(vec![*org]))
        }
    }
}

pub(super) fn decide(facts: &Register<'_>, (cx, header): (&Context, &Header), body: &ListEvent) -> Verdict {
    match body {
        ListEvent::Published { scope, period, cutoff, policy, .. } => {
            fits(is_period(*period), format_args!("period: a year, quarter or month from 1900 on"))?;
            ensure(facts.orgs.contains(*scope), Code::UnknownOrg)?;
            let is_off = facts.policies.rankings_off(facts.today(cx)).is_some();
            ensure(!is_off, (Code::BadList, Reason::RankingsOff))?;
            let over = period.range().1 <= facts.today(cx);
            let pinned = facts.policies.points(facts.orgs, *scope, *period).map(|(adopted, _)| adopted.event);
            ensure(*cutoff < cx.position && over && pinned == Some(*policy), Code::BadList)
        }
        ListEvent::MemberExempted { person, org, span, .. } => {
            fits(span.is_valid(), format_args!("{ENDS_LATER}"))?;
            ensure(facts.orgs.contains(*org), Code::UnknownOrg)?;
            ensure(facts.knows(*person), Code::UnknownPerson)?;
            Behind::of(facts.keys, cx, header).check_concerns_another(*person)?;
            let belongs = |date: Date| belongs(facts, *person, *org, date);
            ensure(belongs(span.from) || belongs(facts.today(cx)), Code::NotAffiliated)
        }
    }
}

/// Whether there is such a period, within the years that dates are shown in.
fn is_period(period: Period) -> bool {
    let year = |y: i32| (1..=9998).contains(&y);
    match period {
        Period::Year(y) => year(y),
        Period::Quarter(y, q) => year(y) && (1..=4).contains(&q),
        Period::Month(y, m) => year(y) && (1..=12).contains(&m),
    }
}

/// Whether the person belongs on a date to the organisation or to one below it.
fn belongs(facts: &Register<'_>, person: PersonId, org: OrgId, date: Date) -> bool {
    let homes = facts.people.homes(person, date);
    homes.iter().any(|home| facts.orgs.ancestors(*home, date).contains(&org))
}

pub(super) fn evolve(lists: &mut Lists, (cx, header): (&Context, &Header), body: &ListEvent) {
    match body {
        ListEvent::Published { scope, period, cutoff, policy, digest } => {
            let published = Published {
                event: header.id,
                position: cx.position,
                cutoff: *cutoff,
                policy: *policy,
                digest: *digest,
            };
            lists.published.insert((*scope, *period), published);
        }
        ListEvent::MemberExempted { person, org, span, .. } => {
            lists.exempted.or_default(*person).push(Exemption { org: *org, span: *span });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::event::{AffiliationKind, OrgKind, Role, Scope};
    use super::super::ids::Commitment;
    use super::super::policy::{PointsPolicy, Policy, RankingPolicy, Rankings};
    use super::super::testing::*;
    use super::*;
    use crate::domain::Body;
    use crate::domain::LedgerEvent;
    use crate::domain::event::ActEvent;

    use crate::domain::policy::PolicyEvent;

    const BRANCH: OrgId = OrgId([40; 16]);
    const SECRETARY: PersonId = PersonId([41; 16]);
    const SECOND_SECRETARY: PersonId = PersonId([42; 16]);
    const APRIL: Period = Period::Month(2026, 4);

    fn points(base: i32) -> Policy {
        Policy::Points(PointsPolicy { base, absence: -200, red_from: 12_000, ..PointsPolicy::PLAIN })
    }

    fn adopt(town: &mut Town, scope: Scope, from: &str, base: i32) -> EventId {
        let from = from.parse().expect("a date");
        town.given(FOUNDER, Body::Policy(PolicyEvent::Adopted { scope, from, policy: points(base) }))
    }

    fn list(town: &Town, scope: OrgId, period: Period, policy: EventId) -> Body {
        Body::List(ListEvent::Published { scope, period, cutoff: town.position - 1, policy, digest: [9; 32] })
    }

    /// A town with a branch, its two secretaries and a points policy from 2026-03-02; it is 2026-05-01, 08:00.
    fn town_in_may() -> (Town, EventId) {
        let mut town = Town::new();
        let name = "branch".to_owned();
        let (kind, parent) = (OrgKind::PartyBranch, Some(CITY));
        town.must(FOUNDER, Body::org_registered(BRANCH, kind, name, parent));
        let (role, scope) = (Role::Secretary, Scope::Org(BRANCH));
        for person in [SECRETARY, SECOND_SECRETARY] {
            town.register(person, BRANCH);
            town.must(STEWARD, grants(person, role, scope));
        }
        let policy = adopt(&mut town, Scope::Ledger, "2026-03-02", 6_000);
        town.wait_days(60);
        assert_eq!(town.today().to_string(), "2026-05-01");
        (town, policy)
    }

    #[test]
    fn a_list_is_remembered_and_a_later_one_takes_its_place() {
        let (mut town, policy) = town_in_may();
        let first = list(&town, BRANCH, APRIL, policy);
        let event = town.held(SECRETARY, first);
        assert_eq!(town.state.lists.published(BRANCH, APRIL), None, "not on one person's word");
        town.must(SECOND_SECRETARY, Body::Act(ActEvent::Approved { act: event }));
        assert_eq!(town.state.lists.published(BRANCH, APRIL).map(|list| list.event), Some(event));
        let position = town.position + 1;
        let second = list(&town, BRANCH, APRIL, policy);
        let event = town.held(SECRETARY, second);
        town.must(SECOND_SECRETARY, Body::Act(ActEvent::Approved { act: event }));
        let expected = Published { event, position, cutoff: position - 2, policy, digest: [9; 32] };
        assert_eq!(town.state.lists.published(BRANCH, APRIL), Some(&expected));
        assert_eq!(town.state.lists.published(BRANCH, Period::Month(2026, 3)), None);
        assert_eq!(town.state.lists.published(CITY, APRIL), None);
    }

    #[test]
    fn a_list_waits_for_the_end_of_its_period() {
        let (mut town, policy) = town_in_may();
        town.now.0 -= 8 * 3_600_000 + 1;
        assert_eq!(town.today().to_string(), "2026-04-30");
        let early = list(&town, BRANCH, APRIL, policy);
        assert_eq!(code(&mut town, SECRETARY, early.clone()), Err(Code::BadList));
        town.now.0 += 1;
        assert_eq!(code(&mut town, SECRETARY, early), Ok(()));
    }

    #[test]
    fn a_list_counts_only_what_is_on_the_log_before_it() {
        let (mut town, policy) = town_in_may();
        let (scope, period, digest) = (BRANCH, APRIL, [9; 32]);
        let cutoff = town.position;
        let body = Body::List(ListEvent::Published { scope, period, cutoff, policy, digest });
        assert_eq!(code(&mut town, SECRETARY, body), Err(Code::BadList));
        let body = Body::List(ListEvent::Published { scope, period, cutoff: cutoff - 1, policy, digest });
        assert_eq!(code(&mut town, SECRETARY, body), Ok(()));
    }

    #[test]
    fn there_is_no_thirteenth_month_and_no_list_of_nobody() {
        let (mut town, policy) = town_in_may();
        let periods = [
            Period::Month(2026, 13),
            Period::Month(2026, 0),
            Period::Quarter(2026, 0),
            Period::Quarter(2026, 5),
            Period::Year(i32::MAX),
            Period::Year(0),
        ];
        for period in periods {
            let body = list(&town, BRANCH, period, policy);
            assert_eq!(code(&mut town, SECRETARY, body), Err(Code::OutOfRange), "{period:?}");
        }
        let body = list(&town, OrgId([88; 16]), APRIL, policy);
        town.must(FOUNDER, grants(STEWARD, Role::Steward, Scope::Ledger));
        // A scope that is not there is covered by a role over the whole ledger alone.
        assert_eq!(code(&mut town, STEWARD, body), Err(Code::UnknownOrg));
    }

    #[test]
    fn the_policy_is_the_one_pinned_for_the_period() {
        let (mut town, first) = town_in_may();
        let of_branch = adopt(&mut town, Scope::Org(BRANCH), "2026-05-10", 0);
        let of_city = adopt(&mut town, Scope::Org(CITY), "2026-06-01", 0);
        town.wait_days(70);
        let (may, june) = (Period::Month(2026, 5), Period::Month(2026, 6));
        let records = EventId([1; 16]);
        let cases = [
            (BRANCH, Period::Month(2026, 3), first, Ok(())), // none on the first of March: the first to take effect
            (BRANCH, APRIL, first, Ok(())),
            (BRANCH, APRIL, of_branch, Err(Code::BadList)),
            (BRANCH, may, first, Ok(())), // a change in mid-period waits
            (BRANCH, may, of_branch, Err(Code::BadList)),
            (BRANCH, june, of_branch, Ok(())), // the nearest above wins
            (BRANCH, june, of_city, Err(Code::BadList)),
            (COMMUNITY, june, of_city, Ok(())),
            (COMMUNITY, may, first, Ok(())),
            (COMMUNITY, may, records, Err(Code::BadList)),
            (COMMUNITY, Period::Month(2026, 2), first, Err(Code::BadList)), // before any policy
        ];
        for (scope, period, policy, expected) in cases {
            let body = list(&town, scope, period, policy);
            assert_eq!(code(&mut town, STEWARD, body), expected, "{scope} {period} {policy}");
        }
    }

    #[test]
    fn a_policy_of_another_kind_makes_no_list() {
        let (mut town, _) = town_in_may();
        let wishes =
            town.state.policies.at(Scope::Ledger, super::super::policy::PolicyArea::Wishes, town.today());
        let wishes = wishes.expect("the town has one").event;
        let body = list(&town, BRANCH, APRIL, wishes);
        assert_eq!(code(&mut town, SECRETARY, body), Err(Code::BadList));
    }

    #[test]
    fn no_list_is_published_while_rankings_are_off() {
        let (mut town, policy) = town_in_may();
        for (rankings, refused) in [(Rankings::Off, Some(Reason::RankingsOff)), (Rankings::On, None)] {
            let off = Policy::Rankings(RankingPolicy { rankings, basis: None });
            let from = town.today().plus(1);
            town.given(FOUNDER, Body::policy_adopted(from, off));
            town.wait_days(1);
            let body = list(&town, BRANCH, APRIL, policy);
            let verdict = town.attempt(SECRETARY, body);
            assert_eq!(verdict.err().and_then(|rejection| rejection.reason), refused, "{rankings:?}");
        }
    }

    fn exempt(person: PersonId, org: OrgId, from: Date, to: Option<Date>) -> Body {
        Body::List(ListEvent::MemberExempted {
            person,
            org,
            span: Span { from, to },
            reason: Commitment([3; 32]),
        })
    }

    #[test]
    fn a_branch_exempts_its_own_members_for_a_span() {
        let (mut town, _) = town_in_may();
        let today = town.today();
        assert_eq!(code(&mut town, SECRETARY, exempt(ANN, BRANCH, today, None)), Err(Code::NotAffiliated));
        let (kind, span) = (AffiliationKind::Organisational, Span::since(today));
        let joins = town.held(SECRETARY, Body::affiliated(ANN, BRANCH, kind, span));
        assert_eq!(code(&mut town, SECRETARY, exempt(ANN, BRANCH, today, None)), Err(Code::NotAffiliated));
        town.must(ANN, Body::Act(ActEvent::Approved { act: joins }));
        let (from, to) = (today.plus(3), today.plus(10));
        assert_eq!(code(&mut town, SECRETARY, exempt(ANN, BRANCH, to, Some(from))), Err(Code::OutOfRange));
        assert_eq!(code(&mut town, WORKER, exempt(ANN, COMMUNITY, from, None)), Err(Code::NotAuthorised));
        let exempt_on =
            |town: &Town, date| town.state.lists.exemptions(ANN).iter().any(|e| e.span.contains(date));
        let act = town.held(SECRETARY, exempt(ANN, BRANCH, from, Some(to)));
        assert!(!exempt_on(&town, from), "not on one person's word");
        assert_eq!(code(&mut town, ANN, Body::Act(ActEvent::Approved { act })), Err(Code::NotAuthorised));
        town.must(SECOND_SECRETARY, Body::Act(ActEvent::Approved { act }));
        assert!(!exempt_on(&town, from.plus(-1)) && exempt_on(&town, from));
        assert!(exempt_on(&town, to.plus(-1)) && !exempt_on(&town, to));
        assert_eq!(town.state.lists.exemptions(BO), []);
    }

    #[test]
    fn an_exemption_reaches_down_and_never_to_oneself() {
        let (mut town, _) = town_in_may();
        let role = Role::Secretary;
        town.must(STEWARD, grants(SECRETARY, role, Scope::Org(COMMUNITY)));
        let today = town.today();
        assert_eq!(
            code(&mut town, SECRETARY, exempt(ANN, COMMUNITY, today, None)),
            Ok(()),
            "lives in a grid of it"
        );
        assert_eq!(code(&mut town, SECRETARY, exempt(SECRETARY, BRANCH, today, None)), Err(Code::FourEyes));
        let stranger = exempt(PersonId([88; 16]), BRANCH, today, None);
        assert_eq!(code(&mut town, SECRETARY, stranger), Err(Code::UnknownPerson));
    }

    #[test]
    fn a_digest_is_of_the_entry_right_before_it() {
        let mut town = Town::new();
        let digest =
            |position| Body::Ledger(LedgerEvent::StateDigest { position, rules: 1, digest: [4; 32] });
        for wrong in [0, town.position - 2, town.position, u64::MAX] {
            assert_eq!(code(&mut town, LEDGER, digest(wrong)), Err(Code::OutOfRange), "{wrong}");
        }
        let before = digest(town.position - 1);
        assert_eq!(code(&mut town, WORKER, before.clone()), Err(Code::NotAuthorised));
        assert_eq!(code(&mut town, LEDGER, before), Ok(()));
        assert_eq!(town.state.lists.last_digest().map(|d| d.position), Some(town.position - 2));
    }
}
