//! Who may see what: the one place that decides it.
//!
//! | thing | public | the person | staff over a home | unit or branch | auditor |
//! |---|---|---|---|---|---|
//! | service record, balance | no | yes | yes, noted | of its own members, noted | in scope, noted |
//! | name | who agreed | full | full | full, of its own members | masked |
//! | volunteer number | no | yes | yes | of its own members | no |
//! | phone | no | no | masked | masked, of its own members | no |
//! | found by name, phone or number | no | no | yes, noted | of its own members, noted | no |
//! | keys and open codes | no | own | yes, noted | no | no |
//! | name of whoever acted on a visible record | | in office full, else masked | same | same | same |
//! | name of anybody else, to whoever shares an organisation | | masked | masked | masked | |
//! | name and id of whoever signed up for a shift | | | staff and leads of whoever runs it, noted | no | no |
//! | line of a yellow list | no | own | in scope | of its own members | no |
//! | line of a red list | who agreed | own | in scope | in scope | no |
//! | a wish's own words | no | own; whoever has taken it on | of the poster | no | no |
//! | entries of the log | no | no | no | no | of the whole ledger |
//!
//! "Staff" are stewards and community workers whose role reaches one of the person's homes today; "unit or branch" are
//! unit officers and secretaries whose role reaches the person's organisational affiliation today. Sources: PIPL 25,
//! REG 20 and 25. Looking at somebody else's record is recorded on the log once a day, and the person sees it.

use hourbook_ledger::domain::event::{AffiliationKind, BodyKind, Claimer, Role, Scope, WishKind};
use hourbook_ledger::domain::ids::{OrgId, PersonId};
use hourbook_ledger::domain::person::{Erasure, Office};
use hourbook_ledger::domain::time::Date;
use hourbook_projections::Models;
use hourbook_projections::counts::Counts;
use hourbook_projections::directory::Directory;
use hourbook_projections::lists::Draft;
use hourbook_projections::wishes::{Step, Wish, WishState};

use super::planted::{self, Planted};
use crate::auth::token::{Proof, Session};
use crate::problem::Problem;
use crate::state::App;

/// Who works for a community.
pub(crate) const STAFF: [Role; 2] = [Role::Steward, Role::Worker];
pub(super) const UNIT: [Role; 2] = [Role::UnitOfficer, Role::Secretary];

/// The roles that may record hours, and so look for persons in their scope.
pub(crate) const RECORDERS: [Role; 3] = [Role::Worker, Role::Steward, Role::Lead];

/// The roles that may call a roll.
pub(crate) const CALLERS: [Role; 2] = [Role::Worker, Role::Lead];

/// Who looks.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Viewer {
    /// Nobody in particular.
    Public,
    /// Someone who is signed in, and how that is known: what a role shows depends on it.
    Person(PersonId, Proof),
}

impl From<Option<Session>> for Viewer {
    fn from(session: Option<Session>) -> Self {
        session.map_or(Self::Public, |session| Self::Person(session.person, session.proof))
    }
}

/// Why someone may see a person's record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ground {
    /// It is the person's own.
    Own,
    /// Community work with the person.
    Staff,
    /// The person's unit or branch.
    Unit,
    /// An audit.
    Audit,
}

/// How much of a name may be shown.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Naming {
    /// Nothing.
    Hidden,
    /// 张*三.
    Masked,
    /// As it is.
    Full,
}

/// Answers for one viewer, as of what the directory knows today.
#[derive(Clone, Copy)]
pub struct Visibility<'a> {
    viewer: Viewer,
    pub(super) directory: &'a Directory,
    pub(super) today: Date,
}

impl<'a> Visibility<'a> {
    /// What a viewer may see on a date.
    #[must_use]
    pub fn new(viewer: Viewer, directory: &'a Directory, today: Date) -> Self {
        Self { viewer, directory, today }
    }

    /// Who looks.
    #[must_use]
    pub fn viewer(&self) -> Viewer {
        self.viewer
    }

    /// The roles that the viewer reads by: those that the key is named for, or that whoever handed out the code could have
    /// granted.
    pub fn roles(&self) -> impl Iterator<Item = (Role, Scope)> + use<'a> {
        let (register, today) = (self.directory.register(), self.today);
        let held = match self.viewer {
            Viewer::Public => None,
            Viewer::Person(person, proof) => Some((register.people.roles(person), proof)),
        };
        let shown = move |office: &&Office, proof: Proof| match proof {
            Proof::Key(key) => office.keys.contains(&key) || planted::has(Planted::RoleByAnyKey),
            Proof::Grant(grant) => {
                register.sessions.carries(&register.orgs, grant, office.role, office.scope, today)
            }
        };
        held.into_iter().flat_map(move |(offices, proof)| {
            offices
                .iter()
                .filter(move |office| shown(office, proof))
                .map(|office| (office.role, office.scope))
        })
    }

    /// Whether the viewer has one of the roles over an organisation.
    #[must_use]
    pub fn holds(&self, roles: &[Role], org: OrgId) -> bool {
        let orgs = &self.directory.register().orgs;
        self.roles().any(|(role, scope)| roles.contains(&role) && orgs.covers(scope, org, self.today))
    }

    /// Whether the viewer is the person.
    #[must_use]
    pub fn is(&self, person: PersonId) -> bool {
        matches!(self.viewer, Viewer::Person(own, _) if own == person)
    }

    /// Whether the viewer has one of the roles over a home of a person.
    fn is_over(&self, roles: &[Role], person: PersonId) -> bool {
        let homes = self.directory.register().people.homes(person, self.today);
        homes.into_iter().any(|home| self.holds(roles, home))
    }

    fn is_unit_of(&self, person: PersonId) -> bool {
        let Some(known) = self.directory.register().people.get(person) else { return false };
        let without_term = planted::has(Planted::TiesWithoutTerm);
        let organisational = known.affiliations.iter().filter(|a| {
            a.kind == AffiliationKind::Organisational && (a.span.contains(self.today) || without_term)
        });
        organisational.map(|a| a.org).any(|org| self.holds(&UNIT, org))
    }

    /// On which ground the viewer may see a person's service record, credit and affiliations.
    #[must_use]
    pub fn record_of(&self, person: PersonId) -> Option<Ground> {
        if self.is(person) {
            return Some(Ground::Own);
        }
        // Everybody else has a role, or no ground at all; most readers have none.
        self.roles().next()?;
        if self.is_over(&STAFF, person) {
            Some(Ground::Staff)
        } else if self.is_unit_of(person) {
            Some(Ground::Unit)
        } else {
            self.is_over(&[Role::Auditor], person).then_some(Ground::Audit)
        }
    }

    /// Whether the viewer finds the person by name or number: whoever works with the person, as staff or for the unit.
    #[must_use]
    pub fn finds(&self, person: PersonId) -> bool {
        self.number_of(person) && !self.is(person) && self.name_of(person) == Naming::Full
    }

    /// Whether the viewer may look for persons at all: some role lets its holder work with somebody.
    #[must_use]
    pub fn looks_for_people(&self) -> bool {
        self.roles().any(|(role, _)| [STAFF, UNIT].concat().contains(&role))
    }

    /// Whether the viewer works with the people of an organisation, see [`Visibility::finds`].
    #[must_use]
    pub fn works_in(&self, org: OrgId) -> bool {
        self.holds(&STAFF, org) || self.holds(&UNIT, org)
    }

    /// How much of a person's name the viewer may see.
    #[must_use]
    pub fn name_of(&self, person: PersonId) -> Naming {
        let Some(known) = self.directory.register().people.get(person) else { return Naming::Hidden };
        if known.erasure != Erasure::None {
            return Naming::Hidden;
        }
        match self.record_of(person) {
            Some(Ground::Own | Ground::Staff | Ground::Unit) => Naming::Full,
            _ if known.public_name => Naming::Full,
            Some(Ground::Audit) => Naming::Masked,
            None if self.shares_org(person) => Naming::Masked,
            None => Naming::Hidden,
        }
    }

    /// Whether the viewer may know who signed up for something that an organisation runs, by name and id: whoever calls the
    /// roll there. It rests on what the person did; being put on a roll by others opens nothing.
    #[must_use]
    pub fn roster_of(&self, org: OrgId, person: PersonId) -> bool {
        let known = self.directory.register().people.get(person);
        self.holds(&RECORDERS, org) && known.is_some_and(|known| known.erasure == Erasure::None)
    }

    /// How much of the name of someone who recorded, confirmed or looked may be shown to whoever may see that record:
    /// who acts in office is named ("谁记录谁证明"), anybody else at least in part.
    #[must_use]
    pub fn name_of_actor(&self, person: PersonId) -> Naming {
        let people = &self.directory.register().people;
        if people.get(person).is_none_or(|known| known.erasure != Erasure::None) {
            return Naming::Hidden;
        }
        let in_office = !people.roles(person).is_empty();
        self.name_of(person).max(if in_office { Naming::Full } else { Naming::Masked })
    }

    /// Whether viewer and person belong to one organisation today.
    fn shares_org(&self, person: PersonId) -> bool {
        let Viewer::Person(viewer, _) = self.viewer else { return false };
        let people = &self.directory.register().people;
        let own = people.homes(viewer, self.today);
        people.homes(person, self.today).iter().any(|home| own.contains(home))
    }

    /// Whether the viewer may be told a person's id: it is personal information like the name.
    #[must_use]
    pub fn id_of(&self, person: PersonId) -> bool {
        self.record_of(person).is_some()
    }

    /// Whether the viewer may see a person's number in the national register: it says as much as the name, and whoever
    /// agreed to be named did not agree to it.
    #[must_use]
    pub fn number_of(&self, person: PersonId) -> bool {
        matches!(self.record_of(person), Some(Ground::Own | Ground::Staff | Ground::Unit))
    }

    /// Whether the viewer may see a person's line on the yellow list of an organisation, or outside both lists.
    #[must_use]
    pub fn yellow_line(&self, scope: OrgId, person: PersonId) -> bool {
        let roles = [Role::Steward, Role::Worker, Role::UnitOfficer, Role::Secretary];
        self.is(person) || self.holds(&roles, scope) || self.is_unit_of(person)
    }

    /// Whether the viewer may see a person's line on the red list of an organisation.
    #[must_use]
    pub fn red_line(&self, scope: OrgId, person: PersonId) -> bool {
        self.yellow_line(scope, person) || self.is_named_in_public(person)
    }

    /// Whether everybody may see a person's name and line on a red list: the person agreed.
    #[must_use]
    pub fn is_named_in_public(&self, person: PersonId) -> bool {
        let known = self.directory.register().people.get(person);
        known.is_some_and(|person| person.public_name && person.erasure == Erasure::None)
    }

    /// How many members of a list stand where, as far as the viewer may know.
    #[must_use]
    pub fn counts(&self, draft: &Draft) -> Counts {
        let all = self.figures_of(Scope::Org(draft.scope));
        Counts::of(draft, all, |person| self.is_named_in_public(person))
    }

    /// Whether the viewer may see figures of few people in a scope: whoever has a role over it.
    #[must_use]
    pub fn figures_of(&self, scope: Scope) -> bool {
        match scope {
            Scope::Ledger => self.roles().any(|(_, of)| of == Scope::Ledger),
            Scope::Org(org) => self.holds(&Role::ALL, org),
        }
    }

    /// Whether the viewer may read entries of the log as they are: they concern everybody, so an auditor of a part
    /// may not.
    #[must_use]
    pub fn entries(&self) -> bool {
        self.roles().any(|held| held == (Role::Auditor, Scope::Ledger))
    }

    /// Whether the viewer may see that a wish is there at all: before it was vetted only its resident and staff.
    #[must_use]
    pub fn wish(&self, wish: &Wish) -> bool {
        wish.state != WishState::Draft && wish.sentence.is_some()
            || self.is(wish.resident)
            || self.holds(&STAFF, wish.org)
    }

    /// Whether the viewer may see whose wish it is and the resident's own words: the resident, staff of the poster,
    /// and whoever has taken it on, for nobody can fulfil what they cannot read.
    #[must_use]
    pub fn wish_words(&self, wish: &Wish) -> bool {
        let by_org = |roles: &[Role]| match wish.claimer {
            Some(Claimer::Org(org)) => self.holds(roles, org),
            Some(Claimer::Person(_)) | None => false,
        };
        self.is(wish.resident)
            || self.holds(&STAFF, wish.org)
            || wish.people().into_iter().any(|person| self.is(person))
            || by_org(&[Role::Lead, Role::UnitOfficer, Role::Secretary])
    }

    /// Whether the viewer may read the reason of a step: whoever reads the resident's words, but of those who have taken
    /// the wish on only what was said since.
    #[must_use]
    pub fn wish_reason(&self, wish: &Wish, step: &Step) -> bool {
        let claims = |step: &&Step| step.kind == BodyKind::Wish(WishKind::Claimed);
        let claimed = wish.timeline.iter().rfind(claims);
        let since = claimed.is_some_and(|claimed| claimed.act.position < step.act.position);
        self.is(wish.resident) || self.holds(&STAFF, wish.org) || since && self.wish_words(wish)
    }
}

/// A name of which only the ends are shown: 张*, 张*三, 欧**娜, J*******n.
#[must_use]
pub fn masked(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    match chars.as_slice() {
        [] | [_] => "*".to_owned(),
        [first, _] => format!("{first}*"),
        [first, middle @ .., last] => {
            let stars: String =
                middle.iter().map(|c| if *c == ' ' || *c == '·' { *c } else { '*' }).collect();
            format!("{first}{stars}{last}")
        }
    }
}

/// A phone or number of which enough is shown to tell two people apart: 199****4567.
#[must_use]
pub fn masked_number(number: &str) -> String {
    let length = number.chars().count();
    let (first, last) = match length {
        11.. => (3, 4),
        8.. => (0, 4),
        _ => (0, length / 3),
    };
    let shown = |place: usize| place < first || place >= length - last;
    number.chars().enumerate().map(|(place, c)| if shown(place) { c } else { '*' }).collect()
}

impl App {
    /// What a viewer may see now.
    #[must_use]
    pub fn visibility<'a>(&self, viewer: Viewer, models: &'a Models) -> Visibility<'a> {
        let directory = &models.directory;
        Visibility::new(viewer, directory, self.now().date(directory.offset()))
    }

    /// A person's name as the viewer may see it; `None` if hidden, erased or unknown.
    ///
    /// # Errors
    /// If the vault cannot be read.
    pub fn shown_name(
        &self,
        visibility: &Visibility<'_>,
        person: PersonId,
    ) -> Result<Option<String>, Problem> {
        self.name(visibility, person, visibility.name_of(person))
    }

    /// The name of somebody who signed up for what an organisation runs, see [`Visibility::roster_of`].
    ///
    /// # Errors
    /// If the vault cannot be read.
    pub fn roster_name(
        &self,
        visibility: &Visibility<'_>,
        org: OrgId,
        person: PersonId,
    ) -> Result<Option<String>, Problem> {
        let naming = if visibility.roster_of(org, person) { Naming::Full } else { Naming::Hidden };
        self.name(visibility, person, naming.max(visibility.name_of(person)))
    }

    /// The name of someone who acted on a record that the viewer may see, see [`Visibility::name_of_actor`].
    ///
    /// # Errors
    /// If the vault cannot be read.
    pub fn actor_name(
        &self,
        visibility: &Visibility<'_>,
        person: PersonId,
    ) -> Result<Option<String>, Problem> {
        self.name(visibility, person, visibility.name_of_actor(person))
    }

    fn name(
        &self,
        visibility: &Visibility<'_>,
        person: PersonId,
        naming: Naming,
    ) -> Result<Option<String>, Problem> {
        let Some(entry) = visibility.directory.person(person).filter(|_| naming != Naming::Hidden) else {
            return Ok(None);
        };
        let name = self.names.get_or(entry.name, || self.vault.get(&entry.name))?;
        Ok(name.map(|name| match naming {
            Naming::Full => name.as_str().to_owned(),
            Naming::Masked | Naming::Hidden => masked(&name),
        }))
    }
}

/// Whether this is an auditor of the whole ledger.
pub(crate) fn may_see_entries(app: &App, session: Option<Session>) -> bool {
    let models = app.read.read();
    app.visibility(Viewer::from(session), &models).entries()
}
