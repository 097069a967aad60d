//! Who may give and take which roles and name keys for them, and what is signed when the device of somebody who holds them is lost.

use hourbook_ledger::domain::authority::readmits;
use hourbook_ledger::domain::event::{Role, Scope};
use hourbook_ledger::domain::ids::{KeyId, PersonId};
use hourbook_ledger::domain::person::Office;
use hourbook_ledger::domain::time::{Date, Millis};
use hourbook_projections::Models;
use maud::{Markup, html};

use super::actions;
use crate::auth::token::{Proof, Session};
use crate::commands::Given;
use crate::http::names::role;
use crate::ui::layout::Shell;
use crate::ui::parts;
use crate::ui::request::PageRequest;
use crate::ui::signing::{self, Signed};

/// What the reader may do about offices.
pub(super) struct Powers<'a> {
    pub(super) models: &'a Models,
    today: Date,
    now: Millis,
    reader: Option<Session>,
    roles: Vec<(Role, Scope)>,
}

impl<'a> Powers<'a> {
    pub(super) fn of(request: &PageRequest, models: &'a Models) -> Self {
        let roles = request.visibility(models).roles().collect();
        Self { models, today: request.today(models), now: request.app.now(), reader: request.session, roles }
    }

    /// Whether the reader could give and take an office.
    pub(super) fn gives(&self, office: &Office) -> bool {
        let register = self.models.directory.register();
        let mut grants = self.roles.iter().filter(|(role, _)| matches!(role, Role::Founder | Role::Steward));
        grants.any(|(role, scope)| match (scope, office.scope) {
            _ if office.role == Role::Founder => *role == Role::Founder,
            (Scope::Ledger, _) => true,
            (Scope::Org(_), Scope::Ledger) => false,
            (top, Scope::Org(org)) => register.orgs.covers(*top, org, self.today),
        })
    }

    /// Whether the reader sees who holds an office: to give and take it, or because of holding the very same.
    pub(super) fn sees(&self, office: &Office) -> bool {
        self.gives(office) || self.roles.contains(&(office.role, office.scope))
    }

    /// Whether the reader could name another key of whoever holds an office.
    pub(super) fn names(&self, (person, office): (PersonId, &Office), key: KeyId) -> bool {
        let Some(Session { proof: Proof::Key(own), .. }) = self.reader else { return false };
        let office_of = (person, office.role, office.scope);
        self.gives(office) || readmits(self.models.directory.register(), (own, self.now), office_of, key)
    }
}

/// An office, as actions name it.
pub(super) fn named(given: Given, office: &Office) -> Given {
    let given = given.with(&actions::ROLE, role(office.role));
    match office.scope {
        Scope::Org(org) => given.with(&actions::ORG, org),
        Scope::Ledger => given,
    }
}

/// What is signed when the device with a key is lost.
#[derive(Clone, Debug)]
pub struct Lost {
    signed: Signed,
    key: String,
    /// Roles stop at once, for the key exercised them.
    stops_roles: bool,
}

/// What the reader signs when a key is lost: the roles that it exercised are taken at once, since they can be given again,
/// and the key ends with a second person's word. Nothing, if the reader may not take them.
pub(super) fn lost(powers: &Powers<'_>, (person, key): (PersonId, KeyId), done: String) -> Option<Lost> {
    let offices = powers.models.directory.register().people.roles(person);
    if !offices.iter().all(|office| powers.gives(office)) {
        return None;
    }
    let of_person = || Given::default().with(&actions::PERSON, person);
    let of_key = of_person().with(&actions::KEY_ID, key);
    let mut exercised =
        offices.iter().filter(|office| office.keys.contains(&key)).map(|o| named(of_person(), o));
    let Some(first) = exercised.next() else {
        let signed = Signed::new(&actions::END_LOST_KEY, of_key, done);
        return Some(Lost { signed, key: key.to_string(), stops_roles: false });
    };
    let taken = Signed::new(&actions::TAKE_ROLE, first, done);
    let taken = exercised.fold(taken, |taken, office| taken.then(&actions::TAKE_ROLE, office));
    let signed = taken.then(&actions::END_LOST_KEY, of_key);
    Some(Lost { signed, key: key.to_string(), stops_roles: true })
}

/// The way to end a lost key, and what follows from it.
pub(super) fn lost_form(shell: &Shell, to: &str, lost: Option<&Lost>) -> Markup {
    html! {
        details.why {
            summary { (shell.t("设备丢了？", "Device lost?")) }
            @match lost {
                None => p { (shell.t("能任免这个人职务的人才能停用：请找负责人。", "Only whoever could take this person's roles ends the key: ask the steward.")) },
                Some(lost) => {
                    (signing::form(shell, to, &lost.signed, &html! {
                        input type="hidden" name="whose" value=(parts::grouped(&lost.key)) data-label=(shell.t("密钥", "Key"));
                        button.second type="submit" {
                            @if lost.stops_roles { (shell.t("停止职务并停用密钥", "Take the roles and end the key")) }
                            @else { (shell.t("停用这把密钥", "End this key")) }
                        }
                    }))
                    @if lost.stops_roles {
                        p.fine { (shell.t("职务马上停止，换好设备后可以再任命。", "The roles stop at once, and can be given again for a new device.")) }
                    }
                    p.fine { (shell.t("停用密钥不能撤销，要第二个人同意才生效。", "The end of the key cannot be undone, and takes effect when a second person agrees.")) }
                },
            }
        }
    }
}
