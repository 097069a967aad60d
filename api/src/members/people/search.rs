//! Goes through the register of whoever looks for somebody. There is no index of names: what the vault holds is opened one
//! after the other, held against the words, and forgotten.

use std::sync::Arc;

use hourbook_ledger::commitment::{Field, matching_form};
use hourbook_ledger::domain::event::{Looked, Scope};
use hourbook_ledger::domain::ids::{Commitment, OrgId, PersonId};
use hourbook_ledger::vault::{Vault, VaultError};
use hourbook_projections::Models;
use rustc_hash::FxHashSet;
use zeroize::Zeroizing;

use super::wanted::{By, Known, Wanted};
use crate::auth::visibility::{Seen, Viewer, Visibility, masked, masked_number};
use crate::problem::{Fault, Problem};
use crate::state::App;
use crate::ui::names;

/// So many people are gone through one by one; of a larger register only whole names and numbers are found.
const ONE_BY_ONE: usize = 20_000;
/// Whoever finds more than these has to say more of the person.
pub(crate) const MOST: usize = 200;

/// Whom a search found.
pub(super) struct Search {
    /// In order of their names.
    pub(super) found: Vec<Fit>,
    /// There are more than may be shown; none is.
    pub(super) too_many: bool,
    /// The register is so large that only whole names and numbers were looked for.
    pub(super) only_whole: bool,
}

/// A person who fits.
pub(super) struct Fit {
    person: PersonId,
    by: Vec<By>,
    whole: bool,
}

impl Search {
    /// A page after the last person of the one before; `None` if that person does not fit any more.
    pub(super) fn page(&self, after: Option<PersonId>, limit: usize) -> Option<Page<'_>> {
        let from = match after {
            None => 0,
            Some(after) => self.found.iter().position(|fit| fit.person == after)? + 1,
        };
        let (before, rest) = self.found.split_at(from);
        let here = &rest[..limit.min(rest.len())];
        let next = here.last().filter(|_| here.len() < rest.len()).map(|fit| fit.person);
        Some(Page { before: before.last(), here, next })
    }
}

/// A page of whom a search found.
pub(super) struct Page<'a> {
    /// The last person of the page before. That this one fits the words is told by the page, so it is a look, too.
    before: Option<&'a Fit>,
    here: &'a [Fit],
    /// After whom the next page begins.
    pub(super) next: Option<PersonId>,
}

/// A person in a list: enough to tell two of one name apart.
pub(crate) struct Hit {
    pub(crate) person: PersonId,
    /// The ends of the name.
    pub(crate) name: String,
    pub(crate) phone: Option<String>,
    pub(crate) number: Option<String>,
    /// The community, or what the home is called outside of one.
    pub(crate) home: String,
    pub(crate) unit: String,
    pub(crate) by: Vec<By>,
    /// The whole name, phone or number was typed.
    pub(crate) whole: bool,
    /// Somebody else has the same name and the same phone or number.
    pub(crate) has_double: bool,
}

struct Row {
    person: PersonId,
    name: Commitment,
    phone: Option<Commitment>,
    number: Option<Commitment>,
}

/// Looks for somebody among those whom the viewer works with, perhaps only in one organisation.
///
/// # Errors
/// [`Fault::NotForYou`] to whoever works with nobody, [`Fault::NotFound`] if there is no such organisation.
pub(super) async fn search(
    app: &Arc<App>,
    viewer: Viewer,
    wanted: Wanted,
    within: Option<OrgId>,
) -> Result<Search, Problem> {
    let (register, only_whole) = who_could_fit(app, viewer, &wanted, within).await?;
    let vault = app.vault.clone();
    let gone_through = tokio::task::spawn_blocking(move || go_through(&vault, &wanted, register)).await;
    let mut found = gone_through.map_err(|error| Problem::internal(&error))??;
    let too_many = found.len() > MOST;
    if too_many {
        found.clear();
    }
    Ok(Search { found, too_many, only_whole })
}

/// The persons to go through, and whether they are only those whom the index of the vault names.
async fn who_could_fit(
    app: &Arc<App>,
    viewer: Viewer,
    wanted: &Wanted,
    within: Option<OrgId>,
) -> Result<(Vec<Row>, bool), Problem> {
    let register = |named: Option<&FxHashSet<PersonId>>| register(app, viewer, named, within);
    // A whole number means whoever has it: nobody has to be gone through.
    if wanted.is_one_number() && may_look(app, viewer) {
        let owners = register(Some(&named(app, wanted).await?))?.unwrap_or_default();
        if !owners.is_empty() {
            return Ok((owners, false));
        }
    }
    match register(None)? {
        Some(all) => Ok((all, false)),
        None => Ok((register(Some(&named(app, wanted).await?))?.unwrap_or_default(), true)),
    }
}

fn may_look(app: &App, viewer: Viewer) -> bool {
    let models = app.read.read();
    app.visibility(viewer, &models).looks_for_people()
}

async fn named(app: &App, wanted: &Wanted) -> Result<FxHashSet<PersonId>, Problem> {
    let (vault, whole) = (app.vault.clone(), wanted.whole.clone());
    let named = tokio::task::spawn_blocking(move || by_whole(&vault, &whole)).await;
    Ok(named.map_err(|error| Problem::internal(&error))??)
}

/// Whose name, phone or number it is as a whole, wherever they belong.
fn by_whole(vault: &Vault, whole: &str) -> Result<FxHashSet<PersonId>, VaultError> {
    let mut all = FxHashSet::default();
    for field in [Field::Name, Field::Phone, Field::VolunteerNumber] {
        all.extend(persons_with(vault, field, whole)?);
    }
    Ok(all)
}

/// Whose name, phone or number it is, as the vault's index knows it, wherever they belong.
///
/// # Errors
/// If the vault cannot be read.
pub(crate) fn persons_with(vault: &Vault, field: Field, value: &str) -> Result<Vec<PersonId>, VaultError> {
    match vault.find(field, value) {
        Ok(found) => Ok(found.into_iter().map(|(subject, _)| PersonId(subject)).collect()),
        // What has no canonical form was never registered.
        Err(VaultError::BadValue { .. }) => Ok(Vec::new()),
        Err(other) => Err(other),
    }
}

/// Everybody whom the viewer may find, or of these only those who are named; `None` if they are very many.
fn register(
    app: &App,
    viewer: Viewer,
    named: Option<&FxHashSet<PersonId>>,
    within: Option<OrgId>,
) -> Result<Option<Vec<Row>>, Problem> {
    let models = app.read.read();
    let visibility = app.visibility(viewer, &models);
    if !visibility.looks_for_people() {
        return Err(Fault::NotForYou.into());
    }
    if within.is_some_and(|org| models.directory.org(org).is_none()) {
        return Err(Fault::NotFound.because("org"));
    }
    let reach = Reach { models: &models, visibility, within };
    let row = |person: PersonId| {
        let entry = models.directory.person(person).filter(|_| reach.includes(person))?;
        Some(Row { person, name: entry.name, phone: entry.phone, number: entry.volunteer_number })
    };
    let rows: Vec<Row> = match named {
        Some(named) => named.iter().copied().filter_map(row).take(ONE_BY_ONE + 1).collect(),
        None => {
            let all = models.directory.register().people.iter().map(|(person, _)| *person);
            all.filter_map(row).take(ONE_BY_ONE + 1).collect()
        }
    };
    Ok((rows.len() <= ONE_BY_ONE).then_some(rows))
}

struct Reach<'a> {
    models: &'a Models,
    visibility: Visibility<'a>,
    within: Option<OrgId>,
}

impl Reach<'_> {
    fn includes(&self, person: PersonId) -> bool {
        self.within.is_none_or(|org| self.belongs(person, org)) && self.visibility.finds(person)
    }

    fn belongs(&self, person: PersonId, org: OrgId) -> bool {
        let (register, today) = (self.models.directory.register(), self.models.directory.today());
        let homes = register.people.homes(person, today);
        homes.into_iter().any(|home| register.orgs.covers(Scope::Org(org), home, today))
    }
}

/// Opens what the words ask for, of one after the other.
fn go_through(vault: &Vault, wanted: &Wanted, register: Vec<Row>) -> Result<Vec<Fit>, VaultError> {
    let open = |asked: bool, value: Option<Commitment>| {
        let value = value.filter(|_| asked).map(|value| vault.get(&value)).transpose()?;
        Ok::<_, VaultError>(value.flatten())
    };
    let mut found = Vec::new();
    for row in register {
        let name = open(wanted.asks_name(), Some(row.name))?;
        let phone = open(wanted.asks_number(), row.phone)?;
        let number = open(wanted.asks_number(), row.number)?;
        let known = Known {
            name: name.as_ref().map(|value| value.expose()),
            phone: phone.as_ref().map(|value| value.expose()),
            number: number.as_ref().map(|value| value.expose()),
        };
        if let Some(by) = wanted.fits(&known) {
            let name = open(true, Some(row.name))?;
            let name = name.map(|name| Zeroizing::new(matching_form(Field::Name, name.expose())));
            found.push((name, Fit { person: row.person, by, whole: wanted.is_whole(&known) }));
        }
    }
    // What a list asks of doubles is answered by it.
    vault.warm_index()?;
    // People of one name stand together.
    found.sort_unstable_by(|a, b| (a.0.as_deref(), a.1.person).cmp(&(b.0.as_deref(), b.1.person)));
    Ok(found.into_iter().map(|(_, fit)| fit).collect())
}

/// The persons as a list shows them, each of whom finds a trace of it; those who are out of reach by now are left out.
///
/// # Errors
/// If the vault cannot be read.
pub(super) fn show(
    app: &App,
    visibility: &Visibility<'_>,
    models: &Models,
    seen: &Seen,
    page: &Page<'_>,
) -> Result<Vec<Hit>, Problem> {
    if let Some(before) = page.before.filter(|fit| visibility.finds(fit.person))
        && let Some(org) = visibility.register_of(before.person)
    {
        seen.line(visibility, Looked::Register(org), before.person);
    }
    let in_reach = page.here.iter().filter(|fit| visibility.finds(fit.person));
    in_reach.map(|fit| hit(app, visibility, models, seen, fit)).collect()
}

fn hit(
    app: &App,
    visibility: &Visibility<'_>,
    models: &Models,
    seen: &Seen,
    fit: &Fit,
) -> Result<Hit, Problem> {
    let (directory, person) = (&models.directory, fit.person);
    if let Some(org) = visibility.register_of(person) {
        seen.line(visibility, Looked::Register(org), person);
    }
    let entry = directory.person(person).ok_or(Fault::NotFound)?;
    let name = app.shown_name(visibility, person)?.unwrap_or_default();
    let (phone, number) = (app.value(entry.phone)?, app.value(entry.volunteer_number)?);
    let has_double = has_double(app, visibility, person, (&name, phone.as_deref(), number.as_deref()))?;
    let community = names::community(directory, person);
    let residence = directory.register().people.residence(person, directory.today());
    let home = || residence.map_or_else(String::new, |org| names::org(directory, org));
    Ok(Hit {
        person,
        name: masked(&name),
        phone: phone.as_deref().map(masked_number),
        number: number.as_deref().map(masked_number),
        home: if community.is_empty() { home() } else { community },
        unit: names::unit(directory, person),
        by: fit.by.clone(),
        whole: fit.whole,
        has_double,
    })
}

/// Whether somebody else whom the viewer may find has the same name and the same phone or number: perhaps registered twice.
pub(crate) fn has_double(
    app: &App,
    visibility: &Visibility<'_>,
    person: PersonId,
    (name, phone, number): (&str, Option<&str>, Option<&str>),
) -> Result<bool, VaultError> {
    let with = |field, value: Option<&str>| {
        value.map_or(Ok(Vec::new()), |value| persons_with(&app.vault, field, value))
    };
    let namesakes = with(Field::Name, Some(name))?;
    let mut alike = with(Field::Phone, phone)?;
    alike.extend(with(Field::VolunteerNumber, number)?);
    let is_double =
        |other: &PersonId| *other != person && namesakes.contains(other) && visibility.finds(*other);
    Ok(alike.iter().any(is_double))
}
