//! A server in this process, on a port of its own, over a ledger in a directory of its own.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::SigningKey;
use hourbook::boot::AppOptions;
use hourbook::http::names::field_name;
use hourbook::server;
use hourbook::server::Serving;
use hourbook::state::{App, system_rng};
use hourbook_ledger::actor::Actor;
use hourbook_ledger::clock::ManualClock;
use hourbook_ledger::domain::event::FounderKey;
use hourbook_ledger::domain::ids::{KeyId, PersonId, PublicKey};
use hourbook_ledger::domain::time::{Millis, Offset};
use hourbook_ledger::envelope::Submission;
use hourbook_ledger::ledger::{LedgerOptions, NewLedger, found};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

/// The name of the test ledger.
pub const ORIGIN: &str = "hourbook.test/town";
/// Friday, 20 November 2026, 10:00 in ledger time: when every test begins.
pub const MORNING: Millis = Millis(1_795_140_000_000);
/// When every test ledger is founded: so long before that keys which came by a code are their persons' own by the morning.
pub const FOUNDED: Millis = Millis(MORNING.0 - 8 * 86_400_000);

/// The key that a test person has; the same seed gives the same key.
#[must_use]
pub fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

/// A person of a test with one key.
#[must_use]
pub fn actor(seed: u8) -> Actor {
    Actor::new(person(seed), ORIGIN, key(seed))
}

/// The id of a test person.
#[must_use]
pub fn person(seed: u8) -> PersonId {
    PersonId([seed; 16])
}

/// A running server.
pub struct Server {
    /// What it serves.
    pub app: Arc<App>,
    /// The clock that it goes by.
    pub clock: Arc<ManualClock>,
    /// Where it listens.
    pub address: SocketAddr,
    dir: Arc<TempDir>,
    agent: ureq::Agent,
    end: Option<oneshot::Sender<()>>,
    runtime: Option<Runtime>,
    serving: Option<tokio::task::JoinHandle<std::io::Result<()>>>,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub bytes: Vec<u8>,
}

impl Answer {
    /// The body as JSON; null if it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or(Value::Null)
    }

    /// The code of a problem document; empty for anything else.
    #[must_use]
    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// A header's value.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// The receipt's position, of the first receipt.
    ///
    /// # Panics
    /// If the answer holds none.
    #[must_use]
    pub fn position(&self) -> u64 {
        let json = self.json();
        let found = json["receipts"][0]["position"].as_u64().or_else(|| json["position"].as_u64());
        found.unwrap_or_else(|| panic!("no receipt: {} {}", self.status, self.text()))
    }
}

/// Founds a ledger in a new directory: founder 1 signs, founder 2 is the second.
fn found_in(dir: &Path, clock: &Arc<ManualClock>) {
    let new = NewLedger {
        origin: ORIGIN.parse().expect("an origin"),
        offset: Offset(480),
        founder: actor(1),
        second: FounderKey { person: person(2), key: actor(2).public_key() },
        rng: system_rng(),
    };
    let options = LedgerOptions::new(clock.clone(), system_rng(), system_rng());
    found(dir, new, options).expect("a ledger can be founded");
}

impl Server {
    /// Founds a ledger and serves it.
    #[must_use]
    pub fn start() -> Self {
        Self::start_with(|_| {})
    }

    /// The same with other options.
    #[must_use]
    pub fn start_with(change: impl FnOnce(&mut AppOptions)) -> Self {
        Self::start_serving(change, Serving::default())
    }

    /// The same with other bounds for connections, or TLS; the requests of this harness are plain.
    #[must_use]
    pub fn start_serving(change: impl FnOnce(&mut AppOptions), serving: Serving) -> Self {
        Self::found(TempDir::new().expect("a directory"), change, serving)
    }

    /// The same on the file system of a directory.
    ///
    /// # Panics
    /// If the ledger cannot be founded there.
    #[must_use]
    pub fn start_below(parent: &Path) -> Self {
        Self::found(TempDir::new_in(parent).expect("a directory"), |_| {}, Serving::default())
    }

    fn found(dir: TempDir, change: impl FnOnce(&mut AppOptions), serving: Serving) -> Self {
        let dir = Arc::new(dir);
        let clock = Arc::new(ManualClock::at(FOUNDED));
        found_in(dir.path(), &clock);
        clock.set(MORNING);
        Self::serve(dir, clock, change, serving)
    }

    /// Serves a ledger that is in a directory already, from a moment on.
    #[must_use]
    pub fn open(dir: TempDir, now: Millis) -> Self {
        Self::serve(Arc::new(dir), Arc::new(ManualClock::at(now)), |_| {}, Serving::default())
    }

    fn serve(
        dir: Arc<TempDir>,
        clock: Arc<ManualClock>,
        change: impl FnOnce(&mut AppOptions),
        serving: Serving,
    ) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime");
        let mut options = AppOptions::with_clock(clock.clone());
        change(&mut options);
        let guard = runtime.enter();
        let app = App::open(dir.path(), options).expect("the ledger opens");
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).expect("a port");
        drop(guard);
        let address = listener.local_addr().expect("an address");
        let (end, ended) = oneshot::channel::<()>();
        let serving = runtime.spawn(server::serve(app.clone(), listener, serving, async {
            let _ = ended.await;
        }));
        let config = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0);
        let agent = config.build().new_agent();
        let (end, runtime, serving) = (Some(end), Some(runtime), Some(serving));
        Self { app, clock, address, dir, agent, end, runtime, serving }
    }

    /// Ends the server in good order and opens the same ledger again.
    #[must_use]
    pub fn restart(mut self) -> Self {
        let (dir, clock) = (self.dir.clone(), self.clock.clone());
        self.stop();
        // What the server held of the ledger goes with it.
        drop(self);
        Self::serve(dir, clock, |_| {}, Serving::default())
    }

    /// Tells the server to end, without waiting for it.
    pub fn tell_to_end(&mut self) {
        drop(self.end.take());
    }

    fn stop(&mut self) {
        let Some(runtime) = self.runtime.take() else { return };
        // Connections that are kept alive would hold up the end.
        self.agent = ureq::Agent::new_with_defaults();
        drop(self.end.take());
        if let Some(serving) = self.serving.take() {
            runtime.block_on(serving).expect("the server ends").expect("in good order");
        }
    }

    /// Where the ledger is.
    #[must_use]
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// The ledger itself, with its key: for what only it may assert.
    ///
    /// # Panics
    /// If its key file is not there.
    #[must_use]
    pub fn ledger(&self) -> Actor {
        let pem = std::fs::read_to_string(self.dir.path().join("keys/ledger.pem")).expect("the key file");
        let key = hourbook_ledger::keys::signing_key_from_pem(&pem).expect("a key");
        let person = self.app.read.read().directory.register().ledger_person().expect("it was founded");
        Actor::new(person, ORIGIN, key)
    }

    /// Moves the clock by so many days and minutes.
    pub fn pass(&self, days: i64, minutes: i64) {
        let now = hourbook_ledger::clock::Clock::now(&*self.clock);
        self.clock.set(Millis(now.0 + (days * 1_440 + minutes) * 60_000));
    }

    /// Lets the ledger record what is due by the clock, and waits until the read side has it.
    ///
    /// # Panics
    /// If it has stopped.
    pub fn tick(&self) {
        let runtime = self.runtime.as_ref().expect("it serves");
        runtime.block_on(self.app.handle.tick()).expect("the ledger works");
        self.settle_at(self.app.reader.head().size - 1);
    }

    /// Waits until the read side has the event at a position.
    ///
    /// # Panics
    /// If it does not come.
    pub fn settle_at(&self, last: u64) {
        let read = self.get(&format!("/v1/orgs?kind=city&min_position={last}"));
        assert_eq!(read.status, 200, "{}", read.text());
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Millis {
        hourbook_ledger::clock::Clock::now(&*self.clock)
    }

    /// Sends a request; headers as pairs.
    ///
    /// # Panics
    /// If there is no answer.
    #[must_use]
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let url = format!("http://{}{path}", self.address);
        let request = headers
            .iter()
            .fold(ureq::http::Request::builder().method(method).uri(&url), |r, (k, v)| r.header(*k, *v));
        let request = request.body(body.to_vec()).expect("a request");
        let mut response = self.agent.run(request).expect("an answer");
        let headers = response.headers().iter();
        let headers =
            headers.map(|(k, v)| (k.to_string(), v.to_str().unwrap_or_default().to_owned())).collect();
        let status = response.status().as_u16();
        let bytes = response.body_mut().with_config().limit(64 << 20).read_to_vec().expect("a body");
        Answer { status, headers, bytes }
    }

    /// Reads as nobody in particular.
    #[must_use]
    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], &[])
    }

    /// Reads as someone.
    #[must_use]
    pub fn get_as(&self, token: &str, path: &str) -> Answer {
        self.send("GET", path, &[("authorization", &format!("Bearer {token}"))], &[])
    }

    /// Posts JSON as nobody in particular.
    #[must_use]
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, &[("content-type", "application/json")], body.to_string().as_bytes())
    }

    /// Posts JSON as someone.
    #[must_use]
    pub fn post_as(&self, token: &str, path: &str, body: &Value) -> Answer {
        let headers = [("content-type", "application/json"), ("authorization", &format!("Bearer {token}"))];
        self.send("POST", path, &headers, body.to_string().as_bytes())
    }

    /// Hands in a batch as JSON.
    #[must_use]
    pub fn append(&self, submissions: &[Submission]) -> Answer {
        self.post("/v1/events", &batch(submissions))
    }

    /// Has a batch recorded beside the faces, which let a signer grant only so many codes in an hour; the last position.
    ///
    /// # Panics
    /// If it is refused.
    #[must_use]
    pub fn record(&self, submissions: &[Submission]) -> u64 {
        let runtime = self.runtime.as_ref().expect("it serves");
        let receipts = runtime.block_on(self.app.submit(submissions.to_vec())).expect("it is accepted");
        receipts.last().expect("a receipt").position
    }

    /// Signs in with an actor's key; the token.
    ///
    /// # Panics
    /// If that fails.
    #[must_use]
    pub fn sign_in(&self, seed: u8) -> String {
        self.sign_in_with(&key(seed))
    }

    /// Signs in with a key; the token.
    ///
    /// # Panics
    /// If that fails.
    #[must_use]
    pub fn sign_in_with(&self, key: &SigningKey) -> String {
        use ed25519_dalek::Signer as _;
        let key_id = KeyId::of(&PublicKey(key.verifying_key().to_bytes())).to_string();
        let challenge = self.post("/v1/sessions/challenge", &json!({ "key_id": key_id })).json();
        let body = challenge["body"].as_str().expect("a body");
        let message = hourbook_ledger::dsse::pae(hourbook::auth::session::CHALLENGE_TYPE, body.as_bytes());
        let signature = STANDARD.encode(key.sign(&message).to_bytes());
        let answer = json!({ "key_id": key_id, "nonce": challenge["nonce"], "signature": signature });
        let session = self.post("/v1/sessions", &answer);
        session.json()["token"].as_str().unwrap_or_else(|| panic!("{}", session.text())).to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.stop();
        }
    }
}

/// A batch as the JSON body of a request.
#[must_use]
pub fn batch(submissions: &[Submission]) -> Value {
    let one = |submission: &Submission| {
        let envelope: Value = serde_json::from_str(&submission.signed.to_json()).expect("JSON");
        let openings: Vec<Value> = submission
            .openings
            .iter()
            .map(|opening| {
                json!({
                    "subject": uuid::Uuid::from_bytes(opening.subject).to_string(),
                    "field": field_name(opening.field),
                    "salt": STANDARD.encode(opening.salt),
                    "value": opening.value,
                })
            })
            .collect();
        json!({ "envelope": envelope, "openings": openings })
    };
    json!({ "submissions": submissions.iter().map(one).collect::<Vec<_>>() })
}
