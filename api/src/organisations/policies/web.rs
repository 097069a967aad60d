//! `/policies`: for everybody.

use axum::response::Response;
use hourbook_ledger::domain::event::{Role, Scope};
use hourbook_ledger::domain::ids::OrgId;
use hourbook_ledger::domain::policy::{Adopted, Policy, PolicyArea};
use hourbook_ledger::domain::time::Date;
use hourbook_projections::Models;
use serde::Deserialize;

use super::{api, draft, page};
use crate::http::extract::Query;
use crate::problem::{Fault, Problem};
use crate::ui::components::Choice;
use crate::ui::request::PageRequest;
use crate::ui::{names, paths, policy_words};

/// Who adopts policies.
pub(super) const ADOPTERS: [Role; 2] = [Role::Founder, Role::Steward];

/// For whom.
#[derive(Deserialize)]
pub(crate) struct PoliciesQuery {
    org: Option<String>,
}

pub(crate) async fn page(
    request: PageRequest,
    Query(query): Query<PoliciesQuery>,
) -> Result<Response, Problem> {
    let models = request.app.read.read();
    let scope = scope(&models, query.org.as_deref())?;
    let today = request.today(&models);
    let adopted = api::adopted(models.directory.register(), scope, today);
    let view = page::View {
        scopes: scopes(&request, &models, scope),
        policies: adopted
            .into_iter()
            .filter(|(_, adopted, _)| !is_over(adopted, today))
            .map(|one| shown(&request, &models, scope, one))
            .collect(),
    };
    request.draw(&models, |shell| page::render(shell, &view))
}

/// Calendars of past years count late hours still, but say nothing to whoever asks what holds.
fn is_over(adopted: &Adopted, today: Date) -> bool {
    matches!(&adopted.policy, Policy::Calendar(calendar) if calendar.year.0 < today.ymd().0)
}

/// The scope that a query names; the whole ledger if none.
pub(super) fn scope(models: &Models, text: Option<&str>) -> Result<Scope, Problem> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(Scope::Ledger) };
    let org: OrgId = text.parse().map_err(|_| Fault::NotFound)?;
    models.directory.org(org).map(|_| Scope::Org(org)).ok_or(Fault::NotFound.into())
}

/// Streets and communities have policies of their own; others are not offered, but may be named in the address.
fn scopes(request: &PageRequest, models: &Models, current: Scope) -> Vec<Choice> {
    let all = request.lang().t("全账簿", "The whole ledger").to_owned();
    let territories = request.site.places(models).territories.clone();
    let here = |org: OrgId| current == Scope::Org(org);
    let known: Vec<OrgId> = territories.iter().map(|(org, _)| *org).collect();
    let other = current.org().filter(|org| !known.contains(org));
    let other = other.map(|org| Choice::of(org, names::org(&models.directory, org), true));
    let named = territories.into_iter().map(|(org, name)| Choice::of(org, name, here(org)));
    std::iter::once(Choice::of("", all, current == Scope::Ledger)).chain(named).chain(other).collect()
}

fn shown(
    request: &PageRequest,
    models: &Models,
    asked: Scope,
    (scope, adopted, in_force): (Scope, &Adopted, bool),
) -> page::Policy {
    let lang = request.lang();
    let named = |org| names::org(&models.directory, org);
    let area = adopted.policy.area();
    page::Policy {
        area: {
            let (zh, en) = policy_words::area(area);
            lang.t(zh, en)
        },
        in_force,
        from: adopted.from.to_string(),
        org: scope.org().map(named),
        says: policy_words::sentences(lang, &adopted.policy, named),
        basis: policy_words::basis(&adopted.policy)
            .map(|basis| (basis.document.clone(), basis.issuer.clone())),
        next: may_adopt(request, models, asked, area)
            .then(|| paths::policy_draft(draft::slug(area), asked.org())),
    }
}

/// Whether the reader could adopt a policy of an area for a scope.
pub(super) fn may_adopt(request: &PageRequest, models: &Models, scope: Scope, area: PolicyArea) -> bool {
    let visibility = request.visibility(models);
    let holds = |wanted: Scope| match wanted {
        Scope::Org(org) => visibility.holds(&ADOPTERS, org),
        Scope::Ledger => {
            visibility.roles().any(|(role, held)| ADOPTERS.contains(&role) && held == Scope::Ledger)
        }
    };
    draft::is_drafted(area) && holds(scope) && (scope == Scope::Ledger || !area.is_ledger_wide())
}
