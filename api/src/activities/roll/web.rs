//! `/activities/{activity}/roll`: the roll of a shift, and the hours of whoever was there.

use axum::extract::Path;
use axum::response::Response;
use hourbook_ledger::domain::ids::ActivityId;
use hourbook_projections::activities::{ActivityState, Place};
use serde::Deserialize;
use serde_json::json;

use super::page;
use crate::activities::actions::{ACTIVITY, SHIFT, by_staff};
use crate::activities::desk::{self, Member, When};
use crate::auth::visibility::{CALLERS, Seen};
use crate::commands::Given;
use crate::commands::recording::{ORG, RECORD_HOURS};
use crate::http::extract::Query;
use crate::problem::{Fault, Problem};
use crate::ui::request::{PageRequest, see_other};
use crate::ui::signing::Signed;
use crate::ui::{names, paths};

/// Which shift.
#[derive(Deserialize)]
pub(crate) struct ShiftQuery {
    pub(crate) shift: Option<String>,
}

pub(crate) async fn page(
    request: PageRequest,
    Path(id): Path<String>,
    Query(query): Query<ShiftQuery>,
) -> Result<Response, Problem> {
    let id: ActivityId = id.parse().map_err(|_| Fault::NotFound)?;
    if let Err(sign_in) =
        request.signed_in(&paths::roll(&id.to_string(), query.shift.as_deref().unwrap_or_default()))
    {
        return Ok(see_other(&sign_in));
    }
    let seen = Seen::default();
    let page = make(&request, &seen, id, query.shift.as_deref())?;
    seen.record(&request.app, request.viewer()).await?;
    Ok(page)
}

fn make(
    request: &PageRequest,
    seen: &Seen,
    id: ActivityId,
    named: Option<&str>,
) -> Result<Response, Problem> {
    let models = request.app.read.read();
    let visibility = request.visibility(&models);
    let activity = desk::find(&visibility, &models, id)?;
    let shift = desk::shift(activity, named)?;
    let (directory, offset) = (&models.directory, models.directory.offset());
    let members = desk::members(request, (&models, &visibility), seen, (id, activity), shift)?;
    let is_over = shift.interval.end <= request.app.now().minute();
    let state = match activity.state {
        _ if !visibility.holds(&CALLERS, activity.org) => page::State::NotForYou,
        ActivityState::Planned | ActivityState::Cancelled => page::State::NotOpen,
        ActivityState::Published | ActivityState::Closed if is_over => page::State::Open,
        ActivityState::Published | ActivityState::Closed => page::State::TooEarly,
    };
    let due = directory.register().hours_due(activity.org, &shift.interval);
    let given = Given::default().with(&ACTIVITY, id).with(&SHIFT, shift.id);
    let beside = vec![(&RECORD_HOURS, Given::default().with(&ORG, activity.org))];
    let signed = Signed::new(by_staff("call-roll"), given, paths::activity(&id.to_string()));
    let view = page::View {
        activity: id.to_string(),
        title: desk::title(request, activity)?,
        org: names::org(directory, activity.org),
        when: When::of(shift.interval, offset),
        rows: members.iter().map(|member| row(member, offset)).collect(),
        state,
        late: due.filter(|due| *due < request.today(&models)),
        finds_people: visibility.looks_for_people(),
        signed: signed.composed("roll", beside, offset),
    };
    request.draw(&models, |shell| page::render(shell, &view))
}

fn row(member: &Member, offset: hourbook_ledger::domain::time::Offset) -> page::Row {
    let own = match member.place {
        Place::Present(interval) => Some(When::of(interval, offset)),
        _ => None,
    };
    let standing = match (member.place, member.person) {
        (Place::Present(_), _) if member.has_hours => page::Standing::Done,
        _ if member.is_reader => page::Standing::Reader,
        (_, None) => page::Standing::OutOfReach,
        (Place::Present(_), Some(_)) => page::Standing::Called,
        (Place::Placed, Some(_)) => page::Standing::Expected,
        (Place::NoShow, Some(_)) => page::Standing::Missed,
        (Place::Waiting | Place::Withdrew, Some(_)) => page::Standing::Waiting,
    };
    let said = member.person.map(|person| json!({ "person": person.to_string() }).to_string());
    page::Row { name: member.name.clone(), standing, said: said.unwrap_or_default(), own }
}
