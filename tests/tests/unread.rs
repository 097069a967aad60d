//! Clients that never read, or hardly: what they hold is free again in time, and others are served throughout.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "all of it is a test, and measures time")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use hourbook::http::client::Trust;
use hourbook::server::Serving;
use hourbook_tests::server::Server;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpSocket, TcpStream};
use tokio::runtime::Runtime;
use tokio::time::{sleep, timeout};

const PLACES: usize = 50;
/// Places that one client may take.
const EACH: usize = 40;
/// Requests that one client may have in work.
const IN_WORK: usize = 8;
const LIMIT: Duration = Duration::from_secs(2);
/// When the last of those that hold a place must have lost it: told to go, and cut when it did not.
const FREE: Duration = Duration::from_secs(20);

/// Fifty places and short limits. All come from this machine, so nobody's word is taken for who asks.
fn server() -> Server {
    let serving = Serving {
        connections: PLACES,
        each: EACH,
        head: LIMIT,
        write: LIMIT,
        request: LIMIT,
        in_work: IN_WORK,
        trust: Trust(Vec::new()),
        ..Serving::default()
    };
    Server::start_serving(|_| {}, serving)
}

/// A connection from an address of this machine, of which there are 16 million, with little room for what is not read.
async fn connect(server: SocketAddr, from: [u8; 4]) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.set_recv_buffer_size(4 << 10)?;
    socket.bind(SocketAddr::from((from, 0)))?;
    socket.connect(server).await
}

/// Whether a request is answered, and after how long.
async fn ask(server: SocketAddr, from: [u8; 4]) -> Result<Duration, String> {
    let begin = Instant::now();
    let answer = async {
        let mut stream = connect(server, from).await?;
        stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n").await?;
        let mut said = Vec::new();
        stream.read_to_end(&mut said).await?;
        std::io::Result::Ok(said)
    };
    let said = timeout(FREE, answer).await.map_err(|_| "no answer".to_owned())?;
    let said = said.map_err(|error| error.to_string())?;
    if said.starts_with(b"HTTP/1.1 200") { Ok(begin.elapsed()) } else { Err(format!("{} bytes", said.len())) }
}

/// The ways to hold a connection. Each goes on until the server ends it.
#[derive(Clone, Copy, Debug)]
enum Way {
    /// HTTP/1.1: asks and asks, and reads nothing.
    Pipelined,
    /// The same, and a byte every now and then.
    Trickling,
    /// HTTP/2: asks, answers each ping, and lets no byte of an answer be sent.
    NoWindow,
    /// HTTP/2: lets a byte be sent every now and then.
    TinyWindow,
    /// HTTP/2: asks, and reads nothing at all.
    Deaf,
}

const WAYS: [Way; 5] = [Way::Pipelined, Way::Trickling, Way::NoWindow, Way::TinyWindow, Way::Deaf];
const LARGE: &[u8] = b"GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nhost: here\r\n\r\n";

fn frame(kind: u8, flags: u8, stream: u32, body: &[u8]) -> Vec<u8> {
    let length = (body.len() as u32).to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), body].concat()
}

/// What begins an HTTP/2 connection whose streams may send so many bytes, with a request for something large.
fn h2_asks(window: u32) -> Vec<u8> {
    let settings = [&[0, 4][..], &window.to_be_bytes()].concat();
    let fields = b"\x82\x86\x04\x1a/docs/swagger-ui-bundle.js\x41\x04here";
    [&b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"[..], &frame(4, 0, 0, &settings), &frame(1, 5, 1, fields)].concat()
}

async fn hold(server: SocketAddr, from: [u8; 4], way: Way) -> std::io::Result<()> {
    let stream = connect(server, from).await?;
    let (mut read, mut write) = stream.into_split();
    match way {
        Way::Pipelined => flood(&mut write).await,
        Way::Trickling => tokio::try_join!(trickle(&mut read), flood(&mut write)).map(|_| ()),
        Way::NoWindow | Way::TinyWindow => {
            write.write_all(&h2_asks(u32::from(matches!(way, Way::TinyWindow)))).await?;
            keep_alive(&mut read, &mut write, matches!(way, Way::TinyWindow)).await
        }
        Way::Deaf => {
            write.write_all(&h2_asks(1 << 20)).await?;
            let fields = b"\x82\x86\x04\x1a/docs/swagger-ui-bundle.js\x41\x04here";
            for stream in (3..).step_by(2) {
                write.write_all(&frame(1, 5, stream, fields)).await?;
                sleep(Duration::from_millis(100)).await;
            }
            Ok(())
        }
    }
}

async fn flood(write: &mut OwnedWriteHalf) -> std::io::Result<()> {
    loop {
        write.write_all(LARGE).await?;
    }
}

async fn trickle(read: &mut OwnedReadHalf) -> std::io::Result<()> {
    loop {
        sleep(Duration::from_millis(200)).await;
        read.read_exact(&mut [0]).await?;
    }
}

/// Answers the server's settings and pings, as whoever wants to stay does.
async fn keep_alive(
    read: &mut OwnedReadHalf,
    write: &mut OwnedWriteHalf,
    gives: bool,
) -> std::io::Result<()> {
    let mut head = [0; 9];
    loop {
        let next = timeout(Duration::from_millis(100), read.read_exact(&mut head[..1])).await;
        let Ok(first) = next else {
            write.write_all(&frame(6, 0, 0, &[0; 8])).await?;
            if gives {
                write.write_all(&frame(8, 0, 1, &1_u32.to_be_bytes())).await?;
            }
            continue;
        };
        first?;
        read.read_exact(&mut head[1..]).await?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let mut body = vec![0; length as usize];
        read.read_exact(&mut body).await?;
        match (head[3], head[4]) {
            (4, 0) => write.write_all(&frame(4, 1, 0, &[])).await?,
            (6, 0) => write.write_all(&frame(6, 1, 0, &body)).await?,
            _ => {}
        }
    }
}

/// Sends hostile clients and waits until the server is rid of the last; how long each held on.
async fn attack(server: SocketAddr, clients: impl Iterator<Item = ([u8; 4], Way)>) -> Vec<(Way, Duration)> {
    let begin = Instant::now();
    let held: Vec<_> = clients
        .map(|(from, way)| {
            tokio::spawn(async move {
                let held = timeout(2 * FREE, hold(server, from, way)).await;
                (way, begin.elapsed(), held.is_ok())
            })
        })
        .collect();
    let mut all = Vec::new();
    for one in held {
        let (way, took, ended) = one.await.unwrap();
        assert!(ended && took < FREE, "{way:?} held on for {took:?}");
        all.push((way, took));
    }
    all
}

#[test]
fn one_who_never_reads_takes_no_more_than_its_places_and_loses_them_while_others_are_served() {
    let server = server();
    let address = server.address;
    Runtime::new().unwrap().block_on(async {
        let (over, served) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let (ends, counts) = (over.clone(), served.clone());
        let others = tokio::spawn(async move {
            let mut slowest = Duration::ZERO;
            while !ends.load(Ordering::Relaxed) {
                let took = ask(address, [127, 0, 0, 2]).await;
                slowest = slowest.max(took.unwrap_or_else(|error| panic!("another was not served: {error}")));
                counts.fetch_add(1, Ordering::Relaxed);
                sleep(Duration::from_millis(20)).await;
            }
            slowest
        });
        let hostile = (0..PLACES).map(|n| ([127, 0, 0, 1], WAYS[n % WAYS.len()]));
        let held = attack(address, hostile).await;
        over.store(true, Ordering::Relaxed);
        let slowest = others.await.unwrap();
        let longest = held.iter().map(|(_, took)| *took).max().unwrap();
        let served = served.load(Ordering::Relaxed);
        println!(
            "{PLACES} hostile, gone after {longest:?}; {served} others served, the slowest in {slowest:?}"
        );
        // A second is what the system takes to knock again where a queue was full for a moment.
        assert!(served > 20 && slowest < Duration::from_secs(4), "{served} served, {slowest:?}");
        let again = (0..EACH).map(|_| tokio::spawn(ask(address, [127, 0, 0, 1])));
        for answer in again.collect::<Vec<_>>() {
            assert!(answer.await.unwrap().is_ok(), "its places are free again");
        }
    });
}

#[test]
fn many_who_never_read_and_take_every_place_lose_all_of_them_in_time() {
    let server = server();
    let address = server.address;
    Runtime::new().unwrap().block_on(async {
        let hostile = (0..PLACES).map(|n| ([127, 0, 1, 1 + n as u8], WAYS[n % WAYS.len()]));
        let attacked = tokio::spawn(attack(address, hostile));
        sleep(Duration::from_millis(300)).await;
        let waited = ask(address, [127, 0, 0, 2]).await.expect("it is served once a place is free");
        println!("one who came when every place was taken waited {waited:?}");
        attacked.await.unwrap();
        let all = (0..PLACES).map(|n| tokio::spawn(ask(address, [127, 0, 2, 1 + n as u8])));
        for answer in all.collect::<Vec<_>>() {
            assert!(answer.await.unwrap().is_ok_and(|took| took < Duration::from_secs(2)));
        }
    });
}

/// Requests to a route that were answered so far, whether their answers were read or not.
async fn answered(server: SocketAddr, route: &str) -> u64 {
    let mut stream = connect(server, [127, 0, 0, 3]).await.unwrap();
    stream.write_all(b"GET /metrics HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    let counts = text.lines().filter(|line| line.starts_with("hourbook_http_seconds_count"));
    let of_route = counts.filter(|line| line.contains(&format!("route=\"{route}\"")));
    of_route.filter_map(|line| line.rsplit_once(' ')?.1.parse::<u64>().ok()).sum()
}

/// Kibibytes of this process, server and clients together.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// Asks for a hundred things at once over HTTP/2, more than are allowed, and takes nothing of them.
async fn ask_for_much(server: SocketAddr, path: &str, window: u32) -> std::io::Result<()> {
    let (mut read, mut write) = connect(server, [127, 0, 0, 1]).await?.into_split();
    let settings = [&[0, 4][..], &window.to_be_bytes()].concat();
    let fields = [&b"\x82\x86\x04"[..], &[path.len() as u8], path.as_bytes(), b"\x41\x04here"].concat();
    let mut all = [&b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"[..], &frame(4, 0, 0, &settings)].concat();
    (0..100).for_each(|n| all.extend(frame(1, 5, 2 * n + 1, &fields)));
    write.write_all(&all).await?;
    match window {
        0 => keep_alive(&mut read, &mut write, false).await,
        _ => std::future::pending().await,
    }
}

/// Sends a thousand requests at once over HTTP/1.1, and goes on until it is cut.
async fn pipeline(server: SocketAddr, path: &str) -> std::io::Result<()> {
    let mut stream = connect(server, [127, 0, 0, 1]).await?;
    let all = format!("GET {path} HTTP/1.1\r\nhost: here\r\n\r\n").repeat(1_000);
    loop {
        stream.write_all(all.as_bytes()).await?;
    }
}

/// How long the slowest of others took while something went on, and how many there were.
async fn others_while(server: SocketAddr, something: impl Future<Output = ()>) -> (usize, Duration) {
    let mut something = std::pin::pin!(something);
    let (mut served, mut slowest) = (0, Duration::ZERO);
    loop {
        let next = async {
            sleep(Duration::from_millis(20)).await;
            ask(server, [127, 0, 0, 2]).await
        };
        tokio::select! {
            () = &mut something => return (served, slowest),
            took = next => {
                slowest = slowest.max(took.unwrap_or_else(|error| panic!("another was not served: {error}")));
                served += 1;
            }
        }
    }
}

#[test]
fn only_so_many_answers_of_one_who_reads_none_are_made_while_others_are_served() {
    const ROUTE: &str = "/v1/rules";
    let server = server();
    let address = server.address;
    Runtime::new().unwrap().block_on(async {
        let attack: Vec<_> =
            (0..EACH).map(|_| tokio::spawn(timeout(FREE, ask_for_much(address, ROUTE, 0)))).collect();
        let early = LIMIT / 2;
        let (served, slowest) = others_while(address, sleep(early)).await;
        let made = answered(address, ROUTE).await;
        println!("{made} answers of {} that nobody reads; {served} others, {slowest:?}", 100 * EACH);
        assert_eq!(made, IN_WORK as u64, "the others have not begun");
        assert!(served > 5 && slowest < Duration::from_secs(1), "{served} served, {slowest:?}");
        for one in attack {
            assert!(one.await.unwrap().is_ok(), "one of them held on");
        }
        // A client sees its connection end a moment before the place is free.
        while ask(address, [127, 0, 0, 1]).await.is_err() {}
        sleep(Duration::from_millis(100)).await;
        let again = (0..EACH).map(|_| tokio::spawn(ask(address, [127, 0, 0, 1])));
        for answer in again.collect::<Vec<_>>() {
            answer.await.unwrap().expect("its places and its turns are free again");
        }
    });
}

#[test]
fn a_thousand_requests_on_each_connection_cost_others_little_time_and_the_server_little_memory() {
    let server = server();
    let address = server.address;
    Runtime::new().unwrap().block_on(async {
        ask(address, [127, 0, 0, 2]).await.unwrap();
        let before = memory();
        let attack: Vec<_> = (0..EACH)
            .map(|n| {
                tokio::spawn(timeout(FREE, async move {
                    match n % 3 {
                        0 => pipeline(address, "/how").await,
                        1 => ask_for_much(address, "/how", 1 << 20).await,
                        _ => ask_for_much(address, "/openapi.json", 0).await,
                    }
                }))
            })
            .collect();
        let (served, slowest) = others_while(address, sleep(LIMIT)).await;
        let grown = memory().saturating_sub(before) >> 10;
        println!("{served} others served, the slowest in {slowest:?}; {grown} MiB more");
        assert!(served > 5 && slowest < Duration::from_secs(2), "{served} served, {slowest:?}");
        assert!(grown < 100, "{grown} MiB for what nobody reads");
        drop(attack);
    });
}
