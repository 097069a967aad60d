//! A server with few descriptors and many clients.

use super::clock::{Founded, body_of};
use super::*;

/// Asks over a connection that stays open; the status line and what follows it.
fn ask(stream: &mut TcpStream, request: &str) -> String {
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    let mut byte = [0];
    while !answer.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).unwrap();
        answer.push(byte[0]);
    }
    let head = String::from_utf8(answer).unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    let mut body = vec![0; length.parse().unwrap()];
    stream.read_exact(&mut body).unwrap();
    head + &String::from_utf8(body).unwrap()
}

fn append(ledger: &Founded, n: u8) -> String {
    let (body, kind) = (body_of(&ledger.organisation(n)), "content-type: application/json");
    let length = body.len();
    format!("POST /v1/events HTTP/1.1\r\nhost: here\r\n{kind}\r\ncontent-length: {length}\r\n\r\n{body}")
}

#[test]
fn with_256_descriptors_and_400_connections_the_writer_lives_and_afterwards_all_is_well() {
    let ledger = Founded::now();
    let mut few = Command::new("/bin/sh");
    few.env_clear().args(["-c", "ulimit -n 256; exec \"$0\" serve", env!("CARGO_BIN_EXE_hourbook")]);
    let (server, address) = serve_by(&mut few, &ledger.data(), &[("HOURBOOK_HEADER_SECONDS", "60")]);
    let mut kept = TcpStream::connect(&address).unwrap();
    assert!(ask(&mut kept, &append(&ledger, 10)).starts_with("HTTP/1.1 201"));
    // Those that are not taken wait at the system's door, and when that is full nobody answers.
    let knock = |_| TcpStream::connect_timeout(&address.parse().unwrap(), Duration::from_millis(20)).ok();
    let flood: Vec<TcpStream> = (0..400).filter_map(knock).collect();
    assert!(flood.len() > 200, "{}", flood.len());
    for n in 11..31 {
        let answer = ask(&mut kept, &append(&ledger, n));
        assert!(answer.starts_with("HTTP/1.1 201"), "{n}: {answer}");
        let ready = ask(&mut kept, "GET /readyz HTTP/1.1\r\nhost: here\r\n\r\n");
        assert!(ready.starts_with("HTTP/1.1 200"), "{ready}");
    }
    let open = std::fs::read_dir(format!("/proc/{}/fd", server.id())).unwrap().count();
    assert!((128..200).contains(&open), "connections leave room for the ledger itself: {open}");
    let backup = ledger.root.path().join("backup");
    let made =
        hourbook().args(["backup", "--data"]).arg(ledger.data()).arg("--to").arg(&backup).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    drop(flood);
    for n in 31..40 {
        let mut fresh = TcpStream::connect(&address).unwrap();
        assert!(ask(&mut fresh, &append(&ledger, n)).starts_with("HTTP/1.1 201"), "{n}");
    }
    drop(kept);
    let log = clock::end(server);
    assert!(!log.contains("could not be taken") && !log.contains("ERROR"), "{log}");
    ledger.is_sound();
}
