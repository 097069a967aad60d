//! Registering people, and the one-time codes that they are given.

pub mod known;
pub mod page;
pub mod sheet;
pub mod web;

use hourbook_ledger::domain::event::Role;
use hourbook_ledger::domain::ids::OrgId;

use crate::auth::token::{Proof, Session};
use crate::auth::visibility::Viewer;
use crate::problem::{Fault, Problem};
use crate::state::App;

/// Who registers people.
const REGISTRARS: [Role; 3] = [Role::Founder, Role::Steward, Role::Worker];

/// Whether somebody may register people at a home: with the key that will sign, in a role over it.
fn may_register(app: &App, session: Session, home: OrgId) -> Result<(), Problem> {
    if !matches!(session.proof, Proof::Key(_)) {
        return Err(Fault::SignItYourself.into());
    }
    let models = app.read.read();
    match app.visibility(Viewer::from(Some(session)), &models).holds(&REGISTRARS, home) {
        true => Ok(()),
        false => Err(Fault::NotForYou.into()),
    }
}
