//! The routes of the pages. Each handler fills a view from the projections, with names from the vault as far as
//! [`crate::auth::visibility`] lets this reader see them. The rules are elsewhere: what may be asserted is for the ledger.

use std::sync::Arc;

use axum::Extension;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use tower_http::compression::CompressionLayer;

use crate::problem::{Fault, Problem};
use crate::state::App;
use crate::town::web::Overviews;
use crate::ui::site::Site;
use crate::ui::{dress, error_pages, paths};
use crate::{
    activities, feedback, hours, imports, leaderboards, lists, log, members, organisations, sign_in, today,
    town, wishes,
};

/// Most bytes of a form: a code, a path and a few numbers.
const MAX_FORM: usize = 16 << 10;

/// The pages, with refusals as pages for whoever prefers to read HTML, beside the routes for machines, which see to that
/// themselves.
pub(crate) fn around(machines: Router, grpc: Router, app: Arc<App>) -> Router {
    let pages = Router::new()
        .route(paths::HOME, get(town::web::page))
        .route(paths::WISHES, get(wishes::board::web::page))
        .route(paths::POST_WISH, get(wishes::posting::web::page))
        .route(paths::IMPORT_WISHES, get(wishes::importing::web::page))
        .route(paths::VETTING, get(wishes::vetting::web::page))
        .route(paths::WALL, get(wishes::wall::web::page))
        .route(paths::CLAIMING, get(wishes::together::web::page))
        .route("/wishes/{id}", get(wishes::web::page))
        .route("/wishes/{id}/hours", get(wishes::helped::web::page))
        .route("/wishes/{id}/{act}", post(wishes::web::act))
        .route(paths::ACTIVITIES, get(activities::web::page))
        .route(paths::PLAN, get(activities::planning::web::page))
        .route("/activities/{activity}", get(activities::one::web::page))
        .route("/activities/{activity}/roll", get(activities::roll::web::page))
        .route("/activities/{activity}/sheet", get(activities::sheet::web::page))
        .route("/activities/{activity}/{shift}/{act}", post(activities::web::act))
        .route(paths::LEADERBOARD, get(leaderboards::web::page))
        .route(paths::LISTS, get(lists::web::page))
        .route(paths::MY_HOURS, get(members::hours::web::own))
        .route(paths::STATEMENT, get(members::statement::web::page))
        .route(paths::ACCESS, get(members::access::web::page))
        .route(paths::TODAY, get(today::web::page))
        .route(paths::COMMUNITIES, get(today::communities::web::page))
        .route("/communities.xlsx", get(today::communities::web::workbook))
        .route(paths::FEEDBACK, get(feedback::web::page))
        .route("/feedback.xlsx", get(feedback::web::workbook))
        .route("/hours/{id}", get(hours::web::page))
        .route(paths::IMPORT, get(imports::web::page))
        .route(paths::REPORT_INS, get(members::answering::web::page))
        .route(paths::COLLEAGUES, get(members::colleagues::web::page))
        .route(paths::PEOPLE, get(members::people::web::page).post(members::people::web::look))
        .route("/people/{id}", get(members::person::web::page))
        .route(paths::ORGS, get(organisations::web::page))
        .route(paths::POLICIES, get(organisations::policies::web::page))
        .route(paths::POLICY_DRAFT, get(organisations::policies::draft::web::page))
        .route(paths::REGISTER, get(members::registering::web::page))
        .route(paths::SLIPS, get(members::registering::web::slips))
        .route(paths::OWN_KEYS, get(members::keys::web::page))
        .route(paths::OWN_ACTS, get(members::acts::web::page))
        .route(&paths::own_act("{id}", "{way}"), post(members::acts::web::act))
        .route(paths::PUBLIC_NAME, post(members::access::web::change))
        .route(paths::OWN_ROLES, post(members::access::web::lay_down))
        .route("/members/{id}", get(members::hours::web::member))
        .route(paths::SIGN_IN, get(sign_in::web::page).post(sign_in::web::submit))
        .route(paths::SIGN_OUT, post(sign_in::web::out))
        .route(paths::HOW, get(town::how::web::page))
        .route(paths::HTTPS, get(town::https::web::page))
        .route(paths::AUTHORITY, get(town::https::web::certificate))
        .route(paths::LOG, get(log::web::page))
        .route("/log/{position}", get(log::web::entry))
        .method_not_allowed_fallback(|| async { Problem::from(Fault::MethodNotAllowed) })
        .layer(DefaultBodyLimit::max(MAX_FORM))
        .layer(Extension(Arc::new(Site::default())))
        .layer(Extension(Arc::new(Overviews::default())))
        .with_state(app.clone());
    let problems = from_fn_with_state(app, error_pages::as_pages);
    // What is packed already cannot be read as a problem document any more.
    let pages = dress(pages).layer(problems.clone()).layer(CompressionLayer::new());
    machines.merge(pages.merge(grpc.layer(problems)))
}

#[cfg(test)]
mod tests;
