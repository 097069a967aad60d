//! `POST /v1/people/known`: who of those that somebody is about to register is perhaps registered already.

use std::sync::Arc;

use axum::extract::State;
use hourbook_ledger::commitment::Field;
use hourbook_ledger::domain::event::Looked;
use hourbook_ledger::domain::ids::{OrgId, PersonId};
use hourbook_ledger::vault::{Vault, VaultError};
use hourbook_projections::Models;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::people::search::persons_with;
use super::may_register;
use crate::auth::token::Session;
use crate::auth::visibility::{Seen, Viewer, Visibility, masked, masked_number};
use crate::http::extract::{Body, Json, OrgIn};
use crate::http::sheets::blocking;
use crate::problem::{Document, Fault, Problem};
use crate::state::App;
use crate::ui::names;

/// Rows that are asked about at once: as many as one signature takes.
const MOST: usize = 200;

/// Who is about to be registered, and where.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KnownIn {
    /// The community or grid.
    home: OrgIn,
    /// At most 200.
    people: Vec<PersonIn>,
}

/// Somebody as a row says.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonIn {
    /// The name.
    name: String,
    /// The phone.
    #[serde(default)]
    phone: Option<String>,
    /// The volunteer number.
    #[serde(default)]
    volunteer_number: Option<String>,
}

/// Who is registered already.
#[derive(Serialize, ToSchema)]
pub struct KnownOut {
    /// Of each row those who are alike, in the order of the rows.
    people: Vec<Vec<AlikeOut>>,
}

/// A registered person who is like a row.
#[derive(Serialize, ToSchema)]
pub struct AlikeOut {
    /// The ends of the name.
    name: String,
    /// The phone, without its middle.
    phone: Option<String>,
    /// The volunteer number, without its middle.
    volunteer_number: Option<String>,
    /// The community where the person lives.
    home: String,
    /// In what they are alike: `name`, `phone`, `volunteer-number`.
    by: Vec<&'static str>,
    /// Most likely the same person: the number is the same, or the name with the phone or the community. A phone alone may be a
    /// family's.
    likely: bool,
}

/// A person whom the vault's index names for a row, and by what.
struct Candidate {
    person: PersonId,
    name: bool,
    phone: bool,
    number: bool,
}

fn candidates(vault: &Vault, row: &PersonIn) -> Result<Vec<Candidate>, VaultError> {
    let with =
        |field, value: Option<&str>| value.map_or(Ok(Vec::new()), |value| persons_with(vault, field, value));
    let names = with(Field::Name, Some(&row.name))?;
    let phones = with(Field::Phone, row.phone.as_deref())?;
    let numbers = with(Field::VolunteerNumber, row.volunteer_number.as_deref())?;
    let mut all: Vec<PersonId> = [&names[..], &phones, &numbers].concat();
    all.sort_unstable();
    all.dedup();
    let candidate = |person| Candidate {
        person,
        name: names.contains(&person),
        phone: phones.contains(&person),
        number: numbers.contains(&person),
    };
    Ok(all.into_iter().map(candidate).collect())
}

/// Tells of each row who is registered with the same phone or volunteer number, or lives in the same community under the same
/// name, as far as the reader may find them. Names and numbers are masked. That a person was found is a look, which is recorded
/// and which the person sees. For staff who register people there, signed in with their key.
#[utoipa::path(post, path = "/v1/people/known", tag = "members", request_body = KnownIn,
    security(("token" = []), ("cookie" = [])),
    responses((status = 200, body = KnownOut), (status = 400, body = Document), (status = 401, body = Document),
        (status = 403, description = "not-for-you, sign-it-yourself", body = Document)))]
pub async fn known(
    State(app): State<Arc<App>>,
    session: Session,
    Body(asked): Body<KnownIn>,
) -> Result<Json<KnownOut>, Problem> {
    let OrgIn(home) = asked.home;
    may_register(&app, session, home)?;
    if asked.people.len() > MOST {
        return Err(
            Fault::BadRequest.because(format_args!("people: {}, not 0 to {MOST}", asked.people.len()))
        );
    }
    let vault = app.vault.clone();
    let rows: Vec<Vec<Candidate>> = blocking(move || {
        asked.people.iter().map(|row| candidates(&vault, row)).collect::<Result<_, VaultError>>()
    })
    .await??;
    let (viewer, seen) = (Viewer::from(Some(session)), Seen::default());
    let people = {
        let models = app.read.read();
        let visibility = app.visibility(viewer, &models);
        let alike = Alike { app: &app, models: &models, visibility: &visibility, seen: &seen, home };
        rows.iter().map(|row| alike.told(row)).collect::<Result<_, Problem>>()?
    };
    seen.record(&app, viewer).await?;
    Ok(Json(KnownOut { people }))
}

struct Alike<'a> {
    app: &'a App,
    models: &'a Models,
    visibility: &'a Visibility<'a>,
    seen: &'a Seen,
    home: OrgId,
}

impl Alike<'_> {
    fn told(&self, row: &[Candidate]) -> Result<Vec<AlikeOut>, Problem> {
        // Whoever registers may live there, too.
        let may_find = |person: PersonId| self.visibility.finds(person) || self.visibility.is(person);
        let in_reach = row.iter().filter(|candidate| may_find(candidate.person));
        let alike = in_reach.filter(|one| one.phone || one.number || self.is_neighbour(one.person));
        alike.map(|candidate| self.tell(candidate)).collect()
    }

    /// Whether a person lives at the home, or in its community.
    fn is_neighbour(&self, person: PersonId) -> bool {
        let directory = &self.models.directory;
        let residence = directory.register().people.residence(person, directory.today());
        let community = |org| names::around(directory, org).unwrap_or(org);
        residence.map(community) == Some(community(self.home))
    }

    fn tell(&self, candidate: &Candidate) -> Result<AlikeOut, Problem> {
        let Candidate { person, name, phone, number } = *candidate;
        if let Some(org) = self.visibility.register_of(person) {
            self.seen.line(self.visibility, Looked::Register(org), person);
        }
        let entry = self.models.directory.person(person).ok_or(Fault::NotFound)?;
        let shown = self.app.shown_name(self.visibility, person)?.unwrap_or_default();
        let number_of = |value| Ok::<_, Problem>(self.app.value(value)?.as_deref().map(masked_number));
        let ways = [(name, "name"), (phone, "phone"), (number, "volunteer-number")];
        Ok(AlikeOut {
            name: masked(&shown),
            phone: number_of(entry.phone)?,
            volunteer_number: number_of(entry.volunteer_number)?,
            home: names::community(&self.models.directory, person),
            by: ways.into_iter().filter_map(|(is, way)| is.then_some(way)).collect(),
            likely: number || name && (phone || self.is_neighbour(person)),
        })
    }
}
