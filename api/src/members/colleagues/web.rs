//! `/colleagues`: who holds which role where the reader grants roles or holds the same, and the keys that exercise it. A
//! colleague whose device is new or wiped has made a key; whoever grants the role or holds the same compares it and names it.

use std::cmp::Reverse;

use axum::response::Response;
use hourbook_ledger::domain::event::{Body, Looked, Role, RoleEvent, Scope};
use hourbook_ledger::domain::ids::{KeyId, OrgId, PersonId};
use hourbook_ledger::domain::key::Key;
use hourbook_ledger::domain::person::Office;
use hourbook_projections::Models;
use rustc_hash::FxHashSet;
use serde::Deserialize;

use super::super::access::api::{Deed, deeds_before};
use super::super::actions;
use super::super::offices::{self, Powers};
use super::page;
use crate::auth::visibility::{Seen, Visibility};
use crate::commands::Given;
use crate::http::extract::{Query, stamp};
use crate::problem::{Fault, Problem};
use crate::ui::request::{PageRequest, pager, rows_before, see_other};
use crate::ui::signing::Signed;
use crate::ui::{labels, names, paths};

/// Roles on a page.
const EACH: usize = 5;
/// How many of the last deeds are looked through for who gave an office.
const DEEDS: usize = 30;
/// New keys on a page.
const NEWCOMERS: usize = 5;

/// Which page of the roles, and over which organisations.
#[derive(Deserialize)]
pub(crate) struct ColleaguesQuery {
    page: Option<String>,
    /// Part of an organisation's name. A colleague's own name would stay in the histories of shared computers.
    q: Option<String>,
}

pub(crate) async fn page(
    request: PageRequest,
    Query(query): Query<ColleaguesQuery>,
) -> Result<Response, Problem> {
    if let Err(sign_in) = request.signed_in(paths::COLLEAGUES) {
        return Ok(see_other(&sign_in));
    }
    let seen = Seen::default();
    let page = make(&request, &seen, &query)?;
    seen.record(&request.app, request.viewer()).await?;
    Ok(page)
}

fn make(request: &PageRequest, seen: &Seen, query: &ColleaguesQuery) -> Result<Response, Problem> {
    let models = request.app.read.read();
    let visibility = request.visibility(&models);
    let powers = Powers::of(request, &models);
    if visibility.roles().next().is_none() {
        return Err(Fault::NotForYou.into());
    }
    let holders = models.directory.register().people.role_holders();
    let mut held: Vec<_> = holders
        .flat_map(|(person, offices)| offices.iter().map(|office| (*person, office)))
        .filter(|(person, office)| !visibility.is(*person) && powers.sees(office))
        .collect();
    let wanted = query.q.as_deref().map(|wanted| wanted.trim().to_lowercase()).unwrap_or_default();
    let is_long = held.len() > EACH;
    held.retain(|(_, office)| {
        wanted.is_empty() || over(request, &models, office).to_lowercase().contains(&wanted)
    });
    let keys = &models.directory.register().keys;
    // Whoever made a key last waits to have it named.
    let newest = |person, office: &Office| {
        let unnamed = keys.of(person).filter(|(id, key)| key.until.is_none() && !office.keys.contains(id));
        unnamed.map(|(_, key)| key.from).max()
    };
    held.sort_by_key(|(person, office)| {
        (Reverse(newest(*person, office)), office.scope, office.role, *person)
    });
    let pager = pager(query.page.as_deref(), EACH, held.len() as u64);
    let here = held.into_iter().skip(rows_before(pager, EACH)).take(EACH);
    let offices = here.map(|(person, office)| {
        // Whose office it is, is told where it is exercised; the name of a private person is a look all the same.
        if let Scope::Org(org) = office.scope {
            seen.name(&visibility, Looked::Register(org), person);
        }
        shown(request, &powers, &visibility, (person, office))
    });
    let offices = offices.collect::<Result<_, Problem>>()?;
    let registers = request.covered(&models, &[Role::Founder, Role::Steward, Role::Worker]).is_some();
    let newcomers = newcomers(request, &models, &visibility, seen)?;
    let filter = (is_long || !wanted.is_empty()).then_some(wanted);
    let view = page::View { offices, pager, registers, newcomers, filter };
    request.draw(&models, |shell| page::render(shell, &view))
}

/// People in the reader's scope who made a key and hold no role.
fn newcomers(
    request: &PageRequest,
    models: &Models,
    visibility: &Visibility<'_>,
    seen: &Seen,
) -> Result<Vec<page::Newcomer>, Problem> {
    let (register, today) = (models.directory.register(), request.today(models));
    let Some(covered) = request.covered(models, &[Role::Founder, Role::Steward]) else {
        return Ok(Vec::new());
    };
    let covered: FxHashSet<OrgId> = covered.into_iter().map(|(org, _)| org).collect();
    let is_new = |(_, key): &(&KeyId, &Key)| {
        let home = register.people.residence(key.person, today);
        key.until.is_none()
            && visibility.finds(key.person)
            && register.people.roles(key.person).is_empty()
            && home.is_some_and(|home| covered.contains(&home))
    };
    let mut found: Vec<(&KeyId, &Key)> = register.keys.iter().filter(is_new).collect();
    found.sort_unstable_by_key(|(_, key)| Reverse(key.from));
    found.truncate(NEWCOMERS);
    let shown = found.into_iter().map(|(id, key)| {
        let homes = register.people.homes(key.person, today);
        if let Some(home) = homes.iter().find(|home| covered.contains(home)) {
            // Key and id are shown even of whoever agreed to be named in public.
            seen.found(Role::Steward, *home, [key.person]);
        }
        let mut over: Vec<OrgId> =
            homes.iter().flat_map(|home| models.directory.ancestors(*home, today)).collect();
        let mut known = FxHashSet::default();
        over.retain(|org| covered.contains(org) && known.insert(*org));
        let name = request.app.actor_name(visibility, key.person)?;
        let given = Given::default().with(&actions::PERSON, key.person).with(&actions::KEY_ID, id);
        Ok(page::Newcomer {
            name: name.unwrap_or_else(|| labels::nameless(request.lang()).to_owned()),
            home: names::community(&models.directory, key.person),
            key: id.to_string(),
            position: key.from,
            granted: Signed::new(&actions::GRANT_ROLE, given, paths::COLLEAGUES.to_owned()),
            over: over.into_iter().map(|org| (org.to_string(), names::org(&models.directory, org))).collect(),
        })
    });
    shown.collect()
}

/// Over what an office is held, in words.
fn over(request: &PageRequest, models: &Models, office: &Office) -> String {
    match office.scope {
        Scope::Org(org) => names::org(&models.directory, org),
        Scope::Ledger => request.lang().t("整本账簿", "the whole ledger").to_owned(),
    }
}

fn shown(
    request: &PageRequest,
    powers: &Powers<'_>,
    visibility: &Visibility<'_>,
    (person, office): (PersonId, &Office),
) -> Result<page::Office, Problem> {
    let (lang, models) = (request.lang(), powers.models);
    let over = over(request, models, office);
    let name = request.app.actor_name(visibility, person)?;
    let keys = models.directory.register().keys.of(person).filter(|(_, key)| key.until.is_none());
    Ok(page::Office {
        name: name.unwrap_or_else(|| labels::nameless(lang).to_owned()),
        role: labels::role(lang, office.role).to_owned(),
        over,
        granted: granted(request, models, (person, office))?,
        keys: keys.map(|(id, key)| shown_key(powers, (person, office), (id, key.from))).collect(),
    })
}

/// Who gave an office or named a key for it last, so that whoever could undo it sees it.
fn granted(
    request: &PageRequest,
    models: &Models,
    (person, office): (PersonId, &Office),
) -> Result<Option<page::Granted>, Problem> {
    let (deeds, _) = deeds_before(&request.app, models.deeds.of(person), None, DEEDS)?;
    let last = deeds.into_iter().find(|deed| {
        matches!(&deed.event.body, Body::Role(RoleEvent::Granted { role, scope, .. })
            if (*role, *scope) == (office.role, office.scope))
    });
    let told = |deed: Deed| {
        let by = names::actor(request, models, &deed.act)?;
        let at = stamp(deed.act.at, models.directory.offset());
        Ok(page::Granted { by, at, position: deed.act.position })
    };
    last.map(told).transpose()
}

fn shown_key(
    powers: &Powers<'_>,
    (person, office): (PersonId, &Office),
    (id, position): (KeyId, u64),
) -> page::Key {
    let of_key = Given::default().with(&actions::PERSON, person).with(&actions::KEY_ID, id);
    let granted = offices::named(of_key, office);
    let named = office.keys.contains(&id);
    page::Key {
        id: id.to_string(),
        position,
        named,
        naming: (!named && powers.names((person, office), id))
            .then(|| Signed::new(&actions::GRANT_ROLE, granted, paths::COLLEAGUES.to_owned())),
        lost: offices::lost(powers, (person, id), paths::COLLEAGUES.to_owned()),
    }
}
