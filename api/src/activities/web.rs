//! `/activities`: what is to come, and signing up for it.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use hourbook_ledger::domain::ids::{ActivityId, ShiftId};
use hourbook_projections::Models;
use hourbook_projections::activities::{Activity, ActivityState, Place};

use super::{actions, desk, page};
use crate::auth::visibility::RECORDERS;
use crate::commands::Given;
use crate::http::extract::Query;
use crate::problem::{Fault, Problem};
use crate::ui::fill::clock;
use crate::ui::parts::Refusal;
use crate::ui::request::{Outcome, PageQuery, PageRequest, pager, rows_before, see_other};
use crate::ui::signing::Signed;
use crate::ui::site::Upcoming;
use crate::ui::{labels, names, paths};

/// Shifts on a page.
const EACH: usize = 20;

pub(crate) async fn page(request: PageRequest, Query(query): Query<PageQuery>) -> Result<Response, Problem> {
    show(&request, query.page.as_deref(), None)
}

fn show(request: &PageRequest, page: Option<&str>, refused: Option<Refusal>) -> Result<Response, Problem> {
    let models = request.app.read.read();
    let upcoming = request.site.upcoming(&models, request.app.now());
    let pager = pager(page, EACH, upcoming.len() as u64);
    let mut shifts = Vec::new();
    for upcoming in upcoming.iter().skip(rows_before(pager, EACH)).take(EACH) {
        shifts.extend(shift(request, &models, upcoming)?);
    }
    let staff = staff(request, &models)?;
    let view = page::View { shifts, pager, refused, staff };
    request.draw(&models, |shell| page::render(shell, &view))
}

/// What whoever runs activities has here: those that nobody else sees yet.
fn staff(request: &PageRequest, models: &Models) -> Result<Option<page::Staff>, Problem> {
    let visibility = request.visibility(models);
    if !visibility.roles().any(|(role, _)| RECORDERS.contains(&role)) {
        return Ok(None);
    }
    let all = models.directory.activities().newest().into_iter();
    let now = request.app.now().minute();
    let is_to_come = |activity: &Activity| {
        activity.state == ActivityState::Planned
            // What came in with a sheet of hours was never meant to be published.
            && activity.shifts.iter().any(|shift| now < shift.interval.end)
    };
    let own = all.filter(|(_, activity)| is_to_come(activity) && visibility.holds(&RECORDERS, activity.org));
    let told = |(id, activity): (ActivityId, &Activity)| -> Result<_, Problem> {
        let org = names::org(&models.directory, activity.org);
        Ok((desk::title(request, activity)?, org, paths::activity(&id.to_string())))
    };
    Ok(Some(page::Staff { planned: own.map(told).collect::<Result<_, _>>()? }))
}

fn shift(
    request: &PageRequest,
    models: &Models,
    upcoming: &Upcoming,
) -> Result<Option<page::Shift>, Problem> {
    let (directory, lang) = (&models.directory, request.lang());
    let Some(activity) = directory.activity(upcoming.activity) else { return Ok(None) };
    let Some(shift) = activity.shift(upcoming.shift) else { return Ok(None) };
    let place = request.session.and_then(|session| shift.part(session.person)).map(|part| part.place);
    let own = match place {
        Some(Place::Placed) => page::Own::Placed,
        Some(Place::Waiting) => page::Own::Waiting,
        _ => page::Own::None,
    };
    let title = request.app.value(Some(activity.title))?;
    let offset = directory.offset();
    Ok(Some(page::Shift {
        title: title.unwrap_or_else(|| lang.t("志愿服务", "Voluntary service").to_owned()),
        category: labels::category(lang, &activity.category),
        organisation: names::org(directory, activity.org),
        place: request.app.value(activity.place)?.unwrap_or_default(),
        date: shift.interval.start.date(offset).to_string(),
        start: clock(shift.interval.start, offset),
        end: clock(shift.interval.end, offset),
        capacity: u64::from(shift.capacity),
        taken: u64::from(shift.taken),
        waiting: shift.waiting() as u64,
        own,
        act: can(request, upcoming, place),
        run: request
            .visibility(models)
            .holds(&RECORDERS, activity.org)
            .then(|| paths::activity(&upcoming.activity.to_string())),
    }))
}

/// What the reader can do: whoever was there or did not come can do nothing more.
fn can(request: &PageRequest, upcoming: &Upcoming, place: Option<Place>) -> page::Act {
    let to = |act| paths::shift_act(&upcoming.activity.to_string(), &upcoming.shift.to_string(), act);
    let given = given(upcoming.activity, upcoming.shift);
    let signed = |action| Signed::new(action, given.clone(), paths::ACTIVITIES.to_owned());
    let before = request.app.now().minute() < upcoming.start;
    match (request.session, place) {
        _ if !before => page::Act::Nothing,
        (None, _) => page::Act::SignIn,
        (Some(_), Some(Place::Placed | Place::Waiting)) => {
            let signed = signed(&actions::WITHDRAW_SIGN_UP);
            page::Act::Withdraw(to("withdraw"), signed)
        }
        (Some(_), None | Some(Place::Withdrew)) => {
            page::Act::SignUp(to("sign-up"), signed(&actions::SIGN_UP))
        }
        (Some(_), Some(Place::Present(_) | Place::NoShow)) => page::Act::Nothing,
    }
}

fn given(activity: ActivityId, shift: ShiftId) -> Given {
    Given::default().with(&actions::ACTIVITY, activity).with(&actions::SHIFT, shift)
}

pub(crate) async fn act(
    request: PageRequest,
    Path((activity, shift, act)): Path<(String, String, String)>,
) -> Result<Response, Problem> {
    let session = match request.signed_in(paths::ACTIVITIES) {
        Ok(session) => session,
        Err(sign_in) => return Ok(see_other(&sign_in)),
    };
    let activity: ActivityId = activity.parse().map_err(|_| Fault::NotFound)?;
    let shift: ShiftId = shift.parse().map_err(|_| Fault::NotFound)?;
    let action = match act.as_str() {
        "sign-up" => &actions::SIGN_UP,
        "withdraw" => &actions::WITHDRAW_SIGN_UP,
        _ => return Err(Fault::NotFound.into()),
    };
    match request.carry_out(&session, action, &given(activity, shift)).await? {
        Outcome::Done | Outcome::Waits => Ok(see_other(paths::ACTIVITIES)),
        Outcome::Refused(status, refusal) => {
            Ok((status, show(&request, None, Some(refusal))?).into_response())
        }
    }
}
