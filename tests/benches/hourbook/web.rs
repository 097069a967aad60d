//! Over HTTP: reads beside a bare axum that says hello, and appends beside the signatures in them.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::Signer as _;
use hourbook::boot::AppOptions;
use hourbook::server::serve_until;
use hourbook::state::App;
use hourbook_ledger::actor::Actor;
use hourbook_ledger::clock::ManualClock;
use hourbook_ledger::wire;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

use crate::Size;
use crate::client::{Until, drive, get, post};
use crate::ingest::{Bench, round3};
use crate::report::{Figure, Rate, cores, in_turns, rate, rounded};

/// Connections of the load.
const CONNECTIONS: usize = 64;
const PROTOBUF: &str = "application/x-protobuf";

/// A server in this process.
struct Served {
    runtime: Runtime,
    address: SocketAddr,
    end: Option<oneshot::Sender<()>>,
    serving: Option<tokio::task::JoinHandle<()>>,
}

impl Served {
    fn start<F: Future<Output = ()> + Send + 'static>(
        serve: impl FnOnce(TcpListener, oneshot::Receiver<()>) -> F,
    ) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(cores())
            .enable_all()
            .build()
            .expect("a runtime");
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a port");
        let address = listener.local_addr().expect("an address");
        let (end, ended) = oneshot::channel();
        let guard = runtime.enter();
        let serving = Some(runtime.spawn(serve(listener, ended)));
        drop(guard);
        Self { runtime, address, end: Some(end), serving }
    }

    fn hello() -> Self {
        Self::start(|listener, ended| async move {
            let hello = axum::Router::new().route("/", axum::routing::get(|| async { "Hello, World!" }));
            let served = axum::serve(listener, hello).with_graceful_shutdown(async {
                let _ = ended.await;
            });
            served.await.expect("served");
        })
    }

    fn ledger(dir: &Path, clock: Arc<ManualClock>) -> (Self, Arc<App>) {
        let (tell, told) = std::sync::mpsc::channel();
        let dir = dir.to_owned();
        let served = Self::start(move |listener, ended| {
            let app = App::open(&dir, AppOptions::with_clock(clock)).expect("the ledger opens");
            tell.send(app.clone()).expect("somebody waits");
            async move {
                let end = async {
                    let _ = ended.await;
                };
                serve_until(app, listener, end).await.expect("served");
            }
        });
        (served, told.recv().expect("told above"))
    }

    fn stop(mut self) {
        drop(self.end.take());
        if let Some(serving) = self.serving.take() {
            self.runtime.block_on(serving).expect("it ends in good order");
        }
    }

    fn call(&self, path: &str, body: &Value) -> Value {
        let agent = ureq::Agent::new_with_defaults();
        let url = format!("http://{}{path}", self.address);
        agent.post(&url).send_json(body).expect("an answer").body_mut().read_json().expect("JSON")
    }

    fn sign_in(&self, actor: &Actor, sign: impl Fn(&[u8]) -> [u8; 64]) -> String {
        let key_id = actor.key_id().to_string();
        let challenge = self.call("/v1/sessions/challenge", &json!({"key_id": key_id}));
        let body = challenge["body"].as_str().expect("a body");
        let message = hourbook_ledger::dsse::pae(hourbook::auth::session::CHALLENGE_TYPE, body.as_bytes());
        let answer = json!({"key_id": key_id, "nonce": challenge["nonce"],
            "signature": STANDARD.encode(sign(&message))});
        self.call("/v1/sessions", &answer)["token"].as_str().expect("a token").to_owned()
    }
}

/// `reads`: one's own balance, and a leaderboard with one's own rank, as a signed-in member.
pub(crate) fn reads(size: &Size) {
    let mut bench = Bench::new(size.keyed);
    let some = bench.visits(1, size.events);
    let _ = bench.ingest(some, 64);
    let clock = Arc::new(ManualClock::at(bench.close()));
    let (served, app) = Served::ledger(bench.dir.path(), clock);
    let members: Vec<(String, String)> = (0..CONNECTIONS)
        .map(|number| {
            let (actor, key) = bench.crowd.keyed_member(number);
            (actor.person.to_string(), served.sign_in(actor, |message| key.sign(message).to_bytes()))
        })
        .collect();
    let hello = Served::hello();
    let load = |address, requests: &dyn Fn(&(String, String)) -> Vec<u8>| -> Rate {
        let requests: Vec<_> = members.iter().map(|member| vec![requests(member)]).collect();
        let mut answers = 0;
        let time = Duration::from_millis(size.events as u64 / 20);
        let rate = rate(1.0, || answers = drive(address, requests, Until::Time(time)));
        Rate { a_second: rate.a_second * answers as f64, cpu_us: rate.cpu_us / answers as f64 }
    };
    type Request<'a> = &'a dyn Fn(&(String, String)) -> Vec<u8>;
    let figures: [(&str, Request<'_>); 2] = [
        ("http-balance", &|(id, token)| get(&format!("/v1/members/{id}/balance?limit=1"), Some(token))),
        ("http-rank", &|(_, token)| get("/v1/leaderboards/ledger?limit=1", Some(token))),
    ];
    for (name, request) in figures {
        let turns = in_turns(
            size.turns,
            || load(served.address, request),
            // The same headers: whoever says hello has to read them, too.
            || load(hello.address, &|(_, token)| get("/", Some(token))),
        );
        Figure {
            name,
            value: turns.value,
            unit: "requests/s",
            limit: "a bare axum hello, same client, same headers, same run",
            limit_value: Some(turns.limit),
            budget: "at least 0.8 of the limit",
            holds: Some(turns.ratio >= 0.8),
            with: json!({"ratio": round3(turns.ratio), "cpu_us": turns.cpu_us.map(rounded),
                "connections": CONNECTIONS, "events": app.reader.head().size}),
        }
        .print();
    }
    drop(app);
    hello.stop();
    served.stop();
}

/// `http-ingest`: requests of several events each, over several connections.
pub(crate) fn ingest(size: &Size) {
    let mut bench = Bench::new(size.keyed);
    for (connections, batch) in [(16, 64), (64, 16), (1, 1_024)] {
        let sets: Vec<_> = (0..size.turns).map(|_| bench.visits(connections, size.events)).collect();
        let signatures = bench.signatures(&sets[0]);
        let clock = Arc::new(ManualClock::at(bench.close()));
        let (served, app) = Served::ledger(bench.dir.path(), clock);
        let mut sets = sets.into_iter();
        let turns = in_turns(
            size.turns,
            || {
                let set = sets.next().expect("one for each turn");
                let count: usize = set.iter().map(Vec::len).sum();
                let target = app.read.as_of() + count as u64;
                let request = |some: &[_]| post("/v1/events", PROTOBUF, &wire::encode_submissions(some));
                let requests = set.iter().map(|own| own.chunks(batch).map(request).collect()).collect();
                rate(count as f64, || {
                    let _ = drive(served.address, requests, Until::Done);
                    while app.read.as_of() < target {
                        std::thread::sleep(Duration::from_micros(50));
                    }
                })
            },
            || signatures.strict(),
        );
        Figure {
            name: "http-ingest",
            value: turns.value,
            unit: "events/s",
            limit: "verify_strict, same keys and messages, all cores",
            limit_value: Some(turns.limit),
            budget: "at least 0.8 of the limit",
            holds: Some(turns.ratio >= 0.8),
            with: json!({"ratio": round3(turns.ratio), "cpu_us": turns.cpu_us.map(rounded),
                "connections": connections, "batch": batch, "body": "protobuf"}),
        }
        .print();
        drop(app);
        served.stop();
        bench.reopen();
    }
    let _ = bench.close();
}
