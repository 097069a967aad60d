//! Reflection, health, deadlines, checkpoints.

use std::time::Duration;

use hourbook::server::{Serving, Tls};
use hourbook_ledger::checkpoint;
use hourbook_ledger::merkle::{Hash, verify_consistency};
use hourbook_ledger::note::{Note, VerifierKey};
use hourbook_proto::v1;
use hourbook_tests::server::Server;
use hourbook_tests::town::*;
use tokio_stream::StreamExt as _;
use tonic::{Code, Request};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;

use crate::client::*;

fn ask(client: &Client, question: MessageRequest) -> MessageResponse {
    let request = ServerReflectionRequest { host: String::new(), message_request: Some(question) };
    client.runtime.block_on(async {
        let mut reflection = ServerReflectionClient::new(client.channel.clone());
        let answers = reflection.server_reflection_info(tokio_stream::once(request)).await.unwrap();
        answers.into_inner().next().await.unwrap().unwrap().message_response.unwrap()
    })
}

#[test]
fn reflection_lists_the_services_and_describes_them() {
    let server = Server::start();
    let client = Client::new(&server);
    let MessageResponse::ListServicesResponse(list) =
        ask(&client, MessageRequest::ListServices(String::new()))
    else {
        panic!("a list")
    };
    let names: Vec<&str> = list.service.iter().map(|service| service.name.as_str()).collect();
    for name in ["hourbook.v1.LedgerService", "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection"]
    {
        assert!(names.contains(&name), "{names:?}");
    }
    let symbol = MessageRequest::FileContainingSymbol("hourbook.v1.LedgerService".to_owned());
    let MessageResponse::FileDescriptorResponse(files) = ask(&client, symbol) else { panic!("a file") };
    assert!(files.file_descriptor_proto.iter().any(|file| file.windows(9).any(|part| part == b"Subscribe")));
}

fn health(client: &Client, service: &str) -> Result<ServingStatus, tonic::Status> {
    let request = HealthCheckRequest { service: service.to_owned() };
    client.runtime.block_on(async {
        Ok(HealthClient::new(client.channel.clone()).check(request).await?.into_inner().status())
    })
}

#[test]
fn health_follows_the_ledger() {
    let town = Town::start();
    let client = Client::new(&town.server);
    let request = HealthCheckRequest::default();
    let mut watched = client.runtime.block_on(async {
        HealthClient::new(client.channel.clone()).watch(request).await.unwrap().into_inner()
    });
    let mut next = || client.runtime.block_on(watched.message()).unwrap().unwrap().status();
    assert_eq!(next(), ServingStatus::Serving);
    for name in ["", "hourbook.v1.LedgerService"] {
        assert_eq!(health(&client, name).unwrap(), ServingStatus::Serving);
    }
    assert_eq!(health(&client, "no.such.Service").unwrap_err().code(), Code::NotFound);
    town.server.app.close();
    for name in ["", "hourbook.v1.LedgerService"] {
        assert_eq!(health(&client, name).unwrap(), ServingStatus::NotServing);
    }
    assert_eq!(next(), ServingStatus::NotServing);
    let refused = client.append(&[town.by(ANN, consent(true))]).unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::Unavailable, "stopped"));
}

#[test]
fn a_checkpoint_comes_with_the_proof_that_it_grew() {
    let town = Town::start();
    let client = Client::new(&town.server);
    let get = |from_size| {
        let request = v1::GetCheckpointRequest { from_size };
        client
            .runtime
            .block_on(async { client.service().get_checkpoint(request).await })
            .map(|r| r.into_inner())
    };
    let key: VerifierKey = town.server.get("/log.vkey").text().trim().parse().unwrap();
    let head = |answer: &v1::GetCheckpointResponse| {
        checkpoint::verify(&Note::parse(answer.checkpoint.as_bytes()).unwrap(), &key, &[]).unwrap().checkpoint
    };
    let old = head(&get(0).unwrap());
    grow(&town, 1, 30);
    let answer = get(old.size).unwrap();
    let new = head(&answer);
    let hashes: Vec<Hash> = answer.consistency.into_iter().map(|hash| hash.try_into().unwrap()).collect();
    verify_consistency(old.size, new.size, &old.root, &new.root, &hashes).unwrap();
    let refused = get(new.size + 1).unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::InvalidArgument, "bad-sizes"));
}

#[test]
fn the_same_services_answer_over_tls() {
    let tls = Tls::load(&tls_file("first.pem"), &tls_file("first.key")).unwrap();
    let server = Server::start_serving(|_| {}, Serving { tls: Some(tls), ..Serving::default() });
    let client = Client::over_tls(&server);
    assert_eq!(health(&client, "hourbook.v1.LedgerService").unwrap(), ServingStatus::Serving);
    let request = v1::GetCheckpointRequest { from_size: 0 };
    let answer = client.runtime.block_on(async { client.service().get_checkpoint(request).await });
    assert_eq!(answer.unwrap().into_inner().checkpoint.as_bytes(), &*server.app.reader.head().checkpoint);
}

#[test]
fn a_call_ends_at_its_deadline_and_a_token_must_be_good() {
    let town = Town::start();
    let client = Client::new(&town.server).signed_in(&town.server, AUDITOR);
    let mut request =
        client.request(v1::SubscribeRequest { from_position: size(&town.server), filter: None });
    request.set_timeout(Duration::from_millis(700));
    let mut steps =
        client.runtime.block_on(async { client.service().subscribe(request).await.unwrap().into_inner() });
    let ended = loop {
        match client.next(&mut steps) {
            Ok(Some(_)) => {}
            Ok(None) => panic!("it ended without a word"),
            Err(status) => break status,
        }
    };
    assert!(matches!(ended.code(), Code::DeadlineExceeded | Code::Cancelled), "{ended:?}");

    let mut request = Request::new(v1::ReadAllRequest::default());
    request.metadata_mut().insert("authorization", "Bearer hb1.AAAA".parse().unwrap());
    let refused = client.runtime.block_on(async { client.service().read_all(request).await }).unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::Unauthenticated, "session-over"));
    let answer = town.server.get("/hourbook.v1.LedgerService/NoSuchMethod");
    assert_ne!(answer.status, 500);
}

/// Longer than a connection may be idle, and quiet all the time.
#[test]
fn an_open_stream_keeps_its_connection() {
    let serving = Serving { head: Duration::from_millis(300), ..Serving::default() };
    let server = Server::start_serving(|_| {}, serving);
    let client = Client::new(&server);
    let mut statuses = client.runtime.block_on(async {
        let request = HealthCheckRequest { service: String::new() };
        HealthClient::new(client.channel.clone()).watch(request).await.unwrap().into_inner()
    });
    assert_eq!(
        client.runtime.block_on(statuses.message()).unwrap().unwrap().status(),
        ServingStatus::Serving
    );
    let next = client
        .runtime
        .block_on(async { tokio::time::timeout(Duration::from_secs(3), statuses.message()).await });
    assert!(next.is_err(), "it is open: {next:?}");
    drop(statuses);
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(health(&client, "").unwrap(), ServingStatus::Serving, "the client connects again by itself");
}
