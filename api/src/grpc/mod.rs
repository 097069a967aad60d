//! The gRPC face: `hourbook.v1.LedgerService`, reflection and health, on the port of the HTTP face.

mod deadline;
mod health;
mod service;
pub mod status;
mod unread;

use std::convert::Infallible;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::middleware;
use axum::response::IntoResponse;
use hourbook_proto::FILE_DESCRIPTOR_SET;
use hourbook_proto::v1::ledger_service_server::LedgerServiceServer;
use tonic::server::NamedService;
use tonic_health::pb::health_server::HealthServer;
use tower::Service;

use crate::state::App;

/// Most bytes of a request that asks or tells little.
const SMALL: usize = 64 << 10;

fn reflection() -> tonic_reflection::server::Builder<'static> {
    tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
}

/// One service under the path of its name; methods that it does not have are answered by it, as UNIMPLEMENTED.
fn mount<S>(router: Router, service: S) -> Router
where
    S: Service<Request, Error = Infallible> + NamedService + Clone + Send + Sync + 'static,
    S::Response: IntoResponse,
    S::Future: Send + 'static,
{
    router.route_service(&format!("/{}/{{*method}}", S::NAME), service)
}

/// All services.
///
/// # Panics
/// Never: the descriptors are those that the types were made from.
pub fn router(app: Arc<App>) -> Router {
    const WELL_FORMED: &str = "the descriptors are those that the types were made from";
    let name = <LedgerServiceServer<service::LedgerServiceImpl> as NamedService>::NAME;
    let ledger = LedgerServiceServer::new(service::LedgerServiceImpl(app.clone()))
        .max_decoding_message_size(app.max_body);
    let health = HealthServer::new(health::Live { app, service: name }).max_decoding_message_size(SMALL);
    let router = mount(mount(Router::new(), ledger), health);
    let router = mount(router, reflection().build_v1().expect(WELL_FORMED));
    let router = mount(router, reflection().build_v1alpha().expect(WELL_FORMED));
    router.layer(middleware::from_fn(deadline::keep)).layer(middleware::from_fn(unread::tell))
}
