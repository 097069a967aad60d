//! Organisations, persons, keys, roles, policies, sessions and report-ins, naively.

use std::collections::{BTreeMap, BTreeSet};

use hourbook_ledger::domain::event::{AffiliationKind, Body, EdgeKind, Event, OrgKind, Role, Scope, Span};
use hourbook_ledger::domain::ids::{EventId, KeyId, OrgId, PersonId, PublicKey};
use hourbook_ledger::domain::policy::{
    CalendarPolicy, CreditPolicy, Policy, PolicyKind, RecordPolicy, WishPolicy,
};
use hourbook_ledger::domain::time::{Date, Millis};

use super::calendar::day_of;
use super::{At, Fault, must};

/// A key that was ever enrolled.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct Key {
    pub person: PersonId,
    pub public: PublicKey,
    pub until: Option<u64>,
}

/// A registered person.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Person {
    pub home: OrgId,
    pub affiliations: Vec<(OrgId, AffiliationKind, Span)>,
    pub erasing: bool,
    pub erased: bool,
}

/// A session grant.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct Grant {
    pub person: PersonId,
    pub until: Millis,
    pub session_until: Option<Millis>,
    pub closed: bool,
}

/// Where a report-in stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Standing {
    Filed,
    Accepted(Date),
    Refused,
    Ended(Date),
}

/// One organisation: its kind, and what it was ever joined to, in order.
pub type Org = (OrgKind, Vec<(OrgId, EdgeKind, Span)>);

/// The register.
#[derive(Clone, Default, Debug)]
#[allow(missing_docs)]
pub struct Register {
    pub offset: i64,
    pub ledger: Option<PersonId>,
    pub founders: Vec<PersonId>,
    pub orgs: BTreeMap<OrgId, Org>,
    pub keys: BTreeMap<KeyId, Key>,
    pub people: BTreeMap<PersonId, Person>,
    pub roles: BTreeSet<(PersonId, Role, Scope)>,
    pub grants: BTreeMap<EventId, Grant>,
    pub policies: Vec<(EventId, Scope, Date, Policy)>,
    pub report_ins: BTreeMap<PersonId, Vec<(OrgId, Standing)>>,
    /// How many times later rules were adopted.
    pub rules: u32,
}

fn within(span: &Span, date: Date) -> bool {
    date >= span.from && span.to.is_none_or(|to| date < to)
}

impl Register {
    /// The local day of a moment.
    #[must_use]
    pub fn day(&self, at: Millis) -> Date {
        day_of(at.0.div_euclid(60_000), self.offset)
    }

    /// Whether a person is registered and has not asked to be erased, or is a founder.
    #[must_use]
    pub fn knows(&self, person: PersonId) -> bool {
        self.founders.contains(&person) || self.people.get(&person).is_some_and(|p| !p.erasing)
    }

    /// The organisation and all above it on a date.
    #[must_use]
    pub fn up(&self, org: OrgId, date: Date) -> Vec<OrgId> {
        let mut chain = Vec::new();
        let mut next = self.orgs.contains_key(&org).then_some(org);
        while let Some(org) = next {
            chain.push(org);
            let edges = &self.orgs[&org].1;
            let above = |e: &&(OrgId, EdgeKind, Span)| e.1 == EdgeKind::PartOf && within(&e.2, date);
            next = edges.iter().rev().find(above).map(|e| e.0);
        }
        chain
    }

    /// Whether a person has one of these roles over an organisation.
    #[must_use]
    pub fn has_role(&self, person: PersonId, roles: &[Role], org: OrgId, date: Date) -> bool {
        let chain = self.up(org, date);
        self.roles.iter().any(|(holder, role, scope)| {
            let covers = match scope {
                Scope::Ledger => true,
                Scope::Org(top) => chain.contains(top),
            };
            *holder == person && roles.contains(role) && covers
        })
    }

    /// Where a person belongs on a date, ascending.
    #[must_use]
    pub fn homes(&self, person: PersonId, date: Date) -> Vec<OrgId> {
        let Some(person) = self.people.get(&person) else { return Vec::new() };
        let on_date: Vec<_> = person.affiliations.iter().filter(|a| within(&a.2, date)).collect();
        let mut homes: BTreeSet<OrgId> = on_date.iter().map(|a| a.0).collect();
        if !on_date.iter().any(|a| a.1 == AffiliationKind::Resident) {
            homes.insert(person.home);
        }
        homes.into_iter().collect()
    }

    fn policy(&self, scope: Scope, kind: PolicyKind, date: Date) -> Option<&Policy> {
        let fits = |p: &&(EventId, Scope, Date, Policy)| p.1 == scope && p.3.kind() == kind && p.2 <= date;
        self.policies.iter().rev().find(fits).map(|p| &p.3)
    }

    fn policy_of(&self, org: OrgId, kind: PolicyKind, date: Date) -> Option<&Policy> {
        let scopes = self.up(org, date).into_iter().map(Scope::Org).chain([Scope::Ledger]);
        scopes.into_iter().find_map(|scope| self.policy(scope, kind, date))
    }

    /// The credit policy of a day.
    #[must_use]
    pub fn credit(&self, date: Date) -> Option<CreditPolicy> {
        match self.policy(Scope::Ledger, PolicyKind::Credit, date) {
            Some(Policy::Credit(policy)) => Some(*policy),
            _ => None,
        }
    }

    /// The recording policy of an organisation on a day.
    #[must_use]
    pub fn records(&self, org: OrgId, date: Date) -> Option<RecordPolicy> {
        match self.policy_of(org, PolicyKind::Records, date) {
            Some(Policy::Records(policy)) => Some(*policy),
            _ => None,
        }
    }

    /// The wish policy of an organisation on a day.
    #[must_use]
    pub fn wishes(&self, org: OrgId, date: Date) -> Option<WishPolicy> {
        match self.policy_of(org, PolicyKind::Wishes, date) {
            Some(Policy::Wishes(policy)) => Some(*policy),
            _ => None,
        }
    }

    /// The calendar of a year.
    #[must_use]
    pub fn calendar(&self, year: i32) -> Option<&CalendarPolicy> {
        self.policies.iter().rev().find_map(|(_, _, _, policy)| match policy {
            Policy::Calendar(calendar) if calendar.year == year => Some(calendar),
            _ => None,
        })
    }

    pub(super) fn take(&mut self, at: At, event: &Event) -> Result<(), Fault> {
        match &event.body {
            Body::LedgerFounded(founding) => {
                must(at.position == 0 && self.ledger.is_none(), "a second founding")?;
                self.offset = i64::from(founding.offset.0);
                self.ledger = Some(founding.ledger_person);
                for founder in &founding.founders {
                    self.founders.push(founder.person);
                    self.roles.insert((founder.person, Role::Founder, Scope::Ledger));
                    self.enrol(founder.person, founder.key)?;
                }
                self.enrol(founding.ledger_person, founding.ledger_key)
            }
            Body::OrganisationRegistered { org, kind, parent, .. } => {
                must(!self.orgs.contains_key(org), "the organisation exists")?;
                must(parent.is_none_or(|p| self.orgs.contains_key(&p)), "the parent does not exist")?;
                let always = Span { from: Date(i32::MIN), to: None };
                let edges = parent.iter().map(|parent| (*parent, EdgeKind::PartOf, always)).collect();
                self.orgs.insert(*org, (*kind, edges));
                Ok(())
            }
            Body::OrganisationLinked { org, parent, kind, span } => self.link(*org, *parent, *kind, *span),
            Body::RulesAdopted { version } => {
                must(*version == 2 && self.rules == 0, "not the next rules")?;
                self.rules = 2;
                Ok(())
            }
            Body::PolicyAdopted { scope, from, policy } => {
                must(*from >= self.day(at.recorded_at), "a policy for the past")?;
                self.policies.push((event.id, *scope, *from, policy.clone()));
                Ok(())
            }
            Body::KeyEnrolled { person, key } => {
                must(self.knows(*person), "a key for nobody")?;
                self.enrol(*person, *key)
            }
            Body::KeyRotated { person, old, new } => {
                self.end_key(at, *person, *old)?;
                self.enrol(*person, *new)
            }
            Body::KeyRevoked { person, key, .. } => self.end_key(at, *person, *key),
            Body::RoleGranted { person, role, scope } => {
                must(*role != Role::Founder && self.knows(*person), "not a role to grant")?;
                must(self.roles.insert((*person, *role, *scope)), "the role is held already")
            }
            Body::RoleRevoked { person, role, scope } => {
                must(self.roles.remove(&(*person, *role, *scope)), "the role is not held")
            }
            Body::SessionGranted { person, until, .. } => {
                must(self.knows(*person), "a code for nobody")?;
                let earlier = |grant: &&mut Grant| grant.person == *person && grant.session_until.is_none();
                self.grants.values_mut().filter(earlier).for_each(|grant| grant.closed = true);
                let grant = Grant { person: *person, until: *until, session_until: None, closed: false };
                self.grants.insert(event.id, grant);
                Ok(())
            }
            Body::SessionOpened { person, grant, until } => {
                let grant = self.grants.get_mut(grant).filter(|g| g.person == *person).ok_or("no grant")?;
                let unused = grant.session_until.is_none() && !grant.closed;
                must(unused && at.recorded_at < grant.until, "the code is used or over")?;
                grant.session_until = Some(*until);
                Ok(())
            }
            Body::SessionClosed { person, grant } => {
                let grant = self.grants.get_mut(grant).filter(|g| g.person == *person).ok_or("no grant")?;
                must(!grant.closed, "closed before")?;
                grant.closed = true;
                Ok(())
            }
            Body::MemberRegistered { .. }
            | Body::MemberAffiliated { .. }
            | Body::ErasureRequested { .. }
            | Body::PersonalDataErased { .. }
            | Body::ReportInFiled { .. }
            | Body::ReportInAnswered { .. }
            | Body::ReportInEnded { .. } => self.take_person(at, event),
            _ => Ok(()),
        }
    }

    fn link(&mut self, org: OrgId, parent: OrgId, kind: EdgeKind, span: Span) -> Result<(), Fault> {
        must(self.orgs.contains_key(&parent), "the parent does not exist")?;
        if kind == EdgeKind::PartOf {
            let mut below = BTreeSet::from([org]);
            loop {
                let inside =
                    |org: &Org| org.1.iter().any(|e| e.1 == EdgeKind::PartOf && below.contains(&e.0));
                let more: Vec<OrgId> = self.orgs.iter().filter(|o| inside(o.1)).map(|o| *o.0).collect();
                let known = below.len();
                below.extend(more);
                if below.len() == known {
                    break;
                }
            }
            must(!below.contains(&parent), "a circle of organisations")?;
        }
        self.orgs.get_mut(&org).ok_or("no such organisation")?.1.push((parent, kind, span));
        Ok(())
    }

    fn enrol(&mut self, person: PersonId, public: PublicKey) -> Result<(), Fault> {
        let key = Key { person, public, until: None };
        must(self.keys.insert(KeyId::of(&public), key).is_none(), "the key was enrolled before")
    }

    fn end_key(&mut self, at: At, person: PersonId, key: KeyId) -> Result<(), Fault> {
        let key =
            self.keys.get_mut(&key).filter(|key| key.person == person).ok_or("not that person's key")?;
        must(key.until.is_none(), "the key has ended already")?;
        key.until = Some(at.position);
        Ok(())
    }

    fn take_person(&mut self, at: At, event: &Event) -> Result<(), Fault> {
        let today = self.day(at.recorded_at);
        match &event.body {
            Body::MemberRegistered { person, home, .. } => {
                must(self.orgs.contains_key(home), "no such home")?;
                let new = Person { home: *home, affiliations: Vec::new(), erasing: false, erased: false };
                must(self.people.insert(*person, new).is_none(), "registered twice")
            }
            Body::MemberAffiliated { person, org, kind, span } => {
                must(self.knows(*person) && self.orgs.contains_key(org), "nobody or nowhere")?;
                self.affiliate(*person, *org, *kind, *span)
            }
            Body::ErasureRequested { person } => {
                let person = self.people.get_mut(person).ok_or("nobody")?;
                must(!person.erasing, "asked for already")?;
                person.erasing = true;
                Ok(())
            }
            Body::PersonalDataErased { person } => {
                let person = self.people.get_mut(person).ok_or("nobody")?;
                must(person.erasing && !person.erased, "not asked for, or done")?;
                person.erased = true;
                Ok(())
            }
            Body::ReportInFiled { person, community } => {
                let kind = self.orgs.get(community).ok_or("no such community")?.0;
                must(matches!(kind, OrgKind::Community | OrgKind::Grid), "not a place to report to")?;
                must(self.knows(*person), "nobody")?;
                let all = self.report_ins.entry(*person).or_default();
                let free = all.iter().all(|(org, standing)| match standing {
                    Standing::Filed => false,
                    Standing::Accepted(_) => org != community,
                    Standing::Refused | Standing::Ended(_) => true,
                });
                must(free, "reported in there, or waiting for an answer")?;
                all.push((*community, Standing::Filed));
                Ok(())
            }
            Body::ReportInAnswered { person, community, accepted } => {
                must(event.actor != *person, "four eyes: accepted oneself")?;
                let all = self.report_ins.entry(*person).or_default();
                let last = all.iter_mut().rev().find(|(org, _)| org == community).ok_or("never filed")?;
                must(last.1 == Standing::Filed, "answered before")?;
                if !accepted {
                    last.1 = Standing::Refused;
                    return Ok(());
                }
                for report in all.iter_mut().filter(|r| matches!(r.1, Standing::Accepted(_))) {
                    report.1 = Standing::Ended(today);
                }
                let last = all.iter_mut().rev().find(|(org, _)| org == community).ok_or("never filed")?;
                last.1 = Standing::Accepted(today);
                let count = all.iter().filter(|r| matches!(r.1, Standing::Accepted(_))).count();
                must(count == 1, "reported in at two places")?;
                let span = Span { from: today, to: None };
                self.affiliate(*person, *community, AffiliationKind::ReportedIn, span)
            }
            Body::ReportInEnded { person, community, on } => {
                let all = self.report_ins.entry(*person).or_default();
                let last = all.iter_mut().rev().find(|(org, _)| org == community).ok_or("never filed")?;
                let running = match last.1 {
                    Standing::Filed => true,
                    Standing::Accepted(from) => from <= *on,
                    Standing::Refused | Standing::Ended(_) => false,
                };
                must(running, "not reported in")?;
                let pending = last.1 == Standing::Filed;
                last.1 = Standing::Ended(*on);
                let second = self.rules == 2;
                if second && pending {
                    return Ok(());
                }
                let Some(person) = self.people.get_mut(person) else { return Ok(()) };
                let reported = |a: &&mut (OrgId, AffiliationKind, Span)| {
                    let begun = !second || a.2.from <= *on;
                    a.0 == *community && a.1 == AffiliationKind::ReportedIn && a.2.to.is_none() && begun
                };
                person.affiliations.iter_mut().filter(reported).for_each(|a| a.2.to = Some(*on));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// At most one affiliation of a kind on a date, but for teams, where that holds for each team. The same but for an
    /// end closes the open one; a later one ends an open one of its kind.
    fn affiliate(
        &mut self,
        id: PersonId,
        org: OrgId,
        kind: AffiliationKind,
        span: Span,
    ) -> Result<(), Fault> {
        let person = self.people.get_mut(&id).ok_or("nobody")?;
        let same = |a: &(OrgId, AffiliationKind, Span)| {
            (a.0, a.1, a.2.from) == (org, kind, span.from) && a.2.to.is_none() && span.to.is_some()
        };
        if let Some(open) = person.affiliations.iter_mut().find(|a| same(a)) {
            open.2 = span;
        } else {
            for a in person.affiliations.iter_mut().filter(|a| a.1 == kind && a.2.to.is_none()) {
                if kind != AffiliationKind::Team && a.2.from < span.from {
                    a.2.to = Some(span.from);
                }
            }
            person.affiliations.push((org, kind, span));
        }
        let last = span.to.map_or(span.from.0 + 400, |to| to.0.min(span.from.0 + 400));
        for day in (span.from.0..last).map(Date) {
            let alike = |a: &&(OrgId, AffiliationKind, Span)| {
                a.1 == kind && (kind != AffiliationKind::Team || a.0 == org) && within(&a.2, day)
            };
            must(person.affiliations.iter().filter(alike).count() <= 1, "two of a kind on a day")?;
        }
        Ok(())
    }
}
