//! What staff, founders and the ledger itself assert of the village as such.

use hourbook_ledger::commitment::Field;
use hourbook_ledger::domain::event::{
    AffiliationKind, Body, ConsentKind, EdgeKind, Lapse, LedgerEvent, ListEvent, MemberEvent, NoticeEvent,
    OrgKind, RevocationReason, Role, RoleEvent, Scope, SessionEvent, Span, WishEvent,
};
use hourbook_ledger::domain::ids::{KeyId, OrgId, PersonId};
use hourbook_ledger::domain::policy::{
    CalendarPolicy, Excess, Policy, RankingPolicy, Rankings, WaitingPolicy,
};
use hourbook_ledger::domain::time::{Date, Millis, Period, Year};

use super::bodies::{OFFICE, want};
use super::{Wanted, Workload};
use crate::model::Model;
use crate::model::wishes::Stage;
use crate::village::{self, registration};

impl Workload {
    /// Members, keys and sessions.
    /// A notice, or the end of one.
    fn telling(&mut self, model: &Model, now: Millis, who: PersonId, org: OrgId) -> Option<Wanted> {
        if self.dice.percent(30) {
            let (notice, (org, _)) = self.dice.any(model.register.notices.iter())?;
            return want(who, Body::Notice(NoticeEvent::Withdrawn { org: *org, notice: *notice }));
        }
        let openings = vec![
            self.open(org.0, Field::Title, "停水通知"),
            self.open(org.0, Field::Content, "周六上午停水。"),
        ];
        let from = Date(model.register.day(now).0 + self.dice.between(0, 6) as i32 - 3);
        let to = Some(Date(from.0 + self.dice.between(0, 400) as i32));
        let (title, text, span) = (openings[0].commitment(), openings[1].commitment(), Span { from, to });
        let body = Body::Notice(NoticeEvent::Published { org, title, text, span });
        Some(Wanted { who, body, openings })
    }

    pub(super) fn administering(&mut self, model: &Model, now: Millis) -> Option<Wanted> {
        let home = *self.dice.pick(&self.cast.grids.clone());
        let who = self.staff(model, now, home, &OFFICE);
        let person = self.anybody(model);
        match self.dice.below(13) {
            12 => self.telling(model, now, who, home),
            0..=1 => {
                let new = self.newcomer(home);
                let (body, openings) = registration(&mut self.dice, &new);
                Some(Wanted { who, body, openings })
            }
            2..=3 => {
                let newcomers =
                    self.wallets.iter().filter(|(person, _)| model.register.people.contains_key(person));
                let mut unenrolled = Vec::new();
                for (person, keys) in newcomers {
                    let fresh = keys.iter().find(|key| !model.register.keys.contains_key(&key.key_id()));
                    unenrolled.extend(fresh.map(|key| (*person, key.enrolment())));
                }
                let (person, body) = self.dice.any(unenrolled.into_iter())?;
                want(person, body)
            }
            4..=5 => {
                let old = self.hand(model, person).key_id();
                let mut new = village::actor(&mut self.dice);
                new.person = person;
                let body = new.rotation_from(old);
                self.wallets.entry(person).or_default().push(new);
                want(person, body)
            }
            6 => {
                let victim = self.dice.pick(&self.cast.residents).id();
                let key = self.hand(model, victim).key_id();
                want(victim, Body::key_revoked(victim, key, RevocationReason::Lost))
            }
            7..=8 => {
                let person = self.volunteer(model);
                let code = self.code(person);
                let days = self.dice.between(1, 8) as u32;
                let body = Body::Session(SessionEvent::Granted {
                    person,
                    code: code.commitment(),
                    until: now.plus_days(days),
                });
                Some(Wanted { who, body, openings: vec![code] })
            }
            9..=10 => {
                let unused = model.register.grants.iter().filter(|(_, grant)| grant.session_until.is_none());
                let (grant, found) = self.dice.any(unused)?;
                let until = now.plus_days(self.dice.between(1, 100) as u32);
                let body = Body::Session(SessionEvent::Opened { person: found.person, grant: *grant, until });
                want(self.ledger.person, body)
            }
            _ => {
                let (grant, found) = self.dice.any(model.register.grants.iter())?;
                let (grant, person) = (*grant, found.person);
                let who = if self.dice.percent(40) { who } else { person };
                want(who, Body::Session(SessionEvent::Closed { person, grant }))
            }
        }
    }

    /// Organisations, roles, affiliations and policies.
    pub(super) fn governing(&mut self, model: &Model, now: Millis) -> Option<Wanted> {
        let today = model.register.day(now);
        let steward = self.staff(model, now, self.cast.city, &[Role::Steward, Role::Founder]);
        let founder = self.cast.founder.person;
        let orgs = self.cast.orgs();
        match self.dice.below(8) {
            0 => {
                let (org, kind) =
                    (OrgId(self.dice.id()), *self.dice.pick(&[OrgKind::Grid, OrgKind::Building]));
                let (name, parent) = ("新网格".to_owned(), Some(*self.dice.pick(&orgs)));
                want(steward, Body::org_registered(org, kind, name, parent))
            }
            1 => {
                let all: Vec<OrgId> = model.register.orgs.keys().copied().collect();
                let (org, parent) = (*self.dice.pick(&all), *self.dice.pick(&orgs));
                let kind = *self.dice.pick(&[EdgeKind::PartOf, EdgeKind::ReportsTo, EdgeKind::ReportsTo]);
                let span = Span { from: today.plus(1), to: Some(today.plus(20)) };
                want(steward, Body::org_linked(org, parent, kind, span))
            }
            2..=3 if self.dice.percent(25) => {
                let offices = model.register.roles.keys().filter(|(_, role, _)| *role != Role::Founder);
                let offices: Vec<_> = offices.copied().collect();
                let (person, role, scope) = *self.dice.pick(&offices);
                let own =
                    model.register.keys.iter().filter(|(_, key)| key.person == person && key.until.is_none());
                let keys: Vec<KeyId> = own.map(|(id, _)| *id).collect();
                let same =
                    |(other, r, s): &(PersonId, Role, Scope)| *other != person && (*r, *s) == (role, scope);
                let colleague =
                    offices.iter().copied().find(same).map_or(steward, |(colleague, ..)| colleague);
                want(colleague, Body::appointed(person, role, scope, keys))
            }
            2..=3 => {
                let (person, org) = (self.volunteer(model), *self.dice.pick(&orgs));
                let role = *self.dice.pick(&[Role::Lead, Role::Worker, Role::Auditor, Role::Founder]);
                let scope = Scope::Org(org);
                let held = model.register.roles.contains_key(&(person, role, scope)) && self.dice.percent(80);
                let all = model.register.keys.iter();
                let own = all.filter(|(_, key)| key.person == person && key.until.is_none());
                let keys: Vec<KeyId> = own.map(|(id, _)| *id).filter(|_| self.dice.percent(70)).collect();
                let who = if held && self.dice.percent(30) { person } else { steward };
                want(
                    who,
                    match held {
                        true => Body::Role(RoleEvent::Revoked { person, role, scope }),
                        false => Body::appointed(person, role, scope, keys),
                    },
                )
            }
            4..=5 => {
                let (person, org) = (self.volunteer(model), *self.dice.pick(&orgs));
                let kinds =
                    [AffiliationKind::Resident, AffiliationKind::Team, AffiliationKind::Organisational];
                let kind = *self.dice.pick(&kinds);
                let from = today.plus(self.dice.between(0, 20) as i32 - 10);
                let open = self.dice.percent(50);
                let to = if open { None } else { Some(from.plus(self.dice.between(0, 30) as i32)) };
                let who = self.staff(model, now, org, &[Role::Steward, Role::Worker, Role::Secretary]);
                want(who, Body::affiliated(person, org, kind, Span { from, to }))
            }
            _ => {
                let from = today.plus(self.dice.between(0, 4) as i32);
                want(founder, Body::policy_adopted(from, self.policy(today)))
            }
        }
    }

    fn policy(&mut self, today: Date) -> Policy {
        let mut policy = self.dice.pick(&village::policies()).clone();
        match &mut policy {
            Policy::Credit(credit) => {
                credit.earn_num = self.dice.between(1, 3) as u32;
                credit.earn_den = self.dice.between(1, 2) as u32;
                credit.daily_cap = self.dice.between(200, 500) as u32;
                credit.account_cap = self.dice.between(300, 2_000) as u32;
                credit.overdraft = self.dice.between(0, 60) as u32;
                if self.dice.percent(60) {
                    credit.excess = Excess::Fund(self.cast.communities[self.dice.below(2) as usize]);
                }
            }
            Policy::Records(records) => records.due_working_days = self.dice.between(0, 4) as u16,
            Policy::Wishes(wishes) => wishes.fulfil_days = self.dice.between(1, 6) as u16,
            Policy::Points(points) => points.base = self.dice.between(0, 9_000) as i32,
            Policy::Calendar(_) | Policy::Waiting(_) | Policy::Rankings(_) => {}
        }
        if self.dice.percent(12) {
            // Six is too short.
            return Policy::Waiting(WaitingPolicy { days: self.dice.between(6, 9) as u16 });
        }
        if self.dice.percent(20) {
            let year = Year(today.ymd().0);
            let holidays = vec![today.plus(2)];
            return Policy::Calendar(CalendarPolicy { year, holidays, workdays: vec![today.plus(5)] });
        }
        // By the day and not by a die, so that what else happens is the same.
        let rankings = match (&policy, today.0 % 4) {
            (Policy::Points(_), 1) => Rankings::Off,
            (Policy::Points(_), 3) => Rankings::On,
            _ => return policy,
        };
        Policy::Rankings(RankingPolicy { rankings, basis: None })
    }

    /// What hardly ever happens, or should never.
    pub(super) fn rare(&mut self, model: &Model, now: Millis) -> Option<Wanted> {
        let (ledger, person) = (self.ledger.person, self.volunteer(model));
        let secretary = self.cast.secretary.id();
        let today = model.register.day(now);
        match self.dice.below(12) {
            0 => {
                let (year, month, _) = today.plus(-31).ymd();
                let policy = model.register.policies.iter().filter(|p| matches!(p.3, Policy::Points(_)));
                let policy = self.dice.any(policy.map(|p| p.0))?;
                let (scope, cutoff) = (self.cast.branch, self.dice.below(model.size + 2));
                let period = Period::Month(year, month);
                let digest = self.dice.bytes();
                want(secretary, Body::List(ListEvent::Published { scope, period, cutoff, policy, digest }))
            }
            1..=2 => {
                let reason = self.open(person.0, Field::Reason, "长期患病");
                let span = Span { from: today, to: Some(today.plus(30)) };
                let (org, commitment) = (self.cast.branch, reason.commitment());
                let body = Body::List(ListEvent::MemberExempted { person, org, span, reason: commitment });
                Some(Wanted { who: secretary, body, openings: vec![reason] })
            }
            3 => {
                // Never of the entry right before it: a false digest that the rules let pass would end the ledger.
                let position = self.dice.below(model.size.max(2) - 1);
                let body =
                    Body::Ledger(LedgerEvent::StateDigest { position, rules: 1, digest: self.dice.bytes() });
                want(ledger, body)
            }
            4 => {
                let newcomers =
                    model.register.people.keys().filter(|p| self.cast.people().all(|who| who.id() != **p));
                let person = self.dice.any(newcomers.copied())?;
                let who = self.staff(model, now, self.cast.city, &OFFICE);
                want(who, Body::Member(MemberEvent::ErasureRequested { person }))
            }
            5 => {
                let asked = model.register.people.iter().filter(|p| p.1.erasing);
                let person = self.dice.any(asked.map(|p| *p.0))?;
                want(ledger, Body::Member(MemberEvent::PersonalDataErased { person }))
            }
            6 => {
                let by = self.cast.workers[0].id();
                want(ledger, village::look(by, person))
            }
            7..=8 => {
                let (kind, agreed) = (ConsentKind::PublicName, self.dice.percent(50));
                want(person, Body::Member(MemberEvent::ConsentGiven { person, kind, agreed }))
            }
            10 => {
                let founders = [self.cast.founder.person, self.cast.second_founder.person];
                let (role, scope, person) = (Role::Founder, Scope::Ledger, founders[1]);
                want(*self.dice.pick(&founders), Body::Role(RoleEvent::Revoked { person, role, scope }))
            }
            9 => {
                // The ledger's own hand, before its time.
                let wish = self.wish(model, &[Stage::Open, Stage::Claimed])?;
                let what = *self.dice.pick(&[Lapse::Claim, Lapse::Wish]);
                want(ledger, Body::Wish(WishEvent::Lapsed { wish, what }))
            }
            _ => want(self.cast.founder.person, self.second_founding()),
        }
    }

    fn second_founding(&mut self) -> Body {
        let mut key = || village::actor(&mut self.dice).public_key();
        let founders = [&self.cast.founder, &self.cast.second_founder].map(|f| (f.person, f.public_key()));
        Body::founded(founders, key(), (self.ledger.person, key()))
    }
}
