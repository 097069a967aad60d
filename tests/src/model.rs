//! The oracle: a second, naive reading of the rules, to hold the ledger to.
//!
//! It is written from the documented rules and calls none of the code that decides or applies events. It keeps plain
//! ordered maps, counts service minute by minute, adds everything up anew where the ledger carries totals along, and
//! says what is wrong with an event that should never have got onto the log. It is slow and means to be.

pub mod act;
mod acts;
pub mod books;
pub mod calendar;
mod hands;
pub mod looks;
pub mod outcome;
pub mod register;
pub mod service;
pub mod wishes;

use hourbook_ledger::domain::event::{
    Account, ActEvent, ActivityEvent, Assurance, Body, Claimer, CreditEvent, Event, Expected, HoursEvent,
    KeyEvent, LedgerEvent, ListEvent, MemberEvent, NoticeEvent, ReportInEvent, RoleEvent, Scope,
    SessionEvent, Stream, WishEvent,
};
use std::collections::{BTreeMap, BTreeSet};

use hourbook_ledger::domain::ids::EventId;
use hourbook_ledger::domain::time::Millis;

use act::Act;
use books::Books;
use looks::Looks;
use outcome::{At, Fault, Outcome, behalf, must};
use register::Register;
use service::Service;
use wishes::Wishes;

/// Everything that follows from the log so far.
#[derive(Clone, Default, Debug)]
#[allow(missing_docs)] // each is documented by its type
pub struct Model {
    pub register: Register,
    pub service: Service,
    pub books: Books,
    pub wishes: Wishes,
    pub looks: Looks,
    /// What waits.
    pub acts: BTreeMap<EventId, Act>,
    /// Number of events so far.
    pub size: u64,
    pub last_at: Millis,
    streams: BTreeMap<Stream, u64>,
    ids: BTreeSet<EventId>,
}

const DAY_MS: i64 = 86_400_000;

impl Model {
    /// Takes the next event of the log.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn take(&mut self, at: At, event: &Event) -> Result<Outcome, Fault> {
        self.check_place(at, event)?;
        if at.position > 0 {
            self.check_signer(at, event)?;
            self.check_authority(at, event)?;
        }
        let mut outcome = Outcome::default();
        let before = self.books.balances.clone();
        match event.body {
            Body::Act(ActEvent::Approved { .. })
            | Body::Act(ActEvent::Stopped { .. })
            | Body::Act(ActEvent::TookEffect { .. }) => {
                self.answer(at, event, &mut outcome)?;
            }
            _ if self.kept(at, event, &mut outcome)? => {}
            _ => self.apply(at, event, &mut outcome)?,
        }
        outcome.moved = self.books.moved_since(&before);
        must(self.books.sum() == 0, "the books are not at zero")?;
        self.streams.insert(event.stream, at.revision);
        self.size += 1;
        self.last_at = at.recorded_at;
        Ok(outcome)
    }

    /// The revision of a stream's last event.
    #[must_use]
    pub fn revision(&self, stream: &Stream) -> Option<u64> {
        self.streams.get(stream).copied()
    }

    fn apply(&mut self, at: At, event: &Event, outcome: &mut Outcome) -> Result<(), Fault> {
        if let Body::Ledger(LedgerEvent::StateDigest { position, .. }) = &event.body {
            must(position + 1 == at.position, "the digest is not of the entry before")?;
        }
        self.register.contested = self.contested();
        let stolen = self.register.take(at, event)?;
        self.fall(event, &stolen, outcome);
        self.service.take(&self.register, at, event, outcome)?;
        self.books.take(&self.register, at, event)?;
        self.wishes.take(&self.register, at, event)?;
        self.looks.take(&self.register, &self.wishes, at, event)?;
        for person in self.service.touched() {
            let earned = self.service.earned(&self.register, person);
            self.books.settle_earnings(person, earned);
        }
        Ok(())
    }

    fn check_place(&mut self, at: At, event: &Event) -> Result<(), Fault> {
        must(at.position == self.size, "the position is not the next")?;
        match event.body {
            Body::Ledger(LedgerEvent::ClockCorrected { from, to }) => {
                must(from == self.last_at && at.recorded_at < from, "there is nothing to correct")?;
                must(to < from && (to.0 - at.recorded_at.0).abs() <= 600_000, "the clock is another")?;
            }
            _ => must(at.recorded_at >= self.last_at, "recorded time went back")?,
        }
        must(self.ids.insert(event.id), "the id is on the log already")?;
        let last = self.streams.get(&event.stream).copied();
        must(at.revision == last.map_or(0, |last| last + 1), "the revision is not the next of the stream")?;
        let expected = match event.expected {
            Expected::Any => true,
            Expected::NoneYet => last.is_none(),
            Expected::Exact(revision) => last == Some(revision),
        };
        must(expected, "the stream was not where the signer thought")?;
        must(event.ledger == crate::village::ORIGIN, "it is for another ledger")?;
        let age = at.recorded_at.0 - event.id.millis();
        // The clock may have been an hour behind the last entry, whose time was then recorded.
        must((-600_000..=35 * DAY_MS + 3_600_000).contains(&age), "the id's time is out of the window")
    }

    fn check_signer(&self, at: At, event: &Event) -> Result<(), Fault> {
        let key = self.register.keys.get(&at.signer).ok_or("the key is unknown")?;
        must(key.until.is_none(), "the key has ended")?;
        let erased = self.register.people.get(&event.actor).is_some_and(|person| person.erasing);
        must(!erased, "somebody erased acts")?;
        let helps = |person| self.register.helpers_of(person).contains(&event.actor);
        let as_helper = event.assurance != Assurance::StaffProxy;
        must(!as_helper || event.acting_for.is_none_or(helps), "nobody's helper")?;
        match event.assurance {
            Assurance::DeviceKey => must(key.person == event.actor, "another's key"),
            Assurance::StaffProxy => {
                let proxy = event.acting_for.is_some_and(|person| person != event.actor);
                must(key.person == event.actor && proxy, "not a staff member's key for another")
            }
            Assurance::ServerWitnessed => {
                must(Some(key.person) == self.register.ledger, "not the ledger's key")?;
                let open = event.grant.and_then(|grant| self.register.grants.get(&grant)).is_some_and(|g| {
                    let lasts = g.session_until.is_some_and(|until| at.recorded_at < until);
                    g.person == event.actor && !g.closed && lasts
                });
                must(open, "no open session")
            }
        }
    }

    /// The plain part of who may assert what: whom it concerns, and which roles over which organisation.
    fn check_authority(&self, at: At, event: &Event) -> Result<(), Fault> {
        if event.acting_for.is_some() && event.assurance != Assurance::StaffProxy {
            return must(does_as_helper(event), "not for a helper to assert");
        }
        use hourbook_ledger::domain::event::Role::{Founder, Lead, Secretary, Steward, UnitOfficer, Worker};
        let today = self.register.day(at.recorded_at);
        let staff = |roles: &[_], org| self.by_role(at, event, roles, org);
        let at_home = |roles: &[_], person| {
            self.register.residence(person, today).is_some_and(|home| staff(roles, home))
        };
        let founder = event.assurance == Assurance::DeviceKey
            && self
                .register
                .roles
                .get(&(event.actor, Founder, Scope::Ledger))
                .is_some_and(|keys| keys.contains(&at.signer));
        let grants = |scope| match scope {
            Scope::Ledger => {
                let steward = (event.actor, Steward, Scope::Ledger);
                founder || self.register.roles.get(&steward).is_some_and(|keys| keys.contains(&at.signer))
            }
            Scope::Org(org) => founder || staff(&[Steward], org),
        };
        let of_ledger =
            |person| Some(person) == self.register.ledger || self.register.founders.contains(&person);
        let proxy = event.assurance == Assurance::StaffProxy;
        let subject = |person| behalf(event) == person && (!proxy || self.serves(at, event));
        let in_person = |person| event.actor == person && !proxy;
        let ledger = Some(event.actor) == self.register.ledger && event.assurance == Assurance::DeviceKey;
        let activity = |id| self.service.activities.get(id).map(|activity| activity.org);
        let allowed = match &event.body {
            Body::Ledger(LedgerEvent::StateDigest { .. })
            | Body::Member(MemberEvent::PersonalDataErased { .. })
            | Body::Session(SessionEvent::Opened { .. })
            | Body::Access(_)
            | Body::Act(ActEvent::TookEffect { .. })
            | Body::Wish(WishEvent::Lapsed { .. }) => ledger,
            Body::Act(ActEvent::Approved { .. }) | Body::Act(ActEvent::Stopped { .. }) => {
                self.may_answer(at, event)
            }
            // A key comes into nobody's hands by somebody else's.
            Body::Key(KeyEvent::Enrolled { person, .. }) => {
                in_person(*person) || founder && of_ledger(*person)
            }
            Body::Key(KeyEvent::Rotated { person, old, .. }) => {
                let by_old = at.signer == *old && event.assurance == Assurance::DeviceKey;
                by_old || founder && of_ledger(*person)
            }
            Body::Key(KeyEvent::Revoked { person, .. }) => {
                let own = in_person(*person);
                own || founder || !of_ledger(*person) && at_home(&[Steward, Worker], *person)
            }
            Body::Member(MemberEvent::ErasureRequested { person }) => {
                subject(*person) || at_home(&[Steward, Worker], *person)
            }
            Body::Session(SessionEvent::Granted { person, .. }) => {
                founder || !of_ledger(*person) && at_home(&[Steward, Worker], *person)
            }
            Body::Session(SessionEvent::Closed { person, .. }) => {
                ledger || subject(*person) || at_home(&[Steward, Worker], *person)
            }
            Body::Role(RoleEvent::Granted { person, role, scope, keys }) => {
                let office = (*person, *role, *scope);
                let readmits =
                    || !keys.is_empty() && keys.iter().all(|key| self.register.readmits(at, office, *key));
                grants(*scope) || event.assurance == Assurance::DeviceKey && readmits()
            }
            Body::Role(RoleEvent::Revoked { person, scope, .. }) => in_person(*person) || grants(*scope),
            Body::Member(MemberEvent::Registered { person, home, .. }) => {
                founder || !of_ledger(*person) && staff(&[Steward, Worker], *home)
            }
            Body::Member(MemberEvent::Affiliated { person, org, .. })
            | Body::ReportIn(ReportInEvent::Filed { person, community: org }) => {
                self.on_a_side(at, event, *person, *org)
            }
            Body::Activity(ActivityEvent::SignedUp { person, .. })
            | Body::Activity(ActivityEvent::SignUpWithdrawn { person, .. })
            | Body::Member(MemberEvent::ConsentGiven { person, .. })
            | Body::Member(MemberEvent::HelperNamed { person, .. })
            | Body::Member(MemberEvent::HelperEnded { person, .. }) => subject(*person),
            Body::Wish(WishEvent::Confirmed { wish, .. }) => {
                self.wishes.all.get(wish).is_some_and(|wish| subject(wish.resident))
            }
            Body::Credit(CreditEvent::Held { from, .. }) => in_person(*from),
            Body::Credit(CreditEvent::Settled { hold, .. }) => {
                self.books.holds.get(hold).is_some_and(|hold| in_person(hold.from))
            }
            Body::Credit(CreditEvent::Voided { hold }) => {
                ledger || self.books.holds.get(hold).is_some_and(|hold| in_person(hold.from))
            }
            Body::Credit(CreditEvent::Transferred { from: Account::Person(from), .. }) => in_person(*from),
            Body::Credit(CreditEvent::Transferred { from: Account::Fund(org), .. }) => {
                staff(&[Steward, Worker], *org)
            }
            Body::Credit(CreditEvent::Transferred { .. }) => false,
            Body::Hours(HoursEvent::Recorded { org, .. }) => staff(&[Steward, Worker, Lead], *org),
            Body::Hours(HoursEvent::Confirmed { recorded, .. })
            | Body::Hours(HoursEvent::Corrected { recorded, .. }) => {
                let org = self.service.rows.get(&(*recorded, 0)).map(|row| row.org);
                org.is_some_and(|org| staff(&[Steward, Worker, Lead], org))
            }
            Body::Activity(ActivityEvent::AttendanceTaken { activity: id, .. }) => {
                activity(id).is_some_and(|org| staff(&[Worker, Lead], org))
            }
            Body::Activity(ActivityEvent::Published { activity: id })
            | Body::Activity(ActivityEvent::Closed { activity: id })
            | Body::Activity(ActivityEvent::Cancelled { activity: id, .. })
            | Body::Activity(ActivityEvent::ShiftOpened { activity: id, .. }) => {
                activity(id).is_some_and(|org| staff(&[Steward, Worker, Lead], org))
            }
            Body::Activity(ActivityEvent::Planned { org, .. }) => staff(&[Steward, Worker, Lead], *org),
            Body::Wish(WishEvent::Posted { org, .. }) => staff(&[Steward, Worker], *org),
            Body::Wish(WishEvent::Disputed { wish, .. }) => {
                self.wishes.all.get(wish).is_some_and(|wish| match wish.claimer {
                    Some(Claimer::Person(person)) => subject(person) || subject(wish.resident),
                    Some(Claimer::Org(org)) => {
                        subject(wish.resident) || staff(&[Lead, UnitOfficer, Secretary], org)
                    }
                    None => false,
                })
            }
            Body::Wish(
                WishEvent::Vetted { wish, .. }
                | WishEvent::DisputeUpheld { wish, .. }
                | WishEvent::DisputeRejected { wish, .. },
            ) => self.wishes.all.get(wish).is_some_and(|wish| staff(&[Steward, Worker], wish.org)),
            Body::Ledger(LedgerEvent::RulesAdopted { .. })
            | Body::Ledger(LedgerEvent::ClockCorrected { .. }) => {
                self.register.founders.contains(&event.actor)
            }
            Body::ReportIn(ReportInEvent::Answered { community, .. }) => {
                staff(&[Steward, Worker], *community)
            }
            Body::Notice(NoticeEvent::Published { org, .. } | NoticeEvent::Withdrawn { org, .. }) => {
                staff(&[Steward, Worker, UnitOfficer, Secretary], *org)
            }
            Body::List(ListEvent::MemberExempted { org, .. }) => staff(&[Secretary], *org),
            Body::List(ListEvent::Published { scope, .. }) => staff(&[Steward, Secretary], *scope),
            _ => true,
        };
        must(allowed, "the actor may not assert this")
    }
}

/// All that a helper does: signs the person up, withdraws that, and lays the help down.
fn does_as_helper(event: &Event) -> bool {
    match &event.body {
        Body::Activity(
            ActivityEvent::SignedUp { person, .. } | ActivityEvent::SignUpWithdrawn { person, .. },
        ) => event.acting_for == Some(*person),
        Body::Member(MemberEvent::HelperEnded { person, helper }) => {
            event.acting_for == Some(*person) && *helper == event.actor
        }
        _ => false,
    }
}
