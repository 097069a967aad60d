//! Taking connections: plain or over TLS, HTTP/1.1 or HTTP/2, within bounds, until told to end.
//!
//! What is bounded: connections at once, in all and of one client, requests of one client in work, the time for a TLS handshake and a request's head, the time
//! without a request, the size of a head, the time to the head of an answer, the time that an answer waits for its client,
//! requests a second of one client, and the time that open work has once the server ends. Bodies are bounded where they are read.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::HeaderMap;
use axum::response::IntoResponse as _;
use hyper::body::Incoming;
use hyper::service::Service;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{Instant, interval, timeout};

use super::options::Serving;
use super::patience::Patient;
use super::router::router;
use super::traffic::{Tracked, Traffic};
use super::turn::{InTurn, Turn, Turns};
use super::{gate, host};
use crate::auth::session::is_secure;
use crate::http::metrics::CUT;
use crate::state::App;
use crate::ui::exposed::{authority_of, is_this_machine};

/// Most bytes of a request's head.
const HEAD_BYTES: usize = 64 << 10;
/// Requests at once on one HTTP/2 connection.
const STREAMS: u32 = 32;
/// Requests of one HTTP/2 connection that ended before they began, or that we end ourselves, before it is closed.
const RESETS: usize = 256;
/// Bytes that wait to be sent on one HTTP/2 stream.
const SEND_BUFFER: usize = 16 << 10;
/// Bytes of bodies that one HTTP/2 connection may send before they are read.
const RECEIVE_WINDOW: u32 = 256 << 10;
/// How often a silent HTTP/2 connection is asked whether it is there, and how long it may take to say so.
const PING: Duration = Duration::from_secs(20);
/// How often an HTTP/2 connection is looked at.
const LOOK: Duration = Duration::from_millis(250);
/// How long taking connections rests when the system has no room for one.
const REST: Duration = Duration::from_millis(100);

/// Serves until `end` is ready: then no more connections are taken, subscriptions are told, requests under way have
/// [`Serving::drain`], and the ledger is closed in good order.
///
/// # Errors
/// If the ledger could not be closed in good order.
pub async fn serve(
    app: Arc<App>,
    listener: TcpListener,
    serving: Serving,
    end: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let drain = serving.drain;
    let graceful = GracefulShutdown::new();
    take(&app, &listener, serving, &graceful, end).await;
    drop(listener);
    tracing::info!("ending: no more connections are taken");
    app.end_soon();
    if timeout(drain, graceful.shutdown()).await.is_err() {
        tracing::warn!(seconds = drain.as_secs(), "connections that took too long to end are cut");
    }
    // Closing waits for threads, which a task must not.
    let closed = tokio::task::spawn_blocking(move || app.close()).await;
    tracing::info!("the ledger is closed");
    closed.map_err(std::io::Error::other)
}

async fn take(
    app: &Arc<App>,
    listener: &TcpListener,
    serving: Serving,
    graceful: &GracefulShutdown,
    end: impl Future<Output = ()>,
) {
    let places = Arc::new(Semaphore::new(serving.connections));
    let (each, turns) = (Turns::of(serving.each), Turns::of(serving.in_work));
    let router = router(app.clone());
    let has_own_authority = app.authority.is_some();
    let port = Arc::new(Port { router, turns, serving, has_own_authority, ending: app.ending() });
    let mut end = std::pin::pin!(end);
    loop {
        let next = async {
            let place = places.clone().acquire_owned().await.expect("it is never closed");
            (listener.accept().await, place)
        };
        let (accepted, place) = tokio::select! {
            () = &mut end => return,
            next = next => next,
        };
        match accepted {
            Ok((stream, peer)) => {
                let mut held = each.come(peer.ip());
                if !held.is_now() && !port.serving.trust.holds(peer.ip()) {
                    metrics::counter!(CUT, "reason" => "too-many").increment(1);
                    continue;
                }
                let place = (place, held);
                let connection = Connection { port: port.clone(), peer, watcher: graceful.watcher() };
                tokio::spawn(connection.run(stream, place));
            }
            Err(error) => {
                // Too many open files, most likely: what is open has to end first.
                tracing::warn!(%error, "a connection could not be taken");
                tokio::time::sleep(REST).await;
            }
        }
    }
}

/// What all connections share.
struct Port {
    router: Router,
    turns: Arc<Turns>,
    serving: Serving,
    has_own_authority: bool,
    ending: watch::Receiver<bool>,
}

struct Connection {
    port: Arc<Port>,
    peer: SocketAddr,
    watcher: Watcher,
}

impl Connection {
    async fn run(self, stream: TcpStream, place: (OwnedSemaphorePermit, Turn)) {
        metrics::gauge!("hourbook_connections").increment(1.0);
        // An answer is sent when it is there, not when more has gathered.
        let _ = stream.set_nodelay(true);
        if let Err(error) = self.talk(stream).await {
            tracing::debug!(%error, "a connection ended early");
        }
        metrics::gauge!("hourbook_connections").decrement(1.0);
        drop(place);
    }

    async fn talk(self, stream: TcpStream) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let (head, write) = (self.port.serving.head, self.port.serving.write);
        match self.port.serving.tls.clone() {
            Some(_) if timeout(head, begins_in_the_clear(&stream)).await?? => {
                self.speak(Patient::new(stream, write), false, false).await
            }
            Some(tls) => {
                let stream = timeout(head, tls.accept(Patient::new(stream, write))).await??;
                let is_h2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
                self.speak(stream, is_h2, true).await
            }
            None => {
                let is_h2 = timeout(head, begins_as_h2(&stream)).await??;
                self.speak(Patient::new(stream, write), is_h2, false).await
            }
        }
    }

    async fn speak<S>(
        self,
        stream: S,
        is_h2: bool,
        is_secure: bool,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        if is_h2 {
            return self.speak_h2(stream, is_secure).await;
        }
        let head = self.port.serving.head;
        let service = Answering { port: self.port, peer: self.peer, is_secure, traffic: None };
        let mut http = hyper::server::conn::http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(head).max_buf_size(HEAD_BYTES);
        self.watcher.watch(http.serve_connection(TokioIo::new(stream), service)).await?;
        Ok(())
    }

    /// HTTP/1.1 has a limit for the head of a request and the time between two; here it is for the first request to come,
    /// and for a connection without one. That one is told to go, and cut if it does not.
    async fn speak_h2<S>(
        self,
        stream: S,
        is_secure: bool,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (head, write) = (self.port.serving.head, self.port.serving.write);
        let mut ending = self.port.ending.clone();
        // As long as it is held, the server that ends waits for this connection.
        let _held = self.watcher;
        let traffic = Arc::new(Traffic::new(write));
        let service =
            Answering { port: self.port, peer: self.peer, is_secure, traffic: Some(traffic.clone()) };
        let mut http = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
        http.timer(TokioTimer::new())
            .keep_alive_interval(PING)
            .keep_alive_timeout(PING)
            .max_concurrent_streams(STREAMS)
            .max_pending_accept_reset_streams(RESETS)
            .max_local_error_reset_streams(RESETS)
            .initial_stream_window_size(RECEIVE_WINDOW)
            .initial_connection_window_size(RECEIVE_WINDOW)
            .max_header_list_size(HEAD_BYTES as u32)
            .max_send_buf_size(SEND_BUFFER);
        let mut talk = std::pin::pin!(http.serve_connection(TokioIo::new(stream), service));
        let (mut is_ending, mut is_told) = (false, false);
        let mut look = interval(write.min(LOOK));
        let (mut turns, mut since) = (traffic.turns(), Instant::now());
        loop {
            tokio::select! {
                ended = &mut talk => return Ok(ended?),
                _ = ending.wait_for(|ending| *ending), if !is_ending => {
                    is_ending = true;
                    talk.as_mut().graceful_shutdown();
                }
                now = look.tick() => {
                    if traffic.is_left_unread(now) {
                        metrics::counter!(CUT, "reason" => "unread").increment(1);
                        return Err("the client does not read".into());
                    }
                    if !traffic.is_idle_since(turns) {
                        (turns, since) = (traffic.turns(), now);
                        continue;
                    }
                    if now - since < head {
                        continue;
                    }
                    match turns {
                        0 => return Err("no request came in time".into()),
                        _ if is_told => return Err("it was told to go and did not".into()),
                        _ => {
                            (is_told, since) = (true, now);
                            talk.as_mut().graceful_shutdown();
                        }
                    }
                }
            }
        }
    }
}

/// Whether what comes first on a port that speaks TLS is something else.
async fn begins_in_the_clear(stream: &TcpStream) -> std::io::Result<bool> {
    let mut first = [0];
    match stream.peek(&mut first).await? {
        0 => Err(std::io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(first[0] != gate::HANDSHAKE),
    }
}

/// Whether a plain connection begins with the preface of HTTP/2. No method of HTTP/1.1 begins with its first letters.
async fn begins_as_h2(stream: &TcpStream) -> std::io::Result<bool> {
    const PREFACE: &[u8; 3] = b"PRI";
    loop {
        let mut seen = [0; PREFACE.len()];
        let count = stream.peek(&mut seen).await?;
        if count == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if seen[..count] != PREFACE[..count] {
            return Ok(false);
        }
        if count == PREFACE.len() {
            return Ok(true);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// The routes, for the requests of one connection.
struct Answering {
    port: Arc<Port>,
    peer: SocketAddr,
    is_secure: bool,
    /// Where requests are counted, over HTTP/2.
    traffic: Option<Arc<Traffic>>,
}

impl Service<hyper::Request<Incoming>> for Answering {
    type Response = axum::response::Response;
    type Error = std::convert::Infallible;
    type Future = Tracked;

    fn call(&self, request: hyper::Request<Incoming>) -> Self::Future {
        let open = self.traffic.as_ref().map(Traffic::begin);
        let mut request = request.map(Body::new);
        let Port { router, turns, serving, has_own_authority, .. } = &*self.port;
        let in_the_clear = serving.tls.is_some() && !self.is_secure;
        let client = serving.trust.client(self.peer, self.is_secure, request.headers_mut());
        request.extensions_mut().insert(ConnectInfo(client));
        // What a browser learns of `localhost` it holds for everything else that is served there, too. Behind a proxy the name
        // is the proxy's affair.
        let is_here = self.is_secure && names_this_machine(request.headers());
        let over_tls = is_secure(request.headers()) && !is_here;
        let rated = || serving.rate.as_ref().map_or(Ok(()), |rate| rate.count(client.ip()));
        let instead = || in_the_clear.then(|| gate::instead(&request, *has_own_authority)).flatten();
        let answer = match host::check(&request).and_then(|()| rated()).map(|()| instead()) {
            Ok(None) => InTurn::answer(router.clone(), serving.request, turns, client.ip(), request),
            Ok(Some(instead)) => InTurn::refused(instead),
            Err(problem) => InTurn::refused(problem.into_response()),
        };
        Tracked { answer, open, over_tls }
    }
}

/// Whether it is the reader's own machine that is asked.
fn names_this_machine(headers: &HeaderMap) -> bool {
    authority_of(headers).is_some_and(|named| is_this_machine(named.host()))
}

/// Serves on a listener until `end` is ready, with the usual bounds and without TLS, see [`serve`].
///
/// # Errors
/// If the ledger could not be closed in good order.
pub async fn serve_until(
    app: Arc<App>,
    listener: TcpListener,
    end: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    serve(app, listener, Serving::default(), end).await
}
