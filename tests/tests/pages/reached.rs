//! By which way a page came: in the clear it says what cannot work; on a port that speaks TLS nothing else is said in the
//! clear; and a browser that cannot show the pages is told how to get out of it.
#![allow(clippy::unwrap_used, reason = "all of it is a test")]

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use hourbook::server::certificates::{Authority, Certificate};
use hourbook::server::{Serving, Tls};
use hourbook_ledger::clock::{Clock as _, SystemClock};
use hourbook_tests::server::Server;
use hourbook_tests::town::{ANN, Town};
use tempfile::TempDir;

use crate::browser::Browser;

const HTML: (&str, &str) = ("accept", "text/html,application/xhtml+xml");
const EXPLORER: &str = "Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko";
const SAYS: &str = "data-exposed";

/// One request as it stands, and all of its answer.
fn ask(server: &Server, method: &str, path: &str, host: &str, more: &[(&str, &str)]) -> String {
    let mut stream = TcpStream::connect(server.address).unwrap();
    write!(stream, "{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: 0\r\n")
        .unwrap();
    for (name, value) in more {
        write!(stream, "{name}: {value}\r\n").unwrap();
    }
    write!(stream, "\r\n").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn a_page_in_the_clear_says_what_cannot_work_and_only_there() {
    let server = Server::start();
    let page = |path: &str, host: &str, more: &[(&str, &str)]| {
        ask(&server, "GET", path, host, &[&[HTML], more].concat())
    };
    for path in ["/", "/signin", "/how", "/nowhere"] {
        let text = page(path, "hours.internal", &[("accept-language", "en")]);
        assert!(
            text.contains(SAYS) && text.contains("none can be made and nothing signed"),
            "{path}: {text}"
        );
        for host in ["localhost:8080", "127.0.0.1", "[::1]:8080"] {
            assert!(!page(path, host, &[]).contains(SAYS), "{path} {host}");
        }
        let proxied = page(path, "hours.internal", &[("x-forwarded-proto", "https")]);
        assert!(!proxied.contains(SAYS), "{path}: a proxy on this machine says https");
    }
    let text = page("/https", "hours.internal:8080", &[]);
    for said in [
        "crypto.subtle",
        "hourbook certificate make \\\n  --data DIR \\\n  --name hours.internal \\\n  --authority-key FILE",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert!(!text.contains(SAYS), "it says nothing else");
    assert_eq!(server.get("/ca.crt").status, 404, "there is no authority");
    assert!(page("/https", "localhost", &[]).contains("密钥可以在这里使用"));
}

/// A server of which nobody is a proxy: a client says of itself what it likes.
#[test]
fn what_a_client_says_of_tls_hides_nothing() {
    let serving = Serving { trust: hourbook::http::client::Trust(Vec::new()), ..Serving::default() };
    let server = Server::start_serving(|_| {}, serving);
    let text = ask(&server, "GET", "/", "hours.internal", &[HTML, ("x-forwarded-proto", "https")]);
    assert!(text.contains(SAYS), "{text}");
}

/// A server with a certificate by an authority of its own.
fn office() -> (Server, TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let hosts = ["hours.internal".parse().unwrap()];
    let now = SystemClock.now();
    let authority = Authority::make("hourbook.test/town", &hosts, now).unwrap();
    let [own, pem] = ["ca.pem", "server.pem"].map(|name| dir.path().join(name));
    std::fs::write(&own, authority.certificate()).unwrap();
    std::fs::write(&pem, authority.certify(&hosts, now).unwrap().as_bytes()).unwrap();
    let serving = Serving { tls: Some(Tls::load(&pem, &pem).unwrap()), ..Serving::default() };
    (Server::start_serving(|options| options.authority = Some(own), serving), dir)
}

#[test]
fn in_the_clear_an_office_server_says_how_it_is_trusted_and_nothing_else() {
    let (server, dir) = office();
    let own = Certificate::read(&dir.path().join("ca.pem")).unwrap();
    let asked = |method: &str, path: &str, more: &[(&str, &str)]| {
        ask(&server, method, path, "hours.internal:8443", more)
    };
    let page = asked("GET", "/https", &[HTML]);
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    for said in ["href=\"/ca.crt\"", "href=\"https://hours.internal:8443/\"", "证书信任设置", "极速模式"]
    {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert!(!page.contains(&own.fingerprint()), "whoever changed the page would change it, too: {page}");
    assert!(!page.contains(SAYS) && !page.to_lowercase().contains("strict-transport-security"), "{page}");
    for (method, path) in [("GET", "/"), ("GET", "/signin"), ("POST", "/signin"), ("GET", "/me")] {
        let answer = asked(method, path, &[HTML]);
        assert!(
            answer.starts_with("HTTP/1.1 303") && answer.contains("location: /https\r\n"),
            "{path}: {answer}"
        );
        let machine = asked(method, path, &[("x-forwarded-proto", "https")]);
        assert!(machine.starts_with("HTTP/1.1 400") && machine.contains("https-only"), "{path}: {machine}");
    }
    for path in [
        "/healthz",
        "/metrics",
        "/v1/ledger",
        "/v1/orgs",
        "/checkpoint",
        "/hourbook.v1.LedgerService/GetCheckpoint",
    ] {
        assert!(asked("GET", path, &[]).contains("https-only"), "{path}");
    }

    let mut stream = TcpStream::connect(server.address).unwrap();
    stream.write_all(b"GET /ca.crt HTTP/1.1\r\nhost: hours.internal\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let at = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
    let head = String::from_utf8_lossy(&answer[..at]).to_lowercase();
    assert!(head.contains("content-type: application/x-x509-ca-cert"), "{head}");
    let file = dir.path().join("ca.crt");
    std::fs::write(&file, &answer[at..]).unwrap();
    let out = std::process::Command::new("sha256sum").arg(&file).output().unwrap();
    let digest = String::from_utf8_lossy(&out.stdout).to_uppercase();
    assert!(
        digest.starts_with(&own.fingerprint().replace(' ', "")),
        "the file's digest is the fingerprint: {digest}"
    );
}

/// With the certificate of a public authority nobody has to trust anything first.
#[test]
fn in_the_clear_a_server_of_a_domain_sends_people_to_https() {
    let (server, dir) = office();
    drop(server);
    let pem = dir.path().join("server.pem");
    let serving = Serving { tls: Some(Tls::load(&pem, &pem).unwrap()), ..Serving::default() };
    let server = Server::start_serving(|_| {}, serving);
    let answer = ask(&server, "GET", "/wishes?status=all", "hours.example.org:8443", &[HTML]);
    assert!(answer.contains("location: https://hours.example.org:8443/wishes?status=all\r\n"), "{answer}");
    for path in ["/https", "/ca.crt", "/assets/app.css"] {
        assert!(
            ask(&server, "GET", path, "hours.example.org", &[HTML]).starts_with("HTTP/1.1 303"),
            "{path}"
        );
    }
}

#[test]
fn an_old_browser_gets_the_way_out_in_the_place_of_every_page() {
    let town = Town::start();
    let mut browser = Browser::with_token(&town.server, &town.server.sign_in(ANN));
    let explorer = ("user-agent", EXPLORER);
    for path in ["/", "/signin", "/me", "/https", "/wishes?status=all"] {
        let answer = browser.send("GET", path, &[explorer], "");
        let text = answer.text();
        assert!(
            answer.status == 200 && text.contains("极速模式") && text.contains("IE mode"),
            "{path}: {text}"
        );
        assert!(
            text.contains("name=\"renderer\" content=\"webkit\"") && !text.contains("<link"),
            "{path}: {text}"
        );
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
        assert!(answer.header("vary").is_some_and(|vary| vary.contains("user-agent")), "{path}");
    }
    let out = browser.send(
        "POST",
        "/signout",
        &[explorer, ("origin", &format!("http://{}", town.server.address))],
        "",
    );
    assert_eq!(out.status, 303, "what is sent is answered as ever: nobody takes a page for a success");
    assert_eq!(browser.get("/me").status, 303, "signed out");
    let page = browser.page("/");
    assert!(page.contains("name=\"renderer\" content=\"webkit\"") && !page.contains("极速模式"), "{page}");
    // What programs ask for is not a page, and a file is a file.
    assert_eq!(town.server.send("GET", "/v1/ledger", &[explorer], &[]).status, 200);
    let (server, _dir) = office();
    let file = ask(&server, "GET", "/ca.crt", "hours.internal", &[explorer]);
    assert!(file.contains("application/x-x509-ca-cert"), "{file}");
}
