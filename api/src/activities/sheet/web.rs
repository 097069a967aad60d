//! `/activities/{activity}/sheet`: the sign-in sheet of a shift.

use axum::extract::Path;
use axum::response::Response;
use hourbook_ledger::domain::ids::ActivityId;
use hourbook_projections::activities::Place;

use super::page;
use crate::activities::desk::{self, When};
use crate::activities::roll::web::ShiftQuery;
use crate::auth::visibility::Seen;
use crate::http::extract::Query;
use crate::problem::{Fault, Problem};
use crate::ui::request::{PageRequest, see_other};
use crate::ui::{names, paths};

pub(crate) async fn page(
    request: PageRequest,
    Path(id): Path<String>,
    Query(query): Query<ShiftQuery>,
) -> Result<Response, Problem> {
    let id: ActivityId = id.parse().map_err(|_| Fault::NotFound)?;
    let named = query.shift.as_deref();
    if let Err(sign_in) = request.signed_in(&paths::sign_in_sheet(&id.to_string(), named.unwrap_or_default()))
    {
        return Ok(see_other(&sign_in));
    }
    let seen = Seen::default();
    let page = make(&request, &seen, id, named)?;
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
    let expected = members.iter().filter(|member| member.place != Place::Waiting);
    let present = shift.count(|place| matches!(place, Place::Present(_))) as u64;
    let next = activity.shifts.iter().map(|other| other.interval);
    let next = next.filter(|interval| interval.start >= shift.interval.end).min();
    let unit = |member: &desk::Member| {
        let person = member.person.filter(|person| visibility.id_of(*person));
        person.map_or_else(String::new, |person| {
            Some(names::unit(directory, person))
                .filter(|unit| !unit.is_empty())
                .unwrap_or_else(|| names::community(directory, person))
        })
    };
    let rows = expected.map(|member| (member.name.clone().unwrap_or_default(), unit(member)));
    let view = page::View {
        activity: id.to_string(),
        title: desk::title(request, activity)?,
        when: When::of(shift.interval, offset),
        place: request.app.value(activity.place)?.unwrap_or_default(),
        org: names::org(directory, activity.org),
        lead: desk::lead(request, &visibility, activity)?,
        present: (present > 0).then_some(present),
        rows: rows.collect(),
        next: next.map(|interval| When::of(interval, offset)),
    };
    request.draw(&models, |shell| page::render(shell, &view))
}
