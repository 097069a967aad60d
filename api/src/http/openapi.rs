//! `/openapi.json` and `/docs`: the description of every route, and a viewer that needs no other host.

use std::sync::Arc;

use axum::Router;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;
use utoipa_swagger_ui::SwaggerUi;

use crate::app::App;
use crate::session::COOKIE;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Hourbook 时光簿",
        description = "A time bank on a signed log. Whoever writes signs; whoever reads may check.\n\n\
            Every answer that comes from the log carries `as_of_position`: the number of entries that it rests on. \
            A reader who needs its own write passes the position of its receipt as `min_position`; the answer then \
            rests on it, or is `not-yet` after two seconds.\n\n\
            Every refusal is a problem document (RFC 9457) with a stable `code` and a text in Chinese and English; \
            `/problems` lists them in the order in which they are checked.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    modifiers(&Ways),
    tags(
        (name = "events", description = "Signed events in, entries and proofs out"),
        (name = "ledger", description = "The log as anybody can check it"),
        (name = "members", description = "A person's record and credit"),
        (name = "wishes", description = "Micro-wishes"),
        (name = "boards", description = "Leaderboards, red and yellow lists"),
        (name = "organisations", description = "The tree of organisations"),
        (name = "sessions", description = "Signing in, and what a signed-in person may do"),
        (name = "problems", description = "Refusal codes"),
        (name = "operation", description = "For whoever runs the server"),
    )
)]
struct Description;

/// The two ways to carry a session.
struct Ways;

impl Modify for Ways {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let components = openapi.components.get_or_insert_default();
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        components.add_security_scheme("token", SecurityScheme::Http(bearer));
        let cookie = ApiKey::Cookie(ApiKeyValue::new(COOKIE));
        components.add_security_scheme("cookie", SecurityScheme::ApiKey(cookie));
    }
}

/// The description before any route.
pub(super) fn empty() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::with_openapi(Description::openapi())
}

/// Serves the description and the viewer, both from the binary.
pub(super) fn viewer(description: utoipa::openapi::OpenApi) -> Router {
    SwaggerUi::new("/docs").url("/openapi.json", description).into()
}
