//! Every route, once.

use std::sync::Arc;

use axum::Router;

use super::middleware::ApiMiddleware;
use super::{documented, pages};
use crate::grpc;
use crate::state::App;

/// Every route.
pub fn router(app: Arc<App>) -> Router {
    let machines = documented::router(app.clone()).layer(ApiMiddleware(app.clone()));
    // What has no state yet gets it once, not at every request.
    pages::around(machines, grpc::router(app.clone()), app).with_state(())
}
