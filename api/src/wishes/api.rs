//! `GET /v1/wishes` and `/v1/wishes/{id}`: the board of micro-wishes.

use std::sync::Arc;

use axum::extract::State;
use hourbook_ledger::domain::event::{Claimer, Looked};
use hourbook_ledger::domain::ids::WishId;
use hourbook_projections::Models;
use hourbook_projections::wishes::{Step, Wish, WishFilter, WishState};
use serde::{Deserialize, Serialize};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use crate::auth::token::Session;
use crate::auth::visibility::{Seen, Viewer, Visibility};
use crate::http::as_of::{AsOf, AtLeast, reach};
use crate::http::extract::{Json, OrgIn, Path, Query, one_of, page_size, stamp};
use crate::http::names::OrgRef;
use crate::problem::{Document, Fault, Problem};
use crate::state::App;

const USUAL: usize = 20;
const MOST: usize = 100;

/// Which wishes are asked for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct WishesQuery {
    /// See the description of reads.
    min_position: Option<u64>,
    /// States, separated by commas.
    #[param(style = Form, explode = false, value_type = Option<Vec<WishStateName>>)]
    state: Option<String>,
    /// Posted by this organisation or one below it.
    #[param(inline)]
    org: Option<OrgIn>,
    /// Of this category.
    category: Option<String>,
    /// `claimed`: those that the reader has taken on; `asked`: those of the reader.
    #[param(inline)]
    mine: Option<Mine>,
    /// Where the page begins: `next` of the page before.
    before: Option<u64>,
    /// How many; 20 unless told.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<usize>,
}

/// The state of a wish by its name.
struct WishStateName;

impl PartialSchema for WishStateName {
    fn schema() -> RefOr<Schema> {
        let names = WishState::ALL.map(WishState::name);
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names)).into()
    }
}

impl ToSchema for WishStateName {}

/// The reader's own part.
#[derive(Deserialize, ToSchema, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Mine {
    /// Taken on.
    Claimed,
    /// Asked for.
    Asked,
}

/// A page of wishes.
#[derive(Serialize, ToSchema)]
pub struct WishesOut {
    /// The wishes, the newest first.
    pub wishes: Vec<WishOut>,
    /// Where the next page begins, to be passed as `before`; none if this is the last.
    pub next: Option<u64>,
}

/// A wish as the reader may see it.
#[derive(Serialize, ToSchema)]
pub struct WishOut {
    /// Its id.
    #[schema(format = "uuid")]
    pub id: String,
    /// Who posted it.
    pub org: OrgRef,
    /// Its category.
    pub category: String,
    /// The vetted sentence.
    pub sentence: Option<String>,
    /// Where it stands.
    #[schema(value_type = WishStateName)]
    pub state: &'static str,
    /// Effort that it is expected to take, in minutes.
    pub expected_minutes: u32,
    /// Effort that it took, as the claimer says, in minutes.
    pub took_minutes: Option<u32>,
    /// Who has taken it on.
    pub claimer: Option<ClaimerOut>,
    /// The recipient's rating, 1 to 5.
    pub rating: Option<u8>,
    /// Its way so far.
    pub timeline: Vec<StepOut>,
    /// Whose wish it is; for the resident, staff and whoever has taken it on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resident: Option<String>,
    /// The resident's own words; for the same readers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// Who has taken a wish on.
#[derive(Serialize, ToSchema)]
pub struct ClaimerOut {
    /// A team or unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub org: Option<OrgRef>,
    /// A person's name, as far as the reader may see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How many persons take part.
    pub persons: usize,
    /// The reader is one of them.
    pub mine: bool,
}

/// A step on the way of a wish.
#[derive(Serialize, ToSchema)]
pub struct StepOut {
    /// The kind of event.
    pub kind: &'static str,
    /// Where the wish stood afterwards.
    #[schema(value_type = WishStateName)]
    pub state: &'static str,
    /// Position of the event.
    pub position: u64,
    /// When it was recorded.
    #[schema(format = "date-time")]
    pub at: String,
    /// The reason, where one was given; for the resident, staff and, of what was said since, whoever has taken it on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl ClaimerOut {
    fn of(
        app: &App,
        models: &Models,
        visibility: &Visibility<'_>,
        seen: &Seen,
        wish: &Wish,
    ) -> Result<Option<Self>, Problem> {
        let Some(claimer) = wish.claimer else { return Ok(None) };
        let people = wish.people();
        let (org, name) = match claimer {
            Claimer::Org(org) => (Some(OrgRef::of(&models.directory, org)), None),
            Claimer::Person(person) => {
                seen.name(visibility, Looked::Wish(wish.id), person);
                (None, app.shown_name(visibility, person)?)
            }
        };
        let mine = people.iter().any(|person| visibility.is(*person));
        Ok(Some(Self { org, name, persons: people.len(), mine }))
    }
}

impl WishOut {
    /// A wish as the viewer may see it.
    ///
    /// # Errors
    /// If the vault cannot be read.
    pub fn of(
        app: &App,
        models: &Models,
        visibility: &Visibility<'_>,
        seen: &Seen,
        wish: &Wish,
    ) -> Result<Self, Problem> {
        let offset = models.directory.offset();
        let words = visibility.wish_words(wish);
        if words {
            seen.words(visibility, wish);
        }
        let step = |step: &Step| {
            Ok::<_, Problem>(StepOut {
                kind: step.kind.name(),
                state: step.state.name(),
                position: step.act.position,
                at: stamp(step.act.at, offset),
                reason: app.value(step.reason.filter(|_| visibility.wish_reason(wish, step)))?,
            })
        };
        Ok(Self {
            id: wish.id.to_string(),
            org: OrgRef::of(&models.directory, wish.org),
            category: wish.category.to_string(),
            sentence: app.value(wish.sentence)?,
            state: wish.state.name(),
            expected_minutes: wish.expected,
            took_minutes: wish.took,
            claimer: ClaimerOut::of(app, models, visibility, seen, wish)?,
            rating: wish.rating,
            timeline: wish.timeline.iter().map(step).collect::<Result<_, _>>()?,
            resident: if words { app.shown_name(visibility, wish.resident)? } else { None },
            text: if words { app.value(Some(wish.text))? } else { None },
        })
    }
}

fn states(text: Option<&str>) -> Result<Vec<WishState>, Problem> {
    let names = text.into_iter().flat_map(|text| text.split(','));
    let named = |name| one_of("state", Some(name), &WishState::ALL, WishState::name);
    names.filter_map(|name| named(name).transpose()).collect()
}

/// The board. Wishes that were not vetted are there for staff and their residents only.
#[utoipa::path(get, path = "/v1/wishes", operation_id = "list_wishes", tag = "wishes", params(WishesQuery),
    responses((status = 200, body = AsOf<WishesOut>), (status = 400, body = Document), (status = 401, body = Document)))]
pub async fn list(
    State(app): State<Arc<App>>,
    session: Option<Session>,
    Query(query): Query<WishesQuery>,
) -> Result<Json<AsOf<WishesOut>>, Problem> {
    let limit = page_size(query.limit, USUAL, MOST)?;
    reach(&app, query.min_position).await?;
    let states = states(query.state.as_deref())?;
    let own = match (query.mine, session) {
        (Some(_), None) => return Err(Fault::SignInRequired.into()),
        (mine, session) => mine.zip(session.map(|s| s.person)),
    };
    let filter = WishFilter {
        states: &states,
        org: query.org.map(|org| org.0),
        category: query.category.as_deref(),
        resident: own.filter(|(mine, _)| *mine == Mine::Asked).map(|(_, person)| person),
        claimer: own.filter(|(mine, _)| *mine == Mine::Claimed).map(|(_, person)| person),
    };
    let (viewer, seen) = (Viewer::from(session), Seen::default());
    let answer = {
        let models = app.read.read();
        let visibility = app.visibility(viewer, &models);
        let (visible, next) = visible(&models, &visibility, &filter, query.before, limit);
        let shown = visible.into_iter().map(|wish| WishOut::of(&app, &models, &visibility, &seen, wish));
        let wishes = shown.collect::<Result<_, _>>()?;
        AsOf::at(models.as_of(), WishesOut { wishes, next })
    };
    seen.record(&app, viewer).await?;
    Ok(Json(answer))
}

/// A page of the wishes that the viewer may see, and where the next one begins. For pages too.
#[must_use]
pub fn visible<'a>(
    models: &'a Models,
    visibility: &Visibility<'_>,
    filter: &WishFilter<'_>,
    mut before: Option<u64>,
    limit: usize,
) -> (Vec<&'a Wish>, Option<u64>) {
    let mut found = Vec::with_capacity(limit);
    loop {
        let page = models.wishes.page(&models.directory, filter, before, limit - found.len());
        found.extend(page.wishes.into_iter().filter(|wish| visibility.wish(wish)));
        before = page.next;
        if before.is_none() || found.len() >= limit {
            return (found, before);
        }
    }
}

/// One wish.
#[utoipa::path(get, path = "/v1/wishes/{id}", operation_id = "one_wish", tag = "wishes", params(("id" = String, Path, format = "uuid"), AtLeast),
    responses((status = 200, body = AsOf<WishOut>), (status = 404, body = Document)))]
pub async fn one(
    State(app): State<Arc<App>>,
    session: Option<Session>,
    Path(id): Path<WishId>,
    Query(at): Query<AtLeast>,
) -> Result<Json<AsOf<WishOut>>, Problem> {
    at.wait(&app).await?;
    let (viewer, seen) = (Viewer::from(session), Seen::default());
    let answer = {
        let models = app.read.read();
        let visibility = app.visibility(viewer, &models);
        let wish = models.wishes.get(id).filter(|wish| visibility.wish(wish)).ok_or(Fault::NotFound)?;
        AsOf::at(models.as_of(), WishOut::of(&app, &models, &visibility, &seen, wish)?)
    };
    seen.record(&app, viewer).await?;
    Ok(Json(answer))
}
