//! The routes of the pages: one file a page, each filling a view from the projections, with names from the vault as far
//! as [`crate::visibility`] lets this reader see them. The rules are elsewhere: what may be asserted is for the ledger.

mod access;
mod activities;
mod acts;
mod home;
mod hours;
mod how;
mod leaderboard;
mod lists;
mod log;
mod names;
pub(crate) mod problems;
mod signin;
mod site;
mod statement;
mod visit;
mod wish;
mod wishes;
mod words;

use std::sync::Arc;

use axum::Extension;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use tower_http::compression::CompressionLayer;

use crate::app::App;
use crate::http::problem::{Fault, Problem};
use crate::web::{dress, paths};
use site::Site;

/// Most bytes of a form: a code, a path and a few numbers.
const MAX_FORM: usize = 16 << 10;

/// The pages, with refusals as pages for whoever prefers to read HTML, beside the routes for machines, which see to that
/// themselves.
pub fn around(machines: Router, grpc: Router, app: Arc<App>) -> Router {
    let pages = Router::new()
        .route(paths::HOME, get(home::page))
        .route(paths::WISHES, get(wishes::page))
        .route("/wishes/{id}", get(wish::page))
        .route("/wishes/{id}/{act}", post(wish::act))
        .route(paths::ACTIVITIES, get(activities::page))
        .route("/activities/{activity}/{shift}/{act}", post(activities::act))
        .route(paths::LEADERBOARD, get(leaderboard::page))
        .route(paths::LISTS, get(lists::page))
        .route(paths::MY_HOURS, get(hours::own))
        .route(paths::STATEMENT, get(statement::page))
        .route(paths::ACCESS, get(access::page))
        .route(paths::OWN_ACTS, get(acts::page))
        .route(&paths::own_act("{id}", "{way}"), post(acts::act))
        .route(paths::PUBLIC_NAME, post(access::change))
        .route(paths::OWN_ROLES, post(access::lay_down))
        .route("/members/{id}", get(hours::member))
        .route(paths::SIGN_IN, get(signin::page).post(signin::submit))
        .route(paths::SIGN_OUT, post(signin::out))
        .route(paths::HOW, get(how::page))
        .route(paths::LOG, get(log::page))
        .route("/log/{position}", get(log::entry))
        .method_not_allowed_fallback(|| async { Problem::from(Fault::MethodNotAllowed) })
        .layer(DefaultBodyLimit::max(MAX_FORM))
        .layer(Extension(Arc::new(Site::default())))
        .with_state(app.clone());
    let problems = from_fn_with_state(app, problems::as_pages);
    // What is packed already cannot be read as a problem document any more.
    let pages = dress(pages).layer(problems.clone()).layer(CompressionLayer::new());
    machines.merge(pages.merge(grpc.layer(problems)))
}
