//! Every look at what is shown of others leaves a trace: an answer is made, whom it shows is put on the log, and only
//! then it is given.
//!
//! A look is recorded once a viewer, thing and day for each person concerned. What everybody may see leaves none: sums
//! that name nobody, and lines of whoever agreed to be named. Nor does one's own line.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hourbook_ledger::domain::event::{
    AccessEvent, AccessPurpose, AffiliationKind, Body, Looked, Role, Scope,
};
use hourbook_ledger::domain::hours::ROW_LIMIT;
use hourbook_ledger::domain::ids::{OrgId, PersonId};
use hourbook_projections::Models;
use hourbook_projections::wishes::Wish;

use super::planted::{self, Planted};
use super::rules::{Ground, Naming, RECORDERS, STAFF, UNIT, Viewer, Visibility};
use crate::http::as_of::reach;
use crate::problem::{Fault, Problem};
use crate::state::App;

/// In which role somebody may see something of a person, and what for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Footing {
    /// The role that reaches the person, if it is one.
    pub role: Option<Role>,
    /// What for.
    pub purpose: AccessPurpose,
}

impl Footing {
    fn of(role: Role) -> Self {
        let purpose = match role {
            Role::Auditor => AccessPurpose::Audit,
            Role::UnitOfficer | Role::Secretary => AccessPurpose::Verification,
            Role::Founder | Role::Steward | Role::Worker | Role::Lead => AccessPurpose::Service,
        };
        Self { role: Some(role), purpose }
    }

    const FELLOW: Self = Self { role: None, purpose: AccessPurpose::Fellowship };
}

impl Visibility<'_> {
    fn role_over(&self, roles: &[Role], orgs: &[OrgId]) -> Option<Role> {
        roles.iter().copied().find(|role| orgs.iter().any(|org| self.holds(&[*role], *org)))
    }

    /// In which role the viewer sees something of a person, perhaps on a list of an organisation. In the order in which
    /// [`Visibility::record_of`] asks.
    #[must_use]
    pub fn footing(&self, person: PersonId, list_of: Option<OrgId>) -> Footing {
        let people = &self.directory.register().people;
        let homes = people.homes(person, self.today);
        let affiliations = people.get(person).map_or(&[][..], |known| &known.affiliations);
        let units = affiliations
            .iter()
            .filter(|a| a.kind == AffiliationKind::Organisational && a.span.contains(self.today));
        let units: Vec<OrgId> = units.map(|a| a.org).collect();
        let listed: Vec<OrgId> = list_of.into_iter().collect();
        let role = self
            .role_over(&STAFF, &homes)
            .or_else(|| self.role_over(&UNIT, &units))
            .or_else(|| self.role_over(&[STAFF, UNIT].concat(), &listed))
            .or_else(|| self.role_over(&[Role::Auditor], &homes));
        role.map_or(Footing::FELLOW, Footing::of)
    }

    /// The organisation in whose register the viewer finds a person: that of the role that reaches the person, or the home
    /// if the role is over the whole ledger.
    #[must_use]
    pub fn register_of(&self, person: PersonId) -> Option<OrgId> {
        let role = self.footing(person, None).role?;
        let people = &self.directory.register().people;
        let homes = people.homes(person, self.today);
        let orgs = &self.directory.register().orgs;
        let reaches = |scope| homes.iter().any(|home| orgs.covers(scope, *home, self.today));
        let scopes = self.roles().filter(|(held, scope)| *held == role && reaches(*scope));
        scopes.map(|(_, scope)| scope).find_map(|scope| match scope {
            Scope::Org(org) => Some(org),
            Scope::Ledger => people.residence(person, self.today),
        })
    }

    /// In which role the viewer reads the words of a wish, see [`Visibility::wish_words`].
    fn footing_of_wish(&self, wish: &Wish) -> Footing {
        match self.role_over(&STAFF, &[wish.org]) {
            Some(role) => Footing::of(role),
            None => Footing { role: None, purpose: AccessPurpose::Help },
        }
    }

    /// Whether the viewer sees more of somebody else's name than everybody.
    fn sees_more_of_the_name(&self, person: PersonId) -> bool {
        let public = if self.is_named_in_public(person) { Naming::Full } else { Naming::Hidden };
        !self.is(person) && self.name_of(person) > public
    }

    /// Whether a line with name and id tells this viewer more of somebody else than it tells everybody.
    fn sees_more_of(&self, person: PersonId) -> bool {
        !self.is(person) && (self.id_of(person) || self.sees_more_of_the_name(person))
    }
}

/// Whom an answer shows to its reader beyond what everybody may see.
#[derive(Default, Debug)]
pub struct Seen(RefCell<Found>);

impl Seen {
    fn add(&self, what: Looked, footing: Footing, person: PersonId) {
        self.0.borrow_mut().entry((what, footing)).or_default().insert(person);
    }

    /// The answer has a line with a person's name and perhaps the id.
    pub fn line(&self, visibility: &Visibility<'_>, what: Looked, person: PersonId) {
        if visibility.sees_more_of(person) {
            self.add(what, visibility.footing(person, None), person);
        }
    }

    /// The answer has a person on the roster of what an organisation runs, for which the person signed up.
    pub fn on_roster(&self, visibility: &Visibility<'_>, org: OrgId, person: PersonId) {
        match visibility.id_of(person) {
            true => self.line(visibility, Looked::Record, person),
            false => self.found_by_sheet(visibility, org, &[person]),
        }
    }

    /// The answer has a person's name, and what the person did is public.
    pub fn name(&self, visibility: &Visibility<'_>, what: Looked, person: PersonId) {
        if visibility.sees_more_of_the_name(person) {
            self.add(what, visibility.footing(person, None), person);
        }
    }

    /// The answer has a person's line of a list, with points and what is behind them.
    pub fn list_line(&self, visibility: &Visibility<'_>, what: Looked, list_of: OrgId, person: PersonId) {
        if !visibility.is(person)
            && (visibility.yellow_line(list_of, person) || visibility.sees_more_of(person))
        {
            self.add(what, visibility.footing(person, Some(list_of)), person);
        }
    }

    /// The answer has a wish's own words, or whose it is.
    pub fn words(&self, visibility: &Visibility<'_>, wish: &Wish) {
        if !visibility.is(wish.resident) {
            self.add(Looked::Wish(wish.id), visibility.footing_of_wish(wish), wish.resident);
        }
    }

    /// Persons are shown by their place in the register of an organisation.
    pub fn found(&self, role: Role, org: OrgId, persons: impl IntoIterator<Item = PersonId>) {
        let (what, footing) = (Looked::Register(org), Footing::of(role));
        persons.into_iter().for_each(|person| self.add(what, footing, person));
    }

    /// Persons were found in the register of an organisation by what a sheet says of them.
    pub fn found_by_sheet(&self, visibility: &Visibility<'_>, org: OrgId, persons: &[PersonId]) {
        let role = visibility.role_over(&RECORDERS, &[org]);
        let footing = Footing { role, purpose: AccessPurpose::Service };
        persons.iter().for_each(|person| self.add(Looked::Register(org), footing, *person));
    }

    /// Has the ledger record what was not recorded yet today. Durable on return: now the answer may be given.
    ///
    /// # Errors
    /// If the ledger is busy or has stopped.
    pub async fn record(self, app: &Arc<App>, viewer: Viewer) -> Result<(), Problem> {
        let Viewer::Person(by, _) = viewer else { return Ok(()) };
        let mut found = self.0.into_inner();
        leave_out_recorded(app, by, &mut found);
        if found.is_empty() || planted::has(Planted::LookLeftOut) {
            return Ok(());
        }
        // One after the other for a viewer: whoever comes second finds what the first has recorded.
        let _turn = app.access_dedup.turn_of(by).await;
        leave_out_recorded(app, by, &mut found);
        for batch in bodies(by, &found).chunks(BATCH) {
            let last = app.assert_all_own(batch.to_vec()).await?;
            reach(app, Some(last.position)).await?;
        }
        Ok(())
    }
}

/// Events of looks that are handed in as one.
const BATCH: usize = 64;

type Found = BTreeMap<(Looked, Footing), BTreeSet<PersonId>>;

fn leave_out_recorded(app: &App, by: PersonId, found: &mut Found) {
    if found.is_empty() {
        return;
    }
    let models = app.read.read();
    let day = day_of_looks(app, &models);
    let (looks, offset) = (models.directory.looks(), models.directory.offset());
    found.retain(|(what, _), persons| {
        let on = looks.on(by, *what, day, offset);
        persons.retain(|person| !on.concern(*person));
        !persons.is_empty()
    });
}

/// Today as recorded time has it, which does not follow a clock that goes back.
fn day_of_looks(app: &App, models: &Models) -> hourbook_ledger::domain::time::Date {
    app.now().max(models.directory.last_at()).date(models.directory.offset())
}

fn bodies(by: PersonId, found: &Found) -> Vec<Body> {
    let events = found.iter().flat_map(|((what, footing), persons)| {
        let persons: Vec<PersonId> = persons.iter().copied().filter(|person| *person != by).collect();
        let of = |persons: &[PersonId]| body(by, *what, *footing, persons);
        persons.chunks(ROW_LIMIT).map(of).collect::<Vec<_>>()
    });
    events.collect()
}

fn body(by: PersonId, what: Looked, footing: Footing, persons: &[PersonId]) -> Body {
    let Footing { role, purpose } = footing;
    Body::Access(AccessEvent::RecordAccessed { by, role, purpose, what, persons: persons.to_vec() })
}

/// What is recorded of persons whom a recorder found in the register of an organisation, without a server.
pub(crate) fn found_offline(by: PersonId, role: Option<Role>, org: OrgId, persons: &[PersonId]) -> Vec<Body> {
    let footing = Footing { role, purpose: AccessPurpose::Service };
    let persons = persons.iter().copied().collect();
    bodies(by, &BTreeMap::from([((Looked::Register(org), footing), persons)]))
}

/// Lets a viewer see a person's record, and has the ledger record a look by somebody else, at most once a viewer,
/// person and day. The look is durable before anything is shown.
///
/// # Errors
/// [`Fault::SignInRequired`] to the public, [`Fault::NotForYou`]; the same for a person who does not exist, so that ids
/// cannot be guessed.
pub async fn look_at_record(app: &Arc<App>, viewer: Viewer, person: PersonId) -> Result<Ground, Problem> {
    if viewer == Viewer::Public {
        return Err(Fault::SignInRequired.into());
    }
    let seen = Seen::default();
    let ground = {
        let models = app.read.read();
        let visibility = app.visibility(viewer, &models);
        let ground = visibility.record_of(person).ok_or(Fault::NotForYou)?;
        if ground != Ground::Own {
            seen.add(Looked::Record, visibility.footing(person, None), person);
        }
        ground
    };
    seen.record(app, viewer).await?;
    Ok(ground)
}

/// Has the ledger record that an auditor reads entries, once a day: they concern everybody.
///
/// # Errors
/// If the ledger is busy or has stopped.
pub async fn note_entries(app: &Arc<App>, by: PersonId) -> Result<(), Problem> {
    let is_noted = || {
        let models = app.read.read();
        let (day, offset) = (day_of_looks(app, &models), models.directory.offset());
        models.directory.looks().on(by, Looked::Entries, day, offset).any()
    };
    if is_noted() {
        return Ok(());
    }
    let _turn = app.access_dedup.turn_of(by).await;
    if is_noted() {
        return Ok(());
    }
    let look = body(by, Looked::Entries, Footing::of(Role::Auditor), &[]);
    let receipt = app.assert_own(look).await?;
    reach(app, Some(receipt.position)).await
}
