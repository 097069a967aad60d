//! Organisations, persons, keys, roles, policies, sessions and report-ins, naively.

use hourbook_ledger::domain::event::{
    AffiliationKind, Body, EdgeKind, Event, KeyEvent, LedgerEvent, ListEvent, MemberEvent, NoticeEvent,
    OrgKind, OrganisationEvent, PolicyEvent, ReportInEvent, RevocationReason, Role, RoleEvent, Scope,
    SessionEvent, Span,
};
use std::collections::{BTreeMap, BTreeSet};

use hourbook_ledger::domain::ids::{EventId, KeyId, OrgId, PersonId, PublicKey};
use hourbook_ledger::domain::policy::{
    CalendarPolicy, CreditPolicy, Policy, PolicyArea, RecordPolicy, WishPolicy,
};
use hourbook_ledger::domain::time::{Date, Millis};

use super::calendar::day_of;
use super::outcome::{At, Fault, must};

/// A key that was ever enrolled.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct Key {
    pub person: PersonId,
    pub public: PublicKey,
    pub from: u64,
    pub until: Option<u64>,
    /// By whose code it came, and until when it is taken for that one's hand.
    pub lent: Option<(PersonId, Millis)>,
    /// What enrolled it, or what it replaced.
    pub parent: Option<KeyId>,
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
    /// Who handed out the code.
    pub by: PersonId,
    /// Position of its use.
    pub opened: Option<u64>,
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
    /// With the keys by which each is exercised.
    pub roles: BTreeMap<(PersonId, Role, Scope), BTreeSet<KeyId>>,
    pub grants: BTreeMap<EventId, Grant>,
    pub policies: Vec<(EventId, Scope, Date, Policy)>,
    pub report_ins: BTreeMap<PersonId, Vec<(OrgId, Standing)>>,
    /// Whom each person named as helpers.
    pub helpers: BTreeSet<(PersonId, PersonId)>,
    /// Notices that were not withdrawn.
    pub notices: BTreeMap<EventId, (OrgId, Date)>,
    /// Of whom something waits that a code asserted.
    pub contested: BTreeSet<PersonId>,
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

    /// Whether a person is registered and has not asked to be erased.
    fn is_member(&self, person: PersonId) -> bool {
        self.people.get(&person).is_some_and(|person| !person.erasing)
    }

    /// Everybody who helps a person.
    #[must_use]
    pub fn helpers_of(&self, person: PersonId) -> BTreeSet<PersonId> {
        let theirs =
            self.helpers.iter().filter(|(helped, helper)| *helped == person && self.is_member(*helper));
        theirs.map(|(_, helper)| *helper).collect()
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

    fn offices<'a>(
        &'a self,
        person: PersonId,
        roles: &'a [Role],
        org: OrgId,
        date: Date,
    ) -> impl Iterator<Item = &'a BTreeSet<KeyId>> {
        let chain = self.up(org, date);
        let covers = move |scope: &Scope| match scope {
            Scope::Ledger => true,
            Scope::Org(top) => chain.contains(top),
        };
        let fits = move |(holder, role, scope): &(PersonId, Role, Scope)| {
            *holder == person && roles.contains(role) && covers(scope)
        };
        self.roles.iter().filter(move |(office, _)| fits(office)).map(|(_, keys)| keys)
    }

    /// Whether a person has one of these roles over an organisation, by whatever key.
    #[must_use]
    pub fn has_role(&self, person: PersonId, roles: &[Role], org: OrgId, date: Date) -> bool {
        self.offices(person, roles, org, date).next().is_some()
    }

    /// Whether a person has one of these roles over an organisation by this key.
    #[must_use]
    pub fn exercises(&self, person: PersonId, key: KeyId, roles: &[Role], org: OrgId, date: Date) -> bool {
        self.offices(person, roles, org, date).any(|keys| keys.contains(&key))
    }

    /// Whether one of a person's keys for an office is in force.
    pub(super) fn in_use(&self, office: &(PersonId, Role, Scope)) -> bool {
        let in_force = |key: &KeyId| self.keys[key].until.is_none();
        self.roles.get(office).is_some_and(|keys| keys.iter().any(in_force))
    }

    /// The end of the term of what is asserted at a moment.
    #[must_use]
    pub fn term(&self, at: Millis) -> Millis {
        let days = match self.policy(Scope::Ledger, PolicyArea::Waiting, self.day(at)) {
            Some(Policy::Waiting(policy)) => i64::from(policy.days),
            _ => 7,
        };
        Millis(at.0 + days * 86_400_000)
    }

    /// Where a person lives on a date, as far as is known.
    #[must_use]
    pub fn residence(&self, person: PersonId, date: Date) -> Option<OrgId> {
        let person = self.people.get(&person)?;
        let lives =
            |a: &&(OrgId, AffiliationKind, Span)| a.1 == AffiliationKind::Resident && within(&a.2, date);
        Some(person.affiliations.iter().find(lives).map_or(person.home, |a| a.0))
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

    fn policy(&self, scope: Scope, kind: PolicyArea, date: Date) -> Option<&Policy> {
        let fits = |p: &&(EventId, Scope, Date, Policy)| p.1 == scope && p.3.area() == kind && p.2 <= date;
        self.policies.iter().rev().find(fits).map(|p| &p.3)
    }

    fn policy_of(&self, org: OrgId, kind: PolicyArea, date: Date) -> Option<&Policy> {
        let scopes = self.up(org, date).into_iter().map(Scope::Org).chain([Scope::Ledger]);
        scopes.into_iter().find_map(|scope| self.policy(scope, kind, date))
    }

    /// The credit policy of a day.
    #[must_use]
    pub fn credit(&self, date: Date) -> Option<CreditPolicy> {
        match self.policy(Scope::Ledger, PolicyArea::Credit, date) {
            Some(Policy::Credit(policy)) => Some(*policy),
            _ => None,
        }
    }

    /// The recording policy of an organisation on a day.
    #[must_use]
    pub fn records(&self, org: OrgId, date: Date) -> Option<RecordPolicy> {
        match self.policy_of(org, PolicyArea::Records, date) {
            Some(Policy::Records(policy)) => Some(*policy),
            _ => None,
        }
    }

    /// The wish policy of an organisation on a day.
    #[must_use]
    pub fn wishes(&self, org: OrgId, date: Date) -> Option<WishPolicy> {
        match self.policy_of(org, PolicyArea::Wishes, date) {
            Some(Policy::Wishes(policy)) => Some(*policy),
            _ => None,
        }
    }

    /// The calendar of a year.
    #[must_use]
    pub fn calendar(&self, year: i32) -> Option<&CalendarPolicy> {
        self.policies.iter().rev().find_map(|(_, _, _, policy)| match policy {
            Policy::Calendar(calendar) if calendar.year.0 == year => Some(calendar),
            _ => None,
        })
    }

    /// Takes an event; answers the keys that ended because they were stolen.
    pub(super) fn take(&mut self, at: At, event: &Event) -> Result<Vec<KeyId>, Fault> {
        if let Body::Key(KeyEvent::Revoked { person, key, reason }) = &event.body {
            return self.revoke(at, *person, *key, *reason == RevocationReason::Stolen);
        }
        self.take_plain(at, event)?;
        Ok(Vec::new())
    }

    fn take_plain(&mut self, at: At, event: &Event) -> Result<(), Fault> {
        match &event.body {
            Body::Ledger(LedgerEvent::Founded(founding)) => {
                must(at.position == 0 && self.ledger.is_none(), "a second founding")?;
                self.offset = i64::from(founding.offset.0);
                self.ledger = Some(founding.ledger_person);
                for founder in &founding.founders {
                    self.founders.push(founder.person);
                    let key = KeyId::of(&founder.key);
                    self.roles.insert((founder.person, Role::Founder, Scope::Ledger), [key].into());
                    self.enrol(at, founder.person, founder.key, None, None)?;
                }
                self.enrol(at, founding.ledger_person, founding.ledger_key, None, None)
            }
            Body::Organisation(OrganisationEvent::Registered { org, kind, parent, .. }) => {
                must(!self.orgs.contains_key(org), "the organisation exists")?;
                must(parent.is_none_or(|p| self.orgs.contains_key(&p)), "the parent does not exist")?;
                let always = Span { from: Date(i32::MIN), to: None };
                let edges = parent.iter().map(|parent| (*parent, EdgeKind::PartOf, always)).collect();
                self.orgs.insert(*org, (*kind, edges));
                Ok(())
            }
            Body::Organisation(OrganisationEvent::Linked { org, parent, kind, span }) => {
                self.link(*org, *parent, *kind, *span)
            }
            Body::Ledger(LedgerEvent::RulesAdopted { version }) => {
                must(*version == 2 && self.rules == 0, "not the next rules")?;
                self.rules = 2;
                Ok(())
            }
            Body::Policy(PolicyEvent::Adopted { scope, from, policy }) => {
                must(*from >= self.day(at.recorded_at), "a policy for the past")?;
                self.policies.push((event.id, *scope, *from, policy.clone()));
                Ok(())
            }
            Body::Key(KeyEvent::Enrolled { person, key, .. }) => {
                must(self.knows(*person), "a key for nobody")?;
                let term = self.term(at.recorded_at);
                let (lent, parent) = match event.grant.and_then(|grant| self.grants.get(&grant)) {
                    _ if event.actor != *person => (Some((event.actor, term)), Some(at.signer)),
                    Some(grant) => ((grant.by != *person).then_some((grant.by, term)), None),
                    None => {
                        let lent = self.keys[&at.signer].lent;
                        let still = self.lender(at.signer, at.recorded_at).is_some();
                        (lent.filter(|_| still), Some(at.signer))
                    }
                };
                self.enrol(at, *person, *key, lent, parent)
            }
            Body::Key(KeyEvent::Rotated { person, old, new, .. }) => {
                self.end_key(at, *person, *old)?;
                let own = event.actor == *person;
                let lent =
                    if own { self.keys[old].lent } else { Some((event.actor, self.term(at.recorded_at))) };
                self.enrol(at, *person, *new, lent, Some(*old))?;
                let new = KeyId::of(new);
                for (_, keys) in self.roles.iter_mut().filter(|(office, _)| office.0 == *person) {
                    if keys.remove(old) {
                        keys.insert(new);
                    }
                }
                Ok(())
            }
            Body::Role(RoleEvent::Granted { person, role, scope, keys }) => {
                must(!self.behind(at, event).contains(person), "a role granted to oneself")?;
                must(*role != Role::Founder && self.knows(*person), "not a role to grant")?;
                for key in keys {
                    let key = self.keys.get(key).ok_or("a role by a key of nobody")?;
                    must(key.person == *person && key.until.is_none(), "a role by another's key")?;
                }
                let office = (*person, *role, *scope);
                let adds =
                    self.roles.get(&office).is_none_or(|held| keys.iter().any(|key| !held.contains(key)));
                must(adds, "the role is held already")?;
                self.roles.entry(office).or_default().extend(keys);
                Ok(())
            }
            Body::Role(RoleEvent::Revoked { person, role, scope }) => {
                let mut founders = self.founders.iter().filter(|founder| *founder != person);
                let another = founders.any(|other| self.in_use(&(*other, Role::Founder, Scope::Ledger)));
                must(*role != Role::Founder || another, "the last founder")?;
                must(self.roles.remove(&(*person, *role, *scope)).is_some(), "the role is not held")
            }
            Body::Session(SessionEvent::Granted { person, until, .. }) => {
                must(self.knows(*person), "a code for nobody")?;
                // A code to oneself by a key in another's hand is a code of that other.
                let lender = self.lender(at.signer, at.recorded_at).filter(|_| event.actor == *person);
                let (by, opened, session_until) = (lender.unwrap_or(event.actor), None, None);
                // Nobody takes a code of another desk away while what a code asserted may be called off by it.
                let contested = self.contested.contains(person);
                let stays = |grant: &Grant| {
                    contested && by != *person && grant.by != by && at.recorded_at < grant.until
                };
                let earlier = |grant: &&mut Grant| grant.person == *person && grant.session_until.is_none();
                let ended = self.grants.values_mut().filter(earlier).filter(|grant| !stays(grant));
                ended.for_each(|grant| grant.closed = true);
                let grant =
                    Grant { person: *person, by, opened, until: *until, session_until, closed: false };
                self.grants.insert(event.id, grant);
                Ok(())
            }
            Body::Session(SessionEvent::Opened { person, grant, until }) => {
                let grant = self.grants.get_mut(grant).filter(|g| g.person == *person).ok_or("no grant")?;
                let unused = grant.session_until.is_none() && !grant.closed;
                must(unused && at.recorded_at < grant.until, "the code is used or over")?;
                (grant.session_until, grant.opened) = (Some(*until), Some(at.position));
                Ok(())
            }
            Body::Session(SessionEvent::Closed { person, grant }) => {
                let grant = self.grants.get_mut(grant).filter(|g| g.person == *person).ok_or("no grant")?;
                must(!grant.closed, "closed before")?;
                grant.closed = true;
                Ok(())
            }
            Body::Notice(NoticeEvent::Published { org, span, .. }) => {
                must(self.orgs.contains_key(org), "no such organisation")?;
                let to = span.to.ok_or("a notice without an end")?;
                let (days, today) = (i64::from(to.0) - i64::from(span.from.0), self.day(at.recorded_at));
                let soon = i64::from(span.from.0) - i64::from(today.0) <= 366;
                must(
                    (1..=366).contains(&days) && today < to && soon,
                    "a span that is over, too long or far off",
                )?;
                let running = self.notices.values().filter(|(of, last)| of == org && today < *last).count();
                must(running < 8, "too many notices")?;
                self.notices.insert(event.id, (*org, to));
                Ok(())
            }
            Body::Notice(NoticeEvent::Withdrawn { org, notice }) => {
                let today = self.day(at.recorded_at);
                let known = self.notices.remove(notice).is_some_and(|(of, to)| of == *org && today < to);
                must(known, "no such notice of the organisation")
            }
            Body::List(ListEvent::MemberExempted { person, .. }) => {
                must(!self.behind(at, event).contains(person), "four eyes: exempted oneself")
            }
            Body::Member(MemberEvent::Registered { .. })
            | Body::Member(MemberEvent::Affiliated { .. })
            | Body::Member(MemberEvent::ErasureRequested { .. })
            | Body::Member(MemberEvent::PersonalDataErased { .. })
            | Body::Member(MemberEvent::HelperNamed { .. })
            | Body::Member(MemberEvent::HelperEnded { .. })
            | Body::ReportIn(ReportInEvent::Filed { .. })
            | Body::ReportIn(ReportInEvent::Answered { .. })
            | Body::ReportIn(ReportInEvent::Ended { .. }) => self.take_person(at, event),
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

    fn enrol(
        &mut self,
        at: At,
        person: PersonId,
        public: PublicKey,
        lent: Option<(PersonId, Millis)>,
        parent: Option<KeyId>,
    ) -> Result<(), Fault> {
        let key = Key { person, public, from: at.position, until: None, lent, parent };
        must(self.keys.insert(KeyId::of(&public), key).is_none(), "the key was enrolled before")
    }

    fn end_key(&mut self, at: At, person: PersonId, key: KeyId) -> Result<(), Fault> {
        let key =
            self.keys.get_mut(&key).filter(|key| key.person == person).ok_or("not that person's key")?;
        must(key.until.is_none(), "the key has ended already")?;
        key.until = Some(at.position);
        Ok(())
    }

    /// A stolen key takes along what was enrolled by it or put in its place since, however far removed.
    fn revoke(&mut self, at: At, person: PersonId, key: KeyId, stolen: bool) -> Result<Vec<KeyId>, Fault> {
        if !stolen {
            self.end_key(at, person, key)?;
            return Ok(Vec::new());
        }
        must(self.keys.get(&key).is_some_and(|key| key.person == person), "not that person's key")?;
        let mut family = BTreeSet::from([key]);
        loop {
            let known = family.len();
            let comes_of = |key: &Key| key.parent.is_some_and(|parent| family.contains(&parent));
            let more: Vec<KeyId> = self
                .keys
                .iter()
                .filter(|(_, key)| key.person == person && comes_of(key))
                .map(|k| *k.0)
                .collect();
            family.extend(more);
            if family.len() == known {
                break;
            }
        }
        let mut ended = 0;
        for id in &family {
            let found = self.keys.get_mut(id).ok_or("no such key")?;
            if found.until.is_none() {
                found.until = Some(at.position);
                ended += 1;
            }
        }
        must(ended > 0, "the key has ended already")?;
        Ok(family.into_iter().collect())
    }

    fn take_person(&mut self, at: At, event: &Event) -> Result<(), Fault> {
        let today = self.day(at.recorded_at);
        match &event.body {
            Body::Member(MemberEvent::Registered { person, home, .. }) => {
                must(self.orgs.contains_key(home), "no such home")?;
                let new = Person { home: *home, affiliations: Vec::new(), erasing: false, erased: false };
                must(self.people.insert(*person, new).is_none(), "registered twice")
            }
            Body::Member(MemberEvent::Affiliated { person, org, kind, span }) => {
                must(self.knows(*person) && self.orgs.contains_key(org), "nobody or nowhere")?;
                self.affiliate(*person, *org, *kind, *span)
            }
            Body::Member(MemberEvent::ErasureRequested { person }) => {
                must(!self.roles.keys().any(|office| office.0 == *person), "erased in office")?;
                let found = self.people.get_mut(person).ok_or("nobody")?;
                must(!found.erasing, "asked for already")?;
                found.erasing = true;
                self.helpers.retain(|(helped, _)| helped != person);
                let theirs = self.keys.values_mut().filter(|key| key.person == *person);
                theirs.filter(|key| key.until.is_none()).for_each(|key| key.until = Some(at.position));
                Ok(())
            }
            Body::Member(MemberEvent::HelperNamed { person, helper }) => {
                let founds = self.roles.contains_key(&(*person, Role::Founder, Scope::Ledger));
                must(person != helper && !founds, "nobody to be helped, or by nobody else")?;
                must(self.is_member(*person) && self.is_member(*helper), "a helper of nobody, or nobody")?;
                must(self.helpers_of(*person).len() < 3, "too many helpers")?;
                let for_another = event.actor != *person;
                must(
                    !for_another || !self.behind(at, event).contains(helper),
                    "four eyes: named oneself a helper",
                )?;
                must(self.helpers.insert((*person, *helper)), "a helper already")
            }
            Body::Member(MemberEvent::HelperEnded { person, helper }) => {
                must(self.helpers_of(*person).contains(helper), "no helper of this person")?;
                self.helpers.remove(&(*person, *helper));
                Ok(())
            }
            Body::Member(MemberEvent::PersonalDataErased { person }) => {
                let person = self.people.get_mut(person).ok_or("nobody")?;
                must(person.erasing && !person.erased, "not asked for, or done")?;
                person.erased = true;
                Ok(())
            }
            Body::ReportIn(ReportInEvent::Filed { person, community }) => {
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
            Body::ReportIn(ReportInEvent::Answered { person, community, accepted }) => {
                must(!self.behind(at, event).contains(person), "four eyes: accepted oneself")?;
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
            Body::ReportIn(ReportInEvent::Ended { person, community, on }) => {
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
                if pending {
                    return Ok(());
                }
                let Some(person) = self.people.get_mut(person) else { return Ok(()) };
                let reported = |a: &&mut (OrgId, AffiliationKind, Span)| {
                    let begun = a.2.from <= *on;
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
