//! `GET /v1/people`: finds persons by name, phone or number.

use std::sync::Arc;

use axum::extract::State;
use hourbook_ledger::domain::ids::{OrgId, PersonId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::search::{self, Hit, MOST, Search};
use super::wanted::{By, Unfit, Wanted};
use crate::auth::token::Session;
use crate::auth::visibility::{Seen, Viewer};
use crate::http::as_of::{AsOf, reach};
use crate::http::extract::{Body, Json, OrgIn, Query, page_size};
use crate::problem::{Document, Fault, Problem};
use crate::state::App;

const USUAL: usize = 20;
const LIMIT: usize = 100;

/// Who is looked for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PeopleQuery {
    /// See the description of reads.
    min_position: Option<u64>,
    /// A name or part of one, its initials or reading (`wxf`, `wangxiufang`), or a phone or volunteer number, whole or its
    /// last four digits. Of several words each has to fit.
    q: String,
    /// Only those who live in this organisation or belong to it.
    #[param(value_type = Option<String>, format = "uuid")]
    org: Option<OrgIn>,
    /// Where the page begins: `next` of the page before.
    #[param(value_type = Option<String>, format = "uuid")]
    after: Option<String>,
    /// How many persons; 20 unless told.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<usize>,
}

/// Whom a search found.
#[derive(Serialize, ToSchema)]
pub struct PeopleOut {
    /// The persons of this page; people of one name stand together.
    pub people: Vec<PersonOut>,
    /// More than 200 persons fit, so none is shown: say more of the person.
    pub too_many: bool,
    /// The reader's register is so large that only whole names and numbers were looked for: name an organisation, and parts
    /// are found too.
    pub only_whole: bool,
    /// Where the next page begins, to be passed as `after`; none if this is the last.
    pub next: Option<String>,
}

/// Somebody who fits: enough to tell two of one name apart. All else is at `/v1/members/{id}`.
#[derive(Serialize, ToSchema)]
pub struct PersonOut {
    /// The person's id.
    #[schema(format = "uuid")]
    pub id: String,
    /// The ends of the name.
    pub name: String,
    /// The phone, without its middle.
    pub phone: Option<String>,
    /// The volunteer number, without its middle.
    pub volunteer_number: Option<String>,
    /// The community where the person lives, or what the home is called outside of one.
    pub home: String,
    /// The unit or branch.
    pub unit: Option<String>,
    /// By what the person was found: `name`, `pinyin`, `phone`, `volunteer-number`.
    pub by: Vec<&'static str>,
    /// The whole name, phone or number was typed, and not only a part.
    pub whole: bool,
    /// Somebody else in reach has the same name and the same phone or number: perhaps registered twice.
    pub double: bool,
}

impl From<Hit> for PersonOut {
    fn from(hit: Hit) -> Self {
        let by = |by: &By| match by {
            By::Name => "name",
            By::Pinyin => "pinyin",
            By::Phone => "phone",
            By::Number => "volunteer-number",
        };
        Self {
            id: hit.person.to_string(),
            name: hit.name,
            phone: hit.phone,
            volunteer_number: hit.number,
            home: hit.home,
            unit: Some(hit.unit).filter(|unit| !unit.is_empty()),
            by: hit.by.iter().map(by).collect(),
            whole: hit.whole,
            double: hit.has_double,
        }
    }
}

fn unfit(unfit: Unfit) -> Problem {
    Fault::BadRequest.because(match unfit {
        Unfit::TooShort => "q: too short: a character of a name, two letters, or four digits at least",
        Unfit::TooLong => "q: too long: 64 characters at most",
    })
}

/// Persons with whom the reader works, as staff of a home or for the unit, by name, phone or number. Names and numbers are
/// masked. That a person was found is a look, which is recorded and which the person sees.
#[utoipa::path(get, path = "/v1/people", tag = "members",
    params(PeopleQuery), security(("token" = []), ("cookie" = [])),
    responses((status = 200, body = AsOf<PeopleOut>), (status = 400, body = Document), (status = 401, body = Document),
        (status = 403, body = Document), (status = 404, description = "no such organisation", body = Document)))]
pub async fn people(
    State(app): State<Arc<App>>,
    session: Session,
    Query(query): Query<PeopleQuery>,
) -> Result<Json<AsOf<PeopleOut>>, Problem> {
    let limit = page_size(query.limit, USUAL, LIMIT)?;
    let after = query.after.as_deref().map(str::parse::<PersonId>).transpose();
    let after = after.map_err(|_| Fault::BadRequest.because("after: not the `next` of a page"))?;
    reach(&app, query.min_position).await?;
    look(&app, session, &query.q, query.org.map(|OrgIn(org)| org), (after, limit)).await
}

/// Who is looked for, beside the address.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PeopleAsked {
    /// As `q` of the same in an address.
    q: String,
}

/// The same, with what is typed in the body: an address stands in histories, and in what proxies log. The first of them.
#[utoipa::path(post, path = "/v1/people", tag = "members", request_body = PeopleAsked,
    security(("token" = []), ("cookie" = [])),
    responses((status = 200, body = AsOf<PeopleOut>), (status = 400, body = Document), (status = 401, body = Document),
        (status = 403, body = Document)))]
pub async fn look_for_people(
    State(app): State<Arc<App>>,
    session: Session,
    Body(asked): Body<PeopleAsked>,
) -> Result<Json<AsOf<PeopleOut>>, Problem> {
    look(&app, session, &asked.q, None, (None, USUAL)).await
}

async fn look(
    app: &Arc<App>,
    session: Session,
    words: &str,
    within: Option<OrgId>,
    page_of: (Option<PersonId>, usize),
) -> Result<Json<AsOf<PeopleOut>>, Problem> {
    let wanted = Wanted::read(words).map_err(unfit)?.ok_or_else(|| unfit(Unfit::TooShort))?;
    let (viewer, seen) = (Viewer::from(Some(session)), Seen::default());
    let search = search::search(app, viewer, wanted, within).await?;
    let answer = page(app, viewer, &seen, &search, page_of)?;
    seen.record(app, viewer).await?;
    Ok(Json(answer))
}

fn page(
    app: &App,
    viewer: Viewer,
    seen: &Seen,
    search: &Search,
    (after, limit): (Option<PersonId>, usize),
) -> Result<AsOf<PeopleOut>, Problem> {
    let models = app.read.read();
    let visibility = app.visibility(viewer, &models);
    let page = search.page(after, limit).ok_or_else(|| Fault::BadRequest.because("after"))?;
    let hits = search::show(app, &visibility, &models, seen, &page)?;
    let answer = PeopleOut {
        people: hits.into_iter().map(PersonOut::from).collect(),
        too_many: search.too_many,
        only_whole: search.only_whole,
        next: page.next.map(|person| person.to_string()),
    };
    Ok(AsOf::at(models.as_of(), answer))
}

/// So many are shown at most, as the description says.
const _: () = assert!(MOST == 200);
