//! `hourbook.v1.LedgerService`.

use std::pin::Pin;
use std::sync::Arc;

use hourbook_ledger::domain::event::BodyKind;
use hourbook_ledger::domain::ids::{OrgId, PersonId};
use hourbook_ledger::engine::Order;
use hourbook_ledger::wire;
use hourbook_proto::v1;
use hourbook_proto::v1::ledger_service_server::LedgerService;
use hourbook_proto::v1::subscribe_response::Step as Sent;
use tokio_stream::{Stream, StreamExt as _};
use tonic::{Request, Response, Status};

use super::deadline;
use crate::auth::extract::by_token;
use crate::auth::token::Session;
use crate::log::events::{proofs, submission, unreadable};
use crate::log::feed::{self, Filter, Logged, MAX_PAGE, Page, Step};
use crate::log::proving::{Prover, ProvingError};
use crate::problem::{Fault, Problem};
use crate::state::App;

/// Events of a page if the request does not say.
const USUAL_PAGE: usize = 100;

/// The service over one ledger.
pub(super) struct LedgerServiceImpl(pub(super) Arc<App>);

impl LedgerServiceImpl {
    fn session<T>(&self, request: &Request<T>) -> Result<Option<Session>, Problem> {
        by_token(&self.0, &request.metadata().clone().into_headers())
    }

    /// Reads away from the runtime's threads: storage may have to be waited for.
    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&App) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Status> {
        let app = self.0.clone();
        let read = tokio::task::spawn_blocking(move || read(&app)).await;
        Ok(read.map_err(|error| Problem::internal(&error))??)
    }
}

fn bad(why: impl std::fmt::Display) -> Problem {
    Fault::BadRequest.because(why)
}

fn order(direction: i32) -> Result<Order, Problem> {
    match v1::Direction::try_from(direction) {
        Ok(v1::Direction::Unspecified | v1::Direction::Forward) => Ok(Order::Forward),
        Ok(v1::Direction::Backward) => Ok(Order::Backward),
        Err(_) => Err(bad(format_args!("direction: {direction} is none"))),
    }
}

fn limit(limit: u32) -> Result<usize, Problem> {
    match limit as usize {
        0 => Ok(USUAL_PAGE),
        limit @ 1..=MAX_PAGE => Ok(limit),
        more => Err(bad(format_args!("limit: {more}, at most {MAX_PAGE}"))),
    }
}

fn id(name: &str, bytes: &[u8]) -> Result<[u8; 16], Problem> {
    bytes.try_into().map_err(|_| bad(format_args!("{name}: {} bytes, not 16", bytes.len())))
}

fn filter(filter: Option<v1::Filter>) -> Result<Filter, Problem> {
    let v1::Filter { kinds, streams, orgs, actors } = filter.unwrap_or_default();
    let longest = kinds.len().max(streams.len()).max(orgs.len()).max(actors.len());
    if longest > Filter::MAX_VALUES {
        return Err(bad(format_args!("filter: {longest} values in a list, at most {}", Filter::MAX_VALUES)));
    }
    let kind = |name: String| {
        let found = BodyKind::named(&name);
        found.ok_or_else(|| bad(format_args!("filter.kinds: there is no `{name}`")))
    };
    let stream = |s| wire::read_stream(s).map_err(|error| bad(format_args!("filter.streams: {error}")));
    Ok(Filter {
        kinds: kinds.into_iter().map(kind).collect::<Result<_, _>>()?,
        streams: streams.into_iter().map(stream).collect::<Result<_, _>>()?,
        orgs: orgs.iter().map(|org| id("filter.orgs", org).map(OrgId)).collect::<Result<_, _>>()?,
        actors: actors.iter().map(|who| id("filter.actors", who).map(PersonId)).collect::<Result<_, _>>()?,
    })
}

fn logged(logged: &Logged) -> v1::LoggedEntry {
    v1::LoggedEntry { position: logged.position, entry: logged.bytes.to_vec() }
}

fn entries(page: &Page) -> Vec<v1::LoggedEntry> {
    page.entries.iter().map(logged).collect()
}

#[tonic::async_trait]
impl LedgerService for LedgerServiceImpl {
    async fn append(
        &self,
        request: Request<v1::AppendRequest>,
    ) -> Result<Response<v1::AppendResponse>, Status> {
        let request = request.into_inner();
        let with_proofs = !request.without_proofs;
        let read = wire::read_submissions(request).map_err(|error| unreadable(&error))?;
        let receipts = self.0.hand_in(read.into_iter().map(submission).collect()).await?;
        let proofs = if with_proofs { proofs(&self.0, &receipts).await } else { Vec::new() };
        Ok(Response::new(wire::write_receipts(&receipts, proofs)))
    }

    async fn read_stream(
        &self,
        request: Request<v1::ReadStreamRequest>,
    ) -> Result<Response<v1::ReadStreamResponse>, Status> {
        feed::admit(&self.0, self.session(&request)?).await?;
        let request = request.into_inner();
        let stream = request.stream.ok_or_else(|| bad("stream: missing"))?;
        let stream = wire::read_stream(stream).map_err(|error| bad(format_args!("stream: {error}")))?;
        let (order, limit) = (order(request.direction)?, limit(request.limit)?);
        let from = request.from_revision;
        let page = self.read(move |app| feed::of_stream(&*app.reader, stream, order, from, limit)).await?;
        Ok(Response::new(v1::ReadStreamResponse {
            entries: entries(&page),
            next_revision: page.next,
            as_of_position: page.as_of,
        }))
    }

    async fn read_all(
        &self,
        request: Request<v1::ReadAllRequest>,
    ) -> Result<Response<v1::ReadAllResponse>, Status> {
        feed::admit(&self.0, self.session(&request)?).await?;
        let request = request.into_inner();
        let filter = filter(request.filter)?;
        let (order, limit) = (order(request.direction)?, limit(request.limit)?);
        let from = request.from_position;
        let page = self.read(move |app| feed::of_log(&*app.reader, &filter, order, from, limit)).await?;
        Ok(Response::new(v1::ReadAllResponse {
            entries: entries(&page),
            next_position: page.next,
            as_of_position: page.as_of,
        }))
    }

    type SubscribeStream = Pin<Box<dyn Stream<Item = Result<v1::SubscribeResponse, Status>> + Send>>;

    async fn subscribe(
        &self,
        request: Request<v1::SubscribeRequest>,
    ) -> Result<Response<Self::SubscribeStream>, Status> {
        let session = self.session(&request)?;
        let until = deadline::of(request.metadata().as_ref());
        let request = request.into_inner();
        let steps =
            feed::follow(&self.0, session, request.from_position, filter(request.filter)?, until).await?;
        let steps = steps.map(|step| match step {
            Ok(Step::Entry(entry)) => Ok(sent(Sent::Entry(logged(&entry)))),
            Ok(Step::CaughtUp(next)) => Ok(sent(Sent::CaughtUp(v1::CaughtUp { next_position: next }))),
            Err(end) => Err(end.into()),
        });
        Ok(Response::new(Box::pin(steps)))
    }

    async fn get_checkpoint(
        &self,
        request: Request<v1::GetCheckpointRequest>,
    ) -> Result<Response<v1::GetCheckpointResponse>, Status> {
        let from = request.get_ref().from_size;
        let prove = move |app: &App| {
            let prover = Prover::new(app.reader.clone());
            let head = prover.head();
            let checkpoint = String::from_utf8_lossy(&head.checkpoint).into_owned();
            let hashes = prover.consistency(from, head.size).map_err(|error| match error {
                ProvingError::Beyond { size } => {
                    Fault::BadSizes.because(format_args!("the log has {size} entries"))
                }
                broken => Problem::internal(&broken),
            })?;
            let consistency = hashes.into_iter().map(Vec::from).collect();
            Ok(v1::GetCheckpointResponse { checkpoint, consistency })
        };
        Ok(Response::new(self.read(prove).await?))
    }
}

fn sent(step: Sent) -> v1::SubscribeResponse {
    v1::SubscribeResponse { step: Some(step) }
}
