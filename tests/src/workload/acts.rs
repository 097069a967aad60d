//! What waits, and what people do about it: codes and keys that came by them, what cannot be undone, yeses and noes.

use hourbook_ledger::actor::Actor;
use hourbook_ledger::commitment::{Field, Opening};
use hourbook_ledger::domain::event::{
    Account, ActEvent, ActivityEvent, AffiliationKind, Assurance, Body, ConsentKind, CreditEvent, Event,
    HoursEvent, ListEvent, MemberEvent, ReportInEvent, RevocationReason, Role, SessionEvent, Span,
    TransferKind,
};
use hourbook_ledger::domain::ids::{EventId, OrgId, PersonId};
use hourbook_ledger::domain::time::Millis;

use super::bodies::{OFFICE, want};
use super::{Wanted, Workload};
use crate::model::Model;
use crate::model::act::{Act, Wanting};

const SPEAKERS: [Role; 4] = [Role::Steward, Role::Worker, Role::UnitOfficer, Role::Secretary];

impl Workload {
    /// Acts that wait are begun, agreed to and called off.
    pub(super) fn waiting(&mut self, model: &Model, now: Millis) -> Option<Wanted> {
        match self.dice.below(20) {
            0..=1 => self.handing_out(model, now),
            2..=3 => self.opening(model, now),
            4..=5 => self.tying(model, now),
            6..=7 => self.undoing_nothing(model, now),
            8..=16 => self.answering(model, now, true),
            _ => self.answering(model, now, false),
        }
    }

    /// A code for somebody: of staff, of residents who have none other, of volunteers.
    fn handing_out(&mut self, model: &Model, now: Millis) -> Option<Wanted> {
        let person = self.anybody(model);
        let home = self.home(model, now, person);
        let who = self.staff(model, now, home, &OFFICE);
        let code = self.code(person);
        let until = now.plus_days(self.dice.between(1, 7) as u32);
        Some(Wanted {
            who,
            body: Body::Session(SessionEvent::Granted { person, code: code.commitment(), until }),
            openings: vec![code],
        })
    }

    /// A one-time code.
    pub(super) fn code(&mut self, person: PersonId) -> Opening {
        let digits = format!("{:012}", self.dice.below(1_000_000_000_000));
        self.open(person.0, Field::Code, &digits)
    }

    fn opening(&mut self, model: &Model, now: Millis) -> Option<Wanted> {
        let usable = |grant: &&(EventId, PersonId)| model.register.knows(grant.1);
        let unused = model.register.grants.iter().filter(|(_, g)| g.session_until.is_none() && now < g.until);
        let (grant, person) = self.dice.any(unused.map(|(id, g)| (*id, g.person)).filter(|g| usable(&g)))?;
        let until = now.plus_days(self.dice.between(5, 60) as u32);
        want(self.ledger.person, Body::Session(SessionEvent::Opened { person, grant, until }))
    }

    fn home(&self, model: &Model, now: Millis, person: PersonId) -> OrgId {
        model.register.residence(person, model.register.day(now)).unwrap_or(self.cast.city)
    }

    /// Somebody is to belong somewhere: begun by one of the two sides, or by staff of both.
    fn tying(&mut self, model: &Model, now: Millis) -> Option<Wanted> {
        let (person, org) = (self.volunteer(model), *self.dice.pick(&self.cast.orgs()));
        let home = self.home(model, now, person);
        let who = match self.dice.below(4) {
            0 => person,
            1 => self.staff(model, now, home, &OFFICE),
            _ => self.staff(model, now, org, &SPEAKERS),
        };
        if self.dice.percent(35) {
            let community = *self.dice.pick(&self.cast.communities.clone());
            // Where it is filed, staff can only invite.
            let invites = self.dice.percent(60);
            let who = if invites { self.staff(model, now, community, &OFFICE) } else { who };
            return want(who, Body::ReportIn(ReportInEvent::Filed { person, community }));
        }
        let kind = *self.dice.pick(&[
            AffiliationKind::Team,
            AffiliationKind::Organisational,
            AffiliationKind::Resident,
        ]);
        let from = model.register.day(now).plus(self.dice.between(0, 3) as i32);
        let ends = model.register.people.get(&person).and_then(|person| {
            self.dice.any(person.affiliations.iter().filter(|a| a.2.to.is_none()).copied())
        });
        let body = match ends {
            Some((org, kind, span)) if self.dice.percent(40) => {
                let to = Some(span.from.plus(400));
                Body::affiliated(person, org, kind, Span { to, ..span })
            }
            _ => Body::affiliated(person, org, kind, Span::since(from)),
        };
        want(who, body)
    }

    /// What cannot be undone, by the person or by staff.
    fn undoing_nothing(&mut self, model: &Model, now: Millis) -> Option<Wanted> {
        let person = self.anybody(model);
        let home = self.home(model, now, person);
        let who = if self.dice.percent(40) { person } else { self.staff(model, now, home, &OFFICE) };
        match self.dice.below(10) {
            0 => want(who, Body::Member(MemberEvent::ErasureRequested { person })),
            1..=4 => {
                let keys = model.register.keys.iter().filter(|(_, key)| key.person == person);
                let any = self.dice.percent(20);
                let (key, _) = self.dice.any(keys.filter(|(_, key)| any || key.until.is_none()))?;
                let reasons = [RevocationReason::Stolen, RevocationReason::Lost];
                let (key, reason) = (*key, *self.dice.pick(&reasons));
                // Keys of those who serve or hold an office are few; most of the time they are left alone.
                let spared = model.register.roles.keys().any(|office| office.0 == person);
                (!spared || self.dice.percent(10)).then(|| Wanted {
                    who,
                    body: Body::key_revoked(person, key, reason),
                    openings: Vec::new(),
                })
            }
            5 => {
                let org = *self.dice.pick(&self.cast.communities.clone());
                let balance = model.books.balance(Account::Fund(org)).max(1) as u64;
                let minutes = self.dice.between(1, balance) as u32;
                let (from, to, kind) = (Account::Fund(org), Account::Person(person), TransferKind::Grant);
                let who = self.staff(model, now, org, &OFFICE);
                want(who, Body::Credit(CreditEvent::Transferred { from, to, minutes, kind }))
            }
            6..=7 => self.naming(model),
            _ => {
                let (kind, agreed) = (ConsentKind::PublicName, self.dice.percent(80));
                want(person, Body::Member(MemberEvent::ConsentGiven { person, kind, agreed }))
            }
        }
    }

    /// Somebody names a helper, or ends one.
    fn naming(&mut self, model: &Model) -> Option<Wanted> {
        let (person, helper) = (self.anybody(model), self.anybody(model));
        if self.dice.percent(70) {
            return want(person, Body::Member(MemberEvent::HelperNamed { person, helper }));
        }
        let (person, helper) = *self.dice.any(model.register.helpers.iter())?;
        want(person, Body::Member(MemberEvent::HelperEnded { person, helper }))
    }

    /// Sometimes a helper does it for the person; whose hand that is. What is not for helpers is refused.
    pub(super) fn help(&mut self, model: &Model, now: Millis, event: &mut Event) -> Option<Actor> {
        let theirs = matches!(
            event.body,
            Body::Activity(ActivityEvent::SignedUp { .. } | ActivityEvent::SignUpWithdrawn { .. })
                | Body::Member(MemberEvent::HelperEnded { .. })
        );
        if !self.dice.percent(if theirs { 60 } else { 2 }) {
            return None;
        }
        let person = event.actor;
        let helper = match event.body {
            Body::Member(MemberEvent::HelperEnded { helper, .. }) => helper,
            _ => self.dice.any(model.register.helpers_of(person).into_iter())?,
        };
        (event.actor, event.acting_for) = (helper, Some(person));
        let session = self.session(model, now, helper).filter(|_| self.dice.percent(50));
        let Some(grant) = session else { return Some(self.hand(model, helper)) };
        self.witness(event, grant);
        Some(self.ledger.clone())
    }

    /// A yes, mostly of somebody whose word is wanting; or a no.
    fn answering(&mut self, model: &Model, now: Millis, yes: bool) -> Option<Wanted> {
        if self.dice.percent(2) {
            let act = EventId(self.dice.id());
            return want(self.anybody(model), Body::Act(ActEvent::Approved { act }));
        }
        let fits = |act: &&Act| !yes || act.wanting.is_some();
        let any = self.dice.percent(4);
        let act = self.dice.any(model.acts.values().filter(|act| any || fits(act)))?;
        let who = self.concerned(model, now, act, yes);
        let act = act.event.id;
        want(
            who,
            if yes { Body::Act(ActEvent::Approved { act }) } else { Body::Act(ActEvent::Stopped { act }) },
        )
    }

    fn concerned(&mut self, model: &Model, now: Millis, act: &Act, yes: bool) -> PersonId {
        let subject = act.subject.unwrap_or(act.event.actor);
        if !yes && self.dice.percent(60) {
            return *self.dice.pick(&[subject, act.event.actor]);
        }
        let org = match &act.event.body {
            Body::List(ListEvent::Published { scope: org, .. })
            | Body::List(ListEvent::MemberExempted { org, .. })
            | Body::Credit(CreditEvent::Transferred { from: Account::Fund(org), .. }) => *org,
            Body::Hours(HoursEvent::Corrected { recorded, .. }) => {
                model.service.rows.get(&(*recorded, 0)).map_or(self.cast.city, |row| row.org)
            }
            Body::Member(MemberEvent::Affiliated { org, .. }) if act.wanting == Some(Wanting::Gaining) => {
                *org
            }
            _ => self.home(model, now, subject),
        };
        if act.wanting == Some(Wanting::Home) && self.dice.percent(50) {
            return subject;
        }
        self.staff(model, now, org, &[Role::Steward, Role::Worker, Role::Secretary, Role::UnitOfficer])
    }

    /// A session by a code that is open for a person.
    pub(super) fn session(&mut self, model: &Model, now: Millis, person: PersonId) -> Option<EventId> {
        let open = model.register.grants.iter().filter(|(_, grant)| {
            let lasts = grant.session_until.is_some_and(|until| now < until);
            grant.person == person && !grant.closed && lasts
        });
        self.dice.any(open.map(|(id, _)| *id))
    }

    /// Makes an event one that the ledger witnesses.
    pub(super) fn witness(&self, event: &mut Event, grant: EventId) {
        event.assurance = Assurance::ServerWitnessed;
        event.grant = Some(grant);
    }
}
