//! A client and a few words for the tests.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use hourbook_ledger::domain::event::{Body, StreamKind};
use hourbook_ledger::envelope::Submission;
use hourbook_ledger::wire;
use hourbook_proto::v1;
use hourbook_proto::v1::ledger_service_client::LedgerServiceClient;
use hourbook_proto::v1::subscribe_response::Step;
use hourbook_tests::server::{Server, person};
use hourbook_tests::town::*;
use hyper_util::rt::TokioIo;
use prost::Message as _;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tonic::metadata::MetadataValue;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status, Streaming};
use tonic_types::StatusExt as _;

/// A file of the tests' own certificates.
pub(crate) fn tls_file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tls").join(name)
}

async fn tls_stream(address: SocketAddr) -> std::io::Result<TokioIo<TlsStream<TcpStream>>> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(tls_file("ca.pem")).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let mut config = config.unwrap().with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec()];
    let stream = TcpStream::connect(address).await?;
    let name = "localhost".try_into().unwrap();
    Ok(TokioIo::new(TlsConnector::from(Arc::new(config)).connect(name, stream).await?))
}

/// A client on a runtime of its own.
pub(crate) struct Client {
    pub(crate) runtime: Runtime,
    pub(crate) channel: Channel,
    token: Option<String>,
}

impl Client {
    pub(crate) fn new(server: &Server) -> Self {
        Self::with(server, |endpoint| endpoint)
    }

    pub(crate) fn with(server: &Server, change: impl FnOnce(Endpoint) -> Endpoint) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let endpoint = Endpoint::from_shared(format!("http://{}", server.address)).unwrap();
        let endpoint = change(endpoint.connect_timeout(Duration::from_secs(5)));
        let channel = runtime.block_on(endpoint.connect()).unwrap();
        Self { runtime, channel, token: None }
    }

    /// Over TLS, trusting who signed the certificates of the tests.
    pub(crate) fn over_tls(server: &Server) -> Self {
        let runtime = Runtime::new().unwrap();
        let address = server.address;
        let connector = tower::service_fn(move |_| tls_stream(address));
        // The stream is encrypted already when the channel gets it.
        let endpoint = Endpoint::from_static("http://localhost");
        let channel = runtime.block_on(endpoint.connect_with_connector(connector)).unwrap();
        Self { runtime, channel, token: None }
    }

    /// The same, signed in.
    pub(crate) fn signed_in(mut self, server: &Server, seed: u8) -> Self {
        self.token = Some(server.sign_in(seed));
        self
    }

    pub(crate) fn request<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        if let Some(token) = &self.token {
            let value: MetadataValue<_> = format!("Bearer {token}").parse().unwrap();
            request.metadata_mut().insert("authorization", value);
        }
        request
    }

    pub(crate) fn service(&self) -> LedgerServiceClient<Channel> {
        LedgerServiceClient::new(self.channel.clone()).max_decoding_message_size(64 << 20)
    }

    pub(crate) fn append(&self, submissions: &[Submission]) -> Result<v1::AppendResponse, Status> {
        let answer = self.service_append(append_request(submissions));
        answer.map(tonic::Response::into_inner)
    }

    fn service_append(
        &self,
        request: v1::AppendRequest,
    ) -> Result<tonic::Response<v1::AppendResponse>, Status> {
        let request = self.request(request);
        self.runtime.block_on(async { self.service().append(request).await })
    }

    pub(crate) fn read_stream(
        &self,
        request: v1::ReadStreamRequest,
    ) -> Result<v1::ReadStreamResponse, Status> {
        let request = self.request(request);
        self.runtime.block_on(async { Ok(self.service().read_stream(request).await?.into_inner()) })
    }

    pub(crate) fn read_all(&self, request: v1::ReadAllRequest) -> Result<v1::ReadAllResponse, Status> {
        let request = self.request(request);
        self.runtime.block_on(async { Ok(self.service().read_all(request).await?.into_inner()) })
    }

    pub(crate) fn subscribe(
        &self,
        from_position: u64,
        filter: Option<v1::Filter>,
    ) -> Result<Streaming<v1::SubscribeResponse>, Status> {
        let request = self.request(v1::SubscribeRequest { from_position, filter });
        self.runtime.block_on(async { Ok(self.service().subscribe(request).await?.into_inner()) })
    }

    /// The next step within ten seconds; `None` at the end of the stream.
    pub(crate) fn next(&self, steps: &mut Streaming<v1::SubscribeResponse>) -> Result<Option<Step>, Status> {
        let next = async { tokio::time::timeout(Duration::from_secs(10), steps.message()).await };
        let message = self.runtime.block_on(next).expect("a step in time")?;
        Ok(message.map(|message| message.step.expect("a known step")))
    }

    /// The next entry's position, past any word that there is nothing.
    pub(crate) fn next_entry(&self, steps: &mut Streaming<v1::SubscribeResponse>) -> v1::LoggedEntry {
        loop {
            match self.next(steps).unwrap().expect("it goes on") {
                Step::Entry(entry) => return entry,
                Step::CaughtUp(_) => {}
            }
        }
    }
}

pub(crate) fn append_request(submissions: &[Submission]) -> v1::AppendRequest {
    let submissions = submissions.iter().cloned();
    let submissions: Vec<_> =
        submissions.map(|s| wire::Submission { signed: s.signed, openings: s.openings }).collect();
    v1::AppendRequest::decode(&wire::encode_submissions(&submissions)[..]).unwrap()
}

pub(crate) fn consent(agreed: bool) -> Body {
    Body::public_name(person(ANN), agreed)
}

pub(crate) fn stream(kind: StreamKind, id: [u8; 16]) -> v1::Stream {
    v1::Stream { kind: i32::from(kind as u8), id: id.to_vec() }
}

/// The code in the details.
pub(crate) fn reason(status: &Status) -> String {
    status.get_details_error_info().map(|info| info.reason).unwrap_or_default()
}

pub(crate) fn size(server: &Server) -> u64 {
    server.app.reader.head().size
}

pub(crate) fn positions(entries: &[v1::LoggedEntry]) -> Vec<u64> {
    entries.iter().map(|entry| entry.position).collect()
}

/// A few hundred events more, two at a time by Ann.
pub(crate) fn grow(town: &Town, batches: usize, each: usize) {
    for _ in 0..batches {
        let batch: Vec<_> = (0..each).map(|n| town.by(ANN, consent(n % 2 == 0))).collect();
        let body = hourbook_tests::server::batch(&batch);
        let answer = town.server.post("/v1/events?proofs=false", &body);
        assert_eq!(answer.status, 201, "{}", answer.text());
    }
}
