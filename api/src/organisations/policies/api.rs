//! `GET /v1/policies`: what holds for an organisation or the whole ledger, and what will.

use std::sync::Arc;

use axum::extract::State;
use hourbook_ledger::domain::State as Register;
use hourbook_ledger::domain::event::Scope;
use hourbook_ledger::domain::policy::{Adopted, Policy, PolicyArea};
use hourbook_ledger::domain::time::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::actions;
use crate::http::as_of::{AsOf, reach};
use crate::http::extract::{Json, OrgIn, Query};
use crate::http::names::OrgRef;
use crate::problem::{Document, Problem};
use crate::state::App;

/// For whom.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PoliciesQuery {
    /// See the description of reads.
    min_position: Option<u64>,
    /// What holds for this organisation; for the whole ledger if none is named.
    #[param(inline)]
    org: Option<OrgIn>,
}

/// Policies.
#[derive(Serialize, ToSchema)]
pub struct PoliciesOut {
    /// Today, from which it is told what holds.
    #[schema(format = "date")]
    pub date: String,
    /// What holds, and what was adopted for later.
    pub policies: Vec<PolicyOut>,
}

/// A policy as adopted.
#[derive(Serialize, ToSchema)]
pub struct PolicyOut {
    /// The event that adopted it.
    #[schema(format = "uuid")]
    pub id: String,
    /// What adopts such a policy: the name of an action.
    pub kind: &'static str,
    /// For which organisation; none is the whole ledger.
    pub org: Option<OrgRef>,
    /// The first day.
    #[schema(format = "date")]
    pub from: String,
    /// It holds today; else it was adopted for later.
    pub in_force: bool,
    /// What it says, by the names of what the action is told.
    #[schema(value_type = Object)]
    pub says: Value,
}

/// What holds for an organisation or the whole ledger, and what was adopted for later. Everybody may know.
#[utoipa::path(get, path = "/v1/policies", operation_id = "list_policies", tag = "organisations", params(PoliciesQuery),
    responses((status = 200, body = AsOf<PoliciesOut>), (status = 400, body = Document)))]
pub async fn list(
    State(app): State<Arc<App>>,
    Query(query): Query<PoliciesQuery>,
) -> Result<Json<AsOf<PoliciesOut>>, Problem> {
    reach(&app, query.min_position).await?;
    let today = app.today();
    let models = app.read.read();
    let directory = &models.directory;
    let scope = query.org.map_or(Scope::Ledger, |OrgIn(org)| Scope::Org(org));
    let told =
        adopted(directory.register(), scope, today).into_iter().map(|(scope, adopted, in_force)| PolicyOut {
            id: adopted.event.to_string(),
            kind: actions::action_of(adopted.policy.area()).name,
            org: match scope {
                Scope::Org(org) => Some(OrgRef::of(directory, org)),
                Scope::Ledger => None,
            },
            from: adopted.from.to_string(),
            in_force,
            says: actions::told(&adopted.policy),
        });
    let answer = PoliciesOut { date: today.to_string(), policies: told.collect() };
    Ok(Json(AsOf::at(models.as_of(), answer)))
}

/// What holds today for a scope, by the nearest that has a policy, and what will in any above it, area by area: of which
/// scope, and whether it is in force.
pub(super) fn adopted(register: &Register, scope: Scope, today: Date) -> Vec<(Scope, &Adopted, bool)> {
    let policies = &register.policies;
    let above = scope.org().map_or_else(Vec::new, |org| register.orgs.ancestors(org, today));
    let scopes: Vec<Scope> = above.into_iter().map(Scope::Org).chain([Scope::Ledger]).collect();
    use PolicyArea::{Calendar, Credit, Points, Rankings, Records, Waiting, Wishes};
    let mut found = Vec::new();
    for area in [Credit, Records, Wishes, Points, Calendar, Waiting, Rankings] {
        let of = |scope: &Scope| policies.iter().find(|((of, kind), _)| of == scope && *kind == area);
        let all = scopes.iter().filter_map(|scope| Some((*scope, of(scope)?.1)));
        let each = all.flat_map(|(scope, adopted)| adopted.iter().map(move |adopted| (scope, adopted)));
        let nearest = scopes.iter().find_map(|scope| policies.at(*scope, area, today));
        found.extend(each.filter_map(|(scope, adopted)| match &adopted.policy {
            // Each year has its own.
            Policy::Calendar(of) => {
                (policies.calendar(of.year.0) == Some(of)).then_some((scope, adopted, adopted.from <= today))
            }
            _ if adopted.from > today => Some((scope, adopted, false)),
            _ => nearest.filter(|at| at.event == adopted.event).map(|at| (scope, at, true)),
        }));
    }
    found
}
