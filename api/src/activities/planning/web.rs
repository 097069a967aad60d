//! `/activities/new`: plans an activity with its first shifts.

use axum::response::Response;
use hourbook_ledger::domain::event::OrgKind;
use hourbook_ledger::domain::ids::OrgId;
use hourbook_ledger::domain::time::Date;
use serde::Deserialize;

use super::page;
use crate::activities::actions::by_staff;
use crate::auth::visibility::RECORDERS;
use crate::commands::Given;
use crate::http::extract::Query;
use crate::problem::{Fault, Problem};
use crate::ui::request::{PageRequest, see_other};
use crate::ui::signing::Signed;
use crate::ui::{names, paths};

/// So many organisations are offered at once; of more a community is chosen first.
const ORGS: usize = 40;
/// Most activities are on a Saturday, counted from Monday.
const SATURDAY: u32 = 5;

/// In which community it is planned.
#[derive(Deserialize)]
pub(crate) struct PlanQuery {
    at: Option<String>,
}

pub(crate) async fn page(request: PageRequest, Query(query): Query<PlanQuery>) -> Result<Response, Problem> {
    if let Err(sign_in) = request.signed_in(paths::PLAN) {
        return Ok(see_other(&sign_in));
    }
    let models = request.app.read.read();
    let (directory, today) = (&models.directory, request.today(&models));
    let covered = request.covered(&models, &RECORDERS).ok_or(Fault::NotForYou)?;
    let mut orgs: Vec<OrgId> = covered.into_iter().map(|(org, _)| org).collect();
    let at = query.at.and_then(|at| at.parse::<OrgId>().ok()).filter(|at| orgs.contains(at));
    let named = |orgs: &[OrgId]| -> Vec<(String, String)> {
        orgs.iter().map(|org| (org.to_string(), names::org(directory, *org))).collect()
    };
    let is_community =
        |org: &OrgId| directory.org(*org).is_some_and(|entry| entry.kind == OrgKind::Community);
    let mut communities = Vec::new();
    if orgs.len() > ORGS {
        communities = orgs.iter().copied().filter(is_community).collect();
        let at = at.or(communities.first().copied());
        orgs.retain(|org| at.is_some_and(|at| directory.ancestors(*org, today).contains(&at)));
    }
    let (plan, [open, publish]) =
        (by_staff("plan-activity"), ["open-shift", "publish-activity"].map(by_staff));
    let beside = vec![(open, Given::default()), (publish, Given::default())];
    let done = paths::activity("{activity}");
    let view = page::View {
        orgs: named(&orgs),
        communities: named(&communities),
        day: next_saturday(today).to_string(),
        signed: Signed::new(plan, Given::default(), done).composed("plan", beside, directory.offset()),
    };
    request.draw(&models, |shell| page::render(shell, &view))
}

/// The next one, which is not today.
fn next_saturday(today: Date) -> Date {
    let ahead = (SATURDAY + 6 - today.weekday()) % 7 + 1;
    today.plus(ahead as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_saturday_is_to_come() {
        let on = |text: &str| next_saturday(text.parse().unwrap()).to_string();
        assert_eq!(on("2026-12-01"), "2026-12-05");
        assert_eq!(on("2026-12-04"), "2026-12-05");
        assert_eq!(on("2026-12-05"), "2026-12-12");
        assert_eq!(on("2026-12-06"), "2026-12-12");
    }
}
