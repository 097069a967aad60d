//! How connections are taken and ended, on a real port.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "all of it is a test, and measures time")]

use hourbook_ledger::domain::event::{Body, MemberEvent};
use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use hourbook::http::metrics::METRICS;
use hourbook::server::{Rate, Serving, Tls};
use hourbook_tests::server::{Server, person};
use hourbook_tests::town::*;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

fn serving(change: impl FnOnce(&mut Serving)) -> Server {
    let mut serving = Serving::default();
    change(&mut serving);
    Server::start_serving(|_| {}, serving)
}

fn connect(server: &Server) -> TcpStream {
    let stream = TcpStream::connect(server.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream
}

/// What comes until the server closes, or until nothing comes for ten seconds.
fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

const ASK: &[u8] = b"GET /healthz HTTP/1.1\r\nhost: here\r\n\r\n";

/// The head of an answer and as much of its body as came with it.
fn answer(stream: &mut TcpStream) -> String {
    let mut bytes = [0; 4_096];
    let count = stream.read(&mut bytes).unwrap();
    String::from_utf8_lossy(&bytes[..count]).into_owned()
}

#[test]
fn whoever_says_nothing_or_dawdles_is_let_go() {
    let server = serving(|serving| serving.head = Duration::from_secs(1));
    for said in [
        &b""[..],
        b"P",
        b"PRI",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET /healthz HT",
        b"GET /healthz HTTP/1.1\r\nhost: he",
    ] {
        let begin = Instant::now();
        let mut stream = connect(&server);
        stream.write_all(said).unwrap();
        rest(&mut stream);
        let took = begin.elapsed();
        assert!(took > Duration::from_millis(900) && took < Duration::from_secs(5), "{said:?}: {took:?}");
    }
    let mut idle = connect(&server);
    idle.write_all(ASK).unwrap();
    assert!(answer(&mut idle).starts_with("HTTP/1.1 200"));
    let begin = Instant::now();
    rest(&mut idle);
    assert!(begin.elapsed() < Duration::from_secs(5), "an idle connection is closed");
}

/// An HTTP/2 client may answer pings for ever; only what it asks for keeps its connection.
#[test]
fn an_http2_connection_without_a_request_is_told_to_go() {
    let server = serving(|serving| serving.head = Duration::from_millis(500));
    let mut stream = connect(&server);
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").unwrap();
    // GET http://here/healthz, all of it in one frame of headers: HPACK's static table and two literals.
    let fields = b"\x82\x86\x04\x08/healthz\x41\x04here";
    let head = [0, 0, fields.len() as u8, 1, 5, 0, 0, 0, 1];
    stream.write_all(&[&head[..], fields].concat()).unwrap();
    let begin = Instant::now();
    let mut said = Vec::new();
    let _ = stream.read_to_end(&mut said);
    let took = begin.elapsed();
    assert!(took > Duration::from_millis(450) && took < Duration::from_secs(5), "{took:?}");
    let mut kinds = Vec::new();
    let mut frames = &said[..];
    while let [a, b, c, kind, rest @ ..] = frames {
        kinds.push(*kind);
        let length = usize::from(*a) << 16 | usize::from(*b) << 8 | usize::from(*c);
        frames = rest.get(5 + length..).unwrap_or_default();
    }
    assert!(kinds.contains(&1) && kinds.contains(&0), "it was answered: {kinds:?}");
    assert!(kinds.contains(&7), "it was told to go: {kinds:?}");
}

#[test]
fn a_body_that_does_not_come_ends_in_time() {
    let server = serving(|serving| serving.request = Duration::from_secs(1));
    let mut stream = connect(&server);
    let head = "POST /v1/events HTTP/1.1\r\nhost: here\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{";
    stream.write_all(head.as_bytes()).unwrap();
    let said = answer(&mut stream);
    assert!(said.starts_with("HTTP/1.1 503") && said.contains("\"timed-out\""), "{said}");
    let huge = format!("GET /healthz HTTP/1.1\r\nhost: here\r\nx: {}\r\n\r\n", "y".repeat(400 << 10));
    let mut stream = connect(&server);
    let _ = stream.write_all(huge.as_bytes());
    assert!(!rest(&mut stream).starts_with("HTTP/1.1 200"), "a head without end");
}

#[test]
fn beyond_so_many_connections_one_waits() {
    let server = serving(|serving| serving.connections = 2);
    let [mut first, mut second] = [connect(&server), connect(&server)];
    for stream in [&mut first, &mut second] {
        stream.write_all(ASK).unwrap();
        assert!(answer(stream).starts_with("HTTP/1.1 200"));
    }
    let mut third = connect(&server);
    third.write_all(ASK).unwrap();
    third.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
    assert!(third.read(&mut [0; 1]).is_err(), "there is no place");
    drop(first);
    third.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    assert!(answer(&mut third).starts_with("HTTP/1.1 200"), "the place that became free");
}

#[test]
fn each_client_has_a_rate_of_its_own_also_behind_a_proxy() {
    let server = serving(|serving| serving.rate = NonZeroU32::new(5).map(Rate::a_second));
    let ask = |client: &str| server.send("GET", "/healthz", &[("x-forwarded-for", client)], &[]);
    let answers: Vec<_> = (0..8).map(|_| ask("198.51.100.1")).collect();
    assert!(answers[..5].iter().all(|answer| answer.status == 200));
    let refused = answers.iter().find(|answer| answer.status != 200).expect("one too many");
    assert_eq!((refused.status, refused.code().as_str()), (429, "too-many-requests"));
    assert!(refused.header("retry-after").is_some());
    assert_eq!(ask("198.51.100.2").status, 200, "another client of the same proxy");
}

#[test]
fn codes_are_counted_for_the_client_that_the_proxy_names() {
    let server = Server::start_serving(
        |options| {
            let [each, all] = [3, 100].map(|n| NonZeroU32::new(n).unwrap());
            options.limits = hourbook::auth::sign_in_limits::Limits::of(each, all);
        },
        Serving::default(),
    );
    let attempt = |client: &str| {
        let headers = [("content-type", "application/json"), ("x-forwarded-for", client)];
        server.send("POST", "/v1/sessions", &headers, br#"{"code":"00000000"}"#).code()
    };
    let codes: Vec<_> = (0..4).map(|_| attempt("203.0.113.1")).collect();
    assert_eq!(codes, ["wrong-code", "wrong-code", "wrong-code", "too-many-attempts"]);
    assert_eq!(attempt("203.0.113.2"), "wrong-code");
    assert_eq!(attempt("203.0.113.2, 203.0.113.1"), "too-many-attempts", "what the proxy added counts");
}

#[test]
fn one_household_that_guesses_locks_out_nobody_else() {
    let server = Server::start();
    let attempt = |client: &str| {
        let headers = [("content-type", "application/json"), ("x-forwarded-for", client)];
        server.send("POST", "/v1/sessions", &headers, br#"{"code":"00000000"}"#).code()
    };
    let guessed: Vec<_> = (0..40).map(|n| attempt(&format!("2001:db8::{n:x}"))).collect();
    assert_eq!(guessed[39], "too-many-attempts", "a /64 is one");
    assert_eq!(attempt("2001:db8:0:1::1"), "wrong-code", "the one next door");
    assert_eq!(attempt("198.51.100.1"), "wrong-code");
}

#[test]
fn a_request_has_one_host() {
    let server = serving(|_| {});
    for (head, status) in [
        ("GET /healthz HTTP/1.1\r\n\r\n", "400"),
        ("GET /healthz HTTP/1.1\r\nhost: a\r\nhost: a\r\n\r\n", "400"),
        ("GET /healthz HTTP/1.1\r\nhost: a\r\nHost: b\r\n\r\n", "400"),
        ("GET /healthz HTTP/1.1\r\nhost: a b\r\n\r\n", "400"),
        ("GET http://b/healthz HTTP/1.1\r\nhost: a\r\n\r\n", "400"),
        ("GET /healthz HTTP/1.1\r\nhost: a:8080\r\n\r\n", "200"),
    ] {
        let mut stream = connect(&server);
        stream.write_all(head.as_bytes()).unwrap();
        let said = answer(&mut stream);
        assert!(said.starts_with(&format!("HTTP/1.1 {status}")), "{head:?}: {said}");
        assert!(!said.contains("strict-transport-security"), "not over TLS");
    }
    let told = server.send("GET", "/healthz", &[("x-forwarded-proto", "https")], &[]);
    assert_eq!(told.header("strict-transport-security"), Some("max-age=31536000"), "behind a proxy with TLS");
}

#[test]
fn ending_finishes_what_is_under_way_and_takes_nothing_new() {
    let mut town = Town::start();
    let token = town.server.sign_in(AUDITOR);
    let mut follower = connect(&town.server);
    let ask =
        format!("GET /v1/subscribe?from=0 HTTP/1.1\r\nhost: here\r\nauthorization: Bearer {token}\r\n\r\n");
    follower.write_all(ask.as_bytes()).unwrap();
    assert!(answer(&mut follower).starts_with("HTTP/1.1 200"));
    let submission = town.registration(WORKER, person(50), GRID, "新人甲");
    let body = hourbook_tests::server::batch(&[submission]).to_string();
    let mut writing = connect(&town.server);
    let head = format!(
        "POST /v1/events HTTP/1.1\r\nhost: here\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    writing.write_all(head.as_bytes()).unwrap();
    let (begin, end) = body.split_at(body.len() / 2);
    writing.write_all(begin.as_bytes()).unwrap();
    std::thread::sleep(Duration::from_millis(200));
    town.server.tell_to_end();
    let told = rest(&mut follower);
    assert!(told.contains("event: end") && told.contains("\"ending\""), "a follower is told");
    assert!(TcpStream::connect(town.server.address).is_err(), "nothing new is taken");
    writing.write_all(end.as_bytes()).unwrap();
    let said = rest(&mut writing);
    assert!(said.starts_with("HTTP/1.1 201"), "{said}");
    let size = town.server.app.reader.head().size;
    let server = town.server.restart();
    assert_eq!(server.get("/v1/ledger").json()["size"], size, "what was acknowledged is there");
}

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tls").join(name)
}

/// One request over TLS; the negotiated protocol, the server's certificate and the answer.
async fn over_tls(server: &Server, protocol: &[u8], ask: &[u8]) -> (Vec<u8>, Vec<u8>, Vec<u8>) {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(file("ca.pem")).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let mut config = config.unwrap().with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![protocol.to_vec()];
    let stream = tokio::net::TcpStream::connect(server.address).await.unwrap();
    let name = "localhost".try_into().unwrap();
    let mut stream = tokio_rustls::TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap();
    let alpn = stream.get_ref().1.alpn_protocol().unwrap_or_default().to_vec();
    let cert = stream.get_ref().1.peer_certificates().unwrap()[0].to_vec();
    stream.write_all(ask).await.unwrap();
    let mut said = vec![0; 4_096];
    let count = stream.read(&mut said).await.unwrap();
    said.truncate(count);
    (alpn, cert, said)
}

#[test]
fn tls_speaks_what_the_client_prefers_and_takes_a_renewed_certificate() {
    let dir = tempfile::tempdir().unwrap();
    let [cert, key] = ["cert.pem", "key.pem"].map(|name| dir.path().join(name));
    let put = |name: &str| {
        std::fs::copy(file(&format!("{name}.pem")), &cert).unwrap();
        std::fs::copy(file(&format!("{name}.key")), &key).unwrap();
    };
    put("first");
    let tls = Tls::load(&cert, &key).unwrap();
    let held = tls.clone();
    let server = serving(|serving| serving.tls = Some(held));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let ask = |protocol: &[u8], ask: &[u8]| runtime.block_on(over_tls(&server, protocol, ask));
    let (alpn, first, said) = ask(b"http/1.1", ASK);
    assert_eq!(alpn, b"http/1.1");
    let said = String::from_utf8_lossy(&said);
    assert!(
        said.starts_with("HTTP/1.1 200") && said.contains("strict-transport-security: max-age="),
        "{said}"
    );
    let (.., said) = ask(b"http/1.1", b"GET /healthz HTTP/1.1\r\nhost: localhost:8443\r\n\r\n");
    let said = String::from_utf8_lossy(&said);
    assert!(said.starts_with("HTTP/1.1 200") && !said.contains("strict-transport-security"), "{said}");
    // The preface and an empty SETTINGS frame; the answer begins with a SETTINGS frame (type 4).
    let (alpn, _, said) = ask(b"h2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0");
    assert_eq!((alpn.as_slice(), said[3]), (&b"h2"[..], 4));

    put("second");
    tls.reload().unwrap();
    let (_, second, said) = ask(b"http/1.1", ASK);
    assert!(second != first && said.starts_with(b"HTTP/1.1 200"));
    std::fs::write(&key, "no key").unwrap();
    assert!(tls.reload().unwrap_err().to_string().contains("key.pem"));
    assert_eq!(ask(b"http/1.1", ASK).1, second, "what cannot be used changes nothing");

    let mut plain = connect(&server);
    plain.write_all(ASK).unwrap();
    assert!(!rest(&mut plain).starts_with("HTTP/1.1 200"), "nothing goes in the clear");
}

#[test]
fn what_is_wrong_with_a_certificate_is_said_with_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let empty = dir.path().join("empty.pem");
    std::fs::write(&empty, "").unwrap();
    let said = |cert: &Path, key: &Path| Tls::load(cert, key).err().expect("it cannot be used").to_string();
    assert!(said(&dir.path().join("none.pem"), &file("first.key")).contains("none.pem"));
    assert!(said(&empty, &file("first.key")).contains("no certificate"));
    assert!(said(&file("first.pem"), &empty).contains("empty.pem"));
    let other = said(&file("first.pem"), &file("second.key"));
    assert!(other.contains("first.pem") && other.contains("second.key"), "{other}");
}

#[test]
fn what_has_not_happened_is_counted_as_nothing() {
    let server = Server::start();
    let text = server.get("/metrics").text();
    for series in [
        "hourbook_refusals_total{code=\"stopped\"} ",
        "hourbook_problems_total{code=\"internal\"} ",
        "hourbook_subscriptions_ended_total{code=\"slow-reader\"} ",
        "hourbook_batches_waiting ",
    ] {
        assert!(text.contains(&format!("\n{series}")), "{series} is absent");
    }
}

#[test]
fn metrics_are_those_of_the_list() {
    let town = Town::start();
    let _ = town.say(FAR_WORKER, Body::Member(MemberEvent::ErasureRequested { person: person(ANN) }), vec![]);
    let token = town.server.sign_in(AUDITOR);
    let mut follower = connect(&town.server);
    let ask = format!("GET /v1/subscribe HTTP/1.1\r\nhost: here\r\nauthorization: Bearer {token}\r\n\r\n");
    follower.write_all(ask.as_bytes()).unwrap();
    assert!(answer(&mut follower).starts_with("HTTP/1.1 200"));
    town.server.app.end_soon();
    rest_until_end(&mut follower);
    let _ = town.server.get("/metrics");
    let text = town.server.get("/metrics").text();
    let word = |line: &str, n: usize| line.split(' ').nth(n).unwrap_or_default().to_owned();
    let served: BTreeSet<(String, String)> = text
        .lines()
        .filter(|line| line.starts_with("# TYPE "))
        .map(|line| (word(line, 2), word(line, 3)))
        .collect();
    let listed: BTreeSet<(String, String)> =
        METRICS.iter().map(|m| (m.name.to_owned(), format!("{:?}", m.shape).to_lowercase())).collect();
    assert_eq!(served, listed);
    for metric in METRICS {
        assert!(text.contains(&format!("# HELP {} {}", metric.name, metric.meaning)), "{}", metric.name);
        let line = text.lines().find(|line| line.starts_with(metric.name)).unwrap();
        for label in metric.labels {
            assert!(line.contains(&format!("{label}=\"")), "{label} in {line}");
        }
    }
}

fn rest_until_end(stream: &mut TcpStream) {
    let mut seen = String::new();
    while !seen.contains("event: end") {
        let more = answer(stream);
        assert!(!more.is_empty(), "it ended without a word: {seen}");
        seen.push_str(&more);
    }
}
