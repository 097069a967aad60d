//! Acts that wait, naively: what an event waits for is read off one table by whose hand asserted it, and what waited is
//! tried on a copy of everything before it may take effect.

use hourbook_ledger::domain::event::{
    Account, ActEvent, AffiliationKind, Assurance, Body, Claimer, CreditEvent, Event, HoursEvent, KeyEvent,
    ListEvent, MemberEvent, ReportInEvent, Role, RoleEvent, SessionEvent, Span, WishEvent,
};
use std::collections::BTreeSet;

use hourbook_ledger::domain::ids::{EventId, KeyId, OrgId, PersonId};

use super::Model;
use super::act::{Act, Wanting};
use super::outcome::{At, Fault, Outcome, behalf, must};
use super::service::RowState;

/// Whose hand it is, for a person.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Hand {
    Own,
    Code(PersonId),
    Staff,
}

const HOME: [Role; 2] = [Role::Worker, Role::Steward];
const GAINING: [Role; 4] = [Role::Steward, Role::Worker, Role::UnitOfficer, Role::Secretary];

impl Model {
    /// Who may act in a role: by a key of one's own that the role was given to, and for nobody else.
    pub(super) fn by_role(&self, at: At, event: &Event, roles: &[Role], org: OrgId) -> bool {
        let today = self.register.day(at.recorded_at);
        let own = event.assurance == Assurance::DeviceKey;
        own && self.register.exercises(event.actor, at.signer, roles, org, today)
    }

    /// Whether staff of the person's home act for the person.
    pub(super) fn serves(&self, at: At, event: &Event) -> bool {
        let today = self.register.day(at.recorded_at);
        let home = self.register.residence(behalf(event), today);
        home.is_some_and(|home| self.register.exercises(event.actor, at.signer, &HOME, home, today))
    }

    fn hand(&self, at: At, event: &Event, person: PersonId) -> Hand {
        if event.actor != person || event.assurance == Assurance::StaffProxy {
            return Hand::Staff;
        }
        let giver = match event.grant {
            // In a session of one's own the witness may still be the hand of who brought the ledger a key.
            Some(grant) => {
                let giver = self.register.grants.get(&grant).map(|grant| grant.by);
                let lender = self.register.lender(at.signer, at.recorded_at);
                giver.filter(|giver| *giver != person).or(lender)
            }
            None => self.register.lender(at.signer, at.recorded_at),
        };
        match giver {
            Some(giver) if giver != person => Hand::Code(giver),
            _ => Hand::Own,
        }
    }

    fn since(&self, at: At, event: &Event) -> u64 {
        match event.grant {
            Some(grant) => self.register.grants[&grant].opened.expect("an open session"),
            None => self.register.line(at.signer).last().expect("the signer's key").from,
        }
    }

    fn on_gaining_side(&self, at: At, event: &Event, person: PersonId, org: OrgId) -> bool {
        event.actor != person && self.by_role(at, event, &GAINING, org)
    }

    /// The hand that speaks for the person: the person's own, or that of staff of the home.
    fn for_person(&self, at: At, event: &Event, person: PersonId) -> Option<Hand> {
        let today = self.register.day(at.recorded_at);
        match self.hand(at, event, person) {
            Hand::Staff => {
                let home = self.register.residence(person, today);
                let staff = home.is_some_and(|home| self.by_role(at, event, &HOME, home));
                let proxy = event.acting_for == Some(person) && self.serves(at, event);
                (staff || proxy).then_some(Hand::Staff)
            }
            own => Some(own),
        }
    }

    /// Whether the actor stands on one of the two sides at all.
    pub(super) fn on_a_side(&self, at: At, event: &Event, person: PersonId, org: OrgId) -> bool {
        self.on_gaining_side(at, event, person, org) || self.for_person(at, event, person).is_some()
    }

    /// Whether the code came from somebody who stands on the side that gains.
    fn code_of_gaining(&self, at: At, hand: Hand, org: OrgId) -> bool {
        let today = self.register.day(at.recorded_at);
        matches!(hand, Hand::Code(giver) if self.register.has_role(giver, &GAINING, org, today))
    }

    fn is_of_the_ledger(&self, person: PersonId) -> bool {
        Some(person) == self.register.ledger || self.register.founders.contains(&person)
    }

    /// What the event waits for: somebody's word, and whether for the term.
    fn waits_for(&self, at: At, event: &Event) -> Option<(Option<Wanting>, bool)> {
        let irreversible = |person| match self.hand(at, event, person) {
            Hand::Own => None,
            Hand::Code(_) => Some((None, true)),
            Hand::Staff => Some((Some(Wanting::Colleague), false)),
        };
        match &event.body {
            Body::Member(MemberEvent::ErasureRequested { person }) => {
                let staff = self.hand(at, event, *person) == Hand::Staff;
                irreversible(*person).map(|(wanting, term)| (wanting, term || staff))
            }
            Body::Key(KeyEvent::Revoked { person, .. }) => {
                let staff = self.hand(at, event, *person) == Hand::Staff;
                if staff && self.is_of_the_ledger(*person) {
                    return Some((None, true));
                }
                irreversible(*person)
            }
            Body::Role(RoleEvent::Revoked { person, role, scope }) => {
                let waits = match self.hand(at, event, *person) {
                    Hand::Own => false,
                    Hand::Code(_) => self.register.in_use(&(*person, *role, *scope)),
                    Hand::Staff => *role == Role::Founder,
                };
                waits.then_some((None, true))
            }
            Body::Wish(WishEvent::Confirmed { wish, .. }) => {
                let wish = self.wishes.all.get(wish)?;
                let hand = self.hand(at, event, wish.resident);
                matches!(hand, Hand::Code(giver) if wish.has_hand_in(giver)).then_some((None, true))
            }
            Body::Session(SessionEvent::Closed { person, grant }) => self.closing(at, event, *person, *grant),
            Body::Key(KeyEvent::Rotated { person, .. }) => {
                let other = event.actor != *person && Some(*person) != self.register.ledger;
                other.then_some((None, true))
            }
            Body::Credit(CreditEvent::Transferred { from: Account::Person(person), .. }) => {
                irreversible(*person)
            }
            Body::Credit(CreditEvent::Settled { .. }) => irreversible(event.actor),
            Body::Member(MemberEvent::ConsentGiven { person, agreed, .. }) => {
                irreversible(*person).filter(|_| *agreed)
            }
            Body::Member(MemberEvent::HelperNamed { person, .. }) => irreversible(*person),
            Body::Credit(CreditEvent::Transferred { .. })
            | Body::List(ListEvent::Published { .. })
            | Body::List(ListEvent::MemberExempted { .. }) => Some((Some(Wanting::Colleague), false)),
            Body::Hours(HoursEvent::Corrected { recorded, row, .. }) => {
                let row = self.service.rows.get(&(*recorded, *row));
                let confirmed = row.is_some_and(|row| row.state == RowState::Confirmed);
                confirmed.then_some((Some(Wanting::Colleague), false))
            }
            // For an organisation a role claims, by a key that it names.
            Body::Wish(WishEvent::Claimed { claimer: Claimer::Person(person), participants, .. }) => {
                let by_code = matches!(self.hand(at, event, *person), Hand::Code(_));
                (by_code && !participants.is_empty()).then_some((None, true))
            }
            Body::Member(MemberEvent::Affiliated { person, org, kind, span }) => {
                self.affiliating(at, event, *person, (*org, *kind, *span))
            }
            Body::ReportIn(ReportInEvent::Filed { person, community }) => {
                match self.for_person(at, event, *person) {
                    None => Some((Some(Wanting::Home), false)),
                    Some(hand) => self.code_of_gaining(at, hand, *community).then_some((None, true)),
                }
            }
            _ => None,
        }
    }

    /// Only what is open can object, and whoever signs out takes away no hand but the own.
    fn closing(
        &self,
        at: At,
        event: &Event,
        person: PersonId,
        grant: EventId,
    ) -> Option<(Option<Wanting>, bool)> {
        let session = self.register.grants.get(&grant)?;
        let lasts = !session.closed && session.session_until.is_some_and(|until| at.recorded_at < until);
        let lent = self.register.lender(at.signer, at.recorded_at).is_some();
        let ledger = Some(event.actor) == self.register.ledger && !lent;
        if event.grant == Some(grant) || ledger {
            return None;
        }
        if !lasts {
            let objects = !session.closed
                && session.session_until.is_none()
                && at.recorded_at < session.until
                && self.contested().contains(&person);
            return match self.hand(at, event, person) {
                Hand::Code(giver) => (objects && session.by != giver).then_some((None, true)),
                Hand::Staff => {
                    (objects && session.by != event.actor).then_some((Some(Wanting::Colleague), false))
                }
                Hand::Own => None,
            };
        }
        match self.hand(at, event, person) {
            Hand::Own => None,
            Hand::Staff => Some((Some(Wanting::Colleague), false)),
            Hand::Code(giver) => {
                let younger = session.opened.is_some_and(|opened| self.since(at, event) < opened);
                (session.by != giver || !younger).then_some((None, true))
            }
        }
    }

    /// Of whom something waits that a code asserted, or a key that came by one.
    pub(super) fn contested(&self) -> BTreeSet<PersonId> {
        let by_code = |act: &&Act| act.event.grant.is_some() || !act.lenders.is_empty();
        self.acts.values().filter(by_code).map(|act| act.event.actor).collect()
    }

    fn affiliating(
        &self,
        at: At,
        event: &Event,
        person: PersonId,
        (org, kind, span): (OrgId, AffiliationKind, Span),
    ) -> Option<(Option<Wanting>, bool)> {
        let gaining = self.on_gaining_side(at, event, person, org);
        let giving = self.for_person(at, event, person);
        let ends = self.register.people.get(&person).is_some_and(|person| {
            let open = |a: &(OrgId, AffiliationKind, Span)| a.2.to.is_none() && a.2.from == span.from;
            span.to.is_some() && person.affiliations.iter().any(|a| (a.0, a.1) == (org, kind) && open(a))
        });
        match giving {
            // The organisation and the person may each part with the other; anybody else may only say so.
            _ if ends && gaining => None,
            Some(Hand::Own) if ends => None,
            // Whoever leaves a residence belongs again where they were registered.
            Some(hand @ Hand::Code(_)) if ends => {
                let home = self.register.people.get(&person).map(|person| person.home);
                let gains = kind == AffiliationKind::Resident
                    && home.is_some_and(|home| self.code_of_gaining(at, hand, home));
                gains.then_some((None, true))
            }
            _ if ends => Some((Some(Wanting::Gaining), false)),
            None => Some((Some(Wanting::Home), false)),
            Some(_) if gaining => None,
            Some(hand) => Some((Some(Wanting::Gaining), self.code_of_gaining(at, hand, org))),
        }
    }

    /// Whom it concerns who is told of it.
    fn subject(&self, event: &Event) -> Option<PersonId> {
        match &event.body {
            Body::Member(MemberEvent::ErasureRequested { person })
            | Body::Key(KeyEvent::Revoked { person, .. })
            | Body::Key(KeyEvent::Rotated { person, .. })
            | Body::Session(SessionEvent::Closed { person, .. })
            | Body::Role(RoleEvent::Revoked { person, .. })
            | Body::Member(MemberEvent::ConsentGiven { person, .. })
            | Body::Member(MemberEvent::HelperNamed { person, .. })
            | Body::Member(MemberEvent::Affiliated { person, .. })
            | Body::List(ListEvent::MemberExempted { person, .. })
            | Body::ReportIn(ReportInEvent::Filed { person, .. })
            | Body::Credit(CreditEvent::Transferred { from: Account::Person(person), .. }) => Some(*person),
            Body::Hours(HoursEvent::Corrected { recorded, row, .. }) => {
                self.service.rows.get(&(*recorded, *row)).map(|row| row.person)
            }
            Body::Credit(CreditEvent::Settled { hold, .. }) => {
                self.books.holds.get(hold).map(|hold| hold.from)
            }
            Body::Wish(WishEvent::Claimed { .. }) => Some(behalf(event)),
            Body::Wish(WishEvent::Confirmed { wish, .. }) => {
                self.wishes.all.get(wish).map(|wish| wish.resident)
            }
            _ => None,
        }
    }

    /// Whether the event waits; if so it is kept, and everything else stays as it is.
    pub(super) fn kept(&mut self, at: At, event: &Event, outcome: &mut Outcome) -> Result<bool, Fault> {
        let Some((wanting, term)) = self.waits_for(at, event) else { return Ok(false) };
        self.tried(at, event)?;
        let due = term.then(|| self.register.term(at.recorded_at));
        let act = Act {
            event: event.clone(),
            signer: at.signer,
            subject: self.subject(event),
            wanting,
            approved_by: None,
            due,
            since: self.since(at, event),
            owed: self.register.owed(at.signer),
            lenders: self.register.lenders(at.signer, at.recorded_at),
        };
        outcome.held = Some((act.subject, wanting.is_some(), due));
        self.acts.insert(event.id, act);
        Ok(true)
    }

    /// What an event would come to, on a copy of everything.
    fn tried(&self, at: At, event: &Event) -> Result<(), Fault> {
        self.clone().apply(at, event, &mut Outcome::default())
    }

    /// Whether the actor may say yes to, or call off, what waits.
    pub(super) fn may_answer(&self, at: At, event: &Event) -> bool {
        match event.body {
            Body::Act(ActEvent::Approved { act }) => {
                self.acts.get(&act).is_none_or(|act| self.may_approve(at, event, act))
            }
            Body::Act(ActEvent::Stopped { act }) => {
                self.acts.get(&act).is_none_or(|act| self.may_stop(at, event, act))
            }
            _ => false,
        }
    }

    fn may_approve(&self, at: At, event: &Event, act: &Act) -> bool {
        let home = |person| self.register.residence(person, self.register.day(at.recorded_at));
        let by =
            |roles: &[Role], org: Option<OrgId>| org.is_some_and(|org| self.by_role(at, event, roles, org));
        use Role::{Founder, Lead, Secretary, Steward, Worker};
        let Some(wanting) = act.wanting else { return true };
        match (&act.event.body, wanting) {
            (
                Body::Member(MemberEvent::Affiliated { person, org, .. })
                | Body::ReportIn(ReportInEvent::Filed { person, community: org }),
                Wanting::Gaining,
            ) => self.on_gaining_side(at, event, *person, *org),
            (
                Body::Member(MemberEvent::Affiliated { person, .. })
                | Body::ReportIn(ReportInEvent::Filed { person, .. }),
                _,
            ) => self.for_person(at, event, *person).is_some(),
            (
                Body::Member(MemberEvent::ErasureRequested { person })
                | Body::Member(MemberEvent::ConsentGiven { person, .. })
                | Body::Member(MemberEvent::HelperNamed { person, .. })
                | Body::Session(SessionEvent::Closed { person, .. }),
                _,
            ) => by(&[Worker, Steward], home(*person)),
            (Body::Key(KeyEvent::Revoked { person, .. }), _) => {
                by(&[Worker, Steward, Founder], home(*person))
            }
            (
                Body::List(ListEvent::Published { scope: org, .. })
                | Body::List(ListEvent::MemberExempted { org, .. }),
                _,
            ) => by(&[Steward, Secretary], Some(*org)),
            (Body::Hours(HoursEvent::Corrected { recorded, .. }), _) => {
                let org = self.service.rows.get(&(*recorded, 0)).map(|row| row.org);
                by(&[Steward, Worker, Lead], org)
            }
            (Body::Credit(CreditEvent::Transferred { from: Account::Fund(org), .. }), _) => {
                by(&[Steward, Worker], Some(*org))
            }
            _ => false,
        }
    }

    fn may_stop(&self, at: At, event: &Event, act: &Act) -> bool {
        let in_person = event.assurance == Assurance::DeviceKey;
        if in_person && Some(event.actor) == self.register.ledger {
            // Not before its time, and only what the rules no longer allow.
            let due = act.due.is_some_and(|due| due <= at.recorded_at);
            return due && self.tried(At { signer: act.signer, ..at }, &act.event).is_err();
        }
        if act.subject == Some(behalf(event)) {
            // Staff's corrections, exemptions and the like are not for the person to call off.
            let say = act.due.is_some()
                || matches!(act.wanting, Some(Wanting::Home | Wanting::Gaining))
                || matches!(
                    act.event.body,
                    Body::Member(MemberEvent::ConsentGiven { .. } | MemberEvent::HelperNamed { .. })
                );
            if event.assurance == Assurance::StaffProxy {
                let giver = act.event.grant.map(|grant| self.register.grants[&grant].by);
                let same = event.actor == act.event.actor || Some(event.actor) == giver;
                let theirs = self.hand(At { signer: act.signer, ..at }, &act.event, behalf(event));
                return say && !same && theirs != Hand::Own && self.serves(at, event);
            }
            let by_others = act.event.actor != behalf(event);
            let hand = self.hand(at, event, event.actor);
            let first = self.hand(At { signer: act.signer, ..at }, &act.event, act.event.actor);
            let other_code = matches!((first, hand), (Hand::Code(first), Hand::Code(now)) if first != now);
            let older = self.since(at, event) <= act.since;
            return say && (hand == Hand::Own || by_others || older || other_code);
        }
        let theirs = act.event.actor == event.actor || act.approved_by == Some(event.actor);
        in_person && (theirs || act.wanting.is_some() && self.may_approve(at, event, act))
    }

    /// A yes, a no, or the end of a term.
    pub(super) fn answer(&mut self, at: At, event: &Event, outcome: &mut Outcome) -> Result<(), Fault> {
        let (Body::Act(ActEvent::Approved { act: id })
        | Body::Act(ActEvent::Stopped { act: id })
        | Body::Act(ActEvent::TookEffect { act: id })) = event.body
        else {
            return Ok(());
        };
        let act = self.acts.get(&id).cloned().ok_or("no such act waits")?;
        match event.body {
            Body::Act(ActEvent::Approved { .. }) => self.approve(at, event, act, outcome),
            Body::Act(ActEvent::Stopped { .. }) => {
                self.acts.remove(&id);
                Ok(())
            }
            _ => {
                let due = act.due.is_some_and(|due| due <= at.recorded_at);
                must(due && act.wanting.is_none(), "took effect before its time")?;
                self.take_effect(at, &act, outcome)
            }
        }
    }

    fn approve(&mut self, at: At, event: &Event, mut act: Act, outcome: &mut Outcome) -> Result<(), Fault> {
        let wanting = act.wanting.ok_or("nobody's word was wanting")?;
        if wanting == Wanting::Colleague {
            let others = [Some(act.event.actor), act.event.acting_for, act.subject];
            must(!others.contains(&Some(event.actor)), "four eyes: approved one's own act")?;
            must(self.are_two(at.signer, &act), "four eyes: one typed the other's code")?;
            let lenders = self.register.lenders(at.signer, at.recorded_at);
            must(lenders.is_disjoint(&act.lenders), "four eyes: one hand is behind both")?;
            // What one must not do for oneself, one must not approve for oneself.
            let as_second = Event { actor: event.actor, acting_for: None, ..act.event.clone() };
            self.tried(at, &as_second)?;
        } else {
            must(behalf(event) != behalf(&act.event), "four eyes: both sides are one")?;
            let in_person = [event.actor, act.event.actor].map(Some).contains(&act.subject);
            must(in_person || self.are_two(at.signer, &act), "four eyes: staff of both sides are one")?;
            must(self.still_stands(at, &act, wanting), "whoever proposed it is on neither side by now")?;
            let by_code = match &act.event.body {
                Body::Member(MemberEvent::Affiliated { person, org, .. })
                | Body::ReportIn(ReportInEvent::Filed { person, community: org }) => {
                    let hand = self.for_person(at, event, *person);
                    hand.is_some_and(|hand| self.code_of_gaining(at, hand, *org))
                }
                _ => false,
            };
            if by_code {
                act.due = act.due.max(Some(self.register.term(at.recorded_at)));
                act.since = self.since(at, event);
            }
        }
        self.tried(at, &act.event)?;
        (act.wanting, act.approved_by) = (None, Some(event.actor));
        match act.due {
            Some(due) if at.recorded_at < due => {
                outcome.held = Some((act.subject, false, Some(due)));
                self.acts.insert(act.event.id, act);
                Ok(())
            }
            _ => self.take_effect(at, &act, outcome),
        }
    }

    /// Whether whoever proposed a tie still stands, by whatever key, on the side other than the one whose word is wanting.
    fn still_stands(&self, at: At, act: &Act, wanting: Wanting) -> bool {
        let (proposer, today) = (act.event.actor, self.register.day(at.recorded_at));
        let (Body::Member(MemberEvent::Affiliated { person, org, .. })
        | Body::ReportIn(ReportInEvent::Filed { person, community: org })) = &act.event.body
        else {
            return false;
        };
        match wanting {
            Wanting::Home => self.register.has_role(proposer, &GAINING, *org, today),
            _ => {
                let home = self.register.residence(*person, today);
                proposer == *person
                    || home.is_some_and(|home| self.register.has_role(proposer, &HOME, home, today))
            }
        }
    }

    /// Neither key came by a code of the other's person.
    fn are_two(&self, second: KeyId, act: &Act) -> bool {
        let person = self.register.keys[&second].person;
        !act.owed.contains(&person) && !self.register.owed(second).contains(&act.event.actor)
    }

    fn take_effect(&mut self, at: At, act: &Act, outcome: &mut Outcome) -> Result<(), Fault> {
        self.acts.remove(&act.event.id);
        outcome.took_effect = Some(act.event.id);
        self.apply(at, &act.event, outcome)
    }

    /// Calls off what falls with an event that has just taken effect: all about or by somebody erased, what would confirm what is disputed, and what was signed
    /// by a stolen key or one that came of it.
    pub(super) fn fall(&mut self, event: &Event, stolen: &[KeyId], outcome: &mut Outcome) {
        let erased = match event.body {
            Body::Member(MemberEvent::ErasureRequested { person }) => Some(person),
            _ => None,
        };
        let disputed = match event.body {
            Body::Wish(WishEvent::Disputed { wish, .. }) => Some(wish),
            _ => None,
        };
        let falls = |act: &Act| {
            let confirms = |wish| matches!(act.event.body, Body::Wish(WishEvent::Confirmed { wish: of, .. }) if of == wish);
            let about = erased.is_some() && (act.subject == erased || Some(act.event.actor) == erased);
            about || stolen.contains(&act.signer) || disputed.is_some_and(confirms)
        };
        let fallen: Vec<EventId> =
            self.acts.iter().filter(|(_, act)| falls(act)).map(|(id, _)| *id).collect();
        for id in fallen {
            self.acts.remove(&id);
            outcome.dropped.push(id);
        }
    }
}
