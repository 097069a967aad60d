//! `POST /v1/wishes/sheet`: what a register of wishes says, and whose each is. Nothing is recorded, and the file is not kept.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use hourbook_ledger::commitment::Field;
use hourbook_ledger::domain::event::Looked;
use hourbook_ledger::domain::ids::{OrgId, PersonId};
use hourbook_ledger::vault::{Vault, VaultError};
use hourbook_projections::Models;
use hourbook_projections::wishes::WishFilter;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::category_of;
use crate::auth::token::{Proof, Session};
use crate::auth::visibility::{STAFF, Seen, Viewer, Visibility};
use crate::http::extract::{OrgIn, Query};
use crate::http::sheets::{self, Sent, SheetProblem};
use crate::problem::{Document, Fault, Problem};
use crate::sheet::{self, Limits, MOST_WISHES, Note, Register, RowError, Told};
use crate::state::App;

/// Whose register it is.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct WishesQuery {
    /// The community that is going to post the wishes.
    #[param(value_type = String, format = "uuid")]
    org: OrgIn,
    /// The file's name; only its ending matters, and only for a note.
    #[serde(default)]
    name: String,
}

/// What a register says.
#[derive(Serialize, ToSchema)]
pub struct RegisterOut {
    /// Wishes of people who are known, in the order of the rows.
    wishes: Vec<WishOut>,
    /// Rows of nobody who is registered where the reader works; they are registered first.
    unknown: Vec<PersonOut>,
    /// Rows that fit several people alike.
    ambiguous: Vec<PersonOut>,
    /// Rows that say what another row or a posted wish says of the same person.
    twice: Vec<PersonOut>,
    /// Rows of wishes that were granted before: not read.
    done: Vec<PersonOut>,
    /// The heads of the columns that were not read.
    unread: Vec<String>,
    /// The first hundred mistakes: row, column, what, how to mend it.
    #[schema(value_type = Vec<Object>)]
    errors: Vec<RowError>,
    /// How many mistakes there are of each code, untold ones included.
    #[schema(value_type = Object)]
    counts: BTreeMap<&'static str, usize>,
    /// What the sender should know of the file.
    #[schema(value_type = Vec<Object>)]
    notes: Vec<Note>,
}

/// A wish that can be posted.
#[derive(Serialize, ToSchema)]
pub struct WishOut {
    /// 1-based row.
    line: u32,
    /// Whose it is.
    resident: String,
    /// The name as the row has it.
    name: String,
    /// What is wished for.
    text: String,
    /// The category's code.
    category: &'static str,
    /// The unit that the row names as having taken it on; it claims once the wish is vetted.
    unit: Option<String>,
    /// A child for whom no guardian is named.
    is_child: bool,
}

/// A row by its person.
#[derive(Serialize, ToSchema)]
pub struct PersonOut {
    /// 1-based row.
    line: u32,
    /// The name as the row has it.
    name: String,
    /// The phone as the row has it.
    phone: Option<String>,
}

/// Reads the register of wishes that a community keeps (微心愿征集认领台账; XLSX or CSV, the bytes as the body), and finds whose
/// each wish is by name and phone, among those with whom the reader works. Nothing is recorded or kept. That a person was
/// found is a look, which is recorded and which the person sees. For staff of the community, signed in with their key.
#[utoipa::path(post, path = "/v1/wishes/sheet", operation_id = "read_wishes", tag = "wishes", params(WishesQuery),
    security(("token" = []), ("cookie" = [])),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = RegisterOut), (status = 401, body = Document),
        (status = 403, description = "not-for-you, sign-it-yourself", body = Document),
        (status = 413, description = "body-too-large", body = Document, content_type = "application/problem+json"),
        (status = 422, description = "The file cannot be read", body = SheetProblem, content_type = "application/problem+json"),
        (status = 429, description = "sheets-busy; Retry-After says when to ask again", body = Document, content_type = "application/problem+json")))]
pub async fn read(
    State(app): State<Arc<App>>,
    session: Session,
    Query(query): Query<WishesQuery>,
    request: Request,
) -> Result<Response, Problem> {
    // The right first: whoever posts nothing there does not make the server read anything.
    let OrgIn(org) = query.org;
    may_post(&app, session, org)?;
    let limits = Limits { max_rows: MOST_WISHES, ..Limits::new(app.today().0) };
    let sent = match sheets::take(&app, request, limits).await? {
        Ok(sent) => sent,
        Err(error) => return Ok(SheetProblem::unreadable(error)),
    };
    let vault = app.vault.clone();
    let read = sheets::blocking(move || {
        let Sent { bytes, limits, taken } = sent;
        let read = sheet::read_wishes(&bytes, &query.name, &limits);
        drop(taken);
        let with_people = |register: Register| {
            let people: Result<Vec<Vec<PersonId>>, VaultError> =
                register.wishes.iter().map(|wish| named(&vault, wish)).collect();
            people.map(|people| (register, people))
        };
        read.map(with_people)
    });
    let (register, people) = match read.await? {
        Ok(read) => read?,
        Err(error) => return Ok(SheetProblem::unreadable(error)),
    };
    let (viewer, seen) = (Viewer::from(Some(session)), Seen::default());
    let out = {
        let models = app.read.read();
        let of =
            Of { app: &app, models: &models, visibility: app.visibility(viewer, &models), seen: &seen, org };
        of.told(register, &people)?
    };
    seen.record(&app, viewer).await?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(out)).into_response())
}

/// Whether somebody may post wishes for a community: with the key that will sign, in a role over it.
fn may_post(app: &App, session: Session, org: OrgId) -> Result<(), Problem> {
    if !matches!(session.proof, Proof::Key(_)) {
        return Err(Fault::SignItYourself.into());
    }
    let models = app.read.read();
    match app.visibility(Viewer::from(Some(session)), &models).holds(&STAFF, org) {
        true => Ok(()),
        false => Err(Fault::NotForYou.into()),
    }
}

/// Who was registered with the name and the phone of a row, wherever they belong.
fn named(vault: &Vault, wish: &Told) -> Result<Vec<PersonId>, VaultError> {
    let with = |field, value: &str| match vault.find(field, value) {
        Ok(found) => Ok(found.into_iter().map(|(subject, _)| PersonId(subject)).collect::<BTreeSet<_>>()),
        // What has no canonical form was never registered.
        Err(VaultError::BadValue { .. }) => Ok(BTreeSet::new()),
        Err(other) => Err(other),
    };
    let (names, phones) = (with(Field::Name, &wish.name)?, with(Field::Phone, &wish.phone)?);
    Ok(names.intersection(&phones).copied().collect())
}

struct Of<'a> {
    app: &'a App,
    models: &'a Models,
    visibility: Visibility<'a>,
    seen: &'a Seen,
    org: OrgId,
}

impl Of<'_> {
    fn told(&self, register: Register, people: &[Vec<PersonId>]) -> Result<RegisterOut, Problem> {
        let Register { wishes, done, errors, counts, notes, unread } = register;
        let done = done.into_iter().map(|(line, name)| PersonOut { line, name, phone: None }).collect();
        let (unknown, ambiguous, twice) = (Vec::new(), Vec::new(), Vec::new());
        let mut out = RegisterOut {
            wishes: Vec::new(),
            unknown,
            ambiguous,
            twice,
            done,
            unread,
            errors,
            counts,
            notes,
        };
        let mut said = BTreeSet::new();
        for (wish, named) in wishes.into_iter().zip(people) {
            let mut here = named.iter().copied().filter(|person| self.lives_here(*person));
            let row = PersonOut { line: wish.line, name: wish.name.clone(), phone: Some(wish.phone.clone()) };
            match (here.next(), here.next()) {
                (None, _) => out.unknown.push(row),
                (Some(_), Some(_)) => out.ambiguous.push(row),
                (Some(person), None) => {
                    if let Some(register) = self.visibility.register_of(person) {
                        self.seen.line(&self.visibility, Looked::Register(register), person);
                    }
                    let is_new = said.insert((person, wish.words.clone()));
                    match !is_new || self.is_posted(person, &wish.words)? {
                        true => out.twice.push(row),
                        false => out.wishes.push(told(person, wish)),
                    }
                }
            }
        }
        Ok(out)
    }

    /// Whether the person lives in the community, and the reader works with that person.
    fn lives_here(&self, person: PersonId) -> bool {
        let directory = &self.models.directory;
        let home = directory.register().people.residence(person, directory.today());
        let within = |home| directory.ancestors(home, directory.today()).contains(&self.org);
        self.visibility.finds(person) && home.is_some_and(within)
    }

    /// Whether a wish of the person says the same.
    fn is_posted(&self, resident: PersonId, words: &str) -> Result<bool, Problem> {
        let filter = WishFilter { resident: Some(resident), ..WishFilter::default() };
        let posted = self.models.wishes.page(&self.models.directory, &filter, None, MOST_WISHES);
        for wish in posted.wishes.into_iter().filter(|wish| self.visibility.wish_words(wish)) {
            if self.app.value(Some(wish.text))?.as_deref() == Some(words) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn told(person: PersonId, wish: Told) -> WishOut {
    let Told { line, name, words, category, unit, is_child, .. } = wish;
    let category = category_of(&category, &words);
    WishOut { line, resident: person.to_string(), name, text: words, category, unit, is_child }
}
