//! `grpc.health.v1.Health`: whether the ledger takes events.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio_stream::wrappers::ReceiverStream;
use tokio_stream::{Stream, StreamExt as _};
use tonic::{Request, Response, Status};
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_server::Health;
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};

use crate::state::App;

/// How long the writer may take to say that it is there.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often a watched status is looked at.
const PACE: Duration = Duration::from_secs(1);

/// Answers for the server as a whole (the empty name) and for the ledger's service.
pub(super) struct Live {
    pub(super) app: Arc<App>,
    pub(super) service: &'static str,
}

impl Live {
    fn knows(&self, service: &str) -> bool {
        service.is_empty() || service == self.service
    }
}

/// Asks the writer itself: it answers only while it takes events.
async fn status(app: &App) -> ServingStatus {
    let alive = tokio::time::timeout(PATIENCE, app.handle.read_state(|_, _| ())).await;
    let takes_events =
        app.handle.clock_fault().is_none() && app.handle.has_room().is_ok() && !*app.ending().borrow();
    if matches!(alive, Ok(Ok(()))) && takes_events {
        ServingStatus::Serving
    } else {
        ServingStatus::NotServing
    }
}

fn answer(status: ServingStatus) -> HealthCheckResponse {
    HealthCheckResponse { status: status.into() }
}

#[tonic::async_trait]
impl Health for Live {
    async fn check(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        if !self.knows(&request.get_ref().service) {
            return Err(Status::not_found("no such service here"));
        }
        Ok(Response::new(answer(status(&self.app).await)))
    }

    type WatchStream = Pin<Box<dyn Stream<Item = Result<HealthCheckResponse, Status>> + Send>>;

    async fn watch(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        let known = self.knows(&request.get_ref().service);
        let (app, mut ending) = (self.app.clone(), self.app.ending());
        let mut end = async move || {
            let _ = ending.wait_for(|ending| *ending).await;
        };
        let (sender, statuses) = tokio::sync::mpsc::channel(1);
        tokio::spawn(async move {
            let mut said = None;
            loop {
                let now = if known { status(&app).await } else { ServingStatus::ServiceUnknown };
                if said != Some(now) && sender.send(now).await.is_err() {
                    return;
                }
                said = Some(now);
                tokio::select! {
                    () = tokio::time::sleep(PACE) => {}
                    () = sender.closed() => return,
                    () = end() => {
                        let _ = sender.send(ServingStatus::NotServing).await;
                        return;
                    }
                }
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(statuses).map(|status| Ok(answer(status))))))
    }
}
