//! What becomes of an act, said again in the words of the domain: who stands on which side of a person.

use hourbook_ledger::domain::event::Role;
use hourbook_ledger::domain::ids::OrgId;
use hourbook_tests::town::*;

use super::cast::*;
use super::oracle::{lies_in, stands};
use super::states::Subject;

/// What becomes of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Verdict {
    /// Refused.
    No,
    /// Accepted, without effect until somebody else stands for it or a term is over.
    Waits,
    /// It has its effect.
    AtOnce,
}

use Verdict::{AtOnce, No, Waits};

const STAFF: [Role; 2] = [Role::Steward, Role::Worker];
const HANDS_ON: [Role; 3] = [Role::Steward, Role::Worker, Role::Lead];
const SPEAKERS: [Role; 4] = [Role::Steward, Role::Worker, Role::UnitOfficer, Role::Secretary];

fn at_once(may: bool) -> Verdict {
    if may { AtOnce } else { No }
}

fn waits(may: bool) -> Verdict {
    if may { Waits } else { No }
}

impl Viewer {
    /// Whether the key of this person exercises one of the roles over an organisation.
    fn signs(&self, roles: &[Role], over: OrgId) -> bool {
        let office = self.hand.as_ref().and_then(|(_, office)| *office);
        office.is_some_and(|(role, scope)| roles.contains(&role) && lies_in(over, scope))
    }

    fn founds(&self) -> bool {
        self.hand.as_ref().is_some_and(|(_, office)| office.is_some_and(|(role, _)| role == Role::Founder))
    }

    fn is_same(&self, subject: &Subject) -> bool {
        self.id == Some(subject.id())
    }

    /// Staff of the place where the person lives.
    fn is_at_home(&self, subject: &Subject) -> bool {
        self.signs(&STAFF, stands(subject.state).0)
    }

    /// Whether this one speaks for the person: the person, or staff of the home.
    fn gives(&self, subject: &Subject) -> bool {
        self.is_same(subject) || self.is_at_home(subject)
    }

    /// What is the person's own affair: nobody else does it.
    pub(crate) fn own_affair(&self, subject: &Subject) -> Verdict {
        at_once(self.is_same(subject))
    }

    /// What cannot be undone: the person alone, or two of staff.
    pub(crate) fn irreversible(&self, subject: &Subject) -> Verdict {
        if self.is_same(subject) { AtOnce } else { waits(self.is_at_home(subject)) }
    }

    /// The same, and a founder is one of the two.
    pub(crate) fn ends_a_key(&self, subject: &Subject) -> Verdict {
        self.irreversible(subject).max(waits(self.founds()))
    }

    /// What staff of the home or a founder hand out.
    pub(crate) fn hands_out(&self, subject: &Subject) -> Verdict {
        at_once(self.founds() || self.is_at_home(subject))
    }

    /// What staff of the home do in the person's name.
    pub(crate) fn in_the_name_of(&self, subject: &Subject) -> Verdict {
        at_once(self.is_at_home(subject))
    }

    /// The same, if it cannot be undone.
    pub(crate) fn irreversible_in_the_name_of(&self, subject: &Subject) -> Verdict {
        waits(self.is_at_home(subject))
    }

    /// Who ties a person to an organisation needs the other side, unless standing on both.
    pub(crate) fn ties(&self, subject: &Subject, org: OrgId) -> Verdict {
        let gains = self.signs(&SPEAKERS, org) && !self.is_same(subject);
        match (self.gives(subject), gains) {
            (true, true) => AtOnce,
            (false, false) => No,
            _ => Waits,
        }
    }

    /// A report-in is filed by the person or the home; the community can only invite.
    pub(crate) fn reports_in(&self, subject: &Subject, community: OrgId) -> Verdict {
        if self.gives(subject) { AtOnce } else { waits(self.signs(&STAFF, community)) }
    }

    /// The community answers what was filed.
    pub(crate) fn answers(&self, community: OrgId) -> Verdict {
        at_once(self.signs(&STAFF, community))
    }

    /// Either side ends a report-in.
    pub(crate) fn ends_report_in(&self, subject: &Subject, community: OrgId) -> Verdict {
        at_once(self.is_same(subject) || self.signs(&STAFF, community))
    }

    /// Whoever speaks for the person agrees to what the other side proposed, or calls it off.
    pub(crate) fn agrees(&self, subject: &Subject) -> Verdict {
        at_once(self.gives(subject))
    }

    /// Whoever speaks for an organisation agrees to what the person or the home proposed.
    pub(crate) fn admits(&self, subject: &Subject, org: OrgId) -> Verdict {
        at_once(self.signs(&SPEAKERS, org) && !self.is_same(subject))
    }

    /// What stewards and founders set.
    pub(crate) fn governs(&self, orgs: &[OrgId]) -> Verdict {
        at_once(self.founds() || orgs.iter().all(|org| self.signs(&[Role::Steward], *org)))
    }

    /// Whom stewards, workers and founders register.
    pub(crate) fn registers(&self, org: OrgId) -> Verdict {
        at_once(self.founds() || self.signs(&STAFF, org))
    }

    /// What stewards, workers and leads do with activities and hours.
    pub(crate) fn works(&self, org: OrgId) -> Verdict {
        at_once(self.signs(&HANDS_ON, org))
    }

    /// Confirmed hours are corrected by two.
    pub(crate) fn corrects(&self, org: OrgId) -> Verdict {
        waits(self.signs(&HANDS_ON, org))
    }

    /// What staff do with wishes.
    pub(crate) fn serves(&self, org: OrgId) -> Verdict {
        at_once(self.signs(&STAFF, org))
    }

    /// Whoever speaks for an organisation tells something to everybody.
    pub(crate) fn tells(&self, org: OrgId) -> Verdict {
        at_once(self.signs(&[Role::Steward, Role::Worker, Role::UnitOfficer, Role::Secretary], org))
    }

    /// The resident takes a wish back, or staff.
    pub(crate) fn withdraws(&self, subject: &Subject) -> Verdict {
        self.own_affair(subject).max(self.serves(COMMUNITY))
    }

    /// Whoever took a wish on.
    pub(crate) fn helps(&self) -> Verdict {
        at_once(self.id == Some(helper().person))
    }

    /// Everybody may take a wish on but whose it is, and one at a time in this town.
    pub(crate) fn takes_on(&self, subject: &Subject) -> Verdict {
        at_once(!self.is_same(subject) && self.id != Some(helper().person))
    }

    /// A list takes a steward or secretary, and a second one.
    pub(crate) fn publishes(&self, org: OrgId) -> Verdict {
        waits(self.signs(&[Role::Steward, Role::Secretary], org))
    }

    /// A member is exempted by the branch's secretary, and a second one.
    pub(crate) fn exempts(&self, org: OrgId) -> Verdict {
        waits(self.signs(&[Role::Secretary], org))
    }

    /// A fund pays on the word of two of staff.
    pub(crate) fn pays(&self, org: OrgId) -> Verdict {
        waits(self.signs(&STAFF, org))
    }
}
