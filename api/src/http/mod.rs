//! The HTTP face for machines: one file a route, holding the handler and its documentation. The rules are elsewhere:
//! what may be asserted is for the ledger, who may see what for [`crate::visibility`].

pub mod access;
pub mod acts;
pub mod balance;
pub mod clock;
pub mod counts;
mod cursor;
pub mod events;
mod fixed;
pub mod health;
pub mod imports;
pub mod leaderboards;
pub mod ledger;
pub mod lists;
pub mod me;
pub mod members;
pub mod metrics;
pub mod names;
pub mod openapi;
pub mod orgs;
pub mod parts;
pub mod problem;
pub mod problems;
pub mod proofs;
pub(crate) mod queries;
pub mod reading;
pub mod records;
pub mod rules;
pub mod sessions;
pub mod streams;
pub mod subscribe;
pub mod tiles;
pub mod wishes;

use std::sync::Arc;

use axum::Router;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use problem::{Fault, Problem};

/// The routes that are documented, with their documentation.
fn documented() -> OpenApiRouter<Arc<App>> {
    openapi::empty()
        .routes(routes!(events::append))
        .routes(routes!(imports::preview))
        .routes(routes!(proofs::entry))
        .routes(routes!(proofs::proof))
        .routes(routes!(proofs::consistency))
        .routes(routes!(subscribe::subscribe))
        .routes(routes!(ledger::ledger))
        .routes(routes!(ledger::checkpoint))
        .routes(routes!(ledger::vkey))
        .routes(routes!(rules::rules))
        .routes(routes!(clock::clock))
        .routes(routes!(tiles::tile))
        .routes(routes!(streams::stream))
        .routes(routes!(members::member))
        .routes(routes!(balance::balance))
        .routes(routes!(records::records))
        .routes(routes!(wishes::list))
        .routes(routes!(wishes::one))
        .routes(routes!(leaderboards::leaderboard))
        .routes(routes!(lists::list))
        .routes(routes!(orgs::tree))
        .routes(routes!(orgs::one))
        .routes(routes!(sessions::challenge))
        .routes(routes!(sessions::open))
        .routes(routes!(sessions::current, sessions::close))
        .routes(routes!(me::assert))
        .routes(routes!(acts::list))
        .routes(routes!(acts::one))
        .routes(routes!(access::looks))
        .routes(routes!(access::deeds))
        .routes(routes!(problems::list))
        .routes(routes!(problems::one))
        .routes(routes!(health::alive))
        .routes(routes!(health::ready))
        .routes(routes!(metrics::metrics))
}

/// The OpenAPI 3.1 description of all routes.
#[must_use]
pub fn description() -> utoipa::openapi::OpenApi {
    openapi::finished(documented().into_openapi())
}

/// Every route of this face, the description and its offline viewer; without what [`crate::around`] adds to all of them.
pub fn router(app: Arc<App>) -> Router {
    let (routes, description) = documented().split_for_parts();
    routes
        .fallback(|| async { Problem::from(Fault::NotFound) })
        .method_not_allowed_fallback(|| async { Problem::from(Fault::MethodNotAllowed) })
        .with_state(app)
        .merge(openapi::viewer(&openapi::finished(description)))
}
