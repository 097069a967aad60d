//! `/activities/{activity}`: one activity, its shifts and who is in them, and what can be done with it.

use axum::extract::Path;
use axum::response::Response;
use hourbook_ledger::domain::ids::ActivityId;
use hourbook_projections::Models;
use hourbook_projections::activities::{Activity, ActivityState, Place, Shift};

use super::page;
use crate::activities::actions::{ACTIVITY, by_staff};
use crate::activities::desk::{self, When};
use crate::auth::visibility::{CALLERS, Seen, Visibility};
use crate::commands::Given;
use crate::problem::{Fault, Problem};
use crate::ui::request::{PageRequest, see_other};
use crate::ui::signing::Signed;
use crate::ui::{labels, names, paths};

pub(crate) async fn page(request: PageRequest, Path(id): Path<String>) -> Result<Response, Problem> {
    let id: ActivityId = id.parse().map_err(|_| Fault::NotFound)?;
    if let Err(sign_in) = request.signed_in(&paths::activity(&id.to_string())) {
        return Ok(see_other(&sign_in));
    }
    let seen = Seen::default();
    let page = make(&request, &seen, id)?;
    seen.record(&request.app, request.viewer()).await?;
    Ok(page)
}

fn make(request: &PageRequest, seen: &Seen, id: ActivityId) -> Result<Response, Problem> {
    let models = request.app.read.read();
    let visibility = request.visibility(&models);
    let activity = desk::find(&visibility, &models, id)?;
    let value = |commitment| request.app.value(commitment);
    let mut shifts: Vec<&Shift> = activity.shifts.iter().collect();
    shifts.sort_by_key(|shift| shift.interval.start);
    let shown = |shift: &&Shift| shown(request, (&models, &visibility), seen, (id, activity), shift);
    let has_served = activity.shifts.iter().any(|shift| shift.count(|p| matches!(p, Place::Present(_))) > 0);
    let given = Given::default().with(&ACTIVITY, id);
    let here = paths::activity(&id.to_string());
    let signed = |name| Signed::new(by_staff(name), given.clone(), here.clone());
    let offset = models.directory.offset();
    let is_open = matches!(activity.state, ActivityState::Planned | ActivityState::Published);
    let view = page::View {
        title: desk::title(request, activity)?,
        category: labels::category(request.lang(), &activity.category),
        org: names::org(&models.directory, activity.org),
        place: value(activity.place)?.unwrap_or_default(),
        content: value(activity.content)?.unwrap_or_default(),
        lead: desk::lead(request, &visibility, activity)?,
        planned_by: names::actor(request, &models, &activity.planned)?,
        position: activity.planned.position,
        state: activity.state,
        shifts: shifts.iter().map(shown).collect::<Result<_, _>>()?,
        calls: visibility.holds(&CALLERS, activity.org),
        today: request.today(&models).to_string(),
        publish: (activity.state == ActivityState::Planned).then(|| signed("publish-activity")),
        open: is_open.then(|| signed("open-shift").composed("shift", Vec::new(), offset)),
        close: (activity.state == ActivityState::Published).then(|| signed("close-activity")),
        cancel: (is_open && !has_served).then(|| signed("cancel-activity")),
    };
    request.draw(&models, |shell| page::render(shell, &view))
}

fn shown(
    request: &PageRequest,
    (models, visibility): (&Models, &Visibility<'_>),
    seen: &Seen,
    (id, of): (ActivityId, &Activity),
    shift: &Shift,
) -> Result<page::Shift, Problem> {
    let (activity, shift_id) = (id.to_string(), shift.id.to_string());
    let members = desk::members(request, (models, visibility), seen, (id, of), shift)?;
    let is_over = shift.interval.end <= request.app.now().minute();
    let present = shift.count(|place| matches!(place, Place::Present(_)));
    let absent = shift.count(|place| place == Place::NoShow);
    let lacks_hours = members.iter().any(|m| matches!(m.place, Place::Present(_)) && !m.has_hours);
    let stage = match (is_over, present + absent) {
        (false, 0) => page::Stage::ToCome,
        (true, 0) => page::Stage::NotCalled,
        _ if lacks_hours => page::Stage::NoHours,
        _ if shift.awaits_roll() => page::Stage::NotCalled,
        _ => page::Stage::Called,
    };
    Ok(page::Shift {
        when: When::of(shift.interval, models.directory.offset()),
        capacity: u64::from(shift.capacity),
        taken: u64::from(shift.taken),
        waiting: shift.waiting() as u64,
        present: present as u64,
        absent: absent as u64,
        stage,
        members,
        roll: paths::roll(&activity, &shift_id),
        sheet: paths::sign_in_sheet(&activity, &shift_id),
    })
}
