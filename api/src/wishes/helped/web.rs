//! `/wishes/{id}/hours`: who helped, and from when to when, for staff of the community.

use axum::extract::Path;
use axum::response::Response;
use hourbook_ledger::domain::ids::{ActivityId, OrgId, PersonId, WishId};
use hourbook_ledger::domain::time::{Date, Interval, Minute};
use hourbook_projections::Models;
use hourbook_projections::wishes::{Wish, WishState};
use serde_json::json;

use super::page;
use crate::auth::visibility::{STAFF, Seen};
use crate::commands::recording::{ACTIVITY, ORG, RECORD_HOURS, WISH, wish_key};
use crate::commands::{Action, Given};
use crate::problem::{Fault, Problem};
use crate::ui::fill::clock;
use crate::ui::paths;
use crate::ui::request::{PageRequest, see_other};
use crate::ui::signing::Signed;

pub(crate) async fn page(request: PageRequest, Path(id): Path<String>) -> Result<Response, Problem> {
    let id: WishId = id.parse().map_err(|_| Fault::NotFound)?;
    if let Err(sign_in) = request.signed_in(&paths::wish_hours(&id.to_string())) {
        return Ok(see_other(&sign_in));
    }
    let people = {
        let models = request.app.read.read();
        let wish = of_recorder(&request, &models, id)?;
        wish.people()
    };
    let recorded = recorded(&request, id, people).await?;
    let seen = Seen::default();
    let page = make(&request, &seen, id, &recorded)?;
    seen.record(&request.app, request.viewer()).await?;
    Ok(page)
}

/// The wish, for staff of its community; others are not told whether there is one.
fn of_recorder<'a>(request: &PageRequest, models: &'a Models, id: WishId) -> Result<&'a Wish, Problem> {
    let visibility = request.visibility(models);
    let wish = models.wishes.get(id).filter(|wish| visibility.wish(wish)).ok_or(Fault::NotFound)?;
    visibility.holds(&STAFF, wish.org).then_some(wish).ok_or(Fault::NotFound.into())
}

/// Whose hours for the wish are recorded.
async fn recorded(
    request: &PageRequest,
    id: WishId,
    people: Vec<PersonId>,
) -> Result<Vec<PersonId>, Problem> {
    let known = request.app.handle.read_state(move |state, _| {
        people.into_iter().filter(|person| state.hours.knows_key(&wish_key(id, *person))).collect()
    });
    Ok(known.await?)
}

fn make(request: &PageRequest, seen: &Seen, id: WishId, recorded: &[PersonId]) -> Result<Response, Problem> {
    let models = request.app.read.read();
    let wish = of_recorder(request, &models, id)?;
    let visibility = request.visibility(&models);
    seen.words(&visibility, wish);
    let offset = models.directory.offset();
    let when = when(&models, wish);
    let rows = wish.people().into_iter().filter(|person| visibility.id_of(*person)).map(|person| {
        Ok(page::Row {
            name: request.app.shown_name(&visibility, person)?,
            said: json!({ "person": person.to_string() }).to_string(),
            is_recorded: recorded.contains(&person),
            is_reader: visibility.is(person),
        })
    });
    let day = when.start.date(offset);
    let due = models.directory.register().hours_due(wish.org, &when);
    let view = page::View {
        wish: id.to_string(),
        sentence: request.app.value(wish.sentence)?.unwrap_or_default(),
        is_granted: wish.state == WishState::Confirmed,
        rows: rows.collect::<Result<_, Problem>>()?,
        day: day.to_string(),
        start: clock(when.start, offset),
        end: clock(when.end, offset),
        late: due.filter(|due| *due < request.today(&models)),
        finds_people: visibility.looks_for_people(),
        signed: signed(request, &models, wish, day),
    };
    request.draw(&models, |shell| page::render(shell, &view))
}

/// When it was done, as far as is known: it took as long as was told, and ended when that was said.
fn when(models: &Models, wish: &Wish) -> Interval {
    let offset = models.directory.offset();
    let told = wish.timeline.iter().rfind(|step| step.state == WishState::Fulfilled);
    let end = told.or(wish.timeline.last()).map_or(Minute(0), |step| step.act.at.minute());
    let took = i64::from(wish.took.unwrap_or(wish.expected).clamp(1, 720));
    let start = Minute(end.0 - took);
    // A day's work is on one day: what began the day before is taken to have begun at midnight.
    let midnight = end.date(offset).start(offset);
    Interval { start: start.max(midnight), end: end.max(Minute(midnight.0 + 1)) }
}

/// The month's activity, planned with the first hours of the month, and the hours.
fn signed(request: &PageRequest, models: &Models, wish: &Wish, day: Date) -> Signed {
    let activity = activity(request, wish.org, day);
    let (year, month, _) = day.ymd();
    let plan: Option<&'static Action> = request.app.actions.named("plan-activity");
    let plan = plan.filter(|_| models.directory.activity(activity).is_none()).map(|plan| {
        let texts = [
            ("activity", activity.to_string()),
            ("org", wish.org.to_string()),
            ("category", "community".to_owned()),
            ("title", format!("微心愿服务 {year}年{month}月")),
            ("content", "帮助居民实现微心愿".to_owned()),
        ];
        let given = plan.inputs.iter().fold(Given::default(), |given, input| {
            match texts.iter().find(|(name, _)| *name == input.name) {
                Some((_, text)) => given.with(input, text),
                None => given,
            }
        });
        (plan, given)
    });
    let given = Given::default().with(&ORG, wish.org).with(&ACTIVITY, activity).with(&WISH, wish.id);
    let done = paths::wish(&wish.id.to_string());
    Signed::new(&RECORD_HOURS, given, done).composed(
        "helped",
        plan.into_iter().collect(),
        models.directory.offset(),
    )
}

/// One of a community and month, whoever records first.
fn activity(request: &PageRequest, org: OrgId, day: Date) -> ActivityId {
    let (year, month, _) = day.ymd();
    let parts: [&[u8]; 3] = [&org.0, &year.to_be_bytes(), &month.to_be_bytes()];
    ActivityId(request.app.vault.keyed_id("hourbook/wishes/activity/v1", &parts))
}
