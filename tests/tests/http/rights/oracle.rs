//! Who may see what, said again from what was promised to people, in as few words as possible, and from no code of the
//! product: where each person lives and belongs, where each reader sits, and what a seat shows.

use hourbook_ledger::domain::event::{AffiliationKind, Role, Scope};
use hourbook_ledger::domain::ids::{OrgId, PersonId};
use hourbook_tests::server::person;
use hourbook_tests::town::*;

use super::cast::*;
use super::states::{State, Subject};

/// Where a person lives today, and where else the person belongs.
pub(crate) fn stands(state: State) -> (OrgId, Option<(OrgId, AffiliationKind)>) {
    use AffiliationKind::{Organisational, Team};
    match state {
        State::Far | State::Moved => (ELSEWHERE, None),
        State::MemberOfUnit => (GRID, Some((UNIT, Organisational))),
        State::MemberOfBranch => (GRID, Some((BRANCH, Organisational))),
        State::InServiceAtHome => (GRID, Some((COMMUNITY, Organisational))),
        State::ReportedIn => (GRID, Some((ELSEWHERE, AffiliationKind::ReportedIn))),
        State::InTeam => (GRID, Some((FAR_TEAM, Team))),
        // Whoever is only listed, invited, proposed, refused, called off or gone belongs nowhere but at home.
        State::Home
        | State::Consenting
        | State::Erased
        | State::ListedByUnit
        | State::ProposedByHome
        | State::AskedItself
        | State::CalledOff
        | State::LeftUnit
        | State::JoinsLater
        | State::Invited
        | State::Filed
        | State::FiledByHome
        | State::Refused
        | State::ReportEnded
        | State::TeamListed
        | State::MoveProposed
        | State::MovedBack => (GRID, None),
    }
}

pub(crate) fn lies_in(org: OrgId, scope: Scope) -> bool {
    let Scope::Org(above) = scope else { return true };
    let below: &[OrgId] = match above {
        CITY => &[COMMUNITY, GRID, ELSEWHERE, UNIT, BRANCH, TEAM, FAR_TEAM],
        COMMUNITY => &[GRID, TEAM],
        ELSEWHERE => &[FAR_TEAM],
        UNIT => &[BRANCH],
        _ => &[],
    };
    org == above || below.contains(&org)
}

/// On what ground somebody reads a record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Ground {
    Own,
    Staff,
    Unit,
    Audit,
}

/// How much of a name is told.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Naming {
    Nothing,
    Ends,
    All,
}

impl Viewer {
    pub(crate) fn is(&self, subject: &Subject) -> bool {
        self.is_in() && self.id == Some(subject.id())
    }

    /// Whether the token that this reader comes with, if any, is good.
    pub(crate) fn is_in(&self) -> bool {
        matches!(self.door, Door::Token(_))
    }

    fn sits(&self, roles: &[Role], over: OrgId) -> bool {
        self.is_in() && self.seat.is_some_and(|(role, scope)| roles.contains(&role) && lies_in(over, scope))
    }

    /// A record is for its person; for staff over a place where the person lives or belongs; for whoever speaks for the
    /// unit or branch in which the person serves; for whoever audits such a place. Nobody else reads it, whatever the title.
    pub(crate) fn reads(&self, subject: &Subject) -> Option<Ground> {
        if self.is(subject) {
            return Some(Ground::Own);
        }
        let (lives, also) = stands(subject.state);
        let belongs = || [lives].into_iter().chain(also.map(|(org, _)| org));
        if belongs().any(|org| self.sits(&[Role::Steward, Role::Worker], org)) {
            return Some(Ground::Staff);
        }
        let serves = also.filter(|(_, kind)| *kind == AffiliationKind::Organisational);
        if serves.is_some_and(|(org, _)| self.sits(&[Role::UnitOfficer, Role::Secretary], org)) {
            return Some(Ground::Unit);
        }
        belongs().any(|org| self.sits(&[Role::Auditor], org)).then_some(Ground::Audit)
    }

    /// Names are for those who work with the person, and for everybody if the person agreed; an auditor and whoever belongs
    /// to the same place are told the ends. Who is erased has none.
    pub(crate) fn naming(&self, subject: &Subject) -> Naming {
        if subject.state == State::Erased {
            return Naming::Nothing;
        }
        let (lives, also) = stands(subject.state);
        let is_fellow = self.is_in()
            && self.places.iter().any(|org| *org == lives || also.is_some_and(|(of, _)| of == *org));
        match self.reads(subject) {
            Some(Ground::Own | Ground::Staff | Ground::Unit) => Naming::All,
            _ if subject.state == State::Consenting => Naming::All,
            Some(Ground::Audit) => Naming::Ends,
            None if is_fellow => Naming::Ends,
            None => Naming::Nothing,
        }
    }

    /// Who signed up for what the grid runs is known to whoever calls the roll there, unless it was erased.
    pub(crate) fn runs_what_is_signed_up_for(&self, subject: &Subject) -> bool {
        subject.state != State::Erased && self.sits(&[Role::Steward, Role::Worker, Role::Lead], GRID)
    }

    /// The number in the national register is for those who work with the person.
    pub(crate) fn number(&self, subject: &Subject) -> bool {
        matches!(self.reads(subject), Some(Ground::Own | Ground::Staff | Ground::Unit))
    }

    /// Who asserted an act or agreed to it is told to whoever has a part in it: at least the ends of the name.
    pub(crate) fn naming_at_act(&self, subject: &Subject) -> Naming {
        let has_a_hand = matches!(
            subject.state,
            State::AskedItself | State::MemberOfUnit | State::LeftUnit | State::JoinsLater | State::InTeam
        );
        let least = if has_a_hand && self.act(subject) { Naming::Ends } else { Naming::Nothing };
        self.naming(subject).max(least)
    }

    /// A wish's own words are for its resident, staff of the community that posted it, and whoever has taken it on.
    pub(crate) fn words(&self, subject: &Subject) -> bool {
        let helps = self.is_in() && subject.state == State::Home && self.id == Some(helper().person);
        self.is(subject) || helps || self.sits(&[Role::Steward, Role::Worker], COMMUNITY)
    }

    /// Before it was vetted a wish is there for its resident and staff alone.
    pub(crate) fn wish(&self, subject: &Subject) -> bool {
        subject.is_vetted() || self.is(subject) || self.sits(&[Role::Steward, Role::Worker], COMMUNITY)
    }

    /// Whose hours are recorded for a wish is for staff of its community.
    pub(crate) fn helping(&self) -> bool {
        self.sits(&[Role::Steward, Role::Worker], COMMUNITY)
    }

    /// What waits is shown to whom it is about, to whoever asserted it, to staff of the home, and to whoever speaks for
    /// the organisation that it names.
    pub(crate) fn act(&self, subject: &Subject) -> bool {
        let Some((_, by, org)) = subject.act else { return false };
        let speakers = [Role::Steward, Role::Worker, Role::Lead, Role::UnitOfficer, Role::Secretary];
        self.is(subject)
            || self.is_in() && self.id == Some(by)
            || self.sits(&[Role::Steward, Role::Worker], stands(subject.state).0)
            || self.sits(&speakers, org)
    }

    /// Hours are recorded by staff and leads over the organisation that records.
    pub(crate) fn records(&self, org: OrgId) -> bool {
        self.sits(&[Role::Steward, Role::Worker, Role::Lead], org)
    }

    /// People are registered by founders and by staff over the place.
    pub(crate) fn is_registrar(&self, org: OrgId) -> bool {
        self.sits(&[Role::Founder, Role::Steward, Role::Worker], org)
    }

    /// Wishes are posted and vetted by staff over the place.
    pub(crate) fn is_staff(&self, org: OrgId) -> bool {
        self.sits(&[Role::Steward, Role::Worker], org)
    }

    /// Whoever records finds by a sheet those who live or belong where the recorder sits.
    pub(crate) fn finds(&self, subject: &Subject) -> bool {
        let (lives, also) = stands(subject.state);
        self.records(lives) || also.is_some_and(|(org, _)| self.records(org))
    }

    /// Who works with people may look for them.
    pub(crate) fn works_with_people(&self) -> bool {
        let working = [Role::Steward, Role::Worker, Role::UnitOfficer, Role::Secretary];
        self.is_in() && self.seat.is_some_and(|(role, _)| working.contains(&role))
    }

    /// Somebody else is found by name by whoever works with that person; an auditor works with nobody.
    pub(crate) fn finds_by_name(&self, subject: &Subject) -> bool {
        subject.state != State::Erased && matches!(self.reads(subject), Some(Ground::Staff | Ground::Unit))
    }

    /// Entries concern everybody: they are for auditors of all of it.
    pub(crate) fn entries(&self) -> bool {
        self.is_in() && self.seat == Some((Role::Auditor, Scope::Ledger))
    }

    /// Whoever asserted an entry knows it.
    pub(crate) fn entry_by(&self, actor: PersonId) -> bool {
        self.entries() || self.is_in() && self.id == Some(actor)
    }

    /// What is set aside is seen by whoever reads the record of one of the two.
    pub(crate) fn hold(&self, subject: &Subject) -> bool {
        let other = self.sits(&[Role::Steward, Role::Worker, Role::Auditor], ELSEWHERE);
        self.reads(subject).is_some() || other || self.id == Some(person(FAR))
    }
}
