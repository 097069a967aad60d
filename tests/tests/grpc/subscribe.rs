//! Following the log: over gRPC and as server-sent events.

use hourbook_ledger::domain::event::{Body, Role, RoleEvent, Scope};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use hourbook::log::feed::Filter;
use hourbook_ledger::domain::ids::OrgId;
use hourbook_ledger::merkle::leaf_hash;
use hourbook_proto::v1;
use hourbook_proto::v1::subscribe_response::Step;
use hourbook_tests::server::{Server, person};
use hourbook_tests::town::*;
use serde_json::Value;
use tonic::{Code, Status};

use crate::client::*;

fn resume_from(status: &Status) -> u64 {
    status.metadata().get("hourbook-resume-from").unwrap().to_str().unwrap().parse().unwrap()
}

#[test]
fn what_was_there_and_what_comes_arrive_once_each_in_order() {
    let town = Town::start();
    let client = Client::new(&town.server).signed_in(&town.server, AUDITOR);
    let mut steps = client.subscribe(3, None).unwrap();
    let before = size(&town.server);
    std::thread::scope(|scope| {
        // Grows while the subscriber is still catching up.
        scope.spawn(|| (0..60).for_each(|_| grow(&town, 1, 7)));
        let read: Vec<_> = (3..before + 420).map(|_| client.next_entry(&mut steps)).collect();
        assert_eq!(positions(&read), (3..before + 420).collect::<Vec<_>>());
        let tile = town.server.get("/tile/0/000").bytes;
        for entry in read.iter().filter(|entry| entry.position < 256) {
            let at = entry.position as usize * 32;
            assert_eq!(leaf_hash(&entry.entry)[..], tile[at..at + 32]);
        }
    });
    let end = size(&town.server);
    loop {
        match client.next(&mut steps).unwrap().unwrap() {
            Step::CaughtUp(caught) if caught.next_position == end => break,
            Step::CaughtUp(_) => {}
            Step::Entry(entry) => panic!("{} came twice", entry.position),
        }
    }
    town.must(ANN, consent(true), vec![]);
    assert_eq!(client.next_entry(&mut steps).position, end, "live");
}

#[test]
fn a_subscription_goes_on_after_a_restart_where_the_server_said() {
    let town = Town::start();
    let client = Client::new(&town.server).signed_in(&town.server, AUDITOR);
    let mut steps = client.subscribe(0, None).unwrap();
    let first: Vec<u64> = (0..5).map(|_| client.next_entry(&mut steps).position).collect();
    assert_eq!(first, [0, 1, 2, 3, 4]);
    let size_then = size(&town.server);
    let (ended, read) = std::thread::scope(|scope| {
        let rest = scope.spawn(|| {
            let mut read = 5;
            loop {
                match client.next(&mut steps) {
                    Ok(Some(Step::Entry(entry))) => {
                        assert_eq!(entry.position, read);
                        read += 1;
                    }
                    Ok(Some(Step::CaughtUp(_))) => {}
                    Ok(None) => panic!("it ended without a word"),
                    Err(status) => return (status, read),
                }
            }
        });
        std::thread::sleep(Duration::from_millis(300));
        town.server.app.end_soon();
        rest.join().unwrap()
    });
    assert_eq!((ended.code(), reason(&ended).as_str()), (Code::Unavailable, "ending"));
    assert_eq!((resume_from(&ended), read), (size_then, size_then));
    drop(client);
    let server = town.server.restart();
    let client = Client::new(&server).signed_in(&server, AUDITOR);
    let mut steps = client.subscribe(read, None).unwrap();
    let town = Town { server };
    town.must(BEN, Body::public_name(person(BEN), true), vec![]);
    assert_eq!(client.next_entry(&mut steps).position, read, "nothing lost, nothing twice");
}

#[test]
fn a_filter_holds_for_a_subscription_and_its_cursor_moves_all_the_same() {
    let town = Town::start();
    let client = Client::new(&town.server).signed_in(&town.server, AUDITOR);
    let filter = v1::Filter { kinds: vec!["hours-recorded".to_owned()], ..Default::default() };
    let mut steps = client.subscribe(0, Some(filter)).unwrap();
    let Some(Step::CaughtUp(caught)) = client.next(&mut steps).unwrap() else { panic!("nothing passes") };
    assert_eq!(caught.next_position, size(&town.server));
    grow(&town, 1, 3);
    let activity = town.activity(WORKER, 140, GRID);
    let hours = town.must(WORKER, town.hours(COMMUNITY, activity, &[(ANN, interval(0, 480, 60))]), vec![]);
    assert_eq!(client.next_entry(&mut steps).position, hours.position());
    let beyond = client.subscribe(size(&town.server) + 1, None).unwrap_err();
    assert_eq!((beyond.code(), reason(&beyond).as_str()), (Code::OutOfRange, "position-ahead"));
}

#[test]
fn a_slow_reader_is_told_and_goes_on_where_it_was() {
    let town = Town::on(Server::start_with(|options| {
        options.feed.patience = Duration::from_millis(500);
        options.feed.queue = 8;
    }));
    grow(&town, 8, 1_000);
    let windows = |endpoint: tonic::transport::Endpoint| {
        endpoint.initial_stream_window_size(65_535).initial_connection_window_size(65_535)
    };
    let client = Client::with(&town.server, windows).signed_in(&town.server, AUDITOR);
    let mut steps = client.subscribe(0, None).unwrap();
    assert_eq!(client.next_entry(&mut steps).position, 0);
    std::thread::sleep(Duration::from_secs(3));
    let mut read = 1;
    let ended = loop {
        match client.next(&mut steps) {
            Ok(Some(Step::Entry(entry))) => {
                assert_eq!(entry.position, read, "what was sent comes whole");
                read += 1;
            }
            Ok(step) => panic!("{step:?} after {read}"),
            Err(status) => break status,
        }
    };
    assert_eq!((ended.code(), reason(&ended).as_str()), (Code::ResourceExhausted, "slow-reader"));
    assert_eq!(resume_from(&ended), read);
    assert!(read < size(&town.server), "it did not just buffer everything");
    let mut steps = client.subscribe(read, None).unwrap();
    let rest: Vec<u64> = (read..size(&town.server)).map(|_| client.next_entry(&mut steps).position).collect();
    assert_eq!(rest, (read..size(&town.server)).collect::<Vec<_>>());
}

#[test]
fn a_role_that_is_taken_away_ends_the_subscription() {
    let town = Town::start();
    let client = Client::new(&town.server).signed_in(&town.server, AUDITOR);
    let mut steps = client.subscribe(size(&town.server), None).unwrap();
    let revoked =
        Body::Role(RoleEvent::Revoked { person: person(AUDITOR), role: Role::Auditor, scope: Scope::Ledger });
    town.must(FOUNDER, revoked, vec![]);
    let ended = loop {
        match client.next(&mut steps) {
            Ok(Some(_)) => {}
            Ok(None) => panic!("it ended without a word"),
            Err(status) => break status,
        }
    };
    assert_eq!((ended.code(), reason(&ended).as_str()), (Code::PermissionDenied, "auditors-only"));
}

#[test]
fn there_are_so_many_subscriptions_and_no_more() {
    let town = Town::on(Server::start_with(|options| options.feed.at_once = 2));
    let client = Client::new(&town.server).signed_in(&town.server, AUDITOR);
    let first = client.subscribe(0, None).unwrap();
    let _second = client.subscribe(0, None).unwrap();
    let refused = client.subscribe(0, None).unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::Unavailable, "busy"));
    drop(first);
    let again = (0..100).find_map(|_| {
        std::thread::sleep(Duration::from_millis(50));
        client.subscribe(0, None).ok()
    });
    assert!(again.is_some(), "a place that is given up is free again");
}

/// Server-sent events, read line by line as they come.
struct Events(BufReader<TcpStream>);

#[derive(Debug, Default)]
struct Event {
    id: Option<u64>,
    name: String,
    data: Value,
    comment: bool,
}

impl Events {
    fn open(server: &Server, token: &str, query: &str, more: &str) -> Self {
        let mut connection = TcpStream::connect(server.address).unwrap();
        connection.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let request = format!(
            "GET /v1/subscribe{query} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {token}\r\n{more}\r\n",
            server.address
        );
        connection.write_all(request.as_bytes()).unwrap();
        let mut events = Self(BufReader::new(connection));
        assert!(events.line().starts_with("HTTP/1.1 200"));
        let headers: Vec<String> =
            std::iter::from_fn(|| Some(events.line()).filter(|l| !l.is_empty())).collect();
        assert!(
            headers.iter().any(|h| h.eq_ignore_ascii_case("content-type: text/event-stream")),
            "{headers:?}"
        );
        assert!(headers.iter().any(|h| h.eq_ignore_ascii_case("cache-control: no-store")), "{headers:?}");
        events
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// The next event or comment; lines of the chunked encoding are passed over.
    fn next(&mut self) -> Event {
        let mut event = Event::default();
        loop {
            let line = self.line();
            match line.split_once(':') {
                Some(("", _)) => event.comment = true,
                Some(("id", id)) => event.id = Some(id.trim().parse().unwrap()),
                Some(("event", name)) => event.name = name.trim().to_owned(),
                Some(("data", data)) => event.data = serde_json::from_str(data).unwrap(),
                _ if line.is_empty() && (event.comment || !event.name.is_empty()) => return event,
                _ => {}
            }
        }
    }

    fn entry(&mut self) -> Event {
        loop {
            let event = self.next();
            if event.name == "entry" {
                return event;
            }
        }
    }
}

#[test]
fn server_sent_events_tell_the_same_and_go_on_after_the_last_id() {
    let town = Town::on(Server::start_with(|options| options.feed.heartbeat = Duration::from_millis(200)));
    let token = town.server.sign_in(AUDITOR);
    // The auditor's first look of the day is put on the log.
    assert_eq!(town.server.get_as(&token, "/v1/events/3").status, 200);
    let size = size(&town.server);
    let mut events = Events::open(&town.server, &token, "?from=2", "");
    for position in 2..size {
        let event = events.entry();
        assert_eq!((event.id, &event.data["position"]), (Some(position), &position.into()));
        let bytes = hex::decode(event.data["entry"].as_str().unwrap()).unwrap();
        assert_eq!(event.data["leaf_hash"], hex::encode(leaf_hash(&bytes)));
    }
    let caught = events.next();
    assert_eq!((caught.name.as_str(), caught.id), ("caught-up", Some(size - 1)));
    assert_eq!(caught.data["next_position"], size);
    let beat = events.next();
    assert!(beat.comment || beat.name == "caught-up", "silence is broken: {beat:?}");
    town.must(ANN, consent(true), vec![]);
    assert_eq!(events.entry().id, Some(size));

    let last = format!("last-event-id: {}\r\n", size - 1);
    let mut again = Events::open(&town.server, &token, "?from=2", &last);
    assert_eq!(again.entry().id, Some(size), "the last id goes before `from`");
    let mut filtered = Events::open(
        &town.server,
        &token,
        "?kind=consent-given&stream=person/0a0a0a0a-0a0a-0a0a-0a0a-0a0a0a0a0a0a",
        "",
    );
    assert_eq!(filtered.entry().id, Some(size));

    town.server.app.end_soon();
    let end = loop {
        let event = events.next();
        if event.name == "end" {
            break event;
        }
    };
    assert_eq!(
        (&end.data["resume_from"], &end.data["problem"]["code"]),
        (&(size + 1).into(), &"ending".into())
    );
}

#[test]
fn server_sent_events_are_for_auditors_and_for_queries_that_make_sense() {
    let town = Town::start();
    assert_eq!(town.server.get("/v1/subscribe").code(), "sign-in-required");
    let ann = town.server.sign_in(ANN);
    assert_eq!(town.server.get_as(&ann, "/v1/subscribe").code(), "auditors-only");
    let token = town.server.sign_in(AUDITOR);
    for (query, code) in [
        ("?from=x", "bad-request"),
        ("?from=9999999", "position-ahead"),
        ("?kind=party", "bad-request"),
        ("?stream=org", "bad-request"),
        ("?stream=cloud/0a0a0a0a-0a0a-0a0a-0a0a-0a0a0a0a0a0a", "bad-request"),
        ("?org=1", "bad-request"),
        ("?actor=", "bad-request"),
    ] {
        assert_eq!(town.server.get_as(&token, &format!("/v1/subscribe{query}")).code(), code, "{query}");
    }
    let headers = [("authorization", &*format!("Bearer {token}")), ("last-event-id", "x")];
    assert_eq!(town.server.send("GET", "/v1/subscribe", &headers, &[]).code(), "bad-request");
}

#[test]
fn whoever_asks_for_an_organisation_gets_each_kind_of_event_that_names_it() {
    for event in hourbook_ledger::fuzzing::sample_events() {
        let text = format!("{:?}", event.body);
        let names =
            text.split("OrgId(").skip(1).filter_map(|rest| rest.split(')').next()?.parse::<OrgId>().ok());
        for org in names {
            let filter = Filter { orgs: vec![org], ..Filter::default() };
            assert!(filter.wants(&event), "{text}");
        }
    }
}
