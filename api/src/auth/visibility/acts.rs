//! Who sees an act that waits: whom it concerns, whoever has a hand in it, and who speaks for what it is about.

use hourbook_ledger::domain::event::{
    Account, Body, CreditEvent, HoursEvent, ListEvent, MemberEvent, ReportInEvent, Role,
};
use hourbook_ledger::domain::ids::{OrgId, PersonId};
use hourbook_projections::Models;
use hourbook_projections::waiting::Act;

use super::rules::{STAFF, Viewer, Visibility};

/// In what part a reader sees an act.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    /// It concerns the reader.
    Subject,
    /// The reader asserted or approved it.
    Actor,
    /// The reader speaks for an organisation that it is about.
    Office(Role, OrgId),
}

/// Who may have to stand for an act.
const OFFICES: [Role; 5] = [Role::Steward, Role::Worker, Role::Lead, Role::UnitOfficer, Role::Secretary];

impl Visibility<'_> {
    /// In what part the viewer sees an act; `None` if not at all.
    #[must_use]
    pub fn part_in(&self, models: &Models, act: &Act) -> Option<Part> {
        let Viewer::Person(viewer, _) = self.viewer() else { return None };
        if act.subject == Some(viewer) {
            return Some(Part::Subject);
        }
        if act.event.actor == viewer || act.approved_by == Some(viewer) {
            return Some(Part::Actor);
        }
        let home = act.subject.and_then(|subject| self.home_of(subject));
        let at_home = home.into_iter().flat_map(|home| STAFF.map(|role| (role, home)));
        let named = org_of(models, &act.event.body).into_iter();
        let offices = at_home.chain(named.flat_map(|org| OFFICES.map(|role| (role, org))));
        let mut held = offices.filter(|(role, org)| self.holds(&[*role], *org));
        held.next().map(|(role, org)| Part::Office(role, org))
    }

    fn home_of(&self, person: PersonId) -> Option<OrgId> {
        self.directory.register().people.residence(person, self.today)
    }
}

/// The organisation that an act is about, beside the home of whom it concerns.
fn org_of(models: &Models, body: &Body) -> Option<OrgId> {
    match body {
        Body::Member(MemberEvent::Affiliated { org, .. })
        | Body::List(ListEvent::MemberExempted { org, .. }) => Some(*org),
        Body::ReportIn(ReportInEvent::Filed { community, .. }) => Some(*community),
        Body::List(ListEvent::Published { scope, .. }) => Some(*scope),
        Body::Credit(CreditEvent::Transferred { from: Account::Fund(org), .. }) => Some(*org),
        Body::Hours(HoursEvent::Corrected { recorded, .. }) => models.records.org(*recorded),
        _ => None,
    }
}
