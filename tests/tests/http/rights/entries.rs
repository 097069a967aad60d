//! Entries as they are, over HTTP and gRPC: they concern everybody, so an auditor of the whole ledger alone reads them, and
//! everybody is told.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use hourbook_ledger::domain::ids::PersonId;
use hourbook_ledger::wire;
use hourbook_proto::v1;
use hourbook_proto::v1::ledger_service_client::LedgerServiceClient;
use tokio::runtime::Runtime;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request};

use super::cast::*;
use super::reads::{Reader, Scene};
use super::routes::of_entries;

/// A client of the gRPC face.
pub(crate) struct Grpc {
    runtime: Runtime,
    channel: Channel,
}

impl Grpc {
    pub(crate) fn to(scene: &Scene) -> Self {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        let runtime = builder.worker_threads(1).enable_all().build().expect("a runtime");
        let endpoint = Endpoint::from_shared(format!("http://{}", scene.town.server.address));
        let channel = runtime.block_on(endpoint.expect("an address").connect()).expect("a connection");
        Self { runtime, channel }
    }

    /// What a call answers to whoever comes in by a door.
    fn ask(&self, call: &str, door: &Door, subject: PersonId) -> Code {
        let mut service = LedgerServiceClient::new(self.channel.clone());
        let stream = Some(v1::Stream { kind: v1::StreamKind::Person.into(), id: subject.0.to_vec() });
        let answer = self.runtime.block_on(async {
            match call {
                "gRPC ReadAll" => service
                    .read_all(with(door, v1::ReadAllRequest { limit: 2, ..Default::default() }))
                    .await
                    .map(drop),
                "gRPC ReadStream" => {
                    let of = v1::ReadStreamRequest { stream, limit: 2, ..Default::default() };
                    service.read_stream(with(door, of)).await.map(drop)
                }
                "gRPC Subscribe" => {
                    service.subscribe(with(door, v1::SubscribeRequest::default())).await.map(drop)
                }
                new => panic!("{new} is a new call: say here how it is made"),
            }
        });
        answer.err().map_or(Code::Ok, |status| status.code())
    }
}

fn with<T>(door: &Door, message: T) -> Request<T> {
    let mut request = Request::new(message);
    if let Door::Token(token) | Door::Over(token) = door {
        let value = format!("Bearer {token}").parse().expect("a token is ASCII");
        request.metadata_mut().insert("authorization", value);
    }
    request
}

/// Who asserted an entry.
fn actor_of(scene: &Scene, position: u64) -> PersonId {
    let bytes = scene.town.server.app.reader.entry(position).expect("the log is read").expect("an entry");
    let entry = wire::decode_entry(&bytes).expect("an entry");
    wire::decode_event(&entry.signed.payload).expect("an event").actor
}

impl Reader<'_> {
    pub(crate) fn read_entries(&mut self, scene: &Scene, grpc: &Grpc) {
        let (position, subject) = (scene.position, &scene.subjects[0]);
        for face in of_entries() {
            let may = if face == "/v1/events/{position}" {
                self.viewer.entry_by(actor_of(scene, position))
            } else {
                self.viewer.entries()
            };
            let (got, owed) = if face.starts_with("gRPC") {
                let refused =
                    if self.viewer.is_in() { Code::PermissionDenied } else { Code::Unauthenticated };
                let got = grpc.ask(face, &self.viewer.door, subject.id());
                (format!("{got:?}"), format!("{:?}", if may { Code::Ok } else { refused }))
            } else {
                let got = self.status_of(scene, face, position);
                (got.to_string(), self.owed_of_entries(face, may).to_string())
            };
            self.outcome.cells += 1;
            self.outcome.shown += usize::from(may);
            if got != owed {
                self.blame(format!("{face} answers {got}, owed {owed}"));
            }
        }
        self.expect_note(scene);
    }

    fn owed_of_entries(&self, face: &str, may: bool) -> u16 {
        match self.viewer.door {
            _ if may => 200,
            Door::Over(_) => 401,
            Door::Token(_) => 403,
            // A tile is a file: whoever asks for it without a name is told for whom it is.
            Door::Nobody if face == "/tile/{path}" => 403,
            Door::Nobody => 401,
        }
    }

    fn status_of(&mut self, scene: &Scene, face: &str, position: u64) -> u16 {
        match face {
            "/v1/events/{position}" => self.get(&format!("/v1/events/{position}")).status,
            "/tile/{path}" => self.get("/tile/entries/000").status,
            "/v1/subscribe" => subscribe(scene, &self.viewer.door),
            new => panic!("{new} is a new face: say here how it is read"),
        }
    }

    /// Everybody is told that an auditor reads entries, and of nobody else.
    fn expect_note(&mut self, scene: &Scene) {
        let noted = {
            let models = scene.town.server.app.read.read();
            models.directory.looks().at_all().any(|look| Some(look.by) == self.viewer.id)
        };
        if noted != self.viewer.entries() {
            self.blame(format!("that entries were read is {}", if noted { "noted" } else { "not noted" }));
        }
    }
}

/// The status of a subscription, whose answer has no end.
fn subscribe(scene: &Scene, door: &Door) -> u16 {
    let mut stream = TcpStream::connect(scene.town.server.address).expect("it listens");
    stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a socket");
    let token = match door {
        Door::Nobody => String::new(),
        Door::Token(token) | Door::Over(token) => format!("authorization: Bearer {token}\r\n"),
    };
    let request = format!("GET /v1/subscribe HTTP/1.1\r\nhost: {}\r\n{token}\r\n", scene.town.server.address);
    stream.write_all(request.as_bytes()).expect("it takes a request");
    let mut head = [0; 12];
    stream.read_exact(&mut head).expect("a status line");
    String::from_utf8_lossy(&head[9..]).parse().expect("a status")
}
