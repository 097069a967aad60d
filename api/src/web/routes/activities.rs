//! `/activities`: what is to come, and signing up for it.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use hourbook_ledger::domain::ids::{ActivityId, ShiftId};
use hourbook_projections::Models;
use hourbook_projections::activities::Place;
use serde::Deserialize;

use super::access::refusal;
use super::hours::clock;
use super::site::Upcoming;
use super::visit::{Visit, pager, rows_before, see_other};
use super::{names, words};
use crate::http::me::Assertion;
use crate::http::parts::Query;
use crate::http::problem::{Fault, Problem};
use crate::http::reading::reach;
use crate::session::Proof;
use crate::web::pages::{Refusal, activities};
use crate::web::paths;

/// Shifts on a page.
const EACH: usize = 20;

#[derive(Deserialize)]
pub(super) struct ActivitiesQuery {
    page: Option<String>,
}

pub(super) async fn page(visit: Visit, Query(query): Query<ActivitiesQuery>) -> Result<Response, Problem> {
    show(&visit, query.page.as_deref(), None)
}

fn show(visit: &Visit, page: Option<&str>, refused: Option<Refusal>) -> Result<Response, Problem> {
    let models = visit.app.read.read();
    let upcoming = visit.site.upcoming(&models, visit.app.now());
    let pager = pager(page, EACH, upcoming.len() as u64);
    let mut shifts = Vec::new();
    for upcoming in upcoming.iter().skip(rows_before(pager, EACH)).take(EACH) {
        shifts.extend(shift(visit, &models, upcoming)?);
    }
    let view = activities::View { shifts, pager, refused };
    let shell = visit.shell(&models)?;
    Ok(visit.answer(activities::render(&shell, &view)))
}

fn shift(visit: &Visit, models: &Models, upcoming: &Upcoming) -> Result<Option<activities::Shift>, Problem> {
    let (directory, lang) = (&models.directory, visit.look.lang);
    let Some(activity) = directory.activity(upcoming.activity) else { return Ok(None) };
    let Some(shift) = activity.shift(upcoming.shift) else { return Ok(None) };
    let place = visit.session.and_then(|session| shift.part(session.person)).map(|part| part.place);
    let own = match place {
        Some(Place::Placed) => activities::Own::Placed,
        Some(Place::Waiting) => activities::Own::Waiting,
        _ => activities::Own::None,
    };
    let title = visit.value(Some(activity.title))?;
    let offset = directory.offset();
    Ok(Some(activities::Shift {
        title: title.unwrap_or_else(|| lang.t("志愿服务", "Voluntary service").to_owned()),
        category: words::category(lang, &activity.category),
        organisation: names::org(directory, activity.org),
        place: visit.value(activity.place)?.unwrap_or_default(),
        date: shift.interval.start.date(offset).to_string(),
        start: clock(shift.interval.start, offset),
        end: clock(shift.interval.end, offset),
        capacity: u64::from(shift.capacity),
        taken: u64::from(shift.taken),
        waiting: shift.waiting() as u64,
        own,
        act: can(visit, upcoming, place),
    }))
}

/// What the reader can do: whoever was there or did not come can do nothing more.
fn can(visit: &Visit, upcoming: &Upcoming, place: Option<Place>) -> activities::Act {
    let to = |act| paths::shift_act(&upcoming.activity.to_string(), &upcoming.shift.to_string(), act);
    let before = visit.app.now().minute() < upcoming.start;
    match (visit.session, place) {
        _ if !before => activities::Act::Nothing,
        (None, _) => activities::Act::SignIn,
        (Some(session), _) if matches!(session.proof, Proof::Key(_)) => activities::Act::Nothing,
        (Some(_), Some(Place::Placed | Place::Waiting)) => activities::Act::Withdraw(to("withdraw")),
        (Some(_), None | Some(Place::Withdrew)) => activities::Act::SignUp(to("sign-up")),
        (Some(_), Some(Place::Present(_) | Place::NoShow)) => activities::Act::Nothing,
    }
}

pub(super) async fn act(
    visit: Visit,
    Path((activity, shift, act)): Path<(String, String, String)>,
) -> Result<Response, Problem> {
    let session = match visit.signed_in(paths::ACTIVITIES) {
        Ok(session) => session,
        Err(sign_in) => return Ok(see_other(&sign_in)),
    };
    let activity: ActivityId = activity.parse().map_err(|_| Fault::NotFound)?;
    let shift: ShiftId = shift.parse().map_err(|_| Fault::NotFound)?;
    let assertion = match act.as_str() {
        "sign-up" => Assertion::SignUp { activity, shift },
        "withdraw" => Assertion::WithdrawSignUp { activity, shift },
        _ => return Err(Fault::NotFound.into()),
    };
    match visit.app.witness(&session, assertion.by(session.person), Vec::new()).await {
        Ok(receipt) => {
            reach(&visit.app, Some(receipt.position)).await?;
            Ok(see_other(paths::ACTIVITIES))
        }
        Err(problem) => {
            let (status, refusal): (StatusCode, _) = refusal(&visit, problem)?;
            Ok((status, show(&visit, None, Some(refusal))?).into_response())
        }
    }
}
