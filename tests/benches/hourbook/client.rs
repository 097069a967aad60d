//! A client that costs little: connections that are kept alive, requests that are bytes already, answers of which only
//! status and length are read. One thread, as the servers have the other cores.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// The bytes of a GET.
#[must_use]
pub(crate) fn get(path: &str, token: Option<&str>) -> Vec<u8> {
    let token = token.map_or(String::new(), |token| format!("authorization: Bearer {token}\r\n"));
    format!("GET {path} HTTP/1.1\r\nhost: bench\r\n{token}\r\n").into_bytes()
}

/// The bytes of a POST.
#[must_use]
pub(crate) fn post(path: &str, kind: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: bench\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}

/// How long to go on.
#[derive(Clone, Copy)]
pub(crate) enum Until {
    /// Again and again for so long.
    Time(Duration),
    /// Once each.
    Done,
}

/// Sends each connection's requests one after the other, all connections at once; the number of answers.
///
/// # Panics
/// If an answer is no success.
#[must_use]
pub(crate) fn drive(address: SocketAddr, connections: Vec<Vec<Vec<u8>>>, until: Until) -> usize {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let mut running = JoinSet::new();
        for requests in connections {
            running.spawn(talk(address, requests, until));
        }
        running.join_all().await.into_iter().sum()
    })
}

async fn talk(address: SocketAddr, requests: Vec<Vec<u8>>, until: Until) -> usize {
    let mut stream = TcpStream::connect(address).await.expect("the server listens");
    stream.set_nodelay(true).expect("a TCP stream");
    let (begin, mut answers, mut buffer) = (Instant::now(), 0, Vec::with_capacity(16 << 10));
    loop {
        for request in &requests {
            if matches!(until, Until::Time(time) if begin.elapsed() >= time) {
                return answers;
            }
            stream.write_all(request).await.expect("sent");
            answer(&mut stream, &mut buffer).await;
            answers += 1;
        }
        if matches!(until, Until::Done) {
            return answers;
        }
    }
}

async fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) {
    buffer.clear();
    loop {
        assert!(stream.read_buf(buffer).await.expect("an answer") > 0, "the server hung up");
        let Some(head) = buffer.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let text = std::str::from_utf8(&buffer[..head]).expect("a head of ASCII");
        assert!(text.starts_with("HTTP/1.1 2"), "{}", String::from_utf8_lossy(buffer));
        let length = text.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.and_then(|l| l.parse().ok()).expect("a length");
        while buffer.len() < head + 4 + length {
            assert!(stream.read_buf(buffer).await.expect("an answer") > 0, "the server hung up");
        }
        return;
    }
}
