//! The routes for machines, with their documentation, which stands at each handler. The rules are elsewhere: what may be
//! asserted is for the ledger, who may see what for [`crate::auth::visibility`].

use std::sync::Arc;

use axum::Router;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::openapi;
use crate::problem::{Fault, Problem};
use crate::state::App;
use crate::{
    activities, boot, hours, imports, leaderboards, lists, log, members, operations, organisations, sign_in,
    wishes,
};

/// The routes that are documented, with their documentation.
fn documented() -> OpenApiRouter<Arc<App>> {
    openapi::empty()
        .routes(routes!(log::events::append))
        .routes(routes!(imports::api::preview))
        .routes(routes!(log::proofs::entry))
        .routes(routes!(log::proofs::proof))
        .routes(routes!(log::proofs::consistency))
        .routes(routes!(log::subscribe::subscribe))
        .routes(routes!(log::ledger::ledger))
        .routes(routes!(log::ledger::checkpoint))
        .routes(routes!(log::ledger::vkey))
        .routes(routes!(operations::rules::rules))
        .routes(routes!(operations::clock::clock))
        .routes(routes!(log::tiles::tile))
        .routes(routes!(log::streams::stream))
        .routes(routes!(members::api::member))
        .routes(routes!(members::people::api::people, members::people::api::look_for_people))
        .routes(routes!(members::registering::sheet::read))
        .routes(routes!(wishes::importing::sheet::read))
        .routes(routes!(members::registering::known::known))
        .routes(routes!(members::report_ins::list))
        .routes(routes!(members::balance::balance))
        .routes(routes!(members::records::records))
        .routes(routes!(activities::api::list))
        .routes(routes!(hours::api::list))
        .routes(routes!(organisations::policies::api::list))
        .routes(routes!(wishes::api::list))
        .routes(routes!(wishes::api::one))
        .routes(routes!(leaderboards::api::leaderboard))
        .routes(routes!(lists::api::list))
        .routes(routes!(organisations::api::tree))
        .routes(routes!(organisations::api::one))
        .routes(routes!(sign_in::api::challenge))
        .routes(routes!(sign_in::api::open))
        .routes(routes!(sign_in::api::current, sign_in::api::close))
        .routes(routes!(members::me::assert))
        .routes(routes!(members::me::draft))
        .routes(routes!(members::acts::api::list))
        .routes(routes!(members::acts::api::one))
        .routes(routes!(members::access::api::looks))
        .routes(routes!(members::access::api::deeds))
        .routes(routes!(operations::problems::list))
        .routes(routes!(operations::problems::one))
        .routes(routes!(operations::health::alive))
        .routes(routes!(operations::health::ready))
        .routes(routes!(operations::metrics::metrics))
}

/// The OpenAPI 3.1 description of all routes.
#[must_use]
pub fn description() -> utoipa::openapi::OpenApi {
    openapi::finished(documented().into_openapi(), &boot::actions())
}

/// Every route of this face, the description and its offline viewer; without what [`super::middleware`] adds to all of
/// them.
pub(crate) fn router(app: Arc<App>) -> Router {
    let (routes, description) = documented().split_for_parts();
    let mut description = openapi::finished(description, &app.actions);
    if app.origin.is_example() {
        description.info.title.push_str(" · 示范数据 demo data");
    }
    routes
        .fallback(|| async { Problem::from(Fault::NotFound) })
        .method_not_allowed_fallback(|| async { Problem::from(Fault::MethodNotAllowed) })
        .with_state(app)
        .merge(openapi::viewer(&description))
}
